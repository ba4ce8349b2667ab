"""Makes the vectors of packs; `python -m tests.vectors.record.pack.make` writes them.

Each case says what must come of it; that is written by hand, and the program has to say the same. The keys are test
keys, from seeds that everybody can read in tests/laws/record_history.py: never use them for anything else.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tansiq.errors import PeerError
from tansiq.record.canonical import to_base64
from tansiq.record.pack import Packed, encode_pack, parse_pack, redact_pack
from tansiq.record.verdict import verify_pack
from tests.laws.record_history import NAMES, party
from tests.laws.record_packs import PAIR, THREAD, story, with_entries
from tests.vectors.record.pack import hostile, signed
from tests.vectors.record.pack.valid import VALID, small

FILE: Final = Path(__file__).parent / "packs.json"


def judge(case: dict[str, Any]) -> dict[str, Any]:
    """What this program says of the case."""
    try:
        verdict = verify_pack(case["pack"].encode(), {bytes.fromhex(root) for root in case["trust"]})
    except PeerError as error:
        return {"unreadable": error.code}
    if verdict.failure is None:
        return {"proved": True}
    failure = verdict.failure
    return {"step": failure.step.value, "entry": failure.entry, "code": failure.error.code}


def in_words(want: str) -> dict[str, Any]:
    """The want as it stands in the file: `proved`, a code, or the step, the entry or `-`, and the code."""
    match want.split():
        case ["proved"]:
            return {"proved": True}
        case [code]:
            return {"unreadable": code}
        case [step, entry, code]:
            return {"step": step, "entry": None if entry == "-" else int(entry), "code": code}
    raise AssertionError(want)


def _of_the_story() -> Iterator[tuple[str, bytes, str]]:
    whole, thread = story().pack(), story().pack(thread=THREAD)
    pack = parse_pack(thread)
    items = pack.entries

    def of(*entries: Packed) -> bytes:
        return encode_pack(with_entries(pack, entries))

    yield "a whole channel", whole, "proved"
    yield "a thread", thread, "proved"
    yield "a whole channel without cosignature", story().pack(cosigners=()), "proved"
    yield "every field left out", redact_pack(thread, lambda _entry, _field: True), "proved"
    yield "the last entry of a thread left out", of(*items[:-1]), "proved"
    yield "an entry between left out", of(items[0], *items[2:]), "proved"
    yield "the entry that names a key left out", of(*items[1:]), "keys 2 not_entitled"
    turned = replace(items[2], index=items[1].index), replace(items[1], index=items[2].index)
    yield "two entries in each other's place", of(items[0], *turned, *items[3:]), "inclusion 2 bad_proof"
    foreign = replace(items[1], body=items[3].body)
    yield "fields of a third entry", of(items[0], foreign, *items[2:]), "body 2 bad_value"
    short = encode_pack(replace(parse_pack(whole), entries=parse_pack(whole).entries[:-1]))
    yield "an entry of a whole channel left out", short, "completeness - missing_field"
    yield "a checkpoint of another size", thread.replace(b"\\n6\\n", b"\\n7\\n"), "checkpoint - bad_signature"
    yield "a newline at the end", thread + b"\n", "not_canonical"
    yield "a version that is not known", thread.replace(b"tansiq-pack/1", b"tansiq-pack/2"), "unknown_format"
    noted = thread.replace(b'{"checkpoint"', b'{"a":"safe","checkpoint"')
    yield "a note that nobody signed", noted, "unknown_field"


def _of_all() -> Iterator[tuple[str, bytes, str]]:
    yield from _of_the_story()
    yield from ((name, make_one(), "proved") for name, make_one in VALID.items())
    yield from hostile.hostile()
    yield from signed.made()


def cases() -> list[dict[str, Any]]:
    """Every case of the file. AssertionError where the program says something else than what is wanted."""
    every = sorted(party(name).hex() for name in NAMES)
    trusts = {"all three": (every, "proved"), "nobody": ([], "genesis - untrusted_root")}
    for name in PAIR:
        trusts[f"{name} alone"] = ([party(name).hex()], "genesis - untrusted_root")
    pair = sorted(party(name).hex() for name in PAIR)
    found: list[dict[str, Any]] = [
        {"name": name, "pack": made.decode(), "trust": every if _of_three(made) else pair, "want": want}
        for name, made, want in _of_all()
    ]
    alone = small().pack().decode()
    found += [
        {"name": f"trusted is {who}", "pack": alone, "trust": trust, "want": want}
        for who, (trust, want) in {**trusts, "both": (pair, "proved")}.items()
    ]
    for case in found:
        case["want"] = in_words(case["want"])
        assert judge(case) == case["want"], (case["name"], judge(case), case["want"])
    return found


def _of_three(made: bytes) -> bool:
    return to_base64(party("violet")).encode() in made


def file() -> str:
    """The text of the file."""
    return json.dumps({"cases": cases()}, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(file(), "utf-8")
