"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/refine/panel.py",
        'Control("smooth", (0.0,',
        'Control("smoothing", (0.0,',
        "a panel offers a setting that its spec has not",
        ("tests/contract/test_panels.py",),
    ),
    Fault(
        "resviz/topics/refine/words.py",
        'if changes["smooth"] < 0.8 * changes["free"]:',
        'if changes["free"] < 0.8 * changes["smooth"]:',
        "the network called smooth is the other one",
        ("tests/topics/refine/test_question.py",),
    ),
    Fault(
        "resviz/topics/refine/words.py",
        "end is not None and abs(end - start) <= SAME for end",
        "end is None or end - start <= SAME for end",
        "accuracy that is lost is called hardly a difference",
        ("tests/topics/refine/test_question.py",),
    ),
    Fault(
        "resviz/nets/plane.py",
        "share = (torch.arange(factor) / factor)",
        "share = ((torch.arange(factor) + 1) / factor)",
        "interpolated weights are a step ahead",
        ("tests/topics/refine/test_experiment.py",),
    ),
    Fault(
        "resviz/topics/refine/figures.py",
        "[k + 1.5 for k in",
        "[k + 0.5 for k in",
        "changes between two blocks stand before the first",
        ("tests/topics/refine/test_figures.py",),
    ),
]
