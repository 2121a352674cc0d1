"""Where a panel's records come from: learnt in a process of its own, in parts, or computed at once on this server."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

from resviz.euler import solve
from resviz.euler.solvers import FIXED
from resviz.inside.network import InsideSpec
from resviz.latest import Latest
from resviz.runs.limits import duration
from resviz.runs.prober import STOPPED, LookFailed, Prober, Superseded
from resviz.runs.questions import Question
from resviz.runs.recorded import opening, recorded
from resviz.spec import Spec
from resviz.ui.server import changes, prober, scheduler, slow_prober
from resviz.words import Mistake

MOST_ASKED = 200
MOST_TOGETHER = 2  # questions behind one answer
MOST_PICTURES = 100  # of people's own, 100 kB each
AWAY_SECONDS = 5.0  # without a word, after which a viewer of what is being computed has left


@dataclass(frozen=True)
class Look:
    """What there is of an answer.

    `share` of the work that is done, `says` the same in words of its own; `ahead` other questions go first; `trouble` says why
    there will be no more, `missing` names a download that would help; `barred`: nothing can be asked as things are; `made` says
    where a recorded answer comes from. `others` have it computed, who do not wait for this viewer. `version` names the record,
    where its share does not; `verb` is what the button says, where that follows from what is there: "" for no button.
    """

    record: Any
    share: float
    running: bool = False
    ahead: int = 0
    trouble: str = ""
    made: str = ""
    missing: str = ""
    says: str = ""
    barred: bool = False
    others: bool = False
    version: str = ""
    verb: str | None = None


class Source(Protocol):
    """Where a panel's records come from."""

    def ask(self, spec: Any, viewer: str, anew: bool) -> None:
        """Have it computed, as far as it is not there; with `anew` once more. Raises Mistake for what is too large."""

    def stay(self, spec: Any, viewer: str) -> None:
        """The viewer still waits for what they have asked of this spec; for anything else they wait no more."""

    def moment(self, spec: Any) -> object:
        """Changes when `look` would give something else; quickly known."""

    def look(self, spec: Any, viewer: str = "") -> Look:
        """What is there, for this viewer."""

    def stop(self, spec: Any, viewer: str) -> None:
        """Nobody waits for the rest."""


# How a question is asked that is answered in a moment, in the process behind a click.
BY_CLICK: dict[str, Any] = {"asked": Latest(MOST_ASKED), "looking": {}, "process": prober, "interrupted": False}


def _failed(future: Future[Any] | None) -> str:
    """Why there is no answer; nothing where it was only given up, by one viewer of perhaps several."""
    error = future.exception() if future and future.done() else None
    return "" if error is None or isinstance(error, Superseded) or str(error) == STOPPED else str(error)


def _missing(future: Future[Any] | None) -> str:
    """What is not on this machine and can be downloaded, by name, if that is why."""
    error = future.exception() if future and future.done() else None
    return error.missing if isinstance(error, LookFailed) else ""


# What all panels share, for a viewer goes from one to another: answers asked for by key, and by viewer what each looks at and
# when last.
_asked: Latest[str, Future[Any]] = Latest(MOST_ASKED)
_looking: dict[str, tuple[str, float]] = {}
_one_at_a_time = threading.RLock()


@dataclass
class Measured:
    """Learnt, in parts, in a process of its own, for all who look at the same. It ends early when nobody does any more: each
    viewer looks at one thing at a time, and says so again and again while it is computed. `told` makes the panel's record of the
    spec and its answer; what is quick is not `interrupted`, for the next question would wait longer for another process."""

    kind: str
    check: Callable[[Any], None] = lambda spec: None
    asked: Latest[str, Future[Any]] = field(default_factory=lambda: _asked)
    process: Callable[[], Prober] = slow_prober
    looking: dict[str, tuple[str, float]] = field(default_factory=lambda: _looking)
    told: Callable[[Any, Any], Any] = lambda spec, record: record
    interrupted: bool = True
    says: str = ""  # while it is computed, where it does not come in parts

    def question(self, spec: Any) -> Question:
        """What is asked."""
        return Question(self.kind, spec)

    def ask(self, spec: Any, viewer: str, anew: bool) -> None:
        with _one_at_a_time:
            self._ask(self.question(spec), viewer, anew)

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

    def stay(self, spec: Any, viewer: str) -> None:
        with _one_at_a_time:
            self._stays(self.question(spec).key, viewer)

    def _stays(self, key: str, viewer: str) -> None:
        self._goes_to(viewer, key if self.looking.get(viewer, ("",))[0] == key else "")

    def _goes_to(self, viewer: str, key: str) -> None:
        """What nobody looks at any more is given up."""
        now = time.monotonic()
        self.looking.pop(viewer, None)
        for away in [v for v, (_, last) in self.looking.items() if now - last > AWAY_SECONDS]:
            del self.looking[away]
        if key:
            self.looking[viewer] = key, now
        seen = {other for other, _ in self.looking.values()}
        for other, future in self.asked.pairs():
            if other not in seen and not future.done():
                self.process().give_up(other, interrupt=self.interrupted)

    def moment(self, spec: Any) -> object:
        key = self.question(spec).key
        future, part = self.asked.get(key), self.process().so_far.get(key)
        return future and future.done(), part and part.done

    def look(self, spec: Any, viewer: str = "") -> Look:
        question = self.question(spec)
        future, part = self.asked.get(question.key), self.process().so_far.get(question.key)
        if future and not future.done():
            return Look(part, part.done if part else 0.0, True, self.process().ahead(question), says=self.says)
        if record := self.process().remembered(question):
            return Look(self.told(spec, record), 1.0)
        if trouble := _failed(future):
            return Look(None, 0.0, trouble=trouble, missing=_missing(future))
        if known := recorded(question):
            return Look(known.record, 1.0, made=known.made)
        return Look(None, 0.0)

    def stop(self, spec: Any, viewer: str) -> None:
        with _one_at_a_time:
            self._goes_to(viewer, "")


@dataclass
class Together(Measured):
    """Answers to several questions of one kind, which are combined into one record. They do not come in parts: how far they are
    is told by the clock where `takes` says how many seconds they take. `bars` says why a spec cannot be asked, if it cannot."""

    questions: Callable[[Any], Sequence[Question]] = lambda spec: ()
    combined: Callable[[Any, list[Any]], Any] = lambda spec, found: found
    takes: Callable[[Any], float] | None = None
    bars: Callable[[Any], str] = lambda spec: ""
    began: Latest[str, float] = field(default_factory=lambda: Latest(MOST_ASKED))  # by question

    def ask(self, spec: Any, viewer: str, anew: bool) -> None:
        if self.bars(spec):
            return
        with _one_at_a_time:
            questions = self.questions(spec)
            if anew:
                now = time.monotonic()
                for question in questions:
                    self.began[question.key] = now
            for number, question in enumerate(questions):
                self._ask(question, f"{viewer} {number}", anew)

    def stay(self, spec: Any, viewer: str) -> None:
        with _one_at_a_time:
            keys = [question.key for question in self.questions(spec)]
            keys += [""] * (MOST_TOGETHER - len(keys))
            mine = [self.looking.get(f"{viewer} {number}", ("",))[0] for number in range(MOST_TOGETHER)]
            for number in range(MOST_TOGETHER):  # half of an answer is no use
                self._goes_to(f"{viewer} {number}", keys[number] if keys == mine else "")

    def moment(self, spec: Any) -> object:
        return [
            (future := self.asked.get(q.key)) and future.done() for q in self.questions(spec)
        ], time.monotonic() // 0.5

    def look(self, spec: Any, viewer: str = "") -> Look:
        if trouble := self.bars(spec):
            return Look(None, 0.0, trouble=trouble, barred=True)
        questions = self.questions(spec)
        futures = [self.asked.get(question.key) for question in questions]
        waiting = [q for q, future in zip(questions, futures, strict=True) if future and not future.done()]
        if waiting:
            share, says = self._progress(spec, waiting[0].key)
            return Look(None, share, True, 0 if says else self.process().ahead(waiting[0]), says=says)
        found = [self.process().remembered(question) for question in questions]
        if all(found):
            return Look(self.combined(spec, found), 1.0)
        return Look(None, 0.0, trouble=next(filter(None, map(_failed, futures)), "") if all(futures) else "")

    def _progress(self, spec: Any, key: str) -> tuple[float, str]:
        if not self.takes:
            return 0.0, ""
        spent, takes = time.monotonic() - self.began.get(key, time.monotonic()), self.takes(spec)
        late = " (others may go first)" if spent > takes else ""
        return min(0.97, spent / takes), f"{duration(spent)} of about {duration(takes)}{late}"

    def stop(self, spec: Any, viewer: str) -> None:
        with _one_at_a_time:
            for number in range(MOST_TOGETHER):
                self._goes_to(f"{viewer} {number}", "")


@dataclass
class Pictured(Measured):
    """The same of a picture: one that comes with scikit-learn, or a person's own, which stays in this process."""

    def question(self, spec: Any) -> Question:
        """Raises Mistake for a picture that is not here."""
        if spec.image != "own":
            return super().question(spec)
        if not spec.own:
            raise Mistake(
                "There is no picture of your own yet: choose a file. It stays on the machine that runs this app."
            )
        if spec.own not in _pictures:
            raise Mistake(f"own={spec.own!r}: this picture is not on this machine any more; choose the file again.")
        return Question(self.kind, spec, _pictures[spec.own])


_pictures: Latest[str, bytes] = Latest(MOST_PICTURES)  # by digest


def keep_picture(data: bytes) -> str:
    """Keep a prepared picture while this process runs, unless many others come; returns what names it in a spec."""
    name = hashlib.sha256(data).hexdigest()[:16]
    _pictures[name] = data
    return name


def affordable(spec: Spec) -> None:
    """Raises Refused for a training that this server does not take on."""
    runs = scheduler()
    runs.limits.check(runs.resolve(spec.run if isinstance(spec, InsideSpec) else spec), runs.macs_per_second)


class Solver:
    """Computed at once on this server, but for what takes torch, and the errors of many step sizes."""

    def __init__(self) -> None:
        self.ordering: set[str] = set()  # by problem: asked for
        self.ordered: set[str] = set()  # and there
        self.asked: Latest[str, Future[Any]] = Latest(MOST_ASKED)
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

    def stay(self, spec: solve.SolveSpec, viewer: str) -> None:
        pass

    def _order(self, problem: solve.SolveSpec) -> None:
        for name in FIXED:
            solve.order(problem, name)
        self.ordered.add(problem.digest)
        changes.tell()

    def moment(self, spec: solve.SolveSpec) -> object:
        future = self.asked.get(self._question(spec).key)
        return spec.problem.digest in self.ordered, future and future.done()

    def look(self, spec: solve.SolveSpec, viewer: str = "") -> Look:
        adaptive = prober().remembered(self._question(spec))
        trouble = "" if adaptive else _failed(self.asked.get(self._question(spec).key))
        blocks = ()
        if spec.eigenvalues == "blocks" and (trained := recorded(opening("flow"))):
            blocks = trained.record.arms["residual"].eigenvalues
        record = solve.solve(spec, adaptive, orders=spec.problem.digest in self.ordered, blocks=blocks)
        return Look(record, record.done, record.done < 1 and not trouble, trouble=trouble)

    def stop(self, spec: solve.SolveSpec, viewer: str) -> None:
        prober().give_up(f"solve {viewer}")


@dataclass
class Instant:
    """Computed at once on this server, by a function of the spec."""

    make: Callable[[Any], Any]

    def ask(self, spec: Any, viewer: str, anew: bool) -> None:
        pass

    def stay(self, spec: Any, viewer: str) -> None:
        pass

    def moment(self, spec: Any) -> object:
        return None

    def look(self, spec: Any, viewer: str = "") -> Look:
        return Look(self.make(spec), 1.0)

    def stop(self, spec: Any, viewer: str) -> None:
        pass
