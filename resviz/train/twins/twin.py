"""The interface to the network of an arm that training uses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from resviz.probes.activations import ActivationStats


class Ratio(Protocol):
    """Measures the size of each branch's output relative to the input that it is added to."""

    def measuring(self, on: bool) -> AbstractContextManager[None]: ...

    def values(self) -> Tensor:
        """Return the ratios (branches,) of the last forward pass."""


class Twin(Protocol):
    """A network of a family, and the operations on it during training. `now` is always a spec of the family without edits;
    after `apply` the network has the settings of `now`."""

    net: Any  # an nn.Module

    @property
    def layers(self) -> Sequence[nn.Module]:
        """The layers whose weights' gradient norms are recorded, input first; each has a `weight`."""

    @property
    def outputs(self) -> Sequence[nn.Module]:
        """For each layer but the last, the module whose output is the input of the next layer."""

    @property
    def acting(self) -> Sequence[nn.Module]:
        """The activations whose dead channels are counted, one for each of `outputs`; `outputs` if those are activations."""

    def ratio(self, stats: ActivationStats, dtype: torch.dtype) -> Ratio:
        """Return the probe of branches, which may take norms from the statistics of `outputs`."""

    def begin(self, step: int) -> None:
        """Seed the random parts of a training step, so that they are the same every time."""

    def apply(self, now: Any) -> bool:
        """Apply the settings of `now`; weights stay. Returns whether modules were replaced, so that probes must be moved."""

    def touched(self, now: Any) -> Callable[[Tensor], Tensor] | None:
        """Return the part of the network that ends with the first block whose skip or branch `now` cuts, removes or restores; it
        computes with the network's settings of the moment. None if `now` concerns no block, or also changes another setting of
        the forward pass."""

    def draw(self, now: Any) -> bool:
        """Draw all weights anew, as if the network had just been built with these settings, unless they were drawn so already.
        Returns whether it drew them."""

    def idle(self) -> set[Tensor]:
        """Return the parameters that no forward pass uses now."""

    @property
    def pattern(self) -> tuple[bool, ...]:
        """Which skip connections are present: a captured graph is valid for one pattern."""

    @property
    def steady(self) -> bool:
        """Whether every step does the same operations, so that a captured graph can repeat it."""

    @property
    def sleeps(self) -> bool:
        """Whether a step may leave out parameters at random."""

    def checksum(self) -> str:
        """Return 16 hexadecimal digits computed from all bits of the weights that both arms have."""
