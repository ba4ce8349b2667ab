"""Faults planted on purpose: each must make one of the named tests fail, with every kernel compiled anew.

    python -m tests.mutants            all of them, two at a time
    python -m tests.mutants cell time  those whose name has one of these words

A fault is a text that occurs exactly once in a file and what stands in its place. It is planted in a copy of the
checkout with an empty kernel cache. First all the named tests must pass on a copy without a fault. Exit code 1 if a
fault was not caught, or could not be planted because its text is gone: then give it its new text.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
COPIED: Final = ("src", "tests", "pyproject.toml", "conftest.py")
AT_A_TIME: Final = 2
PATIENCE_S: Final = 600
TESTS_FAILED: Final = 1
"""pytest's exit code; a fault that only keeps the tests from being collected proves nothing."""

# The copy must be what is imported, whatever is installed: pytest starts only after that is sure.
START: Final = """
import sys, pathlib, tansiq
assert pathlib.Path(tansiq.__file__).is_relative_to(pathlib.Path.cwd()), tansiq.__file__
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""

CASES: Final = "tests/unit/test_batch_cases.py::test_"
ARRAYS: Final = "tests/laws/test_arrays.py::test_"
REFERENCES: Final = "tests/authority/test_altitude_references.py::test_"
STORY: Final = "tests/authority/test_story_s1.py::test_"
MILLIMETRE: Final = CASES + "circles_a_millimetre_on_each_side_of_the_centimetre"
EDIT: Final = "tests/unit/test_jit.py::test_an_edit_of_anything_that_is_compiled_in_means_a_new_folder"
TOUCHING: Final = "tests/laws/test_touching_rings.py"
STACKED: Final = "tests/laws/test_stacked_blocks.py"
SHARED_GROUND: Final = (
    "tests/laws/test_monotony.py::"
    "test_heights_above_ground_are_compared_natively_where_the_footprints_share_it_whatever_the_minimum"
)
EQUAL: Final = (
    "tests/laws/test_batch_on_hard_shapes.py::test_equal_polygons_are_certain_wherever_they_start_and_however_they_turn"
)
CLOSED: Final = "tests/laws/test_closed_ends.py::test_"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault: in `file`, under src/tansiq, `text` is replaced; the `tests` are enough to catch it."""

    name: str
    file: str
    text: str
    fault: str
    tests: tuple[str, ...]


MUTANTS: Final = [
    # The broad phase.
    Mutant(
        "cell missed at a boundary",
        "conflict/kernels.py",
        "for z in range(_cell(box[i, 2], cell_m), _cell(box[i, 5], cell_m) + 1):",
        "for z in range(_cell(box[i, 2], cell_m), max(_cell(box[i, 5], cell_m), _cell(box[i, 2], cell_m) + 1)):",
        ("tests/laws/test_cells.py::test_a_carpet_of_small_circles_over_many_cells[0.0]",),
    ),
    Mutant(
        "box rounded inward",
        "conflict/arrays.py",
        "low32 = np.nextafter(low.astype(np.float32), np.float32(-np.inf))",
        "low32 = np.nextafter(low.astype(np.float32), np.float32(np.inf))",
        (ARRAYS + "outward_never_rounds_inward",),
    ),
    Mutant(
        "bulge of an area forgotten",
        "conflict/arrays.py",
        "EQUATORIAL_RADIUS_M * (1 - cosine), 0.0)",
        "0.0 * cosine, 0.0)",
        (CASES + "a_circle_at_the_pole_lies_in_the_cap_that_reaches_round_it",),
    ),
    Mutant(
        "buffer left out of the ball",
        "conflict/arrays.py",
        "np.maximum.reduceat(away, dense.offsets[:-1]) + SAG_M + buffers_m",
        "np.maximum.reduceat(away, dense.offsets[:-1]) + SAG_M + 0 * buffers_m",
        (ARRAYS + "ball_and_box_hold_every_point_of_the_footprint",),
    ),
    Mutant(
        "half of the minimum forgotten when boxes are grown",
        "conflict/batch.py",
        "margin = (minimum_m / 2 + TOLERANCE_M)[:, None]",
        "margin = (minimum_m * 0 + TOLERANCE_M)[:, None]",
        (CASES + "boxes_are_grown_by_half_of_the_minimum",),
    ),
    Mutant(
        "early break in the time sweep",
        "conflict/kernels.py",
        "                if v.start_us[j] > v.end_us[i]:\n                    break\n",
        "                if v.start_us[j] > v.end_us[i] or (by_cell and v.start_us[j] > v.end_us[volumes[b - 1]]):\n"
        "                    break\n",
        (CASES + "the_sweep_stops_neither_too_early_nor_at_the_last_instant",),
    ),
    Mutant(
        "sweep ended by another cell of the bucket",
        "conflict/kernels.py",
        "                if by_cell and keys[a] != keys[b]:\n                    continue\n",
        "                if by_cell and keys[a] != keys[b]:\n                    break\n",
        (CASES + "other_cells_in_the_same_bucket_do_not_end_the_sweep",),
    ),
    Mutant(
        "giants skipped",
        "conflict/kernels.py",
        "for run in range(mask + len(giants)):",
        "for run in range(mask):",
        (CASES + "giants_meet_each_other_and_the_small_ones_before_and_after_them",),
    ),
    Mutant(
        "giants do not meet giants",
        "conflict/kernels.py",
        "(giant[j] and place[j] <= place[i])",
        "giant[j]",
        (CASES + "giants_meet_each_other_and_the_small_ones_before_and_after_them",),
    ),
    Mutant(
        "giants meet only what starts after them",
        "conflict/kernels.py",
        "for b in range(a + 1 if by_cell else 0, end if by_cell else n):",
        "for b in range(a + 1 if by_cell else place[i], end if by_cell else n):",
        (CASES + "giants_meet_each_other_and_the_small_ones_before_and_after_them",),
    ),
    Mutant(
        "low corner of the wrong box",
        "conflict/kernels.py",
        "x = _cell(max(box[i, 0], box[j, 0]), cell_m)",
        "x = _cell(box[i, 0], cell_m)",
        (CASES + "other_cells_in_the_same_bucket_do_not_end_the_sweep",),
    ),
    Mutant(
        "undecided treated as clear",
        "conflict/kernels.py",
        "                if answer == CLEAR:\n",
        "                if answer in (CLEAR, UNDECIDED):\n",
        (EQUAL,),
    ),
    Mutant(
        "minima by one kind alone",
        "conflict/kernels.py",
        "minimum_m = minima_m[kind[i], kind[j]]",
        "minimum_m = minima_m[kind[i], kind[i]]",
        (CASES + "the_minimum_is_that_of_the_pair_of_kinds",),
    ),
    Mutant(
        "sides ignored",
        "conflict/kernels.py",
        "return not (scope & 2 and bool(side[i] == side[j]))",
        "return True",
        (CASES + "the_scope_asks_for_sides_and_parties",),
    ),
    Mutant(
        "unknown parties are one party",
        "conflict/batch.py",
        "-1 - i if intent.party == UNKNOWN_PARTY else",
        "-1 if intent.party == UNKNOWN_PARTY else",
        (CASES + "the_scope_asks_for_sides_and_parties",),
    ),
    # The narrow phase.
    Mutant(
        "chord instead of surface",
        "conflict/narrow.py",
        "    return 2.0 * radius * math.asin(min(1.0, 0.5 * math.sqrt(chord2) / radius))",
        "    return math.sqrt(chord2) + 0.0 * radius",
        ("tests/authority/test_arcs.py::test_the_error_is_below_its_bound[20000.0]",),
    ),
    Mutant(
        "sphere instead of ellipsoid",
        "conflict/narrow.py",
        "    radius = math.sqrt((gx * gx + gy * gy + gz * gz) / measure) / bend",
        "    radius = 6371008.8 + 0.0 * bend * measure",
        ("tests/authority/test_arcs.py::test_the_error_is_below_its_bound[1000000.0]",),
    ),
    Mutant(
        "foot not raised to the surface",
        "conflict/narrow.py",
        "    return x + rise * gx, y + rise * gy, z + rise * gz",
        "    return x + 0.0 * rise, y, z",
        ("tests/laws/test_thresholds.py",),
    ),
    Mutant(
        "enclosure looked for one way only",
        "conflict/narrow.py",
        "        or encloses(v, i, v.points_m[first_j, 0], v.points_m[first_j, 1], v.points_m[first_j, 2])\n",
        "        or (first_j < 0)\n",
        (CASES + "what_lies_whole_inside_an_area_meets_it_whichever_comes_first",),
    ),
    Mutant(
        "crossings not looked for",
        "conflict/narrow.py",
        "crossing = -1.0 if v.core[i] == _POINT or v.core[j] == _POINT else crossing_m(v, i, j, sure)",
        "crossing = -1.0 if sure > 0.0 else crossing_m(v, i, j, sure)",
        (CASES + "bars_cross_with_no_vertex_of_one_in_the_other",),
    ),
    Mutant(
        "line closed like an area",
        "conflict/narrow.py",
        "return rows if v.core[i] == _AREA else rows - 1",
        "return rows if v.core[i] == _AREA or rows > 1 else rows - 1",
        (CASES + "a_line_that_turns_back_is_not_closed_by_an_edge",),
    ),
    Mutant(
        "tolerance with the wrong sign",
        "conflict/narrow.py",
        "    if gap - error > minimum_m + TOLERANCE_M:\n        return CLEAR, math.inf\n",
        "    if gap - error > minimum_m - TOLERANCE_M:\n        return CLEAR, math.inf\n",
        (MILLIMETRE,),
    ),
    Mutant(
        "overlap of buffers of any depth is certain",
        "conflict/narrow.py",
        "    if distance - buffers < -TOLERANCE_M - error:",
        "    if distance - buffers < -error:",
        (MILLIMETRE,),
    ),
    # The definition of distance, which both engines ask.
    Mutant(
        "circle as inscribed polygon",
        "geometry/footprint.py",
        "return CoreKind.POINT, (center,), radius_m",
        "return CoreKind.POINT, (center,), radius_m * 0.9988",  # cos(pi / 64)
        (STORY + "a_centre_further_east",),
    ),
    Mutant(
        "certain up to the minimum itself",
        "geometry/distance.py",
        "(minimum_m > 0 and gap <= minimum_m - TOLERANCE_M)",
        "(minimum_m > 0 and gap <= minimum_m)",
        ("tests/laws/test_thresholds.py",),
    ),
    Mutant(
        "distance measured from one outline only",
        "geometry/distance.py",
        "for from_, to in ((a, b), (b, a)):",
        "for from_, to in ((a, b),):",
        ("tests/authority/test_distances.py::test_gaps_agree_within_a_centimetre[47.0]",),
    ),
    Mutant(
        "middle of an area forgotten",
        "geometry/distance.py",
        "found = [] if self.middle is None else [self.middle]",
        "found: list[LatLng] = []",
        (EQUAL,),
    ),
    Mutant(
        "directions not wrapped at 180 degrees",
        "geometry/distance.py",
        "turn += math.remainder(there - here, 360.0)",
        "turn += there - here",
        ("tests/unit/test_footprint.py::test_a_polygon_round_a_pole_has_the_pole_inside",),
    ),
    # Edges.
    Mutant(
        "planar edge",
        "geometry/surface.py",
        "height = np.where(share == 0, 0.0, -2 * c / (b + np.sqrt(b * b - 4 * a * c)))",
        "height = 0.0 * (a + b + c)",
        ("tests/authority/test_edges.py",),
    ),
    Mutant(
        "long edge without GeographicLib's points",
        "geometry/surface.py",
        "far = np.flatnonzero(chord_m * _ARC_PER_CHORD > SECTION_M)",
        "far = np.flatnonzero(chord_m > 1e9)",
        ("tests/authority/test_edges.py",),
    ),
    Mutant(
        "way home left out of a ring",
        "geometry/surface.py",
        "following[last] = np.where(closed, outlines.offsets[:-1], last)",
        "following[last] = np.where(closed, last, last)",
        ("tests/authority/test_edges.py",),
    ),
    # Time.
    Mutant(
        "time strict instead of closed, in the kernel",
        "conflict/kernels.py",
        "                if v.start_us[j] > v.end_us[i]:\n",
        "                if v.start_us[j] >= v.end_us[i]:\n",
        (CASES + "the_sweep_stops_neither_too_early_nor_at_the_last_instant",),
    ),
    Mutant(
        "time strict instead of closed, in the definition",
        "geometry/volume.py",
        "start is not None and end is not None and start > end",
        "start is not None and end is not None and start >= end",
        (CLOSED + "two_windows_meet_if_they_share_an_instant",),
    ),
    Mutant(
        "end of a window rounded down",
        "units.py",
        'rounded_up = 1 if end and fraction[6:].strip("0") else 0',
        "rounded_up = 0",
        ("tests/unit/test_units.py::test_what_is_finer_than_a_microsecond_is_rounded_outward",),
    ),
    # Height.
    Mutant(
        "feet as metres",
        "units.py",
        "AltitudeUnit.FT: DMM_PER_FOOT,",
        "AltitudeUnit.FT: DMM_PER_METRE,",
        (REFERENCES + "13000_ft_less_10000_ft_is_exactly_3000_ft",),
    ),
    Mutant(
        "bands that touch do not meet, in the kernel",
        "conflict/narrow.py",
        "        if least > 0 and least >= minimum_dmm:\n            return CLEAR\n",
        "        if least >= 0 and least >= minimum_dmm:\n            return CLEAR\n",
        (CASES + "bands_that_touch_meet_and_the_minimum_itself_is_clear",),
    ),
    Mutant(
        "bands that touch do not meet, in the definition",
        "geometry/band.py",
        "        if least > 0 and least >= minimum_dmm:",
        "        if least >= 0 and least >= minimum_dmm:",
        (CLOSED + "two_bands_meet_if_they_share_a_height_or_keep_less_than_the_minimum",),
    ),
    Mutant(
        "the vertical minimum itself is not enough, in the kernel",
        "conflict/narrow.py",
        "        if least > 0 and least >= minimum_dmm:\n            return CLEAR\n",
        "        if least > 0 and least > minimum_dmm:\n            return CLEAR\n",
        (REFERENCES + "13000_ft_less_10000_ft_is_exactly_3000_ft",),
    ),
    Mutant(
        "the vertical minimum itself is not enough, in the definition",
        "geometry/band.py",
        "        if least > 0 and least >= minimum_dmm:",
        "        if least > 0 and least > minimum_dmm:",
        ("tests/unit/test_band.py::test_the_minimum_itself_is_enough",),
    ),
    Mutant(
        "quick refusal by height ignores the minimum",
        "conflict/kernels.py",
        "    return least > 0 and least >= minimum_dmm\n",
        "    return least > 0\n",
        (CASES + "bands_that_touch_meet_and_the_minimum_itself_is_clear",),
    ),
    Mutant(
        "W84 and AMSL compared natively, in the definition",
        "geometry/band.py",
        "if lower.reference is upper.reference and (",
        "if (lower.reference is upper.reference or max(lower.reference, upper.reference) < 3) and (",
        (REFERENCES + "the_table",),
    ),
    Mutant(
        "W84 and AMSL compared natively, in the kernel",
        "conflict/narrow.py",
        "native = lower == upper and (",
        "native = (lower == upper or max(lower, upper) < 3) and (",
        (REFERENCES + "the_table",),
    ),
    Mutant(
        "heights above ground compared natively at a distance, in the definition",
        "geometry/band.py",
        "(same_ground or lower.reference is not Reference.AGL)",
        "(same_ground or lower.reference is not None)",
        (REFERENCES + "the_table",),
    ),
    Mutant(
        "heights above ground compared natively at a distance, in the kernel",
        "conflict/narrow.py",
        "(same_ground or lower != _AGL)",
        "(same_ground or lower != 0)",
        (REFERENCES + "the_table",),
    ),
    Mutant(
        "geoid with the wrong sign",
        "geometry/band.py",
        "            return dmm - high, dmm - low\n",
        "            return dmm + low, dmm + high\n",
        (REFERENCES + "what_a_limit_can_mean_above_sea_level",),
    ),
    Mutant(
        "levels below 0 with the factors of those above",
        "geometry/band.py",
        "low + min(dmm * 3 // 4, dmm * 6 // 5)",
        "low + dmm * 3 // 4",
        (REFERENCES + "what_a_limit_can_mean_above_sea_level",),
    ),
    Mutant(
        "bounds of a level rounded inward, in the kernel",
        "conflict/narrow.py",
        "return _PRESSURE_HIGH + max(-(-dmm * 3 // 4), -(-dmm * 6 // 5))",
        "return _PRESSURE_HIGH + max(dmm * 3 // 4, dmm * 6 // 5) - 10",
        ("tests/laws/test_vertical_kernel.py",),
    ),
    Mutant(
        "first estimate for flight levels",
        "geometry/band.py",
        "(-1_600 * DMM_PER_METRE, 800 * DMM_PER_METRE)",
        "(-1_500 * DMM_PER_METRE, 700 * DMM_PER_METRE)",
        ("tests/authority/test_flight_level.py",),
    ),
    # What is refused, and what is kept.
    Mutant(
        "180 and -180 taken for two places",
        "geometry/footprint.py",
        "return LatLng(point.lat_deg, ANTIMERIDIAN_DEG if point.lng_deg == -ANTIMERIDIAN_DEG else point.lng_deg)",
        "return point",
        ("tests/unit/test_footprint.py::test_a_footprint_that_can_not_be_used_is_refused_by_name",),
    ),
    Mutant(
        "crossings of edges that are not next in the sweep missed",
        "geometry/chart.py",
        'reach = np.searchsorted(low[order, 0], high[order, 0], side="right") - np.arange(n) - 1',
        "reach = np.minimum(1, n - np.arange(n) - 1)",
        ("tests/unit/test_chart.py::test_the_sweep_finds_what_comparing_all_edges_finds",),
    ),
    Mutant(
        "shared ground forgotten where the footprints meet, in the definition",
        "conflict/exact.py",
        "if vertical is Certainty.POSSIBLE and minimum.horizontal_m > 0:",
        "if vertical is Certainty.POSSIBLE and minimum.horizontal_m < 0:",
        (SHARED_GROUND,),
    ),
    Mutant(
        "shared ground forgotten where the footprints meet, in the kernel",
        "conflict/kernels.py",
        "if up == POSSIBLE and not same_ground and",
        "if up == CLEAR and not same_ground and",
        (SHARED_GROUND,),
    ),
    Mutant(
        "gap of a few millimetres where shapes overlap",
        "conflict/narrow.py",
        "    if gap > CHART_ERROR_M and distance <= sure + error:",
        "    if gap > CHART_ERROR_M and distance <= 0.0:",
        ("tests/laws/test_batch_on_hard_shapes.py::test_overlaps_of_a_few_millimetres_have_no_gap",),
    ),
    Mutant(
        "middles of edges forgotten, in the definition",
        "geometry/distance.py",
        "if i == 0 or self.pieces[i - 1].edge != piece.edge:",
        "if i < 0:",
        (STACKED,),
    ),
    Mutant(
        "middles of edges forgotten, in the kernel",
        "conflict/narrow.py",
        "for half in range(2):",
        "for half in range(1):",
        (STACKED,),
    ),
    Mutant(
        "crossings counted instead of rounds",
        "conflict/narrow.py",
        "    return rounds != 0\n",
        "    return rounds % 2 != 0\n",
        (TOUCHING,),
    ),
    Mutant(
        "outlines looked at once for crossings",
        "geometry/footprint.py",
        "for skew in (0.0, SKEW):",
        "for skew in (0.0,):",
        (TOUCHING,),
    ),
    Mutant(
        "a stale kernel after an edit",
        "conflict/jit.py",
        '"conflict/narrow.py"',
        '"conflict/jit.py"',
        (EDIT + "[narrow.py]",),
    ),
    Mutant(
        "kernels taken from a folder that others may write",
        "conflict/jit.py",
        "status.st_mode & 0o022",
        "status.st_mode & 0o000",
        ("tests/unit/test_jit.py::test_a_folder_that_others_may_write_is_not_used",),
    ),
]


def run_tests(folder: Path, tests: Sequence[str], mutant: Mutant | None) -> tuple[int, str]:
    """pytest's exit code and words on a copy of the checkout in `folder`, with the fault planted if there is one."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    if mutant is not None:
        file = folder / "src/tansiq" / mutant.file
        file.write_text(file.read_text("utf-8").replace(mutant.text, mutant.fault), "utf-8")
    cache = folder / "kernels"
    cache.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", START, "-x", "-q", "-p", "no:cacheprovider", *tests],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder / "src"), "TANSIQ_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def planted(mutant: Mutant) -> bool:
    """Whether the fault can be planted: its text stands in the file exactly once, and is not its own replacement."""
    text = (ROOT / "src/tansiq" / mutant.file).read_text("utf-8")
    return text.count(mutant.text) == 1 and mutant.text != mutant.fault


def verdict(mutant: Mutant) -> tuple[bool, str]:
    """Whether the fault is caught, and a line that says by which test."""
    if not planted(mutant):
        return False, "its text does not stand in the file exactly once"
    with tempfile.TemporaryDirectory() as folder:
        code, words = run_tests(Path(folder), mutant.tests, mutant)
    failed = [line.split(" - ")[0].removeprefix("FAILED ") for line in words.splitlines() if line.startswith("FAILED ")]
    if code == TESTS_FAILED and failed:
        return True, f"caught by {failed[0]}"
    return False, f"NOT caught, pytest ended with {code}\n{words[-2000:] if code else ''}"


def main(words: Sequence[str]) -> int:
    """Plants the faults whose names have one of the words, or all, and says which were caught."""
    chosen = [m for m in MUTANTS if not words or any(word in m.name for word in words)]
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        code, output = run_tests(Path(folder), sorted({test for m in chosen for test in m.tests}), None)
    if code:
        print(f"The tests do not pass without a fault: pytest ended with {code}\n{output[-4000:]}")
        return 1
    print(f"{time.monotonic() - begin:4.0f} s  the tests pass without a fault", flush=True)
    passed = 0
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for mutant, (caught, line) in zip(chosen, pool.map(verdict, chosen), strict=True):
            passed += caught
            print(f"{time.monotonic() - begin:4.0f} s  {mutant.name}: {line}", flush=True)
    print(f"{passed} passed, {len(chosen) - passed} failed")
    return 0 if passed == len(chosen) > 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
