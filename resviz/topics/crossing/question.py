"""What a flow cannot do: cross two trajectories, or move the inside of a ring out of it (Dupont 2019, Augmented Neural ODEs)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from resviz.train import plane as learning
from resviz.words.fields import Worded, setting_field
from resviz.words.text import Vector

MODELS = ("residual", "flow", "augmented")
LABEL = {"residual": "residual network", "flow": "flow", "augmented": "flow with an extra dimension"}
SUBSTEPS = 10  # RK4 steps of the flow: close enough to the true flow that trajectories keep their order
SOLVED = 0.05  # mean squared error below which the task on the line counts as solved; in the plane no point may be misclassified


class CrossingSpec(Worded):
    """The settings of three models trained on one task."""

    task: Literal["crossing", "rings"] = setting_field(
        "crossing",
        "task",
        "Crossing: on a line, points around −1 have to get to 1, and those around 1 to −1. Rings: in the plane, an inner and an "
        "outer ring are to be separated by a straight line.",
        choices={"crossing": "crossing, on a line", "rings": "rings, in the plane"},
    )
    blocks: int = setting_field(6, "blocks", "Blocks of the residual network, each one step x + F(x).", ge=1, le=20)
    augment: int = setting_field(
        1,
        "extra dimensions",
        "Numbers, 0 at the start, that the third model is given beside each point’s own.",
        ge=1,
        le=5,
    )
    hidden: int = learning.width(16, "inside each branch, and inside each field", 64)
    steps: int = learning.steps(600, 2000, "all points")
    lr: float = learning.rate(0.03)
    seed: int = learning.seed()


@dataclass(frozen=True, slots=True)
class Trajectories:
    """The results of one model. x, y: (K + 1, P) its points at K + 1 moments; y is empty on the line. curve: the loss, every few
    steps. error: the mean squared error on the line, the share of unseen points misclassified in the plane. turned: how many
    of the `pairs` of neighbours on the line change their order. `stopped`: the step that left float range."""

    parameters: int
    error: float
    curve: tuple[float | None, ...]
    x: tuple[Vector, ...]
    y: tuple[Vector, ...]
    regions: tuple[str, ...]
    turned: int = 0
    pairs: int = 0
    stopped: int | None = None


@dataclass(frozen=True, slots=True)
class Crossing:
    """All models as far as they are trained. floor: on the line, the least mean squared error of any map that keeps the order of
    the unseen points, None in the plane; learning_floor: the same for the points learnt from. `box`, `labels` as in flow.Flow."""

    spec: CrossingSpec
    done: float
    step: int
    floor: float | None
    box: tuple[float, float, float, float]
    labels: tuple[int, ...]
    models: dict[str, Trajectories]
    at: tuple[int, ...]
    learning_floor: float | None = None


def solved(record: Crossing, model: str) -> bool:
    """Whether a model does what the task asks."""
    error = record.models[model].error
    return error < SOLVED if record.spec.task == "crossing" else error == 0
