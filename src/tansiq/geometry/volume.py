"""Volume4D: a footprint, an altitude band and a time window."""

from dataclasses import dataclass

from tansiq.errors import PartyError
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.footprint import Footprint
from tansiq.units import format_instant


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """All instants from start to end, both included, so back-to-back windows share one. None is unbounded.

    Source: F3548-21 Volume4D times; the closed reading is ours (docs/adr/0003-closed-and-tolerance.md).
    """

    start_us: int | None
    end_us: int | None

    def __post_init__(self) -> None:
        if self.start_us is not None and self.end_us is not None and self.end_us < self.start_us:
            want = f"not before time_start, {format_instant(self.start_us)}"
            raise PartyError("time_reversed", "time_end", format_instant(self.end_us), want)


def shared_window(a: TimeWindow, b: TimeWindow) -> TimeWindow | None:
    """The instants that both windows hold, or None."""
    starts = [us for us in (a.start_us, b.start_us) if us is not None]
    ends = [us for us in (a.end_us, b.end_us) if us is not None]
    start, end = max(starts, default=None), min(ends, default=None)
    if start is not None and end is not None and start > end:
        return None
    return TimeWindow(start, end)


@dataclass(frozen=True, slots=True)
class Volume4D:
    """A contiguous block of space and time. Source: F3548-21 Volume4D.

    `estimated` where the volume encloses a real one that is not known better, as a day does that stands for the
    hours from sunrise to sunset: a conflict with it is never more than possible.
    """

    footprint: Footprint
    band: AltitudeBand
    window: TimeWindow
    estimated: bool = False
