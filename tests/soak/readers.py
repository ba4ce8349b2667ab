"""Fuzzes any reader of a file format: it reads, or refuses by a code that the docs tell, and nothing else.

What a seed is made of decides how it is changed: the values of JSON, the tags and texts of XML, the entries of a zip
archive; and any of them by its bytes.
"""

import io
import random
import re
import resource
import sys
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import msgspec

from tansiq.cli.output import readable
from tansiq.errors import CODES, InputRefusedError
from tansiq.formats.kit.text import shown
from tests.soak.mutations import LONG_BYTES, MOST_NODES, NUMBERS, WORDS, damaged, restructured
from tests.soak.report import patience

R = TypeVar("R")

PATIENCE_S: Final = 30.0
ROOM_MB: Final = 400.0
"""So much more than before may be held while the inputs are read; a hostile input that gets through takes far more."""
BOMB_BYTES: Final = 3_000_000
ZIP: Final = b"PK"
DEPTHS: Final = (3, 60, 300, 20_000)
SNIPPETS: Final = (
    "<!DOCTYPE kml>", '<!DOCTYPE a [<!ENTITY b "c">]>', '<!DOCTYPE a SYSTEM "file:///dev/null">', "&b;", "&#0;", "&lt;",
    "&#x10FFFF;", "<![CDATA[", "]]>", "<!--", "-->", "<?xml version='1.0' encoding='utf-16'?>", "<?x y?>", "<", ">",
    '<a xmlns="urn:x">', '<x:a xmlns:x="urn:y"/>', "<x:a/>", "<a/>", "</a>", "\x00", "\ufeff", "\ufffe", "\x1b[0m", "&",
    "\u202e",
)  # fmt: skip
ENCODINGS: Final = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252", "utf-7")
ENTRIES: Final = (
    "doc.kml",
    "other.kml",
    "DOC.KML",
    "../doc.kml",
    "/doc.kml",
    "a/doc.kml",
    "doc.kml\0",
    "x" * 300,
    "",
    "a/",
)


def fuzz(
    reader: Callable[[bytes, str], R],
    seeds: Sequence[bytes],
    rng: random.Random,
    rounds: int,
    *,
    then: Callable[[R], None] = lambda _: None,
) -> Counter[str]:
    """How many of so many changed seeds were `read` and `refused`, and with which error codes.

    `then` is called with what was read; what it raises counts like what the reader raises.

    Raises AssertionError, with the input, where anything but InputRefusedError came out, where a refusal has no error,
    an unknown code or words that can not be printed, where one input took longer than `PATIENCE_S` of processor time,
    or where more than `ROOM_MB` of memory was needed.
    """
    counts: Counter[str] = Counter()
    before_mb = peak_mb()
    for number in range(rounds):
        content = changed(rng, rng.choice(seeds))
        try:
            with patience(PATIENCE_S):
                then(reader(content, "fuzz"))
            counts["read"] += 1
        except InputRefusedError as refused:
            require_words(refused)
            counts["refused"] += 1
            counts.update({finding.error.code for finding in refused.findings})
        except Exception as error:
            raise AssertionError(f"input {number}, {len(content)} bytes: {error!r}: {content[:2000]!r}") from error
        assert peak_mb() - before_mb < ROOM_MB, f"input {number}, {len(content)} bytes: {content[:2000]!r}"
    return counts


def peak_mb() -> float:
    """The most memory that the process ever held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def require_words(refused: InputRefusedError) -> None:
    """Nothing, where the refusal has errors, each with a code that is known and words that can be printed."""
    assert refused.findings, "refused without an error"
    for finding in refused.findings:
        assert finding.error.code in CODES, finding.error.code
        assert shown(f"{finding.record}: {finding.error}").encode(), "nothing to print"
        msgspec.json.encode([readable(finding.record), readable(finding.error.field), readable(finding.error.got)])


def changed(rng: random.Random, seed: bytes) -> bytes:
    """The seed: one in ten as it is, most changed in what it is made of, some in their bytes."""
    way = rng.random()
    if way < 0.1:
        return seed
    if way < 0.75:
        seed = restructured_any(rng, seed)
    return damaged(rng, seed) if way > 0.65 and seed else seed


def restructured_any(rng: random.Random, seed: bytes) -> bytes:
    """The seed after one to four changes to its structure."""
    times = rng.choice([1, 1, 2, 4])
    if seed.startswith(ZIP):
        return rezipped(rng, seed)
    try:
        text = seed.decode("utf-8-sig")
    except UnicodeDecodeError:
        return damaged(rng, seed)
    if text.lstrip().startswith("<"):
        return rewritten_xml(rng, text, times)
    try:
        return restructured(rng, text, times).encode("utf-8", "surrogatepass")[:LONG_BYTES]
    except ValueError:
        return damaged(rng, seed)  # Neither JSON nor JSON Lines.


# ----------------------------------------------------------------------------------------------------------------- XML


def rewritten_xml(rng: random.Random, text: str, times: int) -> bytes:
    """The XML after so many changes to its tags and texts, now and then in another encoding than it says."""
    tokens = re.findall(r"<[^>]*>|[^<]+", text)
    for _ in range(times):
        if tokens:
            rng.choice(_XML_CHANGES)(rng, tokens)
    found = "".join(tokens)[:LONG_BYTES]
    encoding = rng.choice(ENCODINGS) if rng.random() < 0.1 else "utf-8"
    return found.encode(encoding, "replace")


def _element(rng: random.Random, tokens: list[str]) -> slice:
    """Where an element stands, from its start tag to its end tag; nothing where the tags do not match any more."""
    at = rng.choice([i for i, token in enumerate(tokens) if re.match(r"<\w", token)] or [0])
    depth = 0
    for i in range(at, len(tokens)):
        depth += bool(re.match(r"<\w", tokens[i])) - tokens[i].startswith("</") - tokens[i].endswith("/>")
        if depth <= 0:
            return slice(at, i + 1)
    return slice(at, at)


def _drop_element(rng: random.Random, tokens: list[str]) -> None:
    del tokens[_element(rng, tokens)]


def _copy_element(rng: random.Random, tokens: list[str]) -> None:
    """An element once more beside another, or in its place."""
    part = tokens[_element(rng, tokens)]
    if len(tokens) + len(part) < MOST_NODES:
        place = _element(rng, tokens)
        tokens[place if rng.random() < 0.5 else slice(place.start, place.start)] = part


def _drop_token(rng: random.Random, tokens: list[str]) -> None:
    at = rng.randrange(len(tokens))
    del tokens[at : at + rng.choice([1, 1, 3, 20])]


def _repeat_tokens(rng: random.Random, tokens: list[str]) -> None:
    at = rng.randrange(len(tokens))
    part = tokens[at : at + rng.choice([1, 3, 10])]
    tokens[at:at] = part * rng.choice([1, 2, 50])


def _move_tokens(rng: random.Random, tokens: list[str]) -> None:
    at = rng.randrange(len(tokens))
    part = tokens[at : at + rng.choice([1, 3, 10])]
    del tokens[at : at + len(part)]
    to = rng.randrange(len(tokens) + 1)
    tokens[to:to] = part


def _swap_texts(rng: random.Random, tokens: list[str]) -> None:
    a, b = rng.randrange(len(tokens)), rng.randrange(len(tokens))
    tokens[a], tokens[b] = tokens[b], tokens[a]


def _odd_text(rng: random.Random, tokens: list[str]) -> None:
    texts = [i for i, token in enumerate(tokens) if not token.startswith("<") and token.strip()]
    at = rng.choice(texts or [0])
    odd = rng.choice([rng.choice(WORDS), rng.choice(NUMBERS), rng.choice(SNIPPETS)])
    parts = re.split(r"([\s,]+)", tokens[at])
    parts[rng.randrange(len(parts))] = odd
    tokens[at] = "".join(parts) if rng.random() < 0.7 else odd


def _odd_tag(rng: random.Random, tokens: list[str]) -> None:
    tags = [i for i, token in enumerate(tokens) if token.startswith("<")]
    at = rng.choice(tags or [0])
    names = re.findall(r"[\w:.-]+", tokens[at]) or ["a"]
    tokens[at] = tokens[at].replace(rng.choice(names), rng.choice([*names, "a", "x:a", "Polygon", "kml", ""]), 1)


def _insert_snippet(rng: random.Random, tokens: list[str]) -> None:
    tokens.insert(rng.randrange(len(tokens) + 1), rng.choice(SNIPPETS))


def _bury(rng: random.Random, tokens: list[str]) -> None:
    depth = rng.choice(DEPTHS)
    at = rng.randrange(len(tokens) + 1)
    tokens[at:at] = ["<Folder>" * depth, "</Folder>" * depth if rng.random() < 0.7 else ""]


_XML_CHANGES: Final[tuple[Callable[[random.Random, list[str]], None], ...]] = (
    *[_drop_token, _repeat_tokens, _move_tokens, _swap_texts, _odd_tag, _insert_snippet, _bury],
    *[_drop_element, _copy_element] * 4,
    *[_odd_text] * 10,
)


# ----------------------------------------------------------------------------------------------------------------- zip


def rezipped(rng: random.Random, archive: bytes) -> bytes:
    """The archive with entries changed, added, renamed, repeated or hidden, or with headers that lie."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            entries = [(info.filename, opened.read(info)) for info in opened.infolist()]
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError):
        return damaged(rng, archive)
    way = rng.randrange(9)
    if way < 3 and entries:
        at = rng.randrange(len(entries))
        entries[at] = (entries[at][0], changed(rng, entries[at][1]))
    elif way == 3:
        entries.insert(rng.randrange(len(entries) + 1), (rng.choice(ENTRIES), rng.choice([b"", archive, b"<kml/>"])))
    elif way == 4:
        entries = [(rng.choice(ENTRIES), content) for _, content in entries]
    elif way == 5:
        entries = entries * rng.choice([2, 3, 2_000]) if rng.random() < 0.5 else []
    elif way == 6:
        entries.append((rng.choice(["doc.kml", "x.kml", "x.bin"]), b" " * (BOMB_BYTES + rng.choice([-1, 0, 1]))))
    found = zipped(entries, rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED]))
    return _with_lies(rng, found) if way >= 7 else found


def zipped(entries: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of these entries, whatever their names."""
    target = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(target, "w", method) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo("x")
            info.filename = name  # Past what its constructor would make of it.
            archive.writestr(info, content, method)
    return target.getvalue()


def _with_lies(rng: random.Random, archive: bytes) -> bytes:
    """The archive with a field of one of its headers changed."""
    found = bytearray(archive)
    headers = [
        match.start() + offset
        for mark, offsets in (
            (rb"PK\x03\x04", (4, 6, 8, 14, 18, 22, 26, 28)),
            (rb"PK\x01\x02", (6, 8, 10, 16, 20, 24, 28, 30, 32, 42)),
            (rb"PK\x05\x06", (8, 10, 12, 16, 20)),
        )
        for match in re.finditer(mark, archive)
        for offset in offsets
    ]
    for _ in range(rng.choice([1, 1, 2, 3])):
        if headers:
            at = rng.choice(headers)
            size = rng.choice([2, 4])
            found[at : at + size] = rng.choice([b"\0" * size, b"\xff" * size, rng.randbytes(size), b"\1\0\0\0"[:size]])
    return bytes(found)
