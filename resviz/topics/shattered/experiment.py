"""How similar the input gradients of two inputs are: along a line, and between independent inputs (Balduzzi 2017).

The networks are built here and not by nets/resnet.py, for two reasons. Its blocks have two layers each, and the theory holds
for blocks of one. Its stem has no bias, and the normalisation after it would cancel one; without a bias, every neuron of the
first layer switches at the same input of the line, and the gradient of a shallow network has one single step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from resviz.topics.shattered.question import INPUTS, LAGS, NETS, POINTS, Curve, Shattered, ShatteredSpec, theory
from resviz.train.plane import ARMS
from resviz.words.text import Vector

EPS = 1e-5  # as in torch's batch normalisation
WALKS = 512  # series of each kind of noise that are averaged


@dataclass(frozen=True, slots=True)
class Weights:
    """One draw of the weights, which all networks share.

    stem, bias: (width,) of relu(stem x + bias). matrices: (width, width) each, one a block. head: (width,) of the output.
    """

    stem: Tensor
    bias: Tensor
    matrices: tuple[Tensor, ...]
    head: Tensor


def shattered(spec: ShatteredSpec) -> Shattered:
    """Measure real networks at initialisation, on the CPU, in float32.

    Equal specs give bit-identical results with equally many threads, on which the order of sums depends.
    """
    x = torch.linspace(-2, 2, POINTS)
    gradients: dict[str, list[Tensor]] = {net: [] for net in NETS}
    cosines: dict[str, list[Vector]] = {arm: [] for arm in ARMS}
    for number in range(spec.seeds):
        generator = torch.Generator().manual_seed(spec.seed * 1009 + number)
        weights = draw(spec, generator)
        inputs = torch.randn(INPUTS, spec.width, generator=generator)
        for net in NETS:
            gradients[net].append(along(x, weights, net, spec.depth))
        for arm in ARMS:
            cosines[arm].append(tuple(map(mean_cosine, between(inputs, weights, arm, spec.depths))))
    return Shattered(
        spec=spec,
        x=vector(x),
        gradient={net: vector(found[0]) for net, found in gradients.items()},
        autocorrelation={net: over_draws(autocorrelation(torch.stack(found))) for net, found in gradients.items()},
        noise=noises(),
        depths=spec.depths,
        cosine={arm: over_draws(torch.tensor(found, dtype=torch.float64)) for arm, found in cosines.items()},
        theory={arm: tuple(theory(arm, blocks) for blocks in spec.depths) for arm in ARMS},
    )


def draw(spec: ShatteredSpec, generator: torch.Generator) -> Weights:
    """Draw normal weights: variance 1 for stem and biases, as for the inputs; He's 2 / width inside, 1 / width in the head."""
    width = spec.width
    stem, bias, head = torch.randn(3, width, generator=generator)
    scale = math.sqrt(2 / width)
    count = max(spec.depth - 2, 1)
    matrices = tuple(torch.randn(width, width, generator=generator).mul_(scale) for _ in range(count))
    return Weights(stem, bias, matrices, head / math.sqrt(width))


# -- the networks ----------------------------------------------------------------------------------


def normalised(x: Tensor) -> Tensor:
    """Batch normalisation whose statistics are constants in the backward pass. x: (N, width), out: (N, width).

    The gradients compared are those of one function at many inputs. If the statistics were differentiated, the gradient of
    each input would include its effect on all others. As constants, they only determine the function: the one that
    evaluation mode has after this batch.
    """
    mean, variance = x.detach().mean(0), x.detach().var(0, unbiased=False)
    return (x - mean) / (variance + EPS).sqrt()


def block(x: Tensor, matrix: Tensor, shortcut: bool) -> Tensor:
    """x + W relu(BN(x)), or W relu(BN(x)): Balduzzi 2017, section 2, at alpha = beta = 1. x: (N, width)."""
    branch = normalised(x).relu() @ matrix.T
    return x + branch if shortcut else branch


def output(x: Tensor, weights: Weights, net: str, depth: int) -> Tensor:
    """Return the output of one of NETS at the points of a line. x: (N,), out: (N,).

    shallow: v relu(w x + b), two layers. plain and residual: W relu(w x + b), then depth - 3 blocks, then v; at depth 2
    they equal the shallow one. The first layer has no normalisation, which would cancel b. W is no block with a shortcut:
    that block would normalise relu(w x + b) neuron by neuron, and neurons that are active at only a few points would
    dominate all others.
    """
    h = (x[:, None] * weights.stem + weights.bias).relu()
    for number, matrix in enumerate(weights.matrices[: 0 if net == "shallow" else depth - 2]):
        h = block(h, matrix, shortcut=net == "residual") if number else h @ matrix.T
    return h @ weights.head


def along(x: Tensor, weights: Weights, net: str, depth: int) -> Tensor:
    """Return d output / d input at each point of a line. x: (N,), out: (N,). The points pass as one batch; since no output
    depends on the input of another point, the gradient of the sum contains the gradient of each."""
    x = x.clone().requires_grad_()
    return torch.autograd.grad(output(x, weights, net, depth).sum(), x)[0]


def between(x: Tensor, weights: Weights, arm: str, depths: Sequence[int]) -> list[Tensor]:
    """Return the input gradients of independent inputs through the first `depth` blocks, for each depth of `depths`.

    x: (N, width), out: (N, width) each. There is no stem here: the inputs enter the first block, and the head follows the last.
    """
    x = h = x.clone().requires_grad_()
    found = []
    for number, matrix in enumerate(weights.matrices[: depths[-1]], start=1):
        h = block(h, matrix, shortcut=arm == "residual")
        if number in depths:
            found.append(torch.autograd.grad((h @ weights.head).sum(), x, retain_graph=True)[0])
    return found


# -- what is measured of gradients -----------------------------------------------------------------


def mean_cosine(gradients: Tensor) -> float:
    """Return the cosine between two gradients, averaged over all pairs. gradients: (N, width)."""
    directions = torch.nn.functional.normalize(gradients.double(), dim=1)
    count = len(directions)
    return ((directions.sum(0).square().sum() - directions.square().sum()) / (count * (count - 1))).item()


def autocorrelation(series: Tensor) -> Tensor:
    """Return the autocorrelation of each series around its own mean, at lags 0, 1, ... in steps. series: (K, N), out: (K, LAGS),
    1 at lag 0.

    It is sum_t y_t y_(t + lag) / sum_t y_t^2. All lags have the same divisor, so large lags, with fewer terms, come out
    nearer 0. A constant series counts as fully correlated (1) at every lag.
    """
    count = series.shape[1]
    y = series.double() - series.double().mean(1, keepdim=True)
    sums = torch.stack([(y[:, : count - lag] * y[:, lag:]).sum(1) for lag in range(LAGS)], dim=1)
    total = sums[:, :1]
    return torch.where(total > 0, sums / total.where(total > 0, torch.ones_like(total)), torch.ones_like(sums))


def noises() -> dict[str, Vector]:
    """Return the average autocorrelation of white noise and of its running sum, brown noise, over POINTS steps: (LAGS,) each."""
    white = torch.randn(WALKS, POINTS, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return {
        "white": vector(autocorrelation(white).mean(0)),
        "brown": vector(autocorrelation(white.cumsum(1)).mean(0)),
    }


def over_draws(values: Tensor) -> Curve:
    """Return the mean, minimum and maximum over the draws. values: (draws, places)."""
    return Curve(vector(values.mean(0)), vector(values.amin(0)), vector(values.amax(0)))


def vector(values: Tensor) -> Vector:
    return tuple(values.tolist())
