"""The definition, the batch on one and two threads, and the index, on one set: they must say the same of every pair."""

import random
import traceback
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Final, NamedTuple
from unittest.mock import patch

from tansiq.conflict import batch
from tansiq.conflict.batch import Scope, find_pairs, find_volume_conflicts, labels_of
from tansiq.conflict.columns import Labels, volume_columns
from tansiq.conflict.exact import Verdict
from tansiq.conflict.index import Index, Prepared, prepared
from tansiq.conflict.minima import Minima
from tansiq.domain.intent import Intent
from tansiq.errors import PartyError
from tansiq.formats.plan import write_plan
from tansiq.geometry.certainty import Certainty
from tests.laws.agreement import Owner, Verdicts, as_verdicts, differences, exact_verdicts, in_scope
from tests.soak.report import Report, named, patience
from tests.soak.sets import random_set

PATIENCE_S: Final = 600.0
CELLS_M: Final = (50.0, 2_000.0, 2_000.0, 60_000.0, 1_000_000.0)


class World(NamedTuple):
    """A set, and what the definition says of every pair in it."""

    intents: list[Intent]
    minima: Minima
    verdicts: Verdicts

    def within(self, scope: Scope) -> Verdicts:
        """The verdicts on pairs that the scope asks about."""
        return {(a, b): told for (a, b), told in self.verdicts.items() if in_scope(self.intents, a[0], b[0], scope)}


def engine_round(seed: int, report: Report) -> None:
    """Asks everyone about the set that follows from the seed."""
    rng = random.Random(f"engine {seed}")
    intents, minima = random_set(rng)
    try:
        with patience(PATIENCE_S):
            world = World(intents, minima, exact_verdicts(intents, minima))
            note(world, report)
            compare("batch", world, *asked_batch(rng, world), report)
            compare("pairs", world, *asked_pairs(rng, world), report)
            ask_index(rng, world, report)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what the soak looks for
        words = f"{error!r}\n{traceback.format_exc()}\n{minima}"
        report.fail(named(error), words, ".json", write_plan(intents))


def note(world: World, report: Report) -> None:
    counts = [len(intent.volumes) for intent in world.intents]
    report.counts["sets"] += 1
    report.counts["volumes"] += sum(counts)
    report.counts["pairs_compared"] += sum(a * b for a, b in combinations(counts, 2))
    report.counts["conflicts"] += len(world.verdicts)
    report.counts["conflicts_certain"] += sum(v.certainty is Certainty.CERTAIN for v in world.verdicts.values())


def compare(who: str, world: World, want: Verdicts, got: Verdicts, report: Report) -> None:
    """A failure for each way in which the two differ, told with the volumes of every pair."""
    found: dict[str, list[str]] = {}
    for pair in sorted(want.keys() | got.keys()):
        wanted, told = ({pair: verdicts[pair]} if pair in verdicts else {} for verdicts in (want, got))
        unlike = differences(wanted, told)
        if unlike:
            volumes = [f"  {world.intents[i].kind} {world.intents[i].volumes[k]!r}" for i, k in pair]
            found.setdefault(way(wanted, told), []).append("\n".join([*unlike, *volumes]))
    for what, lines in found.items():
        words = f"{len(lines)} of {len(want)} pairs\n" + "\n".join(lines) + f"\n{world.minima}"
        report.fail(f"{who}: {what}", words, ".json", write_plan(world.intents))


def way(want: Verdicts, got: Verdicts) -> str:
    """In which way the verdicts on one pair differ."""
    if not got or not want:
        return "invented" if got else "missed"
    [a], [b] = want.values(), got.values()
    return "certainty" if a.certainty is not b.certainty else "gap or altitude"


def completed(want: Verdicts, pair: tuple[Owner, Owner], certainty: Certainty, gap_m: float) -> Verdict:
    """The verdict of who tells certainty and horizontal gap alone: the rest is as wanted."""
    rest = want.get(pair, Verdict(certainty, gap_m, 0, certainty))
    return replace(rest, certainty=certainty, horizontal_gap_m=gap_m)


# --------------------------------------------------------------------------------------------------------------- batch


def random_scope(rng: random.Random, intents: Sequence[Intent]) -> Scope:
    sides = [rng.randrange(2) for _ in intents] if rng.random() < 0.2 else None
    return Scope(between_parties_only=rng.random() < 0.3, sides=sides)


def asked_batch(rng: random.Random, world: World) -> tuple[Verdicts, Verdicts]:
    """What is wanted, and what the batch says of intents, on one thread."""
    scope = random_scope(rng, world.intents)
    return world.within(scope), as_verdicts(find_volume_conflicts(world.intents, world.minima, scope))


def asked_pairs(rng: random.Random, world: World) -> tuple[Verdicts, Verdicts]:
    """What is wanted, and what the batch says of columns alone; at times on two threads."""
    scope = random_scope(rng, world.intents)
    want = world.within(scope)
    owners = [(i, k) for i, intent in enumerate(world.intents) for k in range(len(intent.volumes))]
    columns = volume_columns([volume for intent in world.intents for volume in intent.volumes])
    workers = rng.choice([1, 1, 2])
    with patch.object(batch, "LARGE", 0):
        pairs = find_pairs(
            columns,
            labels_of(world.intents, scope),
            world.minima,
            between_parties_only=scope.between_parties_only,
            between_sides_only=scope.sides is not None,
            workers=workers,
        )
    rows = list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    assert all(a < b for a, b in pairwise(rows)), "not sorted, or a pair is reported twice"
    got: Verdicts = {}
    for (i, j), certainty, gap_m in zip(rows, pairs.certainty.tolist(), pairs.gap_m.tolist(), strict=True):
        pair = owners[i], owners[j]
        got[pair] = completed(want, pair, Certainty(certainty), gap_m)
    return want, got


# --------------------------------------------------------------------------------------------------------------- index


class Walk:
    """An index into which the intents come, some of them more than once, and what is live in it."""

    def __init__(self, rng: random.Random, world: World) -> None:
        self.rng, self.world = rng, world
        self.labels = labels_of(world.intents)
        self.index = Index(world.minima, cell_m=rng.choice(CELLS_M))
        self.live: dict[int, int] = {}
        """Per live intent the row of its first volume in what it was inserted with."""

    def prepared(self, intents: Sequence[int]) -> Prepared:
        """These intents' volumes, labelled as in the whole set."""
        volumes = [volume for i in intents for volume in self.world.intents[i].volumes]
        counts = [len(intent.volumes) for intent in self.world.intents]
        rows = [sum(counts[:i]) + k for i in intents for k in range(counts[i])]
        return prepared(volume_columns(volumes), Labels(*(column[rows] for column in self.labels)))

    def insert(self, intents: Sequence[int]) -> None:
        self.index.insert(self.prepared(intents))
        row = 0
        for i in intents:
            self.live[i] = row
            row += len(self.world.intents[i].volumes)

    def delete(self) -> int:
        """One of those that are live is so no more; which."""
        gone = self.rng.choice(list(self.live))
        self.index.delete(gone)
        del self.live[gone]
        return gone

    def refuses(self) -> bool:
        """Whether what is live already is refused, and all stays as it was."""
        before = len(self.index)
        try:
            self.index.insert(self.prepared([self.rng.choice(list(self.live))]))
        except PartyError:
            return len(self.index) == before
        return False

    def ask(self, i: int) -> tuple[Verdicts, Verdicts]:
        """What is wanted of an intent and those that are live now, and what the index says."""
        scope = Scope(between_parties_only=self.rng.random() < 0.3)
        want = {
            (a, b): told
            for (a, b), told in self.world.within(scope).items()
            if (a[0] == i and b[0] in self.live) or (b[0] == i and a[0] in self.live)
        }
        hits = self.index.query(self.prepared([i]), between_parties_only=scope.between_parties_only)
        got: Verdicts = {}
        for row, intent, number, certainty, gap_m in zip(*(column.tolist() for column in hits), strict=True):
            mine, theirs = (i, row), (intent, number - self.live[intent])
            pair = (mine, theirs) if mine < theirs else (theirs, mine)
            assert pair not in got, f"{pair} is reported twice"
            got[pair] = completed(want, pair, Certainty(certainty), gap_m)
        return want, got


def ask_index(rng: random.Random, world: World, report: Report) -> None:
    """All intents but one come into an index in any order, some go and come again; each is asked about."""
    # An index has no use for an intent without volumes.
    todo = [i for i, intent in enumerate(world.intents) if intent.volumes]
    if not todo:
        return
    walk = Walk(rng, world)
    rng.shuffle(todo)
    left_out = todo.pop()
    while todo:
        count = rng.choice([1, 1, 1, 2, 3])
        walk.insert(todo[-count:])
        del todo[-count:]
        if rng.random() < 0.25:
            gone = walk.delete()
            if rng.random() < 0.7:
                todo.insert(rng.randrange(len(todo) + 1), gone)
        if rng.random() < 0.1:
            compare("index", world, *walk.ask(left_out), report)
            report.counts["queries"] += 1
    for i in (*walk.live, left_out):
        compare("index", world, *walk.ask(i), report)
        report.counts["queries"] += 1
    assert len(walk.index) == sum(len(world.intents[i].volumes) for i in walk.live), "miscounted"
    assert not walk.live or walk.refuses(), "a live intent was inserted again"
