"""How often one address or party may ask, and how many connections may be open: counted by the time that elapses."""

from collections import Counter, OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Final

from tansiq.limits import LIMITS

_US_PER_S: Final = 1_000_000
_NETWORK_BITS: Final = 64
"""Of an IPv6 address these name a network; whoever has it has all addresses in it."""


class Rates:
    """A bucket of tokens for each that asks: full at first, filled again at a steady rate, never past its brim."""

    def __init__(self, elapsed_us: Callable[[], int], *, per_s: int, burst: int) -> None:
        self._elapsed_us = elapsed_us
        self._per_s = per_s
        self._brim = burst * _US_PER_S
        self._buckets: OrderedDict[object, tuple[int, int]] = OrderedDict()
        """What is in it, in millionths of a token, and when that was so."""

    def take(self, who: object) -> bool:
        """Whether there was a token; it is taken. Of more than `rates_kept` the one quiet longest is forgotten."""
        now = self._elapsed_us()
        held, at = self._buckets.pop(who, (self._brim, now))
        held = min(self._brim, held + (now - at) * self._per_s)
        there = held >= _US_PER_S
        self._buckets[who] = (held - _US_PER_S if there else held, now)
        while len(self._buckets) > LIMITS.rates_kept:
            self._buckets.popitem(last=False)
        return there


class Slot:
    """A connection's place; given back once, however often it is freed."""

    def __init__(self, gate: "Gate", address: str) -> None:
        self._gate: Gate | None = gate
        self._address = address

    def free(self) -> None:
        """The place is there for another."""
        gate, self._gate = self._gate, None
        if gate is not None:
            gate.leave(self._address)


class Gate:
    """Which connections are let in: so many in all, so many from one address, so many from it in a time."""

    def __init__(self, elapsed_us: Callable[[], int]) -> None:
        self._rates = Rates(elapsed_us, per_s=LIMITS.connections_per_s, burst=LIMITS.connections_burst)
        self._open: Counter[str] = Counter()
        self.turned_away = 0

    @property
    def open(self) -> int:
        """How many connections are open."""
        return self._open.total()

    def enter(self, address: str) -> Slot | None:
        """A place for a connection from there, or None: then it is closed before anything is spent on it."""
        place = network(address)
        full = self.open >= LIMITS.connections or self._open[place] >= LIMITS.connections_per_address
        if full or not self._rates.take(place):
            self.turned_away += 1
            self._open += Counter()  # Without the zero that looking it up has left.
            return None
        self._open[place] += 1
        return Slot(self, place)

    def leave(self, place: str) -> None:
        """A connection from there has ended. `Slot.free` calls it."""
        self._open[place] -= 1
        if not self._open[place]:
            del self._open[place]


def network(address: str) -> str:
    """What an address is counted as: itself, or its network of 64 bits; an IPv4 address within IPv6 is one of IPv4."""
    found = ip_address(address.partition("%")[0])
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> _NETWORK_BITS << _NETWORK_BITS))


def is_loopback(address: str) -> bool:
    """Whether the address is of this machine alone."""
    return ip_address(address.partition("%")[0]).is_loopback
