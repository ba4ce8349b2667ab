"""What a group of changes must be before any store takes it: within the limits, and each log going on where it ends."""

from collections.abc import Mapping, Sequence
from typing import Final

from tansiq.errors import PartyError, StoreError
from tansiq.limits import LIMITS
from tansiq.ports.store import Change
from tansiq.record.entry import ENVELOPE_BYTES
from tansiq.record.tree import HASH_BYTES

CHANNEL_BYTES: Final = 16


def accepted(changes: Sequence[Change], sizes: Mapping[bytes, int]) -> dict[bytes, int]:
    """The sizes that the logs named in the changes will have. `sizes` are those of the logs as they are.

    Raises PartyError: limit_exceeded. StoreError: store_conflict, where an entry's index is not the next of its log.
    """
    _require("changes", len(changes), LIMITS.changes_per_commit, "changes at once")
    grown: dict[bytes, int] = {}
    for change in changes:
        _check_sizes(change)
        for one in change.logged:
            size = grown.get(one.channel, sizes.get(one.channel, 0))
            if one.index != size:
                raise StoreError("store_conflict", "index", str(one.index), f"{size}, the next of its log")
            grown[one.channel] = size + 1
    _require("leaves", max(grown.values(), default=0), LIMITS.log_leaves, "entries in a log")
    _require("channels", len(sizes) + sum(one not in sizes for one in grown), LIMITS.store_channels, "channels")
    return grown


def stands_already() -> StoreError:
    """The error of an entry whose digest its log has already."""
    return StoreError("store_conflict", "digest", "that of an entry that its log has already", "each entry once")


def require_cells(count: int) -> None:
    """There may be so many cells. Raises PartyError: limit_exceeded."""
    _require("cells", count, LIMITS.store_cells, "cells")


def _check_sizes(change: Change) -> None:
    for entry in change.journal:
        _require("journal", len(entry), LIMITS.journal_entry_bytes, "bytes")
    for one in change.logged:
        assert len(one.channel) == CHANNEL_BYTES, len(one.channel)
        assert len(one.digest) == HASH_BYTES, len(one.digest)
        _require("envelope", len(one.envelope), ENVELOPE_BYTES, "bytes")
    for body in change.bodies:
        assert len(body.channel) == CHANNEL_BYTES, len(body.channel)
        assert len(body.digest) == HASH_BYTES, len(body.digest)
        _require("body", len(body.fields), LIMITS.field_bytes, "bytes")
    for cell in change.cells:
        _require("cell.kind", len(cell.kind.encode()), LIMITS.cell_name_bytes, "bytes")
        _require("cell.key", len(cell.key), LIMITS.cell_name_bytes, "bytes")
        _require("cell.value", len(cell.value or b""), LIMITS.cell_bytes, "bytes")


def _require(field: str, count: int, most: int, what: str) -> None:
    if count > most:
        raise PartyError("limit_exceeded", field, f"{count} {what}", f"at most {most}")
