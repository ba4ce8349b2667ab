"""The compiled arithmetic of heights is that of `geometry.band`, integer for integer, for every pair of references."""

import itertools
import random
from typing import Final

import numpy as np
import pytest

from tansiq.conflict.arrays import VolumeArrays
from tansiq.conflict.columns import volume_columns
from tansiq.conflict.flat import GLANCE
from tansiq.conflict.jit import helper
from tansiq.conflict.narrow import vertical
from tansiq.conflict.prepare import volume_arrays
from tansiq.conflict.sweep import heights_meet, set_heights
from tansiq.errors import PartyError
from tansiq.geometry.band import AltitudeBand, amsl_bounds_dmm, vertical_conflict
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle
from tansiq.geometry.volume import Volume4D
from tansiq.units import DMM_PER_METRE, Altitude, AltitudeUnit, Reference
from tests.laws.strategies import ALWAYS, metres

EDGES_M: Final = [-8_000.0, -108.0, -0.0001, 0.0, 0.0001, 87.0, 304.8, 3_048.0, 8_900.0, 100_000.0]
MINIMA_DMM: Final = [0, 1, 3_048_000, 9_144_000, 10_000_000_000]


@helper
def answers(
    v: VolumeArrays,
    first: np.ndarray,
    second: np.ndarray,
    minimum_dmm: int,
    same_ground: bool,  # noqa: FBT001 - compiled functions have no keyword-only arguments
) -> tuple[np.ndarray, np.ndarray]:
    """Per pair the kernel's answer, and whether the quick refusal sends it away."""
    told, rows = np.empty(len(first), np.int64), np.empty(2, GLANCE)
    refused = np.empty(len(first), np.bool_)
    for k in range(len(first)):
        m, n = v.volumes[first[k]], v.volumes[second[k]]
        told[k] = vertical(m, n, minimum_dmm, same_ground)
        set_heights(rows[0], m, -(-minimum_dmm // 2), same_ground)
        set_heights(rows[1], n, -(-minimum_dmm // 2), same_ground)
        refused[k] = not heights_meet(rows[0], rows[1])
    return told, refused


def every_band(rng: random.Random) -> list[AltitudeBand]:
    """Bands with both limits of every pair of references, one missing, or both; negative, level and huge."""
    found = [AltitudeBand(None, None)]
    for low, high in itertools.product([None, *Reference], [None, *Reference]):
        wanted = len(found) + 12
        while len(found) < wanted:
            lower = None if low is None else Altitude(a_height_m(rng), AltitudeUnit.M, low)
            upper = None if high is None else Altitude(a_height_m(rng), AltitudeUnit.M, high)
            try:
                found.append(AltitudeBand(lower, upper))
            except PartyError:
                continue  # lower certainly above upper
    return found


def a_height_m(rng: random.Random) -> float:
    return rng.choice([rng.choice(EDGES_M), rng.uniform(-8_000, 20_000), rng.uniform(-300, 300)])


@pytest.mark.parametrize("same_ground", [True, False])
@pytest.mark.parametrize("minimum_dmm", MINIMA_DMM)
def test_the_kernel_says_what_the_definition_says(minimum_dmm: int, *, same_ground: bool) -> None:
    rng = random.Random("vertical")
    disc = Circle(LatLng(0.0, 0.0), 1.0)
    bands = every_band(rng)
    arrays = volume_arrays(volume_columns([Volume4D(disc, band, ALWAYS) for band in bands]))
    pairs = [(i, j) for i in range(len(bands)) for j in range(len(bands))]
    if len(pairs) > 20_000:
        pairs = rng.sample(pairs, 20_000)
    told, refused = answers(
        arrays, np.array([i for i, _ in pairs]), np.array([j for _, j in pairs]), minimum_dmm, same_ground
    )
    wrong = []
    for (i, j), got, sent_away in zip(pairs, told.tolist(), refused.tolist(), strict=True):
        want, _ = vertical_conflict(bands[i], bands[j], minimum_dmm, same_ground=same_ground)
        if got != want or (sent_away and want is not Certainty.CLEAR):
            wrong.append((bands[i], bands[j], want, got, sent_away))
    assert wrong == []
    assert len(set(told.tolist())) >= 2, "the bands prove nothing"


def test_bounds_meet_sea_level_to_the_last_tenth_of_a_millimetre() -> None:
    # Against a limit above mean sea level the other's bound stands alone: one step past it is clear, on it is not.
    rng = random.Random("last step")
    disc = Circle(LatLng(0.0, 0.0), 1.0)
    for reference in (Reference.W84, Reference.AGL, Reference.FL):
        for dmm in [*range(-9, 10), *(rng.randrange(-20_000_000, 200_000_000) for _ in range(20))]:
            low_dmm, high_dmm = amsl_bounds_dmm(reference, dmm)
            limit = metres(dmm / DMM_PER_METRE, reference)
            assert limit.dmm == dmm
            bands = [AltitudeBand(None, limit), AltitudeBand(limit, None)]
            bands += [AltitudeBand(metres((high_dmm + step) / DMM_PER_METRE), None) for step in (0, 1)]
            bands += [AltitudeBand(None, metres((low_dmm - step) / DMM_PER_METRE)) for step in (0, 1)]
            arrays = volume_arrays(volume_columns([Volume4D(disc, band, ALWAYS) for band in bands]))
            told, refused = answers(arrays, np.array([0, 0, 1, 1]), np.array([2, 3, 4, 5]), 0, same_ground=False)
            assert told.tolist() == [Certainty.POSSIBLE, Certainty.CLEAR] * 2, (reference, dmm)
            assert refused.tolist() == [False, True] * 2, (reference, dmm)
