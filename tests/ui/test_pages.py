"""Pages as Streamlit runs them, without a browser."""

import json
from urllib.parse import parse_qsl

import pytest

from resviz.experiments.initial import Initial
from resviz.findings import initial_finding
from resviz.records import History
from resviz.spec import FIELDS, Spec
from resviz.ui import server
from tests.ui import addresses
from tests.ui.opening import address, open_page


@pytest.fixture(autouse=True)
def office(tmp_path, monkeypatch):
    """A scheduler and a prober whose processes are never started: a page itself computes nothing."""
    scheduler = addresses.office(tmp_path, monkeypatch)
    return scheduler


def component(page):
    (found,) = page.get("bidi_component")
    return json.loads(json.loads(found.proto.json or found.proto.mixed.json)["text"])


def test_every_setting_has_exactly_one_widget_with_its_label_and_help():
    page = open_page("train")
    widgets = {w.key.removeprefix("set_"): w for w in (*page.selectbox, *page.number_input, *page.text_input)}
    assert set(widgets) == set(FIELDS)
    for name, widget in widgets.items():
        assert widget.label == FIELDS[name].label
        assert widget.help == FIELDS[name].help


def test_a_widget_writes_its_value_into_the_address_and_the_component_follows():
    page = open_page("train")
    before = component(page)["run"]["digest"]
    page.number_input(key="set_depth").set_value(20).run()
    assert page.query_params["depth"] in ("20", ["20"])
    assert component(page)["run"]["digest"] != before
    page.number_input(key="set_depth").set_value(56).run()
    assert "depth" not in page.query_params
    assert component(page)["run"]["digest"] == before


def test_an_unusable_value_is_reported_and_changes_nothing():
    page = open_page("train", depth="20")
    page.text_input(key="set_lr").set_value("fast").run()
    assert "lr=fast: allowed is a number from 1e-06 to 100" in page.warning[0].value
    assert "lr" not in page.query_params
    assert page.text_input(key="set_lr").value == "0.02"
    page.number_input(key="set_depth").set_value(22).run()
    assert not page.warning


def test_a_setting_that_rules_out_another_says_so():
    page = open_page("train", depth="20", cut="9")
    page.number_input(key="set_depth").set_value(8).run()
    assert "cut=9: depth 8 has shortcuts 1 to 3" in page.warning[0].value
    assert page.query_params["depth"] in ("8", ["8"])
    assert "cut" not in page.query_params


def test_too_large_a_run_is_an_error_with_an_estimate():
    page = open_page("train", depth="1202", width="256", epochs="500")
    assert "the limit is" in page.error[0].value


def test_nothing_is_trained_before_someone_watches(office):
    open_page("train")
    assert office.trained == 0


def test_a_kept_run_opens_by_its_digest_and_takes_further_settings(office):
    kept = Spec.of({"depth": "8", "epochs": "3", "device": "cpu"})
    office.store.keep(History(kept), 1.0)
    page = open_page("train", run=kept.digest)
    assert page.number_input(key="set_depth").value == 8
    page = open_page("train", run=kept.digest, cut="9")  # which depth 56 has, and depth 8 has not
    assert "cut=9: depth 8 has shortcuts 1 to 3" in page.warning[0].value
    assert page.number_input(key="set_depth").value == 8


PLACES = ("start", "train")
BRANCH = {"depth": "8", "epochs": "3", "cut": "3", "edits": "10:cut:1-2 20:lr:0.1"}


@pytest.mark.parametrize("name", PLACES)
def test_a_widget_keeps_what_else_the_address_says_and_with_it_the_branches(name):
    page = open_page(name, **BRANCH)
    page.selectbox(key="set_norm").set_value("layer").run()
    assert not page.warning
    assert address(page) == {**BRANCH, "norm": "layer"}
    page.selectbox(key="set_norm").set_value("batch").run()
    assert address(page) == BRANCH
    page.number_input(key="set_depth").set_value(6).run()  # whose third shortcut and block are gone
    assert "cut=3: depth 6 has shortcuts 1 to 2" in page.warning[0].value
    assert address(page) == {"depth": "6", "epochs": "3", "edits": "10:cut:1-2 20:lr:0.1"}


def test_a_widget_moves_all_branches_of_the_run_on_screen():
    page = open_page("train", **BRANCH)
    before = component(page)["run"]
    page.text_input(key="set_lr").set_value("0.05").run()
    after = component(page)["run"]
    assert [node["at"] for node in after["lineage"]] == [node["at"] for node in before["lineage"]] == [0, 10, 20]
    assert not {node["digest"] for node in after["lineage"]} & {node["digest"] for node in before["lineage"]}
    assert after["lineage"][-1]["says"] == "learning rate 0.05 to 0.1"


def test_changes_on_the_way_are_a_setting_like_any_other():
    page = open_page("train", depth="8", epochs="3")
    page.text_input(key="set_edits").set_value("12:cut:2").run()
    assert address(page) == {"depth": "8", "epochs": "3", "edits": "12:cut:2"}
    page.text_input(key="set_edits").set_value("12:cut:2 40:cut:1").run()
    assert "edits=40:cut:1: the run has 33 steps" in page.warning[0].value
    page.text_input(key="set_edits").set_value("").run()
    assert "edits" not in address(page)
    assert len(component(page)["run"]["lineage"]) == 1


def test_start_has_the_network_and_leaves_the_measuring_to_others():
    page = open_page("start", depth="8", cut="2", remove="3")
    seen = component(page)
    assert (seen["cut"], seen["remove"], seen["query"]) == ([2], [3], "depth=8&cut=2&remove=3")
    assert seen["network"]["blocks"] == 3
    assert (seen["record"], seen["finding"]) == (None, "")
    assert len(json.loads(seen["figures"])) == 2


def test_start_shows_at_once_what_has_been_measured_before():
    spec = Spec(depth=8, width=4, device="cpu")
    initial = Initial()
    record = initial(spec)
    initial.close()
    server.prober().known[spec.digest] = record
    seen = component(open_page("start", depth="8", width="4"))
    assert seen["record"]["plain"]["loss"] == pytest.approx(record.arms["plain"].loss, rel=1e-3)
    assert seen["finding"] == initial_finding(spec, record) != ""


def test_start_leads_on_with_the_same_settings():
    page = open_page("start", depth="8", cut="2", edits="5:cut:1")
    links = page.get("page_link")
    names = [link.proto.page for link in links]
    assert names == [
        *("block", "signal", "calculator", "euler", "train"),
        *("depth", "attribution", "paths", "landscape"),
    ]
    for link in links:  # these have networks of their own
        words = (
            {}
            if link.proto.page in ("calculator", "euler", "depth")
            else {"depth": "8", "cut": "2", "edits": "5:cut:1"}
        )
        assert dict(parse_qsl(link.proto.query_string)) == words


def test_train_leads_inside_with_its_settings():
    page = open_page("train", depth="8", width="4", epochs="1")
    links = {link.proto.page: dict(parse_qsl(link.proto.query_string)) for link in page.get("page_link")}
    words = {"depth": "8", "width": "4", "epochs": "1"}
    inside = dict.fromkeys(("attribution", "paths", "landscape"), words)
    assert links == {**inside, "euler": {"view": "depthtime", **words}}


def test_start_reports_what_it_cannot_use_and_goes_on():
    page = open_page("start", depth="8", cut="9", colour="red")
    assert "cut=9: depth 8 has shortcuts 1 to 3" in page.warning[0].value
    assert "colour=red: no such setting" in page.warning[0].value
    assert component(page)["cut"] == []
    page = open_page("start", depth="2")
    assert component(page)["network"]["shortcuts"] == []


@pytest.mark.parametrize("name", PLACES)
def test_the_component_hears_of_another_network_whenever_it_is_another(name):
    """Charts of two networks can be the same to the letter; what is drawn must tell them apart."""
    networks = [
        component(open_page(name, depth="8", **words))["network"]
        for words in ({}, {"block": "plain"}, {"shortcut": "C"}, {"stages": "3"}, {"stages": "3", "shortcut": "B"})
    ]
    assert len({json.dumps(network) for network in networks}) == len(networks)
