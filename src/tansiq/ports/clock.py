"""The time, as the world tells it: one clock that may jump, one that never goes back."""

from typing import Protocol


class Clock(Protocol):
    """What time it is. The core never asks the machine itself."""

    def now_us(self) -> int:
        """Microseconds since 1970 UTC, by this machine's clock; it may be wrong and may jump."""
        ...

    def elapsed_us(self) -> int:
        """Microseconds since some moment before this process; never goes back, says nothing of dates."""
        ...
