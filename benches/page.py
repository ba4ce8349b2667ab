"""The tables of docs/performance.md, made from benches/results; `python -m benches.page` writes them in."""

import json
import math
from pathlib import Path
from typing import Any

from benches.machine import RESULTS

PAGE = Path(__file__).parents[1] / "docs/performance.md"
OURS = "tansiq"
TITLES = {
    "tansiq": "tansiq, 1 thread",
    "tansiq-2": "tansiq, 2 threads",
    "shapely-plain": "shapely, one STRtree, plain",
    "shapely": "shapely, an STRtree per half hour, tuned",
    "duckdb-plain": "DuckDB grid join, plain",
    "duckdb": "DuckDB grid and time join, tuned",
    "rtree-grown": "rtree 4-D, plain, grown one by one",
    "rtree-plain": "rtree 4-D, plain",
    "rtree": "rtree 3-D, tuned",
    "sqlite-plain": "SQLite R\\*Tree 4-D, plain",
    "sqlite": "SQLite R\\*Tree 4-D, tuned",
}
TITLES_W2 = TITLES | {
    "sqlite": "SQLite R\\*Tree 4-D, plain",
    "rtree-plain": "rtree 4-D, plain, loaded at once",
    "rtree": "rtree 3-D, tuned, loaded at once",
}
"""SQLite has one form there."""


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
    made = {"cli": commands, "agreement": [*agreement, "", _source(found)]}
    for name, lines_of in (("w1", _w1), ("w2", _w2), ("giants", _giants), ("store", _store), ("record", _record)):
        told = RESULTS / f"{name}.json"
        if told.exists():
            result = json.loads(told.read_text("utf-8"))
            made[name] = [*lines_of(result["figures"]), "", _source(result, "shapely", "duckdb", "rtree", "sqlite")]
    return {marker: "\n".join(lines) for marker, lines in made.items()}


def _w1(figures: dict[str, Any]) -> list[str]:
    """All engines at each size, then how their time grows from the smallest size to the largest."""
    head = "| volumes | engine | CPU s | CPU / tansiq's CPU | wall s | missed | invented | pairs | memory MB |"
    lines = [head, "|---|---|---|---|---|---|---|---|---|"]
    for size, engines in figures["sizes"].items():
        ours = engines[OURS]["cpu_s"]
        for name, of in engines.items():
            cells = [f"{int(size):,}", TITLES[name], f"{of['cpu_s']:.3g}", _ratio(of["cpu_s"], ours)]
            # An engine that does not always find the same has several answers.
            wrong = zip(*(_wrong(answer) for answer in of["answers"]), strict=True)
            cells += [f"{of['wall_s']:.3g}", *(", ".join(cell) for cell in wrong)]
            cells += [" or ".join(f"{answer['pairs']:,}" for answer in of["answers"])]
            cells += [f"{of['peak_mb'] - of['before_mb']:,.0f}"]
            lines.append(f"| {' | '.join(cells)} |")
    runs = [(int(s), n, len(of["cpu_s_of_each_run"])) for s, e in figures["sizes"].items() for n, of in e.items()]
    fewer = [f"{count} of {TITLES[name]} at {size:,}" for size, name, count in runs if count < figures["rounds"]]
    lines += ["", "; ".join([f"Medians of {figures['rounds']} rounds", *fewer]) + "."]
    sizes = sorted(figures["sizes"], key=int)
    if len(sizes) > 1:
        small, large = (figures["sizes"][size] for size in (sizes[0], sizes[-1]))
        decades = math.log10(int(sizes[-1]) / int(sizes[0]))
        grows = {n: math.log10(large[n]["cpu_s"] / small[n]["cpu_s"]) / decades for n in small if n in large}
        span = f"{int(sizes[0]):,} to {int(sizes[-1]):,}"
        lines += ["", f"| engine | CPU time grows from {span} as volumes to the power of |", "|---|---|"]
        lines += [f"| {TITLES[name]} | {exponent:.2f} |" for name, exponent in grows.items()]
    return lines + _not_run(figures, TITLES)


def _w2(figures: dict[str, Any]) -> list[str]:
    """All engines at each size."""
    head = "| live volumes | engine | query p50 / p99 µs | insert | delete | cycles per CPU s | CPU / tansiq's CPU"
    head += " | build CPU s | memory MB | other answers than tansiq | missed | invented |"
    lines = [head, "|---" * head.count(" | ") + "|---|"]
    for size, engines in figures["sizes"].items():
        ours = engines[OURS]["cycles_per_cpu_s"]
        for name, of in engines.items():
            each = [f"{of[f'{kind}_p50_us']} / {of[f'{kind}_p99_us']}" for kind in ("query", "insert", "delete")]
            cells = [f"{int(size):,}", TITLES_W2[name], *each, f"{of['cycles_per_cpu_s']:,}"]
            cells += [_ratio(1 / of["cycles_per_cpu_s"], 1 / ours), f"{of['build_cpu_s']:.3g}"]
            cells += [f"{of['peak_mb'] - of['before_mb']:,}", _told(of["other_answers"]), *_wrong(of)]
            lines.append(f"| {' | '.join(cells)} |")
    return lines + _not_run(figures, TITLES_W2)


def _giants(figures: dict[str, Any]) -> list[str]:
    """The same volumes alone, below standing zones, and within them."""
    names = {
        "alone": f"{figures['volumes']:,} volumes alone",
        "above": f"and {figures['giants']} zones above all of them",
        "through": f"and {figures['giants']} zones from the ground up",
    }
    alone = figures["cpu_s"]["alone"]
    lines = ["| what is compared | pairs | CPU s | CPU / alone |", "|---|---|---|---|"]
    for name, words in names.items():
        cpu_s = figures["cpu_s"][name]
        lines.append(f"| {words} | {figures['pairs'][name]:,} | {cpu_s:.3f} | {cpu_s / alone:.2f} |")
    each = f"{figures['us_per_pair_alone']:.2f} µs of CPU for a pair alone, {figures['us_per_added_pair']:.2f} µs"
    return [*lines, "", f"{each} for one that the zones add. Medians of {figures['rounds']} rounds."]


def _store(figures: dict[str, Any]) -> list[str]:
    """Durable changes by the size of the group that is committed, then what it takes to open a long log."""
    lines = ["| changes in a commit | CPU µs for each | in a CPU second | in a second, waiting for this disk |"]
    lines += ["|---|---|---|---|"]
    for size, of in figures["appends"].items():
        lines.append(f"| {size} | {of['cpu_us']:.0f} | {of['per_cpu_s']:,} | {of['per_s']:,} |")
    syncs = figures["appends"]["1"]["disk_syncs_per_s"]
    opened = figures["opening"]
    of_log = f"A log of {opened['entries']:,} entries, {opened['file_mb']:,} MB: its leaves are read in"
    of_log += f" {opened['leaves_s']:.2f} s of CPU, its tree is made of them in {opened['tree_s']:.2f} s."
    return [*lines, "", f"The disk alone: {syncs:,} writes of 4 kB, each synced, in a second.", "", of_log]


def _record(figures: dict[str, Any]) -> list[str]:
    """Proofs by the size of the log, then the pack of a notice."""
    heads = ("entries", "inclusion proof", "proof of growth", "signed, cosigned head")
    lines = [f"| {' | '.join(heads)} | to prove | to check | to check growth |", "|---" * 7 + "|"]
    for of in figures["proofs"]:
        sizes = [of[key] for key in ("inclusion_bytes", "consistency_bytes", "head_bytes")]
        times = [of[key] for key in ("prove_us", "verify_us", "verify_growth_us")]
        cells = [f"{of['entries']:,}", *(f"{size} B" for size in sizes), *(f"{each:.0f} µs" for each in times)]
        lines.append(f"| {' | '.join(cells)} |")
    pack, keys = figures["notice"], figures["keys"]
    return [
        *lines,
        "",
        "The pack of a notice with its receipt, read-back and acknowledgement, from a log of a million entries:",
        f"{pack['bytes']:,} bytes, verified in {pack['verify_cpu_us'] / 1000:.1f} ms of CPU. A signature takes",
        f"{keys['sign_us']:.0f} µs, its strict check {keys['check_us']:.0f} µs.",
    ]


def _ratio(figure: float, ours: float) -> str:
    ratio = figure / ours
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"


def _wrong(of: dict[str, Any]) -> list[str]:
    """Missed and invented pairs; of the missed ones those are named that the definition calls possible."""
    possible = f" ({of['missed_possible']:,} possible)" if of["missed_possible"] else ""
    return [_told(of["missed"]) + possible, _told(of["invented"])]


def _told(count: int | None) -> str:
    return "?" if count is None else f"{count:,}"


def _not_run(figures: dict[str, Any], titles: dict[str, str]) -> list[str]:
    lacking = [f"Not run: {titles[name]}: {why}." for name, why in figures["not_run"].items()]
    return ["", *lacking] if lacking else []


def _source(result: dict[str, dict[str, str]], *engines: str) -> str:
    came = result["from"]
    parts = [came["machine"], f"Python {came['python']}", f"numba {came['numba']}"]
    parts += [f"{name} {came[name]}" for name in engines if name in came]
    return ", ".join([*parts, f"commit {came['commit']}", came["when"][:10]]) + "."


def written(text: str) -> str:
    """The page's text with its tables as they should be."""
    for marker, table in tables().items():
        before, between = text.split(f"<!-- {marker} -->\n")
        _, after = between.split("<!-- end -->", 1)
        text = f"{before}<!-- {marker} -->\n{table}\n<!-- end -->{after}"
    return text


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
