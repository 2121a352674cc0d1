"""What the harness answers from for this topic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from resviz.families.resnet.family import ARMS
from resviz.topics.landscape.question import Landscape, LandscapeSpec, Slice, Step
from tests.harness.scenes_panel import LEARNT, Scene, asked, made_of
from tests.harness.write import words_of

PLANE = "depth=8&width=4&epochs=3&finest=9"


FINER, WAY = PLANE.replace("finest=9", "finest=17"), f"{PLANE}&directions=path"


LOW, HIGH = {"residual": 0.01, "plain": 0.1}, {"residual": 10.0, "plain": 100.0}


def height(arm: str, x: float, y: float) -> float:
    """A bowl with its lowest point in the middle, steeper for the plain network."""
    return LOW[arm] * (HIGH[arm] / LOW[arm]) ** ((x * x + y * y) / 2)


def landscape(query: str, size: int = 9, done: float = 1.0) -> Landscape:
    spec = LandscapeSpec.of(words_of(query))
    record = Landscape(spec, done, LEARNT, size, (0.0, 0.0), 1.0, {}, 64, (1200, 1234))
    way = [(0.9, -0.8), (0.5, -0.3), (0.2, -0.3), (0.1, 0.1), (0.0, 0.0)]
    arms = {
        arm: Slice(
            tuple(tuple(round(height(arm, x, y), 6) for x in record.axis(0)) for y in record.axis(1)),
            0.1,
            tuple(Step(8 * k, x, y, round(height(arm, x, y), 6)) for k, (x, y) in enumerate(way)),
            (0.6, 0.9) if spec.directions == "path" else (0.001, 0.002),
            (1.5, 1.4),
        )
        for arm in ARMS
    }
    return replace(record, arms=arms)


def _landscape() -> dict[str, Any]:
    scene = Scene("landscape")
    scene.opens("landscape", view=False)
    scene.knows("landscape", PLANE, landscape(PLANE), made=made_of("landscape"))
    scene.now("here", "landscape", PLANE, landscape(PLANE))
    scene.knows("landscape", FINER, share=0.2, running=True)
    scene.now("coarse", "landscape", FINER, landscape(FINER, 9, 0.5), share=0.5, running=True)
    scene.now("stopped", "landscape", FINER, landscape(FINER, 9, 0.5), share=0.5)
    scene.now("fine", "landscape", FINER, landscape(FINER, 17))
    scene.knows("landscape", WAY, landscape(WAY))
    scene.answers[asked("landscape", FINER, "/stop", "POST")] = {"status": "waiting"}
    return scene.written()


SCENES = {"landscape": _landscape}
VIEWS = {"landscape": ("landscape", f"landscape?{PLANE}", PLANE)}
