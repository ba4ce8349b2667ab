"""What the commands at a node's directory have in common: the passphrase, names given by a beginning, the answer."""

import argparse
import functools
import getpass
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import msgspec

from tansiq.cli.output import print_bytes, print_text, readable
from tansiq.errors import PartyError, TansiqError
from tansiq.formats.kit.text import shown
from tansiq.limits import LIMITS

EXIT_DONE: Final = 0
EXIT_REFUSED: Final = 2

Run = Callable[[argparse.Namespace], int]


def add_passphrase(command: argparse.ArgumentParser) -> None:
    """The command has the option of those that open or seal key files."""
    command.add_argument(
        "--passphrase-file",
        metavar="FILE",
        help="the passphrase of the key files, closed to others (default: asked for on the terminal)",
    )


def add_format(command: argparse.ArgumentParser) -> None:
    """The command has the option of those that answer in text or JSON."""
    command.add_argument("--format", choices=("text", "json"), default="text", help="default text")


def at_node(run: Run) -> Run:
    """The command ends with 2 where what lies in the directory, or what was named in it, is refused."""

    @functools.wraps(run)
    def refusing(chosen: argparse.Namespace) -> int:
        try:
            return run(chosen)
        except TansiqError as error:
            if error.code == "usage":
                raise
            if chosen.format == "json":
                parts = {"field": error.field, "got": error.got, "want": error.want, "code": error.code}
                row = {"file": chosen.directory, "record": "node", **parts}
                rows = [{name: readable(text) for name, text in row.items()}]
                print_bytes(msgspec.json.encode({"format": "tansiq-errors/1", "errors": rows}) + b"\n")
            else:
                print(shown(f"{chosen.directory}: {error}"), file=sys.stderr)
            return EXIT_REFUSED

    return refusing


def answer(chosen: argparse.Namespace, lines: Iterable[str], value: dict[str, Any]) -> int:
    """The answer is on stdout, in the form that was chosen."""
    if chosen.format == "json":
        print_bytes(msgspec.json.encode(value) + b"\n")
    else:
        print_text("".join(f"{shown(line)}\n" for line in lines))
    return EXIT_DONE


def passphrase(chosen: argparse.Namespace, *, new: bool = False) -> str:
    """The passphrase of the file that was named, without its last newline, or as typed; a new one is typed twice.

    Raises PartyError: usage where there is neither; bad_value, limit_exceeded, file_not_readable, not_private.
    """
    if chosen.passphrase_file is not None:
        from tansiq.app.directory import read_private  # noqa: PLC0415 - cryptography is not needed for --help

        field = "--passphrase-file"
        content = read_private(Path(chosen.passphrase_file), field, most=LIMITS.passphrase_bytes)
        try:
            text = content.decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError as error:
            raise PartyError("bad_value", field, "no UTF-8", "a text in UTF-8") from error
    elif not sys.stdin.isatty():
        raise PartyError("usage", "--passphrase-file", "nothing, and no terminal to ask at", "a file")
    else:
        field, text = "passphrase", getpass.getpass("Passphrase: ")
        if new and getpass.getpass("The same again: ") != text:
            raise PartyError("bad_value", field, "two that differ", "the same twice")
    if not text or len(text.encode("utf-8", "surrogatepass")) > LIMITS.passphrase_bytes:
        raise PartyError("bad_value", field, "an empty or too long one", f"1 to {LIMITS.passphrase_bytes} bytes")
    return text


def asked_once(chosen: argparse.Namespace) -> Callable[[], str]:
    """What gives the passphrase when it is needed: it is asked for when all else is known to be in order, and once."""
    return functools.cache(lambda: passphrase(chosen))


def by_beginning(known: Iterable[bytes], text: str, field: str) -> bytes:
    """The one id whose hexadecimal digits begin so.

    Raises PartyError: bad_value where none or several do; it names none of them.
    """
    found = [one for one in known if text and one.hex().startswith(text.lower())]
    if len(found) != 1:
        want = "the beginning of one that is there" if not found else "more digits, so that one is meant"
        raise PartyError("bad_value", field, f"{text[:80]!r}, which {len(found)} begin with", want)
    return found[0]


def root_file(chosen: argparse.Namespace) -> Path:
    """Where the root's key file lies: in the directory, or where it was taken to."""
    from tansiq.app.directory import key_file  # noqa: PLC0415 - see passphrase

    return Path(chosen.root) if chosen.root is not None else key_file(Path(chosen.directory), "root", b"")
