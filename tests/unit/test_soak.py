"""The soak runs, repeats itself by its seed, and tells and keeps what it finds."""

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tansiq.conflict.batch import VolumeConflict, find_volume_conflicts
from tansiq.domain.intent import Intent
from tests.soak import __main__ as soak
from tests.soak import engine, reader
from tests.soak.report import LEAK_MB, Memory, Report, TooSlowError, patience


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(soak, "FOLDER", tmp_path)
    return tmp_path


def run(folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the summary of a soak."""
    code = soak.main(options)
    return code, json.loads((folder / "summary.json").read_text())


def test_rounds_of_the_reader_find_nothing(folder: Path) -> None:
    code, told = run(folder, "--seed", "1", "--only", "reader", "--rounds", "6")
    assert (code, told["failures"]) == (0, [])
    assert told["counts"]["plans_read"] > 20
    assert told["counts"]["plans_refused"] > 50
    assert len(told["refused_plans_by_code"]) > 8


def test_rounds_of_the_engine_find_nothing(folder: Path) -> None:
    code, told = run(folder, "--seed", "1", "--only", "engine", "--rounds", "8")
    assert (code, told["failures"]) == (0, [])
    assert 50 < told["counts"]["conflicts_certain"] < told["counts"]["conflicts"] < told["counts"]["pairs_compared"]


def test_a_round_repeats_by_its_seed_alone(folder: Path) -> None:
    alone = [
        run(folder, "--seed", str(soak.round_seed(9, number)), "--only", "engine", "--rounds", "1")[1]["counts"]
        for number in range(2)
    ]
    both = run(folder, "--seed", "9", "--only", "engine", "--rounds", "2")[1]["counts"]
    assert {name: sum(counts.get(name, 0) for counts in alone) for name in both} == both


def test_an_error_in_the_reader_is_counted_and_its_input_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(content: bytes, _name: str) -> list[Intent]:
        raise ValueError(content[:10])

    monkeypatch.setattr(reader, "read_plan", fails)
    code, told = run(folder, "--seed", "1", "--only", "reader", "--rounds", "1")
    assert (code, told["passed"]) == (1, False)
    [failure] = told["failures"]
    assert failure["times"] + told["counts"].get("plans_refused", 0) == reader.FILES
    assert failure["what"].startswith("ValueError at test_soak.py")
    assert [(folder / name).is_file() for name in failure["kept"]] == [True] * 3


def test_a_plan_that_does_not_survive_is_a_failure(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "write_plan", lambda _intents: b'{"format": "tansiq-plan/1", "intents": []}')
    code, told = run(folder, "--seed", "1", "--only", "reader", "--rounds", "2")
    assert code == 1
    assert "JSON changed them" in told["failures"][0]["words"]


def test_a_conflict_that_is_missed_is_told_with_its_volumes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def misses(*arguments: Any) -> Sequence[VolumeConflict]:  # noqa: ANN401 - handed on as they come
        return find_volume_conflicts(*arguments)[1:]

    monkeypatch.setattr(engine, "find_volume_conflicts", misses)
    code, told = run(folder, "--seed", "1", "--only", "engine", "--rounds", "4")
    assert code == 1
    assert [failure["what"] for failure in told["failures"]] == ["batch: missed"]
    assert told["failures"][0]["words"].count("Volume4D") >= 2


def test_memory_that_grows_is_a_failure_once_it_is_warm(folder: Path) -> None:
    memory = Memory()
    memory.look(elapsed_s=1.0)
    assert soak.summary(1, Report(folder), memory)["passed"]
    memory.look(elapsed_s=61.0)
    assert memory.growth_mb is None or memory.growth_mb == 0.0
    grown = Memory(warm_mb=100.0, last_mb=101.0 + LEAK_MB)
    assert not soak.summary(1, Report(folder), grown)["passed"]


def test_what_takes_too_long_is_ended() -> None:
    with pytest.raises(TooSlowError), patience(0.05):
        sum(1 for _ in itertools.count())
