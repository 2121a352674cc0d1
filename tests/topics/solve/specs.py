"""Problems to be solved that hypothesis draws: any of the systems, from anywhere near, for as long as suits a test."""

import math
from typing import Any

from hypothesis import strategies as st

from resviz.topics.solve.question import SolveSpec
from resviz.topics.solve.solvers import FIXED
from resviz.topics.solve.systems import SYSTEMS
from resviz.words.fields import facts
from tests.strategies import values_of

FACTS = facts(SolveSpec)
UNKNOWNS = {name: make(1.0).dimension for name, make in SYSTEMS.items()}


@st.composite
def any_words(draw: st.DrawFn) -> dict[str, Any]:
    """Settings that go together, from all that is allowed; most would take long to solve."""
    values = {name: draw(values_of(fact)) for name, fact in FACTS.items()}
    size = UNKNOWNS[values["system"]]
    values["start"] = draw(st.just(()) | st.tuples(*[st.floats(-100, 100)] * size))
    if values["T"] < 1e-3:
        values["T"] = 0.0
    if values["study"] == "order" and values["method"] == "dopri5":
        values["method"] = "rk4"
    return values


@st.composite
def problems(draw: st.DrawFn, methods: tuple[str, ...] = FIXED, *, lasting: bool = False) -> SolveSpec:
    """What is solved in a few hundredths of a second. Fewer than no hunters take the solution to infinity, unless it is to be a
    `lasting` one; fewer than no prey make it too stiff to be followed."""
    system = draw(st.sampled_from(list(SYSTEMS)))
    starts = [st.floats(-5, 5)] * UNKNOWNS[system]
    if system == "lotka_volterra":
        starts = [st.floats(0, 5), st.floats(0 if lasting else -5, 5)]
    return SolveSpec(
        system=system,
        method=draw(st.sampled_from(methods)),
        n=draw(st.integers(1, 200)),
        T=draw(st.just(0.0) | st.integers(1, 2000).map(lambda k: k / 100)),
        start=draw(st.just(()) | st.tuples(*starts)),
        mu=draw(st.floats(0, 5)),
    )


def angle_of_pendulum(t: float, highest: float) -> float:
    """The angle of x'' = -sin x, let go at `highest`, by Jacobi's functions: sin(x/2) = k cd(t, k), k = sin(highest/2)."""
    from scipy.special import ellipj

    k = math.sin(highest / 2)
    _, cn, dn, _ = ellipj(t, k * k)
    return 2 * math.asin(k * cn / dn)


def kept(system: str, x: tuple[float, ...]) -> float:
    """What the pendulum and the animals keep: its energy; x - log x + y - log y."""
    if system == "pendulum":
        return x[1] ** 2 / 2 - math.cos(x[0])
    return x[0] - math.log(x[0]) + x[1] - math.log(x[1])
