"""One point that says on a chart where two footprints come together; for people, not for decisions."""

from functools import lru_cache
from typing import Final

import numpy as np

from tansiq.geometry.chart import chart_around, contains
from tansiq.geometry.earth import FloatArray, LatLng, ecef_m, lat_lng, on_surface_m
from tansiq.geometry.footprint import CoreKind, Footprint, core
from tansiq.geometry.surface import STEP_M

POINTS_LOOKED_AT: Final = 200
"""On a longer outline the steps grow, and the place is further off by as much."""


def meeting_place(a: Footprint, b: Footprint) -> LatLng:
    """A point between the two where they are nearest, or in both where one lies inside the other.

    True to steps of 5 km along the outlines, or of a part in POINTS_LOOKED_AT of longer ones.
    """
    (outline_a, buffer_a), (outline_b, buffer_b) = _sampled(a), _sampled(b)
    for inner, outer, footprint in ((outline_a, outline_b, b), (outline_b, outline_a, a)):
        if core(footprint)[0] is CoreKind.AREA and _inside(inner[0], outer):
            return lat_lng(on_surface_m(inner[0]))
    apart = ((outline_a[:, None, :] - outline_b[None, :, :]) ** 2).sum(axis=2)
    i, k = np.unravel_index(int(np.argmin(apart)), apart.shape)
    share = buffer_a / (buffer_a + buffer_b) if buffer_a + buffer_b > 0 else 0.5
    return lat_lng(on_surface_m(outline_a[i] + share * (outline_b[k] - outline_a[i])))


@lru_cache(maxsize=10_000)
def _sampled(footprint: Footprint) -> tuple[FloatArray, float]:
    """Points along the core, on the planes through the Earth's centre: near enough to the geodesics for a chart."""
    kind, points, buffer_m = core(footprint)
    table = np.array(points)
    corners = ecef_m(table[:, 0], table[:, 1])
    way = np.concatenate([corners[1:], corners[:1]]) - corners
    if kind is not CoreKind.AREA:
        way[-1] = 0.0
    length_m = np.sqrt((way**2).sum(axis=1))
    step_m = max(STEP_M, float(length_m.sum()) / POINTS_LOOKED_AT)
    pieces = np.maximum(1, np.ceil(length_m / step_m)).astype(np.int64)
    edge = np.repeat(np.arange(len(pieces)), pieces)
    share = (np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[edge]
    chosen = corners[edge] + share[:, None] * way[edge]
    return chosen[:: 1 + len(chosen) // (2 * POINTS_LOOKED_AT)], buffer_m


def _inside(point_m: FloatArray, ring_m: FloatArray) -> bool:
    chart = chart_around(ring_m.sum(axis=0))
    if float(point_m @ chart.axes[2]) <= 0:
        return False
    x, y = chart.project_m(point_m[None, :])[0]
    return contains(chart.project_m(ring_m), float(x), float(y))
