"""What the kernels leave open is put to `exact`: the same for whoever asks, batch or index."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tansiq.conflict import exact
from tansiq.conflict.exact import ExactVolume, Verdict, exact_volume
from tansiq.conflict.minima import Minimum
from tansiq.conflict.narrow import ERROR_PER_D5, UNDECIDED
from tansiq.geometry.earth import FloatArray
from tansiq.geometry.volume import Volume4D

GAP_ERROR_M: Final = 0.005
"""A gap that the kernels know less well than this is measured by `exact` before it is reported."""
KEPT: Final = 4096
"""So many volumes are kept ready for `exact`; then all are forgotten."""


class Settler:
    """Asks `exact` about single pairs, and keeps the volumes that it asked about ready."""

    def __init__(self, volume: Callable[[int], Volume4D]) -> None:
        self._volume = volume
        self._ready: dict[int, ExactVolume] = {}

    def verdict(self, i: int, j: int, minimum: Minimum) -> Verdict | None:
        """What the definition says of volumes i and j."""
        return exact.conflict(self._exact(i), self._exact(j), minimum)

    def _exact(self, i: int) -> ExactVolume:
        if i not in self._ready:
            if len(self._ready) >= KEPT:
                self._ready.clear()
            self._ready[i] = exact_volume(self._volume(i))
        return self._ready[i]


def open_questions(answers: NDArray[np.int8], gaps_m: FloatArray, buffers_m: FloatArray) -> NDArray[np.bool_]:
    """Which answers need `exact`: the undecided, and those whose gap is not known well enough to be reported.

    buffers_m: per pair the sum of both buffers; with the gap it is the greatest distance of the two cores, on
    which the error depends.
    """
    return (answers == UNDECIDED) | (ERROR_PER_D5 * (gaps_m + buffers_m) ** 5 > GAP_ERROR_M)
