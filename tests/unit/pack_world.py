"""A channel of Amber and Teal and packs of it, written after docs/spec alone: no code of the product made them."""

import json
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def key(who: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(f"tansiq test key, not secret: {who}".encode()).digest())


def public(who: str) -> bytes:
    return b"\x01" + key(who).public_key().public_bytes_raw()


def fingerprint(who: str) -> bytes:
    return sha256(public(who)).digest()


def b64(raw: bytes) -> str:
    return b64encode(raw).decode()


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signature(who: str, purpose: str, message: bytes) -> str:
    return b64(b"\x01" + key(who).sign(f"tansiq-{purpose}-v1\n".encode() + message))


def leaf(signed: object) -> bytes:
    return sha256(b"\x00" + canonical(signed)).digest()


def root(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:])).digest()


def proof_places(index: int, first: int, before: int) -> list[tuple[int, int]]:
    """What the proof of an entry among those from `first` is made of, from the lowest hash up."""
    if before - first < 2:
        return []
    split = first + (1 << (before - first - 1).bit_length() - 1)
    if index < split:
        return [*proof_places(index, first, split), (split, before)]
    return [*proof_places(index, split, before), (first, split)]


PARTIES: Final = sorted(("Amber", "Teal"), key=fingerprint)
FIRST_US: Final = 1_894_700_000_000_000
Entry = dict[str, Any]
Place = tuple[int, bytes]
THREAD: Final = bytes([7] * 16)


class Channel:
    """What parties say in it, one after the other."""

    def __init__(self) -> None:
        def keys_of(party: str) -> list[dict[str, str]]:
            uses = [("entry", "ops"), ("log", ""), ("witness", "")]
            named = [(f"{party}'s {use}", use, office) for use, office in uses]
            return [{"key": b64(public(who)), "office": office, "use": use} for who, use, office in named]

        signed: dict[str, Any] = {
            "v": 1, "members": [b64(fingerprint(party)) for party in PARTIES], "track": "BAHR north",
            "nonce": b64(bytes(16)), "keys": [keys_of(party) for party in PARTIES], "predecessor": None,
        }  # fmt: skip
        roots = [
            {"key": b64(public(party)), "signature": signature(party, "genesis", canonical(signed))}
            for party in PARTIES
        ]
        self.genesis = {"roots": roots, "signed": signed}
        self.start = sha256(canonical(signed)).digest()
        self.last = dict.fromkeys(PARTIES, (0, self.start))
        self.count = 0

    def say(
        self,
        party: str,
        kind: str,
        fields: dict[str, object] | None = None,
        *,
        by: str | None = None,
        at: Place | None = None,
        holds: Place | None = None,
        refs: Sequence[Entry] = (),
        control: dict[str, object] | None = None,
        in_thread: Place | None = None,
        incarnation: bytes = bytes(16),
    ) -> Entry:
        """The party's next entry. `by`: the key that signs; `at`: after which entry, where not the last one.

        `in_thread`: after which of its entries in the thread, `(0, bytes(32))` for the first.
        """
        who, (seq, prev) = by or f"{party}'s entry", at or self.last[party]
        (other,) = set(PARTIES) - {party}
        held_seq, held = holds or self.last[other]
        seen = {"beyond": [], "digest": b64(held), "incarnation": b64(bytes(16)), "party": b64(fingerprint(other))}
        shown = [
            {"name": name, "salt": b64(sha256(f"{self.count} {name}".encode()).digest()[:16]), "value": value}
            for name, value in (fields or {}).items()
        ]
        of_field = {id(field): self.field_digest(field) for field in shown}
        shown.sort(key=lambda field: of_field[id(field)])
        self.count += 1
        signed = {
            "v": 1, "type": kind, "channel": b64(self.start[:16]), "party": b64(fingerprint(party)),
            "office": "" if who == party else "ops", "keys": [b64(fingerprint(who))], "incarnation": b64(incarnation),
            "seq": seq + 1, "prev": b64(prev), "issued_at": FIRST_US + self.count * 1_500_000,
            "seen": [seen | {"seq": held_seq}], "refs": [b64(leaf(ref["signed"])) for ref in refs],
            "body": [b64(of_field[id(field)]) for field in shown],
        } | ({"control": control} if control else {})  # fmt: skip
        if in_thread:
            before, named = in_thread
            signed |= {"thread": b64(THREAD), "thread_prev": b64(named), "thread_seq": before + 1}
        self.last[party] = (seq + 1, leaf(signed))
        made = signature(who, "root" if who == party else "entry", canonical(signed))
        return {"body": shown, "signatures": [made], "signed": signed}

    @staticmethod
    def field_digest(field: dict[str, Any]) -> bytes:
        return sha256(b"tansiq-field-v1\n" + canonical([field["salt"], field["name"], field["value"]])).digest()

    def answer(self, party: str, kind: str, to: Entry, fields: dict[str, object] | None = None) -> Entry:
        receipt: dict[str, object] = {"body": "checked", "received_at": FIRST_US + 5_000_000}
        return self.say(party, kind, fields, refs=[to], control=receipt if kind == "RECEIPT" else None)

    def pack(self, owner: str, entries: list[Entry], cosigners: Sequence[str] = ()) -> str:
        """The pack of the whole channel, of which these entries are the owner's log."""
        return canonical(self.around(owner, entries, cosigners) | {"entries": entries}).decode()

    def thread_pack(self, owner: str, log: list[Entry], chosen: Sequence[int]) -> str:
        """The pack of the thread that has these entries of the owner's log, given by their indices."""
        leaves = [leaf(entry["signed"]) for entry in log]
        places = dict.fromkeys(place for index in chosen for place in proof_places(index, 0, len(log)))
        entries = [log[index] | {"index": index} for index in chosen]
        hashes = [b64(root(leaves[first:before])) for first, before in places]
        whole = self.around(owner, log, ())
        return canonical(whole | {"thread": b64(THREAD), "entries": entries, "hashes": hashes}).decode()

    def around(self, owner: str, entries: list[Entry], cosigners: Sequence[str]) -> dict[str, Any]:
        """All of the pack but its entries, of which its checkpoint tells."""
        origin = f"tansiq/{self.start[:16].hex()}/"
        head = b64(root([leaf(entry["signed"]) for entry in entries]))
        text = f"{origin}{fingerprint(owner).hex()}\n{len(entries)}\n{head}\n"

        def line(who: str, use: str, kind: bytes, made: bytes) -> str:
            name = origin + fingerprint(who).hex()
            kept = sha256(f"{name}\n".encode() + kind + public(f"{who}'s {use}")[1:]).digest()[:4]
            return f"\u2014 {name} {b64(kept + made)}\n"

        note = text + "\n" + line(owner, "log", b"\x01", key(f"{owner}'s log").sign(text.encode()))
        time_s = FIRST_US // 1_000_000 + 60
        for who in cosigners:
            made = key(f"{who}'s witness").sign(f"cosignature/v1\ntime {time_s}\n{text}".encode())
            note += line(who, "witness", b"\x04", time_s.to_bytes(8, "big") + made)
        return {"format": "tansiq-pack/1", "genesis": self.genesis, "thread": None, "checkpoint": note}
