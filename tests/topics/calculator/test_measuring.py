"""What the Calculator builds and times beside its count: at a press, kept for every unit, stopped and refused in words."""

import re

import pytest

from resviz.topics.calculator.architectures import count
from resviz.topics.calculator.measured import MOST_SECONDS, Check, StepTime
from resviz.topics.calculator.question import CountSpec
from tests.ui.desk import Fails
from tests.ui.driving import Driven

OPENING = {"net": "resnet50", "other": "resnet34"}


def built(question, off=0):
    sums = count(question.spec).total.sums
    return Check("the real thing", sums.all_parameters - off, sums.macs(), sums.kept)


# -- the check -------------------------------------------------------------------------------------


def test_nothing_is_asked_and_nothing_started_before_a_press(slow, monkeypatch):
    for name in ("count", "built", "step"):
        panel = Driven(name).change(unit="flops").change(net="vgg16").look()
        assert panel.state["status"] == ("finished" if name == "count" else "waiting")
    assert slow.asked == []


@pytest.mark.parametrize("words", [OPENING, {"net": "block", "groups": "2"}])
def test_the_check_says_equal(slow, words):
    slow.answers = built
    panel = Driven("built", **words)
    assert panel.figures is None
    panel.press()
    spec = CountSpec.of(words)
    labels = [each.label for each in (spec, spec.against) if each]
    for label in labels:
        assert f"**{label}** against the real thing: equal to the last unit." in panel.finding
    assert [card["title"] for card in panel.figures] == labels
    for card in panel.figures:
        assert [row[3] for row in card["rows"]["rows"]] == ["equal"] * 3
    assert panel.file()[2].count("equal") == 3 * len(labels)
    assert not panel.state["trouble"]


def test_the_check_names_what_differs_and_by_how_much(slow):
    slow.answers = lambda question: built(question, off=1)
    panel = Driven("built", net="resnet18").press()
    assert "**ResNet-18** against the real thing: parameters differ; please report this link." in panel.finding
    assert ["parameters", "11,689,512", "11,689,511", "the count is 1 more"] in panel.figures[0]["rows"]["rows"]


def test_the_check_that_fails_says_why_and_a_press_tries_again(slow):
    def fails(question):
        raise Fails("The process ended.")

    slow.answers = fails
    panel = Driven("built").press()
    assert (panel.state["trouble"], panel.state["status"]) == ("The process ended.", "waiting")
    assert panel.figures is None
    assert panel.look().state["trouble"] == "The process ended.", "until something else is asked"
    slow.answers = built
    panel.press()
    assert panel.state["status"] == "finished" and not panel.state["trouble"]


def test_an_answer_serves_every_unit_and_every_neighbour(slow):
    slow.answers = built
    Driven("built").press()
    Driven("built", net="resnet50", unit="flops", counted="conv", batch="32", other="vgg16").press()
    one, _, other, _ = slow.asked
    assert one.key == other.key
    assert "equal to the last unit" in Driven("built", net="resnet50", unit="flops").finding
    assert Driven("built", net="resnet50", convention="v1").finding is None, "which is another network"


def test_two_that_are_the_same_are_built_once(slow):
    slow.answers = built
    panel = Driven("built", net="vgg16", other="vgg16").press()
    assert len(slow.asked) == 1
    assert len(panel.figures) == 2


# -- a training step -------------------------------------------------------------------------------

SMALL = {"net": "cifar", "depth": "20", "other": "cifar,depth:8", "batch": "2"}


def took(question):
    return StepTime(
        question.spec.batch, "cpu", 1, question.spec.depth / 1000, question.spec.depth / 1100, 9, 5e10, 1e10
    )


def test_a_training_step_is_measured_at_a_press(slow):
    panel = Driven("step", **SMALL).press()
    assert [question.kind for question in slow.asked] == ["steptime", "steptime"]
    assert [question.spec.batch for question in slow.asked] == [2, 2]
    assert len(slow.waiting()) == 2
    assert panel.state["status"] == "running" and 0 <= panel.state["share"] < 1
    assert re.fullmatch(r"\d+ s of about \d+ (s|min)", panel.state["says"])
    slow.answer_waiting(took)
    panel.look()
    assert (panel.state["status"], panel.state["share"]) == ("finished", 1.0)
    roofs = panel.card("step_roofs")
    assert roofs["markup"].count("rc-measured") == 2
    assert ">20 ms<" in roofs["markup"] and ">8 ms<" in roofs["markup"]
    assert [row[1] for row in roofs["table"]["rows"]] == ["20 ms", "8 ms"]
    spec = CountSpec.of(SMALL)
    assert f"**{spec.label}**: 20 ms for a training step of 2 images. The floor: " in panel.finding
    assert f"times the products of **{spec.against.label}** and takes 2.50 times as long" in panel.finding
    assert "the median of at least 9 steps" in roofs["note"]


def test_a_step_is_measured_anew_and_what_was_measured_stays_in_another_unit(slow):
    Driven("step", **SMALL).press()
    slow.answer_waiting(took)
    panel = Driven("step", **SMALL, unit="flops")
    assert panel.cards() == ["step_roofs"]
    assert Driven("step", **SMALL | {"batch": "3"}).figures is None
    panel.press()
    assert panel.state["status"] == "running" and not panel.version
    slow.answer_waiting(took)
    assert panel.look().state["status"] == "finished"
    assert len({question.key for question in slow.asked}) == 2
    assert len(slow.asked) == 4


def test_a_measurement_can_be_stopped_and_begun_again(slow):
    panel = Driven("step", **SMALL).press()
    panel.stop().look()
    assert not slow.waiting()
    assert (panel.state["status"], panel.state["trouble"]) == ("waiting", "")
    panel.press()
    slow.answer_waiting(took)
    assert panel.look().state["status"] == "finished"


def test_other_networks_stop_what_nobody_waits_for(slow):
    panel = Driven("step", **SMALL).press()
    panel.change(unit="flops")  # the same networks
    assert len(slow.waiting()) == 2 and panel.state["status"] == "running"
    panel.change(depth="14")
    assert not slow.waiting()
    assert (panel.state["status"], panel.state["trouble"]) == ("waiting", "")


def test_one_who_has_gone_is_waited_for_no_longer_but_others_are(slow):
    one, other = Driven("step", viewer="one", **SMALL).press(), Driven("step", viewer="two", **SMALL).press()
    assert len(slow.asked) == 2, "both wait for the same"
    one.stop()
    assert len(slow.waiting()) == 2
    other.stop()
    assert not slow.waiting()
    assert other.look().state["status"] == "waiting"


def test_a_measurement_that_fails_says_why(slow):
    def fails(question):
        raise Fails("There is not enough memory.")

    panel = Driven("step", **SMALL).press()
    slow.answer_waiting(fails)
    panel.look()
    assert (panel.state["status"], panel.state["trouble"]) == ("waiting", "There is not enough memory.")
    assert not panel.change(depth="14").state["trouble"]


def test_too_large_a_batch_is_refused_with_the_nearest_that_works(slow):
    panel = Driven("step", net="resnet50", batch="1024")
    assert panel.state["barred"]
    said = re.fullmatch(
        r"batch=1024: a step of ResNet-50 would take about (\S+ s|\d+ min) and \S+ GB here; "
        rf"the limit is {MOST_SECONDS:g} s and 8.00 GB; nearest that works: (\d+)\.",
        panel.state["trouble"],
    )
    assert said, panel.state["trouble"]
    panel.press()
    assert slow.asked == []
    nearest = int(said[2])
    assert f"batch={nearest + 1}:" in panel.change(batch=str(nearest + 1)).state["trouble"]
    panel.change(batch=str(nearest))
    assert not panel.state["trouble"] and not panel.state["barred"]
    assert panel.words == {"net": "resnet50", "batch": str(nearest)}
    panel.press()
    assert slow.asked[0].spec.batch == nearest


def test_a_network_too_large_even_for_one_image_is_refused(slow):
    panel = Driven("step", net="vgg19", input="4096", batch="1")
    label = CountSpec.of({"net": "vgg19", "input": "4096"}).label
    assert f"batch=1: a step of {label} would take about" in panel.state["trouble"]
    assert "A smaller input or network would fit." in panel.state["trouble"]
    assert panel.state["barred"] and slow.asked == []
