"""Columns lose nothing of a volume, and arrays are the same whichever way they are made from columns."""

import math
import random
from dataclasses import replace
from typing import Final

import numpy as np
import pytest

from tansiq.conflict import prepare
from tansiq.conflict.arrays import BLOCK, BLOCKLESS, SAG_M, VOLUME, VolumeArrays
from tansiq.conflict.columns import VolumeColumns, volume_columns, volume_of
from tansiq.conflict.prepare import FEW, volume_arrays
from tansiq.errors import PartyError
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.chart import Chart, chart_around
from tansiq.geometry.earth import FloatArray, LatLng, ecef_m, on_surface_m
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon
from tansiq.geometry.surface import STEP_M
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.limits import LIMITS
from tansiq.units import FIRST_INSTANT_US, LAST_INSTANT_US, Altitude, AltitudeUnit, Reference
from tests.laws.strategies import (
    ALWAYS,
    ANY_HEIGHT,
    anywhere,
    box,
    from_place,
    random_band,
    random_footprint,
    random_window,
    volume,
)

VECTOR_ERROR_M: Final = 2e-8
"""Two ways to compute a sine, each true to the last bit or two, at the Earth's radius."""
ROUNDING_M: Final = 1e-6
"""Far below what boxes are grown by, far above what is lost when a point is charted a second time."""
POLES: Final = [LatLng(sign * 90.0, lng) for sign in (1, -1) for lng in (-180.0, 0.0, 77.7)]
SEAM: Final = [LatLng(lat, lng) for lat in (-89.9, -40.0, 0.0, 12.5) for lng in (-180.0, 180.0, 179.99999)]


def random_volumes(rng: random.Random, count: int, largest_m: float) -> list[Volume4D]:
    sizes_m = [largest_m * 10 ** rng.uniform(-3, 0) for _ in range(count)]
    return [
        Volume4D(random_footprint(rng, anywhere(rng), size_m), random_band(rng), random_window(rng))
        for size_m in sizes_m
    ]


def wavy(count: int, place: LatLng, size_m: float) -> Polygon:
    """A polygon of so many vertices round the place, whose outline goes in and out."""
    radii_m = [size_m * (1.0 + 0.2 * math.sin(2 * math.pi * 7 * k / count)) for k in range(count)]
    return Polygon(tuple(from_place(place, 360 * k / count, radii_m[k]) for k in range(count)))


def winding(count: int, place: LatLng, size_m: float) -> Corridor:
    """A corridor of so many points that runs to and fro past the place."""
    points = [from_place(place, 100.0 + 40 * math.sin(k), size_m * (0.01 + k / count)) for k in range(count)]
    return Corridor(tuple(points), 0.01 * size_m)


# ------------------------------------------------------------------------------------------------ there and back again


@pytest.mark.parametrize("largest_m", [100.0, 20_000.0, 3_000_000.0])
def test_a_volume_comes_back_from_its_columns_as_it_was(largest_m: float) -> None:
    rng = random.Random(f"there and back {largest_m}")
    volumes = random_volumes(rng, 150, largest_m)
    volumes += [volume(wavy(300, anywhere(rng), largest_m)), volume(winding(90, anywhere(rng), largest_m))]
    columns = volume_columns(volumes)
    for i, given in enumerate(volumes):
        back = volume_of(columns, i)
        assert back.footprint == given.footprint
        assert back.window == given.window
        for got, want in ((back.band.lower, given.band.lower), (back.band.upper, given.band.upper)):
            assert (got is None) == (want is None)
            if got is not None and want is not None:
                assert (got.dmm, got.reference) == (want.dmm, want.reference)


def test_every_tenth_of_a_millimetre_of_every_unit_and_reference_comes_back() -> None:
    rng = random.Random("tenths")
    ends_m = [LIMITS.altitude_min_m, -0.0001, 0.0, 0.0001, 3_048.0, LIMITS.altitude_max_m]
    ends_m += [round(rng.uniform(LIMITS.altitude_min_m, LIMITS.altitude_max_m), 4) for _ in range(400)]
    limits = [Altitude(end_m, AltitudeUnit.M, reference) for end_m in ends_m for reference in Reference]
    limits += [Altitude(feet, AltitudeUnit.FT, Reference.AMSL) for feet in (-26_246.7, 0.1, 328_083.9)]
    limits += [Altitude(level, AltitudeUnit.FL, Reference.FL) for level in (0.0, 100.0, 245.5, 3_280.0)]
    shape = Circle(LatLng(0.0, 0.0), 1.0)
    columns = volume_columns([Volume4D(shape, AltitudeBand(limit, limit), ALWAYS) for limit in limits])
    for i, limit in enumerate(limits):
        lower = volume_of(columns, i).band.lower
        assert lower is not None
        assert (lower.dmm, lower.reference) == (limit.dmm, limit.reference)


def test_an_altitude_that_is_rounded_past_the_limit_comes_back_too() -> None:
    # Altitude takes what lies less than a tenth of a millimetre past the limit.
    for end_m in (LIMITS.altitude_min_m - 0.00006, LIMITS.altitude_max_m + 0.00006):
        limit = Altitude(end_m, AltitudeUnit.M, Reference.AMSL)
        columns = volume_columns([Volume4D(Circle(LatLng(0.0, 0.0), 1.0), AltitudeBand(limit, None), ALWAYS)])
        lower = volume_of(columns, 0).band.lower
        assert lower is not None
        assert lower.dmm == limit.dmm


def test_what_is_unbounded_comes_back_unbounded_and_the_widest_window_as_it_was() -> None:
    shape = Circle(LatLng(0.0, 0.0), 1.0)
    windows = [ALWAYS, TimeWindow(None, 0), TimeWindow(0, None), TimeWindow(FIRST_INSTANT_US, LAST_INSTANT_US)]
    windows += [TimeWindow(-1, -1)]
    columns = volume_columns([volume(shape, ANY_HEIGHT, window) for window in windows])
    assert [volume_of(columns, i).window for i in range(len(windows))] == windows
    assert {volume_of(columns, i).band for i in range(len(windows))} == {ANY_HEIGHT}


def test_no_volumes_have_columns_and_arrays_too() -> None:
    columns = volume_columns([])
    assert len(columns.core) == len(volume_arrays(columns).volumes) == 0


GOOD: Final = volume_columns(
    [Volume4D(box(0, 1, 0, 1), AltitudeBand(Altitude(9.0, AltitudeUnit.M, Reference.AGL), None), TimeWindow(3, 5))]
)
BAD: Final = {
    "a latitude past the pole": (GOOD._replace(lat_deg=GOOD.lat_deg + 90), "out_of_range"),
    "a longitude past 180 degrees": (GOOD._replace(lng_deg=GOOD.lng_deg - 181), "out_of_range"),
    "a place that is no number": (GOOD._replace(lat_deg=GOOD.lat_deg * math.nan), "not_finite"),
    "one vertex at all corners": (GOOD._replace(lat_deg=0 * GOOD.lat_deg, lng_deg=0 * GOOD.lng_deg), "repeated_vertex"),
    "edges that cross": (GOOD._replace(lat_deg=GOOD.lat_deg[[0, 2, 1, 3]]), "crossing_edges"),
    "two vertices": (GOOD._replace(offsets=np.array([0, 2])), "too_few_vertices"),
    "a circle of no size": (GOOD._replace(core=np.array([0], np.int8)), "not_positive"),
    "a corridor of no width": (GOOD._replace(core=np.array([1], np.int8)), "not_positive"),
    "an end before the start": (GOOD._replace(end_us=np.array([2])), "time_reversed"),
    "an altitude in orbit": (GOOD._replace(limit_dmm=np.array([[2_000_000_000, 0]])), "out_of_range"),
    "a lower limit above the upper": (
        GOOD._replace(limit_reference=np.array([[2, 2]], np.int8), limit_dmm=np.array([[7, 6]])),
        "lower_above_upper",
    ),
}


@pytest.mark.parametrize(("columns", "code"), BAD.values(), ids=BAD)
def test_a_row_that_is_no_volume_is_refused_when_it_is_built(columns: VolumeColumns, code: str) -> None:
    with pytest.raises(PartyError) as caught:
        volume_of(columns, 0)
    assert caught.value.code == code


# --------------------------------------------------------------------------------------------------------- few or many


def both_ways(columns: VolumeColumns, monkeypatch: pytest.MonkeyPatch) -> tuple[VolumeArrays, VolumeArrays]:
    """The arrays as they are made for a few volumes, and as for many."""
    few = volume_arrays(columns)
    with monkeypatch.context() as patch:
        patch.setattr(prepare, "FEW", 0)
        return few, volume_arrays(columns)


def assert_same(few: VolumeArrays, many: VolumeArrays) -> None:
    for name in VOLUME.names or ():
        assert np.array_equal(few.volumes[name], many.volumes[name]), name
    for name in VolumeArrays._fields[1:]:
        assert np.array_equal(getattr(few, name), getattr(many, name)), name


@pytest.mark.parametrize("count", [1, 2, 17, FEW])
def test_a_few_volumes_have_the_arrays_that_they_have_among_many(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(f"few {count}")
    for largest_m in (3.0, 700.0, 2_500.0):
        assert_same(*both_ways(volume_columns(random_volumes(rng, count, largest_m)), monkeypatch))


def test_a_few_with_long_edges_or_long_outlines_are_made_like_many(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random("few and long")
    for odd in (wavy(BLOCKLESS + 1, anywhere(rng), 500.0), box(1, 2, 3, 4), winding(100, anywhere(rng), 2_000.0)):
        volumes = [*random_volumes(rng, 5, 500.0), volume(odd)]
        assert_same(*both_ways(volume_columns(volumes), monkeypatch))


def test_each_volume_has_the_arrays_that_it_has_alone() -> None:
    rng = random.Random("alone")
    volumes = random_volumes(rng, 3 * FEW, 1_000.0)
    together = volume_arrays(volume_columns(volumes))
    for i in range(0, len(volumes), 7):
        alone = volume_arrays(volume_columns([volumes[i]]))
        row, own = together.volumes[i], alone.volumes[0]
        for name in set(VOLUME.names or ()) - {"first", "first_block"}:
            assert np.array_equal(row[name], own[name]), name
        assert np.array_equal(together.box_m[i], alone.box_m[0])
        rows = slice(row["first"], row["first"] + row["count"])
        assert np.array_equal(together.points_m[rows], alone.points_m)


def test_more_threads_make_the_same_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random("threads")
    columns = volume_columns(random_volumes(rng, 150, 30_000.0))
    one = volume_arrays(columns)
    monkeypatch.setattr(prepare, "PART", 16)
    assert_same(one, volume_arrays(columns, 3))


# ------------------------------------------------------------------------------------------------------------- vectors


def vectors_agree(shapes: list[Footprint]) -> float:
    """The largest distance of a prepared point from where `geometry.earth` puts it."""
    columns = volume_columns([volume(shape) for shape in shapes])
    want = ecef_m(columns.lat_deg, columns.lng_deg)
    return float(np.abs(volume_arrays(columns).points_m - want).max())


def test_vectors_are_those_of_the_earth_to_a_few_nanometres() -> None:
    rng = random.Random("vectors")
    shapes = [random_footprint(rng, anywhere(rng), 10 ** rng.uniform(-1, 3.3)) for _ in range(400)]
    assert vectors_agree(shapes) <= VECTOR_ERROR_M


@pytest.mark.parametrize("place", POLES + SEAM, ids=str)
def test_vectors_of_shapes_round_a_pole_or_across_180_degrees_are_as_true(place: LatLng) -> None:
    rng = random.Random(f"vectors {place}")
    shapes: list[Footprint] = [Circle(place, 1.0)]
    for size_m in (0.01, 1.0, 300.0, 4_000.0):
        ring = [from_place(place, 72 * k + rng.uniform(0, 9), 0.5 * size_m) for k in range(5)]
        for _ in range(2):
            # Once as GeographicLib names them, once with the other name of 180 degrees, and turned.
            shapes += [Polygon(tuple(ring[k:] + ring[:k])) for k in range(5)]
            shapes.append(Corridor((place, *ring), 0.1))
            ring = [replaced(point) for point in ring]
    assert vectors_agree(shapes) <= VECTOR_ERROR_M


def replaced(point: LatLng) -> LatLng:
    """The same point, where it has another name."""
    if abs(point.lat_deg) == 90.0:
        return LatLng(point.lat_deg, -point.lng_deg)
    return LatLng(point.lat_deg, -point.lng_deg if abs(point.lng_deg) == 180.0 else point.lng_deg)


# ----------------------------------------------------------------------------------------------- long edges and blocks


def outlines() -> list[Footprint]:
    rng = random.Random("outlines")
    shapes: list[Footprint] = [wavy(count, anywhere(rng), 900.0) for count in (65, 80, 81, 300, 1_000, 3_000)]
    shapes += [wavy(count, anywhere(rng), 400_000.0) for count in (65, 1_000)]
    shapes += [winding(count, anywhere(rng), 3_000.0) for count in (65, 66, 81, 500)]
    shapes += [box(50.0, 60.0, -10.0, 25.0), box(-1.0, 1.0, 179.0, -179.0), winding(3, anywhere(rng), 900_000.0)]
    return [*shapes, box(0, 0.01, 0, 0.01), Circle(anywhere(rng), 9.0)]


def edges_m(v: VolumeArrays, i: int) -> tuple[FloatArray, FloatArray]:
    """Where the edges of volume i begin and end."""
    m = v.volumes[i]
    points = v.points_m[m["first"] : m["first"] + m["count"]]
    return (points, np.roll(points, -1, axis=0)) if m["core"] == 2 else (points[:-1], points[1:])


def test_a_long_outline_has_blocks_whose_boxes_hold_their_edges() -> None:
    v = volume_arrays(volume_columns([volume(shape) for shape in outlines()]))
    seen = 0
    for i, m in enumerate(v.volumes):
        starts, ends = edges_m(v, i)
        assert m["blocks"] == (-(-len(starts) // BLOCK) if m["count"] > BLOCKLESS else 0)
        assert m["first_block"] == seen
        chart = Chart(m["axes"])
        for block in range(m["blocks"]):
            rows = slice(BLOCK * block, BLOCK * (block + 1))
            begin, end = starts[rows], ends[rows]
            low, high = np.split(v.block_box_m[seen + block], 2)
            for share in np.linspace(0, 1, 9):
                # Up on the surface, not on the chord below it.
                places = np.array([on_surface_m(place) for place in begin + share * (end - begin)])
                assert (places >= low).all()
                assert (places <= high).all()
                flat = chart.project_m(places)
                assert (flat >= v.block_chart_m[seen + block, :2] - ROUNDING_M).all()
                assert (flat <= v.block_chart_m[seen + block, 2:] + ROUNDING_M).all()
            size_m = np.maximum(begin, end).max(axis=0) - np.minimum(begin, end).min(axis=0)
            assert (high - low <= size_m + 3 * SAG_M).all()
        seen += m["blocks"]
    assert seen == len(v.block_box_m) == len(v.block_chart_m) > 300


def test_no_edge_is_longer_than_a_step_and_every_vertex_that_was_given_is_there() -> None:
    # Half a disc: the way home of its ring is its only long edge.
    half = Polygon(tuple(from_place(LatLng(30.0, 20.0), 180 * k / 60, 60_000.0) for k in range(61)))
    shapes = [*outlines(), half]
    columns = volume_columns([volume(shape) for shape in shapes])
    v = volume_arrays(columns)
    given_m = ecef_m(columns.lat_deg, columns.lng_deg)
    for i, m in enumerate(v.volumes):
        starts, ends = edges_m(v, i)
        lengths_m = np.sqrt(((ends - starts) ** 2).sum(axis=1))
        assert lengths_m.max(initial=0.0) <= STEP_M
        points = v.points_m[m["first"] : m["first"] + m["count"]]
        wanted = given_m[columns.offsets[i] : columns.offsets[i + 1]]
        apart_m = np.array([np.sqrt(((points - vertex) ** 2).sum(axis=1)).min() for vertex in wanted])
        assert apart_m.max() <= VECTOR_ERROR_M
        assert m["divided"] == (len(points) > len(wanted))


def test_a_volume_is_the_same_in_any_frame_but_for_its_box(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random("frames")
    monkeypatch.setattr(prepare, "FEW", 0)
    columns = volume_columns([volume(shape) for shape in outlines()] + random_volumes(rng, 50, 100_000.0))
    plain = volume_arrays(columns)
    for _ in range(4):
        turned = volume_arrays(columns, frame=chart_around(np.array([rng.gauss(0, 1) for _ in range(3)])).axes)
        assert_same(plain, turned._replace(box_m=plain.box_m, frame=plain.frame))
        for i in range(len(plain.volumes)):
            places = edges_m(turned, i)[0] @ turned.frame.T
            assert (places >= turned.box_m[i, :3]).all()
            assert (places <= turned.box_m[i, 3:]).all()


def test_what_is_asked_of_a_window_is_not_changed_by_its_columns() -> None:
    given = volume(box(0, 1, 0, 1), ANY_HEIGHT, TimeWindow(5, 9))
    columns = volume_columns([given, replace(given, window=ALWAYS)])
    v = volume_arrays(columns)
    assert v.volumes["start_us"].tolist() == columns.start_us.tolist()
    assert v.volumes["end_us"].tolist() == columns.end_us.tolist()
