"""Where a panel's records come from: learnt in a process of its own, in parts, or computed at once on this server."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from resviz.latest import Latest
from resviz.runs.answers import Answer
from resviz.runs.jobs import Job
from resviz.runs.limits import duration
from resviz.runs.questions import Question
from resviz.runs.recorded import recorded
from resviz.train.spec import TrainingSpec
from resviz.ui.changes import CLOCK_SECONDS
from resviz.ui.server import answers, scheduler
from resviz.words.text import Mistake

MOST_PICTURES = 100  # of people's own, 100 kB each


@dataclass(frozen=True)
class Look:
    """What there is of an answer.

    `share` of the work that is done, `says` the same in words of its own; `ahead` other questions go first; `trouble` says why
    there will be no more, `missing` names a download that would help; `barred`: nothing can be asked as things are; `made` says
    where a recorded answer comes from. `others` have it computed, who do not wait for this viewer. `version` names the record,
    where its share does not; `verb` is what the button says, where that follows from what is there: "" for no button. `rest`: it
    was stopped on the way, and goes on when the rest is asked for.
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


@dataclass
class Computed:
    """Computed in a process of the pool, mostly in parts, for all who look at the same. `told` makes the panel's record of the
    spec and its answer; `says` is shown while it is computed, where it does not come in parts."""

    kind: str
    check: Callable[[Any], None] = lambda spec: None
    told: Callable[[Any, Any], Any] = lambda spec, record: record
    says: str = ""

    def question(self, spec: Any) -> Question:
        """What is asked."""
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
        question = self.question(spec)
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
        # What one viewer has stopped on the way is no picture for others, where there is a recorded one.
        known = recorded(question)
        if part and (not known or job in answers().left.get(viewer, [])):
            return Look(self.told(spec, part), share, rest=True)
        return Look(known.record, 1.0, made=known.made) if known else Look(None, 0.0)

    def stop(self, spec: Any, viewer: str) -> None:
        answers().leave(viewer)


def goes_on(job: Job) -> bool:
    """Whether it is computed, or waits to be."""
    return job.status in ("queued", "running")


def trouble_of(job: Answer | None) -> str:
    """Why there is no answer, if there will be none."""
    if job is None:
        return ""
    if job.status == "failed":
        return job.message
    return answers().pool.broken.get(job.lane, "") if goes_on(job) else ""


@dataclass
class Together(Computed):
    """Answers to several questions of one kind, which are combined into one record. They do not come in parts: how far they are
    is told by the clock where `takes` says how many seconds they take. `bars` says why a spec cannot be asked, if it cannot."""

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


def affordable(spec: TrainingSpec) -> None:
    """Raises Refused for a training that this server does not take on."""
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
