import shutil
from pathlib import Path

import pytest

from tansiq.app import node as app_node
from tansiq.cli import main
from tansiq.errors import PartyError, StoreError
from tansiq.storage.sqlite import SqliteStore
from tests.unit import node_world
from tests.unit.node_world import told

quick_keys = pytest.fixture(scope="module", autouse=True)(node_world.quick_keys)


@pytest.fixture(scope="module")
def made(quick_keys: None, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001 - the keys are made under it
    path = tmp_path_factory.mktemp("world")
    node_world.world(path)
    return path


@pytest.fixture
def here(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "w")
    return tmp_path / "w"


def key(here: Path, what: str, *more: str) -> int:
    needs = [] if what == "list" else ["--passphrase-file", str(here / "secret")]
    return main(["key", what, str(here / "amber"), *more, *needs, "--format", "json"])


def listed(here: Path, capsys: pytest.CaptureFixture[str]) -> dict[tuple[str, str], list[dict[str, object]]]:
    capsys.readouterr()
    assert key(here, "list") == 0
    found: dict[tuple[str, str], list[dict[str, object]]] = {}
    for one in told(capsys)["keys"]:
        found.setdefault((one["use"], one["office"]), []).append(one)
    return found


def test_every_key_is_listed_with_its_standing_in_each_channel(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = listed(here, capsys)
    assert sorted(keys) == [("encryption", ""), ("entry", "watch"), ("log", ""), ("transport", ""), ("witness", "")]
    assert all(one["standing"] == "current" for [one] in keys.values())
    assert all(
        list(one["channels"].values()) == ["good"] for [one] in keys.values() if isinstance(one["channels"], dict)
    )
    assert main(["key", "list", str(here / "amber")]) == 0
    assert "entry of the office watch, current: " in capsys.readouterr().out


def test_an_office_s_key_hands_over_and_others_need_the_root(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = here / "root.key"
    (here / "amber/keys/root.key").rename(root)
    assert key(here, "rotate", "--office", "watch") == 0
    assert len(told(capsys)["told"]) == 1
    assert key(here, "rotate", "--use", "log") == 2
    assert told(capsys)["errors"][0]["code"] == "file_not_readable"
    for use in ("log", "witness", "transport", "encryption"):
        assert key(here, "rotate", "--use", use, "--root", str(root)) == 0
    for found in listed(here, capsys).values():
        assert sorted(str(one["standing"]) for one in found) == ["current", "retired"]
        standings = [one["channels"].values() for one in found if isinstance(one["channels"], dict)]
        assert sorted(standing for [standing] in standings) == ["good", "retired"]


def test_a_revoked_key_is_revoked_everywhere_and_a_new_one_comes_from_the_root(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [old] = listed(here, capsys)["entry", "watch"]
    mark = str(old["fingerprint"])
    spaced = " ".join(mark[k : k + 8] for k in range(0, 64, 8))
    assert key(here, "revoke", spaced, "--compromised-since", "2030-01-15T06:00:00Z") == 0
    assert key(here, "rotate", "--office", "watch") == 2
    assert key(here, "rotate", "--office", "watch", "--root", str(here / "amber/keys/root.key")) == 0
    found = {str(one["standing"]): one["channels"] for one in listed(here, capsys)["entry", "watch"]}
    assert {name: list(one.values()) for name, one in found.items() if isinstance(one, dict)} == {
        "current": ["good"],
        "revoked": ["revoked"],
    }


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["revoke", "0" * 64], "bad_value"),
        (["revoke", "0" * 8], "bad_value"),
        (["revoke", "0" * 64, "--compromised-since", "yesterday"], "bad_time"),
        (["rotate", "--office", "staff"], "bad_value"),
        (["rotate", "--use", "log", "--root", "none.key"], "file_not_readable"),
    ],
)
def test_what_can_not_be_done_is_refused_by_name(
    here: Path, words: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert key(here, *words) == 2
    assert told(capsys)["errors"][0]["code"] == code


def test_another_party_s_root_opens_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert key(here, "rotate", "--use", "log", "--root", str(here / "teal/keys/root.key")) == 2
    assert told(capsys)["errors"][0]["code"] == "bad_key"
    (here / "secret").write_text("another\n")
    assert key(here, "rotate", "--office", "watch") == 2
    assert told(capsys)["errors"][0]["code"] == "key_not_opened"


def test_a_rotation_that_is_refused_leaves_no_key_and_one_cut_off_is_told(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PartyError("not_entitled", "root", "no root key", "the root")

    def fail(*_: object) -> None:
        raise StoreError("store_failed", "store", "the disk", "a disk that works")

    before = sorted(here.rglob("*.key"))
    with monkeypatch.context() as patch:
        patch.setattr(app_node, "rotate_key", refuse)
        assert key(here, "rotate", "--office", "watch") == 2
    assert sorted(here.rglob("*.key")) == before
    with monkeypatch.context() as patch:
        patch.setattr(SqliteStore, "commit", fail)
        assert key(here, "rotate", "--office", "watch") == 2
    assert len(listed(here, capsys)["entry", "watch"]) == 1
    assert main(["key", "list", str(here / "amber")]) == 0
    assert "is named nowhere" in capsys.readouterr().out


def test_nobody_is_asked_for_a_passphrase_for_a_key_file_that_others_can_read(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(_: object) -> str:
        raise AssertionError

    monkeypatch.setattr("tansiq.cli.at_node.passphrase", asked)
    for file in (here / "amber/keys").iterdir():
        file.chmod(0o640)
    for words in (["--office", "watch"], ["--use", "log"]):
        assert key(here, "rotate", *words) == 2
        assert told(capsys)["errors"][0]["code"] == "not_private"


def test_a_node_that_runs_elsewhere_is_left_alone(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with app_node.node_of(here / "amber"):
        assert key(here, "list") == 2
    assert told(capsys)["errors"][0]["code"] == "store_locked"


def test_a_node_file_of_another_party_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy2(here / "teal/node.toml", here / "amber/node.toml")
    assert key(here, "list") == 2
    assert told(capsys)["errors"][0]["field"] == "node.toml: root"
