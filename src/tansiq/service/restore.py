"""A node that has lost entries of its own goes on without ever signing one position twice; docs/adr/0014-parcels.md.

Rules for the next editor:

1. A store that was put back from a backup is marked before anything is opened from it. From then on no channel of it,
   not one that opens later either, is spoken in before a RESTORE.
2. Own signed entries and heads that come back oblige to a RESTORE. A mere mention by another makes the node ask and be
   silent, until the operator restores or says that the mention counts for nothing.
3. An incarnation is drawn for each RESTORE, and never used again.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from tansiq.errors import PartyError
from tansiq.ports.clock import Clock
from tansiq.ports.randomness import Randomness
from tansiq.ports.store import Cell, Change, Store
from tansiq.record.canonical import Value, to_base64, write
from tansiq.record.control import Restore
from tansiq.record.entry import Entry, make, sign
from tansiq.record.keys import SecretKey
from tansiq.service.entries import Said, join, logged_as
from tansiq.service.node import (
    DISBELIEVED,
    INCARNATION,
    RESTORED,
    RESTORES,
    TIME,
    VERSION,
    Channel,
    Decision,
    Node,
    owes_restore,
    shows_more,
)

ASKED: Final = "asked"
"""Kind of cell: by channel and member, the question that the member has answered."""
INCARNATION_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Owed:
    """A channel in which this node must restore before it speaks."""

    channel: bytes
    answered: tuple[bytes, ...]
    """The members that have given all own entries that they hold."""
    waiting: tuple[bytes, ...]
    """The members that have not answered yet."""
    shown: int
    """The highest own number that anybody showed."""


@dataclass(frozen=True, slots=True)
class Restored:
    """The RESTORE, and the own numbers that others were shown and nobody gave back: what may be lost."""

    said: Said
    lost: tuple[int, ...]


def mark_restored(store: Store, clock: Clock, randomness: Randomness) -> None:
    """The store was put back from a backup: a node that opens from it restores in every channel before it speaks.

    To be called before a node is opened from it. Raises StoreError.
    """
    at_us = max(clock.now_us(), int(store.cell(TIME, b"") or b"0"))
    name = randomness.draw(INCARNATION_BYTES)
    entry = write({"act": "mark_restored", "at_us": at_us, "v": VERSION, "who": "operator"})
    store.commit((Change(journal=(entry,), cells=(Cell(RESTORED, b"", name), Cell(TIME, b"", b"%d" % at_us))),))


def owed(node: Node) -> tuple[Owed, ...]:
    """The channels in which the node must restore, and who has answered there. What was decided is committed."""
    node.commit()
    found = []
    for key, channel in sorted(node.channels.items()):
        if channel.behind:
            others = [member for member in channel.state.start.genesis.members if member != node.id]
            answered = tuple(member for member in others if _answered(node, key, member))
            waiting = tuple(member for member in others if member not in answered)
            found.append(Owed(key, answered, waiting, channel.state.shown(node.id)))
    return tuple(found)


def question(node: Node, peer: bytes) -> bytes:
    """With what the node asks this member for its own entries; another for each member, anew after each restore.

    The other's next parcels bear it, so that an old one is not taken for an answer.
    """
    return hashlib.sha256(b"tansiq-question-v1\n" + (node.restored or b"") + node.id + peer).digest()[:16]


def note_answer(node: Node, channel: bytes, member: bytes) -> None:
    """The member has given all own entries that it holds, and that is durable with the next commit."""
    key, asked = channel + member, question(node, member)
    if node.store.cell(ASKED, key) != asked:
        told: dict[str, Value] = {"channel": to_base64(channel)}
        node.decide("note_answer", to_base64(member), told, None, Change(cells=(Cell(ASKED, key, asked),)))


def restore(node: Node, channel_id: bytes, *, root: SecretKey, without: Collection[bytes] = ()) -> Decision[Restored]:
    """The party goes on in the channel after the last own entry that it has, in a new incarnation.

    Every other member has answered, but for those in `without`, whom the operator can not reach. What they hold alone
    comes back later, beside the chain. What was decided before is committed first.

    Raises PartyError: foreign_channel; bad_value where nothing is to be restored; restore_needed where a member has not
    answered yet; not_entitled where the root is another's; limit_exceeded.
    """
    channel = node.channel(channel_id)
    waiting = [one for owes in owed(node) if owes.channel == channel_id for one in owes.waiting if one not in without]
    if not channel.behind:
        raise PartyError("bad_value", "channel", channel_id.hex(), "one in which the node must restore")
    if root.public.fingerprint != node.id:
        raise PartyError("not_entitled", "root", root.public.fingerprint.hex(), f"this party's root, {node.id.hex()}")
    if waiting:
        got = ", ".join(member.hex() for member in waiting)
        raise PartyError("restore_needed", "members", f"no answer by {got}", "every member that can be reached")
    incarnation = node.randomness.draw(INCARNATION_BYTES)
    entry, logged = join(channel, sign(_restore_entry(node, channel, root, incarnation), root))
    channel.behind = False
    cells = (
        Cell(INCARNATION, channel_id, (node.restored or b"") + incarnation),
        Cell(RESTORES, channel_id, None),
        *(Cell(ASKED, channel_id + member, None) for member in channel.state.start.genesis.members),
    )
    assert isinstance(entry.control, Restore)
    held = {one.seq for _, one in channel.state.entries(node.id)}
    lost = tuple(seq for seq in range(entry.seq, entry.control.shown + 1) if seq not in held - {entry.seq})
    told: dict[str, Value] = {**logged_as(logged), "shown": entry.control.shown}
    answer = Restored(Said(entry, logged.envelope, None), lost)
    return node.decide("restore", "root", told, answer, Change(logged=(logged,), cells=cells))


def disbelieve(node: Node, channel_id: bytes, member: bytes) -> Decision[None]:
    """What this member merely says of own entries counts for nothing any more, by the operator's word.

    He answers for it that the store never was put back. Own signed entries oblige as ever.

    Raises PartyError: foreign_channel.
    """
    channel = node.channel(channel_id)
    members = channel.state.start.genesis.members
    if member not in members or member == node.id:
        raise PartyError("foreign_channel", "member", member.hex(), "another member of the channel")
    node.commit()
    channel.disbelieved |= {member}
    told = (entry for one in members if one != node.id for _, entry in channel.state.entries(one))
    channel.behind = (
        owes_restore(node, channel_id)
        or node.store.cell(RESTORES, channel_id) is not None
        or any(shows_more(entry, channel, node.id) for entry in told)
    )
    effects: dict[str, Value] = {"channel": to_base64(channel_id), "member": to_base64(member)}
    change = Change(cells=(Cell(DISBELIEVED, channel_id + member, b"1"),))
    return node.decide("disbelieve", "operator", effects, None, change)


def _answered(node: Node, channel: bytes, member: bytes) -> bool:
    return node.store.cell(ASKED, channel + member) == question(node, member)


def _restore_entry(node: Node, channel: Channel, root: SecretKey, incarnation: bytes) -> Entry:
    position, prev = channel.state.next_position(node.id)
    return make(
        Entry(
            type="RESTORE",
            channel=channel.id,
            party=node.id,
            office="",
            incarnation=incarnation,
            seq=position.seq,
            prev=prev,
            issued_at_us=node.clock.now_us(),
            keys=(root.public.fingerprint,),
            seen=channel.state.seen(node.id),
            control=Restore(max(channel.state.shown(node.id), position.seq - 1)),
        )
    )
