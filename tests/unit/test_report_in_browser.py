"""The report opens from disk in a browser: no error, no request, and its program at work."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tansiq.formats.report import render
from tansiq.words import LANGUAGES
from tests.unit.test_report import conflict, report, two

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
    "--enable-logging=stderr", "--dump-dom", "--virtual-time-budget=2000",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # what it asks for is logged, and leaves the machine never
)  # fmt: skip
# The browser asks for things of its own, too; what a page from disk asks for bears this mark in the log.
OF_THE_PAGE = '"network_isolation_key":"file:'

# CI brings the browser, so there its absence is a failure.
ABSENT = BROWSER is None and "TANSIQ_CI" not in os.environ
pytestmark = pytest.mark.skipif(ABSENT, reason="needs a browser: apt-get install --yes chromium")


def opened(page: bytes, folder: Path) -> tuple[str, str, list[str]]:
    """The page's content once its program has run, what the browser complains of, and every address it asked for."""
    assert BROWSER is not None
    folder.mkdir(exist_ok=True)
    file, log = folder / "report.html", folder / "net.json"
    file.write_bytes(page)
    found = subprocess.run(
        [BROWSER, *FLAGS, f"--user-data-dir={folder / 'profile'}", f"--log-net-log={log}", file.as_uri()],
        capture_output=True,
        timeout=120,
        check=True,
    )
    # The browser may end before it has closed the log's brackets: each event is a line of its own.
    events = [line for line in log.read_text("utf-8", "replace").splitlines() if OF_THE_PAGE in line]
    urls = [url for line in events for url in re.findall(r'"url":"([^"]*)"', line)]
    complaints = [line for line in found.stderr.decode("utf-8", "replace").splitlines() if "CONSOLE" in line]
    return found.stdout.decode(), "\n".join(complaints), urls


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_opens_without_an_error_or_a_request(language: str, tmp_path: Path) -> None:
    intents = two()
    content, complaints, urls = opened(
        render(report(intents, [conflict(intents)]), intents, [0, 0], language), tmp_path
    )
    assert complaints == ""
    assert urls == []
    assert ">1 / 1</output>" in content, "its program did not run"
    assert re.search(r'<div class="controls" id="controls">', content)


def test_a_planted_request_and_program_are_seen_and_stopped(tmp_path: Path) -> None:
    intents = two()
    page = render(report(intents, []), intents, [0, 0], "en")
    planted = b'<img src="https://amber.example/x.png"><script>document.title = "planted"</script></body>'
    content, complaints, urls = opened(page.replace(b"</body>", planted), tmp_path)
    assert complaints.count("Content Security Policy") >= 2
    assert "<title>planted" not in content
    assert urls == []
    unguarded = re.sub(rb"<meta http-equiv=Content-Security-Policy[^>]*>", b"", page.replace(b"</body>", planted))
    _, _, urls = opened(unguarded, tmp_path / "unguarded")
    assert "https://amber.example/x.png" in urls, "a request would not be seen"
