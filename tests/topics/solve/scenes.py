"""What the harness answers from for this topic."""

from __future__ import annotations

from typing import Any

from resviz.draw.table import to_csv
from resviz.topics.solve.question import SolveSpec, solve
from resviz.ui.panels import PANELS
from tests.harness.scenes_panel import Scene, asked
from tests.harness.write import words_of

FAR = "system=lotka_volterra&n=14"  # leaves the range of floats


LONG = "n=13"  # steps, a stop of the slider; by default 50


def solved(query: str) -> Any:
    return solve(SolveSpec.of(words_of(query)))


def _solve() -> dict[str, Any]:
    scene = Scene("euler")
    scene.opens("solve")
    for query in ("", LONG, FAR):
        scene.knows("solve", query, solved(query))
    scene.answers[asked("solve", LONG, ".csv")] = to_csv(PANELS["solve"].figures(solved(LONG)))
    return scene.written()


SCENES = {"solve": _solve}
VIEWS = {"solve": ("solve", "euler?view=solve", "")}
