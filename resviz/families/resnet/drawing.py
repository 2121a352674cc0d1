"""The description of the network that its drawing needs (ui/assets/drawing.js)."""

from __future__ import annotations

from resviz.draw.figure import Network, Stage
from resviz.families.resnet.cost import blocks_of
from resviz.families.resnet.spec import Spec


def network(spec: Spec) -> Network:
    """Return the blocks along the axis of layers: block n, from 1, covers layers stem + (n - 1) per + 1 to stem + n per.

    `shortcuts` gives the type of each (identity, padding, projection), and is empty if there are none; `stages` gives the
    first block and the channels of each stage.
    """
    shortcuts: list[str] = []
    stages: list[Stage] = []
    for part in blocks_of(spec):
        if part.first == 1 or part.strided:
            stages.append({"first": part.first, "channels": part.outputs})
        projects = spec.shortcut == "C" or (spec.shortcut == "B" and part.changes)
        shortcuts += ["projection" if projects else "padding" if part.changes else "identity"] * part.times
    return {
        "depth": spec.depth,
        "stem": spec.stem_convs,
        "per": spec.convs_per_block,
        "blocks": spec.blocks,
        "shortcuts": shortcuts if spec.shortcuts else [],
        "stages": stages,
    }
