"""Compute the attribution maps of one image for both networks of a run."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Self

import torch
from torch import Tensor, nn

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.inside import NoAnswer, overflowed, own_bytes
from resviz.nets.resnet import ResNet, still
from resviz.probes.maps import Sight, packed, seen
from resviz.probes.methods import METHODS
from resviz.topics.attribution.question import FIRST_WRONG, GALLERY, Attribution, AttributionSpec, Example
from resviz.train.twins.lockstep import Keeper
from resviz.train.twins.trained import Trained, trained

TRAINING = 0.95  # share of the work that training takes


def attribution(spec: AttributionSpec, *, keeper: Keeper | None = None) -> Iterator[Attribution]:
    """Train both networks of the run unless they are stored already, then make the maps of one image.

    Raises DeviceUnavailable, DataUnavailable if the data set is missing, and NoAnswer if the method is not defined for these
    networks or if numbers leave the range of float32.
    """
    check(spec)
    found = None
    for found in trained(spec.run, keeper=keeper):
        if not found.over:
            yield Attribution(spec, TRAINING * found.share, found.told)
    assert found is not None
    yield maps_of(spec, found)


def check(spec: AttributionSpec) -> None:
    """Raise NoAnswer if the method is not defined for these networks."""
    label = METHODS[spec.method].label
    if METHODS[spec.method].blocks and not set(range(1, spec.blocks + 1)) - set(spec.last.remove):
        raise NoAnswer(f"depth={spec.depth}: this network has no block, and {label} makes a map of each")
    if spec.method == "guided_gradcam" and spec.last.activation != "relu":
        raise NoAnswer(f"activation={spec.last.activation}: {label} is defined for networks with ReLU alone")


def maps_of(spec: AttributionSpec, found: Trained) -> Attribution:
    """Return the maps of one image, and a gallery of other images to choose from."""
    shape, truth = spec.data.shape, found.data.test_y
    sights = {arm: _RunSight(found.net(arm), spec) for arm in ARMS}
    unseen = found.data.inputs(found.data.test_x)
    reads = {arm: sight.read(unseen) for arm, sight in sights.items()}
    order = wrong_first(truth, reads["residual"], reads["plain"])
    number = None if spec.own else order[0] if spec.image == FIRST_WRONG else spec.image
    if number is None:
        raw = torch.frombuffer(bytearray(own_bytes(spec.own)), dtype=torch.uint8).to(truth.device)
        raw = raw.view_as(found.data.test_x[0])
    else:
        raw = found.data.test_x[number]
    x, black = (found.data.inputs(t[None]).reshape(1, *shape) for t in (raw, torch.zeros_like(raw)))
    target = spec.target if spec.target >= 0 else int(sights["residual"].read(x)[0])
    arms = {
        arm: seen(spec, sight, x, black, target, destroyed=spec.destroyed == "yes") for arm, sight in sights.items()
    }
    for arm, told in arms.items():
        if not told.finite:
            raise overflowed(arm, "no map can be made of it")
    return Attribution(
        spec,
        1.0,
        found.told,
        number,
        None if number is None else int(truth[number]),
        target,
        packed(raw),
        arms,
        tuple(
            Example(n, int(truth[n]), {arm: int(reads[arm][n]) for arm in ARMS}, packed(found.data.test_x[n]))
            for n in order[:GALLERY]
        ),
        {arm: int((reads[arm] != truth).sum()) for arm in ARMS},
        len(truth),
    )


def wrong_first(truth: Tensor, residual: Tensor, plain: Tensor) -> list[int]:
    """Return the numbers of all images: first those that the residual network reads wrong, then those that only the plain one
    reads wrong, then the others; each group in ascending order. All arguments have shape (N,)."""
    rank = torch.where(residual != truth, 0, torch.where(plain != truth, 1, 2))
    order: list[int] = torch.sort(rank, stable=True).indices.tolist()
    return order


class _RunSight(Sight):
    """A network of a run that takes images (N, C, H, W), whatever input shape the network itself needs."""

    def __init__(self, net: ResNet, spec: AttributionSpec) -> None:
        super().__init__()
        self.net = still(net)
        self.init = spec.init
        self.takes = spec.input_shape

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.net(x.reshape(len(x), *self.takes))
        return logits

    def blocks(self) -> dict[int, nn.Module]:
        blocks = enumerate(self.net.residual_blocks(), start=1)
        return {number: block for number, block in blocks if not block.removed}

    def destroyed(self, seed: int) -> Self:
        other = copy.deepcopy(self)
        other.net.initialise(self.init, seed)
        return other
