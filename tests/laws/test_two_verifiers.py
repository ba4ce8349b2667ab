"""Two verifiers that share no line say the same of every pack that is a change away from a good one."""

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from tansiq.record.pack import Packed, encode_pack, parse_pack
from tansiq.record.verdict import Facts, verify_pack
from tests.laws.record_history import NAMES, party
from tests.laws.record_packs import THREAD, Desk, story, with_entries
from tests.unit.test_second_verifier import pytestmark as needs_a_browser
from tests.unit.test_second_verifier import stated
from tests.vectors.record.pack.make import judge

pytestmark = needs_a_browser

ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/="{}[],:\\ -\n\u00e9'
SAMPLES = 400
Change = tuple[int, int, str]


def three() -> Desk:
    """Three members: a notice, two receipts, an answer by the third, who had not been given all."""
    desk = Desk(NAMES)
    notice = desk.say("amber", words={"text": "crossing BAHR", "upper_m": 450})
    desk.receipt("teal", notice)
    desk.say("violet", "READ-BACK", {"upper_m": 450}, refs=(notice,), to=("amber",))
    desk.receipt("violet", notice)
    return desk


@cache
def pack_of(name: str) -> str:
    made = {
        "a thread": lambda: story().pack(thread=THREAD),
        "a whole channel": lambda: story().pack(),
        "three members": lambda: three().pack(),
        "a thread of three": lambda: three().pack(thread=THREAD),
    }
    return made[name]().decode()


def trust() -> list[str]:
    return sorted(party(name).hex() for name in NAMES)


def changes_at(rng: random.Random, pack: str, at: int) -> Iterator[Change]:
    """The character there replaced by another one, deleted, and doubled."""
    yield at, 1, rng.choice([one for one in ALPHABET if one != pack[at]])
    yield at, 1, ""
    yield at, 0, pack[at]


def both(pack: str, changes: list[Change]) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """What the first and the second verifier say of each change of the pack."""
    second = stated([{"pack": pack, "trust": trust(), "changes": changes}], seconds=300)
    first = [judge({"pack": pack[:at] + new + pack[at + cut :], "trust": trust()}) for at, cut, new in changes]
    return first, second


def left_open(one: dict[str, object], other: dict[str, object]) -> bool:
    """Whether the page lets the two differ so: bytes with several faults are refused with the code of any of them.

    A character that is changed in signed bytes breaks their form or their place, and their signature too.
    """
    if "unreadable" in one and "unreadable" in other:
        return True
    steps = {one.get("step"), other.get("step")}
    return one.get("entry") == other.get("entry") and steps in ({"checkpoint"}, {"chain", "signature"})


@pytest.mark.parametrize("name", ["a thread", "a whole channel", "three members", "a thread of three"])
def test_both_verifiers_refuse_every_pack_with_one_character_changed_alike(name: str) -> None:
    rng = random.Random(17)
    pack = pack_of(name)
    every = range(len(pack)) if name == "a thread" else sorted(rng.sample(range(len(pack)), SAMPLES // 3))
    changes = [change for at in every for change in changes_at(rng, pack, at)]
    first, second = both(pack, changes)
    assert len(first) == len(second) == len(changes) >= SAMPLES - 3
    assert [change for change, told in zip(changes, first, strict=True) if "proved" in told] == []
    differing = [each for each in zip(changes, first, second, strict=True) if each[1] != each[2]]
    assert [each for each in differing if not left_open(*each[1:])] == []
    assert len(differing) < len(changes) / 50, "so many changes make no two faults"


def rearranged(pack_text: str) -> Iterator[list[Packed]]:
    """The entries of the pack with each one left out, doubled, or in another's place."""
    entries = list(parse_pack(pack_text.encode()).entries)
    for k, one in enumerate(entries):
        yield [*entries[:k], *entries[k + 1 :]]
        for at in range(len(entries) + 1):
            yield [*entries[:at], one, *entries[at:]]
            yield [*entries[:at], replace(one, index=at + 100), *entries[at:]]
        for at in range(k):
            other = entries[at]
            yield [*entries[:at], one, *entries[at + 1 : k], other, *entries[k + 1 :]]
            moved = replace(one, index=other.index), replace(other, index=one.index)
            yield [*entries[:at], moved[0], *entries[at + 1 : k], moved[1], *entries[k + 1 :]]


@pytest.mark.parametrize("name", ["a thread", "a whole channel", "three members", "a thread of three"])
def test_both_verifiers_say_the_same_where_entries_are_left_out_doubled_or_moved(name: str) -> None:
    pack = parse_pack(pack_of(name).encode())
    made, kept = [], []
    for entries in rearranged(pack_of(name)):
        known = {one.index for one in entries} <= {one.index for one in pack.entries}
        changed = with_entries(pack, tuple(entries)) if known else replace(pack, entries=tuple(entries))
        made.append({"pack": encode_pack(changed).decode(), "trust": trust()})
        kept.append(entries)
    first, second = [judge(one) for one in made], stated(made)
    assert len(made) > 40
    for one, entries, told, other in zip(made, kept, first, second, strict=True):
        assert told == other, [(each.index, each.entry.type) for each in entries]
        if "proved" in told:
            facts = verify_pack(str(one["pack"]).encode(), {bytes.fromhex(root) for root in trust()}).facts
            assert pack.thread is not None
            assert isinstance(facts, Facts)
            assert dict(facts.through) == shorter_truth(pack.thread, entries)


def shorter_truth(thread: bytes, entries: list[Packed]) -> dict[bytes, int]:
    """Up to which number in the thread each member's entries are there, each once, from its first on."""
    own = [one.entry for one in entries if one.entry.thread is not None and one.entry.thread.id == thread]
    assert len({one.digest for one in own}) == len(own)
    numbers = {(one.party, one.thread.seq) for one in own if one.thread is not None}
    through: dict[bytes, int] = {}
    for member, _ in numbers:
        while (member, through.get(member, 0) + 1) in numbers:
            through[member] = through.get(member, 0) + 1
    return through
