"""An answer of its own about distances on WGS84, by PROJ's copy of GeographicLib (pyproj) and nothing of tansiq's.

It knows only how to walk along a geodesic and how long one is. Two outlines are searched like a landscape: a coarse
grid over both, then finer and finer grids round the lowest places. Slow, plain, and not the way tansiq goes.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyproj
from numpy.typing import NDArray

from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon

GEOD: Final = pyproj.Geod(ellps="WGS84")
GRID: Final = 25
SHRINK: Final = 4.0

FloatArray = NDArray[np.float64]
Edge = tuple[LatLng, float, float]
"""Where an edge starts, in which direction, and how long it is in metres."""


def edges_of(footprint: Footprint) -> tuple[list[Edge], float]:
    """The edges of the footprint's core, and how far the footprint reaches round it."""
    match footprint:
        case Circle(center, radius_m):
            return [(center, 0.0, 0.0)], radius_m
        case Corridor(line, half_width_m):
            return [edge(a, b) for a, b in pairwise(line)], half_width_m
        case Polygon(vertices):
            return [edge(a, b) for a, b in zip(vertices, (*vertices[1:], vertices[0]), strict=True)], 0.0


def edge(start: LatLng, end: LatLng) -> Edge:
    azimuth_deg, _, length_m = GEOD.inv(start.lng_deg, start.lat_deg, end.lng_deg, end.lat_deg)
    return start, float(azimuth_deg), float(length_m)


def along(which: Edge, share: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Longitudes and latitudes of points along the edge."""
    start, azimuth_deg, length_m = which
    ones = np.ones_like(share)
    lng, lat, _ = GEOD.fwd(start.lng_deg * ones, start.lat_deg * ones, azimuth_deg * ones, share * length_m)
    return np.asarray(lng), np.asarray(lat)


def distances_m(a: tuple[FloatArray, FloatArray], b: tuple[FloatArray, FloatArray]) -> FloatArray:
    """(n, m): from each of n points to each of m."""
    n, m = len(a[0]), len(b[0])
    _, _, far = GEOD.inv(np.repeat(a[0], m), np.repeat(a[1], m), np.tile(b[0], n), np.tile(b[1], n))
    return np.asarray(far).reshape(n, m)


def edges_apart_m(a: Edge, b: Edge) -> float:
    """The shortest way between two edges, to a fraction of a millimetre."""
    low, high = np.zeros(2), np.ones(2)
    longest_m = max(a[2], b[2])
    while True:
        s, t = (np.linspace(low[k], high[k], GRID if side[2] else 1) for k, side in enumerate((a, b)))
        grid = distances_m(along(a, s), along(b, t))
        i, j = np.unravel_index(int(np.argmin(grid)), grid.shape)
        span = (high - low) / SHRINK
        # The distance is flat at the lowest place: it is known far better than the place is.
        if span.max() * longest_m < 1e-3:
            return float(grid[i, j])
        best = np.array([s[i], t[j]])
        low, high = np.clip(best - span / 2, 0, 1), np.clip(best + span / 2, 0, 1)


def apart_m(a: Footprint, b: Footprint, *, nearest: int = 6) -> float:
    """The shortest way between two footprints whose cores do not cross; negative where buffers overlap."""
    (edges_a, buffer_a), (edges_b, buffer_b) = edges_of(a), edges_of(b)
    share = np.linspace(0, 1, 9)
    coarse: list[tuple[float, Edge, Edge]] = []
    for one in edges_a:
        for other in edges_b:
            far = distances_m(
                along(one, share if one[2] else share[:1]), along(other, share if other[2] else share[:1])
            )
            coarse.append((float(far.min()) - (one[2] + other[2]) / 16, one, other))
    coarse.sort(key=lambda found: found[0])
    best = min(edges_apart_m(one, other) for _, one, other in coarse[:nearest])
    for at_least_m, one, other in coarse[nearest:]:
        if at_least_m < best:
            best = min(best, edges_apart_m(one, other))
    return best - buffer_a - buffer_b


def length_m(a: Sequence[float], b: Sequence[float]) -> float:
    """The geodesic from (latitude, longitude) to (latitude, longitude)."""
    found: Any = GEOD.inv(a[1], a[0], b[1], b[0])
    return float(found[2])
