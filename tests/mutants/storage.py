"""Faults in what a node keeps: acknowledged too early, there by half, not destroyed, taken from a stranger."""

from typing import Final

from tests.mutants.plant import Mutant

STORE: Final = "tests/contract/test_store.py::test_"
POWER: Final = "tests/contract/test_power_cut.py::test_"
FILES: Final = "tests/unit/test_storage_sqlite.py::test_"
NEVER_LOST: Final = POWER + "no_cut_of_the_power_loses_or_halves_what_was_acknowledged"
NO_PIECE: Final = FILES + "of_a_destroyed_body_no_piece_is_left_in_any_file"
DAMAGE: Final = FILES + "damage_is_found_and_told_in_plain_words"

MUTANTS: Final = [
    # What was acknowledged.
    Mutant(
        "a commit that does not wait for the disk",
        "storage/schema.py",
        '"synchronous = FULL"',
        '"synchronous = NORMAL"',
        (NEVER_LOST,),
    ),
    Mutant(
        "a group acknowledged before its commit",
        "storage/sqlite.py",
        '            db.execute("COMMIT")\n',
        "",
        (STORE + "a_store_that_is_taken_up_again_has_the_same_contents",),
    ),
    Mutant(
        "a refused group kept as far as it came",
        "storage/sqlite.py",
        'db.execute("ROLLBACK")',
        'db.execute("COMMIT")',
        (STORE + "an_entry_that_stands_in_its_log_already_leaves_nothing_of_its_group",),
    ),
    Mutant(
        "a store that goes on after a mistake in a commit",
        "storage/sqlite.py",
        "if not isinstance(error, TansiqError) or error",
        "if isinstance(error, TansiqError) and error",
        (FILES + "a_mistake_within_a_commit_closes_the_store_and_leaves_nothing",),
    ),
    Mutant(
        "a simulated disk that keeps what failed",
        "storage/memory.py",
        "if failing is not False:",
        "if failing is not None or changes:",
        (STORE + "after_a_disk_failed_only_a_new_start_knows_what_is_there",),
    ),
    # The logs.
    Mutant(
        "an entry beyond a gap taken into its log",
        "storage/accept.py",
        "if one.index != size:",
        "if one.index < size:",
        (STORE + "an_entry_that_is_not_the_next_leaves_nothing_of_its_group",),
    ),
    Mutant(
        "an entry twice in its log",
        "storage/schema.py",
        "CREATE UNIQUE INDEX entry_by_digest",
        "CREATE INDEX entry_by_digest",
        (STORE + "an_entry_that_stands_in_its_log_already_leaves_nothing_of_its_group",),
    ),
    Mutant(
        "an entry twice in one group, in memory",
        "storage/memory.py",
        "if place in new or place in",
        "if place in",
        (STORE + "an_entry_that_stands_in_its_log_already_leaves_nothing_of_its_group",),
    ),
    Mutant(
        "an entry left out where a page of reading ends",
        "storage/sqlite.py",
        "after = _whole(page[-1][0])",
        "after = _whole(page[-1][0]) + 1",
        (FILES + "long_reading_is_cut_into_pages",),
    ),
    Mutant(
        "one past every limit",
        "storage/accept.py",
        "if count > most:",
        "if count > most + 1:",
        (STORE + "past_a_limit_the_group_is_refused_whole",),
    ),
    Mutant(
        "a cell that is set anew counted as one more",
        "storage/sqlite.py",
        "        self.cells -= self._db.changes()\n",
        "",
        (STORE + "past_a_limit_the_group_is_refused_whole",),
    ),
    # Bodies.
    Mutant(
        "destroyed bytes left in the file",
        "storage/schema.py",
        '"secure_delete = ON"',
        '"secure_delete = OFF"',
        (NO_PIECE,),
    ),
    Mutant(
        "destroyed bytes left in the write-ahead log",
        "storage/sqlite.py",
        "                empty_log(db)\n",
        "                pass\n",
        (NO_PIECE,),
    ),
    Mutant(
        "a write-ahead log copied, but not cut off",
        "storage/schema.py",
        "apsw.SQLITE_CHECKPOINT_TRUNCATE",
        "apsw.SQLITE_CHECKPOINT_PASSIVE",
        (NO_PIECE,),
    ),
    Mutant(
        "a destruction cut short and never ended",
        "storage/schema.py",
        "    empty_log(db)\n",
        "",
        (FILES + "a_destruction_that_was_cut_short_is_ended_by_the_next_start",),
    ),
    Mutant(
        "a start that builds upon what memory alone may hold",
        "storage/schema.py",
        "    empty_log(db)\n",
        "",
        (POWER + "what_a_failed_sync_left_in_memory_alone_is_not_built_upon",),
    ),
    Mutant(
        "the key of a destroyed body kept",
        "storage/sqlite.py",
        '            self._db.execute("DELETE FROM body_key WHERE body = ?", (number,))\n',
        "",
        (NO_PIECE,),
    ),
    Mutant(
        "a destroyed body that comes back",
        "storage/sqlite.py",
        "ON CONFLICT DO NOTHING",
        "ON CONFLICT DO UPDATE SET sealed = excluded.sealed",
        (STORE + "a_destroyed_body_never_comes_back_and_its_log_stays_whole",),
    ),
    Mutant(
        "a destroyed body that comes back, in memory",
        "storage/memory.py",
        "disk.bodies.setdefault((body.channel, body.digest), body.fields)",
        "disk.bodies[body.channel, body.digest] = body.fields",
        (STORE + "a_destroyed_body_never_comes_back_and_its_log_stays_whole",),
    ),
    Mutant(
        "one key for all bodies",
        "storage/sqlite.py",
        "key = self._draw(KEY_BYTES)",
        "key = bytes(KEY_BYTES)",
        (FILES + "every_body_has_a_key_of_its_own",),
    ),
    Mutant(
        "keys left beside the bodies in a backup",
        "storage/backup.py",
        "; DELETE FROM main.body_key",
        "",
        (FILES + "keys_lie_apart_in_a_backup_and_a_body_can_be_destroyed_in_it",),
    ),
    # Whose store it is.
    Mutant(
        "a store of a newer version taken for one of ours",
        "storage/schema.py",
        "if version > VERSION:",
        "if version > VERSION + 1:",
        (FILES + "a_store_of_a_newer_version_is_refused_and_left_as_it_is",),
    ),
    Mutant(
        "tables made in another program's file",
        "storage/schema.py",
        "new = (found, version) == (0, 0) and not",
        "new = (found, version) == (0, 0) or not",
        (FILES + "a_file_of_another_program_is_refused_and_left_as_it_is",),
    ),
    Mutant(
        "a folder that two processes may hold",
        "storage/schema.py",
        "fcntl.LOCK_EX | fcntl.LOCK_NB",
        "fcntl.LOCK_SH | fcntl.LOCK_NB",
        (FILES + "another_process_is_refused_though_this_one_looked_into_the_file",),
    ),
    Mutant(
        "a refused folder that stays locked",
        "storage/sqlite.py",
        "        except BaseException:\n            unlock(self._held)\n",
        "        except BaseException:\n",
        (FILES + "a_refused_folder_is_not_locked",),
    ),
    # What a check finds.
    Mutant(
        "a check that believes the digests",
        "storage/check.py",
        "if leaf_hash(signed) != digest:",
        "if not digest:",
        (DAMAGE,),
    ),
    Mutant("a check that does not count", "storage/check.py", "if count != last:", "if count > last:", (DAMAGE,)),
]
