"""What is decided in a plane is never otherwise on the ellipsoid: clear is clear, and certain is certain."""

import math
import random
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import pytest

from tansiq.conflict.arrays import VolumeArrays
from tansiq.conflict.columns import volume_columns
from tansiq.conflict.flat import FLAT, MOST_POINTS, UNDECIDED, decide, lay, room_for_edges
from tansiq.conflict.jit import helper
from tansiq.conflict.prepare import volume_arrays
from tansiq.geometry.certainty import TOLERANCE_M, Certainty
from tansiq.geometry.distance import Outline, horizontal_conflict
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon
from tests.laws.strategies import anywhere, from_place, random_footprint, rectangle, shifted, star, volume, way

MINIMA_M: Final = [0.0, 0.5, 50.0, 5_000.0]
DECIDED: Final = 0.8
"""So much of what comes at random is decided, or the plane is of no use."""
FURTHEST_M: Final = 15_000.0
"""From the place to where a volume stands as its plane's origin, which is none of the two."""
PLACES: Final = [LatLng(0.0, 0.0), LatLng(-45.0, 101.7), LatLng(61.0, 180.0), LatLng(90.0, 0.0), LatLng(-89.99, 12.0)]
"""Where the ellipsoid's normal leans most among them."""

Pair = tuple[Footprint, Footprint]
Family = Callable[[random.Random, LatLng, float], Iterator[Pair]]
"""Pairs near a place, made to be difficult at this minimum."""


@helper
def answers(v: VolumeArrays, minimum_m: float) -> np.ndarray:
    """(n, 3): what is decided of the volumes 3 k and 3 k + 1 in the planes of each of them and of 3 k + 2."""
    told = np.empty((len(v.volumes) // 3, 3), np.int64)
    rows, points, room = np.empty(2, FLAT), np.empty((2 * MOST_POINTS + 2, 2)), room_for_edges()
    for k in range(len(told)):
        m, n = v.volumes[3 * k], v.volumes[3 * k + 1]
        for other in range(3):
            origin = v.volumes[3 * k + other]
            at = lay(rows[0], points, 0, v.points_m, m, origin, minimum_m / 2)
            lay(rows[1], points, at, v.points_m, n, origin, minimum_m / 2)
            told[k, other] = decide(points, rows[0], rows[1], minimum_m, room)
    return told


def contradictions(rng: random.Random, place: LatLng, pairs: list[Pair], minimum_m: float) -> tuple[list[str], float]:
    """Where plane and ellipsoid differ, and which part the plane decides at all."""
    shapes: list[Footprint] = []
    for pair in pairs:
        aside_m = rng.choice([0.0, 300.0, FURTHEST_M]) * rng.random()
        shapes += [*pair, Circle(from_place(place, rng.uniform(0, 360), aside_m), 1.0)]
    told = answers(volume_arrays(volume_columns([volume(shape) for shape in shapes])), minimum_m)
    found = []
    for (a, b), row in zip(pairs, told.tolist(), strict=True):
        if set(row) == {UNDECIDED}:
            continue
        want, _ = horizontal_conflict(Outline(a), Outline(b), minimum_m)
        if set(row) - {int(want), UNDECIDED}:
            found.append(f"{a} and {b} at {minimum_m} m: the planes say {row}, it is {want!r}")
    return found, float((told[:, 0] != UNDECIDED).mean())


# ---------------------------------------------------------------------------------------------------------- at random


@pytest.mark.parametrize("minimum_m", MINIMA_M)
def test_pairs_at_random_are_decided_as_a_rule_and_never_otherwise(minimum_m: float) -> None:
    rng = random.Random(f"random pairs {minimum_m}")
    parts = []
    for _ in range(40):
        place = anywhere(rng)
        pairs = []
        for _ in range(5):
            size_m = 10 ** rng.uniform(0.0, 3.3)
            other_m = size_m * 10 ** rng.uniform(-1.0, 0.3)
            away_m = (1.5 * (size_m + other_m) + 2 * minimum_m) * rng.random()
            at = from_place(place, rng.uniform(0, 360), away_m)
            pairs.append((random_footprint(rng, place, size_m), random_footprint(rng, at, other_m)))
        found, part = contradictions(rng, place, pairs, minimum_m)
        assert not found, "\n".join(found)
        parts.append(part)
    # What lies apart by less than the minimum is for the kernels that measure gaps.
    assert sum(parts) / len(parts) > (DECIDED if minimum_m < 1 else 0.4)


# --------------------------------------------------------------------------------------------------------- on purpose


def thresholds_m(rng: random.Random, minimum_m: float, reach_m: float) -> float:
    """A gap, negative for an overlap, beside one at which the answer changes, or where the plane grows sure of it."""
    sharp = rng.choice([minimum_m + TOLERANCE_M, minimum_m - TOLERANCE_M, -TOLERANCE_M, 0.0, TOLERANCE_M])
    unsure_m = 3.4e-3**2 * 1.4 * reach_m
    return sharp + rng.choice([-1, 1]) * (rng.choice([0.0, unsure_m]) + 10 ** rng.uniform(-7, -2))


def one_of(rng: random.Random, *shapes: Footprint) -> Footprint:
    return rng.choice(shapes)


def touching_rectangles(rng: random.Random, place: LatLng, minimum_m: float) -> Iterator[Pair]:
    for _ in range(12):
        wide_m, high_m = 10 ** rng.uniform(-0.5, 2.5), 10 ** rng.uniform(-0.5, 2.5)
        gap_m = thresholds_m(rng, minimum_m, wide_m)
        left = rectangle(place, east_m=-wide_m, north_m=-high_m / 2, wide_m=wide_m, high_m=high_m)
        higher_m = high_m * rng.choice([0.2, 1.0, 3.0])
        north_m = rng.choice([-high_m / 2, 0.0, high_m / 2 + rng.choice([gap_m, -0.01])])
        yield left, rectangle(place, east_m=gap_m, north_m=north_m, wide_m=wide_m, high_m=higher_m)


def rims(rng: random.Random, place: LatLng, minimum_m: float) -> Iterator[Pair]:
    for _ in range(20):
        radius_m, other_m = 10 ** rng.uniform(-2.5, 3), 10 ** rng.uniform(-2.5, 3)
        away_m = abs(radius_m + other_m + thresholds_m(rng, minimum_m, radius_m))
        yield Circle(place, radius_m), Circle(from_place(place, rng.uniform(0, 360), away_m), other_m)
    for _ in range(8):
        # A rim that reaches just into, or just does not reach, the disc that an area is known to hold.
        size_m, radius_m = 10 ** rng.uniform(0, 3), 10 ** rng.uniform(-2.2, 2)
        area = rectangle(place, east_m=-size_m, north_m=-size_m, wide_m=2 * size_m, high_m=2 * size_m)
        away_m = abs(size_m + radius_m + thresholds_m(rng, minimum_m, size_m))
        yield area, Circle(from_place(place, 90 * rng.randrange(4), away_m), radius_m)
        # A dot, and a needle along the border, that reach into it by about a centimetre.
        dot_m, size_m = rng.uniform(0.003, 0.012), 10 ** rng.uniform(0, 1.5)
        area = rectangle(place, east_m=-size_m, north_m=-size_m, wide_m=2 * size_m, high_m=2 * size_m)
        yield area, Circle(shifted(place, 0, size_m + dot_m - TOLERANCE_M - 10 ** rng.uniform(-4, -2)), dot_m)
        thin = {"wide_m": 0.6, "high_m": rng.uniform(0.002, 0.008)}
        yield rectangle(place, east_m=-0.3, north_m=size_m - rng.uniform(0.0, 0.02), **thin), area


def nested(rng: random.Random, place: LatLng, _: float) -> Iterator[Pair]:
    for _ in range(10):
        size_m = 10 ** rng.uniform(0, 3.3)
        outer = star(rng, place, size_m)
        at = from_place(place, rng.uniform(0, 360), 0.3 * size_m * rng.random())
        inner = 10 ** rng.uniform(-2.5, -0.2) * size_m
        yield outer, one_of(rng, star(rng, at, inner), Circle(at, inner), way(rng, at, inner))
    for _ in range(10):
        # Deep inside by just a centimetre, or not: a square in a square with a thin margin on one or all sides.
        size_m, margin_m = 10 ** rng.uniform(0, 3), TOLERANCE_M + rng.choice([-1, 1]) * 10 ** rng.uniform(-6, -2.5)
        west_m = margin_m * rng.choice([1, 1, 30])
        outer = rectangle(place, east_m=0, north_m=0, wide_m=size_m, high_m=size_m)
        inside_m = {"wide_m": size_m - west_m - margin_m, "high_m": size_m - 2 * margin_m}
        yield rectangle(place, east_m=west_m, north_m=margin_m, **inside_m), outer


def shared_lattice(rng: random.Random, place: LatLng, minimum_m: float) -> Iterator[Pair]:
    step_m = rng.choice([0.3, 5.0, 400.0, max(0.5, minimum_m) / 2])
    corners = [shifted(place, x * step_m, y * step_m) for x in range(4) for y in range(4)]

    def shape() -> Footprint:
        kind = rng.randrange(6)
        if kind == 0:
            return Circle(rng.choice(corners), step_m * rng.choice([0.5, 1.0, 2.0]))
        if kind == 1:
            return Corridor(tuple(rng.sample(corners, 3)), step_m * rng.choice([0.002, 0.5]))
        if kind == 2:
            x, y = rng.randrange(3), rng.randrange(3)
            return Polygon((corners[4 * x + y], corners[4 * x + 4 + y], corners[4 * x + 5 + y], corners[4 * x + y + 1]))
        return Polygon(tuple(rng.sample(corners, 3)))

    for _ in range(24):
        yield shape(), shape()


def corridors(rng: random.Random, place: LatLng, minimum_m: float) -> Iterator[Pair]:
    for _ in range(16):
        size_m = 10 ** rng.uniform(0, 3.3)
        width_m = rng.choice([0.004, 0.0051, 0.012, 0.1 * size_m])
        line = (shifted(place, -size_m, 0), shifted(place, 0, 0), shifted(place, size_m, 0))
        other_m = rng.choice([0.004, 0.01, 0.05 * size_m])
        beside_m = width_m + other_m + thresholds_m(rng, minimum_m, size_m)
        turned = rng.choice([(0.3, 0.0), (0.3, 0.5), (1.2, 0.0)])
        other = Corridor((shifted(place, turned[0] * size_m, beside_m), shifted(place, 0, beside_m)), other_m)
        ahead = shifted(place, turned[0] * size_m, beside_m + other_m + turned[1] * size_m)
        area = Polygon((shifted(place, 0, beside_m + other_m), ahead, shifted(place, 0.1 * size_m, size_m)))
        # Two that run back on themselves, or stand still for a while.
        again = Corridor((*line, line[1], line[1]), width_m)
        ours = one_of(rng, Corridor(line, width_m), again)
        yield ours, one_of(rng, other, area, way(rng, place, size_m))


def slivers(rng: random.Random, place: LatLng, _: float) -> Iterator[Pair]:
    for _ in range(16):
        length_m, thin_m = 10 ** rng.uniform(0, 3.7), 10 ** rng.uniform(-3, -1.3)
        needle = rectangle(place, east_m=-0.4 * length_m, north_m=0, wide_m=length_m, high_m=thin_m)
        deep_m = thin_m + TOLERANCE_M + rng.choice([-1, 1]) * 10 ** rng.uniform(-6, -2)
        across = rectangle(place, east_m=0, north_m=-length_m / 3, wide_m=thin_m, high_m=length_m / 3 + deep_m)
        base, tip = shifted(place, 0, deep_m), from_place(place, rng.uniform(0, 360), length_m)
        spike = Polygon((base, from_place(base, 37.0, thin_m), tip))
        yield needle, one_of(rng, across, spike, Corridor((base, tip), 0.003))


def spikes(rng: random.Random, place: LatLng, _: float) -> Iterator[Pair]:
    for _ in range(100):
        # Over the middle of an edge of kilometres, where it bends most in the plane, by a centimetre or more.
        length_m, turn = 10 ** rng.uniform(3.3, 4.2), rng.choice([0.0, 0.0, 180.0, 180.0, rng.uniform(0, 360)])
        north_m = rng.choice([0.0, 0.5]) * length_m * rng.random()
        foot = shifted(place, 0, north_m)
        edge = from_place(foot, 90 + turn, 0.5 * length_m), from_place(foot, 270 + turn, 0.5 * length_m)
        deep_m = rng.choice([TOLERANCE_M, TOLERANCE_M, -TOLERANCE_M - 0.003, -TOLERANCE_M - 0.006])
        deep_m += rng.choice([-1, 1]) * 10 ** rng.uniform(-3.3, rng.choice([-2, -2, 0]))
        tip = from_place(foot, turn + 180 * (deep_m < 0), abs(deep_m))
        spike = tip, from_place(foot, turn + 180, rng.choice([0.2, 0.5]) * length_m)
        wide = Polygon((*edge, from_place(foot, turn, 0.1 * length_m)))
        yield Corridor(spike, 0.003), one_of(rng, Corridor(edge, 0.003), wide)


def bays(rng: random.Random, place: LatLng, minimum_m: float) -> Iterator[Pair]:
    for _ in range(10):
        size_m = 10 ** rng.uniform(0.5, 3) + 5 * minimum_m
        corners = [(0, 0), (9, 0), (9, 9), (8, 9), (8, 1), (1, 1), (1, 9), (0, 9)]
        ring = [shifted(place, (x - 4.5) * size_m / 9, (y - 3) * size_m / 9) for x, y in corners]
        within = star(rng, shifted(place, 0, 1.6 * size_m / 9), 10 ** rng.uniform(-1, -0.7) * size_m)
        # Round something that keeps away from it, with its own middle in that: a horseshoe, or a way there and back.
        yield one_of(rng, Polygon(tuple(ring)), Corridor(tuple(ring[:4]), 0.02 * size_m)), within


def specks(rng: random.Random, place: LatLng, minimum_m: float) -> Iterator[Pair]:
    for _ in range(12):
        at = from_place(place, rng.uniform(0, 360), rng.choice([0.03, 0.6, minimum_m + 0.6]) * rng.random())
        yield star(rng, place, 10 ** rng.uniform(-2, 0)), star(rng, at, 10 ** rng.uniform(-2, 0))
    for _ in range(12):
        # A short edge far from what its line runs by: where that line is, is known less well than where the edge is.
        length_m, short_m, turn = 10 ** rng.uniform(1, 3.7), 10 ** rng.uniform(-2, 0.1), rng.uniform(0, 360)

        def spot(x: float, y: float, turn: float = turn) -> LatLng:
            return from_place(place, math.degrees(math.atan2(x, y)) + turn, math.hypot(x, y))

        off_m = TOLERANCE_M + rng.choice([-1, 1]) * 10 ** rng.uniform(-6, -2)
        bolt = Polygon((spot(0, 0), spot(short_m, 0), spot(1.01 * short_m, length_m), spot(0, length_m)))
        spear = spot(0.45 * short_m, off_m), spot(0.5 * short_m, -length_m)
        yield bolt, one_of(rng, Corridor(spear, 0.002), Polygon((*spear, spot(0.6 * short_m, -length_m))))


FAMILIES: Final[list[Family]] = [
    touching_rectangles,
    rims,
    nested,
    shared_lattice,
    corridors,
    slivers,
    spikes,
    bays,
    specks,
]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_pairs_made_to_be_difficult_are_never_decided_otherwise(family: Family) -> None:
    rng = random.Random(family.__name__)
    decided = 0.0
    for place in PLACES:
        for minimum_m in MINIMA_M if place == PLACES[1] else (0.0, rng.choice(MINIMA_M)):
            found, part = contradictions(rng, place, list(family(rng, place, minimum_m)), minimum_m)
            assert not found, "\n".join(found)
            decided += part
    assert decided > 0, "nothing is decided: the family proves nothing"


def test_certain_and_clear_are_the_numbers_of_the_three_answers() -> None:
    assert UNDECIDED not in {int(certainty) for certainty in Certainty}
    assert math.isclose(TOLERANCE_M, 0.01)
