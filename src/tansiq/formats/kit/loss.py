"""What is not kept when a file is read or written: named, never silent, and always replaced by more, not by less."""

from dataclasses import dataclass
from typing import NamedTuple

from tansiq.domain.intent import Intent


@dataclass(frozen=True, slots=True)
class Loss:
    """In `record`, `field` could not be kept as it is: `instead` says what stands there now.

    What stands there holds at least as much space, height and time as before, or says nothing about them.
    """

    record: str
    field: str
    what: str
    instead: str

    def __str__(self) -> str:
        """The loss in one line for people."""
        return f"{self.record}: {self.field}: {self.what}; instead {self.instead}"


class Reading(NamedTuple):
    """What a file holds, in its order, and what of it could not be kept."""

    intents: list[Intent]
    losses: list[Loss]


class Writing(NamedTuple):
    """A whole file, and what of the intents it does not say."""

    content: bytes
    losses: list[Loss]
