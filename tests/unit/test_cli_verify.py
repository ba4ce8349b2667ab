import json
from pathlib import Path

import pytest

from tansiq.cli import main
from tests.laws.record_history import party
from tests.laws.record_packs import THREAD, Desk, story


def trust(path: Path, *names: str) -> str:
    file = path / "trust.txt"
    rows = [f"{party(name).hex()} {name.title()}" for name in names]
    file.write_text("\n".join(["tansiq-trust/1", *rows, ""]))
    return str(file)


def written(path: Path, name: str, content: bytes) -> str:
    (path / name).write_bytes(content)
    return str(path / name)


def test_a_proved_pack_ends_with_0_and_plain_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack = written(tmp_path, "p", story().pack(thread=THREAD))
    assert main(["verify", pack, "--trust", trust(tmp_path, "amber", "teal")]) == 0
    out = capsys.readouterr().out
    assert out.startswith("PROVED: every step holds.")
    assert '"upper_m": 450' in out


def test_a_pack_that_is_not_proved_ends_with_1_and_names_step_and_entry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = written(tmp_path, "p", story().pack().replace(b'"value":300', b'"value":600'))
    assert main(["verify", pack, "--trust", trust(tmp_path, "amber", "teal")]) in {1, 2}
    capsys.readouterr()
    pack = written(tmp_path, "q", story().pack())
    assert main(["verify", pack, "--trust", trust(tmp_path, "amber", "violet")]) == 1
    out = capsys.readouterr().out
    assert out.startswith("NOT PROVED: the step genesis fails.")
    assert "crossing BAHR" not in out


def test_what_is_no_pack_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known = trust(tmp_path, "amber", "teal")
    assert main(["verify", written(tmp_path, "p", b"{}"), "--trust", known]) == 2
    assert main(["verify", str(tmp_path / "none"), "--trust", known]) == 2
    assert main(["verify", written(tmp_path, "q", story().pack() + b"\n"), "--trust", known, "--format", "json"]) == 2
    assert json.loads(capsys.readouterr().out)["errors"][0]["code"] == "not_canonical"


def test_a_trust_file_is_refused_as_a_whole_with_all_its_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = written(tmp_path, "p", story().pack())
    mark = party("amber").hex()
    for content, count in (
        (b"", 1),
        (b"tansiq-trust/2\n", 1),
        (b"\xff", 1),
        (f"tansiq-trust/1\n{mark} Amber\n{mark} Other\nxyz Teal\n{mark[:-1]} Teal\n".encode(), 3),
    ):
        assert main(["verify", pack, "--trust", written(tmp_path, "t", content)]) == 2
        assert f"Input refused: {count} error" in capsys.readouterr().err


def test_json_says_the_same_as_the_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = story()
    known = trust(tmp_path, "amber", "teal")
    packs = [written(tmp_path, name, desk.pack(name)) for name in ("amber", "teal")]
    assert main(["verify", *packs, "--trust", known, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["format"] == "tansiq-verdict/1"
    assert [one["proved"] for one in told["packs"]] == [True, True]
    assert set(told["packs"][0]["steps"].values()) == {"proved"}
    assert told["both"]["agrees"] is True
    assert [one["agreement"] for one in told["both"]["senders"]] == ["same", "same"]


def test_two_packs_that_contradict_each_other_end_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = story()
    amber = desk.members["amber"]
    one, other = amber.header(issued_at_us=1), amber.header(issued_at_us=2)
    desk.give(amber.signed(one), (), ("amber",))
    desk.give(amber.signed(other), (), ("teal",))
    packs = [written(tmp_path, name, desk.pack(name)) for name in ("amber", "teal")]
    assert main(["verify", *packs, "--trust", trust(tmp_path, "amber", "teal")]) == 1
    assert "Amber CONTRADICTS ITSELF" in capsys.readouterr().out


def test_packs_of_two_channels_are_not_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("amber", "teal", "violet")
    packs = [written(tmp_path, "p", story().pack()), written(tmp_path, "q", Desk(names).pack())]
    assert main(["verify", *packs, "--trust", trust(tmp_path, *names)]) == 2
    assert "packs of two channels" in capsys.readouterr().err


def test_text_of_others_does_not_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk()
    desk.say("amber", words={"text": "\x1b[2J\u202e safe"})
    assert main(["verify", written(tmp_path, "p", desk.pack()), "--trust", trust(tmp_path, "amber", "teal")]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
