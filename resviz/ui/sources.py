"""Sources of a panel's records: computed in a separate process, in parts, or at once on this server."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from resviz.latest import Latest
from resviz.runs.answers import Answer
from resviz.runs.jobs import Job
from resviz.runs.limits import duration
from resviz.runs.questions import Question
from resviz.runs.recorded import Damaged, recorded
from resviz.train.spec import TrainingSpec
from resviz.ui.changes import CLOCK_SECONDS
from resviz.ui.server import answers, scheduler
from resviz.words.text import Mistake

MOST_PICTURES = 100  # uploaded ones, 100 kB each


@dataclass(frozen=True)
class Look:
    """An answer so far.

    `share` is the fraction of the work done, `says` the progress in words; `ahead` is how many other questions go first;
    `trouble` says why there will be no more, `missing` names a download that would help; `barred`: these settings cannot be
    computed; `made` says where a recorded answer comes from; `others`: it is being computed for other viewers, not for this one.
    `version` names the record, if `share` does not; `verb` is the text of the button, if that depends on the answer so far: ""
    for no button. `rest`: it was stopped part-way, and continues when the rest is requested. `instead`: the spec whose answer
    this is, if not of the one asked about; `note` says so.
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
    rest: bool = False
    note: str = ""
    instead: Any = None

    def answered(self, asked: Any) -> Any:
        """Return the spec whose answer this is, where `asked` was asked about."""
        return asked if self.instead is None else self.instead


class Source(Protocol):
    """A source of a panel's records."""

    def ask(self, spec: Any, viewer: str, anew: bool) -> None:
        """Request what is not computed yet; with `anew`, all of it again. Raises Mistake for what is too large."""

    def stay(self, spec: Any, viewer: str) -> None:
        """Renew what the viewer has requested of this spec; end what they requested of any other."""

    def moment(self, spec: Any) -> object:
        """Return a value that changes when the result of `look` does; fast to compute."""

    def look(self, spec: Any, viewer: str = "") -> Look:
        """Return the answer so far, for this viewer."""

    def stop(self, spec: Any, viewer: str) -> None:
        """End the viewer's request for the rest."""


@dataclass
class Computed:
    """Computed in a process of the pool, mostly in parts, once for all viewers of the same question. `told` makes the panel's
    record from the spec and its answer; `says` is shown while it is computed, if it does not come in parts."""

    kind: str
    check: Callable[[Any], None] = lambda spec: None
    told: Callable[[Any, Any], Any] = lambda spec, record: record
    says: str = ""

    def question(self, spec: Any) -> Question:
        """Return the question that a spec asks."""
        return Question(self.kind, spec)

    def ask(self, spec: Any, viewer: str, anew: bool) -> None:
        answers().ask(viewer, self.question(spec), anew=anew, check=self.check)

    def stay(self, spec: Any, viewer: str) -> None:
        answers().stay(viewer, self.question(spec))

    def moment(self, spec: Any) -> object:
        question = self.question(spec)
        job = answers().job(question)
        if job is None:
            return None
        ahead = answers().pool.position(job) if job.status == "queued" else 0
        return job.status, job.attempt, ahead, job.so_far and job.so_far.done

    def look(self, spec: Any, viewer: str = "") -> Look:
        return self.look_at(self.question(spec), spec, viewer)

    def look_at(self, question: Question, spec: Any, viewer: str) -> Look:
        """Return the answer to a question so far, as this viewer's record of the spec."""
        job = answers().job(question)
        part = job.so_far if job else None
        share = part.done if part else 0.0
        if trouble := trouble_of(job):
            return Look(None, 0.0, trouble=trouble, missing=job.missing if job else "")
        if job and goes_on(job):
            record = self.told(spec, part) if part else None
            return Look(record, share, True, answers().pool.position(job), says=self.says)
        if record := answers().remembered(question):
            return Look(self.told(spec, record), 1.0)
        # A partial answer that one viewer has stopped is not shown to others if there is a recorded answer.
        try:
            known = recorded(question)
        except Damaged as error:
            return Look(None, 0.0, trouble=str(error))
        if part and (not known or job in answers().left.get(viewer, [])):
            return Look(self.told(spec, part), share, rest=True)
        return Look(known.record, 1.0, made=known.made) if known else Look(None, 0.0)

    def stop(self, spec: Any, viewer: str) -> None:
        answers().leave(viewer)


def goes_on(job: Job) -> bool:
    """Return whether the job is running or queued."""
    return job.status in ("queued", "running")


def trouble_of(job: Answer | None) -> str:
    """Return why there will be no answer, or ""."""
    if job is None:
        return ""
    if job.status == "failed":
        return job.message
    return answers().pool.broken.get(job.lane, "") if goes_on(job) else ""


@dataclass
class Together(Computed):
    """Answers to several questions of one kind, combined into one record. They do not come in parts: progress is estimated from
    the time spent, if `takes` returns how many seconds they take. `bars` returns why a spec cannot be asked, or ""."""

    questions: Callable[[Any], Sequence[Question]] = lambda spec: ()
    combined: Callable[[Any, list[Any]], Any] = lambda spec, found: found
    takes: Callable[[Any], float] | None = None
    bars: Callable[[Any], str] = lambda spec: ""

    def ask(self, spec: Any, viewer: str, anew: bool) -> None:
        if not self.bars(spec):
            answers().ask(viewer, *self.questions(spec), anew=anew, check=self.check)

    def stay(self, spec: Any, viewer: str) -> None:
        answers().stay(viewer, *self.questions(spec))

    def moment(self, spec: Any) -> object:
        jobs = [answers().job(question) for question in self.questions(spec)]
        return [job and (job.status, job.attempt) for job in jobs], time.monotonic() // CLOCK_SECONDS

    def look(self, spec: Any, viewer: str = "") -> Look:
        if trouble := self.bars(spec):
            return Look(None, 0.0, trouble=trouble, barred=True)
        questions = self.questions(spec)
        jobs = [answers().job(question) for question in questions]
        if all(jobs) and (trouble := next(filter(None, map(trouble_of, jobs)), "")):
            return Look(None, 0.0, trouble=trouble)
        if waiting := [job for job in jobs if job and goes_on(job)]:
            share, says = self._progress(spec, min(job.asked for job in waiting))
            return Look(None, share, True, 0 if says else answers().pool.position(waiting[0]), says=says)
        found = [answers().remembered(question) for question in questions]
        return Look(self.combined(spec, found), 1.0) if all(found) else Look(None, 0.0)

    def _progress(self, spec: Any, began: float) -> tuple[float, str]:
        if not self.takes:
            return 0.0, ""
        spent, takes = time.monotonic() - began, self.takes(spec)
        late = " (others may go first)" if spent > takes else ""
        return min(0.97, spent / takes), f"{duration(spent)} of about {duration(takes)}{late}"


@dataclass
class Pictured(Computed):
    """Computed from a picture: one that comes with scikit-learn, or an uploaded one, which stays in this process.

    `instead` returns, for a spec that needs what is not on this machine, the spec to answer in its place and a sentence that says
    so; else None. That is another question: its answer is never kept as one to the question that was asked.
    """

    instead: Callable[[Any], tuple[Any, str] | None] = lambda spec: None

    def question(self, spec: Any) -> Question:
        """Return the question that is answered, with its picture. Raises Mistake for a picture that is not here."""
        asked = self._of(spec)
        other = self.instead(spec)
        return asked if other is None or answers().remembered(asked) is not None else self._of(other[0])

    def look(self, spec: Any, viewer: str = "") -> Look:
        question = self.question(spec)  # once: what is missing may come at any time
        found = self.look_at(question, question.spec, viewer)
        if question.spec == spec:
            return found
        other = self.instead(spec)
        return replace(
            found, instead=question.spec, note=other[1] if other else "", missing=spec.needs if other else ""
        )

    def _of(self, spec: Any) -> Question:
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
    """Store a prepared picture while this process runs, unless many others come; return its name for a spec."""
    name = hashlib.sha256(data).hexdigest()[:16]
    _pictures[name] = data
    return name


def affordable(spec: TrainingSpec) -> None:
    """Raise Refused for a run that this server does not train."""
    runs = scheduler()
    runs.limits.check(runs.resolve(spec.run), runs.macs_per_second)


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
