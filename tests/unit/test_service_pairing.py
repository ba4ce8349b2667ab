"""Two nodes pair: what each step needs, what it refuses, and that a crash between any two of them costs nothing."""

from dataclasses import replace

import pytest

from tansiq.errors import StoreError
from tansiq.limits import LIMITS
from tansiq.record.canonical import parse, to_base64, write
from tansiq.record.genesis import parse_signed_genesis
from tansiq.record.keys import ED25519, PublicKey, SecretKey
from tansiq.service import pairing
from tansiq.service.entries import say, take_in
from tansiq.service.node import Node
from tansiq.service.offers import digits, make_offer, parse_answer
from tansiq.service.pairing import (
    Peer,
    accept,
    change_peer,
    check_answer,
    confirm_answer,
    is_peer,
    offer,
    peers,
    take_genesis,
)
from tansiq.service.rotation import revoke_key, rotate_key
from tests.laws.record_history import party, root
from tests.unit.pairing_world import PLACE, SAME, TRACK, World, refusal
from tests.unit.service_pair import WATCH, own_keys, secret

# ------------------------------------------------------------------------------------------------------------ the whole


@pytest.mark.parametrize("crashing", [False, True])
def test_one_file_each_way_and_the_digits_make_two_peers_with_one_channel(*, crashing: bool) -> None:
    world = World(crashing=crashing)
    channel = world.pair()
    assert world.peer("amber") == Peer(party("teal"), "Teal", None, secret("teal", "transport").public)
    assert world.peer("teal") == Peer(party("amber"), "Amber", PLACE, secret("amber", "transport").public)
    amber, teal = world.at("amber"), world.at("teal")
    assert set(amber.channels) == set(teal.channels) == {channel}
    genesis = teal.channels[channel].state.start.genesis
    assert (genesis.track, genesis.predecessor) == (TRACK, None)
    said = amber.settle(say(amber, channel, "NOTICE", office=WATCH, words={"text": "1 N"}))
    assert teal.settle(take_in(teal, said.envelope, said.body)).body == "checked"


@pytest.mark.parametrize("crashing", [False, True])
def test_every_step_may_be_repeated_and_gives_the_same_bytes(*, crashing: bool) -> None:
    world = World(crashing=crashing)
    first = world.offer()
    given = world.accept("teal", first)
    done = world.confirm("amber", given.answer)
    back = world.confirm_back("teal", given, whole=done.genesis)
    before = {name: list(store.journal()) for name, store in world.stores.items()}
    assert world.offer() == first
    assert world.accept("teal", first) == given
    assert world.confirm("amber", given.answer, typed=None) == done
    assert world.confirm_back("teal", given, typed=None) == back
    assert world.confirm_back("teal", given, typed=None, whole=done.genesis) == back
    assert {name: list(store.journal()) for name, store in world.stores.items()} == before


@pytest.mark.parametrize("kept", [False, True])
def test_peer_and_channel_are_there_together_or_not_at_all(*, kept: bool) -> None:
    world = World()
    given = world.accept("teal", world.offer())
    world.stores["amber"].fail_next(kept=kept)
    with pytest.raises(StoreError):
        world.confirm("amber", given.answer)
    world.crashing = True
    amber = world.at("amber")
    assert (len(peers(amber)), len(amber.channels)) == (kept, kept)
    assert world.confirm("amber", given.answer).genesis is not None


# -------------------------------------------------------------------------------------------------- nothing before both


def test_nobody_is_a_peer_and_no_channel_is_open_before_the_digits_were_compared() -> None:
    world = World()
    given = world.accept("teal", world.offer())
    assert peers(world.nodes["amber"]) == peers(world.nodes["teal"]) == ()
    whole = world.confirm("amber", given.answer).genesis
    assert whole is not None
    teal = world.nodes["teal"]
    assert refusal(lambda: take_genesis(teal, whole)) == ("not_confirmed", "members")
    assert refusal(lambda: world.confirm_back("teal", given, typed=None, whole=whole)) == ("not_confirmed", "digits")
    assert teal.channels == {}
    assert not is_peer(teal, party("amber"))


@pytest.mark.parametrize(
    "typed",
    [
        None,
        "",
        SAME[:-1],
        SAME + "1",
        SAME.replace("4", "5", 1),
        "٤" + SAME[1:],
        digits(party("amber"), party("violet")),
    ],
)
def test_other_digits_confirm_nobody_on_either_side(typed: str | None) -> None:
    world = World()
    given = world.accept("teal", world.offer())
    assert refusal(lambda: world.confirm("amber", given.answer, typed)) == ("not_confirmed", "digits")
    assert refusal(lambda: world.confirm_back("teal", given, typed)) == ("not_confirmed", "digits")
    assert peers(world.nodes["amber"]) == peers(world.nodes["teal"]) == ()
    assert not world.nodes["amber"].channels


def test_the_digits_may_be_typed_without_spaces() -> None:
    world = World()
    given = world.accept("teal", world.offer())
    assert world.confirm("amber", given.answer, SAME.replace(" ", "")).name == "Teal"


def test_confirmed_first_the_channel_opens_with_the_genesis_that_comes() -> None:
    world = World()
    given = world.accept("teal", world.offer())
    assert world.confirm_back("teal", given).genesis is None
    assert world.peer("teal").transport == secret("amber", "transport").public
    assert world.nodes["teal"].channels == {}
    whole = world.confirm("amber", given.answer).genesis
    assert whole is not None
    teal = world.nodes["teal"]
    assert teal.settle(take_genesis(teal, whole)) == given.answer.genesis.channel
    assert teal.settle(take_genesis(teal, whole)) == given.answer.genesis.channel


def test_somebody_in_between_shows_in_the_digits() -> None:
    # Violet hands both sides its own root, under the other's name.
    world = World()
    keys = tuple(own_keys("violet"))
    as_amber = make_offer(root("violet"), name="Amber", keys=keys, address=PLACE, track=TRACK, nonce=bytes(16))
    given = world.accept("teal", as_amber)
    assert given.name == "Amber"
    violet = world.nodes["violet"]
    amber_s = world.offer()
    as_teal = violet.settle(accept(violet, root("violet"), amber_s, own_name="Teal", address=None))
    heard_by_amber, heard_by_teal = digits(party("teal"), party("violet")), digits(party("amber"), party("violet"))
    assert refusal(lambda: world.confirm("amber", as_teal.answer, heard_by_amber)) == ("not_confirmed", "digits")
    assert refusal(lambda: world.confirm_back("teal", given, heard_by_teal)) == ("not_confirmed", "digits")


# ------------------------------------------------------------------------------------------------------ files of others


def test_an_own_offer_and_an_own_answer_are_refused() -> None:
    world = World()
    made = world.offer()
    assert refusal(lambda: world.accept("amber", made)) == ("bad_value", "offer")
    given = world.accept("teal", made)
    assert refusal(lambda: world.confirm("teal", given.answer)) == ("bad_value", "offer")


def test_keys_that_the_other_has_already_make_no_genesis() -> None:
    world = World()
    stolen = make_offer(
        root("violet"), name="Violet", keys=tuple(own_keys("teal")), address=None, track=TRACK, nonce=bytes(16)
    )
    assert refusal(lambda: world.accept("teal", stolen)) == ("bad_value", "keys")


def test_an_answer_is_refused_that_was_changed_or_is_to_another_offer() -> None:
    world = World()
    given = world.accept("teal", world.offer()).answer
    value = given.as_value()
    violet = World().accept("violet", world.offer()).answer
    for name, other in (("signature", to_base64(violet.signature)), ("genesis", parse(violet.genesis.signed))):
        changed = write({**value, name: other})
        assert refusal(lambda changed=changed: parse_answer(changed)) == ("bad_signature", "signature")  # type: ignore[misc]
    # Signed by Teal all right, but not what follows from the two offers.
    genesis = replace(given.genesis, nonce=bytes(16))
    assert refusal(lambda: check_answer(world.nodes["amber"], replace(given, genesis=genesis))) == (
        "bad_value",
        "answer",
    )
    assert refusal(lambda: check_answer(world.nodes["violet"], given)) == ("bad_value", "answer")
    world.offer(address=None)  # What it says has changed: the offer before is no more.
    assert refusal(lambda: world.confirm("amber", given)) == ("bad_value", "answer")


def test_another_genesis_than_that_of_the_answer_is_refused() -> None:
    world = World()
    given = world.accept("teal", world.offer())
    other = world.accept("teal", world.offer(track="sea"))
    whole = world.confirm("amber", other.answer).genesis
    assert refusal(lambda: world.confirm_back("teal", given, whole=whole)) == ("foreign_channel", "genesis")


def test_another_root_than_the_party_s_signs_nothing() -> None:
    world = World()
    amber, teal = world.nodes["amber"], world.nodes["teal"]
    wrong = root("violet")
    made = world.offer()
    given = world.accept("teal", made)
    for act in (
        lambda: offer(amber, wrong, name="Amber", track="sea", address=None),
        lambda: accept(teal, wrong, made, own_name="Teal", address=None),
        lambda: confirm_answer(amber, wrong, given.answer, typed=SAME, own_name="Amber"),
    ):
        assert refusal(act) == ("not_entitled", "root")


# ------------------------------------------------------------------------------------------------ more than one at once


def test_two_that_offer_to_each_other_at_once_end_with_one_channel() -> None:
    world = World()
    by_teal = world.accept("teal", world.offer("amber"))
    by_amber = world.accept("amber", world.offer("teal"))
    first, second = world.confirm("amber", by_teal.answer), world.confirm("teal", by_amber.answer)
    assert first.genesis is not None
    assert second.genesis is not None
    for name, whole in (("teal", first.genesis), ("amber", second.genesis)):
        node = world.nodes[name]
        node.settle(take_genesis(node, whole))
    for name in ("amber", "teal"):
        used = {key for key, one in world.start(name).channels.items() if not one.lost}
        assert used == {min(first.channel, second.channel)}
        assert len(peers(world.nodes[name])) == 1


def test_a_channel_that_is_open_is_not_opened_again_and_another_track_needs_no_digits() -> None:
    world = World()
    world.pair()
    assert refusal(lambda: world.accept("amber", world.offer("teal"))) == ("bad_value", "track")
    given = world.accept("teal", world.offer(track="sea"))
    done = world.confirm("amber", given.answer, typed=None)
    assert done.genesis is not None
    teal = world.nodes["teal"]
    teal.settle(take_genesis(teal, done.genesis))
    assert len(teal.channels) == 2
    assert len(peers(teal)) == 1


@pytest.mark.parametrize("seed", range(4))
def test_keys_that_change_between_answer_and_confirmation_do_not_shut_the_two_out(seed: int) -> None:
    # Amber has opened what Teal, whose keys are others by now, can not open: the next answer must win.
    world = World()
    world.lots.rng.seed(seed)
    made = world.offer()
    given = world.accept("teal", made)
    old = world.confirm("amber", given.answer)
    key, _ = rotated(world.nodes["teal"], seed)
    assert refusal(lambda: world.confirm_back("teal", given, whole=old.genesis))[0] == "not_entitled"
    assert peers(world.nodes["teal"]) == ()
    again = world.accept("teal", made)
    done = world.confirm("amber", again.answer, typed=None)
    world.confirm_back("teal", again, whole=done.genesis)
    for name in ("amber", "teal"):
        assert not world.nodes[name].channels[done.channel].lost
    assert world.peer("amber").transport == key


# ----------------------------------------------------------------------------------------------------- names and places


def test_no_two_peers_have_one_name_and_none_has_the_party_s_own() -> None:
    world = World()
    world.pair()
    keys = tuple(own_keys("violet"))
    for name in ("Teal", "TEAL", "\N{FULLWIDTH LATIN CAPITAL LETTER T}eal", "Amber"):
        posing = make_offer(root("violet"), name=name, keys=keys, address=None, track=TRACK, nonce=bytes(16))
        assert refusal(lambda posing=posing: world.accept("amber", posing)) == ("bad_value", "name")  # type: ignore[misc]
    given = world.accept("amber", posing, called="Violet")
    same = digits(party("amber"), party("violet"))
    assert world.confirm_back("amber", given, same).name == "Violet"
    amber = world.nodes["amber"]
    assert sorted(peer.name for peer in peers(amber)) == ["Teal", "Violet"]
    assert refusal(lambda: change_peer(amber, party("violet"), name="teal", address=None)) == ("bad_value", "name")
    assert refusal(lambda: change_peer(amber, party("violet"), name="T\u202e", address=None)) == ("bad_value", "name")


def test_a_peer_is_renamed_and_moved_here_and_a_repeated_confirmation_keeps_that() -> None:
    world = World()
    channel = world.pair()
    teal = world.nodes["teal"]
    teal.settle(change_peer(teal, party("amber"), name="The others", address="[2001:db8::1]:9"))
    assert (world.peer("teal").name, world.peer("teal").address) == ("The others", "[2001:db8::1]:9")
    given = world.accept("teal", world.offer())
    assert given.name == "The others"
    world.confirm_back("teal", replace(given, name="Amber"), typed=None)
    assert (world.peer("teal").name, world.peer("teal").address) == ("The others", "[2001:db8::1]:9")
    assert world.peer("teal").transport == secret("amber", "transport").public
    assert set(world.nodes["teal"].channels) == {channel}
    violet = world.nodes["violet"]
    assert refusal(lambda: change_peer(violet, party("teal"), name="Teal", address=None)) == ("not_confirmed", "peer")


# ------------------------------------------------------------------------------------------------------- transport keys


def rotated(node: Node, number: int, name: str = "teal") -> tuple[PublicKey, list[tuple[bytes, bytes]]]:
    """A new transport key, and what each channel was told of it."""
    key = SecretKey(ED25519, bytes([number]) * 32)
    change = node.settle(rotate_key(node, key, "transport", root=root(name)))
    return key.public, [(one.entry.channel, one.envelope) for one in change.told]


def two_channels() -> World:
    world = World()
    world.pair()
    given = world.accept("teal", world.offer(track="sea"))
    done = world.confirm("amber", given.answer, typed=None)
    world.confirm_back("teal", given, typed=None, whole=done.genesis)
    return world


@pytest.mark.parametrize("late", [0, 1])
def test_a_peer_s_transport_key_is_the_newest_that_any_channel_tells(late: int) -> None:
    world = two_channels()
    amber, teal = world.nodes["amber"], world.nodes["teal"]
    first, told = rotated(teal, 1)
    assert len(told) == 2
    amber.settle(take_in(amber, told[1 - late][1]))
    assert world.peer("amber").transport == first
    second, more = rotated(teal, 2)
    amber.settle(take_in(amber, more[1 - late][1]))
    assert world.peer("amber").transport == second
    amber.settle(take_in(amber, told[late][1]))
    assert world.peer("amber").transport == second
    assert peers(world.start("amber")) == peers(amber)


def test_a_transport_key_that_is_revoked_pins_nothing_any_more() -> None:
    world = World()
    world.pair()
    amber, teal = world.nodes["amber"], world.nodes["teal"]
    change = teal.settle(revoke_key(teal, secret("teal", "transport").public.fingerprint, root=root("teal")))
    amber.settle(take_in(amber, change.told[0].envelope))
    assert world.peer("amber").transport is None


def test_an_old_offer_of_a_peer_does_not_bring_its_old_transport_key_back() -> None:
    world = World()
    old = world.offer("teal", track="sea")
    key, _ = rotated(world.nodes["teal"], 1)  # No channel has ever heard of the key before.
    world.pair()
    given = world.accept("amber", old)
    assert world.confirm_back("amber", given, typed=None).genesis is None
    assert (world.peer("amber").transport, world.peer("amber").address) == (key, None)


def test_a_new_channel_tells_a_key_that_the_other_channels_have_not_heard_of() -> None:
    world = World()
    world.pair()
    key, _ = rotated(world.nodes["teal"], 1)
    given = world.accept("teal", world.offer(track="sea"))
    world.confirm("amber", given.answer, typed=None)
    assert world.peer("amber").transport == key


# --------------------------------------------------------------------------------------------------------------- limits


def test_offers_answers_and_peers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    small = replace(LIMITS, own_offers=1, answers_per_node=1, peers_per_node=1)
    monkeypatch.setattr(pairing, "LIMITS", small)
    given = world.accept("teal", world.offer())
    assert refusal(lambda: world.offer(track="sea")) == ("limit_exceeded", "offers")
    assert world.offer(address=None).address is None  # In the place of the one before.
    assert refusal(lambda: world.accept("teal", world.offer("violet"))) == ("limit_exceeded", "answers")
    world.confirm_back("teal", given)
    by_violet = world.accept("violet", world.offer("teal"))
    typed = digits(party("teal"), party("violet"))
    assert refusal(lambda: world.confirm("teal", by_violet.answer, typed)) == ("limit_exceeded", "peers")
    assert world.nodes["teal"].channels == {}


def test_the_journal_tells_of_each_step_without_names_or_digits() -> None:
    world = World()
    world.pair()
    for name in ("amber", "teal"):
        told = b"".join(entry for _, entry in world.stores[name].journal())
        assert b'"act":"confirm"' in told
        for hidden in (b"Amber", b"Teal", PLACE.encode(), SAME[:5].encode()):
            assert hidden not in told


def test_a_genesis_that_this_party_never_signed_opens_nothing() -> None:
    world = World()
    whole = world.confirm("amber", world.accept("teal", world.offer()).answer).genesis
    assert whole is not None
    start = parse_signed_genesis(whole)
    violet = world.nodes["violet"]
    assert refusal(lambda: take_genesis(violet, start.encode()))[0] == "not_confirmed"
    assert violet.channels == {}
