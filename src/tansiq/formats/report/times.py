"""The time strip: when each plan is there, and when both sides of a conflict are."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from tansiq.domain.intent import Intent
from tansiq.formats.report.findings import Finding, Findings, window_us
from tansiq.formats.report.html import Safe, el, fill, join
from tansiq.formats.report.style import Styles
from tansiq.limits import LIMITS
from tansiq.units import FIRST_INSTANT_US, LAST_INSTANT_US, US_PER_SECOND
from tansiq.words import Words

WIDTH: Final = 960
LEFT: Final = 190
ROW: Final = 20
TOP: Final = 26
LOAD: Final = 46
DAY_US: Final = 86_400 * US_PER_SECOND
STEPS_US: Final = tuple(
    minutes * 60 * US_PER_SECOND
    for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080, 43_200, 129_600)
)
TICKS: Final = 9
MOST_US: Final = 400 * DAY_US
NAME_CHARACTERS: Final = 18

Span = tuple[int | None, int | None]


@dataclass(frozen=True)
class Axis:
    """Instants from left to right."""

    start_us: int
    end_us: int

    def x(self, instant_us: int) -> float:
        """Where the instant stands, at most at the ends."""
        share = (min(max(instant_us, self.start_us), self.end_us) - self.start_us) / (self.end_us - self.start_us)
        return LEFT + share * (WIDTH - LEFT - 10)

    def bar(self, span: Span) -> tuple[float, float] | None:
        """From where to where the span is seen, or None where it is not."""
        start, end = span
        if (start is not None and start > self.end_us) or (end is not None and end < self.start_us):
            return None
        return self.x(self.start_us if start is None else start), self.x(self.end_us if end is None else end)


def strip(findings: Findings, styles: Styles, words: Words) -> Safe:
    """The strip with what it leaves out in words."""
    axis = _axis(findings.listed)
    if axis is None:
        always = words.say("No window of these conflicts has a beginning or an end: the plans are for all times.")
        return el("p", fill(always), class_="note")
    lanes = _lanes(findings.listed)
    kept = lanes[: LIMITS.report_lanes]
    top = TOP + LOAD
    height = top + ROW * len(kept) + 6
    parts = join(
        _ticks(axis, height),
        _load(axis, findings.listed, words),
        [_lane(axis, intent, found, top + ROW * i, styles) for i, (intent, found) in enumerate(kept)],
    )
    svg = el("svg", el("title", words.say("Time")), parts, viewBox=f"0 0 {WIDTH} {height}", class_="strip", role="img")
    notes = fill(
        words.say("UTC. A bar is the window of a volume; hatched is the time that both sides of a conflict share.")
    )
    more = len(lanes) - len(kept)
    if more:
        left = words.count("{n} more intent is not drawn here.", "{n} more intents are not drawn here.", more)
        notes = join(notes, " ", fill(left, n=words.number(more)))
    return join(el("div", svg, class_="wide"), el("p", notes, class_="note"))


def _axis(findings: Sequence[Finding]) -> Axis | None:
    """From the first to the last beginning or end of a shared window; None where none begins or ends."""
    ends = [us for finding in findings for o in finding.row.overlaps for us in window_us(o) if us is not None]
    if not ends:
        return None
    # Forever is written as the year 9999: what lies so far off has an arrow, and does not crush the rest.
    middle = sorted(ends)[(len(ends) - 1) // 2]
    near = [us for us in ends if abs(us - middle) <= MOST_US]
    low, high = min(near), max(near)
    room = max((high - low) // 20, 5 * 60 * US_PER_SECOND)
    return Axis(max(low - room, FIRST_INSTANT_US), min(high + room, LAST_INSTANT_US))


def _lanes(findings: Sequence[Finding]) -> list[tuple[Intent, list[Finding]]]:
    """Every intent in a conflict with its conflicts, in the order in which they begin."""
    found: dict[int, tuple[Intent, list[Finding]]] = {}
    for finding in findings:
        for index, intent in zip(finding.sides, finding.intents, strict=True):
            found.setdefault(index, (intent, []))[1].append(finding)
    return list(found.values())


def _ticks(axis: Axis, height: float) -> Iterator[Safe]:
    span_us = axis.end_us - axis.start_us
    step = next((step for step in STEPS_US if span_us / step <= TICKS), STEPS_US[-1])
    day = None
    for k in range(math.ceil(axis.start_us / step), math.floor(axis.end_us / step) + 1):
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=k * step)
        x = axis.x(k * step)
        yield el("path", d=f"M{x:.1f} {TOP}V{height - 4:g}", class_="graticule")
        date = f"{moment.year:04}-{moment:%m-%d}"
        clock = f"{moment:%H:%M}Z" if step < DAY_US else date
        yield el("text", clock, x=x, y=22, class_="degrees middle")
        if step < DAY_US and date != day:
            yield el("text", date, x=x, y=9, class_="degrees middle strong")
        day = date


def _load(axis: Axis, findings: Sequence[Finding], words: Words) -> Safe:
    """How many conflicts last at once, as a curve of steps."""
    ends: list[tuple[float, int]] = []
    for finding in findings:
        for span in _merged([window_us(overlap) for overlap in finding.row.overlaps]):
            bar = axis.bar(span)
            if bar is not None:
                ends += [(bar[0], -1), (bar[1], 1)]
    count = most = 0
    levels = [(float(LEFT), 0)]
    # Windows are closed: what begins where another ends is there at once with it, so beginnings (-1) come first.
    for x, change in sorted(ends):
        count -= change
        most = max(most, count)
        levels.append((x, count))
    base = TOP + LOAD - 6
    path = f"M{LEFT} {base}" + "".join(f"H{x:.1f}V{base - (LOAD - 14) * n / most:.1f}" for x, n in levels)
    return join(
        el("path", d=f"{path}V{base}z", class_="load"),
        el("text", words.say("Conflicts at once"), x=LEFT - 36, y=base - 10, class_="label end"),
        el("text", words.number(most), x=LEFT - 8, y=base - (LOAD - 14) + 8, class_="degrees end"),
        el("text", "0", x=LEFT - 8, y=base + 2, class_="degrees end"),
        el("path", d=f"M{LEFT} {base}H{WIDTH - 10}", class_="scale"),
    )


def _lane(axis: Axis, intent: Intent, findings: Sequence[Finding], y: float, styles: Styles) -> Iterator[Safe]:
    """One intent: its party and id, its windows, and on them what it shares with others."""
    yield el("path", d=f"M0 {y:g}H{WIDTH}", class_="graticule")
    yield styles.shape(intent.party, 10, y + ROW / 2)
    yield el("text", _short(f"{intent.party} {intent.id}"), x=22, y=y + 14, class_="label")
    for span in _merged([(v.window.start_us, v.window.end_us) for v in intent.volumes]):
        bar = axis.bar(span)
        if bar is not None:
            yield el("path", d=_box(bar, y + 5, ROW - 9), class_=f"bar {styles.class_of(intent.party)}")
            yield from _open_ends(axis, span, y + ROW / 2 + 0.5)
    for certainty in ("possible", "certain"):
        spans = _merged([window_us(o) for f in findings for o in f.row.overlaps if o.certainty == certainty])
        bars = [bar for span in spans if (bar := axis.bar(span)) is not None]
        if bars:
            yield el("path", d="".join(_box(bar, y + 2, ROW - 3) for bar in bars), class_=f"shared {certainty}")


def _short(text: str) -> str:
    return text if len(text) <= NAME_CHARACTERS + 2 else f"{text[: NAME_CHARACTERS + 1]}…"


def _box(bar: tuple[float, float], y: float, height: float) -> str:
    """A box at least as wide as can be seen."""
    width = max(1.5, bar[1] - bar[0])
    return f"M{bar[0]:.1f} {y:g}h{width:.1f}v{height:g}h{-width:.1f}z"


def _open_ends(axis: Axis, span: Span, y: float) -> Iterator[Safe]:
    """Arrow heads where the window goes on beyond the strip."""
    start, end = span
    if start is None or start < axis.start_us:
        yield el("path", d=f"M{LEFT - 1} {y - 4:g}v8l-6-4z", class_="beyond")
    if end is None or end > axis.end_us:
        yield el("path", d=f"M{WIDTH - 9} {y - 4:g}v8l6-4z", class_="beyond")


def _merged(spans: Sequence[Span]) -> list[Span]:
    """The spans joined where they meet, in their order."""
    merged: list[Span] = []
    for start, end in sorted(spans, key=lambda s: (s[0] is not None, s[0] or 0)):
        if merged:
            first, last = merged[-1]
            if last is None:
                return merged
            if start is None or start <= last:
                merged[-1] = (first, None if end is None else max(last, end))
                continue
        merged.append((start, end))
    return merged
