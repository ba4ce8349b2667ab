"""Opens files, packed ones too, within the limits."""

import hashlib
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tansiq.cli.output import print_bytes
from tansiq.errors import Finding, InputRefusedError, PartyError
from tansiq.limits import LIMITS

GZIP_MEMBERS: Final = 100
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Content:
    """A file's name as it was given, its bytes after unpacking, and the SHA-256 of the bytes as they lie there."""

    name: str
    content: bytes
    sha256: str


def read_file(name: str) -> Content:
    """The content of the file, unpacked if it is gzip; `-` is standard input.

    Raises InputRefusedError: file_not_readable, limit_exceeded, archive_refused.
    """
    try:
        raw = _read(name)
        content = _unpacked(raw) if raw[:2] == _GZIP else raw
    except OSError as error:
        refusal = PartyError("file_not_readable", "", error.strerror or type(error).__name__, "a file that can be read")
        raise InputRefusedError([Finding(name, "file", refusal)]) from error
    except PartyError as refusal:
        raise InputRefusedError([Finding(name, "file", refusal)]) from refusal
    return Content(name, content, hashlib.sha256(raw).hexdigest())


def _read(name: str) -> bytes:
    if name == "-":
        raw = sys.stdin.buffer.read(LIMITS.file_bytes + 1)
    else:
        with Path(name).open("rb") as file:
            raw = file.read(LIMITS.file_bytes + 1)
    if len(raw) > LIMITS.file_bytes:
        raise PartyError("limit_exceeded", "", "a larger file", f"at most {LIMITS.file_bytes} bytes")
    return raw


def _unpacked(raw: bytes) -> bytes:
    """The bytes inside a gzip file; stops at the limit, whatever the file claims."""
    parts: list[bytes] = []
    room = LIMITS.file_bytes
    while raw:
        if len(parts) == GZIP_MEMBERS:
            raise PartyError("archive_refused", "", "a gzip file of many parts", f"at most {GZIP_MEMBERS}")
        stream = zlib.decompressobj(_GZIP_WINDOW)
        try:
            parts.append(stream.decompress(raw, room + 1))
        except zlib.error as error:
            raise PartyError("archive_refused", "", "damaged gzip", "a whole gzip file") from error
        room -= len(parts[-1])
        if room < 0:
            raise PartyError("archive_refused", "", "more when unpacked", f"at most {LIMITS.file_bytes} bytes")
        if not stream.eof:
            raise PartyError("archive_refused", "", "a gzip file that is cut off", "a whole gzip file")
        raw = stream.unused_data.lstrip(b"\0")
    return b"".join(parts)


def write_file(name: str, content: bytes, option: str) -> None:
    """The file holds the content, whole: what was there before stays until then. `-` is standard output.

    A device or a pipe is written to and not replaced; a link keeps leading where it did.

    Raises PartyError file_not_writable, which names the option.
    """
    if name == "-":
        print_bytes(content)
        return
    try:
        path = Path(name).resolve()
        if path.exists() and not path.is_file():
            path.write_bytes(content)
            return
        beside = path.with_name(f".{path.name}.part")
        try:
            beside.write_bytes(content)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        got = error.strerror or type(error).__name__
        raise PartyError("file_not_writable", option, got, "a file that can be written") from error


def same_file(a: str, b: str) -> bool:
    """Whether both names lead to one file, be it there or not."""
    return Path(a).resolve() == Path(b).resolve()
