"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from hypothesis import strategies as st

from resviz.topics.lengths import question as lengths_of
from tests.contract.asked import RUN, Asked
from tests.contract.records import NONE_YET, cycled, training


@st.composite
def lengths(draw: st.DrawFn, *, measured: bool = False) -> lengths_of.Lengths:
    spec = lengths_of.LengthsSpec()
    if not measured and draw(NONE_YET):
        return lengths_of.Lengths(spec, draw(st.floats(0, 0.9)), draw(training(spec.steps)))
    blocks = draw(st.integers(1 if measured else 0, 60))
    norm = draw(cycled(st.none() | st.just(0.0) | st.floats(0, 1e20), blocks + 1))
    return lengths_of.Lengths(
        spec, 1.0, draw(training(spec.steps, over=True)), blocks, norm, draw(st.floats(0, 1e20)), 128
    )


ASKED = {
    "lengths": Asked(
        small={**RUN, "images": "4", "repeats": "1"},
        records=lengths(),
        typed=("paths", "study=lengths", "images=4"),
        survives=False,
        refused=(
            (("paths", "study=lengths", "repeats=0"), "repeats=0: allowed is a whole number from 1 to 50"),
            (("paths", "study=lengths", "images=2000"), "images=2000: allowed is a whole number from 1 to 1,000"),
        ),
    ),
}
