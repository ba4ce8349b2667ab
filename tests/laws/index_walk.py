"""A random walk over the index: at every step it says what `exact` says of what is live, and now and then `batch` does.

Longer walks are a soak's: `python -m tests.soak --walk 100000`.
"""

import random
from collections import Counter
from typing import Final

import numpy as np

from tansiq.conflict.batch import find_pairs, labels_of
from tansiq.conflict.columns import Labels, volume_columns
from tansiq.conflict.index import Index, Prepared, prepared
from tansiq.conflict.minima import Minima
from tansiq.domain.intent import Intent
from tansiq.geometry.earth import LatLng
from tests.laws.agreement import exact_verdicts
from tests.laws.strategies import random_intents, random_minima

ASK_BATCH_EVERY: Final = 1_000
Answers = dict[tuple[int, int], int]
"""Per pair of an asked volume's row and a live volume's number, of one intent: the certainty."""


class Walk:
    """Intents that come and go, what `exact` says of every two of them, and the index that is asked."""

    def __init__(self, seed: int, pool: int = 60) -> None:
        rng = random.Random(f"walk {seed}")
        place = LatLng(rng.uniform(-90, 90), rng.uniform(-180, 180))
        sizes = [300.0, 3_000.0, 80_000.0, 900_000.0]
        self.intents = [
            intent
            for k in range(pool)
            for intent in random_intents(rng, 1, size_m=rng.choice(sizes), spread_m=9_000.0, place=place)
        ]
        self.minima: Minima = random_minima(rng)
        self.ready = [self._ready([i]) for i in range(pool)]
        self.want: dict[tuple[int, int], Answers] = {}
        for ((i, k), (j, m)), verdict in exact_verdicts(self.intents, self.minima).items():
            self.want.setdefault((i, j), {})[k, m] = int(verdict.certainty)
            self.want.setdefault((j, i), {})[m, k] = int(verdict.certainty)
        self.index = Index(self.minima, cell_m=rng.choice([300.0, 2_000.0, 50_000.0]))
        self.live: list[int] = []
        self.seen: Counter[str] = Counter()
        self.rng = rng

    def _ready(self, chosen: list[int]) -> Prepared:
        """These intents under their own numbers, as volumes to be asked about or inserted."""
        labels = labels_of(self.intents)
        rows = np.isin(labels.intent, chosen)
        volumes = [volume for i in sorted(chosen) for volume in self.intents[i].volumes]
        return prepared(volume_columns(volumes), Labels(*(column[rows] for column in labels)))

    def step(self) -> None:
        """One intent comes, goes, or is asked about, alike often."""
        i = self.rng.randrange(len(self.intents))
        match self.rng.randrange(3):
            case 0 if i not in self.live:
                self.index.insert(self.ready[i])
                self.live.append(i)
            case 1 if self.live:
                self.index.delete(self.live.pop(self.rng.randrange(len(self.live))))
            case _:
                self.ask(i)
        self.seen["steps"] += 1
        if self.seen["steps"] % ASK_BATCH_EVERY == 0:
            self.ask_batch()

    def ask(self, i: int) -> None:
        """The index says what `exact` says of intent i and what is live."""
        hits = self.index.query(self.ready[i])
        got: dict[int, Answers] = {}
        columns = (hits.row, hits.intent, hits.number, hits.certainty)
        for row, j, number, certainty in zip(*(column.tolist() for column in columns), strict=True):
            assert (row, number) not in got.setdefault(j, {}), "told twice"
            got[j][row, number] = certainty
        want = {j: self.want[i, j] for j in self.live if (i, j) in self.want}
        assert got == want, f"intent {i}, live {sorted(self.live)}"
        self.seen["questions"] += 1
        self.seen["pairs"] += len(hits.row)

    def ask_batch(self) -> None:
        """`batch` says what `exact` says of all that is live."""
        live = sorted(self.live)
        intents: list[Intent] = [self.intents[i] for i in live]
        found = find_pairs(
            volume_columns([v for intent in intents for v in intent.volumes]), labels_of(intents), self.minima
        )
        want = sum(len(self.want.get((i, j), {})) for n, i in enumerate(live) for j in live[n + 1 :])
        assert len(found.first) == want
        self.seen["batches"] += 1


def walk(steps: int, seed: int) -> Counter[str]:
    """So many steps, each checked; what was done."""
    way = Walk(seed)
    for _ in range(steps):
        way.step()
    return way.seen
