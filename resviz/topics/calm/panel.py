"""The panel of the first steps of both networks, answered by a study of one run."""

from __future__ import annotations

from resviz.draw.figure import Figure
from resviz.families.resnet.spec import Spec
from resviz.runs.studies import to_csv
from resviz.topics.calm.figures import figures
from resviz.topics.calm.question import calm_study
from resviz.topics.calm.words import finding
from resviz.ui.boards import Board, Studied
from resviz.ui.panel import File, Panel


def _figures(told: Studied) -> list[Figure]:
    return figures(told.study, told.results)


def _finding(told: Studied) -> str:
    return finding(told.study, told.results)


_FILES = (File("Data", "csv", lambda told: to_csv(told.study, told.results)),)
# The default run is trained without a press of the button, because the Train page shows the same run.
PANEL = Panel(
    Spec,
    Board(calm_study),
    _figures,
    _finding,
    by_press=lambda spec: bool(calm_study(spec).words()),
    files=_FILES,
)
