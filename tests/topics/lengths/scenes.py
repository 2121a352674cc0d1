"""What the harness answers from for this topic."""

from __future__ import annotations

from typing import Any

from resviz.topics.lengths.question import Lengths, LengthsSpec
from tests.harness.scenes_panel import LEARNT, Scene
from tests.harness.write import words_of

SMALL = "depth=8&epochs=3"  # three blocks


def _lengths() -> dict[str, Any]:
    """What the view opens with, and a network of three blocks."""
    scene = Scene("paths")
    scene.opens("lengths")
    scene.knows("lengths")
    norm = (0.004, 0.002, 0.0005, 0.0001)
    scene.knows("lengths", SMALL, Lengths(LengthsSpec.of(words_of(SMALL)), 1.0, LEARNT, 3, norm, 0.01, 128))
    return scene.written()


SCENES = {"lengths": _lengths}
VIEWS = {"lengths": ("lengths", "paths?view=lengths", "")}
