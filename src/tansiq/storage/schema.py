"""The file that a store lies in: how it is opened, which tables it has, and how an older one becomes a present one.

Rules for the next editor:

1. A row of `MIGRATIONS` that was released is never edited. What changes is a new row, which leads on from the last one.
2. `synchronous`, `secure_delete` and `locking_mode` carry promises: what was acknowledged survives a loss of power,
   what was destroyed is gone from the file, nobody else has the file open.
3. Nothing is written to a file before it is known to be a store of ours.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw

from tansiq.errors import StoreError

APPLICATION_ID: Final = 0x54_41_4E_53  # TANS
FILE: Final = "store.db"
LOG_PAGES: Final = 1_000
"""The write-ahead log is copied into the file when it has so many pages of 4 kB, and then begins anew in its place."""

MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE journal (seq INTEGER PRIMARY KEY, entry BLOB NOT NULL) STRICT;
    CREATE TABLE channel (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE) STRICT;
    -- Rows lie in the order of their arrival, whatever their channel, so that a log grows at the file's end.
    CREATE TABLE entry (
        number INTEGER PRIMARY KEY,
        channel INTEGER NOT NULL REFERENCES channel,
        place INTEGER NOT NULL,
        digest BLOB NOT NULL,
        envelope BLOB NOT NULL
    ) STRICT;
    -- The digest stands in it so that all leaves of a log are read from here, without the envelopes.
    CREATE UNIQUE INDEX entry_by_place ON entry (channel, place, digest);
    CREATE UNIQUE INDEX entry_by_digest ON entry (digest, channel);
    -- A destroyed body keeps its row, without what was sealed, so that it does not come back.
    CREATE TABLE body (number INTEGER PRIMARY KEY, digest BLOB NOT NULL, channel BLOB NOT NULL, sealed BLOB) STRICT;
    CREATE UNIQUE INDEX body_by_digest ON body (digest, channel);
    CREATE TABLE body_key (body INTEGER PRIMARY KEY REFERENCES body, key BLOB NOT NULL) STRICT;
    CREATE TABLE cell (kind TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, key))
        STRICT, WITHOUT ROWID;
    """,
)
"""Row k leads from version k to version k + 1; a new file has version 0."""
VERSION: Final = len(MIGRATIONS)

_LOCKED: Final = "a store that no other process has open"


def lock(folder: Path) -> int:
    """The folder is this process's until the descriptor is closed, or the process ends in whatever way.

    Raises StoreError: store_locked, store_failed.
    """
    try:
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise StoreError("store_failed", "store", error.strerror or "no folder", "a folder of one's own") from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(held)
        if isinstance(error, BlockingIOError):
            raise StoreError("store_locked", "store", "one that is open", _LOCKED) from error
        raise StoreError("store_failed", "store", error.strerror or "no lock", "a folder that can be locked") from error
    return held


def unlock(held: int) -> None:
    """The folder is free for others."""
    os.close(held)


def make_folder(folder: Path) -> None:
    """The folder is there, for its owner alone if it was made, and survives a loss of power.

    Raises StoreError: store_failed.
    """
    try:
        if not folder.exists():
            folder.mkdir(mode=0o700)
            sync_folder(folder.parent)
    except OSError as error:
        raise StoreError("store_failed", "store", error.strerror or "no folder", "a folder that can be made") from error


def sync_folder(folder: Path) -> None:
    """The names that stand in the folder survive a loss of power."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def connect(file: Path, *, create: bool) -> apsw.Connection:
    """The store's file, of the present version, open for this connection alone.

    Raises StoreError: store_damaged, store_failed, store_foreign, store_locked, store_newer.
    """
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
    with translated():
        db = apsw.Connection(str(file), flags=flags)
        try:
            _prepare(db)
        except BaseException:
            db.close()
            raise
    return db


def _prepare(db: apsw.Connection) -> None:
    db.execute("PRAGMA locking_mode = EXCLUSIVE")
    found, version = (db.execute(f"PRAGMA {name}").get for name in ("application_id", "user_version"))
    new = (found, version) == (0, 0) and not db.execute("SELECT count(*) FROM sqlite_schema").get
    if found != APPLICATION_ID and not new:
        raise StoreError("store_foreign", "store", "a file of another program", "a store of tansiq")
    if version > VERSION:
        raise StoreError("store_newer", "store", f"version {version}", f"at most version {VERSION}")
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "fullfsync = ON",  # macOS alone heeds it: its fsync leaves bytes in the disk's own memory
        "checkpoint_fullfsync = ON",
        "secure_delete = ON",
        f"wal_autocheckpoint = {LOG_PAGES}",
        "temp_store = MEMORY",
        "trusted_schema = OFF",
    ):
        db.execute(f"PRAGMA {pragma}")
    assert db.execute("PRAGMA journal_mode").get == "wal"
    if version < VERSION:
        with db:
            for step in MIGRATIONS[version:]:
                db.execute(step)
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}")
    # What is found in the write-ahead log may stand in memory alone, where a sync had failed: it is written out once
    # more before anything is built upon it. And a destruction may have been cut short before its bytes were gone.
    empty_log(db)


def empty_log(db: apsw.Connection) -> None:
    """What is committed stands in the file itself, and nothing in the write-ahead log."""
    db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)


@contextmanager
def translated() -> Iterator[None]:
    """SQLite's errors are errors of ours; its words do not show what stands in a row."""
    try:
        yield
    except (apsw.BusyError, apsw.LockedError) as error:
        raise StoreError("store_locked", "store", "one that is open", _LOCKED) from error
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise StoreError("store_damaged", "store", str(error), "a file that nothing else has written to") from error
    except (apsw.Error, OSError) as error:
        raise StoreError("store_failed", "store", type(error).__name__, "a disk and file that work") from error
