"""A Neural ODE (Chen 2018, arXiv 1806.07366) beside a residual network on the same points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from resviz.train import plane as learning
from resviz.words.fields import Worded, setting_field
from resviz.words.text import Vector

BLOCKS = 10  # of the residual network; the flow is shown at as many moments
BETWEEN = 2  # states of the flow drawn for each of these moments
TOLERANCES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)  # at which memory and evaluations are measured

# Chen 2018, Table 1: test error in percent, parameters in millions, on MNIST.
CHEN_TABLE_1 = (("ResNet", 0.41, 0.60), ("RK-Net", 0.47, None), ("ODE-Net", 0.42, 0.22))
CHEN = "Chen 2018, arXiv 1806.07366, Table 1"


class NeuralOdeSpec(Worded):
    """A field with the same weights at all times, solved from time 0 to 1 by torchdiffeq's dopri5."""

    data: Literal["spirals", "circles", "moons"] = learning.points()
    gradient: Literal["adjoint", "backprop"] = setting_field(
        "adjoint",
        "gradient",
        "Adjoint solves a second equation backwards and keeps nothing on the way; backprop goes back through the solver’s steps "
        "and keeps them all.",
        choices={"adjoint": "adjoint: solved backwards", "backprop": "back through the solver"},
    )
    tol: float = setting_field(
        1e-3,
        "tolerance",
        "The error that the solver allows itself in a step, relative and absolute: the smaller, the shorter its steps.",
        ge=1e-7,
        le=0.5,
    )
    augment: int = setting_field(
        0, "extra dimensions", "Numbers, 0 at the start, that each point is given beside its two.", ge=0, le=5
    )
    hidden: int = learning.width(32, "inside the field, and inside each block of the residual network")
    steps: int = learning.steps(200, 1000)
    lr: float = learning.rate(0.05)
    seed: int = learning.seed()


@dataclass(frozen=True, slots=True)
class Learnt:
    """One of the two networks. x, y as in flow.ArmFlow, with BETWEEN states a moment for the flow; curve: the training loss by
    step; accuracy: on unseen points, at the steps of NeuralOde.at; seconds: training time so far."""

    parameters: int
    train_accuracy: float | None
    test_accuracy: float | None
    accuracy: tuple[float | None, ...]
    curve: Vector
    seconds: float
    x: tuple[Vector, ...]
    y: tuple[Vector, ...]
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """The peak bytes that autograd holds in a training pass over all points at a tolerance, and the evaluations of the field in
    the adjoint's forward and backward pass. None if the solver gave up."""

    tol: float
    adjoint_bytes: int | None
    backprop_bytes: int | None
    forward: int | None
    backward: int | None


@dataclass(frozen=True, slots=True)
class NeuralOde:
    """Both networks as far as they are trained. forward, backward: evaluations of the field in each training step; `reached`:
    step and seconds at which the flow first classified 95% of unseen points correctly. `memory` is measured at the end.
    `stopped`: why training of the flow ended early."""

    spec: NeuralOdeSpec
    done: float
    step: int
    box: tuple[float, float, float, float]
    labels: tuple[int, ...]
    nets: dict[str, Learnt]
    at: tuple[int, ...]
    forward: tuple[int, ...]
    backward: tuple[int, ...]
    reached: tuple[int, float] | None
    memory: tuple[Memory, ...] = ()
    stopped: str = ""


def kilobytes(size: int) -> str:
    """Write a size with three digits: 12.3 kB, 4.56 MB."""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1e3:.3g} kB" if size < 999_500 else f"{size / 1e6:.3g} MB"
