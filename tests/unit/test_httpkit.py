"""What httpkit promises whoever serves with it, over real sockets where a socket is what matters."""

import asyncio
import io
import json
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tansiq.errors import PeerError, StoreError
from tansiq.httpkit import bodies, door, rates
from tansiq.httpkit.bodies import read_body
from tansiq.httpkit.door import Door
from tansiq.httpkit.front import Front, Route
from tansiq.httpkit.lines import Lines
from tansiq.httpkit.rates import Gate, Rates, network
from tansiq.httpkit.signed import Doorkeeper, check_body, read_claim, sign_request
from tansiq.limits import LIMITS
from tests.laws.record_history import key_for_tests
from tests.unit.service_pair import NOON_US, WorldClock

SECOND_US = 1_000_000
TEAL, AMBER, VIOLET = (bytes([k]) * 32 for k in (1, 2, 3))
KEY = key_for_tests("teal transport")
TARGET = "/peer/1/parcel?wait=5"


def silent(event: str, **facts: str | int | None) -> None:
    pass


# ------------------------------------------------------------------------------------------------------------- rates


def test_who_has_spent_his_tokens_waits_until_time_has_brought_another() -> None:
    clock = WorldClock()
    bucket = Rates(clock.elapsed_us, per_s=2, burst=3)
    assert [bucket.take("a") for _ in range(4)] == [True, True, True, False]
    assert bucket.take("b")
    clock.at_us += SECOND_US // 2
    assert [bucket.take("a") for _ in range(2)] == [True, False]
    clock.at_us += 100 * SECOND_US
    assert [bucket.take("a") for _ in range(4)] == [True, True, True, False]


def test_of_too_many_that_ask_the_one_that_was_quiet_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "LIMITS", replace(LIMITS, rates_kept=2))
    bucket = Rates(WorldClock().elapsed_us, per_s=1, burst=1)
    assert bucket.take("a")
    assert bucket.take("b")
    assert not bucket.take("a")
    assert bucket.take("c")
    assert not bucket.take("a")
    assert bucket.take("b")


def test_one_address_does_not_take_the_places_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "LIMITS", replace(LIMITS, connections=3, connections_per_address=2))
    gate = Gate(WorldClock().elapsed_us)
    first, second = gate.enter("192.0.2.1"), gate.enter("::ffff:192.0.2.1")
    assert first
    assert second
    assert gate.enter("192.0.2.1") is None
    assert gate.enter("2001:db8::1")
    assert gate.enter("192.0.2.9") is None
    assert (gate.open, gate.turned_away) == (3, 2)
    first.free()
    first.free()
    assert gate.open == 2
    assert gate.enter("192.0.2.1")


def test_connections_of_an_address_are_let_in_at_a_rate() -> None:
    gate = Gate(WorldClock().elapsed_us)
    for _ in range(LIMITS.connections_burst):
        slot = gate.enter("192.0.2.1")
        assert slot
        slot.free()
    assert gate.enter("192.0.2.1") is None
    assert gate.enter("192.0.2.2")


def test_an_ipv6_network_counts_as_one_address() -> None:
    assert network("2001:db8::1%eth0") == network("2001:db8::2:3") == "2001:db8::"
    assert network("2001:db8:0:1::1") != network("2001:db8::1")
    assert network("::ffff:192.0.2.1") == "192.0.2.1"


# ------------------------------------------------------------------------------------------------------------ bodies


def request_of(*parts: bytes, length: str | None = None, ends: bool = True) -> Request:
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    messages.append({"type": "http.request", "body": b"", "more_body": False} if ends else {"type": "http.disconnect"})

    async def receive() -> Any:  # noqa: ANN401 - ASGI
        return messages.pop(0)

    headers = [] if length is None else [(b"content-length", length.encode())]
    return Request({"type": "http", "headers": headers}, receive)


def refused(work: Awaitable[object]) -> str:
    async def run() -> object:
        return await work

    with pytest.raises(PeerError) as caught:
        asyncio.run(run())
    return caught.value.code


def test_a_body_is_read_up_to_its_limit_whatever_length_it_claims() -> None:
    assert asyncio.run(read_body(request_of(b"ab", b"cd", length="4"), 4)) == b"abcd"
    assert refused(read_body(request_of(b"ab", b"cd", b"e", length="1"), 4)) == "limit_exceeded"
    assert refused(read_body(request_of(b"ab", b"cd", b"e"), 4)) == "limit_exceeded"
    assert refused(read_body(request_of(length="9" * 30), 4)) == "limit_exceeded"
    assert refused(read_body(request_of(length="-1"), 4)) == "bad_value"


def test_a_body_that_is_cut_off_or_too_slow_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(read_body(request_of(b"ab", ends=False), 4)) == "too_slow"
    monkeypatch.setattr(bodies, "LIMITS", replace(LIMITS, request_s=0))

    async def never() -> Any:  # noqa: ANN401 - ASGI
        await asyncio.Event().wait()

    assert refused(read_body(Request({"type": "http", "headers": []}, never), 4)) == "too_slow"


# ------------------------------------------------------------------------------------------------------------- front


async def well(_: Request) -> Response:
    return PlainTextResponse("well")


async def broken(_: Request) -> Response:
    raise ValueError("a plan at 1 N")


async def unstored(_: Request) -> Response:
    raise StoreError("store_failed", "store", "a disk", "another")


def answered(front: Front, method: str, path: str, *, address: str = "127.0.0.1", host: str = "localhost") -> Any:  # noqa: ANN401 - JSON
    sent: list[Any] = []

    async def send(message: Any) -> None:  # noqa: ANN401 - ASGI
        sent.append(message)

    async def receive() -> Any:  # noqa: ANN401 - ASGI
        return {"type": "http.disconnect"}

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(b"host", host.encode())],
        "client": (address, 1),
        "query_string": b"",
    }
    asyncio.run(front(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], json.loads(body)["code"] if sent[0]["status"] != 200 else body.decode()


ROUTES = {
    ("GET", "/well"): Route(well),
    ("GET", "/here"): Route(well, local=True),
    ("GET", "/broken"): Route(broken),
    ("GET", "/unstored"): Route(unstored),
}


def test_what_is_not_in_the_table_is_not_there() -> None:
    front = Front(ROUTES, silent)
    assert answered(front, "GET", "/well") == (200, "well")
    for method, path in (("POST", "/well"), ("HEAD", "/well"), ("GET", "/well/"), ("GET", "/docs"), ("GET", "")):
        assert answered(front, method, path) == (404, "not_found")


@pytest.mark.parametrize("host", ["localhost:7443", "127.0.0.1", "[::1]:80", "LOCALHOST"])
def test_what_is_for_this_machine_answers_it_under_its_own_names(host: str) -> None:
    assert answered(Front(ROUTES, silent), "GET", "/here", host=host) == (200, "well")


@pytest.mark.parametrize(
    ("address", "host"), [("192.0.2.1", "localhost"), ("127.0.0.1", "rebound.example"), ("127.0.0.1", "")]
)
def test_what_is_for_this_machine_is_not_there_for_others(address: str, host: str) -> None:
    assert answered(Front(ROUTES, silent), "GET", "/here", address=address, host=host) == (404, "not_found")


def test_a_fault_is_told_by_its_place_and_to_others_not_at_all() -> None:
    stream = io.StringIO()
    front = Front(ROUTES, Lines(WorldClock(), stream))
    assert answered(front, "GET", "/broken") == (500, "not_served")
    assert answered(front, "GET", "/unstored") == (500, "not_served")
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [one["event"] for one in told] == ["fault", "request", "request"]
    assert told[0]["what"].startswith("ValueError at test_httpkit.py:")
    assert told[0]["at_us"] == NOON_US
    assert "1 N" not in stream.getvalue()
    assert front.answered == {"not_served": 1, "store_failed": 1}


# ------------------------------------------------------------------------------------------------------------ signed


def signed(*, body: bytes = b"{}", nonce: bytes = bytes(16)) -> dict[str, str]:
    return sign_request(KEY, "POST", TARGET, body, own=TEAL, to=AMBER, time_us=NOON_US, nonce=nonce)


def checked(headers: dict[str, str], *, own: bytes = AMBER, target: str = TARGET, method: str = "POST") -> str:
    keeper = Doorkeeper(own, key_for_tests("nobody").public)
    return checked_by(keeper, headers, method, target)


def checked_by(keeper: Doorkeeper, headers: dict[str, str], method: str = "POST", target: str = TARGET) -> str:
    try:
        keeper.check(read_claim(Headers(headers)), method, target, {TEAL: KEY.public})
    except PeerError as error:
        return error.code
    return "done"


def test_a_request_is_taken_as_it_was_signed_and_in_no_other_way() -> None:
    good = signed()
    assert checked(good) == "done"
    assert checked(good, own=VIOLET) == "bad_signature"
    assert checked(good, target="/peer/1/parcel") == "bad_signature"
    assert checked(good, method="GET") == "bad_signature"
    for name, other in (("Tansiq-Time", "1"), ("Tansiq-Nonce", "01" * 16), ("Tansiq-Party", VIOLET.hex())):
        assert checked(good | {name: other}) == "bad_signature"
    assert checked(good | {"Content-Digest": signed(body=b"[]")["Content-Digest"]}) == "bad_signature"


def test_a_request_comes_once() -> None:
    keeper = Doorkeeper(AMBER, key_for_tests("nobody").public)
    assert [checked_by(keeper, signed()) for _ in range(3)] == ["done", "repeated_request", "repeated_request"]
    assert checked_by(keeper, signed(nonce=b"n" * 16)) == "done"


def test_a_forger_does_not_use_up_the_nonce_of_the_party() -> None:
    keeper = Doorkeeper(AMBER, key_for_tests("nobody").public)
    assert checked_by(keeper, signed() | {"Tansiq-Time": "1"}) == "bad_signature"
    assert checked_by(keeper, signed()) == "done"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("Tansiq-Party", "AA" * 32, "bad_value"),
        ("Tansiq-Party", "aa", "bad_value"),
        ("Tansiq-Time", "1e3", "bad_value"),
        ("Tansiq-Time", "9" * 16, "bad_value"),
        ("Tansiq-Nonce", "0" * 31, "bad_value"),
        ("Content-Digest", "sha-256=:AA==:", "bad_value"),
        ("Tansiq-Signature", "\u00e9", "bad_value"),
        ("Tansiq-Signature", "", "bad_value"),
        ("Tansiq-Signature", None, "missing_field"),
    ],
)
def test_headers_out_of_form_are_refused(name: str, value: str | None, code: str) -> None:
    headers = {key: one for key, one in (signed() | {name: value}).items() if one is not None}
    assert checked(headers) == code


def test_a_header_twice_is_refused() -> None:
    raw = [(name.lower().encode(), value.encode()) for name, value in signed().items()]
    with pytest.raises(PeerError, match="this header once"):
        read_claim(Headers(raw=[*raw, (b"tansiq-party", TEAL.hex().encode())]))


def test_another_body_than_was_signed_is_refused() -> None:
    claim = read_claim(Headers(signed(body=b"{}")))
    check_body(claim, b"{}")
    with pytest.raises(PeerError, match="Content-Digest"):
        check_body(claim, b"[]")


# -------------------------------------------------------------------------------------------------------------- door


def at_door(talk: Callable[[int], bytes], gate: Gate | None = None) -> bytes:
    """What the talk with an open door gives; it runs in a thread."""

    async def run() -> bytes:
        opened = Door(Front(ROUTES, silent), gate or Gate(WorldClock().elapsed_us), None)
        port = opened.open("127.0.0.1", 0)
        try:
            return await asyncio.to_thread(talk, port)
        finally:
            await opened.close(1.0)

    return asyncio.run(run())


def say_and_hear(port: int, *said: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as way:
        for one in said:
            way.sendall(one)
        heard = b""
        while part := way.recv(65_536):
            heard += part
    return heard


def test_a_connection_is_for_one_request_and_tells_nothing_of_the_server() -> None:
    ask = b"GET /well HTTP/1.1\r\nHost: x\r\n\r\n"
    heard = at_door(lambda port: say_and_hear(port, ask + ask))
    assert heard.count(b"HTTP/1.1 200") == 1
    assert heard.endswith(b"\r\n\r\nwell")
    head = heard.lower()
    assert b"connection: close" in head
    assert b"server:" not in head


@pytest.mark.parametrize("said", [b"\x16\x03\x01 a TLS hello\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000])
def test_what_is_no_http_is_refused_with_a_code(said: bytes) -> None:
    heard = at_door(lambda port: say_and_hear(port, said[:70_000]))
    assert heard.startswith(b"HTTP/1.1 400")
    assert json.loads(heard.partition(b"\r\n\r\n")[2])["code"] == "bad_value"


def test_a_head_that_does_not_come_ends_the_connection_and_frees_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "LIMITS", replace(LIMITS, request_s=0))
    gate = Gate(WorldClock().elapsed_us)

    def slow(port: int) -> bytes:
        try:
            return say_and_hear(port, b"GET /well HT")
        except ConnectionError:
            return b""

    assert at_door(slow, gate) == b""
    assert gate.open == 0


def test_who_finds_no_place_is_closed_unanswered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "LIMITS", replace(LIMITS, connections_per_address=0))

    def ask(port: int) -> bytes:
        try:
            return say_and_hear(port, b"GET /well HTTP/1.1\r\nHost: x\r\n\r\n")
        except ConnectionError:
            return b""

    gate = Gate(WorldClock().elapsed_us)
    assert at_door(ask, gate) == b""
    assert gate.turned_away == 1
