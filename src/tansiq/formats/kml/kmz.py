"""KMZ: a KML document in a zip archive.

Only the document is unpacked, and its bytes are counted while they are: what the archive's headers claim is never
believed. So archives within archives and entries that overlap have nothing to gain.

Source: OGC KML 2.2, annex C; PKWARE APPNOTE 6.3.
"""

import io
import zipfile
import zlib
from collections.abc import Sequence
from typing import Final

from tansiq.domain.intent import Intent
from tansiq.errors import Finding, InputRefusedError, PartyError
from tansiq.formats.kit.loss import Loss, Reading, Writing
from tansiq.formats.kml.read import read_kml
from tansiq.formats.kml.write import write_kml
from tansiq.limits import LIMITS

DOCUMENT: Final = "doc.kml"
_START: Final = b"PK\x03\x04"
_ENTRY: Final = b"PK\x01\x02"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The first date that a zip archive can name: one plan gives one archive, whenever it is made."""
_ENCRYPTED: Final = 0x1
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_DAMAGE: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    UnicodeError,
    ValueError,
)
"""What zipfile raises for archives that are damaged, cut off, or of a kind that it does not know."""


def read_kmz(content: bytes, name: str) -> Reading:
    """The intents of the archive's document: doc.kml, or else the first .kml at its root.

    Raises InputRefusedError: archive_refused, and everything that `read_kml` refuses.
    """
    try:
        document, losses = _document(content)
    except PartyError as error:
        raise InputRefusedError([Finding(name, "file", error)]) from error
    reading = read_kml(document, name)
    return Reading(reading.intents, [*losses, *reading.losses])


def write_kmz(intents: Sequence[Intent]) -> Writing:
    """The intents as an archive with a document; reading it gives equal intents. One plan gives one archive."""
    written = write_kml(intents)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        entry = zipfile.ZipInfo(DOCUMENT, _EPOCH)
        entry.create_system = 3  # Otherwise that of the machine at hand.
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, written.content, zipfile.ZIP_DEFLATED, compresslevel=6)
    return Writing(target.getvalue(), written.losses)


def _document(content: bytes) -> tuple[bytes, list[Loss]]:
    """The document's bytes, and the other documents of the archive as losses."""
    if not content.startswith(_START):
        raise PartyError("archive_refused", "", "no zip archive, or an empty one", "a KMZ file")
    # Counted before the directory is read, because that takes half a kilobyte of memory for each entry.
    if content.count(_ENTRY) > LIMITS.archive_entries:
        raise PartyError("archive_refused", "", "an archive of more files", f"at most {LIMITS.archive_entries}")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            chosen = _chosen(entries)
            document = _unpacked(archive, chosen)
    except _DAMAGE as error:
        raise PartyError("archive_refused", "", f"a damaged archive: {error}"[:120], "a whole zip archive") from error
    others = [entry.filename for entry in entries if entry is not chosen and _may_hold_volumes(entry.filename)]
    return document, [Loss(other[:80], "", "another document of the archive", "nothing of it") for other in others]


def _may_hold_volumes(filename: str) -> bool:
    return filename.lower().endswith((".kml", ".kmz"))


def _chosen(entries: Sequence[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """The entry that is the document."""
    roots = [entry for entry in entries if "/" not in entry.filename and entry.filename.lower().endswith(".kml")]
    named = [entry for entry in roots if entry.filename == DOCUMENT]
    if len(named) > 1:
        raise PartyError("archive_refused", "", f"{len(named)} files of the name {DOCUMENT}", "one")
    if not roots:
        raise PartyError("archive_refused", "", "no .kml file at the root of the archive", DOCUMENT)
    return (named or roots)[0]


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The entry's bytes, counted as they come."""
    if entry.flag_bits & _ENCRYPTED:
        raise PartyError("archive_refused", "", "an encrypted file", "one that needs no password")
    if entry.compress_type not in _METHODS:
        raise PartyError("archive_refused", "", f"compression method {entry.compress_type}", "stored or deflated")
    with archive.open(entry) as packed:
        found = packed.read(LIMITS.xml_bytes + 1)
        # zipfile compares the checksum once the entry is at its end.
        if len(found) > LIMITS.xml_bytes:
            raise PartyError("archive_refused", "", "more when unpacked", f"at most {LIMITS.xml_bytes} bytes")
    if len(found) != entry.file_size:
        raise PartyError("archive_refused", "", "a file of another length than its header says", "a whole zip archive")
    return found
