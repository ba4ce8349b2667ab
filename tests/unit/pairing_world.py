"""Amber, Teal and Violet, who have never met: what each step of a pairing does to their nodes."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tansiq.errors import PartyError, PeerError
from tansiq.service.node import Node, begin, open_node
from tansiq.service.offers import Answer, Offer, digits, parse_answer, parse_offer
from tansiq.service.pairing import (
    Answered,
    Confirmed,
    Peer,
    accept,
    confirm_answer,
    confirm_answered,
    offer,
    peers,
    take_genesis,
)
from tansiq.storage.memory import MemoryStore
from tests.laws.record_history import party, root
from tests.unit.service_pair import NOON_US, SIGNING_USES, WATCH, Lots, WorldClock, own_keys, secret

TRACK = "air"
PLACE = "amber.example:7443"
SAME = digits(party("amber"), party("teal"))


def refusal(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises((PartyError, PeerError)) as caught:
        act()
    return caught.value.code, caught.value.field


@dataclass
class World:
    """Amber, Teal and Violet, who have never met."""

    clock: WorldClock = field(default_factory=lambda: WorldClock(NOON_US))
    lots: Lots = field(default_factory=Lots)
    stores: dict[str, MemoryStore] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    crashing: bool = False

    def __post_init__(self) -> None:
        for name in ("amber", "teal", "violet"):
            self.stores[name] = MemoryStore()
            begin(self.stores[name], self.clock, root(name).public, own_keys(name))
            self.start(name)

    def start(self, name: str) -> Node:
        secrets = {one.public.fingerprint: one for one in (secret(name, use) for use, _ in SIGNING_USES)}
        self.nodes[name] = open_node(self.stores[name], self.clock, self.lots, secrets, office=WATCH)
        return self.nodes[name]

    def at(self, name: str) -> Node:
        """The node; in a world of crashes a new start of it each time."""
        if self.crashing:
            self.stores[name] = self.stores[name].crash()
            self.start(name)
        return self.nodes[name]

    def offer(self, name: str = "amber", track: str = TRACK, address: str | None = PLACE) -> Offer:
        node = self.at(name)
        made = offer(node, root(name), name=name.title(), track=track, address=address)
        return parse_offer(node.settle(made))

    def accept(self, name: str, other: Offer, called: str | None = None) -> Answered:
        node = self.at(name)
        return node.settle(accept(node, root(name), other, own_name=name.title(), address=None, name=called))

    def confirm(self, name: str, answer: Answer, typed: str | None = SAME, called: str | None = None) -> Confirmed:
        node = self.at(name)
        found = parse_answer(answer.encode())
        made = confirm_answer(node, root(name), found, typed=typed, own_name=name.title(), name=called)
        return node.settle(made)

    def confirm_back(
        self, name: str, given: Answered, typed: str | None = SAME, whole: bytes | None = None
    ) -> Confirmed:
        node = self.at(name)
        return node.settle(confirm_answered(node, given, typed=typed, genesis=whole))

    def pair(self) -> bytes:
        """Amber and Teal are paired; the channel."""
        given = self.accept("teal", self.offer())
        done = self.confirm("amber", given.answer)
        assert done.genesis is not None
        self.confirm_back("teal", given)
        teal = self.at("teal")
        return teal.settle(take_genesis(teal, done.genesis))

    def peer(self, name: str) -> Peer:
        [one] = peers(self.at(name))
        return one
