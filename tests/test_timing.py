"""The check of what tests cost: by processor time, and only the few that are marked may cost more."""

import json
import time

import pytest

from tests import timing
from tests.timing import FEW, LIMIT_SECONDS, complaints, processor_seconds

LONG = LIMIT_SECONDS + 0.1


def test_the_tests_of_a_file_run_in_one_process(request):
    """By the name that the process which hands out tests knows them by."""
    if not hasattr(request.config, "workerinput"):
        pytest.skip("there is only one process")
    assert request.node.nodeid.endswith("@test_timing.py")


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ({"a": [1.0, 1.0, False], "b": [500.0, 1.0, False]}, []),  # the clock may be anybody's fault
        ({"a": [1.0, LONG, False]}, [f"a: {LONG:.1f} s of processor time; allowed are 15 s, or the mark slow"]),
        ({"a": [1.0, LONG, True]}, []),
        ({f"t{n}": [1.0, 1.0, True] for n in range(FEW + 1)}, ["9 tests are marked slow; allowed are 8"]),
    ],
)
def test_complaints(seen, said):
    assert complaints(seen) == said


@pytest.mark.parametrize(("seen", "code"), [({"a": [1.0, 1.0, False]}, 0), ({"a": [1.0, LONG, False]}, 1), (None, 1)])
def test_the_step_of_ci_fails_for_a_test_that_costs_too_much_and_where_no_test_ran(
    tmp_path, monkeypatch, capsys, seen, code
):
    monkeypatch.setattr(timing, "FILE", tmp_path / "times")
    if seen is not None:
        timing.FILE.write_text(json.dumps(seen))
    assert timing.main() == code
    assert capsys.readouterr().out


def test_processor_time_does_not_pass_while_one_waits():
    before = processor_seconds()
    time.sleep(0.3)
    assert processor_seconds() - before < 0.2
    while processor_seconds() - before < 0.2:  # as it does while one works
        sum(range(10_000))
