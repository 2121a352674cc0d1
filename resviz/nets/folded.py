"""A trained network as a function of its filters: batch normalisation folded into convolutions, all filters in one vector."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from resviz.nets.resnet import ResNet

CACHED = 2**20  # bytes of one layer's outputs that a core keeps close: larger batches are split


def filters(net: nn.Module) -> list[Tensor]:
    """What a direction moves: the weights of every convolution and of the head, gates and projections included, in the order
    of `net.modules()`. Biases and normalisations are no filters (Li 2018, section 4)."""
    return [m.weight for m in net.modules() if isinstance(m, nn.Conv2d | nn.Linear)]


class Folded:
    """A network in evaluation mode, whose filters are W + `move`, everything else as it was.

    In evaluation mode batch normalisation is y = s (c - mean) + beta with s = gamma / sqrt(variance + eps), so that behind a
    convolution with filter w it is a convolution with s w: the folded network is linear in the same w, and a direction d is
    s d there. What does not stand behind a convolution is left as it is.
    """

    def __init__(self, net: ResNet, *, whole: bool = False) -> None:
        """`whole`: images go through all together, for normalisations that look at all of them."""
        self.whole = whole
        with torch.no_grad():
            self.net = copy.deepcopy(net).eval().requires_grad_(False)
            before = filters(self.net)
            self.shapes = [w.shape for w in before]
            scales = _fold(self.net)
            after = filters(self.net)
            self.scales = torch.cat(
                [
                    scales.get(i, torch.ones(len(w), device=w.device)).repeat_interleave(w[0].numel())
                    for i, w in enumerate(before)
                ]
            )
            self.origin = torch.cat([_flat(w) for w in after])
            self.now = self.origin.clone()
            for w, part in zip(after, self.now.split([w.numel() for w in after]), strict=True):
                w.data = _view(part, w.shape)

    def direction(self, d: list[Tensor]) -> Tensor:
        """A direction of the network's own filters, as `move` takes it: the list in the order of `filters`, of their shapes."""
        return torch.cat([_flat(part) for part in d]) * self.scales

    def move(self, *steps: tuple[float, Tensor]) -> None:
        """To W + sum of length * direction."""
        self.now.copy_(self.origin)
        for length, direction in steps:
            self.now.add_(direction, alpha=length)

    def logits(self, x: Tensor) -> Tensor:
        """(N, classes) of x (N, C, H, W), part by part, so that what one layer gives the next stays close to the core."""
        with torch.inference_mode():
            return torch.cat([self.net(part) for part in self._parts(x)])

    def _parts(self, x: Tensor) -> Iterator[Tensor]:
        if self.whole or x.device.type != "cpu":
            yield x
            return
        widest = max((shape[0] for shape in self.shapes[:-1]), default=1)
        each = max(1, CACHED // (4 * widest * x.shape[2] * x.shape[3]))
        count = -(-len(x) // each)
        yield from x.tensor_split(count)


def _flat(w: Tensor) -> Tensor:
    """A filter bank's numbers in the order in which channels_last keeps them: (O, I, H, W) or (O, I) to (O H W I,)."""
    return w.detach().permute(0, 2, 3, 1).reshape(-1) if w.dim() == 4 else w.detach().reshape(-1)


def _view(part: Tensor, shape: torch.Size) -> Tensor:
    if len(shape) == 2:
        return part.view(shape)
    outputs, inputs, height, width = shape
    return part.view(outputs, height, width, inputs).permute(0, 3, 1, 2)


def _fold(net: ResNet) -> dict[int, Tensor]:
    """Fold every batch normalisation that stands right behind a convolution; returns s (outputs,) of these convolutions, by
    their place among `filters`."""
    place = {id(m.weight): i for i, m in enumerate(m for m in net.modules() if isinstance(m, nn.Conv2d | nn.Linear))}
    scales = {}
    for path in [m for m in net.modules() if isinstance(m, nn.Sequential)]:
        names = list(path._modules)
        for first, second in pairwise(names):
            conv, norm = path._modules[first], path._modules[second]
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d) and norm.running_var is not None:
                scales[place[id(conv.weight)]] = norm.weight / torch.sqrt(norm.running_var + norm.eps)
                path._modules[first] = fuse_conv_bn_eval(conv, norm)
                path._modules[second] = nn.Identity()
    return scales
