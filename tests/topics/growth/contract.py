"""What the contract tests take of this topic: small questions, and any record that there can be."""

from hypothesis import strategies as st

from resviz.topics.growth.question import GrowthSpec, growth
from tests.contract.asked import Asked

SPECS = st.builds(
    GrowthSpec,
    blocks=st.integers(1, 12),
    scale=st.sampled_from(["one", "root", "share"]),
    width=st.integers(4, 16),
    seed=st.integers(0, 9),
)
ASKED = {"growth": Asked(small={"blocks": "3", "width": "8"}, quick=True, records=SPECS.map(growth))}
