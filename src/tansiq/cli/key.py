"""`tansiq key`: lists a party's keys, puts a new one in the place of an old one, takes one back."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tansiq.cli.at_node import add_format, add_passphrase, answer, asked_once, at_node, root_file
from tansiq.errors import PartyError

if TYPE_CHECKING:
    from tansiq.service.node import Node
    from tansiq.service.rotation import KeyChange

USES = ("log", "witness", "transport", "encryption")


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command line knows the commands."""
    group = commands.add_parser(
        "key",
        help="list, change and revoke a party's keys",
        description="Lists, changes and revokes a party's keys.",
        epilog="Example: tansiq key list amber",
    )
    under = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = under.add_parser(
        "list",
        help="every key and what became of it",
        description="Lists every key: its use, its office, its fingerprint, and its standing in each channel.",
        epilog="Example: tansiq key list amber --format json",
    )
    rotating = under.add_parser(
        "rotate",
        help="a new key in the place of the present one",
        description="Draws a new key and tells every channel. An office's entry key hands over to the new one by "
        "itself; of all other keys the root says so.",
        epilog="Example: tansiq key rotate amber --office watch",
    )
    revoking = under.add_parser(
        "revoke",
        help="take a key back that may be in wrong hands",
        description="Tells every channel, by the root, that what the key signed after the last good position is void.",
        epilog="Example: tansiq key revoke amber FINGERPRINT --compromised-since 2030-01-15T06:00:00Z",
    )
    for command in (listing, rotating, revoking):
        command.add_argument("directory", metavar="DIR", help="the node's directory")
    which = rotating.add_mutually_exclusive_group(required=True)
    which.add_argument("--office", metavar="NAME", help="the entry key of this office")
    which.add_argument("--use", choices=USES, help="the party's key for this use")
    revoking.add_argument("fingerprint", metavar="FINGERPRINT", help="all 64 digits; spaces do not count")
    revoking.add_argument(
        "--compromised-since",
        metavar="TIME",
        help="the last good position is the last one issued before (default: the end of the chain)",
    )
    for command in (rotating, revoking):
        command.add_argument("--root", metavar="FILE", help="the root's key file (default DIR/keys/root.key)")
        add_passphrase(command)
    for command, run in ((listing, run_list), (rotating, run_rotate), (revoking, run_revoke)):
        add_format(command)
        command.set_defaults(run=run)


@at_node
def run_list(chosen: argparse.Namespace) -> int:
    """Prints every key."""
    from tansiq.app.directory import unnamed_keys  # noqa: PLC0415 - cryptography is not needed for --help
    from tansiq.app.node import node_of  # noqa: PLC0415 - see above

    directory = Path(chosen.directory)
    with node_of(directory) as (node, file):
        unnamed = unnamed_keys(directory, set(node.keys))
        value = {
            "format": "tansiq-keys/1",
            "party": file.party,
            "root": node.id.hex(),
            "keys": [
                {
                    "use": one.key.use,
                    "office": one.key.office,
                    "fingerprint": mark.hex(),
                    "standing": one.standing,
                    "channels": _standings(node, mark),
                }
                for mark, one in sorted(node.keys.items(), key=lambda row: (row[1].key.use, row[1].key.office, row[0]))
            ],
            "unnamed": unnamed,
        }
    return answer(chosen, _listed(value), value)


@at_node
def run_rotate(chosen: argparse.Namespace) -> int:
    """Puts a new key in the place of the present one, and says to whom that was told."""
    from tansiq.app.node import node_of, open_keys, open_root, rotate  # noqa: PLC0415 - see run_list
    from tansiq.record.keys import shown  # noqa: PLC0415 - see run_list

    directory = Path(chosen.directory)
    use, office = ("entry", chosen.office) if chosen.office is not None else (chosen.use, "")
    with node_of(directory) as (node, file):
        if use == "entry" and office not in file.offices:
            raise PartyError("bad_value", "--office", repr(office[:60]), f"one of {', '.join(file.offices)}")
        ask = asked_once(chosen)
        root = None
        if use == "entry" and chosen.root is None:
            open_keys(node, directory, use, ask, office)
        else:
            root = open_root(node, root_file(chosen), ask)
        key, change = rotate(node, directory, use, office, ask(), root=root)
    mark = key.public.fingerprint
    lines = (f"The new {use} key{f' of the office {office}' if office else ''}:", f"  {shown(mark)}", *_told(change))
    return answer(chosen, lines, _change_value("rotated", mark, change))


@at_node
def run_revoke(chosen: argparse.Namespace) -> int:
    """Takes the key back, and says to whom that was told."""
    from tansiq.app.node import node_of, open_root  # noqa: PLC0415 - see run_list
    from tansiq.record.keys import shown  # noqa: PLC0415 - see run_list
    from tansiq.service.rotation import revoke_key  # noqa: PLC0415 - see run_list
    from tansiq.units import parse_instant_us  # noqa: PLC0415 - see run_list

    try:
        since = chosen.compromised_since
        since_us = None if since is None else parse_instant_us(since, end=False)
    except PartyError as error:
        raise error.under("--compromised-since") from error
    digits = "".join(chosen.fingerprint.split()).lower()
    if len(digits) != 64 or not set(digits) <= set("0123456789abcdef"):
        raise PartyError("bad_value", "FINGERPRINT", repr(digits[:80]), "all 64 digits of it")
    mark = bytes.fromhex(digits)
    with node_of(Path(chosen.directory)) as (node, _):
        if mark not in node.keys:
            raise PartyError("bad_value", "FINGERPRINT", digits, "a key of this party, by `tansiq key list`")
        root = open_root(node, root_file(chosen), asked_once(chosen))
        use = node.keys[mark].key
        change = node.settle(revoke_key(node, mark, root=root, since_us=since_us))
    again = f"--office {use.office}" if use.office else f"--use {use.use}"
    lines = (
        f"Revoked, the {use.use} key{f' of the office {use.office}' if use.office else ''}:",
        f"  {shown(mark)}",
        *_told(change),
        f"A new one in its place: tansiq key rotate {chosen.directory} {again} --root FILE",
    )
    return answer(chosen, lines, _change_value("revoked", mark, change))


def _standings(node: "Node", mark: bytes) -> dict[str, str]:
    """What the key may do in each channel that knows it."""
    rings = {key: channel.state.keyring(node.id) for key, channel in sorted(node.channels.items())}
    return {key.hex(): ring[mark].standing for key, ring in rings.items() if mark in ring}


def _listed(value: dict[str, Any]) -> Iterator[str]:
    from tansiq.record.keys import shown  # noqa: PLC0415 - see run_list

    yield f"The keys of {value['party']}."
    yield f"root: {shown(bytes.fromhex(value['root']))}"
    for one in value["keys"]:
        office = f" of the office {one['office']}" if one["office"] else ""
        yield f"{one['use']}{office}, {one['standing']}: {shown(bytes.fromhex(one['fingerprint']))}"
        for channel, standing in one["channels"].items():
            yield f"  {standing} in channel {channel}"
    for name in value["unnamed"]:
        yield f"keys/{name} is named nowhere: a rotation was cut off. It can be deleted."


def _told(change: "KeyChange") -> Iterator[str]:
    count = len(change.told)
    yield f"Told in {count} channel{'s' * (count != 1)}; the other parties learn of it with the next exchange."
    for channel in change.left:
        yield f"NOT TOLD in channel {channel.hex()}: this node must restore there first."


def _change_value(what: str, mark: bytes, change: "KeyChange") -> dict[str, Any]:
    told = [{"channel": one.entry.channel.hex(), "entry": one.entry.digest.hex()} for one in change.told]
    left = [channel.hex() for channel in change.left]
    return {"format": "tansiq-key-change/1", "act": what, "fingerprint": mark.hex(), "told": told, "not_told": left}
