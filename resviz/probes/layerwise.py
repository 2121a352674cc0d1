"""GradCAM and conductance of an image for all blocks, from a single forward and backward pass.

Captum's `LayerGradCam` and `LayerConductance` give the same numbers, but need a pass for each block.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from captum.attr._utils.approximation_methods import approximation_parameters
from torch import Tensor, nn

Network = Callable[[Tensor], Tensor]


def outputs_and_gradients(
    net: Network, layers: Sequence[nn.Module], x: Tensor, target: int
) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    """Return the logits (N, classes) of x (N, C, H, W); the output of each layer (N, c, h, w); and the gradient of the sum of
    all images' target logits with respect to each output.

    No layer may change the output of another in place.
    """
    seen: list[Tensor] = []
    hooks = [layer.register_forward_hook(lambda _, __, y: seen.append(y)) for layer in layers]
    try:
        logits = net(x.detach().requires_grad_())
    finally:
        for hook in hooks:
            hook.remove()
    found = torch.autograd.grad(logits[:, target].sum(), seen, allow_unused=True) if seen else ()
    gradients = [torch.zeros_like(y) if g is None else g for y, g in zip(seen, found, strict=True)]
    return logits.detach(), [y.detach() for y in seen], gradients


def gradcam(outputs: Sequence[Tensor], gradients: Sequence[Tensor]) -> list[Tensor]:
    """(N, h, w) for each layer: the sum of its channels, each weighted by the mean of its gradient (Selvaraju 2017, arXiv
    1610.02391, equations 1 and 2). Signed, without the ReLU of the paper."""
    return [(g.mean((2, 3), keepdim=True) * y).sum(1) for y, g in zip(outputs, gradients, strict=True)]


def straight_line(baseline: Tensor, x: Tensor, steps: int) -> Tensor:
    """(steps + 1, C, H, W): images on the straight line from a baseline to x, both (C, H, W), at the nodes of a Gauss-Legendre
    rule. One more than `steps`, because conductance takes differences."""
    _, alphas = approximation_parameters("gausslegendre")
    at = torch.tensor(alphas(steps + 1), dtype=x.dtype, device=x.device)
    return baseline + at[:, None, None, None] * (x - baseline)


def conductance(outputs: Sequence[Tensor], gradients: Sequence[Tensor]) -> list[Tensor]:
    """(c, h, w) for each layer: how much of the change of the target's logit along `straight_line` flows through each of its
    numbers (Dhamdhere 2018, arXiv 1805.12233, equation 3). `outputs` and `gradients` are those along the line."""
    return [((y[1:] - y[:-1]) * g[:-1]).sum(0) for y, g in zip(outputs, gradients, strict=True)]
