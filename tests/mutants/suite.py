"""Faults that engines of the field have, each caught by the group of the test suite that its name begins with."""

from typing import Final

from tests.mutants.plant import Mutant

SAYS: Final = "tests/unit/test_conflict_vectors.py::test_tansiq_says_what_is_expected"


def _by(way: str, *groups: str) -> tuple[str, ...]:
    """The tests that ask tansiq in this way about these groups."""
    return tuple(f"{SAYS}[{way}-{group}]" for group in groups)


MUTANTS: Final = [
    Mutant(
        "suite touching: only what overlaps meets",
        "geometry/distance.py",
        "    if gap <= reach_m:\n        return Certainty.POSSIBLE, gap\n",
        "    if gap <= reach_m and (minimum_m > 0 or overlap > 0):\n        return Certainty.POSSIBLE, gap\n",
        _by("exact", "touching"),
    ),
    Mutant(
        "suite antimeridian: longitudes compared before anything is measured",
        "geometry/distance.py",
        "    if _balls_gap_m(a, b) > reach_m:\n",
        "    if _balls_gap_m(a, b) > reach_m or abs(a.points[0].lng_deg - b.points[0].lng_deg) > HALF_TURN_DEG:\n",
        _by("exact", "antimeridian"),
    ),
    Mutant(
        "suite poles: directions not wrapped at 180 degrees",
        "geometry/distance.py",
        "turn += math.remainder(there - here, 360.0)",
        "turn += there - here",
        _by("exact", "poles"),
    ),
    Mutant(
        "suite geodesic-bulge: edges straight in degrees",
        "geometry/distance.py",
        '        return LatLng(found["lat2"], found["lon2"]), float(found["azi2"])\n',
        "        share = along_m / self.length_m\n"
        "        lat, lng = (a + share * (b - a) for a, b in zip(self.first, self.last, strict=True))\n"
        '        return LatLng(lat, lng), float(found["azi2"])\n',
        _by("exact", "geodesic-bulge"),
    ),
    Mutant(
        "suite datum: a flight level taken for a height above the sea",
        "geometry/band.py",
        "    if lower.reference is upper.reference and (",
        "    if {lower.reference, upper.reference} == {Reference.AMSL, Reference.FL}:\n"
        "        return lower.dmm - upper.dmm, True\n"
        "    if lower.reference is upper.reference and (",
        _by("exact", "datum"),
    ),
    Mutant(
        "suite datum: the geoid taken for the ellipsoid",
        "geometry/band.py",
        "GEOID_ABOVE_ELLIPSOID_DMM: Final = (-108 * DMM_PER_METRE, 87 * DMM_PER_METRE)",
        "GEOID_ABOVE_ELLIPSOID_DMM: Final = (0, 0)",
        _by("exact", "datum"),
    ),
    Mutant(
        "suite datum: heights above two grounds compared as over one",
        "geometry/band.py",
        "(same_ground or lower.reference is not Reference.AGL)",
        "(same_ground or lower.reference is not None)",
        _by("exact", "datum"),
    ),
    Mutant(
        "suite units: feet taken for metres",
        "units.py",
        "AltitudeUnit.FT: DMM_PER_FOOT,",
        "AltitudeUnit.FT: DMM_PER_METRE,",
        _by("exact", "units"),
    ),
    Mutant(
        "suite units: nautical miles taken for statute miles",
        "units.py",
        '"NM": Decimal(1852)',
        '"NM": Decimal(1609)',
        _by("exact", "units"),
    ),
    Mutant(
        "suite minima: the minimum itself is not enough",
        "geometry/band.py",
        "        if least > 0 and least >= minimum_dmm:",
        "        if least > 0 and least > minimum_dmm:",
        _by("exact", "minima", "units"),
    ),
    Mutant(
        "suite minima: a height kept does not clear what overlaps",
        "geometry/band.py",
        "        if least > 0 and least >= minimum_dmm:",
        "        if least > 0 and least >= minimum_dmm and not same_ground:",
        _by("exact", "minima"),
    ),
    Mutant(
        "suite circles: a radius as short as in an inscribed polygon of 64 sides",
        "geometry/footprint.py",
        "return CoreKind.POINT, (center,), radius_m",
        "return CoreKind.POINT, (center,), radius_m * 0.9988",  # cos(pi / 64)
        _by("exact", "circles"),
    ),
    Mutant(
        "suite containment: enclosure looked for one way only",
        "geometry/distance.py",
        "for pair in ((a, b), (b, a))]",
        "for pair in ((a, b),)]",
        _by("exact", "containment"),
    ),
    Mutant(
        "suite containment: crossings not looked for",
        "geometry/distance.py",
        "    if not a.pieces or not b.pieces:\n        return None\n",
        "    if not a.pieces or b.pieces:\n        return None\n",
        _by("exact", "containment"),
    ),
    Mutant(
        "suite corridors: a line closed like a ring",
        "geometry/distance.py",
        "        count = len(points) if self.kind is CoreKind.AREA else len(points) - 1\n",
        "        count = len(points)\n",
        _by("exact", "corridors"),
    ),
    Mutant(
        "suite corridors: the width halved once too often",
        "geometry/footprint.py",
        "return CoreKind.LINE, line, half_width_m",
        "return CoreKind.LINE, line, half_width_m / 2",
        _by("exact", "corridors"),
    ),
    Mutant(
        "suite time-edges: windows open at their ends",
        "geometry/volume.py",
        "start is not None and end is not None and start > end",
        "start is not None and end is not None and start >= end",
        _by("exact", "time-edges"),
    ),
    Mutant(
        "suite time-edges: cut to milliseconds",
        "units.py",
        'microseconds = second * US_PER_SECOND + int(fraction[:6].ljust(6, "0")) + rounded_up',
        "microseconds = second * US_PER_SECOND + int(fraction[:3].ljust(3, '0')) * 1_000 + rounded_up",
        _by("exact", "time-edges"),
    ),
    Mutant(
        "suite tolerance: of the wrong sign",
        "geometry/distance.py",
        "    reach_m = minimum_m + TOLERANCE_M\n",
        "    reach_m = minimum_m - TOLERANCE_M\n",
        _by("exact", "tolerance"),
    ),
    Mutant(
        "suite tolerance: certain up to the minimum itself",
        "geometry/distance.py",
        "(minimum_m > 0 and gap <= minimum_m - TOLERANCE_M)",
        "(minimum_m > 0 and gap <= minimum_m)",
        _by("exact", "tolerance"),
    ),
    Mutant(
        "suite giant: the large not held against the small",
        "conflict/batch.py",
        "        for smaller, smaller_m in below:\n",
        "        for smaller, smaller_m in below[:0]:\n",
        _by("batch", "giant"),
    ),
    Mutant(
        "suite tolerance: a sphere instead of the ellipsoid, in the kernel",
        "conflict/narrow.py",
        "    radius = math.sqrt((gx * gx + gy * gy + gz * gz) / measure) / bend",
        "    radius = 6371008.8 + 0.0 * bend * measure",
        _by("batch", "tolerance"),
    ),
    Mutant(
        "suite circles: a chord instead of the way on the surface, in the kernel",
        "conflict/narrow.py",
        "    return 2.0 * radius * math.asin(min(1.0, 0.5 * math.sqrt(chord2) / radius))",
        "    return math.sqrt(chord2) + 0.0 * radius",
        _by("batch", "circles", "giant"),
    ),
    Mutant(
        "suite time-edges: windows open at their ends, in the sweep",
        "conflict/sweep.py",
        "                if glances[b].start_us > m.end_us:\n",
        "                if glances[b].start_us >= m.end_us:\n",
        _by("batch", "time-edges"),
    ),
]
