"""A store in this process's memory, and a disk below it that can fail: for tests and the simulated world."""

from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tansiq.errors import StoreError
from tansiq.ports.store import Change, Logged
from tansiq.storage.accept import accepted, require_cells, stands_already

Place = tuple[bytes, bytes]


@dataclass(slots=True)
class _Disk:
    """What is durable."""

    journal: list[bytes] = field(default_factory=list)
    logs: dict[bytes, list[Logged]] = field(default_factory=dict)
    places: dict[Place, Logged] = field(default_factory=dict)
    bodies: dict[Place, bytes | None] = field(default_factory=dict)
    """None where the body was destroyed."""
    cells: dict[tuple[str, bytes], bytes] = field(default_factory=dict)
    keys: dict[str, list[bytes]] = field(default_factory=dict)
    """Per kind the keys of its cells, in rising order."""


class MemoryStore:
    """A `Store` that ends with its process, unless the simulated world takes it up again with `crash`."""

    def __init__(self) -> None:
        self._disk = _Disk()
        self._open = True
        self._failing: bool | None = None
        self._passing = 0

    # ---------------------------------------------------------------------------------------------- the simulated disk

    def fail_next(self, *, kept: bool, after: int = 0) -> None:
        """The next commit, after so many, raises store_failed. Its changes are on the disk, or not, as `kept` says.

        A disk that fails may do either, and whoever wrote to it can not know which.
        """
        self._failing = kept
        self._passing = after

    def crash(self) -> "MemoryStore":
        """The store as a new start finds it. Of this one nothing is read or written any more."""
        found = MemoryStore()
        found._disk = self._disk
        self._open = False
        return found

    # ------------------------------------------------------------------------------------------------------- the store

    def commit(self, changes: Sequence[Change]) -> int:
        """As `Store.commit`."""
        disk = self._used()
        accepted(changes, {channel: len(log) for channel, log in disk.logs.items()})
        self._check_digests(changes)
        self._check_cells(changes)
        failing = self._failing if not self._passing else None
        self._passing = max(0, self._passing - 1)
        if failing is not False:
            for change in changes:
                self._apply(change)
        if failing is not None:
            self._open = False
            raise StoreError("store_failed", "disk", "the failure that was asked for", "a disk that works")
        return len(disk.journal)

    def _check_digests(self, changes: Sequence[Change]) -> None:
        new: set[Place] = set()
        for change in changes:
            for one in change.logged:
                place = (one.channel, one.digest)
                if place in new or place in self._disk.places:
                    raise stands_already()
                new.add(place)

    def _check_cells(self, changes: Sequence[Change]) -> None:
        count, there = len(self._disk.cells), dict[tuple[str, bytes], bool]()
        for change in changes:
            for cell in change.cells:
                name = (cell.kind, cell.key)
                before, after = there.get(name, name in self._disk.cells), cell.value is not None
                count += after - before
                there[name] = after
            require_cells(count)

    def _apply(self, change: Change) -> None:
        disk = self._disk
        disk.journal += change.journal
        for one in change.logged:
            disk.logs.setdefault(one.channel, []).append(one)
            disk.places[one.channel, one.digest] = one
        for body in change.bodies:
            disk.bodies.setdefault((body.channel, body.digest), body.fields)
        for place in change.destroyed:
            if place in disk.bodies:
                disk.bodies[place] = None
        for cell in change.cells:
            name, keys = (cell.kind, cell.key), disk.keys.setdefault(cell.kind, [])
            if cell.value is not None:
                if name not in disk.cells:
                    insort(keys, cell.key)
                disk.cells[name] = cell.value
            elif disk.cells.pop(name, None) is not None:
                keys.remove(cell.key)

    def journal(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """As `Store.journal`."""
        entries = self._used().journal
        return ((seq, entries[seq - 1]) for seq in range(after + 1, len(entries) + 1))

    def channels(self) -> tuple[bytes, ...]:
        """As `Store.channels`."""
        return tuple(sorted(self._used().logs))

    def log(self, channel: bytes, first: int = 0) -> Iterator[Logged]:
        """As `Store.log`."""
        entries = self._used().logs.get(channel, [])
        return (entries[index] for index in range(first, len(entries)))

    def leaves(self, channel: bytes) -> bytes:
        """As `Store.leaves`."""
        return b"".join(one.digest for one in self.log(channel))

    def logged(self, channel: bytes, digest: bytes) -> Logged | None:
        """As `Store.logged`."""
        return self._used().places.get((channel, digest))

    def body(self, channel: bytes, digest: bytes) -> bytes | None:
        """As `Store.body`."""
        return self._used().bodies.get((channel, digest))

    def destroyed(self, channel: bytes, digest: bytes) -> bool:
        """As `Store.destroyed`."""
        place = (channel, digest)
        return place in self._used().bodies and self._disk.bodies[place] is None

    def cell(self, kind: str, key: bytes) -> bytes | None:
        """As `Store.cell`."""
        return self._used().cells.get((kind, key))

    def cells(self, kind: str) -> Iterator[tuple[bytes, bytes]]:
        """As `Store.cells`."""
        disk = self._used()
        return iter([(key, disk.cells[kind, key]) for key in disk.keys.get(kind, [])])

    def close(self) -> None:
        """As `Store.close`."""
        self._open = False

    def _used(self) -> _Disk:
        if not self._open:
            raise StoreError("store_failed", "store", "one that was closed, or whose disk failed", "an open store")
        return self._disk
