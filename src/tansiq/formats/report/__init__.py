"""Writes what a check found as one HTML file for people: it asks for nothing else, and prints.

Rules for the next editor:

1. The page makes no request of any kind; its Content-Security-Policy forbids them, inline styles too.
2. It is whole without its program: `report.js` filters, folds and points, and is never needed to read or print.
3. Ids, times, ranges and coordinates are isolated from left to right (`html.ltr`): turned round, they are wrong.
4. What a limit leaves out is said where it is left out. Nothing on the page says "safe".

Source: docs/reference/report.md.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from importlib import resources

from tansiq.domain.intent import Intent
from tansiq.formats.kit import findings as wire
from tansiq.formats.report import head, heights, notation, table, times
from tansiq.formats.report import map as maps
from tansiq.formats.report.findings import Findings, join
from tansiq.formats.report.html import Safe, el, fill, ltr, verbatim
from tansiq.formats.report.html import join as joined
from tansiq.formats.report.style import Styles, certainty_mark, patterns
from tansiq.limits import LIMITS
from tansiq.units import parse_instant_us
from tansiq.words import Words, words_of

__all__ = ("render",)


def render(report: wire.Report, intents: Sequence[Intent], file_of: Sequence[int], language: str) -> bytes:
    """The whole page. `file_of`: per intent the number of its file; `language`: one of tansiq.words.LANGUAGES.

    Raises PartyError bad_value for a language that is not spoken.
    """
    words = words_of(language)
    findings = join(report, intents, file_of)
    styles = Styles(findings.parties)
    css, program = (verbatim(_own(name)) for name in ("report.css", "report.js"))
    policy = (
        f"default-src 'none'; style-src '{_digest(css)}'; script-src '{_digest(program)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    page = el(
        "html",
        el(
            "head",
            el("meta", charset="utf-8"),
            el("meta", http_equiv="Content-Security-Policy", content=policy),
            el("meta", name="viewport", content="width=device-width, initial-scale=1"),
            el("meta", name="referrer", content="no-referrer"),
            el("title", "tansiq: ", words.say("Conflict report")),
            el("style", css),
        ),
        el("body", patterns(), _top(words), el("main", _sections(findings, styles, words)), _foot(findings, words)),
        el("script", program),
        lang=language,
        dir=words.direction,
    )
    return b"<!DOCTYPE html>\n" + page.encode("utf-8", "backslashreplace") + b"\n"


def _own(name: str) -> str:
    return resources.files(__name__).joinpath(name).read_text("utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _top(words: Words) -> Safe:
    return el("header", el("b", "tansiq", dir="ltr"), " ", el("span", words.say("Conflict report")))


def _sections(findings: Findings, styles: Styles, words: Words) -> Iterator[Safe | None]:
    yield head.verdict(findings, words)
    yield head.not_checked(findings, words)
    yield head.compared(findings, styles, words)
    yield head.not_kept(findings, words)
    if findings.listed:
        yield _section(words.say("Map"), maps.overview(findings, styles, words), _legend(findings, styles, words))
        yield _section(words.say("Time"), times.strip(findings, styles, words))
        yield _section(words.say("Altitudes"), heights.strip(findings, styles, words))
        yield _section(words.say("Conflicts"), _list(findings, styles, words))


def _section(title: str, *parts: Safe | None) -> Safe:
    return el("section", el("h2", title), *parts)


def _legend(findings: Findings, styles: Styles, words: Words) -> Safe:
    """What the signs of the drawings mean."""
    signs = [
        joined(certainty_mark("certain"), _sample("shared certain"), " ", table.certainty_word("certain", words)),
        joined(certainty_mark("possible"), _sample("shared possible"), " ", table.certainty_word("possible", words)),
        joined(_sample("other"), " ", words.say("other plans")),
    ]
    parties = [
        joined(styles.mark(party), _sample(f"area {styles.class_of(party)}"), " ", el("bdi", party))
        for party in findings.parties[: LIMITS.report_lanes]
    ]
    return el("ul", [el("li", sign) for sign in (*signs, *parties)], class_="legend")


def _sample(class_: str) -> Safe:
    path = el("path", d="M1 1h26v12H1z", class_=class_)
    return el("svg", path, viewBox="0 0 28 14", class_="sample", aria_hidden="true")


def _list(findings: Findings, styles: Styles, words: Words) -> Safe:
    """The table, what its order and its limits are, and the controls that `report.js` shows."""
    notes = [fill(words.say("In the order in which they begin. Each line shows its most telling pair of volumes."))]
    if findings.unlisted:
        text = words.count(
            "{n} later conflict is not listed here: the JSON answer of the check has it.",
            "{n} later conflicts are not listed here: the JSON answer of the check has them.",
            findings.unlisted,
        )
        notes.append(el("strong", fill(text, n=words.number(findings.unlisted))))
    if len(findings.listed) > LIMITS.report_pictures:
        text = words.say("The first {n} have a map of their own.")
        notes.append(fill(text, n=words.number(LIMITS.report_pictures)))
    if any(finding.row.suggestions for finding in findings.listed):
        text = words.say(
            "What would clear a conflict is a shift of one whole plan that creates no other conflict among these "
            "files; cost counts steps. Nobody has agreed to it."
        )
        notes.append(fill(text))
    if findings.listed and not findings.looked_for_shifts:
        notes.append(fill(words.say("Shifts that would clear them were not looked for.")))
    return joined(
        el("p", joined(*(joined(note, " ") for note in notes)), class_="note"),
        _controls(words),
        table.table(findings, styles, words),
    )


def _controls(words: Words) -> Safe:
    """Hidden until the program is there to answer them."""
    options = [
        el("option", text, value=value)
        for value, text in (
            ("", words.say("all")),
            ("certain", words.say("certain")),
            ("possible", words.say("possible")),
        )
    ]
    return el(
        "div",
        el("label", words.say("Find"), " ", el("input", type="search", id="find", dir="auto")),
        el("label", words.say("Certainty"), " ", el("select", options, id="sure")),
        el("label", el("input", type="checkbox", id="fold"), " ", words.say("only the lines")),
        el("output", id="shown", dir="ltr"),
        class_="controls",
        id="controls",
        hidden="",
    )


def _foot(findings: Findings, words: Words) -> Safe:
    report = findings.report
    at = ltr(notation.instant(parse_instant_us(report.as_of, end=False)))
    made = fill(words.say("Made by tansiq from {format}, as of {time}."), format=ltr(report.format), time=at)
    utc = fill(words.say("All times are UTC. Heights are as their parties wrote them."))
    return el("footer", el("p", made, " ", utc))
