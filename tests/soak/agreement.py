"""Two members' records of one random history: what they are told to be must be what the maker of the history knows."""

import traceback
from collections.abc import Callable
from typing import Any, Final

from tests.laws.test_record_agreement import two_faces, two_moments, two_records
from tests.soak.report import Report, named, patience

PATIENCE_S: Final = 60.0


def _kept(seed: int) -> Any:  # noqa: ANN401 - what the others give
    return two_moments(seed, keeps=0.85)


QUESTIONS: Final[dict[str, Callable[[int], Any]]] = {
    "two records": two_records,
    "two faces": two_faces,
    "two moments": two_moments,
    "two moments, some lost": _kept,
}


def agreement_round(seed: int, report: Report) -> None:
    """Asks every question of the history that follows from the seed."""
    for name, ask in QUESTIONS.items():
        try:
            with patience(PATIENCE_S):
                told = ask(seed)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what the soak looks for
            report.fail(named(error), f"{name}: {error!r}\n{traceback.format_exc()}")
            continue
        report.counts["histories"] += 1
        for verdict in told if isinstance(told, set) else ():
            report.counts[f"verdicts_{verdict.name.lower()}"] += 1
        report.counts["forks_seen"] += told is True
