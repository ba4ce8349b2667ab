"""Whether two records agree, held against what the maker of the history knows."""

import random

import pytest

from tansiq.record.agreement import Agreement, SenderVerdict, compare
from tansiq.record.channel import ChannelState
from tansiq.record.conviction import verify_conviction
from tansiq.record.entry import Position
from tests.laws.record_history import NAMES, History, history, party, record_of, rewritten, start

SEEDS = 300


def expected(
    told: History, sender: bytes, records: dict[bytes, ChannelState], *, as_of_heads: bool = False
) -> tuple[Agreement, Position | None, set[bytes]]:
    """The verdict from what was said and held when; it follows no chain and reads no `seen`."""
    held = {owner: {d for d in told.said if state.entry(d) is not None} for owner, state in records.items()}
    union = set.union(*held.values())
    positions: dict[Position, set[bytes]] = {}
    for digest in union:
        if told.said[digest][1].party == sender:
            positions.setdefault(told.said[digest][1].position, set()).add(digest)
    twice = [position for position, digests in positions.items() if len(digests) > 1]
    if twice:
        first = min(twice, key=lambda place: place.seq)
        return Agreement.SIGNED_TWICE, first, positions[first]
    found: dict[Agreement, list[bytes]] = {Agreement.MISSING: [], Agreement.IN_FLIGHT: []}
    for owner in records:
        own = [told.said[d][1] for d in held[owner] if told.said[d][1].party == owner]
        last = max((entry.seq for entry in own), default=0) if as_of_heads else len(told.said)
        spoken = [d for d in union if told.said[d][1].party == owner and told.said[d][1].seq <= last]
        had = {d for said in spoken for d in told.held_when_said[said]}
        for digest in union | had:
            if told.said[digest][1].party == sender and digest not in held[owner]:
                late = digest not in had and digest not in spoken
                found[Agreement.IN_FLIGHT if late else Agreement.MISSING].append(digest)
    for agreement, digests in found.items():
        if digests:
            first_one = min(digests, key=lambda d: told.said[d][1].seq)
            return agreement, told.said[first_one][1].position, {first_one}
    return Agreement.SAME, None, set()


def check(
    told: History, records: dict[bytes, ChannelState], verdict: SenderVerdict, *, as_of_heads: bool = False
) -> Agreement:
    agreement, position, digests = expected(told, verdict.sender, records, as_of_heads=as_of_heads)
    assert verdict.agreement is agreement
    if all(any(state.entry(d) is not None for state in records.values()) for d in digests):
        assert verdict.position == position
        assert set(verdict.digests) == digests
    else:
        # Neither record holds the first that is missing: what follows it shows no more than that something is.
        assert position is not None
        assert verdict.position is not None
        assert verdict.position.seq >= position.seq
    return agreement


def compared(
    told: History,
    names: tuple[str, ...],
    one: tuple[str, ChannelState],
    other: tuple[str, ChannelState],
    *,
    as_of_heads: bool = False,
) -> set[Agreement]:
    records = {party(one[0]): one[1], party(other[0]): other[1]}
    verdicts = compare(one[1], party(one[0]), other[1], party(other[0]), as_of_heads=as_of_heads)
    assert [verdict.sender for verdict in verdicts] == sorted(party(name) for name in names)
    assert compare(other[1], party(other[0]), one[1], party(one[0]), as_of_heads=as_of_heads) == verdicts
    return {check(told, records, verdict, as_of_heads=as_of_heads) for verdict in verdicts}


def two_records(seed: int) -> set[Agreement]:
    """What was met in the history of this seed, of two whole records and where one of the two has lost some."""
    rng = random.Random(seed)
    names = NAMES[: rng.choice((2, 3))]
    told, _ = history(rng, names)
    one, other = rng.sample(names, 2)
    states = [(name, record_of(rng, told, names, told.given[name])) for name in (one, other)]
    met = compared(told, names, states[0], states[1])
    kept = [digest for digest in told.given[one] if rng.random() < 0.85]
    return met | compared(told, names, (one, record_of(rng, told, names, kept)), states[1])


def two_faces(seed: int) -> bool:
    """Whether a member was seen to have rewritten or forked its record, in the history of this seed, and convicted."""
    rng = random.Random(seed)
    names = NAMES[: rng.choice((2, 3))]
    told, present = history(rng, names)
    liar, other = rng.sample(present, 2)
    given = {name: list(digests) for name, digests in told.given.items()}
    new = rewritten(rng, told, liar)
    # The liar keeps the new entries, or gives them to the other and keeps the old ones.
    changed = rng.choice((liar.name, other.name))
    given[changed] = [new.get(digest, digest) for digest in given[changed]]
    states = {m.name: record_of(rng, told, names, given[m.name]) for m in (liar, other)}
    pair = (liar.name, states[liar.name]), (other.name, states[other.name])
    found = compared(told, names, *pair)
    assert (Agreement.SIGNED_TWICE in compared(told, names, *pair, as_of_heads=True)) == (
        Agreement.SIGNED_TWICE in found
    )
    both = record_of(rng, told, names, sorted({*given[liar.name], *given[other.name]}))
    for proof in both.convictions:
        assert verify_conviction(start(names), proof).party == liar.id
    assert both.convictions or Agreement.SIGNED_TWICE not in found
    return Agreement.SIGNED_TWICE in found


def two_moments(seed: int, *, keeps: float = 1.0) -> set[Agreement]:
    """What two members' logs say that end at any moments; below its end each keeps so large a part of its entries."""
    rng = random.Random(seed)
    names = NAMES[: rng.choice((2, 3))]
    told, _ = history(rng, names)
    pair = []
    for name in rng.sample(names, 2):
        log = told.given[name][: rng.randint(0, len(told.given[name]))]
        kept = [digest for digest in log if rng.random() < keeps]
        pair.append((name, record_of(rng, told, names, kept)))
    return compared(told, names, pair[0], pair[1], as_of_heads=True)


@pytest.mark.parametrize("part", range(6))
def test_the_verdict_is_what_the_maker_of_the_history_knows(part: int) -> None:
    met: set[Agreement] = set()
    for seed in range(part * SEEDS // 6, (part + 1) * SEEDS // 6):
        met |= two_records(seed)
    assert met >= {Agreement.SAME, Agreement.IN_FLIGHT, Agreement.MISSING}


@pytest.mark.parametrize("part", range(3))
def test_a_record_that_its_owner_rewrote_or_forked_convicts_it(part: int) -> None:
    met = [two_faces(seed) for seed in range(part * SEEDS // 3, (part + 1) * SEEDS // 3)]
    assert sum(met) > SEEDS // 3 // 3


@pytest.mark.parametrize("part", range(3))
def test_packs_of_any_two_moments_contradict_no_honest_member(part: int) -> None:
    met: set[Agreement] = set()
    for seed in range(part * SEEDS // 3, (part + 1) * SEEDS // 3):
        met |= two_moments(seed)
    assert met == {Agreement.SAME, Agreement.IN_FLIGHT}


def test_of_two_moments_what_an_owner_lost_below_its_head_is_missing() -> None:
    found = [two_moments(seed, keeps=0.85) for seed in range(SEEDS // 3)]
    assert sum(Agreement.MISSING in met for met in found) > 10


def test_what_a_record_says_does_not_depend_on_the_order_in_which_its_entries_came() -> None:
    for seed in range(40):
        rng = random.Random(seed)
        told, _ = history(rng, NAMES)
        held = told.given["teal"]
        one, other = record_of(rng, told, NAMES, held), record_of(rng, told, NAMES, held)
        for name in NAMES:
            assert one.chain(party(name)) == other.chain(party(name))
            assert {e.digest for _, e in one.entries(party(name))} == {e.digest for _, e in other.entries(party(name))}
        assert one.seen(party("teal")) == other.seen(party("teal"))


@pytest.mark.parametrize("seed", range(20))
def test_a_record_that_is_read_again_is_the_one_that_was_taken_in(seed: int) -> None:
    told, present = history(random.Random(seed), NAMES)
    for member in present:
        envelopes = [told.said[digest][0] for digest in told.given[member.name]]
        taken, again = ChannelState(member.state.start), ChannelState.again(member.state.start, envelopes)
        for one in envelopes:
            taken.add(one)
        for sender in member.state.start.genesis.members:
            assert again.chain(sender) == taken.chain(sender)
            assert list(again.entries(sender)) == list(taken.entries(sender))
            assert again.keyring(sender) == taken.keyring(sender)
            assert again.seen(sender) == taken.seen(sender)
