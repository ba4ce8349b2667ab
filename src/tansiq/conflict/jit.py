"""Compiles the kernels with numba, and keeps the compiled code under the digest of what it was made from.

numba's own cache looks at a function's file alone, so that an edit to a helper in another file would
leave a stale kernel behind. Here the folder's name is the digest of every kernel source and of the
versions that compile it: any edit means a new folder.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import llvmlite
import numba
import numpy as np

KERNEL_SOURCES: Final = (
    "conflict/arrays.py",
    "conflict/cells.py",
    "conflict/columns.py",
    "conflict/flat.py",
    "conflict/giants.py",
    "conflict/jit.py",
    "conflict/narrow.py",
    "conflict/prepare.py",
    "conflict/search.py",
    "conflict/shelves.py",
    "conflict/sweep.py",
    "geometry/band.py",
    "geometry/certainty.py",
    "geometry/earth.py",
    "geometry/footprint.py",
    "geometry/surface.py",
    "limits.py",
    "units.py",
)
"""What is compiled, and the modules whose constants numba freezes into it; tests/unit/test_jit.py finds a new one."""
FOLDERS_KEPT: Final = 4
"""Older folders are removed: each holds a few megabytes that nobody will load again."""

F = TypeVar("F", bound=Callable[..., object])


def _digest() -> str:
    digest = hashlib.sha256()
    for name in KERNEL_SOURCES:
        digest.update(Path(__file__).parents[1].joinpath(name).read_bytes())
    digest.update(repr((numba.__version__, llvmlite.__version__, np.__version__, sys.version)).encode())
    return digest.hexdigest()[:32]


def cache_folder() -> Path:
    """Where compiled kernels lie: TANSIQ_CACHE_DIR, else the user's cache folder; private to the user."""
    base = os.environ.get("TANSIQ_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    if base is None:
        # Without a home the name stays as it is; no such folder is made, and nothing is kept.
        home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
        base = f"{home}/.cache" if home != "~" else os.devnull
    return Path(base) / "tansiq-kernels" / _digest()


def _prepare(folder: Path) -> bool:
    """Whether the folder is there, ours and writable. Compiled code is executed: nobody else may have put it there."""
    try:
        folder.parent.parent.mkdir(parents=True, exist_ok=True)
        for ours in (folder.parent, folder):
            ours.mkdir(exist_ok=True, mode=0o700)
            status = ours.stat()
            if status.st_uid != os.getuid() or status.st_mode & 0o022:
                return False
        os.utime(folder)
        others = sorted(folder.parent.iterdir(), key=lambda f: f.stat().st_mtime, reverse=True)
        for old in others[FOLDERS_KEPT:]:
            for path in sorted(old.rglob("*"), reverse=True):
                path.unlink() if path.is_file() else path.rmdir()
            old.rmdir()
    except OSError:
        # A read-only home costs seconds of compiling at each start, never an answer.
        return os.access(folder, os.W_OK)
    return True


_FOLDER = cache_folder()
_CACHED = _prepare(_FOLDER)


def compiled_before() -> bool:
    """Whether the kernels have been compiled and kept, so that their first call takes no time."""
    return _CACHED and any(_FOLDER.rglob("*.nbc"))


def kernel(function: F) -> F:
    """The function, compiled at its first call and kept on disk: an entry point."""
    before = numba.config.CACHE_DIR
    # numba reads the folder when it decorates; another library's kernels in this process keep their own.
    numba.config.CACHE_DIR = str(_FOLDER)
    try:
        compiled: F = numba.njit(cache=_CACHED, nogil=True, error_model="numpy")(function)
    finally:
        numba.config.CACHE_DIR = before
    return compiled


def helper(function: F) -> F:
    """The function, compiled into the entry points that call it."""
    compiled: F = numba.njit(nogil=True, error_model="numpy")(function)
    return compiled
