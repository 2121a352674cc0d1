"""What the harness answers from for this topic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.harness.scenes_panel import Scene, known, made_of


def _scene() -> dict[str, Any]:
    """The recorded answer, of few moments of training."""
    scene = Scene("euler")
    scene.opens("crossing")
    crossing = known("crossing")
    models = {name: replace(way, curve=way.curve[::10]) for name, way in crossing.models.items()}
    small = replace(crossing, at=crossing.at[::10], models=models)
    scene.knows("crossing", "", small, made=made_of("crossing"))
    return scene.written()


SCENES = {"crossing": _scene}
VIEWS = {"crossing": ("crossing", "euler?view=crossing", "")}
