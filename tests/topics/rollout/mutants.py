"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/rollout/question.py",
        'float(f"{self.dt * predictions:.6g}")',
        'float(f"{self.dt * predictions:.2g}")',
        "times are rounded to two digits",
        ("tests/topics/rollout/test_question.py",),
    ),
    Fault(
        "resviz/topics/rollout/figures.py",
        "curves = {arm: [_log(v) for v in record.error[arm].median[1:]] for arm in ARMS}",
        "curves = {arm: [_log(v) for v in record.error[arm].high[1:]] for arm in ARMS}",
        "the worst start is drawn as the median one",
        ("tests/topics/rollout/test_figures.py",),
    ),
    Fault(
        "resviz/topics/rollout/pendulum.js",
        "`rotate(${((-angle",
        "`rotate(${((angle",
        "a pendulum swings to the wrong side",
        ("tests/topics/rollout/test_drawing.py",),
    ),
    Fault(
        "resviz/topics/rollout/swing.py",
        "-math.sin(x + h * k3)",
        "-math.sin(x + h / 2 * k3)",
        "the true pendulum is not quite true",
        ("tests/topics/rollout/test_figures.py",),
    ),
]
