"""What the harness answers from for this topic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.harness.scenes_panel import Scene, coarse, few, known, made_of


def _scene() -> dict[str, Any]:
    """The recorded answer, of few points."""
    scene = Scene("euler")
    scene.opens("refine")
    refine = known("refine")
    nets = {
        name: replace(
            net,
            x=tuple(few(part, 8) for part in net.x),
            y=tuple(few(part, 8) for part in net.y),
            region=coarse(net.region),
        )
        for name, net in refine.nets.items()
    }
    small = replace(refine, labels=refine.labels[::8], nets=nets)
    scene.knows("refine", "", small, made=made_of("refine"))
    return scene.written()


SCENES = {"refine": _scene}
VIEWS = {"refine": ("refine", "euler?view=refine", "")}
