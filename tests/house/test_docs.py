"""What the program has, the docs tell; what the docs name, is there."""

import argparse
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import tansiq.domain
from tansiq import cli, errors
from tests.house.checkout import ROOT, files

CLI = ROOT / "docs/reference/cli.md"
ERRORS = ROOT / "docs/reference/errors.md"
GLOSSARY = ROOT / "docs/glossary.md"

FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1`*$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
ENTRY = re.compile(r"^(?:#+ (.+)|(?:[-*] )?\*\*(.+?)\*\*(?: (\(.+?\)))?|\| *([^|\n]+)\|)", re.MULTILINE)
LINK = re.compile(r"\]\(\s*([^)\s]+)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)


def prose(text: str) -> str:
    """The page without its fenced blocks, where `# ` begins no heading and brackets are no links."""
    return FENCED.sub("", text)


def sections(text: str) -> dict[str, str]:
    """Each heading, without backticks, and what stands below it up to the next heading."""
    parts = re.split(r"^#+ (.+)$", prose(text), flags=re.MULTILINE)
    return {heading.replace("`", ""): body for heading, body in zip(parts[1::2], parts[2::2], strict=True)}


def actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return parser._actions  # noqa: SLF001 - argparse has no public way to ask


def commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Every command that can be given, `tansiq check` or `tansiq plan from-tracks`, as its own parser."""
    children = [
        child for action in actions(parser) if isinstance(action.choices, dict) for child in action.choices.values()
    ]
    for child in children:
        yield from commands(child)
    if not children:
        yield parser


def options(command: argparse.ArgumentParser) -> set[str]:
    return {name for action in actions(command) for name in action.option_strings} - {"-h", "--help"}


def cli_gaps(parser: argparse.ArgumentParser, page: str) -> list[str]:
    """Commands without a heading, and options that their section does not tell or that do not exist."""
    told = sections(page)
    gaps = []
    for command in commands(parser):
        body = told.get(command.prog)
        if body is None:
            gaps.append(f"no heading: {command.prog}")
            continue
        named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", body)) - {"--help"}
        gaps += [f"{command.prog}: {name} is not told" for name in sorted(options(command) - named)]
        gaps += [f"{command.prog}: {name} does not exist" for name in sorted(named - options(command))]
    return gaps


def untold_codes(codes: dict[str, str], page: str) -> list[str]:
    """The error codes that the page does not show in backticks."""
    return [code for code in codes if f"`{code}`" not in page]


def public_classes(package: str) -> set[str]:
    """The names of the classes that the package and its modules define for others."""
    root = importlib.import_module(package)
    names = [package, *(module.name for module in pkgutil.walk_packages(root.__path__, f"{package}."))]
    found = [inspect.getmembers(importlib.import_module(name), inspect.isclass) for name in names]
    own = [cls for members in found for _, cls in members if cls.__module__ in names]
    return {cls.__name__ for cls in own if not cls.__name__.startswith("_")}


def missing_entries(classes: set[str], page: str) -> list[str]:
    """The classes that no heading, bold beginning or first table cell names, as words or as code.

    A bold beginning may be followed by the name in brackets: **4D volume** (`Volume4D`).
    """
    entries = ENTRY.findall(prose(page))
    terms = {re.sub(r"[\W_]", "", part).lower() for entry in entries for part in re.split("[,(;]", " ".join(entry))}
    return sorted(name for name in classes if name.lower() not in terms)


def anchors(text: str) -> set[str]:
    """The fragments that the page's headings answer to."""
    headings = [re.sub(r"[^\w -]", "", title) for _, title in HEADING.findall(prose(text))]
    return {heading.strip().lower().replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> list[str]:
    """The relative links of the page whose file or heading is not there."""
    broken = []
    for target in ("".join(groups) for groups in LINK.findall(prose(page.read_text("utf-8")))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        file = (page.parent / path) if path else page
        if not file.exists() or (fragment and fragment not in anchors(file.read_text("utf-8"))):
            broken.append(target)
    return broken


def titles(text: str) -> list[str]:
    return [title for level, title in HEADING.findall(prose(text)) if level == "#"]


def page_name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_reference_tells_every_command_and_option_and_no_other() -> None:
    assert cli_gaps(cli.parser(), CLI.read_text("utf-8")) == []


def test_the_reference_tells_every_error_code() -> None:
    assert untold_codes(errors.CODES, ERRORS.read_text("utf-8")) == []


def test_the_glossary_has_an_entry_for_every_noun_of_the_domain() -> None:
    classes = public_classes(tansiq.domain.__name__)
    assert classes, "the domain has no classes: this test looks in the wrong place"
    assert missing_entries(classes, GLOSSARY.read_text("utf-8")) == []


@pytest.mark.parametrize("page", files("*.md"), ids=page_name)
def test_a_page_has_one_title_and_its_links_lead_somewhere(page: Path) -> None:
    assert len(titles(page.read_text("utf-8"))) == 1
    assert broken_links(page) == []


def test_a_command_or_option_that_nobody_told_is_found() -> None:
    parser = argparse.ArgumentParser(prog="tansiq")
    under = parser.add_subparsers()
    under.add_parser("check").add_argument("--against")
    under.add_parser("plan").add_subparsers().add_parser("from-tracks").add_argument("--pad")
    good = "# x\n## `tansiq check`\n`--against`\n## `tansiq plan from-tracks`\n`--pad 30s`\n"
    assert cli_gaps(parser, good) == []
    assert cli_gaps(parser, good.replace("## `tansiq check`", "")) == ["no heading: tansiq check"]
    assert cli_gaps(parser, good.replace("--pad", "--padding")) == [
        "tansiq plan from-tracks: --pad is not told",
        "tansiq plan from-tracks: --padding does not exist",
    ]


def test_a_code_or_noun_that_nobody_told_is_found() -> None:
    assert untold_codes({"bad_time": "", "usage": ""}, "| `bad_time` |") == ["usage"]
    page = "**Volume** (`Volume4D`): x\n| Intent, operational | x |\n### Party\nmentions site only\n"
    assert missing_entries({"Volume4D", "Intent", "Party", "Site"}, page) == ["Site"]


def test_a_second_title_and_a_dead_link_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    links = "[a](page.md#one-title) [b](none.md) [c](#none) [d](https://x)"
    page.write_text("# One title\n```console\n# no title\n```\n" + links)
    assert broken_links(page) == ["none.md", "#none"]
    assert titles(page.read_text() + "\n# Two") == ["One title", "Two"]
