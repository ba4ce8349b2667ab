"""Workload W1, all conflicts among many volumes at once: tansiq and other engines, on the same volumes.

    python -m benches.w1 [--sizes 10000 100000 1000000] [--rounds 5] [--engines tansiq shapely ...] [--write]

Every run is a process of its own, and in each round every engine runs once, so that a busy machine slows all
alike. Starting, loading the volumes and a first run on a few of them (which compiles what needs compiling)
are not counted; from degrees to sorted pairs all else is, in CPU seconds of all threads.
"""

import argparse
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from benches.intents import SEED
from benches.machine import forget_peak, peak_mb, write
from benches.reference import NONE_SETTLED, WHOLE, digest, judged, sample, settled
from benches.workloads import IntArray, Workload, gen_w1

NAME: Final = "w1"
SIZES: Final = (10_000, 100_000, 1_000_000)
ROUNDS: Final = 5
TINY: Final = 500
PEERS: Final = ("shapely", "duckdb", "rtree", "sqlite")
ENGINES: Final = ("tansiq", "tansiq-2", *(f"{name}{form}" for name in PEERS for form in ("-plain", "")))
"""Of each peer the plain form (plain_peers.py) stands beside the tuned one (peers.py)."""
FEWER_ROUNDS: Final = {(name, 1_000_000): 1 for name in ("rtree-plain", "rtree", "sqlite-plain", "sqlite")}
"""At most so many rounds, where a run takes more than half a minute."""

Engine = Callable[[Workload], IntArray]


def engine(name: str) -> Engine:
    """The engine of this name; only what it needs is loaded."""
    if name.startswith("tansiq"):
        from benches import ours  # noqa: PLC0415 - a peer's process shall not hold it

        ours.warm()
        return partial(ours.pairs, workers=2 if name == "tansiq-2" else 1)
    from benches import peers, plain_peers  # noqa: PLC0415 - our process shall not hold them

    return (peers.PEERS | plain_peers.PLAIN_PEERS)[name]


def load(path: Path) -> Workload:
    """The workload that `save` left there."""
    with np.load(path) as columns:
        return Workload(**columns)


def save(w: Workload, path: Path) -> None:
    """The workload lies there."""
    np.savez(path, **w._asdict())


def run(name: str, volumes: Path, few: Path, found: Path) -> dict[str, float]:
    """One run of an engine in this process; its pairs are left at `found`."""
    find = engine(name)
    find(load(few))
    w = load(volumes)
    gc.collect()
    forget_peak()
    before_mb = peak_mb()
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    pairs = find(w)
    cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - wall_s
    figures = {"cpu_s": cpu_s, "wall_s": wall_s, "before_mb": before_mb, "peak_mb": peak_mb()}
    np.save(found, pairs)
    return figures


def measured(size: int, engines: list[str], rounds: int) -> dict[str, dict[str, Any]]:
    """The figures of each engine at this size."""
    w = gen_w1(size, SEED)
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in engines}
    answers: dict[str, dict[str, IntArray]] = {name: {} for name in engines}
    with tempfile.TemporaryDirectory() as folder:
        volumes, few, found = (Path(folder) / name for name in ("volumes.npz", "few.npz", "found.npy"))
        save(w, volumes)
        save(gen_w1(TINY, SEED), few)
        for k in range(rounds):
            turn = k % len(engines)
            for name in engines[turn:] + engines[:turn]:
                if k >= FEWER_ROUNDS.get((name, size), rounds):
                    continue
                command = [sys.executable, "-m", "benches.w1", "--run", name, str(volumes), str(few), str(found)]
                done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
                runs[name].append(json.loads(done.stdout.splitlines()[-1]))
                pairs = np.load(found)
                answers[name][digest(pairs)] = pairs
                print(f"{size} {name}: {runs[name][-1]['cpu_s']:.3f} s", file=sys.stderr, flush=True)
    every = {known: pairs for found_by in answers.values() for known, pairs in found_by.items()}
    also = settled(w, list(every.values())) if size > WHOLE and len(every) > 1 else NONE_SETTLED
    judgement = {
        known: {"pairs": len(pairs), **judged(f"w1-{size}", pairs, sample(size), also), "sha256": known}
        for known, pairs in every.items()
    }
    return {name: summary(runs[name], [judgement[known] for known in answers[name]]) for name in engines}


def summary(runs: list[dict[str, float]], answers: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians, every figure, and what was found; an engine that did not always find the same has several answers."""
    figures: dict[str, Any] = {}
    for key, digits in (("cpu_s", 4), ("wall_s", 4), ("before_mb", 0), ("peak_mb", 0)):
        each = [round(one[key], digits) for one in runs]
        figures |= {key: statistics.median(each), f"{key}_of_each_run": each}
    return figures | {"answers": answers}


def main() -> None:
    """Prints the figures, and writes them down if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--write", action="store_true", help="keep the figures in results/")
    parser.add_argument("--run", nargs=4, metavar=("ENGINE", "VOLUMES", "FEW", "FOUND"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.run:
        name, *paths = chosen.run
        print(json.dumps(run(name, *map(Path, paths))))
        return
    from benches.peers import absent  # noqa: PLC0415 - the processes that are measured do not need it

    lacking = absent(chosen.engines)
    engines = [name for name in chosen.engines if name not in lacking]
    sizes = {str(size): measured(size, engines, chosen.rounds) for size in chosen.sizes}
    figures = {"seed": SEED, "rounds": chosen.rounds, "not_run": lacking, "sizes": sizes}
    if chosen.write:
        write(NAME, figures)
    else:
        print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
