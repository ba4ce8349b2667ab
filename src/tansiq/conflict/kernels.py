"""The broad phase: every pair of volumes that could conflict, found once, answered by `conflict.narrow`.

Space is divided into cubes round the Earth's centre, so that no seam runs over the globe. Each
volume's box, grown by half of its largest minimum, is entered in every cell it touches. Cells are
found by a hash; each keeps its volumes in the order of their starts, so a sweep over a cell stops at
the first that starts after the present one ends. A pair that shares several cells is answered in the
one that holds the low corner of the two boxes' overlap. Volumes that touch more than GIANT_CELLS
cells are compared with all others instead.
"""

import math
from typing import Final

import numpy as np

from tansiq.conflict.arrays import VolumeArrays
from tansiq.conflict.jit import helper, kernel
from tansiq.conflict.narrow import CERTAIN, CLEAR, POSSIBLE, UNDECIDED, horizontal, vertical

GIANT_CELLS: Final = 64
_AXIS_BITS: Final = 21
_AXIS_ZERO: Final = 1 << 20
"""A cell's number along an axis, counted from the Earth's centre, is kept positive by adding this."""


@helper
def _cell(x: float, cell_m: float) -> int:
    return math.floor(x / cell_m) + _AXIS_ZERO


@helper
def _key(x: int, y: int, z: int) -> int:
    return (x << (2 * _AXIS_BITS)) | (y << _AXIS_BITS) | z


@helper
def _bucket(key: int, mask: int) -> int:
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    return int(mixed >> np.uint64(20)) & mask


@helper
def _cells_of(box: np.ndarray, i: int, cell_m: float) -> int:
    count = 1
    for axis in range(3):
        count *= _cell(box[i, axis + 3], cell_m) - _cell(box[i, axis], cell_m) + 1
    return count


@helper
def _boxes_meet(box: np.ndarray, i: int, j: int) -> bool:
    for axis in range(3):
        if box[i, axis] > box[j, axis + 3] or box[j, axis] > box[i, axis + 3]:
            return False
    return True


@helper
def _low_corner_key(box: np.ndarray, i: int, j: int, cell_m: float) -> int:
    x = _cell(max(box[i, 0], box[j, 0]), cell_m)
    y = _cell(max(box[i, 1], box[j, 1]), cell_m)
    z = _cell(max(box[i, 2], box[j, 2]), cell_m)
    return _key(x, y, z)


@helper
def _fill_cells(
    box: np.ndarray, order: np.ndarray, giant: np.ndarray, cell_m: float, mask: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The entries, bucket by bucket, each bucket in the order of `order`: bucket starts, keys, volumes."""
    starts = np.zeros(mask + 2, np.int64)
    keys = np.empty(0, np.int64)
    volumes = np.empty(0, np.int32)
    cursor = np.empty(0, np.int64)
    for turn in range(2):
        for i in order:
            if giant[i]:
                continue
            for x in range(_cell(box[i, 0], cell_m), _cell(box[i, 3], cell_m) + 1):
                for y in range(_cell(box[i, 1], cell_m), _cell(box[i, 4], cell_m) + 1):
                    for z in range(_cell(box[i, 2], cell_m), _cell(box[i, 5], cell_m) + 1):
                        key = _key(x, y, z)
                        bucket = _bucket(key, mask)
                        if turn == 0:
                            starts[bucket + 1] += 1
                        else:
                            keys[cursor[bucket]] = key
                            volumes[cursor[bucket]] = i
                            cursor[bucket] += 1
        if turn == 0:
            for bucket in range(mask + 1):
                starts[bucket + 1] += starts[bucket]
            keys = np.empty(starts[-1], np.int64)
            volumes = np.empty(starts[-1], np.int32)
            cursor = starts[:-1].copy()
    return starts, keys, volumes


@helper
def _wanted(rows: np.ndarray, i: int, j: int, scope: int) -> bool:
    """Whether the pair is asked for. `scope`: bit 1 between parties only, bit 2 between sides only."""
    intent, party, side = rows[0], rows[1], rows[2]
    if intent[i] == intent[j]:
        return False
    if scope & 1 and party[i] == party[j]:
        return False
    return not (scope & 2 and bool(side[i] == side[j]))


@helper
def _amsl_apart(v: VolumeArrays, i: int, j: int, minimum_dmm: int) -> bool:
    """A quick refusal: whatever the references, the bands keep the minimum."""
    least = max(v.amsl_dmm[i, 0] - v.amsl_dmm[j, 1], v.amsl_dmm[j, 0] - v.amsl_dmm[i, 1])
    return least > 0 and least >= minimum_dmm


@helper
def _answer(
    v: VolumeArrays, kind: np.ndarray, i: int, j: int, minima_m: np.ndarray, minima_dmm: np.ndarray
) -> tuple[int, float]:
    """The answer for one pair: CLEAR, POSSIBLE, CERTAIN or UNDECIDED, and the horizontal gap."""
    minimum_m = minima_m[kind[i], kind[j]]
    minimum_dmm = minima_dmm[kind[i], kind[j]]
    same_ground = minimum_m == 0.0
    up = vertical(v, i, j, minimum_dmm, same_ground)
    if up == CLEAR:
        return CLEAR, math.inf
    across, gap = horizontal(v, i, j, minimum_m)
    if across in (UNDECIDED, CLEAR):
        return across, gap
    if up == POSSIBLE and not same_ground and vertical(v, i, j, minimum_dmm, True) == CERTAIN:
        # Heights above ground tell nothing at a distance, but where the footprints meet they share their ground.
        there, gap_there = horizontal(v, i, j, 0.0)
        if there in (UNDECIDED, CERTAIN):
            return there, gap_there
    return min(up, across), gap


@helper
def _grown(old: np.ndarray, size: int) -> np.ndarray:
    # A loop: numba compiles a slice that is assigned to into two seconds' worth of error texts.
    new = np.empty(size, old.dtype)
    for k in range(len(old)):
        new[k] = old[k]
    return new


@helper
def _apart(
    v: VolumeArrays, box: np.ndarray, rows: np.ndarray, minima_dmm: np.ndarray, scope: int, i: int, j: int
) -> bool:
    """Whether the pair needs no closer look: nobody asks for it, or boxes or heights keep it apart."""
    if not _boxes_meet(box, i, j) or not _wanted(rows, i, j, scope):
        return True
    kind = rows[3]
    return _amsl_apart(v, i, j, minima_dmm[kind[i], kind[j]])


@helper
def _find_giants(box: np.ndarray, order: np.ndarray, cell_m: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Who is a giant: per volume, and as a list in order; each volume's place in the order; the others' entries."""
    giant = np.zeros(len(order), np.bool_)
    giants = np.empty(len(order), np.int32)
    place = np.empty(len(order), np.int64)
    count = 0
    entries = 0
    for k in range(len(order)):
        i = order[k]
        place[i] = k
        cells = _cells_of(box, i, cell_m)
        if cells > GIANT_CELLS:
            giant[i] = True
            giants[count] = i
            count += 1
        else:
            entries += cells
    return giant, giants[:count], place, entries


@kernel
def find_pairs(
    v: VolumeArrays,
    box: np.ndarray,
    order: np.ndarray,
    cell_m: float,
    rows: np.ndarray,
    minima_m: np.ndarray,
    minima_dmm: np.ndarray,
    scope: int,
    most: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Every pair of volumes that conflicts or is undecided, once: first, second, answer, horizontal gap.

    box: (n, 6) float32, grown by half of each volume's largest minimum. order: (n,) by start.
    rows: (4, n) int32, per volume its intent, party, side and kind. minima: (3, 3) by kind.
    Stops at the pair number `most`: then there may be more.
    """
    n = len(order)
    giant, giants, place, entries = _find_giants(box, order, cell_m)
    mask = 1
    while mask < entries:
        mask *= 2
    starts, keys, volumes = _fill_cells(box, order, giant, cell_m, mask - 1)
    first, second = np.empty(1024, np.int32), np.empty(1024, np.int32)
    answers, gaps = np.empty(1024, np.int8), np.empty(1024, np.float64)
    found = 0
    # Turn by turn a run of volumes in order of start: the buckets, then every giant followed by all volumes.
    for run in range(mask + len(giants)):
        by_cell = run < mask
        g = -1 if by_cell else giants[run - mask]
        begin, end = (starts[run], starts[run + 1]) if by_cell else (0, 1)
        for a in range(begin, end):
            i = volumes[a] if by_cell else g
            for b in range(a + 1 if by_cell else 0, end if by_cell else n):
                j = volumes[b] if by_cell else order[b]
                if v.start_us[j] > v.end_us[i]:
                    break
                if by_cell and keys[a] != keys[b]:
                    continue
                if not by_cell and (v.start_us[i] > v.end_us[j] or (giant[j] and place[j] <= place[i])):
                    continue
                if _apart(v, box, rows, minima_dmm, scope, i, j):
                    continue
                if by_cell and _low_corner_key(box, i, j, cell_m) != keys[a]:
                    continue
                answer, gap = _answer(v, rows[3], min(i, j), max(i, j), minima_m, minima_dmm)
                if answer == CLEAR:
                    continue
                if found == len(first):
                    first, second = _grown(first, 2 * found), _grown(second, 2 * found)
                    answers, gaps = _grown(answers, 2 * found), _grown(gaps, 2 * found)
                first[found], second[found] = min(i, j), max(i, j)
                answers[found], gaps[found] = answer, gap
                found += 1
                if found == most:
                    return first[:found], second[:found], answers[:found], gaps[:found]
    return first[:found], second[:found], answers[:found], gaps[:found]
