"""`tansiq pair`: two nodes come to trust each other, by one file each way and 40 digits compared by voice."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tansiq.cli.at_node import add_format, add_passphrase, answer, asked_once, at_node, by_beginning, root_file
from tansiq.cli.files import write_file
from tansiq.cli.output import readable
from tansiq.errors import PartyError
from tansiq.formats.kit.text import shown

if TYPE_CHECKING:
    from tansiq.service.node import Node
    from tansiq.service.offers import Offer
    from tansiq.service.pairing import Answered, Confirmed

DEFAULT_TRACK: Final = "general"
NO_ADDRESS: Final = "none"
TYPED_CHARACTERS: Final = 1_000
_GENESIS_BEGINS: Final = b'{"roots":'

EPILOG = """
One party offers, the other accepts, both confirm:

  tansiq pair offer amber --address amber.example:7443 --output amber.offer
  tansiq pair accept teal amber.offer --output teal.answer
  tansiq pair confirm amber teal.answer
  tansiq pair confirm teal Amber
"""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command line knows the commands."""
    group = commands.add_parser(
        "pair",
        help="pair with another party's node",
        description="Pairs two nodes: one file each way, and 40 digits that their people compare by voice.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    under = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    offering = under.add_parser(
        "offer",
        help="write an offer for another party",
        description="Writes an offer: who this party is, its keys, and where its node can be dialled. No secret is in "
        "it. Repeated, it is the same, until what it says has changed; then answers to the former are refused.",
        epilog="Example: tansiq pair offer amber --address amber.example:7443 --output amber.offer",
    )
    accepting = under.add_parser(
        "accept",
        help="answer another party's offer",
        description="Answers an offer, and shows the digits that both sides must have. The other is no peer yet.",
        epilog="Example: tansiq pair accept teal amber.offer --output teal.answer",
    )
    confirming = under.add_parser(
        "confirm",
        help="compare the digits with the other side; then it is a peer",
        description="Asks for the digits that the other side reads out, and takes it as a peer if they are the same.",
        epilog="Example: tansiq pair confirm amber teal.answer",
    )
    changing = under.add_parser(
        "change",
        help="give a peer another name or address here",
        description="Gives a peer another name or address. Nobody else is told.",
        epilog="Example: tansiq pair change amber Teal --address teal.example:7443",
    )
    listing = under.add_parser(
        "list",
        help="every peer, and who is still to be confirmed",
        description="Lists every peer, and the parties whose offers were answered and whose digits were not compared.",
        epilog="Example: tansiq pair list amber",
    )
    commands_and_runs = (
        (offering, run_offer),
        (accepting, run_accept),
        (confirming, run_confirm),
        (changing, run_change),
        (listing, run_list),
    )
    for command, _ in commands_and_runs:
        command.add_argument("directory", metavar="DIR", help="the node's directory")
    _add_arguments(offering, accepting, confirming, changing)
    for command, run in commands_and_runs:
        add_format(command)
        command.set_defaults(run=run)


def _add_arguments(
    offering: argparse.ArgumentParser,
    accepting: argparse.ArgumentParser,
    confirming: argparse.ArgumentParser,
    changing: argparse.ArgumentParser,
) -> None:
    accepting.add_argument("offer", metavar="OFFER", help="the other party's offer")
    confirming.add_argument(
        "other",
        metavar="ANSWER",
        help="the other party's answer; or, where this side accepted, its name here or the file that its confirm wrote",
    )
    changing.add_argument("peer", metavar="PEER", help="the peer's name here, or the first digits of its root")
    where = f"HOST:PORT where this node can be dialled, or {NO_ADDRESS}"
    offering.add_argument("--address", required=True, metavar="ADDRESS", help=where)
    offering.add_argument(
        "--track", default=DEFAULT_TRACK, metavar="TEXT", help=f"what the channel is for (default {DEFAULT_TRACK})"
    )
    accepting.add_argument("--address", metavar="ADDRESS", default=NO_ADDRESS, help=f"{where} (default {NO_ADDRESS})")
    changing.add_argument("--address", metavar="ADDRESS", help=f"HOST:PORT where the peer is dialled, or {NO_ADDRESS}")
    for command in (accepting, confirming, changing):
        command.add_argument("--name", metavar="NAME", help="what the other is called here")
    confirming.add_argument(
        "--digits", metavar="DIGITS", help="what the other side has read out (default: asked for on the terminal)"
    )
    offering.add_argument("--output", required=True, metavar="FILE", help="the offer")
    accepting.add_argument("--output", required=True, metavar="FILE", help="the answer")
    confirming.add_argument(
        "--output", metavar="FILE", help="the channel's beginning with both signatures, for the other party"
    )
    for command in (offering, accepting, confirming):
        command.add_argument("--root", metavar="FILE", help="the root's key file (default DIR/keys/root.key)")
        add_passphrase(command)


# ---------------------------------------------------------------------------------------------------------------- runs


@at_node
def run_offer(chosen: argparse.Namespace) -> int:
    """Writes the offer."""
    from tansiq.app.node import node_of, open_root  # noqa: PLC0415 - cryptography is not needed for --help
    from tansiq.record.keys import shown as groups  # noqa: PLC0415 - see above
    from tansiq.service.pairing import offer  # noqa: PLC0415 - see above

    _check_output(chosen)
    address = _address(chosen.address)
    with node_of(Path(chosen.directory)) as (node, file):
        root = open_root(node, root_file(chosen), asked_once(chosen))
        content = node.settle(offer(node, root, name=file.party, track=chosen.track, address=address))
    write_file(chosen.output, content, "--output")
    lines = (
        f"Written to {chosen.output}: the offer of {file.party}, track {chosen.track}.",
        "The root that signed it:",
        f"  {groups(node.id)}",
        "Give it to the other party, by any way: no secret is in it. Its answer comes back in a file.",
    )
    value = {"file": chosen.output, "root": node.id.hex(), "track": chosen.track, "address": address}
    return answer(chosen, lines, {"format": "tansiq-offered/1"} | value)


@at_node
def run_accept(chosen: argparse.Namespace) -> int:
    """Writes the answer, and shows the digits."""
    from tansiq.app.node import node_of, open_root  # noqa: PLC0415 - see run_offer
    from tansiq.limits import LIMITS  # noqa: PLC0415 - see run_offer
    from tansiq.service.offers import digits, parse_offer  # noqa: PLC0415 - see run_offer
    from tansiq.service.pairing import accept  # noqa: PLC0415 - see run_offer

    _check_output(chosen)
    address = _address(chosen.address)
    other = parse_offer(_read(chosen.offer, "OFFER", LIMITS.offer_bytes))
    with node_of(Path(chosen.directory)) as (node, file):
        root = open_root(node, root_file(chosen), asked_once(chosen))
        made = accept(node, root, other, own_name=file.party, address=address, name=chosen.name)
        given = node.settle(made)
        own = node.id
    write_file(chosen.output, given.answer.encode(), "--output")
    same = digits(own, other.party)
    lines = [
        f"Written to {chosen.output}: the answer for {given.name}.",
        *_about(other),
        *_digits_lines(own, other.party),
        "Nothing is open yet. When the other party has the answer, read the digits to each other by voice, all 40,",
        f"and type what you heard: tansiq pair confirm {chosen.directory} {readable(given.name)}",
    ]
    if address is None and other.address is None:
        lines.append("Neither node can be dialled: what is said goes by file.")
    value = {"file": chosen.output, "digits": same, "channel": given.answer.genesis.channel.hex()}
    return answer(chosen, lines, {"format": "tansiq-accepted/1"} | _party_value(given.name, other) | value)


@at_node
def run_confirm(chosen: argparse.Namespace) -> int:
    """Compares the digits; where they are the same, the other is a peer."""
    from tansiq.app.node import node_of, open_root  # noqa: PLC0415 - see run_offer
    from tansiq.service.offers import ANSWER_BYTES, parse_answer  # noqa: PLC0415 - see run_offer
    from tansiq.service.pairing import check_answer, confirm_answer, confirm_answered  # noqa: PLC0415 - see run_offer

    if chosen.output is not None:
        _check_output(chosen)
    content = _read(chosen.other, "ANSWER", ANSWER_BYTES) if Path(chosen.other).is_file() else None
    with node_of(Path(chosen.directory)) as (node, file):
        if content is not None and not content.startswith(_GENESIS_BEGINS):
            found = parse_answer(content)
            check_answer(node, found)
            typed = _typed(chosen, node, found.offer)
            root = open_root(node, root_file(chosen), asked_once(chosen))
            made = confirm_answer(node, root, found, typed=typed, own_name=file.party, name=chosen.name)
        else:
            given = _given(node, chosen.other, content)
            _check_whole(chosen, node, given, content)
            typed = _typed(chosen, node, given.offer)
            made = confirm_answered(node, given, typed=typed, name=chosen.name, genesis=content)
        done = node.settle(made)
        lost = done.genesis is not None and node.channels[done.channel].lost
    return _confirmed(chosen, done, lost=lost)


@at_node
def run_change(chosen: argparse.Namespace) -> int:
    """Gives the peer another name or address."""
    from tansiq.app.node import node_of  # noqa: PLC0415 - see run_offer
    from tansiq.service.pairing import change_peer, peers  # noqa: PLC0415 - see run_offer

    if chosen.name is None and chosen.address is None:
        raise PartyError("usage", "--name", "nothing to change", "--name or --address")
    with node_of(Path(chosen.directory)) as (node, _):
        known = {peer.id: peer for peer in peers(node)}
        peer = known[_by_name({mark: one.name for mark, one in known.items()}, chosen.peer, "PEER")]
        name = chosen.name or peer.name
        address = peer.address if chosen.address is None else _address(chosen.address)
        node.settle(change_peer(node, peer.id, name=name, address=address))
    lines = (f"{name}: {address or 'can not be dialled'}.",)
    value = {"format": "tansiq-peer/1", "name": name, "party": peer.id.hex(), "address": address}
    return answer(chosen, lines, value)


@at_node
def run_list(chosen: argparse.Namespace) -> int:
    """Prints every peer, and who is to be confirmed."""
    from tansiq.app.node import node_of  # noqa: PLC0415 - see run_offer
    from tansiq.record.keys import shown as groups  # noqa: PLC0415 - see run_offer
    from tansiq.service.pairing import answered, peers  # noqa: PLC0415 - see run_offer

    rows: list[dict[str, Any]] = []
    with node_of(Path(chosen.directory)) as (node, _):
        found = peers(node)
        rows += (_row(one.name, one.id, one.address, _channels(node, one.id), confirmed=True) for one in found)
        waiting = {one.offer.party: one for one in answered(node)}
        for mark in sorted(waiting.keys() - {peer.id for peer in found}):
            one = waiting[mark]
            rows.append(_row(one.name, mark, one.offer.address, [], confirmed=False))
    lines = [] if rows else ["No peers."]
    for row in rows:
        what = f"peer, {row['address'] or 'can not be dialled'}" if row["confirmed"] else "NOT CONFIRMED"
        lines += [f"{row['name']}: {what}", f"  root {groups(bytes.fromhex(row['party']))}"]
        lines += [f"  channel {channel}" for channel in row["channels"]]
    return answer(chosen, lines, {"format": "tansiq-peers/1", "peers": rows})


# ------------------------------------------------------------------------------------------------------------- answers


def _confirmed(chosen: argparse.Namespace, done: "Confirmed", *, lost: bool) -> int:
    """Writes the genesis where that was asked for, and says what is open."""
    lines = [f"Confirmed: {done.name} is a peer."]
    if lost:
        lines.append("Another channel of the two, of the same track, was opened at once and is used.")
    elif done.genesis is not None:
        lines.append(f"Open, the channel {done.channel.hex()}.")
    else:
        lines.append("The channel opens when the other side has confirmed too, with the first that comes from there.")
    written = None
    if chosen.output is not None and done.genesis is not None:
        write_file(chosen.output, done.genesis, "--output")
        written = chosen.output
        lines.append(f"Written to {written}: what the other party needs to open it too.")
    value = {"name": done.name, "party": done.peer.hex(), "channel": done.channel.hex(), "file": written}
    state = {"open": done.genesis is not None and not lost}
    return answer(chosen, lines, {"format": "tansiq-confirmed/1"} | value | state)


def _about(other: "Offer") -> Iterator[str]:
    dialled = f"can be dialled at {other.address}" if other.address else "can not be dialled"
    yield f"The offer is of a party that calls itself {other.name}, track {other.track}; its node {dialled}."


def _digits_lines(own: bytes, party: bytes) -> Iterator[str]:
    from tansiq.record.keys import shown as groups  # noqa: PLC0415 - see run_offer
    from tansiq.service.offers import digits  # noqa: PLC0415 - see run_offer

    yield f"Its root:  {groups(party)}"
    yield f"Your root: {groups(own)}"
    yield "The digits that both sides must have:"
    yield f"  {digits(own, party)}"


def _party_value(name: str, other: "Offer") -> dict[str, Any]:
    named = {"name": name, "calls_itself": other.name, "party": other.party.hex()}
    return named | {"address": other.address, "track": other.track}


def _row(name: str, party: bytes, address: str | None, channels: list[str], *, confirmed: bool) -> dict[str, Any]:
    named = {"name": name, "party": party.hex(), "address": address}
    return named | {"confirmed": confirmed, "channels": channels}


def _channels(node: "Node", party: bytes) -> list[str]:
    """The channels with this party that are in use."""
    return [
        mark.hex()
        for mark, channel in sorted(node.channels.items())
        if party in channel.state.start.genesis.members and not channel.lost
    ]


# -------------------------------------------------------------------------------------------------------------- inputs


def _typed(chosen: argparse.Namespace, node: "Node", other: "Offer") -> str | None:
    """The digits as the other side read them out; None for a peer, whose were compared before.

    Raises PartyError: usage where there are none, and no terminal to ask at.
    """
    from tansiq.service.pairing import is_peer  # noqa: PLC0415 - see run_offer

    if chosen.digits is not None:
        return str(chosen.digits)
    if is_peer(node, other.party):
        return None
    if not sys.stdin.isatty():
        raise PartyError("usage", "--digits", "nothing, and no terminal to ask at", "what the other side has read out")
    for line in (*_about(other), *_digits_lines(node.id, other.party)):
        print(shown(line), file=sys.stderr)
    print("Read them out, and type what the other side reads, by voice, not what stands here:", file=sys.stderr)
    return sys.stdin.readline(TYPED_CHARACTERS).strip()


def _given(node: "Node", text: str, content: bytes | None) -> "Answered":
    """The answer that this node gave, by the other's name here, its root, or the genesis in the file."""
    from tansiq.record.genesis import parse_signed_genesis  # noqa: PLC0415 - see run_offer
    from tansiq.service.pairing import answered, peers  # noqa: PLC0415 - see run_offer

    found = {one.answer.genesis.channel: one for one in answered(node)}
    if content is not None:
        channel = parse_signed_genesis(content).genesis.channel
        if channel not in found:
            raise PartyError("foreign_channel", "ANSWER", channel.hex(), "the channel of an answer that this node gave")
        return found[channel]
    names = {one.offer.party: one.name for one in found.values()}
    names |= {peer.id: peer.name for peer in peers(node) if peer.id in names}
    party = _by_name(names, text, "ANSWER")
    of_party = [one for one in found.values() if one.offer.party == party]
    # Of several tracks the one that is still to be opened, if any is.
    return min(of_party, key=lambda one: one.answer.genesis.channel in node.channels)


def _check_whole(chosen: argparse.Namespace, node: "Node", given: "Answered", content: bytes | None) -> None:
    """There is something to write, if that is asked for. Raises PartyError: missing_field."""
    if chosen.output is not None and content is None and given.answer.genesis.channel not in node.channels:
        want = "the other side's confirm first: until then there is nothing to write"
        raise PartyError("missing_field", "--output", "no second signature", want)


def _by_name(names: dict[bytes, str], text: str, field: str) -> bytes:
    """The one party of this name, or the one whose root's hexadecimal digits begin so.

    Raises PartyError: bad_value where none or several do.
    """
    found = [mark for mark, name in names.items() if name == text]
    return found[0] if len(found) == 1 else by_beginning(names, text, field)


def _address(text: str) -> str | None:
    from tansiq.service.offers import is_address  # noqa: PLC0415 - see run_offer

    if text == NO_ADDRESS:
        return None
    if not is_address(text):
        raise PartyError("bad_value", "--address", repr(readable(text))[:80], f"HOST:PORT, or {NO_ADDRESS}")
    return text


def _check_output(chosen: argparse.Namespace) -> None:
    if chosen.output == "-":
        raise PartyError("usage", "--output", "standard output, which says what was done", "a file")


def _read(name: str, field: str, most: int) -> bytes:
    """The file, whole. Raises PartyError: file_not_readable, limit_exceeded."""
    try:
        with Path(name).open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise PartyError("file_not_readable", field, error.strerror or "nothing", "a file that can be read") from error
    if len(content) > most:
        raise PartyError("limit_exceeded", field, "a larger file", f"at most {most} bytes")
    return content
