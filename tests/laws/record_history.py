"""Random histories of a channel, whose maker knows what each member was given, and what it then did to its record."""

import random
from dataclasses import dataclass, field, replace
from functools import cache

from tansiq.record.body import Field, digests
from tansiq.record.channel import ChannelState, Place
from tansiq.record.control import AddKey, Control, OfficeKey
from tansiq.record.entry import Entry, Envelope, make, sign
from tansiq.record.genesis import SignedGenesis, make_genesis, sign_genesis, signed_genesis
from tansiq.record.keys import ED25519, SecretKey

NAMES = ("amber", "teal", "violet")
OFFICE = "watch"


@cache
def key_for_tests(name: str) -> SecretKey:
    """A key that everybody knows: never to be used outside of tests."""
    return SecretKey(ED25519, ("TEST KEY " + name).encode().ljust(32, b".")[:32])


@cache
def member_key(name: str, number: int = 0) -> SecretKey:
    return key_for_tests(f"{name} entry {number}")


@cache
def root(name: str) -> SecretKey:
    return key_for_tests(f"{name} root")


@cache
def party(name: str) -> bytes:
    return root(name).public.fingerprint


@cache
def start(names: tuple[str, ...], track: str = "air", nonce: bytes = bytes(range(16))) -> SignedGenesis:
    keys = [(party(name), OfficeKey(OFFICE, "entry", member_key(name).public)) for name in names]
    genesis = make_genesis([party(name) for name in names], track, nonce, keys)
    made = {party(name): (root(name).public, sign_genesis(genesis, root(name))) for name in names}
    return signed_genesis(genesis, made)


@dataclass
class Member:
    """A member that says things, with its record and its present key."""

    name: str
    state: ChannelState
    key_number: int = 0

    @property
    def id(self) -> bytes:
        return party(self.name)

    def header(self, type_: str = "NOTICE", issued_at_us: int = 1_000_000, control: Control | None = None) -> Entry:
        position, prev = self.state.next_position(self.id)
        return Entry(
            type=type_,
            channel=self.state.start.genesis.channel,
            party=self.id,
            office=OFFICE,
            incarnation=position.incarnation,
            seq=position.seq,
            prev=prev,
            issued_at_us=issued_at_us,
            keys=(member_key(self.name, self.key_number).public.fingerprint,),
            seen=self.state.seen(self.id),
            control=control,
        )

    def signed(self, header: Entry) -> Envelope:
        return sign(make(header), member_key(self.name, self.key_number))

    def say(self, header: Entry | None = None) -> Envelope:
        envelope = self.signed(header or self.header())
        assert self.state.add(envelope).place is Place.IN_CHAIN
        return envelope

    def say_as_root(self, type_: str, control: Control, **changes: object) -> Envelope:
        header = replace(self.header(type_, control=control), office="", keys=(self.id,), **changes)  # type: ignore[arg-type] # fields of an entry
        envelope = sign(make(header), root(self.name))
        self.state.add(envelope)
        return envelope

    def hand_over(self) -> Envelope:
        incoming = OfficeKey(OFFICE, "entry", member_key(self.name, self.key_number + 1).public)
        outgoing = member_key(self.name, self.key_number).public.fingerprint
        envelope = self.say(self.header("KEY", control=AddKey(incoming, outgoing)))
        self.key_number += 1
        return envelope


def members(*names: str) -> list[Member]:
    return [Member(name, ChannelState(start(names))) for name in names]


@dataclass
class History:
    """What was said, what each member was given, and what each held when it said something."""

    said: dict[bytes, tuple[Envelope, Entry]] = field(default_factory=dict)
    given: dict[str, list[bytes]] = field(default_factory=dict)
    held_when_said: dict[bytes, frozenset[bytes]] = field(default_factory=dict)


def history(rng: random.Random, names: tuple[str, ...]) -> tuple[History, list[Member]]:
    """A history in which entries overtake each other, some never come, and keys change."""
    told = History(given={name: [] for name in names})
    present = members(*names)
    under_way: list[tuple[Member, Envelope, bytes]] = []
    lossy = rng.random() < 0.5
    for now in range(rng.randint(4, 24)):
        member = rng.choice(present)
        held = frozenset(digest for digest in told.said if member.state.entry(digest) is not None)
        if rng.random() < 0.1:
            envelope = member.hand_over()
        else:
            body = digests([Field(rng.randbytes(16), "text", f"word {now}")])
            envelope = member.say(replace(member.header(issued_at_us=now), body=body))
        remember(told, member.state, envelope, held)
        told.given[member.name].append(list(told.said)[-1])
        under_way += [(other, envelope, list(told.said)[-1]) for other in present if other is not member]
        for _ in range(rng.randint(0, 3)):
            if under_way:
                deliver(told, *under_way.pop(rng.randrange(len(under_way))), lost=lossy and rng.random() < 0.15)
    while under_way and rng.random() < 0.9:
        deliver(told, *under_way.pop(rng.randrange(len(under_way))), lost=lossy and rng.random() < 0.15)
    return told, present


def remember(told: History, state: ChannelState, envelope: Envelope, held: frozenset[bytes]) -> None:
    entry = state.add(envelope).entry
    told.said[entry.digest] = (envelope, entry)
    told.held_when_said[entry.digest] = held


def deliver(told: History, to: Member, envelope: Envelope, digest: bytes, *, lost: bool) -> None:
    if not lost:
        to.state.add(envelope)
        told.given[to.name].append(digest)


def rewritten(rng: random.Random, told: History, member: Member) -> dict[bytes, bytes]:
    """The member signs one of its notices anew, with other words, and all that follow it: old digests to new ones."""
    own = [entry for _, entry in told.said.values() if entry.party == member.id]
    notices = [entry for entry in own if entry.type == "NOTICE"]
    if not notices:
        return {}
    begin = rng.choice(notices)
    new: dict[bytes, bytes] = {}
    for entry in own:
        if entry.seq < begin.seq:
            continue
        other = replace(entry, prev=new.get(entry.prev, entry.prev))
        if entry is begin:
            other = replace(other, body=digests([Field(rng.randbytes(16), "text", "other words")]))
        keys = [k for k in (member_key(member.name, n) for n in range(30)) if k.public.fingerprint in entry.keys]
        envelope = sign(make(other), *keys)
        again = make(other)
        told.said[again.digest] = (envelope, again)
        told.held_when_said[again.digest] = frozenset(new.get(d, d) for d in told.held_when_said[entry.digest])
        new[entry.digest] = again.digest
        if rng.random() < 0.2:
            break
    return new


def record_of(rng: random.Random, told: History, names: tuple[str, ...], held: list[bytes]) -> ChannelState:
    """The record of these entries, given in any order."""
    state = ChannelState(start(names))
    for digest in rng.sample(held, len(held)):
        state.add(told.said[digest][0])
    return state
