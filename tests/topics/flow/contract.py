"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from hypothesis import strategies as st

from resviz.topics.flow import question as flows
from resviz.train.plane import ARMS
from tests.contract.asked import Asked
from tests.contract.records import (
    ANY_SHARE,
    BOX,
    LOSS,
    PLACE,
    SHARE,
    SIZE,
    a_share_done,
    both,
    cycled,
    regions,
    rows,
    stopped,
)


@st.composite
def halved(draw: st.DrawFn, blocks: int, points: int) -> flows.Halved:
    return flows.Halved(
        accuracy=draw(st.none() | SHARE),
        x=draw(st.tuples(*[cycled(PLACE, points)] * (2 * blocks + 1))),
        y=draw(st.tuples(*[cycled(PLACE, points)] * (2 * blocks + 1))),
        regions=regions(draw, blocks + 1, 2),
    )


@st.composite
def flow(draw: st.DrawFn) -> flows.Flow:
    spec = flows.PlaneSpec(
        data=draw(st.sampled_from(["spirals", "circles", "moons"])),
        blocks=draw(st.integers(1, 6)),
        h=draw(st.sampled_from([1.0, 0.3, 0.01])),
        steps=600,
    )
    done, step = a_share_done(draw, spec.steps)
    points, at = draw(st.integers(1, 4)), (1, *({step} - {0, 1}))

    def arm(name: str) -> flows.ArmFlow:
        left = draw(stopped(step))
        one_place = st.just((0.25,) * points)
        places = draw(st.sampled_from([cycled(PLACE, points), cycled(PLACE, points), one_place]))
        return flows.ArmFlow(
            loss=None if left else draw(SIZE),
            train_accuracy=draw(SHARE),
            test_accuracy=draw(SHARE),
            x=(draw(cycled(PLACE, points)), *draw(st.tuples(*[places] * spec.blocks))),
            y=(draw(cycled(PLACE, points)), *draw(st.tuples(*[places] * spec.blocks))),
            arrows=draw(rows(PLACE, spec.blocks, 2 * flows.ARROWS**2)),
            regions=regions(draw, spec.blocks + 1, 2),
            step=draw(cycled(SIZE, spec.blocks)),
            straightness=draw(st.just(0.0) | ANY_SHARE),
            parameters=83,
            eigenvalues=draw(st.lists(st.tuples(PLACE, PLACE), max_size=3).map(tuple)) if name == "residual" else (),
            stopped=left,
            halved=draw(st.none() | halved(spec.blocks, points)) if name == "residual" and done == 1 else None,
        )

    curve = both(draw, cycled(LOSS, len(at)))
    labels = draw(cycled(st.sampled_from([0, 1]), points))
    return flows.Flow(spec, done, step, BOX, labels, {name: arm(name) for name in ARMS}, at, curve)


ASKED = {
    "flow": Asked(small={"blocks": "2", "hidden": "4", "steps": "4"}, records=flow()),
}
