"""Strict XML as a tree of elements. Nothing outside the file is ever opened, and nothing in it is expanded.

Expat is used as Python brings it: the few lines below refuse every document type, and with it entities, which is all
that a wrapper such as defusedxml would add.

Source: W3C XML 1.0, fifth edition; Namespaces in XML 1.0.
"""

import re
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from tansiq.errors import PartyError
from tansiq.limits import LIMITS

_UTF_16: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_ENCODINGS: Final = {
    "utf-8": "utf-8-sig",
    "us-ascii": "ascii",
    "iso-8859-1": "iso-8859-1",
}
"""What a declaration may say of a file of single bytes, and how it is then read."""
_DECLARATION: Final = re.compile(r"""<\?xml\s[^>]*?\bencoding\s*=\s*["']([^"']*)["']""")
_BETWEEN: Final = " "
"""Stands between a namespace and a name; no name holds a blank."""


@dataclass(slots=True)
class Element:
    """An element: its name without the prefix, its namespace (empty where it has none), and what it holds.

    `text` is all text directly in it, whatever elements stand between. Attributes keep their own prefixless names;
    those of a namespace are left out.
    """

    name: str
    namespace: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list["Element"] = field(default_factory=list)


def parse_xml(content: bytes) -> Element:
    """The root element of the file.

    Read are UTF-8, UTF-16 and, where they are declared, ISO-8859-1 and US-ASCII.

    Raises PartyError: bad_xml (not well-formed, a document type, an encoding other than it says), limit_exceeded.
    """
    if len(content) > LIMITS.xml_bytes:
        raise _too_many(f"{len(content)} bytes", f"at most {LIMITS.xml_bytes} bytes of XML")
    text = _text(content)
    building = _Building()
    parser = expat.ParserCreate(namespace_separator=_BETWEEN)
    parser.buffer_text = True
    parser.StartElementHandler = building.start
    parser.EndElementHandler = building.end
    parser.CharacterDataHandler = building.characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    building.parser = parser
    try:
        # As text, so that expat does not look at the declaration's encoding a second time.
        parser.Parse(text, True)  # noqa: FBT003 - expat takes it by position
    except expat.ExpatError as error:
        where = f"{expat.errors.messages[error.code]} at line {error.lineno}, column {error.offset + 1}"
        raise PartyError("bad_xml", "", where, "well-formed XML") from error
    except UnicodeEncodeError as error:
        raise PartyError("bad_xml", "", "half of a surrogate pair", "text") from error
    assert building.root is not None, "expat ends without a root only by an error"
    return building.root


def _text(content: bytes) -> str:
    """The file's text, its declared encoding and its real one being the same."""
    real = _UTF_16.get(content[:2])
    marked = content.startswith(b"\xef\xbb\xbf")
    start = content[:400].decode(real or "latin-1", "replace")
    found = _DECLARATION.match(start[3:] if marked else start)
    declared = found[1].lower() if found else None
    if real is not None:
        agree = declared in {None, "utf-16", real}
        encoding = real
    else:
        agree = declared in {None, "utf-8"} or (declared in _ENCODINGS and not marked)
        encoding = _ENCODINGS.get(declared or "utf-8", "")
    if not agree:
        got = f"{found[1][:40] if found else ''} declared, in {'UTF-16' if real else 'UTF-8' if marked else 'bytes'}"
        raise PartyError("bad_xml", "encoding", got, "UTF-8, UTF-16, ISO-8859-1 or US-ASCII, as declared")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        got = f"byte {error.start} is not {declared or encoding.removesuffix('-sig')}"
        raise PartyError("bad_xml", "encoding", got, "the encoding that is declared, or UTF-8") from error


def _too_many(got: str, want: str) -> PartyError:
    return PartyError("limit_exceeded", "", got, want)


def _refuse_doctype(*_: object) -> None:
    raise PartyError("bad_xml", "", "a document type or an entity", "XML without <!DOCTYPE>")


class _Building:
    """The tree as far as the parser has come."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self.parser: expat.XMLParserType | None = None
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._lengths: list[int] = []
        self._elements = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        assert self.parser is not None
        self._elements += 1
        if self._elements > LIMITS.xml_elements:
            raise _too_many(f"element {self._elements}", f"at most {LIMITS.xml_elements} elements")
        if len(self._open) >= LIMITS.xml_depth:
            raise _too_many("elements too deep within elements", f"at most {LIMITS.xml_depth} deep")
        namespace, _, local = name.rpartition(_BETWEEN)
        own = {key: value for key, value in attributes.items() if _BETWEEN not in key}
        element = Element(local, namespace, own, self.parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)
        self._texts.append([])
        self._lengths.append(0)

    def characters(self, text: str) -> None:
        self._lengths[-1] += len(text)
        if self._lengths[-1] > LIMITS.xml_characters:
            raise _too_many("a longer text", f"at most {LIMITS.xml_characters} characters in an element")
        self._texts[-1].append(text)

    def end(self, _name: str) -> None:
        self._lengths.pop()
        self._open.pop().text = "".join(self._texts.pop())
