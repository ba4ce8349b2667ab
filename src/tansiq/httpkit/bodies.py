"""A request's body, counted and timed while it is read: the length that it claims is believed only to refuse it."""

import asyncio
import time

from starlette.requests import ClientDisconnect, Request

from tansiq.errors import PeerError
from tansiq.limits import LIMITS


async def read_body(request: Request, size_max: int) -> bytes:
    """All of the body.

    Raises PeerError: limit_exceeded; too_slow where it comes slower than `bytes_per_s`, or is cut off; bad_value where
    its length is no number.
    """
    told = request.headers.get("content-length", "0")
    if not (told.isascii() and told.isdigit()):
        raise PeerError("bad_value", "Content-Length", repr(told[:60]), "a number")
    if int(told[:20]) > size_max:
        raise _too_long(size_max)
    body = bytearray()
    begun = time.monotonic()
    parts = request.stream()
    try:
        while True:
            late_s = begun + LIMITS.request_s + len(body) / LIMITS.bytes_per_s - time.monotonic()
            part = await asyncio.wait_for(anext(parts), max(0.0, late_s))
            body += part
            if len(body) > size_max:
                raise _too_long(size_max)
    except StopAsyncIteration:
        return bytes(body)
    except (TimeoutError, ClientDisconnect) as error:
        want = f"{LIMITS.bytes_per_s} bytes a second, to the end"
        raise PeerError("too_slow", "body", f"{len(body)} bytes", want) from error


def _too_long(size_max: int) -> PeerError:
    return PeerError("limit_exceeded", "body", "a longer one", f"at most {size_max} bytes")
