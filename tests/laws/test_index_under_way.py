"""Plans come and go while others ask: every answer is that of the version it was asked of."""

import random
import threading
from typing import Final

import numpy as np
import pytest

from tansiq.conflict.batch import find_pairs, labels_of
from tansiq.conflict.columns import volume_columns
from tansiq.conflict.index import Hits, Index, Prepared, Snapshot, prepared
from tansiq.conflict.minima import Minima
from tansiq.domain.intent import Intent
from tansiq.geometry.earth import LatLng
from tansiq.geometry.volume import TimeWindow, Volume4D
from tests.laws.strategies import random_intents, same_for_all

HOUR_US: Final = 3_600_000_000
CHANGES: Final = 600
QUESTIONS: Final = 400
PLACE: Final = LatLng(-41.0, 174.0)


def some_intents(seed: str, count: int) -> list[Intent]:
    """Intents of one place, a few of them as large as all the others together."""
    rng = random.Random(seed)
    small = random_intents(rng, count - 4, size_m=2_000.0, spread_m=8_000.0, place=PLACE)
    large = random_intents(rng, 4, size_m=60_000.0, spread_m=8_000.0, place=PLACE)
    return [*small, *large]


def alone(intents: list[Intent], i: int, later_us: int = 0) -> Prepared:
    """One of them by itself, at another time."""
    labels = labels_of(intents)
    counts = np.cumsum([0, *(len(intent.volumes) for intent in intents)])
    rows = slice(counts[i], counts[i + 1])
    volumes = [Volume4D(v.footprint, v.band, shifted(v.window, later_us)) for v in intents[i].volumes]
    mine = type(labels)(*(column[rows].copy() for column in labels))
    return prepared(volume_columns(volumes), mine)


def shifted(window: TimeWindow, later_us: int) -> TimeWindow:
    start, end = window.start_us, window.end_us
    return TimeWindow(None if start is None else start + later_us, None if end is None else end + later_us)


def partners(intents: list[Intent], minima: Minima) -> list[set[int]]:
    """Per intent those that it conflicts with, by `batch`."""
    columns, labels = volume_columns([v for intent in intents for v in intent.volumes]), labels_of(intents)
    found = find_pairs(columns, labels, minima)
    met: list[set[int]] = [set() for _ in intents]
    for i, j in zip(labels.intent[found.first].tolist(), labels.intent[found.second].tolist(), strict=True):
        met[i].add(j)
        met[j].add(i)
    assert sum(map(len, met)) > len(intents), "they prove nothing"
    return met


def intents_in(hits: Hits) -> set[int]:
    return set(hits.intent.tolist())


class Keeper:
    """What was live at each version."""

    def __init__(self, index: Index, ready: list[Prepared]) -> None:
        self.index = index
        self.ready = ready
        self.live: set[int] = set()
        self.at = {0: frozenset[int]()}
        self.lock = threading.Lock()

    def turn(self, i: int) -> None:
        """Intent i comes or goes."""
        if i in self.live:
            self.live.discard(i)
            self.index.delete(i)
        else:
            self.live.add(i)
            self.index.insert(self.ready[i])
        # A version in between changes nothing that can be seen, and is not asked about.
        with self.lock, self.index.snapshot() as now:
            self.at[now.version] = frozenset(self.live)

    def wrong(self, snapshot: Snapshot, asked: list[tuple[int, set[int]]], met: list[set[int]]) -> list[str]:
        with self.lock:
            live = self.at.get(snapshot.version)
        if live is None:
            return []
        return [f"{i} at {snapshot.version}: {got ^ (met[i] & live)}" for i, got in asked if got != met[i] & live]


def test_three_readers_see_whole_versions_while_one_writes() -> None:
    intents, minima = some_intents("threads", 60), same_for_all(300.0)
    met, ready = partners(intents, minima), [alone(intents, i) for i in range(60)]
    keeper = Keeper(Index(minima, cell_m=1_000.0), ready)
    faults: list[str] = []
    judged, done = [0, 0, 0], threading.Event()

    def read(reader: int) -> None:
        rng = random.Random(reader)
        try:
            while not done.is_set() or judged[reader] < QUESTIONS // 4:
                with keeper.index.snapshot() as seen:
                    asked = [(i, intents_in(seen.query(ready[i]))) for i in rng.choices(range(60), k=3)]
                    faults.extend(keeper.wrong(seen, asked, met))
                    judged[reader] += len(asked)
        except BaseException as error:  # noqa: BLE001 - a thread's error would be lost
            faults.append(repr(error))

    threads = [threading.Thread(target=read, args=(reader,)) for reader in range(3)]
    for thread in threads:
        thread.start()
    rng = random.Random("writer")
    try:
        for _ in range(CHANGES):
            keeper.turn(rng.randrange(60))
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert faults == []
    assert min(judged) >= QUESTIONS // 4


def test_a_snapshot_answers_as_of_then_whatever_comes_and_goes() -> None:
    intents, minima = some_intents("snapshot", 60), same_for_all(300.0)
    met, ready = partners(intents, minima), [alone(intents, i) for i in range(60)]
    keeper = Keeper(Index(minima, cell_m=500.0), ready)
    rng = random.Random("snapshot")
    kept: list[tuple[Snapshot, frozenset[int]]] = []
    for change in range(400):
        keeper.turn(rng.randrange(60))
        if change % 40 == 0:
            kept.append((keeper.index.snapshot(), frozenset(keeper.live)))
        if change % 90 == 0 and len(kept) > 2:
            kept.pop(rng.randrange(len(kept)))[0].close()
        for snapshot, live in kept:
            i = rng.randrange(60)
            assert intents_in(snapshot.query(ready[i])) == met[i] & live
    for snapshot, _ in kept:
        snapshot.close()
    i = rng.randrange(60)
    assert intents_in(keeper.index.query(ready[i])) == met[i] & keeper.live


@pytest.mark.parametrize("held", [False, True], ids=["nobody reads", "somebody reads"])
def test_days_that_pass_leave_nothing_behind(held: bool) -> None:  # noqa: FBT001 - a parameter of the test
    # Only snapshots that are closed again: room is used again once they are.
    intents, minima = some_intents("days", 40), same_for_all(0.0)
    met = partners(intents, minima)
    index = Index(minima, cell_m=1_000.0)
    used = []
    for day in range(16):
        ready = [alone(intents, i, day * 24 * HOUR_US) for i in range(40)]
        for i in range(40):
            reader = index.snapshot() if held else None
            if i in index:
                index.delete(i)
            index.insert(ready[i])
            if reader is not None:
                reader.close()
        assert all(intents_in(index.query(ready[i])) == met[i] for i in range(40))
        used.append(index._shelves.arrays.points_m.nbytes + index._shelves.entries.nbytes)  # noqa: SLF001 - its memory
    assert used[-1] <= 2 * used[3]
    assert len(index) == sum(len(intent.volumes) for intent in intents)
