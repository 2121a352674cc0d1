"""Gradient norms: of weights after the backward pass, and of the outputs of layers during it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from resviz.probes.norms import norm
from resviz.probes.taps import tapped


def gradient_norms(weights: Sequence[Tensor], dtype: torch.dtype = torch.float64) -> Tensor:
    """Euclidean norm of the gradient of each weight, (len(weights),), on their device, without a synchronisation.

    Squares are summed in `dtype`: in float32 they would underflow below norms of about 1e-23 and overflow above 1e19, which
    vanishing and exploding gradients do reach. The norm is 0 for a weight that the backward pass did not reach, such as one
    in a removed block.
    Raises ValueError if no weight has a gradient.
    """
    gradients = [w.grad for w in weights if w.grad is not None]
    if not gradients:
        raise ValueError(f"none of {len(weights)} weights has a gradient: call backward first")
    # One call for all layers: norm() and .item() for each layer would cost 1.4 times the whole bare training step.
    norms = list(torch._foreach_norm(gradients, 2, dtype=dtype))
    if len(gradients) < len(weights):  # without a copy to the GPU: a CUDA graph may be being captured
        zero, found = torch.zeros((), dtype=dtype, device=norms[0].device), iter(norms)
        norms = [zero if w.grad is None else next(found) for w in weights]
    return torch.stack(norms)


class BackwardSignal:
    """Norm of the gradient with respect to the output of each of `modules`, in the backward pass after a forward pass made
    inside `measuring`."""

    def __init__(self, modules: Sequence[nn.Module], dtype: torch.dtype = torch.float64) -> None:
        self.modules, self.dtype = modules, dtype
        self.norms: dict[int, Tensor] = {}

    @contextmanager
    def measuring(self, wanted: bool = True) -> Iterator[None]:
        """Prepare the measurement in the forward pass made inside; if `wanted` is False, measure nothing."""
        self.norms.clear()
        with tapped(self.modules if wanted else (), self._see):
            yield

    def _see(self, row: int, output: Tensor) -> None:
        def gather(gradient: Tensor) -> None:
            self.norms[row] = norm(gradient, self.dtype)

        output.register_hook(gather)

    def values(self) -> Tensor:
        """(len(modules),): the norms, after the backward pass; 0 for a module that did not run or got no gradient."""
        known = next(iter(self.norms.values()), None)
        if known is None:
            return torch.zeros(len(self.modules), dtype=self.dtype)
        zero = torch.zeros_like(known)
        return torch.stack([self.norms.get(row, zero) for row in range(len(self.modules))])
