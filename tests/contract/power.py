"""A disk whose power can be cut at any of its acts: what was not synced is there, or not, or torn.

SQLite reaches it as a VFS. A write that was not synced is cut at multiples of 512 bytes, and each piece is on the disk
or not by itself, in any order; so are the end of a file, its making and its removal. What a write did not touch stays
as it was: SQLite relies on that (SQLITE_IOCAP_POWERSAFE_OVERWRITE), and so do we.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Final

import apsw

SECTOR_BYTES: Final = 512
PAGE_BYTES: Final = 4_096
CHARACTERISTICS: Final = apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE


class PowerCut(OSError):
    """There is no disk any more."""


class File:
    """What a program sees of a file, and what is on the disk."""

    def __init__(self, content: bytes | None) -> None:
        self.seen = bytearray(content or b"")
        self.durable = bytearray(self.seen)
        self.pending: list[tuple[int, bytes] | int] = []
        """Since the last sync: writes, as where and what; new ends of the file."""
        self.synced = content is not None

    def sync(self) -> None:
        self.durable[:] = self.seen
        self.pending.clear()
        self.synced = True

    def after_cut(self, lots: Random, share: float) -> bytes:
        """What is found: each piece that was not synced is there with this probability."""
        found = bytearray(self.durable)
        for act in self.pending:
            if isinstance(act, int):
                if lots.random() < share:
                    resize(found, act)
                continue
            begin, content = act
            while content:
                piece = content[: SECTOR_BYTES - begin % SECTOR_BYTES]
                if lots.random() < share:
                    put(found, begin, piece)
                begin, content = begin + len(piece), content[len(piece) :]
        return bytes(found)


class Disk:
    """Files by name, up to the act before which the power is cut."""

    def __init__(
        self,
        files: dict[str, bytes],
        lots: Random,
        *,
        cut_at: int | None = None,
        lies: bool = False,
        once: bool = False,
    ) -> None:
        """A disk that lies says that it has synced, and has not; one that fails once goes on after it."""
        self.files = {name: File(content) for name, content in files.items()}
        self.removed: dict[str, File] = {}
        self.acts = 0
        self.syncs: list[int] = []
        """Which of the acts were syncs."""
        self._lots = lots
        self._cut_at = cut_at
        self._lies = lies
        self._once = once

    def act(self) -> None:
        if self._cut_at is not None and self.acts >= self._cut_at:
            if self._once:
                self._cut_at, self._once = None, False
            raise PowerCut
        self.acts += 1

    def sync(self, file: File) -> None:
        """As SQLite's own VFS, which syncs the folder too when it first syncs a file that it made.

        Where it fails, what was written stays in memory and is never tried again, as under Linux.
        """
        try:
            self.act()
        except PowerCut:
            file.pending.clear()
            raise
        self.syncs.append(self.acts - 1)
        if not self._lies:
            if not file.synced:
                self.removed.clear()
            file.sync()

    def cut(self) -> None:
        """From now on there is no power."""
        self._cut_at = 0

    def now(self) -> dict[str, bytes]:
        """The files as every program sees them."""
        return {name: bytes(file.seen) for name, file in self.files.items()}

    def after_cut(self) -> dict[str, bytes]:
        """The files that the next start finds."""
        share = self._lots.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        back = {name: file for name, file in self.removed.items() if self._lots.random() < share}
        made = {name: file for name, file in self.files.items() if file.synced or self._lots.random() < share}
        return {name: file.after_cut(self._lots, share) for name, file in (back | made).items()}


class Opened:
    """A file as SQLite uses it. It has the disk for itself, so locks say nothing."""

    def __init__(self, disk: Disk, file: File) -> None:
        self._disk = disk
        self._file = file

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - SQLite's name, as all of these
        return bytes(self._file.seen[offset : offset + amount])

    def xWrite(self, content: bytes, offset: int) -> None:  # noqa: N802
        self._disk.act()
        put(self._file.seen, offset, content)
        self._file.pending.append((offset, bytes(content)))

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.act()
        resize(self._file.seen, size)
        self._file.pending.append(size)

    def xSync(self, _flags: int) -> None:  # noqa: N802
        self._disk.sync(self._file)

    def xFileSize(self) -> int:  # noqa: N802
        return len(self._file.seen)

    def xLock(self, _level: int) -> None:  # noqa: N802
        pass

    def xUnlock(self, _level: int) -> None:  # noqa: N802
        pass

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xFileControl(self, _operation: int, _pointer: int) -> bool:  # noqa: N802
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return PAGE_BYTES

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return CHARACTERISTICS

    def xClose(self) -> None:  # noqa: N802
        pass


class PowerVfs(apsw.VFS):
    """Where SQLite opens every file while `powered` lasts."""

    def __init__(self, disk: Disk) -> None:
        super().__init__("power", "", makedefault=True)
        self._disk = disk

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Opened:  # type: ignore[override]  # noqa: N802 - any object with these methods will do
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        flags[1] = flags[0]
        if path not in self._disk.files:
            if not flags[0] & apsw.SQLITE_OPEN_CREATE:
                raise apsw.CantOpenError
            self._disk.files[path] = File(None)
        return Opened(self._disk, self._disk.files[path])

    def xDelete(self, path: str, _sync_folder: bool) -> None:  # noqa: N802, FBT001 - SQLite calls it
        self._disk.act()
        self._disk.removed[path] = self._disk.files.pop(path)

    def xAccess(self, path: str, _flags: int) -> bool:  # noqa: N802
        return path in self._disk.files


@contextmanager
def powered(disk: Disk) -> Iterator[None]:
    """SQLite opens its files on this disk."""
    vfs = PowerVfs(disk)
    try:
        yield
    finally:
        vfs.unregister()


def put(content: bytearray, begin: int, piece: bytes) -> None:
    resize(content, max(len(content), begin + len(piece)))
    content[begin : begin + len(piece)] = piece


def resize(content: bytearray, size: int) -> None:
    del content[size:]
    content.extend(bytes(size - len(content)))
