"""`tansiq diff`: says which conflicts a new version of a plan creates and clears."""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import msgspec

from tansiq.cli.compare import add_minima, conflicts_of, minima_of
from tansiq.cli.inputs import Plans, read_plans
from tansiq.cli.output import Progress, add_input_format, print_bytes, print_losses, print_text
from tansiq.cli.record import record
from tansiq.cli.table import block, in_order_of_time
from tansiq.domain.intent import Kind
from tansiq.formats import conflicts as wire
from tansiq.formats.kit.text import shown

if TYPE_CHECKING:
    from tansiq.conflict.batch import IntentConflict
    from tansiq.conflict.minima import Minima

FORMAT: Final = "tansiq-diff/1"
EXIT_CREATED: Final = 1
_TITLES: Final = {
    "created": "CREATED, conflicts that were not there",
    "surer": "SURER, conflicts that were possible and are certain",
    "less_sure": "less sure, conflicts that were certain and are possible",
    "cleared": "cleared, conflicts that are gone",
}

EPILOG = """
OLD and NEW are two versions of one plan: an intent is the same one where party and id are. Conflicts within the plan
count, and those with the plans of --against; not those of the others with each other.

exit codes: 0 NEW creates no conflict and makes none surer, 1 it does, 2 input refused, 64 wrong usage, 70 a fault of
tansiq's own

example:
  tansiq diff monday.json tuesday.json --against theirs.json --minima-horizontal 3NM --minima-vertical 1000ft
"""

Key = frozenset[tuple[int, str, str]]
"""Two intents, each by its file (0 for the plan, whichever version), party and id."""


class Diff(msgspec.Struct):
    """The answer; the rows are those of `tansiq-conflicts/1`, and file 0 is the plan."""

    format: str
    as_of: str
    old: wire.File
    against: list[wire.File]
    new: wire.File
    minima: dict[str, wire.MinimumRow]
    not_checked: list[wire.NotChecked]
    created: list[wire.Conflict]
    surer: list[wire.Conflict]
    less_sure: list[wire.Conflict]
    cleared: list[wire.Conflict]
    kept: int


@dataclass(frozen=True)
class _Version:
    """One version of the plan beside the others: what conflicts, and the same as a record."""

    plans: Plans
    found: "dict[Key, IntentConflict]"
    report: wire.Report

    @cached_property
    def rows(self) -> dict[Key, wire.Conflict]:
        """The record of each conflict."""
        return {frozenset((side.file, side.party, side.id) for side in (r.a, r.b)): r for r in self.report.conflicts}


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command is known to the parser."""
    command = commands.add_parser(
        "diff",
        help="say which conflicts a new version of a plan creates and clears",
        description="Says which conflicts a new version of a plan creates, and which it clears.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("old", metavar="OLD", help="the plan as it was; - is standard input")
    command.add_argument("new", metavar="NEW", help="the plan as it shall be")
    command.add_argument(
        "--against", action="append", default=[], metavar="OTHER", help="a plan that stays as it is; may be repeated"
    )
    add_minima(command)
    add_input_format(command)
    command.add_argument("--format", choices=("table", "json"), default="table", help="how to print (default table)")
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Prints the difference; 1 if the new version creates a conflict or makes one surer, else 0."""
    minima = minima_of(chosen.minima_horizontal, chosen.minima_vertical, chosen.minima)
    progress = Progress()
    old, new = (_version(name, chosen, minima, progress) for name in (chosen.old, chosen.new))
    progress.end()
    sorts = _sorted_out(old, new)
    if chosen.format == "json":
        print_bytes(msgspec.json.encode(_diff(old, new, sorts)) + b"\n")
    else:
        print_text("\n".join(_text(old, new, sorts)) + "\n")
    lost = [(version.plans.contents[file].name, loss) for version in (old, new) for file, loss in version.plans.losses]
    print_losses(list(dict.fromkeys(lost)))
    return EXIT_CREATED if sorts["created"] or sorts["surer"] else 0


def _version(name: str, chosen: argparse.Namespace, minima: "Minima", progress: Progress) -> _Version:
    plans = read_plans([name, *chosen.against], progress, input_format=chosen.input_format)
    found = [
        conflict
        for conflict in conflicts_of(plans, minima, progress)
        if 0 in {plans.file_of[conflict.a], plans.file_of[conflict.b]}
    ]
    return _Version(plans, {_key(plans, c): c for c in found}, record(plans, minima, found, []))


def _key(plans: Plans, conflict: "IntentConflict") -> Key:
    return frozenset((plans.file_of[i], plans.intents[i].party, plans.intents[i].id) for i in (conflict.a, conflict.b))


def _sorted_out(old: _Version, new: _Version) -> dict[str, list[Key]]:
    """The conflicts of either version by what became of them."""
    sorts: dict[str, list[Key]] = {name: [] for name in (*_TITLES, "kept")}
    for key, conflict in new.found.items():
        before = old.found.get(key)
        if before is None:
            sorts["created"].append(key)
        else:
            grown = conflict.certainty - before.certainty
            sorts["surer" if grown > 0 else "less_sure" if grown < 0 else "kept"].append(key)
    sorts["cleared"] = [key for key in old.found if key not in new.found]
    return sorts


def _not_checked(old: _Version, new: _Version) -> list[wire.NotChecked]:
    rows = [
        wire.NotChecked(f"intent {intent.id} of {intent.party}", "it has no volumes")
        for intent in dict.fromkeys(i for version in (old, new) for i in version.plans.intents if not i.volumes)
        if intent.kind is not Kind.ZONE
    ]
    if len(new.plans.contents) > 1:
        rows.append(wire.NotChecked("the plans of --against with each other", "they are the same in both"))
    return rows


def _diff(old: _Version, new: _Version, sorts: dict[str, list[Key]]) -> Diff:
    first, *others = new.report.checked.files
    return Diff(
        format=FORMAT,
        as_of=new.report.as_of,
        old=old.report.checked.files[0],
        against=others,
        new=first,
        minima=new.report.minima,
        not_checked=_not_checked(old, new),
        created=[new.rows[key] for key in sorts["created"]],
        surer=[new.rows[key] for key in sorts["surer"]],
        less_sure=[new.rows[key] for key in sorts["less_sure"]],
        cleared=[old.rows[key] for key in sorts["cleared"]],
        kept=len(sorts["kept"]),
    )


def _text(old: _Version, new: _Version, sorts: dict[str, list[Key]]) -> Iterable[str]:
    counts = ", ".join(f"{len(sorts[name])} {name.replace('_', ' ')}" for name in (*_TITLES, "kept"))
    files = new.report.checked.files
    yield f"{counts}.  As of {new.report.as_of.replace('T', ' ')}"
    beside = f", beside {', '.join(shown(file.name) for file in files[1:])}" if files[1:] else ""
    yield f"  from {shown(old.report.checked.files[0].name)} to {shown(files[0].name)}{beside}"
    for row in _not_checked(old, new):
        yield f"  NOT CHECKED: {shown(row.what)} ({row.why})"
    for name, title in _TITLES.items():
        version = old if name == "cleared" else new
        if sorts[name]:
            yield f"\n{title}"
            yield from _blocks(version, [version.found[key] for key in sorts[name]])


def _blocks(version: _Version, conflicts: "Sequence[IntentConflict]") -> Iterable[str]:
    names = [shown(file.name) for file in version.report.checked.files]
    sources = [f"  [{names[number]}]" if len(names) > 1 else "" for number in version.plans.file_of]
    for number, conflict in enumerate(in_order_of_time(version.plans.intents, conflicts), 1):
        yield ""
        yield from block(number, conflict, version.plans.intents, sources)
