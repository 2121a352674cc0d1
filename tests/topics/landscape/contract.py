"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from resviz.families.resnet.family import ARMS
from resviz.runs.questions import answerer
from resviz.topics.landscape import question as landscapes
from resviz.topics.landscape.figures import Shown
from tests.contract.asked import RUN, Asked
from tests.contract.records import ANY_SHARE, LOSS, NONE_YET, PLACE, SIZE, training


@st.composite
def landscape(
    draw: st.DrawFn, loss: st.SearchStrategy[float | None] = LOSS, *, measured: bool = False
) -> landscapes.Landscape:
    """On the coarsest grid."""
    spec = landscapes.LandscapeSpec(
        directions=draw(st.sampled_from(["random", "path"])),
        on=draw(st.sampled_from(["train", "test"])),
        dataset=draw(st.sampled_from(["digits", "moons"])),
    )
    if not measured and draw(NONE_YET):
        return landscapes.Landscape(spec, 0.1, draw(training(spec.steps)))

    def arm() -> landscapes.Slice:
        few, a, b = draw(st.lists(loss, min_size=1, max_size=6)), draw(st.integers(0, 5)), draw(st.integers(0, 5))
        grid = tuple(tuple(few[(a * i + b * j) % len(few)] for i in range(9)) for j in range(9))
        way = tuple(landscapes.Step(k, draw(PLACE), draw(PLACE), draw(loss)) for k in range(draw(st.integers(1, 4))))
        return landscapes.Slice(grid, draw(ANY_SHARE), way, (draw(ANY_SHARE), draw(ANY_SHARE)), (1.0, 1.0))

    middle, half = (draw(PLACE), draw(PLACE)), draw(st.floats(0.01, 100))
    arms = {name: arm() for name in ARMS}
    learnt = draw(training(spec.steps, over=True))
    return landscapes.Landscape(spec, 1.0, learnt, 9, middle, half, arms, 64, (900, 1000))


@st.composite
def ways(draw: st.DrawFn, loss: st.SearchStrategy[float | None] = LOSS, *, measured: bool = False) -> landscapes.Ways:
    """On the coarsest maps."""
    spec = landscapes.WaysSpec(
        depth=draw(st.sampled_from([8, 56])),
        norm=draw(st.sampled_from(["batch", "none"])),
        dataset=draw(st.sampled_from(["digits", "moons"])),
    )
    if not measured and draw(NONE_YET):
        return landscapes.Ways(spec, 0.1, draw(training(spec.steps)))

    def drawn(columns: int) -> landscapes.Map:
        few, a, b = draw(st.lists(loss, min_size=1, max_size=6)), draw(st.integers(0, 5)), draw(st.integers(0, 5))
        rows = range(landscapes.rows(columns))
        grid = tuple(tuple(few[(a * i + b * j) % len(few)] for i in range(columns)) for j in rows)
        return landscapes.Map((draw(PLACE), draw(PLACE)), draw(st.floats(0.01, 1e30)), grid)

    whole = drawn(13)

    def arm() -> landscapes.Way:
        steps = sorted(draw(st.sets(st.integers(1, spec.steps), max_size=3)))
        moments = [landscapes.Moment(0, 0.0, 0.0, 0.0, draw(loss))]
        moments += [landscapes.Moment(k, draw(PLACE), draw(PLACE), draw(SIZE), draw(loss)) for k in steps]
        near = drawn(7) if draw(st.booleans()) else None
        shares = draw(ANY_SHARE), draw(ANY_SHARE)
        mine = replace(drawn(13), middle=whole.middle, half=whole.half)
        return landscapes.Way(tuple(moments), mine, near, shares, draw(ANY_SHARE), draw(st.floats(0.1, 1e3)))

    arms = {name: arm() for name in ARMS}
    return landscapes.Ways(spec, 1.0, draw(training(spec.steps, over=True)), arms, 64)


def shown() -> st.SearchStrategy[Shown]:
    return st.builds(Shown, ways(), st.booleans(), st.sampled_from(["", "about 40 s here"]))


def way_of(spec: landscapes.LandscapeSpec) -> Shown:
    *_, found = answerer("ways")(spec.ways.replace(columns="13", images=8))
    return Shown(found)


ASKED = {
    "ways": Asked(small={**RUN, "columns": "13", "images": "8"}, records=ways(), of_the_way=True),
    "way": Asked(small=RUN, quick=True, answer=way_of, records=shown()),
    "landscape": Asked(
        small={**RUN, "finest": "9", "images": "8"},
        records=landscape(),
        typed=("landscape", "finest=9", "images=8"),
        of_the_way=True,
        refused=(
            (("landscape", "finest=10"), "finest=10: allowed is one of 9, 17, 33, 65"),
            (("landscape", "span=0"), "span=0: allowed is a number from 0.01 to 100; nearest that works: 0.01"),
            (("landscape", "directions=up"), "directions=up: allowed is one of random, path"),
            (("landscape", "draw=-1"), "draw=-1: allowed is a whole number from 0 to 2,147,483,647"),
        ),
    ),
}
