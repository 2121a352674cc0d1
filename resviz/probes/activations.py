"""Statistics of activations and of the output of each branch, measured during an ordinary forward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from resviz.nets.blocks import Block
from resviz.probes.norms import channel_sums, norm, silent
from resviz.probes.taps import tapped


class ActivationStats:
    """Statistics of the outputs of `modules` in the last forward pass made inside `measuring`."""

    def __init__(self, modules: Sequence[nn.Module], dtype: torch.dtype = torch.float64) -> None:
        self.modules, self.dtype = modules, dtype
        self._clear()
        self.back: tuple[list[int], Tensor] | None = None

    def _clear(self) -> None:
        rows = len(self.modules)
        self.sums: list[Tensor] = [torch.empty(0)] * rows  # (C,) each
        self.silent: list[Tensor] = [torch.empty(0)] * rows  # (C,) each
        self.norms: list[Tensor] = [torch.empty(0)] * rows  # () each
        self.sizes: list[int] = [0] * rows

    @contextmanager
    def measuring(self, wanted: bool = True) -> Iterator[None]:
        """Measure the forward pass made inside; if `wanted` is False, measure nothing."""
        self._clear()
        with tapped(self.modules if wanted else (), self._see):
            yield

    def _see(self, row: int, output: Tensor) -> None:
        a = output.detach()
        self.norms[row] = size = norm(a, self.dtype)
        self.sums[row] = sums = channel_sums(a, size, self.dtype)
        self.silent[row] = silent(a, sums)
        self.sizes[row] = a.numel()

    def values(self) -> Tensor:
        """(len(modules), 3): mean, standard deviation (population, over batch, channels and pixels), and the share of
        dead channels: those that are 0 for every image and pixel of the batch. A dead channel gets no gradient
        through a ReLU on this batch, but may on another. All three are 0 for a module that did not run, as in a
        removed block.
        """
        # Layers of one size are handled together: a dozen small operations on each layer would double the cost of the probe.
        groups: dict[tuple[int, int], list[int]] = {}
        for row, (sums, size) in enumerate(zip(self.sums, self.sizes, strict=True)):
            groups.setdefault((len(sums), size), []).append(row)
        device = next((sums.device for sums in self.sums if len(sums)), torch.device("cpu"))
        parts = []
        for (_, size), rows in groups.items():
            if size == 0:
                parts.append(torch.zeros(len(rows), 3, dtype=self.dtype, device=device))
                continue
            totals = torch.stack([self.sums[row] for row in rows])
            mean = totals.sum(1) / size
            variance = torch.stack([self.norms[row] for row in rows]).square() / size - mean.square()
            dead = torch.stack([self.silent[row] for row in rows]).to(self.dtype).mean(1)
            parts.append(torch.stack([mean, variance.clamp_min(0).sqrt(), dead], dim=1))
        if len(parts) == 1:
            return parts[0]
        order = [row for rows in groups.values() for row in rows]
        # The index is stored, because nothing may be copied to the GPU while a CUDA graph is captured.
        if self.back is None or self.back[0] != order:
            self.back = order, torch.tensor(order).argsort().to(device)
        return torch.cat(parts)[self.back[1]]


class ResidualRatio:
    """The size of the branch relative to the input of each block, |a F(x)| / |x|, in the last forward pass made inside
    `measuring`. He 2015, Fig. 7, shows that the responses of residual networks are small."""

    def __init__(
        self,
        blocks: Sequence[Block],
        dtype: torch.dtype = torch.float64,
        *,
        stats: ActivationStats | None = None,
        rows: Sequence[int] = (),
    ) -> None:
        """If `stats` is given, |x| of each block is taken from it: `rows` are the rows of the activations that give x."""
        self.blocks, self.dtype, self.stats, self.rows = blocks, dtype, stats, rows
        self.norms: dict[tuple[int, str], Tensor] = {}

    @contextmanager
    def measuring(self, wanted: bool = True) -> Iterator[None]:
        """Measure the forward pass made inside; if `wanted` is False, measure nothing."""
        self.norms.clear()
        # If a block is removed or asleep, x of a later block is not the output of the activation before it.
        self.own = self.stats is None or any(block.removed or block.asleep for block in self.blocks)
        rows = list(enumerate(self.blocks)) if wanted and self.own else []
        hooks = [block.register_forward_pre_hook(self._before(row)) for row, block in rows]
        try:
            with tapped([block.branch for block in self.blocks] if wanted else (), self._see):
                yield
        finally:
            for hook in hooks:
                hook.remove()

    def _before(self, row: int) -> Callable[..., None]:
        def gather(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            self.norms[row, "x"] = norm(inputs[0].detach(), self.dtype)

        return gather

    def _see(self, row: int, output: Tensor) -> None:
        self.norms[row, "F"] = norm(output.detach(), self.dtype)

    def values(self) -> Tensor:
        """(len(blocks),): the ratio of every block, with or without a shortcut; 0 if x is 0 or the block is removed."""
        known = next(iter(self.norms.values()), None)
        if known is None:
            return torch.zeros(len(self.blocks), dtype=self.dtype)
        zero = torch.zeros_like(known)
        if self.own or self.stats is None:
            x = torch.stack([self.norms.get((row, "x"), zero) for row in range(len(self.blocks))])
        else:
            x = torch.stack([self.stats.norms[row] for row in self.rows])
        f = torch.stack([self.norms.get((row, "F"), zero) * block.scale for row, block in enumerate(self.blocks)])
        return torch.where(x == 0, zero, f / x)
