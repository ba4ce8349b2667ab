"""A log's hashes cut into files that never change once they are full, so that anybody can keep a copy.

Source: C2SP tlog-tiles. A tile of level L holds up to 256 hashes, side by side, each of a complete subtree of `256**L`
leaves. The levels between are left out: who has a tile computes them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS
from tansiq.record.tree import HASH_BYTES, Tree

TILE_HASHES: Final = 256
_TILE_LEVELS: Final = 8


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """The name of a tile: its level, its number in the level, and how many hashes it has, from 1 to 256."""

    level: int
    index: int
    width: int = TILE_HASHES

    @property
    def path(self) -> str:
        """Where the tile lies below a log's prefix, as `tile/0/x001/x234/067` or, not full, `tile/1/000.p/17`."""
        thousands = f"{self.index % 1000:03}"
        rest = self.index // 1000
        while rest > 0:
            thousands = f"x{rest % 1000:03}/{thousands}"
            rest //= 1000
        part = "" if self.width == TILE_HASHES else f".p/{self.width}"
        return f"tile/{self.level}/{thousands}{part}"


def tiles(size: int, *, old_size: int = 0) -> Iterator[Tile]:
    """The tiles of a log of this size, lowest level first; those alone that a log of the old size does not have."""
    level = 0
    while size >> (_TILE_LEVELS * level):
        count = size >> (_TILE_LEVELS * level)
        known = old_size >> (_TILE_LEVELS * level)
        for index in range(known // TILE_HASHES, (count - 1) // TILE_HASHES + 1):
            width = min(TILE_HASHES, count - index * TILE_HASHES)
            if width != min(TILE_HASHES, known - index * TILE_HASHES):
                yield Tile(level, index, width)
        level += 1


def tile_bytes(tree: Tree, tile: Tile) -> bytes:
    """What the tile of the log holds: `32 * width` bytes.

    Raises PartyError: out_of_range, where the log has not so many hashes there.
    """
    begin = tile.index * TILE_HASHES
    count = tree.size >> (_TILE_LEVELS * tile.level) if tile.level >= 0 else 0
    if not (1 <= tile.width <= TILE_HASHES and 0 <= begin <= count - tile.width):
        raise PartyError("out_of_range", "tile", str(tile), f"a tile of a log of {tree.size} leaves")
    return tree.nodes(_TILE_LEVELS * tile.level, begin, begin + tile.width)


def from_tiles(size: int, read: Callable[[Tile], bytes]) -> Tree:
    """The log of this size, whose tiles are read one by one; hold its root against a checkpoint before it is believed.

    Every tile is read, and those above the lowest level are compared with what the lowest makes of them.

    Raises PeerError: bad_tile, limit_exceeded.
    """
    if not 0 <= size <= LIMITS.log_leaves:
        raise PeerError("limit_exceeded", "size", str(size), f"at most {LIMITS.log_leaves} leaves in a log")
    tree = Tree()
    for tile in tiles(size):
        content = read(tile)
        if len(content) != tile.width * HASH_BYTES:
            raise PeerError("bad_tile", tile.path, f"{len(content)} bytes", f"{tile.width * HASH_BYTES}")
        if tile.level == 0:
            tree.extend(content)
        elif content != tile_bytes(tree, tile):
            raise PeerError("bad_tile", tile.path, "other hashes", "those of the tiles below it")
    return tree
