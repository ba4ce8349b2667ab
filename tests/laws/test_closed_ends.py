"""Windows and bands are closed: what only touches in time or height does meet, to the last microsecond."""

import random

import pytest

from tansiq.conflict import exact
from tansiq.conflict.exact import exact_volume
from tansiq.conflict.minima import Minimum
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.units import DMM_PER_FOOT, Altitude, Reference
from tests.laws.agreement import assert_batch_equals_exact
from tests.laws.strategies import (
    ANY_HEIGHT,
    HOUR_US,
    feet,
    intent,
    level,
    metres,
    same_for_all,
    slab,
    volume,
)

DISC = Circle(LatLng(10.0, 10.0), 1_000.0)
NOON_US = 1_900_000_000_000_000


def at(start_us: int | None, end_us: int | None) -> Volume4D:
    return volume(DISC, window=TimeWindow(start_us, end_us))


WINDOWS = [
    (at(NOON_US, NOON_US + HOUR_US), at(NOON_US + HOUR_US, NOON_US + 2 * HOUR_US), True),
    (at(NOON_US, NOON_US + HOUR_US), at(NOON_US + HOUR_US + 1, NOON_US + 2 * HOUR_US), False),
    (at(NOON_US, NOON_US), at(NOON_US, NOON_US), True),
    (at(NOON_US, NOON_US), at(NOON_US + 1, NOON_US + 1), False),
    (at(NOON_US, NOON_US + HOUR_US), at(NOON_US, NOON_US), True),
    (at(NOON_US, NOON_US + HOUR_US), at(NOON_US + HOUR_US, NOON_US + HOUR_US), True),
    (at(None, NOON_US), at(NOON_US, None), True),
    (at(None, NOON_US - 1), at(NOON_US, None), False),
    (at(None, None), at(NOON_US, NOON_US), True),
    (at(None, None), at(None, None), True),
    (at(None, None), at(-(10**15), -(10**15)), True),
]


@pytest.mark.parametrize(("a", "b", "meet"), WINDOWS)
def test_two_windows_meet_if_they_share_an_instant(a: Volume4D, b: Volume4D, *, meet: bool) -> None:
    for pair in ((a, b), (b, a)):
        intents = [intent(i, v) for i, v in enumerate(pair)]
        assert bool(assert_batch_equals_exact(intents, same_for_all(0.0))) == meet


def test_a_day_of_windows_end_to_end() -> None:
    rng = random.Random("end to end")
    volumes = [at(NOON_US + k * HOUR_US, NOON_US + (k + 1) * HOUR_US) for k in range(24)]
    volumes += [at(NOON_US + k * HOUR_US, NOON_US + k * HOUR_US) for k in range(24)]
    volumes += [at(None, NOON_US + 3 * HOUR_US), at(NOON_US + 20 * HOUR_US, None), at(None, None)]
    rng.shuffle(volumes)
    intents = [intent(i, v) for i, v in enumerate(volumes)]
    verdicts = assert_batch_equals_exact(intents, same_for_all(0.0))
    assert len(verdicts) > 23 + 24 + 23


def bands(*pairs: tuple[Altitude | None, Altitude | None]) -> list[AltitudeBand]:
    return [AltitudeBand(lower, upper) for lower, upper in pairs]


BANDS = [
    # the bands, the vertical minimum in tenths of a millimetre, the answer, the gap
    (slab(0, 100), slab(100, 200), 0, Certainty.CERTAIN, 0),
    (slab(0, 100), slab(100.0001, 200), 0, Certainty.CLEAR, None),
    (slab(0, 100), slab(100.0001, 200), 2, Certainty.CERTAIN, 1),
    (slab(0, 100), slab(100.0001, 200), 1, Certainty.CLEAR, None),
    (*bands((None, feet(10_000)), (feet(13_000), None)), 3_000 * DMM_PER_FOOT, Certainty.CLEAR, None),
    (*bands((None, feet(10_000)), (feet(13_000), None)), 3_000 * DMM_PER_FOOT + 1, Certainty.CERTAIN, 9_144_000),
    (*bands((None, feet(10_000)), (feet(12_999.9), None)), 3_000 * DMM_PER_FOOT, Certainty.CERTAIN, 9_143_695),
    (*bands((level(100), level(100)), (level(110), level(110))), 1_000 * DMM_PER_FOOT, Certainty.CLEAR, None),
    (slab(50, 50), slab(50, 50), 0, Certainty.CERTAIN, 0),
    (ANY_HEIGHT, slab(50, 50), 0, Certainty.CERTAIN, 0),
    (*bands((metres(0, Reference.AGL), metres(50, Reference.AGL)), (feet(-200), feet(100))), 0, Certainty.POSSIBLE, 0),
]


@pytest.mark.parametrize(("a", "b", "minimum_dmm", "want", "gap_dmm"), BANDS)
def test_two_bands_meet_if_they_share_a_height_or_keep_less_than_the_minimum(
    a: AltitudeBand, b: AltitudeBand, minimum_dmm: int, want: Certainty, gap_dmm: int | None
) -> None:
    for first, second in ((a, b), (b, a)):
        volumes = volume(DISC, first), volume(DISC, second)
        verdict = exact.conflict(exact_volume(volumes[0]), exact_volume(volumes[1]), Minimum(0.0, minimum_dmm))
        assert (Certainty.CLEAR if verdict is None else verdict.certainty) is want
        assert (None if verdict is None else verdict.vertical_gap_dmm) == gap_dmm
        intents = [intent(i, v) for i, v in enumerate(volumes)]
        assert_batch_equals_exact(intents, same_for_all(0.0, minimum_dmm))


def test_both_gaps_must_be_violated_at_once() -> None:
    # The centres are 5,566 m apart, so the circles 5,200 m; the bands are 800 m apart.
    near, far = Circle(LatLng(0.0, 0.0), 183.0), Circle(LatLng(0.0, 0.05), 183.0)
    intents = [intent(0, volume(near, slab(0, 100))), intent(1, volume(far, slab(900, 1_000)))]
    for horizontal_m, vertical_dmm, conflicts in [
        (0.0, 0, 0),
        (5_300.0, 0, 0),
        (0.0, 8_001_000, 0),
        (5_300.0, 8_000_000, 0),
        (5_100.0, 8_001_000, 0),
        (5_300.0, 8_001_000, 1),
    ]:
        assert len(assert_batch_equals_exact(intents, same_for_all(horizontal_m, vertical_dmm))) == conflicts
