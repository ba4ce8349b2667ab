"""GeoJSON's geometries as the simple shapes that they are made of, and what of them has no meaning here.

Source: RFC 7946, section 3.1.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tansiq.errors import PartyError
from tansiq.formats.kit.record import Positions
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import require_point

POINT: Final = "Point"
LINE: Final = "LineString"
AREA: Final = "Polygon"
_MULTI: Final = {"MultiPoint": POINT, "MultiLineString": LINE, "MultiPolygon": AREA}
COLLECTION: Final = "GeometryCollection"
GEOMETRIES: Final = frozenset({POINT, LINE, AREA, *_MULTI, COLLECTION})


@dataclass(slots=True)
class Shape:
    """A Point, LineString or Polygon: where in the file it stands, and its points; of a Polygon the outer ring."""

    kind: str
    path: str
    points: list[LatLng]
    holes: int = 0
    heights: bool = False

    @property
    def positions(self) -> Positions:
        """The points as the file has them."""
        return [(point.lng_deg, point.lat_deg) for point in self.points]


@dataclass(slots=True)
class Shapes:
    """All shapes of a geometry, and every error of it."""

    found: list[Shape] = field(default_factory=list)
    errors: list[PartyError] = field(default_factory=list)


def shapes_of(geometry: object, path: str) -> Shapes:
    """The shapes of the geometry, in its order; none where it is null or its lists are empty (RFC 7946, 3.1)."""
    shapes = Shapes()
    # Not by recursion: collections may lie as deep in each other as JSON may.
    waiting = [(geometry, path)]
    while waiting:
        value, place = waiting.pop()
        if value is None:
            continue
        try:
            known = _geometry(value, place)
            if known["type"] == COLLECTION:
                inner = _list(known["geometries"], f"{place}.geometries")
                waiting.extend(reversed([(member, f"{place}.geometries[{i}]") for i, member in enumerate(inner)]))
                continue
            for kind, coordinates, at in _simple(known, place):
                shape = _shape(kind, coordinates, at, shapes.errors)
                if shape is not None:
                    shapes.found.append(shape)
        except PartyError as error:
            shapes.errors.append(error)
    return shapes


def _list(value: object, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise PartyError("bad_value", path, f"a value of type {type(value).__name__}", "a list")
    return value


def _geometry(value: object, path: str) -> dict[str, Any]:
    """The value as a geometry of a known type, which has the member that it needs."""
    if not isinstance(value, dict):
        raise PartyError("bad_value", path, f"a value of type {type(value).__name__}", "a geometry")
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in GEOMETRIES:
        raise PartyError("bad_value", f"{path}.type", repr(kind)[:80], "a geometry of RFC 7946")
    wanted = "geometries" if kind == COLLECTION else "coordinates"
    if wanted not in value:
        raise PartyError("missing_field", f"{path}.{wanted}", "nothing", "this field")
    return value


def _simple(value: dict[str, Any], path: str) -> Iterator[tuple[str, list[Any], str]]:
    """The simple shapes of a geometry, as kind, coordinates and place; those without coordinates are left out."""
    kind, path = value["type"], f"{path}.coordinates"
    coordinates = _list(value["coordinates"], path)
    if kind in _MULTI:
        parts = [(_list(part, f"{path}[{i}]"), f"{path}[{i}]") for i, part in enumerate(coordinates)]
        yield from ((_MULTI[kind], part, place) for part, place in parts if part)
    elif coordinates:
        yield kind, coordinates, path


def _shape(kind: str, coordinates: list[Any], path: str, errors: list[PartyError]) -> Shape | None:
    """The shape, or None where positions of it are errors."""
    shape = Shape(kind, path, [])
    before = len(errors)
    if kind == POINT:
        _read_points(shape, [coordinates], [path], errors)
    elif kind == LINE:
        _read_points(shape, coordinates, [f"{path}[{i}]" for i in range(len(coordinates))], errors)
    else:
        for number, ring in enumerate(coordinates):
            at = f"{path}[{number}]"
            if not isinstance(ring, list):
                errors.append(PartyError("bad_value", at, f"a value of type {type(ring).__name__}", "a ring"))
                continue
            part = Shape(kind, at, [])
            _read_points(part, ring, [f"{at}[{i}]" for i in range(len(ring))], errors)
            if len(errors) == before:
                _require_ring(part, errors)
            shape.heights |= part.heights
            shape.points = shape.points or part.points
        shape.path = f"{path}[0]"
        shape.holes = len(coordinates) - 1
    return shape if len(errors) == before else None


def _require_ring(ring: Shape, errors: list[PartyError]) -> None:
    """RFC 7946, 3.1.6: four positions or more, the last of which is the first."""
    if len(ring.points) < 4:
        errors.append(PartyError("too_few_vertices", ring.path, f"{len(ring.points)} positions", "at least 4"))
    elif ring.points[0] != ring.points[-1]:
        got = "a ring that is not closed"
        errors.append(PartyError("bad_value", ring.path, got, "the first position again as the last"))


def _read_points(shape: Shape, values: Sequence[Any], paths: Sequence[str], errors: list[PartyError]) -> None:
    for value, path in zip(values, paths, strict=True):
        try:
            shape.points.append(_point(value, path))
            shape.heights |= len(value) > 2
        except PartyError as error:
            errors.append(error)


def _point(value: Any, path: str) -> LatLng:  # noqa: ANN401 - any JSON value
    """The position: longitude before latitude (RFC 7946, 3.1.1)."""
    numbers = value if isinstance(value, list) else []
    if len(numbers) < 2 or any(type(number) not in {int, float} for number in numbers):
        raise PartyError("bad_value", path, repr(value)[:80], "a position: longitude, latitude")
    lng, lat = numbers[0], numbers[1]
    for name, number in (("lng", lng), ("lat", lat)):
        # Before an integer of hundreds of digits is made a float of.
        if isinstance(number, int) and abs(number) > 360:
            raise PartyError("out_of_range", f"{path}.{name}", repr(number)[:40], "degrees")
    point = LatLng(float(lat), float(lng))
    require_point(point, path)
    return point
