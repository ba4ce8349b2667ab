"""What it costs to keep changes: one by one and in groups, beside what the disk itself can do; and to open a long log.

    python -m benches.store [--rounds 5] [--open 1000000] [--write]

A change is one entry of the journal of 600 bytes, one envelope of about 1.2 kB and its body of 900 bytes, as an
announcement makes them. `commit` returns when they are durable. In each round come all sizes of groups, and before each
the disk alone: 4 kB written in place and synced with fdatasync, again and again. CPU is that of the process, the
kernel's work for it included; what waits for the disk is wall time. Medians of the rounds.

Opening is measured on a log of its own: the store, its leaves, and the tree made of them.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import apsw

from benches.machine import forget_peak, peak_mb, write
from tansiq.ports.store import Change, Logged, StoredBody
from tansiq.record.entry import Envelope
from tansiq.record.keys import ED25519, Signature
from tansiq.record.tree import Tree, leaf_hash
from tansiq.storage.sqlite import SqliteStore

NAME: Final = "store"
CHANGES: Final = {1: 400, 16: 1_600, 100: 4_000, 256: 5_120}
"""Per size of a group the changes of a round."""
SYNCS: Final = 200
PAGE: Final = bytes(4_096)
JOURNAL_BYTES: Final = 600
SIGNED_BYTES: Final = 780
BODY_BYTES: Final = 900
AT_ONCE: Final = 5_000
CHANNEL: Final = bytes([1]) * 16


class Lots:
    """The machine's own."""

    def draw(self, count: int) -> bytes:
        """Random bytes."""
        return os.urandom(count)


def entries(first: int, count: int, lots: Random) -> Iterator[Logged]:
    """Envelopes for the log's end."""
    signature = Signature(bytes(32), bytes([ED25519]) + bytes(64))
    for index in range(first, first + count):
        signed = lots.randbytes(SIGNED_BYTES)
        yield Logged(CHANNEL, index, leaf_hash(signed), Envelope(signed, (signature,)).encode())


def changes(first: int, count: int, lots: Random) -> list[Change]:
    """As many changes."""
    return [
        Change((lots.randbytes(JOURNAL_BYTES),), (one,), (StoredBody(CHANNEL, one.digest, lots.randbytes(BODY_BYTES)),))
        for one in entries(first, count, lots)
    ]


def syncs_per_s(folder: Path) -> float:
    """How often a second the disk takes a page and says that it has it."""
    opened = os.open(folder / "probe", os.O_RDWR | os.O_CREAT)
    os.pwrite(opened, PAGE, 0)
    os.fsync(opened)
    began_s = time.perf_counter()
    for _ in range(SYNCS):
        os.pwrite(opened, PAGE, 0)
        os.fdatasync(opened)
    took_s = time.perf_counter() - began_s
    os.close(opened)
    return SYNCS / took_s


def appends(folder: Path, rounds: int) -> dict[str, Any]:
    """Per size of a group the microseconds for each change."""
    store, lots, index = SqliteStore(folder / "store", Lots()), Random(5), 0  # noqa: S311 - contents that repeat
    cpu_us: dict[int, list[float]] = {size: [] for size in CHANGES}
    wall_us: dict[int, list[float]] = {size: [] for size in CHANGES}
    syncs: dict[int, list[float]] = {size: [] for size in CHANGES}
    for size in CHANGES:  # Warm.
        store.commit(changes(index, size, lots))
        index += size
    for _ in range(rounds):
        for size, count in CHANGES.items():
            made = changes(index, count, lots)
            index += count
            syncs[size].append(syncs_per_s(folder))
            began_s, cpu_s = time.perf_counter(), time.process_time()
            for k in range(0, count, size):
                store.commit(made[k : k + size])
            cpu_us[size].append(1e6 * (time.process_time() - cpu_s) / count)
            wall_us[size].append(1e6 * (time.perf_counter() - began_s) / count)
    store.close()
    return {
        str(size): {
            "cpu_us": round(statistics.median(cpu_us[size]), 1),
            "per_cpu_s": round(1e6 / statistics.median(cpu_us[size])),
            "wall_us": round(statistics.median(wall_us[size]), 1),
            "per_s": round(1e6 / statistics.median(wall_us[size])),
            "disk_syncs_per_s": round(statistics.median(syncs[size])),
            "commits_per_disk_sync": round(
                statistics.median(1e6 / w / size / s for w, s in zip(wall_us[size], syncs[size], strict=True)), 2
            ),
            "cpu_us_of_each_round": [round(one, 1) for one in cpu_us[size]],
        }
        for size in CHANGES
    }


def opening(folder: Path, count: int, rounds: int) -> dict[str, Any]:
    """A log of so many entries: what it takes until its tree is there."""
    lots = Random(6)  # noqa: S311 - contents that repeat
    store = SqliteStore(folder / "long", Lots())
    began_s = time.process_time()
    for first in range(0, count, AT_ONCE):
        store.commit([Change(logged=tuple(entries(first, min(AT_ONCE, count - first), lots)))])
    built_s = time.process_time() - began_s
    store.close()
    spent: dict[str, list[float]] = {"open_s": [], "leaves_s": [], "tree_s": []}
    forget_peak()
    before_mb = peak_mb()
    for _ in range(rounds):
        marks = [time.process_time()]
        store = SqliteStore(folder / "long", Lots())
        marks.append(time.process_time())
        leaves = store.leaves(CHANNEL)
        marks.append(time.process_time())
        tree = Tree(leaves)
        marks.append(time.process_time())
        assert tree.size == count
        store.close()
        for name, begin, end in zip(spent, marks, marks[1:], strict=False):
            spent[name].append(end - begin)
    cpu_s = {name: round(statistics.median(times), 4) for name, times in spent.items()}
    size_mb = round((folder / "long/store.db").stat().st_size / 1e6)
    return {
        "entries": count,
        "build_cpu_s": round(built_s, 1),
        "file_mb": size_mb,
        **cpu_s,
        "peak_mb": round(peak_mb() - before_mb),
    }


def main() -> None:
    """Prints the figures, and writes them down if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--open", type=int, default=1_000_000, help="entries of the long log")
    parser.add_argument("--write", action="store_true", help="keep them in results/")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd() / "build") as name:
        folder = Path(name)
        figures: dict[str, Any] = {"rounds": chosen.rounds, "sqlite": apsw.sqlite_lib_version()}
        figures["appends"] = appends(folder, chosen.rounds)
        if chosen.open:
            figures["opening"] = opening(folder, chosen.open, chosen.rounds)
    if chosen.write:
        write(NAME, figures)
    else:
        print(figures)


if __name__ == "__main__":
    main()
