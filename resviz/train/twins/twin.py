"""The network of an arm, as training needs it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from resviz.probes.activations import ActivationStats


class Ratio(Protocol):
    """Measures each branch against what goes past it."""

    def measuring(self, on: bool) -> AbstractContextManager[None]: ...

    def values(self) -> Tensor:
        """(branches,) of the last forward pass."""


class Twin(Protocol):
    """A network of a family, and what can be done to it while it learns. `now` is always a spec of the family without changes on
    the way; the network is what `now` says after `apply`."""

    net: Any  # an nn.Module

    @property
    def layers(self) -> Sequence[nn.Module]:
        """Those whose weights' gradient norms are recorded, input first; each has a `weight`."""

    @property
    def outputs(self) -> Sequence[nn.Module]:
        """The module that gives what the next layer takes, for each layer but the last."""

    @property
    def acting(self) -> Sequence[nn.Module]:
        """The activations whose dead channels are counted, one for each of `outputs`; the same modules where they are those."""

    def ratio(self, stats: ActivationStats, dtype: torch.dtype) -> Ratio:
        """The probe of branches, which may take norms from the statistics of `outputs`."""

    def begin(self, step: int) -> None:
        """Make what is random in a training step the same every time."""

    def apply(self, now: Any) -> bool:
        """Become what `now` says; weights stay. Returns whether modules are others than before, so that probes have to move."""

    def draw(self, now: Any) -> bool:
        """Draw all weights anew, as if the network had just been built with these settings, unless they were drawn so already;
        whether they were not."""

    def idle(self) -> set[Tensor]:
        """Parameters that no forward pass uses now."""

    @property
    def pattern(self) -> tuple[bool, ...]:
        """Which skip connections are there: a captured graph holds for one pattern."""

    @property
    def steady(self) -> bool:
        """Whether a step does the same every time, so that a captured graph can repeat it."""

    @property
    def sleeps(self) -> bool:
        """Whether a step may leave out parameters at random."""

    def checksum(self) -> str:
        """16 hexadecimal digits of all weights that both arms have, bit by bit."""
