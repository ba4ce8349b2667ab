"""A route becomes static volumes, one per segment and passage window, so that no geometry ever moves.

Each segment is occupied from end to end for all of its window: where along it the craft is at which
instant is not used. Successive segments share the waypoint between them, so nothing lies uncovered
between successive volumes, neither in space nor in time. What is rounded is rounded outward.

Source: docs/concepts/what-is-a-conflict.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tansiq.errors import PartyError
from tansiq.geometry.band import AltitudeBand, amsl_bounds_dmm
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Corridor, Footprint
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.limits import LIMITS
from tansiq.units import (
    DMM_PER_FOOT,
    DMM_PER_METRE,
    FIRST_INSTANT_US,
    LAST_INSTANT_US,
    Altitude,
    AltitudeUnit,
    Reference,
    format_instant,
    require_finite,
)

_STEP: Final = {
    AltitudeUnit.M: (DMM_PER_METRE // 10, 10),
    AltitudeUnit.FT: (DMM_PER_FOOT, 1),
    AltitudeUnit.FL: (DMM_PER_FOOT, 100),
}
"""Limits are rounded outward to a decimetre or a foot: the step in tenths of a millimetre, and steps per unit."""


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A place that a route passes, when, and how high; None where the altitude is not known."""

    position: LatLng
    time_us: int
    altitude: Altitude | None


@dataclass(frozen=True, slots=True)
class RouteMargins:
    """How a route is cut into segments, and how much room each of their volumes has to all sides.

    segment_us: a segment ends at its first waypoint that is this much later than its first one.
    half_width_m to both sides, vertical_dmm (tenths of a millimetre) above and below, pad_us before and after.

    Raises PartyError: not_finite, not_positive (half-width), out_of_range (any other below 0).
    """

    segment_us: int
    half_width_m: float
    vertical_dmm: int
    pad_us: int

    def __post_init__(self) -> None:
        require_finite(self.half_width_m, "half_width")
        if self.half_width_m <= 0:
            raise PartyError("not_positive", "half_width", f"{self.half_width_m!r} m", "more than 0 m")
        for field, amount in (("segment", self.segment_us), ("vertical", self.vertical_dmm), ("pad", self.pad_us)):
            if amount < 0:
                raise PartyError("out_of_range", field, str(amount), "at least 0")


def route_volumes(waypoints: Sequence[Waypoint], margins: RouteMargins) -> tuple[Volume4D, ...]:
    """The volumes of a route, one per segment, in its order: where and when its craft is, with the margins round it.

    A segment runs from its first waypoint to the first one that is `segment_us` later, which begins the
    next; two waypoints that are further apart than that make one segment. A lone waypoint has a volume,
    too, and no waypoints have none. A segment that stays at one place is a circle.

    A window that the pad would carry past the years 1 to 9999 is unbounded there.

    Raises PartyError: time_reversed (a waypoint is earlier than the one before), and what a corridor
    may be refused for (antipodal_edge, footprint_too_large, not_finite, out_of_range).
    """
    for i in range(1, len(waypoints)):
        earlier, later = waypoints[i - 1].time_us, waypoints[i].time_us
        if later < earlier:
            want = f"not before waypoints[{i - 1}], {format_instant(earlier)}"
            raise PartyError("time_reversed", f"waypoints[{i}]", format_instant(later), want)
    return tuple(
        Volume4D(
            _footprint(waypoints[first : last + 1], margins.half_width_m),
            _band(waypoints, first, last, margins.vertical_dmm),
            _window(waypoints[first].time_us - margins.pad_us, waypoints[last].time_us + margins.pad_us),
        )
        for first, last in _segments(waypoints, margins.segment_us)
    )


def _segments(waypoints: Sequence[Waypoint], segment_us: int) -> Iterator[tuple[int, int]]:
    """Per segment the numbers of its first and last waypoint; the last of one is the first of the next."""
    first, end = 0, len(waypoints) - 1
    while first <= end:
        # More points than a footprint may have end a segment early, which covers the same.
        most = min(end, first + LIMITS.vertices_per_footprint - 1)
        last = min(most, first + 1)
        until_us = waypoints[first].time_us + segment_us
        while last < most and waypoints[last].time_us < until_us:
            last += 1
        yield first, last
        if last == end:
            return
        first = last


def _footprint(segment: Sequence[Waypoint], half_width_m: float) -> Footprint:
    line = [segment[0].position]
    for waypoint in segment:
        if waypoint.position != line[-1]:
            line.append(waypoint.position)
    if len(line) > 1:
        try:
            return Corridor(tuple(line), half_width_m)
        except PartyError as refused:
            # One place may have several names, at a pole and at 180 degrees: the corridor knows them all.
            if refused.code != "empty_line":
                raise
    return Circle(line[0], half_width_m)


def _window(start_us: int, end_us: int) -> TimeWindow:
    return TimeWindow(
        None if start_us < FIRST_INSTANT_US else min(start_us, LAST_INSTANT_US),
        None if end_us > LAST_INSTANT_US else max(end_us, FIRST_INSTANT_US),
    )


def _band(waypoints: Sequence[Waypoint], first: int, last: int, margin_dmm: int) -> AltitudeBand:
    """The band round the segment's altitudes, in their own reference.

    An altitude that is missing is taken to lie between the one known before and the one known after it,
    wherever along the route these are. It could be any where one of the two is wanting, or where the
    whole segment has none: then the band is unbounded.

    Altitudes of several references are enclosed by what they can mean above mean sea level.
    """
    known = {w.altitude for w in waypoints[first : last + 1]}
    if known == {None}:
        return AltitudeBand(None, None)
    while first >= 0 and waypoints[first].altitude is None:
        first -= 1
    while last < len(waypoints) and waypoints[last].altitude is None:
        last += 1
    if first < 0 or last == len(waypoints):
        return AltitudeBand(None, None)
    found = [a for a in {*known, waypoints[first].altitude, waypoints[last].altitude} if a is not None]
    if len({a.reference for a in found}) > 1:
        bounds = [amsl_bounds_dmm(a.reference, a.dmm) for a in found]
        least = min(low for low, _ in bounds), AltitudeUnit.M, Reference.AMSL
        greatest = max(high for _, high in bounds), AltitudeUnit.M, Reference.AMSL
    else:
        low, high = min(found, key=_by_height), max(found, key=_by_height)
        least, greatest = (low.dmm, low.units, low.reference), (high.dmm, high.units, high.reference)
    return AltitudeBand(_below(margin_dmm, *least), _above(margin_dmm, *greatest))


def _by_height(altitude: Altitude) -> tuple[int, str]:
    # One height may be written in several units: the order must not hang on that of a set.
    return altitude.dmm, altitude.units.value


def _below(margin_dmm: int, dmm: int, units: AltitudeUnit, reference: Reference) -> Altitude | None:
    """The limit at least this far below."""
    return _limit((dmm - margin_dmm) // _STEP[units][0], units, reference)


def _above(margin_dmm: int, dmm: int, units: AltitudeUnit, reference: Reference) -> Altitude | None:
    """The limit at least this far above."""
    return _limit(-((-dmm - margin_dmm) // _STEP[units][0]), units, reference)


def _limit(steps: int, units: AltitudeUnit, reference: Reference) -> Altitude | None:
    """The limit that lies this many steps up; None, unbounded, past what an altitude may be."""
    step_dmm, steps_per_unit = _STEP[units]
    if not LIMITS.altitude_min_m * DMM_PER_METRE <= steps * step_dmm <= LIMITS.altitude_max_m * DMM_PER_METRE:
        return None
    return Altitude(steps / steps_per_unit, units, reference)
