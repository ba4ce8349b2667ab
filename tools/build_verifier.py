"""Makes the verifier's page of the files in verifier/: one file that opens from disk and asks for nothing.

    python tools/build_verifier.py verify.html

Rules for the next editor:

1. The same files give the same bytes: no date, no version, no path.
2. The page's program and style are named in its Content-Security-Policy by their digests; nothing else runs but what
   the program itself makes a worker of, which is its own text, and the same policy binds the worker.
3. Nothing is translated or shortened on the way: who reads the page's source reads the files of verifier/.
"""

import base64
import hashlib
import re
import sys
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parents[1] / "verifier"
IMPORT: Final = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.MULTILINE)
EXPORT: Final = re.compile(r"^export ", re.MULTILINE)
PAGE: Final = """<!DOCTYPE html>
<html lang=en dir=ltr>
<meta charset=utf-8>
<meta http-equiv=Content-Security-Policy content="{policy}">
<meta name=viewport content="width=device-width, initial-scale=1">
<meta name=referrer content=no-referrer>
<title>tansiq</title>
<style>{style}</style>
<body><noscript>This page verifies by a program of its own, which your browser does not run.</noscript>
<script type=module>{program}</script>
"""


def sources(name: str) -> dict[str, str]:
    """A module and all that it imports, each after those that it imports itself."""
    text = (FOLDER / f"{name}.js").read_text("utf-8")
    found: dict[str, str] = {}
    for imported in IMPORT.findall(text):
        found |= {inner: own for inner, own in sources(imported).items() if inner not in found}
    return found | {name: text}


def bundle(modules: dict[str, str]) -> str:
    """These modules as one program: a browser loads no module from another file on disk."""
    program = "\n".join(EXPORT.sub("", IMPORT.sub("", text)) for text in modules.values())
    assert not re.search(r"^(im|ex)port\b", program, re.MULTILINE), "an import or export in another form"
    return program


def digest(text: str) -> str:
    """The text as a Content-Security-Policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def page() -> str:
    """The whole page."""
    style, program = (FOLDER / "page.css").read_text("utf-8"), bundle(sources("page"))
    assert "</" not in style + program, "the page would end there"
    policy = f"default-src 'none'; style-src {digest(style)}; script-src {digest(program)}; worker-src blob:; "
    return PAGE.format(policy=policy + "base-uri 'none'; form-action 'none'", style=style, program=program)


if __name__ == "__main__":
    (out,) = sys.argv[1:]
    Path(out).write_text(page(), "utf-8", newline="\n")
