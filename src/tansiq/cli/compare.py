"""What the commands that compare plans have in common: the minima that they are told, and the comparing."""

import argparse
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tansiq.cli.inputs import Plans
from tansiq.cli.output import Progress
from tansiq.domain.intent import KINDS, Kind
from tansiq.errors import Finding, InputRefusedError, PartyError
from tansiq.units import parse_length_m

if TYPE_CHECKING:
    from tansiq.conflict.batch import IntentConflict
    from tansiq.conflict.minima import Minima, Minimum


def add_minima(command: argparse.ArgumentParser) -> None:
    """The command has the options that say the separation minima."""
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
        if set(names) == {Kind.ZONE.value}:
            raise PartyError("usage", "--minima", repr(text), "two kinds that are compared: zones never are with zones")
        table[frozenset(kinds[name] for name in names)] = minimum(
            parse_length_m(amounts[0], "--minima"), parse_length_m(amounts[1], "--minima")
        )
    return Minima(table)


def conflicts_of(
    plans: Plans,
    minima: "Minima",
    progress: Progress,
    *,
    between_parties_only: bool = False,
    sides: Sequence[int] | None = None,
) -> "list[IntentConflict]":
    """Every conflict among the plans. Raises InputRefusedError where there are more than can be listed."""
    words = f"comparing {sum(len(i.volumes) for i in plans.intents)} volumes"
    progress.step(90, 100, words)
    # Loading the compiled kernels takes a third of a second: not for --help, not for a refused input.
    from tansiq.conflict.batch import Scope, find_conflicts  # noqa: PLC0415 - see above
    from tansiq.conflict.jit import compiled_before  # noqa: PLC0415 - see above

    if not compiled_before():
        progress.note("compiling, this first time only: about half a minute")
    try:
        return find_conflicts(
            plans.intents,
            minima,
            Scope(between_parties_only, sides),
            workers=os.cpu_count() or 1,
            progress=lambda part: progress.step(90 + int(9 * part), 100, words),
        )
    except PartyError as error:
        raise InputRefusedError([Finding("all files", "-", error)]) from error
