"""The ways of both networks: their projection by its definition, maps against networks whose weights were moved by hand."""

import functools
import itertools
import math

import numpy as np
import pytest
import torch

from resviz.families.resnet.family import ARMS
from resviz.runs.recorded import opening, recorded
from resviz.topics.landscape import experiment as measuring
from resviz.topics.landscape.experiment import Plane, Walk, landscape, ways
from resviz.topics.landscape.nets import filters, indices
from resviz.topics.landscape.question import LandscapeSpec, WaysSpec, is_pit, is_plateau, rows
from resviz.train.twins.trained import forget, trained
from tests.topics.landscape.test_experiment import by_hand, normalising

pytestmark = pytest.mark.heavy  # real networks learn in all of these

SMALL = {
    "depth": 8,
    "width": 4,
    "epochs": 3,
    "examples": 256,
    "batch": 32,
    "device": "cpu",
    "columns": "13",
    "images": 48,
}


@functools.cache
def parts(**words):
    return [part for part in ways(WaysSpec.of({**SMALL, **words})) if part is not None]


@pytest.fixture(scope="module")
def found():
    forget()
    *_, found = trained(WaysSpec.of(SMALL).run, course=True)
    return found


def course_of(found, arm):
    """All parameters during training, and those of them that are filters: (M, parameters), (M, P)."""
    net = found.net(arm)
    course = torch.stack([weights for _, weights in found.course[arm]])
    return course[:, : sum(p.numel() for p in net.parameters())].double(), course[
        :, indices(net, filters(net))
    ].double()


# -- the way ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("arm", ARMS)
def test_it_is_the_course_of_the_weights_on_its_two_principal_components(found, arm):
    """Li 2018, section 7: those of the distances from the end; here both are counted from the beginning on."""
    way = parts()[-1].arms[arm]
    whole, course = course_of(found, arm)
    _, sizes, directions = np.linalg.svd((course - course[-1]).numpy(), full_matrices=False)
    there = (course - course[0]).numpy() @ directions[:2].T
    there *= np.where(there[-1] < 0, -1, 1)  # the sign of a component is arbitrary: its end is on the right, and above
    assert np.allclose([[m.x, m.y] for m in way.moments], there, rtol=1e-3, atol=1e-4)
    far = torch.linalg.vector_norm(whole - whole[0], dim=1)
    assert [m.far for m in way.moments] == pytest.approx(far.tolist(), rel=1e-4)
    assert way.far == way.moments[-1].far > 0 and way.moments[0].far == 0
    assert way.length == pytest.approx(torch.linalg.vector_norm(whole[0]).item(), rel=1e-4)
    share = (sizes[:2] ** 2).sum() / (whole - whole[-1]).square().sum().item()
    assert way.explained[1] == pytest.approx(share, rel=1e-3)


@pytest.mark.parametrize("arm", ARMS)
def test_its_moments_are_those_of_the_plane_in_the_directions_of_the_way_seen_from_the_other_end(found, arm):
    *_, plane = landscape(
        LandscapeSpec.of({k: v for k, v in SMALL.items() if k != "columns"} | {"directions": "path", "finest": "9"})
    )
    path, way = plane.arms[arm].path, parts()[-1].arms[arm]
    assert [(m.step, m.loss) for m in way.moments] == [(p.step, p.loss) for p in path]
    assert [m.x for m in way.moments] == pytest.approx([path[0].x - p.x for p in path], abs=1e-4)
    assert [m.y for m in way.moments] == pytest.approx([path[0].y - p.y for p in path], abs=1e-4)
    assert (way.error, way.explained) == (plane.arms[arm].error, plane.arms[arm].explained)


# -- the maps --------------------------------------------------------------------------------------


def losses_by_hand(found, arm, map_, places):
    """At columns and rows of a map, of a network whose weights were moved there from the trained ones."""
    spec, net = WaysSpec.of(SMALL).plane, found.net(arm)
    _, course = course_of(found, arm)
    d = measuring.main_directions(course)
    begin = (course[0] - course[-1]) @ d.T
    x, y = measuring._chosen(spec, found)
    shapes = [w.shape for w in filters(net)]
    directions = [
        [p.view(s) for p, s in zip(e.float().split([s.numel() for s in shapes]), shapes, strict=True)] for e in d
    ]
    left, right, bottom, top = map_.box
    columns, up = len(map_.loss[0]), len(map_.loss)
    for i, j in places:
        at = left + (right - left) * i / (columns - 1), bottom + (top - bottom) * j / (up - 1)
        a, b = (float(v) - p for v, p in zip(begin, at, strict=True))
        yield by_hand(normalising(net, True), directions, a, b, x, y)


@pytest.mark.parametrize("arm", ARMS)
def test_every_point_of_a_map_is_the_loss_of_weights_moved_by_hand(found, arm):
    drawn = parts()[-1].arms[arm].map
    places = [(0, 0), (12, 6), (6, 3), (2, 5), (11, 1)]
    mine = list(losses_by_hand(found, arm, drawn, places))
    assert [drawn.loss[j][i] for i, j in places] == pytest.approx(mine, rel=2e-3)


def test_a_short_way_is_enlarged_around_itself_and_a_long_one_is_not(found):
    spec = WaysSpec.of(SMALL)
    x, y = measuring._chosen(spec.plane, found)
    walk = Walk(Plane(spec.plane, found, "plain", x, y), 13)
    wide = max(right - left for left, right in zip(*walk.corners, strict=True))
    for half, near in ((2 * wide, False), (20 * wide, True)):
        walk.frame(((0.0, 0.0), half))
        walk.plane.loss.clear()
        walk.plane.measure(walk.places(13))
        walk.plane.walk(1)
        way = walk.way(13)
        assert (way.near is not None) == near
    assert (len(way.near.loss[0]), len(way.near.loss)) == (7, 4), "as many points as on the same width of the map"
    left, right, bottom, top = way.near.box
    assert all(left < m.x < right and bottom < m.y < top for m in way.moments)
    assert right - left < way.map.half / 3 * 2
    places = [(0, 0), (6, 3), (3, 1)]
    mine = list(losses_by_hand(found, "plain", way.near, places))
    assert [way.near.loss[j][i] for i, j in places] == pytest.approx(mine, rel=2e-3)


def test_both_maps_have_one_frame_that_holds_both_ways_with_more_room_behind_their_ends():
    record = parts()[-1]
    boxes = {way.map.box for way in record.arms.values()}
    ((left, right, bottom, top),) = boxes
    assert right - left == pytest.approx(2 * (top - bottom))
    xs, ys = ([getattr(m, c) for way in record.arms.values() for m in way.moments] for c in "xy")
    assert left < min(xs) and max(xs) < right and bottom < min(ys) and max(ys) < top
    assert right - max(xs) == pytest.approx(2 * (min(xs) - left), rel=1e-3)


def test_maps_grow_finer_and_keep_the_points_that_they_have():
    found = parts(columns="49")
    assert [p.done for p in found] == sorted(p.done for p in found) and found[-1].done == 1
    maps = [p.arms["plain"].map for p in found if p.arms]
    sizes = [len(m.loss[0]) for m in maps]
    assert sizes == sorted(sizes) and set(sizes) == {13, 25, 49}
    assert all(len(m.loss) == rows(len(m.loss[0])) for m in maps)
    firsts = [maps[sizes.index(n)] for n in (13, 25, 49)]
    for coarse, fine in itertools.pairwise(firsts):
        assert coarse.loss == tuple(row[::2] for row in fine.loss[::2]) and coarse.box == fine.box
    assert firsts[0].loss == parts()[-1].arms["plain"].map.loss


def test_networks_that_leave_the_range_of_float32_have_a_map_with_holes_and_a_way_as_far_as_they_came():
    record = parts(norm="none", lr=100.0)[-1]
    assert record.training.ended and record.done == 1
    for arm in record.training.ended:
        way = record.arms[arm]
        assert way.moments[-1].step == record.training.step[arm]
        assert all(math.isfinite(v) for m in way.moments for v in (m.x, m.y, m.far))
    assert any(v is None for way in record.arms.values() for row in way.map.loss for v in row)


def test_the_same_link_gives_the_same_numbers_and_no_setting_of_the_panel_below_matters():
    again = [part for part in ways(WaysSpec.of(SMALL)) if part is not None][-1]
    assert again == parts()[-1]
    here = LandscapeSpec.of({"depth": "8", "directions": "path", "span": "3", "images": "9", "finest": "9"})
    assert here.ways == WaysSpec.of({"depth": "8"}) and here.ways.digest == LandscapeSpec.of({"depth": "8"}).ways.digest


# -- what comes with the package ---------------------------------------------------------------------


def test_the_recorded_plain_network_strides_over_a_plateau_and_the_residual_one_walks_into_a_pit():
    record = recorded(opening("ways")).record
    residual, plain = (record.arms[arm] for arm in ARMS)
    assert plain.far > 10 * residual.far
    assert is_plateau(plain) and not is_pit(plain) and is_pit(residual) and not is_plateau(residual)
    assert residual.near is not None and plain.near is None
    assert (len(plain.map.loss[0]), len(plain.map.loss)) == (49, 25)
    assert {way.moments[-1].step for way in record.arms.values()} == {132}
