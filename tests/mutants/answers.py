"""Faults in what the kernels answer of a single pair: distances, enclosure, crossings, heights, and who is asked."""

from typing import Final

from tests.mutants.plant import Mutant

CASES: Final = "tests/unit/test_batch_cases.py::test_"
MILLIMETRE: Final = CASES + "circles_a_millimetre_on_each_side_of_the_centimetre"
HARD: Final = "tests/laws/test_batch_on_hard_shapes.py::test_"

MUTANTS: Final = [
    Mutant(
        "chord instead of surface",
        "conflict/narrow.py",
        "    return 2.0 * radius * math.asin(min(1.0, 0.5 * math.sqrt(chord2) / radius))",
        "    return math.sqrt(chord2) + 0.0 * radius",
        ("tests/laws/test_giants.py::test_small_volumes_inside_outside_and_across_the_border",),
    ),
    Mutant(
        "sphere instead of ellipsoid",
        "conflict/narrow.py",
        "    radius = math.sqrt((gx * gx + gy * gy + gz * gz) / measure) / bend",
        "    radius = 6371008.8 + 0.0 * bend * measure",
        ("tests/laws/test_giants.py::test_small_volumes_inside_outside_and_across_the_border",),
    ),
    Mutant(
        "foot not raised to the surface",
        "conflict/narrow.py",
        "    return x + rise * gx, y + rise * gy, z + rise * gz",
        "    return x + 0.0 * rise, y, z",
        ("tests/laws/test_giants.py::test_small_volumes_inside_outside_and_across_the_border",),
    ),
    Mutant(
        "enclosure looked for one way only",
        "conflict/narrow.py",
        "        or encloses(v, i, w.points_m[first_j, 0], w.points_m[first_j, 1], w.points_m[first_j, 2])\n",
        "        or (first_j < 0)\n",
        ("tests/unit/test_batch_cases.py::test_a_circle_at_the_pole_lies_in_the_cap_that_reaches_round_it",),
    ),
    Mutant(
        "crossings not looked for",
        "conflict/narrow.py",
        "w.volumes[j].core == _POINT else crossing_m(v, i, w, j, sure)",
        "sure > 0.0 else crossing_m(v, i, w, j, sure)",
        (CASES + "bars_cross_with_no_vertex_of_one_in_the_other",),
    ),
    Mutant(
        "line closed like an area",
        "conflict/narrow.py",
        "return count if v.volumes[i].core == _AREA else count - 1",
        "return count if v.volumes[i].core == _AREA or count > 1 else count - 1",
        ("tests/laws/test_batch_on_hard_shapes.py::test_polygons_whose_corners_all_lie_on_one_lattice",),
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
    Mutant(
        "minimum forgotten where balls tell that two are far apart",
        "conflict/narrow.py",
        "v.volumes[i].radius_m + w.volumes[j].radius_m + reach:",
        "v.volumes[i].radius_m + w.volumes[j].radius_m:",
        ("tests/unit/test_batch_cases.py::test_circles_a_millimetre_on_each_side_of_the_centimetre",),
    ),
    Mutant(
        "distance measured from one outline only, in the kernel",
        "conflict/narrow.py",
        "    return _points_to_outline_m(w, j, v, i, best)\n",
        "    return best\n",
        ("tests/laws/test_giants.py::test_small_volumes_inside_outside_and_across_the_border",),
    ),
    Mutant(
        "last point of a line forgotten",
        "conflict/narrow.py",
        "            stop += 1\n",
        "            stop += 0\n",
        ("tests/laws/test_batch_on_hard_shapes.py::test_shapes_smaller_than_the_tolerance",),
    ),
    Mutant(
        "edges of two blocks apart where only their boxes' corners are",
        "conflict/narrow.py",
        "        if _block_side_m(w, j, other, side) > _block_side_m(v, i, block, side + 3):\n",
        "        if _block_side_m(w, j, other, side + 3) > _block_side_m(v, i, block, side + 3):\n",
        ("tests/unit/test_batch_cases.py::test_bars_cross_with_no_vertex_of_one_in_the_other",),
    ),
    Mutant(
        "gap of a few millimetres where shapes overlap",
        "conflict/narrow.py",
        "    if gap > CHART_ERROR_M and distance <= sure + error:",
        "    if gap > CHART_ERROR_M and distance <= 0.0:",
        (HARD + "overlaps_of_a_few_millimetres_have_no_gap",),
    ),
    Mutant(
        "middles of edges forgotten, in the kernel",
        "conflict/narrow.py",
        "for half in range(2):",
        "for half in range(1):",
        ("tests/laws/test_stacked_blocks.py",),
    ),
    Mutant(
        "crossings counted instead of rounds",
        "conflict/narrow.py",
        "    return rounds != 0\n",
        "    return rounds % 2 != 0\n",
        ("tests/laws/test_touching_rings.py::test_a_ring_that_runs_round_twice_has_its_inside_inside",),
    ),
    # Heights.
    Mutant(
        "bands that touch do not meet, in the kernel",
        "conflict/narrow.py",
        "    if least > 0 and least >= minimum_dmm:\n",
        "    if least >= 0 and least >= minimum_dmm:\n",
        (CASES + "bands_that_touch_meet_and_the_minimum_itself_is_clear",),
    ),
    Mutant(
        "the vertical minimum itself is not enough, in the kernel",
        "conflict/narrow.py",
        "    if least > 0 and least >= minimum_dmm:\n",
        "    if least > 0 and least > minimum_dmm:\n",
        ("tests/unit/test_batch_cases.py::test_bands_that_touch_meet_and_the_minimum_itself_is_clear",),
    ),
    Mutant(
        "W84 and AMSL compared natively, in the kernel",
        "conflict/narrow.py",
        "    if lower == upper and (same_ground",
        "    if (lower == upper or max(lower, upper) < 3) and (same_ground",
        ("tests/laws/test_giants.py::test_many_small_ones_close_together_well_inside_a_giant_and_well_outside",),
    ),
    Mutant(
        "heights above ground compared natively at a distance, in the kernel",
        "conflict/narrow.py",
        "(same_ground or lower != _AGL)",
        "(same_ground or lower != 0)",
        ("tests/laws/test_giants.py::test_heights_above_ground_are_certain_inside_a_giant_and_possible_beside_it",),
    ),
    Mutant(
        "bounds of a level rounded inward, in the kernel",
        "conflict/narrow.py",
        "return _PRESSURE_HIGH + max(-(-dmm * 3 // 4), -(-dmm * 6 // 5))",
        "return _PRESSURE_HIGH + max(dmm * 3 // 4, dmm * 6 // 5) - 10",
        ("tests/laws/test_vertical_kernel.py::test_bounds_meet_sea_level_to_the_last_tenth_of_a_millimetre",),
    ),
    # What is put to the definition.
    Mutant(
        "gaps beyond what the kernels know reported as they are",
        "conflict/settle.py",
        "return asked[(found.answers[asked] == UNDECIDED) | (far_m > KNOWN_M)]",
        "return asked[(found.answers[asked] == UNDECIDED) | (far_m < 0)]",
        ("tests/unit/test_batch_cases.py::test_a_gap_between_large_circles_is_told_to_a_millimetre",),
    ),
    Mutant(
        "what the definition finds clear kept",
        "conflict/batch.py",
        "            kept[k] = False\n",
        "            kept[k] = True\n",
        ("tests/laws/test_giants.py::test_small_volumes_inside_outside_and_across_the_border",),
    ),
]
