"""What is read beside the shape in map files of others: a short list of fields that say their unit and reference.

Nothing else narrows a volume. A field of the list that can not be read counts as absent: the volume is unbounded there,
and the loss is told. But a length must be read, because without it there is no shape, or a smaller one.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from tansiq.errors import PartyError
from tansiq.formats.kit import strict
from tansiq.formats.kit.loss import Loss
from tansiq.formats.kit.periods import Period, period
from tansiq.formats.kit.record import Length, Limit
from tansiq.formats.kit.text import without_half_pairs
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.volume import TimeWindow
from tansiq.limits import LIMITS
from tansiq.units import Altitude, parse_length_m

_NAMES: Final = ("name", "title")
_READ: Final = frozenset({"radius", "half_width", "altitude_lower", "altitude_upper", "time_start", "time_end"})
_LOOKS: Final = frozenset({
    "stroke", "stroke-width", "stroke-opacity", "fill", "fill-opacity", "marker-color", "marker-size", "marker-symbol",
})  # fmt: skip
"""How a shape is painted has no meaning here. Source: Mapbox simplestyle-spec 1.1."""
LISTED: Final = 20
"""So many names of unread fields are told; the rest is counted."""


class ForeignFields:
    """The fields of one shape of others, and what of them was not read."""

    def __init__(self, fields: Mapping[str, Any], others: Iterable[str] = ()) -> None:
        self._fields = {name: value for name, value in fields.items() if value is not None}
        known = {*_NAMES, *_READ, *_LOOKS}
        self.unread = [*(name for name in self._fields if name not in known), *others]
        self._told: list[tuple[str, str, str]] = []
        self._open: list[str] = []

    @property
    def name(self) -> str | None:
        """What people call it, cut to what a name may have."""
        for field in _NAMES:
            found = self._fields.get(field)
            if isinstance(found, str) and found.strip():
                return without_half_pairs(found.strip()[: LIMITS.id_characters])
        return None

    def lengths_m(self) -> tuple[float | None, float | None]:
        """The radius and the half-width, where there are any. Raises PartyError as `length_m` does."""
        return self.length_m("radius"), self.length_m("half_width")

    def length_m(self, field: str) -> float | None:
        """The length, or None where there is none: `{"value": 5, "units": "KM"}` or a text such as 5 KM.

        Raises PartyError: bad_value, bad_quantity, unknown_unit, not_finite, out_of_range.
        """
        value = self._fields.get(field)
        if value is None:
            return None
        if isinstance(value, str):
            return float(parse_length_m(value, field))
        if not isinstance(value, dict):
            raise PartyError("bad_value", field, repr(value)[:80], "a length with its unit, such as '5 KM'")
        try:
            return strict.record(value, Length).metres()
        except PartyError as error:
            raise error.under(field) from error

    def band(self) -> AltitudeBand:
        """The band of the limits that can be read. Raises PartyError lower_above_upper."""
        lower, upper = self._limit("altitude_lower"), self._limit("altitude_upper")
        if lower is None or upper is None:
            self._open.append("height")
        return AltitudeBand(lower, upper)

    def window(self) -> TimeWindow:
        """The window of the times that can be read. Raises PartyError time_reversed."""
        start, end = self._period("time_start"), self._period("time_end")
        start_us = None if start is None else start.first_us
        end_us = None if end is None else end.last_us
        if start_us is None or end_us is None:
            self._open.append("time")
        return TimeWindow(start_us, end_us)

    def losses(self, place: str) -> list[Loss]:
        """What was not read, or not as it stands, after `band` and `window` were asked for."""
        losses = [Loss(place, *told) for told in self._told]
        if self.unread and self._open:
            names = ", ".join(without_half_pairs(name[:40]) for name in self.unread[:LISTED])
            more = f" and {len(self.unread) - LISTED} more" if len(self.unread) > LISTED else ""
            instead = f"any {' and '.join(self._open)} that the fields read leave open"
            losses.append(Loss(place, "fields", f"not read: {names}{more}", instead))
        return losses

    def _limit(self, field: str) -> Altitude | None:
        value = self._fields.get(field)
        if value is None:
            return None
        try:
            return strict.record(value, Limit).altitude()
        except PartyError as error:
            self._told.append((field, str(error), "any height on that side"))
        return None

    def _period(self, field: str) -> Period | None:
        value = self._fields.get(field)
        if isinstance(value, dict):
            value = value.get("value")
        if value is None:
            return None
        try:
            found = period(value if isinstance(value, str) else repr(value))
        except PartyError as error:
            self._told.append((field, str(error), "any time on that side"))
            return None
        if not found.zoned:
            self._told.append((field, "no time zone", "what it can be in any"))
        return found
