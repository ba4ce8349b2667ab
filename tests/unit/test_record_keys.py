import json
import random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS
from tansiq.record import ed25519, keys
from tansiq.record.canonical import parse, write
from tansiq.record.keyfile import Hardness, open_key, seal
from tansiq.record.keys import ED25519, ML_DSA_44, Algorithm, PublicKey, Purpose, SecretKey, encryption_key, public_key
from tests.vectors.record import make_keys
from tests.vectors.record.make_chain import SECOND_ENCODINGS, SMALL_ORDER

KEY = SecretKey(ED25519, bytes(range(32)))
QUICK = Hardness(memory_kib=8_192, passes=1, lanes=1)
SALT, NONCE = bytes(range(16)), bytes(range(12))


@pytest.mark.parametrize("raw", SMALL_ORDER + SECOND_ENCODINGS)
def test_points_of_small_order_and_second_encodings_are_no_keys(raw: str) -> None:
    with pytest.raises(PeerError) as caught:
        public_key(b"\x01" + bytes.fromhex(raw))
    assert caught.value.code == "bad_key"


def test_openssl_alone_takes_any_message_for_signed_by_a_point_of_small_order() -> None:
    # Why there is a check of our own: with the neutral element as key, one signature fits every message.
    neutral, everybodys = bytes.fromhex(SMALL_ORDER[0]), b"\x01" + bytes(63)
    Ed25519PublicKey.from_public_bytes(neutral).verify(everybodys, b"anything")
    assert not ed25519.verify(neutral, b"anything", everybodys)


def test_a_point_of_mixed_order_or_off_the_curve_is_no_key() -> None:
    sound = ed25519._decoded(KEY.public.encoded[1:])  # noqa: SLF001 - a mixed point has to be made by the arithmetic
    two = ed25519._decoded(bytes.fromhex(SMALL_ORDER[1]))  # noqa: SLF001 - as above
    assert sound is not None
    assert two is not None
    x, y, z, _ = ed25519._sum(sound, two)  # noqa: SLF001 - as above
    inverse = pow(z, -1, 2**255 - 19)
    x, y = x * inverse % (2**255 - 19), y * inverse % (2**255 - 19)
    mixed = (y | (x & 1) << 255).to_bytes(32, "little")
    assert ed25519._decoded(mixed) is not None  # noqa: SLF001 - it is a point
    assert not ed25519.is_key(mixed)
    assert not ed25519.is_key((2).to_bytes(32, "little"))
    assert not ed25519.is_key(mixed[:31])


def test_random_keys_are_keys() -> None:
    rng = random.Random(1)
    assert all(ed25519.is_key(ed25519.Signer(rng.randbytes(32)).public) for _ in range(20))


def test_the_first_vector_of_the_standard_verifies() -> None:
    # Source: RFC 8032, 7.1, TEST 1.
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    assert ed25519.Signer(seed).public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    made = ed25519.Signer(seed).sign(b"")
    assert made.hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb88215")
    assert ed25519.verify(ed25519.Signer(seed).public, b"", made)


def test_s_above_the_order_is_refused() -> None:
    made = ed25519.Signer(KEY.seed).sign(b"x")
    larger = made[:32] + (int.from_bytes(made[32:], "little") + ed25519.ORDER).to_bytes(32, "little")
    assert ed25519.verify(KEY.public.encoded[1:], b"x", made)
    assert not ed25519.verify(KEY.public.encoded[1:], b"x", larger)


def test_a_signature_for_one_purpose_is_none_for_another() -> None:
    for made_for in Purpose:
        made = KEY.sign(made_for, b"x").encoded
        assert [purpose for purpose in Purpose if KEY.public.verify(purpose, b"x", made)] == [made_for]


def test_a_key_is_never_shown_with_its_seed() -> None:
    assert KEY.seed.hex() not in repr(KEY)
    assert str(KEY.seed) not in repr(KEY)
    assert keys.shown(KEY.public.fingerprint).replace(" ", "") == KEY.public.fingerprint.hex()


class _MlDsa:
    def __init__(self, seed: bytes) -> None:
        self._key = MLDSA44PrivateKey.from_seed_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def test_a_longer_algorithm_fits_by_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    row = Algorithm(
        "ML-DSA-44",
        32,
        lambda raw: len(raw) == 1312,
        _ml_dsa_verifies,
        _MlDsa,
    )
    with pytest.raises(PartyError, match="type that signs"):
        SecretKey(ML_DSA_44, bytes(32))
    monkeypatch.setitem(keys.ALGORITHMS, ML_DSA_44, row)
    long = SecretKey(ML_DSA_44, bytes(32))
    made = long.sign(Purpose.ENTRY, b"x")
    assert len(made.encoded) == 2421
    assert public_key(long.public.encoded).verify(Purpose.ENTRY, b"x", made.encoded)
    assert not long.public.verify(Purpose.ENTRY, b"y", made.encoded)
    assert not KEY.public.verify(Purpose.ENTRY, b"x", made.encoded)
    assert keys.signature(made.as_value(), "") == made


def _ml_dsa_verifies(raw: bytes, message: bytes, signature: bytes) -> bool:
    try:
        MLDSA44PublicKey.from_public_bytes(raw).verify(signature, message)
    except Exception:  # noqa: BLE001 - whatever it raises, it does not verify
        return False
    return True


def test_encryption_keys_of_small_order_are_refused() -> None:
    assert encryption_key(b"\x21" + (9).to_bytes(32, "little")) == PublicKey(b"\x21" + (9).to_bytes(32, "little"))
    for raw in (0, 1, 2**255 - 20, 2**255 - 19, 2**255 - 18, 2**256 - 1):
        with pytest.raises(PeerError):
            encryption_key(b"\x21" + raw.to_bytes(32, "little"))
    with pytest.raises(PeerError):
        public_key(b"\x21" + (9).to_bytes(32, "little"))


@pytest.fixture(scope="module")
def file() -> bytes:
    return seal(KEY, "entry", "a long passphrase", salt=SALT, nonce=NONCE, hardness=QUICK)


def test_a_key_file_opens_with_its_passphrase_alone(file: bytes) -> None:
    assert open_key(file, "a long passphrase") == (KEY, "entry")
    assert KEY.seed not in file
    with pytest.raises(PartyError) as caught:
        open_key(file, "another passphrase")
    assert caught.value.code == "key_not_opened"


@pytest.mark.parametrize(
    ("field", "value"),
    [("use", "root"), ("public", "AdlamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"), ("nonce", "AAAAAAAAAAAAAAAA")],
)
def test_nothing_in_a_key_file_can_be_changed_unnoticed(file: bytes, field: str, value: str) -> None:
    changed = write(parse(file) | {field: value})
    assert changed != file
    with pytest.raises(PartyError) as caught:
        open_key(changed, "a long passphrase")
    assert caught.value.code == "key_not_opened"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("memory_kib", LIMITS.passphrase_memory_kib + 1, "out_of_range"),
        ("memory_kib", 8, "out_of_range"),
        ("passes", 17, "out_of_range"),
        ("lanes", 0, "out_of_range"),
        ("name", "pbkdf2", "bad_value"),
        ("salt", "AAAA", "bad_value"),
    ],
)
def test_a_key_file_that_asks_for_too_much_or_too_little_is_refused_unopened(
    file: bytes, field: str, value: object, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tansiq.record.keyfile._stretched", None)
    asked = parse(file)
    with pytest.raises(PartyError) as caught:
        open_key(write(asked | {"kdf": asked["kdf"] | {field: value}}), "a long passphrase")
    assert caught.value.code == code


def cases(name: str) -> list[dict[str, Any]]:
    return list(json.loads((make_keys.FOLDER / name).read_text("utf-8"))["cases"])


@pytest.mark.parametrize("case", cases("public.json"), ids=lambda case: case["name"])
def test_a_vector_of_public_keys_comes_out_as_it_says(case: dict[str, Any]) -> None:
    assert make_keys.judge_public(case) == case["want"]


@pytest.mark.parametrize("case", cases("files.json"), ids=lambda case: case["name"])
def test_a_vector_of_key_files_comes_out_as_it_says(case: dict[str, Any]) -> None:
    told = make_keys.judge_file(case)
    assert told == {name: case[name] for name in told}


def test_the_vectors_of_keys_are_what_their_maker_makes() -> None:
    made = make_keys.files()
    assert {name: (make_keys.FOLDER / name).read_text("utf-8") for name in made} == made


def test_the_mixed_point_of_the_vectors_is_one() -> None:
    assert ed25519._decoded(make_keys.mixed()) is not None  # noqa: SLF001 - it is a point, and yet no key
    assert not ed25519.is_key(make_keys.mixed())
