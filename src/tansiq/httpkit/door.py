"""A listening socket whose connections cost little: each has a place, one request, and a time for everything.

Rules for the next editor:

1. A connection has its place before TLS begins, and gives it back in whatever way it ends.
2. Whatever waits for the other side has an end: the handshake, the request's head, its body (`read_body`), the way of
   the answer. A peer that sends a byte a second is dropped, and has cost one place.
3. Nothing of a request, and no traceback, reaches uvicorn's own logs.
"""

import asyncio
import contextlib
import socket
import ssl
from typing import Any, Final

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from tansiq.errors import PeerError
from tansiq.httpkit.problems import problem
from tansiq.httpkit.rates import Gate, Slot
from tansiq.limits import LIMITS

_PAUSE_S: Final = 0.1
"""After the machine had no descriptor left."""
_CLOSE: Final = (b"connection", b"close")


class Door:
    """Serves an ASGI application to whom the gate lets in, one request for each connection."""

    def __init__(self, app: Any, gate: Gate, context: ssl.SSLContext | None) -> None:  # noqa: ANN401 - ASGI has many types
        self._config = Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=LIMITS.request_head_bytes,
        )
        self._config.load()
        self._state = ServerState()
        self._state.default_headers = [_CLOSE]
        self._gate = gate
        self._context = context
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: socket.socket | None = None

    def open(self, host: str, port: int) -> int:
        """Connections are let in; the port, of which 0 means a free one. Raises OSError."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=LIMITS.connections)
        self._listener.setblocking(False)  # noqa: FBT003 - the socket's own way
        self._begin(self._accept(self._listener))
        return int(self._listener.getsockname()[1])

    async def close(self, within_s: float) -> None:
        """Nobody new is let in; what was asked is answered, or cut off after this time."""
        for task in self._tasks:
            task.cancel()
        if self._listener is not None:
            self._listener.close()
        for one in list(self._state.connections):
            one.shutdown()
        if self._state.tasks:
            await asyncio.wait(self._state.tasks, timeout=within_s)
        for one in list(self._state.connections):
            with contextlib.suppress(AttributeError):
                one.transport.abort()

    def _begin(self, coroutine: Any) -> None:  # noqa: ANN401 - of any kind
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, address = await loop.sock_accept(listener)
            except OSError:
                await asyncio.sleep(_PAUSE_S)
                continue
            slot = self._gate.enter(address[0])
            if slot is None:
                accepted.close()
            else:
                accepted.setblocking(False)  # noqa: FBT003 - the socket's own way
                self._begin(self._greet(accepted, slot))

    async def _greet(self, accepted: socket.socket, slot: Slot) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: _Conversation(self._config, self._state, slot),
                accepted,
                ssl=self._context,
                ssl_handshake_timeout=LIMITS.handshake_s if self._context else None,
            )
        except OSError:  # No handshake, or none in time.
            slot.free()
            accepted.close()
        except asyncio.CancelledError:
            slot.free()
            accepted.close()
            raise


class _Conversation(H11Protocol):
    """One connection: a request within its time, an answer on its way within its time."""

    def __init__(self, config: Config, state: ServerState, slot: Slot) -> None:
        super().__init__(config, state, {})
        self._slot = slot
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The request's head has so long to come."""
        super().connection_made(transport)
        self._end_in(LIMITS.request_s)

    def data_received(self, data: bytes) -> None:
        """Once the head is here, the application looks after the body."""
        super().data_received(data)
        if self.conn.our_state is h11.SEND_RESPONSE and self._end is not None:
            self._end.cancel()

    def on_response_complete(self) -> None:
        """The answer has so long to leave."""
        self._end_in(LIMITS.request_s + self.transport.get_write_buffer_size() / LIMITS.bytes_per_s)
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The place is free."""
        super().connection_lost(exc)
        if self._end is not None:
            self._end.cancel()
        self._slot.free()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is refused as everything else is."""
        refusal = problem(PeerError("bad_value", "request", "bytes that are no HTTP/1.1", msg))
        headers = [*refusal.raw_headers, _CLOSE]
        parts = (
            h11.Response(status_code=refusal.status_code, headers=headers),
            h11.Data(data=bytes(refusal.body)),
            h11.EndOfMessage(),
        )
        with contextlib.suppress(h11.LocalProtocolError):  # Where an answer is on its way already.
            for part in parts:
                self.transport.write(self.conn.send(part) or b"")
        self.transport.close()

    def _end_in(self, delay_s: float) -> None:
        if self._end is not None:
            self._end.cancel()
        self._end = self.loop.call_later(delay_s, self.transport.abort)
