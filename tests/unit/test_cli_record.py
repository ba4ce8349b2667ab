import shutil
from pathlib import Path

import pytest

from tansiq.app.node import node_of, open_keys
from tansiq.cli import main
from tansiq.record.verdict import verify_pack
from tansiq.service.entries import say
from tests.unit import node_world
from tests.unit.node_world import THREAD, secret, told

quick_keys = pytest.fixture(scope="module", autouse=True)(node_world.quick_keys)


@pytest.fixture(scope="module")
def made(quick_keys: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:  # noqa: ARG001 - the keys are made under it
    path = tmp_path_factory.mktemp("world")
    return path, node_world.world(path)


@pytest.fixture
def here(made: tuple[Path, bytes], tmp_path: Path) -> Path:
    shutil.copytree(made[0], tmp_path / "w")
    return tmp_path / "w"


@pytest.fixture
def channel(made: tuple[Path, bytes]) -> str:
    return made[1].hex()


def pack(here: Path, channel: str, *more: str, name: str = "amber") -> int:
    return main(["record", "pack", str(here / name), channel, "--output", str(here / "p"), *more])


def trust(here: Path) -> str:
    with node_of(here / "amber") as (amber, _), node_of(here / "teal") as (teal, _):
        rows = [f"{node.id.hex()} {name}\n" for node, name in ((amber, "Amber"), (teal, "Teal"))]
    (here / "trust").write_text("tansiq-trust/1\n" + "".join(rows))
    return str(here / "trust")


def test_a_pack_is_written_proved_and_verified_by_its_counterpart(
    here: Path, channel: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pack(here, channel[:4]) == 0
    out = capsys.readouterr().out
    assert out.startswith("PROVED")
    assert "Amber: " in out
    assert "must have come to you from elsewhere" in out
    assert main(["verify", str(here / "p"), "--trust", trust(here)]) == 0


def test_a_thread_without_a_field_shows_neither_the_field_nor_another_thread(here: Path, channel: str) -> None:
    assert pack(here, channel, "--thread", THREAD.hex()[:3], "--redact", "text") == 0
    spelling = (here / "p").read_bytes()
    assert b"crossing BAHR" not in spelling
    assert b"another thread" not in spelling
    assert b"450" in spelling


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (["zz"], "CHANNEL"),
        ([""], "CHANNEL"),
        (["", "--thread", "ff"], "--thread"),
        (["", "--redact", "texts"], "leave_out"),
    ],
)
def test_what_is_not_there_is_refused_and_nothing_written(
    here: Path, channel: str, words: list[str], field: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [channel, *words[1:]] if len(words) > 1 else words
    assert pack(here, *words, "--format", "json") == 2
    assert told(capsys)["errors"][0]["field"] == field
    assert not (here / "p").exists()


def test_the_passphrase_is_needed_only_for_what_no_checkpoint_covers(
    here: Path, channel: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with node_of(here / "amber") as (node, _):
        open_keys(node, here / "amber", "entry", secret, "watch")
        node.settle(say(node, bytes.fromhex(channel), "NOTICE", office="watch", words={"text": "late"}))
        members = frozenset(node.channels[bytes.fromhex(channel)].state.start.genesis.members)
    assert pack(here, channel, "--format", "json", "--passphrase-file", str(here / "secret")) == 0
    assert told(capsys)["proved"] is True
    verdict = verify_pack((here / "p").read_bytes(), members)
    assert verdict.facts is not None
    assert verdict.facts.size == 4
    assert pack(here, channel) == 0, "the checkpoint is there now"


def test_the_pack_goes_into_a_file(here: Path, channel: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "pack", str(here / "amber"), channel, "--output", "-"]) == 64
    assert pack(here / "none", channel) == 2
    assert "none" in capsys.readouterr().err
