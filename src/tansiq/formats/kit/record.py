"""What a map format can not say of a volume, in a record that stands beside its drawing, so that nothing is lost.

Its fields are those of a tansiq plan where there are any; what it does not say is unbounded, at sea and on the ground
too. A field that it does not have is refused: a misspelt `altitude_lower` must not become "unbounded".
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from msgspec import Struct

from tansiq.domain.intent import Intent, Kind
from tansiq.errors import PartyError
from tansiq.formats.kit import strict
from tansiq.formats.kit.text import without_half_pairs
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.limits import LIMITS
from tansiq.units import Altitude, altitude, format_instant, length_m, parse_instant_us

T = TypeVar("T")
Attempt = Callable[[str, Callable[[], Any]], Any]
Positions = list[tuple[float, float]]
"""Longitude and latitude, degrees, as GeoJSON and KML order them."""

_KINDS: Final = {kind.value: kind for kind in Kind}


class Length(Struct, forbid_unknown_fields=True):
    """Units M, KM, NM or FT."""

    value: float
    units: str

    def metres(self) -> float:
        """The length in metres. Raises PartyError: unknown_unit, not_finite."""
        return length_m(self.value, self.units)


class Limit(Struct, forbid_unknown_fields=True):
    """An altitude: references W84, AMSL, AGL, SFC, FL, units M, FT, FL."""

    value: float
    reference: str
    units: str

    def altitude(self) -> Altitude:
        """The altitude. Raises PartyError: not_finite, unknown_unit, unknown_reference, out_of_range."""
        return altitude(self.value, self.units, self.reference)


class VolumeRecord(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Volume `number` of the `count` volumes of an intent; both are 0 where it has none.

    `outline` holds the exact points of a polygon or a corridor's line where the drawing does not; `clockwise` says
    that a polygon's vertices were listed so before a format turned them.
    """

    format: str
    id: str
    party: str
    kind: str
    number: int
    count: int
    priority: int = 0
    name: str | None = None
    radius: Length | None = None
    half_width: Length | None = None
    altitude_lower: Limit | None = None
    altitude_upper: Limit | None = None
    time_start: str | None = None
    time_end: str | None = None
    estimated: bool = False
    clockwise: bool = False
    outline: Positions | None = None

    @property
    def meant_kind(self) -> Kind:
        """The kind. Raises PartyError bad_value."""
        if self.kind not in _KINDS:
            raise PartyError("bad_value", "kind", repr(self.kind)[:80], ", ".join(_KINDS))
        return _KINDS[self.kind]

    def center(self, points: Sequence[LatLng]) -> LatLng:
        """The only one of the points. Raises PartyError bad_value."""
        if len(points) != 1:
            raise PartyError("bad_value", "radius", f"{len(points)} points", "one point, the circle's centre")
        return points[0]


def read_record(value: object, form: str) -> VolumeRecord:
    """The record, which is of this format.

    Raises PartyError: unknown_format, bad_value, missing_field, unknown_field, out_of_range.
    """
    if not isinstance(value, dict):
        raise PartyError("bad_value", "", f"a value of type {type(value).__name__}", "an object")
    if value.get("format") != form:
        raise PartyError("unknown_format", "format", repr(value.get("format"))[:80], repr(form))
    record = strict.record(value, VolumeRecord)
    for field, text in (("id", record.id), ("party", record.party), ("name", record.name or "")):
        if without_half_pairs(text) != text:
            raise PartyError("bad_value", field, "half of a surrogate pair", "text")
    if record.count > LIMITS.volumes:
        raise PartyError("limit_exceeded", "count", "more volumes", f"at most {LIMITS.volumes} in a run")
    if not (1 <= record.number <= record.count or record.number == record.count == 0):
        got = f"volume {record.number} of {record.count}"
        raise PartyError("out_of_range", "number", got, "a number from 1 to count, or 0 of 0")
    if record.radius is not None and record.half_width is not None:
        raise PartyError("outline_count", "", "radius and half_width", "a circle, a corridor or a polygon")
    return record


def band_of(record: VolumeRecord, attempt: Attempt) -> AltitudeBand | None:
    """The band, or None where `attempt` found an error in it."""
    lower, upper = record.altitude_lower, record.altitude_upper
    low = None if lower is None else attempt("altitude_lower", lower.altitude)
    high = None if upper is None else attempt("altitude_upper", upper.altitude)
    if (low is None) != (lower is None) or (high is None) != (upper is None):
        return None
    found: AltitudeBand | None = attempt("", lambda: AltitudeBand(low, high))
    return found


def window_of(record: VolumeRecord, attempt: Attempt) -> TimeWindow | None:
    """The window, or None where `attempt` found an error in it."""
    start, end = record.time_start, record.time_end
    start_us = None if start is None else attempt("time_start", lambda: parse_instant_us(start, end=False))
    end_us = None if end is None else attempt("time_end", lambda: parse_instant_us(end, end=True))
    if (start_us is None) != (start is None) or (end_us is None) != (end is None):
        return None
    found: TimeWindow | None = attempt("", lambda: TimeWindow(start_us, end_us))
    return found


def footprint_of(record: VolumeRecord, points: Sequence[LatLng]) -> Footprint:
    """The footprint of these points: a circle where the record has a radius, a corridor where it has a half-width.

    Raises PartyError as these three do, and bad_value for a circle of more than one point.
    """
    if record.radius is not None:
        return Circle(record.center(points), record.radius.metres())
    if record.half_width is not None:
        return Corridor(tuple(points), record.half_width.metres())
    return Polygon(tuple(reversed(points)) if record.clockwise else tuple(points))


def volume_of(record: VolumeRecord, footprint: Footprint | None, attempt: Attempt) -> Volume4D | None:
    """The volume, or None where `attempt` found errors in it; the footprint is None where it has errors already."""
    band, window = band_of(record, attempt), window_of(record, attempt)
    if footprint is None or band is None or window is None:
        return None
    return Volume4D(footprint, band, window, estimated=record.estimated)


def record_of(intent: Intent, index: int | None, form: str) -> VolumeRecord:
    """The record of a volume of the intent without its points, or of the intent itself where it has none."""
    record = VolumeRecord(
        form,
        intent.id,
        intent.party,
        intent.kind.value,
        0 if index is None else index + 1,
        len(intent.volumes),
        intent.priority,
        intent.name,
    )
    if index is None:
        return record
    volume = intent.volumes[index]
    match volume.footprint:
        case Circle(_, radius_m):
            record.radius = Length(radius_m, "M")
        case Corridor(_, half_width_m):
            record.half_width = Length(half_width_m, "M")
    record.altitude_lower, record.altitude_upper = _limit(volume.band.lower), _limit(volume.band.upper)
    record.time_start, record.time_end = _time(volume.window.start_us), _time(volume.window.end_us)
    record.estimated = volume.estimated
    return record


def points_of(footprint: Footprint) -> tuple[LatLng, ...]:
    """The points that the footprint is made of."""
    match footprint:
        case Circle(center, _):
            return (center,)
        case Corridor(line, _):
            return line
        case Polygon(vertices):
            return vertices


def positions(points: Sequence[LatLng]) -> Positions:
    """The points as longitude and latitude."""
    return [(point.lng_deg, point.lat_deg) for point in points]


def _limit(limit: Altitude | None) -> Limit | None:
    return None if limit is None else Limit(limit.value, limit.reference.name, limit.units.value)


def _time(instant_us: int | None) -> str | None:
    return None if instant_us is None else format_instant(instant_us)
