"""What the Calculator says of settings that cannot be used, of guesses, and of networks that are built and timed."""

import re

import pytest

from resviz.architectures import count
from resviz.countspec import CountSpec
from resviz.counttext import RATIOS
from resviz.measured import MOST_SECONDS, Check, StepTime
from resviz.runs.prober import STOPPED, LookFailed
from resviz.ui import calculator, server
from resviz.ui.calculator import PAIRS
from tests.ui.calculating import drawings, in_tables, keys, press, put, texts
from tests.ui.opening import address, open_page, ran

pytestmark = pytest.mark.usefixtures("slow")


# -- what cannot be used ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"groups": "7"}, ["groups=7: ResNet-50 has its own"]),
        ({"net": "block", "groups": "7"}, ["groups=7: a 3x3 convolution of 64 channels", "nearest that works: 8"]),
        ({"net": "block", "inner": "0"}, ["inner=0:", "a branch without channels", "nearest that works: 1"]),
        ({"inner": "0"}, ["inner=0:", "nearest that works: 1"]),
        ({"input": "5"}, ["input=5: too small", "nearest that works: 7"]),
        ({"input": "many"}, ["input=many: allowed is a whole number from 1 to 4,096"]),
        ({"net": "custom", "stages": "x"}, ["stages=x: 'x' is not blocks x channels, such as 3x64"]),
        ({"net": "resnet51"}, ["net=resnet51: allowed is one of resnet18, resnet34"]),
        ({"other": "resnet34,foo:3"}, ["other=resnet34,foo:3: foo=3: no such setting"]),
        ({"other": "block"}, ["other=block: a block goes beside a block"]),
        ({"net": "cifar", "depth": "57"}, ["depth=57: this family has 6n+2 layers; nearest that works: 56"]),
        ({"depth": "20", "norm": "none"}, ["depth=20: ResNet-50 has its own", "norm=none: ResNet-50 has its own"]),
        ({"lr": "0.1", "cut": "3"}, ["lr=0.1: no such setting", "cut=3: no such setting"]),
        ({"unit": "ops"}, ["unit=ops: allowed is one of macs, flops"]),
        ({"counted": "conv,magic"}, ["counted=conv,magic: allowed is names of conv"]),
        ({"net": "custom", "stages": "`<b>1</b>`\n# x"}, ["stages='<b>1</b>' # x:"]),
        ({"net": "cifar", "depth": "1" * 5000}, ["(5,000 characters)"]),
    ],
)
def test_what_cannot_be_used_is_said_in_words(query, said):
    page = open_page("calculator", **query)
    (warning,) = page.warning
    for words in said:
        assert words in warning.value
    assert {"bars", "sum True"} & set(drawings(page))
    # And the page still works.
    put(page, "selectbox", "set_unit", "flops")
    assert not page.warning
    assert address(page)["unit"] == "flops"


@pytest.mark.parametrize(
    ("query", "kind", "key", "value", "said"),
    [
        ({"net": "block"}, "number_input", "set_groups", 7, "groups=7: a 3x3 convolution of 64 channels"),
        ({"net": "resnext29", "depth": "20"}, "number_input", "set_groups", 7, "groups=7:"),
        ({"net": "cifar", "depth": "20"}, "number_input", "set_depth", 57, "depth=57: this family has 6n+2 layers"),
        ({"net": "resnet50", "other": "resnet34"}, "number_input", "set_input", 5, "input=5: too small"),
        ({"net": "custom", "stages": "2x64"}, "text_input", "set_stages", "3y64", "stages=3y64: '3y64' is not"),
        ({"net": "vgg16", "other": "cifar,depth:20"}, "number_input", "set_other_depth", 57, "depth=57:"),
        ({"net": "vgg16", "other": "custom,stages:2x64"}, "text_input", "set_other_stages", "x", "stages=x: 'x' is"),
    ],
)
def test_a_widget_with_an_unusable_value_says_so_and_changes_nothing(query, kind, key, value, said):
    page = open_page("calculator", **query)
    before, shown = getattr(page, kind)(key=key).value, in_tables(page)
    put(page, kind, key, value)
    assert said in page.warning[0].value
    assert address(page) == query
    assert getattr(page, kind)(key=key).value == before
    assert in_tables(page) == shown
    assert not ran(page).warning  # said once


# -- guesses ---------------------------------------------------------------------------------------

TRUTH = {
    "ResNet-50 and 34": "as many or more",
    "152 layers of basic blocks": "fewer",
    "… as wide outside": "less than half",
    "32 groups": "fewer",
    "A plain network": "more than twice",
    "Deep or wide": "less than half",
}


def test_every_pair_can_be_guessed_and_is_judged():
    page = open_page("calculator")
    order = [*list(PAIRS)[1:], next(iter(PAIRS))]  # the page opens with the first one's answer on it
    for number, name in enumerate(order, start=1):
        spec = CountSpec.of(PAIRS[name])
        question = f"How many parameters has **{spec.label}** beside **{spec.against.label}**?"
        assert question in texts(page)
        a, b = (count(each).total.sums.all_parameters for each in (spec, spec.against))
        truth = RATIOS[0 if 2 * a < b else 1 if a < b else 2 if a <= 2 * b else 3]
        assert truth == TRUTH[name]
        press(page, f"guess_calculator_{truth}")
        assert CountSpec.of(address(page)) == spec
        assert any(text.startswith(f"You guessed **{truth}**: right. {spec.label} has ") for text in texts(page))
        assert any(each.value == f"{number} of {number} right so far" for each in page.caption)
    press(page, "guess_calculator_more than twice")
    assert any(text.startswith("You guessed **more than twice**: not so.") for text in texts(page))
    assert any(each.value == "6 of 7 right so far" for each in page.caption)


def test_a_guess_is_not_judged_on_another_pair():
    page = press(open_page("calculator"), "guess_calculator_fewer")
    put(page, "selectbox", "network", "vgg16")
    assert not any(text.startswith("You guessed") for text in texts(page))


# -- the check -------------------------------------------------------------------------------------


def built(question, off=0):
    sums = count(question.spec).total.sums
    return Check("the real thing", sums.all_parameters - off, sums.macs(), sums.kept)


def test_the_page_asks_nothing_and_starts_nothing_by_itself(slow, monkeypatch):
    page = open_page("calculator")
    put(page, "selectbox", "set_unit", "flops")
    put(page, "button_group", "count_mode", "block")
    assert slow.asked == []
    monkeypatch.setattr(server, "_slow_prober", None)
    open_page("calculator", net="cifar", depth="8")
    assert server._slow_prober is None


@pytest.mark.parametrize("words", [{"net": "resnet50", "other": "resnet34"}, {"net": "block", "groups": "2"}])
def test_the_check_says_equal(slow, words):
    slow.answers = built
    page = press(open_page("calculator", **words), "check")
    spec = CountSpec.of(words)
    labels = [each.label for each in (spec, spec.against) if each]
    for label in labels:
        assert f"**{label}** against the real thing: equal to the last unit." in texts(page)
    tables = [text for text in texts(page) if text.startswith("|  | counted | built |  |")]
    assert len(tables) == len(labels)
    assert all(text.count("| equal |") == 3 for text in tables)
    assert not page.error


def test_the_check_names_what_differs_and_by_how_much(slow):
    slow.answers = lambda question: built(question, off=1)
    page = press(open_page("calculator", net="resnet18"), "check")
    assert "**ResNet-18** against the real thing: parameters differ; please report this link." in texts(page)
    assert any("| parameters | 11,689,512 | 11,689,511 | the count is 1 more |" in text for text in texts(page))


def test_the_check_that_fails_says_why(slow):
    def fails(question):
        raise LookFailed("The process ended.")

    slow.answers = fails
    page = press(open_page("calculator"), "check")
    assert [each.value for each in page.error] == ["The process ended."]
    assert not any("against" in text for text in texts(page) if text.startswith("**"))
    slow.answers = built
    press(page, "check")
    assert not page.error


def test_the_check_that_takes_too_long_says_so(slow, monkeypatch):
    monkeypatch.setattr(calculator, "CHECK_SECONDS", 0.05)
    page = press(open_page("calculator"), "check")
    assert ["busy" in each.value for each in page.error] == [True]
    slow.answer_waiting(built)  # it has come meanwhile
    assert any("equal to the last unit" in text for text in texts(ran(page)))


def test_an_answer_serves_every_unit_and_every_neighbour(slow):
    slow.answers = built
    press(open_page("calculator"), "check")
    press(open_page("calculator", net="resnet50", unit="flops", counted="conv", batch="32", other="vgg16"), "check")
    one, _, other, _ = slow.asked
    assert one.key == other.key
    alone = open_page("calculator", net="resnet50", unit="flops")
    assert any("equal to the last unit" in text for text in texts(alone))
    v1 = open_page("calculator", net="resnet50", convention="v1")  # which is another network
    assert not any("equal to the last unit" in text for text in texts(v1))


# -- a training step -------------------------------------------------------------------------------

SMALL = {"net": "cifar", "depth": "20", "other": "cifar,depth:8", "batch": "2"}


def took(question):
    return StepTime(
        question.spec.batch, "cpu", 1, question.spec.depth / 1000, question.spec.depth / 1100, 9, 5e10, 1e10
    )


def test_a_training_step_is_measured_at_a_press(slow):
    page = open_page("calculator", **SMALL)
    assert page.button(key="time").label == "Measure a training step"
    press(page, "time")
    assert [question.kind for question in slow.asked] == ["steptime", "steptime"]
    assert [question.spec.batch for question in slow.asked] == [2, 2]
    assert len(slow.waiting) == 2
    assert "time" not in keys(page)
    assert re.fullmatch(r"\S+ (s|ms|time) of about \S+ s", page.get("progress")[0].proto.text)
    slow.answer_waiting(took)
    ran(page)
    assert not page.get("progress")
    roofs = drawings(page)["roofs"]
    assert roofs.count("rc-measured") == 2
    assert ">20 ms<" in roofs and ">8 ms<" in roofs
    said = "\n".join(texts(page))
    spec = CountSpec.of(SMALL)
    assert f"**{spec.label}**: 20 ms for a training step of 2 images. The floor: " in said
    assert f"times the products of **{spec.against.label}** and takes 2.50 times as long" in said
    assert any("the median of at least 9 steps" in each.value for each in page.caption)
    assert page.button(key="time").label == "Measure again"


def test_a_step_is_measured_anew_and_the_bars_stay_in_another_unit(slow):
    press(open_page("calculator", **SMALL), "time")
    slow.answer_waiting(took)
    page = open_page("calculator", **SMALL, unit="flops")
    assert "roofs" in drawings(page)
    assert "roofs" not in drawings(open_page("calculator", **SMALL | {"batch": "3"}))
    press(page, "time")
    assert "roofs" not in drawings(page)
    slow.answer_waiting(lambda question: took(question))
    assert "roofs" in drawings(ran(page))
    assert len({question.key for question in slow.asked}) == 2
    assert len(slow.asked) == 4


def test_a_measurement_can_be_stopped(slow):
    page = press(open_page("calculator", **SMALL), "time")
    futures = [future for _, future in slow.waiting.values()]
    press(page, "time_stop")
    assert not slow.waiting
    assert [str(future.exception(0)) for future in futures] == [STOPPED, STOPPED]
    assert not page.get("progress")
    assert not page.error
    press(page, "time")  # and begun again
    slow.answer_waiting(took)
    assert "roofs" in drawings(ran(page))


def test_another_network_stops_what_nobody_waits_for(slow):
    page = press(open_page("calculator", **SMALL), "time")
    put(page, "selectbox", "set_unit", "flops")  # the same networks
    assert len(slow.waiting) == 2 and page.get("progress")
    put(page, "number_input", "set_depth", 14)
    assert not slow.waiting
    assert page.button(key="time").label == "Measure a training step"
    assert not page.error


def test_a_measurement_that_fails_says_why(slow):
    def fails(question):
        raise LookFailed("There is not enough memory.")

    page = press(open_page("calculator", **SMALL), "time")
    slow.answer_waiting(fails)
    ran(page)
    assert [each.value for each in page.error] == ["There is not enough memory."]
    assert page.button(key="time").label == "Measure a training step"
    assert not ran(page).error  # said once


def test_too_large_a_batch_is_refused_with_the_nearest_that_works(slow):
    page = open_page("calculator", net="resnet50", batch="1024")
    (refusal,) = page.warning
    said = re.fullmatch(
        r"batch=1024: a step of ResNet-50 would take about (\S+ s|\d+ min) and \S+ GB here; "
        rf"the limit is {MOST_SECONDS:g} s and 8.00 GB; nearest that works: (\d+)\.",
        refusal.value,
    )
    assert said, refusal.value
    assert "time" not in keys(page)
    nearest = int(said[2])
    put(page, "number_input", "set_batch", nearest + 1)
    assert f"batch={nearest + 1}:" in page.warning[0].value
    put(page, "number_input", "set_batch", nearest)
    assert not page.warning
    assert address(page) == {"net": "resnet50", "batch": str(nearest)}
    press(page, "time")
    assert slow.asked[0].spec.batch == nearest


def test_a_network_too_large_even_for_one_image_is_refused():
    page = open_page("calculator", net="vgg19", input="4096", batch="1")
    label = CountSpec.of({"net": "vgg19", "input": "4096"}).label
    assert f"batch=1: a step of {label} would take about" in page.warning[0].value
    assert "A smaller input or network would fit." in page.warning[0].value
    assert "time" not in keys(page)
