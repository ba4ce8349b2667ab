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
from tansiq.conflict.flat import FLAT, GLANCE, MOST_POINTS, NEAR_M, decide, lay, room_for_edges
from tansiq.conflict.jit import helper, kernel
from tansiq.conflict.narrow import CERTAIN, CLEAR, POSSIBLE, UNDECIDED, horizontal, vertical
from tansiq.units import Reference

GLANCE_M: Final = 0.01
_AGL: Final = int(Reference.AGL)


class Asked(NamedTuple):
    """What is asked of every pair: the separation minima by kind."""

    half_m: np.ndarray  # (4,) half of the largest minimum of a kind
    half_dmm: np.ndarray  # (4,) int64, rounded up
    minima_m: np.ndarray  # (4, 4)
    minima_dmm: np.ndarray  # (4, 4) int64


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
    rows: np.ndarray,
    glances: np.ndarray,
    points: np.ndarray,
    points_m: np.ndarray,
    volumes: np.ndarray,
    marks: np.ndarray,
    entries: np.ndarray,
    begins: np.ndarray,
    half_m: np.ndarray,
    half_dmm: np.ndarray,
) -> np.ndarray:
    """Lays the cell's volumes into the plane of the first small one; their points, in a new array if need be.

    rows, glances: records of FLAT and GLANCE, written. entries, begins: the cell's part of those of Cells.
    """
    needed, origin = 0, -1
    for entry in range(len(entries)):
        i = marks[entries[entry]].volume
        if volumes[i].count <= MOST_POINTS:
            needed += volumes[i].count + 1
            if origin < 0 and volumes[i].radius_m < NEAR_M:
                origin = i
    if needed > len(points):
        points = np.empty((2 * needed, 2))
    at = 0
    same_ground = half_m.max() == 0.0
    for entry in range(len(entries)):
        mark, row, glance = marks[entries[entry]], rows[entry], glances[entry]
        m = volumes[mark.volume]
        at = lay(row, points, at, points_m, m, volumes[max(0, origin)], half_m[mark.kind])
        glance.group, glance.begins, glance.start_us = mark.group, begins[entry], mark.start_us
        glance.low_x_m, glance.low_y_m = row.low_x_m - GLANCE_M, row.low_y_m - GLANCE_M
        glance.high_x_m, glance.high_y_m = row.high_x_m + GLANCE_M, row.high_y_m + GLANCE_M
        set_heights(glance, m, half_dmm[mark.kind], same_ground)
    return points


@helper
def set_heights(row: Record, m: Record, half_dmm: int, same_ground: bool) -> None:
    """Sets what a record of GLANCE says of the heights of volume `m`, grown by half of its largest minimum.

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
    """Whether the grown heights of two records of GLANCE meet: where they do not, the vertical minimum is kept."""
    native = (m.native == n.native) & (m.native != NO_LIMIT)
    low_m, high_m = (m.native_low_dmm, m.native_high_dmm) if native else (m.low_dmm, m.high_dmm)
    low_n, high_n = (n.native_low_dmm, n.native_high_dmm) if native else (n.low_dmm, n.high_dmm)
    return (low_n <= high_m) & (low_m <= high_n)


@helper
def _close(m: Record, n: Record) -> bool:
    """Whether two records of GLANCE whose windows meet need a closer look in this cell."""
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
def no_pairs() -> Found:
    """Room for pairs, none of which is filled."""
    return Found(np.empty(1024, np.int32), np.empty(1024, np.int32), np.empty(1024, np.int8), np.empty(1024))


@helper
def cut(found: Found, count: int) -> Found:
    """The pairs that were noted."""
    return Found(found.first[:count], found.second[:count], found.answers[:count], found.gaps_m[:count])


@kernel
def sweep(v: VolumeArrays, marks: np.ndarray, cells: Cells, asked: Asked, begin: int, stop: int, most: int) -> Found:
    """What is found within the cells begin to stop; no more than `most`: where it is as many, there may be more."""
    # Each array by itself: to take one out of a tuple of many costs more than to compare two volumes.
    volumes, points_m, starts, entries = v.volumes, v.points_m, cells.starts, cells.marks
    half_m, half_dmm, minima_m, minima_dmm = asked.half_m, asked.half_dmm, asked.minima_m, asked.minima_dmm
    found, count = no_pairs(), 0
    first, second, answers, gaps_m = found.first, found.second, found.answers, found.gaps_m
    longest = 0
    for number in range(begin, stop):
        longest = max(longest, starts[number + 1] - starts[number])
    rows, glances = np.empty(longest, FLAT), np.empty(longest, GLANCE)
    points, room = np.empty((1024, 2)), room_for_edges()
    for number in range(begin, stop):
        chosen = entries[starts[number] : starts[number + 1]]
        begins = cells.begins[starts[number] : starts[number + 1]]
        points = _lay_out(rows, glances, points, points_m, volumes, marks, chosen, begins, half_m, half_dmm)
        for a in range(len(chosen)):
            m = marks[chosen[a]]
            for b in range(a + 1, len(chosen)):
                if glances[b].start_us > m.end_us:
                    break
                if not _close(glances[a], glances[b]):
                    continue
                n = marks[chosen[b]]
                if m.party == n.party:
                    continue
                minimum_m, minimum_dmm = minima_m[m.kind, n.kind], minima_dmm[m.kind, n.kind]
                told, gap_m = decide(points, rows[a], rows[b], minimum_m, room), 0.0
                if told == CLEAR:
                    continue
                i, j = min(m.volume, n.volume), max(m.volume, n.volume)
                if told == UNDECIDED or vertical(rows[a], rows[b], minimum_dmm, minimum_m == 0.0) != CERTAIN:
                    told, gap_m = answer(v, i, v, j, minimum_m, minimum_dmm)
                    if told == CLEAR:
                        continue
                if count == len(first):
                    first, second, answers, gaps_m = doubled(first), doubled(second), doubled(answers), doubled(gaps_m)
                first[count], second[count], answers[count], gaps_m[count] = i, j, told, gap_m
                count += 1
                if count == most:
                    return cut(Found(first, second, answers, gaps_m), count)
    return cut(Found(first, second, answers, gaps_m), count)
