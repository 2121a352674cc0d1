"""The finding of the shattered gradients view, as text."""

from __future__ import annotations

import math

from resviz.topics.shattered.question import NETS, Curve, Shattered, _draws, chance
from resviz.words.say import times
from resviz.words.text import Vector

HALF = 0.5  # a gradient counts as correlated above this


def reach(values: Vector, step: float) -> float | None:
    """Return the distance along the line at which an autocorrelation first falls to HALF, interpolated linearly between lags;
    None if it does not within the lags measured."""
    for lag, value in enumerate(values):
        if value <= HALF:
            before = values[lag - 1] if lag else value
            return step * (lag if before == value else lag - 1 + (before - HALF) / (before - value))
    return None


def finding(record: Shattered) -> str:
    """Return two paragraphs, separated by an empty line: the three networks along the line, and the two arms with independent
    inputs."""
    return f"{_along(record)}\n\n{_between(record)}"


def _along(record: Shattered) -> str:
    depth = record.spec.depth
    far = {net: _far(record.autocorrelation[net].mean, record.step) for net in NETS}
    text = (
        f"Along the line the gradient stays correlated (above {HALF}) {far['shallow']} in the network of 2 layers; "
        f"{far['plain']} in the plain one of {depth}; {far['residual']} in the residual one of {depth}."
    )
    plain, residual = (record.autocorrelation[arm] for arm in ("plain", "residual"))
    if plain == residual:
        why = "fewer than four layers leave no room for a shortcut" if record.spec.alike else "to the last digit"
        return f"{text} Between the plain and the residual one there is no difference here: {why}."
    reaches = [reach(curve.mean, record.step) for curve in (plain, residual)]
    lags = [len(plain.mean) - 1 if r is None else max(math.ceil(r / record.step), 1) for r in reaches]
    if all(_overlap(plain, residual, lag) for lag in range(1, max(lags) + 1)):
        text += f" Between the plain and the residual one that is no difference that {_draws(record.spec)} could show."
    return text


def _far(values: Vector, step: float) -> str:
    found = reach(values, step)
    if found is None:
        return f"farther than {times(step * (len(values) - 1))}"
    return f"for less than one step, {times(step)}," if found < step else f"over a distance of {times(found)}"


def _between(record: Shattered) -> str:
    plain, residual = (record.cosine[arm] for arm in ("plain", "residual"))
    blocks = record.depths[-1]
    text = (
        f"Through {blocks} block{'s' if blocks > 1 else ''}, the gradients of two independent inputs have a cosine of"
    )
    if plain == residual:
        return f"{text} {_cosine(record, 'plain')} in both networks: no difference here."
    text += f" {_cosine(record, 'plain')} in the plain network and of {_cosine(record, 'residual')} in the residual one"
    if _overlap(plain, residual, -1):
        return f"{text}: no difference that {_draws(record.spec)} could show."
    return f"{text}."


def _cosine(record: Shattered, arm: str) -> str:
    value = record.cosine[arm].mean[-1]
    said = f"{'−' if value < 0 else ''}{times(abs(value))}"
    known = f"theory: {times(record.theory[arm][-1])}"
    return f"{said} ({known}; that is 0 up to chance)" if abs(value) <= chance(record.spec) else f"{said} ({known})"


def _overlap(a: Curve, b: Curve, place: int) -> bool:
    return a.low[place] <= b.high[place] and b.low[place] <= a.high[place]
