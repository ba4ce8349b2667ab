"""The words in which cases are written: places, outlines, limits, windows, volumes as F3548 has them, and a case.

Places are rounded to a hundred-millionth of a degree, a millimetre, so that the last digits of a machine do not show.
What is judged is what stands in the file.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyproj

GEOD: Final = pyproj.Geod(ellps="WGS84")
DIGITS: Final = 8
CLEAR: Final = "clear"
POSSIBLE: Final = "possible"
CONFLICT: Final = "conflict"

Json = dict[str, Any]
Point = tuple[float, float]
"""Latitude and longitude in degrees."""

# From the equator to beside the pole, both hemispheres, and where longitudes leap.
PLACES: Final[dict[str, Point]] = {
    "bahr": (1.5, 1.5),
    "south": (-47.3, -128.7),
    "north": (68.0, -2.5),
    "antimeridian": (-22.0, 180.0),
    "beside the pole": (89.2, 33.0),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One question with its answer. `witness` is a point that lies in all volumes, where the judge shall look.

    accept: answers that are right as well; why stands in the reason.
    """

    id: str
    volumes: Sequence[Json]
    expected: str
    reason: str
    horizontal_m: float = 0.0
    vertical_m: float = 0.0
    accept: tuple[str, ...] = ()
    witness: Point | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Cases about one thing. `near_m` is how near a case's gap may come to where the answer changes."""

    name: str
    about: str
    cases: Sequence[Case]
    near_m: float = 0.05


# ------------------------------------------------------------------------------------------------------- places


def place(lat_deg: float, lng_deg: float) -> Point:
    """The point, rounded; a longitude past 180 goes on from -180."""
    turned = lng_deg if abs(lng_deg) <= 180 else math.remainder(lng_deg, 360)
    return round(lat_deg, DIGITS) + 0.0, round(turned, DIGITS) + 0.0


def walk(start: Point, bearing_deg: float, distance_m: float) -> Point:
    """The point this far along the geodesic that leaves in this direction."""
    lng, lat, _ = GEOD.fwd(start[1], start[0], bearing_deg, distance_m)
    return place(float(lat), float(lng))


def shifted(start: Point, east_m: float, north_m: float) -> Point:
    """The point this far east and north, in the polar coordinates round the start."""
    if east_m == north_m == 0:
        return place(*start)
    return walk(start, math.degrees(math.atan2(east_m, north_m)), math.hypot(east_m, north_m))


def apart_m(a: Point, b: Point) -> float:
    """The length of the geodesic."""
    return float(GEOD.inv(a[1], a[0], b[1], b[0])[2])


def bearing_deg(a: Point, b: Point) -> float:
    """The direction in which one leaves a for b."""
    return float(GEOD.inv(a[1], a[0], b[1], b[0])[0])


def between(a: Point, b: Point, share: float = 0.5) -> Point:
    """The point of the geodesic from a to b after this share of it."""
    return walk(a, bearing_deg(a, b), share * apart_m(a, b))


# ----------------------------------------------------------------------------------------------------- outlines


def _point(point: Point) -> Json:
    return {"lat": point[0], "lng": point[1]}


def circle(center: Point, radius: float, units: str = "M") -> Json:
    return {"outline_circle": {"center": _point(center), "radius": {"value": radius, "units": units}}}


def polygon(*vertices: Point) -> Json:
    return {"outline_polygon": {"vertices": [_point(place(*vertex)) for vertex in vertices]}}


def corridor(half_width: float, *line: Point, units: str = "M") -> Json:
    return {
        "outline_corridor": {
            "line": [_point(place(*point)) for point in line],
            "half_width": {"value": half_width, "units": units},
        }
    }


def box(south: float, north: float, west: float, east: float) -> Json:
    """The polygon of these four corners, in degrees; its edges are geodesics like all others."""
    return polygon((south, west), (south, east), (north, east), (north, west))


def rectangle(middle: Point, *, west_m: float, east_m: float, south_m: float, north_m: float) -> Json:
    """Four corners in the polar coordinates round the middle."""
    corners = [(west_m, south_m), (east_m, south_m), (east_m, north_m), (west_m, north_m)]
    return polygon(*(shifted(middle, x, y) for x, y in corners))


# ------------------------------------------------------------------------------------------------------ volumes


def limit(value: float, reference: str = "W84", units: str = "M") -> Json:
    return {"value": value, "reference": reference, "units": units}


def level(number: float) -> Json:
    return limit(number, "FL", "FL")


LOWER: Final = limit(100)
UPPER: Final = limit(200)
START: Final = "2030-01-15T10:00:00Z"
END: Final = "2030-01-15T12:00:00Z"


def volume(
    outline: Json,
    lower: Json | None = LOWER,
    upper: Json | None = UPPER,
    start: str | None = START,
    end: str | None = END,
) -> Json:
    """A Volume4D; a limit or time that is None is missing."""
    space = dict(outline)
    if lower is not None:
        space["altitude_lower"] = lower
    if upper is not None:
        space["altitude_upper"] = upper
    found: Json = {"volume": space}
    if start is not None:
        found["time_start"] = {"value": start, "format": "RFC3339"}
    if end is not None:
        found["time_end"] = {"value": end, "format": "RFC3339"}
    return found


def pair(a: Json, b: Json) -> list[Json]:
    """Two outlines, between 100 and 200 m, in the same two hours."""
    return [volume(a), volume(b)]


def slug(text: str) -> str:
    """The words as they stand in an id."""
    return text.replace(" ", "-")
