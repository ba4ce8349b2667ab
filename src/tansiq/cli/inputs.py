"""Reads plans and zones of any format into intents, file by file, with every error of every file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tansiq.cli.files import Content, read_file
from tansiq.cli.output import Progress
from tansiq.domain.intent import Intent
from tansiq.errors import Finding, InputRefusedError, PartyError
from tansiq.formats.kit.loss import Loss, Reading
from tansiq.geometry.volume import TimeWindow
from tansiq.limits import LIMITS

if TYPE_CHECKING:
    from tansiq.domain.zone import Zone
    from tansiq.formats.kit.zones import ZoneReading

_ZIP: Final = b"PK\x03\x04"
_BYTE_ORDER_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_GEOJSON: Final = {
    "FeatureCollection", "Feature", "GeometryCollection", "Point", "LineString", "Polygon",
    "MultiPoint", "MultiLineString", "MultiPolygon",
}  # fmt: skip
PLAN_FORMATS: Final = ("plan", "geojson", "kml", "kmz")
ZONE_FORMATS: Final = ("ed269", "ed318")
INPUT_FORMATS: Final = (*PLAN_FORMATS, *ZONE_FORMATS)


@dataclass(frozen=True)
class Plans:
    """The intents of all files; per intent the number of its file; and what could not be kept of which file."""

    contents: list[Content] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    file_of: list[int] = field(default_factory=list)
    losses: list[tuple[int, Loss]] = field(default_factory=list)


_NONE: Final = msgspec.Raw()
_NO_NUMBER: Final = re.compile(rb"-?\b(?:NaN|Infinity)\b")


class _Top(msgspec.Struct):
    """What tells the format of a JSON object; of `features` only how they begin."""

    format: msgspec.Raw = _NONE
    type: str | None = None
    UASZoneList: msgspec.Raw = _NONE
    features: list[msgspec.Raw] | None = None


class _Feature(msgspec.Struct):
    properties: dict[str, msgspec.Raw] | None = None


def format_of(content: bytes) -> str:
    """The format that the bytes look like; a plan where they look like none, so that its reader says what is wrong."""
    if content.startswith(_ZIP):
        return "kmz"
    start = content[:100]
    for mark in _BYTE_ORDER_MARKS:
        start = start.removeprefix(mark)
    if start.replace(b"\0", b"").lstrip().startswith(b"<"):
        return "kml"
    top = _decoded(content, _Top)
    if top is None or top.format:
        return "plan"
    if top.UASZoneList:
        return "ed269"
    if top.type not in _GEOJSON:
        return "plan"
    first = _decoded(bytes(top.features[0]), _Feature) if top.features else None
    # What every geozone has, and no shape drawn by hand.
    zone = first is not None and first.properties is not None and {"country", "identifier"} <= first.properties.keys()
    return "ed318" if zone else "geojson"


def _decoded(content: bytes, type_: type[Any]) -> Any:  # noqa: ANN401 - what was asked for, or None
    try:
        return msgspec.json.decode(_without_nan(content.removeprefix(_BYTE_ORDER_MARKS[0])), type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _without_nan(content: bytes) -> bytes:
    """The text with NaN and Infinity replaced: they are no JSON, but the format's own reader shall name their field."""
    return _NO_NUMBER.sub(b"0", content) if b"NaN" in content or b"Infinity" in content else content


def read_plans(
    names: Sequence[str], progress: Progress, *, input_format: str | None = None, span: TimeWindow | None = None
) -> Plans:
    """All files. Zones are expanded within the span, or within the windows of all plans where none is given.

    Raises InputRefusedError with every error of every file.
    """
    plans = Plans()
    zones: dict[int, list[Zone]] = {}
    read: list[list[Intent]] = []
    findings: list[Finding] = []
    for number, name in enumerate(names):
        progress.step(number, len(names) + 1, f"reading {name}")
        read.append([])
        try:
            content = read_file(name)
            plans.contents.append(content)
            chosen = input_format or format_of(content.content)
            if chosen in ZONE_FORMATS:
                zones[number], losses = _zones(chosen, content.content, name)
            else:
                read[number], losses = _reading(chosen, content.content, name)
            plans.losses.extend((number, loss) for loss in losses)
        except InputRefusedError as refused:
            findings.extend(refused.findings)
    if findings:
        raise InputRefusedError(findings)
    span = span or _span([intent for intents in read for intent in intents])
    count = sum(len(intent.volumes) for intents in read for intent in intents)
    for number, found in zones.items():
        for zone in found:
            # Counted as they come: thousands of zones by the hour would fill the memory before they are refused.
            read[number].append(zone.intent(span))
            count += len(read[number][-1].volumes)
            _require_room(count, names[number])
        plans.losses.extend((number, _not_followed(zone)) for zone in found if not zone.follows_schedule(span))
    for number, intents in enumerate(read):
        plans.intents.extend(intents)
        plans.file_of.extend([number] * len(intents))
    _require_room(count, names[-1])
    return plans


def _require_room(count: int, name: str) -> None:
    if count > LIMITS.volumes:
        error = PartyError("limit_exceeded", "volumes", "more in all files", f"at most {LIMITS.volumes} in a run")
        raise InputRefusedError([Finding(name, "all files", error)])


# Each reader is loaded when it is needed: a plan is checked before a KML reader would be there.


def _reading(chosen: str, content: bytes, name: str) -> Reading:
    match chosen:
        case "geojson":
            from tansiq.formats.geojson import read_geojson  # noqa: PLC0415 - see above

            return read_geojson(content, name)
        case "kml" | "kmz":
            from tansiq.formats.kml import read_kml, read_kmz  # noqa: PLC0415 - see above

            return (read_kml if chosen == "kml" else read_kmz)(content, name)
        case _:
            from tansiq.formats.plan import read_plan  # noqa: PLC0415 - see above

            return Reading(read_plan(content, name), [])


def _zones(chosen: str, content: bytes, name: str) -> "ZoneReading":
    from tansiq.formats.ed269 import read_ed269  # noqa: PLC0415 - see above
    from tansiq.formats.ed318 import read_ed318  # noqa: PLC0415 - see above

    return (read_ed269 if chosen == "ed269" else read_ed318)(content, name)


def _not_followed(zone: "Zone") -> Loss:
    return Loss(zone.id, "schedule", "too many days to follow", "one window from its first instant to its last")


def _span(intents: Sequence[Intent]) -> TimeWindow:
    """From the first start to the last end of all volumes; without an end where one of them has none."""
    windows = [volume.window for intent in intents for volume in intent.volumes]
    starts, ends = [w.start_us for w in windows], [w.end_us for w in windows]
    bounded_starts, bounded_ends = ([us for us in each if us is not None] for each in (starts, ends))
    return TimeWindow(
        min(bounded_starts) if windows and len(bounded_starts) == len(starts) else None,
        max(bounded_ends) if windows and len(bounded_ends) == len(ends) else None,
    )
