"""The command line, run as a user runs it: what it prints, and how it ends."""

import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tansiq.cli import files, main
from tansiq.conflict import batch
from tansiq.formats.kit.text import shown
from tansiq.limits import LIMITS

A = {"id": "A-1", "party": "AMBER", "kind": "air"}
T = {"id": "T-1", "party": "TEAL", "kind": "air"}


def box(lat: float, lng: float, *, hour: int = 10) -> dict[str, Any]:
    corners = [(lat, lng), (lat, lng + 0.1), (lat + 0.1, lng + 0.1), (lat + 0.1, lng)]
    return {
        "volume": {
            "outline_polygon": {"vertices": [{"lat": a, "lng": b} for a, b in corners]},
            "altitude_lower": {"value": 1000, "reference": "AMSL", "units": "M"},
            "altitude_upper": {"value": 2000, "reference": "AMSL", "units": "M"},
        },
        "time_start": {"value": f"2030-01-15T{hour:02}:00:00Z", "format": "RFC3339"},
        "time_end": {"value": f"2030-01-15T{hour + 1:02}:00:00Z", "format": "RFC3339"},
    }


def write(path: Path, *intents: dict[str, Any]) -> str:
    path.write_text(json.dumps({"format": "tansiq-plan/1", "intents": list(intents)}))
    return str(path)


@pytest.fixture
def apart(tmp_path: Path) -> str:
    return write(tmp_path / "apart.json", {**A, "volumes": [box(1, 1)]}, {**T, "volumes": [box(1, 1.11)]})


@pytest.fixture
def meeting(tmp_path: Path) -> str:
    near = {**T, "volumes": [box(5, 5), box(1.05, 1.05)]}
    return write(tmp_path / "meeting.json", near, {**A, "volumes": [box(1, 1), box(7, 7)]})


def test_no_conflict_ends_with_0_and_never_says_safe(apart: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", apart]) == 0
    out = capsys.readouterr().out
    assert out.startswith("No declared conflict known.  As of ")
    assert "safe" not in out.lower()


def test_a_conflict_ends_with_1(meeting: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", meeting]) == 1
    assert capsys.readouterr().out.startswith("1 CONFLICT: 1 certain.")


def test_minima_make_a_conflict_of_what_is_apart(apart: str) -> None:
    # The boxes are 1.1 km apart.
    assert main(["check", apart, "--minima-horizontal", "1km"]) == 0
    assert main(["check", apart, "--minima-horizontal", "1.2km"]) == 1
    assert main(["check", apart, "--minima", "air-air=1.2km,0m"]) == 1
    assert main(["check", apart, "--minima", "air-sea=1.2km,0m"]) == 0


def test_the_json_answer_is_as_its_page_says(meeting: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["check", meeting, "--minima-vertical", "1000ft", "--format", "json"]) == 1
    answer = json.loads(capsysbinary.readouterr().out)
    assert answer["format"] == "tansiq-conflicts/1"
    assert answer["checked"]["intents"] == 2
    assert answer["checked"]["volumes"] == 4
    assert answer["minima"]["air-air"] == {"horizontal_m": 0.0, "vertical_m": 304.8}
    (conflict,) = answer["conflicts"]
    # The first by file, party and id is `a`, wherever it stands in the file.
    assert (conflict["a"], conflict["b"]) == (
        {"id": "A-1", "party": "AMBER", "file": 0},
        {"id": "T-1", "party": "TEAL", "file": 0},
    )
    assert conflict["volume_pairs"] == [[0, 1]]
    assert conflict["overlaps"] == [
        {
            "pair": [0, 1],
            "time": {"start": "2030-01-15T10:00:00Z", "end": "2030-01-15T11:00:00Z"},
            "altitude": {"lower": 1000.0, "upper": 2000.0, "reference": "AMSL"},
            "horizontal_gap_m": 0.0,
            "vertical_gap_m": 0.0,
            "certainty": "certain",
        }
    ]


def test_the_answer_does_not_hang_on_the_order_of_the_intents(
    meeting: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    plan = json.loads(Path(meeting).read_text())
    turned = write(tmp_path / "turned.json", *reversed(plan["intents"]))
    answers = []
    for name in (meeting, turned):
        main(["check", name, "--format", "json"])
        answers.append(json.loads(capsysbinary.readouterr().out)["conflicts"])
    assert answers[0] == answers[1]
    assert len(answers[0]) == 1


def test_csv_has_a_row_per_pair_and_no_formulas(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = write(
        tmp_path / "p.json",
        {**A, "id": "=1+1", "volumes": [box(1, 1), box(1, 1, hour=11)]},
        {**T, "party": "@x", "volumes": [box(1, 1)]},
    )
    assert main(["check", name, "--format", "csv"]) == 1
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split(",")[:4] == ["a_file", "a_party", "a_id", "a_volume"]
    assert len(rows) == 2
    assert all("'=1+1" in row and "'@x" in row for row in rows)


def test_between_parties_only_leaves_out_one_partys_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = {**A, "id": "A-2", "volumes": [box(1, 1)]}
    name = write(tmp_path / "p.json", {**A, "volumes": [box(1, 1)]}, own)
    assert main(["check", name]) == 1
    assert main(["check", name, "--between-parties-only"]) == 0
    assert "NOT CHECKED: intents of one party with each other" in capsys.readouterr().out


def test_two_unknown_parties_are_not_one_party(tmp_path: Path) -> None:
    name = tmp_path / "volumes.json"
    name.write_text(json.dumps([box(1, 1), box(1, 1)]))
    assert main(["check", str(name), "--between-parties-only"]) == 1


def test_against_compares_the_sides_only(meeting: str, apart: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", apart, "--against", meeting]) == 1
    out = capsys.readouterr().out
    # A-1 of `apart` meets both of `meeting`, T-1 one of them; the conflict inside `meeting` is left out.
    assert out.startswith("3 CONFLICTS")
    assert "NOT CHECKED: intents on one side of --against" in out


def test_an_intent_without_volumes_is_not_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", write(tmp_path / "p.json", {**A, "volumes": []})]) == 0
    assert "NOT CHECKED: intent A-1 of AMBER (it has no volumes)" in capsys.readouterr().out


def test_all_errors_of_all_files_are_listed_and_end_with_2(
    tmp_path: Path, meeting: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = write(tmp_path / "bad.json", {**A, "kind": "space", "volumes": [{"volume": {}}]})
    assert main(["check", bad, str(tmp_path / "none.json"), meeting]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "[bad_value]" in err
    assert "[outline_count]" in err
    assert "[file_not_readable]" in err
    assert "Input refused: 3 errors. Nothing was checked." in err


def test_errors_are_machine_readable_too(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    bad = write(tmp_path / "bad.json", {**A, "kind": "space", "volumes": []})
    assert main(["check", bad, "--format", "json"]) == 2
    answer = json.loads(capsysbinary.readouterr().out)
    assert answer["format"] == "tansiq-errors/1"
    (error,) = answer["errors"]
    assert error["file"] == bad
    assert (error["record"], error["field"], error["code"]) == ("intents[0] (A-1)", "kind", "bad_value")


@pytest.mark.parametrize(
    "arguments",
    [
        ["chek"],
        [],
        ["check"],
        ["check", "x.json", "--minima-horizontal", "3"],
        ["check", "x.json", "--minima-horizontal", "-3NM"],
        ["check", "x.json", "--minima", "air=3NM,1000ft"],
        ["check", "x.json", "--minima", "air-space=3NM,1000ft"],
        ["check", "x.json", "--minima", "air-sea=3NM"],
        ["check", "x.json", "--format", "xml"],
        ["plan", "from-tracks", "x.json", "--lateral", "0m"],
        ["plan", "from-tracks", "x.json", "--segment", "1NM"],
        ["sim", "plans", "--count", "0"],
    ],
)
def test_wrong_usage_ends_with_64(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code: object = main(arguments)
    except SystemExit as end:
        code = end.code
    assert code == 64
    assert capsys.readouterr().err


def test_a_fault_of_ours_ends_with_70_and_shows_nobodys_plan(
    meeting: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("lat 1.05 lng 1.2 of AMBER")

    monkeypatch.setattr(batch, "find_conflicts", broken)
    assert main(["check", meeting]) == 70
    err = capsys.readouterr().err
    assert "a fault of our own" in err
    assert "AMBER" not in err
    assert "1.05" not in err


def test_standard_input_and_gzip_are_read(meeting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = tmp_path / "p.json.gz"
    packed.write_bytes(gzip.compress(Path(meeting).read_bytes()))
    assert main(["check", str(packed)]) == 1
    stream = io.TextIOWrapper(io.BytesIO(Path(meeting).read_bytes()))
    monkeypatch.setattr(sys, "stdin", stream)
    assert main(["check", "-"]) == 1


def test_a_damaged_gzip_file_is_refused(meeting: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = gzip.compress(Path(meeting).read_bytes())
    for damaged in (whole[:-12], whole[:40] + b"xx" + whole[42:], whole[:3]):
        packed = tmp_path / "p.json.gz"
        packed.write_bytes(damaged)
        assert main(["check", str(packed)]) == 2
        assert "[archive_refused]" in capsys.readouterr().err


def test_a_file_that_unpacks_past_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(files, "LIMITS", type(LIMITS)(file_bytes=10_000))
    bomb = tmp_path / "bomb.gz"
    bomb.write_bytes(gzip.compress(b" " * 1_000_000))
    assert main(["check", str(bomb)]) == 2
    large = tmp_path / "large.json"
    large.write_bytes(b" " * 10_001)
    assert main(["check", str(large)]) == 2
    err = capsys.readouterr().err
    assert "[archive_refused]" in err
    assert "[limit_exceeded]" in err


def test_text_of_others_can_not_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b[2J\u202e\x07"
    one = {**A, "id": evil, "name": evil, "volumes": [box(1, 1)]}
    name = write(
        tmp_path / "p.json",
        one,
        {**T, "party": f"T{evil}", "volumes": [box(1, 1)]},
        {**T, "id": evil + "2", "volumes": []},
    )
    assert main(["check", name]) == 1
    out = capsys.readouterr().out
    assert not set(evil) - {"[", "2", "J"} & set(out)
    assert "\\x1b[2J\\u202e\\x07" in out
    assert shown("تنسيق Тест 'a'") == "تنسيق Тест 'a'"


HEAVY = ("numba", "shapely", "pyproj", "geographiclib")


def loaded_by(code: str, *names: str) -> set[str]:
    """Which of these modules a fresh interpreter has loaded after the code."""
    program = f"{code}\nimport sys\nsys.stderr.write(' '.join(n for n in {names!r} if n in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_importing_tansiq_loads_nothing_heavy() -> None:
    assert loaded_by("import tansiq", *HEAVY, "numpy", "msgspec") == set()


def test_a_check_loads_neither_shapely_nor_pyproj(meeting: str) -> None:
    run = f"from tansiq.cli import main; main(['check', {meeting!r}, '--format', 'csv'])"
    assert loaded_by(run, *HEAVY) == {"numba"}


def test_a_refused_input_does_not_load_the_kernels(tmp_path: Path) -> None:
    bad = write(tmp_path / "bad.json", {**A, "kind": "space", "volumes": []})
    assert "numba" not in loaded_by(f"from tansiq.cli import main; main(['check', {bad!r}])", *HEAVY)


def test_a_closed_pipe_is_no_fault() -> None:
    command = f"{sys.executable} -m tansiq sim plans --count 3000 | head -c 10; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["/bin/bash", "-c", command], capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 141
    assert done.stderr == ""


def forever(lat: float, lng: float) -> dict[str, Any]:
    return {**box(lat, lng), "time_end": {"value": "9999-12-31T23:59:59Z", "format": "RFC3339"}}


def test_a_window_to_the_end_of_time_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = write(tmp_path / "p.json", {**A, "volumes": [forever(1, 1)]}, {**T, "volumes": [forever(1, 1)]})
    assert main(["check", name]) == 1
    assert "2030-01-15 10:00 - 9999-12-31 23:59 Z" in capsys.readouterr().out


def test_the_table_joins_no_time_of_one_pair_to_the_place_of_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = {**A, "volumes": [box(1, 1), box(5, 5, hour=22)]}
    name = write(tmp_path / "p.json", one, {**T, "volumes": [box(1.05, 1.05), box(5, 5.1, hour=22)]})
    assert main(["check", name]) == 1
    out = capsys.readouterr().out
    assert "CERTAIN   2030-01-15 10:00 - 11:00 Z  near 01°0" in out
    assert "and 1 more pair of volumes; 2030-01-15 10:00 - 23:00 Z in all" in out


def test_nothing_compared_is_not_all_clear(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = write(tmp_path / "empty.json")
    assert main(["check", empty]) == 0
    out = capsys.readouterr().out
    assert out.startswith("NOTHING COMPARED")
    assert f"NOT CHECKED: file {empty} (it has no intents)" in out


def test_errors_never_land_in_a_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "tracks.json"
    bad.write_text("[3]")
    assert main(["plan", "from-tracks", str(bad)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "[bad_value]" in err


def test_a_name_that_is_no_text_and_a_missing_home_are_no_fault(meeting: str, tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/\xff.json"
    Path(os.fsdecode(odd)).write_bytes(Path(meeting).read_bytes())
    environment = {k: v for k, v in os.environ.items() if k not in {"HOME", "XDG_CACHE_HOME", "TANSIQ_CACHE_DIR"}}
    for style in ("json", "csv", "table"):
        command = [os.fsencode(sys.executable), b"-m", b"tansiq", b"check", odd, b"--format", style.encode()]
        done = subprocess.run(command, capture_output=True, check=False, env=environment)
        assert done.returncode == 1, done.stderr
        assert b"\\udcff" in done.stdout or b"\\xff" in done.stdout


def test_options_are_written_in_full(meeting: str) -> None:
    with pytest.raises(SystemExit) as end:
        main(["check", meeting, "--between"])
    assert end.value.code == 64


@pytest.mark.parametrize("style", ["table", "json", "csv"])
def test_half_a_surrogate_pair_anywhere_is_an_error_of_the_input(style: str, tmp_path: Path) -> None:
    name = tmp_path / "p.json"
    for text in (
        '[{"volume":{},"\\ud800":1}]',
        '[{"volume":{"outline_circle":{"center":{"lat":0,"lng":0},"radius":"\\ud800"}}}]',
        '{"format":"tansiq-plan/1","intents":[{"id":"\\ud800","party":"A","kind":"air","volumes":[]}]}',
    ):
        name.write_text(text)
        assert main(["check", str(name), "--format", style]) == 2


def test_an_error_while_an_error_is_told_is_never_a_conflict(tmp_path: Path) -> None:
    bad = write(tmp_path / "bad.json", {**A, "kind": "space", "volumes": []})
    for streams in ("2>/dev/full", "--format json >/dev/full"):
        done = subprocess.run(
            ["/bin/sh", "-c", f"{sys.executable} -m tansiq check {bad} {streams}"], capture_output=True, check=False
        )
        assert done.returncode in {2, 70}


def test_csv_can_not_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = {**A, "id": "a\x1b[2J\u202e\x9b", "volumes": [box(1, 1)]}
    assert main(["check", write(tmp_path / "p.json", one, {**T, "volumes": [box(1, 1)]}), "--format", "csv"]) == 1
    assert not {"\x1b", "\u202e", "\x9b"} & set(capsys.readouterr().out)


def test_endless_parts_and_endless_errors_come_to_an_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed = tmp_path / "many.gz"
    packed.write_bytes(gzip.compress(b"") * 200)
    assert main(["check", str(packed)]) == 2
    name = tmp_path / "errors.json"
    name.write_text("[" + "{}," * 5_000 + "{}]")
    assert main(["check", str(name)]) == 2
    err = capsys.readouterr().err
    assert "[archive_refused]" in err
    assert "the file was not read further" in err
    assert err.count("\n") < 1_010
