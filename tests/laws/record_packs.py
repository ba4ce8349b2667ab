"""A channel of Amber and Teal with log and witness keys, in which a notice is given, received, read back and closed."""

import random
from dataclasses import dataclass, field, replace

from tansiq.record.body import Field, digests
from tansiq.record.channel import ChannelState
from tansiq.record.checkpoint import Checkpoint, origin, parse_body, sign_checkpoint
from tansiq.record.control import Control, OfficeKey, Receipt
from tansiq.record.cosigner import Cosigned, cosign
from tansiq.record.entry import Envelope, parse_entry
from tansiq.record.genesis import SignedGenesis, make_genesis, sign_genesis, signed_genesis
from tansiq.record.keys import SecretKey
from tansiq.record.note import ED25519, ED25519_COSIGNATURE, NoteSigner, parse
from tansiq.record.pack import Chosen, Pack, Packed, make_pack, of_thread, places
from tansiq.record.tree import Tree
from tansiq.record.verdict import note_key
from tests.laws.record_history import OFFICE, Member, key_for_tests, member_key, party, root

PAIR = ("amber", "teal")
TRUST = frozenset(party(name) for name in PAIR)
THREAD = bytes([9] * 16)
NOON_US = 1_894_700_000_000_000


def start_with_logs(names: tuple[str, ...] = PAIR) -> SignedGenesis:
    keys = []
    for name in names:
        keys.append((party(name), OfficeKey(OFFICE, "entry", member_key(name).public)))
        keys.append((party(name), OfficeKey("", "log", key_for_tests(f"{name} log").public)))
        keys.append((party(name), OfficeKey("", "witness", key_for_tests(f"{name} witness").public)))
    genesis = make_genesis([party(name) for name in names], "air", bytes(range(16)), keys)
    made = {party(name): (root(name).public, sign_genesis(genesis, root(name))) for name in names}
    return signed_genesis(genesis, made)


def note_signer(name: str, use: str, channel: bytes, *, key: SecretKey | None = None) -> NoteSigner:
    """The member's log or witness key as one that signs notes, or another key in its place."""
    signer: SecretKey = key or key_for_tests(f"{name} {use}")
    kind = ED25519 if use == "log" else ED25519_COSIGNATURE
    public = signer.public.encoded[1:]
    return NoteSigner(origin(channel=channel, party=party(name)), kind, public, signer.sign_framed)


@dataclass
class Desk:
    """Both members, each with its own log; what one says the other is given at once unless it is held back."""

    names: tuple[str, ...] = PAIR
    rng: random.Random = field(default_factory=lambda: random.Random(5))

    def __post_init__(self) -> None:
        self.start = start_with_logs(self.names)
        self.members = {name: Member(name, ChannelState(self.start)) for name in self.names}
        self.logs: dict[str, list[Chosen]] = {name: [] for name in self.names}
        self.now_us = NOON_US

    def say(
        self,
        name: str,
        type_: str = "NOTICE",
        words: dict[str, object] | None = None,
        *,
        refs: tuple[bytes, ...] = (),
        control: Control | None = None,
        thread: bytes | None = THREAD,
        to: tuple[str, ...] | None = None,
    ) -> bytes:
        """The member says it in the thread, and all in `to` are given it; the entry's digest."""
        self.now_us += 1_000_000
        member = self.members[name]
        body = tuple(Field(self.rng.randbytes(16), key, value) for key, value in (words or {}).items())  # type: ignore[arg-type] # values of tests
        header = replace(member.header(type_, self.now_us, control), refs=refs, body=digests(body))
        if thread is not None:
            header = replace(header, thread=member.state.next_in_thread(member.id, thread))
        return self.give(member.say(header), body, (name, *(self.names if to is None else to)))

    def give(self, envelope: Envelope, body: tuple[Field, ...], names: tuple[str, ...]) -> bytes:
        for name in dict.fromkeys(names):
            self.members[name].state.add(envelope)
            self.logs[name].append(Chosen(len(self.logs[name]), envelope, body))
        return parse_entry(envelope.signed).digest

    def receipt(self, name: str, of: bytes) -> bytes:
        return self.say(name, "RECEIPT", refs=(of,), control=Receipt(self.now_us + 500_000, "checked"))

    def tree(self, name: str) -> Tree:
        return Tree(b"".join(parse_entry(one.envelope.signed).digest for one in self.logs[name]))

    def checkpoint(self, name: str, tree: Tree, cosigners: tuple[str, ...]) -> bytes:
        channel = self.start.genesis.channel
        log = note_signer(name, "log", channel)
        content = sign_checkpoint(Checkpoint(log.name, tree.size, tree.root()), log)
        key = note_key(log.name, ED25519, key_for_tests(f"{name} log").public)
        for other in cosigners:
            time_s = self.now_us // 1_000_000 + 2
            signer = note_signer(other, "witness", channel)
            answer = cosign(content, log=[key], heads={}, proof=[], signer=signer, time_s=time_s)
            assert isinstance(answer, Cosigned)
            content += answer.line
        return content

    def pack(
        self, name: str = "amber", *, thread: bytes | None = None, cosigners: tuple[str, ...] | None = None
    ) -> bytes:
        others = tuple(other for other in self.names if other != name)
        tree = self.tree(name)
        checkpoint = self.checkpoint(name, tree, others if cosigners is None else cosigners)
        chosen = self.logs[name] if thread is None else of_thread(self.logs[name], thread)
        return make_pack(self.start, chosen, log=tree, checkpoint=checkpoint, size=tree.size, thread=thread)


def with_entries(pack: Pack, entries: tuple[Packed, ...]) -> Pack:
    """The pack with these of its entries, wherever they say that they lie, and the hashes that they need."""
    if pack.thread is None:
        return replace(pack, entries=entries)
    size = parse_body(parse(pack.checkpoint).text).size
    known = dict(zip(places((one.index for one in pack.entries), size), pack.hashes, strict=True))
    needed = places((one.index for one in entries), size)
    return replace(pack, entries=entries, hashes=tuple(known[place] for place in needed))


def story(names: tuple[str, ...] = PAIR) -> Desk:
    """A notice, its receipt, the read-back, the acknowledgement; before it another thread, and a hand-over of keys."""
    desk = Desk(names)
    desk.say("amber", words={"text": "range closed until 14"}, thread=bytes([3] * 16))
    desk.give(desk.members["teal"].hand_over(), (), names)
    notice = desk.say("amber", words={"text": "crossing BAHR at 1 N", "upper_m": 450, "lower_m": 300})
    desk.receipt("teal", notice)
    back = desk.say("teal", "READ-BACK", {"upper_m": 450}, refs=(notice,))
    desk.say("amber", "ACKNOWLEDGE", {"agreed": True}, refs=(back,))
    return desk
