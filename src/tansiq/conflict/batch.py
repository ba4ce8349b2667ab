"""All conflicts among many volumes at once: the kernels find and answer, `exact` settles what they leave open.

Memory, by measurement (benches/w1.py): about 0.6 kB for a volume of seven points beside its columns, and
30 bytes for a pair; as objects, which `find_conflicts` returns, a pair takes two kilobytes.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tansiq.conflict.arrays import ECEF, VolumeArrays
from tansiq.conflict.cells import MARK, Cells, Marks, fill_cells, levels_of, mark_volumes
from tansiq.conflict.columns import Labels, VolumeColumns, volume_columns, volume_of
from tansiq.conflict.exact import Verdict
from tansiq.conflict.giants import hold, tiles_of
from tansiq.conflict.minima import Minima, Minimum
from tansiq.conflict.prepare import volume_arrays
from tansiq.conflict.settle import Settler, open_questions
from tansiq.conflict.sweep import Asked, Found, sweep
from tansiq.domain.intent import KINDS, UNKNOWN_PARTY, Intent, Kind
from tansiq.errors import PartyError
from tansiq.geometry.band import vertical_conflict
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.chart import chart_around
from tansiq.geometry.earth import FloatArray, ecef_m
from tansiq.geometry.volume import Volume4D
from tansiq.limits import LIMITS

CELLS_PER_BOX: Final = 4.0
SMALLEST_CELL_M: Final = 50.0
MOST_CELLS: Final = 200
"""A volume that touches more cells lives on a higher level."""
WIDEN: Final = 4
"""So much wider are the cells of each next level."""
LARGE: Final = 20_000
"""From so many volumes on more threads than one take less time."""
SHARES: Final = 32
"""Into so many shares a level's work is cut: what threads take turns at, and what progress is told by."""

Task = Callable[[int], Found]
"""A part of the work; is told how many pairs are the most."""
ZONE: Final = KINDS.index(Kind.ZONE)
Progress = Callable[[float], None]
"""Is told now and then which part of the work is done, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which pairs of intents count.

    between_parties_only: not two intents of one party.
    sides: one number per intent; only pairs of different numbers count. None: all pairs.
    """

    between_parties_only: bool = False
    sides: Sequence[int] | None = None


EVERY_PAIR: Final = Scope()


@dataclass(frozen=True, slots=True)
class VolumeConflict:
    """Two volumes in conflict, each as (number of its intent, number of the volume in it); `a` comes first."""

    a: tuple[int, int]
    b: tuple[int, int]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class IntentConflict:
    """Two intents in conflict, by number, `a` the lower one, with every pair of their volumes that conflicts."""

    a: int
    b: int
    volume_conflicts: tuple[VolumeConflict, ...]

    @property
    def certainty(self) -> Certainty:
        """That of the most certain pair of volumes."""
        return max(found.verdict.certainty for found in self.volume_conflicts)


class Pairs(NamedTuple):
    """Every pair of volumes that conflicts, the lower number first, sorted."""

    first: NDArray[np.int32]  # (k,)
    second: NDArray[np.int32]
    certainty: NDArray[np.int8]  # POSSIBLE or CERTAIN
    gap_m: FloatArray  # the horizontal gap
    verdicts: dict[tuple[int, int], Verdict]
    """Of those that `exact` was asked about, what it said."""


def find_conflicts(
    intents: Sequence[Intent],
    minima: Minima,
    scope: Scope = EVERY_PAIR,
    *,
    workers: int = 1,
    progress: Progress | None = None,
) -> list[IntentConflict]:
    """Every conflict among the intents, each pair of intents once, sorted by their numbers, always in one order."""
    found: dict[tuple[int, int], list[VolumeConflict]] = {}
    for pair in find_volume_conflicts(intents, minima, scope, workers=workers, progress=progress):
        found.setdefault((pair.a[0], pair.b[0]), []).append(pair)
    return [IntentConflict(a, b, tuple(pairs)) for (a, b), pairs in sorted(found.items())]


def find_volume_conflicts(
    intents: Sequence[Intent],
    minima: Minima,
    scope: Scope = EVERY_PAIR,
    *,
    workers: int = 1,
    progress: Progress | None = None,
) -> list[VolumeConflict]:
    """Every pair of volumes of different intents that conflicts, sorted, the same as `exact` finds pair by pair.

    Raises PartyError limit_exceeded where there are more than can be listed: a part of the answer is none.
    """
    owners = [(i, k) for i, intent in enumerate(intents) for k in range(len(intent.volumes))]
    volumes = [volume for intent in intents for volume in intent.volumes]
    pairs = find_pairs(
        volume_columns(volumes),
        labels_of(intents, scope),
        minima,
        between_parties_only=scope.between_parties_only,
        between_sides_only=scope.sides is not None,
        volume=volumes.__getitem__,
        workers=workers,
        progress=progress,
    )
    conflicts = []
    rows = zip(pairs.first.tolist(), pairs.second.tolist(), pairs.certainty.tolist(), pairs.gap_m.tolist(), strict=True)
    for i, j, certainty, gap_m in rows:
        verdict = pairs.verdicts.get((i, j))
        if verdict is None:
            minimum = minima.of(intents[owners[i][0]].kind, intents[owners[j][0]].kind)
            verdict = _verdict(volumes[i], volumes[j], minimum, Certainty(certainty), gap_m)
        conflicts.append(VolumeConflict(owners[i], owners[j], verdict))
    return conflicts


def _verdict(a: Volume4D, b: Volume4D, minimum: Minimum, certainty: Certainty, gap_m: float) -> Verdict:
    """What the kernels found, with the vertical gap that they do not report."""
    up, gap_dmm = vertical_conflict(a.band, b.band, minimum.vertical_dmm, same_ground=minimum.horizontal_m == 0)
    if certainty > up:
        # Certain although its altitudes are not, at a distance: the footprints meet, and share their ground.
        up, gap_dmm = vertical_conflict(a.band, b.band, minimum.vertical_dmm, same_ground=True)
    return Verdict(certainty, gap_m, gap_dmm, up)


def labels_of(intents: Sequence[Intent], scope: Scope = EVERY_PAIR) -> Labels:
    """The labels of the intents' volumes, in their order."""
    counts = [len(intent.volumes) for intent in intents]
    names: dict[str, int] = {}
    # An unknown party may be any other one, and a zone holds for all parties: each gets a number of its own, below 0.
    alone = [intent.party == UNKNOWN_PARTY or intent.kind is Kind.ZONE for intent in intents]
    parties = [-1 - i if alone[i] else names.setdefault(intent.party, len(names)) for i, intent in enumerate(intents)]
    sides = [0] * len(intents) if scope.sides is None else scope.sides
    kinds = [KINDS.index(intent.kind) for intent in intents]
    columns = (np.arange(len(intents)), parties, sides, kinds)
    return Labels(*(np.repeat(np.asarray(column, np.int32), counts) for column in columns))


def find_pairs(
    columns: VolumeColumns,
    labels: Labels,
    minima: Minima,
    *,
    between_parties_only: bool = False,
    between_sides_only: bool = False,
    volume: Callable[[int], Volume4D] | None = None,
    workers: int = 1,
    most: int = LIMITS.conflicts,
    progress: Progress | None = None,
) -> Pairs:
    """Every pair of volumes of different intents that conflicts, the same as `exact` finds pair by pair.

    volume: gives volume i where `exact` has to be asked about it; without it, it is built from the columns.
    workers: threads, where the input is large enough for more than one.
    Raises PartyError limit_exceeded where there are more than `most`: a part of the answer is none.
    """
    threads = workers if len(columns.core) >= LARGE else 1
    v = volume_arrays(columns, threads, _frame(columns))
    asked = asked_of(minima)
    order = np.argsort(columns.start_us, kind="stable")
    group = (
        labels.side
        if between_sides_only
        else _own_group_for_zones(labels.party if between_parties_only else labels.intent, labels.kind)
    )
    party = labels.party if between_parties_only and between_sides_only else _own_numbers(len(order))
    marks = np.empty(len(order), MARK)
    mark_volumes(v, order, group, party, labels.kind, asked.half_m, asked.half_dmm, marks)
    found = _run(list(_tasks(v, marks, asked)), threads, most, progress)
    settler = Settler(volume or (lambda i: volume_of(columns, i)))
    return _settled(found, columns, labels, minima, settler)


def _frame(columns: VolumeColumns) -> FloatArray:
    """Axes of which the third points up in the middle of the volumes, if they have one.

    Where all lie in one part of the globe, boxes are flat then, and touch fewer cells.
    """
    step = max(1, len(columns.lat_deg) // 1_000)
    middle = (
        ecef_m(columns.lat_deg[::step], columns.lng_deg[::step]).mean(axis=0) if len(columns.lat_deg) else np.zeros(3)
    )
    return chart_around(middle).axes if np.abs(middle).max() > 1.0 else ECEF


def _own_numbers(count: int) -> NDArray[np.int32]:
    return np.arange(count, dtype=np.int32)


def asked_of(minima: Minima) -> Asked:
    """The minima as the kernels want them."""
    across_m, up_dmm = minima.horizontal_table_m(), minima.vertical_table_dmm()
    return Asked(across_m.max(axis=1) / 2, -(-up_dmm.max(axis=1) // 2), across_m, up_dmm)


def _tasks(v: VolumeArrays, marks: Marks, asked: Asked) -> Iterator[Task]:
    """The sweeps of all levels, and every level held against those above it."""
    if len(marks) < 2:
        return
    size_m = cell_m(marks)
    levels = levels_of(marks, size_m, WIDEN, MOST_CELLS)
    below: list[tuple[NDArray[np.int64], float]] = []
    for level in np.unique(levels).tolist():
        wide_m = size_m * WIDEN**level
        chosen = np.flatnonzero(levels == level)
        cells = Cells(wide_m, *fill_cells(marks, chosen, wide_m))
        for begin, stop in _shares(cells.starts):
            yield partial(sweep, v, marks, cells, asked, begin, stop)
        for smaller, smaller_m in below:
            tiles = tiles_of(v, marks, smaller, smaller_m)
            for begin, stop in _shares(tiles.starts):
                yield partial(hold, v, marks, cells, tiles, asked, begin, stop)
        below.append((chosen, wide_m))


def cell_m(marks: Marks) -> float:
    """The size of the lowest level's cells."""
    sizes = np.maximum(marks["high_x_m"] - marks["low_x_m"], marks["high_y_m"] - marks["low_y_m"])
    return max(SMALLEST_CELL_M, CELLS_PER_BOX * float(np.median(sizes)))


def _shares(starts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Runs of cells or tiles with about as many entries each, at most SHARES."""
    aims = np.linspace(0, starts[-1], SHARES + 1)[1:-1]
    bounds = np.unique(np.concatenate([[0], np.searchsorted(starts, aims), [len(starts) - 1]]))
    yield from pairwise(bounds.tolist())


def _run(tasks: Sequence[Task], workers: int, most: int, progress: Progress | None) -> list[Found]:
    """What all tasks found. Raises PartyError limit_exceeded."""
    found: list[Found] = []
    count = 0
    with ThreadPoolExecutor(workers) as pool:
        parts = pool.map(lambda task: task(most + 1), tasks) if workers > 1 else (task(most + 1) for task in tasks)
        for part in parts:
            found.append(part)
            count += len(part.first)
            if count > most:
                pool.shutdown(cancel_futures=True)
                want = f"at most {most} pairs of volumes: fewer plans at once, or smaller minima"
                raise PartyError("limit_exceeded", "conflicts", "more conflicts than can be listed", want)
            if progress is not None:
                progress(len(found) / len(tasks))
    return found


def _own_group_for_zones(group: NDArray[np.int32], kind: NDArray[np.int32]) -> NDArray[np.int32]:
    """The groups within which nothing is compared, with one more for all zones."""
    return np.where(kind == ZONE, np.int32(-(2**31)), group)


def _settled(
    found: list[Found],
    columns: VolumeColumns,
    labels: Labels,
    minima: Minima,
    settler: Settler,
) -> Pairs:
    """All pairs sorted, the open ones settled, without those of two zones."""
    if not found:
        none = np.zeros(0)
        return Pairs(none.astype(np.int32), none.astype(np.int32), none.astype(np.int8), none, {})
    every = Found(*(np.concatenate(column) for column in zip(*found, strict=True)))
    zones = labels.kind == ZONE
    if zones.any():
        every = _rows(every, ~(zones[every.first] & zones[every.second]))
    order = np.argsort(every.first.astype(np.int64) << 32 | every.second)
    every = _rows(every, order)
    kept = np.ones(len(order), np.bool_)
    verdicts = {}
    for k in open_questions(every, columns.buffer_m).tolist():
        i, j = int(every.first[k]), int(every.second[k])
        verdict = settler.verdict(i, j, minima.of(KINDS[labels.kind[i]], KINDS[labels.kind[j]]))
        if verdict is None:
            kept[k] = False
        else:
            verdicts[i, j] = verdict
            every.answers[k], every.gaps_m[k] = verdict.certainty, verdict.horizontal_gap_m
    every.answers[columns.estimated[every.first] | columns.estimated[every.second]] = Certainty.POSSIBLE
    if not kept.all():
        every = _rows(every, kept)
    return Pairs(*every, verdicts)


def _rows(found: Found, rows: NDArray[Any]) -> Found:
    return Found(found.first[rows], found.second[rows], found.answers[rows], found.gaps_m[rows])
