"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/flow/words.py",
        "< 0.01 * _spread(record.arms[arm], 0)",
        "< 0.01 * _spread(record.arms[arm], 1)",
        "points that met are compared with where they were after the first block",
        ("tests/topics/flow/test_question.py",),
    ),
    Fault(
        "resviz/topics/flow/figures.py",
        '"jumps": name == "plain",',
        '"jumps": name == "residual",',
        "points jump in the network that has shortcuts",
        ("tests/topics/flow/test_figures.py",),
    ),
]
