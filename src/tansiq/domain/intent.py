"""Operational intents: what a party will occupy, where, how high and when."""

from dataclasses import dataclass
from enum import Enum

from tansiq.errors import PartyError
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.volume import Volume4D
from tansiq.limits import LIMITS
from tansiq.units import Altitude, AltitudeUnit, Reference


class Kind(Enum):
    """The domain an intent moves in; separation minima are set per pair of kinds.

    A zone is a part of space with rules of its own, such as a geozone: zones never conflict with zones.
    """

    AIR = "air"
    SEA = "sea"
    GROUND = "ground"
    ZONE = "zone"


KINDS = (Kind.AIR, Kind.SEA, Kind.GROUND, Kind.ZONE)
"""The kinds in the order of their numbers in arrays and kernels: never change it."""


UNKNOWN_PARTY = "?"
"""Stands for the party of an intent that names none. It is never the same party as another, not even as itself."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One operational intent. Its volumes never conflict with each other.

    Identity is (file or source, party, id). `priority` is F3548's ordinal, kept and not yet used.
    An intent without volumes occupies nothing, and is reported as not checked.
    """

    id: str
    party: str
    kind: Kind
    volumes: tuple[Volume4D, ...]
    priority: int = 0
    name: str | None = None

    def __post_init__(self) -> None:
        limit = LIMITS.id_characters
        for field, text in (("id", self.id), ("party", self.party), ("name", self.name or "-")):
            if not text or len(text) > limit:
                raise PartyError("limit_exceeded", field, f"{len(text)} characters", f"1 to {limit} characters")


_SURFACE_BANDS = {
    # Ships and what they carry between the sea's own ups and downs.
    Kind.SEA: AltitudeBand(
        Altitude(-15.0, AltitudeUnit.M, Reference.AMSL), Altitude(15.0, AltitudeUnit.M, Reference.AMSL)
    ),
    Kind.GROUND: AltitudeBand(
        Altitude(0.0, AltitudeUnit.M, Reference.AGL), Altitude(0.0, AltitudeUnit.M, Reference.AGL)
    ),
}


def band_or_default(kind: Kind, lower: Altitude | None, upper: Altitude | None) -> AltitudeBand:
    """The band of these limits, or the kind's own where a sea or ground volume has neither.

    A missing limit is unbounded. Without a band a sea volume reaches
    from 15 m below to 15 m above mean sea level, and a ground volume lies on the ground.

    Raises PartyError lower_above_upper. Source: docs/concepts/what-is-a-conflict.md.
    """
    if lower is None and upper is None and kind in _SURFACE_BANDS:
        return _SURFACE_BANDS[kind]
    return AltitudeBand(lower, upper)
