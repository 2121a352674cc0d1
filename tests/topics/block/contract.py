"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from tests.contract.asked import Asked

ASKED = {
    "block": Asked(small={"image": "digit", "inputs": "4", "width": "4"}, quick=True),
}
