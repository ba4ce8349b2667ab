"""Small laws that only a planted fault asked for (tests/mutants)."""

import math
import random

import numpy as np

from tansiq.conflict.flat import passes
from tansiq.conflict.jit import helper
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.earth import FloatArray, LatLng
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon
from tests.laws.agreement import assert_batch_equals_exact
from tests.laws.strategies import intents_of, rectangle, same_for_all, shifted

HERE = LatLng(12.0, 34.0)


@helper
def rounds(corners: FloatArray) -> int:
    """How often the ring runs round the origin, by the edges that pass it."""
    found = 0
    for k in range(len(corners)):
        found += passes(corners[k - 1, 0], corners[k - 1, 1], corners[k, 0], corners[k, 1])
    return found


def test_a_ring_with_corners_level_with_the_point_runs_round_it_as_often_as_its_angles_say() -> None:
    rng = random.Random("level")
    told = []
    for _ in range(2_000):
        ring = [(rng.randint(-2, 2), rng.randint(-2, 2)) for _ in range(rng.randint(3, 7))]
        edges = list(zip([ring[-1], *ring], ring, strict=False))
        if any(a * d == b * c and a * c + b * d <= 0 for (a, b), (c, d) in edges):
            continue  # the point lies on the ring
        turns = [math.remainder(math.atan2(d, c) - math.atan2(b, a), math.tau) for (a, b), (c, d) in edges]
        told.append(rounds(np.array(ring, float)))
        assert told[-1] == round(sum(turns) / math.tau), ring
    assert {-1, 0, 1} <= set(told)


def certainty(a: Footprint, b: Footprint) -> Certainty:
    verdicts = assert_batch_equals_exact(intents_of([a, b]), same_for_all(0.0))
    return max((verdict.certainty for verdict in verdicts.values()), default=Certainty.CLEAR)


def test_what_lies_in_the_corner_of_a_ring_that_runs_round_twice_is_inside() -> None:
    once = [(0.0, 0.0), (0.0, 0.01), (0.01, 0.005)]
    ring = Polygon(tuple(LatLng(lat + k * 1e-9, lng + k * 1e-9) for k in range(2) for lat, lng in once))
    assert certainty(ring, Circle(LatLng(0.0005, 0.0008), 5.0)) is Certainty.CERTAIN


def test_a_corridor_that_runs_round_an_area_does_not_meet_it() -> None:
    bend = [(-200.0, 150.0), (-200.0, -150.0), (200.0, -150.0), (200.0, 150.0)]
    around = Corridor(tuple(shifted(HERE, east, north) for east, north in bend), 5.0)
    area = rectangle(HERE, east_m=-50, north_m=-50, wide_m=100, high_m=100)
    assert certainty(around, area) is certainty(area, around) is Certainty.CLEAR
