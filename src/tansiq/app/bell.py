"""Wakes, in the event loop, whoever waits for something to be said; rung from any thread."""

import asyncio
from typing import Self


class Bell:
    """Rings for all that wait, and for nobody later."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: set[asyncio.Event] = set()

    def ring(self) -> None:
        """All that wait now go on. Any thread may ring; after the loop's end nobody is left to hear it."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()

    def hear(self) -> "Hearing":
        """From now on no ring is missed: `with bell.hear() as hearing`."""
        return Hearing(self._waiting)


class Hearing:
    """One that waits for the bell."""

    def __init__(self, waiting: set[asyncio.Event]) -> None:
        self._waiting = waiting
        self._event = asyncio.Event()

    def __enter__(self) -> Self:
        self._waiting.add(self._event)
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.discard(self._event)

    async def rung(self, within_s: float) -> bool:
        """Whether the bell rang since the last time, or rings within this time."""
        try:
            await asyncio.wait_for(self._event.wait(), within_s)
        except TimeoutError:
            return False
        self._event.clear()
        return True
