"""Times of day, daylight events and days of the week, as geozones write them, as daily windows in UTC.

Rules for the next editor:

1. A time that names no time zone may be one of any clock, from 14 hours ahead of UTC to 12 hours behind it.
2. A daylight event may lie anywhere in its day, and its day is one of any clock.
3. Both are told as losses, and what stands for them is estimated.

Source: ED-269 (applicability), ED-318 (limitedApplicability), RFC 3339; docs/reference/geozones.md.
"""

import re
from collections.abc import Collection, Mapping
from enum import IntEnum
from typing import Any, Final, NamedTuple

from tansiq.domain.zone import DAY_US, DAYS, EVERY_DAY, DailyWindow, Period
from tansiq.errors import PartyError
from tansiq.formats.kit.part import Part, below
from tansiq.formats.kit.periods import period
from tansiq.geometry.volume import TimeWindow
from tansiq.units import US_PER_SECOND, format_instant

MINUTE_US: Final = 60 * US_PER_SECOND
HOUR_US: Final = 60 * MINUTE_US
AHEAD_US: Final = 14 * HOUR_US
"""No clock is further ahead of UTC."""
BEHIND_US: Final = 12 * HOUR_US
"""No clock is further behind it."""
LAST_MINUTE_US: Final = DAY_US - MINUTE_US
ANY_DAY: Final = "ANY"
_CLOCK = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:(Z)|([+-])(\d\d):?(\d\d))?", re.ASCII)


class DaylightEvent(IntEnum):
    """What begins or ends a window with the sun, in the order of a day."""

    BMCT = 1  # begin of morning civil twilight
    SR = 2  # sunrise
    SS = 3  # sunset
    EECT = 4  # end of evening civil twilight


EVENTS: Final = {event.name: event for event in DaylightEvent}


class DailyFields(NamedTuple):
    """The fields that an entry of a schedule may have, and those that it must have."""

    known: Collection[str]
    required: Collection[str]


class Clock(NamedTuple):
    """A time of day: since midnight, and how far its clock is ahead of UTC; None where it does not say."""

    us: int
    ahead_us: int | None


def parse_clock(text: str, *, end: bool) -> Clock:
    """The time of day of a text such as 08:00Z, 08:00:00.00Z or 08:00:00+02:00, midnight at its end being 24:00.

    What is finer than a microsecond, and a leap second, is rounded outward: down for a start, up for an `end`.

    Raises PartyError bad_time.
    """
    match = _CLOCK.fullmatch(text)
    want = "a time such as 08:00:00Z or 08:00:00+02:00"
    if match is None:
        raise PartyError("bad_time", "", repr(text)[:80], want)
    hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3))
    fraction = match[4] or ""
    ahead_us = 0 if match[5] else None
    if match[6]:
        hours, minutes = int(match[7]), int(match[8])
        ahead_us = (hours * HOUR_US + minutes * MINUTE_US) * (-1 if match[6] == "-" else 1)
        # No clock is further off: what stands for an unknown one would not hold it.
        if minutes > 59 or not -BEHIND_US <= ahead_us <= AHEAD_US:
            raise PartyError("bad_time", "", repr(text)[:80], want)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second or fraction.strip("0"))):
        raise PartyError("bad_time", "", repr(text)[:80], want)
    if second == 60:
        # A leap second has no number of its own: for a start it counts as 59, for an end as 60.
        second, fraction = (60 if end else 59), ""
    rounded_up = 1 if end and fraction[6:].strip("0") else 0
    us = hour * HOUR_US + minute * MINUTE_US + second * US_PER_SECOND + int(fraction[:6].ljust(6, "0")) + rounded_up
    return Clock(us, ahead_us)


def read_period(part: Part, holder: Mapping[str, Any], path: str, schedule: str, daily: DailyFields) -> Period:
    """What stands under startDateTime, endDateTime and the schedule's key, whose entries have the `daily` fields.

    A missing start or end is unbounded, and a missing or empty schedule is all of the time between.
    """
    start_us, surely_from = _moment(part, holder, "startDateTime", path, end=False)
    end_us, surely_until = _moment(part, holder, "endDateTime", path, end=True)
    window = TimeWindow(None, None)
    if start_us is not None and end_us is not None and end_us < start_us:
        want = f"not before startDateTime, {format_instant(start_us)}"
        part.refuse("time_reversed", below(path, "endDateTime"), format_instant(end_us), want)
    else:
        window = TimeWindow(start_us, end_us)
    found = [_daily_window(part, value, field, daily) for field, value in part.entries(holder, schedule, path)]
    known = tuple(each for each in found if each is not None)
    return Period(window, known, estimated=not (surely_from and surely_until))


def _moment(part: Part, holder: Mapping[str, Any], key: str, path: str, *, end: bool) -> tuple[int | None, bool]:
    """The instant under this key, None where it is missing, and whether it is known exactly."""
    text, field = part.text(holder, key, path), below(path, key)
    found = None if text is None else part.attempt(field, lambda: period(text))
    if text is None or found is None:
        return None, True
    if not found.zoned:
        instead = "the latest instant that it can be" if end else "the earliest instant that it can be"
        part.lose(field, f"{text[:40]} names no time zone", instead)
    return found.last_us if end else found.first_us, found.zoned


def _daily_window(part: Part, value: object, path: str, daily: DailyFields) -> DailyWindow | None:
    """The schedule's entry as a window on days; None, and its errors, where it is none."""
    before = len(part.errors)
    entry = part.fields(value, path, daily.known, required=daily.required)
    if entry is None:
        return None
    days, certain_days = _days(part, entry, path)
    clocks = [_clock(part, entry, key, path, end=end) for key, end in (("startTime", False), ("endTime", True))]
    events = [part.code(entry, key, path, EVENTS) for key in ("startEvent", "endEvent")]
    if len(part.errors) > before:
        return None
    if any(event is not None for event in events):
        part.lose(path, "when the sun rises and sets is not computed", "the whole of the days on any clock")
        from_us, until_us, sure = *_sunlit_us(*events), False
    else:
        limits = _between(part, path, *clocks, any_day=days == EVERY_DAY)
        if limits is None:
            return None
        from_us, until_us, sure = limits
    return DailyWindow(days, from_us, until_us, estimated=not (sure and certain_days))


def _days(part: Part, entry: Mapping[str, Any], path: str) -> tuple[frozenset[int], bool]:
    """The days by their numbers, and whether all of them are known. No days, ANY and days of no meaning are all."""
    found: set[int] = set()
    certain, every = True, not entry.get("day")
    for field, code in part.entries(entry, "day", path):
        if code in DAYS:
            found.add(DAYS.index(code))
        elif code == ANY_DAY:
            every = True
        elif isinstance(code, str):
            part.lose(field, f"{ascii(code)[:40]} is no day of the week", "every day")
            certain, every = False, True
        else:
            part.refuse("bad_value", field, f"a value of type {type(code).__name__}", "a day such as MON, or ANY")
    return (EVERY_DAY if every else frozenset(found)), certain


def _clock(part: Part, entry: Mapping[str, Any], key: str, path: str, *, end: bool) -> Clock | None:
    text = part.text(entry, key, path)
    if text is None:
        return None
    return part.attempt(below(path, key), lambda: parse_clock(text, end=end))


def _sunlit_us(start: DaylightEvent | None, end: DaylightEvent | None) -> tuple[int, int]:
    """From when to when a window lies that begins or ends at such an event, counted from its day's begin in UTC.

    It may end on the next day unless both are events of one day in their order.
    """
    one_day = start is not None and end is not None and start < end
    return -AHEAD_US, (DAY_US if one_day else 2 * DAY_US) + BEHIND_US


def _between(
    part: Part, path: str, start: Clock | None, end: Clock | None, *, any_day: bool
) -> tuple[int, int, bool] | None:
    """From when to when the window lies, counted from its day's begin in UTC, and whether that is known exactly.

    A missing start is the day's begin, and a missing end, or one in the last minute of the day, the day's end. An end
    that is not after the start is one of the next day; where they are equal it may be meant so.
    """
    given = [clock for clock in (start, end) if clock is not None]
    if not given and any_day:
        return 0, DAY_US, True
    start_us = 0 if start is None else start.us
    end_us = DAY_US if end is None or end.us >= LAST_MINUTE_US else end.us
    if (DAY_US if end is None else end.us) <= start_us:
        end_us += DAY_US
    sure = len(given) == 2 and given[0].us != given[1].us
    if not sure:
        part.lose(path, "a start and an end that differ are not both given", "the most that it can mean")
    offsets = {clock.ahead_us for clock in given}
    if not offsets or None in offsets:
        part.lose(path, "no time zone is named", "the times on any clock from 14 h ahead of UTC to 12 h behind")
        return start_us - AHEAD_US, end_us + BEHIND_US, False
    if len(offsets) > 1:
        part.refuse("bad_value", below(path, "endTime"), "another time zone than in startTime", "one time zone")
        return None
    ahead_us = offsets.pop() or 0
    return start_us - ahead_us, end_us - ahead_us, sure
