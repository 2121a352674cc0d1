"""Where the walls come from: what the package holds is shown at once, networks are trained only at a press, and a cut of trained
ones is measured at once."""

from dataclasses import replace

import pytest

from resviz.families.resnet.family import ARMS
from resviz.runs.recorded import held, opening, recorded
from resviz.topics.start.question import Edit, EditSpec, Reading, Wall, right
from resviz.words.say import unmarked
from tests.ui import addresses
from tests.ui.driving import Driven

KNOWN = recorded(opening("walls")).record
EDITS = {q.key: recorded(q).record for q in held("edit")}
OTHER = {"depth": "8", "seed": "7"}
OWN = "A" * 86


@pytest.fixture(autouse=True)
def desk(tmp_path, monkeypatch):
    scheduler = addresses.office(tmp_path, monkeypatch)
    yield scheduler.pool
    scheduler.store.close()


def wall_of(spec, step=132, done=1.0):
    reads = dict.fromkeys(ARMS, ("1" * 20, "3" * 20))
    return Wall(
        spec, done, KNOWN.training, 20, "3" * 20, KNOWN.pixels[:1708], (), (100,) * spec.blocks, (0, step), reads
    )


def drawn(panel):
    return panel.card("wall")["own"]


def test_it_opens_on_the_recorded_networks_and_every_cut_of_them_is_there(desk):
    panel = Driven("wall")
    assert (panel.state["status"], panel.state["made"]) == ("finished", recorded(opening("walls")).made)
    assert panel.state["verb"] == "Train again, live, here"
    edits = drawn(panel)["edits"]
    assert set(edits) == {f"{name} {n}" for name in ("sever", "lesion") for n in range(1, 28)}
    assert edits["sever 14"]["right"] == 36 and edits["sever 14"]["anew"] == 200
    panel.change(sever="14")
    assert "Wire 14 cut: 99.4% → 10%" in panel.finding
    assert (panel.words, drawn(panel)["sever"]) == ({"sever": "14"}, 14)
    panel.change(sever=None, lesion="14")
    assert "Block 14 torn out, 4,672 weights: 99.4% → 98.6%" in panel.finding
    assert desk.asked == []


def test_other_networks_are_trained_only_at_a_press_and_their_cuts_are_measured_without_one(desk):
    panel = Driven("wall", **OTHER, cut="2", own=OWN)
    assert (panel.state["verb"], panel.state["status"], desk.asked) == ("Train both, live", "waiting", [])
    assert "These two have not learnt yet. Train both, live: about" in unmarked(panel.finding)
    assert drawn(panel)["steps"] == [] and len(drawn(panel)["truth"]) == 112, "the digits are there, read by nobody"
    panel.change(sever="1")
    assert desk.asked == [], "there is nothing to cut yet"
    panel.press()
    (asked,) = desk.asked
    spec = EditSpec.of(OTHER).wall
    assert (asked.kind, asked.spec) == ("walls", spec), "what is cut before training is of another panel"
    desk.tell(wall_of(spec, 22, 0.5))
    panel.look()
    assert drawn(panel)["live"] and "Both learn, live: step" in panel.finding
    desk.end(wall_of(spec))
    panel.look()
    edit = desk.asked[-1]
    assert edit.kind == "edit" and edit.spec == EditSpec.of({**OTHER, "sever": "1"})
    desk.tell(Edit(edit.spec, 0.8, reads="3" * 5))
    panel.look()
    assert "5 of 20 digits so far" in panel.finding and panel.state["status"] == "running"
    desk.end(Edit(edit.spec, 1.0, reads="1" * 20, anew="3" * 20))
    panel.look()
    assert "So all 100 points were lost to averages that no longer fit." in panel.finding
    panel.change(sever=None)
    assert drawn(panel)["edits"]["sever 1"]["anew"] == 20, "known now, and answered by the browser"
    asked = len(desk.asked)
    panel.change(sever="1")
    assert len(desk.asked) == asked


def test_a_stop_leaves_networks_that_have_not_learnt(desk):
    panel = Driven("wall", **OTHER)
    panel.press()
    desk.tell(wall_of(EditSpec.of(OTHER).wall, 22, 0.5))
    panel.look()
    panel.stop()
    assert not desk.waiting()
    panel.look(wishes=False)
    assert panel.state["verb"] == "Train both, live" and drawn(panel)["steps"] == []


def test_cuts_that_the_package_holds_are_not_those_of_networks_that_read_otherwise(desk):
    panel = Driven("wall")
    panel.press()
    last = {arm: (*frames[:-1], frames[0]) for arm, frames in KNOWN.reads.items()}
    desk.end(replace(KNOWN, reads=last))
    panel.look()
    assert drawn(panel)["edits"] == {} and not panel.state["made"]
    panel.change(sever="14")
    assert desk.asked[-1].kind == "edit"
    desk.end(Edit(desk.asked[-1].spec, 1.0, reads="1" * 360))
    panel.press()
    desk.end(KNOWN)  # as it was recorded
    panel.change(sever=None)
    assert len(drawn(panel)["edits"]) == 54


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({"sever": "28"}, "sever=28: depth 56 has shortcuts 1 to 27"),
        ({"depth": "8", "lesion": "4"}, "lesion=4: depth 8 has blocks 1 to 3"),
        ({"block": "plain", "sever": "1"}, "sever=1: depth 56 has no shortcuts"),
        ({"sever": "2", "lesion": "3"}, "lesion=3: sever=2 is cut already: one wire or one block at a time"),
        ({"sever": "2-3"}, "sever=2-3: allowed is a whole number from 0 to 600"),
        ({"own": "!"}, "own=!: it is no base 64"),
    ],
)
def test_what_cannot_be_cut_is_said_with_what_can(words, problem):
    panel = Driven("wall", **words)
    assert problem in panel.problems
    assert panel.figures and panel.finding, "the rest is shown"


def test_a_data_set_that_is_not_here_has_empty_tiles(desk):
    panel = Driven("wall", dataset="mnist")
    assert drawn(panel)["truth"] == "?" * 112 and drawn(panel)["image"]["pixels"] == ""
    assert drawn(panel)["images"] == 360


def test_the_wall_s_numbers_are_a_table_and_a_file():
    panel = Driven("wall")
    status, _, text = panel.file()
    lines = text.splitlines()
    assert status == 200 and lines[1] == 'read correctly,residual,plain,"residual, averages measured anew"'
    assert "step 132,99.4%,28.6%,–" in lines and "cut shortcut 14,10%,–,55.6%" in lines
    assert "take out block 14,98.6%,–,98.6%" in lines
    assert len(lines) == 2 + 41 + 54 + 1


def test_a_drawing_is_read_by_networks_that_have_learnt_and_by_no_others(desk):
    panel = Driven("drawn")
    assert desk.asked == [] and panel.card("drawn_pad")["pad"]["live"]
    panel.change(own=OWN)
    (asked,) = desk.asked
    assert asked.kind == "drawn" and asked.spec.own == OWN
    desk.end(Reading(asked.spec, 1.0, shares=dict.fromkeys(ARMS, (0.0, 1.0, *(0.0,) * 8))))
    panel.look()
    assert panel.finding == "Both read 1: with shortcuts 100% sure, without 100%."
    other = Driven("drawn", **OTHER, own=OWN)
    assert other.state["trouble"] == "These two have not learnt yet: train both, above." and len(desk.asked) == 1
    assert Driven("drawn", dataset="moons", own=OWN).problems == [
        f"own={OWN[:40]}… (86 characters): Two moons has points, whose numbers are no bytes"
    ]


def test_the_recorded_cuts_are_of_the_recorded_networks():
    whole = EDITS[opening("edit").key]
    assert whole.reads == KNOWN.reads["residual"][-1]
    assert right(whole.anew, KNOWN.truth) >= 0.97 * KNOWN.images, (
        "averages measured anew do an unchanged network no harm"
    )
