"""What readers of geozones need alike: a file's zones one by one, their layers, and their texts for people.

Rules for the next editor:

1. A field that no format has is refused where it could say where, how high or when. Elsewhere it is a loss.
2. What is not kept as it stands is replaced by more and told, and the layer is then estimated.

Source: docs/reference/geozones.md.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np

from tansiq.domain.zone import Layer, Variant, Zone
from tansiq.errors import Finding, InputRefusedError, PartyError
from tansiq.formats.kit import strict
from tansiq.formats.kit.loss import Loss
from tansiq.formats.kit.part import Part, below
from tansiq.formats.kit.straight import straight_ring
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.chart import contains
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle
from tansiq.geometry.volume import TimeWindow
from tansiq.limits import LIMITS
from tansiq.units import Altitude, altitude

REFERENCES: Final = {"AGL": "AGL", "AMSL": "AMSL", "WGS84": "W84"}
"""The vertical references of both standards by their names of ours."""
VARIANTS: Final = {variant.name: variant for variant in Variant}
PURPOSES: Final = {purpose: purpose for purpose in ("AUTHORIZATION", "NOTIFICATION", "INFORMATION")}
ALWAYS: Final = TimeWindow(None, None)
_NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d{1,20})?", re.ASCII)
_COUNTRY = re.compile(r"[A-Za-z]{3}", re.ASCII)


class ZoneReading(NamedTuple):
    """The zones of a file, in its order, and what of them could not be kept."""

    zones: list[Zone]
    losses: list[Loss]


class ZonePart(Part):
    """A zone while it is read: its name in the world as soon as it is known, and its texts for people."""

    def __init__(self, record: str) -> None:
        super().__init__(record)
        self.zone_id: str | None = None
        self.remarks: list[tuple[str, str]] = []

    def named(self, holder: Mapping[str, Any], path: str) -> tuple[str, str]:
        """The country and identifier; where one is none that can be kept, there is an error."""
        country, identifier = self.text(holder, "country", path), self.text(holder, "identifier", path)
        sound = country is not None and identifier is not None
        if country is not None and not _COUNTRY.fullmatch(country):
            self.refuse("bad_value", below(path, "country"), repr(country)[:80], "three letters, as in ISO 3166-1")
            sound = False
        most = LIMITS.id_characters // 2
        if identifier is not None and not (0 < len(identifier) <= most and identifier.isprintable()):
            got = f"{identifier[:40]!a} of {len(identifier)} characters"
            self.refuse("bad_value", below(path, "identifier"), got, f"1 to {most} characters that can be printed")
            sound = False
        if sound:
            self.zone_id = f"{country}/{identifier}"
            self.record = f"{self.record} ({self.zone_id[:40]})"
        return country or "", identifier or ""

    def kept_name(self, text: str | None, field: str) -> str | None:
        """The name, cut where it is longer than an intent's may be; None where it is empty."""
        return self._cut(text, field, LIMITS.id_characters) or None

    def kept(self, text: str | None, field: str) -> str | None:
        """The text, cut where it is longer than a zone keeps."""
        return self._cut(text, field, LIMITS.zone_text_characters)

    def remark(self, text: str | None, field: str) -> None:
        """Nothing; the zone has one remark more where there is a text."""
        if text:
            self.remarks.append((field, self.kept(text, field) or ""))

    def texts(self, holder: Mapping[str, Any], key: str, path: str) -> list[str]:
        """The texts of the list under this key."""
        found = [self.as_text(value, field) for field, value in self.entries(holder, key, path)]
        return [self.kept(text, below(path, key)) or "" for text in found if text is not None]

    def _cut(self, text: str | None, field: str, most: int) -> str | None:
        if text is None or len(text) <= most:
            return text
        self.lose(field, f"a text of {len(text)} characters", f"its first {most}")
        return text[:most]


def parsed(content: bytes, name: str) -> Any:  # noqa: ANN401 - any JSON value
    """The JSON value of the file. Raises InputRefusedError: bad_json, duplicate_key."""
    try:
        return strict.parse(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        wrong = PartyError("bad_json", "", f"byte {error.start} is not UTF-8", "UTF-8 text")
        raise InputRefusedError([Finding(name, "file", wrong)]) from error
    except PartyError as error:
        raise InputRefusedError([Finding(name, "file", error)]) from error


def made_zone(part: ZonePart, layers: Sequence[Layer], make: Callable[[], Zone]) -> Zone | None:
    """The zone; None, and an error, where something of it can not be read, or nothing says where it is."""
    if not layers and not part.errors:
        part.refuse("missing_field", "geometry", "no layer", "at least one")
    return None if part.errors else part.attempt("", make)


def not_this(name: str, standard: str, want: str) -> InputRefusedError:
    """The refusal of a file that is of another format."""
    return InputRefusedError([Finding(name, "file", PartyError("unknown_format", "", f"no {standard} geozones", want))])


def read_zones(
    name: str, file: Part, members: Sequence[tuple[str, Any]], read: Callable[[ZonePart, Any], Zone | None]
) -> ZoneReading:
    """The zones that `read` makes of the members, each of which has its place; `file` is what was read before.

    `read` gives None only where it left an error. Raises InputRefusedError with every error of the file and of its
    members: what `read` finds, repeated_id, limit_exceeded.
    """
    zones: list[Zone] = []
    losses, findings = list(file.losses), [Finding(name, file.record, error) for error in file.errors]
    places: dict[str, str] = {}
    layers = 0
    for place, member in members:
        part = ZonePart(place)
        if len(findings) >= LIMITS.findings_per_file:
            want = f"fewer than {LIMITS.findings_per_file} errors; the file was not read further"
            findings.append(Finding(name, place, PartyError("limit_exceeded", "", "too many errors", want)))
            break
        zone = read(part, member)
        first = places.setdefault(part.zone_id, place) if part.zone_id is not None else place
        if first != place:
            part.refuse("repeated_id", "identifier", f"{part.zone_id!a}, as in {first}", "each zone once in a file")
        layers += 0 if zone is None else len(zone.layers)
        if layers > LIMITS.volumes:
            part.refuse("limit_exceeded", "", f"{layers} layers so far", f"at most {LIMITS.volumes} volumes in a run")
        findings += [Finding(name, part.record, error) for error in part.errors]
        losses += part.losses
        if zone is not None:
            zones.append(zone)
    if findings:
        raise InputRefusedError(findings)
    return ZoneReading(zones, losses)


# ----------------------------------------------------------------------------------------------------------- footprints


def position(part: Part, value: object, field: str) -> LatLng | None:
    """The point of a longitude and a latitude; None, and an error, where it is none. An elevation is a loss."""
    if _has_elevation(value):
        part.lose(field, "the point has an elevation", "the limits of the layer")
    return _point(part, value, field)


def _has_elevation(value: object) -> bool:
    return isinstance(value, list) and len(value) == 3


def _point(part: Part, value: object, field: str) -> LatLng | None:
    if not isinstance(value, list) or len(value) not in {2, 3}:
        got = f"{len(value)} members" if isinstance(value, list) else f"a value of type {type(value).__name__}"
        part.refuse("bad_value", field, got, "a list of longitude and latitude")
        return None
    lng_deg, lat_deg, *_ = (part.number(degrees, f"{field}[{i}]") for i, degrees in enumerate(value))
    return None if lat_deg is None or lng_deg is None else LatLng(lat_deg, lng_deg)


def circle_layers(
    part: Part,
    center: tuple[str, LatLng | None],
    radius_m: tuple[str, float | None],
    band: AltitudeBand | None,
) -> list[Layer]:
    """The circle in this band, its centre and radius with their fields; errors, and no layer, where it is none."""
    if center[1] is None or radius_m[1] is None:
        return []
    try:
        circle = Circle(center[1], radius_m[1])
    except PartyError as error:
        field = error.field.replace("center", center[0], 1).replace("radius", radius_m[0], 1)
        part.refuse(error.code, field, error.got, error.want)
        return []
    return [] if band is None else [Layer(circle, band)]


def polygon_layers(part: Part, rings: object, field: str, band: AltitudeBand | None) -> list[Layer]:
    """The area of the first ring in this band; errors, and no layer, where it can not be read.

    Edges are straight in longitude and latitude. Holes are filled. A further ring with a corner outside the first is
    no hole: it is a layer of its own.
    """
    if rings == []:
        part.refuse("missing_field", field, "no ring", "at least one")
    points = [_ring(part, ring, ring_field) for ring_field, ring in part.members(rings, field)]
    total = sum(len(ring) for ring in points)
    if total > LIMITS.vertices_per_footprint:
        got = f"{total} points in {len(points)} rings"
        part.refuse("limit_exceeded", field, got, f"at most {LIMITS.vertices_per_footprint} in a polygon")
        return []
    if not points or not points[0]:
        return []  # Its error is known.
    layers: list[Layer] = []
    for i, ring in enumerate(points):
        ring_field = f"{field}[{i}]"
        if not ring:
            continue  # Its error is known.
        if i and _lies_in(ring, points[0]):
            part.lose(ring_field, "a hole", "the area without the hole")
            layers = [replace(layer, estimated=True) for layer in layers]
            continue
        if i:
            part.lose(ring_field, "a further ring that does not lie in the first", "an area of its own")
        found = part.attempt("", partial(straight_ring, ring, ring_field)) or []
        if len(found) > 1:
            part.lose(
                ring_field, "edges too long to be followed to a centimetre", "the area and a strip along its edges"
            )
        doubtful = i > 0 or len(found) > 1
        layers += [Layer(footprint, band, estimated=doubtful) for footprint in found if band is not None]
    return layers


def _ring(part: Part, value: object, field: str) -> list[LatLng]:
    """The points of a ring, closed; none, and errors, where one is no point."""
    before = len(part.errors)
    members = list(part.members(value, field))
    points = [_point(part, member, name) for name, member in members]
    found = [point for point in points if point is not None]
    if len(part.errors) == before and len({*found}) < 3:
        part.refuse("too_few_vertices", field, f"{len({*found})} different points", "at least 3")
    if len(part.errors) > before:
        return []
    if found[0] != found[-1]:
        part.lose(field, "the ring is not closed", "an edge from its last point to its first")
    if any(_has_elevation(member) for _, member in members):
        part.lose(field, "points have an elevation", "the limits of the layer")
    return found


def _lies_in(ring: Sequence[LatLng], outer: Sequence[LatLng]) -> bool:
    """Whether all corners lie in the outer ring, in the plane of longitude and latitude."""
    table = np.array(outer, dtype=np.float64)
    return all(contains(table, *point) for point in ring)


# ------------------------------------------------------------------------------------------------------------ altitudes


class BandFields(NamedTuple):
    """How a format names its limits and their references, and whether its files may write numbers as text."""

    lower: str
    lower_reference: str
    upper: str
    upper_reference: str
    numbers_as_text: bool

    @property
    def names(self) -> tuple[str, str, str, str]:
        """The names of the fields."""
        return self.lower, self.lower_reference, self.upper, self.upper_reference


def read_band(part: Part, holder: Mapping[str, Any], path: str, fields: BandFields, units: str) -> AltitudeBand | None:
    """The band of these fields, a missing limit being unbounded; None, and its errors, where one is none."""
    before = len(part.errors)
    lower = _limit(part, holder, path, (fields.lower, fields.lower_reference), units, text=fields.numbers_as_text)
    upper = _limit(part, holder, path, (fields.upper, fields.upper_reference), units, text=fields.numbers_as_text)
    if len(part.errors) > before:
        return None
    try:
        return AltitudeBand(lower, upper)
    except PartyError as error:
        part.refuse(error.code, below(path, fields.lower), error.got, error.want)
        return None


def _limit(
    part: Part, holder: Mapping[str, Any], path: str, keys: tuple[str, str], units: str, *, text: bool
) -> Altitude | None:
    value, field = holder.get(keys[0]), below(path, keys[0])
    reference = part.text(holder, keys[1], path)
    if reference is not None and reference not in REFERENCES:
        want = ", ".join(REFERENCES)
        part.refuse("unknown_reference", below(path, keys[1]), repr(reference)[:80], f"one of {want}")
        return None
    if value is None:
        return None
    if text and isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            part.refuse("bad_value", field, repr(value)[:80], "a number")
            return None
        value = float(value)
    number = part.number(value, field)
    if reference is None:
        part.refuse("missing_field", below(path, keys[1]), "nothing", f"one of {', '.join(REFERENCES)}")
    if number is None or reference is None:
        return None
    try:
        return altitude(number, units, REFERENCES[reference])
    except PartyError as error:
        part.refuse(error.code, field, error.got, error.want)
        return None


# ----------------------------------------------------------------------------------------------------- what is not kept


def not_kept(part: Part, holder: Mapping[str, Any], path: str, fields: Sequence[str]) -> None:
    """Nothing; each of these fields is a loss where it says something, none of it on where, how high or when."""
    for field in fields:
        if holder.get(field) not in (None, "", [], {}):
            part.lose(below(path, field), "it is not kept", "nothing: the zone is neither smaller nor shorter for it")


def others_not_kept(part: Part, holder: Mapping[str, Any], path: str, known: Collection[str]) -> None:
    """Nothing; each field that the format does not have is a loss."""
    for field in holder:
        if field not in known:
            part.lose(below(path, field[:80]), "a field that the format does not have", "nothing")
