"""A parcel in a file: sealed to the encryption key of the party that it is for, and bound to who it is from.

Rules for the next editor:

1. Each file has a key of its own, from an exchange with a key that nobody keeps: so the nonce can be zero.
2. The whole header is bound to what is sealed. It says who it is from; that this is true, the parcel's content proves.
3. A file for somebody else and a changed file look alike, and say no more than that.
"""

from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS
from tansiq.ports.randomness import Randomness
from tansiq.record.canonical import Value, parse, to_base64, write
from tansiq.record.keyring import GOOD
from tansiq.record.keys import X25519, X25519_BYTES, EncryptionKey, PublicKey, encryption_key
from tansiq.record.reading import Fields
from tansiq.service.node import Node

FORMAT: Final = "tansiq-carried/1"
_INFO: Final = b"tansiq-carried-v1\n"
_NONCE: Final = bytes(12)


@dataclass(frozen=True, slots=True)
class Carried:
    """A file as it was read, not opened yet."""

    sender: bytes
    """The fingerprint of the root that it says to be from."""
    to: bytes
    """The fingerprint of the root that it is for."""
    key: bytes
    """The fingerprint of the encryption key that it is sealed to."""
    ephemeral: PublicKey
    sealed: bytes

    def header(self) -> bytes:
        """What is bound to the sealed part."""
        return write(self._header())

    def encode(self) -> bytes:
        """The file."""
        return write(self._header() | {"sealed": to_base64(self.sealed)}, size_max=LIMITS.carried_bytes)

    def _header(self) -> dict[str, Value]:
        return {
            "ephemeral": to_base64(self.ephemeral.encoded),
            "format": FORMAT,
            "from": to_base64(self.sender),
            "key": to_base64(self.key),
            "to": to_base64(self.to),
        }


def encryption_key_of(node: Node, party: bytes) -> PublicKey:
    """The key that a party's files are sealed to now, as its channels say. Raises PartyError: not_entitled."""
    for _, channel in sorted(node.channels.items()):
        if party not in channel.state.start.genesis.members or channel.lost:
            continue
        for grant in reversed(tuple(channel.state.keyring(party).values())):
            if (grant.key.use, grant.standing) == ("encryption", GOOD):
                return grant.key.key
    raise PartyError("not_entitled", "PEER", "a party without a good encryption key", "one that is in a channel here")


def seal(parcel: bytes, *, sender: bytes, to: bytes, key: PublicKey, randomness: Randomness) -> bytes:
    """The file in which the parcel travels. Raises PartyError: limit_exceeded."""
    ephemeral = EncryptionKey(randomness.draw(X25519_BYTES))
    carried = Carried(sender, to, key.fingerprint, ephemeral.public, b"")
    secret = _exchanged(ephemeral, key, ephemeral.public, key)
    sealed = ChaCha20Poly1305(secret).encrypt(_NONCE, parcel, carried.header())
    return Carried(sender, to, key.fingerprint, ephemeral.public, sealed).encode()


def read_carried(content: bytes) -> Carried:
    """What the file says outside of its seal.

    Raises PeerError: bad_json, not_canonical, missing_field, unknown_field, bad_value, limit_exceeded, unknown_format,
    bad_key, duplicate_key, out_of_range.
    """
    value: Any = parse(content, size_max=LIMITS.carried_bytes)
    fields = Fields(value)
    if fields.text("format") != FORMAT:
        raise PeerError("unknown_format", "format", "another format", FORMAT)
    found = Carried(
        sender=fields.digest("from"),
        to=fields.digest("to"),
        key=fields.digest("key"),
        ephemeral=encryption_key(fields.base64("ephemeral", longest=1 + X25519_BYTES), "ephemeral"),
        sealed=fields.base64("sealed", longest=LIMITS.carried_bytes),
    )
    fields.end()
    return found


def unseal(carried: Carried, key: EncryptionKey) -> bytes:
    """The parcel. Raises PeerError: not_carried."""
    secret = _exchanged(key, carried.ephemeral, carried.ephemeral, key.public)
    try:
        return ChaCha20Poly1305(secret).decrypt(_NONCE, carried.sealed, carried.header())
    except InvalidTag as error:
        raise not_carried() from error


def not_carried() -> PeerError:
    """The refusal of a file that is for another, or was changed."""
    return PeerError("not_carried", "FILE", "one that does not open here", "one sealed to this node, as it was made")


def _exchanged(own: EncryptionKey, other: PublicKey, ephemeral: PublicKey, receiver: PublicKey) -> bytes:
    """The key that both ends get. Neither of the keys is of small order: `encryption_key` refuses those."""
    assert other.encoded[0] == X25519, other.encoded[0]
    exchange = X25519PrivateKey.from_private_bytes(own.seed)
    shared = exchange.exchange(X25519PublicKey.from_public_bytes(other.encoded[1:]))
    salt = ephemeral.encoded + receiver.encoded
    return HKDF(SHA256(), length=32, salt=salt, info=_INFO).derive(shared)
