"""Gaps agree with PROJ's GeographicLib within a centimetre: from 0 to 100 km, 1 m to 2,000 km, equator to pole."""

import random
from collections import Counter
from typing import Final

import numpy as np
import pytest

from tansiq.conflict.batch import find_volume_conflicts
from tansiq.geometry.distance import Outline, gap_m, horizontal_conflict
from tansiq.geometry.earth import LatLng, geodesic_distance_m
from tansiq.geometry.footprint import Circle, Footprint
from tests.authority.globe import apart_m, length_m
from tests.laws.strategies import from_place, intents_of, random_footprint, same_for_all

AGREEMENT_M: Final = 0.01
"""Rule 1.5: gaps from 0 to 100 km agree with GeographicLib within 1 cm."""
EXACTNESS_M: Final = 2e-3
"""The definition itself is better; what is left is the search's last grid and the edges' own convexity."""
LATITUDES_DEG: Final = [0.0, 15.0, -30.0, 47.0, -60.0, 75.0, 85.0, -89.0, 89.99, -90.0]
MARGIN_M: Final = 1_000.0


def a_pair(rng: random.Random, lat_deg: float, size_m: float, wanted_gap_m: float) -> tuple[Footprint, Footprint]:
    """Two footprints of sizes up to this, one of them not too far from as near as wanted."""
    place = LatLng(lat_deg, rng.choice([rng.uniform(-180, 180), 180.0]))
    other_m = max(1.0, size_m * 10 ** rng.uniform(-3, 0))
    bearing_deg = rng.uniform(0, 360)
    first = random_footprint(rng, place, size_m)
    reach_m = wanted_gap_m + 0.8 * size_m + other_m
    return first, random_footprint(rng, from_place(place, bearing_deg, reach_m), other_m)


@pytest.mark.parametrize("lat_deg", LATITUDES_DEG)
def test_gaps_agree_within_a_centimetre(lat_deg: float) -> None:
    rng = random.Random(f"gaps {lat_deg}")
    measured: Counter[bool] = Counter()
    for size_m in (1.0, 100.0, 5_000.0, 100_000.0, 1_000_000.0, 2_000_000.0):
        for wanted_gap_m in (0.0, 0.0, 300.0, 300.0, 10_000.0, 10_000.0, 60_000.0):
            a, b = a_pair(rng, lat_deg, size_m, wanted_gap_m)
            gap = gap_m(Outline(a), Outline(b))
            if gap == 0.0 or gap > 100_000.0:
                continue
            want_m = apart_m(a, b)
            assert gap == pytest.approx(want_m, abs=EXACTNESS_M)
            [found] = find_volume_conflicts(intents_of([a, b]), same_for_all(gap + MARGIN_M))
            assert found.verdict.horizontal_gap_m == pytest.approx(want_m, abs=AGREEMENT_M)
            measured[gap > 1_000] += 1
    assert sum(measured.values()) > 15


def test_circles_that_overlap_do_so_by_what_geographiclib_says() -> None:
    rng = random.Random("overlap")
    for _ in range(200):
        place = LatLng(rng.uniform(-90, 90), rng.uniform(-180, 180))
        radius_m = 10 ** rng.uniform(0, 6)
        near = from_place(place, rng.uniform(0, 360), radius_m * rng.uniform(1.9, 2.1))
        a, b = Circle(place, radius_m), Circle(near, radius_m)
        want_m = apart_m(a, b)
        assert gap_m(Outline(a), Outline(b)) == pytest.approx(max(0.0, want_m), abs=1e-6)
        certainty, _ = horizontal_conflict(Outline(a), Outline(b), 0.0)
        assert bool(certainty) == (want_m <= AGREEMENT_M)


def test_two_implementations_of_geographiclib_agree_on_every_distance() -> None:
    rng = np.random.default_rng(7)
    lats, lngs = np.degrees(np.arcsin(rng.uniform(-1, 1, (500, 2)))), rng.uniform(-180, 180, (500, 2))
    for (lat_a, lat_b), (lng_a, lng_b) in zip(lats.tolist(), lngs.tolist(), strict=True):
        ours_m = geodesic_distance_m(LatLng(lat_a, lng_a), LatLng(lat_b, lng_b))
        assert ours_m == pytest.approx(length_m((lat_a, lng_a), (lat_b, lng_b)), abs=1e-6)
