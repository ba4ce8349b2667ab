"""`batch` answers as the definition does: the same pairs, certainties and gaps, on sets drawn at random."""

import random

import pytest

from tansiq.conflict.batch import Scope, find_conflicts
from tansiq.geometry.certainty import Certainty
from tests.laws.agreement import assert_batch_equals_exact, exact_verdicts
from tests.laws.strategies import (
    anywhere,
    box,
    from_place,
    intent,
    intents_of,
    random_footprint,
    random_intents,
    random_minima,
    same_for_all,
    volume,
)

SIZES_M = [1.0, 50.0, 2_000.0, 30_000.0, 300_000.0, 2_000_000.0]


@pytest.mark.parametrize("size_m", SIZES_M)
@pytest.mark.parametrize("seed", range(3))
def test_on_mixed_sets_anywhere(size_m: float, seed: int) -> None:
    rng = random.Random(f"mixed {size_m} {seed}")
    count = 40 if size_m < 100_000 else 14
    for _ in range(2):
        intents = random_intents(rng, count, size_m=size_m, spread_m=2 * size_m, place=anywhere(rng))
        assert_batch_equals_exact(intents, random_minima(rng))


@pytest.mark.parametrize("horizontal_m", [0.0, 1.0, 5_556.0])
@pytest.mark.parametrize("size_m", SIZES_M)
def test_on_shapes_that_share_all_time_and_height(size_m: float, horizontal_m: float) -> None:
    rng = random.Random(f"shapes {size_m} {horizontal_m}")
    count = 40 if size_m < 100_000 else 16
    spread_m = 3 * size_m + 2 * horizontal_m
    place = anywhere(rng)
    footprints = [
        random_footprint(rng, from_place(place, rng.uniform(0, 360), spread_m * rng.random()), size_m)
        for _ in range(count)
    ]
    verdicts = assert_batch_equals_exact(intents_of(footprints), same_for_all(horizontal_m))
    assert 0 < len(verdicts) < count * (count - 1) / 2, "the set proves nothing: all clear or none"


def test_on_sizes_from_a_metre_to_2000_km_in_one_set() -> None:
    rng = random.Random("all sizes")
    place = anywhere(rng)
    footprints = []
    for size_m in SIZES_M * 6:
        at = from_place(place, rng.uniform(0, 360), rng.choice(SIZES_M) * rng.random())
        footprints.append(random_footprint(rng, at, size_m))
    assert_batch_equals_exact(intents_of(footprints), same_for_all(1_000.0))


@pytest.mark.parametrize("seed", range(2))
def test_in_every_scope(seed: int) -> None:
    rng = random.Random(f"scope {seed}")
    intents = random_intents(rng, 40, size_m=5_000.0, spread_m=10_000.0, place=anywhere(rng))
    sides = [rng.randrange(2) for _ in intents]
    minima = random_minima(rng)
    everyone = assert_batch_equals_exact(intents, minima)
    parties = assert_batch_equals_exact(intents, minima, Scope(between_parties_only=True))
    against = assert_batch_equals_exact(intents, minima, Scope(sides=sides))
    both = assert_batch_equals_exact(intents, minima, Scope(between_parties_only=True, sides=sides))
    assert len(everyone) > len(parties) > len(both) > 0
    assert set(both) == set(parties) & set(against)


def test_a_pair_of_intents_is_as_certain_as_its_most_certain_volumes_and_comes_once() -> None:
    rng = random.Random("intents")
    intents = random_intents(rng, 40, size_m=5_000.0, spread_m=8_000.0, place=anywhere(rng))
    minima = random_minima(rng)
    best: dict[tuple[int, int], Certainty] = {}
    for (a, b), verdict in exact_verdicts(intents, minima).items():
        pair = a[0], b[0]
        best[pair] = max(best.get(pair, Certainty.CLEAR), verdict.certainty)
    found = find_conflicts(intents, minima)
    assert [((c.a, c.b), c.certainty) for c in found] == sorted(best.items())


def test_sets_of_no_one_and_two_volumes() -> None:
    square = volume(box(0, 1, 0, 1))
    assert assert_batch_equals_exact([], same_for_all(0)) == {}
    assert assert_batch_equals_exact([intent(0, square)], same_for_all(0)) == {}
    assert assert_batch_equals_exact([intent(0), intent(1, square), intent(2)], same_for_all(0)) == {}
    assert len(assert_batch_equals_exact([intent(0, square), intent(1, square)], same_for_all(0))) == 1


def test_volumes_of_one_intent_do_not_conflict() -> None:
    square = volume(box(0, 1, 0, 1))
    assert assert_batch_equals_exact([intent(0, square, square, square)], same_for_all(5_556)) == {}
