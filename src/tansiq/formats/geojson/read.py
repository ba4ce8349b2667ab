"""Reads GeoJSON: features of ours exactly, all others outward, with what could not be read told as losses.

Rules for the next editor:

1. A record of ours is strict: a field it does not have, or a drawing that does not agree with it, is refused.
2. Of others nothing narrows a volume but what docs/reference/geojson.md lists. The rest is unbounded, and told.
3. Edges of ours are geodesics; edges of others are straight in longitude and latitude (RFC 7946, 3.1.1).
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

from tansiq.errors import Finding, InputRefusedError, PartyError
from tansiq.formats.geojson.shapes import AREA, GEOMETRIES, LINE, POINT, Shape, shapes_of
from tansiq.formats.geojson.write import FORMAT, MEMBER, cut_drawing
from tansiq.formats.kit import strict
from tansiq.formats.kit.drawn import same_drawing
from tansiq.formats.kit.foreign import ForeignFields
from tansiq.formats.kit.gather import Gathering
from tansiq.formats.kit.loss import Reading
from tansiq.formats.kit.record import VolumeRecord, footprint_of, read_record, volume_of
from tansiq.formats.kit.straight import straight_line, straight_ring
from tansiq.formats.kit.text import without_half_pairs
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Footprint
from tansiq.geometry.volume import Volume4D

T = TypeVar("T")

_CRS84: Final = frozenset({"urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84"})
"""What files of before RFC 7946 name the coordinates that all later ones have."""
_FEATURE_FIELDS: Final = frozenset({"type", "geometry", "properties", "id", "bbox"})


def read_geojson(content: bytes, name: str) -> Reading:
    """The intents of a file, in its order, and what of it could not be kept. `name` names the file in errors.

    Accepted: a FeatureCollection, a Feature or a geometry. A feature of others is an intent of its own, of an unknown
    party; the parts of its geometry are its volumes.

    Raises InputRefusedError with every error that was found.
    """
    gathering = Gathering(name)
    try:
        top = strict.parse(_text(content))
        features = _features(top)
    except PartyError as error:
        raise InputRefusedError([Finding(name, "file", error)]) from error
    for place, feature in features:
        _Feature(gathering, place).read(feature)
    return gathering.reading()


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PartyError("bad_json", "", f"byte {error.start} is not UTF-8", "UTF-8 text") from error


def _features(top: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - any JSON value
    """The file's features with their places; a geometry by itself is one without properties."""
    kind = top.get("type") if isinstance(top, dict) else None
    if not isinstance(kind, str) or kind not in {"FeatureCollection", "Feature", *GEOMETRIES}:
        want = "a FeatureCollection, a Feature or a geometry of RFC 7946"
        raise PartyError("unknown_format", "type", repr(kind)[:80], want)
    crs = top.get("crs")
    if crs is not None and not _is_crs84(crs):
        # Other coordinates, taken for degrees, would put every volume in a wrong place.
        raise PartyError("bad_value", "crs", repr(crs)[:80], "longitude and latitude on WGS84, CRS84")
    if kind == "Feature":
        return [("feature", top)]
    if kind in GEOMETRIES:
        return [("geometry", {"type": "Feature", "geometry": top})]
    features = top.get("features")
    if not isinstance(features, list):
        raise PartyError("bad_value", "features", f"a value of type {type(features).__name__}", "a list of features")
    return [(f"features[{i}]", feature) for i, feature in enumerate(features)]


def _is_crs84(crs: object) -> bool:
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return isinstance(name, str) and name in _CRS84


class _Feature:
    """One feature on its way into the gathering."""

    def __init__(self, gathering: Gathering, place: str) -> None:
        self._gathering = gathering
        self._place = place

    def read(self, feature: Any) -> None:  # noqa: ANN401 - any JSON value
        properties = feature.get("properties") if isinstance(feature, dict) else None
        error = _feature_error(feature, properties)
        if error is not None:
            self._gathering.refuse(self._place, error)
        elif properties and MEMBER in properties:
            self._own(feature, properties[MEMBER])
        else:
            self._foreign(feature, properties or {})

    def _refuse(self, error: PartyError) -> None:
        self._gathering.refuse(self._place, error)

    def _attempt(self, field: str, make: Callable[[], T]) -> T | None:
        return self._gathering.attempt(self._place, field, make)

    def _shapes(self, feature: dict[str, Any]) -> list[Shape] | None:
        """The feature's shapes, or None where there are errors in them."""
        if "geometry" not in feature:
            self._refuse(PartyError("missing_field", "geometry", "nothing", "a geometry, or null"))
            return None
        shapes = shapes_of(feature["geometry"], "geometry")
        for error in shapes.errors:
            self._refuse(error)
        return None if shapes.errors else shapes.found

    # ------------------------------------------------------------------------------------------------------------ ours

    def _own(self, feature: dict[str, Any], value: object) -> None:
        under = f"properties.{MEMBER}"
        record = self._attempt(under, lambda: read_record(value, FORMAT))
        if record is None:
            return
        self._place = f"{self._place} ({record.id[:40]})"
        shapes = self._shapes(feature)
        volume = None
        if shapes is not None:
            footprint = self._attempt("geometry", lambda: _own_footprint(record, shapes))
            volume = volume_of(record, footprint, lambda field, make: self._attempt(_joined(under, field), make))
        self._gathering.own(self._place, record, volume)

    # ---------------------------------------------------------------------------------------------------------- others

    def _foreign(self, feature: dict[str, Any], properties: dict[str, Any]) -> None:
        intent_id = self._id(feature.get("id"))
        self._place = f"{self._place} ({intent_id[:40]})"
        fields = ForeignFields(properties, [key for key in feature if key not in _FEATURE_FIELDS])
        shapes = self._shapes(feature)
        lengths_m = self._attempt("properties", fields.lengths_m)
        band = self._attempt("properties", fields.band)
        window = self._attempt("properties", fields.window)
        footprints: list[Footprint] = []
        if lengths_m is not None:
            for shape in self._without_pins(shapes or [], lengths_m[0]):
                footprints += self._attempt("", partial(_foreign_footprints, shape, *lengths_m)) or []
        if shapes is not None:
            self._tell(shapes)
        for loss in fields.losses(self._place):
            self._gathering.lose(self._place, loss.field, loss.what, loss.instead)
        volumes = [] if band is None or window is None else [Volume4D(shape, band, window) for shape in footprints]
        self._gathering.foreign(self._place, intent_id, fields.name, volumes)

    def _without_pins(self, shapes: list[Shape], radius_m: float | None) -> list[Shape]:
        """The shapes without the points that have no radius: labels and places of interest, as a rule."""
        kept = [shape for shape in shapes if shape.kind != POINT or radius_m is not None]
        if len(kept) < len(shapes):
            what = f"{len(shapes) - len(kept)} points without a radius"
            self._gathering.lose(self._place, "geometry", what, "no volume: they are not checked")
        return kept

    def _id(self, value: object) -> str:
        """The feature's own id, or its number within the file."""
        if type(value) in {str, int, float}:
            found = str(value)[:1_000]
            if without_half_pairs(found) == found:
                return found
        if value is not None:
            self._refuse(PartyError("bad_value", "id", ascii(value)[:80], "text or a number"))
        return self._gathering.next_id

    def _tell(self, shapes: list[Shape]) -> None:
        """What the shapes say that is not kept."""
        lose = partial(self._gathering.lose, self._place)
        if not shapes:
            lose("geometry", "no place", "an intent without volumes, which is reported as not checked")
        holes = sum(shape.holes for shape in shapes)
        if holes:
            lose("geometry", f"{holes} holes", "the areas without holes")
        if any(shape.heights for shape in shapes):
            instead = "the limits of its properties, or any height"
            lose("geometry", "a third number of its positions, a height", instead)


def _feature_error(feature: object, properties: object) -> PartyError | None:
    """What keeps this from being a feature, or None."""
    if not isinstance(feature, dict):
        return PartyError("bad_value", "", f"a value of type {type(feature).__name__}", "a Feature, a JSON object")
    if feature.get("type") != "Feature":
        return PartyError("bad_value", "type", repr(feature.get("type"))[:80], "'Feature'")
    if properties is not None and not isinstance(properties, dict):
        got = f"a value of type {type(properties).__name__}"
        return PartyError("bad_value", "properties", got, "an object, or null")
    return None


def _joined(path: str, field: str) -> str:
    return f"{path}.{field}" if field else path


def _own_footprint(record: VolumeRecord, shapes: list[Shape]) -> Footprint | None:
    """The record's footprint, out of its outline or else the geometry; None where its intent has no volumes.

    Raises PartyError bad_value where the geometry is not what the record says: somebody has changed it.
    """
    if record.count == 0:
        if shapes:
            raise PartyError("bad_value", "", "a geometry", "null for an intent without volumes")
        return None
    if record.outline is None:
        return footprint_of(record, _own_points(record, shapes))
    footprint = footprint_of(record, [LatLng(lat, lng) for lng, lat in record.outline])
    if not same_drawing(cut_drawing(footprint), [shape.positions for shape in shapes]):
        want = f"the drawing of {MEMBER}.outline; or a feature without {MEMBER}"
        raise PartyError("bad_value", "", "another shape than its record has", want)
    return footprint


def _own_points(record: VolumeRecord, shapes: list[Shape]) -> list[LatLng]:
    """The points of the only shape, of the kind that the record says."""
    kind = POINT if record.radius is not None else LINE if record.half_width is not None else AREA
    found = [shape.kind for shape in shapes]
    if found != [kind]:
        raise PartyError("bad_value", "", " and ".join(found[:5]) or "no geometry", f"one {kind}, as its record says")
    points = shapes[0].points
    if shapes[0].holes:
        raise PartyError("bad_value", "", "a polygon with holes", "one without: its record has none")
    return points[:-1] if kind == AREA else points


def _foreign_footprints(shape: Shape, radius_m: float | None, half_width_m: float | None) -> list[Footprint]:
    """What the shape covers, edges being straight in longitude and latitude."""
    if shape.kind == AREA:
        for field, length_m in (("radius", radius_m), ("half_width", half_width_m)):
            if length_m is not None:
                raise PartyError("outline_count", f"properties.{field}", "a length beside a polygon", "one of both")
        return straight_ring(shape.points, shape.path)
    if shape.kind == POINT:
        assert radius_m is not None, "a pin"
        return [Circle(shape.points[0], radius_m)]
    if half_width_m is None:
        want = "its half-width, such as '1 NM'"
        raise PartyError("missing_field", "properties.half_width", "a LineString without", want)
    return straight_line(shape.points, shape.path, half_width_m)
