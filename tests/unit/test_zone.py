"""A zone is where its layers are, when its periods are, and never less."""

from dataclasses import replace
from typing import Final

import pytest

from tansiq.conflict.exact import conflict, exact_volume
from tansiq.conflict.minima import Minimum
from tansiq.domain.intent import Kind
from tansiq.domain.zone import DAY_US, EVERY_DAY, DailyWindow, Layer, Period, Restriction, Variant, Zone
from tansiq.errors import PartyError
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.limits import LIMITS

ALWAYS: Final = TimeWindow(None, None)
HERE: Final = Layer(Circle(LatLng(1.0, 1.0), 1_000.0), AltitudeBand(None, None))
THERE: Final = Layer(Circle(LatLng(2.0, 2.0), 1_000.0), AltitudeBand(None, None))
MONDAYS: Final = DailyWindow(frozenset({0}), 0, DAY_US // 2)
MONDAY_US: Final = 4 * DAY_US
"""1970-01-05."""


def zone(*periods: Period, layers: tuple[Layer, ...] = (HERE,), identifier: str = "Z-1") -> Zone:
    return Zone(identifier, "XXA", "box", Restriction.PROHIBITED, Variant.COMMON, layers, periods or (Period(ALWAYS),))


def windows(of: Zone, span: TimeWindow) -> list[tuple[int | None, int | None, bool]]:
    return [(v.window.start_us, v.window.end_us, v.estimated) for v in of.intent(span).volumes]


def test_a_zone_is_an_intent_of_its_country() -> None:
    found = zone().intent(ALWAYS)
    assert (found.id, found.party, found.kind, found.name) == ("XXA/Z-1", "zone XXA", Kind.ZONE, "box")
    assert found.volumes == (Volume4D(HERE.footprint, HERE.band, ALWAYS),)


def test_each_layer_has_a_volume_for_each_window() -> None:
    twice = zone(Period(TimeWindow(0, 9)), Period(TimeWindow(20, 29)), layers=(HERE, THERE))
    found = [(v.footprint, v.window.start_us) for v in twice.intent(ALWAYS).volumes]
    assert found == [(HERE.footprint, 0), (HERE.footprint, 20), (THERE.footprint, 0), (THERE.footprint, 20)]


@pytest.mark.parametrize(
    ("period", "span", "want"),
    [
        (TimeWindow(10, 20), TimeWindow(20, 30), [(20, 20, False)]),
        (TimeWindow(10, 20), TimeWindow(21, 30), []),
        (TimeWindow(10, None), TimeWindow(None, 15), [(10, 15, False)]),
        (TimeWindow(None, 20), ALWAYS, [(None, 20, False)]),
    ],
)
def test_a_period_is_cut_to_the_span_and_both_are_closed(
    period: TimeWindow, span: TimeWindow, want: list[tuple[int | None, int | None, bool]]
) -> None:
    assert windows(zone(Period(period)), span) == want


def test_a_span_that_starts_in_a_window_holds_the_rest_of_it() -> None:
    start_us = MONDAY_US + DAY_US // 4
    found = windows(zone(Period(ALWAYS, (MONDAYS,))), TimeWindow(start_us, MONDAY_US + 7 * DAY_US))
    assert found == [
        (start_us, MONDAY_US + DAY_US // 2, False),
        (MONDAY_US + 7 * DAY_US, MONDAY_US + 7 * DAY_US, False),
    ]


def test_windows_that_touch_are_one_and_those_a_microsecond_apart_are_two() -> None:
    touching = zone(Period(TimeWindow(0, 10)), Period(TimeWindow(10, 20)), Period(TimeWindow(21, 30)))
    assert windows(touching, ALWAYS) == [(0, 20, False), (21, 30, False)]


def test_what_is_estimated_does_not_make_what_is_known_doubtful() -> None:
    both = zone(Period(TimeWindow(0, 10)), Period(TimeWindow(5, 20), estimated=True))
    assert windows(both, ALWAYS) == [(0, 10, False), (5, 20, True)]


def test_doubt_of_a_period_and_of_a_layer_is_doubt_of_its_volumes() -> None:
    doubtful = zone(Period(TimeWindow(MONDAY_US, MONDAY_US + 1), (MONDAYS,), estimated=True))
    assert windows(doubtful, ALWAYS) == [(MONDAY_US, MONDAY_US + 1, True)]
    widened = zone(layers=(HERE, replace(THERE, estimated=True)))
    assert [volume.estimated for volume in widened.intent(ALWAYS).volumes] == [False, True]


def test_a_week_without_end_is_enclosed_by_one_estimated_window() -> None:
    weekly = zone(Period(TimeWindow(0, None), (MONDAYS,)))
    assert windows(weekly, ALWAYS) == [(0, None, True)]
    assert not weekly.follows_schedule(ALWAYS)
    assert weekly.follows_schedule(TimeWindow(None, 30 * DAY_US))


def test_only_the_period_without_end_is_enclosed() -> None:
    mixed = zone(Period(TimeWindow(0, 3 * DAY_US)), Period(TimeWindow(10 * DAY_US, None), (MONDAYS,)))
    assert windows(mixed, ALWAYS) == [(0, 3 * DAY_US, False), (10 * DAY_US, None, True)]


def test_all_of_every_day_is_always_and_needs_no_estimate() -> None:
    always = zone(Period(ALWAYS, (DailyWindow(EVERY_DAY, 0, DAY_US), MONDAYS)))
    assert windows(always, ALWAYS) == [(None, None, False)]
    assert always.follows_schedule(ALWAYS)


def test_a_schedule_past_the_limit_is_enclosed_and_told() -> None:
    daily = zone(Period(ALWAYS, (DailyWindow(EVERY_DAY, 0, DAY_US // 2),)), layers=(HERE, THERE))
    most = LIMITS.volumes_per_zone // 2
    fits, exceeds = TimeWindow(0, most * DAY_US - 1), TimeWindow(0, most * DAY_US)
    assert daily.follows_schedule(fits)
    assert len(daily.intent(fits).volumes) == LIMITS.volumes_per_zone
    assert not daily.follows_schedule(exceeds)
    assert windows(daily, exceeds) == [(0, most * DAY_US, True)] * 2


def test_ten_thousand_years_do_not_take_long() -> None:
    daily = zone(Period(ALWAYS, (MONDAYS,) * 1_000))
    assert len(daily.intent(TimeWindow(-(2**60), 2**57)).volumes) == 1


def test_more_layers_in_periods_than_the_limit_are_refused() -> None:
    periods = tuple(Period(TimeWindow(us, us)) for us in range(LIMITS.volumes_per_zone // 2 + 1))
    with pytest.raises(PartyError, match="2 layers in 5001 periods"):
        zone(*periods, layers=(HERE, THERE))


def test_a_name_that_its_intent_could_not_bear_is_refused() -> None:
    with pytest.raises(PartyError, match="limit_exceeded"):
        zone(identifier="x" * LIMITS.id_characters)


def test_a_conflict_with_an_estimated_window_is_no_more_than_possible() -> None:
    flight = exact_volume(Volume4D(HERE.footprint, HERE.band, TimeWindow(0, 1)))
    answers = []
    for estimated in (False, True):
        (volume,) = zone(Period(ALWAYS, estimated=estimated)).intent(ALWAYS).volumes
        verdict = conflict(flight, exact_volume(volume), Minimum(0.0, 0))
        assert verdict is not None
        answers.append(verdict.certainty)
    assert answers == [Certainty.CERTAIN, Certainty.POSSIBLE]
