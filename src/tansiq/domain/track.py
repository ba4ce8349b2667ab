"""Position reports become flights, and flights become intents; what was dropped or doubted on the way is counted.

Rules for the next editor:

1. In doubt a report is kept and a volume becomes larger: what is dropped could be the one that conflicts.
2. A report counts for a wrong one only where a track goes on past it and neither neighbour can have flown there.
   So a single outlier does not make outliers of the good ones after it; two in agreement are a flight of
   their own, as are two aircraft that send one address; the first and the last report are always kept.
3. What is dropped, doubted or cut is counted: `TrackCounts` adds up.
4. The answer does not hang on the order in which the reports came.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from tansiq.domain.intent import UNKNOWN_PARTY, Intent, Kind
from tansiq.domain.route import RouteMargins, Waypoint, route_volumes
from tansiq.errors import PartyError
from tansiq.geometry.earth import LatLng, ecef_m
from tansiq.units import DMM_PER_FOOT, METRES_PER_NAUTICAL_MILE, US_PER_SECOND, Altitude, format_instant

UNKNOWN_AIRCRAFT: Final = "unknown"
OPEN_TRACKS: Final = 16
"""So many tracks of one address are followed at once; a further one ends the one that was silent for longest."""
CLOCK_US: Final = US_PER_SECOND
"""Reports are timed to a second: an aircraft may have had one second longer from one to the next."""


@dataclass(frozen=True, slots=True)
class Report:
    """One position report as it was received; None is what it did not say.

    `aircraft` is the address that the aircraft sends, `callsign` the name of its flight.
    """

    aircraft: str | None
    callsign: str | None
    time_us: int | None
    position: LatLng | None
    altitude: Altitude | None


@dataclass(frozen=True, slots=True)
class TrackCounts:
    """What was read, and what became of it: reports = incomplete + repeated + outliers + those in flights."""

    reports: int
    incomplete: int  # without a time or a position; dropped
    repeated: int  # of one aircraft and time as another, and saying nothing else; dropped
    contradicting: int  # of one aircraft and time as another, elsewhere or at another altitude; both kept
    unnamed: int  # without an aircraft's address; joined by callsign, or by where they are
    out_of_order: int  # earlier than the one that came before it of the same aircraft; sorted
    outliers: int  # positions that can be reached from neither neighbour; dropped
    jumps: int  # further on than an aircraft flies, but not outliers; kept
    altitudes_missing: int  # reports in flights that say no altitude
    altitude_outliers: int  # altitudes that can be reached from neither neighbour; treated as missing
    gaps: int  # silences longer than the longest gap; a new flight begins
    flights: int
    volumes: int


class PartyRule(Enum):
    """How a flight's party is named. Without a callsign it is the aircraft's address."""

    CALLSIGN3 = "callsign3"  # the first three characters of the callsign, as a rule the operator
    CALLSIGN = "callsign"
    AIRCRAFT = "aircraft"


@dataclass(frozen=True, slots=True)
class TrackSettings:
    """How reports become intents: the margins of the volumes, and what is a gap and what an outlier.

    speed_limit_mps: 1,200 kt. climb_limit_dmm_s (tenths of a millimetre a second): 30,000 ft/min, beyond
    what any aircraft does for long.
    """

    margins: RouteMargins
    party_rule: PartyRule = PartyRule.CALLSIGN3
    max_gap_us: int = 300 * US_PER_SECOND
    speed_limit_mps: float = 1_200 * METRES_PER_NAUTICAL_MILE / 3_600
    climb_limit_dmm_s: int = 30_000 * DMM_PER_FOOT // 60


@dataclass(frozen=True, slots=True)
class Flight:
    """An aircraft's way without a gap, in order of time."""

    aircraft: str
    callsign: str | None
    waypoints: tuple[Waypoint, ...]


def intents_from_tracks(reports: Sequence[Report], settings: TrackSettings) -> tuple[list[Intent], TrackCounts]:
    """One air intent per flight, sorted by id, with the volumes of its route.

    The id is made of address, callsign and first time, as in 3a5f01-AMB12-20300115T051000Z; "-2" and so on
    keep apart what else would be the same. The party comes by the rule; an aircraft that names neither
    address nor callsign is of an unknown party.

    Raises PartyError, under the flight's id, where a segment is too large for a footprint.
    """
    flights, counts = flights_from_reports(reports, settings)
    taken: Counter[str] = Counter()
    intents = []
    for flight in flights:
        stem = _stem(flight)
        taken[stem] += 1
        name = stem if taken[stem] == 1 else f"{stem}-{taken[stem]}"
        try:
            volumes = route_volumes(flight.waypoints, settings.margins)
        except PartyError as refused:
            raise refused.under(name) from refused
        intents.append(Intent(name, _party(flight, settings.party_rule), Kind.AIR, volumes, name=flight.callsign))
    intents.sort(key=lambda intent: intent.id)
    return intents, replace(counts, volumes=sum(len(intent.volumes) for intent in intents))


def flights_from_reports(reports: Sequence[Report], settings: TrackSettings) -> tuple[list[Flight], TrackCounts]:
    """The flights in these reports, sorted by aircraft and time, and what was counted; volumes are not counted yet.

    A report without time or position is dropped, and so is one that only repeats another. Two of one
    aircraft and time that contradict each other are both kept. A report that neither neighbour can have
    reached within the speed limit is dropped if the track goes on past it. Any other such leg stays in its
    flight if a gap at the speed limit could bridge it, and else begins a new one. A lone report is a flight.

    A flight goes by the callsign that most of its reports give.
    """
    tally = Counter({entry.name: 0 for entry in fields(TrackCounts)})
    tally["reports"] = len(reports)
    flights = []
    for aircraft, fixes in sorted(_fixes(reports, tally).items()):
        ordered = _ordered(fixes, tally)
        tracks = _tracks(ordered, settings, tally, named=aircraft != UNKNOWN_AIRCRAFT)
        flights += [_flight(aircraft, track, settings, tally) for track in tracks]
    tally["flights"] = len(flights)
    return flights, TrackCounts(**tally)


class _Fix(NamedTuple):
    """A report that says when and where; `vector_m` is its position in ECEF metres."""

    time_us: int
    position: LatLng
    altitude: Altitude | None
    callsign: str | None
    vector_m: tuple[float, float, float]


def _fixes(reports: Sequence[Report], tally: Counter[str]) -> dict[str, list[_Fix]]:
    """The reports with time and position, per aircraft, in their order."""
    points = np.array([r.position or (0.0, 0.0) for r in reports], dtype=np.float64).reshape(-1, 2)
    vectors = ecef_m(points[:, 0], points[:, 1]).tolist()
    found: dict[str, list[_Fix]] = {}
    for report, vector in zip(reports, vectors, strict=True):
        if report.time_us is None or report.position is None:
            tally["incomplete"] += 1
            continue
        tally["unnamed"] += report.aircraft is None
        aircraft = report.aircraft or report.callsign or UNKNOWN_AIRCRAFT
        fix = _Fix(report.time_us, report.position, report.altitude, report.callsign, tuple(vector))
        found.setdefault(aircraft, []).append(fix)
    return found


def _ordered(fixes: list[_Fix], tally: Counter[str]) -> list[_Fix]:
    """The fixes in order of time, without those that say nothing new."""
    tally["out_of_order"] += sum(b.time_us < a.time_us for a, b in pairwise(fixes))
    # The full order costs more, and matters only where several have one time.
    tied = len({fix.time_us for fix in fixes}) < len(fixes)
    ordered: list[_Fix] = []
    for fix in sorted(fixes, key=_by_time_and_rest if tied else _by_time):
        if ordered and ordered[-1].time_us == fix.time_us:
            last = ordered[-1]
            if last.position == fix.position and fix.altitude in {last.altitude, None}:
                tally["repeated"] += 1
                continue
            tally["contradicting"] += 1
        ordered.append(fix)
    return ordered


def _by_time(fix: _Fix) -> int:
    return fix.time_us


def _by_time_and_rest(fix: _Fix) -> tuple[int, LatLng, tuple[int, int, str], str]:
    """At one time and place those with an altitude come first."""
    altitude = fix.altitude
    height = (9, 0, "") if altitude is None else (altitude.reference, altitude.dmm, altitude.units.value)
    return fix.time_us, fix.position, height, fix.callsign or ""


@dataclass(eq=False, slots=True)
class _Track:
    """Fixes that one aircraft can have flown.

    `jumped`: it could not be reached from the tracks then live. `after`: the fix before it, if it is to be joined
    to that. `passed`: another track goes on past it.
    """

    fixes: list[_Fix]
    jumped: bool
    after: _Fix | None
    passed: bool = False


def _tracks(fixes: Sequence[_Fix], settings: TrackSettings, tally: Counter[str], *, named: bool) -> list[list[_Fix]]:
    """The fixes of one aircraft as tracks without gaps, the outliers dropped."""
    tracks: list[_Track] = []
    live: list[_Track] = []  # in the order in which they were heard last
    for fix in fixes:
        while live and fix.time_us - live[0].fixes[-1].time_us > settings.max_gap_us:
            del live[0]
        found = next((k for k in reversed(range(len(live))) if _reached(live[k].fixes[-1], fix, settings)), None)
        if found is not None:
            track = live.pop(found)
            track.fixes.append(fix)
            for other in live[found:]:
                other.passed = True
        else:
            tally["gaps"] += bool(tracks) and not live
            joins = named and bool(live) and _bridged(live[-1].fixes[-1], fix, settings)
            track = _Track([fix], jumped=bool(live), after=live[-1].fixes[-1] if joins else None)
            tracks.append(track)
            del live[: 1 - OPEN_TRACKS]
        live.append(track)
    return _joined(tracks, tally, named=named)


def _reached(a: _Fix, b: _Fix, settings: TrackSettings) -> bool:
    """Whether an aircraft can have flown from one to the other within the speed limit.

    The straight line through the Earth is shorter than any flight: it errs towards yes.
    """
    seconds = (b.time_us - a.time_us + CLOCK_US) / US_PER_SECOND
    return math.dist(a.vector_m, b.vector_m) <= settings.speed_limit_mps * seconds


def _bridged(a: _Fix, b: _Fix, settings: TrackSettings) -> bool:
    """Whether the two are no further apart than a flight's longest gap allows."""
    return math.dist(a.vector_m, b.vector_m) <= settings.speed_limit_mps * settings.max_gap_us / US_PER_SECOND


def _joined(tracks: Sequence[_Track], tally: Counter[str], *, named: bool) -> list[list[_Fix]]:
    """The tracks that are kept; one that begins where another has ended is joined to it."""
    kept: list[list[_Fix]] = []
    by_end: dict[int, list[_Fix]] = {}
    for track in tracks:
        # Reports without a name may come from many aircraft: none of them proves another one wrong.
        if track.passed and len(track.fixes) == 1 and named:
            tally["outliers"] += 1
            continue
        tally["jumps"] += track.jumped
        whole = by_end.pop(id(track.after), None)
        if whole is None:
            whole = []
            kept.append(whole)
        whole += track.fixes
        by_end[id(whole[-1])] = whole
    return kept


def _flight(aircraft: str, fixes: Sequence[_Fix], settings: TrackSettings, tally: Counter[str]) -> Flight:
    tally["altitudes_missing"] += sum(fix.altitude is None for fix in fixes)
    wrong = _altitude_outliers(fixes, settings.climb_limit_dmm_s)
    tally["altitude_outliers"] += len(wrong)
    callsigns = Counter(fix.callsign for fix in fixes if fix.callsign is not None)
    return Flight(
        aircraft,
        callsigns.most_common(1)[0][0] if callsigns else None,
        tuple(Waypoint(fix.position, fix.time_us, None if k in wrong else fix.altitude) for k, fix in enumerate(fixes)),
    )


def _altitude_outliers(fixes: Sequence[_Fix], climb_limit_dmm_s: int) -> set[int]:
    """The numbers of the fixes whose altitude fits to neither neighbour's, while these fit to each other.

    Two in a row are believed, and so are both of two that take turns: then the band holds them all.
    """
    known = [
        (k, fix.time_us, fix.altitude.reference, fix.altitude.dmm)
        for k, fix in enumerate(fixes)
        if fix.altitude is not None
    ]

    def steep(i: int, j: int) -> bool:
        (_, start_us, a_reference, a_dmm), (_, end_us, b_reference, b_dmm) = known[i], known[j]
        climb = abs(b_dmm - a_dmm) * US_PER_SECOND
        return a_reference is b_reference and climb > climb_limit_dmm_s * (end_us - start_us + CLOCK_US)

    legs = [steep(i, i + 1) for i in range(len(known) - 1)]
    doubted = {i for i in range(1, len(legs)) if legs[i - 1] and legs[i]}
    return {known[i][0] for i in doubted if not doubted & {i - 1, i + 1} and not steep(i - 1, i + 1)}


def _stem(flight: Flight) -> str:
    first = format_instant(flight.waypoints[0].time_us).replace("-", "").replace(":", "")
    return "-".join(part for part in (flight.aircraft, flight.callsign, first) if part)


def _party(flight: Flight, rule: PartyRule) -> str:
    if flight.callsign is not None and rule is PartyRule.CALLSIGN3:
        return flight.callsign[:3].strip()
    if flight.callsign is not None and rule is PartyRule.CALLSIGN:
        return flight.callsign
    return UNKNOWN_PARTY if flight.aircraft == UNKNOWN_AIRCRAFT else flight.aircraft
