"""`tansiq sim`: makes up plans, for demonstrations, tests and measurements."""

import argparse

from tansiq.cli.output import add_plan_format, print_plan
from tansiq.sim.plans import day_plans

MOST_INTENTS = 100_000

EPILOG = """
Two parties, AMBER and TEAL, plan 15 January 2030 in theatre BAHR, a piece of open ocean at 0-3 N, 0-3 E:
transits, patrols, shuttles, drones, ships, a gunnery area. One seed gives one plan, on every machine.

exit codes: 0 done, 64 wrong usage, 70 a fault of tansiq's own

example:
  tansiq sim plans --seed 7 --count 40 > day.json
"""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command is known to the parser."""
    group = commands.add_parser(
        "sim",
        help="make up plans",
        description="Makes up plans.",
        epilog="Example: tansiq sim plans --seed 7 --count 40",
    )
    command = group.add_subparsers(title="commands", metavar="COMMAND", required=True).add_parser(
        "plans",
        help="make up a day's plans",
        description="Makes up a realistic day of two parties in one theatre.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--seed", type=int, default=1, metavar="NUMBER", help="which day (default 1)")
    command.add_argument("--count", type=_count, default=40, metavar="NUMBER", help="how many intents (default 40)")
    add_plan_format(command)
    command.set_defaults(run=run)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_INTENTS:
        raise argparse.ArgumentTypeError(f"got {text!r}; want a number from 1 to {MOST_INTENTS}")
    return int(text)


def run(chosen: argparse.Namespace) -> int:
    """Prints the plan."""
    print_plan(day_plans(chosen.seed, chosen.count), chosen.format)
    return 0
