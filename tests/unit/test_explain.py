from dataclasses import replace

import pytest

from tansiq.conflict.exact import conflict, exact_volume
from tansiq.conflict.explain import Cause, explain
from tansiq.conflict.minima import Minimum
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle
from tansiq.geometry.volume import Volume4D
from tansiq.units import Altitude, AltitudeUnit, Reference
from tests.authority.test_story_s1 import AMBER, TEAL, THREE_NM_OR_3000_FT
from tests.laws.strategies import box, from_place, slab, volume

NONE = Minimum()
SQUARE = volume(box(1.0, 1.1, 1.0, 1.1), slab(100, 200))


def above_ground(low_m: float, high_m: float) -> AltitudeBand:
    return AltitudeBand(*(Altitude(m, AltitudeUnit.M, Reference.AGL) for m in (low_m, high_m)))


@pytest.mark.parametrize(
    ("a", "b", "minimum", "want"),
    [
        (AMBER, TEAL, THREE_NM_OR_3000_FT, Cause.OVERLAP),
        (AMBER, replace(TEAL, band=slab(6_400, 7_500)), THREE_NM_OR_3000_FT, Cause.TOO_NEAR),
        (SQUARE, replace(SQUARE, footprint=box(1.0, 1.1, 1.1, 1.2)), NONE, Cause.TOUCHING),
        (SQUARE, replace(SQUARE, estimated=True), NONE, Cause.ESTIMATED),
        (SQUARE, replace(SQUARE, band=above_ground(0, 100)), NONE, Cause.ALTITUDE_REFERENCES),
        (
            replace(SQUARE, band=above_ground(0, 100)),
            volume(box(1.0, 1.1, 1.11, 1.2), above_ground(300, 400)),
            Minimum(5_556.0),
            Cause.GROUND_AT_TWO_PLACES,
        ),
        (
            volume(Circle(LatLng(1.0, 1.0), 500.0)),
            volume(Circle(from_place(LatLng(1.0, 1.0), 90, 2_000.0), 500.0)),
            Minimum(1_000.0),
            Cause.AT_THE_MINIMUM,
        ),
    ],
)
def test_the_cause_is_named(a: Volume4D, b: Volume4D, minimum: Minimum, want: Cause) -> None:
    verdict = conflict(exact_volume(a), exact_volume(b), minimum)
    assert verdict is not None
    assert explain(a, b, minimum, verdict).cause is want


def test_what_meets_has_a_shared_part_and_what_does_not_has_nearest_points() -> None:
    apart = replace(TEAL, footprint=Circle(LatLng(1.05, 1.48), 15_000.0))
    for teal in (TEAL, apart):
        verdict = conflict(exact_volume(AMBER), exact_volume(teal), THREE_NM_OR_3000_FT)
        assert verdict is not None
        found = explain(AMBER, teal, THREE_NM_OR_3000_FT, verdict)
        assert (found.shared is not None) == (teal is TEAL)
        assert (found.closest is not None) == (teal is apart)
