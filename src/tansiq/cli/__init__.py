"""The command line: reads files, asks the rooms below, prints what they say.

Exit codes: 0 no declared conflict known, 1 conflicts, 2 input refused, 64 wrong usage, 70 our own fault; `verify` ends
with 0 where a pack is proved, with 1 where it is not.
"""

import argparse
import gc
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from tansiq import __version__
from tansiq.cli import carry, check, convert, diff, init, key, node, pair, plan, record_pack, serve, sim, verify
from tansiq.cli.output import print_findings
from tansiq.errors import InputRefusedError, PartyError
from tansiq.formats.kit.text import shown

EXIT_REFUSED: Final = 2
EXIT_USAGE: Final = 64
EXIT_FAULT: Final = 70
EXIT_INTERRUPTED: Final = 130
EXIT_PIPE_CLOSED: Final = 141


class _Parser(argparse.ArgumentParser):
    """Ends with 64 on wrong usage, so that 2 always means "input refused"; options are written in full."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - argparse's own
        super().__init__(*arguments, **{**options, "allow_abbrev": False})

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(EXIT_USAGE, f"{self.prog}: {message} [usage]\n")


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    top = _Parser(
        prog="tansiq",
        description="Parties that share a space but not their trust see conflicts between their plans in time.",
        epilog="Example: tansiq check plans.json --minima-horizontal 3NM --minima-vertical 1000ft",
    )
    top.add_argument("--version", action="version", version=f"tansiq {__version__}")
    commands: argparse._SubParsersAction[argparse.ArgumentParser] = top.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=_Parser
    )
    check.add_to(commands)
    diff.add_to(commands)
    convert.add_to(commands)
    plan.add_to(commands)
    sim.add_to(commands)
    verify.add_to(commands)
    init.add_to(commands)
    key.add_to(commands)
    pair.add_to(commands)
    record_pack.add_to(commands)
    serve.add_to(commands)
    carry.add_to(commands)
    node.add_to(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code is what it answers."""
    chosen = parser().parse_args(arguments)
    # A command ends within seconds and leaves no cycles worth collecting; looking for them costs a tenth of its time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _run(chosen)
    except Exception:  # noqa: BLE001 - an error while an error was told: whatever happens, never the 1 of a conflict
        return EXIT_FAULT
    finally:
        if collecting:
            gc.enable()


def _run(chosen: argparse.Namespace) -> int:
    try:
        code = int(chosen.run(chosen))
        sys.stdout.flush()
    except InputRefusedError as refused:
        print_findings(
            refused.findings, machine=chosen.run in {check.run, diff.run, verify.run} and chosen.format == "json"
        )
        return EXIT_REFUSED
    except PartyError as error:
        # The input itself is named in the error: an option of the command line.
        print(f"tansiq: {shown(str(error))}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Who reads us has closed: point stdout elsewhere, or Python complains once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_PIPE_CLOSED
    except Exception as fault:  # noqa: BLE001 - the last resort: a fault of ours must end as 70, never as 1
        return _report_fault(fault)
    return code


def _report_fault(fault: Exception) -> int:
    """Says that the fault is ours, and where; never a value, which may be a party's plan."""
    if os.environ.get("TANSIQ_DEBUG"):
        traceback.print_exc()
    frames = traceback.extract_tb(fault.__traceback__)
    where = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "nowhere"  # noqa: PTH119 - no path
    print(
        f"tansiq: a fault of our own, not of your input: {type(fault).__name__} at {where}.\n"
        "Nothing can be said about conflicts. Please report it; TANSIQ_DEBUG=1 shows more.",
        file=sys.stderr,
    )
    return EXIT_FAULT
