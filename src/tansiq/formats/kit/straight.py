"""Footprints out of edges that are straight in longitude and latitude, as most map files mean them.

An edge of ours is a geodesic. On a map it bends: an edge of 100 km from west to east lies 1.2 km off at middle
latitudes. So a straight edge is given as many points as keep every geodesic between two of them within a centimetre
of it, which is the tolerance of all we compute (docs/adr/0003-closed-and-tolerance.md). Where these are more points
than a footprint may have, as round a continent, there are fewer, and the footprint is widened by what they are off.

The bound: on a sphere of radius R an edge of dlat, dlng radians has nowhere more geodesic curvature than
2 |dlng| sin(lat) / v, v = hypot(dlat, dlng cos lat), and is R v long; a piece of 1/n of it so strays from the geodesic
between its ends by at most R |dlng| sin(lat) v / (4 n^2), sin and cos at their greatest. A tenth is added for the
ellipsoid. tests/laws/test_conversions.py measures it.
"""

import math
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from tansiq.errors import PartyError
from tansiq.geometry.earth import EQUATORIAL_RADIUS_M, LatLng
from tansiq.geometry.footprint import (
    ANTIMERIDIAN_DEG,
    POLE_DEG,
    Corridor,
    Footprint,
    Polygon,
    require_point,
)
from tansiq.limits import LIMITS

TOLERANCE_M: Final = 0.01
MOST_OFF_M: Final = 1_000.0
LONGEST_PIECE_DEG: Final = 5.0
ROUND_DEG: Final = 360.0
HALF_ROUND_DEG: Final = 180.0
_ELLIPSOID: Final = 1.1
_NUMBERED: Final = re.compile(r"(edge |vertices\[)(\d+)")


def straight_ring(points: Sequence[LatLng], field: str) -> list[Footprint]:
    """The footprints that together hold the ring, edges being straight in longitude and latitude: a polygon, as a rule.

    The last point may be the first again. Longitudes do not wrap: a ring that reaches 180 degrees ends there. One that
    runs along 180 degrees to a pole and back, as shapes do that were cut open on a map, is the area round that pole.

    Raises PartyError: bad_value (an edge of more than 180 degrees of longitude that does not go all round),
    limit_exceeded (more points than a footprint may have), and what a polygon may be refused for.
    """
    ring = _opened(points, field)
    dense, off_m = _divided([*ring, *ring[:1]], field, wrap=False)
    whole, pole_deg = _without_seam(dense[:-1])
    polygon = _polygon(whole, field, points)
    middle_z = sum(math.sin(math.radians(point.lat_deg)) for point in polygon.vertices)
    if pole_deg * middle_z < 0:
        # The smaller of the two areas is the one that the file does not mean.
        raise PartyError("footprint_too_large", field, "an area of more than half the globe", "a smaller one")
    return _widened(polygon, off_m)


def wrapped_ring(points: Sequence[LatLng], field: str) -> list[Footprint]:
    """The footprints that together hold the ring, be its edges geodesics or straight in longitude and latitude.

    A polygon where both are the same to a centimetre, else two. Edges go the shorter way round, over 180 degrees if
    need be. Raises PartyError as `straight_ring` does.
    """
    plain = _polygon(_without_repeats(_opened(points, field)), field, points)
    dense, off_m = _divided([*plain.vertices, plain.vertices[0]], field, wrap=True)
    if len(dense) == len(plain.vertices) + 1:
        return [plain]
    return [plain, *_widened(_polygon(_without_repeats(dense[:-1]), field, points), off_m)]


def straight_line(points: Sequence[LatLng], field: str, half_width_m: float) -> list[Footprint]:
    """The corridor along the line whose edges are straight in longitude and latitude.

    Raises PartyError: not_finite, out_of_range, bad_value and limit_exceeded as `straight_ring` does, and what a
    corridor may be refused for.
    """
    _require_points(points, field)
    dense, off_m = _divided(points, field, wrap=False)
    return [Corridor(tuple(dense), half_width_m + off_m)]


def wrapped_line(points: Sequence[LatLng], field: str, half_width_m: float) -> list[Footprint]:
    """The corridors that together hold the line's, be its edges geodesics or straight in longitude and latitude.

    Raises PartyError as `straight_line` does.
    """
    _require_points(points, field)
    dense, off_m = _divided(points, field, wrap=True)
    plain = Corridor(tuple(points), half_width_m + TOLERANCE_M)
    return [plain] if len(dense) == len(points) else [plain, Corridor(tuple(dense), half_width_m + off_m)]


def _require_points(points: Sequence[LatLng], field: str) -> None:
    limit = LIMITS.vertices_per_footprint
    if len(points) > limit + 1:
        raise PartyError("limit_exceeded", field, f"{len(points)} points", f"at most {limit}")
    for i, point in enumerate(points):
        require_point(point, f"{field}[{i}]")


def _opened(points: Sequence[LatLng], field: str) -> list[LatLng]:
    """The ring without its first point again at its end."""
    _require_points(points, field)
    return list(points[:-1]) if len(points) > 1 and points[0] == points[-1] else list(points)


def _widened(polygon: Polygon, off_m: float) -> list[Footprint]:
    """The polygon, with a corridor along its edges where they are off by more than the tolerance."""
    if off_m <= TOLERANCE_M:
        return [polygon]
    return [polygon, Corridor((*polygon.vertices, polygon.vertices[0]), off_m)]


def _polygon(points: Sequence[LatLng], field: str, given: Sequence[LatLng]) -> Polygon:
    """The polygon of these points, among which the given ones lie: errors count those, as the file does."""
    try:
        return Polygon(tuple(points))
    except PartyError as error:
        places = {point: i for i, point in reversed(list(enumerate(given)))}
        number = 0
        numbers = [number := places.get(point, number) for point in points]

        def counted(match: re.Match[str]) -> str:
            return f"{match[1].replace('vertices', field)}{numbers[int(match[2])]}"

        named = _NUMBERED.sub(counted, error.field).replace("vertices", field), _NUMBERED.sub(counted, error.got)
        raise PartyError(error.code, *named, error.want) from error


def _divided(points: Sequence[LatLng], field: str, *, wrap: bool) -> tuple[list[LatLng], float]:
    """The line's points with others between them, and how far the geodesics between these are off, at most.

    `wrap` lets an edge cross 180 degrees where that is shorter.
    """
    edges = [(a, b.lat_deg - a.lat_deg, b.lng_deg - a.lng_deg) for a, b in pairwise(points)]
    if wrap:
        edges = [(a, lat_deg, math.remainder(lng_deg, ROUND_DEG)) for a, lat_deg, lng_deg in edges]
    else:
        for i, (a, lat_deg, lng_deg) in enumerate(edges):
            at_pole = POLE_DEG in {abs(a.lat_deg), abs(a.lat_deg + lat_deg)}
            if HALF_ROUND_DEG < abs(lng_deg) < ROUND_DEG and not at_pole:
                got = f"an edge from longitude {a.lng_deg!r} to {a.lng_deg + lng_deg!r}"
                want = "the shape cut at 180 degrees, or a point between (RFC 7946, 3.1.9)"
                raise PartyError("bad_value", f"{field}[{i}]", got, want)
    off_m = TOLERANCE_M
    pieces = [_pieces(*edge, off_m) for edge in edges]
    while sum(pieces) > LIMITS.vertices_per_footprint - 1:
        if off_m > MOST_OFF_M:
            got = f"more than {LIMITS.vertices_per_footprint} points once long edges are divided"
            raise PartyError("limit_exceeded", field, got, "fewer or shorter edges")
        off_m *= 2
        pieces = [_pieces(*edge, off_m) for edge in edges]
    found = list(points[:1])
    for (a, lat_deg, lng_deg), b, count in zip(edges, points[1:], pieces, strict=True):
        shares = (k / count for k in range(1, count))
        found += [LatLng(a.lat_deg + lat_deg * share, _within(a.lng_deg + lng_deg * share)) for share in shares]
        found.append(b)
    return found, off_m


def _within(lng_deg: float) -> float:
    """The longitude between -180 and 180 degrees."""
    return lng_deg if abs(lng_deg) <= ANTIMERIDIAN_DEG else math.remainder(lng_deg, ROUND_DEG)


def _pieces(a: LatLng, lat_deg: float, lng_deg: float, off_m: float) -> int:
    """How many pieces keep the edge from there within so much of its geodesics."""
    if lng_deg == 0:
        return 1 if abs(lat_deg) <= POLE_DEG else 2  # Meridians are geodesics.
    lats = a.lat_deg, a.lat_deg + lat_deg
    nearest = 0.0 if lats[0] * lats[1] < 0 else min(map(abs, lats))
    dlat, dlng = math.radians(lat_deg), abs(math.radians(lng_deg))
    reach = math.hypot(dlat, dlng * math.cos(math.radians(nearest)))
    undivided_m = _ELLIPSOID * EQUATORIAL_RADIUS_M * dlng * math.sin(math.radians(max(map(abs, lats)))) * reach / 4
    longest_deg = max(abs(lat_deg), abs(lng_deg))
    return max(1, math.ceil(math.sqrt(undivided_m / off_m)), math.ceil(longest_deg / LONGEST_PIECE_DEG))


# ---------------------------------------------------------------------------------------------------------- 180 degrees


def _place(point: LatLng) -> LatLng:
    """One name for each place: every longitude is one at a pole, and -180 is 180."""
    if abs(point.lat_deg) == POLE_DEG:
        return LatLng(point.lat_deg, 0.0)
    return LatLng(point.lat_deg, abs(point.lng_deg) if abs(point.lng_deg) == ANTIMERIDIAN_DEG else point.lng_deg)


def _without_repeats(ring: Sequence[LatLng]) -> list[LatLng]:
    """The ring without points that repeat the one before them."""
    return [point for i, point in enumerate(ring) if _place(point) != _place(ring[i - 1])]


def _on_seam(point: LatLng) -> bool:
    return abs(point.lng_deg) == ANTIMERIDIAN_DEG or abs(point.lat_deg) == POLE_DEG


def _without_seam(ring: Sequence[LatLng]) -> tuple[list[LatLng], float]:
    """The ring without ways along 180 degrees that it goes there and back, and the pole that one led to, or 0."""
    kept: list[LatLng] = []
    pole_deg = 0.0
    rest = _without_repeats(ring)
    if rest and all(map(_on_seam, rest)):
        return rest, pole_deg
    # Begun off the seam, so that no way there and back lies across the ring's ends.
    start = next((i for i, point in enumerate(rest) if not _on_seam(point)), 0)
    for point in [*rest[start:], *rest[:start]]:
        if len(kept) > 1 and _on_seam(kept[-1]) and _on_seam(point) and _place(kept[-2]) == _place(point):
            turn = kept.pop()
            pole_deg = turn.lat_deg if abs(turn.lat_deg) == POLE_DEG else pole_deg
        elif not kept or _place(kept[-1]) != _place(point):
            kept.append(point)
    return kept, pole_deg
