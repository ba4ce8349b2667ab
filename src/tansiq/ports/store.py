"""What a node keeps, and the one way to change it: changes that become durable together, or not at all.

Rules for whoever implements it:

1. When `commit` returns, its changes survive kill -9 and a loss of power. When it raises, nothing of them is there.
   After store_failed alone this stays open until the next start, which finds all of them or none.
2. The journal and the logs only grow. Nothing of them is ever changed, and their counts have no gaps.
3. A body is sealed under a key of its own. Destroying it destroys value and key; the log stays whole.
4. Every implementation passes tests/contract/test_store.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry in this node's own log of a channel."""

    channel: bytes
    index: int
    """Its place in the log, from 0."""
    digest: bytes
    """Its leaf hash."""
    envelope: bytes
    """The envelope's bytes, as they were received or made."""


@dataclass(frozen=True, slots=True)
class StoredBody:
    """The fields of an entry's body with their salts, as `record.body.encode_body` writes them."""

    channel: bytes
    digest: bytes
    """The digest of the entry that it is the body of."""
    fields: bytes


@dataclass(frozen=True, slots=True)
class Cell:
    """A small value under a kind and a key, such as a cursor or the last head that was cosigned; None removes it."""

    kind: str
    key: bytes
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Change:
    """What one command changes: it is durable as a whole, or never was."""

    journal: tuple[bytes, ...] = ()
    """Entries for the journal's end, in their order."""
    logged: tuple[Logged, ...] = ()
    """Entries for the ends of logs: an index that is not the next is a conflict, and so is a digest that is there."""
    bodies: tuple[StoredBody, ...] = ()
    """A body that is there already stays as it is; one that was destroyed does not come back."""
    destroyed: tuple[tuple[bytes, bytes], ...] = ()
    """Bodies to destroy, as (channel, digest), after the change's own are there. One that is not there may yet come."""
    cells: tuple[Cell, ...] = ()
    """The last value of a kind and key within one change holds."""


class Store(Protocol):
    """One node's durable memory. One writer; readers see only what is committed.

    What iterates shows what was committed when it was asked for, however long the reader takes. Reading raises
    StoreError: store_failed and store_damaged, the first also once the store was closed.
    """

    def commit(self, changes: Sequence[Change]) -> int:
        """All changes, in their order, are durable; the sequence number of the journal's last entry, 0 if it has none.

        Raises PartyError: limit_exceeded. StoreError: store_conflict where an entry is not the next of its log, or its
        digest stands there already. Nothing was changed then. StoreError store_failed where the disk or file failed:
        the process must end, since only a new start knows what is there.
        """
        ...

    def journal(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """The journal's entries behind this sequence number, which counts from 1."""
        ...

    def channels(self) -> tuple[bytes, ...]:
        """The channels that have a log, in rising order."""
        ...

    def log(self, channel: bytes, first: int = 0) -> Iterator[Logged]:
        """The log's entries from this index on, in its order; none for a channel without a log."""
        ...

    def leaves(self, channel: bytes) -> bytes:
        """All leaf hashes of the log, one after the other: what `record.tree.Tree` is made of."""
        ...

    def logged(self, channel: bytes, digest: bytes) -> Logged | None:
        """The entry with this digest."""
        ...

    def body(self, channel: bytes, digest: bytes) -> bytes | None:
        """The body's fields; None where there is none, or it was destroyed."""
        ...

    def destroyed(self, channel: bytes, digest: bytes) -> bool:
        """Whether there was a body that has been destroyed."""
        ...

    def cell(self, kind: str, key: bytes) -> bytes | None:
        """The value of the cell."""
        ...

    def cells(self, kind: str) -> Iterator[tuple[bytes, bytes]]:
        """Every key of this kind with its value, keys in rising order."""
        ...

    def close(self) -> None:
        """Nothing more is read or written."""
        ...
