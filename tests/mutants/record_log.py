"""Faults in the record's floor: trees, proofs, tiles, notes, checkpoints and cosigners."""

from typing import Final

from tests.mutants.plant import Mutant

TREES: Final = "tests/laws/test_trees.py::test_"
TREE: Final = "tests/unit/test_record_tree.py::test_"
NOTES: Final = "tests/unit/test_record_notes.py::test_"
VECTORS: Final = TREE + "the_proofs_of_the_vectors_are_accepted_or_refused_as_they_say"
LENGTH: Final = TREES + "a_proof_is_exactly_as_long_as_the_sizes_say"
OTHERS: Final = TREES + "no_inclusion_proof_holds_for_another_leaf_index_or_size"
COSIGNED: Final = NOTES + "a_cosignature_of_another_size_log_time_or_key_is_never_added"


def case(group: str, name: str) -> str:
    """The test of a case of the vectors."""
    test = {"checkpoint": "checkpoints", "cosigner": "answers", "conviction": "convictions"}[group]
    return f"{NOTES}the_{test}_of_the_vectors[{group}/{name}]"


MUTANTS: Final = [
    # The tree.
    Mutant(
        "a leaf hashed like nothing else",
        "record/tree.py",
        'sha256(b"\\x00" + entry)',
        "sha256(entry)",
        (TREE + "the_roots_are_those_that_certificate_transparency_is_tested_with",),
    ),
    Mutant(
        "a node hashed like a leaf",
        "record/tree.py",
        'sha256(b"\\x01" + left + right)',
        'sha256(b"\\x00" + left + right)',
        (TREE + "a_node_is_no_leaf_and_left_is_not_right",),
    ),
    Mutant(
        "a log of two splits at two",
        "record/tree.py",
        "1 << ((count - 1).bit_length() - 1)",
        "1 << (count.bit_length() - 1)",
        (TREES + "every_inclusion_proof_is_that_of_the_definition_and_is_accepted",),
    ),
    Mutant(
        "levels not grown by a single entry",
        "record/tree.py",
        "        if (index + 1) % _FOLDED == 0:\n            self._grow()\n",
        "",
        (TREES + "the_root_at_every_size_is_that_of_the_definition_however_far_the_log_has_grown",),
    ),
    Mutant(
        "levels grown once too often",
        "record/tree.py",
        "range(len(above) // HASH_BYTES, whole)",
        "range(max(0, len(above) // HASH_BYTES - 1), whole)",
        (TREES + "a_log_is_the_same_in_whatever_portions_it_was_appended[0]",),
    ),
    Mutant(
        "the proof of an earlier size answered from the present one",
        "record/tree.py",
        "        return size\n\n    def _room_for",
        "        return self.size\n\n    def _room_for",
        (TREES + "every_consistency_proof_is_that_of_the_definition_and_is_accepted",),
    ),
    Mutant(
        "a consistency proof without the part that both logs share",
        "record/tree.py",
        "        if begin:\n            proof.append",
        "        if begin > 2:\n            proof.append",
        (
            TREES + "larger_proofs_are_accepted[0]",
            TREES + "every_consistency_proof_is_that_of_the_definition_and_is_accepted",
        ),
    ),
    Mutant(
        "a full log takes one more",
        "record/tree.py",
        "if size > LIMITS.log_leaves:",
        "if size > LIMITS.log_leaves + 1:",
        (TREE + "a_full_log_takes_no_more_and_stays_as_it_was",),
    ),
    # Proofs.
    Mutant(
        "an inclusion proof may be too short",
        "record/proof.py",
        '    if last:\n        raise _bad("proof", f"{len(proof)} hashes", "more, by index and size")\n',
        "",
        (OTHERS,),
    ),
    Mutant(
        "an inclusion proof may be too long",
        "record/proof.py",
        '            raise _bad("proof", f"{len(proof)} hashes", "fewer, by index and size")\n',
        "            break\n",
        (LENGTH,),
    ),
    Mutant(
        "the root of an inclusion proof not compared",
        "record/proof.py",
        'by index and size")\n    if found != root:',
        'by index and size")\n    if len(found) != len(root):',
        (TREES + "no_inclusion_proof_with_a_bit_changed_is_accepted[3-7]",),
    ),
    Mutant(
        "an index as large as the size",
        "record/proof.py",
        "    if not 0 <= index < size:",
        "    if not 0 <= index <= size:",
        (VECTORS, OTHERS),
    ),
    Mutant(
        "a size past 63 bits",
        "record/proof.py",
        "    if not 0 < size <= MAX_SIZE:",
        "    if not 0 < size:",
        (TREE + "a_proof_about_the_largest_size_is_checked_and_not_about_a_larger_one",),
    ),
    Mutant(
        "the old root not compared",
        "record/proof.py",
        "    if old_found != old_root:",
        "    if len(old_found) != len(old_root):",
        (TREES + "a_rewritten_log_is_never_consistent_with_what_it_was",),
    ),
    Mutant(
        "the new root not compared",
        "record/proof.py",
        'the old root {old_root.hex()}")\n    if found != root:',
        'the old root {old_root.hex()}")\n    if len(found) != len(root):',
        (TREES + "a_rewritten_log_is_never_consistent_with_what_it_was",),
    ),
    Mutant(
        "a consistency proof may be too long",
        "record/proof.py",
        '            raise _bad("proof", f"{len(proof)} hashes", "fewer, by these sizes")\n',
        "            break\n",
        (LENGTH,),
    ),
    Mutant(
        "a consistency proof may be too short",
        "record/proof.py",
        '    if last:\n        raise _bad("proof", f"{len(proof)} hashes", "more, by these sizes")\n',
        "",
        (TREES + "a_root_passed_off_as_that_of_a_larger_log_is_refused_where_the_proof_would_be_longer",),
    ),
    Mutant(
        "two roots at one size",
        "record/proof.py",
        "        if old_size == size and old_root != root:",
        "        if old_size > size and old_root != root:",
        (VECTORS,),
    ),
    Mutant(
        "a proof where none is needed",
        "record/proof.py",
        "    if old_size in {0, size}:\n        if proof:",
        "    if old_size in {0, size}:\n        if proof and old_size:",
        (LENGTH, VECTORS),
    ),
    Mutant(
        "any root for the empty log",
        "record/proof.py",
        "        if count == 0 and given != EMPTY_ROOT:",
        "        if count == 0 and given == root != EMPTY_ROOT:",
        (VECTORS,),
    ),
    Mutant(
        "hashes of any length",
        "record/proof.py",
        "        if len(value) != HASH_BYTES:",
        "        if len(value) > 2 * HASH_BYTES:",
        (VECTORS,),
    ),
    # Tiles.
    Mutant(
        "a tile that is cut off",
        "record/tile.py",
        "        if len(content) != tile.width * HASH_BYTES:",
        "        if len(content) > tile.width * HASH_BYTES:",
        (TREE + "a_mirror_with_a_damaged_tile_is_refused",),
    ),
    Mutant(
        "higher tiles not compared",
        "record/tile.py",
        "        elif content != tile_bytes(tree, tile):",
        "        elif len(content) != len(tile_bytes(tree, tile)):",
        (TREE + "a_mirror_with_a_damaged_tile_is_refused",),
    ),
    Mutant(
        "a tile that was partly known is never fetched again",
        "record/tile.py",
        "            if width != min(TILE_HASHES, known - index * TILE_HASHES):",
        "            if known <= index * TILE_HASHES:",
        (TREES + "who_mirrors_a_log_gets_every_tile_once_while_it_grows",),
    ),
    # Notes.
    Mutant(
        "the signature not verified",
        "record/note.py",
        "        and key.verify(type_.message(key.name, text, time_s), signature)",
        "        and len(type_.message(key.name, text, time_s)) > 0",
        (NOTES + "no_change_of_a_single_character_of_a_note_is_believed",),
    ),
    Mutant(
        "a bad signature by a known key ignored",
        "record/note.py",
        "            verified.append(verify_line(note.text, line, key))",
        "            try:\n                verified.append(verify_line(note.text, line, key))\n"
        "            except PeerError:\n                ignored.append(line)",
        (case("checkpoint", "cosignature-of-another-size"),),
    ),
    Mutant(
        "a note that nobody known has signed",
        "record/note.py",
        "    if not verified:\n",
        "    if not verified and not ignored:\n",
        (NOTES + "a_note_without_known_keys_is_not_believed",),
    ),
    Mutant(
        "a key known by its id alone",
        "record/note.py",
        "key = known.get((line.name, line.key_id))",
        "key = next((k for k in known.values() if k.id == line.key_id), None)",
        (case("checkpoint", "known-id-of-unknown-name-ignored"),),
    ),
    Mutant(
        "base64 as any decoder takes it",
        "record/note.py",
        "    return found if base64.b64encode(found).decode() == encoded else None",
        "    return found",
        (case("checkpoint", "base64-with-loose-bits"), case("checkpoint", "a-root-with-loose-bits")),
    ),
    Mutant(
        "the time is not part of what is signed",
        "record/note.py",
        'b"cosignature/v1\\ntime %d\\n%b" % (time_s, text)',
        'b"cosignature/v1\\ntime %d\\n%b" % (0 * time_s, text)',
        (COSIGNED, case("checkpoint", "cosignature-of-another-time")),
    ),
    Mutant(
        "a cosignature over the text alone",
        "record/note.py",
        'b"cosignature/v1\\ntime %d\\n%b" % (time_s, text)',
        "text",
        (case("checkpoint", "cosigned-by-one"),),
    ),
    Mutant(
        "the id of a key without its type",
        "record/note.py",
        'b"\\n" + bytes([type_]) + public_key',
        'b"\\n" + bytes([1]) + public_key',
        (NOTES + "the_id_of_a_key_is_of_its_name_type_and_bytes",),
    ),
    Mutant(
        "the text split at the first empty line",
        "record/note.py",
        'content.rfind(b"\\n\\n")',
        'content.find(b"\\n\\n")',
        (NOTES + "a_note_with_empty_lines_in_its_text_is_split_at_the_last_one",),
    ),
    Mutant(
        "the same signature twice",
        "record/note.py",
        "    if len(set(rows)) != len(rows):",
        "    if len(set(rows)) > len(rows):",
        (case("checkpoint", "the-same-line-twice"),),
    ),
    Mutant(
        "control characters in a note",
        "record/note.py",
        "    if found is not None:\n        raise _bad",
        "    if found == chr(127):\n        raise _bad",
        (case("checkpoint", "with-a-tab"),),
    ),
    Mutant(
        "spaces in names",
        "record/note.py",
        'c in _SPACES or c == "+" or c < " "',
        'c == " " or c == "+"',
        (case("checkpoint", "an-unbreakable-space-in-the-name"),),
    ),
    # Checkpoints.
    Mutant(
        "a checkpoint of another log",
        "record/checkpoint.py",
        "    if found.origin != name:",
        "    if not found.origin:",
        (case("checkpoint", "another-log's-origin"),),
    ),
    Mutant(
        "a checkpoint that its log has not signed",
        "record/checkpoint.py",
        "    if not by_log:",
        "    if not opened.verified:",
        (case("checkpoint", "by-the-cosigner-alone"),),
    ),
    Mutant(
        "sizes with leading zeros",
        "record/checkpoint.py",
        're.compile("0|[1-9][0-9]{0,18}")',
        're.compile("[0-9]{1,19}")',
        (case("checkpoint", "the-size-with-a-leading-zero"),),
    ),
    Mutant(
        "sizes past 63 bits",
        "record/checkpoint.py",
        " or int(size) > MAX_SIZE:",
        ":",
        (case("checkpoint", "the-size-with-63-bits-and-one"),),
    ),
    Mutant(
        "the empty log with any root",
        "record/checkpoint.py",
        '    if size == "0" and digest != EMPTY_ROOT:',
        '    if size == "" and digest != EMPTY_ROOT:',
        (case("checkpoint", "the-empty-log-with-another-root"),),
    ),
    Mutant(
        "empty extension lines",
        "record/checkpoint.py",
        "lines.pop() or not all(lines):",
        "lines.pop() or not all(lines[:3]):",
        (case("checkpoint", "an-empty-extension-line"),),
    ),
    Mutant(
        "a cosignature added unseen",
        "record/checkpoint.py",
        "note.verify_line(signed.text, note.parse_line(line), cosigner).line",
        "note.parse_line(line)",
        (COSIGNED,),
    ),
    # Cosigners.
    Mutant(
        "a rollback cosigned",
        "record/cosigner.py",
        "    if new.size < old.size:\n        return Refused(Refusal.ROLLBACK, last)\n",
        "    if new.size < old.size:\n        return None\n",
        (NOTES + "a_cosigner_never_follows_a_log_back[7]",),
    ),
    Mutant(
        "a split view taken for a bad proof",
        "record/cosigner.py",
        "    if new.size == old.size and new.root != old.root:",
        "    if new.size == old.size and new.root == b'':",
        (NOTES + "a_log_of_two_faces_is_convicted_by_what_the_cosigner_has",),
    ),
    Mutant(
        "growth cosigned without proof",
        "record/cosigner.py",
        "    except PeerError:\n        return Refused(Refusal.BAD_PROOF, last)",
        "    except PeerError:\n        return None",
        (case("cosigner", "grown-without-a-proof"),),
    ),
    Mutant(
        "times that go back",
        "record/cosigner.py",
        "    if time_s < last.time_s:",
        "    if time_s < 0:",
        (NOTES + "a_cosigner_signs_no_time_before_its_last_one",),
    ),
    Mutant(
        "the head of another log",
        "record/cosigner.py",
        "last = heads.get(new.origin)",
        "last = next(iter(heads.values()), None)",
        (NOTES + "heads_of_other_logs_say_nothing_about_this_one",),
    ),
    Mutant(
        "a conviction for two sizes",
        "record/cosigner.py",
        "    if one.size != other.size or one.root == other.root:",
        "    if one.root == other.root:",
        (case("conviction", "two-sizes"),),
    ),
    Mutant(
        "a conviction for one root",
        "record/cosigner.py",
        "    if one.size != other.size or one.root == other.root:",
        "    if one.size != other.size or one == other:",
        (case("conviction", "one-root-and-two-extensions"),),
    ),
]
