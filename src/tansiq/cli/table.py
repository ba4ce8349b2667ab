"""The answer of a check as a watch officer reads it: the verdict first, then each conflict in the order of its time."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from tansiq.cli.record import NOTHING_MORE, Told
from tansiq.domain.intent import Intent
from tansiq.formats import conflicts as wire
from tansiq.formats.kit.text import shown
from tansiq.geometry.band import AltitudeBand, shared_band
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.earth import LatLng
from tansiq.geometry.place import meeting_place
from tansiq.geometry.volume import Volume4D, shared_window
from tansiq.units import (
    DMM_PER_FOOT,
    DMM_PER_METRE,
    LAST_INSTANT_US,
    METRES_PER_NAUTICAL_MILE,
    US_PER_SECOND,
    Reference,
    format_instant,
)

if TYPE_CHECKING:
    from tansiq.conflict.batch import IntentConflict, VolumeConflict
    from tansiq.conflict.explain import Explanation
    from tansiq.conflict.resolve import Suggestion

_DMM_PER_LEVEL: Final = 100 * DMM_PER_FOOT
_ALL_HEIGHTS_DMM: Final = 2**62
_MINUTE_US: Final = 60 * US_PER_SECOND
_TENTH_OF_A_KM2: Final = 1e5


def table(
    report: wire.Report,
    intents: Sequence[Intent],
    file_of: Sequence[int],
    found: "Sequence[IntentConflict]",
    told: Told = NOTHING_MORE,
) -> str:
    """The whole text, ready to print. `file_of`: per intent the number of its file."""
    names = [shown(file.name) for file in report.checked.files]
    sources = [f"  [{names[number]}]" if len(names) > 1 else "" for number in file_of]
    lines = [*_verdict(report, found), ""]
    for number, conflict in enumerate(in_order_of_time(intents, found), 1):
        lines += [*block(number, conflict, intents, sources, told), ""]
    return "\n".join(lines)


def in_order_of_time(intents: Sequence[Intent], found: "Iterable[IntentConflict]") -> "list[IntentConflict]":
    """The conflicts, those that begin first before the others."""
    return sorted(found, key=lambda conflict: _begins_us(intents, conflict))


def most_telling(conflict: "IntentConflict", intents: Sequence[Intent]) -> "VolumeConflict":
    """The most certain pair; of those the nearest, and the one that shares most height."""
    pairs = conflict.volume_conflicts
    return pairs[0] if len(pairs) == 1 else min(pairs, key=lambda pair: _rank(pair, intents))


def _verdict(report: wire.Report, found: "Sequence[IntentConflict]") -> Iterable[str]:
    as_of = report.as_of.replace("T", " ")
    checked = report.checked
    if found:
        certain = sum(conflict.certainty is Certainty.CERTAIN for conflict in found)
        parts = [f"{certain} certain"] if certain else []
        parts += [f"{len(found) - certain} possible"] if certain < len(found) else []
        yield f"{_count(len(found), 'CONFLICT', 'S')}: {', '.join(parts)}.  As of {as_of}"
    elif checked.volumes > 1:
        yield f"No declared conflict known.  As of {as_of}"
    else:
        yield f"NOTHING COMPARED: fewer than two volumes.  As of {as_of}"
    files = ", ".join(shown(file.name) for file in checked.files)
    yield f"  compared: {_count(checked.intents, 'intent')}, {_count(checked.volumes, 'volume')} in {files}"
    yield f"  minima: {_minima(report.minima)}"
    for row in report.not_checked:
        yield f"  NOT CHECKED: {shown(row.what)} ({row.why})"


def _count(number: int, noun: str, plural: str = "s") -> str:
    return f"{number} {noun}{plural * (number != 1)}"


def _minima(rows: dict[str, wire.MinimumRow]) -> str:
    """The minima that are set; what is not set counts only where the volumes meet."""
    texts: dict[str, list[str]] = {}
    for pair, row in rows.items():
        if row.horizontal_m or row.vertical_m:
            texts.setdefault(f"{_horizontal(row.horizontal_m)} and {_vertical(row.vertical_m)}", []).append(pair)
    parts = [f"{text} for {', '.join(pairs)}" for text, pairs in texts.items()]
    unset = len(rows) - sum(len(pairs) for pairs in texts.values())
    if unset:
        parts.append(f"{'other' if texts else 'all'} pairs conflict where they meet")
    return "; ".join(parts)


def _horizontal(metres: float) -> str:
    miles = metres / METRES_PER_NAUTICAL_MILE
    return f"{miles:g} NM" if miles and miles == round(miles, 3) else f"{metres:g} m"


def _vertical(metres: float) -> str:
    feet = round(metres * DMM_PER_METRE) / DMM_PER_FOOT
    return f"{feet:g} ft" if feet and feet == round(feet) else f"{metres:g} m"


def _begins_us(intents: Sequence[Intent], conflict: "IntentConflict") -> tuple[int, int, int]:
    starts = (_window_us(intents, pair)[0] for pair in conflict.volume_conflicts)
    return (min(-(2**62) if start is None else start for start in starts), conflict.a, conflict.b)


def _volumes(intents: Sequence[Intent], pair: "VolumeConflict") -> tuple[Volume4D, Volume4D]:
    return intents[pair.a[0]].volumes[pair.a[1]], intents[pair.b[0]].volumes[pair.b[1]]


def _window_us(intents: Sequence[Intent], pair: "VolumeConflict") -> tuple[int | None, int | None]:
    a, b = _volumes(intents, pair)
    window = shared_window(a.window, b.window)
    assert window is not None
    return window.start_us, window.end_us


def block(
    number: int,
    conflict: "IntentConflict",
    intents: Sequence[Intent],
    sources: Sequence[str],
    more: Told = NOTHING_MORE,
) -> Iterable[str]:
    """The conflict's most telling pair of volumes, and when the others are."""
    pairs = conflict.volume_conflicts
    told = most_telling(conflict, intents)
    volumes = _volumes(intents, told)
    place = meeting_place(volumes[0].footprint, volumes[1].footprint)
    yield f"{number:3}  {conflict.certainty.name:<8}  {_when(*_window_us(intents, told))}  near {_chart_place(place)}"
    sides = zip((conflict.a, conflict.b), volumes, strict=True)
    for index, volume in sorted(sides, key=lambda side: (intents[side[0]].party, intents[side[0]].id)):
        intent = intents[index]
        name = f"  {shown(intent.name)}" if intent.name else ""
        who = f"{shown(intent.party):<8} {shown(intent.id):<10} {intent.kind.value:<6}"
        yield f"     {who} {_band(volume.band):<20}{name}{sources[index]}".rstrip()
    yield f"     {_gaps(told, volumes)}"
    if len(pairs) > 1:
        windows = [_window_us(intents, pair) for pair in pairs]
        start = None if any(s is None for s, _ in windows) else min(s for s, _ in windows if s is not None)
        end = None if any(e is None for _, e in windows) else max(e for _, e in windows if e is not None)
        yield f"     and {_count(len(pairs) - 1, 'more pair')} of volumes; {_when(start, end)} in all"
    for pair in pairs:
        explanation = more.explanations.get((pair.a, pair.b))
        if explanation is not None:
            yield f"     {_explained(pair, explanation, intents)}"
    offered = more.suggestions.get((conflict.a, conflict.b))
    if offered is not None:
        yield from _offered(offered, intents)


def _explained(pair: "VolumeConflict", explanation: "Explanation", intents: Sequence[Intent]) -> str:
    """Which volumes, when, what they share or where they are nearest, and the rule that is broken."""
    numbers = " and ".join(f"{shown(intents[i].id)}[{k}]" for i, k in (pair.a, pair.b))
    where = f"near {_chart_place(explanation.place)}"
    if explanation.shared is not None and explanation.shared.area_m2 > 0:
        where += f", sharing {_area(explanation.shared.area_m2)}"
    minimum = explanation.minimum
    rule = "they meet"
    if minimum.horizontal_m or minimum.vertical_dmm:
        across, up = _horizontal(minimum.horizontal_m), _vertical(minimum.vertical_dmm / DMM_PER_METRE)
        gap_m, gap_up_m = pair.verdict.horizontal_gap_m, pair.verdict.vertical_gap_dmm / DMM_PER_METRE
        rule = f"{gap_m:,.0f} m of {across} and {gap_up_m:g} m of {up}"
    cause = explanation.cause.value.replace("_", " ")
    return f"why: {numbers} {_when(*_window_us(intents, pair))} {where}: {rule} ({cause})"


def _area(square_metres: float) -> str:
    return f"{square_metres / 1e6:,.3g} km2" if square_metres >= _TENTH_OF_A_KM2 else f"{square_metres:,.0f} m2"


def _offered(offered: "Sequence[Suggestion]", intents: Sequence[Intent]) -> Iterable[str]:
    if not offered:
        yield "     to clear it: no shift of one of the two within the limits"
    for k, suggestion in enumerate(offered):
        head = "to clear it:" if k == 0 else "          or:"
        yield f"     {head} {shown(intents[suggestion.intent].id)} {_shift(suggestion)} ({suggestion.shift.cost} steps)"


def _shift(suggestion: "Suggestion") -> str:
    shift = suggestion.shift
    if shift.later_us:
        return f"{abs(shift.later_us) // _MINUTE_US} min {'later' if shift.later_us > 0 else 'earlier'}"
    if shift.up_dmm:
        feet = abs(shift.up_dmm) // DMM_PER_FOOT if shift.up_dmm % _DMM_PER_LEVEL == 0 else None
        amount = f"{abs(shift.up_dmm) // DMM_PER_METRE:,} m" if feet is None else f"{feet:,} ft"
        return f"{amount} {'higher' if shift.up_dmm > 0 else 'lower'}"
    return f"{shift.across_m / 1_000:g} km towards {shift.bearing_deg:05.1f}°"


def _rank(pair: "VolumeConflict", intents: Sequence[Intent]) -> tuple[int, float, int, int]:
    """The most certain pair comes first; of those the nearest, and the one that shares most height."""
    verdict = pair.verdict
    band = shared_band(*(volume.band for volume in _volumes(intents, pair)), same_ground=True)
    height = 0
    if band is not None:
        unbounded = band.lower_dmm is None or band.upper_dmm is None
        height = _ALL_HEIGHTS_DMM if unbounded else (band.upper_dmm or 0) - (band.lower_dmm or 0)
    return -verdict.certainty, verdict.horizontal_gap_m, verdict.vertical_gap_dmm, -height


def _gaps(pair: "VolumeConflict", volumes: tuple[Volume4D, Volume4D]) -> str:
    """Both gaps, and why the pair is no more than possible."""
    from tansiq.conflict.explain import cause_of  # noqa: PLC0415 - where there are conflicts it is loaded

    verdict = pair.verdict
    across = f"horizontal gap {_gap(verdict.horizontal_gap_m)}"
    up = _gap(verdict.vertical_gap_dmm / DMM_PER_METRE)
    cause = cause_of(*volumes, verdict).value
    if cause in _ALTITUDES:
        return f"{across}; {_ALTITUDES[cause]}, which " + (
            f"are at least {up} apart" if verdict.vertical_gap_dmm else "may meet"
        )
    return f"{across}, vertical gap {up}{_DOUBTS.get(cause, '')}"


_ALTITUDES: Final = {
    "ground_at_two_places": "heights above ground at two places",
    "altitude_references": "altitudes of different references",
}
_DOUBTS: Final = {
    "at_the_minimum": "; at the minimum, to 1 cm",
    "touching": "; they touch",
    "estimated_window": "; at hours that are not known better",
}


def _gap(metres: float) -> str:
    if metres == 0:
        return "none"
    return f"{metres:,.0f} m" if metres >= 10 else f"{metres:.2f} m"


def _band(band: AltitudeBand) -> str:
    """Both limits, unit and reference once where they are the same; pressure altitudes as flight levels, outward."""
    lower, upper = band.lower, band.upper
    if lower is None and upper is None:
        return "all altitudes"
    if lower is not None and upper is not None and lower.reference is upper.reference is Reference.FL:
        return f"FL{lower.dmm // _DMM_PER_LEVEL:03}-FL{-(-upper.dmm // _DMM_PER_LEVEL):03}"
    if lower is None or upper is None:
        return f"{'below' if lower is None else 'above'} {upper or lower}"
    if lower.reference is not upper.reference or lower.units is not upper.units:
        return f"{lower} to {upper}"
    if lower == upper:
        return str(lower)
    joint = "-" if lower.value >= 0 else " to "
    return f"{lower.value:g}{joint}{upper}"


def _when(start_us: int | None, end_us: int | None) -> str:
    """Date and minutes in UTC, rounded outward."""
    start = "always" if start_us is None else format_instant(start_us - start_us % _MINUTE_US)[:16].replace("T", " ")
    if end_us is None:
        return f"{start} Z - no end"
    # Forever is often written as the last minute of the year 9999, after which there is none.
    end = format_instant(min(end_us + -end_us % _MINUTE_US, LAST_INSTANT_US))[:16].replace("T", " ")
    return f"{start} - {end[11:] if end[:10] == start[:10] else end} Z"


def _chart_place(place: LatLng) -> str:
    """The place in degrees and minutes, as on a chart."""
    return f"{_angle(place.lat_deg, 'NS', 2)} {_angle(place.lng_deg, 'EW', 3)}"


def _angle(degrees: float, letters: str, digits: int) -> str:
    whole, tenths = divmod(round(abs(degrees) * 600), 600)
    return f"{whole:0{digits}}°{tenths / 10:04.1f}'{letters[degrees < 0]}"
