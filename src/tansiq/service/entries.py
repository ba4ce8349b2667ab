"""What this party says in a channel, what it takes in of others, and the bodies that it destroys."""

from collections.abc import Mapping
from dataclasses import dataclass

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS
from tansiq.ports.store import Cell, Change, Logged, StoredBody
from tansiq.record.body import SALT_BYTES, Field, check_body, digests, encode_body, parse_body
from tansiq.record.canonical import Value, to_base64
from tansiq.record.channel import Arrival, Place
from tansiq.record.control import TYPES, Control, Receipt
from tansiq.record.entry import Entry, Envelope, Thread, envelope, leaf_hash, make, parse_entry, sign
from tansiq.record.keys import SecretKey
from tansiq.service.node import RESTORES, Channel, Decision, Node, left_incarnations, note_deleted, shows_more
from tansiq.service.own_keys import open_key_of

OWN_COMMANDS = frozenset({"DELETED", "KEY", "RECEIPT", "RESTORE"})
"""Types that are the effect of another command than `say`."""


@dataclass(frozen=True, slots=True)
class Said:
    """An own entry, ready for the other members: the envelope's bytes, and its body where it has one."""

    entry: Entry
    envelope: bytes
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an envelope that was given."""

    arrival: Arrival
    body: str
    """`checked` where the node holds the whole body, or the entry has none; else `absent`."""
    body_refused: PeerError | None
    """Why a body that was given is not kept."""
    receipt: Said | None
    """None for what is receipted already, or by nobody: receipts, own entries, what is not held."""


def say(
    node: Node,
    channel_id: bytes,
    type_: str,
    *,
    office: str,
    words: Mapping[str, Value] | None = None,
    thread: bytes | None = None,
    refs: tuple[bytes, ...] = (),
    control: Control | None = None,
) -> Decision[Said]:
    """The office has said it: the entry is the next of the party's chain and the last of its log.

    Raises PartyError: foreign_channel; bad_value where the type is unknown, has a command of its own or comes after the
    party's CLOSE; not_entitled where no key of the office is open here; restore_needed; and as `make` and `digests`.
    """
    channel = node.channel(channel_id)
    if type_ not in TYPES or type_ in OWN_COMMANDS:
        raise PartyError("bad_value", "type", repr(type_[:60]), " or ".join(sorted(TYPES.keys() - OWN_COMMANDS)))
    key = _entry_key(node, channel, type_, office)
    body = tuple(Field(node.randomness.draw(SALT_BYTES), name, value) for name, value in (words or {}).items())
    listed = digests(body)
    spelling = encode_body(body) if body else None
    if spelling is not None and len(spelling) > LIMITS.body_bytes:
        raise PartyError("limit_exceeded", "words", f"{len(spelling)} bytes", f"at most {LIMITS.body_bytes}")
    place = None if thread is None else channel.state.next_in_thread(node.id, thread)
    made = own_entry(node, channel, type_, key, office=office, control=control, refs=refs, body=listed, thread=place)
    entry, logged = join(channel, made)
    bodies = () if spelling is None else (StoredBody(channel_id, entry.digest, spelling),)
    return node.decide(
        "say",
        office,
        logged_as(logged),
        Said(entry, logged.envelope, spelling),
        Change(logged=(logged,), bodies=bodies),
    )


def take_in(node: Node, spelling: bytes, body: bytes | None = None) -> Decision[Taken]:
    """The entry of the envelope is held and in the log, its body too if it is whole, and a RECEIPT says so.

    A body that contradicts its entry, or is not whole, is not kept; the entry is. A body may come later, with the same
    envelope. What comes by a key that nobody here knows yet is not kept: it has to come again.

    Raises PeerError: foreign_channel, and as `envelope` and `ChannelState.add`; nothing has changed then.
    """
    given = envelope(spelling)
    entry = parse_entry(given.signed)
    if entry.channel not in node.channels:
        raise PeerError("foreign_channel", "channel", entry.channel.hex(), "a channel of this node")
    channel = node.channels[entry.channel]
    fields, refused = _whole_body(entry, body)
    known = channel.state.entry(entry.digest) is not None
    if known:
        return _take_body(node, channel, entry, fields, refused)
    came_back = entry.party == node.id
    left = left_incarnations(channel, node.id) if came_back else frozenset()
    arrival = channel.state.add(given)
    if arrival.place is Place.KEY_UNKNOWN:
        return node.unchanged(Taken(arrival, "absent", None, None))
    logged = [channel.append(given, entry.digest)]
    logged += [channel.append(one, leaf_hash(one.signed)) for one in arrival.held]
    obliges = came_back and entry.incarnation not in left
    channel.behind |= obliges or shows_more(entry, channel, node.id)
    cells = (Cell(RESTORES, channel.id, entry.digest),) if obliges else ()
    state = "checked" if fields is not None or not entry.body else "absent"
    for one in (entry, *(parse_entry(beside.signed) for beside in arrival.held)):
        if one.body and (one is not entry or fields is None):
            channel.absent[one.digest] = None
        note_deleted(channel, one)
    receipt = None if came_back or entry.type == "RECEIPT" else _receipt(node, channel, entry, state)
    if receipt is not None:
        logged.append(receipt[1])
    told: dict[str, Value] = logged_as(logged[0]) | {"body": state, "place": arrival.place.name}
    told["beside"] = [one.index for one in logged[1:]]
    change = Change(logged=tuple(logged), bodies=_stored(entry, fields), cells=cells)
    said = None if receipt is None else receipt[0]
    return node.decide("take_in", to_base64(entry.party), told, Taken(arrival, state, refused, said), change)


def destroy_body(node: Node, channel_id: bytes, digest: bytes, *, office: str) -> Decision[Said]:
    """The body of this entry is no more, neither here nor in what is read from the store; a DELETED entry says so.

    The log stays whole, and others keep what they have. What was decided before is committed first.

    Raises PartyError: foreign_channel; bad_value where no body of such an entry is here; and as `say`. StoreError.
    """
    channel = node.channel(channel_id)
    node.commit()
    if node.store.body(channel_id, digest) is None:
        raise PartyError("bad_value", "entry", digest.hex(), "an entry of the channel whose body is here")
    key = _entry_key(node, channel, "DELETED", office)
    entry, logged = join(channel, own_entry(node, channel, "DELETED", key, office=office, refs=(digest,)))
    told = logged_as(logged) | {"of": to_base64(digest)}
    change = Change(logged=(logged,), destroyed=((channel_id, digest),))
    return node.decide("destroy_body", office, told, Said(entry, logged.envelope, None), change)


def own_entry(
    node: Node,
    channel: Channel,
    type_: str,
    key: SecretKey,
    *,
    office: str = "",
    control: Control | None = None,
    refs: tuple[bytes, ...] = (),
    body: tuple[bytes, ...] = (),
    thread: Thread | None = None,
) -> Envelope:
    """The next entry of this party's chain, signed; nothing has changed yet. Raises PartyError, as `make`."""
    position, prev = channel.state.next_position(node.id)
    header = Entry(
        type=type_,
        channel=channel.id,
        party=node.id,
        office=office,
        incarnation=position.incarnation,
        seq=position.seq,
        prev=prev,
        issued_at_us=node.clock.now_us(),
        keys=(key.public.fingerprint,),
        seen=channel.state.seen(node.id),
        refs=refs,
        body=body,
        thread=thread,
        control=control,
    )
    return sign(make(header), key)


def join(channel: Channel, made: Envelope) -> tuple[Entry, Logged]:
    """The own entry lies in the chain and in the log."""
    arrival = channel.state.add(made)
    assert arrival.place is Place.IN_CHAIN, arrival.place
    return arrival.entry, channel.append(made, arrival.entry.digest)


def check_may_sign(channel: Channel, type_: str) -> None:
    """The party may sign an entry of this type here. Raises PartyError: restore_needed, bad_value."""
    urgent = TYPES[type_].urgent
    if channel.behind and not urgent:
        want = "a restore first: others hold entries of this party that this node has lost"
        raise PartyError("restore_needed", "channel", channel.id.hex(), want)
    if channel.lost and type_ != "CLOSE":
        raise PartyError("bad_value", "type", type_, "CLOSE: another channel of these members was opened at once")


def logged_as(one: Logged) -> dict[str, Value]:
    """An entry of the log, as the journal names it."""
    return {"channel": to_base64(one.channel), "entry": to_base64(one.digest), "index": one.index}


def _entry_key(node: Node, channel: Channel, type_: str, office: str) -> SecretKey:
    """The key with which the office signs such an entry."""
    check_may_sign(channel, type_)
    if node.id in channel.state.closed_by() and not TYPES[type_].after_close:
        raise PartyError("bad_value", "type", type_, "nothing but urgent words after the party's own CLOSE")
    ring = channel.state.keyring(node.id)
    key = open_key_of(ring, node.secrets, "entry", office, urgent=TYPES[type_].urgent)
    if key is None:
        raise PartyError("not_entitled", "office", repr(office[:60]), "an office with a good key that is open here")
    return key


def _whole_body(entry: Entry, body: bytes | None) -> tuple[bytes | None, PeerError | None]:
    """The body if it is the entry's and whole; or why it is not kept."""
    if body is None:
        return None, None
    try:
        check = check_body(entry.body, parse_body(body))
    except PeerError as error:
        return None, error
    if check.contradicting:
        return None, PeerError("bad_value", "body", "fields that are not the entry's", "its own fields")
    if check.left_out:
        return None, PeerError("missing_field", "body", f"{len(check.left_out)} fields left out", "every field")
    return (body if entry.body else None), None


def _take_body(
    node: Node, channel: Channel, entry: Entry, body: bytes | None, refused: PeerError | None
) -> Decision[Taken]:
    """A body that came after its entry is kept, and a second RECEIPT says so. One that was destroyed stays away."""
    node.commit()  # The store tells only of what is committed.
    arrival = Arrival(Place.KNOWN, entry)
    here = node.store.body(channel.id, entry.digest) is not None
    if here or body is None or node.store.destroyed(channel.id, entry.digest):
        return node.unchanged(Taken(arrival, "checked" if here or not entry.body else "absent", refused, None))
    channel.absent.pop(entry.digest, None)
    receipt = None if entry.party == node.id else _receipt(node, channel, entry, "checked")
    logged = () if receipt is None else (receipt[1],)
    told: dict[str, Value] = {"channel": to_base64(channel.id), "entry": to_base64(entry.digest)}
    told["beside"] = [one.index for one in logged]
    answer = Taken(arrival, "checked", None, None if receipt is None else receipt[0])
    change = Change(logged=logged, bodies=_stored(entry, body))
    return node.decide("take_body", to_base64(entry.party), told, answer, change)


def _receipt(node: Node, channel: Channel, entry: Entry, body: str) -> tuple[Said, Logged] | None:
    """The RECEIPT for the entry, where the node may sign one: else the next `seen` covers it."""
    control = Receipt(node.clock.now_us(), body)
    try:
        key = _entry_key(node, channel, "RECEIPT", node.office)
        made = own_entry(node, channel, "RECEIPT", key, office=node.office, control=control, refs=(entry.digest,))
    except PartyError:
        return None
    said, logged = join(channel, made)
    return Said(said, logged.envelope, None), logged


def _stored(entry: Entry, body: bytes | None) -> tuple[StoredBody, ...]:
    return () if body is None else (StoredBody(entry.channel, entry.digest, body),)
