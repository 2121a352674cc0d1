"""Points that flow through the blocks of a network: what is asked, what was measured, and what to say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from resviz.train import plane as learning
from resviz.train.records import ARMS
from resviz.words.fields import Worded, setting_field
from resviz.words.say import percent
from resviz.words.text import Vector

ARROWS = 15  # along each side of the picture


class PlaneSpec(Worded):
    """A pair of networks that learn to tell two classes of points in the plane, one shortcut a block apart."""

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
class ArmFlow:
    """One arm. P points of SHOWN, N blocks, every array as rows.

    x, y: (N + 1, P) where the points are before the first block and after each. arrows: (N, 2 ARROWS^2) the displacement
    that each block gives to the nodes of a grid over the picture, x and y in turn, row by row from below. regions: N + 1
    strings of CELLS^2 (or COARSE^2) signs, row by row, 1 where the rest of the network would say the second class to a point
    that is there now. step: (N,) mean length of each block's displacement. straightness: how far a point got, as a share
    of the way it made, on average. eigenvalues: real and imaginary parts of those of h df_k/dx at some of the points, for the
    residual arm. `stopped` is the step of training that left float range.
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


@dataclass(frozen=True, slots=True)
class Flow:
    """Both arms, as far as they have learnt. `box`: left, right, bottom and top of the picture, the same for both; `labels`: (P,)
    the classes of the points shown, 0 or 1. curve: the training loss of each arm, every few steps of `curve_steps`."""

    spec: PlaneSpec
    done: float
    step: int
    box: tuple[float, float, float, float]
    labels: tuple[int, ...]
    arms: dict[str, ArmFlow]
    curve_steps: tuple[int, ...]
    curve: dict[str, tuple[float | None, ...]]


def finding(record: Flow) -> str:
    """What both arms do with points they have never seen, and how their steps differ."""
    residual, plain = (record.arms[arm] for arm in ARMS)
    blocks = record.spec.blocks
    after = "" if record.done >= 1 else f"After {record.step:,} of {record.spec.steps:,} steps: "
    text = (
        f"{after}Through {blocks} block{'s' * (blocks != 1)} the residual network tells "
        f"{percent(residual.test_accuracy)} of unseen points right, the plain one {percent(plain.test_accuracy)}"
    )
    if residual.test_accuracy == plain.test_accuracy:
        text += ": no difference here."
    else:
        text += "."
    for name, arm in record.arms.items():
        if arm.stopped:
            text += f" The {name} network left float range at step {arm.stopped:,}; what is drawn is from before."
    return f"{text} {_ways(record)}"


def _ways(record: Flow) -> str:
    """How straight the ways of the points are, and whether they are still apart at the end."""
    straight = {arm: record.arms[arm].straightness for arm in ARMS}
    said = [f"{1 / max(v, 1e-3):.1f} times" if v > 0.02 else "over 50 times" for v in (straight[arm] for arm in ARMS)]
    text = f"On the way a point covers {said[0]} the distance it gets with the shortcut, {said[1]} without"
    if straight["residual"] > 1.25 * straight["plain"]:
        text += ": with it points flow, without it they jump."
    elif straight["residual"] > 0.8 * straight["plain"]:
        text += ": no great difference here."
    else:
        text += ": here the shortcut makes no straighter way."
    lost = [arm for arm in ARMS if _spread(record.arms[arm], -1) < 0.01 * _spread(record.arms[arm], 0)]
    for arm in lost:
        text += f" The {arm} network takes all points to one place: what told the classes apart is lost."
    return text


def _spread(arm: ArmFlow, at: int) -> float:
    x, y = arm.x[at], arm.y[at]
    return max(max(x) - min(x), max(y) - min(y))
