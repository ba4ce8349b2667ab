"""Compares `batch` with the definition, on a whole day of real traffic.

Candidates are made here without any of the engine's code: pairs of volumes whose windows meet and whose
bounding balls, made from plain vectors of the plan's points, are nearer than the minimum. Every one goes
to `exact`. Bands are left to `exact`, too. Takes minutes.

    python -m benches.agreement PLAN --minima-horizontal 3NM --minima-vertical 1000ft [--write NAME]
"""

import argparse
import time
from collections.abc import Iterator
from multiprocessing import Pool
from typing import Any

import numpy as np

from benches.machine import write
from tansiq.cli.compare import minima_of
from tansiq.cli.files import read_file
from tansiq.conflict.batch import find_volume_conflicts
from tansiq.conflict.exact import Verdict, conflict, exact_volume
from tansiq.domain.intent import Intent
from tansiq.formats.plan import read_plan
from tansiq.geometry.footprint import core

STRETCH = 1.01
"""An arc of 5,000 km is at most 2.7 % longer than its chord; plans here reach less than 100 km."""
Pair = tuple[tuple[int, int], tuple[int, int]]
"""Two volumes, each as (number of its intent, number of the volume in it)."""
PLAN: dict[str, Any] = {}


def balls(intents: list[Intent]) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[tuple[int, int]]]:
    """Centres and radii on a sphere of the Earth's greatest radius of curvature, windows, owners."""
    centers, radii, windows, owners = [], [], [], []
    for i, intent in enumerate(intents):
        for k, volume in enumerate(intent.volumes):
            _, points, buffer_m = core(volume.footprint)
            lat, lng = np.radians(np.array(points)).T
            unit = np.column_stack([np.cos(lat) * np.cos(lng), np.cos(lat) * np.sin(lng), np.sin(lat)])
            middle = unit.sum(axis=0) / np.linalg.norm(unit.sum(axis=0))
            # An edge's points lie no further from the middle than half of it beyond its ends.
            edges = np.linalg.norm(np.diff(unit, axis=0, append=unit[:1]), axis=1).max()
            reach = (np.linalg.norm(unit - middle, axis=1).max() + edges / 2) * 6_400_000 * STRETCH
            centers.append(middle * 6_335_000)
            radii.append(reach + buffer_m)
            window = volume.window
            windows.append((-np.inf if window.start_us is None else window.start_us, window.end_us or np.inf))
            owners.append((i, k))
    return np.array(centers), np.array(radii), np.array(windows), owners


def candidates(intents: list[Intent], reach_m: float) -> Iterator[Pair]:
    """Every pair of volumes of different intents that could conflict."""
    centers, radii, windows, owners = balls(intents)
    of = np.array([i for i, _ in owners])
    for a in range(len(owners)):
        away = np.sqrt(((centers[a + 1 :] - centers[a]) ** 2).sum(axis=1)) / STRETCH - radii[a + 1 :] - radii[a]
        near = away <= reach_m + 100
        near &= (windows[a + 1 :, 0] <= windows[a, 1]) & (windows[a, 0] <= windows[a + 1 :, 1])
        near &= of[a + 1 :] != of[a]
        for b in np.flatnonzero(near) + a + 1:
            yield owners[a], owners[int(b)]


def judge(pair: Pair) -> tuple[Pair, Verdict | None]:
    """What the definition says of one pair."""
    a, b = pair
    ready = PLAN["ready"]
    for owner in pair:
        if owner not in ready:
            ready[owner] = exact_volume(PLAN["intents"][owner[0]].volumes[owner[1]])
    kinds = PLAN["intents"][a[0]].kind, PLAN["intents"][b[0]].kind
    return pair, conflict(ready[a], ready[b], PLAN["minima"].of(*kinds))


def main() -> int:
    """Prints how many pairs both found, and each on which they differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plan")
    parser.add_argument("--minima-horizontal", default="0m")
    parser.add_argument("--minima-vertical", default="0m")
    parser.add_argument("--write", metavar="NAME")
    chosen = parser.parse_args()
    minima = minima_of(chosen.minima_horizontal, chosen.minima_vertical, [])
    intents = read_plan(read_file(chosen.plan).content, chosen.plan)
    PLAN.update(intents=intents, minima=minima, ready={})
    began = time.process_time()
    found = {(c.a, c.b): c.verdict for c in find_volume_conflicts(intents, minima)}
    batch_s = time.process_time() - began
    count, want = 0, {}
    reach_m = float(minima.horizontal_table_m().max())
    with Pool(2) as pool:
        for pair, verdict in pool.imap_unordered(judge, candidates(intents, reach_m), 512):
            count += 1
            if verdict is not None:
                want[pair] = verdict
    common = found.keys() & want.keys()
    figures = {
        "plan": chosen.plan.rsplit("/", 1)[-1],
        "minima": [chosen.minima_horizontal, chosen.minima_vertical],
        "volumes": sum(len(intent.volumes) for intent in intents),
        "candidates": count,
        "exact_pairs": len(want),
        "batch_pairs": len(found),
        "missed": len(want.keys() - found.keys()),
        "invented": len(found.keys() - want.keys()),
        "other_certainty": sum(found[p].certainty is not want[p].certainty for p in common),
        "greatest_gap_difference_m": max(
            (abs(found[p].horizontal_gap_m - want[p].horizontal_gap_m) for p in common), default=0.0
        ),
        "batch_cpu_s": round(batch_s, 3),
    }
    if chosen.write:
        write(chosen.write, figures)
    else:
        print(figures)
    return int(figures["missed"] + figures["invented"] + figures["other_certainty"] > 0)


if __name__ == "__main__":
    raise SystemExit(main())
