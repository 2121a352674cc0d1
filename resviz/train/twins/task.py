"""What both arms learn: data, a loss, and a score in the task's own unit."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from resviz.data.tensors import Data


@dataclass(frozen=True)
class Score:
    """What a score is called, its unit, and whether "up" or "down" is better."""

    name: str
    unit: str
    better: str


class Task(Protocol):
    """Both functions take what a network gives, (N, ...), and what it should give, (N, ...)."""

    @property
    def scale(self) -> Score: ...

    def source(self, spec: Any) -> tuple[Hashable, ...]:
        """What `read` takes for a spec."""

    def read(self, *source: Any) -> Data:
        """The data from disk, on the CPU; equal arguments give equal data. Raises DataUnavailable."""

    def fit(self, spec: Any, data: Data, device: torch.device) -> Data:
        """The data as the networks of a spec take them, on a device."""

    def loss(self, out: Tensor, target: Tensor) -> Tensor:
        """What training makes small: a number, the mean over the examples."""

    def score(self, out: Tensor, target: Tensor) -> Tensor:
        """The score of each example, (N,); where it is right or wrong, a truth value."""


class Classification:
    """Which class an image is of. out: logits (N, classes); target: (N,) numbers of classes."""

    scale = Score("accuracy", "share", "up")

    def loss(self, out: Tensor, target: Tensor) -> Tensor:
        """Cross-entropy."""
        return functional.cross_entropy(out, target)

    def score(self, out: Tensor, target: Tensor) -> Tensor:
        """Whether the largest logit is that of the class."""
        return out.argmax(1) == target
