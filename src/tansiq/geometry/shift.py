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


def axes_at(place: LatLng) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Unit vectors up, north and east there, (3,) each."""
    lat, lng = math.radians(place.lat_deg), math.radians(place.lng_deg)
    up = np.array([math.cos(lat) * math.cos(lng), math.cos(lat) * math.sin(lng), math.sin(lat)])
    north = np.array([-math.sin(lat) * math.cos(lng), -math.sin(lat) * math.sin(lng), math.cos(lat)])
    return up, north, np.array([-math.sin(lng), math.cos(lng), 0.0])


def curvature_radius_m(place: LatLng, bearing: FloatArray) -> FloatArray:
    """The ellipsoid's radius of curvature there on these bearings, in radians (Euler's formula)."""
    squeezed = 1 - ECCENTRICITY_SQUARED * math.sin(math.radians(place.lat_deg)) ** 2
    across_m = EQUATORIAL_RADIUS_M / math.sqrt(squeezed)
    along_m = across_m * (1 - ECCENTRICITY_SQUARED) / squeezed
    return np.asarray(1 / (np.cos(bearing) ** 2 / along_m + np.sin(bearing) ** 2 / across_m))


def bearing_deg(place: LatLng, to: LatLng) -> float:
    """The bearing from one place to another, to a tenth of a degree: the normals' great circle, not the geodesic."""
    _, north, east = axes_at(place)
    target = axes_at(to)[0]
    return math.degrees(math.atan2(float(target @ east), float(target @ north)))


def rotation(middle: LatLng, bearing_deg: float, distance_m: float) -> FloatArray:
    """The (3, 3) rotation of normals that moves the middle this far along the ellipsoid on this bearing.

    True to a part in 50,000 of the distance, up to 100 km.
    """
    bearing = math.radians(bearing_deg)
    up, north, east = axes_at(middle)
    axis = np.cross(up, math.cos(bearing) * north + math.sin(bearing) * east)
    angle = distance_m / float(curvature_radius_m(middle, np.array(bearing)))
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    # Rodrigues' formula.
    return np.asarray(np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross)


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
