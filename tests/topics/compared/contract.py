"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from tests.contract.asked import Asked

ASKED = {
    "compared": Asked(runs=True),
}
