"""How two nodes come to trust each other: one file each way, and 40 digits that their people compare by voice.

Rules for the next editor:

1. A party is a peer when its digits were compared here, and at no other time. Of nobody else is anything taken in.
2. A channel of the two opens when its genesis has both signatures and the other is a peer, whichever comes first.
3. Every command may be repeated, also after the process ended in its midst: it gives the same bytes again.
4. The transport key of a peer is the one that its channels say. The one of its offer holds only until they do.
"""

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from typing import Final

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS
from tansiq.ports.store import Cell, Change
from tansiq.record.canonical import Value, parse, to_base64, write
from tansiq.record.genesis import NONCE_BYTES, SignedGenesis, parse_signed_genesis, sign_genesis, signed_genesis
from tansiq.record.keyring import GOOD
from tansiq.record.keys import LONGEST_BYTES, PublicKey, SecretKey, public_key
from tansiq.record.reading import Fields
from tansiq.service.channels import open_channel
from tansiq.service.node import VERSION, Decision, Node
from tansiq.service.offers import (
    ANSWER_BYTES,
    DIGITS,
    Answer,
    Offer,
    answer_of,
    digits,
    genesis_from,
    is_name,
    make_answer,
    make_offer,
    offer_of,
    parse_offer,
)

PEERS: Final = "peer"
"""Kind of cell: a peer, by its root's fingerprint."""
OFFERS: Final = "offer"
"""Kind of cell: the last own offer of a track, by the track's digest."""
ANSWERS: Final = "answer"
"""Kind of cell: the last answer to a party's offer of a track, by the party and the track's digest."""

_ANSWERED_BYTES: Final = ANSWER_BYTES + LIMITS.offer_bytes + 4_096
_DRAWS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Peer:
    """A party whose digits were compared."""

    id: bytes
    """The fingerprint of its root."""
    name: str
    """How this node's people call it: nobody else is told, and no two peers have the same."""
    address: str | None
    """Where it can be dialled, as `host:port`, if it can."""
    transport: PublicKey | None
    """The key that its connections are pinned to. None where it has revoked all that are known here."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Another's offer, and the answer that this party gave to it."""

    name: str
    """How this node's people call the other."""
    offer: Offer
    answer: Answer

    def cell(self) -> Cell:
        """The cell that holds it."""
        value: dict[str, Value] = {
            "answer": self.answer.as_value(),
            "name": self.name,
            "offer": self.offer.as_value(),
            "v": VERSION,
        }
        return Cell(ANSWERS, _place(self.offer.party, self.offer.track), write(value, size_max=_ANSWERED_BYTES))


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A peer, and the channel that its offer was for."""

    peer: bytes
    name: str
    channel: bytes
    genesis: bytes | None
    """The genesis with both signatures, as it travels: the channel is open. None where the other's is still to come."""


# ------------------------------------------------------------------------------------------------------------- peers


def peers(node: Node) -> tuple[Peer, ...]:
    """All peers, in the order of their ids, as far as they are committed."""
    return tuple(_peer(node, mark, value) for mark, value in node.store.cells(PEERS))


def is_peer(node: Node, party: bytes) -> bool:
    """Whether the digits of this party were compared here, and that is committed."""
    return node.store.cell(PEERS, party) is not None


def change_peer(node: Node, party: bytes, *, name: str, address: str | None) -> Decision[None]:
    """The peer has this name and address here.

    What was decided before is committed first. Raises PartyError: not_confirmed where it is no peer; bad_value.
    """
    node.commit()
    value = node.store.cell(PEERS, party)
    if value is None:
        raise PartyError("not_confirmed", "peer", party.hex(), "a peer of this node")
    _check_name(node, name, party, own_name=None)
    cell = _peer_cell(party, name, address, _read_peer(value)[2])
    if cell.value == value:
        return node.unchanged(None)
    return node.decide("change_peer", "operator", {"party": to_base64(party)}, None, Change(cells=(cell,)))


def _peer(node: Node, mark: bytes, value: bytes) -> Peer:
    name, address, offered = _read_peer(value)
    return Peer(mark, name, address, _transport(node, mark, offered))


def _read_peer(value: bytes) -> tuple[str, str | None, PublicKey]:
    """The peer's name here, its address, and its transport key as it was offered last."""
    fields = Fields(parse(value))
    fields.integer("v", low=1, high=VERSION)
    name, address = fields.text("name"), fields.take("address")
    transport = public_key(fields.base64("transport", longest=LONGEST_BYTES))
    fields.end()
    return name, address, transport


def _peer_cell(party: bytes, name: str, address: str | None, transport: PublicKey) -> Cell:
    value: Value = {"address": address, "name": name, "transport": to_base64(transport.encoded), "v": VERSION}
    return Cell(PEERS, party, write(value))


def _transport(node: Node, party: bytes, offered: PublicKey) -> PublicKey | None:
    """The newest transport key of the party: the one offered last, or what came after it in a channel that knows it.

    A rotation is told in every channel, and reaches some of them earlier than others. So a key that one channel has
    taken back or replaced is good in none; and a channel that does not know the key offered last lies further back.
    """
    rings = [one.state.keyring(party) for one in node.channels.values() if party in one.state.start.genesis.members]
    over = {mark for ring in rings for mark, grant in ring.items() if grant.standing != GOOD}
    if offered.fingerprint not in over:
        return offered
    later = [
        grant.key.key
        for ring in rings
        if offered.fingerprint in ring
        for mark, grant in ring.items()
        if grant.key.use == "transport" and mark not in over
    ]
    return later[-1] if later else None


# ------------------------------------------------------------------------------------------------------------- offer


def offer(node: Node, root: SecretKey, *, name: str, track: str, address: str | None) -> Decision[bytes]:
    """The party's offer of this track, as its file: the same again, until what it says has changed.

    A new one takes the place of the one before, and answers to that are refused. What was decided before is committed
    first.

    Raises PartyError: not_entitled where the root is another's; limit_exceeded; and as `make_offer`.
    """
    node.commit()
    _check_root(node, root)
    place = _track_place(track)
    spelling = node.store.cell(OFFERS, place)
    if spelling is not None and _says(parse_offer(spelling), node, name, address):
        return node.unchanged(spelling)
    if spelling is None:
        _check_room("offers", sum(1 for _ in node.store.cells(OFFERS)), LIMITS.own_offers)
    made = _own_offer(node, root, name, track, address)
    told: dict[str, Value] = {"offer": to_base64(hashlib.sha256(made.signed).digest())}
    return node.decide("offer", "root", told, made.encode(), Change(cells=(Cell(OFFERS, place, made.encode()),)))


def _own_offer(node: Node, root: SecretKey, name: str, track: str, address: str | None) -> Offer:
    nonce = node.randomness.draw(NONCE_BYTES)
    return make_offer(root, name=name, keys=node.current_keys(), address=address, track=track, nonce=nonce)


def _says(made: Offer, node: Node, name: str, address: str | None) -> bool:
    """Whether the own offer says what is true now."""
    return (made.name, made.address, set(made.keys)) == (name, address, set(node.current_keys()))


# ------------------------------------------------------------------------------------------------------------ accept


def accept(
    node: Node, root: SecretKey, other: Offer, *, own_name: str, address: str | None, name: str | None = None
) -> Decision[Answered]:
    """The answer to another's offer stands, with this root's signature below their genesis; the other is no peer by it.

    To the same offer it is the same answer, until what it says of this party has changed. `name` is what the other is
    called here, if not as it calls itself. What was decided before is committed first.

    Raises PartyError: bad_value where it is the party's own offer, the channel is open already, or the name is that of
    another; not_entitled where the root is another's; limit_exceeded. PeerError, as `genesis_from`.
    """
    node.commit()
    _check_root(node, root)
    _check_other(node, other)
    before = _answered(node, other.party, other.track)
    called = name or _name_of(node, other.party, before.name if before else other.name)
    _check_name(node, called, other.party, own_name=own_name)
    same = before is not None and before.offer == other and _says(before.answer.offer, node, own_name, address)
    if before is not None and same:
        found = Answered(called, other, before.answer)
        if found == before:
            return node.unchanged(found)
    else:
        _check_not_open(node, other)
        if before is None:
            _check_room("answers", sum(1 for _ in node.store.cells(ANSWERS)), LIMITS.answers_per_node)
        own = _winning_offer(node, root, other, (own_name, address), before)
        found = Answered(called, other, make_answer(root, other, own))
    told: dict[str, Value] = {
        "channel": to_base64(found.answer.genesis.channel),
        "party": to_base64(other.party),
    }
    return node.decide("accept", "root", told, found, Change(cells=(found.cell(),)))


def _winning_offer(
    node: Node, root: SecretKey, other: Offer, own: tuple[str, str | None], before: Answered | None
) -> Offer:
    """An own offer, whose genesis wins against the one of the answer before: the other side may have opened that.

    Of two geneses of one track the smaller is used, so nonces are drawn until it is.
    """
    name, address = own
    for _ in range(_DRAWS):
        made = _own_offer(node, root, name, other.track, address)
        if before is None or genesis_from(other, made).digest < before.answer.genesis.digest:
            return made
    raise PartyError("limit_exceeded", "track", f"{_DRAWS} draws", "another track: too many answers were given in this")


def answered(node: Node) -> tuple[Answered, ...]:
    """The last answer of each party and track, as far as they are committed."""
    return tuple(_read_answered(value) for _, value in node.store.cells(ANSWERS))


def _answered(node: Node, party: bytes, track: str) -> Answered | None:
    value = node.store.cell(ANSWERS, _place(party, track))
    return None if value is None else _read_answered(value)


def _read_answered(value: bytes) -> Answered:
    fields = Fields(parse(value, size_max=_ANSWERED_BYTES))
    fields.integer("v", low=1, high=VERSION)
    found = Answered(fields.text("name"), offer_of(fields.take("offer")), answer_of(fields.take("answer")))
    fields.end()
    return found


# ----------------------------------------------------------------------------------------------------------- confirm


def confirm_answer(
    node: Node, root: SecretKey, found: Answer, *, typed: str | None, own_name: str, name: str | None = None
) -> Decision[Confirmed]:
    """The party that answered is a peer, its genesis has both signatures, and the channel is open.

    `typed` are the digits that the other side has read out; a peer needs none. What was decided before is committed
    first.

    Raises PartyError: not_confirmed where they are others; bad_value where it is the party's own answer, or one to
    another offer than the last of its track, or the name is that of another; not_entitled; limit_exceeded. PeerError,
    as `open_channel`.
    """
    node.commit()
    _check_root(node, root)
    check_answer(node, found)
    party = found.offer.party
    called = name or _name_of(node, party, found.offer.name)
    _check_name(node, called, party, own_name=own_name)
    _check_digits(node, party, typed)
    made = {party: (found.offer.root, found.signature), node.id: (root.public, sign_genesis(found.genesis, root))}
    whole = signed_genesis(found.genesis, made)
    return _opened(node, whole, found.offer, called)


def check_answer(node: Node, found: Answer) -> None:
    """The answer is to the last offer that this node made of its track, or the channel is open by it already.

    Raises PartyError: bad_value. PeerError, as `genesis_from`.
    """
    _check_other(node, found.offer)
    if found.genesis.channel in node.channels and node.id in found.genesis.members:
        return
    spelling = node.store.cell(OFFERS, _track_place(found.genesis.track))
    if spelling is None or genesis_from(parse_offer(spelling), found.offer) != found.genesis:
        raise PartyError("bad_value", "answer", "one to another offer", "one to the last offer made here of its track")


def confirm_answered(
    node: Node, given: Answered, *, typed: str | None, name: str | None = None, genesis: bytes | None = None
) -> Decision[Confirmed]:
    """The party whose offer was answered is a peer; where the genesis is given with both signatures, the channel opens.

    What was decided before is committed first.

    Raises PartyError: not_confirmed, bad_value, limit_exceeded, not_entitled. PeerError: foreign_channel where it is
    another genesis, and as `open_channel`.
    """
    node.commit()
    other, channel = given.offer, given.answer.genesis.channel
    called = name or _name_of(node, other.party, given.name)
    _check_name(node, called, other.party, own_name=given.answer.offer.name)
    whole = None if genesis is None else parse_signed_genesis(genesis)
    if whole is not None and whole.genesis.channel != channel:
        raise PeerError(
            "foreign_channel", "genesis", whole.genesis.channel.hex(), f"that of the answer, {channel.hex()}"
        )
    _check_digits(node, other.party, typed)
    if whole is None and channel in node.channels:
        whole = node.channels[channel].state.start
    if whole is not None:
        return _opened(node, whole, other, called)
    done = Confirmed(other.party, called, channel, None)
    cell = _known_peer(node, other.party, called) or _peer_cell(other.party, called, other.address, other.transport)
    return _with_peer(node, cell, done)


def take_genesis(node: Node, spelling: bytes) -> Decision[bytes]:
    """The channel of this genesis is open, if all its other members are peers; its id. Again changes nothing.

    What was decided before is committed first.

    Raises PeerError: not_confirmed where one is no peer, and as `open_channel`. PartyError, as `open_channel`.
    """
    whole = parse_signed_genesis(spelling)
    genesis = whole.genesis
    if genesis.channel in node.channels:
        return node.unchanged(genesis.channel)
    node.commit()
    others = [one for one in genesis.members if one != node.id]
    for party in others:
        if not is_peer(node, party):
            raise PeerError("not_confirmed", "members", party.hex(), "members whose digits were compared here")
    given = _answered(node, others[0], genesis.track) if len(others) == 1 else None
    if given is None or given.answer.genesis != genesis:
        return open_channel(node, spelling)
    _opened(node, whole, given.offer, _name_of(node, others[0], given.name))
    return node.unchanged(genesis.channel)


def _opened(node: Node, whole: SignedGenesis, other: Offer, name: str) -> Decision[Confirmed]:
    """The channel is open and the other a peer, in one commit."""
    spelling, channel = whole.encode(), whole.genesis.channel
    there = channel in node.channels
    open_channel(node, spelling)
    cell = _peer_cell(other.party, name, other.address, other.transport)
    if there:  # The offer said what was true when the channel began.
        cell = _known_peer(node, other.party, name) or cell
    return _with_peer(node, cell, Confirmed(other.party, name, channel, spelling))


def _with_peer(node: Node, cell: Cell, done: Confirmed) -> Decision[Confirmed]:
    """The peer is as the cell says."""
    value = node.store.cell(PEERS, done.peer)
    if cell.value == value:
        return node.unchanged(done)
    told: dict[str, Value] = {"channel": to_base64(done.channel), "party": to_base64(done.peer)}
    return node.decide("confirm", "operator", told, done, Change(cells=(cell,)))


def _known_peer(node: Node, party: bytes, name: str) -> Cell | None:
    """The peer as it is known, by this name.

    What a mere offer says of a peer changes nothing: it may be an old one, with a key that was revoked since.
    """
    value = node.store.cell(PEERS, party)
    if value is None:
        return None
    address, transport = _read_peer(value)[1:]
    return _peer_cell(party, name, address, transport)


# ----------------------------------------------------------------------------------------------------------- refusals


def _check_root(node: Node, root: SecretKey) -> None:
    if root.public.fingerprint != node.id:
        raise PartyError("not_entitled", "root", root.public.fingerprint.hex(), f"this party's root, {node.id.hex()}")


def _check_other(node: Node, offer: Offer) -> None:
    if offer.party == node.id:
        raise PartyError("bad_value", "offer", "this party's own", "one of another party")


def _check_not_open(node: Node, other: Offer) -> None:
    members = {node.id, other.party}
    for channel in node.channels.values():
        genesis = channel.state.start.genesis
        if not channel.lost and (set(genesis.members), genesis.track) == (members, other.track):
            got = f"{other.track!r}, in which a channel of the two is open"
            raise PartyError("bad_value", "track", got, "an offer of another track")


def _check_name(node: Node, name: str, party: bytes, *, own_name: str | None) -> None:
    """People can read the name, and it is neither their own party's nor that of another peer."""
    if not is_name(name):
        want = f"a name of at most {LIMITS.id_characters} characters, no control characters or spaces around it"
        raise PartyError("bad_value", "name", ascii(name)[:60], want)
    others = [_read_peer(value)[0] for mark, value in node.store.cells(PEERS) if mark != party]
    if _folded(name) in {_folded(one) for one in [*others, own_name or ""]}:
        raise PartyError(
            "bad_value", "name", f"{name!r}, which is that of another", "a name that nobody has here: --name"
        )


def _folded(name: str) -> str:
    """The name as two that look nearly alike have it."""
    return unicodedata.normalize("NFKC", name).casefold()


def _name_of(node: Node, party: bytes, otherwise: str) -> str:
    """What the party is called here, if it is a peer."""
    value = node.store.cell(PEERS, party)
    return otherwise if value is None else _read_peer(value)[0]


def _check_digits(node: Node, party: bytes, typed: str | None) -> None:
    """The digits are those over both roots. Of a peer they were compared already, and none need be typed."""
    known = is_peer(node, party)
    if typed is None and known:
        return
    given = "".join((typed or "").split())
    wanted = digits(node.id, party).replace(" ", "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode()):
        got = "nothing" if not given else f"{len(given)} characters, which are others"
        raise PartyError("not_confirmed", "digits", got, f"the {DIGITS} digits that both sides have")
    if not known:
        _check_room("peers", sum(1 for _ in node.store.cells(PEERS)), LIMITS.peers_per_node)


def _check_room(field: str, count: int, most: int) -> None:
    if count >= most:
        raise PartyError("limit_exceeded", field, str(count), f"at most {most}")


def _track_place(track: str) -> bytes:
    return hashlib.sha256(track.encode("utf-8", "surrogatepass")).digest()


def _place(party: bytes, track: str) -> bytes:
    return party + _track_place(track)
