"""The readers of other formats on whatever may come, each a part of the soak by itself."""

import random
from collections.abc import Callable, Sequence
from typing import Any, Final

from tansiq.domain.intent import Intent
from tansiq.errors import InputRefusedError
from tansiq.formats.ed269 import read_ed269
from tansiq.formats.ed318 import read_ed318
from tansiq.formats.geojson import read_geojson, write_geojson
from tansiq.formats.kit.loss import Reading
from tansiq.formats.kit.zones import ZoneReading
from tansiq.formats.kml import read_kml, read_kmz, write_kml, write_kmz
from tansiq.formats.plan import read_plan, write_plan
from tansiq.geometry.volume import TimeWindow
from tests.soak.plans import plan
from tests.soak.readers import fuzz, zipped
from tests.soak.report import Report, named
from tests.unit import test_formats_ed269 as ed269
from tests.unit import test_formats_ed318 as ed318
from tests.unit import test_formats_geojson as geojson
from tests.unit import test_formats_kml as kml

FILES: Final = 40
"""So many inputs make a round."""
DAY_US: Final = 86_400_000_000
SPAN: Final = TimeWindow(0, 10 * DAY_US)
Round = Callable[[int, Report], None]


def intents(rng: random.Random) -> list[Intent]:
    """Some plan's intents: the first that the plan reader takes."""
    while True:
        try:
            return read_plan(plan(rng).encode("utf-8", "surrogatepass"), "seed")
        except InputRefusedError:
            continue


def geojson_seeds(rng: random.Random) -> list[bytes]:
    foreign = [geojson.feature(geojson.AREA, {"time_start": "2030-01", "x": 1}), geojson.feature(geojson.POINT)]
    return [write_geojson(intents(rng)).content, geojson.dumped(*foreign)]


def kml_seeds(rng: random.Random) -> list[bytes]:
    return [write_kml(intents(rng)).content, kml.foreign()]


def kmz_seeds(rng: random.Random) -> list[bytes]:
    return [write_kmz(intents(rng)).content, zipped([("x.png", b"1"), ("a.kml", kml.foreign())])]


def ed269_seeds(_: random.Random) -> list[bytes]:
    hours = [{"permanent": "NO", "dailyPeriod": [ed269.MORNINGS, ed269.EMPTY_DAY]}]
    area = [{**ed269.VOLUME, "horizontalProjection": ed269.POLYGON}]
    return [ed269.file(ed269.zone(applicability=hours), ed269.zone(identifier="TEAL-2", geometry=area))]


def ed318_seeds(_: random.Random) -> list[bytes]:
    both = [ed318.CIRCLE, {**ed318.POLYGON, "coordinates": [ed318.RING, ed318.HOLE]}]
    week = {"schedule": [{"day": ["MON"], "startTime": "08:00:00Z", "endEvent": "SS"}], "startDateTime": ed318.START}
    return [
        ed318.collection(
            ed318.feature(
                geometry={"type": "GeometryCollection", "geometries": both}, properties__limitedApplicability=[week]
            ),
            metadata={"validFrom": ed318.START},
        )
    ]


def _back(write: Callable[[Sequence[Intent]], Any], read: Callable[[bytes, str], Reading]) -> Callable[[Reading], None]:
    """What was read is written and read again, and is the same; as a plan too."""

    def then(reading: Reading) -> None:
        assert read(write(reading.intents).content, "again").intents == reading.intents
        assert read_plan(write_plan(reading.intents), "again") == reading.intents

    return then


def _expanded(reading: ZoneReading) -> None:
    """Every zone is an intent, whenever; and a plan can hold it."""
    for zone in reading.zones:
        zone.intent(TimeWindow(None, None))
        zone.follows_schedule(SPAN)
        expanded = [zone.intent(SPAN)]
        assert read_plan(write_plan(expanded), "again") == expanded


def _part(
    read: Callable[[bytes, str], Any], seeds: Callable[[random.Random], list[bytes]], then: Callable[[Any], None]
) -> Round:
    def play(seed: int, report: Report) -> None:
        rng = random.Random(f"format {seed}")
        try:
            counts = fuzz(read, seeds(rng), rng, FILES, then=then)
        except AssertionError as error:
            report.fail(named(error.__cause__ if isinstance(error.__cause__, Exception) else error), str(error))
            return
        report.counts.update({f"{report.part}_read": counts["read"], f"{report.part}_refused": counts["refused"]})
        report.refusals.update({code: n for code, n in counts.items() if code not in {"read", "refused"}})

    return play


FORMATS: Final[dict[str, Round]] = {
    "geojson": _part(read_geojson, geojson_seeds, _back(write_geojson, read_geojson)),
    "kml": _part(read_kml, kml_seeds, _back(write_kml, read_kml)),
    "kmz": _part(read_kmz, kmz_seeds, _back(write_kmz, read_kmz)),
    "ed269": _part(read_ed269, ed269_seeds, _expanded),
    "ed318": _part(read_ed318, ed318_seeds, _expanded),
}
"""Each part of the soak by its name."""
