"""A copy of a store elsewhere, and its way back. The keys of bodies lie in a file of their own there.

Rules for the next editor:

1. A body that is destroyed in the store must be destroyed in every backup too: `destroy_in_backup`. Wherever a copy of
   `store.db` went, what was destroyed can not be read there without the small `keys.db`.
2. A folder has its name only when it is whole; until then its name ends in `.part`, and it may hold keys.
3. A node that goes on from a backup has lost what came later, and its peers have not: it must RESTORE in each channel.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import apsw

from tansiq.errors import PartyError
from tansiq.storage.schema import FILE, connect, empty_log, lock, make_folder, sync_folder, translated, unlock
from tansiq.storage.sqlite import SqliteStore

KEYS_FILE: Final = "keys.db"
_MAKE_KEYS: Final = "CREATE TABLE keys.body_key (body INTEGER PRIMARY KEY, key BLOB NOT NULL) STRICT"


def backup(store: SqliteStore, folder: Path) -> None:
    """The new folder holds what one moment of the store held; the store is used meanwhile.

    Raises PartyError: file_not_writable, where the folder is there already. StoreError: store_failed.
    """
    with _made(folder) as part:
        with closing(apsw.Connection(str(part / FILE))) as copy:
            store.copy_into(copy)
        (part / KEYS_FILE).touch()
        with closing(connect(part / FILE, create=False)) as db:
            _attach_keys(db, part)
            db.execute(_MAKE_KEYS)
            with db:
                db.execute("INSERT INTO keys.body_key SELECT * FROM main.body_key; DELETE FROM main.body_key")
            empty_log(db)


def restore(backed_up: Path, folder: Path) -> None:
    """The new folder holds a store as the backup has it.

    Raises PartyError: file_not_writable, where the folder is there already. StoreError as opening a store does.
    """
    with _made(folder) as part, _held(backed_up):
        for name in (FILE, KEYS_FILE):
            shutil.copyfile(backed_up / name, part / name)
        with closing(connect(part / FILE, create=False)) as db:
            _attach_keys(db, part)
            with db:
                db.execute("INSERT INTO main.body_key SELECT * FROM keys.body_key")
                db.execute("DELETE FROM keys.body_key")
        (part / KEYS_FILE).unlink()


def destroy_in_backup(folder: Path, bodies: Iterable[tuple[bytes, bytes]]) -> int:
    """Of these bodies, as (channel, digest), neither value nor key is in the backup any more; how many it had.

    They do not come back after `restore`, even those that it never had.

    Raises StoreError as opening a store does.
    """
    with _held(folder), translated(), closing(connect(folder / FILE, create=False)) as db:
        _attach_keys(db, folder)
        had = 0
        with db:
            for channel, digest in bodies:
                mark = "INSERT INTO body (digest, channel) VALUES (?, ?) ON CONFLICT DO UPDATE SET sealed = NULL"
                number = db.execute(f"{mark} RETURNING number", (digest, channel)).get
                db.execute("DELETE FROM keys.body_key WHERE body = ?", (number,))
                had += db.changes()
        empty_log(db)
    return had


def _attach_keys(db: apsw.Connection, folder: Path) -> None:
    db.execute("ATTACH ? AS keys", (str(folder / KEYS_FILE),))
    db.execute("PRAGMA keys.secure_delete = ON; PRAGMA keys.synchronous = EXTRA")


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """No other process has the folder's store open."""
    held = lock(folder)
    try:
        yield
    finally:
        unlock(held)


@contextmanager
def _made(folder: Path) -> Iterator[Path]:
    """A folder to fill, which gets its name at the end."""
    part = folder.with_name(folder.name + ".part")
    for path in (folder, part):
        if path.exists():
            raise PartyError("file_not_writable", "folder", path.name, "a folder that is not there yet")
    with translated():
        make_folder(part)
        yield part
        sync_folder(part)
        part.rename(folder)
        sync_folder(folder.parent)
