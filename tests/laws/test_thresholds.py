"""One centimetre on each side of every threshold, to the millimetre, for every pair of shapes, by both engines."""

import math
from collections.abc import Callable

import pytest

from tansiq.conflict import exact
from tansiq.conflict.exact import exact_volume
from tansiq.conflict.minima import Minimum
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon
from tests.laws.agreement import assert_batch_equals_exact, batch_verdicts
from tests.laws.strategies import NM_M, from_place, intent, intents_of, same_for_all, volume

MINIMA_M = [0.0, 1.0, 3 * NM_M]
# How far past the minimum the gap is, in metres, and what is then true.
CASES = {
    -0.011: Certainty.CERTAIN,
    -0.009: Certainty.POSSIBLE,
    0.0: Certainty.POSSIBLE,
    0.009: Certainty.POSSIBLE,
    0.011: Certainty.CLEAR,
}
PLACES = [
    LatLng(0.0, 0.0),
    LatLng(45.0, -100.0),
    LatLng(-80.0, 180.0),
    LatLng(89.999, 12.0),
    LatLng(-90.0, 0.0),
]
Maker = Callable[[LatLng, float, float], Footprint]


def facing(place: LatLng, bearing_deg: float, size_m: float) -> Footprint:
    """A triangle behind the place, whose edge through it stands square to the bearing."""
    left = from_place(place, bearing_deg - 90, size_m)
    right = from_place(place, bearing_deg + 90, 0.7 * size_m)
    return Polygon((left, right, from_place(place, bearing_deg + 180, size_m)))


def pointing(place: LatLng, bearing_deg: float, size_m: float) -> Footprint:
    """A triangle behind the place with a corner at it."""
    back = [from_place(place, bearing_deg + 180 + turn, size_m) for turn in (-30, 30)]
    return Polygon((place, *back))


def round_(place: LatLng, bearing_deg: float, size_m: float) -> Footprint:
    """A circle behind the place, its rim at it."""
    return Circle(from_place(place, bearing_deg + 180, size_m), size_m)


def along(place: LatLng, bearing_deg: float, size_m: float) -> Footprint:
    """A corridor whose line stands square to the bearing a tenth of the size behind the place."""
    middle = from_place(place, bearing_deg + 180, size_m / 10)
    back_deg = turned(middle, place)
    # Geodesics side by side come nearer to each other with every step: a short one keeps its distance to 0.1 mm.
    half_m = min(size_m, 300.0)
    return Corridor((from_place(middle, back_deg - 90, half_m), from_place(middle, back_deg + 90, half_m)), size_m / 10)


def turned(start: LatLng, end: LatLng) -> float:
    """The direction in which one leaves start for end."""
    from tansiq.geometry.earth import geodesic  # noqa: PLC0415 - one use

    return float(geodesic().Inverse(*start, *end)["azi1"])


def pair(first: Maker, second: Maker, place: LatLng, gap_m: float, size_m: float) -> tuple[Footprint, Footprint]:
    """Two shapes that face each other across the gap along one geodesic; a negative gap is an overlap."""
    bearing_deg = 37.0
    there = from_place(place, bearing_deg, gap_m)
    if abs(gap_m) < 0.1:
        # Too short a way to take a direction from: it leads straight on.
        ahead = from_place(place, bearing_deg, 1_000.0)
        back_deg = turned(there, ahead) + 180
    else:
        back_deg = turned(there, place)
    return first(place, bearing_deg, size_m), second(there, back_deg, size_m)


SHAPES: dict[str, tuple[Maker, Maker]] = {
    "circle and circle": (round_, round_),
    "edge and corner": (facing, pointing),
    "edge and circle": (facing, round_),
    "edge and corridor": (facing, along),
    "corner and circle": (pointing, round_),
    "corridor and corner": (along, pointing),
    "corridor and circle": (along, round_),
}


@pytest.mark.parametrize("minimum_m", MINIMA_M)
@pytest.mark.parametrize("size_m", [3.0, 3_000.0, 150_000.0])
@pytest.mark.parametrize("shapes", SHAPES)
def test_a_millimetre_on_each_side_of_the_centimetre(shapes: str, size_m: float, minimum_m: float) -> None:
    for place in PLACES:
        for past_m, want in CASES.items():
            a, b = pair(*SHAPES[shapes], place, minimum_m + past_m, size_m)
            told = exact.conflict(exact_volume(volume(a)), exact_volume(volume(b)), Minimum(minimum_m, 0))
            got = Certainty.CLEAR if told is None else told.certainty
            assert got is want, f"exact, {shapes}, {place}, minimum {minimum_m} m {past_m:+} m"
            for intents in (intents_of([a, b]), intents_of([b, a])):
                found = list(batch_verdicts(intents, same_for_all(minimum_m)).values())
                got = found[0].certainty if found else Certainty.CLEAR
                assert got is want, f"batch, {shapes}, {place}, minimum {minimum_m} m {past_m:+} m"
                if found:
                    assert math.isclose(found[0].horizontal_gap_m, max(0.0, minimum_m + past_m), abs_tol=1e-3)


@pytest.mark.parametrize("minimum_m", MINIMA_M)
def test_a_ladder_of_gaps_round_every_threshold(minimum_m: float) -> None:
    footprints: list[Footprint] = []
    for k in range(-15, 16):
        place = LatLng(-90.0 + 6 * (k + 15), 12.0 * k)
        footprints += pair(round_, facing, place, minimum_m + (k + 0.5) / 1000, 700.0)
    intents = [intent(k, volume(footprint)) for k, footprint in enumerate(footprints)]
    verdicts = assert_batch_equals_exact(intents, same_for_all(minimum_m))
    assert len(verdicts) == 25
