"""The records of a plan as they stand in JSON: F3548's Volume4D with our corridor, and an intent.

Every record refuses fields it does not know: a misspelt altitude limit must not become "unbounded".
"""

from typing import Any, Final

from msgspec import Struct

FORMAT: Final = "tansiq-plan/1"


class Record(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A JSON object all of whose fields are known."""


class Time(Record):
    """F3548 Time."""

    value: str
    format: str


class LatLngPoint(Record):
    """F3548 LatLngPoint, degrees."""

    lat: float
    lng: float


class Length(Record):
    """F3548 Radius; units M, KM, NM or FT."""

    value: float
    units: str


class Altitude(Record):
    """F3548 Altitude; references W84, AMSL, AGL, SFC, FL, units M, FT, FL."""

    value: float
    reference: str
    units: str


class Circle(Record):
    """F3548 Circle."""

    center: LatLngPoint
    radius: Length


class Polygon(Record):
    """F3548 Polygon."""

    vertices: list[LatLngPoint]


class Corridor(Record):
    """All points within the half-width of the line."""

    line: list[LatLngPoint]
    half_width: Length


class Volume3D(Record):
    """F3548 Volume3D with `outline_corridor` added; exactly one outline must be there.

    `all_altitudes` says of a volume at sea or on the ground that it has no limit, instead of its kind's own band.
    """

    outline_circle: Circle | None = None
    outline_polygon: Polygon | None = None
    outline_corridor: Corridor | None = None
    altitude_lower: Altitude | None = None
    altitude_upper: Altitude | None = None
    all_altitudes: bool = False


class Volume4D(Record):
    """F3548 Volume4D with `estimated` added: it encloses a real volume that is not known better."""

    volume: Volume3D
    time_start: Time | None = None
    time_end: Time | None = None
    estimated: bool = False


class Intent(Record):
    """One intent of a tansiq plan; its volumes are read one by one, so that each one's errors are found."""

    id: str
    party: str
    kind: str
    volumes: list[Any]
    priority: int = 0
    name: str | None = None


class Plan(Record):
    """A whole plan file."""

    format: str
    intents: list[Any]


class Details(Record):
    """F3548 OperationalIntentDetails; one of the two lists must be there."""

    volumes: list[Any] | None = None
    off_nominal_volumes: list[Any] | None = None
    priority: int = 0


class OperationalIntent(Record):
    """F3548 OperationalIntent."""

    details: Any
    reference: Any = None


class Wrapped(Record):
    """F3548 GetOperationalIntentDetailsResponse."""

    operational_intent: Any


class Reference(Struct):
    """What is used of an F3548 OperationalIntentReference; its other fields say nothing about where and when."""

    id: str | None = None
    manager: str | None = None
