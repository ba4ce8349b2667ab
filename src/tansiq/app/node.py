"""A node of a directory: made, opened, its keys changed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tansiq.app.directory import (
    KEYS,
    NODE_FILE,
    STORE,
    NodeFile,
    check_private,
    key_file,
    made_whole,
    read_key,
    read_node_file,
    write_key,
    write_new,
)
from tansiq.app.system import SystemClock, SystemRandomness
from tansiq.errors import PartyError
from tansiq.record.control import OfficeKey
from tansiq.record.keys import ED25519, EncryptionKey, SecretKey
from tansiq.service.node import Node, begin, open_node
from tansiq.service.own_keys import CURRENT
from tansiq.service.rotation import KeyChange, rotate_key
from tansiq.storage.sqlite import SqliteStore

KEY_BYTES = 32
PARTY_USES = ("log", "witness", "transport", "encryption")
"""Each party has one key for each of these, and one entry key for each office."""


def make_node(directory: Path, party: str, offices: tuple[str, ...], passphrase: str) -> NodeFile:
    """The directory is that of a new node with new keys, or nothing of it is there.

    Raises PartyError: bad_value, file_not_writable, and as `seal`. StoreError.
    """
    lots, clock = SystemRandomness(), SystemClock()
    root = SecretKey(ED25519, lots.draw(KEY_BYTES))
    file = NodeFile(party, offices, root.public.fingerprint)
    uses = [("entry", office) for office in offices] + [(use, "") for use in PARTY_USES]
    keys = [(use, office, draw_key(use)) for use, office in uses]
    with made_whole(directory) as building:
        (building / KEYS).mkdir(mode=0o700)
        write_key(building, root, "root", passphrase, lots)
        for use, _, key in keys:
            write_key(building, key, use, passphrase, lots)
        store = SqliteStore(building / STORE, lots)
        try:
            begin(store, clock, root.public, [OfficeKey(office, use, key.public) for use, office, key in keys])
        finally:
            store.close()
        write_new(building / NODE_FILE, file.spelled().encode())
    return file


def draw_key(use: str) -> SecretKey | EncryptionKey:
    """A new key for this use."""
    seed = SystemRandomness().draw(KEY_BYTES)
    return EncryptionKey(seed) if use == "encryption" else SecretKey(ED25519, seed)


@contextmanager
def node_of(directory: Path) -> Iterator[tuple[Node, NodeFile]]:
    """The directory's node, with no key open yet; its store is closed in the end.

    Raises PartyError, as `read_node_file`; bad_value where node.toml names another party or other offices than the
    store. StoreError.
    """
    file = read_node_file(directory)
    check_private(directory / KEYS, KEYS)
    check_private(directory / STORE, STORE)
    store = SqliteStore(directory / STORE, SystemRandomness())
    try:
        node = open_node(store, SystemClock(), SystemRandomness(), {}, office=file.offices[0])
        if node.id != file.root:
            raise PartyError(
                "bad_value", f"{NODE_FILE}: root", file.root.hex(), f"the root of the store, {node.id.hex()}"
            )
        known = {one.key.office for one in node.keys.values() if one.key.office}
        if known != set(file.offices):
            got = f"{len(file.offices)} offices"
            raise PartyError("bad_value", f"{NODE_FILE}: offices", got, f"the {len(known)} that the store has keys of")
        yield node, file
    finally:
        store.close()


def open_keys(node: Node, directory: Path, use: str, ask: Callable[[], str], office: str = "") -> None:
    """The party's present key for this use and office is open. Raises PartyError, as `read_key`."""
    for mark, one in node.keys.items():
        if (one.key.use, one.key.office, one.standing) == (use, office, CURRENT):
            key = read_key(key_file(directory, use, mark), use, mark, ask)
            assert isinstance(key, SecretKey), use
            node.secrets[mark] = key


def open_own(node: Node, directory: Path, ask: Callable[[], str]) -> None:
    """The keys with which the node acts by itself are open: all but the encryption key, which signs nothing.

    Raises PartyError, as `read_key`.
    """
    for use, office in sorted({(one.key.use, one.key.office) for one in node.keys.values()} - {("encryption", "")}):
        open_keys(node, directory, use, ask, office)


def open_encryption(node: Node, directory: Path, mark: bytes, ask: Callable[[], str]) -> EncryptionKey:
    """The party's encryption key of this fingerprint, which may be retired: what was sealed to it opens all the same.

    Raises PartyError: bad_key where the party has no such key, and as `read_key`.
    """
    if mark not in node.keys or node.keys[mark].key.use != "encryption":
        raise PartyError("bad_key", "encryption", mark.hex(), "an encryption key of this party")
    key = read_key(key_file(directory, "encryption", mark), "encryption", mark, ask)
    assert isinstance(key, EncryptionKey)
    return key


def open_root(node: Node, path: Path, ask: Callable[[], str]) -> SecretKey:
    """The party's root. Raises PartyError, as `read_key`."""
    key = read_key(path, "root", node.id, ask)
    assert isinstance(key, SecretKey)
    return key


def rotate(
    node: Node, directory: Path, use: str, office: str, passphrase: str, *, root: SecretKey | None = None
) -> tuple[SecretKey | EncryptionKey, KeyChange]:
    """A new key is the party's for this use and office; its file was there before anything named it.

    Raises PartyError, as `rotate_key`, and then no file is left; file_not_writable. StoreError.
    """
    key = draw_key(use)
    write_key(directory, key, use, passphrase, SystemRandomness())
    try:
        decision = rotate_key(node, key, use, office, root=root)
    except PartyError:
        key_file(directory, use, key.public.fingerprint).unlink()
        raise
    return key, node.settle(decision)
