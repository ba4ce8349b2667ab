"""What the arrays say of a footprint is true of every point of it: ball, box, and what an area encloses."""

import math
import random
from collections.abc import Iterator
from typing import Final

import numpy as np
import pytest

from tansiq.conflict.arrays import VolumeArrays
from tansiq.conflict.columns import volume_columns
from tansiq.conflict.jit import helper
from tansiq.conflict.narrow import CHART_ERROR_M, encloses, outlines_m
from tansiq.conflict.prepare import volume_arrays
from tansiq.geometry.distance import Outline
from tansiq.geometry.earth import FloatArray, LatLng, ecef_m, geodesic, geodesic_distance_m
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon
from tests.laws.strategies import anywhere, box, from_place, polygon, random_footprint, star, volume

SIZES_M: Final = [1.0, 300.0, 40_000.0, 900_000.0, 4_000_000.0]
CAPS: Final[list[Footprint]] = [
    polygon((60.0, 0.0), (60.0, 120.0), (60.0, -120.0)),
    polygon((-50.0, 10.0), (-50.0, 100.0), (-50.0, -170.0), (-50.0, -80.0)),
    box(-30.0, 30.0, 150.0, -150.0),
    Circle(LatLng(90.0, 0.0), 4_900_000.0),
    Corridor((LatLng(85.0, 0.0), LatLng(85.0, 180.0), LatLng(40.0, 179.0)), 250_000.0),
]


@helper
def _encloses(v: VolumeArrays, i: int, x: float, y: float, z: float) -> bool:
    return bool(encloses(v, i, x, y, z))


@helper
def _outlines_m(v: VolumeArrays, i: int, j: int) -> float:
    return float(outlines_m(v, i, v, j, 1e9))


def footprints(seed: str) -> list[Footprint]:
    rng = random.Random(seed)
    return [random_footprint(rng, anywhere(rng), size_m) for size_m in SIZES_M[:4] for _ in range(8)] + CAPS


def inside(footprint: Footprint, rng: random.Random) -> Iterator[LatLng]:
    """Points of the footprint, on its rim and everywhere within."""
    match footprint:
        case Circle(center, radius_m):
            for k in range(72):
                yield from_place(center, 5 * k, radius_m)
                yield from_place(center, rng.uniform(0, 360), radius_m * rng.random())
        case Corridor(_, half_width_m):
            for piece in Outline(footprint).pieces:
                for k in range(13):
                    place, travel_deg = piece.at(piece.length_m * k / 12)
                    yield from (from_place(place, travel_deg + turn, half_width_m) for turn in (90, -90, 0, 180, 45))
        case Polygon(vertices):
            edges = [piece.at(piece.length_m * k / 7)[0] for piece in Outline(footprint).pieces for k in range(8)]
            yield from edges
            outline = Outline(footprint)
            middle = outline.middle or vertices[0]
            for rim in edges:
                way = geodesic_way(middle, rim)
                yield from (place for place in way if outline.encloses(place))


def geodesic_way(start: LatLng, end: LatLng) -> list[LatLng]:
    length_m = geodesic_distance_m(start, end)
    if length_m == 0:
        return []
    bearing_deg = geodesic().Inverse(*start, *end)["azi1"]
    return [from_place(start, bearing_deg, length_m * share) for share in (0.0, 0.3, 0.8, 0.999)]


def vectors_m(places: list[LatLng]) -> FloatArray:
    return ecef_m(np.array([p.lat_deg for p in places]), np.array([p.lng_deg for p in places]))


def test_ball_and_box_hold_every_point_of_the_footprint() -> None:
    rng = random.Random("hold")
    shapes = footprints("hold")
    arrays = volume_arrays(volume_columns([volume(shape) for shape in shapes]))
    for i, shape in enumerate(shapes):
        points_m = vectors_m(list(inside(shape, rng)))
        away_m = np.sqrt(((points_m - arrays.volumes["center_m"][i]) ** 2).sum(axis=1))
        assert away_m.max() <= arrays.volumes["radius_m"][i], shape
        low, high = arrays.box_m[i, :3].astype(np.float64), arrays.box_m[i, 3:].astype(np.float64)
        assert (points_m >= low).all(), shape
        assert (points_m <= high).all(), shape


def test_a_box_is_rounded_outward_and_fits() -> None:
    # A circle of 1 m far from the frame's axes: float32 steps are half a metre there.
    rng = random.Random("outward")
    circles = [Circle(anywhere(rng), 1.0) for _ in range(200)]
    arrays = volume_arrays(volume_columns([volume(circle) for circle in circles]))
    centers_m = vectors_m([circle.center for circle in circles])
    low, high = arrays.box_m[:, :3].astype(np.float64), arrays.box_m[:, 3:].astype(np.float64)
    assert (low <= centers_m - 1.0).all()
    assert (high >= centers_m + 1.0).all()
    assert (high - low).max() < 8.0


@pytest.mark.parametrize("size_m", SIZES_M)
def test_the_kernel_encloses_what_the_definition_encloses_away_from_the_boundary(size_m: float) -> None:
    rng = random.Random(f"encloses {size_m}")
    shapes = [star(rng, anywhere(rng), size_m) for _ in range(10)]
    if size_m > 1e6:
        shapes += [cap for cap in CAPS if isinstance(cap, Polygon)]
    answers = []
    for shape in shapes:
        outline = Outline(shape)
        start = outline.middle or shape.vertices[0]
        places = [from_place(start, rng.uniform(0, 360), 1.2 * size_m * math.sqrt(rng.random())) for _ in range(40)]
        # Near the boundary on purpose: a few centimetres to each side of the edges.
        for piece in outline.pieces:
            place, travel_deg = piece.at(piece.length_m * rng.random())
            places += [from_place(place, travel_deg + turn, 3 * CHART_ERROR_M) for turn in (90, -90)]
        arrays = volume_arrays(volume_columns([volume(Circle(place, 1.0)) for place in places] + [volume(shape)]))
        n = len(places)
        for k, place in enumerate(places):
            if _outlines_m(arrays, k, n) <= CHART_ERROR_M:
                continue
            got = _encloses(arrays, n, *arrays.points_m[k])
            assert got == outline.encloses(place), (shape, place)
            answers.append(got)
    assert min(answers.count(True), answers.count(False)) > 50
