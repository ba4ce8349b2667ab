"""The conflicts of a report joined with the intents they speak of, in the order of their time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from tansiq.domain.intent import Intent
from tansiq.formats.kit import findings as wire
from tansiq.geometry.earth import LatLng
from tansiq.geometry.place import meeting_place
from tansiq.geometry.volume import Volume4D
from tansiq.limits import LIMITS
from tansiq.units import parse_instant_us

BEFORE_ALL_US: Final = -(2**62)
ALL_HEIGHTS_M: Final = 1e9


@dataclass(frozen=True)
class Finding:
    """One conflict as it is told: its most telling pair of volumes stands for all of its pairs."""

    number: int
    row: wire.Conflict
    sides: tuple[int, int]
    """The indices of both intents."""
    intents: tuple[Intent, Intent]
    told: wire.Overlap

    @property
    def certain(self) -> bool:
        """Whether the rule is broken whatever the last digits say."""
        return self.row.certainty == "certain"

    @property
    def volumes(self) -> tuple[Volume4D, Volume4D]:
        """The pair of volumes that is told."""
        a, b = self.intents
        return a.volumes[self.told.pair[0]], b.volumes[self.told.pair[1]]

    @cached_property
    def place(self) -> LatLng:
        """Where to look on a chart."""
        if self.told.explanation is not None:
            return point_of(self.told.explanation.place)
        a, b = self.volumes
        return meeting_place(a.footprint, b.footprint)

    @cached_property
    def window_us(self) -> tuple[int | None, int | None]:
        """When the pair that is told shares its time."""
        return window_us(self.told)

    @cached_property
    def whole_us(self) -> tuple[int | None, int | None]:
        """From the first to the last instant that any of the pairs shares."""
        windows = [window_us(overlap) for overlap in self.row.overlaps]
        starts, ends = [s for s, _ in windows if s is not None], [e for _, e in windows if e is not None]
        return (
            min(starts) if len(starts) == len(windows) else None,
            max(ends) if len(ends) == len(windows) else None,
        )


@dataclass(frozen=True)
class Findings:
    """What the report tells of: the conflicts it lists, and all intents."""

    report: wire.Report
    intents: Sequence[Intent]
    file_of: Sequence[int]
    listed: list[Finding]

    @property
    def looked_for_shifts(self) -> bool:
        """Whether shifts that clear a conflict were looked for, of any."""
        return any(row.suggestions is not None for row in self.report.conflicts)

    @property
    def unlisted(self) -> int:
        """How many conflicts the page has no room for: it says so."""
        return len(self.report.conflicts) - len(self.listed)

    @cached_property
    def parties(self) -> list[str]:
        """The parties in the order of their names."""
        return sorted({intent.party for intent in self.intents})


def join(report: wire.Report, intents: Sequence[Intent], file_of: Sequence[int]) -> Findings:
    """The report's conflicts by the time they begin, the first LIMITS.report_conflicts of them with all details."""
    index = {(file_of[i], intent.party, intent.id): i for i, intent in enumerate(intents)}
    rows = sorted(report.conflicts, key=_begins)[: LIMITS.report_conflicts]
    listed = []
    for number, row in enumerate(rows, 1):
        a, b = (index[side.file, side.party, side.id] for side in (row.a, row.b))
        told = min(row.overlaps, key=_rank)
        listed.append(Finding(number, row, (a, b), (intents[a], intents[b]), told))
    return Findings(report, intents, file_of, listed)


def point_of(place: wire.Place) -> LatLng:
    """The place as a point of the surface."""
    return LatLng(place.lat, place.lng)


def window_us(overlap: wire.Overlap) -> tuple[int | None, int | None]:
    """The instants of this overlap."""
    start, end = overlap.time.start, overlap.time.end
    return (
        None if start is None else parse_instant_us(start, end=False),
        None if end is None else parse_instant_us(end, end=True),
    )


def _begins(row: wire.Conflict) -> tuple[int, tuple[int, str, str], tuple[int, str, str]]:
    starts = [window_us(overlap)[0] for overlap in row.overlaps]
    first = min(BEFORE_ALL_US if start is None else start for start in starts)
    return first, (row.a.file, row.a.party, row.a.id), (row.b.file, row.b.party, row.b.id)


def _rank(overlap: wire.Overlap) -> tuple[bool, bool, float, float, float]:
    """An explained pair comes first, then the most certain, the nearest, and the one that shares most height."""
    band = overlap.altitude
    height_m = 0.0
    if band is not None:
        height_m = ALL_HEIGHTS_M if band.lower is None or band.upper is None else band.upper - band.lower
    unsure = overlap.certainty != "certain"
    return overlap.explanation is None, unsure, overlap.horizontal_gap_m, overlap.vertical_gap_m, -height_m
