"""The Euler page as Streamlit runs it, without a browser."""

import json

import pytest

from resviz.topic import pages
from resviz.ui import browser
from resviz.ui.asking import RESERVED
from resviz.ui.panels import PANELS
from resviz.words.fields import facts
from tests.ui import addresses
from tests.ui.driving import Driven
from tests.ui.opening import address, open_page, ran

VIEWS = {topic.name: topic for topic in pages()["euler"]}
FIRST = next(iter(VIEWS))


@pytest.fixture(autouse=True)
def office(tmp_path, monkeypatch):
    """A server whose processes are the test: a page itself computes nothing."""
    scheduler = addresses.furnish(tmp_path, monkeypatch)
    yield scheduler
    scheduler.store.close()


@pytest.fixture(scope="module")
def opened():
    """Pages as they open, each run once for all tests that change nothing on them."""
    found = {}

    def once(**query):
        if tuple(query.items()) not in found:
            found[tuple(query.items())] = open_page("euler", **query)
        return found[tuple(query.items())]

    return once


def panel(page):
    """What the browser's side is given."""
    (found,) = page.get("bidi_component")
    assert found.proto.component_name == "resviz_panel"
    return json.loads(found.proto.bytes)


def choose(page, view):
    page.button_group(key="view").set_value(view)
    return ran(page)


def heading(page):
    return page.get("html")[0].proto.body


# -- the views -----------------------------------------------------------------------------------


def test_the_page_takes_no_settings_of_the_page_before():
    assert not VIEWS[FIRST].takes_on, "its settings are not those of a network"


@pytest.mark.parametrize("name", VIEWS)
def test_each_view_opens_with_its_question_and_its_panel(name, office):
    page = open_page("euler", view=name)
    view, told, shown = VIEWS[name], panel(page), PANELS[name]
    assert not page.warning and not page.error
    assert view.question in heading(page) and view.below in heading(page)
    assert (told["kind"], told["url"], told["name"]) == (name, f"panel/{name}", view.label)
    assert told["plotly"] == browser.library_address(browser.CARTESIAN)
    assert (told["at_once"], told["verb"]) == (shown.at_once, shown.verb)
    assert not told["beside"] and not told["alone"]
    assert view.named(view.why) in [each.value for each in page.markdown]
    assert address(page) == {"view": name}
    assert not office.pool.asked, "the browser's side asks, not the page"
    assert office.pool.begun["runs"] == 0


def test_what_the_literature_found_is_beside_every_view(opened):
    for page in (opened(), opened(view="rollout")):
        (claims,) = [each.value for each in page.markdown if each.value.startswith("| often said |")]
        found = [claim for topic in VIEWS.values() if topic.claims for claim in topic.named(topic.claims)]
        assert len(found) == 4 and all(claim.source in claims for claim in found)


# -- the address ---------------------------------------------------------------------------------


def test_it_opens_with_the_first_view_and_leaves_the_address_alone(opened):
    page = opened()
    assert panel(page)["kind"] == FIRST
    assert page.button_group(key="view").value == FIRST
    assert address(page) == {}


@pytest.mark.parametrize(
    ("key", "named"),
    [("view", "SOLVE"), ("view", "solve "), ("view", "solve)."), ("amp;view", "solve"), ("view", "“solve”")],
)
def test_a_view_whose_link_was_damaged_is_found(key, named):
    page = open_page("euler", **{key: named})
    told = panel(page)
    assert (told["kind"], told["view"]) == ("solve", "solve"), "the browser's side corrects the address"
    assert page.button_group(key="view").value == "solve"
    assert "The link names" not in "".join(each.proto.body for each in page.get("html"))


def test_an_unknown_view_is_the_first_and_the_page_says_so():
    page = open_page("euler", view="<pie>", blocks="4")
    assert panel(page)["kind"] == FIRST
    assert page.button_group(key="view").value == FIRST
    said = page.get("html")[1].proto.body
    assert f"The link names a view “&lt;pie&gt;”, which is not here. This is “{VIEWS[FIRST].label}”." in said
    assert "The link names" not in page.get("html")[0].proto.body


@pytest.mark.parametrize("name", VIEWS)
def test_settings_of_the_address_are_those_of_the_panel(name):
    spec = PANELS[name].spec.of({"seed": "5"} if "seed" in PANELS[name].spec.model_fields else {"n": "7"})
    told = Driven(name, **spec.words())
    assert not told.problems
    assert told.query == spec.query() != ""


def test_words_that_are_no_settings_are_no_concern_of_the_panel():
    told = Driven("flow", view="flow", embed="true", embed_options="light_theme", blocks="4")
    assert RESERVED == ("view", "lecture", "embed", "embed_options")
    assert not told.problems
    assert told.query == "blocks=4"


BAD = {
    "too many": ("flow", {"blocks": "99"}, "blocks=99: allowed is a whole number from 1 to 40; nearest that works: 40"),
    "no number": ("ode", {"tol": "fine"}, "tol=fine: allowed is a number from 1e-07 to 0.5"),
    "no choice": ("rollout", {"system": "moon"}, "system=moon: allowed is one of pendulum, lotka_volterra"),
    "of another view": ("solve", {"blocks": "4"}, "blocks=4: no such setting; there are system, method, n"),
    "of a network": ("depthtime", {"depth": "8", "cut": "9"}, "cut=9: depth 8 has shortcuts 1 to 3"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_setting_that_cannot_be_used_is_warned_about_with_what_is_allowed(what):
    name, words, says = BAD[what]
    told = Driven(name, **words)
    (problem,) = told.problems
    assert says in problem
    assert told.query == PANELS[name].spec.read(words)[0].query()


def test_the_rest_of_the_address_is_used_beside_one_that_cannot_be():
    told = Driven("flow", blocks="99", data="moons", colour="red")
    assert [problem.partition(":")[0] for problem in told.problems] == ["colour=red", "blocks=99"]
    assert told.query == "data=moons"


# -- from view to view -----------------------------------------------------------------------------


def test_another_view_begins_with_settings_of_its_own():
    """`blocks` of one is not `blocks` of another, and most words of one are unknown to the other."""
    page = choose(open_page("euler", view="flow", blocks="4", h="0.5", activation="relu"), "rollout")
    assert address(page) == {"view": "rollout"}
    assert not page.warning
    assert panel(page)["kind"] == "rollout"
    page = choose(page, "solve")
    assert address(page) == {"view": "solve"}
    assert panel(page)["kind"] == "solve"


def test_the_switch_offers_all_views_by_their_labels_and_cannot_be_emptied():
    page = open_page("euler", view="solve", n="7")
    switch = page.button_group(key="view")
    assert list(switch.options) == [view.label for view in VIEWS.values()]
    assert switch.value == "solve"
    switch.set_value(None)
    assert address(ran(page))["view"] == "solve"
    assert page.button_group(key="view").value == "solve"
    assert panel(page)["kind"] == "solve"


def test_controls_say_what_they_take():
    """As the browser is told, for one of them in full."""
    told = Driven("flow")
    fact = facts(PANELS["flow"].spec)["data"]
    assert told.part("data")["choices"] == [list(choice) for choice in fact.choices.items()]
    assert (told.part("data")["label"], told.part("data")["kind"]) == ("points", "choice")
    assert told.part("blocks")["kind"] == "slider" and told.part("blocks")["stops"][0] == "1"
