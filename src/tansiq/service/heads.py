"""Checkpoints of the own log, and cosignatures: of others' heads by this party, and of its own by others."""

from collections.abc import Sequence

from tansiq.errors import PartyError, PeerError
from tansiq.ports.store import Cell, Change
from tansiq.record import note
from tansiq.record.canonical import Value, to_base64
from tansiq.record.checkpoint import (
    Checkpoint,
    open_checkpoint,
    origin,
    parse_body,
    parse_origin,
    sign_checkpoint,
    with_cosignature,
)
from tansiq.record.cosigner import Cosigned, Head, Refused, cosign
from tansiq.record.entry import NO_RESTORE
from tansiq.record.keyring import REVOKED
from tansiq.record.keys import SecretKey
from tansiq.record.note import ED25519, ED25519_COSIGNATURE, NoteKey
from tansiq.record.verdict import note_key
from tansiq.service.node import (
    CONFIRMED,
    COSIGNED,
    LOST_SIZE,
    OWN_HEADS,
    RESTORES,
    SPLIT_VIEWS,
    Channel,
    Decision,
    Node,
    write_head,
)
from tansiq.service.own_keys import note_signer, open_key_of


def checkpoint(node: Node, channel_id: bytes) -> Decision[bytes]:
    """The checkpoint of all that is committed of the own log, with the cosignatures that it has already.

    Where nothing was committed since the last one, that one. What is decided and not committed is never covered.

    Raises PartyError: foreign_channel; not_entitled where no log key is open here; restore_needed where the node must
    restore first, or others hold own heads of this size or larger that the log does not lead to: two heads of one size
    would convict it.
    """
    channel = node.channel(channel_id)
    size, root = channel.durable, channel.log.root(channel.durable)
    if channel.behind:
        raise _owes_restore(channel)
    if 0 < size <= channel.lost_size:
        raise PartyError("restore_needed", "size", str(size), f"more than {channel.lost_size}, which others confirmed")
    if channel.head is not None and head_of(channel.head).size == size:
        return node.unchanged(channel.head)
    key = _open_key(node, channel, "log")
    name = origin(channel=channel_id, party=node.id)
    content = sign_checkpoint(Checkpoint(name, size, root), note_signer(name, ED25519, key))
    channel.head = content
    told: dict[str, Value] = {"channel": to_base64(channel_id), "root": to_base64(root), "size": size}
    return node.decide("checkpoint", "log", told, content, Change(cells=(Cell(OWN_HEADS, channel_id, content),)))


def cosign_head(node: Node, content: bytes, proof: Sequence[bytes]) -> Decision[Cosigned | Refused]:
    """Another member's head is cosigned, as one that extends all that were; or why it is not.

    Two heads that convict their log are kept.

    Raises PeerError: foreign_channel, not_signed, bad_proof, and as `open_checkpoint`. PartyError: not_entitled where
    no witness key is open here; restore_needed.
    """
    channel, party = _owner(node, content)
    if channel.behind:
        raise _owes_restore(channel)
    log = note_keys(channel, party, "log")
    if not log:
        raise PeerError("not_signed", "checkpoint", "no log key of its owner", "a log key that was not revoked")
    name = origin(channel=channel.id, party=node.id)
    signer = note_signer(name, ED25519_COSIGNATURE, _open_key(node, channel, "witness"))
    answer = cosign(
        content,
        log=log,
        heads=channel.cosigned,
        proof=proof,
        signer=signer,
        time_s=max(0, node.clock.now_us() // 1_000_000),
    )
    told: dict[str, Value] = {"channel": to_base64(channel.id)}
    if isinstance(answer, Refused):
        told["refused"] = answer.why.value
        if answer.conviction is None:
            return node.decide("cosign_head", to_base64(party), told, answer)
        kept = Cell(SPLIT_VIEWS, channel.id + party, b"".join(answer.conviction))
        return node.decide("cosign_head", to_base64(party), told, answer, Change(cells=(kept,)))
    head = answer.head
    channel.cosigned[head.checkpoint.origin] = head
    told |= {"root": to_base64(head.checkpoint.root), "size": head.checkpoint.size, "time_s": head.time_s}
    cell = Cell(COSIGNED, head.checkpoint.origin.encode(), write_head(channel.id, head))
    return node.decide("cosign_head", to_base64(party), told, answer, Change(cells=(cell,)))


def take_cosignature(node: Node, channel_id: bytes, line: bytes, content: bytes | None = None) -> Decision[bytes]:
    """The own checkpoint with this cosignature of another member; the last one, or the one in `content`.

    Of those that another has cosigned the last is kept beside the last of all, so that a pack can rest on it. A head
    that this party signed and its log does not lead to shows that the log was lost: the node must restore, and signs
    no head up to that size. A cosignature that is there already changes nothing.

    Raises PartyError: foreign_channel. PeerError: bad_note; not_signed where it is no member's, or there is no
    checkpoint; bad_signature, also where it is for another checkpoint; and as `open_checkpoint`.
    """
    channel = node.channel(channel_id)
    found = note.parse_line(line)
    members = [party for party in channel.state.start.genesis.members if party != node.id]
    keys = {key.id: (party, key) for party in members for key in note_keys(channel, party, "witness")}
    named = channel.head if content is None else content
    if found.key_id not in keys or named is None:
        raise PeerError("not_signed", "cosignature", found.name, "the line of another member, below a checkpoint")
    party, key = keys[found.key_id]
    head = open_checkpoint(named, log=note_keys(channel, node.id, "log")).checkpoint
    confirmed = with_cosignature(named, line, key)
    if head.size > channel.durable or channel.log.root(head.size) != head.root:
        return _lost_head(node, channel, party, head)
    told: dict[str, Value] = {"channel": to_base64(channel_id), "size": head.size}
    cells = []
    if channel.head is not None and head_of(channel.head) == head:
        confirmed = with_cosignature(channel.head, line, key)
        if confirmed != channel.head:
            channel.head = confirmed
            cells.append(Cell(OWN_HEADS, channel_id, confirmed))
    before = None if channel.confirmed is None else head_of(channel.confirmed)
    if before is not None and before == head:
        assert channel.confirmed is not None
        confirmed = with_cosignature(channel.confirmed, line, key)
    if (before is None or head.size >= before.size) and confirmed != channel.confirmed:
        channel.confirmed = confirmed
        cells.append(Cell(CONFIRMED, channel_id, confirmed))
    if not cells:
        return node.unchanged(confirmed)
    return node.decide("take_cosignature", to_base64(party), told, confirmed, Change(cells=tuple(cells)))


def cosigned_line(node: Node, channel: Channel, head: Head) -> bytes:
    """The line once more that this node gave for the head. Raises PartyError: not_entitled."""
    name = origin(channel=channel.id, party=node.id)
    signer = note_signer(name, ED25519_COSIGNATURE, _open_key(node, channel, "witness"))
    return note.sign(head.checkpoint.body(), signer, time_s=head.time_s).encode()


def recall_cosigned(node: Node, content: bytes) -> Decision[None]:
    """A head of another's log under this party's own cosignature is one that it confirmed, also where it forgot that.

    So a cosigner whose store was put back never confirms a second history. What is no later head changes nothing.

    Raises PeerError, as `open_checkpoint`.
    """
    channel, party = _owner(node, content)
    cosigners = note_keys(channel, node.id, "witness")
    opened = open_checkpoint(content, log=note_keys(channel, party, "log"), cosigners=cosigners)
    last, found = channel.cosigned.get(opened.checkpoint.origin), opened.checkpoint
    if not opened.cosigned or (last is not None and last.checkpoint.size >= found.size):
        return node.unchanged(None)
    time_s = max(one.time_s or 0 for one in opened.cosigned)
    head = channel.cosigned[found.origin] = Head(found, time_s, opened.signed_by_log())
    told: dict[str, Value] = {"channel": to_base64(channel.id), "size": found.size}
    cell = Cell(COSIGNED, found.origin.encode(), write_head(channel.id, head))
    return node.decide("recall_cosigned", to_base64(party), told, None, Change(cells=(cell,)))


def has_line_of(channel: Channel, content: bytes, party: bytes) -> bool:
    """Whether the note bears a line in the name of one of the party's witness keys; it is not verified."""
    known = {(key.name, key.id) for key in note_keys(channel, party, "witness")}
    return any((line.name, line.key_id) in known for line in note.parse(content).lines)


def _lost_head(node: Node, channel: Channel, party: bytes, head: Checkpoint) -> Decision[bytes]:
    """The own head is one that the log does not lead to."""
    if head.size <= channel.lost_size:
        return node.unchanged(b"")
    channel.lost_size = head.size
    told: dict[str, Value] = {"channel": to_base64(channel.id), "lost_size": head.size}
    cells = [Cell(LOST_SIZE, channel.id, b"%d" % head.size)]
    if head.size > channel.durable and channel.state.next_position(node.id)[0].incarnation == NO_RESTORE:
        # After a RESTORE it may be of the life that was left, and entries alone tell.
        channel.behind = True
        cells.append(Cell(RESTORES, channel.id, head.root))
    return node.decide("take_cosignature", to_base64(party), told, b"", Change(cells=tuple(cells)))


def head_of(content: bytes) -> Checkpoint:
    """What stands in the signed note. Raises PeerError."""
    return parse_body(note.parse(content).text)


def note_keys(channel: Channel, party: bytes, use: str) -> list[NoteKey]:
    """The party's keys that sign notes for this use: a retired one its old heads, a revoked one none."""
    name = origin(channel=channel.id, party=party)
    kind = ED25519 if use == "log" else ED25519_COSIGNATURE
    granted = [one for one in channel.state.keyring(party).values() if one.key.use == use and one.standing != REVOKED]
    return [note_key(name, kind, one.key.key) for one in granted]


def _owes_restore(channel: Channel) -> PartyError:
    want = "a restore first: others hold entries of this party that this node has lost"
    return PartyError("restore_needed", "channel", channel.id.hex(), want)


def _open_key(node: Node, channel: Channel, use: str) -> SecretKey:
    key = open_key_of(channel.state.keyring(node.id), node.secrets, use, "")
    if key is None:
        raise PartyError("not_entitled", "use", use, f"a good {use} key that is open here")
    return key


def _owner(node: Node, content: bytes) -> tuple[Channel, bytes]:
    """The channel and the other member whose log the checkpoint is of."""
    named = parse_origin(head_of(content).origin)
    if named is not None and named[0] in node.channels:
        channel, party = node.channels[named[0]], named[1]
        if party != node.id and party in channel.state.start.genesis.members:
            return channel, party
    raise PeerError("foreign_channel", "checkpoint", "the log of another", "another member's log of a channel here")
