"""Boxes: the least and greatest longitude and latitude of each footprint, heights and times, and nothing finer.

As an R-tree without a second look would answer. A box is grown by a radius or half-width, and by the minimum, with the
cosine of the latitude where it is furthest from the equator, so that it is never too narrow there. Heights are compared
as metres, references are not looked at.
"""

import math
from typing import Final

from tests.vectors.engines.protocol import Volume, any_two, serve

METRES_PER_DEGREE: Final = 110_574.0
"""The shortest degree of latitude, so that boxes are too large and not too small."""
LEAST_COSINE: Final = 1e-9

Box = tuple[float, float, float, float]


def box(volume: Volume, grown_m: float) -> Box:
    """West, south, east, north."""
    lngs, lats = zip(*volume.points, strict=True)
    high = (volume.buffer_m + grown_m) / METRES_PER_DEGREE
    furthest = min(90.0, max(abs(lat) for lat in lats) + high)
    wide = min(360.0, high / max(LEAST_COSINE, math.cos(math.radians(furthest))))
    return min(lngs) - wide, min(lats) - high, max(lngs) + wide, max(lats) + high


def meet(a: Volume, b: Volume, minimum_m: float) -> bool:
    """Whether the boxes touch, one of them grown by the minimum."""
    west, south, east, north = box(a, minimum_m)
    other = box(b, 0.0)
    return west <= other[2] and other[0] <= east and south <= other[3] and other[1] <= north


if __name__ == "__main__":
    serve(any_two(meet))
