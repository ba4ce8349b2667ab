"""Notes, checkpoints and cosigners: what is signed is what is read, and nothing else is believed."""

import json
import random
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS
from tansiq.record import note
from tansiq.record.checkpoint import (
    Checkpoint,
    only_by,
    open_checkpoint,
    origin,
    parse_body,
    parse_origin,
    sign_checkpoint,
    with_cosignature,
)
from tansiq.record.cosigner import Cosigned, Head, Refusal, Refused, cosign, split_view
from tansiq.record.note import ED25519, ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE, NoteKey, NoteSigner
from tansiq.record.tree import Tree
from tests.vectors.record.checkpoint.make import FILES, FOLDER
from tests.vectors.record.tree import definition

CHANNEL: Final = sha256(b"BAHR").digest()[:16]
AMBER_NAME: Final = origin(channel=CHANNEL, party=sha256(b"root of Amber").digest())
TEAL_NAME: Final = origin(channel=CHANNEL, party=sha256(b"root of Teal").digest())
TREE: Final = Tree(b"".join(definition.leaves(40)))
TIME_S: Final = 1_894_700_000


def secret(who: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(f"test key of {who}".encode()).digest())


def signer(who: str, type_: int, name: str) -> NoteSigner:
    return NoteSigner(name, type_, secret(who).public_key().public_bytes_raw(), secret(who).sign)


def key(name: str, type_: int, public: bytes) -> NoteKey:
    def verify(message: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except InvalidSignature:
            return False
        return True

    return NoteKey(name, type_, public, verify)


def key_of(signing: NoteSigner) -> NoteKey:
    return key(signing.name, signing.type, signing.public_key)


AMBER: Final = signer("Amber's log", ED25519, AMBER_NAME)
TEAL: Final = signer("Teal's witness", ED25519_COSIGNATURE, TEAL_NAME)
LOG: Final = [key_of(AMBER)]


def checkpoint(size: int, root: bytes | None = None, name: str = AMBER_NAME) -> Checkpoint:
    return Checkpoint(name, size, root or TREE.root(size))


def signed(size: int, root: bytes | None = None) -> bytes:
    return sign_checkpoint(checkpoint(size, root), AMBER)


def answer(
    content: bytes, heads: dict[str, Head], proof: list[bytes] | None = None, time_s: int = TIME_S
) -> Cosigned | Refused:
    return cosign(content, log=LOG, heads=heads, proof=proof or [], signer=TEAL, time_s=time_s)


def cosigned(size: int) -> dict[str, Head]:
    made = answer(signed(size), {})
    assert isinstance(made, Cosigned)
    return {made.head.checkpoint.origin: made.head}


def cases(group: str) -> list[dict[str, Any]]:
    return list(json.loads((FOLDER / f"{group}.json").read_text("utf-8"))["cases"])


def keys(group: str) -> dict[str, list[NoteKey]]:
    told = json.loads((FOLDER / f"{group}.json").read_text("utf-8"))["test_keys"]
    made = {
        role: [key(each["name"], each["type"], bytes.fromhex(each["public_key"])) for each in rows]
        for role, rows in {"log": [told["log"]], "cosigners": told["cosigners"]}.items()
    }
    assert told["warning"].startswith("for tests only")
    return made


# ------------------------------------------------------------------------------------------------------------- notes


def test_the_id_of_a_key_is_of_its_name_type_and_bytes() -> None:
    public = AMBER.public_key
    want = sha256(AMBER_NAME.encode() + b"\n\x01" + public).digest()[:4]
    assert note.key_id(AMBER_NAME, ED25519, public) == want == LOG[0].id
    assert note.key_id(AMBER_NAME, ED25519_COSIGNATURE, public) != want


def test_a_note_with_empty_lines_in_its_text_is_split_at_the_last_one() -> None:
    text = "first\n\n— not a signature\n\nlast\n".encode()
    content = text + b"\n" + note.sign(text, AMBER).encode()
    opened = note.open_note(content, LOG)
    assert (opened.text, [each.key.name for each in opened.verified]) == (text, [AMBER_NAME])
    assert note.parse(content).encode() == content


def test_no_change_of_a_single_character_of_a_note_is_believed() -> None:
    content = signed(7).decode()
    lots = random.Random(1)
    tried = 0
    for at, was in enumerate(content):
        others = {chr(ord(was) ^ 1), was.swapcase(), *lots.choices("\n 0aZ+/=—é\0", k=3)} - {was}
        edits = [content[:at] + content[at + 1 :], *(content[:at] + new + content[at + 1 :] for new in sorted(others))]
        edits += [content[:at] + new + content[at:] for new in lots.choices("\n 0aZ+/=—", k=2)]
        for edit in edits:
            if edit != content:
                tried += 1
                with pytest.raises(PeerError):
                    open_checkpoint(edit.encode(), log=LOG)
    assert tried > 1500


def test_a_changed_character_of_a_cosigned_note_is_refused_or_costs_the_line_it_stands_in() -> None:
    line = note.sign(checkpoint(7).body(), TEAL, time_s=TIME_S).encode()
    content = with_cosignature(signed(7), line, key_of(TEAL)).decode()
    begins = content.index(line.decode())
    for at, was in enumerate(content):
        edit = content[:at] + ("A" if was != "A" else "B") + content[at + 1 :]
        try:
            opened = open_checkpoint(edit.encode(), log=LOG, cosigners=[key_of(TEAL)])
        except PeerError:
            continue
        assert at >= begins
        assert (opened.checkpoint, opened.cosigned, len(opened.ignored)) == (checkpoint(7), (), 1)


def test_no_other_byte_in_a_note_is_believed() -> None:
    content = signed(7)
    for at in range(len(content)):
        for bit in range(8):
            edit = bytearray(content)
            edit[at] ^= 1 << bit
            with pytest.raises(PeerError):
                open_checkpoint(bytes(edit), log=LOG)


@pytest.mark.parametrize("type_", [0x00, 0x02, 0x05, ML_DSA_44_COSIGNATURE, 0xFF])
def test_a_key_of_a_type_that_is_not_known_is_passed_over_like_an_unknown_one(type_: int) -> None:
    unknown = key(TEAL_NAME, type_, bytes(1312))
    text = checkpoint(7).body()
    line = note.SignatureLine(TEAL_NAME, unknown.id, bytes(2428))
    content = signed(7) + line.encode()
    opened = open_checkpoint(content, log=LOG, cosigners=[unknown])
    assert (opened.cosigned, opened.ignored) == ((), (line,))
    with pytest.raises(PeerError, match="not_signed"):
        note.open_note(text + b"\n" + line.encode(), [unknown])


def test_two_keys_that_signatures_can_not_tell_apart_are_refused() -> None:
    with pytest.raises(PartyError, match="bad_value"):
        note.open_note(signed(7), [LOG[0], LOG[0]])


def test_a_note_without_known_keys_is_not_believed() -> None:
    with pytest.raises(PeerError, match="not_signed"):
        note.open_note(signed(7), [])


@pytest.mark.parametrize(
    "space", ["\x85", "\xa0", "\u1680", "\u2003", "\u200a", "\u2028", "\u2029", "\u3000", "\t", "\x1f"]
)
def test_no_space_and_no_control_character_is_part_of_a_name(space: str) -> None:
    assert not note.is_name(f"a{space}b")
    assert note.is_name("a\u200bb\u00e9")


def test_the_spaces_are_those_of_unicode() -> None:
    # Python counts 0x1C to 0x1F as spaces, which Unicode does not; as control characters they are refused anyhow.
    for code in range(0x110000):
        letter = chr(code)
        if letter.isspace():
            assert not note.is_name(letter), hex(code)


@pytest.mark.parametrize("name", ["", "a+b", "\ud800", "x" * 256, "é" * 128])
def test_other_names_are_refused_too(name: str) -> None:
    assert not note.is_name(name)
    with pytest.raises(PartyError, match="bad_value"):
        note.sign(b"text\n", replace(AMBER, name=name))


@pytest.mark.parametrize(
    ("text", "code"),
    [(b"", "bad_value"), (b"no newline", "bad_value"), (b"\xff\n", "bad_value"), (b"\t\n", "bad_value")],
)
def test_what_could_not_be_read_again_is_not_signed(text: bytes, code: str) -> None:
    with pytest.raises(PartyError, match=code):
        note.sign(text, AMBER)


@pytest.mark.parametrize("size", [LIMITS.note_bytes, LIMITS.note_bytes + 1])
def test_a_note_is_as_large_as_the_limit_and_no_larger(size: int) -> None:
    text = b"x" * (size - len(note.sign(b"\n", AMBER).encode()) - 2) + b"\n"
    content = text + b"\n" + note.sign(text, AMBER).encode()
    assert len(content) == size
    if size > LIMITS.note_bytes:
        with pytest.raises(PeerError, match="limit_exceeded"):
            note.open_note(content, LOG)
    else:
        assert note.open_note(content, LOG).text == text


@pytest.mark.parametrize("type_", [ML_DSA_44_COSIGNATURE, 0x02])
def test_nothing_is_signed_with_a_type_that_is_not_known(type_: int) -> None:
    with pytest.raises(PartyError, match="bad_value"):
        note.sign(b"text\n", replace(AMBER, type=type_))


@pytest.mark.parametrize("time_s", [-1, 2**63])
def test_a_cosignature_has_a_time_that_others_can_read(time_s: int) -> None:
    with pytest.raises(PartyError, match="out_of_range"):
        note.sign(b"text\n", TEAL, time_s=time_s)


# ------------------------------------------------------------------------------------------------------- checkpoints


def test_the_name_of_a_log_holds_channel_and_party_and_no_other_is_read() -> None:
    party = sha256(b"root of Amber").digest()
    assert f"tansiq/{CHANNEL.hex()}/{party.hex()}" == AMBER_NAME
    assert parse_origin(AMBER_NAME) == (CHANNEL, party)
    for wrong in (
        AMBER_NAME.upper(),
        AMBER_NAME[:-2],
        AMBER_NAME + "00",
        AMBER_NAME + "\n",
        AMBER_NAME + "/x",
        "tansiq//",
    ):
        assert parse_origin(wrong) is None


def test_a_checkpoint_that_is_signed_reads_back_equal() -> None:
    for size in range(TREE.size + 1):
        opened = open_checkpoint(signed(size), log=LOG)
        assert (opened.checkpoint, opened.cosigned, opened.ignored) == (checkpoint(size), (), ())
        assert opened.signed_by_log() == signed(size)


def test_a_checkpoint_is_read_only_by_a_key_of_the_log_that_it_names() -> None:
    with pytest.raises(PeerError, match="not_signed"):
        open_checkpoint(signed(7), log=[key_of(signer("Violet's log", ED25519, TEAL_NAME))])
    renamed = key(TEAL_NAME, ED25519, AMBER.public_key)
    text = checkpoint(7).body()
    content = text + b"\n" + note.sign(text, replace(AMBER, name=TEAL_NAME)).encode()
    with pytest.raises(PeerError, match="bad_checkpoint"):
        open_checkpoint(content, log=[renamed])


@pytest.mark.parametrize(
    ("log", "cosigners"),
    [
        ([], []),
        ([key_of(TEAL)], []),
        ([LOG[0], key(TEAL_NAME, ED25519, AMBER.public_key)], []),
        (LOG, [key(TEAL_NAME, ED25519, TEAL.public_key)]),
    ],
    ids=["no key", "a cosigner for the log", "two logs", "a log for a cosigner"],
)
def test_keys_are_taken_for_their_own_purpose_alone(log: list[NoteKey], cosigners: list[NoteKey]) -> None:
    with pytest.raises(PartyError, match="bad_value"):
        open_checkpoint(signed(7), log=log, cosigners=cosigners)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(checkpoint(7), origin=TEAL_NAME),
        replace(checkpoint(7), size=-1),
        replace(checkpoint(7), size=2**63),
        replace(checkpoint(7), root=b"short"),
        replace(checkpoint(0), root=bytes(32)),
        replace(checkpoint(7), extensions=("",)),
        replace(checkpoint(7), extensions=("two\nlines",)),
    ],
)
def test_a_log_signs_no_checkpoint_that_others_would_refuse_or_misread(wrong: Checkpoint) -> None:
    with pytest.raises(PartyError, match="bad_value"):
        sign_checkpoint(wrong, AMBER)


def test_a_checkpoint_that_its_log_has_signed_with_its_next_key_is_read() -> None:
    following = signer("Amber's next log key", ED25519, AMBER_NAME)
    content = sign_checkpoint(checkpoint(7), following)
    assert open_checkpoint(content, log=[*LOG, key_of(following)]).checkpoint == checkpoint(7)


def test_a_cosignature_of_another_size_log_time_or_key_is_never_added() -> None:
    body = checkpoint(7).body()
    good = note.sign(body, TEAL, time_s=TIME_S)
    other_channel = Checkpoint(origin(channel=bytes(16), party=bytes(32)), 7, TREE.root(7))
    later = note.sign(body, TEAL, time_s=TIME_S + 1)
    for wrong in (
        note.sign(checkpoint(8).body(), TEAL, time_s=TIME_S),
        note.sign(other_channel.body(), TEAL, time_s=TIME_S),
        note.sign(body, signer("Violet's witness", ED25519_COSIGNATURE, TEAL_NAME), time_s=TIME_S),
        replace(good, signature=later.signature[:8] + good.signature[8:]),
        replace(good, name=AMBER_NAME),
        replace(good, key_id=bytes(4)),
        replace(good, signature=good.signature[:-1]),
        replace(good, signature=b"x"),
    ):
        with pytest.raises(PeerError, match="bad_signature"):
            with_cosignature(signed(7), wrong.encode(), key_of(TEAL))
    with pytest.raises(PeerError, match="bad_note"):
        with_cosignature(signed(7), good.encode() + later.encode(), key_of(TEAL))
    with pytest.raises(PartyError, match="bad_value"):
        with_cosignature(signed(7), good.encode(), LOG[0])
    content = with_cosignature(signed(7), good.encode(), key_of(TEAL))
    assert with_cosignature(content, good.encode(), key_of(TEAL)) == content
    [found] = open_checkpoint(content, log=LOG, cosigners=[key_of(TEAL)]).cosigned
    assert (found.key.name, found.time_s) == (TEAL_NAME, TIME_S)


def test_a_head_without_strangers_lines_has_all_others() -> None:
    stranger = note.sign(
        checkpoint(7).body(), signer("Violet's witness", ED25519_COSIGNATURE, TEAL_NAME), time_s=TIME_S
    )
    good = signed(7) + note.sign(checkpoint(7).body(), TEAL, time_s=TIME_S).encode()
    assert only_by(good + stranger.encode(), [*LOG, key_of(TEAL)]) == good
    assert only_by(good, [*LOG, key_of(TEAL)]) == good
    assert only_by(good, LOG) == signed(7)


# ---------------------------------------------------------------------------------------------------------- cosigner


def test_a_cosigner_follows_a_log_that_grows() -> None:
    heads: dict[str, Head] = {}
    for size in (0, 0, 1, 2, 7, 8, 8, 33, 40):
        last = heads[AMBER_NAME].checkpoint.size if heads else 0
        made = answer(signed(size), heads, TREE.consistency_proof(last, size))
        assert isinstance(made, Cosigned)
        assert made.head == Head(checkpoint(size), TIME_S, signed(size))
        assert made.line == note.sign(checkpoint(size).body(), TEAL, time_s=TIME_S).encode()
        heads = {AMBER_NAME: made.head}


@pytest.mark.parametrize("size", range(20))
def test_a_cosigner_never_follows_a_log_back(size: int) -> None:
    for proof in ([], TREE.consistency_proof(size, 20)):
        assert answer(signed(size), cosigned(20), proof) == Refused(Refusal.ROLLBACK, cosigned(20)[AMBER_NAME])


def test_a_log_of_two_faces_is_convicted_by_what_the_cosigner_has() -> None:
    made = answer(signed(20, bytes(32)), cosigned(20))
    assert isinstance(made, Refused)
    assert made.why is Refusal.SPLIT_VIEW
    assert made.conviction is not None
    found = split_view(*made.conviction, log=LOG)
    assert (found.first, found.second) == (checkpoint(20), checkpoint(20, bytes(32)))


def test_what_a_stranger_added_to_a_note_is_no_part_of_the_head() -> None:
    made = answer(signed(20) + note.SignatureLine("x", bytes(4), b"anything").encode(), {})
    assert isinstance(made, Cosigned)
    assert made.head.signed == signed(20)


def test_a_first_head_needs_no_proof_and_takes_none() -> None:
    with pytest.raises(PeerError, match="bad_proof"):
        answer(signed(20), {}, [bytes(32)])


def test_heads_of_other_logs_say_nothing_about_this_one() -> None:
    other = replace(cosigned(20)[AMBER_NAME], checkpoint=checkpoint(39, name=TEAL_NAME))
    assert isinstance(answer(signed(7), {TEAL_NAME: other}), Cosigned)


def test_a_cosigner_signs_no_time_before_its_last_one() -> None:
    assert answer(signed(20), cosigned(20), time_s=TIME_S - 1) == Refused(
        Refusal.CLOCK_BEHIND, cosigned(20)[AMBER_NAME]
    )


def test_a_logs_key_does_not_cosign() -> None:
    with pytest.raises(PartyError, match="bad_value"):
        cosign(signed(7), log=LOG, heads={}, proof=[], signer=AMBER, time_s=TIME_S)


def test_a_checkpoint_that_its_log_has_not_signed_is_not_answered() -> None:
    text = checkpoint(21).body()
    forged = text + b"\n" + note.sign(text, signer("nobody", ED25519, AMBER_NAME)).encode()
    with pytest.raises(PeerError, match="not_signed"):
        answer(forged, cosigned(20), TREE.consistency_proof(20, 21))


def test_both_faces_convict_under_the_keys_that_the_log_had_one_after_the_other() -> None:
    following = signer("Amber's next log key", ED25519, AMBER_NAME)
    second = sign_checkpoint(checkpoint(20, bytes(32)), following)
    assert split_view(signed(20), second, log=[*LOG, key_of(following)]).second.root == bytes(32)
    with pytest.raises(PeerError, match="not_signed"):
        split_view(signed(20), second, log=LOG)


# ----------------------------------------------------------------------------------------------------------- vectors


@pytest.mark.parametrize("group", FILES)
def test_the_generator_gives_what_is_committed_byte_for_byte(group: str) -> None:
    assert FILES[group]() == (FOLDER / f"{group}.json").read_text("utf-8")


def test_there_are_many_cases() -> None:
    assert sum("refused" in case for case in cases("checkpoint")) >= 60
    assert sum(len(cases(group)) for group in FILES) >= 100


@pytest.mark.parametrize("case", cases("checkpoint"), ids=lambda case: case["id"])
def test_the_checkpoints_of_the_vectors(case: dict[str, Any]) -> None:
    content = case["note"].encode() if "note" in case else bytes.fromhex(case["note_hex"])
    if "refused" in case:
        with pytest.raises(PeerError) as found:
            open_checkpoint(content, **keys("checkpoint"))
        assert found.value.code == case["refused"], found.value
        return
    opened = open_checkpoint(content, **keys("checkpoint"))
    assert (opened.checkpoint.origin, opened.checkpoint.size) == (case["origin"], case["size"])
    assert opened.checkpoint.root.hex() == case["root"]
    assert [{"name": each.key.name, "time_s": each.time_s} for each in opened.cosigned] == case["cosigned"]
    assert len(opened.ignored) == case["ignored"]
    assert note.parse(content).encode() == content
    assert parse_body(note.parse(content).text).body() == note.parse(content).text


@pytest.mark.parametrize("case", cases("cosigner"), ids=lambda case: case["id"])
def test_the_answers_of_the_vectors(case: dict[str, Any]) -> None:
    known = keys("cosigner")
    [teal] = known["cosigners"]
    secret_of_teal = Ed25519PrivateKey.from_private_bytes(
        sha256(b"tansiq test key, not secret: Teal's witness").digest()
    )
    witness = NoteSigner(teal.name, teal.type, teal.public_key, secret_of_teal.sign)
    heads = {}
    if case["head"] is not None:
        last = open_checkpoint(case["head"]["note"].encode(), log=known["log"])
        heads[last.checkpoint.origin] = Head(last.checkpoint, case["head"]["time_s"], last.signed_by_log())
    made = cosign(
        case["note"].encode(),
        log=known["log"],
        heads=heads,
        proof=[bytes.fromhex(part) for part in case["proof"]],
        signer=witness,
        time_s=case["time_s"],
    )
    told = (made.why.value, None) if isinstance(made, Refused) else ("cosigned", made.line.decode())
    assert told == (case["answer"], case.get("line"))


@pytest.mark.parametrize("case", cases("conviction"), ids=lambda case: case["id"])
def test_the_convictions_of_the_vectors(case: dict[str, Any]) -> None:
    try:
        found = split_view(case["first"].encode(), case["second"].encode(), log=keys("conviction")["log"])
    except PeerError as error:
        told = error.code
    else:
        assert (found.first.size, found.first.origin) == (found.second.size, found.second.origin)
        told = "convicted"
    assert told == case["answer"]
