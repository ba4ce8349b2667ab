"""The globe has no seam and no side: a set turned in longitude or mirrored has the same conflicts and gaps.

A move rounds a coordinate by about a nanometre, so an answer may turn only where the gap lies within a
micrometre of a threshold: a pair that differs is measured, and passes only if it does lie there.
"""

import math
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tansiq.conflict.exact import exact_volume
from tansiq.conflict.minima import Minimum
from tansiq.domain.intent import Intent
from tansiq.geometry.distance import Outline, horizontal_conflict
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Footprint
from tests.laws.agreement import ROUNDING_M, batch_verdicts, on_a_threshold, unexplained
from tests.laws.strategies import (
    anywhere,
    footprint_pairs,
    mapped,
    minima_m,
    random_intents,
    random_minima,
    volume,
)

Move = Callable[[LatLng], LatLng]


def turned(by_deg: float) -> Move:
    def move(place: LatLng) -> LatLng:
        return LatLng(place.lat_deg, math.remainder(place.lng_deg + by_deg, 360.0))

    return move


def north_south(place: LatLng) -> LatLng:
    return LatLng(-place.lat_deg, place.lng_deg)


def east_west(place: LatLng) -> LatLng:
    return LatLng(place.lat_deg, -place.lng_deg)


moves = st.one_of(
    st.floats(-360, 360).map(turned),
    st.sampled_from([north_south, east_west, turned(90.0), turned(180.0), turned(-179.9999999)]),
)


@given(footprint_pairs(), minima_m, moves)
def test_the_definition_does_not_see_where_it_is(
    pair: tuple[Footprint, Footprint], minimum_m: float, move: Move
) -> None:
    first, second = pair
    here = horizontal_conflict(Outline(first), Outline(second), minimum_m)
    there = horizontal_conflict(Outline(mapped(first, move)), Outline(mapped(second, move)), minimum_m)
    if here[0] is not there[0]:
        a, b = (exact_volume(volume(footprint)) for footprint in pair)
        assert on_a_threshold(a, b, Minimum(minimum_m, 0)), (here, there)
    elif here[0]:
        assert abs(here[1] - there[1]) < ROUNDING_M


def moved(intents: list[Intent], move: Move) -> list[Intent]:
    return [
        replace(i, volumes=tuple(replace(v, footprint=mapped(v.footprint, move)) for v in i.volumes)) for i in intents
    ]


@pytest.mark.parametrize(
    "move",
    [turned(0.1234567), turned(180.0), turned(-90.0), turned(271.3), north_south, east_west],
    ids=["a little", "180", "-90", "271.3", "north-south", "east-west"],
)
@pytest.mark.parametrize("size_m", [20.0, 4_000.0, 700_000.0])
def test_batch_does_not_see_where_it_is(size_m: float, move: Move) -> None:
    rng = random.Random(f"moved {size_m}")
    for _ in range(3):
        intents = random_intents(rng, 50, size_m=size_m, spread_m=1.5 * size_m, place=anywhere(rng))
        minima = random_minima(rng)
        here, there = batch_verdicts(intents, minima), batch_verdicts(moved(intents, move), minima)
        assert here
        assert unexplained(intents, minima, here, there) == []
