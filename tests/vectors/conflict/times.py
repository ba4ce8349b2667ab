"""Windows: closed at both ends, exact to the microsecond, unbounded where an end is missing."""

from typing import Final

from tests.vectors.conflict.words import CLEAR, CONFLICT, PLACES, Case, Group, Json, circle, volume

DISC: Final = circle(PLACES["bahr"], 1_000)
Window = tuple[str | None, str | None]

DAY: Final = "2030-01-15T"
# What it is called, the two windows, the answer, why.
ROWS: Final[list[tuple[str, Window, Window, str, str]]] = [
    ("back to back", ("10:00:00Z", "11:00:00Z"), ("11:00:00Z", "12:00:00Z"), CONFLICT,
     "Windows are closed: both hold the instant 11:00."),
    ("a second apart", ("10:00:00Z", "10:59:59Z"), ("11:00:00Z", "12:00:00Z"), CLEAR,
     "The first window ends a second before the other begins."),
    ("a millisecond apart", ("10:00:00Z", "10:59:59.999Z"), ("11:00:00Z", "12:00:00Z"), CLEAR,
     "The first window ends a millisecond before the other begins."),
    ("a microsecond apart", ("10:00:00Z", "10:59:59.999999Z"), ("11:00:00Z", "12:00:00Z"), CLEAR,
     "The first window ends a microsecond before the other begins."),
    ("a microsecond shared", ("10:00:00Z", "11:00:00.000001Z"), ("11:00:00Z", "12:00:00Z"), CONFLICT,
     "The first window ends a microsecond after the other begins."),
    ("a microsecond after the hour", ("10:00:00Z", "11:00:00Z"), ("11:00:00.000001Z", "12:00:00Z"), CLEAR,
     "The second window begins a microsecond after the first has ended; cut to milliseconds they would touch."),
    ("within one millisecond", ("10:00:00Z", "11:00:00.0004Z"), ("11:00:00.0006Z", "12:00:00Z"), CLEAR,
     "The ends lie 200 microseconds apart within one millisecond."),
    ("shared within one millisecond", ("10:00:00Z", "11:00:00.0006Z"), ("11:00:00.0006Z", "12:00:00Z"), CONFLICT,
     "Both windows hold the instant 11:00:00.0006; rounded inward to milliseconds they would not."),
    ("fractions of unequal length", ("10:00:00Z", "11:00:00.5Z"), ("11:00:00.500000Z", "12:00:00Z"), CONFLICT,
     "One instant, written with one digit and with six."),
    ("fractions of nine digits", ("10:00:00Z", "11:00:00.500000000Z"), ("11:00:00.500Z", "12:00:00Z"), CONFLICT,
     "One instant, written with nine digits and with three."),
    ("fractions compared as text", ("10:00:00Z", "11:00:00Z"), ("11:00:00.000Z", "12:00:00Z"), CONFLICT,
     "One instant; as texts the two differ."),
    ("text order misleads", ("10:00:00Z", "11:00:00.25Z"), ("11:00:00.3Z", "12:00:00Z"), CLEAR,
     "A quarter of a second is before three tenths, although 25 is more than 3."),
    ("whole second and its fractions", ("10:00:00Z", "11:00:00.9Z"), ("11:00:00Z", "11:00:00Z"), CONFLICT,
     "The second window is the single instant 11:00, which the first holds."),
    ("a single instant at the first end", ("10:00:00Z", "11:00:00Z"), ("10:00:00Z", "10:00:00Z"), CONFLICT,
     "A window of one instant lies on the first one's start."),
    ("a single instant at the last end", ("10:00:00Z", "11:00:00Z"), ("11:00:00Z", "11:00:00Z"), CONFLICT,
     "A window of one instant lies on the first one's end."),
    ("two equal single instants", ("11:00:00Z", "11:00:00Z"), ("11:00:00Z", "11:00:00Z"), CONFLICT,
     "Two windows of the same single instant share it."),
    ("two single instants", ("11:00:00Z", "11:00:00Z"), ("11:00:00.000001Z", "11:00:00.000001Z"), CLEAR,
     "Two single instants a microsecond apart are two."),
    ("one within the other", ("10:00:00Z", "14:00:00Z"), ("11:00:00Z", "12:00:00Z"), CONFLICT,
     "The second window lies whole within the first."),
    ("equal windows", ("10:00:00Z", "11:00:00Z"), ("10:00:00Z", "11:00:00Z"), CONFLICT, "The windows are equal."),
    ("no end", ("10:00:00Z", None), ("23:00:00Z", "23:30:00Z"), CONFLICT,
     "A window without an end goes on for ever."),
    ("no end, earlier", ("10:00:00Z", None), ("08:00:00Z", "09:59:59Z"), CLEAR,
     "A window without an end still has a beginning, a second too late."),
    ("no end, met at its start", ("10:00:00Z", None), ("08:00:00Z", "10:00:00Z"), CONFLICT,
     "Both hold 10:00, and windows are closed."),
    ("no start", (None, "10:00:00Z"), ("01:00:00Z", "02:00:00Z"), CONFLICT,
     "A window without a start has always been open."),
    ("no start, met at its end", (None, "10:00:00Z"), ("10:00:00Z", "12:00:00Z"), CONFLICT,
     "Both hold 10:00, and windows are closed."),
    ("no start, later", (None, "10:00:00Z"), ("10:00:00.000001Z", "12:00:00Z"), CLEAR,
     "A window without a start still has an end, a microsecond too early."),
    ("no times at all", (None, None), ("11:00:00Z", "11:00:01Z"), CONFLICT, "A volume without times is always there."),
    ("neither has times", (None, None), (None, None), CONFLICT, "Both volumes are always there."),
    ("one without start, one without end", (None, "10:00:00Z"), ("10:00:00Z", None), CONFLICT,
     "The two half-open windows share the instant 10:00."),
    ("two without end", ("10:00:00Z", None), ("20:00:00Z", None), CONFLICT,
     "Two windows without an end share all that comes after both have begun."),
]  # fmt: skip

# The same, with days.
DAYS: Final[list[tuple[str, Window, Window, str, str]]] = [
    ("midnight", ("2030-01-15T22:00:00Z", "2030-01-16T00:00:00Z"), ("2030-01-16T00:00:00Z", "2030-01-16T02:00:00Z"),
     CONFLICT, "Midnight belongs to both windows."),
    ("the turn of a year", ("2029-12-31T23:00:00Z", "2030-01-01T00:00:00Z"),
     ("2030-01-01T00:00:00Z", "2030-01-01T01:00:00Z"), CONFLICT, "The first instant of the year belongs to both."),
    ("before a leap day", ("2028-02-28T10:00:00Z", "2028-02-29T00:00:00Z"),
     ("2028-02-29T23:00:00Z", "2028-03-01T01:00:00Z"), CLEAR, "A leap day of 23 hours lies between the windows."),
    ("across a leap day", ("2028-02-28T10:00:00Z", "2028-02-29T23:00:00Z"),
     ("2028-02-29T23:00:00Z", "2028-03-01T01:00:00Z"), CONFLICT, "Both windows hold 23:00 of the leap day."),
    ("one leap second", ("2016-12-31T22:00:00Z", "2016-12-31T23:59:60Z"),
     ("2016-12-31T23:59:60Z", "2017-01-01T01:00:00Z"), CONFLICT, "Both windows hold the leap second 23:59:60."),
    ("a microsecond in a far year", ("9000-01-01T10:00:00Z", "9000-01-01T11:00:00Z"),
     ("9000-01-01T11:00:00.000001Z", "9000-01-01T12:00:00Z"), CLEAR,
     "A microsecond apart; seconds of that year in binary floating point are 30 microseconds apart."),
    ("before 1970", ("1960-01-01T10:00:00Z", "1960-01-01T11:00:00Z"),
     ("1960-01-01T11:00:00.5Z", "1960-01-01T12:00:00Z"), CLEAR, "Half a second apart, in seconds below zero."),
    ("before 1970 back to back", ("1960-01-01T10:00:00Z", "1960-01-01T11:00:00.5Z"),
     ("1960-01-01T11:00:00.5Z", "1960-01-01T12:00:00Z"), CONFLICT, "One shared instant, in seconds below zero."),
    ("past 2038", ("2037-01-01T00:00:00Z", "2040-01-01T00:00:00Z"), ("2039-01-01T00:00:00Z", "2039-01-02T00:00:00Z"),
     CONFLICT, "The second window lies within the first, past what 32 bits of seconds hold."),
    ("all of time", ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"),
     ("2030-01-15T11:00:00Z", "2030-01-15T12:00:00Z"), CONFLICT,
     "The first window holds every time that can be written."),
    ("the last instant", ("2030-01-15T11:00:00Z", "9999-12-31T23:59:59.999999Z"),
     ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"), CONFLICT,
     "Both windows hold the last microsecond that can be written."),
]  # fmt: skip


def _instants(window: Window, day: str = "") -> Window:
    start, end = (None if text is None else f"{day}{text}" for text in window)
    return start, end


def _times(window: Window) -> Json:
    return volume(DISC, start=window[0], end=window[1])


def time_edges() -> Group:
    rows = [(name, _instants(a, DAY), _instants(b, DAY), answer, why) for name, a, b, answer, why in ROWS]
    cases = [Case(name, [_times(a), _times(b)], answer, why) for name, a, b, answer, why in [*rows, *DAYS]]
    return Group(
        "time-edges",
        "One place and height, and windows that touch, or miss each other by a microsecond. Windows are closed.",
        cases,
    )
