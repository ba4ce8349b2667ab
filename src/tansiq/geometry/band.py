"""Altitude bands, and how surely two of them lose vertical separation.

Rules for the next editor:

1. Limits of one reference are compared as integers of a tenth of a millimetre, with no tolerance.
2. Limits of different references are compared by bounds that enclose every real value. Such a
   comparison can prove separation; it never proves a conflict, which is then `possible`.
3. `conflict.kernels` holds the same arithmetic for arrays; tests/laws holds both together.

Source of the bounds: docs/adr/0002-units-and-datum.md.
"""

from dataclasses import dataclass
from typing import Final

from tansiq.errors import PartyError
from tansiq.geometry.certainty import Certainty
from tansiq.units import DMM_PER_METRE, Altitude, Reference

GEOID_ABOVE_ELLIPSOID_DMM: Final = (-108 * DMM_PER_METRE, 87 * DMM_PER_METRE)
GROUND_ABOVE_SEA_DMM: Final = (-500 * DMM_PER_METRE, 8_900 * DMM_PER_METRE)
PRESSURE_LEVEL_DMM: Final = (-1_600 * DMM_PER_METRE, 800 * DMM_PER_METRE)
"""A pressure altitude h lies from h * 3/4 - 1,600 m to h * 6/5 + 800 m above sea level, the factors swapped below 0."""


@dataclass(frozen=True, slots=True)
class AltitudeBand:
    """A slab of height, closed at both ends: bands that only touch do meet. None is unbounded.

    Each limit keeps its own reference. A lower limit above the upper one is refused only where it is certain.
    """

    lower: Altitude | None
    upper: Altitude | None

    def __post_init__(self) -> None:
        if difference_dmm(self.lower, self.upper, same_ground=True)[0] > 0:
            raise PartyError(
                "lower_above_upper",
                "altitude_lower",
                str(self.lower),
                f"at most the upper limit, {self.upper}",
            )


UNBOUNDED_DIFFERENCE_DMM: Final = -(2**62)
"""The difference of a lower and an upper limit one of which is missing: never a separation."""


def amsl_bounds_dmm(reference: Reference, dmm: int) -> tuple[int, int]:
    """The least and greatest height above mean sea level that this limit can mean anywhere, at any time."""
    match reference:
        case Reference.AMSL:
            return dmm, dmm
        case Reference.W84:
            low, high = GEOID_ABOVE_ELLIPSOID_DMM
            return dmm - high, dmm - low
        case Reference.AGL:
            low, high = GROUND_ABOVE_SEA_DMM
            return dmm + low, dmm + high
        case Reference.FL:
            low, high = PRESSURE_LEVEL_DMM
            # Floor below, ceiling above: -(-x // d) is x / d rounded up.
            return low + min(dmm * 3 // 4, dmm * 6 // 5), high + max(-(-dmm * 3 // 4), -(-dmm * 6 // 5))


def difference_dmm(lower: Altitude | None, upper: Altitude | None, *, same_ground: bool) -> tuple[int, bool]:
    """How far the lower limit lies above the upper one at least, and whether they were compared natively.

    `same_ground` says that both heights above ground are taken at one place, so that they may be compared.
    """
    if lower is None or upper is None:
        return UNBOUNDED_DIFFERENCE_DMM, True
    if lower.reference is upper.reference and (same_ground or lower.reference is not Reference.AGL):
        return lower.dmm - upper.dmm, True
    least = amsl_bounds_dmm(lower.reference, lower.dmm)[0]
    return least - amsl_bounds_dmm(upper.reference, upper.dmm)[1], False


def vertical_conflict(
    a: AltitudeBand, b: AltitudeBand, minimum_dmm: int, *, same_ground: bool
) -> tuple[Certainty, int]:
    """Whether the bands meet or come nearer than the minimum (strictly), and the least gap that is possible.

    `same_ground` is true where the horizontal minimum is 0, so that only volumes that share a place count.
    Source: docs/concepts/what-is-a-conflict.md.
    """
    certainty, gap_dmm = Certainty.CERTAIN, 0
    for lower, upper in ((a.lower, b.upper), (b.lower, a.upper)):
        least, native = difference_dmm(lower, upper, same_ground=same_ground)
        gap_dmm = max(gap_dmm, least)
        if least > 0 and least >= minimum_dmm:
            certainty = Certainty.CLEAR
        elif not native:
            certainty = min(certainty, Certainty.POSSIBLE)
    return certainty, gap_dmm


@dataclass(frozen=True, slots=True)
class SharedBand:
    """The slab that two bands have in common, in one reference; None is unbounded."""

    lower_dmm: int | None
    upper_dmm: int | None
    reference: Reference | None


def shared_band(a: AltitudeBand, b: AltitudeBand, *, same_ground: bool) -> SharedBand | None:
    """What the bands have in common, or None where they do not meet.

    Where their limits have several references, or are heights above ground at two places, the answer is
    in heights above mean sea level and encloses every real one. `reference` is None where no limit is left.
    """
    lowers = [limit for limit in (a.lower, b.lower) if limit is not None]
    uppers = [limit for limit in (a.upper, b.upper) if limit is not None]
    references = {limit.reference for limit in (*lowers, *uppers)}
    if len(references) > 1 or (references == {Reference.AGL} and not same_ground):
        lower = max((amsl_bounds_dmm(x.reference, x.dmm)[0] for x in lowers), default=None)
        upper = min((amsl_bounds_dmm(x.reference, x.dmm)[1] for x in uppers), default=None)
        reference: Reference | None = Reference.AMSL
    else:
        lower = max((x.dmm for x in lowers), default=None)
        upper = min((x.dmm for x in uppers), default=None)
        reference = next(iter(references), None)
    if lower is not None and upper is not None and lower > upper:
        return None
    return SharedBand(lower, upper, reference)
