"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from hypothesis import strategies as st

from resviz.topics.unravel.question import MOST, Unravelled, UnravelSpec
from tests.contract.asked import Asked

UNRAVELLED = st.integers(1, MOST).flatmap(
    lambda n: st.builds(
        UnravelSpec,
        blocks=st.just(n),
        opened=st.integers(0, MOST),
        out=st.sets(st.integers(1, MOST)).map(lambda numbers: tuple(sorted(numbers))),
    )
)


ASKED = {
    "unravel": Asked(
        small={"blocks": "2", "opened": "1"}, other={"blocks": "3"}, quick=True, records=UNRAVELLED.map(Unravelled)
    ),
}
