"""The Signal page as Streamlit runs it, without a browser: situations, guesses, what stands below, and wrong words."""

import json
import re

import pytest

from resviz.export import script
from resviz.runs.prober import Prober
from resviz.signal import OPENING, WAYS, signal_finding, way_back
from resviz.spec import Spec
from resviz.ui import server
from tests import paced
from tests.harness.write import words_of
from tests.ui.addresses import furnish
from tests.ui.opening import address, open_page, ran

SITUATIONS = {
    "Batch normalisation": {},
    "None, small weights": {"norm": "none", "init": "torch"},
    "None, He’s weights": {"norm": "none"},
    "… branch × 1/√L": {"norm": "none", "branch_scale": "0.192"},
    "Zero gamma": {"init": "zero_gamma"},
}


class Known(Prober):
    """A prober that knows what is measured of everything, made up."""

    def look(self, spec, macs_per_second, viewer=""):
        self.known[spec.digest] = paced.record(spec, 1)
        return super().look(spec, macs_per_second, viewer)


@pytest.fixture(autouse=True)
def office(tmp_path, monkeypatch):
    scheduler = furnish(tmp_path, monkeypatch)
    monkeypatch.setattr(server, "_prober", Known(scheduler.store))
    return scheduler


def components(page):
    """What is handed down to the view, and to the boards by what they show."""
    found = [json.loads(c.proto.json or c.proto.mixed.json) for c in page.get("bidi_component")]
    (view,) = [json.loads(told["text"]) for told in found if isinstance(told, dict)]
    boards = [json.loads(told) for told in found if isinstance(told, str)]
    return view, {told["url"].removeprefix("study/"): told for told in boards}


def spec_of(**words):
    return Spec.of({**OPENING, **words})


def record_of(spec):
    return paced.record(spec.replace(device="cpu"), 1)


def texts(page):
    return [each.value for each in page.markdown]


def test_it_opens_with_what_is_measured_its_finding_and_its_own_settings():
    page = open_page("signal")
    view, boards = components(page)
    assert words_of(view["query"]) == OPENING and address(page) == {}
    assert view["finding"] == signal_finding(spec_of(), record_of(spec_of())) != ""
    assert [f["name"] for f in view["controls"]] == [
        "depth",
        "norm",
        "init",
        "branch_scale",
        "activation",
        "width",
        "batch",
    ]
    assert (boards["calm"]["auto"], boards["calm"]["query"]) == (True, "")
    assert boards["panel/shattered"]["alone"], "with settings of its own, which the address does not name"


def test_every_situation_is_one_press_away():
    page = open_page("signal")
    for label in [*list(SITUATIONS)[1:], "Batch normalisation"]:
        page.button_group(key="scenario_").set_value(label)
        ran(page)
        spec = spec_of(**SITUATIONS[label])
        assert Spec.of(address(page)) == spec and page.button_group(key="scenario_").value == label
        view, _ = components(page)
        assert Spec.of(words_of(view["query"])) == spec
        assert view["finding"] == signal_finding(spec, record_of(spec))


def test_guesses_are_held_against_what_is_measured():
    page = open_page("signal")
    asked = (
        ("PyTorch’s own small weights", "plain", SITUATIONS["None, small weights"], True),
        ("He’s larger weights", "residual", SITUATIONS["None, He’s weights"], False),
        ("every branch times 1/√L", "residual", SITUATIONS["… branch × 1/√L"], True),
        ("Batch normalisation, and He’s weights", "plain", {}, True),
    )
    right = 0
    for number, (situation, arm, words, good) in enumerate(asked, start=1):
        assert any(situation in text and f"**{arm}** network" in text for text in texts(page))
        truth, reason = way_back(record_of(spec_of(**words)), arm)
        given = truth if good else next(way for way in WAYS if way != truth)
        page.button(key=f"guess_signal_{given}").click()
        ran(page)
        assert Spec.of(address(page)) == spec_of(**words)
        right += good
        assert f"You guessed **{given}**: {'right' if good else 'not so'}. {reason}" in texts(page)
        assert any(each.value == f"{right} of {number} right so far" for each in page.caption)


def test_the_first_steps_are_trained_at_a_press_where_they_are_others_than_the_defaults():
    page = open_page("signal", depth="8", width="4", batch="64")
    _, boards = components(page)
    assert words_of(boards["calm"]["query"]) == {"depth": "8", "width": "4"}  # with a training's batch
    assert boards["calm"]["auto"] is False


def test_the_code_stands_there_when_it_is_asked_for():
    page = open_page("signal", depth="8")
    assert not page.code
    page.toggle[0].set_value(True)
    assert ran(page).code[0].value == script(spec_of(depth="8"), one_pass=True).strip()


def test_what_cannot_be_is_said_with_what_can():
    page = open_page("signal", depth="5000", init="zero_gamma", norm="none")
    assert "depth=5000: allowed is a whole number from 2 to 1,202" in page.warning[0].value
    assert "needs a normalisation, whose gamma it zeroes" in page.warning[0].value
    view, _ = components(page)
    assert (view["values"]["norm"], view["values"]["init"]) == ("none", "he")


def test_a_setting_of_the_box_keeps_what_else_the_address_says():
    page = open_page("signal", depth="8", norm="none")
    page.selectbox(key="set_dataset").set_value("spirals")
    ran(page)
    assert address(page) == {**OPENING, "depth": "8", "norm": "none", "dataset": "spirals"}
    heading = next(each.proto.body for each in page.get("html") if "<h1" in each.proto.body)
    assert re.search("32 images go forward through 8 layers", heading)
