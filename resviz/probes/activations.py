"""Mean, deviation and dead channels of every activation, gathered by hooks during an ordinary forward pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class ActivationStats:
    """Statistics of the outputs of `modules`, one row each, in the order given.

    `values` is (len(modules), 3): mean, standard deviation (population, over the batch, channels and pixels), and
    the fraction of dead channels: those that are 0 for every image and pixel of the batch. A dead channel gets no
    gradient through a ReLU on this batch; another batch may wake it.
    """

    def __init__(self, modules: Sequence[nn.Module], device: torch.device, dtype: torch.dtype = torch.float64) -> None:
        self.modules = modules
        self.values = torch.full((len(modules), 3), torch.nan, device=device, dtype=dtype)

    @contextmanager
    def measuring(self, wanted: bool = True) -> Iterator[None]:
        """Measure the forward passes made inside; with `wanted` false, leave no hook at all."""
        hooks = [m.register_forward_hook(self._hook(row)) for row, m in enumerate(self.modules)] if wanted else []
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _hook(self, row: int):  # type: ignore[no-untyped-def]
        out = self.values[row]

        def measure(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            with torch.no_grad():
                a = output.detach()
                # (N, C, H, W) as (N H W, C): a view when channels are last, and a column sum is far cheaper than amax
                channels = a.permute(0, 2, 3, 1).reshape(-1, a.shape[1])
                sums = channels.sum(0)
                mean = sums.to(out.dtype).mean() / channels.shape[0]
                square = torch.linalg.vector_norm(a, dtype=out.dtype).square() / a.numel()
                out[0] = mean
                out[1] = (square - mean.square()).clamp_min(0).sqrt()
                out[2] = (sums == 0).to(out.dtype).mean()

        return measure
