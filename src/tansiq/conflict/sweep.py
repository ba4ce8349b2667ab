"""Sweeps over cells: every pair of volumes of one level that could conflict, found once, and answered.

Within a cell the volumes stand in the order of their starts, so the sweep over a cell stops at the first that
starts after the present one ends. A pair that shares several cells is answered in the one that holds the
low corner of the two boxes' overlap. The volumes of a cell are laid into one plane (`flat`), where most
pairs are decided; `narrow` answers the others.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tansiq.conflict.arrays import Record, VolumeArrays
from tansiq.conflict.cells import HERE, Cells, clipped, doubled
from tansiq.conflict.columns import NO_LIMIT
from tansiq.conflict.flat import FLAT, MOST_POINTS, NEAR_M, decide, lay, room_for_edges
from tansiq.conflict.jit import helper, kernel
from tansiq.conflict.narrow import CERTAIN, CLEAR, POSSIBLE, UNDECIDED, horizontal, vertical
from tansiq.units import Reference

_AGL: Final = int(Reference.AGL)


class Asked(NamedTuple):
    """What is asked of every pair: the separation minima by kind."""

    half_m: np.ndarray  # (3,) half of the largest minimum of a kind
    half_dmm: np.ndarray  # (3,) int64, rounded up
    minima_m: np.ndarray  # (3, 3)
    minima_dmm: np.ndarray  # (3, 3) int64


@helper
def answer(v: VolumeArrays, i: int, w: VolumeArrays, j: int, minimum_m: float, minimum_dmm: int) -> tuple[int, float]:
    """The answer for one pair: CLEAR, POSSIBLE, CERTAIN or UNDECIDED, and the horizontal gap."""
    same_ground = minimum_m == 0.0
    m, n = v.volumes[i], w.volumes[j]
    up = vertical(m, n, minimum_dmm, same_ground)
    if up == CLEAR:
        return CLEAR, math.inf
    across, gap = horizontal(v, i, w, j, minimum_m)
    if across in (UNDECIDED, CLEAR):
        return across, gap
    if up == POSSIBLE and not same_ground and vertical(m, n, minimum_dmm, True) == CERTAIN:
        # Heights above ground tell nothing at a distance, but where the footprints meet they share their ground.
        there, gap_there = horizontal(v, i, w, j, 0.0)
        if there in (UNDECIDED, CERTAIN):
            return there, gap_there
    return min(up, across), gap


@helper
def _lay_out(
    rows: np.ndarray, points: np.ndarray, v: VolumeArrays, marks: np.ndarray, cells: Cells, asked: Asked, number: int
) -> np.ndarray:
    """Lays the cell's volumes into the plane of the first small one; their points, in a new array if need be."""
    begin, stop = cells.starts[number], cells.starts[number + 1]
    needed, origin = 0, -1
    for entry in range(begin, stop):
        i = marks[cells.marks[entry]].volume
        m = v.volumes[i]
        if m.count <= MOST_POINTS:
            needed += m.count + 1
            if origin < 0 and m.radius_m < NEAR_M:
                origin = i
    if needed > len(points):
        points = np.empty((2 * needed, 2))
    at = 0
    same_ground = asked.half_m.max() == 0.0
    for entry in range(begin, stop):
        mark = marks[cells.marks[entry]]
        row = rows[entry - begin]
        row.group, row.begins, row.start_us = mark.group, cells.begins[entry], mark.start_us
        m = v.volumes[mark.volume]
        set_heights(row, m, asked.half_dmm[mark.kind], same_ground)
        at = lay(row, points, at, v.points_m, m, v.volumes[max(0, origin)], asked.half_m[mark.kind])
    return points


@helper
def set_heights(row: Record, m: Record, half_dmm: int, same_ground: bool) -> None:
    """Sets what a record of FLAT says of the heights of volume `m`, grown by half of its largest minimum.

    same_ground: whether all horizontal minima are 0, so that heights above ground may be compared.
    """
    row.low_dmm = clipped(int(m.low_dmm) - half_dmm)
    row.high_dmm = clipped(int(m.high_dmm) + half_dmm)
    one = m.lower_reference == m.upper_reference and (same_ground or m.lower_reference != _AGL)
    row.native = m.lower_reference if one else NO_LIMIT
    row.native_low_dmm = clipped(int(m.lower_dmm) - half_dmm)
    row.native_high_dmm = clipped(int(m.upper_dmm) + half_dmm)


@helper
def heights_meet(m: Record, n: Record) -> bool:
    """Whether the grown heights of two records of FLAT meet: where they do not, the vertical minimum is kept."""
    native = (m.native == n.native) & (m.native != NO_LIMIT)
    low_m, high_m = (m.native_low_dmm, m.native_high_dmm) if native else (m.low_dmm, m.high_dmm)
    low_n, high_n = (n.native_low_dmm, n.native_high_dmm) if native else (n.low_dmm, n.high_dmm)
    return (low_n <= high_m) & (low_m <= high_n)


@helper
def _close(m: Record, n: Record) -> bool:
    """Whether two records of FLAT whose windows meet need a closer look in this cell."""
    # Without a branch: which of these fails first is a gamble that a processor loses more often than it wins.
    return (
        (n.low_x_m <= m.high_x_m)
        & (m.low_x_m <= n.high_x_m)
        & (n.low_y_m <= m.high_y_m)
        & (m.low_y_m <= n.high_y_m)
        & heights_meet(m, n)
        & (m.group != n.group)
        & ((m.begins | n.begins) == HERE)
    )


class Found(NamedTuple):
    """Pairs of volumes that conflict or are undecided, the lower number first, in the order they were found in."""

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    answers: NDArray[np.int8]  # POSSIBLE, CERTAIN or UNDECIDED
    gaps_m: NDArray[np.float64]


@helper
def _doubled(found: Found) -> Found:
    return Found(doubled(found.first), doubled(found.second), doubled(found.answers), doubled(found.gaps_m))


@helper
def no_pairs() -> Found:
    """Room for pairs, none of which is filled."""
    return Found(np.empty(1024, np.int32), np.empty(1024, np.int32), np.empty(1024, np.int8), np.empty(1024))


@helper
def noted(found: Found, count: int, i: int, j: int, told: int, gap_m: float) -> Found:
    """With the pair at number `count`; in twice the room where it was full."""
    if count == len(found.first):
        found = _doubled(found)
    found.first[count], found.second[count] = min(i, j), max(i, j)
    found.answers[count], found.gaps_m[count] = told, gap_m
    return found


@helper
def cut(found: Found, count: int) -> Found:
    """The pairs that were noted."""
    return Found(found.first[:count], found.second[:count], found.answers[:count], found.gaps_m[:count])


@helper
def _answer_in_plane(
    v: VolumeArrays,
    m: Record,
    n: Record,
    row: Record,
    other: Record,
    points: np.ndarray,
    asked: Asked,
    room: np.ndarray,
) -> tuple[int, float]:
    """The answer for two marks whose volumes are laid at two rows."""
    minimum_m, minimum_dmm = asked.minima_m[m.kind, n.kind], asked.minima_dmm[m.kind, n.kind]
    told = decide(points, row, other, minimum_m, room)
    if told == CLEAR:
        return CLEAR, math.inf
    if told == CERTAIN and vertical(row, other, minimum_dmm, minimum_m == 0.0) == CERTAIN:
        return CERTAIN, 0.0
    return answer(v, min(m.volume, n.volume), v, max(m.volume, n.volume), minimum_m, minimum_dmm)


@kernel
def sweep(v: VolumeArrays, marks: np.ndarray, cells: Cells, asked: Asked, begin: int, stop: int, most: int) -> Found:
    """What is found within the cells begin to stop; no more than `most`: where it is as many, there may be more."""
    found, count = no_pairs(), 0
    longest = 0
    for number in range(begin, stop):
        longest = max(longest, cells.starts[number + 1] - cells.starts[number])
    rows, points, room = np.empty(longest, FLAT), np.empty((1024, 2)), room_for_edges()
    for number in range(begin, stop):
        entry, size = cells.starts[number], cells.starts[number + 1] - cells.starts[number]
        points = _lay_out(rows, points, v, marks, cells, asked, number)
        for a in range(size - 1):
            row = rows[a]
            m = marks[cells.marks[entry + a]]
            for b in range(a + 1, size):
                other = rows[b]
                if other.start_us > m.end_us:
                    break
                if not _close(row, other):
                    continue
                n = marks[cells.marks[entry + b]]
                if m.party == n.party:
                    continue
                told, gap_m = _answer_in_plane(v, m, n, row, other, points, asked, room)
                if told != CLEAR:
                    found = noted(found, count, m.volume, n.volume, told, gap_m)
                    count += 1
                    if count == most:
                        return cut(found, count)
    return cut(found, count)
