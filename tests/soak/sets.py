"""Sets of intents that conflict often, and where that is hard to tell: clustered, touching, of every size."""

import math
import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, TypeVar

from tansiq.conflict.minima import Minima
from tansiq.domain.intent import KINDS, UNKNOWN_PARTY, Intent
from tansiq.errors import PartyError
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.certainty import TOLERANCE_M
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon, core
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.units import DMM_PER_FOOT, DMM_PER_METRE, Altitude, AltitudeUnit, Reference
from tests.laws.strategies import (
    ALWAYS,
    ANY_HEIGHT,
    anywhere,
    from_place,
    random_band,
    random_footprint,
    random_minima,
    random_window,
    same_for_all,
)

T = TypeVar("T")

LARGEST_M: Final = 3_000_000.0
LARGE_M: Final = 100_000.0
"""Footprints of this size and more take the definition so long that a set has few of them."""
MANY, SOME, FEW = 300, 40, 14
DAY_US: Final = 86_400_000_000
MINUTE_US: Final = 60_000_000


def random_set(rng: random.Random) -> tuple[list[Intent], Minima]:
    """Intents round one place, and the minima to ask with."""
    size_m = 10 ** rng.uniform(0, math.log10(LARGEST_M))
    horizontal_m = rng.choice([0.0, 0.0, 1.0, 100.0, 5_556.0, size_m * rng.random()])
    vertical_dmm = rng.choice([0, 0, 1, 3_048_000, 9_144_000, 10_000_000_000])
    minima = random_minima(rng) if rng.random() < 0.4 else same_for_all(min(horizontal_m, 1e6), vertical_dmm)
    count = rng.randrange(2, MANY if rng.random() < 0.1 else SOME) if size_m < LARGE_M else rng.randrange(2, FEW)
    place, mixed = anywhere(rng), rng.random() < 0.3
    always, flat = rng.random() < 0.3, rng.random() < 0.3
    volumes: list[Volume4D] = []
    for _ in range(count):
        one_m = 10 ** rng.uniform(0, math.log10(size_m) + 1e-9) if mixed else size_m * 10 ** rng.uniform(-1.5, 0)
        spread_m = (size_m + horizontal_m) * rng.choice([0.1, 1.0, 2.0])
        footprint = _footprint(rng, volumes, place, one_m=one_m, spread_m=spread_m, minimum_m=horizontal_m)
        band = ANY_HEIGHT if flat else drawn(lambda: _band(rng, volumes, vertical_dmm))
        volumes.append(Volume4D(footprint, band, ALWAYS if always else _window(rng, volumes)))
    return _dealt(rng, volumes), minima


def drawn(make: Callable[[], T]) -> T:
    """What comes of the first draw that can be used."""
    while True:
        try:
            return make()
        except PartyError:
            continue


def _dealt(rng: random.Random, volumes: Sequence[Volume4D]) -> list[Intent]:
    """The volumes as intents of none to three."""
    rest = list(volumes)
    intents: list[Intent] = []
    while rest:
        count = rng.choice([0, 1, 1, 1, 1, 1, 2, 3])
        mine, rest = rest[:count], rest[count:]
        party = rng.choice(["Amber", "Teal", "Violet", UNKNOWN_PARTY])
        intents.append(Intent(f"{len(intents)}", party, rng.choice(KINDS), tuple(mine)))
    return intents


# ---------------------------------------------------------------------------------------------------------- footprints


def _footprint(
    rng: random.Random, before: Sequence[Volume4D], place: LatLng, *, one_m: float, spread_m: float, minimum_m: float
) -> Footprint:
    """A footprint that touches, or nearly, one of those before it, or any round the place."""
    if before and rng.random() < 0.4:
        other = rng.choice(before).footprint
        return drawn(lambda: _neighbour(rng, other, one_m, minimum_m))
    return drawn(
        lambda: random_footprint(rng, from_place(place, rng.uniform(0, 360), spread_m * math.sqrt(rng.random())), one_m)
    )


def _gap_m(rng: random.Random, minimum_m: float) -> float:
    """A gap at which an answer may turn: at none and at the minimum, within a few tolerances."""
    near_m = rng.choice([0.0, 0.0, TOLERANCE_M, -TOLERANCE_M, rng.uniform(-0.03, 0.03), rng.uniform(-1e-6, 1e-6)])
    return rng.choice([0.0, minimum_m]) + near_m


def _neighbour(rng: random.Random, other: Footprint, size_m: float, minimum_m: float) -> Footprint:
    _, points, buffer_m = core(other)
    point = rng.choice(points)
    away = rng.uniform(0, 360)
    way = rng.randrange(6)
    if way == 0:
        return _alike(rng, other)
    if way == 1:
        radius_m = size_m * rng.uniform(0.2, 1.0)
        return Circle(from_place(point, away, max(0.0, buffer_m + radius_m + _gap_m(rng, minimum_m))), radius_m)
    if way == 2:
        start = from_place(point, away, max(0.0, buffer_m + 0.1 * size_m + _gap_m(rng, minimum_m)))
        return Corridor((start, from_place(start, away + rng.uniform(-40, 40), size_m)), 0.1 * size_m)
    start = from_place(point, away, max(0.0, buffer_m + _gap_m(rng, minimum_m)))
    if way == 3 or len(points) < 2:
        return Polygon((start, from_place(start, away - 30, size_m), from_place(start, away + 30, size_m)))
    first, second = rng.choice(list(pairwise(points)))
    if way == 4:
        # An edge, or the line of a corridor, is an edge of both.
        return Polygon((first, second, from_place(first, away, size_m)))
    return Corridor((first, second), size_m * rng.choice([1e-6, 0.01, 0.3]))


def _alike(rng: random.Random, other: Footprint) -> Footprint:
    """The same place in other words."""
    match other:
        case Polygon(vertices):
            k = rng.randrange(len(vertices))
            turned = vertices[k:] + vertices[:k]
            return Polygon(turned if rng.random() < 0.5 else turned[::-1])
        case Corridor(line, half_width_m):
            return Corridor(line[::-1], half_width_m * rng.choice([1.0, 0.5, 1.0 + 1e-9]))
        case Circle(center, radius_m):
            lng = -center.lng_deg if abs(center.lng_deg) == 180 else center.lng_deg
            return Circle(LatLng(center.lat_deg, lng), radius_m * rng.choice([1.0, 0.5, 1.0 + 1e-9]))


# ------------------------------------------------------------------------------------------------------- bands, windows


def _band(rng: random.Random, before: Sequence[Volume4D], minimum_dmm: int) -> AltitudeBand:
    """A band that begins or ends where one of those before it ends or begins, or the minimum from there; or any."""
    band = rng.choice(before).band if before and rng.random() < 0.4 else None
    if band is None:
        return random_band(rng)
    gap_dmm = rng.choice([0, 0, 1, -1, minimum_dmm, minimum_dmm - 1, minimum_dmm + 1])
    if band.upper is not None and rng.random() < 0.5:
        reference = band.upper.reference
        lower = _limit(rng, band.upper.dmm + gap_dmm, reference)
        return AltitudeBand(lower, _limit(rng, lower.dmm + rng.choice([0, 3_048_000]), reference))
    if band.lower is not None:
        return AltitudeBand(None, _limit(rng, band.lower.dmm - gap_dmm, band.lower.reference))
    return band


def _limit(rng: random.Random, dmm: int, reference: Reference) -> Altitude:
    unit = rng.choice([AltitudeUnit.M, AltitudeUnit.FT] + [AltitudeUnit.FL] * (reference is Reference.FL))
    per = {AltitudeUnit.M: DMM_PER_METRE, AltitudeUnit.FT: DMM_PER_FOOT, AltitudeUnit.FL: 100 * DMM_PER_FOOT}[unit]
    return Altitude(dmm / per, unit, reference)


def _window(rng: random.Random, before: Sequence[Volume4D]) -> TimeWindow:
    """A window back to back with one of those before it, to the microsecond; a long one, or any within a day."""
    window = rng.choice(before).window if before and rng.random() < 0.3 else None
    gap_us = rng.choice([0, 0, 1, -1])
    if window is not None and window.end_us is not None:
        start_us = window.end_us + gap_us
        return TimeWindow(start_us, start_us + rng.choice([0, 1, 10 * MINUTE_US]))
    if window is not None and window.start_us is not None:
        return TimeWindow(None, window.start_us - gap_us)
    found = random_window(rng)
    if rng.random() < 0.1 and found.end_us is not None:
        return TimeWindow(found.start_us, found.end_us + rng.choice([1, 30, 100_000]) * DAY_US)
    return found
