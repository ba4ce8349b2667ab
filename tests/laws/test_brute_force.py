"""Every pair of 2,000 volumes by the definition, and the same by `batch`: nothing missed, nothing invented."""

import math
import random

from tansiq.conflict.minima import Minima, Minimum
from tansiq.domain.intent import Kind
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.earth import LatLng
from tests.laws.agreement import assert_batch_equals_exact
from tests.laws.strategies import (
    from_place,
    intent,
    random_band,
    random_footprint,
    random_window,
    volume,
)

MINIMA = Minima(
    {
        frozenset((Kind.AIR,)): Minimum(5_556.0, 3_048_000),
        frozenset((Kind.SEA,)): Minimum(1_852.0, 0),
        frozenset((Kind.AIR, Kind.SEA)): Minimum(500.0, 1_524_000),
    }
)


def test_all_pairs_of_2000_volumes() -> None:
    rng = random.Random("brute force")
    middle = LatLng(71.0, 180.0)
    intents = []
    for number in range(2_000):
        place = from_place(middle, rng.uniform(0, 360), 60_000.0 * math.sqrt(rng.random()))
        footprint = random_footprint(rng, place, 10 ** rng.uniform(2, 4.3))
        kind = rng.choice([Kind.AIR, Kind.AIR, Kind.SEA, Kind.GROUND])
        intents.append(intent(number, volume(footprint, random_band(rng), random_window(rng)), kind=kind))
    verdicts = assert_batch_equals_exact(intents, MINIMA)
    answers = [verdict.certainty for verdict in verdicts.values()]
    assert min(answers.count(Certainty.CERTAIN), answers.count(Certainty.POSSIBLE)) > 300
