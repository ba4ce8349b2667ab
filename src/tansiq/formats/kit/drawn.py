"""Footprints as the rings and lines that map programs can show: cut at 180 degrees, or round circles and corridors.

Drawings are for people. What is drawn round a circle or a corridor holds all of it.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise, zip_longest
from typing import Final

import numpy as np

from tansiq.formats.kit.record import Positions
from tansiq.geometry.chart import chart_around
from tansiq.geometry.earth import ECCENTRICITY_SQUARED, EQUATORIAL_RADIUS_M, LatLng, ecef_m, geodesic
from tansiq.geometry.footprint import ANTIMERIDIAN_DEG, POLE_DEG, Corridor, Polygon
from tansiq.geometry.surface import dense_outlines

SAME_PLACE_M: Final = 0.01
"""Two drawings whose points lie no further apart are one: another program may have rounded their digits."""
CORNERS: Final = 48
"""Of the ring round a circle: its corners stand off by 0.2 % of the radius."""
MARGIN: Final = 1.0005
"""On the ellipsoid a ring that would just touch the circle could cut into it by a part in 100,000."""
LEG_M: Final = 50_000.0
ROUND_DEG: Final = 360.0
NO_AREA: Final = 1e-12


def counterclockwise(polygon: Polygon) -> bool:
    """Whether the vertices run counterclockwise round the area, seen from above."""
    table = np.array(polygon.vertices)
    points_m = ecef_m(table[:, 0], table[:, 1])
    x, y = chart_around(points_m.sum(axis=0)).project_m(points_m).T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) > 0


def reaches_round(points: Sequence[LatLng], *, closed: bool) -> bool:
    """Whether an edge crosses 180 degrees, so that a map that draws it straight draws it the wrong way round."""
    ends = [*points, points[0]] if closed else points
    return any(abs(b.lng_deg - a.lng_deg) >= ANTIMERIDIAN_DEG for a, b in pairwise(ends))


def same_drawing(a: Iterable[Positions], b: Iterable[Positions]) -> bool:
    """Whether both drawings have the same points, to a centimetre. No more is drawn than up to the first difference."""
    nothing: Positions = []
    return all(_same_part(first, second) for first, second in zip_longest(a, b, fillvalue=nothing))


def _same_part(a: Positions, b: Positions) -> bool:
    if len(a) != len(b):
        return False
    first, second = np.array(a).reshape(-1, 2), np.array(b).reshape(-1, 2)
    apart_m = ecef_m(first[:, 1], first[:, 0]) - ecef_m(second[:, 1], second[:, 0])
    return bool(((apart_m**2).sum(axis=1) <= SAME_PLACE_M**2).all())


# ---------------------------------------------------------------------------------------------------------- 180 degrees


def cut_ring(polygon: Polygon) -> list[Positions]:
    """The polygon as closed counterclockwise rings, none of which crosses 180 degrees; they touch there.

    Its geodesics are drawn with a point every 5 km. A ring round a pole goes up to the pole along 180 degrees and back.
    """
    lats, lngs = _unwrapped(polygon.vertices, closed=True)
    turn_deg = round((lngs[-1] - lngs[0]) / ROUND_DEG) * ROUND_DEG
    if turn_deg:
        pole_deg = math.copysign(POLE_DEG, sum(math.sin(math.radians(p.lat_deg)) for p in polygon.vertices))
        lngs[-1] = lngs[0] + turn_deg
        lats, lngs = [*lats, pole_deg, pole_deg], [*lngs, lngs[-1], lngs[0]]
    else:
        lats, lngs = lats[:-1], lngs[:-1]
    ring = list(zip(lngs, lats, strict=True))
    parts = []
    for strip in _strips(lngs):
        middle_deg = ROUND_DEG * strip
        part = _clipped(_clipped(ring, middle_deg - ANTIMERIDIAN_DEG, 1), middle_deg + ANTIMERIDIAN_DEG, -1)
        part = [(lng - middle_deg, lat) for lng, lat in part]
        area = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise([*part, *part[:1]]))
        if abs(area) > NO_AREA:
            part = part if area > 0 else part[::-1]
            parts.append([*part, part[0]])
    return parts


def cut_line(corridor: Corridor) -> list[Positions]:
    """The corridor's line as lines none of which crosses 180 degrees; they meet there."""
    lats, lngs = _unwrapped(corridor.line, closed=False)
    parts: list[Positions] = []
    part: Positions = []
    strip = round(lngs[0] / ROUND_DEG)
    for i, (lng, lat) in enumerate(zip(lngs, lats, strict=True)):
        while abs(lng - ROUND_DEG * strip) > ANTIMERIDIAN_DEG:
            side = 1 if lng > ROUND_DEG * strip else -1
            edge_deg = ROUND_DEG * strip + side * ANTIMERIDIAN_DEG
            at = _crossing((lngs[i - 1], lats[i - 1]), (lng, lat), edge_deg)[1]
            parts.append([*part, (side * ANTIMERIDIAN_DEG, at)])
            part = [(-side * ANTIMERIDIAN_DEG, at)]
            strip += side
        part.append((lng - ROUND_DEG * strip, lat))
    return [part for part in [*parts, part] if len(set(part)) > 1]


def _unwrapped(points: Sequence[LatLng], *, closed: bool) -> tuple[list[float], list[float]]:
    """Latitudes and longitudes along the outline, longitudes without leaps; a closed outline ends where it starts."""
    found_m = dense_outlines(points, np.array([0, len(points)]), np.array([closed])).points_m
    if closed:
        found_m = np.concatenate([found_m, found_m[:1]])
    x, y, z = found_m.T
    lats = np.degrees(np.arctan2(z, (1 - ECCENTRICITY_SQUARED) * np.hypot(x, y)))
    lngs = np.degrees(np.unwrap(np.arctan2(y, x)))
    return lats.tolist(), lngs.tolist()


def _strips(lngs: Sequence[float]) -> range:
    """The numbers of the turns round the globe, 0 from -180 to 180 degrees, that the longitudes lie in."""
    first, last = (math.floor((lng + ANTIMERIDIAN_DEG) / ROUND_DEG) for lng in (min(lngs), max(lngs)))
    return range(first, last + 1)


def _clipped(ring: Positions, edge_deg: float, side: int) -> Positions:
    """The part of the ring that lies east (1) or west (-1) of the meridian. Source: Sutherland and Hodgman, 1974."""
    found: Positions = []
    for a, b in pairwise([*ring[-1:], *ring]):
        a_in, b_in = (side * (point[0] - edge_deg) >= 0 for point in (a, b))
        if a_in != b_in:
            found.append(_crossing(a, b, edge_deg))
        if b_in:
            found.append(b)
    return found


def _crossing(a: tuple[float, float], b: tuple[float, float], lng_deg: float) -> tuple[float, float]:
    """Where the way from a to b passes the meridian."""
    share = (lng_deg - a[0]) / (b[0] - a[0])
    return lng_deg, a[1] + share * (b[1] - a[1])


# -------------------------------------------------------------------------------------------------------- round a core


def ring_round_point(center: LatLng, radius_m: float) -> list[LatLng]:
    """A ring that holds the circle, counterclockwise."""
    out_m = _corner_m(radius_m)
    return [_from_place(center)(-ROUND_DEG * (k + 0.5) / CORNERS, out_m) for k in range(CORNERS)]


def rings_round_line(corridor: Corridor) -> Iterator[list[LatLng]]:
    """Rings that together hold the corridor, counterclockwise: one to each leg, with its round ends."""
    for a, b in pairwise(corridor.line):
        if _length_m(a, b) > 0:
            yield _ring_round_leg(a, b, corridor.half_width_m)


def _ring_round_leg(a: LatLng, b: LatLng, half_width_m: float) -> list[LatLng]:
    line = geodesic().InverseLine(*a, *b)
    pieces = max(1, math.ceil(line.s13 / LEG_M))
    stops = [line.Position(line.s13 * k / pieces) for k in range(pieces + 1)]
    wide_m, corner_m = half_width_m * MARGIN, _corner_m(half_width_m)
    half = CORNERS // 2
    right = [_at(stop, 90.0, wide_m) for stop in stops]
    left = [_at(stop, -90.0, wide_m) for stop in reversed(stops)]
    ahead = [_at(stops[-1], 90.0 - 180.0 * (k + 0.5) / half, corner_m) for k in range(half)]
    behind = [_at(stops[0], -90.0 - 180.0 * (k + 0.5) / half, corner_m) for k in range(half)]
    return [*right, *ahead, *left, *behind]


def _at(stop: dict[str, float], turn_deg: float, distance_m: float) -> LatLng:
    return _from_place(LatLng(stop["lat2"], stop["lon2"]))(stop["azi2"] + turn_deg, distance_m)


def _corner_m(radius_m: float) -> float:
    """How far the corners of a ring stand off whose edges touch a circle a little larger than this one."""
    angle = radius_m * MARGIN / EQUATORIAL_RADIUS_M
    return EQUATORIAL_RADIUS_M * math.atan(math.tan(angle) / math.cos(math.pi / CORNERS))


def _from_place(place: LatLng) -> Callable[[float, float], LatLng]:
    def point(bearing_deg: float, distance_m: float) -> LatLng:
        found = geodesic().Direct(*place, bearing_deg, distance_m)
        return LatLng(found["lat2"], found["lon2"])

    return point


def _length_m(a: LatLng, b: LatLng) -> float:
    return float(geodesic().Inverse(*a, *b)["s12"])
