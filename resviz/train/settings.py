"""The settings of training: optimiser, learning rate and its schedule, momentum, weight decay and epochs."""

from __future__ import annotations

import math
from typing import Literal

from resviz.words.fields import Frozen, setting_field


class TrainSpec(Frozen):
    """The training settings of both arms."""

    optimizer: Literal["sgd", "adam", "adamw"] = setting_field(
        "sgd",
        "optimiser",
        "The rule that turns gradients into steps.",
        choices={"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"},
        live=True,
    )
    lr: float = setting_field(0.02, "learning rate", "Length of a step.", ge=1e-6, le=100.0, live=True)
    schedule: Literal["constant", "cosine", "step"] = setting_field(
        "constant",
        "schedule",
        "Cosine falls to 0 at the end; step divides by ten at 1/2 and 3/4 of the run, as He 2015 does.",
        choices={"constant": "constant", "cosine": "cosine", "step": "÷10 at 1/2 and 3/4"},
        live=True,
    )
    warmup: int = setting_field(
        0, "warm-up steps", "Steps over which the learning rate rises from 0 in a line.", ge=0, le=10_000, live=True
    )
    momentum: float = setting_field(
        0.9, "momentum", "How much of the last step carries on (SGD only).", ge=0.0, le=0.999, live=True
    )
    weight_decay: float = setting_field(
        0.0, "weight decay", "Pull of every weight towards 0.", ge=0.0, le=1.0, live=True
    )
    epochs: int = setting_field(12, "epochs", "Passes over the training images.", ge=1, le=500, live=True)

    def lr_at(self, step: int, steps: int) -> float:
        """Return the learning rate of step 1..steps: a linear warm-up times the schedule over the whole run."""
        warm = min(1.0, step / self.warmup) if self.warmup else 1.0
        done = (step - 1) / steps
        fall = {
            "constant": 1.0,
            "cosine": 0.5 * (1.0 + math.cos(math.pi * done)),
            "step": 0.1 ** ((done >= 0.5) + (done >= 0.75)),
        }[self.schedule]
        return self.lr * warm * fall
