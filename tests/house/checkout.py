"""The checkout that the house tests look at."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def files(pattern: str = "*") -> list[Path]:
    """Every file that is in git or would be added to it, whose path from the root matches the pattern."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607 - git is where PATH says
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [Path(name) for name in listing.stdout.split("\0") if name]
    found = [ROOT / path for path in paths if path.match(pattern) and (ROOT / path).is_file()]
    assert found, f"no file in the checkout matches {pattern}"
    return sorted(set(found))
