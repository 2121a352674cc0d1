"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from resviz.topics.start.figures import templates
from tests.contract.asked import RUN, Asked

ASKED = {
    "start": Asked(small=RUN, quick=True, bound=templates),
}
