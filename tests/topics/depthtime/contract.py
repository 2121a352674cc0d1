"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from hypothesis import strategies as st

from resviz.families.resnet.spec import Spec
from resviz.topics.depthtime import question as walking
from tests.contract.asked import RUN, Asked
from tests.contract.records import ANY_SHARE, COSINE, POSITIVE, rows


@st.composite
def walk(draw: st.DrawFn, blocks: int, at: int) -> walking.Walk:
    cosine = st.none() | COSINE
    shown = len(walking.shown(blocks))
    return walking.Walk(
        at=at,
        size=draw(st.tuples(*[POSITIVE] * blocks)),
        numbers=draw(st.tuples(*[st.integers(1, 4096)] * blocks)),
        next=draw(st.tuples(*[cosine] * (blocks - 1))),
        cosines=draw(rows(cosine, shown, shown)),
        longest=draw(st.integers(0, blocks)),
        length=draw(POSITIVE),
        distance=draw(POSITIVE),
        straightness=draw(st.none() | ANY_SHARE),
        right_angles=draw(st.none() | ANY_SHARE),
        lost=draw(st.none() | st.integers(1, blocks)),
    )


@st.composite
def depthtime(draw: st.DrawFn) -> walking.DepthTime:
    blocks = draw(st.integers(0, 5))
    spec = Spec(
        depth=2 + 2 * blocks,
        block=draw(st.sampled_from(["basic", "basic", "basic", "plain"])),
        order=draw(st.sampled_from(["original", "bn_after", "relu_before", "relu_only", "full"])),
        activation=draw(st.sampled_from(["relu", "tanh", "gelu"])),
        norm=draw(st.sampled_from(["batch", "none"])),
        edits=draw(st.sampled_from(["", "20:lr:0.1", "60:branch_scale:0.5" if blocks else ""])),
    )
    if spec.shortcuts:
        spec = spec.replace(cut=tuple(sorted(draw(st.sets(st.integers(1, blocks))))))
    if walking.nothing(spec):
        return walking.DepthTime(spec, 1.0)
    at, over = draw(st.integers(0, spec.steps)), draw(st.booleans())
    now = walk(blocks, at)
    return walking.DepthTime(
        spec,
        1.0 if over else draw(st.floats(0, 0.99)),
        at,
        draw(st.none() | walk(blocks, 0)),
        draw(now if over else now | st.none()),
        256,
        draw(st.sampled_from(["", "the loss is NaN."])) if over and at < spec.steps else "",
    )


ASKED = {
    "depthtime": Asked(small=RUN, records=depthtime()),
}
