"""What was acknowledged survives a loss of power and kill -9, and nothing is ever there by half.

POWER_CUTS=5000 tries more cuts than the usual 200.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import pytest

from tansiq.errors import StoreError
from tansiq.ports.store import Change
from tansiq.storage import schema
from tansiq.storage.check import check
from tansiq.storage.memory import MemoryStore
from tests.contract.power import Disk, powered
from tests.contract.stores import Contents, Walk, contents, sqlite_store
from tests.house.checkout import ROOT

CUTS: Final = int(os.environ.get("POWER_CUTS", "200"))
CUTS_EACH: Final = 20
GROUPS: Final = 14
PATIENCE_S: Final = 60


@cache
def groups_of(seed: int) -> list[list[Change]]:
    walk = Walk(seed)
    return [walk.group() for _ in range(GROUPS)]


@cache
def wanted(seed: int) -> list[Contents]:
    """The contents after none, the first, and so on of the groups."""
    store = MemoryStore()
    found = [contents(store, groups_of(seed))]
    for group in groups_of(seed):
        store.commit(group)
        found.append(contents(store, groups_of(seed)))
    return found


def work(disk: Disk, folder: Path, seed: int) -> int:
    """How many groups were acknowledged before the power was cut; in the middle the store is opened anew."""
    acknowledged = 0
    with powered(disk):
        try:
            store = sqlite_store(folder, seed)
            for group in groups_of(seed):
                store.commit(group)
                acknowledged += 1
                if acknowledged == GROUPS // 2:
                    store.close()
                    store = sqlite_store(folder, seed + 1)
            store.close()
        except StoreError as error:
            if error.code != "store_failed":
                raise
    return acknowledged


def lost_or_halved(folder: Path, cut: Random, seed: int, acts: int, *, lies: bool = False, once: bool = False) -> bool:
    """Whether the power, cut somewhere in these acts, left an acknowledged group lost or any group there by half.

    With `once` the disk fails at that act alone, and nothing of what was written is lost.
    """
    disk = Disk({}, cut, cut_at=cut.randrange(acts), lies=lies, once=once)
    acknowledged = work(disk, folder, seed)
    with powered(Disk(disk.now() if once else disk.after_cut(), cut)):
        try:
            store = sqlite_store(folder, seed + 2)
            found = contents(store, groups_of(seed))
            next_seq = store.commit([Change((b"after the cut",))])
            store.close()
        except StoreError:
            if not lies:
                raise
            return True
    assert next_seq >= 1
    return found not in wanted(seed)[acknowledged : acknowledged + 2]


@pytest.fixture(autouse=True)
def _often_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    """The write-ahead log begins anew every few groups."""
    monkeypatch.setattr(schema, "LOG_PAGES", 20)


def undisturbed(folder: Path, seed: int) -> Disk:
    disk = Disk({}, Random(seed))
    assert work(disk, folder, seed) == GROUPS
    return disk


# SQLite asks on after the power was cut; apsw tells its caller of the first error alone.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("seed", range(max(1, CUTS // CUTS_EACH)))
def test_no_cut_of_the_power_loses_or_halves_what_was_acknowledged(seed: int, tmp_path: Path) -> None:
    acts = undisturbed(tmp_path, seed).acts
    found = [lost_or_halved(tmp_path, Random(f"{seed} {cut}"), seed, acts) for cut in range(CUTS_EACH)]
    assert not any(found), f"cut {found.index(True)}"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("seed", range(5))
def test_a_disk_that_fails_once_loses_or_halves_nothing(seed: int, tmp_path: Path) -> None:
    """As a full one does, or one that can not be reached for a moment."""
    acts = undisturbed(tmp_path, seed).acts
    found = [lost_or_halved(tmp_path, Random(f"{seed} {cut}"), seed, acts, once=True) for cut in range(CUTS_EACH)]
    assert not any(found), f"failure {found.index(True)}"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("seed", range(5))
def test_what_a_failed_sync_left_in_memory_alone_is_not_built_upon(seed: int, tmp_path: Path) -> None:
    """The next start finds it there, goes on, and then the power is cut."""
    for sync in undisturbed(tmp_path, seed).syncs:
        lots = Random(f"{seed} {sync}")
        disk = Disk({}, lots, cut_at=sync, once=True)
        acknowledged = work(disk, tmp_path, seed)
        with powered(disk):
            store = sqlite_store(tmp_path, seed + 2)
            found = contents(store, groups_of(seed))
            kept = next(k for k in (acknowledged + 1, acknowledged) if k <= GROUPS and wanted(seed)[k] == found)
            for group in groups_of(seed)[kept:]:
                store.commit(group)
            disk.cut()
            with suppress(StoreError):
                store.commit([])
                store.close()
        with powered(Disk(disk.after_cut(), lots)):
            store = sqlite_store(tmp_path, seed + 3)
            assert contents(store, groups_of(seed)) == wanted(seed)[GROUPS], f"sync {sync}"
            store.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_disk_that_only_says_that_it_synced_loses_some(tmp_path: Path) -> None:
    acts = undisturbed(tmp_path, 1).acts
    assert any(lost_or_halved(tmp_path, Random(f"1 {cut}"), 1, acts, lies=True) for cut in range(CUTS_EACH))


# ------------------------------------------------------------------------------------------------------------ kill -9

WRITER: Final = """
import sys
from pathlib import Path
from tests.contract.stores import Walk, sqlite_store

store = sqlite_store(Path(sys.argv[1]))
walk = Walk(int(sys.argv[2]))
while True:
    group = walk.group()
    store.commit(group)
    print("kept", flush=True)
"""


def killed_after(count: int, folder: Path, seed: int) -> int:
    """How many groups a process had acknowledged when it was killed, at least `count`."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(seed)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        for _ in range(count):
            assert writer.stdout.readline() == "kept\n"
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read()
        assert writer.wait(PATIENCE_S) == -signal.SIGKILL
    return count + rest.count("kept\n")


@pytest.mark.parametrize("seed", range(5))
def test_a_writer_that_is_killed_has_lost_nothing_and_left_no_lock(seed: int, tmp_path: Path) -> None:
    acknowledged = killed_after(10 + 7 * seed, tmp_path, seed)
    store = sqlite_store(tmp_path)
    walk, memory = Walk(seed), MemoryStore()
    groups = [walk.group() for _ in range(acknowledged + 1)]
    for group in groups[:-1]:
        memory.commit(group)
    without = contents(memory, groups)
    memory.commit(groups[-1])
    assert contents(store, groups) in (without, contents(memory, groups))
    store.close()
    assert check(tmp_path) == []
