"""What an index holds back for its readers it gives back when they are gone, and no answer ever changes meanwhile."""

import random
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pytest

from tansiq.conflict.batch import find_pairs, labels_of
from tansiq.conflict.columns import Labels, volume_columns
from tansiq.conflict.index import Hits, Index, Prepared, Snapshot, prepared
from tansiq.conflict.minima import Minima
from tansiq.conflict.narrow import UNDECIDED
from tansiq.conflict.shelves import BLOCKS, CHUNKS, PLACES, POINTS
from tansiq.domain.intent import Intent
from tansiq.geometry.certainty import TOLERANCE_M
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Footprint, Polygon
from tansiq.geometry.volume import TimeWindow, Volume4D
from tests.laws.strategies import (
    ALWAYS,
    ANY_HEIGHT,
    HOUR_US,
    from_place,
    intent,
    random_footprint,
    random_intents,
    random_window,
    same_for_all,
)

PLACE: Final = LatLng(-0.01, 179.99)
CYCLES: Final = 2_000
COUNTERS: Final = [PLACES, CHUNKS, POINTS, BLOCKS]
CHANGES: Final = 20_000
READERS: Final = 3
MOST_QUESTIONS: Final = 5_000
"""Of one reader, who then ends."""
TURN_S: Final = 5e-5
"""Threads take turns at so short intervals that most of the writer's steps are seen half done."""

State = frozenset[int]


def each_alone(intents: Sequence[Intent]) -> list[Prepared]:
    """Each intent by itself, under its number among all of them."""
    labels = labels_of(intents)
    return [
        prepared(volume_columns(one.volumes), Labels(*(column[labels.intent == i] for column in labels)))
        for i, one in enumerate(intents)
    ]


def partners_of(intents: Sequence[Intent], minima: Minima) -> list[State]:
    """Per intent those that it conflicts with, by `batch`."""
    columns, labels = volume_columns([v for one in intents for v in one.volumes]), labels_of(intents)
    found = find_pairs(columns, labels, minima)
    met: list[set[int]] = [set() for _ in intents]
    for i, j in zip(labels.intent[found.first].tolist(), labels.intent[found.second].tolist(), strict=True):
        met[i].add(j)
        met[j].add(i)
    return [frozenset(one) for one in met]


def seen_in(hits: Hits) -> State:
    return frozenset(hits.intent.tolist())


def told(hits: Hits) -> list[tuple[float, ...]]:
    """All that the hits say, in one order."""
    return sorted(zip(*(column.tolist() for column in hits), strict=True))


def ring(count: int, size_m: float) -> Polygon:
    """A polygon of so many vertices: of more than 64 it has blocks."""
    return Polygon(tuple(from_place(PLACE, 360 * k / count, size_m) for k in range(count)))


def crowd(seed: str, count: int) -> list[Intent]:
    """Intents near one place: small ones, giants, outlines with blocks; at all hours, for minutes or for ever."""
    rng = random.Random(seed)
    intents = random_intents(rng, count - 10, size_m=2_000.0, spread_m=9_000.0, place=PLACE)
    shapes: list[Footprint] = [ring(65 + 30 * k, 4_000.0 / (k + 1)) for k in range(5)]
    shapes += [random_footprint(rng, PLACE, 10 ** rng.uniform(4.5, 5.8)) for _ in range(5)]
    for shape in shapes:
        intents.append(intent(len(intents), Volume4D(shape, ANY_HEIGHT, random_window(rng))))
    return intents


def used(index: Index) -> list[int]:
    return [int(index._shelves.used[which]) for which in COUNTERS]  # noqa: SLF001 - its memory is what is asked about


# ------------------------------------------------------------------------------------------------------------ snapshots


def test_every_change_makes_a_new_version_and_a_question_makes_none() -> None:
    ready = each_alone(crowd("versions", 30))
    index = Index(same_for_all(0.0))
    last = index.snapshot().version
    for one in range(30):
        index.insert(ready[one])
        with index.snapshot() as now:
            index.query(ready[one])
            with index.snapshot() as again:
                assert again.version == now.version > last
            last = now.version
    for one in range(30):
        index.delete(one)
        with index.snapshot() as now:
            assert now.version > last
            last = now.version


def test_the_version_just_before_a_deletion_still_sees_what_was_deleted() -> None:
    # For an hour: what is asked about for ever is looked for among all that is live, not in the cells.
    hour = Volume4D(Circle(PLACE, 1_000.0), ANY_HEIGHT, TimeWindow(0, HOUR_US))
    ready = each_alone([intent(k, hour) for k in range(3)])
    index = Index(same_for_all(0.0))
    index.insert(ready[0])
    before = index.snapshot()
    index.delete(0)
    index.insert(ready[1])
    assert seen_in(before.query(ready[2])) == {0}
    assert seen_in(index.query(ready[2])) == {1}


def test_room_is_not_used_again_while_a_reader_may_have_met_it() -> None:
    circles = [Circle(PLACE, 1_000.0)] * 5
    ready = each_alone([intent(k, Volume4D(circle, ANY_HEIGHT, ALWAYS)) for k, circle in enumerate(circles)])
    index = Index(same_for_all(0.0))
    index.insert(ready[0])
    before = index.snapshot()
    index.delete(0)
    # It does not see the dead one, but may be on its way through the cell in which that still stands.
    after = index.snapshot()
    before.close()
    index.insert(ready[1])
    index.insert(ready[2])
    assert used(index)[0] == 3, "the dead one's place was given to another"
    after.close()
    index.insert(ready[3])
    index.insert(ready[4])
    assert used(index)[0] == 4


def test_snapshots_answer_for_ever_as_of_then_while_arrays_grow_and_rooms_are_used_again() -> None:
    rng = random.Random("for ever")
    intents = crowd("for ever", 300)
    ready = each_alone(intents)
    index = Index(same_for_all(500.0), cell_m=1_000.0)
    asked = rng.sample(range(300), 12)
    live: set[int] = set()
    kept: list[tuple[Snapshot, list[list[tuple[float, ...]]], State]] = []
    rooms = set()
    for change in range(1_500):
        # Fewer than a quarter at first, nearly all at last.
        i = rng.randrange(min(300, 60 + change // 6))
        if i in live:
            index.delete(i)
        else:
            index.insert(ready[i])
        live ^= {i}
        if change % 100 == 50:
            snapshot = index.snapshot()
            kept.append((snapshot, [told(snapshot.query(ready[k])) for k in asked], frozenset(live)))
        if change % 150 == 149 and len(kept) > 1:
            # The oldest but one goes: then rooms come free that are younger than what is still held back.
            kept.pop(1)[0].close()
        if change % 50 == 0:
            for snapshot, answers, _ in kept:
                assert [told(snapshot.query(ready[k])) for k in asked] == answers
        rooms.add(len(index._shelves.live))  # noqa: SLF001 - or it is not known to have grown
    assert len(rooms) > 2, "no array has grown"
    met = partners_of(intents, same_for_all(500.0))
    for snapshot, answers, state in kept:
        assert [seen_in(snapshot.query(ready[k])) for k in asked] == [met[k] & state for k in asked]
        assert sum(map(len, answers)) > 0
        snapshot.close()


def test_a_snapshot_puts_open_questions_to_exact_when_the_other_is_long_gone() -> None:
    radius_m = 900.0
    near = [Circle(from_place(PLACE, 90.0, 2 * radius_m + TOLERANCE_M + off_m), radius_m) for off_m in (-1e-7, 1e-7)]
    shapes = [Circle(PLACE, radius_m), *near, Circle(from_place(PLACE, 0.0, 5_000.0), radius_m)]
    ready = each_alone([intent(i, Volume4D(shape, ANY_HEIGHT, ALWAYS)) for i, shape in enumerate(shapes)])
    index = Index(same_for_all(0.0))
    for one in ready:
        index.insert(one)
    snapshot = index.snapshot()
    before = told(snapshot.query(ready[0]))
    assert {int(row[1]) for row in before} == {1}
    assert all(row[3] != UNDECIDED for row in before)
    for i in range(len(shapes)):
        index.delete(i)
    for i in (3, 2, 0):
        index.insert(ready[i])
    for i in (3, 2, 0):
        index.delete(i)
    assert told(snapshot.query(ready[0])) == before
    assert len(index.query(ready[0]).row) == 0
    snapshot.close()


def test_a_snapshot_may_be_closed_twice_and_another_one_is_not_closed_by_it() -> None:
    ready = each_alone(crowd("twice", 30))
    index = Index(same_for_all(0.0))
    index.insert(ready[0])
    first, second = index.snapshot(), index.snapshot()
    before = told(second.query(ready[1]))
    first.close()
    first.close()
    index.delete(0)
    for i in range(1, 30):
        index.insert(ready[i])
    assert told(second.query(ready[1])) == before
    second.close()


# ----------------------------------------------------------------------------------------------------------------- room


@pytest.mark.parametrize("held", [0, 1, 7], ids=["nobody reads", "one at a time", "seven at a time"])
def test_volumes_that_come_and_go_take_no_more_room_than_at_first(held: int) -> None:
    # Equal volumes, each time under another number: outlines with blocks, giants, windows of minutes and of days.
    ready = each_alone(crowd("come and go", 40))
    index = Index(same_for_all(0.0), cell_m=1_000.0)
    readers: list[Snapshot] = []
    early: list[int] = []
    for cycle in range(CYCLES):
        one = ready[cycle % 40]
        named = one._replace(labels=one.labels._replace(intent=np.full_like(one.labels.intent, cycle)))
        if held:
            readers.append(index.snapshot())
        index.insert(named)
        if cycle >= 20:
            index.delete(cycle - 20)
        if len(readers) > held:
            readers.pop(0).close()
        if cycle == CYCLES // 10:
            early = used(index)
    assert all(late <= 1.5 * at_first + 64 for late, at_first in zip(used(index), early, strict=True))
    for reader in readers:
        reader.close()
    for cycle in range(CYCLES - 20, CYCLES):
        index.delete(cycle)
    assert len(index) == len(index.query(ready[0]).row) == 0
    assert not index._columns  # noqa: SLF001 - what came with an insertion goes with its last intent


def test_room_that_a_reader_holds_back_is_used_again_once_it_is_gone() -> None:
    ready = each_alone(crowd("held back", 40))
    index = Index(same_for_all(0.0), cell_m=1_000.0)

    def turn_over() -> None:
        for i in range(40):
            index.insert(ready[i])
        for i in range(40):
            index.delete(i)

    turn_over()
    least = used(index)
    turn_over()
    assert used(index)[1:] == least[1:]
    with index.snapshot():
        for _ in range(5):
            turn_over()
    most = used(index)
    assert most[0] >= 5 * least[0]
    for _ in range(20):
        turn_over()
    assert used(index) == most


# -------------------------------------------------------------------------------------------------------------- threads


class Witness(threading.Thread):
    """A reader: opens snapshots, asks each twice, and notes what it saw of which version. Nobody waits for it."""

    def __init__(self, index: Index, ready: Sequence[Prepared], seed: int, done: threading.Event) -> None:
        super().__init__()
        self.index, self.ready, self.done = index, ready, done
        self.rng = random.Random(seed)
        self.noted: list[tuple[int, int, State]] = []
        self.faults: list[str] = []

    def run(self) -> None:
        try:
            while not self.done.is_set() and len(self.noted) < MOST_QUESTIONS:
                i = self.rng.randrange(len(self.ready))
                with self.index.snapshot() as snapshot:
                    once, twice = snapshot.query(self.ready[i]), snapshot.query(self.ready[i])
                if told(once) != told(twice):
                    self.faults.append(f"{i} at {snapshot.version}: {told(once)}, then {told(twice)}")
                if len(set(told(once))) != len(once.row):
                    self.faults.append(f"{i} at {snapshot.version}: told twice")
                self.noted.append((snapshot.version, i, seen_in(once)))
        except BaseException as error:  # noqa: BLE001 - a thread's error would be lost
            self.faults.append(repr(error))


def write(index: Index, ready: Sequence[Prepared], rng: random.Random) -> Callable[[int], State]:
    """Changes at full speed; afterwards it is known what was live at any version.

    What is told beside a change is who was live before it and after: an insertion takes effect with its last
    version, a deletion with its first.
    """
    live: set[int] = set()
    ends, states, effects = [0], [frozenset[int]()], [0]
    for _ in range(CHANGES):
        i = rng.randrange(len(ready))
        begin = index._version  # noqa: SLF001 - a snapshot would make room wait for it
        if i in live:
            index.delete(i)
        else:
            index.insert(ready[i])
        live ^= {i}
        end = index._version  # noqa: SLF001 - as above
        ends.append(end)
        states.append(frozenset(live))
        effects.append(end if i in live else begin + 1)

    def at(version: int) -> State:
        change = int(np.searchsorted(ends, version))
        return states[change] if version >= effects[change] else states[change - 1]

    return at


def test_readers_in_threads_see_the_state_of_their_version_whatever_a_writer_does_at_full_speed() -> None:
    minima = same_for_all(300.0)
    intents = crowd("threads", 120)
    ready, met = each_alone(intents), partners_of(intents, minima)
    index = Index(minima, cell_m=1_000.0)
    done = threading.Event()
    readers = [Witness(index, ready, seed, done) for seed in range(READERS)]
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(TURN_S)
    try:
        for reader in readers:
            reader.start()
        at = write(index, ready, random.Random("writer"))
    finally:
        done.set()
        for reader in readers:
            reader.join()
        sys.setswitchinterval(usual_s)
    assert [fault for reader in readers for fault in reader.faults] == []
    noted = [note for reader in readers for note in reader.noted]
    wrong = [(version, i, seen ^ (met[i] & at(version))) for version, i, seen in noted if seen != met[i] & at(version)]
    assert wrong == []
    assert len({version for version, _, _ in noted}) > 50, "they saw nothing of it"
