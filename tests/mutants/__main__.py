"""Faults planted on purpose: each must make one of the named tests fail.

    python -m tests.mutants             all of them, two at a time
    python -m tests.mutants cell flat   those whose name or file has one of these words
    python -m tests.mutants --one-in 3  every third, another third after the next commit: what CI has time for

A fault is a text that occurs exactly once in a file and what stands in its place. It is planted in a copy of the
checkout, and kernels are compiled anew whose sources it is in. First all the named tests must pass on a copy without a
fault. Exit code 1 if a fault was not caught, or could not be planted because its text is gone: then give it its new
text.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tests.mutants import (
    answers,
    definition,
    delivery,
    formats,
    live,
    pairing,
    plane,
    record_chain,
    record_log,
    record_packs,
    search,
    serve,
    service,
    storage,
    suite,
)
from tests.mutants.plant import ROOT, Field, Mutant, run_tests, verdict

AT_A_TIME: Final = 2
MUTANTS: Final[list[Mutant]] = [
    *search.MUTANTS,
    *plane.MUTANTS,
    *answers.MUTANTS,
    *definition.MUTANTS,
    *live.MUTANTS,
    *formats.MUTANTS,
    *suite.MUTANTS,
    *record_chain.MUTANTS,
    *record_log.MUTANTS,
    *record_packs.MUTANTS,
    *storage.MUTANTS,
    *service.MUTANTS,
    *delivery.MUTANTS,
    *serve.MUTANTS,
    *pairing.MUTANTS,
]


def main(words: Sequence[str]) -> int:
    """Plants the faults that have one of the words, or all, and says which were caught."""
    chosen = [m for m in MUTANTS if not words or any(word in f"{m.name}\n{m.file}" for word in words)]
    if words[:1] == ["--one-in"]:
        every = int(words[1])
        chosen = MUTANTS[commit_number() % every :: every]
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_A_TIME) as pool:
        field = Field(Path(folder), AT_A_TIME)
        code, output = run_tests(field, sorted({test for m in chosen for test in m.tests}), None)
        if code:
            print(f"The tests do not pass without a fault: pytest ended with {code}\n{output[-4000:]}")
            return 1
        print(f"{time.monotonic() - begin:4.0f} s  the tests pass without a fault", flush=True)
        passed = 0
        for mutant, told in zip(chosen, pool.map(lambda m: verdict(field, m), chosen), strict=True):
            passed += told.caught
            print(f"{time.monotonic() - begin:4.0f} s  {mutant.name}: {told.line} ({told.took_s:.0f} s)", flush=True)
    print(f"{passed} passed, {len(chosen) - passed} failed")
    return 0 if passed == len(chosen) > 0 else 1


def commit_number() -> int:
    """A number that follows from the commit at hand; 0 where there is none."""
    git = shutil.which("git")
    found = git and subprocess.run([git, "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return int(found.stdout.strip() or "0", 16) if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
