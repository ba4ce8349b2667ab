"""The machine's own clock and lots: what the ports ask of the world."""

import secrets
import time

US_PER_NS = 1_000


class SystemClock:
    """A `Clock` of this machine."""

    def now_us(self) -> int:
        """As `Clock.now_us`."""
        return time.time_ns() // US_PER_NS

    def elapsed_us(self) -> int:
        """As `Clock.elapsed_us`."""
        return time.monotonic_ns() // US_PER_NS


class SystemRandomness:
    """A `Randomness` of this machine's operating system."""

    def draw(self, count: int) -> bytes:
        """As `Randomness.draw`."""
        return secrets.token_bytes(count)
