"""What the harness answers from for this topic."""

from __future__ import annotations

from typing import Any

from resviz.families.resnet.family import ARMS
from resviz.topics.several.question import Several, SeveralSpec
from tests.harness.scenes_panel import LEARNT, Scene
from tests.harness.write import words_of

SMALL = "depth=8&epochs=3"  # three blocks
WHOLE = {"residual": 0.05, "plain": 0.1}


def _several() -> dict[str, Any]:
    """Three blocks."""
    scene = Scene("paths")
    scene.opens("several")
    for draws in (8, 1):
        query = f"{SMALL}&draws={draws}"
        errors = {
            arm: tuple(tuple(round(WHOLE[arm] + 0.1 * n + 0.01 * k, 3) for k in range(draws)) for n in (1, 2, 3))
            for arm in ARMS
        }
        tau = tuple(tuple(1 - 0.6 * n + 0.1 * (k % 2) for k in range(draws)) for n in (1, 2))
        order = {arm: errors[arm][:2] for arm in ARMS}
        record = Several(
            SeveralSpec.of(words_of(query)), 1.0, LEARNT, WHOLE, (1, 2, 3), errors, (1, 2), tau, order, 360
        )
        scene.knows("several", query, record)
    return scene.written()


SCENES = {"several": _several}
VIEWS = {"several": ("several", f"paths?view=several&{SMALL}", SMALL)}
