"""The place shown for a conflict lies where the two footprints come together."""

import pytest

from tansiq.geometry.earth import LatLng, geodesic_distance_m
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon
from tansiq.geometry.place import meeting_place

BENT = Corridor((LatLng(0, 0), LatLng(5, 5), LatLng(10, 0)), 1_000.0)
OTHER = Corridor((LatLng(0, 10), LatLng(5, 5), LatLng(10, 10)), 1_000.0)
ROUND = Polygon(tuple(LatLng(lat, lng) for lat, lng in [(-3, -3), (-3, 3), (3, 3), (3, -3)]))
OVER_180 = Polygon(tuple(LatLng(lat, lng) for lat, lng in [(1, 179), (1, -179), (2, -179), (2, 179)]))


@pytest.mark.parametrize(
    ("a", "b", "where", "within_m"),
    [
        (BENT, OTHER, LatLng(5, 5), 6_000.0),
        (ROUND, Circle(LatLng(1, 1), 500.0), LatLng(1, 1), 1.0),
        (OVER_180, Circle(LatLng(1.5, 180), 500.0), LatLng(1.5, -180), 1.0),
        (Circle(LatLng(0, 0), 20_000.0), Circle(LatLng(0, 1), 91_319.0), LatLng(0, 0.1797), 200.0),
        (Circle(LatLng(90, 7), 500.0), Circle(LatLng(89.99, 7), 700.0), LatLng(89.9958, 7), 100.0),
    ],
)
def test_the_place_is_where_they_meet(a: Footprint, b: Footprint, where: LatLng, within_m: float) -> None:
    for pair in ((a, b), (b, a)):
        assert geodesic_distance_m(meeting_place(*pair), where) < within_m
