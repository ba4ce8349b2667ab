"""Writes what a check found: `tansiq-conflicts/1` as JSON, and CSV with a row per pair of volumes.

Source: docs/reference/conflicts.md.
"""

import csv
import io
from typing import Final

import msgspec
from msgspec import Struct

FORMAT: Final = "tansiq-conflicts/1"


class File(Struct):
    """A file that was read, with the SHA-256 of its bytes."""

    name: str
    sha256: str


class Checked(Struct):
    """What was looked at."""

    intents: int
    volumes: int
    files: list[File]


class MinimumRow(Struct):
    """The minimum of one pair of kinds, in metres."""

    horizontal_m: float
    vertical_m: float


class NotChecked(Struct):
    """Something that was not looked at, and why: it is not clear."""

    what: str
    why: str


class Side(Struct):
    """One side of a conflict; `file` is an index into checked.files."""

    id: str
    party: str
    file: int


class Time(Struct):
    """The instants that both volumes hold; null is unbounded."""

    start: str | None
    end: str | None


class Altitude(Struct):
    """The band that both volumes hold, in metres from the reference; null is unbounded."""

    lower: float | None
    upper: float | None
    reference: str | None


class Overlap(Struct):
    """One pair of volumes in conflict."""

    pair: tuple[int, int]
    time: Time
    altitude: Altitude | None
    horizontal_gap_m: float
    vertical_gap_m: float
    certainty: str


class Conflict(Struct):
    """One pair of intents in conflict."""

    a: Side
    b: Side
    certainty: str
    volume_pairs: list[tuple[int, int]]
    overlaps: list[Overlap]


class Report(Struct):
    """All that a check found."""

    format: str
    as_of: str
    checked: Checked
    minima: dict[str, MinimumRow]
    not_checked: list[NotChecked]
    conflicts: list[Conflict]


def to_json(report: Report) -> bytes:
    """The report as one JSON object."""
    return msgspec.json.encode(report) + b"\n"


COLUMNS: Final = (
    "a_file", "a_party", "a_id", "a_volume", "b_file", "b_party", "b_id", "b_volume", "certainty",
    "time_start", "time_end", "altitude_lower_m", "altitude_upper_m", "altitude_reference",
    "horizontal_gap_m", "vertical_gap_m",
)  # fmt: skip


def to_csv(report: Report) -> str:
    """A header and one row per pair of volumes; an empty cell is unbounded, or a band that is not shared."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    files = [_inert(file.name) for file in report.checked.files]
    for conflict in report.conflicts:
        a, b = conflict.a, conflict.b
        for overlap in conflict.overlaps:
            band = overlap.altitude or Altitude(None, None, None)
            writer.writerow(
                [
                    *(files[a.file], _inert(a.party), _inert(a.id), overlap.pair[0]),
                    *(files[b.file], _inert(b.party), _inert(b.id), overlap.pair[1]),
                    *(overlap.certainty, overlap.time.start, overlap.time.end),
                    *(band.lower, band.upper, band.reference),
                    *(overlap.horizontal_gap_m, overlap.vertical_gap_m),
                ]
            )
    return out.getvalue()


def _inert(text: str) -> str:
    """The text so that no terminal obeys it and no spreadsheet takes it for a formula."""
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
