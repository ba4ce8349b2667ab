"""Every pin in requirements/ has a wheel for every machine and Python that tansiq claims to run on.

uv plans each installation from wheels alone, against the hashes in the lock, and installs nothing.
Dependencies are followed, so a lock that forgot one fails too.
"""

import os
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

LOCKS = ("run.txt", "build.txt", "dev.txt", "bench.txt")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
TARGETS = {
    "Linux x86-64, glibc 2.28": "x86_64-manylinux_2_28",
    "Linux arm64, glibc 2.28": "aarch64-manylinux_2_28",
    "macOS 14 arm64": "aarch64-apple-darwin",
}
OLDEST_MACOS = {"MACOSX_DEPLOYMENT_TARGET": "14.0"}

REQUIREMENTS = Path(__file__).parent.parent / "requirements"


def refusal(lock: Path, target: str, python: str) -> str:
    """Why uv cannot install the lock there; empty when it can."""
    with tempfile.TemporaryDirectory() as nowhere:
        command = [str(Path(sys.executable).with_name("uv")), "pip", "install", "--dry-run"]
        command += ["--python", sys.executable, "--target", nowhere]
        command += ["--python-platform", target, "--python-version", python]
        command += ["--only-binary", ":all:", "--require-hashes", "--requirement", str(lock)]
        environment = os.environ | OLDEST_MACOS
        plan = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return plan.stderr.strip() if plan.returncode else ""


def main() -> int:
    """Say for each lock and machine whether every wheel is there; 1 if one is not."""
    failed = False
    for name, (machine, target) in product(LOCKS, TARGETS.items()):
        refusals = {python: refusal(REQUIREMENTS / name, target, python) for python in PYTHONS}
        answers = [f"{python} {'FAILS' if why else 'ok'}" for python, why in refusals.items()]
        print(f"{name:9}  {machine:24}  {'  '.join(answers)}", flush=True)
        for python, why in refusals.items():
            if why:
                failed = True
                print(f"\n{name} on {machine}, Python {python}:\n{why}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
