"""Numbers, units and instants: converted once, exactly, and rounded outward where they must be rounded."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tansiq.errors import PartyError
from tansiq.units import (
    Altitude,
    AltitudeUnit,
    Reference,
    altitude,
    format_instant,
    length_m,
    parse_duration_us,
    parse_instant_us,
    parse_length_m,
)


@pytest.mark.parametrize(
    ("value", "units", "reference", "dmm"),
    [
        (0, "M", "AMSL", 0),
        (1, "FT", "AMSL", 3_048),
        (13_000, "FT", "W84", 39_624_000),
        (0.3, "FT", "AGL", 914),  # 914.4
        (-200, "FT", "SFC", -609_600),
        (100, "FL", "FL", 30_480_000),
        (3_048.00004, "M", "FL", 30_480_000),
        (0.00005001, "M", "AMSL", 1),
        (100_000, "M", "AMSL", 1_000_000_000),
    ],
)
def test_an_altitude_is_a_whole_number_of_tenths_of_a_millimetre(
    value: float, units: str, reference: str, dmm: int
) -> None:
    found = altitude(value, units, reference)
    assert found.dmm == dmm
    assert isinstance(found.dmm, int)
    assert (found.value, found.units.value) == (value, units)


def test_feet_and_levels_subtract_exactly() -> None:
    for feet in range(0, 60_000, 100):
        high, low = altitude(feet + 1_000, "FT", "AMSL"), altitude(feet, "FT", "AMSL")
        assert high.dmm - low.dmm == 3_048_000
        assert altitude(feet / 100, "FL", "FL").dmm == low.dmm


@pytest.mark.parametrize(
    ("value", "units", "reference", "code", "field"),
    [
        (1, "m", "AMSL", "unknown_unit", "units"),
        (1, "NM", "AMSL", "unknown_unit", "units"),
        (1, "M", "MSL", "unknown_reference", "reference"),
        (1, "M", "w84", "unknown_reference", "reference"),
        (100, "FL", "AMSL", "unknown_reference", "reference"),
        (math.nan, "M", "AMSL", "not_finite", "value"),
        (-math.inf, "M", "AMSL", "not_finite", "value"),
        (-8_000.1, "M", "AMSL", "out_of_range", "value"),
        (100_000.1, "M", "AMSL", "out_of_range", "value"),
        (330_000, "FT", "AMSL", "out_of_range", "value"),
        (3_300, "FL", "FL", "out_of_range", "value"),
        (1e308, "FL", "FL", "out_of_range", "value"),
    ],
)
def test_an_altitude_that_can_not_be_used_is_refused(
    value: float, units: str, reference: str, code: str, field: str
) -> None:
    with pytest.raises(PartyError) as caught:
        altitude(value, units, reference)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_the_numbers_of_the_references_never_change() -> None:
    assert {r.name: r.value for r in Reference} == {"W84": 1, "AMSL": 2, "AGL": 3, "FL": 4}
    assert altitude(0, "M", "SFC").reference is Reference.AGL


@pytest.mark.parametrize(
    ("value", "units", "reference", "text"),
    [
        (100, AltitudeUnit.FL, Reference.FL, "FL100"),
        (50, AltitudeUnit.FL, Reference.FL, "FL050"),
        (3048, AltitudeUnit.M, Reference.AMSL, "3048 m AMSL"),
        (500, AltitudeUnit.FT, Reference.AGL, "500 ft AGL"),
    ],
)
def test_an_altitude_reads_as_a_controller_writes_it(
    value: float, units: AltitudeUnit, reference: Reference, text: str
) -> None:
    assert str(Altitude(value, units, reference)) == text


@pytest.mark.parametrize(
    ("value", "units", "metres"),
    [
        (1.5, "M", 1.5),
        (2, "KM", 2_000),
        (3, "NM", 5_556),
        (0.1, "NM", 185.2),
        (1_000, "FT", 304.8),
        (0.3, "FT", 0.09144),
    ],
)
def test_a_length_is_converted_as_a_decimal_number(value: float, units: str, metres: float) -> None:
    assert length_m(value, units) == metres


@pytest.mark.parametrize(("value", "units", "code"), [(1, "MI", "unknown_unit"), (math.nan, "M", "not_finite")])
def test_a_length_that_can_not_be_used_is_refused(value: float, units: str, code: str) -> None:
    with pytest.raises(PartyError) as caught:
        length_m(value, units)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "metres"),
    [("3NM", "5556"), ("1000ft", "304.8"), ("3000 FT", "914.4"), ("2km", "2000"), (".5m", "0.5"), ("0m", "0")],
)
def test_a_minimum_is_read_exactly(text: str, metres: str) -> None:
    assert parse_length_m(text, "--minima-horizontal") == Decimal(metres)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3", "bad_quantity"),
        ("NM", "bad_quantity"),
        ("1e3m", "bad_quantity"),
        ("3 nautical miles", "bad_quantity"),
        ("٣NM", "bad_quantity"),
        ("nanm", "bad_quantity"),
        ("3mi", "unknown_unit"),
        ("-3NM", "out_of_range"),
        ("1000001m", "out_of_range"),
    ],
)
def test_a_minimum_that_can_not_be_used_is_refused(text: str, code: str) -> None:
    with pytest.raises(PartyError) as caught:
        parse_length_m(text, "--minima-horizontal")
    assert (caught.value.code, caught.value.field) == (code, "--minima-horizontal")


@pytest.mark.parametrize(
    ("text", "us"), [("60s", 60_000_000), ("0.5 min", 30_000_000), ("1h", 3_600_000_000), ("0s", 0)]
)
def test_a_duration_is_read_exactly(text: str, us: int) -> None:
    assert parse_duration_us(text, "--pad") == us


@pytest.mark.parametrize(
    ("text", "code"),
    [("60", "bad_quantity"), ("1d", "unknown_unit"), ("-1s", "out_of_range"), ("8785h", "out_of_range")],
)
def test_a_duration_that_can_not_be_used_is_refused(text: str, code: str) -> None:
    with pytest.raises(PartyError) as caught:
        parse_duration_us(text, "--pad")
    assert caught.value.code == code


MINUTE_US = parse_instant_us("2030-01-15T10:00:00Z", end=False)


def test_the_epoch_and_a_known_instant() -> None:
    assert parse_instant_us("1970-01-01T00:00:00Z", end=False) == 0
    assert MINUTE_US == 1_894_701_600_000_000  # date -u -d 2030-01-15T10:00Z +%s


@pytest.mark.parametrize(
    ("seconds", "start_us", "end_us"),
    [
        ("00.000001", 1, 1),
        ("00.0000001", 0, 1),
        ("00.0000010", 1, 1),
        ("00.9999999", 999_999, 1_000_000),
        ("59.9999999", 59_999_999, 60_000_000),
        ("60", 59_000_000, 60_000_000),
        ("60.5", 59_000_000, 60_000_000),
        ("30.5", 30_500_000, 30_500_000),
    ],
)
def test_what_is_finer_than_a_microsecond_is_rounded_outward(seconds: str, start_us: int, end_us: int) -> None:
    text = f"2030-01-15T10:00:{seconds}Z"
    assert parse_instant_us(text, end=False) - MINUTE_US == start_us
    assert parse_instant_us(text, end=True) - MINUTE_US == end_us


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2030-01-15",
        "2030-01-15T10:00:00",
        "2030-01-15T10:00:00+00:00",
        "2030-01-15T10:00:00z",
        "2030-01-15 10:00:00Z",
        "2030-02-30T10:00:00Z",
        "2030-01-15T24:00:00Z",
        "2030-01-15T10:60:00Z",
        "2030-01-15T10:00:61Z",
        "2030-01-15T10:00:00.Z",
        "0000-01-15T10:00:00Z",
        "٢٠٣٠-01-15T10:00:00Z",
        "2030-01-15T10:00:00Z\n",
    ],
)
@pytest.mark.parametrize("end", [True, False])
def test_a_time_that_is_not_utc_or_does_not_exist_is_refused(text: str, *, end: bool) -> None:
    with pytest.raises(PartyError) as caught:
        parse_instant_us(text, end=end)
    assert caught.value.code == "bad_time"


def test_the_last_instant_of_year_9999_can_be_written_and_what_is_later_can_not() -> None:
    last = "9999-12-31T23:59:59.999999Z"
    assert format_instant(parse_instant_us(last, end=True)) == last
    with pytest.raises(PartyError):
        parse_instant_us("9999-12-31T23:59:59.9999999Z", end=True)


@given(st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999))
def test_an_instant_survives_writing_and_reading(instant_us: int) -> None:
    text = format_instant(instant_us)
    assert parse_instant_us(text, end=False) == parse_instant_us(text, end=True) == instant_us
