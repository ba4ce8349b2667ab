"""Compiled kernels are kept under the digest of all they are made of, in a folder that nobody else can write to."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tansiq
from tansiq.conflict import jit

PACKAGE = Path(tansiq.__file__).parent
KERNELS = [
    PACKAGE / "conflict" / name
    for name in (
        "arrays.py",
        "cells.py",
        "columns.py",
        "flat.py",
        "giants.py",
        "jit.py",
        "narrow.py",
        "prepare.py",
        "sweep.py",
    )
]
ASK = "from tansiq.conflict import jit; print(jit.__file__); print(jit.cache_folder()); print(jit._CACHED)"


def ask(source: Path, cache: Path) -> tuple[Path, bool]:
    """The cache folder of the copy under `source`, and whether it keeps its kernels there."""
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env=os.environ | {"PYTHONPATH": str(source), "TANSIQ_CACHE_DIR": str(cache)},
        cwd=source,
        capture_output=True,
        text=True,
        check=True,
    )
    file, folder, cached = done.stdout.split("\n")[:3]
    assert file.startswith(str(source)), "another tansiq was imported"
    return Path(folder), cached == "True"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(PACKAGE, tmp_path / "src/tansiq", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "src"


def frozen_constants() -> set[Path]:
    """The modules of tansiq whose names in capitals the kernel sources take over: numba freezes their values."""
    found = set()
    for source in KERNELS:
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and any(alias.name.isupper() for alias in node.names):
                room, *rest = (node.module or "").split(".")
                if room == "tansiq":
                    found.add(PACKAGE.joinpath(*rest).with_suffix(".py"))
    return found


def test_one_source_has_one_folder(copy: Path, tmp_path: Path) -> None:
    folder, cached = ask(copy, tmp_path / "cache")
    assert cached
    assert folder == ask(copy, tmp_path / "cache")[0]
    assert folder.parent == tmp_path / "cache" / "tansiq-kernels"
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("edited", sorted({*KERNELS, *frozen_constants()}), ids=lambda path: path.name)
def test_an_edit_of_anything_that_is_compiled_in_means_a_new_folder(edited: Path, copy: Path, tmp_path: Path) -> None:
    before, _ = ask(copy, tmp_path / "cache")
    with (copy / "tansiq" / edited.relative_to(PACKAGE)).open("a") as file:
        file.write("# edited\n")
    assert ask(copy, tmp_path / "cache")[0] != before


@pytest.mark.parametrize("mode", [0o777, 0o720, 0o702])
def test_a_folder_that_others_may_write_is_not_used(mode: int, copy: Path, tmp_path: Path) -> None:
    folder, _ = ask(copy, tmp_path / "cache")
    folder.chmod(mode)
    assert ask(copy, tmp_path / "cache") == (folder, False)


def test_a_folder_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    assert not jit._prepare(tmp_path / "of somebody else")  # noqa: SLF001 - what no entry point can show


def test_a_place_where_no_folder_can_be_made_costs_the_cache_and_nothing_else(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file stands here")
    _, cached = ask(copy, tmp_path / "cache")
    assert not cached


def test_older_folders_are_removed_and_the_newest_kept(tmp_path: Path) -> None:
    folders = [tmp_path / f"digest {k}" for k in range(7)]
    for age, folder in enumerate(folders):
        assert jit._prepare(folder)  # noqa: SLF001 - as above
        (folder / "kernel.nbi").write_text("x")
        os.utime(folder, (age, age))
    assert jit._prepare(folders[-1])  # noqa: SLF001 - as above
    assert sorted(tmp_path.iterdir()) == folders[-jit.FOLDERS_KEPT :]
