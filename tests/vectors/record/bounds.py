"""Entries and geneses at the bounds that docs/spec sets, and one past them, with what must come of each."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from tansiq.record.canonical import INTEGER_MAX, from_base64, to_base64
from tansiq.record.control import OfficeKey, Restore
from tansiq.record.entry import Envelope, Seen, make, sign
from tansiq.record.keys import EncryptionKey, PublicKey, Purpose
from tests.laws.record_history import member_key, members, root, start
from tests.vectors.record.pack.edits import spell

WIDE: Final = "\U0001f600"
"""A character out of the basic plane: two units of UTF-16, and one character all the same."""
PAIR: Final = ("amber", "teal")
NEW: Final = bytes([7] * 16)


def _digest(number: int) -> str:
    return to_base64(number.to_bytes(32, "big"))


def _runs(count: int, **changes: object) -> list[dict[str, Any]]:
    """So many runs of one entry each."""
    none = to_base64(bytes(16))
    return [{"digest": _digest(k), "first": k, "incarnation": none, "last": k} | changes for k in range(2, count + 2)]


def _key(use: str, key: bytes, office: str = "") -> dict[str, Any]:
    added = {"key": to_base64(key), "office": office, "use": use}
    return {"control": {"act": "add", "added": added, "retires": None}, "type": "KEY"}


def entries(value: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """By name what is changed in an entry that says this, before it is signed, and what must come of it."""
    [seen] = value["seen"]
    one, two = [_digest(1)], [_digest(1), _digest(2)]
    yield "64 runs beyond a gap", {"seen": [seen | {"beyond": _runs(64)}]}, "ok"
    yield "65 runs beyond a gap", {"seen": [seen | {"beyond": _runs(65)}]}, "limit_exceeded"
    yield "runs out of order", {"seen": [seen | {"beyond": _runs(2)[::-1]}]}, "not_canonical"
    yield "a run twice", {"seen": [seen | {"beyond": _runs(1) * 2}]}, "not_canonical"
    yield "a run from 0", {"seen": [seen | {"beyond": _runs(1, first=0)}]}, "out_of_range"
    yield "a run that ends before it begins", {"seen": [seen | {"beyond": _runs(1, first=3)}]}, "out_of_range"
    yield "a run with a field more", {"seen": [seen | {"beyond": _runs(1, more=1)}]}, "unknown_field"
    yield "a member seen below zero", {"seen": [seen | {"seq": -1}]}, "out_of_range"
    yield "a member seen up to the largest", {"seen": [seen | {"seq": INTEGER_MAX}]}, "ok"
    yield "a member seen twice", {"seen": [seen, seen]}, "not_canonical"
    yield "1,000 references", {"refs": [_digest(k) for k in range(1_000)]}, "ok"
    yield "1,001 references", {"refs": [_digest(k) for k in range(1_001)]}, "limit_exceeded"
    yield "an office of 200 characters out of the basic plane", {"office": WIDE * 200}, "ok"
    yield "an office of 201 characters out of the basic plane", {"office": WIDE * 201}, "limit_exceeded"
    yield "a type of 32 characters", {"type": "A" * 32}, "ok"
    yield "a type that begins with a digit", {"type": "1A"}, "bad_value"
    yield "a type that begins with a hyphen", {"type": "-A"}, "bad_value"
    yield "a type with a line end", {"type": "NOTICE\n"}, "bad_value"
    yield "the largest number", {"seq": INTEGER_MAX, "thread_seq": 1}, "ok"
    yield "the earliest time", {"issued_at": -INTEGER_MAX}, "ok"
    yield "the latest time", {"issued_at": INTEGER_MAX}, "ok"
    yield "the latest version", {"v": INTEGER_MAX}, "ok"
    for type_ in ("READ-BACK", "ACKNOWLEDGE", "DECLINE", "DELETED"):
        yield f"{type_} with one reference", {"type": type_, "refs": one}, "ok"
        yield f"{type_} with two references", {"type": type_, "refs": two}, "bad_value"
        yield f"{type_} with none", {"type": type_, "refs": []}, "bad_value"
        yield f"{type_} with a control part", {"type": type_, "refs": one, "control": {}}, "unknown_field"
    for type_ in ("ADOPT", "CEASE", "CLOSE", "DISTRESS", "NOTICE"):
        yield f"{type_}", {"type": type_}, "ok"
        yield f"{type_} with a control part", {"type": type_, "control": None}, "unknown_field"
    receipt = {"body": "checked", "received_at": -1}
    yield "RECEIPT of before 1970", {"type": "RECEIPT", "refs": one, "control": receipt}, "ok"
    yield "RECEIPT of two", {"type": "RECEIPT", "refs": two, "control": receipt}, "bad_value"
    yield "RECEIPT of neither", {"type": "RECEIPT", "refs": one, "control": receipt | {"body": "some"}}, "bad_value"
    yield from _about_keys(value)


def _about_keys(value: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The same of KEY entries, and of what a root signs."""
    sound, revoke = member_key("teal", 1).public.encoded, {"act": "revoke", "key": _digest(1), "last_good": 0}
    revoke["incarnation"] = to_base64(bytes(16))
    yield "KEY for an entry key", _key("entry", sound, "watch"), "ok"
    yield "KEY for an entry key of no office", _key("entry", sound), "bad_value"
    yield "KEY for an office of 200 wide characters", _key("entry", sound, WIDE * 200), "ok"
    yield "KEY for an office of 201 wide characters", _key("entry", sound, WIDE * 201), "limit_exceeded"
    for use in ("log", "witness", "transport"):
        yield f"KEY for a {use} key", _key(use, sound), "ok"
        yield f"KEY for a {use} key of an office", _key(use, sound, "watch"), "bad_value"
    yield "KEY for an encryption key", _key("encryption", EncryptionKey(bytes(range(32))).public.encoded), "ok"
    yield "KEY for an encryption key that signs", _key("encryption", sound), "bad_key"
    yield "KEY for a key of nothing", _key("sign", sound), "bad_value"
    yield "KEY that revokes", {"type": "KEY", "control": revoke}, "ok"
    yield "KEY that revokes up to below zero", {"type": "KEY", "control": revoke | {"last_good": -1}}, "out_of_range"
    yield "KEY that revokes and retires", {"type": "KEY", "control": revoke | {"retires": None}}, "unknown_field"
    yield "RESTORE by an office", {"type": "RESTORE", "control": {"shown": 1}}, "not_entitled"
    by_root = {"keys": [value["party"]], "office": ""}
    yield "a notice by the root", by_root, "not_entitled"
    yield "a RESTORE by the root and another key", {
        "type": "RESTORE", "control": {"shown": 1}, "keys": sorted([value["party"], *value["keys"]], key=from_base64),
    }, "not_entitled"  # fmt: skip
    yield "a KEY by the root and another key", _key("log", sound) | {
        "keys": sorted([value["party"], *value["keys"]], key=from_base64)
    }, "not_entitled"  # fmt: skip


def signed(value: dict[str, Any], changes: dict[str, Any]) -> Envelope:
    """The entry with these changes, signed by Teal's key."""
    spelling = spell(value | changes)
    return Envelope(spelling, (member_key("teal").sign(Purpose.ENTRY, spelling),))


# ------------------------------------------------------------------------------------------------------------- geneses


def _rooted(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The genesis with this change of its signed bytes, signed by both roots."""
    value = json.loads(start(PAIR).genesis.signed)
    change(value)
    signed_ = spell(value)
    roots = sorted((root(name) for name in PAIR), key=lambda one: one.public.fingerprint)
    made = [
        {"key": to_base64(one.public.encoded), "signature": to_base64(one.sign(Purpose.GENESIS, signed_).encoded)}
        for one in roots
    ]
    return spell({"roots": made, "signed": to_base64(signed_), "v": 1})


def _of(key: PublicKey, office: str = "", use: str = "log") -> dict[str, Any]:
    return dict(OfficeKey(office, use, key).as_value())


def _teals(number: int) -> PublicKey:
    return member_key("teal", number).public


GENESES: Final[dict[str, tuple[Callable[[dict[str, Any]], object], str]]] = {
    "a genesis without keys": (lambda g: g.update(keys=[[], []]), "ok"),
    "a genesis with a list of keys for one member": (lambda g: g["keys"].pop(), "bad_value"),
    "a genesis with lists of keys for three members": (lambda g: g["keys"].append([]), "bad_value"),
    "a genesis with a key twice in one list": (lambda g: g["keys"][0].append(g["keys"][0][0]), "not_canonical"),
    "a genesis with a key for two uses": (
        lambda g: g["keys"][0].append(g["keys"][0][0] | {"office": "", "use": "log"}),
        "bad_value",
    ),
    "a genesis with a key of both members": (lambda g: g["keys"][1].insert(0, g["keys"][0][0]), "bad_value"),
    "a genesis with a root among the keys": (lambda g: g["keys"][0].append(_of(root("amber").public)), "bad_value"),
    "a genesis with keys in order": (
        lambda g: g["keys"][0].extend([_of(_teals(8)), _of(_teals(9), use="witness")]),
        "ok",
    ),
    "a genesis with keys out of order": (
        lambda g: g["keys"][0].insert(0, _of(_teals(9), use="witness")),
        "not_canonical",
    ),
    "a genesis with members out of order": (lambda g: g["members"].reverse(), "not_canonical"),
    "a genesis with a member twice": (lambda g: g.update(members=g["members"][:1] * 2), "not_canonical"),
    "a genesis with one member": (lambda g: g.update(members=g["members"][:1], keys=[[]]), "bad_value"),
    "a genesis with 65 members": (
        lambda g: g.update(members=[_digest(k) for k in range(65)], keys=[[]] * 65),
        "limit_exceeded",
    ),
    "a track of 200 characters out of the basic plane": (lambda g: g.update(track=WIDE * 200), "ok"),
    "a track of 201 characters out of the basic plane": (lambda g: g.update(track=WIDE * 201), "limit_exceeded"),
    "a genesis with a predecessor": (lambda g: g.update(predecessor=_digest(5)), "ok"),
    "a signed genesis of a later version": (lambda g: g.update(v=2), "out_of_range"),
    "a signed genesis with a field more": (lambda g: g.update(more=1), "unknown_field"),
    "a signed genesis without its nonce": (lambda g: g.pop("nonce"), "missing_field"),
}  # fmt: skip


def geneses() -> dict[str, tuple[Callable[[], tuple[bytes, list[Envelope]]], list[str]]]:
    """By name, the genesis without any entry; and the code that must come of it, or none."""
    return {
        name: (lambda change=change: (_rooted(change), []), [want])  # type: ignore[misc] # a default of a lambda has no type
        for name, (change, want) in GENESES.items()
    }


# ----------------------------------------------------------------------------------------------------------- histories


def _incarnation_again(used: bytes) -> list[Envelope]:
    amber, _ = members(*PAIR)
    said = [amber.say(), amber.say_as_root("RESTORE", Restore(1), incarnation=NEW), amber.say()]
    header = replace(amber.header("RESTORE", control=Restore(3)), office="", keys=(amber.id,), incarnation=used)
    return [*said, sign(make(header), root("amber"))]


def _three_times() -> list[Envelope]:
    amber, _ = members(*PAIR)
    header = amber.header()
    return [amber.signed(replace(header, issued_at_us=number)) for number in range(3)]


def _of_the_others() -> list[Envelope]:
    amber, teal = members(*PAIR)
    first = teal.say()
    prev = amber.state.add(first).entry.digest
    return [first, amber.signed(replace(amber.header(), prev=prev, seq=2))]


def _seen_by_nobody() -> list[Envelope]:
    amber, _ = members(*PAIR)
    stranger = Seen(bytes(32), bytes(16), 0, bytes(32))
    return [amber.signed(replace(amber.header(), seen=())), amber.signed(replace(amber.header(), seen=(stranger,)))]


HISTORIES: Final[dict[str, tuple[Callable[[], list[Envelope]], list[str]]]] = {
    "a restore to the incarnation that is": (lambda: _incarnation_again(NEW), ["IN_CHAIN"] * 3 + ["broken_chain"]),
    "a restore to the first incarnation": (lambda: _incarnation_again(bytes(16)), ["IN_CHAIN"] * 3 + ["broken_chain"]),
    "a restore to one more incarnation": (lambda: _incarnation_again(bytes([8] * 16)), ["IN_CHAIN"] * 4),
    "one position signed three times": (_three_times, ["IN_CHAIN"] * 3),
    "a predecessor of another party": (_of_the_others, ["IN_CHAIN", "broken_chain"]),
    "the other member is not seen, or a stranger is": (_seen_by_nobody, ["foreign_channel"] * 2),
}


def histories() -> dict[str, tuple[Callable[[], tuple[bytes, list[Envelope]]], list[str]]]:
    """By name, the genesis with entries; and where each must come to lie, or its code."""
    return {
        name: (lambda act=act: (start(PAIR).encode(), act()), want)  # type: ignore[misc] # as above
        for name, (act, want) in HISTORIES.items()
    }
