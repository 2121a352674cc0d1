"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/crossing/experiment.py",
        "generator = torch.Generator().manual_seed(spec.seed)",
        "generator = torch.Generator().manual_seed(torch.seed())",
        "the same spec gives other weights each time",
        ("tests/contract/test_answers.py",),
    ),
    Fault(
        "resviz/topics/crossing/words.py",
        '(("flow", flow), ("residual", residual))',
        '(("flow", residual), ("residual", flow))',
        "neighbours that changed places are those of the other model",
        ("tests/topics/crossing/test_question.py",),
    ),
    Fault(
        "resviz/topics/crossing/experiment.py",
        "(ends.diff() < 0)",
        "(ends.diff() > 0)",
        "neighbours that kept their order count as turned",
        ("tests/topics/crossing/test_records.py",),
    ),
    Fault(
        "resviz/topics/crossing/figures.py",
        'error = written(way.error) if line else f"{written(100 * way.error)}%"',
        'error = written(way.error) if line else f"{written(way.error)}%"',
        "a share is written as a percentage without times 100",
        ("tests/topics/crossing/test_figures.py",),
    ),
]
