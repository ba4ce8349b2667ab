"""Imports keep to the plan of the house, and the contracts that say so do bite."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.house.checkout import ROOT

# Every other room is pure.
MAY_DO_IO = re.compile("__.*__|api|app|cli|console|httpkit|protocols|service|sim|storage")

# What is planted: its files, and the words with which import-linter must name it.
BREACHES = {
    "a lazy import upwards": (
        {"geometry/planted.py": "def late() -> None:\n    from tansiq.cli import main\n"},
        "tansiq.geometry.planted -> tansiq.cli",
    ),
    "a relative import upwards": (
        {"geometry/planted.py": "from ..domain import planted\n", "domain/planted.py": ""},
        "tansiq.geometry.planted -> tansiq.domain.planted",
    ),
    "siblings that know each other": (
        {"conflict/planted.py": "from tansiq.formats import planted\n", "formats/planted.py": ""},
        "tansiq.conflict.planted -> tansiq.formats.planted",
    ),
    "a database in the domain": (
        {"domain/planted.py": "import sqlite3\n"},
        "tansiq.domain.planted -> sqlite3",
    ),
    "a clock in the domain": (
        {"domain/planted.py": "from time import time\n"},
        "tansiq.domain.planted -> time",
    ),
    "files in conflict, outside its kernel cache": (
        {"conflict/planted.py": "import os\n"},
        "tansiq.conflict.planted -> os",
    ),
    "formats that know each other": (
        {"formats/geojson.py": "from tansiq.formats import kml\n", "formats/kml.py": ""},
        "tansiq.formats.geojson -> tansiq.formats.kml",
    ),
    "a kit that knows a format": (
        {"formats/kit/planted.py": "from tansiq.formats import plan\n"},
        "tansiq.formats.kit.planted -> tansiq.formats.plan",
    ),
    "standards that know each other": (
        {
            "protocols/__init__.py": "",
            "protocols/planted.py": "from tansiq.protocols import planted_too\n",
            "protocols/planted_too.py": "",
        },
        "tansiq.protocols.planted -> tansiq.protocols.planted_too",
    ),
    "a door that opens on storage": (
        {"api.py": "import tansiq.storage\n", "storage.py": ""},
        "Doors never import storage BROKEN",
    ),
    "a room without a place in the house": ({"utils.py": ""}, "- tansiq.utils"),
}


def lint_imports(root: Path) -> tuple[int, str]:
    """import-linter's exit code and words about `root`, whose src goes before what is installed."""
    found = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return found.returncode, found.stdout + found.stderr


def unguarded(package: Path, contracts: list[dict[str, Any]]) -> set[str]:
    """The pure rooms of the package that the contract `pure` does not list."""
    rooms = {path.stem for path in [*package.glob("*.py"), *(p.parent for p in package.glob("*/__init__.py"))]}
    [pure] = [contract for contract in contracts if contract["id"] == "pure"]
    return {f"tansiq.{room}" for room in rooms if not MAY_DO_IO.fullmatch(room)} - set(pure["source_modules"])


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def contracts() -> list[dict[str, Any]]:
    config: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return list(config["tool"]["importlinter"]["contracts"])


def test_every_contract_is_kept() -> None:
    code, words = lint_imports(ROOT)
    assert code == 0, words


@pytest.mark.parametrize("breach", BREACHES)
def test_a_planted_breach_is_caught_and_named(breach: str, copy: Path) -> None:
    planted, name = BREACHES[breach]
    for path, text in planted.items():
        file = copy / "src/tansiq" / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    code, words = lint_imports(copy)
    assert code == 1, words
    assert name in words


def test_every_pure_room_is_listed_as_pure() -> None:
    assert unguarded(ROOT / "src/tansiq", contracts()) == set()


def test_a_pure_room_that_nobody_listed_is_found(copy: Path) -> None:
    package = copy / "src/tansiq"
    (package / "planted").mkdir()
    for path in ("planted/__init__.py", "planted_too.py", "app.py"):
        (package / path).touch()
    assert unguarded(package, contracts()) == {"tansiq.planted", "tansiq.planted_too"}
