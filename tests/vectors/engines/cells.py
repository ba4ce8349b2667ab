"""Cells: each footprint covered by cells of a quartered map of the world; two conflict where they share one.

As a directory of cells would answer if nobody looked further (such a directory is meant for finding whom to ask, and is
no worse for it). Cells are squares of degrees, halved from 360 down to about 0.35 km at the equator; two footprints are
compared on the finest level on which neither box has more than MOST cells. Longitudes wrap round. A cell counts where
shapely says that the footprint, drawn in degrees, touches it. Heights are compared as metres, references are not
looked at.
"""

import math
from typing import Final

from shapely import Geometry, box, prepare
from shapely.affinity import scale
from shapely.geometry import LineString, Point, Polygon

from tests.vectors.engines.protocol import Volume, any_two, serve

METRES_PER_DEGREE: Final = 111_320.0
FINEST: Final = 17
MOST: Final = 1_024
LEAST_COSINE: Final = 0.01


def shape(volume: Volume, grown_m: float) -> Geometry:
    """The footprint in degrees, what spans more than half of the globe taken to cross 180 degrees, grown."""
    lngs = [lng for lng, _ in volume.points]
    turned = max(lngs) - min(lngs) > 180
    points = [(lng + 360 if turned and lng < 0 else lng, lat) for lng, lat in volume.points]
    cosine = max(LEAST_COSINE, math.cos(math.radians(sum(lat for _, lat in points) / len(points))))
    kinds = {"circle": lambda: Point(points[0]), "polygon": lambda: Polygon(points)}
    core: Geometry = kinds.get(volume.kind, lambda: LineString(points))()
    grown = (volume.buffer_m + grown_m) / METRES_PER_DEGREE
    if grown == 0:
        return core
    # Widened where a degree is as long either way, then stretched back.
    squeezed = scale(core, xfact=cosine, origin=(0, 0)).buffer(grown)
    return scale(squeezed, xfact=1 / cosine, origin=(0, 0))


def level_of(footprint: Geometry) -> int:
    """The finest level on which the box has at most MOST cells."""
    west, south, east, north = footprint.bounds
    level = FINEST
    while level and ((east - west) * 2**level / 360 + 1) * ((north - south) * 2**level / 360 + 1) > MOST:
        level -= 1
    return level


def cells(footprint: Geometry, level: int) -> set[tuple[int, int]]:
    """The cells of this level that the footprint touches."""
    size = 360 / 2**level
    west, south, east, north = (math.floor(x / size) for x in footprint.bounds)
    prepare(footprint)
    return {
        (x % 2**level, y)
        for x in range(west, east + 1)
        for y in range(south, north + 1)
        if footprint.intersects(box(x * size, y * size, (x + 1) * size, (y + 1) * size))
    }


def meet(a: Volume, b: Volume, minimum_m: float) -> bool:
    """Whether the two share a cell, one of them grown by the minimum."""
    one, other = shape(a, minimum_m), shape(b, 0.0)
    level = min(level_of(one), level_of(other))
    return not cells(one, level).isdisjoint(cells(other, level))


if __name__ == "__main__":
    serve(any_two(meet))
