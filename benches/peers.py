"""The other engines on workload W1, each in the fastest form that was found for it; plain forms: plain_peers.py.

Every peer gets the same workload as tansiq, and pays for the same way: degrees in, sorted pairs out. All
work in one plane (`plane_m`) and leave the last word to shapely (`meeting`); they differ in how they come to
their candidates. What was tried and was slower is said at each of them, at 100,000 volumes.

Rules for the next editor:

1. A peer may be made faster at any time, and never slower: it shall be the strongest honest opponent.
2. A peer knows nothing that tansiq is not given, too: no sorted input, no made geometry, no ready index.
3. Touching is a conflict: every comparison here includes its bound.
"""

import sqlite3
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from benches.workloads import MIDDLE, IntArray, Workload
from tansiq.geometry.earth import ECCENTRICITY_SQUARED, EQUATORIAL_RADIUS_M, FloatArray

BoolArray = NDArray[np.bool_]
PLANE_CHUNK: Final = 65_536
"""So many points are projected at once: what is computed on the way stays in the processor's cache."""
SLICE_S: Final = 1_800
"""How long a slice of time is that gets a tree or a cell of its own; from 15 minutes to an hour all are as fast."""
CELL_M: Final = 2_000.0
TREE_NODE: Final = 16
"""Entries per node of libspatialindex's trees; its default of 100 is half as fast."""
PREPARED: Final = 1_000


class Plane(NamedTuple):
    """A workload's points and radii in a plane, and its boxes there."""

    x_m: FloatArray  # (m,)
    y_m: FloatArray  # (m,)
    radius_m: FloatArray  # (n,) 0 for a polygon
    low_m: FloatArray  # (n, 2)
    high_m: FloatArray  # (n, 2)


def plane_m(w: Workload) -> Plane:
    """The workload in the stereographic plane round the workloads' middle, true to 2 mm within 160 km of it.

    The plane itself stretches a length by (d / 2R)^2 at a distance d from the middle, 15 cm per km at 158
    km. That is put right where it is cheap: a circle in it is a circle, so its radius is stretched with
    it and its centre moved to where the middle of its image lies. What is left is how far a polygon's straight
    edge runs beside the geodesic, at most 5 mm at 1,000,000 volumes and 0.5 mm at 10,000.
    """
    sin0, cos0 = np.sin(np.radians(MIDDLE.lat_deg)), np.cos(np.radians(MIDDLE.lat_deg))
    over = 1 - ECCENTRICITY_SQUARED * sin0**2
    normal_m = EQUATORIAL_RADIUS_M / np.sqrt(over)
    earth_m = normal_m * np.sqrt((1 - ECCENTRICITY_SQUARED) / over)
    x_m, y_m = np.empty(len(w.lat_deg)), np.empty(len(w.lat_deg))
    for k in range(0, len(x_m), PLANE_CHUNK):
        part = slice(k, k + PLANE_CHUNK)
        lat, lng = np.radians(w.lat_deg[part]), np.radians(w.lng_deg[part] - MIDDLE.lng_deg)
        sin, cos = np.sin(lat), np.cos(lat)
        radius = EQUATORIAL_RADIUS_M / np.sqrt(1 - ECCENTRICITY_SQUARED * sin**2)
        # Earth-centred, the meridian of the middle to the front, less the middle.
        front = radius * cos * np.cos(lng) - normal_m * cos0
        top = (1 - ECCENTRICITY_SQUARED) * (radius * sin - normal_m * sin0)
        up = cos0 * front + sin0 * top
        scale = 2 * earth_m / (2 * earth_m + up)
        x_m[part] = radius * cos * np.sin(lng) * scale
        y_m[part] = (cos0 * top - sin0 * front) * scale
    first = w.offsets[:-1]
    outward = 1 + (w.radius_m / (2 * earth_m)) ** 2
    circles = np.flatnonzero(w.radius_m)
    x_m[first[circles]] *= outward[circles]
    y_m[first[circles]] *= outward[circles]
    stretch = 1 + (x_m[first] ** 2 + y_m[first] ** 2) / (2 * earth_m) ** 2
    radius_m = w.radius_m * stretch
    low = [np.minimum.reduceat(axis, first) - radius_m for axis in (x_m, y_m)]
    high = [np.maximum.reduceat(axis, first) + radius_m for axis in (x_m, y_m)]
    return Plane(x_m, y_m, radius_m, np.column_stack(low), np.column_stack(high))


def polygons(w: Workload, plane: Plane, rows: IntArray) -> NDArray[Any]:
    """Polygons of shapely for these volumes, made all at once; from rings and indices it takes twice as long."""
    counts = w.offsets[rows + 1] - w.offsets[rows]
    ends = np.cumsum(counts + 1)  # one more each: shapely wants its rings closed
    starts = ends - counts - 1
    point = np.arange(ends[-1] if len(ends) else 0) + np.repeat(w.offsets[rows] - starts, counts + 1)
    point[ends - 1] = w.offsets[rows]
    xy = np.column_stack([plane.x_m[point], plane.y_m[point]])
    offsets = (np.concatenate([[0], ends]), np.arange(len(rows) + 1))
    return np.asarray(shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy, offsets))


def shapes(w: Workload, plane: Plane) -> NDArray[np.object_]:
    """Per volume its polygon, or its circle's centre, (n,)."""
    shape = np.empty(len(w.radius_m), dtype=object)
    rows = np.flatnonzero(w.radius_m == 0)
    shape[rows] = polygons(w, plane, rows)
    rows = np.flatnonzero(w.radius_m)
    shape[rows] = shapely.points(plane.x_m[w.offsets[rows]], plane.y_m[w.offsets[rows]])
    return shape


def meeting(w: Workload, plane: Plane, i: IntArray, j: IntArray) -> IntArray:
    """Of these candidates the pairs whose footprints share a point, the lower number first, sorted.

    Circles against circles are a distance, which numpy knows. Polygons are made for volumes that have
    candidates alone. The one of two with more vertices is prepared, a thousand pairs at a time: to keep all
    prepared ones takes twice as long at 1,000,000. A point that is surely inside, asked for first, did
    not pay.
    """
    circle, counts = plane.radius_m > 0, np.diff(w.offsets)
    x_m, y_m = plane.x_m[w.offsets[:-1]], plane.y_m[w.offsets[:-1]]
    wanted = np.zeros(len(circle), dtype=np.bool_)
    wanted[i] = wanted[j] = True
    shape = np.empty(len(circle), dtype=object)
    rows = np.flatnonzero(wanted & ~circle)
    shape[rows] = polygons(w, plane, rows)

    both, one = circle[i] & circle[j], circle[i] ^ circle[j]
    a, b = i[both], j[both]
    near = (x_m[a] - x_m[b]) ** 2 + (y_m[a] - y_m[b]) ** 2 <= (plane.radius_m[a] + plane.radius_m[b]) ** 2
    met = [(a[near], b[near])]

    a, b = _along(plane, np.where(circle[i], j, i)[one], np.where(circle[i], i, j)[one])
    point = np.empty(len(circle), dtype=object)
    rows = np.flatnonzero(wanted & circle)
    point[rows] = shapely.points(x_m[rows], y_m[rows])
    near = np.asarray(shapely.dwithin(shape[a], point[b], plane.radius_m[b]))
    met.append((a[near], b[near]))

    i, j = i[~(both | one)], j[~(both | one)]
    larger = counts[i] >= counts[j]
    a, b = _along(plane, np.where(larger, i, j), np.where(larger, j, i))
    near = np.empty(len(a), dtype=np.bool_)
    for k in range(0, len(a), PREPARED):
        part = slice(k, k + PREPARED)
        shapely.prepare(shape[a[part]])
        near[part] = shapely.intersects(shape[a[part]], shape[b[part]])
        shapely.destroy_prepared(shape[a[part]])
    met.append((a[near], b[near]))
    return sorted_pairs(*(np.concatenate(side) for side in zip(*met, strict=True)), count=len(circle))


def _along(plane: Plane, a: IntArray, b: IntArray) -> tuple[IntArray, IntArray]:
    """The pairs in an order in which neighbours in space follow one another, and pairs of one `a`."""
    order = np.argsort(_place(plane)[a] * len(plane.radius_m) + a, kind="stable")
    return a[order], b[order]


def _place(plane: Plane) -> IntArray:
    """The number of the cell in which the volume's box begins: near ones are near in column and row."""
    cell = np.floor((plane.low_m - plane.low_m.min(axis=0)) / CELL_M).astype(np.int64)
    return np.asarray(cell[:, 0] * (cell[:, 1].max() + 1) + cell[:, 1])


def sorted_pairs(i: IntArray, j: IntArray, *, count: int) -> IntArray:
    """The pairs as (k, 2), the lower number first, sorted; `count` is above every number."""
    key = np.minimum(i, j) * count + np.maximum(i, j)
    key.sort()
    return np.column_stack([key // count, key % count])


def by_trees(w: Workload) -> IntArray:
    """An STRtree of shapely over the boxes that begin in each half hour, asked for all that are there at that time.

    So each pair is found where its later volume begins. Half of the time of one tree for all (plain_peers.py).
    """
    plane = plane_m(w)
    slices = w.start_s // SLICE_S
    order = np.lexsort((_place(plane), slices))
    # In this order and as small numbers, which is how they are read below.
    start_s, end_s, intent, lower_dm, upper_dm = (
        column[order].astype(np.int32) for column in (w.start_s, w.end_s, w.intent, w.lower_dm, w.upper_dm)
    )
    box = shapely.box(*plane.low_m[order].T, *plane.high_m[order].T)
    bounds = [0, *(np.flatnonzero(np.diff(slices[order])) + 1).tolist(), len(order)]
    there = np.zeros(0, dtype=np.int64)
    found = []
    for first, last in pairwise(bounds):
        begin_s = slices[order[first]] * SLICE_S
        there = np.concatenate([there[end_s[there] >= begin_s], np.arange(first, last)])
        asked, j = shapely.STRtree(box[first:last]).query(box[there])
        i, j = there[asked], j + first
        kept = (start_s[i] <= start_s[j]) & (end_s[i] >= start_s[j])
        i, j = i[kept], j[kept]
        kept = ((start_s[i] < start_s[j]) | (i < j)) & (intent[i] != intent[j])
        kept &= (lower_dm[i] <= upper_dm[j]) & (lower_dm[j] <= upper_dm[i])
        found.append((i[kept], j[kept]))
    i, j = (order[np.concatenate(side)] for side in zip(*found, strict=True))
    return meeting(w, plane, i, j)


def by_rtree(w: Workload) -> IntArray:
    """One tree of rtree (libspatialindex) in x, y and time, loaded and asked at once; altitudes by numpy.

    Each volume asks for those that are there when it begins: who meets in time does so when the later one
    begins, so each pair is found once, or twice where both begin together. They ask in an order that runs
    across space, which saves a tenth at 1,000,000. With altitude as a fourth dimension 1.6 times as slow,
    asked for whole windows 1.1 times.
    """
    from rtree import index  # noqa: PLC0415 - only this peer's process shall hold it

    plane = plane_m(w)
    rows = np.argsort(_place(plane), kind="stable")
    low = np.column_stack([plane.low_m, w.start_s])[rows]
    high = np.column_stack([plane.high_m, w.end_s])[rows]
    settings = index.Property(dimension=3, leaf_capacity=TREE_NODE, index_capacity=TREE_NODE)
    settings.near_minimum_overlap_factor = TREE_NODE // 2
    tree = index.Index((rows, low, high), properties=settings)
    high[:, 2] = low[:, 2]
    j, counts = tree.intersection_v(low, high)
    return meeting(w, plane, *_of_two_intents(w, np.repeat(rows, counts.astype(np.int64)), j))


def _of_two_intents(w: Workload, i: IntArray, j: IntArray) -> tuple[IntArray, IntArray]:
    """Of the pairs (volume, volume there when it begins) those of two intents whose altitudes meet, each once."""
    kept = (w.start_s[j] < w.start_s[i]) | (i < j)
    kept &= (w.intent[i] != w.intent[j]) & (w.lower_dm[i] <= w.upper_dm[j]) & (w.lower_dm[j] <= w.upper_dm[i])
    return i[kept], j[kept]


def by_sqlite(w: Workload) -> IntArray:
    """The R*Tree of Python's own SQLite, in memory, in x, y, altitude and time, joined with itself.

    It keeps numbers as float32, rounded outward: so boxes are a centimetre larger, while decimetres and
    seconds are kept as they are. Each volume asks for those that are there when it begins, as `by_rtree`.
    Other page sizes, three dimensions, and a join with a plain table are all slower or within a tenth.
    """
    plane = plane_m(w)
    (x0, y0), (x1, y1) = plane.low_m.T, plane.high_m.T
    columns = (x0, x1, y0, y1, w.lower_dm, w.upper_dm, w.start_s, w.end_s)
    base = sqlite3.connect(":memory:", isolation_level=None)
    base.execute("PRAGMA page_size = 2048")
    base.execute("PRAGMA journal_mode = OFF")
    base.execute("CREATE VIRTUAL TABLE box USING rtree(id, x0, x1, y0, y1, z0, z1, t0, t1)")
    base.execute("BEGIN")
    order = np.argsort(_place(plane), kind="stable")
    rows = zip(order.tolist(), *(column[order].tolist() for column in columns), strict=True)
    base.executemany("INSERT INTO box VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    found = base.execute(
        "SELECT a.id, b.id FROM box a, box b WHERE b.x1 >= a.x0 AND b.x0 <= a.x1 AND b.y1 >= a.y0 AND b.y0 <= a.y1"
        " AND b.z1 >= a.z0 AND b.z0 <= a.z1 AND b.t0 <= a.t0 AND b.t1 >= a.t0"
    )
    i, j = np.array(found.fetchall(), dtype=np.int64).reshape(-1, 2).T
    base.close()
    return meeting(w, plane, *_of_two_intents(w, i, j))


GRID_JOIN: Final = f"""
WITH range_of AS (
    SELECT *, floor(x0 / {CELL_M})::INTEGER AS col0, floor(x1 / {CELL_M})::INTEGER AS col1,
        floor(y0 / {CELL_M})::INTEGER AS row0, floor(y1 / {CELL_M})::INTEGER AS row1,
        t0 // {SLICE_S} AS slice0, t1 // {SLICE_S} AS slice1
    FROM volume),
across AS (SELECT *, unnest(range(col0, col1 + 1))::INTEGER AS col FROM range_of),
cell AS (SELECT *, unnest(range(row0, row1 + 1))::INTEGER AS row FROM across),
cell_then AS (SELECT *, unnest(range(slice0, slice1 + 1))::INTEGER AS slice FROM cell)
SELECT a.id AS i, b.id AS j
FROM cell_then a JOIN cell b ON a.col = b.col AND a.row = b.row AND a.slice = b.slice0
WHERE a.t0 <= b.t0 AND b.t0 <= a.t1 AND (a.t0 < b.t0 OR a.id < b.id) AND a.intent <> b.intent
    AND a.x0 <= b.x1 AND b.x0 <= a.x1 AND a.y0 <= b.y1 AND b.y0 <= a.y1 AND a.z0 <= b.z1 AND b.z0 <= a.z1
    AND greatest(a.col0, b.col0) = a.col AND greatest(a.row0, b.row0) = a.row
"""  # noqa: S608 - the numbers in it are constants
"""Pairs meet in the cell that holds the low corner of what their boxes share, when the later one begins: each once."""


def by_duckdb(w: Workload, threads: int = 1) -> IntArray:
    """DuckDB, a grid of 2 km and half hours written in SQL, joined cell by cell (`GRID_JOIN`).

    Without slices of time twice as slow (plain_peers.py). `threads` is DuckDB's own setting of that name; CPU
    time counts those of all threads.
    """
    import duckdb  # noqa: PLC0415 - only this peer's process shall hold it

    plane = plane_m(w)
    (x0, y0), (x1, y1) = plane.low_m.T.copy(), plane.high_m.T.copy()
    whole = {"t0": w.start_s, "t1": w.end_s, "z0": w.lower_dm, "z1": w.upper_dm, "intent": w.intent}
    whole["id"] = np.arange(len(x0))
    volume = {"x0": x0, "y0": y0, "x1": x1, "y1": y1} | {k: v.astype(np.int32) for k, v in whole.items()}
    base = duckdb.connect(":memory:", config={"threads": threads})
    base.register("volume", volume)
    found = base.execute(GRID_JOIN).fetchnumpy()
    base.close()
    return meeting(w, plane, found["i"].astype(np.int64), found["j"].astype(np.int64))


PEERS: Final[dict[str, Callable[[Workload], IntArray]]] = {
    "shapely": by_trees,
    "rtree": by_rtree,
    "sqlite": by_sqlite,
    "duckdb": by_duckdb,
}


def absent(engines: Iterable[str]) -> dict[str, str]:
    """Those of these engines that can not run here, each with what it lacks; a name begins with the library's."""
    lacks = {
        name: f"{name} is not installed: make bench does so" for name in ("rtree", "duckdb") if find_spec(name) is None
    }
    options = sqlite3.connect(":memory:").execute("PRAGMA compile_options").fetchall()
    if ("ENABLE_RTREE",) not in options:
        lacks["sqlite"] = f"this Python's SQLite {sqlite3.sqlite_version} was compiled without R*Tree"
    return {name: lacks[library] for name in engines if (library := name.partition("-")[0]) in lacks}
