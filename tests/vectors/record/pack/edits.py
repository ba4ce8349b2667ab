"""Changes of a pack's JSON that know nothing of its rules, so that they can break every one of them."""

import json
from collections.abc import Callable
from typing import Any

from tansiq.record.canonical import from_base64, to_base64

Change = Callable[[Any], None]


def spell(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """The value in the canonical order and form; what the canonical form refuses is written all the same."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def edited(spelling: bytes, *changes: Change) -> bytes:
    """The pack after these changes of its JSON."""
    value = json.loads(spelling)
    for change in changes:
        change(value)
    return spell(value)


def put(path: str, new: object) -> Change:
    """What stands at the path is this; names and numbers of the path are joined by full stops."""

    def change(top: Any) -> None:  # noqa: ANN401 - any JSON value
        holder, name = _place(top, path)
        holder[name] = new

    return change


def cut(path: str) -> Change:
    """Nothing stands at the path."""

    def change(top: Any) -> None:  # noqa: ANN401 - any JSON value
        holder, name = _place(top, path)
        del holder[name]

    return change


def swapped(one: str, other: str) -> Change:
    """What stands at the two paths has changed places."""

    def change(top: Any) -> None:  # noqa: ANN401 - any JSON value
        (a, at_a), (b, at_b) = _place(top, one), _place(top, other)
        a[at_a], b[at_b] = b[at_b], a[at_a]

    return change


def turned(path: str, new: Callable[[Any], object]) -> Change:
    """What stands at the path is what this makes of it."""

    def change(top: Any) -> None:  # noqa: ANN401 - any JSON value
        holder, name = _place(top, path)
        holder[name] = new(holder[name])

    return change


def twice(spelling: bytes, path: str) -> bytes:
    """The pack in which the field at the path stands two times in its object."""
    holder, name = _place(json.loads(spelling), path)
    text = spell(holder)
    again = text[:-1] + b"," + spell(name) + b":" + spell(holder[name]) + b"}"
    assert text in spelling, path
    return spelling.replace(text, again, 1)


def flipped(text: str) -> str:
    """The base64 of other bytes of the same length: the last bit of the first byte is another."""
    raw = from_base64(text)
    return to_base64(bytes([raw[0] ^ 1]) + raw[1:])


def _place(top: Any, path: str) -> tuple[Any, Any]:  # noqa: ANN401 - any JSON value
    *way, last = path.split(".")
    for step in way:
        top = top[int(step)] if isinstance(top, list) else top[step]
    return top, int(last) if isinstance(top, list) else last
