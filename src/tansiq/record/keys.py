"""Keys and signatures behind one small interface, each key for one purpose.

A public key is a type byte and the algorithm's own bytes; a signature is the same type byte and the algorithm's own
bytes. Nothing else here knows how long either is, so a longer algorithm is one more row of `ALGORITHMS`.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tansiq.errors import PartyError, PeerError
from tansiq.record import ed25519
from tansiq.record.canonical import Value, to_base64
from tansiq.record.reading import Fields

ED25519: Final = 0x01
ML_DSA_44: Final = 0x06
"""Taken, as in C2SP signed notes, and not read yet: keys of 1,312 bytes, signatures of 2,420."""
X25519: Final = 0x21
"""For encryption only; never in `ALGORITHMS`, since it signs nothing."""

X25519_BYTES: Final = 32

LONGEST_BYTES: Final = 8_192
"""No key or signature of any algorithm is longer; room for ML-DSA-87."""


class Purpose(Enum):
    """What a signature is for; its value stands before the bytes that are signed, so that none fits another purpose.

    Checkpoints and cosignatures have the frames of C2SP, which no text of ours begins like.
    """

    GENESIS = "tansiq-genesis-v1\n"
    ROOT = "tansiq-root-v1\n"
    ENTRY = "tansiq-entry-v1\n"
    REQUEST = "tansiq-request-v1\n"
    OFFER = "tansiq-offer-v1\n"


@dataclass(frozen=True, slots=True)
class Algorithm:
    """How one algorithm makes and checks signatures; all bytes are without the type byte."""

    name: str
    seed_bytes: int
    is_key: Callable[[bytes], bool]
    verify: Callable[[bytes, bytes, bytes], bool]
    signer: Callable[[bytes], "Signer"]


class Signer(Protocol):
    """A seed made ready to sign with: what follows from it is computed once."""

    @property
    def public(self) -> bytes:
        """The public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The signature over the message."""
        ...


ALGORITHMS: Final[dict[int, Algorithm]] = {
    ED25519: Algorithm("Ed25519", ed25519.SEED_BYTES, ed25519.is_key, ed25519.verify, ed25519.Signer),
}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A checked public key; made by `public_key`."""

    encoded: bytes
    fingerprint: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fingerprint", fingerprint(self.encoded))

    def verify(self, purpose: Purpose, message: bytes, signature: bytes) -> bool:
        """Whether the signature, type byte first, is this key's over the message for this purpose."""
        kind = self.encoded[0]
        if signature[:1] != self.encoded[:1] or kind not in ALGORITHMS:
            return False
        return ALGORITHMS[kind].verify(self.encoded[1:], purpose.value.encode() + message, signature[1:])


@dataclass(frozen=True, slots=True)
class SecretKey:
    """A key that signs. It never shows its seed."""

    kind: int
    seed: bytes = field(repr=False)

    _signer: Signer = field(init=False, repr=False, compare=False)
    public: PublicKey = field(init=False, repr=False, compare=False)
    """The key that others check with."""

    def __post_init__(self) -> None:
        if self.kind not in ALGORITHMS:
            raise PartyError("bad_key", "kind", f"type {self.kind:#04x}", "a type that signs: 0x01, Ed25519")
        if len(self.seed) != ALGORITHMS[self.kind].seed_bytes:
            want = f"{ALGORITHMS[self.kind].seed_bytes} bytes"
            raise PartyError("bad_key", "seed", f"{len(self.seed)} bytes", want)
        signer = ALGORITHMS[self.kind].signer(self.seed)
        object.__setattr__(self, "_signer", signer)
        object.__setattr__(self, "public", PublicKey(bytes([self.kind]) + signer.public))

    def sign(self, purpose: Purpose, message: bytes) -> "Signature":
        """The signature over the message for this purpose."""
        made = self._signer.sign(purpose.value.encode() + message)
        return Signature(self.public.fingerprint, bytes([self.kind]) + made)

    def sign_framed(self, message: bytes) -> bytes:
        """The algorithm's own signature over a message that has a frame of its own, as notes have."""
        return self._signer.sign(message)


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """A key that opens what was sealed to it, and signs nothing. It never shows its seed."""

    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.seed) != X25519_BYTES:
            raise PartyError("bad_key", "seed", f"{len(self.seed)} bytes", f"{X25519_BYTES} bytes")

    @property
    def public(self) -> PublicKey:
        """The key that others seal to."""
        raw = X25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return PublicKey(bytes([X25519]) + raw)


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature, type byte first, and the fingerprint of the key that it is said to be of."""

    key: bytes
    encoded: bytes

    def as_value(self) -> Value:
        """The signature as it stands in JSON."""
        return {"key": to_base64(self.key), "signature": to_base64(self.encoded)}


def signature(value: object, at: str) -> Signature:
    """The signature that stands there, not checked yet. Raises PeerError: bad_value, missing_field, unknown_field."""
    fields = Fields(value, at)
    found = Signature(fields.digest("key"), fields.base64("signature", longest=LONGEST_BYTES))
    fields.end()
    return found


def fingerprint(encoded: bytes) -> bytes:
    """The SHA-256 of a public key with its type byte: how a key is named, always whole."""
    return hashlib.sha256(encoded).digest()


def shown(key_fingerprint: bytes) -> str:
    """All 256 bits of the fingerprint for people, eight groups of eight digits. A part of it names nothing."""
    digits = key_fingerprint.hex()
    return " ".join(digits[k : k + 8] for k in range(0, len(digits), 8))


def public_key(encoded: bytes, at: str = "key") -> PublicKey:
    """The key that checks signatures. Raises PeerError: bad_key."""
    kind = encoded[0] if encoded else 0
    if kind not in ALGORITHMS:
        raise PeerError("bad_key", at, f"type {kind:#04x}", "a type that is known: 0x01, Ed25519")
    if not ALGORITHMS[kind].is_key(encoded[1:]):
        raise PeerError("bad_key", at, f"{len(encoded) - 1} bytes", f"a sound key of {ALGORITHMS[kind].name}")
    return PublicKey(encoded)


_X25519_P: Final = 2**255 - 19
_X25519_SMALL: Final = {
    0,
    1,
    _X25519_P - 1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
}
"""The coordinates of small order, with which every exchange gives zero. Source: RFC 7748, 6.1 and 7."""


def encryption_key(encoded: bytes, at: str = "key") -> PublicKey:
    """The key that bodies can be sealed to; it checks no signature. Raises PeerError: bad_key."""
    number = int.from_bytes(encoded[1:], "little")
    if encoded[:1] != bytes([X25519]) or len(encoded) != 33 or number >= _X25519_P or number in _X25519_SMALL:
        raise PeerError("bad_key", at, f"{len(encoded)} bytes", "0x21 and a sound key of X25519")
    return PublicKey(encoded)
