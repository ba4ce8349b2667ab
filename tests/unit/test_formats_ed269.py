"""ED-269 geozones are read whole or not at all; what can not be kept stands as more, and is told."""

import copy
import json
import random
from pathlib import Path
from typing import Any, Final

import pytest

from tansiq.domain.zone import DAY_US, Authority, DailyWindow, Period, Restriction, Variant, Zone
from tansiq.errors import InputRefusedError
from tansiq.formats.ed269 import read_ed269
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Polygon
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.limits import LIMITS
from tansiq.units import Reference, parse_instant_us
from tests.soak.readers import fuzz

SAMPLE: Final = Path(__file__).parents[3] / "shared/data/zones/ed269-switzerland-sample.json"
ALWAYS: Final = TimeWindow(None, None)
HOUR_US: Final = DAY_US // 24
RING: Final = [[1.0, 1.0], [1.1, 1.0], [1.1, 1.1], [1.0, 1.1], [1.0, 1.0]]
POLYGON: Final = {"type": "Polygon", "coordinates": [RING]}
CIRCLE: Final = {"type": "Circle", "center": [1.5, 1.25], "radius": 500}
VOLUME: Final = {
    "uomDimensions": "M",
    "lowerLimit": "0",
    "lowerVerticalReference": "AGL",
    "upperLimit": 120,
    "upperVerticalReference": "AMSL",
    "horizontalProjection": CIRCLE,
}
PERMANENT: Final = {"permanent": "YES", "startDateTime": None, "endDateTime": None}
MORNINGS: Final = {"day": ["MON", "TUE"], "startTime": "08:00Z", "endTime": "12:00:00.00Z"}
ZONE: Final[dict[str, Any]] = {
    "identifier": "TEAL-1",
    "country": "XXB",
    "name": "Teal box",
    "type": "COMMON",
    "restriction": "REQ_AUTHORISATION",
    "restrictionConditions": ["RST01", "RST02"],
    "reason": ["NOISE", "OTHER"],
    "message": "call first",
    "applicability": [PERMANENT],
    "zoneAuthority": [{"name": "Teal desk", "siteURL": "https://example.org", "phone": None}],
    "geometry": [VOLUME],
}


def zone(**changes: object) -> dict[str, Any]:
    """A zone with fields changed; None takes one away."""
    return {key: copy.deepcopy(value) for key, value in {**ZONE, **changes}.items() if value is not None}


def volume(**changes: object) -> dict[str, Any]:
    return zone(geometry=[{**VOLUME, **changes}])


def file(*zones: object, **top: object) -> bytes:
    return json.dumps({"formatVersion": "1.0.0", "createdAt": "x", "UASZoneList": list(zones), **top}).encode()


def read(value: object) -> Zone:
    (found,), losses = read_ed269(file(value), "zones.json")
    assert losses == []
    return found


def losses(content: bytes) -> list[tuple[str, str]]:
    return [(loss.record, loss.field) for loss in read_ed269(content, "zones.json").losses]


def errors(content: bytes) -> list[tuple[str, str, str]]:
    """Record, field and code of every error."""
    with pytest.raises(InputRefusedError) as refused:
        read_ed269(content, "zones.json")
    return [(f.record, f.error.field, f.error.code) for f in refused.value.findings]


def test_a_zone_is_read_with_what_a_person_needs() -> None:
    found = read(zone())
    assert (found.id, found.name, found.restriction, found.variant, found.reasons) == (
        "XXB/TEAL-1",
        "Teal box",
        Restriction.REQ_AUTHORIZATION,
        Variant.COMMON,
        ("NOISE", "OTHER"),
    )
    assert found.authorities == (Authority(name="Teal desk", site_url="https://example.org"),)
    assert found.remarks == (
        ("message", "call first"),
        ("restrictionConditions", "RST01"),
        ("restrictionConditions", "RST02"),
    )
    assert read(zone(restrictionConditions="RST01")).remarks[1:] == (("restrictionConditions", "RST01"),)


def test_the_list_of_zones_may_have_either_of_its_names() -> None:
    content = json.dumps({"title": "BAHR", "description": "x", "features": [zone()]}).encode()
    assert read_ed269(content, "zones.json") == read_ed269(file(zone()), "zones.json")


def test_limits_may_be_written_as_text_and_null_is_unbounded() -> None:
    (layer,) = read(zone()).layers
    lower, upper = layer.band.lower, layer.band.upper
    assert lower is not None
    assert upper is not None
    assert (lower.dmm, lower.reference, upper.dmm, upper.reference) == (
        0,
        Reference.AGL,
        1_200_000,
        Reference.AMSL,
    )
    (layer,) = read(volume(lowerLimit=None, upperLimit=None, lowerVerticalReference=None)).layers
    assert (layer.band.lower, layer.band.upper) == (None, None)


def test_one_unit_holds_for_limits_and_radius() -> None:
    (layer,) = read(volume(uomDimensions="FT", lowerLimit="-10.5")).layers
    assert layer.band.lower is not None
    assert layer.band.lower.dmm == -32_004
    assert layer.footprint == Circle(LatLng(1.25, 1.5), 152.4)


def test_each_volume_of_airspace_is_a_layer() -> None:
    found = read(zone(geometry=[VOLUME, {**VOLUME, "horizontalProjection": POLYGON}]))
    assert [type(layer.footprint) for layer in found.layers] == [Circle, Polygon]


def applicability(*entries: object) -> tuple[tuple[Period, ...], list[str]]:
    """The zone's periods, and the fields of their losses."""
    (found,), told = read_ed269(file(zone(applicability=list(entries))), "zones.json")
    return found.periods, [loss.field for loss in told]


EMPTY_DAY: Final[dict[str, Any]] = {"day": [], "startTime": None, "endTime": None}


@pytest.mark.parametrize(
    "entry", [PERMANENT, {**PERMANENT, "dailyPeriod": [EMPTY_DAY]}, {**PERMANENT, "dailyPeriod": []}]
)
def test_a_permanent_zone_applies_always(entry: dict[str, Any]) -> None:
    (found,), told = read_ed269(file(zone(applicability=[entry])), "zones.json")
    assert found.intent(ALWAYS).volumes == (Volume4D(found.layers[0].footprint, found.layers[0].band, ALWAYS),)
    assert told == []


def test_dates_and_daily_periods_limit_a_zone_under_both_names() -> None:
    start, end = "2030-01-15T10:00:00+01:00", "2030-02-15T10:00:00Z"
    for name in ("dailyPeriod", "schedule"):
        entry = {"permanent": "NO", "startDateTime": start, "endDateTime": end, name: [MORNINGS]}
        window = TimeWindow(
            parse_instant_us("2030-01-15T09:00:00Z", end=False), parse_instant_us("2030-02-15T10:00:00Z", end=True)
        )
        mornings = DailyWindow(frozenset({0, 1}), 8 * HOUR_US, 12 * HOUR_US)
        assert applicability(entry) == ((Period(window, (mornings,)),), [])


@pytest.mark.parametrize(
    ("entries", "fields"),
    [
        ([], ["applicability"]),
        ([{"permanent": "NO"}], ["applicability[0]"]),
        ([{**PERMANENT, "dailyPeriod": [MORNINGS]}], ["applicability[0]"]),
        ([{**PERMANENT, "endDateTime": "2030-01-15T10:00:00Z"}], ["applicability[0]"]),
    ],
)
def test_what_contradicts_itself_applies_always_and_is_estimated(entries: list[object], fields: list[str]) -> None:
    assert applicability(*entries) == ((Period(ALWAYS, estimated=True),), fields)


def test_without_applicability_a_zone_applies_always_and_is_estimated() -> None:
    (found,), told = read_ed269(file(zone(applicability=None)), "zones.json")
    assert found.periods == (Period(ALWAYS, estimated=True),)
    assert [loss.field for loss in told] == ["applicability"]


G: Final = "geometry[0]"
H: Final = f"{G}.horizontalProjection"
BAD: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    (zone(restriction="REQ_AUTHORIZATION"), [("restriction", "bad_value")]),
    (zone(restriction=None), [("restriction", "missing_field")]),
    (zone(type="PROHIBITED"), [("type", "bad_value")]),
    (zone(country="XXBB"), [("country", "bad_value")]),
    (zone(identifier=7), [("identifier", "bad_value")]),
    (zone(name=7), [("name", "bad_value")]),
    (zone(restrictionConditions={}), [("restrictionConditions", "bad_value")]),
    (zone(validTo="2030"), [("validTo", "unknown_field")]),
    (zone(geometry=[]), [("geometry", "missing_field")]),
    (zone(geometry={}), [("geometry", "bad_value")]),
    (zone(geometry=[7]), [(G, "bad_value")]),
    (zone(zoneAuthority=[7]), [("zoneAuthority[0]", "bad_value")]),
    (zone(zoneAuthority=[{"purpose": "X"}]), [("zoneAuthority[0].purpose", "bad_value")]),
    (zone(applicability=[{"permanent": "MAYBE"}]), [("applicability[0].permanent", "bad_value")]),
    (zone(applicability=[{"from": 1}]), [("applicability[0].from", "unknown_field")]),
    (zone(applicability=[{"schedule": [MORNINGS], "dailyPeriod": [MORNINGS]}]), [("applicability[0]", "bad_value")]),
    (zone(applicability=[{"dailyPeriod": [{"day": "MON"}]}]), [("applicability[0].dailyPeriod[0].day", "bad_value")]),
    (
        zone(applicability=[{"dailyPeriod": [{**MORNINGS, "startEvent": "SR"}]}]),
        [("applicability[0].dailyPeriod[0].startEvent", "unknown_field")],
    ),
    (volume(uomDimensions=None), [(f"{G}.uomDimensions", "missing_field")]),
    (volume(uomDimensions="KM"), [(f"{G}.uomDimensions", "bad_value")]),
    (volume(lowerLimit="GND"), [(f"{G}.lowerLimit", "bad_value")]),
    (volume(lowerLimit="1e3"), [(f"{G}.lowerLimit", "bad_value")]),
    (volume(lowerVerticalReference=None), [(f"{G}.lowerVerticalReference", "missing_field")]),
    (volume(upperVerticalReference="STD"), [(f"{G}.upperVerticalReference", "unknown_reference")]),
    (volume(ceiling=7), [(f"{G}.ceiling", "unknown_field")]),
    (volume(horizontalProjection=None), [(H, "missing_field")]),
    (volume(horizontalProjection=[]), [(H, "bad_value")]),
    (volume(horizontalProjection={**CIRCLE, "type": "Ellipse"}), [(f"{H}.type", "bad_value")]),
    (volume(horizontalProjection={"center": [1, 1], "radius": 1}), [(f"{H}.type", "missing_field")]),
    (volume(horizontalProjection={**CIRCLE, "coordinates": [RING]}), [(f"{H}.coordinates", "unknown_field")]),
    (volume(horizontalProjection={**CIRCLE, "radius": None}), [(f"{H}.radius", "missing_field")]),
    (volume(horizontalProjection={**CIRCLE, "radius": -1}), [(f"{H}.radius", "not_positive")]),
    (volume(horizontalProjection={**CIRCLE, "center": [200, 1]}), [(f"{H}.center.lng", "out_of_range")]),
    (volume(horizontalProjection={**POLYGON, "radius": 7}), [(f"{H}.radius", "unknown_field")]),
    (volume(horizontalProjection={**POLYGON, "coordinates": RING}), [
        (f"{H}.coordinates[{i}][{k}]", "bad_value") for i in range(5) for k in range(2)
    ]),
    (
        volume(uomDimensions="KM", lowerLimit="GND", horizontalProjection={**CIRCLE, "radius": "x"}),
        [(f"{G}.uomDimensions", "bad_value"), (f"{G}.lowerLimit", "bad_value"), (f"{H}.radius", "bad_value")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("bad", "want"), BAD, ids=range(len(BAD)))
def test_an_error_in_a_zone_is_named(bad: dict[str, Any], want: list[tuple[str, str]]) -> None:
    found = errors(file(zone(identifier="TEAL-0"), bad))
    assert [(field, code) for _, field, code in found] == want
    assert {record.split(" ")[0] for record, _, _ in found} == {"UASZoneList[1]"}


@pytest.mark.parametrize(
    ("content", "field", "code"),
    [
        (b"\xff", "", "bad_json"),
        (b'"UASZoneList"', "", "unknown_format"),
        (b'{"type": "FeatureCollection", "features": []}', "", "unknown_format"),
        (b'{"UASZoneList": [], "features": []}', "", "unknown_format"),
        (b'{"UASZoneList": {}}', "UASZoneList", "bad_value"),
        (file(formatVersion="2.0.0"), "formatVersion", "unknown_format"),
    ],
)
def test_an_error_in_the_file_is_named(content: bytes, field: str, code: str) -> None:
    assert errors(content) == [("file", field, code)]


def test_a_zone_that_comes_twice_is_refused() -> None:
    assert [code for _, _, code in errors(file(zone(), zone(country="XXC"), zone()))] == ["repeated_id"]


def test_what_is_not_kept_is_told() -> None:
    here = "UASZoneList[0] (XXB/TEAL-1)"
    long = zone(name="x" * (LIMITS.id_characters + 1), extendedProperties={"a": 1}, region=3)
    assert losses(file(long, source="x")) == [
        ("file", "source"),
        (here, "name"),
        (here, "region"),
        (here, "extendedProperties"),
    ]
    assert losses(file(zone(zoneAuthority=[{"fax": "1"}]))) == [(here, "zoneAuthority[0].fax")]


def test_changed_files_are_read_or_refused_and_never_hurt() -> None:
    seed = file(
        zone(applicability=[{"permanent": "NO", "dailyPeriod": [MORNINGS, EMPTY_DAY]}]),
        zone(identifier="TEAL-2", geometry=[{**VOLUME, "horizontalProjection": POLYGON}]),
    )
    span = TimeWindow(0, 10 * DAY_US)
    counts = fuzz(
        read_ed269,
        [seed],
        random.Random("ed269"),
        400,
        then=lambda reading: [each.intent(span) for each in reading.zones].clear(),
    )
    assert min(counts["read"], counts["refused"], counts["bad_value"], counts["unknown_field"]) > 10


@pytest.mark.skipif(not SAMPLE.exists(), reason="shared/data does not lie beside the checkout")
def test_the_published_sample_is_read_without_loss() -> None:
    (found,), told = read_ed269(SAMPLE.read_bytes(), SAMPLE.name)
    (only,) = found.intent(ALWAYS).volumes
    assert (only.window, only.estimated, only.band.upper, told) == (ALWAYS, False, None, [])
    assert only.band.lower is not None
    assert (only.band.lower.dmm, only.band.lower.reference) == (0, Reference.AGL)
