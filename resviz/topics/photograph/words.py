"""The texts of the Photograph panel: explanation and finding."""

from __future__ import annotations

from resviz.probes.methods import METHODS, adds_up, sanity, told
from resviz.topics.photograph.question import Photograph
from resviz.words.say import percent

WHY = (
    "The maps are made as those of the other view. There is no plain network beside them, because no trained weights "
    "of one are offered: at 34 layers the plain one of He 2015 reads 28.54% of ImageNet wrong, the residual one "
    "25.03% (Table 2). Everything but the trained weights is computed here. They are downloaded only if you press "
    "Download; until then weights drawn at random stand in for them, and the page says so."
)

UNTRAINED = (
    "with weights drawn at random, not trained: the maps show the architecture, not what a trained network sees."
)


def finding(record: Photograph) -> str:
    """Return what the map shows, as paragraphs separated by an empty line."""
    spec, number = record.spec, record.best[0][0]
    name = record.names[record.target]
    who, share = spec.known.label, percent(record.best[0][1])
    reads = f"{who} reads this photograph as “{record.names[number]}” ({share} sure)."
    if spec.weights == "random":
        reads = f"{who} {UNTRAINED} Its largest share, {share}, goes to “{record.names[number]}” by chance."
    if record.seen is None:
        return f"{reads} The map is being made."
    method, seen = METHODS[spec.method], {spec.known.label: record.seen}
    parts = (
        f"{reads} {told(method, f'“{name}”')}",
        adds_up(method, f"“{name}”", seen),
        sanity(seen),
    )
    return "\n\n".join(part for part in parts if part)
