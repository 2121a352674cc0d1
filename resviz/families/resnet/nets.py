"""Both twins: the residual network and the plain one, which is the same without shortcuts; and their task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from resviz.data.tensors import Data, load
from resviz.families.resnet.spec import Spec
from resviz.nets.resnet import ResNet, checksum
from resviz.nets.settings import ORDERS
from resviz.probes.activations import ActivationStats, ResidualRatio
from resviz.train.twins.task import Classification


class Task(Classification):
    """Classification of images, or of points in the plane."""

    def source(self, spec: Spec) -> tuple[str, int]:
        return spec.dataset, spec.examples and spec.train_examples

    def read(self, dataset: str, examples: int) -> Data:
        return load(dataset, examples)

    def fit(self, spec: Spec, data: Data, device: torch.device) -> Data:
        return data.for_kind(spec.kind).to(device)


class ResidualTwin:
    """The network of one arm (train.twins.twin.Twin)."""

    def __init__(self, spec: Spec, arm: str) -> None:
        self.arm, self.now, self.drawn = arm, spec, (spec.init, spec.seed)
        self.net = build(spec, arm)

    @property
    def layers(self) -> Sequence[nn.Conv2d | nn.Linear]:
        return self.net.layers()

    @property
    def outputs(self) -> Sequence[nn.Module]:
        return self.net.outputs()

    @property
    def acting(self) -> Sequence[nn.Module]:
        """The activations; if blocks end in an activation, the same modules as `outputs`."""
        return self.outputs if ORDERS[self.now.order].after else self.net.activations()

    def ratio(self, stats: ActivationStats, dtype: torch.dtype) -> ResidualRatio:
        # The input of a block is the output of the layer before, whose norm is known.
        stem, per = self.now.stem_convs, self.now.convs_per_block
        rows = [stem + n * per - 1 for n in range(self.now.blocks)]
        return ResidualRatio(self.net.residual_blocks(), dtype, stats=stats, rows=rows)

    def begin(self, step: int) -> None:
        self.net.begin(step)

    def apply(self, now: Spec) -> bool:
        before, self.now = self.now, now
        if self.arm == "residual" and now.shortcuts:
            self.net.cut(now.cut)
        self.net.remove(now.remove)
        for block in self.net.residual_blocks():
            block.scale, block.shortcut_scale = now.branch_scale, now.shortcut_scale
        if now.activation == before.activation:
            return False
        self.net.activate(now.activation)
        return True

    def touched(self, now: Spec) -> Callable[[Tensor], Tensor] | None:
        if any(
            getattr(now, name) != getattr(self.now, name) for name in ("activation", "branch_scale", "shortcut_scale")
        ):
            return None
        changed = set(now.remove) ^ set(self.now.remove)
        if self.arm == "residual" and now.shortcuts:
            changed |= set(now.cut) ^ set(self.now.cut)
        return partial(self.net.features, last=min(changed)) if changed else None

    def draw(self, now: Spec) -> bool:
        if self.drawn == (now.init, now.seed):
            return False
        self.net.initialise(now.init, now.seed)
        self.drawn = now.init, now.seed
        return True

    def idle(self) -> set[Tensor]:
        """Return the parameters of removed blocks, and of projections and gates on shortcuts that are cut."""
        found: set[Tensor] = set()
        for block in self.net.residual_blocks():
            path = set(block.shortcut.parameters())
            if block.shortcut_gate is not None and not block.connected and not block.removed:
                path |= set(block.shortcut_gate.parameters())
            if block.removed:
                found |= set(block.parameters()) - path
            elif not block.connected:
                found |= path
        return found

    @property
    def pattern(self) -> tuple[bool, ...]:
        return tuple(block.connected for block in self.net.residual_blocks())

    @property
    def steady(self) -> bool:
        """Whether nothing is dropped at random: a captured graph would drop the same numbers at every step."""
        return not self.now.shortcut_dropout and self.now.survival == 1

    @property
    def sleeps(self) -> bool:
        return self.now.survival < 1

    def checksum(self) -> str:
        return checksum(self.net)


def build(spec: Spec, arm: str) -> ResNet:
    """Build the network of one arm, "plain" or "residual". Raises ValueError for any other."""
    if arm not in ("plain", "residual"):
        raise ValueError(f"arm {arm!r}: allowed is plain or residual")
    net = ResNet(**spec.network)
    if arm == "plain" or spec.block == "plain":
        net.cut_all()
    else:
        net.cut(spec.cut)
    net.remove(spec.remove)
    return net
