"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/compared/words.py",
        'return "better" if here > there else "worse"',
        'return "better" if here < there else "worse"',
        "better and worse are swapped",
        ("tests/runs/test_studies.py",),
    ),
]
