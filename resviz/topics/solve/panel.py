"""The panel of this view: its settings, figures and finding, and the source of its answers."""

from __future__ import annotations

from resviz.runs.questions import Question
from resviz.runs.recorded import opening, recorded
from resviz.topics.solve.figures import figures
from resviz.topics.solve.question import SolveSpec, solve, truth
from resviz.topics.solve.solvers import FIXED, METHODS
from resviz.topics.solve.words import HALVED, finding, half_step
from resviz.ui.panel import Box, Control, Guess, Guessed, Panel, Part, Rows
from resviz.ui.server import answers
from resviz.ui.sources import Look, trouble_of
from resviz.words.say import written


def _steps(spec: SolveSpec) -> str:
    return f"h = {written(spec.h)}, {spec.n:,} step{'s' * (spec.n != 1)}"


_COUNTS = tuple(sorted({round(2000 ** (k / 60)) for k in range(61)} - {0}))


class Solver:
    """The source of solutions. Computes them at once on this server, except for the adaptive solution, which needs torch, and
    the errors of many step sizes: both are questions of their own."""

    def questions(self, spec: SolveSpec) -> tuple[Question, Question]:
        return Question("adaptive", spec.problem.replace(tol=spec.tol)), Question("orders", spec.problem)

    def ask(self, spec: SolveSpec, viewer: str, anew: bool) -> None:
        answers().ask(viewer, *self.questions(spec))

    def stay(self, spec: SolveSpec, viewer: str) -> None:
        answers().stay(viewer, *self.questions(spec))

    def moment(self, spec: SolveSpec) -> object:
        return [(job := answers().job(question)) and job.status for question in self.questions(spec)]

    def look(self, spec: SolveSpec, viewer: str = "") -> Look:
        questions = self.questions(spec)
        adaptive, orders = map(answers().remembered, questions)
        trouble = "" if adaptive else trouble_of(answers().job(questions[0]))
        blocks = ()
        if spec.eigenvalues == "blocks" and (trained := recorded(opening("blocks"))):
            blocks = trained.record.eigenvalues
        record = solve(spec, adaptive, orders=orders or False, blocks=blocks)
        return Look(record, record.done, record.done < 1 and not trouble, trouble=trouble)

    def stop(self, spec: SolveSpec, viewer: str) -> None:
        answers().leave(viewer)


_FIRST: tuple[Part, ...] = (
    Control("system"),
    Control("method"),
    Control("n", tuple(reversed(_COUNTS)), _steps),
    Control("eigenvalues"),
)
_TOLERANCES = tuple(float(f"1e-{k}") for k in range(1, 13))
_MORE = Box("More", (Control("tol", _TOLERANCES), Control("T"), Control("start"), Control("mu")))


def _rows(spec: SolveSpec) -> Rows:
    if spec.method not in FIXED or not truth(spec.problem).whole:
        return [(*_FIRST, _MORE)]
    asked = (
        f"**Guess first:** {METHODS[spec.method].label} takes steps half as long, and twice as many. What becomes of its error "
        "at the end?"
    )
    return [(*_FIRST, Guess([Guessed(asked, HALVED)], half_step), _MORE)]


PANEL = Panel(
    SolveSpec,
    Solver(),
    figures,
    finding,
    rows=_rows,
    at_once=True,
    verb="Solve",
)
