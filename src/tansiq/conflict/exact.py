"""The definition of a conflict, plain and slow: what `batch` must equal, and what it asks in doubt.

Two volumes conflict when they share an instant and both their gaps are violated at once: the
horizontal one is 0 or below the horizontal minimum, and the vertical one is 0 or below the vertical
minimum. So "3 NM or 3000 ft" means that either one suffices to be clear.
"""

from dataclasses import dataclass

from tansiq.conflict.minima import Minimum
from tansiq.geometry.band import vertical_conflict
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.distance import Outline, horizontal_conflict
from tansiq.geometry.volume import Volume4D, shared_window


@dataclass(frozen=True, slots=True)
class Verdict:
    """A conflict of two volumes: how certain it is, and both gaps.

    `horizontal_gap_m` is along the ellipsoid, exact to a millimetre. `vertical_gap_dmm` is in tenths
    of a millimetre, the least that is possible where the limits have different references.
    `altitude_certainty` is that of the altitudes alone: possible where their references can not be told apart.
    """

    certainty: Certainty
    horizontal_gap_m: float
    vertical_gap_dmm: int
    altitude_certainty: Certainty


@dataclass(frozen=True)
class ExactVolume:
    """A volume made ready for exact answers; worth keeping where it meets several others."""

    volume: Volume4D
    outline: Outline


def exact_volume(volume: Volume4D) -> ExactVolume:
    """The volume, ready for `conflict`."""
    return ExactVolume(volume, Outline(volume.footprint))


def conflict(a: ExactVolume, b: ExactVolume, minimum: Minimum) -> Verdict | None:
    """The conflict of the two volumes under the minimum, or None where they are clear of each other.

    Symmetric in a and b. Source: docs/concepts/what-is-a-conflict.md.
    """
    if shared_window(a.volume.window, b.volume.window) is None:
        return None
    vertical, vertical_gap_dmm = vertical_conflict(
        a.volume.band, b.volume.band, minimum.vertical_dmm, same_ground=minimum.horizontal_m == 0
    )
    if vertical is Certainty.CLEAR:
        return None
    horizontal, gap_m = horizontal_conflict(a.outline, b.outline, minimum.horizontal_m)
    if horizontal is Certainty.CLEAR:
        return None
    surest = Certainty.POSSIBLE if a.volume.estimated or b.volume.estimated else Certainty.CERTAIN
    verdict = Verdict(min(vertical, horizontal, surest), gap_m, vertical_gap_dmm, vertical)
    if vertical is Certainty.POSSIBLE and minimum.horizontal_m > 0:
        # Heights above ground tell nothing at a distance, but where the footprints meet they share their ground.
        there = conflict(a, b, Minimum(0.0, minimum.vertical_dmm))
        if there is not None and there.certainty is Certainty.CERTAIN:
            return there
    return verdict
