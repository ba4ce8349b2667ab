import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from tansiq.cli import main
from tests.unit import node_world
from tests.unit.node_world import told
from tests.unit.paired_world import bodies_at, paired, say_at

quick_keys = pytest.fixture(scope="module", autouse=True)(node_world.quick_keys)


class Process:
    """A node that is served by a process of its own."""

    def __init__(self, where: Path, name: str, *more: str) -> None:
        command = [sys.executable, "-m", "tansiq", "serve", str(where / name), *more]
        self._process = subprocess.Popen(
            [*command, "--passphrase-file", str(where / "secret")], stderr=subprocess.PIPE, text=True
        )
        assert self._process.stderr is not None
        self._lines: IO[str] = self._process.stderr

    def until(self, enough: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """The first line from now on that is enough; the process says it, or has ended."""
        for line in self._lines:
            row = json.loads(line)
            assert isinstance(row, dict)
            if enough(row):
                return row
        pytest.fail("the process ended")

    def taken(self, count: int) -> None:
        """So many new entries came from peers, from now on."""
        while count > 0:
            count -= self.until(lambda row: row["event"] == "taken")["entries"]

    def end(self, how: signal.Signals) -> int:
        """The process has ended so; its exit code."""
        self._process.send_signal(how)
        self._process.communicate(timeout=20)
        return self._process.returncode


@contextmanager
def serving(where: Path, name: str, *more: str) -> Iterator[Process]:
    process = Process(where, name, *more)
    try:
        process.until(lambda row: row["event"] == "listening")
        yield process
    finally:
        process.end(signal.SIGKILL)


def test_two_nodes_have_the_same_record_though_one_is_killed_between(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    channel, port = paired(tmp_path, capsys)
    say_at(tmp_path, "amber", channel, "first of Amber")
    at_amber = ["--port", str(port)]
    with serving(tmp_path, "amber", *at_amber) as amber:
        with serving(tmp_path, "teal", "--port", "0") as teal:
            teal.taken(1)
            assert main(["node", "check", str(tmp_path / "teal")]) == 2
            assert "[store_locked]" in capsys.readouterr().err
            assert teal.end(signal.SIGKILL) == -signal.SIGKILL
        say_at(tmp_path, "teal", channel, "first of Teal")
        with serving(tmp_path, "teal", "--port", "0") as teal:
            amber.taken(2)  # Teal's receipt, be it from before, and its notice.
            assert teal.end(signal.SIGTERM) == 0
    assert bodies_at(tmp_path, "amber") == bodies_at(tmp_path, "teal")
    for name in ("amber", "teal"):
        assert main(["node", "check", str(tmp_path / name)]) == 0
    capsys.readouterr()
    assert main(["node", "status", str(tmp_path / "teal"), "--format", "json"]) == 0
    status = told(capsys)
    assert status["serving"] is False
    assert [one["name"] for one in status["peers"]] == ["Amber"]


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        (["--port", "70000"], 64, "[usage]"),
        (["--host", "192.0.2.1"], 2, "[bad_value]"),
    ],
)
def test_a_place_where_nobody_can_listen_is_refused(
    more: list[str], code: int, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert node_world.init(tmp_path, "amber") == 0
    assert main(["serve", str(tmp_path / "amber"), *more, "--passphrase-file", str(tmp_path / "secret")]) == code
    assert says in capsys.readouterr().err


def test_http_without_tls_is_warned_of(tmp_path: Path) -> None:
    assert node_world.init(tmp_path, "amber") == 0
    process = Process(tmp_path, "amber", "--port", "0", "--test-plain-http")
    assert "for tests alone" in process.until(lambda row: row["event"] == "warning")["what"]
    port = process.until(lambda row: row["event"] == "listening")["port"]
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    line.request("GET", "/healthy")
    assert line.getresponse().read() == b"well\n"
    line.close()
    assert process.end(signal.SIGINT) == 0
