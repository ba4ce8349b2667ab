"""Shapes: circles that are no polygons, one shape within another, and corridors with round ends."""

import math
from collections.abc import Iterator
from typing import Final

from tests.vectors.conflict.words import (
    CLEAR,
    CONFLICT,
    PLACES,
    Case,
    Group,
    Point,
    apart_m,
    bearing_deg,
    between,
    circle,
    corridor,
    pair,
    polygon,
    rectangle,
    shifted,
    slug,
    walk,
)

BAHR: Final = PLACES["bahr"]
HALF_A_CORNER_DEG: Final = 360 / 128
"""From a corner of a regular 64-gon to the middle of its side."""
LACK_64: Final = 1 - math.cos(math.pi / 64)
"""So much of the radius a 64-gon inscribed in a circle lacks in the middle of its sides: 0.12 %."""
NM_5_M: Final = 9_260.0


# ------------------------------------------------------------------------------------------------------- circles


def _rim_cases(name: str, here: Point, radius_m: float, bearing: float, minimum_m: float = 0.0) -> Iterator[Case]:
    lack_m = LACK_64 * radius_m
    for sign, expected in ((-1, CONFLICT), (1, CLEAR)):
        gap_m = sign * 0.5 * lack_m
        small_m = radius_m / 100
        center = walk(here, bearing, radius_m + small_m + minimum_m + gap_m)
        told = "overlap by" if sign < 0 else "are apart by"
        if minimum_m:
            told = "come nearer than the minimum by" if sign < 0 else "are further apart than the minimum by"
        where = "into" if sign < 0 else "off"
        yield Case(
            f"{where} the rim {name}",
            pair(circle(here, radius_m), circle(center, small_m)),
            expected,
            f"The rims {told} {abs(gap_m):,.2f} m; a 64-gon in the circle lacks up to {lack_m:,.2f} m, one round it "
            "has as much too many.",
            horizontal_m=minimum_m,
        )


def _circles() -> Iterator[Case]:
    for name, here in PLACES.items():
        yield from _rim_cases(slug(name), here, 20_000, HALF_A_CORNER_DEG)
    for radius_m in (300, 1_000, 100_000, 400_000):
        yield from _rim_cases(f"of {radius_m} m", BAHR, radius_m, 90 - HALF_A_CORNER_DEG)
    for k in (5, 11, 23, 40):
        bearing = (2 * k + 1) * HALF_A_CORNER_DEG
        yield from _rim_cases(f"at {bearing:g} degrees", PLACES["south"], 50_000, bearing)
    for name in ("bahr", "north"):
        yield from _rim_cases(f"at 5 NM {name}", PLACES[name], 30_000, 180 + HALF_A_CORNER_DEG, NM_5_M)
    # At 68 N a degree of longitude is 0.37 of one of latitude, and a parallel is no straight line.
    for bearing in (0.0, 45.0, 90.0, 270.0):
        for gap_m, expected in ((-30.0, CONFLICT), (30.0, CLEAR)):
            here = PLACES["north"]
            center = walk(here, bearing, 50_200 + gap_m)
            word = "overlap by" if gap_m < 0 else "are apart by"
            yield Case(
                f"high latitude {bearing:g} degrees {'in' if gap_m < 0 else 'out'}",
                pair(circle(here, 50_000), circle(center, 200)),
                expected,
                f"At 68 N the rims {word} 30 m; measured in degrees a circle is none.",
            )
    corner = walk(BAHR, HALF_A_CORNER_DEG, 19_990.0)
    dart = polygon(corner, shifted(corner, -2_000, 4_000), shifted(corner, 2_000, 4_000))
    yield Case(
        "a corner within the rim",
        pair(circle(BAHR, 20_000), dart),
        CONFLICT,
        "The corner lies 10 m inside the circle, outside of the 64-gon in it.",
    )
    corner = walk(BAHR, 45.0, 20_010.0)
    dart = polygon(corner, shifted(corner, 0, 4_000), shifted(corner, 4_000, 0))
    yield Case(
        "a corner of the box round a circle",
        pair(circle(BAHR, 20_000), dart),
        CLEAR,
        "The corner lies 10 m outside of the circle, far inside the box round it.",
    )
    yield Case(
        "circles half a metre wide",
        pair(circle(BAHR, 0.5), circle(walk(BAHR, 200.0, 1.1), 0.5)),
        CLEAR,
        "The rims are 10 cm apart.",
    )
    yield Case(
        "circles half a metre wide, met",
        pair(circle(BAHR, 0.5), circle(walk(BAHR, 200.0, 0.9), 0.5)),
        CONFLICT,
        "The rims overlap by 10 cm.",
    )


def circles() -> Group:
    return Group(
        "circles",
        "Rims that overlap or miss by half of what a 64-gon in the circle lacks.",
        list(_circles()),
    )


# --------------------------------------------------------------------------------------------------- containment


def _containment() -> Iterator[Case]:
    for name, here in PLACES.items():
        yield from _nested(slug(name), here)
        yield from _bays(slug(name), here)
    yield from _in_and_on_a_horseshoe()
    yield from _odd_shapes()


def _nested(name: str, here: Point) -> Iterator[Case]:
    square = rectangle(here, west_m=-9_000, east_m=9_000, south_m=-9_000, north_m=9_000)
    yield Case(
        f"disc in a block {name}",
        pair(square, circle(shifted(here, 4_000, 3_000), 50)),
        CONFLICT,
        "The disc lies whole inside the block; no border meets another.",
    )
    inner = rectangle(here, west_m=2_000, east_m=2_100, south_m=-7_000, north_m=-6_900)
    yield Case(
        f"block in a disc {name}",
        pair(inner, circle(here, 9_000)),
        CONFLICT,
        "The block lies whole inside the disc; no border meets another.",
    )
    flat = rectangle(here, west_m=-3_000, east_m=9_000, south_m=-500, north_m=500)
    tall = rectangle(here, west_m=-500, east_m=500, south_m=-6_000, north_m=9_000)
    yield Case(
        f"crossed bars {name}",
        pair(flat, tall),
        CONFLICT,
        "Two bars cross; no corner of one and no middle of an edge lies in the other.",
        witness=here,
    )


def _horseshoe(here: Point) -> tuple[Point, ...]:
    """Open to the north; what lies in its bay is outside."""
    corners = [(-9, -9), (9, -9), (9, 9), (7, 9), (7, -7), (-7, -7), (-7, 9), (-9, 9)]
    return tuple(shifted(here, 1_000 * x, 1_000 * y) for x, y in corners)


def _bays(name: str, here: Point) -> Iterator[Case]:
    shoe = polygon(*_horseshoe(here))
    yield Case(
        f"in the bay {name}",
        pair(shoe, circle(here, 4_000)),
        CLEAR,
        "The disc lies in the bay of a horseshoe, 3 km from its sides: inside its box and hull, not inside it.",
    )
    across = corridor(50, shifted(here, -5_000, 2_000), shifted(here, 8_000, 2_000))
    yield Case(
        f"across one side {name}",
        pair(shoe, across),
        CONFLICT,
        "The corridor runs from the bay into one side of the horseshoe.",
    )


def _in_and_on_a_horseshoe() -> Iterator[Case]:
    here = BAHR
    shoe = _horseshoe(here)
    block = rectangle(here, west_m=-6_000, east_m=6_000, south_m=-6_000, north_m=8_500)
    yield Case("block in the bay", pair(polygon(*shoe), block), CLEAR, "A kilometre lies between block and horseshoe.")
    yield Case(
        "block in the bay with a minimum",
        pair(polygon(*shoe), block),
        CONFLICT,
        "A kilometre is less than 3 NM.",
        horizontal_m=5_556.0,
    )
    hook = [(0, 0), (2, 0), (2, 14), (-2, 14), (-2, 12), (0, 12)]
    hooked = polygon(*(shifted(here, 1_000 * x - 1_000, 1_000 * y) for x, y in hook))
    yield Case(
        "hook over the end",
        pair(polygon(*shoe), hooked),
        CLEAR,
        "A hook hangs in the bay, 3 km or more from every side; neither box holds the other.",
    )
    yield Case(
        "equal",
        pair(polygon(*shoe), polygon(*shoe)),
        CONFLICT,
        "Equal shapes overlap in all they are.",
        witness=shifted(here, -8_000, 0),
    )
    turned = (*shoe[3:], *shoe[:3])
    yield Case(
        "equal from another corner",
        pair(polygon(*shoe), polygon(*reversed(turned))),
        CONFLICT,
        "Equal shapes, begun elsewhere and wound the other way.",
        witness=shifted(here, -8_000, 0),
    )


def _odd_shapes() -> Iterator[Case]:
    here = BAHR
    corners = [shifted(here, x, y) for x, y in ((-900, -500), (900, -500), (900, 500), (-900, 500))]
    half = polygon(corners[0], between(corners[0], corners[1]), between(corners[3], corners[2]), corners[3])
    yield Case(
        "half of a block",
        pair(polygon(*corners), half),
        CONFLICT,
        "The half shares three edges with the whole; none of its corners lies inside by more than rounding.",
        witness=shifted(here, -450, 0),
    )
    star = [shifted(here, *_polar(k * 36.0, 9_000 if k % 2 else 3_500)) for k in range(10)]
    yield Case(
        "between two rays of a star",
        pair(polygon(*star), circle(shifted(here, 0, 6_500), 800)),
        CLEAR,
        "The disc lies between two rays, inside the hull of the star.",
    )
    yield Case(
        "in a ray of a star",
        pair(polygon(*star), circle(walk(here, 36.0, 6_500), 400)),
        CONFLICT,
        "The disc's centre lies inside a ray.",
    )
    slash = polygon(
        *(shifted(here, x, y) for x, y in ((-9_000, -9_000), (-8_900, -9_000), (9_000, 9_000), (8_900, 9_000)))
    )
    yield Case(
        "beside a diagonal",
        pair(slash, circle(shifted(here, 5_000, -5_000), 4_000)),
        CLEAR,
        "A strip 100 m wide runs from corner to corner of its box, which is else empty.",
    )
    stairs = [corner for k in range(5) for corner in ((k, k), (k + 1, k))]
    lower = polygon(*(shifted(here, 1_000 * x, 1_000 * y) for x, y in [*stairs, (5, -1), (0, -1)]))
    upper = polygon(*(shifted(here, 1_000 * x - 60, 1_000 * y + 60) for x, y in [*stairs, (5, 5), (0, 5)]))
    yield Case(
        "two flights of stairs",
        pair(lower, upper),
        CLEAR,
        "The steps are 60 m apart all the way; the boxes overlap nearly whole.",
    )
    wide = rectangle(here, west_m=-9_000, east_m=9_000, south_m=-9_000, north_m=9_000)
    thin = corridor(0.5, shifted(here, 100, 100), shifted(here, 100, 101))
    yield Case("a metre within 18 km", pair(wide, thin), CONFLICT, "A corridor of one metre lies inside the block.")


def _polar(bearing: float, distance_m: float) -> tuple[float, float]:
    return distance_m * math.sin(math.radians(bearing)), distance_m * math.cos(math.radians(bearing))


def containment() -> Group:
    return Group(
        "containment",
        "One shape within another, across it, in its bay, or equal to it.",
        list(_containment()),
    )


# ----------------------------------------------------------------------------------------------------- corridors


def _corridors() -> Iterator[Case]:
    for name, here in PLACES.items():
        yield from _ends(slug(name), here)
    yield from _bends()
    yield from _ways()


def _ends(name: str, here: Point) -> Iterator[Case]:
    """The ends are round: 1,000 m, so a disc aslant of an end is met at 1,000 m and not at 1,414."""
    start = walk(here, 240.0, 6_000.0)
    way = corridor(1_000, start, here)
    onward = bearing_deg(here, start) + 180
    for turn, far_m, expected, why in (
        (0.0, 1_050.0, CONFLICT, "The disc's rim lies 50 m within the round end."),
        (0.0, 1_150.0, CLEAR, "The disc's rim lies 50 m beyond the round end."),
        (45.0, 1_050.0, CONFLICT, "Aslant of the end the round end reaches as far as straight on."),
        (45.0, 1_200.0, CLEAR, "Aslant of the end a square end would reach 414 m further than the round one."),
    ):
        disc = circle(walk(here, onward + turn, far_m), 100)
        yield Case(f"{far_m:g} m off an end at {turn:g} degrees {name}", pair(way, disc), expected, why)


def _bends() -> Iterator[Case]:
    here = BAHR
    first, last = walk(here, 180.0, 8_000.0), walk(here, 90.0, 8_000.0)
    way = corridor(1_000, first, here, last)
    outside = walk(here, 315.0, 1_250.0)
    yield Case(
        "outside of a bend",
        pair(way, circle(outside, 100)),
        CLEAR,
        "Outside of a bend the corridor is round; a mitred one would reach 1,414 m.",
    )
    yield Case(
        "at the rim of a bend",
        pair(way, circle(walk(here, 315.0, 1_050.0), 100)),
        CONFLICT,
        "The disc's rim lies 50 m within the round of the bend; a bevelled corner would miss it.",
    )
    yield Case(
        "inside of a bend",
        pair(way, circle(shifted(here, 1_500, -1_500), 400)),
        CLEAR,
        "Inside of the bend the disc keeps 100 m from both stretches.",
    )
    middle = between(first, last)
    yield Case(
        "where a ring would close",
        pair(way, circle(middle, 500)),
        CLEAR,
        "A line is no ring: nothing joins its last point to its first.",
    )
    back = corridor(1_000, first, here, last, here)
    yield Case(
        "there and back",
        pair(back, circle(walk(here, 90.0, 4_000.0), 10)),
        CONFLICT,
        "A line may run back along itself; its points are still in the corridor.",
    )


def _ways() -> Iterator[Case]:
    here = BAHR
    eastward = corridor(100, walk(here, 270.0, 9_000.0), walk(here, 90.0, 8_000.0))
    yield Case(
        "crossing ways",
        pair(eastward, corridor(100, walk(here, 180.0, 7_000.0), walk(here, 0.0, 9_000.0))),
        CONFLICT,
        "The two lines cross; no end of one is near the other.",
        witness=here,
    )
    ahead = walk(here, 0.0, 250.0)
    yield Case(
        "ways side by side",
        pair(eastward, corridor(100, walk(ahead, 270.0, 9_000.0), walk(ahead, 90.0, 8_000.0))),
        CLEAR,
        "250 m between the lines, 200 m of half-widths.",
    )
    ahead = walk(here, 0.0, 150.0)
    yield Case(
        "ways that overlap side by side",
        pair(eastward, corridor(100, walk(ahead, 270.0, 9_000.0), walk(ahead, 90.0, 8_000.0))),
        CONFLICT,
        "150 m between the lines, 200 m of half-widths.",
    )
    head = corridor(100, walk(here, 90.0, 8_250.0), walk(here, 90.0, 16_000.0))
    yield Case("one way after the other", pair(eastward, head), CLEAR, "250 m between the ends, 200 m of half-widths.")
    knot = [walk(here, bearing, 5_000.0) for bearing in (0.0, 144.0, 288.0, 72.0, 216.0)]
    yield Case(
        "a way that crosses itself",
        pair(corridor(200, *knot, knot[0]), circle(here, 800)),
        CLEAR,
        "A line drawn as a star with five points encloses nothing: its middle is free, 1,545 m from the line.",
    )
    far = walk(here, 80.0, 300_000.0)
    foot = between(here, far, 0.4)
    aside = walk(foot, bearing_deg(foot, far) + 90, 1_000.0)
    for radius_m, expected in ((450, CLEAR), (550, CONFLICT)):
        yield Case(
            f"beside a way of 300 km, {radius_m} m",
            pair(corridor(500, here, far), circle(aside, radius_m)),
            expected,
            f"1,000 m from the geodesic, 500 m of half-width and {radius_m} m of radius.",
        )
    assert apart_m(here, far) > 299_000


def corridors() -> Group:
    return Group(
        "corridors",
        "All points within the half-width of a line: round ends, round bends, no way home.",
        list(_corridors()),
    )
