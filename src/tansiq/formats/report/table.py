"""The table of conflicts: one line each, and below it why, where, and what would clear it."""

from collections.abc import Iterator, Mapping
from typing import Final

from tansiq.domain.intent import Intent
from tansiq.formats.kit import findings as wire
from tansiq.formats.report import map as maps
from tansiq.formats.report import notation
from tansiq.formats.report.findings import Finding, Findings
from tansiq.formats.report.html import Part, Safe, el, fill, join, ltr, name
from tansiq.formats.report.style import Styles, certainty_mark
from tansiq.limits import LIMITS
from tansiq.words import Words

SQUARE_KILOMETRE_M2: Final = 1e6


def table(findings: Findings, styles: Styles, words: Words) -> Safe:
    """The whole table: every conflict that is listed, with all that is known of it."""
    titles = [
        words.say("No."),
        words.say("Certainty"),
        words.say("Who"),
        words.say("When and where"),
        words.say("Gaps: horizontal, vertical"),
    ]
    head = el("thead", el("tr", [el("th", title, scope="col") for title in titles]))
    rows = [_conflict(finding, findings, styles, words) for finding in findings.listed]
    return el("table", head, rows, class_="conflicts", id="conflicts")


def certainty_word(certainty: str, words: Words) -> str:
    """Certain or possible."""
    return words.say("certain") if certainty == "certain" else words.say("possible")


def kind_word(kind: str, words: Words) -> str:
    """The kind in words; one that is not known stays as it is."""
    known = {
        "air": words.say("air"),
        "sea": words.say("sea"),
        "ground": words.say("ground"),
        "zone": words.say("zone"),
    }
    return known.get(kind, kind)


def _conflict(finding: Finding, findings: Findings, styles: Styles, words: Words) -> Safe:
    certainty = finding.row.certainty
    number = el("a", str(finding.number), href=f"#c{finding.number}")
    mark = join(certainty_mark(certainty), " ", certainty_word(certainty, words))
    when = ltr(notation.window(*finding.window_us, words))
    across, up = (ltr(notation.gap(m, words)) for m in (finding.told.horizontal_gap_m, finding.told.vertical_gap_m))
    line = el(
        "tr",
        el("th", number, scope="row"),
        el("td", mark),
        el("td", [_side(finding, i, findings, styles, words) for i in (0, 1)]),
        el("td", when, el("br"), ltr(notation.place(finding.place))),
        el("td", across, el("br"), up),
    )
    picture = None
    if finding.number <= LIMITS.report_pictures:
        picture = el("div", maps.detail(finding, styles, words), class_="picture")
    body = el("div", picture, el("dl", _reasons(finding, findings, words)), class_="why")
    detail = el("tr", el("td", body, colspan=5), class_="more")
    return el("tbody", line, detail, id=f"c{finding.number}", class_=certainty)


def _side(finding: Finding, i: int, findings: Findings, styles: Styles, words: Words) -> Safe:
    """Who: party, id, kind, altitude band, and the name and file where there are several."""
    intent = finding.intents[i]
    files = findings.report.checked.files
    source = files[findings.file_of[finding.sides[i]]].name if len(files) > 1 else None
    return el(
        "div",
        styles.mark(intent.party),
        " ",
        el("b", name(intent.party), " ", name(intent.id)),
        " · ",
        kind_word(intent.kind.value, words),
        " · ",
        ltr(notation.band(finding.volumes[i].band, words)),
        (" · ", name(intent.name)) if intent.name else None,
        (" · ", name(source)) if source else None,
    )


def _reasons(finding: Finding, findings: Findings, words: Words) -> Iterator[Safe]:
    """What is known beyond the line; past the pictures, of thousands of conflicts, in brief."""
    brief = finding.number > LIMITS.report_pictures
    if not (brief and _is_plain(finding.told)):
        yield _entry(words.say("Why"), fill(_cause(finding.told, words)))
    if not brief:  # The minima of its kinds stand at the head of the page.
        yield _entry(words.say("Rule broken"), _rule(finding, findings.report.minima, words))
    if any(len(intent.volumes) > 1 for intent in finding.intents):
        yield _entry(words.say("Volumes"), _volumes(finding, words))
    if finding.told.altitude is not None:
        shared = notation.shared_band(finding.told.altitude, finding.volumes, words)
        yield _entry(words.say("Shared altitudes"), ltr(shared))
    why = finding.told.explanation
    if why is not None and why.shared_area_m2:
        area = f"{words.number(why.shared_area_m2 / SQUARE_KILOMETRE_M2, 2)} km²"
        yield _entry(words.say("Shared area"), ltr(area))
    if findings.looked_for_shifts:
        yield _entry(words.say("What would clear it"), _suggestions(finding, words))


def _is_plain(overlap: wire.Overlap) -> bool:
    """Whether the gaps alone say why."""
    return overlap.explanation is not None and overlap.explanation.cause in {"overlap", "too_near"}


def _entry(title: str, *parts: Part) -> Safe:
    return join(el("dt", title), el("dd", *parts))


def _cause(overlap: wire.Overlap, words: Words) -> str:
    """Why the two are in conflict, as a sentence; without an explanation, what the gaps alone say."""
    if overlap.explanation is None:
        if overlap.horizontal_gap_m == 0 and overlap.vertical_gap_m == 0:
            return words.say("The volumes have no gap between them at the same time.")
        return words.say("At one time both gaps are below their minima.")
    sentences = {
        "overlap": words.say("The volumes meet: they share place, height and time."),
        "too_near": words.say("The volumes do not meet, but at one time they are nearer than both minima."),
        "touching": words.say("The outlines meet within 1 cm: whether they touch can not be told."),
        "at_the_minimum": words.say("The horizontal gap is the minimum, to 1 cm."),
        "altitude_references": words.say("The altitude limits have different references, and can not be told apart."),
        "ground_at_two_places": words.say(
            "The heights are above the ground at two places, and the ground between them is not known."
        ),
        "estimated_window": words.say("A window is estimated, such as daylight: the real one lies within it."),
    }
    return sentences.get(overlap.explanation.cause, overlap.explanation.cause)


def _rule(finding: Finding, minima: Mapping[str, wire.MinimumRow], words: Words) -> Safe:
    """The minima of the two kinds."""
    kinds = [intent.kind.value for intent in finding.intents]
    pair = "–".join(kind_word(kind, words) for kind in kinds)
    why = finding.told.explanation
    row = why.minimum if why is not None else minima.get("-".join(kinds)) or minima.get("-".join(reversed(kinds)))
    minimum = None if row is None else notation.minimum(row)
    if minimum is None:
        return fill(words.say("{kinds}: no minima are set; meeting counts."), kinds=pair)
    sentence = words.say("{kinds}: {minimum} must be kept, horizontally or vertically.")
    return fill(sentence, kinds=pair, minimum=ltr(minimum))


def _volumes(finding: Finding, words: Words) -> Safe:
    """Which volumes are told, and how many other pairs there are and when."""
    a, b = finding.intents
    i, k = finding.told.pair
    told = [f"#{number + 1}/{len(intent.volumes)}" for intent, number in ((a, i), (b, k))]
    first = join(ltr(told[0]), " · ", ltr(told[1]))
    more = len(finding.row.overlaps) - 1
    if not more:
        return first
    sentence = words.count(
        "{told}; {n} more pair of volumes conflicts; in all {window}.",
        "{told}; {n} more pairs of volumes conflict; in all {window}.",
        more,
    )
    whole = ltr(notation.window(*finding.whole_us, words))
    return fill(sentence, told=first, n=words.number(more), window=whole)


def _suggestions(finding: Finding, words: Words) -> Safe:
    found = finding.row.suggestions
    if found is None:
        return fill(words.say("Not looked for."))
    if not found:
        return fill(words.say("No shift within the limits of the search clears it."))
    return el("ul", [el("li", _suggestion(finding, suggestion, words)) for suggestion in found])


def _suggestion(finding: Finding, shift: wire.Suggestion, words: Words) -> Safe:
    intent = finding.intents[0 if shift.moves == "a" else 1]
    who = join(name(intent.party), " ", name(intent.id))
    cost = fill(words.say("cost {n}"), n=words.number(shift.cost))
    return fill(words.say("{who}: {shift} ({cost})"), who=who, shift=_shift(shift, intent, words), cost=cost)


def _shift(shift: wire.Suggestion, intent: Intent, words: Words) -> Safe:
    """What to change: time, height or place."""
    if shift.by_min:
        minutes = abs(shift.by_min)
        sentence = (
            words.count("{n} minute later", "{n} minutes later", minutes)
            if shift.by_min > 0
            else words.count("{n} minute earlier", "{n} minutes earlier", minutes)
        )
        return fill(sentence, n=words.number(minutes))
    if shift.by_up_m:
        sentence = words.say("{length} higher") if shift.by_up_m > 0 else words.say("{length} lower")
        return fill(sentence, length=ltr(notation.climb(abs(shift.by_up_m), intent)))
    bearing = f"{round(shift.bearing_deg) % 360:03}°"
    sentence = words.say("{length} on true bearing {bearing}")
    return fill(sentence, length=ltr(notation.length(shift.by_m, words)), bearing=ltr(bearing))
