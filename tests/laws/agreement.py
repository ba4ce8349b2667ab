"""How two answers about one set are compared: pair by pair, and what differs must be explained to the last one."""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Final

from tansiq.conflict import exact
from tansiq.conflict.batch import EVERY_PAIR, Scope, VolumeConflict, find_volume_conflicts
from tansiq.conflict.exact import ExactVolume, Verdict, exact_volume
from tansiq.conflict.minima import Minima, Minimum
from tansiq.domain.intent import UNKNOWN_PARTY, Intent, Kind
from tansiq.geometry.certainty import TOLERANCE_M
from tansiq.geometry.distance import Outline, gap_m

GAP_TOLERANCE_M: Final = 0.006
"""`batch` reports a gap that it knows to 5 mm; GeographicLib's own noise is far below the last millimetre."""
ROUNDING_M: Final = 1e-6
"""Moving a point through another longitude rounds it by a nanometre; a thousand such are still less than this."""

Owner = tuple[int, int]
Verdicts = dict[tuple[Owner, Owner], Verdict]


def exact_verdicts(intents: Sequence[Intent], minima: Minima, scope: Scope = EVERY_PAIR) -> Verdicts:
    """What the definition says about every pair of volumes of different intents, with no candidates chosen."""
    rows = [(i, k, exact_volume(volume)) for i, intent in enumerate(intents) for k, volume in enumerate(intent.volumes)]
    found: Verdicts = {}
    for (i, k, a), (j, m, b) in combinations(rows, 2):
        if not in_scope(intents, i, j, scope):
            continue
        verdict = exact.conflict(a, b, minima.of(intents[i].kind, intents[j].kind))
        if verdict is not None:
            found[(i, k), (j, m)] = verdict
    return found


def in_scope(intents: Sequence[Intent], i: int, j: int, scope: Scope) -> bool:
    zones = [intents[k].kind for k in (i, j)].count(Kind.ZONE)
    one_party = zones == 0 and intents[i].party == intents[j].party != UNKNOWN_PARTY
    if i == j or zones == 2 or (scope.between_parties_only and one_party):
        return False
    return scope.sides is None or scope.sides[i] != scope.sides[j]


def as_verdicts(conflicts: Sequence[VolumeConflict]) -> Verdicts:
    found = {(c.a, c.b): c.verdict for c in conflicts}
    assert len(found) == len(conflicts), "a pair is reported twice"
    assert list(found) == sorted(found), "not sorted"
    return found


def batch_verdicts(intents: Sequence[Intent], minima: Minima, scope: Scope = EVERY_PAIR) -> Verdicts:
    return as_verdicts(find_volume_conflicts(intents, minima, scope))


def differences(want: Verdicts, got: Verdicts, gap_tolerance_m: float = GAP_TOLERANCE_M) -> list[str]:
    """Every pair on which the two differ, with both verdicts."""
    found = []
    for pair in sorted(want.keys() | got.keys()):
        a, b = want.get(pair), got.get(pair)
        same = (
            a is not None
            and b is not None
            and a.certainty is b.certainty
            and a.altitude_certainty is b.altitude_certainty
            and a.vertical_gap_dmm == b.vertical_gap_dmm
            and abs(a.horizontal_gap_m - b.horizontal_gap_m) <= gap_tolerance_m
        )
        if not same:
            found.append(f"{pair}: want {a}, got {b}")
    return found


def assert_batch_equals_exact(intents: Sequence[Intent], minima: Minima, scope: Scope = EVERY_PAIR) -> Verdicts:
    """Nothing missed, nothing invented, every certainty and gap the same; the verdicts."""
    want = exact_verdicts(intents, minima, scope)
    found = differences(want, batch_verdicts(intents, minima, scope))
    assert not found, "\n".join(found)
    return want


def on_a_threshold(a: ExactVolume, b: ExactVolume, minimum: Minimum, within_m: float = ROUNDING_M) -> bool:
    """Whether the gap is so near to a threshold that rounding alone may turn the answer."""
    gap = gap_m(Outline(a.volume.footprint), Outline(b.volume.footprint))
    thresholds = [minimum.horizontal_m + TOLERANCE_M]
    if minimum.horizontal_m > 0:
        thresholds.append(minimum.horizontal_m - TOLERANCE_M)
    return math.isfinite(gap) and min(abs(gap - threshold) for threshold in thresholds) <= within_m


def unexplained(intents: Sequence[Intent], minima: Minima, want: Verdicts, got: Verdicts) -> list[str]:
    """The pairs on which two answers about one set, moved over the globe, differ by more than rounding."""
    found = []
    for pair in sorted(want.keys() | got.keys()):
        a, b = want.get(pair), got.get(pair)
        if a is not None and b is not None and not differences({pair: a}, {pair: b}):
            continue
        (i, k), (j, m) = pair
        first, second = exact_volume(intents[i].volumes[k]), exact_volume(intents[j].volumes[m])
        if not on_a_threshold(first, second, minima.of(intents[i].kind, intents[j].kind)):
            found.append(f"{pair}: want {a}, got {b}")
    return found
