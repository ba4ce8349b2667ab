"""ED-318 geozones are read whole or not at all; what can not be kept stands as more, and is told."""

import copy
import json
import random
import re
from pathlib import Path
from typing import Any, Final

import pytest

from tansiq.domain.zone import DAY_US, EVERY_DAY, Authority, DailyWindow, Period, Restriction, Variant, Zone
from tansiq.errors import InputRefusedError
from tansiq.formats.ed318 import read_ed318
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Corridor, Polygon
from tansiq.geometry.volume import TimeWindow
from tansiq.limits import LIMITS
from tansiq.units import Reference, parse_instant_us
from tests.soak.readers import fuzz

SAMPLES: Final = Path(__file__).parents[3] / "shared/data/zones"
HOUR_US: Final = DAY_US // 24
LAYER: Final = {"lower": 50, "lowerReference": "AGL", "upper": 150, "upperReference": "AMSL", "uom": "m"}
CIRCLE: Final = {
    "type": "Point",
    "coordinates": [1.5, 1.25],
    "extent": {"subType": "Circle", "radius": 3500},
    "layer": LAYER,
}
RING: Final = [[1.0, 1.0], [1.1, 1.0], [1.1, 1.1], [1.0, 1.1], [1.0, 1.0]]
HOLE: Final = [[1.04, 1.04], [1.06, 1.04], [1.05, 1.06], [1.04, 1.04]]
AWAY: Final = [[2.04, 2.04], [2.06, 2.04], [2.05, 2.06], [2.04, 2.04]]
POLYGON: Final = {"type": "Polygon", "coordinates": [RING], "layer": LAYER}
START: Final = "2030-01-15T10:00:00Z"


def feature(**changes: object) -> dict[str, Any]:
    """A zone, with what is named changed: `geometry__layer__lower`; None takes a field away."""
    found: dict[str, Any] = {
        "type": "Feature",
        "geometry": CIRCLE,
        "properties": {
            "identifier": "AMB001",
            "country": "XXA",
            "name": [{"text": "Amber box", "lang": "en-GB"}],
            "variant": "COMMON",
            "type": "PROHIBITED",
            "reason": ["AIR_TRAFFIC"],
            "zoneAuthority": [{"purpose": "AUTHORIZATION", "email": "desk@example.org"}],
        },
    }
    found = copy.deepcopy(found)
    for path, value in changes.items():
        *parents, last = path.split("__")
        target = found
        for key in parents:
            target = target[key]
        if value is None:
            del target[last]
        else:
            target[last] = copy.deepcopy(value)
    return found


def collection(*features: object, **top: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **top}).encode()


def read(**changes: object) -> Zone:
    (found,), losses = read_ed318(collection(feature(**changes)), "zones.json")
    assert losses == []
    return found


def losses(content: bytes) -> list[tuple[str, str]]:
    return [(loss.record, loss.field) for loss in read_ed318(content, "zones.json").losses]


def errors(content: bytes) -> list[tuple[str, str, str]]:
    """Record, field and code of every error."""
    with pytest.raises(InputRefusedError) as refused:
        read_ed318(content, "zones.json")
    return [(f.record, f.error.field, f.error.code) for f in refused.value.findings]


def test_a_zone_is_read_with_what_a_person_needs() -> None:
    found = read(
        properties__message=[{"text": "call first", "lang": "en-GB"}, {"text": "اتصل أولا", "lang": "ar"}],
        properties__restrictionConditions="PERMITTED/OPERATOR=POLICE",
    )
    assert (found.id, found.name, found.restriction, found.variant, found.reasons) == (
        "XXA/AMB001",
        "Amber box",
        Restriction.PROHIBITED,
        Variant.COMMON,
        ("AIR_TRAFFIC",),
    )
    assert found.authorities == (Authority(purpose="AUTHORIZATION", email="desk@example.org"),)
    assert found.remarks == (
        ("message", "call first [en-GB]"),
        ("message", "اتصل أولا [ar]"),
        ("restrictionConditions", "PERMITTED/OPERATOR=POLICE"),
    )


def test_a_point_with_an_extent_is_a_circle_in_metres_whatever_the_unit_of_heights() -> None:
    for uom in ("m", "ft"):
        (layer,) = read(geometry__layer__uom=uom).layers
        assert layer.footprint == Circle(LatLng(1.25, 1.5), 3500)


def test_limits_keep_their_references_and_units() -> None:
    (layer,) = read(geometry__layer={**LAYER, "uom": "ft", "lowerReference": "WGS84"}).layers
    lower, upper = layer.band.lower, layer.band.upper
    assert lower is not None
    assert upper is not None
    assert (lower.reference, lower.dmm, upper.reference, upper.dmm) == (
        Reference.W84,
        50 * 3048,
        Reference.AMSL,
        150 * 3048,
    )


def test_without_a_unit_limits_are_metres_and_without_a_limit_unbounded() -> None:
    (layer,) = read(geometry__layer={"lower": 50, "lowerReference": "AGL", "upper": None}).layers
    assert layer.band.lower is not None
    assert (layer.band.lower.dmm, layer.band.upper) == (500_000, None)
    (layer,) = read(geometry__layer=None).layers
    assert (layer.band.lower, layer.band.upper) == (None, None)


def test_every_geometry_of_a_collection_is_a_layer() -> None:
    bare = {key: value for key, value in POLYGON.items() if key != "layer"}
    multi = {"type": "MultiPolygon", "coordinates": [[RING], [AWAY]]}
    found = read(geometry={"type": "GeometryCollection", "geometries": [CIRCLE, POLYGON, multi]})
    assert [type(layer.footprint) for layer in found.layers] == [Circle, Polygon, Polygon, Polygon]
    shared = read(geometry={"type": "GeometryCollection", "geometries": [bare, multi], "layer": LAYER})
    assert {layer.band for layer in shared.layers} == {read().layers[0].band}


def test_a_hole_is_filled_and_told() -> None:
    found, told = read_ed318(collection(feature(geometry={**POLYGON, "coordinates": [RING, HOLE]})), "z")
    (layer,) = found[0].layers
    assert isinstance(layer.footprint, Polygon)
    assert layer.estimated
    assert {*layer.footprint.vertices} >= {LatLng(lat, lng) for lng, lat in RING}
    assert max(point.lat_deg for point in layer.footprint.vertices) == 1.1
    assert [loss.field for loss in told] == ["geometry.coordinates[1]"]


def test_a_further_ring_outside_the_first_is_not_lost() -> None:
    found, told = read_ed318(collection(feature(geometry={**POLYGON, "coordinates": [RING, AWAY, HOLE]})), "z")
    assert [layer.estimated for layer in found[0].layers] == [True, True]
    assert [loss.field for loss in told] == ["geometry.coordinates[1]", "geometry.coordinates[2]"]


def test_an_open_ring_and_elevations_are_told() -> None:
    ring = [[*point, 7.0] for point in RING[:-1]]
    assert losses(collection(feature(geometry={**POLYGON, "coordinates": [ring]}))) == [
        ("features[0] (XXA/AMB001)", "geometry.coordinates[0]"),
        ("features[0] (XXA/AMB001)", "geometry.coordinates[0]"),
    ]
    assert losses(collection(feature(geometry__coordinates=[1.5, 1.25, 9]))) == [
        ("features[0] (XXA/AMB001)", "geometry.coordinates")
    ]


def test_long_edges_stay_straight_in_longitude_and_latitude() -> None:
    ring = [[0.0, 50.0], [3.0, 50.0], [3.0, 51.0], [0.0, 51.0], [0.0, 50.0]]
    (layer,) = read(geometry={**POLYGON, "coordinates": [ring]}).layers
    assert isinstance(layer.footprint, Polygon)
    assert {50.0, 51.0} == {point.lat_deg for point in layer.footprint.vertices}
    assert len(layer.footprint.vertices) > 100


def test_an_outline_too_long_to_be_followed_is_widened_and_told() -> None:
    ring = [[lng, lat] for lat in (60.0, 75.0) for lng in range(-170, 171, 10)]
    ring = [*ring[:35], *ring[:34:-1], ring[0]]
    (found,), told = read_ed318(collection(feature(geometry={**POLYGON, "coordinates": [ring]})), "zones.json")
    assert [(type(layer.footprint), layer.estimated) for layer in found.layers] == [(Polygon, True), (Corridor, True)]
    assert [loss.field for loss in told] == ["geometry.coordinates[0]"]


# ---------------------------------------------------------------------------------------------------------------- times


def periods(*entries: object, **limits: str) -> tuple[list[Period], int]:
    """The periods of one limited applicability with this schedule, and how many losses they have."""
    limited = [{**limits, "schedule": list(entries)}]
    (found,), told = read_ed318(collection(feature(properties__limitedApplicability=limited)), "zones.json")
    return list(found.periods), len(told)


def window(entry: dict[str, object]) -> tuple[DailyWindow, int]:
    (period,), told = periods(entry)
    (found,) = period.schedule
    return found, told


def test_without_limited_applicability_a_zone_applies_always() -> None:
    for found in (read(), read(properties__limitedApplicability=[])):
        assert found.periods == (Period(TimeWindow(None, None)),)


def test_a_missing_start_or_end_is_unbounded() -> None:
    start_us = parse_instant_us(START, end=False)
    assert periods(startDateTime=START) == ([Period(TimeWindow(start_us, None))], 0)
    assert periods(endDateTime="2030-01-15T12:00:00+02:00") == ([Period(TimeWindow(None, start_us))], 0)


def test_an_instant_without_a_time_zone_is_the_outermost_it_can_be() -> None:
    start_us = parse_instant_us(START, end=False)
    want = Period(TimeWindow(start_us - 14 * HOUR_US, start_us + 12 * HOUR_US), estimated=True)
    assert periods(startDateTime=START[:-1], endDateTime=START[:-1]) == ([want], 2)


@pytest.mark.parametrize(
    ("times", "days", "hours", "estimated", "told"),
    [
        (("08:00:00Z", "17:30:00Z"), ["MON", "FRI"], (8, 17.5), False, 0),
        (("08:00:00+02:00", "17:00:00+02:00"), ["MON", "FRI"], (6, 15), False, 0),
        (("01:00:00+02:00", "03:00:00+02:00"), ["MON"], (-1, 1), False, 0),
        (("22:00:00Z", "06:00:00Z"), ["FRI", "MON"], (22, 30), False, 0),
        (("22:00:00Z", "00:00:00Z"), ["SUN"], (22, 24), False, 0),
        (("22:00:00Z", "24:00:00Z"), ["SUN"], (22, 24), False, 0),
        (("00:00:00Z", "23:59:00Z"), ["ANY"], (0, 24), False, 0),
        (("00:00:00Z", "23:59:59Z"), ["SUN", "ANY"], (0, 24), False, 0),
        (("08:00:00Z", "08:00:00Z"), ["SAT"], (8, 32), True, 1),
        (("08:00:00", "17:00:00"), ["MON"], (-6, 29), True, 1),
        (("08:00:00Z", "17:00:00"), ["MON"], (-6, 29), True, 1),
        (("08:00:00Z", None), ["MON"], (8, 24), True, 1),
        ((None, "08:00:00+01:00"), ["MON"], (-1, 7), True, 1),
        ((None, None), ["MON"], (-14, 36), True, 2),
        ((None, None), ["ANY"], (0, 24), False, 0),
        (("08:00:00Z", "17:00:00Z"), ["HOL"], (8, 17), True, 1),
    ],
)
def test_an_entry_of_a_schedule_is_a_window_on_days(
    times: tuple[str | None, str | None], days: list[str], hours: tuple[float, float], *, estimated: bool, told: int
) -> None:
    names = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
    numbers = EVERY_DAY if {"ANY", "HOL"} & {*days} else frozenset(map(names.index, days))
    given = {key: time for key, time in zip(("startTime", "endTime"), times, strict=True) if time is not None}
    want = DailyWindow(numbers, int(hours[0] * HOUR_US), int(hours[1] * HOUR_US), estimated=estimated)
    assert window({"day": days, **given}) == (want, told)


@pytest.mark.parametrize(
    ("entry", "until_h"),
    [
        ({"startEvent": "SR", "endEvent": "SS"}, 36),
        ({"startEvent": "BMCT", "endEvent": "EECT"}, 36),
        ({"startEvent": "SS", "endEvent": "SR"}, 60),
        ({"startEvent": "SS", "endEvent": "SS"}, 60),
        ({"startTime": "08:00:00Z", "endEvent": "SS"}, 60),
        ({"startEvent": "SR", "endTime": "02:00:00Z"}, 60),
        ({"startTime": "08:00:00Z", "startEvent": "SR", "endTime": "17:00:00Z"}, 60),
        ({"endEvent": "EECT"}, 60),
    ],
)
def test_an_event_of_daylight_stands_for_the_whole_day_on_any_clock(entry: dict[str, object], until_h: int) -> None:
    want = DailyWindow(frozenset({0}), -14 * HOUR_US, until_h * HOUR_US, estimated=True)
    assert window({"day": ["MON"], **entry}) == (want, 1)


def test_no_day_is_any_day() -> None:
    assert window({"day": [], "startTime": "08:00:00Z", "endTime": "09:00:00Z"})[0].days == EVERY_DAY


def test_what_is_finer_than_a_microsecond_and_a_leap_second_are_rounded_outward() -> None:
    found, _ = window({"day": ["MON"], "startTime": "08:00:60Z", "endTime": "09:00:00.0000001Z"})
    assert (found.from_us, found.until_us) == (8 * HOUR_US + 59_000_000, 9 * HOUR_US + 1)


@pytest.mark.parametrize(
    "text",
    [
        "8:00:00Z",
        "08:00:00 Z",
        "25:00:00Z",
        "24:00:01Z",
        "08:60:00Z",
        "08:00:61Z",
        "08:00:00+14:01",
        "08:00-12:01",
        "",
        "SR",
    ],
)
def test_a_time_that_is_none_is_refused(text: str) -> None:
    limited = [{"schedule": [{"day": ["MON"], "startTime": text, "endTime": "09:00:00Z"}]}]
    ((_, field, code),) = errors(collection(feature(properties__limitedApplicability=limited)))
    assert (field, code) == ("properties.limitedApplicability[0].schedule[0].startTime", "bad_time")


# --------------------------------------------------------------------------------------------------- errors and losses

P: Final = "properties."
L: Final = "properties.limitedApplicability[0]."
BAD: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"properties__type": "REQ_AUTHORISATION"}, [(f"{P}type", "bad_value")]),
    ({"properties__variant": "SPECIAL"}, [(f"{P}variant", "bad_value")]),
    ({"properties__identifier": None}, [(f"{P}identifier", "missing_field")]),
    ({"properties__identifier": ""}, [(f"{P}identifier", "bad_value")]),
    ({"properties__identifier": "a\n"}, [(f"{P}identifier", "bad_value")]),
    ({"properties__country": "XX"}, [(f"{P}country", "bad_value")]),
    ({"properties__zoneAuthority": []}, [(f"{P}zoneAuthority", "missing_field")]),
    ({"properties__zoneAuthority": [{}]}, [(f"{P}zoneAuthority[0].purpose", "missing_field")]),
    ({"properties__zoneAuthority": [{"purpose": "X"}]}, [(f"{P}zoneAuthority[0].purpose", "bad_value")]),
    ({"properties__name": [{"text": "x"}]}, [(f"{P}name[0].lang", "missing_field")]),
    ({"properties__name": "x"}, [(f"{P}name", "bad_value")]),
    ({"properties__height": 3}, [(f"{P}height", "unknown_field")]),
    ({"properties__reason": [3]}, [(f"{P}reason[0]", "bad_value")]),
    ({"properties__message": [{"text": "\ud800", "lang": "en"}]}, [(f"{P}message[0].text", "bad_value")]),
    ({"type": "Zone"}, [("type", "bad_value")]),
    ({"buffer": 100}, [("buffer", "unknown_field")]),
    ({"geometry": None}, [("geometry", "missing_field")]),
    ({"geometry": []}, [("geometry", "bad_value")]),
    ({"geometry": {"type": "LineString", "coordinates": RING}}, [("geometry.type", "bad_value")]),
    ({"geometry": {"type": "GeometryCollection", "geometries": []}}, [("geometry", "missing_field")]),
    ({"geometry": {"type": "MultiPolygon", "coordinates": []}}, [("geometry", "missing_field")]),
    ({"geometry": {"type": "MultiPolygon", "coordinates": [None]}}, [("geometry.coordinates[0]", "bad_value")]),
    (
        {"geometry": {"type": "GeometryCollection", "geometries": [POLYGON], "layer": LAYER}},
        [("geometry.geometries[0].layer", "bad_value")],
    ),
    (
        {"geometry": {"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection"}, None]}},
        [("geometry.geometries[0]", "bad_value"), ("geometry.geometries[1]", "missing_field")],
    ),
    ({"geometry__extent": None}, [("geometry.extent", "missing_field")]),
    ({"geometry__extent__radius": 0}, [("geometry.extent.radius", "not_positive")]),
    ({"geometry__extent__radius": True}, [("geometry.extent.radius", "bad_value")]),
    ({"geometry__extent__subType": "Ellipse"}, [("geometry.extent.subType", "bad_value")]),
    ({"geometry__extent__width": 3}, [("geometry.extent.width", "unknown_field")]),
    ({"geometry__coordinates": [1.5]}, [("geometry.coordinates", "bad_value")]),
    ({"geometry__coordinates": [1.5, 91]}, [("geometry.coordinates.lat", "out_of_range")]),
    ({"geometry__coordinates": [float("nan"), 1]}, [("geometry.coordinates[0]", "not_finite")]),
    ({"geometry__layer__upper": 1e9}, [("geometry.layer.upper", "out_of_range")]),
    ({"geometry__layer__upper": 10**400}, [("geometry.layer.upper", "out_of_range")]),
    ({"geometry__layer__upper": "150"}, [("geometry.layer.upper", "bad_value")]),
    ({"geometry__layer__uom": "M"}, [("geometry.layer.uom", "bad_value")]),
    ({"geometry__layer__uper": 3}, [("geometry.layer.uper", "unknown_field")]),
    ({"geometry__layer__lowerReference": None}, [("geometry.layer.lowerReference", "missing_field")]),
    ({"geometry__layer__lowerReference": "FL"}, [("geometry.layer.lowerReference", "unknown_reference")]),
    (
        {"geometry__layer": {**LAYER, "lower": 160, "lowerReference": "AMSL"}},
        [("geometry.layer.lower", "lower_above_upper")],
    ),
    ({"geometry": {**POLYGON, "coordinates": []}}, [("geometry.coordinates", "missing_field")]),
    ({"geometry": {**POLYGON, "coordinates": [[]]}}, [("geometry.coordinates[0]", "too_few_vertices")]),
    ({"geometry": {**POLYGON, "coordinates": [RING[:2]]}}, [("geometry.coordinates[0]", "too_few_vertices")]),
    ({"geometry": {**POLYGON, "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}},
     [("geometry.coordinates[0]", "crossing_edges")]),
    ({"properties__limitedApplicability": [{"schedule": [{"startTime": "08:00:00Z", "endTime": "09:00:00Z"}]}]},
     [(f"{L}schedule[0].day", "missing_field")]),
    ({"properties__limitedApplicability": [{"schedule": [{"day": [1]}]}]}, [(f"{L}schedule[0].day[0]", "bad_value")]),
    ({"properties__limitedApplicability": [{"schedule": [{"day": ["MON"], "startEvent": "NOON"}]}]},
     [(f"{L}schedule[0].startEvent", "bad_value")]),
    ({"properties__limitedApplicability": [{"schedule": [
        {"day": ["MON"], "startTime": "08:00:00Z", "endTime": "09:00:00+01:00"}]}]},
     [(f"{L}schedule[0].endTime", "bad_value")]),
    ({"properties__limitedApplicability": [{"startDateTime": START, "endDateTime": "2030-01-15T09:59:59Z"}]},
     [(f"{L}endDateTime", "time_reversed")]),
    ({"properties__limitedApplicability": [{"startDateTime": "soon", "stop": 1}]},
     [(f"{L}stop", "unknown_field"), (f"{L}startDateTime", "bad_time")]),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "want"), BAD, ids=range(len(BAD)))
def test_an_error_in_a_zone_is_named(changes: dict[str, Any], want: list[tuple[str, str]]) -> None:
    found = errors(collection(feature(properties__identifier="AMB000"), feature(**changes)))
    # The points of a ring are counted once long edges are divided.
    assert [(re.sub(r"(coordinates\[0\])\[\d+\]$", r"\1", field), code) for _, field, code in found] == want
    assert {record.split(" ")[0] for record, _, _ in found} == {"features[1]"}


@pytest.mark.parametrize(
    ("content", "field", "code"),
    [
        (b"\xff", "", "bad_json"),
        (b'{"type": "FeatureCollection", "features": [', "", "bad_json"),
        (b'{"type": "FeatureCollection", "features": [], "features": []}', "", "duplicate_key"),
        (b"[]", "", "unknown_format"),
        (b'{"UASZoneList": []}', "", "unknown_format"),
        (b'{"type": "FeatureCollection", "features": 3}', "features", "bad_value"),
        (collection(metadata={"validFrom": {}}), "metadata.validFrom", "bad_value"),
        (collection(metadata={"validTo": "x"}), "metadata.validTo", "bad_time"),
        (collection(metadata=3), "metadata", "bad_value"),
        (collection(crs={"properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}), "crs.properties.name", "bad_value"),
        (collection(crs=3), "crs", "bad_value"),
    ],
)
def test_an_error_in_the_file_is_named(content: bytes, field: str, code: str) -> None:
    assert errors(content) == [("file", field, code)]


def test_all_errors_of_all_zones_are_listed() -> None:
    content = collection(
        feature(),
        feature(properties__type="X", geometry__extent__radius=-1),
        "no zone",
        feature(properties__variant="X", properties__identifier="AMB002"),
        metadata={"issued": "x"},
    )
    assert [(record.split(" ")[0], code) for record, _, code in errors(content)] == [
        ("file", "bad_time"),
        ("features[1]", "bad_value"),
        ("features[1]", "not_positive"),
        ("features[1]", "repeated_id"),
        ("features[2]", "bad_value"),
        ("features[3]", "bad_value"),
    ]


def test_past_the_limit_errors_are_not_looked_for() -> None:
    found = errors(collection(*["no zone"] * (LIMITS.findings_per_file + 5)))
    assert len(found) == LIMITS.findings_per_file + 1
    assert found[-1][2] == "limit_exceeded"


def test_what_does_not_limit_a_zone_is_told_where_it_is_not_kept() -> None:
    here = "features[0] (XXA/AMB001)"
    content = collection(
        feature(
            properties__extendedProperties={"a": 1},
            properties__region=7,
            properties__dataSource={"creationDate": START},
            properties__zoneAuthority=[{"purpose": "INFORMATION", "fax": "1"}],
            properties__message=[{"text": "x" * (LIMITS.zone_text_characters + 1), "lang": "en"}],
        ),
        metadata={"validFrom": START, "validTo": START, "issued": START, "technicalLimitations": [1], "more": 1},
        title="BAHR",
        more=1,
    )
    assert losses(content) == [
        ("file", "more"),
        ("file", "metadata.more"),
        ("file", "metadata.validFrom"),
        ("file", "metadata.validTo"),
        ("file", "metadata.technicalLimitations"),
        (here, "message"),
        (here, "properties.region"),
        (here, "properties.dataSource"),
        (here, "properties.extendedProperties"),
        (here, "properties.zoneAuthority[0].fax"),
    ]


def test_heights_above_another_geoid_are_widened() -> None:
    feet = {"lower": 500, "lowerReference": "AMSL", "upper": 600, "upperReference": "AGL", "uom": "ft"}
    high = {"lower": 99_995, "lowerReference": "AMSL", "upper": 99_995, "upperReference": "AMSL"}
    deep = {"upper": -7_995, "upperReference": "AMSL"}
    ground = {"lower": 1, "lowerReference": "AGL", "upper": 2, "upperReference": "WGS84"}
    shapes = [{**CIRCLE, "layer": layer} for layer in (LAYER, feet, high, deep, ground)]
    zone = feature(geometry={"type": "GeometryCollection", "geometries": shapes})
    (found,), told = read_ed318(collection(zone, metadata={"otherGeoid": "urn:x"}), "zones.json")
    limits = [(layer.band.lower, layer.band.upper, layer.estimated) for layer in found.layers]
    assert [(lower and lower.dmm, upper and upper.dmm, estimated) for lower, upper, estimated in limits] == [
        (500_000, 1_600_000, True),
        (500 * 3048 - 100_000, 600 * 3048, True),
        (999_850_000, None, True),
        (None, -79_850_000, True),
        (10_000, 20_000, False),
    ]
    assert [loss.field for loss in told] == ["metadata.otherGeoid"]


def test_a_crs_that_names_the_only_one_is_read() -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert losses(collection(feature(), crs=crs)) == []


def test_changed_files_are_read_or_refused_and_never_hurt() -> None:
    seed = collection(
        feature(
            geometry={"type": "GeometryCollection", "geometries": [CIRCLE, {**POLYGON, "coordinates": [RING, HOLE]}]},
            properties__limitedApplicability=[
                {"startDateTime": START, "schedule": [{"day": ["MON"], "startTime": "08:00:00Z", "endEvent": "SS"}]}
            ],
        ),
        feature(properties__identifier="AMB002"),
        metadata={"validFrom": START},
    )
    span = TimeWindow(0, 10 * DAY_US)
    counts = fuzz(
        read_ed318,
        [seed],
        random.Random("ed318"),
        400,
        then=lambda reading: [zone.intent(span) for zone in reading.zones].clear(),
    )
    assert min(counts["read"], counts["refused"], counts["bad_value"], counts["unknown_field"]) > 10


# -------------------------------------------------------------------------------------------------------------- samples


@pytest.mark.skipif(not SAMPLES.exists(), reason="shared/data does not lie beside the checkout")
@pytest.mark.parametrize(
    ("name", "zones", "volumes"),
    [
        # A year from one New Year's Eve to the next, both cut, each day a window and each Sunday one more.
        ("ed318-Example_Collection.json", 2, 2 * (365 + 52) + 1),
        ("ed318-Example_GeoZone_2_Layers.json", 1, 2 * (365 + 52)),
        ("ed318-Example_GeoZone_Circle.json", 1, 1),
    ],
)
def test_published_examples_are_read(name: str, zones: int, volumes: int) -> None:
    found, told = read_ed318((SAMPLES / name).read_bytes(), name)
    intents = [zone.intent(TimeWindow(None, None)) for zone in found]
    assert (len(found), sum(len(intent.volumes) for intent in intents)) == (zones, volumes)
    assert [loss.field for loss in told] == ["metadata.validFrom"]


@pytest.mark.skipif(not SAMPLES.exists(), reason="shared/data does not lie beside the checkout")
def test_the_published_bad_example_is_refused_with_the_reason() -> None:
    name = "ed318-InvalidExample_GeoZone_2_Layers.json"
    assert [(field, code) for _, field, code in errors((SAMPLES / name).read_bytes())] == [
        ("metadata.validFrom", "bad_value"),
        ("properties.type", "bad_value"),
        ("properties.name[0].lang", "missing_field"),
    ]
