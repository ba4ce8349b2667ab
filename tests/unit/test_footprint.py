"""What is built is valid, and what is refused is named: code, field, and which vertex or edges."""

import math
import random
import time
from collections.abc import Callable

import pytest

from tansiq.errors import PartyError
from tansiq.geometry.distance import Outline
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, CoreKind, Corridor, Footprint, Polygon, core, inner_point
from tests.laws.strategies import anywhere, box, from_place, polygon, star

HERE = LatLng(10.0, 20.0)
THERE = LatLng(10.1, 20.1)


def corridor(*line: tuple[float, float], half_width_m: float = 100.0) -> Corridor:
    return Corridor(tuple(LatLng(*p) for p in line), half_width_m)


def comb(teeth: int, *, broken: bool) -> Polygon:
    """A polygon of about 2 * teeth vertices with long thin teeth; broken: one tooth crosses its neighbour."""
    vertices = []
    for k in range(teeth):
        lng = 1.0 + k * 1e-4
        vertices += [(0.15, lng), (0.1, lng + 4e-5)]
    if broken:
        vertices[teeth] = (vertices[teeth][0], vertices[teeth][1] + 1.5e-4)
    return polygon(*vertices, (0.0, 1.0 + teeth * 1e-4), (0.0, 1.0))


REFUSED: dict[str, tuple[Callable[[], Footprint], str, str]] = {
    "no vertices": (lambda: Polygon(()), "too_few_vertices", "vertices"),
    "two vertices": (lambda: Polygon((HERE, THERE)), "too_few_vertices", "vertices"),
    "closed by itself": (lambda: polygon((0, 0), (0, 1), (1, 1), (0, 0)), "repeated_vertex", "vertices[3]"),
    "repeated in the middle": (
        lambda: polygon((0, 0), (0, 1), (1, 1), (0, 1), (2, 2)),
        "repeated_vertex",
        "vertices[3]",
    ),
    "repeated at 180": (lambda: polygon((0, 180), (1, 179), (0, -180)), "repeated_vertex", "vertices[2]"),
    "repeated at a pole": (lambda: polygon((90, 5), (80, 0), (90, -77), (80, 9)), "repeated_vertex", "vertices[2]"),
    "a bow tie": (lambda: polygon((0, 0), (1, 1), (0, 1), (1, 0)), "crossing_edges", "vertices[0]"),
    "a bow tie at 180": (lambda: polygon((0, 179), (1, -179), (0, -179), (1, 179)), "crossing_edges", "vertices[0]"),
    "a bow tie round a pole": (
        lambda: polygon((89, 0), (89, 180), (89, 90), (89, -90)),
        "crossing_edges",
        "vertices[0]",
    ),
    "a star that winds twice": (
        lambda: Polygon(tuple(from_place(HERE, 144.0 * k, 1_000.0) for k in range(5))),
        "crossing_edges",
        "vertices[0]",
    ),
    "NaN": (lambda: polygon((0, 0), (0, 1), (math.nan, 1)), "not_finite", "vertices[2].lat"),
    "infinite": (lambda: polygon((0, 0), (0, math.inf), (1, 1)), "not_finite", "vertices[1].lng"),
    "latitude": (lambda: polygon((0, 0), (90.001, 1), (1, 1)), "out_of_range", "vertices[1].lat"),
    "longitude": (lambda: polygon((0, 0), (0, 1), (1, -180.001)), "out_of_range", "vertices[2].lng"),
    "an antipodal edge": (lambda: polygon((0, 0), (0, 180), (40, 90)), "antipodal_edge", "vertices[0]"),
    "an antipodal way home": (lambda: polygon((0, 0), (40, 90), (0, 180)), "antipodal_edge", "vertices[2]"),
    "half the globe": (lambda: polygon((0, 0), (0, 120), (0, -120)), "footprint_too_large", "vertices"),
    "past the reach": (lambda: polygon((40, 0), (40, 120), (40, -120)), "footprint_too_large", "vertices"),
    "too many vertices": (
        lambda: Polygon(tuple(from_place(HERE, 0.03 * k, 1_000.0) for k in range(10_001))),
        "limit_exceeded",
        "vertices",
    ),
    "no radius": (lambda: Circle(HERE, 0.0), "not_positive", "radius"),
    "a negative radius": (lambda: Circle(HERE, -1.0), "not_positive", "radius"),
    "NaN as radius": (lambda: Circle(HERE, math.nan), "not_finite", "radius"),
    "infinite radius": (lambda: Circle(HERE, math.inf), "not_finite", "radius"),
    "a radius past the reach": (lambda: Circle(HERE, 5_000_001.0), "footprint_too_large", "radius"),
    "centre latitude": (lambda: Circle(LatLng(-91.0, 0.0), 1.0), "out_of_range", "center.lat"),
    "centre NaN": (lambda: Circle(LatLng(0.0, math.nan), 1.0), "not_finite", "center.lng"),
    "a line of one point": (lambda: Corridor((HERE,), 1.0), "empty_line", "line"),
    "a line that stays": (lambda: Corridor((HERE, HERE), 1.0), "empty_line", "line"),
    "no half-width": (lambda: Corridor((HERE, THERE), 0.0), "not_positive", "half_width"),
    "an antipodal leg": (lambda: corridor((0, 0), (0, 180)), "antipodal_edge", "line[0]"),
    "a corridor past the reach": (lambda: corridor((0, 0), (0, 10), half_width_m=4.8e6), "footprint_too_large", "line"),
    "line NaN": (lambda: corridor((0, 0), (math.nan, 1)), "not_finite", "line[1].lat"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_footprint_that_can_not_be_used_is_refused_by_name(case: str) -> None:
    make, code, field = REFUSED[case]
    with pytest.raises(PartyError) as caught:
        make()
    assert (caught.value.code, caught.value.field) == (code, field)


@pytest.mark.parametrize(
    ("vertices", "edges"),
    [
        ([(0, 0), (1, 1), (0, 1), (1, 0)], "edge 0 crosses edge 2"),
        ([(0, 0), (0, 3), (3, 3), (3, 2), (-1, 1)], "edge 0 crosses edge 3"),
        ([(0, 0), (0, 1), (0.5, 1), (0.5, -1), (0.2, -1), (0.2, 2), (0.7, 2), (0.7, 0)], "edge 3 crosses edge 5"),
    ],
)
def test_crossing_edges_are_named_both(vertices: list[tuple[float, float]], edges: str) -> None:
    with pytest.raises(PartyError) as caught:
        polygon(*vertices)
    words = {f"edge {i} crosses edge {j}" for i in range(8) for j in range(8)}
    assert caught.value.got in words
    crossing = {tuple(sorted(pair)) for pair in all_crossings(vertices)}
    i, j = (int(word) for word in caught.value.got.split() if word.isdigit())
    assert (i, j) in crossing
    assert edges in words


def all_crossings(vertices: list[tuple[float, float]]) -> list[tuple[int, int]]:
    """The pairs of edges that cross on a plain map: good enough for a few degrees."""
    n = len(vertices)

    def side(a: tuple[float, float], b: tuple[float, float], p: tuple[float, float]) -> float:
        return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])

    found = []
    for i in range(n):
        for j in range(i + 2, n):
            a, b, c, d = vertices[i], vertices[(i + 1) % n], vertices[j], vertices[(j + 1) % n]
            if side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0:
                found.append((i, j))
    return found


def test_10000_vertices_are_taken_or_refused_quickly() -> None:
    circle_like = tuple(from_place(LatLng(90.0, 0.0), 0.036 * k, 50_000.0) for k in range(10_000))
    begin = time.process_time()
    assert len(Polygon(circle_like).vertices) == 10_000
    assert len(comb(4_999, broken=False).vertices) == 10_000
    with pytest.raises(PartyError) as caught:
        comb(4_999, broken=True)
    assert caught.value.code == "crossing_edges"
    assert time.process_time() - begin < 5.0


@pytest.mark.parametrize(
    "footprint",
    [
        box(10, 11, 179, -179),
        polygon((80, 0), (80, 120), (80, -120)),
        polygon((90, 0), (89, 0), (89, 90)),
        polygon((89, 0), (89, 180), (88, 90)),
        polygon((-90, 12), (-89, 0), (-89, 90)),
        polygon((0, 0), (0, 1), (0, 2)),
        polygon((0, 0), (0, 2), (0, 3), (0, 1)),
        polygon((0, 0), (0, 1e-7), (1e-7, 0)),
        polygon((0, 0), (0, 2), (1, 2), (0, 1), (1, 0)),
        Circle(LatLng(90.0, 0.0), 5_000_000.0),
        Circle(LatLng(0.0, 180.0), 1e-6),
        corridor((0, 0), (0, 1), (0, 0), (1, 0.5), (-1, 0.5)),
        corridor((89, 0), (89, 180)),
    ],
)
def test_hard_but_valid_footprints_are_taken(footprint: Footprint) -> None:
    kind, points, buffer_m = core(footprint)
    assert points
    assert (buffer_m == 0) == (kind is CoreKind.AREA)


def test_the_inside_is_the_smaller_area_whatever_the_winding() -> None:
    rng = random.Random("winding")
    for _ in range(30):
        place = anywhere(rng)
        shape = star(rng, place, 10 ** rng.uniform(0, 6))
        for vertices in (shape.vertices, tuple(reversed(shape.vertices))):
            outline = Outline(Polygon(vertices))
            assert outline.encloses(place)
            assert not outline.encloses(LatLng(-place.lat_deg, math.remainder(place.lng_deg + 180, 360)))


def test_a_polygon_round_a_pole_has_the_pole_inside() -> None:
    for sign in (1, -1):
        ring = Outline(polygon(*((sign * 70.0, lng) for lng in (-180, -90, 0, 90))))
        assert ring.encloses(LatLng(sign * 90.0, 0.0))
        assert ring.encloses(LatLng(sign * 90.0, 123.0))
        assert not ring.encloses(LatLng(-sign * 90.0, 0.0))
        assert not ring.encloses(LatLng(sign * 69.0, 0.0))


def test_the_middle_lies_inside_and_depends_on_the_shape_alone() -> None:
    rng = random.Random("middle")
    for _ in range(40):
        shape = star(rng, anywhere(rng), 10 ** rng.uniform(0, 6))
        middle = inner_point(shape)
        assert middle is not None
        assert Outline(shape).encloses(middle)
    thin = polygon((0, 0), (0, 1), (0, 2))
    assert inner_point(thin) is None or Outline(thin).encloses(LatLng(0, 1)) in {True, False}
