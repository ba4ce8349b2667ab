"""The table of the test suite is that of the results, the results are those of the cases, and its examples are true."""

import json
import re
import sys
from pathlib import Path

from benches.machine import RESULTS
from benches.suite import ENGINES, NAME, PAGE, digest, written
from tests.vectors import run

RESULT = json.loads((RESULTS / f"{NAME}.json").read_text("utf-8"))["figures"]
TEXT = PAGE.read_text("utf-8")


def test_the_page_shows_the_results() -> None:
    assert written(TEXT) == TEXT


def test_the_results_are_those_of_these_cases_and_engines() -> None:
    # After a change of either: python -m benches.suite --write
    assert RESULT["digest"] == digest()
    cases = run.load(run.CASES)
    assert RESULT["engines"].keys() == ENGINES.keys()
    for counts in RESULT["engines"].values():
        assert {group: sum(count.values()) for group, count in counts.items() if group != "all"} == {
            name: sum(case["group"] == name for case in cases) for name in sorted({case["group"] for case in cases})
        }


def test_tansiq_is_wrong_nowhere() -> None:
    assert RESULT["engines"]["ours"]["all"] == dict.fromkeys(run.OUTCOMES, 0) | {"right": len(run.load(run.CASES))}


def test_every_group_and_every_engine_is_told() -> None:
    for group in {case["group"] for case in run.load(run.CASES)}:
        assert f"**{group}**" in TEXT
    for title in ENGINES.values():
        assert f"**{title}**" in TEXT


def test_the_case_that_the_page_shows_is_one_of_the_suite() -> None:
    [shown] = re.findall(r"^```json\n(.*?)\n```$", TEXT, re.MULTILINE | re.DOTALL)
    case = json.loads(shown)
    assert case in run.load(run.CASES)


def test_the_adapter_that_the_page_shows_can_be_asked(tmp_path: Path) -> None:
    [adapter] = re.findall(r"^```python\n(.*?)\n```$", TEXT, re.MULTILINE | re.DOTALL)
    program = tmp_path / "adapter.py"
    program.write_text(adapter + "\nmain()\n", "utf-8")
    cases = run.load(run.CASES, ["poles"])
    answers, remarks = run.ask([sys.executable, str(program)], cases)
    assert remarks == []
    assert set(answers.values()) == {"possible"}
    assert len(answers) == len(cases)
