"""Faults of resviz/count."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/count/layers.py",
        'self.operations["norm"] += 2 * layers.floats',
        'self.operations["norm"] += layers.floats',
        "a normalisation does one operation a number instead of two",
        ("tests/topics/calculator/test_architectures.py",),
    ),
]
