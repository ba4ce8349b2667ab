"""Quantities with their unit and datum, and the only conversions between them.

Inside tansiq lengths are metres, instants are integer microseconds since 1970-01-01T00:00:00Z, and
altitudes are integers of a tenth of a millimetre (suffix `_dmm`, decimillimetre) beside their
reference. In tenths of a millimetre a foot is exactly 3048, so 13,000 ft less 10,000 ft is exactly
3,000 ft, whatever the floating point says.
"""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum

from tansiq.errors import PartyError
from tansiq.limits import LIMITS

METRES_PER_NAUTICAL_MILE = 1852.0
DMM_PER_METRE = 10_000
DMM_PER_FOOT = 3_048
US_PER_SECOND = 1_000_000

# The exact decimal text keeps "0.3 ft" from turning into a neighbour of 0.3 before it is multiplied.
_METRES_PER: dict[str, Decimal] = {
    "M": Decimal(1),
    "KM": Decimal(1000),
    "NM": Decimal(1852),
    "FT": Decimal("0.3048"),
}
_SECONDS_PER: dict[str, int] = {"S": 1, "MIN": 60, "H": 3600}
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))\s*([A-Za-z]+)", re.ASCII)


class AltitudeUnit(Enum):
    """What one step of an altitude's number is; FL counts hundreds of feet."""

    M = "M"
    FT = "FT"
    FL = "FL"


class Reference(IntEnum):
    """What an altitude is measured from. The numbers stand in arrays and kernels: never change them.

    W84: the WGS84 ellipsoid. AMSL: mean sea level. AGL: the ground or water below (F3548's and AIXM's SFC).
    FL: the 1013.25 hPa pressure level of the standard atmosphere (pressure altitude).
    """

    W84 = 1
    AMSL = 2
    AGL = 3
    FL = 4


_REFERENCE_NAMES = {
    "W84": Reference.W84,
    "AMSL": Reference.AMSL,
    "AGL": Reference.AGL,
    "SFC": Reference.AGL,
    "FL": Reference.FL,
}
_UNIT_NAMES = {unit.value: unit for unit in AltitudeUnit}
_DMM_PER_UNIT = {
    AltitudeUnit.M: DMM_PER_METRE,
    AltitudeUnit.FT: DMM_PER_FOOT,
    AltitudeUnit.FL: 100 * DMM_PER_FOOT,
}


@dataclass(frozen=True, slots=True)
class Altitude:
    """An altitude as its party wrote it: number, unit and reference, none of them ever converted away."""

    value: float
    units: AltitudeUnit
    reference: Reference

    def __post_init__(self) -> None:
        require_finite(self.value, "value")
        low, high = LIMITS.altitude_min_m, LIMITS.altitude_max_m
        # Rounded only once it is known to be small: a number near the largest float has no integer here.
        if not low * DMM_PER_METRE - 1 < self.value * _DMM_PER_UNIT[self.units] < high * DMM_PER_METRE + 1:
            raise PartyError("out_of_range", "value", f"{self}", f"an altitude from {low:.0f} m to {high:.0f} m")

    @property
    def dmm(self) -> int:
        """The number in tenths of a millimetre, rounded to nearest, measured from `reference`."""
        return round(self.value * _DMM_PER_UNIT[self.units])

    def __str__(self) -> str:
        """As a controller writes it: FL100, 3048 m AMSL, 500 ft AGL."""
        if self.units is AltitudeUnit.FL:
            return f"FL{self.value:03g}"
        return f"{self.value:g} {self.units.value.lower()} {self.reference.name}"


def altitude(value: float, units: str, reference: str) -> Altitude:
    """The altitude of these three fields of a file.

    Raises PartyError: the first of `altitude_errors`, or out_of_range.
    """
    errors = altitude_errors(value, units, reference)
    if errors:
        raise errors[0]
    return Altitude(value, _UNIT_NAMES[units], _REFERENCE_NAMES[reference])


def altitude_errors(value: float, units: str, reference: str) -> list[PartyError]:
    """What is wrong with these three fields, each by itself: not_finite, unknown_unit, unknown_reference.

    A number in FL needs the reference FL, because hundreds of feet above anything else would be a guess.
    """
    errors: list[PartyError] = []
    try:
        require_finite(value, "value")
    except PartyError as error:
        errors.append(error)
    if units not in _UNIT_NAMES:
        errors.append(PartyError("unknown_unit", "units", repr(units)[:80], "M, FT or FL"))
    if reference not in _REFERENCE_NAMES:
        errors.append(PartyError("unknown_reference", "reference", repr(reference)[:80], "W84, AMSL, AGL, SFC or FL"))
    elif units == "FL" and reference != "FL":
        errors.append(PartyError("unknown_reference", "reference", repr(reference), "FL where the unit is FL"))
    return errors


def require_finite(value: float, field: str) -> None:
    """Nothing, unless the number is NaN or infinite: PartyError not_finite."""
    if not math.isfinite(value):
        raise PartyError("not_finite", field, repr(value), "a finite number")


def length_m(value: float, units: str, field: str = "value") -> float:
    """The length in metres, from a number in M, KM, NM or FT.

    Raises PartyError: unknown_unit, not_finite.
    """
    require_finite(value, field)
    if units not in _METRES_PER:
        raise PartyError("unknown_unit", "units", repr(units), "M, KM, NM or FT")
    return value if units == "M" else float(Decimal(repr(value)) * _METRES_PER[units])


def _quantity(text: str, field: str, units: dict[str, object], example: str) -> tuple[Decimal, str]:
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        raise PartyError("bad_quantity", field, repr(text), f"a number with a unit, such as {example}")
    unit = match[2].upper()
    if unit not in units:
        raise PartyError("unknown_unit", field, repr(text), f"one of the units {', '.join(sorted(units))}")
    return Decimal(match[1]), unit


def parse_length_m(text: str, field: str) -> Decimal:
    """The metres of a text such as `3NM`, `1000ft`, `2km`, `300m`, exact as a decimal number.

    Raises PartyError: bad_quantity, unknown_unit, out_of_range (negative, or past the limit).
    """
    number, unit = _quantity(text, field, dict(_METRES_PER), "3NM, 1000ft, 2km or 300m")
    metres = number * _METRES_PER[unit]
    if not 0 <= metres <= Decimal(LIMITS.minimum_m):
        raise PartyError("out_of_range", field, repr(text), f"a length from 0 m to {LIMITS.minimum_m:.0f} m")
    return metres


def parse_duration_us(text: str, field: str) -> int:
    """The microseconds of a text such as `60s`, `5min` or `1h`.

    Raises PartyError: bad_quantity, unknown_unit, out_of_range (negative, or more than 366 days).
    """
    number, unit = _quantity(text, field, dict(_SECONDS_PER), "60s, 5min or 1h")
    seconds = number * _SECONDS_PER[unit]
    if not 0 <= seconds <= 366 * 86_400:
        raise PartyError("out_of_range", field, repr(text), "a duration from 0 s to 366 days")
    return round(seconds * US_PER_SECOND)


_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d):(\d\d)(?:\.(\d+))?Z", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_INSTANT_US = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
"""0001-01-01T00:00:00Z: files can not write what lies before."""
LAST_INSTANT_US = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
"""The last microsecond of the year 9999."""


def parse_instant_us(text: str, *, end: bool) -> int:
    """The instant of an RFC 3339 text that ends in Z, in microseconds since 1970.

    What is finer than a microsecond, and a leap second, is rounded outward: down for the start of a
    window, up for its end (`end=True`).

    Raises PartyError bad_time. Source: F3548-21 Time ("The time zone must be 'Z'").
    """
    match = _INSTANT.fullmatch(text)
    want = "an RFC 3339 time in UTC such as 2030-01-15T10:00:00Z"
    if match is None:
        raise PartyError("bad_time", "value", repr(text), want)
    minute, second, fraction = match[1], int(match[2]), match[3] or ""
    try:
        start_of_minute = datetime.fromisoformat(minute + ":00+00:00")
    except ValueError:
        raise PartyError("bad_time", "value", repr(text), want) from None
    if second > 60:
        raise PartyError("bad_time", "value", repr(text), want)
    if second == 60:
        # A leap second has no number of its own in POSIX time: for a start it counts as 59, for an end as 60.
        microseconds = (60 if end else 59) * US_PER_SECOND
    else:
        rounded_up = 1 if end and fraction[6:].strip("0") else 0
        microseconds = second * US_PER_SECOND + int(fraction[:6].ljust(6, "0")) + rounded_up
    instant_us = (start_of_minute - _EPOCH) // timedelta(microseconds=1) + microseconds
    if instant_us > LAST_INSTANT_US:
        raise PartyError("bad_time", "value", repr(text), "a time before the year 10000")
    return instant_us


def format_instant(instant_us: int) -> str:
    """The instant as RFC 3339 in UTC, with a fraction only where there is one; exact both ways."""
    when = _EPOCH + timedelta(microseconds=instant_us)
    text = when.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    fraction = f".{when.microsecond:06d}".rstrip("0") if when.microsecond else ""
    return f"{text}{fraction}Z"
