"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from hypothesis import strategies as st

from resviz.runs.questions import answerer
from resviz.topics.solve.question import Adaptive, Solved, solve
from resviz.topics.solve.solvers import FIXED
from tests.contract.asked import Asked
from tests.contract.records import PLACE
from tests.topics.solve.specs import problems


@st.composite
def solved(draw: st.DrawFn) -> Solved:
    """Any system by any method: also one that runs off, and an adaptive one that has not ended or gave up."""
    spec = draw(problems(methods=(*FIXED, "dopri5")))
    if draw(st.booleans()):
        return solve(spec, orders=False)
    gave_up = draw(st.booleans())
    ran = Adaptive(
        (0.0, spec.time / 2) if gave_up else (0.0, spec.time),
        (spec.begin, draw(st.tuples(*[PLACE] * len(spec.begin)))),
        draw(st.integers(1, 5000)),
        draw(st.integers(0, 9)),
        "The solver gave up after 2,000 evaluations of f." if gave_up else "",
    )
    return solve(spec, ran, orders=False)


ASKED = {
    "adaptive": Asked(small={"tol": "0.01"}, other={"system": "pendulum"}, quick=True),
    "blocks": Asked(small={"blocks": "2", "hidden": "4", "steps": "4"}),
    "orders": Asked(small={"T": "5"}, other={"system": "pendulum"}, quick=True),
    "solve": Asked(
        small={"tol": "0.01", "method": "heun"},
        other={"system": "pendulum"},
        quick=True,
        records=solved(),
        answer=lambda spec: solve(spec, answerer("adaptive")(spec.problem.replace(tol=spec.tol))),
    ),
}
