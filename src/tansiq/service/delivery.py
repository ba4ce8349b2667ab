"""What a node gives another and what it takes of it: at least once each, and twice is as good as once.

Rules for the next editor:

1. What the other has is known by what it signed and by the last that it said of itself (`have`), never by what was
   sent. So a parcel that is lost costs nothing but time, and one that comes again changes nothing.
2. CEASE and DISTRESS go first, in every parcel.
3. Nothing that is wrong with one item keeps another from being taken, and nobody learns from an answer whether a
   channel exists that he is no member of.
4. What is refused goes to the security log, by digest and code, never into the record.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS
from tansiq.ports.store import Cell, Change
from tansiq.record.canonical import Value, to_base64, write
from tansiq.record.channel import Place
from tansiq.record.checkpoint import origin, parse_origin
from tansiq.record.control import TYPES
from tansiq.record.cosigner import Refused as HeadRefused
from tansiq.record.entry import Entry, Seen, envelope, parse_entry
from tansiq.record.genesis import parse_signed_genesis
from tansiq.service.channels import open_channel
from tansiq.service.entries import take_in
from tansiq.service.heads import (
    checkpoint,
    cosign_head,
    cosigned_line,
    has_line_of,
    head_of,
    recall_cosigned,
    take_cosignature,
)
from tansiq.service.known import held, lacking, theirs_of, wants
from tansiq.service.node import GENESES, VERSION, Channel, Decision, Node, Talk
from tansiq.service.parcels import (
    Confirmed,
    Draft,
    Have,
    OwnHead,
    Parcel,
    Refused,
    Want,
    read_parcel,
    spelled_packet,
)
from tansiq.service.restore import note_answer, question

SECURITY: Final = "security"
"""Kind of cell: bytes that were refused, by number; the newest `LIMITS.security_cells` of them."""


QUESTIONS: Final = "question"
"""Kind of cell: by party, with what it asks for its own entries, and what it then said that it holds."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a parcel."""

    entries: tuple[Entry, ...]
    """The entries that were new here, in the order in which they were taken."""
    opened: tuple[bytes, ...]
    """The channels that were new here."""
    refused: tuple[Refused, ...]
    wants: bool
    """Whether this node still wants something that others say or show to exist."""


@dataclass(frozen=True, slots=True)
class _Due:
    """An entry that the other is not known to have, or that it asked for."""

    channel: bytes
    digest: bytes
    rank: tuple[int, int]
    asked: bool = False


# -------------------------------------------------------------------------------------------------------------- giving


def parcel_for(node: Node, peer: bytes, *, bytes_max: int, news: bool = False) -> bytes | None:
    """A parcel with all that the other is not known to have, as far as it has room; None where there is nothing.

    What finds no room goes with the next one. A body that is too large for any parcel of this size stays behind, its
    entry goes. With `news` it holds only what went into none since the other's last parcel came: for an answer that
    waits, and for one after another. Without, everything is told once more: for a file, and after a link failed.
    Heads are signed here, so what was decided before is committed.

    Raises StoreError.
    """
    node.commit()
    channels = shared(node, peer)
    for one in channels:
        with suppress(PartyError):  # No log key is open, or it may sign no head now: then none is shown.
            checkpoint(node, one.id)
    node.commit()
    talk = _talk(node, peer)
    if not news:
        talk.sent.clear()
    asks = question(node, peer) if any(one.behind for one in channels) else None
    if news and asks == talk.told.get(("asks", b"")):
        asks = None  # Else each answer would be asked for by the one before.
    draft = Draft(node.id, peer, asks=asks, answers=talk.asks, bytes_max=bytes_max)
    reason = _put_entries(node, draft, talk, channels, peer)
    frame = {("asks", b""): asks, ("answers", b""): talk.asks}
    for name, value in frame.items():
        if value is not None:
            reason |= talk.told.get(name) != value or (name[0] == "asks" and not news)
            talk.told[name] = value
    notes = [note for one in channels for note in _notes(node, one, talk, peer)]
    notes.sort(key=lambda note: talk.told.get(note.name) == note.spelling)
    for note in notes:
        known = talk.told.get(note.name) == note.spelling
        if (known and news) or not draft.put(note.name[0], note.spelling):
            continue
        talk.told[note.name] = note.spelling
        reason |= not known or (note.asks and not news)
    return draft.spelled() if reason else None


def shared(node: Node, peer: bytes) -> list[Channel]:
    """The channels that the other is a member of, in rising order of their ids."""
    found = sorted(node.channels.items())
    return [one for _, one in found if peer in one.state.start.genesis.members and peer != node.id]


def _put_entries(node: Node, draft: Draft, talk: Talk, channels: list[Channel], peer: bytes) -> bool:
    """What the other lacks is in the draft, as far as it has room; whether there was anything."""
    fresh = Draft(node.id, peer, asks=bytes(16), answers=bytes(16), bytes_max=draft.room).room
    begun, put = set[bytes](), set[bytes]()
    for due in sorted(_due(talk, channels, peer), key=lambda one: one.rank):
        if not _put_genesis(node, draft, peer, due.channel, begun):
            continue
        logged = node.store.logged(due.channel, due.digest)
        if logged is None:
            continue
        body = node.store.body(due.channel, due.digest)
        whole = spelled_packet(logged.envelope, body)
        fits = len(whole) + 1 <= fresh
        if due.digest in put or (due.asked and not fits):
            continue  # What was asked for waits for a parcel that is large enough.
        if draft.put("entries", whole if fits else spelled_packet(logged.envelope, None)):
            put.add(due.digest)
            talk.sent.add(due.digest)
            if fits:
                talk.wants.get(due.channel, {}).pop(due.digest, None)
    return bool(put)


def _put_genesis(node: Node, draft: Draft, peer: bytes, channel: bytes, begun: set[bytes]) -> bool:
    """Whether the other knows the channel, by what it said or by this parcel."""
    if channel in begun or channel in _talk(node, peer).has:
        return True
    spelling = node.store.cell(GENESES, channel)
    assert spelling is not None
    if not draft.put("geneses", spelling):
        return False
    begun.add(channel)
    return True


def _due(talk: Talk, channels: list[Channel], peer: bytes) -> Iterator[_Due]:
    """What the other lacks: urgent words first, then what it asked for, then each sender's entries in their order."""
    for one in channels:
        asked = [digest for digest in talk.wants.get(one.id, ()) if one.state.entry(digest) is not None]
        yield from (_Due(one.id, digest, (1, 0), asked=True) for digest in asked)
        for ours in held(one.state):
            missing = lacking(one.state, ours, theirs_of(one, talk, ours, peer))
            left = [digest for digest in missing if digest not in talk.sent]
            for number, digest in enumerate(left):
                entry = one.state.entry(digest)
                known = None if entry is None else TYPES.get(entry.type)
                urgent = known is not None and known.urgent
                if urgent or number < LIMITS.parcel_entries:
                    yield _Due(one.id, digest, (0, number) if urgent else (2, number))


# -------------------------------------------------------------------------------------------------------------- hints


def _talk(node: Node, peer: bytes) -> Talk:
    """What is remembered of the talk; of one that this process has not begun, the other's question."""
    if peer not in node.talks:
        talk = node.talks[peer] = Talk()
        asked = node.store.cell(QUESTIONS, peer)
        if asked is not None:
            known = read_parcel(asked)
            talk.asks, talk.has = known.asks, {have.channel: have.seen for _, have in known.have}
    return node.talks[peer]


def _keep_question(node: Node, peer: bytes, parcel: Parcel) -> None:
    """The question is answered by every parcel until the other has restored: by a file too, another day."""
    asked = Draft(peer, node.id, asks=parcel.asks, answers=None, bytes_max=LIMITS.cell_bytes)
    for _, have in parcel.have:
        if _channel(node, peer, have.channel) is not None:
            asked.put("have", have.spelled())
    value = asked.spelled()
    if node.store.cell(QUESTIONS, peer) != value:
        told: dict[str, Value] = {}
        node.decide("note_question", to_base64(peer), told, None, Change(cells=(Cell(QUESTIONS, peer, value),)))


@dataclass(frozen=True, slots=True)
class _Note:
    """What a parcel says besides entries: in which list, of which channel, and its spelling."""

    name: tuple[str, bytes]
    spelling: bytes
    asks: bool = False
    """Whether it waits for an answer: then it is told again until one comes."""


def _notes(node: Node, channel: Channel, talk: Talk, peer: bytes) -> Iterator[_Note]:
    """What there is to tell of the channel."""
    yield _Note(("have", channel.id), Have(channel.id, held(channel.state)).spelled())
    wanted = wants(channel, talk)
    if wanted:
        yield _Note(("wants", channel.id), Want(channel.id, wanted).spelled(), asks=True)
    head = _own_head(channel, talk, peer)
    if head is not None:
        yield _Note(("heads", channel.id), head.spelled(), asks=True)
    cosigned = channel.cosigned.get(origin(channel=channel.id, party=peer))
    if cosigned is not None:
        with suppress(PartyError):  # The witness key is not open here: the line goes another day.
            line = cosigned_line(node, channel, cosigned)
            yield _Note(("cosignatures", channel.id), Confirmed(channel.id, cosigned.signed, line).spelled())


def _own_head(channel: Channel, talk: Talk, peer: bytes) -> OwnHead | None:
    """The last own checkpoint, where the other has not confirmed it and could."""
    if channel.head is None or channel.behind or channel.lost_size:
        return None
    known = [talk.confirmed.get(channel.id), channel.confirmed]
    confirmed = next((one for one in known if one is not None and has_line_of(channel, one, peer)), None)
    size, upto = 0 if confirmed is None else head_of(confirmed).size, head_of(channel.head).size
    if size >= upto:
        return None
    proof = channel.log.consistency_proof(size, upto) if size else []
    return OwnHead(_without_others(channel), confirmed, tuple(proof))


def _without_others(channel: Channel) -> bytes:
    """The own checkpoint as its log signed it: what others added is theirs to tell."""
    assert channel.head is not None
    text, _, lines = channel.head.rpartition(b"\n\n")
    return text + b"\n\n" + lines.split(b"\n")[0] + b"\n"


# -------------------------------------------------------------------------------------------------------------- taking


@dataclass(slots=True)
class _Taking:
    """What became of the items so far."""

    entries: list[Entry] = field(default_factory=list)
    opened: list[bytes] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    later: list[tuple[str, bytes, bytes | None]] = field(default_factory=list)


def take_parcel(node: Node, peer: bytes, spelling: bytes) -> Decision[Delivered]:
    """What is new in the other's parcel is in the record, receipted; what can not be taken is in the security log.

    Nothing is raised for what the other gave. Raises StoreError.
    """
    taking = _Taking()
    try:
        parcel = _addressed(read_parcel(spelling), peer, node.id)
    except PeerError as error:
        taking.refused.append(Refused("parcel", spelling, error))
        return _delivered(node, peer, taking)
    taking.refused += parcel.refused
    talk = _talk(node, peer)
    _take_geneses(node, peer, parcel, taking)
    for at, packet in parcel.packets:
        _take_packet(node, peer, talk, (at, packet.envelope, packet.body), taking)
    later, taking.later = taking.later, []
    for one in later:  # Its key may have been named by what came after it.
        _take_packet(node, peer, talk, one, taking)
    _take_hints(node, peer, parcel, talk)
    for at, head in parcel.heads:
        _take_head(node, peer, at, head, taking)
    for at, confirmed in parcel.cosignatures:
        _take_confirmed(node, peer, at, confirmed, taking)
    if parcel.answers is not None and parcel.answers == question(node, peer):
        for _, have in parcel.have:
            channel = _channel(node, peer, have.channel)
            if channel is not None and channel.behind and _holds_all(channel, node.id, have.seen):
                note_answer(node, channel.id, peer)
    return _delivered(node, peer, taking)


def _addressed(parcel: Parcel, sender: bytes, receiver: bytes) -> Parcel:
    if (parcel.sender, parcel.receiver) != (sender, receiver):
        raise PeerError("bad_value", "from, to", "other parties", "the one that gave it, and this one")
    return parcel


def _delivered(node: Node, peer: bytes, taking: _Taking) -> Decision[Delivered]:
    if taking.refused:
        _log_refused(node, peer, taking.refused)
    wanted = any(wants(one, _talk(node, peer)) for one in shared(node, peer))
    return node.unchanged(Delivered(tuple(taking.entries), tuple(taking.opened), tuple(taking.refused), wanted))


def _channel(node: Node, peer: bytes, channel: bytes) -> Channel | None:
    """The channel, where the other is a member."""
    found = node.channels.get(channel)
    return found if found is not None and peer in found.state.start.genesis.members else None


def _check_shared(is_shared: bool, at: str) -> None:  # noqa: FBT001 - one question, asked in two places
    if not is_shared:
        raise PeerError("foreign_channel", at, "something of no shared channel", "a channel of both parties")


def _take_geneses(node: Node, peer: bytes, parcel: Parcel, taking: _Taking) -> None:
    for at, spelling in parcel.geneses:
        try:
            genesis = parse_signed_genesis(spelling).genesis
            _check_shared(peer in genesis.members, at)
            if genesis.channel not in node.channels:
                open_channel(node, spelling)
                taking.opened.append(genesis.channel)
        except (PeerError, PartyError) as error:
            taking.refused.append(Refused(at, spelling, error))


def _take_packet(node: Node, peer: bytes, talk: Talk, one: tuple[str, bytes, bytes | None], taking: _Taking) -> None:
    at, spelling, body = one
    try:
        entry = parse_entry(envelope(spelling).signed)
        _check_shared(_channel(node, peer, entry.channel) is not None, at)
        came = take_in(node, spelling, body)
    except PeerError as error:
        taking.refused.append(Refused(at, spelling, error))
        return
    taken = came.decided
    if taken.body_refused is not None:
        taking.refused.append(Refused(at, body or b"", taken.body_refused))
    if taken.arrival.place is Place.KEY_UNKNOWN:
        taking.later.append(one)
    elif taken.arrival.place is Place.KNOWN:
        talk.told.pop(("have", entry.channel), None)  # It does not know that we have it.
    else:
        taking.entries.append(entry)
        if entry.party == peer:
            if entry.type == "RESTORE":
                node.decide("end_question", to_base64(peer), {}, None, Change(cells=(Cell(QUESTIONS, peer, None),)))
            talk.has.pop(entry.channel, None)  # What it signs is newer than what it said, unless it says so now.


def _take_hints(node: Node, peer: bytes, parcel: Parcel, talk: Talk) -> None:
    talk.sent.clear()
    if parcel.asks is not None:
        talk.asks = parcel.asks
        _keep_question(node, peer, parcel)
        asked = {name: value for name, value in talk.told.items() if name[0] == "asks"}
        talk.told = asked  # Who has lost something is told everything anew.
    for _, have in parcel.have:
        channel = _channel(node, peer, have.channel)
        if channel is not None and tuple(one.party for one in have.seen) == channel.state.start.genesis.members:
            talk.has[channel.id] = have.seen
    for _, want in parcel.wants:
        if _channel(node, peer, want.channel) is not None:
            talk.wants[want.channel] = dict.fromkeys(want.digests)


def _take_head(node: Node, peer: bytes, at: str, head: OwnHead, taking: _Taking) -> None:
    try:
        named = parse_origin(head_of(head.checkpoint).origin)
        channel = None if named is None else _channel(node, peer, named[0])
        _check_shared(channel is not None, at)
        assert channel is not None
        _talk(node, peer).told.pop(("cosignatures", channel.id), None)  # It does not know our last line.
        if head.confirmed is not None:
            recall_cosigned(node, head.confirmed)
        last = channel.cosigned.get(head_of(head.checkpoint).origin)
        if last is not None and last.checkpoint == head_of(head.checkpoint):
            return
        answer = cosign_head(node, head.checkpoint, head.proof).decided
    except PeerError as error:
        taking.refused.append(Refused(at, head.checkpoint, error))
        return
    except PartyError:  # The witness key is not open here, or this node must restore first: another day.
        return
    if isinstance(answer, HeadRefused):
        want = "one that extends the last that was cosigned"
        refusal = PeerError("bad_checkpoint", at, answer.why.value, want)
        taking.refused.append(Refused(at, head.checkpoint, refusal))


def _take_confirmed(node: Node, peer: bytes, at: str, one: Confirmed, taking: _Taking) -> None:
    if _channel(node, peer, one.channel) is None:
        return
    try:
        take_cosignature(node, one.channel, one.line, one.checkpoint)
        _talk(node, peer).confirmed[one.channel] = one.checkpoint + one.line
    except PeerError as error:
        taking.refused.append(Refused(at, one.line, error))


def _holds_all(channel: Channel, own: bytes, seen: Iterable[Seen]) -> bool:
    """Whether every own entry that these parts of `seen` name is held here."""
    named = [digest for one in seen if one.party == own for digest in (one.digest, *(run.digest for run in one.beyond))]
    start = channel.state.start.genesis.digest
    return all(digest == start or channel.state.entry(digest) is not None for digest in named)


def _log_refused(node: Node, peer: bytes, refused: list[Refused]) -> None:
    """The newest are kept: when, by whom, where it stood, the code and the digest; nothing of what it said."""
    node.commit()  # The store tells only of what is committed.
    last = max((int.from_bytes(key) for key, _ in node.store.cells(SECURITY)), default=-1)
    cells = []
    for number, one in enumerate(refused[-LIMITS.security_cells :], last + 1):
        told: Value = {
            "at": one.at,
            "at_us": node.clock.now_us(),
            "code": one.error.code,
            "digest": to_base64(hashlib.sha256(one.spelling).digest()),
            "peer": to_base64(peer),
            "v": VERSION,
        }
        cells.append(Cell(SECURITY, number.to_bytes(8), write(told)))
        if number >= LIMITS.security_cells:
            cells.append(Cell(SECURITY, (number - LIMITS.security_cells).to_bytes(8), None))
    node.decide("refuse", to_base64(peer), {"count": len(refused)}, None, Change(cells=tuple(cells)))
