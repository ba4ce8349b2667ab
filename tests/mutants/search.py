"""Faults in how pairs are found in a batch: cells, sweeps, giants, and the work cut into shares."""

from typing import Final

from tests.mutants.plant import Mutant

CASES: Final = "tests/unit/test_batch_cases.py::test_"
CELLS: Final = "tests/laws/test_cells.py::test_"
RING: Final = CASES + "other_cells_in_the_same_bucket_do_not_end_the_sweep"
INSTANTS: Final = CASES + "the_sweep_stops_neither_too_early_nor_at_the_last_instant"
GIANTS: Final = CASES + "giants_meet_each_other_and_the_small_ones_before_and_after_them"
TOUCHING_BANDS: Final = CASES + "bands_that_touch_meet_and_the_minimum_itself_is_clear"
EQUAL: Final = (
    "tests/laws/test_batch_on_hard_shapes.py::"
    "test_equal_polygons_are_certain_wherever_they_start_and_however_they_turn[5.0-at the origin]"
)
SCOPE: Final = CASES + "the_scope_asks_for_sides_and_parties"
BOTH_SCOPES: Final = "tests/laws/test_batch_equals_exact.py::test_in_every_scope[0]"
HEIGHTS: Final = "tests/laws/test_vertical_kernel.py::test_the_kernel_says_what_the_definition_says"
SHARED_GROUND: Final = (
    "tests/laws/test_monotony.py::"
    "test_heights_above_ground_are_compared_natively_where_the_footprints_share_it_whatever_the_minimum"
)

MUTANTS: Final = [
    # Marks and cells.
    Mutant(
        "cell missed at a boundary",
        "conflict/cells.py",
        "here = key(x, y, z)",
        "here = key(x, min(y, max(y0, cell(m.high_y_m, cell_m) - 1)), z)",
        ("tests/unit/test_batch_cases.py::test_a_circle_at_the_pole_lies_in_the_cap_that_reaches_round_it",),
    ),
    Mutant(
        "boxes of marks shrunk at one end",
        "conflict/cells.py",
        "box[3] + grown, box[4] + grown, box[5] + grown",
        "box[3] + grown, box[1] + grown, box[5] + grown",
        ("tests/unit/test_batch_cases.py::test_what_lies_whole_inside_an_area_meets_it_whichever_comes_first",),
    ),
    Mutant(
        "half of the minimum forgotten when boxes are grown for cells",
        "conflict/cells.py",
        "grown = half_m[kind[i]] + TOLERANCE_M + FLOAT32_M",
        "grown = 0.0 * half_m[kind[i]] + TOLERANCE_M + FLOAT32_M",
        (CASES + "boxes_are_grown_by_half_of_the_minimum", GIANTS),
    ),
    Mutant(
        "growing table of cells loses the first of them",
        "conflict/cells.py",
        "        if slots[slot] != FREE:\n            there",
        "        if slots[slot] != FREE and numbers[slot] > 7:\n            there",
        (RING,),
    ),
    Mutant(
        "place in a cell along an axis forgotten: a pair is told in several cells",
        "conflict/sweep.py",
        "& ((m.begins | n.begins) == HERE)",
        "& ((m.begins | n.begins) >= 0)",
        (RING,),
    ),
    Mutant(
        "only pairs told that begin in the same cell",
        "conflict/sweep.py",
        "& ((m.begins | n.begins) == HERE)",
        "& ((m.begins & n.begins) == HERE)",
        (RING,),
    ),
    Mutant(
        "low corner of one box instead of that of the overlap",
        "conflict/sweep.py",
        "& ((m.begins | n.begins) == HERE)",
        "& (m.begins == HERE)",
        ("tests/unit/test_batch_cases.py::test_what_lies_whole_inside_an_area_meets_it_whichever_comes_first",),
    ),
    # The sweep.
    Mutant(
        "early break in the time sweep",
        "conflict/sweep.py",
        "                if glances[b].start_us > m.end_us:\n",
        "                if glances[b].start_us > min(m.end_us, marks[chosen[b - 1]].end_us):\n",
        (INSTANTS,),
    ),
    Mutant(
        "time strict instead of closed, in the sweep",
        "conflict/sweep.py",
        "                if glances[b].start_us > m.end_us:\n",
        "                if glances[b].start_us >= m.end_us:\n",
        (INSTANTS,),
    ),
    Mutant(
        "sweep ended by the first that is not close",
        "conflict/sweep.py",
        "                if not _close(glances[a], glances[b]):\n                    continue\n",
        "                if not _close(glances[a], glances[b]):\n                    break\n",
        (RING,),
    ),
    Mutant(
        "undecided treated as clear, in the sweep",
        "conflict/sweep.py",
        "minimum_m, minimum_dmm)\n                    if told == CLEAR:\n",
        "minimum_m, minimum_dmm)\n                    if told in (CLEAR, UNDECIDED):\n",
        (EQUAL,),
    ),
    Mutant(
        "undecided in the plane treated as clear, in the sweep",
        "conflict/sweep.py",
        "                if told == CLEAR:\n                    continue\n                i, j",
        "                if told in (CLEAR, UNDECIDED):\n                    continue\n                i, j",
        (EQUAL,),
    ),
    Mutant(
        "certain in the plane taken for certain in height",
        "conflict/sweep.py",
        "if told == UNDECIDED or vertical(rows[a], rows[b], minimum_dmm, minimum_m == 0.0) != CERTAIN:",
        "if told == UNDECIDED or vertical(rows[a], rows[b], minimum_dmm, minimum_m == 0.0) == CLEAR:",
        ("tests/laws/test_giants.py::test_giants_of_every_kind_height_time_and_party",),
    ),
    Mutant(
        "minima by one kind alone, in the sweep",
        "conflict/sweep.py",
        "minima_m[m.kind, n.kind]",
        "minima_m[m.kind, m.kind]",
        (CASES + "the_minimum_is_that_of_the_pair_of_kinds",),
    ),
    Mutant(
        "volumes of one group compared",
        "conflict/sweep.py",
        "& (m.group != n.group)",
        "& (m.group >= -n.group)",
        ("tests/laws/test_batch_equals_exact.py::test_volumes_of_one_intent_do_not_conflict",),
    ),
    Mutant(
        "parties ignored where sides are asked for as well, in the sweep",
        "conflict/sweep.py",
        "                if m.party == n.party:\n",
        "                if m.volume == n.volume:\n",
        (BOTH_SCOPES,),
    ),
    Mutant(
        "shared ground forgotten where the footprints meet, in the kernel",
        "conflict/sweep.py",
        "    if up == POSSIBLE and not same_ground and",
        "    if up == CLEAR and not same_ground and",
        (SHARED_GROUND,),
    ),
    # What heights tell at a glance.
    Mutant(
        "quick refusal by height ignores the minimum",
        "conflict/sweep.py",
        "row.native_high_dmm = clipped(int(m.upper_dmm) + half_dmm)",
        "row.native_high_dmm = clipped(int(m.upper_dmm) + 0 * half_dmm)",
        (TOUCHING_BANDS, HEIGHTS + "[3048000-True]"),
    ),
    Mutant(
        "quick refusal by height above sea level ignores the minimum",
        "conflict/sweep.py",
        "row.low_dmm = clipped(int(m.low_dmm) - half_dmm)",
        "row.low_dmm = clipped(int(m.low_dmm) - 0 * half_dmm)",
        (HEIGHTS + "[3048000-True]",),
    ),
    Mutant(
        "heights that grow past 32 bits",
        "conflict/cells.py",
        "    return max(-UNBOUNDED_DMM, min(UNBOUNDED_DMM, dmm))",
        "    return dmm",
        (HEIGHTS + "[3048000-True]",),
    ),
    Mutant(
        "heights above ground refused natively at a distance",
        "conflict/sweep.py",
        "(same_ground or m.lower_reference != _AGL)",
        "(same_ground or m.lower_reference != 0)",
        (HEIGHTS + "[0-False]",),
    ),
    Mutant(
        "limits of two references refused as if they were of one",
        "conflict/sweep.py",
        "native = (m.native == n.native) & (m.native != NO_LIMIT)",
        "native = (m.native == n.native) | (m.native != NO_LIMIT)",
        (HEIGHTS + "[0-False]",),
    ),
    # Giants and tiles.
    Mutant(
        "giants skipped",
        "conflict/batch.py",
        "        for smaller, smaller_m in below:\n",
        "        for smaller, smaller_m in below[1:]:\n",
        (GIANTS,),
    ),
    Mutant(
        "giants do not meet giants",
        "conflict/batch.py",
        "for begin, stop in _shares(cells.starts):",
        "for begin, stop in _shares(cells.starts if level == levels.min() else cells.starts[:1]):",
        (GIANTS,),
    ),
    Mutant(
        "giants meet only what starts before them",
        "conflict/giants.py",
        "    if m.start_us > n.end_us or",
        "    if m.start_us > n.start_us or",
        (GIANTS,),
    ),
    Mutant(
        "time strict instead of closed, for giants",
        "conflict/giants.py",
        "                        if g.start_us > t.end_us:\n",
        "                        if g.start_us >= t.end_us:\n",
        (GIANTS,),
    ),
    Mutant(
        "last cells of a tile not looked into",
        "conflict/giants.py",
        "for z in range(z0, cell(t.high_z_m, size_m) + 1):",
        "for z in range(z0, max(cell(t.high_z_m, size_m), z0 + 1)):",
        ("tests/laws/test_cells.py::test_boxes_whose_corners_stand_exactly_on_cell_edges",),
    ),
    Mutant(
        "a giant told in every cell that it shares with a tile",
        "conflict/giants.py",
        "if (cells.begins[entry] | begins) != HERE or",
        "if (cells.begins[entry] | begins) < 0 or",
        ("tests/laws/test_giants.py::test_small_volumes_inside_outside_and_across_the_border",),
    ),
    Mutant(
        "tile taken for decided although its ball crosses the border",
        "conflict/giants.py",
        "        if away_m - error <= reach_m:\n",
        "        if away_m - error <= 0.0 * reach_m:\n",
        ("tests/laws/test_giants.py::test_small_volumes_inside_outside_and_across_the_border",),
    ),
    Mutant(
        "tile without the size of its members",
        "conflict/giants.py",
        "math.sqrt(dx * dx + dy * dy + dz * dz) + there.radius_m)",
        "math.sqrt(dx * dx + dy * dy + dz * dz))",
        ("tests/laws/test_giants.py::test_small_volumes_inside_outside_and_across_the_border",),
    ),
    Mutant(
        "tile that lasts no longer than its first member",
        "conflict/giants.py",
        "h.start_us, h.end_us = min(h.start_us, m.start_us), max(h.end_us, m.end_us)",
        "h.start_us, h.end_us = min(h.start_us, m.start_us), max(min(h.end_us, h.start_us), m.end_us)",
        (CELLS + "giants_and_small_ones_in_windows_that_touch",),
    ),
    Mutant(
        "tile no higher than its last member",
        "conflict/giants.py",
        "h.low_dmm, h.high_dmm = min(h.low_dmm, m.low_dmm), max(h.high_dmm, m.high_dmm)",
        "h.low_dmm, h.high_dmm = m.low_dmm, m.high_dmm",
        (CELLS + "giants_and_small_ones_in_windows_that_touch",),
    ),
    Mutant(
        "minimum forgotten where a tile is held against a giant",
        "conflict/giants.py",
        "reach_m = m.buffer_m + radius_m + minimum_m + TOLERANCE_M",
        "reach_m = m.buffer_m + radius_m + 0.0 * minimum_m + TOLERANCE_M",
        ("tests/laws/test_giants.py::test_small_volumes_inside_outside_and_across_the_border",),
    ),
    Mutant(
        "whole tile inside a giant, heights not looked at",
        "conflict/giants.py",
        "    up = vertical(m, n, minimum_dmm, minimum_m == 0.0)\n",
        "    up = max(vertical(m, n, minimum_dmm, minimum_m == 0.0), CERTAIN)\n",
        (CELLS + "giants_and_small_ones_in_windows_that_touch",),
    ),
    Mutant(
        "minima by one kind alone, for giants",
        "conflict/giants.py",
        "minima_m[m.kind, g.kind]",
        "minima_m[m.kind, m.kind]",
        (CELLS + "giants_and_small_ones_in_windows_that_touch",),
    ),
    Mutant(
        "scope ignored for giants",
        "conflict/giants.py",
        "        if m.group == g.group or m.party == g.party or",
        "        if m.volume == g.volume or",
        ("tests/laws/test_giants.py::test_small_volumes_inside_outside_and_across_the_border",),
    ),
    # What is asked, and by how many.
    Mutant(
        "sides ignored",
        "conflict/batch.py",
        "        labels.side\n        if between_sides_only\n",
        "        labels.intent\n        if between_sides_only\n",
        (SCOPE,),
    ),
    Mutant(
        "parties ignored where sides are asked for as well",
        "conflict/batch.py",
        "party = labels.party if between_parties_only and between_sides_only else",
        "party = labels.party if between_parties_only and not between_sides_only else",
        (BOTH_SCOPES,),
    ),
    Mutant(
        "unknown parties are one party",
        "conflict/batch.py",
        "-1 - i if alone[i] else",
        "-1 if alone[i] else",
        (SCOPE,),
    ),
]
