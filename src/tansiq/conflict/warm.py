"""Compiles every kernel before it is needed: a server does this before it says that it is ready."""

import math

from tansiq.conflict.batch import find_pairs, labels_of
from tansiq.conflict.columns import volume_columns
from tansiq.conflict.index import CELL_M, Index, prepared
from tansiq.conflict.minima import Minima
from tansiq.conflict.shelves import empty_shelves, enter_all
from tansiq.domain.intent import Intent, Kind
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Footprint, Polygon
from tansiq.geometry.volume import TimeWindow, Volume4D


def warm_up() -> None:
    """No kernel has to be compiled or loaded any more."""
    rings = [2 * math.pi * k / 100 for k in range(100)]
    shapes: list[Footprint] = [Circle(LatLng(0.01 * k, 0.01 * k), 500.0) for k in range(70)]
    shapes.append(Polygon(tuple(LatLng(2 * math.sin(turn), 2 * math.cos(turn)) for turn in rings)))
    intents = [
        Intent(f"{k}", "warm", Kind.AIR, (Volume4D(shape, AltitudeBand(None, None), TimeWindow(0, 1)),))
        for k, shape in enumerate(shapes)
    ]
    columns = volume_columns([intent.volumes[0] for intent in intents])
    labels = labels_of(intents)
    find_pairs(columns, labels, Minima())
    index = Index(Minima())
    index.insert(prepared(columns, labels))
    few = volume_columns([intents[0].volumes[0]])
    index.query(prepared(few, labels_of(intents[:1])))
    index.delete(0)
    # Comes with time alone: no few volumes bring it about.
    enter_all(empty_shelves(), CELL_M)
