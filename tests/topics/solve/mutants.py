"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/solve/command.py",
        'raise Stop(f"--out {str(out.path)!r}: a study is written as .json", 2)',
        'raise Stop(f"--out {str(out.path)!r}: a study is written as .json", 0)',
        "a study that is not written is a success",
        ("tests/topics/solve/test_command.py",),
    ),
    Fault(
        "resviz/topics/solve/solvers.py",
        'Method("Heun", 2, ((), (1.0,)), (0.5, 0.5))',
        'Method("Heun", 2, ((), (0.5,)), (0.5, 0.5))',
        "Heun's second slope is taken in the middle of the step",
        ("tests/topics/solve/test_solvers.py",),
    ),
    Fault(
        "resviz/topics/solve/solvers.py",
        "method.stages * (left or steps), left",
        "method.stages * steps, left",
        "evaluations are counted that were never made",
        ("tests/topics/solve/test_solvers.py",),
    ),
    Fault(
        "resviz/topics/solve/solvers.py",
        "left = n\n",
        "left = n - 1\n",
        "the step that left float range is one too early",
        ("tests/topics/solve/test_solvers.py",),
    ),
    Fault(
        "resviz/topics/solve/systems.py",
        "fall * turn * (b * c - a * s) - DAMPING * place",
        "fall * turn * (b * c - a * s) + DAMPING * place",
        "the speed of the damped oscillator has a wrong sign",
        ("tests/topics/solve/test_systems.py",),
    ),
    Fault(
        "resviz/topics/solve/systems.py",
        "((1 - x[1], -x[0]), (x[1], x[0] - 1))",
        "((1 - x[1], x[1]), (-x[0], x[0] - 1))",
        "the Jacobian of hunters and prey has rows for columns",
        ("tests/topics/solve/test_systems.py",),
    ),
    Fault(
        "resviz/topics/solve/question.py",
        "ROUNDING * scale < e < ROUGH * scale",
        "ROUNDING < e < ROUGH",
        "what is rounding is not measured by the size of the solution",
        ("tests/topics/solve/test_solve.py",),
    ),
    Fault(
        "resviz/topics/solve/question.py",
        "][-FITTED:]",
        "][:FITTED]",
        "an order is fitted to the longest steps",
        ("tests/topics/solve/test_solve.py",),
    ),
    Fault(
        "resviz/topics/solve/stability.py",
        '"euler": ("forward<br>Euler", (0.5, -1.15)',
        '"euler": ("forward<br>Euler", (-0.3, -1.15)',
        "a name lies on a curve",
        ("tests/topics/solve/test_figures.py",),
    ),
    Fault(
        "resviz/topics/solve/words.py",
        "2 * spec.n)\n",
        "3 * spec.n)\n",
        "a guess is compared with a third of the step",
        ("tests/topics/solve/test_words.py",),
    ),
]
