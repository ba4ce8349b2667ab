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
<script type=application/json id=files>{files}</script><pre id=out></pre>
<script type=module>
const files = JSON.parse(document.getElementById("files").textContent), said = [];
{jobs}
document.getElementById("out").textContent = JSON.stringify(said);
</script>"""
JOB = """{{
const core = (() => {{ {core}
return {{ {names} }}; }})();
{vectors}
said.push(run(Object.fromEntries({asked}.map((name) => [name, files[name]]))));
}}"""
IMPORT = 'import * as core from "./core.js";'
NOT_READ_YET = ("pack",)
Verdicts = dict[str, list[Any]]


def files() -> dict[str, Any]:
    """By path below the folder of vectors: every file of them, but for what the verifier does not read yet."""
    found = sorted(path for path in VECTORS.rglob("*.json") if path.parent.name not in NOT_READ_YET)
    return {path.relative_to(VECTORS).as_posix(): json.loads(path.read_text("utf-8")) for path in found}


def in_texts(value: object) -> object:
    """The same with its integers as texts, since a browser's numbers count exactly only to 2^53."""
    if isinstance(value, dict):
        return {name: in_texts(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [in_texts(inner) for inner in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def job(core: str, asked: list[str]) -> str:
    """The program that runs this verifier over these files, in a block of its own."""
    lines, vectors = core.splitlines(), (ROOT / "verifier/vectors.js").read_text("utf-8")
    names = [line.split()[2].split("(")[0] for line in lines if line.startswith("export ")]
    assert vectors.count(IMPORT) == 1
    return JOB.format(
        core="\n".join(line.removeprefix("export ") for line in lines),
        names=", ".join(names),
        vectors=vectors.replace(IMPORT, "").replace("export function", "function"),
        asked=json.dumps(asked),
    )


def verdicts_of(*jobs: tuple[str, list[str]]) -> list[Verdicts]:
    """What each of these verifiers says in a browser of every case of the files that it is asked about."""
    assert BROWSER is not None
    # Bodies and entries hold signed integers, which stay what they are; only the others hold large ones.
    asked = {name: in_texts(file) if "group" in file else file for name, file in files().items()}
    content = PAGE.format(
        files=json.dumps(asked).replace("<", "\\u003c"), jobs="\n".join(job(core, names) for core, names in jobs)
    )
    with TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(content, "utf-8")
        found = subprocess.run(
            [BROWSER, *FLAGS, f"--user-data-dir={folder}/profile", file.as_uri()],
            capture_output=True,
            timeout=120,
            check=True,
        )
    complaints = [line for line in found.stderr.decode("utf-8", "replace").splitlines() if "CONSOLE" in line]
    assert complaints == []
    said = json.loads(unescape(found.stdout.decode().partition('<pre id="out">')[2].partition("</pre>")[0]))
    assert isinstance(said, list)
    return said


@cache
def verdicts() -> Verdicts:
    return verdicts_of(((ROOT / "verifier/core.js").read_text("utf-8"), sorted(files())))[0]


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
        case _, {"want": want}:
            return want
        case _:
            return {key: case[key] for key in ("proved", "left_out", "contradicting")}


FAULTS = {  # one planted in each part: what it takes out, and a file that must then differ
    "canonical/parse.json": ("if (canonical(value) !== text)", "if (false)"),
    "entry/entries.json": ("!isNeutral(sum(L, a, 0n, a))", "false"),
    "entry/bodies.json": ("leftOut: digestList.filter((digest) => left.has(digest))", "leftOut: []"),
    "channel/histories.json": ('(key.state === "retired" && !urgent)', "false"),
    "checkpoint/checkpoint.json": ("timeS <= SIZE_MOST && ", ""),
    "checkpoint/cosigner.json": ("timeS < head.timeS", "false"),
    "checkpoint/conviction.json": ("!equal(one.root, other.root)", "true"),
    "tree/inclusion.json": ("&& equal(hash, root)", ""),
    "tree/consistency.json": ("equal(before, oldRoot) && ", ""),
    "tree/roots.json": ("split * 2 < leaves.length", "split * 2 <= leaves.length + 1"),
    "tree/tiles.json": ("width < 256 ?", "width < 255 ?"),
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


def test_a_verifier_with_a_fault_is_seen_to_differ() -> None:
    core = (ROOT / "verifier/core.js").read_text("utf-8")
    assert [right for right, _ in FAULTS.values() if core.count(right) != 1] == []
    said = verdicts_of(*((core.replace(right, wrong), [name]) for name, (right, wrong) in FAULTS.items()))
    assert [name for name, one in zip(FAULTS, said, strict=True) if not differing(name, one[name])] == []


def test_every_file_of_vectors_has_a_planted_fault() -> None:
    assert set(FAULTS) == set(files())
