"""What is true of workloads W1 and W2 by tansiq's definition: each candidate pair answered by `exact`.

Candidates are made here from boxes in space, without any of the engine's code and without shapely. Above
100,000 volumes only those of 2,000 volumes drawn by lot are answered. Takes from minutes to hours. The
pairs lie in build/bench, their digests in results/w1-reference.json.

    python -m benches.reference [--sizes 10000 ...] [--online 100000 ...] [--processes 2]
"""

import argparse
import json
import time
from functools import lru_cache
from hashlib import sha256
from multiprocessing import Pool
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from benches.intents import SEED, gen_w2
from benches.machine import RESULTS, provenance, write
from benches.workloads import IntArray, Workload, gen_w1
from tansiq.conflict.exact import ExactVolume, conflict, exact_volume
from tansiq.conflict.minima import NONE
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.earth import FloatArray, LatLng
from tansiq.geometry.footprint import Circle, Polygon
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.units import US_PER_SECOND, Altitude, AltitudeUnit, Reference

NAME: Final = "w1-reference"
PAIRS: Final = Path(__file__).parents[1] / "build/bench"
WHOLE: Final = 100_000
"""Up to so many volumes every candidate is answered."""
SAMPLED: Final = 2_000
SAMPLE_SEED: Final = 11
WIDEST_M: Final = 15_000.0
MARGIN_M: Final = 10.0
"""More than a footprint bulges out of the box of its vertices, and the centimetre of `exact`.

A path of length s on the ellipsoid lies within s^2 / 8R of its chord, R = 6,335 km at least. Every point of
a polygon lies on a path between two points of its outline, and these on paths between vertices: in
all less than 2 * 15,000^2 / 8R = 9 m from what the vertices span. A circle lies within its radius of its centre.
"""
CHUNK: Final = 500
DISPUTED: Final = 20_000
HELD: dict[str, Workload] = {}


class Answered(NamedTuple):
    """Pairs, (k, 2), the lower row first, and what the definition says of each."""

    pairs: IntArray
    certainty: NDArray[np.int8]


NONE_SETTLED: Final = Answered(np.zeros((0, 2), dtype=np.int64), np.zeros(0, dtype=np.int8))


def volume(w: Workload, row: int) -> Volume4D:
    """The volume of this row, as a plan would have it."""
    first, last = int(w.offsets[row]), int(w.offsets[row + 1])
    lat, lng = w.lat_deg[first:last].tolist(), w.lng_deg[first:last].tolist()
    points = tuple(LatLng(*place) for place in zip(lat, lng, strict=True))
    low, high = (Altitude(int(dm) / 10, AltitudeUnit.M, Reference.W84) for dm in (w.lower_dm[row], w.upper_dm[row]))
    assert (low.dmm, high.dmm) == (w.lower_dm[row] * 1000, w.upper_dm[row] * 1000)
    return Volume4D(
        Circle(points[0], float(w.radius_m[row])) if w.radius_m[row] else Polygon(points),
        AltitudeBand(low, high),
        TimeWindow(int(w.start_s[row]) * US_PER_SECOND, int(w.end_s[row]) * US_PER_SECOND),
    )


def boxes_m(w: Workload) -> tuple[FloatArray, FloatArray]:
    """Low and high corners, (n, 3) each, earth-centred: a box per volume, that holds it and a centimetre round it."""
    to_space = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    axes = to_space.transform(w.lng_deg, w.lat_deg, np.zeros(len(w.lat_deg)))
    reach_m = w.radius_m + MARGIN_M
    low = np.column_stack([np.minimum.reduceat(axis, w.offsets[:-1]) - reach_m for axis in axes])
    high = np.column_stack([np.maximum.reduceat(axis, w.offsets[:-1]) + reach_m for axis in axes])
    widest_m = np.sqrt(((high - low) ** 2).sum(axis=1))[w.radius_m == 0].max()
    assert widest_m < WIDEST_M, widest_m
    return low, high


def candidates(w: Workload, rows: IntArray | None = None) -> IntArray:
    """The pairs of volumes of two intents whose boxes, bands and windows meet, (k, 2), the lower row first.

    With `rows` only those that one of them is part of. They come in an order that runs across space.
    """
    low, high = boxes_m(w)
    axis = int(np.ptp(low, axis=0).argmax())
    order = np.argsort(low[:, axis], kind="stable")
    low, high = low[order], high[order]
    begin, widest_m = low[:, axis].copy(), float((high - low)[:, axis].max())
    columns = np.column_stack([low, w.lower_dm[order], w.start_s[order]]).T.copy()
    until = np.column_stack([high, w.upper_dm[order], w.end_s[order]]).T.copy()
    intent = w.intent[order]
    places = np.arange(len(order)) if rows is None else np.flatnonzero(np.isin(order, rows))
    found = []
    for p in places:
        first = p + 1 if rows is None else int(np.searchsorted(begin, begin[p] - widest_m))
        near = slice(first, int(np.searchsorted(begin, until[axis, p], side="right")))
        met = intent[near] != intent[p]
        for lower, upper in zip(columns, until, strict=True):
            met &= (lower[near] <= upper[p]) & (lower[p] <= upper[near])
        other = np.flatnonzero(met) + first
        found.append(np.column_stack([np.full(len(other), p), other]))
    pairs = np.sort(order[np.concatenate(found)], axis=1)
    # Two rows that are both asked for have found each other twice.
    _, once = np.unique(keys(pairs), return_index=True)
    return pairs[np.sort(once)]


def keys(pairs: IntArray) -> IntArray:
    """One number per pair, in the order of the pairs."""
    return np.asarray(pairs[:, 0] << 32 | pairs[:, 1])


def hold(w: Workload) -> None:
    """Answers of this process are about this workload from now on."""
    HELD["w"] = w


@lru_cache(maxsize=20_000)
def ready(row: int) -> ExactVolume:
    """The volume, ready for `conflict`: kept while candidates of the same part of space come."""
    return exact_volume(volume(HELD["w"], row))


def certainties(pairs: IntArray) -> list[int]:
    """What the definition says of these pairs."""
    verdicts = [conflict(ready(a), ready(b), NONE) for a, b in pairs.tolist()]
    return [int(Certainty.CLEAR if verdict is None else verdict.certainty) for verdict in verdicts]


def answers(w: Workload, pairs: IntArray, processes: int) -> NDArray[np.int8]:
    """Per pair the certainty by the definition."""
    chunks = [pairs[k : k + CHUNK] for k in range(0, len(pairs), CHUNK)]
    found: list[int] = []
    began = time.monotonic()
    with Pool(processes, hold, (w,)) as pool:
        for some in pool.imap(certainties, chunks):
            found += some
            if len(found) // 10_000 > (len(found) - len(some)) // 10_000:
                print(f"{len(found)} of {len(pairs)} after {time.monotonic() - began:.0f} s", flush=True)
    return np.array(found, dtype=np.int8)


def sample(count: int) -> IntArray | None:
    """The rows whose pairs are answered for, sorted; None where all are."""
    if count <= WHOLE:
        return None
    return np.sort(np.random.default_rng(SAMPLE_SEED).choice(count, SAMPLED, replace=False))


def among(pairs: IntArray, rows: IntArray) -> NDArray[np.bool_]:
    """Which pairs one of these rows is part of."""
    return np.asarray(np.isin(pairs, rows).any(axis=1))


def digest(pairs: IntArray) -> str:
    """SHA-256 of the sorted pairs, (k, 2) 64-bit little-endian."""
    return sha256(np.ascontiguousarray(pairs, dtype="<i8").tobytes()).hexdigest()


def settled(w: Workload, found: list[IntArray]) -> Answered:
    """The pairs that some of these answers have and others have not, answered by `exact`: all, or the first 20,000."""
    key, times = np.unique(np.concatenate([keys(pairs) for pairs in found]), return_counts=True)
    differ = key[times < len(found)][:DISPUTED]
    pairs = np.column_stack([differ >> 32, differ & 0xFFFFFFFF])
    hold(w)
    return Answered(pairs, np.array(certainties(pairs), dtype=np.int8))


def judged(name: str, found: IntArray, rows: IntArray | None = None, also: Answered = NONE_SETTLED) -> dict[str, Any]:
    """How many pairs of the reference are not found, how many of these are only `possible`, how many are invented.

    None where it can not be told: there is no reference, or only its digest, and that is another. With
    `rows` only pairs that one of them is part of count, and those that `also` answers.
    """
    kept = PAIRS / f"{name}.npz"
    if kept.exists():
        truth = np.load(kept)
        known = Answered(truth["pairs"], truth["certainty"])
        if rows is not None:
            asked, more = among(known.pairs, rows), ~among(also.pairs, rows) & (also.certainty > Certainty.CLEAR)
            known = Answered(
                np.concatenate([known.pairs[asked], also.pairs[more]]),
                np.concatenate([known.certainty[asked], also.certainty[more]]),
            )
            found = found[among(found, rows) | np.isin(keys(found), keys(also.pairs))]
        missed = ~np.isin(keys(known.pairs), keys(found))
        return {
            "missed": int(missed.sum()),
            "missed_possible": int((missed & (known.certainty == Certainty.POSSIBLE)).sum()),
            "invented": len(found) - int((~missed).sum()),
        }
    told = RESULTS / f"{NAME}.json"
    figures = json.loads(told.read_text("utf-8"))["figures"].get(name, {}) if told.exists() else {}
    of = found if rows is None else found[among(found, rows)]
    count = 0 if figures.get("sha256") == digest(of[np.argsort(keys(of))]) else None
    return dict.fromkeys(("missed", "missed_possible", "invented"), count)


def establish(name: str, w: Workload, pairs: IntArray, processes: int, commit: str) -> None:
    """The reference of this name is in build/bench, and its digest in the results."""
    print(f"{name}: {len(pairs)} candidates", flush=True)
    certainty = answers(w, pairs, processes)
    order = np.argsort(keys(pairs))
    pairs, certainty = pairs[order], certainty[order]
    pairs, certainty = pairs[certainty > 0], certainty[certainty > 0]
    PAIRS.mkdir(parents=True, exist_ok=True)
    np.savez(PAIRS / f"{name}.npz", pairs=pairs, certainty=certainty)
    figures: dict[str, Any] = {
        "volumes": len(w.intent),
        "candidates": len(order),
        "pairs": len(pairs),
        "possible": int((certainty == Certainty.POSSIBLE).sum()),
        "sha256": digest(pairs),
        "commit": commit,
    }
    told = RESULTS / f"{NAME}.json"
    known = json.loads(told.read_text("utf-8"))["figures"] if told.exists() else {}
    write(NAME, known | {name: figures})


def main() -> None:
    """Establishes the references that are asked for, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[])
    parser.add_argument("--online", type=int, nargs="*", default=[])
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    # What is running now, whatever is committed until it ends.
    commit = provenance()["commit"]
    for count in chosen.sizes:
        w = gen_w1(count, SEED)
        establish(f"w1-{count}", w, candidates(w, sample(count)), chosen.processes, commit)
    for count in chosen.online:
        online = gen_w2(count)
        rows = np.arange(online.coming[0][0], online.coming[-1][1])
        pairs = candidates(online.w, rows)
        establish(f"w2-{count}", online.w, pairs[pairs[:, 0] < online.live], chosen.processes, commit)


if __name__ == "__main__":
    main()
