"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/photograph/experiment.py",
        "(raw / 255 - mean) / std",
        "(raw / 256 - mean) / std",
        "pixels are divided by the wrong number",
        ("tests/topics/photograph/test_experiment.py",),
    ),
]
