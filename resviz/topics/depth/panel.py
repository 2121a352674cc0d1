"""The Depth panel, which trains both networks at every depth: its settings, and the study that answers."""

from __future__ import annotations

from resviz.draw.figure import Figure
from resviz.runs.studies import to_csv
from resviz.topics.depth.figures import figures
from resviz.topics.depth.question import DepthSpec
from resviz.topics.depth.words import finding
from resviz.ui.boards import Board, Studied
from resviz.ui.panel import Box, Control, File, Guess, Guessed, Panel, Rows
from resviz.ui.payloads import Sketched


def _figures(told: Studied) -> list[Figure]:
    return figures(told.study, told.results)


def _finding(told: Studied) -> str:
    return finding(told.study, told.results)


_FILES = (File("Data", "csv", lambda told: to_csv(told.study, told.results)),)
_TRAINING = ("examples", "batch", "optimizer", "schedule", "warmup", "momentum", "weight_decay", "seed", "device")
_ROWS: Rows = [
    (
        *(
            Control(name, width=width)
            for name, width in (("depths", 230), ("seeds", 70), ("epochs", 80), ("norm", 104))
        ),
        Control("lr", width=84),
        Box(
            "All settings",
            tuple(
                Control(name, width=132)
                for name in (
                    *("dataset", "init", "kind", "width", "stages", "block", "order", "activation"),
                    *(
                        "shortcut",
                        "shortcut_scale",
                        "branch_scale",
                        "gate",
                        "gate_bias",
                        "shortcut_dropout",
                        "survival",
                    ),
                    *_TRAINING,
                )
            ),
        ),
    )
]


def _rows(spec: DepthSpec) -> Rows:
    deepest = max(spec.depths)
    curve: Sketched = {
        "figure": "depth_train",
        "line": "plain",
        "at": deepest,
        "where": f"at {deepest} layers",
        "how": "Draw it, with the mouse, a finger or arrow keys.",
    }
    asked = "**Guess first:** how many of its own training images does the plain network misread at each depth?"
    return [(*_ROWS[0], Guess([Guessed(asked, (), draws=curve)]))]


PANEL = Panel(
    DepthSpec,
    Board(DepthSpec.study),
    _figures,
    _finding,
    rows=_rows,
    by_press=lambda spec: True,
    files=_FILES,
    passes=("depth",),
)
