"""The quick answer for small volumes near each other, in one plane, with a proved bound on its error.

The plane stands at right angles to the line from the Earth's centre to one of the volumes, its origin at that
one's middle, and every point is dropped onto it. With D the greatest distance of any point of two
volumes from the origin, R the least radius of curvature of the ellipsoid and s = TILT + D / R the
greatest angle of anything there to the plane, no distance between them is off by more than

    1.4 s^2 D     for the shortening of a length up to 2 D, and of the arc to its chord,
    2 s D^2 / R   for the bending of a geodesic, followed for up to 2 D beyond its edge,
    1e-8 D + 1 um for rounding,

held against GeographicLib in tests/authority/test_flat.py. What this bound leaves open is UNDECIDED here,
and `narrow` answers.
"""

import math
from typing import Final

import numpy as np

from tansiq.conflict.arrays import BLOCKLESS, Record
from tansiq.conflict.jit import helper
from tansiq.geometry.certainty import TOLERANCE_M, Certainty
from tansiq.geometry.earth import EQUATORIAL_RADIUS_M, POLAR_RADIUS_M
from tansiq.geometry.footprint import CoreKind

CLEAR: Final = int(Certainty.CLEAR)
CERTAIN: Final = int(Certainty.CERTAIN)
UNDECIDED: Final = 3

NEAR_M: Final = 20_000.0
"""Beyond this distance the bound is metres, and nobody asks."""
MOST_POINTS: Final = BLOCKLESS
"""Of one outline; longer ones are answered with the help of their blocks."""
TILT: Final = 3.4e-3
"""The normal of the ellipsoid leans from the line to the Earth's centre by at most 0.00336."""
SHORT_EDGE_M: Final = 1.0
"""The line of a shorter edge is not known well enough far from it."""
LEAST_RADIUS_M: Final = POLAR_RADIUS_M**2 / EQUATORIAL_RADIUS_M
_POINT: Final = int(CoreKind.POINT)
_AREA: Final = int(CoreKind.AREA)

FLAT: Final = np.dtype(
    [
        ("low_x_m", "f8"),  # the box of the core, grown by the margin; infinite where a volume is not laid
        ("low_y_m", "f8"),
        ("high_x_m", "f8"),
        ("high_y_m", "f8"),
        ("margin_m", "f8"),  # the buffer, half of the largest minimum, tolerance and error
        ("center_x_m", "f8"),
        ("center_y_m", "f8"),
        ("inner_m", "f8"),
        ("buffer_m", "f8"),
        ("error_m", "f8"),  # of all distances to what is no further from the origin
        ("first", "i4"),  # row of its first point; the first of a ring stands again behind its last
        ("edges", "i4"),  # how many; a point has one, from itself to itself; 0: not laid
        ("lower_dmm", "i4"),  # the limits, as in VOLUME
        ("upper_dmm", "i4"),
        ("lower_reference", "i1"),
        ("upper_reference", "i1"),
        ("core", "i1"),
    ],
    align=True,
)
"""A volume in a plane. What is too large or too far is not laid, and meets all."""


GLANCE: Final = np.dtype(
    [
        ("low_x_m", "f4"),  # the box of FLAT, a centimetre wider: float32 is off by a millimetre there
        ("low_y_m", "f4"),
        ("high_x_m", "f4"),
        ("high_y_m", "f4"),
        ("start_us", "i8"),
        ("native_low_dmm", "i4"),  # the limits, grown by half of the largest minimum
        ("native_high_dmm", "i4"),
        ("low_dmm", "i4"),  # as in MARK: above sea level, grown likewise
        ("high_dmm", "i4"),
        ("group", "i4"),
        ("begins", "i1"),
        ("native", "i1"),  # the one reference of both limits, where such are compared as they are; else 0
    ],
    align=True,
)
"""What most comparisons within a cell end with, apart from the rest so that it stays in the nearest cache."""


@helper
def flat_error_m(reach_m: float) -> float:
    """How far a distance in the plane may be off, where no point lies further than this from the origin."""
    lean = TILT + reach_m / LEAST_RADIUS_M
    return lean * (1.4 * lean * reach_m + 2.0 * reach_m * reach_m / LEAST_RADIUS_M) + 1e-8 * reach_m + 1e-6


@helper
def lay_middle(row: Record, m: Record, origin: Record) -> bool:
    """Writes all of a record of FLAT that needs no points; False for a volume that is not laid.

    A volume that is not laid has no edges, and an infinite box.
    """
    dx, dy = m.center_m[0] - origin.center_m[0], m.center_m[1] - origin.center_m[1]
    dz = m.center_m[2] - origin.center_m[2]
    reach_m = math.sqrt(dx * dx + dy * dy + dz * dz) + m.radius_m
    row.core, row.edges = m.core, 0
    row.lower_dmm, row.upper_dmm = m.lower_dmm, m.upper_dmm
    row.lower_reference, row.upper_reference = m.lower_reference, m.upper_reference
    if reach_m > NEAR_M or m.count > MOST_POINTS:
        row.low_x_m, row.low_y_m, row.high_x_m, row.high_y_m = -math.inf, -math.inf, math.inf, math.inf
        return False
    row.error_m = flat_error_m(reach_m)
    row.edges = m.count if m.core == _AREA else max(1, m.count - 1)
    row.center_x_m = dx * origin.axes[0, 0] + dy * origin.axes[0, 1] + dz * origin.axes[0, 2]
    row.center_y_m = dx * origin.axes[1, 0] + dy * origin.axes[1, 1] + dz * origin.axes[1, 2]
    row.inner_m, row.buffer_m = m.inner_m, m.buffer_m
    return True


@helper
def lay_points(
    row: Record, points: np.ndarray, at: int, points_m: np.ndarray, m: Record, origin: Record, half_m: float
) -> int:
    """Lays the points of volume `m` into the plane of `origin`, from row `at` of `points`; the row after the last.

    row: as `lay_middle` left it. points: (rows, 2). half_m: half of the largest minimum, by which the box is grown.
    """
    ux, uy, uz = origin.axes[0, 0], origin.axes[0, 1], origin.axes[0, 2]
    wx, wy, wz = origin.axes[1, 0], origin.axes[1, 1], origin.axes[1, 2]
    first, count = m.first, m.count
    x0, y0, x1, y1 = math.inf, math.inf, -math.inf, -math.inf
    for k in range(count):
        px, py, pz = points_m[first + k, 0], points_m[first + k, 1], points_m[first + k, 2]
        x, y = px * ux + py * uy + pz * uz, px * wx + py * wy + pz * wz
        points[at + k, 0], points[at + k, 1] = x, y
        x0, y0 = min(x0, x), min(y0, y)
        x1, y1 = max(x1, x), max(y1, y)
    points[at + count, 0], points[at + count, 1] = points[at, 0], points[at, 1]
    row.first = at
    row.margin_m = m.buffer_m + half_m + TOLERANCE_M + row.error_m
    row.low_x_m, row.low_y_m = x0 - row.margin_m, y0 - row.margin_m
    row.high_x_m, row.high_y_m = x1 + row.margin_m, y1 + row.margin_m
    return int(at + count + 1)


@helper
def lay(
    row: Record, points: np.ndarray, at: int, points_m: np.ndarray, m: Record, origin: Record, half_m: float
) -> int:
    """Lays volume `m` into the plane of `origin`, as `lay_middle` and `lay_points` do; the row after its last point."""
    if lay_middle(row, m, origin):
        return int(lay_points(row, points, at, points_m, m, origin, half_m))
    return at


@helper
def point_to_segment2(px: float, py: float, ax: float, ay: float, bx: float, by: float) -> float:
    """The distance of a point to a segment squared."""
    dx, dy = bx - ax, by - ay
    length2 = dx * dx + dy * dy
    share = 0.0
    if length2 > 0.0:
        share = min(1.0, max(0.0, ((px - ax) * dx + (py - ay) * dy) / length2))
    ex, ey = px - ax - share * dx, py - ay - share * dy
    return ex * ex + ey * ey


@helper
def _segments(
    ax: float, ay: float, bx: float, by: float, cx: float, cy: float, dx: float, dy: float, far: float, deep: float
) -> float:
    """The distance of two segments squared, infinite where more than `far`, -1 where they cross more than `deep`."""
    ux, uy, wx, wy = bx - ax, by - ay, dx - cx, dy - cy
    lu2, lw2 = ux * ux + uy * uy, wx * wx + wy * wy
    # Twice the areas of the triangles of one edge and an end of the other: heights, but for the edge's length.
    p, q = wx * (ay - cy) - wy * (ax - cx), wx * (by - cy) - wy * (bx - cx)
    pq = min(abs(p), abs(q))
    if p * q > 0.0 and pq * pq > far * far * lw2:
        return math.inf
    r, s = ux * (cy - ay) - uy * (cx - ax), ux * (dy - ay) - uy * (dx - ax)
    rs = min(abs(r), abs(s))
    if r * s > 0.0 and rs * rs > far * far * lu2:
        return math.inf
    if p * q < 0.0 and r * s < 0.0:
        enough = min(lu2, lw2) >= SHORT_EDGE_M * SHORT_EDGE_M
        return -1.0 if enough and pq * pq > deep * deep * lw2 and rs * rs > deep * deep * lu2 else 0.0
    return min(
        min(point_to_segment2(ax, ay, cx, cy, dx, dy), point_to_segment2(bx, by, cx, cy, dx, dy)),
        min(point_to_segment2(cx, cy, ax, ay, bx, by), point_to_segment2(dx, dy, ax, ay, bx, by)),
    )


@helper
def passes(x0: float, y0: float, x1: float, y1: float) -> int:
    """1 where the edge passes the origin upward on its right, -1 downward, else 0."""
    if y0 <= 0.0 < y1:
        return 1 if x0 * y1 - x1 * y0 > 0.0 else 0
    if y1 <= 0.0 < y0:
        return -1 if x0 * y1 - x1 * y0 <= 0.0 else 0
    return 0


@helper
def _holds(points: np.ndarray, m: Record, n: Record) -> bool:
    """Whether area `m` holds the core of `n`, given that their outlines do not meet: then its first point tells."""
    grown = n.margin_m - m.margin_m
    if m.core != _AREA or n.low_x_m + grown < m.low_x_m or n.high_x_m - grown > m.high_x_m:
        return False
    if n.low_y_m + grown < m.low_y_m or n.high_y_m - grown > m.high_y_m:
        return False
    x, y = points[n.first, 0], points[n.first, 1]
    rounds = 0
    for a in range(m.first, m.first + m.edges):
        rounds += passes(points[a, 0] - x, points[a, 1] - y, points[a + 1, 0] - x, points[a + 1, 1] - y)
    return rounds != 0


@helper
def _list_near(points: np.ndarray, m: Record, n: Record, far: float, listed: np.ndarray) -> int:
    """Lists the edges of `m` that are no further than `far` from the box of the core of `n`; how many they are."""
    grown = far - n.margin_m
    x0, y0, x1, y1 = n.low_x_m - grown, n.low_y_m - grown, n.high_x_m + grown, n.high_y_m + grown
    count = 0
    for a in range(m.first, m.first + m.edges):
        ax, ay, bx, by = points[a, 0], points[a, 1], points[a + 1, 0], points[a + 1, 1]
        # Written whether it stays or not: cheaper than a branch that nobody can foretell.
        listed[count] = a
        count += (max(ax, bx) >= x0) & (min(ax, bx) <= x1) & (max(ay, by) >= y0) & (min(ay, by) <= y1)
    return count


@helper
def _edges_meet(
    points: np.ndarray, listed: np.ndarray, count_m: int, count_n: int, far: float, deep: float, overlap: float
) -> int:
    """CERTAIN where two listed edges cross deep or come nearer than `overlap`; CLEAR where all keep `far` apart."""
    answer = CLEAR
    for k in range(count_m):
        a = listed[0, k]
        ax, ay, bx, by = points[a, 0], points[a, 1], points[a + 1, 0], points[a + 1, 1]
        x0, x1, y0, y1 = min(ax, bx) - far, max(ax, bx) + far, min(ay, by) - far, max(ay, by) + far
        for other in range(count_n):
            c = listed[1, other]
            px, py, qx, qy = points[c, 0], points[c, 1], points[c + 1, 0], points[c + 1, 1]
            if (max(px, qx) < x0) | (min(px, qx) > x1) | (max(py, qy) < y0) | (min(py, qy) > y1):
                continue
            apart2 = _segments(ax, ay, bx, by, px, py, qx, qy, far, deep)
            if apart2 < 0.0 or (overlap > 0.0 and apart2 < overlap * overlap):
                return CERTAIN
            if apart2 <= far * far:
                answer = UNDECIDED
    return answer


@helper
def by_middles(m: Record, n: Record, minimum_m: float) -> int:
    """What the middles tell: CLEAR only for two circles, CERTAIN where the definition looks at a middle."""
    if m.edges == 0 or n.edges == 0:
        return UNDECIDED
    error_m = max(m.error_m, n.error_m)
    x, y = m.center_x_m - n.center_x_m, m.center_y_m - n.center_y_m
    away2 = x * x + y * y
    if m.core == _POINT or n.core == _POINT:
        buffers = m.buffer_m + n.buffer_m
        both = m.core == n.core
        if both and away2 > (buffers + minimum_m + TOLERANCE_M + error_m) ** 2:
            return CLEAR
        # A circle meets whatever holds a disc near enough.
        inner = 0.0 if both else max(m.inner_m, n.inner_m)
        within = inner + buffers - TOLERANCE_M - error_m
        sure = (both or inner > 0.0) and buffers > TOLERANCE_M + error_m and within > 0.0 and away2 < within * within
        return CERTAIN if sure else UNDECIDED
    # A middle that surely lies in its own area is one of the points that the definition looks at.
    within = max(m.inner_m, n.inner_m) - TOLERANCE_M - error_m
    sure = min(m.inner_m, n.inner_m) > 0.0 and within > 0.0 and away2 < within * within
    return CERTAIN if sure else UNDECIDED


@helper
def room_for_edges() -> np.ndarray:
    """Room for the lists that `decide` makes."""
    return np.empty((2, MOST_POINTS + 1), np.int64)


@helper
def by_edges(points: np.ndarray, m: Record, n: Record, minimum_m: float, listed: np.ndarray) -> int:
    """CLEAR, CERTAIN with a gap of 0, or UNDECIDED, where the middles tell nothing; `listed`: from `room_for_edges`."""
    if m.edges == 0 or n.edges == 0 or (m.core == _POINT and n.core == _POINT):
        return UNDECIDED
    error_m = max(m.error_m, n.error_m)
    buffers = m.buffer_m + n.buffer_m
    far, deep = buffers + minimum_m + TOLERANCE_M + error_m, TOLERANCE_M + error_m
    count_m, count_n = _list_near(points, m, n, far, listed[0]), _list_near(points, n, m, far, listed[1])
    answer = _edges_meet(points, listed, count_m, count_n, far, deep, buffers - deep)
    if answer != CLEAR:
        return answer
    # No part of one outline is near the other: inside or outside.
    return CERTAIN if _holds(points, m, n) or _holds(points, n, m) else CLEAR


@helper
def decide(points: np.ndarray, m: Record, n: Record, minimum_m: float, listed: np.ndarray) -> int:
    """CLEAR, CERTAIN with a gap of 0, or UNDECIDED, for two records of FLAT."""
    answer = by_middles(m, n, minimum_m)
    return answer if answer != UNDECIDED else by_edges(points, m, n, minimum_m, listed)
