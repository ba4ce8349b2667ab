"""The index for windows beside an hour, sizes of every level, and what it refuses."""

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pytest

from tansiq.conflict import index as index_module
from tansiq.conflict.batch import labels_of
from tansiq.conflict.columns import Labels, volume_columns
from tansiq.conflict.index import Hits, Index, Prepared, prepared
from tansiq.conflict.minima import Minima
from tansiq.conflict.shelves import MOST_HOURS
from tansiq.domain.intent import Intent
from tansiq.errors import PartyError
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle
from tansiq.geometry.volume import TimeWindow, shared_window
from tansiq.limits import LIMITS
from tests.laws.agreement import GAP_TOLERANCE_M, exact_verdicts
from tests.laws.strategies import (
    ANY_HEIGHT,
    HOUR_US,
    anywhere,
    from_place,
    intent,
    intents_of,
    random_footprint,
    same_for_all,
    volume,
)


def each_alone(intents: Sequence[Intent]) -> list[Prepared]:
    """Each intent by itself, under its number among all of them."""
    labels = labels_of(intents)
    return [
        prepared(volume_columns(one.volumes), Labels(*(column[labels.intent == i] for column in labels)))
        for i, one in enumerate(intents)
    ]


def all_together(intents: Sequence[Intent]) -> Prepared:
    return prepared(volume_columns([v for one in intents for v in one.volumes]), labels_of(intents))


def pairs_of(hits: Hits) -> set[tuple[int, int]]:
    return set(zip(hits.row.tolist(), hits.intent.tolist(), strict=True))


# ------------------------------------------------------------------------------------------------------------- windows


TICKS_US: Final = [h * HOUR_US + d for h in (-9, -8, -1, 0, 1, MOST_HOURS) for d in (-1, 0, 1)]
WINDOWS: Final = [TimeWindow(*ends) for ends in itertools.combinations_with_replacement(sorted(TICKS_US), 2)]
LONG_US: Final = MOST_HOURS * HOUR_US


def length_us(window: TimeWindow) -> int:
    return 2**62 if window.start_us is None or window.end_us is None else window.end_us - window.start_us


@pytest.mark.parametrize(
    "stays",
    [lambda long_us: long_us < LONG_US, lambda long_us: long_us >= LONG_US, lambda _: True],
    ids=["cells of an hour", "cells of no hour", "both"],
)
def test_windows_that_begin_and_end_a_microsecond_beside_an_hour(stays: Callable[[int], bool]) -> None:
    open_ended = [TimeWindow(None, None), TimeWindow(None, 0), TimeWindow(0, None), TimeWindow(None, -HOUR_US - 1)]
    windows = [*WINDOWS, *open_ended]
    circle = Circle(LatLng(-50.0, 180.0), 700.0)
    ready = each_alone([intent(i, volume(circle, ANY_HEIGHT, window)) for i, window in enumerate(windows)])
    stand = [i for i, window in enumerate(windows) if stays(length_us(window))]
    index = Index(Minima())
    for i in stand:
        index.insert(ready[i])
    for i, window in enumerate(windows):
        met = {j for j in stand if i != j and shared_window(window, windows[j]) is not None}
        assert set(index.query(ready[i]).intent.tolist()) == met, window
        assert len(index.query(ready[i]).intent) == len(met), "told twice"


# ---------------------------------------------------------------------------------------------------- sizes and levels


@pytest.mark.parametrize("cell_m", [200.0, 4_000.0, 500_000.0])
@pytest.mark.parametrize("minimum_m", [0.0, 400_000.0])
def test_volumes_of_all_sizes_over_the_whole_globe(cell_m: float, minimum_m: float) -> None:
    # From what stands in one cell and is asked about in one, to what covers more cells than are looked into.
    rng = random.Random(f"globe {minimum_m}")
    shapes = [random_footprint(rng, anywhere(rng), min(3_500_000.0, 10 ** rng.uniform(1.0, 6.8))) for _ in range(45)]
    middle = anywhere(rng)
    shapes += [Circle(from_place(middle, 40.0 * k, 30.0 * 4**k), 20.0 * 4**k) for k in range(9)]
    shapes.append(Circle(middle, 4_900_000.0))
    intents = intents_of(shapes)
    want = exact_verdicts(intents, same_for_all(minimum_m))
    assert len(want) > 30
    index = Index(same_for_all(minimum_m), cell_m=cell_m)
    ready = each_alone(intents)
    for one in ready[::2]:
        index.insert(one)
    levels = index._shelves.levels.sum(axis=1)  # noqa: SLF001 - or the levels would not be known to be many
    assert np.count_nonzero(levels) >= 3
    for i, asked in enumerate(ready):
        hits = index.query(asked)
        met = {j: want[pair] for j in range(0, len(intents), 2) if (pair := ((min(i, j), 0), (max(i, j), 0))) in want}
        assert sorted(hits.intent.tolist()) == sorted(met)
        for j, certainty, gap_m in zip(hits.intent.tolist(), hits.certainty.tolist(), hits.gap_m, strict=True):
            assert certainty == met[j].certainty
            assert abs(gap_m - met[j].horizontal_gap_m) <= GAP_TOLERANCE_M


def test_more_than_a_thousand_hits_of_one_question() -> None:
    rng = random.Random("thousand")
    place = LatLng(3.0, -179.99)
    shapes = [Circle(from_place(place, rng.uniform(0, 360), 900.0 * rng.random()), 50.0) for _ in range(1_500)]
    intents = intents_of([*shapes, Circle(place, 2_000.0)])
    index = Index(Minima())
    index.insert(all_together(intents))
    assert pairs_of(index.query(each_alone(intents)[-1])) == {(0, i) for i in range(1_500)}


# ------------------------------------------------------------------------------------------------------------ refusals


@pytest.fixture
def crowd() -> list[Intent]:
    """Five intents of two volumes that all conflict with each other."""
    circle, other = volume(Circle(LatLng(1.0, 1.0), 500.0)), volume(Circle(LatLng(1.001, 1.0), 500.0))
    return [intent(i, circle, other) for i in range(5)]


def assert_refused(index: Index, new: Prepared, code: str, asked: Prepared) -> None:
    """The index refuses what is new with this code, and is as it was."""
    before, count = pairs_of(index.query(asked)), len(index)
    room = index._shelves.used.copy()  # noqa: SLF001 - nothing is taken that nobody can see
    with pytest.raises(PartyError) as refused:
        index.insert(new)
    assert refused.value.code == code
    assert pairs_of(index.query(asked)) == before
    assert len(index) == count
    assert np.array_equal(index._shelves.used, room)  # noqa: SLF001 - as above


def test_an_intent_in_two_runs_is_refused_with_all_that_comes_with_it(crowd: list[Intent]) -> None:
    asked = all_together(crowd)
    index = Index(Minima())
    index.insert(each_alone(crowd)[0])
    labels = labels_of(crowd)
    rows = np.array([2, 4, 3])  # of intents 1, 2 and 1 again
    torn = prepared(volume_columns([crowd[0].volumes[0]] * 3), Labels(*(column[rows] for column in labels)))
    assert_refused(index, torn, "repeated_id", asked)
    assert 1 not in index
    assert 2 not in index
    index.insert(each_alone(crowd)[1])


def test_one_live_intent_among_new_ones_refuses_them_all(crowd: list[Intent]) -> None:
    asked = all_together(crowd)
    index = Index(Minima())
    index.insert(each_alone(crowd)[3])
    assert_refused(index, asked, "repeated_id", asked)
    assert [i in index for i in range(5)] == [False, False, False, True, False]
    index.delete(3)
    index.insert(asked)
    assert len(index) == 10


def test_more_volumes_than_the_limit_are_refused_up_to_it_they_are_not(
    crowd: list[Intent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "LIMITS", replace(LIMITS, volumes=6))
    ready, asked = each_alone(crowd), all_together(crowd)
    index = Index(Minima())
    assert_refused(index, asked, "limit_exceeded", asked)
    for one in ready[:3]:
        index.insert(one)
    assert_refused(index, ready[3], "limit_exceeded", asked)
    index.delete(1)
    index.insert(ready[3])
    assert [i in index for i in range(5)] == [True, False, True, True, False]


def test_more_points_than_the_limit_are_refused(crowd: list[Intent], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "LIMITS", replace(LIMITS, live_points=24))
    ready, asked = each_alone(crowd), all_together(crowd)
    index = Index(Minima())
    index.insert(ready[0])
    index.insert(ready[1])
    labels = labels_of(crowd)
    rows = np.arange(4, 10)
    others = prepared(volume_columns([v for one in crowd[2:] for v in one.volumes]), Labels(*(c[rows] for c in labels)))
    assert_refused(index, others, "limit_exceeded", asked)
    assert len(index) == 4


def test_an_intent_of_more_volumes_than_are_put_at_a_time_goes_as_a_whole() -> None:
    many = intent(0, *[volume(Circle(from_place(LatLng(1.0, 1.0), k, 100.0 * k), 50.0)) for k in range(600)])
    ready, asked = each_alone([many, intent(1, volume(Circle(LatLng(1.0, 1.0), 100_000.0)))])
    index = Index(Minima())
    index.insert(ready)
    assert len(index.query(asked).row) == 600
    index.delete(0)
    assert len(index.query(asked).row) == len(index) == 0
    index.insert(ready)
    assert len(index.query(asked).row) == 600


def test_what_is_not_live_can_not_be_deleted(crowd: list[Intent]) -> None:
    ready, asked = each_alone(crowd), all_together(crowd)
    index = Index(Minima())
    with pytest.raises(KeyError):
        index.delete(0)
    index.insert(ready[0])
    index.insert(ready[1])
    for missing in (2, -1, 10**9):
        with pytest.raises(KeyError):
            index.delete(missing)
    assert len(index) == 4
    assert {j for _, j in pairs_of(index.query(asked))} == {0, 1}


def test_no_volumes_are_inserted_and_asked_about_without_a_trace(crowd: list[Intent]) -> None:
    nothing = prepared(volume_columns([]), labels_of([]))
    index = Index(Minima())
    assert len(index.query(nothing).row) == len(index.query(all_together(crowd)).row) == 0
    index.insert(nothing)
    index.insert(all_together(crowd))
    assert len(index.query(nothing).row) == 0
    assert len(index) == 10
