"""The other engines on workload W1 in their plain forms, as most users write them; the tuned ones are in peers.py.

Plain is: the library's own settings, one index or join over all volumes, with all the dimensions that it
takes, asked for whole boxes and windows, volumes and pairs in the order in which they come, nothing prepared.
Plain is not careless: all is done for many at once, and the answers are those of the tuned forms. Where two
plain ways were at hand, the faster one stands here.

Rules 2 and 3 for editors of peers.py hold here, too.
"""

import sqlite3
from collections.abc import Callable
from typing import Final

import numpy as np
import shapely

from benches.peers import CELL_M, Plane, plane_m, shapes, sorted_pairs
from benches.workloads import IntArray, Workload
from tansiq.geometry.earth import FloatArray

QUERY_CHUNK: Final = 20_000
"""So many boxes ask the STRtree at once; all at once is slower, and at 1,000,000 would find 2 GB of pairs."""


def meeting(w: Workload, plane: Plane, i: IntArray, j: IntArray) -> IntArray:
    """Of these candidates the pairs whose footprints share a point, the lower number first, sorted.

    One `dwithin` for all of them, which takes a seventh less than `dwithin` for circles and `intersects` for polygons.
    """
    shape = shapes(w, plane)
    met = shapely.dwithin(shape[i], shape[j], plane.radius_m[i] + plane.radius_m[j])
    return sorted_pairs(i[met], j[met], count=len(shape))


def boxes(w: Workload, plane: Plane) -> tuple[FloatArray, FloatArray]:
    """Low and high corners in x, y, altitude and time, (n, 4) each."""
    return np.column_stack([plane.low_m, w.lower_dm, w.start_s]), np.column_stack([plane.high_m, w.upper_dm, w.end_s])


def by_one_tree(w: Workload) -> IntArray:
    """One STRtree of shapely asked for all boxes, then times and altitudes by numpy."""
    plane = plane_m(w)
    box = shapely.box(*plane.low_m.T, *plane.high_m.T)
    tree = shapely.STRtree(box)
    found = []
    for first in range(0, len(box), QUERY_CHUNK):
        asked, j = tree.query(box[first : first + QUERY_CHUNK])
        i = asked + first
        kept = i < j
        i, j = i[kept], j[kept]
        kept = (w.start_s[i] <= w.end_s[j]) & (w.start_s[j] <= w.end_s[i])
        i, j = i[kept], j[kept]
        kept = (w.intent[i] != w.intent[j]) & (w.lower_dm[i] <= w.upper_dm[j]) & (w.lower_dm[j] <= w.upper_dm[i])
        found.append((i[kept], j[kept]))
    return meeting(w, plane, *(np.concatenate(side) for side in zip(*found, strict=True)))


def by_rtree(w: Workload) -> IntArray:
    """One tree of rtree (libspatialindex) in four dimensions, loaded from arrays and asked for all boxes at once."""
    from rtree import index  # noqa: PLC0415 - only this peer's process shall hold it

    plane = plane_m(w)
    low, high = boxes(w, plane)
    rows = np.arange(len(low))
    tree = index.Index((rows, low, high), properties=index.Property(dimension=4))
    j, counts = tree.intersection_v(low, high)
    i = np.repeat(rows, counts.astype(np.int64))
    kept = (i < j) & (w.intent[i] != w.intent[j])
    return meeting(w, plane, i[kept], j[kept])


def by_sqlite(w: Workload) -> IntArray:
    """The R*Tree of Python's own SQLite, in memory, in four dimensions, joined with itself."""
    plane = plane_m(w)
    low, high = boxes(w, plane)
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE box USING rtree(id, x0, x1, y0, y1, z0, z1, t0, t1)")
    columns = np.stack([low, high], axis=2).reshape(-1, 8).T.tolist()
    rows = zip(range(len(low)), *columns, strict=True)
    base.executemany("INSERT INTO box VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    found = base.execute(
        "SELECT a.id, b.id FROM box a JOIN box b ON b.x1 >= a.x0 AND b.x0 <= a.x1 AND b.y1 >= a.y0 AND b.y0 <= a.y1"
        " AND b.z1 >= a.z0 AND b.z0 <= a.z1 AND b.t1 >= a.t0 AND b.t0 <= a.t1 WHERE a.id < b.id"
    )
    i, j = np.array(found.fetchall(), dtype=np.int64).reshape(-1, 2).T
    base.close()
    kept = w.intent[i] != w.intent[j]
    return meeting(w, plane, i[kept], j[kept])


GRID_JOIN: Final = f"""
WITH across AS (SELECT *, unnest(range(floor(x0 / {CELL_M})::BIGINT, floor(x1 / {CELL_M})::BIGINT + 1)) AS col
    FROM volume),
cell AS (SELECT *, unnest(range(floor(y0 / {CELL_M})::BIGINT, floor(y1 / {CELL_M})::BIGINT + 1)) AS row FROM across)
SELECT a.id AS i, b.id AS j
FROM cell a JOIN cell b ON a.col = b.col AND a.row = b.row
WHERE a.id < b.id AND a.intent <> b.intent
    AND a.x0 <= b.x1 AND b.x0 <= a.x1 AND a.y0 <= b.y1 AND b.y0 <= a.y1
    AND a.z0 <= b.z1 AND b.z0 <= a.z1 AND a.t0 <= b.t1 AND b.t0 <= a.t1
    AND floor(greatest(a.x0, b.x0) / {CELL_M}) = a.col AND floor(greatest(a.y0, b.y0) / {CELL_M}) = a.row
"""  # noqa: S608 - the numbers in it are constants
"""Pairs meet in the cell that holds the low corner of what their boxes share; DISTINCT instead is a little slower."""


def by_duckdb(w: Workload) -> IntArray:
    """DuckDB, a grid of 2 km written in SQL, joined cell by cell, with as many threads as it takes: one per core."""
    import duckdb  # noqa: PLC0415 - only this peer's process shall hold it

    plane = plane_m(w)
    low, high = boxes(w, plane)
    corners = {
        f"{axis}{side}": of for side, box in enumerate((low, high)) for axis, of in zip("xyzt", box.T, strict=True)
    }
    volume = {"id": np.arange(len(low)), "intent": w.intent} | {name: of.copy() for name, of in corners.items()}
    base = duckdb.connect(":memory:")
    base.register("volume", volume)
    found = base.execute(GRID_JOIN).fetchnumpy()
    base.close()
    return meeting(w, plane, found["i"], found["j"])


PLAIN_PEERS: Final[dict[str, Callable[[Workload], IntArray]]] = {
    "shapely-plain": by_one_tree,
    "rtree-plain": by_rtree,
    "sqlite-plain": by_sqlite,
    "duckdb-plain": by_duckdb,
}
