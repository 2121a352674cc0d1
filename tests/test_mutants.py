"""Every fault that mutants puts into a copy can be put there: its text stands once in its file, and its tests are there."""

from importlib import import_module
from pathlib import Path

import pytest

from tests.mutants.__main__ import AREAS

ROOT = Path(__file__).parents[1]


def gone(fault):
    """Its tests that are not there, unless they went with their topic."""
    return [test for test in fault.tests if test not in fault.there and (ROOT / test).parent.is_dir()]


@pytest.mark.parametrize("area", AREAS)
def test_faults_fit_the_code_of_today(area):
    faults = import_module(AREAS[area]).FAULTS
    assert faults
    for number, fault in enumerate(faults, start=1):
        text = (ROOT / fault.path).read_text(encoding="utf-8")
        assert text.count(fault.old) == 1, f"{area}:{number} {fault.says}"
        assert fault.new != fault.old and fault.there and not gone(fault), f"{area}:{number}"
