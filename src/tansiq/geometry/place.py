"""One point that says on a chart where two footprints come together; for people, not for decisions."""

from typing import Final

import numpy as np

from tansiq.geometry.chart import chart_around, contains
from tansiq.geometry.earth import FloatArray, LatLng, lat_lng, on_surface_m
from tansiq.geometry.footprint import CoreKind, Footprint, core
from tansiq.geometry.surface import dense_outlines

POINTS_LOOKED_AT: Final = 500
"""Of a longer outline evenly spread points are taken: the place is then further off, by their distance."""


def meeting_place(a: Footprint, b: Footprint) -> LatLng:
    """A point between the two where they are nearest, or in both where one lies inside the other.

    True to the outlines' steps of 5 km, as far as they have no more than POINTS_LOOKED_AT points.
    """
    (outline_a, buffer_a), (outline_b, buffer_b) = _sampled(a), _sampled(b)
    for inner, outer, footprint in ((outline_a, outline_b, b), (outline_b, outline_a, a)):
        if core(footprint)[0] is CoreKind.AREA and _inside(inner[0], outer):
            return lat_lng(inner[0])
    apart = ((outline_a[:, None, :] - outline_b[None, :, :]) ** 2).sum(axis=2)
    i, k = np.unravel_index(int(np.argmin(apart)), apart.shape)
    share = buffer_a / (buffer_a + buffer_b) if buffer_a + buffer_b > 0 else 0.5
    return lat_lng(on_surface_m(outline_a[i] + share * (outline_b[k] - outline_a[i])))


def _sampled(footprint: Footprint) -> tuple[FloatArray, float]:
    kind, points, buffer_m = core(footprint)
    dense = dense_outlines(points, np.array([0, len(points)]), np.array([kind is CoreKind.AREA])).points_m
    return dense[:: 1 + len(dense) // POINTS_LOOKED_AT], buffer_m


def _inside(point_m: FloatArray, ring_m: FloatArray) -> bool:
    chart = chart_around(ring_m.sum(axis=0))
    if float(point_m @ chart.axes[2]) <= 0:
        return False
    x, y = chart.project_m(point_m[None, :])[0]
    return contains(chart.project_m(ring_m), float(x), float(y))
