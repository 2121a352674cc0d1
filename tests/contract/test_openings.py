"""Pages open on something: on an answer that comes with the package, unless it is there at once or needs a download."""

import csv
import io
import re

import pytest

from resviz.families.resnet.spec import Spec
from resviz.runs.questions import KINDS
from resviz.ui import server
from tests.contract import kinds
from tests.contract.kinds import ENTRIES, OPEN, SHOWN, each
from tests.ui.addresses import PRESSED, fetch, furnish, state

OPEN_PANELS = {name: entry for name, entry in OPEN.items() if entry.panel}


@pytest.fixture(autouse=True)
def office(tmp_path, monkeypatch):
    """A server that has been asked nothing yet, and whose processes are the test."""
    scheduler = furnish(tmp_path, monkeypatch)
    yield scheduler
    scheduler.store.close()


@each(ENTRIES)
def test_it_is_quick_or_recorded_or_says_why_it_cannot_be(entry):
    recorded = entry.opens() is not None
    assert [entry.quick, recorded, entry.needs, bool(entry.asked_first)].count(True) == 1
    if entry.parts:
        assert recorded or entry.needs or entry.asked_first, "what tells how far it is takes longer than a second"


@each(OPEN)
def test_its_recorded_answer_is_whole_and_that_of_the_defaults_of_today(entry):
    found = entry.opens()
    assert found.record.spec == entry.spec()
    assert found.record.done == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\d, \d+\.\d s on a CPU, torch \d+\.\d+\.\d+\S*", found.made), found.made
    again = entry.from_text(entry.to_text(found.record))
    assert again == found.record and repr(again) == repr(found.record)


@pytest.mark.parametrize("kind", kinds.RECORDED_STUDIES)
def test_a_recorded_study_has_all_its_runs_to_the_end(kind):
    found = kinds.recorded_results(kind)
    assert found is not None and found.made
    assert all(run.ended and not run.failed for run in found.record.values())


# -- as a browser is told ----------------------------------------------------------------------------


@each(OPEN_PANELS)
def test_its_panel_opens_on_it_and_nothing_is_asked(entry):
    known = entry.opens()
    told = state(f"/panel/{entry.name}", viewer="me")
    assert (told["status"], told["share"], told["made"], told["query"]) == ("finished", 1.0, known.made, "")
    assert told["finding"] == entry.panel.finding(known.record)
    assert [figure["id"] for figure in told["figures"]] == [card["id"] for card in entry.figures(known.record)]
    assert not server.scheduler().pool.asked
    again = state(f"/panel/{entry.name}", viewer="me", have=told["version"])
    assert "figures" not in again and again["version"] == told["version"] != ""


@each(OPEN_PANELS)
def test_the_file_of_its_opening_has_its_numbers_and_no_nan(entry):
    status, headers, text = fetch(f"/panel/{entry.name}.csv")
    rows = list(csv.reader(io.StringIO(text), strict=True))
    assert (status, headers["content-type"]) == (200, "text/csv; charset=utf-8")
    name = f"resviz-{entry.name}-{entry.spec().digest}.csv"
    assert headers["content-disposition"] == f'attachment; filename="{name}"'
    assert len(rows) > 5
    assert not {cell.lower() for row in rows for cell in row} & {"nan", "inf", "-inf", "none"}


@each(OPEN_PANELS)
def test_other_settings_wait_for_the_process(entry):
    words = {"seed": str(entry.spec().seed + 7), **({"depth": "8"} if entry.spec is Spec else {})}
    told = state(f"/panel/{entry.name}", viewer="me", **words)
    assert (told["status"], told["version"], told["made"]) == ("running", "", "")
    (question,) = server.scheduler().pool.waiting()
    assert (question.kind, question.spec) == (entry.name, entry.spec.of(words))
    assert fetch(f"/panel/{entry.name}/stop", "POST", PRESSED, viewer="me", **words)[0] == 200
    assert not server.scheduler().pool.waiting()


@each({name: entry for name, entry in SHOWN.items() if entry.quick and entry.asked_as is None})
def test_what_is_quick_shows_something_at_once(entry):
    told = state(f"/panel/{entry.name}", viewer="me")
    assert told["finding"] and told["figures"] and told["version"]
    assert all(KINDS[question.kind].lane == "click" for question in server.scheduler().pool.waiting())


@each({name: entry for name, entry in SHOWN.items() if entry.weighed})
def test_a_training_past_the_limits_is_declined_with_an_estimate(entry):
    told = state(f"/panel/{entry.name}", depth="1202", width="256", epochs="500")
    assert told["barred"] and "the limit is" in told["trouble"]
    assert not server.scheduler().pool.waiting()
