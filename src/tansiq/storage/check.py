"""Whether a store that nobody has open is whole: what it holds is read again and held against itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import apsw

from tansiq.errors import PeerError, StoreError
from tansiq.record.entry import envelope
from tansiq.record.tree import leaf_hash
from tansiq.storage.bodies import unseal
from tansiq.storage.schema import FILE, connect, lock, translated, unlock

FINDINGS: Final = 100
"""After so many the rest is not looked for: the store is not whole."""


def check(folder: Path) -> list[str]:
    """What is wrong with the store, a sentence each; nothing if it is whole. Its write-ahead log is emptied into it.

    Raises StoreError: store_damaged where the file can not be read at all, store_failed, store_foreign, store_locked,
    store_newer.
    """
    held = lock(folder)
    try:
        db = connect(folder / FILE, create=False)
        with translated():
            try:
                return _findings(db)
            finally:
                db.close()
    finally:
        unlock(held)


def _findings(db: apsw.Connection) -> list[str]:
    found = []
    for look in (_file, _journal, _logs, _bodies):
        for finding in look(db):
            found.append(finding)
            if len(found) == FINDINGS:
                return [*found, "there may be more"]
    return found


def _file(db: apsw.Connection) -> Iterator[str]:
    for (words,) in db.execute(f"PRAGMA integrity_check({FINDINGS})"):
        if words != "ok":
            yield f"the file: {words}"
    for table, _row, parent, _key in db.execute("PRAGMA foreign_key_check"):
        yield f"the file: a row of {table} without its {parent}"


def _journal(db: apsw.Connection) -> Iterator[str]:
    count, last = db.execute("SELECT count(*), ifnull(max(seq), 0) FROM journal").get
    if count != last:
        yield f"the journal: {count} entries, but the last has number {last}"


def _logs(db: apsw.Connection) -> Iterator[str]:
    query = "SELECT id, place, digest, envelope FROM entry JOIN channel ON channel = channel.number"
    at, expected = b"", 0
    for channel, place, digest, spelling in db.execute(f"{query} ORDER BY channel.number, place"):
        expected = expected if channel == at else 0
        at = channel
        if place != expected:
            yield f"the log of {channel.hex()}: entry {place} where {expected} should be"
        expected = place + 1
        try:
            signed = envelope(spelling).signed
        except PeerError as error:
            yield f"the log of {channel.hex()}: entry {place} is no envelope [{error.code}]"
            continue
        if leaf_hash(signed) != digest:
            yield f"the log of {channel.hex()}: entry {place} has another digest than stands beside it"


def _bodies(db: apsw.Connection) -> Iterator[str]:
    query = "SELECT channel, digest, sealed, key FROM body LEFT JOIN body_key ON body = number"
    for channel, digest, sealed, key in db.execute(query):
        name = f"the body of entry {digest.hex()}"
        if sealed is None:
            if key is not None:
                yield f"{name} was destroyed, but its key is there"
        elif key is None:
            yield f"{name} has no key"
        else:
            try:
                unseal(sealed, key, channel, digest)
            except StoreError:
                yield f"{name} does not open"
