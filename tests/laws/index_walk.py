"""A random walk over the index: at every step it says what `exact` says of what is live, and now and then `batch` does.

Longer walks are a soak's: `python -m tests.soak --walk 100000`.
"""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Final

import numpy as np

from tansiq.conflict.batch import Scope, find_pairs, labels_of
from tansiq.conflict.columns import Labels, volume_columns
from tansiq.conflict.index import Hits, Index, Prepared, prepared
from tansiq.conflict.minima import Minima
from tansiq.domain.intent import Intent
from tansiq.geometry.earth import LatLng
from tansiq.geometry.volume import TimeWindow, Volume4D
from tests.laws.agreement import GAP_TOLERANCE_M, exact_verdicts, in_scope
from tests.laws.strategies import HOUR_US, random_intents, random_minima

ASK_BATCH_EVERY: Final = 300
MOST_TOGETHER: Final = 6
"""So many intents come in one insertion, or are asked about at once."""
PARTIES: Final = Scope(between_parties_only=True)

Found = tuple[int, float]
"""A certainty and a gap."""
Answers = dict[tuple[int, int], Found]
"""Of one intent and another: per pair of an asked and a live volume, by their numbers in their intents."""


def some_window(rng: random.Random, window: TimeWindow) -> TimeWindow:
    """A window of minutes or none, as it was given; at times half a day earlier, or from hour to hour, a tick off."""
    start, end = window.start_us, window.end_us
    match rng.randrange(4):
        case 0:
            first_us = rng.randrange(-12, 24) * HOUR_US
            return TimeWindow(first_us, first_us + rng.choice([0, 1, 7, 8, 9]) * HOUR_US + rng.choice([0, 0, 1]))
        case 1:
            early_us = 12 * HOUR_US
            return TimeWindow(None if start is None else start - early_us, None if end is None else end - early_us)
    return window


def some_intents(rng: random.Random, count: int) -> list[Intent]:
    """Intents of one to four volumes round one place, from metres to hundreds of kilometres in size."""
    place = LatLng(rng.uniform(-90, 90), rng.uniform(-180, 180))
    sizes = [300.0, 3_000.0, 80_000.0, 900_000.0]
    intents = []
    for number in range(count):
        [intent] = random_intents(rng, 1, size_m=rng.choice(sizes), spread_m=9_000.0, place=place)
        [more] = random_intents(rng, 1, size_m=2_000.0, spread_m=9_000.0, place=place)
        volumes = [*intent.volumes, *more.volumes[: rng.choice([0, 0, 1])]]
        timed = tuple(Volume4D(v.footprint, v.band, some_window(rng, v.window), v.estimated) for v in volumes)
        intents.append(replace(intent, id=f"{number}", volumes=timed))
    return intents


class Walk:
    """Intents that come and go, what `exact` says of every two of them, and the index that is asked."""

    def __init__(self, seed: int, pool: int = 60) -> None:
        rng = random.Random(f"walk {seed}")
        self.intents = some_intents(rng, pool)
        self.minima: Minima = random_minima(rng)
        self.labels = labels_of(self.intents)
        self.alone = [self.ready([i]) for i in range(pool)]
        self.want: dict[tuple[int, int], Answers] = {}
        for ((i, k), (j, m)), verdict in exact_verdicts(self.intents, self.minima).items():
            found = int(verdict.certainty), verdict.horizontal_gap_m
            self.want.setdefault((i, j), {})[k, m] = found
            self.want.setdefault((j, i), {})[m, k] = found
        self.index = Index(self.minima, cell_m=rng.choice([300.0, 2_000.0, 50_000.0]))
        self.live: dict[int, int] = {}
        """Per intent the number of its first volume in what it was inserted with."""
        self.seen: Counter[str] = Counter()
        self.rng = rng

    def ready(self, chosen: Sequence[int]) -> Prepared:
        """These intents under their own numbers, as volumes to be asked about or inserted."""
        rows = np.concatenate([np.flatnonzero(self.labels.intent == i) for i in chosen])
        volumes = [volume for i in chosen for volume in self.intents[i].volumes]
        return prepared(volume_columns(volumes), Labels(*(column[rows] for column in self.labels)))

    def firsts(self, chosen: Iterable[int]) -> list[int]:
        """Where the volumes of each intent begin, one intent after the other."""
        return list(accumulate((len(self.intents[i].volumes) for i in chosen), initial=0))

    def step(self) -> None:
        """One intent or several come, one goes, or one or several are asked about."""
        i = self.rng.randrange(len(self.intents))
        match self.rng.randrange(3):
            case 0 if i not in self.live:
                self.insert(i)
            case 1 if self.live:
                gone = self.rng.choice(list(self.live))
                self.index.delete(gone)
                del self.live[gone]
            case _:
                together = self.rng.random() < 0.1
                chosen = self.rng.sample(range(len(self.intents)), MOST_TOGETHER) if together else [i]
                self.ask(chosen, PARTIES if self.rng.random() < 0.2 else Scope())
        self.seen["steps"] += 1
        if self.seen["steps"] % ASK_BATCH_EVERY == 0:
            self.ask_batch()

    def insert(self, i: int) -> None:
        """Intent i comes, at times with others."""
        others = self.rng.sample(range(len(self.intents)), MOST_TOGETHER) if self.rng.random() < 0.1 else []
        chosen = [i, *(j for j in others if j != i and j not in self.live)]
        self.index.insert(self.alone[i] if len(chosen) == 1 else self.ready(chosen))
        self.live.update(zip(chosen, self.firsts(chosen), strict=False))
        self.seen["insertions"] += 1

    def ask(self, chosen: Sequence[int], scope: Scope) -> None:
        """The index says what `exact` says of these intents and what is live."""
        asked = self.alone[chosen[0]] if len(chosen) == 1 else self.ready(chosen)
        hits = self.index.query(asked, between_parties_only=scope.between_parties_only)
        got = self.sorted_by_intents(hits, chosen)
        want = {
            (i, j): self.want[i, j]
            for i in chosen
            for j in self.live
            if (i, j) in self.want and in_scope(self.intents, i, j, scope)
        }
        assert got.keys() == want.keys(), f"intents {chosen}, live {sorted(self.live)}"
        for pair, found in want.items():
            assert agree(found, got[pair]), f"{pair}: want {found}, got {got[pair]}"
        assert len(self.index) == sum(len(self.intents[j].volumes) for j in self.live)
        self.seen["questions"] += 1
        self.seen["pairs"] += len(hits.row)
        self.seen["not live"] += sum(i not in self.live for i in chosen)

    def sorted_by_intents(self, hits: Hits, chosen: Sequence[int]) -> dict[tuple[int, int], Answers]:
        """The hits, each once, by asked and live intent."""
        got: dict[tuple[int, int], Answers] = {}
        firsts = self.firsts(chosen)
        for row, j, number, certainty, gap_m in zip(*(column.tolist() for column in hits), strict=True):
            which = int(np.searchsorted(firsts, row, side="right")) - 1
            answers = got.setdefault((chosen[which], j), {})
            pair = row - firsts[which], number - self.live[j]
            assert pair not in answers, "told twice"
            answers[pair] = certainty, gap_m
        return got

    def ask_batch(self) -> None:
        """`batch` says what `exact` says of all that is live."""
        live = sorted(self.live)
        asked = [self.intents[i] for i in live]
        columns = volume_columns([volume for intent in asked for volume in intent.volumes])
        found = find_pairs(columns, labels_of(asked), self.minima)
        owners = [(i, k) for i in live for k in range(len(self.intents[i].volumes))]
        got: dict[tuple[int, int], Answers] = {}
        for a, b, certainty, gap_m in zip(*(column.tolist() for column in found[:4]), strict=True):
            (i, k), (j, m) = owners[a], owners[b]
            got.setdefault((i, j), {})[k, m] = certainty, gap_m
        want = {(i, j): self.want[i, j] for n, i in enumerate(live) for j in live[n + 1 :] if (i, j) in self.want}
        assert got.keys() == want.keys()
        assert all(agree(want[pair], got[pair]) for pair in want)
        self.seen["batches"] += 1


def agree(want: Answers, got: Answers) -> bool:
    """Whether both name the same pairs with the same certainties, and gaps that differ by no more than is known."""
    return want.keys() == got.keys() and all(
        certainty == got[pair][0] and abs(gap_m - got[pair][1]) <= GAP_TOLERANCE_M
        for pair, (certainty, gap_m) in want.items()
    )


def walk(steps: int, seed: int, pool: int = 60) -> Counter[str]:
    """So many steps among a pool of so many intents, each checked; what was done. AssertionError where wrong."""
    way = Walk(seed, pool)
    for _ in range(steps):
        way.step()
    return way.seen
