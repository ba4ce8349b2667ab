"""Which keys a party has at a place of its chain: those of the genesis, changed by every KEY on the way there."""

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, TypeAlias

from tansiq.errors import PeerError
from tansiq.record.control import TYPES, AddKey, OfficeKey, RevokeKey
from tansiq.record.entry import Entry
from tansiq.record.genesis import SignedGenesis
from tansiq.record.keys import PublicKey

GOOD: Final = "good"
RETIRED: Final = "retired"
REVOKED: Final = "revoked"


@dataclass(frozen=True, slots=True)
class Grant:
    """A key that a party has or had: the digest of what named it, genesis or entry, and what became of it."""

    key: OfficeKey
    source: bytes
    standing: str = GOOD


Keyring: TypeAlias = MappingProxyType[bytes, Grant]


def first_keyring(start: SignedGenesis, party: bytes) -> Keyring:
    """The party's keys before its first entry."""
    listed = start.genesis.keys
    return MappingProxyType(
        {one.key.fingerprint: Grant(one, start.genesis.digest) for member, one in listed if member == party}
    )


def signers(ring: Keyring, root: PublicKey, entry: Entry) -> dict[bytes, PublicKey]:
    """The keys that may sign this entry here: the root, and its office's; retired ones only what is urgent."""
    known = TYPES.get(entry.type)
    standings = {GOOD, RETIRED} if known is not None and known.urgent else {GOOD}
    found = {
        mark: grant.key.key
        for mark, grant in ring.items()
        if grant.key.use == "entry" and grant.key.office == entry.office and grant.standing in standings
    }
    return found | {root.fingerprint: root}


def after(ring: Keyring, entry: Entry) -> Keyring:
    """The party's keys after this entry, whose signatures were checked.

    Raises PeerError: not_entitled where a KEY asks for more than its signer may give; the entry stands in its chain
    all the same, and changes nothing.
    """
    asked = entry.control
    by_root = entry.keys == (entry.party,)
    if isinstance(asked, RevokeKey):
        if not by_root or asked.key not in ring:
            raise PeerError("not_entitled", "control", asked.key.hex(), "a key of the party, revoked by its root")
        return MappingProxyType(ring | {asked.key: replace(ring[asked.key], standing=REVOKED)})
    if not isinstance(asked, AddKey):
        return ring
    mark, retires = asked.added.key.fingerprint, asked.retires
    outgoing = ring.get(retires) if retires is not None else None
    handed_over = (
        outgoing is not None
        and retires in entry.keys
        and (outgoing.key.office, outgoing.key.use) == (asked.added.office, asked.added.use)
    )
    if mark in ring or mark == entry.party or (retires is not None and outgoing is None):
        raise PeerError("not_entitled", "control", mark.hex(), "a key that the party never had, for one that it has")
    if not by_root and not handed_over:
        raise PeerError("not_entitled", "control", mark.hex(), "a key named by the root, or by the one that it follows")
    changed = ring | {mark: Grant(asked.added, entry.digest)}
    if retires is not None and outgoing is not None and outgoing.standing == GOOD:
        changed |= {retires: replace(outgoing, standing=RETIRED)}
    return MappingProxyType(changed)
