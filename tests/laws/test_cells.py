"""Where the cells of the broad phase lie changes nothing: neither their size nor what stands on their edges."""

import random

import numpy as np
import pytest

from tansiq.conflict import batch
from tansiq.conflict.cells import MARK, mark_volumes
from tansiq.conflict.columns import volume_columns
from tansiq.conflict.prepare import volume_arrays
from tansiq.domain.intent import Intent
from tansiq.geometry.earth import FloatArray, LatLng
from tansiq.geometry.footprint import Circle, Footprint
from tests.laws.agreement import Verdicts, assert_batch_equals_exact, batch_verdicts, differences, exact_verdicts
from tests.laws.strategies import (
    anywhere,
    box,
    from_place,
    intents_of,
    random_footprint,
    random_intents,
    random_minima,
    same_for_all,
    shifted,
)


def grown_boxes(intents: list[Intent], minimum_m: float) -> FloatArray:
    """The boxes that cells are filled by, of intents of one volume each."""
    asked = batch.asked_of(same_for_all(minimum_m))
    numbers, marks = np.arange(len(intents), dtype=np.int32), np.empty(len(intents), MARK)
    arrays = volume_arrays(volume_columns([i.volumes[0] for i in intents]))
    mark_volumes(arrays, numbers, numbers, numbers, 0 * numbers, asked.half_m, asked.half_dmm, marks)
    sides = [f"{end}_{axis}_m" for end in ("low", "high") for axis in "xyz"]
    return np.column_stack([marks[side].astype(np.float64) for side in sides])


def with_cells_of(cell_m: float, intents: list[Intent], monkeypatch: pytest.MonkeyPatch) -> Verdicts:
    """What `batch` finds at 300 m and cells of this size."""
    with monkeypatch.context() as patch:
        patch.setattr(batch, "cell_m", lambda _: cell_m)
        return batch_verdicts(intents, same_for_all(300.0))


@pytest.mark.parametrize("place", [LatLng(0.0, 0.0), LatLng(-33.0, 147.0), LatLng(90.0, 0.0)])
def test_boxes_whose_corners_stand_exactly_on_cell_edges(place: LatLng, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random("corners")
    footprints = [
        random_footprint(rng, from_place(place, rng.uniform(0, 360), 3_000 * rng.random()), 300.0) for _ in range(30)
    ]
    intents = intents_of(footprints)
    want = exact_verdicts(intents, same_for_all(300.0))
    grown = np.abs(grown_boxes(intents, 300.0))
    for _ in range(150):
        corner_m = float(grown[rng.randrange(30), rng.randrange(6)])
        # Dividing by a power of two is exact, so the corner is a whole number of cells.
        cell_m = corner_m
        while cell_m > rng.choice([60.0, 200.0, 1_000.0, 10_000.0]):
            cell_m /= 2
        assert differences(want, with_cells_of(max(cell_m, 10.0), intents, monkeypatch)) == []


def test_any_size_of_cell_gives_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random("any cell")
    place = anywhere(rng)
    intents = random_intents(rng, 30, size_m=3_000.0, spread_m=5_000.0, place=place)
    want = exact_verdicts(intents, same_for_all(300.0))
    assert want
    for cell_m in (10.0, 33.3, 100.0, 1_000.0, 1e5, 1e7):
        assert differences(want, with_cells_of(cell_m, intents, monkeypatch)) == []


@pytest.mark.parametrize("horizontal_m", [0.0, 0.6])
def test_a_carpet_of_small_circles_over_many_cells(horizontal_m: float) -> None:
    # The smallest cell is 50 m, and the planes x = 0, y = 0, z = 0 are always edges of cells.
    for place in (LatLng(0.0, 0.0), LatLng(0.0, 90.0), LatLng(90.0, 0.0), LatLng(51.0, 4.0)):
        circles: list[Footprint] = [
            Circle(shifted(place, 14.0 * x, 14.0 * y), 7.2) for x in range(-7, 8) for y in range(-7, 8)
        ]
        verdicts = assert_batch_equals_exact(intents_of(circles), same_for_all(horizontal_m))
        assert len(verdicts) == 2 * 14 * 15  # every neighbour to the side, none across the corner


def test_giants_meet_each_other_and_every_small_one() -> None:
    rng = random.Random("giants")
    place = LatLng(20.0, 179.0)
    giants: list[Footprint] = [Circle(place, 900_000.0), box(5.0, 25.0, 170.0, 179.5), Circle(LatLng(-40, 0), 500e3)]
    small: list[Footprint] = [
        Circle(from_place(place, rng.uniform(0, 360), 1_200_000 * rng.random()), 500.0) for _ in range(60)
    ]
    mixed = [*small[:30], *giants, *small[30:]]
    assert len(assert_batch_equals_exact(intents_of(mixed), same_for_all(0.0))) > 30


def test_giants_and_small_ones_in_windows_that_touch() -> None:
    rng = random.Random("giants in time")
    place = LatLng(-70.0, 10.0)
    small = random_intents(rng, 30, size_m=400.0, spread_m=100_000.0, place=place)
    large = random_intents(rng, 10, size_m=3_000_000.0, spread_m=100_000.0, place=place)
    intents = [*large[:3], *small, *large[3:]]
    assert assert_batch_equals_exact(intents, random_minima(rng))
