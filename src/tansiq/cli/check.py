"""`tansiq check`: says who conflicts with whom in these plans."""

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tansiq.cli.files import Content, read_file
from tansiq.cli.output import Progress, print_bytes, print_text, readable
from tansiq.cli.table import table
from tansiq.domain.intent import KINDS, Intent, Kind
from tansiq.errors import Finding, InputRefusedError, PartyError
from tansiq.formats import conflicts as wire
from tansiq.formats.plan import read_plan
from tansiq.geometry.band import shared_band
from tansiq.geometry.certainty import Certainty
from tansiq.geometry.volume import shared_window
from tansiq.limits import LIMITS
from tansiq.units import DMM_PER_METRE, US_PER_SECOND, format_instant, parse_length_m

if TYPE_CHECKING:
    from tansiq.conflict.batch import IntentConflict, VolumeConflict
    from tansiq.conflict.minima import Minima, Minimum

EXIT_CONFLICTS: Final = 1

EPILOG = """
Two volumes conflict when they share an instant and are nearer than both minima at once. Lengths are in m, km,
NM or ft. The answer is "no declared conflict known", never "safe": only what the files declare is compared.

exit codes: 0 no declared conflict known, 1 conflicts (certain or possible), 2 input refused (every error is
listed), 64 wrong usage, 70 a fault of tansiq's own

examples:
  tansiq check plans.json
  tansiq check amber.json teal.json --minima-horizontal 3NM --minima-vertical 1000ft --between-parties-only
  tansiq check ours.json --against theirs.json --minima air-sea=1NM,500ft --format json
"""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command is known to the parser."""
    command = commands.add_parser(
        "check",
        help="find every conflict among plans",
        description="Finds every conflict among the intents of these plans, exactly, anywhere on the globe.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("files", nargs="+", metavar="FILE", help="a plan; - is standard input, gzip is unpacked")
    command.add_argument(
        "--minima-horizontal",
        default="0m",
        metavar="LENGTH",
        help="horizontal minimum within each kind (default 0m: only meeting counts)",
    )
    command.add_argument(
        "--minima-vertical",
        default="0m",
        metavar="LENGTH",
        help="vertical minimum within each kind (default 0m)",
    )
    command.add_argument(
        "--minima",
        action="append",
        default=[],
        metavar="KIND-KIND=HORIZONTAL,VERTICAL",
        help="minima of one pair of kinds, such as air-sea=1NM,500ft; may be repeated",
    )
    command.add_argument("--between-parties-only", action="store_true", help="leave out conflicts within one party")
    command.add_argument(
        "--against",
        action="append",
        default=[],
        metavar="OTHER",
        help="compare the FILEs with this plan only, not with each other; may be repeated",
    )
    command.add_argument(
        "--format", choices=("table", "json", "csv"), default="table", help="how to print (default table)"
    )
    command.set_defaults(run=run)


@dataclass(frozen=True)
class Plans:
    """The intents of all files, and per intent the number of its file."""

    contents: list[Content]
    intents: list[Intent]
    file_of: list[int]


def run(chosen: argparse.Namespace) -> int:
    """Prints what conflicts; 1 if anything does, else 0."""
    minima = minima_of(chosen.minima_horizontal, chosen.minima_vertical, chosen.minima)
    progress = Progress()
    try:
        plans = _read([*chosen.files, *chosen.against], progress)
    finally:
        progress.end()
    words = f"comparing {sum(len(i.volumes) for i in plans.intents)} volumes"
    progress.step(90, 100, words)
    # Loading the compiled kernels takes a third of a second: not for --help, not for a refused input.
    from tansiq.conflict.batch import Scope, find_conflicts  # noqa: PLC0415 - see above
    from tansiq.conflict.jit import compiled_before  # noqa: PLC0415 - see above

    if not compiled_before():
        progress.note("compiling, this first time only: about half a minute")
    sides = [0 if file < len(chosen.files) else 1 for file in plans.file_of] if chosen.against else None
    try:
        found = find_conflicts(
            plans.intents,
            minima,
            Scope(chosen.between_parties_only, sides),
            workers=os.cpu_count() or 1,
            progress=lambda part: progress.step(90 + int(9 * part), 100, words),
        )
    except PartyError as error:
        raise InputRefusedError([Finding("all files", "-", error)]) from error
    progress.end()
    # The table is made of the findings themselves; their records are for machines.
    recorded = [] if chosen.format == "table" else found
    report = _report(plans, minima, recorded, _not_checked(plans, chosen))
    if chosen.format == "json":
        print_bytes(wire.to_json(report))
    elif chosen.format == "csv":
        print_text(wire.to_csv(report))
    else:
        print_text(table(report, plans.intents, plans.file_of, found))
    return EXIT_CONFLICTS if found else 0


def minima_of(horizontal: str, vertical: str, per_pair: Sequence[str]) -> "Minima":
    """The minima that these options say; the later one wins where a pair is named twice.

    Raises PartyError that names the option.
    """
    from tansiq.conflict.minima import Minima, minimum  # noqa: PLC0415 - numpy is not needed for --help

    within = minimum(parse_length_m(horizontal, "--minima-horizontal"), parse_length_m(vertical, "--minima-vertical"))
    table: dict[frozenset[Kind], Minimum] = {frozenset((kind,)): within for kind in KINDS if kind is not Kind.ZONE}
    for text in per_pair:
        pair, equals, lengths = text.partition("=")
        names, amounts = pair.split("-"), lengths.split(",")
        kinds = {kind.value: kind for kind in KINDS}
        if not equals or len(names) != 2 or len(amounts) != 2 or not set(names) <= set(kinds):
            raise PartyError("usage", "--minima", repr(text), "two kinds and two lengths such as air-sea=1NM,500ft")
        table[frozenset(kinds[name] for name in names)] = minimum(
            parse_length_m(amounts[0], "--minima"), parse_length_m(amounts[1], "--minima")
        )
    return Minima(table)


def _read(names: Sequence[str], progress: Progress) -> Plans:
    """All files, or InputRefusedError with every error of every file."""
    plans = Plans([], [], [])
    findings: list[Finding] = []
    for number, name in enumerate(names):
        progress.step(number, len(names) + 1, f"reading {name}")
        try:
            content = read_file(name)
            intents = read_plan(content.content, name)
        except InputRefusedError as refused:
            findings.extend(refused.findings)
            continue
        plans.contents.append(content)
        plans.intents.extend(intents)
        plans.file_of.extend([number] * len(intents))
    if sum(len(intent.volumes) for intent in plans.intents) > LIMITS.volumes:
        error = PartyError("limit_exceeded", "volumes", "more in all files", f"at most {LIMITS.volumes} in a run")
        findings.append(Finding(names[-1], "all files", error))
    if findings:
        raise InputRefusedError(findings)
    return plans


def _not_checked(plans: Plans, chosen: argparse.Namespace) -> list[wire.NotChecked]:
    rows = [
        wire.NotChecked(f"intent {intent.id} of {intent.party}", "it has no volumes")
        for intent in plans.intents
        if not intent.volumes
    ]
    used = set(plans.file_of)
    rows += [
        wire.NotChecked(f"file {readable(content.name)}", "it has no intents")
        for number, content in enumerate(plans.contents)
        if number not in used
    ]
    if chosen.between_parties_only:
        rows.append(wire.NotChecked("intents of one party with each other", "--between-parties-only"))
    if chosen.against:
        rows.append(wire.NotChecked("intents on one side of --against with each other", "--against"))
    return rows


def _report(
    plans: Plans, minima: "Minima", found: "Sequence[IntentConflict]", not_checked: list[wire.NotChecked]
) -> wire.Report:
    rows = [_conflict(plans, conflict) for conflict in found]
    rows.sort(key=lambda row: ((row.a.file, row.a.party, row.a.id), (row.b.file, row.b.party, row.b.id)))
    present = [kind for kind in KINDS if kind is not Kind.ZONE or any(i.kind is kind for i in plans.intents)]
    pairs = [(a, b) for i, a in enumerate(present) for b in present[i:] if not a is b is Kind.ZONE]
    return wire.Report(
        format=wire.FORMAT,
        as_of=format_instant(int(time.time()) * US_PER_SECOND),
        checked=wire.Checked(
            intents=len(plans.intents),
            volumes=sum(len(intent.volumes) for intent in plans.intents),
            files=[wire.File(readable(content.name), content.sha256) for content in plans.contents],
        ),
        minima={f"{a.value}-{b.value}": _minimum_row(minima.of(a, b)) for a, b in pairs},
        not_checked=not_checked,
        conflicts=rows,
    )


def _minimum_row(minimum: "Minimum") -> wire.MinimumRow:
    return wire.MinimumRow(minimum.horizontal_m, minimum.vertical_dmm / DMM_PER_METRE)


def _conflict(plans: Plans, conflict: "IntentConflict") -> wire.Conflict:
    """The row of a conflict; the intent that comes first by file, party and id is `a`."""
    sides = [wire.Side(plans.intents[i].id, plans.intents[i].party, plans.file_of[i]) for i in (conflict.a, conflict.b)]
    turned = (sides[0].file, sides[0].party, sides[0].id) > (sides[1].file, sides[1].party, sides[1].id)
    overlaps = [_overlap(plans, pair, turned=turned) for pair in conflict.volume_conflicts]
    overlaps.sort(key=lambda overlap: overlap.pair)
    a, b = reversed(sides) if turned else sides
    pairs = [overlap.pair for overlap in overlaps]
    return wire.Conflict(a, b, conflict.certainty.name.lower(), pairs, overlaps)


def _overlap(plans: Plans, pair: "VolumeConflict", *, turned: bool) -> wire.Overlap:
    a, b = (plans.intents[i].volumes[k] for i, k in (pair.a, pair.b))
    window, band = (
        shared_window(a.window, b.window),
        shared_band(a.band, b.band, same_ground=pair.verdict.altitude_certainty is Certainty.CERTAIN),
    )
    assert window is not None
    altitude = None
    if band is not None:
        reference = None if band.reference is None else band.reference.name
        altitude = wire.Altitude(_metres(band.lower_dmm), _metres(band.upper_dmm), reference)
    return wire.Overlap(
        pair=(pair.b[1], pair.a[1]) if turned else (pair.a[1], pair.b[1]),
        time=wire.Time(_instant(window.start_us), _instant(window.end_us)),
        altitude=altitude,
        horizontal_gap_m=round(pair.verdict.horizontal_gap_m, 3),
        vertical_gap_m=pair.verdict.vertical_gap_dmm / DMM_PER_METRE,
        certainty=pair.verdict.certainty.name.lower(),
    )


def _metres(dmm: int | None) -> float | None:
    return None if dmm is None else dmm / DMM_PER_METRE


def _instant(instant_us: int | None) -> str | None:
    return None if instant_us is None else format_instant(instant_us)
