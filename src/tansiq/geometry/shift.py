"""Shapes moved over the globe without being bent: every point is turned by the same rotation.

What is turned are the directions of the ellipsoid's normals, so that nothing is special at the poles or at 180
degrees. On a sphere no shape would change at all; on the ellipsoid lengths change by at most 1 % of the part of the
Earth's radius that the shape is moved by: a side of 10 km moved by 20 km is off by 0.3 m.
"""

import math

import numpy as np

from tansiq.geometry.earth import ECCENTRICITY_SQUARED, EQUATORIAL_RADIUS_M, FloatArray, LatLng
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon

DIGITS = 7
"""Moved places are given in so many decimals of a degree, which is a centimetre."""


def rotation(middle: LatLng, bearing_deg: float, distance_m: float) -> FloatArray:
    """The (3, 3) rotation of normals that moves the middle this far along the ellipsoid on this bearing.

    True to a part in 50,000 of the distance, up to 100 km.
    """
    lat, lng, bearing = (math.radians(angle) for angle in (middle.lat_deg, middle.lng_deg, bearing_deg))
    up = np.array([math.cos(lat) * math.cos(lng), math.cos(lat) * math.sin(lng), math.sin(lat)])
    north = np.array([-math.sin(lat) * math.cos(lng), -math.sin(lat) * math.sin(lng), math.cos(lat)])
    east = np.array([-math.sin(lng), math.cos(lng), 0.0])
    way = math.cos(bearing) * north + math.sin(bearing) * east
    axis = np.cross(up, way)
    angle = distance_m / _radius_m(lat, bearing)
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    # Rodrigues' formula.
    return np.asarray(np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross)


def _radius_m(lat: float, bearing: float) -> float:
    """The ellipsoid's radius of curvature along this bearing (Euler's formula)."""
    squeezed = 1 - ECCENTRICITY_SQUARED * math.sin(lat) ** 2
    across_m = EQUATORIAL_RADIUS_M / math.sqrt(squeezed)
    along_m = across_m * (1 - ECCENTRICITY_SQUARED) / squeezed
    return 1 / (math.cos(bearing) ** 2 / along_m + math.sin(bearing) ** 2 / across_m)


def turned(lat_deg: FloatArray, lng_deg: FloatArray, turn: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The places (n,), (n,) turned by this rotation, (n,), (n,), or by each of k of them, (k, n), (k, n)."""
    lat, lng = np.radians(lat_deg), np.radians(lng_deg)
    normals = np.stack([np.cos(lat) * np.cos(lng), np.cos(lat) * np.sin(lng), np.sin(lat)])
    x, y, z = np.moveaxis(turn @ normals, -2, 0)
    return np.round(np.degrees(np.arctan2(z, np.hypot(x, y))), DIGITS), np.round(np.degrees(np.arctan2(y, x)), DIGITS)


def moved(footprint: Footprint, turn: FloatArray) -> Footprint:
    """The footprint turned by this rotation; its radius or half-width stays. Raises PartyError where none is left."""
    match footprint:
        case Circle(center, radius_m):
            return Circle(_turned([center], turn)[0], radius_m)
        case Corridor(line, half_width_m):
            return Corridor(tuple(_turned(line, turn)), half_width_m)
        case Polygon(vertices):
            return Polygon(tuple(_turned(vertices, turn)))


def _turned(points: "tuple[LatLng, ...] | list[LatLng]", turn: FloatArray) -> list[LatLng]:
    table = np.array(points, dtype=np.float64)
    lat_deg, lng_deg = turned(table[:, 0], table[:, 1], turn)
    return [LatLng(*place) for place in zip(lat_deg.tolist(), lng_deg.tolist(), strict=True)]
