"""A made-up day of two parties in theatre BAHR, the same for every seed everywhere.

Rules for the next editor:

1. Every lot comes from `Lots`, every place is rounded by `lots.place`, every instant is a whole second.
2. A day's plans are the first of every longer day's with the same seed.
3. A change to what is drawn, or in which order, changes every figure that docs, tests and benchmarks give
   for a seed.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, NamedTuple

from tansiq.domain.intent import Intent, Kind, band_or_default
from tansiq.domain.route import RouteMargins, Waypoint, route_volumes
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Footprint
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.sim.lots import Lots, between, box, length_m, offset, part_of_theatre, racetrack
from tansiq.units import (
    DMM_PER_FOOT,
    METRES_PER_NAUTICAL_MILE,
    US_PER_SECOND,
    Altitude,
    AltitudeUnit,
    Reference,
    parse_instant_us,
)

DAY_START_US: Final = parse_instant_us("2030-01-15T00:00:00Z", end=False)
MINUTE_US: Final = 60 * US_PER_SECOND
KNOT_MPS: Final = METRES_PER_NAUTICAL_MILE / 3_600
TRANSITION_FT: Final = 5_000
"""From here up altitudes are flight levels, below it heights above mean sea level."""
JET_FT: Final = 18_000
PARTIES: Final = (("AMBER", "A"), ("TEAL", "T"))
OUT_OF_TURN: Final = 0.2
"""The parties take turns, but for this share of the plans."""
FIRST_NUMBER: Final = 101


def day_plans(seed: int, count: int) -> list[Intent]:
    """So many intents of AMBER and TEAL on 15 January 2030, from 00:00 to 24:00 UTC; of two or more, some of each.

    Of forty a handful conflict between the parties at 3 NM and 1000 ft within the air: on three days in four 5 to 12.
    """
    lots = Lots(seed)
    fleets = {party: _Fleet.drawn(lots) for party, _ in PARTIES}
    numbers = {party: FIRST_NUMBER for party, _ in PARTIES}
    intents: list[Intent] = []
    makers: list[_Maker] = []
    for i in range(count):
        makers = makers or lots.shuffled(maker for maker, of_forty in _MIX for _ in range(of_forty))
        twice = i >= len(PARTIES) and lots.between(0, 1) < OUT_OF_TURN
        party, letter = PARTIES[(i + twice) % len(PARTIES)]
        plan = makers.pop()(lots, fleets[party])
        name = f"{letter}-{numbers[party]}"
        numbers[party] += 1
        intents.append(Intent(name, party, plan.kind, plan.volumes, plan.priority, plan.name))
    return intents


@dataclass(frozen=True)
class _Fleet:
    """What a party has at sea."""

    ships: tuple[LatLng, ...]
    platforms: tuple[LatLng, ...]

    @classmethod
    def drawn(cls, lots: Lots) -> "_Fleet":
        return cls(tuple(lots.place() for _ in range(4)), tuple(lots.place() for _ in range(4)))


class _Plan(NamedTuple):
    kind: Kind
    name: str
    volumes: tuple[Volume4D, ...]
    priority: int = 0


_Maker = Callable[[Lots, _Fleet], _Plan]


# ----------------------------------------------------------------------------------------------------- time and height


def _window(start_min: int, minutes: int) -> TimeWindow:
    start_us = DAY_START_US + start_min * MINUTE_US
    return TimeWindow(start_us, start_us + minutes * MINUTE_US)


def _level(feet: int) -> Altitude:
    """The altitude as pilots give it: a flight level, or feet above the sea."""
    if feet >= TRANSITION_FT:
        return Altitude(feet / 100, AltitudeUnit.FL, Reference.FL)
    return Altitude(float(feet), AltitudeUnit.FT, Reference.AMSL)


def _metres(metres: int) -> Altitude:
    return Altitude(float(metres), AltitudeUnit.M, Reference.W84)


def _minutes(points: Sequence[LatLng], speed_mps: float) -> int:
    return math.ceil(length_m(points) / speed_mps / 60)


def _margins(segment_min: int, half_width_nm: float, vertical_ft: int, pad_min: int) -> RouteMargins:
    return RouteMargins(
        segment_us=segment_min * MINUTE_US,
        half_width_m=round(half_width_nm * METRES_PER_NAUTICAL_MILE, 1),
        vertical_dmm=vertical_ft * DMM_PER_FOOT,
        pad_us=pad_min * MINUTE_US,
    )


def _route(
    points: Sequence[LatLng], start_min: int, speed_mps: float, altitude: Altitude | None, margins: RouteMargins
) -> tuple[Volume4D, ...]:
    """The volumes of a way at constant speed and altitude, with a waypoint at least once a segment."""
    start_us = DAY_START_US + start_min * MINUTE_US
    waypoints = [Waypoint(points[0], start_us, altitude)]
    passed_m = 0.0
    for a, b in pairwise(points):
        leg_m = length_m((a, b))
        pieces = max(1, math.ceil(leg_m / speed_mps * US_PER_SECOND / margins.segment_us))
        for k in range(1, pieces + 1):
            seconds = round((passed_m + leg_m * k / pieces) / speed_mps)
            waypoints.append(Waypoint(between(a, b, k / pieces), start_us + seconds * US_PER_SECOND, altitude))
        passed_m += leg_m
    return route_volumes(waypoints, margins)


# ----------------------------------------------------------------------------------------------------------- the plans


def _way(lots: Lots, least_m: float) -> list[LatLng]:
    """Two places at least so far apart, and perhaps a bend between them."""
    a, b = lots.place(), lots.place()
    while length_m((a, b)) < least_m:
        a, b = lots.place(), lots.place()
    bend = offset(between(a, b, 0.5), lots.between(-20_000, 20_000), lots.between(-20_000, 20_000))
    return lots.one_of(([a, b], [a, bend, b]))


def _transit(lots: Lots, _: _Fleet) -> _Plan:
    points = _way(lots, 150_000)
    low_ft, high_ft = lots.one_of(((3_000, 4_500), (6_000, 9_000), *[(15_000, 27_000)] * 6))
    feet = lots.whole(low_ft, high_ft, 500)
    speed_mps = lots.whole(220, 300, 10) * KNOT_MPS if feet < JET_FT else lots.whole(380, 470, 10) * KNOT_MPS
    margins = _margins(5, lots.one_of((2.0, 3.0, 5.0)), lots.one_of((500, 1_000)), lots.one_of((2, 5)))
    start = lots.start_min(_minutes(points, speed_mps), 6)
    volumes = _route(points, start, speed_mps, _level(feet), margins)
    return _Plan(Kind.AIR, f"transit {part_of_theatre(points[0])} to {part_of_theatre(points[-1])}", volumes)


def _patrol(lots: Lots, _: _Fleet) -> _Plan:
    middle = lots.busy_place()
    bearing = lots.whole(0, 175, 5)
    shapes: list[tuple[str, Footprint]] = [
        ("box", box(middle, bearing, lots.between(30_000, 50_000), lots.between(15_000, 28_000))),
        ("racetrack", racetrack(middle, bearing, lots.between(20_000, 40_000), lots.between(5_000, 9_000))),
        ("orbit", Circle(middle, float(lots.whole(10_000, 20_000, 500)))),
    ]
    shape, footprint = lots.one_of(shapes)
    low_ft, high_ft = lots.one_of(((1_000, 3_000), (15_000, 21_000), (15_000, 21_000)))
    floor_ft = lots.whole(low_ft, high_ft, 500)
    top_ft = floor_ft + (1_500 if floor_ft < TRANSITION_FT else lots.whole(4_000, 8_000, 1_000))
    minutes = lots.whole(180, 360, 15)
    band = AltitudeBand(_level(floor_ft), _level(top_ft))
    volume = Volume4D(footprint, band, _window(lots.start_min(minutes), minutes))
    return _Plan(Kind.AIR, f"patrol {shape} {part_of_theatre(middle)}", (volume,))


def _shuttle(lots: Lots, fleet: _Fleet) -> _Plan:
    """A helicopter flies low from a ship to a platform and back."""
    ship = lots.one_of(fleet.ships)
    way = (ship, lots.one_of(fleet.platforms), ship)
    altitude = lots.one_of(
        (
            *[_level(feet) for feet in (500, 1_000, 1_500)] * 3,
            Altitude(300.0, AltitudeUnit.FT, Reference.AGL),
        )
    )
    speed_mps = lots.whole(100, 140, 10) * KNOT_MPS
    margins = _margins(10, lots.one_of((0.5, 1.0)), 200, 5)
    start = lots.start_min(_minutes(way, speed_mps), 6)
    volumes = _route(way, start, speed_mps, altitude, margins)
    return _Plan(Kind.AIR, f"helicopter shuttle {part_of_theatre(ship)}", volumes)


def _drone(lots: Lots, fleet: _Fleet) -> _Plan:
    middle = offset(lots.one_of(fleet.ships), lots.between(-4_000, 4_000), lots.between(-4_000, 4_000))
    shapes: list[Footprint] = [
        Circle(middle, float(lots.whole(300, 1_500, 100))),
        box(middle, lots.whole(0, 175, 5), lots.between(600, 3_000), lots.between(400, 1_500)),
    ]
    footprint = lots.one_of(shapes)
    floor_m = lots.whole(20, 60, 10)
    band = AltitudeBand(_metres(floor_m), _metres(floor_m + lots.whole(40, 100, 10)))
    minutes = lots.whole(30, 90, 10)
    volume = Volume4D(footprint, band, _window(lots.start_min(minutes), minutes))
    return _Plan(Kind.AIR, f"drone survey {part_of_theatre(middle)}", (volume,))


def _sea_transit(lots: Lots, _: _Fleet) -> _Plan:
    points = _way(lots, 90_000)
    speed_mps = lots.whole(12, 18) * KNOT_MPS
    start = lots.start_min(_minutes(points, speed_mps), 31)
    volumes = _route(points, start, speed_mps, None, _margins(60, lots.one_of((0.5, 1.0)), 0, 30))
    band = band_or_default(Kind.SEA, None, None)
    afloat = tuple(replace(volume, band=band) for volume in volumes)
    return _Plan(Kind.SEA, f"sea transit {part_of_theatre(points[0])} to {part_of_theatre(points[-1])}", afloat)


def _gunnery(lots: Lots, _: _Fleet) -> _Plan:
    """The area on the water, and the air over it."""
    middle = lots.busy_place()
    area = box(middle, lots.whole(0, 175, 5), lots.between(15_000, 30_000), lots.between(10_000, 18_000))
    minutes = lots.whole(90, 180, 30)
    window = _window(lots.start_min(minutes), minutes)
    over = AltitudeBand(Altitude(0.0, AltitudeUnit.FT, Reference.AGL), _level(lots.whole(6_000, 15_000, 1_000)))
    volumes = (Volume4D(area, band_or_default(Kind.SEA, None, None), window), Volume4D(area, over, window))
    return _Plan(Kind.SEA, f"gunnery area {part_of_theatre(middle)}", volumes)


def _deck(lots: Lots, fleet: _Fleet) -> _Plan:
    ship = lots.one_of(fleet.ships)
    minutes = lots.whole(60, 240, 30)
    window = _window(lots.start_min(minutes), minutes)
    deck = Volume4D(Circle(ship, float(lots.whole(100, 300, 50))), band_or_default(Kind.GROUND, None, None), window)
    return _Plan(Kind.GROUND, f"deck work {part_of_theatre(ship)}", (deck,))


def _rescue(lots: Lots, fleet: _Fleet) -> _Plan:
    """A helicopter flies out, searches a box low down, and flies home."""
    ship, middle = lots.one_of(fleet.ships), lots.place()
    speed_mps = 120 * KNOT_MPS
    out_min, search_min = _minutes((ship, middle), speed_mps), lots.whole(30, 60, 10)
    start = lots.start_min(2 * out_min + search_min, 6)
    margins = _margins(10, 1.0, 300, 5)
    search = Volume4D(
        box(middle, lots.whole(0, 175, 5), 12_000, 8_000),
        AltitudeBand(_level(200), _level(1_500)),
        _window(start + out_min, search_min),
    )
    out = _route((ship, middle), start, speed_mps, _level(1_000), margins)
    home = _route((middle, ship), start + out_min + search_min, speed_mps, _level(1_000), margins)
    return _Plan(Kind.AIR, f"rescue {part_of_theatre(middle)}", (*out, search, *home), lots.one_of((50, 80)))


_MIX: Final[tuple[tuple[_Maker, int], ...]] = (
    (_transit, 10),
    (_patrol, 10),
    (_shuttle, 6),
    (_drone, 5),
    (_sea_transit, 4),
    (_gunnery, 1),
    (_deck, 2),
    (_rescue, 2),
)
"""Of forty plans so many are of each sort."""
