"""Two hours of a real day over the Alps: `batch` finds what the definition finds over candidates made without it.

The whole day is compared by benches/agreement.py; docs/performance.md holds what it found.
"""

from pathlib import Path

import pytest

from benches.agreement import PLAN, candidates, judge
from tansiq.cli.compare import minima_of
from tansiq.cli.files import read_file
from tansiq.conflict.batch import find_volume_conflicts
from tansiq.domain.intent import Intent
from tansiq.domain.route import RouteMargins
from tansiq.domain.track import TrackSettings, intents_from_tracks
from tansiq.formats.plan import read_plan, write_plan
from tansiq.formats.tracks import read_tracks
from tansiq.units import DMM_PER_METRE, US_PER_SECOND, parse_instant_us

DAY = Path(__file__).parents[3] / "shared/data/tracks/switzerland-2018-08-01.json.gz"
MARGINS = RouteMargins(60 * US_PER_SECOND, 2_000.0, 300 * DMM_PER_METRE, 30 * US_PER_SECOND)

pytestmark = pytest.mark.skipif(not DAY.exists(), reason="shared/data does not lie beside the checkout")


@pytest.fixture(scope="module")
def two_hours() -> list[Intent]:
    start = parse_instant_us("2018-08-01T08:00:00Z", end=False)
    end = parse_instant_us("2018-08-01T10:00:00Z", end=True)
    reports = read_tracks(read_file(str(DAY)).content, DAY.name)
    wanted = [r for r in reports if r.time_us is not None and start <= r.time_us <= end]
    intents, counts = intents_from_tracks(wanted, TrackSettings(MARGINS))
    assert counts.reports == len(wanted) > 15_000
    return intents


@pytest.mark.parametrize(("horizontal", "vertical"), [("0m", "0m"), ("3NM", "1000ft")])
def test_batch_equals_exact_on_real_traffic(two_hours: list[Intent], horizontal: str, vertical: str) -> None:
    minima = minima_of(horizontal, vertical, [])
    found = {(c.a, c.b): c.verdict for c in find_volume_conflicts(two_hours, minima)}
    PLAN.update(intents=two_hours, minima=minima, ready={})
    pairs = candidates(two_hours, float(minima.horizontal_table_m().max()))
    want = {pair: verdict for pair, verdict in map(judge, pairs) if verdict is not None}
    assert len(want) > 100
    assert found.keys() == want.keys()
    for pair, verdict in want.items():
        assert found[pair].certainty is verdict.certainty
        assert found[pair].horizontal_gap_m == pytest.approx(verdict.horizontal_gap_m, abs=1e-3)
        assert found[pair].vertical_gap_dmm == verdict.vertical_gap_dmm


def test_the_plan_of_real_traffic_reads_back_equal(two_hours: list[Intent]) -> None:
    assert read_plan(write_plan(two_hours), "day.json") == two_hours
