"""The narrow phase: the answer for one pair of volumes, compiled, with a proved bound on its error.

Rules for the next editor:

1. Every number that is compared with a threshold carries an error bound; within it the answer is
   UNDECIDED, and `exact` decides. Nothing here may guess.
2. Distances: two surface points with chord c are 2 R asin(c / 2 R) apart, R the radius of curvature
   of the normal section at the chord's middle. The chord's middle is conjugate to its direction, so
   both points lie in that section, and the error is of the fifth order: below 0.3 um at 100 km,
   26 mm at 1,000 km, 4e-32 * D^5 bounds it everywhere (tests/authority/test_arcs.py).
3. Edges are at most 5 km long, so the normal section through their ends strays from the geodesic by
   less than 0.1 um, and from a plane through the Earth's centre (the charts) by less than 2 mm.
4. No fast maths, no longitude, no special case for a pole.
"""

import math
from typing import Final

import numpy as np

from tansiq.conflict.arrays import NO_LIMIT, VolumeArrays
from tansiq.conflict.jit import helper
from tansiq.geometry.band import GEOID_ABOVE_ELLIPSOID_DMM, GROUND_ABOVE_SEA_DMM, PRESSURE_LEVEL_DMM
from tansiq.geometry.certainty import TOLERANCE_M, Certainty
from tansiq.geometry.earth import EQUATORIAL_RADIUS_M, POLAR_RADIUS_M
from tansiq.geometry.footprint import CoreKind
from tansiq.units import Reference

CLEAR: Final = int(Certainty.CLEAR)
POSSIBLE: Final = int(Certainty.POSSIBLE)
CERTAIN: Final = int(Certainty.CERTAIN)
UNDECIDED: Final = 3

ERROR_M: Final = 2e-4
ERROR_PER_D5: Final = 4e-32
CHART_ERROR_M: Final = 4e-3

_A2: Final = 1 / EQUATORIAL_RADIUS_M**2
_B2: Final = 1 / POLAR_RADIUS_M**2
_POINT: Final = int(CoreKind.POINT)
_AREA: Final = int(CoreKind.AREA)
_W84, _AGL, _FL = int(Reference.W84), int(Reference.AGL), int(Reference.FL)
_GEOID_LOW, _GEOID_HIGH = GEOID_ABOVE_ELLIPSOID_DMM
_GROUND_LOW, _GROUND_HIGH = GROUND_ABOVE_SEA_DMM
_PRESSURE_LOW, _PRESSURE_HIGH = PRESSURE_LEVEL_DMM


@helper
def error_m(distance_m: float) -> float:
    """How far a distance may be off."""
    return ERROR_M + ERROR_PER_D5 * distance_m**5


@helper
def arc_m(px: float, py: float, pz: float, qx: float, qy: float, qz: float) -> float:
    """The geodesic distance of two surface points (rule 2)."""
    dx, dy, dz = qx - px, qy - py, qz - pz
    chord2 = dx * dx + dy * dy + dz * dz
    if chord2 == 0.0:
        return 0.0
    mx, my, mz = 0.5 * (px + qx), 0.5 * (py + qy), 0.5 * (pz + qz)
    gx, gy, gz = mx * _A2, my * _A2, mz * _B2
    measure = mx * gx + my * gy + mz * gz
    bend = ((dx * dx + dy * dy) * _A2 + dz * dz * _B2) / chord2
    radius = math.sqrt((gx * gx + gy * gy + gz * gz) / measure) / bend
    return 2.0 * radius * math.asin(min(1.0, 0.5 * math.sqrt(chord2) / radius))


@helper
def _nearest_on_edge(points: np.ndarray, a: int, b: int, px: float, py: float, pz: float) -> tuple[float, float, float]:
    """The point of the edge from row a to row b that is nearest to p: the chord's foot, raised to the surface."""
    ax, ay, az = points[a, 0], points[a, 1], points[a, 2]
    dx, dy, dz = points[b, 0] - ax, points[b, 1] - ay, points[b, 2] - az
    length2 = dx * dx + dy * dy + dz * dz
    if length2 == 0.0:
        return ax, ay, az
    share = ((px - ax) * dx + (py - ay) * dy + (pz - az) * dz) / length2
    if share <= 0.0:
        return ax, ay, az
    if share >= 1.0:
        return points[b, 0], points[b, 1], points[b, 2]
    x, y, z = ax + share * dx, ay + share * dy, az + share * dz
    gx, gy, gz = x * _A2, y * _A2, z * _B2
    below = x * gx + y * gy + z * gz - 1.0
    rise = -0.5 * below / (gx * gx + gy * gy + gz * gz)
    return x + rise * gx, y + rise * gy, z + rise * gz


@helper
def _edge_count(v: VolumeArrays, i: int) -> int:
    rows = v.offsets[i + 1] - v.offsets[i]
    return rows if v.core[i] == _AREA else rows - 1


@helper
def _point_to_outline_m(v: VolumeArrays, px: float, py: float, pz: float, i: int, best: float) -> float:
    """The distance of a point to the outline of volume i, or `best` where it is not less."""
    first, last = v.offsets[i], v.offsets[i + 1] - 1
    edges = _edge_count(v, i)
    for k in range(max(1, edges)):
        a = first + k
        b = a + 1 if a < last else first
        if edges == 0:
            b = a
        x, y, z = _nearest_on_edge(v.points_m, a, b, px, py, pz)
        chord2 = (px - x) ** 2 + (py - y) ** 2 + (pz - z) ** 2
        # An arc is never shorter than its chord: what the chord rules out needs no arc.
        if chord2 < best * best:
            best = min(best, arc_m(px, py, pz, x, y, z))
    return best


@helper
def outlines_m(v: VolumeArrays, i: int, j: int, best: float) -> float:
    """The distance of two outlines that do not cross, or `best` where it is not less."""
    for k in range(v.offsets[i], v.offsets[i + 1]):
        best = _point_to_outline_m(v, v.points_m[k, 0], v.points_m[k, 1], v.points_m[k, 2], j, best)
    for k in range(v.offsets[j], v.offsets[j + 1]):
        best = _point_to_outline_m(v, v.points_m[k, 0], v.points_m[k, 1], v.points_m[k, 2], i, best)
    return best


@helper
def encloses(v: VolumeArrays, i: int, px: float, py: float, pz: float) -> bool:
    """Whether area i has the point inside; within CHART_ERROR_M of the boundary it may go either way."""
    if v.core[i] != _AREA:
        return False
    axes = v.axes[i]
    height = px * axes[2, 0] + py * axes[2, 1] + pz * axes[2, 2]
    if height <= 0.0:
        return False
    scale = EQUATORIAL_RADIUS_M / height
    x = scale * (px * axes[0, 0] + py * axes[0, 1] + pz * axes[0, 2])
    y = scale * (px * axes[1, 0] + py * axes[1, 1] + pz * axes[1, 2])
    first, stop = v.offsets[i], v.offsets[i + 1]
    rounds = 0
    x0, y0 = v.chart_m[stop - 1, 0] - x, v.chart_m[stop - 1, 1] - y
    for k in range(first, stop):
        x1, y1 = v.chart_m[k, 0] - x, v.chart_m[k, 1] - y
        left = x0 * y1 - x1 * y0 > 0.0
        if y0 <= 0.0 < y1 and left:
            rounds += 1
        elif y1 <= 0.0 < y0 and not left:
            rounds -= 1
        x0, y0 = x1, y1
    # Rounds, not crossings: a ring that runs twice along nearly the same way still has its inside inside.
    return rounds != 0


@helper
def _offset_m(points: np.ndarray, a: int, b: int, p: int) -> float:
    """How far row p lies to one side of the normal section through rows a and b; p is a few kilometres away."""
    ax, ay, az = points[a, 0], points[a, 1], points[a, 2]
    dx, dy, dz = points[b, 0] - ax, points[b, 1] - ay, points[b, 2] - az
    nx, ny, nz = (ax + points[b, 0]) * _A2, (ay + points[b, 1]) * _A2, (az + points[b, 2]) * _B2
    cx, cy, cz = dy * nz - dz * ny, dz * nx - dx * nz, dx * ny - dy * nx
    size = math.sqrt(cx * cx + cy * cy + cz * cz)
    if size == 0.0:
        return 0.0
    return ((points[p, 0] - ax) * cx + (points[p, 1] - ay) * cy + (points[p, 2] - az) * cz) / size


@helper
def _edges_crossing_m(points: np.ndarray, a: int, b: int, c: int, d: int) -> float:
    """How deep the edges a-b and c-d cross: the least distance of the four ends from the other's line; -1: not."""
    x = points[a, 0] + points[b, 0] - points[c, 0] - points[d, 0]
    y = points[a, 1] + points[b, 1] - points[c, 1] - points[d, 1]
    z = points[a, 2] + points[b, 2] - points[c, 2] - points[d, 2]
    dx, dy, dz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
    ex, ey, ez = points[d, 0] - points[c, 0], points[d, 1] - points[c, 1], points[d, 2] - points[c, 2]
    lengths = math.sqrt(dx * dx + dy * dy + dz * dz) + math.sqrt(ex * ex + ey * ey + ez * ez) + 4.0
    if x * x + y * y + z * z > lengths * lengths:
        return -1.0
    p, q = _offset_m(points, c, d, a), _offset_m(points, c, d, b)
    if p * q > 0.0:
        return -1.0
    r, s = _offset_m(points, a, b, c), _offset_m(points, a, b, d)
    if r * s > 0.0:
        return -1.0
    return min(abs(p), abs(q), abs(r), abs(s))


@helper
def crossing_m(v: VolumeArrays, i: int, j: int, enough: float) -> float:
    """The depth of the deepest crossing of the two outlines, or of the first that is deeper than `enough`; -1: none."""
    deepest = -1.0
    edges_i, edges_j = _edge_count(v, i), _edge_count(v, j)
    first_i, last_i = v.offsets[i], v.offsets[i + 1] - 1
    first_j, last_j = v.offsets[j], v.offsets[j + 1] - 1
    for k in range(edges_i):
        a = first_i + k
        b = a + 1 if a < last_i else first_i
        for m in range(edges_j):
            c = first_j + m
            d = c + 1 if c < last_j else first_j
            depth = _edges_crossing_m(v.points_m, a, b, c, d)
            if depth > deepest:
                deepest = depth
                if deepest > enough:
                    return deepest
    return deepest


@helper
def _depth_inside_m(v: VolumeArrays, i: int, j: int, enough: float) -> float:
    """How deep the deepest point or middle of an edge of area i lies inside area j; -1: none does.

    The first depth beyond `enough` is deep enough.
    """
    deepest = -1.0
    first, last = v.offsets[i], v.offsets[i + 1] - 1
    for k in range(first, last + 1):
        following = k + 1 if k < last else first
        for half in range(2):
            x, y, z = v.points_m[k, 0], v.points_m[k, 1], v.points_m[k, 2]
            if half == 1:
                # The chord's middle, raised to the surface: a metre or less, along the line from the Earth's centre.
                x, y, z = x + v.points_m[following, 0], y + v.points_m[following, 1], z + v.points_m[following, 2]
                scale = 1.0 / math.sqrt((x * x + y * y) * _A2 + z * z * _B2)
                x, y, z = x * scale, y * scale, z * scale
            if encloses(v, j, x, y, z):
                deepest = max(deepest, _point_to_outline_m(v, x, y, z, j, 2 * enough))
                if deepest > enough:
                    return deepest
    return deepest


@helper
def _middle_depth_m(v: VolumeArrays, i: int, j: int, enough: float) -> float:
    """How deep the middle of area i lies inside area j; -1: it does not; infinite: unknown, ask `exact`.

    Only a middle that surely lies inside its own area is the one that `exact` uses.
    """
    x, y, z = v.ball_m[i, 0], v.ball_m[i, 1], v.ball_m[i, 2]
    if not encloses(v, i, x, y, z) or _point_to_outline_m(v, x, y, z, i, 1.0) < 2 * CHART_ERROR_M:
        return math.inf
    if not encloses(v, j, x, y, z):
        return -1.0
    return _point_to_outline_m(v, x, y, z, j, 2 * enough)


@helper
def _close_areas(v: VolumeArrays, i: int, j: int, crossing: float, gap: float) -> int:
    """The answer at a minimum of 0 for a pair without overlapping buffers whose outlines cross or nearly touch.

    `gap` is at most one centimetre and its error.
    """
    unsure_low, unsure_high = TOLERANCE_M - CHART_ERROR_M / 2, TOLERANCE_M + CHART_ERROR_M / 2
    middle = -1.0
    if v.core[i] == _AREA and v.core[j] == _AREA:
        middle = _middle_depth_m(v, i, j, unsure_high)
        if middle <= unsure_high:
            middle = max(middle, _middle_depth_m(v, j, i, unsure_high))
        if unsure_high < middle < math.inf:
            return CERTAIN
    # A divided edge crosses deeper with its far ends than with those of its parts, and the points between
    # them are none that the definition asks about.
    if v.divided[i] or v.divided[j]:
        return UNDECIDED
    depth = max(_depth_inside_m(v, i, j, unsure_high), _depth_inside_m(v, j, i, unsure_high))
    depth = max(depth, crossing)
    if depth > unsure_high:
        return CERTAIN
    if depth > unsure_low or middle > unsure_low:
        return UNDECIDED
    return POSSIBLE if gap <= unsure_low else UNDECIDED


@helper
def horizontal(v: VolumeArrays, i: int, j: int, minimum_m: float) -> tuple[int, float]:
    """CLEAR, POSSIBLE, CERTAIN or UNDECIDED, and the gap: `geometry.distance.horizontal_conflict` for arrays."""
    away = math.sqrt(
        (v.ball_m[i, 0] - v.ball_m[j, 0]) ** 2
        + (v.ball_m[i, 1] - v.ball_m[j, 1]) ** 2
        + (v.ball_m[i, 2] - v.ball_m[j, 2]) ** 2
    )
    reach = minimum_m + TOLERANCE_M
    if away > v.ball_m[i, 3] + v.ball_m[j, 3] + reach:
        return CLEAR, math.inf
    buffers = v.buffer_m[i] + v.buffer_m[j]
    give_up = (buffers + reach + 1.0) * 1.001
    distance = outlines_m(v, i, j, give_up + 2 * error_m(give_up))
    error = error_m(distance)
    if distance - buffers < -TOLERANCE_M - error:
        return CERTAIN, 0.0
    sure = TOLERANCE_M + CHART_ERROR_M
    crossing = -1.0 if v.core[i] == _POINT or v.core[j] == _POINT else crossing_m(v, i, j, sure)
    first_i, first_j = v.offsets[i], v.offsets[j]
    meet = (
        crossing > sure
        or encloses(v, j, v.points_m[first_i, 0], v.points_m[first_i, 1], v.points_m[first_i, 2])
        or encloses(v, i, v.points_m[first_j, 0], v.points_m[first_j, 1], v.points_m[first_j, 2])
    )
    if meet and (crossing > sure or distance > sure + error):
        return CERTAIN, 0.0
    gap = 0.0 if meet else max(0.0, distance - buffers)
    if gap > CHART_ERROR_M and distance <= sure + error:
        # So near to each other the charts do not say for sure whether the cores share a point, and have no gap.
        return UNDECIDED, gap
    if minimum_m > 0.0 and gap + error + CHART_ERROR_M <= minimum_m - TOLERANCE_M:
        return CERTAIN, gap
    if distance > sure + error and crossing < 0.0:
        # Neither enclosed nor touching: the gap alone decides.
        return _by_gap(gap, error, minimum_m, buffers - distance)
    if minimum_m > 0.0 or buffers > 0.0:
        return UNDECIDED, gap
    answer = _close_areas(v, i, j, crossing, gap)
    # What certainly overlaps has no gap, however near its outlines run.
    return answer, 0.0 if answer == CERTAIN else gap


@helper
def _by_gap(gap: float, error: float, minimum_m: float, overlap: float) -> tuple[int, float]:
    """The answer for two volumes that do not meet, or whose buffers alone do."""
    if gap - error > minimum_m + TOLERANCE_M:
        return CLEAR, math.inf
    if gap + error > minimum_m + TOLERANCE_M:
        return UNDECIDED, gap
    if minimum_m > 0.0 and gap - error <= minimum_m - TOLERANCE_M:
        return (CERTAIN if gap + error <= minimum_m - TOLERANCE_M else UNDECIDED), gap
    if overlap + error > TOLERANCE_M:
        return UNDECIDED, gap
    return POSSIBLE, gap


@helper
def _amsl_low(reference: int, dmm: int) -> int:
    if reference == _W84:
        return dmm - _GEOID_HIGH
    if reference == _AGL:
        return dmm + _GROUND_LOW
    if reference == _FL:
        return _PRESSURE_LOW + min(dmm * 3 // 4, dmm * 6 // 5)
    return dmm


@helper
def _amsl_high(reference: int, dmm: int) -> int:
    if reference == _W84:
        return dmm - _GEOID_LOW
    if reference == _AGL:
        return dmm + _GROUND_HIGH
    if reference == _FL:
        return _PRESSURE_HIGH + max(-(-dmm * 3 // 4), -(-dmm * 6 // 5))
    return dmm


@helper
def vertical(v: VolumeArrays, i: int, j: int, minimum_dmm: int, same_ground: bool) -> int:
    """CLEAR, POSSIBLE or CERTAIN: `geometry.band.vertical_conflict` for arrays, in the same integers."""
    answer = CERTAIN
    for side in range(2):
        above, below = (i, j) if side == 0 else (j, i)
        lower, upper = v.limit_reference[above, 0], v.limit_reference[below, 1]
        if NO_LIMIT in (lower, upper):
            continue
        native = lower == upper and (same_ground or lower != _AGL)
        if native:
            least = v.limit_dmm[above, 0] - v.limit_dmm[below, 1]
        else:
            least = _amsl_low(lower, v.limit_dmm[above, 0]) - _amsl_high(upper, v.limit_dmm[below, 1])
        if least > 0 and least >= minimum_dmm:
            return CLEAR
        if not native:
            answer = POSSIBLE
    return answer
