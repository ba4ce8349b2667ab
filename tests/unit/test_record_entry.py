import json
import random
import string
from base64 import b64decode
from dataclasses import replace
from typing import Any

import pytest

from tansiq.errors import PartyError, PeerError
from tansiq.record.body import Field, check_body, digests, encode_body, parse_body
from tansiq.record.canonical import from_base64, to_base64
from tansiq.record.entry import Envelope, envelope, make, parse_entry, sign
from tests.house.checkout import ROOT
from tests.laws.record_history import member_key, members
from tests.vectors.record.make_chain import FOLDER, files, good_entry, judge_entry

ENTRIES = json.loads((ROOT / "tests/vectors/record/entry/entries.json").read_text("utf-8"))["cases"]
BODIES = json.loads((ROOT / "tests/vectors/record/entry/bodies.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", ENTRIES, ids=lambda case: case["name"])
def test_a_vector_comes_out_as_it_says(case: dict[str, Any]) -> None:
    assert judge_entry(b64decode(case["signed"]), case["signatures"], case["keys"]) == case["want"]


@pytest.mark.parametrize("case", BODIES, ids=lambda case: case["name"])
def test_a_body_vector_comes_out_as_it_says(case: dict[str, Any]) -> None:
    fields = [Field(from_base64(one["salt"]), one["name"], one["value"]) for one in case["fields"]]
    check = check_body([from_base64(one) for one in case["body"]], fields)
    assert [one.name for one in check.proved] == case["proved"]
    assert [one.name for one in check.contradicting] == case["contradicting"]
    assert [to_base64(one) for one in check.left_out] == case["left_out"]
    assert check.whole == (not case["left_out"] and not case["contradicting"])


def test_the_vectors_are_what_their_maker_makes_and_no_fewer_than_said() -> None:
    made = files()
    assert {path: (FOLDER / path).read_text("utf-8") for path in made} == made
    assert sum(len(json.loads(text)["cases"]) for text in made.values()) >= 120


def test_every_change_of_one_character_is_refused() -> None:
    good, _ = good_entry()
    beside = [one.as_value() for one in good.signatures]
    keys = [to_base64(member_key("teal").public.encoded)]
    rng = random.Random(5)
    assert judge_entry(good.signed, beside, keys) == "ok"  # type: ignore[arg-type] # values of JSON
    for at in range(len(good.signed)):
        other = rng.choice([c for c in string.printable.encode() if c != good.signed[at]])
        changed = good.signed[:at] + bytes([other]) + good.signed[at + 1 :]
        assert judge_entry(changed, beside, keys) != "ok", at  # type: ignore[arg-type] # as above
    for at in range(len(good.signed)):
        assert judge_entry(good.signed[:at] + good.signed[at + 1 :], beside, keys) != "ok", at  # type: ignore[arg-type] # as above


def test_every_change_of_one_character_of_an_envelope_is_refused_or_changes_what_is_signed() -> None:
    good, _ = good_entry()
    text = good.encode()
    assert envelope(text) == good
    rng = random.Random(6)
    for at in range(0, len(text), 3):
        other = rng.choice([c for c in b'ABCabc019+/="{' if c != text[at]])
        try:
            assert envelope(text[:at] + bytes([other]) + text[at + 1 :]) != good
        except PeerError:
            continue


def test_a_redacted_height_can_not_be_found_by_trying_every_height() -> None:
    salt = random.Random(7).randbytes(16)
    proof = digests([Field(salt, "lower_m", 342)])
    for salt_tried in (bytes(16), b"\xff" * 16, salt[:15] + b"\x00", salt[::-1]):
        assert not any(check_body(proof, [Field(salt_tried, "lower_m", m)]).proved for m in range(601))
    assert [m for m in range(601) if check_body(proof, [Field(salt, "lower_m", m)]).proved] == [342]


def test_a_field_is_bound_to_its_name_and_given_twice_it_counts_once() -> None:
    field = Field(bytes(16), "lower_m", 3)
    body = digests([field])
    assert check_body(body, [field, field]).whole
    assert check_body(body, [replace(field, name="upper_m")]).contradicting
    # A sender that lists two values of one name proves neither beyond the other: the second is told.
    second = replace(field, value=4)
    check = check_body(sorted([field.digest(), second.digest()]), [field, second])
    assert (check.proved, check.contradicting) == ((field,), (second,))


def test_a_body_can_not_be_made_with_a_salt_or_name_twice() -> None:
    for second in (Field(bytes(16), "b", 1), Field(b"\x01" * 16, "a", 1)):
        with pytest.raises(PartyError):
            digests([Field(bytes(16), "a", 1), second])


def test_a_body_beside_its_entry_reads_as_it_was_written() -> None:
    fields = [Field(bytes([k] * 16), str(k), [k]) for k in range(5)]
    assert sorted(parse_body(encode_body(fields)), key=lambda one: one.name) == fields
    with pytest.raises(PeerError):
        parse_body(encode_body(fields).replace(b'"v":1', b'"v":2'))


def test_an_entry_is_signed_by_exactly_the_keys_that_it_names() -> None:
    amber, _ = members("amber", "teal")
    made = make(amber.header())
    for signers in ([], [member_key("teal")], [member_key("amber"), member_key("teal")], [member_key("amber")] * 2):
        with pytest.raises(PartyError) as caught:
            sign(made, *signers)
        assert caught.value.code == "not_entitled"
    assert sign(made, member_key("amber")).signed == made.signed


def test_an_unknown_type_or_version_is_held_not_understood() -> None:
    amber, _ = members("amber", "teal")
    assert parse_entry(make(amber.header("X-NEW")).signed).understood is False
    assert parse_entry(make(replace(amber.header(), version=2)).signed).understood is False
    assert parse_entry(make(amber.header()).signed).understood


def test_the_root_signs_keys_and_restores_alone() -> None:
    amber, _ = members("amber", "teal")
    header = replace(amber.header(), office="", keys=(amber.id,))
    with pytest.raises(PartyError) as caught:
        make(header)
    assert caught.value.code == "not_entitled"


def test_signed_bytes_are_kept_as_received() -> None:
    good, _ = good_entry()
    assert parse_entry(good.signed).signed is good.signed
    assert envelope(good.encode()) == Envelope(good.signed, good.signatures)
