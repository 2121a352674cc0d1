"""The task of both arms: data, a loss, and a score with its own unit."""

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
    """The name of a score, its unit, and whether "up" or "down" is better."""

    name: str
    unit: str
    better: str


class Task(Protocol):
    """The data, loss and score of a run. `loss` and `score` take a network's outputs, (N, ...), and the targets, (N, ...)."""

    @property
    def scale(self) -> Score: ...

    def source(self, spec: Any) -> tuple[Hashable, ...]:
        """Return the arguments of `read` for a spec."""

    def read(self, *source: Any) -> Data:
        """Read the data from disk, onto the CPU; equal arguments give equal data. Raises DataUnavailable."""

    def fit(self, spec: Any, data: Data, device: torch.device) -> Data:
        """Return the data in the form that the networks of a spec take, on a device."""

    def loss(self, out: Tensor, target: Tensor) -> Tensor:
        """Return the loss that training minimises: a number, the mean over the examples."""

    def score(self, out: Tensor, target: Tensor) -> Tensor:
        """Return the score of each example, (N,); a boolean if examples are right or wrong."""


class Classification:
    """Predict the class of an image. out: logits (N, classes); target: (N,) class numbers."""

    scale = Score("accuracy", "share", "up")

    def loss(self, out: Tensor, target: Tensor) -> Tensor:
        """Return the mean cross-entropy."""
        return functional.cross_entropy(out, target)

    def score(self, out: Tensor, target: Tensor) -> Tensor:
        """Return whether the largest logit is that of the right class."""
        return out.argmax(1) == target
