"""Volumes for the laws: random ones from a seed, and the words in which an adversarial set is built.

Seeds come from hypothesis where a law is about a pair, and stand in the test where it is about a set. More
examples: `TANSIQ_EXAMPLES=1000 pytest tests/laws`.
"""

import math
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st

from tansiq.conflict.minima import Minima, Minimum, minimum
from tansiq.domain.intent import KINDS, UNKNOWN_PARTY, Intent, Kind
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.earth import LatLng, geodesic
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.units import Altitude, AltitudeUnit, Reference

settings.register_profile(
    "laws",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=int(os.environ.get("TANSIQ_EXAMPLES", "150")),
)
settings.load_profile("laws")

ALWAYS: Final = TimeWindow(None, None)
ANY_HEIGHT: Final = AltitudeBand(None, None)
ESTIMATED: Final = 0.05
"""So many volumes enclose a real one that is not known better."""
HOUR_US: Final = 3_600_000_000
NM_M: Final = 1852.0
POLAR_LAT_DEG: Final = 89.9

seeds: Final = st.integers(0, 2**32 - 1)
minima_m: Final = st.sampled_from([0.0, 1.0, 500.0, 3 * NM_M, 50_000.0])


# -------------------------------------------------------------------------------------------------------- places


def from_place(place: LatLng, bearing_deg: float, distance_m: float) -> LatLng:
    """The point this far along the geodesic that leaves the place in this direction."""
    found = geodesic().Direct(place.lat_deg, place.lng_deg, bearing_deg, distance_m)
    return LatLng(found["lat2"], found["lon2"])


def shifted(place: LatLng, east_m: float, north_m: float) -> LatLng:
    """The point that lies this far east and north, in the polar coordinates round the place."""
    return from_place(place, math.degrees(math.atan2(east_m, north_m)), math.hypot(east_m, north_m))


def anywhere(rng: random.Random) -> LatLng:
    """A place on the globe: any, or one of those where programs fail."""
    hard = (
        LatLng(rng.choice([-1, 1]) * rng.uniform(POLAR_LAT_DEG, 90.0), rng.uniform(-180, 180)),
        LatLng(rng.choice([-90.0, 90.0]), 0.0),
        LatLng(rng.uniform(-80, 80), rng.choice([-180.0, 180.0, 179.9999, -179.9999])),
        LatLng(0.0, rng.uniform(-180, 180)),
    )
    if rng.random() < 0.3:
        return rng.choice(hard)
    return LatLng(math.degrees(math.asin(rng.uniform(-1, 1))), rng.uniform(-180, 180))


# ---------------------------------------------------------------------------------------------------- footprints


def star(rng: random.Random, place: LatLng, size_m: float) -> Polygon:
    """A polygon round the place, as a rule not convex, of either winding."""
    count = rng.choice([3, 4, 4, 5, 8])
    bearings = [360 / count * (k + rng.uniform(-0.3, 0.3)) for k in range(count)]
    vertices = [from_place(place, bearing, size_m * rng.uniform(0.3, 1.0)) for bearing in bearings]
    return Polygon(tuple(vertices if rng.random() < 0.5 else reversed(vertices)))


def way(rng: random.Random, place: LatLng, size_m: float) -> Corridor:
    """A corridor that begins near the place and turns at random."""
    points = [from_place(place, rng.uniform(0, 360), size_m * rng.uniform(0.0, 0.5))]
    for _ in range(rng.choice([1, 2, 3])):
        points.append(from_place(points[-1], rng.uniform(0, 360), size_m * rng.uniform(0.1, 0.6)))
    return Corridor(tuple(points), size_m * rng.uniform(0.01, 0.3))


def random_footprint(rng: random.Random, place: LatLng, size_m: float) -> Footprint:
    """A circle, polygon or corridor round the place, about as large as `size_m`."""
    shape = rng.randrange(4)
    if shape == 0:
        return Circle(place, size_m * rng.uniform(0.2, 1.0))
    return way(rng, place, size_m) if shape == 1 else star(rng, place, size_m)


def rectangle(place: LatLng, *, east_m: float, north_m: float, wide_m: float, high_m: float) -> Polygon:
    """A rectangle in the polar coordinates round the place; its low left corner is given."""
    corners = [(0.0, 0.0), (wide_m, 0.0), (wide_m, high_m), (0.0, high_m)]
    return Polygon(tuple(shifted(place, east_m + x, north_m + y) for x, y in corners))


def box(south: float, north: float, west: float, east: float) -> Polygon:
    """The polygon with these four corners, in degrees."""
    return polygon((south, west), (south, east), (north, east), (north, west))


def polygon(*vertices: tuple[float, float]) -> Polygon:
    """The polygon of these (latitude, longitude) pairs."""
    return Polygon(tuple(LatLng(*vertex) for vertex in vertices))


def mapped(footprint: Footprint, move: Callable[[LatLng], LatLng]) -> Footprint:
    """The footprint with every point moved; lengths stay."""
    match footprint:
        case Circle(center, radius_m):
            return Circle(move(center), radius_m)
        case Corridor(line, half_width_m):
            return Corridor(tuple(move(p) for p in line), half_width_m)
        case Polygon(vertices):
            return Polygon(tuple(move(p) for p in vertices))


# ------------------------------------------------------------------------------------------------ bands, windows


def metres(value: float, reference: Reference = Reference.AMSL) -> Altitude:
    return Altitude(value, AltitudeUnit.M, reference)


def feet(value: float, reference: Reference = Reference.AMSL) -> Altitude:
    return Altitude(value, AltitudeUnit.FT, reference)


def level(value: float) -> Altitude:
    return Altitude(value, AltitudeUnit.FL, Reference.FL)


def slab(lower_m: float, upper_m: float) -> AltitudeBand:
    """A band above mean sea level."""
    return AltitudeBand(metres(lower_m), metres(upper_m))


def random_limit(rng: random.Random, low_m: float, high_m: float, reference: Reference) -> Altitude:
    unit = rng.choice([AltitudeUnit.M, AltitudeUnit.FT])
    if reference is Reference.FL and rng.random() < 0.7:
        return level(round(rng.uniform(low_m, high_m) / 30.48))
    value_m = rng.uniform(low_m, high_m)
    return Altitude(round(value_m if unit is AltitudeUnit.M else value_m / 0.3048, 1), unit, reference)


def random_band(rng: random.Random) -> AltitudeBand:
    """A band of any references, either limit at times unbounded; in most bands both have one reference."""
    lower_m = rng.uniform(-500, 12_000)
    upper_m = lower_m + rng.choice([0.0, 300.0, 2_000.0, 9_000.0]) + 40.0
    low_reference = rng.choice(list(Reference))
    high_reference = low_reference if rng.random() < 0.7 else rng.choice(list(Reference))
    lower = None if rng.random() < 0.15 else random_limit(rng, lower_m, lower_m, low_reference)
    if low_reference is not high_reference:
        upper_m += 12_000  # far enough above to be possible in every meaning
    upper = None if rng.random() < 0.15 else random_limit(rng, upper_m, upper_m, high_reference)
    return AltitudeBand(lower, upper)


def random_window(rng: random.Random) -> TimeWindow:
    """A window within a day on a grid of minutes, so that many touch; at times unbounded or a single instant."""
    start = rng.randrange(0, 24 * 60) * 60_000_000
    end = start + rng.choice([0, 10, 60, 600]) * 60_000_000
    return TimeWindow(None if rng.random() < 0.1 else start, None if rng.random() < 0.1 else end)


# ----------------------------------------------------------------------------------------------- intents, minima


def volume(footprint: Footprint, band: AltitudeBand = ANY_HEIGHT, window: TimeWindow = ALWAYS) -> Volume4D:
    return Volume4D(footprint, band, window)


def intent(number: int, *volumes: Volume4D, party: str = "Amber", kind: Kind = Kind.AIR) -> Intent:
    return Intent(f"{party}-{number}", party, kind, volumes)


def intents_of(footprints: Sequence[Footprint]) -> list[Intent]:
    """One intent per footprint, all at any height and time: the geometry alone decides."""
    return [intent(i, volume(footprint)) for i, footprint in enumerate(footprints)]


def same_for_all(horizontal_m: float, vertical_dmm: int = 0) -> Minima:
    """One minimum for every pair of kinds."""
    return Minima({frozenset((a, b)): Minimum(horizontal_m, vertical_dmm) for a in KINDS for b in KINDS})


def random_minima(rng: random.Random) -> Minima:
    """A table in which every pair of kinds has another minimum, some none."""
    table = {}
    for a in KINDS:
        for b in KINDS:
            horizontal_m = rng.choice(["0", "1", "100", "5556", "20000"])
            vertical_m = rng.choice(["0", "0", "304.8", "914.4"])
            table[frozenset((a, b))] = minimum(Decimal(horizontal_m), Decimal(vertical_m))
    del table[rng.choice(list(table))]
    return Minima(table)


def random_intents(rng: random.Random, count: int, *, size_m: float, spread_m: float, place: LatLng) -> list[Intent]:
    """Intents of one to three volumes, of mixed kinds and parties, within `spread_m` of the place."""
    intents = []
    for number in range(count):
        volumes = []
        for _ in range(rng.choice([1, 1, 2, 3])):
            at = from_place(place, rng.uniform(0, 360), spread_m * math.sqrt(rng.random()))
            footprint = random_footprint(rng, at, size_m * 10 ** rng.uniform(-1.5, 0))
            volumes.append(
                Volume4D(footprint, random_band(rng), random_window(rng), estimated=rng.random() < ESTIMATED)
            )
        party = rng.choice(["Amber", "Teal", "Violet", UNKNOWN_PARTY])
        intents.append(replace(intent(number, *volumes, party=party), kind=rng.choice(KINDS)))
    return intents


@st.composite
def footprint_pairs(draw: st.DrawFn) -> tuple[Footprint, Footprint]:
    """Two footprints anywhere on the globe, of sizes from 1 m to 2,000 km, at most a few sizes apart."""
    rng = random.Random(draw(seeds))
    place = anywhere(rng)
    size_m = 10 ** rng.uniform(0, 6)
    other_m = size_m * 10 ** rng.uniform(-1, 0.3)
    at = from_place(place, rng.uniform(0, 360), (size_m + other_m) * rng.uniform(0, 1.5))
    return random_footprint(rng, place, size_m), random_footprint(rng, at, other_m)
