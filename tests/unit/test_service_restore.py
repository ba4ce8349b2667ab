"""A node that lost entries of its own signs no position twice, is told what it lost, and is silenced by nobody."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

import pytest

from tansiq.errors import PartyError, PeerError
from tansiq.record.control import Restore
from tansiq.record.entry import NO_RESTORE, make, sign
from tansiq.service.channels import open_channel
from tansiq.service.delivery import QUESTIONS, parcel_for, take_parcel
from tansiq.service.entries import say, take_in
from tansiq.service.heads import checkpoint, cosign_head, head_of
from tansiq.service.node import Node
from tansiq.service.restore import disbelieve, mark_restored, owed, restore
from tansiq.storage.memory import MemoryStore
from tests.laws.record_history import party, root
from tests.unit.service_pair import WATCH, Pair, genesis_of, secret
from tests.unit.test_service_delivery import FULL, changed, given, go, take


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises((PartyError, PeerError)) as caught:
        act()
    return caught.value.code


def put_back(pair: Pair, name: str, backup: MemoryStore) -> Node:
    """The node's disk is lost, and the backup is in its place."""
    pair.stores[name] = deepcopy(backup)
    mark_restored(pair.stores[name], pair.clock, pair.lots)
    return pair.start(name)


def backed_up(pair: Pair, name: str) -> MemoryStore:
    return deepcopy(pair.stores[name])


def lost_two(names: tuple[str, ...] = ("amber", "teal")) -> tuple[Pair, Node]:
    """Amber said three things; its disk holds the first, and Teal all."""
    pair = Pair(names)
    pair.say("amber", text="one")
    for name in names[1:]:
        go(pair, "amber", name)
    backup = backed_up(pair, "amber")
    for text in ("two", "three"):
        pair.say("amber", text=text)
    go(pair, "amber", "teal")
    return pair, put_back(pair, "amber", backup)


def last(node: Node, pair: Pair) -> tuple[bytes, int]:
    position = node.channel(pair.channel).state.next_position(node.id)[0]
    return position.incarnation, position.seq


# --------------------------------------------------------------------------------------------------- a store put back


def test_a_restored_node_signs_nothing_but_urgent_words_before_all_have_answered_and_its_root_has_signed() -> None:
    pair, node = lost_two()
    assert refusal(lambda: say(node, pair.channel, "NOTICE", office=WATCH)) == "restore_needed"
    assert refusal(lambda: checkpoint(node, pair.channel)) == "restore_needed"
    assert refusal(lambda: restore(node, pair.channel, root=root("amber"))) == "restore_needed"
    say(node, pair.channel, "CEASE", office=WATCH)  # Decided, and not committed: urgent words are never held back.
    node = pair.crash("amber")
    go(pair, "amber", "teal")
    assert refusal(lambda: say(node, pair.channel, "NOTICE", office=WATCH)) == "restore_needed"
    assert refusal(lambda: restore(node, pair.channel, root=root("teal"))) == "not_entitled"
    done = node.settle(restore(node, pair.channel, root=root("amber")))
    assert done.lost == ()
    assert done.said.entry.incarnation != NO_RESTORE
    assert pair.say("amber", text="four").entry.seq == done.said.entry.seq + 1
    pair.crash("amber")
    go(pair, "amber", "teal")
    assert not pair.nodes["teal"].channel(pair.channel).state.convictions


def test_what_others_hold_of_it_comes_back_with_its_bodies() -> None:
    pair, node = lost_two()
    go(pair, "amber", "teal")
    state = node.channel(pair.channel).state
    notices = [one for digest in state.chain(node.id) if (one := state.entry(digest)) and one.type == "NOTICE"]
    assert len(notices) == 3
    assert all(node.store.body(pair.channel, one.digest) for one in notices)


def test_who_has_answered_is_durable_and_told() -> None:
    pair, node = lost_two(("amber", "teal", "violet"))
    go(pair, "amber", "teal")
    node = pair.crash("amber")
    [owes] = owed(node)
    assert (owes.answered, owes.waiting) == ((party("teal"),), (party("violet"),))
    assert refusal(lambda: restore(node, pair.channel, root=root("amber"))) == "restore_needed"
    node.settle(restore(node, pair.channel, root=root("amber"), without={party("violet")}))
    assert owed(pair.crash("amber")) == ()


def test_a_parcel_from_before_is_no_answer() -> None:
    pair = Pair()
    pair.say("amber", text="one")
    go(pair, "amber", "teal")
    pair.say("teal", text="hello")
    old = given(pair, "teal", "amber")
    backup = backed_up(pair, "amber")
    pair.say("amber", text="two")
    go(pair, "amber", "teal")
    node = put_back(pair, "amber", backup)
    take(pair, "amber", "teal", old)
    assert owed(node)[0].waiting == (party("teal"),)


def test_a_question_is_answered_by_a_file_another_day_until_the_other_has_restored() -> None:
    pair, node = lost_two()
    take(pair, "teal", "amber", given(pair, "amber", "teal"))
    pair.crash("teal")
    file = given(pair, "teal", "amber")
    node = pair.crash("amber")
    take(pair, "amber", "teal", file)
    node.settle(restore(node, pair.channel, root=root("amber")))
    assert len(node.channel(pair.channel).state.chain(node.id)) == 4
    assert list(pair.stores["teal"].cells(QUESTIONS))
    go(pair, "amber", "teal")
    assert not list(pair.stores["teal"].cells(QUESTIONS))


def test_what_may_be_lost_is_told() -> None:
    pair = Pair(("amber", "teal", "violet"))
    backup = backed_up(pair, "amber")
    pair.say("amber", text="one")
    pair.say("amber", text="two")
    go(pair, "amber", "teal")
    receipt = pair.say("teal", text="heard")
    node = put_back(pair, "amber", backup)
    node.settle(take_in(node, receipt.envelope, receipt.body))  # It mentions two entries, and then is out of reach.
    go(pair, "amber", "violet")
    others = {party("teal"), party("violet")}
    done = node.settle(restore(node, pair.channel, root=root("amber"), without=others))
    assert done.lost == (1, 2)
    assert done.said.entry.control == Restore(2)


def test_a_channel_that_is_opened_after_the_restore_may_have_been_spoken_in_before_it() -> None:
    pair = Pair()
    backup = backed_up(pair, "amber")
    node = pair.nodes["amber"]
    spelling = genesis_of(("amber", "teal", "violet"), 1)
    other = node.settle(open_channel(node, spelling))
    node.settle(say(node, other, "NOTICE", office=WATCH))
    node = put_back(pair, "amber", backup)
    node.settle(open_channel(node, spelling))
    assert refusal(lambda: say(node, other, "NOTICE", office=WATCH)) == "restore_needed"
    node = pair.crash("amber")
    assert refusal(lambda: say(node, other, "NOTICE", office=WATCH)) == "restore_needed"


def test_no_incarnation_is_used_twice() -> None:
    pair, node = lost_two()
    backup = backed_up(pair, "amber")
    seen = set()
    for _ in range(3):
        node = put_back(pair, "amber", backup)
        go(pair, "amber", "teal")
        done = node.settle(restore(node, pair.channel, root=root("amber")))
        go(pair, "amber", "teal")
        seen.add(done.said.entry.incarnation)
    assert len(seen) == 3
    assert not pair.nodes["teal"].channel(pair.channel).state.convictions


def test_entries_of_a_life_that_was_left_oblige_to_nothing_when_they_come_late() -> None:
    pair, node = lost_two()
    take(pair, "teal", "amber", given(pair, "amber", "teal"))  # It asks, and the answer is long under way.
    late = given(pair, "teal", "amber")
    node.settle(restore(node, pair.channel, root=root("amber"), without={party("teal")}))
    assert len(take(pair, "amber", "teal", late).entries) > 1
    assert owed(node) == ()
    assert pair.say("amber", text="on").entry.incarnation == last(node, pair)[0] != NO_RESTORE


# ------------------------------------------------------------------------------------------------------------- claims


def claim(pair: Pair, seq: int = 9) -> None:
    """Teal signs that it holds entries of Amber's that never were."""
    node = pair.nodes["teal"]
    key = secret("teal", "entry")
    state = node.channel(pair.channel).state
    position, prev = state.next_position(node.id)
    [seen] = state.seen(node.id)
    header = replace(
        pair.nodes["teal"].settle(say(node, pair.channel, "NOTICE", office=WATCH)).entry,
        seen=(replace(seen, seq=seq, digest=bytes([7] * 32), incarnation=last(pair.nodes["amber"], pair)[0]),),
        seq=position.seq,
        prev=prev,
    )
    amber = pair.nodes["amber"]
    amber.settle(take_in(amber, sign(make(header), key).encode()))


def test_a_liar_silences_nobody_for_ever() -> None:
    pair = Pair()
    pair.say("amber", text="one")
    node = pair.nodes["amber"]
    claim(pair)
    assert refusal(lambda: pair.say("amber", text="two")) == "restore_needed"
    node.settle(disbelieve(node, pair.channel, party("teal")))
    assert pair.say("amber", text="two").entry.seq > 1
    node = pair.crash("amber")
    claim(pair, 99)
    assert pair.say("amber", text="three").entry.type == "NOTICE"
    assert owed(node) == ()


def test_own_signed_entries_oblige_whoever_is_disbelieved_and_whatever_was_not_marked() -> None:
    pair = Pair()
    backup = deepcopy(pair.stores["amber"])
    lost = pair.say("amber", text="one")
    pair.stores["amber"] = backup
    node = pair.start("amber")  # Put back by hand, and not marked.
    node.settle(disbelieve(node, pair.channel, party("teal")))
    node.settle(take_in(node, lost.envelope, lost.body))
    assert refusal(lambda: pair.say("amber", text="two")) == "restore_needed"
    assert owed(pair.crash("amber"))[0].waiting == (party("teal"),)


def test_a_node_that_owes_nothing_restores_nothing() -> None:
    pair = Pair()
    assert refusal(lambda: restore(pair.nodes["amber"], pair.channel, root=root("amber"))) == "bad_value"
    assert refusal(lambda: disbelieve(pair.nodes["amber"], pair.channel, party("amber"))) == "foreign_channel"


# -------------------------------------------------------------------------------------------------------------- heads


def test_no_head_is_signed_of_a_size_at_which_others_hold_another() -> None:
    pair = Pair()
    backup = backed_up(pair, "amber")
    for text in ("one", "two", "three"):
        pair.say("amber", text=text)
    spoken = pair.say("teal", text="hello")
    pair.give("amber", spoken)
    go(pair, "amber", "teal")
    [head] = pair.nodes["teal"].channel(pair.channel).cosigned.values()
    node = put_back(pair, "amber", backup)
    take(pair, "teal", "amber", given(pair, "amber", "teal"))
    heads_alone = changed(given(pair, "teal", "amber"), lambda value: value.update(entries=[], have=[]))
    take(pair, "amber", "teal", heads_alone)
    node.settle(restore(node, pair.channel, root=root("amber"), without={party("teal")}))
    channel, refused = node.channel(pair.channel), 0
    assert channel.lost_size == head.checkpoint.size > channel.durable
    for _ in range(head.checkpoint.size):
        if channel.durable <= head.checkpoint.size:
            assert refusal(lambda: checkpoint(node, pair.channel)) == "restore_needed"
            refused += 1
        pair.say("amber", text="more")
    assert refused
    assert head_of(node.settle(checkpoint(node, pair.channel))).size > head.checkpoint.size


def test_a_restored_cosigner_confirms_no_second_history() -> None:
    pair = Pair()
    backup = backed_up(pair, "teal")
    for _ in range(3):
        pair.say("amber", text="one")
    go(pair, "amber", "teal")
    before = pair.nodes["teal"].channel(pair.channel).cosigned
    node = put_back(pair, "teal", backup)
    content = pair.nodes["amber"].channel(pair.channel).head
    assert content is not None
    assert refusal(lambda: cosign_head(node, content, [])) == "restore_needed"
    pair.say("amber", text="two")
    go(pair, "teal", "amber")
    found = node.channel(pair.channel).cosigned
    assert {name: head.checkpoint for name, head in found.items()} == {name: h.checkpoint for name, h in before.items()}
    node.settle(restore(node, pair.channel, root=root("teal")))
    for _ in range(3):
        for one, other in (("amber", "teal"), ("teal", "amber")):
            spelling = parcel_for(pair.nodes[one], party(other), bytes_max=FULL)
            if spelling is not None:
                to = pair.nodes[other]
                to.settle(take_parcel(to, party(one), spelling))
    [head] = [one.checkpoint for one in node.channel(pair.channel).cosigned.values()]
    assert head.size == pair.nodes["amber"].channel(pair.channel).durable
