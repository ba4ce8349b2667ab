"""`tansiq plan`: makes plans from other things. So far from tracks."""

import argparse
import math
import sys
from dataclasses import fields
from typing import Final

from tansiq.cli.files import read_file
from tansiq.cli.output import Progress, add_plan_format, print_plan
from tansiq.domain.route import RouteMargins
from tansiq.domain.track import PartyRule, TrackCounts, TrackSettings, intents_from_tracks
from tansiq.errors import Finding, InputRefusedError, PartyError
from tansiq.formats.kit.text import shown
from tansiq.formats.tracks import read_tracks
from tansiq.units import DMM_PER_METRE, parse_duration_us, parse_length_m

EPILOG: Final = """
Each aircraft's reports become flights (a silence longer than --max-gap ends one), and each flight an intent:
one corridor per segment, as wide and high as stated, occupied from the segment's first report to its last.
Barometric altitudes stay flight levels. What was dropped, doubted or cut is counted on standard error.

exit codes: 0 done, 2 input refused (every error is listed), 64 wrong usage, 70 a fault of tansiq's own

example:
  tansiq plan from-tracks day.json.gz --segment 60s --lateral 2km --vertical 300m --pad 30s > day.plan.json
"""

_COUNTED: Final = {
    "reports": "reports read",
    "incomplete": "dropped: no time or position",
    "repeated": "dropped: said before",
    "outliers": "dropped: position out of reach of both neighbours",
    "contradicting": "kept: same aircraft and time, other place or altitude",
    "unnamed": "kept: no aircraft address",
    "out_of_order": "sorted: came late",
    "jumps": "kept: further than an aircraft flies",
    "altitudes_missing": "without an altitude",
    "altitude_outliers": "altitude out of reach, treated as missing",
    "gaps": "gaps that end a flight",
    "flights": "flights",
    "volumes": "volumes",
}


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command is known to the parser."""
    group = commands.add_parser(
        "plan",
        help="make plans from other things",
        description="Makes plans from other things.",
        epilog="Example: tansiq plan from-tracks day.json.gz --segment 60s --lateral 2km --vertical 300m --pad 30s",
    )
    command = group.add_subparsers(title="commands", metavar="COMMAND", required=True).add_parser(
        "from-tracks",
        help="make a plan of what flew",
        description="Makes a plan of what flew: static volumes round the position reports of a file.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = command.add_argument
    add("file", metavar="FILE", help="a JSON list of position reports; - is standard input, gzip is unpacked")
    add("--segment", default="60s", metavar="TIME", help="how long a volume's stretch takes (default 60s)")
    add("--lateral", default="2km", metavar="LENGTH", help="half-width of the corridors (default 2km)")
    add("--vertical", default="300m", metavar="LENGTH", help="room above and below (default 300m)")
    add("--pad", default="30s", metavar="TIME", help="room before and after (default 30s)")
    add("--max-gap", default="5min", metavar="TIME", help="the longest silence within a flight (default 5min)")
    rules = [rule.value for rule in PartyRule]
    add("--party", choices=rules, default=rules[0], help=f"how a flight's party is named (default {rules[0]})")
    add_plan_format(command)
    command.set_defaults(run=run)


def settings_of(chosen: argparse.Namespace) -> TrackSettings:
    """The settings that the options say. Raises PartyError that names the option."""
    half_width_m = float(parse_length_m(chosen.lateral, "--lateral"))
    if half_width_m <= 0:
        raise PartyError("not_positive", "--lateral", repr(chosen.lateral), "more than 0 m")
    return TrackSettings(
        margins=RouteMargins(
            segment_us=parse_duration_us(chosen.segment, "--segment"),
            half_width_m=half_width_m,
            vertical_dmm=math.ceil(parse_length_m(chosen.vertical, "--vertical") * DMM_PER_METRE),
            pad_us=parse_duration_us(chosen.pad, "--pad"),
        ),
        party_rule=PartyRule(chosen.party),
        max_gap_us=parse_duration_us(chosen.max_gap, "--max-gap"),
    )


def run(chosen: argparse.Namespace) -> int:
    """Prints the plan, and on standard error what became of the reports."""
    settings = settings_of(chosen)
    progress = Progress()
    content = read_file(chosen.file)
    progress.step(1, 4, f"reading {chosen.file}")
    reports = read_tracks(content.content, chosen.file)
    progress.step(2, 4, f"{len(reports)} reports")
    try:
        intents, counts = intents_from_tracks(reports, settings)
    except PartyError as error:
        raise InputRefusedError([Finding(chosen.file, "flight", error)]) from error
    progress.step(3, 4, f"{len(intents)} flights")
    print_plan(intents, chosen.format)
    progress.end()
    _print_counts(chosen.file, counts)
    return 0


def _print_counts(name: str, counts: TrackCounts) -> None:
    """A line per count that is not 0; the reports, flights and volumes always."""
    print(f"{shown(name)}:", file=sys.stderr)
    known = {field.name for field in fields(counts)}
    for key, text in _COUNTED.items():
        assert key in known, key
        number = getattr(counts, key)
        if number or key in {"reports", "flights", "volumes"}:
            print(f"  {number:9,}  {text}", file=sys.stderr)
