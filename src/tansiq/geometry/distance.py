"""How far two footprints are apart along the ellipsoid: the definition, plain and slow.

Every length and direction here is GeographicLib's. Nothing is projected and no edge is divided for
accuracy, so that this module shares no approximation with the arrays and kernels of `conflict`,
which must agree with it. (One exception, for areas of very many points: `encloses_clearly`.) 3-D
vectors serve only to skip what a straight line through the Earth already proves to be too far, as no
path on the surface is shorter.

Two facts carry it. On a surface of positive curvature two geodesics that do not meet are nearest to
each other at an end of one of them, so the distance of two outlines is the least over the points of
one and the edges of the other. And every footprint is a core with a buffer, so the gap of two
footprints is the distance of their cores less both buffers.
"""

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from tansiq.geometry.certainty import TOLERANCE_M, Certainty
from tansiq.geometry.chart import Chart, chart_around, contains
from tansiq.geometry.earth import FloatArray, LatLng, ecef_m, geodesic, geodesic_distance_m, on_surface_m
from tansiq.geometry.footprint import CoreKind, Footprint, Polygon, core, inner_point
from tansiq.geometry.surface import dense_outlines

if TYPE_CHECKING:
    from geographiclib.geodesicline import GeodesicLine

import numpy as np

MEAN_RADIUS_M: Final = 6_371_008.8
ON_THE_LINE_M: Final = 1e-6
"""An end so near to the other's line lies on it: beyond GeographicLib's noise, far within the tolerance."""
STILL_M: Final = 1e-9
"""The search for the nearest point ends when a step changes the distance by less than half of this."""
HALF_TURN_DEG: Final = 180.0
WALKED_POINTS: Final = 200
"""Up to so many points an area's inside is found with GeographicLib alone."""
PIECE_M: Final = 1_000_000.0
"""Edges are divided into pieces no longer than this, on which the distance to a point has one minimum."""

Vector = tuple[float, float, float]


def _vector(point: LatLng) -> Vector:
    x, y, z = ecef_m(np.array(point.lat_deg), np.array(point.lng_deg))
    return float(x), float(y), float(z)


@dataclass(frozen=True)
class _Piece:
    """A part of an edge: of its line, from `start_m` to `start_m + length_m` from the edge's first point."""

    line: "GeodesicLine"
    start_m: float
    length_m: float
    edge: int
    first: LatLng
    last: LatLng

    @cached_property
    def middle(self) -> Vector:
        """Half way along, as a vector."""
        return _vector(self.at(self.length_m / 2)[0])

    def at(self, along_m: float) -> tuple[LatLng, float]:
        """The point this far along the piece, and the direction of travel there in degrees."""
        found = self.line.Position(self.start_m + along_m)
        return LatLng(found["lat2"], found["lon2"]), float(found["azi2"])


@dataclass(frozen=True)
class Outline:
    """A footprint made ready for exact distances."""

    footprint: Footprint
    kind: CoreKind = field(init=False)
    points: tuple[LatLng, ...] = field(init=False)
    buffer_m: float = field(init=False)

    def __post_init__(self) -> None:
        kind, points, buffer_m = core(self.footprint)
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "buffer_m", buffer_m)

    @cached_property
    def pieces(self) -> tuple[_Piece, ...]:
        """The edges in pieces of at most PIECE_M; a point has none."""
        if self.kind is CoreKind.POINT:
            return ()
        points = self.points
        count = len(points) if self.kind is CoreKind.AREA else len(points) - 1
        return tuple(piece for i in range(count) for piece in _pieces(points[i], points[(i + 1) % len(points)], i))

    @cached_property
    def vectors(self) -> tuple[Vector, ...]:
        """The points as ECEF vectors."""
        return tuple(_vector(p) for p in self.points)

    @cached_property
    def piece_balls(self) -> tuple[FloatArray, FloatArray]:
        """Per piece a ball that holds it: centres (k, 3) and radii (k,) in metres."""
        middles = np.array([p.middle for p in self.pieces]).reshape(-1, 3)
        return middles, np.array([p.length_m / 2 for p in self.pieces])

    @cached_property
    def inner_points(self) -> tuple[LatLng, ...]:
        """Where this core may be seen to lie in another: its middle, its points, the middles of its edges."""
        found = [] if self.middle is None else [self.middle]
        found.extend(self.points)
        for i, piece in enumerate(self.pieces):
            if i == 0 or self.pieces[i - 1].edge != piece.edge:
                middle = piece.line.Position(piece.line.s13 / 2)
                found.append(LatLng(middle["lat2"], middle["lon2"]))
        return tuple(found)

    @cached_property
    def _chart_ring(self) -> tuple[Chart, FloatArray]:
        """The area's outline in the chart round the middle of its points."""
        chart = chart_around(np.array(self.vectors).sum(axis=0))
        dense = dense_outlines(self.points, np.array([0, len(self.points)]), np.array([True]))
        return chart, chart.project_m(dense.points_m)

    def encloses_clearly(self, point: LatLng) -> bool:
        """Whether the core, if it is an area, has the point inside; within millimetres of the boundary either way.

        Walking round an outline of thousands of points with GeographicLib takes a second: further from
        the boundary than a chart is untrue, which is less than half of the tolerance, the chart gives the
        same answer at once.
        """
        if self.kind is not CoreKind.AREA or len(self.points) <= WALKED_POINTS:
            return self.encloses(point)
        vector = np.array(_vector(point))
        if math.dist(self.ball[0], _vector(point)) > self.ball[1]:
            return False
        chart, ring = self._chart_ring
        x, y = chart.project_m(vector[None, :])[0]
        return contains(ring, float(x), float(y))

    @cached_property
    def ball(self) -> tuple[Vector, float]:
        """A ball in space, centre and radius in metres, that holds the whole footprint.

        Its centre lies on the surface in the middle of the points. What an outline encloses lies no
        further from there than the outline itself: the way on from the centre must leave it somewhere.
        """
        center_m = on_surface_m(np.array(self.vectors).sum(axis=0))
        center = (float(center_m[0]), float(center_m[1]), float(center_m[2]))
        reach = max(math.dist(center, v) for v in self.vectors)
        if self.pieces:
            reach = max(reach, *(math.dist(center, p.middle) + p.length_m / 2 for p in self.pieces))
        return center, reach + self.buffer_m

    @cached_property
    def middle(self) -> LatLng | None:
        """The centre of a circle, a point inside a polygon: where it may be shown to lie in another shape."""
        if isinstance(self.footprint, Polygon):
            return inner_point(self.footprint)
        return self.points[0] if self.kind is CoreKind.POINT else None

    def encloses(self, point: LatLng) -> bool:
        """Whether the core, if it is an area, has the point inside; on the boundary it may go either way.

        The directions from the point to vertex after vertex turn by 360 degrees in all if it is inside,
        by 0 if not. They would also turn round the point's antipode, but no area reaches so far.
        """
        if self.kind is not CoreKind.AREA or math.dist(self.ball[0], _vector(point)) > self.ball[1]:
            return False
        turn = 0.0
        ends = [p.first for p in self.pieces]
        directions = [_direction_deg(point, p) for p in ends]
        for here, there in zip(directions, directions[1:] + directions[:1], strict=True):
            turn += math.remainder(there - here, 360.0)
        return abs(turn) > HALF_TURN_DEG


def _pieces(start: LatLng, end: LatLng, edge: int) -> list[_Piece]:
    line = geodesic().InverseLine(start.lat_deg, start.lng_deg, end.lat_deg, end.lng_deg)
    count = max(1, math.ceil(line.s13 / PIECE_M))
    length_m = line.s13 / count
    stops = [start]
    for k in range(1, count):
        found = line.Position(length_m * k)
        stops.append(LatLng(found["lat2"], found["lon2"]))
    stops.append(end)
    return [_Piece(line, length_m * k, length_m, edge, stops[k], stops[k + 1]) for k in range(count)]


def _direction_deg(origin: LatLng, target: LatLng) -> float:
    found = geodesic().Inverse(origin.lat_deg, origin.lng_deg, target.lat_deg, target.lng_deg, geodesic().AZIMUTH)
    return float(found["azi1"])


def _point_to_piece_m(point: LatLng, piece: _Piece) -> float:
    """The distance of a point to the nearest point of a piece.

    Along the piece the distance falls, then rises: its slope at a place is minus the cosine of the
    angle between the way on and the way to the point. Each step solves the right spherical triangle
    for the place where that angle is 90 degrees, and never leaves the interval known to hold it.
    """
    low, high = 0.0, piece.length_m
    along = high / 2
    best = math.inf
    for _ in range(100):
        here, travel_deg = piece.at(along)
        found = geodesic().Inverse(here.lat_deg, here.lng_deg, point.lat_deg, point.lng_deg)
        distance_m = float(found["s12"])
        best = min(best, distance_m)
        ahead = math.cos(math.radians(found["azi1"] - travel_deg))
        if ahead > 0:
            low = along
        else:
            high = along
        angle = distance_m / MEAN_RADIUS_M
        step = MEAN_RADIUS_M * math.atan2(math.sin(angle) * ahead, math.cos(angle))
        target = min(max(along + step, 0.0), piece.length_m)
        if not low <= target <= high:
            target = (low + high) / 2
        # The distance is flat at its foot: a step of d changes it by d * d / (2 * distance) at most.
        moved = abs(target - along)
        if moved < STILL_M or moved * moved < STILL_M * distance_m:
            return best
        along = target
    return best


def _point_to_outline_m(point: LatLng, vector: Vector, outline: Outline, give_up_m: float) -> float:
    """The distance of a point to the outline of a core, or `give_up_m` where it is not less."""
    middles, halves = outline.piece_balls
    at_least_m = np.sqrt(((middles - vector) ** 2).sum(axis=1)) - halves
    best = give_up_m
    near = np.flatnonzero(at_least_m < best)
    for k in near[np.argsort(at_least_m[near])]:
        if at_least_m[k] >= best:
            break
        best = min(best, _point_to_piece_m(point, outline.pieces[k]))
    return best


def outline_distance_m(a: Outline, b: Outline, *, give_up_m: float = math.inf) -> float:
    """The distance of the two cores' outlines, whatever crosses or encloses; `give_up_m` means "that or more"."""
    if not a.pieces and not b.pieces:
        return min(give_up_m, geodesic_distance_m(a.points[0], b.points[0]))
    best = give_up_m
    for from_, to in ((a, b), (b, a)):
        for point, vector in zip(from_.points, from_.vectors, strict=True):
            if to.pieces:
                best = _point_to_outline_m(point, vector, to, best)
    return best


def _offset_m(point: LatLng, piece: _Piece) -> float:
    """How far the point lies right of the piece's whole line, left negative.

    The sign is exact; the size is that of the sphere, true to half a percent.
    """
    first, travel_deg = piece.at(-piece.start_m)
    found = geodesic().Inverse(first.lat_deg, first.lng_deg, point.lat_deg, point.lng_deg)
    turn = math.sin(math.radians(found["azi1"] - travel_deg))
    return MEAN_RADIUS_M * math.asin(math.sin(found["s12"] / MEAN_RADIUS_M) * turn)


def _opposite(offset_m: float, other_m: float) -> bool:
    return offset_m * other_m < 0 or min(abs(offset_m), abs(other_m)) < ON_THE_LINE_M


def _crossing_depth_m(a: Outline, b: Outline) -> float | None:
    """How deep the deepest crossing of an edge of one with an edge of the other is; None where none cross.

    The depth is the least distance of the four ends from the other's line. An end on the other's line
    is no crossing: either it touches, and the distance of the outlines says so, or the edges are in line.
    """
    deepest: float | None = None
    if not a.pieces or not b.pieces:
        return None
    middles, halves = b.piece_balls
    for p in a.pieces:
        apart = np.sqrt(((middles - p.middle) ** 2).sum(axis=1)) - halves - p.length_m / 2
        for q in (b.pieces[k] for k in np.flatnonzero(apart <= 0)):
            if not _opposite(_offset_m(p.first, q), _offset_m(p.last, q)):
                continue
            if not _opposite(_offset_m(q.first, p), _offset_m(q.last, p)):
                continue
            (p0, p1), (q0, q1) = _edge_ends(a, p), _edge_ends(b, q)
            ends = (_offset_m(p0, q), _offset_m(p1, q), _offset_m(q0, p), _offset_m(q1, p))
            depth = min(abs(end) for end in ends)
            if depth > ON_THE_LINE_M:
                deepest = depth if deepest is None else max(deepest, depth)
    return deepest


def _edge_ends(outline: Outline, piece: _Piece) -> tuple[LatLng, LatLng]:
    return outline.points[piece.edge], outline.points[(piece.edge + 1) % len(outline.points)]


def _depth_inside_m(inner: Outline, outer: Outline, *, touching: bool) -> float | None:
    """How deep the deepest inner point of one core lies inside the other; None where none does.

    The first depth beyond the tolerance is deep enough. Shallower ones only tell that the cores meet: one
    of them will do, and none is looked for where the outlines are known to touch.
    """
    if outer.kind is not CoreKind.AREA:
        return None
    deepest: float | None = None
    center, radius = outer.ball
    for point in inner.inner_points:
        vector = _vector(point)
        if math.dist(center, vector) > radius:
            continue
        depth = _point_to_outline_m(point, vector, outer, 10 * TOLERANCE_M)
        if depth <= TOLERANCE_M and (touching or deepest is not None):
            continue
        if not outer.encloses_clearly(point):
            continue
        deepest = depth if deepest is None else max(deepest, depth)
        if deepest > TOLERANCE_M:
            break
    return deepest


def _balls_gap_m(a: Outline, b: Outline) -> float:
    (center_a, radius_a), (center_b, radius_b) = a.ball, b.ball
    return math.dist(center_a, center_b) - radius_a - radius_b


def _core_distance_m(a: Outline, b: Outline, give_up_m: float) -> tuple[float, float]:
    """The distance of the two cores, `give_up_m` where it is not less, and how deep they are seen to overlap, else 0.

    A core that lies inside the other is at no distance, however far their outlines are apart.
    """
    distance = outline_distance_m(a, b, give_up_m=give_up_m)
    touching = distance <= ON_THE_LINE_M
    inside = [_depth_inside_m(*pair, touching=touching) for pair in ((a, b), (b, a))]
    met = [depth for depth in (_crossing_depth_m(a, b), *inside) if depth is not None]
    return (0.0 if met or touching else distance), max(met, default=0.0)


def gap_m(a: Outline, b: Outline) -> float:
    """The shortest path on the ellipsoid from one footprint to the other, 0 where they share a point."""
    return max(0.0, _core_distance_m(a, b, math.inf)[0] - a.buffer_m - b.buffer_m)


def horizontal_conflict(a: Outline, b: Outline, minimum_m: float) -> tuple[Certainty, float]:
    """Whether the footprints meet or come nearer than the minimum, and their gap (infinite where clear).

    With a minimum: certain up to a centimetre below it, possible up to a centimetre above. At any
    minimum: certain where a point, the middle, or the middle of an edge of one lies more than a centimetre
    inside the other,
    where edges cross with all four ends more than a centimetre from the other's line, or where
    buffers overlap by more than a centimetre. Possible where the gap is at most a centimetre.

    Source: docs/concepts/what-is-a-conflict.md.
    """
    reach_m = minimum_m + TOLERANCE_M
    if _balls_gap_m(a, b) > reach_m:
        return Certainty.CLEAR, math.inf
    buffers = a.buffer_m + b.buffer_m
    # More than the reach need not be known exactly.
    distance, depth = _core_distance_m(a, b, buffers + reach_m + 1.0)
    gap = max(0.0, distance - buffers)
    overlap = max(buffers - distance, depth)
    if overlap > TOLERANCE_M or (minimum_m > 0 and gap <= minimum_m - TOLERANCE_M):
        return Certainty.CERTAIN, gap
    if gap <= reach_m:
        return Certainty.POSSIBLE, gap
    return Certainty.CLEAR, math.inf
