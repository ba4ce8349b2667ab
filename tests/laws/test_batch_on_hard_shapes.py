"""`batch` answers as the definition does on the shapes that break engines: touching, thin, nested, equal, crossing."""

import contextlib
import math
import random
from collections.abc import Sequence

import pytest

from tansiq.errors import PartyError
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon
from tests.laws.agreement import Verdicts, assert_batch_equals_exact
from tests.laws.strategies import (
    box,
    from_place,
    intents_of,
    polygon,
    rectangle,
    same_for_all,
    shifted,
    star,
)

PLACES = {
    "at the origin": LatLng(0.0, 0.0),
    "in the middle latitudes": LatLng(-47.3, 101.7),
    "on the antimeridian": LatLng(61.0, 180.0),
    "at the north pole": LatLng(90.0, 0.0),
    "at the south pole": LatLng(-90.0, 0.0),
}
everywhere = pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)


def check(footprints: Sequence[Footprint], *minima_m: float) -> list[Verdicts]:
    """The verdicts at each of the minima (0 and 5 m where none is given), the same from both engines."""
    return [
        assert_batch_equals_exact(intents_of(footprints), same_for_all(horizontal_m))
        for horizontal_m in minima_m or (0.0, 5.0)
    ]


def certainty(verdicts: Verdicts, i: int, j: int) -> Certainty:
    verdict = verdicts.get(((i, 0), (j, 0)))
    return Certainty.CLEAR if verdict is None else verdict.certainty


@everywhere
def test_a_lattice_that_touches_everywhere_is_possible_at_every_side_and_corner(place: LatLng) -> None:
    n, side_m = 6, 100.0
    corners = [[shifted(place, x * side_m, y * side_m) for x in range(n + 1)] for y in range(n + 1)]
    squares = [
        Polygon((corners[y][x], corners[y][x + 1], corners[y + 1][x + 1], corners[y + 1][x]))
        for y in range(n)
        for x in range(n)
    ]
    met, _ = check(squares, 0.0, 5.0)
    assert len(met) == 2 * n * (n - 1) + 2 * (n - 1) ** 2
    assert {verdict.certainty for verdict in met.values()} == {Certainty.POSSIBLE}


def test_a_lattice_of_degrees_with_unequal_tiles_overlapping_and_touching() -> None:
    rng = random.Random("lattice")
    tiles = []
    for _ in range(60):
        south, west = rng.randrange(-3, 4), rng.randrange(-3, 4)
        high, wide = rng.choice([1, 2]), rng.choice([1, 2])
        tiles.append(box(south / 100, (south + high) / 100, west / 100, (west + wide) / 100))
    check(tiles, 0.0)


@everywhere
def test_circles_and_corridors_that_touch(place: LatLng) -> None:
    line = Corridor((shifted(place, -500, 0), shifted(place, 500, 0)), 100.0)
    footprints: list[Footprint] = [line, Circle(place, 50.0), Circle(from_place(place, 90, 150.0), 100.0)]
    footprints += [Circle(from_place(place, 17, 250.0), 200.0), Circle(from_place(place, 197, 550.0), 500.0)]
    check(footprints)


@everywhere
def test_needles_a_centimetre_wide_that_cross_touch_and_lie_side_by_side(place: LatLng) -> None:
    needles: list[Footprint] = []
    for k in range(12):
        length_m = [30.0, 1_000.0, 20_000.0][k % 3]
        base = from_place(place, 41.0 * k, 0.4 * length_m)
        beside = from_place(place, 41.0 * k + math.degrees(0.01 / (0.4 * length_m)), 0.4 * length_m)
        tip = from_place(place, 41.0 * k + 180 + 0.001 * (k % 4), 0.6 * length_m)
        needles.append(Polygon((base, beside, tip)))
    needles += [rectangle(place, east_m=-50, north_m=0.015 * k, wide_m=100, high_m=0.01) for k in range(5)]
    met, _ = check(needles, 0.0, 1.0)
    assert len(met) > 20


@everywhere
@pytest.mark.parametrize("size_m", [20.0, 900.0, 40_000.0, 900_000.0])
def test_nested_shapes_that_touch_nowhere_are_certain_with_no_gap(place: LatLng, size_m: float) -> None:
    rng = random.Random(f"nested {size_m}")
    shrinking = [star(rng, place, size_m * 0.2**k) for k in range(4)]
    inner: list[Footprint] = [
        Circle(place, size_m * 0.2**4),
        Corridor((place, from_place(place, 50, size_m * 0.2**5)), size_m * 1e-4),
    ]
    for verdicts in check([*shrinking, *inner], 0.0, 0.3 * size_m):
        assert len(verdicts) == 15
        assert {(v.certainty, v.horizontal_gap_m) for v in verdicts.values()} == {(Certainty.CERTAIN, 0.0)}


@everywhere
@pytest.mark.parametrize("length_m", [100.0, 4_000.0, 60_000.0, 1_900_000.0])
def test_bars_that_cross_with_no_vertex_inside_are_certain(place: LatLng, length_m: float) -> None:
    width_m = length_m / 50
    # The crossing lies off the middle of both, so that neither middle is inside the other.
    flat = rectangle(place, east_m=-0.2 * length_m, north_m=0, wide_m=length_m, high_m=width_m)
    tall = rectangle(place, east_m=0, north_m=-0.3 * length_m, wide_m=width_m, high_m=length_m)
    for verdicts in check([flat, tall], 0.0, 1.0):
        assert certainty(verdicts, 0, 1) is Certainty.CERTAIN


@everywhere
@pytest.mark.parametrize("size_m", [5.0, 3_000.0, 100_000.0])
def test_equal_polygons_are_certain_wherever_they_start_and_however_they_turn(place: LatLng, size_m: float) -> None:
    rng = random.Random(f"equal {size_m}")
    shapes: list[Footprint] = []
    for outline in (star(rng, place, size_m).vertices, horseshoe(place, size_m).vertices):
        shapes += [Polygon(outline[k:] + outline[:k]) for k in (0, 1, len(outline) - 1)]
        shapes += [Polygon(tuple(reversed(outline)))]
    [met] = check(shapes, 0.0)
    assert all(certainty(met, i, j) is Certainty.CERTAIN for i in range(4) for j in range(i + 1, 4))
    assert all(certainty(met, i, j) is Certainty.CERTAIN for i in range(4, 8) for j in range(i + 1, 8))


def horseshoe(place: LatLng, size_m: float) -> Polygon:
    """A concave polygon whose middle lies outside of it."""
    corners = [(0, 0), (9, 0), (9, 9), (8, 9), (8, 1), (1, 1), (1, 9), (0, 9)]
    return Polygon(tuple(shifted(place, (x - 4.5) * size_m / 9, (y - 3) * size_m / 9) for x, y in corners))


@everywhere
def test_what_lies_in_the_bay_of_a_horseshoe_is_outside_of_it(place: LatLng) -> None:
    bay: list[Footprint] = [Circle(place, 10.0), rectangle(place, east_m=-20, north_m=0, wide_m=40, high_m=30)]
    across = Corridor((shifted(place, -400, 100), shifted(place, 400, 100)), 1.0)
    [met] = check([horseshoe(place, 900.0), *bay, across], 0.0)
    assert [certainty(met, 0, k) for k in (1, 2, 3)] == [Certainty.CLEAR, Certainty.CLEAR, Certainty.CERTAIN]


@everywhere
def test_polygons_without_area_are_lines_and_still_meet_what_they_cross(place: LatLng) -> None:
    def along(bearing_deg: float, *stops_m: float) -> Polygon:
        return Polygon(tuple(from_place(place, bearing_deg, stop_m) for stop_m in stops_m))

    flat: list[Footprint] = [along(90, -500, 100, 700), along(0, -400, 300, 350), along(90, 200, 900, 1_000)]
    flat += [along(90, 0, 1_000, 2_000, 500), Circle(from_place(place, 90, 600), 3.0), along(90, 2_500, 2_600, 2_700)]
    check(flat)


@everywhere
def test_shapes_smaller_than_the_tolerance(place: LatLng) -> None:
    rng = random.Random("tiny")
    tiny: list[Footprint] = []
    for _ in range(14):
        at = from_place(place, rng.uniform(0, 360), rng.uniform(0, 0.03))
        tiny += [star(rng, at, rng.uniform(0.004, 0.02)), Circle(at, rng.uniform(0.001, 0.01))]
        tiny.append(Corridor((at, from_place(at, rng.uniform(0, 360), 0.02)), 0.002))
    check(tiny, 0.0, 0.005, 0.015, 1.0)


@pytest.mark.parametrize("length_m", [2_000_000.0, 5_000_000.0])
def test_small_shapes_along_the_edges_of_a_huge_one(length_m: float) -> None:
    # An edge of 2,000 km along a parallel bulges 78 km out of it at 60 N: what counts lies on the geodesic.
    west = LatLng(60.0, 170.0)
    east = from_place(west, 55.0, length_m)
    huge = Polygon((west, east, from_place(west, 110.0, 0.7 * length_m)))
    small: list[Footprint] = []
    for share in (0.02, 0.3, 0.5, 0.77):
        foot = from_place(west, 55.0, share * length_m)
        small += [Circle(from_place(foot, azimuth, 900.0), 800.0) for azimuth in (0, 90, 180, 270)]
        small += [rectangle(foot, east_m=-5, north_m=2, wide_m=10, high_m=20)]
    check([huge, *small], 0.0, 150.0)


def test_every_way_round_a_pole() -> None:
    for sign in (1, -1):
        ring = polygon(*((sign * 88.0, lng) for lng in range(-180, 180, 60)))
        on_vertex = polygon((sign * 90.0, 33.0), (sign * 89.0, 10.0), (sign * 89.0, 60.0))
        on_edge = polygon((sign * 89.0, -10.0), (sign * 89.0, 170.0), (sign * 88.5, 80.0))
        through = Corridor((LatLng(sign * 89.5, -140.0), LatLng(sign * 89.3, 40.0)), 20.0)
        cap = Circle(LatLng(sign * 90.0, -77.0), 5_000.0)
        beside = [Circle(LatLng(sign * 89.95, lng), 100.0) for lng in (-135.0, -45.0, 45.0, 180.0)]
        [met] = check([ring, on_vertex, on_edge, through, cap, *beside], 0.0)
        assert all(certainty(met, 0, k) is Certainty.CERTAIN for k in range(1, 9))
        check([ring, on_vertex, on_edge, through, cap, *beside], 3_000.0)


def test_across_180_degrees_nothing_is_apart_that_is_near() -> None:
    shapes: list[Footprint] = [
        box(10.0, 10.1, 179.9, 180.0),
        box(10.0, 10.1, -180.0, -179.9),
        polygon((10.02, 179.99), (10.08, 179.99), (10.08, -179.99), (10.02, -179.99)),
        Circle(LatLng(10.05, -179.9995), 100.0),
        Corridor((LatLng(10.2, 179.5), LatLng(9.9, -179.5)), 300.0),
    ]
    [met, _] = check(shapes, 0.0, 1_000.0)
    assert certainty(met, 0, 1) is Certainty.POSSIBLE
    assert certainty(met, 0, 2) is certainty(met, 1, 2) is certainty(met, 2, 3) is Certainty.CERTAIN


def test_a_line_that_runs_through_the_corners_of_a_shape_on_a_long_edge() -> None:
    # The long thin bar's edges have points in between; only those that a party gave count as its vertices.
    bar = polygon((0.0, 0.0), (0.0, 0.4), (0.00001, 0.4), (0.00001, 0.0))
    lens = []
    for middle in (0.06, 0.08, 0.1, 0.12):
        low, high = -0.004, 0.001
        lens.append(
            polygon((0.0, middle - 0.01), (low, middle), (0.0, middle + 0.011), (0.00001, middle + 0.011),
                    (high, middle), (0.00001, middle - 0.01))
        )  # fmt: skip
    check([bar, *lens], 0.0)


@everywhere
@pytest.mark.parametrize("minimum_m", [0.0, 1.0])
def test_overlaps_of_a_few_millimetres_have_no_gap(place: LatLng, minimum_m: float) -> None:
    for overlap_mm in range(2, 20, 2):
        left = rectangle(place, east_m=-40, north_m=0, wide_m=40 + overlap_mm / 1000, high_m=30)
        right = rectangle(place, east_m=0, north_m=-7, wide_m=50, high_m=60)
        [met] = check([left, right], minimum_m)
        assert met[(0, 0), (1, 0)].horizontal_gap_m == 0.0


def random_turn(rng: random.Random) -> float:
    return rng.choice([0.0, 1e-9, math.nextafter(90.0, 0.0), 90.0, 180.0, rng.uniform(0, 360)])


@everywhere
def test_edges_that_lie_on_each_other_in_part(place: LatLng) -> None:
    rng = random.Random("in line")
    shapes: list[Footprint] = []
    for _ in range(20):
        bearing = random_turn(rng)
        start = from_place(place, bearing, rng.choice([0.0, 100.0, 250.0]))
        end = from_place(place, bearing, rng.choice([300.0, 400.0]))
        off = from_place(place, bearing + rng.choice([-90, 90]), rng.choice([50.0, 200.0]))
        shapes.append(Polygon((start, end, off)) if start != off else Circle(off, 10.0))
    check(shapes, 0.0)


@everywhere
@pytest.mark.parametrize("size_m", [5.0, 2_000.0, 300_000.0])
def test_polygons_whose_corners_all_lie_on_one_lattice(place: LatLng, size_m: float) -> None:
    rng = random.Random(f"one lattice {size_m}")
    corners = [shifted(place, x * size_m / 4, y * size_m / 4) for x in range(4) for y in range(4)]
    shapes: list[Footprint] = [Circle(rng.choice(corners), size_m * rng.choice([0.1, 0.25, 0.5])) for _ in range(4)]
    shapes += [Corridor(tuple(rng.sample(corners, 3)), size_m * 0.01) for _ in range(4)]
    while len(shapes) < 22:
        with contextlib.suppress(PartyError):  # edges that cross
            shapes.append(Polygon(tuple(rng.sample(corners, rng.choice([3, 4, 5])))))
    check(shapes, 0.0, size_m / 4)
