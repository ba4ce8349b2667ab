"""Every planted fault still has its place, and the tests that it names are there."""

import pytest

from tests.house.checkout import ROOT
from tests.mutants.__main__ import MUTANTS
from tests.mutants.plant import Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_fault_has_its_place_and_its_tests(mutant: Mutant) -> None:
    source = (ROOT / "src/tansiq" / mutant.file).read_text("utf-8")
    assert source.count(mutant.text) == 1, "its text does not stand there exactly once"
    for test in mutant.tests:
        path, _, name = test.partition("::")
        words = (ROOT / path).read_text("utf-8")
        assert f"def {name.partition('[')[0]}(" in words if name else words, test


def test_no_two_planted_faults_have_one_name() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
