"""The Signal page: what it hands down, and what one made-up pass measures of the settings that a person goes on to."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from resviz.figures.signal import templates
from resviz.records import ArmRecord, Record
from resviz.signal import OPENING
from resviz.spec import Spec
from resviz.ui.looks import CONTROLS, looked, pictured
from tests import paced
from tests.harness.write import address, handed, words_of

BASE = "depth=20&batch=32"
CUT = f"{BASE}&cut=1,2,3,4,5,6,7,8,9"
SCALED = f"{BASE}&branch_scale=0.25"
UNKNOWN = "depth=12&batch=32"  # its page does not know what is measured
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


def page(spec: Spec, known: bool = True) -> Any:
    """What the page hands down, with what was measured where that is known."""
    from resviz.ui import live

    record = pass_of(spec) if known else None
    return handed("live", lambda: live.still(spec, templates(spec), key="signal", record=record, controls=CONTROLS))


def look(spec: Spec) -> dict[str, Any]:
    """The server's answer to a look."""
    return {**looked(spec, pass_of(spec), "signal"), **pictured(spec, templates(spec))}


def asked(query: str) -> str:
    """The question what one pass measures of these settings."""
    return f"GET {address('look', f'view=signal&{query}')}"


def _signal() -> dict[str, Any]:
    """Twenty layers, and the settings that tests go on to from there."""
    queries = (BASE, CUT, SCALED, f"{SCALED}&norm=none", UNKNOWN)
    return {
        "pages": {
            address("signal", spec.query()): page(spec, spec != spec_of(UNKNOWN)) for spec in map(spec_of, queries)
        },
        "answers": {asked(query): look(spec_of(query)) for query in (*queries, spec_of(CUT).query())},
    }


def _odd() -> dict[str, Any]:
    return {"pages": {address("signal", query): page(spec_of(query)) for query in ODD}, "answers": {}}


SCENES = {"signal": _signal, "signals": _odd}
