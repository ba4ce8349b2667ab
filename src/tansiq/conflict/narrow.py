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

from tansiq.conflict.arrays import BLOCK, Record, VolumeArrays
from tansiq.conflict.columns import NO_LIMIT
from tansiq.conflict.flat import passes
from tansiq.conflict.jit import helper
from tansiq.geometry.band import (
    GEOID_ABOVE_ELLIPSOID_DMM,
    GROUND_ABOVE_SEA_DMM,
    PRESSURE_LEVEL_DMM,
    UNBOUNDED_DIFFERENCE_DMM,
)
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
"""Between edges of STEP_M and their geodesics in a chart; shorter ones stray less, with the square of their length."""

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
def _ends(v: VolumeArrays, i: int) -> tuple[int, int]:
    """The rows of the first and last point of volume i."""
    first = v.volumes[i].first
    return first, first + v.volumes[i].count - 1


@helper
def _edge_count(v: VolumeArrays, i: int) -> int:
    count = v.volumes[i].count
    return count if v.volumes[i].core == _AREA else count - 1


@helper
def block_count(v: VolumeArrays, i: int) -> int:
    """In how many blocks the edges of volume i come; a short outline is one block."""
    return max(1, v.volumes[i].blocks)


@helper
def _block_edges(v: VolumeArrays, i: int, block: int) -> tuple[int, int]:
    """The first edge of the block and the one after its last; a point counts as an edge from itself to itself."""
    edges = max(1, _edge_count(v, i))
    if v.volumes[i].blocks == 0:
        return 0, edges
    return block * BLOCK, min(edges, (block + 1) * BLOCK)


@helper
def _block_side_m(v: VolumeArrays, i: int, block: int, side: int) -> float:
    """One side of the box round a block: 0 to 2 the least x, y, z, 3 to 5 the greatest."""
    if v.volumes[i].blocks == 0:
        radius_m = v.volumes[i].radius_m
        return float(v.volumes[i].center_m[side % 3] + (radius_m if side >= 3 else -radius_m))
    return float(v.block_box_m[v.volumes[i].first_block + block, side])


@helper
def _block_further(v: VolumeArrays, i: int, block: int, px: float, py: float, pz: float, than_m: float) -> bool:
    """Whether all of the block is further than this from the point."""
    if than_m == math.inf:
        return False
    x = max(_block_side_m(v, i, block, 0) - px, px - _block_side_m(v, i, block, 3))
    y = max(_block_side_m(v, i, block, 1) - py, py - _block_side_m(v, i, block, 4))
    z = max(_block_side_m(v, i, block, 2) - pz, pz - _block_side_m(v, i, block, 5))
    x, y, z = max(x, 0.0), max(y, 0.0), max(z, 0.0)
    return x * x + y * y + z * z > than_m * than_m


@helper
def _blocks_apart(v: VolumeArrays, i: int, block: int, w: VolumeArrays, j: int, other: int) -> bool:
    for side in range(3):
        if _block_side_m(v, i, block, side) > _block_side_m(w, j, other, side + 3):
            return True
        if _block_side_m(w, j, other, side) > _block_side_m(v, i, block, side + 3):
            return True
    return False


@helper
def point_to_outline_m(v: VolumeArrays, px: float, py: float, pz: float, i: int, best: float) -> float:
    """The distance of a point to the outline of volume i, or `best` where it is not less."""
    first, last = _ends(v, i)
    edges = _edge_count(v, i)
    for block in range(block_count(v, i)):
        if _block_further(v, i, block, px, py, pz, best):
            continue
        begin, stop = _block_edges(v, i, block)
        for k in range(begin, stop):
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
def _points_to_outline_m(v: VolumeArrays, i: int, w: VolumeArrays, j: int, best: float) -> float:
    """The least distance of the points of volume i to the outline of volume j, or `best` where it is not less."""
    x, y, z = w.volumes[j].center_m[0], w.volumes[j].center_m[1], w.volumes[j].center_m[2]
    first, last = _ends(v, i)
    for block in range(block_count(v, i)):
        if _block_further(v, i, block, x, y, z, best + w.volumes[j].radius_m):
            continue
        begin, stop = _block_edges(v, i, block)
        # An open line's last point begins no edge: it comes after the others.
        if stop == _edge_count(v, i) and v.volumes[i].core != _AREA:
            stop += 1
        for k in range(first + begin, min(last + 1, first + stop)):
            best = point_to_outline_m(w, v.points_m[k, 0], v.points_m[k, 1], v.points_m[k, 2], j, best)
    return best


@helper
def outlines_m(v: VolumeArrays, i: int, w: VolumeArrays, j: int, best: float) -> float:
    """The distance of two outlines that do not cross, or `best` where it is not less."""
    best = _points_to_outline_m(v, i, w, j, best)
    return _points_to_outline_m(w, j, v, i, best)


@helper
def charted(px: float, py: float, pz: float, axes: np.ndarray) -> tuple[float, float]:
    """Where the point lies in the chart with these axes, as `geometry.chart` has it; in front of the Earth's centre."""
    scale = EQUATORIAL_RADIUS_M / (px * axes[2, 0] + py * axes[2, 1] + pz * axes[2, 2])
    x = scale * (px * axes[0, 0] + py * axes[0, 1] + pz * axes[0, 2])
    return x, scale * (px * axes[1, 0] + py * axes[1, 1] + pz * axes[1, 2])


@helper
def _charted_point(v: VolumeArrays, k: int, axes: np.ndarray) -> tuple[float, float]:
    return charted(v.points_m[k, 0], v.points_m[k, 1], v.points_m[k, 2], axes)


@helper
def encloses(v: VolumeArrays, i: int, px: float, py: float, pz: float) -> bool:
    """Whether area i has the point inside; within the volume's `stray_m` of the boundary it may go either way."""
    if v.volumes[i].core != _AREA:
        return False
    axes = v.volumes[i].axes
    if px * axes[2, 0] + py * axes[2, 1] + pz * axes[2, 2] <= 0.0:
        return False
    x, y = charted(px, py, pz, axes)
    first, last = _ends(v, i)
    rounds = 0
    for block in range(block_count(v, i)):
        begin, stop = _block_edges(v, i, block)
        row = v.volumes[i].first_block + block
        if v.volumes[i].blocks > 0 and (
            y < v.block_chart_m[row, 1] or y > v.block_chart_m[row, 3] or x > v.block_chart_m[row, 2]
        ):
            # Whatever runs above, below, or to the left of the point does not cross the ray to its right.
            continue
        x1, y1 = _charted_point(v, first + begin, axes)
        for k in range(begin, stop):
            x0, y0 = x1, y1
            x1, y1 = _charted_point(v, first + k + 1 if first + k < last else first, axes)
            rounds += passes(x0 - x, y0 - y, x1 - x, y1 - y)
    # Rounds, not crossings: a ring that runs twice along nearly the same way still has its inside inside.
    return rounds != 0


@helper
def _offset_m(points: np.ndarray, a: int, b: int, others: np.ndarray, p: int) -> float:
    """How far row p of `others` lies to one side of the normal section through rows a and b, a few km away."""
    ax, ay, az = points[a, 0], points[a, 1], points[a, 2]
    dx, dy, dz = points[b, 0] - ax, points[b, 1] - ay, points[b, 2] - az
    nx, ny, nz = (ax + points[b, 0]) * _A2, (ay + points[b, 1]) * _A2, (az + points[b, 2]) * _B2
    cx, cy, cz = dy * nz - dz * ny, dz * nx - dx * nz, dx * ny - dy * nx
    size = math.sqrt(cx * cx + cy * cy + cz * cz)
    if size == 0.0:
        return 0.0
    return ((others[p, 0] - ax) * cx + (others[p, 1] - ay) * cy + (others[p, 2] - az) * cz) / size


@helper
def _edges_crossing_m(points: np.ndarray, a: int, b: int, others: np.ndarray, c: int, d: int) -> float:
    """How deep the edges a-b and c-d cross: the least distance of the four ends from the other's line; -1: not."""
    x = points[a, 0] + points[b, 0] - others[c, 0] - others[d, 0]
    y = points[a, 1] + points[b, 1] - others[c, 1] - others[d, 1]
    z = points[a, 2] + points[b, 2] - others[c, 2] - others[d, 2]
    dx, dy, dz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
    ex, ey, ez = others[d, 0] - others[c, 0], others[d, 1] - others[c, 1], others[d, 2] - others[c, 2]
    lengths = math.sqrt(dx * dx + dy * dy + dz * dz) + math.sqrt(ex * ex + ey * ey + ez * ez) + 4.0
    if x * x + y * y + z * z > lengths * lengths:
        return -1.0
    p, q = _offset_m(others, c, d, points, a), _offset_m(others, c, d, points, b)
    if p * q > 0.0:
        return -1.0
    r, s = _offset_m(points, a, b, others, c), _offset_m(points, a, b, others, d)
    if r * s > 0.0:
        return -1.0
    return min(abs(p), abs(q), abs(r), abs(s))


@helper
def crossing_m(v: VolumeArrays, i: int, w: VolumeArrays, j: int, enough: float) -> float:
    """The depth of the deepest crossing of the two outlines, or of the first that is deeper than `enough`; -1: none."""
    deepest = -1.0
    for block in range(block_count(v, i)):
        for other in range(block_count(w, j)):
            if not _blocks_apart(v, i, block, w, j, other):
                deepest = max(deepest, _blocks_crossing_m(v, i, block, w, j, other, enough))
                if deepest > enough:
                    return deepest
    return deepest


@helper
def _blocks_crossing_m(
    v: VolumeArrays, i: int, block: int, w: VolumeArrays, j: int, other: int, enough: float
) -> float:
    deepest = -1.0
    if _edge_count(v, i) == 0 or _edge_count(w, j) == 0:
        return deepest
    begin_i, stop_i = _block_edges(v, i, block)
    begin_j, stop_j = _block_edges(w, j, other)
    first_i, last_i = _ends(v, i)
    first_j, last_j = _ends(w, j)
    for a in range(first_i + begin_i, first_i + stop_i):
        b = a + 1 if a < last_i else first_i
        for c in range(first_j + begin_j, first_j + stop_j):
            d = c + 1 if c < last_j else first_j
            depth = _edges_crossing_m(v.points_m, a, b, w.points_m, c, d)
            if depth > deepest:
                deepest = depth
                if deepest > enough:
                    return deepest
    return deepest


@helper
def _depth_inside_m(v: VolumeArrays, i: int, w: VolumeArrays, j: int, enough: float) -> float:
    """How deep the deepest point or middle of an edge of area i lies inside area j; -1: none does.

    The first depth beyond `enough` is deep enough.
    """
    deepest = -1.0
    first, last = _ends(v, i)
    for k in range(first, last + 1):
        following = k + 1 if k < last else first
        for half in range(2):
            x, y, z = v.points_m[k, 0], v.points_m[k, 1], v.points_m[k, 2]
            if half == 1:
                # The chord's middle, raised to the surface: a metre or less, along the line from the Earth's centre.
                x, y, z = x + v.points_m[following, 0], y + v.points_m[following, 1], z + v.points_m[following, 2]
                scale = 1.0 / math.sqrt((x * x + y * y) * _A2 + z * z * _B2)
                x, y, z = x * scale, y * scale, z * scale
            if encloses(w, j, x, y, z):
                deepest = max(deepest, point_to_outline_m(w, x, y, z, j, 2 * enough))
                if deepest > enough:
                    return deepest
    return deepest


@helper
def _middle_depth_m(v: VolumeArrays, i: int, w: VolumeArrays, j: int, enough: float, stray: float) -> float:
    """How deep the middle of area i lies inside area j; -1: it does not; infinite: unknown, ask `exact`.

    Only a middle that surely lies inside its own area is the one that `exact` uses.
    """
    x, y, z = v.volumes[i].center_m[0], v.volumes[i].center_m[1], v.volumes[i].center_m[2]
    if not encloses(v, i, x, y, z) or point_to_outline_m(v, x, y, z, i, 1.0) < 2 * stray:
        return math.inf
    if not encloses(w, j, x, y, z):
        return -1.0
    return point_to_outline_m(w, x, y, z, j, 2 * enough)


@helper
def _close_areas(v: VolumeArrays, i: int, w: VolumeArrays, j: int, crossing: float, gap: float, stray: float) -> int:
    """The answer at a minimum of 0 for a pair without overlapping buffers whose outlines cross or nearly touch.

    `gap` is at most one centimetre and its error.
    """
    unsure_low, unsure_high = TOLERANCE_M - stray / 2, TOLERANCE_M + stray / 2
    middle = -1.0
    if v.volumes[i].core == _AREA and w.volumes[j].core == _AREA:
        middle = _middle_depth_m(v, i, w, j, unsure_high, stray)
        if middle <= unsure_high:
            middle = max(middle, _middle_depth_m(w, j, v, i, unsure_high, stray))
        if unsure_high < middle < math.inf:
            return CERTAIN
    # A divided edge crosses deeper with its far ends than with those of its parts, and the points between
    # them are none that the definition asks about.
    if v.volumes[i].divided or w.volumes[j].divided:
        return UNDECIDED
    depth = max(_depth_inside_m(v, i, w, j, unsure_high), _depth_inside_m(w, j, v, i, unsure_high))
    depth = max(depth, crossing)
    if depth > unsure_high:
        return CERTAIN
    if depth > unsure_low or middle > unsure_low:
        return UNDECIDED
    return POSSIBLE if gap <= unsure_low else UNDECIDED


@helper
def horizontal(v: VolumeArrays, i: int, w: VolumeArrays, j: int, minimum_m: float) -> tuple[int, float]:
    """CLEAR, POSSIBLE, CERTAIN or UNDECIDED, and the gap: `geometry.distance.horizontal_conflict` for arrays."""
    away = math.sqrt(
        (v.volumes[i].center_m[0] - w.volumes[j].center_m[0]) ** 2
        + (v.volumes[i].center_m[1] - w.volumes[j].center_m[1]) ** 2
        + (v.volumes[i].center_m[2] - w.volumes[j].center_m[2]) ** 2
    )
    reach = minimum_m + TOLERANCE_M
    if away > v.volumes[i].radius_m + w.volumes[j].radius_m + reach:
        return CLEAR, math.inf
    buffers = v.volumes[i].buffer_m + w.volumes[j].buffer_m
    give_up = (buffers + reach + 1.0) * 1.001
    distance = outlines_m(v, i, w, j, give_up + 2 * error_m(give_up))
    error = error_m(distance)
    if distance - buffers < -TOLERANCE_M - error:
        return CERTAIN, 0.0
    # How far the straight edges of a chart may stray from the geodesics, and a bit for all else.
    stray = max(v.volumes[i].stray_m, w.volumes[j].stray_m)
    sure = TOLERANCE_M + stray
    crossing = -1.0 if v.volumes[i].core == _POINT or w.volumes[j].core == _POINT else crossing_m(v, i, w, j, sure)
    first_i, first_j = v.volumes[i].first, w.volumes[j].first
    meet = (
        crossing > sure
        or encloses(w, j, v.points_m[first_i, 0], v.points_m[first_i, 1], v.points_m[first_i, 2])
        or encloses(v, i, w.points_m[first_j, 0], w.points_m[first_j, 1], w.points_m[first_j, 2])
    )
    if meet and (crossing > sure or distance > sure + error):
        return CERTAIN, 0.0
    gap = 0.0 if meet else max(0.0, distance - buffers)
    if gap > CHART_ERROR_M and distance <= sure + error:
        # So near to each other the charts do not say for sure whether the cores share a point, and have no gap.
        return UNDECIDED, gap
    if minimum_m > 0.0 and gap + error + stray <= minimum_m - TOLERANCE_M:
        return CERTAIN, gap
    if distance > sure + error and crossing < 0.0:
        # Neither enclosed nor touching: the gap alone decides.
        return _by_gap(gap, error, minimum_m, buffers - distance)
    if minimum_m > 0.0 or buffers > 0.0:
        return UNDECIDED, gap
    answer = _close_areas(v, i, w, j, crossing, gap, stray)
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
def amsl_low(reference: int, dmm: int) -> int:
    """`geometry.band.amsl_bounds_dmm`, the least."""
    if reference == _W84:
        return dmm - _GEOID_HIGH
    if reference == _AGL:
        return dmm + _GROUND_LOW
    if reference == _FL:
        return _PRESSURE_LOW + min(dmm * 3 // 4, dmm * 6 // 5)
    return dmm


@helper
def amsl_high(reference: int, dmm: int) -> int:
    """`geometry.band.amsl_bounds_dmm`, the greatest."""
    if reference == _W84:
        return dmm - _GEOID_LOW
    if reference == _AGL:
        return dmm + _GROUND_HIGH
    if reference == _FL:
        return _PRESSURE_HIGH + max(-(-dmm * 3 // 4), -(-dmm * 6 // 5))
    return dmm


@helper
def _separation_dmm(m: Record, n: Record, same_ground: bool) -> tuple[int, bool]:
    """How far the lower limit of `m` lies above the upper one of `n` at least, and whether compared natively."""
    lower, upper = m.lower_reference, n.upper_reference
    if NO_LIMIT in (lower, upper):
        return UNBOUNDED_DIFFERENCE_DMM, True
    if lower == upper and (same_ground or lower != _AGL):
        return int(m.lower_dmm) - n.upper_dmm, True
    return amsl_low(lower, int(m.lower_dmm)) - amsl_high(upper, int(n.upper_dmm)), False


@helper
def vertical(m: Record, n: Record, minimum_dmm: int, same_ground: bool) -> int:
    """CLEAR, POSSIBLE or CERTAIN: `geometry.band.vertical_conflict` for two records, in the same integers."""
    above, native = _separation_dmm(m, n, same_ground)
    below, native_too = _separation_dmm(n, m, same_ground)
    least = max(above, below)
    if least > 0 and least >= minimum_dmm:
        return CLEAR
    return CERTAIN if native and native_too else POSSIBLE
