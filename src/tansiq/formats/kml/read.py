"""Reads KML: placemarks of ours exactly, all others outward, with what could not be read told as losses.

Rules for the next editor:

1. A record of ours is strict: a field it does not have, or a drawing or TimeSpan that does not agree with it, is
   refused.
2. Of others nothing narrows a volume but what docs/reference/kml.md lists. The rest is unbounded, and told.
3. KML does not say how its edges run between their points: a shape of others covers both readings.
4. Nothing outside the file is opened. What a link leads to is an intent without volumes: not checked.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Final, TypeVar

from tansiq.errors import Finding, InputRefusedError, PartyError
from tansiq.formats.kit import strict
from tansiq.formats.kit.drawn import same_drawing
from tansiq.formats.kit.foreign import ForeignFields
from tansiq.formats.kit.gather import Gathering
from tansiq.formats.kit.loss import Reading
from tansiq.formats.kit.periods import period
from tansiq.formats.kit.record import VolumeRecord, footprint_of, read_record, volume_of
from tansiq.formats.kit.straight import TOLERANCE_M, wrapped_line, wrapped_ring
from tansiq.formats.kit.xml import Element, parse_xml
from tansiq.formats.kml.shapes import (
    AREA,
    GEOMETRIES,
    POINT,
    Shape,
    Shapes,
    add_shapes,
    children,
    drawing_of,
    text_of,
)
from tansiq.formats.kml.write import FORMAT, MEMBER, drawing, drawn_height
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Footprint
from tansiq.geometry.volume import Volume4D
from tansiq.units import Altitude, AltitudeUnit, Reference

T = TypeVar("T")

_CONTAINERS: Final = frozenset({"Document", "Folder"})
_ELSEWHERE: Final = frozenset({"NetworkLink", "GroundOverlay"})
"""What says that something lies somewhere, but not here, or only as a picture."""
_TIMES: Final = frozenset({"TimeSpan", "TimeStamp"})
_LOOKS: Final = frozenset({
    "name", "visibility", "open", "author", "link", "address", "AddressDetails", "phoneNumber", "Snippet", "LookAt",
    "Camera", "styleUrl", "Style", "StyleMap", "Region", "Schema", "ScreenOverlay", "PhotoOverlay", "Tour",
    "balloonVisibility", "description", "snippet",
})  # fmt: skip
"""What has no meaning here; a placemark's description may have one, and is told where it could."""
_UPPER: Final = {"absolute": Reference.AMSL, "relativeToGround": Reference.AGL}
"""What KML's heights are measured from. Source: OGC KML 2.2, 6.5 and 16.1."""


def read_kml(content: bytes, name: str) -> Reading:
    """The intents of a file, in its order, and what of it could not be kept. `name` names the file in errors.

    A placemark of others is an intent of its own, of an unknown party; the parts of its geometry are its volumes.

    Raises InputRefusedError with every error that was found.
    """
    gathering = Gathering(name)
    try:
        root = parse_xml(content)
    except PartyError as error:
        raise InputRefusedError([Finding(name, "file", error)]) from error
    if root.name == "kml":
        _read_container(gathering, root)
    else:
        gathering.refuse("file", PartyError("unknown_format", "", f"<{root.name[:40]}>", "<kml>"))
    return gathering.reading()


def _read_container(gathering: Gathering, container: Element) -> None:
    """Everything in the container is in the gathering. No deeper than XML may be."""
    for element in container.children:
        place = f"{element.name[:40]}, line {element.line}"
        if element.name == "Placemark":
            _Placemark(gathering, place, element).read()
        elif element.name in _CONTAINERS:
            _read_container(gathering, element)
        elif element.name in _ELSEWHERE:
            instead = "an intent without volumes, which is reported as not checked"
            gathering.lose(place, element.name, "what it leads to is not read", instead)
            gathering.foreign(place, gathering.next_id, ForeignFields({"name": text_of(element, "name")}).name, [])
        elif element.name in _TIMES:
            # Its features would inherit it; unbounded, they hold at least as much.
            gathering.lose(place, element.name, "the time of a container", "any time, but for its placemarks' own")
        elif element.name not in _LOOKS:
            gathering.lose(place, element.name, "an element of no known meaning", "nothing: it is not checked")


class _Placemark:
    """One placemark on its way into the gathering."""

    def __init__(self, gathering: Gathering, place: str, element: Element) -> None:
        self._gathering = gathering
        self._place = place
        self._element = element
        self._fields = dict(_named(element))

    def read(self) -> None:
        geometries = [child for child in self._element.children if child.name in GEOMETRIES]
        twice = _twice(self._element)
        if twice is not None:
            self._refuse(PartyError("bad_value", "ExtendedData", f"{twice[:40]!r} twice", "each name once"))
        elif len(geometries) > 1:
            self._refuse(PartyError("bad_value", "", f"{len(geometries)} geometries", "one, or a MultiGeometry"))
        elif MEMBER in self._fields:
            self._own(geometries)
        else:
            self._foreign(geometries)

    def _refuse(self, error: PartyError) -> None:
        self._gathering.refuse(self._place, error)

    def _attempt(self, field: str, make: Callable[[], T]) -> T | None:
        return self._gathering.attempt(self._place, field, make)

    # ------------------------------------------------------------------------------------------------------------ ours

    def _own(self, geometries: list[Element]) -> None:
        under = f"ExtendedData.{MEMBER}"
        record = self._attempt(under, lambda: read_record(strict.parse(self._fields[MEMBER]), FORMAT))
        if record is None:
            return
        self._place = f"{self._place} ({record.id[:40]})"
        footprint = self._attempt(f"{under}.outline", lambda: _own_footprint(record))
        attempt = partial(_attempt_under, self._attempt, under)
        volume = volume_of(record, footprint, attempt)
        if volume is not None or record.count == 0:
            self._attempt("", lambda: _require_drawn(volume, geometries, self._element))
        self._gathering.own(self._place, record, volume)

    # ---------------------------------------------------------------------------------------------------------- others

    def _foreign(self, geometries: list[Element]) -> None:
        gathering = self._gathering
        intent_id = gathering.next_id
        self._place = f"{self._place} ({intent_id})"
        shapes = Shapes()
        for geometry in geometries:
            add_shapes(shapes, geometry, geometry.name)
        for error in shapes.errors:
            self._refuse(error)
        fields = ForeignFields(self._fields | self._times(), _unread(self._element))
        lengths_m = self._attempt("ExtendedData", fields.lengths_m)
        radius_m, half_width_m = lengths_m or (None, None)
        band, window = self._attempt("", fields.band), self._attempt("", fields.window)
        volumes: list[Volume4D] = []
        for shape in self._without_pins(shapes.found, radius_m) if lengths_m is not None else []:
            footprints = self._attempt("", partial(_foreign_footprints, shape, radius_m, half_width_m)) or []
            upper = self._attempt(shape.path, partial(_upper, shape))
            if band is not None and window is not None:
                own = band if band.upper or band.lower else AltitudeBand(None, upper)
                volumes += [Volume4D(footprint, own, window) for footprint in footprints]
        self._tell(shapes.found, any_shape=bool(geometries))
        for loss in fields.losses(self._place):
            gathering.lose(self._place, loss.field, loss.what, loss.instead)
        gathering.foreign(self._place, intent_id, fields.name, volumes)

    def _without_pins(self, shapes: list[Shape], radius_m: float | None) -> list[Shape]:
        """The shapes without the points that have no radius: labels and places of interest, as a rule."""
        kept = [shape for shape in shapes if shape.kind != POINT or radius_m is not None]
        if len(kept) < len(shapes):
            what = f"{len(shapes) - len(kept)} without a radius"
            self._gathering.lose(self._place, "Point", what, "no volume: it is not checked")
        return kept

    def _times(self) -> dict[str, str]:
        """The placemark's time as fields. A moment is none: it says neither a beginning nor an end."""
        found: dict[str, str] = {"name": text_of(self._element, "name") or ""}
        if len([child for child in self._element.children if child.name in _TIMES]) > 1:
            self._gathering.lose(self._place, "TimeSpan", "more than one time", "any time")
            return {name: text for name, text in found.items() if text}
        for span in children(self._element, "TimeSpan"):
            found["time_start"], found["time_end"] = text_of(span, "begin") or "", text_of(span, "end") or ""
            return {name: text for name, text in found.items() if text}
        for stamp in children(self._element, "TimeStamp"):
            when = text_of(stamp, "when") or ""
            if "T" in when.upper():
                self._gathering.lose(self._place, "TimeStamp", "a moment, without a beginning and an end", "any time")
            else:
                found["time_start"] = found["time_end"] = when
        return {name: text for name, text in found.items() if text}

    def _tell(self, shapes: list[Shape], *, any_shape: bool) -> None:
        """What the shapes say that is not kept."""
        lose = partial(self._gathering.lose, self._place)
        if not any_shape:
            lose("geometry", "no place", "an intent without volumes, which is reported as not checked")
        holes = sum(shape.holes for shape in shapes)
        if holes:
            lose("innerBoundaryIs", f"{holes} holes", "the areas without holes")
        modes = {shape.mode[:40] for shape in shapes if not _is_solid(shape) and any(shape.heights_m)}
        for mode in sorted(modes):
            lose("coordinates", f"heights that are {mode} and not extruded", "any height that its fields leave open")


def _attempt_under(
    attempt: Callable[[str, Callable[[], T]], T | None], path: str, field: str, make: Callable[[], T]
) -> T | None:
    return attempt(f"{path}.{field}" if field else path, make)


def _named(placemark: Element) -> Iterator[tuple[str, str]]:
    """The names and texts of the placemark's ExtendedData."""
    for extended in children(placemark, "ExtendedData"):
        for element in extended.children:
            if element.name == "Data":
                yield element.attributes.get("name", ""), text_of(element, "value") or ""
            for simple in children(element, "SimpleData"):
                yield simple.attributes.get("name", ""), simple.text.strip()


def _twice(placemark: Element) -> str | None:
    """A name that the ExtendedData has twice, so that it has no single meaning, or None."""
    counts = Counter(name for name, _ in _named(placemark))
    return next((name for name, count in counts.items() if count > 1), None)


def _unread(placemark: Element) -> list[str]:
    """The placemark's elements that are not read and could say something of height or time."""
    known = {*_LOOKS, *_TIMES, *GEOMETRIES, "ExtendedData"}
    names = {child.name for child in placemark.children if child.name not in known}
    description = ["description"] if text_of(placemark, "description") else []
    return [*description, *sorted(names)]


def _own_footprint(record: VolumeRecord) -> Footprint | None:
    """The record's footprint; None where its intent has no volumes. Raises PartyError."""
    if record.count == 0:
        return None
    if record.outline is None:
        raise PartyError("missing_field", "", "nothing", "the points of the footprint")
    return footprint_of(record, [LatLng(lat, lng) for lng, lat in record.outline])


def _require_drawn(volume: Volume4D | None, geometries: list[Element], placemark: Element) -> None:
    """Nothing, where what programs show is what the record says; otherwise PartyError bad_value, for it was changed."""
    want = f"what Data {MEMBER} says; or a placemark without it"
    drawn, heights_m = drawing_of(replace(placemark, children=geometries))
    if not same_drawing([] if volume is None else drawing(volume.footprint), drawn):
        raise PartyError("bad_value", "geometry", "another shape than its record has", want)
    if volume is None:
        return
    height_m = drawn_height(volume.band)[1] or 0.0
    if any(abs(height - height_m) > TOLERANCE_M for height in heights_m):
        raise PartyError("bad_value", "geometry", "another height than its record has", want)
    spans = children(placemark, "TimeSpan")
    begin, end = (text_of(spans[0], name) if spans else None for name in ("begin", "end"))
    shown = (None if begin is None else period(begin).first_us, None if end is None else period(end).last_us)
    if shown != (volume.window.start_us, volume.window.end_us):
        raise PartyError("bad_value", "TimeSpan", "another time than its record has", want)


def _foreign_footprints(shape: Shape, radius_m: float | None, half_width_m: float | None) -> list[Footprint]:
    """What the shape covers, whichever way its edges run."""
    if shape.kind == AREA:
        for field, length_m in (("radius", radius_m), ("half_width", half_width_m)):
            if length_m is not None:
                raise PartyError("outline_count", f"ExtendedData.{field}", "a length beside a polygon", "one of both")
        return wrapped_ring(shape.points, shape.path)
    if shape.kind == POINT:
        assert radius_m is not None, "a pin"
        if len(shape.points) != 1:
            raise PartyError("bad_value", shape.path, f"{len(shape.points)} positions", "one")
        return [Circle(shape.points[0], radius_m)]
    if half_width_m is None:
        want = "its half-width, such as 1 NM"
        raise PartyError("missing_field", "ExtendedData.half_width", "a LineString without", want)
    return wrapped_line(shape.points, shape.path, half_width_m)


def _is_solid(shape: Shape) -> bool:
    """Whether the shape reaches from the ground up to its heights. A sheet in the air says neither limit."""
    return shape.extruded and not shape.shifted and shape.mode in _UPPER


def _upper(shape: Shape) -> Altitude | None:
    """The upper limit of a solid, that of its highest corner."""
    if not _is_solid(shape):
        return None
    return Altitude(max(shape.heights_m), AltitudeUnit.M, _UPPER[shape.mode])
