"""Amber's and Teal's nodes in one process, with a channel between them; entries go across by hand."""

import random
from dataclasses import dataclass, field

from tansiq.record.control import OfficeKey
from tansiq.record.cosigner import Cosigned
from tansiq.record.genesis import make_genesis, sign_genesis, signed_genesis
from tansiq.record.keys import EncryptionKey, SecretKey
from tansiq.service.channels import open_channel
from tansiq.service.entries import Said, Taken, say, take_in
from tansiq.service.heads import checkpoint, cosign_head, take_cosignature
from tansiq.service.node import Decision, Node, begin, open_node
from tansiq.service.packs import pack
from tansiq.storage.memory import MemoryStore
from tests.laws.record_history import key_for_tests, party, root

NOON_US = 1_894_700_000_000_000
THREAD = bytes([9] * 16)
WATCH = "watch"
SIGNING_USES = (("entry", WATCH), ("log", ""), ("witness", ""), ("transport", ""))


@dataclass
class WorldClock:
    """A clock that goes when it is told to."""

    at_us: int = NOON_US

    def now_us(self) -> int:
        return self.at_us

    def elapsed_us(self) -> int:
        return self.at_us - NOON_US


@dataclass
class Lots:
    """Lots that repeat, for tests."""

    rng: random.Random = field(default_factory=lambda: random.Random(4))

    def draw(self, count: int) -> bytes:
        return self.rng.randbytes(count)


def secret(name: str, use: str) -> SecretKey:
    return key_for_tests(f"{name} {use}")


def own_keys(name: str) -> list[OfficeKey]:
    sealing = EncryptionKey(f"TEST {name}".encode().ljust(32, b".")).public
    return [OfficeKey(office, use, secret(name, use).public) for use, office in SIGNING_USES] + [
        OfficeKey("", "encryption", sealing)
    ]


def genesis_of(names: tuple[str, ...], nonce: int = 0) -> bytes:
    keys = [(party(name), key) for name in names for key in own_keys(name)]
    genesis = make_genesis([party(name) for name in names], "air", nonce.to_bytes(16), keys)
    made = {party(name): (root(name).public, sign_genesis(genesis, root(name))) for name in names}
    return signed_genesis(genesis, made).encode()


class Pair:
    """Two nodes, a channel, and what the line will do one day."""

    def __init__(self, names: tuple[str, ...] = ("amber", "teal")) -> None:
        self.names = names
        self.clock = WorldClock()
        self.lots = Lots()
        self.stores = {name: MemoryStore() for name in names}
        self.secrets = {
            name: {one.public.fingerprint: one for one in (secret(name, use) for use, _ in SIGNING_USES)}
            for name in names
        }
        self.nodes: dict[str, Node] = {}
        spelling = genesis_of(names)
        for name in names:
            begin(self.stores[name], self.clock, root(name).public, own_keys(name))
            self.start(name)
            self.channel = self.nodes[name].settle(open_channel(self.nodes[name], spelling))

    def start(self, name: str) -> Node:
        self.nodes[name] = open_node(self.stores[name], self.clock, self.lots, self.secrets[name], office=WATCH)
        return self.nodes[name]

    def crash(self, name: str) -> Node:
        """The node is killed, and starts from what is on its disk; the secrets are those of its key files."""
        self.secrets[name] = dict(self.nodes[name].secrets)
        self.stores[name] = self.stores[name].crash()
        return self.start(name)

    def say(self, name: str, type_: str = "NOTICE", *, refs: tuple[bytes, ...] = (), **words: str | int) -> Said:
        self.clock.at_us += 1_000_000
        node = self.nodes[name]
        return node.settle(say(node, self.channel, type_, office=WATCH, words=words, thread=THREAD, refs=refs))

    def give(self, name: str, said: Said, *, body: bool = True) -> Taken:
        node = self.nodes[name]
        return node.settle(take_in(node, said.envelope, said.body if body else None))

    def exchange(self, sender: str, type_: str = "NOTICE", *, refs: tuple[bytes, ...] = (), **words: str | int) -> Said:
        """Said, given to all others, and their receipts given to the rest."""
        said = self.say(sender, type_, refs=refs, **words)
        self.deliver(sender, said)
        return said

    def deliver(self, sender: str, said: Said) -> None:
        for name in self.names:
            if name != sender:
                receipt = self.give(name, said).receipt
                for other in self.names if receipt else ():
                    if other != name and receipt:
                        self.give(other, receipt)

    def confirm(self, owner: str, by: str) -> Cosigned:
        """The owner's head, cosigned by another."""
        node, witness = self.nodes[owner], self.nodes[by]
        content = node.settle(checkpoint(node, self.channel))
        log = node.channel(self.channel).log
        head = next((h for o, h in witness.channel(self.channel).cosigned.items() if o.endswith(node.id.hex())), None)
        proof = log.consistency_proof(head.checkpoint.size) if head else []
        answer = witness.settle(cosign_head(witness, content, proof))
        assert isinstance(answer, Cosigned)
        node.settle(take_cosignature(node, self.channel, answer.line))
        return answer

    def pack(self, name: str, *, thread: bytes | None = None, leave_out: tuple[str, ...] = ()) -> bytes:
        node = self.nodes[name]
        return self.settle(name, pack(node, self.channel, thread=thread, leave_out=leave_out))

    def settle(self, name: str, decision: Decision[bytes]) -> bytes:
        return self.nodes[name].settle(decision)


def picture(node: Node) -> tuple[object, ...]:
    """All that makes the node what it is, to be compared with another start of it."""
    return (
        node.id,
        node.keys,
        [
            (
                key,
                one.log.root(),
                one.durable,
                one.head,
                one.cosigned,
                one.lost,
                one.behind,
                [
                    (one.state.chain(m), one.state.keyring(m), one.state.wanted(m))
                    for m in one.state.start.genesis.members
                ],
                [[e.digest for _, e in one.state.entries(m)] for m in one.state.start.genesis.members],
                one.state.seen(node.id),
                one.state.convictions,
            )
            for key, one in sorted(node.channels.items())
        ],
    )
