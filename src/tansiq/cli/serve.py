"""`tansiq serve`: runs a party's node, until it is stopped."""

import argparse
from pathlib import Path
from typing import Final

from tansiq.cli.at_node import add_passphrase, asked_once, at_node
from tansiq.errors import PartyError

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 7443
_PORTS: Final = 65_535

EPILOG = """
exit codes: 0 stopped by SIGINT or SIGTERM, 2 refused, 64 wrong usage, 70 a fault of tansiq's own, or of the disk

example:
  tansiq serve amber --host 0.0.0.0 --port 7443 --passphrase-file secret
"""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command line knows the command."""
    command = commands.add_parser(
        "serve",
        help="run a node: exchange with its peers",
        description="Runs a node: lets its peers in, and keeps the way to those that can be dialled in use. Says what "
        "happens on standard error, one line of JSON each.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("directory", metavar="DIR", help="the node's directory")
    command.add_argument(
        "--host", default=DEFAULT_HOST, metavar="ADDRESS", help=f"where to listen (default {DEFAULT_HOST}: nobody else)"
    )
    command.add_argument(
        "--port",
        type=int,
        default=DEFAULT_PORT,
        metavar="PORT",
        help=f"which port; 0 takes a free one (default {DEFAULT_PORT})",
    )
    command.add_argument(
        "--test-plain-http", action="store_true", help="for tests alone: no TLS, so anybody on the way reads everything"
    )
    add_passphrase(command)
    command.set_defaults(run=run, format="text")


@at_node
def run(chosen: argparse.Namespace) -> int:
    """Runs the node; the exit code."""
    import asyncio  # noqa: PLC0415 - not for --help

    from tansiq.app.node import node_of, open_own  # noqa: PLC0415 - cryptography is not needed for --help
    from tansiq.app.serve import Server  # noqa: PLC0415 - see above
    from tansiq.app.system import SystemClock  # noqa: PLC0415 - see above
    from tansiq.httpkit.lines import Lines  # noqa: PLC0415 - see above

    if not 0 <= chosen.port <= _PORTS:
        raise PartyError("usage", "--port", str(chosen.port), f"0 to {_PORTS}")
    directory, plain = Path(chosen.directory), chosen.test_plain_http
    tell = Lines(SystemClock())
    with node_of(directory) as (node, _):
        open_own(node, directory, asked_once(chosen))
        if plain:
            tell("warning", what="no TLS: whoever is on the way reads and changes everything; for tests alone")

        async def served() -> int:
            return await Server(node, directory, tell, plain=plain).run(chosen.host, chosen.port)

        return asyncio.run(served())
