"""What a result must say beside its figures: on what machine and from which commit they come."""

import ctypes
import json
import os
import platform
import resource
import sqlite3
import subprocess
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results")


def provenance() -> dict[str, Any]:
    """Machine, versions, commit (with a + where the checkout differs from it) and time."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    commit = _git("rev-parse", "--short=12", "HEAD") + ("+" if _git("status", "--porcelain", ":/src") else "")
    return {
        "machine": f"{model}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "numba", "msgspec", "geographiclib")},
        **_peers(),
        "commit": commit,
        "when": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _peers() -> dict[str, str]:
    """The versions of the other engines that are installed."""
    found = {"sqlite": sqlite3.sqlite_version}
    for name in ("shapely", "rtree", "duckdb"):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def peak_mb() -> float:
    """The most memory that this process had since `forget_peak`, in millions of bytes.

    Linux's `ru_maxrss` counts what the process that started this one had, too, so its own word is asked first.
    """
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def forget_peak() -> None:
    """The peak of memory counts from now on, what lies free given back; where the system can not, from the start."""
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True, cwd=RESULTS.parent)  # noqa: S607
    return done.stdout.strip()


def write(name: str, figures: dict[str, Any]) -> None:
    """The figures lie in results/NAME.json, with where they come from."""
    text = json.dumps({"figures": figures, "from": provenance()}, indent=1)
    (RESULTS / f"{name}.json").write_text(text + "\n", "utf-8")
    print(text)
