import json
from pathlib import Path

import pytest

from tansiq.app import node as app_node
from tansiq.app.directory import NodeFile, read_key, read_node_file
from tansiq.app.system import SystemClock, SystemRandomness
from tansiq.cli import main
from tansiq.errors import PartyError
from tansiq.record.keys import shown
from tests.unit import node_world
from tests.unit.node_world import SECRET, init, told

quick_keys = pytest.fixture(node_world.quick_keys)


def everything(path: Path) -> list[Path]:
    return [path, *path.rglob("*")]


def refusal(path: Path) -> str:
    with pytest.raises(PartyError) as caught:
        read_node_file(path)
    return caught.value.code


@pytest.mark.usefixtures("quick_keys")
def test_a_new_node_is_closed_to_others_and_says_its_root_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init(tmp_path, "amber", "--office", "watch", "--office", "staff") == 0
    file = read_node_file(tmp_path / "amber")
    assert (file.party, file.offices) == ("Amber", ("watch", "staff"))
    out = capsys.readouterr().out
    assert shown(file.root) in out
    assert "Move " in out
    folders = [one for one in everything(tmp_path / "amber") if one.is_dir()]
    assert {one.stat().st_mode & 0o777 for one in folders} == {0o700}
    assert {one.stat().st_mode & 0o777 for one in tmp_path.glob("amber/keys/*")} == {0o600}
    uses = sorted(one.name.partition("-")[0] for one in tmp_path.glob("amber/keys/*"))
    assert uses == ["encryption", "entry", "entry", "log", "root.key", "transport", "witness"]
    assert SECRET.encode() not in b"".join(one.read_bytes() for one in everything(tmp_path / "amber") if one.is_file())


def test_a_guess_of_the_passphrase_costs_what_the_standard_asks(tmp_path: Path) -> None:
    assert init(tmp_path, "amber") == 0
    kdf = json.loads((tmp_path / "amber/keys/root.key").read_bytes())["kdf"]
    assert (kdf["memory_kib"], kdf["passes"], kdf["lanes"]) == (65_536, 3, 4)


@pytest.mark.usefixtures("quick_keys")
def test_nothing_is_left_where_a_node_could_not_be_made_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(app_node, "begin", full)
    assert init(tmp_path, "amber") == 2
    assert "No space left" in capsys.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == ["secret"]


@pytest.mark.usefixtures("quick_keys")
def test_a_directory_that_is_not_empty_is_refused_and_stays_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "amber").mkdir()
    (tmp_path / "amber/plan").write_text("mine")
    assert init(tmp_path, "amber", "--format", "json") == 2
    assert told(capsys)["errors"][0]["code"] == "bad_value"
    assert [one.name for one in (tmp_path / "amber").iterdir()] == ["plan"]
    (tmp_path / "amber/plan").unlink()
    assert init(tmp_path, "amber") == 0
    assert init(tmp_path, "none/teal") == 2


@pytest.mark.parametrize(
    ("more", "field"),
    [
        (["--party", ""], "--party"),
        (["--party", "A\x1b[2J"], "--party"),
        (["--office", " watch"], "--office"),
        (["--office", "a", "--office", "a"], "--office"),
        ([word for k in range(65) for word in ("--office", str(k))], "--office"),
    ],
)
def test_names_that_nobody_could_read_are_refused(
    tmp_path: Path, more: list[str], field: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init(tmp_path, "amber", *more, "--format", "json") == 2
    assert told(capsys)["errors"][0]["field"] == field
    assert [one.name for one in tmp_path.iterdir()] == ["secret"]


def test_a_passphrase_comes_from_a_file_closed_to_others_or_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "open"
    for content, mode, code in (
        (b"x\n", 0o644, "not_private"),
        (b"\n", 0o600, "bad_value"),
        (b"\xff", 0o600, "bad_value"),
    ):
        secret.write_bytes(content)
        secret.chmod(mode)
        command = ["init", str(tmp_path / "amber"), "--party", "Amber", "--passphrase-file", str(secret)]
        assert main([*command, "--format", "json"]) == 2
        assert told(capsys)["errors"][0]["code"] == code
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert main(["init", str(tmp_path / "amber"), "--party", "Amber"]) == 64
    assert "--passphrase-file" in capsys.readouterr().err
    assert not (tmp_path / "amber").exists()


@pytest.mark.usefixtures("quick_keys")
def test_a_typed_passphrase_is_typed_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    typed = iter(["one", "two", "one", "one"])
    monkeypatch.setattr("getpass.getpass", lambda _: next(typed))
    command = ["init", str(tmp_path / "amber"), "--party", "Amber"]
    assert main(command) == 2
    assert not (tmp_path / "amber").exists()
    assert "one" not in capsys.readouterr().err.replace("one's", "")
    assert main(command) == 0
    file = read_node_file(tmp_path / "amber")
    assert read_key(tmp_path / "amber/keys/root.key", "root", file.root, lambda: "one").public.fingerprint == file.root


GOOD = {"format": '"tansiq-node/1"', "party": '"Amber"', "offices": '["watch"]', "root": f'"{"0" * 64}"'}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("format", '"tansiq-node/2"', "unknown_format"),
        ("party", None, "missing_field"),
        ("party", "7", "bad_value"),
        ("party", '" Amber"', "bad_value"),
        ("offices", "[]", "bad_value"),
        ("offices", "[1]", "bad_value"),
        ("offices", '"watch"', "bad_value"),
        ("root", '"00"', "bad_value"),
        ("root", f'"{"0" * 63}A"', "bad_value"),
        ("listen", "8080", "unknown_field"),
        ("root", "= 7", "bad_value"),
        ("party", f'"{"a" * 70_000}"', "limit_exceeded"),
    ],
)
def test_a_node_file_is_read_strictly(tmp_path: Path, field: str, value: str | None, code: str) -> None:
    rows = {name: text for name, text in (GOOD | {field: value}).items() if text is not None}
    tmp_path.chmod(0o700)
    file = tmp_path / "node.toml"
    for content, wanted in ((GOOD, None), (rows, code)):
        file.write_text("".join(f"{name} = {text}\n" for name, text in content.items()))
        file.chmod(0o600)
        if wanted is None:
            assert read_node_file(tmp_path) == NodeFile("Amber", ("watch",), bytes(32))
        else:
            assert refusal(tmp_path) == wanted


@pytest.mark.parametrize("name", ['A "quoted" \\ name', "طرف", "Ämber 😀"])
def test_a_node_file_gives_back_what_was_written(tmp_path: Path, name: str) -> None:
    file = NodeFile(name, (name, "watch"), bytes(range(32)))
    tmp_path.chmod(0o700)
    (tmp_path / "node.toml").write_text(file.spelled(), "utf-8")
    (tmp_path / "node.toml").chmod(0o600)
    assert read_node_file(tmp_path) == file


def test_what_others_can_read_is_not_used(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "node.toml").write_text(NodeFile("Amber", ("watch",), bytes(32)).spelled())
    (tmp_path / "node.toml").chmod(0o640)
    assert refusal(tmp_path) == "not_private"
    (tmp_path / "node.toml").chmod(0o600)
    tmp_path.chmod(0o750)
    assert refusal(tmp_path) == "not_private"
    assert refusal(tmp_path / "none") == "file_not_readable"


def test_the_machine_s_clock_and_lots_are_those_of_the_ports() -> None:
    clock, lots = SystemClock(), SystemRandomness()
    assert clock.now_us() > 1_700_000_000_000_000
    assert clock.elapsed_us() <= clock.elapsed_us()
    assert len(lots.draw(16)) == 16
    assert lots.draw(16) != lots.draw(16)
