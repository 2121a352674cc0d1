"""The Signal page: what one made-up pass measures of the settings that a person goes on to."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from resviz.families.resnet.spec import Spec
from resviz.topics.signal.words import OPENING
from resviz.train.records import ArmRecord, Record
from resviz.ui.passing import Pass
from tests import paced
from tests.harness.scenes_panel import Scene
from tests.harness.write import words_of

BASE = "depth=20&batch=32"
CUT = f"{BASE}&cut=1-9"
SCALED = f"{BASE}&branch_scale=0.25"
UNKNOWN = "depth=12&batch=32"  # has not been measured yet
# Where one or both networks leave the range of float32, at the bottom and at the top.
VANISHED = "depth=24&norm=none&init=torch&batch=32"
EXPLODED = "depth=24&norm=none&branch_scale=4&batch=32"
ODD = (
    "depth=8", "depth=8&norm=none&init=torch", "depth=11&norm=none&order=full&branch_scale=0.5",
    "depth=160&norm=none&init=torch&width=4", "kind=mlp&depth=8&width=32&norm=none", "depth=2",
    VANISHED, EXPLODED,
)  # fmt: skip


def spec_of(query: str) -> Spec:
    return Spec.of({**OPENING, **words_of(query)})


def lost(arm: ArmRecord, factor: float) -> ArmRecord:
    """The same arm, whose signal takes this factor from layer to layer until float32 has no number for it."""

    def profile(count: int) -> tuple[float, ...]:
        values = [10.0 ** (factor * layer) for layer in range(count)]
        return tuple(0.0 if v < 1e-45 else math.inf if v > 3.4e38 else v for v in values)

    back = profile(len(arm.grad_norm))
    return replace(
        arm, grad_norm=back, activation_grad_norm=profile(len(back) - 1), activation_std=profile(len(back) - 1)
    )


def pass_of(spec: Spec) -> Record:
    """What one pass measures. Where every shortcut is cut, both networks are one."""
    record = paced.record(spec.replace(device="cpu"), 1)
    plain, residual = record.arms["plain"], record.arms["residual"]
    if spec.shortcuts and len(spec.cut) == spec.shortcuts:
        residual = plain
    if spec == spec_of(VANISHED):
        plain, residual = lost(plain, -3), lost(residual, -1)
    if spec == spec_of(EXPLODED):
        plain, residual = lost(plain, 1), lost(residual, 3)
    return replace(record, arms={"residual": residual, "plain": plain})


def _measured(scene: Scene, query: str) -> None:
    spec = spec_of(query)
    scene.knows("signal", query, Pass(spec, pass_of(spec)))


def _signal() -> dict[str, Any]:
    """Twenty layers, and the settings that tests go on to from there."""
    scene = Scene("signal")
    scene.opens("signal", view=False)
    for query in (BASE, CUT, SCALED, f"{SCALED}&norm=none"):
        _measured(scene, query)
    scene.knows("signal", UNKNOWN, share=0.0, running=True, says="One pass through each network …")
    spec = spec_of(UNKNOWN)
    scene.now("measured", "signal", UNKNOWN, Pass(spec, pass_of(spec)))
    return scene.written()


def _odd() -> dict[str, Any]:
    scene = Scene("signal")
    scene.opens("signal", view=False)
    for query in ODD:
        _measured(scene, query)
    return scene.written()


SCENES = {"signal": _signal, "signals": _odd}
