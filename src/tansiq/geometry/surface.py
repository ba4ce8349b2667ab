"""Outlines as dense rows of surface points: what every array and kernel works on.

An edge is a WGS84 geodesic. Edges longer than 5 km are given points in between, so that what runs
between two neighbouring points may be taken for the normal section through them:

- up to 50 km the points are put on the normal section at the edge's middle, which strays from the
  geodesic by less than 0.1 mm there (0.008 * curvature * torsion * length^3; tests/authority);
- longer edges are first divided by GeographicLib into pieces of at most 50 km.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tansiq.geometry.earth import (
    EQUATORIAL_RADIUS_M,
    POLAR_RADIUS_M,
    FloatArray,
    LatLng,
    ecef_m,
    geodesic,
)

STEP_M: Final = 5_000.0
SECTION_M: Final = 50_000.0
_ARC_PER_CHORD: Final = 1.0001
"""A chord of 50 km is 0.13 m shorter than its arc: the factor keeps the arcs, too, within their bounds."""

IntArray = NDArray[np.int64]

_INVERSE_SQUARES = np.array([EQUATORIAL_RADIUS_M**-2, EQUATORIAL_RADIUS_M**-2, POLAR_RADIUS_M**-2])


@dataclass(frozen=True, slots=True)
class Outlines:
    """Many outlines, one after the other.

    points_m: (m, 3) ECEF metres. offsets: (k + 1,), outline i holds the rows offsets[i] to offsets[i + 1].
    edge_of: (m,) per row the given point whose edge it lies on. Edge i runs from given point i to the
    next of its outline; in a closed outline the last one runs to the first.
    """

    points_m: FloatArray
    offsets: IntArray
    edge_of: IntArray


def dense_outlines(
    points: Sequence[LatLng] | FloatArray, offsets: IntArray, closed: NDArray[np.bool_], *, skew: float = 0.0
) -> Outlines:
    """The outlines through these points, (m, 2) degrees given like `Outlines`, with points at most 5 km apart.

    The given points are all in the result, at the start of their edges. `skew`, below 1, moves all other
    points along their edges, the middle one by a quarter of it.
    """
    table = np.array(points, dtype=np.float64).reshape(-1, 2)
    plain = Outlines(ecef_m(table[:, 0], table[:, 1]), offsets, np.arange(len(table), dtype=np.int64))
    following = _following(plain, closed)
    chord_m = _lengths_m(plain.points_m[following] - plain.points_m)
    if not len(chord_m) or chord_m.max() * _ARC_PER_CHORD <= STEP_M:
        return plain
    far = np.flatnonzero(chord_m * _ARC_PER_CHORD > SECTION_M)
    if len(far):
        plain = _with_waypoints(plain, table, far, following, skew)
        following = _following(plain, closed)
        chord_m = _lengths_m(plain.points_m[following] - plain.points_m)
    pieces = np.maximum(1, np.ceil(chord_m * _ARC_PER_CHORD / STEP_M)).astype(np.int64)
    which = np.repeat(np.arange(len(pieces)), pieces)
    before = np.concatenate([[0], np.cumsum(pieces)])
    share = (np.arange(len(which)) - before[which]) / pieces[which]
    share += skew * share * (1 - share)
    dense = section_points_m(plain.points_m[which], plain.points_m[following[which]], share)
    return Outlines(dense, before[plain.offsets], plain.edge_of[which])


def _following(outlines: Outlines, closed: NDArray[np.bool_]) -> IntArray:
    """Per row the row at the other end of its edge: the next; for the last row the first, or itself if open."""
    following = np.arange(1, len(outlines.points_m) + 1, dtype=np.int64)
    last = outlines.offsets[1:] - 1
    following[last] = np.where(closed, outlines.offsets[:-1], last)
    return following


def _lengths_m(vectors: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt((vectors**2).sum(axis=1)))


def section_points_m(starts_m: FloatArray, ends_m: FloatArray, share: FloatArray) -> FloatArray:
    """Points of the normal sections at the middles of the chords: (k, 3), (k, 3), (k,) give (k, 3) on the ellipsoid.

    `share` runs from 0 at the start to 1 at the end along the chord; share 0 gives the start to the last bit.
    """
    chord_point = starts_m + share[:, None] * (ends_m - starts_m)
    normal = (starts_m + ends_m) * _INVERSE_SQUARES
    normal /= np.sqrt((normal**2).sum(axis=1))[:, None]
    # The height h above the chord solves |chord_point + h normal| = 1 in the ellipsoid's own measure.
    a = (normal**2 * _INVERSE_SQUARES).sum(axis=1)
    b = 2 * (normal * chord_point * _INVERSE_SQUARES).sum(axis=1)
    c = (chord_point**2 * _INVERSE_SQUARES).sum(axis=1) - 1
    height = np.where(share == 0, 0.0, -2 * c / (b + np.sqrt(b * b - 4 * a * c)))
    return np.asarray(chord_point + height[:, None] * normal)


def _with_waypoints(plain: Outlines, degrees: FloatArray, far: IntArray, following: IntArray, skew: float) -> Outlines:
    """The outlines with GeographicLib's points on each of the far edges, at most 50 km apart."""
    rows: list[FloatArray] = []
    counts = np.zeros(len(degrees), dtype=np.int64)
    for i in far:
        line = geodesic().InverseLine(*degrees[i].tolist(), *degrees[following[i]].tolist())
        pieces = math.ceil(line.s13 * _ARC_PER_CHORD / SECTION_M)
        shares = [k / pieces for k in range(1, pieces)]
        stops = [line.Position(line.s13 * (share + skew * share * (1 - share))) for share in shares]
        if stops:
            rows.append(ecef_m(np.array([s["lat2"] for s in stops]), np.array([s["lon2"] for s in stops])))
        counts[i] = len(stops)
    edge_of = np.repeat(np.arange(len(degrees), dtype=np.int64), counts + 1)
    before = np.concatenate([[0], np.cumsum(counts + 1)])
    dense = np.empty((len(edge_of), 3))
    given = np.zeros(len(edge_of), dtype=np.bool_)
    given[before[:-1]] = True
    dense[given] = plain.points_m
    if rows:
        dense[~given] = np.concatenate(rows)
    return Outlines(dense, before[plain.offsets], edge_of)
