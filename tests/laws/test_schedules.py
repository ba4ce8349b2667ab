"""A zone's volumes hold every instant at which its schedule applies, and none else but where they are estimated.

The definition here knows nothing of how schedules are expanded: it asks the calendar about one instant at a time.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import pytest
from hypothesis import given

from tansiq.domain import zone as zone_module
from tansiq.domain.zone import Zone
from tansiq.formats.ed318 import read_ed318
from tansiq.geometry.volume import TimeWindow
from tansiq.limits import LIMITS
from tansiq.units import format_instant
from tests.laws.strategies import seeds

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)
MINUTE_US: Final = 60_000_000
DAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
CLOCKS_MIN: Final = {
    "Z": 0,
    "+00:00": 0,
    "-00:30": -30,
    "+02:00": 120,
    "-09:30": -570,
    "+05:45": 345,
    "+14:00": 840,
    "-12:00": -720,
}
AROUND: Final = [
    datetime(2031, 12, 31, 12, tzinfo=UTC),  # a year's end
    datetime(2032, 2, 28, 23, 59, tzinfo=UTC),  # a leap day
    datetime(2100, 2, 28, 12, tzinfo=UTC),  # none
    datetime(1969, 12, 31, 23, tzinfo=UTC),  # before and after 1970
    datetime(2030, 1, 15, tzinfo=UTC),
]


def us(when: datetime) -> int:
    return (when - EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True)
class Entry:
    """One entry of a schedule as people read it: days and times on a clock. Minutes; an end of 1440 is midnight."""

    days: tuple[str, ...]
    start_min: int
    end_min: int
    clock: str

    def written(self, *, zone: bool = True) -> dict[str, Any]:
        clock = self.clock if zone else ""
        times = [f"{minute // 60:02d}:{minute % 60:02d}:00{clock}" for minute in (self.start_min, self.end_min)]
        return {"day": list(self.days), "startTime": times[0], "endTime": times[1]}

    def holds(self, when: datetime) -> bool:
        """Whether the instant lies in the window of its own day on this clock, or in that of the day before."""
        local = when + CLOCKS_MIN[self.clock] * MINUTE
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        length = (self.end_min - self.start_min) * MINUTE + (DAY if self.end_min <= self.start_min else 0 * DAY)
        for begin in (midnight, midnight - DAY):
            if "ANY" in self.days or DAYS[begin.weekday()] in self.days:
                start = begin + self.start_min * MINUTE
                if start <= local <= start + length:
                    return True
        return False


@dataclass(frozen=True)
class Stretch:
    """One period as people read it."""

    start: datetime | None
    end: datetime | None
    entries: tuple[Entry, ...]

    def written(self, *, zone: bool = True) -> dict[str, Any]:
        limits = {"startDateTime": self.start, "endDateTime": self.end}
        found: dict[str, Any] = {key: format_instant(us(when)) for key, when in limits.items() if when is not None}
        return {**found, "schedule": [entry.written(zone=zone) for entry in self.entries]}

    def holds(self, when: datetime) -> bool:
        within = (self.start is None or self.start <= when) and (self.end is None or when <= self.end)
        return within and (not self.entries or any(entry.holds(when) for entry in self.entries))


def random_entry(rng: random.Random) -> Entry:
    days = rng.sample(DAYS, rng.choice([1, 1, 2, 5, 7]))
    if rng.random() < 0.2:
        days.insert(rng.randrange(len(days)), "ANY")
    start = rng.choice([0, 1, 720, 1438, rng.randrange(1439)])
    end = rng.choice([e for e in (0, 1, 719, 721, 1438, 1440, rng.randrange(1439)) if e != start])
    return Entry(tuple(days), start, end, rng.choice(list(CLOCKS_MIN)))


def random_stretch(rng: random.Random, middle: datetime) -> Stretch:
    start = None if rng.random() < 0.3 else middle - rng.randrange(20_000) * MINUTE
    end = None if rng.random() < 0.3 else middle + rng.randrange(20_000) * MINUTE
    return Stretch(start, end, tuple(random_entry(rng) for _ in range(rng.choice([0, 1, 1, 2, 3]))))


def zone_of(periods: list[dict[str, Any]]) -> Zone:
    feature = {
        "type": "Feature",
        "geometry": {
            "type": "Point",
            "coordinates": [1.5, 1.5],
            "extent": {"subType": "Circle", "radius": 500},
        },
        "properties": {
            "identifier": "Z-1",
            "country": "XXA",
            "type": "PROHIBITED",
            "variant": "COMMON",
            "zoneAuthority": [{"purpose": "INFORMATION"}],
            "limitedApplicability": periods,
        },
    }
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    (found,), _ = read_ed318(content, "zones.json")
    return found


def random_span(rng: random.Random, middle: datetime, minutes: int) -> tuple[datetime, datetime]:
    start = middle + rng.randrange(-minutes, minutes) * MINUTE
    return start, start + rng.randrange(minutes) * MINUTE


def instants(rng: random.Random, found: Zone, start: datetime, end: datetime) -> Iterator[datetime]:
    """Edges of the span, of the volumes and of days in it, each with its neighbours, and any others."""
    edges = [us(start), us(end)]
    for volume in found.intent(TimeWindow(us(start), us(end))).volumes:
        edges += [edge for edge in (volume.window.start_us, volume.window.end_us) if edge is not None]
    edges = rng.sample(edges, min(len(edges), 60))
    edges += [us(start) + rng.randrange(us(end) - us(start) + 1) // MINUTE_US * MINUTE_US for _ in range(60)]
    for edge in edges:
        for near in (edge - 1, edge, edge + 1):
            if us(start) <= near <= us(end):
                yield EPOCH + timedelta(microseconds=near)


def held(found: Zone, span: TimeWindow, *, estimated: bool) -> Callable[[datetime], bool]:
    """Whether a volume that is estimated, or one that is not, holds an instant."""
    windows = [
        (volume.window.start_us, volume.window.end_us)
        for volume in found.intent(span).volumes
        if volume.estimated is estimated
    ]
    return lambda when: any(
        (start is None or start <= us(when)) and (end is None or us(when) <= end) for start, end in windows
    )


@given(seeds)
def test_volumes_are_the_schedule_to_the_microsecond(seed: int) -> None:
    rng = random.Random(seed)
    middle = rng.choice(AROUND)
    stretches = [random_stretch(rng, middle) for _ in range(rng.choice([1, 1, 2, 3]))]
    found = zone_of([stretch.written() for stretch in stretches])
    start, end = random_span(rng, middle, rng.choice([1, 100, 30_000]))
    span = TimeWindow(us(start), us(end))
    holds, doubts = held(found, span, estimated=False), held(found, span, estimated=True)
    assert found.follows_schedule(span)
    for when in instants(rng, found, start, end):
        assert holds(when) is any(stretch.holds(when) for stretch in stretches), when
        assert not doubts(when), when


@pytest.mark.parametrize("middle", AROUND, ids=str)
def test_volumes_are_the_schedule_minute_by_minute(middle: datetime) -> None:
    rng = random.Random(f"minutes {middle}")
    for _ in range(3):
        stretches = [random_stretch(rng, middle) for _ in range(2)]
        found = zone_of([stretch.written() for stretch in stretches])
        start, end = middle - 600 * MINUTE, middle + 1_500 * MINUTE
        holds = held(found, TimeWindow(us(start), us(end)), estimated=False)
        for minute in range(2_101):
            when = start + minute * MINUTE
            assert holds(when) is any(stretch.holds(when) for stretch in stretches), when


@given(seeds)
def test_volumes_are_in_order_lie_in_the_span_and_never_touch(seed: int) -> None:
    rng = random.Random(seed)
    middle = rng.choice(AROUND)
    found = zone_of([random_stretch(rng, middle).written() for _ in range(3)])
    start, end = random_span(rng, middle, 20_000)
    windows = [volume.window for volume in found.intent(TimeWindow(us(start), us(end))).volumes]
    limits = [(window.start_us, window.end_us) for window in windows]
    assert all(a is not None and b is not None and us(start) <= a <= b <= us(end) for a, b in limits)
    assert all(a[1] < b[0] for a, b in pairwise(limits) if a[1] is not None and b[0] is not None)


@given(seeds)
def test_without_a_time_zone_whatever_clock_was_meant_is_held_as_estimated(seed: int) -> None:
    rng = random.Random(seed)
    middle = rng.choice(AROUND)
    stretch = Stretch(None, None, (random_entry(rng),))
    found = zone_of([stretch.written(zone=False)])
    start, end = random_span(rng, middle, 20_000)
    doubts = held(found, TimeWindow(us(start), us(end)), estimated=True)
    for when in instants(rng, found, start, end):
        assert doubts(when) or not stretch.holds(when), when
    assert not any(map(held(found, TimeWindow(us(start), us(end)), estimated=False), [start, end]))


EVENTS: Final = ("BMCT", "SR", "SS", "EECT")


@given(seeds)
def test_whenever_the_sun_rises_the_volumes_hold_it_as_estimated(seed: int) -> None:
    rng = random.Random(seed)
    middle = rng.choice(AROUND)
    begins, ends = rng.sample(EVENTS, 2)
    sun_min = dict(zip(EVENTS, sorted(rng.sample(range(1_440), 4)), strict=True))
    clock, days = rng.choice(list(CLOCKS_MIN)), tuple(rng.sample(DAYS, rng.choice([1, 3])))
    truth = Entry(days, sun_min[begins], sun_min[ends], clock)
    found = zone_of([{"schedule": [{"day": list(days), "startEvent": begins, "endEvent": ends}]}])
    start, end = random_span(rng, middle, 20_000)
    doubts = held(found, TimeWindow(us(start), us(end)), estimated=True)
    for when in instants(rng, found, start, end):
        assert doubts(when) or not truth.holds(when), when


@given(seeds)
def test_a_schedule_that_is_too_long_to_follow_is_enclosed_as_estimated(seed: int) -> None:
    rng = random.Random(seed)
    middle = rng.choice(AROUND)
    stretches = [random_stretch(rng, middle) for _ in range(2)]
    found = zone_of([stretch.written() for stretch in stretches])
    start, end = random_span(rng, middle, 30_000)
    span = rng.choice([TimeWindow(us(start), us(end)), TimeWindow(None, us(end)), TimeWindow(us(start), None)])
    few = replace(LIMITS, volumes_per_zone=rng.choice([2, 3, 8]))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(zone_module, "LIMITS", few)
        followed = found.follows_schedule(span)
        holds, doubts = held(found, span, estimated=False), held(found, span, estimated=True)
        volumes = found.intent(span).volumes
    assert len(volumes) <= few.volumes_per_zone
    for when in instants(rng, found, start, end):
        truth = any(stretch.holds(when) for stretch in stretches)
        assert holds(when) <= truth <= (holds(when) or doubts(when)), when
        assert not (followed and doubts(when)), when
