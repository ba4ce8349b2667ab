"""A party's keys change: one follows another, or is taken back. Every channel is told in the same commit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tansiq.errors import PartyError
from tansiq.limits import LIMITS
from tansiq.ports.store import Change, Logged
from tansiq.record.canonical import Value, to_base64
from tansiq.record.control import AddKey, OfficeKey, RevokeKey
from tansiq.record.entry import NO_RESTORE, Envelope
from tansiq.record.keyring import GOOD, RETIRED, REVOKED
from tansiq.record.keys import EncryptionKey, SecretKey
from tansiq.service.entries import Said, join, logged_as, own_entry
from tansiq.service.node import Channel, Decision, Node, own_key_cell
from tansiq.service.own_keys import CURRENT, OwnKey, open_key_of


@dataclass(frozen=True, slots=True)
class KeyChange:
    """What was told to which channel; and the channels that were told nothing, since this node must restore first."""

    told: tuple[Said, ...]
    left: tuple[bytes, ...]


def rotate_key(
    node: Node, key: SecretKey | EncryptionKey, use: str, office: str = "", *, root: SecretKey | None = None
) -> Decision[KeyChange]:
    """The new key is the party's for this use and office, and the one before is retired, in every channel.

    An entry key hands over to the next one by itself, where it is open here. Everything else the root says.

    Raises PartyError: not_entitled where the root is needed, or is another's; bad_value where the party had the key;
    limit_exceeded.
    """
    added = OfficeKey(office, use, key.public)
    mark = added.key.fingerprint
    if mark in node.keys or mark == node.id:
        raise PartyError("bad_value", "key", mark.hex(), "a key that the party never had")
    if len(node.keys) >= LIMITS.keys_per_channel:
        raise PartyError("limit_exceeded", "keys", str(len(node.keys)), f"at most {LIMITS.keys_per_channel} in all")
    _check_root(node, root)
    present = [mark for mark, one in node.keys.items() if (one.key.use, one.key.office) == (use, office)]
    open_here = [mark for mark in present if node.keys[mark].standing == CURRENT and mark in node.secrets]
    if root is None and (use != "entry" or not open_here):
        raise _needs_root()
    ready, left = _ready(node)
    made = [(one, _naming(node, one, added, root)) for one in ready]
    told, logged = _tell(made)
    cells = [OwnKey(added, CURRENT)]
    cells += [
        replace(one, standing=RETIRED)
        for one in node.keys.values()
        if (one.key.use, one.key.office, one.standing) == (use, office, CURRENT)
    ]
    node.keys |= {one.key.key.fingerprint: one for one in cells}
    if isinstance(key, SecretKey):
        node.secrets[mark] = key
    effects: dict[str, Value] = {"added": added.as_value(), "entries": [logged_as(one) for one in logged]}
    change = Change(logged=logged, cells=tuple(map(own_key_cell, cells)))
    return node.decide("rotate_key", office or "root", effects, KeyChange(told, left), change)


def revoke_key(node: Node, mark: bytes, *, root: SecretKey, since_us: int | None = None) -> Decision[KeyChange]:
    """The key is revoked in every channel that has it: what it signed after the last good position is void.

    That position is the end of the party's chain; or, of a key that was in wrong hands since an instant, the last one
    before the first entry that says it was issued then or later. What others had receipted before they learn of it
    stands all the same.

    Raises PartyError: not_entitled where the root is another's; bad_value where it is no key of the party's.
    """
    if mark not in node.keys:
        raise PartyError("bad_value", "key", mark.hex(), "a key of this party, by `key list`")
    _check_root(node, root)
    ready, left = _ready(node)
    made = []
    for channel in ready:
        grant = channel.state.keyring(node.id).get(mark)
        if grant is not None and grant.standing != REVOKED:
            control = RevokeKey(mark, *_last_good(channel, node.id, since_us))
            made.append((channel, own_entry(node, channel, "KEY", root, control=control)))
    told, logged = _tell(made)
    node.keys[mark] = replace(node.keys[mark], standing=REVOKED)
    node.secrets.pop(mark, None)
    effects: dict[str, Value] = {
        "entries": [logged_as(one) for one in logged],
        "revoked": to_base64(mark),
        "since_us": since_us,
    }
    change = Change(logged=logged, cells=(own_key_cell(node.keys[mark]),))
    return node.decide("revoke_key", "root", effects, KeyChange(told, left), change)


def _ready(node: Node) -> tuple[list[Channel], tuple[bytes, ...]]:
    """The channels that can be told, and those in which this node must restore first; lost ones are told nothing."""
    used = [channel for _, channel in sorted(node.channels.items()) if not channel.lost]
    return [one for one in used if not one.behind], tuple(one.id for one in used if one.behind)


def _check_root(node: Node, root: SecretKey | None) -> None:
    if root is not None and root.public.fingerprint != node.id:
        raise PartyError("not_entitled", "root", root.public.fingerprint.hex(), f"this party's root, {node.id.hex()}")


def _naming(node: Node, channel: Channel, added: OfficeKey, root: SecretKey | None) -> Envelope:
    """The KEY entry that names the key in the channel: a hand-over where that can be, else by the root."""
    ring = channel.state.keyring(node.id)
    if added.use == "entry":
        outgoing = open_key_of(ring, node.secrets, added.use, added.office)
        if outgoing is not None:
            control = AddKey(added, outgoing.public.fingerprint)
            return own_entry(node, channel, "KEY", outgoing, office=added.office, control=control)
    if root is None:
        raise _needs_root()
    wanted = (added.use, added.office, GOOD)
    named = [mark for mark, one in ring.items() if (one.key.use, one.key.office, one.standing) == wanted]
    return own_entry(node, channel, "KEY", root, control=AddKey(added, named[-1] if named else None))


def _needs_root() -> PartyError:
    return PartyError("not_entitled", "root", "no root key", "the root: no other key may name this one")


def _last_good(channel: Channel, own: bytes, since_us: int | None) -> tuple[bytes, int]:
    """The incarnation and seq of the last good position."""
    last, seq = NO_RESTORE, 0
    for digest in channel.state.chain(own):
        entry = channel.state.entry(digest)
        assert entry is not None
        if since_us is not None and entry.issued_at_us >= since_us:
            break
        last, seq = entry.incarnation, entry.seq
    return last, seq


def _tell(made: Sequence[tuple[Channel, Envelope]]) -> tuple[tuple[Said, ...], tuple[Logged, ...]]:
    """The entries lie in their chains and logs. All were made before, so that none is refused halfway."""
    joined = [join(channel, one) for channel, one in made]
    told = tuple(Said(entry, logged.envelope, None) for entry, logged in joined)
    return told, tuple(logged for _, logged in joined)
