"""The settings of a network to count, and how each is written: fields only (question.py says how they go together)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainSerializer

from resviz.count.layers import KINDS, PRODUCTS
from resviz.families.resnet.settings import MAX_DEPTH
from resviz.topics.calculator.presets import NETS, WIDEST
from resviz.words.fields import Worded, setting_field


def _read_names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, str | list | tuple):
        raise ValueError("no names")
    names = [name.strip() for name in value.split(",")] if isinstance(value, str) else value
    if unknown := [name for name in names if name and name not in KINDS]:
        raise ValueError(f"{unknown[0]!r} is none of {', '.join(KINDS)}")
    return tuple(name for name in KINDS if name in names)


Names = Annotated[tuple[str, ...], BeforeValidator(_read_names), PlainSerializer(",".join, return_type=str)]


class CountSettings(Worded):
    """What is counted, and how it is counted."""

    net: Literal[
        "resnet18",
        "resnet34",
        "resnet50",
        "resnet101",
        "resnet152",
        "wide_resnet50_2",
        "wide_resnet101_2",
        "resnext50_32x4d",
        "resnext101_32x8d",
        "resnext101_64x4d",
        "densenet121",
        "densenet161",
        "densenet169",
        "densenet201",
        "vgg16",
        "vgg19",
        "cifar",
        "wrn",
        "resnext29",
        "cifar_densenet",
        "custom",
        "block",
    ] = setting_field(
        "resnet50",
        "network",
        "Which network is counted.",
        choices={name: label for name, (label, _, _) in NETS.items()},
    )
    depth: int = setting_field(
        0,
        "depth",
        "Layers with weights: 6n+2 of CIFAR networks (9n+2 with bottlenecks), 6n+4 of WRN, 3n+4 of CIFAR DenseNets (6n+4 with "
        "bottlenecks).",
        ge=0,
        le=MAX_DEPTH,
    )
    width: int = setting_field(16, "width", "Channels of the first stage; later ones double them.", ge=1, le=1024)
    block: Literal["basic", "bottleneck"] = setting_field(
        "basic",
        "block",
        "Basic: two 3x3 convolutions. Bottleneck: 1x1 to the channels inside, 3x3, 1x1 to four times as many.",
        choices={"basic": "basic", "bottleneck": "bottleneck"},
    )
    growth: int = setting_field(
        12, "growth", "Channels that each layer of a dense block adds to those before it (k).", ge=1, le=512
    )
    bottleneck: Literal["no", "yes"] = setting_field(
        "no",
        "bottlenecks",
        "Whether each layer of a dense block has a 1x1 convolution to 4k channels before its 3x3 (DenseNet-B).",
        choices={"no": "no", "yes": "yes"},
    )
    compression: float = setting_field(
        1.0, "compression", "The share of the channels that a transition keeps (θ; DenseNet-C).", ge=0.1, le=1.0
    )
    stages: str = setting_field(
        "",
        "stages",
        "Blocks x channels inside of each stage. Each one after the first halves the image, unless /1 says that it does not.",
        form="blocks x channels of each stage, such as 3x64,4x128,6x256,3x512 or 3x64,4x128/1",
    )
    stem: Literal["imagenet", "cifar"] = setting_field(
        "imagenet",
        "stem",
        "What stands before the first block.",
        choices={"imagenet": "7×7 stride 2, max pooling", "cifar": "3×3"},
    )
    inputs: int = setting_field(
        256, "channels in", "Channels of x.", ge=1, le=WIDEST, why="a block without channels takes nothing"
    )
    inner: int = setting_field(
        64,
        "channels inside",
        "Channels of the 3x3 convolutions, before the width factor.",
        ge=1,
        le=WIDEST,
        why="a branch without channels lets nothing through",
    )
    expansion: int = setting_field(
        0, "expansion", "Channels out for each channel inside; 0 takes the block's own, 1 or 4.", ge=0, le=64
    )
    groups: int = setting_field(
        1,
        "groups",
        "Each 3x3 convolution is split into so many, each of which sees its share of the channels (ResNeXt's cardinality).",
        ge=1,
        le=WIDEST,
    )
    width_factor: int = setting_field(
        1, "width factor", "Multiplies the channels inside; in a WRN all channels of the stages.", ge=1, le=64
    )
    stride: int = setting_field(1, "stride", "2 halves height and width.", ge=1, le=2)
    shortcut: Literal["A", "B", "C"] = setting_field(
        "A",
        "shortcut",
        "Where shapes change: A pads with zeros, B projects with a 1x1 convolution. C projects everywhere (He 2015, 4.1).",
        choices={"A": "A: zero-padded", "B": "B: 1×1 if needed", "C": "C: always 1×1"},
    )
    order: Literal["original", "full"] = setting_field(
        "original",
        "order",
        "Where normalisation and ReLU stand: after each convolution and after the sum, or before each convolution.",
        choices={"original": "original", "full": "full pre-activation"},
    )
    norm: Literal["batch", "none"] = setting_field(
        "batch", "normalisation", "Whether every convolution has one.", choices={"batch": "batch", "none": "none"}
    )
    bias: Literal["no", "yes"] = setting_field(
        "no", "bias", "Whether convolutions have a bias.", choices={"no": "no", "yes": "yes"}
    )
    input: int = setting_field(224, "input", "Height and width of the image in pixels.", ge=1, le=4096)
    channels: int = setting_field(3, "image channels", "3 for colours.", ge=1, le=WIDEST)
    classes: int = setting_field(1000, "classes", "Outputs of the last layer.", ge=1, le=1_000_000)
    convention: Literal["v1.5", "v1"] = setting_field(
        "v1.5",
        "stride of bottlenecks",
        "In the 3x3 convolution, as torchvision has it (v1.5), or in the first 1x1, as He 2015 has it (v1).",
        choices={"v1.5": "in the 3×3 (v1.5)", "v1": "in the first 1×1 (v1)"},
    )
    unit: Literal["macs", "flops"] = setting_field(
        "macs",
        "unit",
        "A multiply-accumulate is one MAC or two FLOPs. He 2015 calls MACs FLOPs.",
        choices={"macs": "MACs", "flops": "FLOPs"},
    )
    counted: Names = setting_field(
        PRODUCTS,
        "operations counted",
        "Which operations are counted.",
        choices=KINDS,
    )
    batch: int = setting_field(4, "batch", "Images of the training step that is measured.", ge=1, le=1024)
    other: str = setting_field(
        "",
        "beside it",
        "Another network to compare with.",
        form="a network, such as resnet34 or cifar,depth:56,shortcut:B",
    )
