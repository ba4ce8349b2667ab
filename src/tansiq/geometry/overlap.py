"""What two footprints share, as outlines and an area; and where they are nearest: for people, not for decisions.

Whether two footprints meet is decided by `distance` and `conflict` alone. Here outlines are drawn on a chart, and
shapely, which knows only planes, cuts them.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tansiq.geometry.chart import Chart, chart_around
from tansiq.geometry.earth import EQUATORIAL_RADIUS_M, FloatArray, LatLng, ecef_m, geodesic, lat_lng, on_surface_m
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon
from tansiq.geometry.shift import axes_at, bearing_deg, curvature_radius_m
from tansiq.geometry.surface import dense_outlines

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

RIM_POINTS: Final = 90
"""A circle is drawn with so many corners, on a radius so much larger that its area is kept."""
RIM_STRETCH: Final = math.sqrt(2 * math.pi / RIM_POINTS / math.sin(2 * math.pi / RIM_POINTS))
CHART_COSINE: Final = 0.34
"""Beyond 70 degrees from its middle a chart is stretched too much to be drawn on."""
LARGE_M: Final = 100_000.0
"""Up to this radius a rim is drawn without GeographicLib."""
MOST_POINTS: Final = 4_000
"""Longer outlines are drawn with fewer points."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What two footprints have in common: rings without holes, and their area along the ellipsoid."""

    rings: tuple[tuple[LatLng, ...], ...]
    area_m2: float


def shared(a: Footprint, b: Footprint) -> Shared | None:
    """What both footprints hold; without rings where they only touch, None where no chart can hold both.

    Circles and corridors are drawn as polygons of the same area, to a part in a thousand.
    """
    drawn = _drawn_together(a, b)
    if drawn is None:
        return None
    chart, one, other = drawn
    rings = tuple(_rings(one.intersection(other), chart))
    return Shared(rings, sum(area_m2(ring) for ring in rings))


def closest(a: Footprint, b: Footprint) -> tuple[LatLng, LatLng] | None:
    """The nearest point of each footprint to the other, to some metres; None where no chart can hold both."""
    drawn = _drawn_together(a, b)
    if drawn is None:
        return None
    from shapely.ops import nearest_points  # noqa: PLC0415 - most checks end without it

    chart, one, other = drawn
    points = [_on_globe(chart, [point.coords[0]])[0] for point in nearest_points(one, other)]
    return points[0], points[1]


def area_m2(ring: Iterable[LatLng]) -> float:
    """The area that geodesics from point to point and home enclose, whatever the winding.

    Source: Karney 2013, as `geometry.earth.geodesic`.
    """
    polygon = geodesic().Polygon()
    for point in ring:
        polygon.AddPoint(point.lat_deg, point.lng_deg)
    return abs(float(polygon.Compute(reverse=False, sign=True)[2]))


def _drawn_together(a: Footprint, b: Footprint) -> "tuple[Chart, BaseGeometry, BaseGeometry] | None":
    """A chart round the smaller of the two, and both drawn on it."""
    parts = [_parts(footprint) for footprint in (a, b)]
    points = [np.concatenate(each) for each in parts]
    smaller = min(points, key=lambda each: float(np.ptp(each, axis=0).max()))
    chart = chart_around(smaller.mean(axis=0))
    up = np.concatenate(points) @ chart.axes[2]
    if up.min() < CHART_COSINE * EQUATORIAL_RADIUS_M:
        return None
    from shapely import make_valid, union_all  # noqa: PLC0415 - most checks end without it
    from shapely.geometry import Polygon as Drawn  # noqa: PLC0415

    one, other = (union_all([make_valid(Drawn(chart.project_m(ring))) for ring in each]) for each in parts)
    return chart, one, other


def _rings(geometry: Any, chart: Chart) -> Iterator[tuple[LatLng, ...]]:  # noqa: ANN401 - shapely has no types
    """The outer rings of all areas; lines and points, where shapes only touch, have none."""
    for part in getattr(geometry, "geoms", [geometry]):
        if part.geom_type == "Polygon" and not part.is_empty:
            yield tuple(_on_globe(chart, part.exterior.coords[:-1]))


def _on_globe(chart: Chart, places: Iterable[tuple[float, ...]]) -> list[LatLng]:
    return [lat_lng(on_surface_m(np.array([x, y, EQUATORIAL_RADIUS_M]) @ chart.axes)) for x, y, *_ in places]


@lru_cache(maxsize=4_096)
def _parts(footprint: Footprint) -> tuple[FloatArray, ...]:
    """The rings that the footprint is drawn with, (n, 3) points of the surface each."""
    match footprint:
        case Polygon(vertices):
            return (_thinned(dense_outlines(vertices, np.array([0, len(vertices)]), np.array([True])).points_m),)
        case Circle(center, radius_m):
            return (_rim(center, radius_m, 0.0, 360.0, RIM_POINTS),)
        case Corridor(line, half_width_m):
            legs = [_leg(a, b, half_width_m) for a, b in pairwise(line) if a != b]
            return tuple(legs)


def _thinned(ring: FloatArray) -> FloatArray:
    return ring[:: 1 + len(ring) // MOST_POINTS]


def _rim(center: LatLng, radius_m: float, first_deg: float, turn_deg: float, corners: int) -> FloatArray:
    """Corners on a part of a circle's rim, from the first bearing on, without the last one."""
    bearings_deg = first_deg + turn_deg * np.arange(corners) / corners
    if radius_m <= LARGE_M:
        return _near_m(center, np.radians(bearings_deg), radius_m * RIM_STRETCH)
    found = [
        geodesic().Direct(center.lat_deg, center.lng_deg, bearing_deg, radius_m * RIM_STRETCH)
        for bearing_deg in bearings_deg.tolist()
    ]
    return ecef_m(np.array([p["lat2"] for p in found]), np.array([p["lon2"] for p in found]))


def _near_m(center: LatLng, bearings: FloatArray, distance_m: float) -> FloatArray:
    """Points at this distance on these bearings, to a part in ten thousand: quicker than one geodesic after the other.

    The ellipsoid's normal turns by the distance over its radius of curvature on that bearing.
    """
    up, north, east = axes_at(center)
    angle = distance_m / curvature_radius_m(center, bearings)
    way = np.cos(bearings)[:, None] * north + np.sin(bearings)[:, None] * east
    normal = np.cos(angle)[:, None] * up + np.sin(angle)[:, None] * way
    lat, lng = np.arctan2(normal[:, 2], np.hypot(normal[:, 0], normal[:, 1])), np.arctan2(normal[:, 1], normal[:, 0])
    return ecef_m(np.degrees(lat), np.degrees(lng))


def _leg(a: LatLng, b: LatLng, half_width_m: float) -> FloatArray:
    """All within the half-width of one leg: two half circles, and what lies between them."""
    half, turn_deg = RIM_POINTS // 2, 180.0 + 360.0 / RIM_POINTS
    return np.concatenate(
        [
            _rim(b, half_width_m, 90.0 + bearing_deg(b, a), turn_deg, half + 1),
            _rim(a, half_width_m, 90.0 + bearing_deg(a, b), turn_deg, half + 1),
        ]
    )
