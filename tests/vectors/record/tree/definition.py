"""The Merkle tree as RFC 6962, 2.1 defines it, word for word, and slow: what every faster one must equal."""

from collections.abc import Sequence
from hashlib import sha256


def root(leaves: Sequence[bytes]) -> bytes:
    """MTH, of hashes of leaves."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256().digest()
    k = power_below(len(leaves))
    return sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH: the inclusion proof of leaf m."""
    if len(leaves) == 1:
        return []
    k = power_below(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), root(leaves[k:])]
    return [*path(m - k, leaves[k:]), root(leaves[:k])]


def proof(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PROOF: the consistency proof from the first m leaves, at least one."""
    return _subproof(m, leaves, whole=True)


def _subproof(m: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [root(leaves)]
    k = power_below(len(leaves))
    if m <= k:
        return [*_subproof(m, leaves[:k], whole=whole), root(leaves[k:])]
    return [*_subproof(m - k, leaves[k:], whole=False), root(leaves[:k])]


def power_below(count: int) -> int:
    """The largest power of 2 below the count."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def leaf(entry: bytes) -> bytes:
    """The hash of the entry as a leaf."""
    return sha256(b"\x00" + entry).digest()


def leaves(count: int) -> list[bytes]:
    """The hashes of the entries `entry 0`, `entry 1`, ..., of which the test suite's logs are made."""
    return [leaf(b"entry %d" % k) for k in range(count)]
