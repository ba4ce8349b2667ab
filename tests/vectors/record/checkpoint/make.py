"""Writes the cases of notes, checkpoints and cosigners: `python -m tests.vectors.record.checkpoint.make`.

Their bytes are put together here by hand, without tansiq; a test holds them to what is committed, byte for byte. The
keys are for tests: whoever reads this file can sign with them.
"""

import base64
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.vectors.record.tree import definition
from tests.vectors.record.tree.make import Json, content

FOLDER: Final = Path(__file__).parent
LOG: Final = 0x01
COSIGNER: Final = 0x04
ML_DSA_44: Final = 0x06
TIME_S: Final = 1_894_700_000
SIZE: Final = 20
CHANNEL: Final = sha256(b"test channel").digest()[:16].hex()


class Key:
    """A key for tests, by the name of who has it; its seed is the SHA-256 of 'tansiq test key, not secret: WHO'."""

    def __init__(self, who: str, type_: int, *, party: str = "", channel: str = CHANNEL) -> None:
        self.secret = Ed25519PrivateKey.from_private_bytes(
            sha256(f"tansiq test key, not secret: {who}".encode()).digest()
        )
        self.public = self.secret.public_key().public_bytes_raw()
        self.type = type_
        self.name = f"tansiq/{channel}/{sha256(f'test root of {party or who}'.encode()).hexdigest()}"

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    def line(self, text: str, time_s: int = TIME_S) -> str:
        """The line of the key's signature below the text."""
        if self.type == LOG:
            return row(self.name, self.id + self.secret.sign(text.encode()))
        stamp = time_s.to_bytes(8, "big")
        return row(self.name, self.id + stamp + self.secret.sign(f"cosignature/v1\ntime {time_s}\n{text}".encode()))

    def told(self) -> Json:
        return {"name": self.name, "type": self.type, "public_key": self.public.hex()}


AMBER: Final = Key("Amber's log", LOG, party="Amber")
TEAL: Final = Key("Teal's witness", COSIGNER, party="Teal")
VIOLET: Final = Key("Violet's witness", COSIGNER, party="Violet")
STRANGER: Final = Key("nobody's", COSIGNER)
ELSEWHERE: Final = Key("Amber's log", LOG, party="Amber", channel=sha256(b"another channel").digest()[:16].hex())


def row(name: str, blob: bytes) -> str:
    return f"— {name} {base64.b64encode(blob).decode()}\n"


def root(size: int) -> str:
    """The root of the test log at the size, in base64."""
    return base64.b64encode(definition.root(definition.leaves(size))).decode()


def body(size: int | str = SIZE, digest: str | None = None, name: str = AMBER.name, more: str = "") -> str:
    return f"{name}\n{size}\n{root(SIZE if isinstance(size, str) else size) if digest is None else digest}\n{more}"


def signed(text: str, *keys: Key) -> str:
    return f"{text}\n" + "".join(key.line(text) for key in keys or (AMBER,))


def checkpoints() -> str:
    """Notes that are checkpoints of Amber's log, and what looks like some."""
    cases: list[Json] = [
        *(_good(*right) for right in _right()),
        *(
            {"id": f"checkpoint/{why.replace(' ', '-')}", **_as_json(note), "refused": code}
            for why, note, code in _wrong()
        ),
    ]
    about = "Notes opened as checkpoints of Amber's log, with these keys and no others."
    return content("checkpoint", about, cases, test_keys=told(log=AMBER, cosigners=(TEAL, VIOLET)))


def _good(why: str, note: str, size: int, cosigned: list[Json], ignored: int) -> Json:
    found = {"origin": AMBER.name, "size": size, "root": base64.b64decode(root(size)).hex()}
    return {
        "id": f"checkpoint/{why.replace(' ', '-')}",
        "note": note,
        **found,
        "cosigned": cosigned,
        "ignored": ignored,
    }


def _as_json(note: str | bytes) -> Json:
    if isinstance(note, str):
        return {"note": note}
    return {"note_hex": note.hex()}


def _right() -> Iterator[tuple[str, str, int, list[Json], int]]:
    by_teal = {"name": TEAL.name, "time_s": TIME_S}
    by_violet = {"name": VIOLET.name, "time_s": TIME_S}
    text = body()
    unknown_type = row(TEAL.name, Key("Teal's witness", ML_DSA_44, party="Teal").id + bytes(8 + 2420))
    yield "by the log alone", signed(text), SIZE, [], 0
    yield "of the empty log", signed(body(0)), 0, [], 0
    yield "of one entry", signed(body(1)), 1, [], 0
    yield "cosigned by one", signed(text, AMBER, TEAL), SIZE, [by_teal], 0
    yield "cosigned by two", signed(text, AMBER, VIOLET, TEAL), SIZE, [by_violet, by_teal], 0
    yield "cosigner above the log", signed(text, TEAL, AMBER), SIZE, [by_teal], 0
    yield "with an extension line", signed(body(more="an extension — of sorts\n")), SIZE, [], 0
    yield "unknown key ignored", signed(text, STRANGER, AMBER), SIZE, [], 1
    yield "unknown type ignored", signed(text) + unknown_type, SIZE, [], 1
    yield "known name of unknown id ignored", signed(text) + row(AMBER.name, bytes(4 + 64)), SIZE, [], 1
    yield "known id of unknown name ignored", signed(text) + row("tansiq/x", AMBER.id + bytes(64)), SIZE, [], 1
    yield "shortest unknown signature ignored", signed(text) + row("x", bytes(5)), SIZE, [], 1
    yield (
        "cosigned twice by one",
        signed(text, AMBER, TEAL) + TEAL.line(text, 0),
        SIZE,
        [by_teal, by_teal | {"time_s": 0}],
        0,
    )
    yield (
        "cosigned at the last second",
        signed(text) + TEAL.line(text, 2**63 - 1),
        SIZE,
        [by_teal | {"time_s": 2**63 - 1}],
        0,
    )
    yield (
        "sixteen signatures",
        signed(text, AMBER) + "".join(row("x", bytes([k, 0, 0, 0, 0])) for k in range(15)),
        SIZE,
        [],
        15,
    )


def _wrong() -> Iterator[tuple[str, str | bytes, str]]:
    yield from _no_notes()
    yield from _not_signed()
    yield from _no_checkpoints()


def _no_notes() -> Iterator[tuple[str, str | bytes, str]]:
    text, good = body(), signed(body())
    yield "nothing", "", "bad_note"
    yield "without signatures", f"{text}\n", "bad_note"
    yield "without the blank line", text + AMBER.line(text), "bad_note"
    yield "without the last newline", good[:-1], "bad_note"
    yield "with two blank lines", good.replace("\n\n", "\n\n\n"), "bad_signature"
    yield "with text below the signatures", good + "more\n", "bad_note"
    yield "with a blank line at the end", good + "\n", "bad_note"
    yield "with carriage returns", good.replace("\n", "\r\n"), "bad_note"
    yield "with a tab", signed(body(more="a\tb\n")), "bad_note"
    yield "with a zero character", signed(body(more="a\0b\n")), "bad_note"
    yield "with a byte order mark", "\ufeff" + good, "bad_signature"
    yield "no UTF-8", good.encode().replace("—".encode(), b"\xe2\x80"), "bad_note"
    yield "half of a surrogate pair", good.encode().replace(b"\n\n", b"\n\xed\xa0\x80\n\n"), "bad_note"
    yield "overlong UTF-8", good.encode().replace(b"tansiq/", b"tansiq\xc0\xaf", 1), "bad_note"
    yield "a hyphen for the dash", good.replace("—", "-"), "bad_note"
    yield "two spaces in the line", good.replace("— ", "—  "), "bad_note"
    yield "a space at the line's end", good[:-1] + " \n", "bad_note"
    yield "an unbreakable space in the name", good + row("tansiq/x\u00a0y", bytes(68)), "bad_note"
    yield "a plus in the name", good + row("tansiq+x", bytes(68)), "bad_note"
    yield "an empty name", good + row("", bytes(68)), "bad_note"
    yield "a name of 256 bytes", good + row("x" * 256, bytes(68)), "bad_note"
    yield "base64 without padding", good.rstrip("=\n") + "\n", "bad_note"
    yield "base64 with loose bits", _loose(good), "bad_note"
    yield "base64 for the web", good + "— x " + "-" * 8 + "\n", "bad_note"
    yield "a signature that is an id alone", good + row("x", bytes(4)), "bad_note"
    yield "the same line twice", good + AMBER.line(text), "bad_note"
    yield "sixty-five signatures", good + "".join(row("x", bytes([k, 0, 0, 0, 0])) for k in range(64)), "limit_exceeded"


def _not_signed() -> Iterator[tuple[str, str, str]]:
    text, good = body(), signed(body())
    yield "by the cosigner alone", signed(text, TEAL), "not_signed"
    yield "by a stranger alone", signed(text, STRANGER), "not_signed"
    yield "by another log of the same key", signed(text, ELSEWHERE), "not_signed"
    yield "the log's name spelt otherwise", good.replace(f"— {AMBER.name}", f"— {AMBER.name.upper()}"), "not_signed"
    other = body(SIZE - 1)
    yield "signature of another size", f"{text}\n{AMBER.line(other)}", "bad_signature"
    yield "size changed after signing", good.replace("\n20\n", "\n21\n"), "bad_signature"
    yield "extension added after signing", good.replace("\n\n", "\nmore\n\n"), "bad_signature"
    yield "cosignature of another size", good + TEAL.line(other), "bad_signature"
    yield "cosignature of another log", good + TEAL.line(body(name=ELSEWHERE.name)), "bad_signature"
    yield (
        "cosignature without its time",
        good + row(TEAL.name, TEAL.id + TEAL.secret.sign(text.encode())),
        "bad_signature",
    )
    yield "cosignature of another time", good + _at_another_time(text), "bad_signature"
    yield "cosignature past 63 bits", good + TEAL.line(text, 2**63), "bad_signature"
    yield (
        "cosigner signs as a log",
        good + row(TEAL.name, TEAL.id + bytes(8) + TEAL.secret.sign(text.encode())),
        "bad_signature",
    )
    yield "signature a byte short", good + row(TEAL.name, TEAL.id + bytes(8 + 63)), "bad_signature"
    yield (
        "signature a byte long",
        f"{text}\n{row(AMBER.name, AMBER.id + AMBER.secret.sign(text.encode()) + b'x')}",
        "bad_signature",
    )
    yield "signature of zeros", f"{text}\n{row(AMBER.name, AMBER.id + bytes(64))}", "bad_signature"


def _no_checkpoints() -> Iterator[tuple[str, str, str]]:
    for why, size in (
        ("a leading zero", "020"),
        ("a plus sign", "+20"),
        ("minus", "-20"),
        ("a space before", " 20"),
        ("a space after", "20 "),
        ("hexadecimal", "0x14"),
        ("an exponent", "2e1"),
        ("an underscore", "2_0"),
        ("Arabic digits", "٢٠"),
        ("63 bits and one", str(2**63)),
        ("twenty digits", "1" * 20),
        ("minus nothing", "-0"),
        ("nothing", ""),
    ):
        yield f"the size with {why}", signed(body(size)), "bad_checkpoint"
    yield "the empty log with another root", signed(body(0, root(1))), "bad_checkpoint"
    yield "a root of 31 bytes", signed(body(digest=base64.b64encode(bytes(31)).decode())), "bad_checkpoint"
    yield "a root of 33 bytes", signed(body(digest=base64.b64encode(bytes(33)).decode())), "bad_checkpoint"
    yield "a root in hexadecimal", signed(body(digest=base64.b64decode(root(SIZE)).hex())), "bad_checkpoint"
    yield "a root with loose bits", signed(body(digest=_loose(root(SIZE) + "\n")[:-1])), "bad_checkpoint"
    yield "a root without padding", signed(body(digest=root(SIZE).rstrip("="))), "bad_checkpoint"
    yield "two lines", signed(f"{AMBER.name}\n20\n"), "bad_checkpoint"
    yield "an empty origin", signed(body(name="")), "bad_checkpoint"
    yield "an empty extension line", signed(body(more="\nmore\n")), "bad_checkpoint"
    yield "another log's origin", signed(body(name=ELSEWHERE.name)), "bad_checkpoint"
    yield "an origin with a space before", signed(body(name=f" {AMBER.name}")), "bad_checkpoint"


def _loose(text: str) -> str:
    """The text, the last base64 of which has a bit that decoders pass over."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    bare = text.rstrip("=\n")
    return bare[:-1] + digits[digits.index(bare[-1]) + 1] + text[len(bare) :]


def _at_another_time(text: str) -> str:
    blob = base64.b64decode(TEAL.line(text).split(" ")[2])
    return row(TEAL.name, blob[:4] + (TIME_S + 1).to_bytes(8, "big") + blob[12:])


def cosigner() -> str:
    """What a cosigner answers, after what it cosigned last."""
    forged = [*definition.leaves(7), definition.leaf(b"forged"), *definition.leaves(30)[8:]]
    fork = {size: base64.b64encode(definition.root(forged[:size])).decode() for size in (12, 20, 30)}

    def proof(old: int, new: int) -> list[str]:
        return [part.hex() for part in definition.proof(old, definition.leaves(new))]

    cases: list[Json] = []

    def case(  # noqa: PLR0917 - a table, read down its columns
        why: str, last: int | None, new: str, path: list[str], answer: str, time_s: int = TIME_S
    ) -> None:
        name = f"cosigner/{why.replace(' ', '-')}"
        head = None if last is None else {"note": signed(body(last)), "time_s": TIME_S}
        asked: Json = {"id": name, "head": head, "note": signed(new), "proof": path, "time_s": time_s, "answer": answer}
        if answer == "cosigned":
            asked["line"] = TEAL.line(new, time_s)
        cases.append(asked)

    case("first head", None, body(20), [], "cosigned")
    case("first head of nothing", None, body(0), [], "cosigned")
    case("grown by one", 19, body(20), proof(19, 20), "cosigned")
    case("grown from nothing", 0, body(20), [], "cosigned")
    case("grown from a power of two", 16, body(20), proof(16, 20), "cosigned")
    case("the same again later", 20, body(20), [], "cosigned", TIME_S + 60)
    case("the same with an extension", 20, body(20, more="more\n"), [], "cosigned")
    case("smaller", 20, body(19), [], "rollback")
    case("smaller with a proof", 20, body(19), proof(19, 20), "rollback")
    case("back to nothing", 20, body(0), [], "rollback")
    case("another root", 20, body(20, fork[20]), [], "split_view")
    case("another root with a proof", 20, body(20, fork[20]), proof(16, 20), "split_view")
    case("grown without a proof", 12, body(20), [], "bad_proof")
    case("grown with the proof of another size", 12, body(20), proof(13, 20), "bad_proof")
    case("the same with a proof", 20, body(20), proof(12, 20), "bad_proof")
    case("grown on another branch", 12, body(30, fork[30]), proof(12, 30), "bad_proof")
    case("grown with the other branch's own proof", 12, body(30, fork[30]), _proof_of(forged, 12), "bad_proof")
    case("the clock behind", 19, body(20), proof(19, 20), "clock_behind", TIME_S - 1)
    about = "What Teal's witness answers to a checkpoint of Amber's log, by the head that it cosigned last."
    return content("cosigner", about, cases, test_keys=told(log=AMBER, cosigners=(TEAL,)))


def conviction() -> str:
    """Pairs of signed checkpoints that convict Amber's log, and pairs that do not."""
    other = base64.b64encode(definition.root([*definition.leaves(19), definition.leaf(b"forged")])).decode()
    one, two = signed(body()), signed(body(digest=other))
    cases: list[Json] = [
        {"id": f"conviction/{why.replace(' ', '-')}", "first": first, "second": second, "answer": answer}
        for why, first, second, answer in (
            ("one size and two roots", one, two, "convicted"),
            ("in the other order", two, one, "convicted"),
            ("with cosignatures", signed(body(), AMBER, TEAL), signed(body(digest=other), AMBER, VIOLET), "convicted"),
            ("with extensions", one, signed(body(digest=other, more="more\n")), "convicted"),
            ("the same note twice", one, one, "no_conviction"),
            ("one root and two extensions", one, signed(body(more="more\n")), "no_conviction"),
            ("two sizes", one, signed(body(19)), "no_conviction"),
            ("two sizes and a strange root", one, signed(body(19, other)), "no_conviction"),
            ("signed by a stranger", one, signed(body(digest=other), STRANGER), "not_signed"),
            ("root changed after signing", one, one.replace(root(SIZE), other), "bad_signature"),
            ("another log's head", one, signed(body(digest=other, name=ELSEWHERE.name), ELSEWHERE), "not_signed"),
            ("another log's text", one, signed(body(digest=other, name=ELSEWHERE.name)), "bad_checkpoint"),
            ("cut off", one, two[:-1], "bad_note"),
        )
    ]
    about = "Whether two checkpoints convict Amber's log of having two faces."
    return content("conviction", about, cases, test_keys=told(log=AMBER, cosigners=()))


def told(log: Key, cosigners: tuple[Key, ...]) -> Json:
    return {
        "warning": "for tests only: anybody can sign with them",
        "log": log.told(),
        "cosigners": [key.told() for key in cosigners],
    }


def _proof_of(leaves: list[bytes], old: int) -> list[str]:
    return [part.hex() for part in definition.proof(old, leaves)]


FILES: Final[dict[str, Callable[[], str]]] = {"checkpoint": checkpoints, "cosigner": cosigner, "conviction": conviction}


def main() -> None:
    """Every file is written."""
    for name, make in FILES.items():
        (FOLDER / f"{name}.json").write_text(make(), "utf-8")


if __name__ == "__main__":
    main()
