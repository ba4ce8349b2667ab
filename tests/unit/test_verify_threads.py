"""Of a pack of a thread the page tells what follows, what is loose, and which numbers are not there."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from tests.unit.pack_world import FIRST_US, Channel, Entry, fingerprint, leaf
from tests.unit.test_verify_page import ABSENT, LANGUAGES, PROVED, judged, told

pytestmark = pytest.mark.skipif(ABSENT, reason="needs a browser: apt-get install --yes chromium")

FIRST_OF_THREAD: Final = (0, bytes(32))


def after(count: int, entry: Entry) -> tuple[int, bytes]:
    """The place in the thread behind the entry, which is said to be its party's how-manieth there."""
    return count, leaf(entry["signed"])


def said_in_a_thread() -> tuple[Channel, list[Entry]]:
    """A log: Amber's 1 to 6, of which 2, 4, 5, 6 are its first to fourth in the thread; then Teal's first there."""
    channel = Channel()
    plain = channel.say("Amber", "NOTICE", {"text": "of no thread"})
    first = channel.say("Amber", "NOTICE", {"text": "first"}, in_thread=FIRST_OF_THREAD)
    aside = channel.say("Amber", "NOTICE", {"text": "of no thread"})
    second = channel.say("Amber", "NOTICE", {"text": "second"}, in_thread=after(1, first))
    third = channel.say("Amber", "NOTICE", {"text": "third"}, in_thread=after(2, second))
    fourth = channel.say("Amber", "NOTICE", {"text": "fourth"}, in_thread=after(3, third))
    answer = channel.say("Teal", "READ-BACK", {"text": "third"}, refs=[third], in_thread=FIRST_OF_THREAD)
    return channel, [plain, first, aside, second, third, fourth, answer]


def of_amber(said: dict[str, Any], name: str) -> dict[str, Any]:
    (one,) = [one for one in said["facts"][0][name] if one["member"] == fingerprint("Amber").hex()]
    return dict(one)


def loose(said: dict[str, Any]) -> list[bool]:
    return [entry["loose"] for entry in said["facts"][0]["entries"]]


# The packs of that log by what they hold, and for each: which entries are loose, through which of Amber's the thread
# is complete, and which numbers of Amber's chain are not there.
THREADS: Final[Sequence[tuple[list[int], list[bool], int, list[list[int]]]]] = (
    ([1, 3, 4, 5, 6], [False] * 5, 4, [[1, 1], [3, 3]]),
    ([1, 3, 5, 6], [False, False, True, False], 2, [[1, 1], [3, 3], [5, 5]]),
    ([1, 4, 5, 6], [False, True, True, False], 1, [[1, 1], [3, 4]]),
    ([3, 4, 6], [True, True, False], 0, [[1, 3]]),
    ([6], [False], 0, []),
)


def packs_of_threads() -> list[str]:
    channel, log = said_in_a_thread()
    return [channel.thread_pack("Teal", log, chosen) for chosen, *_ in THREADS]


def test_what_does_not_follow_in_a_thread_is_loose_and_fails_nothing() -> None:
    said = judged(*([pack] for pack in packs_of_threads()))
    for one, (chosen, not_following, last, runs) in zip(said, THREADS, strict=True):
        assert one["stated"] == [{"proved": True}], chosen
        assert loose(one) == not_following, chosen
        through = {"member": fingerprint("Amber").hex(), "last": last, "loose": sum(not_following)}
        assert of_amber(one, "through") == through, chosen
        assert of_amber(one, "absent")["runs"] == runs, chosen
    assert [one["facts"][0]["entries"][-1]["refs"] for one in said] == [[3], [None], [2], [2], [None]]


def test_in_a_whole_channel_nothing_is_loose_or_absent() -> None:
    channel, log = said_in_a_thread()
    (said,) = judged([channel.pack("Teal", log)])
    assert said["facts"][0]["absent"] is None
    assert not any(loose(said))


def pack_of_who_counts_wrongly() -> str:
    channel = Channel()
    first = channel.say("Amber", "NOTICE", {"text": "first"}, in_thread=FIRST_OF_THREAD)
    theirs = channel.say("Teal", "NOTICE", {"text": "of Teal"}, in_thread=FIRST_OF_THREAD)
    again = channel.say("Amber", "NOTICE", {"text": "first again"}, in_thread=FIRST_OF_THREAD)
    leap = channel.say("Amber", "NOTICE", {"text": "third after first"}, in_thread=after(2, first))
    other = channel.say("Amber", "NOTICE", {"text": "behind another's"}, in_thread=after(1, theirs))
    aside = channel.say("Amber", "RECEIPT", refs=[theirs], control={"body": "checked", "received_at": FIRST_US})
    behind = channel.say("Amber", "NOTICE", {"text": "behind no entry of it"}, in_thread=after(1, aside))
    return channel.thread_pack("Amber", [first, theirs, again, leap, other, aside, behind], range(7))


def test_a_member_that_counts_wrongly_in_a_thread_spoils_no_proof() -> None:
    (said,) = judged([pack_of_who_counts_wrongly()])
    assert said["stated"] == [{"proved": True}]
    assert loose(said) == [False, False, False, True, True, False, True]
    assert of_amber(said, "through")["last"] == 1


def pack_of_twins() -> str:
    """Amber's 1, one of its two entries 2, and the 3 that follows the other."""
    channel = Channel()
    first = channel.say("Amber", "NOTICE", {"text": "first"}, in_thread=FIRST_OF_THREAD)
    second = channel.say("Amber", "NOTICE", {"text": "second"}, in_thread=after(1, first))
    twin = channel.say("Amber", "NOTICE", {"text": "twin"}, at=after(1, first), in_thread=after(1, first))
    third = channel.say("Amber", "NOTICE", {"text": "third"}, in_thread=after(2, twin))
    return channel.thread_pack("Amber", [first, second, twin, third], [0, 1, 3])


def test_a_position_signed_twice_hides_no_absent_entry() -> None:
    (said,) = judged([pack_of_twins()])
    assert said["stated"] == [{"proved": True}]
    assert of_amber(said, "absent")["runs"] == [[2, 2]]


RESTORED: Final = (  # what a pack holds of a log: Amber's 1 to 4, RESTORE 2 after 1, 5; and what it has not
    ([0, 1, 2, 3, 4, 5], [[3, 4]]),
    ([0, 3, 4, 5], [[2, 4]]),
    ([3, 4, 5], [[1, 4]]),
    ([3, 4], [[1, 3]]),
)


def packs_of_who_restored() -> list[str]:
    channel, new = Channel(), bytes([9] * 16)
    text: dict[str, object] = {"text": "of the thread"}
    first = channel.say("Amber", "NOTICE", text, in_thread=FIRST_OF_THREAD)
    old = [channel.say("Amber", "NOTICE", text, in_thread=after(1, first)) for _ in range(3)]
    back = channel.say("Amber", "RESTORE", by="Amber", at=after(1, first), control={"shown": 1}, incarnation=new)
    for _ in range(2):
        channel.say("Amber", "NOTICE", text, incarnation=new)
    late = channel.say("Amber", "NOTICE", text, in_thread=after(1, first), incarnation=new)
    return [channel.thread_pack("Teal", [first, *old, back, late], chosen) for chosen, _ in RESTORED]


def test_a_number_of_another_incarnation_hides_no_absent_entry() -> None:
    said = judged(*([pack] for pack in packs_of_who_restored()))
    assert [one["stated"] for one in said] == [[{"proved": True}]] * len(RESTORED)
    assert [of_amber(one, "absent")["runs"] for one in said] == [runs for _, runs in RESTORED]


FACT_FAULTS: Final = (  # one planted in each rule of what follows in a thread and what is absent
    ("&& follow.has(before.digest);", ";"),
    ("before.threadSeq === threadSeq - 1", "true"),
    ("before.party === party && before.threadSeq", "before.threadSeq"),
    ("threadSeq === 1 || follows", "follows"),
    ("own.filter(({ digest }) => follow.has(digest))", "own"),
    ("&& !context.follow.has(entry.digest)", ""),
    ("entry.prev !== genesis.digest && !places.prevOf(entry)", "!places.prevOf(entry)"),
    ("Math.min(below + 1, seq - 1), seq - 1", "below + 1, seq - 1"),
    ("Math.min(below + 1, seq - 1), seq - 1", "seq - 1, seq - 1"),
    ("highest.get(incarnation) ?? highestOfAll", "highestOfAll"),
    ("new Map([[ZERO_16, 0]])", "new Map()"),
    ("first <= before[1] + 1", "false"),
)


def test_a_fault_in_any_rule_of_what_follows_or_is_absent_is_seen() -> None:
    packs = [*packs_of_threads(), pack_of_who_counts_wrongly(), pack_of_twins(), *packs_of_who_restored()]
    groups = [[pack] for pack in packs]
    right, faulty = judged(*groups), judged(*groups, faults=FACT_FAULTS)
    assert [fault for fault, said in zip(FACT_FAULTS, faulty, strict=True) if said == right] == []


LOOSE: Final = {
    "en": (
        "! LOOSE ENTRIES: 1. They are signed",
        "Amber: complete through 2, later entries not excluded · loose entries: 1",
        "Not in this pack: Amber 1, 3, 5 Keys may", "! LOOSE: it does not follow in the thread.",
        "! Refers to an entry that is not in this pack.",
    ),
    "ar": (
        "! قيود منفصلة: 1.", "Amber: كاملة حتى 2، ولا تُستبعد قيود لاحقة · قيود منفصلة: 1",
        "ليست في هذه الحزمة: Amber 1, 3, 5", "! منفصل: لا يتبع غيره في الخيط.", "! يشير إلى قيد ليس في هذه الحزمة.",
    ),
    "ru": (
        "! НЕСВЯЗАННЫЕ ЗАПИСИ: 1.", "Amber: полно до 2, более поздние записи не исключены · несвязанные записи: 1",
        "Нет в этом пакете: Amber 1, 3, 5", "! НЕ СВЯЗАНО: не следует в ветке за другими.",
        "! Ссылается на запись, которой нет в этом пакете.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_loose_and_absent_entries_are_told_in_the_verdict_and_the_timeline(language: str, tmp_path: Path) -> None:
    said = told(packs_of_threads()[1], folder=tmp_path, language=language)
    assert PROVED[language] in said
    if language == "en":
        assert "Entry 3 · NOTICE · the office ops of Amber · number 6" in said
    assert [sentence for sentence in LOOSE[language] if said.count(sentence) != 1] == []


def test_of_a_member_none_of_whose_entries_follow_no_completeness_is_said(tmp_path: Path) -> None:
    said = told(packs_of_threads()[3], folder=tmp_path)
    assert "Amber: nothing here follows from the first entry on, later entries not excluded · loose entries: 2" in said
    assert "Not in this pack: Amber 1-3 Keys may" in said
