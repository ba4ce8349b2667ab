"""A route becomes static volumes that hide nothing of it."""

import random
from itertools import pairwise

import pytest

from tansiq.domain.route import RouteMargins, Waypoint, route_volumes
from tansiq.errors import PartyError
from tansiq.geometry.band import AltitudeBand, amsl_bounds_dmm
from tansiq.geometry.distance import Outline, gap_m
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Corridor
from tansiq.geometry.volume import TimeWindow
from tansiq.limits import LIMITS
from tansiq.units import (
    DMM_PER_METRE,
    FIRST_INSTANT_US,
    LAST_INSTANT_US,
    Altitude,
    AltitudeUnit,
    Reference,
    format_instant,
)

S = 1_000_000
UNBOUNDED = AltitudeBand(None, None)
UNITS = ((AltitudeUnit.M, Reference.W84), (AltitudeUnit.FT, Reference.AMSL), (AltitudeUnit.FL, Reference.FL))
STEP_DMM = {AltitudeUnit.M: 1_000, AltitudeUnit.FT: 3_048, AltitudeUnit.FL: 3_048}


def margins(segment_s: int = 60, half_width_m: float = 2_000.0, vertical_dmm: int = 0, pad_s: int = 0) -> RouteMargins:
    return RouteMargins(segment_s * S, half_width_m, vertical_dmm, pad_s * S)


def feet(value: float) -> Altitude:
    return Altitude(value, AltitudeUnit.FT, Reference.FL)


def along(*stops: tuple[int, float, Altitude | None]) -> list[Waypoint]:
    """Waypoints at (seconds, degrees east on the equator, altitude)."""
    return [Waypoint(LatLng(0.0, lng), seconds * S, height) for seconds, lng, height in stops]


def steady(*seconds: int) -> list[Waypoint]:
    """Waypoints at these seconds, a hundredth of a degree further on every ten seconds, at 30,000 ft."""
    return along(*((second, second / 1000, feet(30_000)) for second in seconds))


def bands(*heights: Altitude | None, vertical_dmm: int = 0, per_segment: int = 2) -> list[AltitudeBand]:
    """The bands of a route with these altitudes, 10 s apart, in segments of so many waypoints."""
    route = along(*((10 * k, k / 100, height) for k, height in enumerate(heights)))
    cut = margins(segment_s=10 * (per_segment - 1), vertical_dmm=vertical_dmm)
    return [volume.band for volume in route_volumes(route, cut)]


def test_successive_volumes_share_a_waypoint_so_nothing_between_them_is_uncovered() -> None:
    volumes = route_volumes(steady(*range(0, 300, 7)), margins())
    assert len(volumes) > 3
    for one, following in pairwise(volumes):
        assert isinstance(one.footprint, Corridor)
        assert isinstance(following.footprint, Corridor)
        assert one.footprint.line[-1] == following.footprint.line[0]
        assert one.window.end_us == following.window.start_us


def test_a_segment_ends_with_the_first_waypoint_at_or_past_its_duration() -> None:
    volumes = route_volumes(steady(0, 20, 59, 60, 61, 119, 121, 130), margins())
    assert [volume.window for volume in volumes] == [
        TimeWindow(0, 60 * S),
        TimeWindow(60 * S, 121 * S),
        TimeWindow(121 * S, 130 * S),
    ]


def test_two_waypoints_further_apart_than_a_segment_make_one_segment() -> None:
    (volume,) = route_volumes(steady(0, 600), margins(pad_s=30))
    assert volume.window == TimeWindow(-30 * S, 630 * S)
    assert volume.footprint == Corridor((LatLng(0.0, 0.0), LatLng(0.0, 0.6)), 2_000.0)


def test_a_segment_of_no_duration_runs_from_waypoint_to_waypoint() -> None:
    assert len(route_volumes(steady(0, 10, 20, 30), margins(segment_s=0))) == 3


def test_a_lone_waypoint_has_a_volume_and_none_have_none() -> None:
    (volume,) = route_volumes(steady(10), margins(pad_s=5))
    assert volume.footprint == Circle(LatLng(0.0, 0.01), 2_000.0)
    assert volume.window == TimeWindow(5 * S, 15 * S)
    assert route_volumes([], margins()) == ()


def test_a_segment_that_stays_at_one_place_is_a_circle_however_the_place_is_called() -> None:
    still = [Waypoint(LatLng(1.0, 1.0), k * S, None) for k in range(3)]
    pole = [Waypoint(LatLng(90.0, 10.0 * k), k * S, None) for k in range(3)]
    date_line = [Waypoint(LatLng(0.0, (-1) ** k * 180.0), k * S, None) for k in range(3)]
    for waypoints in (still, pole, date_line):
        (volume,) = route_volumes(waypoints, margins())
        assert volume.footprint == Circle(waypoints[0].position, 2_000.0)


def test_successive_repeats_of_a_place_are_dropped_from_the_line_and_later_ones_kept() -> None:
    route = along(*((k, lng, None) for k, lng in enumerate((0.0, 0.0, 0.1, 0.1, 0.0))))
    (volume,) = route_volumes(route, margins())
    assert volume.footprint == Corridor((LatLng(0.0, 0.0), LatLng(0.0, 0.1), LatLng(0.0, 0.0)), 2_000.0)


@pytest.mark.parametrize("seed", range(20))
def test_the_band_encloses_every_altitude_and_the_margin_to_a_tenth_of_a_millimetre(seed: int) -> None:
    rng = random.Random(seed)
    for units, reference in UNITS:
        most = 400 if units is AltitudeUnit.FL else 12_000
        heights = [Altitude(rng.uniform(-10, most), units, reference) for _ in range(5)]
        margin_dmm = rng.choice([0, 1, rng.randrange(10_000_000)])
        (band,) = bands(*heights, vertical_dmm=margin_dmm, per_segment=5)
        least = min(height.dmm for height in heights) - margin_dmm
        greatest = max(height.dmm for height in heights) + margin_dmm
        assert band.lower is not None
        assert band.upper is not None
        assert (band.lower.reference, band.lower.units) == (reference, units)
        assert 0 <= least - band.lower.dmm < STEP_DMM[units]
        assert 0 <= band.upper.dmm - greatest < STEP_DMM[units]


def test_whole_feet_levels_and_decimetres_stay_as_they_are() -> None:
    for value, units, reference in (
        (30_000.0, AltitudeUnit.FT, Reference.FL),
        (350.0, AltitudeUnit.FL, Reference.FL),
        (120.3, AltitudeUnit.M, Reference.W84),
    ):
        height = Altitude(value, units, reference)
        assert bands(height, height) == [AltitudeBand(height, height)]


def test_a_segment_without_any_altitude_is_unbounded() -> None:
    assert bands(feet(1_000), None, None, feet(2_000))[1] == UNBOUNDED
    assert bands(None) == [UNBOUNDED]


def test_an_altitude_missing_at_a_segments_end_lies_between_the_known_ones_around_it() -> None:
    climb = bands(feet(1_000), None, None, None, feet(4_000))
    whole = AltitudeBand(feet(1_000), feet(4_000))
    assert climb == [whole, UNBOUNDED, UNBOUNDED, whole]


def test_an_altitude_missing_where_none_is_known_beyond_could_be_any() -> None:
    assert bands(feet(1_000), None) == [UNBOUNDED]
    assert bands(None, feet(1_000), feet(1_000)) == [UNBOUNDED, AltitudeBand(feet(1_000), feet(1_000))]


def test_altitudes_of_several_references_are_enclosed_by_what_they_can_mean_above_the_sea() -> None:
    deck = Altitude(0.0, AltitudeUnit.FT, Reference.AGL)
    (band,) = bands(deck, feet(6_000), vertical_dmm=10_000)
    bounds = [amsl_bounds_dmm(height.reference, height.dmm) for height in (deck, feet(6_000))]
    assert band.lower is not None
    assert band.upper is not None
    assert band.lower.reference is band.upper.reference is Reference.AMSL
    assert 0 <= min(low for low, _ in bounds) - 10_000 - band.lower.dmm < 1_000
    assert 0 <= band.upper.dmm - max(high for _, high in bounds) - 10_000 < 1_000


def test_a_margin_past_what_an_altitude_may_be_is_unbounded() -> None:
    low, high = (Altitude(m, AltitudeUnit.M, Reference.W84) for m in (LIMITS.altitude_min_m, LIMITS.altitude_max_m))
    assert bands(low, high) == [AltitudeBand(low, high)]
    assert bands(low, high, vertical_dmm=1) == [UNBOUNDED]
    assert bands(feet(0), vertical_dmm=10**12) == [UNBOUNDED]
    assert bands(feet(0), vertical_dmm=9_000 * DMM_PER_METRE)[0].lower is None


def test_a_pad_past_the_calendar_is_unbounded_and_every_other_end_can_be_written() -> None:
    for time_us in (FIRST_INSTANT_US, LAST_INSTANT_US, FIRST_INSTANT_US - S, LAST_INSTANT_US + S, 0):
        for pad_s in (0, 1, 10**15):
            (volume,) = route_volumes([Waypoint(LatLng(0.0, 0.0), time_us, None)], margins(pad_s=pad_s))
            start_us, end_us = volume.window.start_us, volume.window.end_us
            assert start_us is None or start_us <= time_us - pad_s * S or start_us == LAST_INSTANT_US
            assert end_us is None or end_us >= time_us + pad_s * S or end_us == FIRST_INSTANT_US
            for instant_us in (start_us, end_us):
                assert instant_us is None or format_instant(instant_us)
    for edge_us in (FIRST_INSTANT_US, LAST_INSTANT_US):
        (volume,) = route_volumes([Waypoint(LatLng(0.0, 0.0), edge_us, None)], margins())
        assert volume.window == TimeWindow(edge_us, edge_us)
    early = route_volumes([Waypoint(LatLng(0.0, 0.0), FIRST_INSTANT_US, None)], margins(pad_s=1))[0]
    assert early.window == TimeWindow(None, FIRST_INSTANT_US + S)
    late = route_volumes([Waypoint(LatLng(0.0, 0.0), LAST_INSTANT_US, None)], margins(pad_s=1))[0]
    assert late.window == TimeWindow(LAST_INSTANT_US - S, None)


def test_more_points_than_a_footprint_may_have_end_a_segment_and_are_all_covered() -> None:
    count = 2 * LIMITS.vertices_per_footprint + 5
    route = [Waypoint(LatLng(0.0, k * 1e-5), k, None) for k in range(count)]
    volumes = route_volumes(route, margins())
    assert len(volumes) == 3
    lines = [volume.footprint.line for volume in volumes if isinstance(volume.footprint, Corridor)]
    assert {point for line in lines for point in line} == {waypoint.position for waypoint in route}


def test_every_waypoint_lies_in_a_volume_whose_window_holds_its_time() -> None:
    rng = random.Random(5)
    position, second, route = LatLng(89.9, 179.9), 0, []
    for _ in range(60):
        position = LatLng(
            min(90.0, position.lat_deg + rng.uniform(-0.05, 0.06)), (position.lng_deg + rng.uniform(0, 20)) % 360 - 180
        )
        second += rng.choice([0, 1, 10, 90])
        route.append(Waypoint(position, second * S, feet(rng.randrange(40_000))))
    volumes = route_volumes(route, margins(half_width_m=100.0))
    for waypoint in route:
        assert waypoint.altitude is not None
        holding = [
            volume
            for volume in volumes
            if volume.window.start_us is not None
            and volume.window.end_us is not None
            and volume.window.start_us <= waypoint.time_us <= volume.window.end_us
            and volume.band.lower is not None
            and volume.band.upper is not None
            and volume.band.lower.dmm <= waypoint.altitude.dmm <= volume.band.upper.dmm
        ]
        here = Outline(Circle(waypoint.position, 0.001))
        assert any(gap_m(Outline(volume.footprint), here) == 0 for volume in holding)


def test_a_route_that_runs_back_in_time_is_refused_and_the_waypoint_named() -> None:
    with pytest.raises(PartyError) as refused:
        route_volumes(steady(0, 10, 9), margins())
    assert (refused.value.code, refused.value.field) == ("time_reversed", "waypoints[2]")


def test_waypoints_at_one_time_are_all_covered() -> None:
    (volume,) = route_volumes(along((0, 0.0, None), (0, 0.1, None), (0, 0.2, None)), margins(segment_s=60))
    assert isinstance(volume.footprint, Corridor)
    assert len(volume.footprint.line) == 3


def test_a_leg_to_the_other_side_of_the_globe_is_refused() -> None:
    with pytest.raises(PartyError) as refused:
        route_volumes(along((0, 0.0, None), (10, 180.0, None)), margins())
    assert refused.value.code == "antipodal_edge"


@pytest.mark.parametrize(
    ("segment_us", "half_width_m", "vertical_dmm", "pad_us", "field", "code"),
    [
        (-1, 1.0, 0, 0, "segment", "out_of_range"),
        (0, 0.0, 0, 0, "half_width", "not_positive"),
        (0, float("nan"), 0, 0, "half_width", "not_finite"),
        (0, float("inf"), 0, 0, "half_width", "not_finite"),
        (0, 1.0, -1, 0, "vertical", "out_of_range"),
        (0, 1.0, 0, -1, "pad", "out_of_range"),
    ],
)
def test_margins_that_would_shrink_a_volume_are_refused(
    segment_us: int, half_width_m: float, vertical_dmm: int, pad_us: int, *, field: str, code: str
) -> None:
    with pytest.raises(PartyError) as refused:
        RouteMargins(segment_us, half_width_m, vertical_dmm, pad_us)
    assert (refused.value.field, refused.value.code) == (field, code)
