"""What no file of the repository may hold, and what every lock must."""

import re
import tomllib
from pathlib import Path

import pytest

import tansiq
from tests.house.checkout import ROOT, files

EVERYWHERE = {
    "the address of a package registry": (
        r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|crates\.io|proxy\.golang\.org|(?:repo\d?|central)\.maven|"
        r"(?:deb|security)\.debian\.org"
    ),
    "an absolute path of somebody's machine": r"(?<![\w.)}*~-])/(?:work|root|home|Users|tmp)/",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
}

# In what people read and in the names of the code: src, docs, README.md.
IN_WORDS = {
    "a word of targeting": r"\bkill[ _-]?box|\bno[ _-]strike[ _-]list|\benem(?:y|ies)\b",
    # A conflict of volumes is تعارض; a message is relayed upwards: the other words speak of war.
    "a false friend": r"نزاع|تصعيد|(?<!де)конфликт|эскалаци|escalade",
    "a real state": (
        r"\b(?:Russia|Moscow|Kremlin|Washington|Pentagon|White House|United States|USA|NATO|Israel|Syria|"
        r"Damascus|Iraq|Iran|T(?:urkey|ürkiye)|Ukraine|China|Beijing|Tehran|Kyiv|Ankara)\b|"
        r"روسيا|موسكو|واشنطن|أمريكا|سوريا|دمشق|العراق|إسرائيل|إيران|"
        r"Росси[яи]|Москв|Вашингтон|США|Сири[яи]|Израил|Украин"
    ),
}
EXEMPT = {
    "docs/from-the-report.md": "quotes the founding report, its parties and its own word for conflict",
    "docs/adr/0001-*.md": "says how the founding report was read",
    "docs/glossary.md": "names the words that are not to be used",
}


def named(text: str, patterns: dict[str, str]) -> list[str]:
    """What of the forbidden stands in the text, with its line."""
    return [
        f"line {number}: {what}: {match[0]}"
        for what, pattern in patterns.items()
        for number, line in enumerate(text.splitlines(), 1)
        for match in re.finditer(pattern, line, re.IGNORECASE)
    ]


def faults(paths: list[Path], patterns: dict[str, str]) -> list[str]:
    """What of the forbidden stands in the files, with file and line; bytes that are no text hide nothing."""
    texts = {path.relative_to(ROOT): path.read_bytes().decode("utf-8", "replace") for path in paths}
    return [f"{path}, {fault}" for path, text in texts.items() for fault in named(text, patterns)]


def unlocked(lock: str) -> list[str]:
    """The lines of a lock that pin nothing, and the pins without a hash."""
    entries = re.sub(r"\\\n\s+", "", lock).splitlines()
    entries = [entry for entry in entries if not entry.lstrip().startswith("#")]
    pin = re.compile(r"[\w-]+==\S+( ; [^-]+)?( *--hash=sha256:[0-9a-f]{64})+$")
    return [entry for entry in entries if not pin.match(entry)]


def exempt(path: Path) -> bool:
    return any(path.relative_to(ROOT).match(pattern) for pattern in EXEMPT)


def read_by_people() -> list[Path]:
    return [path for path in files() if path.relative_to(ROOT).parts[0] in {"src", "docs", "README.md"}]


def test_no_file_names_a_registry_a_machine_or_a_key() -> None:
    assert faults(files(), EVERYWHERE) == []


def test_words_of_targeting_false_friends_and_real_states_do_not_appear() -> None:
    assert faults([path for path in read_by_people() if not exempt(path)], IN_WORDS) == []


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        ("fetched from https://files.py|thonhosted.org/packages/x", True),
        ('"resolved": "https://registry.np|mjs.org/x"', True),
        ("--index-url https://py|pi.org/simple", True),
        ("see /wo|rk/main/x", True),
        ("'/ho|me/amber/.ssh'", True),
        ("cp x /t|mp/x", True),
        ("-----BEGIN OPENSSH PRI|VATE KEY-----", True),
        ("-----BEGIN PRI|VATE KEY-----", True),
        ("src/work/x, ../tmp/x, $(HOME)/work/x, https://host.example/home/x, #!/usr/bin/env bash", False),
        ("-----BEGIN PUBLIC KEY-----", False),
    ],
)
def test_a_planted_registry_machine_or_key_is_caught(text: str, *, caught: bool) -> None:
    assert bool(named(text.replace("|", ""), EVERYWHERE)) == caught


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        ("a Kill box is drawn", True),
        ("NO_STRIKE_LIST = []", True),
        ("between Russia and others", True),
        ("نزاع", True),
        ("конфликты", True),
        ("party Amber; conflict; Arabic, English, Russian; تعارض; деконфликтация", False),
    ],
)
def test_a_planted_word_is_caught(text: str, *, caught: bool) -> None:
    assert bool(named(text, IN_WORDS)) == caught


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_every_line_of_a_lock_is_a_pin_with_its_hashes(lock: Path) -> None:
    assert unlocked(lock.read_text("utf-8")) == []


def test_a_lock_with_a_bare_pin_or_an_option_is_caught() -> None:
    good = "numpy==2.4.6 ; python_version < '3.15' \\\n    --hash=sha256:" + "0" * 64 + "\n    # via tansiq\n"
    bad = ["numpy==2.4.6", "numpy>=2", "--find-links wheels", "-i https://mirror.example"]
    assert unlocked(good) == []
    assert unlocked(good + "\n".join(bad)) == bad


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert tansiq.__version__ == project["version"]
    assert project["version"] in (ROOT / "CHANGELOG.md").read_text("utf-8")
