"""Dates and times of any precision, as the whole period that they can mean.

Source: W3C XML Schema 1.1 part 2, dateTime, date, gYearMonth and gYear; ISO 8601.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from tansiq.errors import PartyError
from tansiq.units import FIRST_INSTANT_US, LAST_INSTANT_US, US_PER_SECOND

_PERIOD: Final = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d+))?)?)?)?)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?",
    re.ASCII | re.IGNORECASE,
)
_HOUR_US: Final = 3_600 * US_PER_SECOND
_MINUTE_US: Final = 60 * US_PER_SECOND
_EAST_US: Final = 14 * _HOUR_US
_WEST_US: Final = 12 * _HOUR_US
"""No clock on land or at sea is further ahead of UTC than 14 hours, or further behind than 12."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WANT: Final = "a year, month or day, or a time such as 2030-01-15T10:00:00Z"


class Period(NamedTuple):
    """The first and the last instant that a text can mean, and whether it named its time zone.

    An instant is None, unbounded, where it lies past the years 1 to 9999.
    """

    first_us: int | None
    last_us: int | None
    zoned: bool


def period(text: str) -> Period:
    """The period of the text: 2030-01 is all of January, to the first instant of February.

    What is finer than a microsecond and a leap second are rounded outward. Without a time zone the text could be in
    any: the period begins 14 hours earlier and ends 12 hours later than it would in UTC.

    Raises PartyError bad_time.
    """
    found = _PERIOD.fullmatch(text.strip()) if len(text) < 1_000 else None
    if found is None:
        raise PartyError("bad_time", "", repr(text)[:80], _WANT)
    year, month, day = int(found["year"]), int(found["month"] or 1), int(found["day"] or 1)
    try:
        first_us = _since_1970_us(datetime(year, month, day, tzinfo=UTC))
        offset_us = _offset_us(found["zone"])
        if found["hour"] is not None:
            first_us, last_us = _time_us(found, first_us)
        else:
            last_us = _end_us(year, found["month"] and month, found["day"] and day)
    except ValueError as error:
        raise PartyError("bad_time", "", repr(text)[:80], _WANT) from error
    early_us, late_us = (_EAST_US, _WEST_US) if offset_us is None else (offset_us, -offset_us)
    first_us, last_us = first_us - early_us, last_us + late_us
    return Period(
        None if first_us < FIRST_INSTANT_US else min(first_us, LAST_INSTANT_US),
        None if last_us > LAST_INSTANT_US else max(last_us, FIRST_INSTANT_US),
        offset_us is not None,
    )


def _since_1970_us(when: datetime) -> int:
    return (when - _EPOCH) // timedelta(microseconds=1)


def _end_us(year: int, month: int | str | None, day: int | str | None) -> int:
    """The first instant after the year, month or day."""
    if day:
        return _since_1970_us(datetime(year, int(month or 1), int(day), tzinfo=UTC)) + 24 * _HOUR_US
    if month and int(month) < 12:
        return _since_1970_us(datetime(year, int(month) + 1, 1, tzinfo=UTC))
    if year == 9999:
        return LAST_INSTANT_US + 1
    return _since_1970_us(datetime(year + 1, 1, 1, tzinfo=UTC))


def _offset_us(zone: str | None) -> int | None:
    """How far the zone is ahead of UTC; None where none is named."""
    if zone is None:
        return None
    if zone in "Zz":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    if hours > 14 or minutes > 59:
        raise ValueError(zone)
    ahead_us = hours * _HOUR_US + minutes * _MINUTE_US
    return ahead_us if zone[0] == "+" else -ahead_us


def _time_us(found: re.Match[str], day_us: int) -> tuple[int, int]:
    """The first and last instant of a time of that day: a minute without seconds is the whole minute."""
    hour, minute, second = int(found["hour"]), int(found["minute"]), found["second"]
    midnight = hour == 24 and minute == 0 and not int(second or 0)  # The end of the day, in XML Schema.
    if minute > 59 or (hour > 23 and not midnight) or int(second or 0) > 60:
        raise ValueError(found[0])
    first_us = day_us + hour * _HOUR_US + minute * _MINUTE_US
    if second is None:
        return first_us, first_us + _MINUTE_US
    if second == "60":
        return first_us + 59 * US_PER_SECOND, first_us + _MINUTE_US
    fraction = found["fraction"] or ""
    first_us += int(second) * US_PER_SECOND + int(fraction[:6].ljust(6, "0"))
    return first_us, first_us + (1 if fraction[6:].strip("0") else 0)
