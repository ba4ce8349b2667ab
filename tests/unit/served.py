"""Amber's and Teal's nodes served in one event loop, over real sockets of this machine."""

import asyncio
import http.client
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tansiq.app.serve import Server
from tansiq.app.tls import client_context, dial, prove
from tansiq.httpkit.signed import NONCE_BYTES, sign_request
from tansiq.ports.store import Cell, Change
from tansiq.record.canonical import to_base64, write
from tansiq.record.keys import SecretKey
from tansiq.service.pairing import PEERS
from tests.laws.record_history import party
from tests.unit.service_pair import Pair, secret

PATH = "/peer/1/parcel"


class Told:
    """Takes what a server tells of itself, and wakes who waits for it."""

    def __init__(self) -> None:
        self.rows: list[dict[str, str | int | None]] = []
        self._loop = asyncio.get_running_loop()
        self._more = asyncio.Event()

    def __call__(self, event: str, **facts: str | int | None) -> None:
        self.rows.append({"event": event, **facts})
        self._loop.call_soon_threadsafe(self._more.set)

    async def until(self, enough: Callable[[dict[str, str | int | None]], object]) -> dict[str, str | int | None]:
        """The first row that is enough, as soon as it is told."""
        async with asyncio.timeout(20):
            while True:
                self._more.clear()
                for row in self.rows:
                    if enough(row):
                        return row
                await self._more.wait()

    async def until_true(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """It holds; it is looked for again whenever something is told."""
        async with asyncio.timeout(20):
            while True:
                self._more.clear()
                if await holds():
                    return
                await self._more.wait()

    async def port(self) -> int:
        """Where the server listens."""
        return int((await self.until(lambda row: row["event"] == "listening"))["port"] or 0)


def befriend(pair: Pair, name: str, other: str, address: str | None = None, key: SecretKey | None = None) -> None:
    """The other is a peer of the name's node."""
    transport = (key or secret(other, "transport")).public.encoded
    value = write({"address": address, "name": other, "transport": to_base64(transport), "v": 1})
    pair.nodes[name].store.commit((Change(cells=(Cell(PEERS, party(other), value),)),))


@asynccontextmanager
async def served(pair: Pair, name: str, folder: Path, *, plain: bool = False) -> AsyncIterator[tuple[Server, Told]]:
    """The name's node is served."""
    told = Told()
    (folder / name).mkdir(exist_ok=True)
    server = Server(pair.nodes[name], folder / name, told, plain=plain)
    running = asyncio.create_task(server.run("127.0.0.1", 0))
    try:
        yield server, told
    finally:
        server.stop()
        await running


def request(
    port: int,
    body: bytes = b"",
    *,
    by: str = "teal",
    key: SecretKey | None = None,
    query: str = "",
    method: str = "POST",
    path: str = PATH,
    nonce: bytes | None = None,
    number: list[int] = [0],  # noqa: B006 - one count for all calls, so that no nonce comes twice
    **headers: str,
) -> tuple[int, str | bytes]:
    """The status of the answer, and its code or the parcel."""
    number[0] += 1
    fresh = number[0].to_bytes(NONCE_BYTES) if nonce is None else nonce
    signer = key or secret(by, "transport")
    to = party("amber")
    signed = sign_request(signer, method, path + query, body, own=party(by), to=to, time_us=0, nonce=fresh)
    others = {name.replace("_", "-"): one for name, one in headers.items()}
    line = http.client.HTTPConnection("amber.example")
    line.sock = dial(("127.0.0.1", port), client_context(), timeout_s=20)
    try:
        prove(line.sock, secret("amber", "transport").public)
        line.request(method, path + query, body, signed | others)
        answer = line.getresponse()
        content = answer.read()
    finally:
        line.close()
    problem = answer.getheader("content-type") == "application/problem+json"
    return answer.status, json.loads(content)["code"] if problem else content
