"""HTML and SVG as text that is already escaped, so that nothing of a party can become a tag.

`Safe` is markup; every plain `str` that is put beside it is escaped. Only this module makes `Safe` of a `str`.
"""

import re
from collections.abc import Iterable
from html import escape
from typing import Final

from tansiq.formats.kit.text import shown


class Safe(str):
    """Markup that may stand in the page as it is."""

    __slots__ = ()


Part = str | Iterable["Part"] | None
EMPTY: Final = Safe()
_VOID: Final = {"meta", "link", "input", "br"}
_UNENDED: Final = {"td", "th", "tr", "tbody", "thead", "dt", "dd", "li", "option"}
"""Elements that HTML ends by itself where the next one begins: thousands of rows without their ends are a megabyte."""
_SHORT: Final = {"path", "use", "rect"}
_BARE: Final = re.compile(r"[\w#.-]+", re.ASCII)


def el(tag: str, *parts: Part, **attributes: str | float | None) -> Safe:
    """The element. `class_` is class, `data_x` is data-x; an attribute that is None is left out."""
    named = "".join(
        f" {name.rstrip('_').replace('_', '-')}={_value(value)}"
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Safe(f"<{tag}{named}>")
    if tag in _SHORT and not parts:
        return Safe(f"<{tag}{named} />")
    return Safe(f"<{tag}{named}>{join(*parts)}{'' if tag in _UNENDED else f'</{tag}>'}")


def join(*parts: Part) -> Safe:
    """The parts one after the other."""
    out: list[str] = []
    _collect(parts, out)
    return Safe("".join(out))


def _collect(parts: Iterable[Part], out: list[str]) -> None:
    for part in parts:
        if part is None:
            continue
        if isinstance(part, Safe):
            out.append(part)
        elif isinstance(part, str):
            out.append(escape(shown(part), quote=False))
        else:
            _collect(part, out)


def _value(value: str | float) -> str:
    text = shown(value) if isinstance(value, str) else number(value)
    return text if _BARE.fullmatch(text) else f'"{escape(text)}"'


def number(value: float) -> str:
    """A coordinate of a drawing, to a tenth, as short as can be."""
    text = f"{value:.1f}"
    return "0" if text in {"0.0", "-0.0"} else text.removesuffix(".0")


def fill(sentence: str, **fields: str) -> Safe:
    """The sentence with its {fields} filled in; what is not markup is escaped, the sentence too."""
    return Safe(escape(shown(sentence), quote=False).format_map({name: join(value) for name, value in fields.items()}))


def ltr(text: str) -> Safe:
    """The text as one piece that runs from left to right wherever it stands: ids, times, ranges, coordinates."""
    return el("bdi", text, dir="ltr")


def name(text: str) -> Safe:
    """A party's own words as one piece that runs in its own direction and turns nothing around it."""
    return el("bdi", text)


def verbatim(text: str) -> Safe:
    """Our own style sheet or program as it stands in the package; never anything of a party."""
    assert "</" not in text
    return Safe(text)
