"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/calm/question.py",
        'if k not in ("batch", "epochs", "edits")',
        'if k not in ("epochs", "edits")',
        "the first steps are trained with the batch of a look",
        ("tests/ui/test_board_panels.py",),
    ),
]
