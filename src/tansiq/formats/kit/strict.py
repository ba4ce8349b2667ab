"""Strict JSON, and typed records out of it, with errors that name the field, what came and what was wanted."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final, TypeVar

import msgspec

from tansiq.errors import PartyError

T = TypeVar("T")


class _DuplicateKeyError(Exception):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise _DuplicateKeyError(next(name for name, count in counts.items() if count > 1))
    return found


HEADER_CHARACTERS: Final = 200
"""A JSON Lines plan without intents is a header alone, and no longer than this."""

_DECODER = json.JSONDecoder(object_pairs_hook=_unique)


def parse(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """The JSON value of the text. NaN and Infinity pass here, so that the field that holds one can be named.

    Raises PartyError: bad_json, duplicate_key.
    """
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        where = f"{error.msg} at line {error.lineno}, column {error.colno}"
        raise PartyError("bad_json", "", where, "JSON") from error
    except _DuplicateKeyError as error:
        raise PartyError(
            "duplicate_key", "", f"the key {str(error)[:80]!r} twice in one object", "each key once"
        ) from error
    except (RecursionError, ValueError) as error:
        # Brackets thousands deep, or an integer of thousands of digits.
        raise PartyError("bad_json", "", type(error).__name__, "JSON of sensible depth and numbers") from error


def is_lines(text: str) -> bool:
    """Whether the text is JSON Lines: its first line is a whole value, and more follows, or it is a header."""
    first, _, rest = text.strip().partition("\n")
    if not rest and len(first) > HEADER_CHARACTERS:
        return False
    try:
        value = _DECODER.decode(first)
    except (ValueError, RecursionError, _DuplicateKeyError):
        return False
    return bool(rest) or (isinstance(value, dict) and value.keys() == {"format"})


def parse_lines(text: str) -> Iterable[tuple[int, Any | PartyError]]:
    """The values of a JSON Lines text, or a line's error, with line numbers from 1; blank lines are passed over."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield number, parse(line)
        except PartyError as error:
            yield number, error


_AT = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<field>[^`]*)`)?", re.DOTALL)
_TYPE = re.compile(r"Expected `(?P<want>[^`]*)`, got `(?P<got>[^`]*)`")
_NAMED = re.compile(r"Object (?P<kind>contains unknown|missing required) field `(?P<name>[^`]*)`")


def record(value: Any, type_: type[T]) -> T:  # noqa: ANN401 - any JSON value
    """The value as a record of this type.

    Raises PartyError: missing_field, unknown_field, bad_value.
    """
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        raise _translated(str(error)) from error
    except UnicodeEncodeError as error:
        raise PartyError("bad_value", "", "half of a surrogate pair", "text") from error


def _translated(message: str) -> PartyError:
    parts = _AT.fullmatch(message)
    assert parts is not None, message
    field = parts["field"] or ""
    named = _NAMED.fullmatch(parts["what"])
    if named is not None:
        path = f"{field}.{named['name']}" if field else named["name"]
        if named["kind"] == "missing required":
            return PartyError("missing_field", path, "nothing", "this field")
        return PartyError("unknown_field", path, "a field that the format does not have", "only fields of the format")
    types = _TYPE.fullmatch(parts["what"])
    if types is not None:
        return PartyError("bad_value", field, f"a value of type {types['got']}", types["want"].replace("|", "or"))
    return PartyError("bad_value", field, parts["what"], "a value of the format")
