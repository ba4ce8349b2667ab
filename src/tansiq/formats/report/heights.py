"""The altitude lanes: how high both sides of each conflict are, each reference on a scale of its own.

Rules for the next editor:

1. A limit is drawn in the lane of its own reference and in no other: heights of two references have no common scale.
2. A band that goes on where its lane can not show it has an arrow there where it has no limit, and a broken end where
   its limit is in another lane.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tansiq.formats.report.findings import Finding, Findings
from tansiq.formats.report.html import Safe, el, fill, join
from tansiq.formats.report.notation import DMM_PER_LEVEL
from tansiq.formats.report.style import Styles
from tansiq.geometry.band import AltitudeBand
from tansiq.limits import LIMITS
from tansiq.units import DMM_PER_FOOT, DMM_PER_METRE, Altitude, AltitudeUnit, Reference
from tansiq.words import Words

WIDTH: Final = 960
LEFT: Final = 80
LANE: Final = 150
GAP: Final = 34
TOP: Final = 24
WIDEST: Final = 74
LEAST_WITH_SIGN: Final = 30
TICKS: Final = 6


@dataclass(frozen=True)
class Lane:
    """One reference's scale: `low` to `high` in steps of `unit_dmm`, from `y` downwards."""

    reference: Reference
    unit: str
    unit_dmm: int
    low: float
    high: float
    y: float

    def at(self, dmm: float) -> float:
        """Where this height stands, at most at the borders."""
        share = (dmm / self.unit_dmm - self.low) / (self.high - self.low)
        return self.y + LANE * (1 - min(max(share, 0.0), 1.0))


def strip(findings: Findings, styles: Styles, words: Words) -> Safe:
    """The lanes with what they leave out in words."""
    kept = findings.listed[: LIMITS.report_lanes]
    lanes = _lanes(kept)
    if not lanes:
        nothing = words.say("No altitude limits are declared in these conflicts: the plans are for all altitudes.")
        return el("p", fill(nothing), class_="note")
    height = lanes[-1].y + LANE + 8
    column = min(WIDEST, (WIDTH - LEFT - 10) / len(kept))
    parts = join(
        [_scale(lane, words) for lane in lanes],
        [_column(finding, lanes, LEFT + column * i, column, styles) for i, finding in enumerate(kept)],
    )
    title = el("title", words.say("Altitudes"))
    svg = el("svg", title, parts, viewBox=f"0 0 {WIDTH} {height:g}", class_="strip", role="img")
    sentence = words.say(
        "Each reference has a lane of its own: heights in two lanes have no common scale, and can not be compared by "
        "eye. An arrow is a band without a limit, a broken end a limit of another reference; hatched is what both "
        "bands hold."
    )
    note = fill(sentence)
    more = len(findings.listed) - len(kept)
    if more:
        left = words.count("{n} more conflict is not drawn here.", "{n} more conflicts are not drawn here.", more)
        note = join(note, " ", fill(left, n=words.number(more)))
    return join(el("div", svg, class_="wide"), el("p", note, class_="note"))


def reference_name(reference: Reference, words: Words) -> str:
    """What the reference is, in words."""
    match reference:
        case Reference.W84:
            return words.say("above the WGS84 ellipsoid")
        case Reference.AMSL:
            return words.say("above mean sea level")
        case Reference.AGL:
            return words.say("above the ground or water below")
        case Reference.FL:
            return words.say("pressure altitude, flight levels")


def _limits(findings: Sequence[Finding]) -> list[Altitude]:
    bands = [volume.band for finding in findings for volume in finding.volumes]
    return [limit for band in bands for limit in (band.lower, band.upper) if limit is not None]


def _lanes(findings: Sequence[Finding]) -> list[Lane]:
    """The lanes of the references that occur, pressure altitude uppermost."""
    lanes: list[Lane] = []
    for reference in (Reference.FL, Reference.AMSL, Reference.W84, Reference.AGL):
        limits = [limit for limit in _limits(findings) if limit.reference is reference]
        if not limits:
            continue
        unit, unit_dmm = "FL", DMM_PER_LEVEL
        if reference is not Reference.FL:
            feet = sum(limit.units is AltitudeUnit.FT for limit in limits) * 2 >= len(limits)
            unit, unit_dmm = ("ft", DMM_PER_FOOT) if feet else ("m", DMM_PER_METRE)
        values = [limit.dmm / unit_dmm for limit in limits]
        room = max((max(values) - min(values)) * 0.12, 1.0)
        y = TOP + (LANE + GAP) * len(lanes) + GAP / 2
        lanes.append(Lane(reference, unit, unit_dmm, min(values) - room, max(values) + room, y))
    return lanes


def _scale(lane: Lane, words: Words) -> Iterator[Safe]:
    yield el("rect", x=LEFT, y=lane.y, width=WIDTH - LEFT - 10, height=LANE, class_="sea")
    yield el("text", lane.reference.name, x=8, y=lane.y - 6, class_="label strong")
    yield el("text", reference_name(lane.reference, words), x=LEFT, y=lane.y - 6, class_="label")
    rough = (lane.high - lane.low) / TICKS
    size = 10.0 ** len(str(int(rough))) / 10 if rough >= 1 else 1.0
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    k = int(-(-lane.low // step))
    while k * step <= lane.high:
        y = lane.at(k * step * lane.unit_dmm)
        text = f"FL{k * step:03g}" if lane.unit == "FL" else f"{words.number(k * step)} {lane.unit}"
        yield el("path", d=f"M{LEFT} {y:.1f}H{WIDTH - 10}", class_="graticule")
        yield el("text", text, x=LEFT - 8, y=y + 4, class_="degrees end")
        k += 1


def _column(finding: Finding, lanes: Sequence[Lane], x: float, width: float, styles: Styles) -> Iterator[Safe]:
    """One conflict: a bar for each side, and between them what both bands hold."""
    thick = min(16.0, width * 0.28)
    bars = [x + width / 2 - thick - 2, x + width / 2 + 2]
    diamond = el("use", href="#diamond", x=x + width / 2 - 9, y=12)
    number = el("text", str(finding.number), x=x + width / 2, y=17, class_="number start")
    guide = el("path", d=f"M{x + width / 2:.1f} {TOP}V{lanes[-1].y + LANE:.1f}", class_="guide")
    yield el(
        "a",
        guide,
        diamond if width > LEAST_WITH_SIGN else None,
        number,
        href=f"#c{finding.number}",
        class_=finding.row.certainty,
    )
    for lane in lanes:
        for intent, volume, left in zip(finding.intents, finding.volumes, bars, strict=True):
            yield from _bar(volume.band, lane, left, thick, styles.class_of(intent.party))
        shared = finding.told.altitude
        if shared is not None and not _mixed(finding) and lane.reference in _references(finding):
            low = lane.y + LANE if shared.lower is None else lane.at(shared.lower * DMM_PER_METRE)
            high = lane.y if shared.upper is None else lane.at(shared.upper * DMM_PER_METRE)
            box = _box(x + width / 2 - thick - 5, high, 2 * thick + 10, max(low - high, 1.5))
            yield el("path", d=box, class_=f"shared {finding.told.certainty}")


def _references(finding: Finding) -> set[Reference]:
    return {limit.reference for limit in _limits([finding])}


def _mixed(finding: Finding) -> bool:
    """Whether the limits have several references, so that what both bands hold has no lane."""
    return len(_references(finding)) != 1


def _bar(band: AltitudeBand, lane: Lane, x: float, width: float, party: str) -> Iterator[Safe]:
    own = {limit.reference for limit in (band.lower, band.upper) if limit is not None}
    if own and lane.reference not in own:
        return
    lower, upper = band.lower, band.upper
    low = lane.at(lower.dmm) if lower is not None and lower.reference is lane.reference else lane.y + LANE
    high = lane.at(upper.dmm) if upper is not None and upper.reference is lane.reference else lane.y
    yield el("path", d=_box(x, high, width, max(low - high, 1.5)), class_=f"bar {party}")
    middle = x + width / 2
    for limit, y, sign in ((lower, lane.y + LANE, 1), (upper, lane.y, -1)):
        if limit is None:
            yield el("path", d=f"M{middle - 4:.1f} {y - 4 * sign:.1f}h8l-4 {5 * sign}z", class_="beyond")
        elif limit.reference is not lane.reference:
            teeth = f"M{x - 2:.1f} {y - 3 * sign:.1f}l{width / 4 + 1:.1f} {3 * sign}l{width / 4 + 1:.1f} {-3 * sign}"
            teeth += f"l{width / 4 + 1:.1f} {3 * sign}l{width / 4 + 1:.1f} {-3 * sign}"
            yield el("path", d=teeth, class_="broken")


def _box(x: float, y: float, width: float, height: float) -> str:
    return f"M{x:.1f} {y:.1f}h{width:.1f}v{height:.1f}h{-width:.1f}z"
