"""GeoJSON of ours is read exactly or refused, that of others outward, with every loss told."""

import json
import random
from typing import Any, Final

import pytest

from tansiq.domain.intent import UNKNOWN_PARTY, Intent, Kind
from tansiq.errors import InputRefusedError
from tansiq.formats.geojson import read_geojson, write_geojson
from tansiq.formats.kit.loss import Reading
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Corridor, Polygon
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.limits import LIMITS
from tansiq.units import Altitude, AltitudeUnit, Reference, parse_instant_us
from tests.soak.readers import fuzz

SQUARE: Final = [[0.0, 0.0], [0.001, 0.0], [0.001, 0.001], [0.0, 0.001], [0.0, 0.0]]
HOLE: Final = [[0.0001, 0.0001], [0.0002, 0.0002], [0.0001, 0.0002], [0.0001, 0.0001]]
AREA: Final = {"type": "Polygon", "coordinates": [SQUARE]}
POINT: Final = {"type": "Point", "coordinates": [1.0, 2.0]}
LINE: Final = {"type": "LineString", "coordinates": [[1.0, 2.0], [1.001, 2.0]]}
RECORD: Final = "properties.tansiq"


def feature(geometry: object, properties: object = None, **members: object) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties, **members}


def dumped(*features: object, **members: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **members}).encode()


def read(*features: object) -> Reading:
    return read_geojson(dumped(*features), "x.geojson")


def errors(content: bytes) -> list[tuple[str, str, str]]:
    """Record, field and code of every error."""
    with pytest.raises(InputRefusedError) as refused:
        read_geojson(content, "x.geojson")
    return [(f.record, f.error.field, f.error.code) for f in refused.value.findings]


def plan() -> list[Intent]:
    band = AltitudeBand(Altitude(100, AltitudeUnit.FL, Reference.FL), None)
    window = TimeWindow(parse_instant_us("2030-01-15T10:00:00Z", end=False), None)
    shapes = (
        Circle(LatLng(2.0, 1.0), 500.0),
        Corridor((LatLng(2.0, 1.0), LatLng(2.0, 1.5)), 1852.0),
        Polygon((LatLng(0.0, 0.0), LatLng(1.0, 0.0), LatLng(1.0, 1.0))),
        Polygon((LatLng(0.0, 179.9), LatLng(0.0, -179.9), LatLng(0.1, 180.0))),
    )
    volumes = tuple(Volume4D(shape, band, window) for shape in shapes)
    return [Intent("A-1", "Amber", Kind.AIR, volumes, 3, "box"), Intent("T-1", "Teal", Kind.SEA, ())]


def written() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(write_geojson(plan()).content)
    return found


def test_a_volume_is_a_feature_that_map_programs_show() -> None:
    features = written()["features"]
    assert [f["geometry"] and f["geometry"]["type"] for f in features] == [
        *["Point", "LineString", "Polygon", "MultiPolygon"],
        None,
    ]
    assert {f["properties"]["name"] for f in features} == {"box", "T-1"}
    assert features[0]["properties"]["tansiq"]["radius"] == {"value": 500.0, "units": "M"}
    assert features[0]["properties"]["tansiq"]["altitude_lower"] == {"value": 100, "reference": "FL", "units": "FL"}
    assert features[0]["properties"]["tansiq"]["time_start"] == "2030-01-15T10:00:00Z"


def test_rings_run_counterclockwise_and_the_order_of_vertices_is_kept() -> None:
    ring = written()["features"][2]["geometry"]["coordinates"][0]
    assert ring == [[1.0, 1.0], [0.0, 1.0], [0.0, 0.0], [1.0, 1.0]]
    assert read_geojson(write_geojson(plan()).content, "x").intents == plan()


def test_a_shape_over_180_degrees_is_written_in_parts_that_touch_there() -> None:
    first, second = (part[0] for part in written()["features"][3]["geometry"]["coordinates"])
    assert {round(abs(lng), 6) for lng, _ in first + second if abs(lng) > 179.99999} == {180.0}
    assert min(lng for lng, _ in first) * min(lng for lng, _ in second) < 0


def test_a_moved_vertex_of_ours_is_read_as_moved() -> None:
    top = written()
    top["features"][2]["geometry"]["coordinates"][0][1] = [0.5, 2.0]
    volume = read_geojson(json.dumps(top).encode(), "x").intents[0].volumes[2]
    assert volume.footprint == Polygon((LatLng(0.0, 0.0), LatLng(2.0, 0.5), LatLng(1.0, 1.0)))


Change = tuple[int, list[Any], object, list[tuple[str, str]]]
LOST: Final = ("count", "missing_field")
CHANGES: Final[list[Change]] = [
    (3, ["geometry", "coordinates", 0, 0, 1], [179.95, 0.05], [("geometry", "bad_value")]),
    (3, ["geometry", "coordinates"], [], [("geometry", "bad_value")]),
    (0, ["geometry"], AREA, [("geometry", "bad_value")]),
    (0, ["geometry"], None, [("geometry", "bad_value")]),
    (2, ["geometry", "coordinates"], [SQUARE, HOLE], [("geometry", "bad_value")]),
    (4, ["geometry"], POINT, [("geometry", "bad_value")]),
    (0, ["properties", "tansiq", "altitude_lowr"], {}, [(f"{RECORD}.altitude_lowr", "unknown_field"), LOST]),
    (0, ["properties", "tansiq", "format"], "tansiq-geojson/2", [(f"{RECORD}.format", "unknown_format"), LOST]),
    (0, ["properties", "tansiq", "altitude_upper"], {"value": 1, "reference": "FL", "units": "FL"},
     [(f"{RECORD}.altitude_lower", "lower_above_upper")]),
    (0, ["properties", "tansiq", "altitude_upper"], {"value": 1, "reference": "QNH", "units": "FT"},
     [(f"{RECORD}.altitude_upper.reference", "unknown_reference")]),
    (0, ["properties", "tansiq", "time_end"], "2030-01-15T09:00:00Z", [(f"{RECORD}.time_end", "time_reversed")]),
    (0, ["properties", "tansiq", "time_end"], "2030-01", [(f"{RECORD}.time_end.value", "bad_time")]),
    (0, ["properties", "tansiq", "number"], 2, [("number", "repeated_id"), LOST]),
    (0, ["properties", "tansiq", "number"], 9, [(f"{RECORD}.number", "out_of_range"), LOST]),
    (1, ["properties", "tansiq", "party"], "Teal", [("party", "bad_value")]),
    (4, ["properties", "tansiq", "kind"], "space", [("kind", "bad_value")]),
    (4, ["properties", "tansiq", "party"], "", [("party", "limit_exceeded")]),
    (0, ["properties", "tansiq"], None, [(RECORD, "bad_value"), LOST]),
]  # fmt: skip


@pytest.mark.parametrize(("number", "path", "value", "want"), CHANGES, ids=range(len(CHANGES)))
def test_a_feature_of_ours_that_was_changed_is_refused(
    number: int, path: list[Any], value: object, want: list[tuple[str, str]]
) -> None:
    top = written()
    target = top["features"][number]
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    assert [(field, code) for _, field, code in errors(json.dumps(top).encode())] == want


def test_a_volume_of_ours_that_is_missing_is_an_error() -> None:
    top = written()
    del top["features"][1]
    assert errors(json.dumps(top).encode()) == [("features[0] (A-1)", "count", "missing_field")]


def test_a_feature_of_others_is_an_intent_of_an_unknown_party_at_any_height_and_time() -> None:
    intents, losses = read(feature(AREA), feature(AREA, {"name": "x", "colour": 1}, id=7))
    assert [(i.id, i.party, i.kind, i.name) for i in intents] == [
        ("#1", UNKNOWN_PARTY, Kind.AIR, None),
        ("7", UNKNOWN_PARTY, Kind.AIR, "x"),
    ]
    (only,) = intents[0].volumes
    assert (only.band, only.window) == (AltitudeBand(None, None), TimeWindow(None, None))
    assert [(loss.record, loss.what) for loss in losses] == [("features[1] (7)", "not read: colour")]


@pytest.mark.parametrize(
    "content",
    [
        dumped(feature(AREA)),
        json.dumps(feature(AREA)).encode(),
        json.dumps(AREA).encode(),
        json.dumps({"type": "GeometryCollection", "geometries": [AREA]}).encode("utf-8-sig"),
        dumped(feature(AREA), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}),
    ],
)
def test_collections_features_and_bare_geometries_are_read(content: bytes) -> None:
    (intent,) = read_geojson(content, "x").intents
    assert len(intent.volumes) == 1


def test_the_parts_of_a_geometry_are_the_volumes_of_one_intent() -> None:
    inner = {"type": "GeometryCollection", "geometries": [{"type": "MultiPoint", "coordinates": [[1, 1], [2, 2]]}]}
    whole = {"type": "GeometryCollection", "geometries": [LINE, inner, AREA]}
    shapes = feature({**whole, "geometries": [LINE, inner]}, {"radius": "5 KM", "half_width": "1NM"})
    (intent,) = read(shapes).intents
    assert [type(volume.footprint) for volume in intent.volumes] == [Corridor, Circle, Circle]
    assert intent.volumes[1].footprint == Circle(LatLng(1.0, 1.0), 5000.0)


def test_either_winding_is_the_same_area() -> None:
    (a, b), _ = read(feature(AREA), feature({"type": "Polygon", "coordinates": [SQUARE[::-1]]}))
    assert isinstance(a.volumes[0].footprint, Polygon)
    assert isinstance(b.volumes[0].footprint, Polygon)
    assert set(a.volumes[0].footprint.vertices) == set(b.volumes[0].footprint.vertices)


def test_limits_and_times_are_read_where_they_say_their_unit_and_reference() -> None:
    fields = {
        "altitude_lower": {"value": 100, "reference": "FL", "units": "FL"},
        "altitude_upper": {"value": 200, "reference": "FL", "units": "FL"},
        "time_start": "2030-01-15T10:00:00+02:00",
        "time_end": {"value": "2030-01-16Z", "format": "RFC3339"},
        "colour": 1,
    }
    (intent,), losses = read(feature(AREA, fields))
    band, window = intent.volumes[0].band, intent.volumes[0].window
    assert (str(band.lower), str(band.upper)) == ("FL100", "FL200")
    assert window.start_us == parse_instant_us("2030-01-15T08:00:00Z", end=False)
    assert window.end_us == parse_instant_us("2030-01-17T00:00:00Z", end=True)
    # With both limits and both times, what was not read can not narrow the volume any more.
    assert losses == []


@pytest.mark.parametrize(
    ("fields", "lost", "instead"),
    [
        ({"altitude_upper": 120}, "altitude_upper", "any height on that side"),
        ({"altitude_upper": {"value": 120, "units": "M"}}, "altitude_upper", "any height on that side"),
        ({"time_end": "tomorrow"}, "time_end", "any time on that side"),
        ({"time_end": 1894701600}, "time_end", "any time on that side"),
        ({"time_end": "2030-01-15"}, "time_end", "what it can be in any"),
        ({"ceiling": 120}, "fields", "any height and time that the fields read leave open"),
        (
            {"altitude_lower": {"value": 1, "reference": "FL", "units": "FL"}, "time_start": "2030Z", "ceiling": 120},
            "fields",
            "any height and time that the fields read leave open",
        ),
    ],
)
def test_what_can_not_be_read_is_unbounded_and_told(fields: dict[str, Any], lost: str, instead: str) -> None:
    (intent,), losses = read(feature(AREA, fields))
    assert intent.volumes[0].band.upper is None
    assert [(loss.field, loss.instead) for loss in losses] == [(lost, instead)]


def test_holes_are_filled_heights_passed_over_and_places_that_are_missing_not_checked() -> None:
    high = {"type": "Polygon", "coordinates": [[[*position, 50.0] for position in SQUARE], HOLE]}
    intents, losses = read(feature(high), feature(None), feature({"type": "Polygon", "coordinates": []}))
    assert [len(intent.volumes) for intent in intents] == [1, 0, 0]
    footprint = intents[0].volumes[0].footprint
    assert isinstance(footprint, Polygon)
    assert len(footprint.vertices) == 4
    assert [loss.what for loss in losses] == [
        "1 holes",
        "a third number of its positions, a height",
        "no place",
        "no place",
    ]


def test_a_point_without_a_radius_is_not_checked_and_told() -> None:
    found = read_geojson(json.dumps(feature(POINT)).encode(), "x")
    assert [len(intent.volumes) for intent in found.intents] == [0]
    assert [(loss.field, loss.what) for loss in found.losses] == [("geometry", "1 points without a radius")]


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        (feature(LINE), "properties.half_width", "missing_field"),
        (feature(POINT, {"radius": 5}), "properties.radius", "bad_value"),
        (feature(POINT, {"radius": "5 miles"}), "properties.radius", "unknown_unit"),
        (feature(POINT, {"radius": {"value": 0, "units": "M"}}), "radius", "not_positive"),
        (feature(AREA, {"half_width": "1 NM"}), "properties.half_width", "outline_count"),
        (feature({"type": "Point", "coordinates": [2.0, 91.0]}), "geometry.coordinates.lat", "out_of_range"),
        (feature({"type": "Point", "coordinates": [181.0, 1.0]}), "geometry.coordinates.lng", "out_of_range"),
        (feature({"type": "Point", "coordinates": [10**400, 1.0]}), "geometry.coordinates.lng", "out_of_range"),
        (feature({"type": "Point", "coordinates": [True, 1.0]}), "geometry.coordinates", "bad_value"),
        (feature({"type": "Point", "coordinates": [1.0]}), "geometry.coordinates", "bad_value"),
        (feature({"type": "LineString", "coordinates": [[0, 0], [0, float("nan")]]}),
         "geometry.coordinates[1].lat", "not_finite"),
        (feature({"type": "Polygon", "coordinates": [SQUARE[:4]]}), "geometry.coordinates[0]", "bad_value"),
        (feature({"type": "Polygon", "coordinates": [SQUARE[:2]]}), "geometry.coordinates[0]", "too_few_vertices"),
        (feature({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}),
         "geometry.coordinates[0][0]", "crossing_edges"),
        (feature({"type": "Polygon", "coordinates": [[[179, 0], [-179, 0], [-179, 1], [179, 0]]]}),
         "geometry.coordinates[0][0]", "bad_value"),
        (feature({"type": "Sphere"}), "geometry.type", "bad_value"),
        (feature({"type": "Point"}), "geometry.coordinates", "missing_field"),
        (feature("somewhere"), "geometry", "bad_value"),
        ({"type": "Feature", "properties": {}}, "geometry", "missing_field"),
        ({"type": "Volume"}, "type", "bad_value"),
        (feature(AREA, []), "properties", "bad_value"),
        (feature(AREA, id=[]), "id", "bad_value"),
        (feature(AREA, {"time_start": "2032Z", "time_end": "2030Z"}), "time_end", "time_reversed"),
    ],
)  # fmt: skip
def test_an_error_in_a_feature_of_others_is_named(given: dict[str, Any], field: str, code: str) -> None:
    expected = f"properties.{field}" if code == "time_reversed" else field
    assert [(f, c) for _, f, c in errors(dumped(feature(AREA), given))] == [(expected, code)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "bad_json"),
        (b"\xff", "bad_json"),
        (b"[" * 100_000, "bad_json"),
        (b'{"type": "Feature", "type": "Feature"}', "duplicate_key"),
        (b'{"type": "Topology"}', "unknown_format"),
        (b'{"format": "tansiq-plan/1"}', "unknown_format"),
        (b"[]", "unknown_format"),
        (b'{"type": "FeatureCollection"}', "bad_value"),
        (
            dumped(feature(AREA), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}),
            "bad_value",
        ),
        (dumped(feature(AREA), crs={"type": "name", "properties": {"name": []}}), "bad_value"),
    ],
)
def test_a_file_that_is_no_geojson_on_wgs84_is_refused(content: bytes, code: str) -> None:
    assert [found for _, _, found in errors(content)] == [code]


def test_collections_deep_within_each_other_are_read_or_refused_and_no_more() -> None:
    for depth in (200, 100_000):
        left, right = '{"type":"GeometryCollection","geometries":[', "]}"
        content = (left * depth + json.dumps(AREA) + right * depth).encode()
        try:
            assert len(read_geojson(content, "x").intents) == 1
        except InputRefusedError as refused:
            assert [finding.error.code for finding in refused.findings] == ["bad_json"]  # noqa: PT017 - or it is read


def test_half_a_surrogate_pair_does_not_come_through() -> None:
    (intent,), losses = read(feature(AREA, {"name": "\ud800", "\ud801": 1}))
    assert (intent.name, losses[0].what) == ("?", "not read: ?")
    assert errors(dumped(feature(AREA, id="\ud800"))) == [("features[0]", "id", "bad_value")]


def test_a_shape_of_more_points_than_a_footprint_may_have_is_refused() -> None:
    line = {"type": "LineString", "coordinates": [[k * 1e-5, 0.0] for k in range(LIMITS.vertices_per_footprint + 2)]}
    assert errors(dumped(feature(line, {"half_width": "1 M"})))[0][1:] == ("geometry.coordinates", "limit_exceeded")


def test_ids_are_unique_and_errors_and_volumes_have_their_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert errors(dumped(feature(AREA, id="a"), feature(AREA, id="a"))) == [("features[1] (a)", "id", "repeated_id")]
    many = errors(dumped(*[feature(LINE)] * (LIMITS.findings_per_file + 5)))
    assert (len(many), many[-1][2]) == (LIMITS.findings_per_file, "limit_exceeded")
    monkeypatch.setattr("tansiq.formats.kit.gather.LIMITS", type(LIMITS)(volumes=2))
    assert errors(dumped(*[feature(AREA)] * 3))[0][2] == "limit_exceeded"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("party", "\ud800", "bad_value"),
        ("name", "a\udfffb", "bad_value"),
        ("count", 10**15, "limit_exceeded"),
        ("count", 10**400, "limit_exceeded"),
    ],
)
def test_a_record_that_no_file_could_hold_is_refused_at_once(field: str, value: object, code: str) -> None:
    """Found by the soak: half of a surrogate pair ended the writer, a huge count took minutes."""
    record = {
        "format": "tansiq-geojson/1",
        "id": "1",
        "party": "AMBER",
        "kind": "air",
        "number": 1,
        "count": 1,
        field: value,
    }
    assert ("features[0]", f"properties.tansiq.{field}", code) in errors(dumped(feature(AREA, {"tansiq": record})))


def test_nothing_but_a_refusal_comes_of_damaged_geojson() -> None:
    foreign = dumped(
        feature(AREA, {"time_start": "2030-01", "x": 1}), feature(POINT, {"radius": "5 KM"}), feature(None)
    )

    def reads_back(reading: Reading) -> None:
        assert read_geojson(write_geojson(reading.intents).content, "again").intents == reading.intents

    seeds = [write_geojson(plan()).content, foreign]
    counts = fuzz(read_geojson, seeds, random.Random("geojson"), 150, then=reads_back)
    assert counts["read"] > 15
    assert counts["refused"] > 70
