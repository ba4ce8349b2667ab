import io
import shutil
from pathlib import Path
from typing import Any

import pytest

from tansiq.app.node import node_of, open_keys
from tansiq.cli import main
from tansiq.service.entries import say
from tests.unit import node_world
from tests.unit.node_world import NAMES, init, secret, told

quick_keys = pytest.fixture(scope="module", autouse=True)(node_world.quick_keys)


@pytest.fixture(scope="module")
def made(quick_keys: None, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001 - the keys are made under it
    path = tmp_path_factory.mktemp("world")
    for name in (*NAMES, "violet"):
        assert init(path, name) == 0
    return path


@pytest.fixture
def here(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    shutil.copytree(made, tmp_path / "w")
    monkeypatch.chdir(tmp_path / "w")
    capsys.readouterr()
    return tmp_path / "w"


def pair(act: str, *words: str, sealed: bool = True) -> int:
    needs = ["--passphrase-file", "secret"] if sealed else []
    return main(["pair", act, *words, *needs, "--format", "json"])


def half_paired(capsys: pytest.CaptureFixture[str]) -> str:
    """Amber has offered, Teal has accepted; the digits."""
    assert pair("offer", "amber", "--address", "amber.example:7443", "--track", "air", "--output", "offer") == 0
    assert told(capsys)["track"] == "air"
    assert pair("accept", "teal", "offer", "--output", "answer") == 0
    return str(told(capsys)["digits"])


def listed(name: str, capsys: pytest.CaptureFixture[str]) -> list[Any]:
    capsys.readouterr()
    assert pair("list", name, sealed=False) == 0
    return list(told(capsys)["peers"])


def code(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    [error] = told(capsys)["errors"]
    return error["code"], error["field"]


@pytest.mark.usefixtures("here")
def test_two_nodes_pair_by_one_file_each_way_and_the_digits(capsys: pytest.CaptureFixture[str]) -> None:
    digits = half_paired(capsys)
    assert listed("amber", capsys) == []
    assert [row["confirmed"] for row in listed("teal", capsys)] == [False]
    assert pair("confirm", "amber", "answer", "--digits", digits, "--output", "whole") == 0
    first = told(capsys)
    assert (first["name"], first["open"], first["file"]) == ("Teal", True, "whole")
    assert pair("confirm", "teal", "Amber", "--digits", digits) == 0
    assert told(capsys)["open"] is False
    assert pair("confirm", "teal", "whole") == 0
    second = told(capsys)
    assert (second["open"], second["channel"]) == (True, first["channel"])
    [row] = listed("teal", capsys)
    assert (row["name"], row["address"], row["channels"]) == ("Amber", "amber.example:7443", [first["channel"]])
    with node_of(Path("amber")) as (node, _):
        open_keys(node, Path("amber"), "entry", secret, "watch")
        node.settle(say(node, bytes.fromhex(first["channel"]), "NOTICE", office="watch"))


@pytest.mark.usefixtures("here")
def test_a_repeated_command_writes_the_same_file(capsys: pytest.CaptureFixture[str]) -> None:
    digits = half_paired(capsys)
    assert pair("confirm", "amber", "answer", "--digits", digits, "--output", "whole") == 0
    before = {name: Path(name).read_bytes() for name in ("offer", "answer", "whole")}
    for name in before:
        Path(name).rename(f"{name}.old")
    capsys.readouterr()
    assert half_paired(capsys) == digits
    assert pair("confirm", "amber", "answer", "--output", "whole") == 0
    assert {name: Path(name).read_bytes() for name in before} == before


@pytest.mark.usefixtures("here")
def test_a_pairing_with_the_root_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    Path("amber/keys/root.key").rename("root.key")
    assert pair("offer", "amber", "--address", "none", "--output", "offer") == 2
    assert code(capsys)[0] == "file_not_readable"
    assert not Path("offer").exists()
    assert pair("offer", "amber", "--address", "none", "--output", "offer", "--root", "root.key") == 0
    capsys.readouterr()
    assert pair("accept", "teal", "offer", "--output", "answer") == 0
    digits = told(capsys)["digits"]
    assert pair("confirm", "amber", "answer", "--digits", digits) == 2
    assert pair("confirm", "amber", "answer", "--digits", digits, "--root", "root.key") == 0


@pytest.mark.usefixtures("here")
def test_digits_are_typed_at_the_terminal_where_they_are_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    digits = half_paired(capsys)
    keyboard = io.StringIO(f"{digits[:-1]}\n{digits}\n")
    monkeypatch.setattr("sys.stdin", keyboard)
    assert main(["pair", "confirm", "amber", "answer", "--passphrase-file", "secret"]) == 64
    assert "--digits" in capsys.readouterr().err
    monkeypatch.setattr(keyboard, "isatty", lambda: True)
    assert main(["pair", "confirm", "amber", "answer", "--passphrase-file", "secret"]) == 2
    wrong = capsys.readouterr()
    assert digits in wrong.err
    assert "[not_confirmed]" in wrong.err
    assert main(["pair", "confirm", "amber", "answer", "--passphrase-file", "secret"]) == 0
    assert "Teal is a peer" in capsys.readouterr().out
    assert main(["pair", "confirm", "amber", "answer", "--passphrase-file", "secret"]) == 0  # Nothing is asked again.


@pytest.mark.usefixtures("here")
def test_a_peer_is_called_as_its_own_people_like(capsys: pytest.CaptureFixture[str]) -> None:
    digits = half_paired(capsys)
    assert pair("confirm", "teal", "Amber", "--digits", digits, "--name", "The others") == 0
    assert pair("change", "teal", "The others", "--name", "Them", "--address", "10.0.0.1:9", sealed=False) == 0
    [row] = listed("teal", capsys)
    assert (row["name"], row["address"]) == ("Them", "10.0.0.1:9")
    assert pair("change", "teal", row["party"][:6], "--address", "none", sealed=False) == 0
    assert listed("teal", capsys)[0]["address"] is None
    assert main(["pair", "list", "teal"]) == 0
    assert "Them: peer, can not be dialled" in capsys.readouterr().out
    assert pair("confirm", "teal", "Them") == 0
    assert told(capsys)["name"] == "Them"
    assert main(["pair", "change", "teal", "Them"]) == 64


@pytest.mark.usefixtures("here")
def test_two_strangers_of_one_name_are_told_apart_by_their_roots(capsys: pytest.CaptureFixture[str]) -> None:
    half_paired(capsys)
    text = Path("violet/node.toml").read_text()
    Path("violet/node.toml").write_text(text.replace("Violet", "Amber"))
    assert pair("offer", "violet", "--address", "none", "--output", "posing") == 0
    capsys.readouterr()
    assert pair("accept", "teal", "posing", "--output", "to-violet") == 0
    given = told(capsys)
    digits, party = given["digits"], given["party"]
    assert pair("confirm", "teal", "Amber", "--digits", digits) == 2
    assert code(capsys) == ("bad_value", "ANSWER")
    assert pair("confirm", "teal", party[:8], "--digits", digits) == 0


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["offer", "amber", "--address", "amber.example", "--output", "x"], ("bad_value", "--address")),
        (["accept", "amber", "offer", "--output", "x"], ("bad_value", "offer")),
        (["accept", "teal", "none", "--output", "x"], ("file_not_readable", "OFFER")),
        (["accept", "teal", "answer", "--output", "x"], ("unknown_format", "format")),
        (["accept", "teal", "large", "--output", "x"], ("limit_exceeded", "OFFER")),
        (["accept", "teal", "offer", "--output", "x", "--name", "A\x1b"], ("bad_value", "name")),
        (["confirm", "teal", "nobody", "--digits", "1"], ("bad_value", "ANSWER")),
        (["confirm", "teal", "Amber", "--digits", "1"], ("not_confirmed", "digits")),
        (["confirm", "teal", "Amber", "--digits", "1", "--output", "x"], ("missing_field", "--output")),
        (["confirm", "amber", "offer", "--digits", "1"], ("unknown_format", "format")),
        (["confirm", "violet", "answer", "--digits", "1"], ("bad_value", "answer")),
    ],
)
def test_what_can_not_be_done_is_refused_by_name_and_nothing_is_written(
    words: list[str], wanted: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    half_paired(capsys)
    Path("large").write_bytes(b" " * 300_000)
    assert pair(*words) == 2
    assert code(capsys) == wanted
    assert not Path("x").exists()


@pytest.mark.usefixtures("here")
def test_a_whole_genesis_of_others_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    digits = half_paired(capsys)
    assert pair("confirm", "amber", "answer", "--digits", digits, "--output", "whole") == 0
    capsys.readouterr()
    assert pair("confirm", "violet", "whole", "--digits", digits) == 2
    assert code(capsys) == ("foreign_channel", "ANSWER")
    assert main(["pair", "offer", "amber", "--address", "none", "--output", "-"]) == 64


@pytest.mark.usefixtures("here")
def test_what_another_party_wrote_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["pair", "offer", "amber", "--address", "none", "--track", "air\x1b[2J\u202e", "--output", "offer"]) == 64
    )
    words = ["--address", "none", "--track", "air\x1b[2J\u202e", "--output", "offer", "--passphrase-file", "secret"]
    assert main(["pair", "offer", "amber", *words]) == 0
    assert main(["pair", "accept", "teal", "offer", "--output", "answer", "--passphrase-file", "secret"]) == 0
    out = capsys.readouterr().out
    assert "air\\x1b[2J\\u202e" in out
    assert not {"\x1b", "\u202e"} & set(out)
