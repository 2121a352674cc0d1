"""Mean, deviation and dead channels of every activation, gathered by hooks during an ordinary forward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


class ActivationStats:
    """Statistics of the outputs of `modules` in the forward pass last made inside `measuring`."""

    def __init__(self, modules: Sequence[nn.Module], dtype: torch.dtype = torch.float64) -> None:
        self.modules, self.dtype = modules, dtype
        self.sums: list[Tensor] = [torch.empty(0)] * len(modules)  # (C,) each
        self.norms: list[Tensor] = [torch.empty(0)] * len(modules)  # () each
        self.sizes: list[int] = [0] * len(modules)
        self.back: Tensor | None = None

    @contextmanager
    def measuring(self, wanted: bool = True) -> Iterator[None]:
        """Measure the forward pass made inside; with `wanted` false, leave no hook at all."""
        hooks = [m.register_forward_hook(self._hook(row)) for row, m in enumerate(self.modules)] if wanted else []
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _hook(self, row: int) -> Callable[..., None]:
        def gather(module: nn.Module, inputs: Any, output: Tensor) -> None:
            a = output.detach()
            # (N, C, H, W) as (N H W, C): a view when channels are last, and a column sum is far cheaper than amax.
            self.sums[row] = a.permute(0, 2, 3, 1).reshape(-1, a.shape[1]).sum(0, dtype=self.dtype)
            # In float64: squares of a vanishing net's activations are 0 in float32, sums of an exploding one's infinite.
            self.norms[row] = torch.linalg.vector_norm(a, dtype=self.dtype)
            self.sizes[row] = a.numel()

        return gather

    def values(self) -> Tensor:
        """(len(modules), 3): mean, standard deviation (population, over batch, channels and pixels), and the share of
        dead channels: those that are 0 for every image and pixel of the batch. A dead channel gets no gradient
        through a ReLU on this batch; another batch may wake it.
        """
        # A few operations on all layers of one size at once, instead of a dozen small ones on each: half the probe's cost.
        groups: dict[tuple[int, int], list[int]] = {}
        for row, (sums, size) in enumerate(zip(self.sums, self.sizes, strict=True)):
            groups.setdefault((len(sums), size), []).append(row)
        parts = []
        for (_, size), rows in groups.items():
            totals = torch.stack([self.sums[row] for row in rows])
            mean = totals.sum(1) / size
            variance = torch.stack([self.norms[row] for row in rows]).square() / size - mean.square()
            dead = (totals == 0).to(self.dtype).mean(1)
            parts.append(torch.stack([mean, variance.clamp_min(0).sqrt(), dead], dim=1))
        if len(parts) == 1:
            return parts[0]
        if self.back is None:  # kept, because a graph being captured may not copy indexes to its GPU
            order = [row for rows in groups.values() for row in rows]
            self.back = torch.tensor(order).argsort().to(parts[0].device)
        return torch.cat(parts)[self.back]
