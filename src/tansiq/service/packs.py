"""A pack is made of what this node has committed: proof for a stranger of a channel, or of one thread of it."""

import hashlib
from collections.abc import Collection
from dataclasses import replace
from itertools import islice

from tansiq.errors import PartyError
from tansiq.limits import LIMITS
from tansiq.record.body import Field, parse_body
from tansiq.record.canonical import Value, to_base64
from tansiq.record.checkpoint import only_by
from tansiq.record.entry import envelope, leaf_hash, parse_entry
from tansiq.record.pack import Chosen, make_pack, of_thread
from tansiq.service.heads import has_line_of, head_of, note_keys
from tansiq.service.node import Channel, Decision, Node


def pack(
    node: Node, channel_id: bytes, *, thread: bytes | None = None, leave_out: Collection[str] = ()
) -> Decision[bytes]:
    """The pack of the channel, or of the thread, under a checkpoint; without the fields of these names.

    That is the last one; where nobody has cosigned it, the last that another has, if it covers all that is asked for.
    The pack itself says which: its checkpoint has a size, and the cosignatures that it has.
    Nothing is left out that the store has, but what is named; of a body that was destroyed the store has nothing. The
    journal keeps the pack's SHA-256. What was decided before is committed first.

    Raises PartyError: foreign_channel; missing_field where there is no checkpoint yet; bad_value where the thread has
    no entry, or a name to leave out is in no body, since a misspelt one would show what was to be left out; and as
    `make_pack`. StoreError.
    """
    channel = node.channel(channel_id)
    node.commit()
    if channel.head is None:
        raise PartyError("missing_field", "checkpoint", "none yet", "a checkpoint of the log")
    size = head_of(channel.head).size
    if thread is None and size > LIMITS.pack_entries:
        raise PartyError("limit_exceeded", "entries", str(size), f"at most {LIMITS.pack_entries}: pack its threads")
    log = (Chosen(one.index, envelope(one.envelope)) for one in islice(node.store.log(channel_id), size))
    chosen = tuple(log) if thread is None else of_thread(log, thread)
    if thread is not None and not any(_speaks_in(one, thread) for one in chosen):
        raise PartyError("bad_value", "thread", thread.hex(), "a thread of this channel, as far as the checkpoint goes")
    content = _cosigned(channel, node.id, covering=max(one.index for one in chosen) + 1 if chosen else size)
    size = head_of(content).size
    shown, left_out = [], set()
    for one in chosen:
        fields = _body(node, channel_id, one)
        left_out |= {field.name for field in fields if field.name in leave_out}
        shown.append(replace(one, body=tuple(field for field in fields if field.name not in leave_out)))
    for name in sorted(set(leave_out) - left_out):
        raise PartyError("bad_value", "leave_out", repr(name[:60]), "the name of a field that is in one of the bodies")
    start = channel.state.start
    # A line by a key that was revoked since then proves nothing any more, and what proves nothing is in no pack.
    keys = [key for party in start.genesis.members for key in note_keys(channel, party, "witness")]
    head = only_by(content, [*note_keys(channel, node.id, "log"), *keys])
    spelling = make_pack(start, shown, log=channel.log, checkpoint=head, size=size, thread=thread)
    names: list[Value] = [*sorted(left_out)]
    told: dict[str, Value] = {
        "channel": to_base64(channel_id),
        "left_out": names,
        "sha256": to_base64(hashlib.sha256(spelling).digest()),
        "size": size,
        "thread": None if thread is None else to_base64(thread),
    }
    return node.decide("pack", "operator", told, spelling)


def threads(node: Node, channel_id: bytes) -> tuple[bytes, ...]:
    """The threads of the channel, in rising order. Raises PartyError: foreign_channel."""
    state = node.channel(channel_id).state
    entries = (entry for member in state.start.genesis.members for _, entry in state.entries(member))
    return tuple(sorted({entry.thread.id for entry in entries if entry.thread is not None}))


def _cosigned(channel: Channel, own: bytes, *, covering: int) -> bytes:
    """The last own checkpoint, or the last cosigned one where the last is not and that one covers so many entries."""
    assert channel.head is not None
    others = [party for party in channel.state.start.genesis.members if party != own]
    last, confirmed = channel.head, channel.confirmed
    if confirmed is None or any(has_line_of(channel, last, party) for party in others):
        return last
    return confirmed if head_of(confirmed).size >= covering else last


def _speaks_in(one: Chosen, thread: bytes) -> bool:
    found = parse_entry(one.envelope.signed).thread
    return found is not None and found.id == thread


def _body(node: Node, channel_id: bytes, one: Chosen) -> tuple[Field, ...]:
    """What the store has of the entry's body."""
    spelling = node.store.body(channel_id, leaf_hash(one.envelope.signed))
    return () if spelling is None else parse_body(spelling)
