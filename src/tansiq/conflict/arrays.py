"""Volumes as arrays: one row per volume, outlines one after the other.

This is the layout that the kernels read; what a name means is said at its field.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tansiq.geometry.band import UNBOUNDED_DIFFERENCE_DMM, amsl_bounds_dmm
from tansiq.geometry.earth import EQUATORIAL_RADIUS_M, FLATTENING, FloatArray, LatLng, ecef_m
from tansiq.geometry.footprint import CoreKind, core
from tansiq.geometry.surface import IntArray, Outlines, dense_outlines
from tansiq.geometry.volume import Volume4D
from tansiq.units import Altitude

NO_LIMIT: Final = 0
"""Stands where a reference's number would, in a row whose limit is missing."""
ALWAYS_US: Final = 2**62
"""Past every instant that a file can hold: the end of an unbounded window; its negative is the start."""
SAG_M: Final = 1.0
"""More than the arc of a step of 5 km rises above its chord (0.5 m), and than a chart is untrue (2 mm)."""


class VolumeArrays(NamedTuple):
    """n volumes and the m points of their outlines."""

    start_us: IntArray  # (n,) windows, closed
    end_us: IntArray  # (n,)
    limit_reference: NDArray[np.int8]  # (n, 2) lower and upper limit: the reference's number, or NO_LIMIT
    limit_dmm: IntArray  # (n, 2) tenths of a millimetre from that reference
    amsl_dmm: IntArray  # (n, 2) the least lower and greatest upper height above sea level it can mean
    core: NDArray[np.int8]  # (n,) CoreKind
    buffer_m: FloatArray  # (n,)
    offsets: IntArray  # (n + 1,) rows of points_m
    points_m: FloatArray  # (m, 3) ECEF, at most 5 km apart along an outline
    chart_m: FloatArray  # (m, 2) the same points in the chart of their volume
    axes: FloatArray  # (n, 3, 3) the charts' axes; the last row points out of the footprint's middle
    divided: NDArray[np.bool_]  # (n,) whether edges were divided
    ball_m: FloatArray  # (n, 4) centre, on the surface, and radius of a ball that holds the footprint
    box_m: NDArray[np.float32]  # (n, 6) least and greatest x, y, z, rounded outward


def volume_arrays(volumes: Sequence[Volume4D]) -> VolumeArrays:
    """The arrays of these volumes, in their order."""
    cores = [core(volume.footprint) for volume in volumes]
    kinds = np.array([kind for kind, _, _ in cores], dtype=np.int8)
    buffers = np.array([buffer_m for _, _, buffer_m in cores], dtype=np.float64)
    points = [point for _, points, _ in cores for point in points]
    counts = np.array([len(points) for _, points, _ in cores], dtype=np.int64)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    dense = dense_outlines(points, offsets, kinds == CoreKind.AREA)
    middles = _middles(points, offsets)
    axes = _axes(middles)
    owner = np.repeat(np.arange(len(volumes)), np.diff(dense.offsets))
    along = np.einsum("mk,mjk->mj", dense.points_m, axes[owner])
    limits = [_limits(volume) for volume in volumes]
    columns = np.array(limits, dtype=np.int64).reshape(-1, 6)
    return VolumeArrays(
        start_us=np.array([-ALWAYS_US if v.window.start_us is None else v.window.start_us for v in volumes], np.int64),
        end_us=np.array([ALWAYS_US if v.window.end_us is None else v.window.end_us for v in volumes], np.int64),
        limit_reference=np.ascontiguousarray(columns[:, 0:2].astype(np.int8)),
        limit_dmm=np.ascontiguousarray(columns[:, 2:4]),
        amsl_dmm=np.ascontiguousarray(columns[:, 4:6]),
        core=kinds,
        buffer_m=buffers,
        offsets=dense.offsets,
        points_m=dense.points_m,
        chart_m=np.ascontiguousarray(EQUATORIAL_RADIUS_M * along[:, :2] / along[:, 2:]),
        axes=axes,
        divided=np.diff(dense.offsets) != counts,
        ball_m=_balls(dense, owner, _on_surface(middles), buffers),
        box_m=_boxes(dense, owner, middles, kinds, buffers),
    )


def _limits(volume: Volume4D) -> tuple[int, int, int, int, int, int]:
    """Both limits' references, both limits, and both bounds above sea level."""
    lower, upper = volume.band.lower, volume.band.upper
    low = UNBOUNDED_DIFFERENCE_DMM if lower is None else amsl_bounds_dmm(lower.reference, lower.dmm)[0]
    high = -UNBOUNDED_DIFFERENCE_DMM if upper is None else amsl_bounds_dmm(upper.reference, upper.dmm)[1]
    return (*_limit(lower, upper), low, high)


def _limit(lower: Altitude | None, upper: Altitude | None) -> tuple[int, int, int, int]:
    return (
        NO_LIMIT if lower is None else int(lower.reference),
        NO_LIMIT if upper is None else int(upper.reference),
        0 if lower is None else lower.dmm,
        0 if upper is None else upper.dmm,
    )


def _middles(points: Sequence[LatLng], offsets: IntArray) -> FloatArray:
    """Per outline the sum of its given points' vectors, (n, 3): the direction of its middle."""
    if not points:
        return np.zeros((0, 3))
    table = np.array(points, dtype=np.float64)
    return np.asarray(np.add.reduceat(ecef_m(table[:, 0], table[:, 1]), offsets[:-1], axis=0))


def _axes(middles: FloatArray) -> FloatArray:
    """Per direction the axes of the chart that touches the globe there, (n, 3, 3), as `geometry.chart` has them."""
    up = middles / np.sqrt((middles**2).sum(axis=1))[:, None]
    helper = np.zeros_like(up)
    helper[np.arange(len(up)), np.argmin(np.abs(up), axis=1)] = 1.0
    first = np.cross(up, helper)
    first /= np.sqrt((first**2).sum(axis=1))[:, None]
    return np.stack([first, np.cross(up, first), up], axis=1)


def _on_surface(directions: FloatArray) -> FloatArray:
    scaled = _as_sphere(directions)
    return np.asarray(directions * (EQUATORIAL_RADIUS_M / np.sqrt((scaled**2).sum(axis=1)))[:, None])


def _as_sphere(points_m: FloatArray) -> FloatArray:
    """The points in the space that is stretched along the axis until the ellipsoid is a sphere."""
    return np.asarray(points_m * np.array([1.0, 1.0, 1 / (1 - FLATTENING)]))


def _balls(dense: Outlines, owner: IntArray, centers_m: FloatArray, buffers_m: FloatArray) -> FloatArray:
    """(n, 4). What an outline encloses lies no further from a middle on the surface than the outline itself."""
    if not len(buffers_m):
        return np.zeros((0, 4))
    away = np.sqrt(((dense.points_m - centers_m[owner]) ** 2).sum(axis=1))
    radius = np.maximum.reduceat(away, dense.offsets[:-1]) + SAG_M + buffers_m
    return np.column_stack([centers_m, radius])


def _boxes(
    dense: Outlines, owner: IntArray, middles: FloatArray, kinds: NDArray[np.int8], buffers_m: FloatArray
) -> NDArray[np.float32]:
    """(n, 6) float32, rounded outward, round everything the footprints cover.

    An area bulges out of the hull of its outline, a cap round a pole most visibly. In the stretched
    space the outline lies within an angle t of the middle, so the hull keeps at least cos t of the
    sphere's radius from its centre, and nothing enclosed lies more than radius * (1 - cos t) outside.
    """
    if not len(buffers_m):
        return np.zeros((0, 6), np.float32)
    stretched = _as_sphere(dense.points_m) / EQUATORIAL_RADIUS_M
    up = _as_sphere(middles)
    up /= np.sqrt((up**2).sum(axis=1))[:, None]
    cosine = np.minimum.reduceat((stretched * up[owner]).sum(axis=1), dense.offsets[:-1])
    bulge_m = np.where(kinds == CoreKind.AREA, EQUATORIAL_RADIUS_M * (1 - cosine), 0.0)
    margin = (buffers_m + bulge_m + SAG_M)[:, None]
    low = np.minimum.reduceat(dense.points_m, dense.offsets[:-1], axis=0) - margin
    high = np.maximum.reduceat(dense.points_m, dense.offsets[:-1], axis=0) + margin
    return outward(low, high)


def outward(low: FloatArray, high: FloatArray) -> NDArray[np.float32]:
    """The boxes as (n, 6) float32, each side moved out to the next number that float32 can hold."""
    low32 = np.nextafter(low.astype(np.float32), np.float32(-np.inf))
    high32 = np.nextafter(high.astype(np.float32), np.float32(np.inf))
    return np.ascontiguousarray(np.hstack([low32, high32]))
