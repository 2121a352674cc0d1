"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from hypothesis import strategies as st

from resviz.topics.shattered import question as shattering
from resviz.train.plane import ARMS
from tests.contract.asked import Asked
from tests.contract.records import COSINE, cycled


@st.composite
def shattered(draw: st.DrawFn) -> shattering.Shattered:
    """Of what was drawn, not measured: also curves that never cross 0 and gradients that do not change."""
    spec = shattering.ShatteredSpec(
        depth=draw(st.sampled_from([2, 3, 4, 12, 50, 200])), width=64, seeds=draw(st.integers(1, 3))
    )
    points = range(shattering.POINTS)

    def curve(count: int, first: float | None = None) -> shattering.Curve:
        three = draw(st.lists(st.tuples(*[COSINE] * 3).map(sorted), min_size=1, max_size=4))
        kinds = [three[k % len(three)] for k in range(count)]
        low, mean, high = ([v[n] for v in kinds] for n in range(3))
        if first is not None:
            low[0] = mean[0] = high[0] = first
        return shattering.Curve(tuple(mean), tuple(low), tuple(high))

    networks = dict.fromkeys(("plain", "residual"), curve(shattering.LAGS, 1.0)) if spec.alike else {}
    return shattering.Shattered(
        spec=spec,
        x=tuple(-2 + 4 * k / (shattering.POINTS - 1) for k in points),
        gradient={net: draw(cycled(st.floats(-1e3, 1e3), shattering.POINTS)) for net in shattering.NETS},
        autocorrelation={net: networks.get(net) or curve(shattering.LAGS, 1.0) for net in shattering.NETS},
        noise={name: draw(cycled(COSINE, shattering.LAGS)) for name in shattering.NOISES},
        depths=spec.depths,
        cosine={arm: curve(len(spec.depths)) for arm in ARMS},
        theory={arm: tuple(shattering.theory(arm, n) for n in spec.depths) for arm in ARMS},
    )


ASKED = {
    "shattered": Asked(
        small={"depth": "4", "width": "16", "seeds": "1"},
        asked_first="two seconds, below everything else on its page",
        records=shattered(),
    ),
}
