"""Ed25519 (RFC 8032) with one answer for every input: what other verifiers leave open is refused here.

Rules for the next editor:

1. A key is the one encoding of a point of the prime-order group other than the neutral element. That shuts out the
   points of small order, for which one signature fits many messages, and those of mixed order, on which verifiers with
   and without the cofactor differ.
2. S lies below the group's order, and R is compared as bytes: no signature has a second spelling.
3. The arithmetic below handles public keys only. It takes as long as it takes; no secret comes near it.
"""

from functools import lru_cache
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KEY_BYTES: Final = 32
SEED_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
ORDER: Final = 2**252 + 27742317777372353535851937790883648493
"""The order of the prime-order group; the whole curve has eight times as many points."""

_Point: TypeAlias = tuple[int, int, int, int]
_NEUTRAL: Final[_Point] = (0, 1, 1, 0)


@lru_cache(maxsize=4096)
def is_key(raw: bytes) -> bool:
    """Whether the bytes are the one encoding of a point of the prime-order group, the neutral one left out."""
    point = _decoded(raw)
    return point is not None and not _is_neutral(point) and _is_neutral(_times(ORDER, point))


def verify(raw_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this is the signature of the key over the message; cofactorless, as RFC 8032 allows and OpenSSL does."""
    if len(signature) != SIGNATURE_BYTES or int.from_bytes(signature[32:], "little") >= ORDER or not is_key(raw_key):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(raw_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


class Signer:
    """A seed made ready: whoever signs often derives the key from it once."""

    __slots__ = ("_key", "public")

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """The signature, which follows from seed and message alone."""
        return self._key.sign(message)


def _decoded(raw: bytes) -> _Point | None:
    """The point, or None where the bytes are no encoding or a second one. Source: RFC 8032, 5.1.3."""
    if len(raw) != KEY_BYTES:
        return None
    number = int.from_bytes(raw, "little")
    odd, y = number >> 255, number & (2**255 - 1)
    if y >= _P:
        return None
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if (v * x * x - u) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (v * x * x - u) % _P or (x == 0 and odd):
        return None
    if x % 2 != odd:
        x = _P - x
    return x, y, 1, x * y % _P


def _sum(a: _Point, b: _Point) -> _Point:
    """Source: RFC 8032, 5.1.4, the formulas for addition in extended coordinates, which hold for every pair."""
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % _P, (a[1] + a[0]) * (b[1] + b[0]) % _P
    g, h = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    i, j, k, m = f - e, h - g, h + g, f + e
    return i * j % _P, k * m % _P, j * k % _P, i * m % _P


def _times(factor: int, point: _Point) -> _Point:
    total = _NEUTRAL
    while factor:
        if factor & 1:
            total = _sum(total, point)
        point = _sum(point, point)
        factor >>= 1
    return total


def _is_neutral(point: _Point) -> bool:
    return point[0] % _P == 0 and (point[1] - point[2]) % _P == 0
