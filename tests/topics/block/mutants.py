"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/block/style.css",
        ".rb { overflow-x: auto; }",
        ".rb { }",
        "a wide drawing makes a narrow page scroll sideways",
        ("tests/harness/test_pictures.py",),
    ),
    Fault(
        "resviz/topics/block/topic.py",
        "held=680",
        "held=300",
        "what stands below the picture jumps when it comes",
        ("tests/topics/block/test_page.py",),
    ),
]
