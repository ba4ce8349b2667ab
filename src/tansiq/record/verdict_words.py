"""A verdict in plain sentences, with the words of rule 2.9: what is proved, by whose clock, and what is not excluded.

A reader gives parties their names; the pack has none. Never a person is named: a key is an office's.
"""

import json
from collections.abc import Iterator, Mapping

from tansiq.record.agreement import Agreement
from tansiq.record.body import BodyCheck
from tansiq.record.entry import Position
from tansiq.record.keys import shown
from tansiq.record.pack_compare import PackComparison
from tansiq.record.verdict import EntryFacts, Facts, Receipted, Verdict
from tansiq.units import LAST_INSTANT_US, format_instant

ROOTS_SENTENCE = "These fingerprints must have come to you from elsewhere than from whoever gave you the pack."


def sentences(verdict: Verdict, names: Mapping[bytes, str]) -> Iterator[str]:
    """The verdict, line by line; the first one says whether all of it is proved."""
    if verdict.failure is not None:
        yield from _refusal(verdict)
        return
    facts = verdict.facts
    assert facts is not None
    yield "PROVED: every step holds. Proved is what was signed, not that it is true."
    yield f"Channel {verdict.pack.genesis.channel.hex()}, track {_quoted(verdict.pack.genesis.track)}."
    yield "Roots that this rests on:"
    for member in verdict.pack.genesis.members:
        yield f"  {names[member]}: {shown(member)}"
    yield f"  {ROOTS_SENTENCE}"
    yield from _head(facts, names)
    yield from _completeness(verdict, facts, names)
    for number, one in enumerate(facts.entries, 1):
        yield ""
        yield from _entry(number, one, names)
    for position in facts.twice:
        yield ""
        yield _twice(position, names)


def comparison_sentences(
    one: Verdict, other: Verdict, comparison: PackComparison, names: Mapping[bytes, str]
) -> Iterator[str]:
    """What two packs say together, line by line."""
    assert one.facts is not None
    assert other.facts is not None
    yield (
        "AGREED: nothing in these packs contradicts the other, as far as they can be compared."
        if comparison.agrees
        else ("NOT AGREED: the packs differ.")
    )
    if not comparison.senders and not comparison.heads_compared:
        yield "Not compared: which entries are missing. That needs the packs of the whole channel by two owners."
    if comparison.two_faced is not None:
        name = names[comparison.two_faced]
        yield f"The log of {name} has two faces: its log key signed two heads that can not both be true."
    for verdict in comparison.senders:
        who = names[verdict.sender]
        yield f"{who}'s entries: {_agreement(verdict.agreement)}."
        yield f"  All others have receipted them up to number {verdict.receipted}."
        if verdict.position is not None and verdict.agreement is not Agreement.SIGNED_TWICE:
            lacking = " and ".join(names[owner] for owner in verdict.lacking)
            yield f"  The first is number {verdict.position.seq}; the record of {lacking} lacks it."
    for position in comparison.twice:
        yield _twice(position, names)


def _refusal(verdict: Verdict) -> Iterator[str]:
    failure = verdict.failure
    assert failure is not None
    where = "" if failure.entry is None else f", entry {failure.entry} of {len(verdict.pack.entries)} in the pack"
    yield f"NOT PROVED: the step {failure.step.value} fails{where}."
    yield f"  {failure.error}"
    yield "Nothing in this pack is told as a fact. The steps:"
    for step, standing in verdict.steps:
        yield f"  {step.value}: {standing.value}"
    if failure.error.code == "untrusted_root":
        yield f"Roots that the pack is signed by. {ROOTS_SENTENCE}"
        for member in verdict.pack.genesis.members:
            yield f"  {shown(member)}"


def _head(facts: Facts, names: Mapping[bytes, str]) -> Iterator[str]:
    yield f"From the log of {names[facts.owner]} at {facts.size} entries, root {facts.root.hex()}."
    for one in facts.cosigned:
        name = names[one.party]
        yield f"Head cosigned by {name} at {_time(one.time_s * 1_000_000)} by {name}'s clock."
    missing = " and ".join(names[party] for party in facts.not_cosigned)
    if facts.one_sided:
        yield f"One-sided: no other member confirms this head; the cosignature of {missing} is missing."
    elif missing:
        yield f"The cosignature of {missing} is missing."


def _completeness(verdict: Verdict, facts: Facts, names: Mapping[bytes, str]) -> Iterator[str]:
    if verdict.pack.thread is None:
        yield f"Complete up to head {facts.size}: all entries of this log up to there. Later ones are not excluded."
        for party, count in facts.lacking:
            what = f"{count} that others follow or mention, and what precedes them"
            yield f"This log lacks entries of {names[party]}: {what}."
        return
    yield f"Thread {verdict.pack.thread.hex()}, its entries in this log:"
    for party, last in facts.through:
        yield f"  {names[party]}: complete through {last}, later entries not excluded."
    silent = [party for party in verdict.pack.genesis.members if party not in dict(facts.through)]
    for party in silent:
        yield f"  {names[party]}: no entry is here; entries are not excluded."
    for party, gaps in facts.not_shown:
        runs = ", ".join(str(low) if low == high else f"{low} to {high}" for low, high in gaps)
        yield f"  Not in this pack: of {names[party]}'s chain number {runs}."
    yield "Entries that are not in this pack may have revoked or replaced a key, or receipted what is called posted."


def _entry(number: int, one: EntryFacts, names: Mapping[bytes, str]) -> Iterator[str]:
    entry = one.packed.entry
    name = names[entry.party]
    if one.dropped is not None:
        yield f"{number}. NOBODY'S WORD, at place {one.packed.index} of the log."
        yield f"   It is said to be {name}'s, and is not signed with keys that were good at its place."
        yield "   It came beyond a gap."
        return
    by = f"the office {_quoted(entry.office)} of {name}" if entry.office else f"the root of {name}"
    yield f"{number}. {entry.type}, number {entry.seq} of {name}'s chain, at place {one.packed.index} of the log."
    yield f"   Signed by {by}, at {_time(entry.issued_at_us)} by {name}'s clock."
    if len(entry.keys) > 1:
        yield "   Signed with the keys of two holders."
    if not entry.understood:
        yield "   This program does not know this type or version: held, not understood."
    if one.void:
        yield "   VOID: the key that signed it was revoked from before this entry."
    if one.loose:
        yield f"   LOOSE: something that {name} said before it in this thread is not here, or it counts wrongly."
    if one.refers_out:
        count = len(one.refers_out)
        yield f"   Refers to {count} entr{'ies that are' if count > 1 else 'y that is'} not in this pack."
    for remark in one.remarks:
        yield f"   Remark: {remark.value}."
    for receipt in one.receipts:
        yield f"   {_receipt(receipt, names)}"
    if one.posted and entry.type != "RECEIPT":
        yield f"   Posted: no receipt by {' or '.join(names[party] for party in one.posted)} is in this pack."
    yield from _fields(one.body)


def _receipt(receipt: Receipted, names: Mapping[bytes, str]) -> str:
    name = names[receipt.party]
    when = f"{_time(receipt.at_us)} by {name}'s clock"
    if receipt.control is None:
        return f"Receipted by {name}: its own entry of {when} says that it holds this."
    body = (
        "it says that it checked every field"
        if receipt.control.body == "checked"
        else "it says BODY ABSENT: it did not check the fields"
    )
    return f"Receipted by {name} at {when}; {body}."


def _fields(body: BodyCheck) -> Iterator[str]:
    for field in sorted(body.proved, key=lambda one: one.name):
        yield f"   {_quoted(field.name)}: {json.dumps(field.value, ensure_ascii=False)}"
    if body.left_out:
        count = len(body.left_out)
        yield f"   {count} field{'s are' if count > 1 else ' is'} left out of this pack: not shown, or deleted."


def _twice(position: Position, names: Mapping[bytes, str]) -> str:
    name = names[position.party]
    return f"{name} CONTRADICTS ITSELF: its keys signed two different entries as number {position.seq} of its chain."


def _agreement(agreement: Agreement) -> str:
    return {
        Agreement.SAME: "the records are the same",
        Agreement.IN_FLIGHT: "the records agree, and some are in flight: one record ends earlier",
        Agreement.MISSING: "a record lacks what its owner signed or receipted",
        Agreement.SIGNED_TWICE: "at one position the records hold different entries",
    }[agreement]


def _time(instant_us: int) -> str:
    if instant_us > LAST_INSTANT_US:
        return f"second {instant_us // 1_000_000} after 1970"
    return format_instant(instant_us)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
