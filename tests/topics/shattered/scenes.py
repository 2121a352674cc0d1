"""What the harness answers from for this topic."""

from __future__ import annotations

import math
from typing import Any

from resviz.families.resnet.family import ARMS
from resviz.topics.shattered.question import LAGS, NETS, NOISES, Curve, Shattered, ShatteredSpec, theory
from tests.harness.scenes_panel import Scene


def shattered() -> Shattered:
    """Curves such as are measured, from formulas."""
    spec = ShatteredSpec()
    x = tuple(-2 + 4 * n / 31 for n in range(32))
    reach = {"shallow": 24.0, "plain": 0.3, "residual": 6.0}

    def curve(values: list[float]) -> Curve:
        return Curve(tuple(values), tuple(v - 0.01 for v in values), tuple(v + 0.01 for v in values))

    return Shattered(
        spec,
        x,
        {net: tuple(math.sin(3 * v + 40 / reach[net] * v) for v in x) for net in NETS},
        {net: curve([math.exp(-lag / reach[net]) for lag in range(LAGS)]) for net in NETS},
        {noise: tuple(1.0 - n * lag / LAGS if lag else 1.0 for lag in range(LAGS)) for n, noise in enumerate(NOISES)},
        spec.depths,
        {arm: curve([theory(arm, blocks) for blocks in spec.depths]) for arm in ARMS},
        {arm: tuple(theory(arm, blocks) for blocks in spec.depths) for arm in ARMS},
    )


def _shattered() -> dict[str, Any]:
    """It is measured when it is seen, without a press."""
    scene = Scene("shattered")
    scene.opens("shattered", view=False, alone=True, later=True)
    scene.knows("shattered", "", share=0.0, running=True)
    scene.now("finished", "shattered", "", shattered())
    scene.now("failed", "shattered", "", share=0.0, trouble="There was not enough memory.")
    return scene.written()


SCENES = {"shattered": _shattered}
