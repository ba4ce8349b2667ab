"""Whatever is done to a pack, it is refused, or says what is then true."""

import random
from dataclasses import replace
from functools import cache
from itertools import combinations

import pytest

from tansiq.errors import PeerError
from tansiq.record.body import Field
from tansiq.record.entry import Entry
from tansiq.record.pack import Pack, encode_pack, parse_pack, redact_pack
from tansiq.record.verdict import Facts, Step, verify_pack
from tests.laws import record_packs
from tests.laws.record_history import party
from tests.laws.record_packs import THREAD, TRUST, story

SCOPES = (None, THREAD)
CHANGED = 1_200
"""Characters changed in each pack, one at a time: about a seventh of them."""


@cache
def pack_of(thread: bytes | None) -> bytes:
    return story().pack(thread=thread)


def outcome(spelling: bytes) -> Facts | str:
    """The facts, the step that fails, or the code of the refusal."""
    try:
        verdict = verify_pack(spelling, TRUST)
    except PeerError as error:
        return error.code
    return verdict.facts if verdict.failure is None and verdict.facts else str(verdict.failure and verdict.failure.step)


def with_entries(pack: Pack, order: list[int]) -> bytes:
    return encode_pack(record_packs.with_entries(pack, tuple(pack.entries[k] for k in order)))


@pytest.mark.parametrize("thread", SCOPES, ids=("channel", "thread"))
def test_a_pack_reads_as_it_was_written_and_is_proved(thread: bytes | None) -> None:
    assert encode_pack(parse_pack(pack_of(thread))) == pack_of(thread)
    assert isinstance(outcome(pack_of(thread)), Facts)


def test_a_whole_channel_without_any_of_its_entries_is_not_proved() -> None:
    pack = parse_pack(pack_of(None))
    every = range(len(pack.entries))
    for count in range(1, len(pack.entries) + 1):
        for gone in combinations(every, count):
            found = outcome(with_entries(pack, [k for k in every if k not in gone]))
            assert not isinstance(found, Facts), gone


def test_a_thread_without_any_of_its_entries_is_not_proved_or_says_where_it_ends_and_what_is_loose() -> None:
    pack = parse_pack(pack_of(THREAD))
    every = range(len(pack.entries))
    types = [one.entry.type for one in pack.entries]
    assert types == ["KEY", "NOTICE", "RECEIPT", "READ-BACK", "ACKNOWLEDGE"]
    shorter = 0
    for count in range(1, len(every) + 1):
        for gone in combinations(every, count):
            kept = [k for k in every if k not in gone]
            found = outcome(with_entries(pack, kept))
            if not isinstance(found, Facts):
                continue
            shorter += 1
            told = dict(found.through)
            loose = {one.packed.entry.digest for one in found.entries if one.loose}
            for name in ("amber", "teal"):
                own = [k for k in every if types[k] != "KEY" and pack.entries[k].entry.party == party(name)]
                there = [k for k in own if k in kept]
                follow = [k for number, k in enumerate(there) if own[: number + 1] == there[: number + 1]]
                assert told.get(party(name), 0) == len(follow)
                assert {pack.entries[k].entry.digest in loose for k in there if k not in follow} <= {True}
                assert not {pack.entries[k].entry.digest for k in follow} & loose
            notice = next((one for one in found.entries if one.packed.entry.type == "NOTICE"), None)
            if notice is not None:
                answers = {types.index("RECEIPT"), types.index("READ-BACK")}
                assert (party("teal") in notice.posted) == (not answers & set(kept))
    assert shorter > 3


@pytest.mark.parametrize("thread", SCOPES, ids=("channel", "thread"))
def test_an_entry_twice_is_refused_wherever_it_stands(thread: bytes | None) -> None:
    pack = parse_pack(pack_of(thread))
    every = list(range(len(pack.entries)))
    for again in every:
        for at in range(len(every) + 1):
            assert not isinstance(outcome(with_entries(pack, [*every[:at], again, *every[at:]])), Facts), (again, at)


@pytest.mark.parametrize("thread", SCOPES, ids=("channel", "thread"))
def test_entries_that_changed_places_are_refused(thread: bytes | None) -> None:
    pack = parse_pack(pack_of(thread))
    for a, b in combinations(range(len(pack.entries)), 2):
        one, other = pack.entries[a], pack.entries[b]
        moved = list(pack.entries)
        moved[a], moved[b] = replace(other, index=one.index), replace(one, index=other.index)
        assert outcome(encode_pack(replace(pack, entries=tuple(moved)))) == str(Step.INCLUSION)
        moved[a], moved[b] = other, one
        found = outcome(encode_pack(replace(pack, entries=tuple(moved))))
        assert found == (str(Step.INCLUSION) if thread is None else "not_canonical")


@pytest.mark.parametrize("thread", SCOPES, ids=("channel", "thread"))
def test_no_single_character_of_a_pack_can_be_changed(thread: bytes | None) -> None:
    rng = random.Random(11)
    spelling = pack_of(thread)
    alphabet = b'0123456789abcdefABCDEF+/="{}[],:\\ xyzQ\n'
    for at in rng.sample(range(len(spelling)), CHANGED):
        other = rng.choice([each for each in alphabet if each != spelling[at]])
        assert not isinstance(outcome(spelling[:at] + bytes([other]) + spelling[at + 1 :]), Facts), at


@pytest.mark.parametrize("thread", SCOPES, ids=("channel", "thread"))
def test_whatever_is_left_out_of_bodies_the_pack_is_proved_and_counts_it(thread: bytes | None) -> None:
    rng = random.Random(3)
    pack = parse_pack(pack_of(thread))
    named = [(one.entry.digest, field.name) for one in pack.entries for field in one.body]
    for _ in range(20):
        gone = set(rng.sample(named, rng.randint(0, len(named))))

        def leave_out(entry: Entry, field: Field, gone: set[tuple[bytes, str]] = gone) -> bool:
            return (entry.digest, field.name) in gone

        found = outcome(redact_pack(pack_of(thread), leave_out))
        assert isinstance(found, Facts)
        left_out = {one.packed.entry.digest: len(one.body.left_out) for one in found.entries}
        assert left_out == {digest: sum(d == digest for d, _ in gone) for digest in left_out}


def test_who_tries_every_value_does_not_find_the_one_that_was_left_out() -> None:
    whole = parse_pack(pack_of(THREAD))
    salt = next(f.salt for one in whole.entries for f in one.body if (f.name, f.value) == ("lower_m", 300))

    def is_lower(_entry: Entry, field: Field) -> bool:
        return field.name == "lower_m"

    spelling = redact_pack(pack_of(THREAD), is_lower)
    pack = parse_pack(spelling)
    digests = {digest for one in pack.entries for digest in one.entry.body}
    salts = [bytes(16), *(field.salt for one in pack.entries for field in one.body)]
    assert Field(salt, "lower_m", 300).digest() in digests, "with the salt it would be found"
    assert salt.hex().encode() not in spelling
    assert not any(Field(each, "lower_m", value).digest() in digests for each in salts for value in range(1_000))
