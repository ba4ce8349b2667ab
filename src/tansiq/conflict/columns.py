"""Volumes as columns of plain numbers, as they were given: what arrays are made from, and `exact` is asked with.

For callers that hold very many volumes: no object is made for a volume until `exact` has to be asked about it.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.earth import FloatArray, LatLng
from tansiq.geometry.footprint import Circle, CoreKind, Corridor, Footprint, Polygon, core
from tansiq.geometry.surface import IntArray
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.limits import LIMITS
from tansiq.units import DMM_PER_METRE, Altitude, AltitudeUnit, Reference

NO_LIMIT: Final = 0
"""Stands where a reference's number would, in a row whose limit is missing."""
ALWAYS_US: Final = 2**62
"""Past every instant that a file can hold: the end of an unbounded window; its negative is the start."""


class VolumeColumns(NamedTuple):
    """n volumes with m points. Each row is a valid Volume4D: `volume_of` raises PartyError where one is not."""

    core: NDArray[np.int8]  # (n,) CoreKind
    buffer_m: FloatArray  # (n,) radius of a circle, half-width of a corridor, 0 for a polygon
    offsets: IntArray  # (n + 1,) rows of the points, volume after volume
    lat_deg: FloatArray  # (m,)
    lng_deg: FloatArray  # (m,)
    start_us: IntArray  # (n,) closed windows; -ALWAYS_US where it has no start
    end_us: IntArray  # (n,) ALWAYS_US where it has no end
    limit_reference: NDArray[np.int8]  # (n, 2) lower and upper limit: the reference's number, or NO_LIMIT
    limit_dmm: IntArray  # (n, 2) tenths of a millimetre from that reference
    estimated: NDArray[np.bool_]  # (n,) as Volume4D has it


class Labels(NamedTuple):
    """To whom the n volumes belong, each (n,) int32: two volumes of one intent never conflict with each other."""

    intent: NDArray[np.int32]
    party: NDArray[np.int32]
    side: NDArray[np.int32]
    kind: NDArray[np.int32]  # place in domain.intent.KINDS


def volume_columns(volumes: Sequence[Volume4D]) -> VolumeColumns:
    """The columns of these volumes, in their order."""
    cores = [core(volume.footprint) for volume in volumes]
    points = [point for _, points, _ in cores for point in points]
    table = np.array(points, dtype=np.float64).reshape(-1, 2)
    counts = np.array([len(points) for _, points, _ in cores], dtype=np.int64)
    limits = np.array([_limits(volume.band) for volume in volumes], dtype=np.int64).reshape(-1, 4)
    windows = [volume.window for volume in volumes]
    return VolumeColumns(
        core=np.array([kind for kind, _, _ in cores], dtype=np.int8),
        buffer_m=np.array([buffer_m for _, _, buffer_m in cores], dtype=np.float64),
        offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
        lat_deg=np.ascontiguousarray(table[:, 0]),
        lng_deg=np.ascontiguousarray(table[:, 1]),
        start_us=np.array([-ALWAYS_US if w.start_us is None else w.start_us for w in windows], np.int64),
        end_us=np.array([ALWAYS_US if w.end_us is None else w.end_us for w in windows], np.int64),
        limit_reference=np.ascontiguousarray(limits[:, 0:2].astype(np.int8)),
        limit_dmm=np.ascontiguousarray(limits[:, 2:4]),
        estimated=np.array([volume.estimated for volume in volumes], np.bool_),
    )


def _limits(band: AltitudeBand) -> tuple[int, int, int, int]:
    lower, upper = band.lower, band.upper
    return (
        NO_LIMIT if lower is None else int(lower.reference),
        NO_LIMIT if upper is None else int(upper.reference),
        0 if lower is None else lower.dmm,
        0 if upper is None else upper.dmm,
    )


def volume_of(columns: VolumeColumns, i: int) -> Volume4D:
    """Volume i, built anew. Raises PartyError where its row is none."""
    start_us, end_us = int(columns.start_us[i]), int(columns.end_us[i])
    return Volume4D(
        _footprint(columns, i),
        AltitudeBand(_altitude(columns, i, 0), _altitude(columns, i, 1)),
        TimeWindow(None if start_us == -ALWAYS_US else start_us, None if end_us == ALWAYS_US else end_us),
        estimated=bool(columns.estimated[i]),
    )


def _altitude(columns: VolumeColumns, i: int, side: int) -> Altitude | None:
    reference = int(columns.limit_reference[i, side])
    if reference == NO_LIMIT:
        return None
    dmm = float(columns.limit_dmm[i, side])
    if not LIMITS.altitude_min_m * DMM_PER_METRE <= dmm <= LIMITS.altitude_max_m * DMM_PER_METRE:
        # What was given lay within the limit by less than this, and was rounded past it.
        dmm -= math.copysign(0.4, dmm)
    # Metres divided and multiplied again round to the same tenth of a millimetre: both are below 2 ** 31.
    return Altitude(dmm / DMM_PER_METRE, AltitudeUnit.M, Reference(reference))


def _footprint(columns: VolumeColumns, i: int) -> Footprint:
    rows = slice(int(columns.offsets[i]), int(columns.offsets[i + 1]))
    places = zip(columns.lat_deg[rows].tolist(), columns.lng_deg[rows].tolist(), strict=True)
    points = tuple(LatLng(*place) for place in places)
    match CoreKind(int(columns.core[i])):
        case CoreKind.POINT:
            return Circle(points[0], float(columns.buffer_m[i]))
        case CoreKind.LINE:
            return Corridor(points, float(columns.buffer_m[i]))
        case CoreKind.AREA:
            return Polygon(points)
