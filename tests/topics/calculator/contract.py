"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.contract.asked import Asked

COUNTED = {"net": "cifar", "depth": "8", "input": "8", "batch": "1"}
MEASURED = ("seconds", "fastest", "steps", "rate", "bandwidth")
# What a training step takes, and the machine does at best, is not looked at by the contract: so little of it is measured.
LITTLE = {"ENOUGH": 0.05, "SIDE": 256, "COPIED": 1 << 22}


@contextmanager
def quickly() -> Iterator[None]:
    """As long as the contract asks."""
    from resviz.topics.calculator import experiment

    with pytest.MonkeyPatch.context() as patch:
        for name, value in LITTLE.items():
            patch.setattr(experiment, name, value)
        yield


ASKED = {
    "check": Asked(small=COUNTED, other={"net": "cifar", "depth": "14"}, quick=True),
    "steptime": Asked(
        small=COUNTED,
        other={"batch": "2"},
        measures=MEASURED,
        asked_first="a press measures it",
        marks=(pytest.mark.heavy,),
    ),
    "count": Asked(
        small={"net": "cifar", "depth": "8", "other": "wrn"}, other={"net": "cifar", "other": "vgg16"}, quick=True
    ),
    "built": Asked(small=COUNTED, other={"net": "cifar", "depth": "14"}, asked_first="a press builds it"),
    "step": Asked(
        small=COUNTED,
        other={"batch": "2"},
        measures=tuple(f"*.found.{name}" for name in MEASURED),
        asked_first="a press measures it",
        marks=(pytest.mark.heavy,),
    ),
}
