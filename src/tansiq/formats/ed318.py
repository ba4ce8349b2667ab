"""Reads ED-318 geozones: every error of a file is found, and a file with one is refused as a whole.

ED-318 is GeoJSON with layers. Source: the JSON schemas of EUROCAE ED-318 (UASGeoZones/ED-318);
docs/reference/geozones.md.
"""

from dataclasses import replace
from functools import partial
from typing import Any, Final

from tansiq.domain.zone import Authority, Layer, Period, Restriction, Zone
from tansiq.errors import PartyError
from tansiq.formats.kit.part import Part, below
from tansiq.formats.kit.periods import period
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
from tansiq.geometry.band import AltitudeBand
from tansiq.units import DMM_PER_FOOT, DMM_PER_METRE, Altitude, AltitudeUnit, Reference

RESTRICTIONS: Final = {restriction.name: restriction for restriction in Restriction}
UNITS: Final = {"m": "M", "ft": "FT"}
CRS84: Final = "CRS84"
"""GeoJSON's own coordinate system, WGS84 longitudes and latitudes; older files name it."""

TOP: Final = ("type", "name", "title", "bbox", "metadata", "features", "crs")
INSTANTS: Final = ("validFrom", "validTo", "issued")
METADATA: Final = (*INSTANTS, "provider", "description", "otherGeoid", "technicalLimitations")
FEATURE: Final = ("type", "id", "bbox", "properties", "geometry")
LOCALIZED: Final = ("otherReasonInfo", "message")
NOT_KEPT: Final = ("region", "dataSource", "extendedProperties")
PROPERTIES: Final = (
    *("identifier", "country", "name", "type", "variant", "restrictionConditions", "reason", *LOCALIZED),
    *("regulationExemption", "zoneAuthority", "limitedApplicability", *NOT_KEPT),
)
AUTHORITY_TEXTS: Final = ("name", "service", "contactName")
AUTHORITY: Final = (*AUTHORITY_TEXTS, "siteURL", "email", "phone", "purpose", "intervalBefore")
PERIOD: Final = ("startDateTime", "endDateTime", "schedule")
DAILY: Final = DailyFields(known=("day", "startTime", "startEvent", "endTime", "endEvent"), required=("day",))
BAND: Final = BandFields("lower", "lowerReference", "upper", "upperReference", numbers_as_text=False)
OTHER_GEOID_M: Final = 10
"""Surfaces that are called mean sea level lie a few metres apart: so much holds them all."""


def read_ed318(content: bytes, name: str) -> ZoneReading:
    """The zones of a file, in its order, and what of them could not be kept. `name` names the file in errors.

    Raises InputRefusedError with every error that was found.
    """
    top = parsed(content, name)
    if not isinstance(top, dict) or top.get("type") != "FeatureCollection" or top.get("features") is None:
        raise not_this(name, "ED-318", "a FeatureCollection with features")
    file = Part("file")
    others_not_kept(file, top, "", TOP)
    _require_wgs84(file, top.get("crs"))
    other_geoid = _metadata(file, top.get("metadata"))

    def zone(part: ZonePart, value: object) -> Zone | None:
        return _zone(part, value, other_geoid=other_geoid)

    return read_zones(name, file, list(file.entries(top, "features", "")), zone)


def _require_wgs84(file: Part, crs: object) -> None:
    """Nothing; a coordinate system that is not GeoJSON's own is an error."""
    found = None if crs is None else file.as_object(crs, "crs")
    if found is None:
        return
    properties = found.get("properties")
    named = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(named, str) or not named.endswith(CRS84):
        got = ascii(named)[:80] if isinstance(named, str) else "a system without a name"
        file.refuse("bad_value", "crs.properties.name", got, f"{CRS84}, or no crs (RFC 7946, 4)")


def _metadata(file: Part, value: object) -> bool:
    """Whether heights above sea level are measured from another geoid than the standard's."""
    found = None if value is None else file.as_object(value, "metadata")
    if found is None:
        return False
    others_not_kept(file, found, "metadata", METADATA)
    for key in INSTANTS:
        text, field = file.text(found, key, "metadata"), below("metadata", key)
        if text is not None:
            file.attempt(field, partial(period, text))
    # A set of zones is replaced by the next one, which may hold the same zones: they end with their own times only.
    for key in ("validFrom", "validTo"):
        if found.get(key) is not None:
            file.lose(below("metadata", key), "when the set of zones is valid", "each zone at all of its own times")
    not_kept(file, found, "metadata", ("technicalLimitations",))
    geoid = file.text(found, "otherGeoid", "metadata")
    if geoid:
        instead = f"limits above mean sea level, {OTHER_GEOID_M} m further out"
        file.lose("metadata.otherGeoid", f"heights above the geoid {ascii(geoid)[:80]}", instead)
    return bool(geoid)


def _zone(part: ZonePart, value: object, *, other_geoid: bool) -> Zone | None:
    feature = part.fields(value, "", FEATURE, required=("type", "properties", "geometry"))
    if feature is None:
        return None
    part.code(feature, "type", "", {"Feature": True})
    zone = feature.get("properties")
    if zone is not None:
        required = ("identifier", "country", "type", "variant", "zoneAuthority")
        zone = part.fields(zone, "properties", PROPERTIES, required=required)
    if zone is None:
        _layers(part, feature.get("geometry"), "geometry")
        return None
    country, identifier = part.named(zone, "properties")
    variant = part.code(zone, "variant", "properties", VARIANTS)
    restriction = part.code(zone, "type", "properties", RESTRICTIONS)
    names = _localized(part, zone, "name", "properties")
    name = part.kept_name(names[0][0] if names else None, "properties.name")
    _remarks(part, zone, names)
    reasons = tuple(part.texts(zone, "reason", "properties"))
    named = part.entries(zone, "zoneAuthority", "properties")
    authorities = tuple(_authority(part, field, each) for field, each in named)
    if zone.get("zoneAuthority") == []:
        part.refuse("missing_field", "properties.zoneAuthority", "no authority", "at least one")
    limited = part.entries(zone, "limitedApplicability", "properties")
    periods = tuple(_period(part, field, each) for field, each in limited) or (Period(ALWAYS),)
    layers = [_widened(layer) if other_geoid else layer for layer in _layers(part, feature.get("geometry"), "geometry")]

    def made() -> Zone:
        assert variant is not None, "its absence is an error"
        assert restriction is not None, "its absence is an error"
        return Zone(
            *(identifier, country, name, restriction, variant, tuple(layers), periods),
            reasons=reasons,
            authorities=authorities,
            remarks=tuple(part.remarks),
        )

    return made_zone(part, layers, made)


def _localized(part: ZonePart, holder: dict[str, Any], key: str, path: str) -> list[tuple[str, str]]:
    """The texts under this key with their languages, without those that say nothing."""
    found = []
    for field, value in part.entries(holder, key, path):
        each = part.fields(value, field, ("text", "lang"), required=("lang",)) or {}
        text, language = part.text(each, "text", field), part.text(each, "lang", field)
        if text:
            found.append((text, language or ""))
    return found


def _remarks(part: ZonePart, zone: dict[str, Any], names: list[tuple[str, str]]) -> None:
    """Nothing; the zone's texts for people are kept, and what can not be kept is told."""
    for text, language in names[1:]:
        part.remark(f"{text} [{language}]", "name")
    for field in LOCALIZED:
        for text, language in _localized(part, zone, field, "properties"):
            part.remark(f"{text} [{language}]", field)
    for field in ("restrictionConditions", "regulationExemption"):
        part.remark(part.text(zone, field, "properties"), field)
    not_kept(part, zone, "properties", NOT_KEPT)


def _authority(part: ZonePart, path: str, value: object) -> Authority:
    found = part.as_object(value, path)
    if found is None:
        return Authority()
    others_not_kept(part, found, path, AUTHORITY)
    if found.get("purpose") is None:
        part.refuse("missing_field", below(path, "purpose"), "nothing", f"one of {', '.join(PURPOSES)}")
    part.code(found, "purpose", path, PURPOSES)
    texts = {key: " / ".join(text for text, _ in _localized(part, found, key, path)) for key in AUTHORITY_TEXTS}
    plain = {key: part.text(found, key, path) for key in AUTHORITY if key not in AUTHORITY_TEXTS}
    return Authority(*(part.kept({**texts, **plain}[key] or None, below(path, key)) for key in AUTHORITY))


def _period(part: ZonePart, path: str, value: object) -> Period:
    found = part.fields(value, path, PERIOD)
    return Period(ALWAYS) if found is None else read_period(part, found, path, "schedule", DAILY)


# --------------------------------------------------------------------------------------------------------------- layers

SHAPES: Final = {
    "Point": ("coordinates", "extent"),
    "Polygon": ("coordinates",),
    "MultiPolygon": ("coordinates",),
    "GeometryCollection": ("geometries",),
}


def _layers(part: ZonePart, value: object, path: str, above: tuple[AltitudeBand | None] | None = None) -> list[Layer]:
    """The layers of a geometry; none, and errors, where it can not be read.

    `above` holds the band of the collection that it stands in, where that has one.
    """
    shape = None if value is None else part.as_object(value, path)
    if shape is None:
        return []
    kind = part.text(shape, "type", path)
    if kind not in SHAPES:
        got = "nothing" if kind is None else f"{ascii(kind)[:40]}, which is no area or not known"
        part.refuse("bad_value", below(path, "type"), got, f"one of {', '.join(SHAPES)}")
        return []
    needed = SHAPES[kind]
    part.fields(shape, path, ("type", "layer", "bbox", *needed), required=needed)
    layer, field = shape.get("layer"), below(path, "layer")
    if layer is not None and above is not None:
        part.refuse("bad_value", field, "a layer here and of the collection", "one of the two")
    if kind == "GeometryCollection":
        return _collected(part, shape, path, None if layer is None else (_band(part, field, layer),))
    band = _band(part, field, layer) if above is None else above[0]
    if any(shape.get(key) is None for key in needed):
        return []
    if kind == "Point":
        return _circle(part, shape, path, band)
    field = below(path, "coordinates")
    polygons = [(field, shape["coordinates"])]
    if kind == "MultiPolygon":
        polygons = list(part.members(shape["coordinates"], field))
    return [layer for each, rings in polygons for layer in polygon_layers(part, rings, each, band)]


def _collected(
    part: ZonePart, shape: dict[str, Any], path: str, above: tuple[AltitudeBand | None] | None
) -> list[Layer]:
    """The layers of a collection's members."""
    found: list[Layer] = []
    for field, member in part.entries(shape, "geometries", path):
        if member is None:
            part.refuse("missing_field", field, "nothing", "a geometry")
        elif isinstance(member, dict) and member.get("type") == "GeometryCollection":
            part.refuse("bad_value", field, "a collection in a collection", "another geometry (RFC 7946, 3.1.8)")
        else:
            found += _layers(part, member, field, above)
    return found


def _circle(part: ZonePart, shape: dict[str, Any], path: str, band: AltitudeBand | None) -> list[Layer]:
    """The circle of a point with an extent; its radius is in metres, whatever the unit of the heights."""
    at, field = below(path, "coordinates"), below(path, "extent")
    center = position(part, shape["coordinates"], at)
    extent = part.fields(shape["extent"], field, ("subType", "radius"), required=("subType", "radius"))
    if extent is None or extent.get("radius") is None:
        return []
    part.code(extent, "subType", field, {"Circle": True})
    field = below(field, "radius")
    return circle_layers(part, (at, center), (field, part.number(extent["radius"], field)), band)


def _band(part: ZonePart, path: str, value: object) -> AltitudeBand | None:
    """The layer's band; without a layer it is unbounded."""
    if value is None:
        return AltitudeBand(None, None)
    found = part.fields(value, path, (*BAND.names, "uom"))
    if found is None:
        return None
    units = "M" if found.get("uom") is None else part.code(found, "uom", path, UNITS)
    return None if units is None else read_band(part, found, path, BAND, units)


def _widened(layer: Layer) -> Layer:
    """The layer with its limits above mean sea level further out, by as much as geoids may differ."""
    lower, upper = _moved(layer.band.lower, -OTHER_GEOID_M), _moved(layer.band.upper, OTHER_GEOID_M)
    if (lower, upper) == (layer.band.lower, layer.band.upper):
        return layer
    return replace(layer, band=AltitudeBand(lower, upper), estimated=True)


def _moved(limit: Altitude | None, up_m: int) -> Altitude | None:
    """The limit so much higher, or a little more; None, unbounded, past what an altitude may be."""
    if limit is None or limit.reference is not Reference.AMSL:
        return limit
    step = up_m if limit.units is AltitudeUnit.M else up_m * DMM_PER_METRE / DMM_PER_FOOT
    try:
        return Altitude(limit.value + step, limit.units, limit.reference)
    except PartyError:
        return None
