"""What a server says of itself: one JSON object on one line for each thing that happened."""

import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Protocol, TextIO

import msgspec

from tansiq.ports.clock import Clock


class Tell(Protocol):
    """Who takes what happened. No secret, no body and no geometry is ever among the facts."""

    def __call__(self, event: str, **facts: str | int | None) -> None:
        """The event is told, with its facts."""
        ...


class Lines:
    """A `Tell` on standard error, or another stream. Threads may share it; a stream that fails is silently left."""

    def __init__(self, clock: Clock, stream: TextIO = sys.stderr) -> None:
        self._clock = clock
        self._stream = stream
        self._mutex = threading.Lock()

    def __call__(self, event: str, **facts: str | int | None) -> None:
        """As `Tell`."""
        row = {"at_us": self._clock.now_us(), "event": event} | {name: one for name, one in facts.items() if one != ""}
        line = msgspec.json.encode(row).decode() + "\n"
        with self._mutex, suppress(OSError, ValueError):
            self._stream.write(line)
            self._stream.flush()


def place_of(fault: BaseException) -> str:
    """Which fault, and in which line of the program: never a value, which may be a party's plan."""
    frames = traceback.extract_tb(fault.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "nowhere"
    return f"{type(fault).__name__} at {where}"
