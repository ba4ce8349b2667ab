"""A request that says whose it is: headers with a signature over all that the request asks, its body's digest included.

The signature can be checked before a byte of the body is read, so a stranger makes no node read megabytes.
"""

import base64
import binascii
import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers

from tansiq.errors import PeerError
from tansiq.limits import LIMITS
from tansiq.record.canonical import INTEGER_MAX, to_base64, write
from tansiq.record.keys import LONGEST_BYTES, PublicKey, Purpose, SecretKey

PARTY: Final = "Tansiq-Party"
TIME: Final = "Tansiq-Time"
NONCE: Final = "Tansiq-Nonce"
SIGNATURE: Final = "Tansiq-Signature"
DIGEST: Final = "Content-Digest"
"""As in RFC 9530: `sha-256=:...:`."""
NONCE_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request's headers say of it; nothing is checked yet but their form."""

    party: bytes
    time_us: int
    nonce: bytes
    digest: bytes
    signature: bytes

    def message(self, method: str, target: str, to: bytes) -> bytes:
        """What the signature is over."""
        return write([method, target, to.hex(), self.time_us, self.nonce.hex(), to_base64(self.digest)])


def sign_request(
    key: SecretKey, method: str, target: str, body: bytes, *, own: bytes, to: bytes, time_us: int, nonce: bytes
) -> dict[str, str]:
    """The headers that make the request this party's. The nonce must be random and new."""
    digest = hashlib.sha256(body).digest()
    message = Claim(own, time_us, nonce, digest, b"").message(method, target, to)
    return {
        PARTY: own.hex(),
        TIME: str(time_us),
        NONCE: nonce.hex(),
        DIGEST: f"sha-256=:{to_base64(digest)}:",
        SIGNATURE: to_base64(key.sign(Purpose.REQUEST, message).encoded),
    }


def read_claim(headers: Headers) -> Claim:
    """What the headers say, each there once and in its form. Raises PeerError: missing_field, bad_value."""
    time_text = _one(headers, TIME)
    if not re.fullmatch(r"-?[0-9]{1,16}", time_text, re.ASCII) or abs(int(time_text)) > INTEGER_MAX:
        raise _bad(TIME, "microseconds since 1970")
    digest = re.fullmatch(r"sha-256=:([A-Za-z0-9+/]{43}=):", _one(headers, DIGEST))
    if digest is None:
        raise _bad(DIGEST, "sha-256=:BASE64:")
    return Claim(
        party=_hexadecimal(headers, PARTY, 32),
        time_us=int(time_text),
        nonce=_hexadecimal(headers, NONCE, NONCE_BYTES),
        digest=base64.b64decode(digest[1]),
        signature=_signature(headers),
    )


class Doorkeeper:
    """Checks whose a request is, and that it comes for the first time."""

    def __init__(self, own: bytes, nobody: PublicKey) -> None:
        """`nobody` is a key that nobody has: a stranger's request costs as much as a peer's, and says no more."""
        self._own = own
        self._nobody = nobody
        self._nonces: dict[bytes, OrderedDict[bytes, None]] = {}

    def check(self, claim: Claim, method: str, target: str, known: Mapping[bytes, PublicKey]) -> None:
        """The request is the party's that it names, which is known, and is here for the first time.

        Its time is not looked at. Raises PeerError: bad_signature, for a stranger as for a forger; repeated_request.
        """
        key = known.get(claim.party, self._nobody)
        signed = key.verify(Purpose.REQUEST, claim.message(method, target, self._own), claim.signature)
        if not signed or claim.party not in known:
            raise PeerError("bad_signature", SIGNATURE, "a request that is not", "one signed by a peer's transport key")
        nonces = self._nonces.setdefault(claim.party, OrderedDict())
        if claim.nonce in nonces:
            raise PeerError("repeated_request", NONCE, "one that was here", "a new one for every request")
        nonces[claim.nonce] = None
        while len(nonces) > LIMITS.nonces_per_party:
            nonces.popitem(last=False)


def check_body(claim: Claim, body: bytes) -> None:
    """The body is the one that was signed. Raises PeerError: bad_value."""
    if hashlib.sha256(body).digest() != claim.digest:
        raise PeerError("bad_value", DIGEST, "that of another body", "the SHA-256 of the body")


def _one(headers: Headers, name: str) -> str:
    found = headers.getlist(name)
    if not found:
        raise PeerError("missing_field", name, "nothing", "this header")
    if len(found) > 1:
        raise _bad(name, "this header once")
    return found[0]


def _hexadecimal(headers: Headers, name: str, length: int) -> bytes:
    text = _one(headers, name)
    if not re.fullmatch(f"[0-9a-f]{{{2 * length}}}", text):
        raise _bad(name, f"{2 * length} lower-case hexadecimal digits")
    return bytes.fromhex(text)


def _signature(headers: Headers) -> bytes:
    try:
        found = base64.b64decode(_one(headers, SIGNATURE), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad(SIGNATURE, "base64") from error
    if not 0 < len(found) <= LONGEST_BYTES:
        raise _bad(SIGNATURE, f"at most {LONGEST_BYTES} bytes")
    return found


def _bad(name: str, want: str) -> PeerError:
    return PeerError("bad_value", name, "another text", want)
