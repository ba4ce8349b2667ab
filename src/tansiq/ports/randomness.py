"""Lots that nobody can foresee."""

from typing import Protocol


class Randomness(Protocol):
    """Where salts, nonces, ids and keys come from."""

    def draw(self, count: int) -> bytes:
        """So many random bytes, fit for keys."""
        ...
