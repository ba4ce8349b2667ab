"""Text of others, made harmless."""

import unicodedata
from typing import Final

_HARMFUL: Final = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def shown(text: str) -> str:
    """The text with everything that could steer a terminal or turn its direction written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c.encode("unicode_escape").decode() if unicodedata.category(c) in _HARMFUL else c for c in text)


def without_half_pairs(text: str) -> str:
    """The text without halves of surrogate pairs, which JSON can write and nothing can print."""
    return text.encode("utf-8", "replace").decode("utf-8")
