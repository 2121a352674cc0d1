"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/ode/experiment.py",
        "(loss + DISTANCE * moved).backward()",
        "(loss - DISTANCE * moved).backward()",
        "the flow is paid for the distance instead of paying",
        ("tests/topics/ode/test_experiment.py", "tests/topics/ode/test_records.py"),
    ),
]
