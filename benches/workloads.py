"""The plans that engines are measured on: made from one seed with numpy alone, the same on every machine.

They lie round a place in the open ocean, neither at the equator nor at a meridian where an axis of
the Earth would make things easy.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from tansiq.geometry.earth import FloatArray, LatLng

MIDDLE: Final = LatLng(-33.7, -118.4)
KM2_PER_VOLUME: Final = 0.05
HUB_SIGMA_M: Final = 4_000.0
CLUSTERED_SHARE: Final = 0.3
WIDE_SHARE: Final = 0.15
DAY_S: Final = 12 * 3600
CORRIDOR, STAR, CIRCLE = 0, 1, 2

IntArray = NDArray[np.int64]


class Workload(NamedTuple):
    """n volumes with m points, as every engine gets them: degrees, whole decimetres above the ellipsoid, seconds."""

    intent: IntArray  # (n,) number of the intent; its volumes follow one another
    radius_m: FloatArray  # (n,) 0 for a polygon
    offsets: IntArray  # (n + 1,) rows of lat_deg and lng_deg; a circle has one, its centre
    lat_deg: FloatArray  # (m,)
    lng_deg: FloatArray  # (m,)
    lower_dm: IntArray  # (n,)
    upper_dm: IntArray  # (n,)
    start_s: IntArray  # (n,) closed windows
    end_s: IntArray  # (n,)


def gen_w1(count: int, seed: int = 7) -> Workload:
    """`count` volumes of intents of 1 to 10, at 20 a square kilometre and twelve hours, a third of them round hubs.

    40 % are turned rectangles of 300 to 3,000 by 50 to 300 m, 30 % concave stars of 5 to 30 vertices,
    30 % circles, both of radius 50 to 1,000 m, to 5,000 m for 15 % of the intents. 20 to 60 m thick, from
    0 to 90 m up. Source: the same numbers as in the study this engine started from.
    """
    lots = np.random.default_rng(seed)
    side_m = float(np.sqrt(count * KM2_PER_VOLUME) * 1000)
    sizes = lots.integers(1, 11, count)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), count)) + 1]
    sizes[-1] -= sizes.sum() - count
    intent = np.repeat(np.arange(len(sizes)), sizes)
    step = np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    middles = _paths(lots, sizes, intent, step, side_m)
    kind = lots.choice(3, count, p=[0.4, 0.3, 0.3])
    wide = lots.random(len(sizes)) < WIDE_SHARE
    radius_m = 50.0 * np.exp(lots.random(count) * np.log(np.where(wide[intent], 100.0, 20.0)))
    offsets, x_m, y_m = _outlines(lots, kind, middles, radius_m)
    azimuth_deg, distance_m = np.degrees(np.arctan2(x_m, y_m)), np.hypot(x_m, y_m)
    lng, lat, _ = Geod(ellps="WGS84").fwd(
        np.full(len(x_m), MIDDLE.lng_deg), np.full(len(x_m), MIDDLE.lat_deg), azimuth_deg, distance_m
    )
    lower_dm = lots.integers(0, 901, count)
    begin_s = lots.integers(0, DAY_S, len(sizes))[intent]
    lasting_s = (600 * np.exp(lots.random(len(sizes)) * np.log(36.0)))[intent]
    start_s = (begin_s + step * lasting_s / sizes[intent]).astype(np.int64) - 60
    return Workload(
        intent=intent,
        radius_m=np.where(kind == CIRCLE, radius_m, 0.0),
        offsets=offsets,
        lat_deg=np.asarray(lat),
        lng_deg=np.asarray(lng),
        lower_dm=lower_dm,
        upper_dm=lower_dm + lots.integers(200, 601, count),
        start_s=start_s,
        end_s=start_s + (lasting_s / np.sqrt(sizes[intent])).astype(np.int64) + 120,
    )


def _paths(lots: np.random.Generator, sizes: IntArray, intent: IntArray, step: IntArray, side_m: float) -> FloatArray:
    """The middles of the volumes, (n, 2): straight paths, reflected at the border of the square."""
    origin = lots.uniform(0, side_m, (len(sizes), 2))
    hubs = lots.uniform(0, side_m, (max(1, len(intent) // 5000), 2))
    clustered = np.flatnonzero(lots.random(len(sizes)) < CLUSTERED_SHARE)
    around = hubs[lots.integers(0, len(hubs), len(clustered))]
    origin[clustered] = around + lots.normal(0, HUB_SIGMA_M, (len(clustered), 2))
    heading = lots.uniform(0, 2 * np.pi, len(sizes))
    stride_m = lots.uniform(200, 1500, len(sizes))
    along = np.column_stack([np.sin(heading), np.cos(heading)]) * stride_m[:, None]
    there = np.abs(origin[intent] + along[intent] * step[:, None]) % (2 * side_m)
    return np.asarray(np.minimum(there, 2 * side_m - there) - side_m / 2)


def _outlines(
    lots: np.random.Generator, kind: IntArray, middles: FloatArray, radius_m: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Offsets and planar points of the shapes, outlines one after the other."""
    counts = np.select([kind == CORRIDOR, kind == CIRCLE], [4, 1], lots.integers(5, 31, len(kind)))
    offsets = np.concatenate([[0], np.cumsum(counts)])
    owner = np.repeat(np.arange(len(kind)), counts)
    nth = np.arange(offsets[-1]) - offsets[owner]
    turn = lots.uniform(0, 2 * np.pi, len(kind))
    half_long, half_wide = lots.uniform(150, 1500, len(kind)), lots.uniform(25, 150, len(kind))
    angle = turn[owner] + 2 * np.pi * (nth + lots.uniform(-0.4, 0.4, len(owner))) / counts[owner]
    away = radius_m[owner] * lots.uniform(0.4, 1.0, len(owner))
    x, y = away * np.sin(angle), away * np.cos(angle)
    box = kind[owner] == CORRIDOR
    long = np.where((nth == 0) | (nth == 3), -1, 1) * half_long[owner]
    across = np.where(nth < 2, -1, 1) * half_wide[owner]
    x = np.where(box, long * np.cos(turn[owner]) - across * np.sin(turn[owner]), x)
    y = np.where(box, long * np.sin(turn[owner]) + across * np.cos(turn[owner]), y)
    at_middle = kind[owner] == CIRCLE
    x, y = np.where(at_middle, 0.0, x), np.where(at_middle, 0.0, y)
    return offsets, x + middles[owner, 0], y + middles[owner, 1]
