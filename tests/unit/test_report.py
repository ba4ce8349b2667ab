"""The report for people: whole, harmless, honest about what it leaves out, and drawn where things are."""

import base64
import dataclasses
import hashlib
import random
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from tansiq.domain.intent import Intent, Kind
from tansiq.errors import PartyError
from tansiq.formats import conflicts as wire
from tansiq.formats import report as page_of
from tansiq.formats.report import chart as charts
from tansiq.formats.report import findings, heights, notation, shapes, table, times
from tansiq.formats.report import map as maps
from tansiq.formats.report.html import Safe, el, fill
from tansiq.formats.report.style import Styles
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.distance import Outline, outline_distance_m
from tansiq.geometry.earth import LatLng, ecef_m, geodesic, geodesic_distance_m, lat_lng, on_surface_m
from tansiq.geometry.footprint import Circle, Corridor, Footprint, Polygon
from tansiq.geometry.volume import TimeWindow, Volume4D
from tansiq.limits import LIMITS
from tansiq.units import US_PER_SECOND, Altitude, AltitudeUnit, Reference, parse_instant_us
from tansiq.words import LANGUAGES, words_of

START, END = "2030-01-15T10:00:00Z", "2030-01-15T12:00:00Z"
DRAWN = 0.003
"""Part of a radius that a rim may be off in a drawing."""


def fl(level: float) -> Altitude:
    return Altitude(level, AltitudeUnit.FL, Reference.FL)


def volume(
    footprint: Footprint,
    lower: Altitude | None = None,
    upper: Altitude | None = None,
    start: str | None = START,
    end: str | None = END,
) -> Volume4D:
    window = TimeWindow(
        None if start is None else parse_instant_us(start, end=False),
        None if end is None else parse_instant_us(end, end=True),
    )
    return Volume4D(footprint, AltitudeBand(lower, upper), window)


def circle(lat: float, lng: float, radius_m: float = 10_000) -> Circle:
    return Circle(LatLng(lat, lng), radius_m)


def intent(name: str, party: str, *volumes: Volume4D, title: str | None = None) -> Intent:
    return Intent(name, party, Kind.AIR, volumes, name=title)


def overlap(certainty: str = "certain", **changes: object) -> wire.Overlap:
    made = wire.Overlap((0, 0), wire.Time(START, END), wire.Altitude(3048.0, 6096.0, "FL"), 0.0, 0.0, certainty)
    for field, value in changes.items():
        setattr(made, field, value)
    return made


def conflict(
    intents: list[Intent], *overlaps: wire.Overlap, suggestions: list[wire.Suggestion] | None = None
) -> wire.Conflict:
    rows = list(overlaps) or [overlap()]
    certainty = min(row.certainty for row in rows)
    sides = [wire.Side(x.id, x.party, 0) for x in intents]
    return wire.Conflict(sides[0], sides[1], certainty, [row.pair for row in rows], rows, suggestions)


def report(intents: list[Intent], conflicts: list[wire.Conflict], **changes: object) -> wire.Report:
    checked = wire.Checked(len(intents), sum(len(i.volumes) for i in intents), [wire.File("day.json", "0" * 64)])
    made = wire.Report("tansiq-conflicts/1", "2030-01-14T21:00:00Z", checked, {}, [], conflicts)
    for field, value in changes.items():
        setattr(made, field, value)
    return made


def two(**changes: Intent) -> list[Intent]:
    a = intent("A-1", "AMBER", volume(circle(1, 1), fl(100), fl(200)))
    b = intent("T-1", "TEAL", volume(circle(1.1, 1), fl(150), fl(250)))
    return [changes.get("a", a), changes.get("b", b)]


def page(made: wire.Report, intents: list[Intent], language: str = "en") -> str:
    return page_of.render(made, intents, [0] * len(intents), language).decode()


class _Reader(HTMLParser):
    """The page's tags, attributes and texts, each text with whether it runs from left to right by itself."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, bool]] = []
        self.inner: dict[str, str] = {}
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "input", "br"}:
            self._open.append((tag, dict(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] in {"script", "style"}:
            self.inner[self._open[-1][0]] = data
        else:
            alone = any(tag == "svg" or attributes.get("dir") == "ltr" for tag, attributes in self._open)
            self.texts.append((data, alone))

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.texts)


# ------------------------------------------------------------------------------------------------------------- the page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_forbids_every_request_and_allows_only_its_own_style_and_program(language: str) -> None:
    intents = two()
    read = _Reader(page(report(intents, [conflict(intents)]), intents, language))
    [policy] = [a["content"] for t, a in read.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        digest = base64.b64encode(hashlib.sha256(read.inner[tag].encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert not {"style", "onload", "onclick", "src", "action"} & {name for _, a in read.tags for name in a}
    links = {a["href"] or "" for _, a in read.tags if "href" in a}
    assert links
    assert all(link.startswith("#") for link in links)
    assert not re.search(r"url\((?!#)|@import", read.inner["style"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_leads_to_something_on_the_page(language: str) -> None:
    intents = two()
    read = _Reader(page(report(intents, [conflict(intents)]), intents, language))
    ids = [a["id"] for _, a in read.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert {(a["href"] or "")[1:] for _, a in read.tags if "href" in a} <= set(ids)


def test_text_of_parties_can_not_become_a_tag_or_turn_the_direction() -> None:
    hostile = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e\u0007{n}"
    a = intent(hostile, hostile, volume(circle(1, 1), fl(100), fl(200)), title=hostile)
    intents = two(a=a)
    made = report(intents, [conflict(intents)], not_checked=[wire.NotChecked(hostile, hostile)])
    made.checked.files[0].name = hostile
    content = page(made, intents, "ar")
    read = _Reader(content)
    assert sum(tag == "script" for tag, _ in read.tags) == 1
    assert "img" not in {tag for tag, _ in read.tags}
    assert not any(name.startswith("on") for _, attributes in read.tags for name in attributes)
    assert "\u202e" not in content
    assert "\u0007" not in content
    assert hostile.replace("\u202e", "\\u202e").replace("\u0007", "\\x07") in read.text


def test_times_places_and_bands_run_from_left_to_right_within_arabic() -> None:
    intents = two()
    made = report(intents, [conflict(intents, suggestions=[wire.Suggestion("a", 1, by_m=500, bearing_deg=47)])])
    read = _Reader(page(made, intents, "ar"))
    assert ("html", {"lang": "ar", "dir": "rtl"}) in read.tags
    figures = re.compile(r"\d\d°|\d{4}-\d\d-\d\d|FL\d|\d (?:m|km|NM|ft)\b|[0-9a-f]{64}")
    found = [(text, alone) for text, alone in read.texts if figures.search(text)]
    assert len(found) > 10
    assert [text for text, alone in found if not alone] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_verdict_counts_and_never_says_safe(language: str) -> None:
    intents = two()
    for made in (report(intents, []), report(intents, [conflict(intents)])):
        read = _Reader(page(made, intents, language))
        assert "2030-01-14 21:00:00Z" in read.text
        assert "0" * 64 in read.text
        assert "tansiq-conflicts/1" in read.text
        assert not re.search(r"\bsafe|آمن|безопас", read.text, re.IGNORECASE)


def test_the_three_verdicts_differ() -> None:
    intents = two()
    assert "No declared conflict known at" in page(report(intents, []), intents)
    assert "1 declared conflict known at" in page(report(intents, [conflict(intents)]), intents)
    assert "Nothing compared" in page(report(intents[:1], []), intents[:1])


def test_what_was_not_checked_stands_before_the_conflicts() -> None:
    intents = two()
    rows = [wire.NotChecked("intent V-9 of VIOLET", "it has no volumes")]
    content = page(report(intents, [conflict(intents)], not_checked=rows), intents)
    assert 0 < content.index("intent V-9 of VIOLET") < content.index("id=conflicts")
    many = [wire.NotChecked(f"intent V-{n}", "it has no volumes") for n in range(LIMITS.report_rows + 3)]
    content = page(report(intents, [], not_checked=many), intents)
    assert "and 3 more" in content


def test_a_conflict_is_told_with_its_rule_its_cause_and_what_would_clear_it() -> None:
    intents = two()
    why = wire.Explanation("too_near", wire.MinimumRow(5556.0, 304.8), wire.Place(1.05, 1.0))
    shift = wire.Suggestion("b", 3, by_up_m=304.8)
    row = conflict(intents, overlap(explanation=why, horizontal_gap_m=1234.4), suggestions=[shift])
    text = _Reader(page(report(intents, [row]), intents)).text
    for said in (
        "nearer than both minima", "air–air: 3 NM / 1000 ft must be kept", "1,234 m", "01°03.0'N 001°00.0'E",
        "TEAL T-1: 1000 ft higher (cost 3)", "FL100–FL200", "2030-01-15 10:00–12:00Z", "FL100 – FL200",
    ):  # fmt: skip
        assert said in text, said


@pytest.mark.parametrize(
    ("suggestions", "said"),
    [
        (None, "Shifts that would clear them were not looked for."),
        ([], "No shift within the limits of the search clears it."),
    ],
)
def test_not_looked_for_is_not_nothing_found(suggestions: list[wire.Suggestion] | None, said: str) -> None:
    intents = two()
    assert said in page(report(intents, [conflict(intents, suggestions=suggestions)]), intents)


def test_what_the_limits_leave_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    intents = [
        intent(f"{'AT'[n % 2]}-{n}", ("AMBER", "TEAL")[n % 2], volume(circle(1, 1 + n / 50), fl(10), fl(20)))
        for n in range(10)
    ]
    rows = [conflict([a, b]) for a, b in zip(intents[::2], intents[1::2], strict=True)]
    few = dataclasses.replace(LIMITS, report_conflicts=3, report_pictures=2, report_lanes=2, report_outlines=1)
    for module in (findings, heights, maps, table, times, page_of):
        monkeypatch.setattr(module, "LIMITS", few)
    read = _Reader(page(report(intents, rows), intents))
    for said in (
        "5 declared conflicts known", "2 later conflicts are not listed here", "The first 2 have a map",
        "4 more intents are not drawn", "1 more conflict is not drawn", "3 volumes around the conflicts are not drawn",
    ):  # fmt: skip
        assert said in read.text, said
    assert sum(tag == "tbody" and "id" in a for tag, a in read.tags) == 3


def test_two_thousand_conflicts_make_a_page_of_less_than_three_megabytes() -> None:
    places = [LatLng(0.02 + (n // 50) * 0.073, 0.02 + (n % 50) * 0.059) for n in range(2_000)]
    pairs = [
        (
            intent(f"A-{n:05}", "AMBER", volume(Circle(place, 3_000), fl(50), fl(55)), title="survey"),
            intent(f"T-{n:05}", "TEAL", volume(Circle(place, 2_900), fl(50), fl(55)), title="survey"),
        )
        for n, place in enumerate(places)
    ]
    intents = [side for pair in pairs for side in pair]
    content = page(report(intents, [conflict([a, b]) for a, b in pairs]), intents, "ar")
    assert len(content.encode()) < 3_000_000
    assert len(re.findall(r"<tbody id=c\d+ ", content)) == 2_000


def test_a_language_that_is_not_spoken_is_refused() -> None:
    with pytest.raises(PartyError):
        page(report([], []), [], "tlh")


def test_only_what_is_marked_safe_passes_as_markup() -> None:
    assert el("p", "<b>", Safe("<i>")) == "<p>&lt;b&gt;<i></p>"
    assert el("p", title='a"b>') == '<p title="a&quot;b&gt;"></p>'
    assert fill("{x} < {y}", x="<", y=Safe("<b></b>")) == "&lt; &lt; <b></b>"


# ------------------------------------------------------------------------------------------------------------ notation


def test_windows_and_levels_are_rounded_outward() -> None:
    words = words_of("en")
    start, end = parse_instant_us("2030-01-15T10:00:59Z", end=False), parse_instant_us("2030-01-15T10:05:01Z", end=True)
    assert notation.window(start, end, words) == "2030-01-15 10:00–10:06Z"
    assert notation.window(None, end, words) == "no beginning – 2030-01-15 10:06Z"
    assert notation.window(start, None, words) == "2030-01-15 10:00Z – no end"
    assert notation.window(start, end + 86_400 * US_PER_SECOND, words) == "2030-01-15 10:00Z – 2030-01-16 10:06Z"
    assert notation.band(AltitudeBand(fl(104.4), fl(104.4 + 1e-3)), words) == "FL104–FL105"
    band = wire.Altitude(3048.1, 3048.2, "FL")
    assert notation.shared_band(band, [volume(circle(1, 1), fl(1), fl(200))], words) == "FL100 – FL101"


def test_a_band_keeps_the_references_of_its_limits() -> None:
    words = words_of("en")
    ground = Altitude(0, AltitudeUnit.FT, Reference.AGL)
    assert notation.band(AltitudeBand(ground, fl(90)), words) == "0 ft AGL – FL090"
    assert notation.band(AltitudeBand(None, fl(90)), words) == "≤ FL090"
    assert notation.band(AltitudeBand(ground, None), words) == "≥ 0 ft AGL"
    assert notation.band(AltitudeBand(None, None), words) == "all altitudes"


@pytest.mark.parametrize(
    ("point", "text"),
    [
        (LatLng(1.5, -2.25), "01°30.0'N 002°15.0'W"),
        (LatLng(-90.0, 180.0), "90°00.0'S 180°00.0'E"),
        (LatLng(0.99999, 1.99999), "01°00.0'N 002°00.0'E"),
    ],
)
def test_places_are_degrees_and_minutes(point: LatLng, text: str) -> None:
    assert notation.place(point) == text


# ------------------------------------------------------------------------------------------------------------- drawings

SOMEWHERE = [LatLng(1.2, 1.5), LatLng(90.0, 0.0), LatLng(-89.7, 40.0), LatLng(-16.5, 180.0), LatLng(59.0, -179.99)]


def around(middle: LatLng, bearing_deg: float, away_m: float) -> LatLng:
    found = geodesic().Direct(middle.lat_deg, middle.lng_deg, bearing_deg, away_m)
    return LatLng(found["lat2"], found["lon2"])


def vectors_m(*points: LatLng) -> np.ndarray:
    return ecef_m(np.array([p.lat_deg for p in points]), np.array([p.lng_deg for p in points]))


@pytest.mark.parametrize("middle", SOMEWHERE)
def test_distances_on_the_chart_are_those_on_the_globe(middle: LatLng) -> None:
    lots = random.Random(4)
    points = [around(middle, lots.uniform(0, 360), lots.uniform(1_000, 200_000)) for _ in range(40)]
    chart = charts.chart_for(vectors_m(middle, *points), [], 960, 620)
    spots = chart.project(vectors_m(*points)) - chart.project(chart.middle_m[None, :])
    home = lat_lng(chart.middle_m)
    for point, spot in zip(points, spots, strict=True):
        assert float(np.hypot(*spot)) / chart.scale == pytest.approx(geodesic_distance_m(home, point), rel=DRAWN)
    inside = chart.project(vectors_m(*points))
    assert (inside > 0).all()
    assert (inside < (960, 620)).all()


@pytest.mark.parametrize("middle", SOMEWHERE)
def test_a_pixel_is_at_the_place_that_is_drawn_there(middle: LatLng) -> None:
    chart = charts.chart_for(vectors_m(middle), [shapes.ring_m(Circle(middle, 50_000))], 300, 220)
    for x, y in ((3.0, 5.0), (150.0, 110.0), (299.0, 219.0)):
        place = chart.place(x, y)
        assert place is not None
        assert chart.project(vectors_m(place))[0] == pytest.approx((x, y), abs=0.1)


@pytest.mark.parametrize("middle", SOMEWHERE)
def test_rims_are_drawn_at_their_radius(middle: LatLng) -> None:
    for radius_m in (100.0, 50_000.0, 2_000_000.0):
        for row in shapes.ring_m(Circle(middle, radius_m))[::7]:
            assert geodesic_distance_m(middle, lat_lng(row)) == pytest.approx(radius_m, rel=DRAWN)


@pytest.mark.parametrize("middle", SOMEWHERE)
def test_the_outline_of_a_corridor_keeps_its_half_width_everywhere(middle: LatLng) -> None:
    line = (around(middle, 200, 60_000), middle, around(middle, 80, 45_000), around(middle, 100, 90_000))
    corridor = Corridor(line, 9_000)
    core = Outline(corridor)
    for row in shapes.ring_m(corridor)[::9]:
        away_m = outline_distance_m(Outline(Circle(lat_lng(on_surface_m(row)), 1.0)), core)
        assert away_m == pytest.approx(9_000, rel=DRAWN)


def test_a_polygon_across_180_degrees_is_drawn_in_one_piece() -> None:
    polygon = Polygon((LatLng(-17, 179.5), LatLng(-17, -179.5), LatLng(-16, -179.5), LatLng(-16, 179.5)))
    ring_m = shapes.ring_m(polygon)
    chart = charts.chart_for(ring_m, [ring_m], 960, 620)
    spots = chart.project(ring_m)
    assert float(np.linalg.norm(spots - np.roll(spots, 1, axis=0), axis=1).max()) < 40
    labels = [line.lng_deg for line in charts.grid(chart) if line.lng_deg is not None]
    assert any(lng > 179 for lng in labels)
    assert any(lng < -179 for lng in labels)


def test_the_pole_is_marked_and_all_meridians_are_there() -> None:
    ring_m = shapes.ring_m(circle(89.9, 10, 60_000))
    chart = charts.chart_for(ring_m, [ring_m], 960, 620)
    lngs = {round(line.lng_deg) % 360 for line in charts.grid(chart) if line.lng_deg is not None}
    assert lngs == set(range(0, 360, 30))
    assert "90°N" in (maps._north(chart) or "")  # noqa: SLF001 - a part of the drawing


def test_thinning_leaves_a_line_within_its_step() -> None:
    lots = random.Random(11)
    for _ in range(30):
        steps = np.array([[lots.gauss(0.5, 1), lots.gauss(0, 1)] for _ in range(60)])
        line = np.cumsum(steps, axis=0)
        kept = shapes.thinned(line, 0.5, closed=False)
        assert len(kept) < len(line)
        assert (kept[0] == line[0]).all()
        assert (kept[-1] == line[-1]).all()
        starts, ways = kept[:-1], np.diff(kept, axis=0)
        for point in line:
            share = np.clip(((point - starts) * ways).sum(axis=1) / (ways**2).sum(axis=1), 0, 1)
            assert np.linalg.norm(starts + share[:, None] * ways - point, axis=1).min() <= 0.5 + 1e-9


def test_all_shapes_wind_one_way_so_that_none_cancels_another() -> None:
    square = (LatLng(0, 0), LatLng(0, 1), LatLng(1, 1), LatLng(1, 0))
    paths = []
    for vertices in (square, square[::-1]):
        ring_m = shapes.ring_m(Polygon(vertices))
        chart = charts.chart_for(ring_m, [ring_m], 100, 100)
        numbers = re.findall(r"-?[\d.]+", maps._shape(Polygon(vertices), chart).replace("-.", "-0."))  # noqa: SLF001 - a part of the drawing
        points = np.cumsum(np.array(numbers, dtype=float).reshape(-1, 2), axis=0)
        x, y = points[:, 0], points[:, 1]
        paths.append(float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()))
    assert paths[0] > 0
    assert paths[1] > 0


def test_a_limit_stands_in_the_lane_of_its_own_reference_only() -> None:
    ground = Altitude(500, AltitudeUnit.FT, Reference.AGL)
    a = intent("A-1", "AMBER", volume(circle(1, 1), ground, fl(90)))
    b = intent("T-1", "TEAL", volume(circle(1, 1), fl(50), None))
    joined = findings.join(report([a, b], [conflict([a, b])]), [a, b], [0, 0])
    lanes = heights._lanes(joined.listed)  # noqa: SLF001 - a part of the drawing
    assert [lane.reference for lane in lanes] == [Reference.FL, Reference.AGL]
    assert [lanes[0].low, lanes[0].high] == pytest.approx([45.2, 94.8])
    drawn = heights.strip(joined, Styles(joined.parties), words_of("en"))
    # A's band has its one limit in each lane, and a broken end in each; B is in the lane of levels alone, open above.
    assert drawn.count('class="bar p0"') == 2
    assert drawn.count("class=broken") == 2
    assert drawn.count('class="bar p1"') == 1
    assert drawn.count("class=beyond") == 1
    assert "class=shared" not in drawn, "heights of two references were drawn as if they were one"
    assert 'class="shared' not in drawn


def test_the_time_strip_counts_what_lasts_at_once_with_closed_ends() -> None:
    a = intent("A-1", "AMBER", volume(circle(1, 1)), volume(circle(1, 1), start=END, end="2030-01-15T13:00:00Z"))
    b = intent("T-1", "TEAL", volume(circle(1, 1), end=None))
    c = intent("V-1", "VIOLET", volume(circle(1, 1), start=END, end="9999-12-31T23:59:00Z"))
    rows = [
        conflict([a, b]),
        conflict([a, c], overlap(time=wire.Time(END, "2030-01-15T13:00:00Z"), pair=(1, 0))),
        conflict([b, c], overlap(time=wire.Time(END, "9999-12-31T23:59:00Z"))),
    ]
    joined = findings.join(report([a, b, c], rows), [a, b, c], [0, 0, 0])
    drawn = times.strip(joined, Styles(joined.parties), words_of("en"))
    assert ">3</text>" in drawn, "what ends and what begins at one instant are there at once"
    assert "9999" not in drawn, "a window without an end crushed the others"
    assert drawn.count("class=beyond") == 2


def test_without_any_beginning_or_end_the_time_strip_says_so() -> None:
    a = intent("A-1", "AMBER", volume(circle(1, 1), start=None, end=None))
    b = intent("T-1", "TEAL", volume(circle(1, 1), start=None, end=None))
    forever = overlap(time=wire.Time(None, None), altitude=wire.Altitude(None, None, None))
    text = _Reader(page(report([a, b], [conflict([a, b], forever)]), [a, b])).text
    assert "No window of these conflicts has a beginning or an end" in text
    assert "No altitude limits are declared" in text
    assert "no beginning – no end" in text
