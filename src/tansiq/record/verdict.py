"""What a pack proves, step by step; where it fails, at which step and which entry.

Rules for the next editor:

1. Nothing of a pack that is not proved is told as a fact: `facts` is there only when every step holds.
2. Whose roots are trusted is the reader's word alone. The pack has none.
3. What a pack can not show is said, never left open: a receipt that is not there, a cosignature that is missing, what
   came later, what lies between.
"""

from collections.abc import Callable, Container, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from tansiq.errors import PartyError, PeerError
from tansiq.record import note
from tansiq.record.body import BodyCheck, check_body
from tansiq.record.channel import ChannelState, Remark
from tansiq.record.checkpoint import OpenCheckpoint, open_checkpoint, origin, parse_body, parse_origin
from tansiq.record.control import Receipt, Restore, RevokeKey
from tansiq.record.entry import NO_RESTORE, Entry, Position
from tansiq.record.genesis import signed_genesis
from tansiq.record.keyring import REVOKED, Keyring, after, first_keyring, signers
from tansiq.record.keys import ALGORITHMS, PublicKey
from tansiq.record.note import ED25519, ED25519_COSIGNATURE, NoteKey
from tansiq.record.pack import BESIDE_THREADS, Pack, Packed, parse_pack, places
from tansiq.record.proof import MAX_SIZE, check_inclusion
from tansiq.record.tree import Tree, beside


class Step(Enum):
    """What is checked, in this order."""

    GENESIS = "genesis"
    CHAIN = "chain"
    KEYS = "keys"
    SIGNATURE = "signature"
    CHECKPOINT = "checkpoint"
    INCLUSION = "inclusion"
    COSIGNATURE = "cosignature"
    BODY = "body"
    COMPLETENESS = "completeness"


class Standing(Enum):
    """What became of a step."""

    PROVED = "proved"
    FAILED = "not proved"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Failure:
    """The first thing that does not hold: the step, the entry's number in the pack from 1, and why."""

    step: Step
    entry: int | None
    error: PeerError


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A member says that this head of the owner's log extends all that it cosigned, at this time by its clock."""

    party: bytes
    time_s: int


@dataclass(frozen=True, slots=True)
class Receipted:
    """Another member holds the entry, by an entry of its own; that one's time is by its clock."""

    party: bytes
    by: bytes
    """The digest of the entry that says so."""
    at_us: int
    """When it was received, where a RECEIPT says so; else when the entry that mentions it was issued."""
    control: Receipt | None
    """The RECEIPT for it, if that is what says so."""


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """What is proved of one entry."""

    packed: Packed
    void: bool
    """Whether a revocation made it void."""
    remarks: tuple[Remark, ...]
    receipts: tuple[Receipted, ...]
    posted: tuple[bytes, ...]
    """The other members of whom no receipt is in the pack."""
    body: BodyCheck
    loose: bool = False
    """Whether something that its signer said before it in the thread is not in the pack, or is wrongly counted."""
    refers_out: tuple[bytes, ...] = ()
    """The entries that it refers to and that are not in the pack."""
    dropped: PeerError | None = None
    """Why it is nobody's word: it came beyond a gap, and its keys are not good there. The log has it all the same; if
    that failed a pack, any member could spoil the proofs of another."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a pack proves."""

    owner: bytes
    size: int
    root: bytes
    cosigned: tuple[Cosignature, ...]
    not_cosigned: tuple[bytes, ...]
    """The members, other than the owner, whose cosignature is missing."""
    entries: tuple[EntryFacts, ...]
    through: tuple[tuple[bytes, int], ...]
    """Of a thread: up to which of its entries each member's are all there."""
    not_shown: tuple[tuple[bytes, tuple[tuple[int, int], ...]], ...]
    """Of a thread: by member, the runs of numbers of its chain, first and last, that are not there and came before."""
    lacking: tuple[tuple[bytes, int], ...]
    """Of a whole channel: how many entries of each member the log mentions, directly, and does not hold."""
    twice: tuple[Position, ...]
    """Positions that were signed twice."""
    state: ChannelState

    @property
    def one_sided(self) -> bool:
        """Whether no other member confirms the head of the log."""
        return not self.cosigned


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every step with its standing; `facts` where all hold, else `failure`."""

    pack: Pack
    steps: tuple[tuple[Step, Standing], ...]
    failure: Failure | None
    facts: Facts | None

    @property
    def proved(self) -> bool:
        """Whether every step holds."""
        return self.failure is None


class _NotProvedError(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.step.value)
        self.failure = failure


def verify_pack(spelling: bytes, trust: AbstractSet[bytes]) -> Verdict:
    """What the pack proves to a reader who trusts these roots, given by their fingerprints.

    Every member's root has to be among them: entries of one whose root is not known are nobody's.

    Raises PeerError where the bytes are no pack, as `parse_pack`.
    """
    pack = parse_pack(spelling)
    done: set[Step] = set()
    try:
        facts = _facts(pack, trust, done)
    except _NotProvedError as error:
        return Verdict(pack, tuple(_steps(done, error.failure.step)), error.failure, None)
    assert done == set(Step), done
    return Verdict(pack, tuple(_steps(done, None)), None, facts)


def _steps(done: set[Step], failed: Step | None) -> Iterator[tuple[Step, Standing]]:
    for step in Step:
        standing = Standing.PROVED if step in done else Standing.NOT_CHECKED
        yield step, Standing.FAILED if step is failed else standing


def _facts(pack: Pack, trust: AbstractSet[bytes], done: set[Step]) -> Facts:
    state = _begin(pack, trust)
    done.add(Step.GENESIS)
    dropped = _take_in(pack, state)
    done |= {Step.KEYS, Step.SIGNATURE, Step.CHAIN}
    rings = {party: _ring(pack, state, party, None) for party in pack.genesis.members}
    owner, head = _head(pack, rings)
    done.add(Step.CHECKPOINT)
    _check_inclusion(pack, head)
    done.add(Step.INCLUSION)
    others = [party for party in pack.genesis.members if party != owner]
    with _step(Step.COSIGNATURE):
        cosigners = [key for party in others for key in _note_keys(pack, rings, party, "witness")]
        head = open_checkpoint(pack.checkpoint, log=_note_keys(pack, rings, owner, "log"), cosigners=cosigners)
        if head.ignored:
            raise PeerError("not_entitled", "checkpoint", "a stranger's line", "lines of members alone")
    done.add(Step.COSIGNATURE)
    bodies = [_body(number, one) for number, one in enumerate(pack.entries, 1)]
    done.add(Step.BODY)
    if pack.thread is not None:
        _check_scope(pack)
    following = _following(pack)
    through: dict[bytes, int] = {}
    for entry in following.values():
        through[entry.party] = max(through.get(entry.party, 0), entry.thread.seq if entry.thread else 0)
    done.add(Step.COMPLETENESS)
    receipts = _receipts(pack, state, dropped)
    cosigned = tuple(_cosignatures(head))
    with_line = {one.party for one in cosigned}
    return Facts(
        owner=owner,
        size=head.checkpoint.size,
        root=head.checkpoint.root,
        cosigned=cosigned,
        not_cosigned=tuple(party for party in others if party not in with_line),
        entries=tuple(
            _dropped_facts(one, dropped[one.entry.digest])
            if one.entry.digest in dropped
            else _entry_facts(pack, state, one, body, receipts, loose=_is_loose(pack, one, following))
            for one, body in zip(pack.entries, bodies, strict=True)
        ),
        through=tuple(sorted(through.items())),
        not_shown=() if pack.thread is None else tuple(_not_shown(pack)),
        lacking=() if pack.thread is not None else tuple(_lacking(pack, state)),
        twice=tuple(sorted(_twice(state), key=lambda one: (one.seq, one.party, one.incarnation))),
        state=state,
    )


@contextmanager
def _step(step: Step, entry: int | None = None) -> Iterator[None]:
    """What is refused within fails the step."""
    try:
        yield
    except PeerError as error:
        raise _NotProvedError(Failure(step, entry, error)) from error
    except PartyError as error:
        # Two keys of one name and id, made so on purpose: nothing that the reader gave.
        refusal = PeerError(error.code, error.field, error.got, error.want)
        raise _NotProvedError(Failure(step, entry, refusal)) from error


# ------------------------------------------------------------------------------------------- genesis, keys, signatures


def _begin(pack: Pack, trust: AbstractSet[bytes]) -> ChannelState:
    with _step(Step.GENESIS):
        found = tuple(key.fingerprint for key, _ in pack.roots)
        if found != pack.genesis.members:
            raise PeerError("bad_signature", "roots", f"{len(found)} roots", "those of the members, in their order")
        start = signed_genesis(pack.genesis, {key.fingerprint: (key, made) for key, made in pack.roots})
        for member in pack.genesis.members:
            if member not in trust:
                raise PeerError("untrusted_root", "roots", member.hex(), "a root that the reader trusts")
    return ChannelState(start)


_STEP_OF = {"not_entitled": Step.KEYS, "bad_signature": Step.SIGNATURE}


def _take_in(pack: Pack, state: ChannelState) -> dict[bytes, PeerError]:
    """Every entry is held, signed by keys that its party had there; those of a whole log that were dropped again."""
    dropped: dict[bytes, PeerError] = {}
    numbers = {one.entry.digest: number for number, one in reversed([*enumerate(pack.entries, 1)])}
    for number, one in enumerate(pack.entries, 1):
        try:
            arrival = state.add(one.envelope)
            if numbers[one.entry.digest] != number:
                raise PeerError("broken_chain", "entries", "an entry twice", "each entry once")  # noqa: TRY301 - as below
        except PeerError as error:
            raise _NotProvedError(Failure(_STEP_OF.get(error.code, Step.CHAIN), number, error)) from error
        for entry, why in arrival.refused:
            if pack.thread is None and numbers[entry.digest] <= number:
                dropped[entry.digest] = why
                continue
            step = _STEP_OF.get(why.code, Step.CHAIN)
            raise _NotProvedError(Failure(step, numbers[entry.digest], why)) from why
    chains = {digest for party in pack.genesis.members for digest in state.chain(party)}
    if pack.thread is not None:
        for number, one in enumerate(pack.entries, 1):
            with _step(Step.CHAIN, number):
                _check_beyond(state, one.entry, chains)
    for number, one in enumerate(pack.entries, 1):
        if one.entry.digest in dropped:
            continue
        with _step(Step.KEYS, number):
            if state.entry(one.entry.digest) is None:
                raise PeerError("not_entitled", "keys", one.entry.keys[0].hex(), "a key that the pack shows to be good")
            if one.entry.digest not in chains and (refusal := _not_entitled(pack, state, one.entry)):
                if pack.thread is not None:
                    raise refusal
                dropped[one.entry.digest] = refusal
    return dropped


def _check_beyond(state: ChannelState, entry: Entry, chains: AbstractSet[bytes]) -> None:
    """The entry follows from the one it names, where both lie beyond a gap. Raises PeerError: broken_chain."""
    before = state.entry(entry.prev)
    if entry.digest in chains or before is None:
        return
    restores = entry.type == "RESTORE" and entry.keys == (entry.party,)
    same = entry.incarnation == before.incarnation
    if (before.party, before.seq + 1) != (entry.party, entry.seq) or same == restores:
        raise PeerError("broken_chain", "prev", f"number {entry.seq}", f"what follows number {before.seq}")


def _not_entitled(pack: Pack, state: ChannelState, entry: Entry) -> PeerError | None:
    """Why the entry, whose chain has a gap here, is not signed by keys that are good by the KEY entries there are."""
    root = state.start.roots[pack.genesis.members.index(entry.party)]
    good = signers(_ring(pack, state, entry.party, entry), root, entry)
    for key in entry.keys:
        if key not in good:
            return PeerError("not_entitled", "keys", key.hex(), "a key that may sign this here")
    return None


def _ring(pack: Pack, state: ChannelState, party: bytes, before: Entry | None) -> Keyring:
    """The party's keys before its entry, or at the end, by the KEY entries of the pack."""
    keys = [one.entry for one in pack.entries if one.entry.party == party and _is_key(state, one)]
    begins = {
        one.entry.incarnation: one.entry.seq
        for one in pack.entries
        if one.entry.party == party and isinstance(one.entry.control, Restore)
    }
    ring = first_keyring(state.start, party)
    for entry in sorted(keys, key=lambda one: one.seq):
        if before is not None and not _precedes(entry, before, begins):
            continue
        if before is None and not isinstance(entry.control, RevokeKey) and not _stands(pack, state, entry):
            continue  # A key that was named under a stolen one confirms no head.
        try:
            ring = after(ring, entry)
        except PeerError:
            continue  # It asked for more than its signer may give, and changed nothing.
    return ring


def _is_key(state: ChannelState, one: Packed) -> bool:
    return one.entry.type == "KEY" and state.entry(one.entry.digest) is not None


def _precedes(one: Entry, other: Entry, begins: dict[bytes, int]) -> bool:
    """Whether it lies before the other on the way of their party; a RESTORE that is not there is not guessed at."""
    if one.seq >= other.seq:
        return False
    if one.incarnation == other.incarnation:
        return True
    if other.incarnation == NO_RESTORE:
        return False
    begin = begins.get(other.incarnation)
    return begin is None or one.seq < begin


# ------------------------------------------------------------------------------------------------------- log and heads


def _head(pack: Pack, rings: dict[bytes, Keyring]) -> tuple[bytes, OpenCheckpoint]:
    """The owner of the log, and its checkpoint, which its log key signed."""
    with _step(Step.CHECKPOINT):
        named = parse_origin(parse_body(note.parse(pack.checkpoint).text).origin)
        if named is None or named[0] != pack.genesis.channel or named[1] not in pack.genesis.members:
            raise PeerError("foreign_channel", "checkpoint", "the log of another", "a member's log of this channel")
        keys = _note_keys(pack, rings, named[1], "log")
        if not keys:
            raise PeerError("not_signed", "checkpoint", "no log key of the owner", "a log key that was not revoked")
        return named[1], open_checkpoint(pack.checkpoint, log=keys)


def _note_keys(pack: Pack, rings: dict[bytes, Keyring], party: bytes, use: str) -> list[NoteKey]:
    """The party's keys for this use; a revoked one confirms nothing any more, a retired one its old heads."""
    name = origin(channel=pack.genesis.channel, party=party)
    kind = ED25519 if use == "log" else ED25519_COSIGNATURE
    granted = [one for one in rings[party].values() if one.key.use == use and one.standing != REVOKED]
    return [note_key(name, kind, one.key.key) for one in granted]


def note_key(name: str, kind: int, key: PublicKey) -> NoteKey:
    """The key as one that signs notes, which have frames of their own."""
    return NoteKey(name, kind, key.encoded[1:], _note_verifier(key))


def _note_verifier(key: PublicKey) -> Callable[[bytes, bytes], bool]:
    algorithm = ALGORITHMS[key.encoded[0]]
    return lambda message, signature: algorithm.verify(key.encoded[1:], message, signature)


def _check_inclusion(pack: Pack, head: OpenCheckpoint) -> None:
    """The log has each entry at its place; of a whole channel, all entries of it are there."""
    size, root = head.checkpoint.size, head.checkpoint.root
    if pack.thread is None:
        with _step(Step.COMPLETENESS):
            if size != len(pack.entries):
                code = "missing_field" if size > len(pack.entries) else "bad_value"
                raise PeerError(code, "entries", f"{len(pack.entries)} entries", f"all {size} of the log")
        found = Tree(b"".join(one.entry.digest for one in pack.entries)).root()
        with _step(Step.INCLUSION):
            if found != root:
                raise PeerError("bad_proof", "entries", f"the root {found.hex()}", f"the root {root.hex()}")
        return
    for number, one in enumerate(pack.entries, 1):
        with _step(Step.INCLUSION, number):
            if one.index >= min(size, MAX_SIZE):
                raise PeerError("bad_proof", "index", str(one.index), f"below {size}, the size of the log")
    with _step(Step.INCLUSION):
        hashes = _placed(pack, size)
    for number, one in enumerate(pack.entries, 1):
        with _step(Step.INCLUSION, number):
            proof = [hashes[place] for place in beside(one.index, size)]
            check_inclusion(leaf=one.entry.digest, index=one.index, size=size, root=root, proof=proof)


def _placed(pack: Pack, size: int) -> dict[tuple[int, int], bytes]:
    """The hash of each subtree that the proofs need. Raises PeerError: bad_proof."""
    needed = list(places((one.index for one in pack.entries), size))
    if len(needed) != len(pack.hashes):
        raise PeerError("bad_proof", "hashes", f"{len(pack.hashes)} hashes", f"{len(needed)}, by indices and size")
    return dict(zip(needed, pack.hashes, strict=True))


def _cosignatures(head: OpenCheckpoint) -> Iterator[Cosignature]:
    """Each member's latest line."""
    times: dict[bytes, int] = {}
    for one in head.cosigned:
        named = parse_origin(one.key.name)
        assert named is not None, one.key.name
        assert one.time_s is not None, one.key.name
        times[named[1]] = max(times.get(named[1], 0), one.time_s)
    for party in sorted(times):
        yield Cosignature(party, times[party])


# ---------------------------------------------------------------------------------------------- bodies, threads, words


def _body(number: int, one: Packed) -> BodyCheck:
    check = check_body(one.entry.body, one.body)
    with _step(Step.BODY, number):
        for field in check.contradicting:
            raise PeerError(
                "bad_value", "body", f"a field {field.name[:60]!r} that is not the entry's", "its own fields"
            )
    return check


def _check_scope(pack: Pack) -> None:
    """The pack of a thread has entries of it, and none but those, receipts for them and what changes keys."""
    digests = {one.entry.digest for one in pack.entries if _in_thread(pack, one.entry)}
    with _step(Step.COMPLETENESS):
        if not digests:
            raise PeerError("missing_field", "entries", "no entry of the thread", "the entries of the thread")
    for number, one in enumerate(pack.entries, 1):
        receipt = one.entry.type == "RECEIPT" and bool(digests & set(one.entry.refs))
        with _step(Step.COMPLETENESS, number):
            if one.entry.digest not in digests and one.entry.type not in BESIDE_THREADS and not receipt:
                raise PeerError("bad_value", "thread", "an entry of something else", "the thread, its receipts, keys")


def _in_thread(pack: Pack, entry: Entry) -> bool:
    return pack.thread is not None and entry.thread is not None and entry.thread.id == pack.thread


def _following(pack: Pack) -> dict[bytes, Entry]:
    """By digest, the entries of the thread behind which its signer's earlier ones are all there.

    What is not among them is told, and fails nothing: whether the pack's maker left something out or the signer counts
    wrongly, nobody can tell, and nobody shall be able to spoil the proofs of a thread by counting wrongly.
    """
    found: dict[bytes, Entry] = {}
    spoken = [one.entry for one in pack.entries if _in_thread(pack, one.entry)]
    for entry in sorted(spoken, key=lambda one: one.thread.seq if one.thread else 0):
        assert entry.thread is not None
        before = found.get(entry.thread.prev)
        follows = (
            before is not None
            and before.thread is not None
            and (before.party, before.thread.seq + 1) == (entry.party, entry.thread.seq)
        )
        if entry.thread.seq == 1 or follows:
            found[entry.digest] = entry
    return found


def _not_shown(pack: Pack) -> Iterator[tuple[bytes, tuple[tuple[int, int], ...]]]:
    """Of each member whose chain the pack of a thread shows, the numbers below the highest that are not there."""
    for party in pack.genesis.members:
        there = sorted({0, *(one.entry.seq for one in pack.entries if one.entry.party == party)})
        gaps = tuple((low + 1, high - 1) for low, high in pairwise(there) if high > low + 1)
        if gaps:
            yield party, gaps


def _receipts(pack: Pack, state: ChannelState, dropped: Container[bytes]) -> dict[bytes, dict[bytes, Receipted]]:
    """By entry and member, the receipt: a RECEIPT for it, else the member's first entry that mentions it.

    An entry that a revocation made void receipts nothing.
    """
    entries = {one.entry.digest: one.entry for one in pack.entries if one.entry.digest not in dropped}
    revoked = _revoked(pack)
    found: dict[bytes, dict[bytes, Receipted]] = {digest: {} for digest in entries}
    for party in pack.genesis.members:
        own = [one for one in entries.values() if one.party == party]
        own = [one for one in own if party not in revoked or _stands(pack, state, one)]
        floors: dict[bytes, int] = {}
        for entry in sorted(own, key=lambda one: (one.seq, one.incarnation)):
            if isinstance(entry.control, Receipt) and _others(entries, entry.refs[0], party):
                told = found[entry.refs[0]].get(party)
                absent = told is None or told.control is None or told.control.body == "absent"
                if absent and (told is None or told.control is None or entry.control.body == "checked"):
                    at_us = entry.control.received_at_us
                    found[entry.refs[0]][party] = Receipted(party, entry.digest, at_us, entry.control)
            for digest in _mentioned(entry, entries, floors):
                found[digest].setdefault(party, Receipted(party, entry.digest, entry.issued_at_us, None))
    return found


def _others(entries: dict[bytes, Entry], digest: bytes, party: bytes) -> bool:
    return digest in entries and entries[digest].party != party


def _mentioned(entry: Entry, entries: dict[bytes, Entry], floors: dict[bytes, int]) -> Iterator[bytes]:
    """What the entry's `seen` covers and nothing of its party did before; `floors`: how far down it was walked."""
    heads = [(seen.party, seen.digest, 1) for seen in entry.seen]
    heads += [(seen.party, run.digest, run.first) for seen in entry.seen for run in seen.beyond]
    for party, head, floor in heads:
        digest = head
        while digest in entries and entries[digest].party == party and entries[digest].seq >= floor:
            if floors.get(digest, floor + 1) <= floor:
                break
            floors[digest] = floor
            yield digest
            digest = entries[digest].prev


def _entry_facts(
    pack: Pack,
    state: ChannelState,
    one: Packed,
    body: BodyCheck,
    receipts: dict[bytes, dict[bytes, Receipted]],
    *,
    loose: bool,
) -> EntryFacts:
    told = receipts[one.entry.digest]
    others = [party for party in pack.genesis.members if party != one.entry.party]
    return EntryFacts(
        packed=one,
        void=one.entry.party in _revoked(pack) and not _stands(pack, state, one.entry),
        remarks=state.remarks(one.entry.digest),
        receipts=tuple(told[party] for party in others if party in told),
        posted=tuple(party for party in others if party not in told),
        body=body,
        loose=loose,
        refers_out=tuple(digest for digest in one.entry.refs if digest not in receipts),
    )


def _is_loose(pack: Pack, one: Packed, following: dict[bytes, Entry]) -> bool:
    return _in_thread(pack, one.entry) and one.entry.digest not in following


def _dropped_facts(one: Packed, why: PeerError) -> EntryFacts:
    shown_of_nobody = check_body(one.entry.body, ())
    return EntryFacts(one, void=False, remarks=(), receipts=(), posted=(), body=shown_of_nobody, dropped=why)


def _stands(pack: Pack, state: ChannelState, entry: Entry) -> bool:
    """Whether no revocation made the entry void, be it beyond a gap: a pack of a thread is full of them.

    A receipt that would have saved the entry counts only if the pack has it.
    """
    chain = set(state.chain(entry.party))
    beyond = [
        one.entry
        for one in pack.entries
        if one.entry.party == entry.party
        and isinstance(one.entry.control, RevokeKey)
        and one.entry.keys == (entry.party,)
        and state.entry(one.entry.digest) is not None
        and one.entry.digest not in chain
    ]
    return state.stands(entry.digest, beyond)


def _revoked(pack: Pack) -> frozenset[bytes]:
    """The members that revoked a key: only of their entries some may be void."""
    return frozenset(one.entry.party for one in pack.entries if isinstance(one.entry.control, RevokeKey))


def _lacking(pack: Pack, state: ChannelState) -> Iterator[tuple[bytes, int]]:
    for party in pack.genesis.members:
        wanted = state.wanted(party)
        if wanted:
            yield party, len(wanted)


def _twice(state: ChannelState) -> set[Position]:
    one_of = {entry.signed: entry for party in state.start.genesis.members for _, entry in state.entries(party)}
    return {one_of[proof.first.signed].position for proof in state.convictions}
