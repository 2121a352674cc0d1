"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/depth/command.py",
        'f"{half}_error": None if accuracy is None else 1 - accuracy',
        'f"{half}_error": None if accuracy is None else accuracy',
        "an accuracy is told as an error",
        ("tests/topics/depth/test_command.py",),
    ),
    Fault(
        "resviz/topics/depth/figures.py",
        '"x": list(range(1, len(line) + 1)),',
        '"x": list(range(len(line))),',
        "layers are counted from 0",
        ("tests/topics/depth/test_figures.py",),
    ),
    Fault(
        "resviz/topics/depth/question.py",
        'if k != "depth"',
        'if k == "depths"',
        "the board compares depths, and forgets all other settings",
        ("tests/ui/test_board_panels.py", "tests/runs/test_studyspecs.py"),
    ),
]
