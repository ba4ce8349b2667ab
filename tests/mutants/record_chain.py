"""Faults in what is signed: one spelling, sound keys, entries, bodies, chains, and whether two records agree."""

from typing import Final

from tests.mutants.plant import Mutant

CANONICAL: Final = "tests/unit/test_record_canonical.py::test_"
KEYS: Final = "tests/unit/test_record_keys.py::test_"
ENTRY: Final = "tests/unit/test_record_entry.py::test_"
CHANNEL: Final = "tests/unit/test_record_channel.py::test_"
AGREEMENT: Final = "tests/laws/test_record_agreement.py::test_"
VERDICT: Final = AGREEMENT + "the_verdict_is_what_the_maker_of_the_history_knows"
VOID: Final = CHANNEL + "a_revocation_voids_what_nobody_had_receipted_and_what_a_void_entry_named"

MUTANTS: Final = [
    Mutant(
        "keys in the order of code points",
        "record/canonical.py",
        'return name.encode("utf-16-be", "surrogatepass")',
        'return name.encode("utf-32-be", "surrogatepass")',
        (CANONICAL + "keys_stand_in_the_order_of_their_utf_16_code_units",),
    ),
    Mutant(
        "another spelling of the same value accepted",
        "record/canonical.py",
        "    if again != spelling:\n",
        "    if again != spelling.strip():\n",
        (CANONICAL + "a_vector_comes_out_as_it_says",),
    ),
    Mutant(
        "base64 that does not re-encode to itself accepted",
        "record/canonical.py",
        "    if to_base64(raw) != text:\n",
        "    if len(to_base64(raw)) != len(text):\n",
        (CANONICAL + "base64_has_one_spelling",),
    ),
    Mutant(
        "points of small and mixed order taken for keys",
        "record/ed25519.py",
        "return point is not None and not _is_neutral(point) and _is_neutral(_times(ORDER, point))",
        "return point is not None and not _is_neutral(point)",
        (KEYS + "points_of_small_order_and_second_encodings_are_no_keys",),
    ),
    Mutant(
        "points of mixed order taken for keys",
        "record/ed25519.py",
        "_is_neutral(_times(ORDER, point))",
        "not _is_neutral(_times(8, point))",
        (KEYS + "a_point_of_mixed_order_or_off_the_curve_is_no_key",),
    ),
    Mutant(
        "purpose forgotten when a signature is checked",
        "record/keys.py",
        "self.encoded[1:], purpose.value.encode() + message",
        "self.encoded[1:], Purpose.ENTRY.value.encode() + message",
        (KEYS + "a_signature_for_one_purpose_is_none_for_another",),
    ),
    Mutant(
        "a key file may take any memory",
        "record/keyfile.py",
        "high=LIMITS.passphrase_memory_kib)",
        "high=2**40)",
        (KEYS + "a_key_file_that_asks_for_too_much_or_too_little_is_refused_unopened",),
    ),
    Mutant(
        "header of a key file not bound to what is sealed",
        "record/keyfile.py",
        ".decrypt(nonce, sealed, bound)",
        ".decrypt(nonce, sealed, write(parse(bound) | {'use': 'entry'}))",
        (KEYS + "nothing_in_a_key_file_can_be_changed_unnoticed",),
    ),
    Mutant(
        "salt left out of a field's digest",
        "record/body.py",
        "write([to_base64(self.salt), self.name, self.value]",
        "write([self.name, self.value]",
        (ENTRY + "a_redacted_height_can_not_be_found_by_trying_every_height",),
    ),
    Mutant(
        "name left out of a field's digest",
        "record/body.py",
        "write([to_base64(self.salt), self.name, self.value]",
        "write([to_base64(self.salt), self.value]",
        (ENTRY + "a_field_is_bound_to_its_name_and_given_twice_it_counts_once",),
    ),
    Mutant(
        "a signature fewer than the entry names",
        "record/entry.py",
        "    if tuple(one.key for one in signatures) != entry.keys:\n",
        "    if not {one.key for one in signatures} <= set(entry.keys):\n",
        (CHANNEL + "a_vector_comes_out_as_it_says",),
    ),
    Mutant(
        "fields that nobody knows pass",
        "record/entry.py",
        "        fields.end()\n        _check_type(entry)\n",
        "        _check_type(entry)\n",
        (ENTRY + "a_vector_comes_out_as_it_says",),
    ),
    Mutant(
        "a retired key signs on",
        "record/keyring.py",
        "if known is not None and known.urgent else {GOOD}",
        "if known is not None else {GOOD}",
        (CHANNEL + "a_hand_over_ends_the_outgoing_key_and_a_stranger_can_not_take_it_over",),
    ),
    Mutant(
        "an office names keys without root or hand-over",
        "record/keyring.py",
        "    if not by_root and not handed_over:\n",
        "    if not by_root and outgoing is not None and not handed_over:\n",
        (CHANNEL + "a_hand_over_ends_the_outgoing_key_and_a_stranger_can_not_take_it_over",),
    ),
    Mutant(
        "a new incarnation without a restore",
        "record/channel.py",
        "        if is_new != restores or (not restores and entry.incarnation != incarnation):\n",
        "        if restores and not is_new:\n",
        (CHANNEL + "a_vector_comes_out_as_it_says",),
    ),
    Mutant(
        "a second entry at one position convicts nobody beyond a gap",
        "record/channel.py",
        "self._held[entry.digest]) for other in there]",
        "self._held[entry.digest]) for other in there if other in self._standing]",
        (AGREEMENT + "a_record_that_its_owner_rewrote_or_forked_convicts_it",),
    ),
    Mutant(
        "runs beyond gaps receipted from the first entry on",
        "record/channel.py",
        "runs.append(Run(last.incarnation, first.seq, last.seq, digest))",
        "runs.append(Run(last.incarnation, 1, last.seq, digest))",
        (CHANNEL + "seen_tells_the_chain_and_every_run_beyond_its_gaps",),
    ),
    Mutant(
        "a revocation voids what a peer had receipted",
        "record/channel.py",
        "            self._covers(one, entry) and not self._covers(one, revocation)\n",
        "            self._covers(one, entry) and self._covers(one, entry) is None\n",
        (VOID,),
    ),
    Mutant(
        "a receipt given in knowledge of the revocation saves the entry",
        "record/channel.py",
        "            self._covers(one, entry) and not self._covers(one, revocation)\n",
        "            self._covers(one, entry)\n",
        (VOID,),
    ),
    Mutant(
        "what a void entry named stays good",
        "record/channel.py",
        "        return source is not None and not self._stands_against(self._held[source].entry, revocation)\n",
        "        return source is not None and source == asked.key\n",
        (VOID,),
    ),
    Mutant(
        "the chain goes on where the restore left",
        "record/channel.py",
        "        del path[entry.seq - 1 :]\n",
        "        del path[entry.seq :]\n",
        (CHANNEL + "a_restore_goes_on_from_what_was_left_and_what_was_lost_lies_beside_the_chain",),
    ),
    Mutant(
        "one's own lost entry taken for in flight",
        "record/agreement.py",
        "            late = digest not in by_then[owner] and digest not in told\n",
        "            late = digest not in told\n",
        (VERDICT,),
    ),
    Mutant(
        "what was receipted taken for in flight",
        "record/agreement.py",
        "            late = digest not in by_then[owner] and digest not in told\n",
        "            late = digest not in by_then[owner]\n",
        (VERDICT,),
    ),
    Mutant(
        "runs beyond gaps receipt nothing",
        "record/agreement.py",
        "    return beyond | found\n",
        "    return found\n",
        (VERDICT,),
    ),
    Mutant(
        "of a lost entry nothing is its owner's",
        "record/agreement.py",
        "        return own\n",
        "        return {}\n",
        (VERDICT,),
    ),
    Mutant(
        "a restore to an incarnation that was left",
        "record/channel.py",
        "        is_new = entry.incarnation not in standing.incarnations\n",
        "        is_new = entry.incarnation != incarnation\n",
        (CHANNEL + "a_restore_never_goes_back_to_an_incarnation_of_before",),
    ),
    Mutant(
        "what had waited for its key is told but for the first",
        "record/channel.py",
        "        held = tuple(beside for beside, one in waited if",
        "        held = tuple(beside for beside, one in waited[1:] if",
        (CHANNEL + "all_that_had_waited_for_a_key_are_told_once_they_are_held",),
    ),
    Mutant(
        "a key file's seed of any length",
        "record/keyfile.py",
        "    if len(seed) != SEED_BYTES:\n",
        "    if not seed:\n",
        (KEYS + "a_vector_of_key_files_comes_out_as_it_says",),
    ),
]
