"""Tracks: a JSON list of position reports, as open libraries for ADS-B data write it.

Read are `timestamp` (ms since 1970 UTC), `latitude`, `longitude` (degrees), `altitude` (feet, barometric),
`icao24` and `callsign`; each may be null or missing, and other fields are passed over. The barometric
altitude is a flight level and stays one: no pressure is guessed. `geoaltitude` is not used, because files
do not say what it is measured from.

Source: docs/reference/tracks.md.
"""

import json
import math
from typing import Any, Final

from tansiq.domain.track import Report
from tansiq.errors import Finding, InputRefusedError, PartyError
from tansiq.geometry.earth import LatLng
from tansiq.limits import LIMITS
from tansiq.units import FIRST_INSTANT_US, LAST_INSTANT_US, Altitude, AltitudeUnit, Reference, format_instant

US_PER_MILLISECOND: Final = 1_000
NAME_CHARACTERS: Final = 60
"""So that an intent's id, made of both names and a time, keeps to its limit."""


class _Repeating(dict[str, Any]):
    """A JSON object that names a key twice."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Repeating(found)


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique)


def read_tracks(content: bytes, name: str) -> list[Report]:
    """The reports of a file, in its order. `name` names the file in errors, in which the first report is number 1.

    Raises InputRefusedError with every error that was found, past the limit with their number: bad_json,
    limit_exceeded (a name of more than 60 characters), and per field bad_value, duplicate_key, not_finite
    and out_of_range.
    """
    try:
        records = _records(content)
    except PartyError as error:
        raise InputRefusedError([Finding(name, "file", error)]) from error
    reader = _Reader()
    reports: list[Report] = []
    findings: list[Finding] = []
    for number, record in enumerate(records, 1):
        reports.append(reader.report(record))
        if reader.errors:
            findings += [Finding(name, f"report {number}", error) for error in reader.errors]
            reader.errors.clear()
    if findings:
        raise InputRefusedError(_within_limit(findings, name))
    return reports


def _records(content: bytes) -> list[Any]:
    """The members of the list that the file is. NaN and Infinity pass here, so that their place can be named."""
    try:
        found = _DECODER.decode(content.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        where = f"{error.msg} at line {error.lineno}, column {error.colno}"
        raise PartyError("bad_json", "", where, "JSON") from error
    except UnicodeDecodeError as error:
        raise PartyError("bad_json", "", f"byte {error.start} is not UTF-8", "UTF-8 text") from error
    except (RecursionError, ValueError) as error:
        # Brackets thousands deep, or an integer of thousands of digits.
        raise PartyError("bad_json", "", type(error).__name__, "JSON of sensible depth and numbers") from error
    if not isinstance(found, list):
        raise PartyError("bad_value", "", f"a value of type {type(found).__name__}", "a list of reports")
    return found


def _within_limit(findings: list[Finding], name: str) -> list[Finding]:
    """At most as many findings as a file may have, the last of which then counts the rest."""
    limit = LIMITS.findings_per_file
    if len(findings) <= limit:
        return findings
    rest = PartyError("limit_exceeded", "", f"{len(findings) - limit + 1} more errors", f"at most {limit} to list")
    return [*findings[: limit - 1], Finding(name, "file", rest)]


class _Reader:
    """Turns records into reports, and keeps the errors of the record at hand."""

    def __init__(self) -> None:
        self.errors: list[PartyError] = []
        self._altitudes: dict[float, Altitude] = {}

    def report(self, record: Any) -> Report:  # noqa: ANN401 - any JSON value
        """The record as a report; what is wrong with it is added to `errors`, and left out of the report."""
        if type(record) is not dict:
            self._refuse_record(record)
            return Report(None, None, None, None, None)
        get = record.get
        lat, lng = self._degrees(get("latitude"), "latitude", 90), self._degrees(get("longitude"), "longitude", 180)
        return Report(
            self._name(get("icao24"), "icao24"),
            self._name(get("callsign"), "callsign"),
            self._instant_us(get("timestamp")),
            None if lat is None or lng is None else LatLng(lat, lng),
            self._altitude(get("altitude")),
        )

    def _refuse_record(self, record: object) -> None:
        if isinstance(record, _Repeating):
            self.errors.append(PartyError("duplicate_key", "", "a key twice in one object", "each key once"))
        else:
            got = f"a value of type {type(record).__name__}"
            self.errors.append(PartyError("bad_value", "", got, "a report, a JSON object"))

    def _number(self, found: object, field: str) -> float | int | None:
        """The number, finite; None where there is none. Whole numbers stay whole."""
        if found is None:
            return None
        if type(found) is int:
            return found
        if type(found) is not float:
            self.errors.append(PartyError("bad_value", field, f"a value of type {type(found).__name__}", "a number"))
            return None
        if not math.isfinite(found):
            self.errors.append(PartyError("not_finite", field, repr(found), "a finite number"))
            return None
        return found

    def _degrees(self, found: object, field: str, most: int) -> float | None:
        degrees = self._number(found, field)
        if degrees is None or -most <= degrees <= most:
            return None if degrees is None else float(degrees)
        self.errors.append(PartyError("out_of_range", field, _short(degrees), f"from -{most} to {most} degrees"))
        return None

    def _instant_us(self, found: object) -> int | None:
        milliseconds = self._number(found, "timestamp")
        if milliseconds is None:
            return None
        if FIRST_INSTANT_US <= milliseconds * US_PER_MILLISECOND <= LAST_INSTANT_US:
            return round(milliseconds * US_PER_MILLISECOND)
        want = f"milliseconds since 1970, from {format_instant(FIRST_INSTANT_US)} to {format_instant(LAST_INSTANT_US)}"
        self.errors.append(PartyError("out_of_range", "timestamp", _short(milliseconds), want))
        return None

    def _altitude(self, found: object) -> Altitude | None:
        feet = self._number(found, "altitude")
        if feet is None:
            return None
        known = self._altitudes.get(feet)
        if known is not None:
            return known
        try:
            known = Altitude(float(feet), AltitudeUnit.FT, Reference.FL)
        except OverflowError:
            self.errors.append(PartyError("out_of_range", "altitude", _short(feet), "an altitude in feet"))
            return None
        except PartyError as error:
            self.errors.append(PartyError(error.code, "altitude", f"{_short(feet)} ft", error.want))
            return None
        self._altitudes[feet] = known
        return known

    def _name(self, found: object, field: str) -> str | None:
        """The name without the blanks round it; None where nothing is left."""
        if found is None:
            return None
        if type(found) is not str:
            self.errors.append(PartyError("bad_value", field, f"a value of type {type(found).__name__}", "text"))
            return None
        text = found.strip()
        if len(text) > NAME_CHARACTERS:
            got = f"{len(text)} characters"
            self.errors.append(PartyError("limit_exceeded", field, got, f"at most {NAME_CHARACTERS} characters"))
        elif not text.isprintable():
            self.errors.append(PartyError("bad_value", field, ascii(text), "text that can be printed"))
        return text or None


def _short(number: float) -> str:
    """The number, cut where it is of hundreds of digits."""
    return repr(number)[:40]
