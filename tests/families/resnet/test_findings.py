"""Findings: every sentence is taken apart again, and each of its claims held against the records."""

import math
import re
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.findings import change_in_words, gradient_ratio, initial_finding, train_finding
from resviz.families.resnet.spec import LIVE, Spec
from resviz.train.records import ArmRecord, History, Record
from resviz.words.say import percent, same_accuracy, times
from tests.examples import examples

PERCENT = r"(\d+(?:\.\d+)?(?:e-\d+)?%)"
TIMES = r"([\d.,]+(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?)"
STEP = r"([\d,]+)"

# Everything that a finding may say. A sentence that matches none of these makes a claim that nobody has checked.
STOPPED = rf"The (residual|plain) network stopped at step {STEP}: (.*?\.)(?= The |$)"
CONTROL = (
    r"Neither network has a shortcut here, so both are the same network\. This is the control: "
    r"(every number so far is the same in both|yet their numbers differ)\."
)
ALONE = rf"The (residual|plain) network reads {PERCENT} of unseen (\w+)\."
WHEN = rf"(?:After step {STEP}|(When last tested))"
READS = rf"the residual network reads {PERCENT} of unseen (\w+), the plain one {PERCENT}"
NO_DIFFERENCE = (
    rf"{WHEN} there is no difference that {STEP} test \w+ could show: {READS}(?:, near the {PERCENT} of guessing)?\."
)
DIFFERENCE = rf"{WHEN} {READS}\."
ZERO = (
    r"At the start the last convolution of the (plain|residual|plain and residual) networks? gets? no gradient at all\."
)
PROFILE = (
    rf"At the start the gradient of the first layer's weights is {TIMES} times that of the last convolution's in the plain "
    rf"network, {TIMES} times in the residual one\."
)
NOW = (
    rf"By step {STEP} it is {TIMES} times in the plain network"
    r"(: it no longer explodes, and it has not vanished|: it has recovered)?\."
)
LOSS = (
    r"Yet its training loss is (-?[\d.]+) against (-?[\d.]+)\. So a vanishing gradient is not the reason\. "
    r"\[Landscape\]\(landscape\) shows where it got stuck\."
)
SILENT = rf"At step {STEP}, (\d+) of the (\d+) layers of the (plain|residual) network get no gradient at all, and are not drawn\."
WHOLE = r"(\d+)%"
READING = r"Reading(?: in the (residual|plain) network)?"
HARDLY = rf"{READING} hardly changed at once: {PERCENT} before, {PERCENT} one step after(?:, {PERCENT} now)?\."
MOVED = rf"{READING} (fell|rose) from {WHOLE} to {WHOLE} at once(?:, and is (back )?at {WHOLE})?\."
CAUSE = (
    rf"(It fell because what|What) reaches (?:block (\d+)|the last layer) is {TIMES} times as large and points "
    rf"(elsewhere|nearly the same way) \(cosine (-?[\d.]+)\)(?:: the|\. The) network reads {WHOLE} of a training batch"
    rf"(?: instead of {WHOLE}|, {WHOLE} before)\."
)
STALE = (
    r"(The averages that normalisation has stored for unseen \w+ no longer fit either|"
    r"Most of the fall is due to the averages that normalisation has stored for unseen \w+: they no longer fit)\."
)
CHANGED = rf"You (.+?) after step {STEP}\.((?: (?:{HARDLY}|{MOVED}(?: {CAUSE}(?: {STALE})?)?)){{0,2}})"
NEVER = rf"The change after step {STEP} was never reached\."
GRADIENTS = rf"{PROFILE}(?: {NOW}(?: {LOSS})?)?"


def paragraphs(text: str) -> dict[str, re.Match]:
    """The paragraphs of a finding by the form that they match."""
    forms = {
        "stopped": rf"(?:{STOPPED} ?)+",
        "control": CONTROL,
        "alone": ALONE,
        "no difference": NO_DIFFERENCE,
        "difference": DIFFERENCE,
        "zero": ZERO,
        "silent": rf"(?:{SILENT} ?)+",
        "gradients": GRADIENTS,
        "changed": CHANGED,
        "never": NEVER,
    }
    found = {}
    for paragraph in filter(None, text.split("\n\n")):
        matches = {name: match for name, form in forms.items() if (match := re.fullmatch(form, paragraph))}
        assert len(matches) == 1, paragraph
        found |= matches
    return found


SHARE = 5.1e-5  # a share under 1% is written with two decimals


def shares(text: str) -> float:
    return float(text.removesuffix("%")) / 100


def number(text: str) -> float:
    mantissa, _, exponent = text.replace(",", "").partition(" × 10")
    return float(mantissa) * 10.0 ** int((exponent or "0").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))


def check(history: History) -> dict[str, re.Match]:
    """Hold every claim of the finding of `history` against its records; returns the paragraphs."""
    text = train_finding(history)
    found = paragraphs(text)
    check_stopped(history, text)
    check_changes(history, found)
    check_accuracy(history, found)
    check_gradients(history, found)
    check_silent(history, train_finding(history))
    return found


def check_stopped(history: History, text: str) -> None:
    said = {arm: (int(step), why) for arm, step, why in re.findall(STOPPED, text.partition("\n\n")[0])}
    assert said == {arm: history.ended(arm) for arm in ARMS if history.ended(arm)}


def check_changes(history: History, found: dict[str, re.Match]) -> None:
    now, afters = history.records[-1].step, [after for after, _ in history.spec.segments[1:]]
    reached = [after for after in afters if after < now]
    over = all(history.ended(arm) for arm in ARMS)
    assert {"changed", "never"} & set(found) == ({"changed"} if reached else {"never"} if afters and over else set())
    if "never" in found:
        assert int(found["never"][1]) == afters[0]
    if "changed" not in found:
        return
    words, step, told, *_ = found["changed"].groups()
    at = reached[-1]
    before, after = history.spec.during(at), history.spec.during(at + 1)
    assert (int(step), words) == (at, change_in_words(before, after, done=True))
    both = any(getattr(before, k) != getattr(after, k) for k in LIVE if k not in ("cut", "shortcut_scale"))
    said = {match[1] or "residual": match for form in (HARDLY, MOVED) for match in re.finditer(form, told)}
    assert all(bool(match[1]) == both for match in said.values())
    for arm in ARMS if both else ARMS[:1]:
        tested = dict(zip(*history.column(arm, "test_accuracy"), strict=True))
        old, since = ([v for s, v in tested.items() if (s > at) == late] for late in (False, True))
        assert (arm in said) == bool(old and since)
        if arm in said:
            check_reading(said[arm], old[-1], tested[at + 1], since[-1] if len(since) > 1 else None)


def check_reading(said: re.Match, before: float, once: float, now: float | None) -> None:
    if "hardly" in said[0]:
        assert abs(once - before) < 0.05
        assert said.groups()[1:] == tuple(v if v is None else percent(v) for v in (before, once, now))
        return
    _, way, *shares_said, back, by_now = said.groups()
    assert way == ("fell" if once < before else "rose")
    assert abs(once - before) >= 0.05
    assert shares_said == [f"{100 * v:.0f}" for v in (before, once)]
    assert by_now == (None if now is None else f"{100 * now:.0f}")
    if back:
        assert way == "fell"
        assert now >= before - 0.025


def check_accuracy(history: History, found: dict[str, re.Match]) -> None:
    tested = {arm: dict(zip(*history.column(arm, "test_accuracy"), strict=True)) for arm in ARMS}
    kinds = {"control", "alone", "no difference", "difference"} & set(found)
    if history.spec.shortcuts == 0:
        same = all(r.arms.get("plain") == r.arms.get("residual") for r in history.records)
        assert kinds == {"control"}
        assert ("is the same" in found["control"][1]) == same
        return
    if not all(tested.values()):
        known = [arm for arm in ARMS if tested[arm]]
        assert kinds == ({"alone"} if known else set())
        if known:
            arm, share, noun = found["alone"].groups()
            assert (arm, noun) == (known[0], history.spec.data.noun)
            assert shares(share) == pytest.approx(history.last(arm, "test_accuracy"), rel=0.005, abs=SHARE)
        return
    last = {arm: history.last(arm, "test_accuracy") for arm in ARMS}
    same = same_accuracy(*last.values(), history.spec.data.test)
    assert kinds == ({"no difference"} if same else {"difference"})
    step, _, *rest = (found.get("no difference") or found["difference"]).groups()
    if same:
        images, residual, noun, plain, guess = rest
        assert int(images.replace(",", "")) == history.spec.data.test
        if guess is not None:
            assert shares(guess) == pytest.approx(1 / history.spec.data.classes, rel=0.005, abs=SHARE)
    else:
        residual, noun, plain = rest
    assert noun == history.spec.data.noun
    assert shares(residual) == pytest.approx(last["residual"], rel=0.005, abs=SHARE)
    assert shares(plain) == pytest.approx(last["plain"], rel=0.005, abs=SHARE)
    if step is not None:  # then both numbers are of that very step
        assert [tested[arm].get(int(step.replace(",", ""))) for arm in ARMS] == [last[arm] for arm in ARMS]


def check_silent(history: History, text: str) -> None:
    last = history.records[-1]
    told = {arm: (int(step.replace(",", "")), int(n), int(d)) for step, n, d, arm in re.findall(SILENT, text)}
    zeros = {arm: sum(g == 0 for g in a.grad_norm) for arm, a in last.arms.items()}
    assert told == {arm: (last.step, n, history.spec.depth) for arm, n in zeros.items() if n}


def check_gradients(history: History, found: dict[str, re.Match]) -> None:
    first, last = history.records[0], history.records[-1]
    both = all(set(r.arms) == set(ARMS) for r in (first, last))
    if not history.spec.shortcuts or not both:
        assert not {"gradients", "zero"} & set(found)
        return
    if "zero" in found:
        said = set(found["zero"][1].split(" and "))
        assert said == {arm for arm in ARMS if first.arms[arm].grad_norm[-2] == 0}
    if "gradients" not in found:
        assert any(gradient_ratio(first.arms[arm]) is None for arm in ARMS)
        return
    plain, residual, step, now, better, mine, other = found["gradients"].groups()
    start = {arm: first.arms[arm].grad_norm[0] / first.arms[arm].grad_norm[-2] for arm in ARMS}
    assert number(plain) == pytest.approx(start["plain"], rel=0.051)
    assert number(residual) == pytest.approx(start["residual"], rel=0.051)
    if step is None:
        return
    ratio = last.arms["plain"].grad_norm[0] / last.arms["plain"].grad_norm[-2]
    assert int(step.replace(",", "")) == last.step > first.step
    assert number(now) == pytest.approx(ratio, rel=0.051)
    if better:  # health is claimed only within bounds, and only of what was out of them
        assert 1e-2 < ratio < 1e2
        assert start["plain"] > 1e2 if "no longer explodes" in better else start["plain"] < 1e-2
    if mine is not None:
        assert 1e-2 < ratio < 1e2
        assert float(mine) == pytest.approx(last.arms["plain"].loss, rel=1e-9, abs=0.0051)
        assert float(other) == pytest.approx(last.arms["residual"].loss, rel=1e-9, abs=0.0051)
        assert last.arms["plain"].loss - last.arms["residual"].loss > 0.5


# -- whole findings ------------------------------------------------------------------------------


@examples(150)
@given(data=st.data())
def test_whatever_was_measured_every_sentence_is_true(histories, data):
    check(data.draw(histories(finite=True)))


def test_a_real_run_at_every_step(real_run):
    for record in real_run.records:
        found = check(real_run.until(record.step))
        assert "gradients" in found
        assert {"difference", "no difference"} & set(found)


def test_a_change_is_told_with_what_each_network_read(make_history):
    spec = Spec(depth=8).branch(2, cut=[2])
    history = make_history(spec, accuracies={"residual": [0.1, 0.9, 0.4, 0.8], "plain": [0.1, None, 0.2, None]})
    assert "changed" not in check(history.until(2))
    first = "You cut shortcut 2 after step 2. Reading fell from 90% to 40% at once"
    assert check(history.until(3))["changed"][0] == f"{first}."
    assert check(history)["changed"][0] == f"{first}, and is at 80%."
    both = make_history(
        Spec(depth=8).branch(2, lr=0.5), accuracies={"residual": [0.1, 0.9, 0.4, 0.89], "plain": [0.1] * 4}
    )
    assert check(both)["changed"][0] == (
        "You changed learning rate 0.02 to 0.5 after step 2. Reading in the residual network fell from 90% to 40% at once, and "
        "is back at 89%. Reading in the plain network hardly changed at once: 10% before, 10% one step after, 10% now."
    )


@pytest.mark.parametrize(
    ("norm", "cut", "shift", "batch", "says"),
    [
        (
            "batch",
            2,
            (0.18, 0.6),
            (0.9, 0.4),
            "It fell because what reaches block 3 is 0.18 times as large and points elsewhere (cosine 0.60): the network reads "
            "40% of a training batch instead of 90%. The averages that normalisation has stored for unseen digits no longer fit "
            "either.",
        ),
        (
            "batch",
            3,
            (0.66, 0.87),
            (0.98, 0.88),
            "What reaches the last layer is 0.66 times as large and points elsewhere (cosine 0.87): the network reads 88% of a "
            "training batch instead of 98%. Most of the fall is due to the averages that normalisation has stored for unseen "
            "digits: they no longer fit.",
        ),
        (
            "batch",
            1,
            (0.2, 0.95),
            (0.9, 0.1),
            "What reaches block 2 is 0.2 times as large and points nearly the same way (cosine 0.95). The network reads 10% of a "
            "training batch, 90% before.",
        ),
        (
            "layer",
            1,
            (0.2, 0.3),
            (0.9, 0.88),
            "What reaches block 2 is 0.2 times as large and points elsewhere (cosine 0.30). The network reads 88% of a training "
            "batch, 90% before.",
        ),
    ],
)
def test_a_fall_has_a_cause_only_where_the_direction_and_the_batch_support_it(
    norm, cut, shift, batch, says, make_history
):
    """The test set is read 80 points worse. Only batch normalisation stores averages; a size alone is no cause."""
    spec = Spec(depth=8, norm=norm).branch(2, cut=[cut])
    history = make_history(spec, accuracies={"residual": [0.1, 0.9, 0.1], "plain": [0.1] * 3})
    for record, accuracy, moved in zip(history.records[1:], batch, (None, shift), strict=True):
        record.arms["residual"] = replace(record.arms["residual"], accuracy=accuracy, shift=moved)
    assert check(history)["changed"][0].endswith(f"Reading fell from 90% to 10% at once. {says}")


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ({"cut": "1,2"}, {"cut": "2-4"}, "cut shortcuts 3-4, restore shortcut 1"),
        ({}, {"remove": "5"}, "remove block 5"),
        ({"remove": "1-27"}, {}, "put back all 27 blocks"),
        ({}, {"cut": "1,3,5,7,9,11,13,15,17,19,21"}, "cut 11 shortcuts"),
        ({}, {"lr": "0.1", "optimizer": "adam"}, "optimiser SGD to Adam, learning rate 0.02 to 0.1"),
        ({"activation": "tanh"}, {"epochs": "24"}, "activation tanh to ReLU, epochs 12 to 24"),
    ],
)
def test_a_change_in_words(before, after, says):
    assert change_in_words(Spec.of(before), Spec.of(after)) == says


def test_a_change_that_was_made_is_told_in_the_past():
    before, after = Spec.of({"cut": "1,2", "remove": "3"}), Spec.of({"cut": "2-4", "remove": "5", "lr": "0.1"})
    assert change_in_words(before, after, done=True) == (
        "cut shortcuts 3-4, restored shortcut 1, removed block 5, put back block 3, changed learning rate 0.02 to 0.1"
    )


@pytest.mark.parametrize(
    ("spec", "residual", "plain", "says"),
    [
        (
            Spec(depth=8),
            (2.0, 1.0, 9.0),
            (100.0, 0.4, 9.0),
            "Without shortcuts the first layer is pushed 250 times as hard as the last convolution. With them, 2 times. Measured "
            "before training, on a batch of 128 images: how large the gradient of their weights is.",
        ),
        (
            Spec(depth=8),
            (3e6, 1e6, 2e6, 9.0),
            (1.0, 2.0, 4.0, 9.0),
            "With shortcuts the gradients are 1.0 × 10⁶ times as large as without. Without shortcuts the first layer is pushed "
            "0.25 times as hard",
        ),
        (
            Spec(depth=8),
            (1.0, 2.0, 9.0),
            (300.0, 400.0, 9.0),
            "Without shortcuts the gradients are 230 times as large as with.",
        ),
        (Spec(depth=8), (2.0, 1.0, 9.0), (2.0, 0.0, 9.0), "In the plain network the last convolution gets no gradient"),
        (
            Spec(depth=8),
            (math.nan, 1.0),
            (2.0, 1.0),
            "In the residual network numbers leave the range of float32",
        ),
        (Spec(depth=8), (2.0, 1.0), (2.0, 1.0), "to the last digit: here a shortcut makes no difference."),
        (
            Spec(depth=8, cut=(1, 2, 3)),
            (2.0, 1.0),
            (2.0, 1.0),
            "All shortcuts are cut: these are the same network, to the last digit.",
        ),
        (
            Spec(depth=8, block="plain"),
            (2.0, 1.0),
            (2.0, 1.0),
            "Neither network has a shortcut here: both are the same.",
        ),
    ],
)
def test_before_training_the_first_gradients_are_told(spec, residual, plain, says):
    arms = {"residual": ArmRecord(1.0, 0.5, residual), "plain": ArmRecord(1.0, 0.5, plain)}
    assert says in initial_finding(spec, Record(1, 1, 0.1, arms))


def test_nothing_is_found_before_there_is_a_record():
    assert train_finding(History(Spec())) == ""


def test_a_clear_difference(make_history):
    history = make_history(Spec(depth=8), accuracies={"residual": [0.1, 0.9861], "plain": [0.1, 0.45]})
    found = check(history)
    assert (
        found["difference"][0] == "After step 2 the residual network reads 98.6% of unseen digits, the plain one 45%."
    )


def test_a_difference_is_not_called_one_where_the_test_set_is_too_small_to_show_it(make_history):
    """96.0% and 94.5% differ by twice their standard error only from some 1,600 images on."""
    accuracies = {"residual": [0.96], "plain": [0.945]}
    small, large = Spec(depth=8), Spec(depth=8, dataset="mnist")
    told = train_finding(make_history(small, accuracies=accuracies))
    assert re.search(r"there is no difference that 360 test \w+ could show", told)
    assert "no difference" not in train_finding(make_history(large, accuracies=accuracies))


@pytest.mark.parametrize(
    ("dataset", "accuracy", "guesses"),
    [
        ("digits", 0.1, True),
        ("digits", 0.115, True),
        ("digits", 0.3, False),
        ("digits", 0.9, False),
        ("spirals", 0.51, True),
        ("spirals", 0.7, False),
        ("cifar100", 0.01, True),
        ("cifar100", 0.04, False),
    ],
)
def test_guessing_is_named_only_near_the_level_of_guessing(dataset, accuracy, guesses, make_history):
    """70% of 400 points in two classes is eight standard errors above guessing."""
    history = make_history(Spec(depth=8, dataset=dataset), accuracies={"residual": [accuracy], "plain": [accuracy]})
    check(history)
    assert ("of guessing" in train_finding(history)) == guesses


def test_points_are_not_called_images(make_history):
    spec = Spec(depth=8, dataset="spirals")
    assert "image" not in train_finding(make_history(spec, accuracies={"residual": [0.9], "plain": [0.9]}))


def test_accuracies_of_an_earlier_step_are_not_told_as_of_the_last(make_history):
    history = make_history(Spec(depth=8), accuracies={"residual": [0.5, 0.9, None], "plain": [0.5, 0.4, None]})
    check(history)
    assert "After step 3" not in train_finding(history)


@pytest.mark.parametrize("spec", [Spec(depth=8, block="plain"), Spec(depth=3), Spec(depth=2)])
def test_the_control(spec, make_history):
    same = make_history(spec, accuracies={"residual": [0.5], "plain": [0.5]})
    assert "every number so far is the same in both" in check(same)["control"][0]
    differ = make_history(spec, losses={"residual": [1.0], "plain": [1.0 + 2**-52]})
    assert "yet their numbers differ" in check(differ)["control"][0]


def test_an_arm_that_ended(make_history):
    history = make_history(
        Spec(depth=8),
        accuracies={"residual": [0.2, 0.6, 0.9], "plain": [0.1, None, None]},
        losses={"residual": [2.0, 1.0, 0.5], "plain": [2.0, None, None]},
        ended={"plain": 2},
    )
    found = check(history)
    assert found["stopped"][0] == "The plain network stopped at step 2: plain left."
    assert found["difference"][0].startswith("When last tested ")
    assert "gradients" not in found


def test_only_one_arm_was_ever_tested(make_history):
    history = make_history(
        Spec(depth=8),
        accuracies={"residual": [0.25], "plain": [None]},
        losses={"residual": [1.0], "plain": [None]},
        ended={"plain": 1},
    )
    assert check(history)["alone"][0] == "The residual network reads 25% of unseen digits."


@pytest.mark.parametrize("arms", [("plain",), ("residual",), ("plain", "residual")])
def test_gradients_of_zero(arms, make_history):
    """Fixup starts like this: the head is zero, so nothing comes back from it."""
    profiles = {arm: [(1.0,) * 8] for arm in ARMS} | {arm: [(0.0,) * 7 + (1.0,)] for arm in arms}
    found = check(make_history(Spec(depth=8), profiles=profiles))
    assert set(found["zero"][1].split(" and ")) == set(arms)


def profile(ratio: float) -> tuple[float, ...]:
    return (ratio, *[1.0] * 6, 123.0)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (2.3e5, 3.0, ": it no longer explodes, and it has not vanished."),
        (2.3e5, 99.0, ": it no longer explodes, and it has not vanished."),
        (2.3e5, 101.0, " 100 times in the plain network."),
        (2.3e5, 1e-3, " times in the plain network."),
        (2.3e5, 1e6, " times in the plain network."),
        (2.3e5, 0.0, " 0 times in the plain network."),
        (1e-4, 0.3, ": it has recovered."),
        (1e-4, 0.009, " times in the plain network."),
        (1e-4, 1e5, " times in the plain network."),
        (5.0, 3.0, " 3 times in the plain network."),
    ],
)
def test_health_is_claimed_only_within_bounds(before, after, says, make_history):
    profiles = {"plain": [profile(before), profile(after)], "residual": [profile(1.5)] * 2}
    text = check(make_history(Spec(depth=8), profiles=profiles))["gradients"][0]
    assert text.endswith(says)


@pytest.mark.parametrize(
    ("ratio", "loss", "said"), [(3.0, 2.3, True), (3.0, 1.4, False), (1e-3, 2.3, False), (1e3, 2.3, False)]
)
def test_what_does_not_hold_it_back_is_said_of_a_healthy_gradient_and_a_worse_loss(ratio, loss, said, make_history):
    profiles = {"plain": [profile(1e4), profile(ratio)], "residual": [profile(1.5)] * 2}
    history = make_history(Spec(depth=8), profiles=profiles, losses={"plain": [2.4, loss], "residual": [2.4, 1.0]})
    assert ("Yet its training loss" in check(history)["gradients"][0]) == said


# -- parts ---------------------------------------------------------------------------------------


@given(st.integers(1, 10_000), st.data())
def test_same_accuracy_is_two_standard_errors(images, data):
    """In whole numbers: n (i - j)^2 <= 4 (i (n - i) + j (n - j)), with i and j of n read correctly."""
    i, j = (data.draw(st.integers(0, images)) for _ in range(2))
    left, right = images * (i - j) ** 2, 4 * (i * (images - i) + j * (images - j))
    assume(left != right or i == j)  # on the edge, rounding decides
    assert same_accuracy(i / images, j / images, images) == (left <= right)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.9861, "98.6%"),
        (1.0, "100%"),
        (0.0, "0%"),
        (0.1, "10%"),
        (0.07, "7%"),
        (0.1234, "12.3%"),
        (0.0123, "1.23%"),
        (1 / 3, "33.3%"),
        (0.0001, "0.01%"),
    ],
)
def test_percent(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (2345.0, "2,300"),
        (5.23, "5.2"),
        (0.0042, "0.0042"),
        (1.0, "1"),
        (9.96, "10"),
        (10.4, "10"),
        (0.0, "0"),
        (96.0, "96"),
        (123456.0, "120,000"),
        (999_999.0, "1,000,000"),
        (1e6, "1.0 × 10⁶"),
        (2.34e27, "2.3 × 10²⁷"),
        (4.2e-9, "4.2 × 10⁻⁹"),
        (0.001, "0.001"),
    ],
)
def test_times(ratio, text):
    assert times(ratio) == text


@given(st.floats(1e-80, 1e80))
def test_times_keeps_two_digits(ratio):
    assert number(times(ratio)) == pytest.approx(ratio, rel=0.0501)


def test_gradient_ratio_leaves_the_head_out():
    assert gradient_ratio(ArmRecord(1.0, 0.5, (6.0, 1.0, 2.0, 1e9))) == 3.0
    assert gradient_ratio(ArmRecord(1.0, 0.5, (6.0, 0.0, 1e9))) is None
    assert gradient_ratio(ArmRecord(1.0, 0.5, (6.0, 1e9))) is None
    assert math.isclose(gradient_ratio(ArmRecord(1.0, 0.5, (1e-30, 1e25, 0.0))), 1e-55)
