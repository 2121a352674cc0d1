"""What a run takes, and how long that is on a machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """One whole training run, both arms together.

    `macs`: multiply-accumulates, forward and backward, evaluations left out.
    `bytes`: peak memory in float32: what `Count` keeps of every image of a batch, weights, gradients and the state of
    the optimiser. What single operations need while they work comes on top: the allocator of torch 2.15 on a CPU
    peaked at 1.0 to 1.2 times this from depth 8 on, at up to 1.5 times at depths 3 and 4. So does the data set.
    `layer_steps`: how often a layer with weights is stepped through; each time costs the same overhead, however small
    the layer.
    """

    macs: int
    bytes: int
    layer_steps: int


def seconds(cost: Cost, macs_per_second: float, overhead_per_layer_step: float) -> float:
    """Time of a run on a machine that does `macs_per_second` and adds `overhead_per_layer_step` seconds a visit."""
    return cost.macs / macs_per_second + cost.layer_steps * overhead_per_layer_step
