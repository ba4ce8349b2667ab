"""Fuzzes the readers, the engine and the record for as long as is asked, and watches their memory.

    python -m tests.soak --minutes 10                            all, a new seed each time
    python -m tests.soak --seed N --only engine --rounds 1       one round again
    python -m tests.soak --only agreement --rounds 10000         so many histories of a channel

Each round has a seed of its own that follows from the first one and the round's number. Figures come every half minute
on stderr, and at the end as JSON on stdout and in build/soak/summary.json, with the inputs that failed beside it.
Exit code 1 if anything failed, or if memory has grown past what caches explain.
"""

import argparse
import hashlib
import json
import math
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from tests.laws.index_walk import walk
from tests.soak.agreement import agreement_round
from tests.soak.engine import engine_round
from tests.soak.formats import FORMATS
from tests.soak.reader import reader_round
from tests.soak.report import LEAK_MB, Memory, Report, say

PARTS: Final[dict[str, Callable[[int, Report], None]]] = {
    "reader": reader_round,
    "engine": engine_round,
    "agreement": agreement_round,
    **FORMATS,
}
FOLDER: Final = Path(__file__).parents[2] / "build" / "soak"
LINE_S: Final = 30.0
WALK_STEPS: Final = 10_000


def round_seed(seed: int, number: int) -> int:
    """The seed of this round; of the first it is the seed itself, so that any round can be had again alone."""
    if number == 0:
        return seed
    return int.from_bytes(hashlib.sha256(f"{seed} {number}".encode()).digest()[:6])


def soak(parts: Sequence[str], seed: int, *, minutes: float, rounds: int | None, report: Report) -> Memory:
    """Plays rounds for so long, or so many of each part: whoever has had less time is next. What memory it took."""
    memory = Memory()
    begin, line_s = time.monotonic(), 0.0
    played, spent_s = dict.fromkeys(parts, 0), dict.fromkeys(parts, 0.0)
    while True:
        elapsed_s = time.monotonic() - begin
        if elapsed_s >= line_s:
            memory.look(elapsed_s)
            say(line(elapsed_s, report, memory))
            line_s = elapsed_s + LINE_S
        if elapsed_s >= 60 * minutes or (rounds is not None and min(played.values()) >= rounds):
            break
        part = min(parts, key=lambda name: spent_s[name] if rounds is None else played[name])
        report.part, report.seed = part, round_seed(seed, played[part])
        PARTS[part](report.seed, report)
        played[part] += 1
        spent_s[part] += time.monotonic() - begin - elapsed_s
    memory.look(elapsed_s)
    report.counts.update({f"{part}_rounds": count for part, count in played.items()})
    return memory


def line(elapsed_s: float, report: Report, memory: Memory) -> str:
    """How it stands, in one line."""
    c = report.counts
    held = "?" if memory.last_mb is None else f"{memory.last_mb:.0f}"
    return (
        f"{elapsed_s / 60:5.1f} min  plans: {c['plans_read']} read, {c['plans_refused']} refused  "
        f"sets: {c['sets']}, {c['volumes']} volumes, {c['pairs_compared']} pairs, {c['conflicts']} conflicts  "
        f"histories: {c['histories']}  memory: {held} MB  "
        f"failures: {sum(failure.times for failure in report.failures.values())}"
    )


def summary(seed: int, report: Report, memory: Memory) -> dict[str, Any]:
    """All that there is to tell; `passed` says whether nothing failed."""
    leaked = memory.growth_mb is not None and memory.growth_mb > LEAK_MB
    return {
        "passed": not report.failures and not leaked,
        "seed": seed,
        "counts": dict(sorted(report.counts.items())),
        "refused_plans_by_code": dict(report.refusals.most_common()),
        "memory_mb": memory.told(),
        "leaked": leaked,
        "failures": report.told(),
    }


def walked(steps: int, seed: int) -> Counter[str]:
    """What walks of so many steps together saw, each in a world of its own. AssertionError where it was wrong."""
    seen: Counter[str] = Counter()
    for number in range(-(-steps // WALK_STEPS)):
        seen += walk(min(WALK_STEPS, steps - number * WALK_STEPS), round_seed(seed, number))
    return seen


def main(arguments: Sequence[str]) -> int:
    """Runs as the command line says; 1 where anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, help="for so long (10, or without end where --rounds is given)")
    parser.add_argument("--rounds", type=int, help="so many rounds of each part")
    parser.add_argument("--seed", type=int, help="of the first round; a new one each time where none is given")
    parser.add_argument("--only", choices=PARTS, help="this part alone")
    parser.add_argument("--walk", type=int, default=0, metavar="STEPS", help="then a walk over the index, this long")
    chosen = parser.parse_args(arguments)
    minutes = chosen.minutes or (10.0 if chosen.rounds is None else math.inf)
    seed = random.SystemRandom().randrange(2**32) if chosen.seed is None else chosen.seed
    say(f"seed {seed}")
    report = Report(FOLDER)
    parts = [chosen.only] if chosen.only else list(PARTS)
    memory = soak(parts, seed, minutes=minutes, rounds=chosen.rounds, report=report)
    told = summary(seed, report, memory)
    if chosen.walk:
        say(f"walking {chosen.walk} steps")
        told["walk"] = dict(walked(chosen.walk, seed))
    text = json.dumps(told, indent=2) + "\n"
    FOLDER.mkdir(parents=True, exist_ok=True)
    FOLDER.joinpath("summary.json").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0 if told["passed"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
