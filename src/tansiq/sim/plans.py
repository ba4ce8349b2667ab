"""A made-up day of two parties in theatre BAHR (0-3 N, 0-3 E, open ocean), the same for every seed everywhere.

Rules for the next editor:

1. Lots are drawn by `random()` alone: it is the one method of `random.Random` that is promised to repeat
   on every Python (docs.python.org, "Notes on Reproducibility").
2. Every place is rounded to a millionth of a degree and every instant to a second, so that the last digit
   of somebody's sine does not show.
3. A day's plans are the first of every longer day's with the same seed.
4. A change to what is drawn changes every figure that docs, tests and benchmarks give for a seed.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final, NamedTuple, TypeVar

from tansiq.domain.intent import Intent, Kind, band_or_default
from tansiq.domain.route import RouteMargins, Waypoint, route_volumes
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.units import (
    DMM_PER_FOOT,
    METRES_PER_NAUTICAL_MILE,
    US_PER_SECOND,
    Altitude,
    AltitudeUnit,
    Reference,
    parse_instant_us,
)

T = TypeVar("T")

DAY_START_US: Final = parse_instant_us("2030-01-15T00:00:00Z", end=False)
DAY_MIN: Final = 1_440
MINUTE_US: Final = 60 * US_PER_SECOND
THEATRE_DEG: Final = 3.0
EDGE_DEG: Final = 0.35
"""Centres keep so far from the theatre's edge that everything round them lies inside."""
METRES_PER_DEGREE: Final = 111_195.0
KNOT_MPS: Final = METRES_PER_NAUTICAL_MILE / 3_600
JET_FT: Final = 18_000
TRANSITION_FT: Final = 5_000
"""From here up altitudes are flight levels, below it heights above mean sea level."""
PARTIES: Final = (("AMBER", "A"), ("TEAL", "T"))
OUT_OF_TURN: Final = 0.2
"""The parties take turns, but for this share of the plans."""
FIRST_NUMBER: Final = 101


def day_plans(seed: int, count: int) -> list[Intent]:
    """So many intents of AMBER and TEAL on 15 January 2030, from 00:00 to 24:00 UTC; of two or more, some of each.

    Among some 40 the parties have a handful of conflicts at 3 NM and 1000 ft within the air.
    """
    lots = _Lots(seed)
    world = {party: _Base.drawn(lots) for party, _ in PARTIES}
    numbers = {party: FIRST_NUMBER for party, _ in PARTIES}
    intents: list[Intent] = []
    mix: list[_Maker] = []
    for i in range(count):
        mix = mix or lots.shuffled(_MIX)
        twice = i >= len(PARTIES) and lots.between(0, 1) < OUT_OF_TURN
        party, letter = PARTIES[(i + twice) % len(PARTIES)]
        plan = mix.pop()(lots, world[party])
        name = f"{letter}-{numbers[party]}"
        numbers[party] += 1
        intents.append(Intent(name, party, plan.kind, plan.volumes, plan.priority, plan.name))
    return intents


class _Lots:
    """Lots that fall the same for every seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def between(self, low: float, high: float) -> float:
        """A number from low up to, but not, high."""
        return low + (high - low) * self._random()

    def whole(self, low: int, high: int, step: int = 1) -> int:
        """One of low, low + step and so on to high."""
        return low + step * int(self._random() * ((high - low) // step + 1))

    def one_of(self, options: Sequence[T]) -> T:
        """One of the options, all alike."""
        return options[self.whole(0, len(options) - 1)]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """All the options, in any order."""
        rest = list(options)
        return [rest.pop(self.whole(0, len(rest) - 1)) for _ in options]

    def place(self) -> LatLng:
        """Anywhere in the theatre but near its edge."""
        lat_deg = self.between(EDGE_DEG, THEATRE_DEG - EDGE_DEG)
        return _place(lat_deg, self.between(EDGE_DEG, THEATRE_DEG - EDGE_DEG))

    def busy_place(self) -> LatLng:
        """Somewhere in the theatre, rather in the middle, where both parties work."""
        a, b = self.place(), self.place()
        return _place((a.lat_deg + b.lat_deg) / 2, (a.lng_deg + b.lng_deg) / 2)

    def start_min(self, minutes: int, spare_min: int = 0) -> int:
        """When something this long may begin, with time to spare on both ends of the day; noon is busiest."""
        room = DAY_MIN - minutes - 2 * spare_min
        return spare_min + int((self._random() + self._random() + self._random()) / 3 * room)


@dataclass(frozen=True)
class _Base:
    """What a party has at sea."""

    ships: tuple[LatLng, ...]
    platforms: tuple[LatLng, ...]

    @classmethod
    def drawn(cls, lots: _Lots) -> "_Base":
        return cls(tuple(lots.place() for _ in range(4)), tuple(lots.place() for _ in range(3)))


class _Plan(NamedTuple):
    kind: Kind
    name: str
    volumes: tuple[Volume4D, ...]
    priority: int = 0


_Maker = Callable[[_Lots, _Base], _Plan]


# ------------------------------------------------------------------------------------------------------ space and time


def _place(lat_deg: float, lng_deg: float) -> LatLng:
    return LatLng(round(lat_deg, 6), round(lng_deg, 6))


def _offset(place: LatLng, east_m: float, north_m: float) -> LatLng:
    """The point about so far away; near the equator a flat sheet will do."""
    lng_deg = east_m / (METRES_PER_DEGREE * math.cos(math.radians(place.lat_deg)))
    return _place(place.lat_deg + north_m / METRES_PER_DEGREE, place.lng_deg + lng_deg)


def _turned(place: LatLng, along_m: float, across_m: float, bearing_deg: int) -> LatLng:
    sine, cosine = math.sin(math.radians(bearing_deg)), math.cos(math.radians(bearing_deg))
    return _offset(place, along_m * sine + across_m * cosine, along_m * cosine - across_m * sine)


def _distance_m(a: LatLng, b: LatLng) -> float:
    across_deg = (b.lng_deg - a.lng_deg) * math.cos(math.radians((a.lat_deg + b.lat_deg) / 2))
    return METRES_PER_DEGREE * math.hypot(b.lat_deg - a.lat_deg, across_deg)


def _box(place: LatLng, length_m: float, width_m: float, bearing_deg: int) -> Polygon:
    corners = ((1, 1), (1, -1), (-1, -1), (-1, 1))
    return Polygon(tuple(_turned(place, a * length_m / 2, b * width_m / 2, bearing_deg) for a, b in corners))


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


def _where(place: LatLng) -> str:
    """The part of the theatre, in plain words."""
    north = "south" if place.lat_deg < THEATRE_DEG / 3 else "north" if place.lat_deg > THEATRE_DEG * 2 / 3 else ""
    east = "west" if place.lng_deg < THEATRE_DEG / 3 else "east" if place.lng_deg > THEATRE_DEG * 2 / 3 else ""
    return "-".join(part for part in (north, east) if part) or "centre"


def _minutes(points: Sequence[LatLng], speed_mps: float) -> int:
    length_m = sum(_distance_m(a, b) for a, b in zip(points, points[1:], strict=False))
    return math.ceil(length_m / speed_mps / 60)


def _route(
    points: Sequence[LatLng], start_min: int, speed_mps: float, altitude: Altitude | None, margins: RouteMargins
) -> tuple[Volume4D, ...]:
    """The volumes of a way at constant speed and altitude, with a waypoint at least once a segment."""
    waypoints = [Waypoint(points[0], DAY_START_US + start_min * MINUTE_US, altitude)]
    passed_m = 0.0
    for a, b in zip(points, points[1:], strict=False):
        leg_m = _distance_m(a, b)
        pieces = math.ceil(leg_m / speed_mps / (margins.segment_us / US_PER_SECOND))
        for k in range(1, pieces + 1):
            seconds = round((passed_m + leg_m * k / pieces) / speed_mps)
            share = k / pieces
            place = _place(
                a.lat_deg + share * (b.lat_deg - a.lat_deg),
                a.lng_deg + share * (b.lng_deg - a.lng_deg),
            )
            waypoints.append(Waypoint(place, waypoints[0].time_us + seconds * US_PER_SECOND, altitude))
        passed_m += leg_m
    return route_volumes(waypoints, margins)


def _margins(segment_min: int, half_width_nm: float, vertical_ft: int, pad_min: int) -> RouteMargins:
    return RouteMargins(
        segment_us=segment_min * MINUTE_US,
        half_width_m=round(half_width_nm * METRES_PER_NAUTICAL_MILE, 1),
        vertical_dmm=vertical_ft * DMM_PER_FOOT,
        pad_us=pad_min * MINUTE_US,
    )


def _two_ends(lots: _Lots, least_m: float) -> list[LatLng]:
    """Two places at least so far apart, and perhaps a bend between them."""
    a, b = lots.place(), lots.place()
    while _distance_m(a, b) < least_m:
        a, b = lots.place(), lots.place()
    middle = LatLng((a.lat_deg + b.lat_deg) / 2, (a.lng_deg + b.lng_deg) / 2)
    bend = _offset(middle, lots.between(-20_000, 20_000), lots.between(-20_000, 20_000))
    return lots.one_of(([a, b], [a, bend, b]))


# ----------------------------------------------------------------------------------------------------------- the plans


def _transit(lots: _Lots, _: _Base) -> _Plan:
    points = _two_ends(lots, 150_000)
    feet = lots.one_of((lots.whole(3_000, 4_500, 500), *(lots.whole(9_000, 29_000, 1_000) for _ in range(4))))
    speed_mps = lots.whole(220, 300, 10) * KNOT_MPS if feet < JET_FT else lots.whole(380, 470, 10) * KNOT_MPS
    margins = _margins(5, lots.one_of((2.0, 3.0, 5.0)), lots.one_of((500, 1_000)), lots.one_of((2, 5)))
    start = lots.start_min(_minutes(points, speed_mps), 6)
    volumes = _route(points, start, speed_mps, _level(feet), margins)
    return _Plan(Kind.AIR, f"transit {_where(points[0])} to {_where(points[-1])}", volumes)


def _patrol(lots: _Lots, _: _Base) -> _Plan:
    middle = lots.busy_place()
    bearing = lots.whole(0, 175, 5)
    shape, footprint = lots.one_of(
        (
            ("box", _box(middle, lots.between(25_000, 50_000), lots.between(12_000, 25_000), bearing)),
            ("racetrack", _racetrack(middle, lots.between(20_000, 40_000), lots.between(5_000, 9_000), bearing)),
            ("orbit", Circle(middle, float(lots.whole(8_000, 18_000, 500)))),
        )
    )
    floor_ft = lots.one_of((lots.whole(1_000, 3_000, 500), *(lots.whole(8_000, 22_000, 1_000) for _ in range(2))))
    top_ft = floor_ft + (1_500 if floor_ft < TRANSITION_FT else lots.whole(4_000, 9_000, 1_000))
    minutes = lots.whole(150, 360, 15)
    volume = Volume4D(
        footprint,
        AltitudeBand(_level(floor_ft), _level(top_ft)),
        _window(lots.start_min(minutes), minutes),
    )
    return _Plan(Kind.AIR, f"patrol {shape} {_where(middle)}", (volume,))


def _racetrack(middle: LatLng, length_m: float, half_width_m: float, bearing_deg: int) -> Footprint:
    ends = (_turned(middle, along_m, 0.0, bearing_deg) for along_m in (-length_m / 2, length_m / 2))
    return Corridor(tuple(ends), round(half_width_m, 1))


def _shuttle(lots: _Lots, base: _Base) -> _Plan:
    ship, platform = lots.one_of(base.ships), lots.one_of(base.platforms)
    there_and_back = (ship, platform, ship)
    feet, reference = lots.one_of(
        ((500, Reference.AMSL), (1_000, Reference.AMSL), (1_500, Reference.AMSL), (300, Reference.AGL))
    )
    speed_mps = lots.whole(100, 140, 10) * KNOT_MPS
    margins = _margins(10, lots.one_of((0.5, 1.0)), 200, 5)
    start = lots.start_min(_minutes(there_and_back, speed_mps), 6)
    altitude = Altitude(float(feet), AltitudeUnit.FT, reference)
    volumes = _route(there_and_back, start, speed_mps, altitude, margins)
    return _Plan(Kind.AIR, f"helicopter shuttle {_where(ship)}", volumes)


def _drone(lots: _Lots, base: _Base) -> _Plan:
    middle = _offset(lots.one_of(base.ships), lots.between(-4_000, 4_000), lots.between(-4_000, 4_000))
    footprint = lots.one_of(
        (
            Circle(middle, float(lots.whole(300, 1_500, 100))),
            _box(middle, lots.between(600, 3_000), lots.between(400, 1_500), lots.whole(0, 175, 5)),
        )
    )
    floor_m = lots.whole(20, 60, 10)
    band = AltitudeBand(_metres(floor_m), _metres(floor_m + lots.whole(40, 100, 10)))
    minutes = lots.whole(30, 90, 10)
    return _Plan(
        Kind.AIR,
        f"drone survey {_where(middle)}",
        (Volume4D(footprint, band, _window(lots.start_min(minutes), minutes)),),
    )


def _sea_transit(lots: _Lots, _: _Base) -> _Plan:
    points = _two_ends(lots, 90_000)
    speed_mps = lots.whole(12, 18) * KNOT_MPS
    start = lots.start_min(_minutes(points, speed_mps), 31)
    volumes = _route(points, start, speed_mps, None, _margins(60, lots.one_of((0.5, 1.0)), 0, 30))
    band = band_or_default(Kind.SEA, None, None)
    afloat = tuple(replace(volume, band=band) for volume in volumes)
    return _Plan(Kind.SEA, f"sea transit {_where(points[0])} to {_where(points[-1])}", afloat)


def _gunnery(lots: _Lots, _: _Base) -> _Plan:
    """The area on the water, and what flies over it."""
    middle = lots.busy_place()
    area = _box(middle, lots.between(15_000, 30_000), lots.between(10_000, 18_000), lots.whole(0, 175, 5))
    minutes = lots.whole(90, 180, 30)
    window = _window(lots.start_min(minutes), minutes)
    over = AltitudeBand(Altitude(0.0, AltitudeUnit.FT, Reference.AGL), _level(lots.whole(6_000, 15_000, 1_000)))
    volumes = (Volume4D(area, band_or_default(Kind.SEA, None, None), window), Volume4D(area, over, window))
    return _Plan(Kind.SEA, f"gunnery area {_where(middle)}", volumes)


def _deck(lots: _Lots, base: _Base) -> _Plan:
    ship = lots.one_of(base.ships)
    minutes = lots.whole(60, 240, 30)
    window = _window(lots.start_min(minutes), minutes)
    deck = Volume4D(Circle(ship, float(lots.whole(100, 300, 50))), band_or_default(Kind.GROUND, None, None), window)
    return _Plan(Kind.GROUND, f"deck work {_where(ship)}", (deck,))


def _rescue(lots: _Lots, base: _Base) -> _Plan:
    """A helicopter flies out, searches a box low down, and flies home."""
    ship, middle = lots.one_of(base.ships), lots.place()
    speed_mps = 120 * KNOT_MPS
    out_min, search_min = max(1, _minutes((ship, middle), speed_mps)), lots.whole(30, 60, 10)
    start = lots.start_min(2 * out_min + search_min, 6)
    margins = _margins(10, 1.0, 300, 5)
    level = _level(1_000)
    out = _route((ship, middle), start, speed_mps, level, margins)
    box = Volume4D(
        _box(middle, 12_000, 8_000, lots.whole(0, 175, 5)),
        AltitudeBand(_level(200), _level(1_500)),
        _window(start + out_min, search_min),
    )
    home = _route((middle, ship), start + out_min + search_min, speed_mps, level, margins)
    return _Plan(Kind.AIR, f"rescue {_where(middle)}", (*out, box, *home), priority=lots.one_of((50, 80)))


_MIX: Final[tuple[_Maker, ...]] = (
    *(_transit,) * 10,
    *(_patrol,) * 10,
    *(_shuttle,) * 6,
    *(_drone,) * 5,
    *(_sea_transit,) * 4,
    *(_gunnery,) * 1,
    *(_deck,) * 2,
    *(_rescue,) * 2,
)
"""Of forty plans so many are of each sort."""
