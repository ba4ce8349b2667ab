"""Each command of a node: what it refuses, what it makes durable, and what of it a crash may take away."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from tansiq.errors import PartyError, PeerError, StoreError
from tansiq.limits import LIMITS
from tansiq.record.body import Field, encode_body, parse_body
from tansiq.record.canonical import parse
from tansiq.record.channel import Place
from tansiq.record.checkpoint import Checkpoint, origin, sign_checkpoint
from tansiq.record.cosigner import Refusal, Refused
from tansiq.record.entry import Envelope, envelope, make, sign
from tansiq.record.genesis import parse_signed_genesis
from tansiq.record.keys import ED25519, SecretKey
from tansiq.service.channels import open_channel
from tansiq.service.entries import destroy_body, say, take_in
from tansiq.service.heads import checkpoint, cosign_head, head_of, take_cosignature
from tansiq.service.node import RESTORES, SPLIT_VIEWS, begin, open_node
from tansiq.service.own_keys import CURRENT, note_signer
from tansiq.service.packs import pack
from tansiq.service.rotation import revoke_key, rotate_key
from tansiq.storage.memory import MemoryStore
from tests.laws.record_history import party, root
from tests.unit.service_pair import (
    NOON_US,
    THREAD,
    WATCH,
    Lots,
    Pair,
    WorldClock,
    genesis_of,
    own_keys,
    picture,
    secret,
)

NEW = SecretKey(ED25519, bytes(range(32)))


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises((PartyError, PeerError, StoreError)) as caught:
        act()
    return caught.value.code


def journal(pair: Pair, name: str) -> list[bytes]:
    return [entry for _, entry in pair.stores[name].journal()]


# ------------------------------------------------------------------------------------------------- answers and commits


def test_an_answer_is_for_nobody_before_its_commit() -> None:
    pair = Pair()
    node = pair.nodes["amber"]
    decision = say(node, pair.channel, "NOTICE", office=WATCH)
    with pytest.raises(AssertionError):
        _ = decision.answer
    again = open_channel(node, genesis_of(pair.names))
    with pytest.raises(AssertionError):
        _ = again.answer  # It changes nothing, and rests on what is not durable yet.
    node.commit()
    assert again.answer == pair.channel


def test_many_decisions_become_durable_in_one_commit_and_see_each_other() -> None:
    pair = Pair()
    node = pair.nodes["amber"]
    decisions = [say(node, pair.channel, "NOTICE", office=WATCH, words={"n": n}) for n in range(3)]
    assert node.channel(pair.channel).durable == 0
    node.commit()
    assert [one.answer.entry.seq for one in decisions] == [1, 2, 3]
    assert node.channel(pair.channel).durable == 3
    assert picture(pair.crash("amber")) == picture(node)


def test_what_was_decided_and_not_committed_is_gone_after_a_crash() -> None:
    pair = Pair()
    before = picture(pair.nodes["amber"])
    say(pair.nodes["amber"], pair.channel, "NOTICE", office=WATCH)
    assert picture(pair.crash("amber")) == before


@pytest.mark.parametrize("kept", [False, True])
def test_after_a_commit_that_failed_the_node_does_nothing_and_the_next_start_has_all_or_nothing(*, kept: bool) -> None:
    pair = Pair()
    node, store = pair.nodes["amber"], pair.stores["amber"]
    decisions = [say(node, pair.channel, "NOTICE", office=WATCH, words={"n": n}) for n in range(2)]
    store.fail_next(kept=kept)
    assert refusal(node.commit) == "store_failed"
    for act in (node.commit, lambda: say(node, pair.channel, "NOTICE", office=WATCH), lambda: decisions[0].answer):
        with pytest.raises(AssertionError):
            act()
    assert pair.crash("amber").channel(pair.channel).log.size == (2 if kept else 0)


@pytest.mark.parametrize("seed", range(6))
def test_a_random_day_with_crashes_anywhere_leaves_what_was_answered_and_nothing_half(seed: int) -> None:
    rng, pair = random.Random(seed), Pair()
    answered: dict[str, list[bytes]] = {name: [] for name in pair.names}
    for _ in range(25):
        name, other = rng.sample(pair.names, 2)
        node = pair.nodes[name]
        pair.clock.at_us += rng.randrange(-2_000_000, 5_000_000)
        said = say(node, pair.channel, "NOTICE", office=WATCH, words={"n": rng.randrange(9)}, thread=THREAD)
        fate = rng.choice(["commit", "commit", "crash", "fail", "kept"])
        if fate in {"fail", "kept"}:
            pair.stores[name].fail_next(kept=fate == "kept")
            assert refusal(node.commit) == "store_failed"
        elif fate == "commit":
            answer = node.settle(said)
            answered[name].append(answer.entry.digest)
            if rng.random() < 0.8:
                pair.give(other, answer)
        if fate != "commit":
            pair.crash(name)
        assert picture(pair.crash(name)) == picture(pair.nodes[name])
        assert set(answered[name]) <= set(pair.nodes[name].channel(pair.channel).state.chain(pair.nodes[name].id))
        assert not pair.nodes[name].channel(pair.channel).state.convictions


def test_the_journal_tells_what_was_done_without_bodies_and_its_time_never_goes_back() -> None:
    pair = Pair()
    pair.exchange("amber", text="crossing BAHR")
    pair.clock.at_us -= 3_600_000_000
    late = pair.exchange("amber", text="again")
    assert late.entry.issued_at_us < NOON_US, "an entry has the time that the clock shows"
    pair.confirm("amber", "teal")
    pair.crash("amber")
    pair.exchange("amber", text="and again")
    entries = [parse(one) for one in journal(pair, "amber")]
    times = [one["at_us"] for one in entries]
    assert times == sorted(times)
    assert [one["act"] for one in entries[:3]] == ["begin", "open_channel", "say"]
    assert not any(b"BAHR" in one for one in journal(pair, "amber"))


# ------------------------------------------------------------------------------------------------------------ channels


def test_a_channel_is_opened_once_by_its_members_with_the_keys_that_they_have() -> None:
    pair = Pair()
    node, before = pair.nodes["amber"], len(journal(pair, "amber"))
    assert node.settle(open_channel(node, genesis_of(pair.names))) == pair.channel
    assert len(journal(pair, "amber")) == before
    assert refusal(lambda: open_channel(node, genesis_of(("teal", "violet")))) == "foreign_channel"
    assert refusal(lambda: open_channel(node, genesis_of(pair.names)[:-1])) == "bad_json"
    node.settle(rotate_key(node, NEW, "entry", WATCH))
    assert refusal(lambda: open_channel(node, genesis_of(pair.names, 7))) == "not_entitled"


@pytest.mark.parametrize("smaller", [False, True])
def test_of_two_channels_opened_at_once_the_smaller_is_used_in_whatever_order_they_come(*, smaller: bool) -> None:
    pair = Pair()
    pair.exchange("amber", text="in the one that was opened first")
    later = (genesis_of(pair.names, nonce) for nonce in range(1, 50))
    spelling = next(one for one in later if (parse_signed_genesis(one).genesis.channel < pair.channel) == smaller)
    for name in pair.names:
        pair.nodes[name].settle(open_channel(pair.nodes[name], spelling))
    node = pair.crash("amber")
    used, other = sorted(node.channels)
    assert (node.channel(used).lost, node.channel(other).lost) == (False, True)
    live = pair.nodes["teal"]
    assert picture(live) == picture(pair.crash("teal")), "the same before and after a start"
    assert refusal(lambda: say(node, other, "NOTICE", office=WATCH)) == "bad_value"
    assert node.settle(say(node, other, "CLOSE", office=WATCH)).entry.type == "CLOSE"
    assert node.settle(say(node, used, "NOTICE", office=WATCH)).entry.seq == (1 if smaller else 2)


def test_a_store_begins_once_and_a_node_only_opens_on_one_that_did() -> None:
    store, clock = MemoryStore(), WorldClock()
    assert refusal(lambda: open_node(store, clock, Lots(), {}, office=WATCH)) == "missing_field"
    begin(store, clock, root("amber").public, own_keys("amber"))
    assert refusal(lambda: begin(store, clock, root("teal").public, own_keys("teal"))) == "bad_value"
    assert open_node(store, clock, Lots(), {}, office=WATCH).id == party("amber")


# ------------------------------------------------------------------------------------------------------------- entries


def test_only_an_office_whose_key_is_open_speaks_and_only_in_words_that_are_its_own() -> None:
    pair = Pair()
    node = pair.nodes["amber"]
    assert refusal(lambda: say(node, bytes(16), "NOTICE", office=WATCH)) == "foreign_channel"
    assert refusal(lambda: say(node, pair.channel, "NOTICE", office="staff")) == "not_entitled"
    for type_ in ("KEY", "RECEIPT", "RESTORE", "DELETED", "PARLEY"):
        assert refusal(lambda type_=type_: say(node, pair.channel, type_, office=WATCH)) == "bad_value"  # type: ignore[misc] # bound now
    node.settle(say(node, pair.channel, "CLOSE", office=WATCH))
    assert refusal(lambda: say(node, pair.channel, "NOTICE", office=WATCH)) == "bad_value"
    assert node.settle(say(node, pair.channel, "CEASE", office=WATCH)).entry.seq == 2


def test_where_only_a_retired_key_is_open_urgent_words_go_out_and_no_others() -> None:
    pair = Pair()
    node = pair.nodes["amber"]
    node.settle(rotate_key(node, NEW, "entry", WATCH))
    del node.secrets[NEW.public.fingerprint]
    with pytest.raises(PartyError) as caught:  # Before anything was signed: of what is signed the record complains.
        say(node, pair.channel, "NOTICE", office=WATCH)
    assert caught.value.code == "not_entitled"
    cease = node.settle(say(node, pair.channel, "CEASE", office=WATCH))
    assert cease.entry.keys == (secret("amber", "entry").public.fingerprint,)


def test_a_node_without_an_open_key_takes_in_and_receipts_nothing() -> None:
    pair = Pair()
    said = pair.say("amber", text="crossing")
    pair.nodes["teal"].secrets.clear()
    taken = pair.give("teal", said)
    assert (taken.arrival.place, taken.body, taken.receipt) == (Place.IN_CHAIN, "checked", None)
    assert pair.crash("teal").channel(pair.channel).state.entry(said.entry.digest) is not None


def test_an_envelope_that_comes_again_changes_nothing() -> None:
    pair = Pair()
    said = pair.say("amber", text="crossing")
    assert pair.give("teal", said).receipt is not None
    before, count = picture(pair.nodes["teal"]), len(journal(pair, "teal"))
    again = pair.give("teal", said)
    assert (again.arrival.place, again.body, again.receipt) == (Place.KNOWN, "checked", None)
    assert picture(pair.nodes["teal"]) == before
    assert len(journal(pair, "teal")) == count


def test_a_receipt_is_receipted_by_nobody() -> None:
    pair = Pair()
    receipt = pair.give("teal", pair.say("amber", text="crossing")).receipt
    assert receipt is not None
    assert pair.give("amber", receipt).receipt is None


def test_a_receipt_says_checked_only_of_a_whole_body_and_a_body_may_come_later() -> None:
    pair = Pair()
    said = pair.say("amber", text="crossing", upper_m=450)
    assert said.body is not None
    fields = parse_body(said.body)
    part = encode_body(fields[:1])
    false = encode_body([replace(fields[0], value="another"), fields[1]])
    for body, code in ((None, None), (part, "missing_field"), (false, "bad_value"), (b"{}", "missing_field")):
        taken = pair.nodes["teal"].settle(take_in(pair.nodes["teal"], said.envelope, body))
        assert (taken.body, taken.body_refused and taken.body_refused.code) == ("absent", code)
        assert pair.stores["teal"].body(pair.channel, said.entry.digest) is None
        pair = Pair() if body is None else pair
        said = pair.say("amber", text="crossing", upper_m=450) if body is None else said
    later = pair.give("teal", said)
    assert (later.arrival.place, later.body) == (Place.KNOWN, "checked")
    assert later.receipt is not None
    assert getattr(later.receipt.entry.control, "body", "") == "checked"
    assert pair.crash("teal").store.body(pair.channel, said.entry.digest) == said.body


def test_an_entry_without_a_body_is_checked_and_one_that_is_refused_leaves_nothing() -> None:
    pair = Pair()
    assert pair.give("teal", pair.say("amber")).body == "checked"
    before, count = picture(pair.nodes["teal"]), len(journal(pair, "teal"))
    said = pair.say("amber", text="crossing")
    given = envelope(said.envelope)
    forged = Envelope(given.signed, envelope(pair.say("amber").envelope).signatures)
    assert refusal(lambda: take_in(pair.nodes["teal"], forged.encode(), said.body)) == "bad_signature"
    foreign = sign(make(replace(said.entry, channel=bytes(16))), secret("amber", "entry"))
    assert refusal(lambda: take_in(pair.nodes["teal"], foreign.encode())) == "foreign_channel"
    assert picture(pair.nodes["teal"]) == before
    assert len(journal(pair, "teal")) == count


def test_entries_come_in_any_order_and_what_nobody_can_check_yet_is_neither_kept_nor_receipted() -> None:
    pair = Pair()
    node, teal = pair.nodes["amber"], pair.nodes["teal"]
    handed = node.settle(rotate_key(node, NEW, "entry", WATCH)).told[0]
    by_new, third = pair.say("amber", text="by the new key"), pair.say("amber", text="third")
    aside = pair.give("teal", third)
    assert (aside.arrival.place, aside.receipt) == (Place.KEY_UNKNOWN, None)
    assert teal.channel(pair.channel).log.size == 0
    assert pair.give("teal", by_new).arrival.place is Place.KEY_UNKNOWN
    pair.give("teal", handed)
    logged = [one.digest for one in pair.stores["teal"].log(pair.channel)]
    assert logged[:3] == [handed.entry.digest, third.entry.digest, by_new.entry.digest]
    assert picture(pair.crash("teal")) == picture(teal)
    assert pair.give("teal", by_new).body == "checked", "its body comes again"


def test_what_came_by_an_unknown_key_is_forgotten_with_a_crash_and_comes_again() -> None:
    pair = Pair()
    node = pair.nodes["amber"]
    handed = node.settle(rotate_key(node, NEW, "entry", WATCH)).told[0]
    said = pair.say("amber", text="by the new key")
    pair.give("teal", said)
    pair.crash("teal")
    pair.give("teal", handed)
    assert pair.nodes["teal"].channel(pair.channel).state.entry(said.entry.digest) is None
    assert pair.give("teal", said).receipt is not None


def test_a_gap_is_receipted_beyond_and_closes() -> None:
    pair = Pair()
    one, two = pair.say("amber", text="one"), pair.say("amber", text="two")
    assert pair.give("teal", two).arrival.place is Place.BEYOND_GAP
    assert picture(pair.crash("teal")) == picture(pair.nodes["teal"])
    assert [entry.seq for entry in pair.give("teal", one).arrival.joined] == [1, 2]
    assert picture(pair.crash("teal")) == picture(pair.nodes["teal"])


def test_a_node_that_is_shown_what_it_lost_signs_nothing_but_urgent_words_also_after_a_start() -> None:
    pair = Pair()
    lost = MemoryStore()
    begin(lost, pair.clock, root("amber").public, own_keys("amber"))
    said = pair.say("amber", text="from before the disk was lost")
    pair.give("teal", said)
    answer = pair.say("teal", text="yes")
    pair.stores["amber"] = lost
    node = pair.start("amber")
    node.settle(open_channel(node, genesis_of(pair.names)))
    assert pair.give("amber", answer).receipt is None, "a mention is enough"
    for now in (node, pair.crash("amber")):
        assert refusal(lambda now=now: say(now, pair.channel, "NOTICE", office=WATCH)) == "restore_needed"  # type: ignore[misc] # bound now
    assert pair.give("amber", said).receipt is None
    assert pair.stores["amber"].cell(RESTORES, pair.channel) == said.entry.digest
    for now in (pair.nodes["amber"], pair.crash("amber")):
        assert refusal(lambda now=now: say(now, pair.channel, "NOTICE", office=WATCH)) == "restore_needed"  # type: ignore[misc] # as above
    now = pair.nodes["amber"]
    key = secret("amber", "transport").public.fingerprint
    assert now.settle(revoke_key(now, key, root=root("amber"))).left == (pair.channel,)
    assert now.settle(say(now, pair.channel, "CEASE", office=WATCH)).entry.type == "CEASE"


def test_a_destroyed_body_never_comes_back() -> None:
    pair = Pair()
    said = pair.say("amber", text="crossing")
    pair.give("teal", said)
    node = pair.nodes["teal"]
    node.settle(destroy_body(node, pair.channel, said.entry.digest, office=WATCH))
    again = pair.give("teal", said)
    assert (again.body, again.receipt) == ("absent", None)
    assert pair.crash("teal").store.body(pair.channel, said.entry.digest) is None
    node = pair.nodes["teal"]
    assert refusal(lambda: destroy_body(node, pair.channel, said.entry.digest, office=WATCH)) == "bad_value"
    assert refusal(lambda: destroy_body(node, pair.channel, bytes(32), office=WATCH)) == "bad_value"


# --------------------------------------------------------------------------------------------------------------- heads


def test_a_checkpoint_covers_what_is_committed_and_nothing_else() -> None:
    pair = Pair()
    node = pair.nodes["amber"]
    pair.say("amber", text="one")
    say(node, pair.channel, "NOTICE", office=WATCH)
    decision = checkpoint(node, pair.channel)
    node.commit()
    assert head_of(decision.answer).size == 1
    assert head_of(node.settle(checkpoint(node, pair.channel))).size == 2


def test_the_same_log_has_the_same_checkpoint_with_its_cosignatures_after_a_start_too() -> None:
    pair = Pair()
    pair.say("amber", text="one")
    pair.confirm("amber", "teal")
    node = pair.crash("amber")
    content = node.settle(checkpoint(node, pair.channel))
    assert content.count(b"\n\xe2\x80\x94 ") == 2
    pair.confirm("amber", "teal")
    assert node.settle(checkpoint(node, pair.channel)).count(b"\n\xe2\x80\x94 ") == 2, "of one second, one line"


def test_a_cosigner_never_signs_a_second_history_after_a_start_either_and_keeps_what_convicts() -> None:
    pair = Pair()
    pair.say("amber", text="one")
    pair.say("amber", text="two")
    pair.confirm("amber", "teal")
    teal = pair.crash("teal")
    name = origin(channel=pair.channel, party=party("amber"))
    signer = note_signer(name, 1, secret("amber", "log"))
    for size, fill, why in ((1, 5, Refusal.ROLLBACK), (2, 5, Refusal.SPLIT_VIEW), (3, 5, Refusal.BAD_PROOF)):
        content = sign_checkpoint(Checkpoint(name, size, bytes([fill] * 32)), signer)
        answer = teal.settle(cosign_head(teal, content, []))
        assert isinstance(answer, Refused)
        assert answer.why is why
    assert pair.stores["teal"].cell(SPLIT_VIEWS, pair.channel + party("amber")) is not None
    assert refusal(lambda: cosign_head(teal, b"x\n", [])) == "bad_note"
    own = teal.settle(checkpoint(teal, pair.channel))
    assert refusal(lambda: cosign_head(teal, own, [])) == "foreign_channel"


def test_a_cosignature_is_taken_of_a_member_for_the_last_head_only() -> None:
    pair = Pair()
    pair.say("amber", text="one")
    line = pair.confirm("amber", "teal").line
    node = pair.nodes["amber"]
    before = journal(pair, "amber")
    assert node.settle(take_cosignature(node, pair.channel, line)).endswith(line)
    assert journal(pair, "amber") == before
    pair.say("amber", text="two")
    node.settle(checkpoint(node, pair.channel))
    assert refusal(lambda: take_cosignature(node, pair.channel, line)) == "bad_signature"
    stranger = line.replace(party("teal").hex().encode(), party("violet").hex().encode())
    assert refusal(lambda: take_cosignature(node, pair.channel, stranger)) in {"bad_signature", "not_signed"}


# ---------------------------------------------------------------------------------------------------------------- keys


def test_a_key_is_changed_by_who_may_and_else_nothing_changes() -> None:
    pair = Pair()
    node = pair.nodes["amber"]
    before, count = picture(node), len(journal(pair, "amber"))
    assert refusal(lambda: rotate_key(node, NEW, "log")) == "not_entitled"
    assert refusal(lambda: rotate_key(node, NEW, "log", root=root("teal"))) == "not_entitled"
    assert refusal(lambda: rotate_key(node, secret("amber", "log"), "log", root=root("amber"))) == "bad_value"
    assert refusal(lambda: rotate_key(node, root("amber"), "entry", WATCH)) == "bad_value"
    mark = secret("amber", "entry").public.fingerprint
    assert refusal(lambda: revoke_key(node, mark, root=root("teal"))) == "not_entitled"
    assert refusal(lambda: revoke_key(node, party("amber"), root=root("amber"))) == "bad_value"
    assert picture(node) == before
    assert len(journal(pair, "amber")) == count


def test_a_key_changes_in_every_channel_at_once_or_in_none() -> None:
    pair = Pair()
    node = pair.nodes["amber"]
    second = genesis_of(("amber", "violet"))
    node.settle(open_channel(node, second))
    change = rotate_key(node, NEW, "entry", WATCH)
    pair.stores["amber"].fail_next(kept=False)
    assert refusal(node.commit) == "store_failed"
    before = picture(pair.crash("amber"))
    assert change is not None
    node = pair.nodes["amber"]
    assert len(node.settle(rotate_key(node, NEW, "entry", WATCH)).told) == 2
    assert picture(pair.crash("amber")) != before
    now = pair.nodes["amber"]
    assert [one.key.key for one in now.keys.values() if (one.key.use, one.standing) == ("entry", CURRENT)] == [
        NEW.public
    ]


def test_without_a_channel_a_key_is_changed_by_who_may_too() -> None:
    store = MemoryStore()
    begin(store, WorldClock(), root("amber").public, own_keys("amber"))
    node = open_node(store, WorldClock(), Lots(), {}, office=WATCH)
    for use, office in (("entry", WATCH), ("log", "")):
        assert refusal(lambda use=use, office=office: rotate_key(node, NEW, use, office)) == "not_entitled"  # type: ignore[misc] # bound now
    node.secrets[secret("amber", "entry").public.fingerprint] = secret("amber", "entry")
    assert node.settle(rotate_key(node, NEW, "entry", WATCH)).told == ()


def test_a_node_has_so_many_keys_and_channels_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = Pair()
    node = pair.nodes["amber"]
    second = genesis_of(("amber", "violet"))
    with monkeypatch.context() as patch:
        patch.setattr("tansiq.service.rotation.LIMITS", replace(LIMITS, keys_per_channel=5))
        patch.setattr("tansiq.service.channels.LIMITS", replace(LIMITS, channels_per_node=1))
        assert refusal(lambda: rotate_key(node, NEW, "entry", WATCH)) == "limit_exceeded"
        assert refusal(lambda: open_channel(node, second)) == "limit_exceeded"
    assert node.settle(open_channel(node, second)) != pair.channel
    assert len(node.settle(rotate_key(node, NEW, "entry", WATCH)).told) == 2


def test_an_office_whose_key_was_revoked_gets_a_new_one_from_the_root() -> None:
    pair = Pair()
    node = pair.nodes["amber"]
    node.settle(revoke_key(node, secret("amber", "entry").public.fingerprint, root=root("amber")))
    assert refusal(lambda: say(node, pair.channel, "NOTICE", office=WATCH)) == "not_entitled"
    assert refusal(lambda: rotate_key(node, NEW, "entry", WATCH)) == "not_entitled"
    node.settle(rotate_key(node, NEW, "entry", WATCH, root=root("amber")))
    assert pair.say("amber", text="on").entry.keys == (NEW.public.fingerprint,)


# --------------------------------------------------------------------------------------------------------------- packs


def test_a_pack_with_a_misspelt_field_to_leave_out_is_not_made() -> None:
    pair = Pair()
    pair.exchange("amber", text="crossing", upper_m=450)
    node = pair.nodes["amber"]
    assert refusal(lambda: pack(node, pair.channel)) == "missing_field"
    node.settle(checkpoint(node, pair.channel))
    assert refusal(lambda: pack(node, pair.channel, leave_out=["texts"])) == "bad_value"
    assert refusal(lambda: pack(node, pair.channel, leave_out=["text", "texts"])) == "bad_value"
    assert refusal(lambda: pack(node, pair.channel, thread=bytes(16))) == "bad_value"
    assert b"crossing" not in pair.pack("amber", leave_out=("text",))
    assert b"crossing" in pair.pack("amber")


def test_the_journal_keeps_what_was_packed_and_what_was_left_out() -> None:
    pair = Pair()
    pair.exchange("amber", text="crossing")
    pair.confirm("amber", "teal")
    pair.pack("amber", leave_out=("text",))
    last = parse(journal(pair, "amber")[-1])
    assert (last["act"], last["left_out"], last["size"]) == ("pack", ["text"], 2)


def test_a_field_of_a_body_has_a_salt_of_its_own() -> None:
    pair = Pair()
    said = pair.say("amber", text="crossing", upper_m=450)
    assert said.body is not None
    salts = [field.salt for field in parse_body(said.body)]
    assert len(set(salts)) == 2
    assert all(isinstance(field, Field) for field in parse_body(said.body))
