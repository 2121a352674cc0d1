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
    "each block is the decision boundary, carried back to that block: where the rest of the network would say "
    "which class to a point that stands there."
)


def finding(record: Flow) -> str:
    """Return the accuracy of both arms on unseen points and how straight their trajectories are, in sentences."""
    residual, plain = (record.arms[arm] for arm in ARMS)
    blocks = record.spec.blocks
    after = "" if record.done >= 1 else f"After {record.step:,} of {record.spec.steps:,} steps: "
    text = (
        f"{after}Through {blocks} block{'s' * (blocks != 1)} the residual network tells "
        f"{percent(residual.test_accuracy)} of unseen points right, the plain one {percent(plain.test_accuracy)}"
    )
    if residual.test_accuracy == plain.test_accuracy:
        text += ": no difference here."
    else:
        text += "."
    for name, arm in record.arms.items():
        if arm.stopped:
            text += f" The {name} network left float range at step {arm.stopped:,}; what is drawn is from before."
    return f"{text} {_trajectories(record)}"


def _trajectories(record: Flow) -> str:
    """Say how straight the trajectories are, and which arms end with all points in one place."""
    straight = {arm: record.arms[arm].straightness for arm in ARMS}
    said = [f"{1 / max(v, 1e-3):.1f} times" if v > 0.02 else "over 50 times" for v in (straight[arm] for arm in ARMS)]
    text = f"On the way a point covers {said[0]} the distance it gets with the shortcut, {said[1]} without"
    if straight["residual"] > 1.25 * straight["plain"]:
        text += ": with it points flow, without it they jump."
    elif straight["residual"] > 0.8 * straight["plain"]:
        text += ": no great difference here."
    else:
        text += ": here the shortcut makes no straighter way."
    lost = [arm for arm in ARMS if _spread(record.arms[arm], -1) < 0.01 * _spread(record.arms[arm], 0)]
    for arm in lost:
        text += f" The {arm} network takes all points to one place: what told the classes apart is lost."
    return text


def _spread(arm: ArmFlow, at: int) -> float:
    x, y = arm.x[at], arm.y[at]
    return max(max(x) - min(x), max(y) - min(y))
