"""KML's geometries as the simple shapes that they are made of.

Source: OGC KML 2.2, clause 10.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from tansiq.errors import PartyError
from tansiq.formats.kit.record import Positions
from tansiq.formats.kit.xml import Element
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import require_point

POINT: Final = "Point"
LINE: Final = "LineString"
AREA: Final = "Polygon"
_RING: Final = "LinearRing"
_MULTI: Final = "MultiGeometry"
_PLACED: Final = frozenset({"Model", "Track", "MultiTrack"})
"""A three-dimensional model, and ways with a time for each point (Google's gx): points and lines without a width."""
GEOMETRIES: Final = frozenset({POINT, LINE, AREA, _RING, _MULTI, *_PLACED})
_NUMBER: Final = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?"
_TUPLE: Final = re.compile(rf"({_NUMBER}),({_NUMBER})(?:,({_NUMBER}))?", re.ASCII)


@dataclass(slots=True)
class Shape:
    """A Point, LineString or Polygon: where in the file it stands, its points, and how high they are.

    `mode` is the altitudeMode. `heights_m` are the third numbers, 0 where there is none.
    """

    kind: str
    path: str
    points: list[LatLng]
    heights_m: list[float]
    mode: str
    extruded: bool
    shifted: bool = False
    holes: int = 0


@dataclass(slots=True)
class Shapes:
    """All shapes of a Placemark, and every error of them."""

    found: list[Shape] = field(default_factory=list)
    errors: list[PartyError] = field(default_factory=list)


def children(element: Element, name: str) -> list[Element]:
    """The element's children of this name."""
    return [child for child in element.children if child.name == name]


def text_of(element: Element, name: str) -> str | None:
    """The text of the first child of this name, or None."""
    found = children(element, name)
    return found[0].text.strip() if found else None


def drawing_of(element: Element) -> tuple[list[Positions], list[float]]:
    """All coordinates of a geometry in their order, as they stand in the file, and their heights.

    Raises PartyError: bad_value, out_of_range, not_finite.
    """
    drawn: list[Positions] = []
    heights_m: list[float] = []
    for child in element.children:
        if child.name == "coordinates":
            points, heights = _coordinates(child, "coordinates")
            drawn.append([(point.lng_deg, point.lat_deg) for point in points])
            heights_m.extend(heights)
        else:
            inner, heights = drawing_of(child)
            drawn.extend(inner)
            heights_m.extend(heights)
    return drawn, heights_m


def add_shapes(shapes: Shapes, geometry: Element, path: str) -> None:
    """The shapes of the geometry, and its errors, are among the shapes. No deeper than XML may be."""
    if geometry.name != _MULTI:
        try:
            shapes.found.append(_shape(geometry, path))
        except PartyError as error:
            shapes.errors.append(error)
        return
    for i, child in enumerate(geometry.children):
        if child.name in GEOMETRIES:
            add_shapes(shapes, child, f"{path}.{child.name}[{i}]")
        else:
            shapes.errors.append(PartyError("bad_value", path, child.name[:40], "geometries of KML 2.2"))


def _shape(geometry: Element, path: str) -> Shape:
    """The simple geometry as a shape."""
    if geometry.name in _PLACED:
        want = "a Point with a radius, a LineString with a half_width, or a Polygon"
        raise PartyError("bad_value", path, geometry.name, want)
    mode = text_of(geometry, "altitudeMode") or "clampToGround"
    # Google's extension stands beside the standard's element or in its place; its modes are other ones.
    if any(child.name == "altitudeMode" and "google" in child.namespace for child in geometry.children):
        mode = children(geometry, "altitudeMode")[-1].text.strip()
    shape = Shape(
        LINE if geometry.name == _RING else geometry.name,
        path,
        [],
        [],
        mode,
        extruded=text_of(geometry, "extrude") in {"1", "true"},
        shifted=bool(children(geometry, "altitudeOffset")),
    )
    holder = geometry
    if geometry.name == AREA:
        holder, path = _outer_ring(geometry, path)
        shape.holes = len(children(geometry, "innerBoundaryIs"))
    found = children(holder, "coordinates")
    if len(found) != 1:
        raise PartyError("missing_field", f"{path}.coordinates", f"{len(found)} of them", "one")
    shape.path = f"{path}.coordinates"
    shape.points, shape.heights_m = _coordinates(found[0], shape.path)
    if not shape.points:
        raise PartyError("missing_field", shape.path, "nothing", "longitude,latitude")
    return shape


def _outer_ring(polygon: Element, path: str) -> tuple[Element, str]:
    outer = children(polygon, "outerBoundaryIs")
    rings = [ring for boundary in outer for ring in children(boundary, _RING)]
    if len(rings) != 1:
        raise PartyError("missing_field", f"{path}.outerBoundaryIs.{_RING}", f"{len(rings)} of them", "one")
    return rings[0], f"{path}.outerBoundaryIs.{_RING}"


def _coordinates(element: Element, path: str) -> tuple[list[LatLng], list[float]]:
    """The points and heights of the text: `longitude,latitude` or `longitude,latitude,altitude`, blanks between."""
    points: list[LatLng] = []
    heights_m: list[float] = []
    for i, part in enumerate(element.text.split()):
        found = _TUPLE.fullmatch(part) if len(part) < 1_000 else None
        if found is None:
            raise PartyError("bad_value", f"{path}[{i}]", repr(part)[:80], "longitude,latitude or with a height")
        point = LatLng(float(found[2]), float(found[1]))
        require_point(point, f"{path}[{i}]")
        points.append(point)
        heights_m.append(float(found[3] or 0.0))
    return points, heights_m
