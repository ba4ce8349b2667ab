"""tansiq on the workloads that its peers get: degrees in, pairs out."""

from typing import Final

import numpy as np

from benches.workloads import IntArray, Workload, gen_w1
from tansiq.conflict.batch import find_pairs
from tansiq.conflict.columns import Labels, VolumeColumns
from tansiq.conflict.index import Hits, Index, Prepared, prepared
from tansiq.conflict.minima import Minima
from tansiq.geometry.footprint import CoreKind
from tansiq.units import US_PER_SECOND, Reference

DMM_PER_DM: Final = 1_000
MOST_PAIRS: Final = 100_000_000
CELL_M: Final = 4_000.0


def columns_of(w: Workload) -> tuple[VolumeColumns, Labels]:
    """The workload in the units that tansiq keeps: degrees stay degrees."""
    n = len(w.intent)
    alike = np.zeros(n, np.int32)
    columns = VolumeColumns(
        core=np.where(w.radius_m > 0, CoreKind.POINT, CoreKind.AREA).astype(np.int8),
        buffer_m=w.radius_m,
        offsets=w.offsets,
        lat_deg=w.lat_deg,
        lng_deg=w.lng_deg,
        start_us=w.start_s * US_PER_SECOND,
        end_us=w.end_s * US_PER_SECOND,
        limit_reference=np.full((n, 2), Reference.W84, np.int8),
        limit_dmm=np.column_stack([w.lower_dm, w.upper_dm]) * DMM_PER_DM,
        estimated=np.zeros(n, np.bool_),
    )
    return columns, Labels(w.intent.astype(np.int32), alike, alike, alike)


def warm() -> None:
    """What is compiled or loaded at first use is so."""
    small = gen_w1(200)
    pairs(small)
    index = Index(Minima())
    index.insert(prepared(*columns_of(small)))
    index.query(prepared(*columns_of(small)))
    index.delete(0)


def pairs(w: Workload, workers: int = 1) -> IntArray:
    """Every pair of volumes of two intents that conflicts, (k, 2), the lower number first, sorted."""
    columns, labels = columns_of(w)
    found = find_pairs(columns, labels, Minima(), workers=workers, most=MOST_PAIRS)
    return np.column_stack([found.first, found.second]).astype(np.int64)


class Live:
    """The volumes of all intents that are live, to be asked and changed one intent at a time.

    What is asked about is made ready when it is asked about, and inserted as it is.
    """

    def __init__(self, w: Workload) -> None:
        self._index = Index(Minima(), cell_m=CELL_M)
        self._index.insert(prepared(*columns_of(w)))
        self._ready: dict[int, Prepared] = {}

    def query(self, first: int, columns: VolumeColumns, labels: Labels) -> Hits:
        """Every conflict of these volumes, whose first has this number, with live ones of other intents."""
        asked = self._ready[first] = prepared(columns, labels)
        return self._index.query(asked)

    def insert(self, first: int) -> None:
        """What was asked about under this number is live."""
        self._index.insert(self._ready.pop(first))

    def delete(self, intent: int) -> None:
        """The intent of this number is live no more."""
        self._index.delete(intent)
