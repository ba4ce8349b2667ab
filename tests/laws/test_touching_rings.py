"""Rings that run twice along nearly the same way, or cross where edges are divided, hide nothing."""

import pytest

from tansiq.conflict import exact
from tansiq.conflict.exact import exact_volume
from tansiq.conflict.minima import Minimum
from tansiq.errors import PartyError
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Polygon
from tests.laws.agreement import batch_verdicts
from tests.laws.strategies import intent, same_for_all, volume


@pytest.mark.parametrize("size", [0.01, 0.04, 1.0])
@pytest.mark.parametrize("shift", [1e-9, 1e-8, 3e-8])
def test_a_ring_that_runs_round_twice_has_its_inside_inside(size: float, shift: float) -> None:
    once = [(0.0, 0.0), (0.0, size), (size, size / 2)]
    ring = Polygon(tuple(LatLng(lat + k * shift, lng + k * shift) for k in range(2) for lat, lng in once))
    inside = Circle(LatLng(0.4 * size, 0.5 * size), 5.0)
    told = exact.conflict(exact_volume(volume(ring)), exact_volume(volume(inside)), Minimum())
    assert told is not None
    assert told.certainty is Certainty.CERTAIN
    [found] = batch_verdicts([intent(0, volume(ring)), intent(1, volume(inside))], same_for_all(0.0, 0)).values()
    assert found.certainty is Certainty.CERTAIN


@pytest.mark.parametrize("k", [0.001, 0.02, 0.03, 0.04, 0.05, 0.2, 0.4, 3.0])
def test_edges_that_cross_are_refused_wherever_they_are_divided(k: float) -> None:
    bow_tie = [(-k, -k), (k, k), (k, -k), (-k, k)]
    curl = [(-k, -k), (k, k), (-k, k), (k, -k), (4 * k, 4 * k), (-4 * k, 4 * k)]
    for ring in (bow_tie, curl):
        with pytest.raises(PartyError, match="crossing_edges"):
            Polygon(tuple(LatLng(lat, lng) for lat, lng in ring))
