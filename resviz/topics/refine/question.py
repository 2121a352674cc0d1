"""Depth against step size: trained at N blocks, run at 2N, 4N and 8N with the step halved each time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from resviz.train import plane as learning
from resviz.words.fields import Worded, setting_field
from resviz.words.text import Vector

FINER = (1, 2, 4, 8)  # steps for each trained block
DRAWN = (1, 2, 4)
NETS = ("free", "smooth")
SPLITS = ("shared", "interpolated")
LABEL = {"free": "free weights", "smooth": "weights smooth in depth"}
SHOWN = 96  # points


class RefineSpec(Worded):
    """Two residual networks of one form: the weights of one are free, those of the other are to change little from block to
    block."""

    data: Literal["spirals", "circles", "moons"] = learning.points()
    blocks: int = setting_field(10, "blocks N", "How many blocks both are trained with.", ge=2, le=24)
    h: float = setting_field(
        0.5,
        "step h",
        "The step x + h f(x) that both are trained with; run with more blocks it is shorter.",
        ge=0.01,
        le=2.0,
    )
    smooth: float = setting_field(
        0.03,
        "smoothness",
        "Added to the smooth network's loss: this times the sum of squared differences between neighbouring blocks' weights, "
        "divided by h. All its blocks also start alike.",
        ge=0.0,
        le=10.0,
    )
    hidden: int = learning.width()
    steps: int = learning.steps(800)
    lr: float = learning.rate(0.02)
    seed: int = learning.seed()


@dataclass(frozen=True, slots=True)
class Refined:
    """One network. accuracy[way]: of unseen points at each of FINER. moved[way]: how far from where the trained network takes
    them the finer ones take the points, over the spread of the points at the end. change: (N - 1,) |difference of weights|
    over |weights|, from block to block. x, y: by DRAWN, (N m + 1, SHOWN) the points with shared weights on their way.
    `region`: where its head says the second class, as in flow.ArmFlow. `stopped`: the training step that left float range."""

    loss: float | None
    accuracy: dict[str, tuple[float | None, ...]]
    moved: dict[str, tuple[float | None, ...]]
    change: Vector
    x: tuple[tuple[Vector, ...], ...]
    y: tuple[tuple[Vector, ...], ...]
    region: str
    stopped: int | None = None


@dataclass(frozen=True, slots=True)
class Refine:
    """Both networks as far as they have learnt; `box` and `labels` as in flow.Flow."""

    spec: RefineSpec
    done: float
    step: int
    box: tuple[float, float, float, float]
    labels: tuple[int, ...]
    nets: dict[str, Refined]
