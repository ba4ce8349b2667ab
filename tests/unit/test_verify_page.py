"""The verifier's page opens from disk, asks for nothing, and shows what packs say and nothing else."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from tests.unit.pack_world import FIRST_US, PARTIES, Channel, Entry, b64, canonical, fingerprint, leaf, public
from tests.unit.test_second_verifier import answers, stated
from tools.build_verifier import bundle, digest, page, sources

PACKS = Path(__file__).parents[1] / "vectors/record/pack/packs.json"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
    "--enable-logging=stderr", "--timeout=60000",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # what it asks for is logged, and leaves the machine never
)  # fmt: skip
OF_THE_PAGE = '"network_isolation_key":"file:'
LANGUAGES = ("en", "ar", "ru")

# CI brings the browser, so there its absence is a failure.
ABSENT = BROWSER is None and "TANSIQ_CI" not in os.environ
pytestmark = pytest.mark.skipif(ABSENT, reason="needs a browser: apt-get install --yes chromium")

# What a reader does: drops files, writes down whom he trusts, presses the button. The browser prints the page once it
# is loaded, and a frame that is still being written keeps it from that until the verdict is there.
READER = """
const given = {given}, input = document.getElementById("packs"), transfer = new DataTransfer();
const frame = document.createElement("iframe");
document.documentElement.append(frame);
frame.contentDocument.open();
{planted}
for (const [name, text] of given.packs) transfer.items.add(new File([text], name));
let pressed = false;
new MutationObserver((_, watch) => {{
    if (!pressed && document.querySelectorAll(".chosen li").length === given.packs.length) {{
        pressed = true;
        document.getElementById("trust").value = given.trust;
        document.getElementById("verify").click();
    }}
    if (!document.querySelector("#result h2, #result .care")) return;
    watch.disconnect();
    frame.contentDocument.close();
}}).observe(document.body, {{ childList: true, subtree: true }});
input.files = transfer.files;
input.dispatchEvent(new Event("change"));
"""


class Given(NamedTuple):
    """What the reader of the page has: files by name, and whom he trusts."""

    packs: Sequence[tuple[str, str]]
    trust: str


def read_by(given: Given, planted: str = "") -> bytes:
    """The page, and a reader who gives it this. The page's policy admits him by name, as it does its own program."""
    reader = READER.format(given=json.dumps(given._asdict()).replace("<", "\\u003c"), planted=planted)
    built = page()
    assert built.count("script-src ") == 1
    return f"{built}<script type=module>{reader}</script>\n".replace(
        "script-src ", f"script-src {digest(reader)} ", 1
    ).encode()


def opened(given: Given, folder: Path, language: str, *, planted: str = "") -> tuple[str, str, list[str]]:
    """The page's content once it has judged, what the browser complains of, and every address that it asked for."""
    assert BROWSER is not None
    folder.mkdir(exist_ok=True)
    file, log = folder / "verify.html", folder / "net.json"
    file.write_bytes(read_by(given, planted))
    profile = f"--user-data-dir={folder / 'profile'}"
    address = f"{file.as_uri()}#{language}"
    found = subprocess.run(
        [BROWSER, *FLAGS, "--dump-dom", profile, f"--log-net-log={log}", address],
        capture_output=True,
        timeout=120,
        check=True,
    )
    events = [line for line in log.read_text("utf-8", "replace").splitlines() if OF_THE_PAGE in line]
    urls = [url for line in events for url in re.findall(r'"url":"([^"]*)"', line)]
    complaints = [line for line in found.stderr.decode("utf-8", "replace").splitlines() if "CONSOLE" in line]
    return found.stdout.decode(), "\n".join(complaints), urls


def words(content: str) -> str:
    """What a reader of the result reads, on one line."""
    result = content.partition('<div id="result">')[2].partition("<footer>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", "", re.sub(r"</(?:p|li|dd|dt|td|th|h\d)>", " ", result))).split())


TRUST: Final = "tansiq-trust/1\n" + "".join(f"{fingerprint(party).hex()} {party}\n" for party in PARTIES)


def told(*packs: str, folder: Path, language: str = "en", trust: str = TRUST) -> str:
    """What the page says of these packs, without a complaint of the browser's and without a request."""
    given = Given([(f"{k}.pack", text) for k, text in enumerate(packs, 1)], trust)
    content, complaints, urls = opened(given, folder, language)
    assert (complaints, urls) == ("", [])
    return words(content)


def channel_with_a_notice() -> tuple[Channel, list[Entry]]:
    channel = Channel()
    notice = channel.say("Amber", "NOTICE", {"text": "Four aircraft", "lower_mm": 3_048_000, "upper_mm": 6_096_000})
    receipt = channel.answer("Teal", "RECEIPT", notice)
    return channel, [notice, receipt]


PROVED: Final = {"en": "✓ PROVED", "ar": "✓ مُثبَت", "ru": "✓ ДОКАЗАНО"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pack_is_verified_without_an_error_or_a_request(language: str, tmp_path: Path) -> None:
    channel, entries = channel_with_a_notice()
    given = Given([("1.pack", channel.pack("Amber", entries, ["Teal"]))], TRUST)
    content, complaints, urls = opened(given, tmp_path, language)
    assert (complaints, urls) == ("", [])
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in content
    said = words(content)
    assert f"1 1.pack {PROVED[language]}" in said
    assert "Four aircraft" in said
    for party in PARTIES:
        digits = fingerprint(party).hex()
        assert " ".join(digits[k : k + 8] for k in range(0, 64, 8)) in said


def test_a_planted_request_and_program_are_stopped(tmp_path: Path) -> None:
    channel, entries = channel_with_a_notice()
    built = read_by(Given([("1.pack", channel.pack("Amber", entries))], TRUST))
    planted = b'<img src="https://amber.example/x.png"><script>document.title = "planted"</script>'
    file, profile = tmp_path / "verify.html", f"--user-data-dir={tmp_path / 'profile'}"
    file.write_bytes(built + planted)
    assert BROWSER is not None
    found = subprocess.run(
        [BROWSER, *FLAGS, "--dump-dom", profile, file.as_uri()], capture_output=True, timeout=120, check=True
    )
    assert found.stderr.count(b"Content Security Policy") >= 2
    assert b"<title>planted" not in found.stdout


def test_a_worker_asks_nobody_either(tmp_path: Path) -> None:
    channel, entries = channel_with_a_notice()
    asks = """
    const asks = [() => fetch("https://amber.example/a"), () => importScripts("https://amber.example/b"),
        () => eval("0")];
    Promise.allSettled(asks.map(async (ask) => ask())).then((settled) => {
        postMessage(settled.every(({ status }) => status === "rejected"));
    });
    """
    planted = f"""
    const asking = new Worker(URL.createObjectURL(new Blob([{json.dumps(asks)}])));
    const refused = await new Promise((done) => {{ asking.onmessage = ({{ data }}) => {{ done(data); }}; }});
    document.documentElement.dataset.refused = refused;
    """
    given = Given([("1.pack", channel.pack("Amber", entries))], TRUST)
    content, complaints, urls = opened(given, tmp_path, "en", planted=planted)
    assert PROVED["en"] in words(content)
    assert 'data-refused="true"' in content
    assert "https://amber.example/a" in complaints
    assert urls == []


def test_what_a_pack_says_is_text_and_shows_what_nobody_would_see(tmp_path: Path) -> None:
    channel = Channel()
    evil = "\u202etxe.\u2066\u0007<img src=x onerror=alert(1)></li>" + "z" * 900
    entry = channel.say("Amber", "NOTICE", {"text": evil, "\u200fname": [None, {"\u202a": "\u0000"}]})
    said = told(channel.pack("Amber", [entry]), folder=tmp_path)
    assert "[U+202E]txe.[U+2066][U+0007]<img src=x onerror=alert(1)></li>zzz" in said
    assert '[U+200F]name [null,{"[U+202A]":"\\u0000"}]' in said
    assert re.search(r"z{300}… \(cut; characters in all: 9\d\d\)", said)
    assert "z" * 400 not in said


def test_of_a_pack_that_is_not_proved_nothing_is_shown(tmp_path: Path) -> None:
    channel, entries = channel_with_a_notice()
    broken = channel.pack("Amber", entries).replace('"checked"', '"absent"')
    said = told(broken, folder=tmp_path)
    assert "✗ NOT PROVED at step signature · entry 2" in said
    assert "✓ genesis holds – chain not checked – keys not checked ✗ signature does not hold" in said
    assert all(word not in said for word in ("Four aircraft", "NOTICE", "Amber", "BAHR", "2030-"))


def test_two_packs_that_contradict_each_other_say_where(tmp_path: Path) -> None:
    channel, entries = channel_with_a_notice()
    other = channel.say("Amber", "NOTICE", {"text": "Two aircraft"}, at=(0, channel.start), holds=(0, channel.start))
    packs = channel.pack("Amber", [entries[0]]), channel.pack("Teal", [other])
    said = told(*packs, folder=tmp_path)
    assert said.startswith("Both packs together ✗ CONTRADICTION ! First position signed twice: Amber, number 1.")
    assert "Pack 1, entry 1" in said
    assert "Pack 2, entry 1" in said


# The rest is asked of the modules, many packs in one go.

JUDGE: Final = """
const plain = (_, value) => (typeof value === "bigint" ? String(value) : value);
said.push(...asked.map((packs) => {
    const results = packs.map(({ pack, trust }) => verifyPack(utf8(pack), trust));
    const facts = results.map(({ pack }) => (pack ? factsOf(pack) : null));
    const both = results.length === 2 ? compare(results[0].pack, results[1].pack) : null;
    return JSON.parse(JSON.stringify({ stated: results.map(stated), facts, both }, plain));
}));
"""


def judged(*groups: list[str], faults: Sequence[tuple[str, str]] = ()) -> list[Any]:
    """Of each group of packs the verdicts, the facts, and of two what they say together.

    With faults in facts.js, each what it takes out and puts there, a list of that for each of them.
    """
    trust = [fingerprint(party).hex() for party in PARTIES]
    asked = [[{"pack": pack, "trust": trust} for pack in packs] for packs in groups]
    modules = sources("facts") | sources("agreement") | sources("pack")
    if not faults:
        return answers(asked, bundle(modules) + JUDGE)
    assert [right for right, _ in faults if modules["facts"].count(right) != 1] == []
    faulty = [modules | {"facts": modules["facts"].replace(*fault)} for fault in faults]
    said = answers(asked, *(bundle(one) + JUDGE for one in faulty))
    return [said[k : k + len(groups)] for k in range(0, len(said), len(groups))]


SECOND: Final = {"key": b64(public("Teal's second")), "office": "ops", "use": "entry"}
OF_TEAL: Final = b64(fingerprint("Teal's entry"))


def retired_key_beyond_a_gap() -> tuple[Channel, list[Entry]]:
    channel = Channel()
    first = channel.say("Teal", "NOTICE", {"text": "first"})
    change = channel.say("Teal", "KEY", by="Teal", control={"act": "add", "added": SECOND, "retires": OF_TEAL})
    late = channel.say("Teal", "NOTICE", {"text": "late"})
    return channel, [first, change, late]


def test_an_entry_whose_key_was_not_good_when_its_gap_closed_is_nobodys_word() -> None:
    channel, (first, change, late) = retired_key_beyond_a_gap()
    dropped, refused = judged(
        [channel.pack("Amber", [first, late, change])], [channel.pack("Amber", [first, change, late])]
    )
    assert dropped["stated"] == [{"proved": True}]
    facts = dropped["facts"][0]["entries"]
    assert [entry["dropped"] for entry in facts] == [False, True, False]
    assert facts[1]["shown"] == facts[1]["receipts"] == []
    assert refused["stated"] == [{"step": "keys", "entry": 3, "code": "not_entitled"}]


def test_an_entry_whose_gap_never_closes_is_nobodys_word_if_its_key_is_not_good() -> None:
    channel = Channel()
    first, _ = channel.say("Teal", "NOTICE", {"text": "first"}), channel.say("Teal", "NOTICE", {"text": "lost"})
    change = channel.say("Teal", "KEY", by="Teal", control={"act": "add", "added": SECOND, "retires": OF_TEAL})
    late = channel.say("Teal", "NOTICE", {"text": "late"})
    fresh = channel.say("Teal", "NOTICE", {"text": "fresh"}, by="Teal's second")
    (said,) = judged([channel.pack("Amber", [first, change, late, fresh])])
    assert said["stated"] == [{"proved": True}]
    assert [entry["dropped"] for entry in said["facts"][0]["entries"]] == [False, False, True, False]


def test_a_key_that_nobody_was_entitled_to_name_is_no_key_beyond_a_gap() -> None:
    channel = Channel()
    first = channel.say("Teal", "NOTICE", {"text": "first"})
    revoke = {"act": "revoke", "incarnation": b64(bytes(16)), "key": OF_TEAL, "last_good": 1}
    revocation = channel.say("Teal", "KEY", by="Teal", control=revoke)
    channel.say("Teal", "NOTICE", {"text": "lost"})
    stolen = channel.say("Teal", "KEY", control={"act": "add", "added": SECOND, "retires": OF_TEAL})
    forged = channel.say("Teal", "NOTICE", {"text": "forged"}, by="Teal's second")
    (said,) = judged([channel.pack("Amber", [first, revocation, stolen, forged])])
    assert said["stated"] == [{"proved": True}]
    assert [entry["dropped"] for entry in said["facts"][0]["entries"]] == [False, False, True, True]


def test_each_step_refuses_what_the_page_says() -> None:
    channel, (notice, receipt) = channel_with_a_notice()
    whole = json.loads(channel.pack("Amber", [notice, receipt]))
    foreign = whole["checkpoint"].replace(fingerprint("Amber").hex(), fingerprint("Violet").hex())
    thread = whole | {"thread": b64(bytes(16)), "hashes": []}
    twice = [receipt, receipt | {"signatures": receipt["signatures"] * 2}]
    trust = [fingerprint(party).hex() for party in PARTIES]
    packs = [
        channel.pack("Amber", [notice, notice, receipt]),
        channel.pack("Amber", [notice, receipt], ["Violet"]),
        canonical(whole | {"checkpoint": foreign}).decode(),
        canonical(whole | {"entries": [notice, twice[1]]}).decode(),
        canonical(whole | {"entries": [notice, receipt | {"signatures": []}]}).decode(),
        canonical(whole | {"entries": [notice, receipt, channel.say("Amber", "NOTICE")]}).decode(),
        canonical(thread | {"entries": [notice | {"index": 1}, receipt | {"index": 0}]}).decode(),
    ]
    assert stated([{"pack": pack, "trust": trust} for pack in packs]) == [
        {"step": "chain", "entry": 2, "code": "broken_chain"},
        {"step": "cosignature", "entry": None, "code": "not_entitled"},
        {"step": "checkpoint", "entry": None, "code": "foreign_channel"},
        {"unreadable": "bad_value"},
        {"unreadable": "bad_value"},
        {"step": "completeness", "entry": None, "code": "bad_value"},
        {"unreadable": "not_canonical"},
    ]


def test_numbers_in_seen_and_names_of_fields_have_their_bounds() -> None:
    channel, (notice, receipt) = channel_with_a_notice()
    run = {"digest": b64(bytes(32)), "first": 2, "incarnation": b64(bytes(16)), "last": 2}
    changes: list[dict[str, Any]] = [
        {"seq": -1}, {"beyond": [run | {"first": 0}]}, {"beyond": [run | {"last": 1}]}, {"beyond": [run]},
    ]  # fmt: skip
    (seen,) = receipt["signed"]["seen"]
    receipts = [receipt | {"signed": receipt["signed"] | {"seen": [seen | change]}} for change in changes]
    named = [notice | {"body": [notice["body"][0] | {"name": "n" * length}]} for length in (201, 200)]
    logs = [[notice, one] for one in receipts] + [[one, receipt] for one in named]
    trust = [fingerprint(party).hex() for party in PARTIES]
    said = stated([{"pack": channel.pack("Amber", log), "trust": trust} for log in logs])
    assert said == [
        {"unreadable": "out_of_range"},
        {"unreadable": "out_of_range"},
        {"unreadable": "out_of_range"},
        {"step": "signature", "entry": 2, "code": "bad_signature"},
        {"unreadable": "limit_exceeded"},
        {"step": "body", "entry": 1, "code": "bad_value"},
    ]


def test_a_receipt_for_what_was_checked_goes_before_one_for_an_absent_body() -> None:
    channel = Channel()
    notice = channel.say("Amber", "NOTICE", {"text": "Four aircraft"})
    absent = channel.say("Teal", "RECEIPT", refs=[notice], control={"body": "absent", "received_at": FIRST_US})
    checked = channel.answer("Teal", "RECEIPT", notice)
    (said,) = judged([channel.pack("Amber", [notice, absent, checked])])
    (receipt,) = said["facts"][0]["entries"][0]["receipts"]
    assert (receipt["body"], receipt["number"]) == ("checked", 3)


def test_a_seen_that_names_no_entry_receipts_nothing() -> None:
    channel = Channel()
    notice = channel.say("Amber", "NOTICE", {"text": "Four aircraft"})
    wrong = channel.say("Teal", "NOTICE", {"text": "else"}, holds=(2, leaf(notice["signed"])))
    right = channel.say("Teal", "NOTICE", {"text": "else"})
    said = judged([channel.pack("Amber", [notice, wrong])], [channel.pack("Amber", [notice, wrong, right])])
    assert [len(one["facts"][0]["entries"][0]["receipts"]) for one in said] == [0, 1]


def test_an_older_pack_contradicts_nobody() -> None:
    channel, (notice, receipt) = channel_with_a_notice()
    more = channel.say("Teal", "NOTICE", {"text": "later"})
    answer = channel.answer("Amber", "ACKNOWLEDGE", more)
    old, new = channel.pack("Amber", [notice, receipt]), channel.pack("Teal", [notice, receipt, more, answer])
    for said in judged([old, new], [new, old]):
        assert said["both"]["agrees"] is True
        assert {one["verdict"] for one in said["both"]["senders"]} == {"in flight"}
        assert {lacking for one in said["both"]["senders"] for lacking in one["lacking"]} == {
            fingerprint("Amber").hex()
        }


def test_a_revocation_makes_void_what_nobody_receipted_in_time() -> None:
    channel = Channel()
    good = channel.say("Teal", "NOTICE", {"text": "last good"})
    saved = channel.say("Teal", "NOTICE", {"text": "receipted in time"})
    receipt = channel.answer("Amber", "RECEIPT", saved)
    lost = channel.say("Teal", "NOTICE", {"text": "receipted by nobody"})
    revoke = {"act": "revoke", "incarnation": b64(bytes(16)), "key": OF_TEAL, "last_good": 1}
    revocation = channel.say("Teal", "KEY", by="Teal", control=revoke)
    after = channel.answer("Amber", "RECEIPT", lost)
    ((said,),) = [
        one["facts"] for one in judged([channel.pack("Amber", [good, saved, receipt, lost, revocation, after])])
    ]
    assert [entry["void"] for entry in said["entries"]] == [False, False, False, True, False, False]
    assert said["oneSided"] is True


def test_a_revocation_by_an_offices_key_changes_nothing() -> None:
    channel = Channel()
    notice = channel.say("Teal", "NOTICE", {"text": "Two aircraft"})
    revoke = {"act": "revoke", "incarnation": b64(bytes(16)), "key": OF_TEAL, "last_good": 0}
    revocation = channel.say("Teal", "KEY", control=revoke)
    later = channel.say("Teal", "NOTICE", {"text": "Three aircraft"})
    (said,) = judged([channel.pack("Amber", [notice, revocation, later])])
    assert said["stated"] == [{"proved": True}]
    assert [entry["void"] for entry in said["facts"][0]["entries"]] == [False] * 3


def test_two_packs_agree_are_in_flight_or_convict() -> None:
    channel, (notice, receipt) = channel_with_a_notice()
    answer = channel.answer("Amber", "ACKNOWLEDGE", receipt)
    other = channel.say("Amber", "NOTICE", {"text": "else"}, at=(0, channel.start), holds=(0, channel.start))
    amber = channel.pack("Amber", [notice, receipt, answer])
    teal = channel.pack("Teal", [notice, receipt])
    same = channel.pack("Teal", [receipt, notice, answer])
    ill, small = channel.pack("Amber", [other, receipt]), channel.pack("Amber", [notice, receipt])
    flying, agreeing, convicted, grown = judged([amber, teal], [amber, same], [amber, ill], [small, amber])
    order = {party: PARTIES.index(party) for party in PARTIES}
    assert flying["both"]["agrees"] is True
    assert flying["both"]["senders"][order["Amber"]]["verdict"] == "in flight"
    assert flying["both"]["senders"][order["Amber"]]["lacking"] == [fingerprint("Teal").hex()]
    assert {one["verdict"] for one in agreeing["both"]["senders"]} == {"same"}
    assert convicted["both"]["agrees"] is False
    assert convicted["both"]["heads"] == {"compared": True, "twoFaced": True}
    assert len(convicted["both"]["twice"]) == 1
    assert grown["both"]["agrees"] is True
    assert grown["both"]["heads"] == {"compared": True, "twoFaced": False}


def test_a_record_that_lacks_what_its_owner_receipted_is_missing_it() -> None:
    channel, (notice, receipt) = channel_with_a_notice()
    ((both, _),) = [
        (one["both"], one["stated"])
        for one in judged([channel.pack("Amber", [notice, receipt]), channel.pack("Teal", [receipt])])
    ]
    assert both["agrees"] is False
    (amber,) = [one for one in both["senders"] if one["sender"] == fingerprint("Amber").hex()]
    assert (amber["verdict"], amber["seq"]) == ("missing", 1)
    assert amber["digests"] == [leaf(notice["signed"]).hex()]
    assert amber["lacking"] == [fingerprint("Teal").hex()]


def test_a_case_of_agreement_is_read_as_the_page_describes_it() -> None:
    channel, said = channel_with_a_notice()
    signed = b64(canonical(channel.genesis["signed"]))
    envelopes = [
        {
            "signatures": [{"key": entry["signed"]["keys"][0], "signature": entry["signatures"][0]}],
            "signed": b64(canonical(entry["signed"])),
            "v": 1,
        }
        for entry in said
    ]
    amber, teal = b64(fingerprint("Amber")), b64(fingerprint("Teal"))
    case = {
        "genesis": canonical(channel.genesis | {"signed": signed, "v": 1}).decode(),
        "envelopes": [canonical(envelope).decode() for envelope in envelopes],
        "records": [{"owner": amber, "given": [0]}, {"owner": teal, "given": [1, 0]}],
    }
    ask = 'said.push(run({ "channel/agreement.json": { cases: [asked] } })["channel/agreement.json"][0]);'
    (verdicts,) = answers(case, f"{bundle(sources('vectors'))}\n{ask}")
    flying = {"verdict": "in flight", "seq": 1, "incarnation": b64(bytes(16)), "lacking": [amber]}
    same: dict[str, Any] = {"verdict": "same", "seq": None, "incarnation": None, "digests": [], "lacking": []}
    wanted = {"Amber": same, "Teal": flying | {"digests": [b64(leaf(said[1]["signed"]))]}}
    assert verdicts == [wanted[party] for party in PARTIES]


def test_the_hashes_of_a_thread_are_exactly_those_that_its_proofs_take() -> None:
    cases = {case["name"]: case for case in json.loads(PACKS.read_text("utf-8"))["cases"]}
    pack, trust = json.loads(cases["a thread"]["pack"]), cases["a thread"]["trust"]
    hashes, entries = pack["hashes"], pack["entries"]
    last = entries[-1]["index"]
    wrong = [
        {"hashes": [*hashes, hashes[0]]},
        {"hashes": hashes[:-1]},
        {"hashes": [*hashes[:-1], b64(bytes(32))]},
        {"entries": [*entries[:-1], entries[-1] | {"index": last + 1}]},
        {"entries": [*entries[:-1], entries[-1] | {"index": entries[0]["index"]}]},
    ]
    said = stated([{"pack": canonical(pack | change).decode(), "trust": trust} for change in [{}, *wrong]])
    assert said[0] == {"proved": True}
    assert said[5] == {"unreadable": "not_canonical"}
    assert {(one["step"], one["code"]) for one in said[1:5]} == {("inclusion", "bad_proof")}
    assert said[1]["entry"] is None
    assert said[4]["entry"] == len(entries)


def test_many_packs_are_judged_in_one_go_each_change_by_itself() -> None:
    channel, entries = channel_with_a_notice()
    pack = channel.pack("Amber", entries)
    at = pack.index("Four aircraft")
    changes = [[at, 0, ""], [at, 4, "Five"], [0, 1, ""]]
    trust = [fingerprint(party).hex() for party in PARTIES]
    said = stated([{"pack": pack, "trust": trust, "changes": changes}, {"pack": pack, "trust": trust[:1]}])
    assert said[0] == {"proved": True}
    assert said[1] in ({"step": "body", "entry": 1, "code": "bad_value"}, {"unreadable": "not_canonical"})
    assert said[2] == {"unreadable": "bad_json"}
    assert said[3] == {"step": "genesis", "entry": None, "code": "untrusted_root"}


def test_roots_are_read_as_a_trust_file_or_as_they_are_shown() -> None:
    amber, teal = (fingerprint(party).hex() for party in ("Amber", "Teal"))
    shown = " ".join(amber[k : k + 8] for k in range(0, 64, 8))
    asked = [
        TRUST, f"\n{shown} Amber\n {teal}\n", f"tansiq-trust/1\n{amber}\n", f"{amber} Amber\n{teal} Amber\n",
        f"{amber}\n{amber}\n", amber[:-1], amber.upper(), f"tansiq-trust/1\n\n{amber} Amber\n", "",
    ]  # fmt: skip
    ask = "said.push(...asked.map(parseTrust).map(({ roots, badLine }) => [[...roots], badLine]));"
    said = answers(asked, f"{bundle(sources('trust'))}\n{ask}")
    both = {fingerprint(party).hex(): party for party in PARTIES}
    assert [(dict(roots), bad) for roots, bad in said] == [
        (both, None), ({amber: "Amber", teal: None}, None), ({}, 2), ({}, 2), ({}, 2), ({}, 1), ({}, 1), ({}, 2),
        ({}, None),
    ]  # fmt: skip


def test_the_page_is_the_same_whenever_it_is_built_and_names_no_place() -> None:
    built = page()
    assert built == page()
    assert str(Path(__file__).parents[2]) not in built
    assert "http://" not in built
    assert "https://" not in built
    assert "default-src 'none'" in built
    assert "unsafe" not in built


def test_every_sentence_is_there_in_every_language_and_is_used() -> None:
    (texts,) = answers(None, bundle(sources("texts")) + "\nsaid.push(TEXTS);")
    program = "".join(text for name, text in sources("page").items() if name != "texts")
    families = tuple(re.findall(r"`(\w+\.)\$\{", program))
    for name, said in texts.items():
        assert len(said) == len(LANGUAGES), name
        assert all(said), name
        holes = [sorted(set(re.findall(r"\{(\w+)\}", one))) for one in said]
        assert holes == [holes[0]] * len(LANGUAGES), name
        assert "نزاع" not in said[1]
        assert f'"{name}"' in program or name.startswith(families), f"nobody says {name}"
