"""The addresses of panels: what they tell of made-up answers, and what they ask for whom."""

import csv
import io
import json
import threading
import time
from dataclasses import replace

import pytest

from resviz.latest import Latest
from resviz.runs.limits import Refused
from resviz.topics.flow.question import PlaneSpec
from resviz.ui import asking, panel_routes, server
from resviz.ui.http import FAULT
from resviz.ui.panel import Control, Panel
from resviz.ui.panels import PANELS
from resviz.ui.sources import Look
from resviz.words.text import Mistake
from tests.ui.addresses import APP, PRESSED, fetch, furnish, request, state, wish

EMPTY = Look(None, 0.0)


class Made:
    """A source that shows the looks it is given, one after the other, and notes what it is asked."""

    def __init__(self, *looks: Look) -> None:
        self.looks, self.asked, self.stopped, self.stays = list(looks or (EMPTY,)), [], [], []
        self.refusal: Exception | None = None
        self.looked = 0

    def ask(self, spec, viewer, anew):
        if self.refusal:
            raise self.refusal
        self.asked.append((spec, viewer, anew))

    def stay(self, spec, viewer):
        self.stays.append((spec, viewer))

    def moment(self, spec):
        """Another one each time that there is another look to come."""
        return len(self.looks)

    def look(self, spec, viewer=""):
        self.looked += 1
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]

    def stop(self, spec, viewer):
        self.stopped.append((spec, viewer))


def figures(record):
    chart = {
        "data": [{"name": "a", "x": [1, 2], "y": [0.5, None]}, {"name": "b", "x": [2], "y": [record]}],
        "layout": {},
    }
    return [
        {"id": "one", "title": "Curves", "note": "", "figure": chart},
        {"id": "two", "title": "A drawing", "note": "", "flow": {}},
        {"id": "three", "title": "In numbers", "note": "", "rows": {"header": ["", "of it"], "rows": [["all", "7"]]}},
    ]


@pytest.fixture
def made(monkeypatch):
    """The source of a panel of its own name."""
    source = Made()
    controls = (Control("data"), Control("blocks", (1, 2, 3, 10, 20)))
    panel = Panel(PlaneSpec, source, figures, lambda record: f"It is {record}.", controls, (Control("lr"),))
    monkeypatch.setitem(PANELS, "made", panel)
    return source


@pytest.fixture(autouse=True)
def office(tmp_path, monkeypatch):
    scheduler = furnish(tmp_path, monkeypatch)
    yield scheduler
    scheduler.store.close()


# -- states --------------------------------------------------------------------------------------

STATES = {
    "nothing there": (EMPTY, "waiting", False),
    "others first": (Look(None, 0.0, running=True, ahead=3), "running", False),
    "under way": (Look(0.25, 0.25, running=True), "running", True),
    "finished": (Look(7.0, 1.0), "finished", True),
    "failed": (Look(None, 0.0, trouble="There was not enough memory."), "waiting", False),
    "failed in part": (Look(0.9, 0.9, trouble="The rest failed."), "waiting", True),
    "recorded": (Look(7.0, 1.0, made="2026-11-21, 5.1 s on a CPU"), "finished", True),
}


@pytest.mark.parametrize("name", STATES)
def test_each_state_is_told_with_its_figures_where_there_are_any(made, name):
    look, status, there = STATES[name]
    made.looks = [look]
    told = state("/panel/made", viewer="me")
    assert told["status"] == status
    share, ahead, trouble, made_by = (told[key] for key in ("share", "ahead", "trouble", "made"))
    assert (share, ahead, trouble, made_by) == (look.share, look.ahead, look.trouble, look.made)
    assert ("figures" in told) == ("finding" in told) == bool(told["version"]) == there
    if there:
        assert told["finding"] == f"It is {look.record}."
        assert [figure["id"] for figure in told["figures"]] == ["one", "two", "three"]


def test_figures_come_with_a_table_and_a_height(made):
    made.looks = [Look(7.0, 1.0)]
    one, two, three = state("/panel/made")["figures"]
    assert one["table"] == {"header": ["at", "a", "b"], "rows": [["1", "0.5", "–"], ["2", "–", "7"]]}
    assert one["height"] > 100
    assert two == figures(7.0)[1]
    assert three == figures(7.0)[2]


def test_settings_are_told_as_the_panel_shows_them(made):
    told = state("/panel/made", data="moons", blocks="3", lr="0.1", viewer="me", have="x", view="made", embed="true")
    spec = PlaneSpec(data="moons", blocks=3, lr=0.1)
    assert told["query"] == spec.query() == "data=moons&blocks=3&lr=0.1"
    assert told["values"] == {"data": "moons", "blocks": "3", "lr": "0.1"}
    assert told["said"] == {"blocks": "3"}


def test_figures_that_the_browser_has_are_left_out(made):
    made.looks = [Look(7.0, 1.0)]
    first = state("/panel/made")
    again = state("/panel/made", have=first["version"])
    assert "figures" not in again and "finding" not in again
    assert again["version"] == first["version"]
    for other in (Look(0.5, 0.5), Look(7.0, 1.0, made="elsewhere")):
        made.looks = [other]
        assert "figures" in state("/panel/made", have=first["version"])
    made.looks = [Look(7.0, 1.0)]
    assert "figures" in state("/panel/made", have=first["version"], blocks="3"), "of other settings"


def test_figures_are_drawn_once_for_all_who_look_and_anew_for_another_answer(made, monkeypatch):
    drawn = []
    panel = PANELS["made"]
    counted = replace(panel, figures=lambda record: drawn.append(record) or figures(record))
    monkeypatch.setitem(PANELS, "made", counted)
    made.looks = [Look(7.0, 1.0)]
    first = state("/panel/made", viewer="a")
    assert state("/panel/made", viewer="b") == first
    assert drawn == [7.0]
    state("/panel/made", have=first["version"])
    assert drawn == [7.0]
    state("/panel/made", blocks="3")
    made.looks = [Look(0.5, 0.5, running=True)]
    assert state("/panel/made")["finding"] == "It is 0.5."
    made.looks = [Look(8.0, 1.0, made="elsewhere")]
    assert state("/panel/made")["finding"] == "It is 8.0."
    assert drawn == [7.0, 7.0, 0.5, 8.0]


def test_only_the_latest_drawings_are_kept(made, monkeypatch):
    monkeypatch.setattr(asking, "_texts", Latest(2))
    for number in range(5):
        made.looks = [Look(float(number), number / 5)]
        state("/panel/made")
    assert len(asking._texts) == 2
    assert ["It is 3.0." in text for _, text in asking._texts.pairs()] == [True, False]


# -- what is asked -------------------------------------------------------------------------------


def test_to_post_is_the_wish_to_have_the_answer(made):
    state("/panel/made", viewer="me", blocks="3")
    assert made.asked == [(PlaneSpec(blocks=3), "me", False)]


def test_to_get_asks_nothing(made):
    made.looks = [Look(7.0, 1.0)]
    assert "figures" in state("/panel/made", looks=True, viewer="me")
    assert made.asked == []


def test_to_press_asks_anew(made):
    status, _, text = wish("/panel/made", anew=True, blocks="3")
    assert (status, json.loads(text)["query"]) == (200, "blocks=3")
    assert made.asked == [(PlaneSpec(blocks=3), "me", True)]


def test_to_stop_stops_and_asks_nothing(made):
    status, _, text = fetch("/panel/made/stop", "POST", PRESSED, viewer="me", blocks="3")
    assert (status, json.loads(text)) == (200, {"status": "waiting"})
    assert made.stopped == [(PlaneSpec(blocks=3), "me")]
    assert made.asked == []


def test_a_link_cannot_stop_anything(made):
    assert fetch("/panel/made/stop", "GET", viewer="me")[0] == 405
    assert made.stopped == []


@pytest.mark.parametrize("path", ["/panel/made", "/panel/made/stop"])
def test_what_another_site_makes_a_browser_post_is_declined(made, path):
    """As of runs and studies: it cannot send a header of ours along."""
    status, _, text = fetch(path, "POST", viewer="me")
    assert status == 400
    assert "for the pages of the app" in text
    assert (made.asked, made.stopped) == ([], [])


@pytest.mark.parametrize("path", ["/panel/made", "/panel/made/stop"])
@pytest.mark.parametrize("viewer", ["", "a" * 65])
def test_who_wishes_has_a_name_of_its_own(made, path, viewer):
    """Nobody gives up another's work by having no name."""
    status, _, text = fetch(path, "POST", PRESSED, viewer=viewer)
    assert (status, text) == (400, "viewer: allowed is a name of 1 to 64 characters")
    assert (made.asked, made.stopped) == ([], [])


def test_a_fault_of_ours_is_no_mistake_of_a_persons(made, caplog):
    """It says so in a plain sentence, and where it happened in the log."""
    made.refusal = ValueError("shapes (3,4) and (5,) do not go together")
    status, headers, text = wish("/panel/made")
    assert (status, headers["content-type"], text) == (500, "text/plain; charset=utf-8", FAULT)
    (entry,) = caplog.records
    assert entry.getMessage() == "POST /panel/made"
    assert "shapes (3,4)" in entry.exc_text and "Traceback" in entry.exc_text


# -- waiting for a change --------------------------------------------------------------------------


def test_while_it_runs_an_answer_waits_for_the_next_picture(made, monkeypatch):
    monkeypatch.setattr(panel_routes, "WAIT_SECONDS", 30.0)
    half = Look(0.5, 0.5, running=True)
    made.looks = [half]
    have = state("/panel/made")["version"]
    made.looks = [half, half, Look(0.6, 0.6, running=True)]
    told = state("/panel/made", have=have)
    assert (told["share"], told["finding"]) == (0.6, "It is 0.6.")


def test_a_change_ends_the_wait_at_once_and_nobody_asks_again_and_again_meanwhile(made, monkeypatch):
    """A hundred looks a second of each viewer would leave the event loop no time for others."""
    monkeypatch.setattr(panel_routes, "WAIT_SECONDS", 30.0)
    monkeypatch.setattr(panel_routes, "CLOCK_SECONDS", 30.0)
    made.looks = [Look(0.5, 0.5, running=True)]
    have = state("/panel/made")["version"]
    made.looked, moments = 0, []
    made.moment = lambda spec: moments.append(1) or (len(made.looks), made.looks[0].share)

    def change():
        time.sleep(0.3)
        server.changes.tell()  # somebody else's
        time.sleep(0.1)
        made.looks = [Look(0.6, 0.6, running=True)]
        server.changes.tell()

    threading.Thread(target=change).start()
    began = time.monotonic()
    told = state("/panel/made", have=have)
    assert told["share"] == 0.6 and time.monotonic() - began < 15
    assert made.looked == 2 and len(moments) < 10


def test_it_does_not_wait_for_ever(made):
    made.looks = [Look(0.5, 0.5, running=True)]
    have = state("/panel/made")["version"]
    made.looked = 0
    again = state("/panel/made", have=have)
    assert (again["status"], again["share"]) == ("running", 0.5)
    assert "figures" not in again
    assert made.looked == 2


@pytest.mark.parametrize("look", [Look(7.0, 1.0), EMPTY, Look(None, 0.0, trouble="No.")], ids=["there", "not", "no"])
def test_what_does_not_run_is_not_waited_for(made, look):
    made.looks, made.looked = [look], 0
    have = state("/panel/made")["version"]
    assert made.looked == 1
    state("/panel/made", have=have)
    assert made.looked == 2, "one that waits looks once more at the end"


# -- what cannot be used -------------------------------------------------------------------------

PATHS = [("/panel/made", "GET"), ("/panel/made", "POST"), ("/panel/made/stop", "POST"), ("/panel/made.csv", "GET")]
STRICT = [("/panel/made/stop", "POST"), ("/panel/made.csv", "GET")]  # where nothing stands in for a wrong word


@pytest.mark.parametrize(("path", "method"), STRICT)
@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"blocks": "many"}, "blocks=many: allowed is a whole number from 1 to 40"),
        ({"blocks": "99"}, "nearest that works: 40"),
        ({"data": "pie"}, "data=pie: allowed is one of spirals, circles, moons"),
        ({"lr": "nan"}, "lr=nan: allowed is a number from 0.00001 to 1"),
        ({"colour": "red"}, "colour=red: no such setting"),
        ({"data": "9" * 500}, "(500 characters)"),
        ({"blocks": "0", "h": "x"}, "h=x: allowed is a number"),
    ],
    ids=str,
)
def test_wrong_words_are_one_line_and_400(made, path, method, words, says):
    status, headers, text = fetch(path, method, PRESSED, viewer="me", **words)
    assert (status, headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert says in text
    assert len(text.splitlines()) == 1
    assert (made.asked, made.stopped) == ([], [])


@pytest.mark.parametrize("looks", [True, False])
def test_what_of_a_link_cannot_be_used_is_said_beside_what_stands_in(made, looks):
    told = state("/panel/made", looks=looks, blocks="99", colour="red", data="moons")
    assert [problem.partition(":")[0] for problem in told["problems"]] == ["colour=red", "blocks=99"]
    assert (told["query"], told["changed"]) == ("data=moons", False)


def changed(*changes, **words):
    """The answer to changes of settings that an address names."""
    body = json.dumps({"changes": list(changes)}).encode()
    return request(APP, "/panel/made", "POST", PRESSED, body, viewer="me", **words)


def test_changes_act_in_their_order_and_are_answered_at_once(made, monkeypatch):
    monkeypatch.setattr(panel_routes, "WAIT_SECONDS", 30.0)
    made.looks = [Look(None, 0.0, running=True)]
    status, _, text = changed({"blocks": "3"}, {"blocks": "5", "data": "moons"}, {"data": None}, lr="0.1")
    told = json.loads(text)
    assert (status, told["query"], told["problems"]) == (200, "blocks=5&lr=0.1", [])
    assert made.asked == [(PlaneSpec(blocks=5, lr=0.1), "me", False)]


def test_a_change_that_cannot_be_is_said_and_the_others_hold(made):
    told = json.loads(changed({"blocks": "99"}, {"data": "moons"}, {"colour": "red"})[2])
    assert [problem.partition(":")[0] for problem in told["problems"]] == ["blocks=99", "colour=red"]
    assert (told["query"], told["changed"]) == ("data=moons", True)
    assert told["refused"][0] == [
        "blocks",
        told["problems"][0],
        "“99” cannot be used: allowed is a whole number from 1 to 40; nearest that works: 40.",
    ]


def test_what_other_panels_will_ask_next_is_begun_along_with_a_change(made, monkeypatch):
    """Only of those that answer at once; what they cannot compute is said when they ask."""
    also, slow, bad = Made(), Made(), Made()
    for name, source, at_once in (("also", also, True), ("slow", slow, False), ("bad", bad, True)):
        monkeypatch.setitem(PANELS, name, Panel(PlaneSpec, source, figures, str, (Control("blocks"),), at_once=at_once))
    bad.refusal = Mistake("too large")
    along = [["bad", "she"], ["slow", "it"], ["also", "you"], ["gone", "they"]]
    body = json.dumps({"changes": [{"blocks": "5"}], "along": along}).encode()
    status, _, text = request(APP, "/panel/made", "POST", PRESSED, body, viewer="me", lr="0.1")
    assert (status, json.loads(text)["query"]) == (200, "blocks=5&lr=0.1")
    wanted = PlaneSpec(blocks=5, lr=0.1)
    assert (made.asked, also.asked, slow.asked) == ([(wanted, "me", False)], [(wanted, "you", False)], [])


@pytest.mark.parametrize("along", ["also", [3], [["also"]], [["also", 3]], [["also", ""]], [["also", "a" * 65]]])
def test_what_names_no_other_panels_is_declined(made, along):
    body = json.dumps({"along": along}).encode()
    assert request(APP, "/panel/made", "POST", PRESSED, body, viewer="me")[0] == 400
    assert made.asked == []


@pytest.mark.parametrize("changes", ["blocks", {"blocks": "3"}, [3], [{"blocks": 3}], [["blocks", "3"]], [{}] * 201])
def test_what_is_no_change_is_declined(made, changes):
    body = json.dumps({"changes": changes}).encode()
    assert request(APP, "/panel/made", "POST", PRESSED, body, viewer="me")[0] == 400
    assert made.asked == []


def test_settings_are_laid_out_only_where_the_browser_has_others(made):
    told = state("/panel/made")
    assert [part["name"] for row in told["rows"] for part in row] == ["data", "blocks", "More"]
    assert "rows" not in state("/panel/made", laid=told["laid"])
    assert "rows" in state("/panel/made", laid="other")


def test_what_waits_for_a_press_is_asked_at_none_before_it(made, monkeypatch):
    monkeypatch.setitem(PANELS, "made", replace(PANELS["made"], by_press=lambda spec: True))
    state("/panel/made", blocks="3")
    assert (made.asked, made.stays) == ([], [(PlaneSpec(blocks=3), "me")])
    wish("/panel/made", anew=True, blocks="3")
    assert made.asked == [(PlaneSpec(blocks=3), "me", True)]


def test_a_file_of_another_kind_is_not_there(made):
    made.looks = [Look(7.0, 1.0)]
    status, _, text = fetch("/panel/made.pdf")
    assert (status, text) == (404, ".pdf: this panel has .csv")


@pytest.mark.parametrize(("path", "method"), PATHS)
def test_an_unknown_panel_is_named_with_those_that_there_are(path, method):
    status, _, text = fetch(path.replace("made", "pie"), method, PRESSED)
    assert status == 404
    assert text == f"panel 'pie': allowed is {', '.join(PANELS)}"


def test_a_long_name_is_not_repeated_at_length():
    assert fetch("/panel/" + "pie" * 1000)[2].startswith(f"panel {('pie' * 20)[:40]!r}: allowed is wall")


def test_what_is_past_the_limits_is_declined_in_its_words(made):
    made.refusal = Refused("This run would take about 3 h here; the limit is 20 min.")
    told = state("/panel/made", blocks="3")
    assert told["trouble"] == "This run would take about 3 h here; the limit is 20 min."
    assert told["barred"] and told["status"] == "waiting", "no press would help"
    assert told["rows"] and told["values"]["blocks"] == "3", "but other settings do"


# -- files ---------------------------------------------------------------------------------------


def test_the_numbers_are_a_file_named_by_panel_and_digest(made):
    made.looks = [Look(7.0, 1.0)]
    status, headers, text = fetch("/panel/made.csv", blocks="3")
    assert (status, headers["content-type"]) == (200, "text/csv; charset=utf-8")
    name = f"resviz-made-{PlaneSpec(blocks=3).digest}.csv"
    assert headers["content-disposition"] == f'attachment; filename="{name}"'
    assert list(csv.reader(io.StringIO(text))) == [
        ["Curves"], ["at", "a", "b"], ["1", "0.5", "–"], ["2", "–", "7"], [],
        ["In numbers"], ["", "of it"], ["all", "7"], [],
    ]  # fmt: skip


def test_there_is_no_file_of_what_is_not_there(made):
    for look in (EMPTY, Look(None, 0.0, running=True), Look(None, 0.0, trouble="No.")):
        made.looks = [look]
        status, headers, text = fetch("/panel/made.csv")
        assert (status, headers["content-type"]) == (404, "text/plain; charset=utf-8")
        assert "not been computed" in text
