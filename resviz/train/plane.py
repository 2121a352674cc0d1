"""Settings shared by all networks for points in the plane that are trained on the Euler page."""

from __future__ import annotations

from typing import Any

from resviz.data.datasets import DATASETS
from resviz.family import PLAIN, RESIDUAL
from resviz.words.fields import setting_field

ARMS = (RESIDUAL.name, PLAIN.name)
PLANE = ("spirals", "circles", "moons")
SHOWN = 240  # test points that are drawn
CELLS = 60  # cells of the picture's shading, along each side
COARSE = 24  # the same while a network is still training


def points() -> Any:
    return setting_field(
        "spirals",
        "points",
        "Two classes of points in the plane: 512 to learn from, 400 others to be tested on.",
        choices={name: DATASETS[name].label for name in PLANE},
    )


def width(default: int = 16, where: str = "inside each branch", most: int = 128) -> Any:
    return setting_field(default, "width", f"Neurons {where}.", ge=2, le=most)


def steps(default: int, most: int = 3000, of: str = "all 512 points") -> Any:
    return setting_field(default, "training steps", f"Steps of Adam, each on {of}.", ge=1, le=most)


def rate(default: float) -> Any:
    return setting_field(
        default, "learning rate", "The largest; it rises and falls over the training.", ge=1e-5, le=1.0
    )


def seed(default: int = 0) -> Any:
    return setting_field(default, "seed", "Fixes the initial weights.", ge=0, le=2**31 - 1)
