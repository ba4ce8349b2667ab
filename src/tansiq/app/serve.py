"""A node that runs: one writer, a door for its peers, a way to each peer that can be dialled, and what tells of it.

Rules for the next editor:

1. It begins to listen when the node is open, so whoever is answered is answered by a node that is ready.
2. Every start is a recovery; a stop only makes it shorter.
3. What is told - lines, metrics, status - names no channel and holds no secret, no body and no geometry.
"""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final, TypeVar

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tansiq.app.bell import Bell
from tansiq.app.link import Caller, Dialler
from tansiq.app.links import Links, write_status
from tansiq.app.peer_door import PATH, PeerDoor
from tansiq.app.system import SystemRandomness
from tansiq.app.tls import client_context, server_context
from tansiq.app.writer import Writer
from tansiq.errors import PartyError, TansiqError
from tansiq.httpkit.door import Door
from tansiq.httpkit.front import Front, Route
from tansiq.httpkit.lines import Tell, place_of
from tansiq.httpkit.rates import Gate
from tansiq.httpkit.signed import Doorkeeper
from tansiq.record.keys import ED25519, SecretKey
from tansiq.service.node import Decision, Node
from tansiq.service.own_keys import CURRENT
from tansiq.service.pairing import peers

EXIT_STOPPED: Final = 0
EXIT_FAULT: Final = 70
_GRACE_S: Final = 5.0
"""For what was asked before a stop."""
_STATUS_S: Final = 2.0
Answer = TypeVar("Answer")
KEY_BYTES: Final = 32
US_PER_S: Final = 1_000_000
_WELL: Final = 200
_STOPPING: Final = 503
_METRICS: Final = "text/plain; version=0.0.4"
_STOPS: Final = (signal.SIGINT, signal.SIGTERM)


def transport_key(node: Node) -> SecretKey:
    """The party's present transport key. Raises PartyError: not_entitled."""
    for mark, one in node.keys.items():
        if (one.key.use, one.standing) == ("transport", CURRENT) and mark in node.secrets:
            return node.secrets[mark]
    raise PartyError("not_entitled", "transport", "no key that is open here", "the party's present transport key")


class Server:
    """An open node, served until it is stopped or fails; made within the event loop that runs it."""

    def __init__(self, node: Node, directory: Path, tell: Tell, *, plain: bool) -> None:
        """`plain`: without TLS, for tests. Raises PartyError: not_entitled where no transport key is open. OSError."""
        self._node = node
        self._directory = directory
        self._tell = tell
        self._key = transport_key(node)
        self._dial_context = None if plain else client_context()
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        self._bell = Bell()
        self._links = Links(node.clock)
        self._links.refresh(peers(node))
        self._writer = Writer(node, changed=self._changed, failed=self._failed)
        nobody = SecretKey(ED25519, SystemRandomness().draw(KEY_BYTES)).public
        self._peer_door = PeerDoor(
            self._writer,
            self._links,
            self._bell,
            doorkeeper=Doorkeeper(node.id, nobody),
            clock=node.clock,
            tell=tell,
        )
        routes = {
            ("POST", PATH): Route(self._peer_door.answer),
            ("GET", "/healthy"): Route(self._healthy, local=True),
            ("GET", "/metrics"): Route(self._metrics, local=True),
        }
        self._front = Front(routes, tell)
        self._gate = Gate(node.clock.elapsed_us)
        self._door = Door(self._front, self._gate, None if plain else server_context(self._key))

    async def run(self, host: str, port: int) -> int:
        """The node is served until a signal or a failure; the exit code. Raises PartyError: bad_value."""
        self._loop.set_exception_handler(lambda _, what: self._tell("fault", what=_fault_in(what)))
        for one in _STOPS:
            self._loop.add_signal_handler(one, self._over.set)
        listening = self._listen(host, port)
        self._writer.begin()
        self._tell("listening", host=host, port=listening, party=self._node.id.hex())
        ways = [self._way(party) for party in self._links.dialled()]
        tasks = [self._loop.create_task(one) for one in (self._write_status(), *ways)]
        await self._over.wait()
        self._tell("stopping")
        self._peer_door.stopping = True
        self._bell.ring()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._door.close(_GRACE_S)
        if not self._writer.over:
            await asyncio.to_thread(self._writer.end)
        write_status(self._directory, self._links, self._node.clock.now_us())
        self._tell("stopped")
        return EXIT_FAULT if self._writer.over else EXIT_STOPPED

    def ask(self, command: Callable[[Node], Decision[Answer]]) -> Future[Answer]:
        """The command's answer, once it is durable; its news goes to the peers at once. Raises PartyError: busy."""
        return self._writer.ask(command)

    def stop(self) -> None:
        """`run` ends, as after a signal."""
        self._over.set()

    def _listen(self, host: str, port: int) -> int:
        try:
            return self._door.open(host, port)
        except OSError as error:
            got = error.strerror or type(error).__name__
            raise PartyError("bad_value", "host, port", got, "an address of this machine, a free port") from error

    def _way(self, party: bytes) -> Coroutine[Any, Any, None]:
        caller = Caller(self._node.id, self._key, self._node.clock, self._dial_context)
        return Dialler(party, caller, self._writer, self._links, bell=self._bell, tell=self._tell).run()

    def _changed(self) -> None:
        """In the writer's thread: what was committed may have brought a peer's new key, and is news to peers."""
        found = peers(self._node)
        self._loop.call_soon_threadsafe(self._links.refresh, found)
        self._bell.ring()

    def _failed(self, error: BaseException) -> None:
        """In the writer's thread: all is over."""
        self._tell("fault", what=place_of(error), code=error.code if isinstance(error, TansiqError) else "")
        self._loop.call_soon_threadsafe(self._over.set)

    async def _write_status(self) -> None:
        while True:
            write_status(self._directory, self._links, self._node.clock.now_us())
            await asyncio.sleep(_STATUS_S)

    async def _healthy(self, _: Request) -> Response:
        well = not (self._over.is_set() or self._writer.over)
        return PlainTextResponse("well\n" if well else "stopping\n", _WELL if well else _STOPPING)

    async def _metrics(self, _: Request) -> Response:
        """Counts and ages, in the text format of Prometheus; nobody is named."""
        links = self._links.counts()
        rows = [
            ("tansiq_commands_total", "counter", self._writer.decided),
            ("tansiq_commits_total", "counter", self._writer.commits),
            ("tansiq_connections", "gauge", self._gate.open),
            ("tansiq_connections_turned_away_total", "counter", self._gate.turned_away),
            ("tansiq_peers", "gauge", links["peers"]),
            ("tansiq_peers_heard", "gauge", links["peers_heard"]),
            ("tansiq_heard_age_seconds", "gauge", links["heard_age_us"] / US_PER_S),
            ("tansiq_lag_seconds", "gauge", links["lag_us"] / US_PER_S),
        ]
        lines = [f"# TYPE {name} {kind}\n{name} {value}\n" for name, kind, value in rows]
        lines.append("# TYPE tansiq_requests_total counter\n")
        answered = sorted(self._front.answered.items())
        lines += [f'tansiq_requests_total{{code="{code}"}} {count}\n' for code, count in answered]
        return PlainTextResponse("".join(lines), media_type=_METRICS)


def _fault_in(what: Mapping[str, Any]) -> str:
    """What the event loop could give to nobody; its own words may hold values."""
    error = what.get("exception")
    return place_of(error) if isinstance(error, BaseException) else "something in the event loop"
