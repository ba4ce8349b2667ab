"""Functions and modules stay short enough to be read whole."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.checkout import ROOT, files

FUNCTION_LINES = 60  # from `def` to the last line, without the docstring
MODULE_LINES = 600  # all of it; most should be between 150 and 300


def function_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many lines a function has, its docstring not counted."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is not None:
        docstring = function.body[0]
        lines -= (docstring.end_lineno or 0) - docstring.lineno + 1
    return lines


def oversized(path: Path) -> Iterator[str]:
    """What in the module is longer than it may be, one sentence each."""
    source = path.read_text("utf-8")
    if (lines := len(source.splitlines())) > MODULE_LINES:
        yield f"{path.name}: {lines} lines, at most {MODULE_LINES}"
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if (lines := function_lines(node)) > FUNCTION_LINES:
            yield f"{path.name}:{node.lineno} {node.name}: {lines} lines, at most {FUNCTION_LINES}"


@pytest.mark.parametrize("path", files("*.py"), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_too_long(path: Path) -> None:
    assert list(oversized(path)) == []


@pytest.mark.parametrize(("lines", "caught"), [(60, []), (61, ["module.py:2 long: 61 lines, at most 60"])])
@pytest.mark.parametrize("start", ["def", "async def"])
def test_a_function_of_61_lines_is_caught_and_its_docstring_not_counted(
    start: str, lines: int, caught: list[str], tmp_path: Path
) -> None:
    module = tmp_path / "module.py"
    docstring = ['        """One.', "", '        Two."""']
    body = ["        x = 1"] * (lines - 1)
    module.write_text("\n".join(["class C:", f"    {start} long(self):", *docstring, *body]))
    assert list(oversized(module)) == caught


@pytest.mark.parametrize(("lines", "caught"), [(600, []), (601, ["module.py: 601 lines, at most 600"])])
def test_a_module_of_601_lines_is_caught(lines: int, caught: list[str], tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("x = 1\n" * lines)
    assert list(oversized(module)) == caught
