"""What the harness answers from for this topic."""

from __future__ import annotations

from typing import Any

from tests.harness.scenes_panel import Scene, known, made_of


def _scene() -> dict[str, Any]:
    """The recorded answer."""
    scene = Scene("euler")
    scene.opens("depthtime")
    depthtime = known("depthtime")
    small = depthtime
    scene.knows("depthtime", "", small, made=made_of("depthtime"))
    return scene.written()


SCENES = {"depthtime": _scene}
VIEWS = {"depthtime": ("depthtime", "euler?view=depthtime", "")}
