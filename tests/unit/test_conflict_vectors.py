"""The test suite: its cases are judged without tansiq, tansiq is right in all of them, and the runner can count."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from tests.vectors import run
from tests.vectors.conflict.make import FOLDER, GROUPS, content, misjudged
from tests.vectors.conflict.words import CLEAR, CONFLICT, POSSIBLE, Group
from tests.vectors.engines import boxes, cells, degrees, local
from tests.vectors.engines.ours import NAMES, WAYS, read
from tests.vectors.engines.protocol import any_two

CASES: Final = run.load(FOLDER)
PEERS: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "boxes": any_two(boxes.meet),
    "cells": any_two(cells.meet),
    "degrees": any_two(degrees.meet),
    "local": local.answer,
}
GROUP_NAMES: Final = sorted({case["group"] for case in CASES})
each_group = pytest.mark.parametrize("make", GROUPS, ids=lambda make: make.__name__.replace("_", "-"))

Make = Callable[[], Group]


# -------------------------------------------------------------------------------------------------------- cases


@each_group
def test_the_generator_gives_what_is_committed_byte_for_byte(make: Make) -> None:
    group = make()
    assert content(group) == (FOLDER / f"{group.name}.json").read_text("utf-8")


@each_group
def test_every_case_is_judged_as_expected_without_tansiq(make: Make) -> None:
    assert misjudged(make()) == []


@pytest.mark.parametrize(("expected", "other"), [(CLEAR, CONFLICT), (POSSIBLE, CLEAR), (CONFLICT, POSSIBLE)])
@each_group
def test_a_wrong_expectation_is_found(make: Make, expected: str, other: str) -> None:
    group = make()
    cases = [replace(case, expected=other) for case in group.cases if case.expected == expected]
    assert len(misjudged(replace(group, cases=cases))) == len(cases)


def test_there_are_files_of_these_groups_and_no_others() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == {make().name for make in GROUPS} == set(GROUP_NAMES)


def test_there_are_many_cases_with_all_answers_and_each_has_its_own_id_and_reason() -> None:
    assert len(CASES) >= 300
    assert len({case["id"] for case in CASES}) == len({run.number(case) for case in CASES}) == len(CASES)
    told = {answer: sum(case["expected"] == answer for case in CASES) for answer in run.ANSWERS}
    assert min(told.values()) > 50, told
    for case in CASES:
        assert case["id"].startswith(f"{case['group']}/")
        assert case["reason"].endswith(".")
        assert len(case["volumes"]) >= 2
        assert case.keys() - {"accept"} == {"id", "group", "volumes", "minimum", "expected", "reason"}
        # Where something else is right as well, it is no hazard but a doubt that need not be shared.
        assert case.get("accept", ["clear"]) == ["clear"]
        assert "accept" not in case or case["expected"] == POSSIBLE


# ------------------------------------------------------------------------------------------------------- tansiq


@pytest.mark.parametrize("group", GROUP_NAMES)
@pytest.mark.parametrize("way", WAYS)
def test_tansiq_says_what_is_expected(way: str, group: str) -> None:
    for case in CASES:
        if case["group"] == group:
            intents, minima = read(case)
            assert NAMES[WAYS[way](intents, minima)] == case["expected"], (case["id"], case["reason"])
            answer = NAMES[WAYS[way](intents[::-1], minima)]
            assert answer == case["expected"], (case["id"], "the other way round")


# ------------------------------------------------------------------------------------------------- other engines


@pytest.mark.parametrize("peer", PEERS)
def test_other_engines_answer_every_case_and_are_right_where_nothing_is_hard(peer: str) -> None:
    answers = {case["id"]: PEERS[peer](case) for case in CASES}
    counts = run.tally(CASES, answers)
    assert counts["all"]["no answer"] == counts["all"]["unsure"] == 0
    assert counts["time-edges"]["right"] == sum(counts["time-edges"].values())
    easy = "minima/both-below", "minima/both-kept", "units/10000-ft-is-3048-m", "containment/disc-in-a-block-bahr"
    assert [run.outcome(case, answers[case["id"]]) for case in CASES if case["id"] in easy] == ["right"] * len(easy)


# -------------------------------------------------------------------------------------------------------- runner

ECHO: Final = """
import json, sys
for line in sys.stdin:
    print(json.dumps({"id": json.loads(line)["id"], "answer": ANSWER}), flush=True)
"""


def engine(answer: str) -> list[str]:
    """A program that says this of every case; `answer` is Python."""
    return ["--", sys.executable, "-c", ECHO.replace("ANSWER", answer)]


def case(expected: str, *accept: str) -> dict[str, Any]:
    return {"expected": expected, "accept": list(accept)}


@pytest.mark.parametrize(
    ("expected", "answers"),
    [
        (case(CLEAR), {CLEAR: "right", POSSIBLE: "false alarm", CONFLICT: "false alarm"}),
        (case(POSSIBLE), {CLEAR: "missed", POSSIBLE: "right", CONFLICT: "right"}),
        (case(POSSIBLE, CLEAR), {CLEAR: "right", POSSIBLE: "right", CONFLICT: "right"}),
        (case(CONFLICT), {CLEAR: "missed", POSSIBLE: "unsure", CONFLICT: "right"}),
    ],
)
def test_what_an_answer_is_worth(expected: dict[str, Any], answers: dict[str, str]) -> None:
    assert {answer: run.outcome(expected, answer) for answer in answers} == answers
    assert run.outcome(expected, None) == run.outcome(expected, "unsupported") == "no answer"


@pytest.mark.parametrize(
    ("answer", "outcome", "of"), [("'clear'", "missed", (CONFLICT, POSSIBLE)), ("'conflict'", "false alarm", (CLEAR,))]
)
def test_one_answer_to_everything_is_found_wrong(
    answer: str, outcome: str, of: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.main(["--json", *engine(answer)]) == 1
    counts = json.loads(capsys.readouterr().out)
    wrong = [c for c in CASES if c["expected"] in of and "clear" not in c.get("accept", ())]
    assert counts["all"][outcome] == len(wrong) > 150
    assert counts["all"]["right"] == len(CASES) - len(wrong)
    assert sum(sum(count.values()) for count in counts.values()) == 2 * len(CASES)


def test_the_wrong_answers_are_listed_with_their_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["--group", "poles", "--wrong", *engine("'clear'")]) == 1
    told = capsys.readouterr().out
    for c in CASES:
        missed = c["group"] == "poles" and c["expected"] != CLEAR
        assert (f"missed: {c['id']}: said clear, right is {c['expected']}. {c['reason']}\n" in told) == missed


def test_an_engine_that_is_right_everywhere_ends_with_0_and_a_remark_is_not_forgiven(tmp_path: Path) -> None:
    right = {run.number(c): c["expected"] for c in CASES}
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps(right))
    program = f"json.load(open({str(answers)!r}))[json.loads(line)['id']]"
    assert run.main(engine(program)) == 0
    assert run.main([*engine(program)[:-1], engine(program)[-1] + "print('done')"]) == 1
    assert run.main([*engine(program)[:-1], engine(program)[-1] + "sys.exit(3)"]) == 1


@pytest.mark.parametrize(
    "answer", ["'safe'", "None", "'clear' if print(line.replace('volumes', 'answer')) else 'clear'"]
)
def test_what_is_no_answer_counts_as_none(answer: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["--group", "units", "--json", *engine(answer)]) == 1
    counts = json.loads(capsys.readouterr().out)["all"]
    assert counts["no answer"] == sum(counts.values())


def test_an_engine_that_never_ends_is_stopped_and_what_it_said_counts(capsys: pytest.CaptureFixture[str]) -> None:
    stuck = engine("'clear'")
    stuck[-1] += "import time; time.sleep(60)"
    assert run.main(["--group", "units", "--patience", "1.5", "--json", *stuck]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["all"]["no answer"] == 0
    assert "stopped after 1.5 s" in told.err


def test_an_engine_is_not_told_the_answer() -> None:
    for c in CASES:
        told = run.question(c)
        assert told.keys() == {"id", "volumes", "minimum"}
        assert told["id"] not in c["id"]
        assert told["volumes"] == c["volumes"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--"],
        ["--group", "none", *engine("'clear'")],
        ["--", "no-such-program-here"],
        ["--cases", "nowhere", "--", "x"],
    ],
)
def test_what_can_not_be_run_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(arguments) == 2
    assert capsys.readouterr().err.startswith("run.py: ")


def test_cases_of_another_format_are_refused(tmp_path: Path) -> None:
    (tmp_path / "new.json").write_text(json.dumps({"format": "tansiq-conflict-vectors/2", "cases": []}))
    assert run.main(["--cases", str(tmp_path), *engine("'clear'")]) == 2
