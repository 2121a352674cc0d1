"""Shattered gradients (Balduzzi 2017, arXiv 1702.08591): the question, its answer, and the theory. No torch."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from resviz.train.plane import ARMS
from resviz.words.fields import Worded, setting_field
from resviz.words.text import Vector

NETS = ("shallow", "plain", "residual")
NOISES = ("white", "brown")
POINTS = 256  # inputs of the line, from -2 to 2
LAGS = 49  # 0, 1, ..., 48 steps of the line
INPUTS = 256  # independent inputs, all pairs of which are compared
LADDER = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192)  # numbers of blocks


LARGEST = 8 * 5 * 50 * 200**2  # seeds x depth x width^2 on a shared server: eight times the default, about two seconds


class ShatteredSpec(Worded):
    """The settings that determine the measurement. Equal specs, computed with equally many threads, give equal numbers."""

    depth: int = setting_field(50, "depth", "Layers of the two deep networks; the shallow one has two.", ge=2, le=200)
    width: int = setting_field(200, "width", "Neurons in each hidden layer.", ge=16, le=512)
    seeds: int = setting_field(
        5, "networks", "How many draws of the weights are measured; curves are their averages.", ge=1, le=20
    )
    seed: int = setting_field(0, "seed", "Fixes all weights and inputs.", ge=0, le=2**31 - 1)

    @property
    def depths(self) -> tuple[int, ...]:
        """Numbers of blocks after which independent inputs are compared: up to that of the deep networks, at least 1."""
        return tuple(blocks for blocks in LADDER if blocks <= max(self.depth - 2, 1))

    @property
    def alike(self) -> bool:
        """Whether the deep networks along the line are too shallow for a block with a shortcut, so that both are the same."""
        return self.depth <= 3


@dataclass(frozen=True, slots=True)
class Curve:
    """One quantity over all draws of the weights: at each place its average, its smallest and its largest value."""

    mean: Vector
    low: Vector
    high: Vector


@dataclass(frozen=True, slots=True)
class Shattered:
    """The answer: measurements of each of NETS along a line, and of both arms between independent inputs.

    x: (POINTS,) the inputs of the line. gradient[net]: (POINTS,) d output / d input at each of them, first draw of the
    weights. autocorrelation[net]: (LAGS,) of that gradient, by steps of the line, over all draws. noise["white"],
    noise["brown"]: (LAGS,) the average autocorrelation of white noise and of a random walk, of POINTS steps.
    depths: (D,) numbers of blocks. cosine[arm]: (D,) the cosine between the input gradients of two independent inputs,
    averaged over all pairs; theory[arm]: (D,) what it tends to as the width grows.
    """

    spec: ShatteredSpec
    x: Vector
    gradient: dict[str, Vector]
    autocorrelation: dict[str, Curve]
    noise: dict[str, Vector]
    depths: tuple[int, ...]
    cosine: dict[str, Curve]
    theory: dict[str, Vector]

    @property
    def step(self) -> float:
        """The distance between neighbours on the line."""
        return (self.x[-1] - self.x[0]) / (len(self.x) - 1)


# -- theory ----------------------------------------------------------------------------------------


def theory(arm: str, blocks: int) -> float:
    """Return the cosine between the input gradients of two independent inputs after so many blocks, for infinite width.

    A block is x + W relu(BN(x)), or W relu(BN(x)) in the plain arm; W has He's variance 2 / width, the statistics of
    the batch count as constants, and the inputs have variance 1.

    Each of two independent inputs passes a ReLU with probability 1/2, both with 1/4. The backward pass through a plain block
    multiplies a gradient's squared norm by 2 * 1/2 / variance, and the inner product of two gradients by 2 * 1/4 / variance.
    Their ratio halves, so that L blocks give 2^-L.

    With the shortcut, both factors grow by 1. The variance is the one over the batch, since BN divides by it: it begins at
    1, and each branch adds k = 2 * Var relu(z) = 1 - 1/pi, z a standard normal number. So block l, counted from 0, gives
    the ratio (1 + 1/2 / (1 + k l)) / (1 + 1 / (1 + k l)) = (k l + 3/2) / (k l + 2), and the product of L of them falls like
    L^(-1 / 2k) = L^-0.73. Balduzzi 2017 uses E relu(z)^2 in place of the variance, which gives k = 1 and L^-1/2. The first
    factor, 3/4, is the same; after four blocks that paper's k gives 0.492, this one 0.455, and 0.45 is measured.
    """
    if arm == "plain":
        return 0.5**blocks
    k = 1 - 1 / math.pi
    return math.prod((k * block + 1.5) / (k * block + 2) for block in range(blocks))


def chance(spec: ShatteredSpec) -> float:
    """Return how far from 0 the measured cosine of unrelated gradients gets by chance: twice the standard deviation of its
    average over all pairs of INPUTS random directions in `width` dimensions, for one draw of the weights."""
    return 2 * math.sqrt(2 / (spec.width * INPUTS * (INPUTS - 1)))


# -- the finding -----------------------------------------------------------------------------------


def _draws(spec: ShatteredSpec) -> str:
    return "one draw of the weights" if spec.seeds == 1 else f"{spec.seeds} draws of the weights"


# -- as text ---------------------------------------------------------------------------------------


def to_json(record: Shattered) -> str:
    """Return the spec and all measured values, at full precision, as JSON."""
    names = [name for name in Shattered.__slots__ if name != "spec"]
    values = {
        name: {key: asdict(v) if isinstance(v, Curve) else v for key, v in value.items()}
        if isinstance(value := getattr(record, name), dict)
        else value
        for name in names
    }
    return json.dumps({"spec": record.spec.model_dump(), **values})


def from_json(text: str) -> Shattered:
    """Return the record that `to_json` wrote as this text. Raises ValueError for any other text."""
    try:
        values: dict[str, Any] = json.loads(text)
        spec = ShatteredSpec(**values.pop("spec"))
        for name in ("x", "depths"):
            values[name] = tuple(values[name])
        for name, keys in (("gradient", NETS), ("noise", NOISES), ("theory", ARMS)):
            values[name] = {key: tuple(values[name][key]) for key in keys}
        for name, keys in (("autocorrelation", NETS), ("cosine", ARMS)):
            values[name] = {key: _curve(values[name][key]) for key in keys}
        return Shattered(spec=spec, **values)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a record of shattered gradients: {error!r}") from error


def _curve(values: Mapping[str, Any]) -> Curve:
    return Curve(**{name: tuple(v) for name, v in values.items()})
