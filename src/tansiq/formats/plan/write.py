"""Writes plans as `tansiq-plan/1`, one intent to a line, so that two plans can be compared line by line."""

from collections.abc import Sequence
from typing import Final

import msgspec

from tansiq.domain.intent import Intent, Kind, band_or_default
from tansiq.formats.plan import wire
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Corridor, Polygon
from tansiq.geometry.volume import Volume4D
from tansiq.units import Altitude, format_instant

UNBOUNDED: Final = AltitudeBand(None, None)
_ENCODER = msgspec.json.Encoder()


def write_plan(intents: Sequence[Intent]) -> bytes:
    """The plan's bytes; reading them gives equal intents."""
    lines = b",\n".join(_ENCODER.encode(_intent(intent)) for intent in intents)
    return b'{"format":"' + wire.FORMAT.encode() + b'","intents":[\n' + lines + b"\n]}\n"


def write_plan_lines(intents: Sequence[Intent]) -> bytes:
    """The plan's bytes as JSON Lines: a header, then one intent to a line."""
    header = b'{"format":"' + wire.FORMAT.encode() + b'"}\n'
    return header + b"".join(_ENCODER.encode(_intent(intent)) + b"\n" for intent in intents)


def _intent(intent: Intent) -> wire.Intent:
    volumes = [_volume(volume, intent.kind) for volume in intent.volumes]
    return wire.Intent(intent.id, intent.party, intent.kind.value, volumes, intent.priority, intent.name)


def _volume(volume: Volume4D, kind: Kind) -> wire.Volume4D:
    space = wire.Volume3D(
        altitude_lower=_altitude(volume.band.lower),
        altitude_upper=_altitude(volume.band.upper),
        # Without a limit it would be read as a ship's or a vehicle's own band, which is less.
        all_altitudes=volume.band == UNBOUNDED != band_or_default(kind, None, None),
    )
    match volume.footprint:
        case Circle(center, radius_m):
            space.outline_circle = wire.Circle(_point(center), wire.Length(radius_m, "M"))
        case Polygon(vertices):
            space.outline_polygon = wire.Polygon([_point(p) for p in vertices])
        case Corridor(line, half_width_m):
            space.outline_corridor = wire.Corridor([_point(p) for p in line], wire.Length(half_width_m, "M"))
    window = volume.window
    return wire.Volume4D(space, _time(window.start_us), _time(window.end_us), volume.estimated)


def _point(point: LatLng) -> wire.LatLngPoint:
    return wire.LatLngPoint(point.lat_deg, point.lng_deg)


def _altitude(limit: Altitude | None) -> wire.Altitude | None:
    return None if limit is None else wire.Altitude(limit.value, limit.reference.name, limit.units.value)


def _time(instant_us: int | None) -> wire.Time | None:
    return None if instant_us is None else wire.Time(format_instant(instant_us), "RFC3339")
