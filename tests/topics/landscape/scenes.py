"""What the harness answers from for this topic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from resviz.families.resnet.family import ARMS
from resviz.topics.landscape.figures import Shown
from resviz.topics.landscape.question import Landscape, LandscapeSpec, Map, Moment, Slice, Step, Way, Ways, rows
from resviz.topics.landscape.source import FIRST
from resviz.train.records import Training
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


# -- the ways ----------------------------------------------------------------------------------------

RUN = "depth=8&width=4&epochs=3"
OTHER = "depth=10&width=4&epochs=3"
STEPS = (0, 8, 16, 24, 33)
FAR = {"residual": 4.0, "plain": 40.0}
LOSSES = {"residual": (2.0, 1.0, 0.2, 0.02, 0.002), "plain": (2.3, 2.2, 2.3, 2.2, 2.1)}
FRAME, NEAR = ((25.0, 0.0), 35.0), ((2.5, 0.0), 5.0)


def floor(arm: str, x: float, y: float) -> float:
    """A plateau, and in it a pit where the way of the residual network ends."""
    away = ((x - FAR["residual"]) ** 2 + y * y) / 16
    return 2.2 if arm == "plain" else 0.002 * 1000 ** min(1.0, away)


def ways(query: str, columns: int = 13) -> Ways:
    spec = LandscapeSpec.of(words_of(query)).ways

    def drawn(arm: str, frame: tuple[tuple[float, float], float], columns: int) -> Map:
        (x, y), half = frame
        grid = tuple(
            tuple(
                round(floor(arm, x + half * (2 * i / (columns - 1) - 1), y + half * (2 * j / (columns - 1) - 0.5)), 5)
                for i in range(columns)
            )
            for j in range(rows(columns))
        )
        return Map((x, y), half, grid)

    arms = {}
    for arm, far in FAR.items():
        moments = tuple(Moment(STEPS[k], far * k / 4, 0.0, far * k / 4, loss) for k, loss in enumerate(LOSSES[arm]))
        near = drawn(arm, NEAR, rows(columns)) if arm == "residual" else None
        arms[arm] = Way(moments, drawn(arm, FRAME, columns), near, (0.8, 0.9), 0.25, 20.0)
    return Ways(spec, 1.0, Training(dict.fromkeys(ARMS, STEPS[-1])), arms, 64)


def begun(query: str, step: int = 0) -> Ways:
    """While the networks learn."""
    steps = tuple(map(float, range(1, step + 1)))
    curve = {arm: (steps, tuple(2.0 / s for s in steps)) for arm in ARMS if steps}
    return Ways(LandscapeSpec.of(words_of(query)).ways, 0.1, Training(dict.fromkeys(ARMS, step), {}, curve))


def _ways() -> dict[str, Any]:
    scene = Scene("landscape")
    scene.opens("way", view=False)
    scene.knows("way", RUN, Shown(ways(RUN)), made=made_of("ways"))
    scene.knows("way", OTHER, Shown(begun(OTHER), takes="about 40 s here"), share=0.0, verb=FIRST)
    scene.now("learning", "way", OTHER, Shown(begun(OTHER, 12), True), share=0.25, running=True)
    scene.now("coarse", "way", OTHER, Shown(ways(OTHER), True), share=0.5, running=True)
    scene.now("measured", "way", OTHER, Shown(ways(OTHER, 25)))
    return scene.written()


SCENES = {"landscape": _landscape, "ways": _ways}
VIEWS = {"landscape": ("landscape", f"landscape?{PLANE}", PLANE), "way": ("ways", f"landscape?{RUN}", RUN)}
