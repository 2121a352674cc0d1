"""What the harness answers from for this topic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from resviz.topics.flow.question import Flow, Halved, PlaneSpec
from tests.harness.scenes_panel import Scene, asked, coarse, few, known, made_of
from tests.harness.write import words_of

FLOW = "blocks=3"  # the points of the scene go through so many blocks


BLOCKS, POINTS = 3, 24  # of them


def small_flow(spec: PlaneSpec, turned: bool = False) -> Flow:
    """Of the recorded networks the first blocks, and few points; turned around, and read worse, for other data."""
    full: Flow = known("flow")
    every, sign = len(full.labels) // POINTS, -1 if turned else 1
    arms = {
        name: replace(
            arm,
            x=tuple(tuple(sign * v for v in row) for row in few(arm.x[: BLOCKS + 1], every)),
            y=few(arm.y[: BLOCKS + 1], every),
            arrows=arm.arrows[:BLOCKS],
            regions=tuple(map(coarse, arm.regions[: BLOCKS + 1])),
            step=arm.step[:BLOCKS],
            eigenvalues=(),
            test_accuracy=0.75 if turned else arm.test_accuracy,
            halved=arm.halved and small_halved(arm.halved, every, sign),
        )
        for name, arm in full.arms.items()
    }
    curve = {name: values[::10] for name, values in full.curve.items()}
    steps = full.curve_steps[::10]
    return replace(full, spec=spec, labels=full.labels[::every], arms=arms, curve_steps=steps, curve=curve)


def small_halved(half: Halved, every: int, sign: int) -> Halved:
    """The same of the network with half its step."""
    steps = 2 * BLOCKS + 1
    return replace(
        half,
        x=tuple(tuple(sign * v for v in row) for row in few(half.x[:steps], every)),
        y=few(half.y[:steps], every),
        regions=tuple(map(coarse, half.regions[: BLOCKS + 1])),
    )


def learning(record: Flow, share: float) -> Flow:
    """The same while it learns."""
    step = round(share * record.spec.steps)
    arms = {name: replace(arm, halved=None) for name, arm in record.arms.items()}
    kept = sum(at <= step for at in record.curve_steps)
    curve = {name: values[:kept] for name, values in record.curve.items()}
    return replace(record, done=share, step=step, arms=arms, curve_steps=record.curve_steps[:kept], curve=curve)


def _flow() -> dict[str, Any]:
    scene = Scene("euler")
    moons, seed = f"data=moons&{FLOW}", f"{FLOW}&seed=2"
    scene.opens("flow", view=False)
    record = small_flow(PlaneSpec.of(words_of(FLOW)))
    made = made_of("flow")
    scene.knows("flow", FLOW, record, also=(f"data=spirals&{FLOW}", f"{FLOW}&seed=1"), made=made)
    scene.now("here", "flow", FLOW, record)
    scene.knows("flow", moons, small_flow(PlaneSpec.of(words_of(moons)), turned=True))
    arms = {name: replace(arm, test_accuracy=0.875) for name, arm in record.arms.items()}
    other = replace(record, spec=PlaneSpec.of(words_of(seed)), arms=arms)
    scene.knows("flow", seed, share=0.0, running=True, ahead=2)
    scene.now("one first", "flow", seed, share=0.0, running=True, ahead=1)
    scene.now("a quarter", "flow", seed, learning(other, 0.25), share=0.25, running=True)
    scene.now("failed", "flow", seed, share=0.0, trouble="There was not enough memory.")
    scene.now("all", "flow", seed, other)
    scene.answers[asked("flow", seed, "/stop", "POST")] = {"status": "waiting"}
    return scene.written()


SCENES = {"flow": _flow}
VIEWS = {"flow": ("flow", f"euler?{FLOW}", FLOW)}
