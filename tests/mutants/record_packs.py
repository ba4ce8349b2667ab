"""Faults in what a pack is said to prove."""

from typing import Final

from tests.mutants.plant import Mutant

PACKS: Final = ("tests/unit/test_record_pack.py", "tests/laws/test_packs.py")
VERDICT: Final = "record/verdict.py"
UNIT: Final = "tests/unit/test_record_pack.py::test_"
VECTOR: Final = UNIT + "a_vector_comes_out_as_it_says"
AT_HEADS: Final = "tests/laws/test_record_agreement.py::test_packs_of_any_two_moments_contradict_no_honest_member"
LOST_AT_HEADS: Final = (
    "tests/laws/test_record_agreement.py::test_of_two_moments_what_an_owner_lost_below_its_head_is_missing"
)

MUTANTS: Final = [
    Mutant("any root is trusted", VERDICT, "            if member not in trust:\n", "            if False:\n", PACKS),
    Mutant("keys beyond a gap not looked at", VERDICT, "        if key not in good:\n", "        if False:\n", PACKS),
    Mutant(
        "proofs of a thread not looked at",
        VERDICT,
        "            check_inclusion(leaf=one.entry.digest, index=one.index, size=size, root=root, proof=proof)\n",
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
        "        if entry.thread.seq == 1 or follows:\n",
        "        if entry.thread.seq >= 1:\n",
        PACKS,
    ),
    Mutant(
        "numbers in a thread not looked at",
        VERDICT,
        "and (before.party, before.thread.seq + 1) == (entry.party, entry.thread.seq)",
        "and before.party == entry.party",
        (UNIT + "what_counts_wrongly_in_its_thread_is_loose",),
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
    Mutant("a stranger's line accepted", VERDICT, "        if head.ignored:\n", "        if False:\n", (VECTOR,)),
    Mutant(
        "an entry twice accepted",
        VERDICT,
        "            if numbers[one.entry.digest] != number:\n",
        "            if False:\n",
        (VECTOR,),
    ),
    Mutant(
        "hashes left over accepted",
        VERDICT,
        "    if len(needed) != len(pack.hashes):\n",
        "    if len(needed) > len(pack.hashes):\n",
        (VECTOR,),
    ),
    Mutant(
        "one entry beyond a gap spoils a whole channel",
        VERDICT,
        "                if pack.thread is not None:\n                    raise refusal\n",
        "                raise refusal\n",
        (VECTOR,),
    ),
    Mutant(
        "one entry that was dropped spoils a whole channel",
        VERDICT,
        "            if pack.thread is None and numbers[entry.digest] <= number:\n",
        "            if False:\n",
        (VECTOR,),
    ),
    Mutant(
        "a receipt that says absent kept before one that says checked",
        VERDICT,
        'told.control is None or entry.control.body == "checked"):',
        "told.control is None):",
        (UNIT + "of_two_receipts_the_one_that_says_checked_is_told",),
    ),
    Mutant(
        "a later receipt that says absent told",
        VERDICT,
        'absent = told is None or told.control is None or told.control.body == "absent"',
        "absent = True",
        (UNIT + "of_two_receipts_the_one_that_says_checked_is_told",),
    ),
    Mutant(
        "packs of two moments compared as if of one",
        "record/pack_compare.py",
        "facts[1].owner, as_of_heads=True)",
        "facts[1].owner)",
        (UNIT + "an_older_pack_contradicts_nobody",),
    ),
    Mutant(
        "moments of heads ignored",
        "record/agreement.py",
        "    return {digest: entry for digest, entry in own.items() if entry.seq <= last}\n",
        "    return own\n",
        (AT_HEADS,),
    ),
    Mutant(
        "an owner's last entry taken for later than its head",
        "record/agreement.py",
        "if entry.seq <= last}",
        "if entry.seq < last}",
        (LOST_AT_HEADS,),
    ),
    Mutant(
        "a head told with lines of nobody's",
        "record/checkpoint.py",
        " if (one.name, one.key_id) in known)",
        " if known)",
        ("tests/unit/test_record_notes.py::test_a_head_without_strangers_lines_has_all_others",),
    ),
]
