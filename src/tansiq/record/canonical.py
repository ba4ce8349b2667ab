"""JSON with one spelling for every value: RFC 8785 without floating point numbers.

Rules for the next editor:

1. What `parse` accepts, `write` gives back byte for byte. That, and not a list of faults, is the test.
2. Text is never normalised: two spellings of one word are two texts.
3. A number is an integer that every JSON reader keeps exactly. The signed integer is the value.
"""

import base64
import binascii
import json
from typing import Any, Final, TypeAlias

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS

Value: TypeAlias = "bool | int | str | list[Any] | dict[str, Any] | None"

INTEGER_MAX: Final = 2**53 - 1
"""The largest integer that is exact as a double; the smallest is its negative."""

WRAPPED_DEPTH_MAX: Final = LIMITS.record_depth + 8
"""Arrays and objects within each other in what holds signed JSON or a body's fields, which may be as deep as ever."""

_INTEGER_DIGITS: Final = len(str(-INTEGER_MAX))


class _FaultError(Exception):
    def __init__(self, code: str, got: str, want: str) -> None:
        super().__init__(code)
        self.code, self.got, self.want = code, got, want


def write(value: Value, *, size_max: int = LIMITS.entry_bytes, depth_max: int = LIMITS.record_depth) -> bytes:
    """The one spelling of the value.

    Raises PartyError: bad_value, out_of_range, limit_exceeded.
    """
    try:
        return _spelled(value, size_max, depth_max)
    except _FaultError as fault:
        raise PartyError(fault.code, "", fault.got, fault.want) from fault


def parse(spelling: bytes, *, size_max: int = LIMITS.entry_bytes, depth_max: int = LIMITS.record_depth) -> Any:  # noqa: ANN401 - any JSON value
    """The value of which these bytes are the one spelling.

    Raises PeerError: bad_json, duplicate_key, bad_value, out_of_range, limit_exceeded, not_canonical.
    """
    try:
        if len(spelling) > size_max:
            raise _too_long(len(spelling), size_max)
        value = _DECODER.decode(spelling.decode("utf-8"))
        again = _spelled(value, size_max, depth_max)
    except _FaultError as fault:
        raise PeerError(fault.code, "", fault.got, fault.want) from fault
    except UnicodeDecodeError as error:
        raise PeerError("bad_json", "", f"no UTF-8 at byte {error.start}", "JSON in UTF-8") from error
    except json.JSONDecodeError as error:
        raise PeerError("bad_json", "", f"{error.msg} at character {error.pos}", "JSON") from error
    except RecursionError as error:
        raise PeerError("limit_exceeded", "", "brackets without end", _depth_wanted(depth_max)) from error
    if again != spelling:
        at = next((k for k, pair in enumerate(zip(again, spelling, strict=False)) if pair[0] != pair[1]), len(again))
        raise PeerError("not_canonical", "", f"another spelling at byte {at}", "the canonical form (RFC 8785)")
    return value


def to_base64(raw: bytes) -> str:
    """The bytes in standard base64 with padding: how all bytes stand in JSON."""
    return base64.b64encode(raw).decode("ascii")


def from_base64(text: str) -> bytes:
    """The bytes whose one base64 spelling this is.

    Raises ValueError where the text is any other spelling, so that the caller can say whose fault it is.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
    if to_base64(raw) != text:
        raise ValueError("base64 that does not re-encode to itself")
    return raw


def _spelled(value: Value, size_max: int, depth_max: int) -> bytes:
    ordered = _ordered(value, depth_max)
    # Python escapes what RFC 8785 escapes, and no more: the quote, the backslash, what lies below a space.
    text = json.dumps(ordered, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        spelling = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _FaultError("bad_value", "half of a surrogate pair", "text of whole characters") from error
    if len(spelling) > size_max:
        raise _too_long(len(spelling), size_max)
    return spelling


def _ordered(value: Value, depth_left: int) -> Value:
    """The value with its keys in the order of their UTF-16 code units; checked on the way."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if not -INTEGER_MAX <= value <= INTEGER_MAX:
            raise _too_large(str(value) if value.bit_length() < 200 else "a number of more than 60 digits")
        return value
    if not isinstance(value, list | dict):
        raise _FaultError("bad_value", f"a {type(value).__name__}", "text, an integer, a list, an object, true or null")
    if depth_left == 0:
        raise _FaultError("limit_exceeded", "too many levels", "fewer arrays and objects within each other")
    if isinstance(value, list):
        return [_ordered(item, depth_left - 1) for item in value]
    for name in value:
        if not isinstance(name, str):
            raise _FaultError("bad_value", f"a key of type {type(name).__name__}", "text as keys")
    return {name: _ordered(value[name], depth_left - 1) for name in sorted(value, key=_code_units)}


def _code_units(name: str) -> bytes:
    # A lone half passes here and is refused where the text becomes UTF-8.
    return name.encode("utf-16-be", "surrogatepass")


def _depth_wanted(depth_max: int) -> str:
    return f"at most {depth_max} levels of arrays and objects"


def _too_long(size: int, size_max: int) -> _FaultError:
    return _FaultError("limit_exceeded", f"{size} bytes", f"at most {size_max} bytes")


def _too_large(digits: str) -> _FaultError:
    return _FaultError("out_of_range", digits[:60], "an integer from -(2^53 - 1) to 2^53 - 1")


def _integer(digits: str) -> int:
    if len(digits) > _INTEGER_DIGITS:
        raise _too_large(digits)
    return int(digits)


def _real(digits: str) -> float:
    raise _FaultError("bad_value", digits[:60], "an integer without point or exponent")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _FaultError("duplicate_key", "a key twice in one object", "each key once")
    return found


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_integer, parse_float=_real, parse_constant=_real
)
