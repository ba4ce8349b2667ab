"""The plan reader on whatever may come: it reads, or refuses by a code that the docs tell, and nothing else."""

import random
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Final
from unittest.mock import patch

import msgspec

from tansiq.cli import files
from tansiq.cli.output import readable
from tansiq.domain.intent import Intent
from tansiq.errors import CODES, InputRefusedError
from tansiq.formats.kit.text import shown
from tansiq.formats.plan import read_plan, write_plan, write_plan_lines
from tansiq.limits import LIMITS
from tests.soak.mutations import damaged, packed, restructured
from tests.soak.plans import plan
from tests.soak.report import Report, named, patience

FILES: Final = 40
"""So many inputs make a round."""
PATIENCE_S: Final = 30.0
ROOM_BYTES: Final = 1_000_000
"""What a file may unpack to, here: the real limit would take a gigabyte each time that it is met."""


def reader_round(seed: int, report: Report) -> None:
    """Reads the inputs that follow from the seed."""
    rng = random.Random(f"reader {seed}")
    for _ in range(FILES):
        content = changed(rng, plan(rng))
        if rng.random() < 0.08:
            check(packed(rng, content, ROOM_BYTES), report, unpack=True)
        else:
            check(content, report, unpack=False)


def changed(rng: random.Random, text: str) -> bytes:
    """The plan's bytes: one in ten as it was, most after one to four changes."""
    way = rng.random()
    if way > 0.1:
        text = restructured(rng, text, rng.choice([1, 1, 2, 4])) if way < 0.85 else text
    content = text.encode("utf-8", "surrogatepass")
    return damaged(rng, content) if way > 0.75 else content


def check(content: bytes, report: Report, *, unpack: bool) -> None:
    """Reads one input; anything but intents or a refusal is a failure, and what was read must survive being written."""
    try:
        with patience(PATIENCE_S):
            intents = read_plan(unpacked(content, report.folder) if unpack else content, "plan.json")
            survives(intents)
    except InputRefusedError as refused:
        report.counts["plans_refused"] += 1
        report.refusals.update({finding.error.code for finding in refused.findings})
        check_words(refused, content, report)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what the soak looks for
        report.fail(named(error), f"{error!r}\n{traceback.format_exc()}", ".gz" if unpack else ".json", content)
    else:
        report.counts["plans_read"] += 1
        report.counts["intents_read"] += len(intents)


def unpacked(content: bytes, folder: Path) -> bytes:
    """What the command line reads from a file of these bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "input.gz"
    file.write_bytes(content)
    try:
        with patch.object(files, "LIMITS", replace(LIMITS, file_bytes=ROOM_BYTES)):
            found = files.read_file(str(file)).content
    finally:
        file.unlink()
    assert len(found) <= ROOM_BYTES, "more was unpacked than there is room for"
    return found


def survives(intents: list[Intent]) -> None:
    """Nothing, where the intents read back equal from both forms in which they can be written."""
    written = write_plan(intents)
    again = read_plan(written, "again.json")
    assert again == intents, "JSON changed them"
    assert write_plan(again) == written, "writing them twice changed them"
    assert read_plan(write_plan_lines(intents), "again.jsonl") == intents, "JSON Lines changed them"


def check_words(refused: InputRefusedError, content: bytes, report: Report) -> None:
    """A refusal has errors, each with a code that is known and words that can be printed."""
    try:
        assert refused.findings, "refused without an error"
        for finding in refused.findings:
            assert finding.error.code in CODES, finding.error.code
            assert shown(f"{finding.record}: {finding.error}").encode(), "nothing to print"
            msgspec.json.encode([readable(finding.record), readable(finding.error.field), readable(finding.error.got)])
    except Exception as error:  # noqa: BLE001 - as in `check`
        report.fail(named(error), f"{error!r}\n{traceback.format_exc()}", ".json", content)
