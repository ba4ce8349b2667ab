"""Every request's first and last station: what nobody answers to is refused, whatever fails is a stable code."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tansiq.errors import PeerError, TansiqError
from tansiq.httpkit.lines import Tell, place_of
from tansiq.httpkit.problems import FAULT, fault, problem
from tansiq.httpkit.rates import is_loopback

Handler = Callable[[Request], Awaitable[Response]]
_HOSTS: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_HEADERS: Final = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


@dataclass(frozen=True, slots=True)
class Route:
    """What answers, and whether only to this machine: then the address and the name that was asked for are its own.

    The name too, because a browser here asks where a stranger's page tells it to, under a name of that stranger's.
    """

    answer: Handler
    local: bool = False


class Front:
    """The ASGI application over a table of (method, path)."""

    def __init__(self, routes: Mapping[tuple[str, str], Route], tell: Tell) -> None:
        self._routes = dict(routes)
        self._tell = tell
        self.answered: Counter[str] = Counter()
        """By code; `done` where nothing was refused."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The request is answered, counted and told."""
        assert scope["type"] == "http", scope["type"]
        request = Request(scope, receive)
        begun = time.monotonic()
        code, response = await self._answered(request)
        response.headers.update(_HEADERS)
        self.answered[code] += 1
        known = any(path == scope["path"] for _, path in self._routes)
        self._tell(
            "request",
            path=scope["path"] if known else "another",
            party=getattr(request.state, "party", ""),
            status=response.status_code,
            code=code,
            took_us=int((time.monotonic() - begun) * 1_000_000),
        )
        await response(scope, receive, send)

    async def _answered(self, request: Request) -> tuple[str, Response]:
        try:
            return "done", await self._route(request).answer(request)
        except ClientDisconnect:
            return "left", Response(status_code=FAULT)
        except TansiqError as error:
            return error.code, problem(error)
        except Exception as error:  # noqa: BLE001 - the last resort: nobody outside sees a traceback
            self._tell("fault", what=place_of(error))
            return "not_served", problem(fault())

    def _route(self, request: Request) -> Route:
        """Raises PeerError: not_found, also for what is there for others."""
        route = self._routes.get((request.method, request.scope["path"]))
        if route is None or (route.local and not _is_local(request)):
            raise PeerError("not_found", "request", "another method and path", "one that is answered")
        return route


def _is_local(request: Request) -> bool:
    if request.client is None or not is_loopback(request.client.host):
        return False
    host = request.headers.get("host", "")
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name.lower() in _HOSTS
