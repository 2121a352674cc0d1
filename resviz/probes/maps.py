"""Attribution maps of a network: of the image by Captum, and of every block by `probes.layerwise`."""

from __future__ import annotations

import base64
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Protocol, Self

import numpy as np
import torch
from captum.attr import GuidedBackprop, IntegratedGradients, LayerAttribution, NoiseTunnel, Occlusion, Saliency
from scipy.stats import rankdata
from torch import Tensor, nn

from resviz.nets.reading import classes_read
from resviz.probes.layerwise import conductance, gradcam, outputs_and_gradients, straight_line
from resviz.probes.methods import METHODS, Map, MethodName, Seen
from resviz.words.say import rounded

COPIES = 32  # noisy copies of an image for SmoothGrad
DIGITS = 6
short = partial(rounded, digits=DIGITS)

Maps = tuple[list[Tensor], list[float]]  # maps (h, w); for methods whose numbers add up, the error of each sum


class Asked(Protocol):
    """The settings of a map. stride: pixels by which the black square of occlusion moves; seed: for the noise."""

    @property
    def method(self) -> MethodName: ...
    @property
    def steps_between(self) -> int: ...
    @property
    def noise(self) -> float: ...
    @property
    def window(self) -> int: ...
    @property
    def stride(self) -> int: ...
    @property
    def seed(self) -> int: ...


class Sight(nn.Module, ABC):
    """A network that maps standardised images (N, C, H, W) to logits (N, classes). It is in evaluation mode, with frozen
    weights and no in-place operations. at_once: the largest batch."""

    at_once = 256

    @abstractmethod
    def blocks(self) -> dict[int, nn.Module]:
        """The blocks that x passes through, by number from 1."""

    @abstractmethod
    def destroyed(self, seed: int) -> Self:
        """The same network with all weights redrawn from `seed`; the statistics of its normalisations stay."""

    def read(self, x: Tensor) -> Tensor:
        """(N,): the predicted class of each image, NOTHING where the numbers left the range of float32."""
        with torch.no_grad():
            return torch.cat([classes_read(self(part)) for part in x.split(2 * self.at_once)])


def seen(spec: Asked, sight: Sight, x: Tensor, black: Tensor, target: int, *, destroyed: bool = False) -> Seen:
    """Return a network's maps for an image x (1, C, H, W), with the `black` image as baseline; if `destroyed`, also the maps
    after all weights have been redrawn."""
    made = _seen(spec, sight, x, black, target)
    if not destroyed:
        return made
    other = _seen(spec, sight.destroyed(spec.seed + 1), x, black, target).maps
    alike = tuple(rank_correlation(a.values, b.values) for a, b in zip(made.maps, other, strict=True))
    return replace(made, destroyed=other, alike=alike)


def rank_correlation(a: tuple[float, ...], b: tuple[float, ...]) -> float | None:
    """Spearman's rank correlation of the absolute values of two maps, as in Adebayo 2018; None if those of a map are all
    equal."""
    ranks = [rankdata(np.abs(v)) for v in (a, b)]
    if any(np.ptp(r) == 0 for r in ranks):
        return None
    return short(float(np.corrcoef(*ranks)[0, 1]))


def _seen(spec: Asked, sight: Sight, x: Tensor, black: Tensor, target: int) -> Seen:
    with torch.no_grad():
        logits, base = sight(x)[0], sight(black)[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Captum warns that it sets hooks and requires gradients
        maps, delta = MAPS[spec.method](spec, sight, x, black, target)
    numbers = list(sight.blocks()) if METHODS[spec.method].blocks else [0]
    return Seen(
        tuple(short(v) for v in logits.softmax(0).tolist()),
        short(logits[target].item()),
        short(base[target].item()),
        tuple(_map(number, m) for number, m in zip(numbers, maps, strict=True)),
        tuple(map(short, delta)),
    )


def _integrated(spec: Asked, sight: Sight, x: Tensor, black: Tensor, target: int) -> Maps:
    found, delta = IntegratedGradients(sight).attribute(
        x,
        black,
        target,
        n_steps=spec.steps_between,
        internal_batch_size=sight.at_once,
        return_convergence_delta=True,
    )
    return [found[0].sum(0)], delta.tolist()


def _saliency(spec: Asked, sight: Sight, x: Tensor, black: Tensor, target: int) -> Maps:
    return [Saliency(sight).attribute(x.clone(), target)[0].amax(0)], []


def _smoothgrad(spec: Asked, sight: Sight, x: Tensor, black: Tensor, target: int) -> Maps:
    tunnel = NoiseTunnel(Saliency(sight))
    with torch.random.fork_rng([x.device] if x.device.type == "cuda" else []):
        torch.manual_seed(spec.seed)
        found = tunnel.attribute(
            x.clone(),
            nt_type="smoothgrad",
            nt_samples=COPIES,
            nt_samples_batch_size=sight.at_once,
            stdevs=spec.noise * (x.max() - x.min()).item(),
            target=target,
            abs=False,
        )
    return [found[0].abs().amax(0)], []


def _occlusion(spec: Asked, sight: Sight, x: Tensor, black: Tensor, target: int) -> Maps:
    channels = x.shape[1]
    found = Occlusion(sight).attribute(
        x,
        (channels, *(min(spec.window, side) for side in x.shape[2:])),
        (channels, spec.stride, spec.stride),
        black,
        target,
        perturbations_per_eval=sight.at_once,
    )
    return [found[0].mean(0)], []  # all channels of a pixel have the same value


def _gradcam(spec: Asked, sight: Sight, x: Tensor, black: Tensor, target: int) -> Maps:
    _, outputs, gradients = outputs_and_gradients(sight, list(sight.blocks().values()), x, target)
    return [m[0] for m in gradcam(outputs, gradients)], []


def _guided_gradcam(spec: Asked, sight: Sight, x: Tensor, black: Tensor, target: int) -> Maps:
    guided = GuidedBackprop(sight).attribute(x.clone(), target)[0].sum(0)
    coarse, _ = _gradcam(spec, sight, x, black, target)
    height, width = guided.shape
    return [guided * LayerAttribution.interpolate(m.relu()[None, None], (height, width))[0, 0] for m in coarse], []


def _conductance(spec: Asked, sight: Sight, x: Tensor, black: Tensor, target: int) -> Maps:
    blocks = list(sight.blocks().values())
    way = straight_line(black[0], x[0], spec.steps_between)
    _, outputs, gradients = outputs_and_gradients(sight, blocks, way, target)
    maps = [m.sum(0) for m in conductance(outputs, gradients)]
    with torch.no_grad():
        change = (sight(x) - sight(black))[0, target].item()
    return maps, [m.sum().item() - change for m in maps]


MAPS: dict[str, Callable[[Asked, Sight, Tensor, Tensor, int], Maps]] = {
    "integrated": _integrated,
    "saliency": _saliency,
    "smoothgrad": _smoothgrad,
    "occlusion": _occlusion,
    "gradcam": _gradcam,
    "guided_gradcam": _guided_gradcam,
    "conductance": _conductance,
}


def _map(number: int, values: Tensor) -> Map:
    height, width = values.shape
    flat = tuple(short(v) for v in values.flatten().tolist())
    return Map(number, width, height, flat, short(values.double().sum().item()))


def packed(pixels: Tensor) -> str:
    """The pixels of an image as base64 text; empty for a point, whose numbers are not bytes."""
    if pixels.dtype != torch.uint8:
        return ""
    return base64.urlsafe_b64encode(bytes(pixels.flatten().tolist())).decode().rstrip("=")
