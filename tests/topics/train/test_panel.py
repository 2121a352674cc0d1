"""The Train page's settings as the browser's half drives them: the run that they name, and wrong links."""

import json

import pytest

from resviz.families.resnet.spec import FIELDS, Spec
from resviz.topic import topics
from resviz.topics.train.figures import templates
from resviz.train.records import History
from tests.ui import addresses
from tests.ui.driving import Driven, words_of
from tests.ui.opening import address, open_page

BRANCH = {"depth": "8", "epochs": "3", "cut": "3", "edits": "10:cut:1-2 20:lr:0.1"}
SMALL = {"depth": "8", "epochs": "3"}


@pytest.fixture(autouse=True)
def office(tmp_path, monkeypatch):
    """A server whose processes are the test: a page itself computes nothing."""
    scheduler = addresses.furnish(tmp_path, monkeypatch)
    yield scheduler
    scheduler.store.close()


def run_of(panel):
    return panel.state["run"]


def test_the_page_mounts_one_view_and_writes_nothing_into_the_address():
    page = open_page("train", depth="8", colour="red")
    (found,) = page.get("bidi_component")
    assert json.loads(found.proto.bytes)["kind"] == "train"
    assert address(page) == {"depth": "8", "colour": "red"} and not page.warning


def test_every_setting_is_offered_once_with_its_label_and_help():
    panel = Driven("train")
    assert panel.names() == set(FIELDS)
    for name in FIELDS:
        part = panel.part(name)
        assert part["label"] == FIELDS[name].label and part["help"].startswith(FIELDS[name].help)
    captions = [part["text"] for part in panel.parts("caption")]
    assert captions == ["Network", "Shortcuts", "Data", "Training"]


def test_a_setting_names_another_run_and_the_default_is_no_word_of_the_address():
    panel = Driven("train")
    before = run_of(panel)
    assert panel.figures == json.loads(json.dumps(templates(Spec())))
    panel.change(depth="20")
    assert panel.words == {"depth": "20"} and run_of(panel)["digest"] != before["digest"]
    assert panel.state["network"]["blocks"] == 9
    panel.change(depth="56")
    assert panel.words == {} and run_of(panel) == before


def test_an_unusable_value_is_reported_and_changes_nothing():
    panel = Driven("train", depth="20")
    digest = run_of(panel)["digest"]
    panel.change(lr="fast")
    assert panel.problems == ["lr=fast: allowed is a number from 0.000001 to 100"]
    assert panel.words == {"depth": "20"} and panel.state["values"]["lr"] == "0.02"
    assert panel.version == digest
    assert not panel.change(depth="22").problems


def test_a_setting_that_rules_out_another_says_so():
    panel = Driven("train", depth="20", cut="9")
    panel.change(depth="8")
    assert panel.problems == ["cut=9: depth 8 has shortcuts 1 to 3"]
    assert panel.words == {"depth": "8"}


def test_too_large_a_run_is_declined_with_an_estimate_and_the_settings_stay():
    panel = Driven("train", depth="1202", width="256", epochs="500")
    assert panel.state["barred"] and "the limit is" in panel.state["trouble"]
    assert panel.state["values"]["epochs"] == "500" and "run" not in panel.state
    panel.change({"depth": "8", "width": None, "epochs": "3"})
    assert panel.words == SMALL and run_of(panel)["steps"] == 33


def test_nothing_is_trained_before_someone_watches(office):
    Driven("train", **SMALL).change(lr="0.05")
    assert office.pool.begun["runs"] == 0 and not any(run.wanted_until(closed=True) for run in office.runs.values())


def test_the_line_above_says_what_is_compared():
    assert Driven("train", depth="8").state["about"].endswith("One has shortcuts.")
    assert "Neither has shortcuts: this is the control." in Driven("train", block="plain").state["about"]


def test_a_kept_run_opens_by_its_digest_and_takes_further_settings(office):
    kept = Spec.of({"depth": "8", "epochs": "3", "device": "cpu"})
    office.store.keep(History(kept), 1.0)
    assert Driven("train", run=kept.digest).state["values"]["depth"] == "8"
    panel = Driven("train", run=kept.digest, cut="9")  # which depth 56 has, and depth 8 has not
    assert panel.problems == ["cut=9: depth 8 has shortcuts 1 to 3"]
    assert run_of(panel)["digest"] == kept.digest


def test_a_setting_keeps_what_else_the_address_says_and_with_it_the_branches():
    panel = Driven("train", **BRANCH)
    assert not panel.change(norm="layer").problems
    assert panel.words == {**BRANCH, "norm": "layer"}
    assert panel.change(norm="batch").words == BRANCH
    panel.change(depth="6")  # whose third shortcut and block are gone
    assert panel.problems == ["cut=3: depth 6 has shortcuts 1 to 2"]
    assert panel.words == {"depth": "6", "epochs": "3", "edits": "10:cut:1-2 20:lr:0.1"}


def test_a_setting_moves_all_branches_of_the_run_on_screen():
    panel = Driven("train", **BRANCH)
    before = run_of(panel)
    after = run_of(panel.change(lr="0.05"))
    assert [node["at"] for node in after["lineage"]] == [node["at"] for node in before["lineage"]] == [0, 10, 20]
    assert not {node["digest"] for node in after["lineage"]} & {node["digest"] for node in before["lineage"]}
    assert after["lineage"][-1]["says"] == "learning rate 0.05 to 0.1"


def test_changes_on_the_way_are_a_setting_like_any_other():
    panel = Driven("train", **SMALL)
    panel.change(edits="12:cut:2")
    assert panel.words == {**SMALL, "edits": "12:cut:2"}
    panel.change(edits="12:cut:2 40:cut:1")
    (problem,) = panel.problems
    assert problem.startswith("edits=40:cut:1: the run has 33 steps")
    panel.change(edits="")
    assert panel.words == SMALL and len(run_of(panel)["lineage"]) == 1


def test_train_leads_inside_with_its_settings():
    words = {"depth": "8", "width": "4", "epochs": "1"}
    panel = Driven("train", **words)
    links = {page.partition("?")[0]: words_of(page.partition("?")[2]) for _, page, _ in panel.state["onward"]}
    found = [topic for topic in topics().values() if topic.after_training]
    assert {topic.page for topic in found} == set(links) >= {"paths", "euler"}
    assert links["paths"] == words, "the first view of its page"
    assert links["euler"] == {"view": "depthtime", **words}
    assert [label for label, *_ in panel.state["onward"]] == [topic.after_training for topic in found]


def test_the_drawing_tells_networks_apart_whose_charts_are_the_same():
    words = ({}, {"block": "plain"}, {"shortcut": "C"}, {"stages": "3"}, {"stages": "3", "shortcut": "B"})
    networks = [Driven("train", depth="8", **each).state["network"] for each in words]
    assert len({json.dumps(network) for network in networks}) == len(networks)


# -- links that cannot be used as they are -------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"depth": "abc"}, "depth=abc: allowed is a whole number from 2 to 1,202"),
        ({"depth": "99999"}, "depth=99999: allowed is a whole number"),
        ({"colour": "red"}, "colour=red: no such setting"),
        ({"cut": "900"}, "cut=900: depth 8 has shortcuts 1 to 3"),
        ({"lr": "-1"}, "lr=-1: allowed is a number from 0.000001 to 100"),
        ({"lr": "1e30"}, "lr=1e30: allowed is a number"),
        ({"lr": "nan"}, "lr=nan: allowed is a number"),
        ({"norm": ""}, "norm=: allowed is one of batch, layer, group, none"),
        ({"order": "relu"}, "order=relu: allowed is one of original, bn_after"),
        ({"width": "9" * 500}, "(500 characters)"),
        ({"run": "0123456789abcdef"}, "run=0123456789abcdef: no such run on this server"),
        ({"edits": "500:cut:1"}, "edits=500:cut:1: the run has 33 steps: a change can come after step 1 to 32"),
        ({"edits": "10:cut:9"}, "edits=10:cut:9: depth 8 has shortcuts 1 to 3"),
        ({"edits": "10:depth:20"}, "edits=10:depth:20: depth cannot change on the way"),
        ({"edits": "ten"}, "edits=ten: allowed is step:setting:value, such as 60:cut:7 90:lr:0.01"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_cannot_be_used_is_quoted_with_what_is_allowed_and_the_rest_is_shown(words, says):
    (key,) = words
    if key == "edits":  # one change that cannot be made leaves the others
        words = {"edits": f"{words['edits']} 20:cut:1"}
    good = {name: value for name, value in SMALL.items() if name != key}
    panel = Driven("train", **good, **words)
    assert any(says in problem for problem in panel.problems) and not panel.state["changed"]
    assert all(len(problem.splitlines()) == 1 for problem in panel.problems)
    run = run_of(panel)
    assert [segment["after"] for segment in run["segments"]] == ([0, 20] if key == "edits" else [0])
    assert ("depth=8" in run["query"]) == ("depth" in good)
    assert "epochs=3" in run["query"]


def test_fewer_blocks_keep_the_changes_that_still_fit():
    panel = Driven("train", depth="20", epochs="3", edits="10:cut:9 20:cut:2")
    panel.change(depth="8")
    assert any("edits=10:cut:9: depth 8 has shortcuts 1 to 3" in problem for problem in panel.problems)
    assert [segment["after"] for segment in run_of(panel)["segments"]] == [0, 20]
