"""Faults in how volumes are made ready, and in what is decided of small ones in one plane."""

from typing import Final

from tests.mutants.plant import Mutant

CASES: Final = "tests/unit/test_batch_cases.py::test_"
ARRAYS: Final = "tests/laws/test_arrays.py::test_"
HOLD: Final = ARRAYS + "ball_and_box_hold_every_point_of_the_footprint"
PLANE: Final = "tests/laws/test_plane_decides_like_exact.py::test_"
FAMILY: Final = PLANE + "pairs_made_to_be_difficult_are_never_decided_otherwise"
COLUMNS: Final = "tests/laws/test_columns.py::test_"
PLANTED: Final = "tests/laws/test_planted.py::test_"
FLAT: Final = "tests/authority/test_flat.py::test_"

MUTANTS: Final = [
    # Made ready.
    Mutant(
        "box rounded inward",
        "conflict/prepare.py",
        "low[axis] - margin, high[axis] + margin",
        "low[axis] + FLOAT32_M, high[axis] + margin",
        (ARRAYS + "a_box_is_rounded_outward_and_fits",),
    ),
    Mutant(
        "bulge of an area forgotten",
        "conflict/prepare.py",
        "bulge = EQUATORIAL_RADIUS_M * (1.0 - cosine) if",
        "bulge = 0.0 * (1.0 - cosine) if",
        ("tests/laws/test_giants.py::test_small_volumes_inside_outside_and_across_the_border",),
    ),
    Mutant(
        "buffer left out of the ball",
        "conflict/prepare.py",
        "m.radius_m = radius + m.buffer_m",
        "m.radius_m = radius + 0.0 * m.buffer_m",
        (HOLD,),
    ),
    Mutant(
        "buffer taken to run square to the line from the Earth's centre",
        "conflict/prepare.py",
        "1.0 - up[axis] ** 2)) + lean)",
        "1.0 - up[axis] ** 2)) + 0.0 * lean)",
        (HOLD,),
    ),
    Mutant(
        "series of the sine without its cubic term",
        "conflict/prepare.py",
        "sine = x * (1.0 - x2 / 6.0 * (1.0",
        "sine = x * (1.0 - 0.0 * x2 / 6.0 * (1.0",
        (COLUMNS + "vectors_are_those_of_the_earth_to_a_few_nanometres",),
    ),
    Mutant(
        "long edge not suspected",
        "conflict/prepare.py",
        "limit_deg = math.degrees(0.99 * STEP_M / _GREATEST_RADIUS_M)",
        "limit_deg = math.degrees(9.9 * STEP_M / _GREATEST_RADIUS_M)",
        ("tests/laws/test_arrays.py::test_the_kernel_encloses_what_the_definition_encloses_away_from_the_boundary",),
    ),
    Mutant(
        "long way home of a ring not suspected",
        "conflict/prepare.py",
        "            if b == first and core[i] != _AREA:\n",
        "            if b == first:\n",
        (COLUMNS + "no_edge_is_longer_than_a_step_and_every_vertex_that_was_given_is_there",),
    ),
    Mutant(
        "blocks of an outline one edge short",
        "conflict/prepare.py",
        "for row in range(first, first + BLOCK + 1):",
        "for row in range(first, first + BLOCK):",
        (COLUMNS + "a_long_outline_has_blocks_whose_boxes_hold_their_edges",),
    ),
    Mutant(
        "last block of a ring not closed",
        "conflict/prepare.py",
        "k = row if row < stop else begin if m.core == _AREA else stop - 1",
        "k = row if row < stop else stop - 1",
        ("tests/laws/test_giants.py::test_small_volumes_inside_outside_and_across_the_border",),
    ),
    Mutant(
        "inner disc of an area that reaches its corners",
        "conflict/prepare.py",
        "least2 = min(least2, point_to_segment2(0.0, 0.0, x0, y0, x1, y1))",
        "least2 = min(least2, x0 * x0 + y0 * y0)",
        (
            "tests/laws/test_plane_decides_like_exact.py::test_pairs_at_random_are_decided_as_a_rule_and_never_otherwise",
        ),
    ),
    Mutant(
        "inner disc of an area round a middle outside of it",
        "conflict/prepare.py",
        "    if rounds != 0:\n",
        "    if rounds < 9:\n",
        ("tests/laws/test_plane_decides_like_exact.py::test_pairs_made_to_be_difficult_are_never_decided_otherwise",),
    ),
    # Decided in a plane.
    Mutant(
        "error of the plane left out",
        "conflict/flat.py",
        "    return lean * (1.4 * lean * reach_m",
        "    return 0.0 * lean * (1.4 * lean * reach_m",
        (FLAT + "no_distance_in_the_plane_is_off_by_more_than_the_bound_which_is_not_absurd[1000.0]",),
    ),
    Mutant(
        "tilt of the ellipsoid's normal left out of the plane's error",
        "conflict/flat.py",
        "    lean = TILT + reach_m / LEAST_RADIUS_M\n",
        "    lean = reach_m / LEAST_RADIUS_M\n",
        (FLAT + "no_distance_in_the_plane_is_off_by_more_than_the_bound_which_is_not_absurd[1000.0]",),
    ),
    Mutant(
        "half of the minimum forgotten when boxes are grown in the plane",
        "conflict/flat.py",
        "row.margin_m = m.buffer_m + half_m +",
        "row.margin_m = m.buffer_m + 0.0 * half_m +",
        (CASES + "boxes_are_grown_by_half_of_the_minimum",),
    ),
    Mutant(
        "buffer forgotten when boxes are grown in the plane",
        "conflict/flat.py",
        "row.margin_m = m.buffer_m + half_m +",
        "row.margin_m = 0.0 * m.buffer_m + half_m +",
        (
            CASES + "boxes_are_grown_by_half_of_the_minimum",
            CASES + "other_cells_in_the_same_bucket_do_not_end_the_sweep",
        ),
    ),
    Mutant(
        "small line closed like an area",
        "conflict/flat.py",
        "m.count if m.core == _AREA else max(1, m.count - 1)",
        "m.count if m.core == _AREA or m.count > 2 else max(1, m.count - 1)",
        ("tests/unit/test_batch_cases.py::test_a_line_that_turns_back_is_not_closed_by_an_edge",),
    ),
    Mutant(
        "circles apart by more than the tolerance clear whatever the plane's error",
        "conflict/flat.py",
        "away2 > (buffers + minimum_m + TOLERANCE_M + error_m) ** 2",
        "away2 > (buffers + minimum_m + TOLERANCE_M - error_m) ** 2",
        (FAMILY + "[rims]",),
    ),
    Mutant(
        "middles within the buffers certain whatever the plane's error",
        "conflict/flat.py",
        "within = inner + buffers - TOLERANCE_M - error_m",
        "within = inner + buffers - TOLERANCE_M + error_m",
        (FAMILY + "[rims]",),
    ),
    Mutant(
        "overlap of buffers of any depth is certain, in the plane",
        "conflict/flat.py",
        "within = inner + buffers - TOLERANCE_M - error_m",
        "within = inner + buffers - error_m",
        (FAMILY + "[rims]",),
    ),
    Mutant(
        "middle within the inner disc of one of two areas taken for one in its own",
        "conflict/flat.py",
        "sure = min(m.inner_m, n.inner_m) > 0.0 and",
        "sure = max(m.inner_m, n.inner_m) > 0.0 and",
        ("tests/laws/test_plane_decides_like_exact.py::test_pairs_made_to_be_difficult_are_never_decided_otherwise",),
    ),
    Mutant(
        "tolerance left out of what is far, in the plane",
        "conflict/flat.py",
        "far, deep = buffers + minimum_m + TOLERANCE_M + error_m, ",
        "far, deep = buffers + minimum_m, ",
        (FAMILY + "[touching_rectangles]",),
    ),
    Mutant(
        "edges that touch taken for edges that cross, in the plane",
        "conflict/flat.py",
        "pq * pq > deep * deep * lw2 and rs * rs > deep * deep * lu2",
        "pq * pq > 0.0 * deep * lw2 and rs * rs > 0.0 * deep * lu2",
        (FAMILY + "[touching_rectangles]",),
    ),
    Mutant(
        "lines of edges crossing taken for edges crossing, in the plane",
        "conflict/flat.py",
        "    if p * q < 0.0 and r * s < 0.0:\n",
        "    if p * q < 0.0 or r * s < 0.0:\n",
        ("tests/laws/test_giants.py::test_nothing_changes_where_nearly_everything_is_a_giant",),
    ),
    Mutant(
        "buffers that overlap a little taken for certain, in the plane",
        "conflict/flat.py",
        "far, deep, buffers - deep)",
        "far, deep, buffers)",
        (FAMILY + "[corridors]",),
    ),
    Mutant(
        "areas looked into one way only, in the plane",
        "conflict/flat.py",
        "CERTAIN if _holds(points, m, n) or _holds(points, n, m) else CLEAR",
        "CERTAIN if _holds(points, n, m) else CLEAR",
        ("tests/laws/test_giants.py::test_giants_in_giants_on_several_levels",),
    ),
    Mutant(
        "crossings counted instead of rounds, in the plane",
        "conflict/flat.py",
        "    return rounds != 0\n",
        "    return rounds % 2 != 0\n",
        (PLANTED + "what_lies_in_the_corner_of_a_ring_that_runs_round_twice_is_inside",),
    ),
    Mutant(
        "ray through a corner counted twice",
        "conflict/flat.py",
        "    if y0 <= 0.0 < y1:\n",
        "    if y0 <= 0.0 <= y1:\n",
        (
            "tests/laws/test_batch_on_hard_shapes.py::test_a_lattice_that_touches_everywhere_is_possible_at_every_side_and_corner",
        ),
    ),
    Mutant(
        "edges near the other's box, but not near enough, left out",
        "conflict/flat.py",
        "    grown = far - n.margin_m\n",
        "    grown = -n.margin_m\n",
        (FAMILY + "[touching_rectangles]", FAMILY + "[corridors]"),
    ),
]
