"""What theory says of a signal at initialisation: how much larger it gets a layer, where a closed form is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

from resviz.families.resnet.spec import Spec

BACK, FORTH = "activation_grad_norm", "activation_std"

# Variance that one layer of n inputs and n outputs passes on, before its activation: n times that of its weights.
GAIN = {"he": 2.0, "xavier": 1.0, "torch": 1 / 3, "orthogonal": 2.0}

# Yang 2019 (arXiv 1902.08129): the squared norm of the gradient grows by pi / (pi - 1) a layer of batch normalisation and
# ReLU, for wide fully connected layers and as the batch grows.
BATCH_NORM_RELU = math.sqrt(math.pi / (math.pi - 1))
# Standard deviation of max(0, z), z standard normal: what normalisation and ReLU give, whatever came in.
RELU_OF_NORMAL = math.sqrt(0.5 - 0.5 / math.pi)


@dataclass(frozen=True)
class Slope:
    """A straight line on a log scale: quantity `name` of `arm` times `factor` every `per` layers, in the direction in which
    the signal travels. `level` fixes its height; without one it is that of the first measured value on the signal's way.
    `bound`: theory gives no more than a limit, which is not passed. `where`: under which conditions it holds, if not all."""

    arm: str
    name: str
    factor: float
    per: int = 1
    level: float | None = None
    bound: bool = False
    where: str = ""

    @property
    def says(self) -> str:
        """ "in theory × 0.41 a layer", as the chart's label and the table's heading say it."""
        limit = "at most " if self.bound else ""
        each = "layer" if self.per == 1 else "block"
        return f"in theory {limit}× {self.factor:.3g} a {each}{self.where and f' {self.where}'}"


def padding_loss(spec: Spec) -> float:
    """Share of a signal's variance that a convolution passes on although it meets zeros beyond the border: the largest
    eigenvalue of the averaging over its taps, (1 + 2 cos(pi / (n + 1))) / 3 for a side of n pixels; 1 without a border."""
    _, height, width = spec.input_shape
    if spec.kernel == 1:
        return 1.0
    return math.prod((1 + 2 * math.cos(math.pi / (n + 1))) / 3 for n in (height, width))


def slopes(spec: Spec) -> tuple[Slope, ...]:
    """The slopes that theory has for both networks of a spec; none where it has none.

    For ReLU, one stage, and layers as wide as they are deep in the limit of many channels: finite networks scatter around
    these lines.
    """
    if spec.activation != "relu" or spec.stages > 1 or spec.block == "bottleneck" or spec.blocks == 0:
        return ()
    return tuple(slope for slope in (*_plain(spec), *_residual(spec)) if slope.factor > 0)


def _plain(spec: Spec) -> tuple[Slope, ...]:
    if spec.remove or spec.init in ("zero_gamma", "fixup") or spec.branch_scale == 0:
        return ()
    if spec.norm == "none":
        # ReLU halves the second moment going forward, and stops half of the gradient going back.
        scale = spec.branch_scale ** (1 / spec.convs_per_block)
        factor = math.sqrt(GAIN[spec.init] / 2 * padding_loss(spec)) * scale
        return tuple(Slope("plain", name, factor) for name in (BACK, FORTH))
    if spec.norm == "batch" and spec.branch_scale == 1 and spec.order in ("original", "bn_after", "relu_before"):
        return (
            Slope("plain", BACK, BATCH_NORM_RELU, where="for wide layers and large batches"),
            Slope("plain", FORTH, 1.0, level=RELU_OF_NORMAL),
        )
    return ()


def _residual(spec: Spec) -> tuple[Slope, ...]:
    if (
        not spec.shortcuts
        or spec.cut
        or spec.remove
        or spec.gate != "none"
        or spec.shortcut_dropout
        or spec.survival < 1
        or spec.shortcut == "C"
    ):
        return ()
    per, b = spec.convs_per_block, spec.shortcut_scale
    if spec.init == "fixup" and spec.order == "bn_after" and spec.norm != "none":
        return ()  # the sum is normalised, whatever the shortcut carries
    if spec.init in ("zero_gamma", "fixup"):
        # F is 0, and so is what comes back through it: only the shortcut is left.
        return tuple(Slope("residual", name, b, per) for name in (BACK, FORTH))
    if spec.norm != "none" or spec.order == "relu_before":
        return ()  # with normalisation the growth is no straight line
    # x + W2 relu(W1 x): the branch adds a^2 g^2 / 2 to the variance of x, g the gain of a layer; 1 + 2 under He. A ReLU
    # before W1 halves it once more, one after the sum takes away from the whole.
    gain = GAIN[spec.init] * padding_loss(spec)
    halved = per if spec.order in ("relu_only", "full") else per - 1
    factor = math.sqrt(b**2 + spec.branch_scale**2 * gain**per / 2**halved)
    bound = spec.order in ("original", "bn_after")
    return tuple(Slope("residual", name, factor, per, bound=bound) for name in (BACK, FORTH))
