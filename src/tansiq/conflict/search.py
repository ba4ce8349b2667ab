"""Who of the live volumes conflicts with these: the kernel behind `index`."""

from typing import Final

import numpy as np

from tansiq.conflict.arrays import FLOAT32_M, Record, VolumeArrays
from tansiq.conflict.cells import cell, clipped, doubled
from tansiq.conflict.columns import NO_LIMIT
from tansiq.conflict.flat import FLAT, MOST_POINTS, by_edges, by_middles, lay, lay_middle, lay_points, room_for_edges
from tansiq.conflict.jit import helper, kernel
from tansiq.conflict.narrow import CERTAIN, CLEAR, UNDECIDED, vertical
from tansiq.conflict.shelves import (
    ANY_HOUR,
    CHUNK,
    ENTRY,
    HOUR_US,
    LEVELS,
    NONE,
    WIDEN,
    Shelves,
    cells_at,
    key_at,
    slot_at,
)
from tansiq.conflict.sweep import Asked, answer
from tansiq.geometry.certainty import TOLERANCE_M
from tansiq.units import Reference

MOST_PROBES: Final = 4_096
"""A volume that would look into more cells looks at all live volumes instead."""
_AGL: Final = int(Reference.AGL)


@helper
def _ask(q: Record, v: VolumeArrays, i: int, kind: int, asked: Asked) -> None:
    """Sets what volume i asks of entries: its box and heights, grown by its largest minima."""
    grown = 2.0 * asked.half_m[kind] + TOLERANCE_M + FLOAT32_M
    box, m = v.box_m[i], v.volumes[i]
    q.low_x_m, q.low_y_m, q.low_z_m = box[0] - grown, box[1] - grown, box[2] - grown
    q.high_x_m, q.high_y_m, q.high_z_m = box[3] + grown, box[4] + grown, box[5] + grown
    q.start_us, q.end_us = m.start_us, m.end_us
    up = 2 * asked.half_dmm[kind]
    q.low_dmm, q.high_dmm = clipped(int(m.low_dmm) - up), clipped(int(m.high_dmm) + up)
    q.lower_dmm, q.upper_dmm = clipped(int(m.lower_dmm) - up), clipped(int(m.upper_dmm) + up)
    one = m.lower_reference == m.upper_reference and (m.lower_reference != _AGL or asked.half_m.max() == 0.0)
    q.native, q.place = m.lower_reference if one else NO_LIMIT, NONE


@helper
def concerns(q: Record, e: Record) -> bool:
    """Whether an entry, or a volume made into one, may be of concern to what is asked."""
    native = (q.native == e.native) & (q.native != NO_LIMIT)
    low_q, high_q = (q.lower_dmm, q.upper_dmm) if native else (q.low_dmm, q.high_dmm)
    low_e, high_e = (e.lower_dmm, e.upper_dmm) if native else (e.low_dmm, e.high_dmm)
    return (
        (e.place != NONE)
        & (e.start_us <= q.end_us)
        & (q.start_us <= e.end_us)
        & (e.low_x_m <= q.high_x_m)
        & (q.low_x_m <= e.high_x_m)
        & (e.low_y_m <= q.high_y_m)
        & (q.low_y_m <= e.high_y_m)
        & (e.low_z_m <= q.high_z_m)
        & (q.low_z_m <= e.high_z_m)
        & (low_e <= high_q)
        & (low_q <= high_e)
    )


@helper
def _in_cells(
    q: Record,
    level: int,
    size_m: float,
    hours: tuple[int, int],
    cells: np.ndarray,
    entries: np.ndarray,
    chunk_next: np.ndarray,
    places: np.ndarray,
    count: int,
) -> int:
    """Writes down the places of all entries of a level that are of concern, each once; how many there are now.

    What finds no room is counted, and not written.
    """
    x0, y0, z0 = cell(q.low_x_m, size_m), cell(q.low_y_m, size_m), cell(q.low_z_m, size_m)
    first, last = hours
    for x in range(x0, cell(q.high_x_m, size_m) + 1):
        for y in range(y0, cell(q.high_y_m, size_m) + 1):
            for z in range(z0, cell(q.high_z_m, size_m) + 1):
                for hour in range(first, last + 1):
                    chunk = cells[slot_at(cells, key_at(x, y, z, level), hour)].head
                    while chunk != NONE:
                        for entry in range(chunk * CHUNK, (chunk + 1) * CHUNK):
                            e = entries[entry]
                            if not concerns(q, e):
                                continue
                            # Of the cells that both touch, the one with the low corner of their overlap.
                            here = (x == x0 or cell(e.low_x_m, size_m) == x) and (
                                y == y0 or cell(e.low_y_m, size_m) == y
                            )
                            here = here and (z == z0 or cell(e.low_z_m, size_m) == z)
                            if here and (hour == first or e.start_us // HOUR_US == hour):
                                if count < len(places):
                                    places[count] = e.place
                                count += 1
                        chunk = chunk_next[chunk]
    return count


@helper
def _in_all(q: Record, volumes: np.ndarray, box_m: np.ndarray, places: np.ndarray, e: Record) -> int:
    """As `_in_cells`, of all volumes there are."""
    count = 0
    for place in range(len(volumes)):
        box, m = box_m[place], volumes[place]
        e.low_x_m, e.low_y_m, e.low_z_m = box[0], box[1], box[2]
        e.high_x_m, e.high_y_m, e.high_z_m = box[3], box[4], box[5]
        e.start_us, e.end_us, e.low_dmm, e.high_dmm = m.start_us, m.end_us, m.low_dmm, m.high_dmm
        e.native, e.place = NO_LIMIT, place
        if concerns(q, e):
            if count < len(places):
                places[count] = place
            count += 1
    return count


@helper
def _many_cells(box: np.ndarray, hours: int, levels: np.ndarray, cell_m: float) -> bool:
    probes = 0
    for level in range(LEVELS):
        count = hours * (levels[level, 0] > 0) + (levels[level, 1] > 0)
        if count > 0:
            probes += cells_at(box, cell_m * WIDEN**level) * count
    return probes > MOST_PROBES


@helper
def _gather(q: Record, box: np.ndarray, shelves: Shelves, cell_m: float, places: np.ndarray, e: Record) -> int:
    """Writes down the places of all volumes that are of concern, dead ones and unborn ones among them; their number.

    box, e: room for a box and an entry.
    """
    box[0], box[1], box[2] = q.low_x_m, q.low_y_m, q.low_z_m
    box[3], box[4], box[5] = q.high_x_m, q.high_y_m, q.high_z_m
    hours = q.start_us // HOUR_US, q.end_us // HOUR_US
    levels = shelves.levels
    if hours[1] - hours[0] > MOST_PROBES or _many_cells(box, hours[1] - hours[0] + 1, levels, cell_m):
        return _in_all(q, shelves.arrays.volumes, shelves.arrays.box_m, places, e)
    cells, entries, chunk_next = shelves.cells, shelves.entries, shelves.chunk_next
    count = 0
    for level in range(LEVELS):
        size_m = cell_m * WIDEN**level
        if levels[level, 0] > 0:
            count = _in_cells(q, level, size_m, hours, cells, entries, chunk_next, places, count)
        if levels[level, 1] > 0:
            any_hour = ANY_HOUR, ANY_HOUR
            count = _in_cells(q, level, size_m, any_hour, cells, entries, chunk_next, places, count)
    return count


@kernel
def search(
    v: VolumeArrays,
    intent: np.ndarray,
    party: np.ndarray,
    kind: np.ndarray,
    shelves: Shelves,
    cell_m: float,
    asked: Asked,
    between_parties_only: bool,
    version: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]:
    """Every pair of an asked volume and a live one that conflicts or is undecided, and how many are not settled.

    The asked volume's row; the live one's intent and number; the answer; the gap; the live one's place. Live is
    what was born by this version and had not died by it. Volumes of one intent are never compared.
    """
    row, intents, numbers = np.empty(64, np.int32), np.empty(64, np.int32), np.empty(64, np.int32)
    answers, gaps_m, where = np.empty(64, np.int8), np.empty(64), np.empty(64, np.int64)
    count, unsettled = 0, 0
    w, live, room = shelves.arrays, shelves.live, room_for_edges()
    asking, asked_points_m, volumes, points_m = v.volumes, v.points_m, w.volumes, w.points_m
    minima_m, minima_dmm = asked.minima_m, asked.minima_dmm
    places, both, box = np.empty(256, np.int64), np.empty(2, ENTRY), np.empty(6)
    rows, points = np.empty(2, FLAT), np.empty((2 * MOST_POINTS + 2, 2))
    for i in range(len(asking)):
        m = asking[i]
        _ask(both[0], v, i, kind[i], asked)
        gathered = _gather(both[0], box, shelves, cell_m, places, both[1])
        if gathered > len(places):
            places = np.empty(2 * gathered, np.int64)
            gathered = min(len(places), _gather(both[0], box, shelves, cell_m, places, both[1]))
        at = lay(rows[0], points, 0, asked_points_m, m, m, 0.0) if gathered > 0 else 0
        for k in range(gathered):
            place = places[k]
            if place >= len(live) or live[place].born > version or live[place].died <= version:
                continue
            o, n = live[place], volumes[place]
            if o.intent == intent[i] or (between_parties_only and o.party == party[i]):
                continue
            minimum_m, minimum_dmm = minima_m[kind[i], o.kind], minima_dmm[kind[i], o.kind]
            told, gap_m = UNDECIDED, 0.0
            if lay_middle(rows[1], n, m):
                told = by_middles(rows[0], rows[1], minimum_m)
                if told == UNDECIDED:
                    lay_points(rows[1], points, at, points_m, n, m, 0.0)
                    told = by_edges(points, rows[0], rows[1], minimum_m, room)
            if told == CLEAR:
                continue
            if told == UNDECIDED or vertical(m, n, minimum_dmm, minimum_m == 0.0) != CERTAIN:
                told, gap_m = answer(v, i, w, place, minimum_m, minimum_dmm)
                if told == CLEAR:
                    continue
            if count == len(row):
                row, intents, numbers = doubled(row), doubled(intents), doubled(numbers)
                answers, gaps_m, where = doubled(answers), doubled(gaps_m), doubled(where)
            row[count], intents[count], numbers[count] = i, o.intent, o.number
            answers[count], gaps_m[count], where[count] = told, gap_m, place
            count += 1
            if told == UNDECIDED or gap_m > 0.0:
                unsettled += 1
    return row[:count], intents[:count], numbers[:count], answers[:count], gaps_m[:count], where[:count], unsettled
