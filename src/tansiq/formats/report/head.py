"""The top of the page: the verdict, what it rests on, and what was not checked."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from tansiq.formats.report import notation
from tansiq.formats.report.findings import Findings
from tansiq.formats.report.html import Safe, el, fill, join, ltr, name
from tansiq.formats.report.style import Styles, certainty_mark
from tansiq.formats.report.table import kind_word
from tansiq.limits import LIMITS
from tansiq.units import parse_instant_us
from tansiq.words import Words

COMPARABLE: Final = 2
MANY_PARTIES: Final = 8
"""From here on their list is set in columns, so that the map is not pages away."""


def verdict(findings: Findings, words: Words) -> Safe:
    """The sentence that everything else explains: how many conflicts, or that none is known, and as of when."""
    report = findings.report
    as_of_us = parse_instant_us(report.as_of, end=False)
    at = ltr(notation.instant(as_of_us))
    total = len(report.conflicts)
    if total:
        certain = sum(conflict.certainty == "certain" for conflict in report.conflicts)
        known = words.count("{n} declared conflict known at {time}", "{n} declared conflicts known at {time}", total)
        sentence = fill(known, n=words.number(total), time=at)
        parts = el("p", _how_sure(certain, total - certain, words), class_="sure-counts")
        state = "found"
    elif report.checked.volumes < COMPARABLE:
        sentence = fill(words.say("Nothing compared: fewer than two volumes, at {time}"), time=at)
        parts, state = None, "nothing"
    else:
        sentence = fill(words.say("No declared conflict known at {time}"), time=at)
        parts, state = None, "none"
    caveat = words.say(
        "This speaks of what the files declare, and of nothing else: a plan that nobody filed, or a party that did not "
        "answer, was not compared. It is not a clearance."
    )
    day = el("p", words.day(as_of_us), class_="day")
    return el("div", el("h1", sentence), parts, day, el("p", fill(caveat), class_="note"), class_=f"verdict {state}")


def _how_sure(certain: int, possible: int, words: Words) -> Iterator[Safe]:
    if certain:
        text = fill(words.count("{n} certain", "{n} certain", certain), n=words.number(certain))
        yield el("span", certainty_mark("certain"), " ", text, class_="sure certain")
    if possible:
        text = fill(words.count("{n} possible", "{n} possible", possible), n=words.number(possible))
        yield el("span", certainty_mark("possible"), " ", text, class_="sure possible")


def not_checked(findings: Findings, words: Words) -> Safe:
    """What was asked for but not compared, as prominent as the verdict; or that there is nothing such."""
    rows = findings.report.not_checked
    if not rows:
        return el("p", fill(words.say("Not checked: nothing that was asked for was left out.")), class_="complete")
    known = {
        "it has no volumes": words.say("it has no volumes"),
        "zones with each other": words.say("zones with each other"),
        "they are rules, not plans": words.say("they are rules, not plans"),
        "it has no intents": words.say("it has no intents"),
        "intents of one party with each other": words.say("intents of one party with each other"),
        "intents on one side of --against with each other": words.say(
            "intents on one side of --against with each other"
        ),
    }
    items = [
        el("li", el("b", name(known.get(row.what, row.what))), " (", name(known.get(row.why, row.why)), ")")
        for row in rows[: LIMITS.report_rows]
    ]
    more = len(rows) - len(items)
    if more:
        items.append(el("li", _and_more(more, words)))
    return el(
        "section",
        el("h2", words.say("Not checked")),
        el("p", fill(words.say("This was not compared. Nothing is known of conflicts there."))),
        el("ul", items),
        class_="not-checked",
    )


def not_kept(findings: Findings, words: Words) -> Safe | None:
    """What of the files could not be kept as it is, in the readers' own words."""
    rows = findings.report.not_kept
    if not rows:
        return None
    files = findings.report.checked.files
    items = [
        el("li", name(files[row.file].name), ": ", name(f"{row.record}: {row.field}: {row.what}; {row.instead}"))
        for row in rows[: LIMITS.report_rows]
    ]
    if len(rows) > len(items):
        items.append(el("li", _and_more(len(rows) - len(items), words)))
    sentence = words.say(
        "What these files say could not be kept as it is: what stands instead holds at least as much space and time."
    )
    return el("section", el("h2", words.say("Not kept as it was")), el("p", fill(sentence)), el("ul", items))


def compared(findings: Findings, styles: Styles, words: Words) -> Safe:
    """The files with their digests, the parties, and the minima."""
    checked = findings.report.checked
    counts = Counter(findings.file_of)
    rows = [
        el(
            "tr",
            el("td", name(file.name)),
            el("td", words.number(counts[number]), class_="figure"),
            el("td", el("code", ltr(file.sha256))),
        )
        for number, file in enumerate(checked.files[: LIMITS.report_rows])
    ]
    more = len(checked.files) - len(rows)
    heads = [words.say("File"), words.say("Intents"), "SHA-256"]
    numbers = join(
        fill(words.count("{n} intent", "{n} intents", checked.intents), n=words.number(checked.intents)),
        " · ",
        fill(words.count("{n} volume", "{n} volumes", checked.volumes), n=words.number(checked.volumes)),
    )
    return el(
        "section",
        el("h2", words.say("What was compared")),
        el("p", numbers),
        el("div", el("table", _head(heads), el("tbody", rows), class_="plain"), class_="wide"),
        el("p", _and_more(more, words)) if more else None,
        el("div", _parties(findings, styles, words), _minima(findings, words), class_="columns"),
    )


def _and_more(more: int, words: Words) -> Safe:
    return fill(words.count("and {n} more", "and {n} more", more), n=words.number(more))


def _head(titles: list[str]) -> Safe:
    return el("thead", el("tr", [el("th", title, scope="col") for title in titles]))


def _parties(findings: Findings, styles: Styles, words: Words) -> Safe:
    """The parties with the number of their intents; of many, the number alone, in columns."""
    counts = Counter(intent.party for intent in findings.intents)
    listed = findings.parties[: LIMITS.report_rows]
    many = len(listed) > MANY_PARTIES
    items = []
    for party in listed:
        number = Safe(words.number(counts[party]))
        told = number if many else fill(words.count("{n} intent", "{n} intents", counts[party]), n=number)
        items.append(el("li", styles.mark(party), " ", el("b", name(party)), " · ", told))
    more = len(findings.parties) - len(items)
    if more:
        items.append(el("li", _and_more(more, words)))
    title = join(words.say("Parties"), ", ", words.say("Intents")) if many else words.say("Parties")
    return el("div", el("h3", title), el("ul", items, class_="parties"), class_="many" if many else None)


def _minima(findings: Findings, words: Words) -> Safe:
    """The minima that are set; what is not set conflicts where it meets."""
    rows = findings.report.minima
    set_ = {pair: row for pair, row in rows.items() if notation.minimum(row) is not None}
    if not set_:
        rest = fill(words.say("None are set: all kinds conflict where they meet."))
        return el("div", el("h3", words.say("Separation minima")), el("p", rest))
    lines = [
        el(
            "tr",
            el("td", "–".join(kind_word(kind, words) for kind in pair.split("-"))),
            el("td", ltr(notation.horizontal_minimum(row.horizontal_m)), class_="figure"),
            el("td", ltr(notation.vertical_minimum(row.vertical_m)), class_="figure"),
        )
        for pair, row in set_.items()
    ]
    heads = [words.say("Kinds"), words.say("Horizontal"), words.say("Vertical")]
    others = len(set_) < len(rows)
    note = el("p", fill(words.say("Other kinds conflict where they meet.")), class_="note") if others else None
    listing = el("table", _head(heads), el("tbody", lines), class_="plain")
    return el("div", el("h3", words.say("Separation minima")), listing, note)
