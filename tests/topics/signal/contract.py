"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from resviz.topics.signal.figures import templates
from tests.contract.asked import RUN, Asked

ASKED = {
    "signal": Asked(small={**RUN, "norm": "none"}, quick=True, bound=templates),
}
