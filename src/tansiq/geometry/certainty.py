"""The three answers of every predicate."""

from enum import IntEnum

TOLERANCE_M = 0.01
"""How far a horizontal distance may be off before an answer changes from certain to possible.

Time and altitudes of one reference have no tolerance: they are compared as integers.
Source: docs/adr/0003-closed-and-tolerance.md.
"""


class Certainty(IntEnum):
    """How sure it is that two things meet. The numbers stand in arrays and kernels: never change them.

    Where several conditions must hold at once, the answer is the least certain of them.
    """

    CLEAR = 0
    POSSIBLE = 1
    CERTAIN = 2
