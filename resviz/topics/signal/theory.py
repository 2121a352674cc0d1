"""What theory predicts for a signal at initialisation: its growth per layer, where a closed form is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

from resviz.families.resnet.spec import Spec

BACK, FORTH = "activation_grad_norm", "activation_std"

# Factor on the variance in one layer of n inputs and n outputs, before its activation: n times the variance of its weights.
GAIN = {"he": 2.0, "xavier": 1.0, "torch": 1 / 3, "orthogonal": 2.0}

# Yang 2019 (arXiv 1902.08129): the squared norm of the gradient grows by pi / (pi - 1) per layer of batch normalisation and
# ReLU, in the limit of wide fully connected layers and large batches.
BATCH_NORM_RELU = math.sqrt(math.pi / (math.pi - 1))
# Standard deviation of max(0, z), z standard normal: the output of normalisation and ReLU, whatever the input is.
RELU_OF_NORMAL = math.sqrt(0.5 - 0.5 / math.pi)


@dataclass(frozen=True)
class Slope:
    """A straight line on a log scale: quantity `name` of `arm` is multiplied by `factor` every `per` layers, in the direction of
    the signal. `level`: the value of the line; None starts it at the first measured value in that direction. `bound`: theory
    gives only an upper limit. `where`: the conditions under which it holds, if it does not always."""

    arm: str
    name: str
    factor: float
    per: int = 1
    level: float | None = None
    bound: bool = False
    where: str = ""

    @property
    def says(self) -> str:
        """The text "in theory × 0.41 a layer", for the label of the chart and the heading of the table."""
        limit = "at most " if self.bound else ""
        each = "layer" if self.per == 1 else "block"
        return f"in theory {limit}× {self.factor:.3g} a {each}{self.where and f' {self.where}'}"


def padding_loss(spec: Spec) -> float:
    """Return the share of the variance that a convolution preserves despite zero padding at the border: the largest eigenvalue
    of the averaging over its taps, (1 + 2 cos(pi / (n + 1))) / 3 for a side of n pixels; 1 without a border."""
    _, height, width = spec.input_shape
    if spec.kernel == 1:
        return 1.0
    return math.prod((1 + 2 * math.cos(math.pi / (n + 1))) / 3 for n in (height, width))


def slopes(spec: Spec) -> tuple[Slope, ...]:
    """Return the slopes that theory predicts for both networks of a spec; none where no closed form is known.

    They hold for ReLU and one stage of equally wide layers, in the limit of many channels: finite networks scatter around
    these lines.
    """
    if spec.activation != "relu" or spec.stages > 1 or spec.block == "bottleneck" or spec.blocks == 0:
        return ()
    return tuple(slope for slope in (*_plain(spec), *_residual(spec)) if slope.factor > 0)


def _plain(spec: Spec) -> tuple[Slope, ...]:
    if spec.remove or spec.init in ("zero_gamma", "fixup") or spec.branch_scale == 0:
        return ()
    if spec.norm == "none":
        # ReLU halves the second moment in the forward pass, and blocks half of the gradient in the backward pass.
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
        return ()  # the sum is normalised, whatever is on the shortcut
    if spec.init in ("zero_gamma", "fixup"):
        # F is 0, and so is the gradient through it: only the shortcut is left.
        return tuple(Slope("residual", name, b, per) for name in (BACK, FORTH))
    if spec.norm != "none" or spec.order == "relu_before":
        return ()  # with normalisation the growth is not a straight line
    # In x + a W2 relu(W1 x) the branch adds a^2 g^2 / 2 times the variance of x, where g is the gain of a layer: a factor of
    # 1 + 2 under He. A ReLU before W1 halves that term once more; a ReLU after the sum reduces the whole, hence the bound.
    gain = GAIN[spec.init] * padding_loss(spec)
    halved = per if spec.order in ("relu_only", "full") else per - 1
    factor = math.sqrt(b**2 + spec.branch_scale**2 * gain**per / 2**halved)
    bound = spec.order in ("original", "bn_after")
    return tuple(Slope("residual", name, factor, per, bound=bound) for name in (BACK, FORTH))
