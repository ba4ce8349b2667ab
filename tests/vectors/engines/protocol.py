"""What the engines here share: lines in, lines out, and a Volume4D in metres and microseconds.

An engine is a function from two volumes and the minima to an answer; any two of a case's volumes may conflict.
"""

import json
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any, Final

Json = dict[str, Any]
ANSWERS: Final = ("clear", "possible", "conflict")
METRES: Final = {"M": 1.0, "KM": 1_000.0, "NM": 1_852.0, "FT": 0.3048, "FL": 30.48}
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
ALWAYS_US: Final = 2**62


@dataclass(frozen=True, slots=True)
class Volume:
    """A Volume4D as many programs hold it: floating metres and integer microseconds; what is missing never ends."""

    kind: str  # circle, polygon or corridor
    points: tuple[tuple[float, float], ...]  # longitude, latitude
    buffer_m: float
    lower_m: float
    upper_m: float
    references: frozenset[str]
    start_us: int
    end_us: int


def volume(value: Json) -> Volume:
    """The volume, in metres."""
    space = value["volume"]
    kind = next(name for name in ("circle", "polygon", "corridor") if f"outline_{name}" in space)
    outline = space[f"outline_{kind}"]
    rows = [outline["center"]] if kind == "circle" else outline.get("vertices", outline.get("line"))
    buffer = outline.get("radius", outline.get("half_width", {"value": 0.0, "units": "M"}))
    lower, upper = space.get("altitude_lower"), space.get("altitude_upper")
    return Volume(
        kind,
        tuple((row["lng"], row["lat"]) for row in rows),
        buffer["value"] * METRES[buffer["units"]],
        -math.inf if lower is None else lower["value"] * METRES[lower["units"]],
        math.inf if upper is None else upper["value"] * METRES[upper["units"]],
        frozenset(limit["reference"] for limit in (lower, upper) if limit is not None),
        _instant_us(value.get("time_start"), -ALWAYS_US),
        _instant_us(value.get("time_end"), ALWAYS_US),
    )


def _instant_us(time: Json | None, missing: int) -> int:
    if time is None:
        return missing
    text = time["value"].replace(":60Z", ":59.999999Z")  # a leap second has no place in datetime
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


def meet_in_time(a: Volume, b: Volume) -> bool:
    """Whether the windows share an instant, ends included."""
    return a.start_us <= b.end_us and b.start_us <= a.end_us


def meet_in_height(a: Volume, b: Volume, minimum_m: float) -> bool:
    """Whether the bands touch or come nearer than the minimum, by their numbers in metres, whatever the reference."""
    gap_m = max(a.lower_m - b.upper_m, b.lower_m - a.upper_m)
    return gap_m <= 0 or gap_m < minimum_m


def serve(answer: Callable[[Json], str]) -> None:
    """Answers case after case until there are no more; what fails is told, and gets no answer."""
    for line in sys.stdin:
        case = json.loads(line)
        try:
            told = answer(case)
        except Exception as error:  # noqa: BLE001 - one case must not end the others
            sys.stderr.write(f"{case['id']}: {error!r}\n")
            told = "unsupported"
        sys.stdout.write(json.dumps({"id": case["id"], "answer": told}) + "\n")
        sys.stdout.flush()


def any_two(meet: Callable[[Volume, Volume, float], bool]) -> Callable[[Json], str]:
    """An engine without a notion of doubt: `meet` says of two footprints whether they come nearer than the minimum."""

    def answer(case: Json) -> str:
        across_m, up_m = case["minimum"]["horizontal_m"], case["minimum"]["vertical_m"]
        found = any(
            meet_in_time(a, b) and meet_in_height(a, b, up_m) and meet(a, b, across_m)
            for a, b in combinations([volume(v) for v in case["volumes"]], 2)
        )
        return "conflict" if found else "clear"

    return answer
