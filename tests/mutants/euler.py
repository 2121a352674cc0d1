"""Faults of the Euler page: solvers, systems, and what is said of what was learnt."""

from tests.mutants.fault import Fault

SOLVERS, SYSTEMS, SOLVE = (
    "resviz/topics/solve/solvers.py",
    "resviz/topics/solve/systems.py",
    "resviz/topics/solve/question.py",
)
FLOW, REFINE, CROSSING = (
    "resviz/topics/flow/question.py",
    "resviz/topics/refine/question.py",
    "resviz/topics/crossing/question.py",
)
ROLLOUT = "resviz/topics/rollout/question.py"
IN_SOLVERS, IN_SOLVE = ("tests/topics/solve/test_solvers.py",), ("tests/topics/solve/test_solve.py",)
IN_SYSTEMS = ("tests/topics/solve/test_systems.py",)

FAULTS = [
    Fault(
        SOLVERS,
        'Method("Heun", 2, ((), (1.0,)), (0.5, 0.5))',
        'Method("Heun", 2, ((), (0.5,)), (0.5, 0.5))',
        "Heun's second slope is taken in the middle of the step",
        IN_SOLVERS,
    ),
    Fault(
        SOLVERS,
        "method.stages * (left or steps), left",
        "method.stages * steps, left",
        "evaluations are counted that were never made",
        IN_SOLVERS,
    ),
    Fault(
        SOLVERS,
        "left = n\n",
        "left = n - 1\n",
        "the step that left float range is one too early",
        IN_SOLVERS,
    ),
    Fault(
        SYSTEMS,
        "fall * turn * (b * c - a * s) - DAMPING * place",
        "fall * turn * (b * c - a * s) + DAMPING * place",
        "the speed of the damped oscillator has a wrong sign",
        IN_SYSTEMS,
    ),
    Fault(
        SYSTEMS,
        "((1 - x[1], -x[0]), (x[1], x[0] - 1))",
        "((1 - x[1], x[1]), (-x[0], x[0] - 1))",
        "the Jacobian of hunters and prey has rows for columns",
        IN_SYSTEMS,
    ),
    Fault(
        SOLVE,
        "ROUNDING * scale < e < ROUGH * scale",
        "ROUNDING < e < ROUGH",
        "what is rounding is not measured by the size of the solution",
        IN_SOLVE,
    ),
    Fault(
        SOLVE,
        "][-FITTED:]",
        "][:FITTED]",
        "an order is fitted to the longest steps",
        IN_SOLVE,
    ),
    Fault(
        FLOW,
        "< 0.01 * _spread(record.arms[arm], 0)",
        "< 0.01 * _spread(record.arms[arm], 1)",
        "points that met are compared with where they were after the first block",
        ("tests/topics/flow/test_question.py",),
    ),
    Fault(
        REFINE,
        'if changes["smooth"] < 0.8 * changes["free"]:',
        'if changes["free"] < 0.8 * changes["smooth"]:',
        "the network called smooth is the other one",
        ("tests/topics/refine/test_question.py",),
    ),
    Fault(
        REFINE,
        "end is not None and abs(end - start) <= SAME for end",
        "end is None or end - start <= SAME for end",
        "accuracy that is lost is called hardly a difference",
        ("tests/topics/refine/test_question.py",),
    ),
    Fault(
        CROSSING,
        '(("flow", flow), ("residual", residual))',
        '(("flow", residual), ("residual", flow))',
        "neighbours that changed places are those of the other model",
        ("tests/topics/crossing/test_question.py",),
    ),
    Fault(
        ROLLOUT,
        'float(f"{self.dt * predictions:.6g}")',
        'float(f"{self.dt * predictions:.2g}")',
        "times are rounded to two digits",
        ("tests/topics/rollout/test_question.py",),
    ),
    Fault(
        "resviz/topics/depthtime/question.py",
        "if k not in now.cut and k not in now.remove",
        "if k not in now.cut or k not in now.remove",
        "a block whose shortcut is cut still counts as a step",
        ("tests/topics/depthtime/test_question.py",),
    ),
]
