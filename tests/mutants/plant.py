"""How a fault is planted in a copy of the checkout, and whether the tests catch it there."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from tansiq.conflict.jit import KERNEL_SOURCES

ROOT: Final = Path(__file__).parents[2]
COPIED: Final = ("src", "tests", "pyproject.toml", "conftest.py")
PATIENCE_S: Final = 900
TESTS_FAILED: Final = 1
"""pytest's exit code; a fault that only keeps the tests from being collected proves nothing."""
NEVER_ENDED: Final = -1

# The copy must be what is imported, whatever is installed: pytest starts only after that is sure.
START: Final = """
import sys, pathlib, tansiq
assert pathlib.Path(tansiq.__file__).is_relative_to(pathlib.Path.cwd()), tansiq.__file__
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault: in `file`, under src/tansiq, `text` is replaced; the `tests` are enough to catch it."""

    name: str
    file: str
    text: str
    fault: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the fault was caught, in which time, and a line that says by which test."""

    caught: bool
    took_s: float
    line: str


class Field:
    """The checkout as it was at the start, and folders to plant copies of it in: one for each who plants at a time.

    numba keeps compiled kernels by the path of their source. So what is planted in one folder after the other finds the
    kernels of its forerunners, unless one of their sources is at fault: then all are compiled anew.
    """

    def __init__(self, folder: Path, at_a_time: int) -> None:
        self.checkout = folder / "checkout"
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, self.checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(ROOT / name, self.checkout / name)
        self._beds: SimpleQueue[Path] = SimpleQueue()
        for k in range(at_a_time):
            self._beds.put(folder / f"bed {k}")

    @contextmanager
    def bed(self) -> Iterator[Path]:
        """A folder that nobody else uses."""
        bed = self._beds.get()
        try:
            yield bed
        finally:
            self._beds.put(bed)

    def source(self, mutant: Mutant) -> str:
        """The file in which the fault is planted, without it."""
        return (self.checkout / "src/tansiq" / mutant.file).read_text("utf-8")

    def has_room_for(self, mutant: Mutant) -> bool:
        """Whether the text stands in the file exactly once, and is not its own replacement."""
        return self.source(mutant).count(mutant.text) == 1 and mutant.text != mutant.fault


def run_tests(field: Field, tests: Sequence[str], mutant: Mutant | None) -> tuple[int, str]:
    """pytest's exit code and words on a copy of the checkout, with the fault planted if there is one."""
    with field.bed() as bed:
        shutil.copytree(field.checkout, bed, dirs_exist_ok=True)
        cache = bed / "kernels"
        if mutant is not None:
            file = bed / "src/tansiq" / mutant.file
            file.write_text(field.source(mutant).replace(mutant.text, mutant.fault), "utf-8")
            if mutant.file in KERNEL_SOURCES:
                cache = bed / "kernels of this fault"
                shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir(exist_ok=True)
        paths = {"PYTHONPATH": str(bed / "src"), "TANSIQ_CACHE_DIR": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(
                [sys.executable, "-c", START, "-x", "-q", "-p", "no:cacheprovider", *tests],
                cwd=bed,
                env=os.environ | paths,
                capture_output=True,
                text=True,
                timeout=PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return NEVER_ENDED, f"not done after {PATIENCE_S} s"
        return done.returncode, done.stdout + done.stderr


def verdict(field: Field, mutant: Mutant) -> Verdict:
    """What becomes of the fault."""
    if not field.has_room_for(mutant):
        return Verdict(caught=False, took_s=0.0, line="its text does not stand in the file exactly once")
    begin = time.monotonic()
    code, words = run_tests(field, mutant.tests, mutant)
    took_s = time.monotonic() - begin
    failed = [line.split(" - ")[0].removeprefix("FAILED ") for line in words.splitlines() if line.startswith("FAILED ")]
    if code == TESTS_FAILED and failed:
        return Verdict(caught=True, took_s=took_s, line=f"caught by {failed[0]}")
    return Verdict(caught=False, took_s=took_s, line=f"NOT caught, pytest ended with {code}\n{words[-2000:]}")
