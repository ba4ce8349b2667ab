"""Trees and tiles: known roots, what is refused, and the vectors for other implementations."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

import pytest

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS
from tansiq.record.proof import MAX_SIZE, check_consistency, check_inclusion
from tansiq.record.tile import Tile, from_tiles, tile_bytes, tiles
from tansiq.record.tree import Tree, leaf_hash, node_hash
from tests.vectors.record.tree import definition
from tests.vectors.record.tree.make import FILES, FOLDER

LOG: Final = Tree(b"".join(definition.leaves(700)))

# The inputs and roots with which implementations of RFC 6962 have been compared since Certificate Transparency began:
# google/certificate-transparency, merkletree/merkle_tree_test.cc.
KNOWN_ENTRIES: Final = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
KNOWN_ROOTS: Final = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def cases(group: str) -> list[dict[str, Any]]:
    return list(json.loads((FOLDER / f"{group}.json").read_text("utf-8"))["cases"])


def name_of(case: dict[str, Any]) -> str:
    return str(case["id"])


def accepted(check: Callable[..., None], case: dict[str, Any]) -> bool:
    asked = {key: bytes.fromhex(value) if isinstance(value, str) else value for key, value in case.items()}
    try:
        check(**asked | {"proof": [bytes.fromhex(part) for part in case["proof"]]})
    except PeerError as error:
        return error.code != "bad_proof"
    return True


# ------------------------------------------------------------------------------------------------------------- trees


def test_the_roots_are_those_that_certificate_transparency_is_tested_with() -> None:
    tree = Tree()
    assert tree.root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for entry, root in zip(KNOWN_ENTRIES, KNOWN_ROOTS, strict=True):
        tree.append(leaf_hash(bytes.fromhex(entry)))
        assert tree.root().hex() == root


def test_a_node_is_no_leaf_and_left_is_not_right() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert node_hash(left, right) not in {
        leaf_hash(left + right),
        node_hash(right, left),
        sha256(left + right).digest(),
    }


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        (lambda: LOG.root(701), "size"),
        (lambda: LOG.root(-1), "size"),
        (lambda: LOG.inclusion_proof(700), "index"),
        (lambda: LOG.inclusion_proof(-1), "index"),
        (lambda: LOG.inclusion_proof(5, 5), "index"),
        (lambda: LOG.inclusion_proof(5, 701), "size"),
        (lambda: LOG.consistency_proof(6, 5), "old_size"),
        (lambda: LOG.consistency_proof(-1), "old_size"),
        (lambda: LOG.consistency_proof(5, 701), "size"),
        (lambda: tile_bytes(LOG, Tile(0, 2, 189)), "tile"),
        (lambda: tile_bytes(LOG, Tile(0, 3, 1)), "tile"),
        (lambda: tile_bytes(LOG, Tile(0, 0, 0)), "tile"),
        (lambda: tile_bytes(LOG, Tile(0, 0, 257)), "tile"),
        (lambda: tile_bytes(LOG, Tile(0, -1, 1)), "tile"),
        (lambda: tile_bytes(LOG, Tile(1, 0, 3)), "tile"),
        (lambda: tile_bytes(LOG, Tile(-1, 0, 1)), "tile"),
    ],
    ids=[
        *("size after", "size before", "index after", "index before", "index at size", "index, size after"),
        *("old size after", "old size before", "consistency, size after", "too wide", "too far", "without width"),
        *("wider than a tile", "tile before", "level too high", "level before"),
    ],
)
def test_what_the_log_never_had_is_not_answered(ask: Callable[[], object], field: str) -> None:
    with pytest.raises(PartyError) as found:
        ask()
    assert (found.value.code, found.value.field) == ("out_of_range", field)


def test_a_full_log_takes_no_more_and_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tansiq.record.tree.LIMITS", replace(LIMITS, log_leaves=3))
    tree = Tree(b"".join(definition.leaves(2)))
    root = tree.root()
    with pytest.raises(PartyError, match="limit_exceeded"):
        tree.extend(b"".join(definition.leaves(2)))
    assert (tree.size, tree.root()) == (2, root)
    tree.append(definition.leaf(b"last"))
    with pytest.raises(PartyError, match="limit_exceeded"):
        tree.append(definition.leaf(b"one too many"))
    assert tree.size == 3


def test_a_proof_about_the_largest_size_is_checked_and_not_about_a_larger_one() -> None:
    leaf = definition.leaf(b"first")
    beside = [definition.leaf(b"%d" % k) for k in range(63)]
    root = leaf
    for part in beside:
        root = node_hash(root, part)
    check_inclusion(leaf=leaf, index=0, size=MAX_SIZE, root=root, proof=beside)
    with pytest.raises(PeerError, match="bad_proof"):
        check_inclusion(leaf=leaf, index=0, size=MAX_SIZE + 1, root=root, proof=beside)
    check_consistency(old_size=1, old_root=leaf, size=MAX_SIZE, root=root, proof=beside)
    with pytest.raises(PeerError, match="bad_proof"):
        check_consistency(old_size=1, old_root=leaf, size=MAX_SIZE + 1, root=root, proof=beside)


# ------------------------------------------------------------------------------------------------------------- tiles


def test_the_tiles_of_a_log_are_those_of_the_standards_example() -> None:
    found = list(tiles(70_000))
    assert found == [
        *(Tile(0, index) for index in range(273)),
        Tile(0, 273, 112),
        Tile(1, 0),
        Tile(1, 1, 17),
        Tile(2, 0, 1),
    ]
    assert list(tiles(256)) == [Tile(0, 0), Tile(1, 0, 1)]


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(2, 1_234_067), "tile/2/x001/x234/067"),
        (Tile(1, 1_000), "tile/1/x001/000"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
    ],
)
def test_a_tile_lies_where_the_standard_says(tile: Tile, path: str) -> None:
    assert tile.path == path


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda tile, content: content[:-1] if tile == Tile(0, 1) else content, "bad_tile"),
        (lambda tile, content: content + bytes(32) if tile == Tile(0, 2, 188) else content, "bad_tile"),
        (lambda tile, content: b"" if tile == Tile(1, 0, 2) else content, "bad_tile"),
        (lambda tile, content: bytes(32) + content[32:] if tile == Tile(1, 0, 2) else content, "bad_tile"),
        (lambda tile, content: bytes(32) + content[32:] if tile == Tile(0, 0) else content, "bad_tile"),
    ],
    ids=["short", "long", "empty", "upper changed", "lower changed"],
)
def test_a_mirror_with_a_damaged_tile_is_refused(change: Callable[[Tile, bytes], bytes], code: str) -> None:
    assert from_tiles(700, lambda tile: tile_bytes(LOG, tile)).root() == LOG.root()
    with pytest.raises(PeerError, match=code):
        from_tiles(700, lambda tile: change(tile, tile_bytes(LOG, tile)))


def test_a_damaged_part_of_a_tile_shows_in_the_root() -> None:
    def read(tile: Tile) -> bytes:
        content = tile_bytes(LOG, tile)
        return content if tile.width == 256 or tile.level else bytes(32) + content[32:]

    assert from_tiles(700, read).root() != LOG.root()


@pytest.mark.parametrize("size", [-1, LIMITS.log_leaves + 1])
def test_no_tile_of_a_log_of_impossible_size_is_read(size: int) -> None:
    def never(tile: Tile) -> bytes:
        raise AssertionError(tile)

    with pytest.raises(PeerError, match="limit_exceeded"):
        from_tiles(size, never)


# ----------------------------------------------------------------------------------------------------------- vectors


@pytest.mark.parametrize("group", FILES)
def test_the_generator_gives_what_is_committed_byte_for_byte(group: str) -> None:
    assert FILES[group]() == (FOLDER / f"{group}.json").read_text("utf-8")


def test_there_are_many_cases_of_both_answers() -> None:
    found = [*cases("inclusion"), *cases("consistency")]
    assert sum(case["accept"] for case in found) >= 40
    assert sum(not case["accept"] for case in found) >= 200


@pytest.mark.parametrize("case", cases("roots"), ids=name_of)
def test_the_roots_of_the_vectors(case: dict[str, Any]) -> None:
    assert Tree(b"".join(definition.leaves(case["size"]))).root().hex() == case["root"]


@pytest.mark.parametrize("case", cases("tiles"), ids=name_of)
def test_the_tiles_of_the_vectors(case: dict[str, Any]) -> None:
    found = [(tile.path, tile_bytes(LOG, tile)) for tile in tiles(case["size"])]
    want = [(row["path"], row["bytes"], row["sha256"]) for row in case["tiles"]]
    assert [(path, len(content), sha256(content).hexdigest()) for path, content in found] == want


def test_the_proofs_of_the_vectors_are_accepted_or_refused_as_they_say() -> None:
    for group, check in (("inclusion", check_inclusion), ("consistency", check_consistency)):
        for case in cases(group):
            asked = {key: value for key, value in case.items() if key not in {"id", "accept"}}
            assert accepted(check, asked) == case["accept"], case["id"]
