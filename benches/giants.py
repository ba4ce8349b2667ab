"""What a few standing zones cost beside many short plans: 50 that each cover a country and a year.

    python -m benches.giants [--count 100000] [--rounds 5] [--write]

Three times the same 100,000 volumes of W1: alone; with 50 countries whose floors lie above all of them, so that no
pair is added; and with the 50 from the ground up, where each volume within a country is one more conflict. Each
country is a ring of 200 to 2,000 vertices, 150 to 600 km from its middle, and its middle is up to 600 km from that
of the square, so that some hold all of it, some are cut by it and some lie apart. Process CPU seconds, medians,
rounds interleaved.
"""

import argparse
import statistics
import time
from typing import Final

import numpy as np
from pyproj import Geod

from benches.machine import write
from benches.ours import MOST_PAIRS, columns_of, warm
from benches.workloads import MIDDLE, gen_w1
from tansiq.conflict.batch import find_pairs
from tansiq.conflict.columns import Labels, VolumeColumns
from tansiq.conflict.minima import Minima
from tansiq.geometry.earth import FloatArray
from tansiq.geometry.footprint import CoreKind
from tansiq.units import DMM_PER_METRE, US_PER_SECOND, Reference

NAME: Final = "giants"
GIANTS: Final = 50
YEAR_US: Final = 366 * 86_400 * US_PER_SECOND
ABOVE_M: Final = 3_000
SEED: Final = 11


def countries(lower_m: int) -> VolumeColumns:
    """50 countries, a year and everything from this height above the ellipsoid up to 20 km."""
    lots = np.random.default_rng(SEED)
    globe = Geod(ellps="WGS84")
    outlines: list[tuple[FloatArray, FloatArray]] = []
    for _ in range(GIANTS):
        away_m, to_deg = lots.uniform(0, 600_000), lots.uniform(0, 360)
        lng, lat, _back = globe.fwd(MIDDLE.lng_deg, MIDDLE.lat_deg, to_deg, away_m)
        count = int(lots.integers(200, 2_001))
        turn = np.sort(lots.uniform(0, 2 * np.pi, count))
        # Bays and capes: a few long waves and the border's own roughness.
        waves = np.zeros(count)
        for k in range(1, 9):
            waves += lots.normal(0, 0.25 / k) * np.sin(k * turn + lots.uniform(0, 2 * np.pi))
        radius_m = lots.uniform(250_000, 500_000) * np.clip(1 + waves + lots.normal(0, 0.01, count), 0.4, 1.6)
        lngs, lats, _back = globe.fwd(np.full(count, lng), np.full(count, lat), np.degrees(turn), radius_m)
        outlines.append((np.asarray(lats), np.asarray(lngs)))
    counts = [len(lats) for lats, _ in outlines]
    limits = np.array([lower_m, 20_000]) * DMM_PER_METRE
    return VolumeColumns(
        core=np.full(GIANTS, CoreKind.AREA, np.int8),
        buffer_m=np.zeros(GIANTS),
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        lat_deg=np.concatenate([lats for lats, _ in outlines]),
        lng_deg=np.concatenate([lngs for _, lngs in outlines]),
        start_us=np.full(GIANTS, -YEAR_US // 2),
        end_us=np.full(GIANTS, YEAR_US // 2),
        limit_reference=np.full((GIANTS, 2), Reference.W84, np.int8),
        limit_dmm=np.tile(limits, (GIANTS, 1)),
        estimated=np.zeros(GIANTS, np.bool_),
    )


def together(a: VolumeColumns, b: VolumeColumns) -> VolumeColumns:
    """The volumes of both."""
    both = VolumeColumns(*(np.concatenate([c, d]) for c, d in zip(a, b, strict=True)))
    return both._replace(offsets=np.concatenate([a.offsets, b.offsets[1:] + a.offsets[-1]]))


def labels_with(labels: Labels, more: int) -> Labels:
    """The labels, and those of as many giants: one set of zones, which are no conflict with each other."""
    alike = np.zeros(len(labels.intent) + more, np.int32)
    return Labels(np.append(labels.intent, np.full(more, labels.intent.max() + 1, np.int32)), alike, alike, alike)


def main() -> None:
    """Prints the figures, and writes them down if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="keep them in results/")
    chosen = parser.parse_args()
    columns, labels = columns_of(gen_w1(chosen.count))
    inputs = {
        "alone": (columns, labels),
        "above": (together(columns, countries(ABOVE_M)), labels_with(labels, GIANTS)),
        "through": (together(columns, countries(-100)), labels_with(labels, GIANTS)),
    }
    warm()
    spent: dict[str, list[float]] = {name: [] for name in inputs}
    pairs = {}
    for _ in range(chosen.rounds):
        for name, (volumes, owners) in inputs.items():
            began_s = time.process_time()
            found = find_pairs(volumes, owners, Minima(), most=MOST_PAIRS)
            spent[name].append(time.process_time() - began_s)
            pairs[name] = len(found.first)
    cpu_s = {name: round(statistics.median(times), 4) for name, times in spent.items()}
    per_pair_s = cpu_s["alone"] / pairs["alone"]
    figures = {
        "volumes": chosen.count,
        "giants": GIANTS,
        "rounds": chosen.rounds,
        "cpu_s": cpu_s,
        "pairs": pairs,
        "above_to_alone": round(cpu_s["above"] / cpu_s["alone"], 3),
        "us_per_pair_alone": round(1e6 * per_pair_s, 3),
        "us_per_added_pair": round(1e6 * (cpu_s["through"] - cpu_s["above"]) / (pairs["through"] - pairs["above"]), 3),
        "allowed_s": round(1.5 * cpu_s["alone"] + (pairs["through"] - pairs["alone"]) * per_pair_s, 3),
    }
    if chosen.write:
        write(NAME, figures)
    else:
        print(figures)


if __name__ == "__main__":
    main()
