"""tansiq, asked in each of its ways: `python -m tests.vectors.engines.ours [exact] [batch] [index]`; all by default.

A case whose ways differ gets no answer.
"""

import json
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Final

import numpy as np

from tansiq.conflict.batch import find_volume_conflicts, labels_of
from tansiq.conflict.columns import Labels, volume_columns
from tansiq.conflict.exact import conflict, exact_volume
from tansiq.conflict.index import Index, prepared
from tansiq.conflict.minima import Minima, minimum
from tansiq.domain.intent import Intent, Kind
from tansiq.formats.plan import read_plan
from tansiq.geometry.certainty import Certainty
from tests.vectors.engines.protocol import Json, serve

NAMES: Final = {Certainty.CLEAR: "clear", Certainty.POSSIBLE: "possible", Certainty.CERTAIN: "conflict"}


def read(case: Json) -> tuple[list[Intent], Minima]:
    """The volumes of a case, each an intent of its own, and its minima."""
    across_m, up_m = (Decimal(repr(case["minimum"][key])) for key in ("horizontal_m", "vertical_m"))
    intents = read_plan(json.dumps(case["volumes"]).encode(), case["id"])
    return intents, Minima({frozenset((Kind.AIR,)): minimum(across_m, up_m)})


def by_exact(intents: Sequence[Intent], minima: Minima) -> Certainty:
    """What the definition says of any two, either first."""
    ready = [exact_volume(intent.volumes[0]) for intent in intents]
    rule = minima.of(Kind.AIR, Kind.AIR)
    answers = set()
    for order in (ready, ready[::-1]):
        found = [conflict(a, b, rule) for a, b in combinations(order, 2)]
        answers.add(max(Certainty.CLEAR if verdict is None else verdict.certainty for verdict in found))
    assert len(answers) == 1, answers
    return answers.pop()


def by_batch(intents: Sequence[Intent], minima: Minima) -> Certainty:
    """What is found among all at once."""
    found = find_volume_conflicts(intents, minima)
    return max((pair.verdict.certainty for pair in found), default=Certainty.CLEAR)


def by_index(intents: Sequence[Intent], minima: Minima) -> Certainty:
    """What each meets that comes to those before it."""
    labels, index, answer = labels_of(intents), Index(minima), Certainty.CLEAR
    for i, intent in enumerate(intents):
        own = Labels(*(np.ascontiguousarray(column[i : i + 1]) for column in labels))
        ready = prepared(volume_columns(intent.volumes), own)
        answer = max(answer, *(Certainty(told) for told in index.query(ready).certainty.tolist()), Certainty.CLEAR)
        index.insert(ready)
    return answer


WAYS: Final[dict[str, Callable[[Sequence[Intent], Minima], Certainty]]] = {
    "exact": by_exact,
    "batch": by_batch,
    "index": by_index,
}


def answer(case: Json, ways: Sequence[str] = tuple(WAYS)) -> str:
    """What all these ways say, or that they differ."""
    intents, minima = read(case)
    told = {way: NAMES[WAYS[way](intents, minima)] for way in ways}
    return told[ways[0]] if len(set(told.values())) == 1 else f"they differ: {told}"


if __name__ == "__main__":
    chosen = sys.argv[1:] or list(WAYS)
    serve(lambda case: answer(case, chosen))
