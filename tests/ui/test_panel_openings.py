"""What the addresses of the panels themselves tell: of the answers that they open with, and of solutions that diverge."""

import csv
import io

import pytest

from resviz.euler.solve import Adaptive, SolveSpec
from resviz.euler.solvers import METHODS
from resviz.runs.recorded import OPENING, opening, recorded
from resviz.spec import Spec
from resviz.ui import server
from resviz.ui.panels import PANELS
from resviz.ui.sources import Instant, Measured
from tests.ui.addresses import PRESSED, fetch, furnish, state

CARDS = {"figure", "flow", "rows", "maps", "gallery", "pad", "drawing"}  # what panel.js draws


@pytest.fixture(autouse=True)
def office(tmp_path, monkeypatch):
    scheduler = furnish(tmp_path, monkeypatch)
    for panel in PANELS.values():
        if not isinstance(panel.source, Instant):
            monkeypatch.setattr(panel.source, "asked", {})
        if isinstance(panel.source, Measured):
            monkeypatch.setattr(panel.source, "looking", {})
    yield scheduler
    scheduler.store.close()


@pytest.mark.parametrize("name", OPENING)
def test_each_opens_on_its_recorded_answer_and_nothing_is_asked(name):
    told = state(f"/panel/{name}", viewer="me")
    assert (told["status"], told["share"], told["made"]) == ("finished", 1.0, recorded(opening(name)).made)
    assert told["finding"] == PANELS[name].finding(recorded(opening(name)).record)
    ids = [figure["id"] for figure in told["figures"]]
    assert len(ids) >= 2 and len(set(ids)) == len(ids)
    assert all(figure["title"] and CARDS & set(figure) for figure in told["figures"])
    assert not server._slow_prober.waiting
    assert "figures" not in state(f"/panel/{name}", viewer="me", have=told["version"])


@pytest.mark.parametrize("name", OPENING)
def test_the_file_of_each_opening_has_its_numbers_and_no_nan(name):
    status, _, text = fetch(f"/panel/{name}.csv")
    rows = list(csv.reader(io.StringIO(text)))
    assert status == 200
    assert len(rows) > 5
    assert not {cell.lower() for row in rows for cell in row} & {"nan", "inf", "-inf", "none"}


@pytest.mark.parametrize("name", OPENING)
def test_other_settings_of_each_wait_for_the_process(name):
    spec = PANELS[name].spec()
    words = {"seed": str(spec.seed + 7)}
    if PANELS[name].spec is Spec:
        words |= {"depth": "8"}
    told = state(f"/panel/{name}", viewer="me", **words)
    assert (told["status"], told["version"], told["made"]) == ("running", "", "")
    assert [q.spec for q, _ in server._slow_prober.waiting.values()] == [PANELS[name].spec.of(words)]
    assert fetch(f"/panel/{name}/stop", "POST", PRESSED, viewer="me", **words)[0] == 200
    assert not server._slow_prober.waiting


def test_a_training_past_the_limits_is_declined_with_an_estimate():
    status, _, text = fetch("/panel/depthtime", viewer="me", depth="1202", width="256", epochs="500")
    assert status == 400
    assert "the limit is" in text
    assert not server._slow_prober.waiting


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
        server._prober._remember(PANELS["solve"].source._question(spec).key, gave_up)
    told = state("/panel/solve", peek="", method=method, **words)
    assert told["finding"]
    status, _, text = fetch("/panel/solve.csv", method=method, **words)
    assert status == 200
    assert not {cell.lower() for row in csv.reader(io.StringIO(text)) for cell in row} & {"nan", "inf", "-inf"}
