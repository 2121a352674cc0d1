"""Gradient norms: of weights, read where the backward pass has left them, and of layers' outputs, as it passes by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from resviz.probes.norms import norm
from resviz.probes.taps import tapped


def gradient_norms(weights: Sequence[Tensor], dtype: torch.dtype = torch.float64) -> Tensor:
    """Euclidean norm of the gradient of each weight, (len(weights),), on their device, without a synchronisation.

    Sums of squares are taken in `dtype`: in float32 they would underflow below norms of about 1e-23 and overflow
    above 1e19, just where the vanishing and exploding nets of the app live. 0 for a weight that the backward pass did
    not reach, such as one in a block taken out.
    Raises ValueError if no weight has a gradient.
    """
    gradients = [w.grad for w in weights if w.grad is not None]
    if not gradients:
        raise ValueError(f"none of {len(weights)} weights has a gradient: call backward first")
    # One call for all layers: a norm() and .item() per layer costs 1.4 times the whole bare training step.
    norms = list(torch._foreach_norm(gradients, 2, dtype=dtype))
    if len(gradients) < len(weights):  # nothing may be copied to a GPU here: a graph may be being captured
        zero, found = torch.zeros((), dtype=dtype, device=norms[0].device), iter(norms)
        norms = [zero if w.grad is None else next(found) for w in weights]
    return torch.stack(norms)


class BackwardSignal:
    """Norms of the gradient with respect to what each of `modules` gives, in the backward pass that follows a forward
    pass made inside `measuring`."""

    def __init__(self, modules: Sequence[nn.Module], dtype: torch.dtype = torch.float64) -> None:
        self.modules, self.dtype = modules, dtype
        self.norms: dict[int, Tensor] = {}

    @contextmanager
    def measuring(self, wanted: bool = True) -> Iterator[None]:
        """Watch the forward pass made inside; with `wanted` false, leave the modules alone."""
        self.norms.clear()
        with tapped(self.modules if wanted else (), self._see):
            yield

    def _see(self, row: int, output: Tensor) -> None:
        def gather(gradient: Tensor) -> None:
            self.norms[row] = norm(gradient, self.dtype)

        output.register_hook(gather)

    def values(self) -> Tensor:
        """(len(modules),) after the backward pass; 0 for a module that did not run, or that no gradient reached."""
        known = next(iter(self.norms.values()), None)
        if known is None:
            return torch.zeros(len(self.modules), dtype=self.dtype)
        zero = torch.zeros_like(known)
        return torch.stack([self.norms.get(row, zero) for row in range(len(self.modules))])
