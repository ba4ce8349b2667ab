"""Makes the vectors of public keys and key files; `python -m tests.vectors.record.make_keys` writes them.

What is wanted is written by hand, and the program has to say the same. The keys are test keys, from seeds that
everybody can read here, under the weakest hardness that is allowed: never use them for anything else.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from tansiq.errors import PartyError, PeerError
from tansiq.record.canonical import from_base64, parse, to_base64, write
from tansiq.record.keyfile import Hardness, open_key, seal
from tansiq.record.keys import ED25519, EncryptionKey, SecretKey, encryption_key, public_key
from tests.vectors.record.make_chain import SECOND_ENCODINGS, SMALL_ORDER
from tests.vectors.record.pack.edits import Change, cut, edited, flipped, put, turned, twice

FOLDER: Final = Path(__file__).parent / "keys"
P: Final = 2**255 - 19
X25519_SMALL: Final = (
    0,
    1,
    P - 1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
)
"""Source: RFC 7748, 6.1 and 7: with these every exchange gives zero."""
KEY: Final = SecretKey(ED25519, bytes(range(32)))
ENCRYPTION: Final = EncryptionKey(bytes(range(32, 64)))
PASSPHRASE: Final = "a passphrase for tests: \u00e9 \U0001f600"  # noqa: S105 - everybody shall know it
WEAKEST: Final = Hardness(memory_kib=8_192, passes=1, lanes=1)
SALT, NONCE = bytes(range(16)), bytes(range(12))


def _signing(seed: bytes) -> bytes:
    return SecretKey(ED25519, seed).public.encoded


def _little(number: int) -> bytes:
    return number.to_bytes(32, "little")


def _public() -> dict[str, tuple[str, bytes, str]]:
    """By name the type that is asked for, the bytes, and what must come of them."""
    sound, base = KEY.public.encoded, ENCRYPTION.public.encoded
    cases = {f"sound, {k}": ("0x01", _signing(bytes([k] * 32)), "ok") for k in range(4)}
    cases |= {
        f"of small order, {k}": ("0x01", b"\x01" + bytes.fromhex(r), "bad_key") for k, r in enumerate(SMALL_ORDER)
    }
    cases |= {
        f"a second encoding, {k}": ("0x01", b"\x01" + bytes.fromhex(raw), "bad_key")
        for k, raw in enumerate(SECOND_ENCODINGS)
    }
    cases |= {
        "of mixed order": ("0x01", b"\x01" + mixed(), "bad_key"),
        "off the curve": ("0x01", b"\x01" + _little(2), "bad_key"),
        "one byte less": ("0x01", sound[:-1], "bad_key"),
        "one byte more": ("0x01", sound + b"\x00", "bad_key"),
        "without its type": ("0x01", sound[1:], "bad_key"),
        "the type alone": ("0x01", b"\x01", "bad_key"),
        "nothing": ("0x01", b"", "bad_key"),
        "type 0x00": ("0x01", b"\x00" + sound[1:], "bad_key"),
        "type 0x02": ("0x01", b"\x02" + sound[1:], "bad_key"),
        "ML-DSA-44, not read yet": ("0x01", b"\x06" + bytes(1_312), "bad_key"),
        "a key for encryption, where one that signs is asked for": ("0x01", base, "bad_key"),
        "for encryption": ("0x21", base, "ok"),
        "for encryption, nine": ("0x21", b"\x21" + _little(9), "ok"),
        "for encryption, the largest": ("0x21", b"\x21" + _little(P - 2), "ok"),
        "for encryption, p": ("0x21", b"\x21" + _little(P), "bad_key"),
        "for encryption, nine and the highest bit": ("0x21", b"\x21" + _little(9 + 2**255), "bad_key"),
        "for encryption, all bits": ("0x21", b"\x21" + b"\xff" * 32, "bad_key"),
        "for encryption, one byte less": ("0x21", base[:-1], "bad_key"),
        "for encryption, one byte more": ("0x21", base + b"\x00", "bad_key"),
        "for encryption, nothing": ("0x21", b"", "bad_key"),
        "a key that signs, where one for encryption is asked for": ("0x21", sound, "bad_key"),
    }
    for number, small in enumerate(X25519_SMALL):
        cases[f"for encryption, of small order, {number}"] = ("0x21", b"\x21" + _little(small), "bad_key")
        if small + P < 2**256:
            cases[f"for encryption, of small order and p more, {number}"] = (
                "0x21",
                b"\x21" + _little(small + P),
                "bad_key",
            )
    return cases


def mixed() -> bytes:
    """A point of the curve of eight times the order: a sound key and the point of order two added."""
    number = int.from_bytes(KEY.public.encoded[1:], "little")
    # (x, y) and (0, -1) together are (-x, -y).
    odd, y = number >> 255, P - (number & (2**255 - 1))
    return _little(y | (1 - odd) << 255)


def judge_public(case: dict[str, Any]) -> str:
    """ "ok", or the code."""
    read = {"0x01": public_key, "0x21": encryption_key}[case["type"]]
    try:
        read(from_base64(case["key"]))
    except PeerError as error:
        return error.code
    return "ok"


def sealed(use: str = "entry", passphrase: str = PASSPHRASE, hardness: Hardness = WEAKEST) -> bytes:
    """A key file of the test key, or of that for encryption."""
    key = ENCRYPTION if use == "encryption" else KEY
    return seal(key, use, passphrase, salt=SALT, nonce=NONCE, hardness=hardness)


def _with_seed(seed: bytes) -> bytes:
    """The file that holds another seed, and was sealed with the right passphrase."""
    value = parse(sealed())
    secret = Argon2id(salt=SALT, length=32, iterations=1, lanes=1, memory_cost=8_192).derive(PASSPHRASE.encode())
    bound = write({name: value[name] for name in value if name != "sealed"})
    return write(value | {"sealed": to_base64(ChaCha20Poly1305(secret).encrypt(NONCE, seed, bound))})


CHANGES: Final[list[tuple[str, Change, str]]] = [
    ("another use", put("use", "root"), "key_not_opened"),
    ("for encryption, with a key that signs", put("use", "encryption"), "bad_key"),
    ("a use that is no text", put("use", 1), "bad_value"),
    ("no use", cut("use"), "missing_field"),
    ("another format", put("format", "tansiq-key/2"), "unknown_format"),
    ("no format", cut("format"), "missing_field"),
    ("a field more", put("note", "mine"), "unknown_field"),
    ("another nonce", turned("nonce", flipped), "key_not_opened"),
    ("a nonce of 11 bytes", put("nonce", to_base64(bytes(11))), "bad_value"),
    ("a nonce of 13 bytes", put("nonce", to_base64(bytes(13))), "bad_value"),
    ("no nonce", cut("nonce"), "missing_field"),
    ("another public key", put("public", to_base64(_signing(bytes(32)))), "key_not_opened"),
    ("a public key of another type", put("public", to_base64(b"\x06" + bytes(1_312))), "bad_key"),
    ("an empty public key", put("public", ""), "bad_key"),
    ("no public key", cut("public"), "missing_field"),
    ("other sealed bytes", turned("sealed", flipped), "key_not_opened"),
    ("sealed bytes cut off", turned("sealed", lambda text: to_base64(from_base64(text)[:-1])), "key_not_opened"),
    ("no sealed bytes", put("sealed", ""), "key_not_opened"),
    ("sealed in lax base64", turned("sealed", lambda text: text + "\n"), "bad_value"),
    ("nothing sealed", cut("sealed"), "missing_field"),
    ("another salt", turned("kdf.salt", flipped), "key_not_opened"),
    ("a salt of 15 bytes", put("kdf.salt", to_base64(bytes(15))), "bad_value"),
    ("a salt of 17 bytes", put("kdf.salt", to_base64(bytes(17))), "bad_value"),
    ("no salt", cut("kdf.salt"), "missing_field"),
    ("less memory than is allowed", put("kdf.memory_kib", 8_191), "out_of_range"),
    ("more memory than is allowed", put("kdf.memory_kib", 262_145), "out_of_range"),
    ("memory as text", put("kdf.memory_kib", "8192"), "bad_value"),
    ("another memory", put("kdf.memory_kib", 8_193), "key_not_opened"),
    ("no pass", put("kdf.passes", 0), "out_of_range"),
    ("17 passes", put("kdf.passes", 17), "out_of_range"),
    ("another number of passes", put("kdf.passes", 2), "key_not_opened"),
    ("no lane", put("kdf.lanes", 0), "out_of_range"),
    ("17 lanes", put("kdf.lanes", 17), "out_of_range"),
    ("another number of lanes", put("kdf.lanes", 2), "key_not_opened"),
    ("another derivation", put("kdf.name", "scrypt"), "bad_value"),
    ("a parameter more", put("kdf.more", 1), "unknown_field"),
    ("no derivation", put("kdf", None), "bad_value"),
]


def _files() -> list[tuple[str, bytes, str, str]]:
    """By name the file, the passphrase, and what must come of them."""
    good = sealed()
    cases = [(f"for {use}", sealed(use), PASSPHRASE, "ok") for use in ("root", "entry", "log", "witness", "transport")]
    cases += [
        ("for encryption", sealed("encryption"), PASSPHRASE, "ok"),
        ("16 passes and 16 lanes", sealed(hardness=Hardness(8_192, 16, 16)), PASSPHRASE, "ok"),
        ("one character", sealed(passphrase=PASSPHRASE[:1]), PASSPHRASE[:1], "ok"),
        ("another passphrase", good, PASSPHRASE + " ", "key_not_opened"),
        ("the passphrase decomposed", good, PASSPHRASE.replace("\u00e9", "e\u0301"), "key_not_opened"),
        ("an empty passphrase", good, "", "key_not_opened"),
        ("the seed of another key", _with_seed(bytes(32)), PASSPHRASE, "key_not_opened"),
        ("a seed of 31 bytes", _with_seed(KEY.seed[:31]), PASSPHRASE, "key_not_opened"),
        ("a seed of 33 bytes", _with_seed(KEY.seed + b"\x00"), PASSPHRASE, "key_not_opened"),
        ("an encryption key for entries", edited(sealed("encryption"), put("use", "entry")), PASSPHRASE, "bad_key"),
        ("a line end after it", good + b"\n", PASSPHRASE, "not_canonical"),
        ("a space in it", good.replace(b",", b", ", 1), PASSPHRASE, "not_canonical"),
        ("cut off", good[:-1], PASSPHRASE, "bad_json"),
        ("nothing", b"", PASSPHRASE, "bad_json"),
        ("a field twice", twice(good, "use"), PASSPHRASE, "duplicate_key"),
    ]  # fmt: skip
    return cases + [(name, edited(good, change), PASSPHRASE, want) for name, change, want in CHANGES]


def judge_file(case: dict[str, Any]) -> dict[str, Any]:
    """ "ok" with the seed and the use, or the code."""
    try:
        key, use = open_key(case["file"].encode(), case["passphrase"])
    except PartyError as error:
        return {"want": error.code}
    return {"seed": to_base64(key.seed), "use": use, "want": "ok"}


def _public_cases() -> list[dict[str, Any]]:
    cases = []
    for name, (type_, key, want) in _public().items():
        case = {"name": name, "type": type_, "key": to_base64(key), "want": want}
        assert judge_public(case) == want, (name, judge_public(case))
        cases.append(case)
    return cases


def _file_cases() -> list[dict[str, Any]]:
    cases = []
    for name, made, passphrase, want in _files():
        case: dict[str, Any] = {"name": name, "file": made.decode(), "passphrase": passphrase, "want": want}
        if want == "ok":
            use = json.loads(made)["use"]
            case |= {"seed": to_base64((ENCRYPTION if use == "encryption" else KEY).seed), "use": use}
        told = judge_file(case)
        assert told == {field: case[field] for field in told}, (name, told)
        cases.append(case)
    return cases


def files() -> dict[str, str]:
    """Every file of vectors, by its name."""
    made: dict[str, Callable[[], list[dict[str, Any]]]] = {"public.json": _public_cases, "files.json": _file_cases}
    head = {"format": "tansiq-record-vectors/1", "keys": "test keys from public seeds: never use them"}
    return {name: json.dumps(head | {"cases": act()}, indent=1, sort_keys=True) + "\n" for name, act in made.items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, "utf-8")
