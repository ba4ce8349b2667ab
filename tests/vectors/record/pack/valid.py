"""Packs that are proved, each of a log in which something else happened."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final

from tansiq.record import note
from tansiq.record.canonical import INTEGER_MAX
from tansiq.record.checkpoint import Checkpoint, origin
from tansiq.record.control import AddKey, OfficeKey, Receipt, Restore, RevokeKey, Unread
from tansiq.record.entry import Entry, Envelope, make, sign
from tansiq.record.keys import Purpose
from tansiq.record.pack import encode_pack, make_pack, of_thread, parse_pack, redact_pack
from tests.laws.record_history import NAMES, OFFICE, key_for_tests, member_key, party
from tests.laws.record_packs import PAIR, THREAD, Desk, note_signer, with_entries

OTHER_THREAD: Final = bytes([3] * 16)
NEW: Final = bytes([7] * 16)


def small(names: tuple[str, ...] = PAIR) -> Desk:
    """Teal hands its key over; Amber speaks in another thread, then gives a notice in this one; Teal receipts it."""
    desk = Desk(names)
    desk.give(desk.members["teal"].hand_over(), (), names)
    desk.say("amber", thread=OTHER_THREAD)
    notice = desk.say("amber", words={"lower_m": 300, "text": "crossing BAHR"})
    desk.receipt("teal", notice)
    return desk


def by_root(desk: Desk, name: str, control: AddKey | RevokeKey | Restore, **changes: object) -> bytes:
    """The member's root says it, and all are given it."""
    type_ = "RESTORE" if isinstance(control, Restore) else "KEY"
    return desk.give(desk.members[name].say_as_root(type_, control, **changes), (), desk.names)


def signed_by(header: Entry, *keys: tuple[str, int]) -> Envelope:
    """The entry with the signatures of these members' keys, each by its number."""
    pair = [member_key(name, number) for name, number in keys]
    return sign(make(replace(header, keys=tuple(sorted(key.public.fingerprint for key in pair)))), *pair)


def in_thread(desk: Desk, name: str, type_: str = "NOTICE") -> Entry:
    """The header of the member's next entry of the thread."""
    desk.now_us += 1_000_000
    member = desk.members[name]
    return replace(member.header(type_, desk.now_us), thread=member.state.next_in_thread(member.id, THREAD))


def fingerprint(name: str, number: int = 0) -> bytes:
    return member_key(name, number).public.fingerprint


def hashed(name: str, use: str) -> bytes:
    """The fingerprint of the member's log or witness key."""
    return key_for_tests(f"{name} {use}").public.fingerprint


def _revoked(*, receipted: bool, good: int = 1) -> Desk:
    desk = Desk()
    desk.say("amber")
    notice = desk.say("amber", words={"text": "crossing"})
    if receipted:
        desk.receipt("teal", notice)
    by_root(desk, "amber", RevokeKey(fingerprint("amber"), bytes(16), good))
    return desk


def _revoked_beyond_a_gap() -> Desk:
    desk = Desk()
    desk.say("amber", thread=None)
    desk.say("amber")
    by_root(desk, "amber", RevokeKey(fingerprint("amber"), bytes(16), 1))
    return desk


def _hand_overs(count: int) -> Desk:
    desk = Desk()
    for _ in range(count):
        desk.say("amber")
        desk.give(desk.members["amber"].hand_over(), (), PAIR)
    desk.say("amber")
    return desk


def _added(retires: bytes | None) -> Desk:
    desk = Desk()
    desk.say("amber", thread=None)
    by_root(desk, "amber", AddKey(OfficeKey(OFFICE, "entry", member_key("amber", 1).public), retires))
    desk.members["amber"].key_number = 1
    desk.say("amber")
    return desk


def _another_office() -> Desk:
    desk = Desk()
    by_root(desk, "amber", AddKey(OfficeKey("desk", "entry", member_key("amber", 1).public), None))
    desk.give(signed_by(replace(in_thread(desk, "amber"), office="desk"), ("amber", 1)), (), PAIR)
    return desk


def _asks_for_too_much() -> Desk:
    desk = Desk()
    amber = desk.members["amber"]
    more = AddKey(OfficeKey(OFFICE, "entry", member_key("amber", 1).public), None)
    desk.give(amber.say(amber.header("KEY", control=more)), (), PAIR)
    desk.say("amber")
    return desk


def _urgent_under_a_retired_key() -> Desk:
    desk = Desk()
    desk.say("amber")
    desk.give(desk.members["amber"].hand_over(), (), PAIR)
    desk.give(signed_by(in_thread(desk, "amber", "CEASE"), ("amber", 0)), (), PAIR)
    return desk


def _two_holders() -> Desk:
    desk = Desk()
    by_root(desk, "amber", AddKey(OfficeKey(OFFICE, "entry", member_key("amber", 1).public), None))
    desk.give(signed_by(in_thread(desk, "amber"), ("amber", 0), ("amber", 1)), (), PAIR)
    return desk


def _restored(times: int) -> Desk:
    """After the first of two entries each RESTORE goes on, and then a notice; the second one lies beside the chain."""
    desk = Desk()
    desk.say("amber")
    desk.say("amber")
    for number in range(times):
        again = Desk()
        amber = desk.members["amber"]
        again.members["amber"].state.add(desk.logs["amber"][0].envelope)
        amber.state = again.members["amber"].state
        new = bytes([7 + number] * 16)
        restore = amber.say_as_root("RESTORE", Restore(2), incarnation=new, issued_at_us=desk.now_us + number)
        desk.give(restore, (), PAIR)
        desk.say("amber")
    return desk


def _restored_again() -> Desk:
    """A RESTORE follows a RESTORE, each with an incarnation of its own."""
    desk = Desk()
    desk.say("amber")
    for number in range(2):
        by_root(desk, "amber", Restore(1), incarnation=bytes([7 + number] * 16))
        desk.say("amber")
    return desk


def _signed_twice(count: int = 2) -> Desk:
    desk = Desk()
    header = in_thread(desk, "amber")
    for number in range(count):
        envelope = signed_by(replace(header, issued_at_us=header.issued_at_us + number), ("amber", 0))
        desk.give(envelope, (), ("teal",))
    return desk


def _gap(*, closes: bool, of_key: bool = False) -> Desk:
    """Teal is given Amber's second entry, and the first later or never."""
    desk = Desk()
    amber = desk.members["amber"]
    first = amber.hand_over() if of_key else amber.say()
    second = amber.say()
    desk.give(second, (), ("teal",))
    desk.say("teal")
    if closes:
        desk.give(first, (), ("teal",))
    return desk


def _dropped(*, closes: bool) -> Desk:
    """Amber signs with a key that it has handed over, beyond the gap in which it did."""
    desk = Desk()
    amber = desk.members["amber"]
    first = amber.hand_over()
    late = signed_by(replace(amber.header(), thread=None), ("amber", 0))
    after = amber.say() if closes else None
    desk.give(late, (), ("teal",))
    if closes and after is not None:
        desk.give(first, (), ("teal",))
        desk.give(after, (), ("teal",))
    return desk


def _dropped_by_the_keys_there_are() -> Desk:
    """What the old key signed lies behind a gap that never closes, and the hand-over is there."""
    desk = Desk()
    amber = desk.members["amber"]
    handed_over = amber.hand_over()
    amber.say()
    late = signed_by(amber.header(), ("amber", 0))
    desk.give(handed_over, (), ("teal",))
    desk.give(late, (), ("teal",))
    desk.say("teal")
    return desk


def _receipts(*bodies: str) -> Desk:
    desk = Desk()
    notice = desk.say("amber", words={"text": "crossing"})
    for body in bodies:
        desk.say("teal", "RECEIPT", refs=(notice,), control=Receipt(desk.now_us + 1, body), thread=None)
    return desk


def _later_version() -> Desk:
    desk = Desk()
    first = make(replace(in_thread(desk, "amber"), version=2))
    signed = first.signed[:-1].replace(b'{"body"', b'{"a-new-field":[1],"body"') + b"}"
    made = Envelope(signed, (member_key("amber").sign(Purpose.ENTRY, signed),))
    desk.give(made, (), PAIR)
    return desk


def _of_type(type_: str, control: Any = None) -> Desk:  # noqa: ANN401 - any JSON value
    desk = Desk()
    header = in_thread(desk, "amber", type_)
    if control is not None:
        header = replace(header, control=Unread(control))
    desk.give(desk.members["amber"].say(header), (), PAIR)
    return desk


def _closed() -> Desk:
    desk = Desk()
    for type_ in ("CLOSE", "NOTICE", "DISTRESS"):
        desk.say("amber", type_)
    return desk


def _thread_breaks() -> Desk:
    desk = Desk()
    desk.say("amber")
    header = in_thread(desk, "amber")
    desk.give(desk.members["amber"].say(replace(header, thread=replace(header.thread, seq=7))), (), PAIR)  # type: ignore[type-var] # a thread is there
    return desk


def _words(words: dict[str, object]) -> Desk:
    desk = Desk()
    desk.say("amber", words=words)
    return desk


def nested(levels: int) -> Any:  # noqa: ANN401 - any JSON value
    """Lists within each other, so many."""
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def _at(issued_at_us: int) -> Desk:
    desk = Desk()
    desk.give(desk.members["amber"].say(replace(in_thread(desk, "amber"), issued_at_us=issued_at_us)), (), PAIR)
    return desk


def sized(size: int, *, first: bool) -> bytes:
    """The pack of a thread whose one entry is the first or last of a log of this size."""
    desk = Desk()
    for k in range(size):
        desk.say("amber", thread=THREAD if k == (0 if first else size - 1) else OTHER_THREAD)
    return desk.pack(thread=THREAD)


def line(desk: Desk, text: bytes, name: str, use: str, *, key: str = "", time_s: int | None = None) -> bytes:
    """The line that the member's log or witness key, or another key of that name, puts below this text."""
    own = key_for_tests(f"{name} {key or use}")
    signer = note_signer(name, use, desk.start.genesis.channel, key=own)
    return note.sign(text, signer, time_s=desk.now_us // 1_000_000 if time_s is None else time_s).encode()


def text_of(desk: Desk, name: str = "amber", *, size: int | None = None, extensions: tuple[str, ...] = ()) -> bytes:
    """The text of the member's checkpoint at the end of its log, or at another size."""
    tree = desk.tree(name)
    named = origin(channel=desk.start.genesis.channel, party=party(name))
    end = tree.size if size is None else size
    return Checkpoint(named, end, tree.root(min(end, tree.size)), extensions).body()


def under(desk: Desk, head: bytes, name: str = "amber", *, thread: bytes | None = None) -> bytes:
    """The whole channel as the member's log has it, or a thread, under this note."""
    tree = desk.tree(name)
    chosen = desk.logs[name] if thread is None else of_thread(desk.logs[name], thread)
    return make_pack(desk.start, chosen, log=tree, checkpoint=head, size=tree.size, thread=thread)


def headed(desk: Desk, *lines: dict[str, Any], extensions: tuple[str, ...] = ()) -> bytes:
    """The whole channel under Amber's head with these lines."""
    text = text_of(desk, extensions=extensions)
    return under(desk, text + b"\n" + b"".join(line(desk, text, **one) for one in lines))


AMBERS: Final[dict[str, Any]] = {"name": "amber", "use": "log"}
TEALS: Final[dict[str, Any]] = {"name": "teal", "use": "witness"}


def _new_key(use: str, *, retires: bool) -> bytes:
    """Amber's log key or Teal's witness key is named anew; the head is signed with the new one."""
    desk = Desk()
    desk.say("amber")
    name = "amber" if use == "log" else "teal"
    new = OfficeKey("", use, key_for_tests(f"{name} second {use}").public)
    by_root(desk, name, AddKey(new, hashed(name, use) if retires else None))
    key = {"key": f"second {use}"}
    return headed(desk, AMBERS | key, TEALS) if use == "log" else headed(desk, AMBERS, TEALS | key)


def _retired_log_key() -> bytes:
    desk = Desk()
    by_root(
        desk, "amber", AddKey(OfficeKey("", "log", key_for_tests("amber second log").public), hashed("amber", "log"))
    )
    return headed(desk, AMBERS)


def only(spelling: bytes, *numbers: int) -> bytes:
    """The pack of a thread with these of its entries, from 0."""
    pack = parse_pack(spelling)
    return encode_pack(with_entries(pack, tuple(pack.entries[k] for k in numbers)))


def _without(*names: str, desk: Callable[[], Desk] = small) -> bytes:
    return redact_pack(desk().pack(thread=THREAD), lambda _entry, field: field.name in names)


def _stranger_to_the_thread() -> Desk:
    """Violet says nothing, and Teal speaks in another thread alone."""
    desk = Desk(NAMES)
    desk.say("amber", to=("teal",))
    desk.say("teal", thread=OTHER_THREAD, to=("amber",))
    return desk


def _three_talk() -> Desk:
    desk = Desk(NAMES)
    notice = desk.say("amber", words={"text": "crossing"}, to=("teal",))
    desk.receipt("teal", notice)
    desk.say("violet", "NOTICE", to=("teal",))
    desk.say("teal", to=("amber",))
    return desk


def _reordered_log() -> Desk:
    """Teal is given Amber's three entries last first."""
    desk = Desk()
    for envelope in reversed([desk.members["amber"].say() for _ in range(3)]):
        desk.give(envelope, (), ("teal",))
    return desk


def _before_its_key() -> Desk:
    desk = Desk()
    amber = desk.members["amber"]
    for envelope in reversed([amber.hand_over(), amber.say()]):
        desk.give(envelope, (), ("teal",))
    return desk


def _refers(count: int) -> Desk:
    desk = Desk()
    refs = tuple(bytes([k // 256, k % 256] * 16) for k in range(count))
    desk.give(desk.members["amber"].say(replace(in_thread(desk, "amber"), refs=refs)), (), PAIR)
    return desk


def _whole(make_desk: Callable[[], Desk], name: str = "amber") -> Callable[[], bytes]:
    return lambda: make_desk().pack(name)


def _thread(make_desk: Callable[[], Desk], name: str = "amber") -> Callable[[], bytes]:
    return lambda: make_desk().pack(name, thread=THREAD)


def _both(name: str, make_desk: Callable[[], Desk]) -> dict[str, Callable[[], bytes]]:
    return {name: _whole(make_desk), f"{name}: the thread": _thread(make_desk)}


WIDE: Final = "\U0001f600" * 200
"""The longest name: 200 characters, each of two units of UTF-16."""

VALID: Final[dict[str, Callable[[], bytes]]] = {
    **_both("a notice and its receipt", small),
    **_both("three members, one is silent", _stranger_to_the_thread),
    **_both("three members, each with another part of it", _three_talk),
    "that of three members by the one who has all": _whole(_three_talk, "teal"),
    "of three only one has cosigned": lambda: Desk(NAMES).pack(cosigners=("violet",)),
    "a log of no entries": lambda: Desk().pack(),
    "a log of one entry": lambda: sized(1, first=True),
    **{f"the last entry of {n}": partial(sized, n, first=False) for n in (2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33)},
    **{f"the first entry of {n}": partial(sized, n, first=True) for n in (3, 4, 5, 8, 9, 33)},
    "two keys handed over, one after the other": _whole(lambda: _hand_overs(2)),
    "two keys handed over beyond gaps": lambda: _hand_overs(2).pack(thread=THREAD),
    "a key added by the root": _whole(lambda: _added(None)),
    "a key added by the root for another": _thread(lambda: _added(fingerprint("amber"))),
    "a key of another office": _thread(_another_office),
    "a KEY that asks for too much changes nothing": _thread(_asks_for_too_much),
    "CEASE under a retired key": _thread(_urgent_under_a_retired_key),
    **_both("two holders sign", _two_holders),
    **_both("a restore", lambda: _restored(1)),
    **_both("two restores after one entry", lambda: _restored(2)),
    **_both("a restore after a restore", _restored_again),
    **_both("a revoked key, receipted before", lambda: _revoked(receipted=True)),
    **_both("a revoked key, receipted by nobody", lambda: _revoked(receipted=False)),
    "a key revoked from the first entry on": _whole(lambda: _revoked(receipted=False, good=0)),
    "a revocation beyond a gap": _thread(_revoked_beyond_a_gap),
    "one position signed twice": _whole(_signed_twice, "teal"),
    "one position signed three times": _whole(lambda: _signed_twice(3), "teal"),
    "a gap that closes late": _whole(lambda: _gap(closes=True), "teal"),
    "a gap that never closes": _whole(lambda: _gap(closes=False), "teal"),
    "a gap that never closes, and the key lies in it": _whole(_dropped_by_the_keys_there_are, "teal"),
    "an entry before the KEY that names its key": _whole(_before_its_key, "teal"),
    "entries last first": _whole(_reordered_log, "teal"),
    "dropped when its gap closed": _whole(lambda: _dropped(closes=True), "teal"),
    "a receipt that says absent": _thread(lambda: _receipts("absent")),
    "a receipt that says absent, then one that says checked": _thread(lambda: _receipts("absent", "checked")),
    "a receipt that says checked, then one that says absent": _thread(lambda: _receipts("checked", "absent")),
    "an entry of a later version with a field more": _thread(_later_version),
    "an unknown type": _thread(lambda: _of_type("X-NEW")),
    "an unknown type with a control part": _thread(lambda: _of_type("X-NEW", {"any": [1]})),
    "words after CLOSE": _whole(_closed),
    "a thread that breaks, in a whole channel": _whole(_thread_breaks),
    "a value as deep as may be": _thread(lambda: _words({"deep": nested(31)})),
    "the largest and smallest integers": _thread(lambda: _words({"most": INTEGER_MAX, "least": -INTEGER_MAX})),
    "a name of 200 characters out of the basic plane": _thread(lambda: _words({WIDE: 1})),
    "an empty text, nothing, and both truths": _thread(
        lambda: _words({"a": "", "b": None, "c": True, "d": False, "e": {}, "f": []})
    ),
    "composed and decomposed text": _thread(lambda: _words({"\u00e9": "e\u0301", "e\u0301": "\u00e9"})),
    "control characters and line separators": _thread(lambda: _words({"\u2028": '\x00\x1f\x7f"\\</script>'})),
    "before 1970": _thread(lambda: _at(-1)),
    "the earliest time": _thread(lambda: _at(-INTEGER_MAX)),
    "the latest time": _thread(lambda: _at(INTEGER_MAX)),
    "40 references to what is not there": _thread(lambda: _refers(40)),
    "every field left out of the notice": lambda: _without("text", "lower_m"),
    "one of two fields left out": lambda: _without("text"),
    "the other of two fields left out": lambda: _without("lower_m"),
    "a receipt without the notice that it is for": lambda: only(small().pack(thread=THREAD), 0, 2),
    "a thread without its receipt": lambda: only(small().pack(thread=THREAD), 0, 1),
    "nobody has cosigned": lambda: small().pack(cosigners=(), thread=THREAD),
    "cosigned at two times": lambda: headed(Desk(), AMBERS, TEALS, TEALS | {"time_s": 1}),
    "cosigned before the log's own line": lambda: headed(Desk(), TEALS, AMBERS),
    "cosigned at the latest time": lambda: headed(Desk(), AMBERS, TEALS | {"time_s": 2**63 - 1}),
    "a head with extension lines": lambda: headed(Desk(), AMBERS, TEALS, extensions=("one", "two 2")),
    "a head by a new log key": lambda: _new_key("log", retires=False),
    "a head by a new log key, the old one retired": lambda: _new_key("log", retires=True),
    "a head by a retired log key": _retired_log_key,
    "a cosignature by a new witness key": lambda: _new_key("witness", retires=True),
    "the other member's log": _whole(small, "teal"),
}
"""By name, how each is made. All are proved."""
