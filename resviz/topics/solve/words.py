"""The results of the solvers in sentences, as JSON and as CSV; and the explanation."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from resviz.topics.solve.question import ROUNDING, Adaptive, Solved, SolveSpec, error_of, order, truth
from resviz.topics.solve.solvers import FIXED, METHODS, Trajectory, imaginary_limit, real_limit
from resviz.words.say import written

MOST_EXPONENT = 700.0  # e to this power is still a float


def first_up(text: str) -> str:
    """Return the text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def finding(record: Solved) -> str:
    """Return what the chosen method did and what theory says of it, in sentences."""
    spec = record.spec
    if spec.method == "dopri5":
        return _adaptive_finding(record)
    method, path = METHODS[spec.method], record.fixed[spec.method]
    steps = f"{spec.n:,} step{'s' * (spec.n != 1)} of h = {written(spec.h)}"
    if path.left:
        where = f"step {path.left:,}, t = {written(path.left * spec.h)}"
        text = f"{first_up(method.label)} left the range of floats at {where}: after that there is no number to draw."
    else:
        text = f"{first_up(method.label)}, {steps}, {_evaluations(path.evaluations)}: {_away(record)}."
    return f"{text} {_growth(record)}".strip()


def _evaluations(count: int) -> str:
    return f"{count:,} evaluation{'s' * (count != 1)} of f"


def _away(record: Solved) -> str:
    spec, error = record.spec, record.error[record.spec.method]
    if error is None:
        if record.truth.whole:
            return "its distance from the solution is beyond the range of floats"
        if record.truth.stiff:
            return "there is no solution to compare it with: that takes too many steps here"
        return f"but the solution itself runs off to infinity soon after t = {written(record.truth.times[-1])}"
    truth = "exact" if record.truth.exact else "reference"
    return f"at T = {written(spec.time)} it is {written(error)} away from the {truth} solution"


def _growth(record: Solved) -> str:
    """Say by how much a step multiplies the state according to the stability function, and how much the true solution does."""
    spec, method = record.spec, METHODS[record.spec.method]
    system = spec.equations
    values = system.eigenvalues(spec.begin)
    factor = max(abs(method.stability(spec.h * value)) for value in values)
    true = max(math.exp(min(spec.h * value.real, MOST_EXPONENT)) for value in values)
    if not system.linear:
        return (
            f"Near the start each step multiplies a small deviation by {_factor(factor)}; in the true solution it is multiplied "
            f"by {_factor(true)} in that time."
        )
    if not any(spec.begin):
        return "It begins where nothing moves, and stays there."
    change = "grows" if factor > 1 + 1e-9 >= true else "shrinks" if factor < 1 - 1e-9 <= true else ""
    said_own, said_true = _apart(factor, true) if change else (_factor(factor), _factor(true))
    text = (
        f"In the long run each step multiplies it by |R(hλ)| = {said_own} (the method’s factor for a step h and an eigenvalue λ "
        f"of the system), the true solution by {said_true}"
    )
    return f"{text}: it {change} where the solution does not." if change else f"{text}."


def _apart(a: float, b: float) -> tuple[str, str]:
    """Write both numbers with as few digits as tell them apart, at least four; with four if even twelve do not."""
    for digits in range(4, 13):
        pair = _factor(a, digits), _factor(b, digits)
        if pair[0] != pair[1]:
            return pair
    return _factor(a), _factor(b)


def _factor(value: float, digits: int = 4) -> str:
    if value >= math.exp(MOST_EXPONENT):
        return "more than 10³⁰⁰"
    return f"{value:.{digits}g}" if 1e-3 <= value < 9999.5 else written(value)


def _adaptive_finding(record: Solved) -> str:
    spec, found = record.spec, record.adaptive
    if found is None:
        return "Dormand–Prince is at work …"
    if found.trouble:
        return found.trouble
    steps = [b - a for a, b in pairwise(found.times)]
    again = f", {found.rejected} taken back" if found.rejected else ""
    text = (
        f"Dormand–Prince at tolerance {written(spec.tol)}: {len(steps):,} step{'s' * (len(steps) != 1)}{again}, "
        f"{_evaluations(found.evaluations)}: {_away(record)}."
    )
    whole = steps[:-1]  # the last step would pass the end and is cut off there
    if len(whole) > 1:
        text += f" Its steps were between {written(min(whole))} and {written(max(whole))} long."
    return text


# -- a guess ----------------------------------------------------------------------------------------

HALVED = ("about as large, or larger", "about half", "about a quarter", "an eighth or less")
_PARTS = (0.71, 0.36, 0.18)  # between them: the square roots of 1/2, 1/8 and 1/32


def half_step(record: Solved) -> tuple[str, str] | None:
    """Return what becomes of the error at the end if the chosen method takes half its step, one of HALVED, and a sentence with
    both errors; None for the method that chooses its steps, and where there is no solution to compare with."""
    spec = record.spec
    if spec.method not in FIXED or not record.truth.whole:
        return None
    whole, half = record.error[spec.method], error_of(spec.problem, spec.method, 2 * spec.n)
    said = " ".join(
        f"With h = {written(h)} {'it is beyond the range of floats' if error is None else f'the error is {written(error)}'}."
        for h, error in ((spec.h, whole), (spec.h / 2, half))
    )
    if whole is None or half is None or not whole:
        return HALVED[3 if whole is None and half is not None else 0], said
    small = ROUNDING * max(math.hypot(*x) for x in record.truth.states)
    if whole < small:
        said += " Both are so small that rounding counts as much as the method."
    return HALVED[sum(half <= part * whole for part in _PARTS)], said


# -- as JSON ---------------------------------------------------------------------------------------


def as_json(record: Solved) -> dict[str, Any]:
    """What the command line prints: the chosen method's error at the end, its states, its evaluations."""
    spec = record.spec
    chosen: Trajectory | Adaptive | None = record.adaptive if spec.method == "dopri5" else record.fixed[spec.method]
    assert chosen is not None
    told: dict[str, Any] = {
        "system": spec.system,
        "method": spec.method,
        "T": spec.time,
        "error": record.error.get(spec.method),
        "trajectory": chosen.states,
        "times": chosen.times,
        "evaluations": chosen.evaluations,
    }
    if isinstance(chosen, Adaptive):
        return told | {"tol": spec.tol, "rejected": chosen.rejected, "trouble": chosen.trouble or None}
    left = {"step": chosen.left, "time": chosen.left * spec.h} if chosen.left else None
    return told | {"h": spec.h, "n": spec.n, "left_float_range": left}


def order_json(spec: SolveSpec) -> dict[str, Any]:
    """The study of a method's order: errors by step size, and the fitted slope."""
    found = order(spec.problem, spec.method)
    return {
        "system": spec.system,
        "method": spec.method,
        "slope": found.slope,
        "expected": METHODS[spec.method].order,
        "h": found.h,
        "error": found.error,
        "fitted": found.fitted,
    }


def stability_json(spec: SolveSpec) -> dict[str, Any]:
    """The limits of h times an eigenvalue, along the negative real and the imaginary axis."""
    method = METHODS[spec.method]
    return {
        "method": spec.method,
        "real": real_limit(method),
        "imaginary": imaginary_limit(method),
        "polynomial": tuple(map(float, method.stability.coef)),
    }


def order_finding(spec: SolveSpec) -> str:
    """The fitted slope beside the one that theory gives."""
    found, method = order(spec.problem, spec.method), METHODS[spec.method]
    if not found.h:
        stiff = truth(spec.problem).stiff
        why = "following the solution takes too many steps" if stiff else "the solution itself runs off to infinity"
        return f"{first_up(method.label)}: {why} before T = {written(spec.time)}."
    if found.slope is None:
        return (
            f"{first_up(method.label)}: fewer than three step sizes give an error that is neither rounding nor as large as the "
            "solution."
        )
    sizes = f"h from {written(found.fitted[-1])} to {written(found.fitted[0])}"
    return (
        f"{first_up(method.label)}: the error falls like h^{found.slope:.2f} ({sizes}); theory gives h^{method.order}."
    )


def stability_finding(spec: SolveSpec) -> str:
    """Return how far along both axes a method is stable, in a sentence."""
    method = METHODS[spec.method]
    real, imaginary = real_limit(method), imaginary_limit(method)
    along = f"up to {imaginary:.4f} i" if imaginary else "nowhere"
    down = f"|R(z)| ≤ 1 along the negative real axis down to {real:.4f}"
    return f"{first_up(method.label)}: {down}, along the imaginary axis {along}."


def to_csv(record: Solved) -> str:
    """The chosen method's states, one line each."""
    told = as_json(record)
    lines = [
        ("t", *record.spec.equations.names),
        *((t, *x) for t, x in zip(told["times"], told["trajectory"], strict=True)),
    ]
    return "".join(",".join(map(str, line)) + "\n" for line in lines)


WHY = (
    "On $x' = \\lambda x$ one step multiplies $x$ by $R(h\\lambda)$; for Euler's method $R(z) = 1 + z$, as a "
    "linear residual block does. Where $|R| > 1$ every step makes it longer. Euler's disc touches the "
    "imaginary axis in 0 only: rotations spiral out at any step size, more slowly with shorter steps. The "
    "error at a fixed time falls like $h^p$; the slope on log axes is the order $p$. Dormand–Prince "
    "(torchdiffeq) chooses its steps by an estimate of its own error."
)
