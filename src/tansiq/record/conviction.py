"""Proof, from bytes alone, that a party's keys signed two different entries at one position."""

from dataclasses import dataclass

from tansiq.errors import PeerError
from tansiq.limits import LIMITS
from tansiq.record.control import AddKey
from tansiq.record.entry import Entry, Envelope, Position, check_signatures, parse_entry
from tansiq.record.genesis import SignedGenesis
from tansiq.record.keyring import Keyring, after, first_keyring, signers


@dataclass(frozen=True, slots=True)
class Conviction:
    """Two entries at one position, and the KEY entries that named the keys which the genesis does not have.

    It says what was signed, not by whom: a key may have been stolen, and a revocation says so beside it.
    """

    first: Envelope
    """The one whose signed bytes sort first, so that all who find the two hold the same proof."""
    second: Envelope
    grants: tuple[Envelope, ...] = ()
    """Each may be signed by keys that stand before it."""

    def signed(self) -> tuple[bytes, bytes]:
        """The signed bytes of the two."""
        return self.first.signed, self.second.signed


def verify_conviction(start: SignedGenesis, proof: Conviction) -> Position:
    """The position that was signed twice.

    Raises PeerError: foreign_channel, not_entitled, bad_signature, bad_value, and those of `parse_entry`.
    """
    one, other = (parse_entry(envelope.signed) for envelope in (proof.first, proof.second))
    if one.position != other.position or not one.signed < other.signed:
        raise PeerError("bad_value", "second", "no second entry at that position", "other bytes there, sorting later")
    ring = _ring(start, one.party, proof.grants)
    for envelope, entry in ((proof.first, one), (proof.second, other)):
        _check(start, ring, envelope, entry)
    return one.position


def _ring(start: SignedGenesis, party: bytes, grants: tuple[Envelope, ...]) -> Keyring:
    if len(grants) > LIMITS.keys_per_channel:
        raise PeerError("limit_exceeded", "grants", str(len(grants)), f"at most {LIMITS.keys_per_channel}")
    ring = first_keyring(start, party)
    for envelope in grants:
        entry = parse_entry(envelope.signed)
        if not isinstance(entry.control, AddKey) or entry.party != party:
            raise PeerError("bad_value", "grants", entry.type, "KEY entries of the party that name a key")
        _check(start, ring, envelope, entry)
        # A key that was handed over may have signed twice while it was good: here none is taken for retired.
        named = after(ring, entry)
        ring = type(ring)(ring | {entry.control.added.key.fingerprint: named[entry.control.added.key.fingerprint]})
    return ring


def _check(start: SignedGenesis, ring: Keyring, envelope: Envelope, entry: Entry) -> None:
    if entry.channel != start.genesis.channel or entry.party not in start.genesis.members:
        raise PeerError("foreign_channel", "channel", entry.channel.hex(), "this channel and its members")
    root = start.roots[start.genesis.members.index(entry.party)]
    check_signatures(entry, envelope.signatures, signers(ring, root, entry))
