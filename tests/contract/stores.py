"""What the tests of stores share: made-up entries and bodies, lots that repeat, and a store's contents as a value."""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

from tansiq.ports.store import Cell, Change, Logged, Store, StoredBody
from tansiq.record.entry import Envelope
from tansiq.record.keys import ED25519, Signature
from tansiq.record.tree import leaf_hash
from tansiq.storage.sqlite import SqliteStore

AMBER_TEAL, AMBER_VIOLET = bytes([1]) * 16, bytes([2]) * 16
CHANNELS = (AMBER_TEAL, AMBER_VIOLET)

Contents = tuple[object, ...]


class SeededLots:
    """`Randomness` that falls the same for every seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def draw(self, count: int) -> bytes:
        return self._random.randbytes(count)


def sqlite_store(folder: Path, seed: int = 0) -> SqliteStore:
    return SqliteStore(folder, SeededLots(seed))


def logged(index: int, *, channel: bytes = AMBER_TEAL, size: int = 20) -> Logged:
    """An envelope that holds what nobody signed: a store looks at the digest alone."""
    signed = json.dumps([channel.hex(), index, "x" * size]).encode()
    spelling = Envelope(signed, (Signature(bytes(32), bytes([ED25519]) + bytes(64)),)).encode()
    return Logged(channel, index, leaf_hash(signed), spelling)


def body_of(entry: Logged, fields: bytes = b"280 to 300, both included") -> StoredBody:
    return StoredBody(entry.channel, entry.digest, fields)


class Walk:
    """Changes that a node might make, one after the other, by lots."""

    def __init__(self, seed: int) -> None:
        self._lots = Random(seed)
        self._sizes = dict.fromkeys(CHANNELS, 0)
        self._bodies: list[tuple[bytes, bytes]] = []

    def change(self) -> Change:
        lots = self._lots
        entries = []
        for _ in range(lots.randrange(3)):
            channel = lots.choice(CHANNELS)
            entries.append(logged(self._sizes[channel], channel=channel, size=lots.choice((0, 600, 6_000))))
            self._sizes[channel] += 1
        bodies = [body_of(one, lots.randbytes(lots.choice((50, 900, 9_000)))) for one in entries if lots.random() < 0.7]
        self._bodies += [(one.channel, one.digest) for one in bodies]
        destroyed = [lots.choice(self._bodies)] if self._bodies and lots.random() < 0.15 else []
        cells = [
            Cell(lots.choice(("cursor", "head")), b"%d" % lots.randrange(5), lots.choice((None, lots.randbytes(40))))
            for _ in range(lots.randrange(3))
        ]
        journal = [lots.randbytes(lots.choice((10, 600, 5_000))) for _ in range(lots.randrange(3))]
        return Change(tuple(journal), tuple(entries), tuple(bodies), tuple(destroyed), tuple(cells))

    def group(self, most: int = 4) -> list[Change]:
        return [self.change() for _ in range(self._lots.randint(1, most))]


def contents(store: Store, groups: Sequence[Sequence[Change]]) -> Contents:
    """All that the store can be asked for, where these groups were committed or tried."""
    tried = [(one.channel, one.digest) for group in groups for change in group for one in change.logged]
    return (
        list(store.journal()),
        store.channels(),
        [list(store.log(channel)) for channel in CHANNELS],
        [store.leaves(channel) for channel in CHANNELS],
        [store.logged(*place) for place in tried],
        [store.body(*place) for place in tried],
        [store.destroyed(*place) for place in tried],
        [list(store.cells(kind)) for kind in ("cursor", "head")],
    )
