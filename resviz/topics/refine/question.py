"""Depth against step size: networks trained with N blocks are run with 2N, 4N and 8N, the step halved each time."""

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
SHOWN = 96  # unseen points that are drawn


class RefineSpec(Worded):
    """Two residual networks of the same form: the weights of one are free, those of the other are penalised for changes from
    block to block."""

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
    """The results of one network. accuracy[split]: on unseen points at each factor of FINER. moved[split]: mean distance between
    the end points of the finer network and of the trained one, over the spread of the latter. change: (N - 1,) |difference of
    weights| over |weights|, from block to block. x, y: for each m of DRAWN, (N m + 1, SHOWN) trajectories with shared weights.
    `region`: where its head gives the second class, as in flow.ArmFlow. `stopped`: the training step that left float range."""

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
    """Both networks as far as they are trained; `box` and `labels` as in flow.Flow."""

    spec: RefineSpec
    done: float
    step: int
    box: tuple[float, float, float, float]
    labels: tuple[int, ...]
    nets: dict[str, Refined]
