"""Outlines follow GeographicLib's geodesics: every point that is put between two others lies on the edge."""

import random
from itertools import pairwise
from typing import Final

import numpy as np
import pytest

from tansiq.geometry.earth import ECCENTRICITY_SQUARED, FloatArray, LatLng, lat_lng
from tansiq.geometry.surface import STEP_M, dense_outlines
from tests.authority.globe import GEOD, along, edge, length_m

ON_THE_EDGE_M: Final = 1e-4
"""What `geometry.surface` promises."""
LENGTHS_M: Final = [1.0, 4_999.0, 5_001.0, 49_000.0, 50_001.0, 400_000.0, 3_000_000.0, 9_000_000.0]


def dense(*points: LatLng, closed: bool = False) -> tuple[FloatArray, np.ndarray]:
    outlines = dense_outlines(points, np.array([0, len(points)]), np.array([closed]))
    assert outlines.offsets.tolist() == [0, len(outlines.points_m)]
    return outlines.points_m, outlines.edge_of


def an_edge(rng: random.Random, length: float) -> tuple[LatLng, LatLng]:
    lat = rng.choice([rng.uniform(-90, 90), 90.0, -90.0, 0.0, 89.999])
    lng, azimuth = rng.choice([rng.uniform(-180, 180), 180.0]), rng.choice([rng.uniform(0, 360), 0.0, 90.0, 180.0])
    end_lng, end_lat, _ = GEOD.fwd(lng, lat, azimuth, length)
    return LatLng(lat, lng), LatLng(float(end_lat), float(end_lng))


def off_the_edge_m(start: LatLng, end: LatLng, point: LatLng) -> float:
    """How far the point is from the edge, by a search along it near the place where it should be."""
    which = edge(start, end)
    middle, half = length_m(start, point) / which[2], 0.01 / which[2]
    lng, lat = along(which, np.clip(np.linspace(middle - half, middle + half, 5), 0, 1))
    return min(length_m(point, place) for place in zip(lat, lng, strict=True))


@pytest.mark.parametrize("length", LENGTHS_M)
def test_points_lie_on_the_geodesic_and_at_most_5_km_apart(length: float) -> None:
    rng = random.Random(f"edges {length}")
    for _ in range(12):
        start, end = an_edge(rng, length)
        points_m, edge_of = dense(start, end)
        places = [lat_lng(point_m) for point_m in points_m]
        for place in rng.sample(places, min(len(places), 25)):
            assert off_the_edge_m(start, end, place) < ON_THE_EDGE_M
        steps = [length_m(a, b) for a, b in pairwise(places)]
        assert max(steps) <= STEP_M
        assert edge_of.tolist() == [0] * (len(places) - 1) + [1]


@pytest.mark.parametrize("length", LENGTHS_M)
def test_points_lie_on_the_ellipsoid(length: float) -> None:
    points_m, _ = dense(*an_edge(random.Random(f"ellipsoid {length}"), length))
    radius_m = np.sqrt(points_m[:, 0] ** 2 + points_m[:, 1] ** 2 + points_m[:, 2] ** 2 / (1 - ECCENTRICITY_SQUARED))
    assert np.abs(radius_m - GEOD.a).max() < 1e-6


def test_the_points_that_were_given_are_kept_and_a_ring_comes_home() -> None:
    ring = [LatLng(10.0, 179.0), LatLng(10.0, -175.0), LatLng(11.0, -178.0)]
    points_m, edge_of = dense(*ring, closed=True)
    firsts = [int(np.argmax(edge_of == k)) for k in range(3)]
    for first, place in zip(firsts, ring, strict=True):
        assert length_m(lat_lng(points_m[first]), place) < 1e-6
    assert length_m(lat_lng(points_m[-1]), ring[0]) <= STEP_M
    assert set(edge_of.tolist()) == {0, 1, 2}


def test_an_edge_through_a_pole_and_one_along_180_degrees() -> None:
    for start, end in [
        (LatLng(89.0, 10.0), LatLng(89.0, -170.0)),
        (LatLng(-89.9, 90.0), LatLng(-70.0, -90.0)),
        (LatLng(-3.0, 180.0), LatLng(3.0, -180.0)),
    ]:
        for point_m in dense(start, end)[0]:
            assert off_the_edge_m(start, end, lat_lng(point_m)) < ON_THE_EDGE_M
