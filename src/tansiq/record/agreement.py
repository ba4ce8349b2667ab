"""Whether two members' records of a channel agree; where not, which entry it is about and whose record lacks it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

from tansiq.record.channel import ChannelState
from tansiq.record.entry import Entry, Position


class Agreement(IntEnum):
    """How two records stand to each other, from best to worst."""

    SAME = 0
    IN_FLIGHT = 1
    """One record ends earlier, and its owner receipted nothing of the rest: the two agree so far."""
    MISSING = 2
    """A record lacks an entry that its owner signed, or receipted."""
    SIGNED_TWICE = 3
    """At one position the records hold different entries, both signed by the party."""


@dataclass(frozen=True, slots=True)
class SenderVerdict:
    """What two records say of one sender's entries."""

    sender: bytes
    agreement: Agreement
    receipted: int
    """Up to this seq every other member has receipted the sender's chain, by the fuller of both records."""
    position: Position | None = None
    """The first entry concerned; None where the records are the same."""
    digests: tuple[bytes, ...] = ()
    """That entry's digest; of two entries at one position both, in rising order."""
    lacking: tuple[bytes, ...] = ()
    """The owners of the records that lack it, where it is in flight or missing."""

    @property
    def agrees(self) -> bool:
        """Whether the records are one up to what was receipted."""
        return self.agreement <= Agreement.IN_FLIGHT


def compare(
    one: ChannelState, one_owner: bytes, other: ChannelState, other_owner: bytes, *, as_of_heads: bool = False
) -> tuple[SenderVerdict, ...]:
    """What the two records say of every member's entries, in the members' order. Symmetric.

    `as_of_heads`: the records are of two moments, each ending with its head, so that what an owner signed behind the
    last of its own entries there is not missing, nor what only such an entry receipts or follows.

    Source: rules of the record in docs/spec/channel.md, and of two packs in docs/spec/pack.md.
    """
    genesis = one.start.genesis
    assert genesis.digest == other.start.genesis.digest, "records of two channels"
    records = {one_owner: one, other_owner: other}
    assert len(records) == 2, "two records of one member"
    every = {entry.digest: entry for state in records.values() for entry in _entries(state)}
    by_then = {owner: _by_then(state, owner, every, as_of_heads=as_of_heads) for owner, state in records.items()}
    return tuple(_verdict(sender, records, every, by_then) for sender in genesis.members)


def _by_then(state: ChannelState, owner: bytes, every: dict[bytes, Entry], *, as_of_heads: bool) -> dict[bytes, Entry]:
    """What the owner had signed when its record ended, as far as one of the records has it."""
    own = {digest: entry for digest, entry in every.items() if entry.party == owner}
    if not as_of_heads:
        return own
    last = max((entry.seq for _, entry in state.entries(owner)), default=0)
    return {digest: entry for digest, entry in own.items() if entry.seq <= last}


def _entries(state: ChannelState) -> Iterable[Entry]:
    return (entry for member in state.start.genesis.members for _, entry in state.entries(member))


def _verdict(
    sender: bytes,
    records: dict[bytes, ChannelState],
    every: dict[bytes, Entry],
    by_then: dict[bytes, dict[bytes, Entry]],
) -> SenderVerdict:
    receipted = max(state.mutually_receipted(sender) for state in records.values())
    there: dict[Position, set[bytes]] = {}
    for entry in every.values():
        if entry.party == sender:
            there.setdefault(entry.position, set()).add(entry.digest)
    twice = [position for position, digests in there.items() if len(digests) > 1]
    if twice:
        first = min(twice, key=_order)
        return SenderVerdict(sender, Agreement.SIGNED_TWICE, receipted, first, tuple(sorted(there[first])))
    missing: dict[tuple[Position, bytes], list[bytes]] = {}
    in_flight: dict[tuple[Position, bytes], list[bytes]] = {}
    for owner, state in records.items():
        told = _receipted(sender, by_then[owner], every)
        lacks = {e.digest: e.position for e in every.values() if e.party == sender and state.entry(e.digest) is None}
        for digest, position in lacks.items():
            late = digest not in by_then[owner] and digest not in told
            (in_flight if late else missing).setdefault((position, digest), []).append(owner)
        for digest, position in told.items():
            if digest not in every:
                missing.setdefault((position, digest), []).append(owner)
    for agreement, found in ((Agreement.MISSING, missing), (Agreement.IN_FLIGHT, in_flight)):
        if found:
            position, digest = min(found, key=lambda one: (_order(one[0]), one[1]))
            lacking = tuple(sorted(found[position, digest]))
            return SenderVerdict(sender, agreement, receipted, position, (digest,), lacking)
    return SenderVerdict(sender, Agreement.SAME, receipted)


def _order(position: Position) -> tuple[int, bytes]:
    return position.seq, position.incarnation


def _receipted(sender: bytes, own: dict[bytes, Entry], every: dict[bytes, Entry]) -> dict[bytes, Position]:
    """What an owner's own entries say that it holds of the sender: digests with their positions.

    A sender holds what its entries follow, and says so with each.
    """
    found: dict[bytes, Position] = {}
    heads = [seen for one in own.values() for seen in one.seen if seen.party == sender]
    for seen in heads:
        _walk(Position(sender, seen.incarnation, seen.seq), seen.digest, 1, every, found)
    beyond: dict[bytes, Position] = {}
    for run in {run for seen in heads for run in seen.beyond}:
        there: dict[bytes, Position] = {}
        _walk(Position(sender, run.incarnation, run.last), run.digest, run.first, every, there)
        beyond |= there
    for one in [one for one in own.values() if one.party == sender]:
        _walk(replace(one.position, seq=one.seq - 1), one.prev, 1, every, found)
    return beyond | found


def _walk(
    position: Position, digest: bytes, first: int, every: dict[bytes, Entry], found: dict[bytes, Position]
) -> None:
    """The entry with this digest and all that it follows are found, down to `first`.

    Where one is in neither record, what lies below it is found by its position: whoever held the chain held that too.
    """
    while position.seq >= first and digest not in found:
        here = every.get(digest)
        found[digest] = position if here is None else here.position
        if here is None:
            for one in every.values():
                same_chain = (one.party, one.incarnation) == (position.party, position.incarnation)
                if same_chain and first <= one.seq < position.seq:
                    found.setdefault(one.digest, one.position)
            return
        position, digest = replace(here.position, seq=here.seq - 1), here.prev
