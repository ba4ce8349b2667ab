"""`tansiq check`: says who conflicts with whom in these plans."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tansiq.cli.compare import add_minima, conflicts_of, minima_of
from tansiq.cli.files import same_file, write_file
from tansiq.cli.inputs import Plans, read_plans
from tansiq.cli.output import Progress, add_input_format, print_bytes, print_losses, print_text, readable
from tansiq.cli.record import Told, record
from tansiq.cli.table import in_order_of_time, most_telling, table
from tansiq.domain.intent import Kind
from tansiq.errors import PartyError
from tansiq.formats import conflicts as wire
from tansiq.limits import LIMITS

if TYPE_CHECKING:
    from tansiq.conflict.batch import IntentConflict
    from tansiq.conflict.minima import Minima

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
  tansiq check plans.kmz geozones.json --suggest --report conflicts.html
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
    command.add_argument(
        "files", nargs="+", metavar="FILE", help="a plan or zones; - is standard input, gzip is unpacked"
    )
    add_minima(command)
    command.add_argument("--between-parties-only", action="store_true", help="leave out conflicts within one party")
    command.add_argument(
        "--against",
        action="append",
        default=[],
        metavar="OTHER",
        help="compare the FILEs with this plan only, not with each other; may be repeated",
    )
    add_input_format(command)
    command.add_argument("--explain", action="store_true", help="say of every pair of volumes why it conflicts")
    command.add_argument(
        "--suggest", action="store_true", help="look for the cheapest shifts that clear each conflict and create none"
    )
    command.add_argument("--report", metavar="FILE", help="also write one HTML file for people, to read and to print")
    command.add_argument("--language", choices=("ar", "en", "ru"), help="the language of the report (default en)")
    command.add_argument(
        "--format", choices=("table", "json", "csv"), default="table", help="how to print (default table)"
    )
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Prints what conflicts; 1 if anything does, else 0."""
    if chosen.language and not chosen.report:
        raise PartyError("usage", "--language", "no --report", "--report, which is written in it")
    if chosen.report == "-":
        raise PartyError("usage", "--report", "'-'", "a file: the answer itself goes to standard output")
    if chosen.report and any(same_file(chosen.report, name) for name in (*chosen.files, *chosen.against)):
        raise PartyError("usage", "--report", repr(chosen.report), "another file than those that are read")
    minima = minima_of(chosen.minima_horizontal, chosen.minima_vertical, chosen.minima)
    progress = Progress()
    try:
        plans = read_plans([*chosen.files, *chosen.against], progress, input_format=chosen.input_format)
    finally:
        progress.end()
    sides = [0 if file < len(chosen.files) else 1 for file in plans.file_of] if chosen.against else None
    found = conflicts_of(plans, minima, progress, between_parties_only=chosen.between_parties_only, sides=sides)
    told = _told(plans, found, minima, chosen, progress)
    progress.end()
    # The table is made of the findings themselves; their records are for machines and for the report.
    recorded = found if chosen.report or chosen.format != "table" else []
    not_checked = _not_checked(plans, chosen)
    if chosen.suggest and len(found) > LIMITS.suggested_conflicts:
        what = f"shifts that clear {len(found) - LIMITS.suggested_conflicts} later conflicts"
        not_checked.append(wire.NotChecked(what, f"more than {LIMITS.suggested_conflicts}"))
    report = record(plans, minima, recorded, not_checked, told)
    if chosen.report:
        _write_report(chosen, report, plans)
    if chosen.format == "json":
        print_bytes(wire.to_json(report))
    elif chosen.format == "csv":
        print_text(wire.to_csv(report))
    else:
        print_text(table(report, plans.intents, plans.file_of, found, told))
    print_losses([(plans.contents[file].name, loss) for file, loss in plans.losses])
    return EXIT_CONFLICTS if found else 0


def _told(
    plans: Plans, found: "Sequence[IntentConflict]", minima: "Minima", chosen: argparse.Namespace, progress: Progress
) -> Told:
    """What was asked for beyond who conflicts with whom."""
    told = Told()
    if not found or not (chosen.explain or chosen.suggest or chosen.report):
        return told
    if chosen.explain or chosen.report:
        from tansiq.conflict.explain import explain  # noqa: PLC0415 - loads shapely

        for number, conflict in enumerate(found):
            progress.step(number, len(found), "explaining")
            pairs = conflict.volume_conflicts if chosen.explain else [most_telling(conflict, plans.intents)]
            for pair in pairs:
                a, b = (plans.intents[i] for i in (conflict.a, conflict.b))
                told.explanations[pair.a, pair.b] = explain(
                    a.volumes[pair.a[1]], b.volumes[pair.b[1]], minima.of(a.kind, b.kind), pair.verdict
                )
    if chosen.suggest:
        from tansiq.conflict.resolve import Resolver  # noqa: PLC0415 - only where it is asked for

        resolver = Resolver(plans.intents, minima)
        for number, conflict in enumerate(in_order_of_time(plans.intents, found)[: LIMITS.suggested_conflicts]):
            progress.step(number, min(len(found), LIMITS.suggested_conflicts), "looking for shifts that clear them")
            told.suggestions[conflict.a, conflict.b] = resolver.suggestions(conflict.a, conflict.b)
    return told


def _write_report(chosen: argparse.Namespace, report: wire.Report, plans: Plans) -> None:
    from tansiq.formats.report import render  # noqa: PLC0415 - only where it is asked for

    content = render(report, plans.intents, plans.file_of, chosen.language or "en")
    write_file(chosen.report, content, "--report")


def _not_checked(plans: Plans, chosen: argparse.Namespace) -> list[wire.NotChecked]:
    rows = [
        wire.NotChecked(f"intent {intent.id} of {intent.party}", "it has no volumes")
        for intent in plans.intents
        if not intent.volumes and intent.kind is not Kind.ZONE
    ]
    used = set(plans.file_of)
    rows += [
        wire.NotChecked(f"file {readable(content.name)}", "it has no intents")
        for number, content in enumerate(plans.contents)
        if number not in used
    ]
    if chosen.between_parties_only:
        rows.append(wire.NotChecked("intents of one party with each other", "--between-parties-only"))
    # A zone without volumes does not apply while there are plans: that is an answer.
    if sum(intent.kind is Kind.ZONE for intent in plans.intents) > 1:
        rows.append(wire.NotChecked("zones with each other", "they are rules, not plans"))
    if chosen.against:
        rows.append(wire.NotChecked("intents on one side of --against with each other", "--against"))
    return rows
