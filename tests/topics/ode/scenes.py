"""What the harness answers from for this topic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.harness.scenes_panel import Scene, coarse, few, known, made_of


def _scene() -> dict[str, Any]:
    """The recorded answer, of few points."""
    scene = Scene("euler")
    scene.opens("ode")
    ode = known("ode")
    nets = {
        name: replace(net, x=few(net.x, 20), y=few(net.y, 20), regions=tuple(map(coarse, net.regions)))
        for name, net in ode.nets.items()
    }
    small = replace(ode, labels=ode.labels[::20], nets=nets)
    scene.knows("ode", "", small, made=made_of("ode"))
    return scene.written()


SCENES = {"ode": _scene}
VIEWS = {"ode": ("ode", "euler?view=ode", "")}
