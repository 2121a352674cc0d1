"""The panel of solvers, which this server answers by itself: at once, and in JSON also where a solution diverges."""

import csv
import io

import pytest

from resviz.topics.solve.question import Adaptive, SolveSpec
from resviz.topics.solve.solvers import METHODS
from resviz.ui import server
from resviz.ui.panels import PANELS
from tests.ui.addresses import fetch, furnish, state


@pytest.fixture(autouse=True)
def office(tmp_path, monkeypatch):
    scheduler = furnish(tmp_path, monkeypatch)
    yield scheduler
    scheduler.store.close()


def test_the_solver_answers_at_once():
    told = state("/panel/solve", viewer="me", system="decay")
    assert told["status"] == "running"
    assert told["finding"] and len(told["figures"]) >= 3


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "words",
    [
        {"system": "van_der_pol", "n": "10"},  # leaves the range of floats
        {"system": "lotka_volterra", "n": "3"},
        {"system": "rotation", "n": "1", "T": "1000"},
        {"system": "pendulum", "n": "1", "T": "1000"},  # one step that is far too long
        {"system": "decay", "n": "1", "start": "0"},  # nothing happens
    ],
    ids=lambda words: " ".join(words.values()),
)
def test_a_solution_that_diverges_is_still_json(words, method):
    if method == "dopri5":
        spec = SolveSpec.of({"method": method, **words})
        gave_up = Adaptive((0.0,), (spec.begin,), 8, 3, "It gave up.")
        server.answers().known[PANELS["solve"].source.questions(spec)[0].key] = gave_up
    told = state("/panel/solve", looks=True, method=method, **words)
    assert told["finding"]
    status, _, text = fetch("/panel/solve.csv", method=method, **words)
    assert status == 200
    assert not {cell.lower() for row in csv.reader(io.StringIO(text)) for cell in row} & {"nan", "inf", "-inf"}
