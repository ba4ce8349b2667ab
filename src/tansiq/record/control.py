"""What an entry says to the record itself: new keys, a restore, the end of a channel, a receipt.

This part stands in the signed header and not in the body, because a body can be deleted, and a chain must be checked
without it. Every other word of a party stands in the body.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from tansiq.errors import PeerError
from tansiq.record.canonical import INTEGER_MAX, Value, to_base64
from tansiq.record.keys import LONGEST_BYTES, PublicKey, encryption_key, public_key
from tansiq.record.reading import Fields

USES: Final = ("encryption", "entry", "log", "transport", "witness")
"""What an office's or a party's key is for. The root is in none of them: it is named by the genesis alone."""


@dataclass(frozen=True, slots=True)
class OfficeKey:
    """A key that a party names for one use. An entry key belongs to an office; others to the whole party: office ""."""

    office: str
    use: str
    key: PublicKey

    def as_value(self) -> dict[str, Value]:
        """The key as it stands in a header."""
        return {"key": to_base64(self.key.encoded), "office": self.office, "use": self.use}


@dataclass(frozen=True, slots=True)
class AddKey:
    """KEY: from this entry on the key is good for its use; the root says so, or an outgoing key that hands over."""

    added: OfficeKey
    retires: bytes | None
    """The fingerprint of the key that ends here in good order, if one does; it may sign this entry itself."""

    def as_value(self) -> dict[str, Value]:
        """The control part as it stands in the header."""
        retires = None if self.retires is None else to_base64(self.retires)
        return {"act": "add", "added": self.added.as_value(), "retires": retires}


@dataclass(frozen=True, slots=True)
class RevokeKey:
    """KEY: what the key signed after the last good position is void, unless a peer had receipted it before this."""

    key: bytes
    incarnation: bytes
    last_good: int

    def as_value(self) -> dict[str, Value]:
        """The control part as it stands in the header."""
        return {
            "act": "revoke",
            "incarnation": to_base64(self.incarnation),
            "key": to_base64(self.key),
            "last_good": self.last_good,
        }


@dataclass(frozen=True, slots=True)
class Restore:
    """RESTORE: the party goes on from its predecessor; of its own entries up to `shown` some may be lost."""

    shown: int
    """The highest own seq that anybody showed it: the gap is what lies above its predecessor up to here."""

    def as_value(self) -> dict[str, Value]:
        """The control part as it stands in the header."""
        return {"shown": self.shown}


@dataclass(frozen=True, slots=True)
class Receipt:
    """RECEIPT: the entry that `refs` names was received, by the signer's clock."""

    received_at_us: int
    body: str
    """`checked` where every digest of the body's fields was, else `absent`."""

    def as_value(self) -> dict[str, Value]:
        """The control part as it stands in the header."""
        return {"body": self.body, "received_at": self.received_at_us}


@dataclass(frozen=True, slots=True)
class Unread:
    """The control part of a type or version that this program does not know: carried, not understood."""

    value: Value

    def as_value(self) -> Value:
        """The control part as it stands in the header."""
        return self.value


Control: TypeAlias = AddKey | RevokeKey | Restore | Receipt | Unread


def office_key(value: object, at: str) -> OfficeKey:
    """The key with its use. Raises PeerError: bad_value, bad_key, missing_field, unknown_field, limit_exceeded."""
    fields = Fields(value, at)
    raw = fields.base64("key", longest=LONGEST_BYTES + 1)
    office = fields.text("office", empty=True)
    use = fields.one_of("use", USES)
    fields.end()
    if bool(office) != (use == "entry"):
        raise PeerError("bad_value", f"{at}.office", repr(office), 'the office of an entry key, else ""')
    return OfficeKey(office, use, (encryption_key if use == "encryption" else public_key)(raw, f"{at}.key"))


def _key(fields: Fields) -> Control:
    if fields.one_of("act", ("add", "revoke")) == "revoke":
        return RevokeKey(fields.digest("key"), fields.digest("incarnation", 16), fields.integer("last_good", low=0))
    added = office_key(fields.take("added"), fields.place("added"))
    return AddKey(added, fields.digest_or_null("retires"))


def _restore(fields: Fields) -> Control:
    return Restore(fields.integer("shown", low=0))


def _receipt(fields: Fields) -> Control:
    return Receipt(fields.integer("received_at", low=-INTEGER_MAX), fields.one_of("body", ("checked", "absent")))


@dataclass(frozen=True, slots=True)
class EntryType:
    """What the record knows of a type of entry."""

    control: Callable[[Fields], Control] | None = None
    refs: int | None = None
    """How many entries it must refer to, where that is fixed."""
    urgent: bool = False
    """Shown at once despite gaps, and under a retired key too."""
    after_close: bool = False
    """Still in its place after the party closed the channel."""


TYPES: Final[dict[str, EntryType]] = {
    "ACKNOWLEDGE": EntryType(refs=1),
    "ADOPT": EntryType(),
    "CEASE": EntryType(urgent=True, after_close=True),
    "CLOSE": EntryType(after_close=True),
    "DECLINE": EntryType(refs=1),
    "DELETED": EntryType(refs=1, after_close=True),
    "DISTRESS": EntryType(urgent=True, after_close=True),
    "KEY": EntryType(_key, after_close=True),
    "NOTICE": EntryType(),
    "READ-BACK": EntryType(refs=1),
    "RECEIPT": EntryType(_receipt, refs=1, after_close=True),
    "RESTORE": EntryType(_restore, after_close=True),
}
"""The types that this version understands. Every other one is held, not understood: kept, receipted and passed on."""


def control(type_: str, value: object, at: str) -> Control:
    """The control part, read by the type's own rules. Raises PeerError, as the fields of the type do."""
    known = TYPES.get(type_)
    if known is None:
        return Unread(value)  # type: ignore[arg-type] # what canonical JSON gave
    if known.control is None:
        raise PeerError("unknown_field", at, f"a control part in a {type_}", "none")
    fields = Fields(value, at)
    read = known.control(fields)
    fields.end()
    return read
