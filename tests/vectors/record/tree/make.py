"""Writes the cases of the Merkle tree: `python -m tests.vectors.record.tree.make`.

They follow from the definition alone, without tansiq; a test holds them to what is committed, byte for byte.
"""

import json
import random
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from tests.vectors.record.tree import definition

FOLDER: Final = Path(__file__).parent
FORMAT: Final = "tansiq-record-vectors/1"
SIZES: Final = (1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 33, 64, 100, 257)

Json = dict[str, Any]


def content(group: str, about: str, cases: list[Json], **more: Any) -> str:  # noqa: ANN401 - any JSON value
    """The file of the group, one case to a line; what more there is stands above them."""
    names = [case["id"] for case in cases]
    assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)
    head = json.dumps({"format": FORMAT, "group": group, "about": about, **more})[1:-1]
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    return f'{{{head}, "cases": [\n{lines}\n]}}\n'


def roots() -> str:
    """Roots at many sizes."""
    cases = [
        {"id": f"roots/{size}", "size": size, "root": definition.root(definition.leaves(size)).hex()}
        for size in (0, *SIZES, 1000)
    ]
    return content("roots", "The log of the entries 'entry 0', 'entry 1', ...: its root at each size.", cases)


def tiles() -> str:
    """Names and digests of the tiles of some sizes."""
    cases = []
    for size in (0, 1, 255, 256, 257, 700):
        leaves = definition.leaves(size)
        rows = []
        for level, step in ((0, 1), (1, 256)):
            nodes = [definition.root(leaves[k : k + step]) for k in range(0, size - step + 1, step)]
            for index in range(0, len(nodes), 256):
                part = nodes[index : index + 256]
                end = "" if len(part) == 256 else f".p/{len(part)}"
                path = f"tile/{level}/{index // 256:03}{end}"
                rows.append({"path": path, "bytes": 32 * len(part), "sha256": sha256(b"".join(part)).hexdigest()})
        cases.append({"id": f"tiles/{size}", "size": size, "tiles": rows})
    return content("tiles", "The log of the entries 'entry 0', 'entry 1', ...: the tiles at each size.", cases)


def inclusion() -> str:
    """Inclusion proofs that hold, and what looks like some."""
    lots = random.Random(6962)
    cases: list[Json] = []
    for size in SIZES:
        leaves = definition.leaves(size)
        for index in sorted({0, size // 2, size - 1}):
            good = {
                "leaf": leaves[index].hex(),
                "index": index,
                "size": size,
                "root": definition.root(leaves).hex(),
                "proof": [part.hex() for part in definition.path(index, leaves)],
            }
            cases.append({"id": f"inclusion/{index}-of-{size}", **good, "accept": True})
            if size in {1, 7, 33}:
                for why, bad in _bad_inclusion(lots, good):
                    name = f"inclusion/{index}-of-{size}/{why.replace(' ', '-')}"
                    cases.append({"id": name, **bad, "accept": False})
    return content("inclusion", "Whether the leaf stands at the index in the log of this size and root.", cases)


def consistency() -> str:
    """Consistency proofs that hold, and what looks like some."""
    lots = random.Random(9162)
    cases: list[Json] = []
    for old_size, size in (
        (0, 5),
        (1, 2),
        (3, 7),
        (4, 7),
        (6, 8),
        (7, 7),
        (8, 8),
        (8, 9),
        (31, 33),
        (32, 64),
        (99, 257),
    ):
        leaves = definition.leaves(size)
        good = {
            "old_size": old_size,
            "old_root": definition.root(leaves[:old_size]).hex(),
            "size": size,
            "root": definition.root(leaves).hex(),
            "proof": [part.hex() for part in definition.proof(old_size, leaves)] if old_size else [],
        }
        cases.append({"id": f"consistency/{old_size}-to-{size}", **good, "accept": True})
        for why, bad in _bad_consistency(lots, good):
            name = f"consistency/{old_size}-to-{size}/{why.replace(' ', '-')}"
            cases.append({"id": name, **bad, "accept": False})
    return content("consistency", "Whether the log of this size and root begins with the old one.", cases)


def _bad_inclusion(lots: random.Random, good: Json) -> Iterator[tuple[str, Json]]:
    size, index = good["size"], good["index"]
    yield "a bit of the leaf", good | {"leaf": _bit(lots, good["leaf"])}
    yield "a bit of the root", good | {"root": _bit(lots, good["root"])}
    yield "the leaf a node", good | {"leaf": sha256(b"\x01" + bytes.fromhex(good["leaf"])).hexdigest()}
    yield "index at the size", good | {"index": size}
    yield "index below zero", good | {"index": -1}
    yield "size zero", good | {"size": 0}
    yield "size below zero", good | {"size": -size}
    yield "size past 63 bits", good | {"size": 2**63}
    yield (
        "one size on with its own root",
        good
        | {
            "size": size + 1,
            "root": definition.root(definition.leaves(size + 1)).hex(),
        },
    )
    if size > 1:
        yield "the next index", good | {"index": (index + 1) % size}
    yield from _bad_proof(lots, good)


def _bad_consistency(lots: random.Random, good: Json) -> Iterator[tuple[str, Json]]:
    old_size, size = good["old_size"], good["size"]
    yield (
        "a bit of the root",
        good | {"root": _bit(lots, good["root"])} if old_size else good | {"proof": [good["root"]]},
    )
    yield "a bit of the old root", good | {"old_root": _bit(lots, good["old_root"])}
    yield "old root of 31 bytes", good | {"old_root": good["old_root"][2:]}
    if old_size < size:
        yield "sizes out of order", good | {"old_size": size, "size": old_size}
        yield (
            "roots out of order",
            good | {"old_root": good["root"], "root": good["old_root"]}
            if old_size
            else good | {"old_root": good["root"]},
        )
    yield "old size below zero", good | {"old_size": -1}
    if old_size > 1:
        yield "old size one less", good | {"old_size": old_size - 1}
    yield from _bad_proof(lots, good)


def _bad_proof(lots: random.Random, good: Json) -> Iterator[tuple[str, Json]]:
    proof: list[str] = good["proof"]
    yield "a hash too many at the end", good | {"proof": [*proof, good["root"]]}
    yield "a hash too many at the start", good | {"proof": [good["root"], *proof]}
    yield "root of 33 bytes", good | {"root": good["root"] + "00"}
    if not proof:
        return
    yield "no proof", good | {"proof": []}
    yield "without the first hash", good | {"proof": proof[1:]}
    yield "without the last hash", good | {"proof": proof[:-1]}
    yield "a hash of 31 bytes", good | {"proof": [proof[0][2:], *proof[1:]]}
    yield "an empty hash", good | {"proof": ["", *proof[1:]]}
    for at in range(len(proof)):
        yield f"a bit of hash {at}", good | {"proof": [*proof[:at], _bit(lots, proof[at]), *proof[at + 1 :]]}
    if len(proof) > 1:
        yield "the first two swapped", good | {"proof": [proof[1], proof[0], *proof[2:]]}


def _bit(lots: random.Random, value: str) -> str:
    changed = bytearray.fromhex(value)
    changed[lots.randrange(len(changed))] ^= 1 << lots.randrange(8)
    return changed.hex()


FILES: Final[dict[str, Callable[[], str]]] = {
    "roots": roots,
    "tiles": tiles,
    "inclusion": inclusion,
    "consistency": consistency,
}


def main() -> None:
    """Every file is written."""
    for name, make in FILES.items():
        (FOLDER / f"{name}.json").write_text(make(), "utf-8")


if __name__ == "__main__":
    main()
