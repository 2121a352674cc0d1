"""The sentences of the Start page."""

from __future__ import annotations

from resviz.families.resnet.inside import early, under_way
from resviz.families.resnet.spec import Spec
from resviz.topics.start.figures import Walls
from resviz.topics.start.question import EditSpec, Reading, right
from resviz.words.say import percent

WHY = (
    "**Cut** a shortcut (click its arc) and the block must do everything itself: $x + F(x)$ becomes $F(x)$. With all of "
    "them cut, the residual network *is* the plain one, to the last bit. **Remove** a block (click the block) and only "
    "the shortcut is left: $x + F(x)$ becomes $x$. Veit 2016 (arXiv 1605.06431) removes blocks from trained networks: "
    "one fewer barely matters with shortcuts, except where shapes change; without them, in VGG, it leaves no more than "
    "chance. Without a shortcut to fall back on, a plain "
    "network's removed block passes $x$ on as well, padded with zeros where shapes change. Try both on the Train page."
)
SMALL = 0.01  # a share of images below which a change is called small


def about_walls(spec: Spec) -> str:
    both = (
        f"Two {spec.depth}-layer networks"
        if spec.shortcuts
        else f"Two {spec.depth}-layer networks, both without shortcuts"
    )
    return (
        f"{both}: same weights at the start, same {spec.data.noun} in the same order. Coloured: read correctly. "
        f"Neither was trained on these {spec.data.noun}."
    )


def wall_finding(shown: Walls) -> str:
    """What the walls show just now."""
    spec, wall = shown.spec, shown.wall
    if shown.live:
        step = max(wall.training.step.values(), default=0)
        return f"Both learn, live: step {step:,} of {spec.steps:,}. When they have learnt, cut a wire."
    if not wall.steps:
        return f"**These two have not learnt yet.** Train both, live: {shown.takes}."
    told = early(wall.spec, wall.training)
    if not shown.name:
        return "\n\n".join(filter(None, (_invitation(shown), told)))
    if shown.edit is None:
        return f"Reading all {wall.images:,} again {_without(shown)} …"
    return "\n\n".join(filter(None, (_fall(shown), told)))


def _invitation(shown: Walls) -> str:
    if not shown.spec.shortcuts:
        return "**Your turn.** Click a square to tear out a whole block. There is no wire to cut: neither network has shortcuts."
    return (
        "**Your turn: cut a wire.** Click an arc; it holds no weights at all. Or tear out a whole block: click a square. "
        "A second click puts it back."
    )


def _without(shown: Walls) -> str:
    spec = shown.spec
    return f"without wire {spec.sever}" if spec.sever else f"without block {spec.lesion}"


def _fall(shown: Walls) -> str:
    """Say what the edit costs, and how much of that comes from averages that no longer fit."""
    spec, wall, edit = shown.spec, shown.wall, shown.edit
    assert edit is not None
    of = len(edit.reads)
    before, after = right(wall.reads["residual"][-1][:of], wall.truth) / of, right(edit.reads, wall.truth) / of
    what = (
        f"Wire {spec.sever} cut: {percent(before)} → {percent(after)}.** It holds no weights, and no weight was changed."
        if spec.sever
        else f"Block {spec.lesion} torn out, {wall.weights[spec.lesion - 1]:,} weights: {percent(before)} → {percent(after)}.** "
        "Its wire is left, and passes x on."
    )
    if edit.done < 1:
        return f"**{what} {of:,} of {wall.images:,} {spec.data.noun} so far."
    fall = before - after
    if abs(fall) < SMALL:
        return f"**{what} That is hardly a difference here: {round(abs(fall) * of)} of {of:,} {spec.data.noun}."
    if fall < 0:
        return f"**{what} It reads more of them so."
    return f"**{what} {_causes(shown, before, after)}"


def _causes(shown: Walls, before: float, after: float) -> str:
    """Divide a fall between averages that no longer fit and the signal that is missing."""
    spec, wall, edit = shown.spec, shown.wall, shown.edit
    assert edit is not None
    points = round(100 * (before - after))
    if not edit.anew:
        keeps = {"batch": "No normalisation lies behind it", "none": "There is no normalisation here"}
        return f"{keeps.get(spec.norm, 'This normalisation keeps no averages')}, so all {points} points are lost with the signal."
    anew = right(edit.anew, wall.truth) / len(edit.anew)
    back = round(100 * (anew - after))
    told = f"With normalisation’s averages measured anew, again no weight changed: {percent(anew)}. "
    if back <= 0:
        return (
            told + f"So averages that no longer fit explain none of the {points} points: they are lost with the signal."
        )
    if back >= points:
        return told + f"So all {points} points were lost to averages that no longer fit."
    return told + (
        f"So of the {points} points {back} were lost to averages that no longer fit, and {points - back} with the signal."
    )


# -- guesses -------------------------------------------------------------------------------------------

LEFT = ("under 20%", "20 to 50%", "50 to 90%", "over 90%")
_BOUNDS = (0.2, 0.5, 0.9)


def guesses(spec: EditSpec) -> list[tuple[str, tuple[str, ...], dict[str, str]]]:
    """Questions to guess about these networks: text, choices, and the settings that show the answer."""
    middle = (spec.blocks + 1) // 2
    wire = "**Guess first:** wire {} is cut, which holds no weights. How much is still read with shortcuts?"
    block = "**Guess first:** block {} is torn out, with all its weights. How much is still read with shortcuts?"
    wires = [middle] if spec.shortcuts else []
    blocks = dict.fromkeys((middle, 1)) if spec.blocks else []
    return [
        *((wire.format(n), LEFT, {"sever": str(n)}) for n in wires),
        *((block.format(n), LEFT, {"lesion": str(n)}) for n in blocks),
    ]


def truth(shown: Walls) -> tuple[str, str] | None:
    """Return which of LEFT is left after the edit, and a sentence with the numbers; None while it is not measured."""
    wall, edit = shown.wall, shown.edit
    if edit is None or edit.done < 1:
        return None
    left = right(edit.reads, wall.truth) / len(edit.reads)
    before = right(wall.reads["residual"][-1], wall.truth) / wall.images
    of = f"{wall.images:,} unseen {shown.spec.data.noun}"
    said = f"It read {percent(before)} of {of}, and reads {percent(left)} {_without(shown)}."
    return LEFT[sum(left >= bound for bound in _BOUNDS)], said


def read_finding(record: Reading) -> str:
    """What both networks read in the image that a person has drawn."""
    if not record.spec.own:
        return "Draw a digit: both networks read it as you draw."
    if not record.shares:
        return under_way(record.spec, record.training)
    best = {arm: max(range(len(shares)), key=shares.__getitem__) for arm, shares in record.shares.items()}
    sure = {arm: percent(record.shares[arm][n]) for arm, n in best.items()}
    residual, plain = best["residual"], best["plain"]
    if residual == plain:
        return f"Both read {residual}: with shortcuts {sure['residual']} sure, without {sure['plain']}."
    return (
        f"With shortcuts it is read as {residual}, {sure['residual']} sure; without, as {plain}, {sure['plain']} sure."
    )
