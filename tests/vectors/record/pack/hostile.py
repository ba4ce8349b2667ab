"""Packs that are not proved. What each must give is written beside it, from docs/spec/pack.md.

A want of one word is the code for which the pack is unreadable; one of three is the step, the entry from 1, or `-`, and
the code. The whole channel has four entries: Teal's KEY, Amber's NOTICE of another thread, its NOTICE, Teal's RECEIPT.
The thread has the first, third and fourth.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from tansiq.record.canonical import INTEGER_MAX, from_base64, to_base64
from tansiq.record.ed25519 import ORDER
from tests.laws.record_packs import THREAD, Desk, story
from tests.vectors.record.make_chain import SECOND_ENCODINGS, SMALL_ORDER
from tests.vectors.record.pack.edits import Change, cut, edited, flipped, put, swapped, turned, twice
from tests.vectors.record.pack.valid import NEW, OTHER_THREAD, nested, small

ZEROS: Final = to_base64(bytes(32))
ONES: Final = to_base64(b"\xff" * 32)
SHORT: Final = to_base64(bytes(16))


@cache
def whole() -> bytes:
    return small().pack()


@cache
def thread() -> bytes:
    return small().pack(thread=THREAD)


@cache
def tiny() -> bytes:
    """The pack of a thread of one entry: enough for whatever is changed in the genesis, or in how a pack is spelt."""
    desk = Desk()
    desk.say("amber", words={"lower_m": 300, "text": "crossing BAHR"})
    return desk.pack(thread=THREAD)


def _base(path: str) -> bytes:
    return tiny() if path.startswith("genesis") else thread()


NOTICE: Final = "entries.1.signed"
"""Amber's notice, in the pack of the thread."""

CUT: Final[dict[str, str]] = {
    **dict.fromkeys(("checkpoint", "entries", "format", "genesis", "hashes", "thread"), "missing_field"),
    **{f"genesis.{name}": "missing_field" for name in ("roots", "signed", "roots.0.key", "roots.0.signature")},
    **{f"genesis.signed.{name}": "missing_field" for name in ("keys", "members", "nonce", "predecessor", "track", "v")},
    **{f"entries.1.{name}": "missing_field" for name in ("body", "index", "signatures", "signed")},
    **{f"entries.1.body.0.{name}": "missing_field" for name in ("name", "salt", "value")},
    **{f"{NOTICE}.{name}": "missing_field" for name in ("channel", "seen", "thread_seq", "v")},
    "entries.0.signed.control.retires": "missing_field",
    "genesis.roots.1": "genesis - bad_signature",
    "genesis.signed.keys.1": "bad_value",
    "genesis.signed.keys.0.0": "genesis - bad_signature",
    "entries.1.signatures.0": "bad_value",
    "hashes.0": "inclusion - bad_proof",
    "hashes.4": "inclusion - bad_proof",
}  # fmt: skip
"""Of the thread's pack: what is taken out, and what must come of it."""

TWICE: Final = (
    "checkpoint", "entries", "format", "genesis", "hashes", "thread", "genesis.roots", "genesis.signed.track",
    "entries.0.index", "entries.0.body.0.salt", "entries.0.signed.seq", "entries.0.signed.type",
)  # fmt: skip

PUT: Final[list[tuple[str, object, str]]] = [
    ("format", 7, "unknown_format"),
    ("format", "tansiq-pack/1 ", "unknown_format"),
    ("note", "safe", "unknown_field"),
    ("checkpoint", None, "bad_value"),
    ("checkpoint", "", "checkpoint - bad_note"),
    ("checkpoint", "no note", "checkpoint - bad_note"),
    ("entries", {}, "bad_value"),
    ("entries", None, "bad_value"),
    ("genesis", [], "bad_value"),
    ("genesis.more", 1, "unknown_field"),
    ("genesis.roots", {}, "bad_value"),
    ("genesis.roots", [], "genesis - bad_signature"),
    ("genesis.roots.0.more", 1, "unknown_field"),
    ("genesis.roots.0.key", to_base64(b"\x01" + bytes(32)), "bad_key"),
    ("genesis.roots.0.key", to_base64(b"\x06" + bytes(1312)), "bad_key"),
    ("genesis.roots.0.signature", "", "genesis - bad_signature"),
    ("genesis.roots.0.signature", "AQ", "bad_value"),
    ("genesis.signed", "{}", "bad_value"),
    ("genesis.signed.more", 1, "unknown_field"),
    ("genesis.signed.v", 2, "out_of_range"),
    ("genesis.signed.v", True, "bad_value"),
    ("genesis.signed.track", "sea", "genesis - bad_signature"),
    ("genesis.signed.track", "", "bad_value"),
    ("genesis.signed.track", "x" * 201, "limit_exceeded"),
    ("genesis.signed.nonce", ZEROS, "bad_value"),
    ("genesis.signed.nonce", SHORT, "genesis - bad_signature"),
    ("genesis.signed.predecessor", ZEROS, "genesis - bad_signature"),
    ("genesis.signed.predecessor", SHORT, "bad_value"),
    ("genesis.signed.members", [ZEROS, ONES], "genesis - bad_signature"),
    ("genesis.signed.members", [ZEROS], "bad_value"),
    ("genesis.signed.members.0", 7, "bad_value"),
    ("genesis.signed.keys", {}, "bad_value"),
    ("genesis.signed.keys.0.0.use", "sign", "bad_value"),
    ("genesis.signed.keys.0.0.office", "", "bad_value"),
    ("genesis.signed.keys.0.0.office", "desk", "genesis - bad_signature"),
    ("thread", OTHER_THREAD.hex(), "bad_value"),
    ("thread", to_base64(OTHER_THREAD), "completeness - missing_field"),
    ("thread", ZEROS, "bad_value"),
    ("thread", 7, "bad_value"),
    ("hashes", {}, "bad_value"),
    ("hashes", [], "inclusion - bad_proof"),
    ("hashes.0", SHORT, "bad_value"),
    ("hashes.0", None, "bad_value"),
    ("hashes.0", ZEROS, "inclusion 1 bad_proof"),
    ("hashes.4", ZEROS, "inclusion 3 bad_proof"),
    ("entries.1", None, "bad_value"),
    ("entries.1.more", 1, "unknown_field"),
    ("entries.1.index", 1, "inclusion 2 bad_proof"),
    ("entries.1.index", -1, "out_of_range"),
    ("entries.1.index", "2", "bad_value"),
    ("entries.1.index", True, "bad_value"),
    ("entries.1.index", 0, "not_canonical"),
    ("entries.2.index", 4, "inclusion 3 bad_proof"),
    ("entries.2.index", INTEGER_MAX, "inclusion 3 bad_proof"),
    ("entries.2.index", INTEGER_MAX + 1, "out_of_range"),
    ("entries.1.signatures", [], "bad_value"),
    ("entries.1.signatures", "AQ==", "bad_value"),
    ("entries.1.signatures.0", "", "signature 2 bad_signature"),
    ("entries.1.signatures.0", None, "bad_value"),
    ("entries.1.signatures.0", "AR==", "bad_value"),
    ("entries.1.body", {}, "bad_value"),
    ("entries.1.body.0.more", 1, "unknown_field"),
    ("entries.1.body.0.name", "", "bad_value"),
    ("entries.1.body.0.name", 1, "bad_value"),
    ("entries.1.body.0.name", "x" * 201, "limit_exceeded"),
    ("entries.1.body.0.salt", ZEROS, "bad_value"),
    ("entries.1.body.0.value", nested(32), "limit_exceeded"),
    ("entries.1.body.0.value", INTEGER_MAX + 1, "out_of_range"),
    ("entries.1.body.0.value", 1.5, "bad_value"),
    (NOTICE, "{}", "bad_value"),
    (f"{NOTICE}.more", 1, "unknown_field"),
    (f"{NOTICE}.channel", SHORT, "chain 2 foreign_channel"),
    (f"{NOTICE}.channel", ZEROS, "bad_value"),
    (f"{NOTICE}.party", ZEROS, "chain 2 foreign_channel"),
    (f"{NOTICE}.issued_at", 1, "signature 2 bad_signature"),
    (f"{NOTICE}.issued_at", -INTEGER_MAX - 1, "out_of_range"),
    (f"{NOTICE}.seq", 0, "out_of_range"),
    (f"{NOTICE}.seq", 3, "signature 2 bad_signature"),
    (f"{NOTICE}.type", "ADOPT", "signature 2 bad_signature"),
    (f"{NOTICE}.type", "notice", "bad_value"),
    (f"{NOTICE}.type", "RECEIPT", "missing_field"),
    (f"{NOTICE}.v", 2, "signature 2 bad_signature"),
    (f"{NOTICE}.v", 0, "out_of_range"),
    (f"{NOTICE}.office", "desk", "keys 2 not_entitled"),
    (f"{NOTICE}.office", "", "bad_value"),
    (f"{NOTICE}.keys", [ZEROS], "keys 2 not_entitled"),
    (f"{NOTICE}.keys", [], "bad_value"),
    (f"{NOTICE}.prev", ONES, "signature 2 bad_signature"),
    (f"{NOTICE}.incarnation", to_base64(NEW), "signature 2 bad_signature"),
    (f"{NOTICE}.refs", [ONES], "signature 2 bad_signature"),
    (f"{NOTICE}.refs", [ONES, ONES], "bad_value"),
    (f"{NOTICE}.seen", [], "chain 2 foreign_channel"),
    (f"{NOTICE}.seen.0.party", ZEROS, "chain 2 foreign_channel"),
    (f"{NOTICE}.seen.0.seq", 2, "signature 2 bad_signature"),
    (f"{NOTICE}.thread", SHORT, "signature 2 bad_signature"),
    (f"{NOTICE}.thread_seq", 2, "bad_value"),
    (f"{NOTICE}.control", {}, "unknown_field"),
    ("entries.0.signed.control", None, "bad_value"),
    ("entries.0.signed.control.act", "revoke", "missing_field"),
    ("entries.0.signed.control.act", "take", "bad_value"),
    ("entries.0.signed.control.retires", None, "signature 1 bad_signature"),
    ("entries.0.signed.control.added.use", "log", "bad_value"),
    ("entries.2.signed.control.body", "whole", "bad_value"),
    ("entries.2.signed.control.body", "absent", "signature 3 bad_signature"),
    ("entries.2.signed.control.received_at", 1, "signature 3 bad_signature"),
    ("entries.2.signed.refs", [], "bad_value"),
    ("entries.2.signed.refs", [ZEROS], "signature 3 bad_signature"),
]  # fmt: skip
"""Of the thread's pack: what is put where, and what must come of it."""

CHANGED: Final[dict[str, tuple[Change, str]]] = {
    "the roots in each other's place": (swapped("genesis.roots.0", "genesis.roots.1"), "genesis - bad_signature"),
    "the roots' signatures in each other's place": (
        swapped("genesis.roots.0.signature", "genesis.roots.1.signature"),
        "genesis - bad_signature",
    ),
    "the members out of order": (swapped("genesis.signed.members.0", "genesis.signed.members.1"), "not_canonical"),
    "the lists of keys in each other's place": (
        swapped("genesis.signed.keys.0", "genesis.signed.keys.1"),
        "genesis - bad_signature",
    ),
    "a member's keys out of order": (swapped("genesis.signed.keys.0.0", "genesis.signed.keys.0.1"), "not_canonical"),
    "a key of both members": (
        lambda top: put("genesis.signed.keys.1.0", top["genesis"]["signed"]["keys"][0][0])(top),
        "bad_value",
    ),
    "a root among the keys": (
        lambda top: put("genesis.signed.keys.0.0.key", top["genesis"]["roots"][1]["key"])(top),
        "bad_value",
    ),
    "one byte of the genesis' signature": (
        turned("genesis.roots.1.signature", lambda text: to_base64(from_base64(text)[:-1] + b"\x7f")),
        "genesis - bad_signature",
    ),
    "entries out of order": (swapped("entries.0", "entries.1"), "not_canonical"),
    "two indices in each other's place": (swapped("entries.0.index", "entries.1.index"), "not_canonical"),
    "an entry twice at one index": (turned("entries", lambda all_: [*all_, all_[2]]), "not_canonical"),
    "an entry twice at two indices": (
        turned("entries", lambda all_: [*all_, {**all_[2], "index": 4}]),
        "chain 4 broken_chain",
    ),
    "the last of the entries left out, its hashes not": (
        turned("entries", lambda all_: all_[:2]),
        "inclusion - bad_proof",
    ),
    "signatures of two entries in each other's place": (
        swapped("entries.0.signatures", "entries.1.signatures"),
        "signature 1 bad_signature",
    ),
    "a signature more": (turned("entries.1.signatures", lambda all_: all_ * 2), "bad_value"),
    "three signatures": (turned("entries.1.signatures", lambda all_: all_ * 3), "limit_exceeded"),
    "a signature of another type": (turned("entries.1.signatures.0", flipped), "signature 2 bad_signature"),
    "a signature cut off": (
        turned("entries.1.signatures.0", lambda text: to_base64(from_base64(text)[:-1])),
        "signature 2 bad_signature",
    ),
    "a signature without padding": (turned("entries.1.signatures.0", lambda text: text[:-1]), "bad_value"),
    "a signature in the alphabet for addresses": (
        turned("entries.1.signatures.0", lambda text: "_" + text[1:]),
        "bad_value",
    ),
    "a signature whose S is larger by the order": (
        turned("entries.1.signatures.0", lambda text: to_base64(_larger(from_base64(text)))),
        "signature 2 bad_signature",
    ),
    "fields of another entry": (
        lambda top: top["entries"][0].update(body=top["entries"][1]["body"]),
        "body 1 bad_value",
    ),
    "a field's value": (put("entries.1.body.1.value", 303), "body 2 bad_value"),
    "a field twice": (turned("entries.1.body", lambda all_: [all_[0], *all_]), "not_canonical"),
    "fields out of order": (turned("entries.1.body", lambda all_: all_[::-1]), "not_canonical"),
    "two hashes in each other's place": (swapped("hashes.0", "hashes.1"), "inclusion 1 bad_proof"),
    "hashes shifted by one": (turned("hashes", lambda all_: [*all_[1:], all_[0]]), "inclusion 1 bad_proof"),
    "a hash more": (turned("hashes", lambda all_: [*all_, ZEROS]), "inclusion - bad_proof"),
    "a hash twice": (turned("hashes", lambda all_: [all_[0], *all_]), "inclusion - bad_proof"),
    "more hashes than any proofs take": (put("hashes", [ZEROS] * (3 * 64 + 1)), "limit_exceeded"),
    "the digest of a field gone from the header": (
        turned(f"{NOTICE}.body", lambda all_: all_[:1]),
        "signature 2 bad_signature",
    ),
    "the digests of the fields out of order": (turned(f"{NOTICE}.body", lambda all_: all_[::-1]), "not_canonical"),
    "a whole channel, and what a thread has": (put("thread", None), "unknown_field"),
}


def _larger(signature: bytes) -> bytes:
    return signature[:33] + (int.from_bytes(signature[33:], "little") + ORDER).to_bytes(32, "little")


def _spelt() -> Iterator[tuple[str, bytes, str]]:
    """Other bytes than the canonical form of a pack."""
    pack = tiny()
    yield "a space after a comma", pack.replace(b",", b", ", 1), "not_canonical"
    yield "a newline before it", b"\n" + pack, "not_canonical"
    yield "a byte order mark", b"\xef\xbb\xbf" + pack, "bad_json"
    yield "nothing", b"", "bad_json"
    yield "the first half", pack[: len(pack) // 2], "bad_json"
    yield "all but the last character", pack[:-1], "bad_json"
    yield "a bracket more", pack + b"}", "bad_json"
    yield "two packs in one file", pack + pack, "bad_json"
    yield "a list of it", b"[" + pack + b"]", "bad_value"
    yield "a text", b'"tansiq-pack/1"', "bad_value"
    yield "a letter escaped", pack.replace(b"crossing", b"\\u0063rossing"), "not_canonical"
    yield "the dash of the note escaped", pack.replace("\u2014".encode(), b"\\u2014"), "not_canonical"
    yield "a lone surrogate in a value", pack.replace(b"crossing BAHR", b"\\ud83d"), "bad_value"
    yield "a lone surrogate in the note", pack.replace("\u2014".encode(), b"\\ude00", 1), "bad_value"
    yield "a number with a point", pack.replace(b'"value":300', b'"value":300.0'), "bad_value"
    yield "a number with an exponent", pack.replace(b'"value":300', b'"value":3e2'), "bad_value"
    yield "minus zero", pack.replace(b'"value":300', b'"value":-0'), "not_canonical"
    yield "a leading zero", pack.replace(b'"value":300', b'"value":0300'), "bad_json"
    yield "NaN", pack.replace(b'"value":300', b'"value":NaN'), "bad_value"
    yield "a comment", pack.replace(b'"value":300', b'"value":300/**/'), "bad_json"
    yield "41 levels", pack.replace(b'"value":300', b'"value":' + b"[" * 37 + b"]" * 37), "limit_exceeded"
    yield "brackets without end", b"[" * 4_000, "limit_exceeded"
    yield "an accent more in the text of a field", pack.replace(b"BAHR", "BAHR\u0301".encode()), "body 1 bad_value"
    yield "format after genesis", _moved(pack), "not_canonical"


def _moved(pack: bytes) -> bytes:
    part = b'"format":"tansiq-pack/1",'
    return b"{" + part + pack.replace(part, b"")[1:]


WHOLE: Final[dict[str, tuple[Change, str]]] = {
    "the last entry left out": (turned("entries", lambda all_: all_[:-1]), "completeness - missing_field"),
    "every entry left out": (put("entries", []), "completeness - missing_field"),
    "an entry between left out": (turned("entries", lambda all_: [all_[0], *all_[2:]]), "completeness - missing_field"),
    "the first entry left out": (turned("entries", lambda all_: all_[1:]), "keys 3 not_entitled"),
    "the last entry twice": (turned("entries", lambda all_: [*all_, all_[-1]]), "chain 5 broken_chain"),
    "the first entry twice": (turned("entries", lambda all_: [all_[0], *all_]), "chain 2 broken_chain"),
    "the first entry in the last one's place": (
        turned("entries", lambda all_: [*all_[:-1], all_[0]]),
        "chain 4 broken_chain",
    ),
    "two entries in each other's place": (swapped("entries.1", "entries.2"), "inclusion - bad_proof"),
    "an index": (put("entries.0.index", 0), "unknown_field"),
    "hashes": (put("hashes", []), "unknown_field"),
    "a thread that it does not have": (put("thread", SHORT), "missing_field"),
    "an entry's number": (put("entries.1.signed.seq", 2), "chain 2 broken_chain"),
    "an entry's incarnation": (put("entries.2.signed.incarnation", to_base64(NEW)), "chain 3 broken_chain"),
    "an entry's key": (put("entries.1.signed.keys.0", ZEROS), "keys 2 not_entitled"),
    "an entry's predecessor": (put("entries.2.signed.prev", ONES), "signature 3 bad_signature"),
    "a signature": (put("entries.0.signatures.0", to_base64(b"\x01" + bytes(64))), "signature 1 bad_signature"),
}


def hostile() -> Iterator[tuple[str, bytes, str]]:
    """Every changed pack, by name, with what must come of it."""
    for path, want in CUT.items():
        yield f"without {path}", edited(_base(path), cut(path)), want
    for path in TWICE:
        yield f"{path} twice", twice(tiny(), path), "duplicate_key"
    for path, new, want in PUT:
        shown = str(new)[:40] if not isinstance(new, list | dict) or len(new) < 2 else f"{len(new)} of another"
        yield f"{path}: {shown!r}", edited(_base(path), put(path, new)), want
    for name, (change, want) in CHANGED.items():
        yield name, edited(thread(), change), want
    for name, (change, want) in WHOLE.items():
        yield f"of a whole channel: {name}", edited(whole(), change), want
    yield from _spelt()
    for number, raw in enumerate(SMALL_ORDER + SECOND_ENCODINGS):
        weak = to_base64(b"\x01" + bytes.fromhex(raw))
        at = ("entries.0.signed.control.added.key", "genesis.signed.keys.0.0.key")[number % 2]
        yield f"weak key {number}", edited(_base(at), put(at, weak)), "bad_key"
    to_encrypt = {"key": to_base64(b"\x21" + bytes(32)), "office": "", "use": "encryption"}
    yield "weak key for encryption", edited(thread(), put("entries.0.signed.control.added", to_encrypt)), "bad_key"
    longer = story().pack(thread=THREAD)
    by_root = [put("entries.1.signed.office", ""), turned("entries.1.signed", _by_root)]
    yield "a notice by the root", edited(longer, *by_root), "not_entitled"
    restore = [put("entries.0.signed.type", "RESTORE"), put("entries.0.signed.control", {"shown": 1})]
    yield "a RESTORE by an office", edited(longer, *restore), "not_entitled"


def _by_root(signed: dict[str, Any]) -> dict[str, Any]:
    return signed | {"keys": [signed["party"]]}
