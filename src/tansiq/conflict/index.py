"""The live volumes of many intents, kept ready to be asked who conflicts with a new one.

One thread at a time writes; any number of threads read, each on the state of one version, and none waits for
another: the kernels let go of the interpreter's lock. What that takes is told in `shelves`.

Memory, by measurement (benches/w2.py): about 1 kB for a live volume of seven points.
"""

import threading
from collections import deque
from itertools import groupby
from types import TracebackType
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from tansiq.conflict.arrays import Record, VolumeArrays
from tansiq.conflict.batch import ZONE, asked_of
from tansiq.conflict.columns import Labels, VolumeColumns, volume_of
from tansiq.conflict.exact import Verdict, conflict, exact_volume
from tansiq.conflict.minima import Minima
from tansiq.conflict.narrow import UNDECIDED
from tansiq.conflict.prepare import volume_arrays
from tansiq.conflict.search import search
from tansiq.conflict.settle import KNOWN_M
from tansiq.conflict.shelves import (
    POINTS,
    SMALLEST_CELL_M,
    Shelves,
    bury,
    empty_shelves,
    put,
    release,
    unlink,
    with_room,
)
from tansiq.domain.intent import KINDS
from tansiq.errors import PartyError
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.earth import FloatArray
from tansiq.limits import LIMITS

CELL_M: Final = 4_000.0
PART: Final = 256
"""So many volumes get their room at a time: what is surely enough is several times what is taken."""


class Prepared(NamedTuple):
    """Volumes made ready once, to be asked about and inserted."""

    columns: VolumeColumns
    labels: Labels
    arrays: VolumeArrays


def prepared(columns: VolumeColumns, labels: Labels) -> Prepared:
    """The volumes, ready. The volumes of an intent follow one another; labels.side is not looked at."""
    return Prepared(columns, labels, volume_arrays(columns))


class Hits(NamedTuple):
    """Pairs of an asked volume and a live one that conflict, in no particular order; (k,) each."""

    row: NDArray[np.int32]  # of the asked volume
    intent: NDArray[np.int32]  # of the live volume
    number: NDArray[np.int32]  # of the live volume: its row in what it was inserted with
    certainty: NDArray[np.int8]  # POSSIBLE or CERTAIN
    gap_m: FloatArray  # the horizontal gap


class _Live(NamedTuple):
    """A live intent: where the chain of its volumes begins, and with what they came."""

    place: int
    volumes: int
    serial: int


class _Gone(NamedTuple):
    """Volumes that are dead, or taken out of their cells, and the version from which on no reader can meet them."""

    live: _Live
    version: int


class Snapshot:
    """The live volumes as they were at one version, whatever is written since. Close it: it holds room back."""

    def __init__(self, index: "Index") -> None:
        """The index as it is now."""
        self._index = index
        self._ticket, self._shelves, self.version = index._begin()  # noqa: SLF001 - its own

    def query(self, asked: Prepared, *, between_parties_only: bool = False) -> Hits:
        """Every conflict of these volumes with live ones of other intents, the same as `exact` finds pair by pair.

        Any thread may ask.
        """
        return self._index._query(self._shelves, self.version, asked, between_parties_only)  # noqa: SLF001 - its own

    def close(self) -> None:
        """The snapshot is not asked again."""
        self._index._end(self._ticket)  # noqa: SLF001 - its own

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Index:
    """Live volumes by intent."""

    def __init__(self, minima: Minima, *, cell_m: float = CELL_M) -> None:
        """An empty index.

        cell_m: best about five times the size of a usual volume; at least SMALLEST_CELL_M. Only speed depends on it.
        """
        self._minima = minima
        self._asked = asked_of(minima)
        self._cell_m = max(float(cell_m), SMALLEST_CELL_M)
        self._shelves = empty_shelves()
        self._version = 0
        self._live: dict[int, _Live] = {}
        self._columns: dict[int, tuple[VolumeColumns, int]] = {}  # per insertion, and how many of its intents are left
        self._serial = 0
        self._special = False  # whether a zone or an estimated volume was ever inserted
        self._count = 0
        self._writer = threading.Lock()
        self._desk = threading.Lock()  # held for a few instructions: who reads what
        self._readers: dict[int, int] = {}  # per ticket the version it began with
        self._ticket = 0
        self._dead: deque[_Gone] = deque()
        self._unlinked: deque[_Gone] = deque()

    def __len__(self) -> int:
        """How many volumes are live."""
        return self._count

    def __contains__(self, intent: int) -> bool:
        """Whether volumes of this intent are live."""
        return intent in self._live

    def snapshot(self) -> Snapshot:
        """The live volumes as they are now, for as long as it is kept open."""
        return Snapshot(self)

    def query(self, asked: Prepared, *, between_parties_only: bool = False) -> Hits:
        """As `Snapshot.query`, of what is live now."""
        ticket, shelves, version = self._begin()
        try:
            return self._query(shelves, version, asked, between_parties_only)
        finally:
            self._end(ticket)

    def insert(self, new: Prepared) -> None:
        """These volumes are live, all from one moment on.

        Raises PartyError: repeated_id where an intent is live already, limit_exceeded. Then nothing has changed.
        """
        with self._writer:
            self._clear()
            runs = _runs(new.labels.intent.tolist())
            self._refuse([intent for intent, _ in runs], len(new.labels.intent))
            version, self._serial = self._version + 1, self._serial + 1
            shelves, places = self._put(new, version)
            end = 0
            for intent, count in runs:
                end += count
                self._live[intent] = _Live(places[end - 1], count, self._serial)
            self._columns[self._serial] = (new.columns, len(runs))
            self._special |= _special(new)
            self._count += end
            self._publish(shelves, version)

    def _put(self, new: Prepared, version: int) -> tuple[Shelves, list[int]]:
        """Puts volumes on the shelves, unseen before the version is published; their places."""
        labels, v = new.labels, new.arrays
        owners = labels.intent, labels.party, labels.kind
        points = int(self._shelves.used[POINTS]) + 2 * len(v.points_m)
        if points > LIMITS.live_points:
            raise PartyError("limit_exceeded", "points", f"{points} points", f"at most {LIMITS.live_points}")
        shelves, places = self._shelves, np.empty(len(v.volumes), np.int64)
        for begin in range(0, len(places), PART):
            stop = min(begin + PART, len(places))
            done = False
            while not done:
                born = version, self._serial
                done, wanted = put(v, *owners, begin, stop, shelves, self._cell_m, *born, places)
                if not done:
                    shelves = with_room(shelves, self._cell_m, *wanted)
        return shelves, places.tolist()

    def delete(self, intent: int) -> None:
        """No volume of this intent is live. Raises KeyError where none was."""
        with self._writer:
            gone = self._live.pop(intent)
            version = self._version + 1
            bury(self._shelves.live, gone.place, version)
            self._count -= gone.volumes
            self._publish(self._shelves, version)
            self._dead.append(_Gone(gone, version))
            self._clear()

    def _refuse(self, intents: list[int], count: int) -> None:
        if len(set(intents)) < len(intents):
            raise PartyError("repeated_id", "intent", "one intent in two runs", "the volumes of an intent together")
        for intent in intents:
            if intent in self._live:
                raise PartyError("repeated_id", "intent", f"{intent}, which is live", "an intent that is not")
        if self._count + count > LIMITS.volumes:
            got = f"{self._count + count} volumes"
            raise PartyError("limit_exceeded", "volumes", got, f"at most {LIMITS.volumes} live")

    def _publish(self, shelves: Shelves, version: int) -> None:
        with self._desk:
            self._shelves, self._version = shelves, version

    def _begin(self) -> tuple[int, Shelves, int]:
        """A reader begins: its ticket, and what it reads."""
        with self._desk:
            self._ticket += 1
            self._readers[self._ticket] = self._version
            return self._ticket, self._shelves, self._version

    def _end(self, ticket: int) -> None:
        with self._desk:
            self._readers.pop(ticket, None)

    def _oldest(self) -> int | None:
        """The version that the oldest reader began with, or None without readers."""
        with self._desk:
            return min(self._readers.values(), default=None)

    def _clear(self) -> None:
        """Takes out of the cells what no reader can see, and lets room be used again that no reader can meet."""
        oldest = self._oldest()
        while self._dead and (oldest is None or self._dead[0].version <= oldest):
            gone = self._dead.popleft().live
            unlink(self._shelves, gone.place, self._cell_m)
            # A reader that began before this moment may hold the place already: it must end before it is used again.
            self._publish(self._shelves, self._version + 1)
            self._unlinked.append(_Gone(gone, self._version))
        oldest = self._oldest()
        while self._unlinked and (oldest is None or self._unlinked[0].version <= oldest):
            gone = self._unlinked.popleft().live
            release(self._shelves, gone.place)
            columns, intents = self._columns.pop(gone.serial)
            if intents > 1:
                self._columns[gone.serial] = (columns, intents - 1)

    def _query(self, shelves: Shelves, version: int, asked: Prepared, between_parties_only: bool) -> Hits:  # noqa: FBT001 - internal
        labels = asked.labels
        *columns, open_count = search(
            asked.arrays,
            labels.intent,
            labels.party,
            labels.kind,
            shelves,
            self._cell_m,
            self._asked,
            between_parties_only,
            version,
        )
        hits, places = Hits(*columns[:5]), columns[5]
        if self._special or _special(asked):
            hits, places = self._without_zones_and_estimates(hits, places, shelves, asked)
            return self._settled(hits, places, shelves, asked)
        return self._settled(hits, places, shelves, asked) if open_count else hits

    def _without_zones_and_estimates(
        self, hits: Hits, places: NDArray[np.int64], shelves: Shelves, asked: Prepared
    ) -> tuple[Hits, NDArray[np.int64]]:
        """The hits less those of two zones, and none certain where a volume is estimated."""
        others = shelves.live[places]
        kept = (asked.labels.kind[hits.row] != ZONE) | (others["kind"] != ZONE)
        estimated = asked.columns.estimated[hits.row] | np.fromiter(
            (self._columns[serial][0].estimated[number] for serial, number in others[["serial", "number"]].tolist()),
            np.bool_,
            len(others),
        )
        hits.certainty[estimated & (hits.certainty == Certainty.CERTAIN)] = Certainty.POSSIBLE
        return Hits(*(column[kept] for column in hits)), places[kept]

    def _settled(self, hits: Hits, places: NDArray[np.int64], shelves: Shelves, asked: Prepared) -> Hits:
        """The hits, where open ones have been put to `exact`."""
        kept = np.ones(len(places), np.bool_)
        for k in np.flatnonzero((hits.certainty == UNDECIDED) | (hits.gap_m > 0)).tolist():
            i, place = int(hits.row[k]), int(places[k])
            buffers_m = asked.arrays.volumes["buffer_m"][i] + shelves.arrays.volumes["buffer_m"][place]
            if hits.certainty[k] != UNDECIDED and buffers_m + hits.gap_m[k] <= KNOWN_M:
                continue
            verdict = self._exact(asked, i, shelves.live[place])
            kept[k] = verdict is not None
            if verdict is not None:
                hits.certainty[k], hits.gap_m[k] = verdict.certainty, verdict.horizontal_gap_m
        row, intent, number, certainty, gap_m = hits
        return Hits(row[kept], intent[kept], number[kept], certainty[kept], gap_m[kept])

    def _exact(self, asked: Prepared, i: int, other: Record) -> Verdict | None:
        theirs = volume_of(self._columns[int(other["serial"])][0], int(other["number"]))
        minimum = self._minima.of(KINDS[asked.labels.kind[i]], KINDS[other["kind"]])
        return conflict(exact_volume(volume_of(asked.columns, i)), exact_volume(theirs), minimum)


def _special(volumes: Prepared) -> bool:
    """Whether there are zones, which never conflict with zones, or estimated volumes."""
    return bool((volumes.labels.kind == ZONE).any() or volumes.columns.estimated.any())


def _runs(intents: list[int]) -> list[tuple[int, int]]:
    """The intents one after the other, and how many volumes each has."""
    return [(intent, len(list(run))) for intent, run in groupby(intents)]
