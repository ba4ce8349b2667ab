"""Separation minima: how near is too near, per pair of kinds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from tansiq.domain.intent import KINDS, Kind
from tansiq.units import DMM_PER_METRE


@dataclass(frozen=True, slots=True)
class Minimum:
    """Two volumes lose separation when both gaps are below these at once; at 0 only meeting counts.

    `horizontal_m` in metres along the ellipsoid, `vertical_dmm` in tenths of a millimetre.
    """

    horizontal_m: float = 0.0
    vertical_dmm: int = 0


def minimum(horizontal_m: Decimal, vertical_m: Decimal) -> Minimum:
    """The minimum of these metres; the vertical one is rounded to a tenth of a millimetre."""
    return Minimum(float(horizontal_m), round(vertical_m * DMM_PER_METRE))


NONE = Minimum()

Pair = frozenset[Kind]
"""A pair of kinds, whatever the order; one kind alone stands for the pair within it."""


@dataclass(frozen=True, slots=True)
class Minima:
    """The minimum of every pair of kinds; 0 where none is set, so that an overflight is no conflict with a ship."""

    per_pair: Mapping[Pair, Minimum] = field(default_factory=dict)

    def of(self, a: Kind, b: Kind) -> Minimum:
        """The minimum between these two kinds."""
        return self.per_pair.get(frozenset((a, b)), NONE)

    def horizontal_table_m(self) -> NDArray[np.float64]:
        """The horizontal minima as a (4, 4) table by kind number."""
        return np.array([[self.of(a, b).horizontal_m for b in KINDS] for a in KINDS])

    def vertical_table_dmm(self) -> NDArray[np.int64]:
        """The vertical minima as a (4, 4) table by kind number."""
        return np.array([[self.of(a, b).vertical_dmm for b in KINDS] for a in KINDS], dtype=np.int64)
