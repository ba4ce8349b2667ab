"""Tracks are read strictly, and what is null or missing is no error."""

import gzip
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tansiq.domain.route import RouteMargins, route_volumes
from tansiq.domain.track import Report, TrackSettings, flights_from_reports, intents_from_tracks
from tansiq.errors import Finding, InputRefusedError
from tansiq.formats.tracks import read_tracks
from tansiq.geometry.distance import Outline, gap_m
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle
from tansiq.limits import LIMITS
from tansiq.units import Altitude, AltitudeUnit, Reference

RECORD: dict[str, Any] = {
    "timestamp": 1_558_732_719_000,
    "latitude": 47.3665,
    "longitude": 8.50067,
    "altitude": 1950.0,
    "geoaltitude": 2175.0,
    "groundspeed": 51.1,
    "icao24": "4b43ac",
    "callsign": "AMB12",
    "onground": False,
}


def read(*records: object) -> list[Report]:
    return read_tracks(json.dumps(list(records)).encode(), "tracks.json")


def findings(content: bytes) -> list[Finding]:
    with pytest.raises(InputRefusedError) as refused:
        read_tracks(content, "tracks.json")
    return refused.value.findings


def wrong(**fields: object) -> list[tuple[str, str]]:
    """Field and code of what is wrong with the record that has these fields."""
    found = findings(json.dumps([RECORD, RECORD | fields]).encode())
    assert {(finding.file, finding.record) for finding in found} == {("tracks.json", "report 2")}
    return [(finding.error.field, finding.error.code) for finding in found]


def test_a_record_is_a_report_whose_barometric_altitude_stays_a_flight_level_in_feet() -> None:
    height = Altitude(1950.0, AltitudeUnit.FT, Reference.FL)
    want = Report("4b43ac", "AMB12", 1_558_732_719_000_000, LatLng(47.3665, 8.50067), height)
    assert read(RECORD) == [want]
    assert read() == []


@pytest.mark.parametrize(
    ("field", "part"),
    [
        ("timestamp", "time_us"),
        ("latitude", "position"),
        ("longitude", "position"),
        ("altitude", "altitude"),
        ("icao24", "aircraft"),
        ("callsign", "callsign"),
    ],
)
def test_a_field_that_is_null_or_missing_is_left_out_of_the_report(field: str, part: str) -> None:
    without = {name: value for name, value in RECORD.items() if name != field}
    (missing,), (null,) = read(without), read(RECORD | {field: None})
    assert missing == null
    (whole,) = read(RECORD)
    parts = ("aircraft", "callsign", "time_us", "position", "altitude")
    assert [p for p in parts if getattr(missing, p) != getattr(whole, p)] == [part]
    assert getattr(missing, part) is None


def test_a_record_without_any_field_says_nothing() -> None:
    assert read({}) == [Report(None, None, None, None, None)]


def test_names_lose_the_blanks_round_them_and_blank_names_are_none() -> None:
    (found,) = read(RECORD | {"callsign": " AMB12  ", "icao24": "  "})
    assert (found.callsign, found.aircraft) == ("AMB12", None)


def test_whole_numbers_are_numbers_and_fractions_of_a_millisecond_are_kept() -> None:
    (found,) = read(RECORD | {"timestamp": 1_558_732_719_000.25, "latitude": 47, "altitude": 0})
    assert (found.time_us, found.position, found.altitude) == (
        1_558_732_719_000_250,
        LatLng(47.0, 8.50067),
        Altitude(0.0, AltitudeUnit.FT, Reference.FL),
    )


@pytest.mark.parametrize("edge", [{"latitude": -90, "longitude": -180}, {"latitude": 90.0, "longitude": 180.0}])
def test_the_edges_of_the_globe_belong_to_it(edge: dict[str, float]) -> None:
    assert read(RECORD | edge)[0].position == LatLng(edge["latitude"], edge["longitude"])


@pytest.mark.parametrize("field", ["timestamp", "latitude", "longitude", "altitude"])
@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("12", "bad_value"),
        (True, "bad_value"),
        ([], "bad_value"),
        ({}, "bad_value"),
        (float("nan"), "not_finite"),
        (float("inf"), "not_finite"),
        (1e300, "out_of_range"),
        (-1e300, "out_of_range"),
        (10**400, "out_of_range"),
    ],
)
def test_a_number_of_the_wrong_type_or_size_is_refused(field: str, value: object, code: str) -> None:
    assert wrong(**{field: value}) == [(field, code)]


@pytest.mark.parametrize(
    "fields",
    [
        {"latitude": 90.000001},
        {"latitude": -91},
        {"longitude": 180.000001},
        {"longitude": -181},
        {"altitude": 400_000},
        {"timestamp": 253_402_300_800_000},
        {"timestamp": -62_135_596_800_001},
    ],
)
def test_a_number_out_of_its_range_is_refused(fields: dict[str, float]) -> None:
    assert wrong(**fields) == [(next(iter(fields)), "out_of_range")]


@pytest.mark.parametrize("field", ["icao24", "callsign"])
@pytest.mark.parametrize(
    ("value", "code"),
    [
        (12, "bad_value"),
        (False, "bad_value"),
        ("\ud800", "bad_value"),
        ("AMB\n12", "bad_value"),
        ("\x1b[2J", "bad_value"),
        ("\u202eAMB", "bad_value"),
        ("A" * 61, "limit_exceeded"),
    ],
)
def test_a_name_that_is_no_plain_text_is_refused(field: str, value: object, code: str) -> None:
    assert wrong(**{field: value}) == [(field, code)]


def test_the_longest_names_still_make_an_intent() -> None:
    settings = TrackSettings(RouteMargins(60_000_000, 2_000.0, 0, 0))
    records = [RECORD | {"icao24": "a" * 60, "callsign": "A" * 60}]
    assert len(intents_from_tracks(read(*records), settings)[0]) == 1


def test_every_error_of_a_file_is_listed_with_its_record_and_field() -> None:
    bad = {"latitude": 91, "longitude": "x", "timestamp": float("nan")}
    found = findings(json.dumps([bad, RECORD, 7, RECORD | {"altitude": "high"}, None]).encode())
    assert [(finding.record, finding.error.field, finding.error.code) for finding in found] == [
        ("report 1", "latitude", "out_of_range"),
        ("report 1", "longitude", "bad_value"),
        ("report 1", "timestamp", "not_finite"),
        ("report 3", "", "bad_value"),
        ("report 4", "altitude", "bad_value"),
        ("report 5", "", "bad_value"),
    ]


def test_past_the_limit_errors_are_counted_and_not_listed() -> None:
    limit = LIMITS.findings_per_file
    assert len(findings(json.dumps([0] * limit).encode())) == limit
    found = findings(json.dumps([0] * (limit + 234)).encode())
    assert len(found) == limit
    assert found[-2].record == f"report {limit - 1}"
    assert (found[-1].record, found[-1].error.got) == ("file", "235 more errors")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "bad_json"),
        (b"[", "bad_json"),
        (b"[{}] []", "bad_json"),
        (b"\xff\xfe[\x00]\x00", "bad_json"),
        (b"\x1f\x8b\x08", "bad_json"),
        (b"[" * 1_000_000, "bad_json"),
        (b"[" + b"9" * 5_000 + b"]", "bad_json"),
        (b"{}", "bad_value"),
        (b"null", "bad_value"),
        (b'"[]"', "bad_value"),
    ],
)
def test_what_is_no_json_list_is_refused_as_a_whole(content: bytes, code: str) -> None:
    (found,) = findings(content)
    assert (found.record, found.error.code) == ("file", code)


def test_a_key_named_twice_is_refused_in_its_record() -> None:
    (found,) = findings(b'[{}, {"altitude": 1000, "altitude": 9000}]')
    assert (found.record, found.error.code) == ("report 2", "duplicate_key")


def test_a_byte_order_mark_is_no_error() -> None:
    assert read_tracks(b"\xef\xbb\xbf[{}]", "tracks.json") == [Report(None, None, None, None, None)]


# ---------------------------------------------------------------------------------------------------------- real tracks

TRACKS = Path(__file__).parents[2].parent / "shared/data/tracks"
SETTINGS = TrackSettings(RouteMargins(60_000_000, 2_000.0, 3_000_000, 30_000_000))


@pytest.mark.parametrize(
    ("name", "want"),
    [
        (
            "switzerland-2018-08-01",
            {"reports": 139_098, "out_of_order": 187, "gaps": 402, "flights": 1_244, "volumes": 23_481},
        ),
        (
            "california-fire-2020",
            {"reports": 9_955, "out_of_order": 60, "jumps": 2, "gaps": 772, "flights": 817, "volumes": 4_561},
        ),
        ("helicopter-ambulances-zurich", {"reports": 339, "flights": 1, "volumes": 6}),
    ],
)
def test_real_tracks_are_read_whole_and_every_report_of_a_sample_is_covered(name: str, want: dict[str, int]) -> None:
    file = TRACKS / f"{name}.json.gz"
    if not file.exists():
        pytest.skip(f"real input is not here: {file}")
    found = read_tracks(gzip.decompress(file.read_bytes()), file.name)
    cleaned, _ = flights_from_reports(found, SETTINGS)
    intents, counts = intents_from_tracks(found, SETTINGS)
    assert {part: count for part, count in asdict(counts).items() if count} == want
    assert sum(len(flight.waypoints) for flight in cleaned) == want["reports"]
    assert (len(intents), sum(len(intent.volumes) for intent in intents)) == (want["flights"], want["volumes"])
    for flight in cleaned[:: max(1, len(cleaned) // 5)]:
        for volume in route_volumes(flight.waypoints, SETTINGS.margins):
            assert volume.window.start_us is not None
            assert volume.window.end_us is not None
            pad_us = SETTINGS.margins.pad_us
            outline = Outline(volume.footprint)
            for waypoint in flight.waypoints:
                if volume.window.start_us + pad_us <= waypoint.time_us <= volume.window.end_us - pad_us:
                    assert waypoint.altitude is not None
                    assert volume.band.lower is not None
                    assert volume.band.upper is not None
                    assert volume.band.lower.dmm <= waypoint.altitude.dmm <= volume.band.upper.dmm
                    assert gap_m(outline, Outline(Circle(waypoint.position, 0.001))) == 0
