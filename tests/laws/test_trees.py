"""A log's tree equals the definition of RFC 6962 at every size, and no proof but the right one is accepted."""

import random
from hashlib import sha256
from typing import Final

import pytest

from tansiq.errors import PeerError
from tansiq.record.proof import check_consistency, check_inclusion
from tansiq.record.tile import Tile, from_tiles, tile_bytes, tiles
from tansiq.record.tree import HASH_BYTES, Tree
from tests.vectors.record.tree import definition

ALL_SIZES: Final = range(71)
LEAVES: Final = definition.leaves(ALL_SIZES[-1])
ROOTS: Final = [definition.root(LEAVES[:size]) for size in ALL_SIZES]
TREE: Final = Tree(b"".join(LEAVES))
SEEDS: Final = range(12)


def included(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes | None = None) -> bool:
    try:
        check_inclusion(leaf=leaf, index=index, size=size, root=root or ROOTS[size], proof=proof)
    except PeerError as error:
        return error.code != "bad_proof"
    return True


def consistent(old_size: int, size: int, proof: list[bytes], old_root: bytes | None = None) -> bool:
    try:
        check_consistency(
            old_size=old_size, old_root=old_root or ROOTS[old_size], size=size, root=ROOTS[size], proof=proof
        )
    except PeerError as error:
        return error.code != "bad_proof"
    return True


def with_a_bit_changed(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)


def random_tree(lots: random.Random) -> tuple[list[bytes], Tree]:
    leaves = [lots.randbytes(HASH_BYTES) for _ in range(lots.randrange(1, 3000))]
    return leaves, Tree(b"".join(leaves))


# ---------------------------------------------------------------------------------------------------- the definition


def test_the_root_at_every_size_is_that_of_the_definition_however_far_the_log_has_grown() -> None:
    growing = Tree()
    assert growing.root() == ROOTS[0]
    for size, leaf in enumerate(LEAVES, 1):
        assert growing.append(leaf) == size - 1
        assert growing.root() == ROOTS[size] == TREE.root(size)


def test_every_inclusion_proof_is_that_of_the_definition_and_is_accepted() -> None:
    for size in ALL_SIZES[1:]:
        for index in range(size):
            proof = TREE.inclusion_proof(index, size)
            assert proof == definition.path(index, LEAVES[:size])
            assert included(LEAVES[index], index, size, proof)


def test_every_consistency_proof_is_that_of_the_definition_and_is_accepted() -> None:
    for size in ALL_SIZES:
        for old_size in range(size + 1):
            proof = TREE.consistency_proof(old_size, size)
            assert proof == (definition.proof(old_size, LEAVES[:size]) if old_size else [])
            assert consistent(old_size, size, proof)


@pytest.mark.parametrize("seed", SEEDS)
def test_larger_trees_equal_the_definition_at_random_sizes(seed: int) -> None:
    lots = random.Random(seed)
    leaves, tree = random_tree(lots)
    for _ in range(3):
        size = lots.randrange(1, len(leaves) + 1)
        index, old_size = lots.randrange(size), lots.randrange(1, size + 1)
        assert tree.root(size) == definition.root(leaves[:size])
        assert tree.inclusion_proof(index, size) == definition.path(index, leaves[:size])
        assert tree.consistency_proof(old_size, size) == definition.proof(old_size, leaves[:size])


@pytest.mark.parametrize("seed", SEEDS)
def test_larger_proofs_are_accepted(seed: int) -> None:
    lots = random.Random(seed + 100)
    leaves, tree = random_tree(lots)
    for _ in range(50):
        size = lots.randrange(1, len(leaves) + 1)
        index, old_size = lots.randrange(size), lots.randrange(size + 1)
        root = tree.root(size)
        check_inclusion(leaf=leaves[index], index=index, size=size, root=root, proof=tree.inclusion_proof(index, size))
        check_consistency(
            old_size=old_size,
            old_root=tree.root(old_size),
            size=size,
            root=root,
            proof=tree.consistency_proof(old_size, size),
        )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_log_is_the_same_in_whatever_portions_it_was_appended(seed: int) -> None:
    lots = random.Random(seed + 200)
    leaves, whole = random_tree(lots)
    tree = Tree()
    while tree.size < len(leaves):
        portion = leaves[tree.size : tree.size + lots.choice((0, 1, 15, 16, 17, 300))]
        if len(portion) == 1:
            tree.append(portion[0])
        else:
            tree.extend(b"".join(portion))
    for size in range(0, len(leaves) + 1, 7):
        assert tree.root(size) == whole.root(size)
    assert [tree.leaf(k) for k in range(tree.size)] == leaves


# --------------------------------------------------------------------------------------------------- hostile proofs


@pytest.mark.parametrize(("index", "size"), [(0, 2), (0, 7), (3, 7), (6, 7), (7, 8), (20, 33), (32, 33), (69, 70)])
def test_no_inclusion_proof_with_a_bit_changed_is_accepted(index: int, size: int) -> None:
    proof = TREE.inclusion_proof(index, size)
    for bit in range(8 * HASH_BYTES):
        assert not included(with_a_bit_changed(LEAVES[index], bit), index, size, proof)
        assert not included(LEAVES[index], index, size, proof, with_a_bit_changed(ROOTS[size], bit))
        for at, part in enumerate(proof):
            bad = [*proof[:at], with_a_bit_changed(part, bit), *proof[at + 1 :]]
            assert not included(LEAVES[index], index, size, bad)


@pytest.mark.parametrize(("old_size", "size"), [(1, 2), (3, 7), (4, 7), (6, 8), (32, 33), (21, 70), (69, 70)])
def test_no_consistency_proof_with_a_bit_changed_is_accepted(old_size: int, size: int) -> None:
    proof = TREE.consistency_proof(old_size, size)
    for bit in range(8 * HASH_BYTES):
        assert not consistent(old_size, size, proof, with_a_bit_changed(ROOTS[old_size], bit))
        for at, part in enumerate(proof):
            bad = [*proof[:at], with_a_bit_changed(part, bit), *proof[at + 1 :]]
            assert not consistent(old_size, size, bad)


def test_no_inclusion_proof_holds_for_another_leaf_index_or_size() -> None:
    for size in range(1, 14):
        for index in range(size):
            proof = TREE.inclusion_proof(index, size)
            for other_size in range(-1, 16):
                for other in range(-2, 16):
                    same = (other, other_size) == (index, size)
                    root = ROOTS[other_size] if other_size >= 0 else ROOTS[size]
                    assert included(LEAVES[index], other, other_size, proof, root) == same
            assert not any(included(leaf, index, size, proof) for leaf in LEAVES[:15] if leaf != LEAVES[index])


def test_no_consistency_proof_holds_for_other_sizes() -> None:
    for size in range(1, 14):
        for old_size in range(1, size):
            proof = TREE.consistency_proof(old_size, size)
            for other_size in range(15):
                for other in range(15):
                    same = (other, other_size) == (old_size, size)
                    assert consistent(other, other_size, proof) == same


def test_a_proof_is_exactly_as_long_as_the_sizes_say() -> None:
    for size in range(1, 20):
        for index in range(size):
            proof = TREE.inclusion_proof(index, size)
            for extra in (*proof, LEAVES[index], ROOTS[size]):
                assert not included(LEAVES[index], index, size, [*proof, extra])
                assert not included(LEAVES[index], index, size, [extra, *proof])
            assert not any(included(LEAVES[index], index, size, proof[:k]) for k in range(len(proof)))
            assert not any(included(LEAVES[index], index, size, proof[k:]) for k in range(1, len(proof) + 1))
        for old_size in range(size + 1):
            proof = TREE.consistency_proof(old_size, size)
            for extra in (*proof, ROOTS[old_size], ROOTS[size]):
                assert not consistent(old_size, size, [*proof, extra])
                assert not consistent(old_size, size, [extra, *proof])
            assert not any(consistent(old_size, size, proof[:k]) for k in range(len(proof)))


def test_a_root_passed_off_as_that_of_a_larger_log_is_refused_where_the_proof_would_be_longer() -> None:
    for size in range(2, 12):
        for old_size in range(1, size):
            proof = TREE.consistency_proof(old_size, size)
            for claimed in range(size + 1, 40):
                if len(TREE.consistency_proof(old_size, claimed)) > len(proof):
                    with pytest.raises(PeerError, match="bad_proof"):
                        check_consistency(
                            old_size=old_size, old_root=ROOTS[old_size], size=claimed, root=ROOTS[size], proof=proof
                        )


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_hash_of_another_length_is_refused(length: int) -> None:
    proof = TREE.inclusion_proof(3, 7)
    wrong = (proof[1] * 2)[:length]
    assert not included(LEAVES[3], 3, 7, [proof[0], wrong, proof[2]])
    assert not included(wrong or b"x", 3, 7, proof)
    proof = TREE.consistency_proof(3, 7)
    assert not consistent(3, 7, [(proof[0] * 2)[:length], *proof[1:]])


def test_a_rewritten_log_is_never_consistent_with_what_it_was() -> None:
    for size in range(2, 20):
        for changed in range(size - 1):
            forged = [*LEAVES[:changed], sha256(b"forged").digest(), *LEAVES[changed + 1 : size]]
            tree = Tree(b"".join(forged))
            for old_size in range(changed + 1, size):
                with pytest.raises(PeerError, match="bad_proof"):
                    check_consistency(
                        old_size=old_size,
                        old_root=ROOTS[old_size],
                        size=size,
                        root=tree.root(),
                        proof=tree.consistency_proof(old_size),
                    )


# ------------------------------------------------------------------------------------------------------------- tiles

TILED: Final = (0, 1, 2, 255, 256, 257, 511, 512, 4095, 4096, 5000, 65_535, 65_536, 65_537, 70_000)
MANY: Final = Tree(b"".join(sha256(b"%d" % k).digest() for k in range(max(TILED))))


@pytest.mark.parametrize("size", TILED)
def test_a_log_opened_from_its_tiles_is_the_log_that_was_appended(size: int) -> None:
    appended = Tree(MANY.nodes(0, 0, size))
    opened = from_tiles(size, lambda tile: tile_bytes(MANY, tile))
    assert opened.size == size
    assert opened.root() == appended.root() == MANY.root(size)
    for index in range(0, size, 997):
        assert opened.inclusion_proof(index) == MANY.inclusion_proof(index, size)
        assert opened.consistency_proof(index) == MANY.consistency_proof(index, size)


@pytest.mark.parametrize("seed", SEEDS)
def test_who_mirrors_a_log_gets_every_tile_once_while_it_grows(seed: int) -> None:
    lots = random.Random(seed)
    sizes = sorted(lots.choice(TILED) + lots.randrange(300) for _ in range(6))
    got: set[Tile] = set()
    for old_size, size in zip([0, *sizes], sizes, strict=False):
        new = set(tiles(size, old_size=old_size))
        assert not new & got
        assert set(tiles(size)) <= new | got
        assert new <= set(tiles(size))
        got |= new
