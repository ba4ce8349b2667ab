"""Faults in pairing: peers that nobody compared digits with, channels opened too early, old keys that come back."""

from typing import Final

from tests.mutants.plant import Mutant

PAIRING: Final = "tests/unit/test_service_pairing.py::test_"
OFFERS: Final = "tests/unit/test_service_offers.py::test_"
CLI: Final = "tests/unit/test_cli_pair.py::test_"

MUTANTS: Final = [
    Mutant(
        "pairing: digits compared over their first half",
        "service/pairing.py",
        'hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())',
        'hmac.compare_digest(given[:20].encode("utf-8", "replace"), wanted[:20].encode())',
        (PAIRING + "other_digits_confirm_nobody_on_either_side",),
    ),
    Mutant(
        "pairing: nothing typed is as good as digits",
        "service/pairing.py",
        "    if typed is None and known:\n",
        "    if typed is None:\n",
        (PAIRING + "nobody_is_a_peer_and_no_channel_is_open_before_the_digits_were_compared",),
    ),
    Mutant(
        "pairing: digits over one root",
        "service/offers.py",
        "maker.derive(min(one, other) + max(one, other))",
        "maker.derive(min(one, other) * 2)",
        (OFFERS + "the_digits_are_the_same_on_both_sides_and_for_every_two_roots_others",),
    ),
    Mutant(
        "pairing: digits in the order of who asks",
        "service/offers.py",
        "maker.derive(min(one, other) + max(one, other))",
        "maker.derive(one + other)",
        (OFFERS + "the_digits_are_the_same_on_both_sides_and_for_every_two_roots_others",),
    ),
    Mutant(
        "pairing: a genesis taken of whoever brings it",
        "service/pairing.py",
        "        if not is_peer(node, party):\n",
        "        if not is_peer(node, party) and party == node.id:\n",
        (PAIRING + "nobody_is_a_peer_and_no_channel_is_open_before_the_digits_were_compared",),
    ),
    Mutant(
        "pairing: an offer whose signature nobody checks",
        "service/offers.py",
        "    if not root.verify(Purpose.OFFER, offer.signed, made):\n",
        "    if not made:\n",
        (OFFERS + "an_offer_that_was_changed_is_refused",),
    ),
    Mutant(
        "pairing: an answer whose genesis nobody signed",
        "service/offers.py",
        "not offer.root.verify(Purpose.GENESIS, genesis.signed, made)",
        "not made",
        (PAIRING + "an_answer_is_refused_that_was_changed_or_is_to_another_offer",),
    ),
    Mutant(
        "pairing: an answer to any offer",
        "service/pairing.py",
        "    if spelling is None or genesis_from(parse_offer(spelling), found.offer) != found.genesis:\n",
        "    if spelling is None:\n",
        (PAIRING + "an_answer_is_refused_that_was_changed_or_is_to_another_offer",),
    ),
    Mutant(
        "pairing: a nonce that the answering side draws alone",
        "service/offers.py",
        "    both = hashlib.sha256(offer.signed).digest() + hashlib",
        "    both = hashlib",
        (OFFERS + "both_parties_have_a_part_in_the_nonce_of_the_genesis",),
    ),
    Mutant(
        "pairing: a peer before its channel",
        "service/pairing.py",
        "    open_channel(node, spelling)\n    cell = _peer_cell(other.party",
        "    node.settle(open_channel(node, spelling))\n    cell = _peer_cell(other.party",
        (PAIRING + "peer_and_channel_are_there_together_or_not_at_all",),
    ),
    Mutant(
        "pairing: a repeated offer is another one",
        "service/pairing.py",
        "    if spelling is not None and _says(parse_offer(spelling), node, name, address):\n",
        "    if spelling is not None and not parse_offer(spelling):\n",
        (
            PAIRING + "every_step_may_be_repeated_and_gives_the_same_bytes",
            CLI + "a_repeated_command_writes_the_same_file",
        ),
    ),
    Mutant(
        "pairing: a second answer that may lose against the first",
        "service/pairing.py",
        "        if before is None or genesis_from(other, made).digest < before.answer.genesis.digest:\n",
        "        if before is None or genesis_from(other, made).digest:\n",
        (PAIRING + "keys_that_change_between_answer_and_confirmation_do_not_shut_the_two_out",),
    ),
    Mutant(
        "pairing: a name that a peer has already",
        "service/pairing.py",
        "    if _folded(name) in {",
        "    if name in {",
        (PAIRING + "no_two_peers_have_one_name_and_none_has_the_party_s_own",),
    ),
    Mutant(
        "pairing: an old offer brings an old key back",
        "service/pairing.py",
        "    cell = _known_peer(node, other.party, called) or _peer_cell(",
        "    cell = _peer_cell(",
        (PAIRING + "an_old_offer_of_a_peer_does_not_bring_its_old_transport_key_back",),
    ),
    Mutant(
        "pairing: a revoked transport key that still pins",
        "service/pairing.py",
        "if grant.standing != GOOD}",
        'if grant.standing == "retired"}',
        (PAIRING + "a_transport_key_that_is_revoked_pins_nothing_any_more",),
    ),
    Mutant(
        "pairing: a rotation that reached another channel first is missed",
        "service/pairing.py",
        'if grant.key.use == "transport" and mark not in over',
        'if grant.key.use == "transport" and grant.standing == GOOD',
        (PAIRING + "a_peer_s_transport_key_is_the_newest_that_any_channel_tells",),
    ),
    Mutant(
        "pairing: a name that turns a line around",
        "service/offers.py",
        "text.isprintable() and text == text.strip()",
        "text == text.strip()",
        (OFFERS + "an_offer_is_read_strictly",),
    ),
    Mutant(
        "pairing: digits taken of a script without being asked",
        "cli/pair.py",
        "    if not sys.stdin.isatty():\n",
        "    if sys.stdin.closed:\n",
        (CLI + "digits_are_typed_at_the_terminal_where_they_are_shown",),
    ),
]
