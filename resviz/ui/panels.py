"""Panels: a question whose settings, figures and finding one view of a page shows. What each is made of, by name."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

from resviz.euler import crossing, depthtime, flow, neuralode, refine, rollout, solve, solvetext
from resviz.euler.solvers import FIXED
from resviz.fields import Worded, facts
from resviz.figures import crossing as crossing_figures
from resviz.figures import depthtime as depthtime_figures
from resviz.figures import flow as flow_figures
from resviz.figures import neuralode as neuralode_figures
from resviz.figures import refine as refine_figures
from resviz.figures import rollout as rollout_figures
from resviz.figures import solve as solve_figures
from resviz.figures.live import Template
from resviz.findings import said
from resviz.runs.prober import STOPPED, Prober, Superseded
from resviz.runs.questions import Question
from resviz.runs.recorded import opening, recorded
from resviz.spec import Spec
from resviz.ui.server import prober, scheduler, slow_prober
from resviz.words import text_of

MOST_ASKED = 200
AWAY_SECONDS = 5.0  # without a word, after which a viewer of what is being computed has left


@dataclass(frozen=True)
class Look:
    """What there is of an answer. `share` of the work that is done; `ahead` other questions go first; `trouble` says why there
    will be no more, `made` where a recorded answer comes from."""

    record: Any
    share: float
    running: bool = False
    ahead: int = 0
    trouble: str = ""
    made: str = ""


class Source(Protocol):
    """Where a panel's records come from."""

    def ask(self, spec: Any, viewer: str, anew: bool) -> None:
        """Have it computed, as far as it is not there; with `anew` once more. Raises ValueError for what is too large."""

    def moment(self, spec: Any) -> object:
        """Changes when `look` would give something else; quickly known."""

    def look(self, spec: Any) -> Look:
        """What is there."""

    def stop(self, spec: Any, viewer: str) -> None:
        """Nobody waits for the rest."""


def _failed(future: Future[Any] | None) -> str:
    """Why there is no answer; nothing where it was only given up, by one viewer of perhaps several."""
    error = future.exception() if future and future.done() else None
    return "" if error is None or isinstance(error, Superseded) or str(error) == STOPPED else str(error)


# What all panels share, for a viewer goes from one to another: answers asked for by key, and by viewer what each looks at and
# when last.
_asked: dict[str, Future[Any]] = {}
_looking: dict[str, tuple[str, float]] = {}
_one_at_a_time = threading.RLock()


@dataclass
class Measured:
    """Learnt, in parts, in a process of its own, for all who look at the same. It ends early when nobody does any more: each
    viewer looks at one thing at a time, and says so again and again while it is computed."""

    kind: str
    check: Callable[[Any], None] = lambda spec: None
    asked: dict[str, Future[Any]] = field(default_factory=lambda: _asked)
    process: Callable[[], Prober] = slow_prober
    looking: dict[str, tuple[str, float]] = field(default_factory=lambda: _looking)

    def ask(self, spec: Any, viewer: str, anew: bool) -> None:
        with _one_at_a_time:
            self._ask(Question(self.kind, spec), viewer, anew)

    def _ask(self, question: Question, viewer: str, anew: bool) -> None:
        self._goes_to(viewer, question.key)
        future = self.asked.get(question.key)
        if future and not future.done():
            return
        if anew:
            self.process().forget(question)
        elif recorded(question) or _failed(future):
            return
        self.check(question.spec)
        self.asked[question.key] = self.process().ask(question, question.key)
        for old in list(self.asked)[:-MOST_ASKED]:
            del self.asked[old]

    def _goes_to(self, viewer: str, key: str) -> None:
        """What nobody looks at any more is given up."""
        now = time.monotonic()
        self.looking.pop(viewer, None)
        for away in [v for v, (_, last) in self.looking.items() if now - last > AWAY_SECONDS]:
            del self.looking[away]
        if key:
            self.looking[viewer] = key, now
        seen = {other for other, _ in self.looking.values()}
        for other, future in list(self.asked.items()):
            if other not in seen and not future.done():
                self.process().give_up(other)

    def moment(self, spec: Any) -> object:
        key = Question(self.kind, spec).key
        future, part = self.asked.get(key), self.process().so_far.get(key)
        return future and future.done(), part and part.done

    def look(self, spec: Any) -> Look:
        question = Question(self.kind, spec)
        future, part = self.asked.get(question.key), self.process().so_far.get(question.key)
        if future and not future.done():
            return Look(part, part.done if part else 0.0, True, self.process().ahead(question))
        if record := self.process().remembered(question):
            return Look(record, 1.0)
        if trouble := _failed(future):
            return Look(None, 0.0, trouble=trouble)
        if known := recorded(question):
            return Look(known.record, 1.0, made=known.made)
        return Look(None, 0.0)

    def stop(self, spec: Any, viewer: str) -> None:
        with _one_at_a_time:
            self._goes_to(viewer, "")


def _affordable(spec: Spec) -> None:
    """Raises Refused for a training that this server does not take on."""
    runs = scheduler()
    runs.limits.check(runs.resolve(spec), runs.macs_per_second)


class Solver:
    """Computed at once on this server, but for what takes torch, and the errors of many step sizes."""

    def __init__(self) -> None:
        self.ordering: set[str] = set()  # by problem: asked for
        self.ordered: set[str] = set()  # and there
        self.asked: dict[str, Future[Any]] = {}
        self.beside = ThreadPoolExecutor(1, "orders")

    def _question(self, spec: solve.SolveSpec) -> Question:
        return Question("adaptive", spec.problem.replace(tol=spec.tol))

    def ask(self, spec: solve.SolveSpec, viewer: str, anew: bool) -> None:
        if spec.problem.digest not in self.ordering:  # a browser asks again and again until it is there
            self.ordering.add(spec.problem.digest)
            self.beside.submit(self._order, spec.problem)
        question = self._question(spec)
        known = self.asked.get(question.key)
        if known is None or (known.done() and known.exception()):
            self.asked[question.key] = prober().ask(question, f"solve {viewer}")
            for old in list(self.asked)[:-MOST_ASKED]:
                del self.asked[old]

    def _order(self, problem: solve.SolveSpec) -> None:
        for name in FIXED:
            solve.order(problem, name)
        self.ordered.add(problem.digest)

    def moment(self, spec: solve.SolveSpec) -> object:
        future = self.asked.get(self._question(spec).key)
        return spec.problem.digest in self.ordered, future and future.done()

    def look(self, spec: solve.SolveSpec) -> Look:
        adaptive = prober().remembered(self._question(spec))
        trouble = "" if adaptive else _failed(self.asked.get(self._question(spec).key))
        blocks = ()
        if spec.eigenvalues == "blocks" and (trained := recorded(opening("flow"))):
            blocks = trained.record.arms["residual"].eigenvalues
        record = solve.solve(spec, adaptive, orders=spec.problem.digest in self.ordered, blocks=blocks)
        return Look(record, record.done, record.done < 1 and not trouble, trouble=trouble)

    def stop(self, spec: solve.SolveSpec, viewer: str) -> None:
        prober().give_up(f"solve {viewer}")


@dataclass(frozen=True)
class Control:
    """A setting that the panel offers. With `stops` it is a slider over these values, beside which stands what `said` makes of
    the spec."""

    name: str
    stops: tuple[Any, ...] = ()
    said: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Panel:
    """It opens with its spec's defaults. `at_once`: it answers while a slider is dragged. `verb` is on the
    button that has it computed."""

    spec: type[Worded]
    source: Source
    figures: Callable[[Any], list[Template]]
    finding: Callable[[Any], str]
    controls: tuple[Control, ...]
    more: tuple[Control, ...] = ()
    at_once: bool = False
    verb: str = "Train"

    def described(self, controls: Iterable[Control]) -> list[dict[str, Any]]:
        """Settings as the browser's side offers them."""
        told = []
        for control in controls:
            f = facts(self.spec)[control.name]
            kind = "slider" if control.stops else f.kind
            told.append(
                {
                    "name": f.name,
                    "label": f.label,
                    "help": f"{f.help} {f.allowed[:1].upper()}{f.allowed[1:]}.",
                    "kind": kind,
                    "choices": dict(f.choices),
                    "stops": [text_of(v) for v in control.stops],
                    "low": f.low,
                    "high": f.high,
                    "step": 1,
                }
            )
        return told

    def values(self, spec: Any) -> dict[str, str]:
        """What each control shows."""
        dumped = spec.model_dump()
        return {c.name: text_of(dumped[c.name]) for c in (*self.controls, *self.more)}

    def said(self, spec: Any) -> dict[str, str]:
        """What stands beside each slider."""
        sliders = [c for c in (*self.controls, *self.more) if c.stops]
        return {c.name: c.said(spec) if c.said else f"{getattr(spec, c.name):g}" for c in sliders}


def _steps(spec: solve.SolveSpec) -> str:
    return f"h = {said(spec.h)}, {spec.n:,} step{'s' * (spec.n != 1)}"


_COUNTS = tuple(sorted({round(2000 ** (k / 60)) for k in range(61)} - {0}))
PANELS: dict[str, Panel] = {
    "flow": Panel(
        flow.PlaneSpec,
        Measured("flow"),
        flow_figures.figures,
        flow.finding,
        (
            Control("data"),
            Control("blocks", tuple(range(1, 25))),
            Control("h", (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)),
            Control("activation"),
            Control("seed", tuple(range(10))),
        ),
        (Control("hidden"), Control("effort"), Control("steps"), Control("lr")),
    ),
    "solve": Panel(
        solve.SolveSpec,
        Solver(),
        solve_figures.figures,
        solvetext.finding,
        (
            Control("system"),
            Control("method"),
            Control("n", tuple(reversed(_COUNTS)), _steps),
            Control("eigenvalues"),
        ),
        (Control("tol", tuple(float(f"1e-{k}") for k in range(1, 13))), Control("T"), Control("start"), Control("mu")),
        at_once=True,
        verb="Solve",
    ),
    "refine": Panel(
        refine.RefineSpec,
        Measured("refine"),
        refine_figures.figures,
        refine.finding,
        (
            Control("data"),
            Control("blocks", tuple(range(2, 25))),
            Control("h", (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)),
            Control("smooth", (0.0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)),
        ),
        (Control("hidden"), Control("steps"), Control("lr"), Control("seed")),
    ),
    "ode": Panel(
        neuralode.NeuralOdeSpec,
        Measured("ode"),
        neuralode_figures.figures,
        neuralode.finding,
        (
            Control("data"),
            Control("gradient"),
            Control("tol", (0.1, 0.03, 0.01, 0.003, 0.001, 0.0001, 0.00001)),
            Control("augment", tuple(range(6))),
        ),
        (Control("hidden"), Control("steps"), Control("lr"), Control("seed")),
    ),
    "crossing": Panel(
        crossing.CrossingSpec,
        Measured("crossing"),
        crossing_figures.figures,
        crossing.finding,
        (
            Control("task"),
            Control("blocks", tuple(range(1, 13))),
            Control("augment", tuple(range(1, 6))),
            Control("seed"),
        ),
        (Control("hidden"), Control("steps"), Control("lr")),
    ),
    "rollout": Panel(
        rollout.RolloutSpec,
        Measured("rollout"),
        rollout_figures.figures,
        rollout.finding,
        (
            Control("system"),
            Control("dt", (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)),
            Control("blocks", tuple(range(1, 13))),
            Control("noise", (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)),
        ),
        tuple(Control(name) for name in ("hidden", "examples", "branch", "steps", "lr", "horizon", "seed")),
    ),
    "depthtime": Panel(
        Spec,
        Measured("depthtime", _affordable),
        depthtime_figures.figures,
        depthtime.finding,
        (
            Control("depth"),
            Control("order"),
            Control("norm"),
            Control("stages", (1, 2, 3)),
        ),
        tuple(Control(n) for n in ("dataset", "shortcut", "branch_scale", "init", "width", "epochs", "lr", "seed")),
        verb="Measure",
    ),
}
