"""Why two volumes are in conflict, in terms that a person can check on a chart."""

from dataclasses import dataclass
from enum import Enum

from tansiq.conflict.exact import Verdict
from tansiq.conflict.minima import Minimum
from tansiq.geometry.certainty import TOLERANCE_M, Certainty
from tansiq.geometry.earth import LatLng
from tansiq.geometry.overlap import Shared, closest, shared
from tansiq.geometry.place import meeting_place
from tansiq.geometry.volume import Volume4D
from tansiq.units import Reference


class Cause(Enum):
    """Why a conflict is one, or is no more than possible. The words stand in files: never change them."""

    OVERLAP = "overlap"
    TOO_NEAR = "too_near"
    TOUCHING = "touching"
    AT_THE_MINIMUM = "at_the_minimum"
    ALTITUDE_REFERENCES = "altitude_references"
    GROUND_AT_TWO_PLACES = "ground_at_two_places"
    ESTIMATED = "estimated_window"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why two volumes are in conflict. `place`: where to look on a chart.

    shared: what both footprints hold, where they meet. closest: the nearest point of each, where they do not.
    Both are None where the footprints are too large for one chart.
    """

    cause: Cause
    minimum: Minimum
    place: LatLng
    shared: Shared | None
    closest: tuple[LatLng, LatLng] | None


def explain(a: Volume4D, b: Volume4D, minimum: Minimum, verdict: Verdict) -> Explanation:
    """The explanation of this verdict about the two volumes under this minimum."""
    meet = verdict.horizontal_gap_m == 0
    return Explanation(
        cause_of(a, b, verdict),
        minimum,
        meeting_place(a.footprint, b.footprint),
        shared(a.footprint, b.footprint) if meet else None,
        None if meet else closest(a.footprint, b.footprint),
    )


def cause_of(a: Volume4D, b: Volume4D, verdict: Verdict) -> Cause:
    """What makes this verdict a conflict; where it is possible, what keeps it from being certain."""
    if verdict.certainty is Certainty.CERTAIN:
        meet = verdict.horizontal_gap_m == 0 and verdict.vertical_gap_dmm == 0
        return Cause.OVERLAP if meet else Cause.TOO_NEAR
    if verdict.altitude_certainty is Certainty.POSSIBLE:
        limits = [limit for v in (a, b) for limit in (v.band.lower, v.band.upper) if limit is not None]
        ground = all(limit.reference is Reference.AGL for limit in limits)
        return Cause.GROUND_AT_TWO_PLACES if ground else Cause.ALTITUDE_REFERENCES
    if a.estimated or b.estimated:
        return Cause.ESTIMATED
    return Cause.AT_THE_MINIMUM if verdict.horizontal_gap_m > TOLERANCE_M else Cause.TOUCHING
