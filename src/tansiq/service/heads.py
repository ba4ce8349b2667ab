"""Checkpoints of the own log, and cosignatures: of others' heads by this party, and of its own by others."""

from collections.abc import Sequence

from tansiq.errors import PartyError, PeerError
from tansiq.ports.store import Cell, Change
from tansiq.record import note
from tansiq.record.canonical import Value, to_base64
from tansiq.record.checkpoint import (
    Checkpoint,
    origin,
    parse_body,
    parse_origin,
    sign_checkpoint,
    with_cosignature,
)
from tansiq.record.cosigner import Cosigned, Refused, cosign
from tansiq.record.keyring import REVOKED
from tansiq.record.keys import SecretKey
from tansiq.record.note import ED25519, ED25519_COSIGNATURE, NoteKey
from tansiq.record.verdict import note_key
from tansiq.service.node import COSIGNED, OWN_HEADS, SPLIT_VIEWS, Channel, Decision, Node, write_head
from tansiq.service.own_keys import note_signer, open_key_of


def checkpoint(node: Node, channel_id: bytes) -> Decision[bytes]:
    """The checkpoint of all that is committed of the own log, with the cosignatures that it has already.

    Where nothing was committed since the last one, that one. What is decided and not committed is never covered.

    Raises PartyError: foreign_channel; not_entitled where no log key is open here.
    """
    channel = node.channel(channel_id)
    size, root = channel.durable, channel.log.root(channel.durable)
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
    no witness key is open here.
    """
    channel, party = _owner(node, content)
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


def take_cosignature(node: Node, channel_id: bytes, line: bytes) -> Decision[bytes]:
    """The last own checkpoint with this cosignature of another member. One that it has already changes nothing.

    Raises PartyError: foreign_channel. PeerError: bad_note; not_signed where it is no member's, or there is no
    checkpoint; bad_signature, also where it is for another checkpoint than the last.
    """
    channel = node.channel(channel_id)
    found = note.parse_line(line)
    members = [party for party in channel.state.start.genesis.members if party != node.id]
    keys = {key.id: (party, key) for party in members for key in note_keys(channel, party, "witness")}
    if found.key_id not in keys or channel.head is None:
        raise PeerError("not_signed", "cosignature", found.name, "the line of another member, below a checkpoint")
    party, key = keys[found.key_id]
    content = with_cosignature(channel.head, line, key)
    if content == channel.head:
        return node.unchanged(content)
    channel.head = content
    told: dict[str, Value] = {"channel": to_base64(channel_id), "size": head_of(content).size}
    cell = Cell(OWN_HEADS, channel_id, content)
    return node.decide("take_cosignature", to_base64(party), told, content, Change(cells=(cell,)))


def head_of(content: bytes) -> Checkpoint:
    """What stands in the signed note. Raises PeerError."""
    return parse_body(note.parse(content).text)


def note_keys(channel: Channel, party: bytes, use: str) -> list[NoteKey]:
    """The party's keys that sign notes for this use: a retired one its old heads, a revoked one none."""
    name = origin(channel=channel.id, party=party)
    kind = ED25519 if use == "log" else ED25519_COSIGNATURE
    granted = [one for one in channel.state.keyring(party).values() if one.key.use == use and one.standing != REVOKED]
    return [note_key(name, kind, one.key.key) for one in granted]


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
