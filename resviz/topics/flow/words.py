"""The texts of this view: the finding, the explanation and the claims of the literature."""

from __future__ import annotations

from resviz.topics.flow.question import ArmFlow, Flow
from resviz.train.plane import ARMS
from resviz.words.claims import SANDER_2022, Claim
from resviz.words.say import percent

CLAIMS = (
    Claim(
        "A residual network is an ODE solver.",
        "The formula is that of Euler’s method with h = 1. For a limit in depth the weights have to change smoothly from block "
        "to block, and to be scaled by 1/N; without that the gap between the network and the equation does not vanish as it "
        "gets deeper.",
        SANDER_2022,
    ),
)

WHY = (
    "$$x_{k+1} = x_k + F_k(x_k) \\qquad\\text{beside}\\qquad x_{k+1} = x_k + h\\, f(x_k)$$\n\nThe state of these "
    "networks is a point in the plane, so that nothing has to be projected: what you see is what is computed. "
    "Both networks start from the same weights and see the same 512 points; one line differs. The shading at "
    "each block is the decision boundary, carried back to that block: the class that the rest of the network "
    "gives to a point that stands there.\n\n"
    "*Halve the step* runs the trained network with each block twice and half as strong, $x + \\tfrac h2 f_k(x)$ two "
    "times, the weights unchanged. Along a flow that changes little within a step, points arrive where they arrived "
    "before (Chang 2018, arXiv 1710.10348, build deeper networks so)."
)


SAME, ROUGHLY = (
    0.02,
    0.15,
)  # accuracy that half the step may cost: in a flow, and where the blocks are nearly steps of one
LEARNT = 0.6  # accuracy below which a network of two classes has learnt too little to compare
FLOWS, JUMPS = (
    3.0,
    2.0,
)  # a path that flows is at most so many times as long as the straight line, one that jumps at least so many


def finding(record: Flow) -> str:
    """Return the accuracy of both arms on new points, how straight their trajectories are and, in a paragraph of its own, what
    half the step does, in sentences."""
    residual, plain = (record.arms[arm] for arm in ARMS)
    blocks = record.spec.blocks
    after = "" if record.done >= 1 else f"After {record.step:,} of {record.spec.steps:,} steps: "
    text = (
        f"{after}Through {blocks} block{'s' * (blocks != 1)} the residual network classifies "
        f"{percent(residual.test_accuracy)} of new points correctly, the plain one {percent(plain.test_accuracy)}"
    )
    if residual.test_accuracy == plain.test_accuracy:
        text += ": no difference here."
    else:
        text += "."
    for name, arm in record.arms.items():
        if arm.stopped:
            text += f" The {name} network left float range at step {arm.stopped:,}; what is drawn is from before."
    half = halving(record)
    return f"{text} {_trajectories(record)}" + (f"\n\n{half}" if half else "")


def _trajectories(record: Flow) -> str:
    """Say how straight the trajectories are, and which arms end with all points in one place."""
    long = _lengths(record)
    residual, plain = map(_times, long)
    text = f"With shortcuts a point’s path is {residual} as long as the straight line"
    ratio = long[1] / long[0]
    if ratio > 1.25 and long[0] <= FLOWS and long[1] >= JUMPS:
        text += f": it flows. Without, {plain}: it jumps about."
    elif ratio > 1.25:
        text += f", without them {plain}: the shortcuts make the way straighter."
    elif ratio > 0.8:
        text += f", without them {plain}: no great difference here."
    else:
        text += f", without them {plain}: here shortcuts do not make the way straighter."
    lost = [arm for arm in ARMS if _spread(record.arms[arm], -1) < 0.01 * _spread(record.arms[arm], 0)]
    for arm in lost:
        text += f" The {arm} network takes all points to one place: what told the classes apart is lost."
    return text


def _lengths(record: Flow) -> tuple[float, float]:
    """Return how many times as long as the straight line the paths of the residual and of the plain network are."""
    residual, plain = (1 / max(record.arms[arm].straightness, 1e-3) for arm in ARMS)
    return residual, plain


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times" if ratio < 50 else "over 50 times"


LONGER = ("up to 1.5 times", "1.5 to 3 times", "3 to 10 times", "more than 10 times")


def longer(record: Flow) -> tuple[str, str] | None:
    """Return how long a point's way is without shortcuts, one of LONGER, and a sentence; None before the end of training."""
    if record.done < 1:
        return None
    residual, plain = _lengths(record)
    said = f"Without shortcuts it is {_times(plain)} as long as the straight line, with them {_times(residual)}."
    same = " Shortcuts make no great difference here." if 0.8 < plain / residual <= 1.25 else ""
    return LONGER[sum(round(plain, 1) > bound for bound in (1.5, 3.0, 10.0))], f"{said}{same}"


def halving(record: Flow) -> str:
    """Return what half the step does to the accuracy of the residual network, in a sentence; "" if it was not measured."""
    arm = record.arms["residual"]
    if not arm.halved:
        return ""
    text, whole, half = "With half the step and twice as many steps", arm.test_accuracy, arm.halved.accuracy
    if half is None:
        return f"{text} points leave float range: these blocks are not steps of one flow."
    if whole < LEARNT:
        return (
            f"{text} {percent(half)} of new points are classified correctly, with whole steps {percent(whole)}: the network has "
            "learnt too little to compare."
        )
    lost = round(whole - half, 6)
    still = f"{text} {percent(half)} of new points are still classified correctly"
    if abs(lost) <= SAME:
        return f"{still}: the blocks behave like steps of one flow."
    if lost <= ROUGHLY:
        points = percent(abs(lost)).removesuffix("%")
        change = f"{points} points {'fewer' if half < whole else 'more'} than with whole steps"
        return f"{still}, {change}: the blocks are only roughly steps of one flow."
    return (
        f"{text} it falls from {percent(whole)} of new points classified correctly to {percent(half)}: these blocks are not "
        "steps of one flow, they need the step that they were trained with."
    )


def _spread(arm: ArmFlow, at: int) -> float:
    x, y = arm.x[at], arm.y[at]
    return max(max(x) - min(x), max(y) - min(y))
