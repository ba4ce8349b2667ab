"""What two packs of one channel say of each other: where they agree, and who contradicts himself."""

from collections.abc import Iterable
from dataclasses import dataclass

from tansiq.errors import PartyError
from tansiq.record.agreement import SenderVerdict, compare
from tansiq.record.entry import Position
from tansiq.record.tree import Tree
from tansiq.record.verdict import Facts, Verdict


@dataclass(frozen=True, slots=True)
class PackComparison:
    """What two proved packs say together."""

    senders: tuple[SenderVerdict, ...]
    """Of each member's entries; empty unless both packs are of the whole channel, by two owners."""
    twice: tuple[Position, ...]
    """Positions that were signed twice, the lowest first: each convicts its party's keys."""
    two_faced: bytes | None
    """The member whose log key signed two heads that can not both be true of one log."""
    heads_compared: bool
    """Whether the heads could be held against each other: one owner, and equal sizes or the whole of the larger log."""

    @property
    def agrees(self) -> bool:
        """Whether nothing in the two contradicts the other, as far as they can be compared."""
        return not self.twice and self.two_faced is None and all(one.agrees for one in self.senders)


def compare_packs(one: Verdict, other: Verdict) -> PackComparison:
    """What the two say together. Symmetric. Raises PartyError: bad_value where one is not proved, foreign_channel."""
    if one.facts is None or other.facts is None:
        raise PartyError("bad_value", "packs", "a pack that is not proved", "two packs that are proved")
    if one.pack.genesis.digest != other.pack.genesis.digest:
        raise PartyError("foreign_channel", "packs", "packs of two channels", "two packs of one channel")
    facts = (one.facts, other.facts)
    whole = one.pack.thread is None and other.pack.thread is None
    senders: tuple[SenderVerdict, ...] = ()
    two_faced, compared = None, False
    if one.facts.owner == other.facts.owner:
        two_faced, compared = _heads(one, other)
    elif whole:
        senders = compare(facts[0].state, facts[0].owner, facts[1].state, facts[1].owner, as_of_heads=True)
    return PackComparison(senders, _twice(facts), two_faced, compared)


def _heads(one: Verdict, other: Verdict) -> tuple[bytes | None, bool]:
    """The owner, if its log has two faces; and whether that could be seen."""
    assert one.facts is not None
    assert other.facts is not None
    small, large = sorted((one, other), key=lambda verdict: _size(verdict.facts))
    assert small.facts is not None
    assert large.facts is not None
    if small.facts.size == large.facts.size:
        return (small.facts.owner if small.facts.root != large.facts.root else None), True
    if large.pack.thread is not None:
        return None, False
    leaves = b"".join(packed.entry.digest for packed in large.pack.entries)
    same = Tree(leaves).root(small.facts.size) == small.facts.root
    return (None if same else small.facts.owner), True


def _size(facts: Facts | None) -> int:
    return 0 if facts is None else facts.size


def _twice(both: Iterable[Facts]) -> tuple[Position, ...]:
    """The positions at which the two together hold different entries; all of them were verified."""
    there: dict[Position, set[bytes]] = {}
    for facts in both:
        for one in (each for each in facts.entries if each.dropped is None):
            there.setdefault(one.packed.entry.position, set()).add(one.packed.entry.digest)
    return tuple(sorted((place for place, found in there.items() if len(found) > 1), key=_order))


def _order(position: Position) -> tuple[int, bytes, bytes]:
    return position.seq, position.party, position.incarnation
