"""What the harness answers from for this topic."""

from __future__ import annotations

from typing import Any

from resviz.topics.calculator.architectures import count_all
from resviz.ui import asking
from resviz.ui.panels import PANELS
from tests.harness.scenes_panel import Scene
from tests.harness.write import words_of

PAIR, BESIDE = "net=resnet50&other=resnet34", "net=vgg16&other=resnet34"


DEEP = "net=resnet152&other=custom,block:basic,stages:4x64,12x128,54x256,5x512"


# As a person goes from one to the other: words of the settings on the way, and of those that are pressed.
COUNTED = (
    "", PAIR, BESIDE, "net=resnet50", "net=vgg16", "net=block", DEEP,
    f"{PAIR}&unit=flops", "net=block&unit=flops", f"{PAIR}&counted=conv,projection", f"{PAIR}&input=40",
)  # fmt: skip


def _calculator() -> dict[str, Any]:
    scene = Scene("calculator")
    scene.opens("count", view=False)
    for query in COUNTED:
        spec = asking.asked(PANELS["count"], words_of(query)).spec
        scene.knows("count", query, count_all(spec))
    return scene.written()


SCENES = {"calculator": _calculator}
VIEWS = {"count": ("calculator", "calculator", "")}
