"""The flat chart: straight where planes through the Earth's centre are, and crossings found by a sweep."""

import random

import numpy as np
import pytest

from tansiq.geometry.chart import Chart, chart_around, contains, crossing_edges
from tansiq.geometry.earth import EQUATORIAL_RADIUS_M, FloatArray, LatLng, ecef_m
from tests.laws.strategies import anywhere, from_place

SQUARE = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]])


def vectors_m(*places: LatLng) -> FloatArray:
    return ecef_m(np.array([p.lat_deg for p in places]), np.array([p.lng_deg for p in places]))


def charts() -> list[Chart]:
    rng = random.Random("charts")
    poles = [LatLng(90.0, 0.0), LatLng(-90.0, 0.0), LatLng(0.0, 0.0), LatLng(0.0, 90.0), LatLng(0.0, 180.0)]
    return [chart_around(vectors_m(place)[0]) for place in [*poles, *(anywhere(rng) for _ in range(50))]]


def test_the_axes_stand_square_and_turn_to_the_right() -> None:
    for chart in charts():
        assert np.allclose(chart.axes @ chart.axes.T, np.eye(3), atol=1e-14)
        assert np.linalg.det(chart.axes) == pytest.approx(1.0)


def test_near_its_middle_a_chart_is_true_to_scale() -> None:
    # Off by what a normal leans from the Earth's radius and a radius from the equator's: about a percent.
    rng = random.Random("scale")
    for _ in range(50):
        place = anywhere(rng)
        chart = chart_around(vectors_m(place)[0])
        near = from_place(place, rng.uniform(0, 360), 1_000.0)
        x, y = (chart.project_m(vectors_m(near)) - chart.project_m(vectors_m(place)))[0]
        assert np.hypot(x, y) == pytest.approx(1_000.0, rel=0.012)


def test_a_plane_through_the_centre_is_a_straight_line() -> None:
    for chart in charts():
        up, first = chart.axes[2], chart.axes[0]
        other = chart.axes[1]
        arc = [
            up * np.cos(t) + (first + 0.3 * other) * np.sin(t) + 0.2 * other * np.cos(t) for t in np.linspace(-1, 1, 9)
        ]
        flat = chart.project_m(EQUATORIAL_RADIUS_M * np.array(arc))
        along = (flat[-1] - flat[0]) / np.linalg.norm(flat[-1] - flat[0])
        off = (flat - flat[0]) @ np.array([-along[1], along[0]])
        assert np.abs(off).max() < 1e-6


@pytest.mark.parametrize(
    ("x", "y", "inside"),
    [(5, 5, True), (-1, 5, False), (11, 5, False), (5, 11, False), (5, -1, False), (1e-9, 1e-9, True), (-5, 0, False)],
)
def test_what_a_ring_contains(x: float, y: float, *, inside: bool) -> None:
    for ring in (SQUARE, SQUARE[::-1], np.roll(SQUARE, 1, axis=0)):
        assert contains(ring, x, y) == inside


def test_a_ring_without_crossings_has_none_and_a_touch_is_none() -> None:
    assert crossing_edges(SQUARE, 0.005) is None
    touching = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [5.0, 0.0], [0.0, 10.0]])
    assert crossing_edges(touching, 0.005) is None


@pytest.mark.parametrize(("depth_m", "found"), [(0.004, None), (0.006, (0, 2))])
def test_a_crossing_counts_when_it_is_deeper_than_the_touch(depth_m: float, found: tuple[int, int] | None) -> None:
    ring = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [5.0, -depth_m], [0.0, 10.0]])
    got = crossing_edges(ring, 0.005)
    assert (got is None) == (found is None)
    if got is not None:
        assert got in {(0, 2), (0, 3)}


def test_the_sweep_finds_what_comparing_all_edges_finds() -> None:
    rng = np.random.default_rng(11)
    crossing = 0
    for _ in range(300):
        ring = rng.uniform(0, 100, (int(rng.integers(4, 12)), 2))
        all_pairs = brute(ring)
        got = crossing_edges(ring, 0.005)
        assert (got in all_pairs) if all_pairs else got is None
        crossing += bool(all_pairs)
    assert 100 < crossing < 300


def brute(ring: FloatArray) -> set[tuple[int, int]]:
    n = len(ring)
    found = set()

    def side_m(i: int, p: FloatArray) -> float:
        a, b = ring[i], ring[(i + 1) % n]
        return float(((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])) / np.linalg.norm(b - a))

    for i in range(n):
        for j in range(i + 2, n):
            sides = side_m(i, ring[j]), side_m(i, ring[(j + 1) % n]), side_m(j, ring[i]), side_m(j, ring[(i + 1) % n])
            neighbours = (j + 1) % n == i
            deep = min(abs(side) for side in sides) > 0.005
            if not neighbours and deep and sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0:
                found.add((i, j))
    return found
