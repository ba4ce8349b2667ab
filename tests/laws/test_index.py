"""The index says what `exact` and `batch` say, whatever came and went before."""

import numpy as np
import pytest

from tansiq.conflict.batch import labels_of
from tansiq.conflict.columns import volume_columns
from tansiq.conflict.exact import conflict, exact_volume
from tansiq.conflict.index import Index, prepared
from tansiq.conflict.minima import Minima, Minimum
from tansiq.errors import PartyError
from tansiq.geometry.certainty import TOLERANCE_M, Certainty
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle
from tansiq.geometry.volume import TimeWindow, Volume4D
from tests.laws.index_walk import walk
from tests.laws.strategies import from_place, intents_of, volume


@pytest.mark.parametrize(("seed", "pool", "steps"), [(0, 130, 3_000), (1, 30, 1_000), (2, 30, 1_000), (3, 60, 1_000)])
def test_a_walk_among_intents_of_every_size_time_and_party(seed: int, pool: int, steps: int) -> None:
    seen = walk(steps, seed, pool)
    assert seen["questions"] > steps / 3
    assert seen["pairs"] > 0
    assert 0 < seen["not live"] < 2 * seen["questions"]


@pytest.mark.parametrize(
    ("stands", "asked"),
    [
        ((None, None), (2, 3)),
        ((0, 9), (8, 9)),
        ((0, 8), (8, 9)),
        ((-3, -1), (-1, 4)),
        ((2, 3), (None, None)),
        ((2, 3), (None, 2)),
        ((3, 3), (3, None)),
    ],
)
def test_windows_of_any_length_meet_at_any_hour(
    stands: tuple[int | None, int | None], asked: tuple[int | None, int | None]
) -> None:
    hour_us = 3_600_000_000
    circle = volume(Circle(LatLng(12.0, 34.0), 1_000.0))
    volumes = [
        Volume4D(circle.footprint, circle.band, TimeWindow(*(None if h is None else h * hour_us for h in window)))
        for window in (stands, asked)
    ]
    labels = labels_of(intents_of([v.footprint for v in volumes]))
    ready = [
        prepared(volume_columns([v]), type(labels)(*(column[i : i + 1] for column in labels)))
        for i, v in enumerate(volumes)
    ]
    index = Index(Minima())
    index.insert(ready[0])
    assert index.query(ready[1]).intent.tolist() == [0]


def test_circles_that_overlap_by_a_centimetre_are_what_exact_says() -> None:
    """Plain ones, neither zones nor estimated: with those all hits are looked at once more."""
    asked = Circle(LatLng(12.0, 34.0), 1_000.0)
    others = [
        Circle(from_place(LatLng(12.0, 34.0), 70.0, 2_000.0 - TOLERANCE_M + k * 1e-7), 1_000.0) for k in range(-30, 31)
    ]
    intents = intents_of([asked, *others])
    columns, labels = volume_columns([i.volumes[0] for i in intents]), labels_of(intents)
    index = Index(Minima())
    index.insert(prepared(columns, labels))
    one = prepared(volume_columns([intents[0].volumes[0]]), type(labels)(*(column[:1] for column in labels)))
    hits = index.query(one)
    told = dict(zip(hits.intent.tolist(), hits.certainty.tolist(), strict=True))
    ready = [exact_volume(intent.volumes[0]) for intent in intents]
    verdicts = {j: conflict(ready[0], ready[j], Minimum()) for j in range(1, len(ready))}
    want = {j: verdict.certainty for j, verdict in verdicts.items() if verdict is not None}
    assert told == want
    assert set(told.values()) == {Certainty.POSSIBLE, Certainty.CERTAIN}


def test_what_is_live_already_is_refused_and_nothing_changes() -> None:
    intents = intents_of([Circle(LatLng(1.0, 1.0), 500.0), Circle(LatLng(1.0, 1.0), 900.0)])
    both = prepared(volume_columns([i.volumes[0] for i in intents]), labels_of(intents))
    index = Index(Minima())
    index.insert(both)
    with pytest.raises(PartyError) as refused:
        index.insert(both)
    assert refused.value.code == "repeated_id"
    assert len(index) == 2
    index.delete(0)
    with pytest.raises(KeyError):
        index.delete(0)
    assert 1 in index
    assert 0 not in index
    assert index.query(both).row.tolist() == [0]
    assert np.array_equal(index.query(both).intent, [1])
