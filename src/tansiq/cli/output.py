"""What all commands print alike: text of others made harmless, errors, progress."""

import argparse
import sys
import time
from collections.abc import Sequence

import msgspec

from tansiq.domain.intent import Intent
from tansiq.errors import Finding
from tansiq.formats.kit.loss import Loss
from tansiq.formats.kit.text import shown
from tansiq.formats.plan import write_plan, write_plan_lines
from tansiq.limits import LIMITS


def print_bytes(content: bytes) -> None:
    """All of the bytes are on stdout. An unbuffered stdout (PYTHONUNBUFFERED) may take a part at a time."""
    sys.stdout.flush()
    rest = memoryview(content)
    while rest:
        rest = rest[sys.stdout.buffer.write(rest) :]
    sys.stdout.buffer.flush()


def print_text(text: str) -> None:
    """All of the text is on stdout, with escapes for what its encoding does not have."""
    print_bytes(text.encode(sys.stdout.encoding or "utf-8", "backslashreplace"))


def print_findings(findings: Sequence[Finding], *, machine: bool) -> None:
    """Every error of the input: as lines on stderr, or as JSON `tansiq-errors/1` on stdout."""
    if machine:
        rows = [
            {
                "file": readable(f.file),
                "record": readable(f.record),
                "field": readable(f.error.field),
                "got": readable(f.error.got),
                "want": readable(f.error.want),
                "code": f.error.code,
            }
            for f in findings
        ]
        print_bytes(msgspec.json.encode({"format": "tansiq-errors/1", "errors": rows}) + b"\n")
        return
    limit = LIMITS.findings_per_file
    for finding in findings[: limit + 1]:
        print(shown(f"{finding.file}: {finding.record}: {finding.error}"), file=sys.stderr)
    if len(findings) > limit + 1:
        print(f"and {len(findings) - limit - 1} more", file=sys.stderr)
    print(
        f"Input refused: {len(findings)} error{'s' * (len(findings) != 1)}. Nothing was checked.",
        file=sys.stderr,
    )


def readable(text: str) -> str:
    """The text with escapes for halves of surrogate pairs, which no encoding has."""
    return text.encode("utf-8", "backslashreplace").decode()


def add_plan_format(command: argparse.ArgumentParser) -> None:
    """The command has the option of those that print a plan."""
    command.add_argument(
        "--format", choices=("json", "jsonl"), default="json", help="JSON, or JSON Lines (default json)"
    )


def add_input_format(command: argparse.ArgumentParser) -> None:
    """The command has the option of those that read plans and zones."""
    command.add_argument(
        "--input-format",
        choices=("plan", "geojson", "kml", "kmz", "ed269", "ed318"),
        help="the format of all files (default: each file's own is found out)",
    )


def print_losses(losses: Sequence[tuple[str, Loss]]) -> None:
    """What could not be kept of which file is on stderr, a line each; past the limit their number."""
    limit = LIMITS.findings_per_file
    for name, loss in losses[:limit]:
        print(shown(f"{name}: {loss}"), file=sys.stderr)
    if len(losses) > limit:
        print(f"and {len(losses) - limit} more", file=sys.stderr)


def print_plan(intents: Sequence[Intent], plan_format: str) -> None:
    """The plan is on stdout, as `tansiq-plan/1`."""
    print_bytes(write_plan(intents) if plan_format == "json" else write_plan_lines(intents))


class Progress:
    """Says on a terminal what long work is at; elsewhere, and within the first second, nothing."""

    def __init__(self) -> None:
        self._wanted = sys.stderr.isatty()
        self._began = time.monotonic()
        self._drawn = False

    def step(self, done: int, of: int, what: str) -> None:
        """Draws `what` and how far it is."""
        if time.monotonic() - self._began >= 1.0:
            bar = "#" * (20 * done // of)
            self.note(f"[{bar:<20}] {what}")

    def note(self, what: str) -> None:
        """Says at once what takes a while."""
        if self._wanted:
            print(f"\r\x1b[K{shown(what)}", end="", file=sys.stderr, flush=True)
            self._drawn = True

    def end(self) -> None:
        """Leaves a clean line behind."""
        if self._drawn:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
