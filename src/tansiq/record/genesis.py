"""The first bytes of a channel, signed by every member's root. They fix its members for ever, and its id."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS
from tansiq.record.canonical import Value, parse, to_base64, write
from tansiq.record.control import OfficeKey, office_key
from tansiq.record.keys import LONGEST_BYTES, PublicKey, Purpose, SecretKey, public_key
from tansiq.record.reading import Fields, exact_bytes, strictly_rising

VERSION: Final = 1
CHANNEL_BYTES: Final = 16
NONCE_BYTES: Final = 16
SIGNED_GENESIS_BYTES: Final = LIMITS.entry_bytes * 4 // 3 + LIMITS.members_per_channel * 4 * LONGEST_BYTES


@dataclass(frozen=True, slots=True)
class Genesis:
    """What the members of a channel agreed on when it began."""

    members: tuple[bytes, ...]
    """The fingerprints of their roots, in rising order."""
    track: str
    nonce: bytes
    keys: tuple[tuple[bytes, OfficeKey], ...]
    """Each member's keys at the beginning, as (member, key), in the members' order."""
    predecessor: bytes | None
    """`commitment` to the channel that this one goes on from, if any."""
    signed: bytes
    digest: bytes
    """SHA-256 of the signed bytes: what the first entry of every chain follows."""

    @property
    def channel(self) -> bytes:
        """The channel's id."""
        return self.digest[:CHANNEL_BYTES]


@dataclass(frozen=True, slots=True)
class SignedGenesis:
    """A genesis whose signatures were checked, with the roots that signed it."""

    genesis: Genesis
    roots: tuple[PublicKey, ...]
    signatures: tuple[bytes, ...]

    def encode(self) -> bytes:
        """The genesis with the roots and their signatures as canonical JSON, for the line and for files."""
        pairs = zip(self.roots, self.signatures, strict=True)
        roots: list[Value] = [{"key": to_base64(key.encoded), "signature": to_base64(made)} for key, made in pairs]
        wanted: Value = {"roots": roots, "signed": to_base64(self.genesis.signed), "v": VERSION}
        return write(wanted, size_max=SIGNED_GENESIS_BYTES)


def commitment(predecessor: Genesis) -> bytes:
    """What a successor says of the channel before it: nothing to a stranger, since that one's nonce is in its digest.

    Every member computes the same, so that two geneses opened at once are seen to be of one predecessor.
    """
    return hashlib.sha256(b"tansiq-predecessor-v1\n" + predecessor.digest).digest()


def make_genesis(
    members: Iterable[bytes],
    track: str,
    nonce: bytes,
    keys: Iterable[tuple[bytes, OfficeKey]],
    predecessor: bytes | None = None,
) -> Genesis:
    """The genesis, ready for every root to sign. Raises PartyError, with the codes of `parse_genesis`."""
    listed, ordered = sorted(keys, key=lambda one: _place(one[1])), sorted(members)
    for party, _ in listed:
        if party not in ordered:
            raise PartyError("foreign_channel", "keys", party.hex(), "a member of the channel")
    value: Value = {
        "keys": [[one.as_value() for party, one in listed if party == member] for member in ordered],
        "members": [to_base64(one) for one in ordered],
        "nonce": to_base64(nonce),
        "predecessor": None if predecessor is None else to_base64(predecessor),
        "track": track,
        "v": VERSION,
    }
    try:
        return parse_genesis(write(value))
    except PeerError as error:
        raise PartyError(error.code, error.field, error.got, error.want) from error


def parse_genesis(signed: bytes) -> Genesis:
    """What the bytes say; no signature is checked yet.

    Raises PeerError: bad_json, duplicate_key, not_canonical, missing_field, unknown_field, bad_value, out_of_range,
    limit_exceeded, bad_key.
    """
    fields = Fields(parse(signed))
    fields.integer("v", low=1, high=VERSION)
    listed = fields.items("members", most=LIMITS.members_per_channel, least=2)
    members = tuple(exact_bytes(item, at) for at, item in listed)
    strictly_rising(members, "members")
    keys = tuple(_keys(fields, members))
    named = [one.key.fingerprint for _, one in keys]
    if len(set(named)) != len(named) or set(named) & set(members):
        raise PeerError("bad_value", "keys", "a key for two uses, or a root", "each key for one use of one party")
    genesis = Genesis(
        members=members,
        track=fields.text("track"),
        nonce=fields.digest("nonce", NONCE_BYTES),
        keys=keys,
        predecessor=fields.digest_or_null("predecessor"),
        signed=signed,
        digest=hashlib.sha256(signed).digest(),
    )
    fields.end()
    return genesis


def sign_genesis(genesis: Genesis, root: SecretKey) -> bytes:
    """One root's signature. Raises PartyError: not_entitled where it is no member's."""
    if root.public.fingerprint not in genesis.members:
        raise PartyError("not_entitled", "members", root.public.fingerprint.hex(), "the root of a member")
    return root.sign(Purpose.GENESIS, genesis.signed).encoded


def signed_genesis(genesis: Genesis, signatures: dict[bytes, tuple[PublicKey, bytes]]) -> SignedGenesis:
    """The genesis with every member's signature, checked; they are found by the root's fingerprint.

    Raises PeerError: missing_field, bad_signature.
    """
    for member in genesis.members:
        if member not in signatures:
            raise PeerError("missing_field", "roots", member.hex(), "the signature of every member's root")
        root, made = signatures[member]
        if root.fingerprint != member or not root.verify(Purpose.GENESIS, genesis.signed, made):
            raise PeerError("bad_signature", "roots", "a signature that does not hold", f"that of {member.hex()}")
    ordered = [signatures[member] for member in genesis.members]
    return SignedGenesis(genesis, tuple(root for root, _ in ordered), tuple(made for _, made in ordered))


def parse_signed_genesis(spelling: bytes) -> SignedGenesis:
    """The genesis of these bytes, signed by every member, checked. Raises PeerError, as the parts do."""
    fields = Fields(parse(spelling, size_max=SIGNED_GENESIS_BYTES))
    fields.integer("v", low=1, high=VERSION)
    genesis = parse_genesis(fields.base64("signed", longest=LIMITS.entry_bytes))
    found = []
    for at, item in fields.items("roots", most=LIMITS.members_per_channel):
        part = Fields(item, at)
        root = public_key(part.base64("key", longest=LONGEST_BYTES), part.place("key"))
        found.append((root, part.base64("signature", longest=LONGEST_BYTES)))
        part.end()
    fields.end()
    if tuple(root.fingerprint for root, _ in found) != genesis.members:
        raise PeerError("bad_signature", "roots", f"{len(found)} roots", "those of the members, in their order")
    return signed_genesis(genesis, {root.fingerprint: (root, made) for root, made in found})


def used_of(a: Genesis, b: Genesis) -> Genesis | None:
    """Which of two geneses that were opened at once is used: the smaller id. The other takes only CLOSE.

    None where they are not rivals: other members, another track or another predecessor.
    """
    if (a.members, a.track, a.predecessor) != (b.members, b.track, b.predecessor):
        return None
    return min(a, b, key=lambda genesis: genesis.digest)


def _keys(fields: Fields, members: tuple[bytes, ...]) -> Iterator[tuple[bytes, OfficeKey]]:
    lists = fields.items("keys", most=LIMITS.members_per_channel)
    if len(lists) != len(members):
        raise PeerError("bad_value", "keys", f"{len(lists)} lists", f"{len(members)}, one for each member")
    left = LIMITS.keys_per_channel
    for member, (at, item) in zip(members, lists, strict=True):
        listed = Fields({"keys": item}, at).items("keys", most=left)
        left -= len(listed)
        found = [office_key(one, f"{at}[{number}]") for number, (_, one) in enumerate(listed)]
        strictly_rising([_place(one) for one in found], at)
        yield from ((member, one) for one in found)


def _place(one: OfficeKey) -> tuple[str, str, bytes]:
    return one.use, one.office, one.key.encoded
