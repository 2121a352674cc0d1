"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from hypothesis import strategies as st

from resviz.topics.ode import question as odes
from tests.contract.asked import Asked
from tests.contract.records import BOX, PLACE, SHARE, SIZE, a_share_done, cycled, regions, rows


@st.composite
def ode(draw: st.DrawFn) -> odes.NeuralOde:
    spec = odes.NeuralOdeSpec(
        tol=draw(st.sampled_from([0.1, 1e-2, 1e-4])),
        gradient=draw(st.sampled_from(["adjoint", "backprop"])),
        augment=draw(st.integers(0, 2)),
        steps=200,
    )
    done, step = a_share_done(draw, spec.steps)
    points = draw(st.integers(1, 3))
    at = tuple(sorted({s for s in (1, 100, step) if 0 < s <= step}))
    byte = st.integers(1, 900_000_000)

    def net(blocks: int, right: st.SearchStrategy[float | None]) -> odes.Learnt:
        return odes.Learnt(
            parameters=draw(st.integers(1, 5000)),
            train_accuracy=draw(right),
            test_accuracy=draw(right),
            accuracy=draw(cycled(right, len(at))),
            curve=draw(cycled(SIZE, len(at))),
            seconds=draw(st.floats(0, 1000)),
            x=draw(rows(PLACE, blocks + 1, points)),
            y=draw(rows(PLACE, blocks + 1, points)),
            regions=regions(draw, 1, 2),
        )

    gave_up = draw(st.booleans())

    def memory(tol: float) -> odes.Memory:
        adjoint, through = (draw(st.none() | byte if gave_up else byte) for _ in range(2))
        times = st.none() if adjoint is None else st.integers(1, 2000)
        return odes.Memory(tol, adjoint, through, draw(times), draw(times))

    tolerances = odes.TOLERANCES[: draw(st.integers(0, len(odes.TOLERANCES)))] if done == 1 else ()
    evaluations = draw(st.integers(0, min(step, 3)))
    end = "Training of the flow ended at step 3. The loss left float range."
    return odes.NeuralOde(
        spec=spec,
        done=done,
        step=step,
        box=BOX,
        labels=draw(cycled(st.sampled_from([0, 1]), points)),
        nets={"ode": net(4, st.none() | SHARE), "residual": net(odes.BLOCKS, SHARE)},
        at=at,
        forward=draw(cycled(st.integers(1, 2000), evaluations)),
        backward=draw(cycled(st.integers(1, 2000) if spec.gradient == "adjoint" else st.just(0), evaluations)),
        reached=draw(st.none() | st.tuples(st.integers(1, step), st.floats(0, 99))) if step else None,
        memory=tuple(memory(tol) for tol in tolerances),
        stopped=draw(st.sampled_from(["", end])) if step else "",
    )


ASKED = {
    "ode": Asked(
        small={"hidden": "4", "steps": "3", "tol": "0.1"}, measures=("nets.*.seconds", "reached"), records=ode()
    ),
}
