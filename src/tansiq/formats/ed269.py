"""Reads ED-269 geozones: every error of a file is found, and a file with one is refused as a whole.

Source: EUROCAE ED-269 (UASZoneVersion) as published files write it in JSON; docs/reference/geozones.md.
"""

from typing import Any, Final

from tansiq.domain.zone import Authority, Layer, Period, Restriction, Zone
from tansiq.formats.kit.part import Part, below
from tansiq.formats.kit.schedules import DailyFields, read_period
from tansiq.formats.kit.zones import (
    ALWAYS,
    PURPOSES,
    VARIANTS,
    BandFields,
    ZonePart,
    ZoneReading,
    circle_layers,
    made_zone,
    not_kept,
    not_this,
    others_not_kept,
    parsed,
    polygon_layers,
    position,
    read_band,
    read_zones,
)
from tansiq.units import length_m

RESTRICTIONS: Final = {
    "PROHIBITED": Restriction.PROHIBITED,
    "REQ_AUTHORISATION": Restriction.REQ_AUTHORIZATION,
    "CONDITIONAL": Restriction.CONDITIONAL,
    "NO_RESTRICTION": Restriction.NO_RESTRICTION,
}
UNITS: Final = {"M": "M", "FT": "FT"}
YES_NO: Final = {"YES": True, "NO": False}
LISTS: Final = ("UASZoneList", "features")
"""The two names under which published files hold their zones."""
TOP: Final = (*LISTS, "formatVersion", "createdAt", "title", "description")
VERSION: Final = "1."
REMARKS: Final = ("title", "otherReasonInfo", "regulationExemption", "uSpaceClass", "message")
NOT_KEPT: Final = ("region", "extendedProperties")
ZONE: Final = (
    *("identifier", "country", "name", "type", "restriction", "restrictionConditions", "reason"),
    *("applicability", "zoneAuthority", "geometry", *REMARKS, *NOT_KEPT),
)
AUTHORITY: Final = ("name", "service", "contactName", "siteURL", "email", "phone", "purpose", "intervalBefore")
SCHEDULES: Final = ("dailyPeriod", "schedule")
"""Two names of one thing: published files use the first, published descriptions the second."""
PERIOD: Final = ("permanent", "startDateTime", "endDateTime", *SCHEDULES)
DAILY: Final = DailyFields(known=("day", "startTime", "endTime"), required=())
BAND: Final = BandFields(
    "lowerLimit", "lowerVerticalReference", "upperLimit", "upperVerticalReference", numbers_as_text=True
)
SHAPES: Final = {"Circle": ("type", "center", "radius"), "Polygon": ("type", "coordinates")}
LAYER: Final = ("uomDimensions", *BAND.names, "horizontalProjection")


def read_ed269(content: bytes, name: str) -> ZoneReading:
    """The zones of a file, in its order, and what of them could not be kept. `name` names the file in errors.

    Raises InputRefusedError with every error that was found.
    """
    top = parsed(content, name)
    lists = [key for key in LISTS if isinstance(top, dict) and top.get(key) is not None]
    if len(lists) != 1 or top.get("type") == "FeatureCollection":
        raise not_this(name, "ED-269", f"an object with {' or '.join(LISTS)}")
    file = Part("file")
    version = file.text(top, "formatVersion", "")
    if version is not None and not version.startswith(VERSION):
        file.refuse("unknown_format", "formatVersion", repr(version)[:80], f"a version {VERSION}x")
    others_not_kept(file, top, "", TOP)
    return read_zones(name, file, list(file.entries(top, lists[0], "")), _zone)


def _zone(part: ZonePart, value: object) -> Zone | None:
    zone = part.fields(value, "", ZONE, required=("identifier", "country", "type", "restriction", "geometry"))
    if zone is None:
        return None
    country, identifier = part.named(zone, "")
    variant = part.code(zone, "type", "", VARIANTS)
    restriction = part.code(zone, "restriction", "", RESTRICTIONS)
    name = part.kept_name(part.text(zone, "name", ""), "name")
    _remarks(part, zone)
    reasons = tuple(part.texts(zone, "reason", ""))
    authorities = tuple(_authority(part, field, each) for field, each in part.entries(zone, "zoneAuthority", ""))
    layers = [layer for field, each in part.entries(zone, "geometry", "") for layer in _layers(part, field, each)]
    periods = [_period(part, field, each) for field, each in part.entries(zone, "applicability", "")]
    if not periods:
        part.lose("applicability", "nothing says when the zone applies", "all times")
        periods = [Period(ALWAYS, estimated=True)]

    def made() -> Zone:
        assert variant is not None, "its absence is an error"
        assert restriction is not None, "its absence is an error"
        return Zone(
            *(identifier, country, name, restriction, variant, tuple(layers), tuple(periods)),
            reasons=reasons,
            authorities=authorities,
            remarks=tuple(part.remarks),
        )

    return made_zone(part, layers, made)


def _remarks(part: ZonePart, zone: dict[str, Any]) -> None:
    """Nothing; the zone's texts for people are kept, and what can not be kept is told."""
    for field in REMARKS:
        part.remark(part.text(zone, field, ""), field)
    conditions = zone.get("restrictionConditions")
    if isinstance(conditions, str):
        zone = {**zone, "restrictionConditions": [conditions]}
    for text in part.texts(zone, "restrictionConditions", ""):
        part.remark(text, "restrictionConditions")
    not_kept(part, zone, "", NOT_KEPT)


def _authority(part: ZonePart, path: str, value: object) -> Authority:
    found = part.as_object(value, path) or {}
    others_not_kept(part, found, path, AUTHORITY)
    part.code(found, "purpose", path, PURPOSES)
    return Authority(*(part.kept(part.text(found, key, path), below(path, key)) for key in AUTHORITY))


def _period(part: ZonePart, path: str, value: object) -> Period:
    """When the zone applies. A period that is permanent and has times of its own applies always."""
    found = part.fields(value, path, PERIOD)
    if found is None:
        return Period(ALWAYS)
    permanent = part.code(found, "permanent", path, YES_NO)
    schedule = next((key for key in SCHEDULES if found.get(key)), SCHEDULES[0])
    if all(found.get(key) for key in SCHEDULES):
        part.refuse("bad_value", path, " and ".join(SCHEDULES), "one of them")
    period = read_period(part, found, path, schedule, DAILY)
    limited = period.window != ALWAYS or not period.is_whole
    if permanent and limited:
        part.lose(path, "it is permanent, and yet has times", "all times")
        return Period(ALWAYS, estimated=True)
    if permanent is False and not limited:
        part.lose(path, "it is not permanent, and yet has no times", "all times")
        return Period(ALWAYS, estimated=True)
    return period


def _layers(part: ZonePart, path: str, value: object) -> list[Layer]:
    """The layers of one volume of airspace; none, and errors, where it can not be read."""
    found = part.fields(value, path, LAYER, required=("uomDimensions", "horizontalProjection"))
    if found is None:
        return []
    # A unit that is none is an error already; what follows only looks for more of them.
    units = part.code(found, "uomDimensions", path, UNITS) or "M"
    band = read_band(part, found, path, BAND, units)
    shape, field = found.get("horizontalProjection"), below(path, "horizontalProjection")
    if shape is None or (shape := part.as_object(shape, field)) is None:
        return []
    known = part.code(shape, "type", field, SHAPES)
    if known is None:
        part.fields(shape, field, SHAPES["Circle"] + SHAPES["Polygon"], required=("type",))
        return []
    given = {key: each for key, each in shape.items() if each is not None}
    if part.fields(given, field, known, required=known) is None or any(key not in given for key in known):
        return []
    if known == SHAPES["Polygon"]:
        return polygon_layers(part, given["coordinates"], below(field, "coordinates"), band)
    at, of = below(field, "center"), below(field, "radius")
    center, radius = position(part, given["center"], at), part.number(given["radius"], of)
    return circle_layers(part, (at, center), (of, None if radius is None else length_m(radius, units)), band)
