"""The Train page: a run as it happens. Its settings are a panel's; its numbers come by its stream (ui/routes.py)."""

from __future__ import annotations

import json
from typing import Any

from resviz.figures.figure import Figure
from resviz.figures.network import network
from resviz.figures.train import templates
from resviz.runs.run import Run
from resviz.spec import Spec
from resviz.ui.describe import describe, live_fields
from resviz.ui.http import NotHere
from resviz.ui.panel import Box, Caption, Control, Onward, Panel, Part, Rows
from resviz.ui.server import scheduler
from resviz.ui.sources import Look

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
LOOKS = (
    ("attribution", "", "what they look at"),
    ("paths", "", "without a block"),
    ("landscape", "", "the loss around them"),
    ("euler", "view=depthtime", "is depth like time?"),
)


class Training:
    """The run of a spec. Asking makes it known to the server; who watches its stream has it computed."""

    def ask(self, spec: Spec, viewer: str, anew: bool) -> None:
        scheduler().submit(spec)

    def stay(self, spec: Spec, viewer: str) -> None:
        pass

    def moment(self, spec: Spec) -> object:
        return None

    def look(self, spec: Spec, viewer: str = "") -> Look:
        run = scheduler().submit(spec)
        return Look(run, 1.0, version=run.digest)

    def stop(self, spec: Spec, viewer: str) -> None:
        pass


def found(digest: str) -> Run:
    """A run by its digest, in memory or in the store. Raises NotHere."""
    runs = scheduler()
    run = runs.get(digest)
    if run is None and (spec := runs.store.spec(digest)):
        run = runs.submit(spec)
    if run is None:
        raise NotHere(
            f"There is no run {digest!r} on this server. Open its link instead: a link holds all "
            "settings, and the run can be made again from them."
        )
    return run


def state_of(run: Run, first: int) -> str:
    """What has happened since record `first`, as JSON: the head, and records already encoded."""
    runs = scheduler()
    head = json.dumps({**run.head(), "position": runs.pool.position(run), "broken": runs.broken, "from": first})
    return head[:-1] + ',"records":' + run.encoded(first) + "}"


def described(run: Run) -> dict[str, Any]:
    """A run as the browser reads it, on this server."""
    return describe(run, scheduler().device or "")


def _bound(run: Run) -> dict[str, Any]:
    return {"run": described(run), "network": network(run.spec), "fields": live_fields()}


def _figures(run: Run) -> list[Figure]:
    return templates(run.spec)


def _about(spec: Spec) -> str:
    has = "One has shortcuts." if spec.shortcuts else "Neither has shortcuts: this is the control."
    return f"Two networks, {spec.depth} layers deep, same weights, same batches of {spec.data.blurb}. {has}"


def _onward(spec: Spec) -> list[Onward]:
    asked = spec.query()
    return [Onward(label, name, "&".join(filter(None, (view, asked)))) for name, view, label in LOOKS]


def _more() -> tuple[Part, ...]:
    parts: list[Part] = []
    for title, names in GROUPS.items():
        parts += [Caption(title), *(Control(name, width=132) for name in names)]
    return tuple(parts)


_FIRST = (("norm", 104), ("init", 150), ("lr", 84), ("dataset", 170))
_ROWS: Rows = [
    (Control("depth", width=84, step=2), *(Control(n, width=w) for n, w in _FIRST), Box("All settings", _more()))
]
TRAIN = Panel(
    Spec,
    Training(),
    _figures,
    lambda run: "",
    rows=lambda spec: _ROWS,
    at_once=True,
    about=_about,
    bound=_bound,
    onward=_onward,
    onward_title="Look inside these networks",
    files=(),
)
