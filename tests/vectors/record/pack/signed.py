"""Packs that break the rules with good signatures, or whose head does; the wants are written as in hostile.py.

What follows nothing in its thread is proved, and told as loose.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from tansiq.record.canonical import to_base64
from tansiq.record.control import AddKey, OfficeKey, Receipt, Restore, RevokeKey
from tansiq.record.entry import Entry, Envelope, Thread, make, parse_entry, sign
from tansiq.record.keys import Purpose, Signature
from tansiq.record.pack import Chosen, encode_pack, make_pack, parse_pack
from tests.laws.record_history import OFFICE, key_for_tests, member_key, party, root
from tests.laws.record_packs import PAIR, THREAD, Desk, with_entries
from tests.vectors.record.pack.edits import edited, put
from tests.vectors.record.pack.valid import (
    AMBERS,
    NEW,
    OTHER_THREAD,
    TEALS,
    by_root,
    fingerprint,
    hashed,
    headed,
    in_thread,
    line,
    only,
    signed_by,
    small,
    text_of,
    under,
)


def taken(desk: Desk, *envelopes: Envelope, thread: bytes | None = None) -> bytes:
    """The pack of Amber's log with these at its end, whatever its record would say of them."""
    log = desk.logs["amber"]
    log += [Chosen(len(log) + number, one) for number, one in enumerate(envelopes)]
    return desk.pack(thread=thread)


def _header(desk: Desk, **changes: Any) -> Entry:  # noqa: ANN401 - fields of an entry
    return replace(in_thread(desk, "amber"), **changes)


def _said(**changes: Any) -> bytes:  # noqa: ANN401 - fields of an entry
    """After one entry another with these fields, signed with Amber's key."""
    desk = Desk()
    desk.say("amber")
    return taken(desk, signed_by(_header(desk, **changes), ("amber", 0)))


def _restored(incarnation: bytes, *, after: bytes | None = None) -> bytes:
    desk = Desk()
    desk.say("amber")
    if after is not None:
        by_root(desk, "amber", Restore(1), incarnation=after)
        desk.say("amber")
    control = {"type": "RESTORE", "control": Restore(1), "thread": None, "office": "", "keys": (party("amber"),)}
    return taken(desk, sign(make(_header(desk, **control, incarnation=incarnation)), root("amber")))


def _after_teals() -> bytes:
    desk = Desk()
    digest = desk.say("teal")
    return taken(desk, signed_by(_header(desk, prev=digest, seq=2, thread=None), ("amber", 0)))


def _by(*keys: tuple[str, int], office: str = OFFICE, type_: str = "NOTICE", desk: Desk | None = None) -> bytes:
    """At the end Amber's entry of this office, signed with these keys."""
    desk = desk or Desk()
    return taken(desk, signed_by(_header(desk, office=office, type=type_), *keys))


def _named(control: AddKey | RevokeKey, *, by: str = "root") -> Desk:
    """Amber's root, or its key, has said this of keys."""
    desk = Desk()
    if by == "root":
        by_root(desk, "amber", control)
    else:
        amber = desk.members["amber"]
        desk.give(amber.say(amber.header("KEY", control=control)), (), PAIR)
    return desk


def _handed_over() -> Desk:
    desk = Desk()
    desk.give(desk.members["amber"].hand_over(), (), PAIR)
    return desk


def _key(number: int, office: str = OFFICE) -> OfficeKey:
    return OfficeKey(office, "entry", member_key("amber", number).public)


def _of_stranger() -> bytes:
    desk = Desk()
    header = _header(desk, party=party("violet"), seen=(desk.members["teal"].state.seen(party("teal"))))
    return taken(desk, signed_by(header, ("violet", 0)))


def _for_another_purpose() -> bytes:
    desk = Desk()
    made = make(_header(desk))
    return taken(desk, Envelope(made.signed, (member_key("amber").sign(Purpose.ROOT, made.signed),)))


def _two_holders(change: Callable[[tuple[Signature, ...]], tuple[Signature, ...]]) -> bytes:
    desk = _named(AddKey(_key(1), None))
    envelope = signed_by(_header(desk), ("amber", 0), ("amber", 1))
    marks = [one.key for one in envelope.signatures]
    made = [Signature(key, one.encoded) for key, one in zip(marks, change(envelope.signatures), strict=True)]
    return taken(desk, Envelope(envelope.signed, tuple(made)))


def _added_again() -> bytes:
    desk = _handed_over()
    by_root(desk, "amber", AddKey(_key(0), None))
    return _by(("amber", 0), desk=desk)


def _retired_beyond_a_gap() -> bytes:
    desk = Desk()
    desk.say("amber", thread=OTHER_THREAD)
    desk.give(desk.members["amber"].hand_over(), (), PAIR)
    return taken(desk, signed_by(_header(desk), ("amber", 0)), thread=THREAD)


def _revoked_beyond_a_gap() -> bytes:
    desk = Desk()
    desk.say("amber", thread=OTHER_THREAD)
    by_root(desk, "amber", RevokeKey(fingerprint("amber"), bytes(16), 1))
    return taken(desk, signed_by(_header(desk, type="CEASE"), ("amber", 0)), thread=THREAD)


def _key_of_the_old_incarnation_only() -> bytes:
    """A key that was named behind the place at which a RESTORE left is none of the new incarnation."""
    desk = Desk()
    desk.say("amber", thread=OTHER_THREAD)
    desk.give(desk.members["amber"].hand_over(), (), PAIR)
    again = Desk()
    again.members["amber"].state.add(desk.logs["amber"][0].envelope)
    desk.members["amber"].state = again.members["amber"].state
    by_root(desk, "amber", Restore(2), incarnation=NEW)
    return taken(desk, signed_by(_header(desk), ("amber", 1)))


SIGNED: Final[dict[str, tuple[Callable[[], bytes], str]]] = {
    "a count that skips": (lambda: _said(seq=3), "chain 2 broken_chain"),
    "a count twice": (lambda: _said(seq=1), "chain 2 broken_chain"),
    "a new incarnation without a RESTORE": (lambda: _said(incarnation=NEW), "chain 2 broken_chain"),
    "another channel": (lambda: _said(channel=bytes(16)), "chain 2 foreign_channel"),
    "nobody seen": (lambda: _said(seen=()), "chain 2 foreign_channel"),
    "the predecessor is another party's entry": (_after_teals, "chain 2 broken_chain"),
    "a RESTORE to no incarnation": (lambda: _restored(bytes(16)), "chain 2 broken_chain"),
    "a RESTORE to the present incarnation": (lambda: _restored(NEW, after=NEW), "chain 4 broken_chain"),
    "a RESTORE back to the first incarnation": (lambda: _restored(bytes(16), after=NEW), "chain 4 broken_chain"),
    "a stranger": (_of_stranger, "chain 1 foreign_channel"),
    "a key of another member": (lambda: _by(("teal", 0)), "keys 1 not_entitled"),
    "a key that nobody named": (lambda: _by(("amber", 7)), "keys 1 not_entitled"),
    "a key for another office": (lambda: _by(("amber", 0), office="desk"), "keys 1 not_entitled"),
    "another office's key": (
        lambda: _by(("amber", 1), desk=_named(AddKey(_key(1, "desk"), None))),
        "keys 2 not_entitled",
    ),
    "a key that is named later": (
        lambda: taken(Desk(), *_later_named()),
        "keys 1 not_entitled",
    ),
    "a retired key": (lambda: _by(("amber", 0), desk=_handed_over()), "keys 2 not_entitled"),
    "a key that the root retired": (
        lambda: _by(("amber", 0), desk=_named(AddKey(_key(1), fingerprint("amber")))),
        "keys 2 not_entitled",
    ),
    "a revoked key says CEASE": (
        lambda: _by(("amber", 0), type_="CEASE", desk=_named(RevokeKey(fingerprint("amber"), bytes(16), 0))),
        "keys 2 not_entitled",
    ),
    "a key that a key named without handing over": (
        lambda: _by(("amber", 1), desk=_named(AddKey(_key(1), None), by="key")),
        "keys 2 not_entitled",
    ),
    "a key handed over to another office": (
        lambda: _by(("amber", 1), office="desk", desk=_named(AddKey(_key(1, "desk"), fingerprint("amber")), by="key")),
        "keys 2 not_entitled",
    ),
    "a retired key that was added again": (_added_again, "keys 3 not_entitled"),
    "a retired key beyond a gap": (_retired_beyond_a_gap, "keys 2 not_entitled"),
    "a revoked key beyond a gap": (_revoked_beyond_a_gap, "keys 2 not_entitled"),
    "a key of an incarnation that was left": (_key_of_the_old_incarnation_only, "keys 4 not_entitled"),
    "two holders, one of them of nobody": (lambda: _by(("amber", 0), ("amber", 7)), "keys 1 not_entitled"),
    "two holders, one signature twice": (
        lambda: _two_holders(lambda two: (two[0], two[0])),
        "signature 2 bad_signature",
    ),
    "two holders, signatures in each other's place": (
        lambda: _two_holders(lambda two: two[::-1]),
        "signature 2 bad_signature",
    ),
    "a signature for another purpose": (_for_another_purpose, "signature 1 bad_signature"),
}


def _later_named() -> list[Envelope]:
    desk = Desk()
    early = signed_by(_header(desk), ("amber", 1))
    amber = desk.members["amber"]
    control = AddKey(_key(1), None)
    header = replace(amber.header("KEY", control=control), office="", keys=(party("amber"),))
    header = replace(header, seq=2, prev=parse_entry(early.signed).digest)
    return [early, sign(make(header), root("amber"))]


# ------------------------------------------------------------------------------------------------------------- threads


def _talk(count: int = 3) -> Desk:
    desk = Desk()
    for _ in range(count):
        desk.say("amber")
    return desk


def _all_of(desk: Desk) -> bytes:
    """The pack that says that it is of the thread, and has the whole log."""
    tree = desk.tree("amber")
    head = desk.checkpoint("amber", tree, ("teal",))
    return make_pack(desk.start, desk.logs["amber"], log=tree, checkpoint=head, size=tree.size, thread=THREAD)


def _beside(type_: str, *, refers: bool = False) -> bytes:
    """Among a thread's entries one that is not of it."""
    desk = Desk()
    other = desk.say("amber", thread=OTHER_THREAD)
    desk.say("amber")
    control = Receipt(1, "checked") if type_ == "RECEIPT" else None
    desk.say("teal", type_, refs=(other,) if control or refers else (), control=control, thread=None)
    pack = parse_pack(_all_of(desk))
    return encode_pack(with_entries(pack, pack.entries[1:]))


def _threaded(seq: int, prev: bytes) -> bytes:
    desk = Desk()
    desk.say("amber")
    header = _header(desk, thread=Thread(THREAD, seq, prev))
    return taken(desk, signed_by(header, ("amber", 0)), thread=THREAD)


THREADS: Final[dict[str, tuple[Callable[[], bytes], str]]] = {
    "the first of a member left out": (lambda: only(_talk().pack(thread=THREAD), 1, 2), "proved"),
    "one between left out": (lambda: only(_talk().pack(thread=THREAD), 0, 2), "proved"),
    "all of the thread left out": (lambda: only(small().pack(thread=THREAD), 0), "completeness - missing_field"),
    "nothing in it": (
        lambda: edited(small().pack(thread=THREAD), put("entries", []), put("hashes", [])),
        "completeness - missing_field",
    ),
    "the KEY left out": (lambda: only(small().pack(thread=THREAD), 1, 2), "keys 2 not_entitled"),
    "an entry of another thread": (lambda: _all_of(small()), "completeness 2 bad_value"),
    "a receipt for another thread": (lambda: _beside("RECEIPT"), "completeness 2 bad_value"),
    "an entry of no thread": (lambda: _beside("NOTICE"), "completeness 2 bad_value"),
    "an unknown type of no thread": (lambda: _beside("X-NEW"), "completeness 2 bad_value"),
    "a read-back of no thread": (lambda: _beside("READ-BACK", refers=True), "completeness 2 bad_value"),
    "a count in the thread that skips": (
        lambda: _threaded(3, parse_entry(_talk(1).logs["amber"][0].envelope.signed).digest),
        "proved",
    ),
    "a count in the thread twice": (lambda: _threaded(1, bytes(32)), "proved"),
    "another entry before in the thread": (lambda: _threaded(2, bytes([1] * 32)), "proved"),
}


# --------------------------------------------------------------------------------------------------------------- heads


def _desk() -> Desk:
    desk = Desk()
    desk.say("amber", words={"text": "crossing"})
    return desk


def _note(*lines: dict[str, Any] | bytes, text: bytes | None = None) -> bytes:
    """One entry under a head with these lines, some of them bytes that are no line by a member."""
    desk = _desk()
    content = text_of(desk) if text is None else text
    made = [one if isinstance(one, bytes) else line(desk, content, **one) for one in lines]
    whole = content + b"\n" + b"".join(made)
    return edited(desk.pack(), put("checkpoint", whole.decode()))


def _other(old: bytes, new: bytes) -> bytes:
    """Amber's text with this in place of that, signed."""
    text = text_of(_desk()).replace(old, new)
    assert text != text_of(_desk())
    return _note(AMBERS, TEALS, text=text)


def _line_of(text: bytes, **by: Any) -> bytes:  # noqa: ANN401 - what `line` takes
    return line(_desk(), text, **by)


def _bent(by: dict[str, Any], at: int) -> bytes:
    """The line with one character of its base64 changed."""
    made = bytearray(_line_of(text_of(_desk()), **by))
    made[at] = ord("A") if made[at] != ord("A") else ord("B")
    return bytes(made)


def _strangers(count: int) -> list[bytes]:
    return [f"— stranger{k} {to_base64(bytes(68))}\n".encode() for k in range(count)]


def _revoked(use: str, name: str) -> bytes:
    desk = Desk()
    by_root(desk, name, RevokeKey(hashed(name, use), bytes(16), 0))
    return headed(desk, AMBERS, TEALS)


def _named_under_a_stolen_key() -> bytes:
    """The log key was named by a KEY that is void, since its key was revoked from before it."""
    desk = Desk()
    amber = desk.members["amber"]
    new = OfficeKey("", "log", key_for_tests("amber second log").public)
    by_root(desk, "amber", AddKey(_key(1), None))
    control = AddKey(replace(new, use="log"), fingerprint("amber"))
    desk.give(amber.say(amber.header("KEY", control=control)), (), ("amber",))
    return headed(desk, AMBERS | {"key": "second log"})


def _of_another_size(more: int) -> bytes:
    desk = small()
    text = text_of(desk, size=desk.tree("amber").size + more)
    return under(desk, text + b"\n" + line(desk, text, **AMBERS))


def _hex(name: str) -> bytes:
    return party(name).hex().encode()


TEXT: Final = text_of(_desk())
SECOND: Final = {"key": "second log"}

HEADS: Final[dict[str, tuple[Callable[[], bytes], str]]] = {
    "only the cosignature": (lambda: _note(TEALS), "checkpoint - not_signed"),
    "no line": (_note, "checkpoint - bad_note"),
    "the log's key is another": (lambda: _note(AMBERS | SECOND), "checkpoint - not_signed"),
    "the witness key in place of the log's": (lambda: _note(AMBERS | {"key": "witness"}), "checkpoint - not_signed"),
    "the line of the other member's log": (lambda: _note({"name": "teal", "use": "log"}), "checkpoint - not_signed"),
    "the other member's head under this name": (
        lambda: _note(_line_of(TEXT, name="teal", use="log").replace(_hex("teal"), _hex("amber"))),
        "checkpoint - not_signed",
    ),
    "the log's line for another text": (
        lambda: _note(_line_of(TEXT.replace(b"\n1\n", b"\n2\n"), **AMBERS)),
        "checkpoint - bad_signature",
    ),
    "a changed signature of the log": (lambda: _note(_bent(AMBERS, -20)), "checkpoint - bad_signature"),
    "a changed id of the log's key": (lambda: _note(_bent(AMBERS, -95)), "checkpoint - not_signed"),
    "a revoked log key": (lambda: _revoked("log", "amber"), "checkpoint - not_signed"),
    "a log key that an office named": (_named_under_a_stolen_key, "checkpoint - not_signed"),
    "a size with a leading zero": (lambda: _other(b"\n1\n", b"\n01\n"), "checkpoint - bad_checkpoint"),
    "no size": (lambda: _other(b"\n1\n", b"\n-1\n"), "checkpoint - bad_checkpoint"),
    "a size past 63 bits": (lambda: _other(b"\n1\n", b"\n9223372036854775808\n"), "checkpoint - bad_checkpoint"),
    "the largest size": (lambda: _other(b"\n1\n", b"\n9223372036854775807\n"), "completeness - missing_field"),
    "the size of no entries and another root": (lambda: _other(b"\n1\n", b"\n0\n"), "checkpoint - bad_checkpoint"),
    "a root in lax base64": (
        lambda: _other(TEXT.split(b"\n")[2], TEXT.split(b"\n")[2][:-1]),
        "checkpoint - bad_checkpoint",
    ),
    "a root of zeros": (lambda: _other(TEXT.split(b"\n")[2], to_base64(bytes(32)).encode()), "inclusion - bad_proof"),
    "an origin of another channel": (
        lambda: _note(AMBERS, text=TEXT.replace(TEXT[7:39], b"0" * 32)),
        "checkpoint - foreign_channel",
    ),
    "an origin of a stranger": (lambda: _other(_hex("amber"), _hex("violet")), "checkpoint - foreign_channel"),
    "an origin of another kind": (lambda: _other(b"tansiq/", b"example.com/"), "checkpoint - foreign_channel"),
    "an origin in capitals": (lambda: _other(_hex("amber"), _hex("amber").upper()), "checkpoint - foreign_channel"),
    "the origin of the other member": (lambda: _other(_hex("amber"), _hex("teal")), "checkpoint - not_signed"),
    "an empty extension line": (lambda: _note(AMBERS, text=TEXT + b"\nmore\n"), "checkpoint - bad_checkpoint"),
    "one size larger than the log": (lambda: _of_another_size(1), "completeness - missing_field"),
    "more entries than the size says": (lambda: _of_another_size(-1), "completeness - bad_value"),
    "a line in lax base64": (lambda: _note(AMBERS, _line_of(TEXT, **TEALS)[:-2] + b"\n"), "checkpoint - bad_note"),
    "a line without its end": (lambda: _note(AMBERS, _line_of(TEXT, **TEALS)[:-1]), "checkpoint - bad_note"),
    "a hyphen for the dash": (
        lambda: _note(AMBERS, _line_of(TEXT, **TEALS).replace("—".encode(), b"-")),
        "checkpoint - bad_note",
    ),
    "a control character": (
        lambda: _note(AMBERS, _line_of(TEXT, **TEALS).replace(b" ", b"\x01", 1)),
        "checkpoint - bad_note",
    ),
    "the log's line twice": (lambda: _note(AMBERS, AMBERS), "checkpoint - bad_note"),
    "the cosignature twice": (lambda: _note(AMBERS, TEALS, TEALS), "checkpoint - bad_note"),
    "65 lines": (lambda: _note(AMBERS, *_strangers(64)), "checkpoint - limit_exceeded"),
    "64 lines, 63 of them by strangers": (lambda: _note(AMBERS, *_strangers(63)), "cosignature - not_entitled"),
    "a stranger's line": (lambda: _note(AMBERS, TEALS, *_strangers(1)), "cosignature - not_entitled"),
    "a stranger's line in front": (lambda: _note(*_strangers(1), AMBERS, TEALS), "cosignature - not_entitled"),
    "a second log key that nobody named": (lambda: _note(AMBERS, AMBERS | SECOND), "cosignature - not_entitled"),
    "the owner cosigns": (lambda: _note(AMBERS, {"name": "amber", "use": "witness"}), "cosignature - not_entitled"),
    "the other member's log key cosigns": (lambda: _note(AMBERS, TEALS | {"key": "log"}), "cosignature - not_entitled"),
    "another key cosigns": (lambda: _note(AMBERS, TEALS | {"key": "second witness"}), "cosignature - not_entitled"),
    "a revoked witness key": (lambda: _revoked("witness", "teal"), "cosignature - not_entitled"),
    "a cosignature of another origin": (
        lambda: _note(AMBERS, _line_of(TEXT.replace(_hex("amber"), _hex("teal")), **TEALS)),
        "cosignature - bad_signature",
    ),
    "a cosignature of another size": (
        lambda: _note(AMBERS, _line_of(TEXT.replace(b"\n1\n", b"\n2\n"), **TEALS)),
        "cosignature - bad_signature",
    ),
    "a changed cosignature": (lambda: _note(AMBERS, _bent(TEALS, -20)), "cosignature - bad_signature"),
    "a cosignature of another time": (lambda: _note(AMBERS, _bent(TEALS, -95)), "cosignature - bad_signature"),
    "a cosignature under the owner's name": (
        lambda: _note(AMBERS, _line_of(TEXT, **TEALS).replace(_hex("teal"), _hex("amber"))),
        "cosignature - not_entitled",
    ),
}


def made() -> Iterator[tuple[str, bytes, str]]:
    """Every pack of this file, by name, with what must come of it."""
    for kind, cases in (("", SIGNED), ("of a thread: ", THREADS), ("the head: ", HEADS)):
        for name, (make_one, want) in cases.items():
            yield kind + name, make_one(), want
