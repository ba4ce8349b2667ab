import json
import random
from base64 import b64decode

import pytest

from tansiq.errors import PartyError, PeerError
from tansiq.record.canonical import INTEGER_MAX, Value, from_base64, parse, to_base64, write
from tests.house.checkout import ROOT
from tests.vectors.record.make_chain import outcome

CASES = json.loads((ROOT / "tests/vectors/record/canonical/parse.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_vector_comes_out_as_it_says(case: dict[str, str]) -> None:
    spelling = b64decode(case["bytes"])
    assert outcome(lambda: parse(spelling)) == case["want"]
    if case["want"] == "ok":
        assert write(parse(spelling)) == spelling


def anything(rng: random.Random, depth: int) -> Value:
    kind = rng.randrange(8 if depth else 6)
    if kind < 2:
        return rng.choice([0, -1, INTEGER_MAX, -INTEGER_MAX, rng.randint(-(10**9), 10**9)])
    if kind < 5:
        return "".join(rng.choice('a"\\/\x00\x1f\x7f\u00e9\u2028\ufb33\U0001f600') for _ in range(rng.randrange(6)))
    if kind == 5:
        return rng.choice([None, True, False])
    if kind == 6:
        return [anything(rng, depth - 1) for _ in range(rng.randrange(4))]
    return {str(anything(rng, 0)): anything(rng, depth - 1) for _ in range(rng.randrange(4))}


def test_what_is_written_is_read_and_written_the_same() -> None:
    for seed in range(500):
        value = anything(random.Random(seed), 5)
        spelling = write(value)
        assert parse(spelling) == value
        assert write(parse(spelling)) == spelling


def test_keys_stand_in_the_order_of_their_utf_16_code_units() -> None:
    # Source: RFC 8785, 3.2.3, the example of sorting.
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    written = write(dict.fromkeys(keys, 0))
    assert list(json.loads(written)) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1.0, "bad_value"),
        ("\ud83d", "bad_value"),
        ({1: 2}, "bad_value"),
        (INTEGER_MAX + 1, "out_of_range"),
        ("x" * 2_000_000, "limit_exceeded"),
    ],
)
def test_what_has_no_one_spelling_is_not_written(value: Value, code: str) -> None:
    with pytest.raises(PartyError) as caught:
        write(value)
    assert caught.value.code == code


def test_an_integer_of_thousands_of_digits_is_not_written() -> None:
    with pytest.raises(PartyError, match="more than 60 digits"):
        write(10**5000)


def test_bytes_past_the_size_are_refused_before_they_are_read() -> None:
    with pytest.raises(PeerError) as caught:
        parse(b"not JSON at all", size_max=14)
    assert caught.value.code == "limit_exceeded"


def test_base64_has_one_spelling() -> None:
    assert from_base64(to_base64(b"\x00\x01")) == b"\x00\x01"
    for text in ("AAF=", "AAE", "AA E=", "AAE=\n", "AA_-", "AAE=AAE="):
        with pytest.raises(ValueError, match=r"base64|padding|data"):
            from_base64(text)
