"""The other engines on workload W2: indices in memory that intents come into and leave, one by one.

They get more than tansiq does: boxes in the plane, shapes and parameters lie ready before the clock runs,
where tansiq is handed degrees. The last word is shapely's here, too: one `dwithin` for all candidates of an
intent, which beats asking for polygons and circles apart.
"""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from benches.intents import Online
from benches.peers import TREE_NODE, plane_m, shapes
from benches.workloads import IntArray
from tansiq.geometry.earth import FloatArray


class Ready(NamedTuple):
    """All volumes of the workload, live or to come, made ready; a volume's number is its row."""

    live: int
    box: FloatArray  # (n, 8): low and high of x, y, altitude and time
    shape: NDArray[np.object_]  # (n,) polygons, and the centres of circles
    radius_m: FloatArray  # (n,) 0 for a polygon


def ready(online: Online) -> Ready:
    """What the peers need not pay for."""
    w = online.w
    plane = plane_m(w)
    (x0, y0), (x1, y1) = plane.low_m.T, plane.high_m.T
    columns = (x0, x1, y0, y1, w.lower_dm, w.upper_dm, w.start_s, w.end_s)
    return Ready(online.live, np.column_stack(columns).astype(np.float64), shapes(w, plane), plane.radius_m)


def meeting(made: Ready, first: int, i: IntArray, j: IntArray) -> IntArray:
    """Of these candidates the pairs whose footprints share a point; `i` counts from `first` in the answer."""
    met = shapely.dwithin(made.shape[i], made.shape[j], made.radius_m[i] + made.radius_m[j])
    return np.column_stack([i[met] - first, j[met]])


class SqliteIndex:
    """The R*Tree of Python's own SQLite, in memory. One statement per volume is faster than one per intent.

    This is the plain form, but for the journal, and there is no other: pages of 1 to 8 kB, loading in an order that
    runs across space, and three dimensions with altitudes by numpy are all within a tenth of it at 100,000.
    """

    QUERY: Final = (
        "SELECT id FROM box WHERE x1 >= ? AND x0 <= ? AND y1 >= ? AND y0 <= ?"
        " AND z1 >= ? AND z0 <= ? AND t1 >= ? AND t0 <= ?"
    )
    INSERT: Final = "INSERT INTO box VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    DELETE: Final = "DELETE FROM box WHERE id = ?"

    def __init__(self, made: Ready) -> None:
        self._made = made
        self._base = sqlite3.connect(":memory:", isolation_level=None)
        self._base.execute("PRAGMA journal_mode = OFF")
        self._base.execute("CREATE VIRTUAL TABLE box USING rtree(id, x0, x1, y0, y1, z0, z1, t0, t1)")
        self._base.execute("BEGIN")
        # What is asked, inserted and deleted.
        self._asked = made.box.tolist()
        self._inserted = [(k, *box) for k, box in enumerate(self._asked)]
        self._deleted = [(k,) for k in range(len(self._asked))]

    def load(self) -> None:
        """As `w2.Index` says."""
        self.insert(0, self._made.live)

    def query(self, first: int, last: int) -> IntArray:
        """As `w2.Index` says."""
        i: list[int] = []
        j: list[tuple[int]] = []
        for k in range(first, last):
            found = self._base.execute(self.QUERY, self._asked[k]).fetchall()
            i += [k] * len(found)
            j += found
        return meeting(self._made, first, np.array(i, dtype=np.int64), np.array(j, dtype=np.int64).reshape(-1))

    def insert(self, first: int, last: int) -> None:
        """As `w2.Index` says."""
        self._base.executemany(self.INSERT, self._inserted[first:last])

    def delete(self, first: int, last: int) -> None:
        """As `w2.Index` says."""
        self._base.executemany(self.DELETE, self._deleted[first:last])


class RtreeIndex:
    """One tree of rtree (libspatialindex): tuned in x, y and time with small nodes, altitudes by numpy.

    Plain it is in four dimensions, with the library's own settings. An index that is `grown` has got its volumes
    one by one, as a service that runs has got them, and deleting takes it longer; else they are loaded at once.
    """

    def __init__(self, made: Ready, *, tuned: bool, grown: bool) -> None:
        from rtree import index  # noqa: PLC0415 - only this peer's process shall hold it

        self._made = made
        self._tuned, self._grown = tuned, grown
        axes = np.array([0, 2, 6] if tuned else [0, 2, 4, 6])
        self._low, self._high = made.box[:, axes], made.box[:, axes + 1]
        self._both = np.column_stack([self._low, self._high]).tolist()
        settings = index.Property(dimension=len(axes))
        if tuned:
            settings.leaf_capacity = settings.index_capacity = TREE_NODE
            settings.near_minimum_overlap_factor = TREE_NODE // 2
        self._empty = partial(index.Index, properties=settings)

    def load(self) -> None:
        """As `w2.Index` says."""
        if self._grown:
            self._tree = self._empty()
            self.insert(0, self._made.live)
            return
        live = slice(0, self._made.live)
        self._tree = self._empty((np.arange(self._made.live), self._low[live], self._high[live]))

    def query(self, first: int, last: int) -> IntArray:
        """As `w2.Index` says."""
        j, counts = self._tree.intersection_v(self._low[first:last], self._high[first:last])
        i = np.repeat(np.arange(first, last), counts.astype(np.int64))
        if self._tuned:
            low, high = self._made.box[:, 4], self._made.box[:, 5]
            kept = (low[i] <= high[j]) & (low[j] <= high[i])
            i, j = i[kept], j[kept]
        return meeting(self._made, first, i, j)

    def insert(self, first: int, last: int) -> None:
        """As `w2.Index` says."""
        for k in range(first, last):
            self._tree.insert(k, self._both[k])

    def delete(self, first: int, last: int) -> None:
        """As `w2.Index` says."""
        for k in range(first, last):
            self._tree.delete(k, self._both[k])


LIVE_PEERS: Final[dict[str, Callable[[Ready], SqliteIndex | RtreeIndex]]] = {
    "sqlite": SqliteIndex,
    "rtree-grown": partial(RtreeIndex, tuned=False, grown=True),
    "rtree-plain": partial(RtreeIndex, tuned=False, grown=False),
    "rtree": partial(RtreeIndex, tuned=True, grown=False),
}
