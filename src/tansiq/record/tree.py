"""A log as the Merkle tree of RFC 6962 and RFC 9162: appended to, its root at any size, and proofs about it.

Rules for the next editor:

1. A leaf is hashed behind 0x00 and a node behind 0x01: without them a node could be passed off as an entry.
2. Nothing that was appended is ever changed. What a root covered once, it covers at that size for ever.
3. `tansiq.record.proof` checks for others what is said here, and knows nothing of how a tree is kept. Both must agree
   with the recursive definition of the standard: `tests/laws/test_trees.py` holds them to it.
"""

from hashlib import sha256
from typing import Final

from tansiq.errors import PartyError
from tansiq.limits import LIMITS

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
"""The root of a log without entries: RFC 6962, 2.1."""

_LEVELS_KEPT: Final = 4
"""Every 4th level of the tree is kept: 34 bytes to a leaf instead of 64, and a node between costs at most 7 hashes."""
_FOLDED: Final = 1 << _LEVELS_KEPT


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry as a leaf."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above these two."""
    return sha256(b"\x01" + left + right).digest()


def split(count: int) -> int:
    """The largest power of 2 below the count, which is 2 or more: so many leaves stand on the left."""
    return 1 << ((count - 1).bit_length() - 1)


def beside(index: int, size: int) -> list[tuple[int, int]]:
    """What stands beside the way from a leaf to the root, lowest first: subtrees, from one leaf to before another.

    Source: PATH of RFC 6962, 2.1.1.
    """
    begin, end, found = 0, size, []
    while end - begin > 1:
        middle = begin + split(end - begin)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((begin, middle))
            begin = middle
    return found[::-1]


class Tree:
    """A log's hashes, which only grow. Bytes of entries lie elsewhere.

    A tree of a million leaves takes 34 MB.
    """

    def __init__(self, leaf_hashes: bytes = b"") -> None:
        self._kept = [bytearray()]
        self.extend(leaf_hashes)

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self._kept[0]) // HASH_BYTES

    def append(self, leaf: bytes) -> int:
        """The leaf of this hash is the last one; its index.

        Raises PartyError: limit_exceeded.
        """
        assert len(leaf) == HASH_BYTES, len(leaf)
        index = self.size
        self._room_for(index + 1)
        self._kept[0] += leaf
        if (index + 1) % _FOLDED == 0:
            self._grow()
        return index

    def extend(self, leaf_hashes: bytes) -> None:
        """The leaves of these hashes, one after the other, are the last ones.

        Raises PartyError: limit_exceeded, and then none of them is.
        """
        assert len(leaf_hashes) % HASH_BYTES == 0, len(leaf_hashes)
        self._room_for(self.size + len(leaf_hashes) // HASH_BYTES)
        self._kept[0] += leaf_hashes
        self._grow()

    def leaf(self, index: int) -> bytes:
        """The hash of the leaf."""
        assert 0 <= index < self.size, (index, self.size)
        return self._node(0, index)

    def root(self, size: int | None = None) -> bytes:
        """The root of the first `size` leaves, of all without it.

        Raises PartyError: out_of_range.
        """
        size = self._known(size)
        return self._below(0, size) if size else EMPTY_ROOT

    def subtree(self, begin: int, end: int) -> bytes:
        """The root of the leaves from one index to before another, as `beside` names them."""
        assert 0 <= begin < end <= self.size, (begin, end, self.size)
        return self._below(begin, end)

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """The hashes that lead from the leaf to the root at this size, lowest first: PATH of RFC 6962, 2.1.1.

        Raises PartyError: out_of_range.
        """
        end = self._known(size)
        if not 0 <= index < end:
            raise PartyError("out_of_range", "index", str(index), f"the index of one of {end} leaves")
        return [self._below(*place) for place in beside(index, end)]

    def consistency_proof(self, old_size: int, size: int | None = None) -> list[bytes]:
        """The hashes that show that the log at this size begins with what it was: PROOF of RFC 6962, 2.1.2.

        Empty where nothing was there before, or nothing has been added.

        Raises PartyError: out_of_range.
        """
        end = self._known(size)
        if not 0 <= old_size <= end:
            raise PartyError("out_of_range", "old_size", str(old_size), f"at most the later size, {end}")
        if old_size == 0:
            return []
        proof: list[bytes] = []
        begin = 0
        while end != old_size:
            middle = begin + split(end - begin)
            if old_size <= middle:
                proof.append(self._below(middle, end))
                end = middle
            else:
                proof.append(self._below(begin, middle))
                begin = middle
        # The verifier has the old root already, unless what is left is only a part of what it covers.
        if begin:
            proof.append(self._below(begin, end))
        return proof[::-1]

    def nodes(self, level: int, begin: int, end: int) -> bytes:
        """The hashes of the complete subtrees of `2**level` leaves, from number `begin` to before number `end`."""
        kept, up = divmod(level, _LEVELS_KEPT)
        assert 0 <= begin <= end <= self.size >> level, (level, begin, end, self.size)
        if not up:
            return bytes(self._kept[kept][begin * HASH_BYTES : end * HASH_BYTES]) if begin < end else b""
        return b"".join([self._node(level, index) for index in range(begin, end)])

    def _known(self, size: int | None) -> int:
        if size is None:
            return self.size
        if not 0 <= size <= self.size:
            raise PartyError("out_of_range", "size", str(size), f"a size that the log has had, at most {self.size}")
        return size

    def _room_for(self, size: int) -> None:
        if size > LIMITS.log_leaves:
            raise PartyError("limit_exceeded", "size", str(size), f"at most {LIMITS.log_leaves} leaves in a log")

    def _grow(self) -> None:
        """Every kept level has all the nodes that are complete."""
        for kept, below in enumerate(self._kept):
            whole = len(below) // HASH_BYTES // _FOLDED
            if not whole:
                return
            if kept + 1 == len(self._kept):
                self._kept.append(bytearray())
            above = self._kept[kept + 1]
            step = _FOLDED * HASH_BYTES
            for index in range(len(above) // HASH_BYTES, whole):
                above += _folded(bytes(below[index * step : (index + 1) * step]))

    def _node(self, level: int, index: int) -> bytes:
        """The hash of the complete subtree of `2**level` leaves that starts at leaf `index << level`."""
        kept, up = divmod(level, _LEVELS_KEPT)
        step = HASH_BYTES << up
        return _folded(bytes(self._kept[kept][index * step : (index + 1) * step]))

    def _below(self, begin: int, end: int) -> bytes:
        """The hash over these leaves; `begin` is a multiple of the power of 2 that has room for them all."""
        level = (end - begin).bit_length() - 1
        middle = begin + (1 << level)
        left = self._node(level, begin >> level)
        return left if middle == end else node_hash(left, self._below(middle, end))


def _folded(hashes: bytes) -> bytes:
    """The root over so many hashes, a power of 2."""
    while len(hashes) > HASH_BYTES:
        pairs = range(0, len(hashes), 2 * HASH_BYTES)
        hashes = b"".join([sha256(b"\x01" + hashes[at : at + 2 * HASH_BYTES]).digest() for at in pairs])
    return hashes
