"""What the harness answers from for this topic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.harness.scenes_panel import Scene, known, made_of


def _scene() -> dict[str, Any]:
    """The recorded answer, of few points of the orbit."""
    scene = Scene("euler")
    scene.opens("rollout")
    rollout = known("rollout")
    small = replace(rollout, orbit=rollout.orbit[::8])
    scene.knows("rollout", "", small, made=made_of("rollout"))
    return scene.written()


SCENES = {"rollout": _scene}
VIEWS = {"rollout": ("rollout", "euler?view=rollout", "")}
