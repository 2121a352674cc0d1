"""What the harness answers from for this topic."""

from __future__ import annotations

from typing import Any

from resviz.families.resnet.family import ARMS
from resviz.topics.lesion.question import Lesions, LesionSpec
from resviz.train.records import Training
from tests.harness.scenes_panel import LEARNT, Scene
from tests.harness.write import words_of

SMALL = "depth=8&epochs=3"  # three blocks


LARGER = "depth=10&epochs=3"  # four


WHOLE = {"residual": 0.05, "plain": 0.1}


SINGLE = {"residual": (0.3, 0.2, 0.1, 0.15), "plain": (0.9, 0.85, 0.8, 0.75)}


CUT = 0.5  # of the residual network with a shortcut cut


def lesions(query: str, single: int | None = None) -> Lesions:
    """One block out is that block out; several are the worst of them and a little more. `single`: so many are measured."""
    spec = LesionSpec.of(words_of(query))
    together = {
        arm: max((SINGLE[arm][n - 1] for n in spec.lesion), default=WHOLE[arm]) + 0.02 * (len(spec.lesion) > 1)
        for arm in ARMS
    }
    if spec.sever:
        together["residual"] = CUT
    found = {
        arm: tuple(v if single is None or n < single else None for n, v in enumerate(SINGLE[arm][: spec.blocks]))
        for arm in ARMS
    }
    return Lesions(spec, 1.0 if single is None else 0.8, LEARNT, WHOLE, found, together, (), 360)


def learning(query: str) -> Lesions:
    """Before there is anything to take out."""
    curve = {arm: ((1, 12, 22), (2.3, 1.6, last)) for arm, last in (("residual", 0.9), ("plain", 1.2))}
    return Lesions(LesionSpec.of(words_of(query)), 0.4, Training(dict.fromkeys(ARMS, 22), {}, curve))


def _lesion() -> dict[str, Any]:
    scene = Scene("paths")
    scene.opens("lesion", view=False)
    scene.knows("lesion", SMALL, lesions(SMALL), also=(f"{SMALL}&lesion=&sever=",))
    for lesion, sever in (("1", ""), ("1,3", ""), ("", "2"), ("2", ""), ("2", "3")):
        words = f"{SMALL}&lesion={lesion}&sever={sever}"
        scene.knows("lesion", words, lesions(words))
    scene.knows("lesion", LARGER, learning(LARGER), share=0.4, running=True)
    scene.now("partly", "lesion", LARGER, lesions(LARGER, 2), share=0.8, running=True)
    scene.now("all", "lesion", LARGER, lesions(LARGER))
    return scene.written()


SCENES = {"lesion": _lesion}
VIEWS = {"lesion": ("lesion", f"paths?{SMALL}", SMALL)}
