"""What two parties hand each other to pair: an offer, an answer to it, and 40 digits that both read out.

Rules for the next editor:

1. All of an offer is signed by its root, and the genesis follows from two offers alone: what lies between them has no
   say in it.
2. An offer says by itself who it is from. Only the digits, heard from the other side, say that this is true.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from tansiq.errors import PartyError, PeerError
from tansiq.limits import LIMITS
from tansiq.record.canonical import Value, parse, to_base64, write
from tansiq.record.control import OfficeKey, office_key
from tansiq.record.genesis import NONCE_BYTES, Genesis, make_genesis, parse_genesis, sign_genesis
from tansiq.record.keys import LONGEST_BYTES, PublicKey, Purpose, SecretKey, public_key
from tansiq.record.reading import Fields, strictly_rising

OFFER_FORMAT: Final = "tansiq-offer/1"
ANSWER_FORMAT: Final = "tansiq-answer/1"
VERSION: Final = 1
ANSWER_BYTES: Final = LIMITS.entry_bytes + LIMITS.offer_bytes + 2 * LONGEST_BYTES

DIGITS: Final = 40
GROUP: Final = 5
_DIGITS_SALT: Final = b"tansiq-digits-v1\n"
_NONCE_FRAME: Final = b"tansiq-pairing-nonce-v1\n"
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]", re.ASCII)
_PORT: Final = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a party says of itself when it wants to pair; its signature was checked, its root is still anybody's."""

    root: PublicKey
    name: str
    """The party's name for itself."""
    keys: tuple[OfficeKey, ...]
    """Its keys now, one for each use and office, in the order that they have in a genesis."""
    address: str | None
    """Where it can be dialled, as `host:port`, if it can."""
    track: str
    nonce: bytes
    signed: bytes
    signature: bytes

    @property
    def party(self) -> bytes:
        """The fingerprint of the root."""
        return self.root.fingerprint

    @property
    def transport(self) -> PublicKey:
        """The key that its connections are pinned to."""
        return next(one.key for one in self.keys if one.use == "transport")

    def as_value(self) -> dict[str, Value]:
        """The offer as it stands in its file."""
        return {"format": OFFER_FORMAT, "offer": parse(self.signed), "signature": to_base64(self.signature)}

    def encode(self) -> bytes:
        """The file of the offer."""
        return write(self.as_value(), size_max=LIMITS.offer_bytes)


@dataclass(frozen=True, slots=True)
class Answer:
    """A party's answer to an offer: its own, and the genesis that follows from both, with its root's signature."""

    offer: Offer
    """The answering party's own."""
    genesis: Genesis
    signature: bytes

    def as_value(self) -> dict[str, Value]:
        """The answer as it stands in its file."""
        return {
            "format": ANSWER_FORMAT,
            "genesis": parse(self.genesis.signed),
            "offer": self.offer.as_value(),
            "signature": to_base64(self.signature),
        }

    def encode(self) -> bytes:
        """The file of the answer."""
        return write(self.as_value(), size_max=ANSWER_BYTES)


def make_offer(
    root: SecretKey, *, name: str, keys: tuple[OfficeKey, ...], address: str | None, track: str, nonce: bytes
) -> Offer:
    """The offer, signed. Raises PartyError, with the codes of `parse_offer`."""
    listed: list[Value] = [one.as_value() for one in sorted(keys, key=_place)]
    signed = write(
        {
            "address": address,
            "keys": listed,
            "name": name,
            "nonce": to_base64(nonce),
            "root": to_base64(root.public.encoded),
            "track": track,
            "v": VERSION,
        }
    )
    made = root.sign(Purpose.OFFER, signed).encoded
    value: Value = {"format": OFFER_FORMAT, "offer": parse(signed), "signature": to_base64(made)}
    try:
        return parse_offer(write(value))
    except PeerError as error:
        raise PartyError(error.code, error.field, error.got, error.want) from error


def parse_offer(spelling: bytes) -> Offer:
    """The offer of the file, its signature checked.

    Raises PeerError: bad_json, duplicate_key, not_canonical, unknown_format, missing_field, unknown_field, bad_value,
    out_of_range, limit_exceeded, bad_key, bad_signature.
    """
    return offer_of(parse(spelling, size_max=LIMITS.offer_bytes))


def offer_of(value: object, at: str = "") -> Offer:
    """The offer that stands there. Raises PeerError, as `parse_offer`."""
    outer = Fields(value, at)
    _require_format(outer, OFFER_FORMAT)
    body = outer.take("offer")
    made = outer.base64("signature", longest=LONGEST_BYTES)
    outer.end()
    fields = Fields(body, outer.place("offer"))
    fields.integer("v", low=1, high=VERSION)
    root = public_key(fields.base64("root", longest=LONGEST_BYTES), fields.place("root"))
    listed = fields.items("keys", most=LIMITS.keys_per_channel, least=1)
    keys = tuple(office_key(item, place) for place, item in listed)
    offer = Offer(
        root=root,
        name=_name(fields),
        keys=keys,
        address=_address(fields),
        track=fields.text("track"),
        nonce=fields.digest("nonce", NONCE_BYTES),
        signed=write(body),
        signature=made,
    )
    fields.end()
    _check_keys(offer, fields.place("keys"))
    if not root.verify(Purpose.OFFER, offer.signed, made):
        raise PeerError("bad_signature", outer.place("signature"), "one that does not hold", "that of the offer's root")
    return offer


def make_answer(root: SecretKey, offer: Offer, own: Offer) -> Answer:
    """The answer to another's offer, the genesis signed by this party's root.

    Raises PeerError, as `genesis_from`. PartyError: not_entitled.
    """
    genesis = genesis_from(offer, own)
    return Answer(own, genesis, sign_genesis(genesis, root))


def parse_answer(spelling: bytes) -> Answer:
    """The answer of the file, the signatures of the answering party's root checked.

    Raises PeerError, as `parse_offer` and `parse_genesis`.
    """
    return answer_of(parse(spelling, size_max=ANSWER_BYTES))


def answer_of(value: object, at: str = "") -> Answer:
    """The answer that stands there. Raises PeerError, as `parse_answer`."""
    fields = Fields(value, at)
    _require_format(fields, ANSWER_FORMAT)
    offer = offer_of(fields.take("offer"), fields.place("offer"))
    genesis = parse_genesis(write(fields.take("genesis")))
    made = fields.base64("signature", longest=LONGEST_BYTES)
    fields.end()
    if offer.party not in genesis.members or not offer.root.verify(Purpose.GENESIS, genesis.signed, made):
        want = "that of the answering party's root over the genesis"
        raise PeerError("bad_signature", fields.place("signature"), "one that does not hold", want)
    return Answer(offer, genesis, made)


def genesis_from(offer: Offer, answering: Offer) -> Genesis:
    """The genesis that follows from an offer and the one that answers it, and from nothing else.

    Its nonce holds digests of both, so that it fits no other offers. Raises PeerError, as `parse_genesis`.
    """
    both = hashlib.sha256(offer.signed).digest() + hashlib.sha256(answering.signed).digest()
    nonce = hashlib.sha256(_NONCE_FRAME + both).digest()[:NONCE_BYTES]
    keys = [(one.party, key) for one in (offer, answering) for key in one.keys]
    try:
        return make_genesis([offer.party, answering.party], offer.track, nonce, keys)
    except PartyError as error:
        raise PeerError(error.code, error.field, error.got, error.want) from error


@lru_cache(maxsize=64)
def digits(one: bytes, other: bytes) -> str:
    """40 decimal digits over both roots' fingerprints, whichever comes first, in eight groups of five.

    They are slow to compute on purpose: docs/spec/pairing.md says what a forger has to do.
    """
    maker = Argon2id(salt=_DIGITS_SALT, length=32, iterations=3, lanes=4, memory_cost=65_536)
    number = int.from_bytes(maker.derive(min(one, other) + max(one, other)))
    text = f"{number % 10**DIGITS:0{DIGITS}}"
    return " ".join(text[k : k + GROUP] for k in range(0, DIGITS, GROUP))


def is_address(text: str) -> bool:
    """Whether it is a host name, an IPv4 address or an IPv6 address in brackets, a colon, and a port."""
    host, _, port = text.rpartition(":")
    return bool(_HOST.fullmatch(host) and _PORT.fullmatch(port)) and int(port) <= 65_535


def is_name(text: str) -> bool:
    """Whether people can read it as a name: nothing that steers a terminal or turns its direction, no space around."""
    return 0 < len(text) <= LIMITS.id_characters and text.isprintable() and text == text.strip()


def _require_format(fields: Fields, wanted: str) -> None:
    found = fields.take("format")
    if found != wanted:
        raise PeerError("unknown_format", fields.place("format"), repr(found)[:60], wanted)


def _name(fields: Fields) -> str:
    text = fields.text("name")
    if not is_name(text):
        want = "a name without control characters or spaces around it"
        raise PeerError("bad_value", fields.place("name"), ascii(text)[:60], want)
    return text


def _address(fields: Fields) -> str | None:
    value: Any = fields.take("address")
    if value is not None and not (isinstance(value, str) and is_address(value)):
        raise PeerError("bad_value", fields.place("address"), ascii(value)[:60], "host:port, or null")
    return value


def _check_keys(offer: Offer, at: str) -> None:
    """One key for each use and office, in rising order; one to pin connections to; none twice, none the root."""
    strictly_rising([_place(one) for one in offer.keys], at)
    named = {one.key.fingerprint for one in offer.keys} | {offer.party}
    if len(named) != len(offer.keys) + 1 or len({(one.use, one.office) for one in offer.keys}) != len(offer.keys):
        raise PeerError("bad_value", at, "a key twice, or two for one use", "one key for each use and office")
    if not any(one.use == "transport" for one in offer.keys):
        raise PeerError("missing_field", at, "no transport key", "the key that connections are pinned to")


def _place(one: OfficeKey) -> tuple[str, str, bytes]:
    return one.use, one.office, one.key.encoded
