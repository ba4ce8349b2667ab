"""One member's record of a channel: every entry it was given, in whatever order they came.

Rules for the next editor:

1. What a party validly signed is kept, whatever it says; what is wrong with it is remarked. Only what can not be shown
   to be signed by its party at its place is refused, and a refused or missing entry stops nothing of other senders.
2. What is known depends on the entries alone, not on their order, but for one thing: of two entries at one position
   this member goes on from the one that it was given first. Both are kept, and convict.
3. Nothing here knows which member it serves. Nobody's entries are read by other rules than another's.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from tansiq.errors import PeerError
from tansiq.limits import LIMITS
from tansiq.record.control import TYPES, AddKey, RevokeKey
from tansiq.record.conviction import Conviction
from tansiq.record.entry import (
    NO_RESTORE,
    Entry,
    Envelope,
    Position,
    Run,
    Seen,
    Thread,
    check_signatures,
    parse_entry,
)
from tansiq.record.genesis import SignedGenesis
from tansiq.record.keyring import RETIRED, Keyring, after, first_keyring, signers
from tansiq.record.keys import PublicKey


class Place(Enum):
    """Where an entry came to lie."""

    IN_CHAIN = "in the chain"
    BEYOND_GAP = "beyond a gap"
    KEY_UNKNOWN = "beyond a gap, by a key that may have been named in it"
    KNOWN = "held already"


class Remark(Enum):
    """What is wrong with an entry that is kept all the same."""

    CHANGES_NO_KEY = "the KEY asks for more than its signer may give"
    AFTER_CLOSE = "the party had closed the channel"
    RETIRED_KEY = "an urgent entry under a retired key"
    THREAD_BREAKS = "its place in the thread does not follow from its sender's entry before"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of an envelope, and of those that had waited for it."""

    place: Place
    entry: Entry
    joined: tuple[Entry, ...] = ()
    """The entries that now lie in a chain, in its order."""
    held: tuple[Envelope, ...] = ()
    """What had waited for its keys and counts as held now, in a chain or beyond a gap."""
    refused: tuple[tuple[Entry, PeerError], ...] = ()
    """What had waited, and turned out not to be entitled where it belongs; it is no longer held."""
    convictions: tuple[Conviction, ...] = ()


@dataclass(frozen=True, slots=True)
class _Held:
    envelope: Envelope
    entry: Entry


@dataclass(frozen=True, slots=True)
class _Standing:
    """What holds after an entry of a chain."""

    keyring: Keyring
    closed: bool
    incarnations: frozenset[bytes] = frozenset({NO_RESTORE})
    """Those of the chain so far."""


class ChannelState:
    """The record of a channel. `add` takes entries in any order; everything else is a question."""

    def __init__(self, start: SignedGenesis, *, only_close: bool = False) -> None:
        """`only_close`: a channel that lost against one opened at once, by `used_of`; it takes nothing but CLOSE."""
        self.start = start
        self._only_close = only_close
        genesis = start.genesis
        self._roots: dict[bytes, PublicKey] = dict(zip(genesis.members, start.roots, strict=True))
        self._held: dict[bytes, _Held] = {}
        self._at: dict[Position, list[bytes]] = {}
        self._following: dict[tuple[bytes, bytes], list[bytes]] = {}
        self._unchecked: dict[bytes, dict[Envelope, Entry]] = {member: {} for member in genesis.members}
        self._standing: dict[bytes, _Standing] = {}
        self._path: dict[bytes, list[bytes]] = {member: [] for member in genesis.members}
        self._beside: dict[bytes, dict[bytes, None]] = {member: {} for member in genesis.members}
        self._named: dict[bytes, dict[bytes, bytes]] = {member: {} for member in genesis.members}
        self._remarks: dict[bytes, tuple[Remark, ...]] = {}
        self._first = {member: _Standing(first_keyring(start, member), closed=False) for member in genesis.members}
        self._convictions: list[Conviction] = []
        self._next_in: dict[bytes, dict[bytes, Thread]] = {member: {} for member in genesis.members}
        self._vouched = False

    @classmethod
    def again(cls, start: SignedGenesis, envelopes: Iterable[Envelope], *, only_close: bool = False) -> "ChannelState":
        """The record of envelopes that were taken in before, in this order, and kept where nobody else writes.

        Their signatures were checked then and are not checked again.
        """
        state = cls(start, only_close=only_close)
        state._vouched = True
        for one in envelopes:
            state.add(one)
        state._vouched = False
        return state

    # ------------------------------------------------------------------------------------------------------- taking in

    def add(self, envelope: Envelope) -> Arrival:
        """The entry is held, in its chain or beyond a gap. Taking in what is held already changes nothing.

        Raises PeerError: foreign_channel, not_entitled, bad_signature, broken_chain, limit_exceeded, and those of
        `parse_entry`. Nothing has changed then.
        """
        entry = parse_entry(envelope.signed)
        self._check_place(entry)
        if entry.digest in self._held:
            return Arrival(Place.KNOWN, entry)
        known = len(self._convictions)
        waited = [pair for waiting in self._unchecked.values() for pair in waiting.items()]
        if self._may_join(entry):
            self._check_joining(envelope, entry)
            self._keep(envelope, entry)
            place, (joined, refused) = Place.IN_CHAIN, self._join(entry)
        else:
            place, (joined, refused) = self._keep_beyond(envelope, entry), ([], [])
        if any(isinstance(one.control, AddKey) for one in (entry, *joined)) and place is not Place.KEY_UNKNOWN:
            for arrival in self._check_again(entry.party):
                joined += arrival.joined
                refused += arrival.refused
        held = tuple(beside for beside, one in waited if beside != envelope and self._holds(one.digest, beside))
        return Arrival(place, entry, tuple(joined), held, tuple(refused), tuple(self._convictions[known:]))

    def _holds(self, digest: bytes, envelope: Envelope) -> bool:
        """Whether it is this envelope by which the entry is held: another one could have other signatures."""
        held = self._held.get(digest)
        return held is not None and held.envelope == envelope

    def _check_place(self, entry: Entry) -> None:
        genesis = self.start.genesis
        if entry.channel != genesis.channel or entry.party not in genesis.members:
            raise PeerError("foreign_channel", "channel", entry.channel.hex(), "this channel and its members")
        others = tuple(member for member in genesis.members if member != entry.party)
        if tuple(one.party for one in entry.seen) != others:
            raise PeerError("foreign_channel", "seen", f"{len(entry.seen)} parties", "every other member")

    def _before(self, entry: Entry) -> _Standing | None:
        if entry.prev == self.start.genesis.digest:
            return self._first[entry.party]
        return self._standing.get(entry.prev)

    def _may_join(self, entry: Entry) -> bool:
        return self._before(entry) is not None

    def _check_joining(self, envelope: Envelope, entry: Entry) -> None:
        """The entry follows from its predecessor, and its signers may sign there."""
        standing = self._before(entry)
        assert standing is not None
        if entry.prev == self.start.genesis.digest:
            party, seq, incarnation = entry.party, 0, NO_RESTORE
        else:
            place = self._held[entry.prev].entry.position
            party, seq, incarnation = place.party, place.seq, place.incarnation
        if entry.party != party or entry.seq != seq + 1:
            raise PeerError("broken_chain", "seq", str(entry.seq), f"{seq + 1}, after the entry that `prev` names")
        restores = entry.type == "RESTORE" and entry.keys == (entry.party,)
        is_new = entry.incarnation not in standing.incarnations
        if is_new != restores or (not restores and entry.incarnation != incarnation):
            raise PeerError(
                "broken_chain", "incarnation", entry.incarnation.hex(), "a new one in a RESTORE, else the same"
            )
        self._check_signatures(envelope, entry, signers(standing.keyring, self._roots[entry.party], entry))

    def _check_signatures(self, envelope: Envelope, entry: Entry, keys: dict[bytes, PublicKey]) -> None:
        if not self._vouched or any(key not in keys for key in entry.keys):
            check_signatures(entry, envelope.signatures, keys)

    def _keep(self, envelope: Envelope, entry: Entry) -> None:
        self._held[entry.digest] = _Held(envelope, entry)
        self._following.setdefault((entry.party, entry.prev), []).append(entry.digest)
        self._beside[entry.party][entry.digest] = None
        if isinstance(entry.control, AddKey):
            self._named[entry.party].setdefault(entry.control.added.key.fingerprint, entry.digest)
        there = self._at.setdefault(entry.position, [])
        self._convictions += [self._conviction(self._held[other], self._held[entry.digest]) for other in there]
        there.append(entry.digest)

    def _forget(self, entry: Entry) -> None:
        del self._held[entry.digest]
        self._following[entry.party, entry.prev].remove(entry.digest)
        del self._beside[entry.party][entry.digest]
        self._at[entry.position].remove(entry.digest)
        self._convictions = [one for one in self._convictions if entry.signed not in one.signed()]
        self._named[entry.party] = {k: v for k, v in self._named[entry.party].items() if v != entry.digest}

    def _keep_beyond(self, envelope: Envelope, entry: Entry) -> Place:
        """The entry waits for its predecessor; checked, where its keys are known."""
        ring = self._known_keys(entry)
        if all(key in ring for key in entry.keys):
            if len(self._beside[entry.party]) >= LIMITS.held_per_party:
                raise _full(LIMITS.held_per_party)
            self._check_signatures(envelope, entry, ring)
            self._keep(envelope, entry)
            return Place.BEYOND_GAP
        waiting = self._unchecked[entry.party]
        if envelope not in waiting and len(waiting) >= LIMITS.unchecked_per_party:
            raise _full(LIMITS.unchecked_per_party)
        waiting[envelope] = entry
        return Place.KEY_UNKNOWN

    def _known_keys(self, entry: Entry) -> dict[bytes, PublicKey]:
        """Every entry key that the office had, has, or is said to have by an entry that is held."""
        named = [self._held[digest].entry.control for digest in self._named[entry.party].values()]
        keys = [grant.key for grant in self._first[entry.party].keyring.values()]
        keys += [one.added for one in named if isinstance(one, AddKey)]
        found = {one.key.fingerprint: one.key for one in keys if (one.use, one.office) == ("entry", entry.office)}
        return found | {entry.party: self._roots[entry.party]}

    def _check_again(self, party: bytes) -> Iterator[Arrival]:
        """Entries whose keys have become known are checked and held; those that fail never were."""
        for envelope, entry in list(self._unchecked[party].items()):
            if not all(key in self._known_keys(entry) for key in entry.keys):
                continue
            if self._unchecked[party].pop(envelope, None) is None:
                continue  # another one that was checked just now brought it along
            try:
                yield self.add(envelope)
            except PeerError as error:
                yield Arrival(Place.KEY_UNKNOWN, entry, refused=((entry, error),))

    def _join(self, entry: Entry) -> tuple[list[Entry], list[tuple[Entry, PeerError]]]:
        """The entry and all that waited for it lie in a chain."""
        joined: list[Entry] = []
        refused: list[tuple[Entry, PeerError]] = []
        waiting = [entry]
        while waiting:
            one = waiting.pop()
            if one is not entry:
                try:
                    self._check_joining(self._held[one.digest].envelope, one)
                except PeerError as error:
                    self._forget(one)
                    refused.append((one, error))
                    continue
            self._settle(one)
            joined.append(one)
            late = [(e, n) for e, n in self._unchecked[one.party].items() if n.prev == one.digest]
            for envelope, next_one in late:
                del self._unchecked[one.party][envelope]
                try:
                    self._check_joining(envelope, next_one)
                except PeerError as error:
                    refused.append((next_one, error))
                    continue
                if next_one.digest not in self._held:
                    self._keep(envelope, next_one)
            waiting += [self._held[d].entry for d in reversed(self._following.get((one.party, one.digest), []))]
        return joined, refused

    def _settle(self, entry: Entry) -> None:
        """What holds after the entry is known, and the member's way through the party's chain goes on."""
        before = self._before(entry)
        assert before is not None
        remarks = []
        try:
            keyring = after(before.keyring, entry)
        except PeerError:
            keyring = before.keyring
            remarks.append(Remark.CHANGES_NO_KEY)
        known = TYPES.get(entry.type)
        too_late = before.closed and known is not None and not known.after_close
        if too_late or (self._only_close and entry.type != "CLOSE"):
            remarks.append(Remark.AFTER_CLOSE)
        if any(key in before.keyring and before.keyring[key].standing == RETIRED for key in entry.keys):
            remarks.append(Remark.RETIRED_KEY)
        incarnations = before.incarnations
        if entry.incarnation not in incarnations:
            incarnations |= {entry.incarnation}
        self._standing[entry.digest] = _Standing(keyring, before.closed or entry.type == "CLOSE", incarnations)
        if entry.thread is not None and entry.thread != self._wanted_in_thread(entry, entry.thread.id):
            remarks.append(Remark.THREAD_BREAKS)
        if entry.prev == self._tip(entry.party):
            self._step(entry)
        elif entry.type == "RESTORE" and self._on_path(entry.party, entry.prev, entry.seq - 1):
            self._turn(entry)
        if remarks:
            self._remarks[entry.digest] = tuple(remarks)

    def _step(self, entry: Entry) -> None:
        self._path[entry.party].append(entry.digest)
        del self._beside[entry.party][entry.digest]
        if entry.thread is not None:
            self._next_in[entry.party][entry.thread.id] = Thread(entry.thread.id, entry.thread.seq + 1, entry.digest)

    def _tip(self, party: bytes) -> bytes:
        path = self._path[party]
        return path[-1] if path else self.start.genesis.digest

    def _wanted_in_thread(self, entry: Entry, thread: bytes) -> Thread:
        """The place that an entry after the same one has in the thread."""
        if entry.prev == self._tip(entry.party):
            return self.next_in_thread(entry.party, thread)
        return self._walked_in_thread(entry.prev, thread)

    def _turn(self, entry: Entry) -> None:
        """The way leaves what the RESTORE left behind, unless it turned there already for a later RESTORE."""
        path = self._path[entry.party]
        there = self._held[path[entry.seq - 1]].entry
        later = (there.issued_at_us, there.incarnation) > (entry.issued_at_us, entry.incarnation)
        if there.incarnation != self._incarnation_before(there) and later:
            return
        for digest in path[entry.seq - 1 :]:
            self._beside[entry.party][digest] = None
        del path[entry.seq - 1 :]
        told = {one.id for digest in path if (one := self._held[digest].entry.thread) is not None}
        self._next_in[entry.party] = {thread: self._walked_in_thread(entry.prev, thread) for thread in told}
        self._step(entry)

    def _incarnation_before(self, entry: Entry) -> bytes:
        return NO_RESTORE if entry.seq == 1 else self._held[entry.prev].entry.incarnation

    # --------------------------------------------------------------------------------------------------------- answers

    @property
    def convictions(self) -> tuple[Conviction, ...]:
        """Every position that was signed twice, as pairs of entries."""
        return tuple(self._convictions)

    def entries(self, party: bytes) -> Iterator[tuple[Envelope, Entry]]:
        """Every entry of the party whose signatures were checked: its chain, then what lies beside or beyond it."""
        for digest in (*self._path[party], *self._beside[party]):
            held = self._held[digest]
            yield held.envelope, held.entry

    def entry(self, digest: bytes) -> Entry | None:
        """The entry with this digest, if it is held and checked."""
        held = self._held.get(digest)
        return None if held is None else held.entry

    def chain(self, party: bytes) -> tuple[bytes, ...]:
        """The digests of the party's chain without a gap, from its first entry."""
        return tuple(self._path[party])

    def remarks(self, digest: bytes) -> tuple[Remark, ...]:
        """What is wrong with an entry of a chain."""
        return self._remarks.get(digest, ())

    def keyring(self, party: bytes) -> Keyring:
        """The party's keys at the end of its chain."""
        path = self._path[party]
        return (self._standing[path[-1]] if path else self._first[party]).keyring

    def closed_by(self) -> frozenset[bytes]:
        """The members that have closed the channel."""
        return frozenset(party for party, path in self._path.items() if path and self._standing[path[-1]].closed)

    def seen(self, own: bytes) -> tuple[Seen, ...]:
        """What the next entry of this member says that it holds of the others."""
        return tuple(self._seen_of(member) for member in self.start.genesis.members if member != own)

    def _seen_of(self, party: bytes) -> Seen:
        path = self._path[party]
        runs = self._runs(party)[: LIMITS.runs_in_seen]
        if not path:
            return Seen(party, NO_RESTORE, 0, self.start.genesis.digest, tuple(runs))
        tip = self._held[path[-1]].entry
        return Seen(party, tip.incarnation, tip.seq, tip.digest, tuple(runs))

    def _runs(self, party: bytes) -> list[Run]:
        beside = {digest: self._held[digest].entry for digest in self._beside[party]}
        inner = {one.prev for one in beside.values() if one.prev in beside and self._same_run(beside[one.prev], one)}
        runs = []
        for digest, last in beside.items():
            if digest in inner:
                continue
            first = last
            while first.prev in beside and self._same_run(beside[first.prev], first):
                first = beside[first.prev]
            runs.append(Run(last.incarnation, first.seq, last.seq, digest))
        return sorted(runs, key=lambda run: (run.incarnation, run.first, run.last, run.digest))

    @staticmethod
    def _same_run(before: Entry, entry: Entry) -> bool:
        return before.incarnation == entry.incarnation and before.seq + 1 == entry.seq

    def next_position(self, own: bytes) -> tuple[Position, bytes]:
        """Where this member's next entry lies, and the digest of the one before."""
        path = self._path[own]
        if not path:
            return Position(own, NO_RESTORE, 1), self.start.genesis.digest
        tip = self._held[path[-1]].entry
        return Position(own, tip.incarnation, tip.seq + 1), tip.digest

    def next_in_thread(self, own: bytes, thread: bytes) -> Thread:
        """The next place of this member in the thread."""
        return self._next_in[own].get(thread, Thread(thread, 1))

    def _walked_in_thread(self, tip: bytes, thread: bytes) -> Thread:
        held = self._held.get(tip)
        while held is not None:
            last = held.entry.thread
            if last is not None and last.id == thread:
                return Thread(thread, last.seq + 1, held.entry.digest)
            held = self._held.get(held.entry.prev)
        return Thread(thread, 1)

    def shown(self, party: bytes) -> int:
        """The highest seq of the party that anything held shows to exist, be it a mention in another's `seen`.

        Where it is above the party's own chain on its own node, that node has lost entries and must restore.
        """
        own = [entry.seq for _, entry in self.entries(party)]
        told = [
            max([seen.seq, *(run.last for run in seen.beyond)])
            for member in self.start.genesis.members
            for _, entry in self.entries(member)
            for seen in entry.seen
            if seen.party == party
        ]
        return max([0, *own, *told])

    def wanted(self, party: bytes) -> frozenset[bytes]:
        """The digests of entries of the party that something held follows or mentions, and that are not held."""
        follows = {entry.prev for _, entry in self.entries(party)}
        follows |= {entry.prev for entry in self._unchecked[party].values()}
        told = {
            head
            for member in self.start.genesis.members
            for _, entry in self.entries(member)
            for seen in entry.seen
            if seen.party == party
            for head in (seen.digest, *(run.digest for run in seen.beyond))
        }
        return frozenset((follows | told) - self._held.keys() - {self.start.genesis.digest})

    def receipted_by(self, digest: bytes) -> frozenset[bytes]:
        """The other members of whom something held says, in its `seen`, that they hold this entry."""
        target = self._held[digest].entry
        return frozenset(
            member
            for member in self.start.genesis.members
            if member != target.party and any(self._covers(entry, target) for _, entry in self.entries(member))
        )

    def mutually_receipted(self, party: bytes) -> int:
        """Up to which seq every other member's `seen` covers the party's chain."""
        others = [member for member in self.start.genesis.members if member != party]
        return min(self._receipted(party, member) for member in others)

    def _receipted(self, party: bytes, by: bytes) -> int:
        """Up to which seq the member's `seen`, in any of its entries, covers the party's chain."""
        most = 0
        for _, entry in self.entries(by):
            for seen in entry.seen:
                held = self._held.get(seen.digest) if seen.party == party else None
                while held is not None and not self._on_path(party, held.entry.digest, held.entry.seq):
                    held = self._held.get(held.entry.prev)
                most = max(most, 0 if held is None else held.entry.seq)
        return most

    def stands(self, digest: bytes, besides: Iterable[Entry] = ()) -> bool:
        """Whether no revocation made the entry void, none of the chains and none of these, which lie beyond gaps.

        A revocation makes void what the key signed after the last good position, and what a key signed that such an
        entry had named, unless another member's entry receipts it without knowing of the revocation.
        """
        entry = self._held[digest].entry
        revocations = [*besides, *(one for _, one in self.entries(entry.party) if self._revokes(one))]
        return all(self._stands_against(entry, one) for one in revocations)

    def _stands_against(self, entry: Entry, revocation: Entry) -> bool:
        asked = revocation.control
        assert isinstance(asked, RevokeKey)
        if not any(self._stems_from(key, entry.party, revocation) for key in entry.keys):
            return True
        in_time = entry.incarnation == asked.incarnation or self._leads_to(entry, revocation)
        if in_time and entry.seq <= asked.last_good:
            return True
        return any(
            self._covers(one, entry) and not self._covers(one, revocation)
            for member in self.start.genesis.members
            if member != entry.party
            for _, one in self.entries(member)
        )

    def _revokes(self, entry: Entry) -> bool:
        """Whether the entry lies in a chain and took a key away."""
        if not isinstance(entry.control, RevokeKey) or entry.digest not in self._standing:
            return False
        return Remark.CHANGES_NO_KEY not in self._remarks.get(entry.digest, ())

    def _stems_from(self, key: bytes, party: bytes, revocation: Entry) -> bool:
        """Whether it is the revoked key, or was named by an entry that this revocation made void."""
        asked = revocation.control
        assert isinstance(asked, RevokeKey)
        if key == asked.key:
            return True
        source = self._named[party].get(key)
        return source is not None and not self._stands_against(self._held[source].entry, revocation)

    def _covers(self, entry: Entry, target: Entry) -> bool:
        """Whether the entry's `seen` says that its signer holds the target; its own entries it does not mention."""
        for seen in entry.seen:
            if seen.party != target.party:
                continue
            if seen.seq >= target.seq and self._reaches(seen.digest, target):
                return True
            if any(run.first <= target.seq <= run.last and self._reaches(run.digest, target) for run in seen.beyond):
                return True
        return False

    def _reaches(self, head: bytes, target: Entry) -> bool:
        """Whether the target is the entry with this digest, or leads to it."""
        held = self._held.get(head)
        return held is not None and self._leads_to(target, held.entry)

    def _leads_to(self, target: Entry, head: Entry) -> bool:
        if self._on_path(head.party, head.digest, head.seq):
            return self._on_path(target.party, target.digest, target.seq) and target.seq <= head.seq
        at: _Held | None = self._held[head.digest]
        while at is not None and at.entry.seq > target.seq:
            at = self._held.get(at.entry.prev)
        return at is not None and at.entry.digest == target.digest

    def _on_path(self, party: bytes, digest: bytes, seq: int) -> bool:
        path = self._path[party]
        return digest == (path[seq - 1] if 0 < seq <= len(path) else self.start.genesis.digest if not seq else b"")

    def _conviction(self, one: _Held, other: _Held) -> Conviction:
        first, second = sorted((one, other), key=lambda held: held.envelope.signed)
        grants: dict[bytes, Envelope] = {}
        for held in (first, second):
            self._collect_grants(held.entry, grants)
        return Conviction(first.envelope, second.envelope, tuple(grants.values()))

    def _collect_grants(self, entry: Entry, grants: dict[bytes, Envelope]) -> None:
        for key in entry.keys:
            source = self._named[entry.party].get(key)
            if source is not None and source not in grants and key not in self._first[entry.party].keyring:
                self._collect_grants(self._held[source].entry, grants)
                grants[source] = self._held[source].envelope


def _full(most: int) -> PeerError:
    return PeerError("limit_exceeded", "seq", "more entries beyond a gap", f"at most {most}, until the gap has closed")
