"""The network itself, as what the drawing needs of it (ui/assets/drawing.js)."""

from __future__ import annotations

from typing import Any

from resviz.settings import EXPANSION
from resviz.spec import Spec


def network(spec: Spec) -> dict[str, Any]:
    """Its blocks on the axis of layers: block n, from 1, stands on layers stem + (n - 1) per + 1 to stem + n per.

    `shortcuts` says what each is (identity, padding, projection), and is empty where there are none; `stages` where
    each begins, and its channels.
    """
    shortcuts, stages, first = [], [], 1
    for stage, count in enumerate(spec.blocks_per_stage):
        channels = spec.width * 2**stage * EXPANSION[spec.block]
        stages.append({"first": first, "channels": channels})
        for i in range(count):
            # The first block of the first stage changes shape too where blocks widen what they are given.
            changes = i == 0 and (stage > 0 or channels != spec.width)
            shortcuts.append(
                "projection"
                if spec.shortcut == "C" or (spec.shortcut == "B" and changes)
                else "padding"
                if changes
                else "identity"
            )
        first += count
    return {
        "depth": spec.depth,
        "stem": spec.stem_convs,
        "per": spec.convs_per_block,
        "blocks": spec.blocks,
        "shortcuts": shortcuts if spec.shortcuts else [],
        "stages": stages,
    }
