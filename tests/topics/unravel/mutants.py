"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/unravel/question.py",
        "return self.spec.blocks - len(self.spec.outs)",
        "return self.spec.blocks - len(self.spec.out)",
        "blocks that are not there any more are still counted as out",
        ("tests/topics/unravel/test_words.py",),
    ),
]
