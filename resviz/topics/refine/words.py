"""The texts of this view: the finding and the explanation."""

from __future__ import annotations

from resviz.topics.refine.question import FINER, LABEL, NETS, SPLITS, Refine, Refined
from resviz.words.say import percent
from resviz.words.text import Vector

WHY = (
    "Euler's method with shorter steps comes closer to the equation that it solves. A trained network has no "
    "reason to: its weights make up for the error of their own step. With each block repeated, $x + \\tfrac h2 "
    "f_k$ twice instead of $x + h f_k$ once, the finer network follows the field of its block more exactly; "
    "with weights interpolated between neighbours it needs neighbours that are alike. Smoothness in depth is "
    "what the limit of infinitely many layers takes: it is measured here as the change of all weights of a "
    "block, as a share of their size. Sander 2022 shows that without it the distance to an equation does not "
    "vanish with depth; Ott 2021 that what is trained with a coarse solver loses accuracy with a finer one."
)


SAME = 0.01  # differences in accuracy up to this count as none


def finding(record: Refine) -> str:
    """Return what finer steps do to both networks and how smooth their weights are, in sentences."""
    spec = record.spec
    after = "" if record.done >= 1 else f"After {record.step:,} of {spec.steps:,} steps: "
    first = " ".join(_fate(name, record.nets[name]) for name in NETS)
    changes = {name: _mean(record.nets[name].change) for name in NETS}
    text = f"From one block to the next the weights change by {percent(changes['free'])} of their size"
    if changes["smooth"] < 0.8 * changes["free"]:
        why = "only what changes little in depth has a time that can be cut finer."
    else:
        why = "here that is no smoother."
    why = f"{text}, and by {percent(changes['smooth'])} in the smooth one: {why}"
    return f"{after}{first}\n\n{why}"


def _fate(name: str, net: Refined) -> str:
    """Say how one network does with its own step and with the finest."""
    label = f"With {LABEL[name]}"
    if net.stopped:
        return f"{label} training left float range at step {net.stopped:,}."
    start = net.accuracy["shared"][0]
    if start is None:
        return f"{label} the points leave float range."
    ends = {way: net.accuracy[way][-1] for way in SPLITS}
    said = {way: "points that leave float range" if end is None else percent(end) for way, end in ends.items()}
    same = all(end is not None and abs(end - start) <= SAME for end in ends.values())
    text = (
        f"{label} {percent(start)} of new points are classified correctly; with {FINER[-1]} times as many steps {said['shared']} "
        f"(blocks repeated) and {said['interpolated']} (interpolated)"
    )
    return f"{text}: one point in a hundred at most." if same else f"{text}."


def _mean(values: Vector) -> float:
    return sum(values) / len(values)
