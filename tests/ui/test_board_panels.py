"""Boards as the browser's half drives them: what there is of a study's runs, recorded results, a press, a stop, other viewers."""

import csv
import io
import json

import pytest

from resviz.families.resnet.family import ARMS
from resviz.latest import Latest
from resviz.runs.limits import Limits
from resviz.runs.recorded import recorded_study
from resviz.runs.studies import CSV_HEADER, Outcome, Study
from resviz.topics.calm.question import calm_study
from resviz.topics.compared.question import ComparedSpec
from resviz.topics.compared.words import finding as compared_finding
from resviz.topics.depth.claims import CLAIMS
from resviz.topics.depth.question import DepthSpec
from resviz.ui import boards
from resviz.ui.boards import Member, Studied, shown
from resviz.ui.panels import PANELS
from tests import paced
from tests.ui import addresses
from tests.ui.driving import Driven
from tests.ui.opening import open_page

DEPTH = Study.of("depth", {})
TINY = {"depths": "8,10", "seeds": "1", "width": "4", "epochs": "1", "examples": "128", "batch": "64"}
SMALL = {"depth": "4", "width": "2", "examples": "128", "batch": "64", "epochs": "1", "seeds": "1"}


@pytest.fixture(autouse=True)
def runs(tmp_path, monkeypatch):
    found = addresses.furnish(tmp_path, monkeypatch)
    found.limits = Limits(1e9, 1e12)
    monkeypatch.setattr(boards, "_finished", Latest(1000))
    for panel in (PANELS[name] for name in ("depth", "compared", "calm")):
        panel.source.asking.clear()
    yield found
    found.store.close()


def make(runs, spec):
    """Have a run trained, made up."""
    spec = runs.resolve(spec)
    runs.store.keep(paced.history(spec), 2.0)
    return spec


def wanted(runs):
    return [run.spec for run in runs.runs.values() if run.wanted_until(closed=True)]


# -- what the pages offer ------------------------------------------------------------------------------


def test_the_depth_page_mounts_its_panel_with_what_is_often_said():
    page = open_page("depth")
    (found,) = page.get("bidi_component")
    told = json.loads(found.proto.bytes)
    assert (told["kind"], told["name"], told["alone"]) == ("depth", "Error against depth", False)
    assert any(CLAIMS[0].found in each.value for each in page.markdown)


def test_depth_offers_every_setting_but_the_depth_and_the_changes_on_the_way():
    names = Driven("depth").names()
    assert names >= {"depths", "seeds", "epochs", "norm", "lr", "width", "device"}
    assert names == set(DepthSpec.model_fields) - {"depth", "edits", "cut", "remove"}


def test_another_setting_is_another_study_and_goes_into_the_address():
    panel = Driven("depth", **TINY, seed="4")
    panel.change(depths="8, 12, 16-18")
    assert panel.words == {**TINY, "depths": "8,12,16-18", "seed": "4"}
    assert "5 depths, one seed each: 5 runs of 2 steps, both networks in each; about" in panel.state["says"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"depths": "abc"}, "depths=abc: allowed is up to 20 depths from 2 to 1,202, such as 8,20,56"),
        ({"depths": "8,9999"}, "depths=8,9999: allowed are up to 20 depths from 2 to 1,202, such as 8,20,56"),
        ({"seeds": "0"}, "seeds=0: allowed is a whole number from 1 to 10; nearest that works: 1"),
    ],
)
def test_what_makes_no_study_is_quoted_with_what_is_allowed_and_the_rest_is_used(wrong, said):
    panel = Driven("depth", **{**TINY, **wrong})
    assert panel.problems[0].replace("are up", "is up") == said.replace("are up", "is up")
    assert panel.words["width"] == "4"


def test_a_wrong_word_in_the_field_is_quoted_and_changes_nothing():
    panel = Driven("depth", **TINY)
    says = panel.state["says"]
    panel.change(depths="deep")
    assert "depths=deep: allowed is up to 20 depths" in panel.problems[0]
    assert (panel.words, panel.state["values"]["depths"], panel.state["says"]) == (TINY, "8,10", says)


def test_a_lesson_passes_its_depth_on_and_it_is_left_alone():
    panel = Driven("depth", **TINY, depth="20")
    assert not panel.problems and panel.words == TINY


@pytest.mark.parametrize("kind", ["orders", "contents", "options"])
def test_what_is_trained_against_each_other_is_chosen(kind):
    panel = Driven("compared", **SMALL).change(compare=kind)
    assert ComparedSpec.of(panel.words).study() == Study.of(kind, SMALL)
    assert panel.part("compare")["kind"] == "pills"
    assert panel.state["says"].startswith(Study.of(kind, SMALL).takes)


def test_the_choices_open_on_the_networks_of_their_kind():
    for kind in ("orders", "contents", "options"):
        assert ComparedSpec.of({"compare": kind}).study() == Study.of(kind, {})
    assert ComparedSpec.of({"order": "full", "compare": "options"}).study() == Study.of("options", {"order": "full"})


def test_what_has_nothing_to_compare_says_so():
    panel = Driven("compared", **SMALL, block="plain")
    assert panel.state["barred"] and "there is nothing to compare" in panel.state["trouble"]


def test_the_first_steps_are_those_of_the_signals_settings_with_a_trainings_batch(runs):
    panel = Driven("calm", batch="32", depth="8", width="4", epochs="1", edits="2:lr:0.1")
    assert (panel.state["by_press"], wanted(runs)) == (True, [])
    panel.press()
    (spec,) = wanted(runs)
    assert spec == runs.resolve(calm_study(DepthSpec.of({"depth": "8", "width": "4"})).members()[0])
    assert (spec.batch, spec.epochs, spec.edits) == (128, 12, ())


def test_the_first_steps_of_what_the_page_opens_with_are_trained_by_themselves(runs):
    panel = Driven("calm", batch="32")
    assert (panel.state["by_press"], panel.state["status"]) == (False, "running")
    assert len(wanted(runs)) == 1


# -- recorded results ----------------------------------------------------------------------------------


def members(**by_depth):
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


def plain(look):
    (train, *_) = PANELS["depth"].figures(look.record)
    return next(t for t in train["figure"]["data"] if t.get("name") == "plain")


def test_it_opens_on_the_recorded_results_and_says_so():
    panel, known = Driven("depth"), recorded_study(DEPTH)
    assert (panel.state["made"], panel.state["verb"], panel.state["status"]) == (
        known.made,
        "Train them here",
        "waiting",
    )
    assert panel.state["says"].startswith(f"recorded runs: {known.made}; about ")
    assert panel.finding == PANELS["depth"].finding(Studied(DEPTH, known.record))
    assert [card["id"] for card in panel.figures] == [
        card["id"] for card in PANELS["depth"].figures(Studied(DEPTH, known.record))
    ]
    wrong = [1 - known.record["plain-8", n].train_accuracy for n in range(DEPTH.seeds)]
    drawn = next(t for t in panel.figures[0]["figure"]["data"] if t.get("name") == "plain")
    assert drawn["x"] == list(DEPTH.depths) and drawn["y"][0] == pytest.approx(sum(wrong) / 3, abs=1e-4)


def test_what_was_trained_here_stands_in_their_place(runs):
    own = Outcome(132, (1.0,), 0.25, 0.125)
    told, before = shown(runs, DEPTH, members(d8=own), asking=False), shown(runs, DEPTH, members(), asking=False)
    assert told.made and "here 1 of 27 runs done" in told.says and told.version != before.version
    known = recorded_study(DEPTH).record
    wrong = [0.75, *(1 - known["plain-8", n].train_accuracy for n in (1, 2))]
    assert plain(told)["y"][0] == pytest.approx(sum(wrong) / 3, abs=1e-4)


def test_what_has_not_ended_or_has_failed_does_not(runs):
    before = shown(runs, DEPTH, members(), asking=False)
    for run in (Outcome(10, (1.0,), ended=False), Outcome(0, (), failed="No memory.")):
        assert plain(shown(runs, DEPTH, members(d56=run), asking=False)) == plain(before)


def test_while_it_is_trained_here_only_that_is_shown_to_who_has_it_trained(runs):
    mine, other = Driven("depth").press(), Driven("depth", viewer="another")
    assert (mine.state["made"], mine.state["version"], mine.state["status"]) == ("", "", "running")
    assert mine.state["says"].startswith("0 of 27 runs done, about ")
    assert other.state["made"] and other.state["status"] == "waiting" and other.finding
    mine.stop()
    assert mine.look().state["made"] and mine.state["says"].startswith("recorded runs: ")
    assert not wanted(runs)


def test_a_run_that_nobody_waits_for_is_not_said_to_be_trained_by_somebody_else(runs):
    """It has been told to stop, and is still in the middle of a step."""
    panel = Driven("compared", **SMALL, compare="options").press()
    run = next(iter(runs.runs.values()))
    run.status = "running"
    panel.stop().look()
    assert "somebody else" not in panel.state["says"] and not panel.state["others"]


def test_other_settings_have_no_recorded_results():
    assert recorded_study(Study.of("depth", {"lr": "0.05"})) is None
    assert Driven("depth", lr="0.05").state["made"] == ""


@pytest.mark.parametrize(
    ("words", "runs"), [({"depths": "8,14"}, 12), ({"depths": "8,20,26", "seeds": "1"}, 4), ({"seed": "2"}, 18)]
)
def test_runs_that_are_recorded_are_shown_whatever_study_asks_for_them(words, runs):
    """Depth 26 is not recorded, nor are the seeds after 2."""
    study, known = Study.of("depth", words), recorded_study(DEPTH).record
    found = recorded_study(study).record
    assert len(found) == runs
    assert all(told == known[name, n + study.base.seed] for (name, n), told in found.items())
    panel = Driven("depth", **words)
    assert panel.figures and panel.finding == PANELS["depth"].finding(Studied(study, found))
    assert panel.state["verb"] == "Train them here"


# -- a press -----------------------------------------------------------------------------------------


def test_before_anybody_presses_nothing_is_asked_for_and_what_it_takes_is_said(runs):
    panel = Driven("depth", **TINY)
    assert (panel.state["status"], panel.state["verb"], panel.figures) == ("waiting", "Train them", None)
    assert panel.state["says"].startswith("2 depths, one seed each: 2 runs of 2 steps, both networks in each; about ")
    panel.look()
    assert addresses.state("/panel/depth", looks=True, **TINY)["status"] == "waiting"
    assert not wanted(runs)


def test_a_press_has_a_few_trained_at_a_time_and_figures_fill_in(runs):
    panel = Driven("compared", **SMALL, compare="options").press()
    study = Study.of("options", SMALL)
    assert panel.state["status"] == "running" and len(wanted(runs)) == runs.workers + boards.AHEAD
    first, *rest = study.members()
    runs.pool.jobs.pop(make(runs, first).digest)
    panel.look()
    assert "1 of 3 runs done" in panel.state["says"] and panel.state["share"] == pytest.approx(1 / 3)
    assert panel.cards() == ["study_accuracy", "study_loss"]
    version = panel.version
    assert "figures" not in panel.look().state and panel.version == version
    for spec in rest:
        runs.pool.jobs.pop(make(runs, spec).digest, None)
    panel.look()
    assert (panel.state["status"], panel.state["verb"], panel.state["says"]) == ("finished", "", study.takes)
    assert panel.finding == compared_finding(study, boards.results(study, boards.peek(runs, study)))
    header, *lines = csv.reader(io.StringIO(panel.file()[2]))
    assert tuple(header) == CSV_HEADER and len(lines) == 4
    later = Driven("compared", **SMALL, compare="options", viewer="another")
    assert (later.finding, later.state["status"], later.figures) == (panel.finding, "finished", panel.figures)


def test_stop_keeps_what_is_done_and_a_press_goes_on(runs):
    panel = Driven("compared", **SMALL, compare="options").press()
    runs.pool.jobs.pop(make(runs, Study.of("options", SMALL).members()[0]).digest)
    panel.stop().look()
    assert (panel.state["status"], panel.state["verb"], wanted(runs)) == ("waiting", "Train the rest", [])
    assert panel.state["says"].startswith("1 of 3 runs done; about ") and panel.figures
    panel.look()
    assert not wanted(runs), "looking starts nothing again"
    assert panel.press().state["status"] == "running" and wanted(runs)


def test_another_study_is_not_trained_because_the_one_before_was(runs):
    panel = Driven("depth", **TINY).press()
    panel.change(depths="8,12")
    assert panel.state["status"] == "waiting"
    panel.look()
    assert {spec.depth for spec in wanted(runs)} <= {8, 10}


def test_who_watches_what_others_have_trained_is_told_so(runs):
    Driven("compared", **SMALL, compare="options").press()
    run = next(iter(runs.runs.values()))
    run.status = "running"
    other = Driven("compared", **SMALL, compare="options", viewer="another")
    assert (other.state["status"], other.state["others"], other.state["verb"]) == ("waiting", True, "Train them")
    assert other.state["says"].endswith("; being trained just now, in another window or by somebody else")


def test_what_this_server_does_not_take_on_is_said_after_a_press(runs):
    runs.limits = Limits(1.0, 1e9)
    panel = Driven("compared", compare="options", depth="1202", width="1024", seeds="1")
    assert (panel.state["trouble"], panel.state["verb"]) == ("", "Train them")
    panel.press()
    assert "the limit is" in panel.state["trouble"] and panel.state["says"].endswith("; 3 failed")
    assert (panel.state["status"], panel.state["verb"]) == ("finished", "Try again")


def test_a_run_that_fails_is_said_and_can_be_tried_again(runs):
    panel = Driven("depth", **TINY).press()
    for run in list(runs.runs.values()):
        run.status, run.message = "failed", "The disk is full."
    panel.look()
    for run in runs.runs.values():
        run.status, run.message = "failed", "The disk is full."
    panel.look()
    assert panel.state["trouble"] == "The disk is full."
    assert (panel.state["status"], panel.state["verb"]) == ("finished", "Try again")
    panel.press()
    assert panel.state["status"] == "running" and not any(run.status == "failed" for run in runs.runs.values())
