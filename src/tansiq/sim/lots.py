"""Lots that fall the same on every Python, and places in theatre BAHR: 0-3 N, 0-3 E, open ocean.

Lots are drawn by `random()` alone, the one method of `random.Random` that is promised to repeat
(docs.python.org, random, "Notes on Reproducibility"). Places are rounded to a millionth of a degree, so
that the last digit of somebody's sine does not show. So near the equator a flat sheet will do: these
lengths only make shapes up, nothing is decided by them.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from random import Random
from typing import Final, TypeVar

from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Corridor, Polygon

T = TypeVar("T")

THEATRE_DEG: Final = 3.0
EDGE_DEG: Final = 0.35
"""Centres keep so far from the theatre's edge that everything round them lies inside."""
METRES_PER_DEGREE: Final = 111_195.0
DAY_MIN: Final = 1_440


class Lots:
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

    def shuffled(self, options: Iterable[T]) -> list[T]:
        """All the options, in any order."""
        rest = list(options)
        return [rest.pop(self.whole(0, left - 1)) for left in range(len(rest), 0, -1)]

    def place(self) -> LatLng:
        """Anywhere in the theatre but near its edge."""
        lat_deg = self.between(EDGE_DEG, THEATRE_DEG - EDGE_DEG)
        return place(lat_deg, self.between(EDGE_DEG, THEATRE_DEG - EDGE_DEG))

    def busy_place(self) -> LatLng:
        """Somewhere in the theatre, rather in the middle, where both parties work."""
        return between(self.place(), self.place(), 0.5)

    def start_min(self, minutes: int, spare_min: int = 0) -> int:
        """The minute when something this long may begin, time to spare at both ends of the day; noon is busiest."""
        room = DAY_MIN - minutes - 2 * spare_min
        return spare_min + int((self._random() + self._random() + self._random()) / 3 * room)


def place(lat_deg: float, lng_deg: float) -> LatLng:
    """The place, rounded."""
    return LatLng(round(lat_deg, 6), round(lng_deg, 6))


def between(a: LatLng, b: LatLng, share: float) -> LatLng:
    """The place this share of the way from a to b."""
    return place(a.lat_deg + share * (b.lat_deg - a.lat_deg), a.lng_deg + share * (b.lng_deg - a.lng_deg))


def offset(origin: LatLng, east_m: float, north_m: float) -> LatLng:
    """The place so far east and north."""
    east_deg = east_m / (METRES_PER_DEGREE * math.cos(math.radians(origin.lat_deg)))
    return place(origin.lat_deg + north_m / METRES_PER_DEGREE, origin.lng_deg + east_deg)


def ahead(origin: LatLng, bearing_deg: int, along_m: float, right_m: float = 0.0) -> LatLng:
    """The place so far ahead in this direction, and to the right of it."""
    sine, cosine = math.sin(math.radians(bearing_deg)), math.cos(math.radians(bearing_deg))
    return offset(origin, along_m * sine + right_m * cosine, along_m * cosine - right_m * sine)


def length_m(points: Sequence[LatLng]) -> float:
    """The length of the way through the points."""
    return sum(
        METRES_PER_DEGREE
        * math.hypot(
            b.lat_deg - a.lat_deg,
            (b.lng_deg - a.lng_deg) * math.cos(math.radians((a.lat_deg + b.lat_deg) / 2)),
        )
        for a, b in pairwise(points)
    )


def box(middle: LatLng, bearing_deg: int, long_m: float, wide_m: float) -> Polygon:
    """A rectangle round the middle, its long sides in this direction."""
    corners = ((1, 1), (1, -1), (-1, -1), (-1, 1))
    return Polygon(tuple(ahead(middle, bearing_deg, a * long_m / 2, b * wide_m / 2) for a, b in corners))


def racetrack(middle: LatLng, bearing_deg: int, long_m: float, half_width_m: float) -> Corridor:
    """Two straights and two turns round the middle."""
    ends = (ahead(middle, bearing_deg, along_m) for along_m in (-long_m / 2, long_m / 2))
    return Corridor(tuple(ends), round(half_width_m, 1))


def part_of_theatre(where: LatLng) -> str:
    """The part of the theatre in plain words: north-west, south, centre and so on."""
    third = THEATRE_DEG / 3
    north = "south" if where.lat_deg < third else "north" if where.lat_deg > 2 * third else ""
    east = "west" if where.lng_deg < third else "east" if where.lng_deg > 2 * third else ""
    return "-".join(part for part in (north, east) if part) or "centre"
