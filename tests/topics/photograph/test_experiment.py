"""Maps of photographs in torchvision's networks against Captum itself; what goes in, and what is shown of what comes out."""

import base64
import functools
import io
from dataclasses import dataclass

import numpy as np
import pytest
import torch
import torchvision
from captum.attr import (
    GuidedGradCam,
    IntegratedGradients,
    LayerConductance,
    LayerGradCam,
    NoiseTunnel,
    Occlusion,
    Saliency,
)
from PIL import Image
from scipy.stats import spearmanr
from torch import Tensor, nn

from resviz.data.images import photograph as shipped
from resviz.data.tensors import DataUnavailable
from resviz.probes import maps
from resviz.probes.maps import Sight
from resviz.probes.methods import METHODS, Seen
from resviz.topics.photograph import experiment
from resviz.topics.photograph.experiment import photograph, pixels
from resviz.topics.photograph.question import CLASSES, SIDE, TOP, Photograph, PhotographSpec

TARGET = 7
# Of the looks that several tests share, those that have a network with other weights beside it.
DESTROYED = {"integrated": "yes", "gradcam": "yes", "guided_gradcam": "no"}
FEW = {"steps_between": 3, "window": 96}  # 96 by 48 pixels a step: the last squares reach beyond the edge
WIDTHS = [56, 56, 28, 28, 14, 14, 7, 7]  # of what ResNet-18's blocks give

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.filterwarnings("ignore:Setting"),
    pytest.mark.filterwarnings("ignore:Input Tensor"),
]


@pytest.fixture(autouse=True)
def nothing_here(tmp_path, monkeypatch):
    """No weights are on this machine, whatever it has."""
    monkeypatch.setenv("RESVIZ_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(maps, "COPIES", 2)  # of SmoothGrad's 32


@dataclass
class Look:
    """A record, and what was found before it was made smaller, in which network, and what went into it."""

    record: Photograph
    found: Seen
    sight: Sight
    x: Tensor
    black: Tensor


def look(file=None, /, **words):
    noted, real = [], experiment.seen

    def seen(spec, sight, x, black, target, **more):
        found = real(spec, sight, x, black, target, **more)
        noted.append((found, sight, x, black))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "seen", seen)
        record = last(file, **words)
    return Look(record, *noted[0])


seen_once = functools.cache(
    look
)  # for looks that several tests share; that a second one gives the same is a test of its own


def network(name="resnet18", seed=0):
    """As torchvision makes it, but for what is done in place, which hooks cannot bear."""
    torch.manual_seed(seed)
    net = getattr(torchvision.models, name)(weights=None).eval()
    for module in net.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
    return net


@pytest.fixture(scope="module")
def net():
    return network()


def blocks(net):
    return [block for stage in (net.layer1, net.layer2, net.layer3, net.layer4) for block in stage]


def spec(**words):
    return PhotographSpec.of({"weights": "random", "target": TARGET, **FEW, **words})


def last(file=None, /, **words):
    *_, record = photograph(spec(**words), file)
    return record


def numbers(m):
    return torch.tensor(m.values).view(m.height, m.width)


def same(ours, theirs):
    """To 1e-5 of the largest number of the map, which is not 0."""
    theirs = theirs.detach()
    largest = float(theirs.abs().max())
    return largest > 0 and float((ours - theirs).abs().max()) <= 1e-5 * largest


def standardised(image):
    """By torchvision's own transforms, of a picture that already has their size."""
    transforms = torchvision.models.ResNet18_Weights.IMAGENET1K_V1.transforms(resize_size=SIDE)
    return transforms(Image.open(io.BytesIO(image)))[None]


X = standardised(shipped("china", SIDE))


# -- what goes in ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["china", "flower"])
def test_a_photograph_goes_in_as_torchvision_prepares_it(name):
    one = seen_once(image=name, method="saliency")
    x, black = one.x, one.black
    theirs = standardised(shipped(name, SIDE))
    assert x.shape == theirs.shape == (1, 3, SIDE, SIDE) and x.dtype == torch.float32
    assert (x - theirs).abs().max() <= 1e-6
    empty = io.BytesIO()
    Image.new("RGB", (SIDE, SIDE)).save(empty, "PNG")
    assert (black - standardised(empty.getvalue())).abs().max() <= 1e-6


def test_pixels_are_those_of_the_picture_channel_by_channel():
    picture = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    found = pixels(file.getvalue())
    assert found.dtype == torch.uint8 and found.shape == (3, SIDE, SIDE) and found.is_contiguous()
    assert np.array_equal(found.numpy(), picture.transpose(2, 0, 1))


def test_what_is_shown_of_the_picture_is_half_as_wide():
    record = seen_once(image="flower", method="saliency").record
    picture = np.array(Image.open(io.BytesIO(shipped("flower", SIDE))), dtype=np.float64).transpose(2, 0, 1)
    small = picture.reshape(3, 112, 2, 112, 2).mean((2, 4))
    told = np.frombuffer(base64.urlsafe_b64decode(record.pixels + "=="), dtype=np.uint8).reshape(3, 112, 112)
    assert np.abs(told - small).max() <= 0.5


def test_a_photograph_of_ones_own_goes_in_as_any_other():
    """The bytes decide, whatever the file is called."""
    own = look(shipped("flower", SIDE), image="own", own="0123456789abcdef", method="saliency")
    flower = seen_once(image="flower", method="saliency")
    mine, theirs = own.record, flower.record
    assert mine.seen == theirs.seen and mine.pixels == theirs.pixels and mine.best == theirs.best
    assert torch.equal(own.x, flower.x)
    assert seen_once(image="china", method="saliency").record.pixels != mine.pixels


@pytest.mark.parametrize("words", [{}, {"own": "0123456789abcdef"}])
def test_without_a_file_there_is_no_photograph_of_ones_own(words):
    with pytest.raises(ValueError, match="choose a photograph first"):
        last(image="own", **words)


@pytest.mark.parametrize("name", ["resnet18", "resnet34", "resnet50"])
def test_weights_that_are_not_here_are_said_before_anything_is_shown(name):
    with pytest.raises(DataUnavailable, match="are not on this machine"):
        next(photograph(spec(network=name, weights="trained")))


# -- what is read ------------------------------------------------------------------------------------


@torch.no_grad()
def test_at_first_it_says_what_is_read_and_then_the_map(net):
    first, second = photograph(spec(method="saliency"))
    shares = net(X)[0].softmax(0)
    names = torchvision.models.ResNet18_Weights.IMAGENET1K_V1.meta["categories"]
    assert 0 < first.done < second.done == 1
    assert first.seen is None and second.seen is not None
    for record in (first, second):
        assert [number for number, _ in record.best] == shares.topk(TOP).indices.tolist()
        assert [share for _, share in record.best] == pytest.approx(shares.topk(TOP).values.tolist(), rel=1e-4)
        assert record.names == {n: names[n] for n in (*(number for number, _ in record.best), TARGET)}
        assert record.target == TARGET
    assert (second.best, second.pixels, second.spec) == (first.best, first.pixels, first.spec)


@torch.no_grad()
def test_the_map_speaks_of_what_is_read_unless_a_class_is_named(net):
    logits = net(X)[0]
    read = int(logits.argmax())
    record = seen_once(target=-1, method="saliency").record
    assert record.target == read == record.best[0][0] and set(record.names) == {n for n, _ in record.best}
    assert record.seen.score == pytest.approx(logits[read].item(), rel=1e-4)
    assert record.seen.base == pytest.approx(net(black())[0, read].item(), rel=1e-4)
    assert last(target=read, method="saliency").seen == record.seen
    other = seen_once(image="china", method="saliency").record
    assert other.seen.score == pytest.approx(logits[TARGET].item(), rel=1e-4)
    assert other.seen.maps != record.seen.maps


def black():
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    return (-mean / std).expand(1, 3, SIDE, SIDE).contiguous()


def test_shares_of_all_classes_are_not_kept():
    one = seen_once(image="china", method="saliency")
    assert len(one.found.shares) == CLASSES and one.record.seen.shares == ()


# -- the maps ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["integrated", "saliency", "smoothgrad", "occlusion"])
def test_maps_of_the_photograph_are_captums(net, method):
    one = seen_once(method=method, destroyed=DESTROYED.get(method, "no"))
    record = one.record
    if method == "integrated":
        found, delta = IntegratedGradients(net).attribute(X, black(), TARGET, n_steps=3, return_convergence_delta=True)
        theirs = found[0].sum(0)
        change = record.seen.score - record.seen.base
        assert record.seen.delta == pytest.approx(delta.tolist(), abs=1e-3 * abs(change))
    elif method == "saliency":
        theirs = Saliency(net).attribute(X.clone(), TARGET)[0].amax(0)
    elif method == "occlusion":
        theirs = Occlusion(net).attribute(X, (3, 96, 96), (3, 48, 48), black(), TARGET)[0, 1]
    else:
        torch.manual_seed(0)
        deviation = 0.15 * (X.max() - X.min()).item()
        tunnel = NoiseTunnel(Saliency(net))
        how = {"nt_type": "smoothgrad", "nt_samples": 2, "stdevs": deviation, "abs": False}
        theirs = tunnel.attribute(X.clone(), **how, target=TARGET)[0].abs().amax(0)
    (m,) = one.found.maps
    assert (m.block, m.width, m.height) == (0, SIDE, SIDE)
    assert same(numbers(m), theirs)
    assert m.total == pytest.approx(theirs.double().sum().item(), abs=1e-5 * theirs.abs().double().sum().item())


@pytest.mark.parametrize("method", ["gradcam", "guided_gradcam"])
def test_maps_of_every_block_are_captums(net, method):
    """A BasicBlock sends its numbers through one ReLU module twice. The guided ones are compared in one block of each stage."""
    found = seen_once(method=method, destroyed=DESTROYED[method]).found.maps
    assert [m.block for m in found] == list(range(1, 9))
    assert [m.width for m in found] == [m.height for m in found] == (WIDTHS if method == "gradcam" else [SIDE] * 8)
    compared = list(zip(found, blocks(net), strict=True))
    for m, block in compared if method == "gradcam" else (compared[0], compared[3], compared[4], compared[7]):
        if method == "gradcam":
            theirs = LayerGradCam(net, block).attribute(X.clone().requires_grad_(), TARGET)[0, 0]
        else:
            theirs = GuidedGradCam(net, block).attribute(X.clone(), TARGET)[0].sum(0)
        assert same(numbers(m), theirs)


@pytest.mark.parametrize("number", [3, 8])
def test_conductance_of_a_block_is_captums(net, number):
    found = seen_once(method="conductance").found
    assert [m.width for m in found.maps] == WIDTHS
    m = found.maps[number - 1]
    theirs = LayerConductance(net, blocks(net)[number - 1]).attribute(X, black(), TARGET, n_steps=3)[0].sum(0)
    assert same(numbers(m), theirs)
    change = found.score - found.base
    assert found.delta[number - 1] == pytest.approx(m.total - change, abs=1e-3 * max(abs(change), abs(m.total)))


def test_a_network_of_bottlenecks_has_a_map_of_each():
    found = look(network="resnet50", method="gradcam").found.maps
    net = network("resnet50")
    assert [m.block for m in found] == list(range(1, 17))
    assert [m.width for m in found] == [56] * 3 + [28] * 4 + [14] * 6 + [7] * 3
    for number in (1, 10, 16):
        theirs = LayerGradCam(net, blocks(net)[number - 1]).attribute(X.clone().requires_grad_(), TARGET)[0, 0]
        assert same(numbers(found[number - 1]), theirs)


# -- as many pixels as are shown ---------------------------------------------------------------------


@pytest.mark.parametrize("method", ["integrated", "gradcam", "guided_gradcam"])
def test_what_is_shown_are_averages_and_the_total_is_that_of_the_whole_map(method):
    one = seen_once(method=method, destroyed=DESTROYED[method])
    record, found = one.record, one.found
    side = 28 if METHODS[method].blocks else 112
    assert bool(found.destroyed) == (DESTROYED[method] == "yes") and found.maps
    for shown, full in ((record.seen.maps, found.maps), (record.seen.destroyed, found.destroyed)):
        assert len(shown) == len(full)
        for small, m in zip(shown, full, strict=True):
            assert small.block == m.block and small.total == m.total
            assert small.width == small.height == min(m.width, side)
            each = m.width // small.width  # a side, of what one number stands for
            values = np.array(m.values).reshape(small.height, each, small.width, each).mean((1, 3))
            assert np.array(small.values).reshape(small.height, -1) == pytest.approx(values, abs=1e-5 * m.largest)
            sizes = each**2 * np.abs(small.values).sum()
            assert each**2 * sum(small.values) == pytest.approx(small.total, abs=1e-5 * m.largest + 1e-5 * sizes)
    assert (record.seen.score, record.seen.base, record.seen.delta) == (found.score, found.base, found.delta)
    assert record.seen.alike == found.alike, "of the whole maps"


# -- weights drawn anew ------------------------------------------------------------------------------


@torch.no_grad()
def test_destroyed_it_has_other_weights_and_what_its_normalisation_has_kept():
    sight = look(method="saliency").sight
    generator = torch.Generator().manual_seed(1)
    for buffer in sight.net.buffers():
        buffer.copy_(torch.rand(buffer.shape, generator=generator) + 0.5)
    for parameter in sight.net.parameters():
        parameter.fill_(0.25)
    kept = {name: buffer.clone() for name, buffer in sight.net.named_buffers()}
    other = sight.destroyed(5)
    assert kept and len(kept) == len(dict(other.net.named_buffers()))
    for name, buffer in other.net.named_buffers():
        assert torch.equal(buffer, kept[name]) and torch.equal(dict(sight.net.named_buffers())[name], kept[name])
    anew = dict(network(seed=5).named_parameters())
    for name, parameter in other.net.named_parameters():
        assert torch.equal(parameter, anew[name])
    assert all((parameter == 0.25).all() for parameter in sight.net.parameters()), "the first one is left alone"
    assert not other.net.training and not any(p.requires_grad for p in other.net.parameters())


def test_a_destroyed_network_is_shown_beside_the_trained_one(monkeypatch):
    """As with trained weights: what normalisation has kept is not drawn anew."""

    def trained(seed):
        made = network(seed=seed)
        generator = torch.Generator().manual_seed(3)
        for name, buffer in made.named_buffers():
            if name.endswith(("mean", "var")):
                drawn = torch.rand(buffer.shape, generator=generator)
                buffer.copy_(0.1 * drawn - 0.05 if name.endswith("mean") else drawn + 0.5)
        return made

    asked = []
    monkeypatch.setattr(experiment, "pretrained", lambda name: asked.append(name) or trained(17))
    one = look(weights="trained", destroyed="yes", seed=4)
    record, found = one.record, one.found
    assert asked == ["resnet18"]
    for told, seed in ((found.maps, 17), (found.destroyed, 5)):
        net = trained(seed)
        assert [m.block for m in told] == list(range(1, 9))
        for number in (2, 8):
            theirs = LayerGradCam(net, blocks(net)[number - 1]).attribute(X.clone().requires_grad_(), TARGET)[0, 0]
            assert same(numbers(told[number - 1]), theirs)
    for a, b, alike in zip(found.maps, found.destroyed, record.seen.alike, strict=True):
        assert alike == pytest.approx(spearmanr(np.abs(a.values), np.abs(b.values)).statistic, abs=1e-4)
    without = last(weights="trained", seed=4)
    assert without.seen.maps == record.seen.maps
    assert without.seen.destroyed == without.seen.alike == ()


# -- again -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", [{"method": "smoothgrad", "destroyed": "no"}, {"method": "gradcam", "destroyed": "yes"}]
)
def test_equal_specs_give_equal_numbers_whatever_was_drawn_before(words):
    first = seen_once(**words).record
    torch.manual_seed(2)
    before = torch.get_rng_state()
    assert last(**words) == first
    assert torch.equal(torch.get_rng_state(), before), "and draw nothing from what others draw from"


def test_another_seed_draws_other_weights():
    first, other = seen_once(image="china", method="saliency").record, last(method="saliency", seed=1)
    assert first.best != other.best and first.seen.maps != other.seen.maps
