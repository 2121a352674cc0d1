"""The Depth panel, which trains both networks at every depth: its settings, and the study that answers."""

from __future__ import annotations

from resviz.draw.figure import Figure
from resviz.runs.studies import to_csv
from resviz.topics.depth.figures import figures
from resviz.topics.depth.question import DepthSpec
from resviz.topics.depth.words import finding
from resviz.ui.boards import Board, Studied
from resviz.ui.panel import Box, Control, File, Panel, Rows


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
PANEL = Panel(
    DepthSpec,
    Board(DepthSpec.study),
    _figures,
    _finding,
    rows=lambda spec: _ROWS,
    by_press=lambda spec: True,
    files=_FILES,
    passes=("depth",),
)
