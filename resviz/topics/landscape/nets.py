"""A trained network as a function of its filters: batch normalisation folded into convolutions, all filters in one vector; its
loss at several places side by side."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from resviz.nets.blocks import Pad
from resviz.nets.fused import fused
from resviz.nets.reading import classes_read
from resviz.nets.resnet import ResNet
from resviz.train.twins.trained import numbers
from resviz.words.say import rounded

short = partial(rounded, digits=5)
CACHED = 2**22  # bytes of one layer's outputs that fit in a cache: larger batches are split
WIDE = 64  # channels of a convolution that keep a core busy, in such batches; 16 do a quarter less work per second


def filters(net: nn.Module) -> list[Tensor]:
    """Return what a direction changes: the weights of every convolution and of the head, gates and projections included, in the
    order of `net.modules()`. Biases and normalisations are no filters (Li 2018, section 4)."""
    return [m.weight for m in net.modules() if isinstance(m, nn.Conv2d | nn.Linear)]


class Folded:
    """A network in evaluation mode, evaluated at several places (points in the space of its filters) side by side. At each place
    the filters are W plus what `move` adds; all other parameters are unchanged.

    In evaluation mode batch normalisation is y = s (c - mean) + beta with s = gamma / sqrt(variance + eps). After a convolution
    with filter w, both together are a convolution with filter s w, which is linear in w, so that a direction d becomes s d. A
    normalisation that does not follow a convolution is left as it is.

    The places are groups of channels of one network: one narrow convolution leaves a core partly idle, several together do not.
    """

    def __init__(self, net: ResNet, *, together: Tensor | None = None) -> None:
        """`together`: images (N, C, H, W) that must pass as one batch, since normalisations use statistics of all of them."""
        self.whole = together is not None
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
            self.places = _fitting([w for w in after if w.dim() == 4], together)
            self.widest = max((w.shape[0] for w in after if w.dim() == 4), default=1)
            self.now = self.origin.repeat(self.places, 1)
            spread(self.net, self.places)
            self.weights = []
            for w, part in zip(filters(self.net), self._split(), strict=True):
                own = part.reshape(-1).clone()
                w.data = _view(own, w.shape)
                self.weights.append(own.view(part.shape))
            self.passes = fused(self.net)

    def _split(self) -> tuple[Tensor, ...]:
        return self.now.split([shape.numel() for shape in self.shapes], dim=1)

    def direction(self, d: list[Tensor]) -> Tensor:
        """Return a direction in the form that `move` takes, from a list of tensors ordered and shaped as `filters`."""
        return torch.cat([_flat(part) for part in d]) * self.scales

    def move(self, *steps: tuple[Sequence[float], Tensor]) -> None:
        """Set the filters to W + the sum of length * direction, with one length for each of `places`."""
        self.now.copy_(self.origin)
        for lengths, direction in steps:
            self.now.addcmul_(torch.tensor(lengths, dtype=direction.dtype, device=direction.device)[:, None], direction)
        for w, part in zip(self.weights, self._split(), strict=True):
            w.copy_(part)

    def logits(self, x: Tensor) -> Tensor:
        """Return the logits (places, N, classes) of x (N, C, H, W), computed in parts whose layers fit in a core's cache."""
        with torch.inference_mode():
            found = torch.cat([self.passes(part) for part in self._parts(x)])
        return found.unflatten(1, (self.places, -1)).transpose(0, 1)

    def _parts(self, x: Tensor) -> Iterator[Tensor]:
        if self.whole or x.device.type != "cpu":
            yield x
            return
        each = max(1, CACHED // (4 * self.places * self.widest * x.shape[2] * x.shape[3]))
        count = -(-len(x) // each)
        yield from x.tensor_split(count)


@torch.inference_mode()
def with_weights(net: ResNet, rows: Tensor, x: Tensor) -> Iterator[Tensor]:
    """Yield the logits (N, classes) of x, as one batch, in evaluation mode with each row of `rows` as weights: (M, `numbers` of
    the network; its running statistics are the last, and ignored if it keeps none)."""
    if not len(rows):
        return
    net = copy.deepcopy(net).eval()
    shapes = [part.shape for part in numbers(net)]
    sizes = [shape.numel() for shape in shapes]
    places = _fitting([w for w in filters(net) if w.dim() == 4], x)
    spread(net, places)
    parts, passes = numbers(net), fused(net)
    for group in rows[:, : sum(sizes)].split(places):
        full = torch.cat([group, group[-1:].expand(places - len(group), -1)]).to(x.device)
        for part, given, shape in zip(parts, full.split(sizes, dim=1), shapes, strict=True):
            part.copy_(given.reshape(-1, *shape[1:]))
        yield from passes(x).unflatten(1, (places, -1)).transpose(0, 1)[: len(group)]


def _fitting(convolutions: list[Tensor], together: Tensor | None) -> int:
    """Return how many places fill a core's registers and fit in its cache with these images; on a GPU one is enough."""
    if not convolutions or convolutions[0].device.type != "cpu":
        return 1
    narrowest = min(w.shape[0] for w in convolutions)
    room = WIDE // narrowest
    if together is not None:
        room = min(room, CACHED // (4 * narrowest * together[:, 0].numel()))
    return max(1, room)


def spread(net: ResNet, places: int) -> None:
    """Turn a network, in place, into `places` copies of itself side by side, which all read the same images; the channels of each
    copy are contiguous."""
    for parent in list(net.modules()):
        for name, child in list(parent.named_children()):
            if places > 1 and (other := _beside(child, places)):
                setattr(parent, name, other)
    first = net.stem[0]  # one convolution of more outputs
    assert isinstance(first, nn.Conv2d)
    first.in_channels, first.groups = first.in_channels // first.groups, 1


def _beside(module: nn.Module, places: int) -> nn.Module | None:
    """Return a layer for all places together, or None for an elementwise module or one that only contains other layers."""
    if isinstance(module, nn.Conv2d):
        made: nn.Module = nn.Conv2d(
            places * module.in_channels,
            places * module.out_channels,
            module.kernel_size,  # type: ignore[arg-type]
            module.stride,  # type: ignore[arg-type]
            module.padding,  # type: ignore[arg-type]
            groups=places,
            bias=module.bias is not None,
        )
    elif isinstance(module, nn.BatchNorm2d):
        made = copy.deepcopy(module)
        made.num_features = places * module.num_features
    elif isinstance(module, nn.GroupNorm):
        made = nn.GroupNorm(places * module.num_groups, places * module.num_channels, module.eps)
    elif isinstance(module, nn.Linear):
        made = Heads(module.in_features, module.out_features, places)
    elif isinstance(module, Pad):
        return Each(module, places)
    else:
        return None
    for kept in ("weight", "bias", "running_mean", "running_var"):
        value = getattr(module, kept, None)
        if value is not None:
            wide = value.detach().repeat(places, *(1,) * (value.dim() - 1))
            setattr(made, kept, nn.Parameter(wide, requires_grad=False) if kept in ("weight", "bias") else wide)
    return made.train(module.training)


class Heads(nn.Linear):
    """One linear layer for each place, (N, places * in) to (N, places * out); weight: (places * out, in)."""

    def __init__(self, inputs: int, outputs: int, places: int) -> None:
        super().__init__(inputs, outputs)
        self.places = places

    def forward(self, x: Tensor) -> Tensor:
        each = x.unflatten(1, (self.places, -1)), self.weight.unflatten(0, (self.places, -1))
        return torch.einsum("npi,poi->npo", *each).flatten(1) + self.bias


class Each(nn.Module):
    """A module applied separately to the channels of each place."""

    def __init__(self, module: nn.Module, places: int) -> None:
        super().__init__()
        self.module, self.places = module, places

    def forward(self, x: Tensor) -> Tensor:
        made = self.module(x.unflatten(1, (self.places, -1)).flatten(0, 1))
        return made.unflatten(0, (-1, self.places)).flatten(1, 2)


def _flat(w: Tensor) -> Tensor:
    """Return the numbers of a filter bank in channels_last order: (O, I, H, W) or (O, I) to (O H W I,)."""
    return w.detach().permute(0, 2, 3, 1).reshape(-1) if w.dim() == 4 else w.detach().reshape(-1)


def _view(part: Tensor, shape: torch.Size) -> Tensor:
    if len(shape) == 2:
        return part.view(shape)
    outputs, inputs, height, width = shape
    return part.view(outputs, height, width, inputs).permute(0, 3, 1, 2)


def _fold(net: ResNet) -> dict[int, Tensor]:
    """Fold, in place, every batch normalisation that directly follows a convolution. Returns s (outputs,) of these convolutions
    by their index in `filters`."""
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


# -- the loss ------------------------------------------------------------------------------------------


class Surface:
    """The loss of a network at W + a d + b e. The directions d and e are lists of tensors, ordered and shaped as `filters`."""

    def __init__(self, net: ResNet, directions: Sequence[list[Tensor]], own: Tensor | None = None) -> None:
        """With images `own`, (N, C, H, W), batch normalisation uses their mean and variance at each point."""
        self.folded = Folded(net if own is None else with_own_statistics(net), together=own)
        self.directions = [self.folded.direction(d) for d in directions]

    def losses(self, at: Sequence[Sequence[float]], x: Tensor, y: Tensor) -> list[float | None]:
        """Return the mean cross-entropy over images x (N, C, H, W) with classes y (N,) at up to `folded.places` points (a, b);
        None where it is not finite."""
        full = [*at, *[at[-1]] * (self.folded.places - len(at))]
        self.folded.move(*((lengths, d) for lengths, d in zip(zip(*full, strict=True), self.directions, strict=True)))
        return [mean_loss(logits, y) for logits in self.folded.logits(x)[: len(at)]]

    def error(self, x: Tensor, y: Tensor) -> float:
        """Return the share of images misclassified at a = b = 0."""
        self.folded.move()
        return (classes_read(self.folded.logits(x)[0]) != y).double().mean().item()


def mean_loss(logits: Tensor, y: Tensor) -> float | None:
    """Return the mean cross-entropy of logits (N, classes) with classes y (N,), None where it is not finite."""
    value = functional.cross_entropy(logits.double(), y).item()
    return short(value) if math.isfinite(value) else None


def indices(net: ResNet, own: list[Tensor]) -> Tensor:
    """Return the indices (P,) of the filters' numbers in the flat vector of all parameters."""
    starts, at = {}, 0
    for p in net.parameters():
        starts[id(p)] = at
        at += p.numel()
    return torch.cat([torch.arange(starts[id(w)], starts[id(w)] + w.numel()) for w in own])


def with_own_statistics(net: ResNet) -> ResNet:
    """Return a copy whose batch normalisations use the mean and variance of the batch at hand."""
    net = copy.deepcopy(net)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean = module.running_var = None
    return net
