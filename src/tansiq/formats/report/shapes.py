"""Footprints as rings of surface points, fine enough for a picture: exactly what is declared, and nothing else.

For the eye, not for decisions: rims are true to 0.3 % of their radius, edges are the geodesics themselves.
"""

import itertools
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from tansiq.geometry.earth import (
    ECCENTRICITY_SQUARED,
    EQUATORIAL_RADIUS_M,
    POLAR_RADIUS_M,
    FloatArray,
    LatLng,
    ecef_m,
)
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon
from tansiq.geometry.surface import dense_outlines

RIM_POINTS: Final = 64
BEND: Final = 1e-3
"""Radians: a line that turns by less is straight for the eye, and needs no round corner."""

_INVERSE_SQUARES = np.array([EQUATORIAL_RADIUS_M**-2, EQUATORIAL_RADIUS_M**-2, POLAR_RADIUS_M**-2])


@lru_cache(maxsize=20_000)
def ring_m(footprint: Footprint) -> FloatArray:
    """The footprint's outline as a closed ring of surface points, (n, 3) ECEF metres; fill it by the nonzero rule."""
    match footprint:
        case Circle(center, radius_m):
            return rim_m(ecef_m(np.array(center.lat_deg), np.array(center.lng_deg)), radius_m)
        case Polygon(vertices):
            return line_m(vertices, closed=True)
        case Corridor(line, half_width_m):
            return _around_line_m(line, half_width_m)


def line_m(points: Sequence[LatLng], *, closed: bool) -> FloatArray:
    """The geodesics from point to point, and home where closed, (n, 3) ECEF metres at most 5 km apart."""
    offsets = np.array([0, len(points)])
    return dense_outlines(points, offsets, np.array([closed])).points_m


def rim_m(center_m: FloatArray, radius_m: float) -> FloatArray:
    """The circle round the centre."""
    normal, north, east = frame(center_m)
    turns = np.linspace(0.0, 2 * np.pi, RIM_POINTS, endpoint=False)[:, None]
    return _offset_m(center_m, normal, np.cos(turns) * north + np.sin(turns) * east, radius_m)


def frame(point_m: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Up, north and east at a surface point, unit vectors; at a pole north is towards 180 degrees or 0 degrees."""
    up = point_m * _INVERSE_SQUARES
    up = up / np.linalg.norm(up)
    axis = np.array([0.0, 0.0, 1.0])
    if abs(float(up[2])) > 1 - 1e-12:
        axis = np.array([-np.sign(up[2]), 0.0, 0.0])
    north = axis - (axis @ up) * up
    north = north / np.linalg.norm(north)
    return up, north, cross(north, up)


def cross(a: FloatArray, b: FloatArray) -> FloatArray:
    """The cross product of two (3,) vectors; NumPy's own is ten times slower for one pair."""
    (ax, ay, az), (bx, by, bz) = a.tolist(), b.tolist()
    return np.array([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])


def _offset_m(origin_m: FloatArray, up: FloatArray, sides: FloatArray, length_m: float) -> FloatArray:
    """The points this far from the origin in these directions along the surface, (n, 3) unit vectors."""
    sine_squared = min(1.0, float(up[2] ** 2))
    cosine_squared = max(1e-12, 1 - sine_squared)
    under = 1 - ECCENTRICITY_SQUARED * sine_squared
    across_m = EQUATORIAL_RADIUS_M / np.sqrt(under)
    along_m = across_m * (1 - ECCENTRICITY_SQUARED) / under
    # Euler: the curvature in a direction, from those along the meridian and across it.
    share = np.clip(sides[:, 2:] ** 2 / cosine_squared, 0.0, 1.0)
    radius_m = 1 / (share / along_m + (1 - share) / across_m)
    angle = length_m / radius_m
    raised = origin_m + radius_m * (np.sin(angle) * sides - (1 - np.cos(angle)) * up)
    return np.asarray(raised / np.sqrt(raised**2 @ _INVERSE_SQUARES)[:, None])


def _around_line_m(line: Sequence[LatLng], half_width_m: float) -> FloatArray:
    """Out along one side of the line and back along the other, with round ends and corners."""
    corners_m = line_m(line, closed=False)
    corners_m = corners_m[np.concatenate([[True], np.linalg.norm(np.diff(corners_m, axis=0), axis=1) > 0])]
    return np.concatenate([_one_side_m(corners_m, half_width_m), _one_side_m(corners_m[::-1], half_width_m)])


def _one_side_m(way_m: FloatArray, half_width_m: float) -> FloatArray:
    """The right-hand side of the way, and half of the round end at its last point."""
    steps = np.diff(way_m, axis=0)
    along_m = np.concatenate([[0.0], np.cumsum(np.linalg.norm(steps, axis=1))])
    turns = _turns(way_m, steps)
    # Inside a corner the two sides meet before it: how far before, where the legs are long enough for that.
    cut_m = half_width_m * np.tan(np.minimum(np.abs(turns), 3.0) / 2) * (turns < -BEND)
    bends = np.concatenate([[0], np.flatnonzero(np.abs(turns[1:-1]) > BEND) + 1, [len(way_m) - 1]])
    legs_m = np.diff(along_m[bends])
    rows = []
    for leg, (first, last) in enumerate(itertools.pairwise(bends.tolist())):
        fits = [
            cut_m[k] * 2 <= min(legs_m[max(0, n - 1)], legs_m[min(n, len(legs_m) - 1)])
            for k, n in ((first, leg), (last, leg + 1))
        ]
        for i in range(first, last + 1):
            up = frame(way_m[i])[0]
            side = _right(steps[i] if i < last else steps[last - 1], up)
            clear = [
                along_m[i] - along_m[first] >= cut_m[first] or not fits[0],
                along_m[last] - along_m[i] >= cut_m[last] or not fits[1],
            ]
            if all(clear):
                rows.append(_offset_m(way_m[i], up, side[None, :], half_width_m))
        rows.append(_corner_m(way_m[last], steps[last - 1], float(turns[last]), half_width_m, meets=fits[1]))
    return np.concatenate(rows)


def _turns(way_m: FloatArray, steps: FloatArray) -> FloatArray:
    """Per point how far the way turns left there, in radians; half a turn at the last one, and 0 at the first."""
    turns = np.zeros(len(way_m))
    turns[-1] = np.pi
    for i in range(1, len(way_m) - 1):
        up = frame(way_m[i])[0]
        before, after = _right(steps[i - 1], up), _right(steps[i], up)
        turns[i] = math.atan2(float(cross(before, after) @ up), float(before @ after))
    return turns


def _corner_m(point_m: FloatArray, step_m: FloatArray, turn: float, half_width_m: float, *, meets: bool) -> FloatArray:
    """The right-hand side at a bend: round outside; inside the point where both sides meet, or the bend itself."""
    up = frame(point_m)[0]
    side = _right(step_m, up)
    ahead = cross(up, side)
    if turn > 0:
        angles = np.linspace(0.0, turn, 2 + int(turn / (2 * np.pi) * RIM_POINTS))[:, None]
        return _offset_m(point_m, up, np.cos(angles) * side + np.sin(angles) * ahead, half_width_m)
    if not meets:
        # Through the way itself, so that no loop of the other sense is left.
        return point_m[None, :]
    middle = math.cos(turn / 2) * side + math.sin(turn / 2) * ahead
    return _offset_m(point_m, up, middle[None, :], half_width_m / math.cos(turn / 2))


def _right(step_m: FloatArray, up: FloatArray) -> FloatArray:
    right = cross(step_m, up)
    return np.asarray(right / np.linalg.norm(right))


def thinned(points: FloatArray, step: float, *, closed: bool = True) -> FloatArray:
    """The (n, 2) line without points that lie within `step` of the chord between those kept around them.

    Source: sleeve fitting, Z. Zhao and A. Saalfeld, Linear-time sleeve-fitting polyline simplification algorithms
    (1997): a point may go as long as some direction from the last one kept passes all that went before it.
    """
    if len(points) < 4:
        return points
    rows = points.tolist()
    kept: list[int] = []
    i = 0
    while i < len(rows) - (not closed):
        kept.append(i)
        i = _reach(rows, i, step, len(rows) - (not closed))
    if not closed:
        kept.append(len(rows) - 1)
    return points[kept]


def _reach(rows: list[list[float]], first: int, step: float, last: int) -> int:
    """The furthest point that a chord from `first` leads to; `last` is the end, or the start of a closed line."""
    x0, y0 = rows[first]
    turn, low, high, farthest = 0.0, -math.inf, math.inf, 0.0
    for i in range(first + 1, last + 1):
        x, y = rows[i % len(rows)]
        away = math.hypot(x - x0, y - y0)
        angle = math.atan2(y - y0, x - x0)
        if low == -math.inf:
            turn = angle
        offset = math.remainder(angle - turn, math.tau)
        if i > first + 1 and (away < farthest or not low <= offset <= high):
            return i - 1
        if away > step:
            farthest = max(farthest, away)
            room = math.asin(step / away)
            low, high = max(low, offset - room), min(high, offset + room)
    return last


def path_of(points: FloatArray, *, closed: bool = True, coarse: bool = False) -> str:
    """The (n, 2) drawing coordinates as an SVG path, to a tenth or a whole; an open line of no length is empty."""
    parts = 1 if coarse else 10
    places = np.rint(points * parts).astype(np.int64)
    steps = np.diff(places, axis=0)
    steps = steps[(steps != 0).any(axis=1)]
    if not len(steps) and not closed:
        return ""
    tail = "".join("l" + _pair(x, y, parts) for x, y in steps.tolist())
    # A shape smaller than the pen is still drawn: a dot of no length with round ends.
    x, y = places[0].tolist()
    return f"M{_pair(x, y, parts)}{tail or 'h0'}{'z' * closed}"


def _pair(x: int, y: int, parts: int) -> str:
    """Both coordinates as short as can be: a minus sign parts them as well as a space."""
    return f"{_part(x, parts)}{'' if y < 0 else ' '}{_part(y, parts)}"


def _part(value: int, parts: int) -> str:
    whole, rest = divmod(abs(value), parts)
    text = f"{whole or ''}.{rest}" if rest else f"{whole}"
    return f"-{text}" if value < 0 else text
