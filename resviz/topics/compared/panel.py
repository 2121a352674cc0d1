"""The panel that compares choices inside a block by training them: its settings, and the study that answers."""

from __future__ import annotations

from resviz.draw.figure import Figure
from resviz.runs.studies import to_csv
from resviz.topics.compared.figures import figures
from resviz.topics.compared.question import ComparedSpec
from resviz.topics.compared.words import finding
from resviz.ui.boards import Board, Studied
from resviz.ui.panel import Box, Control, File, Panel


def _figures(told: Studied) -> list[Figure]:
    return figures(told.study, told.results)


def _finding(told: Studied) -> str:
    return finding(told.study, told.results)


_FILES = (File("Data", "csv", lambda told: to_csv(told.study, told.results)),)
_SETTINGS = (
    *(Control(name, width=84) for name in ("seeds", "depth", "epochs")),
    *(Control(name, width=120) for name in ("norm", "lr", "dataset")),
)
PANEL = Panel(
    ComparedSpec,
    Board(ComparedSpec.study),
    _figures,
    _finding,
    rows=lambda spec: [(Control("compare", pills=True), Box("Settings", _SETTINGS))],
    by_press=lambda spec: True,
    files=_FILES,
)
