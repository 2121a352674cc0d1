"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from resviz.topics.train.figures import templates
from tests.contract.asked import Asked

ASKED = {
    "train": Asked(runs=True, bound=templates),
}
