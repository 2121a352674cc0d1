"""A chain of residual blocks with random weights: the length of x after each block, measured and in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from resviz.words.fields import Worded, setting_field
from resviz.words.text import Vector

DRAWS = 8  # chains, each with weights and an x of its own


class GrowthSpec(Worded):
    """Blocks x + a W relu(x) one after the other, with He's weights: W is normal with variance 2 / width."""

    blocks: int = setting_field(50, "blocks", "How many blocks x goes through.", ge=1, le=200)
    scale: Literal["one", "root", "share"] = setting_field(
        "one",
        "each branch times",
        "The factor a before every branch: 1, or less the more blocks there are.",
        choices={"one": "1", "root": "1/√L", "share": "1/L"},
    )
    width: int = setting_field(64, "width", "Numbers in x.", ge=4, le=128)
    seed: int = setting_field(0, "seed", "Fixes x and the weights.", ge=0, le=2**31 - 1)

    @property
    def factor(self) -> float:
        """The factor a before every branch."""
        return {"one": 1.0, "root": self.blocks**-0.5, "share": 1.0 / self.blocks}[self.scale]


@dataclass(frozen=True)
class Growth:
    """|x| after each block as a multiple of |x| before the first, beginning with 1: (blocks + 1,).

    measured: the root of the mean square over DRAWS chains; low, high: the least and the most of them; expected: in closed form.
    """

    spec: GrowthSpec
    measured: Vector
    low: Vector
    high: Vector
    expected: Vector


def expected(spec: GrowthSpec) -> Vector:
    """Return the root of the mean of |x|² after each block: (1 + a²)^(k / 2).

    W relu(x) has mean 0 for any x, so that the mean squares of both terms add up; its own is 2 |relu(x)|², and in an x that is
    symmetric around 0 the positive numbers make up half of |x|².
    """
    return tuple(math.exp(0.5 * k * math.log1p(spec.factor**2)) for k in range(spec.blocks + 1))


def growth(spec: GrowthSpec) -> Growth:
    """Measure |x| in DRAWS chains of random blocks. Equal specs give equal numbers."""
    random = np.random.default_rng(spec.seed)
    x = random.standard_normal((DRAWS, spec.width))
    sizes = [np.linalg.norm(x, axis=1)]
    for _ in range(spec.blocks):
        weights = random.standard_normal((DRAWS, spec.width, spec.width)) * (2 / spec.width) ** 0.5
        x = x + spec.factor * np.einsum("nij,nj->ni", weights, np.maximum(x, 0))
        sizes.append(np.linalg.norm(x, axis=1))
    times = np.stack(sizes) / sizes[0]
    rows = (np.sqrt((times**2).mean(1)), times.min(1), times.max(1))
    measured, low, high = (tuple(float(f"{v:.6g}") for v in row) for row in rows)
    return Growth(spec, measured, low, high, expected(spec))
