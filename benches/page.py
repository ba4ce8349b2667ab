"""The tables of docs/performance.md, made from benches/results; `python -m benches.page` writes them in."""

import json
from pathlib import Path

from benches.machine import RESULTS

PAGE = Path(__file__).parents[1] / "docs/performance.md"


def tables() -> dict[str, str]:
    """Per marker of the page the Markdown that belongs there."""
    cli = json.loads((RESULTS / "cli.json").read_text("utf-8"))
    rows = [f"| {name} | {seconds:.2f} |" for name, seconds in cli["figures"]["cpu_s"].items()]
    commands = ["| command | CPU seconds |", "|---|---|", *rows, "", _source(cli)]
    head = (
        "| minima | volumes | candidates | pairs by `exact` | pairs by `batch` | missed | invented | other certainty |"
    )
    agreement = [head, "|---|---|---|---|---|---|---|---|"]
    for name in ("agreement-swiss-0", "agreement-swiss-3nm"):
        found = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
        figures = found["figures"]
        keys = ("volumes", "candidates", "exact_pairs", "batch_pairs", "missed", "invented", "other_certainty")
        cells = " | ".join(f"{figures[key]:,}" for key in keys)
        agreement.append(f"| {' / '.join(figures['minima'])} | {cells} |")
    return {"cli": "\n".join(commands), "agreement": "\n".join([*agreement, "", _source(found)])}


def _source(result: dict[str, dict[str, str]]) -> str:
    came = result["from"]
    parts = [came["machine"], f"Python {came['python']}", f"numba {came['numba']}", f"commit {came['commit']}"]
    return ", ".join([*parts, came["when"][:10]]) + "."


def written(text: str) -> str:
    """The page's text with its tables as they should be."""
    for marker, table in tables().items():
        before, between = text.split(f"<!-- {marker} -->\n")
        _, after = between.split("<!-- end -->", 1)
        text = f"{before}<!-- {marker} -->\n{table}\n<!-- end -->{after}"
    return text


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
