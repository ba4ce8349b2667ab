"""A parcel: what one node gives another at once, over the line or as a file; docs/spec/parcel.md.

Rules for the next editor:

1. A parcel is signed by nobody. What matters in it is signed itself; the rest are hints, which may cost bytes and never
   an entry.
2. What is wrong with one item is told of that item, and the others are read all the same.
3. Items are spelled canonically already, so a parcel is put together from bytes, and its size is known beforehand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS
from tansiq.record.canonical import WRAPPED_DEPTH_MAX, Value, parse, to_base64, write
from tansiq.record.entry import ENVELOPE_BYTES, Seen, all_seen
from tansiq.record.genesis import SIGNED_GENESIS_BYTES
from tansiq.record.reading import Fields, exact_bytes

VERSION: Final = 1
FORMAT: Final = "tansiq-parcel/1"
QUESTION_BYTES: Final = 16
_DEPTH_MAX: Final = WRAPPED_DEPTH_MAX + 3
_PROOF_MAX: Final = 128

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Packet:
    """An entry's envelope, and its body where that is given too."""

    envelope: bytes
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Have:
    """What the sender holds of every member of a channel, itself included."""

    channel: bytes
    seen: tuple[Seen, ...]

    def spelled(self) -> bytes:
        """The item."""
        return write({"channel": to_base64(self.channel), "seen": [one.as_value() for one in self.seen]})


@dataclass(frozen=True, slots=True)
class Want:
    """Entries of a channel that the sender wants, or whose bodies it wants."""

    channel: bytes
    digests: tuple[bytes, ...]

    def spelled(self) -> bytes:
        """The item."""
        return write({"channel": to_base64(self.channel), "digests": [to_base64(one) for one in self.digests]})


@dataclass(frozen=True, slots=True)
class OwnHead:
    """A checkpoint of the sender's log, and the proof that it extends the last that the receiver confirmed."""

    checkpoint: bytes
    confirmed: bytes | None
    """That last one with the receiver's line, by what the sender knows: the receiver may have forgotten it."""
    proof: tuple[bytes, ...]

    def spelled(self) -> bytes:
        """The item."""
        confirmed = None if self.confirmed is None else self.confirmed.decode()
        proof: list[Value] = [to_base64(one) for one in self.proof]
        return write({"checkpoint": self.checkpoint.decode(), "confirmed": confirmed, "proof": proof})


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The last checkpoint of the receiver's log that the sender cosigned, and the line with which it did."""

    channel: bytes
    checkpoint: bytes
    line: bytes

    def spelled(self) -> bytes:
        """The item."""
        text, line = self.checkpoint.decode(), self.line.decode()
        return write({"channel": to_base64(self.channel), "checkpoint": text, "line": line})


@dataclass(frozen=True, slots=True)
class Refused:
    """An item that was not taken: where it stood, its bytes, and why."""

    at: str
    spelling: bytes
    error: PeerError | PartyError


@dataclass(frozen=True, slots=True)
class Parcel:
    """What was read out of a parcel; nothing in it is checked yet."""

    sender: bytes
    receiver: bytes
    asks: bytes | None
    """The sender must restore, and asks with this for its own entries."""
    answers: bytes | None
    """The question of the receiver's that this parcel answers."""
    geneses: tuple[tuple[str, bytes], ...]
    """Each with its place, as errors name it; so are the next."""
    packets: tuple[tuple[str, Packet], ...]
    have: tuple[tuple[str, Have], ...]
    wants: tuple[tuple[str, Want], ...]
    heads: tuple[tuple[str, OwnHead], ...]
    cosignatures: tuple[tuple[str, Confirmed], ...]
    refused: tuple[Refused, ...]


class Draft:
    """A parcel that is being put together, and the room that is left in it."""

    def __init__(
        self, sender: bytes, receiver: bytes, *, asks: bytes | None, answers: bytes | None, bytes_max: int
    ) -> None:
        self._frame: dict[str, Value] = {
            "answers": None if answers is None else to_base64(answers),
            "asks": None if asks is None else to_base64(asks),
            "format": FORMAT,
            "from": to_base64(sender),
            "to": to_base64(receiver),
            "v": VERSION,
        }
        self._lists: dict[str, list[bytes]] = {
            name: [] for name in ("cosignatures", "entries", "geneses", "have", "heads", "wants")
        }
        self.room = min(bytes_max, LIMITS.parcel_bytes) - len(self.spelled())
        """So many bytes more may be put in, a comma included."""

    def put(self, name: str, item: bytes) -> bool:
        """Whether the item is in the list; else it found no room."""
        most = LIMITS.parcel_entries if name == "entries" else LIMITS.parcel_items
        if len(item) + 1 > self.room or len(self._lists[name]) >= most:
            return False
        self._lists[name].append(item)
        self.room -= len(item) + 1
        return True

    def spelled(self) -> bytes:
        """The parcel."""
        fields = {name: write(value) for name, value in self._frame.items()}
        fields |= {name: b"[%b]" % b",".join(items) for name, items in self._lists.items()}
        return b"{%b}" % b",".join(b'"%b":%b' % (name.encode(), fields[name]) for name in sorted(fields))


def spelled_packet(envelope: bytes, body: bytes | None) -> bytes:
    """The item of an entry."""
    return b'{"body":%b,"envelope":%b}' % (b"null" if body is None else body, envelope)


def read_parcel(spelling: bytes) -> Parcel:
    """What the parcel holds.

    Raises PeerError: bad_json, duplicate_key, not_canonical, missing_field, unknown_field, bad_value, out_of_range,
    limit_exceeded, unknown_format, where it can not be read as a whole.
    """
    fields = Fields(parse(spelling, size_max=LIMITS.parcel_bytes, depth_max=_DEPTH_MAX))
    fields.integer("v", low=1, high=VERSION)
    named = fields.take("format")
    if named != FORMAT:
        raise PeerError("unknown_format", "format", repr(named)[:60], FORMAT)
    refused: list[Refused] = []
    found = Parcel(
        sender=fields.digest("from"),
        receiver=fields.digest("to"),
        asks=_question(fields, "asks"),
        answers=_question(fields, "answers"),
        geneses=_each(fields, "geneses", LIMITS.parcel_items, _genesis, refused),
        packets=_each(fields, "entries", LIMITS.parcel_entries, _packet, refused),
        have=_each(fields, "have", LIMITS.parcel_items, _have, refused),
        wants=_each(fields, "wants", LIMITS.parcel_items, _want, refused),
        heads=_each(fields, "heads", LIMITS.parcel_items, _own_head, refused),
        cosignatures=_each(fields, "cosignatures", LIMITS.parcel_items, _confirmed, refused),
        refused=tuple(refused),
    )
    fields.end()
    return found


def _each(
    fields: Fields, name: str, most: int, read: Callable[[Any, str], Item], refused: list[Refused]
) -> tuple[tuple[str, Item], ...]:
    """The items that can be read; the others are refused one by one."""
    found = []
    for at, value in fields.items(name, most=most):
        try:
            found.append((at, read(value, at)))
        except (PeerError, PartyError) as error:
            spelling = write(value, size_max=LIMITS.parcel_bytes, depth_max=_DEPTH_MAX)
            refused.append(Refused(at, spelling, error))
    return tuple(found)


def _question(fields: Fields, name: str) -> bytes | None:
    value = fields.take(name)
    return None if value is None else exact_bytes(value, name, QUESTION_BYTES)


def _genesis(value: Any, _: str) -> bytes:  # noqa: ANN401 - any JSON value, here and below
    return write(value, size_max=SIGNED_GENESIS_BYTES)


def _packet(value: Any, at: str) -> Packet:  # noqa: ANN401
    fields = Fields(value, at)
    envelope, body = fields.take("envelope"), fields.take("body")
    fields.end()
    spelled = None if body is None else write(body, size_max=LIMITS.field_bytes, depth_max=WRAPPED_DEPTH_MAX)
    return Packet(write(envelope, size_max=ENVELOPE_BYTES), spelled)


def _have(value: Any, at: str) -> Have:  # noqa: ANN401
    fields = Fields(value, at)
    found = Have(fields.digest("channel", 16), all_seen(fields))
    fields.end()
    return found


def _want(value: Any, at: str) -> Want:  # noqa: ANN401
    fields = Fields(value, at)
    listed = fields.items("digests", most=LIMITS.wants_per_channel)
    found = Want(fields.digest("channel", 16), tuple(exact_bytes(item, place) for place, item in listed))
    fields.end()
    return found


def _own_head(value: Any, at: str) -> OwnHead:  # noqa: ANN401
    fields = Fields(value, at)
    proof = tuple(exact_bytes(item, place) for place, item in fields.items("proof", most=_PROOF_MAX))
    content, confirmed = _text(fields, "checkpoint"), fields.take("confirmed")
    known = None if confirmed is None else _text(Fields({"confirmed": confirmed}, at), "confirmed")
    found = OwnHead(content, known, proof)
    fields.end()
    return found


def _confirmed(value: Any, at: str) -> Confirmed:  # noqa: ANN401
    fields = Fields(value, at)
    found = Confirmed(fields.digest("channel", 16), _text(fields, "checkpoint"), _text(fields, "line"))
    fields.end()
    return found


def _text(fields: Fields, name: str) -> bytes:
    value = fields.take(name)
    if not isinstance(value, str):
        raise PeerError("bad_value", fields.place(name), "another type of value", "text")
    content = value.encode()
    if len(content) > LIMITS.note_bytes:
        raise PeerError("limit_exceeded", fields.place(name), f"{len(content)} bytes", f"at most {LIMITS.note_bytes}")
    return content
