"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/shattered/question.py",
        'for name in ("x", "depths"):',
        'for name in ("x",):',
        "a record does not come back from text as it was",
        ("tests/contract/test_answers.py",),
    ),
    Fault(
        "resviz/topics/shattered/experiment.py",
        'shortcut=arm == "residual")',
        'shortcut=arm == "plain")',
        "the two networks' cosines are swapped",
        ("tests/topics/shattered/test_experiment.py",),
    ),
]
