"""Which answers of the test suite engines get wrong: tansiq, and four ways in which programs answer that exist.

    python -m benches.suite [--write]

With --write the counts lie in benches/results/test-suite.json and in the table of docs/test-suite.md.
"""

import argparse
import hashlib
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pyproj

from benches.machine import RESULTS, write
from tests.vectors import run

NAME: Final = "test-suite"
PAGE: Final = Path(__file__).parents[1] / "docs/test-suite.md"
VECTORS: Final = Path(__file__).parents[1] / "tests/vectors"
START, END = "<!-- engines -->\n", "<!-- end -->"
ENGINES: Final = {
    "ours": "tansiq",
    "local": "local plane",
    "degrees": "degrees as a plane",
    "cells": "cells",
    "boxes": "boxes",
}
SHORT: Final = {"missed": "missed", "false alarm": "false", "unsure": "unsure", "no answer": "silent"}


def digest() -> str:
    """Of all that the counts depend on, but for tansiq, which a test asks anew: cases, runner and engines."""
    found = hashlib.sha256()
    for path in sorted([VECTORS / "run.py", *VECTORS.glob("conflict/*.json"), *VECTORS.glob("engines/*.py")]):
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def measured() -> dict[str, Any]:
    """The counts of every engine, by group."""
    cases = run.load(VECTORS / "conflict")
    counts = {}
    for name in ENGINES:
        answers, remarks = run.ask([sys.executable, "-m", f"tests.vectors.engines.{name}"], cases)
        assert not remarks, (name, remarks)
        counts[name] = run.tally(cases, answers)
    return {"digest": digest(), "engines": counts, "pyproj": version("pyproj"), "proj": pyproj.proj_version_str}


def table(result: dict[str, Any]) -> str:
    """The counts for the page; what is right is not told."""
    figures, came = result["figures"], result["from"]
    engines = figures["engines"]
    lines = [f"| group | cases | {' | '.join(ENGINES.values())} |", "|---" * (len(ENGINES) + 2) + "|"]
    for group, count in engines["ours"].items():
        cells = [_wrong(engines[name][group]) for name in ENGINES]
        lines.append(f"| {group} | {sum(count.values())} | {' | '.join(cells)} |")
    versions = f"shapely {came['shapely']}, pyproj {figures['pyproj']} with PROJ {figures['proj']}"
    lines += ["", f"Python {came['python']}, {versions}, commit {came['commit']}, {came['when'][:10]}."]
    return "\n".join(lines)


def _wrong(count: dict[str, int]) -> str:
    return ", ".join(f"{count[name]} {word}" for name, word in SHORT.items() if count[name]) or "0"


def written(text: str) -> str:
    """The page's text with its table as it should be."""
    before, between = text.split(START)
    _, after = between.split(END, 1)
    made = table(json.loads((RESULTS / f"{NAME}.json").read_text("utf-8")))
    return f"{before}{START}{made}\n{END}{after}"


def main() -> None:
    """Asks every engine, and says or writes what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="into the results and the page")
    figures = measured()
    if parser.parse_args().write:
        write(NAME, figures)
        PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
    else:
        print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
