"""Position reports become flights and intents, and what was dropped or doubted is counted."""

import random
from collections.abc import Sequence
from dataclasses import replace
from time import process_time

import pytest

from tansiq.conflict.batch import Scope, find_conflicts
from tansiq.conflict.minima import Minima
from tansiq.domain.intent import UNKNOWN_PARTY, Intent, Kind
from tansiq.domain.route import RouteMargins, Waypoint, route_volumes
from tansiq.domain.track import (
    OPEN_TRACKS,
    Flight,
    PartyRule,
    Report,
    TrackCounts,
    TrackSettings,
    flights_from_reports,
    intents_from_tracks,
)
from tansiq.errors import PartyError
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.distance import Outline, gap_m
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle
from tansiq.geometry.volume import Volume4D
from tansiq.units import Altitude, AltitudeUnit, Reference

S = 1_000_000
START_S = 1_894_665_600  # 2030-01-15T00:00:00Z
MARGINS = RouteMargins(segment_us=60 * S, half_width_m=2_000.0, vertical_dmm=3_000_000, pad_us=30 * S)
SETTINGS = TrackSettings(MARGINS)
BOUNDED_S = 5.0
"""Following every track of the crowd would take a minute, following a few takes a fraction of a second."""
KM_DEG = 1 / 111.32


def feet(value: float) -> Altitude:
    return Altitude(value, AltitudeUnit.FT, Reference.FL)


def report(
    second: int,
    km: float,
    height: float | None = 30_000,
    *,
    aircraft: str | None = "a1",
    callsign: str | None = "AMB12",
) -> Report:
    """At so many seconds of the day, so many kilometres east on the equator."""
    altitude = None if height is None else feet(height)
    return Report(aircraft, callsign, (START_S + second) * S, LatLng(0.0, km * KM_DEG), altitude)


def steady(*seconds: int, aircraft: str | None = "a1", callsign: str | None = "AMB12", km: float = 0.0) -> list[Report]:
    """Reports of an aircraft that flies 0.25 km a second."""
    return [report(second, km + second / 4, aircraft=aircraft, callsign=callsign) for second in seconds]


def cleaned(reports: Sequence[Report], settings: TrackSettings = SETTINGS) -> tuple[list[Flight], TrackCounts]:
    """The flights, after seeing that the counts add up."""
    flights, counts = flights_from_reports(reports, settings)
    in_flights = sum(len(flight.waypoints) for flight in flights)
    assert counts.reports == len(reports)
    assert counts.reports == counts.incomplete + counts.repeated + counts.outliers + in_flights
    assert counts.flights == len(flights)
    return flights, counts


def seconds(flight: Flight) -> list[int]:
    return [waypoint.time_us // S - START_S for waypoint in flight.waypoints]


def changed(counts: TrackCounts) -> dict[str, int]:
    """What was counted beside the reports and flights."""
    names = [name for name in counts.__slots__ if name not in {"reports", "flights", "volumes"}]
    return {name: getattr(counts, name) for name in names if getattr(counts, name)}


def holds(volume: Volume4D, waypoint: Waypoint) -> bool:
    start_us, end_us, band = volume.window.start_us, volume.window.end_us, volume.band
    if start_us is None or end_us is None or not start_us <= waypoint.time_us <= end_us:
        return False
    if waypoint.altitude is None:
        assert band.lower is None or band.upper is not None
    elif band.lower is not None and band.upper is not None:
        assert band.lower.reference is waypoint.altitude.reference
        if not band.lower.dmm <= waypoint.altitude.dmm <= band.upper.dmm:
            return False
    return gap_m(Outline(volume.footprint), Outline(Circle(waypoint.position, 0.001))) == 0


def uncovered(flights: Sequence[Flight], intents: Sequence[Intent]) -> list[Waypoint]:
    """The waypoints that lie in no volume of their flight's intent."""
    per_flight = [route_volumes(flight.waypoints, MARGINS) for flight in flights]
    assert sorted(map(repr, per_flight)) == sorted(repr(intent.volumes) for intent in intents)
    return [
        waypoint
        for flight, volumes in zip(flights, per_flight, strict=True)
        for waypoint in flight.waypoints
        if not any(holds(volume, waypoint) for volume in volumes)
    ]


# ------------------------------------------------------------------------------------------------------------- cleaning


def test_a_steady_track_is_one_flight_and_nothing_is_counted_against_it() -> None:
    flights, counts = cleaned(steady(*range(0, 600, 10)))
    assert [len(flight.waypoints) for flight in flights] == [60]
    assert changed(counts) == {}


def test_no_reports_are_no_flights() -> None:
    assert cleaned([])[0] == []
    assert intents_from_tracks([], SETTINGS)[0] == []


def test_a_lone_report_still_becomes_a_volume() -> None:
    (intent,), counts = intents_from_tracks([report(0, 0)], SETTINGS)
    assert intent.volumes[0].footprint == Circle(LatLng(0.0, 0.0), 2_000.0)
    assert (counts.flights, counts.volumes) == (1, 1)


def test_a_report_without_time_or_position_is_dropped_and_counted() -> None:
    reports = steady(0, 10, 20)
    reports[0] = replace(reports[0], time_us=None)
    reports[1] = replace(reports[1], position=None)
    flights, counts = cleaned(reports)
    assert [seconds(flight) for flight in flights] == [[20]]
    assert changed(counts) == {"incomplete": 2}


def test_reports_out_of_order_are_sorted_and_counted() -> None:
    flights, counts = cleaned(steady(0, 20, 10, 30))
    assert [seconds(flight) for flight in flights] == [[0, 10, 20, 30]]
    assert changed(counts) == {"out_of_order": 1}


def test_a_report_that_only_repeats_another_is_dropped_and_counted() -> None:
    reports = steady(0, 10, 10, 20)
    reports.append(replace(reports[1], altitude=None))
    flights, counts = cleaned(reports)
    assert [seconds(flight) for flight in flights] == [[0, 10, 20]]
    assert changed(counts) == {"repeated": 2, "out_of_order": 1}


def test_two_of_one_time_that_contradict_each_other_are_both_kept_and_both_enclosed() -> None:
    reports = [report(0, 0), report(10, 2.5), report(10, 2.9), report(10, 2.5, 29_000), report(20, 5)]
    flights, counts = cleaned(reports)
    assert [seconds(flight) for flight in flights] == [[0, 10, 10, 10, 20]]
    assert changed(counts) == {"contradicting": 2}
    assert uncovered(flights, intents_from_tracks(reports, SETTINGS)[0]) == []


def test_the_answer_does_not_hang_on_the_order_of_the_reports() -> None:
    reports = noisy(random.Random(1))
    once = intents_from_tracks(reports, SETTINGS)
    random.Random(2).shuffle(reports)
    again = intents_from_tracks(reports, SETTINGS)
    assert once[0] == again[0]
    assert replace(once[1], out_of_order=0) == replace(again[1], out_of_order=0)


def test_a_silence_longer_than_the_longest_gap_begins_a_new_flight() -> None:
    flights, counts = cleaned(steady(0, 300, 601, 901))
    assert [seconds(flight) for flight in flights] == [[0, 300], [601, 901]]
    assert changed(counts) == {"gaps": 1}


def test_aircraft_are_flights_of_their_own() -> None:
    flights, counts = cleaned([*steady(0, 10), *steady(0, 10, aircraft="a2")])
    assert [flight.aircraft for flight in flights] == ["a1", "a2"]
    assert changed(counts) == {}


# ------------------------------------------------------------------------------------------------------------- outliers


def test_a_position_that_neither_neighbour_can_have_reached_is_dropped_and_the_rest_kept() -> None:
    reports = steady(*range(0, 120, 10))
    reports[5] = replace(reports[5], position=LatLng(3.0, 3.0))
    flights, counts = cleaned(reports)
    assert [seconds(flight) for flight in flights] == [[k for k in range(0, 120, 10) if k != 50]]
    assert changed(counts) == {"outliers": 1}


def test_an_outlier_near_enough_for_a_later_report_does_not_take_the_track_with_it() -> None:
    # 10 km ahead of where the aircraft is: later reports come ever nearer to the outlier.
    reports = steady(*range(0, 200, 10))
    reports[5] = report(50, 50 / 4 + 12)
    flights, counts = cleaned(reports)
    assert [seconds(flight) for flight in flights] == [[k for k in range(0, 200, 10) if k != 50]]
    assert changed(counts) == {"outliers": 1}


def test_the_first_and_the_last_report_have_one_neighbour_and_are_kept() -> None:
    for wrong in (0, -1):
        reports = steady(0, 10, 20, 30)
        reports[wrong] = replace(reports[wrong], position=LatLng(50.0, 50.0))
        flights, counts = cleaned(reports)
        assert sorted(len(flight.waypoints) for flight in flights) == [1, 3]
        assert changed(counts) == {"jumps": 1}


def test_two_wrong_reports_that_agree_are_a_flight_of_their_own() -> None:
    reports = [*steady(0, 10, 40, 50), *steady(20, 30, km=2_000)]
    flights, counts = cleaned(reports)
    assert [seconds(flight) for flight in flights] == [[0, 10, 40, 50], [20, 30]]
    assert changed(counts) == {"jumps": 1, "out_of_order": 1}


def test_two_aircraft_that_send_one_address_are_two_flights_and_no_report_is_lost() -> None:
    here, there = steady(*range(0, 200, 10)), steady(*range(5, 205, 10), km=500)
    flights, counts = cleaned([*here, *there])
    assert [len(flight.waypoints) for flight in flights] == [20, 20]
    assert changed(counts) == {"jumps": 1, "out_of_order": 1}


def test_a_leg_a_little_too_fast_stays_in_its_flight() -> None:
    # As in real data: a report timed some seconds late, so that the next one seems to have leapt.
    reports = [*steady(0, 10), *steady(20, 30, km=10)]
    flights, counts = cleaned(reports)
    assert [seconds(flight) for flight in flights] == [[0, 10, 20, 30]]
    assert changed(counts) == {"jumps": 1}
    assert uncovered(flights, intents_from_tracks(reports, SETTINGS)[0]) == []


def test_a_leap_to_the_other_side_of_the_globe_begins_a_new_flight_and_refuses_nothing() -> None:
    reports = [*steady(0, 10), *(replace(r, position=LatLng(0.0, 179.9)) for r in steady(20, 30))]
    intents, counts = intents_from_tracks(reports, SETTINGS)
    assert len(intents) == 2
    assert changed(counts) == {"jumps": 1}


def test_reports_far_apart_in_place_and_in_time_prove_nothing_against_each_other() -> None:
    flights, counts = cleaned([report(0, 0), report(400, 5_000), report(800, 0)])
    assert [seconds(flight) for flight in flights] == [[0], [400], [800]]
    assert changed(counts) == {"gaps": 2}


def test_a_crowd_of_places_under_one_address_takes_no_more_than_so_many_tracks_at_once() -> None:
    crowd = [replace(report(0, 0), position=LatLng(k % 179 - 89.0, k / 100)) for k in range(15_000)]
    began_s = process_time()
    _, counts = cleaned(crowd)
    assert process_time() - began_s < BOUNDED_S
    assert counts.outliers == 0


def test_an_evicted_track_begins_again_and_nothing_is_lost() -> None:
    places = 2 * OPEN_TRACKS
    crowd = [replace(report(k, 0), position=LatLng(0.0, 5.0 * (k % places))) for k in range(3 * places)]
    flights, counts = cleaned(crowd)
    assert len(flights) == 3 * places
    assert changed(counts) == {"jumps": 3 * places - 1}


# ------------------------------------------------------------------------------------------------------------- altitude


def heights(*values: float | None) -> tuple[list[float | None], TrackCounts]:
    """The altitudes after cleaning, of reports 10 s apart."""
    (flight,), counts = cleaned([report(10 * k, k, value) for k, value in enumerate(values)])
    return [None if w.altitude is None else w.altitude.value for w in flight.waypoints], counts


def test_an_altitude_that_neither_neighbour_can_have_reached_is_treated_as_missing() -> None:
    found, counts = heights(30_000, 30_100, 90_000, 30_200, 30_300)
    assert found == [30_000, 30_100, None, 30_200, 30_300]
    assert changed(counts) == {"altitude_outliers": 1}


@pytest.mark.parametrize(
    "values",
    [
        (90_000, 30_000, 30_000),  # the first: one neighbour proves nothing
        (30_000, 30_000, 90_000),
        (30_000, 90_000, 90_000, 30_000),  # two in a row
        (30_000, 90_000, 30_000, 90_000, 30_000),  # two that take turns
        (10_000, 50_000, 90_000),  # neighbours that do not fit to each other
        (1_000, 6_000, 11_000),  # a steep climb
    ],
)
def test_an_altitude_that_may_be_right_is_kept(values: tuple[float, ...]) -> None:
    found, counts = heights(*values)
    assert found == list(values)
    assert changed(counts) == {}


def test_altitudes_around_a_missing_one_are_neighbours() -> None:
    found, counts = heights(30_000, None, 90_000, None, 30_000)
    assert found == [30_000, None, None, None, 30_000]
    assert changed(counts) == {"altitudes_missing": 2, "altitude_outliers": 1}


def test_a_flight_without_altitudes_is_unbounded() -> None:
    (intent,), counts = intents_from_tracks([report(k, 0, None) for k in (0, 10, 20)], SETTINGS)
    assert [volume.band for volume in intent.volumes] == [AltitudeBand(None, None)]
    assert counts.altitudes_missing == 3


def test_a_barometric_altitude_stays_a_flight_level_in_feet() -> None:
    (intent,), _ = intents_from_tracks([report(0, 0, 30_000), report(10, 1, 30_025)], SETTINGS)
    # 300 m are 984.25 ft: rounded outward to the next foot.
    assert intent.volumes[0].band == AltitudeBand(feet(29_015), feet(31_010))


# -------------------------------------------------------------------------------------------------------------- intents


def test_an_intent_has_the_address_the_callsign_and_the_first_time_in_its_id() -> None:
    (intent,), _ = intents_from_tracks(steady(310, 320), SETTINGS)
    assert intent.id == "a1-AMB12-20300115T000510Z"
    assert (intent.party, intent.name, intent.kind, intent.priority) == ("AMB", "AMB12", Kind.AIR, 0)


@pytest.mark.parametrize(
    ("rule", "aircraft", "callsign", "party"),
    [
        (PartyRule.CALLSIGN3, "a1", "AMB12", "AMB"),
        (PartyRule.CALLSIGN3, "a1", "A", "A"),
        (PartyRule.CALLSIGN3, "a1", None, "a1"),
        (PartyRule.CALLSIGN, "a1", "AMB12", "AMB12"),
        (PartyRule.CALLSIGN, "a1", None, "a1"),
        (PartyRule.AIRCRAFT, "a1", "AMB12", "a1"),
        (PartyRule.AIRCRAFT, None, "AMB12", "AMB12"),
        (PartyRule.CALLSIGN3, None, None, UNKNOWN_PARTY),
    ],
)
def test_the_party_comes_by_the_rule_and_without_a_callsign_it_is_the_address(
    rule: PartyRule, aircraft: str | None, callsign: str | None, party: str
) -> None:
    settings = replace(SETTINGS, party_rule=rule)
    (intent,), _ = intents_from_tracks([report(0, 0, aircraft=aircraft, callsign=callsign)], settings)
    assert intent.party == party


def test_a_flight_goes_by_the_callsign_that_most_of_its_reports_give() -> None:
    reports = steady(0, 10, 20, 30)
    reports[0] = replace(reports[0], callsign="AAA")
    reports[1] = replace(reports[1], callsign=None)
    (intent,), _ = intents_from_tracks(reports, SETTINGS)
    assert intent.name == "AMB12"


def test_flights_that_would_have_one_id_are_numbered() -> None:
    apart = [report(0, 0), report(0, 5_000), report(0, 10_000)]
    intents, counts = intents_from_tracks(apart, SETTINGS)
    stem = "a1-AMB12-20300115T000000Z"
    assert [intent.id for intent in intents] == [stem, f"{stem}-2", f"{stem}-3"]
    assert changed(counts) == {"contradicting": 2, "jumps": 2}


def test_reports_without_any_name_are_joined_by_place_and_none_of_them_is_dropped() -> None:
    one, other = (steady(*range(0, 100, 10), aircraft=None, callsign=None, km=km) for km in (0, 100))
    stray = replace(report(45, 1_000), aircraft=None, callsign=None)
    flights, counts = cleaned([*one, *other, stray])
    assert sorted(len(flight.waypoints) for flight in flights) == [1, 10, 10]
    assert counts.unnamed == 21
    assert counts.outliers == 0


def test_reports_without_any_name_are_not_joined_over_a_leg_too_fast_to_fly() -> None:
    reports = [replace(r, aircraft=None, callsign=None) for r in (*steady(0, 10), *steady(20, 30, km=10))]
    flights, counts = cleaned(reports)
    assert [seconds(flight) for flight in flights] == [[0, 10], [20, 30]]
    assert changed(counts) == {"unnamed": 4, "jumps": 1}


def test_flights_of_unknown_parties_are_checked_against_each_other() -> None:
    crossing = [report(k, 0.001 * k, aircraft=None, callsign=None) for k in (0, 10)]
    far = [report(k, 100, aircraft=None, callsign=None) for k in (0, 10)]
    wide = replace(SETTINGS, margins=replace(MARGINS, half_width_m=60_000.0))
    intents, _ = intents_from_tracks([*crossing, *far], wide)
    assert len(intents) == 2
    assert len(find_conflicts(intents, Minima(), Scope(between_parties_only=True))) == 1


def test_a_flight_too_large_for_a_footprint_is_refused_by_name() -> None:
    around = [Report("a1", None, (START_S + 250 * k) * S, LatLng(0.0, k * 1.0 - 90), None) for k in range(180)]
    day = replace(SETTINGS, margins=replace(MARGINS, segment_us=86_400 * S))
    with pytest.raises(PartyError) as refused:
        intents_from_tracks(around, day)
    assert refused.value.code == "footprint_too_large"
    assert refused.value.field.startswith("a1-20300115T000000Z")


# ------------------------------------------------------------------------------------------------------- all is covered


def noisy(rng: random.Random) -> list[Report]:
    """Reports of several aircraft with all that goes wrong: gaps, repeats, outliers, nulls, disorder."""
    reports = []
    for aircraft in ("a1", "a2", None):
        second, position = 0, LatLng(rng.uniform(-80, 80), rng.uniform(-180, 180))
        for _ in range(60):
            second += rng.choice([1, 5, 10, 10, 10, 40, 400])
            position = LatLng(position.lat_deg + rng.uniform(-0.01, 0.02), (position.lng_deg + 180.02) % 360 - 180)
            height = rng.choice([None, *(feet(rng.randrange(29_000, 31_000, 25)) for _ in range(5))])
            seen = Report(aircraft, rng.choice([None, "AMB1", "AMB1"]), (START_S + second) * S, position, height)
            if rng.random() < 0.05:
                seen = replace(seen, position=LatLng(rng.uniform(-90, 90), rng.uniform(-180, 180)))
            if rng.random() < 0.05:
                seen = replace(seen, altitude=feet(rng.randrange(0, 100_000)))
            reports.append(seen)
            if rng.random() < 0.1:
                reports.append(replace(seen, altitude=None, time_us=rng.choice([seen.time_us, None])))
    return [reports[k] for k in sorted(range(len(reports)), key=lambda k: k + rng.uniform(0, 3))]


@pytest.mark.parametrize("seed", range(8))
def test_every_report_that_is_kept_lies_in_a_volume_whose_window_holds_its_time(seed: int) -> None:
    reports = noisy(random.Random(seed))
    flights, counts = cleaned(reports)
    intents, with_volumes = intents_from_tracks(reports, SETTINGS)
    assert uncovered(flights, intents) == []
    assert with_volumes == replace(counts, volumes=sum(len(intent.volumes) for intent in intents))
    assert len({intent.id for intent in intents}) == len(intents)
    assert counts.incomplete
    assert counts.repeated
    assert counts.gaps
