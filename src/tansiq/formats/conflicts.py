"""Writes what a check found: `tansiq-conflicts/1` as JSON, and CSV with a row per pair of volumes.

Source: docs/reference/conflicts.md.
"""

import csv
import io
from typing import Final

import msgspec

from tansiq.formats.kit.findings import (
    Altitude,
    Checked,
    Conflict,
    Explanation,
    File,
    MinimumRow,
    NotChecked,
    NotKept,
    Overlap,
    Place,
    Report,
    Side,
    Suggestion,
    Time,
)

__all__ = (
    "COLUMNS",
    "FORMAT",
    "Altitude",
    "Checked",
    "Conflict",
    "Explanation",
    "File",
    "MinimumRow",
    "NotChecked",
    "NotKept",
    "Overlap",
    "Place",
    "Report",
    "Side",
    "Suggestion",
    "Time",
    "to_csv",
    "to_json",
)

FORMAT: Final = "tansiq-conflicts/1"


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
