"""Columns made ready for the kernels: vectors instead of degrees, with a ball, a box and a chart for each volume."""

import math
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tansiq.conflict.arrays import BLOCK, BLOCKLESS, ECEF, FLOAT32_M, SAG_M, UNBOUNDED_DMM, VOLUME, Record, VolumeArrays
from tansiq.conflict.columns import NO_LIMIT, VolumeColumns
from tansiq.conflict.flat import LEAST_RADIUS_M, NEAR_M, TILT, flat_error_m, passes, point_to_segment2
from tansiq.conflict.jit import helper, kernel
from tansiq.conflict.narrow import CHART_ERROR_M, amsl_high, amsl_low, charted
from tansiq.geometry.earth import ECCENTRICITY_SQUARED, EQUATORIAL_RADIUS_M, FLATTENING, FloatArray
from tansiq.geometry.footprint import CoreKind
from tansiq.geometry.surface import STEP_M, IntArray, Outlines, dense_outlines

PART: Final = 4096
"""So many volumes are made ready at a time: what lies between degrees and arrays then stays in the cache."""
FEW: Final = 64
SERIES_RAD: Final = 0.01
STRAY_M: Final = 2e-4
"""What is left to rounding and to the half percent by which `exact` measures depths on a sphere."""
_GREATEST_RADIUS_M: Final = EQUATORIAL_RADIUS_M / (1 - FLATTENING)
"""The radius of curvature at the poles, where a degree of latitude is longest."""
_STRETCH: Final = 1 / (1 - FLATTENING)
"""Along the Earth's axis, and the ellipsoid is a sphere."""
_AREA: Final = int(CoreKind.AREA)


class _Divided(NamedTuple):
    """The outlines that have long edges: which volumes' they are, and their dense points."""

    place: IntArray  # (n,) number of the volume's outline among them, or -1
    outlines: Outlines


def volume_arrays(columns: VolumeColumns, workers: int = 1, frame: FloatArray = ECEF) -> VolumeArrays:
    """The arrays of these volumes, in their order; of a few, the boxes always in ECEF."""
    n = len(columns.core)
    if n <= FEW:
        plain, (volumes, points_m, box_m, *blocks) = _few(*columns[:-1])  # `estimated` is not the arrays' business
        if plain:
            return VolumeArrays(volumes, points_m, box_m, ECEF, *blocks)
        frame = ECEF
    divided = _divided(columns)
    counts = np.diff(columns.offsets)
    long = divided.place >= 0
    counts[long] = np.diff(divided.outlines.offsets)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    edges = np.where(columns.core == CoreKind.AREA, counts, counts - 1)
    block_offsets = np.concatenate([[0], np.cumsum(np.where(counts > BLOCKLESS, -(-edges // BLOCK), 0))])
    arrays = VolumeArrays(
        volumes=np.zeros(n, VOLUME),
        points_m=np.empty((offsets[-1], 3)),
        box_m=np.empty((n, 6), np.float32),
        frame=frame,
        block_box_m=np.empty((block_offsets[-1], 6)),
        block_chart_m=np.empty((block_offsets[-1], 4)),
    )
    volumes = arrays.volumes
    volumes["buffer_m"] = columns.buffer_m
    volumes["first"] = offsets[:-1]
    volumes["count"] = counts
    volumes["core"] = columns.core
    volumes["divided"] = long & (counts != np.diff(columns.offsets))
    volumes["lower_reference"], volumes["upper_reference"] = columns.limit_reference.T
    volumes["lower_dmm"], volumes["upper_dmm"] = columns.limit_dmm.T
    volumes["first_block"] = block_offsets[:-1]
    volumes["blocks"] = np.diff(block_offsets)
    volumes["start_us"], volumes["end_us"] = columns.start_us, columns.end_us
    parts = range(0, n, PART)

    def make(first: int) -> None:
        _make_part(arrays, columns, divided, first, min(n, first + PART))

    _for_each(make, parts, workers)
    return arrays


def _for_each(task: Callable[[int], None], parts: Iterable[int], workers: int) -> None:
    if workers == 1:
        for part in parts:
            task(part)
        return
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(task, parts):
            pass


def _divided(columns: VolumeColumns) -> _Divided:
    long = np.flatnonzero(_suspects(columns.core, columns.offsets, columns.lat_deg, columns.lng_deg))
    place = np.full(len(columns.core), -1, np.int64)
    place[long] = np.arange(len(long))
    counts = np.diff(columns.offsets)[long]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    rows = np.repeat(columns.offsets[long] - offsets[:-1], counts) + np.arange(offsets[-1])
    points = np.column_stack([columns.lat_deg[rows], columns.lng_deg[rows]])
    return _Divided(place, dense_outlines(points, offsets, columns.core[long] == CoreKind.AREA))


@kernel
def _suspects(core: NDArray[np.int8], offsets: IntArray, lat_deg: FloatArray, lng_deg: FloatArray) -> NDArray[np.bool_]:
    """Whether a volume may have an edge of more than STEP_M: none that has one is left out."""
    found = np.zeros(len(core), np.bool_)
    # Nowhere is a degree longer, so what is short by this measure is short.
    limit_deg = math.degrees(0.99 * STEP_M / _GREATEST_RADIUS_M)
    for i in range(len(core)):
        first, last = offsets[i], offsets[i + 1] - 1
        for a in range(first, last + 1):
            b = a + 1 if a < last else first
            if b == first and core[i] != _AREA:
                continue
            lat, lng = abs(lat_deg[a] - lat_deg[b]), abs(lng_deg[a] - lng_deg[b])
            lng = min(lng, 360.0 - lng)
            if lat * lat + lng * lng > limit_deg * limit_deg:
                found[i] = True
                break
    return found


def _make_part(arrays: VolumeArrays, columns: VolumeColumns, divided: _Divided, first: int, stop: int) -> None:
    dense = divided.outlines
    degrees = columns.offsets, columns.lat_deg, columns.lng_deg
    fill(arrays, first, stop, *degrees, divided.place, dense.offsets, dense.points_m)


@kernel
def _few(
    core: np.ndarray,
    buffer_m: np.ndarray,
    offsets: np.ndarray,
    lat_deg: np.ndarray,
    lng_deg: np.ndarray,
    start_us: np.ndarray,
    end_us: np.ndarray,
    limit_reference: np.ndarray,
    limit_dmm: np.ndarray,
) -> tuple[bool, tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """The arrays of a few volumes in one step, and whether they are plain: no long edge, no outline for blocks."""
    n, rows = len(core), len(lat_deg)
    frame = np.eye(3)
    plain = not _suspects(core, offsets, lat_deg, lng_deg).any()
    for i in range(n):
        plain = plain and offsets[i + 1] - offsets[i] <= BLOCKLESS
    size = n if plain else 0
    volumes, points_m, box_m = np.empty(size, VOLUME), np.empty((rows, 3)), np.empty((size, 6), np.float32)
    for i in range(size):
        m = volumes[i]
        m.buffer_m, m.first, m.count, m.core, m.divided = (
            buffer_m[i],
            offsets[i],
            offsets[i + 1] - offsets[i],
            core[i],
            False,
        )
        m.lower_reference, m.upper_reference = limit_reference[i, 0], limit_reference[i, 1]
        m.lower_dmm, m.upper_dmm, m.first_block, m.blocks = limit_dmm[i, 0], limit_dmm[i, 1], 0, 0
        m.start_us, m.end_us = start_us[i], end_us[i]
        _vectors(lat_deg, lng_deg, offsets[i], m.count, points_m[offsets[i] : offsets[i + 1]])
        x, y, z = 0.0, 0.0, 0.0
        for k in range(offsets[i], offsets[i + 1]):
            x, y, z = x + points_m[k, 0], y + points_m[k, 1], z + points_m[k, 2]
        _set_bounds(m)
        _set_axes(m.axes, x, y, z)
        _set_ball_and_box(m, points_m, frame, box_m[i])
        _set_inner(m, points_m)
    return plain, (volumes, points_m, box_m, np.empty((0, 6)), np.empty((0, 4)))


@kernel
def fill(
    out: VolumeArrays,
    first: int,
    stop: int,
    offsets: IntArray,
    lat_deg: FloatArray,
    lng_deg: FloatArray,
    place: IntArray,
    dense_offsets: IntArray,
    dense_m: FloatArray,
) -> None:
    """Writes the rows first to stop of all that is made of points and limits.

    place, dense_offsets, dense_m: where among the divided outlines a volume's is, or -1.
    """
    given_m = np.empty((FEW, 3))
    for i in range(first, stop):
        m = out.volumes[i]
        count = offsets[i + 1] - offsets[i]
        if count > len(given_m):
            given_m = np.empty((2 * count, 3))
        _vectors(lat_deg, lng_deg, offsets[i], count, given_m)
        _set_bounds(m)
        x, y, z = 0.0, 0.0, 0.0
        for k in range(count):
            x, y, z = x + given_m[k, 0], y + given_m[k, 1], z + given_m[k, 2]
        _set_axes(m.axes, x, y, z)
        if place[i] < 0:
            _copy(given_m, 0, count, out.points_m, m.first)
        else:
            _copy(dense_m, dense_offsets[place[i]], dense_offsets[place[i] + 1], out.points_m, m.first)
        _set_ball_and_box(m, out.points_m, out.frame, out.box_m[i])
        _set_blocks(out, m)
        _set_inner(m, out.points_m)


@helper
def _vectors(lat_deg: FloatArray, lng_deg: FloatArray, first: int, count: int, vectors_m: FloatArray) -> None:
    """The points as ECEF vectors, as `geometry.earth.ecef_m` has them to a few nanometres.

    Sines are taken of the first point alone, and of its distance to the others by their series, whose next term is
    below 1e-18 of the radius.
    """
    lat, lng = math.radians(lat_deg[first]), math.radians(lng_deg[first])
    sin_lat, cos_lat, sin_lng, cos_lng = math.sin(lat), math.cos(lat), math.sin(lng), math.cos(lng)
    for k in range(count):
        up, along = math.radians(lat_deg[first + k] - lat_deg[first]), math.radians(lng_deg[first + k] - lng_deg[first])
        if max(abs(up), abs(along)) <= SERIES_RAD:
            s, c = _sine_cosine(up)
            sin_a, cos_a = sin_lat * c + cos_lat * s, cos_lat * c - sin_lat * s
            s, c = _sine_cosine(along)
            sin_b, cos_b = sin_lng * c + cos_lng * s, cos_lng * c - sin_lng * s
        else:
            a, b = math.radians(lat_deg[first + k]), math.radians(lng_deg[first + k])
            sin_a, cos_a, sin_b, cos_b = math.sin(a), math.cos(a), math.sin(b), math.cos(b)
        radius_m = EQUATORIAL_RADIUS_M / math.sqrt(1.0 - ECCENTRICITY_SQUARED * sin_a * sin_a)
        vectors_m[k, 0], vectors_m[k, 1] = radius_m * cos_a * cos_b, radius_m * cos_a * sin_b
        vectors_m[k, 2] = radius_m * (1.0 - ECCENTRICITY_SQUARED) * sin_a


@helper
def _sine_cosine(x: float) -> tuple[float, float]:
    """Of an angle of at most SERIES_RAD."""
    x2 = x * x
    sine = x * (1.0 - x2 / 6.0 * (1.0 - x2 / 20.0 * (1.0 - x2 / 42.0)))
    return sine, 1.0 - x2 / 2.0 * (1.0 - x2 / 12.0 * (1.0 - x2 / 30.0))


@helper
def _set_bounds(m: Record) -> None:
    """The heights above sea level; a missing limit is as far as the number goes, further than any height."""
    m.low_dmm, m.high_dmm = -UNBOUNDED_DMM, UNBOUNDED_DMM
    if m.lower_reference != NO_LIMIT:
        m.low_dmm = amsl_low(m.lower_reference, int(m.lower_dmm))
    if m.upper_reference != NO_LIMIT:
        m.high_dmm = amsl_high(m.upper_reference, int(m.upper_dmm))


@helper
def _copy(source: np.ndarray, begin: int, end: int, target: np.ndarray, at: int) -> None:
    for k in range(begin, end):
        for axis in range(3):
            target[at + k - begin, axis] = source[k, axis]


@helper
def _set_axes(axes: np.ndarray, x: float, y: float, z: float) -> None:
    """The axes of the chart that touches the globe in this direction, as `geometry.chart` has them."""
    length = math.sqrt(x * x + y * y + z * z)
    x, y, z = x / length, y / length, z / length
    # Any axis will do that is not nearly parallel to `up`; that of its smallest component can not be.
    hx, hy, hz = 0.0, 0.0, 0.0
    if abs(x) <= abs(y) and abs(x) <= abs(z):
        hx = 1.0
    elif abs(y) <= abs(z):
        hy = 1.0
    else:
        hz = 1.0
    fx, fy, fz = y * hz - z * hy, z * hx - x * hz, x * hy - y * hx
    size = math.sqrt(fx * fx + fy * fy + fz * fz)
    fx, fy, fz = fx / size, fy / size, fz / size
    axes[0, 0], axes[0, 1], axes[0, 2] = fx, fy, fz
    axes[1, 0], axes[1, 1], axes[1, 2] = y * fz - z * fy, z * fx - x * fz, x * fy - y * fx
    axes[2, 0], axes[2, 1], axes[2, 2] = x, y, z


@helper
def _set_ball_and_box(m: Record, points_m: np.ndarray, frame: np.ndarray, box_m: np.ndarray) -> None:
    """The ball and box round everything that the footprint covers.

    What an outline encloses lies no further from a middle on the surface than the outline itself. But an area
    bulges out of the hull of its outline, a cap round a pole most visibly. In the space stretched along the
    axis the outline lies within an angle t of the middle, so the hull keeps at least cos t of the sphere's
    radius from its centre, and nothing enclosed lies more than radius * (1 - cos t) outside.
    A buffer runs along the surface: where that is at an angle to an axis, so much less along it, and as
    much more as a path of that length can bend.
    """
    ux, uy, uz = m.axes[2, 0], m.axes[2, 1], m.axes[2, 2]
    onto = EQUATORIAL_RADIUS_M / math.sqrt(ux * ux + uy * uy + (uz * _STRETCH) ** 2)
    cx, cy, cz = ux * onto, uy * onto, uz * onto
    vx, vy, vz = cx / EQUATORIAL_RADIUS_M, cy / EQUATORIAL_RADIUS_M, cz * _STRETCH / EQUATORIAL_RADIUS_M
    away2, cosine, edge2 = 0.0, 1.0, 0.0
    last = m.first + m.count - 1
    px, py, pz = points_m[last, 0], points_m[last, 1], points_m[last, 2]
    x0, y0, z0, x1, y1, z1 = math.inf, math.inf, math.inf, -math.inf, -math.inf, -math.inf
    for k in range(m.first, m.first + m.count):
        x, y, z = points_m[k, 0], points_m[k, 1], points_m[k, 2]
        away2 = max(away2, (x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2)
        if k > m.first or m.core == _AREA:
            edge2 = max(edge2, (x - px) ** 2 + (y - py) ** 2 + (z - pz) ** 2)
        px, py, pz = x, y, z
        cosine = min(cosine, (x * vx + y * vy + z * _STRETCH * vz) / EQUATORIAL_RADIUS_M)
        x, y, z = _turned(frame, x, y, z)
        x0, y0, z0, x1, y1, z1 = min(x0, x), min(y0, y), min(z0, z), max(x1, x), max(y1, y), max(z1, z)
    bulge = EQUATORIAL_RADIUS_M * (1.0 - cosine) if m.core == _AREA else 0.0
    radius = math.sqrt(away2) + SAG_M
    lean = TILT + radius / LEAST_RADIUS_M
    low, high, up = (x0, y0, z0), (x1, y1, z1), _turned(frame, ux, uy, uz)
    for axis in range(3):
        along = min(1.0, math.sqrt(max(0.0, 1.0 - up[axis] ** 2)) + lean)
        margin = along * m.buffer_m + m.buffer_m**2 / (2.0 * LEAST_RADIUS_M) + bulge + SAG_M + FLOAT32_M
        box_m[axis], box_m[axis + 3] = low[axis] - margin, high[axis] + margin
    m.center_m[0], m.center_m[1], m.center_m[2] = cx, cy, cz
    m.radius_m = radius + m.buffer_m
    m.stray_m = STRAY_M + CHART_ERROR_M * edge2 / STEP_M**2


@helper
def _turned(frame: np.ndarray, x: float, y: float, z: float) -> tuple[float, float, float]:
    """The same vector in the axes of a frame."""
    return (
        x * frame[0, 0] + y * frame[0, 1] + z * frame[0, 2],
        x * frame[1, 0] + y * frame[1, 1] + z * frame[1, 2],
        x * frame[2, 0] + y * frame[2, 1] + z * frame[2, 2],
    )


@helper
def _set_blocks(out: VolumeArrays, m: Record) -> None:
    """A box in space and one in the chart for every BLOCK edges of a long outline."""
    begin, stop = m.first, m.first + m.count
    for block in range(m.first_block, m.first_block + m.blocks):
        first = begin + BLOCK * (block - m.first_block)
        box, flat = out.block_box_m[block], out.block_chart_m[block]
        for axis in range(3):
            box[axis], box[axis + 3] = math.inf, -math.inf
        for axis in range(2):
            flat[axis], flat[axis + 2] = math.inf, -math.inf
        for row in range(first, first + BLOCK + 1):
            # The last edge of a ring ends at its first point, and that of a line at its last.
            k = row if row < stop else begin if m.core == _AREA else stop - 1
            for axis in range(3):
                box[axis] = min(box[axis], out.points_m[k, axis] - SAG_M)
                box[axis + 3] = max(box[axis + 3], out.points_m[k, axis] + SAG_M)
            x, y = charted(out.points_m[k, 0], out.points_m[k, 1], out.points_m[k, 2], m.axes)
            flat[0], flat[1] = min(flat[0], x), min(flat[1], y)
            flat[2], flat[3] = max(flat[2], x), max(flat[3], y)


@helper
def _set_inner(m: Record, points_m: np.ndarray) -> None:
    """How far round the middle an area surely reaches, for a small one whose middle lies inside; else 0."""
    m.inner_m = 0.0
    if m.core != _AREA or m.radius_m > NEAR_M:
        return
    axes = m.axes
    first, last = m.first, m.first + m.count - 1
    least2 = math.inf
    rounds = 0
    x1 = _along(points_m, last, axes, 0)
    y1 = _along(points_m, last, axes, 1)
    for k in range(first, last + 1):
        x0, y0 = x1, y1
        x1, y1 = _along(points_m, k, axes, 0), _along(points_m, k, axes, 1)
        least2 = min(least2, point_to_segment2(0.0, 0.0, x0, y0, x1, y1))
        rounds += passes(x0, y0, x1, y1)
    if rounds != 0:
        m.inner_m = max(0.0, math.sqrt(least2) - flat_error_m(m.radius_m))


@helper
def _along(points_m: np.ndarray, k: int, axes: np.ndarray, axis: int) -> float:
    return points_m[k, 0] * axes[axis, 0] + points_m[k, 1] * axes[axis, 1] + points_m[k, 2] * axes[axis, 2]
