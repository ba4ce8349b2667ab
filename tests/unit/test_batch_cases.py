"""Small cases for `batch`, each made by hand for one way in which an engine goes wrong (tests/mutants.py)."""

import pytest

from tansiq.conflict.batch import Scope, find_volume_conflicts
from tansiq.conflict.minima import Minima, Minimum
from tansiq.domain.intent import KINDS, UNKNOWN_PARTY, Intent, Kind
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.distance import Outline, gap_m
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Corridor, Footprint
from tansiq.geometry.volume import TimeWindow
from tests.laws.strategies import ANY_HEIGHT, box, from_place, intent, polygon, same_for_all, slab, volume

HERE = LatLng(12.0, 34.0)
CLEAR, POSSIBLE, CERTAIN = Certainty.CLEAR, Certainty.POSSIBLE, Certainty.CERTAIN


def pairs(intents: list[Intent], minima: Minima, scope: Scope | None = None) -> dict[tuple[int, int], Certainty]:
    """The pairs of intents that conflict, each of one volume, with their certainty."""
    found = find_volume_conflicts(intents, minima, scope or Scope())
    assert len({(c.a, c.b) for c in found}) == len(found), "a pair is reported twice"
    return {(c.a[0], c.b[0]): c.verdict.certainty for c in found}


def answer(a: Footprint, b: Footprint, horizontal_m: float = 0.0) -> Certainty:
    """The answer for two footprints that share all time and height."""
    return pairs([intent(0, volume(a)), intent(1, volume(b))], same_for_all(horizontal_m)).get((0, 1), CLEAR)


def test_a_circle_at_the_pole_lies_in_the_cap_that_reaches_round_it() -> None:
    # The cap's vertices all lie 3,300 km away: its box must bulge to hold the pole.
    cap = polygon((60.0, 0.0), (60.0, 120.0), (60.0, -120.0))
    assert answer(cap, Circle(LatLng(90.0, 0.0), 10.0)) is CERTAIN
    assert answer(Circle(LatLng(90.0, 0.0), 10.0), cap) is CERTAIN


def test_what_lies_whole_inside_an_area_meets_it_whichever_comes_first() -> None:
    outer, inner = box(10.0, 11.0, 20.0, 21.0), box(10.4, 10.5, 20.4, 20.5)
    line = Corridor((LatLng(10.6, 20.2), LatLng(10.6, 20.3)), 50.0)
    for inside in (inner, line, Circle(LatLng(10.5, 20.5), 5.0)):
        assert answer(outer, inside) is CERTAIN
        assert answer(inside, outer) is CERTAIN


def test_bars_cross_with_no_vertex_of_one_in_the_other() -> None:
    assert answer(box(10.0, 10.01, 20.0, 20.5), box(9.9, 10.3, 20.1, 20.11)) is CERTAIN


def test_a_line_that_turns_back_is_not_closed_by_an_edge() -> None:
    bent = Corridor((LatLng(10.0, 20.0), LatLng(10.0, 20.2), LatLng(10.2, 20.2)), 100.0)
    assert answer(bent, Circle(LatLng(10.1, 20.1), 500.0)) is CLEAR


@pytest.mark.parametrize(
    ("gap_m", "want"),
    [(-0.011, CERTAIN), (-0.009, POSSIBLE), (0.009, POSSIBLE), (0.011, CLEAR)],
)
@pytest.mark.parametrize("minimum_m", [0.0, 1.0, 5_556.0])
def test_circles_a_millimetre_on_each_side_of_the_centimetre(minimum_m: float, gap_m: float, want: Certainty) -> None:
    there = from_place(HERE, 77.0, 3_000.0 + minimum_m + gap_m)
    assert answer(Circle(HERE, 1_000.0), Circle(there, 2_000.0), minimum_m) is want


@pytest.mark.parametrize("radius_m", [300_000.0, 900_000.0])
def test_a_gap_between_large_circles_is_told_to_a_millimetre(radius_m: float) -> None:
    """Beyond 650 km the kernels know it to centimetres only, and `exact` is asked."""
    there = from_place(LatLng(10.0, 20.0), 60, 2 * radius_m + 2_000)
    a, b = Circle(LatLng(10.0, 20.0), radius_m), Circle(there, radius_m)
    intents = [intent(0, volume(a)), intent(1, volume(b), party="Teal")]
    [found] = find_volume_conflicts(intents, same_for_all(5_000.0))
    assert found.verdict.horizontal_gap_m == pytest.approx(gap_m(Outline(a), Outline(b)), abs=0.001)


def test_equal_areas_and_areas_side_by_side() -> None:
    square = box(10.0, 10.01, 20.0, 20.01)
    assert answer(square, square) is CERTAIN
    assert answer(square, box(10.0, 10.01, 20.01, 20.02)) is POSSIBLE
    assert answer(square, box(10.0, 10.01, 20.01001, 20.02)) is CLEAR


def test_boxes_are_grown_by_half_of_the_minimum() -> None:
    far = Circle(from_place(HERE, 45.0, 5_500.0), 1.0)
    assert answer(Circle(HERE, 1.0), far, 5_556.0) is CERTAIN


def test_the_minimum_is_that_of_the_pair_of_kinds() -> None:
    table = {
        frozenset((Kind.AIR,)): Minimum(100.0, 0),
        frozenset((Kind.AIR, Kind.SEA)): Minimum(1_000.0, 0),
        frozenset((Kind.SEA, Kind.GROUND)): Minimum(10_000.0, 0),
    }
    discs = [volume(Circle(from_place(HERE, 60.0, k * 500.0), 1.0)) for k in range(6)]
    intents = [intent(k, disc, kind=KINDS[k % 3]) for k, disc in enumerate(discs)]
    want = {(0, 1), (3, 4), (1, 3), (1, 2), (1, 5), (2, 4), (4, 5)}
    assert set(pairs(intents, Minima(table))) == want


def windows(*ends: tuple[int | None, int | None]) -> list[Intent]:
    disc = Circle(HERE, 100.0)
    return [intent(k, volume(disc, ANY_HEIGHT, TimeWindow(start, end))) for k, (start, end) in enumerate(ends)]


def test_the_sweep_stops_neither_too_early_nor_at_the_last_instant() -> None:
    # A long window, short ones that end before, and one that begins in its last microsecond.
    intents = windows((0, 100), (5, 6), (7, 8), (100, 200), (101, 102), (200, 200), (201, None), (None, 0))
    want = {(0, 1), (0, 2), (0, 3), (0, 7), (3, 4), (3, 5)}
    assert set(pairs(intents, same_for_all(0.0))) == want


def test_other_cells_in_the_same_bucket_do_not_end_the_sweep() -> None:
    # Each circle meets its neighbour alone; 200 of them fill every bucket with several cells.
    ring = [from_place(HERE, 1.8 * k, 20_000.0) for k in range(200)]
    intents = [intent(k, volume(Circle(place, 330.0))) for k, place in enumerate(ring)]
    assert set(pairs(intents, same_for_all(0.0))) == {(k, k + 1) for k in range(199)} | {(0, 199)}


def test_giants_meet_each_other_and_the_small_ones_before_and_after_them() -> None:
    small = [
        volume(Circle(from_place(HERE, 30.0 * k, 400_000.0), 100.0), ANY_HEIGHT, TimeWindow(k, k)) for k in range(12)
    ]
    giants = [volume(Circle(HERE, 500_000.0), ANY_HEIGHT, TimeWindow(k, k + 3)) for k in (0, 2, 8)]
    intents = [intent(k, v) for k, v in enumerate([*small, *giants])]
    first, second, third = 12, 13, 14
    want = {(k, first) for k in range(4)} | {(k, second) for k in range(2, 6)} | {(k, third) for k in range(8, 12)}
    assert set(pairs(intents, same_for_all(0.0))) == want | {(first, second)}


def test_bands_that_touch_meet_and_the_minimum_itself_is_clear() -> None:
    disc = Circle(HERE, 100.0)

    def heights(lower_m: float, minimum_dmm: int) -> Certainty:
        intents = [intent(0, volume(disc, slab(0, 100))), intent(1, volume(disc, slab(lower_m, 900)))]
        return pairs(intents, same_for_all(0.0, minimum_dmm)).get((0, 1), CLEAR)

    assert heights(100, 0) is CERTAIN
    assert heights(100.0001, 0) is CLEAR
    assert heights(404.8, 3_048_000) is CLEAR
    assert heights(404.7999, 3_048_000) is CERTAIN
    assert heights(150, 3_048_000) is CERTAIN


def test_the_scope_asks_for_sides_and_parties() -> None:
    disc = volume(Circle(HERE, 100.0))
    parties = ["Amber", "Amber", "Teal", UNKNOWN_PARTY, UNKNOWN_PARTY]
    intents = [intent(k, disc, party=party) for k, party in enumerate(parties)]
    everyone = {(a, b) for a in range(5) for b in range(a + 1, 5)}
    assert set(pairs(intents, same_for_all(0.0))) == everyone
    assert set(pairs(intents, same_for_all(0.0), Scope(between_parties_only=True))) == everyone - {(0, 1)}
    sides = Scope(sides=[0, 0, 0, 1, 1])
    assert set(pairs(intents, same_for_all(0.0), sides)) == {(a, b) for a in range(3) for b in (3, 4)}
