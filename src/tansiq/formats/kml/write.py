"""Writes intents as KML, one Placemark to a volume and a line, so that they can be compared line by line.

What a program for maps shows is a drawing: a ring round a circle, rings round the legs of a corridor, from the ground
to the upper limit where that is a height above mean sea level or ground. The volume itself stands in the ExtendedData.
"""

import html
import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from tansiq.domain.intent import Intent
from tansiq.formats.kit.drawn import counterclockwise, ring_round_point, rings_round_line
from tansiq.formats.kit.loss import Writing
from tansiq.formats.kit.record import Positions, VolumeRecord, points_of, positions, record_of
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon
from tansiq.geometry.volume import Volume4D
from tansiq.units import DMM_PER_METRE, Reference

FORMAT: Final = "tansiq-kml/1"
MEMBER: Final = "tansiq"
"""The name of the Data that holds the record."""
_HEAD: Final = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2">
<Document><name>tansiq</name>
<Style id="volume"><LineStyle><width>2</width></LineStyle><PolyStyle><color>40ffffff</color></PolyStyle></Style>
"""
_TAIL: Final = "</Document>\n</kml>\n"
_MODES: Final = {Reference.AMSL: "absolute", Reference.AGL: "relativeToGround"}
GROUND: Final = "clampToGround"
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_kml(intents: Sequence[Intent]) -> Writing:
    """The intents as a KML document; reading it gives equal intents, so that there is no loss."""
    lines = [line for intent in intents for line in _placemarks(intent)]
    return Writing((_HEAD + "".join(lines) + _TAIL).encode(), [])


def _placemarks(intent: Intent) -> Iterator[str]:
    for index in range(len(intent.volumes)) if intent.volumes else [None]:
        record = record_of(intent, index, FORMAT)
        volume = None if index is None else intent.volumes[index]
        if volume is not None:
            record.outline = positions(points_of(volume.footprint))
        name = _text(intent.name or intent.id)
        span, shape = ("", "") if volume is None else (_span(record), _multi_geometry(volume))
        yield (
            f"<Placemark><name>{name}</name>{span}<styleUrl>#volume</styleUrl>"
            f'<ExtendedData><Data name="{MEMBER}"><value>{_text(_json(record))}</value></Data></ExtendedData>'
            f"{shape}</Placemark>\n"
        )


def _text(text: str) -> str:
    """The text as XML; the few characters that XML can not hold become the sign for those."""
    return html.escape(_NOT_XML.sub("\ufffd", text), quote=False)


def _json(record: VolumeRecord) -> str:
    """The record in ASCII, so that every character of it passes through XML."""
    return json.dumps(msgspec.to_builtins(record), separators=(",", ":"))


def _span(record: VolumeRecord) -> str:
    begin = f"<begin>{record.time_start}</begin>" if record.time_start else ""
    end = f"<end>{record.time_end}</end>" if record.time_end else ""
    return f"<TimeSpan>{begin}{end}</TimeSpan>" if begin or end else ""


def _multi_geometry(volume: Volume4D) -> str:
    mode, height_m = drawn_height(volume.band)
    height = "" if height_m is None else f",{height_m:.2f}"
    parts = []
    for number, part in enumerate(drawing(volume.footprint)):
        # To a millimetre: a drawing is no more exact than that.
        text = " ".join(f"{lng:.8f},{lat:.8f}{height}" for lng, lat in part)
        raised = f"<altitudeMode>{mode}</altitudeMode><coordinates>{text}</coordinates>"
        extruded = "" if height_m is None else "<extrude>1</extrude>"
        if len(part) == 1:
            parts.append(f"<Point>{raised}</Point>")
        elif number == 0 and isinstance(volume.footprint, Corridor):
            parts.append(f"<LineString><tessellate>1</tessellate>{raised}</LineString>")
        else:
            flat = f"{extruded}<tessellate>1</tessellate><altitudeMode>{mode}</altitudeMode>"
            ring = f"<LinearRing><coordinates>{text}</coordinates></LinearRing>"
            parts.append(f"<Polygon>{flat}<outerBoundaryIs>{ring}</outerBoundaryIs></Polygon>")
    return f"<MultiGeometry>{''.join(parts)}</MultiGeometry>"


def drawn_height(band: AltitudeBand) -> tuple[str, float | None]:
    """The altitudeMode of the drawing and how high it reaches, in metres; None where KML has no such height."""
    mode = None if band.upper is None else _MODES.get(band.upper.reference)
    if band.upper is None or mode is None:
        return GROUND, None
    return mode, band.upper.dmm / DMM_PER_METRE


def drawing(footprint: Footprint) -> Iterator[Positions]:
    """What is drawn of the footprint: its point or line and the rings round it, or its ring, closed."""
    match footprint:
        case Circle(center, radius_m):
            yield positions([center])
            rings = iter([ring_round_point(center, radius_m)])
        case Corridor(line, _):
            yield positions(line)
            rings = rings_round_line(footprint)
        case Polygon(vertices):
            rings = iter([list(vertices) if counterclockwise(footprint) else list(reversed(vertices))])
    for ring in rings:
        yield positions([*ring, ring[0]])
