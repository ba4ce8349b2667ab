"""Faults in the service and in a node's directory: answers too early, entries lost, keys and bodies shown."""

from typing import Final

from tests.mutants.plant import Mutant

COMMANDS: Final = "tests/unit/test_service_commands.py::test_"
STORY: Final = "tests/unit/test_service_story.py::test_"
INIT: Final = "tests/unit/test_cli_init.py::test_"
KEY: Final = "tests/unit/test_cli_key.py::test_"
RECORD: Final = "tests/unit/test_cli_record.py::test_"

MUTANTS: Final = [
    # Answers and commits.
    Mutant(
        "an answer before its commit",
        "service/node.py",
        '        assert self._node.committed >= self._number, "an answer before its commit"\n',
        "",
        (COMMANDS + "an_answer_is_for_nobody_before_its_commit",),
    ),
    Mutant(
        "a node that goes on after a commit that failed",
        "service/node.py",
        "        self._failed = True  # Until",
        "        self._failed = False  # Until",
        (COMMANDS + "after_a_commit_that_failed_the_node_does_nothing_and_the_next_start_has_all_or_nothing",),
    ),
    Mutant(
        "each decision committed by itself",
        "service/node.py",
        "        self.store.commit(tuple(self._pending))\n",
        "        for one in self._pending:\n            self.store.commit((one,))\n",
        (COMMANDS + "after_a_commit_that_failed_the_node_does_nothing_and_the_next_start_has_all_or_nothing",),
    ),
    Mutant(
        "journal time that goes back with the clock",
        "service/node.py",
        "max(self._journal_us, self.clock.now_us())",
        "self.clock.now_us()",
        (COMMANDS + "the_journal_tells_what_was_done_without_bodies_and_its_time_never_goes_back",),
    ),
    Mutant(
        "journal time forgotten at a start",
        "service/node.py",
        'int(store.cell(TIME, b"") or b"0")',
        "0",
        (COMMANDS + "the_journal_tells_what_was_done_without_bodies_and_its_time_never_goes_back",),
    ),
    Mutant(
        "cosigned heads forgotten at a start",
        "service/node.py",
        "        node.channels[channel].cosigned[origin.decode()] = head\n",
        "        assert head, origin\n",
        (COMMANDS + "a_cosigner_never_signs_a_second_history_after_a_start_either_and_keeps_what_convicts",),
    ),
    Mutant(
        "own cosignatures forgotten at a start",
        "service/node.py",
        "node.store.cell(OWN_HEADS, key), lost",
        "None, lost",
        (COMMANDS + "the_same_log_has_the_same_checkpoint_with_its_cosignatures_after_a_start_too",),
    ),
    Mutant(
        "a restore that is owed forgotten at a start",
        "service/node.py",
        "node.store.cell(RESTORES, key) is not None or any(",
        "any(",
        (COMMANDS + "a_node_that_is_shown_what_it_lost_signs_nothing_but_urgent_words_also_after_a_start",),
    ),
    Mutant(
        "the channel opened first used, not the smaller",
        "service/channels.py",
        "        if not channel.lost and is_lost(channel.state.start, [start]):\n",
        "        if channel.lost and is_lost(channel.state.start, [start]):\n",
        (COMMANDS + "of_two_channels_opened_at_once_the_smaller_is_used_in_whatever_order_they_come",),
    ),
    Mutant(
        "a channel opened with keys that were changed since",
        "service/channels.py",
        "    if listed != set(node.current_keys()):",
        "    if not listed:",
        (COMMANDS + "a_channel_is_opened_once_by_its_members_with_the_keys_that_they_have",),
    ),
    # Entries and bodies.
    Mutant(
        "a receipt that says checked of a body left out in part",
        "service/entries.py",
        "    if check.left_out:\n",
        "    if check.left_out and not check.proved:\n",
        (COMMANDS + "a_receipt_says_checked_only_of_a_whole_body_and_a_body_may_come_later",),
    ),
    Mutant(
        "a receipt that says checked of a body that never came",
        "service/entries.py",
        '"checked" if fields is not None or not entry.body else "absent"',
        '"checked"',
        (COMMANDS + "a_receipt_says_checked_only_of_a_whole_body_and_a_body_may_come_later",),
    ),
    Mutant(
        "a receipt for a receipt",
        "service/entries.py",
        'None if came_back or entry.type == "RECEIPT" else',
        "None if came_back else",
        (COMMANDS + "a_receipt_is_receipted_by_nobody",),
    ),
    Mutant(
        "an entry that came before its key is never logged",
        "service/entries.py",
        "    logged += [channel.append(one, leaf_hash(one.signed)) for one in arrival.held]\n",
        "",
        (COMMANDS + "entries_come_in_any_order_and_what_nobody_can_check_yet_is_neither_kept_nor_receipted",),
    ),
    Mutant(
        "an entry that nobody can check is logged",
        "service/entries.py",
        "    if arrival.place is Place.KEY_UNKNOWN:",
        "    if arrival.place is Place.KEY_UNKNOWN and not entry.body:",
        (COMMANDS + "entries_come_in_any_order_and_what_nobody_can_check_yet_is_neither_kept_nor_receipted",),
    ),
    Mutant(
        "a mention of own entries that are lost passed over",
        "service/entries.py",
        "    channel.behind |= obliges or shows_more(entry, channel, node.id)\n",
        "    channel.behind |= obliges\n",
        (COMMANDS + "a_node_that_is_shown_what_it_lost_signs_nothing_but_urgent_words_also_after_a_start",),
    ),
    Mutant(
        "CEASE not said under a restore that is owed",
        "service/entries.py",
        "    if channel.behind and not urgent:",
        "    if channel.behind:",
        (COMMANDS + "a_node_that_is_shown_what_it_lost_signs_nothing_but_urgent_words_also_after_a_start",),
    ),
    Mutant(
        "a body that is said to be destroyed and stays",
        "service/entries.py",
        "Change(logged=(logged,), destroyed=((channel_id, digest),))",
        "Change(logged=(logged,))",
        (STORY + "a_destroyed_body_is_gone_and_the_pack_says_that_fields_are_left_out",),
    ),
    Mutant(
        "a receipt again for a body that was destroyed",
        "service/entries.py",
        "here or body is None or node.store.destroyed(channel.id, entry.digest)",
        "here or body is None",
        (COMMANDS + "a_destroyed_body_never_comes_back",),
    ),
    Mutant(
        "words after the own CLOSE",
        "service/entries.py",
        "    if node.id in channel.state.closed_by() and not TYPES[type_].after_close:",
        "    if node.id in channel.state.closed_by() and not TYPES[type_].urgent and type_ in OWN_COMMANDS:",
        (COMMANDS + "only_an_office_whose_key_is_open_speaks_and_only_in_words_that_are_its_own",),
    ),
    Mutant(
        "CEASE not said with a key that was handed over",
        "service/own_keys.py",
        "    standings = (GOOD, RETIRED) if urgent else (GOOD,)\n",
        "    standings = (GOOD,)\n",
        (COMMANDS + "where_only_a_retired_key_is_open_urgent_words_go_out_and_no_others",),
    ),
    Mutant(
        "every word said with a key that was handed over",
        "service/own_keys.py",
        "    standings = (GOOD, RETIRED) if urgent else (GOOD,)\n",
        "    standings = (GOOD, RETIRED)\n",
        (COMMANDS + "where_only_a_retired_key_is_open_urgent_words_go_out_and_no_others",),
    ),
    # Heads.
    Mutant(
        "a checkpoint of what is not committed",
        "service/heads.py",
        "size, root = channel.durable, channel.log.root(channel.durable)",
        "size, root = channel.log.size, channel.log.root()",
        (COMMANDS + "a_checkpoint_covers_what_is_committed_and_nothing_else",),
    ),
    Mutant(
        "a cosigned head that is not stored",
        "service/heads.py",
        "told, answer, Change(cells=(cell,)))\n\n\ndef take_cosignature",
        "told, answer, Change(cells=(cell,)[1:]))\n\n\ndef take_cosignature",
        (STORY + "both_may_be_killed_after_every_step_and_nothing_is_lost",),
    ),
    Mutant(
        "two heads that convict not kept",
        "service/heads.py",
        "        if answer.conviction is None:",
        "        if answer.conviction is None or channel:",
        (COMMANDS + "a_cosigner_never_signs_a_second_history_after_a_start_either_and_keeps_what_convicts",),
    ),
    # Keys.
    Mutant(
        "a key named without the root",
        "service/rotation.py",
        '    if root is None and (use != "entry" or not open_here):\n        raise _needs_root()\n',
        "",
        (COMMANDS + "without_a_channel_a_key_is_changed_by_who_may_too",),
    ),
    Mutant(
        "another party's root",
        "service/rotation.py",
        "    if root is not None and root.public.fingerprint != node.id:",
        "    if root is not None and not root.public.fingerprint:",
        (COMMANDS + "a_key_is_changed_by_who_may_and_else_nothing_changes",),
    ),
    Mutant(
        "the last good position after the instant",
        "service/rotation.py",
        "        if since_us is not None and entry.issued_at_us >= since_us:\n            break\n",
        "        if since_us is not None and last and entry.issued_at_us > since_us:\n            break\n",
        (STORY + "a_revocation_names_the_end_of_the_chain_or_the_last_place_before_the_instant",),
    ),
    Mutant(
        "a revoked key stays open",
        "service/rotation.py",
        "    node.secrets.pop(mark, None)\n",
        "",
        (STORY + "a_revoked_key_signs_nothing_more_and_what_it_signed_since_is_void_unless_receipted",),
    ),
    # Packs.
    Mutant(
        "a misspelt field to leave out passed over",
        "service/packs.py",
        "    for name in sorted(set(leave_out) - left_out):\n",
        "    for name in sorted(set(leave_out) & set()):\n",
        (COMMANDS + "a_pack_with_a_misspelt_field_to_leave_out_is_not_made",),
    ),
    Mutant(
        "fields to leave out shown",
        "service/packs.py",
        "for field in fields if field.name not in leave_out)",
        "for field in fields)",
        (STORY + "a_thread_is_packed_without_the_named_fields",),
    ),
    # The directory and its commands.
    Mutant(
        "a key file that others can read",
        "app/directory.py",
        "os.O_EXCL, 0o600)",
        "os.O_EXCL, 0o644)",
        (INIT + "a_new_node_is_closed_to_others_and_says_its_root_whole",),
    ),
    Mutant(
        "a directory that others can read is used",
        "app/directory.py",
        "    if found.st_mode & _OTHERS or",
        "    if found.st_mode & stat.S_IRWXO or",
        (INIT + "what_others_can_read_is_not_used",),
    ),
    Mutant(
        "half a node left behind",
        "app/directory.py",
        "        shutil.rmtree(building, ignore_errors=True)\n",
        "        pass\n",
        (INIT + "nothing_is_left_where_a_node_could_not_be_made_whole",),
    ),
    Mutant(
        "a field of node.toml that nobody knows passed over",
        "app/directory.py",
        "(name for name in value if name not in names)",
        "(name for name in value if name not in names and not name)",
        (INIT + "a_node_file_is_read_strictly",),
    ),
    Mutant(
        "the file of another key opened",
        "app/directory.py",
        "    if (found, key.public.fingerprint) != (use, mark):",
        "    if found != use:",
        (KEY + "another_party_s_root_opens_nothing",),
    ),
    Mutant(
        "a key named before it has a file",
        "app/node.py",
        "    write_key(directory, key, use, passphrase, SystemRandomness())\n    try:\n",
        "    try:\n",
        (KEY + "a_rotation_that_is_refused_leaves_no_key_and_one_cut_off_is_told",),
    ),
    Mutant(
        "a passphrase typed once",
        "cli/at_node.py",
        '        if new and getpass.getpass("The same again: ") != text:',
        '        if new and not text and getpass.getpass("The same again: ") != text:',
        (INIT + "a_typed_passphrase_is_typed_twice",),
    ),
    Mutant(
        "a beginning that is nobody's taken for the first",
        "cli/at_node.py",
        "if text and one.hex().startswith(text.lower())]",
        "if one.hex().startswith(text.lower())]",
        (RECORD + "what_is_not_there_is_refused_and_nothing_written",),
    ),
    Mutant(
        "entries after the checkpoint left out of the pack",
        "cli/record_pack.py",
        "    if there.head is None or head_of(there.head).size < there.log.size:",
        "    if there.head is None:",
        (RECORD + "the_passphrase_is_needed_only_for_what_no_checkpoint_covers",),
    ),
]
