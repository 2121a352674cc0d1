"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/start/panel.py",
        'spec.query() if first.takes_on else ""',
        "spec.query()",
        "a lesson that has networks of its own is given those of another",
        ("tests/ui/test_passing.py",),
    ),
]
