"""Reads one F3548 Volume4D out of parsed JSON, part by part, so that one error does not hide the next."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tansiq.domain.intent import Kind, band_or_default
from tansiq.errors import PartyError
from tansiq.formats.kit import strict
from tansiq.formats.plan import wire
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon, require_point
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.units import Altitude, altitude, altitude_errors, length_m, parse_instant_us

T = TypeVar("T")
W = TypeVar("W", bound=wire.Record)

_OUTLINES: dict[str, type[wire.Record]] = {
    "outline_circle": wire.Circle,
    "outline_polygon": wire.Polygon,
    "outline_corridor": wire.Corridor,
}


class _SeveralError(Exception):
    """More than one error in one part."""

    def __init__(self, errors: Sequence[PartyError]) -> None:
        super().__init__()
        self.errors = errors


class _Volume:
    """What has been read of one volume, and what was wrong with it."""

    def __init__(self) -> None:
        self.errors: list[PartyError] = []

    def attempt(self, field: str, make: Callable[[], T]) -> T | None:
        """What `make` gives, or None and its errors, named below `field`."""
        try:
            return make()
        except PartyError as error:
            self.errors.append(error.under(field) if field else error)
        except _SeveralError as several:
            self.errors.extend(error.under(field) for error in several.errors)
        return None

    def part(self, holder: dict[str, Any], key: str, path: str, type_: type[W], make: Callable[[W], T]) -> T | None:
        """The part under this key made into what it means; None where it is missing, null or wrong."""
        value = holder.get(key)
        if value is None:
            return None
        return self.attempt(path + key, lambda: make(strict.record(value, type_)))

    def flag(self, holder: dict[str, Any], key: str, path: str) -> bool:
        """Whether the field under this key says true; an error where it says neither true nor false."""
        value = holder.get(key, False)
        if not isinstance(value, bool):
            got = f"a value of type {type(value).__name__}"
            self.errors.append(PartyError("bad_value", f"{path}{key}", got, "true or false"))
        return value is True

    def fields(self, value: object, path: str, known: type[wire.Record]) -> dict[str, Any]:
        """The object's fields, an error for each that the format does not have, and one where it is no object."""
        if not isinstance(value, dict):
            got = f"a value of type {type(value).__name__}"
            self.errors.append(PartyError("bad_value", path.rstrip("."), got, "a JSON object"))
            return {}
        for name in value:
            if name not in known.__struct_fields__:
                want = f"one of {', '.join(known.__struct_fields__)}"
                self.errors.append(PartyError("unknown_field", f"{path}{name[:80]}", "a field of no meaning", want))
        return value


def read_volume(value: object, kind: Kind) -> tuple[Volume4D | None, list[PartyError]]:
    """The volume, or None and every error that was found in it; fields are named from the volume on."""
    reading = _Volume()
    top = reading.fields(value, "", wire.Volume4D)
    if isinstance(value, dict) and "volume" not in value:
        reading.errors.append(PartyError("missing_field", "volume", "nothing", "a Volume3D"))
        return None, reading.errors
    space = reading.fields(top.get("volume"), "volume.", wire.Volume3D) if top else {}
    footprint = _footprint(reading, space) if space or not reading.errors else None
    before = len(reading.errors)
    lower = reading.part(space, "altitude_lower", "volume.", wire.Altitude, _altitude)
    upper = reading.part(space, "altitude_upper", "volume.", wire.Altitude, _altitude)
    # A limit that could not be read is an error already; its absence must not make a second one.
    everywhere = reading.flag(space, "all_altitudes", "volume.")
    if everywhere and (lower is not None or upper is not None):
        want = "no altitude_lower and no altitude_upper beside it"
        reading.errors.append(PartyError("bad_value", "volume.all_altitudes", "true", want))
    band = None
    if before == len(reading.errors):
        make = (lambda: AltitudeBand(None, None)) if everywhere else (lambda: band_or_default(kind, lower, upper))
        band = reading.attempt("volume", make)
    before = len(reading.errors)
    start_us = reading.part(top, "time_start", "", wire.Time, lambda time: _instant_us(time, end=False))
    end_us = reading.part(top, "time_end", "", wire.Time, lambda time: _instant_us(time, end=True))
    window = reading.attempt("", lambda: TimeWindow(start_us, end_us)) if before == len(reading.errors) else None
    estimated = reading.flag(top, "estimated", "")
    if reading.errors or footprint is None or band is None or window is None:
        return None, reading.errors
    return Volume4D(footprint, band, window, estimated), []


def _footprint(reading: _Volume, space: dict[str, Any]) -> Footprint | None:
    names = [name for name in _OUTLINES if space.get(name) is not None]
    if len(names) != 1:
        want = f"exactly one of {', '.join(_OUTLINES)}"
        reading.errors.append(PartyError("outline_count", "volume", " and ".join(names) or "no outline", want))
        for name in names:
            reading.part(space, name, "volume.", _OUTLINES[name], _shape)
        return None
    return reading.part(space, names[0], "volume.", _OUTLINES[names[0]], _shape)


def _shape(outline: wire.Record) -> Footprint:
    match outline:
        case wire.Circle(center, radius):
            return Circle(_point(center), _length_m(radius, "radius"))
        case wire.Polygon(vertices):
            return Polygon(_points(vertices, "vertices"))
        case wire.Corridor(line, half_width):
            return Corridor(_points(line, "line"), _length_m(half_width, "half_width"))
        case _:
            raise AssertionError(type(outline))


def _point(point: wire.LatLngPoint) -> LatLng:
    return LatLng(point.lat, point.lng)


def _points(points: Sequence[wire.LatLngPoint], field: str) -> tuple[LatLng, ...]:
    """The points; every one that is none is named."""
    errors: list[PartyError] = []
    found = tuple(map(_point, points))
    for i, point in enumerate(found):
        try:
            require_point(point, f"{field}[{i}]")
        except PartyError as error:
            errors.append(error)
    if errors:
        raise _SeveralError(errors)
    return found


def _length_m(length: wire.Length, field: str) -> float:
    try:
        return length_m(length.value, length.units)
    except PartyError as error:
        raise error.under(field) from error


def _altitude(limit: wire.Altitude) -> Altitude:
    errors = altitude_errors(limit.value, limit.units, limit.reference)
    if errors:
        raise _SeveralError(errors)
    return altitude(limit.value, limit.units, limit.reference)


def _instant_us(time: wire.Time, *, end: bool) -> int:
    if time.format != "RFC3339":
        raise PartyError("bad_value", "format", repr(time.format)[:80], "'RFC3339'")
    return parse_instant_us(time.value, end=end)
