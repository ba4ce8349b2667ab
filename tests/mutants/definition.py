"""Faults in what both engines ask: edges, distances, heights, windows, units; and in what is kept of the kernels."""

from typing import Final

from tests.mutants.plant import Mutant

STORY: Final = "tests/authority/test_story_s1.py::test_"
REFERENCES: Final = "tests/authority/test_altitude_references.py::test_"
CLOSED: Final = "tests/laws/test_closed_ends.py::test_"
EQUAL: Final = (
    "tests/laws/test_batch_on_hard_shapes.py::test_equal_polygons_are_certain_wherever_they_start_and_however_they_turn"
)
EDIT: Final = "tests/unit/test_jit.py::test_an_edit_of_anything_that_is_compiled_in_means_a_new_folder"
TOUCHING: Final = "tests/laws/test_touching_rings.py"
STACKED: Final = "tests/laws/test_stacked_blocks.py"
SHARED_GROUND: Final = (
    "tests/laws/test_monotony.py::"
    "test_heights_above_ground_are_compared_natively_where_the_footprints_share_it_whatever_the_minimum"
)

MUTANTS: Final = [
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
        ("tests/authority/test_distances.py::test_gaps_agree_within_a_centimetre",),
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
    Mutant(
        "feet as metres",
        "units.py",
        "AltitudeUnit.FT: DMM_PER_FOOT,",
        "AltitudeUnit.FT: DMM_PER_METRE,",
        (REFERENCES + "13000_ft_less_10000_ft_is_exactly_3000_ft",),
    ),
    Mutant(
        "bands that touch do not meet, in the definition",
        "geometry/band.py",
        "        if least > 0 and least >= minimum_dmm:",
        "        if least >= 0 and least >= minimum_dmm:",
        (CLOSED + "two_bands_meet_if_they_share_a_height_or_keep_less_than_the_minimum",),
    ),
    Mutant(
        "the vertical minimum itself is not enough, in the definition",
        "geometry/band.py",
        "        if least > 0 and least >= minimum_dmm:",
        "        if least > 0 and least > minimum_dmm:",
        ("tests/unit/test_band.py::test_the_minimum_itself_is_enough",),
    ),
    Mutant(
        "W84 and AMSL compared natively, in the definition",
        "geometry/band.py",
        "if lower.reference is upper.reference and (",
        "if (lower.reference is upper.reference or max(lower.reference, upper.reference) < 3) and (",
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
        "first estimate for flight levels",
        "geometry/band.py",
        "(-1_600 * DMM_PER_METRE, 800 * DMM_PER_METRE)",
        "(-1_500 * DMM_PER_METRE, 700 * DMM_PER_METRE)",
        ("tests/authority/test_flight_level.py",),
    ),
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
        "middles of edges forgotten, in the definition",
        "geometry/distance.py",
        "if i == 0 or self.pieces[i - 1].edge != piece.edge:",
        "if i < 0:",
        (STACKED,),
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
