"""The globe: where longitudes leap, where they meet, how geodesics bulge, and shapes that span a continent."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.vectors.conflict.reference import Edge
from tests.vectors.conflict.words import (
    CLEAR,
    CONFLICT,
    PLACES,
    POSSIBLE,
    Case,
    Group,
    Json,
    Point,
    apart_m,
    bearing_deg,
    between,
    box,
    circle,
    corridor,
    pair,
    place,
    polygon,
    rectangle,
    volume,
    walk,
)

LATITUDES: Final = (0.0, 45.0, -70.0)
NM_3_M: Final = 5_556.0


# -------------------------------------------------------------------------------------------------- antimeridian


def _antimeridian() -> Iterator[Case]:
    for lat in LATITUDES:
        yield from _across(lat)
    yield from _rings_across()


def _across(lat: float) -> Iterator[Case]:
    where = f"at {lat:g}"
    line = place(lat, 180.0)
    west, east = (rectangle(line, west_m=x, east_m=x + 2_000, south_m=-1_000, north_m=1_000) for x in (-2_110, 110))
    yield Case(f"220 m apart {where}", pair(west, east), CLEAR, "The blocks lie 220 m apart, one on each side of 180.")
    yield Case(
        f"220 m apart with a minimum {where}",
        pair(west, east),
        CONFLICT,
        "220 m across 180 degrees are less than 3 NM.",
        horizontal_m=NM_3_M,
    )
    over = rectangle(line, west_m=-500, east_m=2_500, south_m=-800, north_m=800)
    yield Case(f"overlap across {where}", pair(west, over), CONFLICT, "Both cover the 390 m west of 180 degrees.")
    discs = [circle(walk(line, bearing, 900.0), 1_000) for bearing in (270.0, 90.0)]
    yield Case(f"discs across {where}", pair(*discs), CONFLICT, "Two centres 1,800 m apart, two radii of 1,000 m.")
    way = corridor(300, walk(line, 250.0, 20_000.0), walk(line, 70.0, 20_000.0))
    yield Case(
        f"way across {where}", pair(way, circle(line, 100)), CONFLICT, "The corridor passes over the disc at 180."
    )
    other = circle(place(lat, 0.0), 5_000)
    yield Case(
        f"way across and the other side {where}",
        pair(way, other),
        CLEAR,
        "A corridor of 40 km across 180 degrees is nowhere near 0 degrees.",
    )
    signs = [box(lat - 0.05, lat + 0.05, 179.9, 180.0), box(lat - 0.05, lat + 0.05, -180.0, -179.9)]
    yield Case(
        f"180 and -180 {where}",
        pair(*signs),
        POSSIBLE,
        "180 and -180 are one meridian: the blocks share an edge, and closed footprints meet there.",
    )


def _rings_across() -> Iterator[Case]:
    ring = polygon((-1.0, 179.0), (-1.0, -179.0), (1.0, -179.0), (1.0, 179.0))
    for name, center, expected, why in (
        ("its middle", (0.0, 180.0), CONFLICT, "The disc lies in the middle of the ring."),
        ("its middle by the other name", (0.0, -180.0), CONFLICT, "-180 is 180: the middle of the ring."),
        ("its west", (0.3, 179.3), CONFLICT, "The disc lies within the ring, west of 180."),
        ("its east", (-0.3, -179.3), CONFLICT, "The disc lies within the ring, east of 180."),
        ("the far side", (0.0, 0.0), CLEAR, "The ring is 2 degrees wide and not 358: 0 E is outside."),
        ("a little west", (0.0, 178.9), CLEAR, "0.1 degrees, 11 km, west of the ring."),
        ("a little east", (0.0, -178.9), CLEAR, "0.1 degrees, 11 km, east of the ring."),
    ):
        yield Case(f"ring across and {name}", pair(ring, circle(center, 2_000)), expected, why)
    wide = polygon((50.0, 160.0), (50.0, -160.0), (52.0, -160.0), (52.0, 160.0))
    yield Case(
        "40 degrees wide, inside",
        pair(wide, circle((52.5, 180.0), 5_000)),
        CONFLICT,
        "The ring spans 40 degrees across 180, and its edges bulge: at 180 it reaches from 51.7 to 53.7 N.",
    )
    yield Case("40 degrees wide, outside", pair(wide, circle((51.0, 0.0), 5_000)), CLEAR, "0 E is half a globe away.")
    split = [box(-1.0, 1.0, 179.0, 180.0), box(-1.0, 1.0, -180.0, -179.0)]
    yield Case(
        "ring and one of its halves",
        pair(ring, split[1]),
        CONFLICT,
        "The eastern half lies within the ring.",
        witness=(0.0, -179.5),
    )
    sliver = polygon((10.0, 179.99), (10.0, -179.99), (10.5, 180.0))
    yield Case(
        "sliver and its neighbour",
        pair(sliver, circle((10.1, -179.995), 100)),
        CONFLICT,
        "The disc's centre lies within a triangle that straddles 180.",
    )
    yield Case(
        "sliver and what passes by",
        pair(sliver, circle((10.4, -179.985), 100)),
        CLEAR,
        "Near its tip the triangle is narrower: the disc passes a kilometre east of it.",
    )


def antimeridian() -> Group:
    return Group(
        "antimeridian",
        "Shapes at 180 degrees, where longitudes leap and nothing else happens.",
        list(_antimeridian()),
    )


# --------------------------------------------------------------------------------------------------------- poles


@dataclass(frozen=True, slots=True)
class _Pole:
    """One of the two."""

    name: str
    sign: int

    def at(self, lat: float, lng: float) -> Point:
        """The point at this latitude north, or as far south."""
        return place(self.sign * lat, lng)

    def case(self, what: str, both: tuple[Json, Json], expected: str, why: str, *, minimum_m: float = 0.0) -> Case:
        return Case(f"{what} {self.name}", pair(*both), expected, why, horizontal_m=minimum_m)


def _poles() -> Iterator[Case]:
    for pole in (_Pole("north", 1), _Pole("south", -1)):
        yield from _rings_round(pole)
        yield from _discs_at(pole)
        yield from _edges_over(pole)


def _rings_round(pole: _Pole) -> Iterator[Case]:
    at, case = pole.at, pole.case
    ring = polygon(*(at(88.0, lng) for lng in range(-180, 180, 60)))
    yield case(
        "ring round it",
        (ring, circle(at(90.0, 0.0), 100)),
        CONFLICT,
        "The ring goes round the pole, so the pole is inside.",
    )
    yield case("ring round it, beside", (ring, circle(at(89.5, 77.0), 100)), CONFLICT, "55 km from the pole, inside.")
    yield case("ring round it, outside", (ring, circle(at(87.0, 20.0), 100)), CLEAR, "Two degrees and more outside.")
    yield case(
        "ring round it, between",
        (ring, circle(at(88.1, 30.0), 100)),
        CLEAR,
        "Between two corners the edge runs at 88.27, so that 88.1 is outside although the corners lie at 88.",
    )
    square = polygon(*(at(89.0, lng) for lng in (0.0, 90.0, 180.0, -90.0)))
    yield case(
        "square round it, between",
        (square, circle(at(89.2, 45.0), 1_000)),
        CLEAR,
        "Half way between two corners the edge runs at 89.29, not at 89.",
    )
    yield case("square round it, within", (square, circle(at(89.4, 45.0), 1_000)), CONFLICT, "89.4 is inside of 89.29.")


def _discs_at(pole: _Pole) -> Iterator[Case]:
    at, case = pole.at, pole.case
    names = circle(at(90.0, 0.0), 2_000), circle(at(90.0, 123.0), 2_000)
    yield case("two longitudes of one pole", names, CONFLICT, "The pole has every longitude: the discs are one.")
    yield case(
        "cap and a disc",
        (circle(at(90.0, -77.0), 5_000), circle(at(89.95, 137.0), 1_000)),
        CONFLICT,
        "5.6 km from the pole; radii of 5 and 1 km.",
    )
    yield case(
        "cap and a disc apart",
        (circle(at(90.0, -77.0), 5_000), circle(at(89.94, 137.0), 1_000)),
        CLEAR,
        "6.7 km from the pole; radii of 5 and 1 km.",
    )
    across = circle(at(89.99, 0.0), 100), circle(at(89.99, 180.0), 100)
    yield case(
        "across it with 3 km",
        across,
        CONFLICT,
        "The way over the pole is 2,234 m, less 200 m of radii.",
        minimum_m=3_000.0,
    )
    yield case(
        "across it with 2 km",
        across,
        CLEAR,
        "The way over the pole is 2,234 m, less 200 m of radii.",
        minimum_m=2_000.0,
    )
    turned = circle(at(89.99, 10.0), 300), circle(at(89.99, 50.0), 300)
    yield case(
        "40 degrees of longitude apart",
        turned,
        CLEAR,
        "1,117 m from the pole 40 degrees are 764 m, less 600 m of radii.",
    )
    yield case(
        "40 degrees of longitude apart with 200 m",
        turned,
        CONFLICT,
        "164 m are left, less than 200 m.",
        minimum_m=200.0,
    )


def _edges_over(pole: _Pole) -> Iterator[Case]:
    at, case = pole.at, pole.case
    way = corridor(20, at(89.5, -140.0), at(89.3, 40.0))
    yield case(
        "way over it",
        (way, circle(at(90.0, 0.0), 10)),
        CONFLICT,
        "The two ends lie on opposite meridians: over the pole.",
    )
    yield case(
        "way over it, beside",
        (way, circle(at(89.9, -50.0), 1_000)),
        CLEAR,
        "The way leads over the pole, 11 km from the disc, and not round it.",
    )
    slice_ = polygon(at(90.0, 0.0), at(89.0, 10.0), at(89.0, 60.0))
    yield case("corner on it, within", (slice_, circle(at(89.6, 35.0), 100)), CONFLICT, "Inside a slice from the pole.")
    yield case("corner on it, beside", (slice_, circle(at(89.6, 80.0), 100)), CLEAR, "20 degrees beside the slice.")
    other = polygon(at(90.0, 200.0 - 360.0), at(89.0, 190.0 - 360.0), at(89.0, 240.0 - 360.0))
    yield case(
        "two corners on it",
        (slice_, other),
        POSSIBLE,
        "Two slices share the pole, named by two longitudes: they touch there, and footprints are closed.",
    )
    half = polygon(at(89.0, -10.0), at(89.0, 170.0), at(88.5, 80.0))
    yield case(
        "edge over it", (half, circle(at(89.8, 80.0), 1_000)), CONFLICT, "On the side of the edge where the area is."
    )
    yield case("edge over it, beside", (half, circle(at(89.8, -100.0), 1_000)), CLEAR, "On the other side of the edge.")


def poles() -> Group:
    return Group("poles", "Shapes round, over and beside a pole, which has every longitude.", list(_poles()))


# ------------------------------------------------------------------------------------------------ geodesic-bulge


def _bulges() -> Iterator[Case]:
    for lat, wide, radius_m in (
        (60.0, 5.0, 300.0),
        (60.0, 1.0, 20.0),
        (45.0, 10.0, 800.0),
        (30.0, 20.0, 2_000.0),
        (10.0, 20.0, 1_000.0),
        (75.0, 5.0, 200.0),
        (-60.0, 5.0, 300.0),
        (-35.0, 15.0, 1_000.0),
    ):
        yield from _beside_a_parallel(lat, wide, radius_m)
    yield from _bulging_ways()


def _beside_a_parallel(lat: float, wide: float, radius_m: float) -> Iterator[Case]:
    """A block whose edges join points of one latitude, and discs half way between parallel and geodesic."""
    west, east = place(lat, -wide / 2), place(lat, wide / 2)
    crest = between(west, east)
    bulge_m = apart_m(crest, (lat, crest[1]))
    half_way = place((crest[0] + lat) / 2, 0.0)
    name = f"{wide:g} degrees at {lat:g}"
    away = 1 if lat > 0 else -1  # towards the pole
    assert bulge_m > 2.2 * radius_m
    low = polygon(west, east, place(lat - away * 1.0, wide / 2), place(lat - away * 1.0, -wide / 2))
    high = polygon(west, east, place(lat + away * 1.0, wide / 2), place(lat + away * 1.0, -wide / 2))
    facts = f"between two points at latitude {lat:g} the geodesic runs {bulge_m:,.0f} m nearer to the pole"
    yield Case(
        f"within the bulge of {name}", pair(low, circle(half_way, radius_m)), CONFLICT, f"The disc is inside: {facts}."
    )
    yield Case(
        f"outside the bay of {name}", pair(high, circle(half_way, radius_m)), CLEAR, f"The disc is outside: {facts}."
    )
    gap_m = Edge(west, east).distance_m(half_way) - radius_m
    yield Case(
        f"near the bay of {name}",
        pair(high, circle(half_way, radius_m)),
        CONFLICT,
        f"{gap_m:,.0f} m off, with a minimum of {gap_m + 50:,.0f} m: {facts}.",
        horizontal_m=round(gap_m) + 50.0,
    )
    beyond = walk(crest, 0.0 if lat > 0 else 180.0, 2 * radius_m)
    yield Case(
        f"beyond the bulge of {name}",
        pair(low, circle(beyond, radius_m)),
        CLEAR,
        f"The disc lies {radius_m:,.0f} m beyond the geodesic, which is as far as the block reaches.",
    )


def _bulging_ways() -> Iterator[Case]:
    for lat, wide in ((60.0, 10.0), (-50.0, 12.0), (70.0, 4.0)):
        west, east = place(lat, 20.0), place(lat, 20.0 + wide)
        crest = between(west, east)
        way = corridor(500, west, east)
        yield Case(
            f"way at its crest at {lat:g}",
            pair(way, circle(crest, 100)),
            CONFLICT,
            f"The geodesic's crest lies {apart_m(crest, (lat, crest[1])):,.0f} m off the parallel.",
        )
        flat = place(lat, 20.0 + wide / 2)
        yield Case(
            f"way at the parallel at {lat:g}",
            pair(way, circle(flat, 100)),
            CLEAR,
            f"The parallel's middle lies {apart_m(crest, flat):,.0f} m off the way.",
        )
    # North to south and along the equator nothing bulges.
    north = corridor(500, place(20.0, 3.0), place(30.0, 3.0))
    yield Case("way along a meridian", pair(north, circle((25.0, 3.0), 100)), CONFLICT, "Meridians are geodesics.")
    level = corridor(500, place(0.0, -9.0), place(0.0, 9.0))
    yield Case("way along the equator", pair(level, circle((0.0, 1.0), 100)), CONFLICT, "The equator is a geodesic.")
    slanted = place(50.0, -30.0), place(58.0, -10.0)
    foot = between(*slanted)
    straight = place(54.0, -20.0)
    yield Case(
        "way aslant at its middle",
        pair(corridor(1_000, *slanted), circle(foot, 500)),
        CONFLICT,
        "The middle of the geodesic.",
    )
    yield Case(
        "way aslant at the middle of degrees",
        pair(corridor(1_000, *slanted), circle(straight, 500)),
        CLEAR,
        f"The middle of the degrees lies {Edge(*slanted).distance_m(straight):,.0f} m off the geodesic.",
    )


def geodesic_bulge() -> Group:
    return Group(
        "geodesic-bulge",
        "Edges are geodesics: between two points of one latitude they run nearer to the pole than the parallel.",
        list(_bulges()),
    )


# --------------------------------------------------------------------------------------------------------- giant


def _giants() -> Iterator[Case]:
    yield from _great_discs()
    yield from _great_triangles()
    yield from _great_ways()
    yield from _far_minima()


def _great_discs() -> Iterator[Case]:
    here = PLACES["bahr"]
    for radius_m in (1_000_000, 3_000_000, 4_900_000):
        for bearing in (0.0, 60.0, 90.0, 200.0):
            inside = bearing in {0.0, 200.0}
            gap_m = -1_000 if inside else 1_000
            center = walk(here, bearing, radius_m + 500.0 + gap_m)
            told = "1 km within" if inside else "1 km off"
            yield Case(
                f"{radius_m // 1000} km disc at {bearing:g} degrees",
                pair(circle(here, radius_m), circle(center, 500)),
                CONFLICT if inside else CLEAR,
                f"The small disc's rim lies {told} that of the great one; on a sphere it would be off by kilometres.",
            )


def _great_triangles() -> Iterator[Case]:
    for name, corners in (
        ("north", (place(10.0, -40.0), place(15.0, 20.0), place(60.0, -10.0))),
        ("across", (place(-20.0, 150.0), place(-10.0, -160.0), place(-55.0, 175.0))),
    ):
        middle = between(between(corners[0], corners[1]), corners[2], 1 / 3)
        triangle = polygon(*corners)
        yield Case(f"middle of a triangle {name}", pair(triangle, circle(middle, 50)), CONFLICT, "Deep inside.")
        for k in range(3):
            a, b = corners[k], corners[(k + 1) % 3]
            foot = between(a, b, 0.3)
            square = bearing_deg(foot, b) + 90
            sides = [walk(foot, square + turn, 2_000.0) for turn in (0.0, 180.0)]
            inward, outward = sorted(sides, key=lambda p: apart_m(p, middle))
            yield Case(
                f"within edge {k} of a triangle {name}",
                pair(triangle, circle(inward, 500)),
                CONFLICT,
                f"2 km within an edge of {apart_m(a, b) / 1000:,.0f} km.",
            )
            yield Case(
                f"off edge {k} of a triangle {name}",
                pair(triangle, circle(outward, 500)),
                CLEAR,
                f"1.5 km off an edge of {apart_m(a, b) / 1000:,.0f} km.",
            )


def _great_ways() -> Iterator[Case]:
    start = place(1.0, 2.0)
    for bearing in (45.0, 300.0):
        end = walk(start, bearing, 7_000_000.0)
        foot = between(start, end, 0.61)
        aside = bearing_deg(foot, end) + 90
        way = corridor(10_000, start, end)
        yield Case(
            f"beside a way of 7,000 km at {bearing:g} degrees, within",
            pair(way, circle(walk(foot, aside, 10_100.0), 600)),
            CONFLICT,
            "The disc reaches 500 m into the corridor.",
        )
        yield Case(
            f"beside a way of 7,000 km at {bearing:g} degrees, off",
            pair(way, circle(walk(foot, aside, 11_100.0), 600)),
            CLEAR,
            "The disc keeps 500 m from the corridor.",
        )


def _far_minima() -> Iterator[Case]:
    here, there = place(1.0, 1.0), walk(place(1.0, 1.0), 10.0, 900_000.0)
    for minimum_m, expected in ((898_500.0, CONFLICT), (897_500.0, CLEAR)):
        yield Case(
            f"a minimum of {minimum_m / 1000:g} km",
            pair(circle(here, 1_000), circle(there, 1_000)),
            expected,
            "900 km between the centres, 898 km between the rims.",
            horizontal_m=minimum_m,
        )
    winding = [place(0.0, 0.0), place(0.0, 40.0), place(30.0, 40.0), place(30.0, 0.0)]
    for name, corners in (("one way round", winding), ("the other way round", winding[::-1])):
        ring = polygon(*corners)
        yield Case(
            f"smaller area {name}, inside",
            pair(ring, circle((15.0, 20.0), 100)),
            CONFLICT,
            "Inside is the smaller of the two areas, whatever the winding.",
        )
        yield Case(
            f"smaller area {name}, outside",
            pair(ring, circle((-15.0, 20.0), 100)),
            CLEAR,
            "Outside is the larger of the two areas, whatever the winding.",
        )
    great = volume(circle(PLACES["bahr"], 4_000_000))
    small = [volume(circle(place(lat, lng), 100)) for lat, lng in ((70.0, 120.0), (-60.0, -150.0), (0.0, 35.0))]
    yield Case(
        "one of three in a great disc", [*small, great], CONFLICT, "Only the last small disc lies in the great one."
    )
    yield Case("none of two in a great disc", [*small[:2], great], CLEAR, "Both lie thousands of kilometres off.")


def giant() -> Group:
    return Group(
        "giant",
        "Shapes thousands of kilometres wide, and what lies a kilometre within and off their borders.",
        list(_giants()),
    )
