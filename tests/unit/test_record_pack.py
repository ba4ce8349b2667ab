import json
from dataclasses import replace
from typing import Any

import pytest

from tansiq.errors import PartyError, PeerError
from tansiq.record.agreement import Agreement
from tansiq.record.body import Field
from tansiq.record.checkpoint import Checkpoint, sign_checkpoint
from tansiq.record.control import Receipt, RevokeKey
from tansiq.record.entry import Envelope, make, parse_entry, sign
from tansiq.record.note import ED25519
from tansiq.record.pack import Chosen, encode_pack, make_pack, of_thread, parse_pack
from tansiq.record.pack_compare import compare_packs
from tansiq.record.tree import Tree
from tansiq.record.verdict import Facts, Standing, Step, Verdict, verify_pack
from tansiq.record.verdict_words import comparison_sentences, sentences
from tests.house.checkout import ROOT
from tests.laws.record_history import key_for_tests, member_key, party
from tests.laws.record_packs import PAIR, THREAD, TRUST, Desk, note_signer, story, with_entries
from tests.vectors.record.pack.make import file, judge

NAMES = {party("amber"): "Amber", party("teal"): "Teal", party("violet"): "Violet"}
FOLDER = ROOT / "tests/vectors/record"
PACKS = FOLDER / "pack/packs.json"
CASES = json.loads(PACKS.read_text("utf-8"))["cases"]


def facts(spelling: bytes) -> Facts:
    verdict = verify_pack(spelling, TRUST)
    assert verdict.facts is not None, verdict.failure
    return verdict.facts


def said(spelling: bytes) -> str:
    return "\n".join(sentences(verify_pack(spelling, TRUST), NAMES))


def failed(verdict: Verdict) -> tuple[Step, int | None, str]:
    assert verdict.failure is not None
    assert verdict.facts is None
    return verdict.failure.step, verdict.failure.entry, verdict.failure.error.code


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_vector_comes_out_as_it_says(case: dict[str, Any]) -> None:
    assert judge(case) == case["want"]


def test_there_are_enough_vectors_and_each_has_a_name_of_its_own() -> None:
    assert PACKS.read_text("utf-8") == file()
    assert len({case["name"] for case in CASES}) == len(CASES)
    proved = [case for case in CASES if case["want"] == {"proved": True}]
    assert len(proved) >= 40
    assert len(CASES) - len(proved) >= 150
    valid, hostile = len(proved), len(CASES) - len(proved)
    for path in ("entry/entries.json", "entry/bodies.json", "channel/histories.json", "channel/agreement.json"):
        good = [is_good(case) for case in json.loads((FOLDER / path).read_text("utf-8"))["cases"]]
        valid, hostile = valid + sum(good), hostile + good.count(False)
    for name in ("checkpoint", "cosigner", "conviction"):
        of_notes = json.loads((FOLDER / f"checkpoint/{name}.json").read_text("utf-8"))["cases"]
        good = [
            "refused" not in case and case.get("answer", "cosigned") in ("cosigned", "convicted") for case in of_notes
        ]
        valid, hostile = valid + sum(good), hostile + good.count(False)
    assert valid >= 150
    assert hostile >= 300
    assert sum(path.stat().st_size for path in FOLDER.rglob("*.json")) < 3_000_000


def is_good(case: dict[str, Any]) -> bool:
    """Whether nothing in the vector is refused, missing or signed twice."""
    match case:
        case {"want": str(want)}:
            return want == "ok"
        case {"want": list(verdicts)}:
            return all(one["verdict"] in ("same", "in flight") for one in verdicts)
        case {"want": dict(told)}:
            places = told.get("envelopes", [])
            return told["genesis"] == "ok" and told["convictions"] == 0 and all(one.isupper() for one in places)
        case _:
            return not case["contradicting"]


def test_a_verdict_speaks_of_offices_and_clocks_and_of_what_is_not_excluded() -> None:
    text = said(story().pack(thread=THREAD))
    assert text.startswith("PROVED")
    assert 'Signed by the office "watch" of Amber, at 2030-01-15T09:33:22Z by Amber\'s clock.' in text
    assert "Receipted by Teal at 2030-01-15T09:33:22.5Z by Teal's clock; it says that it checked every field." in text
    assert "Amber: complete through 2, later entries not excluded." in text
    assert "Posted: no receipt by Teal is in this pack." in text
    assert "Head cosigned by Teal at" in text
    assert "from elsewhere than from whoever gave you the pack" in text
    assert "Complete up to head" not in text
    assert "Complete up to head 6" in said(story().pack())


def test_without_another_members_cosignature_a_pack_is_one_sided() -> None:
    assert "One-sided" in said(story().pack(cosigners=()))
    assert "One-sided" not in said(story().pack())


def test_a_root_that_the_reader_does_not_trust_proves_nothing() -> None:
    verdict = verify_pack(story().pack(), {party("amber")})
    assert failed(verdict) == (Step.GENESIS, None, "untrusted_root")
    assert {standing for _, standing in verdict.steps[1:]} == {Standing.NOT_CHECKED}


def test_every_step_can_fail_and_is_named() -> None:
    pack = parse_pack(story().pack(thread=THREAD))
    entries = pack.entries
    wrong = replace(entries[1].envelope.signatures[0], encoded=entries[2].envelope.signatures[0].encoded)
    forged = replace(entries[1], envelope=replace(entries[1].envelope, signatures=(wrong,)))
    foreign = replace(entries[1], body=(*entries[3].body,))
    elsewhere = replace(pack, hashes=(pack.hashes[1], pack.hashes[0], *pack.hashes[2:]))
    other_root = replace(pack, roots=(pack.roots[0], (pack.roots[1][0], pack.roots[0][1])))
    half = pack.checkpoint.decode().splitlines(keepends=True)
    damaged = half[-1][:-10] + ("A" if half[-1][-10] != "A" else "B") + half[-1][-9:]
    cases = [
        (other_root, (Step.GENESIS, None)),
        (with_entries(pack, entries[1:]), (Step.KEYS, 2)),
        (replace(pack, entries=(entries[0], forged, *entries[2:])), (Step.SIGNATURE, 2)),
        (replace(pack, checkpoint="".join([*half[:4], half[-1]]).encode()), (Step.CHECKPOINT, None)),
        (elsewhere, (Step.INCLUSION, 1)),
        (replace(pack, hashes=pack.hashes[1:]), (Step.INCLUSION, None)),
        (replace(pack, hashes=(*pack.hashes, bytes(32))), (Step.INCLUSION, None)),
        (replace(pack, checkpoint="".join([*half[:-1], damaged]).encode()), (Step.COSIGNATURE, None)),
        (replace(pack, entries=(entries[0], foreign, *entries[2:])), (Step.BODY, 2)),
        (with_entries(pack, entries[:1]), (Step.COMPLETENESS, None)),
    ]
    for changed, (step, entry) in cases:
        verdict = verify_pack(encode_pack(changed), TRUST)
        assert failed(verdict)[:2] == (step, entry)
        assert dict(verdict.steps)[step] is Standing.FAILED


def test_a_head_signed_by_another_key_than_the_logs_is_not_proved() -> None:
    desk = story()
    tree = desk.tree("amber")
    theirs = desk.checkpoint("teal", desk.tree("teal"), ())
    made = make_pack(desk.start, desk.logs["amber"], log=tree, checkpoint=theirs, size=tree.size, thread=None)
    assert facts(made).owner == party("teal"), "one log, the same entries: it is Teal's head, and said to be"
    mixed = theirs.replace(party("teal").hex().encode(), party("amber").hex().encode())
    made = make_pack(desk.start, desk.logs["amber"], log=tree, checkpoint=mixed, size=tree.size, thread=None)
    assert failed(verify_pack(made, TRUST))[0] is Step.CHECKPOINT


def test_a_retired_key_signs_nothing_more_in_a_thread_with_gaps() -> None:
    desk = story()
    teal = desk.members["teal"]
    teal.key_number = 0
    header = replace(teal.header("NOTICE", desk.now_us), thread=teal.state.next_in_thread(teal.id, THREAD))
    envelope = sign(make(header), member_key("teal", 0))
    with pytest.raises(PeerError):
        teal.state.add(envelope)
    desk.logs["amber"].append(replace(desk.logs["amber"][0], index=6, envelope=envelope, body=()))
    step, entry, code = failed(verify_pack(desk.pack(thread=THREAD), TRUST))
    assert (step, entry, code) == (Step.KEYS, 6, "not_entitled")


def test_what_a_revocation_made_void_is_called_void_where_nobody_receipted_it_before() -> None:
    desk = Desk()
    desk.say("amber")
    desk.say("amber")
    amber = desk.members["amber"]
    revoke = RevokeKey(member_key("amber").public.fingerprint, bytes(16), 1)
    desk.give(amber.say_as_root("KEY", revoke), (), PAIR)
    assert [one.void for one in facts(desk.pack()).entries] == [False, True, False]
    assert "VOID" in said(desk.pack(thread=THREAD))


@pytest.mark.parametrize("receipted", [False, True])
def test_a_revocation_beyond_a_gap_makes_void_what_the_pack_has_no_earlier_receipt_for(*, receipted: bool) -> None:
    desk = Desk()
    desk.say("amber", thread=None)
    notice = desk.say("amber")
    if receipted:
        desk.receipt("teal", notice)
    amber = desk.members["amber"]
    revoke = RevokeKey(member_key("amber").public.fingerprint, bytes(16), 1)
    desk.give(amber.say_as_root("KEY", revoke), (), PAIR)
    found = facts(desk.pack(thread=THREAD))
    assert not found.state.chain(party("amber")), "its first entry is not in the pack"
    assert [one.void for one in found.entries if one.packed.entry.digest == notice] == [not receipted]


def test_an_entry_that_was_dropped_when_its_gap_closed_spoils_no_pack_and_is_nobodys_word() -> None:
    desk = Desk()
    teal = desk.members["teal"]
    handed_over = teal.hand_over()
    teal.key_number = 0
    late = teal.signed(replace(teal.header(), thread=None))
    place = desk.members["amber"].state
    place.add(late)
    assert place.add(handed_over).refused
    desk.logs["amber"] = [Chosen(0, late), Chosen(1, handed_over)]
    found = facts(desk.pack("amber"))
    assert [one.dropped is not None for one in found.entries] == [True, False]
    assert not found.entries[0].receipts
    text = said(desk.pack("amber"))
    assert "NOBODY'S WORD, at place 0 of the log" in text
    assert "NOTICE" not in text


def test_a_pack_holds_the_log_that_it_is_made_from() -> None:
    desk = story()
    tree, log = desk.tree("amber"), desk.logs["amber"]
    head = desk.checkpoint("amber", tree, ())
    with pytest.raises(PartyError):
        make_pack(desk.start, log[:-1], log=tree, checkpoint=head, size=tree.size, thread=None)
    with pytest.raises(PartyError):
        make_pack(desk.start, log[1:2], log=desk.tree("amber"), checkpoint=head, size=1, thread=THREAD)
    with pytest.raises(PartyError):
        make_pack(desk.start, log, log=tree, checkpoint=b"no note", size=tree.size, thread=None)
    deep: Any = 1
    for _ in range(32):
        deep = [deep]
    beyond = replace(log[0], body=(Field(bytes(16), "text", deep),))
    with pytest.raises(PartyError):
        make_pack(desk.start, [beyond, *log[1:]], log=tree, checkpoint=head, size=tree.size, thread=None)


def test_a_notice_with_receipt_read_back_and_acknowledgement_from_a_log_of_a_million_is_small() -> None:
    desk = story()
    digests = [parse_pack(desk.pack()).entries[k].entry.digest for k in range(6)]
    tree = Tree(bytes(32) * 500_000 + b"".join(digests) + bytes(32) * 499_994)
    log = [replace(one, index=500_000 + one.index) for one in desk.logs["amber"]]
    head = desk.checkpoint("amber", tree, ("teal",))
    chosen = [one for one in log if one.index != 500_000]
    made = make_pack(desk.start, chosen, log=tree, checkpoint=head, size=tree.size, thread=THREAD)
    assert verify_pack(made, TRUST).proved
    assert len(made) < 8_000


def two(one: bytes, other: bytes) -> tuple[str, bool]:
    verdicts = verify_pack(one, TRUST), verify_pack(other, TRUST)
    comparison = compare_packs(*verdicts)
    assert compare_packs(*verdicts[::-1]) == comparison
    return "\n".join(comparison_sentences(*verdicts, comparison, NAMES)), comparison.agrees


def test_two_packs_agree_and_say_what_is_in_flight() -> None:
    desk = story()
    text, agrees = two(desk.pack("amber"), desk.pack("teal"))
    assert agrees
    assert text.count("the records are the same") == 2
    desk.say("amber", to=())
    text, agrees = two(desk.pack("amber"), desk.pack("teal"))
    assert agrees
    assert "in flight" in text
    assert "number 4; the record of Teal lacks it" in text


def test_two_packs_convict_who_signed_one_position_twice() -> None:
    desk = story()
    amber = desk.members["amber"]
    one, other = amber.header(issued_at_us=1), amber.header(issued_at_us=2)
    desk.give(amber.signed(one), (), ("amber",))
    desk.give(amber.signed(other), (), ("teal",))
    text, agrees = two(desk.pack("amber"), desk.pack("teal"))
    assert not agrees
    assert "Amber CONTRADICTS ITSELF: its keys signed two different entries as number 4" in text
    comparison = compare_packs(verify_pack(desk.pack("amber"), TRUST), verify_pack(desk.pack("teal"), TRUST))
    assert Agreement.SIGNED_TWICE in {one.agreement for one in comparison.senders}


def test_two_packs_of_one_log_show_its_two_faces_at_any_sizes() -> None:
    desk, same = story(), story()
    desk.say("teal")
    assert two(desk.pack("amber"), same.pack("amber"))[1], "the longer log begins with the shorter one"
    desk.logs["amber"] = [
        replace(one, index=k) for k, one in enumerate([*desk.logs["amber"][1:], desk.logs["amber"][0]])
    ]
    text, agrees = two(desk.pack("amber"), same.pack("amber"))
    assert not agrees
    assert "two faces" in text


def test_packs_of_threads_do_not_call_missing_what_they_leave_out() -> None:
    desk = story()
    text, agrees = two(desk.pack("amber", thread=THREAD), desk.pack("teal"))
    assert agrees
    assert "Not compared" in text


def test_packs_of_three_name_who_has_not_cosigned_and_who_is_silent() -> None:
    names = ("amber", "teal", "violet")
    desk = Desk(names)
    desk.say("amber", words={"text": "crossing"}, to=("teal",))
    verdict = verify_pack(desk.pack(thread=THREAD, cosigners=("teal",)), {party(name) for name in names})
    text = "\n".join(sentences(verdict, NAMES))
    assert "The cosignature of Violet is missing." in text
    assert "One-sided" not in text
    assert "Violet: no entry is here; entries are not excluded." in text


def test_a_retired_key_signs_nothing_more_beyond_a_gap() -> None:
    desk = Desk()
    desk.say("amber", thread=bytes([3] * 16))
    amber = desk.members["amber"]
    desk.give(amber.hand_over(), (), PAIR)
    header = replace(amber.header("NOTICE", desk.now_us), thread=amber.state.next_in_thread(amber.id, THREAD))
    old = replace(header, keys=(member_key("amber", 0).public.fingerprint,))
    desk.logs["teal"].append(Chosen(2, sign(make(old), member_key("amber", 0)), ()))
    assert failed(verify_pack(desk.pack("teal", thread=THREAD), TRUST)) == (Step.KEYS, 2, "not_entitled")


def test_a_revoked_log_key_confirms_no_head() -> None:
    desk = Desk()
    desk.say("amber")
    revoke = RevokeKey(key_for_tests("amber log").public.fingerprint, bytes(16), 1)
    desk.give(desk.members["amber"].say_as_root("KEY", revoke), (), PAIR)
    assert failed(verify_pack(desk.pack(), TRUST)) == (Step.CHECKPOINT, None, "not_signed")


def test_a_witness_key_signs_no_head_of_its_own_log() -> None:
    desk = story()
    tree, channel = desk.tree("amber"), desk.start.genesis.channel
    witness = note_signer("amber", "witness", channel)
    signer = replace(witness, type=ED25519)
    head = sign_checkpoint(Checkpoint(witness.name, tree.size, tree.root()), signer)
    made = make_pack(desk.start, desk.logs["amber"], log=tree, checkpoint=head, size=tree.size, thread=None)
    assert failed(verify_pack(made, TRUST)) == (Step.CHECKPOINT, None, "not_signed")


def test_an_entry_of_another_thread_has_no_place_in_a_threads_pack() -> None:
    desk = story()
    tree = desk.tree("amber")
    mixed = [desk.logs["amber"][0], *of_thread(desk.logs["amber"], THREAD)]
    made = make_pack(
        desk.start, mixed, log=tree, checkpoint=desk.checkpoint("amber", tree, ("teal",)), size=tree.size, thread=THREAD
    )
    assert failed(verify_pack(made, TRUST))[:2] == (Step.COMPLETENESS, 1)


def test_a_receipt_that_a_revocation_made_void_is_none() -> None:
    desk = Desk()
    notice = desk.say("amber")
    desk.receipt("teal", notice)
    revoke = RevokeKey(member_key("teal").public.fingerprint, bytes(16), 0)
    desk.give(desk.members["teal"].say_as_root("KEY", revoke), (), PAIR)
    [told] = [one for one in facts(desk.pack()).entries if one.packed.entry.digest == notice]
    assert [one.control for one in told.receipts] == [None], "the root's own entry says that Teal holds it, no more"


def test_the_time_of_a_cosignature_is_the_cosigners() -> None:
    desk = story()
    assert [one.time_s for one in facts(desk.pack()).cosigned] == [desk.now_us // 1_000_000 + 2]


@pytest.mark.parametrize("bodies", [("absent", "checked"), ("checked", "absent"), ("absent", "checked", "checked")])
def test_of_two_receipts_the_one_that_says_checked_is_told(bodies: tuple[str, ...]) -> None:
    desk = Desk()
    notice = desk.say("amber", words={"text": "crossing"})
    given = [
        desk.say("teal", "RECEIPT", refs=(notice,), control=Receipt(desk.now_us + 1, body), thread=None)
        for body in bodies
    ]
    [told] = [one for one in facts(desk.pack()).entries if one.packed.entry.digest == notice]
    assert [one.by for one in told.receipts] == [given[bodies.index("checked")]]
    assert "it says that it checked every field" in said(desk.pack())


def test_an_older_pack_contradicts_nobody() -> None:
    desk = story()
    older = {name: desk.pack(name) for name in PAIR}
    notice = desk.say("amber")
    desk.receipt("teal", notice)
    for one, other in (("amber", "teal"), ("teal", "amber")):
        text, agrees = two(older[one], desk.pack(other))
        assert agrees
        assert "in flight" in text


def test_what_counts_wrongly_in_its_thread_is_loose() -> None:
    desk = story()
    amber = desk.members["amber"]
    before = amber.state.next_in_thread(amber.id, THREAD)
    wrong = replace(before, seq=before.seq + 5)
    desk.give(amber.say(replace(amber.header(), thread=wrong)), (), PAIR)
    found = facts(desk.pack(thread=THREAD))
    assert [one.loose for one in found.entries] == [False] * 5 + [True]
    assert dict(found.through)[amber.id] == 2


@pytest.mark.parametrize("changes", [{"seq": 9}, {"seq": 2}, {"incarnation": bytes([7] * 16)}], ids=str)
def test_an_entry_of_a_thread_follows_from_the_one_it_names_also_beyond_a_gap(changes: dict[str, Any]) -> None:
    desk = Desk()
    desk.say("amber", thread=bytes([3] * 16))
    desk.say("amber")
    amber = desk.members["amber"]
    header = replace(amber.header(), thread=amber.state.next_in_thread(amber.id, THREAD))
    assert verify_pack(_with_last(desk, amber.signed(header)), TRUST).proved
    verdict = verify_pack(_with_last(desk, amber.signed(replace(header, **changes))), TRUST)
    assert failed(verdict) == (Step.CHAIN, 2, "broken_chain")


def _with_last(desk: Desk, envelope: Envelope) -> bytes:
    log = [*desk.logs["amber"], Chosen(2, envelope, ())]
    tree = Tree(b"".join(parse_entry(one.envelope.signed).digest for one in log))
    head = desk.checkpoint("amber", tree, ("teal",))
    return make_pack(desk.start, of_thread(log, THREAD), log=tree, checkpoint=head, size=tree.size, thread=THREAD)
