"""What is right, by pyproj and exact fractions, with nothing of tansiq's: every case is judged before it is written.

A case that lies nearer to where the answer changes than its group allows is refused: then rounding would decide.
Distances are searched along the geodesics, not solved for; heights and times are fractions, so nothing is rounded.
"""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from functools import cached_property
from itertools import combinations, pairwise
from typing import Final

import numpy as np

from tests.vectors.conflict.words import CLEAR, CONFLICT, GEOD, POSSIBLE, Case, Json, Point, apart_m, bearing_deg

ORDER: Final = (CLEAR, POSSIBLE, CONFLICT)
TOLERANCE_M: Final = 0.01
NEAR_M: Final = 0.0005
"""What is to be possible must be so by as much; lengths are written to a tenth of a millimetre."""
ON_THE_LINE_M: Final = 1e-6
RADIUS_M: Final = 6_371_008.8
QUARTER_M: Final = 10_000_000.0
GRID: Final = 33
STILL_M: Final = 1e-6
METRES: Final = {"M": Fraction(1), "KM": Fraction(1000), "NM": Fraction(1852), "FT": Fraction(3048, 10_000)}
METRES_OF_HEIGHT: Final = {"M": Fraction(1), "FT": Fraction(3048, 10_000), "FL": Fraction(3048, 100)}
UNKNOWN_HEIGHT_M: Final = 1
"""Limits of two references must lie so much further apart, or nearer, than their bounds."""

Height = tuple[Fraction, str]
"""Metres above this reference."""


class TooNearToTell(AssertionError):
    """The case lies where rounding could turn the answer."""


# ----------------------------------------------------------------------------------------------------- distances


@dataclass(frozen=True)
class Edge:
    """A geodesic between two points."""

    start: Point
    end: Point

    @cached_property
    def bearing_deg(self) -> float:
        return bearing_deg(self.start, self.end)

    @cached_property
    def length_m(self) -> float:
        return apart_m(self.start, self.end)

    def offset_m(self, point: Point) -> float:
        """How far the point lies right of the whole line, left negative; the sign is exact."""
        turn = math.radians(bearing_deg(self.start, point) - self.bearing_deg)
        return RADIUS_M * math.asin(math.sin(apart_m(self.start, point) / RADIUS_M) * math.sin(turn))

    def distance_m(self, point: Point) -> float:
        """The shortest way to the edge: a grid along it, then finer grids round the nearest place."""
        low, high = 0.0, self.length_m
        ones = np.ones(GRID)
        while True:
            along = np.linspace(low, high, GRID)
            lng, lat, _ = GEOD.fwd(self.start[1] * ones, self.start[0] * ones, self.bearing_deg * ones, along)
            far = GEOD.inv(point[1] * ones, point[0] * ones, lng, lat)[2]
            k = int(np.argmin(far))
            if high - low < STILL_M:
                return float(far[k])
            step = (high - low) / (GRID - 1)
            low, high = max(0.0, along[k] - 2 * step), min(self.length_m, along[k] + 2 * step)

    def crosses(self, other: "Edge") -> bool:
        """Whether each has its ends on both sides of the other; an end on the line is no crossing."""
        if apart_m(self.start, other.start) > self.length_m + other.length_m:
            return False
        ours = [other.offset_m(p) for p in (self.start, self.end)]
        theirs = [self.offset_m(p) for p in (other.start, other.end)]
        deep = min(map(abs, (*ours, *theirs))) > ON_THE_LINE_M
        return deep and ours[0] * ours[1] < 0 and theirs[0] * theirs[1] < 0


@dataclass(frozen=True)
class Shape:
    """An outline as a core, which is a point, a line or an area, and how far it is widened."""

    points: tuple[Point, ...]
    area: bool
    buffer_m: float

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        points = (*self.points, self.points[0]) if self.area else self.points
        return tuple(Edge(a, b) for a, b in pairwise(points))

    def outline_distance_m(self, point: Point) -> float:
        """From the point to the core's outline."""
        if not self.edges:
            return apart_m(self.points[0], point)
        best = math.inf
        for edge in sorted(self.edges, key=lambda edge: apart_m(point, edge.start) - edge.length_m):
            if apart_m(point, edge.start) - edge.length_m < best:
                best = min(best, edge.distance_m(point))
        return best

    def holds(self, point: Point) -> bool:
        """Whether the point lies in an area: the directions to its corners turn once round.

        They also turn round what lies opposite on the globe, further from every corner than an area reaches.
        """
        if not self.area or min(apart_m(point, corner) for corner in self.points) > QUARTER_M:
            return False
        directions = [bearing_deg(point, corner) for corner in (*self.points, self.points[0])]
        return abs(sum(math.remainder(b - a, 360) for a, b in pairwise(directions))) > 180

    def depth_m(self, point: Point) -> float:
        """How far inside the shape the point lies, outside negative."""
        far = self.outline_distance_m(point)
        return self.buffer_m + (far if self.holds(point) else -far)


def shape_of(volume: Json) -> Shape:
    space = volume["volume"]

    def points(rows: list[Json]) -> tuple[Point, ...]:
        return tuple((row["lat"], row["lng"]) for row in rows)

    def metres(length: Json) -> float:
        return float(Fraction(repr(length["value"])) * METRES[length["units"]])

    if "outline_polygon" in space:
        return Shape(points(space["outline_polygon"]["vertices"]), area=True, buffer_m=0.0)
    if "outline_circle" in space:
        outline = space["outline_circle"]
        return Shape(points([outline["center"]]), area=False, buffer_m=metres(outline["radius"]))
    outline = space["outline_corridor"]
    return Shape(points(outline["line"]), area=False, buffer_m=metres(outline["half_width"]))


def core_distance_m(a: Shape, b: Shape) -> float:
    """The shortest way between two cores, 0 where they share a point."""
    if any(e.crosses(f) for e in a.edges for f in b.edges):
        return 0.0
    if any(a.holds(p) for p in b.points) or any(b.holds(p) for p in a.points):
        return 0.0
    # Two geodesics that do not cross are nearest to each other at an end of one of them.
    return min(*(b.outline_distance_m(p) for p in a.points), *(a.outline_distance_m(p) for p in b.points))


def overlap_m(a: Shape, b: Shape, distance_m: float, witness: Point | None) -> float:
    """How deep they are shown to overlap: by their buffers, by a corner of one in the other, by a witness in both."""
    seen = [a.buffer_m + b.buffer_m - distance_m]
    if distance_m == 0:
        seen += [a.depth_m(p) for p in b.points] + [b.depth_m(p) for p in a.points]
        seen += [] if witness is None else [min(a.depth_m(witness), b.depth_m(witness))]
    return max(seen)


def divided(a: Shape, b: Shape) -> bool:
    """Whether a line through an edge has both areas on their own sides of it, but for half of the tolerance."""
    for one, other in ((a, b), (b, a)):
        for edge in one.edges:
            own = [edge.offset_m(p) for p in one.points]
            side = math.copysign(1.0, max(own, key=abs))
            if all(side * x > -TOLERANCE_M / 2 for x in own) and all(
                side * edge.offset_m(p) < TOLERANCE_M / 2 for p in other.points
            ):
                return True
    return False


def horizontal(a: Shape, b: Shape, minimum_m: float, near_m: float, witness: Point | None) -> tuple[str, float]:
    """The answer of the footprints alone, and how deep they overlap. Raises TooNearToTell."""
    distance_m = core_distance_m(a, b)
    gap_m = max(0.0, distance_m - a.buffer_m - b.buffer_m)
    deep_m = overlap_m(a, b, distance_m, witness)
    if deep_m > TOLERANCE_M + near_m or (minimum_m > 0 and gap_m < minimum_m - TOLERANCE_M - near_m):
        return CONFLICT, deep_m
    past_m = gap_m - minimum_m
    if past_m > TOLERANCE_M + near_m:
        return CLEAR, 0.0
    shallow = deep_m < TOLERANCE_M - NEAR_M and (not (a.area and b.area) or distance_m > 0 or divided(a, b))
    if minimum_m > 0:
        shallow = past_m > -TOLERANCE_M + NEAR_M
    if shallow and past_m < TOLERANCE_M - NEAR_M:
        return POSSIBLE, 0.0
    raise TooNearToTell(f"gap {gap_m:.4f} m at a minimum of {minimum_m} m, overlap {deep_m:.4f} m")


# ----------------------------------------------------------------------------------------------- heights, windows


def height(limit: Json | None) -> Height | None:
    if limit is None:
        return None
    metres = Fraction(repr(limit["value"])) * METRES_OF_HEIGHT[limit["units"]]
    assert (metres * 10_000).denominator == 1, f"{limit} is no whole number of tenths of a millimetre"
    return metres, "AGL" if limit["reference"] == "SFC" else limit["reference"]


def above_sea_m(limit: Height) -> tuple[Fraction, Fraction]:
    """The least and greatest height above mean sea level that the limit can mean. Source: docs/test-suite.md."""
    h, reference = limit
    match reference:
        case "W84":
            return h - 87, h + 108
        case "AGL":
            return h - 500, h + 8_900
        case "FL":
            return min(h * 3 / 4, h * 6 / 5) - 1_600, max(h * 3 / 4, h * 6 / 5) + 800
    assert reference == "AMSL"
    return h, h


def vertical(a: Json, b: Json, minimum_m: Fraction, *, one_ground: bool) -> str:
    """The answer of the altitudes alone. Raises TooNearToTell where two references meet at the end of their bounds."""
    answer = CONFLICT
    for below, over in ((a, b), (b, a)):
        upper, lower = height(below["volume"].get("altitude_upper")), height(over["volume"].get("altitude_lower"))
        if upper is None or lower is None:
            continue
        if upper[1] == lower[1] and (one_ground or upper[1] != "AGL"):
            gap_m = lower[0] - upper[0]
            if gap_m > 0 and gap_m >= minimum_m:
                return CLEAR
            continue
        gap_m = above_sea_m(lower)[0] - above_sea_m(upper)[1]
        if abs(gap_m - minimum_m) < UNKNOWN_HEIGHT_M:
            raise TooNearToTell(f"{lower} over {upper}")
        if gap_m > minimum_m:
            return CLEAR
        answer = POSSIBLE
    return answer


_INSTANT: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?Z")


def instant_s(time: Json | None) -> Fraction | None:
    """Seconds since the year 1970 began, exactly. A leap second counts as the second before the next minute."""
    if time is None:
        return None
    found = _INSTANT.fullmatch(time["value"])
    assert found is not None, time
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    midnight = datetime(year, month, day, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    whole = midnight.days * 86_400 + hour * 3_600 + minute * 60 + second
    return whole + Fraction(f"0{found[7] or '.0'}")


def meet_in_time(a: Json, b: Json) -> bool:
    """Whether the windows, closed at both ends, share an instant."""
    for first, second in ((a, b), (b, a)):
        end, start = instant_s(first.get("time_end")), instant_s(second.get("time_start"))
        if end is not None and start is not None and end < start:
            return False
    return True


# -------------------------------------------------------------------------------------------------------- cases


def judge_pair(a: Json, b: Json, case: Case, near_m: float) -> str:
    """The answer about two volumes: each has to say conflict, and the least sure counts."""
    if not meet_in_time(a, b):
        return CLEAR
    minimum_m = Fraction(repr(case.vertical_m))
    up = vertical(a, b, minimum_m, one_ground=case.horizontal_m == 0)
    if up == CLEAR:
        return CLEAR
    across, deep_m = horizontal(shape_of(a), shape_of(b), case.horizontal_m, near_m, case.witness)
    if up == POSSIBLE and deep_m > TOLERANCE_M:
        # Where the footprints overlap they share their ground.
        up = vertical(a, b, minimum_m, one_ground=True)
        up = POSSIBLE if up == CLEAR else up
    return min(up, across, key=ORDER.index)


def judge(case: Case, near_m: float) -> str:
    """The surest answer about any two of the volumes. Raises TooNearToTell."""
    pairs = combinations(case.volumes, 2)
    return max((judge_pair(a, b, case, near_m) for a, b in pairs), key=ORDER.index)
