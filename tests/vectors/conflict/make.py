"""Writes the cases of the test suite, each judged anew: `python -m tests.vectors.conflict.make`.

What counts is what is committed; a test holds both together, byte for byte.
"""

import json
from pathlib import Path
from typing import Final

from tests.vectors.conflict import borders, datum, earth, heights, shapes, times
from tests.vectors.conflict.reference import TooNearToTell, judge
from tests.vectors.conflict.words import Case, Group, Json, slug

FORMAT: Final = "tansiq-conflict-vectors/1"
FOLDER: Final = Path(__file__).parent
GROUPS: Final = (
    borders.touching,
    earth.antimeridian,
    earth.poles,
    earth.geodesic_bulge,
    datum.datum,
    heights.units,
    heights.minima,
    shapes.circles,
    shapes.containment,
    shapes.corridors,
    times.time_edges,
    borders.tolerance,
    earth.giant,
)


def content(group: Group) -> str:
    """The file of the group, one case to a line."""
    ids = [name_of(group, case) for case in group.cases]
    assert len(ids) == len(set(ids)), sorted(name for name in ids if ids.count(name) > 1)
    head = json.dumps({"format": FORMAT, "group": group.name, "about": group.about})[1:-1]
    lines = ",\n".join(json.dumps(_entry(group, case)) for case in group.cases)
    return f'{{{head}, "cases": [\n{lines}\n]}}\n'


def name_of(group: Group, case: Case) -> str:
    """The id of the case: its group, and what it is called there."""
    kept = "".join(c for c in slug(case.id.lower()) if c.isalnum() or c in "-.")
    return f"{group.name}/{kept}"


def _entry(group: Group, case: Case) -> Json:
    entry: Json = {
        "id": name_of(group, case),
        "group": group.name,
        "volumes": list(case.volumes),
        "minimum": {"horizontal_m": case.horizontal_m, "vertical_m": case.vertical_m},
        "expected": case.expected,
        "reason": case.reason[0].upper() + case.reason[1:],
    }
    if case.accept:
        entry["accept"] = list(case.accept)
    return entry


def misjudged(group: Group) -> list[str]:
    """The cases of which the reference says otherwise, or can not tell."""
    found = []
    for case in group.cases:
        try:
            told = judge(case, group.near_m)
        except TooNearToTell as error:
            told = str(error)
        if told != case.expected:
            found.append(f"{name_of(group, case)}: expected {case.expected}, judged {told}")
    return found


def main() -> None:
    """Every group is judged, then written."""
    groups = [make() for make in GROUPS]
    wrong = [line for group in groups for line in misjudged(group)]
    assert not wrong, "\n".join(wrong)
    for group in groups:
        (FOLDER / f"{group.name}.json").write_text(content(group), "utf-8")


if __name__ == "__main__":
    main()
