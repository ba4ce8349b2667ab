"""`tansiq record pack`: makes a pack of a channel or thread, after verifying it as a stranger would."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tansiq.cli.at_node import add_format, add_passphrase, answer, asked_once, at_node, by_beginning
from tansiq.cli.files import write_file
from tansiq.errors import PartyError

if TYPE_CHECKING:
    from tansiq.service.node import Node

EXIT_NOT_PROVED: Final = 1

EPILOG = """
exit codes: 0 written, and proved; 1 not proved, and nothing written; 2 refused; 64 wrong usage; 70 our own fault

example:
  tansiq record pack amber 3f9c --thread 09a1 --redact text --output notice.pack
"""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command line knows the command."""
    group = commands.add_parser(
        "record",
        help="make packs of what was said",
        description="Makes packs of what was said.",
        epilog="Example: tansiq record pack amber 3f9c --output channel.pack",
    )
    command = group.add_subparsers(title="commands", metavar="COMMAND", required=True).add_parser(
        "pack",
        help="a pack that proves to a stranger what was said",
        description="Writes a pack of a channel, or of one thread of it, and says what it proves. The passphrase is "
        "asked for only where the log has grown since its last checkpoint.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("directory", metavar="DIR", help="the node's directory")
    command.add_argument("channel", metavar="CHANNEL", help="the channel, by the first digits of its id")
    command.add_argument("--thread", metavar="ID", help="only this thread, by the first digits of its id")
    command.add_argument(
        "--redact",
        action="append",
        default=[],
        metavar="FIELD",
        help="leave out the fields of this name; may be repeated",
    )
    command.add_argument("--output", required=True, metavar="FILE", help="the pack")
    add_passphrase(command)
    add_format(command)
    command.set_defaults(run=run)


@at_node
def run(chosen: argparse.Namespace) -> int:
    """Writes the pack, and says what it proves and which roots it rests on."""
    from tansiq.app.node import node_of  # noqa: PLC0415 - cryptography is not needed for --help
    from tansiq.record.verdict import verify_pack  # noqa: PLC0415 - see above
    from tansiq.record.verdict_words import sentences  # noqa: PLC0415 - see above
    from tansiq.service.packs import pack, threads  # noqa: PLC0415 - see above

    if chosen.output == "-":
        raise PartyError("usage", "--output", "standard output, which says what the pack proves", "a file")
    with node_of(Path(chosen.directory)) as (node, file):
        channel = by_beginning(node.channels, chosen.channel, "CHANNEL")
        thread = None
        if chosen.thread is not None:
            thread = by_beginning(threads(node, channel), chosen.thread, "--thread")
        _check_head(chosen, node, channel)
        spelling = node.settle(pack(node, channel, thread=thread, leave_out=frozenset(chosen.redact)))
        own = node.id
    members = node.channels[channel].state.start.genesis.members
    verdict = verify_pack(spelling, frozenset(members))
    names = {member: f"Party {number}" for number, member in enumerate(members, 1)} | {own: file.party}
    lines = list(sentences(verdict, names))
    value = {
        "format": "tansiq-packed/1",
        "file": chosen.output,
        "bytes": len(spelling),
        "proved": verdict.proved,
        "channel": channel.hex(),
        "thread": None if thread is None else thread.hex(),
        "redacted": sorted(set(chosen.redact)),
        "roots": [member.hex() for member in members],
    }
    if not verdict.proved:
        answer(chosen, [*lines, "", "Nothing was written."], value)
        return EXIT_NOT_PROVED
    write_file(chosen.output, spelling, "--output")
    lines += [
        "",
        f"Written to {chosen.output}, {len(spelling)} bytes. Whoever gets it verifies it, with the roots that he",
    ]
    return answer(chosen, [*lines, f"trusts: tansiq verify {chosen.output} --trust FILE"], value)


def _check_head(chosen: argparse.Namespace, node: "Node", channel: bytes) -> None:
    """The last checkpoint covers the whole log."""
    from tansiq.app.node import open_keys  # noqa: PLC0415 - see run
    from tansiq.service.heads import checkpoint, head_of  # noqa: PLC0415 - see run

    there = node.channels[channel]
    if there.head is None or head_of(there.head).size < there.log.size:
        open_keys(node, Path(chosen.directory), "log", asked_once(chosen))
        node.settle(checkpoint(node, channel))
