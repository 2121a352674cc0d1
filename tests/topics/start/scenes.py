"""Networks before training on the Start page: what one made-up pass measures after each click."""

from __future__ import annotations

from typing import Any

from resviz.families.resnet.spec import Spec
from resviz.train.records import ArmRecord, Record
from resviz.ui.passing import Pass
from tests import paced
from tests.harness.scenes_panel import Scene
from tests.harness.write import words_of
from tests.topics.train.scenes import spec_of

ODD = (  # networks that nobody plans for
    "depth=2", "depth=3", "depth=5", "depth=20&block=plain", "depth=29&block=bottleneck&stages=3&shortcut=B",
    "depth=20&order=full&stages=2", "depth=20&branch_scale=0", "depth=56&cut=1-27&remove=1-27",
    "dataset=spirals&width=8&stages=3", "depth=20&stages=3&shortcut=A", "depth=20&stages=3&shortcut=B",
    "depth=20&stages=3&shortcut=C",
)  # fmt: skip
OVERFLOWN = "depth=302&norm=none&width=4&batch=8&branch_scale=4"  # both networks leave the range of float32
LARGE = "depth=1202&batch=2"


def pass_of(spec: Spec) -> Record:
    """What one pass measures; of OVERFLOWN nothing is a number."""
    record = paced.record(spec, 1)
    if spec.norm != "none":
        return record
    lost = {"residual": float("inf"), "plain": float("nan")}
    return Record(1, 1, record.lr, {arm: ArmRecord(value, 0.1, (value,) * spec.depth) for arm, value in lost.items()})


def scene(*queries: str) -> dict[str, Any]:
    made = Scene("start")
    made.opens("start", view=False)
    for query in queries:
        spec = Spec.of(words_of(query))
        made.knows("start", query, Pass(spec, pass_of(spec_of(query))))
    return made.written()


def _start() -> dict[str, Any]:
    """Twenty layers, and what clicks make of them."""
    cuts = ("1", "5", "7", "5,7", "2,4,6,8", "1,2,3,4,5,6,7,8,9")
    return scene(
        "depth=20",
        *(f"depth=20&cut={cut}" for cut in cuts),
        "depth=20&remove=3",
        "depth=20&cut=5&remove=5",
        "depth=8",
        "depth=20&seed=5",
    )


SCENES = {
    "start": _start,
    "odd": lambda: scene(*ODD, OVERFLOWN),
    "large": lambda: scene(LARGE),
}
