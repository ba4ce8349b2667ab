"""A store in a folder: SQLite in WAL mode, synced at each commit, one connection behind one lock.

Rules for the next editor:

1. One connection reads and writes, and has the file for itself. So a reader never sees half of a commit, nobody's
   reading keeps the write-ahead log from being emptied after a destruction, and no memory is shared beside the file.
2. Reading is cut into short pages: a reader holds the lock for one of them, never while its caller thinks.
3. What is kept beside the file (sizes, counts) changes only after SQLite has said that the commit is durable.
4. After a failure nothing is tried again. Whether the last group is there, the next start finds out.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

import apsw

from tansiq.errors import StoreError, TansiqError
from tansiq.ports.randomness import Randomness
from tansiq.ports.store import Cell, Change, Logged, StoredBody
from tansiq.storage.accept import accepted, require_cells, stands_already
from tansiq.storage.bodies import KEY_BYTES, seal, unseal
from tansiq.storage.schema import FILE, connect, empty_log, lock, make_folder, sync_folder, translated, unlock

PAGE_ROWS: Final = 1_000
PAGE_BYTES: Final = 1_000_000
COPIED_PAGES: Final = 256
"""So many pages of 4 kB are copied while the lock is held."""
_NOTHING_CHANGED: Final = ("limit_exceeded", "store_conflict")
SqlValue = bytes | float | int | str | None


@dataclass(slots=True)
class _Counts:
    """What is known of the file without asking it."""

    seq: int
    """The number of the journal's last entry."""
    cells: int
    numbers: dict[bytes, int]
    """Per channel the number that rows name it by."""
    sizes: dict[bytes, int]
    """Per channel the entries of its log."""


def _read_counts(db: apsw.Connection) -> _Counts:
    seq, cells = (
        _whole(db.execute(query).get)
        for query in ("SELECT ifnull(max(seq), 0) FROM journal", "SELECT count(*) FROM cell")
    )
    known = _Counts(seq, cells, {}, {})
    # One step down the index for each channel: grouping would read all of it.
    query = "SELECT id, number, (SELECT max(place) + 1 FROM entry WHERE channel = channel.number) FROM channel"
    for channel, number, size in db.execute(query):
        known.numbers[_blob(channel)], known.sizes[_blob(channel)] = _whole(number), _whole(size)
    return known


class SqliteStore:
    """A `Store` in this folder, which is made where it is not there. Threads may share it."""

    def __init__(self, folder: Path, randomness: Randomness) -> None:
        """Raises StoreError: store_damaged, store_failed, store_foreign, store_locked, store_newer."""
        self._draw = randomness.draw
        self._mutex = Lock()
        make_folder(folder)
        self._held = lock(folder)
        try:
            self._db = connect(folder / FILE, create=True)
        except BaseException:
            unlock(self._held)
            raise
        self._open = True
        with self._using() as db:
            sync_folder(folder)
            self._known = _read_counts(db)

    # ----------------------------------------------------------------------------------------------------- writing

    def commit(self, changes: Sequence[Change]) -> int:
        """As `Store.commit`."""
        known = self._known
        with self._using() as db:
            grown = accepted(changes, known.sizes)
            group = _Group(db, self._draw, known)
            db.execute("BEGIN IMMEDIATE")
            try:
                group.write(changes)
            except TansiqError:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
            known.seq, known.cells = group.seq, group.cells
            known.numbers |= group.numbers
            known.sizes |= grown
            if group.destroys:
                # Until then the destroyed bytes and their keys stand in the write-ahead log.
                empty_log(db)
            return known.seq

    # ----------------------------------------------------------------------------------------------------- reading

    def journal(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """As `Store.journal`."""
        with self._using():
            last = self._known.seq
        query = "SELECT seq, entry FROM journal WHERE seq > ? AND seq <= ? ORDER BY seq"
        return ((_whole(seq), _blob(entry)) for seq, entry in self._pages(query, (), after, last))

    def channels(self) -> tuple[bytes, ...]:
        """As `Store.channels`."""
        with self._using():
            return tuple(sorted(self._known.sizes))

    def log(self, channel: bytes, first: int = 0) -> Iterator[Logged]:
        """As `Store.log`."""
        with self._using():
            size, number = self._known.sizes.get(channel, 0), self._known.numbers.get(channel)
        query = (
            "SELECT place, digest, envelope FROM entry WHERE channel = ? AND place > ? AND place <= ? ORDER BY place"
        )
        rows = self._pages(query, (number,), first - 1, size - 1)
        return (Logged(channel, _whole(place), _blob(digest), _blob(text)) for place, digest, text in rows)

    def _pages(self, query: str, which: tuple[SqlValue, ...], after: int, last: int) -> Iterator[tuple[SqlValue, ...]]:
        """The rows behind `after` up to `last`, by their first column, which is read page by page."""
        while after < last:
            page: list[tuple[SqlValue, ...]] = []
            size = 0
            with self._using() as db:
                for row in db.execute(query, (*which, after, last)):
                    page.append(row)
                    size += len(_blob(row[-1]))
                    if size >= PAGE_BYTES or len(page) >= PAGE_ROWS:
                        break
            if not page:
                raise StoreError("store_damaged", "store", f"nothing behind {after}", f"all up to {last}")
            yield from page
            after = _whole(page[-1][0])

    def leaves(self, channel: bytes) -> bytes:
        """As `Store.leaves`."""
        found = bytearray()
        query = "SELECT digest FROM entry WHERE channel = ? ORDER BY place"
        with self._using() as db:
            for (digest,) in db.execute(query, (self._known.numbers.get(channel),)):
                found += _blob(digest)
        return bytes(found)

    def logged(self, channel: bytes, digest: bytes) -> Logged | None:
        """As `Store.logged`."""
        query = "SELECT place, envelope FROM entry WHERE channel = ? AND digest = ?"
        with self._using() as db:
            for place, envelope in db.execute(query, (self._known.numbers.get(channel), digest)):
                return Logged(channel, _whole(place), digest, _blob(envelope))
        return None

    def body(self, channel: bytes, digest: bytes) -> bytes | None:
        """As `Store.body`. Raises StoreError: store_damaged too."""
        query = "SELECT sealed, key FROM body LEFT JOIN body_key ON body = number WHERE channel = ? AND digest = ?"
        with self._using() as db:
            sealed, key = db.execute(query, (channel, digest)).get or (None, None)
        return None if sealed is None else unseal(_blob(sealed), _blob(key or b""), channel, digest)

    def destroyed(self, channel: bytes, digest: bytes) -> bool:
        """As `Store.destroyed`."""
        query = "SELECT 1 FROM body WHERE channel = ? AND digest = ? AND sealed IS NULL"
        with self._using() as db:
            return db.execute(query, (channel, digest)).get is not None

    def cell(self, kind: str, key: bytes) -> bytes | None:
        """As `Store.cell`."""
        with self._using() as db:
            found = db.execute("SELECT value FROM cell WHERE kind = ? AND key = ?", (kind, key)).get
        return None if found is None else _blob(found)

    def cells(self, kind: str) -> Iterator[tuple[bytes, bytes]]:
        """As `Store.cells`."""
        with self._using() as db:
            rows = db.execute("SELECT key, value FROM cell WHERE kind = ? ORDER BY key", (kind,)).fetchall()
        return ((_blob(key), _blob(value)) for key, value in rows)

    # ------------------------------------------------------------------------------------------------- its life

    def copy_into(self, copy: apsw.Connection) -> None:
        """The copy holds what one moment of this store held, while others read and write on. `backup` calls it."""
        with self._using() as db:
            copying = copy.backup("main", db, "main")
        while not copying.done:
            with self._using():
                copying.step(COPIED_PAGES)
        copying.finish()

    def close(self) -> None:
        """As `Store.close`. The write-ahead log is emptied into the file, and the folder is free for others."""
        with self._mutex:
            if self._open:
                self._end()

    def _end(self) -> None:
        self._open = False
        try:
            with translated():
                self._db.close(True)  # noqa: FBT003 - whatever a failure left open ends too
        finally:
            unlock(self._held)

    @contextmanager
    def _using(self) -> Iterator[apsw.Connection]:
        """The connection, for this thread alone. After a failure the store is closed, and nothing more is tried."""
        with self._mutex:
            if not self._open:
                raise StoreError("store_failed", "store", "one that was closed, or that failed", "an open store")
            try:
                with translated():
                    yield self._db
            except BaseException as error:
                if not isinstance(error, TansiqError) or error.code not in _NOTHING_CHANGED:
                    self._give_up()
                raise

    def _give_up(self) -> None:
        with suppress(apsw.Error):
            self._db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        with suppress(StoreError):
            self._end()


class _Group:
    """Changes on their way into the file, and what will be true beside it once they are durable."""

    def __init__(self, db: apsw.Connection, draw: Callable[[int], bytes], known: _Counts) -> None:
        self._db = db
        self._draw = draw
        self._known = known
        self.seq = known.seq
        self.cells = known.cells
        self.numbers: dict[bytes, int] = {}
        self.destroys = False

    def write(self, changes: Sequence[Change]) -> None:
        """All of them stand in the transaction.

        Raises PartyError: limit_exceeded. StoreError: store_conflict.
        """
        run = self._db.executemany
        first = self.seq + 1
        entries = [entry for change in changes for entry in change.journal]
        run("INSERT INTO journal VALUES (?, ?)", enumerate(entries, first))
        self.seq += len(entries)
        logged = [
            (self._number(one.channel), one.index, one.digest, one.envelope)
            for change in changes
            for one in change.logged
        ]
        try:
            run("INSERT INTO entry (channel, place, digest, envelope) VALUES (?, ?, ?, ?)", logged)
        except apsw.ConstraintError as error:
            raise stands_already() from error
        for change in changes:  # Of one place and name, the order of these matters.
            for body in change.bodies:
                self._keep(body)
            for channel, digest in change.destroyed:
                self._destroy(channel, digest)
            for cell in change.cells:
                self._set(cell)
            require_cells(self.cells)

    def _number(self, channel: bytes) -> int:
        """The number by which rows name the channel."""
        found = self._known.numbers.get(channel) or self.numbers.get(channel)
        if found is None:
            found = self.numbers[channel] = len(self._known.numbers) + len(self.numbers) + 1
            self._db.execute("INSERT INTO channel VALUES (?, ?)", (found, channel))
        return found

    def _keep(self, body: StoredBody) -> None:
        key = self._draw(KEY_BYTES)
        sealed = seal(body.fields, key, body.channel, body.digest)
        self._db.execute(
            "INSERT INTO body (digest, channel, sealed) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (body.digest, body.channel, sealed),
        )
        if self._db.changes():
            self._db.execute("INSERT INTO body_key VALUES (?, ?)", (self._db.last_insert_rowid(), key))

    def _destroy(self, channel: bytes, digest: bytes) -> None:
        query = "UPDATE body SET sealed = NULL WHERE digest = ? AND channel = ? AND sealed IS NOT NULL RETURNING number"
        number = self._db.execute(query, (digest, channel)).get
        if number is not None:
            self._db.execute("DELETE FROM body_key WHERE body = ?", (number,))
            self.destroys = True

    def _set(self, cell: Cell) -> None:
        name = (cell.kind, cell.key)
        self._db.execute("DELETE FROM cell WHERE kind = ? AND key = ?", name)
        self.cells -= self._db.changes()
        if cell.value is not None:
            self._db.execute("INSERT INTO cell VALUES (?, ?, ?)", (*name, cell.value))
            self.cells += 1


def _whole(value: SqlValue) -> int:
    assert isinstance(value, int), type(value)
    return value


def _blob(value: SqlValue) -> bytes:
    assert isinstance(value, bytes), type(value)
    return value
