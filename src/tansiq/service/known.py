"""What is known of another node: what it holds, by what it signed and what it last said; and what this one wants."""

from tansiq.limits import LIMITS
from tansiq.record.channel import ChannelState
from tansiq.record.entry import Entry, Run, Seen
from tansiq.service.node import Channel, Talk


def held(state: ChannelState) -> tuple[Seen, ...]:
    """What is held of every member, in the members' order."""
    members = state.start.genesis.members
    of = {one.party: one for own in members[:2] for one in state.seen(own)}
    return tuple(of[member] for member in members)


def theirs_of(channel: Channel, talk: Talk, ours: Seen, peer: bytes) -> list[Seen]:
    """What the other says that it holds of this member: last of all in `have`; else in what it signed."""
    told = talk.has.get(channel.id)
    if told is not None:
        return [one for one in told if one.party == ours.party]
    if ours.party == peer:
        return [ours]
    return [one for entry in _last_entries(channel.state, peer) for one in entry.seen if one.party == ours.party]


def _last_entries(state: ChannelState, party: bytes) -> list[Entry]:
    """The end of the party's chain, and what lies beside or beyond it: they say all that it ever says it holds."""
    chain = state.chain(party)
    runs = next(one for one in held(state) if one.party == party).beyond
    found = [state.entry(digest) for digest in (*chain[-1:], *(d for run in runs for d in _digests(state, run)))]
    return [one for one in found if one is not None]


def lacking(state: ChannelState, ours: Seen, theirs: list[Seen]) -> list[bytes]:
    """The entries that are held here and that none of these parts of `seen` covers, in the chain's order."""
    chain = state.chain(ours.party)
    begin, had = 0, set[bytes]()
    for one in theirs:
        upto, beside = _covered(state, chain, one)
        begin = max(begin, upto)
        had |= beside
        had |= {digest for run in one.beyond for digest in _digests(state, run)}
    beyond = (digest for run in ours.beyond for digest in _digests(state, run))
    return [digest for digest in dict.fromkeys((*chain[begin:], *beyond)) if digest not in had]


def _covered(state: ChannelState, chain: tuple[bytes, ...], theirs: Seen) -> tuple[int, set[bytes]]:
    """Up to which number of the chain they hold it, and what else.

    An end that is not known here is taken at its word by its number; where it lies elsewhere, they will ask.
    """
    had: set[bytes] = set()
    entry = state.entry(theirs.digest)
    if entry is None:
        return min(theirs.seq, len(chain)), had
    while entry.seq > len(chain) or chain[entry.seq - 1] != entry.digest:
        had.add(entry.digest)
        before = state.entry(entry.prev)
        if before is None or before.party != theirs.party:
            return min(entry.seq - 1, len(chain)), had
        entry = before
    return (entry.seq if entry.party == theirs.party else 0), had


def _digests(state: ChannelState, run: Run) -> list[bytes]:
    """The entries of the run that are held, from its first one."""
    found: list[bytes] = []
    entry = state.entry(run.digest)
    while entry is not None and entry.seq >= run.first and entry.incarnation == run.incarnation:
        found.append(entry.digest)
        entry = state.entry(entry.prev)
    return found[::-1]


def wants(channel: Channel, talk: Talk) -> tuple[bytes, ...]:
    """What this node wants: entries that fill a gap or that somebody says he holds, and bodies that it lacks."""
    state, found = channel.state, dict[bytes, None]()
    for ours in held(state):
        for run in ours.beyond:
            first = next(iter(_digests(state, run)), None)
            entry = None if first is None else state.entry(first)
            if entry is not None:
                found[entry.prev] = None
    seen = [one for member in state.start.genesis.members for e in _last_entries(state, member) for one in e.seen]
    for one in (*seen, *talk.has.get(channel.id, ())):
        found |= dict.fromkeys((one.digest, *(run.digest for run in one.beyond)))
    start = state.start.genesis.digest
    missing = [digest for digest in found if digest != start and state.entry(digest) is None]
    return tuple(dict.fromkeys((*missing, *channel.absent)))[: LIMITS.wants_per_channel]
