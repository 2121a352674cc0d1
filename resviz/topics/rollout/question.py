"""Two networks learn the next state of a dynamical system, then run on their own predictions: the settings and the record.
No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from resviz.train.plane import ARMS
from resviz.words.fields import Worded, setting_field

STARTS = 16  # unseen states from which the networks run freely
PAIRS = 1000  # unseen pairs of states on which one step is tested
SHARE = 0.1  # of the spread: a roll-out further off than this is called off course
POINTS = 100  # about as many training steps are measured
SEEN = 250  # about as many moments of a roll-out are kept
TURN = 10.0  # time in which every orbit drawn here closes: the slowest takes 8.4


Number = float | None
Curve = tuple[Number, ...]
Point = tuple[float, float]


@dataclass(frozen=True)
class Shown:
    """How a system is described. axes: the two coordinates of a state. kept: the name of the conserved quantity; none: why that
    may have no value. box: left, right, bottom and top of the region that states are drawn from."""

    label: str
    equation: str
    axes: tuple[str, str]
    kept: str
    none: str
    box: tuple[float, float, float, float]


SHOWN = {
    "pendulum": Shown(
        "pendulum",
        "θ'' = −sin θ",
        ("angle θ", "speed ω"),
        "energy",
        "",
        (-2.0, 2.0, -1.683, 1.683),
    ),
    "lotka_volterra": Shown(
        "Lotka–Volterra",
        "x' = x − x y, y' = x y − y",
        ("prey x", "hunters y"),
        "conserved quantity",
        "a number of animals is no longer above 0",
        (0.158, 3.147, 0.158, 3.147),
    ),
}


class RolloutSpec(Worded):
    """Everything that fixes the measurement. Equal specs give equal numbers."""

    system: Literal["pendulum", "lotka_volterra"] = setting_field(
        "pendulum",
        "system",
        "What is learnt: a pendulum that swings up to 2 rad, or prey and hunters that grow and shrink in turn.",
        choices={name: shown.label for name, shown in SHOWN.items()},
    )
    dt: float = setting_field(
        0.1, "time step", "Time between a state and the next: the longer, the further apart they are.", ge=0.01, le=1.0
    )
    blocks: int = setting_field(
        3, "blocks", "x + F(x), or F(x) in the plain network, so many times in a row.", ge=1, le=16
    )
    hidden: int = setting_field(32, "width", "Neurons in each block: F(x) = W2 tanh(W1 x + b1) + b2.", ge=2, le=64)
    branch: float = setting_field(
        0.1,
        "branch at the start",
        "Factor on the initial W2 and b2 of each block, in both networks; 1 is PyTorch's default. Near 0 the residual network "
        "begins at the identity and the plain one at a single point.",
        ge=0.0,
        le=2.0,
    )
    examples: int = setting_field(1000, "examples", "Pairs of a state and the next to learn from.", ge=10, le=2000)
    noise: float = setting_field(
        0.0,
        "noise",
        "Standard deviation of what is added to both states of each pair learnt from, in spreads. Tests are without.",
        ge=0.0,
        le=0.5,
    )
    steps: int = setting_field(1000, "steps", "Steps of Adam, each on all examples.", ge=10, le=3000)
    lr: float = setting_field(
        0.02, "learning rate", "Adam's at the first step; it falls to 0 along half a cosine.", ge=1e-5, le=0.3
    )
    horizon: int = setting_field(
        300,
        "roll-out",
        "How many predictions in a row each network makes, every one from the one before.",
        ge=10,
        le=1000,
    )
    seed: int = setting_field(0, "seed", "Fixes weights, examples, noise and tests.", ge=0, le=2**31 - 1)

    @property
    def shown(self) -> Shown:
        return SHOWN[self.system]

    @property
    def measured(self) -> tuple[int, ...]:
        """Training steps after which both networks are measured: 0, the last, and evenly between."""
        return _evenly(self.steps, POINTS)

    @property
    def seen(self) -> tuple[int, ...]:
        """Predictions of a roll-out after which its error is kept: 0, the last, and evenly between."""
        return _evenly(self.horizon, SEEN)

    def time(self, predictions: int) -> float:
        """Return the system's time after so many predictions, rounded to six digits to remove the binary product's error."""
        return float(f"{self.dt * predictions:.6g}")


def _evenly(last: int, points: int) -> tuple[int, ...]:
    every = -(-last // points)
    return (*range(0, last, every), last)


@dataclass(frozen=True, slots=True)
class Band:
    """An error over all starts: median, smallest and largest. None where it has left float range, which the median has where
    half the starts have."""

    median: Curve
    low: Curve
    high: Curve


@dataclass(frozen=True, slots=True)
class Rollout:
    """The measurements after `step` training steps, at the M moments of `spec.measured` so far and the K of `spec.seen`.

    Errors are root mean squares over both coordinates, each in units of its spread: the standard deviation over the
    states learnt from, before noise. None stands for a value that has left float range or does not exist.

    identity: one-step error of the prediction "nothing changes", which is also how far the true system moves in a step;
    average: the same for the prediction "the average state". loss[arm]: (M,) mean squared error on the training pairs;
    one_step[arm]: (M,) error on unseen pairs; moves[arm]: (M,) how far the network moves the states of these pairs.
    error[arm]: (K,) error of the roll-outs. passes[arm]: the prediction after which the median error first exceeds SHARE,
    None if it never does. For the one start that is drawn: orbit, its true trajectory over TURN or, if shorter, over the
    roll-out; arrival, the true state at the end of the roll-out; path[arm]: (horizon + 1,) the states of the roll-out,
    fewer if it leaves float range, at prediction lost[arm]; energy[arm]: (K,) the conserved quantity above its lowest
    value, as a share of its start; strays[arm]: how far that gets from 1; without[arm]: the first prediction at which it
    has no value. left[arm]: how many roll-outs of all STARTS leave float range. stopped[arm]: the training step at which
    the loss was not finite.
    """

    spec: RolloutSpec
    done: float
    step: int
    identity: float
    average: float
    loss: dict[str, Curve]
    one_step: dict[str, Curve]
    moves: dict[str, Curve]
    error: dict[str, Band]
    passes: dict[str, int | None]
    orbit: tuple[Point, ...]
    arrival: Point
    path: dict[str, tuple[Point, ...]]
    energy: dict[str, Curve]
    strays: dict[str, Number]
    without: dict[str, int | None]
    lost: dict[str, int | None]
    left: dict[str, int]
    stopped: dict[str, int | None]

    @property
    def steps(self) -> tuple[int, ...]:
        """Training steps at which loss, one_step and moves were measured: (M,)."""
        return self.spec.measured[: len(self.loss[ARMS[0]])]

    @property
    def times(self) -> tuple[float, ...]:
        """The system's times of error and energy: (K,)."""
        return tuple(map(self.spec.time, self.spec.seen))
