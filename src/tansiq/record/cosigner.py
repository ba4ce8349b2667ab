"""A cosigner: it has seen each log grow and never shrink, and says so; and what convicts a log that has two faces.

Rules for the next editor:

1. Of an origin nothing is cosigned that does not extend the last that was. There is no way around it, not after a
   restart either: the head comes from what was stored.
2. The caller stores the head durably before the line leaves the machine. A line that is out and a head that is lost
   would let the next answer contradict this one.
3. Nobody is convicted by anything but bytes that the convicted has signed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from tansiq.errors import PartyError, PeerError
from tansiq.record import note
from tansiq.record.checkpoint import Checkpoint, open_checkpoint
from tansiq.record.note import SIGNATURE_TYPES, NoteKey, NoteSigner
from tansiq.record.proof import check_consistency


@dataclass(frozen=True, slots=True)
class Head:
    """The last that was cosigned of a log: when, and the checkpoint as its log signed it."""

    checkpoint: Checkpoint
    time_s: int
    signed: bytes


class Refusal(Enum):
    """Why a checkpoint was not cosigned."""

    ROLLBACK = "rollback"
    """It is smaller than the last one: an old one come late, or a log that went back."""
    SPLIT_VIEW = "split_view"
    """It has the size of the last one and another root: both notes together convict the log."""
    BAD_PROOF = "bad_proof"
    """It was not shown to extend the last one."""
    CLOCK_BEHIND = "clock_behind"
    """The cosigner's own clock shows less than when it cosigned last, and both can not be true."""


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The head to store durably, and then the line to send."""

    head: Head
    line: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """Why, and the last head that was cosigned; for a split view, the two notes that convict the log."""

    why: Refusal
    head: Head
    conviction: tuple[bytes, bytes] | None = None


@dataclass(frozen=True, slots=True)
class SplitView:
    """A log has signed both: one size, two roots."""

    first: Checkpoint
    second: Checkpoint


def cosign(
    content: bytes,
    *,
    log: Sequence[NoteKey],
    heads: Mapping[str, Head],
    proof: Sequence[bytes],
    signer: NoteSigner,
    time_s: int,
) -> Cosigned | Refused:
    """The cosigner's line for the checkpoint and the head to store before it is sent; or why there is none.

    `heads` are the last heads by origin. The proof leads from that head's size to the checkpoint's, and is empty where
    there is no head yet: a first head is taken as it is. The same head may be cosigned again, at a later time.

    Raises PeerError: as `open_checkpoint`. PartyError: bad_value, out_of_range.
    """
    type_ = SIGNATURE_TYPES.get(signer.type)
    if type_ is None or not type_.timed:
        raise PartyError("bad_value", "signer", f"type {signer.type}", "a cosigner's key")
    opened = open_checkpoint(content, log=log)
    new = opened.checkpoint
    last = heads.get(new.origin)
    if last is not None:
        assert last.checkpoint.origin == new.origin, last.checkpoint.origin
        refused = _refused(last, new, opened.signed_by_log(), proof, time_s)
        if refused is not None:
            return refused
    elif proof:
        raise PeerError("bad_proof", "proof", f"{len(proof)} hashes", "none: nothing of this log was cosigned before")
    line = note.sign(new.body(), signer, time_s=time_s)
    return Cosigned(Head(new, time_s, opened.signed_by_log()), line.encode())


def split_view(first: bytes, second: bytes, *, log: Sequence[NoteKey]) -> SplitView:
    """Both checkpoints, which the log has signed, and which can not both be true of one log.

    Raises PeerError: no_conviction, and as `open_checkpoint`.
    """
    one = open_checkpoint(first, log=log).checkpoint
    other = open_checkpoint(second, log=log).checkpoint
    if one.size != other.size or one.root == other.root:
        got = f"sizes {one.size} and {other.size}" if one.size != other.size else "one root"
        raise PeerError("no_conviction", "checkpoints", got, "one size and two roots")
    return SplitView(one, other)


def _refused(last: Head, new: Checkpoint, signed: bytes, proof: Sequence[bytes], time_s: int) -> Refused | None:
    old = last.checkpoint
    if new.size < old.size:
        return Refused(Refusal.ROLLBACK, last)
    if new.size == old.size and new.root != old.root:
        return Refused(Refusal.SPLIT_VIEW, last, (last.signed, signed))
    try:
        check_consistency(old_size=old.size, old_root=old.root, size=new.size, root=new.root, proof=proof)
    except PeerError:
        return Refused(Refusal.BAD_PROOF, last)
    if time_s < last.time_s:
        return Refused(Refusal.CLOCK_BEHIND, last)
    return None
