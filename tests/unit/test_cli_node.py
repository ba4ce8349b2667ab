import shutil
import stat
from pathlib import Path

import pytest

from tansiq.app.node import node_of
from tansiq.cli import main
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


def node(what: str, *more: Path | str) -> int:
    return main(["node", what, *map(str, more), "--format", "json"])


def test_a_whole_node_is_called_whole_and_a_damaged_one_is_not(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert node("check", here / "amber") == 0
    found = told(capsys)
    assert found["whole"]
    assert [one["entries"] for one in found["channels"]] == [3]
    file = here / "amber/store/store.db"
    content = bytearray(file.read_bytes())
    at = content.index(b"NOTICE") if b"NOTICE" in content else len(content) // 2
    content[at] ^= 1
    file.write_bytes(content)
    assert node("check", here / "amber") in {1, 2}
    assert not told(capsys).get("whole")


def test_a_copy_brings_the_node_back_without_its_root_and_it_must_restore(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert node("backup", here / "amber", "--output", here / "copy") == 0
    assert not (here / "copy/keys/root.key").exists()
    shutil.rmtree(here / "amber/store")
    assert node("restore", here / "copy", here / "again") == 0
    assert node("check", here / "again") == 0
    for path in ("again", "again/keys", "again/store", "copy", "copy/store/store.db"):
        assert stat.S_IMODE((here / path).stat().st_mode) & 0o077 == 0 or path.endswith(".db")
    with node_of(here / "again") as (again, _):
        [channel] = again.channels.values()
        assert channel.behind
        assert channel.durable == 3
    capsys.readouterr()


def test_what_is_there_is_never_written_over(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert node("backup", here / "amber", "--output", here / "teal") == 2
    assert told(capsys)["errors"][0]["code"] == "bad_value"
    assert node("backup", here / "amber", "--output", here / "copy") == 0
    assert node("restore", here / "copy", here / "teal") == 2


def test_a_node_that_was_never_served_has_no_status(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert node("status", here / "amber") == 2
    assert told(capsys)["errors"][0]["code"] == "missing_field"
