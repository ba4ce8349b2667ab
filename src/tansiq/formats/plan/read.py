"""Reads plans: every error of a file is found, and a file with one is refused as a whole."""

from collections.abc import Iterator
from typing import Any, Final

from tansiq.domain.intent import UNKNOWN_PARTY, Intent, Kind
from tansiq.errors import Finding, InputRefusedError, PartyError
from tansiq.formats.kit import strict
from tansiq.formats.plan import wire
from tansiq.formats.plan.volume import read_volume
from tansiq.limits import LIMITS

_KINDS: Final = {kind.value: kind for kind in Kind}


def read_plan(content: bytes, name: str) -> list[Intent]:
    """The intents of a file, in its order. `name` names the file in errors.

    Accepted: a tansiq plan as JSON or JSON Lines; F3548 volumes, operational intents or their details,
    one, a list, or one per line. A bare volume is an intent of its own, of an unknown party.

    Raises InputRefusedError with every error that was found.
    """
    reader = _Reader(name)
    reader.read(content)
    if reader.findings:
        raise InputRefusedError(reader.findings)
    return reader.intents


class _Reader:
    """Collects the intents and the errors of one file."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.intents: list[Intent] = []
        self.findings: list[Finding] = []
        self._places: dict[str, str] = {}
        self._volumes = 0

    def read(self, content: bytes) -> None:
        for place, value in self._records(content):
            if len(self.findings) >= LIMITS.findings_per_file:
                want = f"fewer than {LIMITS.findings_per_file} errors; the file was not read further"
                self._refuse(place, PartyError("limit_exceeded", "", "too many errors", want))
                return
            if isinstance(value, PartyError):
                self._refuse(place, value)
            else:
                self._intent(place, value)

    def _refuse(self, place: str, error: PartyError) -> None:
        self.findings.append(Finding(self.name, place, error))

    def _records(self, content: bytes) -> Iterator[tuple[str, Any]]:
        """Every record that stands for one intent, with its place in the file, or the error that it is."""
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            yield "file", PartyError("bad_json", "", f"byte {error.start} is not UTF-8", "UTF-8 text")
            return
        if strict.is_lines(text):
            yield from self._lines(text)
            return
        try:
            top = strict.parse(text)
        except PartyError as error:
            yield "file", error
            return
        if isinstance(top, dict) and "format" in top:
            yield from self._plan(top)
        elif isinstance(top, list):
            yield from ((f"[{i}]", value) for i, value in enumerate(top))
        else:
            yield "file", top

    def _plan(self, top: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        if top["format"] != wire.FORMAT:
            yield "file", _unknown_format(top["format"])
            return
        try:
            plan = strict.record(top, wire.Plan)
        except PartyError as error:
            yield "file", error
            return
        yield from ((f"intents[{i}]", value) for i, value in enumerate(plan.intents))

    def _lines(self, text: str) -> Iterator[tuple[str, Any]]:
        for count, (number, value) in enumerate(strict.parse_lines(text)):
            header = count == 0 and isinstance(value, dict) and "format" in value
            if not header:
                yield f"line {number}", value
            elif value != {"format": wire.FORMAT}:
                yield f"line {number}", _unknown_format(value)

    def _intent(self, place: str, value: Any) -> None:  # noqa: ANN401 - any JSON value
        try:
            found = _as_intent(value, number=len(self._places) + 1)
        except PartyError as error:
            self._refuse(place, error)
            return
        place = f"{place} ({found.id[:40]})"
        before = len(self.findings)
        for wrong in self._errors_of(found, place):
            self._refuse(place, wrong)
        kind = _KINDS.get(found.kind, Kind.AIR)
        volumes = []
        for i, raw in enumerate(found.volumes):
            volume, errors = read_volume(raw, kind)
            for wrong in errors:
                self._refuse(place, wrong if found.bare else wrong.under(f"volumes[{i}]"))
            if volume is not None:
                volumes.append(volume)
        if len(self.findings) == before:
            self.intents.append(Intent(found.id, found.party, kind, tuple(volumes), found.priority, found.name))

    def _errors_of(self, found: "_Found", place: str) -> Iterator[PartyError]:
        """What is wrong with the intent itself."""
        first = self._places.setdefault(found.id, place)
        if first != place:
            yield PartyError("repeated_id", "id", f"{found.id[:80]!r}, as in {first}", "each id once in a file")
        if found.kind not in _KINDS:
            yield PartyError("bad_value", "kind", repr(found.kind)[:80], "air, sea, ground or zone")
        for field, text in (("id", found.id), ("party", found.party), ("name", found.name or "-")):
            yield from _text_errors(text, field)
        self._volumes += len(found.volumes)
        if self._volumes > LIMITS.volumes:
            yield PartyError(
                "limit_exceeded", "volumes", f"{self._volumes} so far", f"at most {LIMITS.volumes} in a run"
            )


class _Found(wire.Intent, kw_only=True):
    """An intent; `bare` where it is a volume by itself."""

    bare: bool = False


def _as_intent(value: Any, number: int) -> _Found:  # noqa: ANN401 - any JSON value
    """Whatever stands for one intent, as one; bare things are numbered within their file."""
    if not isinstance(value, dict):
        raise PartyError(
            "bad_value", "", f"a value of type {type(value).__name__}", "an intent or a volume, a JSON object"
        )
    if "kind" in value or "party" in value:
        found = strict.record(value, wire.Intent)
        return _Found(found.id, found.party, found.kind, found.volumes, found.priority, found.name)
    if "operational_intent" in value:
        value = strict.record(value, wire.Wrapped).operational_intent
    if isinstance(value, dict) and "details" in value:
        whole = strict.record(value, wire.OperationalIntent)
        reference = wire.Reference() if whole.reference is None else strict.record(whole.reference, wire.Reference)
        details = strict.record(whole.details, wire.Details)
    elif isinstance(value, dict) and ("volumes" in value or "off_nominal_volumes" in value):
        reference, details = wire.Reference(), strict.record(value, wire.Details)
    elif isinstance(value, dict) and "volume" in value:
        return _Found(f"#{number}", UNKNOWN_PARTY, Kind.AIR.value, [value], bare=True)
    else:
        raise PartyError(
            "unknown_format",
            "",
            "an object of no known kind",
            "an intent, a Volume4D or an operational intent",
        )
    if details.volumes is None and details.off_nominal_volumes is None:
        raise PartyError("missing_field", "details.volumes", "nothing", "volumes or off_nominal_volumes")
    # Off-nominal volumes are where the aircraft may be: they count like the others.
    volumes = [*(details.volumes or []), *(details.off_nominal_volumes or [])]
    party = reference.manager or UNKNOWN_PARTY
    return _Found(reference.id or f"#{number}", party, Kind.AIR.value, volumes, details.priority)


def _unknown_format(found: object) -> PartyError:
    return PartyError("unknown_format", "format", repr(found)[:80], repr(wire.FORMAT))


def _text_errors(text: str, field: str) -> Iterator[PartyError]:
    if not text or len(text) > LIMITS.id_characters:
        yield PartyError("limit_exceeded", field, f"{len(text)} characters", f"1 to {LIMITS.id_characters} characters")
    try:
        text.encode()
    except UnicodeEncodeError:
        yield PartyError("bad_value", field, "half of a surrogate pair", "text")
