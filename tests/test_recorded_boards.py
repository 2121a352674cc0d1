"""A study whose results come with the package: what its board shows before, while and after it is trained here."""

import pytest

from resviz.records import ARMS
from resviz.runs.recorded import recorded_study
from resviz.runs.scheduler import Scheduler
from resviz.runs.store import Store
from resviz.studies import Outcome, Study
from resviz.ui import study_routes
from resviz.ui.study_routes import Member, state

DEPTH = Study.of("depth", {})


@pytest.fixture
def runs(tmp_path):
    found = Scheduler(Store(tmp_path), workers=0)
    found.device = "cpu"
    yield found
    found.store.close()


def members(runs, **by_depth):
    """What is there of each run: nothing, but for the first seed of these depths."""
    found = {}
    for spec in DEPTH.members():
        here = spec.seed == DEPTH.base.seed and by_depth.get(f"d{spec.depth}")
        arms = dict.fromkeys(ARMS, here) if here else {}
        over = bool(here and here.ended)
        found[spec.digest] = Member(
            arms, spec.steps if over else 0, 1.0 if over else 0.0, "finished" if over else "paused"
        )
    return found


def test_it_opens_on_the_recorded_results_and_says_so(runs):
    told = state(runs, DEPTH, members(runs))
    known = recorded_study(DEPTH)
    assert told["made"] == known.made and told["status"] == "waiting" and told["done"] == 0
    (train, *_) = told["figures"]
    plain = next(t for t in train["figure"]["data"] if t.get("name") == "plain")
    assert plain["x"] == list(DEPTH.depths)
    wrong = [1 - known.record["plain-8", n].train_accuracy for n in range(DEPTH.seeds)]
    assert plain["y"][0] == pytest.approx(sum(wrong) / 3, abs=1e-4)


def test_what_was_trained_here_stands_in_their_place(runs):
    own = Outcome(132, (1.0,), 0.25, 0.125)
    told, before = state(runs, DEPTH, members(runs, d8=own)), state(runs, DEPTH, members(runs))
    assert told["made"] and told["done"] == 1 and told["version"] != before["version"]
    known = recorded_study(DEPTH).record
    wrong = [0.75, *(1 - known["plain-8", n].train_accuracy for n in (1, 2))]
    plain = next(t for t in told["figures"][0]["figure"]["data"] if t.get("name") == "plain")
    assert plain["y"][0] == pytest.approx(sum(wrong) / 3, abs=1e-4)


def test_what_has_not_ended_or_has_failed_does_not(runs):
    before = state(runs, DEPTH, members(runs))["figures"]
    for run in (Outcome(10, (1.0,), ended=False), Outcome(0, (), failed="No memory.")):
        assert state(runs, DEPTH, members(runs, d56=run))["figures"] == before


def test_while_it_is_trained_here_only_that_is_shown(runs):
    told = state(runs, DEPTH, members(runs), watched=True)
    assert told["made"] == "" and told["finding"] == ""


def test_other_settings_have_no_recorded_results(runs):
    other = Study.of("depth", {"lr": "0.05"})
    assert recorded_study(other) is None
    none = {spec.digest: Member({}) for spec in other.members()}
    assert study_routes.state(runs, other, none)["made"] == ""
