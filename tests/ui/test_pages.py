"""Pages as Streamlit runs them, without a browser."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from resviz.records import History
from resviz.runs.scheduler import Scheduler
from resviz.runs.store import Store
from resviz.spec import FIELDS, Spec
from resviz.ui import server

PAGES = Path(__file__).parents[2] / "pages"


@pytest.fixture(autouse=True)
def office(tmp_path, monkeypatch):
    """A scheduler whose workers are never started: a page itself computes nothing."""
    scheduler = Scheduler(Store(tmp_path))
    scheduler.device = "cpu"
    scheduler.known_device.set()
    monkeypatch.setattr(server, "_scheduler", scheduler)
    return scheduler


def open_page(**query):
    page = AppTest.from_file(PAGES / "train.py", default_timeout=20)
    for key, value in query.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


def component(page):
    (found,) = page.get("bidi_component")
    return json.loads(json.loads(found.proto.json or found.proto.mixed.json)["text"])


def test_every_setting_has_exactly_one_widget_with_its_label_and_help():
    page = open_page()
    widgets = {w.key.removeprefix("set_"): w for w in (*page.selectbox, *page.number_input, *page.text_input)}
    assert set(widgets) == set(FIELDS)
    for name, widget in widgets.items():
        assert widget.label == FIELDS[name].label
        assert widget.help == FIELDS[name].help


def test_a_widget_writes_its_value_into_the_address_and_the_component_follows():
    page = open_page()
    before = component(page)["run"]["digest"]
    page.number_input(key="set_depth").set_value(20).run()
    assert page.query_params["depth"] in ("20", ["20"])
    assert component(page)["run"]["digest"] != before
    page.number_input(key="set_depth").set_value(56).run()
    assert "depth" not in page.query_params
    assert component(page)["run"]["digest"] == before


def test_an_unusable_value_is_reported_and_changes_nothing():
    page = open_page(depth="20")
    page.text_input(key="set_lr").set_value("fast").run()
    assert "lr=fast: allowed is a number from 1e-06 to 100" in page.warning[0].value
    assert "lr" not in page.query_params
    assert page.text_input(key="set_lr").value == "0.02"
    page.number_input(key="set_depth").set_value(22).run()
    assert not page.warning


def test_a_setting_that_rules_out_another_says_so():
    page = open_page(depth="20", cut="9")
    page.number_input(key="set_depth").set_value(8).run()
    assert "cut=9: depth 8 has shortcuts 1 to 3" in page.warning[0].value
    assert page.query_params["depth"] in ("8", ["8"])
    assert "cut" not in page.query_params


def test_too_large_a_run_is_an_error_with_an_estimate():
    page = open_page(depth="1202", width="256", epochs="500")
    assert "the limit is" in page.error[0].value


def test_nothing_is_trained_before_someone_watches(office):
    open_page()
    assert office.trained == 0


def test_a_kept_run_opens_by_its_digest_and_takes_further_settings(office):
    kept = Spec.of({"depth": "8", "epochs": "3", "device": "cpu"})
    office.store.keep(History(kept), 1.0)
    page = open_page(run=kept.digest)
    assert page.number_input(key="set_depth").value == 8
    page = open_page(run=kept.digest, cut="9")  # which depth 56 has, and depth 8 has not
    assert "cut=9: depth 8 has shortcuts 1 to 3" in page.warning[0].value
    assert page.number_input(key="set_depth").value == 8
