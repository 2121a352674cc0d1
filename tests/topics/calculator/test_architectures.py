"""Counts in closed form against published sizes, and against what torch holds, computes and keeps of the same network."""

import math
from collections import Counter
from typing import Any

import pytest
import torch
import torchvision
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from resviz.count.layers import FLOAT, KINDS, PARAMETERS, PRODUCTS, Layers, tally, total
from resviz.families.resnet import cost
from resviz.families.resnet.spec import Spec
from resviz.topics.calculator.architectures import DENSENETS, Counted, count, stages_of
from resviz.topics.calculator.nets import Block, CifarDenseNet, build
from resviz.topics.calculator.presets import NETS
from resviz.topics.calculator.question import CountSpec
from tests.examples import examples
from tests.pairs import covering
from tests.reference import CIFAR_FAMILY
from tests.strategies import PUBLISHED, count_specs


def counted(**words: Any) -> Counted:
    return count(CountSpec.of(words))


# -- published numbers ---------------------------------------------------------------------------


# 224x224; parameters as torchvision's own metadata has them, MACs of convolutions and the last layer
@pytest.mark.parametrize(
    ("net", "parameters", "macs"),
    [
        ("resnet18", 11_689_512, 1_814_073_344),
        ("resnet34", 21_797_672, 3_663_761_408),
        ("resnet50", 25_557_032, 4_089_184_256),
        ("resnet101", 44_549_160, 7_801_405_440),
        ("resnet152", 60_192_808, 11_513_626_624),
        ("wide_resnet50_2", 68_883_240, 11_398_021_120),
        ("wide_resnet101_2", 126_886_696, 22_753_050_624),
        ("resnext50_32x4d", 25_028_904, 4_230_479_872),
        ("resnext101_32x8d", 88_791_336, 16_414_015_488),
        ("resnext101_64x4d", 83_455_272, 15_460_270_080),
        ("densenet121", 7_978_856, 2_834_161_664),
    ],
)
def test_published_networks(net, parameters, macs):
    sums = counted(net=net).total.sums
    assert (sums.all_parameters, sums.macs(), sums.flops()) == (parameters, macs, 2 * macs)


# He 2015, Table 1: FLOPs as multiply-adds, with the stride in the first 1x1; in units of 1e9, cut or rounded
@pytest.mark.parametrize(
    ("net", "macs", "printed"),
    [
        ("resnet18", 1_814_073_344, 1.8),
        ("resnet34", 3_663_761_408, 3.6),
        ("resnet50", 3_857_973_248, 3.8),
        ("resnet101", 7_570_194_432, 7.6),
        ("resnet152", 11_282_415_616, 11.3),
    ],
)
def test_he_2015_table_1(net, macs, printed):
    found = counted(net=net, convention="v1").total.sums.macs()
    assert found == macs
    assert printed in (math.floor(found / 1e8) / 10, round(found / 1e9, 1))


@pytest.mark.parametrize("net", [net for net, (_, family, _) in NETS.items() if family == "resnet"])
def test_the_place_of_the_stride_moves_as_much_at_every_depth(net):
    v1, v15 = (counted(net=net, convention=c).total.sums for c in ("v1", "v1.5"))
    assert v1.parameters == v15.parameters
    if net in ("resnet18", "resnet34"):
        assert v1 == v15  # basic blocks have their stride in the first 3x3 either way
    elif net in ("resnet50", "resnet101", "resnet152"):
        assert v15.macs() - v1.macs() == 231_211_008
    else:
        assert v15.macs() > v1.macs()


def test_other_operations_of_resnet_50():
    operations = counted(net="resnet50").total.sums.operations
    assert operations["norm"] == 2 * 11_113_984
    assert operations["relu"] == 9_608_704
    assert operations["bias"] == 1000
    assert operations["pool"] == 9 * 64 * 56**2 + 2048 * 7**2
    assert operations["add"] == 3 * 256 * 56**2 + 4 * 512 * 28**2 + 6 * 1024 * 14**2 + 3 * 2048 * 7**2


@pytest.mark.parametrize(("depth", "a", "b", "c", "macs"), CIFAR_FAMILY)
def test_cifar_family(depth, a, b, c, macs):
    sums = [counted(net="cifar", depth=depth, shortcut=option).total.sums for option in "ABC"]
    assert [each.all_parameters for each in sums] == [a, b, c]
    assert sums[0].macs() == macs


@pytest.mark.parametrize("n", [1, 2, 3, 7, 18, 50, 111, 200])
def test_cifar_family_is_linear_in_depth(n):
    a, b, c = (counted(net="cifar", depth=6 * n + 2, shortcut=o).total.sums.all_parameters for o in "ABC")
    assert a == 97_216 * n - 21_926
    assert b == a + 2_752
    assert c == a + 5_600 * n - 2_560


def test_wide_and_grouped_cifar_networks():
    assert counted(net="wrn").total.sums.all_parameters == 36_479_194  # Zagoruyko 2016: WRN-28-10, 36.5 M
    assert counted(net="resnext29").total.sums.all_parameters == 34_426_698  # Xie 2017, Table 7: 8x64d, 34.4 M


def test_one_block():
    """He 2015, Fig. 5: a bottleneck of 256-64-64-256 beside basic blocks of 64, and of 256."""
    bottleneck = counted(net="block").total.sums
    narrow, wide = (counted(block="basic", inputs=c, inner=c).total.sums for c in (64, 256))
    assert (bottleneck.conv_weights, narrow.conv_weights, wide.conv_weights) == (69_632, 73_728, 1_179_648)
    assert round(wide.conv_weights / bottleneck.conv_weights, 2) == 16.94
    assert round(bottleneck.conv_weights / narrow.conv_weights, 3) == 0.944
    projected = counted(net="block", shortcut="C").total.sums
    assert projected.parameters["projection"] == 65_536
    assert projected.conv_weights - bottleneck.conv_weights == 65_536
    assert bottleneck.macs() == 69_632 * 56**2


@pytest.mark.parametrize("c", [4, 64, 256, 1000])
def test_one_block_in_general(c):
    basic = counted(block="basic", inputs=c, inner=c).total.sums.conv_weights
    bottleneck = counted(block="bottleneck", inputs=c, inner=c // 4).total.sums.conv_weights
    assert (basic, 16 * bottleneck) == (18 * c**2, 17 * c**2)


def test_resnet_50_has_more_of_both_than_resnet_34():
    a, b = (counted(net=net).total.sums for net in ("resnet50", "resnet34"))
    assert round(100 * (a.all_parameters / b.all_parameters - 1)) == 17
    assert round(100 * (a.macs() / b.macs() - 1)) == 12


# By hand: every window of k x k adds k - 1 of the steps that it makes over the image
@pytest.mark.parametrize(
    ("words", "stage", "sees", "step"),
    [
        ({"net": "vgg16"}, "stage 5", 212, 32),
        ({"net": "vgg16"}, "stage 1", 1 + 2 * 2 + 1, 2),
        ({"net": "vgg19"}, "stage 5", 1 + 2 * 2 + 1 + 2 * 4 + 2 + 4 * 8 + 4 + 4 * 16 + 8 + 4 * 32 + 16, 32),
        ({"net": "resnet18"}, "stem", 7 + 2 * 2, 4),
        ({"net": "resnet18"}, "stage 1", 11 + 4 * 8, 4),
        ({"net": "resnet18"}, "stage 4", 435, 32),
        ({"net": "resnet50"}, "stage 4", 11 + 3 * 8 + (8 + 3 * 16) + (16 + 5 * 32) + (32 + 2 * 64), 32),
        ({"net": "resnet50", "convention": "v1"}, "stage 4", 11 + 3 * 8 + 4 * 16 + 6 * 32 + 3 * 64, 32),
        ({"net": "cifar", "depth": 20}, "stage 3", 3 + 6 * 2 + (2 + 5 * 4) + (4 + 5 * 8), 4),
        ({"net": "densenet121"}, "dense block 1", 11 + 6 * 8, 4),
        ({"net": "densenet121"}, "transition 1", 11 + 6 * 8 + 4, 8),
        ({"net": "densenet121"}, "dense block 2", 11 + 6 * 8 + 4 + 12 * 16, 8),
    ],
)
def test_receptive_fields(words, stage, sees, step):
    (part,) = (part.stage for part in counted(**words).parts if part.stage.name == stage)
    assert (part.sees, part.step) == (sees, step)


# -- torchvision's metadata ----------------------------------------------------------------------


@pytest.mark.parametrize("name", [*PUBLISHED, "vgg16_bn", "vgg19_bn"])
def test_torchvisions_metadata(name):
    net = name.removesuffix("_bn")
    words = {"norm": "batch"} if net != name else {}
    sums = counted(net=net, **words).total.sums
    meta = torchvision.models.get_model_weights(name).DEFAULT.meta
    assert sums.all_parameters == meta["num_params"]
    assert round(sums.macs() / 1e9, 3) == meta["_ops"]


# -- against torch -------------------------------------------------------------------------------


class Seen(TorchDispatchMode):
    """What a forward pass does, operation by operation, as the kinds that the calculator counts."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        names = ("projection", "downsample")
        self.projections = {
            module.weight.untyped_storage()._cdata
            for name, module in net.named_modules()
            if isinstance(module, nn.Conv2d) and any(part in name.split(".") for part in names)
        }
        self.operations: Counter[str] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__
        match name:
            case "convolution":
                _, weight, bias = args[:3]
                projects = weight.untyped_storage()._cdata in self.projections
                self.operations["projection" if projects else "conv"] += out.numel() * weight[0].numel()
                self.operations["bias"] += out.numel() if bias is not None else 0
            case "addmm":
                self.operations["linear"] += out.numel() * args[1].shape[1]
                self.operations["bias"] += out.numel()
            case (
                "native_batch_norm"
                | "cudnn_batch_norm"
                | "_native_batch_norm_legit_functional"
                | "_native_batch_norm_legit"
            ):
                self.operations["norm"] += 2 * out[0].numel()
            case "relu" | "relu_" | "clamp_min" | "clamp_min_":
                self.operations["relu"] += out.numel()
            case "add" | "add_" if out.ndim == 4:
                self.operations["add"] += out.numel()
            case "max_pool2d_with_indices":
                self.operations["pool"] += out[0].numel() * math.prod(args[1])
            case "avg_pool2d":
                self.operations["pool"] += out.numel() * math.prod(args[1])
            case "mean":
                self.operations["pool"] += args[0].numel()
            case "_adaptive_avg_pool2d":
                rows, columns = (
                    sum(-(-(i + 1) * n // m) - i * n // m for i in range(m))
                    for n, m in zip(args[0].shape[2:], out.shape[2:], strict=True)
                )
                self.operations["pool"] += out.shape[0] * out.shape[1] * rows * columns
        return out


def stage_modules(spec: CountSpec, net: nn.Module) -> list[nn.Module]:
    """What gives each stage's result, but for the head's."""
    if spec.net == "block":
        return [net]
    if isinstance(net, torchvision.models.ResNet):
        return [net.maxpool, net.layer1, net.layer2, net.layer3, net.layer4]
    if isinstance(net, torchvision.models.VGG):
        return [module for module in net.features if isinstance(module, nn.MaxPool2d)]
    if isinstance(net, torchvision.models.DenseNet):
        names = ("pool0", "denseblock1", "transition1", "denseblock2", "transition2", "denseblock3", "transition3")
        return [getattr(net.features, name) for name in (*names, "denseblock4")]
    if isinstance(net, CifarDenseNet):
        return list(net.features)
    ends, at = [net.stem], 0
    for stage in spec.plan:
        at += stage.times
        ends.append(net.blocks[at - 1])
    return ends


def measured(spec: CountSpec, images: int = 2) -> dict[str, Any]:
    """A forward pass of a few images through the built network, on the meta device: shapes, and no numbers."""
    with torch.device("meta"):
        net = build(spec)
        x = torch.empty(images, spec.inputs if spec.net == "block" else spec.channels, spec.input, spec.input)
        labels = torch.zeros(images, dtype=torch.long)
    own = {p.untyped_storage()._cdata for p in (*net.parameters(), *net.buffers())}
    shapes: list[tuple[int, ...]] = []
    for module in stage_modules(spec, net):
        module.register_forward_hook(lambda _, __, out: shapes.append(tuple(out.shape[1:])))
    kept: dict[int, torch.UntypedStorage] = {}  # holds the storages, so that no address comes up twice

    def pack(t: Tensor) -> Tensor:
        storage = t.untyped_storage()
        # of one dimension are the mean and the deviation of each channel, which all images share, and the labels
        if t.ndim > 1 and storage._cdata not in own:
            kept[storage._cdata] = storage
        return t

    with FlopCounterMode(display=False) as flops, Seen(net) as seen, saved_tensors_hooks(pack, lambda t: t):
        out = net(x)
        if spec.net != "block":
            functional.cross_entropy(out, labels)
    if spec.net == "block":
        kept.pop(x.untyped_storage()._cdata)  # whatever gave x has kept it
    else:
        shapes.append((out.shape[1], 1, 1))
    assert all(n % images == 0 for n in seen.operations.values())
    parameters = Counter()
    for module in net.modules():
        for key, p in module.named_parameters(recurse=False):
            if isinstance(module, nn.BatchNorm2d):
                kind = "norm"
            elif key == "bias":
                kind = "bias"
            elif isinstance(module, nn.Linear):
                kind = "linear"
            else:
                projects = p.untyped_storage()._cdata in seen.projections
                kind = "projection" if projects else "conv"
            parameters[kind] += p.numel()
    return {
        "numel": sum(p.numel() for p in net.parameters()),
        "parameters": {kind: parameters[kind] for kind in PARAMETERS},
        "operations": {kind: seen.operations[kind] // images for kind in KINDS},
        "flops": flops.get_total_flops() / images,
        "kept": sum(storage.nbytes() for storage in kept.values()) / images,
        "shapes": shapes,
    }


def check_against_torch(spec: CountSpec) -> None:
    found, torchs = count(spec), measured(spec)
    sums = found.total.sums
    assert sums.all_parameters == torchs["numel"]
    assert (sums.parameters, sums.operations) == (torchs["parameters"], torchs["operations"])
    assert sums.flops() == 2 * sums.macs() == torchs["flops"]
    assert [part.stage.shape for part in found.parts] == torchs["shapes"]
    assert sums.kept == torchs["kept"]


# The larger ones of a family differ by a row of a table, which torchvision's metadata are held against.
LARGE = {"resnet101", "resnet152", "wide_resnet101_2", "resnext101_32x8d", "resnext101_64x4d", "densenet161"}
LARGE |= {"densenet169", "densenet201"}


@pytest.mark.parametrize("net", [pytest.param(net, marks=[pytest.mark.grid] * (net in LARGE)) for net in NETS])
def test_every_network_as_torch_counts_it(net):
    check_against_torch(CountSpec.of({"net": net}))


@covering(net=["resnet34", "resnet50", "resnext50_32x4d", "wide_resnet50_2"], shortcut="AC", convention=["v1", "v1.5"])
def test_other_shortcuts_of_published_networks(net, shortcut, convention):
    """Option A pads with zeros: built here, not torchvision's."""
    check_against_torch(CountSpec.of({"net": net, "shortcut": shortcut, "convention": convention}))


@pytest.mark.parametrize("net", ["resnet18", "resnet50", "resnext50_32x4d"])
def test_published_networks_can_be_built_wherever_the_stride_stands(net):
    check_against_torch(CountSpec.of({"net": net, "convention": "v1"}))


@pytest.mark.parametrize("net", ["vgg16", "densenet121"])
def test_the_place_of_the_stride_is_nothing_to_networks_without_a_bottleneck(net):
    with torch.device("meta"):
        v1, v15 = ([(n, p.shape) for n, p in build(spec).named_parameters()] for spec in conventions(net))
    assert v1 == v15
    assert count(conventions(net)[0]).total == count(conventions(net)[1]).total


def conventions(net: str) -> list[CountSpec]:
    return [CountSpec.of({"net": net, "convention": convention}) for convention in ("v1", "v1.5")]


@examples(25)
@given(count_specs(["block"]))
def test_any_block_is_as_torch_counts_it(spec):
    check_against_torch(spec)


@examples(25)
@given(count_specs(["custom"]))
def test_any_stages_are_as_torch_counts_them(spec):
    check_against_torch(spec)


@examples(20)
@given(count_specs(["cifar", "wrn", "resnext29", "cifar_densenet"], deepest=2))
def test_any_cifar_network_is_as_torch_counts_it(spec):
    check_against_torch(spec)


@examples(8)
@given(
    count_specs(
        ["resnet18", "resnet34", "resnet50", "resnext50_32x4d", "wide_resnet50_2", "vgg16", "vgg19", "densenet121"]
    )
)
def test_published_networks_with_other_images_are_as_torch_counts_them(spec):
    check_against_torch(spec)


@pytest.mark.grid
@examples(5)
@given(count_specs(["densenet161"]))
def test_densenets_with_other_images_are_as_torch_counts_them(spec):
    check_against_torch(spec)


@pytest.mark.parametrize("side", [1, 2, 3, 6, 7, 8, 13, 14, 15])
def test_vggs_average_over_windows_that_may_overlap(side):
    """Its head averages whatever comes in over 7 x 7 windows."""
    check_against_torch(CountSpec.of({"net": "vgg16", "input": 32 * side}))


# -- receptive fields ----------------------------------------------------------------------------


def show_all(net: nn.Module) -> None:
    """Makes every number depend on all that it looks at, in one direction: no gradient is 0 by chance, and a maximum
    becomes an average."""
    with torch.no_grad():
        for p in net.parameters():
            p.fill_(1.0 / p[0].numel() if p.ndim > 1 else 0.1)
    for name, module in list(net.named_modules()):
        if isinstance(module, nn.MaxPool2d):
            net.set_submodule(name, nn.AvgPool2d(module.kernel_size, module.stride, module.padding))
    net.eval()


def seen_by(net: nn.Module, module: nn.Module, channels: int, side: int) -> int:
    """Pixels in a row from the first to the last one that the middle number of what `module` gives depends on."""
    given: list[Tensor] = []
    handle = module.register_forward_hook(lambda _, __, out: given.append(out))
    x = torch.rand(1, channels, side, side, requires_grad=True)
    net(x)
    handle.remove()
    (out,) = given
    middle = out[0, :, out.shape[2] // 2, out.shape[3] // 2].sum()
    (gradient,) = torch.autograd.grad(middle, x)
    rows = (gradient.abs().sum((0, 1, 3)) > 0).nonzero().flatten()
    assert rows[0] > 0 and rows[-1] < side - 1, "the image is too small to tell"
    return int(rows[-1] - rows[0]) + 1


def check_what_is_seen(spec: CountSpec, most: int) -> None:
    """Of every stage that sees at most so many pixels."""
    found = [part.stage for part in count(spec).parts if part.stage.name != "head" and part.stage.sees <= most]
    assert found
    side = max(stage.sees + 2 * stage.step for stage in found) + 3
    larger = spec.replace(input=side)
    net = build(larger)
    show_all(net)
    for stage, module in zip(found, stage_modules(larger, net), strict=False):  # those that see more are left out
        assert seen_by(net, module, spec.inputs if spec.net == "block" else spec.channels, side) == stage.sees


@examples(20)
@given(count_specs(["block", "custom", "cifar", "wrn", "resnext29", "cifar_densenet"], widest=1, deepest=1))
def test_pixels_seen_are_those_that_the_gradient_reaches(spec):
    if spec.net == "resnext29":
        spec = spec.replace(width_factor=1, groups=64)
    check_what_is_seen(spec, 90)


@pytest.mark.parametrize(
    ("words", "most"),
    [
        ({"net": "resnet18"}, 200),
        ({"net": "resnet50"}, 100),
        ({"net": "resnet50", "convention": "v1"}, 120),
        ({"net": "vgg16"}, 100),
        ({"net": "densenet121"}, 70),
        ({"net": "resnext50_32x4d"}, 100),
    ],
)
def test_pixels_that_published_networks_see(words, most):
    check_what_is_seen(CountSpec.of(words), most)


@pytest.mark.parametrize("convention", ["v1", "v1.5"])
@pytest.mark.parametrize(("stride", "sees"), [(1, 3), (2, None)])
def test_a_stride_before_the_3x3_spreads_what_it_sees(convention, stride, sees):
    stage = counted(net="block", stride=stride, convention=convention).total.stage
    assert stage.sees == (sees or {"v1": 5, "v1.5": 3}[convention])
    assert stage.step == stride


# -- the other counter ---------------------------------------------------------------------------


def check_equal_counts(spec: CountSpec, other: Spec) -> None:
    found, against = count(spec).total.sums, cost.count(other, "residual")
    assert found.all_parameters == against.parameters
    assert found.macs() == against.macs
    assert found.kept == FLOAT * against.activations


@examples(60)
@given(
    st.sampled_from(["basic", "bottleneck"]),
    st.integers(1, 133),
    st.integers(1, 1024),
    st.sampled_from("ABC"),
    st.sampled_from(["original", "full"]),
)
def test_cifar_networks_are_those_of_the_experiment(block, n, width, shortcut, order):
    """`cost` counts what the app trains; He 2015's networks can be had in both."""
    depth = 2 + n * {"basic": 6, "bottleneck": 9}[block]
    words = {"depth": depth, "width": width, "block": block, "shortcut": shortcut, "order": order}
    other = Spec.of({**words, "dataset": "cifar10", "stages": 3})
    check_equal_counts(CountSpec.of({**words, "net": "cifar"}), other)


@examples(60)
@given(
    st.sampled_from(["basic", "bottleneck"]),
    st.integers(1, 100),
    st.integers(1, 3),
    st.integers(1, 200),
    st.sampled_from("ABC"),
    st.sampled_from(["batch", "none"]),
    st.sampled_from(["digits", "mnist", "cifar100"]),
)
def test_stages_of_ones_own_are_those_of_the_experiment(block, blocks, stages, width, shortcut, norm, dataset):
    words = {"block": block, "shortcut": shortcut, "norm": norm}
    depth = 2 + blocks * {"basic": 2, "bottleneck": 3}[block]
    other = Spec.of({**words, "depth": depth, "stages": stages, "width": width, "dataset": dataset})
    text = ",".join(f"{times}x{width * 2**i}" for i, times in enumerate(other.blocks_per_stage))
    channels, side, _ = other.input_shape
    more = {"stem": "cifar", "input": side, "channels": channels, "classes": other.data.classes}
    check_equal_counts(CountSpec.of({**words, **more, "net": "custom", "stages": text}), other)


# -- sums ----------------------------------------------------------------------------------------


@examples(80)
@given(count_specs())
def test_a_total_is_the_sum_of_its_parts(spec):
    found = count(spec)
    sums = [part.sums for part in found.parts]
    whole = found.total.sums
    assert whole == total(sums) == tally(layer for part in found.parts for layer in part.stage.layers)
    for each in (whole, *sums):
        assert each.all_parameters == sum(each.parameters.values())
        assert each.conv_weights == each.parameters["conv"] + each.parameters["projection"]
        assert each.macs() == sum(each.operations[name] for name in PRODUCTS)
        assert each.flops() == 2 * each.macs()
        assert each.macs(KINDS) == sum(each.macs([name]) for name in KINDS)
        assert each.flops(KINDS) - each.macs(KINDS) == each.macs(PRODUCTS)
        # every weight of a product is used at least once
        assert all(each.operations[name] >= each.parameters[name] for name in PRODUCTS)
    assert found.operations(found.total) == sum(found.operations(part) for part in found.parts)
    assert whole.kept == sum(each.kept for each in sums)
    last = found.parts[-1].stage
    assert (found.total.stage.shape, found.total.stage.sees, found.total.stage.step) == (
        last.shape,
        last.sees,
        last.step,
    )
    assert found.total.stage.blocks == sum(part.stage.blocks for part in found.parts)


@examples(40)
@given(count_specs())
def test_what_is_counted_adds_up(spec):
    part = count(spec).total
    for unit in ("macs", "flops"):
        each = {name: count(spec.replace(unit=unit, counted=[name])).operations(part) for name in KINDS}
        assert count(spec.replace(unit=unit)).operations(part) == sum(each[name] for name in spec.counted)
        for name, value in each.items():
            assert value == part.sums.operations[name] * (2 if unit == "flops" and name in PRODUCTS else 1)


@examples(40)
@given(count_specs(["block", "custom", "cifar", "wrn"]))
def test_equal_layers_noted_at_once_are_as_many_layers(spec):
    layers = [layer for stage in stages_of(spec) for layer in stage.layers]
    apart = [
        Layers(
            each.kind,
            each.inputs,
            each.outputs,
            each.pixels,
            1,
            each.taps,
            each.groups,
            each.bias,
            each.shortcut,
            each.kept,
        )
        for each in layers
        for _ in range(each.times)
    ]
    assert tally(apart) == tally(layers)


def test_a_dense_block_is_the_sum_of_its_layers():
    """Huang 2017, Table 1: 1x1 to four times the growth, 3x3 to the growth, on all channels so far."""
    for net, (growth, blocks, width) in DENSENETS.items():
        parts = {part.stage.name: part.sums for part in counted(net=net).parts}
        for number, layers in enumerate(blocks, start=1):
            taken = [width + i * growth for i in range(layers)]
            weights = sum(4 * growth * t + 9 * 4 * growth * growth for t in taken)
            sums = parts[f"dense block {number}"]
            assert sums.parameters["conv"] == weights
            assert sums.parameters["norm"] == 2 * sum(t + 4 * growth for t in taken)
            width += layers * growth
            if number < len(blocks):
                width //= 2
                assert parts[f"transition {number}"].parameters["conv"] == 2 * width * width


def test_counting_takes_as_long_however_deep():
    shallow, deep = (stages_of(CountSpec.of({"net": "cifar", "depth": depth, "shortcut": "C"})) for depth in (14, 1202))
    assert [len(stage.layers) for stage in shallow] == [len(stage.layers) for stage in deep]


@pytest.mark.parametrize("nets", [set(NETS) - LARGE, pytest.param(LARGE, marks=pytest.mark.grid)], ids=["all", "large"])
def test_built_blocks_are_blocks(nets):
    """`build` gives our own network only where torchvision has none of that name."""
    for net in sorted(nets):
        with torch.device("meta"):
            built = build(CountSpec.of({"net": net}))
        own = any(isinstance(module, (Block, CifarDenseNet)) for module in built.modules())
        assert own == (net not in PUBLISHED)
