"""Makes the vectors of packs; `python -m tests.vectors.record.pack.make` writes them.

The keys are test keys, from seeds that everybody can read in tests/laws/record_history.py: never use them for anything
else.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tansiq.errors import PeerError
from tansiq.record.pack import Packed, encode_pack, parse_pack, redact_pack
from tansiq.record.verdict import verify_pack
from tests.laws.record_history import party
from tests.laws.record_packs import PAIR, THREAD, story

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


def _packs() -> dict[str, bytes]:
    whole, thread = story().pack(), story().pack(thread=THREAD)
    pack = parse_pack(thread)
    items = pack.entries

    def of(*entries: Packed) -> bytes:
        return encode_pack(replace(pack, entries=entries))

    return {
        "a whole channel": whole,
        "a thread": thread,
        "a whole channel without cosignature": story().pack(cosigners=()),
        "every field left out": redact_pack(thread, lambda _entry, _field: True),
        "the last entry of a thread left out": of(*items[:-1]),
        "an entry between left out": of(items[0], *items[2:]),
        "the entry that names a key left out": of(*items[1:]),
        "two entries in each other's place": of(
            items[0], replace(items[2], index=items[1].index), replace(items[1], index=items[2].index), *items[3:]
        ),
        "fields of another entry": of(items[0], replace(items[1], body=items[3].body), *items[2:]),
        "an entry of a whole channel left out": encode_pack(
            replace(parse_pack(whole), entries=parse_pack(whole).entries[:-1])
        ),
        "a checkpoint of another size": thread.replace(b"\\n6\\n", b"\\n7\\n"),
        "a newline at the end": thread + b"\n",
        "a version that is not known": thread.replace(b"tansiq-pack/1", b"tansiq-pack/2"),
        "a note that nobody signed": thread.replace(b'{"checkpoint"', b'{"a":"safe","checkpoint"'),
    }


def _cases() -> list[dict[str, Any]]:
    trust = sorted(party(name).hex() for name in PAIR)
    cases: list[dict[str, Any]] = [
        {"name": name, "trust": trust, "pack": spelling.decode()} for name, spelling in _packs().items()
    ]
    cases.append({"name": "a root that is not trusted", "trust": trust[:1], "pack": cases[0]["pack"]})
    return [case | {"want": judge(case)} for case in cases]


if __name__ == "__main__":
    FILE.write_text(json.dumps({"cases": _cases()}, indent=1, ensure_ascii=False) + "\n", "utf-8")
