"""How each peer is heard: kept in memory, told in metrics as counts and ages, in a file for `tansiq node status`."""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from tansiq.app.directory import STORE, read_node_file, read_private
from tansiq.errors import PartyError, StoreError
from tansiq.limits import LIMITS
from tansiq.ports.clock import Clock
from tansiq.record.keys import PublicKey
from tansiq.service.pairing import Peer
from tansiq.storage.schema import lock, unlock

STATUS_FILE: Final = "status.json"
STATUS_FORMAT: Final = "tansiq-status/1"
LOST_US: Final = 60_000_000
"""A peer that was not heard for so long counts as lost: two answers that are held as long as can be, and room."""


@dataclass(slots=True)
class Link:
    """What is known of the way to one peer, since this process began."""

    peer: Peer
    heard_us: int | None = None
    """When something of it that was proved came last, by this machine's clock."""
    heard_elapsed_us: int | None = None
    skew_us: int | None = None
    """How far its clock was ahead of ours then; what the way took is in it."""
    refusal: str = ""
    """The code with which the last try to reach it failed; nothing where it did not."""
    owed_since_us: int | None = None
    """Since when, in elapsed time, there is something that it is not known to have."""


class Links:
    """The links to all peers. Only the event loop's thread uses it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._links: dict[bytes, Link] = {}

    def refresh(self, peers: Iterable[Peer]) -> None:
        """These are the peers now, with their keys; what is known of their links stays."""
        before, self._links = self._links, {}
        for peer in peers:
            link = before.get(peer.id, Link(peer))
            link.peer = peer
            self._links[peer.id] = link

    def known(self) -> dict[bytes, PublicKey]:
        """The transport keys by which peers are known."""
        return {mark: link.peer.transport for mark, link in self._links.items() if link.peer.transport is not None}

    def dialled(self) -> tuple[bytes, ...]:
        """The peers that can be dialled."""
        return tuple(mark for mark, link in self._links.items() if link.peer.address is not None)

    def of(self, party: bytes) -> Link:
        """The peer's link."""
        return self._links[party]

    def heard(self, party: bytes, time_us: int | None) -> None:
        """Something of the peer came, that was proved, with its time."""
        link = self._links.get(party)
        if link is None:
            return
        link.heard_us, link.heard_elapsed_us = self._clock.now_us(), self._clock.elapsed_us()
        link.refusal = ""
        if time_us is not None:
            link.skew_us = time_us - link.heard_us

    def owes(self, party: bytes, *, something: bool, all_told: bool) -> None:
        """Whether a parcel for the peer had something in it; `all_told` if it had all that the peer may lack."""
        link = self._links.get(party)
        if link is None:
            return
        if not something and all_told:
            link.owed_since_us = None
        elif something and link.owed_since_us is None:
            link.owed_since_us = self._clock.elapsed_us()

    def rows(self) -> list[dict[str, Any]]:
        """Each link as the status tells it."""
        return [
            {
                "party": mark.hex(),
                "name": link.peer.name,
                "dialled": link.peer.address is not None,
                "heard_us": link.heard_us,
                "lag_us": self._age(link.owed_since_us),
                "skew_us": link.skew_us,
                "refusal": link.refusal,
            }
            for mark, link in self._links.items()
        ]

    def counts(self) -> dict[str, int]:
        """How many peers there are and are heard, and the oldest ages, in microseconds; nobody is named."""
        links = list(self._links.values())
        ages = [self._age(link.heard_elapsed_us) for link in links]
        lags = [self._age(link.owed_since_us) for link in links]
        return {
            "peers": len(links),
            "peers_heard": sum(age is not None and age < LOST_US for age in ages),
            "heard_age_us": max((age for age in ages if age is not None), default=0),
            "lag_us": max((lag for lag in lags if lag is not None), default=0),
        }

    def _age(self, since_us: int | None) -> int | None:
        return None if since_us is None else self._clock.elapsed_us() - since_us


def write_status(directory: Path, links: Links, at_us: int) -> None:
    """The directory's status file tells the links, for its owner alone. A disk that refuses it stops nothing."""
    content = msgspec.json.encode({"format": STATUS_FORMAT, "at_us": at_us, "peers": links.rows()})
    beside = directory / f".{STATUS_FILE}.part"
    with suppress(OSError):
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
        beside.replace(directory / STATUS_FILE)


def read_status(directory: Path) -> dict[str, Any]:
    """What was written last, and whether the node is served now.

    Raises PartyError: as `read_node_file`; missing_field where it was never served; bad_json, unknown_format.
    StoreError: store_failed.
    """
    read_node_file(directory)
    if not (directory / STATUS_FILE).exists():
        raise PartyError("missing_field", STATUS_FILE, "nothing", "a node that was served once")
    content = read_private(directory / STATUS_FILE, STATUS_FILE, most=LIMITS.status_bytes)
    try:
        value = msgspec.json.decode(content)
    except msgspec.DecodeError as error:
        raise PartyError("bad_json", STATUS_FILE, "no JSON", "the file as `tansiq serve` writes it") from error
    if not isinstance(value, dict) or value.get("format") != STATUS_FORMAT:
        raise PartyError("unknown_format", STATUS_FILE, "another format", STATUS_FORMAT)
    try:
        unlock(lock(directory / STORE))
    except StoreError as error:
        if error.code != "store_locked":
            raise
        return value | {"serving": True}
    return value | {"serving": False}
