"""Writes intents as GeoJSON, one Feature to a volume and a line, so that they can be compared line by line.

Circles are points and corridors lines, with radius and half-width in the record; rings run counterclockwise (RFC 7946,
3.1.6). A shape that crosses 180 degrees is cut there (3.1.9), and its record holds its points as they are.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from tansiq.domain.intent import Intent
from tansiq.formats.kit.drawn import counterclockwise, cut_line, cut_ring, reaches_round
from tansiq.formats.kit.loss import Writing
from tansiq.formats.kit.record import Positions, VolumeRecord, points_of, positions, record_of
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon

FORMAT: Final = "tansiq-geojson/1"
MEMBER: Final = "tansiq"
"""The property that holds the record."""


def write_geojson(intents: Sequence[Intent]) -> Writing:
    """The intents as a FeatureCollection; reading it gives equal intents, so that there is no loss."""
    lines = b",\n".join(msgspec.json.encode(feature) for intent in intents for feature in _features(intent))
    return Writing(b'{"type":"FeatureCollection","features":[\n' + lines + b"\n]}\n", [])


def _features(intent: Intent) -> Iterator[dict[str, Any]]:
    for index in range(len(intent.volumes)) if intent.volumes else [None]:
        record = record_of(intent, index, FORMAT)
        geometry = None if index is None else geometry_of(intent.volumes[index].footprint, record)
        yield {
            "type": "Feature",
            "geometry": geometry,
            "properties": {"name": intent.name or intent.id, MEMBER: record},
        }


def geometry_of(footprint: Footprint, record: VolumeRecord) -> dict[str, Any]:
    """The footprint's geometry; what it can not say is put into the record."""
    points = points_of(footprint)
    if isinstance(footprint, Polygon):
        record.clockwise = not counterclockwise(footprint)
        points = points[::-1] if record.clockwise else points
    if cut := cut_drawing(footprint):
        record.outline = positions(points)
        if isinstance(footprint, Polygon):
            return {"type": "MultiPolygon", "coordinates": [[part] for part in cut]}
        return {"type": "MultiLineString", "coordinates": cut}
    found = positions(points)
    match footprint:
        case Circle():
            return {"type": "Point", "coordinates": found[0]}
        case Corridor():
            return {"type": "LineString", "coordinates": found}
        case Polygon():
            return {"type": "Polygon", "coordinates": [[*found, found[0]]]}


def cut_drawing(footprint: Footprint) -> list[Positions]:
    """The parts into which the footprint is cut at 180 degrees, or nothing where it does not reach over it."""
    match footprint:
        case Polygon(vertices) if reaches_round(vertices, closed=True):
            return cut_ring(footprint)
        case Corridor(line, _) if reaches_round(line, closed=False):
            return cut_line(footprint)
    return []
