"""The Depth page as Streamlit runs it, without a browser: its settings, what it asks the server to compare, and wrong words."""

import json

import pytest

from resviz.depthspec import DepthSpec
from resviz.literature import DEPTH
from resviz.studies import Study
from tests.harness.write import words_of
from tests.ui.addresses import furnish
from tests.ui.opening import address, open_page, ran

TINY = {"depths": "8,10", "seeds": "1", "width": "4", "epochs": "1", "examples": "128", "batch": "64"}


@pytest.fixture(autouse=True)
def office(tmp_path, monkeypatch):
    return furnish(tmp_path, monkeypatch)


def board(page):
    (found,) = page.get("bidi_component")
    return json.loads(json.loads(found.proto.json or found.proto.mixed.json))


def asked(page):
    """The study that the board asks the server for."""
    told = board(page)
    assert told["url"] == "study/depth"
    return Study.of("depth", words_of(told["query"]))


def test_it_opens_on_the_study_that_comes_with_the_package_and_trains_nothing(office):
    page = open_page("depth")
    assert asked(page) == Study.of("depth", {}) and not page.warning
    assert (board(page)["name"], board(page)["auto"]) == ("Error against depth", False)
    assert any(DEPTH[0].found in each.value for each in page.markdown)
    assert not office.runs


def test_every_setting_has_one_widget():
    page = open_page("depth")
    widgets = {w.key.removeprefix("set_") for w in (*page.selectbox, *page.number_input, *page.text_input)}
    assert widgets >= {"depths", "seeds", "epochs", "norm", "lr", "width", "device"} and "depth" not in widgets
    assert widgets <= set(DepthSpec.model_fields)


def test_another_setting_is_another_study_and_goes_into_the_address():
    page = open_page("depth", **TINY, seed="4")
    page.text_input(key="set_depths").set_value("8, 12, 16-18")
    ran(page)
    assert address(page) == {**TINY, "depths": "8,12,16-18", "seed": "4"}
    assert asked(page) == DepthSpec.of(address(page)).study()
    assert asked(page).depths == (8, 12, 16, 17, 18)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"depths": "abc"}, "depths=abc: allowed is up to 20 depths from 2 to 1,202, such as 8,20,56"),
        ({"depths": "8,9999"}, "depths=8,9999: allowed is up to 20 depths from 2 to 1,202, such as 8,20,56"),
        ({"seeds": "0"}, "seeds=0: allowed is a whole number from 1 to 10; nearest that works: 1"),
    ],
)
def test_what_makes_no_study_is_quoted_with_what_is_allowed_and_the_rest_is_used(wrong, said):
    page = open_page("depth", **{**TINY, **wrong})
    assert said in page.warning[0].value
    assert asked(page).base.width == 4


def test_a_wrong_word_in_the_field_is_quoted_and_changes_nothing():
    page = open_page("depth", **TINY)
    before = board(page)
    page.text_input(key="set_depths").set_value("deep")
    ran(page)
    assert "depths=deep: allowed is up to 20 depths" in page.warning[0].value
    (field,) = [w for w in page.text_input if w.label == "depths"]
    assert field.value == "8,10"
    assert address(page) == TINY and board(page) == before
