"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from hypothesis import strategies as st

from resviz.topics.several import question as more
from tests.contract.asked import RUN, Asked
from tests.contract.records import ANY_SHARE, COSINE, NONE_YET, both, rows, training


@st.composite
def several(draw: st.DrawFn, *, measured: bool = False) -> more.Several:
    spec = more.SeveralSpec(depth=draw(st.integers(6 if measured else 2, 24)), draws=draw(st.integers(1, 4)))
    if not measured and (not spec.blocks or draw(NONE_YET)):
        return more.Several(spec, draw(st.floats(0, 0.9)), draw(training(spec.steps)))
    counts = tuple(range(1, spec.blocks + 1))
    told, swapped = draw(st.integers(0, len(counts))), draw(st.integers(0, len(counts)))
    tau = draw(rows(COSINE, swapped, spec.draws))
    swaps = counts if swapped or draw(st.booleans()) else ()
    out, order = both(draw, rows(ANY_SHARE, told, spec.draws)), both(draw, rows(ANY_SHARE, swapped, spec.draws))
    learnt = draw(training(spec.steps, over=True))
    return more.Several(spec, 1.0, learnt, both(draw, ANY_SHARE), counts, out, swaps, tau, order, 360)


ASKED = {
    "several": Asked(
        small={**RUN, "draws": "2", "images": "20"},
        records=several(),
        typed=("paths", "study=several", "draws=2", "images=20"),
        refused=(
            (("paths", "study=several", "lesion=3"), "lesion=3: no such setting"),
            (("paths", "study=several", "draws=51"), "draws=51: allowed is a whole number from 1 to 50"),
        ),
    ),
}
