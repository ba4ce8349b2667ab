"""Workload W2, intents that come and go among many live volumes: tansiq and other engines, the same operations.

    python -m benches.w2 [--sizes 100000 1000000] [--engines tansiq sqlite ...] [--write]

An intent asks for all its conflicts, is inserted, and is deleted; between its operations those of 49 others
are done, and the engines, each a process of its own, take turns after 50 operations of a kind. The clock
counts the CPU time of the thread, per operation, and is read in about a microsecond (`clock_us`).
"""

import argparse
import gc
import json
import multiprocessing
import sys
import time
from multiprocessing.connection import Connection
from typing import Any, Final, NamedTuple, Protocol

import numpy as np

from benches.intents import OPERATIONS, Online, gen_w2, part
from benches.machine import forget_peak, peak_mb, write
from benches.reference import judged
from benches.workloads import IntArray

NAME: Final = "w2"
SIZES: Final = (100_000, 1_000_000)
ENGINES: Final = ("tansiq", "sqlite", "rtree-grown", "rtree-plain", "rtree")
BLOCK: Final = 50
TINY: Final = 1_000
KINDS: Final = ("query", "insert", "delete")


class Built(NamedTuple):
    """What an engine's process says once its live volumes are in."""

    cpu_s: float
    before_mb: float
    clock_us: float


class Index(Protocol):
    """An engine's live volumes; made empty. An intent is given by its first row and the one after its last."""

    def load(self) -> None:
        """All that are live at the start are so."""

    def query(self, first: int, last: int) -> IntArray:
        """Every conflict of the intent with live volumes: (k, 2) of (row in the intent, number of the live one)."""

    def insert(self, first: int, last: int) -> None:
        """The intent is live."""

    def delete(self, first: int, last: int) -> None:
        """The intent is live no more."""


class Ours:
    """tansiq's index as an `Index`: it is handed the degrees, and pays for what it makes of them."""

    def __init__(self, online: Online) -> None:
        from benches import ours  # noqa: PLC0415 - a peer's process shall not hold it

        self._intent = online.w.intent
        # Columns of degrees, as tansiq takes them.
        self._ones = {first: ours.columns_of(part(online.w, first, last)) for first, last in online.coming}
        self._first = part(online.w, 0, online.live)
        self._make = ours.Live
        ours.warm()

    def load(self) -> None:
        """As `Index` says."""
        self._live = self._make(self._first)

    def query(self, first: int, last: int) -> IntArray:
        """As `Index` says."""
        assert last > first
        hits = self._live.query(first, *self._ones[first])
        # Inserted later, a volume counts on from the first of its intent; those of the start have their rows.
        return np.column_stack([hits.row, hits.number]).astype(np.int64)

    def insert(self, first: int, last: int) -> None:
        """As `Index` says."""
        assert last > first
        self._live.insert(first)

    def delete(self, first: int, last: int) -> None:
        """As `Index` says."""
        assert last > first
        self._live.delete(int(self._intent[first]))


def index(name: str, online: Online) -> Index:
    """The empty index of this engine."""
    if name == "tansiq":
        return Ours(online)
    from benches.live_peers import LIVE_PEERS, ready  # noqa: PLC0415 - our process shall not hold it

    made: Index = LIVE_PEERS[name](ready(online))
    return made


def serve(name: str, size: int, line: Connection) -> None:
    """An engine's process: it builds, then does what comes over the line, and at last tells its peak of memory."""
    few = gen_w2(TINY, BLOCK)
    warm = index(name, few)
    warm.load()
    for kind in KINDS:
        operate(warm, kind, few.coming)
    del warm, few
    online = gen_w2(size)
    engine = index(name, online)
    gc.collect()
    forget_peak()
    before_mb, began = peak_mb(), time.process_time()
    engine.load()
    cpu_s = time.process_time() - began
    gc.collect()
    gc.freeze()
    empty_ns = [time.thread_time_ns() - time.thread_time_ns() for _ in range(1_000)]
    line.send(Built(cpu_s, before_mb, -float(np.median(empty_ns)) / 1_000))
    while (asked := line.recv()) is not None:
        kind, first, last = asked
        line.send(operate(engine, kind, online.coming[first:last]))
    line.send(peak_mb())


def operate(engine: Index, kind: str, coming: list[tuple[int, int]]) -> tuple[list[int], list[IntArray]]:
    """Nanoseconds of each operation, and for queries the pairs of (live row, asking row), sorted."""
    act = getattr(engine, kind)
    spent_ns, answers = [], []
    for first, last in coming:
        began_ns = time.thread_time_ns()
        found = act(first, last)
        spent_ns.append(time.thread_time_ns() - began_ns)
        if found is not None:
            pairs = np.column_stack([found[:, 1], found[:, 0] + first])
            answers.append(pairs[np.lexsort(pairs.T[::-1])])
    return spent_ns, answers


def measured(size: int, names: list[str], most: int) -> dict[str, dict[str, Any]]:
    """The figures of each engine at this size."""
    context = multiprocessing.get_context("spawn")
    lines, built, peaks = {}, {}, {}
    for name in names:
        lines[name], end = context.Pipe()
        context.Process(target=serve, args=(name, size, end), daemon=True).start()
        end.close()  # so that an engine that ends too early is an error here, not silence
        built[name] = lines[name].recv()
        print(f"{size} {name}: built in {built[name].cpu_s:.3f} s", file=sys.stderr, flush=True)
    spent_ns: dict[str, dict[str, list[int]]] = {name: {kind: [] for kind in KINDS} for name in names}
    answers: dict[str, list[IntArray]] = {name: [] for name in names}
    for block, first in enumerate(range(0, most, BLOCK)):
        turn = block % len(names)
        for kind in KINDS:
            for name in names[turn:] + names[:turn]:
                lines[name].send((kind, first, min(first + BLOCK, most)))
                took_ns, found = lines[name].recv()
                spent_ns[name][kind] += took_ns
                answers[name] += found
    for name in names:
        lines[name].send(None)
        peaks[name] = lines[name].recv()
    coming = gen_w2(size).coming
    return {
        name: summary(spent_ns[name], answers[name], answers[names[0]])
        | {"build_cpu_s": round(built[name].cpu_s, 3), "clock_us": round(built[name].clock_us, 2)}
        | {"before_mb": round(built[name].before_mb), "peak_mb": round(peaks[name])}
        | judged(
            f"w2-{size}",
            np.concatenate(answers[name]),
            np.concatenate([np.arange(*rows) for rows in coming[: len(answers[name])]]),
        )
        for name in names
    }


def summary(spent_ns: dict[str, list[int]], answers: list[IntArray], of_first: list[IntArray]) -> dict[str, Any]:
    """Percentiles in microseconds, cycles per CPU second, and for how many intents the answer is not the first's."""
    figures: dict[str, Any] = {"intents": len(answers)}
    for kind, each_ns in spent_ns.items():
        for percent in (50, 99):
            figures[f"{kind}_p{percent}_us"] = round(float(np.percentile(each_ns, percent)) / 1_000, 1)
    figures["cycles_per_cpu_s"] = round(len(answers) / (sum(map(sum, spent_ns.values())) / 1e9))
    figures["pairs"] = sum(map(len, answers))
    figures["other_answers"] = sum(not np.array_equal(a, b) for a, b in zip(answers, of_first, strict=False))
    return figures


def main() -> None:
    """Prints the figures, and writes them down if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--operations", type=int, default=OPERATIONS)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--write", action="store_true", help="keep the figures in results/")
    chosen = parser.parse_args()
    from benches.peers import absent  # noqa: PLC0415 - the processes that are measured do not need it

    lacking = absent(chosen.engines)
    names = [name for name in chosen.engines if name not in lacking]
    sizes = {str(size): measured(size, names, chosen.operations) for size in chosen.sizes}
    figures = {"block": BLOCK, "not_run": lacking, "sizes": sizes}
    if chosen.write:
        write(NAME, figures)
    else:
        print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
