"""Makes the vectors of canonical JSON, entries and channels; `python -m tests.vectors.record.make_chain` writes them.

Each case says what must come of it: "ok", or the code of the error. The keys are test keys, from seeds that everybody
can read in tests/laws/record_history.py: never use them for anything else.
"""

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tansiq.errors import PeerError
from tansiq.record.body import Field, check_body, digests
from tansiq.record.canonical import INTEGER_MAX, parse, to_base64, write
from tansiq.record.channel import ChannelState
from tansiq.record.control import AddKey, OfficeKey, Receipt, Restore, RevokeKey
from tansiq.record.ed25519 import ORDER
from tansiq.record.entry import Envelope, Thread, check_signatures, envelope, make, parse_entry, sign
from tansiq.record.genesis import parse_signed_genesis
from tansiq.record.keys import PublicKey, Purpose, Signature, public_key
from tests.laws.record_history import OFFICE, Member, member_key, members, start
from tests.vectors.record import bounds

FOLDER: Final = Path(__file__).parent
AMBER_TEAL: Final = ("amber", "teal")
SMALL_ORDER: Final = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]
"""Every point of small order, in its one encoding."""
SECOND_ENCODINGS: Final = [
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]
"""Encodings that some programs read as one of them."""

CANONICAL: Final[dict[str, tuple[bytes, str]]] = {
    "empty object": (b"{}", "ok"),
    "the largest integer": (b"[9007199254740991]", "ok"),
    "the smallest integer": (b"[-9007199254740991]", "ok"),
    "one more than the largest": (b"[9007199254740992]", "out_of_range"),
    "one less than the smallest": (b"[-9007199254740992]", "out_of_range"),
    "a number of 5,000 digits": (b"[" + b"9" * 5000 + b"]", "out_of_range"),
    "minus zero": (b"[-0]", "not_canonical"),
    "a leading zero": (b"[01]", "bad_json"),
    "a plus sign": (b"[+1]", "bad_json"),
    "a point": (b"[1.0]", "bad_value"),
    "an exponent": (b"[1e3]", "bad_value"),
    "NaN": (b"[NaN]", "bad_value"),
    "Infinity": (b"[-Infinity]", "bad_value"),
    "keys in order": (b'{"a":1,"b":2}', "ok"),
    "keys out of order": (b'{"b":2,"a":1}', "not_canonical"),
    "keys in the order of UTF-16 code units": ('{"\U0001f600":1,"\ufb33":2}'.encode(), "ok"),
    "keys in the order of code points": ('{"\ufb33":2,"\U0001f600":1}'.encode(), "not_canonical"),
    "a key twice": (b'{"a":1,"a":1}', "duplicate_key"),
    "a key twice, one of them escaped": (b'{"a":1,"\\u0061":1}', "duplicate_key"),
    "a space": (b'{"a": 1}', "not_canonical"),
    "a line end after it": (b"{}\n", "not_canonical"),
    "more after it": (b"{}{}", "bad_json"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "bad_json"),
    "nothing": (b"", "bad_json"),
    "cut off": (b'{"a":', "bad_json"),
    "a comment": (b"[1]//", "bad_json"),
    "the escapes that there are": (b'["\\b\\t\\n\\f\\r\\"\\\\\\u0000\\u001f"]', "ok"),
    "an escape in upper case": (b'["\\u001F"]', "not_canonical"),
    "a letter escaped": (b'["\\u0061"]', "not_canonical"),
    "a slash escaped": (b'["\\/"]', "not_canonical"),
    "a line end escaped by number": (b'["\\u000a"]', "not_canonical"),
    "a raw control character": (b'["\x1f"]', "bad_json"),
    "delete, as it is": (b'["\x7f"]', "ok"),
    "line separator, as it is": ('["\u2028"]'.encode(), "ok"),
    "a character of four bytes": ('["\U0001f600"]'.encode(), "ok"),
    "that character as an escaped pair": (b'["\\ud83d\\ude00"]', "not_canonical"),
    "a lone high surrogate": (b'["\\ud83d"]', "bad_value"),
    "a lone low surrogate": (b'["\\ude00"]', "bad_value"),
    "a lone surrogate in a key": (b'{"\\ud83d":1}', "bad_value"),
    "a surrogate in UTF-8": (b'["\xed\xa0\xbd"]', "bad_json"),
    "an overlong encoding": (b'["\xc1\xa1"]', "bad_json"),
    "text composed": ('["\u00e9"]'.encode(), "ok"),
    "text decomposed, another text": ('["e\u0301"]'.encode(), "ok"),
    "32 levels": (b"[" * 32 + b"]" * 32, "ok"),
    "33 levels": (b"[" * 33 + b"]" * 33, "limit_exceeded"),
    "2,000 levels": (b"[" * 2_000 + b"]" * 2_000, "limit_exceeded"),
}


def outcome(act: Callable[[], object]) -> str:
    """ "ok", or the code of what the peer's bytes were refused for."""
    try:
        act()
    except PeerError as error:
        return error.code
    return "ok"


def judge_entry(signed: bytes, signatures: list[dict[str, str]], keys: list[str]) -> str:
    """What comes of an entry and its signatures before these keys, given in base64."""

    def act() -> None:
        entry = parse_entry(signed)
        beside = write({"signatures": signatures, "signed": to_base64(signed), "v": 1})
        known = [public_key(b64decode(key)) for key in keys]
        check_signatures(entry, envelope(beside).signatures, {one.fingerprint: one for one in known})

    return outcome(act)


def judge_channel(case: dict[str, Any]) -> dict[str, Any]:
    """What comes of a channel's genesis and of each envelope, in their order."""
    genesis = case["genesis"].encode()
    if (code := outcome(lambda: parse_signed_genesis(genesis))) != "ok":
        return {"genesis": code}
    state = ChannelState(parse_signed_genesis(genesis))
    came = []
    for text in case["envelopes"]:
        try:
            came.append(state.add(envelope(text.encode())).place.name)
        except PeerError as error:
            came.append(error.code)
    members_ = state.start.genesis.members
    chains = {to_base64(one): [to_base64(digest) for digest in state.chain(one)] for one in members_}
    voided = [to_base64(digest) for one in members_ for digest in state.chain(one) if not state.stands(digest)]
    return {"chains": chains, "convictions": len(state.convictions), "envelopes": came, "genesis": "ok", "void": voided}


def canonical_cases() -> list[dict[str, Any]]:
    cases = []
    for name, (spelling, want) in CANONICAL.items():
        assert outcome(lambda s=spelling: parse(s)) == want, name  # type: ignore[misc] # a default of a lambda has no type
        cases.append({"bytes": to_base64(spelling), "name": name, "want": want})
    return cases


def good_entry() -> tuple[Envelope, dict[str, Any]]:
    """An entry that has every field, and what it says."""
    amber, teal = members(*AMBER_TEAL)
    amber.say()
    teal.state.add(amber.say())
    body = digests([Field(bytes([k] * 16), name, k) for k, name in enumerate(("area", "lower", "upper"))])
    header = replace(teal.header(), body=body, refs=(bytes(range(32)),), thread=Thread(bytes(range(16)), 1))
    made = teal.signed(header)
    return made, json.loads(made.signed)


ZEROS: Final = to_base64(bytes(32))
ONES: Final = to_base64(bytes([255] * 32))

CHANGED: Final[dict[str, list[tuple[object, str]]]] = {
    "body": [(None, "bad_value"), (["AA=="], "bad_value"), ([ONES, ZEROS], "not_canonical")],
    "channel": [("AA==", "bad_value"), (7, "bad_value"), ("00" * 16, "bad_value")],
    "incarnation": [(to_base64(bytes(17)), "bad_value"), (to_base64(bytes(16))[:-2], "bad_value")],
    "issued_at": [("1", "bad_value"), (True, "bad_value")],
    "keys": [([], "bad_value"), ([ZEROS] * 2, "not_canonical"), ([ZEROS] * 3, "limit_exceeded")],
    "office": [("", "bad_value"), (None, "bad_value"), ("x" * 201, "limit_exceeded")],
    "party": [("AB" * 32, "bad_value"), (ZEROS[:-2] + "B=", "bad_value"), (ZEROS + "\n", "bad_value")],
    "prev": [("", "bad_value")],
    "refs": [([ZEROS] * 2, "bad_value"), ("AA==", "bad_value")],
    "seen": [({}, "bad_value"), ([{}], "missing_field")],
    "seq": [(0, "out_of_range"), (-1, "out_of_range"), (INTEGER_MAX + 1, "out_of_range")],
    "thread": [("", "bad_value")],
    "thread_prev": [(ONES, "bad_value")],
    "thread_seq": [(2, "bad_value"), (0, "out_of_range")],
    "type": [("notice", "bad_value"), ("A" * 33, "bad_value"), ("KEY", "missing_field"), ("RECEIPT", "missing_field")],
    "v": [(0, "out_of_range"), ("1", "bad_value")],
}


def _spell(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


def _case(name: str, made: Envelope, keys: list[PublicKey], want: str) -> dict[str, Any]:
    beside = [{"key": to_base64(one.key), "signature": to_base64(one.encoded)} for one in made.signatures]
    listed = [to_base64(key.encoded) for key in keys]
    assert (got := judge_entry(made.signed, beside, listed)) == want, (name, got)
    return {"keys": listed, "name": name, "signatures": beside, "signed": to_base64(made.signed), "want": want}


def entry_cases() -> list[dict[str, Any]]:
    good, value = good_entry()
    key, keys = member_key("teal"), [member_key("teal").public]
    cases = [_case("every field", good, keys, "ok")]
    for field in sorted(value):
        less = _spell({name: value[name] for name in value if name != field})
        cases.append(_case(f"without {field}", replace(good, signed=less), keys, "missing_field"))
        twice = good.signed[:-1] + f',"{field}":{json.dumps(value[field])}}}'.encode()
        cases.append(_case(f"{field} twice", replace(good, signed=twice), keys, "duplicate_key"))
        for number, (other, want) in enumerate(CHANGED[field], 1):
            signed = _spell(value | {field: other})
            signature = key.sign(Purpose.ENTRY, signed)
            name = f"{field} changed, way {number}, and signed"
            cases.append(_case(name, Envelope(signed, (signature,)), keys, want))
    for field, other in (("issued_at", 1_000_001), ("seq", 3), ("prev", ONES), ("office", "desk"), ("v", 2)):
        signed = _spell(value | {field: other})
        cases.append(_case(f"{field} changed after signing", replace(good, signed=signed), keys, "bad_signature"))
    more = _spell(value | {"more": 1})
    cases.append(_case("a field more", Envelope(more, (key.sign(Purpose.ENTRY, more),)), keys, "unknown_field"))
    later = _spell(value | {"more": 1, "v": 2})
    cases.append(
        _case("a field more in a later version", Envelope(later, (key.sign(Purpose.ENTRY, later),)), keys, "ok")
    )
    strange = _spell(value | {"control": {"any": [1]}, "type": "X-NEW"})
    cases.append(_case("an unknown type", Envelope(strange, (key.sign(Purpose.ENTRY, strange),)), keys, "ok"))
    cuts = (1, len(good.signed) // 2, len(good.signed) - 1)
    cases += [_case(f"cut off after {n} bytes", replace(good, signed=good.signed[:n]), keys, "bad_json") for n in cuts]
    cases += _signature_cases(good)
    cases += [_case(name, bounds.signed(value, changes), keys, want) for name, changes, want in bounds.entries(value)]
    return cases


def _signature_cases(good: Envelope) -> list[dict[str, Any]]:
    key, keys = member_key("teal"), [member_key("teal").public]
    mark, made = good.signatures[0].key, good.signatures[0].encoded
    large = made[:33] + (int.from_bytes(made[33:], "little") + ORDER).to_bytes(32, "little")
    wrong = {
        "a signature for another purpose": key.sign(Purpose.REQUEST, good.signed).encoded,
        "the signature of another key": member_key("amber").sign(Purpose.ENTRY, good.signed).encoded,
        "S as large again as the order": large,
        "a signature of another type": b"\x06" + made[1:],
        "a signature without its type": made[1:],
        "a signature cut off": made[:-1],
        "an empty signature": b"",
    }
    cases = [_case(k, replace(good, signatures=(Signature(mark, v),)), keys, "bad_signature") for k, v in wrong.items()]
    twice = replace(good, signatures=good.signatures * 2)
    cases.append(_case("the signature twice", twice, keys, "bad_signature"))
    cases.append(_case("a key that nobody named", good, [member_key("amber").public], "not_entitled"))
    for number, raw in enumerate(SMALL_ORDER + SECOND_ENCODINGS):
        weak = PublicKey(b"\x01" + bytes.fromhex(raw))
        signed = make(replace(parse_entry(good.signed), keys=(weak.fingerprint,))).signed
        # The neutral element as R and zero as S: OpenSSL takes it for some of these keys.
        forged = Signature(weak.fingerprint, b"\x01\x01" + bytes(63))
        cases.append(_case(f"weak key {number}", Envelope(signed, (forged,)), [weak], "bad_key"))
    return cases


def body_cases() -> list[dict[str, Any]]:
    fields = [Field(bytes([k + 1] * 16), name, value) for k, (name, value) in enumerate(_BODY.items())]
    body = digests(fields)
    ways = {
        "whole": fields,
        "one left out": fields[1:],
        "all left out": [],
        "a value changed": [replace(fields[0], value=301), *fields[1:]],
        "a salt changed": [replace(fields[0], salt=bytes(16)), *fields[1:]],
        "a name changed": [replace(fields[0], name="upper"), *fields[1:]],
        "a field more": [*fields, Field(bytes(16), "more", None)],
    }
    cases = []
    for name, given in ways.items():
        check = check_body(body, given)
        cases.append({
            "body": [to_base64(one) for one in body],
            "contradicting": [one.name for one in check.contradicting],
            "fields": [{"name": one.name, "salt": to_base64(one.salt), "value": one.value} for one in given],
            "left_out": [to_base64(one) for one in check.left_out],
            "name": name,
            "proved": [one.name for one in check.proved],
        })  # fmt: skip
    return cases


_BODY: Final[dict[str, Any]] = {"lower_mm": 300, "text": "two ships, نيّة", "where": [[1, 2], [3, 4]]}


def channel_cases() -> list[dict[str, Any]]:
    cases = []
    for name, make_case in CHANNELS.items():
        genesis, envelopes = make_case()
        case = {"envelopes": [one.encode().decode() for one in envelopes], "genesis": genesis.decode(), "name": name}
        cases.append(case | {"want": judge_channel(case)})
    for name, (make_case, wanted) in (bounds.geneses() | bounds.histories()).items():
        genesis, envelopes = make_case()
        case = {"envelopes": [one.encode().decode() for one in envelopes], "genesis": genesis.decode(), "name": name}
        told = judge_channel(case)
        assert (told["envelopes"] if envelopes else [told["genesis"]]) == wanted, (name, told)
        cases.append(case | {"want": told})
    return cases


def _channel(act: Callable[[Member, Member], list[Envelope]]) -> Callable[[], tuple[bytes, list[Envelope]]]:
    def made() -> tuple[bytes, list[Envelope]]:
        return start(AMBER_TEAL).encode(), act(*members(*AMBER_TEAL))

    return made


def _genesis(change: Callable[[dict[str, Any]], object]) -> Callable[[], tuple[bytes, list[Envelope]]]:
    def made() -> tuple[bytes, list[Envelope]]:
        value = json.loads(start(AMBER_TEAL).encode())
        change(value)
        return _spell(value), []

    return made


def _talk(amber: Member, teal: Member) -> list[Envelope]:
    first = amber.say()
    teal.state.add(first)
    entry = parse_entry(first.signed)
    receipt = replace(teal.header("RECEIPT", control=Receipt(2_000_000, "checked")), refs=(entry.digest,))
    return [first, teal.say(receipt), amber.say()]


def _twice(amber: Member, _: Member) -> list[Envelope]:
    header = amber.header()
    return [amber.signed(header), amber.signed(replace(header, issued_at_us=2))]


def _restored(amber: Member, _: Member) -> list[Envelope]:
    one, two, three = amber.say(), amber.say(), amber.say()
    again, _ = members(*AMBER_TEAL)
    again.state.add(one)
    restore = again.say_as_root("RESTORE", Restore(3), incarnation=bytes([7] * 16))
    return [one, two, three, restore, again.say()]


def _revoked(amber: Member, teal: Member) -> list[Envelope]:
    one, two, three = amber.say(), amber.say(), amber.say()
    for envelope_ in (one, two):
        teal.state.add(envelope_)
    receipt = teal.say()
    revoke = amber.say_as_root("KEY", RevokeKey(member_key("amber").public.fingerprint, bytes(16), 1))
    return [one, two, three, receipt, revoke, amber.signed(amber.header())]


def _without_root(amber: Member, _: Member) -> list[Envelope]:
    one = amber.say()
    return [one, amber.signed(replace(amber.header(), incarnation=bytes([7] * 16)))]


def _stranger(amber: Member, _: Member) -> list[Envelope]:
    violet = Member("violet", ChannelState(start(("amber", "violet"))))
    return [amber.say(), violet.say()]


def _skipped(amber: Member, _: Member) -> list[Envelope]:
    one = amber.say()
    return [one, amber.signed(replace(amber.header(), seq=3))]


def _added(amber: Member, _: Member) -> list[Envelope]:
    new = OfficeKey(OFFICE, "entry", member_key("amber", 1).public)
    one = amber.say_as_root("KEY", AddKey(new, None))
    amber.key_number = 1
    return [one, amber.say()]


def _two_holders(amber: Member, _: Member) -> list[Envelope]:
    one = amber.say_as_root("KEY", AddKey(OfficeKey(OFFICE, "entry", member_key("amber", 1).public), None))
    pair = [member_key("amber"), member_key("amber", 1)]
    both = make(replace(amber.header(), keys=tuple(sorted(key.public.fingerprint for key in pair))))
    signed = sign(both, *pair)
    return [one, Envelope(signed.signed, signed.signatures[:1]), signed]


def _handed_over(amber: Member, _: Member) -> list[Envelope]:
    one, two = amber.say(), amber.hand_over()
    three = amber.say()
    old = replace(amber.header(), keys=(member_key("amber").public.fingerprint,))
    urgent = replace(old, type="CEASE")
    return [three, two, one, sign(make(old), member_key("amber")), sign(make(urgent), member_key("amber"))]


CHANNELS: Final[dict[str, Callable[[], tuple[bytes, list[Envelope]]]]] = {
    "a notice, its receipt, and one more": _channel(_talk),
    "the same, last first": _channel(lambda a, t: list(reversed(_talk(a, t)))),
    "one position signed twice": _channel(_twice),
    "a restore leaves two entries beside the chain": _channel(_restored),
    "the restore comes first": _channel(lambda a, t: list(reversed(_restored(a, t)))),
    "a revoked key: what was receipted stands": _channel(_revoked),
    "a new incarnation without a restore": _channel(_without_root),
    "an entry of another channel": _channel(_stranger),
    "a count that skips": _channel(_skipped),
    "a key added by the root": _channel(_added),
    "two holders, first with one signature": _channel(_two_holders),
    "a key handed over, out of order; the old one still says CEASE": _channel(_handed_over),
    "a genesis without a root's signature": _genesis(lambda g: g["roots"].pop()),
    "a genesis with the roots out of order": _genesis(lambda g: g["roots"].reverse()),
    "a genesis with another's signature": _genesis(
        lambda g: g["roots"][0].update(signature=g["roots"][1]["signature"])
    ),
    "a genesis with a field more": _genesis(lambda g: g.update(more=1)),
    "a genesis of a later version": _genesis(lambda g: g.update(v=2)),
    "a genesis of other bytes": _genesis(lambda g: g.update(signed=to_base64(b"{}"))),
}


def files() -> dict[str, str]:
    """Every file of vectors, by its path in this folder."""
    made = {
        "canonical/parse.json": canonical_cases(),
        "channel/histories.json": channel_cases(),
        "entry/bodies.json": body_cases(),
        "entry/entries.json": entry_cases(),
    }
    head = {"format": "tansiq-record-vectors/1", "keys": "test keys from public seeds: never use them"}
    return {path: json.dumps(head | {"cases": cases}, indent=1, sort_keys=True) + "\n" for path, cases in made.items()}


if __name__ == "__main__":
    for path, text in files().items():
        (FOLDER / path).write_text(text, "utf-8")
