"""Plans are read whole or not at all, and every error of a file is found and named."""

import copy
import json
from typing import Any

import pytest

from tansiq.domain.intent import UNKNOWN_PARTY, Intent, Kind
from tansiq.errors import InputRefusedError
from tansiq.formats.plan import read_plan, write_plan, write_plan_lines
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Corridor, Polygon
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.limits import LIMITS
from tansiq.units import Reference

CIRCLE = {"center": {"lat": 1.05, "lng": 1.2}, "radius": {"value": 15, "units": "KM"}}
POLYGON = {"vertices": [{"lat": 0, "lng": 0}, {"lat": 0, "lng": 1}, {"lat": 1, "lng": 1}, {"lat": 1, "lng": 0}]}
CORRIDOR = {"line": [{"lat": 0, "lng": 0}, {"lat": 0, "lng": 1}], "half_width": {"value": 1, "units": "NM"}}


def time(value: str) -> dict[str, str]:
    return {"value": value, "format": "RFC3339"}


def volume(**changes: object) -> dict[str, Any]:
    space = {
        "outline_circle": CIRCLE,
        "altitude_lower": {"value": 100, "reference": "FL", "units": "FL"},
        "altitude_upper": {"value": 200, "reference": "FL", "units": "FL"},
    }
    top = {"volume": space, "time_start": time("2030-01-15T10:00:00Z"), "time_end": time("2030-01-15T12:00:00Z")}
    for path, value in changes.items():
        *parents, last = path.split("__")
        target: Any = top
        for key in parents:
            target[key] = copy.deepcopy(target[key])
            target = target[key]
        target[last] = value
    return copy.deepcopy(top)


def intent(*volumes: object, **changes: object) -> dict[str, Any]:
    return {"id": "A-1", "party": "AMBER", "kind": "air", "volumes": list(volumes), **changes}


def plan(*intents: object) -> bytes:
    return json.dumps({"format": "tansiq-plan/1", "intents": list(intents)}).encode()


def errors(content: bytes) -> list[tuple[str, str, str]]:
    """Record, field and code of every error."""
    with pytest.raises(InputRefusedError) as refused:
        read_plan(content, "x.json")
    return [(f.record, f.error.field, f.error.code) for f in refused.value.findings]


def test_each_outline_is_read_in_its_units() -> None:
    volumes = [
        volume(),
        volume(volume={"outline_polygon": POLYGON}),
        volume(volume={"outline_corridor": CORRIDOR}),
    ]
    (found,) = read_plan(plan(intent(*volumes, name="box", priority=3)), "x.json")
    circle, polygon, corridor = (v.footprint for v in found.volumes)
    assert circle == Circle(LatLng(1.05, 1.2), 15_000)
    assert isinstance(polygon, Polygon)
    assert len(polygon.vertices) == 4
    assert corridor == Corridor((LatLng(0, 0), LatLng(0, 1)), 1852)
    assert (found.name, found.priority, found.kind) == ("box", 3, Kind.AIR)


def test_a_limit_keeps_its_reference_and_unit() -> None:
    lower = {"value": 500, "reference": "SFC", "units": "FT"}
    (found,) = read_plan(plan(intent(volume(volume__altitude_lower=lower))), "x.json")
    band = found.volumes[0].band
    assert band.lower is not None
    assert band.upper is not None
    assert (band.lower.reference, band.lower.dmm) == (Reference.AGL, 500 * 3048)
    assert (band.upper.reference, band.upper.dmm) == (Reference.FL, 20_000 * 3048)


@pytest.mark.parametrize(
    ("kind", "reference", "lower_dmm", "upper_dmm"),
    [("sea", Reference.AMSL, -150_000, 150_000), ("ground", Reference.AGL, 0, 0)],
)
def test_without_a_band_sea_and_ground_keep_to_the_surface(
    kind: str, reference: Reference, lower_dmm: int, upper_dmm: int
) -> None:
    (found,) = read_plan(plan(intent({"volume": {"outline_circle": CIRCLE}}, kind=kind)), "x.json")
    band = found.volumes[0].band
    assert band.lower is not None
    assert band.upper is not None
    assert {band.lower.reference, band.upper.reference} == {reference}
    assert (band.lower.dmm, band.upper.dmm) == (lower_dmm, upper_dmm)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_volume_of_any_kind_without_limits_stays_without(kind: Kind) -> None:
    """A ship's own band would be less: a plan that is written and read again must not shrink."""
    circle = Volume4D(Circle(LatLng(1.0, 1.0), 500.0), AltitudeBand(None, None), TimeWindow(None, None), estimated=True)
    intents = [Intent("1", "Amber", kind, (circle,))]
    assert read_plan(write_plan(intents), "x") == intents


@pytest.mark.parametrize(
    ("space", "top", "field"),
    [
        ({"all_altitudes": "yes"}, {}, "volume.all_altitudes"),
        (
            {"all_altitudes": True, "altitude_lower": {"value": 1, "reference": "AMSL", "units": "M"}},
            {},
            "volume.all_altitudes",
        ),
        ({}, {"estimated": 1}, "estimated"),
    ],
)
def test_flags_that_say_nothing_or_contradict_are_refused(
    space: dict[str, Any], top: dict[str, Any], field: str
) -> None:
    circle = {"center": {"lat": 1, "lng": 1}, "radius": {"value": 1, "units": "M"}}
    bare = {"volume": {"outline_circle": circle, **space}, **top}
    with pytest.raises(InputRefusedError) as refused:
        read_plan(json.dumps(bare).encode(), "x")
    assert [(f.error.field, f.error.code) for f in refused.value.findings] == [(field, "bad_value")]


def test_without_a_band_or_window_air_is_unbounded() -> None:
    (found,) = read_plan(plan(intent({"volume": {"outline_circle": CIRCLE}})), "x.json")
    (only,) = found.volumes
    assert (only.band.lower, only.band.upper, only.window.start_us, only.window.end_us) == (None, None, None, None)


RADIUS = "volume__outline_circle__radius"
CENTER = "volume__outline_circle__center"
IN_RADIUS = "volume.outline_circle.radius"
IN_CENTER = "volume.outline_circle.center"
LOWER = "volume.altitude_lower"

BAD_VOLUMES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"volume__altitude_lower": {"value": 300, "reference": "FL", "units": "FL"}}, [(LOWER, "lower_above_upper")]),
    ({"time_end": time("2030-01-15T09:00:00Z")}, [("time_end", "time_reversed")]),
    ({"time_start": time("2030-01-15T10:00:00")}, [("time_start.value", "bad_time")]),
    ({"time_start": time("2030-02-30T10:00:00Z")}, [("time_start.value", "bad_time")]),
    ({"time_start": {"value": "2030-01-15T10:00:00Z", "format": "ISO"}}, [("time_start.format", "bad_value")]),
    ({RADIUS: {"value": 0, "units": "M"}}, [(IN_RADIUS, "not_positive")]),
    ({RADIUS: {"value": 1, "units": "MI"}}, [(f"{IN_RADIUS}.units", "unknown_unit")]),
    ({RADIUS: {"value": 6000, "units": "KM"}}, [(IN_RADIUS, "footprint_too_large")]),
    ({CENTER: {"lat": 91, "lng": 0}}, [(f"{IN_CENTER}.lat", "out_of_range")]),
    ({CENTER: {"lat": 0, "lng": 180.5}}, [(f"{IN_CENTER}.lng", "out_of_range")]),
    ({CENTER: {"lat": "1", "lng": 0}}, [(f"{IN_CENTER}.lat", "bad_value")]),
    ({CENTER: {"lat": True, "lng": 0}}, [(f"{IN_CENTER}.lat", "bad_value")]),
    ({CENTER: {"lat": 1}}, [(f"{IN_CENTER}.lng", "missing_field")]),
    ({"volume__outline_polygon": POLYGON}, [("volume", "outline_count")]),
    ({"volume__outline_circle": None}, [("volume", "outline_count")]),
    ({"volume__altitude_lowr": {"value": 1}}, [("volume.altitude_lowr", "unknown_field")]),
    ({"start": time("2030-01-15T10:00:00Z")}, [("start", "unknown_field")]),
    ({"volume": 3}, [("volume", "bad_value")]),
    (
        {"volume__altitude_lower": {"value": float("nan"), "reference": "QNH", "units": "feet"}},
        [
            ("volume.altitude_lower.value", "not_finite"),
            ("volume.altitude_lower.units", "unknown_unit"),
            ("volume.altitude_lower.reference", "unknown_reference"),
        ],
    ),
    (
        {"volume__altitude_lower": {"value": 100, "reference": "AMSL", "units": "FL"}},
        [("volume.altitude_lower.reference", "unknown_reference")],
    ),
    (
        {"volume__altitude_upper": {"value": 1e6, "reference": "W84", "units": "M"}},
        [("volume.altitude_upper.value", "out_of_range")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "want"), BAD_VOLUMES, ids=range(len(BAD_VOLUMES)))
def test_an_error_in_a_volume_is_named(changes: dict[str, Any], want: list[tuple[str, str]]) -> None:
    found = errors(plan(intent(volume(), volume(**changes))))
    assert found == [("intents[0] (A-1)", f"volumes[1].{field}", code) for field, code in want]


def outline(*points: tuple[float, float]) -> dict[str, Any]:
    return {"volume": {"outline_polygon": {"vertices": [{"lat": lat, "lng": lng} for lat, lng in points]}}}


@pytest.mark.parametrize(
    ("points", "field", "code", "got"),
    [
        ([(0, 0), (0, 1)], "vertices", "too_few_vertices", "2 vertices"),
        ([(0, 0), (0, 1), (1, 1), (0, 0)], "vertices[3]", "repeated_vertex", "the place of vertices[0]"),
        ([(0, 0), (1, 1), (1, 0), (0, 1)], "vertices[0]", "crossing_edges", "edge 0 crosses edge 2"),
        ([(90, 0), (0, 1), (0, 0), (90, 50)], "vertices[3]", "repeated_vertex", "the place of vertices[0]"),
        ([(0, 180), (1, 179), (2, 179), (0, -180)], "vertices[3]", "repeated_vertex", "the place of vertices[0]"),
    ],
)
def test_an_error_in_a_polygon_names_the_vertex_or_the_edges(
    points: list[tuple[float, float]], field: str, code: str, got: str
) -> None:
    with pytest.raises(InputRefusedError) as refused:
        read_plan(plan(intent(outline(*points))), "x.json")
    (finding,) = refused.value.findings
    assert finding.error.field == f"volumes[0].volume.outline_polygon.{field}"
    assert (finding.error.code, finding.error.got) == (code, got)


def test_every_bad_vertex_is_named() -> None:
    found = errors(plan(intent(outline((0, 0), (95, 0), (0, 1), (0, float("inf"))))))
    assert [(field.rsplit(".", 2)[1:], code) for _, field, code in found] == [
        (["vertices[1]", "lat"], "out_of_range"),
        (["vertices[3]", "lng"], "not_finite"),
    ]


def test_all_errors_of_all_intents_are_listed() -> None:
    content = plan(
        intent(volume(time_end=time("x")), volume(volume__outline_circle=None)),
        intent(volume(), id="A-1", kind="space"),
        intent(id="", party="p" * 201),
        "not an intent",
        intent({"volume": {}}, id="A-5", extra=1),
    )
    assert [(record.split(" ")[0], code) for record, _, code in errors(content)] == [
        ("intents[0]", "bad_time"),
        ("intents[0]", "outline_count"),
        ("intents[1]", "repeated_id"),
        ("intents[1]", "bad_value"),
        ("intents[2]", "limit_exceeded"),
        ("intents[2]", "limit_exceeded"),
        ("intents[3]", "bad_value"),
        ("intents[4]", "unknown_field"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "bad_json"),
        (b"\xff\xfe{", "bad_json"),
        (b'{"format": "tansiq-plan/1", "intents": [', "bad_json"),
        (b"[" * 100_000, "bad_json"),
        (b'{"format": "tansiq-plan/1", "intents": [], "x": ' + b"1" * 5000 + b"}", "bad_json"),
        (b'{"format": "tansiq-plan/1", "format": "tansiq-plan/1", "intents": []}', "duplicate_key"),
        (b'{"format": "tansiq-plan/2", "intents": []}', "unknown_format"),
        (b'{"format": "tansiq-plan/1", "intent": []}', "unknown_field"),
        (b'{"format": "tansiq-plan/1"\n}', "missing_field"),
        (b'{"details": {"off_nominal_volume": []}}', "unknown_field"),
        (b'{"details": {"priority": 1}}', "missing_field"),
        (b'{"operational_intent": {"details": {"volumes": []}}, "volumes": []}', "unknown_field"),
        (b'{"details": {"volumes": []}, "volumes": []}', "unknown_field"),
        (b'{"hello": 1}', "unknown_format"),
        (b"3", "bad_value"),
        (b'{"format": "tansiq-plan/9"}\n{"id": 1}', "unknown_format"),
    ],
)
def test_a_file_that_is_no_plan_is_refused(content: bytes, code: str) -> None:
    assert errors(content)[0][2] == code


def test_a_repeated_key_deep_inside_is_refused() -> None:
    text = plan(intent(volume())).decode().replace('"lat": 1.05', '"lat": 1.05, "lat": 2.05')
    assert errors(text.encode()) == [("file", "", "duplicate_key")]


def test_half_a_surrogate_pair_is_no_text() -> None:
    assert errors(plan(intent(id="\ud800"))) == [("intents[0] (\ud800)", "id", "bad_value")]


def test_json_lines_are_a_plan() -> None:
    lines = ['{"format": "tansiq-plan/1"}', json.dumps(intent(volume())), "", json.dumps(intent(id="A-2"))]
    found = read_plan("\n".join(lines).encode(), "x.jsonl")
    assert [i.id for i in found] == ["A-1", "A-2"]


def test_an_error_in_json_lines_names_its_line() -> None:
    lines = ['{"format": "tansiq-plan/1"}', json.dumps(intent(volume())), "{", json.dumps(intent(id="A-1"))]
    assert errors("\n".join(lines).encode()) == [
        ("line 3", "", "bad_json"),
        ("line 4 (A-1)", "id", "repeated_id"),
    ]


def test_json_lines_without_intents_are_an_empty_plan() -> None:
    assert read_plan(write_plan_lines([]), "x.jsonl") == []


def test_f3548_volumes_and_intents_are_read() -> None:
    details = {"volumes": [volume()], "off_nominal_volumes": [volume()], "priority": 7}
    reference = {"id": "0d5e", "manager": "uss1", "version": 3, "state": "Nonconforming"}
    for content in (
        [volume(), {"reference": reference, "details": details}],
        [volume(), {"operational_intent": {"reference": reference, "details": details}}],
    ):
        bare, operational = read_plan(json.dumps(content).encode(), "x.json")
        assert (bare.id, bare.party, bare.kind, len(bare.volumes)) == ("#1", UNKNOWN_PARTY, Kind.AIR, 1)
        assert (operational.id, operational.party, operational.priority) == ("0d5e", "uss1", 7)
        assert len(operational.volumes) == 2
    (alone,) = read_plan(json.dumps(details).encode(), "x.json")
    assert (alone.id, alone.party, len(alone.volumes)) == ("#1", UNKNOWN_PARTY, 2)


def test_a_bare_volume_names_its_fields_from_itself_on() -> None:
    assert errors(json.dumps([volume(time_end=time("x"))]).encode()) == [("[0] (#1)", "time_end.value", "bad_time")]


def test_what_is_written_reads_back_equal() -> None:
    mixed = [
        intent(volume(), volume(volume={"outline_polygon": POLYGON}), id="1", name="na\u0633"),
        intent(volume(volume={"outline_corridor": CORRIDOR}), id="2", kind="sea", priority=-1),
        intent(id="3", kind="ground"),
    ]
    found = read_plan(plan(*mixed), "x.json")
    assert read_plan(write_plan(found), "y.json") == found
    assert read_plan(write_plan_lines(found), "y.jsonl") == found


def test_more_volumes_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    small = type(LIMITS)(volumes=2)
    monkeypatch.setattr("tansiq.formats.plan.read.LIMITS", small)
    assert errors(plan(intent(volume(), volume()), intent(volume(), id="A-2")))[0][2] == "limit_exceeded"
