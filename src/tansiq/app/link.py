"""The way to a peer that can be dialled: the peer is told what it lacks, and asked what is new.

Rules for the next editor:

1. Nothing is sent before the pin was checked.
2. Two ways run side by side: one asks and is held until there is something, the other tells at once what there is.
3. What was sent may not have come: it is sent again until the peer shows that it has it, never in a busy loop.
"""

import asyncio
import contextlib
import http.client
import secrets
import socket
import ssl
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

import msgspec

from tansiq.app.bell import Bell
from tansiq.app.links import Links
from tansiq.app.peer_door import MEDIA_TYPE, NO_CONTENT, PATH, taken
from tansiq.app.tls import dial, prove
from tansiq.app.writer import Writer
from tansiq.errors import CODES, PartyError, PeerError
from tansiq.httpkit.lines import Tell, place_of
from tansiq.httpkit.signed import NONCE_BYTES, TIME, sign_request
from tansiq.limits import LIMITS
from tansiq.ports.clock import Clock
from tansiq.record.keys import SecretKey
from tansiq.service.delivery import parcel_for
from tansiq.service.pairing import Peer

_METHOD: Final = "POST"
_DONE: Final = 200
_FIRST_PAUSE_S: Final = 0.5
_PROBLEM_BYTES: Final = 4_096
_WAYS: Final = 2
"""What asks and what tells, each a request at a time."""
_ASK_AGAIN_S: Final = 1.0
_LOTS: Final = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the peer answered: a parcel, or nothing new; and its clock, if it told."""

    parcel: bytes | None
    time_us: int | None


class Caller:
    """Makes requests of one peer; its calls block, each in a thread of its own."""

    def __init__(self, own: bytes, key: SecretKey, clock: Clock, context: ssl.SSLContext | None) -> None:
        """`context` None: without TLS, for tests."""
        self._own = own
        self._key = key
        self._clock = clock
        self._context = context
        self._open: set[socket.socket] = set()
        self._stopped = False

    def call(self, peer: Peer, body: bytes, wait_s: int) -> Reply:
        """The peer got the body, and this is its answer.

        Raises PeerError: unreachable, wrong_key, limit_exceeded, or the code with which the peer refused.
        """
        if peer.address is None or peer.transport is None:
            raise PeerError("unreachable", "address", "none, or no key", "a peer that can be dialled")
        host, _, port = peer.address.rpartition(":")
        address = (host.strip("[]"), int(port))
        way = dial(address, self._context, timeout_s=LIMITS.handshake_s)
        self._open.add(way)
        try:
            if self._stopped:
                raise PeerError("unreachable", "address", "a stop of this node", "a node that goes on")
            prove(way, peer.transport)
            way.settimeout(LIMITS.request_s + wait_s)
            return self._exchange(way, peer, body, wait_s)
        except (OSError, http.client.HTTPException) as error:
            raise PeerError("unreachable", "answer", type(error).__name__, "an answer in HTTP/1.1") from error
        finally:
            self._open.discard(way)
            way.close()

    def stop(self) -> None:
        """Every call that is under way ends, and none begins."""
        self._stopped = True
        for way in list(self._open):
            with contextlib.suppress(OSError):
                way.shutdown(socket.SHUT_RDWR)

    def _exchange(self, way: socket.socket, peer: Peer, body: bytes, wait_s: int) -> Reply:
        target = f"{PATH}?wait={wait_s}" if wait_s else PATH
        headers = sign_request(
            self._key,
            _METHOD,
            target,
            body,
            own=self._own,
            to=peer.id,
            time_us=self._clock.now_us(),
            nonce=secrets.token_bytes(NONCE_BYTES),
        )
        line = http.client.HTTPConnection("tansiq")  # The name says nothing: who is meant is in the signature.
        line.sock = way
        line.request(_METHOD, target, body, headers | {"Content-Type": MEDIA_TYPE})
        answer = line.getresponse()
        told = answer.getheader(TIME, "")
        time_us = int(told) if told.isascii() and told.removeprefix("-").isdigit() and len(told) <= 17 else None
        if answer.status == NO_CONTENT:
            return Reply(None, time_us)
        most = LIMITS.parcel_bytes if answer.status == _DONE else _PROBLEM_BYTES
        content = answer.read(most + 1)
        if len(content) > most:
            raise PeerError("limit_exceeded", "answer", "a longer one", f"at most {most} bytes")
        if answer.status != _DONE:
            raise PeerError(_code(content), "request", f"status {answer.status}", "an answer")
        return Reply(content, time_us)


def _code(content: bytes) -> str:
    """The code with which the peer refused, if it is one of ours."""
    try:
        code = msgspec.json.decode(content)["code"]
    except (msgspec.DecodeError, KeyError, TypeError, UnicodeDecodeError):
        return "unreachable"
    return code if isinstance(code, str) and code in CODES else "unreachable"


class Dialler:
    """Keeps the way to one peer in use, for as long as its task runs."""

    def __init__(self, party: bytes, caller: Caller, writer: Writer, links: Links, *, bell: Bell, tell: Tell) -> None:
        self._party = party
        self._caller = caller
        self._writer = writer
        self._links = links
        self._bell = bell
        self._tell = tell
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="link")
        self._news = False
        """Whether the peer was told all it may lack, so that what came since is all there is to say."""

    async def run(self) -> None:
        """The peer is asked and told, until this is cancelled."""
        try:
            await asyncio.gather(self._forever(self._ask), self._forever(self._say))
        finally:
            self._caller.stop()
            self._pool.shutdown(wait=False, cancel_futures=True)

    async def _forever(self, step: Callable[[], Awaitable[None]]) -> None:
        """The step again and again; after a failure later each time, and sooner where there is something to say."""
        pause_s = _FIRST_PAUSE_S
        loop = asyncio.get_running_loop()
        while True:
            begun_s = loop.time()
            with self._bell.hear() as hearing:
                code = await self._tried(step)
                link = self._links.of(self._party)
                if code:
                    if link.refusal != code:
                        self._tell("link", party=self._party.hex(), code=code)
                    link.refusal = code
                    await asyncio.sleep(_FIRST_PAUSE_S)
                    await hearing.rung(pause_s * _LOTS.uniform(0.5, 1.0))
                    pause_s = min(2 * pause_s, LIMITS.retry_s)
                else:
                    pause_s = _FIRST_PAUSE_S
            # However much there is to say, the peer lets in only so many requests: what comes meanwhile goes together.
            await asyncio.sleep(max(0.0, begun_s + _WAYS / LIMITS.requests_per_s - loop.time()))

    async def _tried(self, step: Callable[[], Awaitable[None]]) -> str:
        """The code with which the step failed, or nothing."""
        try:
            await step()
        except (PartyError, PeerError) as error:
            return error.code
        except Exception as error:  # noqa: BLE001 - one peer's way may break, the others' go on
            self._tell("fault", what=place_of(error))
            return "not_served"
        return ""

    async def _ask(self) -> None:
        """The peer is asked once for what is new, and holds its answer until there is something."""
        begun_s = asyncio.get_running_loop().time()
        came = await self._call(b"", LIMITS.wait_s)
        if not came:
            # A peer that does not hold its answer is not asked more often than this.
            await asyncio.sleep(max(0.0, begun_s + _ASK_AGAIN_S - asyncio.get_running_loop().time()))

    async def _say(self) -> None:
        """The peer is told once what it is not known to have, when there is something."""
        news, self._news = self._news, False
        with self._bell.hear() as hearing:
            look = partial(parcel_for, peer=self._party, bytes_max=LIMITS.parcel_bytes, news=news)
            parcel = await asyncio.wrap_future(self._writer.look(look))
            self._links.owes(self._party, something=parcel is not None, all_told=not news)
            if parcel is None:
                self._news = await hearing.rung(LIMITS.retry_s)
                return
        await self._call(parcel, 0)
        self._news = True

    async def _call(self, body: bytes, wait_s: int) -> bool:
        """Whether the peer answered with a parcel; it is taken."""
        peer = self._links.of(self._party).peer
        loop = asyncio.get_running_loop()
        reply = await loop.run_in_executor(self._pool, self._caller.call, peer, body, wait_s)
        self._links.heard(self._party, reply.time_us)
        if reply.parcel is None:
            return False
        await taken(self._writer, self._party, reply.parcel, self._tell)
        return True
