"""Space divided into cubes round the Earth's centre, so that no seam runs over the globe; cubes found by a hash.

Every volume has a mark: what tells at a glance that it is of no concern to another one. Marks stand in the
order of their volumes' starts, and a mark's place in that order is its name within a run.
"""

import math
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tansiq.conflict.arrays import FLOAT32_M, UNBOUNDED_DMM, Record, VolumeArrays
from tansiq.conflict.jit import helper, kernel
from tansiq.geometry.certainty import TOLERANCE_M
from tansiq.geometry.surface import IntArray

_AXIS_BITS: Final = 21
_AXIS_ZERO: Final = 1 << 20
"""A cell's number along an axis, counted from the Earth's centre, is kept positive by adding this."""
HERE: Final = 7
"""Along every axis one of two boxes begins in this cell: it alone holds the low corner of their overlap."""
FREE: Final = -1
"""Stands for the key in a slot of the table that holds no cell."""
FEWEST_SLOTS: Final = 64

MARK: Final = np.dtype(
    [
        ("low_x_m", "f4"),  # the box, grown by half of the volume's largest minimum
        ("low_y_m", "f4"),
        ("low_z_m", "f4"),
        ("high_x_m", "f4"),
        ("high_y_m", "f4"),
        ("high_z_m", "f4"),
        ("start_us", "i8"),
        ("end_us", "i8"),
        ("low_dmm", "i4"),  # the least and greatest height above sea level that its limits can mean, grown likewise
        ("high_dmm", "i4"),
        ("volume", "i4"),  # its row in the arrays
        ("group", "i4"),  # volumes of one group are never compared: their intent, party or side, as is asked
        ("party", "i4"),  # and none of one party, where that is asked beside sides; else a number of its own
        ("kind", "i4"),
    ],
    align=True,
)
"""64 bytes: a line of the processor's cache."""
Marks = NDArray[Any]


class Cells(NamedTuple):
    """Marks by the cells that their boxes touch, in each cell in the order of their starts."""

    cell_m: float
    slots: IntArray  # (power of two,) a cell's key, or FREE
    numbers: NDArray[np.int32]  # (same,) that cell's number
    keys: IntArray  # (cells,)
    starts: IntArray  # (cells + 1,) rows of marks
    marks: NDArray[np.int32]  # (entries,) places of marks
    begins: NDArray[np.int8]  # (entries,) along which axes the mark's box begins in this cell: bits 1, 2, 4


@helper
def cell(x_m: float, cell_m: float) -> int:
    """The number of the cell along an axis."""
    return math.floor(x_m / cell_m) + _AXIS_ZERO


@helper
def key(x: int, y: int, z: int) -> int:
    """One number for the three."""
    return (x << (2 * _AXIS_BITS)) | (y << _AXIS_BITS) | z


@helper
def slot_of(slots: np.ndarray, wanted: int) -> int:
    """Where the key stands, or the free slot where it would."""
    mask = len(slots) - 1
    mixed = np.uint64(wanted) * np.uint64(0x9E3779B97F4A7C15)
    slot = int(mixed >> np.uint64(32)) & mask
    while slots[slot] != FREE and slots[slot] != wanted:
        slot = (slot + 1) & mask
    return slot


@helper
def _grown_table(slots: np.ndarray, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same cells in a table of twice the size."""
    larger = np.full(2 * len(slots), FREE, np.int64)
    numbers_too = np.empty(2 * len(slots), np.int32)
    for slot in range(len(slots)):
        if slots[slot] != FREE:
            there = slot_of(larger, slots[slot])
            larger[there] = slots[slot]
            numbers_too[there] = numbers[slot]
    return larger, numbers_too


@helper
def cell_count(marks: Marks, k: int, cell_m: float) -> int:
    """How many cells the box of mark k touches."""
    m = marks[k]
    x = cell(m.high_x_m, cell_m) - cell(m.low_x_m, cell_m) + 1
    y = cell(m.high_y_m, cell_m) - cell(m.low_y_m, cell_m) + 1
    z = cell(m.high_z_m, cell_m) - cell(m.low_z_m, cell_m) + 1
    return x * y * z


@helper
def boxes_meet(m: Record, n: Record) -> bool:
    """Whether two boxes share a point."""
    if m.low_x_m > n.high_x_m or n.low_x_m > m.high_x_m:
        return False
    if m.low_y_m > n.high_y_m or n.low_y_m > m.high_y_m:
        return False
    return not (m.low_z_m > n.high_z_m or n.low_z_m > m.high_z_m)


@kernel
def levels_of(marks: Marks, cell_m: float, widen: int, most_cells: int) -> np.ndarray:
    """Per mark the first level whose cells hold it in at most `most_cells`; each level's are `widen` times as wide."""
    levels = np.zeros(len(marks), np.int8)
    for k in range(len(marks)):
        size_m = cell_m
        while cell_count(marks, k, size_m) > most_cells:
            levels[k] += 1
            size_m *= widen
    return levels


@kernel
def fill_cells(marks: Marks, chosen: np.ndarray, cell_m: float) -> tuple[np.ndarray, ...]:
    """The `Cells` of the chosen marks, given in ascending order, as a tuple without cell_m."""
    entries = 0
    for k in chosen:
        entries += cell_count(marks, k, cell_m)
    slots, numbers = np.full(FEWEST_SLOTS, FREE, np.int64), np.empty(FEWEST_SLOTS, np.int32)
    keys, counts = np.empty(FEWEST_SLOTS, np.int64), np.zeros(FEWEST_SLOTS, np.int64)
    number_of, begins_of = np.empty(entries, np.int32), np.empty(entries, np.int8)
    cells, entry = 0, 0
    for k in chosen:
        m = marks[k]
        x0, y0, z0 = cell(m.low_x_m, cell_m), cell(m.low_y_m, cell_m), cell(m.low_z_m, cell_m)
        for x in range(x0, cell(m.high_x_m, cell_m) + 1):
            for y in range(y0, cell(m.high_y_m, cell_m) + 1):
                for z in range(z0, cell(m.high_z_m, cell_m) + 1):
                    here = key(x, y, z)
                    slot = slot_of(slots, here)
                    if slots[slot] == FREE:
                        slots[slot], numbers[slot], keys[cells] = here, cells, here
                        cells += 1
                        if 2 * cells >= len(slots):
                            slots, numbers = _grown_table(slots, numbers)
                            keys, counts = doubled(keys), doubled(counts)
                            slot = slot_of(slots, here)
                    number_of[entry] = numbers[slot]
                    begins_of[entry] = (x == x0) | (y == y0) << 1 | (z == z0) << 2
                    counts[numbers[slot]] += 1
                    entry += 1
    starts = np.zeros(cells + 1, np.int64)
    for number in range(cells):
        starts[number + 1] = starts[number] + counts[number]
    placed, begins = np.empty(entries, np.int32), np.empty(entries, np.int8)
    cursor = starts.copy()
    entry = 0
    for k in chosen:
        for _ in range(cell_count(marks, k, cell_m)):
            number = number_of[entry]
            placed[cursor[number]], begins[cursor[number]] = k, begins_of[entry]
            cursor[number] += 1
            entry += 1
    return slots, numbers, keys[:cells], starts, placed, begins


@helper
def doubled(old: np.ndarray) -> np.ndarray:
    """The array with as many zeros behind it. A loop: numba compiles a slice that is assigned to for two seconds."""
    new = np.zeros(2 * len(old), old.dtype)
    for k in range(len(old)):
        new[k] = old[k]
    return new


@helper
def clipped(dmm: int) -> int:
    """The height as far as the number goes, which is further than any height."""
    return max(-UNBOUNDED_DMM, min(UNBOUNDED_DMM, dmm))


@kernel
def mark_volumes(
    v: VolumeArrays,
    order: np.ndarray,
    group: np.ndarray,
    party: np.ndarray,
    kind: np.ndarray,
    half_m: np.ndarray,
    half_dmm: np.ndarray,
    marks: Marks,
) -> None:
    """Writes the marks of the volumes in this order; half_m and half_dmm: half of the largest minima of each kind."""
    for k in range(len(order)):
        i = order[k]
        m, volume, box = marks[k], v.volumes[i], v.box_m[i]
        grown = half_m[kind[i]] + TOLERANCE_M + FLOAT32_M
        m.low_x_m, m.low_y_m, m.low_z_m = box[0] - grown, box[1] - grown, box[2] - grown
        m.high_x_m, m.high_y_m, m.high_z_m = box[3] + grown, box[4] + grown, box[5] + grown
        m.start_us, m.end_us = volume.start_us, volume.end_us
        m.low_dmm = clipped(int(volume.low_dmm) - half_dmm[kind[i]])
        m.high_dmm = clipped(int(volume.high_dmm) + half_dmm[kind[i]])
        m.volume, m.group, m.party, m.kind = i, group[i], party[i], kind[i]
