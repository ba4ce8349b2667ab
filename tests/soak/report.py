"""What a soak has done and found: counts, failures by what they are, the inputs that led to them, memory."""

import gc
import os
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Final

KEPT_OF_A_KIND: Final = 3
"""So many inputs of each kind of failure are kept; all are counted."""
WARM_UP_S: Final = 60.0
LEAK_MB: Final = 64.0
"""Growth over the level after the warm-up that no cache of ours explains."""
STATM: Final = Path("/proc/self/statm")
PAGE_MB: Final = os.sysconf("SC_PAGE_SIZE") / 2**20


class TooSlowError(Exception):
    """Something took longer than anybody would wait for it."""


@contextmanager
def patience(cpu_s: float) -> Iterator[None]:
    """What runs inside ends with TooSlowError past so much processor time; a kernel only once it returns."""

    def over(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlowError(f"more than {cpu_s:.0f} s of processor time")

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, cpu_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, before)


def named(error: Exception) -> str:
    """One name for every time that this happens: the error and the innermost place in tansiq, or in the soak."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "tansiq" in Path(frame.filename).parts] or frames
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "nowhere"
    return f"{type(error).__name__} at {place}"


@dataclass
class Failure:
    """One kind of failure: how often it came, first in which round, and with which inputs."""

    number: int
    part: str
    what: str
    seed: int
    words: str
    times: int = 0
    kept: list[str] = field(default_factory=list)


@dataclass
class Report:
    """Counts and failures; `part` and `seed` are of the round under way."""

    folder: Path
    counts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    failures: dict[tuple[str, str], Failure] = field(default_factory=dict)
    part: str = ""
    seed: int = 0

    def fail(self, what: str, words: str, ending: str = "", content: bytes = b"") -> None:
        """The failure is counted and told, and its input lies in the folder, with what there is to say about it."""
        new = Failure(len(self.failures) + 1, self.part, what, self.seed, words[:2000])
        first = self.failures.setdefault((self.part, what), new)
        first.times += 1
        if first.times > KEPT_OF_A_KIND:
            return
        name = f"{self.part}-{self.seed}-{first.number}-{first.times}"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.joinpath(f"{name}.txt").write_text(f"{what}\n\n{words}\n", "utf-8", "backslashreplace")
        if ending:
            self.folder.joinpath(name + ending).write_bytes(content)
        first.kept.append(name + (ending or ".txt"))
        say(f"FAILED {what}: {self.folder / first.kept[-1]}; again: python -m tests.soak {self.again()}")

    def again(self) -> str:
        """The options that repeat the round under way."""
        return f"--seed {self.seed} --only {self.part} --rounds 1"

    def told(self) -> list[dict[str, Any]]:
        """The failures, for the summary."""
        return [asdict(failure) for failure in self.failures.values()]


def say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def resident_mb() -> float | None:
    """What the process holds of the machine's memory; None where the system does not tell it this way."""
    if not STATM.exists():
        return None
    gc.collect()
    return int(STATM.read_text("ascii").split()[1]) * PAGE_MB


@dataclass
class Memory:
    """What was held after the warm-up and since, in megabytes."""

    warm_mb: float | None = None
    last_mb: float | None = None
    most_mb: float | None = None

    def look(self, elapsed_s: float) -> None:
        """Notes what is held; the first look after the warm-up is what later ones are compared with."""
        self.last_mb = resident_mb()
        if self.last_mb is None or elapsed_s < WARM_UP_S:
            return
        if self.warm_mb is None:
            self.warm_mb = self.last_mb
        self.most_mb = max(self.last_mb, self.most_mb or 0.0)

    @property
    def growth_mb(self) -> float | None:
        """How much more is held than after the warm-up; None where the soak was too short to tell."""
        if self.warm_mb is None or self.last_mb is None:
            return None
        return self.last_mb - self.warm_mb

    def told(self) -> dict[str, float | None]:
        """The figures, for the summary."""
        figures = asdict(self) | {"growth_mb": self.growth_mb}
        return {name: None if figure is None else round(figure, 1) for name, figure in figures.items()}
