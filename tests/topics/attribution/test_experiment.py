"""Maps against Captum itself, and what comes with them."""

import base64
import warnings

import pytest
import torch
from captum.attr import (
    GuidedGradCam,
    IntegratedGradients,
    LayerConductance,
    LayerGradCam,
    NoiseTunnel,
    Occlusion,
    Saliency,
)
from scipy.stats import spearmanr

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.inside import NoAnswer
from resviz.families.resnet.nets import build
from resviz.nets.resnet import still
from resviz.probes.maps import COPIES, rank_correlation
from resviz.probes.methods import METHODS
from resviz.topics.attribution.experiment import attribution, wrong_first
from resviz.topics.attribution.question import AttributionSpec
from resviz.train.twins.trained import forget, trained

SMALL = {"depth": 8, "width": 4, "epochs": 3, "examples": 512, "batch": 64, "device": "cpu"}

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.filterwarnings("ignore:Setting backward hooks"),
    pytest.mark.filterwarnings("ignore:Setting forward, backward hooks"),
    pytest.mark.filterwarnings("ignore:Input Tensor"),
]


def last(**words):
    *_, record = attribution(AttributionSpec.of({**SMALL, **words}))
    return record


@pytest.fixture(scope="module")
def found():
    forget()
    *_, found = trained(AttributionSpec.of(SMALL).run)
    return found


def entering(found, record):
    x = found.data.inputs(found.data.test_x[record.number][None])
    return x, found.data.inputs(torch.zeros_like(found.data.test_x[:1]))


def numbers(m):
    return torch.tensor(m.values).view(m.height, m.width)


def same(ours, theirs):
    """To 1e-5 of the largest number of the map."""
    return float((ours - theirs).abs().max()) <= 1e-5 * float(theirs.abs().max())


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("method", ["integrated", "saliency", "smoothgrad", "occlusion"])
def test_maps_of_the_image_are_captums(found, method, arm):
    record = last(method=method, image=5, target=3, steps_between=20)
    x, black = entering(found, record)
    net = still(found.net(arm))
    seen = record.arms[arm]
    if method == "integrated":
        theirs, delta = IntegratedGradients(net).attribute(x, black, 3, n_steps=20, return_convergence_delta=True)
        assert seen.delta == pytest.approx(delta.tolist(), rel=1e-3, abs=1e-5)
    elif method == "saliency":
        theirs = Saliency(net).attribute(x.clone(), 3)
    elif method == "occlusion":
        theirs = Occlusion(net).attribute(x, (1, 2, 2), target=3, baselines=black)
    else:
        torch.manual_seed(0)
        span = (x.max() - x.min()).item()
        theirs = NoiseTunnel(Saliency(net)).attribute(
            x.clone(), nt_type="smoothgrad", nt_samples=COPIES, stdevs=0.15 * span, target=3, abs=False
        )
        theirs = theirs.abs()
    assert len(seen.maps) == 1 and seen.maps[0].block == 0
    assert same(numbers(seen.maps[0]), theirs[0, 0])


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("method", ["gradcam", "guided_gradcam", "conductance"])
def test_maps_of_every_block_are_captums(found, method, arm):
    record = last(method=method, image=5, target=3, steps_between=12)
    x, black = entering(found, record)
    net = still(found.net(arm))
    seen = record.arms[arm]
    assert [m.block for m in seen.maps] == [1, 2, 3]
    for m, block in zip(seen.maps, net.residual_blocks(), strict=True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if method == "gradcam":
                theirs = LayerGradCam(net, block).attribute(x.clone().requires_grad_(), 3)[0, 0]
            elif method == "guided_gradcam":
                theirs = GuidedGradCam(net, block).attribute(x.clone(), 3)[0, 0]
            else:
                theirs = LayerConductance(net, block).attribute(x, black, 3, n_steps=12)[0].sum(0)
        assert same(numbers(m), theirs)
        assert m.total == pytest.approx(theirs.sum().item(), rel=1e-3, abs=1e-5)


def test_the_delta_is_what_the_map_misses(found):
    for method in ("integrated", "conductance"):
        record = last(method=method, steps_between=60)
        for arm in ARMS:
            seen = record.arms[arm]
            change = seen.score - seen.base
            assert seen.delta == pytest.approx([m.total - change for m in seen.maps], abs=2e-3 * max(1.0, abs(change)))


def test_wrong_predictions_come_first(found):
    record = last()
    data = found.data
    reads = {arm: still(found.net(arm))(data.inputs(data.test_x)).argmax(1) for arm in ARMS}
    wrong = {arm: (reads[arm] != data.test_y).nonzero().flatten().tolist() for arm in ARMS}
    assert record.wrong == {arm: len(w) for arm, w in wrong.items()} and record.test == 360
    shown = [e.number for e in record.gallery]
    assert shown == wrong["residual"][: len(shown)]
    assert record.number == wrong["residual"][0] and record.truth == int(data.test_y[record.number])
    for e in record.gallery:
        assert e.reads == {arm: int(reads[arm][e.number]) for arm in ARMS} and e.truth == int(data.test_y[e.number])
    assert record.target == int(reads["residual"][record.number]) == record.arms["residual"].reads


def test_the_order_of_what_is_read_wrong():
    truth, residual, plain = (torch.tensor(v) for v in ([0, 0, 0, 0, 0], [0, 1, 0, 1, 0], [0, 0, 1, 1, 0]))
    assert wrong_first(truth, residual, plain) == [1, 3, 2, 0, 4]


def test_an_image_of_ones_own_goes_in_as_it_is(found):
    mine = bytes(range(16)) * 4
    own = base64.urlsafe_b64encode(mine).decode().rstrip("=")
    record = last(own=own, method="saliency")
    assert record.number is None and record.truth is None and record.pixels == own
    x = found.data.inputs(torch.tensor(list(mine), dtype=torch.uint8).view(1, 1, 8, 8))
    logits = still(found.net("plain"))(x)[0]
    assert record.arms["plain"].shares == pytest.approx(logits.softmax(0).tolist(), rel=1e-3)
    assert record.arms["plain"].score == pytest.approx(logits[record.target].item(), rel=1e-3)


def test_an_unseen_image_put_in_by_hand_gives_the_same_maps(found):
    record = last(image=7)
    assert last(own=record.pixels).arms == record.arms


@pytest.mark.parametrize("method", METHODS)
def test_destroyed_networks_have_other_weights_and_the_same_shape(found, method):
    record = last(method=method, destroyed="yes", image=3, steps_between=10)
    plain = last(method=method, image=3, steps_between=10)
    for arm in ARMS:
        seen = record.arms[arm]
        assert seen.maps == plain.arms[arm].maps and not plain.arms[arm].destroyed
        assert [(m.block, m.width) for m in seen.destroyed] == [(m.block, m.width) for m in seen.maps]
        assert seen.destroyed != seen.maps
        for a, b, alike in zip(seen.maps, seen.destroyed, seen.alike, strict=True):
            assert alike is None or alike == pytest.approx(
                spearmanr([abs(v) for v in a.values], [abs(v) for v in b.values]).statistic, abs=1e-3
            )


def test_destroying_leaves_the_trained_network_alone(found):
    before = [p.clone() for p in found.net("residual").parameters()]
    last(destroyed="yes")
    assert all(torch.equal(a, b) for a, b in zip(before, found.net("residual").parameters(), strict=True))


def test_rank_correlation_of_maps():
    assert rank_correlation((1.0, -2.0, 3.0), (10.0, 20.0, -30.0)) == 1.0
    assert rank_correlation((1.0, 2.0, 3.0), (3.0, 2.0, 1.0)) == -1.0
    assert rank_correlation((1.0, 1.0, -1.0), (3.0, 2.0, 1.0)) is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"depth": 2, "method": "gradcam"}, "no block"),
        ({"depth": 4, "remove": "1", "method": "conductance"}, "no block"),
        ({"activation": "gelu", "method": "guided_gradcam"}, "ReLU"),
    ],
)
def test_a_method_that_means_nothing_here_is_declined_before_anything_is_trained(words, says, monkeypatch):
    monkeypatch.setattr("resviz.topics.attribution.experiment.trained", None)
    with pytest.raises(ValueError, match=says):
        last(**words)


def test_blocks_that_are_out_have_no_map(found):
    assert [m.block for m in last(remove="2", method="gradcam").arms["plain"].maps] == [1, 3]


@pytest.mark.parametrize("words", [{"kind": "mlp"}, {"dataset": "spirals", "examples": 200}])
@pytest.mark.parametrize("method", ["integrated", "occlusion", "gradcam"])
def test_other_shapes_have_maps_too(words, method):
    record = last(**words, method=method, window=1, depth=6)
    height, width = record.spec.data.shape[1:]
    maps = record.arms["residual"].maps
    assert {(m.height, m.width) for m in maps} == {(1, 1)} if method == "gradcam" else {(height, width)}
    assert (record.pixels == "") == ("dataset" in words)


def test_a_network_whose_numbers_leave_the_range_has_no_map_and_says_so():
    with pytest.raises(NoAnswer, match=r"through the plain network the image leaves the range of float32"):
        last(depth=20, norm="none", lr=100.0)


def test_the_twins_were_not_mixed_up(found):
    record = last(image=5, method="saliency", target=2)
    assert record.arms["residual"].maps != record.arms["plain"].maps
    untrained = build(record.spec.run, "plain")
    assert untrained.state_dict().keys() == found.net("plain").state_dict().keys()
