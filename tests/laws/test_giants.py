"""Giants change no answer: what a country or an ocean has to do with each small volume is what the definition says."""

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

from tansiq.conflict import batch
from tansiq.conflict.arrays import VolumeArrays
from tansiq.conflict.cells import Marks, levels_of
from tansiq.conflict.giants import Tiles, tiles_of
from tansiq.conflict.minima import Minima, minimum
from tansiq.domain.intent import KINDS, Intent
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.distance import Outline
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, CoreKind, Corridor, Footprint, Polygon
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.units import Reference
from tests.laws.agreement import Verdicts, assert_batch_equals_exact, batch_verdicts, differences, exact_verdicts
from tests.laws.strategies import (
    ALWAYS,
    ANY_HEIGHT,
    HOUR_US,
    from_place,
    intent,
    intents_of,
    metres,
    random_band,
    random_footprint,
    random_minima,
    random_window,
    same_for_all,
    volume,
)

PLACES: Final = [LatLng(12.0, 3.0), LatLng(-48.0, 179.0), LatLng(88.0, -100.0)]
everywhere = pytest.mark.parametrize("place", PLACES, ids=("in the tropics", "across 180 degrees", "round the pole"))
GAPS_M: Final = [-1.0, -0.0101, -0.0099, -0.001, 0.0, 0.001, 0.0099, 0.0101, 1.0]
"""From the border to the nearest point of a small volume; negative: so far it reaches over."""


def country(rng: random.Random, place: LatLng, size_m: float, vertices: int) -> Polygon:
    """A polygon with a rough border round the place; none of its edges cross, for no two are in one direction."""
    reach = [0.6 + 0.3 * math.sin(3 * 2 * math.pi * k / vertices + 1) for k in range(vertices)]
    rough = 1.5 / vertices
    return Polygon(
        tuple(
            from_place(place, 360 * k / vertices, size_m * (reach[k] + rng.uniform(-rough, rough)))
            for k in range(vertices)
        )
    )


def giants_round(rng: random.Random, place: LatLng) -> list[Footprint]:
    """Countries, an ocean, a belt; some in others, from 200 km to 4,000 km in size."""
    return [
        country(rng, place, 2_000_000.0, 110),
        country(rng, from_place(place, 200, 300_000.0), 300_000.0, 100),
        Circle(from_place(place, 20, 900_000.0), 700_000.0),
        Corridor(tuple(from_place(place, 90, 250_000.0 * k) for k in range(-4, 5)), 180_000.0),
        country(rng, place, 100_000.0, 100),
    ]


def on_the_border(rng: random.Random, giant: Footprint, count: int) -> list[tuple[LatLng, float]]:
    """Places on the outline of a giant's core, each with a direction at right angles to it there."""
    pieces = Outline(giant).pieces
    found = []
    for _ in range(count):
        piece = rng.choice(pieces)
        place, travel_deg = piece.at(piece.length_m * rng.random())
        found.append((place, travel_deg + rng.choice([90.0, -90.0])))
    return found


def beside(rng: random.Random, giant: Footprint, minimum_m: float, count: int) -> list[Footprint]:
    """Small volumes within millimetres or metres of where they begin to conflict with the giant, on both sides."""
    small: list[Footprint] = []
    buffer_m = 0.0 if isinstance(giant, Polygon) else Outline(giant).buffer_m
    if isinstance(giant, Circle):
        foots = [(giant.center, rng.uniform(0, 360)) for _ in range(count)]
    else:
        foots = on_the_border(rng, giant, count)
    for place, turn in foots:
        radius_m, gap_m = 10 ** rng.uniform(0, 3), rng.choice([0.0, minimum_m]) + rng.choice(GAPS_M)
        at = from_place(place, turn, abs(buffer_m + radius_m + gap_m))
        tip, off_m = from_place(place, turn, abs(buffer_m + gap_m)), 10 ** rng.uniform(0, 3)
        arrow = (tip, from_place(tip, turn + 20, off_m), from_place(tip, turn - 20, off_m))
        small.append(Circle(at, radius_m) if rng.random() < 0.5 else Polygon(arrow))
    return small


def scattered(rng: random.Random, place: LatLng, count: int, spread_m: float) -> list[Footprint]:
    return [
        random_footprint(rng, from_place(place, rng.uniform(0, 360), spread_m * math.sqrt(rng.random())), 800.0)
        for _ in range(count)
    ]


def levels(intents: Sequence[Intent], monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """On how many levels `batch` puts these volumes."""
    seen: set[int] = set()

    def spy(marks: Marks, cell_m: float, widen: int, most_cells: int) -> NDArray[np.int8]:
        found: NDArray[np.int8] = levels_of(marks, cell_m, widen, most_cells)
        seen.update(found.tolist())
        return found

    with monkeypatch.context() as patch:
        patch.setattr(batch, "levels_of", spy)
        batch_verdicts(intents, same_for_all(0.0))
    return seen


# ------------------------------------------------------------------------------------------------------ by where it is


@pytest.mark.parametrize(("place", "minimum_m"), [(PLACES[0], 0.0), (PLACES[2], 500.0), (PLACES[1], 50_000.0)])
def test_small_volumes_inside_outside_and_across_the_border(
    place: LatLng, minimum_m: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(f"border {place} {minimum_m}")
    large = giants_round(rng, place)
    small = scattered(rng, place, 20, 1_800_000.0)
    for giant in large:
        small += beside(rng, giant, minimum_m, 8)
    mixed = [*large[:2], *small[:20], *large[2:], *small[20:]]
    intents = intents_of(mixed)
    assert len(levels(intents, monkeypatch)) > 2, "no giants"
    verdicts = against_giants(intents, large, minimum_m)
    assert set(Certainty) - {v.certainty for v in verdicts.values()} == {Certainty.CLEAR}


def against_giants(intents: Sequence[Intent], large: Sequence[Footprint], minimum_m: float) -> Verdicts:
    """The verdicts of all pairs with a giant. Small ones among themselves are other tests' business, and cost time."""
    sides = [1 if i.volumes[0].footprint in large else 0 for i in intents]
    return assert_batch_equals_exact(intents, same_for_all(minimum_m), batch.Scope(sides=sides))


@pytest.mark.parametrize("vertices", [100, 1_000, 3_000])
def test_countries_of_many_vertices(vertices: int) -> None:
    rng = random.Random(f"vertices {vertices}")
    place = LatLng(33.0, -179.9)
    large: list[Footprint] = [country(rng, place, size_m, vertices) for size_m in (150_000.0, 2_500_000.0)]
    small = scattered(rng, place, 4, 120_000.0)
    for giant in large:
        small += beside(rng, giant, 0.0, 3)
    against_giants(intents_of([*small, *large]), large, 0.0)


def test_giants_in_giants_on_several_levels(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random("nested")
    place = LatLng(-20.0, 60.0)
    shapes: list[Footprint] = [country(rng, place, 3_000_000.0 * 0.3**k, 60) for k in range(7)]
    shapes += [Circle(place, 2_900_000.0 * 0.25**k) for k in range(7)]
    shapes += scattered(rng, place, 15, 3_000.0)
    assert len(levels(intents_of(shapes), monkeypatch)) >= 4
    verdicts = assert_batch_equals_exact(intents_of(shapes), same_for_all(0.0))
    # The countries lie in each other, the circles too.
    assert len(verdicts) > 2 * 21
    assert {v.horizontal_gap_m for (a, b), v in verdicts.items() if max(a[0], b[0]) < 7} == {0.0}


# --------------------------------------------------------------------------------------------- whole tiles at one look


@pytest.fixture
def tiles(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many volumes are in each tile that is held against giants."""
    seen: list[int] = []

    def spy(v: VolumeArrays, marks: Marks, chosen: NDArray[np.int64], tile_m: float) -> Tiles:
        found = tiles_of(v, marks, chosen, tile_m)
        seen.extend(np.diff(found.starts).tolist())
        return found

    monkeypatch.setattr(batch, "tiles_of", spy)
    return seen


@everywhere
@pytest.mark.parametrize("kind", list(CoreKind), ids=lambda kind: kind.name)
@pytest.mark.parametrize("minimum_m", [0.0, 3_000.0])
def test_many_small_ones_close_together_well_inside_a_giant_and_well_outside(
    place: LatLng, kind: CoreKind, minimum_m: float, tiles: list[int]
) -> None:
    rng = random.Random(f"tiles {place} {kind}")
    giants_of: dict[CoreKind, Footprint] = {
        CoreKind.POINT: Circle(place, 700_000.0),
        CoreKind.LINE: Corridor((from_place(place, 10, 500_000.0), place, from_place(place, 80, 500_000.0)), 400_000.0),
        CoreKind.AREA: country(rng, place, 1_000_000.0, 120),
    }
    giant = giants_of[kind]
    swarms = []
    for away_m in (0.0, 300_000.0, 1_300_000.0):
        middle = from_place(place, 45.0, away_m)
        swarms += scattered(rng, middle, 15, 1_500.0)
    intents = [intent(k, varied(rng, shape)) for k, shape in enumerate(swarms)]
    intents.insert(20, intent(999, volume(giant, AltitudeBand(metres(50.0), metres(5_000.0)))))
    sides = [1 if i.id == "Amber-999" else 0 for i in intents]
    verdicts = assert_batch_equals_exact(intents, same_for_all(minimum_m, 1_000), batch.Scope(sides=sides))
    assert max(tiles) >= 6, "no tile of many"
    assert len(verdicts) > 10
    assert not [pair for pair in verdicts if max(pair[0][0], pair[1][0]) > 30], "far outside"


def varied(rng: random.Random, shape: Footprint) -> Volume4D:
    """The shape at some height and time."""
    return Volume4D(shape, random_band(rng), random_window(rng))


def test_a_tile_that_reaches_over_a_border_by_one_volume_alone() -> None:
    rng = random.Random("one alone")
    place = LatLng(5.0, 7.0)
    giant = country(rng, place, 900_000.0, 100)
    for border, turn in on_the_border(rng, giant, 3):
        swarm = scattered(rng, from_place(border, turn, 40_000.0), 10, 2_000.0)
        for gap_m in (-0.02, 0.0, 0.02):
            swarm.append(Circle(from_place(border, turn, 30_000.0 + gap_m), 30_000.0))
        against_giants(intents_of([*swarm, giant]), [giant], 0.0)
        against_giants(intents_of([giant, *swarm]), [giant], 35_000.0)


def test_a_tile_that_lies_across_the_rim_of_a_circle_or_of_a_corridor() -> None:
    rng = random.Random("across a rim")
    for place in PLACES:
        for giant in (Circle(place, 400_000.0), Corridor((place, from_place(place, 90, 300_000.0)), 200_000.0)):
            at = from_place(place, 270.0, Outline(giant).buffer_m)
            swarm: list[Footprint] = [
                Circle(from_place(at, rng.uniform(0, 360), 150.0 * rng.random()), 20.0) for _ in range(40)
            ]
            for minimum_m in (0.0, 60.0):
                verdicts = against_giants(intents_of([*swarm, giant]), [giant], minimum_m)
                assert 0 < len(verdicts) < 40


def test_more_than_a_thousand_conflicts_of_one_tile_with_one_giant() -> None:
    rng = random.Random("a thousand")
    place = LatLng(1.0, 179.99)
    giant = Circle(place, 500_000.0)
    swarm = [Circle(from_place(place, rng.uniform(0, 360), 300.0 * rng.random()), 100.0) for _ in range(2_500)]
    sides = [0] * len(swarm) + [1]
    verdicts = batch_verdicts(intents_of([*swarm, giant]), same_for_all(0.0), batch.Scope(sides=sides))
    assert list(verdicts) == [((k, 0), (len(swarm), 0)) for k in range(len(swarm))]
    assert {(v.certainty, v.horizontal_gap_m) for v in verdicts.values()} == {(Certainty.CERTAIN, 0.0)}


# ----------------------------------------------------------------------------------------------------- time and height


@pytest.mark.parametrize("apart_us", [-1, 0, 1])
def test_a_tile_whose_last_instant_is_the_first_of_a_giant_or_its_first_the_last(apart_us: int) -> None:
    rng = random.Random("last instant")
    place = LatLng(-3.0, 44.0)
    around = TimeWindow(0, HOUR_US)
    before, after = TimeWindow(-HOUR_US, -apart_us), TimeWindow(HOUR_US + apart_us, 2 * HOUR_US)
    large = [volume(Circle(place, 300_000.0), ANY_HEIGHT, window) for window in (before, around, after)]
    swarm = [volume(shape, ANY_HEIGHT, around) for shape in scattered(rng, place, 12, 900.0)]
    intents = [intent(k, given) for k, given in enumerate([*large, *swarm])]
    sides = [1] * 3 + [0] * 12
    verdicts = assert_batch_equals_exact(intents, same_for_all(0.0), batch.Scope(sides=sides))
    assert len(verdicts) == (12 if apart_us > 0 else 36)


def test_what_is_there_for_ever_meets_what_is_there_for_minutes() -> None:
    rng = random.Random("for ever")
    place = LatLng(61.0, 178.0)
    shapes = giants_round(rng, place)
    windows = [ALWAYS, TimeWindow(None, 5 * HOUR_US), TimeWindow(5 * HOUR_US, None), TimeWindow(0, HOUR_US), ALWAYS]
    intents = [intent(k, volume(shape, ANY_HEIGHT, windows[k])) for k, shape in enumerate(shapes)]
    for k, shape in enumerate(scattered(rng, place, 30, 1_200_000.0)):
        start = rng.choice([-1, 0, 1, 4, 5, 6, 2_000]) * HOUR_US
        end = start + rng.choice([0, 1, HOUR_US])
        intents.append(intent(100 + k, volume(shape, ANY_HEIGHT, TimeWindow(start, end))))
    rng.shuffle(intents)
    sides = [0 if i.volumes[0].window.end_us == i.volumes[0].window.start_us else 1 for i in intents]
    assert assert_batch_equals_exact(intents, same_for_all(20_000.0), batch.Scope(sides=sides))
    assert assert_batch_equals_exact([i for i in intents if i.volumes[0].footprint in shapes], same_for_all(0.0))


@pytest.mark.parametrize("minimum_m", [0, 500, 50_000])
def test_heights_above_ground_are_certain_inside_a_giant_and_possible_beside_it(minimum_m: int) -> None:
    rng = random.Random(f"ground {minimum_m}")
    place = LatLng(-15.0, -179.0)
    low = AltitudeBand(metres(0.0, Reference.AGL), metres(120.0, Reference.AGL))
    high = AltitudeBand(metres(150.0, Reference.AGL), metres(400.0, Reference.AGL))
    giant = country(rng, place, 600_000.0, 110)
    small = [*scattered(rng, place, 25, 900_000.0), *beside(rng, giant, float(minimum_m), 10)]
    intents = [intent(999, volume(giant, low))]
    intents += [intent(k, volume(shape, rng.choice([low, high]))) for k, shape in enumerate(small)]
    table = Minima({frozenset((a, b)): minimum(Decimal(minimum_m), Decimal(40)) for a in KINDS for b in KINDS})
    sides = [1] + [0] * len(small)
    verdicts = assert_batch_equals_exact(intents, table, batch.Scope(sides=sides))
    certain = [pair for pair, verdict in verdicts.items() if verdict.certainty is Certainty.CERTAIN]
    assert len(certain) > 5
    if minimum_m > 0:
        assert {v.certainty for v in verdicts.values()} == {Certainty.CERTAIN, Certainty.POSSIBLE}


@pytest.mark.parametrize("seed", range(2))
def test_giants_of_every_kind_height_time_and_party(seed: int) -> None:
    rng = random.Random(f"mixed giants {seed}")
    place = PLACES[seed]
    table = random_minima(rng)
    shapes = [*giants_round(rng, place), *scattered(rng, place, 20, 900_000.0)]
    for giant in shapes[:5]:
        shapes += beside(rng, giant, rng.choice([0.0, 20_000.0]), 3)
    intents = []
    for k, shape in enumerate(shapes):
        given = intent(k, varied(rng, shape), varied(rng, rng.choice(shapes)), party=rng.choice(["Amber", "Teal"]))
        intents.append(replace(given, kind=rng.choice(KINDS)))
    verdicts = assert_batch_equals_exact(intents, table, batch.Scope(between_parties_only=True))
    assert len(verdicts) > 10


# -------------------------------------------------------------------------------------------------- where levels begin


@pytest.mark.parametrize(
    ("cell_m", "most_cells", "widen"), [(10.0, 8, 2), (60.0, 8, 4), (150.0, 27, 3), (1e3, 200, 16)]
)
def test_nothing_changes_where_nearly_everything_is_a_giant(
    cell_m: float, most_cells: int, widen: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random("nearly everything")
    for place in PLACES:
        shapes = giants_round(rng, place)[1:4] + scattered(rng, place, 12, 3_000.0)
        shapes += [random_footprint(rng, place, 10 ** rng.uniform(1.0, 4.5)) for _ in range(14)]
        rng.shuffle(shapes)
        intents = [intent(k, varied(rng, shape)) for k, shape in enumerate(shapes)]
        want = exact_verdicts(intents, same_for_all(300.0))
        assert want
        with monkeypatch.context() as patch:
            patch.setattr(batch, "cell_m", lambda _: cell_m)
            patch.setattr(batch, "MOST_CELLS", most_cells)
            patch.setattr(batch, "WIDEN", widen)
            assert differences(want, batch_verdicts(intents, same_for_all(300.0))) == []
            assert len(levels(intents, monkeypatch)) > 2
