"""The addresses of runs: records, wishes, branches and files, and what is declined, in words."""

import csv
import io
import json
import time

import pytest
from starlette.applications import Starlette

from resviz.families.resnet.findings import initial_finding
from resviz.families.resnet.spec import Spec
from resviz.train.records import to_csv
from resviz.ui import routes, server
from resviz.ui.http import FAULT, under
from tests import paced
from tests.ui.addresses import PRESSED, furnish, request

APP = Starlette(routes=under("", routes.routes))
SPEC = Spec.of({"depth": "8", "epochs": "3", "device": "cpu"})  # 33 steps
OPEN = SPEC.replace(seed=1)  # not trained
ACTIONS = ("records", "want", "cancel", "restart", "branch")


@pytest.fixture(autouse=True)
def office(tmp_path, monkeypatch):
    """A server whose store has the run of SPEC, and that starts no process."""
    scheduler = furnish(tmp_path, monkeypatch)
    scheduler.store.keep(paced.history(SPEC), 1.0)
    scheduler.submit(SPEC)
    scheduler.submit(OPEN)
    yield scheduler
    scheduler.store.close()


def fetch(path, method="GET", sent_along=PRESSED, body=None, **words):
    """Status, headers and text of an address."""
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return request(APP, path, method, sent_along, body, **{"viewer": "ann", **words})


def post(path, body=None, **options):
    return fetch(path, "POST", body=body, **options)


def branch(body, spec=SPEC, **options):
    return post(f"/runs/{spec.digest}/branch", body, **options)


# -- what is known of a run ------------------------------------------------------------------------


def test_records_come_from_where_the_browser_is():
    for first, count in ((0, 33), (30, 3), (33, 0), (34, 33)):  # who has more than there is begins anew
        status, _, text = fetch(f"/runs/{SPEC.digest}/records", **{"from": first})
        told = json.loads(text)
        assert (status, told["status"], told["from"]) == (200, "finished", first % 34)
        assert [record["step"] for record in told["records"]] == list(range(34 - count, 34))


def test_to_post_for_records_is_the_wish_to_see_them(office):
    run = office.submit(OPEN)
    post(f"/runs/{OPEN.digest}/records", until="12")
    assert run.leases["ann"].until == 12
    post(f"/runs/{OPEN.digest}/want", until="20")
    assert run.leases["ann"].until == 20


def test_to_get_records_keeps_alive_what_was_wished_for_and_begins_nothing(office):
    run = office.submit(OPEN)
    assert fetch(f"/runs/{OPEN.digest}/records", until="12")[0] == 200
    assert not run.leases and run.status == "paused"
    post(f"/runs/{OPEN.digest}/want", until="20")
    run.leases["ann"].expires = soon = time.monotonic() + 1
    fetch(f"/runs/{OPEN.digest}/records", until="12", viewer="ben")
    assert run.leases["ann"].expires == soon and set(run.leases) == {"ann"}
    fetch(f"/runs/{OPEN.digest}/records", until="12")
    assert (run.leases["ann"].until, run.leases["ann"].expires > soon + 10) == (20, True)


def test_a_fault_of_ours_is_a_sentence_here_and_a_traceback_in_the_log(office, monkeypatch, caplog):
    monkeypatch.setattr(office, "cancel", lambda run, viewer: {}[viewer])
    status, _, text = post(f"/runs/{OPEN.digest}/cancel")
    assert (status, text) == (500, FAULT)
    (entry,) = caplog.records
    assert "KeyError: 'ann'" in entry.exc_text and "Traceback" in entry.exc_text


def test_a_run_is_cancelled_and_begun_again(office):
    run = office.submit(OPEN)
    post(f"/runs/{OPEN.digest}/records")
    assert json.loads(post(f"/runs/{OPEN.digest}/cancel")[2]) == {"status": "cancelled"}
    assert run.message == "Cancelled after step 0 of 33."
    assert json.loads(post(f"/runs/{OPEN.digest}/restart")[2])["status"] in ("paused", "queued")


def test_progress_is_told_without_taking_part(office):
    assert json.loads(fetch(f"/status/{SPEC.digest}")[2]) == {"status": "finished", "done": 33, "steps": 33}
    assert json.loads(fetch(f"/status/{OPEN.digest}", times="")[2]) == {
        **{"status": office.submit(OPEN).status, "done": 0, "steps": 33},
        "times": [],
    }
    assert not office.submit(OPEN).leases
    assert json.loads(fetch("/status")[2])["trained"] == 0


def test_the_numbers_are_a_file_with_all_digits():
    status, headers, text = fetch(f"/runs/{SPEC.digest}/records.csv")
    assert (status, headers["content-disposition"]) == (200, f'attachment; filename="resviz-{SPEC.digest}.csv"')
    assert text == to_csv(paced.history(SPEC))
    header, *rows = csv.reader(io.StringIO(text))
    assert header[:4] == ["step", "epoch", "lr", "residual.loss"]
    assert [row[0] for row in rows] == [str(step) for step in range(1, 34)]


def test_the_code_is_a_file():
    status, headers, text = fetch(f"/runs/{SPEC.digest}/script.py")
    assert (status, headers["content-disposition"]) == (200, f'attachment; filename="resviz-{SPEC.digest}.py"')
    compile(text, "script.py", "exec")


# -- changes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [12, "next"])
def test_a_branch_is_another_run_that_its_viewer_goes_over_to(office, at):
    office.watch(office.submit(SPEC), "ann")
    office.watch(office.submit(SPEC), "ben")
    status, _, text = branch({"at": at, "set": {"cut": "2"}})
    new = SPEC.branch(33 if at == "next" else at, **({"epochs": 6} if at == "next" else {}), cut=[2])
    told = json.loads(text)["run"]
    assert (status, told["digest"], told["steps"]) == (200, new.digest, 66 if at == "next" else 33)
    assert [node["digest"] for node in told["lineage"]] == [SPEC.digest, new.digest]
    assert set(office.submit(new).leases) == {"ann"}
    assert set(office.submit(SPEC).leases) == {"ben"}


def test_before_training_a_branch_is_told_with_what_its_first_step_would_measure(office):
    new = SPEC.branch(0, cut=[2])
    record = paced.record(new, 1)
    server.answers().known[new.digest] = record
    told = json.loads(branch({"at": 0, "set": {"cut": "2"}})[2])
    assert told["run"]["digest"] == new.digest == SPEC.replace(cut=(2,)).digest
    assert told["preview"]["residual"]["loss"] == pytest.approx(record.arms["residual"].loss, rel=1e-3)
    assert told["finding"] == initial_finding(new, record)
    assert not office.submit(new).leases, "a look trains nothing"


# -- what is declined ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"at": 999, "set": {"cut": "1"}}, "the run has"),
        ({"at": 5, "set": {"cut": "77"}}, "cut shortcuts: “77” cannot be used: depth 8 has shortcuts 1 to 3."),
        ({"at": 5, "set": {"lr": "fast"}}, "learning rate: “fast” cannot be used: allowed is a number from "),
        ({"at": 5, "set": {"depth": "20"}}, "depth cannot change on the way"),
        ({"at": -3, "set": {"cut": "1"}}, "at='-3': allowed is a step from 0, or next"),
        ({"at": "later", "set": {"cut": "1"}}, "at='later': allowed is a step from 0, or next"),
        ({"at": 5, "set": {"colour": "red"}}, "colour: “red” cannot be used: no such setting"),
        ({"at": 5, "set": [1]}, "set: settings by name"),
        ({"at": 33, "set": {"epochs": "500000"}}, "allowed"),
        ([], "a JSON object is needed"),
        (b"{", "Expecting"),
    ],
)
def test_a_branch_that_cannot_be_made_is_answered_in_words(office, body, says):
    before = len(office.runs)
    status, _, text = branch(body)
    assert (status, says in text, "\n" in text) == (400, True, False), text
    assert len(office.runs) == before


@pytest.mark.parametrize("what", [*(f"/runs/{SPEC.digest}/{action}" for action in ACTIONS), "/data/mnist"])
def test_what_another_site_makes_a_browser_post_is_declined(office, what):
    status, _, text = post(what, {}, sent_along={})
    assert (status, text) == (400, "this address is for the pages of the app")
    assert office.submit(SPEC).status == "finished"


@pytest.mark.parametrize(
    ("path", "method"),
    [*(("records", "GET"), ("records.csv", "GET")), *((action, "POST") for action in ACTIONS)],
)
def test_an_unknown_run_is_a_sentence(path, method):
    status, _, text = fetch(f"/runs/nothing/{path}", method, body={})
    assert status == 404
    assert text.startswith("There is no run 'nothing' on this server.")


@pytest.mark.parametrize(
    ("path", "method", "words", "says"),
    [
        ("records", "GET", {"from": "-1"}, "from='-1': allowed is a whole number"),
        ("records", "GET", {"from": "9" * 11}, "allowed is a whole number"),
        ("records", "POST", {"viewer": ""}, "viewer: allowed is a name of 1 to 64 characters"),
        ("records", "POST", {"viewer": "x" * 65}, "viewer: allowed is a name of 1 to 64 characters"),
        ("records", "POST", {"until": "soon"}, "until='soon': allowed is a whole number"),
        ("records", "GET", {"from": "soon"}, "from='soon': allowed is a whole number"),
        ("want", "POST", {"until": "1.5"}, "until='1.5': allowed is a whole number"),
        ("cancel", "POST", {"viewer": ""}, "viewer: allowed is a name"),
    ],
)
def test_wrong_words_are_one_line_and_400(path, method, words, says):
    status, _, text = fetch(f"/runs/{OPEN.digest}/{path}", method, **words)
    assert (status, says in text, "\n" in text) == (400, True, False), text
