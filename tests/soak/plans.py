"""Plans as their parties might write them: all shapes, units, references and forms, everywhere and of every size.

Most can be read, not all: a polygon may cross itself, a corridor may be too long.
"""

import json
import random
from collections.abc import Callable
from typing import Any, Final

from tansiq.formats.plan import write_plan, write_plan_lines
from tansiq.geometry.earth import LatLng
from tansiq.sim.plans import day_plans
from tests.laws.strategies import anywhere, from_place

Json = Any
HEADER: Final = {"format": "tansiq-plan/1"}
METRES_PER: Final = {"M": 1.0, "KM": 1000.0, "NM": 1852.0, "FT": 0.3048}
DAYS: Final = ("0001-01-01", "0999-12-31", "1969-12-31", *["2030-01-15", "2030-01-16"] * 4, "2400-02-29", "9999-12-31")
TEXTS: Final = ("A-101", "1", "é", "na\u0633", "\U0001f6e9", "a`b", "x" * 200, "\u202e", 'with "quotes"', "?", "#1")


def plan(rng: random.Random) -> str:
    """The text of a plan, JSON or JSON Lines."""
    if rng.random() < 0.3:
        intents = day_plans(rng.randrange(2**32), rng.randrange(1, 5))
        return rng.choice([write_plan, write_plan_lines])(intents).decode()
    ours = rng.random() < 0.7
    records = [(_intent if ours else _of_standard)(rng, i) for i in range(rng.choice([0, 1, 1, 2, 3, 6]))]
    form = rng.randrange(4)
    if form == 0:
        return _text(rng, records)
    if form == 1 and records:
        return _text(rng, records[0])
    if form == 2:
        lines = [HEADER, *records] if ours else records
        return rng.choice(["\n", "\r\n", "\n\n"]).join(json.dumps(line) for line in lines)
    return _text(rng, HEADER | {"intents": records})


def _text(rng: random.Random, value: Json) -> str:
    return json.dumps(value, indent=rng.choice([None, None, 1]), ensure_ascii=rng.random() < 0.5)


def _intent(rng: random.Random, number: int) -> Json:
    found = {
        "id": f"{rng.choice(TEXTS)[:190]} {number}",
        "party": rng.choice(TEXTS),
        "kind": rng.choice(["air", "air", "sea", "ground"]),
        "volumes": _volumes(rng),
    }
    if rng.random() < 0.3:
        found["priority"] = rng.choice([0, 1, -1, 100, 2**31, 2**53, 2**63 - 1, -(2**63)])
    if rng.random() < 0.3:
        found["name"] = rng.choice([*TEXTS, None])
    return found


def _of_standard(rng: random.Random, number: int) -> Json:
    """A Volume4D, an operational intent, its details, or what a USS answers with."""
    form = rng.randrange(4)
    if form == 0:
        return _volume(rng)
    details: Json = {"volumes": _volumes(rng), "priority": rng.randrange(-1, 100)}
    if rng.random() < 0.5:
        details["off_nominal_volumes"] = _volumes(rng)
    if form == 1:
        return details
    reference = {"id": f"id {number}", "manager": rng.choice(TEXTS), "version": 3, "state": "Accepted"}
    whole = {"reference": rng.choice([reference, reference, None, {}]), "details": details}
    return whole if form == 2 else {"operational_intent": whole}


def _volumes(rng: random.Random) -> Json:
    return [_volume(rng) for _ in range(rng.choice([0, 1, 1, 1, 2, 4]))]


def _volume(rng: random.Random) -> Json:
    name, make = rng.choice(_OUTLINES)
    space: Json = {name: make(rng, anywhere(rng), 10 ** rng.uniform(-3, 6.5))}
    lower_m = rng.uniform(-8_000, 91_000)
    reference = rng.choice(["W84", "AMSL", "AGL", "SFC", "FL"])
    if rng.random() < 0.7:
        space["altitude_lower"] = _altitude(rng, lower_m, reference)
    if rng.random() < 0.7:
        upper_m = lower_m + rng.choice([0.0, 0.0001, 1.0, 500.0, 9_000.0])
        other = reference if rng.random() < 0.8 else rng.choice(["W84", "AMSL", "AGL", "SFC", "FL"])
        space["altitude_upper"] = _altitude(rng, upper_m, other)
    found: Json = {"volume": space}
    for name, day in zip(("time_start", "time_end"), sorted(rng.choices(DAYS, k=2)), strict=True):
        if rng.random() < 0.7:
            found[name] = _time(rng, day)
    return found


def _altitude(rng: random.Random, height_m: float, reference: str) -> Json:
    units, metres = rng.choice([("M", 1.0), ("FT", 0.3048)] + [("FL", 30.48)] * (reference == "FL"))
    value = height_m / metres
    return {"value": value if rng.random() < 0.5 else round(value), "reference": reference, "units": units}


def _time(rng: random.Random, day: str) -> Json:
    second = rng.choice(["00"] * 6 + ["59", "60"])
    fraction = rng.choice([""] * 6 + [".5", ".000001", ".0000001", ".999999", ".9999999", ".123456789012345678"])
    value = f"{day}T{rng.randrange(24):02}:{rng.randrange(60):02}:{second}{fraction}Z"
    return {"value": value, "format": "RFC3339"}


def _length(rng: random.Random, length_m: float) -> Json:
    units = rng.choice(list(METRES_PER))
    return {"value": length_m / METRES_PER[units], "units": units}


def _point(place: LatLng) -> Json:
    return {"lat": place.lat_deg, "lng": place.lng_deg}


def _circle(rng: random.Random, place: LatLng, size_m: float) -> Json:
    return {"center": _point(place), "radius": _length(rng, size_m)}


def _polygon(rng: random.Random, place: LatLng, size_m: float) -> Json:
    count = rng.choice([3, 3, 4, 5, 8, 30]) if rng.random() < 0.97 else rng.randrange(100, 2_000)
    turn, rough = rng.uniform(0, 360), rng.choice([0.0, 0.3, 0.9])
    bearings = [turn + 360 / count * (k + rough * rng.uniform(-0.5, 0.5)) for k in range(count)]
    if rng.random() < 0.1:
        rng.shuffle(bearings)
    away_m = [size_m * rng.uniform(1 - rough, 1.0) for _ in bearings]
    return {"vertices": [_point(from_place(place, b, m)) for b, m in zip(bearings, away_m, strict=True)]}


def _corridor(rng: random.Random, place: LatLng, size_m: float) -> Json:
    line = [place]
    for _ in range(rng.choice([1, 1, 2, 5]) if rng.random() < 0.97 else rng.randrange(100, 2_000)):
        line.append(from_place(line[-1], rng.uniform(0, 360), rng.choice([0.0, 0.5, 1.0]) * size_m))
    return {"line": [_point(p) for p in line], "half_width": _length(rng, size_m * 10 ** rng.uniform(-4, 0))}


_OUTLINES: Final[tuple[tuple[str, Callable[[random.Random, LatLng, float], Json]], ...]] = (
    ("outline_circle", _circle),
    ("outline_polygon", _polygon),
    ("outline_corridor", _corridor),
)
