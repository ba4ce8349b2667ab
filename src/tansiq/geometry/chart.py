"""A flat chart of a footprint: central projection from the Earth's centre onto a tangent plane.

Planes through the Earth's centre become straight lines. A geodesic of at most 5 km strays from such a
plane by less than 2 mm, so in the chart a densified outline (`geometry.surface`) is a true polygon to
that accuracy, wherever on the globe it lies. Distances are not kept: the chart decides inside and
outside, never how far.
"""

import math
from dataclasses import dataclass

import numpy as np

from tansiq.geometry.earth import EQUATORIAL_RADIUS_M, FloatArray

Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Chart:
    """A tangent plane: `axes` is (3, 3), its rows two unit vectors along the plane and the outward one."""

    axes: FloatArray

    def project_m(self, points_m: FloatArray) -> FloatArray:
        """The (n, 2) plane coordinates of (n, 3) ECEF points less than 90 degrees from the middle."""
        along = points_m @ self.axes.T
        return np.asarray(EQUATORIAL_RADIUS_M * along[:, :2] / along[:, 2:])


def chart_around(direction: FloatArray) -> Chart:
    """The chart that touches the globe in this direction from its centre, a (3,) vector of any length."""
    x, y, z = (float(c) for c in direction)
    length = math.sqrt(x * x + y * y + z * z)
    up = (x / length, y / length, z / length)
    # Any axis will do that is not nearly parallel to `up`; that of its smallest component can not be.
    smallest = min(range(3), key=lambda axis: abs(up[axis]))
    helper = (float(smallest == 0), float(smallest == 1), float(smallest == 2))
    first = _cross(up, helper)
    size = math.hypot(*first)
    first = (first[0] / size, first[1] / size, first[2] / size)
    return Chart(np.array([first, _cross(up, first), up]))


def _cross(a: Triple, b: Triple) -> Triple:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def contains(ring_m: FloatArray, x_m: float, y_m: float) -> bool:
    """Whether the ring of (n, 2) chart coordinates winds round the point; a point on the ring may go either way.

    Rounds are counted, not crossings: a ring that runs twice along nearly the same way, as it may where it
    only touches itself, still has its inside inside.
    """
    x0, y0 = ring_m[:, 0] - x_m, ring_m[:, 1] - y_m
    x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
    left = (x0 * y1 - x1 * y0) > 0
    up = (y0 <= 0) & (y1 > 0) & left
    down = (y0 > 0) & (y1 <= 0) & ~left
    return int(np.count_nonzero(up)) != int(np.count_nonzero(down))


def crossing_edges(ring_m: FloatArray, depth_m: float) -> tuple[int, int] | None:
    """Two edges of the ring that cross, or None; edge i runs from vertex i to vertex i + 1, the last one home.

    A crossing counts when all four ends lie more than `depth_m` from the other edge's line: what is
    shallower is touching, which is allowed. Neighbouring edges can not cross.

    Source: a sweep over the edges sorted by their least x; each meets only those that begin before it ends.
    """
    n = len(ring_m)
    ends = np.roll(ring_m, -1, axis=0)
    low, high = np.minimum(ring_m, ends), np.maximum(ring_m, ends)
    order = np.argsort(low[:, 0], kind="stable")
    reach = np.searchsorted(low[order, 0], high[order, 0], side="right") - np.arange(n) - 1
    # Blocks of about a million pairs keep a hostile comb of 10,000 teeth within bounded memory.
    begin = 0
    while begin < n:
        stop = begin + max(1, int(np.searchsorted(np.cumsum(reach[begin:]), 1_000_000)))
        first = np.repeat(np.arange(begin, min(stop, n)), reach[begin:stop])
        step = np.arange(len(first)) - np.repeat(np.cumsum(reach[begin:stop]) - reach[begin:stop], reach[begin:stop])
        found = _crossing_pair(ring_m, ends, order[first], order[first + 1 + step], depth_m)
        if found is not None:
            return found
        begin = stop
    return None


def _crossing_pair(
    starts: FloatArray, ends: FloatArray, i: np.ndarray, j: np.ndarray, depth_m: float
) -> tuple[int, int] | None:
    n = len(starts)
    apart = ((i + 1) % n != j) & ((j + 1) % n != i)
    i, j = i[apart], j[apart]

    def side_m(edge: np.ndarray, point: FloatArray) -> FloatArray:
        along = ends[edge] - starts[edge]
        offset = point - starts[edge]
        length = np.hypot(along[:, 0], along[:, 1])
        cross = along[:, 0] * offset[:, 1] - along[:, 1] * offset[:, 0]
        return np.asarray(cross / np.maximum(length, 1e-9))

    sides = [side_m(i, starts[j]), side_m(i, ends[j]), side_m(j, starts[i]), side_m(j, ends[i])]
    deep = np.minimum.reduce([np.abs(side) for side in sides]) > depth_m
    crosses = deep & (sides[0] * sides[1] < 0) & (sides[2] * sides[3] < 0)
    if not crosses.any():
        return None
    k = int(np.argmax(crosses))
    return (min(int(i[k]), int(j[k])), max(int(i[k]), int(j[k])))
