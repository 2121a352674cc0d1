"""What is said of planes, for whatever was measured on them."""

import math
import re

import pytest
from hypothesis import given

from resviz.families.resnet.family import ARMS
from resviz.topics.landscape.figures import Shown
from resviz.topics.landscape.question import (
    Landscape,
    LandscapeSpec,
    Map,
    Moment,
    Slice,
    Step,
    Way,
    Ways,
    WaysSpec,
    descent,
    fall,
    is_pit,
    is_plateau,
    rim,
)
from resviz.topics.landscape.words import AS_FAR, WARNING, as_far, finding, ground, hollows, ways_finding
from resviz.train.records import Training
from resviz.words.text import SpecError
from tests.examples import examples
from tests.topics.landscape.contract import landscape as any_record
from tests.topics.landscape.contract import ways as any_ways


@examples(60)
@given(any_record())
def test_planes_are_said_for_whatever_was_measured(record):
    text = finding(record)
    if not record.arms:
        return
    assert text.endswith(WARNING)
    for arm in ARMS:
        lost = sum(v is None for row in record.arms[arm].loss for v in row)
        assert (f"t {lost} of 81 points the loss of the {arm} network leaves the range of float32" in text) == (
            lost > 0
        )
    for arm, why in record.training.ended.items():
        assert f"The {arm} network stopped at step {record.training.step[arm] + 1:,}: {why}" in text
    residual, plain = (hollows(record.arms[arm]) for arm in ARMS)
    assert ("no difference here" in text) == (residual == plain)
    assert (f"residual {residual}, plain {plain}." in text) == (residual != plain)


def test_hollows_and_lost_points_are_each_networks_own():
    def rows(low, lost=()):
        return tuple(
            tuple(None if (x, y) in lost else 0.5 if (x, y) in low else 2.0 for x in range(9)) for y in range(9)
        )

    way = (Step(0, 0.5, 0.0, 2.0), Step(9, 0.0, 0.0, 0.25))
    planes = {"residual": rows({(2, 2), (5, 6)}), "plain": rows({(4, 4)}, {(x, 0) for x in range(9)})}
    arms = {arm: Slice(loss, 0.5, way, (0.1, 0.2), (1.0, 1.0)) for arm, loss in planes.items()}
    text = finding(Landscape(LandscapeSpec(), 1.0, size=9, arms=arms, images=64, moved=(90, 100)))
    assert "Hollows (points lower than all eight neighbours) among 49 points inside: residual 2, plain 1." in text
    assert "At 9 of 81 points the loss of the plain network leaves the range of float32" in text
    assert "the loss of the residual network leaves" not in text


def test_the_grids_are_those_up_to_the_finest():
    assert LandscapeSpec().sizes == (9, 17, 33) and LandscapeSpec(finest="9").sizes == (9,)
    record = Landscape(LandscapeSpec(), 1.0, size=9, middle=(1.0, -2.0), half=4.0)
    assert record.axis(0) == [-3, -2, -1, 0, 1, 2, 3, 4, 5] and record.axis(1)[0] == -6


@pytest.mark.parametrize(("key", "value"), [("span", 0), ("finest", 10), ("images", 0), ("directions", "up")])
def test_what_cannot_be_used_is_quoted_with_what_can(key, value):
    with pytest.raises(SpecError, match=f"{key}={value}: allowed is"):
        LandscapeSpec.of({key: value})


def test_the_link_says_everything():
    spec = LandscapeSpec.of({"depth": "20", "directions": "path", "span": "0.5", "draw": "3"})
    assert spec.query() == "depth=20&directions=path&span=0.5&draw=3"
    assert LandscapeSpec.of(spec.words()) == spec and math.isclose(spec.span, 0.5)


# -- the ground that trained weights stand on ------------------------------------------------------------


def plane(last, edge, others=()):
    """A plane with these losses in the middle and on the edge; `others` stand at the beginning of the edge."""
    rows = [[edge if {x, y} & {0, 8} else last for x in range(9)] for y in range(9)]
    for k, value in enumerate(others):
        rows[0][k] = value
    return Slice(
        tuple(map(tuple, rows)), 0.25, (Step(0, 0.0, 0.0, 3.0), Step(9, 0.0, 0.0, last)), (0.1, 0.2), (1.0, 1.0)
    )


@pytest.mark.parametrize(
    ("slice_", "stands"),
    [
        (plane(0.01, 0.1), "lies in a pit"),
        (plane(0.01, 0.099), "lies in a shallow pit"),
        (plane(0.01, 0.02), "lies in a shallow pit"),
        (plane(0.01, 0.019), "stands on flat ground"),
        (plane(2.0, 2.6), "stands on a plateau"),
        (plane(2.0, 1.0), "stands on a plateau"),
        (plane(2.0, 0.9), "stands on a slope"),
        (plane(0.01, 0.1, [0.01] * 3), "lies in a pit"),  # nine in ten of the edge are enough
        (plane(0.01, 0.1, [0.01] * 4), "stands on a slope"),
        (plane(0.01, None), "lies in a pit"),
        (plane(None, 3.0), ""),
        (plane(0.0, 3.0), ""),
    ],
)
def test_what_trained_weights_stand_on_follows_from_the_edge(slice_, stands):
    assert ground(slice_, math.log(10)) == stands


def test_the_ground_of_both_is_said_with_its_ratios_or_that_there_is_no_difference():
    def said(**arms):
        return finding(Landscape(LandscapeSpec(), 1.0, size=9, arms=arms, images=64, moved=(90, 100)))

    text = said(residual=plane(0.003, 6.0), plain=plane(1.8, 2.34))
    assert text.startswith(
        "**The residual network lies in a pit: at the edge the loss is 2,000 times larger. The plain one stands on a plateau: at "
        "the edge it is 1.3 times larger.** In the middle are the trained weights: on 64 training images their loss is 0.003 in "
        "the residual network, which reads 25% of them wrong, and 1.8 in the plain network"
    )
    same = said(residual=plane(1.8, 1.9), plain=plane(2.0, 2.1))
    assert same.startswith("**No difference here: each stands on a plateau, and at the edge the loss is the same.**")
    assert "at the edge the loss is 2 times smaller" in said(residual=plane(2.0, 1.0), plain=plane(2.0, 2.1))
    lost = said(residual=plane(None, None), plain=plane(2.0, None))
    assert "residual network cannot be placed here: at the edge the loss is beyond float range" in lost


# -- the ways ----------------------------------------------------------------------------------------


def way(far, *losses, edge=9.0, length=50.0, explained=0.9):
    last = len(losses) - 1
    moments = tuple(Moment(10 * k, far * k / last, 0.0, far * k / last, loss) for k, loss in enumerate(losses))
    grid = tuple(tuple(edge for _ in range(13)) for _ in range(7))
    return Way(moments, Map((0.0, 0.0), 100.0, grid), None, (explained / 2, explained), 0.125, length)


def said_of(residual, plain, ended=None):
    training = Training(dict.fromkeys(ARMS, 40), ended or {})
    return ways_finding(Shown(Ways(WaysSpec(), 1.0, training, {"residual": residual, "plain": plain}, 64)))


@pytest.mark.parametrize(
    ("residual", "plain", "head"),
    [
        (way(5, 2.3, 0.002), way(60, 2.3, 2.1), "The plain network goes 12 times as far and does not get down."),
        (way(5, 2.3, 0.002), way(60, 2.3, 0.9), "The plain network goes 12 times as far and gets less far down."),
        (way(5, 2.3, 0.002), way(10, 2.3, 0.001), "The plain network goes 2 times as far, and both get down."),
        (way(60, 2.3, 2.1), way(5, 2.3, 0.2), "The residual network goes 12 times as far and does not get down."),
        (
            way(60, 2.3, 0.002),
            way(5, 2.3, 2.1),
            "The residual network goes 12 times as far, and only it gets down.",
        ),
        (way(5, 2.3, 0.002), way(6, 2.3, 2.1), "Both go about equally far, and only the residual network gets down."),
        (
            way(5, 2.3, 0.002),
            way(6, 2.3, 0.5),
            "Both go about equally far, and the residual network gets farther down.",
        ),
        (way(5, 2.3, 0.02), way(5.1, 2.3, 0.021), "No difference here: both go equally far, and both get down."),
        (way(5, 2.3, 2.2), way(5, 2.3, 2.2), "No difference here: both go equally far, and neither gets down."),
        (way(5, 2.3, 0.9), way(6, 2.3, 0.5), "Both go about equally far, and both get part of the way down."),
        (way(0, 2.3, 2.3), way(6, 2.3, 0.5), "Only the plain network moves, and only it gets down."),
        (way(5, 2.3, 9.0), way(5, 2.3, None), "Both go about equally far, and neither gets down."),
    ],
)
def test_the_sense_of_both_ways_comes_first(residual, plain, head):
    assert said_of(residual, plain).startswith(f"**{head}**")


def test_pits_and_plateaus_are_said_with_their_losses_only_where_they_are_measured():
    text = said_of(way(5, 2.3, 0.002, edge=0.02), way(60, 2.3, 2.5, 2.1))
    assert "It moves 60 units over a plateau, where the loss hardly changes (2.3 to 2.1)" in text
    assert "the residual network moves 5 units, into a pit (2.3 to 0.002)." in text
    text = said_of(way(5, 2.3, 0.002, edge=0.019), way(60, 2.3, 4.7, 2.4))
    assert "pit" not in text and "plateau" not in text
    assert (
        "moves 60 units, and the loss goes from 2.3 to 2.4" in text and "moves 5 units, downhill (2.3 to 0.002)" in text
    )
    assert "plateau" not in said_of(way(24, 2.3, 2.3), way(24, 2.3, 2.3)), "the weights have hardly moved"


def test_what_the_maps_hold_is_said_and_that_they_show_little_where_they_do():
    text = said_of(way(5, 2.3, 0.002, explained=0.63), way(60, 2.3, 2.1, explained=0.81))
    assert "These hold 63% of the way of the residual network and 81% of that of the plain network." in text
    assert "real losses on 64 training images. In the end the residual network reads 12.5% of these wrong" in text
    assert "are 50 units long" in text
    assert "only a small part" in said_of(way(5, 2.3, 0.002, explained=0.3), way(60, 2.3, 2.1))


def test_a_network_that_left_the_range_of_float32_is_not_compared():
    text = said_of(way(5, 2.3, 0.002), way(0, 2.3, 2.3), {"plain": "the loss is NaN."})
    assert text.startswith("**The plain network leaves the range of float32 on its way.** It moves 0 units")
    both = said_of(way(5, 2.3, None), way(0, None, None), dict.fromkeys(ARMS, "the loss is NaN."))
    assert both.startswith("**Both networks leave the range of float32 on their way.** The plain network moves 0 units")


@pytest.mark.parametrize(
    ("residual", "plain", "right"), [(5, 60, 3), (5, 25, 2), (5, 7, 1), (7, 5, 1), (0, 0, 1), (0, 3, 3), (9, 5, 0)]
)
def test_a_guess_is_compared_with_both_distances(residual, plain, right):
    arms = {"residual": way(residual, 2.3, 0.002), "plain": way(plain, 2.3, 2.1)}
    training = Training(dict.fromkeys(ARMS, 40), {"plain": "the loss is NaN."} if right == 2 else {})
    choice, says = as_far(Shown(Ways(WaysSpec(), 1.0, training, arms, 64)))
    assert choice == AS_FAR[right]
    assert says.startswith(f"Those of the plain network move {plain} units, those of the residual network {residual}.")
    assert says.endswith("leaves the range of float32 on its way.") == (right == 2)
    assert as_far(Shown(Ways(WaysSpec(), 0.1))) is None


def test_before_they_are_measured_it_is_said_how_long_that_takes_and_why_networks_are_trained():
    begun = Ways(WaysSpec(), 0.1, Training(dict.fromkeys(ARMS, 40)))
    assert ways_finding(Shown(begun, takes="about 40 s here")).endswith("Measure them: about 40 s here.")
    told = ways_finding(Shown(begun, live=True))
    assert told.startswith("Both networks learn: step 40 of 132.") and "also where this run was trained before" in told
    assert "What is kept of a run is not trained again" not in told + finding(
        Landscape(LandscapeSpec(), 0.1, begun.training)
    )


@examples(60)
@given(any_ways(measured=True))
def test_ways_are_said_for_whatever_was_measured(record):
    text, arms = ways_finding(Shown(record)), record.arms
    bold = re.match(r"\*\*(.+?)\*\*", text)[1]
    for each in arms.values():
        losses = [m.loss for m in each.moments]
        if is_plateau(each):
            assert None not in losses and max(losses) <= 2 * min(losses) and each.far >= each.length / 2
        if is_pit(each):
            assert losses[-1] is not None and sum(v >= 10 * losses[-1] for v in rim(each.map.loss)) >= 0.9 * 36
        assert descent(each) == (0 if fall(each) < 2 else 1 if fall(each) < 10 else 2)
    assert ("plateau" in text) == any(map(is_plateau, arms.values()))
    assert ("a pit" in text) == any(not is_plateau(each) and is_pit(each) for each in arms.values())
    if not record.training.ended:
        down = {arm: descent(each) for arm, each in arms.items()}
        assert ("both" in bold.lower() or "neither" in bold) or down["plain"] != down["residual"]
        ratio = re.search(r"The (\w+) network goes (.+) times as far", bold)
        if ratio:
            other = next(arm for arm in ARMS if arm != ratio[1])
            assert arms[ratio[1]].far > 1.5 * arms[other].far
