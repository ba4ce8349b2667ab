"""Degrees as a plane: shapely on longitudes and latitudes, scaled to metres by one factor for each of the two.

As many services do it: a degree of latitude is 111,320 m, one of longitude that times the cosine of the latitude in the
middle of both volumes. Circles and corridors are widened by shapely with 16 segments to a quarter, so that a circle is
a polygon of 64 corners. Heights are compared as metres, references are not looked at.
"""

import math
from typing import Final

from shapely import Geometry
from shapely.geometry import LineString, Point, Polygon

from tests.vectors.engines.protocol import Volume, any_two, serve

METRES_PER_DEGREE: Final = 111_320.0
SEGMENTS: Final = 16


def shape(volume: Volume, x_m: float, y_m: float) -> Geometry:
    """The footprint in a plane with these metres to a degree."""
    points = [(lng * x_m, lat * y_m) for lng, lat in volume.points]
    if volume.kind == "polygon":
        return Polygon(points)
    core = Point(points[0]) if volume.kind == "circle" else LineString(points)
    return core.buffer(volume.buffer_m, quad_segs=SEGMENTS)


def meet(a: Volume, b: Volume, minimum_m: float) -> bool:
    """Whether the footprints touch or come nearer than the minimum in that plane."""
    latitudes = [lat for volume in (a, b) for _, lat in volume.points]
    middle = (min(latitudes) + max(latitudes)) / 2
    x_m = METRES_PER_DEGREE * math.cos(math.radians(middle))
    one, other = (shape(volume, x_m, METRES_PER_DEGREE) for volume in (a, b))
    return bool(one.intersects(other) or one.distance(other) < minimum_m)


if __name__ == "__main__":
    serve(any_two(meet))
