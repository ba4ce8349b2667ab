"""What is suggested is free, costs no more than anything else on the grid, and is what brute force finds."""

import random
from collections.abc import Sequence
from typing import Final

import pytest

from tansiq.conflict.batch import Scope, find_conflicts, find_volume_conflicts
from tansiq.conflict.minima import Minima, Minimum
from tansiq.conflict.resolve import Reach, Resolver, Shift, Suggestion, Way, shifted
from tansiq.domain.intent import Intent, Kind
from tansiq.errors import PartyError
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.earth import LatLng, geodesic_distance_m
from tansiq.geometry.footprint import Circle
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.units import Altitude, AltitudeUnit, Reference
from tests.authority.test_story_s1 import AMBER, TEAL, THREE_NM_OR_3000_FT
from tests.laws.agreement import exact_verdicts
from tests.laws.strategies import HOUR_US, anywhere, from_place, intent, random_footprint, slab

SHORT: Final = Reach(time=30, height=15, across=12)
CASES: Final = 200
MINUTE_US: Final = 60_000_000
Clear = dict[int, Certainty]
"""Per other intent how surely it conflicts with one; those that are clear are left out."""


def crowd(rng: random.Random) -> list[Intent]:
    """Six intents close together, so that a way out of one conflict is often the way into the next."""
    place = anywhere(rng)
    intents = []
    for number in range(6):
        volumes = []
        for k in range(rng.choice([1, 1, 2])):
            at = from_place(place, rng.uniform(0, 360), rng.uniform(0, 1_800))
            low_m = rng.randrange(100, 900)
            band = slab(low_m, low_m + rng.randrange(20, 200))
            if rng.random() < 0.2:
                feet = (Altitude(low_m * 3.0, AltitudeUnit.FT, r) for r in (Reference.AMSL, Reference.AMSL))
                band = AltitudeBand(*feet)
            start_us = rng.randrange(20) * MINUTE_US + k * HOUR_US // 4
            window = TimeWindow(start_us, start_us + rng.randrange(1, 25) * MINUTE_US)
            volumes.append(Volume4D(random_footprint(rng, at, 900.0), band, window))
        intents.append(intent(number, *volumes, party=rng.choice(["Amber", "Teal"])))
    return intents


def conflicts_of(subject: Intent, others: dict[int, Intent], minima: Minima) -> Clear:
    """How surely the subject conflicts with each of the others, by the definition."""
    found: Clear = {}
    for j, other in others.items():
        for verdict in exact_verdicts([subject, other], minima).values():
            found[j] = max(found.get(j, Certainty.CLEAR), verdict.certainty)
    return found


def worse(before: Clear, after: Clear, cleared: int) -> bool:
    return cleared in after or any(certainty > before.get(j, Certainty.CLEAR) for j, certainty in after.items())


def every_shift(intent_: Intent, way: Way) -> list[Shift]:
    """The grid as the docs state it, the cheapest first."""
    limits = [limit for v in intent_.volumes for limit in (v.band.lower, v.band.upper) if limit is not None]
    step_dmm = 304_800 if all(limit.units is not AltitudeUnit.M for limit in limits) else 300_000
    match way:
        case Way.TIME:
            return [Shift(way, k, later_us=s * k * MINUTE_US) for k in range(1, SHORT.time + 1) for s in (1, -1)]
        case Way.HEIGHT:
            return [Shift(way, k, up_dmm=s * k * step_dmm) for k in range(1, SHORT.height + 1) for s in (1, -1)]
        case Way.ACROSS:
            rings = range(1, SHORT.across + 1)
            return [Shift(way, k, bearing_deg=b * 22.5, across_m=100 * k) for k in rings for b in range(16)]


def cheapest_by_brute_force(intents: Sequence[Intent], minima: Minima, mover: int, other: int, way: Way) -> int | None:
    """The least cost of a shift that clears the two and makes nothing worse: all of them are tried at once."""
    tried: list[tuple[Shift, Intent]] = []
    for shift in every_shift(intents[mover], way):
        try:
            tried.append((shift, shifted(intents[mover], shift)))
        except PartyError:
            continue
    others = [one for j, one in enumerate(intents) if j != mover]
    names = [j for j in range(len(intents)) if j != mover]
    every = [intents[mover], *(one for _, one in tried), *others]
    sides = [0] * (1 + len(tried)) + [1] * len(others)
    met: list[Clear] = [{} for _ in range(1 + len(tried))]
    for found in find_volume_conflicts(every, minima, Scope(sides=sides)):
        j = names[found.b[0] - 1 - len(tried)]
        clear = met[found.a[0]]
        clear[j] = max(clear.get(j, Certainty.CLEAR), found.verdict.certainty)
    costs = [shift.cost for (shift, _), after in zip(tried, met[1:], strict=True) if not worse(met[0], after, other)]
    return min(costs, default=None)


def check(intents: Sequence[Intent], minima: Minima, mover: int, other: int, found: list[Suggestion]) -> int:
    """The suggestions to move `mover` cost what brute force finds, and make nothing worse; how many there are."""
    others = {j: one for j, one in enumerate(intents) if j != mover}
    before = conflicts_of(intents[mover], others, minima)
    by_way = {s.shift.way: s for s in found if s.intent == mover}
    for way in Way:
        want = cheapest_by_brute_force(intents, minima, mover, other, way)
        assert (by_way[way].shift.cost if way in by_way else None) == want, f"{way}, {mover} from {other}"
    for suggestion in by_way.values():
        after = conflicts_of(suggestion.proposed, others, minima)
        assert not worse(before, after, other), suggestion.shift
        assert suggestion.proposed == shifted(intents[mover], suggestion.shift)
    return len(by_way)


@pytest.mark.parametrize("part", range(4))
def test_nothing_cheaper_is_on_the_grid_and_nothing_gets_worse(part: int) -> None:
    rng = random.Random(f"resolve {part}")
    looked_at = offered = 0
    while looked_at < CASES // 4:
        intents = crowd(rng)
        minima = Minima({frozenset((Kind.AIR,)): rng.choice([Minimum(), Minimum(200.0, 600_000)])})
        conflicts = find_conflicts(intents, minima)
        if not conflicts:
            continue
        resolver = Resolver(intents, minima, SHORT)
        conflict = rng.choice(conflicts)
        found = resolver.suggestions(conflict.a, conflict.b)
        assert [s.shift.cost for s in found] == sorted(s.shift.cost for s in found)
        offered += check(intents, minima, conflict.a, conflict.b, found)
        offered += check(intents, minima, conflict.b, conflict.a, found)
        looked_at += 1
    assert offered > looked_at


def test_story_s1_is_offered_a_floor_of_7011_m_and_one_of_6400_m_is_refused() -> None:
    intents = [intent(101, AMBER), intent(201, TEAL, party="Teal")]
    minima = Minima({frozenset((Kind.AIR,)): THREE_NM_OR_3000_FT})
    resolver = Resolver(intents, minima)
    [up] = [s for s in resolver.suggestions(0, 1) if s.intent == 1 and s.shift.way is Way.HEIGHT]
    lower = up.proposed.volumes[0].band.lower
    assert lower is not None
    assert lower.value == 7_011
    refused = shifted(intents[1], Shift(Way.HEIGHT, 64, up_dmm=19_000_000))
    [pair] = find_volume_conflicts([intents[0], refused], minima)
    assert pair.verdict.vertical_gap_dmm == 304 * 10_000
    assert refused.volumes[0].band == slab(6_400, 9_400)
    assert THREE_NM_OR_3000_FT.vertical_dmm == 9_144_000


def test_nothing_is_offered_where_nothing_within_reach_is_free() -> None:
    wall = Volume4D(Circle(LatLng(1.0, 1.0), 100_000.0), AltitudeBand(None, None), TimeWindow(None, None))
    inside = Volume4D(Circle(LatLng(1.0, 1.0), 500.0), slab(100, 200), TimeWindow(0, HOUR_US))
    assert Resolver([intent(0, wall), intent(1, inside)], Minima(), SHORT).suggestions(0, 1) == []


def test_ships_are_not_raised_and_zones_not_moved() -> None:
    circle = Volume4D(Circle(LatLng(1.0, 1.0), 500.0), slab(0, 10), TimeWindow(0, HOUR_US))
    pair = [intent(0, circle, kind=Kind.SEA), intent(1, circle, kind=Kind.ZONE)]
    found = Resolver(pair, Minima()).suggestions(0, 1)
    assert {(s.intent, s.shift.way) for s in found} == {(0, Way.TIME), (0, Way.ACROSS)}


def test_nothing_is_lowered_into_the_ground() -> None:
    low = AltitudeBand(Altitude(10, AltitudeUnit.M, Reference.AGL), Altitude(50, AltitudeUnit.M, Reference.AGL))
    pair = [
        intent(k, Volume4D(Circle(LatLng(1.0, 1.0), 500.0), low, TimeWindow(None, None)), party=party)
        for k, party in enumerate(["Amber", "Teal"])
    ]
    ups = [s.shift.up_dmm for s in Resolver(pair, Minima()).suggestions(0, 1) if s.shift.way is Way.HEIGHT]
    assert ups == [41 * 10_000, 41 * 10_000]
    lid = AltitudeBand(Altitude(51, AltitudeUnit.M, Reference.AGL), None)
    shut = Volume4D(Circle(LatLng(1.0, 1.0), 500.0), lid, TimeWindow(None, None))
    covered = [*pair, intent(2, shut, party="Violet")]
    assert not [s for s in Resolver(covered, Minima()).suggestions(0, 1) if s.shift.way is Way.HEIGHT]


def test_limits_in_feet_are_moved_by_hundreds_of_feet() -> None:
    def level(number: float) -> Altitude:
        return Altitude(number, AltitudeUnit.FL, Reference.FL)

    band = AltitudeBand(level(100), level(120))
    pair = [
        intent(k, Volume4D(Circle(LatLng(1.0, 1.0), 500.0), band, TimeWindow(None, None)), party=party)
        for k, party in enumerate(["Amber", "Teal"])
    ]
    [first, *_] = [s for s in Resolver(pair, Minima()).suggestions(0, 1) if s.shift.way is Way.HEIGHT]
    assert first.proposed.volumes[0].band == AltitudeBand(level(121), level(141))


@pytest.mark.parametrize("place", [LatLng(1.0, 1.0), LatLng(90.0, 0.0), LatLng(-89.9, 10.0), LatLng(12.0, 179.99)])
@pytest.mark.parametrize("bearing_deg", [0.0, 45.0, 112.5, 270.0])
def test_a_shape_is_moved_as_far_as_is_said_and_keeps_its_size(place: LatLng, bearing_deg: float) -> None:
    corners = [from_place(place, k * 90.0, 5_000.0) for k in range(4)]
    shape = intent(0, *(Volume4D(Circle(corner, 10.0), slab(0, 1), TimeWindow(0, 1)) for corner in corners))
    moved = shifted(shape, Shift(Way.ACROSS, 200, bearing_deg=bearing_deg, across_m=20_000))
    places = [v.footprint.center for v in moved.volumes if isinstance(v.footprint, Circle)]
    assert geodesic_distance_m(corners[0], places[0]) == pytest.approx(20_000, abs=2)
    for i in range(4):
        for k in range(i):
            was = geodesic_distance_m(corners[i], corners[k])
            assert geodesic_distance_m(places[i], places[k]) == pytest.approx(was, rel=2e-4)
