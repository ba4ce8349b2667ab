"""The WGS84 ellipsoid: points on its surface as 3-D vectors, and the geodesic between two of them.

Nothing is computed in longitude, so nothing is special at the poles or at 180 degrees. The frame is
Earth-centred Earth-fixed (ECEF): metres from the Earth's centre, x through 0 N 0 E, z through the
north pole.
"""

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from geographiclib.geodesic import Geodesic

EQUATORIAL_RADIUS_M: Final = 6_378_137.0
FLATTENING: Final = 1 / 298.257223563
POLAR_RADIUS_M: Final = EQUATORIAL_RADIUS_M * (1 - FLATTENING)
ECCENTRICITY_SQUARED: Final = FLATTENING * (2 - FLATTENING)

FloatArray = NDArray[np.float64]


class LatLng(NamedTuple):
    """A point of the surface: degrees north, degrees east."""

    lat_deg: float
    lng_deg: float


def ecef_m(lat_deg: FloatArray, lng_deg: FloatArray) -> FloatArray:
    """The surface points as ECEF vectors: (n,) and (n,) degrees give (n, 3) metres.

    A longitude of 180 and of -180, and every longitude at a pole, give the same vector to the last
    digit of a nanometre.
    """
    lat, lng = np.radians(lat_deg), np.radians(lng_deg)
    sin_lat, cos_lat = np.sin(lat), np.cos(lat)
    normal_radius_m = EQUATORIAL_RADIUS_M / np.sqrt(1 - ECCENTRICITY_SQUARED * sin_lat**2)
    out = np.empty((*lat.shape, 3))
    out[..., 0] = normal_radius_m * cos_lat * np.cos(lng)
    out[..., 1] = normal_radius_m * cos_lat * np.sin(lng)
    out[..., 2] = normal_radius_m * (1 - ECCENTRICITY_SQUARED) * sin_lat
    return out


def lat_lng(point_m: FloatArray) -> LatLng:
    """The surface point of this ECEF vector of a point on the surface, (3,) metres."""
    x, y, z = (float(c) for c in point_m)
    lat = np.degrees(np.arctan2(z, (1 - ECCENTRICITY_SQUARED) * np.hypot(x, y)))
    return LatLng(float(lat), float(np.degrees(np.arctan2(y, x))))


def on_surface_m(direction: FloatArray) -> FloatArray:
    """The surface point in this direction from the Earth's centre: (3,) of any length gives (3,) metres."""
    x, y, z = direction
    measure = (x / EQUATORIAL_RADIUS_M) ** 2 + (y / EQUATORIAL_RADIUS_M) ** 2 + (z / POLAR_RADIUS_M) ** 2
    return np.asarray(direction / np.sqrt(measure))


@cache
def geodesic() -> "Geodesic":
    """GeographicLib's WGS84, loaded at its first use: most checks end without it.

    Source: C. F. F. Karney, Algorithms for geodesics, J. Geodesy 87 (2013) 43-55.
    """
    from geographiclib.geodesic import Geodesic  # noqa: PLC0415 - half of a small check's start-up time

    return Geodesic.WGS84


def geodesic_distance_m(a: LatLng, b: LatLng) -> float:
    """The length of the shortest path on the ellipsoid, exact to a few nanometres."""
    found = geodesic().Inverse(a.lat_deg, a.lng_deg, b.lat_deg, b.lng_deg, geodesic().DISTANCE)
    return float(found["s12"])
