"""The compiled arithmetic of heights is that of `geometry.band`, integer for integer, for every pair of references."""

import itertools
import random
from typing import Final

import numba
import numpy as np
import pytest

from tansiq.conflict.arrays import VolumeArrays, volume_arrays
from tansiq.conflict.kernels import _amsl_apart
from tansiq.conflict.narrow import vertical
from tansiq.errors import PartyError
from tansiq.geometry.band import AltitudeBand, vertical_conflict
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.footprint import Circle
from tansiq.geometry.volume import Volume4D
from tansiq.units import Altitude, AltitudeUnit, Reference
from tests.laws.strategies import ALWAYS, LatLng

EDGES_M: Final = [-8_000.0, -108.0, -0.0001, 0.0, 0.0001, 87.0, 3_048.0, 8_900.0, 100_000.0]
MINIMA_DMM: Final = [0, 1, 3_048_000, 9_144_000, 10_000_000_000]


@numba.njit
def answers(
    v: VolumeArrays, first: np.ndarray, second: np.ndarray, minimum_dmm: int, same_ground: int
) -> tuple[np.ndarray, np.ndarray]:
    """Per pair the kernel's answer, and whether the quick refusal sends it away."""
    told = np.empty(len(first), np.int64)
    refused = np.empty(len(first), np.bool_)
    for k in range(len(first)):
        told[k] = vertical(v, first[k], second[k], minimum_dmm, same_ground)
        refused[k] = _amsl_apart(v, first[k], second[k], minimum_dmm)
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
    arrays = volume_arrays([Volume4D(disc, band, ALWAYS) for band in bands])
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
