"""An entry: what one party says once, as bytes that are signed, kept as received and never written anew.

Rules for the next editor:

1. The signed bytes are the entry. What is read out of them is for looking at; nothing is ever re-serialised.
2. The signatures lie beside. The header names the keys that sign, so that none can be left out or put in its place.
3. A later version adds fields and takes none away, so that this program can hold and pass on what it does not
   understand.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS
from tansiq.record.canonical import INTEGER_MAX, Value, parse, to_base64, write
from tansiq.record.control import TYPES, Control, control
from tansiq.record.keys import LONGEST_BYTES, PublicKey, Purpose, SecretKey, Signature, signature
from tansiq.record.reading import Fields, exact_bytes, strictly_rising

VERSION: Final = 1
NO_RESTORE: Final = bytes(16)
"""The incarnation of a chain before its first RESTORE."""
HOLDERS_MAX: Final = 2

_TYPE = re.compile(r"[A-Z][A-Z0-9-]{0,31}")


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive entries of one incarnation, each the predecessor of the next, up to the one with this digest."""

    incarnation: bytes
    first: int
    last: int
    digest: bytes

    def as_value(self) -> dict[str, Value]:
        """The run as it stands in a header."""
        digest, incarnation = to_base64(self.digest), to_base64(self.incarnation)
        return {"digest": digest, "first": self.first, "incarnation": incarnation, "last": self.last}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the signer holds of one other member: its chain without a gap up to here, and runs beyond gaps."""

    party: bytes
    incarnation: bytes
    seq: int
    digest: bytes
    beyond: tuple[Run, ...] = ()

    def as_value(self) -> dict[str, Value]:
        """The part of `seen` as it stands in a header."""
        return {
            "beyond": [run.as_value() for run in self.beyond],
            "digest": to_base64(self.digest),
            "incarnation": to_base64(self.incarnation),
            "party": to_base64(self.party),
            "seq": self.seq,
        }


@dataclass(frozen=True, slots=True)
class Thread:
    """The entry's place in a thread: its sender's how-manieth there, and the sender's one before (zeros if first)."""

    id: bytes
    seq: int
    prev: bytes = bytes(32)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a party's chain. Different signed bytes at one position convict."""

    party: bytes
    incarnation: bytes
    seq: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What the signed bytes say. `signed` are those bytes; `digest` is their leaf hash, and the chain's digest here."""

    type: str
    channel: bytes
    party: bytes
    office: str
    incarnation: bytes
    seq: int
    prev: bytes
    issued_at_us: int
    keys: tuple[bytes, ...]
    """The fingerprints of one key, or of the keys of two holders, that sign this entry."""
    seen: tuple[Seen, ...] = ()
    refs: tuple[bytes, ...] = ()
    """Leaf hashes of entries of this channel."""
    body: tuple[bytes, ...] = ()
    """The digests of the body's fields, in rising order."""
    thread: Thread | None = None
    control: Control | None = None
    version: int = VERSION
    signed: bytes = b""
    digest: bytes = b""

    @property
    def position(self) -> Position:
        """The place in its party's chain."""
        return Position(self.party, self.incarnation, self.seq)

    @property
    def understood(self) -> bool:
        """Whether this program knows the version and type; if not, the entry is held, not understood."""
        return self.version == VERSION and self.type in TYPES


@dataclass(frozen=True, slots=True)
class Envelope:
    """Signed bytes as they were received, and the signatures beside them."""

    signed: bytes
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        """The envelope as canonical JSON, for the line and for files."""
        beside = [one.as_value() for one in self.signatures]
        wanted = {"signatures": beside, "signed": to_base64(self.signed), "v": VERSION}
        return write(wanted, size_max=ENVELOPE_BYTES)


ENVELOPE_BYTES: Final = LIMITS.entry_bytes * 4 // 3 + LIMITS.members_per_channel * 2 * LONGEST_BYTES * 4


def envelope(spelling: bytes) -> Envelope:
    """The envelope of these bytes; its entry and signatures are not checked yet. Raises PeerError."""
    fields = Fields(parse(spelling, size_max=ENVELOPE_BYTES))
    fields.integer("v", low=1, high=VERSION)
    listed = fields.items("signatures", most=HOLDERS_MAX, least=1)
    signed = fields.base64("signed", longest=LIMITS.entry_bytes)
    fields.end()
    return Envelope(signed, tuple(signature(item, at) for at, item in listed))


def leaf_hash(signed: bytes) -> bytes:
    """The hash of the entry as a leaf of a log (RFC 6962, 2.1), which is also its digest in its chain."""
    return hashlib.sha256(b"\x00" + signed).digest()


def make(header: Entry) -> Entry:
    """The entry with its signed bytes, ready to be signed; what `parse_entry` would refuse is refused here.

    Raises PartyError, with the codes of `parse_entry`.
    """
    value: dict[str, Value] = {
        "body": [to_base64(one) for one in header.body],
        "channel": to_base64(header.channel),
        "incarnation": to_base64(header.incarnation),
        "issued_at": header.issued_at_us,
        "keys": [to_base64(one) for one in header.keys],
        "office": header.office,
        "party": to_base64(header.party),
        "prev": to_base64(header.prev),
        "refs": [to_base64(one) for one in header.refs],
        "seen": [one.as_value() for one in header.seen],
        "seq": header.seq,
        "type": header.type,
        "v": header.version,
    }
    if header.thread is not None:
        value |= {
            "thread": to_base64(header.thread.id),
            "thread_prev": to_base64(header.thread.prev),
            "thread_seq": header.thread.seq,
        }
    if header.control is not None:
        value["control"] = header.control.as_value()
    try:
        return parse_entry(write(value))
    except PeerError as error:
        raise PartyError(error.code, error.field, error.got, error.want) from error


def parse_entry(signed: bytes) -> Entry:
    """What the signed bytes say.

    Raises PeerError: bad_json, duplicate_key, not_canonical, missing_field, unknown_field, bad_value, out_of_range,
    limit_exceeded, bad_key.
    """
    fields = Fields(parse(signed))
    version = fields.integer("v", low=1)
    type_ = fields.text("type")
    if not _TYPE.fullmatch(type_):
        raise PeerError("bad_value", "type", repr(type_[:60]), "up to 32 of A-Z, 0-9 and -, a letter first")
    entry = Entry(
        type=type_,
        channel=fields.digest("channel", 16),
        party=fields.digest("party"),
        office=fields.text("office", empty=True),
        incarnation=fields.digest("incarnation", 16),
        seq=fields.integer("seq", low=1),
        prev=fields.digest("prev"),
        issued_at_us=fields.integer("issued_at", low=-INTEGER_MAX),
        keys=_digests(fields, "keys", most=HOLDERS_MAX, least=1, rising=True),
        seen=all_seen(fields),
        refs=_digests(fields, "refs", most=LIMITS.refs_per_entry),
        body=_digests(fields, "body", most=LIMITS.fields_per_body, rising=True),
        thread=_thread(fields),
        control=_control(fields, type_, version),
        version=version,
        signed=signed,
        digest=leaf_hash(signed),
    )
    if version == VERSION:
        fields.end()
        _check_type(entry)
    return entry


def sign(entry: Entry, *signers: SecretKey) -> Envelope:
    """The envelope with the signatures of exactly the keys that the entry names; the party's root signs as root.

    Raises PartyError: not_entitled.
    """
    named = {one.public.fingerprint: one for one in signers}
    made = {key: one.sign(purpose_of(entry, key), entry.signed) for key, one in named.items()}
    if tuple(sorted(made)) != entry.keys or len(signers) != len(entry.keys):
        raise PartyError("not_entitled", "keys", f"{len(made)} other keys", "exactly the keys that the entry names")
    return Envelope(entry.signed, tuple(made[key] for key in entry.keys))


def purpose_of(entry: Entry, key: bytes) -> Purpose:
    """As what a key signs this entry: the party's own root as root, every other key as entry key."""
    return Purpose.ROOT if key == entry.party else Purpose.ENTRY


def check_signatures(entry: Entry, signatures: tuple[Signature, ...], keys: dict[bytes, PublicKey]) -> None:
    """The signatures are those of the keys that the entry names, in that order, and no more.

    Raises PeerError: not_entitled where a key is not among `keys`; bad_signature.
    """
    if tuple(one.key for one in signatures) != entry.keys:
        raise PeerError(
            "bad_signature", "signatures", f"{len(signatures)} signatures", "those of `keys`, in that order"
        )
    for number, one in enumerate(signatures):
        key = keys.get(one.key)
        if key is None:
            raise PeerError("not_entitled", f"keys[{number}]", one.key.hex(), "a key that may sign this here")
        if not key.verify(purpose_of(entry, one.key), entry.signed, one.encoded):
            raise PeerError("bad_signature", f"signatures[{number}]", "a signature that does not hold", "its own")


def _digests(fields: Fields, name: str, *, most: int, least: int = 0, rising: bool = False) -> tuple[bytes, ...]:
    found = tuple(exact_bytes(item, at) for at, item in fields.items(name, most=most, least=least))
    if rising:
        strictly_rising(found, fields.place(name))
    elif len(set(found)) != len(found):
        raise PeerError("bad_value", fields.place(name), "a digest twice", "each digest once")
    return found


def all_seen(fields: Fields) -> tuple[Seen, ...]:
    """What `seen` says, one part for each member. Raises PeerError, as `parse_entry`."""
    found = []
    for at, item in fields.items("seen", most=LIMITS.members_per_channel):
        part = Fields(item, at)
        runs = tuple(_run(one, place) for place, one in part.items("beyond", most=LIMITS.runs_in_seen))
        strictly_rising([(run.incarnation, run.first, run.last, run.digest) for run in runs], part.place("beyond"))
        party, incarnation = part.digest("party"), part.digest("incarnation", 16)
        found.append(Seen(party, incarnation, part.integer("seq", low=0), part.digest("digest"), runs))
        part.end()
    strictly_rising([one.party for one in found], "seen")
    return tuple(found)


def _run(value: object, at: str) -> Run:
    part = Fields(value, at)
    first = part.integer("first", low=1)
    run = Run(part.digest("incarnation", 16), first, part.integer("last", low=first), part.digest("digest"))
    part.end()
    return run


def _thread(fields: Fields) -> Thread | None:
    if not any(fields.has(name) for name in ("thread", "thread_seq", "thread_prev")):
        return None
    thread = Thread(fields.digest("thread", 16), fields.integer("thread_seq", low=1), fields.digest("thread_prev"))
    if (thread.seq == 1) != (thread.prev == bytes(32)):
        raise PeerError("bad_value", "thread_prev", thread.prev.hex(), "zeros for the first of a thread, else a digest")
    return thread


def _control(fields: Fields, type_: str, version: int) -> Control | None:
    known = TYPES.get(type_) if version == VERSION else None
    if known is not None and known.control is not None:
        return control(type_, fields.take("control"), "control")
    if not fields.has("control"):
        return None
    return control(type_ if version == VERSION else "", fields.take("control"), "control")


def _check_type(entry: Entry) -> None:
    """What a type of version 1 asks of the other fields. Raises PeerError: bad_value, not_entitled."""
    known = TYPES.get(entry.type)
    if known is not None and known.refs is not None and len(entry.refs) != known.refs:
        raise PeerError("bad_value", "refs", f"{len(entry.refs)} digests", f"{known.refs} in a {entry.type}")
    by_root = entry.keys == (entry.party,)
    if entry.type == "RESTORE" and not by_root:
        raise PeerError("not_entitled", "keys", "a key of an office", "the party's root alone, in a RESTORE")
    if entry.party in entry.keys and (not by_root or entry.type not in {"KEY", "RESTORE"}):
        raise PeerError("not_entitled", "keys", f"the root in a {entry.type}", "the root alone, in a KEY or RESTORE")
    if bool(entry.office) == by_root:
        raise PeerError("bad_value", "office", repr(entry.office), 'the office that signs, "" where the root does')
    if any(one.party == entry.party for one in entry.seen):
        raise PeerError("bad_value", "seen", "the signer itself", "the other members")
