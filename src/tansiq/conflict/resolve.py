"""The cheapest shifts that clear a conflict and create none.

A shift moves one whole intent: in time, in height, or along the surface. Tried are the steps of a grid, in the order
of their cost, with the index; what it finds free is built, and each is put to `exact` against all other intents before
it is offered. "None within the limits" is an answer.

Rules for the next editor:

1. Only what the parties in `intents` disclosed to each other may be handed in: a suggestion tells where others are.
2. What is offered is the intent as built, its numbers rounded as they are written: never shift it again afterwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import islice
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tansiq.conflict import exact
from tansiq.conflict.batch import labels_of
from tansiq.conflict.columns import ALWAYS_US, NO_LIMIT, Labels, VolumeColumns, volume_columns
from tansiq.conflict.exact import ExactVolume, exact_volume
from tansiq.conflict.index import Index, prepared
from tansiq.conflict.minima import Minima
from tansiq.domain.intent import Intent, Kind
from tansiq.errors import PartyError
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.earth import LatLng, ecef_m, lat_lng, on_surface_m
from tansiq.geometry.shift import moved, rotation, turned
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.limits import LIMITS
from tansiq.units import (
    DMM_PER_FOOT,
    DMM_PER_METRE,
    FIRST_INSTANT_US,
    LAST_INSTANT_US,
    US_PER_SECOND,
    Altitude,
    AltitudeUnit,
    Reference,
)

STEP_US: Final = 60 * US_PER_SECOND
STEP_M: Final = 100
STEP_DMM: Final = 30 * DMM_PER_METRE
STEP_IN_FEET_DMM: Final = 100 * DMM_PER_FOOT
"""The step in height of an intent all of whose limits are in feet or flight levels."""
FINE_DMM: Final = DMM_PER_METRE
"""Between two steps in height the last metre that is needed is found."""
BEARINGS: Final = 16
TRIED_AT_ONCE: Final = 256
FIRST_TRIED: Final = 32


class Way(Enum):
    """In which direction an intent is moved."""

    TIME = "time"
    HEIGHT = "height"
    ACROSS = "across"


class Shift(NamedTuple):
    """By how much an intent is moved; all but one way's figures are 0."""

    way: Way
    cost: int
    """Steps of the grid, the last one counted whole."""
    later_us: int = 0
    up_dmm: int = 0
    bearing_deg: float = 0.0
    across_m: int = 0


@dataclass(frozen=True, slots=True)
class Reach:
    """How far is looked: so many steps either way."""

    time: int = 240  # four hours
    height: int = 150  # 4,500 m or 15,000 ft
    across: int = 500  # 50 km


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`intent`, by number, moved by the shift, as `proposed`: then it is clear of the other one, and of what it was."""

    intent: int
    shift: Shift
    proposed: Intent


class Resolver:
    """Looks for shifts among these intents, under these minima; whatever scope was checked, all intents count."""

    def __init__(self, intents: Sequence[Intent], minima: Minima, reach: Reach | None = None) -> None:
        self._intents, self._minima, self._reach = intents, minima, reach or Reach()
        labels = labels_of(intents)
        self._columns = volume_columns([volume for intent in intents for volume in intent.volumes])
        self._labels = labels
        self._starts = np.searchsorted(labels.intent, np.arange(len(intents) + 1))
        self._index = Index(minima)
        self._index.insert(prepared(self._columns, labels))
        self._ready: dict[tuple[int, int], ExactVolume] = {}

    def suggestions(self, a: int, b: int) -> list[Suggestion]:
        """The cheapest shift of either intent in each way, the cheapest of all first; none where none is found.

        After each the two are clear of each other, and the moved one conflicts with nothing that it did not conflict
        with before as surely.
        """
        found = [
            suggestion
            for mover, other in ((a, b), (b, a))
            for way in Way
            if (suggestion := self._cheapest(mover, other, way)) is not None
        ]
        return sorted(found, key=lambda s: (s.shift.cost, list(Way).index(s.shift.way), s.intent))

    def _cheapest(self, mover: int, other: int, way: Way) -> Suggestion | None:
        intent = self._intents[mover]
        if intent.kind is Kind.ZONE or (way is Way.HEIGHT and intent.kind is not Kind.AIR):
            return None
        before = self._before(mover)
        shifts = grid(intent, way, self._reach)
        size = FIRST_TRIED
        while chunk := list(islice(shifts, size)):
            size = TRIED_AT_ONCE
            for k in np.flatnonzero(self._free(mover, other, before, chunk)).tolist():
                suggestion = self._built(mover, other, before, chunk[k])
                if suggestion is not None:
                    return self._refined(other, before, suggestion)
        return None

    def _before(self, mover: int) -> NDArray[np.int8]:
        """How surely the intent as it is conflicts with each one."""
        hits = self._index.query(prepared(*self._rows(mover)))
        before = np.zeros(len(self._intents), np.int8)
        np.maximum.at(before, hits.intent, hits.certainty)
        return before

    def _rows(self, mover: int) -> tuple[VolumeColumns, Labels]:
        begin, end = self._starts[mover : mover + 2].tolist()
        points = slice(int(self._columns.offsets[begin]), int(self._columns.offsets[end]))
        rows = slice(begin, end)
        c = self._columns
        return c._replace(
            **{name: column[rows] for name, column in c._asdict().items() if name not in _OF_POINTS},
            offsets=c.offsets[begin : end + 1] - c.offsets[begin],
            lat_deg=c.lat_deg[points],
            lng_deg=c.lng_deg[points],
        ), Labels(*(column[rows] for column in self._labels))

    def _free(self, mover: int, other: int, before: NDArray[np.int8], shifts: Sequence[Shift]) -> NDArray[np.bool_]:
        """Which of the shifts the index finds free, or can say nothing about."""
        columns, labels = self._rows(mover)
        tried = _all_shifted(columns, self._intents[mover], shifts)
        repeated = Labels(*(np.tile(column, len(shifts)) for column in labels))
        free = np.ones(len(shifts), np.bool_)
        try:
            hits = self._index.query(prepared(tried, repeated))
        except PartyError:
            return free  # one of them is no valid volume: they are built one by one
        bad = (hits.intent == other) | (hits.certainty > before[hits.intent])
        free[hits.row[bad] // len(columns.core)] = False
        return free

    def _built(self, mover: int, other: int, before: NDArray[np.int8], shift: Shift) -> Suggestion | None:
        """The shift as a suggestion if it can be built and `exact` finds it free too."""
        try:
            proposed = shifted(self._intents[mover], shift)
        except PartyError:
            return None  # a limit past the greatest altitude, a shape that rounding spoils
        after = self._after(mover, proposed)
        worse = (after > before).any() or after[other]
        return None if worse else Suggestion(mover, shift, proposed)

    def _after(self, mover: int, proposed: Intent) -> NDArray[np.int8]:
        """How surely the proposed intent conflicts with each one, by `exact`."""
        after = np.zeros(len(self._intents), np.int8)
        for volume in proposed.volumes:
            ours = exact_volume(volume)
            for row in self._at_the_same_time(volume.window):
                j = int(self._labels.intent[row])
                theirs = self._intents[j]
                if j == mover or proposed.kind is theirs.kind is Kind.ZONE:
                    continue
                minimum = self._minima.of(proposed.kind, theirs.kind)
                verdict = exact.conflict(ours, self._exact(j, row - int(self._starts[j])), minimum)
                if verdict is not None:
                    after[j] = max(after[j], verdict.certainty)
        return after

    def _at_the_same_time(self, window: TimeWindow) -> list[int]:
        """The rows of all volumes that share an instant with this window."""
        start_us = -ALWAYS_US if window.start_us is None else window.start_us
        end_us = ALWAYS_US if window.end_us is None else window.end_us
        rows = np.flatnonzero((self._columns.start_us <= end_us) & (self._columns.end_us >= start_us))
        return [int(row) for row in rows]

    def _exact(self, j: int, k: int) -> ExactVolume:
        if (j, k) not in self._ready:
            self._ready[j, k] = exact_volume(self._intents[j].volumes[k])
        return self._ready[j, k]

    def _refined(self, other: int, before: NDArray[np.int8], suggestion: Suggestion) -> Suggestion:
        """A shift in height by whole metres instead of whole steps, where fewer do."""
        shift = suggestion.shift
        if shift.way is not Way.HEIGHT or _step_dmm(self._intents[suggestion.intent]) != STEP_DMM:
            return suggestion
        sign = 1 if shift.up_dmm > 0 else -1
        least = abs(shift.up_dmm) - STEP_DMM
        finer = [shift._replace(up_dmm=sign * (least + metres * FINE_DMM)) for metres in range(1, STEP_DMM // FINE_DMM)]
        for k in np.flatnonzero(self._free(suggestion.intent, other, before, finer)).tolist():
            found = self._built(suggestion.intent, other, before, finer[k])
            if found is not None:
                return found
        return suggestion


_OF_POINTS: Final = ("offsets", "lat_deg", "lng_deg")


def grid(intent: Intent, way: Way, reach: Reach) -> Iterator[Shift]:
    """Every shift of the intent this way within reach, the cheapest first."""
    match way:
        case Way.TIME:
            for cost in range(1, reach.time + 1):
                yield from (Shift(way, cost, later_us=sign * cost * STEP_US) for sign in (1, -1))
        case Way.HEIGHT:
            step_dmm = _step_dmm(intent)
            for cost in range(1, reach.height + 1):
                yield from (Shift(way, cost, up_dmm=sign * cost * step_dmm) for sign in (1, -1))
        case Way.ACROSS:
            for cost in range(1, reach.across + 1):
                bearings = (360.0 / BEARINGS * k for k in range(BEARINGS))
                yield from (Shift(way, cost, bearing_deg=deg, across_m=cost * STEP_M) for deg in bearings)


def shifted(intent: Intent, shift: Shift) -> Intent:
    """The intent moved by this shift, in places rounded to 1e-7 degrees. Raises PartyError where it can not be."""
    turn = rotation(_middle(intent), shift.bearing_deg, shift.across_m) if shift.across_m else np.eye(3)
    volumes = tuple(
        Volume4D(
            moved(volume.footprint, turn) if shift.across_m else volume.footprint,
            AltitudeBand(_raised(volume.band.lower, shift), _raised(volume.band.upper, shift)),
            TimeWindow(_later(volume.window.start_us, shift), _later(volume.window.end_us, shift)),
            volume.estimated,
        )
        for volume in intent.volumes
    )
    return replace(intent, volumes=volumes)


def _step_dmm(intent: Intent) -> int:
    limits = [limit for v in intent.volumes for limit in (v.band.lower, v.band.upper) if limit is not None]
    in_feet = bool(limits) and all(limit.units is not AltitudeUnit.M for limit in limits)
    return STEP_IN_FEET_DMM if in_feet else STEP_DMM


def _middle(intent: Intent) -> LatLng:
    """The middle of the first volume's points: what a shift across starts from."""
    columns = volume_columns(intent.volumes[:1])
    return lat_lng(on_surface_m(ecef_m(columns.lat_deg, columns.lng_deg).sum(axis=0)))


def _raised(limit: Altitude | None, shift: Shift) -> Altitude | None:
    if limit is None or not shift.up_dmm:
        return limit
    dmm = limit.dmm + shift.up_dmm
    if dmm < 0 <= limit.dmm and limit.reference is Reference.AGL:
        raise PartyError("out_of_range", "altitude", f"{dmm / DMM_PER_METRE} m", "not below the ground")
    return Altitude(dmm / _DMM_PER[limit.units], limit.units, limit.reference)


_DMM_PER: Final = {
    AltitudeUnit.M: DMM_PER_METRE,
    AltitudeUnit.FT: DMM_PER_FOOT,
    AltitudeUnit.FL: STEP_IN_FEET_DMM,
}


def _later(instant_us: int | None, shift: Shift) -> int | None:
    if instant_us is None:
        return None
    if not FIRST_INSTANT_US <= instant_us + shift.later_us <= LAST_INSTANT_US:
        raise PartyError("out_of_range", "time", "an instant that no file can hold", "the years 1 to 9999")
    return instant_us + shift.later_us


def _all_shifted(columns: VolumeColumns, intent: Intent, shifts: Sequence[Shift]) -> VolumeColumns:
    """The volumes of the intent moved by each shift, one after the other: not all of them need be valid volumes."""
    count = len(shifts)
    n, points = len(columns.core), len(columns.lat_deg)
    many = columns._replace(
        **{
            name: np.tile(column, (count,) + (1,) * (column.ndim - 1))
            for name, column in columns._asdict().items()
            if name != "offsets"
        },
        offsets=np.concatenate(
            [np.zeros(1, np.int64), (columns.offsets[1:] + points * np.arange(count)[:, None]).ravel()]
        ),
    )
    if shifts[0].way is Way.TIME:
        later_us = np.repeat(np.array([shift.later_us for shift in shifts]), n)
        bounded = [many.start_us != -ALWAYS_US, many.end_us != ALWAYS_US]
        return many._replace(
            start_us=np.where(bounded[0], many.start_us + later_us, many.start_us),
            end_us=np.where(bounded[1], many.end_us + later_us, many.end_us),
        )
    if shifts[0].way is Way.HEIGHT:
        up_dmm = np.repeat(np.array([shift.up_dmm for shift in shifts]), n)[:, None]
        given = many.limit_reference != NO_LIMIT
        most = int(LIMITS.altitude_max_m) * DMM_PER_METRE
        return many._replace(limit_dmm=np.where(given, np.minimum(many.limit_dmm + up_dmm, most), many.limit_dmm))
    middle = _middle(intent)
    turns = np.stack([rotation(middle, shift.bearing_deg, shift.across_m) for shift in shifts])
    lat_deg, lng_deg = turned(columns.lat_deg, columns.lng_deg, turns)
    return many._replace(lat_deg=lat_deg.ravel(), lng_deg=lng_deg.ravel())
