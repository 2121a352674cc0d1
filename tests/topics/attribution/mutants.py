"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/attribution/experiment.py",
        "torch.where(residual != truth, 0, torch.where(plain != truth, 1, 2))",
        "torch.where(plain != truth, 0, torch.where(residual != truth, 1, 2))",
        "images that the plain network reads wrong come first",
        ("tests/topics/attribution/test_experiment.py",),
    ),
    Fault(
        "resviz/topics/attribution/figures.py",
        "if e.reads[arm] != e.truth",
        "if e.reads[arm] == e.truth",
        "images read right are marked as wrong",
        ("tests/topics/attribution/test_figures.py",),
    ),
    Fault(
        "resviz/topics/attribution/figures.py",
        "m.values[y * m.width : (y + 1) * m.width]",
        "m.values[y * m.height : (y + 1) * m.height]",
        "rows of a map that is no square are cut in the wrong places",
        ("tests/topics/attribution/test_figures.py",),
    ),
]
