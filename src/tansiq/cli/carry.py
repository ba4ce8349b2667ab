"""`tansiq carry`: what one node gives another, in a file that only the other can open."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tansiq.cli.at_node import add_format, add_passphrase, answer, asked_once, at_node, by_beginning
from tansiq.cli.files import write_file
from tansiq.errors import PartyError

if TYPE_CHECKING:
    from tansiq.service.node import Node


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command line knows the commands."""
    group = commands.add_parser(
        "carry",
        help="exchange with a peer by file",
        description="Exchanges with a peer by file, sealed so that only the peer can open it.",
        epilog="Example: tansiq carry out amber Teal --output to-teal.carried",
    )
    under = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    out = under.add_parser(
        "out",
        help="write what a peer is not known to have",
        description="Writes a file with what the peer is not known to have. Nothing here changes by it: the next file "
        "has the same again, until the peer has shown that it has it.",
        epilog="Example: tansiq carry out amber Teal --output to-teal.carried",
    )
    taking = under.add_parser(
        "in",
        help="take what a peer's file carries",
        description="Takes what a peer's file carries. Taking it twice changes nothing.",
        epilog="Example: tansiq carry in teal to-teal.carried",
    )
    for command in (out, taking):
        command.add_argument("directory", metavar="DIR", help="the node's directory")
    out.add_argument("peer", metavar="PEER", help="the peer's name here, or the first digits of its root")
    out.add_argument("--output", required=True, metavar="FILE", help="the file")
    taking.add_argument("file", metavar="FILE", help="a file that `carry out` wrote")
    add_passphrase(taking)
    for command, run in ((out, run_out), (taking, run_in)):
        add_format(command)
        command.set_defaults(run=run)


@at_node
def run_out(chosen: argparse.Namespace) -> int:
    """Writes the file, or says that there is nothing to carry."""
    from tansiq.app.node import node_of  # noqa: PLC0415 - cryptography is not needed for --help
    from tansiq.app.sealed import encryption_key_of, seal  # noqa: PLC0415 - see above
    from tansiq.limits import LIMITS  # noqa: PLC0415 - see above
    from tansiq.service.delivery import parcel_for  # noqa: PLC0415 - see above

    if chosen.output == "-":
        raise PartyError("usage", "--output", "standard output, which says what was written", "a file")
    with node_of(Path(chosen.directory)) as (node, _):
        peer = _peer(node, chosen.peer)
        key = encryption_key_of(node, peer)
        parcel = parcel_for(node, peer, bytes_max=LIMITS.parcel_bytes)
        content = None
        if parcel is not None:
            content = seal(parcel, sender=node.id, to=peer, key=key, randomness=node.randomness)
    value = {"format": "tansiq-carry/1", "file": None, "bytes": 0, "peer": peer.hex()}
    if content is None:
        return answer(chosen, ("Nothing to carry: the peer is known to have all there is.",), value)
    write_file(chosen.output, content, "--output")
    lines = (f"Written to {chosen.output}, {len(content)} bytes, for this peer alone.",)
    return answer(chosen, lines, value | {"file": chosen.output, "bytes": len(content)})


@at_node
def run_in(chosen: argparse.Namespace) -> int:
    """Takes the file, and says what came of it."""
    from tansiq.app.node import node_of, open_encryption, open_own  # noqa: PLC0415 - see run_out
    from tansiq.app.sealed import not_carried, read_carried, unseal  # noqa: PLC0415 - see run_out
    from tansiq.service.delivery import take_parcel  # noqa: PLC0415 - see run_out
    from tansiq.service.pairing import is_peer  # noqa: PLC0415 - see run_out

    carried = read_carried(_content(Path(chosen.file)))
    directory = Path(chosen.directory)
    with node_of(directory) as (node, _):
        if carried.to != node.id or carried.key not in node.keys or not is_peer(node, carried.sender):
            raise not_carried()
        ask = asked_once(chosen)
        parcel = unseal(carried, open_encryption(node, directory, carried.key, ask))
        open_own(node, directory, ask)
        delivered = node.settle(take_parcel(node, carried.sender, parcel))
    refused = [{"at": one.at, "code": one.error.code} for one in delivered.refused]
    value = {
        "format": "tansiq-carried-in/1",
        "peer": carried.sender.hex(),
        "entries": len(delivered.entries),
        "channels": [one.hex() for one in delivered.opened],
        "refused": refused,
        "wants": delivered.wants,
    }
    lines = [f"{len(delivered.entries)} new entries, {len(delivered.opened)} new channels."]
    lines += [f"Not taken: {one['at']} [{one['code']}]" for one in refused]
    if delivered.wants:
        lines.append("Something that this node lacks is known to exist: the next file out asks for it.")
    return answer(chosen, lines, value)


def _peer(node: "Node", text: str) -> bytes:
    """The peer of this name, or whose root's digits begin so. Raises PartyError: bad_value."""
    from tansiq.service.pairing import peers  # noqa: PLC0415 - see run_out

    known = peers(node)
    for one in known:
        if one.name == text:
            return one.id
    return by_beginning((one.id for one in known), text, "PEER")


def _content(path: Path) -> bytes:
    """The file's bytes. Raises PartyError: file_not_readable, limit_exceeded."""
    from tansiq.limits import LIMITS  # noqa: PLC0415 - see run_out

    try:
        with path.open("rb") as file:
            content = file.read(LIMITS.carried_bytes + 1)
    except OSError as error:
        raise PartyError("file_not_readable", "FILE", error.strerror or "no file", "one that can be read") from error
    if len(content) > LIMITS.carried_bytes:
        raise PartyError("limit_exceeded", "FILE", "a larger file", f"at most {LIMITS.carried_bytes} bytes")
    return content
