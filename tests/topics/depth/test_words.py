"""Error against depth in words: hand-made results of known verdict, and sentences that agree with the numbers of any."""

import math
import re
from dataclasses import replace
from statistics import fmean

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from resviz.families.resnet.family import ARMS
from resviz.runs.studies import Outcome, Study
from resviz.topics.depth.words import errors, finding, stopped
from resviz.words.say import percent
from tests.examples import examples

IMAGES = 1437  # that digits has to learn from
ONE_SEED = "With one seed nothing tells how much of this is chance."
RUNNING = Outcome(3, (2.0, 1.5, 1.0), ended=False)
FAILED = Outcome(0, (), failed="No such data.")
LEFT = Outcome(6, (2.0,), stopped=7)


def depths(*found, seeds=1, **words):
    return Study.of("depth", {"depths": ",".join(map(str, found)), "seeds": str(seeds), **words})


def run(train, test=None):
    """One that has ended, from its errors."""
    return Outcome(132, (2.0, 1.0), 1 - train, 1 - (train if test is None else test))


def made(**arms):
    """Results from {depth: outcome, or one for each seed} of each arm."""
    return {
        (f"{arm}-{depth}", n): found
        for arm, by_depth in arms.items()
        for depth, runs in by_depth.items()
        for n, found in enumerate(runs if isinstance(runs, list) else [runs])
    }


def paragraph(text, begins):
    return next((part for part in text.split("\n\n") if part.startswith(begins)), "")


THREE = depths(8, 20, 56)


# -- what there is ---------------------------------------------------------------------------------


def test_errors_are_by_depth_and_seed_of_what_has_ended():
    study = depths(8, 20, 56, seeds=3, seed="5")
    results = made(
        residual={8: [run(0.25, 0.5), run(0.125, 0.75), RUNNING], 20: [FAILED, LEFT, run(0.0, 1.0)]},
        plain={8: [run(1.0, 0.0)], 56: [LEFT, LEFT, RUNNING]},
    )
    assert errors(study, results, "residual", "train") == {8: [(5, 0.25), (6, 0.125)], 20: [(7, 0.0)]}
    assert errors(study, results, "residual", "test") == {8: [(5, 0.5), (6, 0.75)], 20: [(7, 1.0)]}
    assert errors(study, results, "plain", "train") == {8: [(5, 1.0)]}
    assert errors(study, results, "plain", "test") == {8: [(5, 0.0)]}
    assert errors(study, {}, "plain", "test") == {}


def test_stopped_counts_by_depth_and_leaves_out_depths_without():
    study = depths(8, 20, 56, seeds=3)
    results = made(
        residual={8: [LEFT, run(0.1), LEFT], 20: [run(0.1), FAILED, RUNNING]},
        plain={20: [run(0.1), run(0.1), LEFT], 56: [LEFT, LEFT, LEFT]},
    )
    assert stopped(study, results, "residual") == {8: 2}
    assert stopped(study, results, "plain") == {20: 1, 56: 3}
    assert stopped(study, {}, "plain") == {}


# -- known verdicts --------------------------------------------------------------------------------


def test_a_plain_network_that_degrades_is_said_to_beside_a_residual_one_that_does_not():
    results = made(
        plain={8: run(0.02, 0.04), 20: run(0.05, 0.08), 56: run(0.30, 0.33)},
        residual={8: run(0.03, 0.05), 20: run(0.02, 0.04), 56: run(0.0, 0.03)},
    )
    plain, residual, both, last = finding(THREE, results).split("\n\n")
    assert both == "At 56 layers the training error is 0% in the residual network and 30% in the plain one."
    assert plain == (
        "Plain: it misreads 2% of its training images at 8 layers and 30% at 56: the deeper network is worse at what it learns "
        "from. That is degradation, not overfitting, which would make the training error smaller (it misreads 33% of new images)."
    )
    assert residual.startswith("Residual: it misreads 0% of its training images ")
    assert "more depth does no harm here" in residual
    assert residual.endswith("It misreads 3% of new images there, 3 points more than of its own.")
    assert last == ONE_SEED


def test_the_residual_network_is_told_of_in_the_same_words():
    """What degrades is found, and not which arm it ought to be."""
    results = made(
        residual={8: run(0.02, 0.04), 56: run(0.30, 0.33)},
        plain={8: run(0.20, 0.20), 56: run(0.10, 0.10)},
    )
    text = finding(THREE, results)
    assert "degradation" in paragraph(text, "Residual: it misreads 2% of its training images at 8 layers and 30% at 56")
    assert "degradation" not in paragraph(text, "Plain: ")


def test_the_deepest_is_compared_with_the_best_and_not_with_the_first():
    results = made(plain={8: run(0.4), 20: run(0.1), 56: run(0.2)})
    assert finding(THREE, results).startswith(
        "Plain: it misreads 10% of its training images at 20 layers and 20% at 56: the deeper"
    )


def test_a_loss_that_so_few_images_leave_open_is_no_degradation():
    """Of 1,437 images 2% and 3% are within two standard errors, 2% and 5% are not."""
    near, far = (finding(THREE, made(plain={8: run(0.02), 56: run(e)})) for e in (0.03, 0.05))
    assert "2% of its training images at 8 layers and 3% at 56, the deepest: more depth does no harm" in near
    assert "degradation" in far
    few = depths(8, 56, examples="128", batch="64")
    assert "no harm" in finding(few, made(plain={8: run(0.02), 56: run(0.05)}))


def test_overfitting_is_said_as_a_gap_and_not_as_degradation():
    text = finding(THREE, made(residual={8: run(0.1, 0.1), 56: run(0.01, 0.2)}))
    assert "degradation" not in text
    assert "It misreads 20% of new images there, 19 points more than of its own." in text


@pytest.mark.parametrize(
    ("train", "test", "says"),
    [
        (0.1, 0.125, "2.5 points more"),
        (0.125, 0.1, "2.5 points fewer"),
        (0.1, 0.1, "no more"),
        (0.1, 0.1004, "no more"),
    ],
)
def test_unseen_images_are_said_against_those_it_learns_from(train, test, says):
    text = finding(THREE, made(plain={8: run(train), 56: run(train, test)}))
    assert f"It misreads {percent(test)} of new images there, {says} than of its own." in text


def test_equal_networks_are_said_to_be_equal():
    same = {8: run(0.05, 0.06), 20: run(0.04, 0.05), 56: run(0.04, 0.05)}
    text = finding(THREE, made(plain=same, residual=same))
    assert paragraph(text, "At ") == (
        "At 56 layers both networks read their training images equally well: no difference here."
    )
    assert "degradation" not in text
    other = made(plain=same, residual={**same, 56: run(0.01)})
    assert "no difference" not in finding(THREE, other)


def test_both_may_degrade_alike():
    same = {8: run(0.05), 56: run(0.5)}
    text = finding(THREE, made(plain=same, residual=same))
    assert text.count("That is degradation") == 2
    assert "At 56 layers both networks read their training images equally well" in text


def test_networks_are_compared_at_the_deepest_that_both_have():
    results = made(plain={8: run(0.1), 20: run(0.1), 56: LEFT}, residual={8: run(0.1), 20: run(0.1), 56: run(0.5)})
    assert "At 20 layers both networks" in finding(THREE, results)
    results["plain-20", 0] = RUNNING
    assert "At 8 layers both networks" in finding(THREE, results)


def test_means_are_over_seeds():
    study = depths(8, 56, seeds=2)
    results = made(plain={8: [run(0.0, 0.1), run(0.04, 0.1)], 56: [run(0.2, 0.2), run(0.4, 0.3)]})
    text = finding(study, results)
    assert "2% of its training images at 8 layers and 30% at 56" in text and "(it misreads 25% of new images)" in text
    assert ONE_SEED not in text


def test_runs_that_left_the_range_are_counted_for_each_depth_and_arm():
    study = depths(8, 20, 56, seeds=2)
    results = made(residual={8: [run(0.1), LEFT]}, plain={20: [run(0.1), LEFT], 56: [LEFT, LEFT]})
    assert paragraph(finding(study, results), "Numbers") == (
        "Numbers left the range of float32: the residual network at 8 layers in 1 of 2 runs; the plain network at 20 layers in 1 "
        "of 2 runs; the plain network at 56 layers in 2 of 2 runs."
    )


def test_where_everything_stopped_that_is_all_there_is_to_say():
    results = made(residual={8: LEFT, 56: LEFT}, plain={8: LEFT, 56: LEFT})
    first, last = finding(depths(8, 56), results).split("\n\n")
    assert first.startswith("Numbers left the range of float32: ") and first.count(" in 1 of 1 runs") == 4
    assert last == ONE_SEED


@pytest.mark.parametrize(
    "results",
    [
        {},
        made(plain={8: RUNNING, 56: RUNNING}),
        made(plain={8: FAILED}, residual={8: FAILED}),
        made(plain={8: run(0.1)}),
    ],
    ids=["none", "running", "failed", "one depth"],
)
def test_nothing_is_said_of_what_says_nothing_yet(results):
    assert finding(THREE, results) == ""


def test_a_study_of_depths_is_told_of_so():
    results = made(plain={8: run(0.02), 56: run(0.3)})
    assert finding(THREE, results) != ""


# -- any results -----------------------------------------------------------------------------------


@st.composite
def studies(draw):
    """A study, and results as far as it may have come."""
    some = sorted(draw(st.sets(st.sampled_from([4, 8, 14, 20, 56, 110]), min_size=1, max_size=4)))
    study = depths(*some, seeds=draw(st.integers(1, 3)), seed=str(draw(st.integers(0, 9))))
    images = st.integers(0, IMAGES)
    unseen = st.integers(0, study.base.data.test)
    results = {}
    for choice in study.choices:
        for n in range(study.seeds):
            match draw(st.sampled_from(["ended"] * 5 + ["stopped", "running", "failed", "absent"])):
                case "ended":
                    results[choice.name, n] = run(draw(images) / IMAGES, draw(unseen) / study.base.data.test)
                case "stopped":
                    results[choice.name, n] = LEFT
                case "running":
                    results[choice.name, n] = RUNNING
                case "failed":
                    results[choice.name, n] = FAILED
    return study, results


def means(study, results, arm, half):
    """By depth, over the seeds that have ended in numbers."""
    found = {}
    for depth in study.depths:
        runs = [results.get((f"{arm}-{depth}", n)) for n in range(study.seeds)]
        values = [1 - getattr(r, f"{half}_accuracy") for r in runs if r and r.train_accuracy is not None]
        if values:
            found[depth] = fmean(values)
    return found


def apart(a, b):
    """In standard errors of the difference, of two errors on all training images."""
    spread = math.sqrt((a * (1 - a) + b * (1 - b)) / IMAGES)
    return abs(a - b) / spread if spread else math.inf * abs(a - b) if a != b else 0.0


@given(studies())
@examples(60)
def test_sentences_agree_with_the_numbers(made_up):
    study, results = made_up
    text = finding(study, results)
    assert "nan" not in text and "inf" not in text and "  " not in text
    parts = text.split("\n\n") if text else []
    assert all(part.endswith(".") for part in parts)
    known = {arm: means(study, results, arm, "train") for arm in ARMS}
    for arm in ARMS:
        part, train = paragraph(text, f"{arm.capitalize()}: "), known[arm]
        assert bool(part) == (len(train) > 1)
        if part:
            best, deepest = min(train.values()), max(train)
            gap = apart(best, train[deepest])
            assume(abs(gap - 2) > 1e-6)
            assert ("degradation" in part) == (gap > 2), (best, train[deepest])
            assert ("no harm" in part) == (gap <= 2)
            error, at = re.search(r"it misreads (\S+) of its training images at (\d+) layers", part).groups()
            assert (error, train[int(at)]) == (percent(best), best)
            if int(at) != deepest:
                assert f" and {percent(train[deepest])} at {deepest}" in part
            assert percent(means(study, results, arm, "test")[deepest]) in part
    both = sorted(set(known["residual"]) & set(known["plain"]))
    equal = paragraph(text, "At ")
    if both:
        gap = apart(known["residual"][both[-1]], known["plain"][both[-1]])
        assume(abs(gap - 2) > 1e-6)
        assert ("no difference here" in equal) == (gap <= 2)
        if gap > 2:
            errors_of = {arm: percent(known[arm][both[-1]]) for arm in ARMS}
            assert (
                f"is {errors_of['residual']} in the residual network and {errors_of['plain']} in the plain one" in equal
            )
    if equal:
        assert equal.startswith(f"At {both[-1]} layers ")
    counts = re.findall(r"the (\w+) network at (\d+) layers in (\d+) of (\d+) runs", paragraph(text, "Numbers "))
    assert {(arm, int(depth)): int(count) for arm, depth, count, _ in counts} == {
        (arm, depth): count
        for arm in ARMS
        for depth in study.depths
        if (count := sum(results.get((f"{arm}-{depth}", n)) is LEFT for n in range(study.seeds)))
    }
    assert {int(of) for *_, of in counts} <= {study.seeds}
    assert (ONE_SEED in parts) == (study.seeds == 1 and len(parts) > 0)
    assert not parts or parts[-1] == ONE_SEED or study.seeds > 1


@given(studies())
@examples(25)
def test_neither_arm_is_judged_by_its_name(made_up):
    study, results = made_up
    other = {"residual": "plain", "plain": "residual"}
    swapped = {(re.sub(r"^\w+", lambda found: other[found[0]], name), n): value for (name, n), value in results.items()}
    here, there = (finding(study, found) for found in (results, swapped))
    for arm in ARMS:
        mine, theirs = (paragraph(text, f"{a.capitalize()}: ") for text, a in ((here, arm), (there, other[arm])))
        assert mine.partition(": ")[2] == theirs.partition(": ")[2]
    mine, theirs = (paragraph(text, "At ") for text in (here, there))
    figures = r"is (\S+) in the residual network and (\S+) in the plain one"
    assert mine == theirs or re.search(figures, mine).groups() == re.search(figures, theirs).groups()[::-1]


@given(studies())
@examples(25)
def test_what_has_not_ended_changes_nothing(made_up):
    study, results = made_up
    over = {key: value for key, value in results.items() if value not in (RUNNING, FAILED)}
    assert finding(study, results) == finding(study, over)


def test_one_depth_says_what_both_networks_read_there():
    study = depths(8)
    text = finding(study, {("plain-8", 0): run(0.5, 0.5), ("residual-8", 0): run(0.0, 0.1)})
    assert text.startswith("At 8 layers the training error is 0% in the residual network and 50% in the plain one.")


@pytest.mark.parametrize(
    ("train", "test", "said"),
    [(0.0, 1.0, "100 points more"), (0.03, 0.04, "1 point more"), (0.5, 0.6, "10 points more")],
)
def test_of_points_no_more_digits_are_told_than_count(train, test, said):
    found = {("plain-8", 0): run(0.9, 0.9), ("plain-56", 0): run(train, test)}
    text = finding(depths(8, 56), found)
    assert (
        f"it misreads {percent(train)} of its training images at 56 layers, the deepest: more depth does no harm"
        in text
    )
    assert said in text


def test_at_which_depths_the_gradient_has_vanished_at_the_end():
    """Of the convolutions, the head is none; a ratio of exactly 1:100 has not vanished."""

    def ended(*norms):
        return replace(run(0.5, 0.5), gradients=norms)

    found = {
        ("plain-8", 0): ended(1.0, 2.0, 9.0),
        ("plain-20", 0): ended(0.01, 1.0, 9.0),
        ("plain-56", 0): ended(1e-9, 1.0, 1e-9),
    }
    said = "At the end the gradient of the plain network has vanished at 56 layers: the first layer’s is less than a hundredth"
    assert paragraph(finding(depths(8, 20, 56), found), "At the end").startswith(said)
    assert paragraph(finding(depths(8, 20, 56), found), "At the end").endswith("convolution’s. At 8 and 20 it has not.")
    del found["plain-56", 0]
    assert "vanished" not in finding(depths(8, 20, 56), found)


def test_without_unseen_images_nothing_is_said_of_them():
    found = {("plain-8", 0): run(0.1, 0.2), ("plain-56", 0): Outcome(1, (1.0,), 0.5, None)}
    assert "new images" not in finding(depths(8, 56), found)
