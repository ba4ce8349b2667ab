"""Story S1 of the founding studies, figure by figure (studies/domain.md section 5; engine and definition alike).

Amber announces a box, Teal a circle that overlaps it; the minima are 3 NM or 3,000 ft. Teal offers a higher floor,
which is refused by 304 m of 914.4 m, then one that is clear by 60 cm; or a centre further east, refused, then clear.
"""

from dataclasses import replace
from typing import Final

import pytest

from tansiq.conflict.batch import find_volume_conflicts
from tansiq.conflict.exact import Verdict, conflict, exact_volume
from tansiq.conflict.minima import Minima, Minimum
from tansiq.domain.intent import Kind
from tansiq.geometry.band import vertical_conflict
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.distance import Outline, gap_m
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle
from tansiq.geometry.volume import TimeWindow, Volume4D, shared_window
from tansiq.units import parse_instant_us
from tests.laws.strategies import box, intent, slab, volume

THREE_NM_OR_3000_FT: Final = Minimum(5_556.0, 9_144_000)
PUBLISHED_M: Final = 0.5
"""The story gives whole metres."""


def window(start: str, end: str) -> TimeWindow:
    return TimeWindow(
        parse_instant_us(f"2030-01-15T{start}:00Z", end=False), parse_instant_us(f"2030-01-15T{end}:00Z", end=True)
    )


AMBER: Final = Volume4D(box(0.90, 1.10, 1.00, 1.30), slab(3_048, 6_096), window("10:00", "12:00"))
TEAL: Final = Volume4D(Circle(LatLng(1.05, 1.20), 15_000.0), slab(4_500, 7_500), window("11:30", "13:00"))


def answer(teal: Volume4D) -> Verdict | None:
    """What both engines say about Amber's box and this volume."""
    told = conflict(exact_volume(AMBER), exact_volume(teal), THREE_NM_OR_3000_FT)
    intents = [intent(101, AMBER), intent(201, teal, party="Teal")]
    found = find_volume_conflicts(intents, Minima({frozenset((Kind.AIR,)): THREE_NM_OR_3000_FT}))
    assert [c.verdict.certainty for c in found] == ([] if told is None else [told.certainty])
    return told


def test_the_two_announcements_conflict_for_half_an_hour() -> None:
    assert answer(TEAL) == Verdict(Certainty.CERTAIN, 0.0, 0, Certainty.CERTAIN)
    assert shared_window(AMBER.window, TEAL.window) == window("11:30", "12:00")


def test_a_floor_of_6400_m_is_304_m_above_and_refused() -> None:
    verdict = answer(replace(TEAL, band=slab(6_400, 7_500)))
    assert verdict == Verdict(Certainty.CERTAIN, 0.0, 304 * 10_000, Certainty.CERTAIN)


def test_a_floor_of_7011_m_is_915_m_above_and_clear_of_3000_ft() -> None:
    raised = slab(7_011, 7_500)
    assert answer(replace(TEAL, band=raised)) is None
    assert vertical_conflict(AMBER.band, raised, 9_144_000, same_ground=False) == (Certainty.CLEAR, 915 * 10_000)
    assert vertical_conflict(AMBER.band, slab(7_010.3, 7_500), 9_144_000, same_ground=False)[0] is Certainty.CERTAIN


@pytest.mark.parametrize(("lng_deg", "want_m", "clear"), [(1.49, 6_147, True), (1.48, 5_034, False)])
def test_a_centre_further_east(lng_deg: float, want_m: float, *, clear: bool) -> None:
    moved = replace(TEAL, footprint=Circle(LatLng(1.05, lng_deg), 15_000.0))
    assert gap_m(Outline(AMBER.footprint), Outline(moved.footprint)) == pytest.approx(want_m, abs=PUBLISHED_M)
    verdict = answer(moved)
    assert (verdict is None) == clear
    if verdict is not None:
        assert verdict.certainty is Certainty.CERTAIN
        assert verdict.horizontal_gap_m == pytest.approx(want_m, abs=PUBLISHED_M)


def test_a_window_that_ends_where_the_other_begins_still_meets_and_a_microsecond_less_does_not() -> None:
    start_us = AMBER.window.end_us
    assert start_us is not None
    assert answer(replace(TEAL, window=TimeWindow(start_us, None))) is not None
    assert answer(replace(TEAL, window=TimeWindow(start_us + 1, None))) is None
    assert answer(volume(TEAL.footprint, TEAL.band)) is not None
