"""Asks an engine about every case of the deconfliction test suite, and says what it got wrong.

    python run.py -- COMMAND ...            all cases
    python run.py --group poles -- COMMAND  those of one group; may be given several times
    python run.py --wrong -- COMMAND        each wrong answer too, with the reason for the right one
    python run.py --json -- COMMAND         the counts as JSON

The command is started once. It reads one case a line from its standard input, as JSON: `id`, `volumes`, `minimum`.
It writes one answer a line: {"id": ..., "answer": "conflict" or "possible" or "clear"}. Any other answer, two that
differ, and none at all count as no answer; so an engine may say "unsupported". Ids are given without a hint of the
answer, and in an order that is always the same and means nothing.

Exit code: 0 all answers right, 1 some wrong or missing, 2 the command or the cases can not be used.
Needs Python 3.11 and nothing else, so that it can be copied together with the cases; docs/test-suite.md has the rules.
"""

import argparse
import hashlib
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

FORMAT: Final = "tansiq-conflict-vectors/1"
CASES: Final = Path(__file__).parent / "conflict"
ANSWERS: Final = ("clear", "possible", "conflict")
OUTCOMES: Final = ("right", "missed", "false alarm", "unsure", "no answer")
PATIENCE_S: Final = 300.0

Case = dict[str, Any]
Counts = dict[str, dict[str, int]]
"""Per group how many answers came out how."""


class UnusableError(Exception):
    """The command or the cases can not be used."""


def load(folder: Path, groups: list[str] | None = None) -> list[Case]:
    """The cases of these groups, or of all, in the order of their files."""
    cases: list[Case] = []
    for path in sorted(folder.glob("*.json")):
        file = json.loads(path.read_text("utf-8"))
        if file.get("format") != FORMAT:
            raise UnusableError(f"{path.name}: format {file.get('format')!r}, want {FORMAT!r}")
        if not groups or file["group"] in groups:
            cases.extend(file["cases"])
    if not cases:
        raise UnusableError(f"no cases in {folder}" + (f" of {', '.join(groups)}" if groups else ""))
    return cases


def question(case: Case) -> Case:
    """What an engine is told: not the group, not the answer. The id hides what it says in words."""
    return {"id": number(case), "volumes": case["volumes"], "minimum": case["minimum"]}


def number(case: Case) -> str:
    """The id under which an engine sees the case."""
    return hashlib.sha256(case["id"].encode()).hexdigest()[:12]


def ask(command: list[str], cases: list[Case], patience_s: float = PATIENCE_S) -> tuple[dict[str, str], list[str]]:
    """The answers by case id, and remarks about how they came. Stops the command when its time is over."""
    if not command:
        raise UnusableError("no command: put it after --")
    by_number = {number(case): case["id"] for case in cases}
    lines = "".join(json.dumps(question(case)) + "\n" for _, case in sorted((number(c), c) for c in cases))
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    except OSError as error:
        raise UnusableError(f"can not start {command[0]}: {error}") from error
    remarks = []
    with process:
        try:
            output, _ = process.communicate(lines.encode(), timeout=patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
            remarks.append(f"stopped after {patience_s:g} s")
    if process.returncode and not remarks:
        remarks.append(f"the command ended with exit code {process.returncode}")
    answers: dict[str, str] = {}
    for line in output.decode("utf-8", "replace").splitlines():
        told = _answer(line)
        if told is None or told[0] not in by_number:
            remarks.append(f"not an answer to any question: {line[:80]!r}")
            continue
        name = by_number[told[0]]
        answers[name] = told[1] if answers.get(name, told[1]) == told[1] else "contradictory"
    return answers, remarks


def _answer(line: str) -> tuple[str, str] | None:
    try:
        told = json.loads(line)
        return str(told["id"]), str(told["answer"])
    except (ValueError, TypeError, KeyError):
        return None


def outcome(case: Case, answer: str | None) -> str:
    """What the answer is worth. In a possible case `conflict` is right: not every engine knows doubt."""
    expected = case["expected"]
    if answer not in ANSWERS:
        return "no answer"
    if answer == expected or answer in case.get("accept", ()) or (expected, answer) == ("possible", "conflict"):
        return "right"
    if expected == "clear":
        return "false alarm"
    return "missed" if answer == "clear" else "unsure"


def tally(cases: list[Case], answers: dict[str, str]) -> Counts:
    """Per group, and for all of them under `all`, how many answers came out how."""
    counts: dict[str, Counter[str]] = {}
    for case in cases:
        told = outcome(case, answers.get(case["id"]))
        for group in (case["group"], "all"):
            counts.setdefault(group, Counter())[told] += 1
    whole = counts.pop("all")
    return {group: {name: count[name] for name in OUTCOMES} for group, count in [*counts.items(), ("all", whole)]}


def table(counts: Counts) -> str:
    """The counts for people."""
    rows = [["group", "cases", *OUTCOMES]]
    rows += [[group, *map(str, (sum(count.values()), *count.values()))] for group, count in counts.items()]
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join([row[0].ljust(wide[0]), *(cell.rjust(w) for cell, w in zip(row[1:], wide[1:], strict=True))])
        for row in rows
    )


def wrong(cases: list[Case], answers: dict[str, str]) -> list[str]:
    """Each answer that is not right, and why another one is; the worst first."""
    found = []
    for case in cases:
        told = outcome(case, answers.get(case["id"]))
        if told != "right":
            said = answers.get(case["id"], "nothing")[:40]
            found.append((told, f"{told}: {case['id']}: said {said}, right is {case['expected']}. {case['reason']}"))
    order = {"missed": 0, "no answer": 1, "false alarm": 2, "unsure": 3}
    return [line for _, line in sorted(found, key=lambda pair: order[pair[0]])]


def main(arguments: list[str]) -> int:
    """Asks, counts, tells; the exit code."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(prog="run.py", usage="run.py [options] -- COMMAND ...")
    parser.add_argument("--cases", type=Path, default=CASES, help="the folder of the cases")
    parser.add_argument("--group", action="append", help="only this group; may be given several times")
    parser.add_argument("--patience", type=float, default=PATIENCE_S, help="seconds for all answers together")
    parser.add_argument("--wrong", action="store_true", help="list the wrong answers")
    parser.add_argument("--json", action="store_true", help="the counts as JSON")
    options, command = parser.parse_args(arguments[:split]), arguments[split + 1 :]
    try:
        cases = load(options.cases, options.group)
        answers, remarks = ask(command, cases, options.patience)
    except (UnusableError, OSError, ValueError) as error:
        sys.stderr.write(f"run.py: {error}\n")
        return 2
    counts = tally(cases, answers)
    lines = [json.dumps(counts) if options.json else table(counts)]
    lines += wrong(cases, answers) if options.wrong else []
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stderr.write("".join(f"run.py: {remark}\n" for remark in remarks[:20]))
    return 0 if counts["all"]["right"] == len(cases) and not remarks else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
