"""Every promise of `ports.store`, kept by every store."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tansiq.errors import PartyError, StoreError
from tansiq.limits import LIMITS
from tansiq.ports.store import Cell, Change, Store
from tansiq.record.tree import HASH_BYTES, Tree
from tansiq.storage import accept
from tansiq.storage.memory import MemoryStore
from tansiq.storage.sqlite import SqliteStore
from tests.contract.stores import AMBER_TEAL, AMBER_VIOLET, CHANNELS, Walk, body_of, contents, logged, sqlite_store

Reopen = Callable[[Store], Store]


def restarted(store: Store) -> Store:
    assert isinstance(store, MemoryStore)
    return store.crash()


@pytest.fixture(params=["memory", "sqlite"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Store, Reopen]]:
    """A store without contents, and how its process ends and a new one takes it up."""
    if request.param == "memory":
        yield MemoryStore(), restarted
        return
    live = [sqlite_store(tmp_path / "store")]

    def reopen(store: Store) -> Store:
        store.close()
        live.append(sqlite_store(tmp_path / "store", seed=len(live)))
        return live[-1]

    yield live[0], reopen
    live[-1].close()


@pytest.fixture
def store(opened: tuple[Store, Reopen]) -> Store:
    return opened[0]


def refused(store: Store, *changes: Change) -> str:
    with pytest.raises((PartyError, StoreError)) as caught:
        store.commit(changes)
    assert isinstance(caught.value, PartyError | StoreError)
    return caught.value.code


def test_the_journal_counts_from_one_without_gaps_and_in_order(store: Store) -> None:
    assert store.commit([]) == 0
    assert store.commit([Change(journal=(b"a", b"b")), Change(), Change(journal=(b"c",))]) == 3
    assert store.commit([Change(cells=(Cell("cursor", b"teal", b"1"),))]) == 3
    assert store.commit([Change(journal=(b"d",))]) == 4
    assert list(store.journal()) == [(1, b"a"), (2, b"b"), (3, b"c"), (4, b"d")]
    assert [list(store.journal(after)) for after in (3, 4, 9)] == [[(4, b"d")], [], []]


def test_a_log_counts_from_zero_and_is_read_from_any_place(store: Store) -> None:
    entries = [logged(index) for index in range(5)]
    store.commit([Change(logged=tuple(entries[:2])), Change(logged=(entries[2],))])
    store.commit([Change(logged=(*entries[3:], logged(0, channel=AMBER_VIOLET)))])
    assert store.channels() == (AMBER_TEAL, AMBER_VIOLET)
    assert [list(store.log(AMBER_TEAL, first)) for first in (0, 3, 5, 9)] == [entries, entries[3:], [], []]
    assert Tree(store.leaves(AMBER_TEAL)).size == 5
    assert [store.leaves(AMBER_TEAL)[HASH_BYTES * k :][:HASH_BYTES] for k in range(5)] == [e.digest for e in entries]
    assert store.logged(AMBER_TEAL, entries[3].digest) == entries[3]
    assert store.logged(AMBER_VIOLET, entries[3].digest) is None


def test_of_what_was_never_there_nothing_is_told(store: Store) -> None:
    place = (AMBER_TEAL, bytes(HASH_BYTES))
    assert store.channels() == ()
    assert [*store.log(AMBER_TEAL), *store.journal(), *store.cells("cursor")] == []
    assert store.leaves(AMBER_TEAL) == b""
    assert {store.logged(*place), store.body(*place), store.cell("cursor", b"")} == {None}
    assert not store.destroyed(*place)


@pytest.mark.parametrize("index", [0, 1, 3], ids=["again", "one too few", "one too many"])
def test_an_entry_that_is_not_the_next_leaves_nothing_of_its_group(store: Store, index: int) -> None:
    store.commit([Change(logged=(logged(0), logged(1)))])
    before = contents(store, [])
    good = Change((b"a",), (logged(2 - (index == 1)),), (body_of(logged(1)),), (), (Cell("cursor", b"k", b"v"),))
    good = replace(good, logged=()) if index != 1 else replace(good, logged=(logged(2),))
    assert refused(store, good, Change((b"b",), (logged(index),))) == "store_conflict"
    assert contents(store, []) == before
    assert store.body(AMBER_TEAL, logged(1).digest) is store.cell("cursor", b"k") is None
    assert store.commit([Change((b"c",), (logged(2),))]) == 1


def test_an_entry_that_stands_in_its_log_already_leaves_nothing_of_its_group(store: Store) -> None:
    store.commit([Change(logged=(logged(0),))])
    before = contents(store, [])
    again = replace(logged(0), index=1)
    assert refused(store, Change((b"a",)), Change(logged=(again,))) == "store_conflict"
    twice = Change(logged=(logged(1), replace(logged(1), index=2)))
    assert refused(store, twice) == "store_conflict"
    new_channel = replace(logged(0, channel=AMBER_VIOLET))
    assert refused(store, Change(logged=(new_channel,)), Change(logged=(again,))) == "store_conflict"
    assert contents(store, []) == before
    store.commit([Change(logged=(replace(again, channel=AMBER_VIOLET, index=0),))])
    assert store.channels() == CHANNELS


def test_a_destroyed_body_never_comes_back_and_its_log_stays_whole(opened: tuple[Store, Reopen]) -> None:
    store, reopen = opened
    one, other = logged(0), logged(1)
    store.commit([Change(logged=(one, other), bodies=(body_of(one), body_of(other, b"other")))])
    store.commit([Change(destroyed=((AMBER_TEAL, one.digest),))])
    store.commit([Change(bodies=(body_of(one), body_of(other, b"changed")))])
    for restart in (False, True):
        taken_up = reopen(store) if restart else store
        assert taken_up.body(AMBER_TEAL, one.digest) is None
        assert taken_up.destroyed(AMBER_TEAL, one.digest)
        assert taken_up.body(AMBER_TEAL, other.digest) == b"other"
        assert not taken_up.destroyed(AMBER_TEAL, other.digest)
        assert list(taken_up.log(AMBER_TEAL)) == [one, other]


def test_bodies_are_taken_and_destroyed_in_the_order_of_the_changes(store: Store) -> None:
    at_once, later, back = (logged(index) for index in range(3))
    places = [(AMBER_TEAL, one.digest) for one in (at_once, later, back)]
    bodies = [body_of(one) for one in (at_once, later, back)]
    store.commit(
        [
            Change(bodies=(bodies[0],), destroyed=(places[0],)),
            Change(destroyed=(places[1],)),
            Change(bodies=(bodies[1], bodies[2])),
            Change(destroyed=(places[2],)),
            Change(bodies=(bodies[2],)),
        ]
    )
    assert [store.destroyed(*place) for place in places] == [True, False, True]
    assert [store.body(*place) for place in places] == [None, bodies[1].fields, None]


def test_the_last_value_of_a_cell_holds_and_none_removes_it(store: Store) -> None:
    store.commit([Change(cells=(Cell("cursor", b"b", b"1"), Cell("cursor", b"b", b"2"), Cell("cursor", b"a", b"")))])
    store.commit([Change(cells=(Cell("cursor", b"\xff", b"4"), Cell("head", b"a", b"5")))])
    assert list(store.cells("cursor")) == [(b"a", b""), (b"b", b"2"), (b"\xff", b"4")]
    store.commit([Change(cells=(Cell("cursor", b"b", None), Cell("cursor", b"never", None)))])
    assert store.cell("cursor", b"b") is None
    assert list(store.cells("cursor")) == [(b"a", b""), (b"\xff", b"4")]
    assert list(store.cells("head")) == [(b"a", b"5")]


def test_what_iterates_shows_what_was_committed_when_it_was_asked_for(store: Store) -> None:
    cell = Cell("cursor", b"a", b"1")
    store.commit([Change((b"a", b"b"), (logged(0), logged(1)), cells=(cell,))])
    journal, log, cells = store.journal(), store.log(AMBER_TEAL), store.cells("cursor")
    assert (next(journal), next(log)) == ((1, b"a"), logged(0))
    store.commit([Change((b"c",), (logged(2),), cells=(replace(cell, value=b"2"),))])
    assert (list(journal), list(log), list(cells)) == ([(2, b"b")], [logged(1)], [(b"a", b"1")])


@pytest.mark.parametrize("seed", range(6))
def test_a_store_that_is_taken_up_again_has_the_same_contents(opened: tuple[Store, Reopen], seed: int) -> None:
    store, reopen = opened
    walk, groups = Walk(seed), []
    for _ in range(12):
        groups.append(walk.group())
        seq = store.commit(groups[-1])
        before = contents(store, groups)
        store = reopen(store)
        assert contents(store, groups) == before
        assert store.commit([]) == seq


@pytest.mark.parametrize("seed", range(6))
def test_all_stores_say_the_same(seed: int, tmp_path: Path) -> None:
    """Groups at random, some of them spoilt by an entry that does not follow."""
    walk, lots, groups = Walk(seed), Random(seed), []
    memory, sqlite = MemoryStore(), sqlite_store(tmp_path)
    for _ in range(25):
        groups.append(walk.group())
        if lots.random() < 0.3:
            spoilt = [*groups[-1], Change((b"spoilt",), (logged(10_000),))]
            assert refused(memory, *spoilt) == refused(sqlite, *spoilt) == "store_conflict"
        assert memory.commit(groups[-1]) == sqlite.commit(groups[-1])
    assert contents(memory, groups) == contents(sqlite, groups)
    sqlite.close()


def test_one_group_is_as_good_as_its_changes_one_by_one(opened: tuple[Store, Reopen]) -> None:
    store, _ = opened
    walk = Walk(5)
    changes = [change for _ in range(20) for change in walk.group()]
    store.commit(changes)
    other = MemoryStore()
    for change in changes:
        other.commit([change])
    assert contents(store, [changes]) == contents(other, [changes])


LIMITED = {
    "changes_per_commit": [Change(), Change(), Change()],
    "journal_entry_bytes": [Change((b"123",))],
    "log_leaves": [Change(logged=(logged(0), logged(1), logged(2)))],
    "store_channels": [Change(logged=tuple(logged(0, channel=bytes([k]) * 16) for k in range(3)))],
    "field_bytes": [Change(bodies=(body_of(logged(0), b"123"),))],
    "store_cells": [Change(cells=tuple(Cell("k", b"%d" % k, b"") for k in range(3)))],
    "cell_bytes": [Change(cells=(Cell("k", b"k", b"123"),))],
    "cell_name_bytes": [Change(cells=(Cell("k", b"123", b""),))],
}


@pytest.mark.parametrize("limit", LIMITED)
def test_past_a_limit_the_group_is_refused_whole(store: Store, limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accept, "LIMITS", replace(LIMITS, **{limit: 2}))
    first = [] if limit == "changes_per_commit" else [Change((b"a",))]
    assert refused(store, *first, *LIMITED[limit]) == "limit_exceeded"
    assert list(store.journal()) == []
    assert store.channels() == ()
    assert list(store.cells("k")) == []
    store.commit([Change((b"a",), (logged(0), logged(1)), cells=(Cell("k", b"1", b""), Cell("k", b"2", b"")))])
    if limit == "store_cells":
        store.commit([Change(cells=(Cell("k", b"1", None), Cell("k", b"3", b""), Cell("k", b"2", b"")))])
        assert refused(store, Change(cells=(Cell("k", b"4", b""),))) == "limit_exceeded"


def test_the_name_of_a_kind_and_an_envelope_have_limits(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accept, "LIMITS", replace(LIMITS, cell_name_bytes=2))
    assert refused(store, Change(cells=(Cell("قصر", b"k", b""),))) == "limit_exceeded"
    monkeypatch.setattr(accept, "ENVELOPE_BYTES", 2)
    assert refused(store, Change(logged=(logged(0),))) == "limit_exceeded"


def test_a_closed_store_is_neither_read_nor_written(store: Store) -> None:
    store.commit([Change((b"a",))])
    store.close()
    store.close()
    for ask in (store.journal, store.channels, lambda: store.commit([]), lambda: store.cell("k", b"")):
        with pytest.raises(StoreError) as caught:
            ask()
        assert caught.value.code == "store_failed"


def test_a_second_opener_is_refused_until_the_first_has_closed(tmp_path: Path) -> None:
    first = sqlite_store(tmp_path)
    with pytest.raises(StoreError) as caught:
        sqlite_store(tmp_path)
    assert caught.value.code == "store_locked"
    first.commit([Change((b"a",))])
    first.close()
    second = sqlite_store(tmp_path)
    assert list(second.journal()) == [(1, b"a")]
    second.close()


@pytest.mark.parametrize("kept", [True, False])
def test_after_a_disk_failed_only_a_new_start_knows_what_is_there(*, kept: bool) -> None:
    store = MemoryStore()
    store.commit([Change((b"a",))])
    store.fail_next(kept=kept)
    assert refused(store, Change((b"b",), (logged(0),))) == "store_failed"
    with suppress(StoreError):
        store.commit([Change((b"c",))])
        pytest.fail("the store went on")
    found = store.crash()
    assert list(found.journal()) == [(1, b"a"), (2, b"b")][: 1 + kept]
    assert list(found.log(AMBER_TEAL)) == [logged(0)][:kept]
    assert refused(store, Change()) == "store_failed"


def test_a_store_is_what_the_port_asks_for(tmp_path: Path) -> None:
    stores: list[Store] = [MemoryStore(), SqliteStore(tmp_path, _NoLots())]
    for store in stores:
        store.close()


class _NoLots:
    def draw(self, count: int) -> bytes:
        raise AssertionError(count)
