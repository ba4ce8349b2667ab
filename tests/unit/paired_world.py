"""Amber's and Teal's nodes in directories, paired by the commands that their people use."""

import json
import socket
from pathlib import Path

import pytest

from tansiq.app.node import node_of, open_own
from tansiq.cli import main
from tansiq.service.entries import say
from tansiq.service.node import Node
from tests.unit.node_world import NAMES, init, secret


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def paired(where: Path, capsys: pytest.CaptureFixture[str]) -> tuple[bytes, int]:
    """Both nodes, paired; their channel, open at Amber, and the port at which Amber is to be dialled."""
    port = free_port()
    for name in NAMES:
        assert init(where, name) == 0
    needs = ["--passphrase-file", str(where / "secret"), "--format", "json"]
    offer, answer = str(where / "offer"), str(where / "answer")
    amber, teal = (str(where / name) for name in NAMES)
    assert main(["pair", "offer", amber, "--address", f"127.0.0.1:{port}", "--output", offer, *needs]) == 0
    capsys.readouterr()
    assert main(["pair", "accept", teal, offer, "--output", answer, *needs]) == 0
    digits = json.loads(capsys.readouterr().out)["digits"]
    assert main(["pair", "confirm", amber, answer, "--digits", digits, *needs]) == 0
    assert main(["pair", "confirm", teal, "Amber", "--digits", digits, *needs]) == 0
    capsys.readouterr()
    with node_of(where / "amber") as (node, _):
        [channel] = node.channels
    return channel, port


def say_at(where: Path, name: str, channel: bytes, text: str) -> None:
    """The party has said it; its node is not served."""
    with node_of(where / name) as (node, _):
        open_own(node, where / name, secret)
        node.settle(say(node, channel, "NOTICE", office="watch", words={"text": text}))


def bodies_of(node: Node, channel: bytes) -> set[bytes]:
    """The bodies that the node has in the channel."""
    found = (node.store.body(channel, one.digest) for one in node.store.log(channel))
    return {one for one in found if one is not None}


def bodies_at(where: Path, name: str) -> set[bytes]:
    """All bodies that the node has."""
    with node_of(where / name) as (node, _):
        return {one for channel in node.channels for one in bodies_of(node, channel)}
