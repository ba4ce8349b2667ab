"""A channel begins: a genesis that every member's root has signed."""

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS
from tansiq.ports.store import Cell, Change
from tansiq.record.canonical import Value, to_base64
from tansiq.record.channel import ChannelState
from tansiq.record.genesis import parse_signed_genesis
from tansiq.record.tree import Tree
from tansiq.service.node import GENESES, Channel, Decision, Node, is_lost, owes_restore, stored_channel


def open_channel(node: Node, spelling: bytes) -> Decision[bytes]:
    """The channel of this signed genesis is open; its id. Opening it again changes nothing.

    Where one of the same members, track and predecessor is open already, the smaller id is used, and the other takes
    nothing but CLOSE. What was decided before is committed first.

    Raises PeerError, as `parse_signed_genesis`. PartyError: foreign_channel where this party is no member; not_entitled
    where the genesis does not name exactly the keys that the party has now; limit_exceeded.
    """
    start = parse_signed_genesis(spelling)
    genesis = start.genesis
    if genesis.channel in node.channels:
        return node.unchanged(genesis.channel)
    if node.id not in genesis.members:
        raise PartyError("foreign_channel", "members", f"{len(genesis.members)} others", "this party among them")
    listed = {key for party, key in genesis.keys if party == node.id}
    if listed != set(node.current_keys()):
        raise PartyError(
            "not_entitled", "keys", f"{len(listed)} keys of this party", "exactly those that it has now, by `key list`"
        )
    if len(node.channels) >= LIMITS.channels_per_node:
        raise PartyError("limit_exceeded", "channels", str(len(node.channels)), f"at most {LIMITS.channels_per_node}")
    if len(spelling) > LIMITS.cell_bytes:
        raise PeerError("limit_exceeded", "genesis", f"{len(spelling)} bytes", f"at most {LIMITS.cell_bytes}")
    node.commit()  # A channel that loses against this one is read anew from the store.
    lost = is_lost(start, [channel.state.start for channel in node.channels.values()])
    for key, channel in node.channels.items():
        if not channel.lost and is_lost(channel.state.start, [start]):
            node.channels[key] = stored_channel(node, channel.state.start, lost=True)
            node.channels[key].cosigned = channel.cosigned
    node.channels[genesis.channel] = Channel(
        ChannelState(start, only_close=lost), Tree(), 0, lost=lost, behind=owes_restore(node, genesis.channel)
    )
    cell = Cell(GENESES, genesis.channel, spelling)
    told: dict[str, Value] = {"channel": to_base64(genesis.channel), "lost": lost}
    return node.decide("open_channel", "root", told, genesis.channel, Change(cells=(cell,)))
