"""Altitude bands: what is refused, how far apart two are, and what they share."""

import pytest

from tansiq.domain.intent import Kind, band_or_default
from tansiq.errors import PartyError
from tansiq.geometry.band import (
    UNBOUNDED_DIFFERENCE_DMM,
    AltitudeBand,
    SharedBand,
    difference_dmm,
    shared_band,
    vertical_conflict,
)
from tansiq.geometry.certainty import Certainty
from tansiq.units import Altitude, Reference
from tests.laws.strategies import feet, level, metres, slab

AGL, AMSL, W84 = Reference.AGL, Reference.AMSL, Reference.W84


def test_a_band_of_no_height_is_a_band_and_a_tenth_of_a_millimetre_less_is_refused() -> None:
    slab(120, 120)
    with pytest.raises(PartyError) as caught:
        slab(120.0001, 120)
    error = caught.value
    assert (error.code, error.field) == ("lower_above_upper", "altitude_lower")
    assert (error.got, error.want) == ("120 m AMSL", "at most the upper limit, 120 m AMSL")


def test_heights_above_ground_in_one_band_are_compared() -> None:
    with pytest.raises(PartyError):
        AltitudeBand(metres(60, AGL), metres(50, AGL))


def test_a_lower_limit_that_may_be_below_the_upper_is_not_refused() -> None:
    AltitudeBand(metres(3_400, AGL), metres(3_000))  # where the ground lies 500 m below the sea
    AltitudeBand(level(100), metres(900))
    with pytest.raises(PartyError):
        AltitudeBand(level(400), metres(900))  # at least 0.75 * 12,192 - 1,600 = 7,544 m


@pytest.mark.parametrize(
    ("lower", "upper", "want"),
    [
        (feet(13_000), feet(10_000), (9_144_000, True)),
        (metres(0), metres(0, W84), (-1_080_000, False)),
        (metres(0, W84), metres(0), (-870_000, False)),
        (metres(0, AGL), metres(0), (-5_000_000, False)),
        (None, metres(0), (UNBOUNDED_DIFFERENCE_DMM, True)),
    ],
)
def test_how_far_a_lower_limit_lies_above_an_upper_one(
    lower: Altitude | None, upper: Altitude | None, want: tuple[int, bool]
) -> None:
    assert difference_dmm(lower, upper, same_ground=False) == want


@pytest.mark.parametrize(
    ("minimum_dmm", "want"), [(0, Certainty.CLEAR), (1_000_000, Certainty.CLEAR), (1_000_001, Certainty.CERTAIN)]
)
def test_the_minimum_itself_is_enough(minimum_dmm: int, want: Certainty) -> None:
    answer = vertical_conflict(slab(0, 100), slab(200, 300), minimum_dmm, same_ground=False)
    assert answer == (want, 1_000_000)


def test_one_doubtful_side_makes_the_whole_doubtful_and_one_clear_side_makes_it_clear() -> None:
    mixed = AltitudeBand(metres(0), metres(500, W84))
    assert vertical_conflict(mixed, slab(100, 200), 0, same_ground=False)[0] is Certainty.POSSIBLE
    assert vertical_conflict(mixed, slab(-200, -100), 0, same_ground=False)[0] is Certainty.CLEAR
    assert vertical_conflict(mixed, slab(609, 700), 0, same_ground=False)[0] is Certainty.CLEAR
    assert vertical_conflict(mixed, slab(608, 700), 0, same_ground=False)[0] is Certainty.POSSIBLE


@pytest.mark.parametrize(
    ("a", "b", "want"),
    [
        (slab(0, 100), slab(50, 200), SharedBand(500_000, 1_000_000, AMSL)),
        (slab(0, 100), slab(100, 200), SharedBand(1_000_000, 1_000_000, AMSL)),
        (slab(0, 100), slab(101, 200), None),
        (slab(0, 100), AltitudeBand(None, None), SharedBand(0, 1_000_000, AMSL)),
        (AltitudeBand(None, None), AltitudeBand(None, None), SharedBand(None, None, None)),
        (
            AltitudeBand(level(100), None),
            AltitudeBand(None, level(200)),
            SharedBand(30_480_000, 60_960_000, Reference.FL),
        ),
        (AltitudeBand(metres(0, W84), None), slab(-200, 50), SharedBand(-870_000, 500_000, AMSL)),
        (AltitudeBand(metres(200, W84), None), slab(0, 50), None),
    ],
)
def test_what_two_bands_share(a: AltitudeBand, b: AltitudeBand, want: SharedBand | None) -> None:
    assert shared_band(a, b, same_ground=True) == want
    assert shared_band(b, a, same_ground=True) == want


def test_only_surface_traffic_has_a_band_of_its_own_and_only_where_none_is_given() -> None:
    assert band_or_default(Kind.AIR, None, None) == AltitudeBand(None, None)
    assert band_or_default(Kind.SEA, None, None) == slab(-15, 15)
    assert band_or_default(Kind.GROUND, None, None) == AltitudeBand(metres(0, AGL), metres(0, AGL))
    assert band_or_default(Kind.SEA, metres(3), None) == AltitudeBand(metres(3), None)
