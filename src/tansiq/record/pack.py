"""A pack: one file that proves to a stranger what was said in a channel, or in one thread of it.

Rules for the next editor:

1. All that a pack says is signed, or is proved by what is signed. There are no notes, no names and no summaries in it:
   a reader would take them for part of the proof.
2. A pack has one spelling. `encode_pack` gives back what `parse_pack` took, byte for byte.
3. `parse_pack` says what stands there; only `verdict.verify_pack` says what it is worth.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS
from tansiq.record import note
from tansiq.record.body import SALT_BYTES, Field
from tansiq.record.canonical import INTEGER_MAX, WRAPPED_DEPTH_MAX, Value, from_base64, parse, to_base64, write
from tansiq.record.entry import HOLDERS_MAX, Entry, Envelope, parse_entry
from tansiq.record.genesis import Genesis, SignedGenesis, parse_genesis
from tansiq.record.keys import LONGEST_BYTES, PublicKey, Signature, public_key
from tansiq.record.reading import Fields, exact_bytes
from tansiq.record.tree import HASH_BYTES, Tree, beside

FORMAT: Final = "tansiq-pack/1"
BESIDE_THREADS: Final = frozenset({"KEY", "RESTORE"})
"""Types that stand in the pack of a thread without being of it: they say which keys are good."""

_PROOF_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class Packed:
    """An entry of the owner's log, with those fields of its body that are shown."""

    index: int
    """Its place in the owner's log, from 0."""
    envelope: Envelope
    entry: Entry
    body: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """What stands in a pack; nothing of it has been verified."""

    genesis: Genesis
    roots: tuple[tuple[PublicKey, bytes], ...]
    """The members' roots in their order, each with its signature of the genesis."""
    thread: bytes | None
    """None: the pack is of the whole channel as its owner's log has it."""
    checkpoint: bytes
    """The owner's signed note, with the cosignatures of other members."""
    entries: tuple[Packed, ...]
    hashes: tuple[bytes, ...] = ()
    """Of a thread: those of all inclusion proofs, in the order in which `places` needs them."""


def places(indices: Iterable[int], size: int) -> Iterator[tuple[int, int]]:
    """Each subtree that the proofs of these leaves need, once, in the order of the first need."""
    seen: set[tuple[int, int]] = set()
    for index in indices:
        for place in beside(index, size):
            if place not in seen:
                seen.add(place)
                yield place


@dataclass(frozen=True, slots=True)
class Chosen:
    """An entry of the owner's log that shall stand in a pack, with those fields of its body that shall be shown."""

    index: int
    envelope: Envelope
    body: tuple[Field, ...] = ()


def of_thread(log: Iterable[Chosen], thread: bytes) -> tuple[Chosen, ...]:
    """What the pack of a thread has to hold: its entries, receipts for them, and all that changed keys.

    The log is given in its order.
    """
    found: list[Chosen] = []
    digests: set[bytes] = set()
    receipts: list[tuple[Chosen, Entry]] = []
    for one in log:
        entry = parse_entry(one.envelope.signed)
        if entry.thread is not None and entry.thread.id == thread:
            found.append(one)
            digests.add(entry.digest)
        elif entry.type in BESIDE_THREADS:
            found.append(one)
        elif entry.type == "RECEIPT":
            receipts.append((one, entry))
    found += [one for one, entry in receipts if entry.refs[0] in digests]
    return tuple(sorted(found, key=lambda one: one.index))


def make_pack(
    start: SignedGenesis, chosen: Iterable[Chosen], *, log: Tree, checkpoint: bytes, size: int, thread: bytes | None
) -> bytes:
    """The pack of these entries of a log under its checkpoint of this size.

    A pack of the whole channel (`thread` is None) has all entries below the size. What this makes is not verified
    here: a maker that wants to be sure verifies it like a stranger.

    Raises PartyError: bad_value, out_of_range, limit_exceeded, and the codes of `parse_pack`.
    """
    ordered = sorted(chosen, key=lambda one: one.index)
    indices = [one.index for one in ordered]
    if thread is None and indices != list(range(size)):
        raise PartyError("bad_value", "chosen", f"{len(indices)} entries", f"all {size} of the log, each once")
    if indices and not indices[-1] < size <= log.size:
        raise PartyError("out_of_range", "size", str(size), f"above {indices[-1]}, at most the log's {log.size}")
    try:
        note.parse(checkpoint)
        packed = [
            Packed(
                one.index,
                one.envelope,
                parse_entry(one.envelope.signed),
                tuple(sorted(one.body, key=Field.digest)),
            )
            for one in ordered
        ]
        for one in packed:
            if log.leaf(one.index) != one.entry.digest:
                raise PartyError("bad_value", "log", f"another entry at {one.index}", "the log of these entries")
        roots = tuple(zip(start.roots, start.signatures, strict=True))
        hashes = () if thread is None else tuple(log.subtree(*place) for place in places(indices, size))
        spelling = encode_pack(Pack(start.genesis, roots, thread, checkpoint, tuple(packed), hashes))
        parse_pack(spelling)
    except PeerError as error:
        raise PartyError(error.code, error.field, error.got, error.want) from error
    return spelling


def redact_pack(spelling: bytes, leave_out: Callable[[Entry, Field], bool]) -> bytes:
    """The pack without these fields and their salts; all else still verifies. Raises PeerError, as `parse_pack`."""
    pack = parse_pack(spelling)
    kept = [replace(one, body=tuple(f for f in one.body if not leave_out(one.entry, f))) for one in pack.entries]
    return encode_pack(replace(pack, entries=tuple(kept)))


def encode_pack(pack: Pack) -> bytes:
    """The pack's one spelling. Raises PartyError: limit_exceeded, bad_value, out_of_range."""
    entries: list[Value] = []
    for one in pack.entries:
        item: dict[str, Value] = {
            "body": [{"name": f.name, "salt": to_base64(f.salt), "value": f.value} for f in one.body],
            "signatures": [to_base64(each.encoded) for each in one.envelope.signatures],
            "signed": _json(one.envelope.signed),
        }
        if pack.thread is not None:
            item["index"] = one.index
        entries.append(item)
    value: dict[str, Value] = {
        "checkpoint": pack.checkpoint.decode(),
        "entries": entries,
        "format": FORMAT,
        "genesis": {
            "roots": [{"key": to_base64(key.encoded), "signature": to_base64(made)} for key, made in pack.roots],
            "signed": _json(pack.genesis.signed),
        },
        "thread": None if pack.thread is None else to_base64(pack.thread),
    }
    if pack.thread is not None:
        value["hashes"] = [to_base64(found) for found in pack.hashes]
    return write(value, size_max=LIMITS.pack_bytes, depth_max=WRAPPED_DEPTH_MAX)


def parse_pack(spelling: bytes) -> Pack:
    """What stands in the pack; `encode_pack` gives the same bytes again.

    Raises PeerError: unknown_format, bad_json, duplicate_key, not_canonical, missing_field, unknown_field, bad_value,
    out_of_range, limit_exceeded, bad_key, and those of `parse_entry` and `parse_genesis`.
    """
    fields = Fields(parse(spelling, size_max=LIMITS.pack_bytes, depth_max=WRAPPED_DEPTH_MAX))
    format_ = fields.take("format")
    if format_ != FORMAT:
        raise PeerError("unknown_format", "format", f"{str(format_)[:60]!r}", FORMAT)
    begin = Fields(fields.take("genesis"), "genesis")
    genesis = _under("genesis.signed", parse_genesis, _signed(begin))
    roots = tuple(_root(item, at) for at, item in begin.items("roots", most=LIMITS.members_per_channel))
    begin.end()
    value = fields.take("thread")
    thread = None if value is None else Fields({"thread": value}).digest("thread", 16)
    checkpoint = _text(fields, "checkpoint")
    listed = fields.items("entries", most=LIMITS.pack_entries)
    hashes: list[bytes] = []
    if thread is not None:
        most = len(listed) * _PROOF_MAX
        hashes = [exact_bytes(item, at, HASH_BYTES) for at, item in fields.items("hashes", most=most)]
    fields.end()
    entries = tuple(_packed(item, at, number if thread is None else None) for number, (at, item) in enumerate(listed))
    if any(before.index >= after.index for before, after in pairwise(entries)):
        raise PeerError("not_canonical", "entries", "entries out of order or twice", "in rising order of `index`")
    return Pack(genesis, roots, thread, checkpoint, entries, tuple(hashes))


def _packed(value: Any, at: str, number: int | None) -> Packed:  # noqa: ANN401 - any JSON value
    """The entry that stands there; its place in the log is its number, or else its own `index`."""
    fields = Fields(value, at)
    signed = _signed(fields)
    entry = _under(fields.place("signed"), parse_entry, signed)
    made = [_base64(item, at) for at, item in fields.items("signatures", most=HOLDERS_MAX, least=1)]
    if len(made) != len(entry.keys):
        raise PeerError("bad_value", fields.place("signatures"), str(len(made)), f"{len(entry.keys)}, one for each key")
    beside_it = tuple(Signature(key, one) for key, one in zip(entry.keys, made, strict=True))
    body = _body(fields.items("body", most=LIMITS.fields_per_body), fields.place("body"))
    index = fields.integer("index", low=0, high=INTEGER_MAX) if number is None else number
    fields.end()
    return Packed(index, Envelope(signed, beside_it), entry, body)


def _body(listed: list[tuple[str, Any]], at: str) -> tuple[Field, ...]:
    found = []
    for place, item in listed:
        part = Fields(item, place)
        found.append(Field(part.digest("salt", SALT_BYTES), part.text("name"), part.take("value")))
        part.end()
    try:
        digests = [one.digest() for one in found]
    except PartyError as error:
        raise PeerError(error.code, at, error.got, error.want) from error
    if any(not before < after for before, after in pairwise(digests)):
        raise PeerError("not_canonical", at, "fields out of order or twice", "in rising order of their digests")
    return tuple(found)


def _root(value: Any, at: str) -> tuple[PublicKey, bytes]:  # noqa: ANN401 - any JSON value
    part = Fields(value, at)
    key = public_key(part.base64("key", longest=LONGEST_BYTES), part.place("key"))
    made = part.base64("signature", longest=LONGEST_BYTES)
    part.end()
    return key, made


def _json(signed: bytes) -> Value:
    """Signed bytes as the JSON that they spell: so they stand in a pack byte for byte, to be read by eye as well."""
    value: Value = parse(signed)
    return value


def _signed(fields: Fields) -> bytes:
    """The signed bytes of what stands there, which is their one spelling."""
    value = fields.take("signed")
    try:
        return write(value)
    except PartyError as error:
        raise PeerError(error.code, fields.place("signed"), error.got, error.want) from error


def _text(fields: Fields, name: str) -> bytes:
    value = fields.take(name)
    if not isinstance(value, str):
        raise PeerError("bad_value", fields.place(name), repr(value)[:60], "text")
    raw = value.encode()
    if len(raw) > LIMITS.note_bytes:
        raise PeerError("limit_exceeded", fields.place(name), f"{len(raw)} bytes", f"at most {LIMITS.note_bytes}")
    return raw


def _base64(value: Any, at: str) -> bytes:  # noqa: ANN401 - any JSON value
    try:
        raw = from_base64(value if isinstance(value, str) else "?")
    except ValueError as error:
        raise PeerError("bad_value", at, repr(value)[:60], "the one base64 spelling") from error
    if len(raw) > LONGEST_BYTES:
        raise PeerError("bad_value", at, f"{len(raw)} bytes", f"at most {LONGEST_BYTES} bytes")
    return raw


def _under(at: str, read: Callable[[bytes], Any], signed: bytes) -> Any:  # noqa: ANN401 - what `read` gives
    """What is read there; errors name the place in the pack."""
    try:
        return read(signed)
    except PeerError as error:
        raise PeerError(error.code, f"{at}: {error.field}" if error.field else at, error.got, error.want) from error
