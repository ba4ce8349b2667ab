"""Makes the vectors of the agreement of two records; `python -m tests.vectors.record.make_agreement` writes them.

What is wanted of each member is written by hand: the verdict, and which of the envelopes it is about, by its number.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from tansiq.record.agreement import SenderVerdict, compare
from tansiq.record.canonical import to_base64
from tansiq.record.channel import ChannelState
from tansiq.record.control import Restore
from tansiq.record.entry import Envelope, envelope, make, parse_entry, sign
from tansiq.record.genesis import parse_signed_genesis
from tests.laws.record_history import NAMES, Member, member_key, party, start

FILE: Final = Path(__file__).parent / "channel" / "agreement.json"
PAIR: Final = ("amber", "teal")
NEW: Final = bytes([7] * 16)


@dataclass
class Talk:
    """Members who speak, each on what it was given, and the envelopes in the order in which they were signed."""

    names: tuple[str, ...] = PAIR

    def __post_init__(self) -> None:
        self.members = {name: Member(name, ChannelState(start(self.names))) for name in self.names}
        self.envelopes: list[Envelope] = []

    def say(self, name: str, *holding: int, by: str = "", issued_at_us: int = 1) -> None:
        """The member takes these in and speaks; `by` "key" it hands its key over, by "root" it restores."""
        member = self.members[name]
        for number in holding:
            member.state.add(self.envelopes[number])
        if by == "key":
            self.envelopes.append(member.hand_over())
        elif by == "root":
            self.envelopes.append(member.say_as_root("RESTORE", Restore(9), incarnation=NEW))
        else:
            self.envelopes.append(member.say(member.header(issued_at_us=issued_at_us + len(self.envelopes))))

    def again(self, name: str, number: int) -> None:
        """The member signs other bytes at the position of that envelope."""
        first = parse_entry(self.envelopes[number].signed)
        other = replace(first, issued_at_us=first.issued_at_us + 100)
        self.envelopes.append(sign(make(other), member_key(name)))

    def lose(self, name: str, *kept: int) -> None:
        """The member's record is empty but for these."""
        self.members[name].state = ChannelState(start(self.names))
        for number in kept:
            self.members[name].state.add(self.envelopes[number])


def _series(*names: str, all_: tuple[str, ...] = PAIR) -> Talk:
    """Each in turn says one thing, and holds nothing of the others."""
    talk = Talk(all_)
    for name in names:
        talk.say(name)
    return talk


def _answered() -> Talk:
    """Two by Amber, then one by Teal that receipts both, then one by Amber that receipts that."""
    talk = _series("amber", "amber")
    talk.say("teal", 0, 1)
    talk.say("amber", 2)
    return talk


def _beyond() -> Talk:
    """Four by Amber; Teal holds the first, third and fourth, and says so."""
    talk = _series("amber", "amber", "amber", "amber")
    talk.say("teal", 0, 2, 3)
    return talk


def _three() -> Talk:
    """Amber, then Teal and Violet, who both hold it, then Amber, who holds Teal's."""
    talk = _series("amber", all_=NAMES)
    talk.say("teal", 0)
    talk.say("violet", 0)
    talk.say("amber", 1)
    return talk


def _forked() -> Talk:
    """Amber signs its second position in two ways, and goes on from the first of them."""
    talk = _series("amber", "amber")
    talk.again("amber", 1)
    talk.say("amber")
    return talk


def _forked_twice() -> Talk:
    talk = _series("amber", "amber")
    talk.again("amber", 0)
    talk.again("amber", 1)
    return talk


def _restored() -> Talk:
    """Three by Amber, of which it lost two; a RESTORE, and one after it."""
    talk = _series("amber", "amber", "amber")
    talk.lose("amber", 0)
    talk.say("amber", by="root")
    talk.say("amber")
    return talk


def _restored_and_seen() -> Talk:
    """The same, and Teal had receipted what was lost, and then receipts the RESTORE."""
    talk = _series("amber", "amber", "amber")
    talk.say("teal", 0, 1, 2)
    talk.lose("amber", 0)
    talk.say("amber", by="root")
    talk.say("teal", 4)
    return talk


def _handed_over() -> Talk:
    talk = Talk()
    talk.say("amber", by="key")
    talk.say("amber")
    talk.say("teal", 0, 1)
    return talk


Wanted = dict[str, str]
Case = tuple[str, Callable[[], Talk], tuple[str, tuple[int, ...]], tuple[str, tuple[int, ...]], Wanted]

CASES: Final[list[Case]] = [
    ("nothing on both sides", Talk, ("amber", ()), ("teal", ()), {}),
    ("the same on both sides", _answered, ("amber", (0, 1, 2, 3)), ("teal", (0, 1, 2, 3)), {}),
    ("the same in another order", _answered, ("amber", (0, 1, 2, 3)), ("teal", (3, 2, 1, 0)), {}),
    ("one in flight", _answered, ("amber", (0, 1, 2, 3)), ("teal", (0, 1, 2)), {"amber": "in flight 3 teal"}),
    ("two in flight, the lower is told", lambda: _series("amber", "amber"), ("amber", (0, 1)), ("teal", ()),
     {"amber": "in flight 0 teal"}),
    ("one in flight each way", lambda: _series("amber", "teal"), ("amber", (0,)), ("teal", (1,)),
     {"amber": "in flight 0 teal", "teal": "in flight 1 amber"}),
    ("an owner lacks what it signed", lambda: _series("amber", "amber"), ("amber", (0,)), ("teal", (0, 1)),
     {"amber": "missing 1 amber"}),
    ("an owner lacks all that it signed", lambda: _series("amber", "amber"), ("amber", ()), ("teal", (0, 1)),
     {"amber": "missing 0 amber"}),
    ("an owner lacks what it receipted", _answered, ("amber", (0, 1, 2, 3)), ("teal", (0, 2)),
     {"amber": "missing 1 teal"}),
    ("what only the other's record shows was receipted", _answered, ("amber", (0, 1, 2)), ("teal", (1,)),
     {"amber": "missing 0 teal", "teal": "missing 2 teal"}),
    ("both lack what one of them receipted", _answered, ("amber", (1, 2, 3)), ("teal", (1, 2)),
     {"amber": "missing 0 amber teal"}),
    ("neither holds the last that was receipted: what lies below it counts", _answered,
     ("amber", (0, 2)), ("teal", (2,)), {"amber": "missing 0 teal"}),
    ("receipted beyond a gap, and held", _beyond, ("amber", (0, 1, 2, 3, 4)), ("teal", (0, 2, 3, 4)),
     {"amber": "in flight 1 teal"}),
    ("receipted beyond a gap, and lacking", _beyond, ("amber", (0, 1, 2, 3, 4)), ("teal", (0, 2, 4)),
     {"amber": "missing 3 teal"}),
    ("the first of a run lacks", _beyond, ("amber", (0, 1, 2, 3, 4)), ("teal", (0, 3, 4)), {"amber": "missing 2 teal"}),
    ("neither holds the end of a run", _beyond, ("amber", (0, 1, 2, 4)), ("teal", (0, 4)), {"amber": "missing 2 teal"}),
    ("signed twice, one on each side", _forked, ("amber", (0, 1, 3)), ("teal", (0, 2)), {"amber": "twice 1 2"}),
    ("signed twice, both on one side", _forked, ("amber", (0, 1, 3)), ("teal", (0, 1, 2, 3)), {"amber": "twice 1 2"}),
    ("signed twice at two positions, the lower is told", _forked_twice, ("amber", (0, 1)), ("teal", (2, 3)),
     {"amber": "twice 0 2"}),
    ("signed twice beyond a gap", _forked, ("amber", (0, 1)), ("teal", (2,)), {"amber": "twice 1 2"}),
    ("a fork of which one side has nothing", _forked, ("amber", (0, 1)), ("teal", (0,)), {"amber": "in flight 1 teal"}),
    ("an owner lacks the other half of its fork", _forked, ("amber", (0,)), ("teal", (0, 2)),
     {"amber": "missing 2 amber"}),
    ("a restore on both sides", _restored, ("amber", (0, 1, 2, 3, 4)), ("teal", (0, 1, 2, 3, 4)), {}),
    ("what was lost did not come back", _restored, ("amber", (0, 3, 4)), ("teal", (0, 1, 2, 3, 4)),
     {"amber": "missing 1 amber"}),
    ("what was lost nobody has", _restored, ("amber", (0, 3, 4)), ("teal", (0, 3, 4)), {}),
    ("a restore in flight", _restored, ("amber", (0, 1, 2, 3, 4)), ("teal", (0, 1, 2)), {"amber": "in flight 3 teal"}),
    ("a receipt of what a restore left behind", _restored_and_seen,
     ("amber", (0, 1, 2, 3, 4, 5)), ("teal", (0, 3, 4, 5)), {"amber": "missing 1 teal"}),
    ("keys were handed over", _handed_over, ("amber", (0, 1, 2)), ("teal", (0, 1, 2)), {}),
    ("the hand-over lacks", _handed_over, ("amber", (0, 1, 2)), ("teal", (2,)), {"amber": "missing 0 teal"}),
    ("three members, the same", _three, ("amber", (0, 1, 2, 3)), ("violet", (0, 1, 2, 3)), {}),
    ("three members, a third one's in flight", _three, ("amber", (0, 1, 2, 3)), ("violet", (0, 2)),
     {"amber": "in flight 3 violet", "teal": "in flight 1 violet"}),
    ("three members, a third one's lacks that was receipted", _three, ("amber", (0, 3)), ("teal", (0, 1)),
     {"teal": "missing 1 amber", "amber": "in flight 3 teal"}),
    ("three members, both lack the third's", _three, ("amber", (0, 1, 3)), ("teal", (0, 1, 3)), {}),
    ("three members, what the third receipted counts for nobody else", _three,
     ("amber", (0, 1, 2, 3)), ("teal", (1, 2)), {"amber": "missing 0 teal", "violet": "same"}),
]  # fmt: skip
"""Each: its name, what was said, each owner with what its record was given, and what is wanted of members.

Of a member that is not named `same` is wanted.
"""


def judge(case: dict[str, Any]) -> list[dict[str, Any]]:
    """What this program says of each member, in their order."""
    begin = parse_signed_genesis(case["genesis"].encode())
    records: list[tuple[ChannelState, bytes]] = []
    for one in case["records"]:
        state = ChannelState(begin)
        for number in one["given"]:
            state.add(envelope(case["envelopes"][number].encode()))
        owner = next(member for member in begin.genesis.members if to_base64(member) == one["owner"])
        records.append((state, owner))
    return [_told(verdict) for verdict in compare(*records[0], *records[1])]


def _told(verdict: SenderVerdict) -> dict[str, Any]:
    place = verdict.position
    return {
        "verdict": verdict.agreement.name.lower().replace("_", " "),
        "seq": place and place.seq,
        "incarnation": place and to_base64(place.incarnation),
        "digests": [to_base64(one) for one in verdict.digests],
        "lacking": [to_base64(one) for one in verdict.lacking],
    }


def _wanted(talk: Talk, words: str) -> dict[str, Any]:
    """The want as the file says it; `words`: the verdict, then numbers of envelopes, then who lacks it."""
    parts = words.split()
    numbers = [int(word) for word in parts if word.isdigit()]
    lacking = sorted(party(word) for word in parts if word in talk.names)
    verdict = " ".join(word for word in parts if word.isalpha() and word not in talk.names)
    entries = [parse_entry(talk.envelopes[number].signed) for number in numbers]
    return {
        "verdict": {"twice": "signed twice"}.get(verdict, verdict),
        "seq": entries[0].seq if entries else None,
        "incarnation": to_base64(entries[0].incarnation) if entries else None,
        "digests": [to_base64(one) for one in sorted(entry.digest for entry in entries)],
        "lacking": [to_base64(one) for one in lacking],
    }


def cases() -> list[dict[str, Any]]:
    """Every case. AssertionError where the program says something else than what is wanted."""
    found = []
    for name, make_talk, one, other, wanted in CASES:
        talk = make_talk()
        begin = start(talk.names)
        named = {party(who): words for who, words in wanted.items()}
        case = {
            "name": name,
            "genesis": begin.encode().decode(),
            "envelopes": [each.encode().decode() for each in talk.envelopes],
            "records": [{"owner": to_base64(party(who)), "given": list(given)} for who, given in (one, other)],
            "want": [_wanted(talk, named.get(member, "same")) for member in begin.genesis.members],
        }
        assert judge(case) == case["want"], (name, judge(case), case["want"])
        found.append(case)
    return found


def file() -> str:
    """The text of the file."""
    return json.dumps({"cases": cases()}, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(file(), "utf-8")
