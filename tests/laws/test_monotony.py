"""More is never less: a larger minimum or a larger shape takes no conflict away and makes none less certain."""

import random
from itertools import combinations, pairwise

from hypothesis import given

from tansiq.conflict import exact
from tansiq.conflict.exact import exact_volume
from tansiq.conflict.minima import Minimum
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.distance import Outline, horizontal_conflict
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon
from tansiq.units import Reference
from tests.laws.agreement import batch_verdicts
from tests.laws.strategies import (
    anywhere,
    footprint_pairs,
    intent,
    metres,
    random_band,
    random_intents,
    same_for_all,
    seeds,
    volume,
)

LADDER_M = [0.0, 0.005, 0.01, 0.02, 1.0, 100.0, 5_556.0, 50_000.0, 500_000.0]
LADDER_DMM = [0, 1, 10_000, 3_048_000, 9_144_000, 10**9]


@given(footprint_pairs())
def test_a_larger_horizontal_minimum_makes_nothing_less_certain(pair: tuple[Footprint, Footprint]) -> None:
    a, b = (Outline(footprint) for footprint in pair)
    answers = [horizontal_conflict(a, b, minimum_m) for minimum_m in LADDER_M]
    assert [answer for answer, _ in answers] == sorted(answer for answer, _ in answers)
    gaps = {round(gap_m, 6) for answer, gap_m in answers if answer}
    assert len(gaps) <= 1, "the gap does not depend on the minimum"


@given(footprint_pairs(), seeds)
def test_a_larger_vertical_minimum_makes_nothing_less_certain(pair: tuple[Footprint, Footprint], seed: int) -> None:
    rng = random.Random(seed)
    a, b = (exact_volume(volume(footprint, random_band(rng))) for footprint in pair)
    for horizontal_m in (0.0, 5_556.0):
        verdicts = [exact.conflict(a, b, Minimum(horizontal_m, vertical_dmm)) for vertical_dmm in LADDER_DMM]
        answers = [Certainty.CLEAR if verdict is None else verdict.certainty for verdict in verdicts]
        assert answers == sorted(answers)


def test_batch_loses_nothing_as_the_minima_grow() -> None:
    rng = random.Random("growing minima")
    for size_m in (100.0, 10_000.0):
        intents = random_intents(rng, 80, size_m=size_m, spread_m=3 * size_m, place=anywhere(rng))
        across = [batch_verdicts(intents, same_for_all(m, 3_048_000)) for m in LADDER_M]
        up = [batch_verdicts(intents, same_for_all(500.0, dmm)) for dmm in LADDER_DMM]
        assert len(across[-1]) > len(across[0]) > 0
        assert len(up[-1]) > len(up[0]) > 0
        for less, more in pairwise(across):
            assert all(more[pair].certainty >= verdict.certainty for pair, verdict in less.items())
        for less, more in pairwise(up):
            assert all(more[pair].certainty >= verdict.certainty for pair, verdict in less.items())


def test_heights_above_ground_are_compared_natively_where_the_footprints_share_it_whatever_the_minimum() -> None:
    low, high = (AltitudeBand(metres(h, Reference.AGL), metres(h + 50, Reference.AGL)) for h in (0, 60))
    here, near = Circle(LatLng(0.0, 0.0), 10.0), Circle(LatLng(0.0, 0.001), 10.0)
    for minimum in (Minimum(0.0, 0), Minimum(1.0, 0), Minimum(1_000.0, 0)):
        met = exact.conflict(exact_volume(volume(here, low)), exact_volume(volume(here, low)), minimum)
        assert met is not None
        assert met.certainty is Certainty.CERTAIN
        both = [intent(k, volume(here, low)) for k in range(2)]
        assert list(batch_verdicts(both, same_for_all(minimum.horizontal_m, 0)).values()) == [met]
    # Ten metres above another over one ground, but the ground may rise within the minimum.
    above = exact.conflict(exact_volume(volume(here, low)), exact_volume(volume(here, high)), Minimum(1_000.0, 0))
    beside = exact.conflict(exact_volume(volume(here, low)), exact_volume(volume(near, low)), Minimum(1_000.0, 0))
    for unsure in (above, beside):
        assert unsure is not None
        assert unsure.certainty is Certainty.POSSIBLE


def grown(footprint: Footprint, factor: float) -> Footprint:
    match footprint:
        case Circle(center, radius_m):
            return Circle(center, radius_m * factor)
        case Corridor(line, half_width_m):
            return Corridor(line, half_width_m * factor)
        case Polygon():
            return footprint


@given(footprint_pairs(), seeds)
def test_a_larger_radius_makes_nothing_less_certain(pair: tuple[Footprint, Footprint], seed: int) -> None:
    rng = random.Random(seed)
    minimum_m = rng.choice([0.0, 100.0])
    answers = [
        horizontal_conflict(Outline(grown(pair[0], factor)), Outline(pair[1]), minimum_m)[0]
        for factor in (0.01, 0.5, 1.0, 1.1, 2.0)
    ]
    assert answers == sorted(answers)


def test_batch_loses_nothing_as_circles_and_corridors_grow() -> None:
    rng = random.Random("growing shapes")
    intents = random_intents(rng, 80, size_m=3_000.0, spread_m=15_000.0, place=anywhere(rng))
    steps = []
    for factor in (0.1, 1.0, 1.5, 4.0):
        larger = [
            intent(k, *(volume(grown(v.footprint, factor), v.band, v.window) for v in i.volumes), kind=i.kind)
            for k, i in enumerate(intents)
        ]
        steps.append(batch_verdicts(larger, same_for_all(100.0, 3_048_000)))
    assert len(steps[-1]) > len(steps[0])
    for less, more in combinations(steps, 2):
        assert all(more[pair].certainty >= verdict.certainty for pair, verdict in less.items())
