"""Volumes that touch too many cells, held against all smaller ones without looking at each.

Such a volume lives on a higher level, where cells are wider. The smaller ones come in tiles: all
whose middles lie in one cube. Where a ball round all of a tile lies far from a giant's border, or beyond all
of it, one look answers for the whole tile.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tansiq.conflict.arrays import Record, VolumeArrays
from tansiq.conflict.cells import FREE, HERE, MARK, Cells, boxes_meet, cell, doubled, key, slot_of
from tansiq.conflict.jit import helper, kernel
from tansiq.conflict.narrow import CERTAIN, CLEAR, POSSIBLE, encloses, error_m, point_to_outline_m, vertical
from tansiq.conflict.sweep import Asked, Found, answer, cut, no_pairs
from tansiq.geometry.certainty import TOLERANCE_M
from tansiq.geometry.footprint import CoreKind
from tansiq.geometry.surface import IntArray

MIXED: Final = 4
"""No one answer holds for all volumes of a tile."""
WIDE_M: Final = 300_000.0
"""A tile of this radius is none; up to here an arc is less than 1.0001 of its chord."""
_STRETCH: Final = 1.001
_AREA: Final = int(CoreKind.AREA)


class Tiles(NamedTuple):
    """Volumes in groups that lie near each other."""

    starts: IntArray  # (tiles + 1,) rows of members
    members: NDArray[np.int32]  # places of marks
    ball_m: np.ndarray  # (tiles, 4) centre and radius of a ball that holds all its members
    marks: np.ndarray  # (tiles,) MARK, round those of all members; group, party and kind say nothing


@kernel
def tile_keys(v: VolumeArrays, marks: np.ndarray, chosen: np.ndarray, tile_m: float) -> np.ndarray:
    """Per chosen mark the key of the cube that its volume's middle lies in."""
    keys = np.empty(len(chosen), np.int64)
    for k in range(len(chosen)):
        at = v.volumes[marks[chosen[k]].volume].center_m
        keys[k] = key(cell(at[0], tile_m), cell(at[1], tile_m), cell(at[2], tile_m))
    return keys


@kernel
def hulls(v: VolumeArrays, marks: np.ndarray, starts: np.ndarray, members: np.ndarray, hull: np.ndarray) -> np.ndarray:
    """Writes the marks round the members of each tile to `hull`; their balls."""
    balls = np.empty((len(starts) - 1, 4))
    for tile in range(len(starts) - 1):
        at = v.volumes[marks[members[starts[tile]]].volume].center_m
        balls[tile, 0], balls[tile, 1], balls[tile, 2], balls[tile, 3] = at[0], at[1], at[2], 0.0
        h = hull[tile]
        _start_hull(h)
        for entry in range(starts[tile], starts[tile + 1]):
            m = marks[members[entry]]
            _widen(h, m)
            there = v.volumes[m.volume]
            dx, dy, dz = there.center_m[0] - at[0], there.center_m[1] - at[1], there.center_m[2] - at[2]
            balls[tile, 3] = max(balls[tile, 3], math.sqrt(dx * dx + dy * dy + dz * dz) + there.radius_m)
    return balls


@helper
def _start_hull(h: Record) -> None:
    h.low_x_m, h.low_y_m, h.low_z_m = math.inf, math.inf, math.inf
    h.high_x_m, h.high_y_m, h.high_z_m = -math.inf, -math.inf, -math.inf
    h.start_us, h.end_us = np.int64(2**62), np.int64(-(2**62))
    h.low_dmm, h.high_dmm = np.int32(2**31 - 1), np.int32(-(2**31) + 1)


@helper
def _widen(h: Record, m: Record) -> None:
    h.low_x_m, h.low_y_m, h.low_z_m = min(h.low_x_m, m.low_x_m), min(h.low_y_m, m.low_y_m), min(h.low_z_m, m.low_z_m)
    h.high_x_m, h.high_y_m = max(h.high_x_m, m.high_x_m), max(h.high_y_m, m.high_y_m)
    h.high_z_m = max(h.high_z_m, m.high_z_m)
    h.start_us, h.end_us = min(h.start_us, m.start_us), max(h.end_us, m.end_us)
    h.low_dmm, h.high_dmm = min(h.low_dmm, m.low_dmm), max(h.high_dmm, m.high_dmm)


def tiles_of(v: VolumeArrays, marks: np.ndarray, chosen: NDArray[np.int64], tile_m: float) -> Tiles:
    """The chosen marks, given in ascending order, in tiles of this size."""
    keys = tile_keys(v, marks, chosen, tile_m)
    order = np.argsort(keys)
    ends = np.flatnonzero(np.diff(keys[order])) + 1
    starts = np.concatenate([[0], ends, [len(chosen)]]).astype(np.int64)
    members = chosen[order].astype(np.int32)
    hull = np.zeros(len(starts) - 1, MARK)
    return Tiles(starts, members, hulls(v, marks, starts, members, hull), hull)


@helper
def _together(m: Record, n: Record) -> bool:
    """Whether boxes, windows and heights of two marks meet."""
    if m.start_us > n.end_us or n.start_us > m.end_us or m.low_dmm > n.high_dmm or n.low_dmm > m.high_dmm:
        return False
    return boxes_meet(m, n)


@helper
def _all_of(v: VolumeArrays, ball: np.ndarray, i: int, minimum_m: float) -> int:
    """CLEAR where everything in the ball keeps the minimum from volume i; CERTAIN where all overlaps it; or MIXED."""
    if ball[3] > WIDE_M:
        return MIXED
    m = v.volumes[i]
    radius_m = ball[3] * _STRETCH + 1.0
    reach_m = m.buffer_m + radius_m + minimum_m + TOLERANCE_M
    give_up_m = reach_m + 2.0 * error_m(1.1 * reach_m)
    away_m = point_to_outline_m(v, ball[0], ball[1], ball[2], i, give_up_m)
    error = error_m(away_m)
    if m.core == _AREA:
        if away_m - error <= reach_m:
            return MIXED
        return CERTAIN if encloses(v, i, ball[0], ball[1], ball[2]) else CLEAR
    if away_m - error > reach_m:
        return CLEAR
    return CERTAIN if away_m + error + radius_m + TOLERANCE_M < m.buffer_m else MIXED


@helper
def _answer_inside(m: Record, n: Record, minimum_m: float, minimum_dmm: int) -> int:
    """The answer for two volumes whose footprints certainly overlap."""
    up = vertical(m, n, minimum_dmm, minimum_m == 0.0)
    if up == POSSIBLE and minimum_m > 0.0 and vertical(m, n, minimum_dmm, True) == CERTAIN:
        return CERTAIN
    return up


@helper
def _hold_tile(
    v: VolumeArrays,
    marks: np.ndarray,
    g: Record,
    members: np.ndarray,
    whole: int,
    asked: Asked,
    most: int,
    found: Found,
    count: int,
) -> tuple[Found, int]:
    """Notes what a giant has to do with the members of a tile, of which `whole` is known; stops at `most`."""
    # Each array by itself, as in `sweep`.
    volumes, minima_m, minima_dmm = v.volumes, asked.minima_m, asked.minima_dmm
    first, second, answers, gaps_m = found.first, found.second, found.answers, found.gaps_m
    giant = volumes[g.volume]
    for k in range(len(members)):
        m = marks[members[k]]
        if m.group == g.group or m.party == g.party or not _together(m, g):
            continue
        i, j = min(m.volume, g.volume), max(m.volume, g.volume)
        minimum_m, minimum_dmm = minima_m[m.kind, g.kind], minima_dmm[m.kind, g.kind]
        if whole == CERTAIN:
            told, gap_m = _answer_inside(volumes[m.volume], giant, minimum_m, minimum_dmm), 0.0
        else:
            told, gap_m = answer(v, i, v, j, minimum_m, minimum_dmm)
        if told == CLEAR:
            continue
        if count == len(first):
            first, second, answers, gaps_m = doubled(first), doubled(second), doubled(answers), doubled(gaps_m)
        first[count], second[count], answers[count], gaps_m[count] = i, j, told, gap_m
        count += 1
        if count == most:
            break
    return Found(first, second, answers, gaps_m), count


@kernel
def hold(
    v: VolumeArrays, marks: np.ndarray, cells: Cells, tiles: Tiles, asked: Asked, begin: int, stop: int, most: int
) -> Found:
    """What is found between the tiles begin to stop and the marks in the cells; no more than `most`, as in `sweep`."""
    found, count = no_pairs(), 0
    size_m, minimum_m = cells.cell_m, asked.minima_m.max()
    for tile in range(begin, stop):
        t = tiles.marks[tile]
        members = tiles.members[tiles.starts[tile] : tiles.starts[tile + 1]]
        x0, y0, z0 = cell(t.low_x_m, size_m), cell(t.low_y_m, size_m), cell(t.low_z_m, size_m)
        for x in range(x0, cell(t.high_x_m, size_m) + 1):
            for y in range(y0, cell(t.high_y_m, size_m) + 1):
                for z in range(z0, cell(t.high_z_m, size_m) + 1):
                    slot = slot_of(cells.slots, key(x, y, z))
                    if cells.slots[slot] == FREE:
                        continue
                    begins = (x == x0) | (y == y0) << 1 | (z == z0) << 2
                    number = cells.numbers[slot]
                    for entry in range(cells.starts[number], cells.starts[number + 1]):
                        g = marks[cells.marks[entry]]
                        if g.start_us > t.end_us:
                            break
                        if (cells.begins[entry] | begins) != HERE or not _together(t, g):
                            continue
                        whole = _all_of(v, tiles.ball_m[tile], g.volume, minimum_m)
                        if whole == CLEAR:
                            continue
                        found, count = _hold_tile(v, marks, g, members, whole, asked, most, found, count)
                        if count == most:
                            return cut(found, count)
    return cut(found, count)
