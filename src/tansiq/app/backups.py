"""A node's directory, copied and brought back: node.toml, the sealed keys without the root, and the store.

Rules for the next editor:

1. A copy, and what is made of it, has its name only when all of it is there.
2. A node made from a copy has lost what came later, and others have not: it must restore in every channel.
3. The root is in no copy. It lies where its owner took it.
"""

from pathlib import Path

from tansiq.app.directory import (
    KEYS,
    NODE_FILE,
    ROOT_FILE,
    STORE,
    check_new,
    check_private,
    made_whole,
    read_node_file,
    read_private,
    unnamed_keys,
    write_new,
)
from tansiq.app.node import node_of
from tansiq.app.system import SystemClock, SystemRandomness
from tansiq.limits import LIMITS
from tansiq.service.restore import mark_restored
from tansiq.storage.backup import backup, restore
from tansiq.storage.check import check
from tansiq.storage.sqlite import SqliteStore


def backup_node(directory: Path, folder: Path) -> None:
    """The new folder is a copy of the node, for its owner alone.

    Raises PartyError: as `read_node_file` and `made_whole`. StoreError: store_locked while the node is served.
    """
    file = read_node_file(directory)
    check_new(folder)
    check_private(directory / KEYS, KEYS)
    check_private(directory / STORE, STORE)
    store = SqliteStore(directory / STORE, SystemRandomness())
    try:
        with made_whole(folder) as building:
            backup(store, building / STORE)
            _copy_keys(directory, building)
            write_new(building / NODE_FILE, file.spelled().encode())
    finally:
        store.close()


def restore_node(copy: Path, directory: Path) -> None:
    """The new directory is the node's as the copy has it; in every channel it must restore before it signs.

    Raises PartyError: as `read_node_file` and `made_whole`. StoreError, as opening a store does.
    """
    file = read_node_file(copy)
    check_new(directory)
    with made_whole(directory) as building:
        restore(copy / STORE, building / STORE)
        store = SqliteStore(building / STORE, SystemRandomness())
        try:
            mark_restored(store, SystemClock(), SystemRandomness())
        finally:
            store.close()
        _copy_keys(copy, building)
        write_new(building / NODE_FILE, file.spelled().encode())


def check_node(directory: Path) -> tuple[list[str], list[str], dict[bytes, int]]:
    """What is wrong with the node, what is merely left over, and how many entries each channel's log has.

    All that the store holds is read again, every signature is checked again. Raises PartyError, as `node_of`.
    StoreError: store_damaged, store_failed, store_foreign, store_locked, store_newer.
    """
    read_node_file(directory)
    wrong = check(directory / STORE)
    if wrong:
        return wrong, [], {}
    with node_of(directory) as (node, _):
        left = [f"the key file {name} is named nowhere" for name in unnamed_keys(directory, set(node.keys))]
        return [], left, {channel: one.durable for channel, one in node.channels.items()}


def _copy_keys(source: Path, building: Path) -> None:
    """The sealed keys lie in the building too, all but the root."""
    keys = building / KEYS
    keys.mkdir(mode=0o700)
    for path in sorted((source / KEYS).iterdir()):
        if path.name.endswith(".key") and path.name != ROOT_FILE:
            write_new(keys / path.name, read_private(path, path.name, most=LIMITS.key_file_bytes))
