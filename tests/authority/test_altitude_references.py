"""Every ordered pair of altitude references: from which height on one band is clear of another below it, by hand.

The lower band ends at 1,000 m of its reference. The table names the height, in the upper band's reference, at which
that band's floor is sure to be above it, with the arithmetic beside. Rule 1.4 and docs/adr/0002-units-and-datum.md:

    reference            at least above sea level     at most above sea level
    W84                  h - 87 m                     h + 108 m       (geoid -108 to +87 m above the ellipsoid)
    AMSL                 h                            h
    AGL                  h - 500 m                    h + 8,900 m     (ground -500 to +8,900 m)
    FL, h positive       0.75 h - 1,600 m             1.2 h + 800 m   (docs/adr/0002, test_flight_level.py)
    FL, h negative       1.2 h - 1,600 m              0.75 h + 800 m
"""

import itertools
from typing import Final

import pytest

from tansiq.conflict.batch import find_volume_conflicts
from tansiq.errors import PartyError
from tansiq.geometry.band import AltitudeBand, amsl_bounds_dmm, shared_band, vertical_conflict
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle
from tansiq.units import DMM_PER_FOOT, DMM_PER_METRE, Altitude, AltitudeUnit, Reference
from tests.laws.strategies import feet, intent, level, metres, same_for_all, volume

W84, AMSL, AGL, FL = Reference.W84, Reference.AMSL, Reference.AGL, Reference.FL
CLEAR, POSSIBLE, CERTAIN = Certainty.CLEAR, Certainty.POSSIBLE, Certainty.CERTAIN

TABLE: Final = [
    # above, below, clear above (m), below that
    (W84, W84, 1_000.0, CERTAIN),  # natively
    (W84, AMSL, 1_087.0, POSSIBLE),  # h - 87 > 1,000
    (W84, AGL, 9_987.0, POSSIBLE),  # h - 87 > 1,000 + 8,900
    (W84, FL, 2_087.0, POSSIBLE),  # h - 87 > 1.2 * 1,000 + 800
    (AMSL, W84, 1_108.0, POSSIBLE),  # h > 1,000 + 108
    (AMSL, AMSL, 1_000.0, CERTAIN),  # natively
    (AMSL, AGL, 9_900.0, POSSIBLE),  # h > 1,000 + 8,900
    (AMSL, FL, 2_000.0, POSSIBLE),  # h > 1.2 * 1,000 + 800
    (AGL, W84, 1_608.0, POSSIBLE),  # h - 500 > 1,000 + 108
    (AGL, AMSL, 1_500.0, POSSIBLE),  # h - 500 > 1,000
    (AGL, AGL, 10_400.0, POSSIBLE),  # h - 500 > 1,000 + 8,900: at two places
    (AGL, FL, 2_500.0, POSSIBLE),  # h - 500 > 1.2 * 1,000 + 800
    (FL, W84, 2_708 / 0.75, POSSIBLE),  # 0.75 h - 1,600 > 1,000 + 108
    (FL, AMSL, 2_600 / 0.75, POSSIBLE),  # 0.75 h - 1,600 > 1,000
    (FL, AGL, 11_500 / 0.75, POSSIBLE),  # 0.75 h - 1,600 > 1,000 + 8,900
    (FL, FL, 1_000.0, CERTAIN),  # natively
]
STEP_M: Final = 0.0005
"""Some thresholds of FL are no whole number of tenths of a millimetre."""


def above(height_m: float, reference: Reference) -> AltitudeBand:
    return AltitudeBand(metres(height_m, reference), None)


def below(height_m: float, reference: Reference) -> AltitudeBand:
    return AltitudeBand(None, metres(height_m, reference))


def answers(a: AltitudeBand, b: AltitudeBand, vertical_dmm: int, horizontal_m: float) -> Certainty:
    """What the definition says, and the engine with it, whichever comes first.

    At a minimum of 0 of two discs at one place; else of two that lie half a metre apart, over different ground.
    """
    assert horizontal_m in {0.0, 1.0}
    degrees_per_m = 1 / 110_704
    discs = [Circle(LatLng(20.0 + k * 200.5 * horizontal_m * degrees_per_m, 20.0), 100.0) for k in range(2)]
    told, _ = vertical_conflict(a, b, vertical_dmm, same_ground=horizontal_m == 0)
    for pair in ((a, b), (b, a)):
        assert vertical_conflict(*pair, vertical_dmm, same_ground=horizontal_m == 0)[0] is told
        intents = [intent(i, volume(discs[i], band)) for i, band in enumerate(pair)]
        found = find_volume_conflicts(intents, same_for_all(horizontal_m, vertical_dmm))
        assert [c.verdict.certainty for c in found] == ([told] if told else [])
    return told


def test_the_table_has_every_ordered_pair_once() -> None:
    assert [(up, down) for up, down, _, _ in TABLE] == list(itertools.product(Reference, Reference))


@pytest.mark.parametrize(("up", "down", "clear_above_m", "otherwise"), TABLE)
def test_the_table(up: Reference, down: Reference, clear_above_m: float, otherwise: Certainty) -> None:
    lower_band = below(1_000.0, down)
    assert answers(above(clear_above_m + STEP_M, up), lower_band, 0, 1.0) is CLEAR
    assert answers(above(clear_above_m - STEP_M, up), lower_band, 0, 1.0) is otherwise


@pytest.mark.parametrize(("up", "down", "clear_above_m", "otherwise"), TABLE)
def test_the_table_with_a_minimum_of_1000_ft(
    up: Reference, down: Reference, clear_above_m: float, otherwise: Certainty
) -> None:
    factor = 0.75 if up is FL and down is not FL else 1.0
    clear_from_m, lower_band = clear_above_m + 304.8 / factor, below(1_000.0, down)
    assert answers(above(clear_from_m + STEP_M, up), lower_band, 3_048_000, 1.0) is CLEAR
    assert answers(above(clear_from_m - STEP_M, up), lower_band, 3_048_000, 1.0) is otherwise


@pytest.mark.parametrize(
    ("reference", "height_m", "low_m", "high_m"),
    [
        (W84, 0, -87, 108),
        (AMSL, -3, -3, -3),
        (AGL, 0, -500, 8_900),
        (FL, 0, -1_600, 800),
        (FL, 10_000, 5_900, 12_800),  # 0.75 * 10,000 - 1,600; 1.2 * 10,000 + 800
        (FL, -500, -2_200, 425),  # 1.2 * -500 - 1,600; 0.75 * -500 + 800
    ],
)
def test_what_a_limit_can_mean_above_sea_level(reference: Reference, height_m: int, low_m: int, high_m: int) -> None:
    assert amsl_bounds_dmm(reference, height_m * DMM_PER_METRE) == (low_m * DMM_PER_METRE, high_m * DMM_PER_METRE)


def test_the_bounds_of_a_level_are_rounded_outward() -> None:
    for dmm in (1, 2, 3, 5, 7, -1, -2, -3, -7):
        low, high = amsl_bounds_dmm(FL, dmm)
        assert low <= min(0.75 * dmm, 1.2 * dmm) - 16_000_000
        assert high >= max(0.75 * dmm, 1.2 * dmm) + 8_000_000


def test_heights_above_ground_are_compared_natively_over_one_ground_only() -> None:
    low, high, near = below(100.0, AGL), above(200.0, AGL), above(100.0, AGL)
    assert answers(high, low, 0, 0.0) is CLEAR
    assert answers(near, low, 0, 0.0) is CERTAIN
    assert answers(high, low, 0, 1.0) is POSSIBLE  # 200 - 500 is not above 100 + 8,900
    assert answers(near, low, 0, 1.0) is POSSIBLE


def test_13000_ft_less_10000_ft_is_exactly_3000_ft() -> None:
    minimum_dmm = 3_000 * DMM_PER_FOOT
    for reference in (W84, AMSL, FL):
        low, high = AltitudeBand(None, feet(10_000, reference)), AltitudeBand(feet(13_000, reference), None)
        assert answers(high, low, minimum_dmm, 0.0) is CLEAR
        assert answers(high, low, minimum_dmm + 1, 0.0) is CERTAIN
    assert answers(AltitudeBand(level(130), None), AltitudeBand(None, level(100)), minimum_dmm, 0.0) is CLEAR
    # In binary metres the difference of many levels falls short of the minimum.
    assert any((height + 3_000) * 0.3048 - height * 0.3048 < 3_000 * 0.3048 for height in range(0, 40_000, 1_000))


def test_every_level_1000_ft_above_another_keeps_1000_ft() -> None:
    for flight_level in range(0, 600, 10):
        low = AltitudeBand(None, level(flight_level))
        high = AltitudeBand(level(flight_level + 10), None)
        assert vertical_conflict(high, low, 1_000 * DMM_PER_FOOT, same_ground=False)[0] is CLEAR


def test_a_missing_limit_is_unbounded_and_compared_with_certainty() -> None:
    anything = AltitudeBand(None, None)
    for reference in Reference:
        assert answers(anything, above(9_000.0, reference), 0, 1.0) is CERTAIN
        assert answers(above(0.0, reference), above(9_000.0, reference), 0, 1.0) is CERTAIN
        assert answers(below(0.0, reference), below(9_000.0, reference), 0, 1.0) is CERTAIN


@pytest.mark.parametrize(("up", "down"), list(itertools.product(Reference, Reference)))
def test_lower_above_upper_is_refused_only_where_it_is_certain(up: Reference, down: Reference) -> None:
    [clear_above_m] = [m for a, b, m, _ in TABLE if (a, b) == (up, down)]
    if up is down:
        clear_above_m = 1_000.0  # one place, so heights above ground are compared too
    AltitudeBand(metres(clear_above_m - STEP_M, up), metres(1_000.0, down))
    with pytest.raises(PartyError) as caught:
        AltitudeBand(metres(clear_above_m + STEP_M, up), metres(1_000.0, down))
    assert (caught.value.code, caught.value.field) == ("lower_above_upper", "altitude_lower")


def test_a_shared_slab_of_several_references_encloses_what_it_can_mean() -> None:
    a = AltitudeBand(level(100), level(200))
    b = AltitudeBand(Altitude(4_000, AltitudeUnit.M, AMSL), Altitude(5_000, AltitudeUnit.M, AMSL))
    found = shared_band(a, b, same_ground=True)
    assert found is not None
    assert found.reference is AMSL
    assert (found.lower_dmm, found.upper_dmm) == (40_000_000, 50_000_000)
    assert shared_band(a, a, same_ground=True) is not None
