"""Every deliberate error of tansiq: whose fault it is, a stable code, and three parts: field, got, want.

Rules for the next editor:

1. A code, once released, keeps its meaning for ever. Add codes, never reuse one.
2. The type carries the blame. `PartyError`: who called us gave something that can not be used.
   `PeerError`: the bytes of another system break the rules that both keep.
   `StoreError`: what this node keeps can not be read or written, or is not as its writer took it to be.
   A fault of our own is an assertion or any other exception and ends with exit code 70.
3. `got` shows the caller's own value back to the caller. It never shows another party's geometry.
"""

from dataclasses import dataclass, replace

CODES: dict[str, str] = {
    "antipodal_edge": "The ends of an edge lie nearly opposite each other on the globe: no single shortest path.",
    "archive_refused": "A compressed file is damaged, or grows past the limit when unpacked.",
    "bad_checkpoint": "A signed note is not a checkpoint in exact form, or not one of the log that was asked for.",
    "bad_json": "The bytes are not UTF-8 JSON, or are cut off.",
    "bad_key": "A public key is of an unknown algorithm, of small or mixed order, or not in its one encoding.",
    "bad_note": "The bytes are not a signed note in exact form: text, a blank line, lines of signatures.",
    "bad_proof": "A Merkle proof does not lead from the hashes it starts at to the root, or is too long or too short.",
    "bad_quantity": "A number with a unit was wanted, such as 3NM, 1000ft or 60s.",
    "bad_signature": "A signature is not that of the named key over these bytes, or is not in its one encoding.",
    "bad_tile": "A tile of a log has the wrong length, or its hashes are not those of the tiles below it.",
    "bad_time": "An RFC 3339 time in UTC, ending in Z, was wanted.",
    "bad_value": "A value has the wrong type, or is not one of the values that are allowed.",
    "bad_xml": "The bytes are not well-formed XML, or hold what is refused there: a document type, an entity.",
    "broken_chain": "An entry's count or incarnation does not follow from the entry that it says it follows.",
    "busy": "More commands wait to be decided than a node keeps waiting; nothing was done with this one.",
    "crossing_edges": "Two edges of a polygon cross each other.",
    "duplicate_key": "A JSON object names the same key twice, so it has no single meaning.",
    "empty_line": "A corridor's line has no two different points.",
    "file_not_readable": "A file can not be opened or read.",
    "file_not_writable": "A file can not be written.",
    "footprint_too_large": "A footprint, or the length of its edges, is larger than the limit.",
    "foreign_channel": "An entry names another channel, or a party that is no member of this one.",
    "key_not_opened": "A key file can not be opened: the passphrase is wrong, or the file was changed.",
    "limit_exceeded": "The input is larger than a limit allows.",
    "lower_above_upper": "An altitude band's lower limit is certainly above its upper limit.",
    "missing_field": "A field that must be there is missing.",
    "no_conviction": "Two signed pieces do not contradict each other, so they convict nobody.",
    "not_canonical": "The bytes differ from the canonical form (RFC 8785) of the value that they hold.",
    "not_carried": "A carried file is not sealed to this node, or was changed on its way.",
    "not_confirmed": "The 40 digits over two roots were not compared, or those that were typed are others.",
    "not_entitled": "The key that signed is not one that may sign this at this position.",
    "not_finite": "A number is NaN or infinite.",
    "not_found": "Nothing answers to this method and path here.",
    "not_positive": "A length that must be greater than zero is not.",
    "not_private": "A directory or file with secrets can be read or changed by others than its owner.",
    "not_served": "A fault of the serving node: nothing can be said about the request.",
    "not_signed": "None of the keys that were asked for has signed.",
    "out_of_range": "A number lies outside its range.",
    "outline_count": "A volume must have exactly one outline.",
    "repeated_id": "Two intents of one file, or of one index, have the same id.",
    "repeated_request": "A request with this nonce was here already; nothing was done again.",
    "repeated_vertex": "A polygon names the same vertex twice.",
    "restore_needed": "Others were shown entries of this party that its node does not hold: it must restore first.",
    "store_conflict": "An entry is not the next of its log, or stands there already; nothing was changed.",
    "store_damaged": "What the store holds contradicts itself: bytes were changed or lost behind its back.",
    "store_failed": "The disk or file failed; only a new start knows whether the last changes are there.",
    "store_foreign": "The folder or file is not a store of tansiq.",
    "store_locked": "The store is open already.",
    "store_newer": "The store was written by a newer version of tansiq, which this one can not read.",
    "time_reversed": "A window ends before it starts.",
    "too_few_vertices": "A polygon has fewer than three vertices.",
    "too_many": "More requests at once, or in a short time, than one party may make.",
    "too_slow": "A request did not arrive in the time that it may take.",
    "unknown_field": "A field is not part of the format; a misspelt limit must not vanish silently.",
    "unknown_format": "The file is of no known format, or of a format version newer than this program.",
    "unknown_reference": "An altitude reference is not one of W84, AMSL, AGL, SFC, FL.",
    "unknown_unit": "A unit is not one that is allowed here.",
    "unreachable": "The other node could not be reached, or its answer is none.",
    "untrusted_root": "The root key of a member is none that the reader has said to trust.",
    "usage": "The command line is wrong.",
    "wrong_key": "The certificate that the other side showed is not of the key that was paired.",
}


@dataclass
class TansiqError(Exception):
    """A deliberate error; `str()` says field, got and want in one line."""

    code: str
    field: str
    got: str
    want: str

    def __post_init__(self) -> None:
        assert self.code in CODES, self.code

    def __str__(self) -> str:
        """The error as one line for people; the code comes last, for search."""
        where = f"{self.field}: " if self.field else ""
        return f"{where}got {self.got}; want {self.want} [{self.code}]"


@dataclass
class PartyError(TansiqError):
    """The caller's input can not be used as it is; nothing was done with it."""

    __str__ = TansiqError.__str__

    def under(self, prefix: str) -> "PartyError":
        """The same error with its field named from one level further out."""
        if not self.field:
            return replace(self, field=prefix)
        joint = "" if self.field.startswith("[") else "."
        return replace(self, field=f"{prefix}{joint}{self.field}")


@dataclass
class PeerError(TansiqError):
    """Bytes of another system can not be taken into the record; nothing of them was."""

    __str__ = TansiqError.__str__


@dataclass
class StoreError(TansiqError):
    """What this node keeps could not be read or changed; the code says what is known of it."""

    __str__ = TansiqError.__str__


@dataclass(frozen=True, slots=True)
class Finding:
    """One error of an input file: `record` says which intent or line, `error` the rest."""

    file: str
    record: str
    error: PartyError


class InputRefusedError(Exception):
    """An input was refused as a whole; `findings` lists every error that was found in it."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(f"{len(findings)} errors in the input")
        self.findings = findings
