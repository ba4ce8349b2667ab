"""What only a store in a folder can get wrong: versions, strange files, remains of the destroyed, damage, threads."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from threading import Event
from typing import Final

import apsw
import pytest

from tansiq.errors import PartyError, StoreError
from tansiq.ports.store import Cell, Change
from tansiq.storage import sqlite
from tansiq.storage.backup import backup, destroy_in_backup, restore
from tansiq.storage.bodies import KEY_BYTES, seal, unseal
from tansiq.storage.check import check
from tansiq.storage.schema import APPLICATION_ID, FILE, VERSION
from tansiq.storage.sqlite import SqliteStore
from tests.contract.stores import AMBER_TEAL, SeededLots, Walk, body_of, contents, logged, sqlite_store
from tests.house.checkout import ROOT


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = sqlite_store(tmp_path / "store")
    yield opened
    opened.close()


def refused(folder: Path) -> str:
    with pytest.raises(StoreError) as caught:
        sqlite_store(folder).close()
    return caught.value.code


def edited(folder: Path, statements: str) -> None:
    with sqlite3.connect(folder / FILE) as db:
        db.executescript(statements)
    db.close()


def filled(folder: Path) -> Path:
    """A closed store with three entries, each with its body."""
    store = sqlite_store(folder)
    entries = tuple(logged(index) for index in range(3))
    store.commit([Change((b"a", b"b", b"c"), entries, tuple(body_of(one) for one in entries))])
    store.close()
    return folder


# --------------------------------------------------------------------------------------------------- versions and files


def test_the_file_says_what_it_is_and_of_which_version(tmp_path: Path) -> None:
    filled(tmp_path)
    with sqlite3.connect(tmp_path / FILE) as db:
        assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
    db.close()


def test_a_folder_that_was_made_is_for_its_owner_alone(store: SqliteStore, tmp_path: Path) -> None:
    assert store.channels() == ()
    assert (tmp_path / "store").stat().st_mode & 0o777 == 0o700


def test_a_store_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    edited(filled(tmp_path), f"PRAGMA user_version = {VERSION + 1}")
    before = (tmp_path / FILE).read_bytes()
    assert refused(tmp_path) == "store_newer"
    assert (tmp_path / FILE).read_bytes() == before


@pytest.mark.parametrize("statements", ["CREATE TABLE t (x)", "PRAGMA application_id = 7", "PRAGMA user_version = 1"])
def test_a_file_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path, statements: str) -> None:
    edited(tmp_path, statements)
    before = (tmp_path / FILE).read_bytes()
    assert refused(tmp_path) == "store_foreign"
    assert (tmp_path / FILE).read_bytes() == before


def test_what_is_no_file_of_sqlite_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(Random(1).randbytes(9_000))
    assert refused(tmp_path) == "store_damaged"
    assert check_code(tmp_path) == "store_damaged"


def test_a_folder_that_can_not_be_made_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refused(tmp_path / "file") == refused(tmp_path / "none/store") == "store_failed"


def test_a_refused_folder_is_not_locked(tmp_path: Path) -> None:
    edited(filled(tmp_path), f"PRAGMA user_version = {VERSION + 1}")
    assert refused(tmp_path) == refused(tmp_path) == "store_newer"


OPENER: Final = """
import sys
from pathlib import Path
from tansiq.errors import StoreError
from tests.contract.stores import sqlite_store

try:
    sqlite_store(Path(sys.argv[1]))
except StoreError as error:
    print(error.code)
"""


def test_another_process_is_refused_though_this_one_looked_into_the_file(store: SqliteStore, tmp_path: Path) -> None:
    """POSIX takes a process's locks on a file away when it closes the file, whoever in it had opened it."""
    store.commit([Change((b"a",))])
    assert (tmp_path / "store" / FILE).read_bytes()
    asked = [sys.executable, "-c", OPENER, str(tmp_path / "store")]
    assert subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout == "store_locked\n"


# --------------------------------------------------------------------------------------------------------- destruction


def remains(folder: Path, *secrets: bytes) -> set[str]:
    """The files in which a piece of one of these stands. Of a long one every thousandth byte begins a piece."""
    pieces = [
        secret[k : k + 24] for secret in secrets for k in range(0, len(secret), 24 if len(secret) < 1_000 else 1_000)
    ]
    return {path.name for path in folder.iterdir() if any(piece in path.read_bytes() for piece in pieces)}


class Drawn(SeededLots):
    """Lots that remember what they drew."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.keys: list[bytes] = []

    def draw(self, count: int) -> bytes:
        self.keys.append(super().draw(count))
        return self.keys[-1]


@pytest.mark.parametrize("size", [60, 900, 30_000])
def test_of_a_destroyed_body_no_piece_is_left_in_any_file(tmp_path: Path, size: int) -> None:
    lots, fields = Drawn(3), Random(size)
    store = SqliteStore(tmp_path, lots)
    entries = [logged(index) for index in range(40)]
    bodies = [body_of(one, fields.randbytes(size)) for one in entries]
    for one, body in zip(entries, bodies, strict=True):
        store.commit([Change((one.envelope,), (one,), (body,))])
    sealed = [seal(b.fields, key, b.channel, b.digest) for b, key in zip(bodies, lots.keys, strict=True)]
    assert remains(tmp_path, sealed[7])
    assert remains(tmp_path, lots.keys[7])
    gone = [7, 0, 39, *range(20, 30)]
    store.commit([Change(destroyed=tuple((AMBER_TEAL, entries[k].digest) for k in gone))])
    for k in gone:
        assert remains(tmp_path, bodies[k].fields, sealed[k], lots.keys[k]) == set()
    assert remains(tmp_path, sealed[8])
    store.close()
    for k in gone:
        assert remains(tmp_path, bodies[k].fields, sealed[k], lots.keys[k]) == set()


def test_plain_bytes_of_a_body_never_reach_the_disk(store: SqliteStore, tmp_path: Path) -> None:
    fields = Random(1).randbytes(4_000)
    store.commit([Change(logged=(logged(0),), bodies=(body_of(logged(0), fields),))])
    assert remains(tmp_path / "store", fields) == set()
    assert store.body(AMBER_TEAL, logged(0).digest) == fields


def test_every_body_has_a_key_of_its_own(tmp_path: Path) -> None:
    lots = Drawn(1)
    store = SqliteStore(tmp_path, lots)
    entries = [logged(index) for index in range(5)]
    store.commit([Change(logged=tuple(entries), bodies=tuple(body_of(one) for one in entries))])
    store.close()
    assert len(set(lots.keys)) == 5
    assert {len(key) for key in lots.keys} == {KEY_BYTES}


def test_a_destruction_that_was_cut_short_is_ended_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends after the commit and before the write-ahead log is emptied."""
    fields, lots = Random(2).randbytes(900), Drawn(1)
    store = SqliteStore(tmp_path, lots)
    store.commit([Change(logged=(logged(0),), bodies=(body_of(logged(0), fields),))])

    def end(_db: apsw.Connection) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sqlite, "empty_log", end)
        with pytest.raises(KeyboardInterrupt):
            store.commit([Change(destroyed=((AMBER_TEAL, logged(0).digest),))])
    assert remains(tmp_path, lots.keys[0])
    store = sqlite_store(tmp_path)
    assert remains(tmp_path, lots.keys[0]) == set()
    assert store.destroyed(AMBER_TEAL, logged(0).digest)
    store.close()


def test_a_sealed_body_opens_with_its_key_at_its_entry_alone() -> None:
    key, fields = bytes(range(32)), b"280 to 300"
    sealed = seal(fields, key, AMBER_TEAL, bytes(32))
    assert unseal(sealed, key, AMBER_TEAL, bytes(32)) == fields
    for wrong in (
        (sealed, bytes(32), AMBER_TEAL, bytes(32)),
        (sealed, b"", AMBER_TEAL, bytes(32)),
        (sealed, key, bytes(16), bytes(32)),
        (sealed, key, AMBER_TEAL, bytes([1]) * 32),
        (sealed[:-1], key, AMBER_TEAL, bytes(32)),
    ):
        with pytest.raises(StoreError) as caught:
            unseal(*wrong)
        assert caught.value.code == "store_damaged"


def test_one_body_that_does_not_open_does_not_stop_the_store(tmp_path: Path) -> None:
    edited(filled(tmp_path), "UPDATE body SET sealed = x'00' WHERE number = 2; DELETE FROM body_key WHERE body = 3")
    store = sqlite_store(tmp_path)
    for index in (1, 2):
        with pytest.raises(StoreError) as caught:
            store.body(AMBER_TEAL, logged(index).digest)
        assert caught.value.code == "store_damaged"
    assert store.body(AMBER_TEAL, logged(0).digest) == body_of(logged(0)).fields
    store.close()


# ------------------------------------------------------------------------------------------------------------- threads


def test_a_reader_in_another_thread_sees_whole_groups_only(store: SqliteStore) -> None:
    done = Event()

    def read() -> int:
        seen = 0
        while not done.is_set() or not seen:
            pairs, size = len(list(store.journal())), len(store.leaves(AMBER_TEAL)) // 32
            assert pairs % 2 == 0
            assert size >= pairs // 2
            seen += 1
        return seen

    with ThreadPoolExecutor(2) as pool:
        reading = pool.submit(read)
        for index in range(60):
            store.commit([Change((b"a",), (logged(index),)), Change((b"b",))])
        done.set()
        assert reading.result()


def test_long_reading_is_cut_into_pages(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.commit([Change(tuple(b"%d" % k for k in range(50)), tuple(logged(k) for k in range(50)))])
    whole = list(store.journal()), list(store.log(AMBER_TEAL))
    for name, most in (("PAGE_ROWS", 7), ("PAGE_BYTES", 5)):
        with monkeypatch.context() as patched:
            patched.setattr(sqlite, name, most)
            assert (list(store.journal()), list(store.log(AMBER_TEAL))) == whole
            entries = store.journal()
            next(entries)
            store.commit([Change(cells=(Cell("k", b"k", b"v"),))])
            assert list(entries) == whole[0][1:]


def test_a_mistake_within_a_commit_closes_the_store_and_leaves_nothing(tmp_path: Path) -> None:
    store = sqlite_store(tmp_path)
    store.commit([Change((b"a",))])
    with pytest.raises(TypeError):
        store.commit([Change((b"b",), cells=(Cell("k", b"k", object()),))])  # type: ignore[arg-type]
    with pytest.raises(StoreError):
        store.channels()
    store = sqlite_store(tmp_path)
    assert list(store.journal()) == [(1, b"a")]
    store.close()


# --------------------------------------------------------------------------------------------------------------- check


def check_code(folder: Path) -> str:
    with pytest.raises(StoreError) as caught:
        check(folder)
    return caught.value.code


def test_a_whole_store_has_no_findings(tmp_path: Path) -> None:
    walk, store = Walk(4), sqlite_store(tmp_path)
    assert check_code(tmp_path) == "store_locked"
    for _ in range(10):
        store.commit(walk.group())
    store.close()
    assert check(tmp_path) == []


DAMAGE = {
    "UPDATE journal SET seq = 9 WHERE seq = 2": "the journal: 3 entries, but the last has number 9",
    "UPDATE entry SET place = 7 WHERE place = 2": "entry 7 where 2 should be",
    "UPDATE entry SET digest = x'00' WHERE place = 1": "entry 1 has another digest than stands beside it",
    "UPDATE entry SET envelope = x'7b7d' WHERE place = 1": "entry 1 is no envelope [missing_field]",
    "UPDATE body SET sealed = x'00' WHERE number = 2": "does not open",
    "UPDATE body SET sealed = NULL WHERE number = 2": "was destroyed, but its key is there",
    "DELETE FROM body_key WHERE body = 3": "has no key",
    "DELETE FROM body WHERE number = 3": "a row of body_key without its body",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_found_and_told_in_plain_words(tmp_path: Path, damage: str) -> None:
    edited(filled(tmp_path), damage)
    findings = check(tmp_path)
    assert any(DAMAGE[damage] in finding for finding in findings), findings


def test_a_page_that_was_overwritten_is_found(tmp_path: Path) -> None:
    file = filled(tmp_path) / FILE
    content = bytearray(file.read_bytes())
    content[3 * 4_096 : 4 * 4_096] = bytes(4_096)
    file.write_bytes(content)
    try:
        assert check(tmp_path)
    except StoreError as error:
        assert error.code == "store_damaged"  # noqa: PT017 - either is an answer


# -------------------------------------------------------------------------------------------------------------- backup


def test_a_backup_taken_while_the_store_is_written_restores_to_one_moment_of_it(
    tmp_path: Path, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "COPIED_PAGES", 2)
    walk = Walk(9)
    groups = [walk.group() for _ in range(20)]
    for group in groups[:10]:
        store.commit(group)
    with ThreadPoolExecutor(1) as pool:
        copying = pool.submit(backup, store, tmp_path / "backup")
        for group in groups[10:]:
            store.commit(group)
        copying.result()
    restore(tmp_path / "backup", tmp_path / "restored")
    assert check(tmp_path / "restored") == []
    moments = []
    again = sqlite_store(tmp_path / "again")
    for group in groups:
        moments.append(contents(again, groups))
        again.commit(group)
    restored = sqlite_store(tmp_path / "restored")
    assert contents(restored, groups) in [*moments[10:], contents(store, groups)]
    again.close()
    restored.close()


def test_keys_lie_apart_in_a_backup_and_a_body_can_be_destroyed_in_it(tmp_path: Path) -> None:
    lots = Drawn(5)
    store = SqliteStore(tmp_path / "store", lots)
    entries = tuple(logged(index) for index in range(3))
    store.commit([Change(logged=entries, bodies=tuple(body_of(one) for one in entries))])
    backup(store, tmp_path / "backup")
    store.close()
    assert remains(tmp_path / "backup", *lots.keys) == {"keys.db"}
    sealed = seal(body_of(entries[1]).fields, lots.keys[1], AMBER_TEAL, entries[1].digest)
    place = (AMBER_TEAL, entries[1].digest)
    assert destroy_in_backup(tmp_path / "backup", [place, (AMBER_TEAL, bytes(32))]) == 1
    assert remains(tmp_path / "backup", lots.keys[1], sealed) == set()
    restore(tmp_path / "backup", tmp_path / "restored")
    restored = sqlite_store(tmp_path / "restored")
    assert [restored.destroyed(AMBER_TEAL, one.digest) for one in entries] == [False, True, False]
    assert restored.body(AMBER_TEAL, entries[2].digest) == body_of(entries[2]).fields
    assert restored.destroyed(AMBER_TEAL, bytes(32))
    restored.close()
    assert {path.name for path in (tmp_path / "restored").iterdir()} == {FILE}


def test_a_backup_takes_no_folder_that_is_there(tmp_path: Path, store: SqliteStore) -> None:
    (tmp_path / "backup").mkdir()
    with pytest.raises(PartyError) as caught:
        backup(store, tmp_path / "backup")
    assert caught.value.code == "file_not_writable"
