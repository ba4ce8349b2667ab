"""`tansiq node`: whether a node's directory is whole, its copy, its way back, and how its peers are heard."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tansiq.cli.at_node import add_format, answer, at_node

EXIT_NOT_WHOLE: Final = 1


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command line knows the commands."""
    group = commands.add_parser(
        "node",
        help="check, copy and bring back a node's directory; see its links",
        description="Checks, copies and brings back a node's directory, and says how its peers are heard.",
        epilog="Example: tansiq node check amber",
    )
    under = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    checking = under.add_parser(
        "check",
        help="whether all that the node keeps is whole",
        description="Reads all that the node keeps, and checks every digest and signature again. It needs no "
        "passphrase, and that nobody serves the node.",
        epilog="Example: tansiq node check amber",
    )
    copying = under.add_parser(
        "backup",
        help="a copy of the node, without its root",
        description="Copies the node: its store, its sealed keys but not the root, its node.toml.",
        epilog="Example: tansiq node backup amber --output amber.backup",
    )
    restoring = under.add_parser(
        "restore",
        help="a node's directory out of a copy",
        description="Makes a node's directory out of a copy. It has lost what came later, so it signs nothing but "
        "urgent words until it has restored in each channel.",
        epilog="Example: tansiq node restore amber.backup amber",
    )
    status = under.add_parser(
        "status",
        help="how the peers are heard",
        description="Says of each peer when it was heard, what is owed to it, and how far its clock is off.",
        epilog="Example: tansiq node status amber",
    )
    restoring.add_argument("backup", metavar="BACKUP", help="what `node backup` wrote")
    for command in (checking, copying, status):
        command.add_argument("directory", metavar="DIR", help="the node's directory")
    restoring.add_argument("directory", metavar="DIR", help="a directory that is not there yet, or empty")
    copying.add_argument("--output", required=True, metavar="FOLDER", help="a folder that is not there yet, or empty")
    for command, run in (
        (checking, run_check),
        (copying, run_backup),
        (restoring, run_restore),
        (status, run_status),
    ):
        add_format(command)
        command.set_defaults(run=run)


@at_node
def run_check(chosen: argparse.Namespace) -> int:
    """Says what is wrong with the node; 1 where something is."""
    from tansiq.app.backups import check_node  # noqa: PLC0415 - cryptography is not needed for --help

    wrong, left, logs = check_node(Path(chosen.directory))
    channels = [{"channel": mark.hex(), "entries": count} for mark, count in sorted(logs.items())]
    value = {"format": "tansiq-node-check/1", "whole": not wrong, "wrong": wrong, "left": left, "channels": channels}
    lines = [*(f"WRONG: {one}" for one in wrong), *(f"left over: {one}" for one in left)]
    if not wrong:
        lines.append(f"Whole: {len(logs)} channels, {sum(logs.values())} entries, every digest and signature checked.")
    answer(chosen, lines, value)
    return EXIT_NOT_WHOLE if wrong else 0


@at_node
def run_backup(chosen: argparse.Namespace) -> int:
    """Writes the copy."""
    from tansiq.app.backups import backup_node  # noqa: PLC0415 - see run_check

    backup_node(Path(chosen.directory), Path(chosen.output))
    lines = (
        f"Copied to {chosen.output}, without the root. Bodies lie in it readable: guard it as the node itself.",
        "What is destroyed in the node later is still in the copy.",
    )
    return answer(chosen, lines, {"format": "tansiq-node-backup/1", "folder": chosen.output})


@at_node
def run_restore(chosen: argparse.Namespace) -> int:
    """Makes the directory."""
    from tansiq.app.backups import restore_node  # noqa: PLC0415 - see run_check

    restore_node(Path(chosen.backup), Path(chosen.directory))
    lines = (
        f"Made {chosen.directory} out of the copy. Until it has restored in each channel it signs urgent words alone.",
        "The node that the copy is of must never run again: two of them would sign one position twice.",
    )
    return answer(chosen, lines, {"format": "tansiq-node-restored/1", "directory": chosen.directory})


@at_node
def run_status(chosen: argparse.Namespace) -> int:
    """Says how the peers are heard."""
    from tansiq.app.links import read_status  # noqa: PLC0415 - see run_check

    value = read_status(Path(chosen.directory))
    return answer(chosen, _told(value), value)


def _told(value: dict[str, Any]) -> Iterator[str]:
    from tansiq.units import format_instant  # noqa: PLC0415 - see run_check

    if not value["serving"]:
        yield "NOT SERVED: what follows is what was last known."
    yield f"At {format_instant(value['at_us'])}:"
    for row in value["peers"]:
        heard = "not heard yet" if row["heard_us"] is None else f"heard {format_instant(row['heard_us'])}"
        parts = [f"{row['name']}: {heard}"]
        if row["skew_us"] is not None:
            parts.append(f"its clock {row['skew_us'] / 1_000_000:+.1f} s")
        if row["lag_us"] is not None:
            parts.append(f"owed something for {row['lag_us'] / 1_000_000:.0f} s")
        if row["refusal"]:
            parts.append(f"last try failed [{row['refusal']}]")
        yield ", ".join(parts)
