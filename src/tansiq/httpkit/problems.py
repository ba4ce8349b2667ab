"""Our errors as answers: problem+json of RFC 9457 with a stable code, and nothing of the program's inside."""

from typing import Final

import msgspec
from starlette.responses import Response

from tansiq.errors import CODES, PeerError, StoreError, TansiqError

MEDIA_TYPE: Final = "application/problem+json"
BAD_REQUEST: Final = 400
FAULT: Final = 500
STATUS: Final = {
    "bad_signature": 401,
    "not_found": 404,
    "too_slow": 408,
    "repeated_request": 409,
    "limit_exceeded": 413,
    "too_many": 429,
    "not_served": FAULT,
    "busy": 503,
}
"""The status of a code; any other one is a bad request."""


def problem(error: TansiqError) -> Response:
    """The answer that refuses the request. What went wrong with this node's own store is nobody else's business."""
    told = fault() if isinstance(error, StoreError) else error
    status = STATUS.get(told.code, BAD_REQUEST)
    parts = {"title": CODES[told.code], "status": status, "code": told.code}
    parts |= {"field": told.field, "got": told.got, "want": told.want}
    return Response(msgspec.json.encode(parts), status, media_type=MEDIA_TYPE)


def fault() -> PeerError:
    """What is said of a fault of our own."""
    return PeerError("not_served", "request", "a fault of this node", "an answer; another try may get one")
