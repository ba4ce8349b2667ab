"""The answer of a check as a watch officer reads it: the verdict first, then each conflict in the order of its time."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from tansiq.cli.output import shown
from tansiq.domain.intent import Intent
from tansiq.formats import conflicts as wire
from tansiq.geometry.band import AltitudeBand, shared_band
from tansiq.geometry.certainty import TOLERANCE_M, Certainty
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

_DMM_PER_LEVEL: Final = 100 * DMM_PER_FOOT
_ALL_HEIGHTS_DMM: Final = 2**62
_MINUTE_US: Final = 60 * US_PER_SECOND


def table(
    report: wire.Report, intents: Sequence[Intent], file_of: Sequence[int], found: "Sequence[IntentConflict]"
) -> str:
    """The whole text, ready to print. `file_of`: per intent the number of its file."""
    names = [shown(file.name) for file in report.checked.files]
    sources = [f"  [{names[number]}]" if len(names) > 1 else "" for number in file_of]
    lines = [*_verdict(report, found), ""]
    for number, conflict in enumerate(sorted(found, key=lambda c: _begins_us(intents, c)), 1):
        lines += [*_block(number, conflict, intents, sources), ""]
    return "\n".join(lines)


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


def _block(number: int, conflict: "IntentConflict", intents: Sequence[Intent], sources: Sequence[str]) -> Iterable[str]:
    """The conflict's most telling pair of volumes, and when the others are."""
    pairs = conflict.volume_conflicts
    told = pairs[0] if len(pairs) == 1 else min(pairs, key=lambda pair: _rank(pair, intents))
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
    verdict = pair.verdict
    across = f"horizontal gap {_gap(verdict.horizontal_gap_m)}"
    up = _gap(verdict.vertical_gap_dmm / DMM_PER_METRE)
    if verdict.altitude_certainty is Certainty.POSSIBLE:
        limits = [limit for v in volumes for limit in (v.band.lower, v.band.upper) if limit is not None]
        ground = all(limit.reference is Reference.AGL for limit in limits)
        why = "heights above ground at two places" if ground else "altitudes of different references"
        return f"{across}; {why}, which " + (f"are at least {up} apart" if verdict.vertical_gap_dmm else "may meet")
    doubt = ""
    if verdict.certainty is Certainty.POSSIBLE:
        doubt = "; at the minimum, to 1 cm" if verdict.horizontal_gap_m > TOLERANCE_M else "; they touch"
    return f"{across}, vertical gap {up}{doubt}"


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
