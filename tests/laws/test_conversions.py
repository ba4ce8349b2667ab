"""What is written to a map format reads back equal, and what others wrote is read outward."""

import json
import math
import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import pytest
import shapely
from hypothesis import given, settings

from tansiq.domain.intent import Intent, Kind
from tansiq.errors import PartyError
from tansiq.formats.geojson import read_geojson, write_geojson
from tansiq.formats.kit.drawn import cut_line, cut_ring, ring_round_point, rings_round_line
from tansiq.formats.kit.loss import Reading, Writing
from tansiq.formats.kit.periods import period
from tansiq.formats.kit.straight import TOLERANCE_M, straight_line, straight_ring, wrapped_line, wrapped_ring
from tansiq.formats.kml import read_kml, read_kmz, write_kml, write_kmz
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.distance import Outline, outline_distance_m
from tansiq.geometry.earth import LatLng, geodesic, geodesic_distance_m
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon, core
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.sim.plans import day_plans
from tansiq.units import FIRST_INSTANT_US, LAST_INSTANT_US, Altitude, AltitudeUnit, Reference, parse_instant_us
from tests.laws.strategies import anywhere, box, from_place, polygon, random_footprint, random_intents, seeds, way

Write = Callable[[Sequence[Intent]], Writing]
Read = Callable[[bytes, str], Reading]

FORMATS: Final[list[tuple[Write, Read]]] = [
    (write_geojson, read_geojson),
    (write_kml, read_kml),
    (write_kmz, read_kmz),
]
ROUNDING_M: Final = 1e-6
"""What the checks themselves may be off by."""
OVER_THE_SEAM: Final[list[Footprint]] = [
    box(-1.0, 1.0, 179.0, -179.0),
    polygon((60.0, 0.0), (60.0, 120.0), (60.0, -120.0)),
    polygon((-80.0, 10.0), (-70.0, -100.0), (-85.0, 170.0)),
    polygon((10.0, 180.0), (12.0, 179.0), (12.0, -179.0)),
    polygon((90.0, 0.0), (80.0, 100.0), (80.0, -170.0)),
    polygon((-5.0, -180.0), (5.0, 180.0), (0.0, 179.0)),
    Corridor((LatLng(1.0, 179.0), LatLng(2.0, -179.0), LatLng(1.0, 178.0)), 500.0),
    Corridor((LatLng(85.0, 0.0), LatLng(85.0, 180.0), LatLng(40.0, 179.0)), 250_000.0),
    Corridor((LatLng(0.0, 180.0), LatLng(1.0, -180.0)), 5.0),
    Circle(LatLng(-90.0, 12.0), 300_000.0),
    Circle(LatLng(3.0, -180.0), 0.001),
]


def survives(intents: Sequence[Intent], write: Write, read: Read) -> None:
    written = write(intents)
    assert written.losses == []
    assert read(written.content, "x") == Reading(list(intents), [])


# ------------------------------------------------------------------------------------------------------------ our own


@pytest.mark.parametrize(("write", "read"), FORMATS)
def test_a_day_of_plans_reads_back_equal(write: Write, read: Read) -> None:
    survives(day_plans(7, 40), write, read)


@given(seeds)
def test_random_intents_read_back_equal_anywhere(seed: int) -> None:
    rng = random.Random(seed)
    size_m, spread_m = 10 ** rng.uniform(0, 6), 10 ** rng.uniform(0, 6)
    intents = random_intents(rng, 3, size_m=size_m, spread_m=spread_m, place=anywhere(rng))
    intents.append(Intent("nothing", "Teal", Kind.SEA, (), priority=-3, name="na\u0633 <&\x00\ufffe\r\n]]>"))
    write, read = rng.choice(FORMATS)
    survives(intents, write, read)


@pytest.mark.parametrize(("write", "read"), FORMATS)
def test_shapes_over_180_degrees_and_poles_read_back_equal(write: Write, read: Read) -> None:
    unbounded = AltitudeBand(None, None), TimeWindow(None, None)
    volumes = tuple(Volume4D(shape, *unbounded, estimated=bool(i % 2)) for i, shape in enumerate(OVER_THE_SEAM))
    survives([Intent("A-1", "Amber", kind, volumes[::-1]) for kind in [Kind.GROUND]], write, read)
    survives([Intent("A-1", "Amber", Kind.ZONE, volumes)], write, read)


@pytest.mark.parametrize(("write", "read"), FORMATS)
def test_all_units_and_the_first_and_last_instants_read_back_equal(write: Write, read: Read) -> None:
    shape = Circle(LatLng(1.0, 1.0), 0.1 + 0.2)
    limits = [Altitude(0.1 + 0.2, unit, ref) for unit in (AltitudeUnit.M, AltitudeUnit.FT) for ref in Reference]
    limits.append(Altitude(95.5, AltitudeUnit.FL, Reference.FL))
    bands = [AltitudeBand(limit, None) for limit in limits] + [AltitudeBand(None, limit) for limit in limits]
    window = TimeWindow(FIRST_INSTANT_US, LAST_INSTANT_US)
    volumes = tuple(Volume4D(shape, band, window) for band in bands)
    survives([Intent("A-1", "Amber", Kind.SEA, volumes)], write, read)


def test_one_plan_makes_one_archive() -> None:
    intents = day_plans(7, 5)
    assert write_kmz(intents).content == write_kmz(intents).content


# ------------------------------------------------------------------------------------------------------------- drawings


@settings(max_examples=settings.get_profile("laws").max_examples // 4)
@given(seeds)
def test_what_is_drawn_round_a_circle_holds_it(seed: int) -> None:
    rng = random.Random(seed)
    circle = Circle(anywhere(rng), 10 ** rng.uniform(0, 6.6))
    ring = Outline(Polygon(tuple(ring_round_point(circle.center, circle.radius_m))))
    for k in range(8):
        rim = from_place(circle.center, 45 * k + rng.uniform(-9, 9), circle.radius_m)
        assert ring.encloses_clearly(rim), (circle, k)


@settings(max_examples=settings.get_profile("laws").max_examples // 4)
@given(seeds)
def test_what_is_drawn_round_a_corridor_holds_it(seed: int) -> None:
    rng = random.Random(seed)
    corridor = way(rng, anywhere(rng), 10 ** rng.uniform(0, 6))
    rings = [Outline(Polygon(tuple(ring))) for ring in rings_round_line(corridor)]
    for piece in Outline(corridor).pieces:
        place, travel_deg = piece.at(piece.length_m * rng.random())
        rim = from_place(place, travel_deg + rng.choice([90, -90]), corridor.half_width_m)
        assert any(ring.encloses_clearly(rim) for ring in rings), corridor
    end = from_place(corridor.line[0], rng.uniform(0, 360), corridor.half_width_m)
    assert any(ring.encloses_clearly(end) for ring in rings), corridor


@pytest.mark.parametrize("shape", [shape for shape in OVER_THE_SEAM if isinstance(shape, Polygon)])
def test_a_polygon_cut_at_180_degrees_is_shown_whole_and_no_more(shape: Polygon) -> None:
    rng = random.Random(repr(shape))
    parts = [shapely.Polygon(part) for part in cut_ring(shape)]
    assert all(part.exterior.is_ccw for part in parts)
    assert all(abs(lng) <= 180 and abs(lat) <= 90 for part in cut_ring(shape) for lng, lat in part)
    outline = Outline(shape)
    for _ in range(300):
        place = from_place(shape.vertices[0], rng.uniform(0, 360), 10 ** rng.uniform(3, 6.8))
        # Between points every 5 km a straight line strays from the geodesic by metres, near a pole by more.
        if outline_distance_m(Outline(Circle(place, 1.0)), outline) > 5_000:
            shown = any(part.covers(shapely.Point(place.lng_deg, place.lat_deg)) for part in parts)
            assert shown == outline.encloses(place), place


@pytest.mark.parametrize("shape", [shape for shape in OVER_THE_SEAM if isinstance(shape, Corridor)])
def test_a_line_cut_at_180_degrees_meets_there(shape: Corridor) -> None:
    parts = cut_line(shape)
    for before, after in pairwise(parts):
        assert (before[-1][0], before[-1][1]) == (-after[0][0], after[0][1])
        assert abs(before[-1][0]) == 180
    length_m = sum(piece.length_m for piece in Outline(shape).pieces)
    shown = [LatLng(lat, lng) for part in parts for lng, lat in part]
    assert sum(geodesic_distance_m(a, b) for a, b in pairwise(shown)) == pytest.approx(length_m)


# -------------------------------------------------------------------------------------------------------------- foreign


def flat_star(rng: random.Random) -> list[LatLng]:
    """A closed ring of a map, as a rule not convex, that does not reach 180 degrees."""
    size_deg = 10 ** rng.uniform(-4, 0.9)
    middle = LatLng(rng.uniform(-89 + size_deg, 89 - size_deg), rng.uniform(-180 + 2 * size_deg, 180 - 2 * size_deg))
    count = rng.choice([3, 4, 5, 8])
    stretch = rng.uniform(0.2, 2.0)
    ring = []
    for k in range(count):
        turn = math.tau / count * (k + rng.uniform(-0.3, 0.3))
        out_deg = size_deg * rng.uniform(0.3, 1.0)
        lat, lng = middle.lat_deg + out_deg * math.sin(turn), middle.lng_deg + stretch * out_deg * math.cos(turn)
        ring.append(LatLng(lat, lng))
    ring = ring if rng.random() < 0.5 else ring[::-1]
    return [*ring, ring[0]]


def off_m(place: LatLng, outlines: Sequence[Outline]) -> float:
    """How far the place lies outside of all of these footprints."""
    if any(outline.encloses_clearly(place) for outline in outlines):
        return 0.0
    point = Outline(Circle(place, 1.0))
    away_m = (outline_distance_m(point, o, give_up_m=1e6) - core(o.footprint)[2] for o in outlines)
    return max(0.0, min(away_m))


def on_map(a: LatLng, b: LatLng, share: float) -> LatLng:
    """The place on the edge that is straight on a map."""
    return LatLng(a.lat_deg + share * (b.lat_deg - a.lat_deg), a.lng_deg + share * (b.lng_deg - a.lng_deg))


def on_globe(a: LatLng, b: LatLng, share: float) -> LatLng:
    """The place on the geodesic."""
    line = geodesic().InverseLine(*a, *b)
    found = line.Position(share * line.s13)
    return LatLng(found["lat2"], found["lon2"])


def sampled(rng: random.Random, ring: list[LatLng]) -> list[LatLng]:
    """Places on the map's ring and inside it."""
    flat = shapely.Polygon([(point.lng_deg, point.lat_deg) for point in ring])
    west, south, east, north = flat.bounds
    spots = [(rng.uniform(west, east), rng.uniform(south, north)) for _ in range(12)]
    inside = [LatLng(lat, lng) for lng, lat in spots if flat.covers(shapely.Point(lng, lat))]
    k = rng.randrange(len(ring) - 1)
    return [*inside, *(on_map(ring[k], ring[k + 1], rng.random()) for _ in range(4))]


def crosses_itself(ring: list[LatLng]) -> bool:
    return not shapely.Polygon([(point.lng_deg, point.lat_deg) for point in ring]).is_valid


def outlines_of(footprints: Sequence[Footprint]) -> list[Outline]:
    return [Outline(footprint) for footprint in footprints]


def test_a_ring_that_is_straight_on_a_map_is_held_to_a_centimetre() -> None:
    for seed in range(60):
        rng = random.Random(f"straight {seed}")
        ring = flat_star(rng)
        if not crosses_itself(ring):
            outlines = outlines_of(straight_ring(ring, "ring"))
            for place in sampled(rng, ring):
                assert off_m(place, outlines) <= TOLERANCE_M + ROUNDING_M, (seed, place)


def test_a_ring_that_is_straight_on_a_map_holds_no_more_than_it() -> None:
    # An edge that strays outward would be a volume where nobody flies: the bound holds to both sides.
    rng = random.Random("both sides")
    ring = [LatLng(60.0, 0.0), LatLng(60.0, 8.0), LatLng(66.0, 8.0), LatLng(66.0, 0.0), LatLng(60.0, 0.0)]
    (found,) = straight_ring(ring, "ring")
    assert isinstance(found, Polygon)
    for a, b in pairwise(found.vertices):
        lat_deg = on_globe(a, b, rng.random()).lat_deg
        metres_per_degree = 111_700
        if a.lat_deg == b.lat_deg:
            assert abs(lat_deg - a.lat_deg) * metres_per_degree <= TOLERANCE_M + ROUNDING_M


def test_a_ring_of_too_many_points_is_widened_by_what_it_is_off() -> None:
    ring = [LatLng(40.0, -60.0), LatLng(40.0, 60.0), LatLng(70.0, 60.0), LatLng(70.0, -60.0), LatLng(40.0, -60.0)]
    area, rim = straight_ring(ring, "ring")
    assert isinstance(area, Polygon)
    assert isinstance(rim, Corridor)
    assert TOLERANCE_M < rim.half_width_m < 1.0
    rng = random.Random("widened")
    outlines = outlines_of([area, rim])
    for lat in (40.0, 70.0):
        assert off_m(LatLng(lat, rng.uniform(-60, 60)), outlines) == 0.0


def test_a_line_that_is_straight_on_a_map_is_held_by_its_corridor() -> None:
    for seed in range(60):
        rng = random.Random(f"line {seed}")
        a, b = flat_star(rng)[:2]
        outlines = outlines_of(straight_line([a, b], "line", half_width_m=1e-9))
        assert off_m(on_map(a, b, rng.random()), outlines) <= ROUNDING_M
        outlines = outlines_of(wrapped_line([a, b], "line", half_width_m=1e-9))
        assert off_m(on_map(a, b, rng.random()), outlines) <= ROUNDING_M
        assert off_m(on_globe(a, b, rng.random()), outlines) <= ROUNDING_M


def test_a_ring_of_kml_is_held_whichever_way_its_edges_run() -> None:
    read = 0
    for seed in range(60):
        rng = random.Random(f"either {seed}")
        ring = flat_star(rng)
        try:
            outlines = outlines_of(wrapped_ring(ring, "ring"))
        except PartyError:
            continue  # Either of the two rings may cross itself.
        read += 1
        k = rng.randrange(len(ring) - 1)
        places = [on_globe(ring[k], ring[k + 1], rng.random()) for _ in range(3)]
        for place in [*sampled(rng, ring), *places]:
            assert off_m(place, outlines) <= TOLERANCE_M + ROUNDING_M, (seed, place)
    assert read > 50


def test_over_180_degrees_a_ring_of_kml_goes_the_shorter_way() -> None:
    ring = [LatLng(50.0, 178.0), LatLng(50.0, -177.0), LatLng(53.0, -177.0), LatLng(53.0, 178.0)]
    outlines = outlines_of(wrapped_ring([*ring, ring[0]], "ring"))
    for lng in (178.0, 179.5, 180.0, -180.0, -178.5, -177.0):
        for lat in (50.0, 51.0, 53.0):
            assert off_m(LatLng(lat, lng), outlines) <= TOLERANCE_M + ROUNDING_M
    lines = wrapped_line(ring[:2], "line", half_width_m=1.0)
    assert len(lines) == 2
    assert all(outline.ball[1] < 200_000 for outline in outlines_of(lines))


@pytest.mark.parametrize("pole", [90.0, -90.0])
def test_a_cap_cut_open_on_a_map_is_the_area_round_its_pole(pole: float) -> None:
    rim = math.copysign(60.0, pole)
    ring = [
        LatLng(rim, -180),
        LatLng(rim, 0),
        LatLng(rim, 180),
        LatLng(pole, 180),
        LatLng(pole, -180),
        LatLng(rim, -180),
    ]
    outlines = outlines_of(straight_ring(ring, "ring"))
    for lng in (-180, -77, 66):
        assert off_m(LatLng(rim, lng), outlines) <= TOLERANCE_M + ROUNDING_M
        assert off_m(LatLng(pole / 2 + rim / 2, lng), outlines) == 0.0
        assert off_m(LatLng(rim * 0.99, lng), outlines) > 1_000


def test_the_greater_part_of_the_globe_is_refused_and_not_turned_into_the_smaller() -> None:
    ring = [LatLng(-60, -180), LatLng(-60, 180), LatLng(90, 180), LatLng(90, -180), LatLng(-60, -180)]
    with pytest.raises(PartyError) as refused:
        straight_ring(ring, "ring")
    assert refused.value.code == "footprint_too_large"


def test_parts_that_touch_at_180_degrees_leave_no_gap_between_them() -> None:
    parts = [
        [[[178.0, 50.0], [180.0, 50.0], [180.0, 53.0], [178.0, 53.0], [178.0, 50.0]]],
        [[[-180.0, 50.0], [-177.0, 50.0], [-177.0, 53.0], [-180.0, 53.0], [-180.0, 50.0]]],
    ]
    content = json.dumps({"type": "MultiPolygon", "coordinates": parts}).encode()
    (intent,) = read_geojson(content, "x").intents
    outlines = [Outline(volume.footprint) for volume in intent.volumes]
    rng = random.Random("seam")
    for lng in (179.9999999, 180.0, -180.0, -179.9999999):
        assert off_m(LatLng(rng.uniform(50, 53), lng), outlines) <= TOLERANCE_M + ROUNDING_M


def test_a_footprint_of_ours_is_where_it_was_once_its_record_is_lost() -> None:
    # A program that keeps no properties leaves a foreign shape: it is read by the map's rule, and near where it was.
    for seed in range(20):
        rng = random.Random(f"lost {seed}")
        found = random_footprint(rng, LatLng(rng.uniform(0, 3), rng.uniform(0, 3)), 5_000.0)
        if isinstance(found, Polygon):
            volume = Volume4D(found, AltitudeBand(None, None), TimeWindow(None, None))
            (feature,) = json.loads(write_geojson([Intent("A-1", "Amber", Kind.AIR, (volume,))]).content)["features"]
            (read,) = read_geojson(json.dumps({**feature, "properties": None}).encode(), "x").intents
            outline = Outline(read.volumes[0].footprint)
            assert off_m(found.vertices[0], [outline]) <= TOLERANCE_M


# ---------------------------------------------------------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2030Z", "2030-01-01T00:00:00Z", "2031-01-01T00:00:00Z"),
        ("2030-02Z", "2030-02-01T00:00:00Z", "2030-03-01T00:00:00Z"),
        ("2030-12Z", "2030-12-01T00:00:00Z", "2031-01-01T00:00:00Z"),
        ("2030-02-28Z", "2030-02-28T00:00:00Z", "2030-03-01T00:00:00Z"),
        ("2030-01", "2029-12-31T10:00:00Z", "2030-02-01T12:00:00Z"),
        ("2030-01-15T10:00Z", "2030-01-15T10:00:00Z", "2030-01-15T10:01:00Z"),
        ("2030-01-15T10:00:00+02:30", "2030-01-15T07:30:00Z", "2030-01-15T07:30:00Z"),
        ("2030-01-15T10:00:00-02:00", "2030-01-15T12:00:00Z", "2030-01-15T12:00:00Z"),
        ("2030-01-15T10:00:00", "2030-01-14T20:00:00Z", "2030-01-15T22:00:00Z"),
        ("2030-01-15T24:00:00Z", "2030-01-16T00:00:00Z", "2030-01-16T00:00:00Z"),
        ("2030-01-15T23:59:60Z", "2030-01-15T23:59:59Z", "2030-01-16T00:00:00Z"),
        ("2030-01-15T10:00:00.0000005Z", "2030-01-15T10:00:00Z", "2030-01-15T10:00:00.000001Z"),
    ],
)
def test_a_date_is_the_whole_period_that_it_can_mean(text: str, first: str, last: str) -> None:
    found = period(text)
    assert (found.first_us, found.last_us) == (
        parse_instant_us(first, end=False),
        parse_instant_us(last, end=True),
    )
    assert found.zoned == (text[-1] == "Z" or text[-6] in "+-")


@pytest.mark.parametrize("text", ["", "2030-13", "2030-02-30", "0000", "2030-01-15T25:00Z", "2030-1-5", "x" * 5000])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(PartyError) as refused:
        period(text)
    assert refused.value.code == "bad_time"


def test_at_the_ends_of_the_calendar_a_period_is_unbounded() -> None:
    assert period("0001").first_us is None
    assert period("9999").last_us is None
