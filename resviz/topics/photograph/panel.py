"""The Photograph panel: its settings, and the source of its answers."""

from __future__ import annotations

from resviz.topics.photograph.figures import figures
from resviz.topics.photograph.question import SIDE, PhotographSpec
from resviz.topics.photograph.words import finding
from resviz.ui.panel import Choice, Control, Panel
from resviz.ui.sources import Pictured
from resviz.words.fields import facts


def instead(spec: PhotographSpec) -> tuple[PhotographSpec, str] | None:
    """Where the trained weights are not on this machine: the same question of weights drawn at random, and a sentence."""
    if not spec.lacking:
        return None
    words = f"The trained weights of {spec.known.label} ({spec.known.megabytes} MB) {spec.lacking}; these are drawn at random."
    return spec.replace(weights="random"), words


def _weights(spec: PhotographSpec) -> dict[str, str]:
    """The choices of weights; of trained ones that are not here it says so."""
    choices = dict(_WEIGHTS.choices)
    return choices | {"trained": f"{choices['trained']} (not here)"} if spec.lacking else choices


_WEIGHTS = facts(PhotographSpec)["weights"]
PANEL = Panel(
    PhotographSpec,
    Pictured("photograph", instead=instead),
    figures,
    finding,
    (
        Control("network"),
        Choice("weights", _WEIGHTS.label, _WEIGHTS.help, _weights, lambda spec: spec.weights),
        *(Control(n) for n in ("method", "image")),
        Control("own", upload="panel/photograph/picture", also={"image": "own"}),
        Control("destroyed"),
    ),
    tuple(Control(n) for n in ("target", "steps_between", "noise", "window", "seed")),
    verb="Compute",
    picture=SIDE,
)
