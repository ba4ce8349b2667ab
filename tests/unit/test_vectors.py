"""Files of every released format version open for ever, and mean what they meant.

A format's fixtures are never edited. A new version adds its own beside them.
"""

import json
from pathlib import Path

import pytest

from tansiq.cli import main
from tansiq.domain.intent import Kind
from tansiq.formats.plan import read_plan, write_plan

VECTORS = Path(__file__).parents[1] / "vectors/plan"
RULE = ["--minima-horizontal", "3NM", "--minima-vertical", "1000ft", "--minima", "air-sea=1NM,500ft"]


@pytest.mark.parametrize("name", ["plan-1.json", "plan-1.jsonl"])
def test_a_plan_of_version_1_opens_and_has_the_conflicts_it_had(
    name: str, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(VECTORS)
    assert main(["check", name, "--format", "json", *RULE]) == 1
    found = json.loads(capsysbinary.readouterr().out)
    want = json.loads((VECTORS / "conflicts-1.json").read_bytes())
    for answer in (found, want):
        del answer["as_of"], answer["checked"]["files"]
    assert found == want
    assert found["conflicts"]


@pytest.mark.parametrize("name", ["more-1.geojson", "more-1.kml", "more-1.kmz"])
def test_other_formats_of_version_1_open_and_mean_the_same_plan(
    name: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["convert", str(VECTORS / name), "--to", "plan"]) == 0
    want = read_plan((VECTORS / "more-1.json").read_bytes(), "more-1.json")
    assert read_plan(capsysbinary.readouterr().out, "back") == want
    assert {intent.kind for intent in want} == set(Kind)


def test_both_ways_of_writing_a_plan_mean_the_same() -> None:
    plans = [read_plan((VECTORS / name).read_bytes(), name) for name in ("plan-1.json", "plan-1.jsonl")]
    assert plans[0] == plans[1] == read_plan(write_plan(plans[0]), "again.json")
