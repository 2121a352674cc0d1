"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/train/command.py",
        'raise Stop(f"stopped after step {len(history.records)} of {spec.steps}", 130)',
        'raise Stop(f"stopped after step {len(history.records)} of {spec.steps}", 1)',
        "Ctrl-C ends with the exit code of a failure",
        ("tests/test_cli_process.py",),
    ),
]
