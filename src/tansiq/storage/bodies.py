"""A body at rest: sealed under a key that seals nothing else, so that whoever destroys the key destroys the body."""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from tansiq.errors import StoreError

KEY_BYTES: Final = 32
_NONCE: Final = bytes(12)
"""Always the same: RFC 8439 asks for a nonce only once per key, and each key seals one body."""


def seal(fields: bytes, key: bytes, channel: bytes, digest: bytes) -> bytes:
    """The body's fields, sealed for this entry alone. The key must be random and new."""
    return ChaCha20Poly1305(key).encrypt(_NONCE, fields, channel + digest)


def unseal(sealed: bytes, key: bytes, channel: bytes, digest: bytes) -> bytes:
    """The fields again. Raises StoreError: store_damaged."""
    try:
        return ChaCha20Poly1305(key).decrypt(_NONCE, sealed, channel + digest)
    except (InvalidTag, ValueError) as error:
        want = "one that its key opens, at this entry"
        raise StoreError("store_damaged", "body", f"one of entry {digest.hex()} that does not open", want) from error
