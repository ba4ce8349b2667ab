"""Checkpoints of C2SP: what a log says of itself at a size, signed by the log and cosigned by others.

A log's name, its origin, is `tansiq/CHANNEL/PARTY`: the channel's id and the fingerprint of the root of the party whose
log it is, in lower-case hexadecimal. A log's key bears this name. A member cosigns under the name of its own log of the
channel, with another key.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from tansiq.errors import PartyError, PeerError
from tansiq.record import note
from tansiq.record.note import ED25519, SIGNATURE_TYPES, Note, NoteKey, NoteSigner, SignatureLine, Verified
from tansiq.record.proof import MAX_SIZE
from tansiq.record.tree import EMPTY_ROOT, HASH_BYTES

_SIZE: Final = re.compile("0|[1-9][0-9]{0,18}")
_CHANNEL_BYTES: Final = 16
_PARTY_BYTES: Final = 32
_ORIGIN: Final = re.compile(
    rf"tansiq/(?P<channel>[0-9a-f]{{{2 * _CHANNEL_BYTES}}})/(?P<party>[0-9a-f]{{{2 * _PARTY_BYTES}}})"
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log of this origin has so many entries and this root. Nobody answers for extension lines."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def body(self) -> bytes:
        """The text that is signed."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines).encode()


@dataclass(frozen=True, slots=True)
class OpenCheckpoint:
    """A checkpoint that its log has signed, and who else did; `ignored` lines say nothing."""

    checkpoint: Checkpoint
    log: tuple[Verified, ...]
    cosigned: tuple[Verified, ...]
    ignored: tuple[SignatureLine, ...]

    def signed_by_log(self) -> bytes:
        """The checkpoint with the signatures of its log alone."""
        return Note(self.checkpoint.body(), tuple(each.line for each in self.log)).encode()


def origin(*, channel: bytes, party: bytes) -> str:
    """The name of the party's log of the channel: of the channel's id and the fingerprint of the party's root."""
    assert len(channel) == _CHANNEL_BYTES, len(channel)
    assert len(party) == _PARTY_BYTES, len(party)
    return f"tansiq/{channel.hex()}/{party.hex()}"


def parse_origin(name: str) -> tuple[bytes, bytes] | None:
    """The channel and the party of a log's name, or None where it is no name of a log of tansiq."""
    found = _ORIGIN.fullmatch(name)
    return (bytes.fromhex(found["channel"]), bytes.fromhex(found["party"])) if found else None


def parse_body(text: bytes) -> Checkpoint:
    """What a checkpoint's text says; `body` gives the same bytes again.

    Raises PeerError: bad_checkpoint.
    """
    try:
        lines = text.decode().split("\n")
    except UnicodeDecodeError as error:
        raise _bad("text", "bytes that are no UTF-8", "UTF-8") from error
    if len(lines) < 4 or lines.pop() or not all(lines):
        raise _bad("text", repr(text[:80]), "three lines or more, none of them empty")
    name, size, root = lines[:3]
    if not _SIZE.fullmatch(size) or int(size) > MAX_SIZE:
        raise _bad("size", repr(size[:40]), f"a decimal number from 0 to {MAX_SIZE} without leading zeros")
    digest = note.unbase64(root)
    if digest is None or len(digest) != HASH_BYTES:
        raise _bad("root", repr(root[:80]), f"base64 of {HASH_BYTES} bytes, as an encoder writes it")
    if size == "0" and digest != EMPTY_ROOT:
        raise _bad("root", root, "at size 0 the root of the empty log, SHA-256 of nothing")
    found = Checkpoint(name, int(size), digest, tuple(lines[3:]))
    assert found.body() == text
    return found


def sign_checkpoint(checkpoint: Checkpoint, log: NoteSigner) -> bytes:
    """The checkpoint as a note that its log has signed.

    What it covers must be durable first: a log that forgets what it has signed looks like one that has two faces.

    Raises PartyError: bad_value.
    """
    if log.name != checkpoint.origin or log.type != ED25519:
        raise PartyError("bad_value", "log", f"{log.name!r}, type {log.type}", f"the key of {checkpoint.origin}")
    text = checkpoint.body()
    try:
        exact = parse_body(text) == checkpoint
    except PeerError as error:
        raise PartyError("bad_value", error.field, error.got, error.want) from error
    if not exact:
        raise PartyError("bad_value", "extensions", repr(checkpoint.extensions), "lines without newlines")
    return Note(text, (note.sign(text, log),)).encode()


def open_checkpoint(content: bytes, *, log: Sequence[NoteKey], cosigners: Sequence[NoteKey] = ()) -> OpenCheckpoint:
    """The checkpoint, which one of the log's keys has signed, and the cosigners that have signed it as well.

    All keys of the log bear its origin as their name. Cosigners' keys are of a type with a time.

    Raises PeerError: bad_checkpoint, bad_note, bad_signature, limit_exceeded, not_signed. PartyError: bad_value.
    """
    names = {key.name for key in log}
    if len(names) != 1 or any(key.type != ED25519 for key in log):
        raise PartyError("bad_value", "log", f"keys of {sorted(names)}", "signing keys of one log")
    if any(key.type in SIGNATURE_TYPES and not SIGNATURE_TYPES[key.type].timed for key in cosigners):
        raise PartyError("bad_value", "cosigners", "a key without a time", "cosigners' keys")
    opened = note.open_note(content, [*log, *cosigners])
    found = parse_body(opened.text)
    [name] = names
    if found.origin != name:
        raise _bad("origin", repr(found.origin[:300]), repr(name))
    by_log = tuple(each for each in opened.verified if each.key.type == ED25519)
    if not by_log:
        raise PeerError("not_signed", "note", "signatures by others", f"one by {name}")
    by_others = tuple(each for each in opened.verified if each.key.type != ED25519)
    return OpenCheckpoint(found, by_log, by_others, opened.ignored)


def with_cosignature(content: bytes, line: bytes, cosigner: NoteKey) -> bytes:
    """The signed checkpoint with the cosigner's line added, after the line was verified to be for this checkpoint.

    A line that is there already is not added again.

    Raises PeerError: bad_note, bad_signature, limit_exceeded. PartyError: bad_value.
    """
    type_ = SIGNATURE_TYPES.get(cosigner.type)
    if type_ is None or not type_.timed:
        raise PartyError("bad_value", "cosigner", f"type {cosigner.type}", "a cosigner's key")
    signed = note.parse(content)
    found = note.verify_line(signed.text, note.parse_line(line), cosigner).line
    return content if found in signed.lines else note.parse(content + line).encode()


def only_by(content: bytes, keys: Sequence[NoteKey]) -> bytes:
    """The note with the lines of these keys alone; none is verified. Raises PeerError: bad_note."""
    known = {(key.name, key.id) for key in keys}
    found = note.parse(content)
    return replace(found, lines=tuple(one for one in found.lines if (one.name, one.key_id) in known)).encode()


def _bad(field: str, got: str, want: str) -> PeerError:
    return PeerError("bad_checkpoint", field, got, want)
