"""The one request that a peer can make: it gives a parcel and gets one. What it gives is durable before the answer.

Rules for the next editor:

1. In this order: the headers' form; whose request it is, by its signature over the body's digest; whether that party
   may ask more; the body; the parcel. A stranger gets one and the same refusal, and makes nobody read a body.
2. A wrong clock is remarked upon, and refuses nothing.
3. An answer shows what is committed, to the party that signed the request and to nobody else.
"""

import asyncio
import time
from collections import Counter
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from tansiq.app.bell import Bell
from tansiq.app.links import Links
from tansiq.app.writer import Writer
from tansiq.errors import PeerError
from tansiq.httpkit.bodies import read_body
from tansiq.httpkit.lines import Tell
from tansiq.httpkit.rates import Rates
from tansiq.httpkit.signed import TIME, Doorkeeper, check_body, read_claim
from tansiq.limits import LIMITS
from tansiq.ports.clock import Clock
from tansiq.service.delivery import parcel_for, take_parcel

PATH: Final = "/peer/1/parcel"
MEDIA_TYPE: Final = "application/json"
NO_CONTENT: Final = 204
WHOLE: Final = "parcel"
"""Where a refusal stands that is of all of a parcel."""
_BYTES_PER_CHANGE: Final = 100
"""Nothing in a parcel that changes anything is shorter."""


class PeerDoor:
    """Answers `POST /peer/1/parcel`."""

    def __init__(
        self, writer: Writer, links: Links, bell: Bell, *, doorkeeper: Doorkeeper, clock: Clock, tell: Tell
    ) -> None:
        self._writer = writer
        self._links = links
        self._bell = bell
        self._doorkeeper = doorkeeper
        self._clock = clock
        self._tell = tell
        self._rates = Rates(clock.elapsed_us, per_s=LIMITS.requests_per_s, burst=LIMITS.requests_burst)
        self._at_once: Counter[bytes] = Counter()
        self.stopping = False

    async def answer(self, request: Request) -> Response:
        """The peer's parcel is taken; the answer is one for it, or that there is none.

        Raises PeerError: missing_field, bad_value, out_of_range, bad_signature, repeated_request, too_many,
        limit_exceeded, too_slow, and as `take_parcel`. PartyError: busy.
        """
        claim = read_claim(request.headers)
        query = request.scope["query_string"].decode("latin-1")
        target = f"{PATH}?{query}" if query else PATH
        self._doorkeeper.check(claim, request.method, target, self._links.known())
        party = claim.party
        request.state.party = party.hex()
        wait_s = _wait_s(query)
        if self._at_once[party] >= LIMITS.requests_at_once or not self._rates.take(party):
            want = f"{LIMITS.requests_at_once} at once, {LIMITS.requests_per_s} a second"
            raise PeerError("too_many", "request", "more than that", want)
        self._at_once[party] += 1
        try:
            body = await read_body(request, LIMITS.parcel_bytes)
            check_body(claim, body)
            self._links.heard(party, claim.time_us)
            if body:
                await taken(self._writer, party, body, self._tell)
            parcel = await self._parcel(request, party, wait_s, anew=not body)
        finally:
            self._at_once[party] -= 1
        headers = {TIME: str(self._clock.now_us())}
        if parcel is None:
            return Response(status_code=NO_CONTENT, headers=headers)
        return Response(parcel, media_type=MEDIA_TYPE, headers=headers)

    async def _parcel(self, request: Request, party: bytes, wait_s: int, *, anew: bool) -> bytes | None:
        """What is news to the peer, as soon as there is something; None after this time, or if it left.

        In the end, `anew`, all is told once more that the peer is not known to have: an answer may have been lost.
        """
        end = time.monotonic() + wait_s
        gone = asyncio.ensure_future(request.receive())  # The body was read: what comes now is that the peer left.
        try:
            with self._bell.hear() as hearing:
                while not self.stopping:
                    left_s = end - time.monotonic()
                    news = left_s > 0 or not anew
                    look = partial(parcel_for, peer=party, bytes_max=LIMITS.parcel_bytes, news=news)
                    parcel = await asyncio.wrap_future(self._writer.look(look))
                    self._links.owes(party, something=parcel is not None, all_told=not news)
                    if parcel is not None or left_s <= 0:
                        return parcel
                    ring = asyncio.ensure_future(hearing.rung(left_s))
                    try:
                        await asyncio.wait({ring, gone}, return_when=asyncio.FIRST_COMPLETED)
                    finally:
                        ring.cancel()
                    if gone.done():
                        break
            return None
        finally:
            gone.cancel()


async def taken(writer: Writer, party: bytes, spelling: bytes, tell: Tell) -> None:
    """What is new in the peer's parcel is durable. One that is none at all is in the security log, and is refused.

    Raises PeerError, with the code of what is wrong with all of it. PartyError: busy.
    """
    take = partial(take_parcel, peer=party, spelling=spelling)
    delivered = await asyncio.wrap_future(writer.ask(take, changes=1 + len(spelling) // _BYTES_PER_CHANGE))
    new, refused = len(delivered.entries), len(delivered.refused)
    if new or refused or delivered.opened:
        tell("taken", party=party.hex(), entries=new, channels=len(delivered.opened), refused=refused)
    for one in delivered.refused:
        if one.at == WHOLE:
            raise one.error


def _wait_s(query: str) -> int:
    """How long the answer may be held. Raises PeerError: bad_value, out_of_range."""
    name, _, text = query.partition("=")
    if not query:
        return 0
    if name != "wait" or not text.isascii() or not text.isdigit() or len(text) > 9:
        raise PeerError("bad_value", "query", "another one", "wait=SECONDS, or none")
    if int(text) > LIMITS.wait_s:
        raise PeerError("out_of_range", "wait", text, f"at most {LIMITS.wait_s}")
    return int(text)
