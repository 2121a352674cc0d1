"""The texts of the Photograph panel: explanation and finding."""

from __future__ import annotations

from resviz.probes.methods import METHODS, adds_up, sanity
from resviz.topics.photograph.question import Photograph
from resviz.words.say import percent

WHY = (
    "The maps are those of the other view. There are no plain networks of this size with trained weights to "
    "put beside them: at 34 layers the plain one of He 2015 reads 28.54% of ImageNet wrong, the residual one "
    "25.03% (Table 2). Everything but the weights is computed here; they are downloaded only if you say so."
)


def finding(record: Photograph) -> str:
    """Return what the map shows, as paragraphs separated by an empty line."""
    spec, number = record.spec, record.best[0][0]
    name = record.names[record.target]
    who = spec.known.label if spec.weights == "trained" else f"{spec.known.label} with weights drawn at random"
    reads = f"{who} reads this photograph as “{record.names[number]}” ({percent(record.best[0][1])})."
    if record.seen is None:
        return f"{reads} The map is being made."
    method, seen = METHODS[spec.method], {spec.known.label: record.seen}
    parts = (
        f"{reads} The {'maps speak' if method.blocks else 'map speaks'} of “{name}”: {method.says}.",
        adds_up(method, f"“{name}”", seen),
        sanity(seen),
        ""
        if spec.weights == "trained"
        else "Nothing was learnt here: whatever these maps show, the architecture and the image show by themselves.",
    )
    return "\n\n".join(part for part in parts if part)
