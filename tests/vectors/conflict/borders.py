"""Borders: footprints that touch, and gaps a millimetre on each side of the tolerance."""

from collections.abc import Iterator
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
    box,
    circle,
    corridor,
    limit,
    pair,
    place,
    polygon,
    rectangle,
    shifted,
    slug,
    volume,
    walk,
)

CLOSED: Final = "footprints are closed, so they meet; but rounding may turn it, so it is possible and not certain"
BAHR: Final = PLACES["bahr"]


def _touching() -> Iterator[Case]:
    for name, here in PLACES.items():
        yield from _blocks(slug(name), here)
    yield from _lines_that_lie_on_each_other()
    yield from _rims()
    yield from _with_heights_and_minima()


def _square(here: Point, x: int, y: int, *, turned: bool = False) -> Json:
    """A field of a board of 1 km squares."""
    corners = [shifted(here, (x + i) * 1_000, (y + j) * 1_000) for i, j in ((0, 0), (1, 0), (1, 1), (0, 1))]
    return polygon(*(reversed(corners) if turned else corners))


def _blocks(name: str, here: Point) -> Iterator[Case]:
    left = _square(here, -1, 0)
    yield Case(f"edge {name}", pair(left, _square(here, 0, 0)), POSSIBLE, f"One edge, two squares: {CLOSED}.")
    yield Case(f"corner {name}", pair(left, _square(here, 0, 1)), POSSIBLE, f"One corner, two squares: {CLOSED}.")
    near = rectangle(here, west_m=1, east_m=1_000, south_m=100, north_m=900)
    yield Case(f"a metre apart {name}", pair(left, near), CLEAR, "A metre lies between the blocks.")
    over = rectangle(here, west_m=-1, east_m=1_000, south_m=100, north_m=900)
    yield Case(f"a metre over {name}", pair(left, over), CONFLICT, "Two corners lie a metre inside the other block.")


def _lines_that_lie_on_each_other() -> Iterator[Case]:
    """Only the equator and meridians are geodesics whose points one can write down."""
    north, south = box(0.0, 0.1, 1.0, 1.1), box(-0.1, 0.0, 1.05, 1.2)
    yield Case("part of the equator", pair(north, south), POSSIBLE, f"Both have edges along the equator: {CLOSED}.")
    west, east = box(1.0, 1.1, 0.9, 1.0), box(1.05, 1.2, 1.0, 1.1)
    yield Case("part of a meridian", pair(west, east), POSSIBLE, f"Both have edges along the meridian 1 E: {CLOSED}.")
    tip = polygon((0.0, 1.05), (-0.1, 1.0), (-0.1, 1.1))
    yield Case("tip on the equator", pair(north, tip), POSSIBLE, f"A corner lies on the other's edge: {CLOSED}.")
    tip = polygon((1.05, 1.0), (1.0, 1.1), (1.1, 1.1))
    yield Case("tip on a meridian", pair(west, tip), POSSIBLE, f"A corner lies on the other's edge: {CLOSED}.")
    thin = polygon((0.0, 1.0), (0.0, 1.1), (-0.00001, 1.05))
    yield Case(
        "sliver along the equator",
        pair(north, thin),
        POSSIBLE,
        f"A triangle 1 m high has its long edge on the other's: {CLOSED}.",
    )
    away = box(-0.1, -0.00001, 1.0, 1.1)
    yield Case("a metre below the equator", pair(north, away), CLEAR, "0.00001 degrees of latitude are 1.1 m.")
    into = box(-0.1, 0.00001, 1.02, 1.08)
    yield Case("a metre above the equator", pair(north, into), CONFLICT, "Two corners lie 1.1 m inside the other.")


def _rims() -> Iterator[Case]:
    for bearing in (0.0, 37.0, 90.0):
        center = walk(BAHR, bearing, 5_000.0)
        rest = round(apart_m(BAHR, center) - 2_000.0, 4)
        yield Case(
            f"two rims at {bearing:g} degrees",
            pair(circle(BAHR, 2_000), circle(center, rest)),
            POSSIBLE,
            f"The radii together are the distance of the centres: {CLOSED}.",
        )
    square = _square(BAHR, 0, 0)
    outside = walk(BAHR, 225.0, 700.0)
    yield Case(
        "rim at a corner",
        pair(square, circle(outside, round(apart_m(outside, BAHR), 4))),
        POSSIBLE,
        f"The corner lies on the rim: {CLOSED}.",
    )
    north = box(0.0, 0.1, 1.0, 1.1)
    below = place(-0.01, 1.05)
    yield Case(
        "rim at the equator",
        pair(north, circle(below, round(apart_m(below, (0.0, 1.05)), 4))),
        POSSIBLE,
        f"The rim touches the edge along the equator: {CLOSED}.",
    )
    end = walk(BAHR, 90.0, 4_000.0)
    beyond = walk(end, bearing_deg(end, BAHR) + 180, 900.0)
    disc = circle(beyond, round(apart_m(end, beyond) - 300, 4))
    yield Case(
        "rim at a corridor's end",
        pair(corridor(300, BAHR, end), disc),
        POSSIBLE,
        f"The round end touches the rim: {CLOSED}.",
    )


def _with_heights_and_minima() -> Iterator[Case]:
    left, right = _square(BAHR, -1, 0), _square(BAHR, 0, 0)
    late = volume(right, limit(200), limit(300), "2030-01-15T12:00:00Z", "2030-01-15T13:00:00Z")
    yield Case(
        "in space, height and time",
        [volume(left), late],
        POSSIBLE,
        "They share a place on the edge, the height of 200 m and the instant 12:00: all three are closed.",
    )
    over = volume(right, limit(200.0001), limit(300))
    yield Case("edge but not height", [volume(left), over], CLEAR, "The bands are a tenth of a millimetre apart.")
    late = volume(right, start="2030-01-15T12:00:00.000001Z", end="2030-01-15T13:00:00Z")
    yield Case("edge but not time", [volume(left), late], CLEAR, "The windows are a microsecond apart.")
    yield Case("with a minimum", pair(left, right), CONFLICT, "No gap is far below a minimum of 1 m.", horizontal_m=1.0)
    board = [volume(_square(BAHR, x, y)) for x in (-1, 0) for y in (-1, 0)]
    yield Case("four round a corner", board, POSSIBLE, f"Four squares meet in one corner: {CLOSED}.")
    turned = pair(left, _square(BAHR, 0, 0, turned=True))
    yield Case("edge and other winding", turned, POSSIBLE, f"The winding of a polygon means nothing: {CLOSED}.")
    yield Case(
        "stacked",
        [volume(left), volume(left, limit(200), limit(300))],
        CONFLICT,
        "Equal footprints, and bands that share 200 m.",
        witness=shifted(BAHR, -500, 500),
    )


def touching() -> Group:
    return Group(
        "touching",
        "Footprints that share an edge, a corner or a rim, beside some that miss by a metre. Touching is meeting.",
        list(_touching()),
    )


# ----------------------------------------------------------------------------------------------------- tolerance

OFFSETS_MM: Final = (-11, -9, 9, 11)
EXPECTED: Final = {-11: CONFLICT, -9: POSSIBLE, 9: POSSIBLE, 11: CLEAR}


def _told(kind: str, minimum_m: float, offset_mm: int, a: Json, b: Json) -> Case:
    """The gap is `offset_mm` more than the minimum."""
    expected = EXPECTED[offset_mm]
    sign = "more" if offset_mm > 0 else "less"
    past = f"The gap is {abs(offset_mm)} mm {sign} than the minimum of {minimum_m:,g} m"
    if minimum_m == 0:
        past = f"The gap is {offset_mm} mm" if offset_mm > 0 else f"They overlap by {-offset_mm} mm"
    reason = f"{past}; the tolerance is 10 mm."
    accept = (CLEAR,) if offset_mm == 9 else ()
    if accept:
        reason = f"{reason[:-1]}, but the minimum is kept, so clear is right as well."
    name = f"{kind} {abs(offset_mm)} mm {sign} than {minimum_m:g} m"
    return Case(name, pair(a, b), expected, reason, horizontal_m=minimum_m, accept=accept)


def _tolerance() -> Iterator[Case]:
    places = [*PLACES.values()]
    # At 300 km a sphere of the Earth's mean radius is off by decimetres, even as a mere correction to the chord.
    for k, minimum_m in enumerate((0.0, 1.0, 100.0, 5_556.0, 300_000.0)):
        here = places[k]
        for offset_mm in OFFSETS_MM:
            gap_m = minimum_m + offset_mm / 1_000
            there = walk(here, 37.0 + 20 * k, 3_000.0 + minimum_m)
            second = circle(there, round(apart_m(here, there) - 1_000 - gap_m, 4))
            yield _told("circles", minimum_m, offset_mm, circle(here, 1_000), second)
    for minimum_m, here in ((0.0, places[4]), (5_556.0, places[2])):
        square = polygon(here, shifted(here, 900, 0), shifted(here, 900, 900), shifted(here, 0, 900))
        there = walk(here, 225.0, 800.0 + minimum_m)
        for offset_mm in OFFSETS_MM:
            radius_m = round(apart_m(here, there) - minimum_m - offset_mm / 1_000, 4)
            yield _told("corner and circle", minimum_m, offset_mm, square, circle(there, radius_m))
    for minimum_m, here in ((0.0, places[1]), (100.0, places[3])):
        west, east = shifted(here, -20_000, 0), shifted(here, 15_000, 0)
        triangle = polygon(west, east, shifted(here, 0, -9_000))
        there = walk(here, 3.0, 700.0 + minimum_m)
        far_m = Edge(west, east).distance_m(there)
        for offset_mm in OFFSETS_MM:
            radius_m = round(far_m - minimum_m - offset_mm / 1_000, 4)
            yield _told("edge and circle", minimum_m, offset_mm, triangle, circle(there, radius_m))
    here = places[0]
    west, east = shifted(here, -8_000, 0), shifted(here, 9_000, 1_000)
    there = walk(here, 170.0, 1_500.0)
    far_m = Edge(west, east).distance_m(there)
    for offset_mm in OFFSETS_MM:
        disc = circle(there, round(far_m - 400 - 250 - offset_mm / 1_000, 4))
        yield _told("corridor and circle", 250.0, offset_mm, corridor(400, west, east), disc)


def tolerance() -> Group:
    return Group(
        "tolerance",
        "Gaps 9 and 11 mm on each side of the minimum. Within 10 mm an answer is possible.",
        list(_tolerance()),
        near_m=0.0005,
    )
