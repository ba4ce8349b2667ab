"""Amber's and Teal's nodes in directories, with a channel in which a few things were said."""

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tansiq.app import directory
from tansiq.app.node import node_of, open_keys, open_root
from tansiq.cli import main
from tansiq.record.canonical import Value
from tansiq.record.genesis import make_genesis, sign_genesis, signed_genesis
from tansiq.record.keyfile import Hardness, seal
from tansiq.service.channels import open_channel
from tansiq.service.entries import say, take_in
from tansiq.service.heads import checkpoint

NAMES = ("amber", "teal")
SECRET = "a passphrase for tests"  # noqa: S105 - everybody knows it
THREAD = bytes([9] * 16)
QUICK = Hardness(memory_kib=8_192, passes=1, lanes=1)


def secret() -> str:
    return SECRET


def quick_keys() -> Iterator[None]:
    """Key files cost little to open: their hardness has tests of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(directory, "seal", functools.partial(seal, hardness=QUICK))
        yield


def init(where: Path, name: str, *more: str) -> int:
    """`tansiq init` of the name's directory; the exit code."""
    file = where / "secret"
    if not file.exists():
        directory.write_new(file, f"{SECRET}\n".encode())
    return main(["init", str(where / name), "--party", name.title(), "--passphrase-file", str(file), *more])


def world(where: Path) -> bytes:
    """Both nodes, and a channel between them with a notice, its read-back, and their receipts; the channel."""
    members, keys = {}, []
    for name in NAMES:
        assert init(where, name) == 0
        with node_of(where / name) as (node, _):
            members[node.id] = open_root(node, where / name / "keys/root.key", secret)
            keys += [(node.id, key) for key in node.current_keys()]
    genesis = make_genesis(members, "air", bytes(range(16)), keys)
    made = {mark: (root.public, sign_genesis(genesis, root)) for mark, root in members.items()}
    spelling = signed_genesis(genesis, made).encode()
    with node_of(where / "amber") as (amber, _), node_of(where / "teal") as (teal, _):
        for name, node in zip(NAMES, (amber, teal), strict=True):
            node.settle(open_channel(node, spelling))
            open_keys(node, where / name, "entry", secret, "watch")
            open_keys(node, where / name, "log", secret)
        words: dict[str, Value] = {"text": "crossing BAHR at 1 N", "upper_m": 450}
        notice = amber.settle(say(amber, genesis.channel, "NOTICE", office="watch", words=words, thread=THREAD))
        receipt = teal.settle(take_in(teal, notice.envelope, notice.body)).receipt
        assert receipt is not None
        amber.settle(take_in(amber, receipt.envelope))
        amber.settle(say(amber, genesis.channel, "NOTICE", office="watch", words={"text": "of another thread"}))
        amber.settle(checkpoint(amber, genesis.channel))
    return genesis.channel


def told(capsys: pytest.CaptureFixture[str]) -> Any:  # noqa: ANN401 - any JSON
    """What the command printed as JSON."""
    return json.loads(capsys.readouterr().out)
