"""The finding: how the backward signal of both networks changes over the first steps."""

from __future__ import annotations

import math

from resviz.families.resnet.findings import EXPLODED
from resviz.families.resnet.spec import known
from resviz.runs.studies import Outcome, Results, Study
from resviz.words.say import times


def finding(study: Study, results: Results) -> str:
    """Return how uneven the backward signal is in both arms, before the first update and at the last measurement."""
    found = {c.arm: _slopes(results[c.name, 0]) for c in study.choices if (c.name, 0) in results}
    if set(found) != {"plain", "residual"} or not all(found.values()):
        return ""
    (plain, now), (residual, later) = ((found[arm][0], found[arm][-1]) for arm in ("plain", "residual"))
    text = (
        f"Before the first update, on a batch of {known(study.base).batch:,} images, the gradient with respect to what the first "
        f"layer gives out is {times(plain[1])} times that of the last convolution in the plain network, "
        f"{times(residual[1])} times in the residual one."
    )
    updates = min(now[0], later[0]) - 1
    if not updates or now[0] != later[0]:
        return text
    text += f" After {updates} update{'s' * (updates > 1)} it is {times(now[1])} and {times(later[1])} times."
    if plain[1] > EXPLODED > now[1]:
        text += " What looked like an exploding gradient at the start has calmed down by itself, without a shortcut."
    return text


def _slopes(run: Outcome) -> list[tuple[int, float]]:
    """(step, signal of the first layer divided by that of the last), where the ratio is positive and finite."""
    return [
        (step, vector[0] / vector[-1])
        for step, vector in run.signal
        if len(vector) > 1 and vector[-1] > 0 and 0 < vector[0] / vector[-1] < math.inf
    ]
