"""A served node, its peers and those that only say that they are."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tansiq.app import peer_door
from tansiq.app.serve import Server
from tansiq.app.tls import client_context, dial, prove, server_context
from tansiq.app.writer import Writer
from tansiq.errors import PartyError, PeerError, StoreError
from tansiq.httpkit import bodies
from tansiq.limits import LIMITS
from tansiq.ports.store import Change
from tansiq.service.entries import say
from tansiq.service.node import Decision, Node
from tests.laws.record_history import key_for_tests, party
from tests.unit.served import PATH, befriend, request, served
from tests.unit.service_pair import WATCH, Pair, secret

Said = Callable[[Node], Decision[object]]


def saying(pair: Pair, text: str) -> Callable[[Node], Decision[object]]:
    def command(node: Node) -> Decision[object]:
        return say(node, pair.channel, "NOTICE", office=WATCH, words={"text": text})  # type: ignore[return-value]

    return command


def asked(pair: Pair, folder: Path, talk: Callable[[int], object]) -> object:
    """What the talk with Amber's served node gives; it runs in a thread."""

    async def run() -> object:
        async with served(pair, "amber", folder) as (_, told):
            return await asyncio.to_thread(talk, await told.port())

    return asyncio.run(run())


@pytest.fixture
def pair() -> Pair:
    made = Pair(("amber", "teal", "violet"))
    for other in ("teal", "violet"):
        befriend(made, "amber", other)
    return made


async def has_said(server: Server, pair: Pair, text: str) -> bool:
    """Whether the served node holds a body with the text."""

    def look(node: Node) -> bool:
        bodies = (node.store.body(pair.channel, one.digest) for one in node.store.log(pair.channel))
        return any(text.encode() in body for body in bodies if body)

    return await asyncio.wrap_future(server.ask(lambda node: node.unchanged(look(node))))


def entries(node: Node, channel: bytes) -> set[bytes]:
    """The digests of all that is in the node's log and no receipt."""
    state = node.channels[channel].state
    found = (one for member in state.start.genesis.members for _, one in state.entries(member))
    return {one.digest for one in found if one.type != "RECEIPT"}


# ------------------------------------------------------------------------------------------------------- both sides


def test_what_one_says_is_in_both_records_at_once_though_one_side_alone_can_be_dialled(tmp_path: Path) -> None:
    pair = Pair()
    befriend(pair, "amber", "teal")

    async def run() -> None:
        async with served(pair, "amber", tmp_path) as (amber, at_amber):
            befriend(pair, "teal", "amber", f"127.0.0.1:{await at_amber.port()}")
            async with served(pair, "teal", tmp_path) as (teal, at_teal):
                await asyncio.wrap_future(teal.ask(saying(pair, "of Teal")))
                await asyncio.wrap_future(amber.ask(saying(pair, "of Amber")))
                for said, server, told in (("of Teal", amber, at_amber), ("of Amber", teal, at_teal)):
                    await told.until_true(partial(has_said, server, pair, said))

    asyncio.run(run())
    found = [entries(node, pair.channel) for node in pair.nodes.values()]
    assert found[0] == found[1]
    assert len(found[0]) == 2
    status = json.loads((tmp_path / "teal/status.json").read_bytes())["peers"]
    assert [(one["name"], one["refusal"], one["heard_us"] is None) for one in status] == [("amber", "", False)]


def test_a_peer_that_shows_another_key_is_told_nothing(tmp_path: Path) -> None:
    pair = Pair()
    befriend(pair, "amber", "teal")

    async def run() -> None:
        async with served(pair, "amber", tmp_path) as (_, at_amber):
            address = f"127.0.0.1:{await at_amber.port()}"
            befriend(pair, "teal", "amber", address, key=key_for_tests("another"))
            pair.say("teal", text="for Amber alone")
            async with served(pair, "teal", tmp_path) as (_, at_teal):
                row = await at_teal.until(lambda row: row["event"] == "link")
                assert row["code"] == "wrong_key"
            assert not [row for row in at_amber.rows if row["event"] in {"request", "taken"}]

    asyncio.run(run())


# ---------------------------------------------------------------------------------------------------- hostile peers


def test_only_a_peer_s_own_signature_opens_the_door(pair: Pair, tmp_path: Path) -> None:
    def talk(port: int) -> None:
        assert request(port)[0] in {200, 204}
        assert request(port, key=secret("violet", "transport")) == (401, "bad_signature")
        assert request(port, key=key_for_tests("amber root")) == (401, "bad_signature")
        assert request(port, by="stranger") == (401, "bad_signature")
        assert request(port, Tansiq_Time="7") == (401, "bad_signature")
        assert request(port, Tansiq_Party="x") == (400, "bad_value")

    asked(pair, tmp_path, talk)


def test_a_request_that_comes_again_is_refused(pair: Pair, tmp_path: Path) -> None:
    def talk(port: int) -> None:
        assert request(port, nonce=b"r" * 16)[0] in {200, 204}
        assert request(port, nonce=b"r" * 16) == (409, "repeated_request")

    asked(pair, tmp_path, talk)


def test_nothing_else_is_there(pair: Pair, tmp_path: Path) -> None:
    def talk(port: int) -> None:
        for method, path in (("GET", PATH), ("PUT", PATH), ("POST", "/peer/2/parcel"), ("POST", PATH + "/")):
            assert request(port, method=method, path=path) == (404, "not_found")
        for query in ("?wait=x", "?wait=", "?other=1", "?wait=1&wait=2"):
            assert request(port, query=query) == (400, "bad_value")
        assert request(port, query="?wait=26") == (400, "out_of_range")

    asked(pair, tmp_path, talk)


def test_what_is_too_large_or_no_parcel_or_another_body_is_refused(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer_door, "LIMITS", replace(LIMITS, parcel_bytes=1_000))

    def talk(port: int) -> None:
        assert request(port, b"x" * 10_000) == (413, "limit_exceeded")
        assert request(port, Content_Length="80000000") == (413, "limit_exceeded")
        assert request(port, b"no parcel") == (400, "bad_json")
        assert request(port, b'{"format":"tansiq-parcel/1"}')[1] == "missing_field"
        assert request(port)[0] in {200, 204}

    asked(pair, tmp_path, talk)
    kept = list(pair.nodes["amber"].store.cells("security"))
    assert len(kept) == 2
    assert b"no parcel" not in b"".join(value for _, value in kept)


def test_a_party_that_floods_is_refused_and_others_are_answered(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer_door, "LIMITS", replace(LIMITS, requests_burst=3))

    def talk(port: int) -> None:
        found = [request(port)[1] for _ in range(6)]
        assert found[3:] == ["too_many"] * 3
        assert request(port, by="violet")[0] in {200, 204}

    asked(pair, tmp_path, talk)


def test_a_body_that_does_not_come_is_dropped_and_others_are_answered_meanwhile(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "LIMITS", replace(LIMITS, request_s=1))

    async def run() -> None:
        async with served(pair, "amber", tmp_path) as (_, told):
            port = await told.port()
            slow = asyncio.create_task(asyncio.to_thread(request, port, b"{", Content_Length="1000"))
            for by in ("teal", "violet"):
                assert (await asyncio.to_thread(request, port, by=by))[0] in {200, 204}
            assert await slow == (408, "too_slow")

    asyncio.run(run())


def test_a_party_that_waits_too_often_at_once_is_refused(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer_door, "LIMITS", replace(LIMITS, requests_at_once=1))

    async def run() -> None:
        async with served(pair, "amber", tmp_path) as (amber, told):
            port = await told.port()
            while (await asyncio.to_thread(request, port))[0] != 204:
                pass  # Until Teal was told all there is, so that the next answer is held.
            both = {asyncio.create_task(asyncio.to_thread(request, port, query="?wait=25")) for _ in range(2)}
            first, held = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            assert [await one for one in first] == [(429, "too_many")]
            await asyncio.wrap_future(amber.ask(saying(pair, "news")))
            [(status, parcel)] = [await one for one in held]
            assert status == 200
            assert parcel
            assert (await asyncio.to_thread(request, port))[0] in {200, 204}

    asyncio.run(run())


def test_a_peer_whose_clock_is_years_off_is_answered_and_its_skew_is_told(pair: Pair, tmp_path: Path) -> None:
    assert asked(pair, tmp_path, lambda port: request(port)[0]) in {200, 204}
    rows = json.loads((tmp_path / "amber/status.json").read_bytes())["peers"]
    skew = {row["name"]: row["skew_us"] for row in rows}
    assert skew == {"teal": -pair.clock.at_us, "violet": None}


def test_metrics_count_and_name_nobody(pair: Pair, tmp_path: Path) -> None:
    pair.say("amber", text="a secret word")

    def talk(port: int) -> bytes:
        request(port)
        assert request(port, method="GET", path="/healthy") == (404, "not_found")  # As amber.example it is not there.
        with dial(("127.0.0.1", port), client_context(), timeout_s=20) as line:
            line.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return b"".join(iter(lambda: line.recv(65_536), b""))

    found = asked(pair, tmp_path, talk)
    assert isinstance(found, bytes)
    assert b"tansiq_peers 2\n" in found
    assert b'tansiq_requests_total{code="not_found"} 1\n' in found
    for name in (pair.channel, party("teal"), party("amber")):
        assert name.hex().encode() not in found


def test_nothing_that_is_told_holds_a_body(pair: Pair, tmp_path: Path) -> None:
    async def run() -> list[dict[str, str | int | None]]:
        async with served(pair, "amber", tmp_path) as (amber, told):
            await asyncio.wrap_future(amber.ask(saying(pair, "a secret word")))
            status, parcel = await asyncio.to_thread(request, await told.port())
            assert status == 200
            assert isinstance(parcel, bytes)
            assert b"a secret word" in parcel
            return told.rows

    assert "a secret word" not in str(asyncio.run(run()))
    assert b"a secret word" not in (tmp_path / "amber/status.json").read_bytes()


# ----------------------------------------------------------------------------------------------------------- writer


def writer_of(node: Node, failures: list[BaseException] | None = None, rings: list[int] | None = None) -> Writer:
    told = [] if failures is None else failures
    return Writer(node, changed=lambda: (rings if rings is not None else []).append(1), failed=told.append)


def counted(node: Node, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many changes each commit has from now on."""
    groups: list[int] = []
    commit = node.store.commit

    def count(changes: Sequence[Change]) -> int:
        groups.append(len(changes))
        return commit(changes)

    monkeypatch.setattr(node.store, "commit", count)
    return groups


def test_commands_that_wait_are_committed_once_and_then_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    pair, rings = Pair(), list[int]()
    node = pair.nodes["amber"]
    groups = counted(node, monkeypatch)
    writer = writer_of(node, rings=rings)
    waiting = [writer.ask(saying(pair, str(k))) for k in range(5)]
    seen = writer.look(lambda node: node.channels[pair.channel].durable)
    writer.begin()
    writer.end()
    assert all(one.result(0) for one in waiting)
    assert groups == [5]
    assert seen.result(0) == 5
    assert (writer.decided, writer.commits, rings) == (5, 1, [1])


def test_a_refusal_is_answered_and_the_next_command_is_decided() -> None:
    pair = Pair()
    writer = writer_of(pair.nodes["amber"])
    refused = writer.ask(lambda node: say(node, bytes(16), "NOTICE", office=WATCH))
    said = writer.ask(saying(pair, "all the same"))
    writer.begin()
    writer.end()
    with pytest.raises(PartyError, match="foreign_channel"):
        refused.result(0)
    assert said.result(0)


def test_after_a_commit_that_failed_nothing_is_answered_or_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    pair, failures = Pair(), list[BaseException]()
    node = pair.nodes["amber"]

    def fails(_: object) -> int:
        raise StoreError("store_failed", "store", "a disk", "another")

    monkeypatch.setattr(node.store, "commit", fails)
    writer = writer_of(node, failures)
    waiting: list[Future[object]] = [writer.ask(saying(pair, "lost"))]
    waiting.append(writer.ask(lambda node: node.unchanged(None)))
    writer.begin()
    writer.end()
    for one in waiting:
        with pytest.raises(PeerError, match="not_served"):
            one.result(0)
    assert writer.over
    assert [str(one) for one in failures] == [str(StoreError("store_failed", "store", "a disk", "another"))]
    with pytest.raises(PeerError, match="not_served"):
        writer.look(lambda node: node.id)


def test_a_group_has_no_more_changes_than_a_store_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = Pair()
    node = pair.nodes["amber"]
    groups = counted(node, monkeypatch)
    writer = writer_of(node)
    each = LIMITS.changes_per_commit // 2
    waiting = [writer.ask(saying(pair, str(k)), changes=each) for k in range(5)]
    writer.begin()
    writer.end()
    assert all(one.result(0) for one in waiting)
    assert groups == [2, 2, 1]


def test_more_commands_than_may_wait_are_refused() -> None:
    pair = Pair()
    writer = writer_of(pair.nodes["amber"])
    for _ in range(LIMITS.commands_waiting):
        writer.look(lambda node: node.id)
    with pytest.raises(PartyError, match="busy"):
        writer.ask(saying(pair, "one more"))


# -------------------------------------------------------------------------------------------------------------- tls


def shown_to(key_name: str, pin_name: str) -> bytes:
    """What a listener that shows one key got from who expects another, beside the handshake."""
    got = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen() -> None:
            accepted, _ = listener.accept()
            with accepted, server_context(key_for_tests(key_name)).wrap_socket(accepted, server_side=True) as way:
                got.append(way.recv(100))

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            pin = key_for_tests(pin_name).public
            with dial(listener.getsockname(), client_context(), timeout_s=20) as way:
                prove(way, pin)
                way.sendall(b"a plan")
        finally:
            thread.join()
            if got and got[0] and key_name != pin_name:
                pytest.fail("something was sent before the pin was checked")
    return got[0]


def test_the_holder_of_the_pinned_key_is_told_and_nobody_else() -> None:
    assert shown_to("teal", "teal") == b"a plan"
    with pytest.raises(PeerError, match="wrong_key"):
        shown_to("amber", "teal")


def test_nobody_is_reached_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = taken.getsockname()
    with pytest.raises(PeerError, match="unreachable"):
        dial(address, client_context(), timeout_s=20)
