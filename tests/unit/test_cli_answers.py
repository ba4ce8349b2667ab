"""What the command line says beyond who conflicts with whom: why, what would clear it, what changed; and formats."""

import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tansiq.cli import main
from tansiq.cli.inputs import INPUT_FORMATS, format_of
from tansiq.formats.geojson import write_geojson
from tansiq.formats.kml import write_kml, write_kmz
from tansiq.formats.plan import read_plan, write_plan, write_plan_lines
from tansiq.limits import LIMITS
from tansiq.sim.plans import day_plans
from tests.unit.test_cli import A, T, box, write

MINIMA = ["--minima-horizontal", "3NM", "--minima-vertical", "1000ft", "--between-parties-only"]
HOURS = {"startDateTime": "2030-01-01T00:00:00Z", "endDateTime": "2030-12-31T00:00:00Z"}


def zones(*, permanent: bool = True, daily: list[dict[str, Any]] | None = None) -> bytes:
    corners = [[1.0, 1.0], [1.2, 1.0], [1.2, 1.2], [1.0, 1.2], [1.0, 1.0]]
    periods = {"permanent": "YES"} if permanent else {"permanent": "NO", **HOURS, "dailyPeriod": daily or []}
    zone = {
        "identifier": "Z1",
        "country": "ZZZ",
        "name": "practice area",
        "type": "COMMON",
        "restriction": "PROHIBITED",
        "reason": ["AIR_TRAFFIC"],
        "applicability": [periods],
        "zoneAuthority": [{"name": "Desk", "purpose": "INFORMATION"}],
        "geometry": [
            {
                "uomDimensions": "M",
                "lowerLimit": 0,
                "lowerVerticalReference": "AMSL",
                "upperLimit": 1_500,
                "upperVerticalReference": "AMSL",
                "horizontalProjection": {"type": "Polygon", "coordinates": [corners]},
            }
        ],
    }
    return json.dumps({"UASZoneList": [zone]}).encode()


@pytest.fixture
def day(tmp_path: Path) -> str:
    path = tmp_path / "day.json"
    path.write_bytes(write_plan(day_plans(7, 40)))
    return str(path)


@pytest.fixture
def meeting(tmp_path: Path) -> str:
    return write(tmp_path / "meeting.json", {**T, "volumes": [box(1.05, 1.05)]}, {**A, "volumes": [box(1, 1)]})


def answer(arguments: list[str], capsysbinary: pytest.CaptureFixture[bytes], want: int = 1) -> dict[str, Any]:
    assert main([*arguments, "--format", "json"]) == want
    found: dict[str, Any] = json.loads(capsysbinary.readouterr().out)
    return found


# ------------------------------------------------------------------------------------------------ explain and suggest


def test_without_asking_nothing_is_explained(meeting: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    [conflict] = answer(["check", meeting], capsysbinary)["conflicts"]
    assert "suggestions" not in conflict
    assert "explanation" not in conflict["overlaps"][0]


def test_an_explanation_says_what_is_shared(meeting: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    [conflict] = answer(["check", meeting, "--explain"], capsysbinary)["conflicts"]
    told = conflict["overlaps"][0]["explanation"]
    assert told["cause"] == "overlap"
    # A quarter of a square of a tenth of a degree near the equator.
    assert told["shared_area_m2"] == pytest.approx(111_300 * 110_600 / 400, rel=0.005)
    assert told["minimum"] == {"horizontal_m": 0.0, "vertical_m": 0.0}
    assert 1.05 <= told["place"]["lat"] <= 1.1


def test_of_two_that_do_not_meet_the_nearest_points_are_told_a_first(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    apart = write(tmp_path / "apart.json", {**T, "volumes": [box(1, 1.11)]}, {**A, "volumes": [box(1, 1)]})
    [conflict] = answer(["check", apart, "--explain", "--minima-horizontal", "3km"], capsysbinary)["conflicts"]
    told = conflict["overlaps"][0]["explanation"]
    assert told["cause"] == "too_near"
    assert [place["lng"] for place in told["closest"]] == pytest.approx([1.1, 1.11])
    assert (conflict["a"]["id"], conflict["b"]["id"]) == ("A-1", "T-1")


def test_suggestions_name_who_moves_and_by_how_much(meeting: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    [conflict] = answer(["check", meeting, "--suggest"], capsysbinary)["conflicts"]
    in_time = {(s["moves"], s["cost"], abs(s["by_min"])) for s in conflict["suggestions"] if "by_min" in s}
    assert in_time == {("a", 61, 61), ("b", 61, 61)}
    assert {s["by_up_m"] for s in conflict["suggestions"] if "by_up_m" in s} == {1_001.0}


def test_a_plan_that_follows_a_suggestion_is_clear(
    day: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The figures of the answer alone are enough to change the plan by."""
    found = answer(["check", day, *MINIMA, "--suggest"], capsysbinary)
    before = {(c["a"]["id"], c["b"]["id"]) for c in found["conflicts"]}
    plan = json.loads(Path(day).read_bytes())
    followed = 0
    for conflict in found["conflicts"]:
        for suggestion in conflict["suggestions"]:
            if "by_min" not in suggestion:
                continue
            mover = conflict[suggestion["moves"]]["id"]
            changed = tmp_path / "changed.json"
            changed.write_text(json.dumps(later(plan, mover, suggestion["by_min"])))
            main(["check", str(changed), *MINIMA, "--format", "json"])
            left = {(c["a"]["id"], c["b"]["id"]) for c in json.loads(capsysbinary.readouterr().out)["conflicts"]}
            assert left < before
            assert (conflict["a"]["id"], conflict["b"]["id"]) not in left
            followed += 1
            break
    assert followed >= 3


def later(plan: dict[str, Any], mover: str, minutes: int) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(json.dumps(plan))
    [intent] = [i for i in changed["intents"] if i["id"] == mover]
    for volume in intent["volumes"]:
        for end in ("time_start", "time_end"):
            hours, minute = map(int, volume[end]["value"][11:16].split(":"))
            total = hours * 60 + minute + minutes
            assert 0 <= total < 24 * 60, "the day's plans do not reach so far"
            volume[end]["value"] = (
                f"{volume[end]['value'][:11]}{total // 60:02}:{total % 60:02}{volume[end]['value'][16:]}"
            )
    return changed


def test_the_table_says_why_and_what_clears_it(meeting: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", meeting, "--explain", "--suggest", "--minima-vertical", "1000ft"]) == 1
    out = capsys.readouterr().out
    assert "why: T-1[0] and A-1[0] 2030-01-15 10:00 - 11:00 Z near 01°" in out
    assert "sharing 30.8 km2" in out
    assert "to clear it: " in out
    assert "m higher (44 steps)" in out


def test_past_the_limit_it_is_said_that_no_shift_was_looked_for(
    day: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    object.__setattr__(LIMITS, "suggested_conflicts", 2)
    try:
        found = answer(["check", day, *MINIMA, "--suggest"], capsysbinary)
    finally:
        object.__setattr__(LIMITS, "suggested_conflicts", 200)
    offered = [conflict for conflict in found["conflicts"] if "suggestions" in conflict]
    assert len(offered) == 2
    assert {"what": f"shifts that clear {len(found['conflicts']) - 2} later conflicts", "why": "more than 2"} in found[
        "not_checked"
    ]


# ---------------------------------------------------------------------------------------------------------------- diff


def test_a_diff_tells_what_a_new_version_creates_and_clears(
    tmp_path: Path, meeting: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    old = write(tmp_path / "old.json", {**A, "id": "A-2", "volumes": [box(1, 1)]}, {**A, "volumes": [box(5, 5)]})
    new = write(tmp_path / "new.json", {**A, "id": "A-2", "volumes": [box(5.05, 5)]}, {**A, "volumes": [box(5, 5)]})
    found = answer(["diff", old, new, "--against", meeting], capsysbinary)
    assert found["format"] == "tansiq-diff/1"
    assert [(c["a"]["id"], c["b"]["id"]) for c in found["created"]] == [("A-1", "A-2")]
    assert {(c["a"]["id"], c["b"]["id"], c["b"]["file"]) for c in found["cleared"]} == {
        ("A-2", "A-1", 1),
        ("A-2", "T-1", 1),
    }
    assert found["kept"] == 0
    assert [row["what"] for row in found["not_checked"]] == ["the plans of --against with each other"]


def test_conflicts_among_the_others_are_no_part_of_a_diff(meeting: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", meeting, meeting]) == 0
    assert capsys.readouterr().out.startswith("0 created, 0 surer, 0 less sure, 0 cleared, 1 kept.")


def test_what_was_possible_and_is_certain_counts_as_worse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    doubt = {**box(1, 1), "estimated": True}
    old = write(tmp_path / "old.json", {**A, "volumes": [doubt]}, {**T, "volumes": [box(1, 1)]})
    new = write(tmp_path / "new.json", {**A, "volumes": [box(1, 1)]}, {**T, "volumes": [box(1, 1)]})
    assert main(["diff", old, new]) == 1
    assert "SURER" in capsys.readouterr().out
    assert main(["diff", new, old]) == 0
    assert "less sure, conflicts" in capsys.readouterr().out


# ------------------------------------------------------------------------------------------------------------- formats


def test_every_format_is_found_out() -> None:
    intents = day_plans(7, 4)
    samples = {
        "plan": [write_plan(intents), write_plan_lines(intents), b"[]", b"nonsense", b'{"volume": {}}'],
        "geojson": [write_geojson(intents).content, b'{"type": "FeatureCollection", "features": []}'],
        "kml": [write_kml(intents).content, b"\xef\xbb\xbf <kml/>", "<kml/>".encode("utf-16")],
        "kmz": [write_kmz(intents).content],
        "ed269": [zones()],
        "ed318": [
            b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"country":"ZZZ","identifier":"1"}}]}'
        ],
    }
    assert set(samples) == set(INPUT_FORMATS)
    for name, contents in samples.items():
        for content in contents:
            assert format_of(content) == name, content[:60]


@pytest.mark.parametrize("to", ["plan", "jsonl", "geojson", "kml", "kmz"])
def test_a_converted_plan_has_the_same_conflicts(
    to: str, day: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    other = str(tmp_path / f"day.{to}")
    assert main(["convert", day, "--to", to, "--output", other]) == 0
    assert capsysbinary.readouterr().err == b""
    answers = [answer(["check", file, *MINIMA], capsysbinary)["conflicts"] for file in (day, other)]
    assert answers[0] == answers[1]
    assert main(["convert", other, "--to", "plan"]) == 0
    assert read_plan(capsysbinary.readouterr().out, "back") == day_plans(7, 40)


def test_a_wrong_input_format_is_refused(day: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", day, "--input-format", "kml"]) == 2
    assert "bad_xml" in capsys.readouterr().err


def test_a_zone_conflicts_with_a_plan_and_not_with_a_zone(
    tmp_path: Path, meeting: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    first, second = tmp_path / "zones.json", tmp_path / "more.json"
    first.write_bytes(zones())
    second.write_bytes(zones().replace(b'"Z1"', b'"Z2"'))
    found = answer(["check", meeting, str(first), str(second)], capsysbinary)
    pairs = {(c["a"]["id"], c["b"]["id"]) for c in found["conflicts"]}
    zone_ids = {"ZZZ/Z1", "ZZZ/Z2"}
    assert pairs == {("A-1", "T-1")} | {(plan, zone) for plan in ("A-1", "T-1") for zone in zone_ids}
    assert {"what": "zones with each other", "why": "they are rules, not plans"} in found["not_checked"]
    assert "air-zone" in found["minima"]
    assert "not_kept" not in found


def test_what_could_not_be_kept_is_told_in_the_answer_and_in_the_report(
    tmp_path: Path, meeting: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    file, report = tmp_path / "pins.geojson", tmp_path / "report.html"
    file.write_text('{"type": "Point", "coordinates": [2.0, 1.0]}')
    found = answer(["check", meeting, str(file), "--report", str(report)], capsysbinary)
    assert [(row["file"], row["what"]) for row in found["not_kept"]] == [(1, "1 points without a radius")]
    assert "1 points without a radius" in report.read_text("utf-8")


def test_a_schedule_is_followed_within_the_plans_time(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    plan = write(tmp_path / "plan.json", {**A, "volumes": [box(1, 1)]})
    hours = tmp_path / "zones.json"
    # 15 January 2030 is a Tuesday; the plan lasts from ten to eleven.
    for day_name, start, end, want in [
        ("TUE", "11:00:00Z", "12:00:00Z", 1),
        ("TUE", "11:00:01Z", "12:00:00Z", 0),
        ("WED", "09:00:00Z", "12:00:00Z", 0),
    ]:
        daily = [{"day": [day_name], "startTime": start, "endTime": end}]
        hours.write_bytes(zones(permanent=False, daily=daily))
        found = answer(["check", plan, str(hours)], capsysbinary, want)
        assert [c["certainty"] for c in found["conflicts"]] == ["certain"] * want


def test_a_schedule_is_followed_within_the_time_of_all_plans(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    early = write(tmp_path / "early.json", {**A, "volumes": [box(30, 30, hour=2)]})
    late = write(tmp_path / "late.json", {**T, "volumes": [box(1, 1)]})
    hours = tmp_path / "zones.json"
    hours.write_bytes(
        zones(permanent=False, daily=[{"day": ["TUE"], "startTime": "10:30:00Z", "endTime": "12:00:00Z"}])
    )
    [conflict] = answer(["check", early, late, str(hours)], capsysbinary)["conflicts"]
    assert (conflict["a"]["id"], conflict["b"]["id"], conflict["certainty"]) == ("T-1", "ZZZ/Z1", "certain")


def test_what_stands_in_a_file_stays_until_the_new_one_is_whole(
    day: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    assert main(["convert", day, "--to", "kml", "--output", str(folder)]) == 64
    assert "file_not_writable" in capsys.readouterr().err
    assert list(tmp_path.glob("**/*.part")) == []


def test_a_pipe_is_written_to_and_a_link_leads_where_it_did(day: str, tmp_path: Path) -> None:
    fifo, plain, link = tmp_path / "fifo", tmp_path / "plain.kml", tmp_path / "link.kml"
    os.mkfifo(fifo)
    program = f"print(len(open({str(fifo)!r}, 'rb').read()))"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as reader:
        assert main(["convert", day, "--to", "kml", "--output", str(fifo)]) == 0
        told, _ = reader.communicate(timeout=60)
    assert int(told) > 1_000
    assert stat.S_ISFIFO(fifo.stat().st_mode), "a device such as /dev/null would be a plain file now"
    plain.write_text("old")
    link.symlink_to(plain)
    assert main(["convert", day, "--to", "kml", "--output", str(link)]) == 0
    assert link.is_symlink()
    assert plain.stat().st_size == int(told)


def test_that_zones_were_written_for_a_window_alone_is_told(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "zones.json"
    file.write_bytes(zones())
    day = "2030-01-15T00:00:00Z/2030-01-16T00:00:00Z"
    assert main(["convert", str(file), "--to", "plan", "--window", day]) == 0
    assert b"outside of --window" in capsysbinary.readouterr().err
    assert main(["convert", str(file), "--to", "plan"]) == 0
    assert capsysbinary.readouterr().err == b""


def test_schedules_of_many_zones_meet_the_limit_while_they_are_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = write(tmp_path / "plan.json", {**A, "volumes": [box(1, 1)]})
    file = tmp_path / "zones.json"
    file.write_bytes(zones())
    monkeypatch.setattr("tansiq.cli.inputs.LIMITS", replace(LIMITS, volumes=1))
    assert main(["check", plan, str(file)]) == 2
    assert "limit_exceeded" in capsys.readouterr().err


def test_one_file_twice_is_not_written_as_one_plan(day: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", day, day, "--to", "plan"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "repeated_id" in captured.err


def test_minima_between_zones_are_refused_as_they_would_mean_nothing(
    day: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", day, "--minima", "zone-zone=1NM,500ft"]) == 64
    assert "zones never are with zones" in capsys.readouterr().err


def test_a_number_that_is_none_is_named_by_the_reader_of_its_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "nan.geojson"
    file.write_text('{"type": "Point", "coordinates": [NaN, 1.0]}')
    assert main(["check", str(file)]) == 2
    assert "geometry.coordinates.lng: got nan" in capsys.readouterr().err


def test_a_report_does_not_take_the_place_of_a_plan(meeting: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = Path(meeting).read_bytes()
    assert main(["check", meeting, "--report", f"{Path(meeting).parent}/./meeting.json"]) == 64
    assert "--report" in capsys.readouterr().err
    assert Path(meeting).read_bytes() == before


@pytest.mark.parametrize("options", [["--report", "-"], ["--language", "ar"]])
def test_a_report_wants_a_file_and_a_language_a_report(
    options: list[str], day: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", day, *options]) == 64
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "usage" in captured.err


@pytest.mark.parametrize("window", ["2030-01-15", "a/b", "2030-01-16T00:00:00Z/2030-01-15T00:00:00Z"])
def test_a_window_that_is_none_is_wrong_usage(window: str, day: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", day, "--to", "kml", "--window", window]) == 64
    assert "--window" in capsys.readouterr().err
