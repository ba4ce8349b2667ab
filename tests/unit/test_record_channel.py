import json
from dataclasses import replace
from typing import Any

import pytest

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS
from tansiq.record import channel
from tansiq.record.channel import ChannelState, Place, Remark
from tansiq.record.control import AddKey, OfficeKey, Restore, RevokeKey
from tansiq.record.conviction import Conviction, verify_conviction
from tansiq.record.entry import Envelope, Run, Thread, make, parse_entry, sign
from tansiq.record.genesis import commitment, make_genesis, parse_signed_genesis, sign_genesis, used_of
from tests.house.checkout import ROOT
from tests.laws.record_history import NAMES, OFFICE, Member, member_key, members, party, root, start
from tests.vectors.record import make_agreement
from tests.vectors.record.make_chain import judge_channel

CASES = json.loads((ROOT / "tests/vectors/record/channel/histories.json").read_text("utf-8"))["cases"]
AGREEMENTS = json.loads(make_agreement.FILE.read_text("utf-8"))["cases"]
PAIR = ("amber", "teal")
NEW = bytes([7] * 16)


def refused(state: ChannelState, envelope: Envelope) -> str:
    with pytest.raises(PeerError) as caught:
        state.add(envelope)
    return caught.value.code


def digest(envelope: Envelope) -> bytes:
    return parse_entry(envelope.signed).digest


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_vector_comes_out_as_it_says(case: dict[str, Any]) -> None:
    assert judge_channel(case) == case["want"]


@pytest.mark.parametrize("case", AGREEMENTS, ids=lambda case: case["name"])
def test_a_vector_of_agreement_comes_out_as_it_says(case: dict[str, Any]) -> None:
    assert make_agreement.judge(case) == case["want"]


def test_the_vectors_of_agreement_are_what_their_maker_makes_and_no_fewer_than_said() -> None:
    assert make_agreement.FILE.read_text("utf-8") == make_agreement.file()
    assert len({case["name"] for case in AGREEMENTS}) == len(AGREEMENTS) >= 25


def test_a_genesis_reads_as_it_was_written_and_names_its_channel() -> None:
    made = start(PAIR)
    assert parse_signed_genesis(made.encode()) == made
    assert made.genesis.channel == made.genesis.digest[:16]
    assert made.genesis.members == tuple(sorted(party(name) for name in PAIR))


def test_of_two_geneses_opened_at_once_the_smaller_id_is_used() -> None:
    one, other = start(PAIR).genesis, start(PAIR, nonce=bytes(16)).genesis
    assert used_of(one, other) is used_of(other, one) is min(one, other, key=lambda genesis: genesis.channel)
    assert used_of(one, start(PAIR, track="sea").genesis) is None
    again = make_genesis(one.members, "air", bytes(16), one.keys, commitment(one))
    assert used_of(other, again) is None


def test_a_genesis_has_each_key_once_and_members_only() -> None:
    genesis = start(PAIR).genesis
    stranger = (party("violet"), OfficeKey(OFFICE, "entry", member_key("violet").public))
    again = (genesis.members[0], OfficeKey("desk", "entry", genesis.keys[0][1].key))
    as_root = (genesis.members[0], OfficeKey("desk", "entry", root("amber").public))
    for more, code in ((stranger, "foreign_channel"), (again, "bad_value"), (as_root, "bad_value")):
        with pytest.raises(PartyError) as caught:
            make_genesis(genesis.members, "air", bytes(16), [*genesis.keys, more])
        assert caught.value.code == code
    with pytest.raises(PartyError):
        sign_genesis(genesis, root("violet"))


def test_seen_tells_the_chain_and_every_run_beyond_its_gaps() -> None:
    amber, teal = members(*PAIR)
    said = [amber.say() for _ in range(9)]
    for number in (1, 4, 5, 8):
        teal.state.add(said[number - 1])
    (seen,) = teal.state.seen(teal.id)
    assert (seen.seq, seen.digest) == (1, digest(said[0]))
    assert seen.beyond == (Run(bytes(16), 4, 5, digest(said[4])), Run(bytes(16), 8, 8, digest(said[7])))
    assert teal.state.wanted(amber.id) == {digest(said[2]), digest(said[6])}
    amber.state.add(teal.say())
    assert [n for n in range(1, 10) if amber.state.receipted_by(digest(said[n - 1]))] == [1, 4, 5, 8]
    assert amber.state.mutually_receipted(amber.id) == 1


def test_a_gap_that_closes_brings_what_waited_into_the_chain_in_order() -> None:
    amber, teal = members(*PAIR)
    one, two, three = amber.say(), amber.hand_over(), amber.say()
    assert [teal.state.add(each).place for each in (three, two)] == [Place.KEY_UNKNOWN, Place.BEYOND_GAP]
    arrival = teal.state.add(one)
    assert [entry.seq for entry in arrival.joined] == [1, 2, 3]
    assert teal.state.add(three).place is Place.KNOWN
    assert teal.state.seen(teal.id) == (replace(teal.state.seen(teal.id)[0], seq=3, digest=digest(three), beyond=()),)


def test_a_false_copy_that_came_first_does_not_keep_the_true_one_out() -> None:
    amber, teal = members(*PAIR)
    one, two, three = amber.say(), amber.hand_over(), amber.say()
    false = replace(three, signatures=(replace(three.signatures[0], encoded=b"\x01" + bytes(64)),))
    for envelope in (false, three, two):
        teal.state.add(envelope)
    assert [entry.seq for entry in teal.state.add(one).joined] == [1, 2, 3]
    assert [envelope for envelope, _ in teal.state.entries(amber.id)] == [one, two, three]


def test_two_entries_at_one_position_convict_from_bytes_alone() -> None:
    amber, teal = members(*PAIR)
    amber.say()
    amber.hand_over()
    header = amber.header()
    first, second = amber.signed(header), amber.signed(replace(header, issued_at_us=5))
    for envelope, _ in list(amber.state.entries(amber.id)):
        teal.state.add(envelope)
    teal.state.add(first)
    (proof,) = teal.state.add(second).convictions
    assert verify_conviction(teal.state.start, proof) == parse_entry(first.signed).position
    assert len(proof.grants) == 1
    assert teal.state.chain(amber.id)[-1] == digest(first)
    for false in (
        replace(proof, second=proof.first),
        replace(proof, first=proof.second, second=proof.first),
        replace(proof, grants=()),
        replace(proof, second=replace(proof.second, signatures=proof.first.signatures)),
        Conviction(proof.first, teal.say()),
    ):
        with pytest.raises(PeerError):
            verify_conviction(teal.state.start, false)


def test_the_same_bytes_again_are_no_conviction() -> None:
    amber, teal = members(*PAIR)
    one = amber.say()
    assert [teal.state.add(one).place, teal.state.add(one).place] == [Place.IN_CHAIN, Place.KNOWN]
    assert teal.state.convictions == ()


def test_a_hand_over_ends_the_outgoing_key_and_a_stranger_can_not_take_it_over() -> None:
    amber, teal = members(*PAIR)
    teal.state.add(amber.hand_over())
    old = sign(make(replace(amber.header(), keys=(member_key("amber").public.fingerprint,))), member_key("amber"))
    assert refused(teal.state, old) == "not_entitled"
    theirs = OfficeKey(OFFICE, "entry", member_key("amber", 9).public)
    envelope = amber.say(amber.header("KEY", control=AddKey(theirs, None)))
    teal.state.add(envelope)
    assert teal.state.remarks(digest(envelope)) == (Remark.CHANGES_NO_KEY,)
    assert theirs.key.fingerprint not in teal.state.keyring(amber.id)


def test_urgent_entries_under_a_retired_key_are_taken_and_marked_but_not_under_a_revoked_one() -> None:
    amber, teal = members(*PAIR)
    teal.state.add(amber.hand_over())
    header = replace(amber.header("CEASE"), keys=(member_key("amber").public.fingerprint,))
    cease = sign(make(header), member_key("amber"))
    amber.state.add(cease)
    teal.state.add(cease)
    assert teal.state.remarks(digest(cease)) == (Remark.RETIRED_KEY,)
    teal.state.add(amber.say_as_root("KEY", RevokeKey(member_key("amber").public.fingerprint, bytes(16), 2)))
    again = replace(amber.header("CEASE"), keys=(member_key("amber").public.fingerprint,))
    assert refused(teal.state, sign(make(again), member_key("amber"))) == "not_entitled"


def test_a_revocation_voids_what_nobody_had_receipted_and_what_a_void_entry_named() -> None:
    amber, teal = members(*PAIR)
    said = [amber.say() for _ in range(3)]
    for envelope in said[:2]:
        teal.state.add(envelope)
    receipt = teal.say()
    said += [amber.hand_over(), amber.say()]
    said.append(amber.say_as_root("KEY", RevokeKey(member_key("amber").public.fingerprint, bytes(16), 1)))
    for envelope in said[2:]:
        teal.state.add(envelope)
    stands = [teal.state.stands(digest(envelope)) for envelope in said]
    assert stands == [True, True, False, False, False, True]
    # A receipt given in knowledge of the revocation saves nothing.
    teal.say()
    assert [teal.state.stands(digest(envelope)) for envelope in said] == stands
    amber.state.add(receipt)
    assert [amber.state.stands(digest(envelope)) for envelope in said] == stands


def test_a_restore_goes_on_from_what_was_left_and_what_was_lost_lies_beside_the_chain() -> None:
    amber, teal = members(*PAIR)
    said = [amber.say() for _ in range(4)]
    for envelope in said:
        teal.state.add(envelope)
    again = Member("amber", ChannelState(start(PAIR)))
    for envelope in said[:2]:
        again.state.add(envelope)
    again.state.add(teal.say())
    assert again.state.shown(amber.id) == 4
    restore = again.say_as_root("RESTORE", Restore(4), incarnation=NEW)
    on = again.say()
    for envelope in (restore, on):
        teal.state.add(envelope)
    assert teal.state.chain(amber.id) == tuple(digest(e) for e in (*said[:2], restore, on))
    (seen,) = teal.state.seen(teal.id)
    assert (seen.incarnation, seen.seq, seen.beyond) == (NEW, 4, (Run(bytes(16), 3, 4, digest(said[3])),))
    assert teal.state.convictions == ()


def test_a_break_in_a_thread_and_words_after_a_close_are_remarked_and_kept() -> None:
    amber, _ = members(*PAIR)
    id_ = bytes(range(16))
    first = amber.say(replace(amber.header(), thread=amber.state.next_in_thread(amber.id, id_)))
    good = amber.say(replace(amber.header(), thread=amber.state.next_in_thread(amber.id, id_)))
    bad = amber.say(replace(amber.header(), thread=Thread(id_, 2, digest(first))))
    assert amber.state.remarks(digest(good)) == ()
    assert amber.state.remarks(digest(bad)) == (Remark.THREAD_BREAKS,)
    amber.say(amber.header("CLOSE"))
    assert amber.state.closed_by() == {amber.id}
    late, cease = amber.say(), amber.say(amber.header("CEASE"))
    assert (amber.state.remarks(digest(late)), amber.state.remarks(digest(cease))) == ((Remark.AFTER_CLOSE,), ())


def test_a_channel_that_lost_takes_only_close() -> None:
    amber, _ = members(*PAIR)
    amber.state = ChannelState(start(PAIR), only_close=True)
    assert amber.state.remarks(digest(amber.say())) == (Remark.AFTER_CLOSE,)
    assert amber.state.remarks(digest(amber.say(amber.header("CLOSE")))) == ()


def test_with_three_members_a_receipt_of_one_is_not_mutual() -> None:
    amber, teal, violet = members(*NAMES)
    one = amber.say()
    teal.state.add(one)
    violet.state.add(one)
    amber.state.add(teal.say())
    assert amber.state.mutually_receipted(amber.id) == 0
    amber.state.add(violet.say())
    assert amber.state.mutually_receipted(amber.id) == 1


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    amber, teal = members(*PAIR)
    said = [amber.say() for _ in range(5)]
    monkeypatch.setattr(channel, "LIMITS", replace(LIMITS, held_per_party=2, unchecked_per_party=1))
    for envelope in said[2:4]:
        teal.state.add(envelope)
    assert refused(teal.state, said[4]) == "limit_exceeded"
    amber.hand_over()
    teal.state.add(amber.say())
    assert refused(teal.state, amber.say()) == "limit_exceeded"
    for envelope in said[:2]:
        teal.state.add(envelope)
    assert teal.state.add(said[4]).place is Place.IN_CHAIN


def test_two_holders_are_both_needed_and_both_of_the_office() -> None:
    amber, _ = members(*PAIR)
    amber.say_as_root("KEY", AddKey(OfficeKey("desk", "entry", member_key("amber", 1).public), None))
    pair = [member_key("amber"), member_key("amber", 1)]
    both = sign(make(replace(amber.header(), keys=tuple(sorted(key.public.fingerprint for key in pair)))), *pair)
    assert refused(amber.state, both) == "not_entitled"


def test_a_restore_never_goes_back_to_an_incarnation_of_before() -> None:
    amber, teal = members(*PAIR)
    said = [amber.say(), amber.say_as_root("RESTORE", Restore(1), incarnation=NEW)]
    said.append(amber.say_as_root("RESTORE", Restore(2), incarnation=bytes([8] * 16)))
    for envelope in said:
        teal.state.add(envelope)
    header = replace(amber.header("RESTORE", control=Restore(3)), office="", keys=(amber.id,))
    for used in (bytes(16), NEW, bytes([8] * 16)):
        again = sign(make(replace(header, incarnation=used)), root("amber"))
        assert refused(teal.state, again) == "broken_chain"
    assert (
        teal.state.add(sign(make(replace(header, incarnation=bytes([9] * 16))), root("amber"))).place is Place.IN_CHAIN
    )


def test_all_that_had_waited_for_a_key_are_told_once_they_are_held() -> None:
    amber, teal = members(*PAIR)
    one, two = amber.say(), amber.hand_over()
    late = [amber.say() for _ in range(3)]
    assert {teal.state.add(envelope).place for envelope in late} == {Place.KEY_UNKNOWN}
    assert teal.state.add(two).held == tuple(late)
    assert teal.state.add(one).held == ()
    assert len(teal.state.chain(amber.id)) == 5


def test_of_a_position_signed_three_times_every_pair_convicts() -> None:
    amber, teal = members(*PAIR)
    header = amber.header()
    for number in range(3):
        teal.state.add(amber.signed(replace(header, issued_at_us=number)))
    assert len(teal.state.convictions) == 3
    for proof in teal.state.convictions:
        assert verify_conviction(teal.state.start, proof) == header.position
