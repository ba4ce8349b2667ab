"""Two nodes with a channel: what is said, received, confirmed, changed and destroyed is proved by the packs of both."""

from collections.abc import Callable

from tansiq.record.checkpoint import origin
from tansiq.record.keys import ED25519, SecretKey
from tansiq.record.pack_compare import compare_packs
from tansiq.record.verdict import Verdict, verify_pack
from tansiq.service.entries import destroy_body
from tansiq.service.heads import checkpoint
from tansiq.service.rotation import revoke_key, rotate_key
from tests.laws.record_history import party, root
from tests.unit.service_pair import THREAD, WATCH, Pair, picture, secret

TRUST = frozenset({party("amber"), party("teal")})


def told(pair: Pair) -> Pair:
    """A notice, the read-back, the acknowledgement, all received."""
    notice = pair.exchange("amber", text="crossing BAHR at 1 N", upper_m=450)
    back = pair.exchange("teal", "READ-BACK", refs=(notice.entry.digest,), upper_m=450)
    pair.exchange("amber", "ACKNOWLEDGE", refs=(back.entry.digest,), agreed=1)
    return pair


def proved(spelling: bytes) -> Verdict:
    verdict = verify_pack(spelling, TRUST)
    assert verdict.failure is None, verdict.failure
    return verdict


def both(pair: Pair) -> tuple[Verdict, Verdict]:
    pair.confirm("amber", "teal")
    pair.confirm("teal", "amber")
    return proved(pair.pack("amber")), proved(pair.pack("teal"))


def values(verdict: Verdict) -> list[object]:
    assert verdict.facts is not None
    return [field.value for one in verdict.facts.entries for field in one.body.proved]


def test_the_packs_of_both_are_proved_and_agree() -> None:
    pair = told(Pair())
    amber, teal = both(pair)
    assert compare_packs(amber, teal).agrees
    assert amber.facts is not None
    assert not amber.facts.one_sided
    assert all(not one.posted for one in amber.facts.entries if one.packed.entry.type != "RECEIPT")
    receipts = [one.control.body for entry in amber.facts.entries for one in entry.receipts if one.control]
    assert receipts == ["checked"] * 3
    assert values(amber) == values(teal)


def test_both_may_be_killed_after_every_step_and_nothing_is_lost() -> None:
    pair = Pair()
    steps: list[Callable[[], object]] = [
        lambda: pair.exchange("amber", text="crossing"),
        lambda: pair.exchange("teal", text="seen"),
        lambda: pair.confirm("amber", "teal"),
        lambda: pair.exchange("amber", text="clear of BAHR"),
        lambda: pair.confirm("teal", "amber"),
        lambda: pair.confirm("amber", "teal"),
    ]
    for step in steps:
        step()
        for name in pair.names:
            before = picture(pair.nodes[name])
            assert picture(pair.crash(name)) == before
    amber, teal = both(pair)
    assert compare_packs(amber, teal).agrees
    assert values(amber) == ["crossing", "seen", "clear of BAHR"]


def test_a_key_handed_over_in_the_middle_signs_on_and_the_packs_are_proved() -> None:
    pair = Pair()
    pair.exchange("amber", text="before")
    node = pair.nodes["amber"]
    change = node.settle(rotate_key(node, SecretKey(ED25519, bytes(range(32))), "entry", WATCH))
    pair.deliver("amber", change.told[0])
    pair.crash("amber")
    after = pair.exchange("amber", text="after")
    assert after.entry.keys == (SecretKey(ED25519, bytes(range(32))).public.fingerprint,)
    assert values(both(pair)[0]) == ["before", "after"]


def test_the_root_names_new_log_and_witness_keys_and_heads_are_confirmed_under_them() -> None:
    pair = told(Pair())
    both(pair)
    node = pair.nodes["amber"]
    for number, use in enumerate(("log", "witness", "transport")):
        change = node.settle(rotate_key(node, SecretKey(ED25519, bytes([number + 1] * 32)), use, root=root("amber")))
        pair.deliver("amber", change.told[0])
    pair.crash("amber")
    amber, teal = both(pair)
    assert compare_packs(amber, teal).agrees
    assert not any(facts.one_sided for facts in (amber.facts, teal.facts) if facts)


def test_a_revoked_key_signs_nothing_more_and_what_it_signed_since_is_void_unless_receipted() -> None:
    pair = Pair()
    pair.exchange("amber", text="receipted")
    since_us = pair.clock.at_us
    pair.say("amber", text="never received")
    node = pair.nodes["amber"]
    stolen = secret("amber", "entry").public.fingerprint
    node.settle(revoke_key(node, stolen, root=root("amber"), since_us=since_us))
    verdict = proved(pair.settle("amber", checkpoint(node, pair.channel)) and pair.pack("amber"))
    assert verdict.facts is not None
    assert [one.void for one in verdict.facts.entries if one.packed.entry.type == "NOTICE"] == [False, True]
    assert stolen not in node.secrets


def test_a_revocation_names_the_end_of_the_chain_or_the_last_place_before_the_instant() -> None:
    for since, last_good in ((None, 2), (1, 1), (0, 0)):
        pair = Pair()
        first = pair.say("amber", text="one")
        pair.say("amber", text="two")
        node = pair.nodes["amber"]
        since_us = None if since is None else first.entry.issued_at_us + since
        key = secret("amber", "transport").public.fingerprint
        change = node.settle(revoke_key(node, key, root=root("amber"), since_us=since_us))
        assert getattr(change.told[0].entry.control, "last_good", None) == last_good


def test_a_destroyed_body_is_gone_and_the_pack_says_that_fields_are_left_out() -> None:
    pair = told(Pair())
    node = pair.nodes["amber"]
    notice = node.channel(pair.channel).state.chain(node.id)[0]
    deleted = node.settle(destroy_body(node, pair.channel, notice, office=WATCH))
    assert deleted.entry.type == "DELETED"
    assert deleted.entry.refs == (notice,)
    pair.deliver("amber", deleted)
    pair.crash("amber")
    amber, teal = both(pair)
    assert compare_packs(amber, teal).agrees
    assert amber.facts is not None
    assert [len(one.body.left_out) for one in amber.facts.entries if one.packed.entry.digest == notice] == [2]
    assert b"crossing BAHR" not in pair.pack("amber")
    assert b"crossing BAHR" in pair.pack("teal"), "nobody can oblige the other"


def test_a_thread_is_packed_without_the_named_fields() -> None:
    pair = told(Pair())
    both(pair)
    spelling = pair.pack("amber", thread=THREAD, leave_out=("text",))
    assert b"crossing BAHR" not in spelling
    assert values(proved(spelling)) == [450, 450, 1]


def test_three_members_hold_one_record_though_one_hears_of_another_by_a_third() -> None:
    pair = Pair(("amber", "teal", "violet"))
    said = pair.say("amber", text="crossing BAHR at 1 N")
    receipt = pair.give("teal", said).receipt
    assert receipt is not None
    for one in (said, receipt):
        pair.give("violet", one)
    pair.crash("violet")
    pair.exchange("violet", text="heard")
    state = pair.nodes["violet"].channel(pair.channel).state
    assert state.receipted_by(said.entry.digest) == {party("teal"), party("violet")}
    pair.confirm("violet", "teal")
    pair.confirm("violet", "amber")
    verdict = verify_pack(pair.pack("violet"), TRUST | {party("violet")})
    assert verdict.facts is not None
    assert [one.party for one in verdict.facts.cosigned] == sorted(TRUST)


def test_a_head_is_named_after_channel_and_party() -> None:
    pair = told(Pair())
    node = pair.nodes["teal"]
    content = node.settle(checkpoint(node, pair.channel))
    assert content.decode().splitlines()[0] == origin(channel=pair.channel, party=node.id)
