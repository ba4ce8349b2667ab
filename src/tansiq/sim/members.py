"""The parties of a simulated world: keys that everybody knows, channels, clocks that are wrong, links that fail."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Final

from tansiq.record.control import OfficeKey
from tansiq.record.genesis import make_genesis, sign_genesis, signed_genesis
from tansiq.record.keys import ED25519, EncryptionKey, SecretKey
from tansiq.sim.lots import Lots

NAMES: Final = ("Amber", "Teal", "Violet", "Ochre")
WATCH: Final = "watch"
NOON_US: Final = 1_894_700_000_000_000
YEAR_US: Final = 31_557_600_000_000
BYTES_PER_S: Final = 8_000
"""A line of 64 kbit/s."""
_SIGNING: Final = (("entry", WATCH), ("log", ""), ("witness", ""), ("transport", ""))


@cache
def key_of(name: str, use: str, number: int = 0) -> SecretKey:
    """A key that everybody knows."""
    return SecretKey(ED25519, hashlib.sha256(f"SIMULATED {name} {use} {number}".encode()).digest())


@cache
def party_of(name: str) -> bytes:
    """The fingerprint of the party's root."""
    return key_of(name, "root").public.fingerprint


@cache
def keys_of(name: str) -> tuple[OfficeKey, ...]:
    """The keys with which a party begins."""
    sealing = EncryptionKey(hashlib.sha256(f"SIMULATED {name} encryption".encode()).digest()).public
    signing = (OfficeKey(office, use, key_of(name, use).public) for use, office in _SIGNING)
    return (*signing, OfficeKey("", "encryption", sealing))


def secrets_of(name: str) -> dict[bytes, SecretKey]:
    """The signing keys with which a party begins, by fingerprint."""
    return {key.public.fingerprint: key for key in (key_of(name, use) for use, _ in _SIGNING)}


@cache
def genesis_of(names: tuple[str, ...]) -> bytes:
    """A channel of these parties, signed by all of them."""
    listed = [(party_of(name), key) for name in names for key in keys_of(name)]
    genesis = make_genesis([party_of(name) for name in names], "air", bytes(16), listed)
    roots = {party_of(name): key_of(name, "root") for name in names}
    return signed_genesis(
        genesis, {mark: (one.public, sign_genesis(genesis, one)) for mark, one in roots.items()}
    ).encode()


@dataclass(slots=True)
class Ticks:
    """The world's own time, which no party knows."""

    at_us: int = 0


@dataclass(slots=True)
class WrongClock:
    """A party's clock: as far off as it is, until it jumps."""

    ticks: Ticks
    off_us: int = 0

    def now_us(self) -> int:
        """As `Clock.now_us`."""
        return NOON_US + self.ticks.at_us + self.off_us

    def elapsed_us(self) -> int:
        """As `Clock.elapsed_us`."""
        return self.ticks.at_us


@dataclass(slots=True)
class Draws:
    """Random bytes that are never drawn twice, and the same for every seed."""

    seed: str
    _numbers: Callable[[], int] = field(default_factory=lambda: count().__next__)

    def draw(self, length: int) -> bytes:
        """As `Randomness.draw`."""
        return hashlib.shake_256(f"{self.seed} {self._numbers()}".encode()).digest(length)


@dataclass(slots=True)
class Link:
    """The line between two parties: it loses, doubles, delays and reorders, until it is mended."""

    lots: Lots
    ticks: Ticks
    loss: float
    up: bool = True
    free_us: int = 0
    """When what was sent before has gone through."""
    under_way: list[tuple[int, str, bytes]] = field(default_factory=list)
    """When it arrives, from whom, what."""

    def send(self, sender: str, spelling: bytes) -> None:
        """The parcel is under way, or lost."""
        if not self.up:
            return
        self.free_us = max(self.free_us, self.ticks.at_us) + len(spelling) * 1_000_000 // BYTES_PER_S
        for _ in range(2 if self.lots.between(0, 1) < self.loss else 1):
            if self.lots.between(0, 1) >= self.loss:
                late_us = self.lots.whole(0, 3_000_000) if self.loss else 0
                self.under_way.append((self.free_us + late_us, sender, spelling))

    def arrived(self) -> list[tuple[str, bytes]]:
        """What has arrived by now, from whom."""
        self.under_way.sort(key=lambda one: one[0])
        here = [one for one in self.under_way if one[0] <= self.ticks.at_us]
        del self.under_way[: len(here)]
        return [(sender, spelling) for _, sender, spelling in here] if self.up else []
