"""Intents of a workload one by one: what workload W2 makes of the volumes of W1."""

from typing import Final, NamedTuple

import numpy as np

from benches.workloads import IntArray, Workload, gen_w1

SEED: Final = 7
OPERATIONS: Final = 2_000
"""So many intents come and go."""
SPARE: Final = 12_000
"""So many volumes are made beyond the live ones: 2,000 intents have 11,000 on average, and never this many more."""


class Online(NamedTuple):
    """Workload W2: all volumes, the first `live` of them live at the start, and the intents that come, as rows."""

    w: Workload
    live: int
    coming: list[tuple[int, int]]  # first row and the one after the last, per intent


def gen_w2(count: int, operations: int = OPERATIONS) -> Online:
    """Whole intents with `count` volumes or up to 9 more are live; the `operations` intents after them come and go."""
    w = gen_w1(count + SPARE, SEED)
    first = np.append(first_rows(w), len(w.intent))
    start = int(np.searchsorted(first, count))
    coming = [(int(a), int(b)) for a, b in zip(first[start:-2], first[start + 1 : -1], strict=True)]
    assert len(coming) >= operations, "SPARE is too small"
    return Online(w, int(first[start]), coming[:operations])


def first_rows(w: Workload) -> IntArray:
    """Per intent the row of its first volume."""
    return np.flatnonzero(np.diff(w.intent, prepend=-1))


def part(w: Workload, first: int, last: int) -> Workload:
    """The volumes from row `first` to before row `last`, as a workload of their own; intents keep their numbers."""
    start, end = int(w.offsets[first]), int(w.offsets[last])
    return Workload(
        intent=w.intent[first:last],
        radius_m=w.radius_m[first:last],
        offsets=w.offsets[first : last + 1] - start,
        lat_deg=w.lat_deg[start:end],
        lng_deg=w.lng_deg[start:end],
        lower_dm=w.lower_dm[first:last],
        upper_dm=w.upper_dm[first:last],
        start_s=w.start_s[first:last],
        end_s=w.end_s[first:last],
    )
