"""What the kernels leave open is put to `exact`: the same for whoever asks, batch or index."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tansiq.conflict import exact
from tansiq.conflict.exact import ExactVolume, Verdict, exact_volume
from tansiq.conflict.minima import Minimum
from tansiq.conflict.narrow import ERROR_PER_D5, UNDECIDED
from tansiq.conflict.sweep import Found
from tansiq.geometry.earth import FloatArray
from tansiq.geometry.volume import Volume4D

GAP_ERROR_M: Final = 0.005
"""A gap that the kernels know less well than this is measured by `exact` before it is reported."""
KNOWN_M: Final = (GAP_ERROR_M / ERROR_PER_D5) ** 0.2
"""Up to this distance of two cores, 650 km, the kernels know it well enough."""
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


def open_questions(found: Found, buffer_m: FloatArray) -> NDArray[np.int64]:
    """Which pairs need `exact`: the undecided, and those whose gap is not known well enough to be reported.

    buffer_m: of every volume. With the gap both buffers are the greatest distance of the two cores, on which the error
    depends.
    """
    asked = np.flatnonzero((found.answers == UNDECIDED) | (found.gaps_m > 0))
    far_m = found.gaps_m[asked] + buffer_m[found.first[asked]] + buffer_m[found.second[asked]]
    return asked[(found.answers[asked] == UNDECIDED) | (far_m > KNOWN_M)]
