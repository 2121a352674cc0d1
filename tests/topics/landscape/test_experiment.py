"""The loss on a plane: directions by their definition, points against networks whose weights were moved by hand."""

import functools
import itertools
import math
from statistics import median

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.nets import build
from resviz.families.resnet.spec import Spec
from resviz.nets.resnet import still
from resviz.runs.recorded import opening, recorded
from resviz.topics.landscape import experiment as measuring
from resviz.topics.landscape.experiment import filter_normalised, landscape, main_directions
from resviz.topics.landscape.nets import Surface, filters
from resviz.topics.landscape.question import LandscapeSpec, outside, rim
from resviz.topics.landscape.words import hollows
from resviz.train.twins.trained import forget, trained
from tests.examples import examples

pytestmark = pytest.mark.heavy  # real networks learn in all of these

SMALL = {
    "depth": 8,
    "width": 4,
    "epochs": 3,
    "examples": 256,
    "batch": 32,
    "device": "cpu",
    "finest": "9",
    "images": 64,
}


def measured(**words):
    *_, record = landscape(LandscapeSpec.of({**SMALL, **words}))
    return record


last = functools.cache(measured)  # for records that several tests look at


@pytest.fixture(scope="module")
def found():
    forget()
    *_, found = trained(LandscapeSpec.of(SMALL).run, course=True)
    return found


# -- directions ------------------------------------------------------------------------------------


@examples(30)
@given(
    st.fixed_dictionaries(
        {
            "depth": st.integers(2, 12),
            "width": st.integers(2, 6),
            "stages": st.integers(1, 3),
            "shortcut": st.sampled_from("ABC"),
            "gate": st.sampled_from(["none", "exclusive"]),
        }
    ),
    st.integers(0, 9),
)
def test_every_filter_of_a_direction_is_as_long_as_the_networks_own(words, seed):
    """Li 2018, section 4: each filter's norm equals the weight filter's (REFERENCE, section 3, 1e-5)."""
    net = build(Spec.of(words), "residual")
    direction = filter_normalised(filters(net), torch.Generator().manual_seed(seed))
    for d, w in zip(direction, filters(net), strict=True):
        lengths, own = (torch.linalg.vector_norm(t.detach().flatten(1), dim=1) for t in (d, w))
        assert torch.allclose(lengths, own, rtol=1e-5, atol=0)


def test_normalisations_and_biases_have_no_part_in_it(found):
    """BN and bias directions 0 (REFERENCE, section 3)."""
    net = found.net("residual")
    moved = {id(w) for w in filters(net)}
    left = [name for name, p in net.named_parameters() if id(p) not in moved]
    assert left and all("norm" in name or name.endswith("bias") or ".1." in name for name in left)
    folded = Surface(net, [[torch.randn_like(w) for w in filters(net)]] * 2).folded
    before = {name: p.clone() for name, p in folded.net.named_parameters() if name.endswith("bias")}
    folded.move(([2.0] * folded.places, folded.direction([torch.ones_like(w) for w in filters(net)])))
    assert all(torch.equal(p, before[name]) for name, p in folded.net.named_parameters() if name.endswith("bias"))


def test_the_same_draw_is_the_same_direction_and_another_is_not(found):
    own = filters(found.net("plain"))
    a, b, c = (filter_normalised(own, torch.Generator().manual_seed(s)) for s in (0, 0, 1))
    assert all(torch.equal(x, y) for x, y in zip(a, b, strict=True))
    assert not any(torch.equal(x, y) for x, y in zip(a, c, strict=True))


@examples(40)
@given(st.integers(3, 20), st.integers(5, 60), st.integers(0, 99))
def test_main_directions_are_the_principal_components(moments, size, seed):
    course = torch.randn(moments, size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).cumsum(0)
    ours = main_directions(course)
    back = course - course[-1]
    theirs = torch.linalg.svd(back).Vh[:2]
    assert torch.allclose(ours @ ours.T, torch.eye(2, dtype=torch.float64), atol=1e-8)
    gaps = torch.linalg.svdvals(back)
    for k in (0, 1):
        if gaps[k] - gaps[k + 1] > 1e-3 * gaps[0] and (k == 0 or gaps[0] - gaps[1] > 1e-3 * gaps[0]):
            assert abs(float(ours[k] @ theirs[k])) == pytest.approx(1, abs=1e-6)
            assert float(ours[k] @ back[0]) >= -1e-9


def test_a_way_in_a_line_has_one_direction_and_none_has_none():
    line = torch.arange(5.0)[:, None] * torch.tensor([[3.0, 4.0]])
    first, second = main_directions(line)
    assert torch.allclose(first, torch.tensor([-0.6, -0.8])) and float(second.abs().max()) == 0
    assert float(main_directions(torch.ones(3, 4)).abs().max()) == 0
    assert main_directions(torch.ones(1, 4)).shape == (2, 4)


# -- points ----------------------------------------------------------------------------------------


def normalising(net, own):
    """A copy of a network in evaluation mode; `own`: whose batch normalisation takes the means of what comes in."""
    net = still(net)
    for module in net.modules():
        if own and isinstance(module, nn.BatchNorm2d):
            module.train()
            module.momentum = 0.0
    return net


def by_hand(net, directions, a, b, x, y):
    with torch.no_grad():
        for w, d, e in zip(filters(net), *directions, strict=True):
            w += a * d + b * e
        return functional.cross_entropy(net(x).double(), y).item()


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("statistics", ["own", "kept"])
def test_every_point_is_the_loss_of_weights_moved_by_hand(found, arm, statistics):
    record = last(span=0.5, draw=3, statistics=statistics)
    net, spec = found.net(arm), record.spec
    x, y = measuring._chosen(spec, found)
    generator = torch.Generator().manual_seed(3)
    directions = [filter_normalised(filters(net), generator) for _ in range(2)]
    assert record.axis(0) == pytest.approx([0.5 * (k / 4 - 1) for k in range(9)])
    for j, i in ((0, 0), (4, 4), (2, 7), (8, 1)):
        here = normalising(net, statistics == "own")
        mine = by_hand(here, directions, record.axis(0)[i], record.axis(1)[j], x, y)
        assert record.arms[arm].loss[j][i] == pytest.approx(mine, rel=1e-3)
    assert record.arms[arm].loss[4][4] == pytest.approx(record.arms[arm].path[-1].loss, rel=1e-4)
    assert record.images == len(y) == 64


def test_the_two_kinds_of_statistics_differ():
    assert last(span=0.5).arms["residual"].loss != last(span=0.5, statistics="kept").arms["residual"].loss


def test_a_finer_grid_has_the_points_of_the_coarser_one():
    records = [r for r in landscape(LandscapeSpec.of({**SMALL, "finest": "33"})) if r is not None and r.arms]
    assert [r.size for r in records] == [9, 17, 33]
    assert [r.done for r in records] == sorted(r.done for r in records) and records[-1].done == 1.0
    for coarse, fine in itertools.pairwise(records):
        for arm in ARMS:
            assert coarse.arms[arm].loss == tuple(row[::2] for row in fine.arms[arm].loss[::2])
        assert coarse.axis(0) == pytest.approx(fine.axis(0)[::2])


def test_what_leaves_float_range_is_none_and_counted(found):
    record = last(span=100.0, norm="none")
    assert any(outside(s) for s in record.arms.values()) or max(median(rim(s.loss)) for s in record.arms.values()) > 1e6
    huge = [torch.full_like(w, 1e30) for w in filters(found.net("residual"))]
    surface = Surface(found.net("residual"), [huge, huge])
    x, y = measuring._chosen(record.spec, found)
    assert surface.losses([(1.0, 1.0)], x, y) == [None]
    ((there,),) = (surface.losses([(0.0, 0.0)], x, y),)
    assert there is not None, "and the next point is none the worse"
    assert surface.losses([(1.0, 1.0), (0.0, 0.0)], x, y) == [None, there], "nor is the one beside it"


# -- the way ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("directions", ["random", "path"])
@pytest.mark.parametrize("arm", ARMS)
def test_the_way_is_projected_at_right_angles(found, directions, arm):
    record = last(directions=directions)
    slice_, net = record.arms[arm], found.net(arm)
    own = filters(net)
    starts, at = {}, 0
    for p in net.parameters():
        starts[id(p)] = at
        at += p.numel()
    places = torch.cat([torch.arange(starts[id(w)], starts[id(w)] + w.numel()) for w in own])
    course = torch.stack([w for _, w in found.course[arm]]).double()
    back = course[:, :at] - course[-1, :at]
    if directions == "path":
        d = main_directions(course[:, places])
    else:
        generator = torch.Generator().manual_seed(0)
        drawn = [filter_normalised(own, generator) for _ in range(2)]
        d = torch.stack([torch.cat([p.flatten() for p in one]) for one in drawn]).double()
    places_ = torch.tensor([[s.x, s.y] for s in slice_.path], dtype=torch.float64)
    nearest = torch.linalg.lstsq(d.T, back[:, places].T).solution.T
    assert torch.allclose(places_, nearest, rtol=1e-3, atol=1e-4)
    inside = (nearest @ d).square().sum() / back.square().sum()
    assert slice_.explained[1] == pytest.approx(inside.item(), rel=1e-3, abs=1e-6)
    assert (slice_.path[-1].x, slice_.path[-1].y) == (0.0, 0.0) and slice_.path[0].step == 0
    if directions == "path":
        gaps = torch.linalg.svdvals(back[:, places]).square() / back.square().sum()
        assert slice_.explained == pytest.approx((gaps[0].item(), (gaps[0] + gaps[1]).item()), rel=1e-3)
        assert slice_.explained[1] > 0.5, "the plane of the way holds most of it"


@pytest.mark.parametrize("statistics", ["own", "kept"])
def test_the_real_losses_on_the_way_are_those_of_the_run(found, statistics):
    record = last(statistics=statistics)
    x, y = measuring._chosen(record.spec, found)
    path = record.arms["plain"].path
    assert [s.step for s in path] == [step for step, _ in found.course["plain"]]
    for told, net in ((path[-1], found.net("plain")), (path[0], build(record.spec.run, "plain"))):
        with torch.no_grad():
            mine = functional.cross_entropy(normalising(net, statistics == "own")(x), y).item()
        assert told.loss == pytest.approx(mine, rel=1e-3)


def test_the_picture_of_a_way_holds_all_of_it_in_both_arms():
    record = last(directions="path")
    for which in (0, 1):
        axis = record.axis(which)
        steps = [(s.x, s.y)[which] for arm in ARMS for s in record.arms[arm].path]
        assert axis[0] < min(steps) and max(steps) < axis[-1]


def test_the_same_link_gives_the_same_numbers():
    assert measured() == last()
    assert last(draw=1).arms["plain"].loss != last().arms["plain"].loss


# -- what the grids show ---------------------------------------------------------------------------


def test_hollows_and_rims_of_surfaces_made_by_hand():
    record = last()

    def made(f):
        rows = tuple(tuple(f(i - 4, j - 4) for i in range(9)) for j in range(9))
        return record.arms["plain"].__class__(rows, 0.0, (), (0.0, 0.0), (1.0, 1.0))

    bowl = made(lambda i, j: float(i * i + j * j))
    assert hollows(bowl) == 1 and median(rim(bowl.loss)) == pytest.approx(20)
    assert hollows(made(lambda i, j: float(i))) == 0
    eggs = made(lambda i, j: math.cos(math.pi * i) + math.cos(math.pi * j))
    assert hollows(eggs) == 16
    torn = made(lambda i, j: None if i == -4 else 1.0)
    assert outside(torn) == 9 and median(rim(torn.loss)) == 1.0
    assert rim(made(lambda i, j: None).loss) == [math.inf] * 32


def test_the_first_picture_has_the_ends_of_the_way_and_the_others_all_of_it():
    seen = [r for r in landscape(LandscapeSpec.of({**SMALL, "finest": "17"})) if r is not None and r.arms]
    first, second = seen[0].arms["plain"].path, seen[-1].arms["plain"].path
    assert len(first) < len(second) and set(first) < set(second)
    assert (first[0], first[-1]) == (second[0], second[-1])
    assert len(last().arms["plain"].path) == len(second), "of what has one picture it is whole"


def test_the_recorded_way_ends_where_training_ended():
    found = recorded(opening("landscape"))
    assert {arm: each.path[-1].step for arm, each in found.record.arms.items()} == dict.fromkeys(ARMS, 132)
