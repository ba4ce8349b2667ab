"""Collects what a file of drawn volumes holds, so that every error of it is found and no volume is lost."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import TypeVar

from tansiq.domain.intent import UNKNOWN_PARTY, Intent, Kind
from tansiq.errors import Finding, InputRefusedError, PartyError
from tansiq.formats.kit.loss import Loss, Reading
from tansiq.formats.kit.record import VolumeRecord
from tansiq.geometry.volume import Volume4D
from tansiq.limits import LIMITS

T = TypeVar("T")


class _Group:
    """One intent of ours, as far as its volumes have come."""

    def __init__(self, place: str, record: VolumeRecord) -> None:
        self.place = place
        self.record = record
        self.volumes: dict[int, Volume4D | None] = {}


class Gathering:
    """The intents of a file in the order of their first volumes, its losses and its errors."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._losses: list[Loss] = []
        self._findings: list[Finding] = []
        self._found: list[Intent | _Group] = []
        self._groups: dict[str, _Group] = {}
        self._places: dict[str, str] = {}
        self._volumes = 0

    def refuse(self, place: str, error: PartyError) -> None:
        """The error is one of the file's. Raises InputRefusedError where there are so many that reading on is vain."""
        self._findings.append(Finding(self._name, place, error))
        if len(self._findings) >= LIMITS.findings_per_file:
            want = f"fewer than {LIMITS.findings_per_file} errors; the file was not read further"
            last = PartyError("limit_exceeded", "", "too many errors", want)
            raise InputRefusedError([*self._findings[:-1], Finding(self._name, place, last)])

    def attempt(self, place: str, field: str, make: Callable[[], T]) -> T | None:
        """What `make` gives, or None and its error, named below `field`."""
        try:
            return make()
        except PartyError as error:
            self.refuse(place, error.under(field) if field else error)
        return None

    def lose(self, place: str, field: str, what: str, instead: str) -> None:
        """The loss is one of the file's."""
        self._losses.append(Loss(place, field, what, instead))

    @property
    def next_id(self) -> str:
        """The name of an intent that has none: its number within the file."""
        return f"#{len(self._found) + 1}"

    def foreign(self, place: str, intent_id: str, name: str | None, volumes: Sequence[Volume4D]) -> None:
        """An intent that does not come from us: of an unknown party, in the air, and so in conflict with every other.

        Without volumes it occupies nothing, and is reported as not checked.
        """
        self._count(place, len(volumes))
        if self._is_new(place, intent_id):
            made = self.attempt(place, "", lambda: Intent(intent_id, UNKNOWN_PARTY, Kind.AIR, tuple(volumes), 0, name))
            if made is not None:
                self._found.append(made)

    def own(self, place: str, record: VolumeRecord, volume: Volume4D | None) -> None:
        """A volume of one of our intents, or None where it was wrong or the intent has none."""
        self._count(place, record.count > 0)
        group = self._groups.get(record.id)
        if group is None:
            if not self._is_new(place, record.id):
                return
            group = self._groups[record.id] = _Group(place, record)
            self._found.append(group)
        for field in ("party", "kind", "name", "priority", "count"):
            here, there = getattr(record, field), getattr(group.record, field)
            if here != there:
                got = f"{here!r}, but {there!r} in {group.place}"[:160]
                self.refuse(place, PartyError("bad_value", field, got, "the same in all volumes of an intent"))
        if record.number in group.volumes:
            got = f"volume {record.number} of {record.id[:80]!r} twice"
            self.refuse(place, PartyError("repeated_id", "number", got, "each volume once in a file"))
        group.volumes[record.number] = volume

    def reading(self) -> Reading:
        """All that the file holds. Raises InputRefusedError with every error that was found in it."""
        intents: list[Intent] = []
        for found in self._found:
            made = found if isinstance(found, Intent) else self._whole(found)
            if made is not None:
                intents.append(made)
        if self._findings:
            raise InputRefusedError(self._findings)
        return Reading(intents, self._losses)

    def _whole(self, group: _Group) -> Intent | None:
        record = group.record
        # A volume that somebody deleted from the file must not be missed by us alone.
        missing = list(islice((n for n in range(1, record.count + 1) if n not in group.volumes), 10))
        if missing:
            got = f"no volume {', '.join(map(str, missing))} of {record.count}"
            self.refuse(group.place, PartyError("missing_field", "count", got, "every volume of an intent"))
        volumes = [volume for _, volume in sorted(group.volumes.items()) if volume is not None]
        return self.attempt(
            group.place,
            "",
            lambda: Intent(record.id, record.party, record.meant_kind, tuple(volumes), record.priority, record.name),
        )

    def _is_new(self, place: str, intent_id: str) -> bool:
        first = self._places.setdefault(intent_id, place)
        if first != place:
            got = f"{intent_id[:80]!r}, as in {first}"
            self.refuse(place, PartyError("repeated_id", "id", got, "each id once in a file"))
        return first == place

    def _count(self, place: str, volumes: int) -> None:
        self._volumes += volumes
        if self._volumes > LIMITS.volumes:
            error = PartyError("limit_exceeded", "", f"{self._volumes} volumes", f"at most {LIMITS.volumes} in a run")
            raise InputRefusedError([*self._findings, Finding(self._name, place, error)])
