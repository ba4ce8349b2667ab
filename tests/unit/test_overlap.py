import pytest

from tansiq.geometry.distance import Outline, gap_m
from tansiq.geometry.earth import LatLng, geodesic_distance_m
from tansiq.geometry.footprint import Circle, Corridor, Footprint
from tansiq.geometry.overlap import area_m2, closest, shared
from tests.authority.test_story_s1 import AMBER, TEAL
from tests.laws.strategies import box, from_place

PI_KM2 = 3.14159265e6
PLACES = [LatLng(1.0, 1.0), LatLng(0.0, 180.0), LatLng(90.0, 0.0), LatLng(-89.99, 40.0), LatLng(60.0, -179.999)]


def test_story_s1_shares_469_km2() -> None:
    found = shared(AMBER.footprint, TEAL.footprint)
    assert found is not None
    assert found.area_m2 / 1e6 == pytest.approx(469, abs=0.5)
    assert len(found.rings) == 1


@pytest.mark.parametrize("place", PLACES)
def test_a_circle_within_another_shares_its_whole_area(place: LatLng) -> None:
    found = shared(Circle(place, 5_000.0), Circle(place, 1_000.0))
    assert found is not None
    assert found.area_m2 == pytest.approx(PI_KM2, rel=1e-4)


@pytest.mark.parametrize("place", PLACES)
def test_a_corridor_shares_its_length_times_its_width_with_what_it_crosses(place: LatLng) -> None:
    way = Corridor((from_place(place, 90, 20_000.0), from_place(place, 270, 20_000.0)), 500.0)
    found = shared(way, Circle(place, 5_000.0))
    assert found is not None
    # The strip within the circle: 1 km wide, 10 km long, its ends rounded.
    assert found.area_m2 == pytest.approx(9.983e6, rel=2e-3)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (Circle(LatLng(1.0, 1.0), 1_000.0), Circle(LatLng(1.1, 1.2), 2_000.0)),
        (box(0.9, 1.1, 1.0, 1.3), Circle(LatLng(1.05, 1.49), 15_000.0)),
        (box(0.9, 1.1, 179.8, 179.9), Corridor((LatLng(0.0, -179.95), LatLng(2.0, -179.95)), 1_000.0)),
        (Circle(LatLng(89.99, 0.0), 300.0), Circle(LatLng(89.99, 180.0), 300.0)),
    ],
)
def test_the_nearest_points_are_as_far_apart_as_the_gap(a: Footprint, b: Footprint) -> None:
    found = closest(a, b)
    assert found is not None
    want_m = gap_m(Outline(a), Outline(b))
    assert want_m > 1_000
    assert geodesic_distance_m(*found) == pytest.approx(want_m, rel=2e-3)


def test_two_areas_of_a_share_are_both_told() -> None:
    found = shared(box(0.0, 1.0, 0.0, 0.1), Corridor((LatLng(0.5, -1.0), LatLng(0.5, 1.0), LatLng(0.8, -1.0)), 900.0))
    assert found is not None
    assert len(found.rings) == 2
    assert found.area_m2 == sum(area_m2(ring) for ring in found.rings)


def test_what_only_touches_shares_no_area() -> None:
    found = shared(box(0.0, 1.0, 0.0, 1.0), box(0.0, 1.0, 1.0, 2.0))
    assert found is not None
    assert found.area_m2 == pytest.approx(0, abs=50)


def test_what_no_chart_holds_is_said_to_be_unknown() -> None:
    assert shared(Circle(LatLng(0.0, 0.0), 4_900_000.0), Circle(LatLng(0.0, 80.0), 4_900_000.0)) is None
    assert closest(Circle(LatLng(0.0, 0.0), 1_000.0), Circle(LatLng(0.0, 120.0), 1_000.0)) is None
