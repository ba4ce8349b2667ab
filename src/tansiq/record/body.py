"""The body of an entry: fields beside it, each proved by its own salted digest, each to be left out or deleted.

Without its salt a digest of a value that has few possibilities would give the value away: who knows that a height is
one of 600 tries them all. The salt has 128 bits, is drawn anew for each field, and goes where the value goes.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS
from tansiq.record.canonical import WRAPPED_DEPTH_MAX, Value, parse, to_base64, write
from tansiq.record.reading import Fields

SALT_BYTES: Final = 16
_FRAME: Final = b"tansiq-field-v1\n"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body, with the salt that its digest needs."""

    salt: bytes
    name: str
    value: Value

    def __post_init__(self) -> None:
        if len(self.salt) != SALT_BYTES:
            raise PartyError("bad_value", "salt", f"{len(self.salt)} bytes", f"{SALT_BYTES} bytes")

    def digest(self) -> bytes:
        """SHA-256 over the frame and the canonical JSON of [salt, name, value]. Raises PartyError as `write` does."""
        spelling = write([to_base64(self.salt), self.name, self.value], size_max=LIMITS.field_bytes)
        return hashlib.sha256(_FRAME + spelling).digest()


@dataclass(frozen=True, slots=True)
class BodyCheck:
    """Which fields the entry proves, which digests nothing was given for, and what the entry does not know."""

    proved: tuple[Field, ...]
    left_out: tuple[bytes, ...]
    contradicting: tuple[Field, ...]
    """Fields that no digest of the entry is of, and those whose name a proved field bears already."""

    @property
    def whole(self) -> bool:
        """Whether every digest was checked: only then a receipt may say so."""
        return not self.left_out and not self.contradicting


def digests(fields: Iterable[Field]) -> tuple[bytes, ...]:
    """The list for the entry's header, in rising order. Raises PartyError: bad_value, limit_exceeded."""
    named = list(fields)
    if len(named) > LIMITS.fields_per_body:
        raise PartyError("limit_exceeded", "body", f"{len(named)} fields", f"at most {LIMITS.fields_per_body}")
    if len({one.name for one in named}) != len(named) or len({one.salt for one in named}) != len(named):
        raise PartyError("bad_value", "body", "a name or a salt twice", "each name once, and a salt of its own")
    return tuple(sorted(one.digest() for one in named))


def check_body(body: Sequence[bytes], fields: Iterable[Field]) -> BodyCheck:
    """What the digests of an entry say of these fields.

    Two proved fields of one name leave open which is meant, so the second is told as contradicting; a field given twice
    counts once.
    """
    left = set(body)
    proved: dict[str, Field] = {}
    contradicting = []
    for found, one in {one.digest(): one for one in fields}.items():
        if found in left and one.name not in proved:
            left.discard(found)
            proved[one.name] = one
        else:
            contradicting.append(one)
    return BodyCheck(tuple(proved.values()), tuple(sorted(left)), tuple(contradicting))


def encode_body(fields: Iterable[Field]) -> bytes:
    """The fields as canonical JSON, in the order of their digests: how a body lies beside its entry."""
    ordered = sorted(fields, key=Field.digest)
    listed: list[Value] = [{"name": one.name, "salt": to_base64(one.salt), "value": one.value} for one in ordered]
    return write({"fields": listed, "v": 1}, size_max=LIMITS.field_bytes, depth_max=WRAPPED_DEPTH_MAX)


def parse_body(spelling: bytes) -> tuple[Field, ...]:
    """The fields of a body that lay beside an entry; `check_body` says what they are worth. Raises PeerError."""
    top = Fields(parse(spelling, size_max=LIMITS.field_bytes, depth_max=WRAPPED_DEPTH_MAX))
    top.integer("v", low=1, high=1)
    found = []
    for at, item in top.items("fields", most=LIMITS.fields_per_body):
        part = Fields(item, at)
        found.append(Field(part.digest("salt", SALT_BYTES), part.text("name"), part.take("value")))
        part.end()
    top.end()
    if [one.digest() for one in found] != sorted({one.digest() for one in found}):
        raise PeerError("not_canonical", "fields", "fields out of order or twice", "in rising order of their digests")
    return tuple(found)
