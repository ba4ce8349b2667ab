"""The made-up day is the same everywhere, lies in its theatre, and is worth checking."""

import hashlib
from collections import Counter
from statistics import median
from time import process_time

import pytest

from tansiq.conflict.batch import Scope, find_conflicts
from tansiq.conflict.minima import Minima, Minimum
from tansiq.domain.intent import Intent, Kind
from tansiq.geometry.footprint import Circle, Corridor, Polygon, core
from tansiq.sim.lots import THEATRE_DEG, Lots
from tansiq.sim.plans import DAY_START_US, day_plans
from tansiq.units import Altitude, AltitudeUnit, Reference, format_instant

DAY_US = 86_400_000_000
MINIMA = Minima({frozenset({Kind.AIR}): Minimum(3 * 1852.0, 1_000 * 3_048)})
DEGREE_M = 110_574.0
"""The shortest degree there is near the equator: it makes a buffer look wider than it is."""


def written(height: Altitude | None) -> str:
    return "-" if height is None else f"{height.value!r} {height.units.value} {height.reference.name}"


def digest(intents: list[Intent]) -> str:
    """Of everything that was drawn, down to the last digit."""
    lines = []
    for intent in intents:
        lines.append(f"{intent.id} {intent.party} {intent.kind.value} {intent.priority} {intent.name}")
        for volume in intent.volumes:
            kind, points, buffer_m = core(volume.footprint)
            limits = f"{written(volume.band.lower)} {written(volume.band.upper)}"
            lines.append(f"{kind:d} {[tuple(point) for point in points]!r} {buffer_m!r} {limits}")
            lines.append(f"{volume.window.start_us} {volume.window.end_us}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def conflicts_between_parties(intents: list[Intent]) -> int:
    return len(find_conflicts(intents, MINIMA, Scope(between_parties_only=True)))


def test_a_seed_gives_the_same_day_on_every_python_and_machine() -> None:
    assert digest(day_plans(1, 200)) == "cdaeecca13d5f5258e97b5a05d818d29a696b477530ca6635ae998407b36aff2"


def test_another_seed_gives_another_day() -> None:
    assert len({digest(day_plans(seed, 40)) for seed in range(20)}) == 20


def test_a_day_is_the_beginning_of_every_longer_day() -> None:
    whole = day_plans(3, 100)
    for count in (0, 1, 2, 40, 99):
        assert day_plans(3, count) == whole[:count]


@pytest.mark.parametrize("seed", range(5))
def test_everything_lies_in_the_theatre_and_within_the_day(seed: int) -> None:
    for intent in day_plans(seed, 200):
        for volume in intent.volumes:
            _, points, buffer_m = core(volume.footprint)
            room_deg = buffer_m / DEGREE_M
            assert all(room_deg < degrees < THEATRE_DEG - room_deg for point in points for degrees in point)
            assert volume.window.start_us is not None
            assert volume.window.end_us is not None
            assert DAY_START_US <= volume.window.start_us < volume.window.end_us <= DAY_START_US + DAY_US


def test_places_are_whole_millionths_of_a_degree_and_times_whole_seconds() -> None:
    for intent in day_plans(2, 100):
        for volume in intent.volumes:
            _, points, _ = core(volume.footprint)
            assert all(round(degrees, 6) == degrees for point in points for degrees in point)
            for instant_us in (volume.window.start_us, volume.window.end_us):
                assert instant_us is not None
                assert instant_us % 1_000_000 == 0
                assert format_instant(instant_us).startswith("2030-01-1")


@pytest.mark.parametrize("seed", range(10))
def test_two_parties_take_part_from_two_plans_on_and_every_id_is_there_once(seed: int) -> None:
    assert {intent.party for intent in day_plans(seed, 2)} == {"AMBER", "TEAL"}
    intents = day_plans(seed, 300)
    parties = Counter(intent.party for intent in intents)
    assert set(parties) == {"AMBER", "TEAL"}
    assert min(parties.values()) > 100
    assert len({intent.id for intent in intents}) == 300
    for letter, party in (("A", "AMBER"), ("T", "TEAL")):
        ids = [intent.id for intent in intents if intent.party == party]
        assert ids == [f"{letter}-{number}" for number in range(101, 101 + len(ids))]


@pytest.mark.parametrize("seed", range(5))
def test_a_day_of_forty_has_all_sorts_of_plans(seed: int) -> None:
    intents = day_plans(seed, 40)
    volumes = [volume for intent in intents for volume in intent.volumes]
    limits = [limit for v in volumes for limit in (v.band.lower, v.band.upper) if limit is not None]
    assert {intent.kind for intent in intents} == {Kind.AIR, Kind.SEA, Kind.GROUND}
    assert {type(volume.footprint) for volume in volumes} == {Circle, Corridor, Polygon}
    assert {limit.reference for limit in limits} == set(Reference)
    assert {limit.units for limit in limits} == set(AltitudeUnit)
    assert 0 < sum(intent.priority > 0 for intent in intents) < 5
    assert all(intent.name and intent.volumes for intent in intents)
    assert any(len(intent.volumes) > 2 for intent in intents if (intent.name or "").startswith("transit"))


def test_flight_levels_begin_at_5000_feet() -> None:
    for intent in day_plans(4, 200):
        for volume in intent.volumes:
            for limit in (volume.band.lower, volume.band.upper):
                assert limit is not None
                assert limit.reference is not Reference.FL or limit.dmm >= 5_000 * 3_048


def test_a_day_of_forty_has_a_handful_of_conflicts_between_the_parties() -> None:
    found = [conflicts_between_parties(day_plans(seed, 40)) for seed in range(40)]
    assert 5 <= median(found) <= 12
    assert sum(5 <= count <= 12 for count in found) >= 25


def test_a_thousand_plans_take_less_than_a_second() -> None:
    best_s = min(timed_s() for _ in range(3))
    assert best_s < 1.0


def timed_s() -> float:
    began = process_time()
    day_plans(1, 1_000)
    return process_time() - began


def test_lots_reach_both_ends_and_every_option() -> None:
    lots = Lots(7)
    assert {lots.whole(3, 9, 3) for _ in range(100)} == {3, 6, 9}
    assert {lots.one_of("abc") for _ in range(100)} == {"a", "b", "c"}
    assert sorted(lots.shuffled(range(50))) == list(range(50))
    starts = [lots.start_min(1_430, 2) for _ in range(200)]
    assert (min(starts), max(starts)) == (2, 7)
