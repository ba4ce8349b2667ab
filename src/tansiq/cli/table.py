"""The answer of a check as a watch officer reads it: the verdict first, then each conflict in the order of its time."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from tansiq.cli.output import shown
from tansiq.domain.intent import Intent
from tansiq.formats import conflicts as wire
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.earth import ecef_m, lat_lng, on_surface_m
from tansiq.geometry.footprint import Footprint, core
from tansiq.geometry.volume import Volume4D, shared_window
from tansiq.units import (
    DMM_PER_FOOT,
    DMM_PER_METRE,
    METRES_PER_NAUTICAL_MILE,
    US_PER_SECOND,
    Reference,
    format_instant,
)

if TYPE_CHECKING:
    from tansiq.conflict.batch import IntentConflict, VolumeConflict

_DMM_PER_LEVEL: Final = 100 * DMM_PER_FOOT
_MINUTE_US: Final = 60 * US_PER_SECOND


def table(report: wire.Report, intents: Sequence[Intent], found: "Sequence[IntentConflict]") -> str:
    """The whole text, ready to print."""
    lines = [*_verdict(report, found), ""]
    for number, conflict in enumerate(sorted(found, key=lambda c: _begins_us(intents, c)), 1):
        lines += [*_block(number, conflict, intents), ""]
    return "\n".join(lines)


def _verdict(report: wire.Report, found: "Sequence[IntentConflict]") -> Iterable[str]:
    as_of = report.as_of.replace("T", " ")
    if found:
        certain = sum(conflict.certainty is Certainty.CERTAIN for conflict in found)
        parts = [f"{certain} certain"] if certain else []
        parts += [f"{len(found) - certain} possible"] if certain < len(found) else []
        yield f"{len(found)} CONFLICT{'S' * (len(found) != 1)}: {', '.join(parts)}.  As of {as_of}"
    else:
        yield f"No declared conflict known.  As of {as_of}"
    checked = report.checked
    files = ", ".join(shown(file.name) for file in checked.files)
    yield f"  compared: {checked.intents} intents, {checked.volumes} volumes in {files}"
    yield f"  minima: {_minima(report.minima)}"
    for row in report.not_checked:
        yield f"  NOT CHECKED: {shown(row.what)} ({row.why})"


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


def _block(number: int, conflict: "IntentConflict", intents: Sequence[Intent]) -> Iterable[str]:
    pairs = conflict.volume_conflicts
    nearest = min(pairs, key=lambda p: (-p.verdict.certainty, p.verdict.horizontal_gap_m, p.verdict.vertical_gap_dmm))
    windows = [_window_us(intents, pair) for pair in pairs]
    start = None if any(s is None for s, _ in windows) else min(s for s, _ in windows if s is not None)
    end = None if any(e is None for _, e in windows) else max(e for _, e in windows if e is not None)
    volumes = _volumes(intents, nearest)
    place = _place(min((volume.footprint for volume in volumes), key=_size_m))
    yield f"{number:3}  {conflict.certainty.name:<8}  {_when(start, end)}  near {place}"
    sides = zip((intents[conflict.a], intents[conflict.b]), volumes, strict=True)
    for intent, volume in sorted(sides, key=lambda side: (side[0].party, side[0].id)):
        name = f"  {shown(intent.name)}" if intent.name else ""
        kind = intent.kind.value
        yield f"     {shown(intent.party):<8} {shown(intent.id):<10} {kind:<6} {_band(volume.band):<20}{name}".rstrip()
    more = f"; nearest of {len(pairs)} pairs of volumes" if len(pairs) > 1 else ""
    yield f"     {_gaps(nearest)}{more}"


def _gaps(pair: "VolumeConflict") -> str:
    """Both gaps, and why the pair is no more than possible."""
    verdict = pair.verdict
    across = f"horizontal gap {_gap(verdict.horizontal_gap_m)}"
    if verdict.altitude_certainty is Certainty.POSSIBLE:
        return f"{across}; altitudes of different references, which may meet"
    up = f"vertical gap {_gap(verdict.vertical_gap_dmm / DMM_PER_METRE)}"
    doubt = "; within 1 cm of the minimum" if verdict.certainty is Certainty.POSSIBLE else ""
    return f"{across}, {up}{doubt}"


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
    joint = "-" if lower.value >= 0 else " to "
    return f"{lower.value:g}{joint}{upper}"


def _when(start_us: int | None, end_us: int | None) -> str:
    """Date and minutes in UTC, rounded outward."""
    start = "always" if start_us is None else format_instant(start_us - start_us % _MINUTE_US)[:16].replace("T", " ")
    if end_us is None:
        return f"{start} - no end"
    end = format_instant(end_us + -end_us % _MINUTE_US)[:16].replace("T", " ")
    return f"{start} - {end[11:] if end[:10] == start[:10] else end} Z"


def _size_m(footprint: Footprint) -> float:
    _, points, buffer_m = core(footprint)
    vectors = _vectors(points)
    return float(np.ptp(vectors, axis=0).max()) + buffer_m


def _vectors(points: Sequence[tuple[float, float]]) -> np.ndarray:
    rows = np.array(points)
    return ecef_m(rows[:, 0], rows[:, 1])


def _place(footprint: Footprint) -> str:
    """The middle of the footprint in degrees and minutes, as on a chart."""
    middle = lat_lng(on_surface_m(_vectors(core(footprint)[1]).sum(axis=0)))
    return f"{_angle(middle.lat_deg, 'NS', 2)} {_angle(middle.lng_deg, 'EW', 3)}"


def _angle(degrees: float, letters: str, digits: int) -> str:
    whole, tenths = divmod(round(abs(degrees) * 600), 600)
    return f"{whole:0{digits}}°{tenths / 10:04.1f}'{letters[degrees < 0]}"
