"""Where the ways come from: what the package holds is shown at once, other networks are trained and measured at a press."""

import pytest

from resviz.families.resnet.family import ARMS
from resviz.runs.recorded import opening, recorded
from resviz.topics.landscape.question import LandscapeSpec, Ways, WaysSpec
from resviz.train.records import Training
from tests.ui import addresses
from tests.ui.driving import Driven

KNOWN = recorded(opening("ways"))
OTHER = {"depth": "8", "seed": "7"}


@pytest.fixture(autouse=True)
def desk(tmp_path, monkeypatch):
    scheduler = addresses.furnish(tmp_path, monkeypatch)
    yield scheduler.pool
    scheduler.store.close()


def test_it_opens_on_the_recorded_ways_and_settings_of_the_panel_below_change_nothing(desk):
    panel = Driven("way")
    assert (panel.state["status"], panel.state["made"]) == ("finished", KNOWN.made)
    version, figures = panel.version, panel.figures
    panel.change(directions="path", span="0.5", images="9")
    assert panel.words == {"directions": "path", "span": "0.5", "images": "9"}, "they stay in the address"
    assert (panel.version, panel.figures) == (version, figures) and "figures" not in panel.state
    assert desk.asked == []


def test_other_networks_are_trained_only_at_a_press_with_progress_and_a_stop(desk):
    panel = Driven("way", **OTHER, directions="path")
    assert (panel.state["verb"], panel.state["status"], desk.asked) == ("Measure both ways", "waiting", [])
    assert "These two ways are not measured yet.** Measure them: about" in panel.finding
    panel.press()
    (asked,) = desk.asked
    assert (asked.kind, asked.spec) == ("ways", WaysSpec.of(OTHER))
    desk.tell(Ways(asked.spec, 0.25, Training(dict.fromkeys(ARMS, 33))))
    panel.look()
    assert (panel.state["status"], panel.state["share"]) == ("running", 0.25)
    assert panel.finding.startswith("Both networks learn: step 33 of 132.") and panel.card("ways")["own"]["live"]
    record = Ways(asked.spec, 0.5, KNOWN.record.training, KNOWN.record.arms, 64)
    desk.tell(record)
    panel.look()
    assert panel.card("ways")["own"]["live"] and "13 times as far" in panel.finding
    panel.stop().look(wishes=False)
    assert (panel.state["status"], panel.state["verb"]) == ("waiting", "Measure the rest")
    panel.press()
    desk.end(Ways(asked.spec, 1.0, KNOWN.record.training, KNOWN.record.arms, 64))
    panel.look()
    assert (panel.state["status"], panel.state["verb"], panel.state["made"]) == ("finished", None, "")
    assert not panel.card("ways")["own"]["live"]
    panel.change(span="2")
    assert panel.state["status"] == "finished", "what is measured once is there for all settings of the panel below"


def test_a_change_of_the_networks_asks_for_a_press(desk):
    panel = Driven("way")
    panel.change(depth="20")
    assert (panel.state["status"], panel.state["verb"], desk.asked) == ("waiting", "Measure both ways", [])
    assert "map" not in panel.card("ways")["own"]["arms"]["plain"]


def test_a_training_past_the_limits_is_declined_with_an_estimate_at_a_press(desk):
    panel = Driven("way", depth="1202", width="256", epochs="500")
    assert desk.asked == []
    panel.press()
    assert panel.state["barred"] and "the limit is" in panel.state["trouble"]
    assert desk.asked == [] and LandscapeSpec.of(panel.words).depth == 1202
