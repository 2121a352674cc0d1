"""What the harness answers from for this topic."""

from __future__ import annotations

from typing import Any

from resviz.topics.unravel.question import Unravelled, UnravelSpec
from tests.harness.scenes_panel import Scene
from tests.harness.write import words_of

# As a browser asks for them, one after the other: also with the defaults, 3 blocks and 3 sums opened, in words.
UNRAVELLED = (
    "", "opened=0", "opened=1", "opened=2", "opened=3", "blocks=4", "blocks=2", "blocks=1", "blocks=3",
    "out=", "out=2", "out=3", "out=2,3", "blocks=4&opened=4",
)  # fmt: skip


def _unravel() -> dict[str, Any]:
    scene = Scene("paths")
    scene.opens("unravel")
    for query in UNRAVELLED:
        scene.knows("unravel", query, Unravelled(UnravelSpec.of(words_of(query))))
    return scene.written()


SCENES = {"unravel": _unravel}
VIEWS = {"unravel": ("unravel", "paths?view=unravel", "")}
