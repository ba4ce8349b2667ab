"""`tansiq init`: makes a node's directory, with new keys."""

import argparse
from pathlib import Path

from tansiq.cli.at_node import add_format, add_passphrase, answer, at_node, passphrase

EPILOG = """
exit codes: 0 made, 2 refused and nothing made, 64 wrong usage, 70 a fault of tansiq's own

example:
  tansiq init amber --party Amber --office watch --office staff
"""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command line knows the command."""
    command = commands.add_parser(
        "init",
        help="make a node's directory, with new keys",
        description="Makes a node's directory: the party's root key, an entry key for each office, keys for log, "
        "witness, transport and encryption, all sealed under one passphrase; and an empty store. All or nothing.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("directory", metavar="DIR", help="a directory that is not there yet, or empty")
    command.add_argument("--party", required=True, metavar="NAME", help="the party's name; offers to pair tell it")
    command.add_argument(
        "--office", action="append", metavar="NAME", help="an office that signs; may be repeated (default watch)"
    )
    add_passphrase(command)
    add_format(command)
    command.set_defaults(run=run)


@at_node
def run(chosen: argparse.Namespace) -> int:
    """Makes the directory, and says what to do with the root."""
    from tansiq.app.directory import ROOT_FILE, check_name, check_new, check_offices  # noqa: PLC0415 - not for --help
    from tansiq.app.node import make_node  # noqa: PLC0415 - see above
    from tansiq.record.keys import shown  # noqa: PLC0415 - see above

    directory = Path(chosen.directory)
    party = check_name(chosen.party, "--party")
    offices = check_offices(tuple(chosen.office or ["watch"]), "--office")
    check_new(directory)
    file = make_node(directory, party, offices, passphrase(chosen, new=True))
    lines = (
        f"Made {chosen.directory}: the node of {party}, offices {', '.join(offices)}.",
        "The fingerprint of its root:",
        f"  {shown(file.root)}",
        "Other parties need it, by another way than the line: read all of it out, face to face or by voice.",
        f"Move {chosen.directory}/keys/{ROOT_FILE} to a safe place off this machine; --root leads to it.",
        "Without the passphrase no key file opens again: nobody can replace it.",
    )
    value = {"format": "tansiq-init/1", "directory": chosen.directory, "party": party, "offices": offices}
    return answer(chosen, lines, value | {"root": file.root.hex()})
