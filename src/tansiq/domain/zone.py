"""Zones: parts of space with rules of their own, such as geozones, and when these rules apply.

Rules for the next editor:

1. What is not known when or where exactly stands as more, never as less, and is `estimated`: a conflict with it
   is at most possible, and is never hidden.
2. A day is a number of days since 1970-01-01 in UTC and nothing else. Clocks of other places are moved by their
   offset when they are read, so that nothing here knows a time zone.

Source: docs/reference/geozones.md.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import chain, islice
from typing import Final

from tansiq.domain.intent import Intent, Kind
from tansiq.errors import PartyError
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.footprint import Footprint
from tansiq.geometry.volume import TimeWindow, Volume4D, shared_window
from tansiq.limits import LIMITS
from tansiq.units import FIRST_INSTANT_US, LAST_INSTANT_US, US_PER_SECOND

DAY_US: Final = 86_400 * US_PER_SECOND
DAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
EVERY_DAY: Final = frozenset(range(7))
"""The days of the week by their numbers, Monday is 0."""
_DAY_ZERO: Final = 3
"""1970-01-01 was a Thursday."""
_BEFORE_ALL_US, _AFTER_ALL_US = FIRST_INSTANT_US - 1, LAST_INSTANT_US + 1
"""Stand for a missing start and end where instants are compared."""


class Restriction(Enum):
    """What a zone asks of who wants to fly in it."""

    PROHIBITED = "prohibited"
    REQ_AUTHORIZATION = "authorization required"
    CONDITIONAL = "conditional"
    USPACE = "U-space airspace"
    NO_RESTRICTION = "no restriction"


class Variant(Enum):
    """Whether a zone's definition is the one for all, or one made for a certain user."""

    COMMON = "common"
    CUSTOMIZED = "customized"


@dataclass(frozen=True, slots=True)
class Authority:
    """Whom to ask or tell about a zone; None is what the zone does not say.

    `purpose` is AUTHORIZATION, NOTIFICATION or INFORMATION; `interval_before` an ISO 8601 duration.
    """

    name: str | None = None
    service: str | None = None
    contact_name: str | None = None
    site_url: str | None = None
    email: str | None = None
    phone: str | None = None
    purpose: str | None = None
    interval_before: str | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """One footprint of a zone with its band; `estimated` where they enclose the real ones, as for a filled hole."""

    footprint: Footprint
    band: AltitudeBand
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class DailyWindow:
    """On each of these days all instants from `from_us` to `until_us`, both counted from the day's begin in UTC.

    Both ends belong to it. `from_us` may be below 0 and `until_us` past the day's end: where a window crosses
    midnight, and where its day is one of a clock east or west of Greenwich. `estimated` where it encloses a real
    window that is not known better, as the time from sunrise to sunset.
    """

    days: frozenset[int]
    from_us: int
    until_us: int
    estimated: bool = False

    def __post_init__(self) -> None:
        assert self.days, "a window on no day"
        assert self.days <= EVERY_DAY, self.days
        assert self.from_us <= self.until_us, (self.from_us, self.until_us)

    @property
    def is_always(self) -> bool:
        """Whether it leaves no instant out: each day's window reaches to the next day's."""
        return self.days == EVERY_DAY and self.until_us - self.from_us >= DAY_US


@dataclass(frozen=True, slots=True)
class Period:
    """All of the window, or of it what one of the daily windows holds where there are any."""

    window: TimeWindow
    schedule: tuple[DailyWindow, ...] = ()
    estimated: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the schedule leaves nothing of the window out, and that is known."""
        return not self.schedule or any(daily.is_always and not daily.estimated for daily in self.schedule)


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of space with rules of its own: it applies in all its layers, at the instants of any of its periods.

    `country` and `identifier` name it in the world. `remarks` are further fields with their texts, for people.

    Raises PartyError limit_exceeded (layers and periods, or the names of its intent).
    """

    identifier: str
    country: str
    name: str | None
    restriction: Restriction
    variant: Variant
    layers: tuple[Layer, ...]
    periods: tuple[Period, ...]
    reasons: tuple[str, ...] = ()
    authorities: tuple[Authority, ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        assert self.layers, "a zone that is nowhere"
        assert self.periods, "a zone that never applies"
        count, limit = len(self.layers) * len(self.periods), LIMITS.volumes_per_zone
        if count > limit:
            got = f"{len(self.layers)} layers in {len(self.periods)} periods"
            raise PartyError("limit_exceeded", "", got, f"at most {limit} layers times periods")
        Intent(self.id, self.party, Kind.ZONE, (), name=self.name)  # Refused here, and not only when it is asked for.

    @property
    def id(self) -> str:
        """The zone's name in the world."""
        return f"{self.country}/{self.identifier}"

    @property
    def party(self) -> str:
        """Who declares it. Two zones of one country are of one party."""
        return f"zone {self.country}"

    def intent(self, span: TimeWindow) -> Intent:
        """The zone as an intent: a volume for each layer and each window in which it applies within the span.

        The volumes hold every instant of the span at which the zone applies, and no other, but for those that are
        `estimated`. Where the zone does not apply within the span, the intent has no volumes.

        A schedule is followed day by day only where `follows_schedule`; elsewhere one estimated volume stands for
        each of its periods, from its first instant to its last.
        """
        windows, _ = self._windows(span)
        volumes = tuple(
            Volume4D(layer.footprint, layer.band, window, estimated=estimated or layer.estimated)
            for layer in self.layers
            for window, estimated in windows
        )
        return Intent(self.id, self.party, Kind.ZONE, volumes, name=self.name)

    def follows_schedule(self, span: TimeWindow) -> bool:
        """Whether `intent` follows the schedules day by day.

        It does not where a week would have to be repeated without end, and past `LIMITS.volumes_per_zone`.
        """
        return self._windows(span)[1]

    def _windows(self, span: TimeWindow) -> tuple[list[tuple[TimeWindow, bool]], bool]:
        """The windows with whether they are estimated, and whether the schedules were followed day by day."""
        shared = [(period, shared_window(period.window, span)) for period in self.periods]
        within = [(period, _instants_us(window)) for period, window in shared if window is not None]
        endless = [_is_endless(*each) for each in within]
        whole = [(us, period.estimated or not period.is_whole) for period, us in within]
        by_day = (
            [enclosed] if without_end else _occurrences(*each)
            for each, enclosed, without_end in zip(within, whole, endless, strict=True)
        )
        most = LIMITS.volumes_per_zone // len(self.layers)
        found = list(islice(chain.from_iterable(by_day), most + 1))
        if len(found) > most:
            return list(_united(whole)), False
        return list(_united(found)), not any(endless)


_Instants = tuple[int, int]


def _instants_us(window: TimeWindow) -> _Instants:
    start_us = _BEFORE_ALL_US if window.start_us is None else window.start_us
    return start_us, _AFTER_ALL_US if window.end_us is None else window.end_us


def _window(start_us: int, end_us: int) -> TimeWindow:
    return TimeWindow(
        None if start_us == _BEFORE_ALL_US else start_us,
        None if end_us == _AFTER_ALL_US else end_us,
    )


def _is_endless(period: Period, within_us: _Instants) -> bool:
    """Whether its days could not be counted."""
    bounded = within_us[0] != _BEFORE_ALL_US and within_us[1] != _AFTER_ALL_US
    return not (bounded or period.is_whole or all(daily.is_always for daily in period.schedule))


def _occurrences(period: Period, within_us: _Instants) -> Iterator[tuple[_Instants, bool]]:
    """Every window of the period that shares an instant with these, cut to them; in no order, and not yet united."""
    start_us, end_us = within_us
    if period.is_whole:
        yield within_us, period.estimated
        return
    for daily in period.schedule:
        estimated = daily.estimated or period.estimated
        if daily.is_always:
            yield within_us, estimated
            continue
        # The first day whose window ends at the start or later, rounded up, and the last that begins by the end.
        first, last = -((daily.until_us - start_us) // DAY_US), (end_us - daily.from_us) // DAY_US
        for day in range(first, last + 1):
            if (day + _DAY_ZERO) % 7 in daily.days:
                begin_us = day * DAY_US
                yield (max(start_us, begin_us + daily.from_us), min(end_us, begin_us + daily.until_us)), estimated


def _united(found: Iterable[tuple[_Instants, bool]]) -> Iterator[tuple[TimeWindow, bool]]:
    """The windows in order, those that touch or overlap as one; certain ones never with estimated ones."""
    for estimated in (False, True):
        start_us: int | None = None
        end_us = 0
        for next_start_us, next_end_us in sorted(us for us, doubt in found if doubt is estimated):
            if start_us is not None and next_start_us <= end_us:
                end_us = max(end_us, next_end_us)
                continue
            if start_us is not None:
                yield _window(start_us, end_us), estimated
            start_us, end_us = next_start_us, next_end_us
        if start_us is not None:
            yield _window(start_us, end_us), estimated
