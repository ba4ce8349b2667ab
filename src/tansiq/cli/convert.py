"""`tansiq convert`: writes plans and zones in another format, and says what that format can not hold."""

import argparse
import re
from collections.abc import Callable, Sequence
from typing import Final

from tansiq.cli.files import write_file
from tansiq.cli.inputs import read_plans
from tansiq.cli.output import Progress, add_input_format, print_losses
from tansiq.domain.intent import Intent, Kind
from tansiq.errors import Finding, InputRefusedError, PartyError
from tansiq.formats.geojson import write_geojson
from tansiq.formats.kit.loss import Loss, Writing
from tansiq.formats.kml import write_kml, write_kmz
from tansiq.formats.plan import write_plan, write_plan_lines
from tansiq.geometry.volume import TimeWindow
from tansiq.units import parse_instant_us

_WRITERS: Final[dict[str, Callable[[Sequence[Intent]], Writing]]] = {
    "plan": lambda intents: Writing(write_plan(intents), []),
    "jsonl": lambda intents: Writing(write_plan_lines(intents), []),
    "geojson": write_geojson,
    "kml": write_kml,
    "kmz": write_kmz,
}

EPILOG = """
What the other format can not hold is named on standard error, a line each; what stands instead holds at least as much
space and time. Zones become intents of the kind zone, their schedules followed within --window.

exit codes: 0 done, 2 input refused, 64 wrong usage, 70 a fault of tansiq's own

examples:
  tansiq convert plans.json --to kmz --output plans.kmz
  tansiq convert geozones.json --to geojson --window 2030-01-15T00:00:00Z/2030-01-16T00:00:00Z > zones.geojson
"""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command is known to the parser."""
    command = commands.add_parser(
        "convert",
        help="write plans and zones in another format",
        description="Writes plans and zones in another format.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("files", nargs="+", metavar="FILE", help="a plan or zones; - is standard input")
    command.add_argument("--to", required=True, choices=tuple(_WRITERS), help="the format to write")
    command.add_argument("--output", default="-", metavar="FILE", help="where to (default standard output)")
    command.add_argument(
        "--window", metavar="START/END", help="follow the schedules of zones within this time (default: at all times)"
    )
    add_input_format(command)
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Writes the plans; what is lost is told."""
    span = window_of(chosen.window)
    progress = Progress()
    try:
        plans = read_plans(chosen.files, progress, input_format=chosen.input_format, span=span)
    finally:
        progress.end()
    files: dict[str, int] = {}
    for intent, number in zip(plans.intents, plans.file_of, strict=True):
        first = files.setdefault(intent.id, number)
        if first != number:
            got = f"{intent.id[:80]!r}, as in {chosen.files[first]}"
            error = PartyError("repeated_id", "id", got, "each id once in what is written")
            raise InputRefusedError([Finding(chosen.files[number], intent.id[:80], error)])
    written = _WRITERS[chosen.to](plans.intents)
    write_file(chosen.output, written.content, "--output")
    lost = [(plans.contents[file].name, loss) for file, loss in plans.losses]
    if chosen.window and any(intent.kind is Kind.ZONE for intent in plans.intents):
        # Whoever is given the file must not take it for the zones' whole time.
        cut = Loss(
            "zones", "window", "when they apply outside of --window", "nothing: the file holds for that time alone"
        )
        lost.append((chosen.output, cut))
    print_losses([*lost, *((chosen.output, loss) for loss in written.losses)])
    return 0


def window_of(text: str | None) -> TimeWindow:
    """The window of two instants. Raises PartyError that names the option."""
    if text is None:
        return TimeWindow(None, None)
    parts = re.fullmatch(r"([^/]+)/([^/]+)", text)
    if parts is None:
        raise PartyError(
            "usage", "--window", repr(text), "two instants such as 2030-01-15T00:00:00Z/2030-01-16T00:00:00Z"
        )
    try:
        return TimeWindow(parse_instant_us(parts[1], end=False), parse_instant_us(parts[2], end=True))
    except PartyError as error:
        raise error.under("--window") from error
