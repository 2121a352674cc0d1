"""The pages that look inside trained networks as Streamlit runs them, without a browser."""

import json

import pytest

from resviz.families.resnet.inside import InsideSpec
from resviz.families.resnet.spec import Spec
from resviz.topic import pages
from resviz.train.records import History
from resviz.ui import browser
from resviz.ui.panels import PANELS
from tests.ui import addresses
from tests.ui.driving import Driven
from tests.ui.opening import address, open_page, ran

VIEWS = {
    name: {topic.name: topic for topic in found} for name, found in pages().items() if found[0].section == "Look inside"
}
CLAIMS = {
    name: [claim for topic in found.values() if topic.claims for claim in topic.named(topic.claims)]
    for name, found in VIEWS.items()
}
# Each view and its panel, the first where it has several.
EACH = [(name, next(iter(topic.shows))) for name, found in VIEWS.items() for topic in found.values()]
OF_RUNS = [(name, kind) for name, kind in EACH if issubclass(PANELS[kind].spec, InsideSpec)]


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

    def once(name, **query):
        if (name, *query.items()) not in found:
            found[(name, *query.items())] = open_page(name, **query)
        return found[(name, *query.items())]

    return once


def given(page, component="resviz_panel"):
    """What the browser's side is given, of its first panel."""
    found, *_ = page.get("bidi_component")
    assert found.proto.component_name == component
    return json.loads(found.proto.bytes)


def heading(page):
    return page.get("html")[0].proto.body


def warned(page):
    (warning,) = page.warning
    return warning.value


# -- as they open ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VIEWS)
def test_a_page_opens_with_the_question_of_its_lesson_and_leaves_the_address_alone(name, office):
    page = open_page(name)
    view = next(iter(VIEWS[name].values()))
    assert f">{view.question}</h1>" in heading(page) and view.below in heading(page)
    assert not page.warning and not page.error
    assert given(page)["kind"] == next(iter(view.shows))
    assert address(page) == {}
    assert office.pool.begun["runs"] == 0 and not office.pool.asked


@pytest.mark.parametrize(("name", "kind"), EACH)
def test_each_view_is_a_panel(name, kind, opened):
    view = next(topic for topic in VIEWS[name].values() if kind in topic.shows)
    page = opened(name, view=view.name)
    told, shown = given(page), PANELS[kind]
    assert not page.warning and not page.error
    assert f">{view.question}</h1>" in heading(page) and view.below in heading(page)
    assert (told["kind"], told["url"], told["name"]) == (kind, f"panel/{kind}", view.shows[kind].name)
    assert told["plotly"] == browser.library_address(browser.CARTESIAN)
    assert (told["at_once"], told["verb"]) == (shown.at_once, shown.verb)
    assert view.named(view.why) in [each.value for each in page.markdown]
    assert address(page) == {"view": view.name}


@pytest.mark.parametrize("name", VIEWS)
def test_views_are_offered_by_their_labels_where_there_are_several(name):
    page, labels = open_page(name), [view.label for view in VIEWS[name].values()]
    switches = [group for group in page.button_group if group.key == "view"]
    if len(labels) == 1:
        assert switches == []
        return
    (switch,) = switches
    assert list(switch.options) == labels
    last = list(VIEWS[name])[-1]
    switch.set_value(last)
    ran(page)
    assert address(page) == {"view": last} and given(page)["kind"] == last
    assert VIEWS[name][last].question in heading(page)


@pytest.mark.parametrize("name", CLAIMS)
def test_what_the_literature_found_is_shown_with_its_sources(name, opened):
    page = opened(name)
    (claims,) = [each.value for each in page.markdown if each.value.startswith("| often said |")]
    assert claims.count("\n") == 1 + len(CLAIMS[name]) > 2
    for claim in CLAIMS[name]:
        assert f"| {claim.said} | {claim.found} | {claim.source} |" in claims


@pytest.mark.parametrize("name", CLAIMS)
def test_no_claim_breaks_its_table(name):
    for claim in CLAIMS[name]:
        for text in (claim.said, claim.found, claim.source):
            assert text and "|" not in text and "\n" not in text


# -- the address -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("named", ["pie", "", "ATTRIBUTION", "flow"])
def test_a_view_of_another_page_is_the_first(name, named):
    page = open_page(name, view=named, depth="8")
    assert given(page)["kind"] == next(iter(next(iter(VIEWS[name].values())).shows))


@pytest.mark.parametrize(("name", "kind"), EACH)
def test_settings_of_the_address_are_those_of_the_panel(name, kind):
    words = {"seed": "5"} if "seed" in PANELS[kind].spec.model_fields else {"opened": "2"}
    told = Driven(kind, **words)
    assert not told.problems
    assert told.words == words


BAD = {
    "no such method": (
        "attribution",
        "attribution",
        {"method": "lime"},
        "method=lime: allowed is one of integrated, salien",
    ),
    "no such image": (
        "attribution",
        "attribution",
        {"image": "400"},
        "image=400: Digits, 8x8 has unseen images 0 to 359",
    ),
    "not 16 digits": ("attribution", "photograph", {"own": "mine"}, "own=mine: 16 hexadecimal digits name a file"),
    "no such class": (
        "attribution",
        "photograph",
        {"target": "1000"},
        "target=1000: allowed is a whole number from -1 to 999",
    ),
    "a network's": (
        "attribution",
        "photograph",
        {"depth": "8"},
        "depth=8: no such setting; there are network, weights",
    ),
    "no such block": ("paths", "lesion", {"depth": "8", "lesion": "4"}, "lesion=4: depth 8 has blocks 1 to 3"),
    "too many draws": ("paths", "several", {"draws": "51"}, "draws=51: allowed is a whole number from 1 to 50"),
    "too few repeats": ("paths", "lengths", {"repeats": "0"}, "repeats=0: allowed is a whole number from 1 to 50"),
    "too many blocks": ("paths", "unravel", {"blocks": "99"}, "blocks=99: allowed is"),
    "no run": ("paths", "lesion", {"run": "abc"}, "run=abc: no such run on this server"),
    "no setting": ("paths", "lesion", {"colour": "red"}, "colour=red: no such setting; there are kind, depth"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_word_that_cannot_be_used_is_quoted_with_what_is_allowed(what):
    _, kind, words, says = BAD[what]
    told = Driven(kind, **words)
    assert says in "\n".join(told.problems)
    used = {key: value for key, value in words.items() if key != "run"}
    assert told.query == PANELS[kind].spec.read(used)[0].query()


def test_the_rest_of_the_address_is_used_beside_one_that_cannot_be():
    told = Driven("attribution", method="lime", depth="8", colour="red")
    assert [problem.partition(":")[0] for problem in told.problems] == ["colour=red", "method=lime"]
    assert told.query == "depth=8"


# -- networks of kept runs ---------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "kind"), EACH)
def test_kept_runs_are_offered_where_the_question_is_of_one(name, kind):
    assert ("run" in Driven(kind).names()) == ((name, kind) in OF_RUNS)


@pytest.mark.parametrize(("name", "kind"), OF_RUNS)
def test_another_run_changes_the_networks_and_keeps_the_question(name, kind, office):
    kept = Spec.of({"depth": "8", "epochs": "3", "device": "cpu"})
    office.store.keep(History(kept), 1.0)
    own = dict.fromkeys({"images"} & set(PANELS[kind].spec.model_fields), "20")
    panel = Driven(kind, norm="layer", **own)
    now = office.resolve(Spec(norm="layer")).digest
    assert panel.state["values"]["run"] == now
    assert panel.part("run")["choices"] == [
        [kept.digest, "depth=8 epochs=3"],
        [now, "norm=layer (not kept here)"],
    ]
    panel.change(run=kept.digest)
    assert panel.words == {"depth": "8", "epochs": "3", **own}
    assert panel.state["values"]["run"] == kept.digest and not panel.problems
    panel.change(run="0123456789abcdef")
    assert panel.problems == ["run=0123456789abcdef: no such run on this server any more"]
    assert panel.words == {"depth": "8", "epochs": "3", **own}


def test_a_kept_run_opens_by_its_digest(office):
    kept = Spec.of({"depth": "8", "epochs": "3", "device": "cpu"})
    office.store.keep(History(kept), 1.0)
    told = Driven("lesion", run=kept.digest, images="20")
    assert not told.problems
    assert told.words == {"depth": "8", "epochs": "3", "device": "cpu", "images": "20"}
