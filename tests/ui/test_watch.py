"""What a page hears by itself: news of a run and of panels over one socket, which begins nothing."""

import time
from dataclasses import replace

import pytest
from starlette.applications import Starlette

from resviz.families.resnet.spec import Spec
from resviz.runs.jobs import FOREVER
from resviz.runs.recorded import opening, recorded
from resviz.topics.flow.question import PlaneSpec
from resviz.ui import asking, server, watch
from resviz.ui.http import FAULT, under
from resviz.ui.routes import routes
from tests import paced
from tests.ui.addresses import PRESSED, furnish, request, watching
from tests.ui.driving import Driven

SPEC = Spec.of({"depth": "8", "epochs": "3", "device": "cpu"})  # 33 steps
APP = Starlette(routes=under("", routes))
FLOW = PlaneSpec(seed=9)


@pytest.fixture(autouse=True)
def office(tmp_path, monkeypatch):
    scheduler = furnish(tmp_path, monkeypatch)
    for name in ("STAY_SECONDS", "CLOCK_SECONDS", "PUSH_SECONDS"):
        monkeypatch.setattr(watch, name, 0.02)
    yield scheduler
    scheduler.store.close()


def drawn(done):
    """How far a training of FLOW has come."""
    return replace(recorded(opening("flow")).record, spec=FLOW, done=done)


def a_run(**more):
    return {"id": 1, "run": SPEC.digest, "viewer": "ann", "from": 0, **more}


def a_panel(name="flow", number=2, **more):
    return {"id": number, "panel": name, "viewer": "ann", "query": FLOW.query(), "have": "", "laid": "", **more}


# -- a run -----------------------------------------------------------------------------------------


def test_records_come_as_they_are_made_and_the_end_is_the_last_news(office):
    run = office.submit(SPEC)
    records = paced.history(SPEC).records
    run.history.start = paced.START

    def learn(heard):
        for record in records[run.steps_done : run.steps_done + 11]:
            run.accept(record)
        if run.steps_done == 33:
            run.status = "finished"

    heard = watching(APP, a_run(), until=4, then=learn)
    news = [each["news"] for each in heard]
    assert {each["id"] for each in heard} == {1}
    assert [told["from"] for told in news] == [0, 0, 11, 22]
    assert [record["step"] for told in news for record in told["records"]] == list(range(1, 34))
    assert news[-1]["status"] == "finished"


def test_what_the_page_has_is_not_sent_again_and_a_run_started_over_comes_whole(office):
    run = office.submit(SPEC)
    for record in paced.history(SPEC, 5).records:
        run.accept(record)
    (heard,) = watching(APP, a_run(**{"from": 3}))
    assert [record["step"] for record in heard["news"]["records"]] == [4, 5]
    (heard,) = watching(APP, a_run(**{"from": 20}))
    assert (heard["news"]["from"], len(heard["news"]["records"])) == (0, 5)


def test_to_watch_begins_nothing_and_keeps_alive_what_was_wished_for(office):
    run = office.submit(SPEC)
    watching(APP, a_run())
    assert not run.leases and run.status == "paused"
    office.watch(run, "ann", until=20, seconds=0.5)
    soon = run.leases["ann"].expires
    watching(APP, a_run())
    lease = run.leases["ann"]
    assert (lease.open, lease.until, lease.expires > soon) == (False, 20, True), "and yields to others once it has gone"
    watching(APP, a_run(viewer="ben"))
    assert set(run.leases) == {"ann"}


def test_a_run_that_there_is_not_is_said_in_a_sentence():
    (heard,) = watching(APP, a_run(run="0123456789abcdef"))
    assert heard == {"id": 1, "error": heard["error"]} and "There is no run '0123456789abcdef'" in heard["error"]


# -- panels ----------------------------------------------------------------------------------------


def test_a_panel_tells_each_part_once_and_nothing_after_its_end(office):
    panel = Driven("flow", seed="9", viewer="ann")
    assert panel.state["status"] == "running"

    def learn(heard):
        done = {1: 0.25, 2: 0.5}.get(len(heard))
        office.pool.tell(drawn(done)) if done else office.pool.end(drawn(1.0)) if len(heard) == 3 else None

    news = [each["news"] for each in watching(APP, a_panel(), until=4, then=learn)]
    assert [(told["share"], told["status"]) for told in news] == [
        *((share, "running") for share in (0.0, 0.25, 0.5)),
        (1.0, "finished"),
    ]
    assert ["rows" in told for told in news] == [True, False, False, False], "settings are sent once"
    assert all(told["figures"] for told in news[1:])
    panel.look()
    assert {key: news[-1][key] for key in ("finding", "version", "query")} == {
        "finding": panel.finding,
        "version": panel.version,
        "query": panel.query,
    }


def test_what_the_browser_has_is_not_sent_again():
    Driven("flow", viewer="ann")
    first = watching(APP, a_panel(query=""))[0]["news"]
    again = watching(APP, a_panel(query="", have=first["version"], laid=first["laid"]))[0]["news"]
    assert first["figures"] and first["rows"]
    assert not {"figures", "rows"} & again.keys() and again["version"] == first["version"]


def test_to_watch_a_panel_asks_nothing_and_keeps_alive_what_was_asked(office):
    watching(APP, a_panel(viewer="ben"))
    assert not office.pool.asked
    Driven("flow", seed="9", viewer="ann")
    (job,) = server.answers().waiting["ann"]
    job.leases["ann"].fresh = job.leases["ann"].expires = time.monotonic() + 0.5
    watching(APP, a_panel())
    assert job.leases["ann"].expires > time.monotonic() + 10 and job.leases["ann"].until == FOREVER
    watching(APP, a_panel(query="seed=5"))
    assert office.pool.waiting() == [], "who looks at something else waits for it no longer"


def test_several_things_are_watched_over_one_socket_each_under_its_number(office):
    office.submit(SPEC)
    heard = watching(APP, a_run(), a_panel("count", 2, query="net=vgg16"), a_panel("unravel", 3, query=""), until=3)
    assert sorted(each["id"] for each in heard) == [1, 2, 3]
    told = {each["id"]: each["news"] for each in heard}
    assert told[1]["digest"] == SPEC.digest and "VGG-16" in told[2]["finding"] and told[3]["figures"]


def test_what_is_ended_tells_nothing_more(office):
    Driven("flow", seed="9", viewer="ann")
    heard = watching(APP, a_panel(number=5), {"id": 5}, a_panel("count", 6, query=""), until=1)
    assert [each["id"] for each in heard] == [6]


def test_a_mistake_and_a_fault_are_errors_of_one_thing_and_the_socket_stays(office, monkeypatch, caplog):
    def broken(*args):
        raise KeyError("nothing")

    monkeypatch.setattr(asking, "state", broken)
    heard = watching(APP, a_panel("pie", 1), a_panel("count", 2, query=""), a_run(run="x", id=3), until=3)
    told = {each["id"]: each["error"] for each in heard}
    assert told[1].startswith("panel 'pie': allowed is ") and told[2] == FAULT and "There is no run 'x'" in told[3]
    assert "KeyError: 'nothing'" in caplog.text


# -- who may listen ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "let_in"),
    [
        ("", True),
        ("http://ours:8501", True),
        ("https://ours:8501", True),
        ("http://theirs:8501", False),
        ("http://ours", False),
        ("null", False),
    ],
)
def test_only_pages_of_ours_are_let_in(origin, let_in):
    heard = watching(APP, a_panel("count", query=""), origin=origin)
    assert (heard == [watch.ELSEWHERE]) != let_in


@pytest.mark.parametrize("said", ["what?", "[]", "{}", '{"id": "x"}', "3"])
def test_what_is_no_message_of_ours_ends_the_socket(said, caplog):
    assert watching(APP, said) == [1003]
    assert not caplog.records


def test_one_page_cannot_watch_any_number_of_things(monkeypatch):
    monkeypatch.setattr(watch, "MOST_WATCHED", 2)
    Driven("flow", seed="9", viewer="ann")
    heard = watching(APP, *(a_panel(number=n) for n in range(1, 5)), a_panel("count", 9, query=""), until=2)
    assert sorted(each["id"] for each in heard) == [1, 2]


def test_the_address_is_under_the_path_of_the_app():
    (at,) = [route.path for route in under("teach/resviz", watch.routes)]
    assert at == "/teach/resviz/watch"
    assert request(APP, "/watch", "GET", PRESSED)[0] == 404
