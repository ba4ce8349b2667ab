"""The maps: where the conflicts are, with the plans around them, on charts that work anywhere on the globe."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from tansiq.formats.kit import findings as wire
from tansiq.formats.report import notation
from tansiq.formats.report.chart import Chart, bar_m, chart_for, grid
from tansiq.formats.report.findings import Finding, Findings, point_of
from tansiq.formats.report.html import Safe, el, fill, join, ltr
from tansiq.formats.report.shapes import line_m, path_of, ring_m, thinned
from tansiq.formats.report.style import Styles
from tansiq.geometry.earth import FloatArray, LatLng, ecef_m, lat_lng
from tansiq.geometry.footprint import Footprint
from tansiq.limits import LIMITS
from tansiq.units import METRES_PER_NAUTICAL_MILE
from tansiq.words import Words

WIDTH: Final = 960
HEIGHT: Final = 620
SMALL_WIDTH: Final = 300
SMALL_HEIGHT: Final = 220
MANY: Final = 500
"""From so many conflicts on, the map of all is drawn coarsely: who wants to see one looks at its own map."""
LABEL_WIDTH: Final = 22
LABEL_HEIGHT: Final = 15
EDGE: Final = 20
_OFFSETS: Final = ((0, -13), (15, 0), (0, 17), (-15, 0), (15, -13), (-15, -13), (15, 15), (-15, 15))


def overview(findings: Findings, styles: Styles, words: Words) -> Safe:
    """The map of all listed conflicts with what lies around them, and what it leaves out in words."""
    around = _footprints(findings.listed)
    focus_m = np.concatenate([_focus_m(finding) for finding in findings.listed])
    chart = chart_for(focus_m, list(around.values()), WIDTH, HEIGHT, coarse=len(findings.listed) > MANY)
    others, more = _others(findings, chart, around)
    drawing = join(
        el("path", d=others, class_="other") if others else None,
        [
            el("path", d=d, class_=f"area {styles.class_of(party)}")
            for party, d in _by_party(findings.listed, findings.parties, chart)
        ],
        [_meeting(finding, finding.row.overlaps, chart) for finding in findings.listed],
        _markers(findings.listed, chart),
    )
    title = words.say("Map")
    sentence = words.say(
        "Drawn is what the plans declare. Distances and bearings are true from the middle, {place}: azimuthal "
        "equidistant projection, WGS84. Shorelines and borders are not drawn."
    )
    notes = [fill(sentence, place=ltr(notation.place(lat_lng(chart.middle_m))))]
    if more:
        left = words.count(
            "{n} volume around the conflicts is not drawn.", "{n} volumes around the conflicts are not drawn.", more
        )
        notes.append(fill(left, n=words.number(more)))
    note = el("p", join(*(join(note, " ") for note in notes)), class_="note")
    return join(el("div", _svg(chart, drawing, title, words), class_="wide"), note)


def detail(finding: Finding, styles: Styles, words: Words) -> Safe:
    """The map of one conflict: its told pair of volumes, and thinner the other pairs of the same two intents."""
    footprints = [volume.footprint for volume in finding.volumes]
    chart = chart_for(_focus_m(finding), [ring_m(f) for f in footprints], SMALL_WIDTH, SMALL_HEIGHT)
    told = set(footprints)
    others = "".join(_shape(f, chart) for f in _footprints([finding]) if f not in told)
    x, y = chart.project(_vectors_m([finding.place]))[0].tolist()
    drawing = join(
        el("path", d=others, class_="other") if others else None,
        [
            el("path", d=_shape(footprint, chart), class_=f"area {styles.class_of(intent.party)}")
            for intent, footprint in zip(finding.intents, footprints, strict=True)
        ],
        _meeting(finding, [finding.told], chart),
        _marker(x, y, finding.row.certainty),
    )
    title = words.say("Map")
    return _svg(chart, drawing, f"{title} {finding.number}", words)


def _vectors_m(points: Sequence[LatLng]) -> FloatArray:
    table = np.array(points, dtype=np.float64)
    return ecef_m(table[:, 0], table[:, 1])


def _focus_m(finding: Finding) -> FloatArray:
    """The surface points of where the two come together."""
    points = [finding.place]
    why = finding.told.explanation
    if why is not None:
        points += [point_of(p) for ring in why.shared or () for p in ring]
        points += [point_of(p) for p in why.closest or ()]
    return _vectors_m(points)


def _footprints(findings: Iterable[Finding]) -> dict[Footprint, FloatArray]:
    """Every footprint that is in one of the conflicts, once, with its ring."""
    found: dict[Footprint, FloatArray] = {}
    for finding in findings:
        a, b = finding.intents
        for i, k in finding.row.volume_pairs:
            for footprint in (a.volumes[i].footprint, b.volumes[k].footprint):
                if footprint not in found:
                    found[footprint] = ring_m(footprint)
    return found


def _by_party(findings: Iterable[Finding], parties: Sequence[str], chart: Chart) -> Iterator[tuple[str, str]]:
    """Per party one path of all its volumes that are in a conflict: one element, however many they are."""
    shapes: dict[str, dict[Footprint, None]] = {party: {} for party in parties}
    for finding in findings:
        for i, k in finding.row.volume_pairs:
            for intent, volume in zip(finding.intents, (i, k), strict=True):
                shapes[intent.party][intent.volumes[volume].footprint] = None
    for party, footprints in shapes.items():
        d = "".join(_shape(footprint, chart) for footprint in footprints)
        if d:
            yield party, d


def _others(findings: Findings, chart: Chart, drawn: dict[Footprint, FloatArray]) -> tuple[str, int]:
    """The path of all other volumes that can be seen, and how many more there was no room for."""
    rest = {v.footprint: None for intent in findings.intents for v in intent.volumes if v.footprint not in drawn}
    kept = list(rest)[: LIMITS.report_outlines]
    return "".join(_shape(footprint, chart) for footprint in kept), len(rest) - len(kept)


def _shape(footprint: Footprint, chart: Chart) -> str:
    """The footprint's path, or nothing where it lies outside the frame; all wind one way, so that none cancel."""
    return _path(chart.project(ring_m(footprint)), chart)


def _path(points: FloatArray, chart: Chart) -> str:
    low, high = points.min(axis=0), points.max(axis=0)
    if high[0] < 0 or high[1] < 0 or low[0] > chart.width or low[1] > chart.height:
        return ""
    x, y = points[:, 0], points[:, 1]
    clockwise = float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) > 0
    return path_of(thinned(points if clockwise else points[::-1], chart.fine), coarse=chart.coarse)


def _meeting(finding: Finding, overlaps: Iterable[wire.Overlap], chart: Chart) -> Iterator[Safe]:
    """What the two hold in common, hatched, or the shortest line between them."""
    whole, short = {"certain": "", "possible": ""}, {"certain": "", "possible": ""}
    for overlap in overlaps:
        why = overlap.explanation
        if why is None:
            continue
        for ring in why.shared or ():
            vectors_m = line_m([point_of(p) for p in ring], closed=True)
            whole[overlap.certainty] += _path(chart.project(vectors_m), chart)
        if why.closest is not None and overlap is finding.told:
            ends_m = line_m([point_of(p) for p in why.closest], closed=False)
            short[overlap.certainty] += path_of(chart.project(ends_m), closed=False)
    for certainty, d in whole.items():
        if d:
            yield el("path", d=d, class_=f"shared {certainty}")
    for certainty, d in short.items():
        if d:
            yield el("path", d=d, class_=f"closest {certainty}")


def _marker(x: float, y: float, certainty: str) -> Safe:
    return el("g", el("use", href="#diamond", x=x, y=y), class_=certainty)


def _markers(findings: Sequence[Finding], chart: Chart) -> Iterator[Safe]:
    """A diamond per conflict, each a link to its row, and its number where there is room for it."""
    spots = chart.project(_vectors_m([finding.place for finding in findings]))
    taken = {_cell(float(x), float(y)) for x, y in spots}
    for finding, (x, y) in zip(findings, spots.tolist(), strict=True):
        if not chart.holds(x, y):
            continue
        label = None
        for dx, dy in _OFFSETS:
            if chart.holds(x + dx, y + dy, 10) and not (cells := _cells(x + dx, y + dy, finding.number)) & taken:
                taken |= cells
                label = el("text", str(finding.number), x=x + dx, y=y + dy + 4, class_="number")
                break
        if chart.coarse:
            mark = el("use", href="#diamond-small", x=round(x), y=round(y))
        else:
            mark = el("use", href="#diamond", x=x, y=y)
        yield el("a", mark, label, href=f"#c{finding.number}", class_=finding.row.certainty)


def _cell(x: float, y: float) -> tuple[int, int]:
    return int(x // (LABEL_WIDTH / 2)), int(y // (LABEL_HEIGHT / 2))


def _cells(x: float, y: float, number: int) -> set[tuple[int, int]]:
    """The cells that the number with its middle here covers."""
    half = 4 * len(str(number)) + 3
    return {_cell(x + dx, y + dy) for dx in range(-half, half + 1, 5) for dy in (-5, 0, 5)}


def _svg(chart: Chart, drawing: Safe, title: str, words: Words) -> Safe:
    frame = el("rect", width=chart.width, height=chart.height, class_="sea")
    lines, labels = _grid(chart)
    border = el("rect", x=0.5, y=0.5, width=chart.width - 1, height=chart.height - 1, class_="border")
    return el(
        "svg",
        el("title", title),
        join(frame, lines, drawing, labels, _scale_bar(chart, words), _north(chart), border),
        viewBox=f"0 0 {chart.width:g} {chart.height:g}",
        class_="map",
        role="img",
    )


def _grid(chart: Chart) -> tuple[Safe, Safe]:
    """The graticule, and its labels where the lines leave the frame: latitudes at the left, longitudes below."""
    paths, labels, taken = [], [], list[tuple[float, float]]()
    for line in grid(chart):
        paths.append(_open_path(line.points, chart))
        inside = [(x, y) for x, y in line.points.tolist() if chart.holds(x, y)]
        if not inside:
            continue
        parallel = line.lat_deg is not None
        x, y = min(inside, key=lambda p: p[0]) if parallel else _end(inside, chart)
        x, y = (max(4.0, x + 3), y - 4) if parallel else (x + 4, min(y, chart.height - 6))
        text = _degrees(line.lat_deg, "NS", 2) if line.lat_deg is not None else _degrees(line.lng_deg or 0.0, "EW", 3)
        room = 7.0 * len(text)
        crowded = any(abs(x - u) < room + 6 and abs(y - v) < LABEL_HEIGHT for u, v in taken)
        corner = x + room > chart.width - 120 and y > chart.height - 60
        if not crowded and not corner and x + room < chart.width and y > LABEL_HEIGHT:
            taken.append((x, y))
            labels.append(el("text", text, x=x, y=y, class_="degrees"))
    return el("path", d="".join(paths), class_="graticule"), join(labels)


def _end(inside: Sequence[tuple[float, float]], chart: Chart) -> tuple[float, float]:
    """Where a meridian leaves the frame, below if it does; the middle of one that does not leave it."""
    x, y = max(inside, key=lambda p: p[1])
    if y > chart.height - EDGE:
        return x, y
    x, y = min(inside, key=lambda p: min(p[0], p[1], chart.width - p[0]))
    return (x, y) if min(x, y, chart.width - x) < EDGE else inside[len(inside) // 2]


def _open_path(points: FloatArray, chart: Chart) -> str:
    """The parts of a line that lie in the frame or next to it, the line broken where it is far away."""
    room = (chart.width + chart.height) / 4
    near = np.asarray(((points > -room) & (points < (chart.width + room, chart.height + room))).all(axis=1))
    parts = np.split(points, np.flatnonzero(np.diff(near)) + 1)
    return "".join(
        path_of(thinned(part, chart.fine, closed=False), closed=False) for part in parts[1 - int(near[0]) :: 2]
    )


def _degrees(degrees: float, letters: str, digits: int) -> str:
    """A line's own degrees, with as many decimals of a minute as it needs; 0 and 180 lie on neither side."""
    minutes = abs(degrees) * 60
    decimals = next((d for d in range(4) if math.isclose(minutes, round(minutes, d), abs_tol=1e-6)), 3)
    text = notation.angle(degrees, letters, digits, decimals)
    return text[:-1] if degrees % 180 == 0 else text


def _scale_bar(chart: Chart, words: Words) -> Safe:
    """Two round lengths, nautical miles above and metres below; true in the middle of the map."""
    right, y, most = chart.width - 12.0, chart.height - 26.0, 100.0
    rows = []
    for unit_m, name, above in ((METRES_PER_NAUTICAL_MILE, "NM", True), (1000.0, "km", False)):
        units = bar_m(chart, most, unit_m)
        text = f"{words.number(units, 4)} {name}"
        if name == "km" and units < 1:
            text = f"{words.number(units * 1000, 1)} m"
        left = right - units * unit_m * chart.scale
        tick = -6 if above else 6
        rows.append(el("path", d=f"M{left:.1f} {y + tick}v{-tick}H{right:g}v{tick}", class_="scale"))
        rows.append(el("text", text, x=right, y=y - 9 if above else y + 19, class_="degrees end"))
    return join(rows)


def _north(chart: Chart) -> Safe | None:
    """An arrow to the north of the map's middle; at a pole, where every way leads south, the pole itself."""
    for sign in (1.0, -1.0):
        pole_m = ecef_m(np.array([90.0 * sign]), np.array([0.0]))
        x, y = chart.project(pole_m)[0].tolist()
        if chart.holds(x, y) and sign * float(chart.middle_m[2]) > 0:
            cross = el("path", d=f"M{x - 5:.1f} {y:.1f}h10M{x:.1f} {y - 5:.1f}v10", class_="scale")
            return join(cross, el("text", f"90°{'N' if sign > 0 else 'S'}", x=x + 7, y=y - 5, class_="degrees"))
    home = lat_lng(chart.middle_m)
    ahead_m = ecef_m(np.array([home.lat_deg + (1e-4 if home.lat_deg < 0 else -1e-4)]), np.array([home.lng_deg]))
    sense = 1 if home.lat_deg < 0 else -1
    dx, dy = (chart.project(ahead_m)[0] - chart.project(chart.middle_m[None, :])[0]).tolist()
    turn = math.degrees(math.atan2(sense * dx, -sense * dy))
    arrow = join(el("path", d="M0-15L5 7 0 3-5 7z", class_="north"), el("text", "N", y=20, class_="number"))
    return el("g", arrow, transform=f"translate({chart.width - 22:g} 26) rotate({turn:.1f})")
