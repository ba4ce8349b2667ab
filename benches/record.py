"""What the signed record costs: proofs from logs of three sizes, and the pack of a notice with its whole story.

    python -m benches.record [--rounds 5] [--write]

A proof is told by its bytes as hashes; a head by the bytes of the note, signed by its log and one cosigner. The pack is
that of a thread between two members, from a log of a million entries: a notice, its receipt, the read-back and the
acknowledgement, their bodies, and a hand-over of keys. CPU is that of one process, medians of the rounds.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any, Final

from benches.machine import write
from tansiq.record.keys import Purpose
from tansiq.record.pack import make_pack, parse_pack
from tansiq.record.proof import check_consistency, check_inclusion
from tansiq.record.tree import Tree
from tansiq.record.verdict import verify_pack
from tests.laws.record_history import member_key
from tests.laws.record_packs import THREAD, TRUST, story

NAME: Final = "record"
SIZES: Final = (100, 10_000, 1_000_000)
ASKED: Final = 200
VERIFIED: Final = 50


def cpu_us(rounds: int, times: int, act: Callable[[int], object]) -> float:
    """Microseconds of CPU for one of them; they are numbered from 0."""
    found = []
    for _ in range(rounds):
        begun = time.process_time()
        for number in range(times):
            act(number)
        found.append((time.process_time() - begun) / times * 1e6)
    return round(statistics.median(found), 1)


def proofs(size: int, rounds: int) -> dict[str, Any]:
    """Inclusion and consistency in a log of this size."""
    lots = Random(size)  # noqa: S311 - hashes to measure with
    tree = Tree(lots.randbytes(32 * size))
    root = tree.root()
    asked = [lots.randrange(size) for _ in range(ASKED)]
    included = [tree.inclusion_proof(index) for index in asked]
    grown = [tree.consistency_proof(index + 1) for index in asked]
    olds = [tree.root(index + 1) for index in asked]
    desk = story()

    def verify(k: int) -> None:
        check_inclusion(leaf=tree.leaf(asked[k]), index=asked[k], size=size, root=root, proof=included[k])

    def verify_growth(k: int) -> None:
        check_consistency(old_size=asked[k] + 1, old_root=olds[k], size=size, root=root, proof=grown[k])

    return {
        "entries": size,
        "inclusion_bytes": max(len(proof) for proof in included) * 32,
        "consistency_bytes": max(len(proof) for proof in grown) * 32,
        "head_bytes": len(desk.checkpoint("amber", tree, ("teal",))),
        "prove_us": cpu_us(rounds, ASKED, lambda k: tree.inclusion_proof(asked[k])),
        "verify_us": cpu_us(rounds, ASKED, verify),
        "verify_growth_us": cpu_us(rounds, ASKED, verify_growth),
    }


def notice(rounds: int) -> dict[str, Any]:
    """The pack of a notice with its whole story, from a log of a million entries."""
    desk = story()
    digests = [one.entry.digest for one in parse_pack(desk.pack()).entries]
    tree = Tree(bytes(32) * 500_000 + b"".join(digests) + bytes(32) * (500_000 - len(digests)))
    log = [replace(one, index=500_000 + one.index) for one in desk.logs["amber"]][1:]
    head = desk.checkpoint("amber", tree, ("teal",))
    made = make_pack(desk.start, log, log=tree, checkpoint=head, size=tree.size, thread=THREAD)
    assert verify_pack(made, TRUST).proved
    return {"bytes": len(made), "verify_cpu_us": cpu_us(rounds, VERIFIED, lambda _: verify_pack(made, TRUST))}


def keys(rounds: int) -> dict[str, Any]:
    """One signature, and one check of it, strict as docs/spec/keys.md asks."""
    key, message = member_key("amber"), bytes(900)
    made = key.sign(Purpose.ENTRY, message).encoded
    return {
        "sign_us": cpu_us(rounds, ASKED, lambda _: key.sign(Purpose.ENTRY, message)),
        "check_us": cpu_us(rounds, ASKED, lambda _: key.public.verify(Purpose.ENTRY, message, made)),
    }


def main() -> None:
    """Measures, and prints or writes what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="into benches/results")
    asked = parser.parse_args()
    figures = {
        "rounds": asked.rounds,
        "proofs": [proofs(size, asked.rounds) for size in SIZES],
        "notice": notice(asked.rounds),
        "keys": keys(asked.rounds),
    }
    if asked.write:
        write(NAME, figures)
    else:
        print(figures)


if __name__ == "__main__":
    main()
