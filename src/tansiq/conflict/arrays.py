"""Volumes as arrays: a record per volume, outlines one after the other.

This is the layout that the kernels read; what a name means is said at its field. It is made from
`columns` by `prepare`. One record holds all that is known of a volume but its points, so that a
comparison of two waits for memory as seldom as can be, and kernels are handed few arrays.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tansiq.geometry.earth import FloatArray

SAG_M: Final = 1.0
"""More than the arc of a step of 5 km rises above its chord (0.5 m), and than a chart is untrue (2 mm)."""
UNBOUNDED_DMM: Final = 2**31 - 1
"""Stands for a missing upper limit above sea level, its negative for a lower: further than any altitude can mean."""
FLOAT32_M: Final = 1.0
"""More than a float32 is off by, up to 16,000 km from the Earth's centre (0.5 m)."""
ECEF: Final = np.eye(3)
"""The frame of boxes where no other is asked for."""
BLOCK: Final = 16
"""So many edges of an outline share a box."""
BLOCKLESS: Final = 64
"""Outlines of up to so many points have no blocks; the plane is for them."""

VOLUME: Final = np.dtype(
    [
        ("center_m", "f8", (3,)),  # on the surface, in the middle of the footprint
        ("radius_m", "f8"),  # of a ball round that centre that holds the footprint
        ("axes", "f8", (3, 3)),  # of the footprint's chart; the last row points from the Earth's centre to the centre
        ("buffer_m", "f8"),
        ("inner_m", "f8"),  # an area holds everything within this of its centre; 0: not known to
        ("stray_m", "f8"),  # more than its edges stray from straight lines in its chart
        ("first", "i8"),  # row of points_m where the outline begins
        ("count", "i4"),  # of its points, at most 5 km apart along the outline
        ("core", "i1"),  # CoreKind
        ("divided", "?"),  # whether edges were divided
        ("lower_reference", "i1"),  # the limits' references, or NO_LIMIT
        ("upper_reference", "i1"),
        ("lower_dmm", "i4"),  # tenths of a millimetre from that reference
        ("upper_dmm", "i4"),
        ("low_dmm", "i4"),  # the least lower and greatest upper height above sea level that they can mean
        ("high_dmm", "i4"),
        ("first_block", "i4"),  # row of the block arrays
        ("blocks", "i4"),  # an outline of at most BLOCKLESS points has none
        ("start_us", "i8"),  # the window, closed
        ("end_us", "i8"),
    ],
    align=True,
)
Record = Any
"""A record of VOLUME: numpy's types do not know its fields."""


class VolumeArrays(NamedTuple):
    """n volumes, the m points of their outlines, and the k blocks of the long ones among these."""

    volumes: NDArray[np.void]  # (n,) VOLUME
    points_m: FloatArray  # (m, 3) ECEF
    box_m: NDArray[np.float32]  # (n, 6) least and greatest x, y, z of the footprint in `frame`, rounded outward
    frame: FloatArray  # (3, 3) the axes of the boxes, as rows
    block_box_m: FloatArray  # (k, 6) least and greatest x, y, z of BLOCK edges, SAG_M added
    block_chart_m: FloatArray  # (k, 4) least x and y, greatest x and y of their points in the volume's chart
