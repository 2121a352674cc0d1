"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/unravel/unravel.js",
        "if (!out.delete(k)) out.add(k);",
        "out.add(k);",
        "a block that is out cannot be put back",
        ("tests/topics/unravel/test_drawing.py",),
    ),
    Fault(
        "resviz/topics/unravel/unravel.js",
        "tabindex: first ? 0 : -1",
        "tabindex: 0",
        "every copy of a block is a stop of the Tab key",
        ("tests/topics/unravel/test_drawing.py",),
    ),
    Fault(
        "resviz/topics/unravel/question.py",
        "return self.spec.blocks - len(self.spec.outs)",
        "return self.spec.blocks - len(self.spec.out)",
        "blocks that are not there any more are still counted as out",
        ("tests/topics/unravel/test_words.py",),
    ),
]
