"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from hypothesis import strategies as st

from resviz.topics.refine import question as refining
from tests.contract.asked import Asked
from tests.contract.records import BOX, LOSS, PLACE, SHARE, SIZE, a_share_done, cycled, regions, rows, stopped


@st.composite
def refine(draw: st.DrawFn) -> refining.Refine:
    spec = refining.RefineSpec(blocks=draw(st.integers(2, 5)), steps=1500, smooth=draw(st.sampled_from([0.0, 0.01, 1])))
    done, step = a_share_done(draw, spec.steps)
    points = draw(st.integers(1, 3))
    share = cycled(st.none() | SHARE, len(refining.FINER))

    def net() -> refining.Refined:
        left, first = draw(stopped(step)), draw(st.none() | SHARE)  # both ways begin at the same network
        ways = {way: (first, *draw(share)[1:]) for way in refining.SPLITS}
        states = [tuple(draw(rows(PLACE, spec.blocks * m + 1, points)) for m in refining.DRAWN) for _ in "xy"]
        return refining.Refined(
            loss=None if left else draw(SIZE),
            accuracy=ways,
            moved={way: draw(cycled(LOSS, len(refining.FINER))) for way in refining.SPLITS},
            change=draw(cycled(st.just(0.0) | st.floats(0, 9), spec.blocks - 1)),
            x=states[0],
            y=states[1],
            region=regions(draw, 1, 2)[0],
            stopped=left,
        )

    labels = draw(cycled(st.sampled_from([0, 1]), points))
    return refining.Refine(spec, done, step, BOX, labels, {name: net() for name in refining.NETS})


ASKED = {
    "refine": Asked(small={"blocks": "2", "hidden": "4", "steps": "4"}, records=refine()),
}
