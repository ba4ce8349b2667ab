"""What a result must say beside its figures: on what machine and from which commit they come."""

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results")


def provenance() -> dict[str, Any]:
    """Machine, versions, commit (with a + where the checkout differs from it) and time."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    commit = _git("rev-parse", "--short=12", "HEAD") + ("+" if _git("status", "--porcelain", "src") else "")
    return {
        "machine": f"{model}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "numba", "msgspec", "geographiclib")},
        "commit": commit,
        "when": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True, cwd=RESULTS.parent)  # noqa: S607
    return done.stdout.strip()


def write(name: str, figures: dict[str, Any]) -> None:
    """The figures lie in results/NAME.json, with where they come from."""
    text = json.dumps({"figures": figures, "from": provenance()}, indent=1)
    (RESULTS / f"{name}.json").write_text(text + "\n", "utf-8")
    print(text)
