"""A plane of its own for each pair: shapely on PROJ's azimuthal equidistant projection round the first footprint.

A careful program: nothing happens at 180 degrees or the poles, distances are metres, and limits of different references
are never held to be apart. But edges are straight in the plane, and a circle is a polygon of 64 corners within it.
"""

from functools import lru_cache
from typing import Final

import pyproj
from shapely import Geometry
from shapely.geometry import LineString, Point, Polygon

from tests.vectors.engines.protocol import Json, Volume, meet_in_height, meet_in_time, serve, volume

SEGMENTS: Final = 16


@lru_cache(maxsize=64)
def plane(lng: float, lat: float) -> pyproj.Proj:
    """Metres east and north, true in direction and distance from this point."""
    return pyproj.Proj(proj="aeqd", lon_0=lng, lat_0=lat, ellps="WGS84")


def shape(volume: Volume, to_metres: pyproj.Proj) -> Geometry:
    """The footprint in the plane."""
    points = [to_metres(lng, lat) for lng, lat in volume.points]
    if volume.kind == "polygon":
        return Polygon(points)
    core = Point(points[0]) if volume.kind == "circle" else LineString(points)
    return core.buffer(volume.buffer_m, quad_segs=SEGMENTS)


def meet(a: Volume, b: Volume, minimum_m: float) -> bool:
    """Whether the footprints touch or come nearer than the minimum in the plane round the first point of one."""
    to_metres = plane(*a.points[0])
    one, other = shape(a, to_metres), shape(b, to_metres)
    return bool(one.intersects(other) or one.distance(other) < minimum_m)


def answer(case: Json) -> str:
    """As `any_two`, but limits of two references, and heights above two grounds, tell nothing."""
    volumes = [volume(v) for v in case["volumes"]]
    minimum = case["minimum"]
    for i, a in enumerate(volumes):
        for b in volumes[i + 1 :]:
            references = {"AGL" if name == "SFC" else name for name in a.references | b.references}
            comparable = len(references) < 2 and (references != {"AGL"} or minimum["horizontal_m"] == 0)
            near = meet_in_height(a, b, minimum["vertical_m"]) or not comparable
            if meet_in_time(a, b) and near and meet(a, b, minimum["horizontal_m"]):
                return "conflict"
    return "clear"


if __name__ == "__main__":
    serve(answer)
