"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/depthtime/question.py",
        "if k not in now.cut and k not in now.remove",
        "if k not in now.cut or k not in now.remove",
        "a block whose shortcut is cut still counts as a step",
        ("tests/topics/depthtime/test_question.py",),
    ),
    Fault(
        "resviz/topics/depthtime/experiment.py",
        "last = run(partial(walk_of, arm, images, done, own=done == 0))",
        "last = run(partial(walk_of, arm, images, done, own=True))",
        "the last look takes the images' own statistics",
        ("tests/topics/depthtime/test_training.py",),
    ),
]
