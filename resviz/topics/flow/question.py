"""Points that flow through the blocks of a network: the settings, and the record of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from resviz.train import plane as learning
from resviz.words.fields import Worded, setting_field
from resviz.words.text import Vector

ARROWS = 15  # along each side of the picture


class PlaneSpec(Worded):
    """Two networks that learn to classify points in the plane; they differ only in the shortcut of each block."""

    data: Literal["spirals", "circles", "moons"] = learning.points()
    blocks: int = setting_field(10, "blocks", "How many blocks the points go through.", ge=1, le=40)
    h: float = setting_field(
        1.0,
        "step h",
        "The factor before each branch: x + h f(x). At 1 it is the usual residual block.",
        ge=0.01,
        le=2.0,
    )
    hidden: int = learning.width()
    activation: Literal["tanh", "relu"] = setting_field(
        "tanh", "activation", "The nonlinearity inside each branch.", choices={"tanh": "tanh", "relu": "ReLU"}
    )
    effort: float = setting_field(
        0.003,
        "price of moving",
        "Added to the loss of both: this times the mean squared way that a point makes in each block. It keeps the points on "
        "the picture; 0 is without.",
        ge=0.0,
        le=1.0,
    )
    steps: int = learning.steps(600)
    lr: float = learning.rate(0.02)
    seed: int = learning.seed(1)


@dataclass(frozen=True, slots=True)
class Halved:
    """The trained residual network with half its step and twice as many steps: each block, with unchanged weights, is applied
    twice as x + (h/2) f_k(x) (Chang 2018, "Multi-level residual networks from dynamical systems view", arXiv 1710.10348, who
    train on from there). accuracy: on the test points, None if the points leave float range. x, y: (2N + 1, P), as in ArmFlow.
    regions: N + 1 strings, before each pair of steps and after the last."""

    accuracy: float | None
    x: tuple[Vector, ...]
    y: tuple[Vector, ...]
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArmFlow:
    """The result of one arm with N blocks, for P points, at most SHOWN. Every array is stored as rows.

    x, y: (N + 1, P) where the points are before the first block and after each. arrows: (N, 2 ARROWS^2) the displacement
    by each block at the nodes of a grid over the picture, x and y in turn, row by row from below. regions: N + 1 strings of
    CELLS^2 (or COARSE^2) signs, row by row, 1 where the rest of the network gives the second class to a point at that place.
    step: (N,) mean length of each block's displacement. straightness: distance from start to end over the length of the
    trajectory, mean over points. eigenvalues: real and imaginary parts of the eigenvalues of h df_k/dx at some of the points,
    for the residual arm. `stopped`: the training step that left float range. `halved`: the residual arm with half its step, in
    the last record; earlier versions did not measure it.
    """

    loss: float | None
    train_accuracy: float
    test_accuracy: float
    x: tuple[Vector, ...]
    y: tuple[Vector, ...]
    arrows: tuple[Vector, ...]
    regions: tuple[str, ...]
    step: Vector
    straightness: float
    parameters: int
    eigenvalues: tuple[tuple[float, float], ...] = ()
    stopped: int | None = None
    halved: Halved | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """Both arms as far as they are trained. `box`: left, right, bottom and top of the picture, the same for both; `labels`: (P,)
    the classes of the points shown, 0 or 1. curve: the training loss of each arm at the steps `curve_steps`."""

    spec: PlaneSpec
    done: float
    step: int
    box: tuple[float, float, float, float]
    labels: tuple[int, ...]
    arms: dict[str, ArmFlow]
    curve_steps: tuple[int, ...]
    curve: dict[str, tuple[float | None, ...]]
