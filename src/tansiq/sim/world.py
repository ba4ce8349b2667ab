"""A world from one seed: nodes with real code on failing disks, wrong clocks and bad links, and what must hold of them.

Rules for the next editor:

1. Everything follows from the seed: no lots, no time and no order of a set from anywhere else.
2. What is checked is what a party was told, or what left its node. What it only thought of may be lost.
3. After `heal` nothing is lost, late or cut any more, so whatever is not as it must be then is our fault.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations

from tansiq.errors import StoreError
from tansiq.ports.store import Change
from tansiq.record.agreement import compare
from tansiq.record.canonical import Value, parse, to_base64
from tansiq.record.entry import Entry, Position, envelope, parse_entry
from tansiq.record.tree import HASH_BYTES
from tansiq.service.channels import open_channel
from tansiq.service.delivery import parcel_for, take_parcel
from tansiq.service.entries import destroy_body, say
from tansiq.service.heads import head_of
from tansiq.service.node import COSIGNED, Channel, Node, begin, open_node, read_head
from tansiq.service.restore import mark_restored, owed, restore
from tansiq.service.rotation import revoke_key, rotate_key
from tansiq.sim.lots import Lots
from tansiq.sim.members import (
    NAMES,
    WATCH,
    YEAR_US,
    Draws,
    Link,
    Ticks,
    WrongClock,
    genesis_of,
    key_of,
    keys_of,
    party_of,
    secrets_of,
)
from tansiq.storage.memory import MemoryStore

ROUNDS_MAX = 12
"""Healed, so many exchanges of all with all are more than enough."""
ANSWERS_MAX = 60
SIZES = (3_000, 20_000, 8_000_000)


class WorldFault(Exception):
    """Something does not hold that must."""


@dataclass(slots=True)
class Member:
    """A party, its node, and what was told to it."""

    name: str
    clock: WrongClock
    draws: Draws
    store: MemoryStore = field(default_factory=MemoryStore)
    told: list[tuple[bytes, bytes]] = field(default_factory=list)
    """What it said and was told to be durable, as (channel, digest)."""
    backup: MemoryStore | None = None
    restored: bool = False
    rotations: int = 0


class World:
    """Two to four parties; `run` lets a day go by, `heal` mends everything, `check` says what does not hold."""

    def __init__(self, seed: int) -> None:
        self.lots = Lots(seed)
        self.ticks = Ticks()
        self.names = NAMES[: self.lots.one_of((2, 2, 2, 3, 3, 4))]
        self.members = {name: Member(name, WrongClock(self.ticks), Draws(f"{seed} {name}")) for name in self.names}
        loss = self.lots.one_of((0.0, 0.1, 0.4))
        self.links = {pair: Link(self.lots, self.ticks, loss) for pair in combinations(self.names, 2)}
        self.files: list[tuple[str, str, bytes]] = []
        self.positions: dict[tuple[bytes, Position], bytes] = {}
        self.heads: dict[tuple[str, int], bytes] = {}
        self.read: dict[tuple[str, bytes], int] = {}
        self.sizes: tuple[int, ...] = SIZES
        self.nodes: dict[str, Node] = {}
        for name, one in self.members.items():
            begin(one.store, one.clock, key_of(name, "root").public, keys_of(name))
            self._start(name)
        groups = [self.names] if len(self.names) < 4 else [self.names[:2], self.names[1:]]
        if len(self.names) == 3:
            groups.append(self.names[:2])
        for group in groups:
            for name in group:
                self._open(name, genesis_of(group))

    # ------------------------------------------------------------------------------------------------------ one day

    def run(self, steps: int) -> None:
        """So many things happen."""
        acts: list[Callable[[str], None]] = [
            *[self._say] * 5,
            *[self._send] * 5,
            self._cease,
            self._carry,
            self._take_file,
            self._destroy,
            self._rotate,
            self._revoke,
            self._fail,
            self._crash,
            self._cut,
            self._jump,
            self._back_up,
            self._restore_store,
        ]
        for _ in range(steps):
            self.ticks.at_us += self.lots.whole(0, 20_000_000)
            self._do(self.lots.one_of(acts), self.lots.one_of(self.names))
            self._arrive()

    def heal(self) -> None:
        """Links are mended, and all exchange with all until nobody learns anything new."""
        for link in self.links.values():
            link.loss, link.up = 0.0, True
        self.sizes = SIZES[-1:]
        for name in self.names:
            self._crash(name)  # Of disks that would have failed soon none is left.
        for _ in range(ROUNDS_MAX):
            before = self._picture()
            for name in self.names:
                self._do(self._go_on, name)
                for other in self.names:
                    if other != name:
                        self._do(partial(self._give, other=other, bytes_max=SIZES[-1]), name)
                        self._until_quiet()
            if self._picture() == before:
                return
        raise WorldFault(f"not at rest after {ROUNDS_MAX} exchanges of all with all")

    def _until_quiet(self) -> None:
        """Answers to answers come to an end."""
        for _ in range(ANSWERS_MAX):
            if not any(link.under_way for link in self.links.values()):
                return
            self.ticks.at_us += 2_000_000_000
            self._arrive()
        raise WorldFault("parcels go to and fro without end")

    def _picture(self) -> object:
        return [
            (name, key, one.durable, one.confirmed, tuple(one.absent), owed(node))
            for name, node in self.nodes.items()
            for key, one in sorted(node.channels.items())
        ]

    def _do(self, act: Callable[[str], None], name: str) -> None:
        """The act, and what its node made durable is noted; a node whose disk failed starts again."""
        try:
            act(name)
        except StoreError:
            self._crash(name)
        self._note(name)

    def _arrive(self) -> None:
        for (one, other), link in self.links.items():
            for sender, spelling in link.arrived():
                receiver = other if sender == one else one
                self._do(partial(self._take, sender=sender, spelling=spelling), receiver)

    def _take(self, name: str, sender: str, spelling: bytes) -> None:
        node = self.nodes[name]
        node.settle(take_parcel(node, party_of(sender), spelling))
        answer = parcel_for(node, party_of(sender), bytes_max=self.lots.one_of(self.sizes), news=True)
        if answer is not None:
            self._link(name, sender).send(name, answer)

    def _give(self, name: str, other: str, bytes_max: int) -> None:
        spelling = parcel_for(self.nodes[name], party_of(other), bytes_max=bytes_max)
        if spelling is not None:
            self._link(name, other).send(name, spelling)

    def _link(self, one: str, other: str) -> Link:
        return self.links[(one, other) if (one, other) in self.links else (other, one)]

    # --------------------------------------------------------------------------------------------------------- acts

    def _say(self, name: str, type_: str = "NOTICE") -> None:
        node, one = self.nodes[name], self.members[name]
        channel = self.lots.one_of(sorted(node.channels))
        if not node.channels[channel].behind:
            words: dict[str, Value] = {
                "text": "x" * self.lots.one_of((3, 3, 3, 6_000)),
                "number": self.lots.whole(0, 9),
            }
            said = node.settle(say(node, channel, type_, office=WATCH, words=words))
            one.told.append((channel, said.entry.digest))

    def _cease(self, name: str) -> None:
        self._say(name, "CEASE")

    def _send(self, name: str) -> None:
        other = self.lots.one_of([one for one in self.names if one != name])
        self._give(name, other, self.lots.one_of(self.sizes))

    def _carry(self, name: str) -> None:
        other = self.lots.one_of([one for one in self.names if one != name])
        spelling = parcel_for(self.nodes[name], party_of(other), bytes_max=SIZES[-1])
        if spelling is not None:
            self.files.append((name, other, spelling))

    def _take_file(self, _: str) -> None:
        """A file that was carried, be it an old one and for the third time."""
        if self.files:
            sender, receiver, spelling = self.lots.one_of(self.files)
            self._do(partial(self._take, sender=sender, spelling=spelling), receiver)

    def _destroy(self, name: str) -> None:
        node, one = self.nodes[name], self.members[name]
        mine = [(key, digest) for key, digest in one.told if node.store.body(key, digest) is not None]
        if mine:
            channel, digest = self.lots.one_of(mine)
            if not node.channels[channel].behind:
                if one.backup is not None:
                    one.backup.commit((Change(destroyed=((channel, digest),)),))
                node.settle(destroy_body(node, channel, digest, office=WATCH))

    def _rotate(self, name: str) -> None:
        node, one = self.nodes[name], self.members[name]
        if any(channel.behind for channel in node.channels.values()) or node.restored is not None:
            return
        one.rotations += 1  # Its file is there before anything names it.
        node.settle(rotate_key(node, key_of(name, "entry", one.rotations), "entry", WATCH))

    def _revoke(self, name: str) -> None:
        node = self.nodes[name]
        if not any(channel.behind for channel in node.channels.values()):
            mark = key_of(name, "transport").public.fingerprint
            node.settle(revoke_key(node, mark, root=key_of(name, "root")))

    def _fail(self, name: str) -> None:
        """The disk fails at one of the next commits, and the node with it."""
        self.members[name].store.fail_next(kept=self.lots.whole(0, 1) == 1, after=self.lots.whole(0, 3))

    def _crash(self, name: str) -> None:
        self.members[name].store = self.members[name].store.crash()
        self._start(name)

    def _cut(self, name: str) -> None:
        link = self._link(name, self.lots.one_of([one for one in self.names if one != name]))
        link.up = not link.up

    def _jump(self, name: str) -> None:
        self.members[name].clock.off_us += self.lots.whole(-10, 10) * YEAR_US

    def _back_up(self, name: str) -> None:
        self.members[name].backup = deepcopy(self.members[name].store.crash())
        self._crash(name)

    def _restore_store(self, name: str) -> None:
        """The disk is lost, and an old backup put in its place."""
        one = self.members[name]
        if one.backup is not None:
            self._note(name)
            one.store, one.restored = deepcopy(one.backup), True
            mark_restored(one.store, one.clock, one.draws)
            self.read = {place: 0 if place[0] == name else done for place, done in self.read.items()}
            self._start(name)

    def _go_on(self, name: str) -> None:
        """The operator restores where all have answered."""
        node = self.nodes[name]
        for one in owed(node):
            if not one.waiting:
                node.settle(restore(node, one.channel, root=key_of(name, "root")))

    def _start(self, name: str) -> None:
        one = self.members[name]
        later = [key_of(name, "entry", number + 1) for number in range(one.rotations)]
        keys = secrets_of(name) | {key.public.fingerprint: key for key in later}
        self.nodes[name] = open_node(one.store, one.clock, one.draws, keys, office=WATCH)

    def _open(self, name: str, spelling: bytes) -> None:
        self.nodes[name].settle(open_channel(self.nodes[name], spelling))

    # ------------------------------------------------------------------------------------------------- what must hold

    def _note(self, name: str) -> None:
        """What the node has made durable is noted: no position has two entries, no confirmed head two roots."""
        node = self.nodes[name]
        for key in node.channels:
            begun = self.read.get((name, key), 0)
            for logged in node.store.log(key, begun):
                entry = parse_entry(envelope(logged.envelope).signed)
                if self.positions.setdefault((key, entry.position), entry.digest) != entry.digest:
                    raise WorldFault(f"{name} holds a position of {entry.party.hex()[:6]} that was signed twice")
                self.read[name, key] = logged.index + 1
        for _, value in node.store.cells(COSIGNED):
            head = read_head(value)[1].checkpoint
            if self.heads.setdefault((head.origin, head.size), head.root) != head.root:
                raise WorldFault(f"two heads of size {head.size} were confirmed")

    def check(self) -> None:
        """Healed, everything holds that must. Raises WorldFault."""
        for name, node in self.nodes.items():
            for key, channel in node.channels.items():
                self._check_channel(name, node, key, channel)
        for one, other in combinations(self.names, 2):
            for key in self.nodes[one].channels.keys() & self.nodes[other].channels.keys():
                mine, theirs = (self.nodes[name].channels[key].state for name in (one, other))
                for verdict in compare(mine, party_of(one), theirs, party_of(other)):
                    sender = next(name for name in self.names if party_of(name) == verdict.sender)
                    lost = self.members[sender].restored and all(
                        state.entry(digest) is None for state in (mine, theirs) for digest in verdict.digests
                    )
                    if not verdict.agrees and not lost:
                        raise WorldFault(f"the records of {one} and {other} do not agree: {verdict.agreement.name}")

    def _check_channel(self, name: str, node: Node, key: bytes, channel: Channel) -> None:
        members = [one for one in self.names if party_of(one) in channel.state.start.genesis.members]
        if channel.behind:
            raise WorldFault(f"{name} has not restored")
        if channel.state.convictions:
            raise WorldFault(f"{name} convicts an honest party")
        self._check_journal(name, node, key)
        if node.store.leaves(key) != b"".join(dict.fromkeys(one.digest for one in node.store.log(key))):
            raise WorldFault(f"{name} has an entry twice in its log")
        for sender in members:
            for at, digest in self.members[sender].told:
                if at == key:
                    self._check_said(name, sender, channel.state.entry(digest), digest, members)
        honest = not any(self.members[one].restored or self.members[one].clock.off_us for one in members)
        if (
            honest
            and (channel.confirmed is None or head_of(channel.confirmed).size != channel.durable)
            and channel.durable
        ):
            raise WorldFault(f"the last head of {name} is not confirmed")

    @staticmethod
    def _check_journal(name: str, node: Node, key: bytes) -> None:
        """What the journal says of the log, the log has."""
        leaves, before = node.store.leaves(key), 0
        for _, spelling in node.store.journal():
            told = parse(spelling)
            if told["at_us"] < before:
                raise WorldFault(f"the journal of {name} goes back in time")
            before = told["at_us"]
            if told.get("channel") == to_base64(key) and "index" in told:
                begin = told["index"] * HASH_BYTES
                if to_base64(leaves[begin : begin + HASH_BYTES]) != told["entry"]:
                    raise WorldFault(f"the journal of {name} tells of an entry that its log has not")

    def _check_said(self, name: str, sender: str, entry: Entry | None, digest: bytes, members: list[str]) -> None:
        if entry is None:
            if self.members[sender].restored:
                return  # Lost with the disk before anybody else had it.
            raise WorldFault(f"{name} lacks what {sender} was told to be durable")
        node = self.nodes[name]
        theirs = [one for _, one in node.channels[entry.channel].state.entries(party_of(sender))]
        if any(one.type == "DELETED" and digest in one.refs for one in theirs):
            return  # Nobody can oblige the others, and nobody wants it any more.
        store = node.store
        whole = store.body(entry.channel, digest) is not None or store.destroyed(entry.channel, digest)
        others = [self.nodes[one].store.body(entry.channel, digest) for one in members]
        if not whole and any(body is not None for body in others):
            raise WorldFault(f"{name} lacks a body of {sender} that another has")


def world_of(seed: int, steps: int = 13) -> World:
    """The world of this seed after a day, healed and checked. Raises WorldFault."""
    world = World(seed)
    world.run(steps)
    world.heal()
    world.check()
    return world
