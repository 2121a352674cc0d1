"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from hypothesis import strategies as st

from resviz.topics.rollout import question as rollouts
from resviz.train.plane import ARMS
from tests.contract.asked import Asked
from tests.contract.records import PLACE, a_share_done, both, cycled, stopped


@st.composite
def rollout(draw: st.DrawFn) -> rollouts.Rollout:
    spec = rollouts.RolloutSpec(
        system=draw(st.sampled_from(list(rollouts.SHOWN))),
        dt=draw(st.sampled_from([0.01, 0.1, 0.3, 1.0])),
        horizon=draw(st.sampled_from([10, 40, 300])),
        steps=1000,
    )
    done, step = a_share_done(draw, spec.steps)
    count, places = len([s for s in spec.measured if s <= step]), len(spec.seen)
    error = st.none() | st.sampled_from([0.0, 0.085, 1.0, 1e-12, 1e30, 1e60]) | st.floats(0, 3)
    point = st.tuples(PLACE, PLACE)
    prediction = st.none() | st.integers(1, spec.horizon)
    lost, gone = both(draw, prediction), both(draw, prediction if spec.system == "lotka_volterra" else st.none())
    first = {arm: min((n for n in (lost[arm], gone[arm]) if n), default=None) for arm in ARMS}

    def band() -> rollouts.Band:
        kinds = [
            sorted(v for v in three if v is not None) for three in draw(st.lists(st.tuples(*[error] * 3), max_size=3))
        ]
        whole = [three for three in kinds if len(three) == 3]
        some = [(whole[k % len(whole)] if whole else (None,) * 3) for k in range(places - 1)]
        gone = draw(st.integers(0, places - 1))  # from there on there is no number
        low, median, high = ((0.0, *(three[n] if k < gone else None for k, three in enumerate(some))) for n in range(3))
        return rollouts.Band(median, low, high)

    return rollouts.Rollout(
        spec=spec,
        done=done,
        step=step,
        identity=draw(st.sampled_from([0.0, 0.085, 2.0])),
        average=draw(st.sampled_from([0.0, 1.0])),
        loss=both(draw, cycled(error, count)),
        one_step=both(draw, cycled(error, count)),
        moves=both(draw, cycled(error, count)),
        error={arm: band() for arm in ARMS},
        passes=both(draw, prediction),
        orbit=draw(cycled(point, draw(st.integers(2, 5)))),
        arrival=draw(point),
        path={arm: draw(cycled(point, lost[arm] or spec.horizon + 1)) for arm in ARMS},
        energy={arm: (1.0, *draw(cycled(error, places - 1))) for arm in ARMS},
        strays=both(draw, error),
        without=first,
        lost=lost,
        left={arm: draw(st.integers(1, rollouts.STARTS)) if lost[arm] else draw(st.integers(0, 3)) for arm in ARMS},
        stopped=both(draw, stopped(step)),
    )


ASKED = {
    "rollout": Asked(
        small={"blocks": "1", "hidden": "4", "steps": "10", "examples": "20", "horizon": "10"}, records=rollout()
    ),
}
