"""Compute the attribution maps of a photograph for a ResNet trained on ImageNet."""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Self

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from resviz.data.images import photograph as shipped
from resviz.data.nets import categories, pretrained, untrained
from resviz.probes.maps import Sight, packed, seen, short
from resviz.probes.methods import METHODS, Map, Seen
from resviz.topics.photograph.question import DRAWN, DRAWN_BLOCKS, SIDE, TOP, Photograph, PhotographSpec
from resviz.words.text import Mistake

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of torchvision's ImageNet transforms
LOOKED = 0.05  # share of the work done when the photograph is classified


def photograph(spec: PhotographSpec, image: bytes | None = None) -> Iterator[Photograph]:
    """Classify a photograph, then make its map; `image` is the file of the user's own photograph (`images.prepared`).

    Raises DataUnavailable if the weights are missing, and ValueError if the user's own photograph is missing.
    """
    if spec.image == "own" and image is None:
        raise Mistake("own: choose a photograph first.")
    made = pretrained(spec.network) if spec.weights == "trained" else untrained(spec.network, spec.seed)
    sight, names = _Torchvision(made, spec.network), categories(spec.network)
    raw = pixels(image or shipped(spec.image, SIDE))
    x, black = (_standardised(t) for t in (raw, torch.zeros_like(raw)))
    with torch.no_grad():
        shares = sight(x)[0].softmax(0)
    best = [(int(n), short(v)) for v, n in zip(*(t.tolist() for t in shares.topk(TOP)), strict=True)]
    target = spec.target if spec.target >= 0 else best[0][0]
    told = {n: names[n] for n in (*(n for n, _ in best), target)}
    small = functional.adaptive_avg_pool2d(raw.float(), DRAWN).round().to(torch.uint8)
    record = Photograph(spec, LOOKED, target, packed(small), tuple(best), told)
    yield record
    found = seen(spec, sight, x, black, target, destroyed=spec.destroyed == "yes")
    yield replace(record, done=1.0, seen=_drawn(spec, found))


def pixels(image: bytes) -> Tensor:
    """Decode a prepared picture into (3, SIDE, SIDE) uint8."""
    picture = np.array(Image.open(io.BytesIO(image)).convert("RGB"))
    return torch.from_numpy(picture).permute(2, 0, 1).contiguous()


def _standardised(raw: Tensor) -> Tensor:
    mean, std = (torch.tensor(v)[:, None, None] for v in (MEAN, STD))
    return ((raw / 255 - mean) / std)[None]


class _Torchvision(Sight):
    at_once = 8

    def __init__(self, net: nn.Module, name: str) -> None:
        super().__init__()
        self.net, self.name = net.requires_grad_(False), name
        for module in net.modules():
            if isinstance(module, nn.ReLU):
                module.inplace = False

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.net(x)
        return logits

    def blocks(self) -> dict[int, nn.Module]:
        stages = [module for name, module in self.net.named_children() if name.startswith("layer")]
        return dict(enumerate((block for stage in stages for block in stage.children()), start=1))

    def destroyed(self, seed: int) -> Self:
        other = copy.deepcopy(self)
        anew = untrained(self.name, seed)
        own = dict(other.net.named_parameters())
        for name, value in anew.named_parameters():
            own[name].copy_(value)
        return other


def _drawn(spec: PhotographSpec, found: Seen) -> Seen:
    """Return a copy with maps averaged to the size that is shown, and without the shares of all classes."""
    side = DRAWN_BLOCKS if METHODS[spec.method].blocks else DRAWN

    def small(m: Map) -> Map:
        if m.width <= side:
            return m
        values = torch.tensor(m.values).view(1, 1, m.height, m.width)
        pooled = functional.adaptive_avg_pool2d(values, side)
        return Map(m.block, side, side, tuple(short(v) for v in pooled.flatten().tolist()), m.total)

    return replace(found, shares=(), maps=tuple(map(small, found.maps)), destroyed=tuple(map(small, found.destroyed)))
