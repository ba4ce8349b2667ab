"""What a check found, as the record that JSON, CSV and the report are made of."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tansiq.cli.inputs import Plans
from tansiq.cli.output import readable
from tansiq.domain.intent import KINDS, Intent, Kind
from tansiq.formats import conflicts as wire
from tansiq.geometry.band import shared_band
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.earth import LatLng
from tansiq.geometry.volume import shared_window
from tansiq.units import DMM_PER_METRE, US_PER_SECOND, format_instant

if TYPE_CHECKING:
    from tansiq.conflict.batch import IntentConflict, VolumeConflict
    from tansiq.conflict.explain import Explanation
    from tansiq.conflict.minima import Minima, Minimum
    from tansiq.conflict.resolve import Suggestion

Pair = tuple[tuple[int, int], tuple[int, int]]
"""Two volumes, each as (number of its intent, number of the volume in it)."""


@dataclass(frozen=True)
class Told:
    """What is told beyond who conflicts with whom, of those of which it was asked."""

    explanations: "dict[Pair, Explanation]" = field(default_factory=dict)
    suggestions: "dict[tuple[int, int], list[Suggestion]]" = field(default_factory=dict)


NOTHING_MORE: Final = Told()
_MINUTE_US: Final = 60 * US_PER_SECOND


def record(
    plans: Plans,
    minima: "Minima",
    found: "Sequence[IntentConflict]",
    not_checked: list[wire.NotChecked],
    told: Told = NOTHING_MORE,
) -> wire.Report:
    """The whole record."""
    rows = [_conflict(plans, conflict, told) for conflict in found]
    rows.sort(key=lambda row: ((row.a.file, row.a.party, row.a.id), (row.b.file, row.b.party, row.b.id)))
    present = [kind for kind in KINDS if kind is not Kind.ZONE or any(i.kind is kind for i in plans.intents)]
    pairs = [(a, b) for i, a in enumerate(present) for b in present[i:] if not a is b is Kind.ZONE]
    return wire.Report(
        format=wire.FORMAT,
        as_of=format_instant(int(time.time()) * US_PER_SECOND),
        checked=wire.Checked(
            intents=len(plans.intents),
            volumes=sum(len(intent.volumes) for intent in plans.intents),
            files=[wire.File(readable(content.name), content.sha256) for content in plans.contents],
        ),
        minima={f"{a.value}-{b.value}": _minimum_row(minima.of(a, b)) for a, b in pairs},
        not_checked=not_checked,
        conflicts=rows,
        not_kept=[
            wire.NotKept(file, *(readable(text) for text in (loss.record, loss.field, loss.what, loss.instead)))
            for file, loss in plans.losses
        ],
    )


def _minimum_row(minimum: "Minimum") -> wire.MinimumRow:
    return wire.MinimumRow(minimum.horizontal_m, minimum.vertical_dmm / DMM_PER_METRE)


def _conflict(plans: Plans, conflict: "IntentConflict", told: Told) -> wire.Conflict:
    """The row of a conflict; the intent that comes first by file, party and id is `a`."""
    sides = [wire.Side(plans.intents[i].id, plans.intents[i].party, plans.file_of[i]) for i in (conflict.a, conflict.b)]
    turned = (sides[0].file, sides[0].party, sides[0].id) > (sides[1].file, sides[1].party, sides[1].id)
    overlaps = [
        _overlap(plans.intents, pair, told.explanations.get((pair.a, pair.b)), turned=turned)
        for pair in conflict.volume_conflicts
    ]
    overlaps.sort(key=lambda overlap: overlap.pair)
    a, b = reversed(sides) if turned else sides
    offered = told.suggestions.get((conflict.a, conflict.b))
    first = conflict.b if turned else conflict.a
    return wire.Conflict(
        a,
        b,
        conflict.certainty.name.lower(),
        [overlap.pair for overlap in overlaps],
        overlaps,
        None if offered is None else [_suggestion(s, "a" if s.intent == first else "b") for s in offered],
    )


def _suggestion(suggestion: "Suggestion", side: str) -> wire.Suggestion:
    shift = suggestion.shift
    row = wire.Suggestion(moves=side, cost=shift.cost)
    if shift.later_us:
        row.by_min = shift.later_us // _MINUTE_US
    elif shift.up_dmm:
        row.by_up_m = shift.up_dmm / DMM_PER_METRE
    else:
        row.by_m, row.bearing_deg = shift.across_m, shift.bearing_deg
    return row


def _overlap(
    intents: Sequence[Intent], pair: "VolumeConflict", explanation: "Explanation | None", *, turned: bool
) -> wire.Overlap:
    a, b = (intents[i].volumes[k] for i, k in (pair.a, pair.b))
    window, band = (
        shared_window(a.window, b.window),
        shared_band(a.band, b.band, same_ground=pair.verdict.altitude_certainty is Certainty.CERTAIN),
    )
    assert window is not None
    altitude = None
    if band is not None:
        reference = None if band.reference is None else band.reference.name
        altitude = wire.Altitude(_metres(band.lower_dmm), _metres(band.upper_dmm), reference)
    return wire.Overlap(
        pair=(pair.b[1], pair.a[1]) if turned else (pair.a[1], pair.b[1]),
        time=wire.Time(_instant(window.start_us), _instant(window.end_us)),
        altitude=altitude,
        horizontal_gap_m=round(pair.verdict.horizontal_gap_m, 3),
        vertical_gap_m=pair.verdict.vertical_gap_dmm / DMM_PER_METRE,
        certainty=pair.verdict.certainty.name.lower(),
        explanation=None if explanation is None else _explanation(explanation, turned=turned),
    )


def _explanation(told: "Explanation", *, turned: bool) -> wire.Explanation:
    closest = None if told.closest is None else tuple(map(_place, told.closest))
    return wire.Explanation(
        cause=told.cause.value,
        minimum=_minimum_row(told.minimum),
        place=_place(told.place),
        closest=None if closest is None else (closest[turned], closest[not turned]),
        shared=None if told.shared is None else [[_place(point) for point in ring] for ring in told.shared.rings],
        shared_area_m2=None if told.shared is None else round(told.shared.area_m2),
    )


def _place(point: LatLng) -> wire.Place:
    """The place to a tenth of a metre: more is noise to who reads a chart."""
    return wire.Place(round(point.lat_deg, 6), round(point.lng_deg, 6))


def _metres(dmm: int | None) -> float | None:
    return None if dmm is None else dmm / DMM_PER_METRE


def _instant(instant_us: int | None) -> str | None:
    return None if instant_us is None else format_instant(instant_us)
