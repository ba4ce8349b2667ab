"""Faults in what travels between nodes, and in going on after a loss: caught in the simulated world or by name."""

from typing import Final

from tests.mutants.plant import Mutant

DELIVERY: Final = "tests/unit/test_service_delivery.py::test_"
RESTORE: Final = "tests/unit/test_service_restore.py::test_"
WORLD: Final = ("tests/world/test_world.py::test_healed_all_that_was_told_is_everywhere_and_the_records_agree",)
TWICE: Final = DELIVERY + "a_parcel_taken_twice_changes_nothing"

MUTANTS: Final = [
    # Found by the world.
    Mutant(
        "acknowledged before the commit",
        "service/node.py",
        "        self.commit()\n        return decision.answer\n",
        "        return decision.decided\n",
        WORLD,
    ),
    Mutant(
        "journal and record in two transactions",
        "service/node.py",
        "        self.store.commit(tuple(self._pending))\n",
        "        self.store.commit(tuple(Change(journal=one.journal) for one in self._pending))\n"
        "        for one in self._pending:\n"
        "            rest = Change(logged=one.logged, bodies=one.bodies, destroyed=one.destroyed, cells=one.cells)\n"
        "            self.store.commit((rest,))\n",
        WORLD,
    ),
    Mutant(
        "a store put back that speaks at once",
        "service/node.py",
        "    return node.restored is not None and not done.startswith(node.restored)",
        "    return node.restored is not None and done.startswith(node.restored)",
        WORLD,
    ),
    Mutant(
        "answers that ask for answers",
        "service/delivery.py",
        '    if news and asks == talk.told.get(("asks", b"")):\n        asks = None',
        '    if news and asks == talk.told.get(("asks", b"")):\n        pass',
        WORLD,
    ),
    Mutant(
        "what was sent taken for what the other has",
        "service/delivery.py",
        "    if not news:\n        talk.sent.clear()\n",
        "",
        (DELIVERY + "an_export_moves_no_cursor",),
    ),
    Mutant(
        "what was sent forgotten never",
        "service/delivery.py",
        "    talk.sent.clear()\n    if parcel.asks",
        "    if parcel.asks",
        (DELIVERY + "what_was_given_and_not_kept_is_given_again_when_the_other_spoke",),
    ),
    Mutant(
        "entries of others not passed on",
        "service/delivery.py",
        "        if logged is None:\n            continue\n",
        "        entry = node.channels[due.channel].state.entry(due.digest)\n"
        "        if logged is None or entry is None or entry.party != node.id:\n            continue\n",
        (DELIVERY + "a_third_member_passes_on_what_another_said",),
    ),
    # De-duplication, order, room.
    Mutant(
        "de-duplication lost",
        "service/entries.py",
        "    known = channel.state.entry(entry.digest) is not None\n",
        "    known = False\n",
        (TWICE,),
    ),
    Mutant(
        "a body that is here receipted again",
        "service/entries.py",
        "    if here or body is None or",
        "    if body is None or",
        (TWICE,),
    ),
    Mutant(
        "CEASE not first",
        "service/delivery.py",
        "(0, number) if urgent else (2, number)",
        "(2, number)",
        (DELIVERY + "urgent_words_go_first_though_they_were_said_last",),
    ),
    Mutant(
        "a body dropped that was too large for one parcel",
        "service/delivery.py",
        "            continue  # What was asked for waits",
        "            talk.wants.clear()\n            continue  # What was asked for waits",
        (DELIVERY + "a_body_too_large_for_the_parcel_stays_behind_and_comes_when_there_is_room",),
    ),
    Mutant(
        "a body never asked for",
        "service/known.py",
        "    return tuple(dict.fromkeys((*missing, *channel.absent)))",
        "    return tuple(dict.fromkeys(missing))",
        (DELIVERY + "a_body_too_large_for_the_parcel_stays_behind_and_comes_when_there_is_room",),
    ),
    Mutant(
        "wants ignored",
        "service/delivery.py",
        "            talk.wants[want.channel] = dict.fromkeys(want.digests)\n",
        "            talk.wants[want.channel] = {}\n",
        (DELIVERY + "what_is_asked_for_is_given_though_it_was_receipted",),
    ),
    Mutant(
        "a hint that outweighs what is signed",
        "service/delivery.py",
        "            talk.has.pop(entry.channel, None)  #",
        "            talk.has.get(entry.channel, None)  #",
        (DELIVERY + "what_is_signed_later_outweighs_a_hint",),
    ),
    Mutant(
        "entries taken of who is no member",
        "service/delivery.py",
        "        _check_shared(_channel(node, peer, entry.channel) is not None, at)\n",
        "        _check_shared(entry.channel in node.channels, at)\n",
        (DELIVERY + "nobody_is_given_or_shown_a_channel_that_he_is_no_member_of",),
    ),
    Mutant(
        "a security log without an end",
        "service/delivery.py",
        "        if number >= LIMITS.security_cells:\n",
        "        if number > 10 * LIMITS.security_cells:\n",
        (DELIVERY + "the_security_log_keeps_the_newest_and_no_more",),
    ),
    Mutant(
        "a pack under a head that nobody confirmed",
        "service/packs.py",
        "    return confirmed if head_of(confirmed).size >= covering else last\n",
        "    return last\n",
        (DELIVERY + "a_pack_of_a_thread_rests_on_the_last_head_that_another_confirmed",),
    ),
    # Restore.
    Mutant(
        "restored without asking",
        "service/restore.py",
        "    if waiting:\n",
        "    if waiting and node.restored is None:\n",
        (RESTORE + "a_restored_node_signs_nothing_but_urgent_words_before_all_have_answered_and_its_root_has_signed",),
    ),
    Mutant(
        "an incarnation used again",
        "service/restore.py",
        "    incarnation = node.randomness.draw(INCARNATION_BYTES)\n",
        "    incarnation = node.id[:INCARNATION_BYTES]\n",
        (RESTORE + "no_incarnation_is_used_twice",),
    ),
    Mutant(
        "an old parcel taken for an answer",
        "service/delivery.py",
        "    if parcel.answers is not None and parcel.answers == question(node, peer):\n",
        "    if parcel.answers is None or parcel.answers == question(node, peer):\n",
        (RESTORE + "a_parcel_from_before_is_no_answer",),
    ),
    Mutant(
        "a channel opened after the restore spoken in at once",
        "service/channels.py",
        "behind=owes_restore(node, genesis.channel)",
        "behind=False",
        (RESTORE + "a_channel_that_is_opened_after_the_restore_may_have_been_spoken_in_before_it",),
    ),
    Mutant(
        "own entries that came back oblige to nothing",
        "service/entries.py",
        "    obliges = came_back and entry.incarnation not in left\n",
        "    obliges = came_back and entry.incarnation in left\n",
        (RESTORE + "own_signed_entries_oblige_whoever_is_disbelieved_and_whatever_was_not_marked",),
    ),
    Mutant(
        "a liar is believed for ever",
        "service/node.py",
        "    if entry.party in channel.disbelieved:\n",
        "    if entry.party in channel.disbelieved and channel.lost:\n",
        (RESTORE + "a_liar_silences_nobody_for_ever",),
    ),
    Mutant(
        "a cosigner that forgot confirms what it is shown",
        "service/heads.py",
        "    if not opened.cosigned or (last is not None and",
        "    if opened.cosigned or (last is not None and",
        (RESTORE + "a_restored_cosigner_confirms_no_second_history",),
    ),
    Mutant(
        "a head signed of a size that others hold another of",
        "service/heads.py",
        "    if 0 < size <= channel.lost_size:\n",
        "    if 0 < size < channel.lost_size < 0:\n",
        (RESTORE + "no_head_is_signed_of_a_size_at_which_others_hold_another",),
    ),
]
