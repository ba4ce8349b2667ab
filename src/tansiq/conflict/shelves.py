"""Where live volumes stand: arrays that volumes come into and leave one by one, while others read them.

Rules for the next editor:

1. A reader of version V sees the volumes with born <= V < died, and nothing else that a record says.
2. What a reader may see is never moved and never overwritten: to leave is to get a `died`. Only when
   every reader that could see a volume is gone is it taken out of its cells; only when every reader that
   could have found it in a cell is gone is its room used again. `index` keeps that order.
3. Arrays that grow are copied; readers keep those that they began with, and skip places beyond their end.
4. So no kernel here needs a lock, an atomic number or an order of two writes: what a reader may find half
   done, a chunk not yet linked or an entry with half a box, belongs to a volume that is not born for it.

A cell's entries lie in chunks of CHUNK, linked from the oldest to the newest, so that a chunk that comes does not
stand between a reader and the older ones. An entry without a volume is a hole, and the next volume of that cell
takes it.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tansiq.conflict.arrays import ECEF, VOLUME, Record, VolumeArrays
from tansiq.conflict.cells import FREE, cell, key
from tansiq.conflict.columns import NO_LIMIT
from tansiq.conflict.jit import helper, kernel
from tansiq.geometry.surface import IntArray

NEVER: Final = 2**62
"""A version that does not come: of the birth of an empty place, of the death of what lives."""
NONE: Final = -1
CHUNK: Final = 16
WIDEN: Final = 4
"""So much wider are the cells of each next level."""
LEVELS: Final = 16
SMALLEST_CELL_M: Final = 200.0
MOST_CELLS: Final = 64
"""A volume that touches more cells lives on a higher level."""
HOUR_US: Final = 3_600_000_000
MOST_HOURS: Final = 8
"""A volume that lasts longer stands in cells of no hour."""
ANY_HOUR: Final = -(2**62)
SMALLEST_RUN: Final = 4
SIZES: Final = 32
"""Runs of rows come in sizes that double, from SMALLEST_RUN on."""

LIVE: Final = np.dtype(
    [
        ("born", "i8"),
        ("died", "i8"),
        ("serial", "i8"),  # number of the insertion it came with
        ("intent", "i4"),
        ("number", "i4"),  # its row in that insertion
        ("party", "i4"),
        ("kind", "i4"),
        ("level", "i4"),  # whose cells it stands in, or NONE
        ("next", "i4"),  # place of the next volume of its intent, or of the next empty place
    ],
    align=True,
)
ENTRY: Final = np.dtype(
    [
        ("low_x_m", "f4"),
        ("low_y_m", "f4"),
        ("low_z_m", "f4"),
        ("high_x_m", "f4"),
        ("high_y_m", "f4"),
        ("high_z_m", "f4"),
        ("start_us", "i8"),
        ("end_us", "i8"),
        ("low_dmm", "i4"),  # as in VOLUME
        ("high_dmm", "i4"),
        ("lower_dmm", "i4"),
        ("upper_dmm", "i4"),
        ("native", "i4"),  # the one reference of both limits, or NO_LIMIT
        ("place", "i4"),  # the volume's, or NONE for a hole
    ],
    align=True,
)
"""64 bytes: a line of the processor's cache."""
CELL: Final = np.dtype(
    [
        ("key", "i8"),  # of its place and level, or FREE
        ("hour", "i8"),  # or ANY_HOUR
        ("head", "i4"),  # the oldest chunk; readers do not look at what follows
        ("tail", "i4"),  # the newest
        ("holes", "i4"),  # how many these have
    ],
    align=True,
)


class Shelves(NamedTuple):
    """All arrays of an index; what is in use of them stands in `used` and in the free lists."""

    arrays: VolumeArrays
    live: NDArray[np.void]  # (places,) LIVE
    cells: NDArray[np.void]  # (power of two,) CELL
    entries: NDArray[np.void]  # (chunks * CHUNK,) ENTRY
    chunk_next: NDArray[np.int32]  # (chunks,)
    run_next: IntArray  # (rows of points / SMALLEST_RUN,) per free run the next one of its size
    block_next: IntArray  # (rows of blocks / SMALLEST_RUN,)
    free_runs: IntArray  # (2, SIZES) first free run of points and of blocks per size
    levels: IntArray  # (LEVELS, 2) how many volumes stand in cells of each with an hour, and without
    used: IntArray  # (6,) see USED


PLACES, FREE_PLACES, CHUNKS, POINTS, BLOCKS, LEFT = range(6)
"""Of `used`: places ever taken; first empty place; chunks; rows of points, of blocks ever taken; and how many
volumes have left their cells since these were made."""


def empty_shelves() -> Shelves:
    """Shelves with little room and nothing on them."""
    shelves = Shelves(
        arrays=VolumeArrays(
            np.zeros(64, VOLUME),
            np.zeros((1024, 3)),
            np.zeros((64, 6), np.float32),
            ECEF,
            np.zeros((64, 6)),
            np.zeros((64, 4)),
        ),
        live=_dead(64),
        cells=_no_cells(64),
        entries=_holes(64),
        chunk_next=np.full(64, NONE, np.int32),
        run_next=np.full(1024 // SMALLEST_RUN, NONE, np.int64),
        block_next=np.full(64 // SMALLEST_RUN, NONE, np.int64),
        free_runs=np.full((2, SIZES), NONE, np.int64),
        levels=np.zeros((LEVELS, 2), np.int64),
        used=np.zeros(6, np.int64),
    )
    shelves.used[FREE_PLACES] = NONE
    return shelves


def _dead(places: int) -> NDArray[np.void]:
    live = np.zeros(places, LIVE)
    live["born"] = live["died"] = NEVER
    live["level"] = NONE
    return live


def _no_cells(slots: int) -> NDArray[np.void]:
    cells = np.zeros(slots, CELL)
    cells["key"], cells["head"], cells["tail"] = FREE, NONE, NONE
    return cells


def _holes(chunks: int) -> NDArray[np.void]:
    entries = np.zeros(chunks * CHUNK, ENTRY)
    entries["place"] = NONE
    return entries


@helper
def _wanted(
    volumes: np.ndarray, box_m: np.ndarray, begin: int, stop: int, cell_m: float, used: np.ndarray
) -> tuple[int, int, int, int]:
    """The least places, chunks, rows of points and of blocks that surely hold the volumes begin to stop as well.

    A table of cells needs twice as many slots as cells, of which there are never more than chunks.
    """
    places, chunks, points, blocks = used[PLACES] + stop - begin, used[CHUNKS], used[POINTS], used[BLOCKS]
    for i in range(begin, stop):
        level = level_of(box_m[i], cell_m)
        first, last = hours_of(volumes[i].start_us, volumes[i].end_us)
        chunks += cells_at(box_m[i], cell_m * WIDEN**level) * (last - first + 1)
        points += SMALLEST_RUN << size_of(volumes[i].count)
        if volumes[i].blocks > 0:
            blocks += SMALLEST_RUN << size_of(volumes[i].blocks)
    return places, chunks, points, blocks


def with_room(old: Shelves, cell_m: float, places: int, chunks: int, points: int, blocks: int) -> Shelves:
    """The same shelves, or copies of those arrays that have less room, twice as large or as large as needed."""
    new = _with_chunks(old, cell_m, chunks)
    a = new.arrays
    if places > len(new.live):
        size = max(places, 2 * len(new.live))
        a = a._replace(volumes=_longer(a.volumes, np.zeros(size, VOLUME)), box_m=_longer(a.box_m, size))
        new = new._replace(live=_longer(new.live, _dead(size)))
    if points > len(a.points_m):
        size = max(points, 2 * len(a.points_m))
        a = a._replace(points_m=_longer(a.points_m, size))
        new = new._replace(run_next=_longer(new.run_next, np.full(size // SMALLEST_RUN + 1, NONE, np.int64)))
    if blocks > len(a.block_box_m):
        size = max(blocks, 2 * len(a.block_box_m))
        a = a._replace(block_box_m=_longer(a.block_box_m, size), block_chart_m=_longer(a.block_chart_m, size))
        new = new._replace(block_next=_longer(new.block_next, np.full(size // SMALLEST_RUN + 1, NONE, np.int64)))
    return new._replace(arrays=a)


def _with_chunks(old: Shelves, cell_m: float, chunks: int) -> Shelves:
    """The shelves with room for so many chunks, and a table that is never more than half full.

    Before there are more chunks, the cells are made anew: time goes on, and hours that are over leave theirs empty.
    """
    new, wanted = old, chunks
    if chunks > len(old.chunk_next) and old.used[LEFT] > 0:
        more = chunks - int(old.used[CHUNKS])
        new = _made_anew(old, cell_m)
        # At least half empty, or the next time comes too soon.
        wanted = 2 * (int(new.used[CHUNKS]) + more)
    if wanted > len(new.chunk_next):
        size = max(wanted, 2 * len(new.chunk_next))
        entries, links = _longer(new.entries, _holes(size)), _longer(new.chunk_next, np.full(size, NONE, np.int32))
        # With cells of its own: readers of the old chunks must not be told of new ones.
        new = new._replace(entries=entries, chunk_next=links, cells=new.cells.copy())
    if 2 * wanted > len(new.cells):
        cells = _no_cells(1 << (2 * wanted).bit_length())
        rehash(new.cells, cells)
        new = new._replace(cells=cells)
    return new


def _longer(old: NDArray[Any], new: NDArray[Any] | int) -> NDArray[Any]:
    """The rows of the old array at the start of the new one, or of an empty one of this length."""
    longer = np.zeros((new, *old.shape[1:]), old.dtype) if isinstance(new, int) else new
    longer[: len(old)] = old
    return longer


def _made_anew(old: Shelves, cell_m: float) -> Shelves:
    """The shelves with cells that hold what stands in cells, and nothing else. Readers keep the old ones."""
    size = len(old.chunk_next)
    new = old._replace(cells=_no_cells(len(old.cells)), entries=_holes(size), chunk_next=np.full(size, NONE, np.int32))
    old.used[CHUNKS] = old.used[LEFT] = 0
    enter_all(new, cell_m)
    return new


@kernel
def enter_all(shelves: Shelves, cell_m: float) -> None:
    """Gives every volume that stands in cells its entries, in cells that have none."""
    for place in range(shelves.used[PLACES]):
        level = shelves.live[place].level
        if level != NONE:
            v, box = shelves.arrays.volumes[place], shelves.arrays.box_m[place]
            _enter(shelves, v, box, place, level, cell_m * WIDEN**level)


@kernel
def rehash(old: np.ndarray, new: np.ndarray) -> None:
    """Enters every cell in a larger table."""
    for slot in range(len(old)):
        if old[slot].key != FREE:
            new[slot_at(new, old[slot].key, old[slot].hour)] = old[slot]


@helper
def cells_at(box: np.ndarray, size_m: float) -> int:
    """How many cells of this size the box touches."""
    count = 1
    for axis in range(3):
        count *= cell(box[axis + 3], size_m) - cell(box[axis], size_m) + 1
    return count


@helper
def level_of(box: np.ndarray, cell_m: float) -> int:
    """The lowest level on which the box touches no more than MOST_CELLS cells."""
    level = 0
    while cells_at(box, cell_m * WIDEN**level) > MOST_CELLS:
        level += 1
    return level


@helper
def key_at(x: int, y: int, z: int, level: int) -> int:
    """The key of a cell of a level. No two are the same: with cells of SMALLEST_CELL_M or more these bits are alike."""
    return key(x, y, z) ^ (level << 58)


@helper
def hours_of(start_us: int, end_us: int) -> tuple[int, int]:
    """The first and last hour of a window, or ANY_HOUR twice where it lasts more than MOST_HOURS."""
    first, last = start_us // HOUR_US, end_us // HOUR_US
    if last - first >= MOST_HOURS:
        return ANY_HOUR, ANY_HOUR
    return first, last


@helper
def without_hour(v: Record) -> int:
    """1 for a volume that stands in cells of no hour, else 0."""
    return 1 if hours_of(v.start_us, v.end_us)[0] == ANY_HOUR else 0


@helper
def slot_at(cells: np.ndarray, wanted: int, hour: int) -> int:
    """Where the cell of this key and hour stands, or the free slot where it would."""
    mask = len(cells) - 1
    mixed = (np.uint64(wanted) ^ (np.uint64(hour) * np.uint64(0xD6E8FEB86659FD93))) * np.uint64(0x9E3779B97F4A7C15)
    slot = int(mixed >> np.uint64(32)) & mask
    while cells[slot].key != FREE and (cells[slot].key != wanted or cells[slot].hour != hour):
        slot = (slot + 1) & mask
    return slot


@helper
def size_of(rows: int) -> int:
    """The size of the smallest run that holds so many rows."""
    size = 0
    while (SMALLEST_RUN << size) < rows:
        size += 1
    return size


@helper
def _take_run(rows: int, free: np.ndarray, run_next: np.ndarray, used: np.ndarray, which: int) -> int:
    """The first row of a run for so many rows: one that was given back, else a new one."""
    size = size_of(rows)
    first = free[size]
    if first != NONE:
        free[size] = run_next[first // SMALLEST_RUN]
        return first
    first = used[which]
    used[which] += SMALLEST_RUN << size
    return first


@helper
def _give_run(first: int, rows: int, free: np.ndarray, run_next: np.ndarray) -> None:
    size = size_of(rows)
    run_next[first // SMALLEST_RUN] = free[size]
    free[size] = first


@kernel
def put(
    given: VolumeArrays,
    intent: np.ndarray,
    party: np.ndarray,
    kind: np.ndarray,
    begin: int,
    stop: int,
    shelves: Shelves,
    cell_m: float,
    version: int,
    serial: int,
    places: np.ndarray,
) -> tuple[bool, tuple[int, int, int, int]]:
    """Puts the volumes begin to stop on the shelves, born at this version: True, if the shelves have room for them.

    Else False, nothing is done, and what `with_room` is to be asked for. places: of all volumes given, written.
    The volumes of an intent are chained from the last to the first.
    """
    wanted = _wanted(given.volumes, given.box_m, begin, stop, cell_m, shelves.used)
    if not _has_room(shelves, wanted):
        return False, wanted
    live, volumes, boxes_m = shelves.live, shelves.arrays.volumes, shelves.arrays.box_m
    for i in range(begin, stop):
        place = _take_place(live, shelves.used)
        last = places[i - 1] if i > 0 and intent[i] == intent[i - 1] else NONE
        _copy_volume(given, i, shelves, place)
        box = boxes_m[place]
        level = level_of(box, cell_m)
        m, v = live[place], volumes[place]
        m.serial, m.intent, m.number, m.party, m.kind = serial, intent[i], i, party[i], kind[i]
        m.level, m.next, m.died, m.born = level, last, NEVER, version
        shelves.levels[level, without_hour(v)] += 1
        _enter(shelves, v, box, place, level, cell_m * WIDEN**level)
        places[i] = place
    return True, wanted


@helper
def _has_room(shelves: Shelves, wanted: tuple[int, int, int, int]) -> bool:
    places, chunks, points, blocks = wanted
    if places > len(shelves.live) or chunks > len(shelves.chunk_next) or 2 * chunks > len(shelves.cells):
        return False
    return points <= len(shelves.arrays.points_m) and blocks <= len(shelves.arrays.block_box_m)


@helper
def _take_place(live: np.ndarray, used: np.ndarray) -> int:
    place = used[FREE_PLACES]
    if place == NONE:
        place = used[PLACES]
        used[PLACES] += 1
    else:
        used[FREE_PLACES] = live[place].next
    return place


@helper
def _copy_volume(given: VolumeArrays, i: int, shelves: Shelves, place: int) -> None:
    a = shelves.arrays
    m = given.volumes[i]
    a.volumes[place] = m
    first = _take_run(m.count, shelves.free_runs[0], shelves.run_next, shelves.used, POINTS)
    a.volumes[place].first = first
    for k in range(m.count):
        for axis in range(3):
            a.points_m[first + k, axis] = given.points_m[m.first + k, axis]
    for side in range(6):
        a.box_m[place, side] = given.box_m[i, side]
    if m.blocks > 0:
        block = _take_run(m.blocks, shelves.free_runs[1], shelves.block_next, shelves.used, BLOCKS)
        a.volumes[place].first_block = block
        for k in range(m.blocks):
            for side in range(6):
                a.block_box_m[block + k, side] = given.block_box_m[m.first_block + k, side]
            for side in range(4):
                a.block_chart_m[block + k, side] = given.block_chart_m[m.first_block + k, side]


@helper
def _enter(shelves: Shelves, v: Record, box: np.ndarray, place: int, level: int, size_m: float) -> None:
    """Gives the volume an entry in every cell that its box touches, for every hour of its window or for any hour."""
    cells, entries = shelves.cells, shelves.entries
    chunk_next, used = shelves.chunk_next, shelves.used
    first, last = hours_of(v.start_us, v.end_us)
    native = v.lower_reference if v.lower_reference == v.upper_reference else NO_LIMIT
    for x in range(cell(box[0], size_m), cell(box[3], size_m) + 1):
        for y in range(cell(box[1], size_m), cell(box[4], size_m) + 1):
            for z in range(cell(box[2], size_m), cell(box[5], size_m) + 1):
                for hour in range(first, last + 1):
                    e = entries[_take_entry(cells, entries, chunk_next, used, key_at(x, y, z, level), hour)]
                    e.low_x_m, e.low_y_m, e.low_z_m = box[0], box[1], box[2]
                    e.high_x_m, e.high_y_m, e.high_z_m = box[3], box[4], box[5]
                    e.start_us, e.end_us, e.low_dmm, e.high_dmm = v.start_us, v.end_us, v.low_dmm, v.high_dmm
                    e.lower_dmm, e.upper_dmm, e.native, e.place = v.lower_dmm, v.upper_dmm, native, place


@helper
def _take_entry(
    cells: np.ndarray,
    entries: np.ndarray,
    chunk_next: np.ndarray,
    used: np.ndarray,
    wanted: int,
    hour: int,
) -> int:
    """The row of a free entry of this cell: a hole, or the first of a new chunk."""
    c = cells[slot_at(cells, wanted, hour)]
    if c.key == FREE:
        # A reader that finds a cell half made finds it empty, which for that reader it is.
        c.key, c.hour = wanted, hour
    if c.holes == 0:
        chunk = used[CHUNKS]
        used[CHUNKS] += 1
        if c.head == NONE:
            c.head = chunk
        else:
            chunk_next[c.tail] = chunk
        c.tail, c.holes = chunk, CHUNK
    c.holes -= 1
    # The newest chunk first: it is the one that is not full as a rule.
    entry = _hole_in(entries, c.tail)
    chunk = c.head
    while entry == NONE:
        entry = _hole_in(entries, chunk)
        chunk = chunk_next[chunk]
    return entry


@helper
def _hole_in(entries: np.ndarray, chunk: int) -> int:
    for entry in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        if entries[entry].place == NONE:
            return entry
    return NONE


@kernel
def bury(live: np.ndarray, last: int, version: int) -> None:
    """From this version on the volumes of an intent, whose last place this is, are dead. Nothing is moved."""
    place = last
    while place != NONE:
        live[place].died = version
        place = live[place].next


@kernel
def unlink(shelves: Shelves, last: int, cell_m: float) -> None:
    """Takes the volumes of an intent out of their cells. No reader is left who may see them."""
    cells, entries, chunk_next = shelves.cells, shelves.entries, shelves.chunk_next
    place = last
    while place != NONE:
        box, level, v = shelves.arrays.box_m[place], shelves.live[place].level, shelves.arrays.volumes[place]
        size_m = cell_m * WIDEN**level
        first, last_hour = hours_of(v.start_us, v.end_us)
        for x in range(cell(box[0], size_m), cell(box[3], size_m) + 1):
            for y in range(cell(box[1], size_m), cell(box[4], size_m) + 1):
                for z in range(cell(box[2], size_m), cell(box[5], size_m) + 1):
                    for hour in range(first, last_hour + 1):
                        slot = slot_at(cells, key_at(x, y, z, level), hour)
                        _leave(cells[slot], entries, chunk_next, place)
        shelves.levels[level, without_hour(v)] -= 1
        shelves.live[place].level = NONE
        shelves.used[LEFT] += 1
        place = shelves.live[place].next


@helper
def _leave(c: Record, entries: np.ndarray, chunk_next: np.ndarray, place: int) -> None:
    chunk = c.head
    while chunk != NONE:
        for entry in range(chunk * CHUNK, (chunk + 1) * CHUNK):
            if entries[entry].place == place:
                entries[entry].place = NONE
                c.holes += 1
                return
        chunk = chunk_next[chunk]


@kernel
def release(shelves: Shelves, last: int) -> None:
    """Lets the room of an intent be used again. No reader is left who may have found one of its volumes."""
    place = last
    while place != NONE:
        m, v = shelves.live[place], shelves.arrays.volumes[place]
        following = m.next
        _give_run(v.first, v.count, shelves.free_runs[0], shelves.run_next)
        if v.blocks > 0:
            _give_run(v.first_block, v.blocks, shelves.free_runs[1], shelves.block_next)
        m.born, m.died, m.next = NEVER, NEVER, shelves.used[FREE_PLACES]
        shelves.used[FREE_PLACES] = place
        place = following
