"""The panel of the Train page: a run as it happens, its settings, and links to other pages."""

from __future__ import annotations

from typing import Any

from resviz.draw.figure import Figure
from resviz.families.resnet.drawing import network
from resviz.families.resnet.findings import RECOVERS
from resviz.families.resnet.spec import Spec, of
from resviz.runs.run import Run
from resviz.topic import pages, topics
from resviz.topics.train.figures import templates
from resviz.ui.describe import live_fields
from resviz.ui.panel import Box, Caption, Control, Guess, Guessed, Onward, Panel, Part, Rows
from resviz.ui.training import Training, described

GROUPS = {
    "Network": ("kind", "width", "stages", "block", "order", "activation", "cut", "remove"),
    "Shortcuts": (
        *("shortcut", "shortcut_scale", "branch_scale", "gate", "gate_bias", "shortcut_dropout", "survival"),
    ),
    "Data": ("examples", "batch"),
    "Training": (
        *("optimizer", "schedule", "warmup", "momentum", "weight_decay", "epochs", "seed", "device", "edits"),
    ),
}


def _bound(run: Run) -> dict[str, Any]:
    return {"run": described(run), "network": network(of(run)), "fields": live_fields(type(run.spec))}


def _figures(run: Run) -> list[Figure]:
    return templates(of(run))


def _about(spec: Spec) -> str:
    has = "One has shortcuts." if spec.shortcuts else "Neither has shortcuts: this is the control."
    return f"Two networks, {spec.depth} layers deep, same weights, same batches of {spec.data.blurb}. {has}"


def _onward(spec: Spec) -> list[Onward]:
    asked = spec.query()
    found = [topic for topic in topics().values() if topic.after_training]
    view = {topic.name: "" if pages()[topic.page][0] is topic else f"view={topic.name}" for topic in found}
    return [Onward(t.after_training, t.page, "&".join(filter(None, (view[t.name], asked)))) for t in found]


def _more() -> tuple[Part, ...]:
    parts: list[Part] = []
    for title, names in GROUPS.items():
        parts += [Caption(title), *(Control(name, width=132) for name in names)]
    return tuple(parts)


_FIRST = (("norm", 104), ("init", 150), ("lr", 84), ("dataset", 170))
_PARTS: tuple[Part, ...] = (
    Control("depth", width=84, step=2),
    *(Control(n, width=w) for n, w in _FIRST),
    Box("All settings", _more()),
)


def _rows(spec: Spec) -> Rows:
    if not spec.shortcuts or spec.steps < 4:
        return [_PARTS]
    shortcut, half = (spec.blocks + 1) // 2, spec.steps // 2
    text = (
        f"**Guess first:** shortcut {shortcut} is cut after step {half}, and both train on. What happens to how many "
        f"unseen {spec.data.noun} the residual network reads?"
    )
    return [(*_PARTS, Guess([Guessed(text, RECOVERS, {"edits": f"{half}:cut:{shortcut}"})]))]


PANEL = Panel(
    Spec,
    Training(),
    _figures,
    lambda run: "",
    rows=_rows,
    at_once=True,
    timeline=True,
    about=_about,
    bound=_bound,
    onward=_onward,
    onward_title="Look inside these networks",
    files=(),
    passes=("at",),  # the step at which the browser shows the run first
)
