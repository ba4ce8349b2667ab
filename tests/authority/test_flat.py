"""The error of the plane in which small volumes are compared stays within its bound, held against GeographicLib.

Source: C. F. F. Karney, Algorithms for geodesics, J. Geodesy 87 (2013) 43-55, as pyproj has it.
"""

import math
from typing import Final

import numpy as np
import pytest

from tansiq.conflict.arrays import VolumeArrays
from tansiq.conflict.columns import volume_columns
from tansiq.conflict.flat import FLAT, NEAR_M, SHORT_EDGE_M, TILT, flat_error_m, lay
from tansiq.conflict.jit import helper
from tansiq.conflict.prepare import volume_arrays
from tansiq.geometry.earth import FloatArray, LatLng, ecef_m
from tansiq.geometry.footprint import Circle
from tests.authority.globe import GEOD
from tests.laws.strategies import volume

REACHES_M: Final = [100.0, 1_000.0, 5_000.0, 12_000.0, 19_900.0]
NOT_ABSURD: Final = 1 / 10
"""The largest error that is seen is more than this part of the bound."""
DOT_M: Final = 0.001
"""The radius of the circles whose centres are laid: their size is of no account."""
PLACES: Final = 48
PAIRS: Final = 400


@helper
def laid_m(v: VolumeArrays, points: np.ndarray, rows: np.ndarray) -> None:
    """The centres of all circles in the plane of the first."""
    for i in range(len(v.volumes)):
        lay(rows[i], points, 2 * i, v.points_m, v.volumes[i], v.volumes[0], 0.0)


@helper
def error_m(reach_m: float) -> float:
    return float(flat_error_m(reach_m))


def places() -> list[LatLng]:
    """Poles, both sides of 180 degrees, the equator, where the ellipsoid's normal leans most, and anywhere."""
    rng = np.random.default_rng(1)
    hard = [(90.0, 0.0), (-90.0, 0.0), (89.95, 77.0), (0.0, 0.0), (0.0, 180.0), (45.0, -180.0), (-45.0, 179.999)]
    lat, lng = np.degrees(np.arcsin(rng.uniform(-1, 1, PLACES))), rng.uniform(-180, 180, PLACES)
    return [LatLng(*place) for place in (*hard, *zip(lat.tolist(), lng.tolist(), strict=True))]


def disc(rng: np.random.Generator, place: LatLng, reach_m: float, count: int) -> tuple[FloatArray, FloatArray]:
    """Latitudes and longitudes of points round the place: half of them on the rim, many due north or east."""
    azimuth = rng.uniform(0, 360, count)
    azimuth[: count // 2] = np.round(azimuth[: count // 2] / 45) * 45
    away_m = reach_m * np.sqrt(rng.random(count))
    away_m[::2] = reach_m
    lng, lat, _ = GEOD.fwd(np.full(count, place.lng_deg), np.full(count, place.lat_deg), azimuth, away_m)
    return np.asarray(lat), np.asarray(lng)


def plane_of(place: LatLng, lat: FloatArray, lng: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where the points lie in the plane of the place, (n, 2), and how far each is from it through the Earth."""
    centers = [place, *(LatLng(*point) for point in zip(lat.tolist(), lng.tolist(), strict=True))]
    arrays = volume_arrays(volume_columns([volume(Circle(center, DOT_M)) for center in centers]))
    points, rows = np.empty((2 * len(centers), 2)), np.zeros(len(centers), FLAT)
    laid_m(arrays, points, rows)
    assert (rows["edges"] == 1).all(), "not laid"
    away_m = np.sqrt(((arrays.points_m[1:] - arrays.points_m[0]) ** 2).sum(axis=1))
    return points[2::2], away_m


def bounds_m(*away_m: FloatArray) -> FloatArray:
    return np.array([error_m(reach) for reach in np.maximum.reduce(away_m).tolist()])


def distance_errors(place: LatLng, reach_m: float, seed: int) -> FloatArray:
    """How far distances in the plane are off, as parts of the bound."""
    rng = np.random.default_rng(seed)
    (lat_a, lng_a), (lat_b, lng_b) = (disc(rng, place, reach_m, PAIRS) for _ in range(2))
    flat, away_m = plane_of(place, np.concatenate([lat_a, lat_b]), np.concatenate([lng_a, lng_b]))
    _, _, want_m = GEOD.inv(lng_a, lat_a, lng_b, lat_b)
    got_m = np.sqrt(((flat[:PAIRS] - flat[PAIRS:]) ** 2).sum(axis=1))
    return np.asarray(np.abs(got_m - want_m) / bounds_m(away_m[:PAIRS], away_m[PAIRS:]))


def geodesic_offsets_m(
    lat: FloatArray, lng: FloatArray, azimuth: FloatArray, lat_p: FloatArray, lng_p: FloatArray
) -> FloatArray:
    """How far the points lie right of the geodesics that leave in these directions, left negative."""
    along_m = np.zeros(len(lat))
    for _ in range(5):
        # GeographicLib names the way back: half a turn less is the way on.
        foot_lng, foot_lat, back = GEOD.fwd(lng, lat, azimuth, along_m)
        to_point, _, apart_m = GEOD.inv(foot_lng, foot_lat, lng_p, lat_p)
        turn = np.radians(np.asarray(to_point) - np.where(along_m == 0.0, azimuth, np.asarray(back) + 180.0))
        along_m = along_m + apart_m * np.cos(turn)
    return np.asarray(apart_m * np.sin(turn))


def offset_errors(place: LatLng, reach_m: float, seed: int) -> FloatArray:
    """How far offsets from a straight line in the plane are off those from the geodesic, as parts of the bound."""
    rng = np.random.default_rng(seed)
    lat_a, lng_a = disc(rng, place, 0.5 * reach_m, PAIRS)
    lat_p, lng_p = disc(rng, place, reach_m, PAIRS)
    azimuth = rng.uniform(0, 360, PAIRS)
    azimuth[::2] = np.round(azimuth[::2] / 45) * 45
    length_m = SHORT_EDGE_M * (0.5 * reach_m / SHORT_EDGE_M) ** rng.random(PAIRS)
    lng_b, lat_b, _ = GEOD.fwd(lng_a, lat_a, azimuth, length_m)
    lat, lng = np.concatenate([lat_a, lat_b, lat_p]), np.concatenate([lng_a, lng_b, lng_p])
    flat, away_m = plane_of(place, lat, lng)
    a, b, p = flat[:PAIRS], flat[PAIRS : 2 * PAIRS], flat[2 * PAIRS :]
    along, to_point = b - a, p - a
    turned = along[:, 0] * to_point[:, 1] - along[:, 1] * to_point[:, 0]
    got_m = np.abs(turned) / np.sqrt((along**2).sum(axis=1))
    # The direction of the edge by its ends as they were rounded, not by the azimuth that it was drawn with.
    azimuth, _, _ = GEOD.inv(lng_a, lat_a, lng_b, lat_b)
    want_m = np.abs(geodesic_offsets_m(lat_a, lng_a, np.asarray(azimuth), lat_p, lng_p))
    return np.asarray(np.abs(got_m - want_m) / bounds_m(*away_m.reshape(3, PAIRS)))


@pytest.mark.parametrize("reach_m", REACHES_M)
def test_no_distance_in_the_plane_is_off_by_more_than_the_bound_which_is_not_absurd(reach_m: float) -> None:
    worst = max(distance_errors(place, reach_m, seed).max() for seed, place in enumerate(places()))
    assert NOT_ABSURD < worst <= 1.0


@pytest.mark.parametrize("reach_m", REACHES_M)
def test_no_offset_from_the_line_through_an_edge_is_off_by_more_than_the_bound(reach_m: float) -> None:
    worst = max(offset_errors(place, reach_m, seed).max() for seed, place in enumerate(places()))
    assert NOT_ABSURD < worst <= 1.0


def test_the_bound_grows_with_the_reach_and_is_nowhere_below_a_micrometre() -> None:
    bounds = [error_m(reach_m) for reach_m in (0.0, 1.0, *REACHES_M, NEAR_M)]
    assert bounds == sorted(bounds)
    assert bounds[0] >= 1e-6


def test_the_normal_of_the_ellipsoid_leans_by_less_than_the_tilt() -> None:
    lat = np.linspace(-90, 90, 20_001)
    normal = np.column_stack([np.cos(np.radians(lat)), 0 * lat, np.sin(np.radians(lat))])
    up = ecef_m(lat, 0 * lat)
    cosine = (normal * up).sum(axis=1) / np.sqrt((up**2).sum(axis=1))
    lean = float(np.arccos(np.minimum(1.0, cosine)).max())
    assert 0.98 * TILT < lean < TILT
    assert math.isclose(lean, 0.00336, abs_tol=5e-6)
