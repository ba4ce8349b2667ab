"""Blocks that share two sides overlap with no vertex of one inside the other and no edges that cross deeply."""

import pytest

from tansiq.conflict import exact
from tansiq.conflict.exact import exact_volume
from tansiq.conflict.minima import Minimum
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Polygon
from tests.laws.agreement import batch_verdicts
from tests.laws.strategies import intent, same_for_all, volume


def block(south: float, north: float, size_deg: float) -> Polygon:
    corners = [(south, 0.0), (south, 1.0), (north, 1.0), (north, 0.0)]
    return Polygon(tuple(LatLng(lat * size_deg, lng * size_deg) for lat, lng in corners))


@pytest.mark.parametrize("size_deg", [0.001, 0.03, 1.0, 10.0])
@pytest.mark.parametrize(("south", "want"), [(0.6, Certainty.CERTAIN), (1.0, Certainty.POSSIBLE)])
def test_stacked_blocks_are_certain_where_they_overlap_and_possible_where_they_touch(
    size_deg: float, south: float, want: Certainty
) -> None:
    a, b = volume(block(0.0, 1.0, size_deg)), volume(block(south, 2.0, size_deg))
    told = exact.conflict(exact_volume(a), exact_volume(b), Minimum())
    assert told is not None
    [found] = batch_verdicts([intent(0, a), intent(1, b)], same_for_all(0.0, 0)).values()
    assert (told.certainty, found.certainty) == (want, want)
    # Where they touch, a gap of nanometres is as good as none.
    assert told.horizontal_gap_m == pytest.approx(0.0, abs=0.0 if want is Certainty.CERTAIN else 1e-6)
    assert found.horizontal_gap_m == pytest.approx(0.0, abs=0.0 if want is Certainty.CERTAIN else 1e-6)
