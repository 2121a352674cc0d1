"""The cost of a training run, and its time on a given machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """The cost of one whole training run, both arms together.

    `macs`: multiply-accumulates of forward and backward passes, without evaluations.
    `bytes`: peak memory in float32: activations stored for every image of a batch, weights, gradients and optimiser state.
    The data set and the temporary memory of operations come on top: the allocator of torch 2.15 on a CPU peaked at 1.0 to
    1.2 times this from depth 8 on, and at up to 1.5 times at depths 3 and 4.
    `layer_steps`: the number of times that a layer with weights is run in either direction; each adds the same overhead,
    however small the layer.
    """

    macs: int
    bytes: int
    layer_steps: int


def seconds(cost: Cost, macs_per_second: float, overhead_per_layer_step: float) -> float:
    """Seconds of a run on a machine that does `macs_per_second` and adds `overhead_per_layer_step` seconds per layer step."""
    return cost.macs / macs_per_second + cost.layer_steps * overhead_per_layer_step
