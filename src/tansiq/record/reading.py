"""One object of canonical JSON, read field by field; what is missing, left over or misspelt is refused by name."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from tansiq.errors import PeerError
from tansiq.limits import LIMITS
from tansiq.record.canonical import from_base64


class Fields:
    """The fields of an object. Each is taken once; `end` refuses what nobody took."""

    def __init__(self, value: Any, at: str = "") -> None:  # noqa: ANN401 - any JSON value
        """Raises PeerError: bad_value."""
        if not isinstance(value, dict):
            raise PeerError("bad_value", at, _kind(value), "an object")
        self._left = dict(value)
        self._at = at

    def place(self, name: str) -> str:
        """Where the field stands, as errors name it."""
        return f"{self._at}.{name}" if self._at else name

    def has(self, name: str) -> bool:
        """Whether the field is there and was not taken."""
        return name in self._left

    def take(self, name: str) -> Any:  # noqa: ANN401 - any JSON value
        """The field's value, whatever it is. Raises PeerError: missing_field."""
        if name not in self._left:
            raise PeerError("missing_field", self.place(name), "nothing", "this field")
        return self._left.pop(name)

    def text(self, name: str, *, empty: bool = False) -> str:
        """The text. Raises PeerError: missing_field, bad_value, limit_exceeded."""
        value = self.take(name)
        if not isinstance(value, str) or not (value or empty):
            raise PeerError("bad_value", self.place(name), _kind(value), "text")
        if len(value) > LIMITS.id_characters:
            raise PeerError(
                "limit_exceeded", self.place(name), f"{len(value)} characters", f"at most {LIMITS.id_characters}"
            )
        return value

    def one_of(self, name: str, allowed: Sequence[str]) -> str:
        """One of the words. Raises PeerError: missing_field, bad_value."""
        value = self.take(name)
        if value not in allowed or not isinstance(value, str):
            raise PeerError("bad_value", self.place(name), _kind(value), " or ".join(allowed))
        return value

    def integer(self, name: str, *, low: int, high: int | None = None) -> int:
        """The integer. Raises PeerError: missing_field, bad_value, out_of_range."""
        value = self.take(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise PeerError("bad_value", self.place(name), _kind(value), "an integer")
        if value < low or (high is not None and value > high):
            raise PeerError("out_of_range", self.place(name), str(value), f"from {low} to {high or '2^53 - 1'}")
        return value

    def digest(self, name: str, length: int = 32) -> bytes:
        """The bytes of a digest or id. Raises PeerError: missing_field, bad_value."""
        return exact_bytes(self.take(name), self.place(name), length)

    def digest_or_null(self, name: str) -> bytes | None:
        """The bytes of a digest, or None for null. Raises PeerError: missing_field, bad_value."""
        value = self.take(name)
        return None if value is None else exact_bytes(value, self.place(name))

    def base64(self, name: str, *, longest: int) -> bytes:
        """The bytes of a key, signature or sealed part. Raises PeerError: missing_field, bad_value, limit_exceeded."""
        value = self.take(name)
        if not isinstance(value, str):
            raise PeerError("bad_value", self.place(name), _kind(value), "base64")
        try:
            raw = from_base64(value)
        except ValueError as error:
            raise PeerError("bad_value", self.place(name), str(error), "the one base64 spelling") from error
        if len(raw) > longest:
            raise PeerError("limit_exceeded", self.place(name), f"{len(raw)} bytes", f"at most {longest} bytes")
        return raw

    def items(self, name: str, *, most: int, least: int = 0) -> list[tuple[str, Any]]:
        """The items of a list, each with its place. Raises PeerError: missing_field, bad_value, limit_exceeded."""
        value = self.take(name)
        if not isinstance(value, list) or len(value) < least:
            raise PeerError("bad_value", self.place(name), _kind(value), f"a list of at least {least}")
        if len(value) > most:
            raise PeerError("limit_exceeded", self.place(name), f"{len(value)} items", f"at most {most}")
        return [(f"{self.place(name)}[{k}]", item) for k, item in enumerate(value)]

    def end(self) -> None:
        """Every field was taken. Raises PeerError: unknown_field."""
        for name in sorted(self._left):
            raise PeerError("unknown_field", self.place(name[:80]), "a field that the format does not have", "none")


def exact_bytes(value: Any, at: str, length: int = 32) -> bytes:  # noqa: ANN401 - any JSON value
    """The bytes of this length that the base64 spells. Raises PeerError: bad_value."""
    try:
        raw = from_base64(value if isinstance(value, str) else "")
    except ValueError as error:
        raise PeerError("bad_value", at, _kind(value), f"the one base64 spelling of {length} bytes") from error
    if len(raw) != length:
        raise PeerError("bad_value", at, f"{len(raw)} bytes", f"{length} bytes")
    return raw


def strictly_rising(places: Sequence[Any], at: str) -> None:
    """The items stand in order and each once, so that one set has one spelling. Raises PeerError: not_canonical."""
    if any(not before < after for before, after in pairwise(places)):
        raise PeerError("not_canonical", at, "items out of order or twice", "items in rising order, each once")


def _kind(value: object) -> str:
    return "nothing" if value is None else f"{str(value)[:60]!r}"
