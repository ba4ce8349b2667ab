"""Heights: units, and minima of which either one suffices; all of it arithmetic on whole tenths of a millimetre."""

from collections.abc import Iterator
from typing import Final

from tests.vectors.conflict.words import (
    CLEAR,
    CONFLICT,
    Case,
    Group,
    Json,
    circle,
    level,
    limit,
    place,
    rectangle,
    shifted,
    volume,
    walk,
)

HERE: Final = place(0.0, 0.0)
DISC: Final = circle(HERE, 1_000)
NM_3_M: Final = 5_556.0
FEET_1000_M: Final = 304.8
FEET_3000_M: Final = 914.4


Limit = Json | None


def one_place(
    name: str,
    a: tuple[Limit, Limit],
    b: tuple[Limit, Limit],
    expected: str,
    reason: str,
    *,
    vertical_m: float = 0.0,
    accept: tuple[str, ...] = (),
) -> Case:
    """Two bands above one disc."""
    volumes = [volume(DISC, *a), volume(DISC, *b)]
    return Case(name, volumes, expected, reason, vertical_m=vertical_m, accept=accept)


def ft(value: float, reference: str = "W84") -> Json:
    return limit(value, reference, "FT")


def m(value: float, reference: str = "W84") -> Json:
    return limit(value, reference)


# --------------------------------------------------------------------------------------------------------- units


def _units() -> Iterator[Case]:
    for name, a, b in (
        ("10,000 ft is 3,048 m", (ft(9_000), ft(10_000)), (m(3_048), m(4_000))),
        ("FL100 is 3,048 m of pressure altitude", (level(90), level(100)), (m(3_048, "FL"), m(4_000, "FL"))),
        ("1 ft is 0.3048 m", (ft(0), ft(1)), (m(0.3048), m(100))),
        ("FL100 is 10,000 ft of pressure altitude", (level(90), level(100)), (ft(10_000, "FL"), level(150))),
        ("41,000 ft is 12,496.8 m", (ft(40_000), ft(41_000)), (m(12_496.8), m(13_000))),
    ):
        yield one_place(name, a, b, CONFLICT, "The two limits are one height, and bands are closed.")
    for name, a, b, gap in (
        ("10,001 ft and 3,048 m", (ft(10_001), ft(11_000)), (m(2_000), m(3_048)), "0.3048 m"),
        ("10,000 ft and 3,048.0001 m", (ft(9_000), ft(10_000)), (m(3_048.0001), m(4_000)), "a tenth of a millimetre"),
        ("3,000 ft and 1,000 m", (ft(2_000), ft(3_000)), (m(1_000), m(1_100)), "85.6 m"),
        ("300 m and 1,000 ft", (m(200), m(300)), (ft(1_000), ft(1_100)), "4.8 m"),
        ("FL010 and 310 m of pressure altitude", (level(5), level(10)), (m(310, "FL"), m(400, "FL")), "5.2 m"),
    ):
        yield one_place(name, a, b, CLEAR, f"In one unit the bands are {gap} apart.")
    yield one_place(
        "feet below metres by numbers",
        (m(1_000), m(1_200)),
        (ft(3_500), ft(3_900)),
        CONFLICT,
        "3,500 to 3,900 ft is 1,066.8 to 1,188.72 m, within 1,000 to 1,200 m, although the numbers are far apart.",
    )
    yield one_place(
        "feet among metres by numbers",
        (m(1_000), m(1_200)),
        (ft(1_000), ft(1_200)),
        CLEAR,
        "1,200 ft is 365.76 m: far below 1,000 m, although the numbers are equal.",
    )
    yield one_place(
        "levels and feet by numbers",
        (level(100), level(120)),
        (ft(11_000, "FL"), ft(11_500, "FL")),
        CONFLICT,
        "11,000 ft of pressure altitude is FL110.",
    )
    yield one_place(
        "limits of one band in two units",
        (m(900), ft(3_300)),
        (m(1_000), ft(4_000)),
        CONFLICT,
        "The first band ends at 3,300 ft, 1,005.84 m, above where the other begins.",
    )
    yield from _lengths()


def _just_the_minimum() -> Iterator[Case]:
    # 1000 ft apart, in binary metres a hair less: the sum falls short of 304.8 at these heights.
    fragile = [h for h in range(1_000, 60_000, 1_000) if (h + 1_000) * 0.3048 - h * 0.3048 < FEET_1000_M][:6]
    for feet in fragile:
        a, b = (ft(feet - 500), ft(feet)), (ft(feet + 1_000), ft(feet + 1_500))
        yield one_place(
            f"1,000 ft above {feet:,} ft",
            a,
            b,
            CLEAR,
            f"{feet + 1_000:,} ft less {feet:,} ft is exactly the minimum, which keeps it; in binary metres it is a "
            "hair less.",
            vertical_m=FEET_1000_M,
        )
    for feet in (10_000, 29_000):
        a, b = (ft(feet - 500), ft(feet)), (ft(feet + 999), ft(feet + 1_500))
        yield one_place(
            f"999 ft above {feet:,} ft", a, b, CONFLICT, "999 ft is less than 1,000 ft.", vertical_m=FEET_1000_M
        )
    yield one_place(
        "13,000 ft and 10,000 ft",
        (ft(9_000), ft(10_000)),
        (ft(13_000), ft(14_000)),
        CLEAR,
        "13,000 ft less 10,000 ft is exactly 3,000 ft.",
        vertical_m=FEET_3000_M,
    )
    yield one_place(
        "metres a tenth of a millimetre short",
        (m(0), m(100)),
        (m(404.7999), m(500)),
        CONFLICT,
        "304.7999 m is less than 1,000 ft, 304.8 m.",
        vertical_m=FEET_1000_M,
    )
    yield one_place(
        "tenths of a metre in binary",
        (m(0), m(0.1)),
        (m(0.3), m(1)),
        CLEAR,
        "0.3 m less 0.1 m is exactly the minimum of 0.2 m.",
        vertical_m=0.2,
    )


def _lengths() -> Iterator[Case]:
    east = walk(HERE, 90.0, 10_000.0)
    for radius, units, metres in ((5, "NM", 9_260), (9.26, "KM", 9_260), (30_380, "FT", 9_259.824)):
        for other_m, expected in ((800, CONFLICT), (700, CLEAR)):
            volumes = [volume(circle(HERE, radius, units)), volume(circle(east, other_m))]
            told = "more" if expected == CONFLICT else "less"
            yield Case(
                f"a radius of {radius:g} {units} and one of {other_m} m",
                volumes,
                expected,
                f"{metres:,} m and {other_m} m are together {told} than the 10,000 m between the centres.",
            )


def units() -> Group:
    cases = [*_units(), *_just_the_minimum()]
    return Group("units", "Metres, feet, hundreds of feet, kilometres, nautical miles, all exact.", cases)


# -------------------------------------------------------------------------------------------------------- minima


BLOCK: Final = rectangle(HERE, west_m=-4_000, east_m=0, south_m=-2_000, north_m=2_000)


def _blocks(name: str, east_m: float, up_m: float, expected: str, reason: str, **given: float) -> Case:
    """A block and a second one so far east of it and so high above it; 3 NM or 1,000 ft where nothing is given."""
    other = rectangle(HERE, west_m=east_m, east_m=east_m + 4_000, south_m=-2_000, north_m=2_000)
    volumes = [volume(BLOCK, m(1_000), m(1_200)), volume(other, m(1_200 + up_m), m(1_400 + up_m))]
    minima = {"horizontal_m": NM_3_M, "vertical_m": FEET_1000_M} | given
    within = shifted(HERE, east_m / 2, 0) if east_m < 0 else None
    return Case(name, volumes, expected, reason, minima["horizontal_m"], minima["vertical_m"], witness=within)


def _both_minima() -> Iterator[Case]:
    yield _blocks(
        "both below", 2_000, 200, CONFLICT, "2,000 m is below 3 NM and 200 m below 1,000 ft: both are violated."
    )
    yield _blocks("height kept", 2_000, 310, CLEAR, "310 m keeps 1,000 ft: either one suffices.")
    yield _blocks(
        "height kept where they overlap", -1_000, 310, CLEAR, "310 m keeps 1,000 ft, one above the other or not."
    )
    yield _blocks(
        "height kept exactly", -1_000, 304.8, CLEAR, "Minima are strict: a gap equal to the minimum keeps it."
    )
    yield _blocks(
        "height a tenth of a millimetre short", -1_000, 304.7999, CONFLICT, "304.7999 m is less than 304.8 m."
    )
    yield _blocks("distance kept", 6_000, 0, CLEAR, "6,000 m keeps 3 NM, 5,556 m: either one suffices.")
    yield _blocks("distance kept at one height", 6_000, -100, CLEAR, "6,000 m keeps 3 NM, although the bands overlap.")
    yield _blocks("both kept", 6_000, 400, CLEAR, "Both are kept.")
    yield _blocks("distance just below", 5_500, 0, CONFLICT, "5,500 m is less than 5,556 m.")
    yield _blocks("distance just above", 5_600, 0, CLEAR, "5,600 m is more than 5,556 m.")
    yield _blocks("both just below", 5_500, 300, CONFLICT, "5,500 m is less than 5,556 m, and 300 m less than 304.8 m.")
    yield _blocks(
        "nearer in space than either",
        5_500,
        304,
        CONFLICT,
        "Both gaps are below their minima; that the straight line between the blocks is not short does not matter.",
    )


def _one_minimum() -> Iterator[Case]:
    yield _blocks(
        "no horizontal minimum",
        100,
        0,
        CLEAR,
        "Without a horizontal minimum only what shares a place conflicts.",
        horizontal_m=0.0,
    )
    yield _blocks(
        "no horizontal minimum, one above the other",
        -1_000,
        200,
        CONFLICT,
        "The footprints overlap, and 200 m is below 1,000 ft.",
        horizontal_m=0.0,
    )
    yield _blocks(
        "no vertical minimum",
        2_000,
        1,
        CLEAR,
        "Without a vertical minimum only what shares a height conflicts.",
        vertical_m=0.0,
    )
    yield _blocks(
        "no vertical minimum, bands that touch",
        2_000,
        0,
        CONFLICT,
        "The bands share 1,200 m, and 2,000 m is below 3 NM.",
        vertical_m=0.0,
    )


def _no_minima() -> Iterator[Case]:
    yield _blocks(
        "no minima, blocks that overlap",
        -1_000,
        -10,
        CONFLICT,
        "They share space and height.",
        horizontal_m=0.0,
        vertical_m=0.0,
    )
    yield _blocks(
        "no minima, bands that touch",
        -1_000,
        0,
        CONFLICT,
        "Bands are closed: both hold 1,200 m.",
        horizontal_m=0.0,
        vertical_m=0.0,
    )
    yield _blocks(
        "no minima, a tenth of a millimetre between",
        -1_000,
        0.0001,
        CLEAR,
        "The bands are a tenth of a millimetre apart.",
        horizontal_m=0.0,
        vertical_m=0.0,
    )
    yield _blocks(
        "large minima",
        90_000,
        2_900,
        CONFLICT,
        "90 km is below 100 km, and 2,900 m below 3,000 m.",
        horizontal_m=100_000.0,
        vertical_m=3_000.0,
    )


def _several() -> Iterator[Case]:
    """More than two volumes: a conflict of any two counts."""
    far = rectangle(HERE, west_m=20_000, east_m=24_000, south_m=-2_000, north_m=2_000)
    further = rectangle(HERE, west_m=40_000, east_m=44_000, south_m=-2_000, north_m=2_000)
    between = rectangle(HERE, west_m=26_000, east_m=30_000, south_m=-2_000, north_m=2_000)
    apart = [volume(BLOCK), volume(far), volume(further)]
    yield Case("three apart", apart, CLEAR, "16 km or more lie between each two.", horizontal_m=NM_3_M)
    yield Case(
        "the last two of four",
        [*apart, volume(between)],
        CONFLICT,
        "The fourth is 2 km from the second; the first pairs are clear.",
        horizontal_m=NM_3_M,
    )
    bridge = [volume(BLOCK), volume(far), volume(BLOCK, m(300), m(400))]
    yield Case(
        "one box round two of three",
        bridge,
        CLEAR,
        "The third lies above the first, the second beside both: only a box round several joins them.",
        horizontal_m=NM_3_M,
        vertical_m=50.0,
    )


def minima() -> Group:
    return Group(
        "minima",
        "A horizontal and a vertical minimum, of which either one suffices; both strict.",
        [*_both_minima(), *_one_minimum(), *_no_minima(), *_several()],
    )
