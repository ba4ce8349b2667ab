"""One record of a JSON file while it is read, field by field, so that one error does not hide the next."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeVar

from tansiq.errors import PartyError
from tansiq.formats.kit.loss import Loss

T = TypeVar("T")


def below(path: str, name: str) -> str:
    """The name of a field of what lies at this path."""
    return f"{path}.{name}" if path else name


class Part:
    """What was wrong with a record, and what of it could not be kept. A field that is null counts as missing.

    `record` says which one it is; fields are named from it on.
    """

    def __init__(self, record: str) -> None:
        self.record = record
        self.errors: list[PartyError] = []
        self.losses: list[Loss] = []

    def refuse(self, code: str, field: str, got: str, want: str) -> None:
        """Nothing; the record has one error more."""
        self.errors.append(PartyError(code, field, got, want))

    def lose(self, field: str, what: str, instead: str) -> None:
        """Nothing; the record has one loss more."""
        self.losses.append(Loss(self.record, field, what, instead))

    def attempt(self, field: str, make: Callable[[], T]) -> T | None:
        """What `make` gives, or None and its error, named below `field`."""
        try:
            return make()
        except PartyError as error:
            self.errors.append(error.under(field) if field else error)
        return None

    def fields(
        self, value: object, path: str, known: Collection[str], *, required: Collection[str] = ()
    ) -> dict[str, Any] | None:
        """The object's fields, an error for each that the format does not have or misses; None if it is no object."""
        found = self.as_object(value, path)
        if found is None:
            return None
        for name in found:
            if name not in known:
                want = f"one of {', '.join(known)}"
                self.refuse("unknown_field", below(path, name[:80]), "a field of no meaning", want)
        for name in required:
            if found.get(name) is None:
                self.refuse("missing_field", below(path, name), "nothing", "this field")
        return found

    def as_object(self, value: object, path: str) -> dict[str, Any] | None:
        """The JSON object; None, and an error, where it is none."""
        if isinstance(value, dict):
            return value
        self.refuse("bad_value", path, f"a value of type {type(value).__name__}", "a JSON object")
        return None

    def members(self, value: object, field: str) -> Iterator[tuple[str, Any]]:
        """The members of the list with their paths; none, and an error, where it is none."""
        if isinstance(value, list):
            yield from ((f"{field}[{i}]", member) for i, member in enumerate(value))
        else:
            self.refuse("bad_value", field, f"a value of type {type(value).__name__}", "a list")

    def entries(self, holder: Mapping[str, Any], key: str, path: str) -> Iterator[tuple[str, Any]]:
        """The members of the list under this key with their paths; none where it is missing."""
        value = holder.get(key)
        return iter(()) if value is None else self.members(value, below(path, key))

    def text(self, holder: Mapping[str, Any], key: str, path: str) -> str | None:
        """The text under this key; None where it is missing or none."""
        value = holder.get(key)
        return None if value is None else self.as_text(value, below(path, key))

    def as_text(self, value: object, field: str) -> str | None:
        """The text; None, and an error, where it is none."""
        if not isinstance(value, str):
            self.refuse("bad_value", field, f"a value of type {type(value).__name__}", "text")
            return None
        try:
            value.encode()
        except UnicodeEncodeError:
            self.refuse("bad_value", field, "half of a surrogate pair", "text")
            return None
        return value

    def code(self, holder: Mapping[str, Any], key: str, path: str, codes: Mapping[str, T]) -> T | None:
        """What the code under this key stands for; None where it is missing, or of no meaning and so an error."""
        value = self.text(holder, key, path)
        if value is None:
            return None
        if value not in codes:
            self.refuse("bad_value", below(path, key), ascii(value)[:80], f"one of {', '.join(codes)}")
        return codes.get(value)

    def number(self, value: object, field: str) -> float | None:
        """The number, finite; None, and an error, where it is none."""
        if type(value) is not int and type(value) is not float:
            self.refuse("bad_value", field, f"a value of type {type(value).__name__}", "a number")
            return None
        try:
            found = float(value)
        except OverflowError:
            self.refuse("out_of_range", field, "an integer of hundreds of digits", "a number of sensible size")
            return None
        if not math.isfinite(found):
            self.refuse("not_finite", field, repr(found), "a finite number")
            return None
        return found
