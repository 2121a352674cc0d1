"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from hypothesis import strategies as st

from resviz.topics.crossing import question as crossings
from tests.contract.asked import Asked
from tests.contract.records import BOX, LOSS, PLACE, SHARE, a_share_done, cycled, regions, rows, stopped


@st.composite
def crossing(draw: st.DrawFn) -> crossings.Crossing:
    line = draw(st.booleans())
    spec = crossings.CrossingSpec(task="crossing" if line else "rings", blocks=draw(st.integers(1, 5)), steps=1500)
    done, step = a_share_done(draw, spec.steps)
    points = draw(st.integers(1, 4))
    at = tuple(sorted({s for s in (1, 9, step) if 0 < s <= step}))
    error = st.sampled_from([0.0, 0.049, 0.05, 1.0, 1e6]) | st.floats(0, 30) if line else SHARE

    def way(blocks: int) -> crossings.Trajectories:
        return crossings.Trajectories(
            parameters=draw(st.integers(1, 5000)),
            error=draw(error),
            curve=draw(cycled(LOSS, len(at))),
            x=draw(rows(PLACE, blocks + 1, points)),
            y=() if line else draw(rows(PLACE, blocks + 1, points)),
            regions=() if line else regions(draw, 2, 2),
            turned=draw(st.integers(0, 37)) if line else 0,
            pairs=37 if line else 0,
            stopped=draw(stopped(step)),
        )

    models = {name: way(spec.blocks if name == "residual" else 2) for name in crossings.MODELS}
    floor, lowest = (1.0133, draw(st.sampled_from([0.98, 0.0]))) if line else (None, None)
    labels = draw(cycled(st.sampled_from([0, 1]), points))
    return crossings.Crossing(spec, done, step, floor, BOX, labels, models, at, lowest)


ASKED = {
    "crossing": Asked(small={"blocks": "2", "hidden": "4", "steps": "4"}, other={"task": "rings"}, records=crossing()),
}
