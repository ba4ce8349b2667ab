"""Examples in README.md and docs/ run as tests.

- A `python` block runs; one that starts with `>>>` is compared with what it prints.
- In a `console` or `shell` block that starts with `$ `, each such line runs, and what it prints is compared
  with the lines below it; `...` stands for any text. After `<!-- exit: 1 -->` the block's last command must
  end so, all others with 0.
- A `json` block after `<!-- file: plans.json -->` is written to that file.

All blocks of one page share a folder of their own, which is the current one, and their Python names.
"""

import contextlib
import doctest
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sybil import Document, Example, Region, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

# Setting up a checkout is what CI does before it comes here; these lines are read, not run.
SET_UP = ("apt-get ", "cd ", "git ", "make ", "sudo ")


def comment(document: Document, start: int, key: str) -> str:
    """The value of `<!-- key: value -->` straight before the block that starts at `start`, or nothing."""
    found = re.search(rf"<!-- {key}: (\S+) -->\s*\Z", document.text[:start])
    return found[1] if found else ""


def steps(block: str) -> list[tuple[str, str]]:
    """The block's commands, lines that end in a backslash joined, each with the output that it shows."""
    if not block.startswith("$ "):
        return []
    parts = re.split(r"^\$ ", block.replace("\\\n", ""), flags=re.MULTILINE)[1:]
    pairs = [part.partition("\n") for part in parts if not part.startswith(SET_UP)]
    return [(command.replace(".venv/bin/", ""), output.strip("\n")) for command, _, output in pairs]


def run_console(example: Example) -> str | None:
    """What differs from the block, or None."""
    todo = steps(example.parsed)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for number, (command, want) in enumerate(todo, 1):
        done = subprocess.run(  # noqa: S602 - our own pages, with their pipes and redirections
            command,
            shell=True,
            env=os.environ | {"PATH": path, "COLUMNS": "120"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        last = number == len(todo)
        code = int(comment(example.document, example.region.start, "exit") or 0) if last else 0
        got = "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip("\n")
        same = doctest.OutputChecker().check_output(want, got, doctest.ELLIPSIS)
        if not same or done.returncode != code:
            return f"$ {command}\nexit {done.returncode}, want {code}\n--- want\n{want}\n--- got\n{got}"
    return None


def write_file(example: Example) -> None:
    """The block lies in the file that the comment before it names."""
    Path(comment(example.document, example.region.start, "file")).write_text(example.parsed, "utf-8")


def only(
    language: str, evaluate: Callable[[Example], str | None], wanted: Callable[[Document, Region], object]
) -> Callable[[Document], Iterable[Region]]:
    """A parser for those blocks of the language that are wanted."""
    parser = CodeBlockParser(language=language, evaluator=evaluate)

    def regions(document: Document) -> Iterable[Region]:
        return (region for region in parser(document) if wanted(document, region))

    return regions


def enter(namespace: dict[str, Any]) -> None:
    """The page's folder is there and is the current one."""
    stack = namespace["_stack"] = contextlib.ExitStack()
    stack.enter_context(contextlib.chdir(stack.enter_context(tempfile.TemporaryDirectory())))


def leave(namespace: dict[str, Any]) -> None:
    """The page's folder is gone."""
    namespace["_stack"].close()


pytest_collect_file = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS),
        only("console", run_console, lambda _, region: steps(region.parsed)),
        only("shell", run_console, lambda _, region: steps(region.parsed)),
        only("json", write_file, lambda document, region: comment(document, region.start, "file")),
    ],
    patterns=["README.md", "docs/*.md", "docs/*/*.md"],
    setup=enter,
    teardown=leave,
).pytest()
