"""Signed notes of C2SP: a text that people can read, a blank line, and a line for each signature.

Rules for the next editor:

1. A note has one form. What is read is written back as the same bytes, or was refused: there is no second spelling of a
   name, a number or a signature that somebody could hide a difference in.
2. A text counts only through `open_note`. `parse` says what stands there, not that it is true.
3. A signature by a known key that does not fit refuses the whole note. One by an unknown key, or of a type that this
   program does not know, says nothing and is handed on as ignored, never dropped.
4. Types of signatures have the numbers that C2SP gives them. A new one is one row in `SIGNATURE_TYPES`.
"""

import base64
import binascii
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS

ED25519: Final = 0x01
ED25519_COSIGNATURE: Final = 0x04
ML_DSA_44_COSIGNATURE: Final = 0x06
"""C2SP's number for it. It has no row below yet, so its signatures are ignored; a row is all that it needs."""

MAX_TIME_S: Final = 2**63 - 1
_KEY_ID_BYTES: Final = 4
_TIME: Final = struct.Struct(">Q")
_DASH: Final = "\N{EM DASH}"

# Unicode 15's White_Space, in figures: what a name may hold does not change with the Python that reads it.
_SPACES: Final = frozenset("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {
    chr(code) for code in range(0x2000, 0x200B)
}


@dataclass(frozen=True, slots=True)
class SignatureType:
    """How signatures of a type are made.

    `message` gives what is signed: from the name of the key, the note's text and the time, which is 0 without `timed`.
    """

    public_key_bytes: int
    signature_bytes: int
    timed: bool
    message: Callable[[str, bytes, int], bytes]


SIGNATURE_TYPES: Final[dict[int, SignatureType]] = {
    ED25519: SignatureType(32, 64, timed=False, message=lambda _name, text, _time_s: text),
    ED25519_COSIGNATURE: SignatureType(
        32, 64, timed=True, message=lambda _name, text, time_s: b"cosignature/v1\ntime %d\n%b" % (time_s, text)
    ),
}


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A key that is known, and how its signatures are checked: `verify(message, signature)`."""

    name: str
    type: int
    public_key: bytes
    verify: Callable[[bytes, bytes], bool]

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature names the key, beside the key's name."""
        return key_id(self.name, self.type, self.public_key)


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A key that signs: `sign(message)`."""

    name: str
    type: int
    public_key: bytes
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """A line below a note: the key's name and id, and the signature, which begins with the time where it has one."""

    name: str
    key_id: bytes
    signature: bytes

    def encode(self) -> bytes:
        """The line, with its newline."""
        return f"{_DASH} {self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n".encode()


@dataclass(frozen=True, slots=True)
class Note:
    """What stands in a note; nothing of it has been verified."""

    text: bytes
    lines: tuple[SignatureLine, ...]

    def encode(self) -> bytes:
        """The note's bytes."""
        return self.text + b"\n" + b"".join(line.encode() for line in self.lines)


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that fits; `time_s` is by the signer's clock, None where the type has no time."""

    key: NoteKey
    line: SignatureLine
    time_s: int | None


@dataclass(frozen=True, slots=True)
class OpenNote:
    """A note that at least one of the known keys has signed. `ignored` says nothing about the text."""

    text: bytes
    verified: tuple[Verified, ...]
    ignored: tuple[SignatureLine, ...]


def key_id(name: str, type_: int, public_key: bytes) -> bytes:
    """The first four bytes of SHA-256(name, newline, type, public key): tells keys apart, proves nothing."""
    return sha256(name.encode() + b"\n" + bytes([type_]) + public_key).digest()[:_KEY_ID_BYTES]


def is_name(name: str) -> bool:
    """Whether a key may have this name: not empty, not too long, without spaces, plus signs and control characters."""
    try:
        length = len(name.encode())
    except UnicodeEncodeError:  # Half of a surrogate pair.
        return False
    return 0 < length <= LIMITS.key_name_bytes and not any(c in _SPACES or c == "+" or c < " " for c in name)


def parse(content: bytes) -> Note:
    """What stands in the note; `encode` gives the same bytes again.

    Raises PeerError: bad_note, limit_exceeded.
    """
    if len(content) > LIMITS.note_bytes:
        raise PeerError("limit_exceeded", "note", f"{len(content)} bytes", f"at most {LIMITS.note_bytes}")
    _require_text(content)
    blank = content.rfind(b"\n\n")
    if blank < 0 or not content.endswith(b"\n"):
        raise _bad("note", "no blank line, or no newline at the end", "a text, a blank line and lines of signatures")
    rows = content[blank + 2 :].split(b"\n")[:-1]
    if not rows:
        raise _bad("note", "no signatures", "at least one")
    if len(rows) > LIMITS.note_signatures:
        raise PeerError("limit_exceeded", "note", f"{len(rows)} signatures", f"at most {LIMITS.note_signatures}")
    if len(set(rows)) != len(rows):
        raise _bad("note", "the same signature twice", "each once")
    note = Note(content[: blank + 1], tuple(parse_line(row + b"\n") for row in rows))
    assert note.encode() == content
    return note


def parse_line(content: bytes) -> SignatureLine:
    """What stands in the line of a signature, newline included; `encode` gives the same bytes again.

    Raises PeerError: bad_note.
    """
    text = _require_text(content)
    parts = text[:-1].split(" ")
    if not text.endswith("\n") or "\n" in text[:-1] or len(parts) != 3 or parts[0] != _DASH:
        raise _bad("signature", repr(text[:80]), f"a line '{_DASH} NAME BASE64'")
    _, name, encoded = parts
    if not is_name(name):
        raise _bad("signature", f"the name {name[:80]!r}", "a name without spaces, plus signs and control characters")
    blob = unbase64(encoded)
    if blob is None or len(blob) <= _KEY_ID_BYTES:
        raise _bad("signature", repr(encoded[:80]), "base64 of a key id and a signature, as an encoder writes it")
    return SignatureLine(name, blob[:_KEY_ID_BYTES], blob[_KEY_ID_BYTES:])


def unbase64(encoded: str) -> bytes | None:
    """The bytes of standard base64 with padding, or None where an encoder would not have written this text."""
    try:
        found = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    return found if base64.b64encode(found).decode() == encoded else None


def sign(text: bytes, signer: NoteSigner, *, time_s: int = 0) -> SignatureLine:
    """The signer's line for a note with this text; the time counts only for types that have one.

    Raises PartyError: bad_value, out_of_range.
    """
    type_ = SIGNATURE_TYPES.get(signer.type)
    if type_ is None or len(signer.public_key) != type_.public_key_bytes or not is_name(signer.name):
        raise PartyError("bad_value", "signer", f"{signer.name!r}, type {signer.type}", "a key of a known type, named")
    if not 0 <= time_s <= MAX_TIME_S:
        raise PartyError("out_of_range", "time_s", str(time_s), f"0 to {MAX_TIME_S}")
    try:
        whole = text.endswith(b"\n") and bool(_require_text(text))
    except PeerError as error:
        raise PartyError(
            error.code if error.code == "limit_exceeded" else "bad_value", "text", error.got, error.want
        ) from error
    if not whole:
        raise PartyError("bad_value", "text", repr(text[-20:]), "a text that ends in a newline")
    signature = signer.sign(type_.message(signer.name, text, time_s))
    assert len(signature) == type_.signature_bytes, len(signature)
    stamp = _TIME.pack(time_s) if type_.timed else b""
    return SignatureLine(signer.name, key_id(signer.name, signer.type, signer.public_key), stamp + signature)


def open_note(content: bytes, keys: Sequence[NoteKey]) -> OpenNote:
    """The text of the note, with those of the keys that have signed it: at least one.

    Keys of a type without a row in `SIGNATURE_TYPES` are passed over like unknown ones.

    Raises PeerError: bad_note, bad_signature, limit_exceeded, not_signed. PartyError: bad_value.
    """
    note = parse(content)
    known = {(key.name, key.id): key for key in keys if key.type in SIGNATURE_TYPES}
    if len(known) != sum(key.type in SIGNATURE_TYPES for key in keys):
        raise PartyError("bad_value", "keys", "two keys of one name and id", "keys that signatures can tell apart")
    verified: list[Verified] = []
    ignored: list[SignatureLine] = []
    for line in note.lines:
        key = known.get((line.name, line.key_id))
        if key is None:
            ignored.append(line)
        else:
            verified.append(verify_line(note.text, line, key))
    if not verified:
        wanted = ", ".join(key.name for key in keys[:5]) or "a known key"
        raise PeerError("not_signed", "note", f"{len(ignored)} signatures by others", f"one by {wanted}")
    return OpenNote(note.text, tuple(verified), tuple(ignored))


def verify_line(text: bytes, line: SignatureLine, key: NoteKey) -> Verified:
    """The line is the key's signature below this text.

    Raises PeerError: bad_signature.
    """
    type_ = SIGNATURE_TYPES[key.type]
    time_s, signature = 0, line.signature
    if type_.timed:
        time_s = int.from_bytes(signature[: _TIME.size])
        signature = signature[_TIME.size :]
    fits = (
        (line.name, line.key_id) == (key.name, key.id)
        and len(signature) == type_.signature_bytes
        and time_s <= MAX_TIME_S
        and key.verify(type_.message(key.name, text, time_s), signature)
    )
    if not fits:
        raise PeerError("bad_signature", line.name, "a signature that does not fit", "one by this key below this text")
    return Verified(key, line, time_s if type_.timed else None)


def _require_text(content: bytes) -> str:
    """The bytes as text: UTF-8 without control characters other than newline."""
    if len(content) > LIMITS.note_bytes:
        raise PeerError("limit_exceeded", "note", f"{len(content)} bytes", f"at most {LIMITS.note_bytes}")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise _bad("note", f"byte {error.start} is no UTF-8", "UTF-8") from error
    found = next((c for c in text if c < " " and c != "\n"), None)
    if found is not None:
        raise _bad("note", f"the control character {found!r}", "no control characters but newline")
    return text


def _bad(field: str, got: str, want: str) -> PeerError:
    return PeerError("bad_note", field, got, want)
