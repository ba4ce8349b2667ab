"""A second implementation, written from docs/spec alone, gives every vector of the record the verdict it states."""

import json
import os
import shutil
import subprocess
from functools import cache
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tools.build_verifier import bundle, sources

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests/vectors/record"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
    "--enable-logging=stderr", "--dump-dom", "--virtual-time-budget=2000",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip

# CI brings the browser, so there its absence is a failure.
ABSENT = BROWSER is None and "TANSIQ_CI" not in os.environ
pytestmark = pytest.mark.skipif(ABSENT, reason="needs a browser: apt-get install --yes chromium")

# The modules stand in the page one after the other: from disk a browser loads no module from another file.
PAGE = """<!doctype html><meta charset=utf-8>
<meta http-equiv=Content-Security-Policy content="default-src 'none'; script-src 'unsafe-inline'">
<script type=application/json id=asked>{asked}</script><pre id=out></pre>
<script type=module>
const asked = JSON.parse(document.getElementById("asked").textContent), said = [];
{jobs}
document.getElementById("out").textContent = JSON.stringify(said);
</script>"""
NOT_READ = {"keys/files.json": "key files need Argon2id and ChaCha20-Poly1305, and who verifies opens none"}
Verdicts = dict[str, list[Any]]


def files() -> dict[str, Any]:
    """By path below the folder of vectors: every file of them, but for those that a verifier has no use for."""
    found = {path.relative_to(VECTORS).as_posix(): path for path in sorted(VECTORS.rglob("*.json"))}
    return {name: json.loads(path.read_text("utf-8")) for name, path in found.items() if name not in NOT_READ}


def in_texts(value: object) -> object:
    """The same with its integers as texts, since a browser's numbers count exactly only to 2^53."""
    if isinstance(value, dict):
        return {name: in_texts(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [in_texts(inner) for inner in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def answers(asked: object, *jobs: str, seconds: int = 120) -> list[Any]:
    """What these programs put into `said` in a browser, each in a block of its own, given what is `asked`."""
    assert BROWSER is not None
    content = PAGE.format(asked=json.dumps(asked).replace("<", "\\u003c"), jobs="\n".join(f"{{{job}}}" for job in jobs))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(content, "utf-8")
        found = subprocess.run(
            [BROWSER, *FLAGS, f"--user-data-dir={folder}/profile", file.as_uri()],
            capture_output=True,
            timeout=seconds,
            check=True,
        )
    complaints = [line for line in found.stderr.decode("utf-8", "replace").splitlines() if "CONSOLE" in line]
    assert complaints == []
    said = json.loads(unescape(found.stdout.decode().partition('<pre id="out">')[2].partition("</pre>")[0]))
    assert isinstance(said, list)
    return said


def stated(packs: list[dict[str, Any]], *, seconds: int = 120) -> list[dict[str, Any]]:
    """The second verifier's verdicts on packs, in the words of the vectors.

    Each is `pack`, its text, and `trust`, fingerprints in hexadecimal digits. One with `changes`, a list of
    `[at, cut, put]`, stands for the packs that each of them alone makes of it, counted in UTF-16 units.
    """
    said = answers(packs, bundle(sources("pack")) + "\nsaid.push(...statedOf(asked));", seconds=seconds)
    return [dict(one) for one in said]


def verdicts_of(*jobs: tuple[dict[str, str], list[str]]) -> list[Verdicts]:
    """What each of these verifiers, given as its modules, says of every case of the files that it is asked about."""
    # Bodies and entries hold signed integers, which stay what they are; only the others hold large ones.
    asked = {name: in_texts(file) if "group" in file else file for name, file in files().items()}
    ask = "said.push(run(Object.fromEntries({}.map((name) => [name, asked[name]]))));"
    programs = [f"{bundle(modules)}\n{ask.format(json.dumps(names))}" for modules, names in jobs]
    return answers(asked, *programs)


@cache
def verdicts() -> Verdicts:
    return verdicts_of((sources("vectors"), sorted(files())))[0]


def wanted(name: str, case: dict[str, Any]) -> object:
    """What the vector says, in the form of the verifier's answer."""
    match name.partition("/")[0], case:
        case "tree", {"accept": accept}:
            return accept
        case "tree", {"tiles": tiles}:
            return in_texts(tiles)
        case "tree", {"root": root}:
            return root
        case "checkpoint", {"refused": code}:
            return code
        case "checkpoint", {"line": _, "answer": answer}:
            return {"answer": answer, "line": True}
        case "checkpoint", {"head": _, "answer": answer}:
            refused = answer not in ("cosigned", "rollback", "split_view", "bad_proof", "clock_behind")
            return answer if refused else {"answer": answer}
        case "checkpoint", {"answer": answer}:
            return answer
        case "checkpoint", _:
            said = ("origin", "size", "root", "cosigned", "ignored")
            return in_texts({key: case[key] for key in said})
        case _, {"want": want} | {"wanted": want}:
            return want
        case _:
            return {key: case[key] for key in ("proved", "left_out", "contradicting")}


FAULTS = {  # one planted in each part: the module, what it takes out, and a file that must then differ
    "canonical/parse.json": ("core", "if (canonical(value) !== text)", "if (false)"),
    "entry/entries.json": ("crypto", "!isNeutral(sum(L, a, 0n, a))", "false"),
    "entry/bodies.json": ("entry", "leftOut: digestList.filter((digest) => left.has(digest))", "leftOut: []"),
    "channel/agreement.json": ("agreement", "twice.map(({ digest }) => digest).sort()", "[]"),
    "keys/public.json": ("crypto", "u < P && !x25519Small(u)", "u < P"),
    "channel/histories.json": ("channel", '(key.state === "retired" && !urgent)', "false"),
    "checkpoint/checkpoint.json": ("log", "timeS <= SIZE_MOST && ", ""),
    "checkpoint/cosigner.json": ("log", "timeS < head.timeS", "false"),
    "checkpoint/conviction.json": ("log", "!equal(one.root, other.root)", "true"),
    "tree/inclusion.json": ("log", "&& equal(hash, root)", ""),
    "tree/consistency.json": ("log", "equal(before, oldRoot) && ", ""),
    "tree/roots.json": ("log", "split * 2 < to - from", "split * 2 <= to - from + 1"),
    "tree/tiles.json": ("log", "width < 256 ?", "width < 255 ?"),
    "pack/packs.json": ("pack", 'type === "KEY" || type === "RESTORE"', "true"),
}


def differing(name: str, said: list[Any]) -> list[tuple[str, str, str]]:
    cases = files()[name]["cases"]
    assert len(said) == len(cases) > 0
    return [
        (case.get("name", case.get("id")), f"says {one}", f"vector: {wanted(name, case)}")
        for case, one in zip(cases, said, strict=True)
        if one != wanted(name, case)
    ]


@pytest.mark.parametrize("name", sorted(files()))
def test_the_second_verifier_agrees_with_every_vector(name: str) -> None:
    assert differing(name, verdicts()[name]) == []


PACK_FAULTS = (  # one planted in each rule of a pack: the case that must then differ, the module, what it takes out
    ("a version that is not known", "pack", 'value.has("format") && value.get("format") !== "tansiq-pack/1"', "false"),
    ("trusted is nobody", "pack", "if (stranger)", "if (false)"),
    ("a retired key beyond a gap", "pack", "entitled(entry, keys.get(key))", "undefined"),
    ("hashes shifted by one", "pack", "if (!includes(leaves[k], entry.index, size, root, proof)) refuseProof();", ""),
    ("a field's value", "pack", "if (contradicting.length)", "if (false)"),
    ("an entry of a whole channel left out", "pack", "BigInt(entries.length) < size", "false"),
    ("the head: a changed cosignature", "log", '?? refuse("bad_signature", "note", `not by ${name}`)', "?? { key }"),
    ("note: 'safe'", "core", "!more && !listed", "false"),
    ("a RESTORE back to the first incarnation", "channel", "if (again)", "if (false)"),
    ("an entry twice at two indices", "pack", "if (met.has(entry.digest))", "if (false)"),
    ("a signature more", "pack", "if (made.length !== entry.keys.length)", "if (false)"),
    ("entries out of order", "pack", 'rising(entries.map(({ index }) => index), "entries.index");', ""),
    ("a hash more", "pack", "known.size === pack.hashes.length || refuseProof()", "undefined"),
    ("the head: a stranger's line", "pack", "return opened.ignored ?", "return false ?"),
    ("the head: an origin of a stranger", "pack", "if (pack.owner === null)", "if (false)"),
    ("of a thread: nothing in it", "pack", "if (!any)", "if (false)"),
    ("dropped when its gap closed", "pack", "channel.checkEntitled(entry);", "places.checkKeys(entry);"),
    ("the head: more entries than the size says", "pack", "BigInt(entries.length) > size", "false"),
)


def with_fault(module: str, right: str, wrong: str) -> dict[str, str]:
    modules = sources("vectors")
    assert modules[module].count(right) == 1, right
    return modules | {module: modules[module].replace(right, wrong)}


def test_a_verifier_with_a_fault_is_seen_to_differ() -> None:
    said = verdicts_of(*((with_fault(*FAULTS[name]), [name]) for name in files()))
    assert [name for name, one in zip(files(), said, strict=True) if not differing(name, one[name])] == []


def test_a_fault_in_any_rule_of_a_pack_is_seen() -> None:
    cases = {case["name"]: case for case in files()["pack/packs.json"]["cases"]}
    asked = [cases[name] for name, *_ in PACK_FAULTS]
    programs = [
        f"{bundle(with_fault(*fault))}\nsaid.push(statedOf([asked[{k}]])[0]);"
        for k, (_, *fault) in enumerate(PACK_FAULTS)
    ]
    said = answers(asked, *programs)
    assert [case["name"] for case, one in zip(asked, said, strict=True) if one == case["want"]] == []


def test_every_file_of_vectors_has_a_planted_fault() -> None:
    assert set(files()) == set(FAULTS)
