"""Faults in readers and writers, in zones and schedules, and in what is explained and suggested."""

from typing import Final

from tests.mutants.plant import Mutant

KML: Final = ("tests/unit/test_formats_kml.py",)
GEOJSON: Final = ("tests/unit/test_formats_geojson.py",)
CONVERSIONS: Final = ("tests/laws/test_conversions.py",)
ZONES: Final = ("tests/unit/test_zone.py", "tests/laws/test_schedules.py")
ED318: Final = ("tests/unit/test_formats_ed318.py",)
PLAN: Final = ("tests/unit/test_formats_plan.py",)
RESOLVE: Final = ("tests/laws/test_resolve.py",)
ANSWERS: Final = ("tests/unit/test_cli_answers.py",)
EVERY_ENGINE: Final = ("tests/laws/test_batch_equals_exact.py", "tests/laws/test_index.py")

MUTANTS: Final = [
    # Hostile files.
    Mutant(
        "entities of XML are expanded",
        "formats/kit/xml.py",
        "    parser.StartDoctypeDeclHandler = _refuse_doctype\n    parser.EntityDeclHandler = _refuse_doctype\n",
        "",
        KML,
    ),
    Mutant("XML of any depth", "formats/kit/xml.py", "if len(self._open) >= LIMITS.xml_depth:", "if False:", KML),
    Mutant(
        "XML of any number of elements",
        "formats/kit/xml.py",
        "if self._elements > LIMITS.xml_elements:",
        "if False:",
        KML,
    ),
    Mutant("XML of another encoding than it says", "formats/kit/xml.py", "    if not agree:\n", "    if False:\n", KML),
    Mutant(
        "brackets thousands deep end the program",
        "formats/kit/strict.py",
        "except (RecursionError, ValueError) as error:",
        "except ValueError as error:",
        (*GEOJSON, *PLAN),
    ),
    Mutant(
        "integers of thousands of digits end the program",
        "formats/kit/strict.py",
        "except (RecursionError, ValueError) as error:",
        "except RecursionError as error:",
        (*GEOJSON, *PLAN),
    ),
    Mutant(
        "archive that is cut off ends the program",
        "formats/kml/kmz.py",
        "    zipfile.BadZipFile,\n",
        "",
        KML,
    ),
    Mutant(
        "archive unpacked without a limit",
        "formats/kml/kmz.py",
        "found = packed.read(LIMITS.xml_bytes + 1)",
        "found = packed.read()[: LIMITS.xml_bytes]",
        KML,
    ),
    Mutant(
        "header of an archive believed", "formats/kml/kmz.py", "if len(found) != entry.file_size:", "if False:", KML
    ),
    # What is not kept is told, and what stands for it is not less.
    Mutant(
        "holes filled in silence",
        "formats/geojson/read.py",
        "        if holes:\n",
        "        if False:\n",
        GEOJSON,
    ),
    Mutant(
        "pins lost in silence",
        "formats/kml/read.py",
        "        if len(kept) < len(shapes):\n",
        "        if False:\n",
        KML,
    ),
    Mutant(
        "edges of others taken for geodesics",
        "formats/kit/straight.py",
        "    dense, off_m = _divided([*ring, *ring[:1]], field, wrap=False)\n",
        "    dense, off_m = [*ring, *ring[:1]], 0.0\n",
        CONVERSIONS,
    ),
    Mutant(
        "a volume that somebody deleted from a file is not missed",
        "formats/kit/gather.py",
        "        if missing:\n",
        "        if False:\n",
        (*GEOJSON, *KML),
    ),
    Mutant(
        "a month ends with its first day",
        "formats/kit/periods.py",
        'last_us = _end_us(year, found["month"] and month, found["day"] and day)',
        "last_us = _end_us(year, month, day)",
        CONVERSIONS,
    ),
    Mutant(
        "time without a zone taken for UTC",
        "formats/kit/periods.py",
        "(_EAST_US, _WEST_US) if offset_us is None",
        "(0, 0) if offset_us is None",
        (*CONVERSIONS, *ED318),
    ),
    Mutant(
        "estimate lost when a plan is written",
        "formats/plan/write.py",
        "_time(window.end_us), volume.estimated)",
        "_time(window.end_us))",
        PLAN,
    ),
    Mutant(
        "a ship's volume without limits written as one without a band",
        "formats/plan/write.py",
        "volume.band == UNBOUNDED != band_or_default(kind, None, None)",
        "False",
        PLAN,
    ),
    # Zones.
    Mutant(
        "zones compared with zones",
        "conflict/batch.py",
        "        every = _rows(every, ~(zones[every.first] & zones[every.second]))\n",
        "        pass\n",
        ("tests/laws/test_batch_equals_exact.py",),
    ),
    Mutant(
        "zones compared with zones by the index",
        "conflict/index.py",
        'kept = (asked.labels.kind[hits.row] != ZONE) | (others["kind"] != ZONE)',
        "kept = np.ones(len(places), np.bool_)",
        ("tests/laws/test_index.py",),
    ),
    Mutant(
        "zone of a party left out between parties",
        "conflict/batch.py",
        "intent.party == UNKNOWN_PARTY or intent.kind is Kind.ZONE for intent",
        "intent.party == UNKNOWN_PARTY for intent",
        EVERY_ENGINE,
    ),
    Mutant(
        "an estimate is certain",
        "conflict/batch.py",
        "    every.answers[columns.estimated[every.first] | columns.estimated[every.second]] = Certainty.POSSIBLE\n",
        "",
        ("tests/laws/test_batch_equals_exact.py",),
    ),
    Mutant(
        "an estimate is certain, for the index",
        "conflict/index.py",
        "        hits.certainty[estimated & (hits.certainty == Certainty.CERTAIN)] = Certainty.POSSIBLE\n",
        "",
        ("tests/laws/test_index.py",),
    ),
    Mutant(
        "an estimate is certain, by definition",
        "conflict/exact.py",
        "Certainty.POSSIBLE if a.volume.estimated or b.volume.estimated else Certainty.CERTAIN",
        "Certainty.CERTAIN",
        ("tests/unit/test_explain.py", "tests/laws/test_batch_equals_exact.py"),
    ),
    Mutant(
        "schedule past the limit cut off",
        "domain/zone.py",
        "            return list(_united(whole)), False\n",
        "            return list(_united(found[:most])), True\n",
        ZONES,
    ),
    Mutant(
        "windows that touch are cut apart by their order",
        "domain/zone.py",
        "if start_us is not None and next_start_us <= end_us:",
        "if start_us is not None and next_start_us < end_us:",
        ZONES,
    ),
    Mutant(
        "zones expanded at the first plan's time alone",
        "cli/inputs.py",
        "    span = span or _span([intent for intents in read for intent in intents])\n",
        "    span = span or _span(read[0])\n",
        ANSWERS,
    ),
    # Suggestions.
    # The index and `exact` both look at every shift: a fault in one of them alone costs time only.
    Mutant(
        "suggestion that leads into the next conflict",
        "conflict/resolve.py",
        "        before = np.zeros(len(self._intents), np.int8)\n",
        "        before = np.full(len(self._intents), 2, np.int8)\n",
        RESOLVE,
    ),
    Mutant(
        "cheaper shift downwards not tried",
        "conflict/resolve.py",
        "up_dmm=sign * cost * step_dmm) for sign in (1, -1))",
        "up_dmm=sign * cost * step_dmm) for sign in (1,))",
        RESOLVE,
    ),
    Mutant(
        "every second bearing not tried",
        "conflict/resolve.py",
        "bearings = (360.0 / BEARINGS * k for k in range(BEARINGS))",
        "bearings = (360.0 / BEARINGS * k for k in range(0, BEARINGS, 2))",
        RESOLVE,
    ),
    Mutant(
        "intent moved into the ground",
        "conflict/resolve.py",
        "if dmm < 0 <= limit.dmm and limit.reference is Reference.AGL:",
        "if False:",
        RESOLVE,
    ),
    Mutant(
        "last metres of a climb given away",
        "conflict/resolve.py",
        "                    return self._refined(other, before, suggestion)\n",
        "                    return suggestion\n",
        RESOLVE,
    ),
    Mutant(
        "shape moved in degrees",
        "geometry/shift.py",
        "angle = distance_m / float(curvature_radius_m(middle, np.array(bearing)))",
        "angle = distance_m / EQUATORIAL_RADIUS_M * 1.01",
        RESOLVE,
    ),
    Mutant(
        "nearest points told in the wrong order",
        "cli/record.py",
        "(closest[turned], closest[not turned])",
        "(closest[0], closest[1])",
        ANSWERS,
    ),
    Mutant(
        "grown certainty is no news",
        "cli/diff.py",
        '"surer" if grown > 0 else',
        '"kept" if grown > 0 else',
        ANSWERS,
    ),
]
