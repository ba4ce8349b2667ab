"""Faults in what serves a node: its door, whose requests are, the one writer, the pin, the file that is carried."""

from typing import Final

from tests.mutants.plant import Mutant

KIT: Final = "tests/unit/test_httpkit.py::test_"
SERVE: Final = "tests/unit/test_app_serve.py::test_"
CARRY: Final = "tests/unit/test_cli_carry.py::test_"
NODE: Final = "tests/unit/test_cli_node.py::test_"

MUTANTS: Final = [
    Mutant(
        "a stranger's request taken for a peer's",
        "httpkit/signed.py",
        "if not signed or claim.party not in known:",
        "if not signed and claim.party in known:",
        (SERVE + "only_a_peer_s_own_signature_opens_the_door",),
    ),
    Mutant(
        "a request taken twice",
        "httpkit/signed.py",
        "        nonces[claim.nonce] = None\n",
        "",
        (KIT + "a_request_comes_once",),
    ),
    Mutant(
        "a signature that does not cover whom the request is for",
        "httpkit/signed.py",
        "write([method, target, to.hex(),",
        "write([method, target,",
        (KIT + "a_request_is_taken_as_it_was_signed_and_in_no_other_way",),
    ),
    Mutant(
        "another body than was signed",
        "httpkit/signed.py",
        "if hashlib.sha256(body).digest() != claim.digest:",
        "if not claim.digest:",
        (KIT + "another_body_than_was_signed_is_refused",),
    ),
    Mutant(
        "a body believed to be as short as it claims",
        "httpkit/bodies.py",
        "if len(body) > size_max:",
        "if len(body) > max(size_max, 100):",
        (KIT + "a_body_is_read_up_to_its_limit_whatever_length_it_claims",),
    ),
    Mutant(
        "a place given back twice",
        "httpkit/rates.py",
        "gate, self._gate = self._gate, None",
        "gate = self._gate",
        (KIT + "one_address_does_not_take_the_places_of_others",),
    ),
    Mutant(
        "a bucket that fills past its brim",
        "httpkit/rates.py",
        "held = min(self._brim, held + (now - at) * self._per_s)",
        "held = held + (now - at) * self._per_s",
        (KIT + "who_has_spent_his_tokens_waits_until_time_has_brought_another",),
    ),
    Mutant(
        "a fault told in its own words",
        "httpkit/lines.py",
        'return f"{type(fault).__name__} at {where}"',
        'return f"{fault} at {where}"',
        (KIT + "a_fault_is_told_by_its_place_and_to_others_not_at_all",),
    ),
    Mutant(
        "metrics for whoever asks under another name",
        "httpkit/front.py",
        "return name.lower() in _HOSTS",
        "return True",
        (KIT + "what_is_for_this_machine_is_not_there_for_others",),
    ),
    Mutant(
        "a head that may take for ever",
        "httpkit/door.py",
        "        super().connection_made(transport)\n        self._end_in(LIMITS.request_s)\n",
        "        super().connection_made(transport)\n        self._end_in(LIMITS.request_s + 15)\n",
        (KIT + "a_head_that_does_not_come_ends_the_connection_and_frees_its_place",),
    ),
    Mutant(
        "any certificate taken for the peer's",
        "app/tls.py",
        "if not hmac.compare_digest(bytes([ED25519]) + raw, pin.encoded):",
        "if not raw:",
        (SERVE + "the_holder_of_the_pinned_key_is_told_and_nobody_else",),
    ),
    Mutant(
        "an answer before its commit failed",
        "app/writer.py",
        "                self._give_up([one.waiting for one in group])\n",
        "                [one.waiting.set_result(None) for one in group]\n",
        (SERVE + "after_a_commit_that_failed_nothing_is_answered_or_decided",),
    ),
    Mutant(
        "a commit for each command",
        "app/writer.py",
        "                decisions.append((one.waiting, one.run(self._node)))\n",
        "                decisions.append((one.waiting, one.run(self._node)))\n                self._node.commit()\n",
        (SERVE + "commands_that_wait_are_committed_once_and_then_answered",),
    ),
    Mutant(
        "a group with more changes than a store takes",
        "app/writer.py",
        "if changes > LIMITS.changes_per_commit:",
        "if changes > 10 * LIMITS.changes_per_commit:",
        (SERVE + "a_group_has_no_more_changes_than_a_store_takes",),
    ),
    Mutant(
        "a flood of one party answered",
        "app/peer_door.py",
        "or not self._rates.take(party):",
        "or not party:",
        (SERVE + "a_party_that_floods_is_refused_and_others_are_answered",),
    ),
    Mutant(
        "a file's header that is not bound to what is sealed",
        "app/sealed.py",
        ".encrypt(_NONCE, parcel, carried.header())",
        ".encrypt(_NONCE, parcel, b'')",
        (CARRY + "a_sealed_parcel_opens_with_its_key_and_says_who_it_is_from",),
    ),
    Mutant(
        "a file that can be said to be of another party",
        "app/sealed.py",
        '            "from": to_base64(self.sender),\n',
        '            "from": to_base64(self.sender if self.sealed else self.to),\n',
        (CARRY + "a_sealed_parcel_opens_with_its_key_and_says_who_it_is_from",),
    ),
    Mutant(
        "a node from a copy that speaks at once",
        "app/backups.py",
        "            mark_restored(store, SystemClock(), SystemRandomness())\n",
        "            SystemClock()\n",
        (NODE + "a_copy_brings_the_node_back_without_its_root_and_it_must_restore",),
    ),
    Mutant(
        "a copy with the root",
        "app/backups.py",
        'if path.name.endswith(".key") and path.name != ROOT_FILE:',
        'if path.name.endswith(".key"):',
        (NODE + "a_copy_brings_the_node_back_without_its_root_and_it_must_restore",),
    ),
]
