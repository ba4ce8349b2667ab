"""KML and KMZ of ours are read exactly or refused, those of others outward, with every loss told."""

import random
import zipfile
from io import BytesIO
from typing import Final

import pytest

from tansiq.domain.intent import UNKNOWN_PARTY, Intent, Kind
from tansiq.errors import InputRefusedError, PartyError
from tansiq.formats.kit.loss import Reading
from tansiq.formats.kit.xml import Element, parse_xml
from tansiq.formats.kml import read_kml, read_kmz, write_kml, write_kmz
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.earth import LatLng
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.limits import LIMITS, Limits
from tansiq.units import Altitude, AltitudeUnit, Reference, parse_instant_us
from tests.soak.readers import fuzz, zipped

RING: Final = "0,0,90 0.001,0,120 0.001,0.001,100 0,0,90"
HEAD: Final = (
    '<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document><name>d</name>'
)


def ring(coordinates: str = RING, boundary: str = "outer") -> str:
    inner = f"<LinearRing><coordinates>{coordinates}</coordinates></LinearRing>"
    return f"<{boundary}BoundaryIs>{inner}</{boundary}BoundaryIs>"


def area(extra: str = "", coordinates: str = RING) -> str:
    return f"<Polygon>{extra}{ring(coordinates)}</Polygon>"


def placemark(*parts: str) -> str:
    return f"<Placemark>{''.join(parts)}</Placemark>"


def data(**values: str) -> str:
    inner = "".join(f'<Data name="{name}"><value>{value}</value></Data>' for name, value in values.items())
    return f"<ExtendedData>{inner}</ExtendedData>"


def kml(*parts: str) -> bytes:
    return f"{HEAD}{''.join(parts)}</Document></kml>".encode()


def errors(content: bytes) -> list[tuple[str, str]]:
    """Field and code of every error."""
    with pytest.raises(InputRefusedError) as refused:
        read_kml(content, "x.kml")
    return [(f.error.field, f.error.code) for f in refused.value.findings]


def plan() -> list[Intent]:
    upper = Altitude(1000, AltitudeUnit.FT, Reference.AMSL)
    bands = AltitudeBand(None, upper), AltitudeBand(upper, None)
    window = TimeWindow(parse_instant_us("2030-01-15T10:00:00Z", end=False), None)
    shapes: tuple[Footprint, ...] = (
        Circle(LatLng(2.0, 1.0), 500.0),
        Corridor((LatLng(2.0, 1.0), LatLng(2.0, 1.01), LatLng(2.01, 1.01)), 185.2),
        Polygon((LatLng(0.0, 0.0), LatLng(1.0, 0.0), LatLng(1.0, 1.0))),
    )
    volumes = tuple(Volume4D(shape, bands[i % 2], window) for i, shape in enumerate(shapes))
    return [Intent("A-1", "Amber", Kind.AIR, volumes, 3, "box <1>"), Intent("T-1", "Teal", Kind.SEA, ())]


def found_in(element: Element, name: str) -> list[Element]:
    return [e for child in element.children for e in ([child] if child.name == name else []) + found_in(child, name)]


# ----------------------------------------------------------------------------------------------------------------- ours


def test_a_volume_is_a_placemark_with_its_time_its_shape_and_its_record() -> None:
    root = parse_xml(write_kml(plan()).content)
    circle, corridor, polygon, none = found_in(root, "Placemark")
    assert [len(found_in(mark, "Polygon")) for mark in (circle, corridor, polygon, none)] == [1, 2, 1, 0]
    assert [len(found_in(mark, "Point")) for mark in (circle, corridor, polygon)] == [1, 0, 0]
    assert [e.text for e in found_in(circle, "begin")] == ["2030-01-15T10:00:00Z"]
    assert [e.text for e in found_in(circle, "altitudeMode")] == ["absolute", "absolute"]
    assert found_in(circle, "coordinates")[0].text == "1.00000000,2.00000000,304.80"
    assert [e.text for e in found_in(corridor, "altitudeMode")] == ["clampToGround"] * 3
    assert [e.text for e in circle.children if e.name == "name"] == ["box <1>"]


@pytest.mark.parametrize(
    ("old", "new", "want"),
    [
        ("<coordinates>1.00000000,2.0", "<coordinates>1.10000000,2.0", [("geometry", "bad_value")]),
        (",304.80 ", ",404.80 ", [("geometry", "bad_value")]),
        ("<begin>2030-01-15T10", "<begin>2030-01-15T11", [("TimeSpan", "bad_value")]),
        ('"radius":{"value":500.0', '"radius":{"value":600.0', [("geometry", "bad_value")]),
        ('"party":"Amber"', '"side":"Amber"', [("ExtendedData.tansiq.side", "unknown_field")]),
        ("tansiq-kml/1", "tansiq-kml/2", [("ExtendedData.tansiq.format", "unknown_format")]),
        ('{"format"', '{"format"{', [("ExtendedData.tansiq", "bad_json")]),
        (',"outline":[[1.0,2.0]]', "", [("ExtendedData.tansiq.outline", "missing_field")]),
        ('"number":1,', '"number":2,', [("number", "repeated_id"), ("count", "missing_field")]),
    ],
)
def test_a_placemark_of_ours_that_was_changed_is_refused(old: str, new: str, want: list[tuple[str, str]]) -> None:
    content = write_kml(plan()).content.decode()
    assert old in content
    found = errors(content.replace(old, new, 1).encode())
    assert found[: len(want)] == want


def test_a_drawing_that_another_program_rounded_is_still_ours() -> None:
    content = (
        write_kml(plan()).content.replace(b"2.00000000,304.80", b"2.0,304.8").replace(b"10:00:00Z</b", b"10:00Z</b")
    )
    assert read_kml(content.replace(b"10:00Z</b", b"10:00:00.0Z</b"), "x").intents == plan()


# --------------------------------------------------------------------------------------------------------------- others


def test_a_placemark_of_others_is_an_intent_of_an_unknown_party_at_any_height_and_time() -> None:
    (intent,), losses = read_kml(kml("<Folder>", placemark("<name>a</name>", area()), "</Folder>"), "x")
    assert (intent.id, intent.party, intent.kind, intent.name) == ("#1", UNKNOWN_PARTY, Kind.AIR, "a")
    (only,) = intent.volumes
    assert (only.band, only.window) == (AltitudeBand(None, None), TimeWindow(None, None))
    assert [(loss.field, loss.what) for loss in losses] == [
        ("coordinates", "heights that are clampToGround and not extruded")
    ]


@pytest.mark.parametrize(
    ("mode", "upper"),
    [
        ("<extrude>1</extrude><altitudeMode>absolute</altitudeMode>", "120 m AMSL"),
        ("<extrude>1</extrude><altitudeMode>relativeToGround</altitudeMode>", "120 m AGL"),
        ("<extrude>1</extrude>", "None"),
        ("<extrude>0</extrude><altitudeMode>absolute</altitudeMode>", "None"),
        ("<altitudeMode>relativeToGround</altitudeMode>", "None"),
        ("<extrude>1</extrude><gx:altitudeMode>relativeToSeaFloor</gx:altitudeMode>", "None"),
        ("<extrude>1</extrude><altitudeMode>absolute</altitudeMode><gx:altitudeMode>clampToSeaFloor</gx:altitudeMode>",
         "None"),
        ("<extrude>1</extrude><altitudeMode>absolute</altitudeMode><gx:altitudeOffset>9</gx:altitudeOffset>", "None"),
    ],
)  # fmt: skip
def test_a_solid_reaches_to_its_highest_corner_and_all_else_to_any_height(mode: str, upper: str) -> None:
    (intent,), losses = read_kml(kml(placemark(area(mode))), "x")
    assert (intent.volumes[0].band.lower, str(intent.volumes[0].band.upper)) == (None, upper)
    assert bool(losses) == (upper == "None")


@pytest.mark.parametrize(
    ("time", "start", "end"),
    [
        ("<TimeSpan><begin>2030-01-15T10:00:00Z</begin></TimeSpan>", "2030-01-15T10:00:00Z", None),
        ("<TimeSpan><end>2030-01-15T12:00:00+02:00</end></TimeSpan>", None, "2030-01-15T10:00:00Z"),
        ("<TimeSpan><begin>2030-01Z</begin><end>2030-02Z</end></TimeSpan>", "2030-01-01T00:00:00Z",
         "2030-03-01T00:00:00Z"),
        ("<TimeStamp><when>2030-01-15Z</when></TimeStamp>", "2030-01-15T00:00:00Z", "2030-01-16T00:00:00Z"),
        ("<TimeStamp><when>2030-01-15T10:00:00Z</when></TimeStamp>", None, None),
        ("<TimeSpan><begin>soon</begin></TimeSpan>", None, None),
        ("<TimeSpan><begin>2030Z</begin></TimeSpan><TimeStamp><when>2031Z</when></TimeStamp>", None, None),
    ],
)  # fmt: skip
def test_the_time_of_a_placemark_is_its_whole_period(time: str, start: str | None, end: str | None) -> None:
    (intent,), losses = read_kml(kml(placemark(time, area(coordinates="0,0 1,0 1,1 0,0"))), "x")
    window = intent.volumes[0].window
    assert window.start_us == (None if start is None else parse_instant_us(start, end=False))
    assert window.end_us == (None if end is None else parse_instant_us(end, end=True))
    assert bool(losses) == (start is None and end is None)


def test_links_pictures_and_what_is_not_known_are_told_and_not_checked() -> None:
    parts = [
        "<NetworkLink><name>more</name><Link><href>http://host.example/x.kml</href></Link></NetworkLink>",
        "<GroundOverlay><name>chart</name></GroundOverlay>",
        "<TimeSpan><begin>2030</begin></TimeSpan>",
        "<Zone/>",
        '<Style id="s"/><ScreenOverlay/>',
        placemark("<name>nowhere</name>"),
        placemark("<description>up to FL100</description><Styl/>", area()),
    ]
    intents, losses = read_kml(kml(*parts), "x")
    assert [(intent.name, len(intent.volumes)) for intent in intents] == [
        *[("more", 0), ("chart", 0), ("nowhere", 0)],
        (None, 1),
    ]
    assert [loss.field for loss in losses] == [
        *["NetworkLink", "GroundOverlay", "TimeSpan", "Zone", "geometry", "coordinates", "fields"]
    ]
    assert losses[-1].what == "not read: description, Styl"


def test_prefixes_do_not_matter_and_holes_are_filled() -> None:
    text = kml(placemark(f"<Polygon>{ring()}{ring('0.0001,0 0.0002,0 0.0002,0.0001', 'inner')}</Polygon>")).decode()
    for name in ("kml", "Document", "Placemark", "Polygon", "outerBoundaryIs", "innerBoundaryIs", "LinearRing"):
        text = text.replace(f"<{name}", f"<k:{name}").replace(f"</{name}", f"</k:{name}")
    (intent,), losses = read_kml(text.replace("xmlns=", "xmlns:k=").encode(), "x")
    assert isinstance(intent.volumes[0].footprint, Polygon)
    assert "1 holes" in [loss.what for loss in losses]


def test_a_pin_has_no_volume_and_is_told_what_stands_beside_it_is_kept() -> None:
    pin = placemark("<Point><coordinates>1,2</coordinates></Point>")
    intents, losses = read_kml(kml(pin, placemark(area())), "x")
    assert [len(intent.volumes) > 0 for intent in intents] == [False, True]
    assert ("Point", "1 without a radius") in [(loss.field, loss.what) for loss in losses]


def test_points_and_lines_need_their_width_and_the_parts_are_one_intent() -> None:
    shapes = (
        "<MultiGeometry><Point><coordinates>1,2</coordinates></Point><MultiGeometry>"
        "<LineString><coordinates>1,2 1.0001,2</coordinates></LineString></MultiGeometry></MultiGeometry>"
    )
    widths = data(radius="5 KM", half_width="1 NM")
    (intent,), _ = read_kml(kml(placemark(widths, shapes)), "x")
    assert [type(volume.footprint) for volume in intent.volumes] == [Circle, Corridor]
    assert errors(kml(placemark(shapes))) == [("ExtendedData.half_width", "missing_field")]
    assert errors(kml(placemark(data(radius="wide"), shapes))) == [("ExtendedData.radius", "bad_quantity")]
    assert errors(kml(placemark(widths, data(radius="1 KM"), shapes))) == [("ExtendedData", "bad_value")]
    assert errors(kml(placemark(data(radius="1 KM"), area()))) == [("ExtendedData.radius", "outline_count")]


@pytest.mark.parametrize(
    ("shape", "field", "code"),
    [
        (area(coordinates="0,0 1,0 181,1"), "Polygon.outerBoundaryIs.LinearRing.coordinates[2].lng", "out_of_range"),
        (area(coordinates="0, 0 1, 0 1, 1"), "Polygon.outerBoundaryIs.LinearRing.coordinates[0]", "bad_value"),
        (area(coordinates="0,nan 1,0 1,1"), "Polygon.outerBoundaryIs.LinearRing.coordinates[0]", "bad_value"),
        (area(coordinates="0,1e999 1,0 1,1"), "Polygon.outerBoundaryIs.LinearRing.coordinates[0].lat", "not_finite"),
        (area(coordinates="0,0 1,0"), "Polygon.outerBoundaryIs.LinearRing.coordinates", "too_few_vertices"),
        (area(coordinates="0,0 1,1 1,0 0,1"), "Polygon.outerBoundaryIs.LinearRing.coordinates[0]", "crossing_edges"),
        (area(coordinates=""), "Polygon.outerBoundaryIs.LinearRing.coordinates", "missing_field"),
        ("<Polygon/>", "Polygon.outerBoundaryIs.LinearRing", "missing_field"),
        ("<Point/>", "Point.coordinates", "missing_field"),
        ("<Model/>", "Model", "bad_value"),
        ("<gx:Track/>", "Track", "bad_value"),
        ("<MultiGeometry><Circle/></MultiGeometry>", "MultiGeometry", "bad_value"),
        (area() + area(), "", "bad_value"),
    ],
)
def test_an_error_in_a_geometry_is_named(shape: str, field: str, code: str) -> None:
    assert errors(kml(placemark(area()), placemark(shape))) == [(field, code)]


# ------------------------------------------------------------------------------------------------------------------ XML


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"<kml>",
        b"<kml></kml><kml/>",
        b"<!DOCTYPE kml><kml/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "file:///dev/zero"><a/>',
        b"<kml>&b;</kml>",
        b"<kml>\x00</kml>",
        b"<kml>\xff</kml>",
        b'<?xml version="1.0" encoding="windows-1252"?><kml/>',
        b'<?xml version="1.0" encoding="utf-16"?><kml/>',
        b'\xef\xbb\xbf<?xml version="1.0" encoding="iso-8859-1"?><kml/>',
        '<?xml version="1.0" encoding="utf-8"?><kml/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="us-ascii"?><kml>\xc3\xa9</kml>',
        "<kml/>".encode("utf-32"),
    ],
)
def test_what_is_not_plain_well_formed_xml_is_refused(content: bytes) -> None:
    assert errors(content) == [("encoding" if errors(content)[0][0] else "", "bad_xml")]


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("", "utf-8"), ("", "utf-8-sig"), ("UTF-8", "utf-8"), ("UTF-16", "utf-16"), ("utf-16", "utf-16-be"),
     ("", "utf-16"), ("ISO-8859-1", "latin-1"), ("us-ascii", "ascii")],
)  # fmt: skip
def test_each_encoding_is_read_as_it_is_declared(declared: str, encoding: str) -> None:
    name = "x" if encoding == "ascii" else "né"
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    root = parse_xml(f"{declaration}<a><b>{name}</b></a>".encode(encoding))
    assert root.children[0].text == name


def test_the_limits_of_xml_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "tansiq.formats.kit.xml.LIMITS", Limits(xml_bytes=90, xml_elements=3, xml_depth=2, xml_characters=5)
    )
    assert parse_xml(b"<a><b>12345</b><c/></a>").children[0].text == "12345"
    for content in (b"<a><b/><c/><d/></a>", b"<a><b><c/></b></a>", b"<a>123456</a>", b"<a>" + b" " * 90):
        with pytest.raises(PartyError) as refused:
            parse_xml(content)
        assert refused.value.code == "limit_exceeded"


def test_another_root_is_another_format() -> None:
    assert errors(b"<gpx/>") == [("", "unknown_format")]


# ------------------------------------------------------------------------------------------------------------------ KMZ


def refusal(content: bytes) -> str:
    with pytest.raises(InputRefusedError) as refused:
        read_kmz(content, "x.kmz")
    (finding,) = refused.value.findings
    return f"{finding.error.code}: {finding.error.got}"


DOCUMENT: Final = kml(placemark(area()))


@pytest.mark.parametrize(
    ("names", "read"),
    [
        (["doc.kml", "a.kml"], 0),
        (["a.kml", "doc.kml"], 1),
        (["files/doc.kml", "b.KML", "a.kml"], 1),
        (["x.png", "doc.kml"], 1),
    ],
)
def test_the_document_is_doc_kml_or_the_first_at_the_root_and_others_are_told(names: list[str], read: int) -> None:
    contents = [DOCUMENT if i == read else b"not read" for i in range(len(names))]
    reading = read_kmz(zipped(list(zip(names, contents, strict=True))), "x")
    assert len(reading.intents) == 1
    told = [loss.record for loss in reading.losses if "document" in loss.what]
    assert told == [name for i, name in enumerate(names) if i != read and name.lower().endswith(".kml")]


def test_damaged_encrypted_and_foreign_archives_are_refused() -> None:
    whole = write_kmz(plan()).content
    assert refusal(b"") == "archive_refused: no zip archive, or an empty one"
    assert refusal(zipped([])).startswith("archive_refused: no zip")
    assert refusal(zipped([("a/doc.kml", DOCUMENT)])) == "archive_refused: no .kml file at the root of the archive"
    assert refusal(whole[:-30]).startswith("archive_refused: a damaged archive")
    assert refusal(whole[:200]).startswith("archive_refused: a damaged archive")
    assert refusal(zipped([("doc.kml", whole)])).startswith("bad_xml")
    assert refusal(zipped([("doc.kml", DOCUMENT)] * 2)) == "archive_refused: 2 files of the name doc.kml"
    assert refusal(zipped([("doc.kml", DOCUMENT)], zipfile.ZIP_LZMA)) == "archive_refused: compression method 14"
    encrypted = bytearray(whole)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        encrypted[encrypted.index(mark) + offset] |= 1
    assert refusal(bytes(encrypted)) == "archive_refused: an encrypted file"


def test_a_header_that_lies_about_the_size_gains_nothing() -> None:
    whole = bytearray(zipped([("doc.kml", DOCUMENT)]))
    at = whole.index(b"PK\x01\x02") + 24
    for size in (1, len(DOCUMENT) - 1, 2**31):
        whole[at : at + 4] = size.to_bytes(4, "little")
        assert refusal(bytes(whole)).startswith("archive_refused")


def test_what_grows_past_the_limit_when_unpacked_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tansiq.formats.kml.kmz.LIMITS", Limits(xml_bytes=1_000, archive_entries=3))
    assert len(read_kmz(zipped([("doc.kml", DOCUMENT + b" " * (1_000 - len(DOCUMENT)))]), "x").intents) == 1
    bomb = zipped([("doc.kml", b" " * 1_000_000)])
    assert len(bomb) < 2_000
    assert refusal(bomb) == "archive_refused: more when unpacked"
    assert refusal(zipped([(f"{i}.kml", b"") for i in range(4)])) == "archive_refused: an archive of more files"


def test_an_archive_of_ours_says_no_time_and_no_machine() -> None:
    with zipfile.ZipFile(BytesIO(write_kmz(plan()).content)) as archive:
        (entry,) = archive.infolist()
    assert (entry.filename, entry.date_time, entry.create_system) == ("doc.kml", (1980, 1, 1, 0, 0, 0), 3)


# ----------------------------------------------------------------------------------------------------------------- fuzz


def foreign() -> bytes:
    solid = area("<extrude>1</extrude><altitudeMode>absolute</altitudeMode>")
    span = "<TimeSpan><begin>2030-01</begin><end>2030-02-01T10:00:00Z</end></TimeSpan>"
    point = "<Point><coordinates>1,2</coordinates></Point>"
    return kml(placemark(span, solid), placemark(data(radius="5 KM"), point), "<NetworkLink/>")


def test_nothing_but_a_refusal_comes_of_damaged_kml_and_kmz() -> None:
    def reads_back(reading: Reading) -> None:
        assert read_kml(write_kml(reading.intents).content, "again").intents == reading.intents

    rng = random.Random("kml")
    seeds = [write_kml(plan()).content, foreign()]
    counts = fuzz(read_kml, seeds, rng, 120, then=reads_back)
    assert counts["read"] > 15
    assert counts["refused"] > 50
    archives = [write_kmz(plan()).content, zipped([("x.png", b"1"), ("a.kml", foreign())])]
    counts = fuzz(read_kmz, archives, rng, 120, then=reads_back)
    assert counts["read"] > 15
    assert counts["archive_refused"] > 30
    assert LIMITS.xml_bytes < LIMITS.file_bytes
