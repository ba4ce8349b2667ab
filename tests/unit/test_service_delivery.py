"""What travels between nodes: what a parcel holds, what of it is taken, and what a hint can not do."""

import json
from collections.abc import Callable

import pytest

from tansiq.errors import PartyError
from tansiq.limits import LIMITS
from tansiq.record.canonical import Value, parse, to_base64, write
from tansiq.record.entry import envelope, parse_entry
from tansiq.record.verdict import verify_pack
from tansiq.service.channels import open_channel
from tansiq.service.delivery import SECURITY, Delivered, parcel_for, take_parcel
from tansiq.service.entries import destroy_body, say
from tansiq.service.heads import checkpoint, head_of
from tansiq.service.packs import pack
from tansiq.service.parcels import Parcel, read_parcel
from tests.laws.record_history import party
from tests.unit.service_pair import WATCH, Pair, genesis_of, picture

FULL = LIMITS.parcel_bytes


def parcel(pair: Pair, sender: str, receiver: str, *, bytes_max: int = FULL, news: bool = False) -> bytes | None:
    return parcel_for(pair.nodes[sender], party(receiver), bytes_max=bytes_max, news=news)


def given(pair: Pair, sender: str, receiver: str, *, bytes_max: int = FULL) -> bytes:
    found = parcel(pair, sender, receiver, bytes_max=bytes_max)
    assert found is not None
    return found


def take(pair: Pair, receiver: str, sender: str, spelling: bytes) -> Delivered:
    node = pair.nodes[receiver]
    return node.settle(take_parcel(node, party(sender), spelling))


def go(pair: Pair, sender: str, receiver: str, *, bytes_max: int = FULL) -> Parcel:
    """One parcel, and every answer to an answer; what the first one held."""
    spelling = given(pair, sender, receiver, bytes_max=bytes_max)
    take(pair, receiver, sender, spelling)
    for _ in range(20):
        sender, receiver = receiver, sender
        answer = parcel(pair, sender, receiver, news=True)
        if answer is None:
            return read_parcel(spelling)
        take(pair, receiver, sender, answer)
    raise AssertionError("answers without end")


def changed(spelling: bytes, change: Callable[[dict[str, object]], object]) -> bytes:
    value = parse(spelling, size_max=FULL, depth_max=60)
    change(value)
    return write(value, size_max=FULL, depth_max=60)


def types(one: Parcel) -> list[str]:
    return [parse_entry(envelope(packet.envelope).signed).type for _, packet in one.packets]


def security(pair: Pair, name: str) -> list[bytes]:
    return [value for _, value in pair.nodes[name].store.cells(SECURITY)]


# -------------------------------------------------------------------------------------------------------------- giving


def test_what_was_said_comes_whole_is_receipted_and_then_there_is_nothing_to_give() -> None:
    pair = Pair()
    said = pair.say("amber", text="crossing BAHR at 1 N")
    go(pair, "amber", "teal")
    teal, amber = pair.nodes["teal"], pair.nodes["amber"]
    assert teal.store.body(pair.channel, said.entry.digest) == said.body
    assert amber.channel(pair.channel).state.receipted_by(said.entry.digest) == {party("teal")}
    assert parcel(pair, "amber", "teal") is None
    assert parcel(pair, "teal", "amber") is None


def test_an_export_moves_no_cursor() -> None:
    pair = Pair()
    pair.say("amber", text="crossing")
    assert given(pair, "amber", "teal") == given(pair, "amber", "teal")
    assert parcel(pair, "amber", "teal", news=True) is None, "but what waits for an answer is not told again"


def test_a_parcel_taken_twice_changes_nothing() -> None:
    pair = Pair()
    for _ in range(3):
        pair.say("amber", text="crossing")
    spelling = given(pair, "amber", "teal")
    assert len(take(pair, "teal", "amber", spelling).entries) == 3
    before = picture(pair.nodes["teal"]), len(list(pair.stores["teal"].journal()))
    assert take(pair, "teal", "amber", spelling).entries == ()
    assert (picture(pair.nodes["teal"]), len(list(pair.stores["teal"].journal()))) == before


def test_urgent_words_go_first_though_they_were_said_last() -> None:
    pair = Pair()
    for _ in range(4):
        pair.say("amber", text="crossing")
    pair.say("amber", "CEASE")
    assert types(read_parcel(given(pair, "amber", "teal"))) == ["CEASE", *["NOTICE"] * 4]


def test_parcels_are_as_small_as_asked_and_go_on_where_they_stopped() -> None:
    pair = Pair()
    for number in range(12):
        pair.say("amber", text="x" * 400, number=number)
    sizes = []
    for _ in range(12):
        spelling = parcel(pair, "amber", "teal", bytes_max=12_000)
        if spelling is None or not read_parcel(spelling).packets:
            break
        sizes.append(len(spelling))
        take(pair, "teal", "amber", spelling)
        take(pair, "amber", "teal", given(pair, "teal", "amber"))
    assert 1 < len(sizes) < 12
    assert max(sizes) <= 12_000
    assert len(pair.nodes["teal"].channel(pair.channel).state.chain(party("amber"))) >= 12


def test_a_body_too_large_for_the_parcel_stays_behind_and_comes_when_there_is_room() -> None:
    pair = Pair()
    said = pair.say("amber", text="x" * 20_000)
    first = given(pair, "amber", "teal", bytes_max=9_000)
    assert [packet.body for _, packet in read_parcel(first).packets] == [None]
    assert take(pair, "teal", "amber", first).wants
    take(pair, "amber", "teal", given(pair, "teal", "amber"))
    small = parcel(pair, "amber", "teal", bytes_max=9_000)
    assert small is None or not read_parcel(small).packets
    take(pair, "teal", "amber", given(pair, "amber", "teal"))
    assert pair.nodes["teal"].store.body(pair.channel, said.entry.digest) == said.body
    assert not pair.nodes["teal"].channel(pair.channel).absent


def test_a_body_that_no_parcel_could_hold_is_not_said() -> None:
    pair = Pair()
    words = {"text": "x" * LIMITS.body_bytes}
    with pytest.raises(PartyError) as caught:
        say(pair.nodes["amber"], pair.channel, "NOTICE", office=WATCH, words=words)
    assert caught.value.code == "limit_exceeded"
    assert LIMITS.body_bytes + LIMITS.entry_bytes * 4 // 3 + 500_000 < LIMITS.parcel_bytes


def test_a_third_member_passes_on_what_another_said() -> None:
    pair = Pair(("amber", "teal", "violet"))
    said = pair.say("amber", text="crossing")
    go(pair, "amber", "teal")
    go(pair, "teal", "violet")
    assert pair.nodes["violet"].store.body(pair.channel, said.entry.digest) == said.body
    go(pair, "violet", "amber")
    assert pair.nodes["amber"].channel(pair.channel).state.mutually_receipted(party("amber")) == 1


def test_a_channel_that_the_other_has_not_is_opened_by_the_parcel() -> None:
    pair = Pair()
    node = pair.nodes["amber"]
    other = node.settle(open_channel(node, genesis_of(pair.names, 3)))
    lost = min(other, pair.channel) != pair.channel
    node.settle(say(node, min(other, pair.channel), "NOTICE", office=WATCH))
    delivered = take(pair, "teal", "amber", given(pair, "amber", "teal"))
    assert delivered.opened == ((other,) if lost else ())
    assert len(delivered.entries) == 1


# --------------------------------------------------------------------------------------------------------------- hints


def test_a_false_hint_costs_no_entry() -> None:
    pair = Pair()
    said = [pair.say("amber", text="crossing", number=number) for number in range(2)]
    have = json.loads(given(pair, "amber", "teal"))["have"]
    names = {"from": to_base64(party("teal")), "to": to_base64(party("amber"))}
    nothing: dict[str, Value] = {"cosignatures": [], "entries": [], "geneses": [], "heads": [], "wants": []}
    lie = {"answers": None, "asks": None, "format": "tansiq-parcel/1", "have": have, "v": 1}
    take(pair, "amber", "teal", write({**lie, **names, **nothing}))
    first = parcel(pair, "amber", "teal")
    assert first is None or not read_parcel(first).packets, "it said that it has everything"
    spoken = pair.say("teal", text="hello")
    pair.give("amber", spoken)
    go(pair, "teal", "amber")  # What it signed, and what it says of itself now.
    assert all(pair.nodes["teal"].store.body(pair.channel, one.entry.digest) == one.body for one in said)


def test_what_is_signed_later_outweighs_a_hint() -> None:
    pair = Pair()
    said = pair.say("amber", text="crossing")
    have = json.loads(given(pair, "amber", "teal"))["have"]
    spoken = pair.say("teal", text="hello")
    spelling = given(pair, "teal", "amber")
    stale = changed(spelling, lambda value: value.update(have=have, entries=[], heads=[]))
    take(pair, "amber", "teal", stale)
    assert not read_parcel(given(pair, "amber", "teal")).packets
    take(pair, "amber", "teal", changed(spelling, lambda value: value.update(have=[], heads=[])))
    assert pair.nodes["amber"].channel(pair.channel).state.entry(spoken.entry.digest) is not None
    assert said.envelope in [packet.envelope for _, packet in read_parcel(given(pair, "amber", "teal")).packets]


def test_what_is_asked_for_is_given_though_it_was_receipted() -> None:
    pair = Pair()
    said = pair.say("amber", text="crossing")
    go(pair, "amber", "teal")
    want = [{"channel": to_base64(pair.channel), "digests": [to_base64(said.entry.digest)]}]
    pair.say("teal", text="hello")
    take(pair, "amber", "teal", changed(given(pair, "teal", "amber"), lambda value: value.update(wants=want)))
    [packet] = [one for _, one in read_parcel(given(pair, "amber", "teal")).packets if one.envelope == said.envelope]
    assert packet.body == said.body


def test_what_was_given_and_not_kept_is_given_again_when_the_other_spoke() -> None:
    pair = Pair()
    pair.say("amber", text="crossing")
    given(pair, "amber", "teal")  # It is lost under way.
    pair.say("teal", text="hello")
    take(pair, "amber", "teal", given(pair, "teal", "amber"))
    answer = parcel(pair, "amber", "teal", news=True)
    assert answer is not None
    assert types(read_parcel(answer)) == ["NOTICE", "RECEIPT"]


def test_a_destroyed_body_does_not_travel_and_is_not_asked_for() -> None:
    pair = Pair()
    said = pair.say("amber", text="crossing BAHR")
    node = pair.nodes["amber"]
    node.settle(destroy_body(node, pair.channel, said.entry.digest, office=WATCH))
    spelling = given(pair, "amber", "teal")
    assert b"crossing BAHR" not in spelling
    assert not take(pair, "teal", "amber", spelling).wants


def test_nobody_is_given_or_shown_a_channel_that_he_is_no_member_of() -> None:
    pair = Pair(("amber", "teal", "violet"))
    node = pair.nodes["amber"]
    both = node.settle(open_channel(node, genesis_of(("amber", "teal"), 5)))
    node.settle(say(node, both, "NOTICE", office=WATCH, words={"text": "for teal alone"}))
    assert to_base64(both).encode() not in given(pair, "amber", "violet")
    teal = pair.nodes["teal"]
    for_teal = given(pair, "amber", "teal")
    take(pair, "teal", "amber", for_teal)
    stolen = changed(for_teal, lambda value: value.update({"from": to_base64(party("violet"))}))
    delivered = take(pair, "teal", "violet", stolen)
    assert [(one.at, one.error.code) for one in delivered.refused] == [
        (at, "foreign_channel") for at in ("geneses[0]", "entries[0]", "heads[0]")
    ]
    assert len(list(teal.store.log(both))) == 2


# ------------------------------------------------------------------------------------------------------ what is refused


def test_one_bad_item_keeps_no_other_from_being_taken() -> None:
    pair = Pair()
    for _ in range(3):
        pair.say("amber", text="crossing BAHR")

    def spoil(value: dict[str, object]) -> None:
        entries = value["entries"]
        assert isinstance(entries, list)
        entries[1]["envelope"]["signatures"] = entries[0]["envelope"]["signatures"]
        entries += ["nonsense", {"body": None, "envelope": [1]}]
        value["heads"] = [{"checkpoint": "no note", "confirmed": None, "proof": []}]
        value["wants"] = [3]

    delivered = take(pair, "teal", "amber", changed(given(pair, "amber", "teal"), spoil))
    assert len(delivered.entries) == 2
    assert [one.at for one in delivered.refused] == ["entries[3]", "wants[0]", "entries[1]", "entries[4]", "heads[0]"]
    assert delivered.wants
    assert len(security(pair, "teal")) == 5
    assert not any(b"crossing" in one for one in security(pair, "teal"))
    go(pair, "amber", "teal")
    assert len(pair.nodes["teal"].channel(pair.channel).state.chain(party("amber"))) == 3


@pytest.mark.parametrize("spelling", [b"", b"{}", b"no JSON", b'{"v":1}', b"[" * 100_000, bytes(9_000_000)])
def test_what_is_no_parcel_is_told_and_logged(spelling: bytes) -> None:
    pair = Pair()
    delivered = take(pair, "teal", "amber", spelling)
    assert [one.at for one in delivered.refused] == ["parcel"]
    assert len(security(pair, "teal")) == 1


def test_a_parcel_for_another_or_by_another_is_refused() -> None:
    pair = Pair(("amber", "teal", "violet"))
    pair.say("amber", text="crossing")
    spelling = given(pair, "amber", "teal")
    assert take(pair, "violet", "amber", spelling).refused
    assert take(pair, "teal", "violet", spelling).refused
    assert not pair.nodes["teal"].channel(pair.channel).log.size


def test_the_security_log_keeps_the_newest_and_no_more() -> None:
    pair = Pair()
    bad = changed(given_empty(pair), lambda value: value.update(wants=[*range(LIMITS.security_cells - 1)]))
    for _ in range(3):
        take(pair, "teal", "amber", bad)
    assert len(security(pair, "teal")) == LIMITS.security_cells
    take(pair, "teal", "amber", b"the last")
    assert json.loads(security(pair, "teal")[-1])["code"] == "bad_json"
    assert len(security(pair, "teal")) == LIMITS.security_cells


def given_empty(pair: Pair) -> bytes:
    pair.say("amber")
    return changed(given(pair, "amber", "teal"), lambda value: value.update(entries=[], have=[], heads=[]))


# --------------------------------------------------------------------------------------------------------------- heads


def test_both_confirm_each_others_heads_and_nobody_asks_again() -> None:
    pair = Pair()
    pair.say("amber", text="crossing")
    go(pair, "amber", "teal")
    for name in pair.names:
        channel = pair.nodes[name].channel(pair.channel)
        assert channel.confirmed is not None
        assert head_of(channel.confirmed).size == channel.durable == 2
    assert parcel(pair, "amber", "teal") is None


def test_a_pack_of_a_thread_rests_on_the_last_head_that_another_confirmed() -> None:
    pair = Pair()
    said = pair.say("amber", text="crossing")
    go(pair, "amber", "teal")
    node = pair.nodes["amber"]
    node.settle(say(node, pair.channel, "NOTICE", office=WATCH, words={"text": "later"}))
    node.settle(checkpoint(node, pair.channel))
    thread = said.entry.thread
    assert thread is not None
    trust = frozenset({party("amber"), party("teal")})
    under = verify_pack(node.settle(pack(node, pair.channel, thread=thread.id)), trust)
    assert under.failure is None
    assert under.facts is not None
    assert not under.facts.one_sided
    whole = verify_pack(node.settle(pack(node, pair.channel)), trust)
    assert whole.facts is not None
    assert whole.facts.one_sided, "the head that covers the later words nobody has confirmed yet"
    pair.crash("amber")
    assert pair.nodes["amber"].channel(pair.channel).confirmed == node.channel(pair.channel).confirmed
