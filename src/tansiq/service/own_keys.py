"""The keys that a party has or had, and with which of them an entry or a note is signed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tansiq.record.canonical import Value, parse
from tansiq.record.control import OfficeKey, office_key
from tansiq.record.keyring import GOOD, RETIRED, REVOKED, Keyring
from tansiq.record.keys import SecretKey
from tansiq.record.note import NoteSigner
from tansiq.record.reading import Fields

CURRENT: Final = "current"
"""A new channel begins with it."""

STANDINGS: Final = (CURRENT, RETIRED, REVOKED)


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key of this party, and whether new channels begin with it. What it may sign in a channel, the channel says."""

    key: OfficeKey
    standing: str

    def as_value(self) -> dict[str, Value]:
        """The key as the store has it."""
        return {"key": self.key.as_value(), "standing": self.standing}


def own_key(value: bytes) -> OwnKey:
    """The key that the store has. Raises PeerError."""
    fields = Fields(parse(value))
    found = OwnKey(office_key(fields.take("key"), "key"), fields.one_of("standing", STANDINGS))
    fields.end()
    return found


def open_key_of(
    ring: Keyring, secrets: Mapping[bytes, SecretKey], use: str, office: str, *, urgent: bool = False
) -> SecretKey | None:
    """The newest key that is open here and may sign for this use and office; for urgent words a retired one may.

    None where there is no such key.
    """
    standings = (GOOD, RETIRED) if urgent else (GOOD,)
    for standing in standings:
        for mark, grant in reversed(list(ring.items())):
            named = (grant.key.use, grant.key.office, grant.standing)
            if named == (use, office, standing) and mark in secrets:
                return secrets[mark]
    return None


def note_signer(name: str, kind: int, key: SecretKey) -> NoteSigner:
    """The key as one that signs notes under this name, which have frames of their own."""
    return NoteSigner(name, kind, key.public.encoded[1:], key.sign_framed)
