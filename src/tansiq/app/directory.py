"""A node's directory: node.toml, keys/ and store/. Nobody but its owner can read it.

Rules for the next editor:

1. A file appears whole or not at all, and survives a loss of power once it is named anywhere else: first the key file,
   then the commit that names the key.
2. No key file is ever written over.
3. What others may read is not used, neither to read nor to write: the refusal comes before any passphrase is asked.
"""

import json
import os
import shutil
import stat
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tansiq.errors import PartyError
from tansiq.limits import LIMITS
from tansiq.ports.randomness import Randomness
from tansiq.record.keyfile import NONCE_BYTES, SALT_BYTES, open_key, seal
from tansiq.record.keys import EncryptionKey, SecretKey

FORMAT: Final = "tansiq-node/1"
NODE_FILE: Final = "node.toml"
KEYS: Final = "keys"
STORE: Final = "store"
ROOT_FILE: Final = "root.key"

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class NodeFile:
    """What node.toml says."""

    party: str
    """The party's name for itself; who is offered to pair is told it."""
    offices: tuple[str, ...]
    """The first one signs what the node says by itself."""
    root: bytes
    """The root's fingerprint."""

    def spelled(self) -> str:
        """The file. A JSON text without control characters is one of TOML too."""
        rows = {"format": FORMAT, "party": self.party, "offices": list(self.offices), "root": self.root.hex()}
        return "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in rows.items())


def check_name(text: str, field: str) -> str:
    """The name of a party or an office. Raises PartyError: bad_value, limit_exceeded."""
    if len(text) > LIMITS.id_characters:
        raise PartyError("limit_exceeded", field, f"{len(text)} characters", f"at most {LIMITS.id_characters}")
    if not text or not text.isprintable() or text != text.strip():
        raise PartyError("bad_value", field, repr(text[:60]), "a name without control characters or spaces around it")
    return text


def check_offices(names: tuple[str, ...], field: str) -> tuple[str, ...]:
    """The offices of a party. Raises PartyError: bad_value, limit_exceeded."""
    if len(names) > LIMITS.offices_per_node:
        raise PartyError("limit_exceeded", field, f"{len(names)} offices", f"at most {LIMITS.offices_per_node}")
    if not names or len(set(names)) != len(names):
        raise PartyError("bad_value", field, f"{len(names)} offices", "at least one, each once")
    return tuple(check_name(name, field) for name in names)


def read_node_file(directory: Path) -> NodeFile:
    """What the directory's node.toml says.

    Raises PartyError: file_not_readable, not_private, unknown_format, bad_value, missing_field, unknown_field,
    limit_exceeded.
    """
    check_private(directory, "directory")
    content = read_private(directory / NODE_FILE, NODE_FILE, most=LIMITS.node_file_bytes)
    try:
        value: dict[str, Any] = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PartyError("bad_value", NODE_FILE, "no TOML in UTF-8", "a file as `tansiq init` writes it") from error
    if value.get("format") != FORMAT:
        raise PartyError("unknown_format", f"{NODE_FILE}: format", repr(value.get("format"))[:60], FORMAT)
    names = ("format", "party", "offices", "root")
    for name in (name for name in names if name not in value):
        raise PartyError("missing_field", f"{NODE_FILE}: {name}", "nothing", "this field")
    for name in (name for name in value if name not in names):
        raise PartyError("unknown_field", f"{NODE_FILE}: {name[:80]}", "a field that the format does not have", "none")
    offices, root = value["offices"], value["root"]
    if not isinstance(value["party"], str) or not isinstance(offices, list):
        raise PartyError("bad_value", NODE_FILE, "another type of value", "a text `party`, a list `offices`")
    if not all(isinstance(one, str) for one in offices):
        raise PartyError("bad_value", f"{NODE_FILE}: offices", "another type of value", "texts")
    if not isinstance(root, str) or len(root) != 64 or not set(root) <= set("0123456789abcdef"):
        raise PartyError("bad_value", f"{NODE_FILE}: root", repr(root)[:80], "64 lower-case hexadecimal digits")
    party = check_name(value["party"], f"{NODE_FILE}: party")
    return NodeFile(party, check_offices(tuple(offices), f"{NODE_FILE}: offices"), bytes.fromhex(root))


def check_new(directory: Path) -> None:
    """A node can be made there. Raises PartyError: bad_value, file_not_writable."""
    try:
        there = directory.exists()
        if there and (not directory.is_dir() or any(directory.iterdir()) or directory.samefile(Path.cwd())):
            raise PartyError(
                "bad_value", "DIR", "one with something in it", "a new directory, or an empty one elsewhere"
            )
        if not directory.absolute().parent.is_dir():
            raise PartyError("file_not_writable", "DIR", "no directory to make it in", "a place to make it")
    except OSError as error:
        raise PartyError("file_not_writable", "DIR", error.strerror or "no directory", "a place to make it") from error


@contextmanager
def made_whole(directory: Path) -> Iterator[Path]:
    """A new directory to build a node in; it takes the name, for its owner alone, when all that was built in it stands.

    Where the building fails nothing is left. Raises PartyError: bad_value where there is anything at that name but an
    empty directory, or it is the current one; file_not_writable.
    """
    check_new(directory)
    target = directory.absolute()
    try:
        building = target.with_name(f".{target.name}.{os.getpid()}.part")
        building.mkdir(mode=0o700)
    except OSError as error:
        raise PartyError("file_not_writable", "DIR", error.strerror or "no directory", "a place to make it") from error
    try:
        yield building
        sync(building)
        building.rename(target)
        sync(target.parent)
    except OSError as error:
        raise PartyError("file_not_writable", "DIR", error.strerror or "no directory", "a place to make it") from error
    finally:
        shutil.rmtree(building, ignore_errors=True)


def write_new(path: Path, content: bytes) -> None:
    """The file is there, whole, for its owner alone, and survives a loss of power.

    Raises PartyError: file_not_writable.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.unlink(missing_ok=True)
        opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # A link fails where the name is taken; a rename would write over it.
        path.hardlink_to(beside)
        beside.unlink()
        sync(path.parent)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise PartyError("file_not_writable", path.name, error.strerror or "no file", "a place for a file") from error


def sync(directory: Path) -> None:
    """The names in the directory survive a loss of power."""
    opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def check_private(path: Path, field: str) -> None:
    """Nobody but its owner can read or change it. Raises PartyError: file_not_readable, not_private."""
    try:
        found = path.stat()
    except OSError as error:
        raise PartyError("file_not_readable", field, error.strerror or "nothing", "one that can be read") from error
    if found.st_mode & _OTHERS or found.st_uid != os.geteuid():
        got = f"mode {stat.S_IMODE(found.st_mode):03o}" if found.st_uid == os.geteuid() else "another owner"
        raise PartyError("not_private", field, got, "one's own, closed to others: chmod go= it")


def read_private(path: Path, field: str, *, most: int) -> bytes:
    """The content of a file that its owner alone can read.

    Raises PartyError: file_not_readable, not_private, limit_exceeded.
    """
    check_private(path, field)
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise PartyError("file_not_readable", field, error.strerror or "nothing", "one that can be read") from error
    if len(content) > most:
        raise PartyError("limit_exceeded", field, "a larger file", f"at most {most} bytes")
    return content


def key_file(directory: Path, use: str, mark: bytes) -> Path:
    """Where the key of this use and fingerprint lies."""
    return directory / KEYS / (ROOT_FILE if use == "root" else f"{use}-{mark.hex()}.key")


def write_key(
    directory: Path, key: SecretKey | EncryptionKey, use: str, passphrase: str, randomness: Randomness
) -> None:
    """The key has its file, sealed. Raises PartyError: file_not_writable, and as `seal`."""
    salt, nonce = randomness.draw(SALT_BYTES), randomness.draw(NONCE_BYTES)
    sealed = seal(key, use, passphrase, salt=salt, nonce=nonce)
    write_new(key_file(directory, use, key.public.fingerprint), sealed)


def read_key(path: Path, use: str, mark: bytes, ask: Callable[[], str]) -> SecretKey | EncryptionKey:
    """The key of the file, which is the one of this use and fingerprint. `ask` gives the passphrase.

    Raises PartyError: file_not_readable, not_private, bad_key where it is another one, and as `open_key`.
    """
    content = read_private(path, path.name, most=LIMITS.key_file_bytes)
    key, found = open_key(content, ask())
    if (found, key.public.fingerprint) != (use, mark):
        raise PartyError("bad_key", path.name, f"the {found} key {key.public.fingerprint.hex()}", f"{use} {mark.hex()}")
    return key


def unnamed_keys(directory: Path, marks: set[bytes]) -> list[str]:
    """The names of the key files that the store names nowhere: a rotation was cut off before its commit."""
    known = {f"{mark.hex()}.key" for mark in marks}
    found = (path.name for path in (directory / KEYS).iterdir() if path.name.endswith(".key"))
    return sorted(name for name in found if name != ROOT_FILE and name.rpartition("-")[2] not in known)
