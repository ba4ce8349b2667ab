"""References: heights that can not be compared as numbers, and are not to be dropped for it.

Discs lie at 0 N 0 E, on the open sea, where the geoid is 17.2 m above the ellipsoid (EGM96 and EGM2008 agree to 0.1 m).
"""

from collections.abc import Iterator
from typing import Final

from tests.vectors.conflict.heights import DISC, FEET_1000_M, HERE, NM_3_M, ft, m, one_place
from tests.vectors.conflict.words import CLEAR, CONFLICT, POSSIBLE, Case, Group, circle, level, volume, walk

SEA: Final = "AMSL"
BALL: Final = "W84"
GEOID: Final = "at 0 N 0 E the sea lies 17.2 m above the ellipsoid"


def _datum() -> Iterator[Case]:
    for reference in ("W84", "AMSL", "AGL", "SFC", "FL"):
        low, high = (m(100, reference), m(200, reference)), (m(201, reference), m(300, reference))
        yield one_place(
            f"a metre apart in {reference}", low, high, CLEAR, f"201 m less 200 m, both {reference}, is 1 m."
        )
        over = (m(199, reference), m(300, reference))
        yield one_place(
            f"a metre shared in {reference}", low, over, CONFLICT, f"199 m is below 200 m, both {reference}."
        )
    yield one_place(
        "SFC is AGL",
        (m(0, "AGL"), m(100, "AGL")),
        (m(100, "SFC"), m(200, "SFC")),
        CONFLICT,
        "SFC and AGL are one reference under two names: the bands share 100 m.",
    )
    yield from _sea_and_ellipsoid_near_each_other()
    yield from _sea_and_ellipsoid_apart()
    yield from _levels_and_heights()
    yield from _levels()
    yield from _ground()


def _sea_and_ellipsoid_near_each_other() -> Iterator[Case]:
    yield one_place(
        "sea below ellipsoid by numbers",
        (m(900, SEA), m(990, SEA)),
        (m(1_000, BALL), m(1_100, BALL)),
        POSSIBLE,
        f"{GEOID}, so 990 m AMSL is about 1,007 m W84 and the bands overlap; without a geoid it is possible.",
    )
    yield one_place(
        "sea above ellipsoid by numbers",
        (m(990, SEA), m(1_100, SEA)),
        (m(900, BALL), m(1_000, BALL)),
        POSSIBLE,
        f"{GEOID}, so the bands are clear by 7 m, which an engine that knows the geoid there may say; without a "
        "geoid it is possible.",
        accept=(CLEAR,),
    )
    yield one_place(
        "equal numbers",
        (m(500, SEA), m(600, SEA)),
        (m(600, BALL), m(700, BALL)),
        POSSIBLE,
        f"{GEOID}, so 600 m AMSL is about 617 m W84: the bands overlap; without a geoid it is possible.",
    )
    for gap in (2, 10, 16):
        yield one_place(
            f"{gap} m apart by numbers",
            (m(500, SEA), m(600, SEA)),
            (m(600 + gap, BALL), m(900, BALL)),
            POSSIBLE,
            f"{GEOID}, which is more than the {gap} m between the numbers: the bands overlap.",
        )
    yield one_place(
        "overlap by numbers",
        (m(500, SEA), m(600, SEA)),
        (m(550, BALL), m(700, BALL)),
        POSSIBLE,
        "The bands overlap at 0 N 0 E, but nobody who ignores the geoid can be certain of it.",
    )


def _sea_and_ellipsoid_apart() -> Iterator[Case]:
    yield one_place(
        "90 m apart by numbers",
        (m(500, SEA), m(600, SEA)),
        (m(690, BALL), m(900, BALL)),
        CLEAR,
        "The geoid lies nowhere more than 87 m above the ellipsoid: 690 m W84 is above 603 m AMSL.",
    )
    yield one_place(
        "110 m apart by numbers",
        (m(500, BALL), m(600, BALL)),
        (m(710, SEA), m(900, SEA)),
        CLEAR,
        "The geoid lies nowhere more than 108 m below the ellipsoid: 600 m W84 is at most 708 m AMSL.",
    )
    yield one_place(
        "in feet",
        (ft(1_000, SEA), ft(2_000, SEA)),
        (ft(2_040, BALL), ft(3_000, BALL)),
        POSSIBLE,
        f"{GEOID}, 56 ft: more than the 40 ft between the numbers.",
    )
    yield one_place(
        "a minimum between two references",
        (m(500, SEA), m(600, SEA)),
        (m(910, BALL), m(999, BALL)),
        POSSIBLE,
        f"{GEOID}, so the gap is 293 m and not 310 m: below 1,000 ft.",
        vertical_m=FEET_1000_M,
    )
    yield one_place(
        "a minimum kept between two references",
        (m(500, SEA), m(600, SEA)),
        (m(1_000, BALL), m(1_100, BALL)),
        CLEAR,
        "The gap is at least 400 - 87 = 313 m: above 1,000 ft.",
        vertical_m=FEET_1000_M,
    )
    yield one_place(
        "no upper limit",
        (m(5_000, SEA), None),
        (m(90, BALL), m(100, BALL)),
        CLEAR,
        "What begins at 5,000 m AMSL is far above 100 m W84, whatever the geoid.",
    )
    yield one_place(
        "no upper limit below",
        (m(500, SEA), None),
        (m(900, BALL), m(1_000, BALL)),
        POSSIBLE,
        "Both hold heights near 950 m; which, depends on the geoid: at most possible, never clear.",
    )


def _levels_and_heights() -> Iterator[Case]:
    weather = "on a day of low pressure and cold air"
    level_100 = (level(90), level(100))
    yield one_place(
        "FL100 and what is above 3,100 m",
        level_100,
        (m(3_100, "AMSL"), m(3_500, "AMSL")),
        POSSIBLE,
        "FL100 is a pressure, 3,048 m in the standard atmosphere only: on a day of high pressure and warm air it "
        "lies above 3,100 m AMSL.",
    )
    yield one_place(
        "FL100 and what is below 2,700 m",
        level_100,
        (m(2_300, "AMSL"), m(2_700, "AMSL")),
        POSSIBLE,
        f"FL90 is 2,743 m in the standard atmosphere only: {weather} it lies below 2,700 m AMSL.",
    )
    yield one_place(
        "FL100 is not 10,000 ft",
        level_100,
        (ft(10_100, "AMSL"), ft(11_000, "AMSL")),
        POSSIBLE,
        "100 ft between FL100 and an altitude vanish at 4 hPa above the standard pressure.",
    )
    yield one_place(
        "FL100 and 10,000 ft AMSL",
        level_100,
        (ft(10_000, "AMSL"), ft(11_000, "AMSL")),
        POSSIBLE,
        "Equal in the standard atmosphere; on a day of higher pressure they overlap.",
    )
    yield one_place(
        "FL100 and 10,050 ft W84",
        level_100,
        (ft(10_050, "W84"), ft(11_000, "W84")),
        POSSIBLE,
        "A flight level wanders by hundreds of metres against the ellipsoid.",
    )
    yield one_place(
        "FL300 and the sea",
        (level(300), level(350)),
        (m(0, "AMSL"), m(1_000, "AMSL")),
        CLEAR,
        "In no weather does FL300, 9,144 m, come below 0.75 * 9,144 - 1,600 = 5,258 m AMSL.",
    )
    yield one_place(
        "FL050 and 8,000 m",
        (level(10), level(50)),
        (m(8_000, "AMSL"), m(9_000, "AMSL")),
        CLEAR,
        "In no weather does FL050, 1,524 m, lie above 1.2 * 1,524 + 800 = 2,629 m AMSL.",
    )


def _levels() -> Iterator[Case]:
    yield one_place(
        "one level in two units",
        (level(90), level(100)),
        (ft(10_000, "FL"), ft(11_000, "FL")),
        CONFLICT,
        "FL100 and 10,000 ft of pressure altitude are one height.",
    )
    yield one_place(
        "levels side by side",
        (level(90), level(100)),
        (level(110), level(120)),
        CLEAR,
        "Levels of one reference are compared as they are.",
    )
    yield one_place(
        "levels 1,000 ft apart",
        (level(90), level(100)),
        (level(110), level(120)),
        CLEAR,
        "FL110 less FL100 is exactly 1,000 ft, which keeps a minimum of 1,000 ft.",
        vertical_m=FEET_1000_M,
    )
    yield one_place(
        "a level and a height 1,200 ft apart",
        (level(90), level(100)),
        (ft(11_200, "AMSL"), ft(12_000, "AMSL")),
        POSSIBLE,
        "200 ft more than the minimum vanish at 8 hPa above the standard pressure.",
        vertical_m=FEET_1000_M,
    )
    yield one_place(
        "FL and AGL",
        (level(10), level(20)),
        (m(0, "AGL"), m(500, "AGL")),
        POSSIBLE,
        "FL010, 305 m, lies in the lowest 500 m above the sea in the standard atmosphere already.",
    )


def _ground() -> Iterator[Case]:
    low = (m(0, "AGL"), m(150, "AGL"))
    yield one_place(
        "AGL and AMSL over the sea",
        low,
        (m(100, "AMSL"), m(300, "AMSL")),
        POSSIBLE,
        "Over the sea both are about the same and overlap; without terrain it is possible.",
    )
    yield one_place(
        "AGL and AMSL by terrain",
        low,
        (m(200, "AMSL"), m(300, "AMSL")),
        POSSIBLE,
        "Who knows that there is no ground above the sea here may say clear; without terrain it is possible.",
        accept=(CLEAR,),
    )
    yield one_place(
        "AGL and 9,100 m AMSL",
        low,
        (m(9_100, "AMSL"), m(9_500, "AMSL")),
        CLEAR,
        "No ground is higher than 8,900 m: 150 m above it ends below 9,050 m AMSL.",
    )
    yield one_place(
        "AGL and W84",
        low,
        (m(100, "W84"), m(300, "W84")),
        POSSIBLE,
        "Over the sea 150 m AGL is about 167 m W84: the bands overlap; without terrain and geoid it is possible.",
    )
    beside = circle(walk(HERE, 90.0, 3_000.0), 1_000)
    apart = [volume(DISC, m(0, "AGL"), m(150, "AGL")), volume(beside, m(160, "AGL"), m(300, "AGL"))]
    yield Case(
        "AGL at two places",
        apart,
        POSSIBLE,
        "1 km apart at a minimum of 3 NM, and 10 m apart above grounds that need not be level; who knows that both "
        "are the sea may say clear.",
        horizontal_m=NM_3_M,
        accept=(CLEAR,),
    )
    near = [volume(DISC, m(0, "AGL"), m(150, "AGL")), volume(beside, m(120, "AGL"), m(300, "AGL"))]
    yield Case(
        "AGL at two places overlapping by numbers",
        near,
        POSSIBLE,
        "1 km apart at a minimum of 3 NM; over the sea the bands overlap, over other ground they need not.",
        horizontal_m=NM_3_M,
    )


def datum() -> Group:
    return Group(
        "datum",
        "Altitudes of different references. What can not be told apart is possible, and never dropped.",
        list(_datum()),
    )
