"""A node in memory, and the one way to change it: commands are decided in order, and answered after their commit.

Rules for the next editor:

1. A command refuses before anything has changed. Once it changes this state it ends with `decide`, and the next command
   sees what it did; so a loop may decide many commands and commit them as one.
2. Nobody is told the answer of a decision before `commit` returned. When a commit fails, memory and disk may differ:
   nothing is decided any more, the process ends, and the next one starts from the store.
3. The store alone makes a node what it is: opened again, it is the same, whenever the process ended.
4. The journal tells what was asked, what was decided and what changed, by digests and places: no body, no secret.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from tansiq.errors import PartyError, PeerError, StoreError
from tansiq.ports.clock import Clock
from tansiq.ports.randomness import Randomness
from tansiq.ports.store import Cell, Change, Logged, Store
from tansiq.record import note
from tansiq.record.canonical import Value, parse, to_base64, write
from tansiq.record.channel import ChannelState
from tansiq.record.checkpoint import parse_body
from tansiq.record.control import OfficeKey, Receipt
from tansiq.record.cosigner import Head
from tansiq.record.entry import NO_RESTORE, Entry, Envelope, Seen, envelope
from tansiq.record.genesis import SignedGenesis, parse_signed_genesis, used_of
from tansiq.record.keys import PublicKey, SecretKey, public_key
from tansiq.record.reading import Fields
from tansiq.record.tree import Tree
from tansiq.service.own_keys import CURRENT, OwnKey, own_key

VERSION: Final = 1
NO_CHANGE: Final = Change()

PARTY: Final = "party"
"""Kind of cell: the party's root, under no key."""
KEYS: Final = "key"
"""Kind of cell: the party's keys, by fingerprint."""
TIME: Final = "time"
"""Kind of cell: the time of the journal's last entry, under no key."""
GENESES: Final = "genesis"
"""Kind of cell: a channel's genesis as it travels, by channel."""
OWN_HEADS: Final = "head"
"""Kind of cell: the last checkpoint of the own log with its cosignatures, by channel."""
COSIGNED: Final = "cosigned"
"""Kind of cell: the last head that was cosigned of another's log, by its origin."""
SPLIT_VIEWS: Final = "split"
"""Kind of cell: two notes that convict another's log, one after the other, by channel and party."""
RESTORES: Final = "restore"
"""Kind of cell: by channel, the digest of something own that others held and this node did not."""
CONFIRMED: Final = "confirmed"
"""Kind of cell: the last own checkpoint that another has cosigned, by channel."""
LOST_SIZE: Final = "lost-size"
"""Kind of cell: by channel, the size of the largest own checkpoint that others hold and this node's log does not."""
RESTORED: Final = "restored"
"""Kind of cell: random bytes that name the last restore of this store, under no key."""
INCARNATION: Final = "incarnation"
"""Kind of cell: by channel, the name of the restore that was finished there, and the incarnation drawn for it."""
DISBELIEVED: Final = "disbelieved"
"""Kind of cell: by channel and member, whose mere mention of own entries counts for nothing, by the operator's word."""

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Channel:
    """A channel as this node has it."""

    state: ChannelState
    log: Tree
    """The own log, with what is decided and not committed yet."""
    durable: int
    """How many entries of the log are committed."""
    head: bytes | None = None
    """The last own checkpoint, with its cosignatures."""
    cosigned: dict[str, Head] = field(default_factory=dict)
    """The last head that was cosigned of each other log, by origin."""
    lost: bool = False
    """Whether another channel, opened at once, is used in its place: then it takes nothing but CLOSE."""
    behind: bool = False
    """Whether others were shown own entries that this node does not hold: then it must restore before it signs."""
    confirmed: bytes | None = None
    """The last own checkpoint that another has cosigned."""
    lost_size: int = 0
    """The largest own checkpoint that others hold and that this log does not lead to; none is signed up to there."""
    absent: dict[bytes, None] = field(default_factory=dict)
    """Entries whose body this node wants."""
    disbelieved: frozenset[bytes] = frozenset()
    """Members whose mere mention of own entries counts for nothing."""

    @property
    def id(self) -> bytes:
        """The channel's id."""
        return self.state.start.genesis.channel

    def append(self, spelling: Envelope, digest: bytes) -> Logged:
        """The entry is the last of the own log."""
        return Logged(self.id, self.log.append(digest), digest, spelling.encode())


@dataclass(slots=True)
class Talk:
    """What this process remembers of its talk with another node. Lost with it, and then everything is told again."""

    has: dict[bytes, tuple[Seen, ...]] = field(default_factory=dict)
    """What it last said that it holds, by channel."""
    wants: dict[bytes, dict[bytes, None]] = field(default_factory=dict)
    """The entries that it asked for and was not given since, by channel."""
    confirmed: dict[bytes, bytes] = field(default_factory=dict)
    """The last own head that it says it cosigned, with its line, by channel."""
    sent: set[bytes] = field(default_factory=set)
    """The entries that went into a parcel for it since its last parcel came."""
    told: dict[tuple[str, bytes], bytes] = field(default_factory=dict)
    """What parcels last said to it besides entries, by list and channel."""
    asks: bytes | None = None
    """Its question after its own entries, which every parcel answers."""


class Decision(Generic[Answer]):
    """A command that was decided. Its answer is for nobody before the commit that it rests on."""

    def __init__(self, node: "Node", number: int, answer: Answer) -> None:
        self._node = node
        self._number = number
        self._answer = answer

    @property
    def decided(self) -> Answer:
        """What the command will answer: for another command that is decided with it, and for nobody outside."""
        return self._answer

    @property
    def answer(self) -> Answer:
        """What the command answers, once it is durable."""
        assert self._node.committed >= self._number, "an answer before its commit"
        return self._answer


class Node:
    """One party's keys and records; made by `open_node`."""

    def __init__(
        self, store: Store, clock: Clock, randomness: Randomness, secrets: Mapping[bytes, SecretKey], *, office: str
    ) -> None:
        self.store = store
        self.clock = clock
        self.randomness = randomness
        self.secrets = dict(secrets)
        """The keys that are open, by fingerprint; the root is never among them."""
        self.office = office
        """The office that signs what the node says by itself: receipts."""
        self.root = _root(store)
        self.keys = own_keys(store)
        self.channels: dict[bytes, Channel] = {}
        self.restored = store.cell(RESTORED, b"")
        """The name of the last restore of this store, if it was ever restored."""
        self.talks: dict[bytes, Talk] = {}
        """By the other's root."""
        self.committed = 0
        """How many decisions are durable."""
        self._decided = 0
        self._pending: list[Change] = []
        self._failed = False
        self._journal_us = int(store.cell(TIME, b"") or b"0")

    @property
    def id(self) -> bytes:
        """The fingerprint of the party's root, which is how records name the party."""
        return self.root.fingerprint

    def channel(self, channel: bytes) -> Channel:
        """The channel. Raises PartyError: foreign_channel."""
        if channel not in self.channels:
            raise PartyError("foreign_channel", "channel", channel.hex(), "a channel of this node")
        return self.channels[channel]

    def current_keys(self) -> tuple[OfficeKey, ...]:
        """The keys that a new channel begins with, one for each office and use."""
        return tuple(one.key for one in self.keys.values() if one.standing == CURRENT)

    def decide(
        self, act: str, who: str, told: Mapping[str, Value], answer: Answer, change: Change = NO_CHANGE
    ) -> Decision[Answer]:
        """The command is decided: its change waits for the next commit, with an entry for the journal.

        Journal time never goes back, whatever the clock does.
        """
        assert not self._failed, "a decision after a commit that failed"
        self._journal_us = max(self._journal_us, self.clock.now_us())
        entry = write({**told, "act": act, "at_us": self._journal_us, "v": VERSION, "who": who})
        self._pending.append(
            Change(
                journal=(entry,),
                logged=change.logged,
                bodies=change.bodies,
                destroyed=change.destroyed,
                cells=(*change.cells, Cell(TIME, b"", b"%d" % self._journal_us)),
            )
        )
        self._decided += 1
        return Decision(self, self._decided, answer)

    def unchanged(self, answer: Answer) -> Decision[Answer]:
        """The command changes nothing; its answer waits for what was decided before it."""
        assert not self._failed, "a decision after a commit that failed"
        return Decision(self, self._decided, answer)

    def commit(self) -> None:
        """Everything that was decided is durable. Whatever the store raises, the process has to end then."""
        assert not self._failed, "a commit after one that failed"
        if not self._pending:
            return
        self._failed = True  # Until the store says otherwise, whatever is raised in between.
        self.store.commit(tuple(self._pending))
        self._failed = False
        for one in (logged for change in self._pending for logged in change.logged):
            self.channels[one.channel].durable = one.index + 1
        self._pending.clear()
        self.committed = self._decided

    def settle(self, decision: Decision[Answer]) -> Answer:
        """The decision's answer, after it and all before it became durable. Raises StoreError."""
        self.commit()
        return decision.answer


def begin(store: Store, clock: Clock, root: PublicKey, keys: Iterable[OfficeKey]) -> None:
    """The store is that of a new node of this party, with these keys. Raises PartyError: bad_value. StoreError."""
    if store.cell(PARTY, b"") is not None:
        raise PartyError("bad_value", "store", "the store of a node", "an empty store")
    listed = [OwnKey(key, CURRENT) for key in keys]
    at_us = clock.now_us()
    added: list[Value] = [one.as_value() for one in listed]
    entry = write(
        {"act": "begin", "at_us": at_us, "keys": added, "party": to_base64(root.encoded), "v": VERSION, "who": "root"}
    )
    cells = [Cell(PARTY, b"", root.encoded), Cell(TIME, b"", b"%d" % at_us), *map(own_key_cell, listed)]
    store.commit((Change(journal=(entry,), cells=tuple(cells)),))


def open_node(
    store: Store, clock: Clock, randomness: Randomness, secrets: Mapping[bytes, SecretKey], *, office: str
) -> Node:
    """The node as the store has it, ready for commands.

    Raises PartyError: missing_field where no node began in the store. StoreError: store_damaged where what it has can
    not be read.
    """
    try:
        return _opened(store, clock, randomness, secrets, office)
    except PeerError as error:
        raise StoreError("store_damaged", error.field, error.got, error.want) from error


def _opened(
    store: Store, clock: Clock, randomness: Randomness, secrets: Mapping[bytes, SecretKey], office: str
) -> Node:
    node = Node(store, clock, randomness, secrets, office=office)
    starts = {key: parse_signed_genesis(spelling) for key, spelling in store.cells(GENESES)}
    rivals: dict[tuple[bytes, ...], list[SignedGenesis]] = {}
    for start in starts.values():
        rivals.setdefault(start.genesis.members, []).append(start)
    for key, start in starts.items():
        node.channels[key] = stored_channel(node, start, lost=is_lost(start, rivals[start.genesis.members]))
    for origin, value in store.cells(COSIGNED):
        channel, head = read_head(value)
        node.channels[channel].cosigned[origin.decode()] = head
    return node


def stored_channel(node: Node, start: SignedGenesis, *, lost: bool) -> Channel:
    """The channel as the store has it; heads of others' logs are not looked for."""
    key = start.genesis.channel
    log_of = (envelope(one.envelope) for one in node.store.log(key))
    state = ChannelState.again(start, log_of, only_close=lost)
    log = Tree(node.store.leaves(key))
    others = [entry for member in start.genesis.members if member != node.id for _, entry in state.entries(member)]
    members = start.genesis.members
    disbelieved = frozenset(one for one in members if node.store.cell(DISBELIEVED, key + one) is not None)
    channel = Channel(state, log, log.size, node.store.cell(OWN_HEADS, key), lost=lost, disbelieved=disbelieved)
    channel.confirmed = node.store.cell(CONFIRMED, key)
    channel.lost_size = int(node.store.cell(LOST_SIZE, key) or b"0")
    behind = node.store.cell(RESTORES, key) is not None or any(shows_more(one, channel, node.id) for one in others)
    channel.behind = behind or owes_restore(node, key)
    _find_absent(node, channel)
    return channel


def owes_restore(node: Node, channel: bytes) -> bool:
    """Whether the store was restored, and no RESTORE has been said in the channel since."""
    done = node.store.cell(INCARNATION, channel) or b""
    return node.restored is not None and not done.startswith(node.restored)


def _find_absent(node: Node, channel: Channel) -> None:
    """The bodies that the node wants are known: own ones too, where it holds more of itself than it wrote here."""
    state, key = channel.state, channel.id
    entries = [one for member in state.start.genesis.members for _, one in state.entries(member)]
    checked = {
        ref
        for one in entries
        if one.party == node.id and isinstance(one.control, Receipt) and one.control.body == "checked"
        for ref in one.refs
    }
    own = channel.behind or node.restored is not None
    wanted = (one for one in entries if one.body and one.digest not in checked and (own or one.party != node.id))
    for one in wanted:
        if node.store.body(key, one.digest) is None and not node.store.destroyed(key, one.digest):
            channel.absent[one.digest] = None
    for one in entries:
        note_deleted(channel, one)


def note_deleted(channel: Channel, entry: Entry) -> None:
    """A body whose own party says that it destroyed it is wanted no more."""
    for ref in entry.refs if entry.type == "DELETED" else ():
        named = channel.state.entry(ref)
        if named is not None and named.party == entry.party:
            channel.absent.pop(ref, None)


def own_keys(store: Store) -> dict[bytes, OwnKey]:
    """The party's keys, by fingerprint. Raises PeerError where the store is broken."""
    return {key: own_key(value) for key, value in store.cells(KEYS)}


def own_key_cell(one: OwnKey) -> Cell:
    """The cell that holds the key."""
    return Cell(KEYS, one.key.key.fingerprint, write(one.as_value()))


def is_lost(start: SignedGenesis, others: Iterable[SignedGenesis]) -> bool:
    """Whether another of these channels, opened at once with this one, is used in its place."""
    return any(used_of(start.genesis, other.genesis) not in {None, start.genesis} for other in others)


def shows_more(entry: Entry, channel: Channel, own: bytes) -> bool:
    """Whether the entry says that its signer holds an own entry which lies behind the end of the own chain."""
    if entry.party in channel.disbelieved:
        return False
    place, _ = channel.state.next_position(own)
    told = [seen for seen in entry.seen if seen.party == own]
    ends = {(one.incarnation, one.seq) for one in told} | {
        (run.incarnation, run.last) for one in told for run in one.beyond
    }
    return any(incarnation == place.incarnation and seq >= place.seq for incarnation, seq in ends)


def left_incarnations(channel: Channel, own: bytes) -> frozenset[bytes]:
    """The incarnations that the own chain has left by a RESTORE: nothing more is ever signed in them."""
    now = channel.state.next_position(own)[0].incarnation
    chain = (channel.state.entry(digest) for digest in channel.state.chain(own))
    return frozenset({NO_RESTORE, *(one.incarnation for one in chain if one is not None)} - {now})


def write_head(channel: bytes, head: Head) -> bytes:
    """A head that was cosigned, as a cell holds it."""
    return write({"channel": to_base64(channel), "note": head.signed.decode(), "time_s": head.time_s, "v": VERSION})


def read_head(value: bytes) -> tuple[bytes, Head]:
    """The channel and the head that the cell holds. Raises PeerError."""
    fields = Fields(parse(value))
    fields.integer("v", low=1, high=VERSION)
    channel, time_s, signed = fields.digest("channel", 16), fields.integer("time_s", low=0), fields.take("note")
    fields.end()
    content = str(signed).encode()
    return channel, Head(parse_body(note.parse(content).text), time_s, content)


def _root(store: Store) -> PublicKey:
    encoded = store.cell(PARTY, b"")
    if encoded is None:
        raise PartyError("missing_field", "store", "no party", "the store of a node, as `tansiq init` makes it")
    return public_key(encoded)
