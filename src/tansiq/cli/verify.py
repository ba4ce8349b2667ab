"""`tansiq verify`: what one or two packs prove, to a reader who brings the roots that he trusts. Offline."""

import argparse
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from tansiq.cli.files import read_file
from tansiq.cli.output import print_bytes, print_text
from tansiq.errors import Finding, InputRefusedError, PartyError, PeerError
from tansiq.formats.kit.text import shown
from tansiq.limits import LIMITS

if TYPE_CHECKING:
    from tansiq.record.pack_compare import PackComparison
    from tansiq.record.verdict import Facts, Verdict

EXIT_PROVED: Final = 0
EXIT_NOT_PROVED: Final = 1
TRUST_FORMAT: Final = "tansiq-trust/1"
_ROOT: Final = re.compile(r"(?P<mark>[0-9a-f]{64}) (?P<name>\S(?:.*\S)?)")


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command line knows the command."""
    command = commands.add_parser(
        "verify",
        help="what a pack of signed entries proves, offline",
        description="Says what a pack proves, or what two packs of one channel say together. Exit codes: 0 proved, and "
        "two packs do not contradict each other; 1 not proved, or they do; 2 unreadable.",
        epilog="Example: tansiq verify notice.pack --trust roots.txt",
    )
    command.add_argument("pack", metavar="PACK", help="a pack, tansiq-pack/1; - is standard input")
    command.add_argument("other", metavar="PACK2", nargs="?", help="a second pack of the same channel")
    command.add_argument(
        "--trust",
        required=True,
        metavar="FILE",
        help=f"the roots that you trust: a line {TRUST_FORMAT}, then a line for each, its fingerprint and a name",
    )
    command.add_argument("--format", choices=("text", "json"), default="text", help="default text")
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Prints what the packs prove. Raises InputRefusedError."""
    from tansiq.record.pack_compare import compare_packs  # noqa: PLC0415 - cryptography is not needed for --help

    names = _trusted(chosen.trust)
    verdicts = [_verdict(file, names) for file in (chosen.pack, chosen.other) if file is not None]
    comparison = None
    if len(verdicts) == 2 and all(one.proved for one in verdicts):
        try:
            comparison = compare_packs(*verdicts)
        except PartyError as error:
            raise InputRefusedError([Finding(chosen.other, "file", error)]) from error
    if chosen.format == "json":
        print_bytes(_json(verdicts, comparison, names))
    else:
        print_text("".join(f"{shown(line)}\n" for line in _lines(chosen, verdicts, comparison, names)))
    agreed = comparison is None or comparison.agrees
    return EXIT_PROVED if agreed and all(one.proved for one in verdicts) else EXIT_NOT_PROVED


def _trusted(file: str) -> dict[bytes, str]:
    """The names that the reader gives the roots that he trusts, by fingerprint. Raises InputRefusedError."""
    findings = []
    found: dict[bytes, str] = {}
    try:
        lines = _trust_lines(read_file(file).content)
    except PartyError as error:
        raise InputRefusedError([Finding(file, "file", error)]) from error
    for number, line in enumerate(lines[1:], 2):
        row = _ROOT.fullmatch(line)
        mark = bytes.fromhex(row["mark"]) if row else b""
        if row is None:
            want = "64 lower-case hexadecimal digits, a space, a name"
            findings.append(Finding(file, f"line {number}", PartyError("bad_value", "", repr(line[:80]), want)))
        elif mark in found or row["name"] in found.values():
            want = "each root once, each name once"
            findings.append(Finding(file, f"line {number}", PartyError("bad_value", "", "a root or name again", want)))
        else:
            found[mark] = row["name"]
    if findings:
        raise InputRefusedError(findings)
    return found


def _trust_lines(content: bytes) -> list[str]:
    if len(content) > LIMITS.trust_file_bytes:
        raise PartyError("limit_exceeded", "", f"{len(content)} bytes", f"at most {LIMITS.trust_file_bytes}")
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError as error:
        raise PartyError("bad_value", "", f"no UTF-8 at byte {error.start}", "UTF-8") from error
    if not lines or lines[0] != TRUST_FORMAT:
        got = repr(lines[0][:60]) if lines else "nothing"
        raise PartyError("unknown_format", "", got, f"a first line {TRUST_FORMAT}")
    return lines


def _verdict(file: str, names: Mapping[bytes, str]) -> "Verdict":
    from tansiq.record.verdict import verify_pack  # noqa: PLC0415 - see run

    try:
        return verify_pack(read_file(file).content, names.keys())
    except PeerError as error:
        refusal = PartyError(error.code, error.field, error.got, error.want)
        raise InputRefusedError([Finding(file, "file", refusal)]) from error


def _lines(
    chosen: argparse.Namespace,
    verdicts: "list[Verdict]",
    comparison: "PackComparison | None",
    names: Mapping[bytes, str],
) -> Iterator[str]:
    from tansiq.record.verdict_words import comparison_sentences, sentences  # noqa: PLC0415 - see run

    for file, verdict in zip((chosen.pack, chosen.other), verdicts, strict=False):
        if len(verdicts) > 1:
            yield f"== {file}"
        yield from sentences(verdict, names)
        if len(verdicts) > 1:
            yield ""
    if len(verdicts) < 2:
        return
    yield "== both"
    if comparison is None:
        yield "Not compared: a pack is not proved."
    else:
        yield from comparison_sentences(verdicts[0], verdicts[1], comparison, names)


def _json(verdicts: "list[Verdict]", comparison: "PackComparison | None", names: Mapping[bytes, str]) -> bytes:
    import msgspec  # noqa: PLC0415 - for this alone

    value: dict[str, Any] = {"format": "tansiq-verdict/1", "packs": [_pack_value(one, names) for one in verdicts]}
    if comparison is not None:
        value["both"] = {
            "agrees": comparison.agrees,
            "heads_compared": comparison.heads_compared,
            "two_faced": None if comparison.two_faced is None else comparison.two_faced.hex(),
            "signed_twice": [_position(one.party, one.incarnation, one.seq) for one in comparison.twice],
            "senders": [
                {
                    "party": one.sender.hex(),
                    "agreement": one.agreement.name.lower(),
                    "receipted": one.receipted,
                    "seq": None if one.position is None else one.position.seq,
                    "digests": [digest.hex() for digest in one.digests],
                    "lacking": [owner.hex() for owner in one.lacking],
                }
                for one in comparison.senders
            ],
        }
    return msgspec.json.encode(value) + b"\n"


def _position(party: bytes, incarnation: bytes, seq: int) -> dict[str, Any]:
    return {"party": party.hex(), "incarnation": incarnation.hex(), "seq": seq}


def _pack_value(verdict: "Verdict", names: Mapping[bytes, str]) -> dict[str, Any]:
    failure = verdict.failure
    members = verdict.pack.genesis.members
    return {
        "proved": verdict.proved,
        "steps": {step.value: standing.value for step, standing in verdict.steps},
        "failure": None
        if failure is None
        else {
            "step": failure.step.value,
            "entry": failure.entry,
            "code": failure.error.code,
            "field": failure.error.field,
            "got": failure.error.got,
            "want": failure.error.want,
        },
        "roots": [{"fingerprint": one.hex(), "name": names.get(one)} for one in members],
        "facts": None if verdict.facts is None else _facts_value(verdict, verdict.facts),
    }


def _facts_value(verdict: "Verdict", facts: "Facts") -> dict[str, Any]:
    thread = verdict.pack.thread
    return {
        "channel": verdict.pack.genesis.channel.hex(),
        "track": verdict.pack.genesis.track,
        "owner": facts.owner.hex(),
        "size": facts.size,
        "root": facts.root.hex(),
        "one_sided": facts.one_sided,
        "cosigned": [{"party": one.party.hex(), "time_s": one.time_s} for one in facts.cosigned],
        "not_cosigned": [one.hex() for one in facts.not_cosigned],
        "thread": None if thread is None else thread.hex(),
        "complete": {"head": facts.size}
        if thread is None
        else {"through": [{"party": party.hex(), "thread_seq": last} for party, last in facts.through]},
        "not_shown": [
            {"party": party.hex(), "runs": [{"first": low, "last": high} for low, high in gaps]}
            for party, gaps in facts.not_shown
        ],
        "lacking": [{"party": party.hex(), "heads": count} for party, count in facts.lacking],
        "signed_twice": [_position(one.party, one.incarnation, one.seq) for one in facts.twice],
        "entries": [
            {
                "index": one.packed.index,
                "digest": one.packed.entry.digest.hex(),
                "type": one.packed.entry.type,
                "party": one.packed.entry.party.hex(),
                "office": one.packed.entry.office,
                "seq": one.packed.entry.seq,
                "issued_at_us": one.packed.entry.issued_at_us,
                "understood": one.packed.entry.understood,
                "void": one.void,
                "loose": one.loose,
                "refers_out": [digest.hex() for digest in one.refers_out],
                "dropped": None if one.dropped is None else one.dropped.code,
                "remarks": [remark.name.lower() for remark in one.remarks],
                "receipts": [
                    {
                        "party": receipt.party.hex(),
                        "at_us": receipt.at_us,
                        "by": receipt.by.hex(),
                        "body": None if receipt.control is None else receipt.control.body,
                    }
                    for receipt in one.receipts
                ],
                "no_receipt": [party.hex() for party in one.posted],
                "fields": {field.name: field.value for field in one.body.proved},
                "fields_left_out": len(one.body.left_out),
            }
            for one in facts.entries
        ],
    }
