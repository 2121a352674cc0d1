"""What all addresses share: errors by kind, wishes of pages only, the path under which a larger site has us."""

import json

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from resviz.data.images import NotAPicture
from resviz.families.resnet.inside import NoAnswer
from resviz.runs.limits import Refused
from resviz.ui.http import FAULT, FOR_PAGES, NotHere, posted, under, viewer_of
from resviz.words.text import Problem, SpecError
from tests.ui.addresses import PRESSED, request


def raising(error):
    async def endpoint(asked):
        raise error

    return Starlette(routes=under("", [Route("/it", endpoint)]))


MISTAKES = (
    (SpecError([Problem("depth", "x", "allowed is a number")]), 400, "depth=x: allowed is a number"),
    (Refused("It would take 3 h."), 400, "It would take 3 h."),
    (NotAPicture("'a.txt' is no picture."), 400, "'a.txt' is no picture."),
    (NoAnswer("These networks have no block."), 400, "These networks have no block."),
    (NotHere("There is no run."), 404, "There is no run."),
)


@pytest.mark.parametrize(("error", "status", "words"), MISTAKES, ids=lambda x: type(x).__name__)
def test_each_kind_of_mistake_has_one_status_and_its_own_words(error, status, words, caplog):
    found, headers, text = request(raising(error), "/it")
    assert (found, headers["content-type"], text) == (status, "text/plain; charset=utf-8", words)
    assert not caplog.records, "what is told to a person is no news for the log"


@pytest.mark.parametrize(
    "error", [ValueError("broadcast"), KeyError("x"), RuntimeError("no"), TypeError("5")], ids=repr
)
def test_any_other_error_is_a_fault_whose_traceback_is_in_the_log(error, caplog):
    found, headers, text = request(raising(error), "/it")
    assert (found, headers["content-type"], text) == (500, "text/plain; charset=utf-8", FAULT)
    (entry,) = caplog.records
    assert entry.levelname == "ERROR" and entry.exc_info[1] is error


async def _told(asked):
    return JSONResponse({"said": await posted(asked), "viewer": viewer_of(asked)})


APP = Starlette(routes=under("", [Route("/it", _told, methods=["POST"])]))


def test_a_wish_is_a_page_that_posts_under_a_name():
    status, _, text = request(APP, "/it", "POST", PRESSED, b'{"anew": true}', viewer="ann")
    assert (status, json.loads(text)) == (200, {"said": {"anew": True}, "viewer": "ann"})
    assert json.loads(request(APP, "/it", "POST", PRESSED, b"", viewer="ann")[2])["said"] == {}


@pytest.mark.parametrize(
    ("headers", "body", "words", "says"),
    [
        ({}, b"{}", {"viewer": "ann"}, FOR_PAGES),
        (PRESSED, b"[1]", {"viewer": "ann"}, "a JSON object is needed"),
        (PRESSED, b"{", {"viewer": "ann"}, "no JSON: Expecting property name"),
        (PRESSED, b"\xff", {"viewer": "ann"}, "no JSON: "),
        (PRESSED, b"{}", {}, "viewer: allowed is a name of 1 to 64 characters"),
        (PRESSED, b"{}", {"viewer": "x" * 65}, "viewer: allowed is a name of 1 to 64 characters"),
    ],
)
def test_what_is_no_such_wish_is_declined_in_words(headers, body, words, says):
    status, _, text = request(APP, "/it", "POST", headers, body, **words)
    assert (status, text.startswith(says)) == (400, True), text


@pytest.mark.parametrize("path", ["", "/", "teach", "/teach/resviz/"])
def test_addresses_stand_under_the_path_alone(path):
    app = Starlette(routes=under(path, [Route("/it", _told, methods=["POST"])]))
    prefix = f"/{path.strip('/')}".rstrip("/")
    assert request(app, f"{prefix}/it", "POST", PRESSED, viewer="ann")[0] == 200
    assert request(app, f"{prefix}/it", "GET")[0] == 405
    if prefix:
        assert request(app, "/it", "POST", PRESSED, viewer="ann")[0] == 404
