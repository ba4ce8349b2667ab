"""A secret key at rest: canonical JSON, sealed under a passphrase. Salt and nonce are drawn by the caller.

Rules for the next editor:

1. What the file asks for is bounded before any work is done: a file from a stranger takes no gigabytes.
2. The whole header is bound to the sealed part, so that nothing in it can be changed unnoticed.
3. A wrong passphrase and a changed file look alike, and say no more than that.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS
from tansiq.record.canonical import Value, parse, to_base64, write
from tansiq.record.keys import ALGORITHMS, LONGEST_BYTES, X25519, EncryptionKey, SecretKey
from tansiq.record.reading import Fields

FORMAT: Final = "tansiq-key/1"
SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
SEED_BYTES: Final = 32
_LEAST_MEMORY_KIB: Final = 8_192


@dataclass(frozen=True, slots=True)
class Hardness:
    """What each guess of the passphrase costs. The default is the second choice of RFC 9106, 4: 64 MiB, 3 passes."""

    memory_kib: int = 65_536
    passes: int = 3
    lanes: int = 4


def seal(
    key: SecretKey | EncryptionKey,
    use: str,
    passphrase: str,
    *,
    salt: bytes,
    nonce: bytes,
    hardness: Hardness = Hardness(),
) -> bytes:
    """The key file. Salt and nonce must be random and new.

    Raises PartyError: bad_value, out_of_range, limit_exceeded.
    """
    if not passphrase or len(salt) != SALT_BYTES or len(nonce) != NONCE_BYTES:
        want = f"a passphrase, a salt of {SALT_BYTES} bytes and a nonce of {NONCE_BYTES}"
        raise PartyError("bad_value", "passphrase", f"{len(salt)} and {len(nonce)} bytes, or no passphrase", want)
    if isinstance(key, EncryptionKey) != (use == "encryption"):
        raise PartyError("bad_key", "use", use, "encryption for an X25519 key, another use for one that signs")
    header: dict[str, Value] = {
        "format": FORMAT,
        "kdf": {
            "lanes": hardness.lanes,
            "memory_kib": hardness.memory_kib,
            "name": "argon2id",
            "passes": hardness.passes,
            "salt": to_base64(salt),
        },
        "nonce": to_base64(nonce),
        "public": to_base64(key.public.encoded),
        "use": use,
    }
    bound = write(header)
    try:
        _hardness(Fields(header["kdf"], "kdf"))
    except PeerError as error:
        raise PartyError(error.code, error.field, error.got, error.want) from error
    secret = _stretched(passphrase, salt, hardness)
    sealed = ChaCha20Poly1305(secret).encrypt(nonce, key.seed, bound)
    return write(header | {"sealed": to_base64(sealed)}, size_max=LIMITS.key_file_bytes)


def open_key(spelling: bytes, passphrase: str) -> tuple[SecretKey | EncryptionKey, str]:
    """The key of the file, and its use.

    Raises PartyError: key_not_opened; bad_json, not_canonical, missing_field, unknown_field, bad_value, out_of_range,
    limit_exceeded, unknown_format, bad_key where it is no key file of this version.
    """
    try:
        value = parse(spelling, size_max=LIMITS.key_file_bytes)
        fields = Fields(value)
        if fields.text("format") != FORMAT:
            raise PeerError("unknown_format", "format", "another format", FORMAT)  # noqa: TRY301 - translated below, with the others
        salt, hardness = _hardness(Fields(fields.take("kdf"), "kdf"))
        nonce = fields.digest("nonce", NONCE_BYTES)
        public = fields.base64("public", longest=LONGEST_BYTES)
        sealed = fields.base64("sealed", longest=LONGEST_BYTES)
        use = fields.text("use")
        fields.end()
    except PeerError as error:
        raise PartyError(error.code, error.field, error.got, error.want) from error
    seals = use == "encryption"
    if not public or (public[0] != X25519 if seals else public[0] not in ALGORITHMS):
        raise PartyError("bad_key", "public", f"{len(public)} bytes", "a key of a type that is known for this use")
    bound = write({name: value[name] for name in value if name != "sealed"})
    try:
        seed = ChaCha20Poly1305(_stretched(passphrase, salt, hardness)).decrypt(nonce, sealed, bound)
    except InvalidTag as error:
        raise _not_opened() from error
    if len(seed) != SEED_BYTES:
        raise _not_opened()
    key = EncryptionKey(seed) if seals else SecretKey(public[0], seed)
    if key.public.encoded != public:
        raise _not_opened()
    return key, use


def _hardness(fields: Fields) -> tuple[bytes, Hardness]:
    """Salt and parameters, within bounds. Raises PeerError."""
    fields.one_of("name", ("argon2id",))
    lanes = fields.integer("lanes", low=1, high=LIMITS.passphrase_lanes)
    memory_kib = fields.integer("memory_kib", low=_LEAST_MEMORY_KIB, high=LIMITS.passphrase_memory_kib)
    passes = fields.integer("passes", low=1, high=LIMITS.passphrase_passes)
    salt = fields.digest("salt", SALT_BYTES)
    fields.end()
    return salt, Hardness(memory_kib, passes, lanes)


def _stretched(passphrase: str, salt: bytes, hardness: Hardness) -> bytes:
    maker = Argon2id(
        salt=salt,
        length=32,
        iterations=hardness.passes,
        lanes=hardness.lanes,
        memory_cost=hardness.memory_kib,
    )
    try:
        return maker.derive(passphrase.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise PartyError("bad_value", "passphrase", "half of a surrogate pair", "text of whole characters") from error


def _not_opened() -> PartyError:
    return PartyError("key_not_opened", "passphrase", "one that does not open this file", "the file's own")
