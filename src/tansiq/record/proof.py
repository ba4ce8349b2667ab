"""Proofs about a log, checked by somebody who has nothing of it but hashes; a proof that fails raises an error.

Rules for the next editor:

1. No answer is a bool: a caller who forgets to look at it would take every proof. What is not proved, raises.
2. Proofs come from the other side. Every length and every size is checked before it is used, and a proof is exactly as
   long as the sizes say: a hash too many is refused like one too few.
"""

from collections.abc import Sequence
from typing import Final

from tansiq.errors import PeerError
from tansiq.record.tree import EMPTY_ROOT, HASH_BYTES, node_hash

MAX_SIZE: Final = 2**63 - 1
"""The largest size of a log that is read; so a proof never has more than 64 hashes."""


def check_inclusion(*, leaf: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """The leaf of this hash stands at the index in the log of this size and root. Source: RFC 9162, 2.1.3.2.

    Raises PeerError: bad_proof.
    """
    _in_form(proof, leaf=leaf, root=root)
    if not 0 < size <= MAX_SIZE:
        raise _bad("size", str(size), f"1 to {MAX_SIZE}")
    if not 0 <= index < size:
        raise _bad("index", str(index), f"the index of one of {size} leaves")
    at, last = index, size - 1
    found = leaf
    for beside in proof:
        if last == 0:
            raise _bad("proof", f"{len(proof)} hashes", "fewer, by index and size")
        if at & 1 or at == last:
            found = node_hash(beside, found)
            at, last = _up_to_a_right_hand(at, last)
        else:
            found = node_hash(found, beside)
        at, last = at >> 1, last >> 1
    if last:
        raise _bad("proof", f"{len(proof)} hashes", "more, by index and size")
    if found != root:
        raise _bad("proof", f"the root {found.hex()}", f"the root {root.hex()}")


def check_consistency(*, old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """The log of this size and root begins with all of the log of the old size and root. Source: RFC 9162, 2.1.4.2.

    Every log begins with the empty one; one of the same size must have the same root. Both need an empty proof.

    Raises PeerError: bad_proof.
    """
    _in_form(proof, old_root=old_root, root=root)
    if not 0 <= old_size <= size <= MAX_SIZE:
        raise _bad("size", f"{old_size} before {size}", f"sizes in order, from 0 to {MAX_SIZE}")
    for count, given, field in ((old_size, old_root, "old_root"), (size, root, "root")):
        if count == 0 and given != EMPTY_ROOT:
            raise _bad(field, given.hex(), "the root of the empty log, SHA-256 of nothing")
    if old_size in {0, size}:
        if proof:
            raise _bad("proof", f"{len(proof)} hashes", "none, by these sizes")
        if old_size == size and old_root != root:
            raise _bad("root", root.hex(), f"{old_root.hex()}, the root at the same size")
        return
    _check_growth(old_size, old_root, size, root, proof)


def _check_growth(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)  # The old log is a complete subtree of the new one: its hash is known.
    if not path:
        raise _bad("proof", "no hashes", "some, by these sizes")
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old_found = found = path[0]
    for beside in path[1:]:
        if last == 0:
            raise _bad("proof", f"{len(proof)} hashes", "fewer, by these sizes")
        if at & 1 or at == last:
            old_found = node_hash(beside, old_found)
            found = node_hash(beside, found)
            at, last = _up_to_a_right_hand(at, last)
        else:
            found = node_hash(found, beside)
        at, last = at >> 1, last >> 1
    if last:
        raise _bad("proof", f"{len(proof)} hashes", "more, by these sizes")
    if old_found != old_root:
        raise _bad("proof", f"the old root {old_found.hex()}", f"the old root {old_root.hex()}")
    if found != root:
        raise _bad("proof", f"the root {found.hex()}", f"the root {root.hex()}")


def _up_to_a_right_hand(at: int, last: int) -> tuple[int, int]:
    """Both moved up past the levels at which the node, the last of its level, has nothing beside it."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _in_form(proof: Sequence[bytes], **hashes: bytes) -> None:
    for field, value in (*hashes.items(), *((f"proof[{i}]", value) for i, value in enumerate(proof))):
        if len(value) != HASH_BYTES:
            raise _bad(field, f"{len(value)} bytes", f"{HASH_BYTES}")


def _bad(field: str, got: str, want: str) -> PeerError:
    return PeerError("bad_proof", field, got, want)
