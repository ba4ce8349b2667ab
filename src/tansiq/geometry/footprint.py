"""What a volume covers on the surface: a circle, a polygon or a corridor.

Each is the set of all points within a buffer of a core: a circle is a point with its radius, a
corridor a line with its half-width, a polygon an area with no buffer. All distances then reduce to
distances between cores. What is built here is valid: nothing later needs to look again.

Edges are WGS84 geodesics. Inside is the smaller of the two areas, whatever the winding; as no
footprint may reach further than 5,000 km from its middle, it is the one round the middle.

Source: F3548-21 Polygon, Circle; the corridor is ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from tansiq.errors import PartyError
from tansiq.geometry.chart import chart_around, contains, crossing_edges
from tansiq.geometry.earth import EQUATORIAL_RADIUS_M, FloatArray, LatLng, ecef_m, lat_lng, on_surface_m
from tansiq.geometry.surface import Outlines, dense_outlines
from tansiq.limits import LIMITS
from tansiq.units import require_finite

CROSSING_DEPTH_M: Final = 0.005
"""A crossing shallower than this counts as touching: the chart is true to 2 mm, twice that at its rim."""


POLE_DEG: Final = 90.0
ANTIMERIDIAN_DEG: Final = 180.0
ANTIPODAL_COSINE: Final = -0.9999
"""Within 0.8 degrees of opposite: there the shortest path may leap from one side of the globe to the other."""
NOWHERE: Final = 1e-6
"""Below this length a sum of unit vectors has no direction to speak of."""

SKEW: Final = 0.2317
"""Outlines are looked at twice for crossings, the second time divided at other places: no number is special."""


class CoreKind(IntEnum):
    """What lies inside the buffer. The numbers stand in arrays and kernels: never change them."""

    POINT = 0
    LINE = 1
    AREA = 2


@dataclass(frozen=True, slots=True)
class Circle:
    """All points within the radius of the centre, measured along the ellipsoid; the rim belongs to it."""

    center: LatLng
    radius_m: float

    def __post_init__(self) -> None:
        require_point(self.center, "center")
        _require_positive(self.radius_m, "radius")
        _require_reach(self.radius_m, "radius")


@dataclass(frozen=True, slots=True)
class Polygon:
    """The area enclosed by geodesics from vertex to vertex and home; the boundary belongs to it."""

    vertices: tuple[LatLng, ...]

    def __post_init__(self) -> None:
        vertices = self.vertices
        _require_points(vertices, "vertices")
        if len(vertices) < 3:
            raise PartyError("too_few_vertices", "vertices", f"{len(vertices)} vertices", "at least 3")
        _require_no_repeat(vertices)
        vectors = _vectors(vertices)
        _require_cap(vectors, 0.0, "vertices", closed=True)
        _require_simple(vertices, vectors)


@dataclass(frozen=True, slots=True)
class Corridor:
    """All points within the half-width of the line, so with round ends; the rim belongs to it.

    The line may cross or repeat itself: it is a way, not a boundary.
    """

    line: tuple[LatLng, ...]
    half_width_m: float

    def __post_init__(self) -> None:
        _require_points(self.line, "line")
        if len({_same_place(p) for p in self.line}) < 2:
            raise PartyError("empty_line", "line", f"{len(self.line)} points at one place", "two different points")
        _require_positive(self.half_width_m, "half_width")
        _require_cap(_vectors(self.line), self.half_width_m, "line", closed=False)


Footprint = Circle | Polygon | Corridor


def core(footprint: Footprint) -> tuple[CoreKind, tuple[LatLng, ...], float]:
    """The footprint as core and buffer: what kind its core is, the core's points, and the buffer in metres."""
    match footprint:
        case Circle(center, radius_m):
            return CoreKind.POINT, (center,), radius_m
        case Corridor(line, half_width_m):
            return CoreKind.LINE, line, half_width_m
        case Polygon(vertices):
            return CoreKind.AREA, vertices, 0.0


def inner_point(polygon: Polygon) -> LatLng | None:
    """A point well inside the polygon that depends on its shape alone, or None where none is found cheaply.

    The middle of the vertices if it lies inside, else the first middle of three successive vertices
    that does. It lets two equal polygons be seen to overlap: no vertex of one lies inside the other.
    """
    corners = _vectors(polygon.vertices)
    middle = corners.sum(axis=0)
    dense = _ring(polygon.vertices).points_m
    chart = chart_around(middle)
    ring = chart.project_m(dense)
    ears = [np.roll(corners, k, axis=0)[:3].sum(axis=0) for k in range(min(len(corners), 16))]
    for candidate in (middle, *ears):
        x, y = chart.project_m(candidate[None, :])[0]
        if contains(ring, float(x), float(y)):
            return lat_lng(on_surface_m(candidate))
    return None


def _vectors(points: Sequence[LatLng]) -> FloatArray:
    table = np.array(points, dtype=np.float64)
    return ecef_m(table[:, 0], table[:, 1])


def _ring(vertices: Sequence[LatLng], skew: float = 0.0) -> Outlines:
    return dense_outlines(vertices, np.array([0, len(vertices)]), np.array([True]), skew=skew)


def _same_place(point: LatLng) -> LatLng:
    """One name for each place: every longitude is one at a pole, and -180 is 180."""
    if abs(point.lat_deg) == POLE_DEG:
        return LatLng(point.lat_deg, 0.0)
    return LatLng(point.lat_deg, ANTIMERIDIAN_DEG if point.lng_deg == -ANTIMERIDIAN_DEG else point.lng_deg)


def require_point(point: LatLng, field: str) -> None:
    """Nothing, unless the point is none: PartyError not_finite or out_of_range."""
    require_finite(point.lat_deg, f"{field}.lat")
    require_finite(point.lng_deg, f"{field}.lng")
    if abs(point.lat_deg) > POLE_DEG:
        raise PartyError("out_of_range", f"{field}.lat", repr(point.lat_deg), "a latitude from -90 to 90 degrees")
    if abs(point.lng_deg) > ANTIMERIDIAN_DEG:
        raise PartyError("out_of_range", f"{field}.lng", repr(point.lng_deg), "a longitude from -180 to 180 degrees")


def _require_points(points: Sequence[LatLng], field: str) -> None:
    limit = LIMITS.vertices_per_footprint
    if len(points) > limit:
        raise PartyError("limit_exceeded", field, f"{len(points)} points", f"at most {limit}")
    for i, point in enumerate(points):
        require_point(point, f"{field}[{i}]")


def _require_positive(length_m: float, field: str) -> None:
    require_finite(length_m, field)
    if length_m <= 0:
        raise PartyError("not_positive", field, f"{length_m!r} m", "more than 0 m")


def _require_reach(reach_m: float, field: str) -> None:
    limit_m = LIMITS.footprint_reach_m
    if reach_m > limit_m:
        raise PartyError("footprint_too_large", field, f"{reach_m:.0f} m", f"at most {limit_m:.0f} m from its middle")


def _require_no_repeat(vertices: Sequence[LatLng]) -> None:
    seen: dict[LatLng, int] = {}
    for i, vertex in enumerate(vertices):
        first = seen.setdefault(_same_place(vertex), i)
        if first != i:
            hint = "; a ring is closed by itself" if (first, i) == (0, len(vertices) - 1) else ""
            raise PartyError(
                "repeated_vertex",
                f"vertices[{i}]",
                f"the place of vertices[{first}]",
                f"each vertex once{hint}",
            )


def _require_cap(vectors: FloatArray, buffer_m: float, field: str, *, closed: bool) -> None:
    """Nothing, where no edge is antipodal and all lies within the reach of the points' middle."""
    unit = vectors / np.sqrt((vectors**2).sum(axis=1))[:, None]
    following = np.concatenate([unit[1:], unit[:1]])
    cosines = (unit * following).sum(axis=1)[: None if closed else -1]
    if cosines.min() < ANTIPODAL_COSINE:
        i = int(np.argmin(cosines))
        want = "an edge with a single shortest path: add a vertex between"
        raise PartyError(
            "antipodal_edge",
            f"{field}[{i}]",
            f"next point {field}[{(i + 1) % len(unit)}] is opposite",
            want,
        )
    angles = np.arccos(np.clip(cosines, -1.0, 1.0))
    if angles.sum() * EQUATORIAL_RADIUS_M > LIMITS.outline_m:
        got = f"edges of {angles.sum() * EQUATORIAL_RADIUS_M / 1000:.0f} km in all"
        raise PartyError("footprint_too_large", field, got, f"at most {LIMITS.outline_m / 1000:.0f} km")
    middle = unit.sum(axis=0)
    length = float(np.linalg.norm(middle))
    # Points spread over the globe cancel out: their middle is nowhere, and their reach is the half globe.
    least = float((unit @ middle).min()) / length if length > NOWHERE else -1.0
    _require_reach(float(np.arccos(max(-1.0, min(1.0, least)))) * EQUATORIAL_RADIUS_M + buffer_m, field)


def _require_simple(vertices: Sequence[LatLng], vectors: FloatArray) -> None:
    if len(vertices) == 3:
        return  # Three edges are all neighbours.
    # The middle of the vertices, not of the dense points: all are known to lie within reach of it.
    chart = chart_around(vectors.sum(axis=0))
    # A crossing at a point between looks like a touch of four parts' ends: divided otherwise, it does not.
    for skew in (0.0, SKEW):
        ring = _ring(vertices, skew)
        found = crossing_edges(chart.project_m(ring.points_m), CROSSING_DEPTH_M)
        if found is not None:
            i, j = (int(ring.edge_of[k]) for k in found)
            raise PartyError(
                "crossing_edges", f"vertices[{i}]", f"edge {i} crosses edge {j}", "edges that do not cross"
            )
        if len(ring.points_m) == len(vertices):
            return
