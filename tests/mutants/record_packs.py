"""Faults in what a pack is said to prove."""

from typing import Final

from tests.mutants.plant import Mutant

PACKS: Final = ("tests/unit/test_record_pack.py", "tests/laws/test_packs.py")
VERDICT: Final = "record/verdict.py"

MUTANTS: Final = [
    Mutant("any root is trusted", VERDICT, "            if member not in trust:\n", "            if False:\n", PACKS),
    Mutant("keys beyond a gap not looked at", VERDICT, "        if key not in good:\n", "        if False:\n", PACKS),
    Mutant(
        "proofs of a thread not looked at",
        VERDICT,
        "            check_inclusion(leaf=one.entry.digest, index=one.index, size=size, root=root, proof=one.proof)\n",
        "            pass\n",
        PACKS,
    ),
    Mutant(
        "root of a whole channel not compared",
        VERDICT,
        "            if found != root:\n",
        "            if False:\n",
        PACKS,
    ),
    Mutant(
        "entries of a whole channel not counted",
        VERDICT,
        "            if size != len(pack.entries):\n",
        "            if size < len(pack.entries):\n",
        PACKS,
    ),
    Mutant(
        "revoked key confirms heads",
        VERDICT,
        "if one.key.use == use and one.standing != REVOKED]",
        "if one.key.use == use]",
        PACKS,
    ),
    Mutant(
        "witness key taken for a log key", VERDICT, "if one.key.use == use and one.standing", "if one.standing", PACKS
    ),
    Mutant(
        "field that is not the entry's passed over",
        VERDICT,
        "        for field in check.contradicting:\n",
        "        for field in ():\n",
        PACKS,
    ),
    Mutant(
        "gap in a thread passed over",
        VERDICT,
        "                if (entry.thread.seq, entry.thread.prev) != (wanted, before):\n",
        "                if entry.thread.seq < wanted:\n",
        PACKS,
    ),
    Mutant(
        "entries of something else among a thread's",
        VERDICT,
        "            if one.entry.digest not in digests and one.entry.type not in BESIDE_THREADS and not receipt:\n",
        "            if False:\n",
        PACKS,
    ),
    Mutant(
        "owner cosigns itself",
        VERDICT,
        "    others = [party for party in pack.genesis.members if party != owner]\n    with",
        "    others = list(pack.genesis.members)\n    with",
        PACKS,
    ),
    Mutant(
        "void entries receipt others",
        VERDICT,
        "        own = [one for one in own if party not in revoked or _stands(pack, state, one)]\n",
        "",
        PACKS,
    ),
    Mutant(
        "void entry not called void",
        VERDICT,
        "        void=one.entry.party in _revoked(pack) and not _stands(pack, state, one.entry),\n",
        "        void=False,\n",
        PACKS,
    ),
    Mutant("latest cosignature's time not taken", VERDICT, "max(times.get(named[1], 0), one.time_s)", "0", PACKS),
]
