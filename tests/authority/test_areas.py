"""Areas on WGS84: PROJ's geodesic polygon area against shapely on a fine outline in an equal-area projection.

Nothing of tansiq measures areas yet. What is held here is that its outlines enclose the area that they should:
the points of `dense_outlines`, projected, have the area that GeographicLib gives the polygon.
"""

import random
from collections.abc import Sequence
from typing import Final

import numpy as np
import pyproj
import pytest
from shapely.geometry import Polygon as Flat

from tansiq.geometry.earth import LatLng, lat_lng
from tansiq.geometry.footprint import Circle, Footprint, Polygon
from tansiq.geometry.surface import dense_outlines
from tests.authority.globe import GEOD
from tests.laws.strategies import anywhere, box, from_place, star

RELATIVE: Final = 2e-6
"""Between two points 5 km apart a geodesic bulges by up to 0.5 m from the projection's straight line, on an edge as
long as the shape is wide at least: of a shape of 20 km that is two parts in a million of the area."""
PUBLISHED_KM2: Final = 0.5
"""The story of domain.md rounds areas to a square kilometre."""


def equal_area(middle: LatLng) -> pyproj.Transformer:
    """To Lambert's azimuthal equal-area projection on the ellipsoid, round the place."""
    there = f"+proj=laea +lat_0={middle.lat_deg} +lon_0={middle.lng_deg} +ellps=WGS84"
    return pyproj.Transformer.from_pipeline(
        f"+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step {there}"
    )


def flat(places: Sequence[LatLng], middle: LatLng) -> Flat:
    x, y = equal_area(middle).transform([p.lng_deg for p in places], [p.lat_deg for p in places])
    return Flat(list(zip(x, y, strict=True)))


def outline(footprint: Footprint) -> list[LatLng]:
    """The rim of a circle or polygon as many points."""
    match footprint:
        case Circle(center, radius_m):
            return [from_place(center, k / 10, radius_m) for k in range(3_600)]
        case Polygon(vertices):
            dense = dense_outlines(vertices, np.array([0, len(vertices)]), np.array([True]))
            return [lat_lng(point_m) for point_m in dense.points_m]
        case _:
            raise NotImplementedError


def geodesic_area_m2(vertices: Sequence[LatLng]) -> float:
    area, _ = GEOD.polygon_area_perimeter([p.lng_deg for p in vertices], [p.lat_deg for p in vertices])
    return abs(float(area))


@pytest.mark.parametrize("size_m", [20_000.0, 100_000.0, 1_000_000.0])
def test_an_outline_encloses_the_area_that_geographiclib_gives_the_polygon(size_m: float) -> None:
    rng = random.Random(f"areas {size_m}")
    for _ in range(10):
        place = anywhere(rng)
        shape = star(rng, place, size_m)
        want_m2 = geodesic_area_m2(shape.vertices)
        assert flat(outline(shape), place).area == pytest.approx(want_m2, rel=RELATIVE)


def test_the_areas_of_story_s1() -> None:
    # domain.md section 5, S1: the box has 738 km2, box and circle share 469 km2.
    amber, teal, middle = box(0.90, 1.10, 1.00, 1.30), Circle(LatLng(1.05, 1.20), 15_000.0), LatLng(1.0, 1.2)
    assert geodesic_area_m2(amber.vertices) / 1e6 == pytest.approx(738, abs=PUBLISHED_KM2)
    shared = flat(outline(amber), middle).intersection(flat(outline(teal), middle))
    assert shared.area / 1e6 == pytest.approx(469, abs=PUBLISHED_KM2)
