"""All conflicts among many intents at once: the kernels find and answer, `exact` settles what they leave open."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tansiq.conflict import exact
from tansiq.conflict.arrays import VolumeArrays, outward, volume_arrays
from tansiq.conflict.exact import ExactVolume, Verdict, exact_volume
from tansiq.conflict.kernels import find_pairs
from tansiq.conflict.minima import Minima
from tansiq.conflict.narrow import ERROR_PER_D5, UNDECIDED
from tansiq.domain.intent import KINDS, UNKNOWN_PARTY, Intent
from tansiq.errors import PartyError
from tansiq.geometry.band import vertical_conflict
from tansiq.geometry.certainty import TOLERANCE_M, Certainty
from tansiq.geometry.footprint import core
from tansiq.limits import LIMITS

GAP_ERROR_M: Final = 0.005
"""A gap that the kernels know less well than this is measured by `exact` before it is reported."""
CELLS_PER_BOX: Final = 2.0
SMALLEST_CELL_M: Final = 50.0


@dataclass(frozen=True, slots=True)
class Scope:
    """Which pairs of intents count.

    between_parties_only: not two intents of one party.
    sides: one number per intent; only pairs of different numbers count. None: all pairs.
    """

    between_parties_only: bool = False
    sides: Sequence[int] | None = None


EVERY_PAIR: Final = Scope()


@dataclass(frozen=True, slots=True)
class VolumeConflict:
    """Two volumes in conflict, each as (number of its intent, number of the volume in it); `a` comes first."""

    a: tuple[int, int]
    b: tuple[int, int]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class IntentConflict:
    """Two intents in conflict, by number, `a` the lower one, with every pair of their volumes that conflicts."""

    a: int
    b: int
    volume_conflicts: tuple[VolumeConflict, ...]

    @property
    def certainty(self) -> Certainty:
        """That of the most certain pair of volumes."""
        return max(found.verdict.certainty for found in self.volume_conflicts)


def find_conflicts(intents: Sequence[Intent], minima: Minima, scope: Scope = EVERY_PAIR) -> list[IntentConflict]:
    """Every conflict among the intents, each pair of intents once, sorted by their numbers, always in one order."""
    found: dict[tuple[int, int], list[VolumeConflict]] = {}
    for pair in find_volume_conflicts(intents, minima, scope):
        found.setdefault((pair.a[0], pair.b[0]), []).append(pair)
    return [IntentConflict(a, b, tuple(pairs)) for (a, b), pairs in sorted(found.items())]


def find_volume_conflicts(intents: Sequence[Intent], minima: Minima, scope: Scope = EVERY_PAIR) -> list[VolumeConflict]:
    """Every pair of volumes of different intents that conflicts, sorted, the same as `exact` finds pair by pair.

    Raises PartyError limit_exceeded where there are more than can be listed: a part of the answer is none.
    """
    owners = [(i, k) for i, intent in enumerate(intents) for k in range(len(intent.volumes))]
    if len(owners) < 2:
        return []
    arrays = volume_arrays([volume for intent in intents for volume in intent.volumes])
    first, second, answers, gaps = _candidates(arrays, intents, owners, minima, scope)
    order = np.lexsort((second, first))
    settle = _Settler(intents, minima)
    pairs = zip(
        first[order].tolist(),
        second[order].tolist(),
        answers[order].tolist(),
        gaps[order].tolist(),
        strict=True,
    )
    found = (settle.conflict(owners[i], owners[j], answer, gap_m) for i, j, answer, gap_m in pairs)
    return [conflict for conflict in found if conflict is not None]


def _candidates(
    arrays: VolumeArrays,
    intents: Sequence[Intent],
    owners: Sequence[tuple[int, int]],
    minima: Minima,
    scope: Scope,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    owner = np.array([i for i, _ in owners], dtype=np.int64)
    kind = np.array([KINDS.index(intent.kind) for intent in intents])[owner]
    names: dict[str, int] = {}
    # An unknown party may be any other one, so each of its intents gets a number of its own, below 0.
    party = np.array(
        [
            -1 - i if intent.party == UNKNOWN_PARTY else names.setdefault(intent.party, len(names))
            for i, intent in enumerate(intents)
        ]
    )[owner]
    side = np.zeros(len(owners)) if scope.sides is None else np.array(scope.sides)[owner]
    rows = np.ascontiguousarray(np.stack([owner, party, side, kind]).astype(np.int32))
    wanted = (1 if scope.between_parties_only else 0) | (0 if scope.sides is None else 2)
    minima_m = minima.horizontal_table_m()
    box = _grown_boxes(arrays, minima_m.max(axis=1)[kind])
    order = np.argsort(arrays.start_us, kind="stable")
    most = LIMITS.conflicts + 1
    found = find_pairs(arrays, box, order, _cell_m(box), rows, minima_m, minima.vertical_table_dmm(), wanted, most)
    if len(found[0]) == most:
        want = f"at most {LIMITS.conflicts} pairs of volumes: fewer plans at once, or smaller minima"
        raise PartyError("limit_exceeded", "conflicts", "more conflicts than can be listed", want)
    return found


def _grown_boxes(arrays: VolumeArrays, minimum_m: np.ndarray) -> np.ndarray:
    """The boxes grown by half of each volume's largest minimum: where two do not meet, the minimum is kept."""
    margin = (minimum_m / 2 + TOLERANCE_M)[:, None]
    box = arrays.box_m.astype(np.float64)
    return outward(box[:, :3] - margin, box[:, 3:] + margin)


def _cell_m(box: np.ndarray) -> float:
    sizes = (box[:, 3:] - box[:, :3]).max(axis=1)
    return max(SMALLEST_CELL_M, CELLS_PER_BOX * float(np.median(sizes)))


class _Settler:
    """Turns the kernels' answers into verdicts, and asks `exact` where they left one open."""

    def __init__(self, intents: Sequence[Intent], minima: Minima) -> None:
        self._intents = intents
        self._minima = minima
        self._ready: dict[tuple[int, int], ExactVolume] = {}

    def _exact(self, owner: tuple[int, int]) -> ExactVolume:
        if owner not in self._ready:
            self._ready[owner] = exact_volume(self._intents[owner[0]].volumes[owner[1]])
        return self._ready[owner]

    def conflict(self, a: tuple[int, int], b: tuple[int, int], answer: int, gap_m: float) -> VolumeConflict | None:
        """The conflict of the two volumes, or None where `exact` finds them clear."""
        intent_a, intent_b = self._intents[a[0]], self._intents[b[0]]
        minimum = self._minima.of(intent_a.kind, intent_b.kind)
        if answer == UNDECIDED or ERROR_PER_D5 * self._reach_m(a, b, gap_m) ** 5 > GAP_ERROR_M:
            verdict = exact.conflict(self._exact(a), self._exact(b), minimum)
            return None if verdict is None else VolumeConflict(a, b, verdict)
        bands = intent_a.volumes[a[1]].band, intent_b.volumes[b[1]].band
        same_ground = minimum.horizontal_m == 0
        up, vertical_gap_dmm = vertical_conflict(*bands, minimum.vertical_dmm, same_ground=same_ground)
        if answer > up:
            # Certain although its altitudes are not, at a distance: the footprints meet, and share their ground.
            up, vertical_gap_dmm = vertical_conflict(*bands, minimum.vertical_dmm, same_ground=True)
        return VolumeConflict(a, b, Verdict(Certainty(answer), gap_m, vertical_gap_dmm, up))

    def _reach_m(self, a: tuple[int, int], b: tuple[int, int], gap_m: float) -> float:
        """The greatest distance of the two cores, on which the error of a gap depends."""
        footprints = (self._intents[i].volumes[k].footprint for i, k in (a, b))
        return gap_m + sum(core(footprint)[2] for footprint in footprints)
