"""The files of a pairing: what is read strictly, what is signed, and the digits over two roots."""

from dataclasses import replace

import pytest

from tansiq.limits import LIMITS
from tansiq.record.canonical import Value, parse, to_base64, write
from tansiq.record.control import OfficeKey
from tansiq.record.keys import Purpose
from tansiq.service.offers import Offer, digits, genesis_from, is_address, make_offer, parse_answer, parse_offer
from tests.laws.record_history import party, root
from tests.unit.pairing_world import SAME, TRACK, World, refusal
from tests.unit.service_pair import secret


def forged(made: Offer, **changes: Value) -> bytes:
    """The offer's file with other contents, under the signature that was."""
    value = made.as_value()
    body = value["offer"]
    assert isinstance(body, dict)
    return write({**value, "offer": {**body, **changes}})


@pytest.mark.parametrize(
    ("name", "value"),
    [("name", "Violet"), ("address", None), ("track", "sea"), ("nonce", to_base64(bytes(16))), ("keys", "others")],
)
def test_an_offer_that_was_changed_is_refused(name: str, value: Value) -> None:
    made = World().offer()
    others = make_offer(
        root("amber"), name="A", keys=made.keys[:2] + made.keys[3:], address=None, track="t", nonce=bytes(16)
    )
    body = parse(others.signed)
    assert refusal(lambda: parse_offer(forged(made, **{name: body["keys"] if value == "others" else value}))) == (
        "bad_signature",
        "signature",
    )


def test_an_offer_under_another_root_or_signed_for_another_purpose_is_refused() -> None:
    made = World().offer()
    other = forged(made, root=to_base64(root("violet").public.encoded))
    assert refusal(lambda: parse_offer(other)) == ("bad_signature", "signature")
    entry = root("amber").sign(Purpose.GENESIS, made.signed).encoded
    again = write({**made.as_value(), "signature": to_base64(entry)})
    assert refusal(lambda: parse_offer(again)) == ("bad_signature", "signature")


@pytest.mark.parametrize(
    ("changes", "code", "at"),
    [
        ({"name": "Te\u202eal"}, "bad_value", "offer.name"),
        ({"name": "Te\x1b[2Jal"}, "bad_value", "offer.name"),
        ({"name": " Teal"}, "bad_value", "offer.name"),
        ({"name": ""}, "bad_value", "offer.name"),
        ({"name": "T" * 201}, "limit_exceeded", "offer.name"),
        ({"address": "teal.example"}, "bad_value", "offer.address"),
        ({"address": 7}, "bad_value", "offer.address"),
        ({"nonce": "AAAA"}, "bad_value", "offer.nonce"),
        ({"root": "AAAA"}, "bad_key", "offer.root"),
        ({"v": 2}, "out_of_range", "offer.v"),
        ({"more": 1}, "unknown_field", "offer.more"),
        ({"keys": []}, "bad_value", "offer.keys"),
        ({"keys": [1]}, "bad_value", "offer.keys[0]"),
        ({"track": ""}, "bad_value", "offer.track"),
    ],
)
def test_an_offer_is_read_strictly(changes: dict[str, Value], code: str, at: str) -> None:
    made = World().offer()
    assert refusal(lambda: parse_offer(forged(made, **changes))) == (code, at)


def test_a_file_that_is_no_offer_is_refused() -> None:
    made = World().offer()
    assert refusal(lambda: parse_offer(made.encode() + b"\n"))[0] == "not_canonical"
    assert refusal(lambda: parse_offer(b"\xff"))[0] == "bad_json"
    assert refusal(lambda: parse_offer(b"[]"))[0] == "bad_value"
    assert refusal(lambda: parse_offer(b" " * (LIMITS.offer_bytes + 1)))[0] == "limit_exceeded"
    assert refusal(lambda: parse_offer(made.encode().replace(b"offer/1", b"offer/2"))) == ("unknown_format", "format")
    assert refusal(lambda: parse_answer(made.encode())) == ("unknown_format", "format")


@pytest.mark.parametrize("fault", ["no transport", "two transport", "the root", "a key twice"])
def test_an_offer_has_one_key_for_each_use_and_its_root_is_none_of_them(fault: str) -> None:
    good = World().offer().keys
    keys = {
        "no transport": [one for one in good if one.use != "transport"],
        "two transport": [*good, OfficeKey("", "transport", secret("amber", "x").public)],
        "the root": [replace(one, key=root("amber").public) if one.use == "log" else one for one in good],
        "a key twice": [replace(one, key=good[2].key) if one.use == "witness" else one for one in good],
    }[fault]
    code = "missing_field" if fault == "no transport" else "bad_value"
    assert refusal(
        lambda: make_offer(root("amber"), name="A", keys=tuple(keys), address=None, track=TRACK, nonce=bytes(16))
    ) == (code, "offer.keys")


def test_the_keys_of_an_offer_have_one_order() -> None:
    body = parse(World().offer().signed)
    signed = write({**body, "keys": body["keys"][::-1]})
    signature = to_base64(root("amber").sign(Purpose.OFFER, signed).encoded)
    turned = write({"format": "tansiq-offer/1", "offer": parse(signed), "signature": signature})
    assert refusal(lambda: parse_offer(turned)) == ("not_canonical", "offer.keys")


def test_both_parties_have_a_part_in_the_nonce_of_the_genesis() -> None:
    worlds = [World(), World()]
    worlds[1].lots.rng.seed(5)
    offers, answers = [world.offer() for world in worlds], [world.offer("teal") for world in worlds]
    assert offers[0] == replace(
        offers[1], **{name: getattr(offers[0], name) for name in ("nonce", "signed", "signature")}
    )
    assert len({genesis_from(one, other).nonce for one in offers for other in answers}) == 4


def test_the_digits_are_the_same_on_both_sides_and_for_every_two_roots_others() -> None:
    assert digits(party("teal"), party("amber")) == SAME == "02639 43104 45393 12803 14216 74317 82881 24923"
    assert digits(party("amber"), party("violet")) != SAME
    assert [len(group) for group in SAME.split(" ")] == [5] * 8


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("teal.example:7443", True),
        ("10.0.0.1:1", True),
        ("[2001:db8::1]:65535", True),
        ("teal.example", False),
        ("teal.example:0", False),
        ("teal.example:65536", False),
        ("teal.example:07443", False),
        ("teal.example:٧", False),
        ("2001:db8::1:7443", False),
        ("teal example:7443", False),
        ("https://teal.example:7443", False),
        ("teal.example/x:7443", False),
        ("-teal:7443", False),
        (":7443", False),
        ("x" * 254 + ":1", False),
    ],
)
def test_an_address_is_a_host_and_a_port(text: str, *, good: bool) -> None:
    assert is_address(text) is good
