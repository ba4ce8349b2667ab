import json
from pathlib import Path

import pytest

from tansiq.app.node import node_of
from tansiq.app.sealed import read_carried, seal, unseal
from tansiq.cli import main
from tansiq.errors import PeerError
from tansiq.record.keys import EncryptionKey
from tests.unit import node_world
from tests.unit.node_world import told
from tests.unit.paired_world import bodies_at, paired, say_at
from tests.unit.service_pair import Lots

quick_keys = pytest.fixture(scope="module", autouse=True)(node_world.quick_keys)
AMBER, TEAL, VIOLET = (bytes([k]) * 32 for k in (1, 2, 3))
KEY = EncryptionKey(bytes(range(32)))


def carry(where: Path, what: str, name: str, *more: str) -> int:
    needs = ["--passphrase-file", str(where / "secret")] if what == "in" else []
    return main(["carry", what, str(where / name), *more, *needs, "--format", "json"])


def test_what_two_say_goes_both_ways_by_file_and_twice_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    channel, _ = paired(tmp_path, capsys)
    say_at(tmp_path, "amber", channel, "by file")
    there, back = str(tmp_path / "there"), str(tmp_path / "back")
    assert carry(tmp_path, "out", "amber", "Teal", "--output", there) == 0
    first = told(capsys)
    assert carry(tmp_path, "out", "amber", "Teal", "--output", there) == 0
    assert told(capsys)["bytes"] == first["bytes"]
    assert b"by file" not in Path(there).read_bytes()
    for entries, channels in ((1, 1), (0, 0)):
        assert carry(tmp_path, "in", "teal", there) == 0
        found = told(capsys)
        assert (found["entries"], len(found["channels"]), found["refused"]) == (entries, channels, [])
    assert carry(tmp_path, "out", "teal", "Amber", "--output", back) == 0
    capsys.readouterr()
    assert carry(tmp_path, "in", "amber", back) == 0
    assert told(capsys)["entries"] == 1
    assert bodies_at(tmp_path, "amber") == bodies_at(tmp_path, "teal")


def test_a_file_opens_only_at_the_party_that_it_is_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    channel, _ = paired(tmp_path, capsys)
    say_at(tmp_path, "amber", channel, "by file")
    there = tmp_path / "there"
    assert carry(tmp_path, "out", "amber", "Teal", "--output", str(there)) == 0
    capsys.readouterr()
    assert carry(tmp_path, "in", "amber", str(there)) == 2
    assert told(capsys)["errors"][0]["code"] == "not_carried"
    there.write_bytes(json.dumps({"format": "tansiq-carried/2"}).encode())
    assert carry(tmp_path, "in", "teal", str(there)) == 2
    assert told(capsys)["errors"][0]["code"] in {"unknown_format", "not_canonical"}
    with node_of(tmp_path / "teal"):
        assert carry(tmp_path, "out", "teal", "Amber", "--output", str(there)) == 2
    assert told(capsys)["errors"][0]["code"] == "store_locked"


def sealed(parcel: bytes = b"a parcel", *, sender: bytes = AMBER) -> bytes:
    return seal(parcel, sender=sender, to=TEAL, key=KEY.public, randomness=Lots())


def test_a_sealed_parcel_opens_with_its_key_and_says_who_it_is_from() -> None:
    found = read_carried(sealed())
    assert (found.sender, found.to, found.key) == (AMBER, TEAL, KEY.public.fingerprint)
    assert unseal(found, KEY) == b"a parcel"
    with pytest.raises(PeerError, match="not_carried"):
        unseal(found, EncryptionKey(bytes(32)))


def test_no_bit_of_a_file_can_be_changed_and_no_party_put_in_another_s_place() -> None:
    good = sealed()
    other = json.loads(sealed(sender=VIOLET))
    for name, value in json.loads(good).items():
        changed = {**json.loads(good), name: other[name]}
        spelled = json.dumps(changed, sort_keys=True, separators=(",", ":")).encode()
        if value == other[name]:
            assert unseal(read_carried(spelled), KEY) == b"a parcel"
        else:
            with pytest.raises(PeerError, match="not_carried"):
                unseal(read_carried(spelled), KEY)


def test_two_files_of_one_parcel_share_no_key() -> None:
    lots = Lots()
    files = [seal(b"a", sender=AMBER, to=TEAL, key=KEY.public, randomness=lots) for _ in range(2)]
    assert read_carried(files[0]).ephemeral != read_carried(files[1]).ephemeral
    assert read_carried(files[0]).sealed != read_carried(files[1]).sealed
