"""Who comes first does not matter."""

import random

from hypothesis import given

from tansiq.conflict import exact
from tansiq.conflict.exact import exact_volume
from tansiq.conflict.minima import Minimum
from tansiq.geometry.footprint import Footprint
from tests.laws.agreement import ROUNDING_M, batch_verdicts, unexplained
from tests.laws.strategies import (
    anywhere,
    footprint_pairs,
    minima_m,
    random_band,
    random_intents,
    random_minima,
    seeds,
    volume,
)


@given(footprint_pairs(), minima_m, seeds)
def test_the_definition_is_symmetric(pair: tuple[Footprint, Footprint], minimum_m: float, seed: int) -> None:
    rng = random.Random(seed)
    a, b = (exact_volume(volume(footprint, random_band(rng))) for footprint in pair)
    minimum = Minimum(minimum_m, rng.choice([0, 3_048_000]))
    there, back = exact.conflict(a, b, minimum), exact.conflict(b, a, minimum)
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert there.certainty is back.certainty
        assert there.vertical_gap_dmm == back.vertical_gap_dmm
        assert abs(there.horizontal_gap_m - back.horizontal_gap_m) < ROUNDING_M


def test_the_order_of_the_intents_changes_no_answer_of_batch() -> None:
    rng = random.Random("order")
    for size_m in (30.0, 3_000.0, 800_000.0):
        intents = random_intents(rng, 60, size_m=size_m, spread_m=1.5 * size_m, place=anywhere(rng))
        minima = random_minima(rng)
        want = batch_verdicts(intents, minima)
        assert want
        for _ in range(3):
            order = rng.sample(range(len(intents)), len(intents))
            shuffled = batch_verdicts([intents[k] for k in order], minima)
            back = {}
            for (a, b), verdict in shuffled.items():
                first, second = sorted([(order[a[0]], a[1]), (order[b[0]], b[1])])
                back[first, second] = verdict
            assert unexplained(intents, minima, want, back) == []
